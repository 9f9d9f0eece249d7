"""Markdown as CommonMark has it: blocks, spans, lines and leaves of a document, each with its
place."""

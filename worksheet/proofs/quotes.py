r"""The words of an author stand on the page as they were written: each sentence of prose, each
heading, each row of a display.

    "It rises. So ..."   ->   said: "It rises.", "So ..."        a page of slides may divide them
    &= 2 - 20 \\         ->   row: "&= 2 - 20"

What they say is the author's; that the page says nothing else is proved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from ..judge.failure import Failure
from ..markdown.authored import FRAME
from ..markdown.lines import PROSE, headings_of, page_lines, prose_of, read_lines

SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z*$])")  # where slides may divide a paragraph
BREAK = re.compile(r"\s*\\\\(?:\[[^\]]*\])?$")  # between two rows
Quote = tuple[str, str]  # what it is, and its text on one line


def quotes_of(texts: Iterable[str]) -> tuple[Quote, ...]:
    """The sentences, headings and rows of texts."""
    return tuple(dict.fromkeys(each for text in texts for each in _quotes(text)))


def _quotes(text: str) -> Iterator[Quote]:
    lines = read_lines(text)
    yield from (
        ("said", " ".join(each.split()))
        for line in lines
        if line.kind in PROSE
        for each in SENTENCE.split(line.text)
        if each.strip()
    )
    yield from (("title", title) for _, title in headings_of(lines))
    yield from (("row", row) for row in rows_of(text))


def rows_of(markdown: str) -> Iterator[str]:
    """The rows of the displays of a page."""
    is_display = False
    for line in map(str.strip, markdown.splitlines()):
        if line == "$$":
            is_display = not is_display
        elif is_display and line not in FRAME:
            yield BREAK.sub("", line)


def unquoted(markdown: str, quotes: Collection[Quote]) -> list[Failure]:
    """The quotes that do not stand on a page."""
    lines = page_lines(markdown)
    prose, titles, rows = (
        prose_of(lines),
        {title for _, title in headings_of(lines)},
        set(rows_of(markdown)),
    )
    return [
        Failure(
            "words",
            "the page",
            text,
            "",
            "the author wrote this, and it does not stand on the page so",
            text,
        )
        for what, text in quotes
        if text not in {"said": prose, "title": titles, "row": rows}[what]
    ]

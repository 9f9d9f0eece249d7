"""The words of an author stand on the page as they were written: each sentence of prose, and each heading.

What they say is the author's; that the page says nothing else is proved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .claims_proof import SENTENCE, headings_of, prose_of, read_lines
from .failure import Failure


def quotes_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The sentences and the headings of texts, each on one line; formulas of their own are proved elsewhere."""
    return tuple(dict.fromkeys(each for text in texts for each in _said(text)))


def _said(text: str) -> Iterator[str]:
    for _, line in read_lines(text)[0]:
        yield from filter(None, (" ".join(each.split()) for each in SENTENCE.split(line)))
    yield from (f"# {title}" for _, title in headings_of(text, ()))


def unquoted(markdown: str, quotes: Collection[str]) -> list[Failure]:
    """The quotes that do not stand on a page."""
    prose = prose_of(markdown)[0]
    titles = {f"# {title}" for _, title in headings_of(markdown, ())}
    return [Failure("words", "the page", quote, "", "the author wrote this, and it does not stand on the page so", quote)
            for quote in quotes if quote not in titles and (quote.startswith("# ") or quote not in prose)]

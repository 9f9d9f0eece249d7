"""The lines of a page that hold words, each with what it is: what proofs of words, numbers,
headings and tables read.

    # One hidden neuron, by hand        ->  Line(1, "head", ...)
    ![The loss over w](figures/...)     ->  picture; the line in italics below it, a blank between, is its caption

Displays, code, comments and blank lines are none of them. What stands within a line is another
file's (`markdown/spans.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from .authored import title_of, titles_of

PICTURE = re.compile(r"!\[(.*)\]\([^()]*\)")
PROSE = ("words", "cells")
KINDS = {"#": "head", "|": "cells", "---": "rule"}


class Line(NamedTuple):
    """A line with its number, from 1. `kind`: words, head, cells (a row of a table), rule, picture
    or caption."""

    number: int
    kind: str
    text: str

    @property
    def of_picture(self) -> str:
        """The alternative text of a picture, the words of a caption; of other lines nothing."""
        return (
            PICTURE.fullmatch(self.text)[1]
            if self.kind == "picture"
            else self.text[1:-1]
            if self.kind == "caption"
            else ""
        )


@lru_cache(maxsize=4)  # one proof after the other asks for those of a page
def page_lines(markdown: str) -> tuple[Line, ...]:
    """The lines of a page from top to bottom."""
    return tuple(read_lines(markdown))


def read_lines(markdown: str) -> list[Line]:
    """The same of a text that nobody will ask for again."""
    found, fence, is_display, below = [], "", False, 0
    for number, text in enumerate(markdown.splitlines(), start=1):
        head = text[:3]
        if fence:
            fence = "" if head == fence else fence
        elif is_display:
            is_display = not text.endswith("$$")
        elif not text:
            continue
        elif head in ("```", "~~~"):
            fence = head
        elif head[:2] == "$$":
            is_display = len(text) == 2 or not text.endswith("$$")
        elif head[:2] == "![" and PICTURE.fullmatch(text):
            found.append(Line(number, "picture", text))
            below = number + 2
        elif head != "<!-":
            kind = (
                "caption"
                if number == below and head[0] == "*" != head[1:2]
                else KINDS.get(head[0]) or KINDS.get(head, "words")
            )
            found.append(Line(number, kind, text))
    return found


def prose_of(lines: Iterable[Line]) -> str:
    """The prose of a page on one line: its words and tables, with their inline formulas."""
    return on_one_line(" ".join([line.text for line in lines if line.kind in PROSE]))


def on_one_line(text: str) -> str:
    """A text with one space between its words."""
    is_so = text.isascii() and not any(sign in text for sign in ("  ", "\n", "\t"))
    return text.strip() if is_so else " ".join(text.split())


def headings_of(
    lines: Iterable[Line], authored: Collection[str] = frozenset()
) -> Iterator[tuple[int, str]]:
    """The words of the headings below the title that are no author's, each with its line."""
    own = titles_of(authored)
    yield from (
        (line.number, title_of(line.text))
        for line in lines
        if line.kind == "head" and line.text.startswith("##") and title_of(line.text) not in own
    )

"""The words of a page: its prose on one line, its headings, and the words of its pictures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .authored import title_of, titles_of

SENTENCE = re.compile(r"(?<=[.:?!])\s+")
PICTURE = re.compile(r"!\[(.*)\]\([^()]*\)")


def prose_of(markdown: str) -> tuple[str, list[tuple[int, str]]]:
    """The prose of a page on one line, and the words of its pictures, each with its line."""
    kept, pictures = read_lines(markdown)
    return " ".join(" ".join([line for _, line in kept]).split()), pictures


def read_lines(markdown: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The lines of prose and tables, with their inline formulas, without displays, code, comments and headings; and the alternative texts
    and captions of the pictures. Each with its number."""
    kept, pictures, fence, is_display, below = [], [], "", False, 0
    for number, line in enumerate(markdown.split("\n"), start=1):
        head = line[:3]
        if fence:
            fence = "" if head == fence else fence
        elif is_display:
            is_display = not line.endswith("$$")
        elif head in ("```", "~~~"):
            fence = head
        elif head[:2] == "$$":
            is_display = len(line) == 2 or not line.endswith("$$")
        elif head[:2] == "![" and (match := PICTURE.fullmatch(line)):
            pictures.append((number, match[1]))
            below = number + 2
        elif number == below and head[:1] == "*":
            pictures.append((number, line[1:-1]))
        elif line and head[0] != "#" and head not in ("<!-", "---"):
            kept.append((number, line))
    return kept, pictures


def headings_of(markdown: str, authored: Collection[str]) -> Iterator[tuple[int, str]]:
    """The headings below the title that are no author's, each with its line."""
    own = titles_of(authored)
    yield from ((number, title_of(line)) for number, line in enumerate(markdown.split("\n"), start=1) if line.startswith("##") and title_of(line) not in own)

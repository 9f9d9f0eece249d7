"""The headings of a page, what a link to each is made of, and the numbers of the sections of a long
page.

    ## Forward pass        ->   ## 2 Forward pass
    [Loss](#loss)          ->   [section 2.3](#23-loss)
    [there](#loss)         ->   there ([section 2.3](#23-loss))

A page is long if it has contents. Its chapters and their sections are numbered; what lies deeper
bears the number of its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

HEADING = re.compile(r"(#{1,6}) (.+)")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
CONTENTS = "<!-- contents -->"
CHAPTER, SECTION = 2, 3  # the levels of their headings; the title of the page has level 1

_LINK = re.compile(
    r"^\s*(?P<fence>`{3,}|~{3,}).*?^\s*(?P=fence)`*~*\s*$|(?<!!)\[(?P<words>(?:[^\[\]\n]|\n(?!\n))+)\]\(#(?P<to>[^)\s]+)\)",
    re.DOTALL | re.MULTILINE,
)


class Heading(NamedTuple):
    """A heading: its line, its level, its text, and what a link to it is made of."""

    line: int
    level: int
    text: str
    anchor: str


def headings(markdown: str) -> Iterator[Heading]:
    """The headings below the title, with anchors as GitHub and pandoc make them."""
    is_code, seen = False, dict[str, int]()
    for number, line in enumerate(markdown.splitlines(), start=1):
        is_code ^= bool(FENCE.match(line))
        match = None if is_code else HEADING.fullmatch(line)
        if match:
            name = anchor(match[2])
            seen[name] = seen.get(name, -1) + 1
            if match[1] != "#":
                yield Heading(
                    number, len(match[1]), match[2], f"{name}-{seen[name]}" if seen[name] else name
                )


def anchor(title: str) -> str:
    """What a link to a heading is made of, the first time there is such a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def numbered(markdown: str) -> str:
    """The page with numbers before its chapters and sections and in the links to them, if it has
    contents."""
    lines = markdown.splitlines()
    if CONTENTS not in lines:
        return markdown
    found, numbers, chapter, section = list(headings(markdown)), {}, 0, 0
    for line, level, text, name in found:
        chapter, section = (
            (chapter + 1, 0) if level == CHAPTER else (chapter, section + (level == SECTION))
        )
        number = f"{chapter}.{section}" if section else f"{chapter}"
        numbers[name] = number if chapter else ""
        if chapter and level <= SECTION:
            lines[line - 1] = f"{'#' * level} {number} {text}"
    made = "\n".join(lines) + "\n" * markdown.endswith("\n")
    moved = {
        old.anchor: (old.text, new.anchor) for old, new in zip(found, headings(made), strict=True)
    }

    def referred(link: re.Match) -> str:
        title, name = moved.get(link["to"], ("", ""))
        if not name or not numbers[link["to"]]:
            return link[0]
        there = f"[section {numbers[link['to']]}](#{name})"
        return there if link["words"].replace(r"\|", "|") == title else f"{link['words']} ({there})"

    return _LINK.sub(referred, made)


def listed(markdown: str) -> str:
    """The page with a list of its chapters and sections below the comment that asks for it."""
    if CONTENTS not in markdown.splitlines():
        return markdown
    entries = [
        f"{'  ' * (each.level - CHAPTER)}- [{each.text}](#{each.anchor})"
        for each in headings(markdown)
        if each.level <= SECTION
    ]
    return markdown.replace(f"\n{CONTENTS}\n", "\n".join(["", CONTENTS, "", *entries, ""]), 1)

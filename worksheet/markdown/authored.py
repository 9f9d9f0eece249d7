"""Which lines of a page an author wrote: those of a lecture's prose, and what templates of an
author's say that ours do not.

An author states what the problem does not hold, `2 \\cdot 3 = 6` or a number of the week; what our
templates print is the problem's.
"""

from __future__ import annotations

from collections.abc import Collection

CONTINUED = " (continued)"  # ends the heading of a further slide
FRAME = frozenset(
    ["$$", r"\begin{aligned}", r"\end{aligned}", "```", "---"]
)  # says nothing by itself


def lines_of(text: str) -> frozenset[str]:
    """The lines that say something."""
    return frozenset(
        line.strip() for line in text.splitlines() if line.strip() and line.strip() not in FRAME
    )


def added(text: str, ours: str) -> frozenset[str]:
    """The lines of a page that our own templates do not make of the same problem."""
    return lines_of(text) - lines_of(ours)


def is_authored(lines: Collection[str], first: int, last: int, authored: Collection[str]) -> bool:
    """Whether one of the lines `first` to `last` of a page, counted from 1, is an author's."""
    return bool(authored) and any(line.strip() in authored for line in lines[first - 1 : last])


def title_of(heading: str) -> str:
    """The words of a heading, on whatever level and on whichever of its slides it stands."""
    return heading.strip().lstrip("#").strip().removesuffix(CONTINUED)


def titles_of(authored: Collection[str]) -> frozenset[str]:
    """The words of the author's headings."""
    return frozenset(title_of(line) for line in authored if line.startswith("#"))

"""How small the tables of a page must be set for it to stay one page.

An estimate from what stands in each row: to have Typst measure a page in every size costs ten times as much as setting it.
"""

from __future__ import annotations

import re
from itertools import groupby
from math import ceil
from typing import NamedTuple

from ..answer_table import ROWS
from ..typeset import width

COMPACT = "<!-- compact -->"
HEIGHTS = {"a4": 745, "us-letter": 695}      # points of text below the title
WIDTHS = {"a4": 538, "us-letter": 555}

# em of a line, and what makes it higher: a fraction, one with an exponent in it
LINE, FRACTION, TALL = 1.45, 1.85, 2.2
MORE = 1.3         # each further line of a row
HEADING = 2.2
WORDS = 5.0        # what stands above the first of them
SIGN, SPACE = 0.49, 0.56      # the width of a sign, and of the space around a cell
SLACK = 0.1      # of a line, that fits all the same
BLANK = "0000"
FORMULA = re.compile(r"\$([^$]*)\$")


class Way(NamedTuple):
    """Columns and type of a page."""

    columns: int
    points: float


WAYS = tuple(Way(*each) for each in ((1, 9), (1, 8.5), (1, 8), (1, 7.5), (2, 7), (2, 6.5), (2, 6)))
TOO_LONG = Way(1, 8)      # for more than one page
KEYS = WAYS[:3]           # of a key, whose lines of working want the width of the page
TRIED = 1.06              # the smallest is tried where it may just fit


def way_of(markdown: str, paper: str) -> Way | None:
    """How a page is set, the largest way that fits; None for one that is set as usual."""
    lines = markdown.splitlines()
    if COMPACT not in lines:
        return None
    tables = [[line[1:-1].split("|") for line in rows if not line.startswith("|:")]
              for is_table, rows in groupby(lines, lambda line: line.startswith("|")) if is_table]
    words = WORDS + HEADING * sum(line.startswith("## ") for line in lines)

    def is_enough(way: Way) -> bool:
        room = WIDTHS[paper] / way.columns / way.points
        return way.points * (words + sum(_height(rows, room) for rows in tables)) <= way.columns * HEIGHTS[paper] * (TRIED if way == WAYS[-1] else 1)

    return next(filter(is_enough, KEYS if ROWS in lines else WAYS), TOO_LONG)


def _height(rows: list[list[str]], room: float) -> float:
    """The em of a table that is `room` em wide."""
    wide = [[SIGN * width(FORMULA.sub(r"\1", cell.strip().replace("____", BLANK))) + SPACE for cell in row] for row in rows]
    shares = _shares([max(column) for column in zip(*wide)], room)
    lines = [max(ceil(cell / share - SLACK) for cell, share in zip(row, shares)) for row in wide]
    return sum(_line("".join(row)) + MORE * (count - 1) for row, count in zip(rows, lines))


def _shares(columns: list[float], room: float) -> list[float]:
    """The width of each column: its own, or where they are too wide together the same for all that are wider than that."""
    share, left = room, sorted(columns)
    while left and left[0] <= (share := room / len(left)):
        room -= left.pop(0)
    return [min(column, max(share, 1)) if left else column for column in columns]


def _line(text: str) -> float:
    """The em of a row of one line."""
    has_exponent = any("^" in piece[:40] for piece in text.split(r"\frac{\partial")[1:]) or r"\frac{e^" in text
    return TALL if has_exponent else FRACTION if r"\frac" in text else LINE

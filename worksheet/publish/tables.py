"""How large the tables of a page are set, and where a page of tables goes on.

A compact key is set as small as it takes to stay one page; a marking is always in one size, and a
page of it begins with a task. Both are estimates from what stands in each row: to have Typst
measure a page in every size costs ten times as much as setting it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from math import ceil

from ..assessment.answer_table import ROWS
from ..tex.writer import width
from .pages import NEW_PAGE, SOLUTION

COMPACT = "<!-- compact -->"
HEIGHTS = {"a4": 745, "us-letter": 695}  # points of text below the title
WIDTHS = {"a4": 538, "us-letter": 555}

# em of a line, and what makes it higher: a fraction, one with an exponent in it
LINE, FRACTION, TALL = 1.45, 1.85, 2.2
MORE = 1.3  # each further line of a row
HEADING = 2.2
WORDS = 5.0  # what stands above the first of them
SIGN, SPACE = 0.49, 0.56  # the width of a sign, and of the space around a cell
SLACK = 0.1  # of a line, that fits all the same
BLANK = "0000"
FORMULA = re.compile(r"\$([^$]*)\$")
BAND = re.compile(r"\| \*\*\([a-z]+\)\*\*")  # the head of a task

ROW, LAYERED, HIGH = (
    1.54,
    1.8,
    3.0,
)  # of a row with a box to tick, of one with the number of a layer above a symbol, of one with a fraction
ABOVE = 2.5  # of the title

SIZES = (9, 8.5, 8)  # points of a key, the last of them where it takes more than one page
TICK = "☐"
FOLLOWS = 3  # the column of a marking that takes what room there is
MARKING = 8.5
PAGES = {"a4": 779, "us-letter": 729}  # points of a page, with its title


def size_of(markdown: str, paper: str) -> float | None:
    """The points of the type of a compact page, or of the rows before a solution; None for a page
    that is set as usual."""
    rows, sign, _ = markdown.partition(SOLUTION)
    lines = rows.splitlines()
    if COMPACT not in lines and not sign:
        return None
    if ROWS not in lines:
        return MARKING
    tables = [
        _rows(rows)
        for is_table, rows in groupby(lines, lambda line: line.startswith("|"))
        if is_table
    ]
    words = WORDS + HEADING * sum(line.startswith("## ") for line in lines)

    def is_enough(points: float) -> bool:
        return (
            points * (words + sum(_height(rows, WIDTHS[paper] / points) for rows in tables))
            <= HEIGHTS[paper]
        )

    return next(filter(is_enough, SIZES), SIZES[-1])


def divided(markdown: str, paper: str) -> str:
    """A marking with a new page before every task that does not fit the rest of one; a problem
    begins with its heading and its first task."""
    lines = markdown.splitlines()
    if COMPACT not in lines or ROWS in lines:
        return markdown
    room, found, used, waiting = PAGES[paper] / MARKING, [], ABOVE, []
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        group = list(group)
        if not is_table:
            waiting += group
            continue
        head, rule, *rows = group
        columns = [
            max(column) for column in zip(*[_cells(row) for row in rows if not BAND.match(row)])
        ]
        left = max(WIDTHS[paper] / MARKING - sum(columns) + columns[FOLLOWS], columns[FOLLOWS] / 3)
        for place, task in enumerate(_tasks(rows)):
            high = sum(_row_height(row, left) for row in task)
            above = sum(map(_words_height, waiting)) + ROW if not place else 0.0
            if used > ABOVE and used + above + high > room:
                found += ["", NEW_PAGE, ""] + ([head, rule] if place else [])
                used = 2 * ROW if place else ROW
            found += [*waiting, head, rule] if not place else []
            found += task
            used, waiting = (used + above + high) % room, []
    return "\n".join(found + waiting) + "\n"


def _tasks(rows: list[str]) -> list[list[str]]:
    """The rows of a table, those of a task with its head."""
    found: list[list[str]] = []
    for row in rows:
        if BAND.match(row) or not found:
            found.append([])
        found[-1].append(row)
    return found


def _cells(row: str) -> list[float]:
    """The em of the cells of a row."""
    return [SIGN * width(FORMULA.sub(r"\1", cell.strip())) + SPACE for cell in row[1:-1].split("|")]


def _row_height(row: str, room: float) -> float:
    """The em of a row whose formula has `room` em."""
    if BAND.match(row):
        return ROW
    lines = max(1, ceil(_cells(row)[FOLLOWS] / room - SLACK))
    return (HIGH if r"\dfrac" in row else LAYERED if "^{(" in row else ROW) + MORE * (lines - 1)


def _words_height(line: str) -> float:
    """The em of a line of Markdown above a table."""
    if line.startswith("## "):
        return HEADING
    return 0.0 if not line or line.startswith(("#", "<!--")) else 1.6 + len(line) // 130 * 1.2


def _rows(lines: Iterable[str]) -> list[list[str]]:
    """The cells of a table."""
    return [line[1:-1].split("|") for line in lines if not line.startswith("|:")]


def _height(rows: list[list[str]], room: float) -> float:
    """The em of a table that is `room` em wide."""
    wide = [
        [
            SIGN * width(FORMULA.sub(r"\1", cell.strip().replace("____", BLANK))) + SPACE
            for cell in row
        ]
        for row in rows
    ]
    shares = _shares([max(column) for column in zip(*wide)], room)
    lines = [max(ceil(cell / share - SLACK) for cell, share in zip(row, shares)) for row in wide]
    return sum(_line("".join(row)) + MORE * (count - 1) for row, count in zip(rows, lines))


def _shares(columns: list[float], room: float) -> list[float]:
    """The width of each column: its own, or where they are too wide together the same for all that
    are wider than that."""
    share, left = room, sorted(columns)
    while left and left[0] <= (share := room / len(left)):
        room -= left.pop(0)
    return [min(column, max(share, 1)) if left else column for column in columns]


def _line(text: str) -> float:
    """The em of a row of one line."""
    has_exponent = (
        any("^" in piece[:40] for piece in text.split(r"\frac{\partial")[1:]) or r"\frac{e^" in text
    )
    return TALL if has_exponent else FRACTION if r"\frac" in text else LINE

r"""Where the answers of a task are written: a line for a number, brackets with cells for a matrix,
in the order of the task.

    $z_1 = \begin{bmatrix} \underline{\qquad\qquad\quad} \\ \underline{\qquad\qquad\quad} \end{bmatrix}$

A cell is as wide as the digits of the spec ask for, and all those of a task are alike: how wide it
is tells nothing of its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil

from ..numbers.number import Rounding
from ..views.views import View

CELL = re.compile(r"\\underline\{(?:\\qquad|\\quad)+\}(?!_)")
EMPTY = re.compile(
    rf"\\begin\{{bmatrix\}} {CELL.pattern}(?: (?:&|\\\\\[0.6em\]) {CELL.pattern})* \\end\{{bmatrix\}}"
)
EM = 3.7  # millimetres, in the size of the page
SIGN, MARGIN, LEAST = (
    2.4,
    1.5,
    14,
)  # millimetres of a digit in handwriting, of the space around a number, of a cell
PAGE, NARROWEST = (
    135,
    7,
)  # millimetres of a page beside the name of a matrix and its brackets, of any cell
LEADING = 3  # signs before the places: minus, a digit, the point
LINE = 13  # underscores of a line for a number at least, half an em each
LONG = 44  # underscores of a line for a form
BESIDE = 4  # lines beside each other


def millimetres(rounding: Rounding, views: Iterable[View]) -> float:
    """The width of a cell for the numbers of a task; less where the widest of its matrices would
    not fit the page."""
    views = [view for view in views if view.members]
    digits = [rounding.digits(view.working.kind) for view in views]
    most = max(
        (
            max(each.places or 0, each.significant or 0, each.at_least_significant or 0)
            for each in digits
        ),
        default=0,
    )
    columns = max(
        (len(view.result.args[0].args) for view in views if len(view.members) > 1), default=1
    )
    return min(max(LEAST, SIGN * (LEADING + most) + MARGIN), max(NARROWEST, PAGE / columns - EM))


def cells(view: View, width: float) -> str:
    """The empty matrix of a view's result, each cell so many millimetres wide; nothing for a
    number."""
    if len(view.members) < 2:
        return ""
    wide, more = divmod(ceil(width / EM), 2)
    cell = r"\underline{" + r"\qquad" * wide + r"\quad" * more + "}"
    return (
        r"\begin{bmatrix} "
        + r" \\[0.6em] ".join(" & ".join([cell] * len(row.args)) for row in view.result.args)
        + r" \end{bmatrix}"
    )


def underscores(view: View, width: float) -> int:
    """The length of the line to write a view's number or form on."""
    return max(LINE, round(2 * width / EM)) if view.members else LONG


def rows(asked: Sequence[dict]) -> list[list[dict]]:
    """What is asked in rows: some lines beside each other, matrices beside each other as they fit."""
    found = []
    for is_matrix, run in groupby(asked, key=lambda each: bool(each["cells"])):
        run = list(run)
        longest = max(each["line"] for each in run)
        step = len(run) if is_matrix else max(1, BESIDE * LINE // longest)
        found += [run[at : at + step] for at in range(0, len(run), step)]
    return found


def without_cells(text: str) -> str:
    """The text with nothing behind the sign of equality where there are cells."""
    return EMPTY.sub("", text)


def filled(text: str, answers: Sequence[str]) -> str:
    """The text with the cells filled in, in their order; as it is where there are more or fewer
    cells than answers."""
    if len(CELL.findall(text)) != len(answers):
        return text
    left = iter(answers)
    return CELL.sub(lambda _: next(left), text)


def written_in_cells(views: Iterable[View]) -> Iterator[str]:
    """What belongs into the cells of a sheet, row by row, as it is printed."""
    yield from (member.shown for view in views if len(view.members) > 1 for member in view.members)

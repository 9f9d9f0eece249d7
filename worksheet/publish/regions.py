"""The tasks of a sheet: a statement with its points, room to work in, and a frame with the blanks
of its answers.

`<!-- task: c, 22 -->` stands before the statement, `<!-- room: 16 -->` behind it, and below that
the paragraphs with the blanks: `$L =$ ____`, or a formula whose matrix is empty. `<!-- points: 22
-->` stands before a task of another kind. On paper (`pdf.py`) the blanks are set anew, in a grid;
other formats frame the paragraphs as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from ..assessment.answer_blanks import EM
from ..errors import ReadError
from ..tex.boxes import Glyph, Marked, Matrix, Row, boxes, is_blank
from ..tex.line_breaking import wide
from .pages import BLANK, Node, Piece, Room, Task

EM_SPACE = "\u2003"  # between the blanks of a paragraph
LINE, SCALAR, CELL = (
    5.93,
    10.5,
    8,
)  # millimetres of a line of room, of a line of blanks, of a row of cells
TEXT = 160  # millimetres across
ONE_PAGE = 205  # millimetres that stay together, on either paper
FIRST = 8  # lines of a longer room that stay with the statement


@dataclass(frozen=True)
class Blank:
    """Where one answer is written: the TeX before it, and a line of so many em (`rows` 0) or the
    cells of a matrix, each as wide."""

    label: str
    em: float
    rows: int = 0
    columns: int = 0

    @property
    def across(self) -> float:
        """Millimetres, about."""
        return EM * (wide(boxes(self.label)) + 2.5 + self.em * max(1, self.columns))


@dataclass(frozen=True)
class Region:
    """A task with its room. `lines`: of the room; `begin`: so many of them stay with the statement,
    and all of them where the task fits a page."""

    task: Task
    statement: list[Node]
    lines: int
    blanks: tuple[Blank, ...]
    answers: tuple[Node, ...] = ()  # the paragraphs with the blanks

    @property
    def begin(self) -> int:
        """All lines of the room where the task fits a page, else at most FIRST."""
        return self.lines if self.height <= ONE_PAGE else min(self.lines, FIRST)

    @property
    def is_long(self) -> bool:
        """Whether even the frame of its answers may not fit a page."""
        return heights(self.blanks) > ONE_PAGE

    @property
    def height(self) -> float:
        """Millimetres, about."""
        return 14 * len(self.statement) + LINE * self.lines + heights(self.blanks)


def heights(blanks: Iterable[Blank]) -> float:
    """Millimetres of a frame with these blanks, about, and rather too much."""
    blanks = list(blanks)
    if not any(blank.rows for blank in blanks):
        return 8 + SCALAR * ceil(
            len(blanks) / max(1, TEXT // max(blank.across for blank in blanks))
        )
    total, across, high = 8.0, 0.0, 0.0
    for blank in blanks:
        if across and across + blank.across > TEXT:
            total, across, high = total + high, 0.0, 0.0
        across, high = (
            across + blank.across,
            max(high, CELL * blank.rows + 3 if blank.rows else SCALAR),
        )
    return total + high


def regions(pieces: Iterable[Piece]) -> Iterator[Piece | Region]:
    """The pieces of a page, those of a task that has room and blanks as one; a task without stays
    as it is."""
    found, at = list(pieces), 0
    while at < len(found):
        region, after = (
            _region(found, at) if isinstance(found[at], Task) and found[at].letter else (None, at)
        )
        yield region or found[at]
        at = after if region else at + 1


def _region(found: list[Piece], at: int) -> tuple[Region | None, int]:
    room = next(
        (place for place in range(at + 1, len(found)) if isinstance(found[place], Room | Task)), at
    )
    if not isinstance(found[room], Room) or not all(
        isinstance(piece, dict) for piece in found[at + 1 : room]
    ):
        return None, at
    after, blanks = room + 1, []
    while after < len(found) and (more := blanks_of(found[after])):
        blanks += more
        after += 1
    answers = tuple(found[room + 1 : after])
    if not blanks:
        return None, at
    after += after < len(found) and isinstance(
        found[after], Room
    )  # what parts it from the next one, where nothing else does
    return Region(found[at], found[at + 1 : room], found[room].lines, tuple(blanks), answers), after


def blanks_of(piece: Piece) -> list[Blank]:
    """The blanks of a paragraph that has nothing else; none for any other."""
    if not isinstance(piece, dict) or piece["t"] != "Para":
        return []
    found, label = [], ""
    for inline in piece["c"]:
        if inline["t"] == "Math":
            label = inline["c"][1].strip()
            if (cells := cells_of(label)) is not None:
                found.append(cells)
                label = ""
        elif (
            inline["t"] == "Str"
            and label.endswith("=")
            and (line := BLANK.fullmatch(inline["c"].strip("\u00a0")))
        ):
            found.append(Blank(label, len(line[1]) / 2))
            label = ""
        elif inline["t"] not in ("Space", "SoftBreak") and inline["c"].strip("\u2003\u00a0 "):
            return []
    return [] if label else found


def cells_of(tex: str) -> Blank | None:
    """The cells of a formula that ends with an empty matrix."""
    label, equals, _ = tex.partition(r"= \begin")
    if not equals:
        return None
    try:
        *_, matrix = boxes(tex)
    except ReadError:
        return None
    if not isinstance(matrix, Matrix) or not all(
        _is_empty(cell) for row in matrix.rows for cell in row
    ):
        return None
    em = sum(2 if space == Glyph(r"\qquad") else 1 for space in matrix.rows[0][0][0].body)
    return Blank(f"{label}=", em, len(matrix.rows), len(matrix.rows[0]))


def _is_empty(cell: Row) -> bool:
    return len(cell) == 1 and isinstance(cell[0], Marked) and is_blank(cell[0])


def pointed(found: Iterable[Piece | Region]) -> Iterator[tuple[Piece | Region, Task | None]]:
    """Each piece, a paragraph behind a task's mark with the task, and without the words of its
    points."""
    task = None
    for piece in found:
        if isinstance(piece, Task):
            task = piece
            continue
        yield (without_points([piece])[0] if task and isinstance(piece, dict) else piece), task
        task = None


def apart(answers: Node) -> Iterator[list[Node]]:
    """The blanks of a paragraph, each with the formula before it."""
    for is_gap, group in groupby(
        answers["c"],
        key=lambda inline: inline["t"] in ("Space", "SoftBreak") or inline.get("c") == EM_SPACE,
    ):
        if not is_gap:
            yield list(group)


def without_points(statement: list[Node]) -> list[Node]:
    """A statement without the words in italics at its end."""
    *before, last = statement
    if last["t"] != "Para" or last["c"][-1]["t"] != "Emph":
        return statement
    return [*before, {"t": "Para", "c": last["c"][:-2]}]

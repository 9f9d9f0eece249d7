"""A network with what is given beside it: the list, and below that the tables of its weights, where
they are no higher than the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from .arranged import LEAD, ROOM, Beside, Cell
from .pages import Drawing, Piece

SHARES = (0.5, 0.42, 0.34)  # of a line, for the drawing
DENSE = 0.8  # of the height that cells are reckoned to have, rather too large
GUTTER, PIXELS = (
    1.8,
    40 / 3,
)  # em between a drawing and the words beside it; pixels of a drawing in an em of 10 points


def with_givens(found: list[Piece], paper: str) -> Iterator[Piece | Beside]:
    """The pieces of a page; each drawing that a list follows, and the list, as `Beside`."""
    at = 0
    while at < len(found):
        row = (
            _row(found[at], found[at + 1 :], ROOM[paper])
            if isinstance(found[at], Drawing)
            else None
        )
        yield row or found[at]
        at += 1 + (len(row.cells[1]) if row else 0)


def _row(drawing: Drawing, following: list[Piece], room: float) -> Beside | None:
    """The drawing as wide as most of what is given fits beside it; None without a list, or where it
    would lose something in a column."""
    if not following or _kind(following[0]) != "BulletList":
        return None
    rows = []
    for share in SHARES:
        if beside := drawing.beside(PIXELS * (room * share - GUTTER)):
            width = room * (1 - share)
            rows.append(
                Beside(
                    (room * share, width),
                    ((beside,), tuple(_given(following, beside.height / PIXELS, width))),
                )
            )
    return max(rows, key=lambda row: len(row.cells[1]), default=None)


def _given(following: list[Piece], height: float, width: float) -> list[Piece]:
    """The list, and the tables with the sentences that lead to them that are no higher, together,
    than the drawing."""
    taken, left = following[:1], height - LEAD * len(following[0]["c"])
    while _kind(following[len(taken) :]) == "Para":
        end = len(taken) + 1
        while _kind(following[end:]) == "Table":
            end += 1
        before, *tables = following[len(taken) : end]
        cells = (
            [Cell((before,), tables[0], ()), *[Cell((), table, ()) for table in tables[1:]]]
            if tables
            else []
        )
        left -= DENSE * sum(cell.high(width) for cell in cells)
        if not cells or left < 0 or any(cell.least > width for cell in cells):
            break
        taken = following[:end]
    return taken


def _kind(pieces: Piece | list[Piece]) -> str:
    """What a piece is, or the first of a list."""
    first = pieces[0] if isinstance(pieces, list) and pieces else pieces
    return first["t"] if isinstance(first, dict) else ""

"""What belongs together stands side by side: the pieces of a page in two or three columns, where they fit.

    Display(z_h = ...), Display(h = ...)   ->   Beside((24.0, 24.0), ((z_h,), (h,)))

A cell is a formula, a picture or a table with the short sentence that leads to it and the one that says what it means. Cells that follow each other
are set in rows, read from left to right, in as many columns as their own widths allow; what is wider has a row to itself. A chain is never
divided between columns, its short links share a line, and three or more short chains of one kind are the rows of a table. Widths and heights are in em
of the page's type, of formulas as `breaking.py` says. Nothing is left out, and nothing changes its place in the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ..breaking import QUAD, RELATIONS, tall, wide
from ..errors import ReadError
from ..texboxes import Aligned, Fraction, Glyph, Row, boxes
from .pages import Display, Drawing, Picture, Piece, length
from .pandoc import Node

ONE = "1"
MOST = {"auto": 3, "2": 2}         # columns that an author asks for
ROOM = {"a4": 49.2, "us-letter": 51.0}       # em of a line of text, and of the space behind its last column
INDENT = 3.0       # before and behind what stands in a column
LINE = 21.0        # em of links that share a line
SHORT = 24.0       # em of a sentence that stands in a column
WORDS = 13.0       # em of a column with words in it
FIGURE = 20.0      # em of a picture
LEAD, SPACE = 1.7, 1.7      # em of a line of words, and of the space around a formula
NEW = 1.0          # em that it costs to begin other columns
ROWS = 3           # chains that make a table
LINKS = 4          # of each
LETTER = 0.47      # em of a letter


@dataclass(frozen=True)
class Beside:
    """Cells next to each other, each of the pieces that stand in it, below each other; `widths` are the shares of the columns.
    `is_first`: no row of the same columns is above it."""

    widths: tuple[float, ...]
    cells: tuple[tuple[Piece, ...], ...]
    is_first: bool = True


@dataclass(frozen=True)
class Cell:
    """What stays together. `before` leads to the body, `after` says what it means."""

    before: tuple[Node, ...]
    body: Piece
    after: tuple[Node, ...]

    @property
    def least(self) -> float:
        """The em that it is wide at least."""
        return max(_least(self.body), WORDS if self.before or self.after else 0)

    @property
    def wanted(self) -> float:
        """The em that it would like to have, so that its links share their lines."""
        return max(self.least, wide(_boxes(self.set_in(LINE + INDENT))) + INDENT if isinstance(self.body, Display) else 0)

    def high(self, width: float) -> float:
        """About how high it is in a column of a width."""
        return _high(self.set_in(width)) + sum(LEAD * (1 + _words(each) // width) for each in (*self.before, *self.after))

    def set_in(self, width: float) -> Piece:
        """The body as it is set in a column."""
        return shared(self.body, min(LINE, width - INDENT)) if isinstance(self.body, Display) else self.body

    def pieces(self, width: float) -> tuple[Piece, ...]:
        return *self.before, self.set_in(width), *self.after


def arranged(found: list[Piece], columns: str, paper: str) -> Iterator[Piece | Beside]:
    """The pieces of a page, those that fit next to each other as `Beside`."""
    run: list[Cell] = []
    at = 0
    while at < len(found):
        if cell := _cell(found, at):
            run.append(cell)
            at += len(cell.before) + 1 + len(cell.after)
            continue
        yield from _set(run, columns, paper)
        run = []
        if isinstance(found[at], Drawing) and at + 1 < len(found) and _is(found[at + 1], "BulletList"):
            yield Beside((ROOM[paper] / 2,) * 2, ((found[at],), (found[at + 1],)))
            at += 1
        else:
            yield found[at]
        at += 1
    yield from _set(run, columns, paper)


def _cell(found: list[Piece], at: int) -> Cell | None:
    """The cell that begins at a place."""
    before = found[at:at + 1] if _is_short(found[at]) and at + 1 < len(found) else []
    if len(before) + at == len(found) or not _is_body(body := found[at + len(before)]):
        return None
    end = at + len(before) + 1
    after = found[end:end + 1] if isinstance(body, Display) and end < len(found) and _is_short(found[end], 2) and _text(found[end]).endswith(".") else []
    return Cell(tuple(before), body, tuple(after))


def _set(run: list[Cell], columns: str, paper: str) -> Iterator[Piece | Beside]:
    """A run of cells, in the rows in which it is lowest."""
    if not run:
        return
    if len(run) > 1 and run[0].before and not any(cell.before for cell in run[1:]):      # it leads to all of them
        yield from run[0].before
        run = [replace(run[0], before=()), *run[1:]]
    room = ROOM[paper]
    best: list[tuple[float, int, tuple[float, ...]]] = [(0.0, 0, ())]
    for end in range(1, len(run) + 1):
        options = [(best[start][0] + NEW + cost, start, widths) for start in range(end)
                   for widths in _ways(run[start:end], room, MOST[columns]) if (cost := _cost(run[start:end], widths)) is not None]
        best.append(min(options, key=lambda option: (option[0], -option[1])))
    parts, end = [], len(run)
    while end:
        _, start, widths = best[end]
        parts.append((run[start:end], widths))
        end = start
    for cells, widths in reversed(parts):
        yield from _part(cells, widths)


def _part(cells: list[Cell], widths: tuple[float, ...]) -> Iterator[Piece | Beside]:
    """Cells in columns of these widths; no width stands for a table of chains."""
    if not widths:
        yield tabled([cell.body for cell in cells])
        return
    rows = [cells[at:at + len(widths)] for at in range(0, len(cells), len(widths))]
    for number, row in enumerate(rows):
        pieces = [cell.pieces(width) for cell, width in zip(row, widths)]
        if len(widths) == 1:
            yield from pieces[0]
        else:
            yield Beside(widths, (*pieces, *[()] * (len(widths) - len(row))), not number)


def _ways(cells: list[Cell], room: float, most: int) -> Iterator[tuple[float, ...]]:
    """The widths of the columns in which cells may stand: their own, and an equal share of what is left."""
    if len(cells) == 1:
        yield (room,)
        return
    if _makes_table(cells, room):
        yield ()
    for count in range(2, min(most, len(cells)) + 1):
        own = [max(cell.least for cell in cells[place::count]) for place in range(count)]
        wanted = [max(cell.wanted for cell in cells[place::count]) for place in range(count)]
        if (left := room - sum(own)) >= 0:
            more = [1 + wish - width for wish, width in zip(wanted, own)]
            yield tuple(width + left * share / sum(more) for width, share in zip(own, more))


def _cost(cells: list[Cell], widths: tuple[float, ...]) -> float:
    """The height of cells in columns of these widths."""
    if not widths:
        return _high(tabled([cell.body for cell in cells]))
    return sum(max(cell.high(width) for cell, width in zip(cells[at:], widths)) for at in range(0, len(cells), len(widths)))


# ---- chains ---------------------------------------------------------------------------------------

def shared(display: Display, most: float) -> Display:
    """A chain whose links share a line of at most `most` em; a tall one does not go on a line of low ones."""
    [*rows] = _rows(display)
    if len(rows) < 2 or any(len(cells) != 2 for cells in rows):
        return display
    head = max(wide(cells[0]) for cells in rows)
    found = [rows[0]]
    for before, cells in pairwise(rows):
        is_link = not cells[0] and cells[1][:1] != (QUAD,) and before[1][:1] != (QUAD,) and _begins(cells[1])
        if is_link and tall(cells[1]) <= tall(found[-1][1]) + 0.2 and head + wide(found[-1][1]) + wide(cells[1]) <= most:
            found[-1] = (found[-1][0], found[-1][1] + cells[1])
        else:
            found.append(cells)
    return replace(display, row=(Aligned(tuple(found)),))


def tabled(chains: list[Display]) -> Display:
    """Chains as the rows of a table, a column for each link; the last holds the results."""
    most = max(len(_rows(chain)) for chain in chains)
    rows = []
    for chain in chains:
        head, *links = _rows(chain)[0][0], *[cells[1] for cells in _rows(chain)]
        links[-1:-1] = [()] * (most - len(links))
        rows.append((head, links[0], *[cell for link in links[1:] for cell in ((QUAD,), link)]))
    return Display(r" \\ ".join(chain.tex for chain in chains), (Aligned(tuple(rows)),))


def _makes_table(cells: list[Cell], room: float) -> bool:
    """Whether chains are alike enough: at least three, of few links that are low and stand side by side."""
    if len(cells) < ROWS or any(cell.before or cell.after or not isinstance(cell.body, Display) for cell in cells):
        return False
    chains = [_rows(cell.body) for cell in cells]
    if any(not 2 <= len(rows) <= LINKS or any(len(row) != 2 or row[1][:1] == (QUAD,) or not _begins(row[1]) for row in rows) for rows in chains):
        return False
    if len({len(rows) for rows in chains}) > 2 or any(_has_tall(rows[-2:]) for rows in chains):
        return False
    return wide(tabled([cell.body for cell in cells]).row) <= room - INDENT


def _has_tall(rows: list[tuple[Row, ...]]) -> bool:
    """Whether there is a fraction of numbers."""
    return any(isinstance(box, Fraction) for cells in rows for box in cells[1])


def _begins(link: Row) -> bool:
    return bool(link) and isinstance(link[0], Glyph) and link[0].tex in RELATIONS


def _rows(display: Display) -> list[tuple[Row, ...]]:
    row = _boxes(display)
    return list(row[0].rows) if len(row) == 1 and isinstance(row[0], Aligned) else [(row,)]


def _boxes(display: Display) -> Row:
    return display.row or _read(display.tex)


@lru_cache(maxsize=1024)
def _read(tex: str) -> Row:
    return boxes(tex)


# ---- sizes ----------------------------------------------------------------------------------------

def _least(body: Piece) -> float:
    if isinstance(body, Display):
        return wide(_boxes(body)) + INDENT
    return FIGURE + INDENT if isinstance(body, Picture) else _table_width(body)


def _high(body: Piece) -> float:
    if isinstance(body, Display):
        return sum(max(map(tall, cells)) + 0.75 for cells in _rows(body)) + SPACE
    return 17.0 if isinstance(body, Picture) else 1.7 * (1 + sum(len(part[3]) for part in body["c"][4])) + SPACE


def _table_width(table: Node) -> float:
    """The em of a table, with the space around its cells."""
    rows = [row[1] for row in (*table["c"][3][1], *[row for body in table["c"][4] for row in body[3]])]
    return sum(1.8 + 0.5 * max(length(row[column]) for row in rows) for column in range(len(table["c"][2])))


def _is(piece: Piece, kind: str) -> bool:
    return isinstance(piece, dict) and piece["t"] == kind


def _is_body(piece: Piece) -> bool:
    """A formula that can be read, a picture, or a table."""
    if isinstance(piece, Display):
        try:
            return bool(_boxes(piece))
        except ReadError:      # who sets it says what is wrong
            return False
    return isinstance(piece, Picture) or _is(piece, "Table")


def _is_short(piece: Piece, lines: int = 1) -> bool:
    return _is(piece, "Para") and _words(piece) <= lines * SHORT


def _words(paragraph: Node) -> float:
    """The em of a paragraph's words in one line."""
    return LETTER * sum(length([None] * 4 + [[{"t": "Plain", "c": [inline]}]]) for inline in paragraph["c"])


def _text(paragraph: Node) -> str:
    return str(paragraph["c"][-1].get("c", "")) if paragraph["c"] else ""

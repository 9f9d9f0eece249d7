"""What belongs together stands side by side: the pieces of a page in two or three columns, where
they fit.

    Display(z_h = ...), Display(h = ...)   ->   Beside((24.0, 24.0), ((z_h,), (h,)))

A cell is a formula, a picture or a table with the short sentence that leads to it and the one that
says what it means. Cells that follow each other are set in rows, read from left to right, in as
many columns as their own widths allow; what is wider has a row to itself. A chain is never divided
between columns, its short links share a line, and three or more short chains of one kind are the
rows of a table. Widths and heights are in em of the page's type, of formulas as
`tex/line_breaking.py` says. Nothing is left out, and nothing changes its place in the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

from ..errors import ReadError
from ..problem import ACROSS
from ..tex.boxes import Aligned, Fraction, Glyph, Row, boxes
from ..tex.line_breaking import QUAD, RELATIONS, tall, wide
from .pages import BOLD, Display, Picture, Piece, length
from .pandoc import Node

ONE = "1"
MOST = {"auto": 5, "2": 2}  # columns that an author asks for
ROOM = {
    "a4": 49.2,
    "us-letter": 51.0,
}  # em of a line of text, and of the space behind its last column
INDENT = 2.5  # before and behind what stands in a column, where widths are rather too large
LINE = 24.0  # em of links that share a line,
RESULT = 5.0  # and more with their result
SHORT = 24.0  # em of a sentence that stands in a column
WORDS = 13.0  # em of a column with words in it
FIGURE = 16.0  # em of a picture
BEHIND = 1.2  # em between a column and the next
LONG = 45.0  # em of a table that goes on over pages
LEADING = 0.75  # em between the lines of a formula
LEAD, SPACE = 1.6, 0.8  # em of a line of words, and of the space around a formula
NEW = 2.0  # em that it costs to begin other columns
ROWS = 3  # chains that make a table
LINKS = 4  # of each
EVEN, LOW = (
    0.45,
    1.5,
)  # of its height that such a table counts, for it is easily read; where its rows are this low
LETTER = 0.47  # em of a letter


@dataclass(frozen=True)
class Beside:
    """Cells next to each other, each of the pieces that stand in it, below each other; `widths` are
    the shares of the columns. `is_first`: no row of the same columns is above it."""

    widths: tuple[float, ...]
    cells: tuple[tuple[Piece, ...], ...]
    is_first: bool = True


@dataclass(frozen=True)
class Cell:
    """What stays together. `before` leads to the body, `after` says what it means."""

    before: tuple[Node, ...]
    body: Piece
    after: tuple[Node, ...]

    @cached_property
    def least(self) -> float:
        """The em that it is wide at least."""
        return max(_least(self.body), WORDS if self.before or self.after else 0)

    @cached_property
    def shape(self) -> tuple:
        """What cells of one kind have in common: the heights of a chain's lines, and whether words
        stand with it."""
        lines = (
            tuple(round(max(map(tall, cells))) for cells in _rows(self.body))
            if isinstance(self.body, Display)
            else type(self.body)
        )
        return lines, len(self.before), len(self.after)

    @cached_property
    def wanted(self) -> float:
        """The em that it would like to have, so that its links share their lines."""
        links = _links(self.body) if isinstance(self.body, Display) else None
        return (
            max(
                self.least,
                links.head + max(map(links.wide_in, _lines(links, LINE + RESULT))) + INDENT,
            )
            if links
            else self.least
        )

    @cached_property
    def words(self) -> list[float]:
        """The em of each paragraph that stands with it, in one line."""
        return [_words(each) for each in (*self.before, *self.after)]

    def high(self, width: float) -> float:
        """About how high it is in a column of a width."""
        links = _links(self.body) if isinstance(self.body, Display) else None
        body = (
            sum(links.high_in(line) for line in _lines(links, width - INDENT)) + SPACE
            if links
            else _high(self.body)
        )
        return body + sum(LEAD * (1 + each // width) for each in self.words)

    def set_in(self, width: float) -> Piece:
        """The body as it is set in a column."""
        return shared(self.body, width - INDENT) if isinstance(self.body, Display) else self.body

    def pieces(self, width: float) -> tuple[Piece, ...]:
        """Its words and its body as they are set in a column of a width in em."""
        return *self.before, self.set_in(width), *self.after


def arranged(found: list[Piece | Beside], columns: str, paper: str) -> Iterator[Piece | Beside]:
    """The pieces of a page, those that fit next to each other as `Beside`."""
    run: list[Cell] = []
    at = 0
    while at < len(found):
        if cell := _cell(found, at):
            run.append(cell)
            at += len(cell.before) + 1 + len(cell.after)
            continue
        yield from _groups(run, columns, paper)
        run = []
        yield found[at]
        at += 1
    yield from _groups(run, columns, paper)


def _cell(found: list[Piece], at: int) -> Cell | None:
    """The cell that begins at a place."""
    before = found[at : at + 1] if _is_short(found[at]) and at + 1 < len(found) else []
    if len(before) + at == len(found) or not _is_body(body := found[at + len(before)]):
        return None
    end = at + len(before) + 1
    after = (
        found[end : end + 1]
        if isinstance(body, Display) and end < len(found) and _is_said_of(found[end])
        else []
    )
    return Cell(tuple(before), body, tuple(after))


def _groups(run: list[Cell], columns: str, paper: str) -> Iterator[Piece | Beside]:
    """A run of cells; one sentence that leads to several of them stands above these."""
    starts = [
        at
        for at, (cell, following) in enumerate(pairwise(run))
        if cell.before and not following.before and type(cell.body) is type(following.body)
    ]
    for start, end in pairwise(sorted({0, *starts, len(run)})):
        group = run[start:end]
        if start in starts:
            yield from group[0].before
            group[0] = replace(group[0], before=())
        yield from _set(group, columns, paper)


def _set(run: list[Cell], columns: str, paper: str) -> Iterator[Piece | Beside]:
    """Cells in the rows in which they are lowest."""
    best: list[tuple[float, int, Way]] = [(0.0, 0, Way(()))]
    for end in range(1, len(run) + 1):
        options = [
            (best[start][0] + NEW + _cost(run[start:end], way), start, way)
            for start in range(end)
            for way in _ways(run[start:end], ROOM[paper], MOST[columns])
        ]
        best.append(min(options, key=lambda option: (option[0], -option[1])))
    parts, end = [], len(run)
    while end:
        _, start, way = best[end]
        parts.append((run[start:end], way))
        end = start
    for cells, way in reversed(parts):
        yield from _part(cells, way)


class Way(NamedTuple):
    """How cells are set: in columns of these widths; all as one table of chains, with the figure
    that is the last of them beside it; or the first in one column and the others below each other
    in the other."""

    widths: tuple[float, ...]
    is_table: bool = False
    is_stack: bool = False


def _part(cells: list[Cell], way: Way) -> Iterator[Piece | Beside]:
    if way.is_table:
        chains = [cell.body for cell in cells if isinstance(cell.body, Display)]
        figure = [cell.body for cell in cells[len(chains) :]]
        yield Beside(way.widths, ((tabled(chains),), tuple(figure))) if figure else tabled(chains)
        return
    if way.is_stack:
        yield Beside(
            way.widths,
            (
                cells[0].pieces(way.widths[0]),
                tuple([piece for cell in cells[1:] for piece in cell.pieces(way.widths[1])]),
            ),
        )
        return
    for number, row in enumerate(_rows_of(cells, len(way.widths))):
        pieces = [cell.pieces(width) for cell, width in zip(row, way.widths)]
        if len(way.widths) == 1:
            yield from pieces[0]
        else:
            yield Beside(way.widths, (*pieces, *[()] * (len(way.widths) - len(row))), not number)


def _ways(cells: list[Cell], room: float, most: int) -> Iterator[Way]:
    """The ways in which cells may stand; columns have the width of what is in them, and a share of
    what is left."""
    if len(cells) == 1:
        yield Way((room,))
        return
    has_figure = isinstance(cells[-1].body, Picture)
    if (table := _table_size(cells[:-1] if has_figure else cells)) and (
        left := room - table[0]
    ) >= has_figure * _least(cells[-1].body):
        yield Way((room - left, left) if has_figure else (room,), True)
    stacked = cells[0].least, max(cell.least for cell in cells[1:])
    if (
        len(cells) > 2
        and (left := room - sum(stacked)) >= 0
        and cells[0].high(stacked[0]) > max(cell.high(stacked[1]) for cell in cells[1:])
    ):
        yield Way((stacked[0] + left / 2, stacked[1] + left / 2), is_stack=True)
    for count in range(2, min(most, len(cells)) + 1):
        own = [max(cell.least for cell in cells[place::count]) for place in range(count)]
        if (left := room - sum(own)) >= 0 and _goes_with(cells, count):
            more = [
                max(cell.wanted for cell in cells[place::count]) - width
                for place, width in enumerate(own)
            ]
            given = min(1, left / sum(more)) if sum(more) else 0
            yield Way(
                tuple(
                    width + given * share + (left - given * sum(more)) / count
                    for width, share in zip(own, more)
                )
            )


def _cost(cells: list[Cell], way: Way) -> float:
    """The height of cells that are set so."""
    if way.is_table:
        has_figure = isinstance(cells[-1].body, Picture)
        return max(
            _table_size(cells[: len(cells) - has_figure])[1],
            _high(cells[-1].body) if has_figure else 0,
        )
    if way.is_stack:
        return max(
            cells[0].high(way.widths[0]), sum(cell.high(way.widths[1]) for cell in cells[1:])
        )
    return sum(
        max(cell.high(width) for cell, width in zip(row, way.widths))
        for row in _rows_of(cells, len(way.widths))
    )


def _rows_of(cells: list[Cell], count: int) -> list[list[Cell]]:
    return [cells[at : at + count] for at in range(0, len(cells), count)]


def _goes_with(cells: list[Cell], count: int) -> bool:
    """Whether the rows or the columns hold cells of one shape each; two that stand alone in a row
    need not be alike."""

    def alike(group: list[Cell]) -> bool:
        return len({cell.shape for cell in group}) == 1

    rows = _rows_of(cells, count)
    if count > 3 and any(
        not isinstance(cell.body, Display) or len(_rows(cell.body)) > 1 for cell in cells
    ):  # what is one line high alone
        return False
    return (
        all(map(alike, rows))
        or (len(rows) > 1 or count == 2)
        and all(alike(cells[place::count]) for place in range(count))
    )


# ---- chains
# ---------------------------------------------------------------------------------------


class Links(NamedTuple):
    """The sizes of the links of a chain in em: of its left side, and of each link; `joins`: it may
    share the line of the one before it."""

    head: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    joins: tuple[bool, ...]

    def wide_in(self, line: slice) -> float:
        """The em of the links on a line, beside each other."""
        return sum(self.widths[line])

    def high_in(self, line: slice) -> float:
        """The em of a line: of its highest link, and the space between lines."""
        return max(self.heights[line]) + LEADING


@lru_cache(maxsize=4096)
def _links(display: Display) -> Links | None:
    """The links of a chain of more than one line; None for any other formula."""
    rows = _rows(display)
    if len(rows) < 2 or any(len(cells) != 2 or not cells[1] for cells in rows):
        return None
    joins = [
        not cells[0] and QUAD not in (cells[1][0], before[1][0]) and _begins(cells[1])
        for before, cells in pairwise(rows)
    ]
    return Links(
        max(wide(cells[0]) for cells in rows),
        tuple([wide(cells[1]) for cells in rows]),
        tuple([max(map(tall, cells)) for cells in rows]),
        (False, *joins),
    )


def shared(display: Display, room: float) -> Display:
    """A chain whose links share lines that are not too long, in a column of `room` em; a tall one
    does not go on a line of low ones."""
    if not (links := _links(display)):
        return display
    rows = _rows(display)
    lines = [
        (rows[line.start][0], sum((cells[1] for cells in rows[line]), ()))
        for line in _lines(links, room)
    ]
    return replace(display, row=(Aligned(tuple(lines)),))


def _lines(links: Links, room: float) -> list[slice]:
    """Which links stand on each line."""
    most, last = min(LINE, room) - links.head, min(LINE + RESULT, room) - links.head
    found = _filled(links, most, last)
    for share in (
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
    ):  # lines of one length look better than a last one that is short
        if len(even := _filled(links, share * most, share * last)) == len(found):
            return even
    return found


def _filled(links: Links, most: float, last: float) -> list[slice]:
    """As many links in each line as go into `most` em, or, with the result, into `last`."""
    starts, width, end = [0], links.widths[0], len(links.widths)
    for at in range(1, end):
        width += links.widths[at]
        is_low = links.heights[at] <= max(links.heights[starts[-1] : at]) + 0.2
        if not (links.joins[at] and is_low and width <= (last if at == end - 1 else most)):
            starts.append(at)
            width = links.widths[at]
    return [slice(start, stop) for start, stop in pairwise([*starts, end])]


def tabled(chains: list[Display]) -> Display:
    """Chains as the rows of a table, a column for each link; the last holds the results."""
    most = max(len(_rows(chain)) for chain in chains)
    rows = []
    for chain in chains:
        head, *links = _rows(chain)[0][0], *[cells[1] for cells in _rows(chain)]
        links[-1:-1] = [()] * (most - len(links))
        rows.append((head, links[0], *[cell for link in links[1:] for cell in ((QUAD,), link)]))
    return Display(r" \\ ".join(chain.tex for chain in chains), (Aligned(tuple(rows)),))


def _table_size(cells: list[Cell]) -> tuple[float, float] | None:
    """Width and height of the table of chains that are alike enough: at least three, of few links
    that are low; None for others."""
    if len(cells) < ROWS or any(
        cell.before or cell.after or not isinstance(cell.body, Display) for cell in cells
    ):
        return None
    chains = [_links(cell.body) for cell in cells]
    if (
        not all(links and len(links.widths) <= LINKS and all(links.joins[1:]) for links in chains)
        or len({len(links.widths) for links in chains}) > 2
    ):
        return None
    firsts = [links.widths[0] for links in chains]
    if max(firsts) > 2 * min(firsts) or any(_has_tall(_rows(cell.body)[-2:]) for cell in cells):
        return None
    columns = [
        max(widths) for widths in zip_longest(*[links.widths for links in chains], fillvalue=0.0)
    ]
    high = sum(max(links.heights) + LEADING for links in chains) + SPACE
    return (
        max(links.head for links in chains) + sum(columns) + len(columns) - 1 + INDENT,
        high * (EVEN if max(max(links.heights) for links in chains) < LOW else 1),
    )


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


# ---- sizes
# ----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _width(display: Display) -> float:
    return wide(_boxes(display))


def _least(body: Piece) -> float:
    if isinstance(body, Display):
        return _width(body) + INDENT
    return FIGURE + INDENT if isinstance(body, Picture) else _table_width(body) + BEHIND


def _high(body: Piece) -> float:
    if isinstance(body, Display):
        return sum(max(map(tall, cells)) + LEADING for cells in _rows(body)) + SPACE
    return (
        17.0
        if isinstance(body, Picture)
        else 1.7 * (1 + sum(len(part[3]) for part in body["c"][4])) + SPACE
    )


def _table_width(table: Node) -> float:
    """The em of a table, with the space around its cells."""
    rows = [
        row[1] for row in (*table["c"][3][1], *[row for body in table["c"][4] for row in body[3]])
    ]
    heads = len(table["c"][3][1])
    return sum(
        1.7
        + 0.44
        * max(length(row[column]) * (BOLD if at < heads else 1) for at, row in enumerate(rows))
        for column in range(len(table["c"][2]))
    )


def _is(piece: Piece, kind: str) -> bool:
    return isinstance(piece, dict) and piece["t"] == kind


def _is_body(piece: Piece) -> bool:
    """A formula that can be read, a table, or a picture that is not as wide as the page."""
    if isinstance(piece, Display):
        try:
            return bool(_boxes(piece))
        except ReadError:  # who sets it says what is wrong
            return False
    if isinstance(piece, Picture):
        return not any(f"{name}." in piece.path for name in ACROSS)
    return _is(piece, "Table") and _high(piece) < LONG


def _is_short(piece: Piece, lines: int = 1) -> bool:
    return _is(piece, "Para") and _words(piece) <= lines * SHORT


def _is_said_of(piece: Piece) -> bool:
    """A short sentence about what stands above it; one that begins with the bold name of a rule
    leads to what is below."""
    return _is_short(piece) and _text(piece).endswith(".") and piece["c"][0]["t"] != "Strong"


def _words(paragraph: Node) -> float:
    """The em of a paragraph's words in one line."""
    return LETTER * sum(
        length([None] * 4 + [[{"t": "Plain", "c": [inline]}]]) for inline in paragraph["c"]
    )


def _text(paragraph: Node) -> str:
    return str(paragraph["c"][-1].get("c", "")) if paragraph["c"] else ""

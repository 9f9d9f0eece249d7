r"""A formula that is wider than the page in lines that fit: boxes to boxes, every sign kept and in
its order.

    W - \alpha G, twelve entries wide   ->   the same matrix, each entry over two lines

A row breaks where a reader expects it: between equations, before a relation, before a plus or
minus, before a factor; outside of brackets if that will do. What cannot break so is made narrower
from within: the entries of a matrix, what is over and under a fraction's bar, and at last the rows
of a matrix, which go on in the line below. Widths are in em of the formula's font.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from .boxes import (
    WORDS,
    Aligned,
    Box,
    Fenced,
    Fraction,
    Glyph,
    Lines,
    Marked,
    Matrix,
    Row,
    Scripts,
    Words,
)

RELATIONS = frozenset(
    [
        "=",
        "<",
        ">",
        r"\approx",
        r"\leftarrow",
        r"\gets",
        r"\to",
        r"\rightarrow",
        r"\coloneqq",
        r"\equiv",
        r"\Rightarrow",
        r"\implies",
        r"\le",
        r"\leq",
        r"\ge",
        r"\geq",
        r"\ne",
        r"\neq",
        r"\sim",
        r"\propto",
        r"\in",
        r"\cong",
        r"\simeq",
        r"\doteq",
        r"\mapsto",
    ]
)
SIGNS = frozenset(["+", "-", r"\pm"])
FACTORS = frozenset([r"\cdot", r"\times", r"\odot", r"\circ", r"\ast", "*", "·"])
SPACES = {
    r"\quad": 1.0,
    r"\qquad": 2.0,
    r"\,": 0.17,
    r"\:": 0.22,
    r"\;": 0.28,
    r"\!": -0.17,
    r"\ ": 0.33,
}
OPENING, CLOSING = frozenset(["(", "[", r"\{"]), frozenset([")", "]", r"\}"])
NARROW = {
    "(": 0.39,
    ")": 0.39,
    "[": 0.28,
    "]": 0.28,
    "|": 0.28,
    ".": 0.28,
    ",": 0.45,
    ";": 0.45,
    r"\cdot": 0.72,
    "·": 0.72,
}
GAP, BRACKET, SCRIPT = 0.8, 0.55, 0.72  # between columns, a bracket that grows, a script's size
SIGN, WORST = (
    2,
    7,
)  # how ill a break looks (`_ranks`): at a plus or minus; within brackets in brackets
LEAST = 12.0  # em, into less nothing is squeezed

QUAD = Glyph(r"\quad")


def wide(row: Row) -> float:
    """About how wide a row is, in em."""
    return sum(
        _glyph(box, row[at - 1] if at else None) if isinstance(box, Glyph) else _box(box)
        for at, box in enumerate(row)
    )


def _box(box: Box) -> float:
    match box:
        case Glyph():
            return _glyph(box, None)
        case Words():
            return 0.53 * len(box.text) + (0.33 if box.command not in WORDS else 0.1)
        case Scripts():
            return wide(box.base) + SCRIPT * max(wide(box.below), wide(box.above)) + 0.05
        case Fraction():
            return (SCRIPT if box.command == r"\tfrac" else 1) * max(
                wide(box.over), wide(box.under)
            ) + 0.25
        case Marked():
            return wide(box.body) + {r"\sqrt": 0.9, r"\boxed": 0.8}.get(box.command, 0)
        case Fenced():
            return wide(box.body) + BRACKET * ((box.opening != ".") + (box.closing != "."))
        case Matrix():
            return (
                sum(_columns(box))
                + GAP * (len(_columns(box)) - 1)
                + 2 * BRACKET * (box.name != "matrix")
            )
        case Lines():
            return max(map(wide, box.rows))
        case Aligned():
            heads = max(wide(cells[0]) if len(cells) > 1 else 0 for cells in box.rows)
            return max(
                heads + sum(map(wide, cells[1:])) if len(cells) > 1 else wide(cells[0])
                for cells in box.rows
            )
    raise TypeError(box)


def _columns(matrix: Matrix) -> list[float]:
    return [
        max((wide(row[at]) for row in matrix.rows if at < len(row)), default=0)
        for at in range(max(map(len, matrix.rows), default=0))
    ]


def _glyph(glyph: Glyph, before: Box | None) -> float:
    tex = glyph.tex
    if tex in SPACES or tex in NARROW:
        return SPACES.get(tex, NARROW.get(tex, 0))
    if tex in RELATIONS:
        return 1.33
    if tex in SIGNS or tex in FACTORS:
        return 1.22 if _joins(before) else 0.78
    if tex[0].isdigit() or len(tex) > 1 and tex[0] == ".":
        return 0.5 * len(tex) - 0.22 * tex.count(".")
    return (
        0.5 * (len(tex) - 1) + 0.33
        if tex in (r"\ln", r"\log", r"\exp", r"\tanh", r"\max", r"\min", r"\sin", r"\cos", r"\lim")
        else 0.6
    )


def _joins(before: Box | None) -> bool:
    """Whether a plus or minus behind this box joins two terms."""
    return before is not None and not (
        isinstance(before, Glyph)
        and (
            before.tex in OPENING | RELATIONS | SIGNS | FACTORS
            or before.tex in SPACES
            or before.tex in ",;"
        )
    )


def tall(row: Row) -> float:
    """About how tall the tallest line of a display is, in em."""
    return max(map(_height, row), default=0.0)


def high(row: Row) -> float:
    """About how high a display is with all its lines, in em, and rather too much."""
    lines = row[0].rows if len(row) == 1 and isinstance(row[0], Aligned) else [(row,)]
    return sum(max(map(tall, cells)) + 1.2 for cells in lines)


def _height(box: Box) -> float:
    match box:
        case Fraction():
            return tall(box.over) + tall(box.under) + 0.3
        case Marked():
            return tall(box.body) + {"strut": 0.8, r"\underline": 0.15}.get(box.command, 0)
        case Fenced():
            return tall(box.body)
        case Scripts():
            return max(1.0, tall(box.base) + 0.1)
        case Matrix():
            gap = (
                1.05
                if any(
                    isinstance(each, Fraction) for row in box.rows for cell in row for each in cell
                )
                else 0.48
            )
            return sum(max(map(tall, row)) + gap for row in box.rows)
        case Lines():
            return sum(tall(row) + 0.35 for row in box.rows)
        case Aligned():
            return max(tall(cell) for cells in box.rows for cell in cells)
    return 1.0


def fitted(row: Row, most: float) -> Row:
    """The display in rows of at most `most` em, as near as it can be done; itself where it fits."""
    if wide(row) <= most:
        return row
    if len(row) == 1 and isinstance(row[0], Aligned):
        head = max((wide(cells[0]) for cells in row[0].rows if len(cells) > 1), default=0)
        rows = []
        for cells in row[0].rows:
            first, *more = lines(cells[-1], max(LEAST, most - head * (len(cells) > 1)))
            rows += [(*cells[:-1], first), *[((),) * (len(cells) - 1) + (line,) for line in more]]
        return (Aligned(tuple(rows)),)
    return (Aligned(tuple((line,) for line in lines(row, most))),)


def lines(row: Row, most: float, worst: int = WORST) -> list[Row]:
    """The row in lines of at most `most` em, broken at nothing worse than `worst`; a line that goes
    on begins with a quad."""
    if wide(row) <= most:
        return [row]
    row = tuple(narrowed(box, most - 2.4) for box in row)
    for level in range(worst + 1):
        if max(map(wide, found := _filled(row, level, most))) <= most:
            break
    for share in (
        0.6,
        0.7,
        0.8,
        0.9,
    ):  # lines of one length look better than a last one that is short
        if (
            len(even := _filled(row, level, share * most)) == len(found)
            and max(map(wide, even)) <= most
        ):
            return even
    return found


def _filled(row: Row, level: int, most: float) -> list[Row]:
    """As much in each line as will go, broken only at places of at most `level`."""
    places = [at for at, rank in enumerate(_ranks(row)) if rank <= level] + [len(row)]
    found, start, end = [], 0, 0
    for place in places:
        if end > start and wide(row[start:place]) > most - (bool(found) and 1):
            found.append(row[start:end])
            start = end
        end = place
    found.append(row[start:])
    return [
        line if not at or line[0] == Glyph(r"\qquad") else (QUAD, *line)
        for at, line in enumerate(found)
    ]


def _ranks(row: Row) -> list[int]:
    """For each place how ill a break before it looks: 0 between equations, 1 a relation, 2 a sign,
    3 a factor, more within brackets."""
    steps = [isinstance(box, Glyph) and (box.tex in OPENING) - (box.tex in CLOSING) for box in row]
    depths = [0, *accumulate(steps)]
    found = []
    for at, box in enumerate(row):
        before = row[at - 1] if at else None
        tex = box.tex if isinstance(box, Glyph) else ""
        rank = (
            99
            if not at
            else 0
            if tex == r"\qquad"
            else 1
            if tex in RELATIONS and at > 1
            else 2
            if tex in SIGNS and _joins(before)
            else 3
            if tex in FACTORS
            or isinstance(box, Matrix | Fenced)
            and isinstance(before, Matrix | Fenced | Scripts)
            else 99
        )
        found.append(rank + 2 * max(0, depths[at]) if rank < 99 else rank)
    return found


def narrowed(box: Box, most: float) -> Box:
    """The box with what is in it broken, where it is wider than `most`."""
    if most < LEAST / 2 or _box(box) <= most:
        return box
    match box:
        case Fraction():
            return replace(box, over=_stacked(box.over, most), under=_stacked(box.under, most))
        case Fenced():
            return replace(box, body=_stacked(box.body, most - 2 * BRACKET))
        case Marked():
            return replace(box, body=_stacked(box.body, most - 1))
        case Scripts():
            return replace(
                box, base=_stacked(box.base, most - SCRIPT * max(wide(box.below), wide(box.above)))
            )
        case Matrix():
            return _narrowed_matrix(box, most)
    return box


def _stacked(row: Row, most: float, worst: int = WORST) -> Row:
    found = lines(row, most, worst)
    return found[0] if len(found) == 1 else (Lines(tuple(found)),)


def _narrowed_matrix(matrix: Matrix, most: float) -> Matrix:
    """One column: each entry over as many lines as it takes. Several: entries over two lines, or
    rows that go on below."""
    columns = _columns(matrix)
    if len(columns) == 1:
        return replace(
            matrix, rows=tuple((_stacked(row[0], most - 2 * BRACKET),) for row in matrix.rows)
        )
    halved = replace(
        matrix,
        rows=tuple(
            tuple(_stacked(cell, max(columns) / 2 + 1, SIGN) for cell in row) for row in matrix.rows
        ),
    )
    if _box(halved) <= most:
        return halved
    room = max(2, int((most - 2 * BRACKET - 1) // (max(columns) + GAP)))
    return replace(
        matrix,
        rows=tuple(
            line
            for number, row in enumerate(matrix.rows)
            for line in _wrapped(row, room, bool(number))
        ),
    )


def _wrapped(row: tuple[Row, ...], room: int, is_later: bool) -> list[tuple[Row, ...]]:
    """A row of a matrix in several lines of `room` entries, with some air above."""
    found = [list(row[at : at + room]) for at in range(0, len(row), room)]
    found[-1] += [()] * (room - len(found[-1]))
    for line in found[1:]:
        line[0] = (QUAD, *line[0])
    if is_later:
        found[0][0] = (Marked("strut", found[0][0]),)
    return [tuple(line) for line in found]

"""The numbers in the tables of a page: each must have been printed, and proved, above.

A cell belongs to the symbol at the head of its row, or else of its column. The cells of one symbol,
in the order of the table, must be values which that symbol had on the page, in that order. `$W$,
row 2, column 1` is an entry of a matrix that the page shows. A symbol that the page never gives a
value of its own may show any number that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from ..algebra.expression import Apply, Expr, Literal, Name
from ..errors import ReadError
from ..markdown.lines import page_lines
from ..numbers.numerals import texts
from ..tex.reader import read
from .recalculation import Finding

NUMBER = re.compile(r"\$(-?\d+(?:\.\d+)?(?:e-?\d+)?)\$")
BARE = re.compile(r"-?\d+(?:\.\d+)?")
SYMBOL = re.compile(r"\$([^$]+)\$(?:, row (?P<row>\d+))?(?:, column (?P<column>\d+))?")

Place = tuple[str, int | None, int | None]  # a symbol, and a row and a column of it, from 1


def table_findings(
    markdown: str, printed: Mapping[str, Sequence[Expr]], stated: Collection[tuple[str, str]] = ()
) -> list[Finding]:
    """The cells that no working bears out. `printed`: the values of each name, in page order;
    `stated`: names with numbers that a key states in full precision, where its workings show
    noise."""
    found, outside = [], None
    for rows in tables(markdown):
        cells: dict[Place, list[tuple[int, str]]] = {}
        header = rows[0][1]
        if any(
            BARE.fullmatch(cell) for _, row in rows[2:] for cell in row[1:]
        ):  # of runs, which another proof has (`proofs/checks.py`)
            continue
        for line, row in rows[2:]:
            for column, cell in enumerate(row):
                number = NUMBER.fullmatch(texts(cell))
                place = (
                    place_of(row[0]) or place_of(header[column])
                    if number and column < len(header)
                    else None
                )
                if number and place:
                    cells.setdefault(place, []).append((line, number[1]))
        for place, numbers in cells.items():
            numbers = [each for each in numbers if (place[0], each[1]) not in stated]
            if place[0] in printed:
                found += _out_of_order(place, numbers, printed[place[0]])
            else:
                outside = (
                    outside
                    if outside is not None
                    else set(
                        re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", texts(_without_tables(markdown)))
                    )
                )
                found += [
                    Finding(line, text, "", f"{text} stands nowhere else on the page")
                    for line, text in numbers
                    if text.lstrip("-") not in outside
                ]
    return found


def tables(markdown: str) -> Iterator[list[tuple[int, list[str]]]]:
    """The pipe tables: for each, its rows as (line, cells)."""
    rows = [
        (line.number, [cell.strip() for cell in line.text.strip("|").split("|")])
        for line in page_lines(markdown)
        if line.kind == "cells"
    ]
    for _, found in groupby(
        enumerate(rows), key=lambda each: each[1][0] - each[0]
    ):  # lines that follow one another
        table = [row for _, row in found]
        if len(table) > 2:
            yield table


def place_of(cell: str) -> Place | None:
    """The name a cell shows, in the spelling of the reader, and which entry of it; None for
    anything else."""
    symbol = SYMBOL.fullmatch(cell)
    try:
        expr = read(symbol[1]) if symbol else None
    except ReadError:
        return None
    return (
        (expr.name, *[int(part) if part else None for part in symbol.group("row", "column")])
        if isinstance(expr, Name)
        else None
    )


def _out_of_order(
    place: Place, numbers: list[tuple[int, str]], values: Sequence[Expr]
) -> list[Finding]:
    """The numbers that are not among `values` once those before them are found."""
    rest = [
        entry.value
        for value in values
        for entry in [_entry(value, *place[1:])]
        if isinstance(entry, Literal)
    ]
    found = []
    for line, text in numbers:
        value = Decimal(text)
        if value in rest:
            del rest[: rest.index(value)]  # the same value may be said twice
        else:
            found.append(Finding(line, text, "", f"{text} is not a value that {place[0]} has here"))
    return found


def _entry(value: Expr, row: int | None, column: int | None) -> Expr | None:
    """The value, or an entry of it; a column has no need of a column's number, a row of a row's."""
    if row is None and column is None:
        return value
    rows = value.args if isinstance(value, Apply) and value.op == "matrix" else ()
    entries = rows[(row or 1) - 1].args if len(rows) >= (row or 1) else ()
    return entries[(column or 1) - 1] if len(entries) >= (column or 1) else None


def _without_tables(markdown: str) -> str:
    return "\n".join(line for line in markdown.splitlines() if not line.startswith("|"))

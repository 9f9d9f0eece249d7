"""The numbers in the tables of a page: each must have been printed, and proved, above.

A cell belongs to the symbol at the head of its row, or else of its column. The cells of one symbol, in the
order of the table, must be values which that symbol had on the page, in that order. A symbol that the
page never gives a value of its own (an entry of a matrix) may show any number that stands on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from .errors import ReadError
from .expression import Expr, Literal, Name
from .repunch import Finding
from .texreader import read

NUMBER = re.compile(r"\$(-?\d+(?:\.\d+)?)\$")
SYMBOL = re.compile(r"\$([^$]+)\$")


def table_findings(markdown: str, printed: Mapping[str, Sequence[Expr]]) -> list[Finding]:
    """The cells that no working bears out. `printed`: the values of each name, in page order."""
    found, outside = [], None
    for rows in tables(markdown):
        cells: dict[str, list[tuple[int, str]]] = {}
        header = rows[0][1]
        for line, row in rows[2:]:
            for column, cell in enumerate(row):
                number = NUMBER.fullmatch(cell)
                symbol = name_of(row[0]) or name_of(header[column]) if number and column < len(header) else None
                if number and symbol:
                    cells.setdefault(symbol, []).append((line, number[1]))
        for symbol, numbers in cells.items():
            if symbol in printed:
                found += _out_of_order(symbol, numbers, printed[symbol])
            else:
                outside = outside if outside is not None else set(re.findall(r"\d+(?:\.\d+)?", _without_tables(markdown)))
                found += [Finding(line, text, "", f"{text} stands nowhere else on the page")
                          for line, text in numbers if text.lstrip("-") not in outside]
    return found


def tables(markdown: str) -> Iterator[list[tuple[int, list[str]]]]:
    """The pipe tables: for each, its rows as (line, cells)."""
    numbered = enumerate(markdown.splitlines(), start=1)
    for is_table, lines in groupby(numbered, key=lambda line: line[1].startswith("|")):
        rows = [(number, [cell.strip() for cell in text.strip("|").split("|")]) for number, text in lines] if is_table else []
        if len(rows) > 2:
            yield rows


def name_of(cell: str) -> str | None:
    """The name a cell shows, in the spelling of the reader; None for anything else."""
    symbol = SYMBOL.fullmatch(cell)
    try:
        expr = read(symbol[1]) if symbol else None
    except ReadError:
        return None
    return expr.name if isinstance(expr, Name) else None


def _out_of_order(symbol: str, numbers: list[tuple[int, str]], values: Sequence[Expr]) -> list[Finding]:
    """The numbers that are not among `values` once those before them are found."""
    rest = [value.value for value in values if isinstance(value, Literal)]
    found = []
    for line, text in numbers:
        value = Decimal(text)
        if value in rest:
            del rest[:rest.index(value)]       # the same value may be said twice
        else:
            found.append(Finding(line, text, "", f"{text} is not a value that {symbol} has here"))
    return found


def _without_tables(markdown: str) -> str:
    return "\n".join(line for line in markdown.splitlines() if not line.startswith("|"))

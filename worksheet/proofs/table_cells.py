"""The cells of a page's tables against the trace: what a symbol is worth, and in which order.

| Parameter | before | after the update |          a row that begins with a symbol: its values, the first, ..., the last
| Epoch | $L$ |                                   a column below a symbol: its values, one after another
| Neuron | $x_1$ | bias |                        a row of a unit: the weight from the head of a column, and its bias
| $h_1$ | $w_1 = 0.1$ | $b_1 = 0.2$ |
| $a_h$ | (a) | $0.62246$ | $[0.62245, 0.62247]$ |     a key: a value or a form of the symbol, and what is accepted for it
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ..errors import ReadError
from ..markdown.authored import is_authored
from ..recalculation.tables import tables
from ..tex.reader import read
from .inventory import Inventory, Reading, read_from_page, target_of

SYMBOL = re.compile(
    r"(?:[^$]*: |a step of )?\$([^$]+)\$(, .*)?"
)  # `, row 2, column 1`, or the number of a step
GIVEN = re.compile(r"\$([^$=]+) = [^$=]+\$")
NEURON, BIAS = "Neuron", "bias"
CELL = re.compile(r"(?:\*\*[A-Z]\)\*\* )?\$([^$]+)\$")

Finding = tuple[int, str, str]
Rows = list[tuple[int, list[str]]]


def value_findings(
    inventory: Inventory, markdown: str, authored: Collection[str] = frozenset()
) -> list[Finding]:
    """The cells that are no value and no form of the symbol they stand for, or not in the order of
    the solution."""
    found: list[Finding] = []
    lines = markdown.splitlines() if authored else ()
    shown = [
        rows
        for rows in tables(markdown)
        if not authored or not is_authored(lines, rows[0][0], rows[-1][0], authored)
    ]
    found += _wrong_edges(inventory, [rows for rows in shown if rows[0][1][0] == NEURON])
    for rows in shown:
        heads = [head_target(cell) for cell in rows[0][1]]
        columns: dict[int, list[tuple[int, Reading]]] = {}
        for line, row in rows[2:]:
            own = head_target(row[0])
            # a blank of a key: what it is of stands in the second cell
            own, first = (
                (own, 1)
                if own
                else (
                    head_target(row[1])
                    if len(row) > 1 and re.fullmatch(r"\(\d+\)", row[0])
                    else "",
                    2,
                )
            )
            values = []
            for place, cell in enumerate(row[first:], start=first):
                reading = cell_reading(cell)
                target = own or (heads[place] if place < len(heads) else "")
                if reading is None or not target:
                    continue
                if not _is_of(inventory, target, reading):
                    found.append(
                        (line, cell, f"{cell.strip('$')} is no value and no form of {target}")
                    )
                elif own and len(reading) == 1:
                    values.append((line, reading))
                elif not own:
                    columns.setdefault(place, []).append((line, reading))
            if (
                len(values) > 1
                and own in inventory.history
                and not _goes_through([each for _, each in values], inventory.history[own])
            ):
                found.append(
                    (line, row[0], f"these are not the values of {own} from the first to the last")
                )
        for place, cells in columns.items():
            if (
                len(cells) > 1
                and not any(inventory.is_small(each[0]) for _, each in cells)
                and not _runs_in(
                    [each for _, each in cells], inventory.history.get(heads[place], ())
                )
            ):
                found.append(
                    (
                        cells[0][0],
                        rows[0][1][place],
                        f"these are not the values of {heads[place]} one after another",
                    )
                )
    return found


def _wrong_edges(inventory: Inventory, shown: list[Rows]) -> Iterator[Finding]:
    """Tables of neurons are of their weights: each cell holds that of its row and its column, and
    all of them are there."""
    edges, seen = _edges(inventory) if shown else {}, set()
    for rows in shown:
        for line, row in rows[2:]:
            for head, cell in zip(rows[0][1][1:], row[1:]):
                ends = head_target(head) or head, head_target(row[0])
                wanted = edges.get(ends, "")
                if (target_of(match[1]) if (match := GIVEN.fullmatch(cell)) else cell) != wanted:
                    yield (
                        line,
                        cell,
                        f"{wanted or 'nothing'} goes from {head.strip('$')} to {row[0].strip('$')}",
                    )
                seen.add(ends)
    if missing := [edge for ends, edge in edges.items() if ends not in seen]:
        yield shown[0][0][0], missing[0], f"{missing[0]} is in no table"


def _edges(inventory: Inventory) -> dict[tuple[str, str], str]:
    """The weight from each input and unit to a unit, and the bias of each unit; all by their
    targets."""
    found: dict[tuple[str, str], str] = {}
    if inventory.problem.layers:
        sources = list(inventory.problem.network.inputs)
        for layer in inventory.problem.layers:
            for unit in layer.units:
                found |= {
                    (inventory.target(source), inventory.target(unit.a)): inventory.target(weight)
                    for source, weight in zip(sources, unit.weights)
                }
                found |= {
                    (BIAS, inventory.target(unit.a)): inventory.target(bias) for bias in unit.bias
                }
            sources = [unit.a for unit in layer.units]
    return found


def head_target(cell: str) -> str:
    """The quantity whose symbol is all that a cell holds; empty where it holds another thing."""
    match = SYMBOL.fullmatch(cell)
    return target_of(match[1]) if match else ""


def cell_reading(cell: str) -> Reading | None:
    """What a cell holds, if it is a formula; None for words, blanks and relations."""
    match = CELL.fullmatch(cell)
    if not match or any(sign in match[1] for sign in ("=", r"\approx")):
        return None
    try:
        return read_from_page(read(match[1]))
    except ReadError:
        return None


def _is_of(inventory: Inventory, target: str, reading: Reading) -> bool:
    """Whether a symbol has this value or this form anywhere in the solution."""
    if reading[:2] == ("(matrix1", "(row2") and inventory.accepts(reading):
        return True
    values, chains = inventory.history.get(target, ()), inventory.chains.get(target, ())
    if not values and not chains:
        return target in inventory.words and not reading[0].lstrip("-")[:1].isdigit()
    if (
        reading in values
        or any(reading == form for _, lines in chains for form, _ in lines)
        or len(reading) == 1
        and inventory.is_small(reading[0])
    ):
        return True
    # an entry of a matrix; a number on the way to a result, which is a blank of a fading
    return len(reading) == 1 and (
        any(reading[0] in value for value in values if len(value) > 1)
        or any(reading[0] in form for _, lines in chains for form, _ in lines)
        or (target, reading[0]) in inventory.stated
    )


def _goes_through(cells: list[Reading], history: Sequence[Reading]) -> bool:
    """Whether the cells are the first value, some of those after it in order, and the last."""
    left: Iterator[Reading] = iter(history)
    return (
        cells[0] == history[0] and cells[-1] == history[-1] and all(cell in left for cell in cells)
    )


def _runs_in(cells: list[Reading], history: Sequence[Reading]) -> bool:
    """Whether the cells are values that follow one another."""
    return any(
        list(history[start : start + len(cells)]) == cells
        for start in range(len(history) - len(cells) + 1)
    )

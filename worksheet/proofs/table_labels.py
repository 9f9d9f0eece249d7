r"""What the heads of rows and columns say: which update, which epoch, how many marks.

| Parameter | before | after update 1 | after update 2 |       the value after that update
| Epoch | $L$ |     1, 2, after update 2                       counted from the first to the last
| Quantity | Task | Method | Result |                          the marks of a task are its points, together those of the page
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import count, pairwise

from ..markdown.authored import is_authored
from ..recalculation.tables import tables
from .inventory import Inventory
from .table_cells import cell_reading, head_target

AFTER = re.compile(r"after (?:the update|update (\d+))")
TASK = re.compile(r"\*\*\(([a-z]+)\)\*\* .*\*\(([\d.]+) points?\)\*")
TOTAL = re.compile(r"\*\*Points:\*\* _+ of ([\d.]+)|\b[Tt]ogether ([\d.]+) points")
LETTER = re.compile(r"\(([a-z]+)\)")
STEP = re.compile(r"\$([^$]+)\$, step (\d+)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ITEM = re.compile(r"(\d+)\. ")

Finding = tuple[int, str, str]
Rows = list[tuple[int, list[str]]]


def label_findings(
    inventory: Inventory, markdown: str, authored: Collection[str] = frozenset()
) -> Iterator[Finding]:
    """The heads of rows and columns that say something else than their cells, marks and points that
    do not add up, lists that do not count up."""
    lines = markdown.splitlines()
    shown = [
        rows
        for rows in tables(markdown)
        if not is_authored(lines, rows[0][0], rows[-1][0], authored)
    ]
    for rows in shown:
        match rows[0][1][0]:
            case "Parameter":
                yield from _updates(inventory, rows)
            case "Epoch":
                last = inventory.problem.epochs
                wanted = [
                    *map(str, range(1, last + 1)),
                    "after the update" if last == 1 else f"after update {last}",
                ]
                yield from (
                    (line, row[0], f"this row is the one of {each}")
                    for (line, row), each in zip(rows[2:], wanted)
                    if row[0] != each
                )
            case "Updates":
                yield from (
                    (line, row[0], f"this row is the one after {each} updates")
                    for (line, row), each in zip(rows[2:], count())
                    if row[0] != str(each)
                )
    yield from _steps(shown)
    yield from _points(lines, shown)
    numbered = [
        (number, int(match[1]), line)
        for number, line in enumerate(lines, start=1)
        if line[:1].isdigit() and (match := ITEM.match(line)) and line.strip() not in authored
    ]
    for (above, one, _), (number, other, line) in pairwise(numbered):
        if other != one + 1 and (other != 1 or number == above + 1):
            yield number, line, f"item {other} stands below item {one}"


def _updates(inventory: Inventory, rows: Rows) -> Iterator[Finding]:
    """Each column of parameters holds what they are before all updates, or after the one it names."""
    line, heads = rows[0]
    places: list[int | None] = [
        0 if head == "before" else int(match[1] or 1) if (match := AFTER.fullmatch(head)) else None
        for head in heads[1:]
    ]
    is_one = inventory.problem.epochs == 1
    if (
        None in places
        or places != sorted(set(places))
        or places[:1] != [0]
        or any((head == "after the update") != is_one for head in heads[2:])
    ):
        yield line, " | ".join(heads), "these are not updates in their order"
        return
    for number, row in rows[2:]:
        history = inventory.history.get(head_target(row[0]), ())
        for place, cell in zip(places, row[1:]):
            reading = cell_reading(cell)
            if (
                reading is not None
                and place is not None
                and (place >= len(history) or history[place] != reading)
            ):
                yield (
                    number,
                    cell,
                    f"{cell.strip('$')} is not what {row[0].strip('$')} is after {place} updates",
                )


def _steps(shown: list[Rows]) -> Iterator[Finding]:
    """The steps of a derivation rise from row to row, and are the same in each table that names
    them."""
    known: dict[str, list[int]] = {}
    for rows in shown:  # not those of blanks, which may be of several derivations of one symbol
        if rows[0][1][0] != "Quantity":
            continue
        own: dict[str, list[int]] = {}
        for line, row in rows[2:]:
            if match := STEP.fullmatch(row[0]):
                steps = own.setdefault(match[1], [])
                steps.append(int(match[2]))
                if steps != sorted(set(steps)):
                    yield line, row[0], f"step {match[2]} does not come after step {steps[-2]}"
        for symbol, steps in own.items():
            if known.setdefault(symbol, steps) != steps:
                yield (
                    rows[0][0],
                    f"${symbol}$",
                    f"elsewhere on the page its steps are {', '.join(map(str, known[symbol]))}, here {', '.join(map(str, steps))}",
                )


def _points(lines: list[str], shown: list[Rows]) -> Iterator[Finding]:
    """The marks of each task are its points, and the points of all tasks those of the page."""
    points = {
        match[1]: (number, Decimal(match[2]))
        for number, line in enumerate(lines, start=1)
        if line.startswith("**(") and (match := TASK.fullmatch(line.strip()))
    }
    if not points:
        return
    marks: dict[str, Decimal] = {}
    for rows in shown:
        if rows[0][1][:2] == ["Quantity", "Task"] and "Answer" not in rows[0][1]:
            for _, row in rows[2:]:
                letter = LETTER.fullmatch(row[1])
                worth = sum(
                    (Decimal(cell) for cell in row[2:] if NUMBER.fullmatch(cell)), Decimal(0)
                )
                marks[letter[1] if letter else ""] = (
                    marks.get(letter[1] if letter else "", Decimal(0)) + worth
                )
    for letter, (number, worth) in points.items() if marks else ():
        if marks.get(letter) != worth:
            yield (
                number,
                f"({letter})",
                f"the steps of ({letter}) are worth {marks.get(letter, 0)} points, not {worth}",
            )
    for number, line in enumerate(lines, start=1):
        if (match := TOTAL.search(line)) and sum(worth for _, worth in points.values()) != Decimal(
            match[1] or match[2]
        ):
            yield (
                number,
                line,
                f"the tasks are worth {sum(worth for _, worth in points.values())} points together",
            )

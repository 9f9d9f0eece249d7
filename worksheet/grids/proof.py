"""A grid proved from what is written: every number read back, and worked out again from the numbers
that stand around it.

    0.05  0.10  1
    0.15  0.20  0.35  ->  0.3775       0.15 * 0.05 + 0.20 * 0.10 + 0.35 * 1 = 0.3775

Rows and columns are those on paper, by their millimetres: a number in the wrong place is found even
if it is a right one. Each relation is an interval: a number that was rounded may be off by half a
unit of its last place, and each step on the way to a result by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log, nan, tanh
from typing import Any

from ..judge.failure import Failure
from ..problem import Layer
from ..trace.trace import Event, Trace
from .headings import heading_failures
from .page import BACKWARD, FORWARD, NEW, PASSES, is_short, matrices_of

SURE = 1e-11  # what floats may be off; no cell has room for so many digits
E_OFF = 1e-6  # relative: what the digits of e that are printed are off
COLUMNS = ("z", "power", "slope", "a", "target")  # to the right of the weights, in this order
APART = 0.05  # millimetres within which two cells stand in one column or row
DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.]*\d)")
FUNCTIONS = {"sigmoid": lambda z: 1 / (1 + exp(-z)), "tanh": tanh, "relu": lambda z: max(0.0, z)}
Range = tuple[float, float]
ONE, LEAST = (1.0, 1.0), 1e-300


@dataclass(frozen=True)
class Shown:
    """A cell as it is written, and between which numbers what it shows may lie; reach: how far
    rounding on the way to it may have taken it."""

    x: float
    y: float
    part: str
    of: str
    text: str
    range: Range
    reach: float
    middle: float  # millimetres from above to the middle of the cell


def grid_failures(trace: Trace, sheet: str, key: str) -> tuple[int, list[Failure]]:
    """How many relations were worked out again, and what does not hold; `sheet` and `key` are what
    is written."""
    blank, filled = json.loads(sheet), json.loads(key)
    checked, failures = _proved(trace, filled, PASSES)
    return checked, [*_unlike(blank, filled), *_told(trace, blank, filled), *failures]


def fence_failures(trace: Trace, text: str) -> list[Failure]:
    """What does not hold in the grid of a task, whose open cells are empty or filled: proved with
    the numbers that belong there, and no empty cell elsewhere; on a key, as it is."""
    try:
        data = json.loads(text)
        if not data["is-key"]:
            for cell in (
                cell for page in data["pages"] for cell in page["cells"] if cell["is-open"]
            ):
                if cell["text"]:
                    return [
                        Failure(
                            "grid",
                            ", ".join(map(str, cell["place"])),
                            cell["text"],
                            "",
                            f"the cell of {cell['of']} is to be filled in and shows {cell['text']}",
                        )
                    ]
                cell["text"] = trace.events[cell["event"]].shown
        passes = tuple(
            dict.fromkeys(cell["place"][0] for page in data["pages"] for cell in page["cells"])
        )
        if (
            not passes
            or passes != PASSES[: len(passes)]
            or any(page["epoch"] != 1 for page in data["pages"])
        ):
            return [
                Failure(
                    "grid",
                    "",
                    " and ".join(passes),
                    " and ".join(PASSES),
                    "a grid has the passes of the first epoch, from the first on",
                )
            ]
        return _proved(trace, data, passes)[1]
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        return [Failure("grid", "", "", "", f"this is no grid: {fault}")]


def _proved(
    trace: Trace, filled: dict[str, Any], passes: tuple[str, ...]
) -> tuple[int, list[Failure]]:
    """How many relations between the cells of some passes were worked out again, and what does not
    hold."""
    failures, checked = list(heading_failures(trace, filled)), 0
    for epoch in sorted({page["epoch"] for page in filled["pages"]}):
        cells = [
            cell for page in filled["pages"] if page["epoch"] == epoch for cell in page["cells"]
        ]
        failures += _misread(trace, cells, epoch)
        reading = Reading(trace, cells, epoch, passes)
        failures += reading.missing()
        for where, of, text, range_ in () if failures else reading.relations():
            checked += 1
            if not range_[0] <= float(text) <= range_[1]:
                failures.append(
                    Failure(
                        "grid",
                        where,
                        text,
                        f"{range_[0]:.10g} to {range_[1]:.10g}",
                        f"what stands around {of} does not give {text}",
                    )
                )
    return checked, failures


def _misread(trace: Trace, cells: list[dict[str, Any]], epoch: int) -> Iterator[Failure]:
    """Cells whose text is not what the trace has for the quantity that they name."""
    for cell in cells:
        place, event = ", ".join(map(str, cell["place"])), cell["event"]
        if event is None:
            known, shown = cell["of"] == "" and cell["place"][2] == "input", "1"
        else:
            known, shown = (
                event in _events(trace, cell["of"], cell["place"], epoch),
                trace.events[event].shown,
            )
        if not known or cell["text"] != shown:
            yield Failure(
                "grid",
                place,
                cell["text"],
                str(shown),
                f"the cell of {cell['of'] or 'the bias'} shows {cell['text']}"
                + f" and is {shown}" * known,
            )


def _events(trace: Trace, name: str, place: list, epoch: int) -> set[int]:
    """The events that may stand behind the name of a cell."""
    passing, _, part, row, _ = place
    later = epoch + (passing == NEW)
    phase, at = (
        ("check", epoch)
        if passing == NEW and epoch == trace.problem.epochs
        else ("backward", epoch)
        if passing == BACKWARD
        else ("forward", later)
    )
    if part in ("power", "total"):
        outputs = [
            trace.find(unit.a, at, phase).event
            for unit in matrices_of(trace.problem).layers[-1].units
        ]
        return (
            {trace.events[outputs[row]].operands[0]}
            if part == "power"
            else {trace.events[event].operands[1] for event in outputs}
        )
    if part == "loss":
        phase = "check" if phase == "check" else "loss"
    working = trace.get(name, at, phase)
    return (
        {working.event}
        if working
        else {trace.holder(name, later)}
        if name in trace.givens
        else set()
    )


def _unlike(blank: dict[str, Any], filled: dict[str, Any]) -> Iterator[Failure]:
    """The sheet is the key without the texts of its open cells."""
    emptied = [
        page
        | {"cells": [cell | {"text": ""} if cell["is-open"] else cell for cell in page["cells"]]}
        for page in filled["pages"]
    ]
    if (
        blank | {"pages": [], "is-key": True} != filled | {"pages": []}
        or blank["pages"] != emptied
        or blank["is-key"]
    ):
        yield Failure(
            "grid",
            "",
            "",
            "",
            "the sheet differs from its key in more than the numbers of open cells",
        )


def _told(trace: Trace, blank: dict[str, Any], filled: dict[str, Any]) -> Iterator[Failure]:
    """Numbers that a student is to find and that the sheet's words have."""
    cells = [cell for page in filled["pages"] for cell in page["cells"]]
    secret = {cell["text"].lstrip("-") for cell in cells if cell["is-open"]} - {
        cell["text"].lstrip("-") for cell in cells if not cell["is-open"]
    }
    for number in DECIMAL.findall(f"{blank['title']} {blank['course']}"):
        if number in secret:
            yield Failure(
                "secrecy", "title", number, "", f"the answer {number} stands in words of the spec"
            )
    if wrong := [
        cell["of"] for cell in cells if cell["is-open"] and not trace.events[cell["event"]].operands
    ]:
        yield Failure("grid", "", "", "", f"{wrong[0]} is given and stands empty on the sheet")


NOWHERE = Shown(nan, nan, "", "nothing", "nan", (nan, nan), nan, nan)


class Reading:
    """The grid of an epoch as a reader sees it: rows and columns of each part, by their places on
    paper."""

    def __init__(
        self,
        trace: Trace,
        cells: list[dict[str, Any]],
        epoch: int,
        passes: tuple[str, ...] = PASSES,
    ):
        self.trace, self.network, self.epoch, self.passes = (
            trace,
            matrices_of(trace.problem),
            epoch,
            passes,
        )
        self.kinds = {working.event: working.kind for working in trace.workings}
        self.parts: dict[tuple[str, int, str], list[Shown]] = {}
        for cell in cells:
            passing, layer, part, *_ = cell["place"]
            self.parts.setdefault((passing, layer, part), []).append(self.shown(cell, part))

    def shown(self, cell: dict[str, Any], part: str) -> Shown:
        """A cell with the numbers that its text may stand for, and how far rounding may have taken
        it: not at all where nothing was worked out."""
        value = float(cell["text"] or 0)
        reach = off = 0.0
        if cell["event"] is not None and (event := self.trace.events[cell["event"]]).operands:
            kind = self.kinds.get(cell["event"], "prediction")
            off = 0.0 if self.trace.problem.rounding.policy == "carry" else self.unit(event, kind)
            reach = self.unit(event, kind) + self.reach(event, kind)
        return Shown(
            cell["x"],
            cell["y"],
            part,
            cell["of"],
            cell["text"],
            (value - off, value + off),
            reach,
            cell["y"] + cell["height"] / 2,
        )

    def unit(self, event: Event, kind: str) -> float:
        """One of the last digit that is shown of a result."""
        if event.is_exact and event.exact == (
            event.value if event.shown is None else Decimal(event.shown)
        ):
            return 0.0
        last = max(
            self.trace.problem.rounding.last_digit(value, kind)
            for value in (event.exact, event.value)
        )
        return float(Decimal((0, (1,), last)))

    def reach(self, event: Event, kind: str) -> float:
        """One of the last digit of each step that was rounded on the way from other quantities to a
        result, added."""
        steps = [(self.trace.events[operand], operand) for operand in event.operands]
        return sum(
            self.unit(step, kind) + self.reach(step, kind)
            for step, operand in steps
            if step.operands and operand not in self.kinds
        )

    def grid(self, passing: str, layer: int, *parts: str) -> list[list[Shown]]:
        """The cells of some parts in rows from above, each from the left."""
        rows: list[list[Shown]] = []
        for cell in sorted(
            (each for part in parts for each in self.parts.get((passing, layer, part), [])),
            key=lambda each: each.y,
        ):
            if rows and abs(rows[-1][0].y - cell.y) < APART:
                rows[-1].append(cell)
            else:
                rows.append([cell])
        return [sorted(row, key=lambda each: each.x) for row in rows]

    def column(self, passing: str, layer: int, part: str) -> list[Shown]:
        """The cells of a part, from above."""
        return sorted(self.parts.get((passing, layer, part), []), key=lambda each: each.y)

    def missing(self) -> Iterator[Failure]:
        """Parts of the network that do not have the cells they ought to have, in rows as they ought
        to stand."""
        for index, layer in enumerate(self.network.layers, start=1):
            for passing in self.passes:
                for part, wanted in self.wanted(passing, index, layer).items():
                    if (
                        found := list(map(len, self.grid(passing, index, *part.split())))
                    ) != wanted:
                        yield Failure(
                            "grid",
                            f"{passing}, layer {index}, {part}",
                            str(found),
                            str(wanted),
                            "cells are missing, there are too many, or they stand in other rows",
                        )
                if crooked := next(self.crooked(passing, index), ""):
                    yield Failure(
                        "grid",
                        f"{passing}, layer {index}",
                        "",
                        "",
                        f"{crooked} stands out of its column or row",
                    )

    def crooked(self, passing: str, index: int) -> Iterator[str]:
        """What does not stand in line: the columns of a layer have one x and follow each other from
        the left, with the rows of its weights."""
        rows = self.grid(passing, index, "weight", "bias")
        yield from (cell.of for row in rows for cell in row if at(rows[0], cell.x) is NOWHERE)
        across = max((cell.x for row in rows for cell in row), default=0.0)
        for part in COLUMNS:
            column = self.column(passing, index, part)
            yield from (
                cell.of
                for cell, row in zip(column, rows)
                if abs(cell.x - column[0].x) > APART
                or cell.x <= across
                or abs(cell.middle - row[0].middle) > APART
            )
            across = column[0].x if column else across

    def wanted(self, passing: str, index: int, layer: Layer) -> dict[str, list[int]]:
        """How many cells stand in each row of each part."""
        column, is_last, is_back = (
            [1] * len(layer.units),
            index == len(self.network.layers),
            passing == BACKWARD,
        )
        has_slope = layer.activation != "identity" and not (
            is_last and is_short(self.trace.problem)
        )
        inputs, biases = len(layer.units[0].weights), any(unit.bias for unit in layer.units)
        found = {
            "weight bias": [
                inputs + len(unit.bias) * (layer.trained_bias or not is_back)
                for unit in layer.units
            ],
            "z": column,
        }
        if is_back:
            return found | {
                "a": column * has_slope,
                "slope": column * has_slope,
                "below": [inputs] if index > 1 else [],
            }
        is_softmax = layer.activation == "softmax"
        return found | {
            "input": [inputs + biases],
            "a": column * (layer.activation != "identity"),
            "power": column * is_softmax,
            "total": [1] * is_softmax,
            "target": column * is_last,
            "loss": [1] * is_last,
        }

    def relations(self) -> Iterator[tuple[str, str, str, Range]]:
        """Where, of what, its text, and between which numbers it must lie by what stands around it."""
        for index, layer in enumerate(self.network.layers, start=1):
            yield from self.forward(FORWARD, index, layer)
            if BACKWARD in self.passes:
                yield from self.backward(index, layer)
            if NEW in self.passes:
                yield from self.forward(NEW, index, layer)
                yield from self.stepped(index, layer)

    def said(
        self, where: str, cell: Shown, range_: Range, off: float = 0.0
    ) -> tuple[str, str, str, Range]:
        """A relation: the cell's number lies in `range_`, or beside it by no more than rounding on
        the way (its reach, and `off`)."""
        reach = cell.reach + off + SURE * max(1.0, *map(abs, range_))
        return where, cell.of, cell.text, (range_[0] - reach, range_[1] + reach)

    def copied(self, where: str, cell: Shown, other: Shown) -> tuple[str, str, str, Range]:
        """A relation: the cell has the number of another, to the digit."""
        return where, cell.of, cell.text, (float(other.text), float(other.text))

    def forward(
        self, passing: str, index: int, layer: Layer
    ) -> Iterator[tuple[str, str, str, Range]]:
        """z = w x + b of each row, a = g(z), the loss of the outputs; and what is copied from the
        layer before."""
        where, above = f"{passing}, layer {index}", self.grid(passing, index, "input")[0]
        for row, z in zip(
            self.grid(passing, index, "weight", "bias"),
            self.column(passing, index, "z"),
            strict=True,
        ):
            yield self.said(
                where, z, total(times(weight.range, at(above, weight.x).range) for weight in row)
            )
        pairs = zip(self.column(passing, index, "z"), self.column(passing, index, "a"))
        if layer.activation == "softmax":
            yield from self.softmax(where, passing, index)
        elif layer.activation == "leaky-relu":
            slope = float(layer.slope.value)
            yield from (
                self.said(where, a, tuple(max(slope * end, end) for end in z.range))
                for z, a in pairs
            )
        elif layer.activation != "identity":
            yield from (
                self.said(where, a, tuple(map(FUNCTIONS[layer.activation], z.range)))
                for z, a in pairs
            )
        if index == len(self.network.layers):
            outputs, targets = (
                self.column(passing, index, "a") or self.column(passing, index, "z"),
                self.column(passing, index, "target"),
            )
            [loss] = self.column(passing, index, "loss")
            ends = [
                abs(end)
                for one, other in zip(outputs, targets)
                for end in (*less(one.range, other.range), *other.range)
            ]
            yield self.said(
                where,
                loss,
                self.lost([one.range for one in outputs], [one.range for one in targets]),
                2 * max(ends) * loss.reach,
            )  # squared, or times a target
        if index > 1:  # what is copied
            before = self.column(passing, index - 1, "a") or self.column(passing, index - 1, "z")
            yield from (self.copied(where, one, other) for one, other in zip(above, before))

    def softmax(
        self, where: str, passing: str, index: int
    ) -> Iterator[tuple[str, str, str, Range]]:
        """e^z, or e^(z - max z), of each row, their total, and the share of each in it."""
        z, powers, outputs = (self.column(passing, index, part) for part in ("z", "power", "a"))
        [whole] = self.column(passing, index, "total")
        shift = max(each.range[0] for each in z)
        shifts = (
            (0.0, shift)
            if abs(float(max(powers, key=lambda each: float(each.text)).text) - 1) < SURE
            else (0.0,)
        )
        for score, power in zip(z, powers, strict=True):
            ends = [
                (exp(score.range[0] - less), exp(score.range[1] - less))
                for less in shifts
                if score.range[1] - less < 700
            ]
            nearest = min(ends, key=lambda each: abs(float(power.text) - each[0]))
            yield self.said(where, power, nearest, E_OFF * nearest[1] * max(map(abs, score.range)))
        yield self.said(where, whole, total(power.range for power in powers))
        for power, output in zip(powers, outputs, strict=True):
            yield self.said(
                where, output, (power.range[0] / whole.range[1], power.range[1] / whole.range[0])
            )

    def lost(self, outputs: list[Range], targets: list[Range]) -> Range:
        """The loss of some outputs."""
        if (factor := self.factor(len(outputs))) is not None:
            return times(
                (factor / 2, factor / 2),
                total(
                    square(less(output, target))
                    for output, target in zip(outputs, targets, strict=True)
                ),
            )
        terms = [
            times(target, logs(output)) for output, target in zip(outputs, targets, strict=True)
        ]
        if self.network.loss == "binary-cross-entropy":
            terms += [
                times(less(ONE, target), logs(less(ONE, output)))
                for output, target in zip(outputs, targets, strict=True)
            ]
        return less((0.0, 0.0), total(terms))

    def factor(self, count: int) -> float | None:
        """What stands before output minus target in the derivative of a squared loss."""
        return {
            "half-squared-error": 1.0,
            "squared-error": 2.0,
            "mean-squared-error": 2.0 / count,
        }.get(self.network.loss)

    def backward(self, index: int, layer: Layer) -> Iterator[tuple[str, str, str, Range]]:
        """dL/dz = g'(z) dL/da, below each weight dL/dw = x dL/dz, below each input the sum of w
        dL/dz; of the last layer what the loss sends back, of the others what is copied."""
        where, errors = f"backward, layer {index}", self.column(BACKWARD, index, "z")
        sums, outputs = self.column(FORWARD, index, "z"), self.column(FORWARD, index, "a")
        for row, (slope, a) in enumerate(
            zip(self.column(BACKWARD, index, "slope"), self.column(BACKWARD, index, "a"))
        ):
            yield self.said(where, errors[row], times(slope.range, a.range))
            yield self.said(where, slope, slope_of(layer, sums[row].range, outputs[row].range))
        if index == len(self.network.layers):
            outputs, targets = (
                self.column(FORWARD, index, "a") or self.column(FORWARD, index, "z"),
                self.column(FORWARD, index, "target"),
            )
            factor = 1.0 if is_short(self.trace.problem) else self.factor(len(outputs))
            for first, output, target in zip(
                self.column(BACKWARD, index, "a") or errors, outputs, targets, strict=True
            ):
                yield self.said(
                    where,
                    first,
                    times((factor, factor), less(output.range, target.range)),
                    factor * first.reach,
                )
        above = self.grid(FORWARD, index, "input")[0]
        for row, error in zip(self.grid(BACKWARD, index, "weight", "bias"), errors, strict=True):
            yield from (
                self.said(where, cell, times(error.range, at(above, cell.x).range)) for cell in row
            )
        weights = self.grid(FORWARD, index, "weight")
        for cell in self.column(BACKWARD, index, "below"):
            yield self.said(
                where,
                cell,
                total(
                    times(error.range, at(row, cell.x).range)
                    for error, row in zip(errors, weights, strict=True)
                ),
            )
        if index < len(self.network.layers):
            sent = sorted(self.column(BACKWARD, index + 1, "below"), key=lambda each: each.x)
            held = self.column(BACKWARD, index, "a") or errors
            yield from (
                self.copied(where, one, other) for one, other in zip(held, sent, strict=True)
            )

    def stepped(self, index: int, layer: Layer) -> Iterator[tuple[str, str, str, Range]]:
        """Old weight - rate * gradient, each below the other."""
        rate = float(self.trace.problem.learning_rate.value)
        old, gradients, new = (
            self.grid(passing, index, "weight", "bias") for passing in (FORWARD, BACKWARD, NEW)
        )
        for before, below, after in zip(old, gradients, new, strict=True):
            for one in before:
                is_kept = one.part == "bias" and not layer.trained_bias
                step = (0.0, 0.0) if is_kept else times((-rate, -rate), at(below, one.x).range)
                yield self.said(f"new, layer {index}", at(after, one.x), total([one.range, step]))


def slope_of(layer: Layer, z: Range, a: Range) -> Range:
    """The derivative of an activation, where z and a lie so."""
    if layer.activation == "sigmoid":
        return times(a, less(ONE, a))
    if layer.activation == "tanh":
        return less(ONE, square(a))
    low = float(layer.slope.value) if layer.activation == "leaky-relu" else 0.0
    ends = [1.0 if end > 0 else low for end in z]
    return min(ends), max(ends)


def at(row: list[Shown], x: float) -> Shown:
    """The cell of a row that stands in a column; where there is none, one that is no number."""
    return next((cell for cell in row if abs(cell.x - x) < APART), NOWHERE)


def times(one: Range, other: Range) -> Range:
    """From the least to the largest product of a number in one and a number in the other."""
    ends = [a * b for a in one for b in other]
    return min(ends), max(ends)


def less(one: Range, other: Range) -> Range:
    """From the least to the largest difference, one - other."""
    return one[0] - other[1], one[1] - other[0]


def square(one: Range) -> Range:
    """From the least to the largest square; 0 where the range has both signs."""
    ends = sorted(abs(end) for end in one)
    return 0.0 if one[0] < 0 < one[1] else ends[0] ** 2, ends[1] ** 2


def logs(one: Range) -> Range:
    """Natural logarithms; of 0, as far down as any number that is shown."""
    return log(max(one[0], LEAST)), log(max(one[1], LEAST))


def total(ranges: Iterable[Range]) -> Range:
    """The sum of at least one range, end by end."""
    lows, highs = zip(*ranges)
    return sum(lows), sum(highs)

"""What a key accepts: the hull over the legitimate ways of rounding, and half a unit of the last place beyond.

    a_h = 0.62246, accepted from 0.622455 to 0.622465

Whoever carries rounded numbers and whoever keeps all digits of the calculator is right, after each line or after each
operation, rounding half up, half to even or cutting off (`rounding.md`); so is who takes the printed numbers of the earlier
quantities and rounds once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from .errors import SolveError
from .families import by_hand
from .follow_through import from_printed
from .number import CONTEXT, MODES, Rounding, half_unit, quantize
from .replay import replayed
from .trace import Key, Trace


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers that are accepted, from `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


def accepted(trace: Trace) -> dict[Key, Interval]:
    """The interval of every quantity of a trace: its name, epoch and phase -> what is accepted for it."""
    rounding = trace.problem.rounding
    seen: dict[Key, list[Decimal]] = {working.key: [Decimal(working.shown)] for working in trace.workings}
    for working, once in zip(trace.workings, from_printed(trace), strict=True):      # full precision, rounded only to be written
        for value in (working.exact, once):
            last = rounding.last_digit(value, working.kind)
            seen[working.key] += [quantize(value, last, mode) for mode in MODES]
    for way in ways(rounding):
        for working, value in zip(trace.workings, replayed(trace, way) or _solved(trace, way)):
            seen[working.key].append(value)
    for working in trace.workings:
        if (once := (working.name, working.epoch, "backward")) in seen and working.phase == "check":      # found in two ways: either will do
            seen[once] = seen[working.key] = seen[once] + seen[working.key]
    return {working.key: _around(seen[working.key], rounding.last_digit(Decimal(working.shown), working.kind))
            for working in trace.workings}


def accepted_step(trace: Trace, event: int) -> Interval:
    """The interval of a number within a working: as it is shown, or from full precision."""
    rounding, step = trace.problem.rounding, trace.events[event]
    last = rounding.last_digit(step.exact, "")
    values = [Decimal(step.shown), *[quantize(step.exact, last, mode) for mode in MODES]]
    return _around(values, rounding.last_digit(Decimal(step.shown), ""))


def ways(rounding: Rounding) -> Iterator[Rounding]:
    """The other policies that round on the way, with the digits of this one."""
    for (policy, commit), mode in product((("carry", "line"), ("carry", "operation"), ("named", "line")), MODES):
        way = replace(rounding, policy=policy, commit=commit, mode=mode)
        if way != rounding:
            yield way


def _solved(trace: Trace, way: Rounding) -> list[Decimal]:
    """The results under `way`, worked out anew."""
    try:
        return [Decimal(working.shown) for working in by_hand(trace.problem.model_copy(update={"rounding": way})).workings]
    except SolveError:      # rounded so, a logarithm of zero: nobody arrives there
        return []


def _around(values: list[Decimal], last: int) -> Interval:
    """The hull of `values` and half a unit of the digit `last` (a power of ten) on both sides."""
    half = half_unit(last)
    return Interval(CONTEXT.subtract(min(values), half), CONTEXT.add(max(values), half))

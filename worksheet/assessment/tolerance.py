"""What a key accepts: every number that legitimate work leads to, and half a unit of the last place
beyond.

    a_h = 0.62246, accepted from 0.622445 to 0.622475

Whoever keeps all digits of the calculator and whoever types the printed numbers in again is right,
within one task or between tasks, in whatever legitimate form, rounding each operation or none: an
error bound says how far they may come apart (`assessment/bounds.py`). Where it leaves open on which
side of a corner a ReLU's operand lies, both sides are right, and nothing between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from ..algebra.expression import Apply, Expr, evaluate, lift, names
from ..errors import SolveError
from ..numbers.number import half_unit
from ..trace.replacement import worked_again
from ..trace.trace import Key, Trace, Working
from .bounds import INDICATORS, WIDE, Bound, Bounds, bounds
from .follow_through import FUNCTIONS

MOST_BRANCHES = 3  # corners that are told apart in all their combinations


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is accepted for a quantity: one interval, or several that do not meet, in order."""

    intervals: tuple[Interval, ...]
    is_noise: bool = False  # what may be off reaches the size of the number: its digits say nothing

    def __contains__(self, value: Decimal) -> bool:
        return any(value in interval for interval in self.intervals)

    def __str__(self) -> str:
        return " or ".join(f"{interval.low:f} to {interval.high:f}" for interval in self.intervals)


def accepted(trace: Trace) -> dict[Key, Accepted]:
    """What is accepted for every quantity of a trace, by its name, epoch and phase. Worked out once
    for a trace, however often it is asked."""
    global _last
    if _last[0] is not trace.workings:
        _last = trace.workings, _accepted(trace)
    return _last[1]


_last: tuple = (None, {})


def _accepted(trace: Trace) -> dict[Key, Accepted]:
    own = bounds(trace)
    found = {
        working.key: [interval(bound)]
        for working, bound in zip(trace.workings, own.found, strict=True)
    }
    noisy = {
        working.key
        for working, bound in zip(trace.workings, own.found, strict=True)
        if is_noise(working, bound)
    }
    for other in turned(trace, own):
        for working, bound in zip(other.workings, bounds(other).found, strict=True):
            found[working.key].append(interval(bound))
    for working in trace.workings:
        once = working.name, working.epoch, "backward"
        if working.phase == "check" and once in found:  # found in two ways: either will do
            found[once] = found[working.key] = found[once] + found[working.key]
    return {key: Accepted(apart(intervals), key in noisy) for key, intervals in found.items()}


def accepted_steps(trace: Trace) -> dict[int, Interval]:
    """What is accepted for every number that is shown within a working, by its event."""
    return {event: interval(bound) for event, bound in bounds(trace, has_steps=True).steps.items()}


def interval(bound: Bound) -> Interval:
    """From the smallest to the largest number that may be written, and half a unit beyond."""
    half, unit = half_unit(bound.place), Decimal((0, (1,), bound.place))
    low, high = (
        WIDE.add(bound.origin, WIDE.multiply(unit, Decimal(count)))
        for count in (bound.first, bound.last)
    )
    return Interval(WIDE.subtract(low, half), WIDE.add(high, half))


def apart(intervals: list[Interval]) -> tuple[Interval, ...]:
    """The same numbers as intervals in order that do not meet."""
    if len(intervals) == 1:
        return tuple(intervals)
    found: list[Interval] = []
    for each in sorted(intervals, key=lambda each: each.low):
        if found and each.low <= found[-1].high:
            found[-1] = Interval(found[-1].low, max(found[-1].high, each.high))
        else:
            found.append(each)
    return tuple(found)


def is_noise(working: Working, bound: Bound) -> bool:
    """Whether what a quantity may be off reaches its size, so that not even its sign is known; or a
    zero that is not shown as one."""
    exact = working.exact
    if not exact:
        return bool(Decimal(working.shown))
    return bound.off.least <= -exact if exact > 0 else bound.off.most >= -exact


def stated(trace: Trace, working: Working) -> str:
    """The answer that a key states: as the page shows it, or, where that may be the noise of its
    rounding, in full precision."""
    rounding = trace.problem.rounding
    if rounding.policy == "exact" or not accepted(trace)[working.key].is_noise:
        return working.shown
    place = rounding.last_digit(working.exact, working.kind)
    rounded = rounding.round(working.exact, place)
    return (
        working.shown
        if rounded == Decimal(working.shown)
        else rounding.write(rounded, False, place)
    )


def turned(trace: Trace, found: Bounds) -> Iterator[Trace]:
    """The solution with every indicator that may be 0 or 1 the other way round, each and in all
    combinations as far as they are few."""
    if not found.branches:
        return
    corners = list(dict.fromkeys(event for _, event in found.branches))
    every = (
        product((False, True), repeat=len(corners))
        if len(corners) <= MOST_BRANCHES
        else (tuple(corner is one for corner in corners) for one in corners)
    )
    for choice in every:
        others = {event for event, is_turned in zip(corners, choice) if is_turned}
        if others:
            try:
                yield worked_again(
                    trace,
                    {
                        place: formula_turned(trace, trace.workings[place], others)
                        for place, event in found.branches
                        if event in others
                    },
                )
            except SolveError:  # nobody arrives there
                continue


def formula_turned(trace: Trace, working: Working, corners: set[int]) -> Expr:
    """The formula of a working with the indicators of some operands the other way round, as
    numbers."""
    uses = trace.uses[working.key]
    values = {
        name: uses[name].exact if name in uses else trace.events[trace.givens[name]].exact
        for name in names(working.formula)
    }
    operands = {trace.events[event].exact for event in corners}

    def turn(expr: Expr) -> Expr:
        if not isinstance(expr, Apply):
            return expr
        if (
            expr.op in INDICATORS
            and (value := evaluate(expr.args[0], values, FUNCTIONS)) in operands
        ):
            return lift(int((value > 0) is not (expr.op == "positive")))
        return Apply(expr.op, tuple(map(turn, expr.args)))

    return turn(working.formula)

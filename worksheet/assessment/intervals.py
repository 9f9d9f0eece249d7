"""Interval arithmetic over the operations of one working, for where they bend too much to be taken
for straight lines.

1/q for q from 0.00001 to 0.00003:   from 33333.3 to 100000
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import product
from math import exp, isfinite, log, log10, sqrt

from ..trace.trace import Event

Span = tuple[float, float]


def _relative(args: list[float], inner: list[float]) -> float:
    return inner[-1] / abs(args[-1]) if args[-1] else 1.0


def _of_power(args: list[float], inner: list[float]) -> float:
    return inner[0] / abs(args[0]) if args[0] and args[1] != 1 else 0.0


def _of_product(args: list[float], inner: list[float]) -> float:
    return min(off / abs(arg) if arg else 0.0 for arg, off in zip(args, inner))


# operations that bend, and how much: the error of an operand, measured by what the operation makes
# of it
BENDS: dict[str, Callable[[list[float], list[float]], float]] = {
    "divide": _relative,
    "ln": _relative,
    "log10": _relative,
    "sqrt": _relative,
    "power": _of_power,
    "product": _of_product,
    "exp": lambda args, inner: inner[0],
    "sin": lambda args, inner: inner[0],
    "cos": lambda args, inner: inner[0],
    "tan": lambda args, inner: inner[0],
}

FUNCTIONS: dict[str, Callable[..., float]] = {
    "neg": lambda value: -value,
    "divide": lambda over, under: over / under,
    "power": pow,
    "exp": exp,
    "ln": log,
    "log10": log10,
    "sqrt": sqrt,
    "max": max,
    "abs": abs,
}


def spans(
    events,
    start: int,
    last: int,
    held: Mapping[int, Span],
    rounded: Mapping[int, float],
    is_cut: bool,
) -> Span | None:
    """The span of the result of the operations from `start` to `last`, around its full value; None
    where there is no bound.

    held: what the numbers from before may be off; rounded: the unit of every operation that may be
    rounded."""
    found: dict[int, Span] = {}

    def span_of(index: int) -> Span:
        if index not in found:
            low, high = held.get(index, (0.0, 0.0))
            value = float(events[index].exact)
            found[index] = value + low, value + high
        return found[index]

    try:
        for index in range(start, last + 1):
            event: Event = events[index]
            if not event.operands:
                continue
            low, high = _applied(
                event,
                [span_of(operand) for operand in event.operands],
                float(event.exact),
                rounded.get(index, 0.0),
            )
            if size := rounded.get(index):
                low, high = (
                    (low - size * (low > 0), high + size * (high < 0))
                    if is_cut
                    else (low - size / 2, high + size / 2)
                )
            found[index] = low, high
    except (ArithmeticError, ValueError, TypeError):
        return None
    value = float(events[last].exact)
    low, high = found[last][0] - value, found[last][1] - value
    return (low, high) if isfinite(low) and isfinite(high) else None


def _applied(event: Event, args: list[Span], value: float, size: float) -> Span:
    """What an operation makes of spans: its extremes lie at their ends, or at 0 between them."""
    op = event.op
    if op == "sum":
        return sum(low for low, _ in args), sum(high for _, high in args)
    if op == "product":
        if len(args) == 1:  # zero times something that was not worked out
            return value, value
        low, high = args[0]
        for one, other in args[1:]:
            ends = (low * one, low * other, high * one, high * other)
            low, high = min(ends), max(ends)
        return low, high
    if op in (
        "ln",
        "log10",
        "sqrt",
    ):  # what is printed as 0 has no logarithm: nobody goes on from there
        least = Decimal(event.exact) and min(float(args[0][1]), max(args[0][0], size or 1e-300))
        args = [(least or args[0][0], args[0][1])]
    if op == "divide" and args[1][0] <= 0 <= args[1][1]:
        raise ZeroDivisionError
    if op not in FUNCTIONS:  # sine and cosine move by no more than their operand
        width = max(high - low for low, high in args)
        return value - width, value + width
    ends = [FUNCTIONS[op](*corner) for corner in product(*args)]
    has_turn = op in ("power", "abs") and args[0][0] < 0 < args[0][1]
    return min([*ends, 0.0] if has_turn else ends), max(ends)

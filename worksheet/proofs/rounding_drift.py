"""How far rounding may take each number, and how far it has: committed against exact.

For every event a first-order bound: the bounds of its operands times the slope, plus what was
rounded off at the event itself. A ReLU or an indicator whose operand may lie on either side of 0
may flip.
"""

from __future__ import annotations

from decimal import Decimal
from math import log, pi, remainder, sin

from ..numbers.number import CONTEXT
from ..trace.trace import Event, Trace

SLACK = 1 + 1e-6
LEAST = 1e-290  # a float has no smaller numbers with all its digits


def bounds(trace: Trace) -> list[float]:
    """For each event, how far its `value` may lie from its `exact` (absolute, float64; what is
    below LEAST is not counted)."""
    found: list[float] = []
    least: list[float] = []  # what an event cannot fall below: 1 + e^-z stays above 1
    for event in trace.events:
        operands = [trace.events[operand] for operand in event.operands]
        errors = [found[operand] for operand in event.operands]
        floors = [least[operand] for operand in event.operands]
        bound = _spread(event.op, operands, errors, floors) if errors and any(errors) else 0.0
        least.append(
            0.0
            if event.op == "exp"
            else sum(floors)
            if event.op == "sum"
            else float("-inf")
            if operands
            else float(event.value)
        )
        found.append((bound + float(rounded_off(event)) + LEAST) * SLACK if operands else 0.0)
    return found


def _spread(op: str, operands: list[Event], errors: list[float], floors: list[float]) -> float:
    try:
        found = SPREAD[op](operands, errors, floors)
    except OverflowError:
        return float("inf")
    return found if found == found else float("inf")  # what is endless, less what is endless


def rounded_off(event: Event) -> Decimal:
    """At most one unit of the last place where the shown number is the one that is used, else
    nothing."""
    if event.shown is None or event.is_exact and event.value == event.exact:
        return Decimal(0)
    shown = Decimal(event.shown)
    if shown != event.value:
        return Decimal(0)
    places = shown.as_tuple().exponent
    if places >= 0 and shown:  # figures before the point: the zeros at the end are not digits
        places = max(places, shown.adjusted() - len(shown.normalize(CONTEXT).as_tuple().digits) + 1)
    return Decimal((0, (1,), places))


def units(event: Event) -> Decimal:
    """The drift of a shown result in units of its last place."""
    return CONTEXT.scaleb(
        CONTEXT.subtract(event.value, event.exact).copy_abs(),
        -Decimal(event.shown).as_tuple().exponent,
    )


def _product(operands, errors, floors):
    if len(operands) == 1:  # zero times anything
        return 0.0
    a, b = (abs(float(operand.value)) for operand in operands)
    return sum(
        one * other for one, other in ((a, errors[1]), (b, errors[0]), errors) if one and other
    )  # 0 times inf is 0


def _divide(operands, errors, floors):
    a, b = (abs(float(operand.value)) for operand in operands)
    nearest = max(b - errors[1], floors[1])
    return (errors[0] + a / b * errors[1]) / nearest if nearest > 0 else float("inf")


def _power(operands, errors, floors):
    """The slopes are steepest at the ends: b^n by its base at the far end for n > 1, at the near
    one otherwise."""
    size, exponent = abs(float(operands[0].value)), float(operands[1].value)
    steep = size + errors[0] if exponent >= 1 else size - errors[0]
    if errors[1] or errors[0] and exponent < 1:
        if size <= errors[0]:
            return float("inf")
        largest = max(
            base ** (exponent + move)
            for base in (size - errors[0], size + errors[0])
            for move in (-errors[1], errors[1])
        )
        by_exponent = (
            largest * max(abs(log(size - errors[0])), abs(log(size + errors[0]))) * errors[1]
        )
    else:
        by_exponent = 0.0
    return (abs(exponent) * steep ** (exponent - 1) * errors[0] if errors[0] else 0.0) + by_exponent


def _exp(operands, errors, floors):
    high = float(operands[0].value) + errors[0]
    return errors[0] * 2.718281828459045**high if high < 700 else float("inf")


def _ln(operands, errors, floors):
    low = float(operands[0].value) - errors[0]
    return errors[0] / low if low > 0 else float("inf")


def _sqrt(operands, errors, floors):
    low = float(operands[0].value) - errors[0]
    return errors[0] / (2 * low**0.5) if low > 0 else float("inf")


def _tan(operands, errors, floors):
    """The slope 1/cos^2 at the end of the interval that lies nearer to a pole; without end where a
    pole lies within."""
    angle = float(operands[0].value)
    to_pole = abs(remainder(angle - pi / 2, pi)) - errors[0]
    return errors[0] / sin(to_pole) ** 2 if to_pole > 0 else float("inf")


def _indicator(operands, errors, floors):
    return 1.0 if abs(float(operands[0].value)) <= errors[0] else 0.0


SPREAD = {
    "sum": lambda operands, errors, floors: sum(errors),
    "neg": lambda operands, errors, floors: errors[0],
    "max": lambda operands, errors, floors: max(errors),
    "product": _product,
    "divide": _divide,
    "power": _power,
    "sin": lambda operands, errors, floors: errors[0],
    "cos": lambda operands, errors, floors: errors[0],
    "tan": _tan,
    "abs": lambda operands, errors, floors: errors[0],
    "sqrt": _sqrt,
    "exp": _exp,
    "ln": _ln,
    "positive": _indicator,
    "not_positive": _indicator,
}

"""A solution under another rounding policy, from its events: the same operations, rounded elsewhere or otherwise.

A tenth of the work of `solve`, which writes every line. It knows only what the events know; where another policy might lead
another way (a product that was zero without being worked out, places that are shared by figures), it says so and `solve` is asked.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException

from .expression import ARITHMETIC
from .number import CONTEXT, Rounding, working
from .trace import Event, Trace, Working

Values = list[Decimal]      # of the events, by index


def replayed(trace: Trace, way: Rounding) -> Values | None:
    """What each working of the trace shows under `way` (a policy that rounds on the way), in order; None where its events
    cannot tell."""
    own = trace.problem.rounding
    counts_figures = any(digits.significant or digits.at_least_significant for digits in (way.digits(""), *way.kinds.values()))
    if counts_figures or own.policy == "carry" and own.commit == "operation" and (way.policy, way.commit) != ("carry", "operation"):
        return None
    with working(trace.digits):
        return _replayed(trace, way)


def _replayed(trace: Trace, way: Rounding) -> Values | None:
    values = [event.value for event in trace.events]
    found, start = [], 0
    for working in trace.workings:
        try:
            if working.event >= start:
                if not _worked(trace, working, range(start, working.event + 1), values, way):
                    return None
                start = working.event + 1
        except DecimalException:
            return None
        found.append(values[working.event])
    return found


def _worked(trace: Trace, working: Working, events: range, values: Values, way: Rounding) -> bool:
    """Put the values of one working's events; whether they could be told."""
    for index in events:
        event = trace.events[index]
        operands = [values[operand] for operand in event.operands]
        if not operands:
            continue      # a given, or the number of a formula
        if event.op == "product" and len(operands) == 1:      # zero times something that was not worked out
            if operands[0]:
                return False
            values[index] = Decimal(0)
        elif event.op == "neg":
            values[index] = CONTEXT.minus(operands[0])
        elif _is_copy(trace, event):
            values[index] = operands[0]      # the same number is not rounded again
        else:
            values[index] = ARITHMETIC[event.op](*operands)
            if way.policy == "carry" and (way.commit == "operation" or event.shown is not None):
                values[index] = way.round(values[index], way.last_digit(values[index], working.kind))
    last = trace.events[working.event]
    is_committed = _is_copy(trace, last) and last.operands[0] < events.start      # by the quantity it is a copy of
    if way.policy == "named" and not is_committed:
        values[working.event] = way.round(values[working.event], way.last_digit(values[working.event], working.kind))
    return True


def _is_copy(trace: Trace, event: Event) -> bool:
    """A number times the 1 of a formula."""
    if event.op != "product" or len(event.operands) != 2:
        return False
    one = trace.events[event.operands[1]]
    return one.op == "constant" and one.value == 1

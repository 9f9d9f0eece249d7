"""What a solution asks of the one who writes it: lines, operations, digits, negative numbers."""

from __future__ import annotations

from typing import NamedTuple

from .trace import Trace


class Effort(NamedTuple):
    """The measures by which the variants of one exam should be alike.

    lines: displayed forms. operations: events that compute. digits: those of all results.
    negatives: results below 0.
    """

    lines: int
    operations: int
    digits: int
    negatives: int


def effort(trace: Trace) -> Effort:
    """The effort of a whole solution."""
    return Effort(
        sum(len(working.lines) for working in trace.workings),
        sum(bool(event.operands) for event in trace.events),
        sum(digits_of(working.shown) for working in trace.workings),
        sum(working.shown.startswith("-") for working in trace.workings),
    )


def digits_of(text: str) -> int:
    """The digits to write: 5 in -0.21738, where the 0 before the point goes without saying; 4 in
    12.75."""
    whole, _, decimals = text.lstrip("-").partition(".")
    return len(decimals) + (0 if whole == "0" and decimals else len(whole))

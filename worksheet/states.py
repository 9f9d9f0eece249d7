"""The state of a unit: off, at the corner of its ReLU, or saturated."""

from __future__ import annotations

from decimal import Decimal

from .problem import Layer, Unit
from .trace import Trace

# a sigmoid or tanh nearer to its ends than this hardly moves any more
SATURATED = {"sigmoid": (Decimal("0.01"), Decimal("0.99")), "tanh": (Decimal("-0.99"), Decimal("0.99"))}


def unit_state(layer: Layer, unit: Unit, epoch: int, phase: str, trace: Trace) -> str:
    """`off` (a ReLU below 0), `corner` (a ReLU at exactly 0), `saturated`, or nothing to say."""
    a = Decimal(trace.find(unit.a, epoch, phase).shown)
    if layer.activation in ("relu", "leaky-relu") and not Decimal(trace.find(unit.z, epoch, phase).shown):
        return "corner"
    if layer.activation == "relu" and not a:
        return "off"
    low, high = SATURATED.get(layer.activation, (a, a))
    return "" if low <= a <= high else "saturated"

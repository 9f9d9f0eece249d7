"""The state of a unit: off, at the corner of its ReLU, or saturated."""

from __future__ import annotations

from decimal import Decimal

from ..problem import Layer, Unit
from .trace import Trace

# a sigmoid or tanh nearer to its ends than this hardly moves any more
SATURATED = {
    "sigmoid": (Decimal("0.01"), Decimal("0.99")),
    "tanh": (Decimal("-0.99"), Decimal("0.99")),
}


def unit_state(layer: Layer, unit: Unit, epoch: int, phase: str, trace: Trace) -> str:
    """`off` (a ReLU below 0), `corner` (a ReLU at exactly 0), `rounded-corner` (at 0 only as it is
    printed), `saturated`, or nothing to say; `off` and `saturated` of what is printed and of the
    exact number."""
    working, z = trace.find(unit.a, epoch, phase), trace.find(unit.z, epoch, phase)
    a = Decimal(working.shown)
    if layer.activation in ("relu", "leaky-relu") and not Decimal(z.shown):
        return "rounded-corner" if z.exact else "corner"
    if layer.activation == "relu" and Decimal(z.shown) < 0 and z.exact < 0:
        return "off"
    low, high = SATURATED.get(layer.activation, (a, a))
    return (
        ""
        if low <= a <= high or layer.activation not in SATURATED or low <= working.exact <= high
        else "saturated"
    )

"""What a small change of a quantity does to what is made small, beyond its gradient: at a corner,
and where the gradient is zero.

    (L(q + h) - L(q)) / h   and   (L(q) - L(q - h)) / h     at full precision, from the formulas of the trace

A gradient of zero says little by itself: a ReLU that is off leaves the loss as it is, at a lowest
point the loss changes less than the change, and at the corner of a ReLU zero is a convention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext

from ..algebra.expression import Apply, Expr, evaluate
from ..numbers.number import CONTEXT
from ..trace.trace import Trace, Working
from .exact import ARITHMETIC

CORNERED = frozenset(["relu", "leaky_relu", "max", "abs"])
STEPS = Decimal("1e-10"), Decimal("1e-16")  # of the quantity, or of 1
FADES = Decimal("0.01")  # a slope of which so little is left with the shorter step is none
NOISE = Decimal("1e-45")  # of the loss

RISES, FALLS, CONSTANT, LEVEL, CORNER, HIDDEN, ROUNDED = (
    "rises",
    "falls",
    "constant",
    "level",
    "corner",
    "hidden",
    "rounded",
)


class Effects:
    """What the gradients of a trace say, each worked out once."""

    def __init__(self, trace: Trace):
        self.trace, self._corners = trace, dict[int, bool]()
        self.prefix = f"d{trace.problem.loss_name or getattr(trace.problem, 'name', '')}_d"

    def of(self, working: Working) -> str:
        """That the loss rises or falls with a quantity; that it is constant near it, or level; that
        it has a corner there; that the gradient is too small to be seen, or that its sign comes
        from rounding. Nothing of what is no gradient of the loss."""
        if working.phase != "backward" or not working.name.startswith(self.prefix):
            return ""
        shown, exact = sign(Decimal(working.shown)), sign(working.exact)
        if shown != exact:
            return ROUNDED if shown else HIDDEN
        if exact and not self.has_corner(working.epoch):
            return RISES if exact > 0 else FALLS
        try:
            below, above, is_constant = sides(
                self.trace, working.name.removeprefix(self.prefix), working.epoch
            )
        except (ArithmeticError, KeyError):  # beside it there is no value
            return ""
        if sign(below) != sign(above):
            return CORNER
        if exact and sign(above) == exact:
            return RISES if exact > 0 else FALLS
        if exact or above:
            return CORNER  # the gradient is a convention: neither side has it
        return CONSTANT if is_constant else LEVEL

    def has_corner(self, epoch: int) -> bool:
        """Whether some ReLU, maximum or absolute value of the forward pass is at its corner."""
        if epoch not in self._corners:
            self._corners[epoch] = _has_corner(self.trace, epoch)
        return self._corners[epoch]


def sign(value: Decimal) -> int:
    """1, 0 or -1."""
    return (value > 0) - (value < 0)


def _has_corner(trace: Trace, epoch: int) -> bool:
    values: dict[str, Decimal] = {}
    for working in forward(trace, epoch):
        for each in _corners(working.formula):
            values = values or held(trace, epoch)
            with localcontext(CONTEXT):
                if _is_at_corner(each, values):
                    return True
    return False


def forward(trace: Trace, epoch: int) -> tuple[Working, ...]:
    """The workings of an epoch up to the loss, at the weights before its update."""
    return (*trace.select("forward", epoch), *trace.select("loss", epoch))


def held(trace: Trace, epoch: int) -> dict[str, Decimal]:
    """Every number of an epoch's forward pass at full precision."""
    found = {name: trace.before(name, epoch).exact for name in trace.givens}
    return found | {working.name: working.exact for working in forward(trace, epoch)}


def sides(trace: Trace, name: str, epoch: int) -> tuple[Decimal, Decimal, bool]:
    """The slopes of the loss below and above a quantity, zero where it is level; and whether the
    loss does not change at all."""
    with localcontext(CONTEXT):
        values = held(trace, epoch)
        here, size = (
            pushed(trace, name, epoch, values, Decimal(0)),
            max(Decimal(1), abs(values[name])),
        )
        moves = {
            (side, step): pushed(trace, name, epoch, values, side * step * size) - here
            for side in (-1, 1)
            for step in STEPS
        }
        found = []
        for side in (-1, 1):
            far, near = (side * moves[side, step] / (step * size) for step in STEPS)
            is_none = abs(near) <= FADES * abs(far) or abs(moves[side, STEPS[1]]) <= NOISE * abs(
                here
            )
            found.append(Decimal(0) if is_none else near)
        return found[0], found[1], all(abs(move) <= NOISE * abs(here) for move in moves.values())


def pushed(
    trace: Trace, name: str, epoch: int, values: dict[str, Decimal], move: Decimal
) -> Decimal:
    """The loss where one quantity has been moved, and all that follows from it."""
    found = values | {name: values[name] + move}
    last = Decimal(0)
    for working in forward(trace, epoch):
        last = evaluate(working.formula, found, ARITHMETIC) + (move if working.name == name else 0)
        found[working.name] = last
    return last


def loss_at(trace: Trace, point: Mapping[str, Decimal]) -> Decimal:
    """The loss where the parameters have other values, at full precision. Raises ArithmeticError
    where it has none."""
    with localcontext(CONTEXT):
        found, last = held(trace, 1) | dict(point), Decimal(0)
        for working in forward(trace, 1):
            last = found[working.name] = evaluate(working.formula, found, ARITHMETIC)
    if not last.is_finite():  # ln(0)
        raise ArithmeticError
    return last


def _corners(expr: Expr) -> Iterator[Apply]:
    if isinstance(expr, Apply):
        if expr.op in CORNERED:
            yield expr
        for arg in expr.args:
            yield from _corners(arg)


def _is_at_corner(expr: Apply, values: dict[str, Decimal]) -> bool:
    numbers = [evaluate(arg, values, ARITHMETIC) for arg in expr.args]
    return numbers[0] == numbers[1] if expr.op == "max" else not numbers[0]

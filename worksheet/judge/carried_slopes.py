"""The slope of an expression at a point, carried forward through it (`judge/duals.py`): no rule of
`algebra/derivative.py` or `trace/derivative_steps.py` has a say.

slope_at(x^2, {"x": 3}, "x")   ->   6
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import reduce

from ..algebra.expression import Apply, Expr, Literal, Name
from .duals import (
    FUNCTIONS,
    ONE,
    ZERO,
    Dual,
    applied,
    greater,
    judging,
    negated,
    over,
    plus,
    power,
    times,
)

LN_TEN = Dual(Decimal(10))

OPERATIONS: dict[str, Callable[..., Dual]] = {
    "sum": lambda *args: reduce(plus, args),
    "product": lambda *args: reduce(times, args),
    "neg": negated,
    "divide": over,
    "fraction": over,
    "power": power,
    "max": lambda *args: reduce(greater, args),
    "log10": lambda x: over(applied("ln", x), applied("ln", LN_TEN)),
    "log": lambda x, base: over(applied("ln", x), applied("ln", base)),
    "positive": lambda z: Dual(ONE if z.value > 0 else ZERO),
    "not_positive": lambda z: Dual(ZERO if z.value > 0 else ONE),
}


def is_known(op: str) -> bool:
    """Whether `slope_at` has an arithmetic for an operation or a function."""
    return op in OPERATIONS or op in FUNCTIONS


def slope_at(expr: Expr, point: Mapping[str, Decimal], by: str) -> Decimal:
    """d(expr)/d(by), all other names held. Raises ArithmeticError where there is none, KeyError for
    a name or an operation without one."""
    with judging():
        slope = _worked(expr, point, by).slopes.get(by, ZERO)
    if not slope.is_finite():
        raise InvalidOperation
    return slope


def _worked(expr: Expr, point: Mapping[str, Decimal], by: str) -> Dual:
    if isinstance(expr, Literal):
        return Dual(expr.value)
    if isinstance(expr, Name):
        return Dual(point[expr.name], {by: ONE} if expr.name == by else {})
    assert isinstance(expr, Apply)
    args = [_worked(arg, point, by) for arg in expr.args]
    return applied(expr.op, *args) if expr.op in FUNCTIONS else OPERATIONS[expr.op](*args)

"""Formulas for the tests of the core: to SymPy, to Decimal, and random ones.

The converter is written apart from the package's own (`proofs/with_sympy.py`), which is on trial
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import sympy
from hypothesis import strategies as st

from worksheet.algebra.expression import (
    ARITHMETIC,
    Apply,
    Expr,
    Literal,
    Name,
    apply,
    evaluate,
    lift,
)
from worksheet.algebra.laws import LAWS, written_out

SYMPY = {
    "sum": sympy.Add,
    "product": sympy.Mul,
    "neg": lambda a: -a,
    "divide": lambda a, b: a / b,
    "fraction": lambda a, b: a / b,
    "power": sympy.Pow,
    "exp": sympy.exp,
    "ln": sympy.log,
    "max": sympy.Max,
    "positive": lambda z: sympy.Piecewise((1, z > 0), (0, True)),
    "not_positive": lambda z: sympy.Piecewise((1, z <= 0), (0, True)),
}
FUNCTIONS = dict(ARITHMETIC, fraction=ARITHMETIC["divide"])


def to_sympy(expr: Expr, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The expression with every law written out, nothing simplified by us."""
    if isinstance(expr, Literal):
        return sympy.Rational(expr.text)
    if isinstance(expr, Name):
        return names[expr.name]
    if expr.op in LAWS:
        return to_sympy(written_out(expr), names)
    return SYMPY[expr.op](*[to_sympy(arg, names) for arg in expr.args])


def written(expr: Expr) -> Expr:
    """Without calls of laws."""
    if not isinstance(expr, Apply):
        return expr
    if expr.op in LAWS:
        return written(written_out(expr))
    return Apply(expr.op, tuple(map(written, expr.args)))


def value(expr: Expr, values: Mapping[str, Decimal]) -> Decimal:
    """The value at 50 digits."""
    return evaluate(written(expr), values, FUNCTIONS)


def slope(
    expr: Expr, name: str, values: Mapping[str, Decimal], step: Decimal = Decimal("1e-14")
) -> Decimal:
    """The central difference by `name`: good to about 20 digits, since the values have 50."""
    up, down = (value(expr, {**values, name: values[name] + sign * step}) for sign in (1, -1))
    return (up - down) / (2 * step)


def is_close(one: Decimal, other: Decimal, relative: str = "1e-18") -> bool:
    return abs(one - other) <= Decimal(relative) * (1 + abs(one) + abs(other))


# ---- random formulas
# --------------------------------------------------------------------------------

TENTHS = st.integers(-30, 30).map(lambda n: Decimal(n) / 10)


def numbers_in_formulas() -> st.SearchStrategy[Expr]:
    return st.sampled_from(["1", "2", "0.5", "3"]).map(lift)


def formulas(*names: str, leaves: int = 6) -> st.SearchStrategy[Expr]:
    """Formulas of these names as a lecturer writes them: with the operators, e^u, squares,
    quotients that stay finite."""

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
            inner.map(lambda u: -u),
            inner.map(lambda u: u**2),
            inner.map(lambda u: apply("sigmoid", u)),
            inner.map(lambda u: apply("tanh", u)),
            st.tuples(inner, inner).map(lambda pair: pair[0] / (1 + pair[1] ** 2)),
            inner.map(lambda u: apply("exp", apply("sigmoid", u))),
            inner.map(lambda u: apply("ln", 1 + u**2)),
        )

    return st.recursive(
        st.one_of(st.sampled_from(names).map(Name), numbers_in_formulas()), grown, max_leaves=leaves
    )

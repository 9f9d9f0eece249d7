"""The derivative of a formula: by example, and of random formulas against SymPy and finite
differences."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sympy
from formulas import TENTHS, formulas, is_close, slope, to_sympy, value
from hypothesis import given, settings
from hypothesis import strategies as st

from worksheet.algebra.derivative import add, differentiate, multiply
from worksheet.algebra.expression import Apply, Expr, Name, apply, lift, names
from worksheet.problem import Notation
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex

A, B, X, W = map(Name, "abxw")
STYLE = Style(Symbols(Notation()))
NAMES = ("a", "b", "c")
POINTS = st.fixed_dictionaries({name: TENTHS for name in NAMES})


@pytest.mark.parametrize(
    "formula, by, expected",
    [
        (W * X + B, "w", "x"),
        (W * X + B, "b", "1"),
        (W * X + B, "a", "0"),
        (X - W, "w", "-1"),
        (W * X * W, "w", r"x \cdot w + w \cdot x"),
        ((A - X) ** 2, "x", r"2(a - x) \cdot (-1)"),
        (X**3, "x", r"3 \cdot x^2"),
        (A / X, "a", r"\frac{1}{x}"),
        (A / X, "x", r"\frac{-a}{x^2}"),
        (apply("ln", W * X), "w", r"\frac{x}{w \cdot x}"),
        (apply("exp", -X), "x", r"e^{-x} \cdot (-1)"),
        (apply("fraction", lift(1), lift(2)) * X**2, "x", r"\frac{1}{2} \cdot 2 \cdot x"),
    ],
)
def test_the_form_is_the_one_a_hand_writes(formula: Expr, by: str, expected: str):
    def shown(expr: Expr) -> Expr:
        if not isinstance(expr, Apply):
            return expr
        return Apply("divide" if expr.op == "fraction" else expr.op, tuple(map(shown, expr.args)))

    assert tex(shown(differentiate(formula, by)), STYLE) == expected


def test_a_law_has_its_taught_form():
    assert differentiate(apply("sigmoid", X), "x", A) == A * (1 - A)
    assert differentiate(apply("softmax", X, X, W), "w", A, (A, B)) == -A * B
    assert differentiate(apply("softmax", X, X, W), "x", A, (A, B)) == A * (1 - A)


@pytest.mark.parametrize(
    "op",
    [
        "half_squared_error",
        "squared_error",
        "mean_squared_error",
        "binary_cross_entropy",
        "categorical_cross_entropy",
    ],
)
def test_a_loss_by_its_target(op):
    """A target is a quantity like any other: the taught form, which is by the prediction, is not
    its derivative."""
    call, values = apply(op, A, B), {"a": Decimal("0.3"), "b": Decimal("0.6")}
    for name in values:
        assert is_close(value(differentiate(call, name), values), slope(call, name, values))


def test_no_rule_is_an_error_by_name():
    with pytest.raises(KeyError, match="cosh"):
        differentiate(apply("cosh", X), "x")


def test_zeros_and_ones_are_dropped():
    assert multiply(lift(1), A, lift(1)) == A
    assert multiply(A, lift(0)) == lift(0) == add(lift(0), lift(0))
    assert multiply(lift(1), lift(1)) == lift(1)
    assert add(lift(0), A) == A


# ---- laws
# -------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(formulas(*NAMES), POINTS)
def test_finite_differences_agree(formula, values):
    for name in names(formula):
        assert is_close(
            value(differentiate(formula, name), values), slope(formula, name, values), "1e-14"
        )


@settings(max_examples=60, deadline=None)
@given(formulas(*NAMES), POINTS)
def test_sympy_agrees(formula, values):
    symbols = {name: sympy.Symbol(name, real=True) for name in NAMES}
    point = {symbols[name]: sympy.Rational(str(number)) for name, number in values.items()}
    for name in names(formula):
        ours = to_sympy(differentiate(formula, name), symbols).subs(point)
        theirs = sympy.diff(to_sympy(formula, symbols), symbols[name]).subs(point)
        assert abs(sympy.N(ours - theirs, 20, maxn=200, chop=True)) < 1e-15 * (
            1 + abs(sympy.N(theirs, 20))
        )


@given(formulas(*NAMES))
def test_what_does_not_occur_has_derivative_zero(formula):
    assert differentiate(formula, "d") == lift(0)


def test_a_wrong_rule_would_be_seen():
    values = {"a": Decimal("0.7")}
    assert not is_close(value(3 * A, values), slope(A**2, "a", values), "1e-14")

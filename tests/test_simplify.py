"""Numbers gathered as by hand: by example, and of random formulas that keep their value."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from random_formulas import expression

from worksheet.algebra.derivative import differentiate
from worksheet.algebra.entries import FUNCTIONS
from worksheet.algebra.expression import evaluate
from worksheet.algebra.parser import read
from worksheet.algebra.simplify import prints_alike, simplify
from worksheet.problem import Notation
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex
from worksheet.trace.recorder import as_shown

STYLE = Style(Symbols(Notation()))
EXACT = FUNCTIONS | {"fraction": FUNCTIONS["divide"]}
POINT = {"x": Decimal("0.7"), "y": Decimal("-1.3")}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("3*2*x", r"6 \cdot x"),
        ("x*1 + 0", "x"),
        ("0*x + y", "y"),
        ("(2*(y - x)*-1)/2", "x - y"),
        ("-(x + y)", "-(x + y)"),
        ("3*(1/x)", r"\frac{3}{x}"),
        ("x/3 + x/3", r"\frac{2 \cdot x}{3}"),
        ("1/3*x + x/3", r"\frac{2}{3} \cdot x"),
        ("1/x*x", "1"),
        ("x/2", r"\frac{x}{2}"),
        ("0.3*x", r"0.3 \cdot x"),
        ("0.5*2*x", "x"),
        ("x + 1 - x", "1"),
        ("x - 1 + x + 1", r"2 \cdot x"),
        ("x^1*y^0", "x"),
        ("(x^2)^3", "x^6"),
        ("2 + x - 5", "-3 + x"),
        ("1/(x^2 + 1)*(2*x)", r"\frac{2 \cdot x}{x^2 + 1}"),
        ("1/(2*sqrt(x))*(1/sqrt(x))", r"\frac{1}{2 \cdot x}"),
        ("2*sqrt(x)/sqrt(x)^3", r"\frac{2}{x}"),
        ("cos(y)*3*x*cos(y)", r"3 \cdot x \cdot \cos(y)^2"),
        ("x^2*x", "x^3"),
        ("3*x^2/x^6", r"\frac{3}{x^4}"),
        ("-2*(x - 1)/(x - 1)^4", r"-\frac{2}{(x - 1)^3}"),
        ("x^-2*3", r"3 \cdot x^{-2}"),
        ("exp(x)*y*exp(x)", r"y \cdot e^{2 \cdot x}"),
        ("0.5*x/(y + 1)", r"\frac{0.5 \cdot x}{y + 1}"),
        ("sqrt(2)*x*sqrt(2)", r"x \cdot \sqrt{2}^2"),
        ("x*(y + 1)/(y + 1)", "x"),
        ("-x*(-2)^-1", r"-(-2)^{-1} \cdot x"),
        ("2^3*x/2^3", "x"),
        ("2^x*3*x", r"3 \cdot x \cdot 2^x"),
        ("x - (y - 2)", "x + 2 - y"),
        ("-(-x)", "x"),
        ("2*x/(4*y)", r"\frac{x}{2 \cdot y}"),
        ("x - x", "0"),
        ("x*y", r"x \cdot y"),
    ],
)
def test_what_a_hand_would_write(text, expected):
    assert tex(as_shown(simplify(read(text))), STYLE) == expected


@pytest.mark.parametrize("seed", range(300))
def test_the_value_stays(seed):
    """Of a formula and of its derivative, which is where zeros and ones come from."""
    expr = read(expression(Random(seed), ["x", "y"], 3))
    for each in (expr, differentiate(expr, "x")):
        tidy = simplify(each)
        assert abs(evaluate(each, POINT, EXACT) - evaluate(tidy, POINT, EXACT)) < Decimal(
            "1e-35"
        ) * max(1, abs(evaluate(each, POINT, EXACT)))


def test_an_operation_without_a_value_keeps_it_so():
    with pytest.raises(ArithmeticError):
        evaluate(simplify(read("x/(2 - 2)")), POINT, EXACT)


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("(-2)*x", "-(2*x)", True),
        ("1/3", "x/3", False),
        ("2*x", "x*2", False),
        ("-(1)", "-1", True),
    ],
)
def test_what_looks_the_same(one, other, same):
    assert prints_alike(read(one), read(other)) is same

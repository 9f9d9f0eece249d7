"""Formulas as typed: what they become, what is said where they cannot be read, and Python's own
reading of them."""

from __future__ import annotations

import time
from decimal import Decimal
from random import Random

import documents
import numpy as np
import pytest
from random_formulas import expression

from worksheet.algebra.entries import FUNCTIONS
from worksheet.algebra.expression import Name, apply, evaluate, lift
from worksheet.algebra.laws import fraction
from worksheet.algebra.parser import define, read
from worksheet.errors import FormulaError
from worksheet.judge.float_formulas import Dual, parsed
from worksheet.judge.float_formulas import evaluate as in_floats

X, Y, W = map(Name, "xyw")
EXACT = FUNCTIONS | {"fraction": FUNCTIONS["divide"]}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("w*x + 1", W * X + 1),
        ("x - y - w", X - Y - W),
        ("x/y/w", X / Y / W),
        ("-x^2", -(X**2)),
        ("-x*y", -(X * Y)),
        ("-2*x", lift("-2") * X),
        ("2^-x*y", (lift(2) ** (-X)) * Y),
        ("2*-x*y", lift(2) * -X * Y),
        ("-x/y + w", -(X / Y) + W),
        ("x^2^3", X ** (lift(2) ** 3)),
        ("2^-x", lift(2) ** (-X)),
        ("x*-2", X * lift("-2")),
        ("+x", X),
        ("x ** 2", X**2),
        ("1/2*x", fraction(1, 2) * X),
        ("0.5/2*x", lift("0.5") / 2 * X),
        ("x/2", X / 2),
        ("e^(-x)", apply("exp", -X)),
        ("max(0, x)", apply("max", lift(0), X)),
        ("sqrt(abs(x))", apply("sqrt", apply("abs", X))),
        ("1e3*x", lift("1e3") * X),
        ("lambda*w_1", Name("lambda") * Name("w_1")),
        (" ( x ) ", X),
        (".5*x", lift(".5") * X),
        ("x - (y + w)", X - (Y + W)),
    ],
)
def test_a_text_is_the_tree_it_says(text, expected):
    assert read(text) == expected


def test_a_definition_has_a_name():
    assert define("y_hat = h*w_2") == ("y_hat", Name("h") * Name("w_2"))


@pytest.mark.parametrize("case", documents.cases("formulas.md"), ids=str)
def test_a_faulty_formula_is_told_what_and_where(case, update):
    with pytest.raises(FormulaError) as caught:
        define(case.given.rstrip("\n"))
    documents.check(case, str(caught.value), update)


@pytest.mark.parametrize("seed", range(200))
def test_python_reads_the_same_value(seed):
    """Two parsers that know nothing of each other: ours, and Python's grammar walked over floats."""
    text = expression(Random(seed), ["x", "y"], 4)
    if len(text) > 200:
        text = expression(Random(seed), ["x", "y"], 2)
    ours = evaluate(read(text), {"x": Decimal("0.7"), "y": Decimal("-1.3")}, EXACT)
    theirs = in_floats(text, {"x": Dual(np.float64(0.7)), "y": Dual(np.float64(-1.3))}).value
    assert np.isclose(float(ours), theirs, rtol=1e-9, atol=1e-9), text


@pytest.mark.parametrize(
    "text, other",
    [("x - y - w", "x - (y - w)"), ("-x^2", "(-x)^2"), ("x/y*w", "x/(y*w)"), ("x^3^2", "(x^3)^2")],
)
def test_the_two_readings_tell_other_brackets_apart(text, other):
    values = {"x": Decimal("1.3"), "y": Decimal("0.7"), "w": Decimal("2.1")}
    floats = {name: Dual(float(value)) for name, value in values.items()}
    assert not np.isclose(
        float(evaluate(read(other), values, EXACT)), in_floats(text, floats).value
    )


@pytest.mark.parametrize(
    "text",
    [
        "x.real",
        "x[0]",
        "x if y else w",
        "lambda: 0",
        "[x]",
        "x and y",
        "'text'",
        "f(x)",
        "x(y)",
        "x < y",
        "True",
    ],
)
def test_python_grammar_beyond_formulas_is_never_walked(text):
    with pytest.raises((SyntaxError, ValueError, KeyError)):
        in_floats(text, {name: Dual(1.0) for name in "xyw"})


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "x^" * 90, "-" * 190 + "x", "sin(" * 45, "9" * 190, "x" * 200_000, "\x00" * 50],
)
def test_a_hostile_formula_is_refused_in_time(text):
    start = time.perf_counter()
    with pytest.raises(FormulaError):
        read(text)
    assert time.perf_counter() - start < 0.5


def test_a_tree_is_read_once():
    assert parsed("x^2 + 1") is parsed("x^2 + 1")

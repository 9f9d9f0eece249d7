"""Numbers for the parameters of a formula: written as by hand, worth the same as the formula with
its names."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from worksheet.algebra.parameters import with_numbers
from worksheet.algebra.parser import read
from worksheet.errors import SpecError
from worksheet.judge.identities import value_at
from worksheet.notes import make_note
from worksheet.numbers.number import Number
from worksheet.problem import Notation
from worksheet.spec.load import loads
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex
from worksheet.trace.recorder import as_shown

STYLE = Style(Symbols(Notation()), is_beside=True)
TEXTS = (
    "a*x^2 + b*x + c",
    "x^2 - b*x - c",
    "-a*x^n",
    "a*(x + c)^2/b",
    "x^n*exp(-a*x) + sin(b*x)",
    "a*b*x - (c - x)^n",
    "c + a*x",
    "a^x",
    "(a + b)/x",
    "-(b*x + c)",
    "x/(-a)",
    "2*a*x - b/c*x",
)


def numbers(**texts: str) -> dict[str, Number]:
    return {name: Number.written(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    "text, given, shown",
    [
        ("a*x^2 + b*x + c", numbers(a="1", b="-3", c="0"), "x^2 - 3 x"),
        ("a*x^2 + b*x + c", numbers(a="-1", b="1", c="-2"), "-x^2 + x - 2"),
        ("x^2 - b*x - c", numbers(b="-3", c="-1.50"), "x^2 + 3 x + 1.50"),
        ("-b*x", numbers(b="-3"), "3 x"),
        ("a*x^n", numbers(a="2", n="1"), "2 x"),
        ("a*x^n", numbers(a="2", n="0"), "2"),
        ("(x + c)^2", numbers(c="-1"), "(x - 1)^2"),
        ("a*x + b", numbers(a="0", b="0"), "0"),
        ("sin(k*x)", numbers(k="1"), r"\sin(x)"),
        ("1*x + a", numbers(a="2"), r"1 \cdot x + 2"),
    ],
)
def test_numbers_are_put_in_as_by_hand(text, given, shown):
    assert tex(as_shown(with_numbers(read(text), given)), STYLE) == shown


@pytest.mark.parametrize("seed", range(60))
def test_nothing_changes_its_worth(seed):
    """The formula with its names, at their numbers, against the formula with the numbers put in."""
    random, point, text = Random(seed), {"x": Decimal("1.7")}, TEXTS[seed % len(TEXTS)]
    shortest = (
        ["1", "-1", "2"]
        if "/" in text or text == "a^x"
        else ["-3", "-1", "0", "1", "2", "-0.5", "2.50"]
    )
    given = numbers(
        a=random.choice(["1", "2", "2.50"]),
        b=random.choice(shortest),
        c=random.choice(shortest),
        n=random.choice("0123"),
    )
    expected = value_at(read(text), point | {name: number.value for name, number in given.items()})
    assert abs(value_at(with_numbers(read(text), given), point) - expected) < Decimal(
        "1e-40"
    ) * max(1, abs(expected))


def function(given: str) -> str:
    return f"title: A function\nfunction: f(x) = a*x^2 + b*x\ngiven: {given}\nat: 2\n"


def test_a_function_with_parameters_is_the_function_with_numbers():
    given, written = (
        make_note(loads(text))
        for text in (
            function("{a: 1, b: -3}"),
            "title: A function\nfunction: f(x) = x^2 - 3*x\nat: 2\n",
        )
    )
    assert given.text == written.text and given.proof.results == written.proof.results == 8


@pytest.mark.parametrize(
    "given, fault",
    [
        (
            "{a: 1}",
            "spec.yaml:2: function: 'b' is not known here\n  hint: a function of x needs a number for every other name: given: {b: 2}",
        ),
        (
            "{a: 1, b: 2, c: 3}",
            "spec.yaml:3: given: 'c' is not used by the function\n  hint: leave it out",
        ),
        ("{a: 1, b: 2, x: 3}", "spec.yaml:2: function: the name 'x' is used twice"),
        ("{a: 1, b: two}", "spec.yaml:3: given.b: expected a number, found the text 'two'"),
    ],
)
def test_numbers_that_do_not_fit_are_told(given, fault):
    with pytest.raises(SpecError) as caught:
        loads(function(given), "spec.yaml")
    assert str(caught.value).startswith(fault)

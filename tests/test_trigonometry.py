"""Sine, cosine and tangent in Decimal, against SymPy's digits."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import mpmath
import pytest
import sympy

from worksheet.numbers.number import working
from worksheet.numbers.trigonometry import cos, pi, sin, tan

RANDOM = Random("angles")
ANGLES = [
    Decimal(f"{RANDOM.uniform(-1, 1):.12f}").scaleb(RANDOM.randint(-9, 14)) for _ in range(60)
] + [
    Decimal(text)
    for text in (
        "0.7853981633974483",
        "1.5707963267948966192",
        "3.14159",
        "100",
        "-7",
        "1e-30",
        "123456789",
    )
]


@pytest.mark.parametrize("ours, theirs", [(sin, sympy.sin), (cos, sympy.cos), (tan, sympy.tan)])
def test_fifty_digits_agree_with_sympy(ours, theirs):
    for angle in ANGLES:
        expected = sympy.N(theirs(sympy.Rational(str(angle))), 60)
        assert abs(sympy.Float(str(ours(angle)), 60) / expected - 1) < sympy.Float("1e-48"), angle


def test_the_angle_nought():
    assert (sin(Decimal(0)), cos(Decimal(0)), tan(Decimal(0))) == (0, 1, 0)


def test_pi_has_the_digits_asked_for():
    assert str(pi(100))[:100] == str(sympy.N(sympy.pi, 110))[:100]


def test_more_digits_are_not_those_remembered_of_fewer():
    """A number that was worked out with 50 digits is worked out anew with 400."""
    angle = Decimal("6195.000849") ** 3
    with working(50):
        few = {function: function(angle) for function in (sin, cos, tan)}
    with working(400), mpmath.workdps(420):
        for function, theirs in ((sin, mpmath.sin), (cos, mpmath.cos), (tan, mpmath.tan)):
            assert function(angle) != few[function]
            assert abs(
                mpmath.mpf(str(function(angle))) - theirs(mpmath.mpf(str(angle)))
            ) < mpmath.mpf("1e-390")

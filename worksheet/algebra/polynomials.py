"""Multiplying out: a formula that is a polynomial of one name, by falling powers.

4*(2*x + 3)   ->   8*x + 12          (2*x + 3)^2   ->   4*x^2 + 12*x + 9
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from ..numbers.number import CONTEXT, exact_text
from .expression import Apply, Expr, Literal, Name, leaves, lift
from .laws import fraction
from .simplify import simplify

HIGHEST = 6  # power; beyond it nobody multiplies out by hand

Coefficients = dict[int, Fraction]


def multiplied_out(expr: Expr, x: str) -> Expr | None:
    """The polynomial by falling powers, its numbers written as those of `expr` are; None where it
    is none of so low a degree."""
    found = coefficients(expr, x)
    if found is None:
        return None
    is_decimal = any(
        isinstance(leaf, Literal) and {".", "e"} & set(leaf.text) for leaf in leaves(expr)
    )
    terms = [
        _number(number, is_decimal) * Name(x) ** power if power else _number(number, is_decimal)
        for power, number in sorted(found.items(), reverse=True)
    ]
    return simplify(Apply("sum", tuple(terms)) if len(terms) > 1 else terms[0])


def coefficients(expr: Expr, x: str) -> Coefficients | None:
    """The number before each power, from the inside out."""
    if isinstance(expr, Literal):
        return {0: Fraction(expr.value)}
    if isinstance(expr, Name):
        return {1: Fraction(1)} if expr.name == x else None
    parts = [coefficients(arg, x) for arg in expr.args]
    if expr.op not in RULES or None in parts:
        return None
    found = RULES[expr.op](*parts)
    return found if found is not None and max(found, default=0) <= HIGHEST else None


def _sum(*parts: Coefficients) -> Coefficients:
    return {
        power: sum(part.get(power, Fraction(0)) for part in parts)
        for power in dict.fromkeys(power for part in parts for power in part)
    }


def _product(*parts: Coefficients) -> Coefficients:
    found: Coefficients = {0: Fraction(1)}
    for part in parts:
        product: Coefficients = {}
        for one, number in found.items():
            for other, factor in part.items():
                product[one + other] = product.get(one + other, Fraction(0)) + number * factor
        found = product
    return found


def _divide(over: Coefficients, under: Coefficients) -> Coefficients | None:
    return (
        {power: number / under[0] for power, number in over.items()}
        if list(under) == [0] and under[0]
        else None
    )


def _power(base: Coefficients, exponent: Coefficients) -> Coefficients | None:
    is_whole = (
        list(exponent) == [0] and exponent[0].denominator == 1 and 0 <= exponent[0] <= HIGHEST
    )
    return _product(*[base] * int(exponent[0])) if is_whole else None


RULES = {
    "sum": _sum,
    "product": _product,
    "neg": lambda part: _product({0: Fraction(-1)}, part),
    "divide": _divide,
    "fraction": _divide,
    "power": _power,
}


def _number(number: Fraction, is_decimal: bool) -> Expr:
    if number.denominator == 1:
        return lift(int(number))
    decimal = CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))
    if is_decimal and Fraction(decimal) == number:
        return lift(exact_text(decimal))
    size = fraction(abs(number.numerator), number.denominator)
    return size if number > 0 else -size

"""Tidying up a formula as one does by hand after a derivative: numbers are gathered, zeros and ones go.

    3 * (2 * x) * 1 + 0   ->   6 * x          (2 * (y - h) * -1) / 2   ->   -(y - h)

Every product becomes a sign, one number and its other factors in their order; terms with the same factors are joined.
Nothing is multiplied out, nothing is put in another order but a number before its product.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .expression import Apply, Expr, Literal, lift
from .laws import fraction
from .number import CONTEXT, plain_text


class Gathered(NamedTuple):
    """A product: its number, how the author wrote such numbers ("decimal", "fraction", or "" for whole ones and quotients),
    and its other factors."""

    number: Fraction
    manner: str
    factors: list[Expr]


def simplify(expr: Expr) -> Expr:
    """`expr` with its numbers gathered, from the inside out."""
    if type(expr) is not Apply:
        return expr
    tidy = Apply(expr.op, tuple([simplify(arg) for arg in expr.args]))
    return RULES[expr.op](tidy) if expr.op in RULES else tidy


def _product(expr: Expr) -> Expr:
    return _written(_gathered(expr))


def _gathered(expr: Expr) -> Gathered:
    if type(expr) is Literal:
        return Gathered(Fraction(expr.value), "decimal" if "." in expr.text else "", [])
    if type(expr) is Apply and expr.op in ("product", "neg"):
        parts = [_gathered(arg) for arg in expr.args]
        number = Fraction(-1 if expr.op == "neg" else 1)
        for part in parts:
            number *= part.number
        return Gathered(number, max(part.manner for part in parts), [factor for part in parts for factor in part.factors])
    if type(expr) is Apply and expr.op in ("divide", "fraction"):
        over, under = map(_gathered, expr.args)
        if under.number:
            factors = over.factors if not under.factors else [
                _written(over._replace(number=Fraction(1))) / _written(under._replace(number=Fraction(1)))]
            return Gathered(over.number / under.number, max("fraction" * (expr.op == "fraction"), over.manner, under.manner), factors)
    return Gathered(Fraction(1), "", [expr])


def _written(part: Gathered) -> Expr:
    """The product with its number in front, or in the quotient it stands before; a sign stands before it all."""
    number, manner, factors = part
    factors = _cancelled(factors)
    if not number:
        return lift(0)
    size = abs(number)
    if number == -1 and len(factors) == 1 and _is_difference(factors[0]):
        minuend, subtracted = factors[0].args
        return subtracted.args[0] - minuend
    if len(factors) == 1 and type(factors[0]) is Apply and factors[0].op == "divide" and size != 1:
        over, under = factors[0].args
        whole = _with_number(Fraction(size.numerator), "", [over]) / _with_number(Fraction(size.denominator), "", [under])
    elif factors and size.denominator > 1 and not manner:
        whole = _with_number(Fraction(size.numerator), "", factors) / lift(size.denominator)
    else:
        whole = _with_number(size, manner, factors)
    if number > 0:
        return whole
    return lift("-" + whole.text) if type(whole) is Literal else -whole


def _is_difference(expr: Expr) -> bool:
    """a - b, whose opposite is b - a."""
    return (type(expr) is Apply and expr.op == "sum" and len(expr.args) == 2 and type(expr.args[1]) is Apply
            and expr.args[1].op == "neg" and not (type(expr.args[0]) is Apply and expr.args[0].op == "neg"))


def _cancelled(factors: list[Expr]) -> list[Expr]:
    """1/u times u is 1."""
    for one in factors:
        if type(one) is Apply and one.op == "divide" and one.args[0] == lift(1) and one.args[1] in factors:
            kept = [factor for factor in factors if factor is not one]
            kept.remove(one.args[1])
            return _cancelled(kept)
    return factors


def _with_number(size: Fraction, manner: str, factors: list[Expr]) -> Expr:
    factors = [factor for factor in factors if not (type(factor) is Literal and factor.value == 1)]
    parts = factors if size == 1 and factors else [_number(size, manner), *factors]
    flat = [each for part in parts for each in (part.args if type(part) is Apply and part.op == "product" else (part,))]
    return flat[0] if len(flat) == 1 else Apply("product", tuple(flat))


def _number(size: Fraction, manner: str) -> Expr:
    """A whole number, a decimal where there was one, else a fraction."""
    if size.denominator == 1:
        return lift(int(size))
    decimal = CONTEXT.divide(Decimal(size.numerator), Decimal(size.denominator))
    if manner == "decimal" and Fraction(decimal) == size:
        return lift(plain_text(decimal))
    return fraction(size.numerator, size.denominator)


def _sum(expr: Apply) -> Expr:
    """Sums within opened; terms with the same factors, numbers too, joined where the first of them stands; no zeros."""
    terms: list[Gathered] = []
    for arg in expr.args:
        part = _gathered(arg)
        is_sum = len(part.factors) == 1 and type(part.factors[0]) is Apply and part.factors[0].op == "sum"
        if is_sum and abs(part.number) == 1:
            inner = [_gathered(term) for term in part.factors[0].args]
            terms += [term._replace(number=part.number * term.number) for term in inner]
        else:
            terms.append(part)
    joined: dict[tuple[Expr, ...], Gathered] = {}
    for term in terms:
        same = joined.get(tuple(term.factors))
        joined[tuple(term.factors)] = term if same is None else Gathered(
            same.number + term.number, max(same.manner, term.manner), term.factors)
    kept = [term for term in joined.values() if term.number]
    # what is negative within a sum is subtracted
    parts = [-_written(term._replace(number=-term.number)) if place and term.number < 0 else _written(term)
             for place, term in enumerate(kept)]
    return Apply("sum", tuple(parts)) if len(parts) > 1 else parts[0] if parts else lift(0)


def _power(expr: Apply) -> Expr:
    base, exponent = expr.args
    if type(exponent) is not Literal:
        return expr
    if exponent.value in (0, 1):
        return base if exponent.value else lift(1)
    if type(base) is Apply and base.op == "power" and _is_whole(exponent) and _is_whole(base.args[1]):
        return base.args[0] ** lift(int(base.args[1].value * exponent.value))
    return expr


def _is_whole(expr: Expr) -> bool:
    return type(expr) is Literal and expr.value == expr.value.to_integral_value()


RULES = {"product": _product, "neg": _product, "divide": _product, "fraction": _product, "sum": _sum, "power": _power}

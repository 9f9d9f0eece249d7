"""Tidying up a formula as one does by hand after a derivative: numbers are gathered, zeros and ones
go.

    3 * (2 * x) * 1 + 0   ->   6 * x          (2 * (y - h) * -1) / 2   ->   -(y - h)          1/(x^2 + 1) * (2 * x)   ->   2 * x/(x^2 + 1)

Every product becomes a sign, one number, its symbols and then its longer factors, each in their
order and equal ones as a power, over what it is divided by; terms with the same factors are joined.
Nothing is multiplied out.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ..numbers.number import CONTEXT, exact_text
from .expression import Apply, Expr, Literal, Name, lift, names
from .laws import fraction


class Gathered(NamedTuple):
    """A product: its number, how the author wrote such numbers ("decimal", "fraction", or "" for
    whole ones and quotients), and its other factors, above the line and below it."""

    number: Fraction
    manner: str
    over: list[Expr]
    under: list[Expr]


def simplify(expr: Expr) -> Expr:
    """`expr` with its numbers gathered, from the inside out."""
    if type(expr) is not Apply:
        return expr
    tidy = Apply(expr.op, tuple([simplify(arg) for arg in expr.args]))
    return RULES[expr.op](tidy) if expr.op in RULES else tidy


def _product(expr: Expr) -> Expr:
    return _written(_gathered(expr))


def _gathered(expr: Expr) -> Gathered:
    part = _taken_apart(expr)
    over, under = _joined(part.over, part.under)
    return part._replace(over=over, under=under)


def _taken_apart(expr: Expr) -> Gathered:
    if type(expr) is Literal:
        return Gathered(
            Fraction(expr.value), "decimal" if {".", "e"} & set(expr.text) else "", [], []
        )
    if type(expr) is Apply and expr.op in ("product", "neg"):
        parts = [_taken_apart(arg) for arg in expr.args]
        number = Fraction(-1 if expr.op == "neg" else 1)
        for part in parts:
            number *= part.number
        return Gathered(
            number,
            max(part.manner for part in parts),
            [factor for part in parts for factor in part.over],
            [factor for part in parts for factor in part.under],
        )
    if type(expr) is Apply and expr.op in ("divide", "fraction"):
        over, under = map(_taken_apart, expr.args)
        if under.number:
            return Gathered(
                over.number / under.number,
                max("fraction" * (expr.op == "fraction"), over.manner, under.manner),
                over.over + under.under,
                over.under + under.over,
            )
    return Gathered(Fraction(1), "", [expr], [])


def _joined(over: list[Expr], under: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Equal factors as one power, above the line or below it; symbols before what is longer."""
    powers: dict[Expr, int] = {}
    for base, exponent in (
        *map(_base, over),
        *((base, -exponent) for base, exponent in map(_base, under)),
    ):
        powers[base] = powers.get(base, 0) + exponent
    for root in [base for base in powers if _is_root(base) and abs(powers[base]) > 1]:
        left = (
            powers[root] % 2 if powers[root] > 0 else -(powers[root] % 2)
        )  # a root times itself is what stands under it
        inner, exponent = _base(root.args[0])
        powers[inner] = powers.get(inner, 0) + (powers[root] - left) // 2 * exponent
        powers[root] = left
    ordered = sorted((base for base in powers if powers[base]), key=_rank)
    as_typed = {base for base, exponent in map(_base, over) if exponent < 0} - {
        base for base, _ in map(_base, under)
    }  # x^-2 stays x^-2
    below = [base for base in ordered if powers[base] < 0 and base not in as_typed]
    return [_raised(base, powers[base]) for base in ordered if base not in below], [
        _raised(base, -powers[base]) for base in below
    ]


def _base(factor: Expr) -> tuple[Expr, int]:
    """What is raised to a whole power, and the power."""
    if (
        type(factor) is Apply
        and factor.op == "power"
        and _is_whole(factor.args[1])
        and type(factor.args[0]) is not Literal
    ):
        return factor.args[0], int(factor.args[1].value)
    return factor, 1


def _raised(base: Expr, exponent: int) -> Expr:
    if type(base) is Apply and base.op == "exp" and exponent != 1:
        return Apply("exp", (simplify(lift(exponent) * base.args[0]),))
    return base if exponent == 1 else base ** lift(exponent)


def _is_root(expr: Expr) -> bool:
    """The square root of what is not a number alone."""
    return type(expr) is Apply and expr.op == "sqrt" and type(expr.args[0]) is not Literal


def _rank(expr: Expr) -> int:
    """Where a factor stands: powers of numbers first, then names and their powers, then what is
    longer."""
    base = (
        expr.args[0]
        if type(expr) is Apply and expr.op == "power" and not names(expr.args[1])
        else expr
    )
    return {Literal: 0, Name: 1}.get(type(base), 2)


def prints_alike(one: Expr, other: Expr) -> bool:
    """Whether the two look the same on a page: `(-2)*x` and `-(2*x)`, the quotient 1/3 and the
    fraction."""
    return _as_printed(one) == _as_printed(other)


def _as_printed(expr: Expr) -> Expr:
    if type(expr) is not Apply:
        return expr
    args = tuple([_as_printed(arg) for arg in expr.args])
    if expr.op == "neg" and type(args[0]) is Literal and args[0].value > 0:
        return lift("-" + args[0].text)
    if (
        expr.op == "neg"
        and type(args[0]) is Apply
        and args[0].op == "product"
        and type(args[0].args[0]) is Literal
        and args[0].args[0].value > 0
    ):
        return Apply("product", (lift("-" + args[0].args[0].text), *args[0].args[1:]))
    return Apply("divide" if expr.op == "fraction" else expr.op, args)


# ---- written again ------------------------------------------------------------------------------


def _written(part: Gathered) -> Expr:
    """The product with its number in front, or in the quotient it stands before; a sign stands
    before it all."""
    number, manner, over, under = part
    if not number:
        return lift(0)
    size = abs(number)
    if number == -1 and not under and len(over) == 1 and _is_difference(over[0]):
        minuend, subtracted = over[0].args
        return subtracted.args[0] - minuend
    if under and manner == "decimal" and type(_number(size, manner)) is Literal:
        whole = _with_number(size, manner, over) / _with_number(Fraction(1), "", under)
    elif under or over and size.denominator > 1 and not manner:
        whole = _with_number(Fraction(size.numerator), "", over) / _with_number(
            Fraction(size.denominator), "", under
        )
    else:
        whole = _with_number(size, manner, over)
    if number > 0:
        return whole
    return lift("-" + whole.text) if type(whole) is Literal else -whole


def _is_difference(expr: Expr) -> bool:
    """a - b, whose opposite is b - a."""
    return (
        type(expr) is Apply
        and expr.op == "sum"
        and len(expr.args) == 2
        and type(expr.args[1]) is Apply
        and expr.args[1].op == "neg"
        and not (type(expr.args[0]) is Apply and expr.args[0].op == "neg")
    )


def _with_number(size: Fraction, manner: str, factors: list[Expr]) -> Expr:
    factors = [factor for factor in factors if not (type(factor) is Literal and factor.value == 1)]
    parts = factors if size == 1 and factors else [_number(size, manner), *factors]
    flat = [
        each
        for part in parts
        for each in (part.args if type(part) is Apply and part.op == "product" else (part,))
    ]
    return flat[0] if len(flat) == 1 else Apply("product", tuple(flat))


def _number(size: Fraction, manner: str) -> Expr:
    """A whole number, a decimal where there was one, else a fraction."""
    if size.denominator == 1:
        return lift(int(size))
    decimal = CONTEXT.divide(Decimal(size.numerator), Decimal(size.denominator))
    if manner == "decimal" and Fraction(decimal) == size:
        return lift(exact_text(decimal))
    return fraction(size.numerator, size.denominator)


def _sum(expr: Apply) -> Expr:
    """Sums within opened; terms with the same factors, numbers too, joined where the first of them
    stands; no zeros."""
    terms: list[Gathered] = []
    for arg in expr.args:
        part = _gathered(arg)
        is_sum = (
            len(part.over) == 1
            and not part.under
            and type(part.over[0]) is Apply
            and part.over[0].op == "sum"
        )
        if is_sum and abs(part.number) == 1:
            inner = [_gathered(term) for term in part.over[0].args]
            terms += [term._replace(number=part.number * term.number) for term in inner]
        else:
            terms.append(part)
    joined: dict[tuple, Gathered] = {}
    for term in terms:
        key = tuple(term.over), tuple(term.under)
        same = joined.get(key, term._replace(number=Fraction(0)))
        joined[key] = term._replace(
            number=same.number + term.number, manner=max(same.manner, term.manner)
        )
    kept = [term for term in joined.values() if term.number]
    # what is negative within a sum is subtracted
    parts = [
        -_written(term._replace(number=-term.number))
        if place and term.number < 0
        else _written(term)
        for place, term in enumerate(kept)
    ]
    return Apply("sum", tuple(parts)) if len(parts) > 1 else parts[0] if parts else lift(0)


def _power(expr: Apply) -> Expr:
    base, exponent = expr.args
    if type(exponent) is not Literal:
        return expr
    if exponent.value in (0, 1):
        return base if exponent.value else lift(1)
    if (
        type(base) is Apply
        and base.op == "power"
        and _is_whole(exponent)
        and _is_whole(base.args[1])
    ):
        return base.args[0] ** lift(int(base.args[1].value * exponent.value))
    return expr


def _is_whole(expr: Expr) -> bool:
    return type(expr) is Literal and expr.value == expr.value.to_integral_value()


RULES = {
    "product": _product,
    "neg": _product,
    "divide": _product,
    "fraction": _product,
    "sum": _sum,
    "power": _power,
}

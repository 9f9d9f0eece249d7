"""Dual numbers in decimals: a value and its slopes by several names at once, carried forward
through every operation.

    x = Dual(Decimal(3), {"x": Decimal(1)});     times(x, x)   ->   Dual(9, {"x": 6})

The arithmetic of the judge (`judge/judges.py`), with functions, slopes and corners of its own: no
rule of `algebra/derivative.py` or `algebra/laws.py` has a say here. It works with more than twice
the digits of what it judges, and with exponents without end: no difference is taken, so nothing
cancels, and nothing runs out of numbers that has a value. Where there is no slope, it is NaN; where
there is no value, ArithmeticError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)
from functools import lru_cache
from typing import NamedTuple

from ..numbers.number import Number

ZERO, ONE, TWO, HALF, NONE = Decimal(0), Decimal(1), Decimal(2), Decimal("0.5"), Decimal("NaN")

FARTHEST = 1000  # powers of ten of an angle: beyond, nobody can say where on the circle it lies


class Dual(NamedTuple):
    """A value, and its slope by each name that it depends on."""

    value: Decimal
    slopes: Mapping[str, Decimal] = {}


def judging(digits: int = 50) -> AbstractContextManager:
    """The arithmetic in which what was worked out with so many digits is judged."""
    return localcontext(
        Context(
            prec=2 * digits + 10,
            Emin=MIN_EMIN,
            Emax=MAX_EMAX,
            traps=[InvalidOperation, DivisionByZero, Overflow],
        )
    )


def constants(given: Mapping[str, Number]) -> dict[str, Dual]:
    """The numbers that are given, by name: they do not move."""
    return {name: Dual(number.value) for name, number in given.items()}


# ---- functions: value, and slope from argument and value
# ------------------------------------------


@lru_cache(maxsize=4096)
def _exp(x: Decimal, digits: int) -> Decimal:
    return x.exp()


def exp(x: Decimal) -> Decimal:
    """e^x to the digits of the context."""
    return _exp(x, getcontext().prec)


@lru_cache(maxsize=4096)
def _ln(x: Decimal, digits: int) -> Decimal:
    return x.ln()


def ln(x: Decimal) -> Decimal:
    """ln(x) to the digits of the context, -Infinity at 0. Raises InvalidOperation below."""
    return _ln(x, getcontext().prec)


def sigmoid(z: Decimal) -> Decimal:
    """1/(1 + e^-z); no power overflows."""
    small = exp(-abs(z))
    return (small if z < 0 else ONE) / (ONE + small)


def sigmoid_slope(z: Decimal) -> Decimal:
    """e^-|z| / (1 + e^-|z|)^2: nothing cancels."""
    small = exp(-abs(z))
    return small / (ONE + small) ** 2


def tanh(z: Decimal) -> Decimal:
    """(1 - e^-2|z|) / (1 + e^-2|z|); near 0, where that cancels, z - z^3/3."""
    if not z or z.adjusted() < -getcontext().prec // 4:
        return z - z**3 / 3
    small = exp(-2 * abs(z))
    return ((ONE - small) / (ONE + small)).copy_sign(z)


def tanh_slope(z: Decimal) -> Decimal:
    """4 e^-2|z| / (1 + e^-2|z|)^2: nothing cancels."""
    small = exp(-2 * abs(z))
    return 4 * small / (ONE + small) ** 2


def side(z: Decimal) -> Decimal:
    """The slope of |z|: there is none at 0."""
    return ONE.copy_sign(z) if z else NONE


def above(z: Decimal) -> Decimal:
    """The slope of a ReLU, ReLU'(0) = 0."""
    return ONE if z > 0 else ZERO


@lru_cache(maxsize=8)
def _pi(digits: int) -> Decimal:
    """pi by the arithmetic-geometric mean of Gauss and Legendre."""
    with localcontext() as wide:
        wide.prec = digits + 10
        a, b, t, power = ONE, ONE / TWO.sqrt(), ONE / 4, 1
        while abs(a - b) > Decimal(1).scaleb(-digits - 5):
            mean = (a + b) / 2
            a, b, t, power = mean, (a * b).sqrt(), t - power * (a - mean) ** 2, 2 * power
        return (a + b) ** 2 / (4 * t)


@lru_cache(maxsize=1024)
def _turned(x: Decimal, quarters: int, digits: int) -> Decimal:
    """sin(x + quarters pi/2): by the series, of an angle of at most pi/4. Near a multiple of pi/2
    with as many digits more as that costs."""
    with localcontext() as wide:
        size = max(0, x.adjusted() if x else 0)
        if size > FARTHEST:
            raise Overflow
        wide.prec = digits + 15 + 2 * size
        quarter = _pi(wide.prec) / 2
        turns = (x / quarter).to_integral_value()
        rest = x - turns * quarter
        k = (int(turns) + quarters) % 4
        term = total = rest if k % 2 == 0 else ONE
        n = 1 - k % 2
        while term and term.adjusted() > total.adjusted() - wide.prec:
            term = -term * rest * rest / ((n + 1) * (n + 2))
            n, total = n + 2, total + term
    return +(-total if k > 1 else total)


def sin(x: Decimal) -> Decimal:
    """sin(x), x in radians. Raises Overflow beyond FARTHEST."""
    return _turned(x, 0, getcontext().prec)


def cos(x: Decimal) -> Decimal:
    """cos(x), x in radians. Raises Overflow beyond FARTHEST."""
    return _turned(x, 1, getcontext().prec)


# each: the value, and the slope from the argument and that value
FUNCTIONS: dict[str, tuple[Callable[[Decimal], Decimal], Callable[[Decimal, Decimal], Decimal]]] = {
    "exp": (exp, lambda x, value: value),
    "ln": (ln, lambda x, value: ONE / x),
    "sqrt": (Decimal.sqrt, lambda x, value: HALF / value),
    "sin": (sin, lambda x, value: cos(x)),
    "cos": (cos, lambda x, value: -sin(x)),
    "tan": (lambda x: sin(x) / cos(x), lambda x, value: ONE + value * value),
    "tanh": (tanh, lambda x, value: tanh_slope(x)),
    "sigmoid": (sigmoid, lambda x, value: sigmoid_slope(x)),
    "relu": (lambda x: x if x > 0 else ZERO, lambda x, value: above(x)),
    "abs": (abs, lambda x, value: side(x)),
}


def applied(name: str, x: Dual) -> Dual:
    """A function of FUNCTIONS with its slope."""
    function, slope = FUNCTIONS[name]
    value = function(x.value)
    if not x.slopes:
        return Dual(value)
    return Dual(value, _scaled(x.slopes, _told(slope, x.value, value)))


# ---- operations
# -----------------------------------------------------------------------------------


def plus(a: Dual, b: Dual) -> Dual:
    """a + b, slope a' + b'."""
    return Dual(a.value + b.value, _together(a.slopes, b.slopes))


def minus(a: Dual, b: Dual) -> Dual:
    """a - b, slope a' - b'."""
    return Dual(
        a.value - b.value, _together(a.slopes, {name: -slope for name, slope in b.slopes.items()})
    )


def negated(a: Dual) -> Dual:
    """-a, slope -a'."""
    return Dual(-a.value, {name: -slope for name, slope in a.slopes.items()})


def times(a: Dual, b: Dual) -> Dual:
    """0 ln(0) is 0, its limit: nothing times 0 is anything but 0."""
    value = a.value * b.value if a.value and b.value else ZERO
    if not a.value.is_finite() or not b.value.is_finite():
        return Dual(
            value,
            _together(
                _scaled(a.slopes, b.value) if b.value else {},
                _scaled(b.slopes, a.value) if a.value else {},
            ),
        )
    return Dual(value, _together(_scaled(a.slopes, b.value), _scaled(b.slopes, a.value)))


def over(a: Dual, b: Dual) -> Dual:
    """a/b, slope a'/b - b' (a/b)/b. Raises ArithmeticError where b is 0."""
    value = a.value / b.value
    if not a.slopes and not b.slopes:
        return Dual(value)
    return Dual(
        value, _together(_scaled(a.slopes, ONE / b.value), _scaled(b.slopes, -value / b.value))
    )


def power(a: Dual, b: Dual) -> Dual:
    """a^b, slope b a^(b-1) a' + a^b ln(a) b'. Raises ArithmeticError where it has no value."""
    value = raised(a.value, b.value)
    by_base = (
        _told(lambda: b.value * raised(a.value, b.value - 1)) if a.slopes and b.value else ZERO
    )
    by_exponent = _told(lambda: value * ln(a.value)) if b.slopes and value else ZERO
    return Dual(value, _together(_scaled(a.slopes, by_base), _scaled(b.slopes, by_exponent)))


def greater(a: Dual, b: Dual) -> Dual:
    """The maximum; of two that are equal the first counts, as ReLU'(0) = 0 in max(0, z)."""
    return b if b.value > a.value else a


def raised(base: Decimal, exponent: Decimal) -> Decimal:
    """base^exponent, 0^0 = 1."""
    if exponent == exponent.to_integral_value():
        return base**exponent if exponent else ONE
    if not base:
        return ZERO if exponent > 0 else ONE / ZERO
    return exp(exponent * ln(base))


def _told(slope: Callable[..., Decimal], *args: Decimal) -> Decimal:
    try:
        return slope(*args)
    except ArithmeticError:
        return NONE


def _scaled(slopes: Mapping[str, Decimal], by: Decimal) -> Mapping[str, Decimal]:
    """Times 0 there is no slope, of one without end either; what has none, |z| at 0, has none then
    either."""
    return (
        {
            name: slope * by
            for name, slope in slopes.items()
            if by and slope or slope.is_nan() or by.is_nan()
        }
        if slopes
        else {}
    )


def _together(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    if not one or not other:
        return one or other
    found = dict(one)
    for name, slope in other.items():
        found[name] = total(found[name], slope) if name in found else slope
    return found


def total(one: Decimal, other: Decimal) -> Decimal:
    """The sum of two slopes; there is none where they lead to both ends of the world, as of x ln(x)
    - x ln(x) at 0."""
    try:
        return one + other
    except InvalidOperation:
        return NONE

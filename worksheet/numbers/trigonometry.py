"""Sine, cosine and tangent of a Decimal, to the digits of `CONTEXT`; angles in radians.

    sin(r + k pi/2) = sin r, cos r, -sin r, -cos r   for k = 0, 1, 2, 3 (mod 4),   |r| <= pi/4

The argument is brought into |r| <= pi/4 with as many digits of pi as its size asks for; there the
Taylor series of sine ends after some twenty terms.
"""

from __future__ import annotations

from decimal import Context, Decimal, Overflow
from functools import lru_cache

from .number import CONTEXT

GUARD = 12  # digits beyond those of the result
FARTHEST = 1000  # powers of ten of an angle: beyond, nobody can say where on the circle it lies


@lru_cache(maxsize=8)
def pi(digits: int) -> Decimal:
    """pi = 16 arctan(1/5) - 4 arctan(1/239) (Machin), to `digits` digits."""
    wide = Context(prec=digits + GUARD)

    def arctan_of_one_over(n: int) -> Decimal:
        power = total = wide.divide(1, n)
        k, square = 1, n * n
        while power.adjusted() > -digits - GUARD:
            power = wide.divide(wide.minus(power), square)
            k += 2
            total = wide.add(total, wide.divide(power, k))
        return total

    return wide.subtract(
        wide.multiply(16, arctan_of_one_over(5)), wide.multiply(4, arctan_of_one_over(239))
    )


def _reduced(angle: Decimal) -> tuple[Decimal, int, Context]:
    """r and k with angle = r + k pi/2, and the context they were found in; near a multiple of pi/2
    with as many digits more as the difference loses."""
    size = max(0, angle.adjusted() if angle else 0)
    if size > FARTHEST:
        raise Overflow
    digits = CONTEXT.prec + GUARD + 2 * size
    while True:
        wide = Context(prec=digits)
        quarter = wide.divide(pi(digits), 2)
        k = wide.divide(angle, quarter).to_integral_value()
        r = wide.subtract(angle, wide.multiply(k, quarter))
        lost = angle.adjusted() - r.adjusted() if k and r else 0
        if digits - lost >= CONTEXT.prec + GUARD:
            return r, int(k) % 4, wide
        digits += lost


def _series(r: Decimal, first: int, wide: Context) -> Decimal:
    """r - r^3/3! + ... (first = 1) or 1 - r^2/2! + ... (first = 0)."""
    term = total = r if first else Decimal(1)
    square, k = wide.multiply(r, r), first
    while term and term.adjusted() > -wide.prec:
        term = wide.divide(wide.multiply(wide.minus(term), square), (k + 1) * (k + 2))
        k += 2
        total = wide.add(total, term)
    return total


@lru_cache(maxsize=4096)
def _turned(angle: Decimal, quarters: int, digits: int) -> Decimal:
    """sin(angle + quarters pi/2), remembered for each number of digits that is worked with."""
    r, k, wide = _reduced(angle)
    k = (k + quarters) % 4
    value = _series(r, 1 - k % 2, wide)
    return CONTEXT.plus(wide.minus(value) if k > 1 else value)


def sin(angle: Decimal) -> Decimal:
    """sin(angle); the angle in radians, the result to the digits of `CONTEXT`."""
    return _turned(angle, 0, CONTEXT.prec)


def cos(angle: Decimal) -> Decimal:
    """cos(angle); the angle in radians, the result to the digits of `CONTEXT`."""
    return _turned(angle, 1, CONTEXT.prec)


def tan(angle: Decimal) -> Decimal:
    """tan(angle) = sin(angle) / cos(angle); the angle in radians, the result to the digits of
    `CONTEXT`."""
    return CONTEXT.divide(sin(angle), cos(angle))

"""How far the number of an event may lie from the true one, because only so many digits are
carried.

    1/3 = 0.33...3 (50 digits), off by 10^-50        1/3 - 0.33...3 (48 digits) = 3.3e-49, of which two digits are known

A bound for every operation from those of its operands: their errors times the steepest slope near,
and one unit of the last digit. Whatever is carried exactly has none. Where a digit to be shown is
not known, `MoreDigits` is raised, and the whole is worked out with twice as many (`families/`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_UP, Context, Decimal, InvalidOperation
from typing import TypeVar

from .number import CONTEXT, REACH, working

DIGITS = (
    50,
    100,
    400,
    800,
)  # with the last of them, what is no larger than its bound is zero, and a tie is a tie
RUN = 100  # the most digits of a run of very many updates: its end is shown with a few
FIRM, TOLD = (
    26,
    4,
)  # digits that are known of what the judge is asked about, and of what is shown as 0 and told about
ROUGH = Context(prec=6, rounding=ROUND_UP, Emin=-REACH - 1000, Emax=REACH + 1000, traps=[])
ZERO, ENDLESS = Decimal(0), Decimal("Infinity")
Result = TypeVar("Result")


class MoreDigits(Exception):
    """A digit that would be shown is not known with so many digits."""


class NotKnown(InvalidOperation):
    """Not one digit is known, with however many."""


def known(work: Callable[[], Result], least: int = DIGITS[0]) -> Result:
    """What `work` gives with the fewest digits (of DIGITS, `least` or more) of which it says that
    they are enough."""
    for digits in DIGITS[DIGITS.index(least) :]:
        try:
            with working(digits):
                return work()
        except MoreDigits:
            continue
    raise AssertionError("the last number of digits is always enough")


def is_most() -> bool:
    """Whether no more digits are to be had."""
    return CONTEXT.prec >= DIGITS[-1]


def bound(
    op: str, operands: Sequence[Decimal], errors: Sequence[Decimal], result: Decimal
) -> Decimal:
    """How far `result` may lie from what the true operands give, each of which lies within its
    error of the one that is here; without `operands`, none has an error."""
    error = SPREAD[op](operands, errors, result) if any(errors) else ZERO
    if op not in CHOICES and result and has_all_digits(result):
        error = ROUGH.add(error, Decimal((0, (1,), result.adjusted() - CONTEXT.prec + 1)))
    return ENDLESS if error.is_nan() else error  # 0 times what nobody knows


def has_all_digits(number: Decimal) -> bool:
    """Whether a number has as many digits as are worked with; a shorter one is exact."""
    return (
        len(str(number)) >= CONTEXT.prec and len(number.as_tuple().digits) >= CONTEXT.prec
    )  # the text, with its signs, is found sooner


def _product(operands, errors, result):
    if len(operands) == 1:  # zero times anything
        return ZERO
    (a, b), (of_a, of_b) = operands, errors
    by_b = ROUGH.multiply(a.copy_abs(), of_b) if a else ZERO  # nothing, times whatever it may be
    return ROUGH.add(by_b, ROUGH.multiply(ROUGH.add(b.copy_abs(), of_b), of_a)) if of_a else by_b


def _divide(operands, errors, result):
    (_, b), (of_a, of_b) = operands, errors
    nearest = ROUGH.subtract(b.copy_abs(), of_b)
    return (
        ROUGH.divide(ROUGH.add(of_a, ROUGH.multiply(result.copy_abs(), of_b)), nearest)
        if nearest > 0
        else ENDLESS
    )


def _power(operands, errors, result):
    """Of b^n: the relative error of b times n, and that of n times ln(b); doubled for what is
    curved, where both are small."""
    (base, exponent), (of_base, of_exponent) = operands, errors
    if not base:
        return (
            ZERO
            if not of_base and not of_exponent
            else ROUGH.power(of_base, exponent)
            if exponent > 0
            else ENDLESS
        )
    relative = ROUGH.multiply(
        ROUGH.add(exponent.copy_abs(), 1), ROUGH.divide(of_base, base.copy_abs())
    )
    if of_exponent:
        relative = ROUGH.add(relative, ROUGH.multiply(abs(ROUGH.ln(base.copy_abs())), of_exponent))
    return (
        ROUGH.multiply(result.copy_abs(), ROUGH.multiply(2, relative))
        if relative < Decimal("0.1")
        else ENDLESS
    )


def _exp(operands, errors, result):
    return ROUGH.multiply(result, ROUGH.multiply(2, errors[0])) if errors[0] < 1 else ENDLESS


def _by_least(slope: Callable[[Decimal], Decimal]) -> Callable:
    """For a function of a positive number whose slope is steepest at the lower end."""

    def spread(operands, errors, result):
        least = ROUGH.subtract(operands[0], errors[0])
        return ROUGH.divide(errors[0], slope(least)) if least > 0 else ENDLESS

    return spread


def _tan(operands, errors, result):
    slope = ROUGH.add(1, ROUGH.multiply(result, result))
    return (
        ROUGH.multiply(ROUGH.multiply(2, slope), errors[0])
        if ROUGH.multiply(slope, errors[0]) < Decimal("0.1")
        else ENDLESS
    )


def _same(operands, errors, result):
    return errors[0]


def _max(operands, errors, result):
    """Of those that may be the largest: a ReLU that is off is 0, however little is known of what it
    is given."""
    least = max(ROUGH.subtract(operand, error) for operand, error in zip(operands, errors))
    return max(
        error for operand, error in zip(operands, errors) if ROUGH.add(operand, error) >= least
    )


def _indicator(operands, errors, result):
    return ENDLESS if operands[0].copy_abs() <= errors[0] else ZERO


SPREAD: dict[str, Callable] = {
    "sum": lambda operands, errors, result: ROUGH.add(*errors),
    "max": _max,
    "neg": _same,
    "abs": _same,
    "sin": _same,
    "cos": _same,
    "tan": _tan,
    "product": _product,
    "divide": _divide,
    "power": _power,
    "exp": _exp,
    "ln": _by_least(lambda least: least),
    "log10": _by_least(lambda least: least),
    "sqrt": _by_least(lambda least: ROUGH.sqrt(least)),
    "positive": _indicator,
    "not_positive": _indicator,
}
CHOICES = ("max", "neg", "abs", "positive", "not_positive")  # they give a number as it is

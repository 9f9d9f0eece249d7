"""Numbers on a page: a Decimal, the way it is written, and the policy that rounds it.

Everything from the spec to the page is `decimal.Decimal` in `CONTEXT` (50 digits, more where a
digit that is shown would not be known otherwise: `working`); there is no binary float between
reading a number and printing it. The text of a number is `0.62246`, or `1.28e-71` where it is very
large or very small (`is_far`); `tex/writer.py` and `tex/unicode.py` say how the second looks on a
page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DefaultContext,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
    getcontext,
)
from functools import lru_cache
from typing import ClassVar, Literal

REACH = 10**17  # powers of ten, up and down: e^30000 is a number like any other
for each in (
    DefaultContext,
    getcontext(),
):  # a sum or a sign between two such numbers, wherever it stands
    each.Emin, each.Emax = MIN_EMIN, MAX_EMAX
CONTEXT = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    Emin=-REACH,
    Emax=REACH,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
)
FREE = Context(
    prec=500, Emin=-REACH - 1000, Emax=REACH
)  # to take a number apart, whatever is worked with
ZEROS, LONG = (
    7,
    15,
)  # zeros that only hold places, and digits before the point: with more of them a number is far
FIGURES = 6  # a far number shows at least so many where places are counted
WIDEST = 400  # digits of one number; nobody reads more
SURE = 30  # places beyond the last one shown, in which no calculator tells one number from another
MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
KINDS = ("pre_activation", "activation", "prediction", "loss", "gradient", "weight")


@contextmanager
def working(digits: int) -> Iterator[None]:
    """Everything within is worked out with so many digits."""
    before, CONTEXT.prec = CONTEXT.prec, digits
    try:
        yield
    finally:
        CONTEXT.prec = before


@contextmanager
def endless() -> Iterator[None]:
    """Everything within may be as large and as small as it comes; what is smaller than all there
    is, is 0."""
    before, CONTEXT.Emin, CONTEXT.Emax, CONTEXT.traps[Underflow] = (
        (CONTEXT.Emin, CONTEXT.Emax),
        MIN_EMIN,
        MAX_EMAX,
        False,
    )
    try:
        yield
    finally:
        (CONTEXT.Emin, CONTEXT.Emax), CONTEXT.traps[Underflow] = before, True


@dataclass(frozen=True, slots=True)
class Number:
    """A value and its text: `1.0`, `0.50` and `2` print as their author wrote them."""

    value: Decimal
    text: str

    @classmethod
    def written(cls, text: str | int) -> Number:
        """The number an author wrote; `1e-3` prints as `0.001`, `1e-9` as it is, `+2` as `2`, `.5`
        as `0.5`, `-0.0` as `0.0`.

        Raises decimal.InvalidOperation for what is not a number."""
        text = str(text).strip().replace("_", "")
        value = Decimal(text)
        if not value.is_finite() or "e" in text.lower():
            return cls(value, scientific_text(value) if is_far(value) else plain_text(value))
        text = text.lstrip("+").rstrip(".")
        if not value:
            value, text = abs(value), text.lstrip("-")
        return cls(value, text.replace("-.", "-0.") if not text.startswith(".") else "0" + text)


def plain_text(value: Decimal) -> str:
    """The shortest decimal text of an exact value: no exponent, no trailing zeros, no -0."""
    if not value:
        return "0"
    if not value.is_finite() or abs(value.adjusted()) > WIDEST:
        return scientific_text(value.normalize(FREE)) if value.is_finite() else str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_far(value: Decimal) -> bool:
    """Written out, it would have more than seven zeros behind the point before its first figure,
    more than seven that only hold places before the point, or more than fifteen digits there."""
    power = value.adjusted()
    if -ZEROS - 1 <= power <= ZEROS or not value:
        return False
    return power < 0 or power >= LONG or not value % 10 ** (ZEROS + 1)


def scientific_text(value: Decimal) -> str:
    """`1.28e-71`, `3e17`: all the figures that the value has, one of them before the point."""
    sign, figures, exponent = value.as_tuple()
    front = "".join(map(str, figures))
    return f"{'-' * sign}{front[0]}{'.' * (len(front) > 1)}{front[1:]}e{exponent + len(front) - 1}"


def exact_text(value: Decimal) -> str:
    """The shortest text of an exact value, in powers of ten where it is far."""
    return scientific_text(value.normalize(FREE)) if is_far(value) else plain_text(value)


def bound_text(value: Decimal) -> str:
    """The text of a bound, with the places it has."""
    return (
        exact_text(value)
        if is_far(value) or value.as_tuple().exponent < -WIDEST
        else format(value, "f")
    )


@dataclass(frozen=True, slots=True)
class Digits:
    """How many digits a rounded number shows: decimal places, significant figures, or
    `places` but never fewer than `at_least_significant` figures."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    places: int | None = None
    significant: int | None = None
    at_least_significant: int | None = None

    def exponent(self, value: Decimal) -> int:
        """The power of ten of the last digit shown for `value`."""
        figures = self.significant or self.at_least_significant
        by_figures = value.adjusted() - figures + 1 if figures and value else None
        if self.significant:
            return 0 if by_figures is None else by_figures
        return -self.places if by_figures is None else min(-self.places, by_figures)


_digits = lru_cache(maxsize=64)(
    Digits
)  # those of a document, which are asked for with every number


@dataclass(frozen=True, slots=True)
class Rounding:
    """The policy of a document; every field is explained in README, "How numbers behave".

    policy: `carry` uses the printed value next, `exact` the unrounded one, `named` is exact
    inside one working and carries its result. commit: where `carry` rounds, after each
    displayed step or after each operation.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    policy: Literal["carry", "exact", "named"] = "carry"
    places: int | None = None
    significant: int | None = None
    at_least_significant: int | None = None
    kinds: dict[str, Digits] = field(default_factory=dict)
    mode: Literal["half-up", "half-even", "truncate"] = "half-up"
    commit: Literal["line", "operation"] = "line"
    relation: Literal["auto", "equals"] = "auto"
    zeros: Literal["pad", "strip"] = "pad"
    scientific: Literal["auto", "never"] = "auto"
    negatives: Literal["parentheses", "raw"] = "parentheses"
    e: Literal["symbol-then-digits", "symbol-then-value", "symbol"] = "symbol-then-digits"

    def digits(self, kind: str) -> Digits:
        """The digits for a kind of quantity (one of KINDS); the document's own otherwise."""
        if kind in self.kinds:
            return self.kinds[kind]
        places = 5 if self.places is None and not self.significant else self.places
        return _digits(places, self.significant, self.at_least_significant)

    def place(self, value: Decimal, digits: Digits) -> int:
        """The power of ten of the last digit that these digits show of `value`. Where places are
        counted, a number that is far above them keeps as many behind its first figure."""
        exponent = digits.exponent(value)
        if value.adjusted() < LONG or self.scientific == "never" or digits.significant:
            return exponent
        return value.adjusted() - max(
            digits.places, FIGURES - 1, (digits.at_least_significant or 1) - 1
        )

    def last_digit(self, value: Decimal, kind: str) -> int:
        """The power of ten of the last digit shown; 9.996 in three figures is 10.0, not 10.00."""
        digits = self.digits(kind)
        exponent = self.place(value, digits)
        if not (digits.significant or digits.at_least_significant) and value.adjusted() < LONG - 1:
            return exponent
        return self.place(self.round(value, exponent), digits)

    def round(self, value: Decimal, exponent: int) -> Decimal:
        """`value` to a multiple of 10**exponent in this mode; never a negative zero."""
        return quantize(value, exponent, self.mode)

    def write(self, rounded: Decimal, is_whole: bool, exponent: int | None = None) -> str:
        """The text of a rounded value. `is_whole`: it comes from exact numbers only, and grows no
        zeros (0.5 * 1.0 = 0.5); what was rounded on the way keeps its places (0.23500), up to
        10**exponent.

        Raises decimal.Overflow for a number with more digits than anybody reads."""
        is_bare = is_whole or self.zeros == "strip"
        if self.scientific == "auto" and is_far(rounded):
            return scientific_text(
                rounded.normalize(FREE)
                if is_bare or exponent is None
                else rounded.quantize(Decimal((0, (1,), exponent)), context=FREE)
            )
        if abs(rounded.adjusted()) > WIDEST and rounded:
            raise Overflow
        return plain_text(rounded) if is_bare else format(rounded, "f")


def is_last_digit(printed: Decimal, other: Decimal) -> bool:
    """Whether two numbers differ by less than ten units of the last digit that is printed."""
    return abs(FREE.subtract(printed, other)) < Decimal((0, (1,), printed.as_tuple().exponent + 1))


def half_unit(exponent: int) -> Decimal:
    """Half a unit of the digit 10**exponent."""
    return Decimal((0, (5,), exponent - 1))


@lru_cache(maxsize=256)
def _unit(exponent: int) -> Decimal:
    """One unit of the digit 10**exponent."""
    return Decimal((0, (1,), exponent))


def quantize(value: Decimal, exponent: int, mode: str) -> Decimal:
    """`value` rounded to a multiple of 10**exponent; a zero loses its sign. What lies within
    10**-SURE of a place from a tie, or from a whole number of places, counts as lying there: no
    calculator tells 1 - 10^-947 from 1, and so it is not cut off to 0.9999."""
    unit, fine = _unit(exponent), _unit(exponent - SURE)
    reach = value.adjusted() - exponent + SURE
    wide = FREE if reach < FREE.prec - 2 else Context(prec=reach + 9, Emin=-REACH, Emax=REACH)
    rounded = value.quantize(fine, rounding=ROUND_HALF_EVEN, context=wide).quantize(
        unit, rounding=MODES[mode], context=wide
    )
    if exponent > 0 and rounded.adjusted() < FREE.prec - 2:
        rounded = rounded.quantize(Decimal(1), context=wide)
    return rounded if rounded else abs(rounded)

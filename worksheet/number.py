"""Numbers on a page: a Decimal, the way it is written, and the policy that rounds it.

Everything from the spec to the page is `decimal.Decimal` in `CONTEXT` (50 digits);
there is no binary float between reading a number and printing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import (ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, DivisionByZero,
                     InvalidOperation, Overflow)
from typing import ClassVar, Literal

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN, Emin=-9999, Emax=9999,
                  traps=[InvalidOperation, DivisionByZero, Overflow])
MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
KINDS = ("pre_activation", "activation", "prediction", "loss", "gradient", "weight")


@dataclass(frozen=True, slots=True)
class Number:
    """A value and its text: `1.0`, `0.50` and `2` print as their author wrote them."""

    value: Decimal
    text: str

    @classmethod
    def written(cls, text: str | int) -> Number:
        """The number an author wrote; `1e-3` prints as `0.001`, `+2` as `2`, `.5` as `0.5`, `-0.0` as `0.0`.

        Raises decimal.InvalidOperation for what is not a number."""
        text = str(text).strip().replace("_", "")
        value = Decimal(text)
        if not value.is_finite() or "e" in text.lower():
            return cls(value, plain_text(value))
        text = text.lstrip("+").rstrip(".")
        if not value:
            value, text = abs(value), text.lstrip("-")
        return cls(value, text.replace("-.", "-0.") if not text.startswith(".") else "0" + text)


def plain_text(value: Decimal) -> str:
    """The shortest decimal text of an exact value: no exponent, no trailing zeros, no -0."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    negatives: Literal["parentheses", "raw"] = "parentheses"
    e: Literal["symbol-then-digits", "symbol-then-value", "symbol"] = "symbol-then-digits"

    def digits(self, kind: str) -> Digits:
        """The digits for a kind of quantity (one of KINDS); the document's own otherwise."""
        if kind in self.kinds:
            return self.kinds[kind]
        places = 5 if self.places is None and not self.significant else self.places
        return Digits(places, self.significant, self.at_least_significant)

    def last_digit(self, value: Decimal, kind: str) -> int:
        """The power of ten of the last digit shown; 9.996 in three figures is 10.0, not 10.00."""
        digits = self.digits(kind)
        exponent = digits.exponent(value)
        if not (digits.significant or digits.at_least_significant):
            return exponent
        return digits.exponent(self.round(value, exponent))

    def round(self, value: Decimal, exponent: int) -> Decimal:
        """`value` to a multiple of 10**exponent in this mode; never a negative zero."""
        return quantize(value, exponent, self.mode)

    def write(self, rounded: Decimal, is_whole: bool) -> str:
        """The text of a rounded value. `is_whole`: it comes from exact numbers only, and grows no
        zeros (0.5 * 1.0 = 0.5); what was rounded on the way keeps its places (0.23500)."""
        if is_whole or self.zeros == "strip":
            return plain_text(rounded)
        return format(rounded, "f")


def half_unit(exponent: int) -> Decimal:
    """Half a unit of the digit 10**exponent."""
    return Decimal((0, (5,), exponent - 1))


def quantize(value: Decimal, exponent: int, mode: str) -> Decimal:
    """`value` rounded to a multiple of 10**exponent; a zero loses its sign."""
    unit = Decimal((0, (1,), exponent))
    wide = CONTEXT if value.adjusted() - exponent < CONTEXT.prec - 2 else Context(prec=value.adjusted() - exponent + 9)
    rounded = value.quantize(unit, rounding=MODES[mode], context=wide)
    if exponent > 0:
        rounded = rounded.quantize(Decimal(1), context=wide)
    return rounded if rounded else abs(rounded)

"""How far a printed number may be from the unrounded one behind it, by the digits of a policy."""

from __future__ import annotations

from decimal import Decimal

from ..algebra.expression import Literal
from ..numbers.number import KINDS, Digits, Rounding


def slack(rounding: Rounding, literal: Literal) -> Decimal:
    """How far a printed number may be from the unrounded one: half a unit of its last place if it
    shows the digits of the policy, 0 if it shows fewer and so was given."""
    value = literal.value
    shown = value.as_tuple().exponent
    last = [_last_place(rounding, rounding.digits(kind), value, shown) for kind in KINDS]
    if (
        rounding.zeros == "strip"
    ):  # zeros may be gone: the coarsest kind that could have printed these digits
        shown = max(
            [
                each
                for each in last
                if each <= shown or value.scaleb(-each) == value.scaleb(-each).to_integral_value()
            ],
            default=shown,
        )
    elif shown > max(last):
        return Decimal(0)
    elif not shown:  # figures may end before the decimal point
        shown = max(0, *last)
    return Decimal((0, (1,), shown)) * (1 if rounding.mode == "truncate" else Decimal("0.5"))


def _last_place(rounding: Rounding, digits: Digits, value: Decimal, shown: int) -> int:
    """The last place of a kind, of what is far too; where figures are counted, the entries of a
    vector share the finest of theirs."""
    place = rounding.place(value, digits)
    return (
        min(place, shown)
        if (digits.significant or digits.at_least_significant) and shown < 0
        else place
    )


def figures(rounding: Rounding | None) -> list[int | None]:
    """The figures of a policy that may round before the decimal point, one for each kind that has
    its own; the most last."""
    if rounding is None:
        return [None]
    figures = {
        rounding.significant,
        *[digits.significant for digits in rounding.kinds.values()],
    } - {None}
    return sorted(figures) or [None]

"""Numbers on a page: every option of rounding, by example; rounding against exact fractions."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worksheet.numbers.number import (
    CONTEXT,
    KINDS,
    Digits,
    Number,
    Rounding,
    bound_text,
    is_far,
    plain_text,
    quantize,
)


@pytest.mark.parametrize(
    "text, printed",
    [
        ("1.0", "1.0"),
        ("0.50", "0.50"),
        ("-0.30", "-0.30"),
        ("2", "2"),
        ("+2", "2"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1e-3", "0.001"),
        ("2.50E2", "250"),
        ("-1e-3", "-0.001"),
        (" 7 ", "7"),
        ("1_000", "1000"),
        ("-0.0", "0.0"),
        ("-0", "0"),
        ("0.000", "0.000"),
        (3, "3"),
        (-3, "-3"),
    ],
)
def test_a_number_is_printed_as_it_was_written(text, printed):
    number = Number.written(text)
    assert number.text == printed
    assert number.value == Decimal(printed)
    assert not (number.value.is_signed() and not number.value)


@pytest.mark.parametrize("text", ["", "abc", "1,5", "1.2.3", "--1"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InvalidOperation):
        Number.written(text)


@pytest.mark.parametrize(
    "value, text",
    [
        ("1.500", "1.5"),
        ("2.000", "2"),
        ("1E+3", "1000"),
        ("-0.00", "0"),
        ("0E-7", "0"),
        ("1E-7", "0.0000001"),
        ("100", "100"),
        ("-12.30", "-12.3"),
    ],
)
def test_the_shortest_text_of_a_value(value, text):
    assert plain_text(Decimal(value)) == text


# ---- modes, ties included
# ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, exponent, half_up, half_even, truncate",
    [
        ("0.125", -2, "0.13", "0.12", "0.12"),
        ("0.135", -2, "0.14", "0.14", "0.13"),
        ("-0.125", -2, "-0.13", "-0.12", "-0.12"),
        ("-0.2173754", -5, "-0.21738", "-0.21738", "-0.21737"),
        ("2.5", 0, "3", "2", "2"),
        ("-2.5", 0, "-3", "-2", "-2"),
        ("0.999", -2, "1.00", "1.00", "0.99"),
        ("1234.5", 2, "1200", "1200", "1200"),
        ("1250", 2, "1300", "1200", "1200"),
        ("-0.004", -2, "0.00", "0.00", "0.00"),
        ("-0", -1, "0.0", "0.0", "0.0"),
        ("5", -3, "5.000", "5.000", "5.000"),
    ],
)
def test_each_mode(value, exponent, half_up, half_even, truncate):
    rounded = [
        Rounding(mode=mode).round(Decimal(value), exponent)
        for mode in ("half-up", "half-even", "truncate")
    ]
    assert [format(each, "f") for each in rounded] == [half_up, half_even, truncate]


def test_numbers_wider_than_the_context_are_rounded_too():
    assert quantize(Decimal("1e60") + 0, -5, "half-up") == Decimal("1e60")
    assert quantize(Decimal("123456789" * 6), -5, "half-up") == Decimal("123456789" * 6)


# ---- how many digits
# --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits, value, shown",
    [
        (Digits(places=3), "2.34567", "2.346"),
        (Digits(places=0), "2.5", "3"),
        (Digits(places=3), "0.0001", "0.000"),
        (Digits(significant=3), "0.0123456", "0.0123"),
        (Digits(significant=3), "123456", "123000"),
        (Digits(significant=1), "0.06", "0.06"),
        (Digits(significant=3), "0", "0"),
        (Digits(significant=3), "9.996", "10.0"),
        (Digits(significant=3), "0.09996", "0.100"),
        (Digits(significant=3), "999.6", "1000"),
        (Digits(significant=2), "-99.9", "-100"),
        (Digits(places=2, at_least_significant=3), "0.0123456", "0.0123"),
        (Digits(places=2, at_least_significant=3), "12.3456", "12.35"),
        (Digits(places=2, at_least_significant=3), "0.09996", "0.100"),
        (Digits(places=2, at_least_significant=3), "0", "0.00"),
    ],
)
def test_places_and_figures(digits, value, shown):
    rounding = Rounding(kinds={"loss": digits})
    number = Decimal(value)
    assert (
        rounding.write(rounding.round(number, rounding.last_digit(number, "loss")), is_whole=False)
        == shown
    )


def test_truncated_figures_never_grow():
    rounding = Rounding(significant=3, mode="truncate")
    assert rounding.round(
        Decimal("9.996"), rounding.last_digit(Decimal("9.996"), "loss")
    ) == Decimal("9.99")


@pytest.mark.parametrize(
    "rounding, expected",
    [
        (Rounding(), Digits(5)),
        (Rounding(places=0), Digits(0)),
        (Rounding(significant=4), Digits(None, 4)),
        (Rounding(places=3, at_least_significant=2), Digits(3, None, 2)),
        (Rounding(at_least_significant=2), Digits(5, None, 2)),
    ],
)
def test_five_places_unless_something_is_said(rounding, expected):
    assert all(rounding.digits(kind) == expected for kind in KINDS)


def test_a_kind_may_have_digits_of_its_own():
    rounding = Rounding(places=5, kinds={"gradient": Digits(places=7)})
    assert [rounding.digits(kind).places for kind in ("gradient", "weight")] == [7, 5]


@pytest.mark.parametrize(
    "zeros, is_whole, shown",
    [
        ("pad", False, "0.23500"),
        ("pad", True, "0.235"),
        ("strip", False, "0.235"),
        ("strip", True, "0.235"),
    ],
)
def test_rounded_results_keep_their_zeros(zeros, is_whole, shown):
    assert Rounding(zeros=zeros).write(Decimal("0.23500"), is_whole) == shown


# ---- laws
# -------------------------------------------------------------------------------------------

NUMBERS = st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=9)
EXPONENTS = st.integers(-9, 4)


def nearest(value: Fraction, unit: Fraction, mode: str) -> Fraction:
    """Rounding from its definition, in exact fractions."""
    size = abs(value) / unit
    low = floor(size)
    over = size - low
    is_up = (
        mode == "half-up"
        and over >= Fraction(1, 2)
        or mode == "half-even"
        and (over > Fraction(1, 2) or over == Fraction(1, 2) and low % 2)
    )
    return (low + bool(is_up)) * unit * (-1 if value < 0 else 1)


@given(NUMBERS, EXPONENTS, st.sampled_from(["half-up", "half-even", "truncate"]))
def test_rounding_is_what_fractions_say(value, exponent, mode):
    rounded = quantize(value, exponent, mode)
    assert Fraction(rounded) == nearest(Fraction(value), Fraction(10) ** exponent, mode)
    assert not (rounded.is_signed() and not rounded)
    assert rounded.as_tuple().exponent == min(exponent, 0)


@given(st.integers(-(10**6), 10**6), st.integers(-6, 0))
def test_ties_agree_with_the_decimal_module(half, exponent):
    tie = CONTEXT.scaleb(Decimal(10 * half + 5), exponent - 1)
    for mode, theirs in (
        ("half-up", ROUND_HALF_UP),
        ("half-even", ROUND_HALF_EVEN),
        ("truncate", ROUND_DOWN),
    ):
        assert quantize(tie, exponent, mode) == tie.quantize(
            Decimal(1).scaleb(exponent), theirs, Context(prec=60)
        )


@given(NUMBERS, EXPONENTS, st.sampled_from(["half-up", "half-even", "truncate"]))
def test_rounding_twice_is_rounding_once(value, exponent, mode):
    once = quantize(value, exponent, mode)
    assert quantize(once, exponent, mode) == once


@given(
    NUMBERS.filter(bool), st.integers(1, 8), st.sampled_from(["half-up", "half-even", "truncate"])
)
def test_as_many_figures_as_were_asked_for(value, figures, mode):
    rounding = Rounding(significant=figures, mode=mode)
    place = rounding.last_digit(value, "loss")
    rounded = rounding.round(value, place)
    shown = rounding.write(rounded, False, place)
    assert Fraction(abs(rounded - value)) < Fraction(10) ** (value.adjusted() - figures + 1)
    front, _, power = shown.partition("e")
    assert bool(power) == is_far(rounded)
    digits = front.lstrip("-").replace(".", "").lstrip("0")
    assert (
        len(digits) == figures
        or "." not in shown
        and len(digits) > figures
        and not digits[figures:].strip("0")
    )


@given(NUMBERS)
def test_plain_text_reads_back(value):
    text = plain_text(value)
    assert Decimal(text) == value
    assert not text.endswith(".") and "E" not in text and text not in ("-0", "")


@given(
    st.from_regex(
        r"[+-]?([0-9]{1,6}\.?[0-9]{0,6}|\.[0-9]{1,6})([eE][+-]?[0-9]{1,2})?", fullmatch=True
    )
)
def test_what_is_written_prints_a_number_of_the_same_value(text):
    """Plain, unless it was written with a power of ten and is far."""
    number = Number.written(text)
    assert Decimal(number.text) == number.value == Decimal(text)
    assert Number.written(number.text) == number
    assert number.text[0] != "." and number.text[-1] != "."
    assert ("e" in number.text) == (
        "e" in text.lower() and is_far(number.value)
    ) and "E" not in number.text


def test_a_zero_with_very_many_places_is_a_zero():
    """As many as there are stars would not fit into any memory."""
    assert bound_text(Decimal("0E-642371049")) == "0" and bound_text(Decimal("0.00")) == "0.00"

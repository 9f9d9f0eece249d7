"""Codes: what goes in comes out, a slip of the pen is noticed, a changed spec is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worksheet.codes import SIGNS, Code, code_of, fingerprint, read_code
from worksheet.errors import WorksheetError
from worksheet.numbers.number import Number
from worksheet.spec.faults import Faults
from worksheet.spec.yaml_reader import read

SPEC = {"title": "A network", "network": {"inputs": {"x": Number.written("1.0")}}}
CODE = code_of("one-hidden-neuron", SPEC, seed=2026, copy=17, attempt=3)


def test_pinned():
    assert str(CODE) == "3SW4-EZ4T-H3J4-57"
    assert Code(CODE.name, CODE.fingerprint, 2026, 17, 3) == CODE


@given(
    st.builds(
        Code,
        st.integers(0, 31**3 - 1),
        st.integers(0, 31**4 - 1),
        st.integers(0, 10**9),
        st.integers(1, 100_000),
        st.integers(0, 999),
    )
)
def test_what_goes_in_comes_out(code):
    assert read_code(str(code)) == code
    assert len(str(code)) <= 31  # a line of a sheet


@pytest.mark.parametrize(
    "typed", [str(CODE).lower(), str(CODE).replace("-", ""), f"  {str(CODE).replace('-', ' ')} "]
)
def test_case_spaces_and_hyphens_do_not_count(typed):
    assert read_code(typed) == CODE


def test_no_sign_looks_like_another():
    assert not set(SIGNS) & set("01OIL") and len(set(SIGNS)) == len(SIGNS) == 31


def test_every_wrong_sign_and_every_two_that_changed_places_are_noticed():
    plain = str(CODE).replace("-", "")
    wrong = {
        plain[:place] + sign + plain[place + 1 :] for place in range(len(plain)) for sign in SIGNS
    }
    for first in range(len(plain)):
        for second in range(first + 1, len(plain)):
            signs = list(plain)
            signs[first], signs[second] = signs[second], signs[first]
            wrong.add("".join(signs))
    wrong.discard(plain)
    assert len(wrong) > 400
    for typed in wrong:
        with pytest.raises(WorksheetError):
            read_code(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "K7QF",
        "0000-0000-0000",
        "K7QF-2M9X-3TBÜ",
        "2" * 31,
        "2" * 40_000,
        "../../etc",
        "<b>",
        "Z" * 12,
    ],
)
def test_what_is_no_code_is_told_with_a_hint(typed):
    with pytest.raises(WorksheetError) as caught:
        read_code(typed)
    assert caught.value.hint and len(str(caught.value)) < 250


def test_a_changed_spec_is_detected():
    changed = {"title": "A network", "network": {"inputs": {"x": Number.written("1.00")}}}
    assert CODE.is_of("one-hidden-neuron") and CODE.is_unchanged("one-hidden-neuron", SPEC)
    assert CODE.is_of("one-hidden-neuron") and not CODE.is_unchanged("one-hidden-neuron", changed)
    assert not CODE.is_of("two-by-two")
    assert fingerprint({"a": Number.written("1")}) != fingerprint({"a": "1"})


def test_comments_and_layout_do_not_count():
    texts = (
        "title: x\nnetwork: {inputs: [1.0]}   # one\n",
        "# mine\ntitle: 'x'\n\nnetwork:\n  inputs:\n    - 1.0\n",
    )
    assert len({fingerprint(read(text, Faults("x")).plain()) for text in texts}) == 1

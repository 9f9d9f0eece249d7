"""What becomes of relations that an author writes by hand: examples in tests/cases/handwritten.md,
and laws about them."""

from __future__ import annotations

import time

import pytest
from documents import Case, cases, check
from hypothesis import given
from hypothesis import strategies as st

from worksheet.lectures.authors import Written, found_in, of_text, strays
from worksheet.markdown.handwritten import Own, at_row
from worksheet.markdown.reader import formulas, in_dollars
from worksheet.numbers.number import Rounding
from worksheet.recalculation.recalculation import Report, repunch


def by_hand(markdown: str) -> Report:
    """The report on a page of a program that an author wrote."""
    text = in_dollars(markdown)
    return repunch(
        text,
        rounding=Rounding(),
        own={(each.line, each.tex): f"notes.md:{each.line}" for each in formulas(text)},
    )


def told(report: Report) -> str:
    return "\n".join(
        [
            *map(str, report.findings),
            *map(str, report.unread),
            *map(str, report.own.told),
            str(report.own),
        ]
    )


@pytest.mark.parametrize("case", cases("handwritten.md"), ids=str)
def test_what_becomes_of_it(case: Case, update: bool):
    check(case, told(by_hand(case.given)), update)


# ---- laws --------------------------------------------------------------------------------------

NUMBERS = st.integers(-20, 20)
SIGNS = {
    "=": int.__eq__,
    r"\equiv": int.__eq__,
    r"\doteq": int.__eq__,
    r"\approx": int.__eq__,
    r"\cong": int.__eq__,
    "≈": int.__eq__,
    "<": int.__lt__,
    ">": int.__gt__,
    r"\le": int.__le__,
    r"\geq": int.__ge__,
    r"\ne": int.__ne__,
    "≠": int.__ne__,
}
FRAMES = [
    "{}",
    "Words {} here.",
    "> {}",
    "- {}\n- b",
    "> 1. {}",
    "| a |\n|---|\n| {} |",
    "# {}",
    "*{}*",
    "[{}](https://x.org)",
    "a[^1]\n\n[^1]: {}",
    "x\n: {}",
]
FENCES = [
    "${}$",
    r"\({}\)",
    "$${}$$",
    r"\[{}\]",
    r"\begin{{align}} {} \end{{align}}",
    r"$\boxed{{{}}}$",
]


@given(
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(sorted(SIGNS)),
    st.sampled_from(FRAMES),
    st.sampled_from(FENCES),
)
def test_a_relation_of_numbers_is_decided_wherever_it_stands(one, other, right, sign, frame, fence):
    report = by_hand(frame.replace("{}", fence.format(f"{one} + {other} {sign} {right}")))
    is_true = SIGNS[sign](one + other, right)
    assert not report.unread and bool(report.findings) != is_true
    assert report.checked == 1


PIECES = [
    "2",
    "3.5",
    "w",
    "x",
    "<",
    r"\approx",
    r"\to",
    r"\cdot",
    "+",
    "-",
    "(",
    ")",
    r"\frac{1}{2}",
    r"\sum",
    r"\text{kg}",
    r"\begin{cases} 1 \end{cases}",
    "e",
    "7e-2",
    r"\foo",
    "^2",
    "_1",
    "{",
    "}",
    r"\%",
    "|",
    "[",
    "]",
]
SIDES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join)


@given(SIDES, SIDES, st.sampled_from(["=", "<", r"\ge", r"\to", r"\equiv", r"\in"]))
def test_no_relation_with_a_number_passes_silently(left, right, sign):
    tex = f"{left} {sign} {right}"
    report = by_hand(f"Since ${tex}$")
    own, said = report.own, report.findings or report.unread or report.own.told
    if formulas(f"${tex}$") and any(each.isdigit() for each in f"{left} {right}"):
        assert own.proved or own.said or said
        assert said or not own.unproved


@pytest.mark.parametrize(
    "tex",
    [
        "1+" * 50_000 + "1 = 2",
        "(" * 50_000,
        r"\frac{" * 20_000,
        "1 = " * 4_000 + "1",
        r"\text{" * 9_000,
        "x_{" * 9_000,
        r"\boxed{" * 2_800,
        "2^" * 9_000,
        "9" * 19_000 + " = 1",
        r"\tanh(0.3) \approx 0." + "7" * 19_000,
        r"e^{0.3} = 1." + "3" * 1_100,
        r"\begin{cases}" * 1_500,
        "1,1" * 6_000,
        "9^{9^{9^{9^9}}} = 1",
        "7e-2" * 4_000,
    ],
)
def test_hostile_formulas_are_told_in_time(tex):
    began = time.process_time()
    report = by_hand(f"${tex}$")
    assert time.process_time() - began < 8
    assert (
        report.findings or report.unread or report.own.told or report.own.proved or "=" not in tex
    )


# ---- places ------------------------------------------------------------------------------------


def test_a_formula_keeps_its_place_in_the_authors_file():
    page = "# T\n\n$x = 1$ of a template\n\nprose $x = 1$\n\n$$\ny = 2\n$$\n"
    written = [
        Written("x = 1", "notes.md:7"),
        Written("\ny = 2\n", "notes.md:9"),
        Written("$ z $", "notes.md:11", "a space"),
    ]
    assert list(found_in(page, written).values()) == ["notes.md:7", "notes.md:9"]
    assert (
        str(strays(written).told[0])
        == "notes.md:11: '$ z $' is not proved: it is no formula, a space"
    )


def test_a_line_is_found_in_a_spec(tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_text('title: T\n\ndescription: "We know $2 \\\\cdot 3 = x$"\n', encoding="utf-8")
    [found] = of_text(r"We know $2 \cdot 3 = x$", str(file), "description")
    assert found.place == f"{file}:3: description"


def test_counts_add_up():
    assert str(Own(1, 2, 3) + Own(1, 0, 0)) == "of the author's 2 proved, 2 only said, 3 not proved"
    assert str(Own()) == ""
    assert at_row("notes.md:6", 2) == "notes.md:8" and at_row("spec: title", 2) == "spec: title"

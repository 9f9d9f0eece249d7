"""Sheets with blanks: what is kept worked, how much is blank, and where the first blank stands."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from test_worksheets import problem_of

from worksheet import load
from worksheet.assessment.sheet_and_key import Handout
from worksheet.errors import SpecError
from worksheet.family import problem_file
from worksheet.numbers.number import Number
from worksheet.pages.blanks import Part, left_open
from worksheet.problem import KEEPS
from worksheet.spec.load import loads
from worksheet.tex.reader import read
from worksheet.worksheets import EMPTY, make_worksheet

PARTS = [Part(kind, (place,)) for place, kind in enumerate("zazaLgwgwuu")]


def opened(share: str, keep: str) -> list[int]:
    return sorted(left_open([], PARTS, Decimal(share), keep)[1])


def test_the_first_of_each_kind_is_worked_and_the_later_ones_are_blank():
    assert opened("0.45", "first-of-each") == [2, 3, 7, 8, 10]  # the second z, a, g, w and u
    assert opened("0.2", "first-of-each") == [2, 3, 8]
    assert 2 in opened(
        "0.1", "first-of-each"
    )  # the first blank comes with the first that is not new
    assert opened("0.7", "first-of-each") == [2, 3, 5, 6, 7, 8, 9, 10]  # then the last of the first


def test_the_beginning_is_kept_or_some_of_all_parts():
    assert opened("0.5", "beginning") == [5, 6, 7, 8, 9, 10]
    assert opened("0.5", "spread") == [0, 1, 3, 5, 7, 9]
    assert all(opened("0", keep) == [] and opened("1", keep) == list(range(11)) for keep in KEEPS)


@pytest.mark.parametrize("keep", KEEPS)
def test_what_is_kept_is_said_in_the_spec(keep):
    text = problem_file("one-hidden-neuron").read_text(encoding="utf-8")
    problem = loads(f"{text}\nfade: {{share: 0.5, keep: {keep}}}\n")
    assert problem.fade == Number.written("0.5") and problem.fade_keep == keep
    made = make_worksheet(problem)
    start = made.sheet.index("## Worked solution")
    share = (EMPTY.search(made.sheet).start() - start) / (len(made.sheet) - start)
    assert share > 0.5 if keep == "beginning" else share < 1 / 3
    assert loads(f"{text}\nfade: 0.5\n").fade_keep == "first-of-each"


@pytest.mark.parametrize(
    "fade, says",
    [
        ("{share: 0.5, keep: start}", "fade.keep: unknown keep 'start'"),
        ("{share: 2}", "2 does not lie between 0 and 1"),
        ("{part: 0.5}", "unknown key 'part'"),
        ("half", "expected a share from 0 to 1"),
    ],
)
def test_a_fading_that_is_not_known_is_told_with_what_is(fade, says):
    text = problem_file("one-hidden-neuron").read_text(encoding="utf-8")
    with pytest.raises(SpecError) as fault:
        loads(f"{text}\nfade: {fade}\n", "spec.yaml")
    assert (
        says in str(fault.value)
        and "hint: " in str(fault.value)
        and re.search(r"spec\.yaml:\d+: ", str(fault.value))
    )


def test_a_blank_of_an_exponent_stands_on_the_line():
    made = make_worksheet(problem_of("one-hidden-neuron", "0.75"))
    exponents = re.compile(r"e\^\{[^}]*\\underline")
    assert not exponents.search(made.sheet) and not exponents.search(made.key)
    assert (
        re.search(r"\\exp\([^)]*\\underline\{\\qquad", made.sheet)
        and read(r"\exp(-0.5)") is not None
    )


def test_nothing_that_is_blank_is_printed_elsewhere():
    """The loss before the update is blank, and what it becomes less by is not said either."""
    made = make_worksheet(
        load(problem_file("one-hidden-neuron")).model_copy(
            update={"fade": Number.written("0.5"), "fade_keep": "spread"}
        )
    )
    page = Handout(made.trace, is_key=False)
    page.render("sheet")
    assert (
        page.page.holes.is_open(made.trace.find("L", 1, "loss").event)
        and made.trace.find("L", 1, "loss").shown not in made.sheet
    )

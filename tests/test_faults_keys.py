"""Keys that were wrong: printed copies by their codes, and the kinds they stand for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from test_cli import desk, spec

from worksheet.assessment.points import worth
from worksheet.assessment.settled import unsettled
from worksheet.assessment.sheet_and_key import Handout
from worksheet.assessment.tasks import tasks_of
from worksheet.assessment.tolerance import accepted
from worksheet.cli import main
from worksheet.codes import read_code
from worksheet.exams.from_code import variant_of
from worksheet.exams.load import exam_of, read_inputs
from worksheet.resources import problem_files
from worksheet.solution import by_hand
from worksheet.spec.load import loads
from worksheet.variants.search import RANKED, Variant, attempt_at, open_source, search
from worksheet.views.phases import chains_of

__all__ = ["desk"]  # the fixture
FAULTS = Path(__file__).parent / "faults"


def printed(code: str) -> Variant:
    """The copy of a sheet that bears this code."""
    return variant_of(read_code(code), problem_files())


@pytest.mark.parametrize(
    "code, key, value",
    [
        ("3SWC-SYU3-P52F", ("dL_dz_h", 1, "backward"), "0.24252"),  # in one go
        ("QXYV-PQY3-323", ("dL_dv", 1, "backward"), "0.45962"),  # from the formula at once
    ],
)
def test_what_is_right_is_accepted(code, key, value):
    trace = printed(code).trace
    assert Decimal(value) in accepted(trace)[key]
    assert Decimal(value) + Decimal("0.0005") not in accepted(trace)[key]


def test_a_corner_that_rounding_may_pass_has_two_values_in_the_printed_key_and_is_drawn_anew():
    """Leaky ReLU at about 0: not everything from 0.1 to 1, and not every loss from 0.61 to 0.63."""
    variant = printed("EX59-DJ24-N22B")
    found = accepted(variant.trace)
    several = {key: each for key, each in found.items() if len(each.intervals) > 1}
    local = next(
        each
        for (name, _, _), each in several.items()
        if name.startswith("dh") or name.startswith("da")
    )
    assert Decimal("0.5") not in local and Decimal("0.1") in local and Decimal(1) in local
    loss = several["L", variant.problem.epochs, "check"]
    assert Decimal("0.6147") in loss and Decimal("0.6245") not in loss
    source = variant.source
    assert (
        attempt_at(source, variant.seed, variant.copy, variant.attempt, is_new=True)[0] == "corner"
    )
    assert search(source, variant.seed, variant.copy).attempt > variant.attempt


def test_noise_is_no_finding():
    """A gap of 0.00034 that carried numbers turn into -0.00004."""
    variant = printed("CHXD-EJY4-N344")
    trace = variant.trace
    gap = trace.find("gap")
    assert gap.shown == "-0.00004" and accepted(trace)[gap.key].is_noise
    key = Handout(trace, is_key=True).render("key")
    row = next(
        line for line in str(key).splitlines() if line.startswith(r"| $\Delta f - \Delta t$")
    )
    assert (
        "$0.00034$" in row
        and "-0.00004" not in row
        and "cannot be told from the noise of rounding" in str(key)
    )
    assert (
        attempt_at(variant.source, variant.seed, variant.copy, variant.attempt, is_new=True)[0]
        == "noise"
    )


NOISY = """\
title: Noise
function: f(x) = 3*x^4*exp(-x) + sin(2*x)
at: 2.4
change: 0.02
"""


def test_a_spec_of_ones_own_is_told_with_what_would_do(desk, capsys):
    path = spec(desk, "noisy.yaml", NOISY)
    assert main(["sheet", str(path), "--to", "md"]) == 0
    said = capsys.readouterr().err
    assert (
        "gap = -0.00004 may be off by as much as it is" in said
        and "more places would do" in said
        or "places more would do" in said
    )
    enough = spec(desk, "enough.yaml", NOISY + "rounding: {places: 8}\n")
    assert (
        main(["sheet", str(enough), "--to", "md"]) == 0
        and "may be off" not in capsys.readouterr().err
    )


@pytest.mark.parametrize("places", [3, 4, 5, 6])
def test_what_a_new_variant_asks_for_is_never_noise(places):
    source = open_source(
        Path(FAULTS.parent.parent / "problems" / "calculus" / "derivative-rules.yaml")
    )
    for copy in range(1, 13):
        found = search(source, places, copy)
        assert not list(unsettled(found.trace))
        for working in found.trace.workings:  # the sign of what is shown is that of the true number
            each = accepted(found.trace)[working.key]
            if working.phase == "check" and not each.is_noise and Decimal(working.shown):
                assert (Decimal(working.shown) > 0) is (working.exact > 0)


def test_two_copies_of_one_exam_have_one_total():
    totals = set()
    for code in ("FJPZ-QKB3-32J", "FJPZ-QKB3-82Z"):
        trace = printed(code).trace
        totals.add(sum(task.points for task in worth(tasks_of(trace, chains_of(trace)), None)))
    assert len(totals) == 1


@pytest.mark.parametrize(
    "problem, says",
    [
        ("{pool: [derivative-cubic, one-hidden-neuron]}", "copies would have other totals"),
        (
            "{spec: one-hidden-neuron, points: 2}",
            "2 points cannot be shared so that equal steps earn equal marks",
        ),
    ],
)
def test_points_that_cannot_be_are_told_with_their_line(desk, problem, says):
    path = spec(desk, "exam.yaml", f"title: T\nproblems:\n  - {problem}\nversions: 2\n")
    with pytest.raises(Exception, match=says) as fault:
        exam_of(read_inputs(Path(path))[0], str(path))
    assert "exam.yaml:3" in str(fault.value) and "hint:" in str(fault.value)


def test_choices_have_the_look_of_an_answer():
    source = open_source(FAULTS / "choices-by-look.yaml")
    for copy in range(1, 13):
        variant = search(source, 1, copy)
        page = Handout(
            variant.trace,
            is_key=True,
            setting=replace(Handout(variant.trace, is_key=True).setting, draws=variant.draws),
        )
        for found in page.options.values():
            assert {len(each.shown.partition(".")[2]) for each in found} == {5}
            assert sum(not each.wrong for each in found) == 1
        assert variant.attempt < RANKED


def test_a_relu_at_zero_is_written_with_one_key():
    trace = by_hand(loads((FAULTS / "refused-relu-at-zero.yaml").read_text(encoding="utf-8")))
    assert all(len(each.intervals) == 1 for each in accepted(trace).values())

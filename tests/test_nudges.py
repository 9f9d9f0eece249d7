"""Nudges: what a gradient says about a small change, against what the loss does; and the training
beside it as it was.

WORKSHEET_NETWORKS=n proves n random networks, each with a nudge of every kind of parameter, instead
of a few.
"""

from __future__ import annotations

import os
import re
from decimal import Decimal

import pytest
from random_formulas import graph_text
from random_networks import spec_text

from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.notes import make_note, prove_note
from worksheet.numbers.number import Number, Rounding
from worksheet.pages.render import render
from worksheet.proofs.checks import check, oracle_failures
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.tex.notation import decorated
from worksheet.trace import perturbation as nudges
from worksheet.trace import record
from worksheet.trace.perturbation import NUDGE
from worksheet.trace.trace import Trace
from worksheet.variants.search import open_source, search
from worksheet.worksheets import make_worksheet

COUNT = int(os.environ.get("WORKSHEET_NETWORKS", 40))


def nudged(problem, **changes: str):
    return problem.model_copy(
        update={"nudge": {name: Number.written(change) for name, change in changes.items()}}
    )


def shown(trace: Trace, phase: str) -> dict[str, str]:
    return {working.name: working.shown for working in trace.select(phase, 1)}


def training(trace: Trace) -> list[tuple]:
    return [
        (working.name, working.epoch, working.phase, working.shown)
        for working in trace.workings
        if not working.phase.startswith(NUDGE)
    ]


def test_the_numbers_of_note_002():
    found = shown(solve(load(problem_file("linear-chain"))), "nudge w_2")
    assert found == {
        "L_predicted": "-7.2",
        "w_2_prime": "0.6",
        "y_hat_prime": "2.4",
        "L_prime": "154.88",
        "L_delta": "-7.12",
        "L_gap": "0.08",
    }


def test_only_what_depends_on_the_weight_is_worked_out_again():
    found = shown(solve(nudged(load(problem_file("linear-chain")), w_1="-0.5")), "nudge w_1")
    assert list(found) == [
        "L_predicted",
        "w_1_prime",
        "h_prime",
        "y_hat_prime",
        "L_prime",
        "L_delta",
        "L_gap",
    ]


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_random_network_passes_every_proof_and_is_trained_as_without(seed):
    try:
        problem = loads(spec_text(seed))
        before = solve(problem)
    except SolveError:
        return
    names = dict.fromkeys([problem.trained[0], problem.trained[-1]])
    tried = nudged(problem, **dict(zip(names, ("0.1", "-0.05"))))
    note = make_note(tried)
    assert training(note.trace) == training(before)
    assert note.proof.results > make_note(problem).proof.results
    assert record.loads(record.dumps(note.trace)) == note.trace


@pytest.mark.parametrize("seed", range(6))
def test_a_random_graph_passes_every_proof(seed):
    problem = loads(graph_text(seed))
    try:
        make_note(problem)
    except SolveError:
        return
    assert make_note(nudged(problem, **{problem.train[0]: "0.001"})).proof.failures == ()


def test_the_gap_shrinks_with_the_square_of_the_change():
    """A tenth of the change leaves about a hundredth of the gap: the gradient is the slope, and
    nothing else is."""
    problem = load(problem_file("two-inputs-sigmoid")).model_copy(
        update={"rounding": Rounding(places=16)}
    )
    gaps = [
        Decimal(shown(solve(nudged(problem, w_1=change)), "nudge w_1")["L_gap"])
        for change in ("0.1", "0.01", "0.001")
    ]
    for wide, narrow in zip(gaps, gaps[1:]):
        assert 90 < wide / narrow < 110


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old, new",
    [
        (r"&= -7.2" + "\n", r"&= -7.3" + "\n"),
        ("&= 154.88\n", "&= 154.78\n"),
        (r"h \times w'_2", r"h \times w_2"),
        ("&= 0.5 + 0.1", "&= 0.5 + 0.2"),
        (r"\mathcal{L}' - \mathcal{L}", r"\mathcal{L} - \mathcal{L}'"),
        ("&= -7.12 - (-7.2)", "&= -7.12 + (-7.2)"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file("linear-chain")))
    text = render(trace)
    assert old in text and check(trace, text).failures == ()
    assert check(trace, text.replace(old, new, 1)).failures


@pytest.mark.parametrize("name", ["y_hat_prime", "L_predicted", "L_delta", "L_gap", "w_2_prime"])
def test_a_wrong_number_in_the_trace_is_found(name):
    text = record.dumps(solve(load(problem_file("linear-chain"))))
    place = (
        text.index(f'"name": "{name}", "symbol"')
        if f'"name": "{name}", "symbol"' in text
        else text.index(f'"name": "{name}"')
    )
    spoilt = text[:place] + re.sub(r'"exact": "[^"]*"', '"exact": "1234"', text[place:], count=1)
    failures = oracle_failures(record.loads(spoilt))[2]
    assert [failure.where for failure in failures] == ["epoch 1, nudge w_2"]


def test_a_prediction_from_another_gradient_is_refused(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(nudges, "partial_name", lambda of, by: f"d{of}_dw_1")
        trace = solve(load(problem_file("linear-chain")))
    with pytest.raises(ProofError, match="L_predicted"):
        prove_note(trace)


# ---- the page, the sheet, the variants ----------------------------------------------------------


def test_a_prime_stands_where_tex_allows_it():
    assert (
        decorated("w_2", prime="'") == "w'_2"
        and decorated("w_{21}^{(1)}", prime="'") == "w'^{(1)}_{21}"
    )
    assert (
        decorated(r"\hat{y}", prime="'") == r"\hat{y}'"
        and decorated("E_1", index=r"\text{new}") == r"E_{1,\text{new}}"
    )


@pytest.mark.parametrize(
    "change, words",
    [
        ("0.1", "We increase $w_2$ by $0.1$"),
        ("-0.1", "We decrease $w_2$ by $0.1$"),
        ("0.1", "the loss falls by $7.12$, and a fall of $7.2$ was predicted"),
        ("-0.1", "the loss rises by $7.28$, and a rise of $7.2$ was predicted"),
        ("9", "on the way the loss has turned"),
        ("12", "on the way the loss has turned"),
    ],
)
def test_the_words_follow_the_numbers(change, words):
    assert words in make_note(nudged(load(problem_file("linear-chain")), w_2=change)).text


def test_a_gradient_of_zero_has_words_of_its_own():
    problem = load(problem_file("relu-two-updates"))
    dead = next(
        working.name.removeprefix("dL_d")
        for working in solve(problem).select("backward", 1)
        if working.name.startswith("dL_dw_") and not Decimal(working.shown)
    )
    text = make_note(nudged(problem, **{dead: "0.1"})).text
    assert "The slope is zero: a small change" in text


def test_a_sheet_with_blanks_leaves_it_out_and_the_key_has_it():
    problem = load(problem_file("linear-chain"))
    assert "## What the gradient means" not in make_worksheet(problem).sheet
    assert "## What the gradient means" in make_worksheet(problem).key
    faded = make_worksheet(problem.model_copy(update={"fade": Number.written("0.3")}))
    assert "## What the gradient means" not in faded.sheet


def test_a_variant_tries_its_own_numbers():
    variant = search(open_source(problem_file("linear-chain")), seed=1, copy=1)
    assert shown(variant.trace, "nudge w_2")["L_gap"] and variant.problem.nudge["w_2"].text == "0.1"

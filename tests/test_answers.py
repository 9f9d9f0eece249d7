"""What a key accepts: every legitimate way of rounding, and no other answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from random_networks import spec_text
from worksheet.answers import accepted, accepted_step, ways
from worksheet.errors import SolveError
from worksheet.families import solve
from worksheet.number import MODES
from worksheet.oracle import run
from worksheet.places import problem_files, problems_folder
from worksheet.spec import load, loads

PROBLEMS = problem_files()


@pytest.mark.parametrize("spec", PROBLEMS, ids=lambda spec: spec.stem)
def test_whoever_rounds_by_any_policy_is_right(spec):
    problem = load(spec)
    keys = accepted(solve(problem))
    for policy, commit, mode in product(("carry", "exact", "named"), ("line", "operation"), MODES):
        other = solve(problem.model_copy(update={"rounding": replace(problem.rounding, policy=policy, commit=commit, mode=mode)}))
        for working in other.workings:
            assert Decimal(working.shown) in keys[working.key], (working.name, policy, commit, mode)


@pytest.mark.parametrize("seed", range(12))
def test_the_judge_is_right_too(seed):
    """An independent computation, for random networks: its results are accepted, to the precision of a float."""
    trace = solve(loads(spec_text(seed)))
    keys, steps, compared = accepted(trace), run(trace.problem), 0
    for working in trace.workings:
        step = steps[-1] if working.phase == "check" else steps[working.epoch - 1]
        values = step.after if working.phase == "update" else step.values
        if working.name in values:
            interval, value = keys[working.key], values[working.name]
            value = float(value)
            slack = 1e-9 * max(1, abs(value))
            assert float(interval.low) - slack <= value <= float(interval.high) + slack, working.name
            compared += 1
    assert compared > 5


def test_a_mistake_is_not_accepted():
    """The derivative of the activation forgotten, the sign of the update turned, the logarithm to base 10."""
    trace = solve(load(problems_folder() / "one-hidden-neuron.yaml"))
    keys = accepted(trace)
    assert Decimal("-0.34922") not in keys["dL_dw_h", 1, "backward"]
    assert Decimal("0.97826") not in keys["w_o", 1, "update"]
    assert Decimal("0.18657") not in keys["L", 1, "loss"]


def test_the_interval_of_the_published_loss_holds_both_legitimate_results():
    """0.42958 when 0.65078 is carried, 0.42959 in full precision (rounding.md); half a unit beyond, and no further."""
    interval = accepted(solve(load(problems_folder() / "one-hidden-neuron.yaml")))["L", 1, "loss"]
    assert (interval.low, interval.high) == (Decimal("0.429575"), Decimal("0.429595"))


def test_a_way_that_arrives_nowhere_is_nobodys_way():
    """Cut off to no place, the prediction is 0 and its logarithm does not exist: that policy has no answers."""
    problem = load(problems_folder() / "one-hidden-neuron.yaml")
    coarse = problem.model_copy(update={"rounding": replace(problem.rounding, places=0, policy="exact")})
    with pytest.raises(SolveError):
        solve(problem.model_copy(update={"rounding": replace(coarse.rounding, policy="carry", mode="truncate")}))
    assert Decimal(solve(coarse).find("L").shown) in accepted(solve(coarse))["L", 1, "loss"]


def test_the_policy_itself_is_not_solved_twice():
    rounding = load(problems_folder() / "one-hidden-neuron.yaml").rounding
    assert rounding not in list(ways(rounding)) and len(set(map(str, ways(rounding)))) == 8


def test_a_step_within_a_working_is_accepted_as_it_is_shown_and_from_full_precision():
    trace = solve(load(problems_folder() / "one-hidden-neuron.yaml"))
    for index, event in enumerate(trace.events):
        if event.shown is not None and event.operands:
            interval = accepted_step(trace, index)
            assert Decimal(event.shown) in interval
            assert Decimal(event.shown) + Decimal("0.0001") not in interval

"""What a key accepts: every legitimate way of working, and no other answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from random_networks import spec_text
from ways_of_working import WAYS, NoNumber, answers

from worksheet.assessment.tolerance import Accepted, Interval, accepted, accepted_steps, apart
from worksheet.errors import SolveError
from worksheet.families.network.judge import run
from worksheet.numbers.number import MODES
from worksheet.resources import problem_files, problems_folder
from worksheet.solution import by_hand, solve
from worksheet.spec.load import load, loads

PROBLEMS = problem_files()


def one_hidden():
    return by_hand(load(problems_folder() / "one-hidden-neuron.yaml"))


@pytest.mark.parametrize("spec", PROBLEMS, ids=lambda spec: spec.stem)
def test_whoever_rounds_by_any_policy_is_right(spec):
    problem = load(spec)
    keys = accepted(by_hand(problem))  # where a program ends is asked of nobody
    for policy, commit, mode in product(("carry", "exact", "named"), ("line", "operation"), MODES):
        other = by_hand(
            problem.model_copy(
                update={
                    "rounding": replace(problem.rounding, policy=policy, commit=commit, mode=mode)
                }
            )
        )
        for working in other.workings:
            assert Decimal(working.shown) in keys[working.key], (working.name, policy, commit, mode)


@pytest.mark.parametrize("seed", range(12))
def test_the_judge_is_right_too(seed):
    """An independent computation, for random networks: its results are accepted, to the precision
    of a float."""
    trace = solve(loads(spec_text(seed)))
    keys, steps, compared = accepted(trace), run(trace.problem), 0
    for working in trace.workings:
        step = steps[-1] if working.phase == "check" else steps[working.epoch - 1]
        values = step.after if working.phase == "update" else step.values
        if working.name in values:
            value = float(values[working.name])
            slack = Decimal(1e-9 * max(1, abs(value)))
            assert any(
                each.low - slack <= Decimal(value) <= each.high + slack
                for each in keys[working.key].intervals
            ), working.name
            compared += 1
    assert compared > 5


@pytest.mark.parametrize("seed", range(40))
def test_whoever_works_a_random_network_in_another_way_is_right(seed):
    """With the digits of all kinds, places and figures: down to two of them, where an error is no
    longer small."""
    problem = loads(spec_text(seed))
    keys = accepted(by_hand(problem))
    for name, way in WAYS.items():
        try:
            found = answers(problem, way, seed)
        except NoNumber:
            continue
        for key, value in found.items():
            assert key not in keys or value in keys[key], (name, key, value, str(keys[key]))


def test_a_mistake_is_not_accepted():
    """The derivative of the activation forgotten, the sign of the update turned, the logarithm to
    base 10."""
    keys = accepted(one_hidden())
    assert Decimal("-0.34922") not in keys["dL_dw_h", 1, "backward"]
    assert Decimal("0.97826") not in keys["w_o", 1, "update"]
    assert Decimal("0.18657") not in keys["L", 1, "loss"]


def test_a_number_that_needs_no_rounding_is_the_only_one():
    [interval] = accepted(one_hidden())["z_h", 1, "forward"].intervals
    assert (interval.low, interval.high) == (Decimal("0.499995"), Decimal("0.500005"))


def test_a_rounding_further_on_counts_as_much_as_the_derivative_says():
    """sigma(0.5) is rounded once, sigma(z_o) has what z_o may be off too, times sigma' = 0.227."""
    keys = accepted(one_hidden())
    assert (
        str(keys["a_h", 1, "forward"]) == "0.622445 to 0.622465"
    )  # 1/(1 + 0.60653), cut off: 0.62245 is the lowest
    assert str(keys["y_hat", 1, "forward"]) == "0.650765 to 0.650785"
    for value in ("0.42958", "0.42959"):  # carried and in full precision (rounding.md)
        assert Decimal(value) in keys["L", 1, "loss"]


def test_a_way_that_arrives_nowhere_is_nobodys_way():
    """Cut off to no place, the prediction is 0 and its logarithm does not exist: that policy has no
    answers."""
    problem = load(problems_folder() / "one-hidden-neuron.yaml")
    coarse = problem.model_copy(
        update={"rounding": replace(problem.rounding, places=0, policy="exact")}
    )
    with pytest.raises(SolveError):
        solve(
            problem.model_copy(
                update={"rounding": replace(coarse.rounding, policy="carry", mode="truncate")}
            )
        )
    assert Decimal(solve(coarse).find("L").shown) in accepted(solve(coarse))["L", 1, "loss"]


def test_a_step_within_a_working_is_accepted_as_it_is_shown_and_from_full_precision():
    trace = one_hidden()
    steps, seen = accepted_steps(trace), 0
    for working, before in zip(trace.workings, [None, *trace.workings]):
        for index in range(before.event + 1 if before else 0, working.event):
            event = trace.events[index]
            if event.shown is not None and event.operands:
                assert Decimal(event.shown) in steps[index] and event.exact in steps[index]
                assert Decimal(event.shown) + Decimal("0.0001") not in steps[index]
                seen += 1
    assert seen > 5


LEAKY = """\
title: A corner
network:
  inputs: [{x}, 1.0]
  layers:
    - {{weights: [[0.37, 0.5]], bias: [-0.6234], activation: leaky-relu, slope: 0.1}}
    - {{weights: [[1.7]], activation: identity}}
  target: [1]
  loss: half-squared-error
learning_rate: 0.1
rounding: {{places: 3}}
"""


def test_on_either_side_of_a_corner_both_are_right_and_nothing_between():
    """z = 0.00017 with three places: kept it is positive, typed in again it is 0, where leaky ReLU
    has its slope."""
    trace = by_hand(loads(LEAKY.format(x="0.33397")))
    keys = accepted(trace)
    local = keys["da_1__1_dz_1__1", 1, "backward"]
    assert [str(each) for each in map(Accepted, ((each,) for each in local.intervals))] == [
        "0.0995 to 0.1005",
        "0.9995 to 1.0005",
    ]
    assert Decimal("0.5") not in local
    weight = keys["w_1_1__1", 1, "update"]
    assert len(weight.intervals) == 2
    for slope in (Decimal("0.1"), Decimal(1)):  # dL/dw = -(1 - 1.7 a) 1.7 slope x, a about 0
        assert (
            round(Decimal("0.37") + Decimal("0.1") * Decimal("1.7") * slope * Decimal("0.33397"), 3)
            in weight
        )
    assert (
        len(accepted(by_hand(loads(LEAKY.format(x="0.4"))))["w_1_1__1", 1, "update"].intervals) == 1
    )


def test_a_zero_that_everybody_finds_has_one_side():
    """0.1 + 0.2 - 0.3 is 0 for everyone: no rounding leads past it."""
    trace = by_hand(
        loads(
            LEAKY.format(x="0.1").replace(
                "[[0.37, 0.5]], bias: [-0.6234]", "[[1.0, 0.2]], bias: [-0.3]"
            )
        )
    )
    assert trace.find("z_1__1").exact == 0
    assert all(len(each.intervals) == 1 for each in accepted(trace).values())


def test_intervals_that_meet_are_one():
    one, two, three = (
        Interval(Decimal(low), Decimal(high)) for low, high in ((1, 2), (2, 4), (5, 6))
    )
    assert apart([three, one, two]) == (Interval(Decimal(1), Decimal(4)), three)

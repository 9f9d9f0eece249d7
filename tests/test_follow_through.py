"""What follows from a student's value: by example, against a network worked out by hand in Python,
and never beyond what is accepted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import exp, log, tanh

import pytest
from random_networks import spec_text

from worksheet import load, solve
from worksheet.assessment.follow_through import follow_throughs, proved, value_of
from worksheet.assessment.tolerance import Interval, accepted
from worksheet.numbers.number import MODES
from worksheet.resources import problems_folder
from worksheet.spec.load import loads
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex

PROBLEMS = sorted(path.stem for path in problems_folder().glob("*.yaml"))


def trace_of(name: str):
    return solve(load(problems_folder() / f"{name}.yaml"))


def all_of(trace):
    return follow_throughs(trace, {working.key for working in trace.workings})


def written(trace, each) -> str:
    """The formula with the student's values in brackets, by their names in the trace."""
    aliases = {name: f"[{working.name}]" for name, working in each.values.items()}
    return tex(each.formula, Style(Symbols(trace.problem.notation, "L", aliases)))


def test_formulas_are_as_short_as_their_numbers_allow():
    trace = trace_of("tanh-one-hidden")
    found = {
        name: written(trace, each)
        for (name, _, phase), each in all_of(trace).items()
        if phase != "check"
    }
    assert found == {
        "a_h": r"\tanh([z_h])",
        "y_hat": r"1.5 \cdot [a_h] - 0.2",
        "L": r"(1 - [y_hat])^2",
        "dL_dy_hat": "-2(1 - [y_hat])",
        "dL_dw_o": r"[dL_dy_hat] \cdot [a_h]",
        "dL_db_o": "[dL_dy_hat]",
        "dL_da_h": r"1.5 \cdot [dL_dy_hat]",
        "da_h_dz_h": "1 - [a_h]^2",
        "dL_dz_h": r"[dL_da_h] \cdot [da_h_dz_h]",
        "dL_dw_h": r"0.5 \cdot [dL_dz_h]",
        "dL_db_h": "[dL_dz_h]",
        "w_o": r"1.5 - 0.2 \cdot [dL_dw_o]",
        "b_o": r"-0.2 - 0.2 \cdot [dL_db_o]",
        "w_h": r"0.8 - 0.2 \cdot [dL_dw_h]",
        "b_h": r"0.1 - 0.2 \cdot [dL_db_h]",
    }  # z_h needs no student's value


def test_a_later_epoch_starts_from_the_students_own_weights():
    trace = trace_of("relu-two-updates")
    each = all_of(trace)["b_1__2", 2, "update"]
    assert written(trace, each) == r"[b_1__2] - 0.1 \cdot [dL_db_1__2]"
    assert sorted((working.epoch, working.phase) for working in each.values.values()) == [
        (1, "update"),
        (2, "backward"),
    ]


def test_what_is_not_graded_is_written_out():
    trace = trace_of("one-hidden-neuron")
    graded = {("a_h", 1, "forward"), ("dL_dz_o", 1, "backward"), ("dL_dw_h", 1, "backward")}
    found = follow_throughs(trace, graded)
    assert {
        key[0]: written(trace, each) for key, each in found.items()
    } == {  # a_h = sigma(0.5) needs no student's value
        "dL_dz_o": r"\frac{1}{1 + e^{-[a_h]}} - 1",
        "dL_dw_h": r"[dL_dz_o] \cdot [a_h](1 - [a_h])",
    }


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


# the two networks as a programmer would write them, each quantity from the ones before it; old: the
# weights before the update
BY_HAND = {
    "one-hidden-neuron": (
        {"x": 1.0, "y": 1, "w_h": 0.5, "w_o": 1.0, "rate": 0.1},
        {
            "z_h": lambda v: v["w_h"] * v["x"],
            "a_h": lambda v: sigmoid(v["z_h"]),
            "z_o": lambda v: v["w_o"] * v["a_h"],
            "y_hat": lambda v: sigmoid(v["z_o"]),
            "L": lambda v: -(v["y"] * log(v["y_hat"]) + (1 - v["y"]) * log(1 - v["y_hat"])),
            "dL_dz_o": lambda v: v["y_hat"] - v["y"],
            "dL_dw_o": lambda v: v["dL_dz_o"] * v["a_h"],
            "dL_da_h": lambda v: v["dL_dz_o"] * v["w_o"],
            "da_h_dz_h": lambda v: v["a_h"] * (1 - v["a_h"]),
            "dL_dz_h": lambda v: v["dL_da_h"] * v["da_h_dz_h"],
            "dL_dw_h": lambda v: v["dL_dz_h"] * v["x"],
        },
    ),
    "tanh-one-hidden": (
        {"x": 0.5, "y": 1, "w_h": 0.8, "b_h": 0.1, "w_o": 1.5, "b_o": -0.2, "rate": 0.2},
        {
            "z_h": lambda v: v["w_h"] * v["x"] + v["b_h"],
            "a_h": lambda v: tanh(v["z_h"]),
            "y_hat": lambda v: v["w_o"] * v["a_h"] + v["b_o"],
            "L": lambda v: (v["y"] - v["y_hat"]) ** 2,
            "dL_dy_hat": lambda v: 2 * (v["y_hat"] - v["y"]),
            "dL_dw_o": lambda v: v["dL_dy_hat"] * v["a_h"],
            "dL_db_o": lambda v: v["dL_dy_hat"],
            "dL_da_h": lambda v: v["dL_dy_hat"] * v["w_o"],
            "da_h_dz_h": lambda v: 1 - v["a_h"] ** 2,
            "dL_dz_h": lambda v: v["dL_da_h"] * v["da_h_dz_h"],
            "dL_dw_h": lambda v: v["dL_dz_h"] * v["x"],
            "dL_db_h": lambda v: v["dL_dz_h"],
        },
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_from_wrong_values_a_formula_goes_on_as_the_network_does(name):
    """Every earlier quantity is wrong by an amount of its own, and each formula goes on from these."""
    givens, quantities = BY_HAND[name]
    trace = trace_of(name)
    found, wrong = all_of(trace), dict(givens)
    for place, (quantity, value) in enumerate(quantities.items(), start=1):
        phase = trace.find(quantity).phase
        if each := found.get((quantity, 1, phase)):
            given = {
                slot: Decimal(repr(wrong[working.name])) for slot, working in each.values.items()
            }
            assert float(value_of(each.formula, given)) == pytest.approx(value(wrong), rel=1e-12), (
                quantity
            )
        wrong[quantity] = (
            float(trace.find(quantity).exact) + place / 100
        )  # within the domain of every law
    for weight in [each.removeprefix("dL_dw_") for each in quantities if each.startswith("dL_dw_")]:
        each = found[f"w_{weight}", 1, "update"]
        [slot] = each.values
        expected = givens[f"w_{weight}"] - givens["rate"] * wrong[f"dL_dw_{weight}"]
        assert float(
            value_of(each.formula, {slot: Decimal(repr(wrong[f"dL_dw_{weight}"]))})
        ) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_right_values_lead_to_accepted_answers_under_every_policy(name, policy):
    problem = load(problems_folder() / f"{name}.yaml")
    for mode in MODES:
        rounding = replace(problem.rounding, policy=policy, mode=mode)
        trace = solve(problem.model_copy(update={"rounding": rounding}))
        intervals = accepted(trace)
        assert all(proved(each, intervals[key], rounding) for key, each in all_of(trace).items())


@pytest.mark.parametrize("seed", range(10))
def test_and_in_random_networks(seed):
    trace = solve(loads(spec_text(seed)))
    intervals, found = accepted(trace), all_of(trace)
    assert found and all(
        proved(each, intervals[key], trace.problem.rounding) for key, each in found.items()
    )


def test_a_wrong_formula_is_not_proved():
    """Every formula with its sign turned, or with the student's values in each other's places,
    where that makes a difference."""
    trace = trace_of("two-by-two")
    intervals, refused = accepted(trace), 0
    for key, each in all_of(trace).items():
        interval = intervals[key]
        assert not proved(replace(each, formula=-each.formula), interval, trace.problem.rounding)
        turned = dict(zip(each.values, reversed(each.values.values())))
        refused += not proved(replace(each, values=turned), interval, trace.problem.rounding)
    assert refused > 5


def test_a_formula_without_a_value_is_not_proved():
    trace = trace_of("one-hidden-neuron")
    each = all_of(trace)["L", 1, "loss"]
    [slot] = each.values
    nought = {slot: replace(each.values[slot], shown="0")}
    assert not proved(
        replace(each, values=nought), Interval(Decimal(-10), Decimal(10)), trace.problem.rounding
    )

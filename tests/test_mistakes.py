"""Mistakes: without one the solution itself comes out; with one, what a network that really has the
mistake computes."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log10, tanh

import numpy as np
import pytest
from random_networks import spec_text
from test_follow_through import BY_HAND, sigmoid

from worksheet import load, solve
from worksheet.assessment.mistakes import MISTAKES, wrong_answers
from worksheet.pages.environment import environment
from worksheet.resources import problems_folder
from worksheet.spec.load import loads
from worksheet.trace.replacement import reworked, way_to
from worksheet.trace.trace import Trace


def trace_of(name: str, **rounding) -> Trace:
    problem = load(problems_folder() / f"{name}.yaml")
    return solve(problem.model_copy(update={"rounding": replace(problem.rounding, **rounding)}))


# ---- without a mistake
# -------------------------------------------------------------------------------------------


def unchanged(trace: Trace) -> int:
    """How many quantities come out as they are when the formula of another on their way is put in
    its own place."""
    compared = 0
    for asked in trace.workings[:: max(1, len(trace.workings) // 5)]:
        needed = way_to(trace, asked)
        for place in needed[:: max(1, len(needed) // 2)]:
            assert (
                reworked(trace, asked, place, trace.workings[place].formula, needed) == asked.shown
            ), (asked.name, place)
            compared += 1
    return compared


@pytest.mark.parametrize(
    "way",
    [
        {"policy": "carry", "commit": "operation"},
        {"policy": "exact"},
        {"policy": "named"},
        {"mode": "truncate"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "name", ["one-hidden-neuron", "two-by-two", "relu-two-updates", "three-hidden-matrix"]
)
def test_without_a_mistake_the_solution_itself_comes_out(name, way):
    assert unchanged(trace_of(name, **way)) > 3


@pytest.mark.parametrize("seed", range(6))
def test_and_in_random_networks(seed):
    assert unchanged(solve(loads(spec_text(seed)))) > 1


def test_what_does_not_follow_from_a_mistake_stays_as_it_is():
    trace = trace_of("one-hidden-neuron")
    assert way_to(trace, trace.find("a_h")) == [0, 1]
    loss = trace.find("L")
    assert not any(each.at.phase == "backward" for each in wrong_answers(trace, loss))


# ---- against networks with the mistake in them
# -------------------------------------------------------------------


def common(v: dict) -> float:
    return -(v["y"] * log10(v["y_hat"]) + (1 - v["y"]) * log10(1 - v["y_hat"]))


UPDATES = {
    f"new_{w}": lambda v, w=w: v[w] - v["rate"] * v[f"dL_d{w}"]
    for w in ("w_h", "w_o", "b_h", "b_o")
}

# every mistake that can be made in the two networks, as the line of the program that is wrong
WRONG = {
    "one-hidden-neuron": {
        ("activation-forgotten", "a_h"): lambda v: v["z_h"],
        ("activation-forgotten", "y_hat"): lambda v: v["z_o"],
        ("exponent-sign", "a_h"): lambda v: 1 / (1 + exp(v["z_h"])),
        ("exponent-sign", "y_hat"): lambda v: 1 / (1 + exp(v["z_o"])),
        ("common-logarithm", "L"): common,
        ("loss-sign", "dL_dz_o"): lambda v: v["y"] - v["y_hat"],
        ("weight-forgotten", "dL_da_h"): lambda v: v["dL_dz_o"],
        ("input-forgotten", "dL_dw_o"): lambda v: v["dL_dz_o"],
        ("activation-derivative-forgotten", "dL_dz_h"): lambda v: v["dL_da_h"],
        ("input-forgotten", "dL_dw_h"): lambda v: v["dL_dz_h"],
        ("derivative-taken", "a_h"): lambda v: sigmoid(v["z_h"]) * (1 - sigmoid(v["z_h"])),
        ("derivative-taken", "y_hat"): lambda v: sigmoid(v["z_o"]) * (1 - sigmoid(v["z_o"])),
        ("added-not-multiplied", "z_h"): lambda v: v["w_h"] + v["x"],
        ("added-not-multiplied", "z_o"): lambda v: v["w_o"] + v["a_h"],
        ("derivative-at-pre-activation", "da_h_dz_h"): lambda v: v["z_h"] * (1 - v["z_h"]),
        ("one-minus-forgotten", "da_h_dz_h"): lambda v: v["a_h"],
        ("new-weight-used", "dL_da_h"): lambda v: (
            v["dL_dz_o"] * (v["w_o"] - v["rate"] * v["dL_dw_o"])
        ),
    },
    "tanh-one-hidden": {
        ("bias-dropped", "z_h"): lambda v: v["w_h"] * v["x"],
        ("bias-dropped", "y_hat"): lambda v: v["w_o"] * v["a_h"],
        ("activation-forgotten", "a_h"): lambda v: v["z_h"],
        ("loss-sign", "dL_dy_hat"): lambda v: 2 * (v["y"] - v["y_hat"]),
        ("power-not-brought-down", "dL_dy_hat"): lambda v: v["y_hat"] - v["y"],
        ("input-forgotten", "dL_dw_o"): lambda v: v["dL_dy_hat"],
        ("weight-forgotten", "dL_da_h"): lambda v: v["dL_dy_hat"],
        ("activation-derivative-forgotten", "dL_dz_h"): lambda v: v["dL_da_h"],
        ("input-forgotten", "dL_dw_h"): lambda v: v["dL_dz_h"],
        ("derivative-at-pre-activation", "da_h_dz_h"): lambda v: 1 - v["z_h"] ** 2,
        ("one-minus-forgotten", "da_h_dz_h"): lambda v: v["a_h"] ** 2,
        ("derivative-taken", "a_h"): lambda v: 1 - tanh(v["z_h"]) ** 2,
        ("added-not-multiplied", "z_h"): lambda v: v["w_h"] + v["x"] + v["b_h"],
        ("added-not-multiplied", "y_hat"): lambda v: v["w_o"] + v["a_h"] + v["b_o"],
        ("new-weight-used", "dL_da_h"): lambda v: (
            v["dL_dy_hat"] * (v["w_o"] - v["rate"] * v["dL_dw_o"])
        ),
    },
}
for weight in ("w_h", "w_o", "b_h", "b_o"):
    for name in WRONG if weight[0] == "w" else ["tanh-one-hidden"]:
        WRONG[name]["update-sign", f"new_{weight}"] = lambda v, w=weight: (
            v[w] + v["rate"] * v[f"dL_d{w}"]
        )
        WRONG[name]["rate-forgotten", f"new_{weight}"] = lambda v, w=weight: v[w] - v[f"dL_d{w}"]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_what_a_program_with_the_mistake_computes(name):
    """In full precision, so that the last digit agrees too; and no mistake that the table lists is
    left out."""
    trace, (givens, quantities) = trace_of(name, policy="exact"), BY_HAND[name]
    reached = set()
    for asked in trace.workings:
        if asked.phase == "check":
            continue
        for made in wrong_answers(trace, asked):
            at = f"new_{made.at.name}" if made.at.phase == "update" else made.at.name
            reached.add((made.mistake, at))
            values = dict(givens)
            for quantity, right in (
                quantities | {key: each for key, each in UPDATES.items() if key[4:] in givens}
            ).items():
                values[quantity] = (WRONG[name][made.mistake, at] if quantity == at else right)(
                    values
                )
            expected = values[f"new_{asked.name}" if asked.phase == "update" else asked.name]
            places = len(made.shown.partition(".")[2])
            assert float(made.shown) == pytest.approx(expected, abs=0.5001 * 10**-places), (
                asked.name,
                made.mistake,
                at,
            )
    assert reached == set(WRONG[name])


def test_rows_and_columns_are_those_of_numpy():
    """Two by two: the weights across the diagonal where a row is taken for a column, and where the
    transpose is forgotten."""
    trace = trace_of("two-by-two", policy="exact")
    network = trace.problem.network
    w_1, w_2 = (
        np.array(
            [[float(number.value) for number in unit.weights.values()] for unit in layer.units]
        )
        for layer in network.layers
    )
    b_1, b_2 = (
        np.array([float(number.value) for unit in layer.units for number in unit.bias.values()])
        for layer in network.layers
    )
    x, y = (
        np.array([float(number.value) for number in numbers.values()])
        for numbers in (network.inputs, network.target)
    )
    h = 1 / (1 + np.exp(-(w_1 @ x + b_1)))
    o = 1 / (1 + np.exp(-(w_2 @ h + b_2)))
    delta = (o - y) * o * (1 - o)
    asked = ("z_o1", "z_o2", "dL_dh_1", "dL_dh_2", "dL_dw_6", "dL_dw_7")
    wrong = {
        (name, made.mistake, made.at.name): float(made.shown)
        for name in asked
        for made in wrong_answers(trace, trace.find(name))
    }
    for place in (0, 1):
        here = wrong[f"z_o{place + 1}", "row-for-column", f"z_o{place + 1}"]
        assert here == pytest.approx((w_2.T @ h + b_2)[place], abs=5.1e-7)
        there = wrong[f"dL_dh_{place + 1}", "transpose-forgotten", f"dL_dh_{place + 1}"]
        assert there == pytest.approx((w_2 @ delta)[place], abs=5.1e-7)
        one = wrong[f"dL_dh_{place + 1}", "one-path-only", f"dL_dh_{place + 1}"]
        assert one == pytest.approx(w_2[0, place] * delta[0], abs=5.1e-7)
    turned = np.outer(delta, h).T
    for row, column, name in ((0, 1, "w_6"), (1, 0, "w_7")):
        assert wrong[f"dL_d{name}", "transpose-forgotten", f"dL_d{name}"] == pytest.approx(
            turned[row, column], abs=5.1e-7
        )


def test_the_right_program_does_not_pass_for_a_wrong_one():
    trace, (givens, quantities) = (
        trace_of("tanh-one-hidden", policy="exact"),
        BY_HAND["tanh-one-hidden"],
    )
    values = dict(givens)
    for quantity, right in quantities.items():
        values[quantity] = right(values)
    asked = trace.find("dL_dw_h")
    assert all(
        float(made.shown) != pytest.approx(values["dL_dw_h"], abs=6e-5)
        for made in wrong_answers(trace, asked)
    )
    assert values["a_h"] == tanh(0.5) and sigmoid(0) == 0.5


# ---- the table
# ---------------------------------------------------------------------------------------------------


def test_every_mistake_is_made_in_some_problem_and_has_its_words():
    made = set()
    for name, asked in (
        ("one-hidden-neuron", ("L", "w_h")),
        ("relu-two-updates", ("L",)),
        ("tanh-one-hidden", ("dL_dw_h",)),
        ("two-by-two", ("dL_dw_2",)),
        ("linear-chain", ("dL_dw_1",)),
    ):
        trace = trace_of(name)
        made |= {
            each.mistake
            for quantity in asked
            for each in wrong_answers(trace, trace.find(quantity))
        }
    assert made == set(MISTAKES)
    words = environment("").get_template("parts/mistakes.md.j2").module.words
    assert words.keys() == MISTAKES.keys() and all(
        text[0].islower() and not text.endswith(".") for text in words.values()
    )

"""The family `descent`: the gradient rule by rule, worked iterations, where a run ends, learning
rates; and its proofs.

WORKSHEET_DESCENTS=n proves n random problems instead of a few.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from decimal import Decimal
from math import isclose
from random import Random

import numpy as np
import pytest

from worksheet.descent.floats import carried_on, judged_run
from worksheet.descent.outcome import BOUND, follow
from worksheet.errors import ProofError, SolveError, SpecError
from worksheet.families.descent.judge import ground, run
from worksheet.family import problem_file
from worksheet.notes import make_note
from worksheet.pages.render import render
from worksheet.proofs.checks import check, descent_failures, oracle_failures
from worksheet.proofs.with_sympy import wrong_formulas
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.trace import derivative_steps as rules
from worksheet.trace import record

COUNT = int(os.environ.get("WORKSHEET_DESCENTS", 12))
TWO_WEIGHTS, PARABOLA = "descent-two-weights", "descent-parabola"


def descent(formula: str, start: str, rate: str, more: str = "") -> str:
    return (
        f"title: A descent\ndescent: {formula}\nstart: {{{start}}}\nlearning_rate: {rate}\n{more}"
    )


def two_weights(rate: float, updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradient descent on (20 - 2 w_1 w_2)^2/2 from (2, 0.5), as one writes it down in NumPy: the
    points and the losses."""
    points = [np.array([2.0, 0.5])]
    for _ in range(updates):
        w_1, w_2 = points[-1]
        error = 20 - 2 * w_1 * w_2
        points.append(points[-1] - rate * np.array([-2 * w_2 * error, -2 * w_1 * error]))
    path = np.array(points)
    return path, (20 - 2 * path[:, 0] * path[:, 1]) ** 2 / 2


# ---- note 002 -----------------------------------------------------------------------------------


def test_note_002_ends_where_its_author_says():
    """w_1 = 3.391 and w_2 = 2.949 are where the path from (2, 0.5) with 0.01 ends, rounded;
    20.000118 is their product."""
    trace = solve(load(problem_file(TWO_WEIGHTS)))
    path, losses = two_weights(0.01, 100)
    assert [f"{value:.3f}" for value in path[-1]] == ["3.391", "2.949"] and losses[-1] < 1e-25
    own = trace.descents[0]
    assert own.fate == "settles" and isclose(
        2 * float(own.end["w_1"]) * float(own.end["w_2"]), 20, abs_tol=1e-7
    )
    assert [trace.before(f"w_{k}__end", 1).shown for k in (1, 2)] == ["3.391", "2.949"]
    assert trace.find("y_hat__end", 3, "end").shown == "20.000118"


def test_another_learning_rate_ends_elsewhere_on_the_curve_of_lowest_points():
    trace = solve(load(problem_file(TWO_WEIGHTS)))
    ends = {str(each.rate): each.end for each in trace.descents if each.fate == "settles"}
    assert set(ends) == {"0.001", "0.01"} and abs(
        ends["0.001"]["w_1"] - ends["0.01"]["w_1"]
    ) > Decimal("0.07")
    assert all(abs(end["w_1"] * end["w_2"] - 10) < Decimal("1e-6") for end in ends.values())
    assert "has many lowest points" in render(trace)
    assert "has many lowest points" not in render(solve(load(problem_file(PARABOLA))))


@pytest.mark.parametrize("epoch", range(3))
def test_each_iteration_is_that_of_numpy(epoch):
    trace = solve(load(problem_file(TWO_WEIGHTS)))
    path, losses = two_weights(0.01, 3)
    assert isclose(float(trace.find("L", epoch + 1, "loss").exact), losses[epoch], rel_tol=1e-12)
    for place, name in enumerate(("w_1", "w_2")):
        assert isclose(
            float(trace.find(name, epoch + 1, "update").exact),
            path[epoch + 1][place],
            rel_tol=1e-12,
        )
        slope = -2 * path[epoch][1 - place] * (20 - 2 * path[epoch][0] * path[epoch][1])
        assert isclose(float(trace.find(f"dL_d{name}", epoch + 1).exact), slope, rel_tol=1e-12)


# ---- any problem --------------------------------------------------------------------------------

VALLEYS = [
    "({x} - 1)^2 + {y}^2/4",
    "exp({x}/3) + ({y} - {x})^2",
    "ln(1 + {x}^2) + {y}^2",
    "sqrt(1 + {x}^2)*(2 + sin({y}))",
    "tanh({x})^2 + sigmoid({y})/2 + {x}*{y}/9",
]


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_random_descent_passes_every_proof(seed):
    random = Random(seed)
    names = ["x", "y"] if seed % 2 else ["w_1", "w_2"]
    formula = random.choice(VALLEYS).format(x=names[0], y=names[1])
    start = ", ".join(f"{name}: {random.randint(-20, 20) / 10}" for name in names)
    problem = loads(
        descent(
            f"L({', '.join(names)}) = {formula}",
            start,
            random.choice(("0.1", "0.05", "0.2")),
            (
                f"iterations: {random.randint(1, 3)}\nlong_run: 60\nlearning_rates: [0.01, 0.3]\n"
                f"rounding: {{policy: {random.choice(('carry', 'exact', 'named'))}, places: {random.randint(4, 7)}}}\n"
            ),
        )
    )
    note = make_note(problem, thorough=seed % 4 == 0)
    assert note.proof.failures == () and note.proof.differences == 2 * problem.epochs
    assert record.loads(record.dumps(note.trace)) == note.trace
    for step in run(problem)[
        :-1
    ]:  # the slopes that judge, in decimals, and those that draw, in floats
        slopes = ground(problem)([float(step.values[name]) for name in names])[1]
        assert all(
            isclose(slope, step.values[f"dL_d{name}"], rel_tol=1e-9, abs_tol=1e-9)
            for name, slope in zip(names, slopes)
        )


@pytest.mark.parametrize(
    "rate, fate, swings",
    [
        ("0.001", "creeps", False),
        ("0.1", "settles", False),
        ("0.5", "settles", False),
        ("0.9", "settles", True),
        ("1", "oscillates", True),
        ("1.1", "diverges", True),
    ],
)
def test_what_becomes_of_a_parabola_is_known(rate, fate, swings):
    """Of (w - 3)^2 each step leaves the share 1 - 2 alpha of the way: the sign says on which side,
    the size whether it shrinks."""
    trace = solve(loads(descent("L(w) = (w - 3)^2", "w: 0", rate, "iterations: 1\n")))
    [found] = trace.descents
    share = 1 - 2 * Decimal(rate)
    assert (found.fate, found.swings) == (fate, swings)
    assert (fate == "diverges") == (abs(share) > 1) and swings == (share < 0)
    if fate in ("settles", "creeps"):
        assert abs(3 - found.end["w"] - 3 * share**found.updates) < Decimal("1e-20")


@pytest.mark.parametrize(
    "formula, start, rate, fate",
    [
        ("w - ln(w)", "w: 0.1", "0.5", "settles"),
        ("w - ln(w)", "w: 3", "5", "leaves"),
        ("exp(w^2)", "w: 2", "9", "diverges"),
        ("w^2", "w: 0", "0.1", "settles"),
    ],
)
def test_descent_that_ends_otherwise(formula, start, rate, fate):
    """A logarithm is left where a step leads below 0; a number beyond all bounds is no number; a
    level start is not left."""
    problem = loads(
        descent(f"L(w) = {formula}", start, "0.0001", f"iterations: 1\nlearning_rates: [{rate}]\n")
    )
    trace = solve(problem)
    assert (
        trace.descents[-1].fate
        == carried_on(problem, float(rate)).fate
        == judged_run(problem, Decimal(rate), 50).fate
        == fate
    )
    assert make_note(problem).proof.failures == ()


def test_where_it_diverges_on_the_page_the_error_says_so():
    with pytest.raises(SolveError, match="gradient descent diverges"):
        solve(
            loads(
                descent(
                    "L(w_1, w_2) = (20 - 2*w_1*w_2)^2/2",
                    "w_1: 2, w_2: 0.5",
                    "0.1",
                    "iterations: 9\n",
                )
            )
        )


def test_a_program_stops_at_the_bound():
    course = follow([1.0], 2.0, lambda point: (point[0] ** 2, [2 * point[0]]), 1e-6, 10_000)
    assert course.fate == "diverges" and 1 < course.loss <= BOUND < 9 * course.loss


LEAPS = descent(
    "f(x, y) = (1/(1 + (2/(2 + sin(exp(-x))))^2)) + sqrt(1 + (3/(1 + exp(-y)^2))^2)*x/9 + y^2/7",
    "x: 0.0, y: -0.2",
    "0.5",
    "iterations: 1\nlong_run: 50\nlearning_rates: [0.5, 1]\n",
)


def test_a_run_that_leaps_about_is_judged_with_digits_of_its_own():
    """With a start 10^-12 aside it goes elsewhere, so 16 digits cannot tell what 50 digits find; 60
    can."""
    problem = loads(LEAPS)
    trace = solve(problem)
    one, other = (carried_on(problem, 1.0, aside) for aside in (0.0, 1e-12))
    assert abs(one.end[1] - other.end[1]) > 1e-3 and trace.descents[1].fate in (
        "oscillates",
        "diverges",
    )
    assert descent_failures(trace) == [] and make_note(problem).proof.failures == ()


def test_a_run_whose_loss_rises_now_and_then_is_not_called_slow():
    stairs = {
        "creeps": lambda point: -point[0],
        "oscillates": lambda point: -point[0] + 5 * (point[0] % 4 < 1),
    }
    for fate, loss in stairs.items():
        assert (
            follow([0.5], 1.0, lambda point, loss=loss: (loss(point), [-1.0]), 1e-6, 40).fate
            == fate
        )


def test_a_far_plateau_is_where_it_ends():
    """Of 3 x^2 2^x so little is left far down the axis that it is written 0: about 0, as it is a
    number still, and no reason to break off."""
    text = make_note(
        loads(
            descent(
                "f(x) = 3*x^2*2^x",
                "x: -1.1",
                "0.001",
                "iterations: 1\nlong_run: 300\nlearning_rates: [10]\n",
            )
        )
    ).text
    assert r"f(-1972320213.255) \approx 0" in text


def test_a_case_may_be_of_the_variable_itself_and_have_another_value():
    text = make_note(
        loads(
            descent(
                "L(w) = (w - 1)^2",
                "w: 0",
                "0.1",
                "cases: [{w: -1, gradient: -2}, {w: 1, gradient: 0.5}]\n",
            )
        )
    ).text
    assert r"$w = -1$, $\alpha = 0.1$" in text and "&= -0.8" in text and "&= 0.95" in text


def test_what_is_said_of_a_descent_is_said_of_its_variable():
    text = make_note(
        loads(descent("J(theta) = (theta - 2)^2 - 9", "theta: -4.5", "0.5", "iterations: 2\n"))
    ).text
    assert (
        r"\theta \leftarrow \theta - \alpha \frac{dJ}{d\theta}" in text
        and "w" not in re.findall(r"\$([^$]*)\$", text)
    )
    assert "33.25 - (-9) = 42.25" in text  # no minus after a minus
    assert "The slope is zero here, so nothing moves: $J$ is still -9." in text


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old, new",
    [
        (
            r"= -2 w_2(20 - 2 w_1 \cdot w_2)",
            r"= -2 w_1(20 - 2 w_1 \cdot w_2)",
        ),  # the gradient on the page
        (
            r"\frac{\partial}{\partial w_1}(20) - \frac",
            r"\frac{\partial}{\partial w_1}(20) + \frac",
        ),
        ("(0 - 2 w_1", "(1 - 2 w_1"),
        (r"&= -72", r"&= 72"),
        (r"&= 0.5 - 0.01 \cdot (-72)", r"&= 0.5 - 0.01 \cdot (-18)"),
        (r"&= 2 + 0.18", r"&= 2 - 0.18"),
        ("&= 1.0 - 0.2", "&= 1.0 - 0.3"),
        (r"1.0 - 0.1 \cdot 2.0", r"1.0 - 0.2 \cdot 2.0"),
        ("&= 1.3", "&= 0.7"),
        ("2.53821 - 0.01", "2.53820 - 0.01"),
        ("54.23705", "54.23706"),
        ("| $-35.82115$ |", "| $-35.82116$ |"),
        ("w_1^{(15)} = 3.391", "w_1^{(15)} = 3.392"),
        ("&= 20.000118", "&= 20.000117"),
        (r"L(3.464, 2.887) \approx 0.00000065", r"L(3.464, 2.888) \approx 0.00000065"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file(TWO_WEIGHTS)))
    text = render(trace)
    assert old in text
    assert check(trace, text).failures == ()
    assert check(trace, text.replace(old, new, 1)).failures


@pytest.mark.parametrize(
    "change",
    [
        {"fate": "creeps"},
        {"updates": 16},
        {"end": {"w_1": Decimal("3.392"), "w_2": Decimal("2.949")}},
        {"loss": Decimal("0.1")},
        {"rate": Decimal("0.02")},
    ],
)
def test_a_wrong_end_is_refused(change):
    trace = solve(load(problem_file(TWO_WEIGHTS)))
    assert descent_failures(trace) == []
    spoilt = replace(trace, descents=(replace(trace.descents[0], **change), *trace.descents[1:]))
    assert [failure.proof for failure in descent_failures(spoilt)] == ["descent"]


def test_a_wrong_rule_is_refused(monkeypatch):
    problem = load(problem_file(PARABOLA))
    monkeypatch.setitem(rules.RULES, "power", lambda body, u: body.args[1] * u**2)
    trace = solve(problem)
    assert (
        "dL_dw" in wrong_formulas(trace) and oracle_failures(trace)[2] and descent_failures(trace)
    )
    with pytest.raises(ProofError):
        make_note(problem)


@pytest.mark.parametrize(
    "text",
    [
        descent("L(w) = abs(w)", "w: 1", "0.1"),
        descent("L(w) = w^2", "v: 1", "0.1"),
        descent("L(w, v) = w^2", "w: 1, v: 1", "0.1"),
        descent("L(w) = w^2 + u", "w: 1", "0.1"),
        descent("L(u, v, w) = u*v*w", "u: 1, v: 1, w: 1", "0.1"),
        descent("w^2", "w: 1", "0.1"),
        descent("L(w) = w^2", "w: 1", "0.1", "iterations: 21\n"),
        descent("L(w) = w^2", "w: 1", "0"),
        descent("L(w, w) = w^2", "w: 1", "0.1"),
        descent("L(w) = w^2", "w: 1", "0.1", "watch: [w = 2*w]\n"),
        descent("L(w) = w^2", "w: 1", "0.1", "watch: [v = 2*z]\n"),
        descent("L(w) = w^2", "w: 1", "0.1", "long_run: 0\nlearning_rates: [0.1]\n"),
        descent("L(alpha) = alpha^2", "alpha: 1", "0.1"),
    ],
)
def test_a_faulty_spec_is_refused_with_a_hint(text):
    with pytest.raises(SpecError) as caught:
        loads(text)
    assert all(fault.hint for fault in caught.value.faults)


# ---- the page -----------------------------------------------------------------------------------


def test_one_variable_has_a_derivative_and_two_have_partial_ones():
    one, two = (make_note(load(problem_file(name))).text for name in (PARABOLA, TWO_WEIGHTS))
    assert r"\frac{dL}{dw}" in one and r"\partial" not in one
    assert r"\frac{\partial L}{\partial w_1}" in two and r"\frac{dL}" not in two


def test_without_a_long_run_the_page_ends_with_the_iterations():
    text = make_note(loads(descent("L(w) = w^2", "w: 1", "0.1", "long_run: 0\n"))).text
    assert "Where it ends" not in text and "## The learning rate" not in text


def test_the_other_way_of_writing_is_followed():
    text = make_note(
        loads(
            descent(
                "J(u, v) = u^2 + v^2/2 - u",
                "u: 1, v: 1",
                "0.1",
                "notation: {learning_rate: eta, loss: mathcal, assign: colon-equals}\n",
            )
        )
    ).text
    assert (
        r"\mathcal{J}(u, v) = " in text
        and r"\eta" in text
        and r"u &:= u - \eta" in text
        and r"\mathcal{J}^{(" in text
        and r"\alpha" not in text
    )


def test_a_weight_that_is_called_new_has_its_value_and_one_that_moves_becomes_it():
    """`w_new = w - ...` is so; `w = w - ...` would not be, unless the step is 0."""
    made = make_note(load(problem_file("descent-two-weights")))
    assert (
        r"w_{\mathrm{new}} &= 1.0 - 0.1 \cdot 2.0" in made.text
        and r"w_1 &\leftarrow w_1 - \alpha" in made.text
    )
    for old, new in (
        (r"w_{\mathrm{new}} &=", r"w_{\mathrm{new}} &\leftarrow"),
        (r"w_1 &\leftarrow", "w_1 &="),
    ):
        assert any(
            failure.proof == "statement"
            for failure in check(
                made.trace, made.text.replace(old, new, 1), claims=made.claims
            ).failures
        )

"""Requirements: each accepts one problem and refuses another, and says what it saw."""

from __future__ import annotations

from decimal import Decimal

import pytest

from worksheet.errors import SpecError
from worksheet.families.network.solve import solve
from worksheet.spec.demands import demands_of
from worksheet.spec.faults import Faults
from worksheet.spec.inequality import read_inequality
from worksheet.spec.load import checked, loads
from worksheet.spec.yaml_reader import read
from worksheet.variants.requirements import REQUIREMENTS, Candidate, requirement_of, ties
from worksheet.variants.search import Origin, source_of, under

SPEC = """\
title: One hidden neuron
network:
  inputs: {{x: {x}}}
  layers:
    - {{units: [{{z: z_h, a: a_h, weights: {{w_h: {w_h}}}}}], activation: {activation}}}
    - {{units: [{{a: y_hat, weights: {{w_o: {w_o}}}}}], activation: identity}}
  target: {{y: {y}}}
  loss: squared-error
learning_rate: {rate}
rounding: {{places: {places}}}
"""
USUAL = {
    "x": "1",
    "w_h": "0.5",
    "w_o": "0.7",
    "y": "1",
    "rate": "0.1",
    "activation": "sigmoid",
    "places": "5",
}

# requirement -> what it accepts, what it refuses, what it saw there
CASES = {
    "loss-decreases": ({}, {"rate": "9"}, "L goes from 0.31841 to"),
    "no-dead-unit": (
        {"activation": "relu"},
        {"activation": "relu", "w_h": "-0.5"},
        "a_h = 0 (off)",
    ),
    "dead-unit": (
        {"activation": "relu", "w_h": "-0.5"},
        {"activation": "relu"},
        "every unit is alive",
    ),
    "not-saturated": ({}, {"w_h": "6"}, "a_h = 0.99753 (saturated)"),
    "no-zero-shown": ({}, {"activation": "relu", "w_h": "-0.5"}, "a_h = 0"),
    "answers-differ": (
        {"x": "2", "w_h": "0.6", "w_o": "0.8", "y": "2"},
        {"w_o": "0.8"},
        "z_h = 0.5, as in the problem as it is written",
    ),
    "no-ties": (
        {"activation": "relu", "places": "8"},
        {"activation": "relu", "x": "0.5", "places": "2", "w_h": "0.51"},
        "0.255 lies in the middle, and is shown as 0.26",
    ),
    "no-rounding": ({"activation": "relu", "places": "20"}, {}, "a_h = 0.62246 is rounded"),
    "parity": (
        {"w_h": "0.6"},
        {"w_h": "-0.5", "w_o": "-0.7"},
        "8 negatives to write, 5 in the problem as it is written",
    ),
    "agree": (
        {"activation": "relu", "places": "8"},
        {"places": "2", "w_o": "3"},
        "y_hat is 1.86 carried, 1.87 in full precision",
    ),
}
MORE = {
    "{digits: 6}": ({}, {"w_o": "30"}, "y_hat = 18.67380"),
    "0.1 < a_h < 0.9": ({}, {"w_h": "4"}, "a_h = 0.98201"),
    "|w_h| >= 0.5": ({"w_h": "-0.6"}, {"w_h": "0.4"}, "w_h = 0.4"),
    "y_hat < y": ({}, {"y": "0"}, "y_hat = 0.43572, y = 0"),
    "dL_dw_o != 0": ({}, {"activation": "relu", "w_h": "-1"}, "dL_dw_o = 0"),
}


def refusal(requirement: str, changes: dict[str, str]) -> str:
    text = SPEC.format(**USUAL | changes)
    written, trace = solve(loads(SPEC.format(**USUAL))), solve(loads(text))
    root = read(
        f"{text}require: ['{requirement}']"
        if "{" not in requirement
        else f"{text}require: [{requirement}]",
        Faults("x"),
    )
    [found] = map(
        requirement_of, demands_of(root, checked(root, Faults("x")).spec.require, Faults("x"))
    )
    return found.refuses(Candidate(trace, written, lambda policy: under(trace, policy)))


def test_no_requirement_is_without_its_cases():
    assert set(CASES) == set(REQUIREMENTS)


@pytest.mark.parametrize(
    "requirement, accepted, refused, saw",
    [(name, *case) for name, case in (CASES | MORE).items()],
    ids=str,
)
def test_each_accepts_one_and_refuses_another(requirement, accepted, refused, saw):
    assert refusal(requirement, accepted) == ""
    assert refusal(requirement, refused).startswith(saw)


@pytest.mark.parametrize(
    "changes, saw", [({"activation": "relu"}, "26 operations"), ({"w_o": "700.7"}, "114 digits")]
)
def test_other_operations_or_digits_are_no_parity(changes, saw):
    assert refusal("parity", changes).startswith(f"{saw} to write, ")


@pytest.mark.parametrize(
    "rounding, is_tie",
    [
        ("places: 2", True),
        ("places: 3", False),
        ("{places: 2, zeros: strip}", True),
        ("{places: 2, mode: half-even}", True),
        ("significant: 2", True),
        ("significant: 3", False),
        ("{places: 2, policy: exact}", True),
    ],
)
def test_a_tie_is_a_tie_in_every_policy(rounding, is_tie):
    text = SPEC.format(
        **USUAL | {"activation": "relu", "x": "0.5", "w_h": "0.51", "w_o": "1"}
    ).replace(
        "rounding: {places: 5}",
        f"rounding: {rounding}" if rounding[0] == "{" else f"rounding: {{{rounding}}}",
    )
    assert any(result == Decimal("0.255") for result, _ in ties(solve(loads(text)))) == is_tie


@pytest.mark.parametrize(
    "requirement, changes, ask",
    [
        ("no-zero-shown", {"activation": "relu", "w_h": "-0.5"}, "w_o"),
        ("answers-differ", {"w_o": "0.8"}, "w_o"),
        ("{digits: 6}", {"w_o": "30"}, "z_h"),
    ],
)
def test_what_is_not_asked_is_not_judged(requirement, changes, ask):
    """The tasks say what is graded: a quantity on the way may be 0, as it was, or long to write, if
    the sheet does not ask for it."""
    assert refusal(requirement, changes) != ""
    assert refusal(requirement, changes | {"places": "5}\nask: [" + ask + "]\n#"}) == ""


# ---- bounds
# ---------------------------------------------------------------------------------------------

VALUES = {"a": Decimal("0.5"), "b_1": Decimal(-2)}


@pytest.mark.parametrize(
    "text, holds",
    [
        ("a < 1", True),
        ("a<1", True),
        ("a > 1", False),
        ("0 < a < 1", True),
        ("0 < a < 0.5", False),
        ("0<a<=.5", True),
        ("1 > a >= 0.5", True),
        ("b_1 < a", True),
        ("|b_1| > 1", True),
        ("| b_1 | < -1", False),
        ("b_1 != -2", False),
        ("b_1 != +2", True),
        ("-2.0 <= b_1", True),
        ("a < 1.", True),
        ("-3 < b_1 < 0 < a < 1", True),
    ],
)
def test_a_bound_is_read_sign_by_sign(text, holds):
    assert read_inequality(text).holds(VALUES.__getitem__) is holds


def test_a_bound_names_its_quantities():
    assert read_inequality("0 < |b_1| < a < 3").names == ("b_1", "a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "<",
        "a <",
        "< a",
        "a < < 1",
        "1 < 2",
        "a == 1",
        "a = 1",
        "a < b c",
        "|a < 1",
        "a| < 1",
        "a < 1a",
        "a < 1e5",
        "a < 0x10",
        "a < 1_000",
        "é < 1",
        "a < ١",
        "a.b < 1",
        "a + 1 < 2",
        "lambda: 0 < 1",
        "a < 1;",
        "|1| < a",
        "a < .",
        "a < " + "9" * 1000,
        "||a|| < 1",
    ],
)
def test_what_is_no_bound_is_refused(text):
    with pytest.raises(ValueError):
        read_inequality(text)


def test_a_bound_on_what_is_not_there_is_told_with_its_line():
    text = (
        SPEC.format(**USUAL)
        + "vary: {x: {one_of: [1, 2]}}\nrequire:\n  - agree\n  - 0 < z_H < 1\n  - w_q > 0\n"
    )
    with pytest.raises(SpecError) as caught:
        source_of(Origin("spec.yaml", "spec", text))
    assert str(caught.value).startswith(
        "spec.yaml:14: require[1]: the solution has no quantity 'z_H'\n  hint: did you mean 'z_h'? known: L, a_h,"
    )
    assert [fault.where for fault in caught.value.faults] == [
        "spec.yaml:14: require[1]",
        "spec.yaml:15: require[2]",
    ]


FORMULAS = """\
title: Formulas
formulas: [h = u*x, L = (y - h)^2]
given: {x: 2, y: 1, u: 0.3}
train: [u]
vary: {u: {one_of: [0.1, 0.2]}}
"""


@pytest.mark.parametrize(
    "require, says",
    [
        ("dead-unit", "'dead-unit' needs a solution with a network's units"),
        ("loss-decreases", "'loss-decreases' needs a solution with a weight update"),
        ("0 < z_h", "the solution has no quantity 'z_h'"),
    ],
)
def test_what_means_nothing_here_is_refused_at_its_line(require, says):
    with pytest.raises(SpecError) as caught:
        source_of(Origin("spec.yaml", "spec", f"{FORMULAS}require:\n  - no-ties\n  - {require}\n"))
    assert str(caught.value).startswith(f"spec.yaml:8: require[1]: {says}\n  hint: ")
    trained = f"{FORMULAS}learning_rate: 0.1\nrequire:\n  - loss-decreases\n  - agree\n  - answers-differ\n  - 0 < h < 1\n  - {{digits: 6}}\n"
    assert source_of(Origin("spec.yaml", "spec", trained))


def test_a_part_that_there_is_not_cannot_be_asked():
    with pytest.raises(SpecError) as caught:
        source_of(Origin("spec.yaml", "spec", FORMULAS + "ask: [forward, update]\n"))
    assert str(caught.value).startswith(
        "spec.yaml:6: ask[1]: the solution has no part 'update' in epoch 1\n  hint: "
    )


@pytest.mark.parametrize(
    "text, fault",
    [
        (
            FORMULAS.replace("u: {one", "w: {one"),
            "spec.yaml:5: vary: the problem has no 'w' that could vary\n  hint: known: given, u, x, y",
        ),
        (FORMULAS.replace("[0.1, 0.2]", "[relu]"), "spec.yaml:5: vary.u: 'relu' is not a number"),
        (
            "title: D\nderivation: [L = z^2]\nby: z\nsteps: [{form: 2*z, why: The power rule.}]\nvary: {z: {one_of: [1, 2]}}\n",
            "spec.yaml:5: vary: a problem without numbers has no variants\n  hint: leave it out, for everyone gets the same sheet",
        ),
        (
            "title: F\ngradient: f(x, y) = x*y\nat: {x: 1, y: 2}\nchange: {x: 0.1, y: -0.1}\nvary: {change: {one_of: [-0.1, 0, 0.1]}}\n",
            "spec.yaml:5: vary.change: 0 moves nothing",
        ),
        (
            "title: F\ngradient: f(x, y) = x*y\nat: {x: 1, y: 2}\nchange: {x: 0.1}\nvary: {x_change: {one_of: [0, 0.1]}}\n",
            "spec.yaml:5: vary.x_change: 0 moves nothing",
        ),
        (
            "title: F\nfunction: f(x) = a*x\ngiven: {a: 2}\nat: 1\nchange: 0.1\nvary: {change: {one_of: [0, 0.1]}}\n",
            "spec.yaml:6: vary.change: 0 is not greater than 0",
        ),
    ],
)
def test_what_cannot_vary_is_told(text, fault):
    with pytest.raises(SpecError) as caught:
        source_of(Origin("spec.yaml", "spec", text))
    assert str(caught.value).startswith(fault)


def test_a_task_about_what_is_not_there_is_told_with_its_line():
    text = (
        SPEC.format(**USUAL)
        + "vary: {x: {one_of: [1, 2]}}\nask:\n  - forward\n  - {of: [z_h, z_q], epoch: 1}\n  - {of: loss, epoch: 2}\n"
    )
    with pytest.raises(SpecError) as caught:
        source_of(Origin("spec.yaml", "spec", text))
    assert str(caught.value).startswith(
        "spec.yaml:14: ask[1]: nothing in the solution is called 'z_q'\n  hint: did you mean 'z_h'?"
    )
    assert [fault.where for fault in caught.value.faults] == [
        "spec.yaml:14: ask[1]",
        "spec.yaml:15: ask[2]",
    ]

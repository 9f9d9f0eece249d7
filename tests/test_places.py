"""A message that names a quantity names the line of the spec where it stands, in every family."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worksheet.errors import SolveError
from worksheet.pages.render import render
from worksheet.proofs.checks import check
from worksheet.resources import problem_files
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.standing import Places

UNDEFINED = (
    (
        "formulas: ['h = x - 2', 'L = ln(h)']\ngiven: {x: 1}\ntrain: [x]\n",
        "'L' has no finite value",
        "t.yaml:2: formulas[1]",
    ),
    (
        "formulas:\n  - h = 1/x\n  - L = h^2\ngiven: {x: 0}\ntrain: [x]\n",
        "'h' has no finite value",
        "t.yaml:3: formulas[0]",
    ),
    ("function: f(x) = ln(x)\nat: -1\n", "'value' has no finite value", "t.yaml:2: function"),
    (
        "gradient: f(x, y) = ln(x) + y\nat: {x: -1, y: 1}\n",
        "'value' has no finite value",
        "t.yaml:2: gradient",
    ),
    (
        "chain: [y = x - 2, z = ln(y)]\nat: {x: 1}\n",
        "'z' has no finite value",
        "t.yaml:2: chain[1]",
    ),
    (
        "descent: L(x) = ln(x)\nstart: {x: -1}\nlearning_rate: 0.1\n",
        "'L' has no finite value",
        "t.yaml:2: descent",
    ),
    (
        "network:\n  inputs: [1]\n  layers:\n    - {weights: [[1]], activation: identity}\n  target: [2]\n  loss: half-squared-error\n"
        "learning_rate: 1000000000\nepochs: 9\n",
        "'L' passes 10^",
        "t.yaml:7: loss",
    ),
)


@pytest.mark.parametrize("text, message, place", UNDEFINED)
def test_what_has_no_value_is_told_with_its_line(text: str, message: str, place: str):
    with pytest.raises(SolveError) as caught:
        solve(loads(f"title: T\n{text}", "t.yaml"))
    assert caught.value.message.startswith(message)
    assert caught.value.where == place


@pytest.mark.parametrize("file", problem_files(), ids=lambda file: file.stem)
def test_every_quantity_of_every_problem_has_a_place_in_its_spec(file):
    """Where a name is written anywhere in the spec, it is written on its line."""
    problem, lines = load(file), file.read_text(encoding="utf-8").splitlines()
    for working in solve(problem).workings:
        source, line, _ = problem.places.of(working.name).rsplit(":", 2)
        assert source == str(file) and lines[int(line) - 1].strip()
        if working.name in problem.places.names and any(
            f"{working.name}:" in each for each in lines
        ):
            assert working.name in lines[int(line) - 1]


def test_a_gradient_stands_where_what_it_is_taken_by_does():
    places = Places({"w": "s:1", "w_h": "s:2", "L": "s:3"}, "s:9")
    assert [places.of(name) for name in ("dL_dw_h", "dL_dw", "w_h__end", "L_prime", "slope")] == [
        "s:2",
        "s:1",
        "s:2",
        "s:3",
        "s:9",
    ]


SPEC = (
    "title: T\nnetwork:\n  inputs: {x: 1.0}\n  layers:\n    - {units: [{z: z_h, a: a_h, weights: {w_h: 0.5}}], activation: sigmoid}\n"
    "    - units: [{z: z_o, a: y_hat, weights: {w_o: 1.0}}]\n      activation: sigmoid\n  target: {y: 1}\n  loss: binary-cross-entropy\nlearning_rate: 0.1\n"
)
CHANGED = (
    ("z_o &= w_o", "z_o &= 2 w_o", "z_o"),
    (
        r"\frac{\partial L}{\partial w_h} &= \frac",
        r"\frac{\partial L}{\partial w_h} &= 2 \cdot \frac",
        "dL_dw_h",
    ),
    ("L &= -", "L &= 7 -", "L"),
)


@pytest.mark.parametrize("was, now, name", CHANGED, ids=[each[2] for each in CHANGED])
def test_a_proof_that_fails_for_a_quantity_names_its_line_of_the_spec_and_that_of_the_page(
    was, now, name
):
    trace = solve(loads(SPEC, "t.yaml"))
    page = render(trace)
    assert was in page
    found = check(trace, page.replace(was, now, 1), claims=page.claims).failures
    assert any(
        each.where.startswith(f"{trace.problem.places.of(name)}, line ") for each in found
    ), found


def test_a_value_that_the_judge_does_not_find_is_told_with_its_line_of_the_spec():
    trace = solve(loads(SPEC, "t.yaml"))
    wrong = [
        replace(each, exact=each.exact + 1) if each.name == "a_h" and each.epoch == 1 else each
        for each in trace.workings
    ]
    found = [str(each) for each in check(replace(trace, workings=wrong), render(trace)).failures]
    assert any(each.startswith("t.yaml:5: ") for each in found if "a_h is" in each), found


MATRIX = (
    "title: T\nnetwork:\n  inputs: [1, 2]\n  layers:\n    - {weights: [[0.5, 0.1], [0.2, 0.3]], activation: tanh}\n"
    "    - {weights: [[1, 2]], activation: identity}\n"
    "  target: 1\n  loss: half-squared-error\nlearning_rate: 0.1\nnotation: matrix\n"
)
FUNCTION = "title: T\nfunction: f(x) = x^3\nat: 2\nchange: 0.1\n"
SPOILT = (
    (
        MATRIX,
        r"W^{(1)} = \begin{bmatrix} 0.5",
        r"W^{(1)} = \begin{bmatrix} 0.6",
        "t.yaml:2: network",
    ),
    (FUNCTION, "f(2.1) &= 2.1^3", "f(2.1) &= 2.2^3", "t.yaml:2: function"),
    (FUNCTION, r"\Delta t &= f'(2) \cdot", r"\Delta t &= 7 f'(2) \cdot", "t.yaml:2: function"),
    (FUNCTION, "f(2) &= 2^3", "f(2) &= 3^3", "t.yaml:2: function"),
    (SPEC, 'n0_1 -->|"wₕ = 0.5"| n1_1', 'n0_1 -->|"wₕ = 0.6"| n1_1', "t.yaml:2: network"),
    (SPEC, r"= 0.5 \cdot 1.0", r"= 0.6 \cdot 1.0", "t.yaml:5: "),
)


@pytest.mark.parametrize("spec, was, now, place", SPOILT, ids=[each[2][:12] for each in SPOILT])
def test_what_fails_in_a_formula_or_a_diagram_names_a_line_of_the_spec(spec, was, now, place):
    """Matrices, changes, values at a point, diagrams and lines that are punched in again: what has
    no name of its own stands at its problem's."""
    trace = solve(loads(spec, "t.yaml"))
    page = render(trace)
    assert was in page
    found = [
        each
        for each in check(trace, page.replace(was, now, 1), claims=page.claims).failures
        if each.proof in ("re-punch", "statement", "chain rule")
    ]
    assert (
        found
        and all(each.where.startswith("t.yaml:") for each in found)
        and any(each.where.startswith(place) for each in found)
    ), found

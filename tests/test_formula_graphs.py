"""The family `formulas`: graphs of formulas, their gradients over every path, and the proofs of
their pages.

WORKSHEET_GRAPHS=n proves n random graphs instead of a few.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from random_formulas import graph_text

from worksheet.algebra import derivative
from worksheet.algebra.expression import Name, apply
from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.figures.draw import draw
from worksheet.judge.float_formulas import Dual, evaluate
from worksheet.judge.judges import judge_of
from worksheet.notes import make_note
from worksheet.proofs.checks import oracle_failures
from worksheet.proofs.with_sympy import wrong_formulas
from worksheet.resources import problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load, loads

COUNT = int(os.environ.get("WORKSHEET_GRAPHS", 30))
CHAIN = """\
title: The network of note 002 as formulas
formulas: ["h = x*w_1", "y_hat = h*w_2", "L = (y - y_hat)^2/2"]
given: {x: 2, w_1: 2, w_2: 0.5, y: 20}
train: [w_1, w_2]
learning_rate: 0.01
rounding: {places: 8}
"""


def graph(formulas: str, given: str, train: str, more: str = "") -> str:
    return f"title: A graph\nformulas: [{formulas}]\ngiven: {{{given}}}\ntrain: [{train}]\n{more}"


def test_a_network_and_its_formulas_say_the_same():
    ours, network = solve(loads(CHAIN)), solve(load(problems_folder() / "linear-chain.yaml"))
    for name, phase in [
        ("h", "forward"),
        ("y_hat", "forward"),
        ("L", "loss"),
        ("dL_dy_hat", "backward"),
        ("dL_dw_1", "backward"),
        ("dL_dw_2", "backward"),
        ("w_1", "update"),
        ("w_2", "update"),
        ("y_hat", "check"),
        ("L", "check"),
    ]:
        assert ours.find(name, 1, phase).shown == network.find(name, 1, phase).shown
    assert (ours.find("dL_dw_2").shown, ours.find("L", 1, "check").shown) == ("-72", "107.76294432")


def test_gradients_add_up_over_the_paths():
    """y = a b + a, where b = a x: dy/da = b + a x + 1 on three paths."""
    trace = solve(loads(graph("b = a*x, c = a*b, y = c + a", "a: 3, x: 2", "a")))
    working = trace.find("dy_da")
    assert working.shown == "13"
    assert [link.through for link in working.links] == ["b", "c", "y"]


def test_the_chain_names_every_path():
    """z = y^2 sin(x) uses x itself and through y: the line with the names shows both, as does the
    line with the formulas."""
    working = solve(loads(graph("y = 2*x + 3, z = y^2*sin(x)", "x: 1.5", "x"))).find("dz_dx")
    chain, local = working.lines[0], working.lines[1]
    assert (chain.move, local.move) == ("CHAIN", "LOCAL")
    assert chain.expr == Name("dz_dy") * Name("dy_dx") + Name("y") ** 2 * apply("cos", Name("x"))
    for seed in range(40):
        try:
            trace = solve(loads(graph_text(seed)))
        except SolveError:
            continue
        for working in trace.workings:
            if working.lines[0].move == "CHAIN" and len(working.links) > 1:
                assert len(working.lines[0].expr.args) >= len(working.links)


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_random_graph_passes_every_proof(seed):
    problem = loads(graph_text(seed))
    try:
        note = make_note(problem, thorough=seed % 6 == 0)
    except SolveError:
        return  # a power of a power of large numbers; most graphs have a page, see below
    assert note.proof.checked >= 4 and note.proof.results >= 2


def test_most_random_graphs_have_a_page():
    solved = 0
    for seed in range(40):
        try:
            solve(loads(graph_text(seed)))
            solved += 1
        except SolveError:
            pass
    assert solved >= 30


@pytest.mark.parametrize(
    "op, rule, formula",
    [
        (
            "sin",
            lambda args, name: apply("cos", *args),
            "sin(w*x)",
        ),  # the inner derivative is forgotten
        (
            "cos",
            lambda args, name: apply("sin", *args) * derivative.differentiate(args[0], name),
            "cos(w*x)",
        ),
        (
            "sqrt",
            lambda args, name: derivative.differentiate(args[0], name) / apply("sqrt", *args),
            "sqrt(w*x)",
        ),
        (
            "power",
            lambda args, name: derivative.multiply(
                args[1], args[0], derivative.differentiate(args[0], name)
            ),
            "(w*x)^3",
        ),
        ("max", lambda args, name: derivative.differentiate(args[1], name), "max(w*x, w)"),
    ],
)
def test_a_wrong_rule_is_found_by_the_oracle_and_by_sympy(op, rule, formula, monkeypatch):
    problem = loads(graph(f'"h = {formula}", L = h^2', "w: 1.5, x: 2", "w"))
    assert wrong_formulas(solve(problem)) == [] and oracle_failures(solve(problem))[2] == []
    monkeypatch.setitem(derivative.RULES, op, rule)
    trace = solve(problem)
    assert "dL_dw" in wrong_formulas(trace)
    assert {failure.proof for failure in oracle_failures(trace)[2]} == {"oracle"}
    with pytest.raises(ProofError, match="the judge finds"):
        make_note(problem)


def test_a_wrong_number_in_the_trace_is_found():
    trace = solve(loads(CHAIN))
    for index, working in enumerate(trace.workings):
        moved = replace(working, exact=working.exact + Decimal("0.001"))
        changed = replace(
            trace, workings=(*trace.workings[:index], moved, *trace.workings[index + 1 :])
        )
        assert oracle_failures(changed)[2], working.name


def test_at_a_corner_the_judge_has_the_slope_of_the_convention():
    """relu'(0) = 0: both sides of the corner and their mean say something else."""
    problem = loads(graph("h = relu(w), L = h + w*x", "w: 0, x: 2", "w"))
    assert judge_of(problem).run(problem)[0].values["dL_dw"] == 2
    assert make_note(problem).trace.find("dL_dw").shown == "2"


@pytest.mark.parametrize(
    "name, loss, shown",
    [
        ("y_hat", "L", r"\hat{y}"),
        ("q_12", "L", "q_{12}"),
        ("J", "mathcal", r"\mathcal{J}"),
        ("L_2", "mathcal", r"\mathcal{L}_2"),
        ("cost", "L", r"\mathrm{cost}"),
        ("L", "Loss", r"\text{Loss}"),
    ],
)
def test_the_last_quantity_may_have_any_name(name, loss, shown):
    text = make_note(
        loads(
            graph(f"{name} = w^2", "w: 3", "w", f"learning_rate: 0.1\nnotation: {{loss: {loss}}}\n")
        )
    ).text
    assert (
        rf"{shown} &= w^2" in text
        and rf"\frac{{\partial {shown}}}{{\partial w}} &= 2 \cdot w" in text
    )


def test_without_a_learning_rate_there_is_no_update():
    note = make_note(loads(graph("y = 2*x + 3, z = y^2", "x: 1", "x")))
    assert note.trace.find("dz_dx").shown == "20"
    assert "update" not in note.text.lower() and "loss" not in note.text.lower()
    assert {working.phase for working in note.trace.workings} == {"forward", "loss", "backward"}


def test_no_finite_value_is_said_with_its_place():
    for formula, given in (("ln(x)", "-1"), ("1/x", "0"), ("sqrt(x)", "-2"), ("exp(exp(x))", "10")):
        with pytest.raises(SolveError, match="'y' has no finite value|'y' passes"):
            solve(loads(graph(f'"y = {formula}"', f"x: {given}", "x")))


def test_a_page_names_the_formulas_and_the_paths():
    text = make_note(load(problem_file("shared-weight"))).text
    assert r"h_2 = \tanh(u \cdot x_2 + v \cdot h_1)" in text
    assert re.search(r"\$u\$ is used in two formulas, those of \$h_1\$ and \$h_2\$", text)


@pytest.mark.parametrize(
    "text, slope",
    [
        ("sin(x)", np.cos(0.7)),
        ("ln(x)", 1 / 0.7),
        ("2^x", 2**0.7 * np.log(2)),
        ("x^3", 3 * 0.49),
        ("x/(1 + x)", 1 / 1.7**2),
        ("max(x, 0.5)", 1),
        ("max(0.9, x)", 0),
        ("abs(-x)", 1),
        ("sigmoid(x)", 0.22171287329310904),
        ("tan(x)", 1 / np.cos(0.7) ** 2),
    ],
)
def test_slopes_are_carried_beside_values(text, slope):
    assert np.isclose(evaluate(text, {"x": Dual(0.7, 1.0)}).slope, slope, rtol=1e-12)


def test_the_bold_one_is_explained_once():
    text = make_note(
        loads(
            "title: R\nformulas: ['z = w*x', 'a = relu(z)', 'b = max(a, x)', L = a*b]\ngiven: {w: 1, x: 2}\ntrain: [w]\n"
        )
    ).text
    assert text.count("one where the condition holds") == 1 and text.index(
        r"\mathbf{1}("
    ) < text.index("one where the condition holds")


def test_a_descent_that_meets_a_corner_without_a_slope_leaves_the_domain():
    """The second rate leads to |0| exactly, which has no slope: neither settled, nor a quarrel
    between the program and its judge."""
    text = make_note(
        loads(
            "title: C\nformulas: ['m = abs(w - c)', L = m^2]\ngiven: {w: -0.5, c: -0.3}\ntrain: [w]\nlearning_rate: 0.1\n"
            "until: {gradient: 0.1, places: 3}\nlearning_rates: [0.1, 0.5]\n"
        )
    ).text
    assert "| 0.5 | too large | leaves the domain |" in text


def test_without_a_learning_rate_nothing_is_drawn(tmp_path):
    problem = loads(
        "title: G\nformulas: ['q = x + y', f = q*z]\ngiven: {x: -2, y: 5, z: -4}\ntrain: [x, y, z]\n"
    )
    assert draw(problem, tmp_path) == []

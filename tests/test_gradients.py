"""The family `gradient`: every partial derivative against SymPy's, the gradient at a point, a small
change; and its proofs.

WORKSHEET_FUNCTIONS=n proves n random functions instead of a few.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
import sympy
from random_formulas import gradient_text

from worksheet.algebra.parser import read
from worksheet.errors import ProofError, SolveError, SpecError
from worksheet.families.gradient.judge import surface
from worksheet.family import problem_file
from worksheet.judge.identities import points_of
from worksheet.notes import make_note, write_note
from worksheet.pages.render import render
from worksheet.proofs.checks import check, identity_failures, oracle_failures
from worksheet.proofs.with_sympy import to_sympy, wrong_steps
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.trace import derivative_steps as rules
from worksheet.trace import record
from worksheet.trace.derivative_steps import derivative_steps

COUNT = int(os.environ.get("WORKSHEET_FUNCTIONS", 40))


def gradient(text: str, more: str = "") -> str:
    return f"title: A function\ngradient: {text}\n{more}"


@pytest.mark.parametrize("seed", range(COUNT))
def test_every_partial_is_sympys_and_every_line_holds(seed):
    problem = loads(gradient_text(seed))
    try:
        note = make_note(problem)
    except SolveError:  # (2 - 2)^-1
        assert not np.isfinite(
            surface(problem, {name: float(number.value) for name, number in problem.at.items()})
        )
        return
    symbols = {name: sympy.Symbol(name, real=True) for name in problem.variables}
    point = {
        symbols[name]: sympy.Rational(str(value))
        for name, value in points_of(note.trace)[0].items()
        if name in symbols
    }
    formula = to_sympy(read(problem.formula), symbols)
    for name, derivation in zip(problem.variables, note.trace.derivations, strict=True):
        ours, theirs = (
            to_sympy(derivation.steps[-1].expr, symbols),
            sympy.diff(formula, symbols[name]),
        )
        expected = theirs.evalf(40, subs=point)
        assert abs(ours.evalf(40, subs=point) - expected) < sympy.Float("1e-30") * max(
            1, abs(expected)
        ), problem.formula
        assert wrong_steps(derivation, points_of(note.trace), {}) == []
    count, moved = len(problem.variables), len(problem.change)
    expected = (1 + count if problem.at else 0) + (2 * moved + 3 + (moved > 1) if moved else 0)
    assert note.proof.results == expected and note.proof.differences == (count if problem.at else 0)
    assert record.loads(record.dumps(note.trace)) == note.trace


def test_the_partials_of_note_002():
    trace = solve(load(problem_file("gradient-squares")))
    assert {working.name: working.shown for working in trace.workings} == {
        "value": "25",
        "df_dx": "6",
        "df_dy": "8",
        "x_moved": "3.1",
        "y_moved": "4.2",
        "moved_value": "27.25",
        "rise": "2.25",
        "x_share": "0.6",
        "y_share": "1.6",
        "estimate": "2.2",
        "gap": "0.05",
    }


def test_without_a_point_there_are_formulas_only():
    note = make_note(load(problem_file("gradient-formula")))
    assert (
        note.trace.workings == ()
        and r"= \begin{bmatrix} 2 x \\ 3 y^2 \end{bmatrix}" in note.text
        and "At a point" not in note.text
    )
    assert note.proof.checked == 8


def test_a_function_is_tried_where_it_lives():
    assert (
        make_note(loads(gradient("f(x, y) = ln(x + y - 20)")), thorough=True).proof.failures == ()
    )
    assert (
        make_note(loads(gradient("f(x, y) = ln(-x*y) + y")), thorough=True).proof.failures == ()
    )  # where the signs differ
    nowhere = "f(x, y) = sqrt(-x^2 - y^2)"
    with pytest.raises(ProofError, match="no value to compare"):
        make_note(loads(gradient(nowhere)))


def test_a_variable_that_does_nothing_has_the_partial_nought():
    note = make_note(loads(gradient("g(x, y) = 3*x", "at: {x: 1, y: 2}\nchange: {y: 0.5}\n")))
    assert (
        note.trace.find("dg_dy").shown == "0"
        and "A small change of $y$ does not change $g$." in note.text
    )
    assert "At this number of digits they are the same." in note.text


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "f(x, y) = abs(x) + y",
        "f(x, y) = x*z",
        "f(x, x) = x^2",
        "f(x, gap) = x",
        "f(x) = x^2",
        "f(x, ) = x",
        "x^2 + y^2",
        "x(x, y) = x",
        "f(a, b, c, d_1, g, h, k) = a",
        "f(x, y) = x^y^x",
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_hint(text):
    with pytest.raises(SpecError) as caught:
        loads(gradient(text))
    assert all(fault.hint for fault in caught.value.faults)


@pytest.mark.parametrize(
    "old, new",
    [
        (r"\frac{\partial f}{\partial x} = 2 x + 0", r"\frac{\partial f}{\partial x} = 2 x + 1"),
        (r"\frac{\partial}{\partial x}(y^2)", r"\frac{\partial}{\partial y}(y^2)"),
        (r"\begin{bmatrix} 2 x \\ 2 y \end{bmatrix}", r"\begin{bmatrix} 2 x \\ 3 y \end{bmatrix}"),
        (r"\begin{bmatrix} 6 \\ 8 \end{bmatrix}", r"\begin{bmatrix} 8 \\ 6 \end{bmatrix}"),
        (r"{\partial y}(3, 4) &= 2 \cdot 4", r"{\partial y}(3, 4) &= 2 \cdot 3"),
        ("f(3.1, 4.2) &= 3.1^2 + 4.2^2", "f(3.1, 4.2) &= 3.2^2 + 4.2^2"),
        (r"(3, 4) \cdot \Delta y", r"(3, 4) \cdot \Delta x"),
        (r"&= \Delta f_x + \Delta f_y", r"&= \Delta f_x - \Delta f_y"),
        ("&= 2.25 - 2.2", "&= 2.25 - 2.1"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file("gradient-squares")))
    text = render(trace)
    assert old in text and check(trace, text).failures == ()
    assert check(trace, text.replace(old, new, 1)).failures


def test_a_rule_that_forgets_what_is_held_is_refused(monkeypatch):
    problem = loads(gradient("f(x, y) = x^2*y + y", "at: {x: 2, y: 3}\n"))
    assert make_note(problem).proof.failures == ()
    monkeypatch.setitem(rules.RULES, "constant-multiple", lambda body, x: rules.d(body.args[0], x))
    trace = solve(problem)
    assert {failure.where for failure in identity_failures(trace, render(trace))[1]} >= {
        "df_dx"
    } and oracle_failures(trace)[2]
    with pytest.raises(ProofError):
        make_note(problem)


def test_the_other_variables_are_constants():
    steps = derivative_steps(read("x*y^2"), "x")
    assert [step.rules for step in steps] == [
        (),
        ("constant-multiple",),
        ("identity",),
        ("simplify",),
    ]
    assert steps[-1].expr == read("y^2")


# ---- the page -----------------------------------------------------------------------------------


def test_the_figure_is_drawn_for_two_variables(tmp_path):
    path = write_note(problem_file("gradient-squares"), tmp_path)
    assert [file.name for file in (path.parent / "figures").glob("*.svg")] == ["contour.svg"]
    assert "around the point (3, 4). The gradient (6, 8) starts there" in path.read_text(
        encoding="utf-8"
    )
    again = write_note(problem_file("gradient-squares"), tmp_path / "again")
    assert (again.parent / "figures" / "contour.svg").read_bytes() == (
        path.parent / "figures" / "contour.svg"
    ).read_bytes()
    three = write_note(problem_file("gradient-three-variables"), tmp_path)
    assert not list((three.parent / "figures").glob("*.svg"))


def test_a_level_point_has_no_arrow(tmp_path):
    spec = tmp_path / "level.yaml"
    spec.write_text(gradient("f(x, y) = x^2 + y^2", "at: {x: 0, y: 0}\nchange: {x: 0.1, y: 0.1}\n"))
    assert not list((write_note(spec, tmp_path).parent / "figures").glob("*.svg"))

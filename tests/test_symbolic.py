"""SymPy on the formulas: nothing to say against ours, and a word against each that was spoiled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_networks import spec_text

from worksheet.algebra import laws
from worksheet.algebra.laws import LAWS, lift
from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.notes import prove_note
from worksheet.proofs.with_sympy import wrong_formulas
from worksheet.resources import problem_files, problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load, loads

PROBLEMS = [path.stem for path in problem_files()]


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gradients_of_our_problems_are_derivatives(name):
    assert wrong_formulas(solve(load(problem_file(name)))) == []


@pytest.mark.parametrize(
    "number", [0, 7, 8, 9, 11, 12]
)  # of one or two layers: SymPy's expressions double with each layer
def test_the_gradients_of_random_networks_are_derivatives(number):
    try:
        trace = solve(loads(spec_text(number)))
    except SolveError:
        pytest.fail("choose numbers of networks that have a solution")
    assert wrong_formulas(trace) == []


# (law, what is changed, a problem that uses it, the gradients that must be named, others that must
# not)
WRONG = [
    (
        "sigmoid",
        {"derivative": lambda args, a, i, outputs: a * a},
        "two-inputs-sigmoid",
        {"dL_dz_1", "dL_dw_1", "dL_dw_3"},
        {"dL_dy_hat"},
    ),
    (
        "tanh",
        {"derivative": lambda args, a, i, outputs: 1 - a},
        "tanh-one-hidden",
        {"dL_dz_h", "dL_dw_h", "dL_db_h"},
        {"dL_dw_o", "dL_db_o"},
    ),
    (
        "relu",
        {"derivative": lambda args, a, i, outputs: lift(1)},
        "relu-two-updates",
        {"dL_dz_1__1", "dL_dw_1_1__1"},
        {"dL_dw_1_1__2"},
    ),
    (
        "leaky_relu",
        {"derivative": lambda args, a, i, outputs: lift(1)},
        "softmax-three-classes",
        {"dL_dz_1__1"},
        {"dL_dz_1__2"},
    ),
    (
        "squared_error",
        {"derivative": lambda y, y_hat, k: y_hat[k] - y[k]},
        "three-hidden-matrix",
        {"dL_dy_hat", "dL_dw_1_1__1"},
        set(),
    ),
    (
        "half_squared_error",
        {"derivative": lambda y, y_hat, k: y[k] - y_hat[k]},
        "two-by-two",
        {"dL_do_1", "dL_dw_1", "dL_dw_8"},
        set(),
    ),
]


@pytest.mark.parametrize("law, changes, name, named, unnamed", WRONG, ids=[row[0] for row in WRONG])
def test_a_law_with_a_wrong_derivative_is_named(law, changes, name, named, unnamed, monkeypatch):
    monkeypatch.setitem(LAWS, law, replace(LAWS[law], **changes))
    problem = load(problem_file(name))
    loss = problem.network.loss_name
    wrong = {each.replace(f"d{loss}_", "dL_", 1) for each in wrong_formulas(solve(problem))}
    assert named <= wrong and not unnamed & wrong


@pytest.mark.parametrize(
    "law, activation, name",
    [
        ("binary_cross_entropy", "sigmoid", "one-hidden-neuron"),
        ("categorical_cross_entropy", "softmax", "softmax-three-classes"),
    ],
)
def test_a_wrong_short_form_is_named(law, activation, name, monkeypatch):
    spoiled = replace(laws.LOSSES[law], pairs={activation: lambda y, a: y - a})
    monkeypatch.setitem(laws.LOSSES, law, spoiled)
    wrong = wrong_formulas(solve(load(problem_file(name))))
    assert any(each.startswith("dL_dz") for each in wrong)


def test_a_thorough_note_asks_sympy(monkeypatch):
    """`--thorough`: the note passes, and a note whose formula is wrong says which."""
    trace = solve(load(problems_folder() / "tanh-one-hidden.yaml"))
    assert prove_note(trace, thorough=True).proof.failures == ()
    monkeypatch.setattr("worksheet.proofs.with_sympy.wrong_formulas", lambda trace: ["dL_dw_h"])
    with pytest.raises(ProofError, match=r"dL_dw_h is not the derivative of the loss \[SymPy\]"):
        prove_note(trace, thorough=True)

"""The family `derivation`: proofs step by step; every step is proved, on the page and in the trace, and a spoilt one refused."""

from __future__ import annotations

import re
import time

import pytest

from worksheet import record
from worksheet.checks import check, identity_failures
from worksheet.derivative import differentiate
from worksheet.errors import ProofError, SpecError
from worksheet.expression import Name, apply, substitute
from worksheet.families import solve
from worksheet.formulas import read
from worksheet.identities import definitions, first_unequal, points_of, written_out
from worksheet.laws import LAWS, LOSSES
from worksheet.notes import make_note
from worksheet.places import problem_file, problem_files
from worksheet.sheets import render
from worksheet.spec import load, loads
from worksheet.symbolic import wrong_steps

NAMES = [path.stem for path in problem_files() if path.stem.startswith("derive-")]
# the form that is taught, and the law of ours that uses it
TAUGHT = {
    "derive-half-squared-error": (LOSSES["half_squared_error"].derivative([Name("y")], [Name("y_hat")], 0), "y_hat - y"),
    "derive-sigmoid": (LAWS["sigmoid"].derivative([Name("z")], Name("a"), 0, []), "a*(1 - a)"),
    "derive-tanh": (LAWS["tanh"].derivative([Name("z")], Name("a"), 0, []), "1 - a^2"),
    "derive-softmax": (LAWS["softmax"].derivative([], Name("p_1"), 1, [Name("p_1")]), "p_1*(1 - p_1)"),
    "derive-softmax-other": (LAWS["softmax"].derivative([], Name("p_1"), 1, [Name("p_2")]), "-p_1*p_2"),
    "derive-binary-cross-entropy": (LOSSES["binary_cross_entropy"].pairs["sigmoid"](Name("y"), Name("y_hat")), "y_hat - y"),
    "derive-categorical-cross-entropy": (LOSSES["categorical_cross_entropy"].pairs["softmax"](Name("y_1"), Name("p_1")), "p_1 - y_1"),
}
SHORT = """\
title: A derivation
derivation: ["a = x^2"]
by: x
steps:
  - {form: "2*x", why: The power rule.}
"""


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_proved_numerically_and_by_sympy(name):
    note = make_note(load(problem_file(name)), thorough=True)
    [derivation] = note.trace.derivations
    assert note.proof.checked == len(derivation.steps) - 1 == len(note.trace.problem.steps)


@pytest.mark.parametrize("name", NAMES)
def test_the_last_form_is_the_one_our_laws_use(name):
    law, text = TAUGHT[name]
    problem = load(problem_file(name))
    assert problem.steps[-1].form == text
    last, same = read(text), law
    assert first_unequal([written_out(form, definitions(problem)) for form in (last, same)], points_of(solve(problem))) is None


def test_there_is_a_derivation_for_every_taught_form():
    assert set(TAUGHT) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_step_is_refused_wherever_it_stands(name):
    """In the spec, in the trace and on the page: the step is named by each proof that looks there."""
    problem = load(problem_file(name))
    trace = solve(problem)
    text = render(trace)
    for place, step in enumerate(problem.steps):
        spoilt = problem.steps[:place] + (step.model_copy(update={"form": f"({step.form})*0.99 + 0.01*{problem.by}"}),) + problem.steps[place + 1:]
        wrong = solve(problem.model_copy(update={"steps": spoilt}))
        _, failures = identity_failures(wrong, render(wrong))
        assert any(f"step {place + 1} is not equal" in failure.message for failure in failures)
        assert any(failure.where.startswith("line ") for failure in failures)
        if place in (0, len(problem.steps) - 1):
            assert place + 1 in wrong_steps(wrong.derivations[0], points_of(wrong), definitions(problem))
    forms = re.findall(r"^\\frac\{\\partial \w+\}\{\\partial [^}]*\}? ?.*= (.*)$", text, re.MULTILINE)
    assert check(trace, text).failures == () and len(forms) >= len(problem.steps) // 2
    assert check(trace, text.replace(forms[-1], forms[-1] + " + 0.01", 1)).failures


def test_the_error_names_the_step():
    with pytest.raises(ProofError, match=r"da_dx: step 1 is not equal to the one before it \[identity\]"):
        make_note(loads(SHORT.replace("2*x", "3*x")))
    assert make_note(loads(SHORT)).proof.failures == ()


def test_a_derivation_without_a_value_is_not_proved():
    with pytest.raises(ProofError, match="no value to compare"):
        make_note(loads(SHORT.replace("x^2", "ln(-x^2)").replace("2*x", "2/x")))


@pytest.mark.parametrize("of, form", [("relu(x)", "1"), ("abs(x)", "1"), ("sqrt(x^2)", "1"), ("relu(x - 3)", "0"), ("max(x, 20)", "0"), ("relu(-x)", "0"),
                                      ("abs(x*y)", "y"), ("relu(x + y)", "1")])
def test_what_holds_on_one_side_only_is_refused(of, form):
    """A ReLU has the slope 1 where its operand is positive; a derivation says its last form for every x."""
    with pytest.raises(ProofError, match="step 1 is not equal"):
        make_note(loads(SHORT.replace("x^2", of).replace("2*x", form)))


@pytest.mark.parametrize("of, form", [("ln(x)", "1/x"), ("ln(-x)", "1/x"), ("sqrt(x)", "1/(2*sqrt(x))"), ("exp(-x^2)", "-2*x*exp(-x^2)"),
                                      ("ln(1 + exp(x))", "sigmoid(x)"), ("tan(x)", "1 + tan(x)^2"), ("x^20", "20*x^19"), ("relu(x)^2", "2*relu(x)")])
def test_what_holds_wherever_there_is_a_value_is_proved(of, form):
    assert make_note(loads(SHORT.replace("x^2", of).replace("2*x", form))).proof.failures == ()


@pytest.mark.parametrize("old, new, message", [
    ("2*x", "2*y", "'y' is not known here"), ("2*x", "2x", "an operation is missing before 'x'"), ("by: x", "by: a", "no name that the definitions use freely"),
    ("by: x", "by: z", "no name that the definitions use freely"), ('["a = x^2"]', '["a = x^2", "x = 3"]', "'x' is used before it is defined"),
    ('["a = x^2"]', "[x^2]", "a formula is a name"), ("The power rule.", "w" * 301, "301 characters"), ("why:", "because:", "unknown key 'because'"),
    ("2*x", "d(x, x)", "d takes 1 argument"), ("2*x", "d(d(x))", "a derivative stands within a derivative"),
])
def test_a_faulty_derivation_is_told_why(old, new, message):
    with pytest.raises(SpecError) as caught:
        loads(SHORT.replace(old, new))
    assert message in str(caught.value) and all(fault.hint for fault in caught.value.faults)


def test_definitions_that_double_are_refused_in_time():
    doubling = [f"q_{k} = {'x' if not k else f'q_{k - 1}'}*{'x' if not k else f'q_{k - 1}'}" for k in range(40)]
    start = time.perf_counter()
    with pytest.raises(SpecError, match="written out, this has"):
        loads(SHORT.replace('["a = x^2"]', str(doubling).replace("'", '"')))
    assert time.perf_counter() - start < 1


def test_d_is_a_derivative_only_where_something_is_differentiated():
    assert read("d(x^2)", "x") == apply("derivative", Name("x") ** 2, Name("x"))
    with pytest.raises(Exception, match="there is no function 'd'"):
        read("d(x^2)")


def test_a_record_keeps_the_derivation():
    for name in NAMES:
        trace = solve(load(problem_file(name)))
        assert record.loads(record.dumps(trace)) == trace


def test_our_rules_find_what_is_derived():
    """`derivative.py`, which the backward pass uses, against the authored proofs."""
    for name in NAMES:
        problem = load(problem_file(name))
        meanings = definitions(problem)
        of = meanings[list(problem.definitions)[-1]]
        ours, theirs = differentiate(of, problem.by), substitute(read(problem.steps[-1].form), meanings.get)
        assert first_unequal([ours, theirs], points_of(solve(problem))) is None, name

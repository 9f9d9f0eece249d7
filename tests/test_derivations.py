"""The family `derivation`: proofs step by step; every step is proved, on the page and in the trace,
and a spoilt one refused."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from decimal import Decimal

import pytest
import sympy

from worksheet.algebra.derivative import differentiate
from worksheet.algebra.expression import Name, apply, substitute
from worksheet.algebra.laws import LAWS, LOSSES
from worksheet.algebra.parser import read
from worksheet.assessment.tolerance import accepted
from worksheet.errors import ProofError, SpecError
from worksheet.families.derivation.proofs import definitions
from worksheet.family import problem_file
from worksheet.judge.identities import first_unequal, points_of, written_out
from worksheet.notes import make_note
from worksheet.numbers.number import Number
from worksheet.pages.render import render
from worksheet.proofs.checks import check, identity_failures
from worksheet.proofs.with_sympy import to_sympy, wrong_steps
from worksheet.resources import problem_files
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.trace import record
from worksheet.worksheets import make_worksheet

NAMES = [path.stem for path in problem_files() if path.stem.startswith("derive-")]
# the form that is taught, and the law of ours that uses it
TAUGHT = {
    "derive-half-squared-error": (
        LOSSES["half_squared_error"].derivative([Name("y")], [Name("y_hat")], 0),
        "y_hat - y",
    ),
    "derive-sigmoid": (LAWS["sigmoid"].derivative([Name("z")], Name("a"), 0, []), "a*(1 - a)"),
    "derive-tanh": (LAWS["tanh"].derivative([Name("z")], Name("a"), 0, []), "1 - a^2"),
    "derive-softmax": (
        LAWS["softmax"].derivative([], Name("p_1"), 1, [Name("p_1")]),
        "p_1*(1 - p_1)",
    ),
    "derive-softmax-other": (
        LAWS["softmax"].derivative([], Name("p_1"), 1, [Name("p_2")]),
        "-p_1*p_2",
    ),
    "derive-binary-cross-entropy": (
        LOSSES["binary_cross_entropy"].pairs["sigmoid"](Name("y"), Name("y_hat")),
        "y_hat - y",
    ),
    "derive-categorical-cross-entropy": (
        LOSSES["categorical_cross_entropy"].pairs["softmax"](Name("y_1"), Name("p_1")),
        "p_1 - y_1",
    ),
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
    note = make_note(load(problem_file(name)).model_copy(update={"at": {}}), thorough=True)
    [derivation] = note.trace.derivations
    assert note.proof.checked == len(derivation.steps) - 1 == len(note.trace.problem.steps)


@pytest.mark.parametrize("name", NAMES)
def test_at_a_point_the_derivative_is_sympys(name):
    """The number of the form that is taught, and of the first that can be worked out, against
    SymPy's derivative of the definitions."""
    note = make_note(load(problem_file(name)), thorough=True)
    problem, found = note.trace.problem, {}
    for each, text in problem.definitions.items():
        found[each] = to_sympy(
            read(text), {free: sympy.Symbol(free) for free in problem.at} | found
        )
    slope = sympy.diff(found[problem.loss_name], sympy.Symbol(problem.by)).subs(
        {each: sympy.Rational(number.text) for each, number in problem.at.items()}
    )
    worked = [working for working in note.trace.workings if working.kind == "gradient"]
    assert (
        len(worked) == 2
        and note.proof.differences == 1
        and note.proof.results == len(problem.definitions) + 2
    )
    for working in worked:
        assert abs(sympy.Float(str(working.exact), 40) - slope.evalf(40)) < 1e-30
    last = note.text[note.text.index("## With numbers") :]
    assert f" {worked[0].shown}\n" in last and ("gives the same:" in last) == (
        worked[0].shown == worked[1].shown
    )


def test_a_wrong_number_at_the_point_is_refused():
    trace = solve(load(problem_file("derive-sigmoid")))
    text = render(trace)
    assert check(trace, text).failures == ()
    for right, wrong in (
        ("0.23500", "0.23502"),
        ("0.37754", "0.37755"),
        ("0.23501\n", "0.23500\n"),
    ):
        assert right in text and check(trace, text.replace(right, wrong)).failures, right
    workings = tuple(
        replace(each, exact=each.exact + Decimal("0.001")) if each.phase == "backward" else each
        for each in trace.workings
    )
    assert {
        failure.proof for failure in check(replace(trace, workings=workings), text).failures
    } >= {"oracle"}


def test_either_form_will_do_in_the_key():
    """0.23500 from a(1 - a) and 0.23501 from the form before: both are right."""
    trace = solve(load(problem_file("derive-sigmoid")))
    allowed = accepted(trace)
    for phase in ("backward", "check"):
        assert all(
            Decimal(number) in allowed["da_dz", 1, phase] for number in ("0.23500", "0.23501")
        )
        assert Decimal("0.23503") not in allowed["da_dz", 1, phase]


def test_a_sheet_asks_for_the_forms_and_then_for_the_numbers():
    made = make_worksheet(load(problem_file("derive-sigmoid")))
    assert (
        made.sheet.index("**Step 10.**")
        < made.sheet.index("**(b)** Let $z = 0.5$. Compute $a$ and")
        and "With numbers" not in made.sheet
    )
    assert "0.23500" in made.key and "0.23500" not in made.sheet
    faded = make_worksheet(
        load(problem_file("derive-sigmoid")).model_copy(update={"fade": Number.written("0.9")})
    )
    assert "gives (is it the same?):" in faded.sheet and "the same:" not in faded.sheet


@pytest.mark.parametrize("name", NAMES)
def test_the_last_form_is_the_one_our_laws_use(name):
    law, text = TAUGHT[name]
    problem = load(problem_file(name))
    assert problem.steps[-1].form == text
    last, same = read(text), law
    assert (
        first_unequal(
            [written_out(form, definitions(problem)) for form in (last, same)],
            points_of(solve(problem)),
        )
        is None
    )


def test_there_is_a_derivation_for_every_taught_form():
    assert set(TAUGHT) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_step_is_refused_wherever_it_stands(name):
    """In the spec, in the trace and on the page: the step is named by each proof that looks there."""
    problem = load(problem_file(name))
    trace = solve(problem)
    text = render(trace)
    for place, step in enumerate(problem.steps):
        spoilt = (
            problem.steps[:place]
            + (step.model_copy(update={"form": f"({step.form})*0.99 + 0.01*{problem.by}"}),)
            + problem.steps[place + 1 :]
        )
        wrong = solve(problem.model_copy(update={"steps": spoilt}))
        _, failures = identity_failures(wrong, render(wrong))
        assert any(f"step {place + 1} is not equal" in failure.message for failure in failures)
        assert any(failure.where.startswith("line ") for failure in failures)
        if place in (0, len(problem.steps) - 1):
            assert place + 1 in wrong_steps(
                wrong.derivations[0], points_of(wrong), definitions(problem)
            )
    forms = re.findall(
        r"^\\frac\{\\partial \w+\}\{\\partial [^}]*\}? ?.*= (.*)$", text, re.MULTILINE
    )
    assert check(trace, text).failures == () and len(forms) >= len(problem.steps) // 2
    assert check(trace, text.replace(forms[-1], forms[-1] + " + 0.01", 1)).failures


def test_the_error_names_the_step():
    with pytest.raises(
        ProofError, match=r"da_dx: step 1 is not equal to the one before it \[identity\]"
    ):
        make_note(loads(SHORT.replace("2*x", "3*x")))
    assert make_note(loads(SHORT)).proof.failures == ()


def test_a_derivation_without_a_value_is_not_proved():
    with pytest.raises(ProofError, match="no value to compare"):
        make_note(loads(SHORT.replace("x^2", "ln(-x^2)").replace("2*x", "2/x")))


@pytest.mark.parametrize(
    "of, form",
    [
        ("relu(x)", "1"),
        ("abs(x)", "1"),
        ("sqrt(x^2)", "1"),
        ("relu(x - 3)", "0"),
        ("max(x, 20)", "0"),
        ("relu(-x)", "0"),
        ("abs(x*y)", "y"),
        ("relu(x + y)", "1"),
    ],
)
def test_what_holds_on_one_side_only_is_refused(of, form):
    """A ReLU has the slope 1 where its operand is positive; a derivation says its last form for
    every x."""
    with pytest.raises(ProofError, match="step 1 is not equal"):
        make_note(loads(SHORT.replace("x^2", of).replace("2*x", form)))


@pytest.mark.parametrize(
    "of, form",
    [
        ("ln(x)", "1/x"),
        ("ln(-x)", "1/x"),
        ("sqrt(x)", "1/(2*sqrt(x))"),
        ("exp(-x^2)", "-2*x*exp(-x^2)"),
        ("ln(1 + exp(x))", "sigmoid(x)"),
        ("tan(x)", "1 + tan(x)^2"),
        ("x^20", "20*x^19"),
        ("relu(x)^2", "2*relu(x)"),
    ],
)
def test_what_holds_wherever_there_is_a_value_is_proved(of, form):
    assert make_note(loads(SHORT.replace("x^2", of).replace("2*x", form))).proof.failures == ()


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("2*x", "2*y", "'y' is not known here"),
        ("2*x", "2x", "an operation is missing before 'x'"),
        ("by: x", "by: a", "no name that the definitions use freely"),
        ("by: x", "by: z", "no name that the definitions use freely"),
        ('["a = x^2"]', '["a = x^2", "x = 3"]', "'x' is used before it is defined"),
        ('["a = x^2"]', "[x^2]", "a formula is a name"),
        ("The power rule.", "w" * 301, "301 characters"),
        ("why:", "because:", "unknown key 'because'"),
        ("by: x", "by: x\nat: {y: 1}", "the definitions have no free name 'y'"),
        ("by: x", "by: x\nat: {x: 1, a: 2}", "the definitions have no free name 'a'"),
        ('["a = x^2"]', '["a = c*x^2"]\nat: {x: 1}', "'c' has no number"),
        ("2*x", 'd(x^2)", why: Again}\nat: {x: 1}\n#', "something left to differentiate"),
        ("2*x", "d(x, x)", "d takes 1 argument"),
        ("2*x", "d(d(x))", "a derivative stands within a derivative"),
    ],
)
def test_a_faulty_derivation_is_told_why(old, new, message):
    with pytest.raises(SpecError) as caught:
        loads(SHORT.replace(old, new))
    assert message in str(caught.value) and all(fault.hint for fault in caught.value.faults)


def test_definitions_that_double_are_refused_in_time():
    doubling = [
        f"q_{k} = {'x' if not k else f'q_{k - 1}'}*{'x' if not k else f'q_{k - 1}'}"
        for k in range(40)
    ]
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
    """`algebra/derivative.py`, which the backward pass uses, against the authored proofs."""
    for name in NAMES:
        problem = load(problem_file(name))
        meanings = definitions(problem)
        of = meanings[list(problem.definitions)[-1]]
        ours, theirs = (
            differentiate(of, problem.by),
            substitute(read(problem.steps[-1].form), meanings.get),
        )
        assert first_unequal([ours, theirs], points_of(solve(problem))) is None, name

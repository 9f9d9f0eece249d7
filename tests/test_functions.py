"""The family `function`: the derivative rule by rule against SymPy's, the slope, the tangent, a
small change; and its proofs.

WORKSHEET_FUNCTIONS=n proves n random functions instead of a few.
"""

from __future__ import annotations

import os
import re
import time
from decimal import Decimal

import pytest
import sympy
from random_formulas import function_text

from worksheet.algebra.expression import Name, apply, lift
from worksheet.algebra.parser import read
from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.figures.draw import compose
from worksheet.figures.subject import Subject
from worksheet.judge.identities import first_unequal, points_of, printed_forms, value_at
from worksheet.judge.judges import steps_in_floats
from worksheet.notes import make_note, shown_numbers, write_note
from worksheet.pages.render import render
from worksheet.problem import Notation
from worksheet.proofs.checks import check, identity_failures, oracle_failures
from worksheet.proofs.with_sympy import to_sympy, wrong_steps
from worksheet.resources import problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex
from worksheet.trace import derivative_steps as rules
from worksheet.trace import record
from worksheet.trace.derivative_steps import derivative_steps
from worksheet.trace.recorder import as_shown
from worksheet.trace.trace import Derivation, Step

COUNT = int(os.environ.get("WORKSHEET_FUNCTIONS", 40))
STYLE = Style(Symbols(Notation()), is_beside=True)
SYMBOL = sympy.Symbol("x", real=True)


def function(formula: str, at: str = "2", more: str = "") -> str:
    return f"title: A function\nfunction: f(x) = {formula}\nat: {at}\n{more}"


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_derivative_is_sympys_and_every_line_holds(seed):
    problem = loads(function_text(seed))
    note = make_note(problem)
    [derivation] = note.trace.derivations
    ours, theirs = (
        to_sympy(derivation.steps[-1].expr, {"x": SYMBOL}),
        sympy.diff(to_sympy(read(problem.formula), {"x": SYMBOL}), SYMBOL),
    )
    point = {SYMBOL: sympy.Rational(problem.at.text)}
    expected = theirs.evalf(40, subs=point)
    assert abs(ours.evalf(40, subs=point) - expected) < sympy.Float("1e-30") * max(
        1, abs(expected)
    ), problem.formula
    assert wrong_steps(derivation, points_of(note.trace), {}) == []
    assert note.proof.checked >= 6 and note.proof.results == 8 and note.proof.differences <= 1


@pytest.mark.parametrize(
    "formula, named, expected",
    [
        (
            "x^3 - 3*x^2 + 2*x + 1",
            ["sum", "constant-multiple", "power", "identity", "constant", "simplify"],
            "3 x^2 - 6 x + 2",
        ),
        ("x^2*sin(x)", ["product", "power", "sin"], r"2 x \sin(x) + x^2 \cos(x)"),
        (
            "x/(x + 1)",
            ["quotient", "sum", "identity", "constant", "simplify"],
            r"\frac{1}{(x + 1)^2}",
        ),
        ("3/x", ["reciprocal", "identity", "simplify"], r"-\frac{3}{x^2}"),
        ("exp(-2*x)", ["chain", "exp", "constant-multiple", "identity", "simplify"], "-2 e^{-2 x}"),
        ("ln(x)", ["ln"], r"\frac{1}{x}"),
        ("sqrt(x)", ["sqrt"], r"\frac{1}{2 \sqrt{x}}"),
        ("2^x", ["exponential"], r"2^x \ln(2)"),
        ("cos(x)^2", ["chain", "power", "cos", "simplify"], r"-2 \cos(x) \sin(x)"),
        ("tan(x)", ["tan"], r"\frac{1}{\cos(x)^2}"),
        ("tanh(x)", ["tanh"], r"1 - \tanh(x)^2"),
        ("sigmoid(x)", ["sigmoid"], r"\sigma(x) \cdot [1 - \sigma(x)]"),
        ("7", ["constant"], "0"),
        ("-x", ["constant-multiple", "identity"], "-1"),
        ("x^-2", ["power"], "-2 x^{-3}"),
        ("x/3", ["constant-multiple", "identity"], r"\frac{1}{3}"),
        (
            "ln(x^2 + 1)",
            ["chain", "ln", "sum", "power", "constant", "simplify"],
            r"\frac{2 x}{x^2 + 1}",
        ),
        (
            "(x^2 - 1)/(x^2 + 1)",
            ["quotient", "sum", "power", "constant", "simplify", "multiply-out"],
            r"\frac{4 x}{(x^2 + 1)^2}",
        ),
        (
            "(2*x - 3)/(4 - x)",
            [
                "quotient",
                "sum",
                "constant-multiple",
                "identity",
                "constant",
                "simplify",
                "multiply-out",
            ],
            r"\frac{5}{(4 - x)^2}",
        ),
        (
            "exp(-x^2/2)",
            ["chain", "exp", "constant-multiple", "power", "simplify"],
            r"-x e^{-\frac{x^2}{2}}",
        ),
    ],
)
def test_each_step_has_its_name(formula, named, expected):
    steps = derivative_steps(read(formula), "x")
    assert list(dict.fromkeys(rule for step in steps for rule in step.rules)) == named
    assert tex(as_shown(steps[-1].expr), STYLE) == expected


@pytest.mark.parametrize(
    "formula, at, expected",
    [
        (
            "x*ln(x)",
            "1",
            ["f'(x) = 1 \\cdot \\ln(x)", "$f(x)$ changes as much as $x$ does", "t(x) = x - 1"],
        ),  # not 1 ln(x), not 1 times as much
        ("-x + 2", "1", ["t(x) = -x + 2"]),
        ("exp(sin(2*x))*cos(2*x)", "0", ["&= e^0 \\cdot 1 \\\\\n  &= 1 \\cdot 1"]),
        ("exp(-x)", "0", ["f(0) &= e^0 \\\\\n  &= 1\n"]),
        ("x*exp(-x)", "0", ["&= e^0 - 0 \\cdot e^0"]),
    ],
)
def test_what_is_exact_and_what_is_one_read_as_by_hand(formula, at, expected):
    text = make_note(loads(function(formula, at))).text
    for each in expected:
        assert each in text


@pytest.mark.parametrize(
    "formula, at, detail",
    [
        ("7*sqrt(2)*x", "1", "brief"),
        ("x/3", "3", "full"),  # a slope without x in it is worked out from its formula
        ("sin(sqrt(x^4))", "100", "brief"),
        ("x - cos(exp(x))", "10", "full"),  # many waves within a hundredth
    ],
)
def test_a_slope_that_is_constant_or_steep_is_proved(formula, at, detail):
    assert make_note(loads(function(formula, at, f"detail: {detail}\n"))).proof.failures == ()


def test_a_rule_that_is_used_again_beside_a_new_one_is_named_too():
    text = make_note(loads(function("exp(2*x) + sin(exp(3*x))", more="voice: {seed: 1}\n"))).text
    [step] = [
        paragraph for paragraph in text.split("\n\n") if "Derivative of the sine:" in paragraph
    ]
    assert "chain rule" in step.lower()


def test_every_rule_has_its_words():
    text = (problems_folder().parent / "templates" / "parts" / "rules.md.j2").read_text(
        encoding="utf-8"
    )
    for table in re.findall(r"<% set \w+ = \{(.*?)\} %>", text, re.DOTALL):
        assert set(re.findall(r'"([\w-]+)": "', table)) == set(rules.RULES)


@pytest.mark.parametrize("formula", ["abs(x)", "relu(x - 1)", "max(x, 1)", "x^x", "y*x", "2x"])
def test_what_the_rules_do_not_know_is_refused_with_a_hint(formula):
    from worksheet.errors import SpecError

    with pytest.raises(SpecError) as caught:
        loads(function(formula))
    assert all(fault.hint for fault in caught.value.faults)


def test_a_function_is_tried_where_it_lives():
    """A logarithm far from nought, or of negative numbers only, has no value between 0 and 1."""
    for formula, at in (("ln(x - 20)", "21"), ("ln(-x)", "-3"), ("sqrt(-5 - x)", "-9")):
        assert make_note(loads(function(formula, at)), thorough=True).proof.failures == ()


def test_a_form_that_grows_without_end_is_refused():
    with pytest.raises(SolveError, match="too long"):
        derivative_steps(read("*".join(["sin(x*x*x*x*x)"] * 12)), "x")


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, wrong",
    [
        ("product", lambda body, x: apply("product", *[rules.d(arg, x) for arg in body.args])),
        ("quotient", lambda body, x: rules.d(body.args[0], x) / rules.d(body.args[1], x)),
        ("chain", lambda body, x: rules.RULES[rules._outer(body, x)](body, body.args[0])),
        ("power", lambda body, u: body.args[1] * u),
        ("cos", lambda body, u: apply("sin", u)),
        ("constant", lambda body, x: lift(1)),
    ],
)
def test_a_wrong_rule_is_refused(rule, wrong, monkeypatch):
    problem = loads(function("x^3*cos(2*x)/(x^2 + 4)", "1.5"))
    assert make_note(problem).proof.failures == ()
    monkeypatch.setitem(rules.RULES, rule, wrong)
    trace = solve(problem)
    _, failures = identity_failures(trace, render(trace))
    assert {failure.proof for failure in failures} == {"identity"}
    assert any(failure.where == "slope" for failure in failures) and any(
        failure.where.startswith("line ") for failure in failures
    )
    assert wrong_steps(trace.derivations[0], points_of(trace), {}) and oracle_failures(trace)[2]
    with pytest.raises(ProofError):
        make_note(problem)


def test_a_wrong_step_of_the_trace_is_named():
    trace = solve(load(problem_file("derivative-cubic")))
    [derivation] = trace.derivations
    point = [{"x": Decimal("1.7")}]
    for place in range(1, len(derivation.steps)):
        steps = list(derivation.steps)
        steps[place] = Step(steps[place].rules, steps[place].expr + Name("x"))
        assert first_unequal([step.expr for step in steps], point) == place
        assert place in wrong_steps(Derivation("slope", tuple(steps)), point, {})


@pytest.mark.parametrize(
    "old, new",
    [
        (r"f'(x) = 3 x^2 - 6 x + 2", r"f'(x) = 3 x^2 - 6 x + 1"),  # the derivative on the page
        (r"- 3 \cdot \frac{d}{dx}(x^2)", r"+ 3 \cdot \frac{d}{dx}(x^2)"),  # a step on the page
        (r"f(2.1) &= 2.1^3", r"f(2.1) &= 2.2^3"),  # another number put in
        (r"f'(2) &= 3 \cdot 2^2", r"f'(2) &= 2 \cdot 2^2"),
        (r"&= f(2.1) - f(2)", r"&= f(2.1) + f(2)"),
        ("&= 0.231", "&= 0.221"),
        (r"&= f'(2) \cdot \Delta x", r"&= f(2) \cdot \Delta x"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file("derivative-cubic")))
    text = render(trace)
    assert old in text
    assert check(trace, text).failures == ()
    assert check(trace, text.replace(old, new, 1)).failures


def test_forms_without_a_value_are_not_proved():
    assert first_unequal([read("ln(x)"), read("ln(x)")], [{"x": Decimal(-1)}]) == 0
    assert first_unequal([read("ln(x)"), read("ln(x)")], [{"x": Decimal(1)}]) is None


def test_derivatives_are_read_from_the_page():
    text = "$$\nf'(x) = \\frac{d}{dx}(x^2) \\cdot x + 2 \\cdot \\frac{d}{dx}(x)\n$$\n"
    [(_, _, form)] = printed_forms(text)["f'(x)"]
    assert abs(value_at(form, {"x": Decimal(3)}) - 20) < Decimal("1e-25")


def test_a_derivative_within_a_derivative_on_a_page_is_not_tried():
    nested = r"\frac{d}{dx}(" * 30 + "x" + ")" * 30
    text = f"$$\nf'(x) = {nested} = 0\n$$\n"
    start = time.perf_counter()
    assert (
        first_unequal([form for _, _, form in printed_forms(text)["f'(x)"]], [{"x": Decimal(3)}])
        == 0
    )
    assert time.perf_counter() - start < 1


# ---- the page and the record --------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula, at, tangent",
    [
        ("x^2", "0", "t(x) = 0"),
        ("x", "3", "t(x) = x"),
        ("5", "1", "t(x) = 5"),
        ("-x^2", "1", "t(x) = -2 x + 1"),
        ("x^2", "-1", "t(x) = -2 x - 1"),
    ],
)
def test_a_tangent_is_written_as_by_hand(formula, at, tangent):
    assert f"\n{tangent}\n" in make_note(loads(function(formula, at))).text


def test_a_record_keeps_the_derivation():
    trace = solve(loads(function("x*exp(x/3)", "0.5")))
    assert record.loads(record.dumps(trace)) == trace and trace.derivations


def test_the_names_of_function_and_variable_are_the_authors():
    text = make_note(loads("title: g\nfunction: t(w_1) = w_1^2/3\nat: 0.5\nchange: 0.01\n")).text
    assert (
        "t'(w_1) = " in text
        and "g(w_1) = " in text
        and r"\Delta w_1" in text
        and r"\frac{d}{dw_1}" in text
    )


def test_the_figures_are_drawn(tmp_path):
    path = write_note(problem_file("derivative-cubic"), tmp_path)
    assert sorted(file.name for file in (path.parent / "figures").glob("*.svg")) == [
        "small-change.svg",
        "tangent.svg",
    ]
    assert "The curve changes by 0.231, the tangent by 0.2." in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "formula, at, is_broken",
    [
        ("1/x", "-0.5", True),
        ("tan(x)", "0.5", True),
        ("x^-2", "-1", False),
        ("x^10", "1", False),
        ("x^2", "1", False),
    ],
)
def test_a_pole_beside_the_point_does_not_flatten_the_picture(formula, at, is_broken):
    problem = loads(function(formula, at))
    subject = Subject(
        problem, steps_in_floats(problem), shown_numbers(solve(problem)), Symbols.of(problem)
    )
    figure, _ = compose(subject, "tangent")
    (ax,) = figure.axes
    low, high = ax.get_ylim()
    drawn = ax.lines[0].get_ydata()
    assert high - low < 30 * (
        1 + abs(subject.value("slope"))
    )  # the tangent can be told from a level line
    sides = [int(height > high) - int(height < low) for height in drawn]
    assert (
        all(one * other >= 0 for one, other in zip(sides, sides[1:]))
        and any(height != height for height in drawn) is is_broken
    )

"""The family `chain`: both ways to the derivative of a chain against SymPy's, its values at a
point; and its proofs.

WORKSHEET_FUNCTIONS=n proves n random chains instead of a few.
"""

from __future__ import annotations

import os
from decimal import Decimal
from random import Random

import pytest
import sympy
from random_formulas import chain_text

from worksheet.algebra.parser import read
from worksheet.algebra.polynomials import multiplied_out
from worksheet.errors import ProofError, ReadError, SolveError, SpecError
from worksheet.family import problem_file
from worksheet.judge.identities import first_unequal, points_of
from worksheet.notes import make_note
from worksheet.numbers.number import Number
from worksheet.pages.render import render
from worksheet.problem import Notation
from worksheet.proofs.checks import check, identity_failures, oracle_failures
from worksheet.proofs.with_sympy import to_sympy, wrong_steps
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex
from worksheet.trace import derivative_steps as rules
from worksheet.trace import record
from worksheet.trace.recorder import as_shown
from worksheet.trace.trace import Derivation, Step

STYLE = Style(Symbols(Notation()), is_beside=True)
COUNT = int(os.environ.get("WORKSHEET_FUNCTIONS", 40))


def chain(links: str, more: str = "") -> str:
    return f"title: A chain\nchain: [{links}]\n{more}"


def proved(seed: int):
    """A random chain's note; None where its derivative is too long, or where it passes all bounds."""
    try:
        return make_note(loads(chain_text(seed)))
    except SpecError as error:
        assert all("too long" in fault.message for fault in error.faults), chain_text(seed)
    except (SolveError, ReadError) as error:
        assert isinstance(error, SolveError) or "too long to read" in str(error)
    return None


@pytest.mark.parametrize("seed", range(COUNT))
def test_both_ways_are_sympys_and_every_line_holds(seed):
    note = proved(seed)
    if note is None:
        return
    problem, x = note.trace.problem, sympy.Symbol("x", real=True)
    values = {problem.variable: x}
    for name, text in problem.links.items():
        values[name] = to_sympy(read(text), values)
    point = {x: sympy.Rational(str(points_of(note.trace)[0][problem.variable]))}
    expected = sympy.diff(values[problem.last], x).evalf(40, subs=point)
    along, again = note.trace.derivations[-3], note.trace.derivations[-1]
    for derivation in (along, again):
        ours = to_sympy(derivation.steps[-1].expr, {problem.variable: x}).evalf(40, subs=point)
        assert abs(ours - expected) < sympy.Float("1e-28") * max(1, abs(expected)), problem.links
    for derivation in note.trace.derivations:
        assert wrong_steps(derivation, points_of(note.trace), {}) == []
    assert note.proof.results == (2 * len(problem.links) + 2 if problem.at else 0)
    assert record.loads(record.dumps(note.trace)) == note.trace


def test_most_random_chains_have_a_page():
    assert sum(proved(seed) is not None for seed in range(20)) > 12


def test_the_chain_of_note_002():
    note = make_note(load(problem_file("chain-rule")), thorough=True)
    forms = [
        r"\frac{dz}{dx} = \frac{dz}{dy} \cdot \frac{dy}{dx}",
        r"\frac{dz}{dx} = 2 y \cdot 2",
        r"\frac{dz}{dx} = 4 y",
        r"\frac{dz}{dx} = 4(2 x + 3)",
        r"\frac{dz}{dx} = 8 x + 12",
        r"&= 4 x^2 + 12 x + 9",
        r"\frac{dz}{dx} = \frac{d}{dx}(4 x^2 + 12 x + 9)",
    ]
    places = [note.text.index(form) for form in forms]
    assert (
        places == sorted(places)
        and note.trace.find("dz_dx").shown == note.trace.find("dz_dx", 1, "check").shown == "28"
    )


@pytest.mark.parametrize("x", ["-2", "-1.5", "0"])
def test_a_derivative_says_where_it_is_taken(x):
    note = make_note(
        load(problem_file("chain-rule")).model_copy(update={"at": {"x": Number.written(x)}})
    )
    assert (
        rf"\frac{{dz}}{{dy}}({note.trace.find('y').shown})" in note.text
        and rf"\frac{{dz}}{{dx}}({x})" in note.text
    )


def test_a_chain_may_have_five_links_and_no_point():
    note = make_note(
        loads(chain("a = x^2, b = a + 1, c = 2*b, d_1 = sin(c), f = d_1^2")), thorough=True
    )
    assert (
        r"= \frac{df}{dd_1} \cdot \frac{dd_1}{dc} \cdot \frac{dc}{db} \cdot \frac{db}{da} \cdot \frac{da}{dx}"
        in note.text
        and note.trace.workings == ()
    )


# ---- multiplying out ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("4*(2*x + 3)", "8*x + 12"),
        ("(2*x + 3)^2", "4*x^2 + 12*x + 9"),
        ("(x - 1)*(x + 1)", "x^2 - 1"),
        ("(x/2 + 1)*0.5", "0.25*x + 0.5"),
        ("-(x - 2)", "-x + 2"),
        ("x*x/3", "1/3*x^2"),
        ("(x + 1)^0", "1"),
        ("x - x", "0"),
    ],
)
def test_it_is_multiplied_out_as_by_hand(text, expected):
    written, meant = multiplied_out(read(text), "x"), read(expected)
    assert (
        first_unequal(
            [read(text), written, meant], [{"x": Decimal(value)} for value in ("0.3", "2.5", "7")]
        )
        is None
    )
    assert tex(as_shown(written), STYLE) == tex(as_shown(meant), STYLE)


@pytest.mark.parametrize(
    "text", ["sin(x)", "1/x", "x^0.5", "2^x", "y*x", "x^7", "(x^2 + 1)^4", "x/0"]
)
def test_what_is_no_polynomial_stays(text):
    assert multiplied_out(read(text), "x") is None


@pytest.mark.parametrize("seed", range(30))
def test_a_random_product_is_sympys(seed):
    random, x = Random(f"polynomial {seed}"), sympy.Symbol("x", real=True)
    text = "*".join(
        f"({random.randint(-5, 5)}*x^{random.randint(1, 2)} + {random.randint(0, 3)}.{random.randint(0, 9)})"
        for _ in range(random.randint(1, 3))
    )
    ours = to_sympy(multiplied_out(read(text), "x"), {"x": x})
    assert sympy.expand(ours - to_sympy(read(text), {"x": x})) == 0 and sympy.expand(ours) == ours


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old, new",
    [
        (r"\frac{dz}{dx} = 8 x + 12", r"\frac{dz}{dx} = 8 x + 13"),
        (r"\frac{dz}{dx} = 4(2 x + 3)", r"\frac{dz}{dx} = 4(2 x - 3)"),
        (
            r"\frac{dz}{dx} = \frac{dz}{dy} \cdot \frac{dy}{dx}",
            r"\frac{dz}{dx} = \frac{dz}{dy} + \frac{dy}{dx}",
        ),
        (r"\frac{dz}{dy} = 2 y", r"\frac{dz}{dy} = 3 y"),
        (r"\frac{dy}{dx} = 2 \cdot 1 + 0", r"\frac{dy}{dx} = 2 \cdot 1 + 1"),
        (r"&= 4 x^2 + 12 x + 9", r"&= 4 x^2 + 12 x + 8"),
        (r"\frac{dy}{dx}(2) = 2", r"\frac{dy}{dx}(2) = 3"),
        (r"\frac{dz}{dy}(7) &= 2 \cdot 7", r"\frac{dz}{dy}(7) &= 2 \cdot 6"),
        (r"&= \frac{dz}{dy}(7) \cdot", r"&= \frac{dy}{dx}(2) \cdot"),
        ("&= 14 \\cdot 2", "&= 14 \\cdot 3"),
        ("&= 8 \\cdot 2 + 12", "&= 8 \\cdot 2 + 11"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file("chain-rule")))
    text = render(trace)
    assert old in text and check(trace, text).failures == ()
    assert check(trace, text.replace(old, new, 1)).failures


def test_a_wrong_step_of_the_trace_is_named():
    trace = solve(load(problem_file("chain-of-a-neuron")))
    points = points_of(trace)
    for derivation in trace.derivations:
        for place in range(1, len(derivation.steps)):
            steps = list(derivation.steps)
            steps[place] = Step(steps[place].rules, steps[place].expr + read("a"))
            assert first_unequal([step.expr for step in steps], points) == place
            assert place in wrong_steps(Derivation(derivation.name, tuple(steps)), points, {})


def test_a_wrong_rule_is_refused(monkeypatch):
    problem = load(problem_file("chain-of-a-neuron"))
    monkeypatch.setitem(rules.RULES, "sigmoid", lambda body, u: body)
    trace = solve(problem)
    assert {failure.where for failure in identity_failures(trace, render(trace))[1]} >= {
        "da_dz"
    } and oracle_failures(trace)[2]
    with pytest.raises(ProofError):
        make_note(problem)


@pytest.mark.parametrize(
    "links",
    [
        "y = 2*x",
        "y = x, z = x^2",
        "y = x*t, z = y",
        "y = 3, z = y",
        "y = x, z = y + w",
        "y = relu(x), z = y",
        "y = x, x = y",
        "y = x^x, z = y",
        "a = x, b = a, c = b, f = c, g = f, h = g",
        "y = (x, z = y",
    ],
)
def test_what_is_no_chain_is_refused_with_a_hint(links):
    with pytest.raises(SpecError) as caught:
        loads(chain(links))
    assert all(fault.hint for fault in caught.value.faults)


@pytest.mark.parametrize(
    "links, x",
    [
        ("z = cos(w), a = 2^z, y = sqrt(a)", "0"),
        ("u = (x - 2)*(x + 0.25), v = u^3, y = tan(v/(1 + v) + 3)", "2"),
    ],
)
def test_a_derivative_of_zero_is_not_beyond_all_numbers(links, x):
    """0 divided by a long number is a zero with a large exponent."""
    made = make_note(
        loads(
            f"title: Level\nchain: [{links}]\nat: {{{'w' if 'w' in links else 'x'}: {x}}}\nrounding: {{policy: exact}}\n"
        )
    )
    assert made.trace.find("dy_dw" if "w" in links else "dy_dx").exact == 0


def test_a_number_too_large_says_nothing_of_gradient_descent():
    """Where everything is put in first nothing has been updated."""
    with pytest.raises(SolveError, match=r"passes 10\^100\n"):
        make_note(loads("title: C\nchain: [u = 10*x, y = exp(u)]\nat: {x: 25}\n"))

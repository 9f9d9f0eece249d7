"""Forms of gradients without numbers: each is compared, and a wrong factor, sign or path is found."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import pytest

from worksheet.algebra.expression import Apply, Name
from worksheet.judge.carried_slopes import slope_at
from worksheet.judge.identities import AGREE, value_at
from worksheet.markdown.reader import formulas
from worksheet.pages.render import render
from worksheet.proofs.checks import check
from worksheet.proofs.gradient_forms import Values, in_full, unequal_forms
from worksheet.resources import problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load
from worksheet.tex.reader import chains, read
from worksheet.trace.trace import Trace

SCALAR = (
    "one-hidden-neuron",
    "linear-chain",
    "two-inputs-sigmoid",
    "two-by-two",
    "tanh-one-hidden",
    "calculus/shared-weight",
    "relu-two-updates",
    "softmax-three-classes",
    "three-hidden-matrix",
)  # the last three as if written one weight at a time
GENERAL = r"\frac{\partial L}{\partial w}"
PARTIAL = re.compile(
    r"\\frac\{\\partial ?[^{}]*(?:\{[^{}]*(?:\{[^{}]*\})?[^{}]*\}[^{}]*)*\}\{\\partial ?[^{}]*(?:\{[^{}]*(?:\{[^{}]*\})?[^{}]*\}[^{}]*)*\}"
)


@cache
def page(name: str) -> tuple[Trace, str]:
    problem = load(problems_folder() / f"{name}.yaml")
    trace = solve(
        problem.model_copy(
            update={"notation": problem.notation.model_copy(update={"style": "scalar"})}
        )
    )
    return trace, str(render(trace))


def open_forms(text: str) -> list[tuple[int, str]]:
    """Every form of a gradient without numbers: the line of the page, and its TeX."""
    return [
        (formula.line_of(form.start), form.tex)
        for formula in formulas(text)
        for chain in chains(formula.tex)
        if chain.target and PARTIAL.fullmatch(chain.target) and chain.target != GENERAL
        for form in chain.forms[1:]
        if not form.is_closed
    ]


@pytest.mark.parametrize("name", SCALAR)
def test_every_form_of_a_gradient_is_compared_and_holds(name):
    trace, text = page(name)
    assert unequal_forms(trace, text) == (len(open_forms(text)), [])


@pytest.mark.parametrize("name", SCALAR)
def test_a_form_that_is_changed_is_found(name):
    """Each partial of each form replaced by the next one of the page, each product with another
    sign: all are found, but where it changes nothing (an output whose loss has no slope, a factor
    0)."""
    trace, text = page(name)
    every = list(dict.fromkeys(PARTIAL.findall(text)))
    values = Values(trace)
    lines = text.splitlines()
    for line, form in open_forms(text):
        for factor in dict.fromkeys(PARTIAL.findall(form)):
            other = every[(every.index(factor) + 1) % len(every)]
            changed = form.replace(factor, other)
            try:
                is_same = value_at(read(changed), values) == value_at(read(form), values)
            except KeyError:
                continue  # the general formula's w
            assert is_found(trace, lines, line, form, changed) or is_same, f"{form} as {changed}"
        if value_at(read(form), values):
            assert is_found(trace, lines, line, form, "-1 \\cdot (" + form + ")"), form


def is_found(trace: Trace, lines: list[str], line: int, form: str, changed: str) -> bool:
    """Whether the proofs of a page object to a form when it is changed where it stands."""
    assert form in lines[line - 1]
    before, _, after = lines[line - 1].rpartition(form)
    wrong = [*lines[: line - 1], before + changed + after, *lines[line:]]
    return any(fault[0] == line for fault in unequal_forms(trace, "\n".join(wrong))[1])


def test_a_page_with_a_path_left_out_is_not_written():
    trace, text = page("calculus/shared-weight")
    path = r"\frac{\partial L}{\partial h_1} \cdot \frac{\partial h_1}{\partial u} + "
    assert path in text
    assert not check(trace, text).failures
    assert "chain rule" in {
        failure.proof for failure in check(trace, text.replace(path, "")).failures
    }


def test_the_gradient_behind_softmax_has_a_path_through_every_output():
    _, text = page("softmax-three-classes")
    [form] = [
        form
        for _, form in open_forms(text)
        if form.endswith(r"\frac{\partial \hat{y}_3}{\partial z_2^{(2)}}")
    ]
    assert form.count("+") == 2


def test_at_a_corner_the_slope_is_that_of_the_convention():
    held = {"z": Decimal(0), "s": Decimal("0.3")}
    relu, sigmoid = Apply("relu", (Name("z"),)), Apply("sigmoid", (Name("s"),))
    assert slope_at(in_full(relu), held, "z") == 0
    assert slope_at(in_full(relu), held | {"z": Decimal(2)}, "z") == 1
    a = value_at(in_full(sigmoid), held)
    assert abs(slope_at(in_full(sigmoid), held, "s") - a * (1 - a)) < AGREE

"""Formulas as Word's equations: every one of the notes sign for sign, sound XML; the rest is
refused with its place."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from formulas import formulas as random_formulas
from hypothesis import given, settings
from signs import plain, seen

from worksheet import load, render, solve
from worksheet.errors import ReadError
from worksheet.markdown.reader import formulas
from worksheet.problem import Notation
from worksheet.resources import problem_files
from worksheet.tex.notation import Symbols
from worksheet.tex.to_omml import TALLEST, omml
from worksheet.tex.writer import Style, tex

SPECS = problem_files()
M = "{m}"


def tree(part: str) -> ElementTree.Element:
    return ElementTree.fromstring(f'<m:oMath xmlns:m="m">{part}</m:oMath>')


def signs_in(element: ElementTree.Element) -> str:
    """The signs of an equation in the order of its tree, brackets among them."""
    if element.tag == f"{M}t":
        return element.text or ""
    inside = "".join(map(signs_in, element))
    if element.tag == f"{M}d":
        marks = {each.tag: each.get(f"{M}val", "") for each in element[0]}
        return marks[f"{M}begChr"] + inside + marks[f"{M}endChr"]
    return inside


def read(formula: str) -> str:
    return plain("".join(signs_in(tree(part)) for part in omml(formula)))


def test_every_formula_of_every_note_has_its_signs():
    found = [formula.tex for spec in SPECS for formula in formulas(render(solve(load(spec))))]
    assert len(found) > 1000
    for formula in found:
        assert read(formula) == seen(formula, below_first=True), formula


@settings(max_examples=60, deadline=None)
@given(random_formulas("w_1", "y_hat", "dL_dw_o", "z__2"))
def test_any_formula_has_its_signs(expr):
    written = tex(expr, Style(Symbols(Notation())))
    assert read(written) == seen(written, below_first=True)


@pytest.mark.parametrize(
    "formula, element, signs",
    [
        (r"\frac{\partial L}{\partial w_o}", "f", "∂L∂wo"),
        (r"\hat{y}", "acc", "y"),
        (r"(y - \hat{y})^2", "d", "(y−y)2"),
        (r"((a + b)^2 - c)^2", "d", "((a+b)2−c)2"),
        (r"\left( \frac{1}{2} \right]", "d", "(12]"),
        (r"\sqrt{x}", "rad", "x"),
        (r"\begin{bmatrix} 1 & -2 \\ 3 & 4 \end{bmatrix}", "m", "[1−234]"),
        (r"a)^2", "sSup", "a)2"),
        (r"\overline{xy}", "bar", "xy"),
        (r"\boxed{x}", "borderBox", "x"),
        (r"w_{11}^{(2)}", "sSubSup", "w11(2)"),
        (r"\mathrm{ReLU}(z)", "nor", "ReLU(z)"),
        (r"\mathbf{1}", "sty", "1"),
        (r"a \quad b < c", "lit", "ab<c"),
    ],
)
def test_a_formula_by_example(formula, element, signs):
    [part] = omml(formula)
    assert tree(part).find(f".//{M}{element}") is not None and read(formula) == signs


def test_a_bracket_carries_its_power_as_a_whole():
    [part] = omml("(a + b)^2 c")
    power = tree(part).find(f"{M}sSup")
    assert plain(signs_in(power)) == "(a+b)2"


@pytest.mark.parametrize(
    "formula, above",
    [
        ("f'(x)", None),
        ("w'_2", None),
        (r"\hat{y}'", None),
        ("f''", None),
        ("x^2", "sSup"),
        ("w_1^2", "sSubSup"),
    ],
)
def test_a_prime_stands_in_the_line(formula, above):
    """As an exponent it would be raised twice, by the font too."""
    part = tree(omml(formula)[0])
    raised = [kind for kind in ("sSup", "sSubSup") if part.find(f".//{M}{kind}") is not None]
    assert raised == ([above] if above else []) and ("′" in signs_in(part)) == ("'" in formula)


@pytest.mark.parametrize(
    "formula", ["=", r"a =", r"\approx b", r"\begin{aligned} a &= b \\ &\approx c \end{aligned}"]
)
def test_a_sign_that_wants_two_operands_has_them(formula):
    """LibreOffice takes `= b` for a mistake and shows a question mark in its place."""
    row = tree(omml(formula)[0])
    for cell in [row, *row.iter(f"{M}e")]:
        texts = [run.findtext(f"{M}t") for run in cell.findall(f"{M}r")]
        assert not texts or texts[0] not in ("=", "≈") and texts[-1] not in ("=", "≈"), texts


def test_aligned_rows_taller_than_a_page_become_several():
    rows = r" \\ ".join(rf"&= \frac{{{row}}}{{7}}" for row in range(40))
    parts = omml(rf"\begin{{aligned}} x {rows} \end{{aligned}}")
    assert len(parts) > 2 and max(part.count("<m:mr>") for part in parts) <= TALLEST / 2
    assert read(rf"\begin{{aligned}} x {rows} \end{{aligned}}") == "x" + "".join(
        f"={row}7" for row in range(40)
    )


@pytest.mark.parametrize(
    "formula", [r"\foo{x}", r"x_1_2", r"\input{x}", "#", r"\text{a $b$}", r"a } b"]
)
def test_what_is_not_known_is_refused(formula):
    with pytest.raises(ReadError):
        omml(formula)

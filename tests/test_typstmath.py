r"""Formulas as Typst: every one of the notes is set by the real Typst, sign for sign; the rest is
refused with its place."""

from __future__ import annotations

import re

import pytest
import typst as engine
from formulas import formulas as random_formulas
from hypothesis import given, settings

from worksheet import load, render, solve
from worksheet.errors import ReadError
from worksheet.markdown.reader import formulas
from worksheet.problem import Notation
from worksheet.resources import problem_files
from worksheet.tex.boxes import (
    Aligned,
    Fenced,
    Fraction,
    Glyph,
    Marked,
    Matrix,
    Scripts,
    Words,
    boxes,
)
from worksheet.tex.notation import Symbols
from worksheet.tex.to_typst import CALLS, SIGNS, typst
from worksheet.tex.writer import Style, tex

SPECS = problem_files()


def compiled(*sources: str) -> list[str]:
    """The warnings of a document with these formulas; TypstError where one is not sound."""
    page = "\n\n".join(f"$ {source} $" for source in sources)
    return engine.compile_with_warnings(page.encode(), format="pdf", ignore_system_fonts=True)[1]


def signs_of(row) -> list[str]:
    """The signs of boxes in the order of the source, as they are seen."""
    found = []
    for box in row:
        if isinstance(box, Glyph):
            sign = SIGNS.get(box.tex, box.tex)
            found += (
                []
                if sign.startswith("#h(") or sign in ("thin", "med", "thick", "space")
                else [sign.removeprefix("\\")]
            )
        elif isinstance(box, Words):
            found += list(box.text.replace(" ", ""))
        elif isinstance(box, Scripts):
            found += signs_of(box.base) + signs_of(box.above) + signs_of(box.below)
        elif isinstance(box, Fraction):
            found += signs_of(box.over) + signs_of(box.under)
        elif isinstance(box, Marked):
            found += signs_of(box.body)
        elif isinstance(box, Fenced):
            found += [mark.lstrip("\\") for mark in (box.opening,) if mark != "."] + signs_of(
                box.body
            )
            found += [mark.lstrip("\\") for mark in (box.closing,) if mark != "."]
        elif isinstance(box, Matrix | Aligned):
            found += [sign for cells in box.rows for cell in cells for sign in signs_of(cell)]
    return list("".join(found))


def signs_in(source: str) -> list[str]:
    """The signs that are left of Typst's source when its calls, spaces and marks for arrangement
    are taken away."""
    source = re.sub(
        r"#h\([^)]*\)|#1em|row-gap: |delim: (?:\"[^\"]*\"|#none),|\b(?:t|b): |class\(\"binary\", ([+−])\)",
        r"\1",
        source,
    )
    source = re.sub(
        r"\b(?:"
        + "|".join(
            {"frac", "attach", "display", "inline", "mat", "lr", "op"}
            | {name for call in CALLS.values() for name in re.findall(r"[a-z]{2,}(?=\()", call)}
        )
        + r")(?=\()",
        "",
        source,
    )
    source = re.sub(r"\\ ", " ", source)  # the end of a row
    escaped = re.findall(
        r"\\(.)|([^\s(),;&\"])", source
    )  # a bare bracket or comma is the call's own
    return [one or other for one, other in escaped]


def pages() -> list[str]:
    return [render(solve(load(spec))) for spec in SPECS]


def test_every_formula_of_every_note_is_set_sign_by_sign():
    found = [formula.tex for page in pages() for formula in formulas(page)]
    assert len(found) > 1000
    for formula in found:
        assert signs_in(typst(formula)) == signs_of(boxes(formula)), formula
    assert compiled(*map(typst, dict.fromkeys(found))) == []


@settings(max_examples=60, deadline=None)
@given(random_formulas("w_1", "y_hat", "dL_dw_o", "z__2"))
def test_any_formula_is_set_sign_by_sign(expr):
    written = tex(expr, Style(Symbols(Notation())))
    assert signs_in(typst(written)) == signs_of(boxes(written))


def test_typst_knows_every_sign_and_every_call_of_ours():
    assert (
        compiled(
            *SIGNS.values(),
            *[call.replace("{}", "x") for call in CALLS.values() if "binary" not in call],
        )
        == []
    )


@pytest.mark.parametrize(
    "formula, expected",
    [
        (r"\frac{\partial L}{\partial w_o}", "frac(∂ L, ∂ attach(w, b: o))"),
        (
            r"{W^{(2)}}^{\top} \delta",
            r"attach(attach(W, t: \( 2 \)), t: ⊤) δ",
        ),  # converters make W^((2)^T) of it
        (r"w_{11}^{(2)}", r"attach(w, t: \( 2 \), b: 11)"),
        (r"2.71828^{-0.5}", "attach(2.71828, t: − 0.5)"),
        (r"\left(\frac{1}{2}\right)", r"lr(\( frac(1, 2) \))"),
        (r"\mathrm{ReLU}(z)", r"upright(R e L U) \( z \)"),
        (r"\begin{bmatrix} 1 & -2 \\ 3 & 4 \end{bmatrix}", 'mat(delim: "[", 1, − 2; 3, 4)'),
        (r"a/b; c, d", r"a \/ b \; c \, d"),
        (r"a &= b", None),
    ],
)
def test_a_formula_by_example(formula, expected):
    if expected is None:
        with pytest.raises(ReadError):
            typst(formula)
    else:
        assert typst(formula) == expected
        assert compiled(typst(formula)) == []


@pytest.mark.parametrize(
    "formula, says",
    [
        (r"\foo{x}", "foo"),
        (r"x_1_2", "two scripts"),
        (r"\frac{1", "brace"),
        (r"\left( x", "right"),
        (r"\begin{tabular} 1 \end{tabular}", "tabular"),
        ("ŷ", "ŷ"),
        (r"^2", "stands on nothing"),
        (r"\text{a $b$}", "plain words"),
        (r"\sqrt[3]{x}", "argument"),
        ("#", "#"),
        (r"\input{x}", "input"),
        ('"', '"'),
        ("{" * 60 + "x" + "}" * 60, "deep"),
        (r"a } b", "not expected"),
        (r"\begin{aligned} a \end{aligned} + b", "display of their own"),
    ],
)
def test_what_is_not_known_is_refused_by_name(formula, says):
    with pytest.raises(ReadError) as refused:
        typst(formula)
    assert says in str(refused.value)

r"""Formulas printed anew: the same boxes, in one spelling, and nothing that TeX would run."""

from __future__ import annotations

import re

import pytest
from formulas import formulas as random_formulas
from hypothesis import given, settings
from signs import seen

from worksheet import load, render, solve
from worksheet.errors import ReadError
from worksheet.markdown.reader import formulas
from worksheet.problem import Notation
from worksheet.resources import problem_files
from worksheet.tex.notation import Symbols
from worksheet.tex.to_latex import rows_of, spelt
from worksheet.tex.writer import Style, tex

SPECS = problem_files()
# every command that may ever stand in a formula of ours
KNOWN = re.compile(
    r"\\(?:begin|end|left|right|operatorname|text|[dt]?frac|sqrt|hat|widehat|bar|overline|tilde|vec|dot|boxed|underline|math\w+|"
    r"boldsymbol|cdots?|times|odot|circ|div|pm|ast|approx|leftarrow|to|rightarrow|Rightarrow|implies|leq?|geq?|neq?|in|equiv|"
    r"sim|propto|coloneqq|sum|prod|infty|partial|nabla|ell|top|mid|l?dots|[vd]dots|star|prime|q?quad|ln|log|exp|tanh|max|min|"
    r"sin|cos|lim|(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|"
    r"chi|psi|omega)|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega)(?![A-Za-z])|\\[,:;! {}|%_\\]"
)


def test_every_formula_of_every_note_keeps_its_signs_and_its_spelling_is_final():
    found = [formula.tex for spec in SPECS for formula in formulas(render(solve(load(spec))))]
    assert len(found) > 1000
    for formula in found:
        assert seen(spelt(formula)) == seen(formula), formula
        assert spelt(spelt(formula)) == spelt(formula), formula
        assert "\\" not in KNOWN.sub("", spelt(formula)), formula


@settings(max_examples=60, deadline=None)
@given(random_formulas("w_1", "y_hat", "dL_dw_o", "z__2"))
def test_any_formula_keeps_its_signs(expr):
    written = tex(expr, Style(Symbols(Notation())))
    assert seen(spelt(written)) == seen(written)


@pytest.mark.parametrize(
    "formula, expected",
    [
        (r"{W^{(2)}}^T", r"{W^{( 2 )}}^{T}"),
        (r"f'' (x)", r"f^{\prime \prime} ( x )"),
        (r"\displaystyle a\cdot-b", r"a \cdot - b"),
        (
            r"\begin{bmatrix} [a] & 2 \\ 3 & 4 \end{bmatrix}",
            r"\begin{bmatrix} {}[ a ] & 2 \\ 3 & 4 \end{bmatrix}",
        ),
        (
            r"\begin{aligned} a &= b \\[0.6em] &\lt c \end{aligned}",
            "\\begin{aligned} a & = b \\\\\n  & < c \\end{aligned}",
        ),
    ],
)
def test_a_formula_by_example(formula, expected):
    assert spelt(formula) == expected


def test_the_rows_of_aligned_rows_and_of_nothing_else():
    assert rows_of(spelt(r"\begin{aligned} a &= b \end{aligned}")) == "a & = b"
    assert (
        rows_of(spelt(r"a = b")) is None
        and rows_of(spelt(r"\begin{bmatrix} 1 \end{bmatrix}")) is None
    )


@pytest.mark.parametrize(
    "formula",
    [
        r"\input{/etc/passwd}",
        r"\write18{id}",
        r"\immediate\openout3=x",
        r"\csname input\endcsname x",
        r"\directlua{os.execute()}",
        r"\def\x{y}",
        r"^^5cinput x",
        r"\catcode`\%=12",
        r"\begin{verbatim} x \end{verbatim}",
        r"\text{\input{x}}",
        r"\text{^^5cinput x}",
        r"x % y",
        r"\hbox{$x$}",
        r"\includegraphics{x}",
        r"\\input{x}\special{x}",
        r"\operatorname{\special{x}}",
        r"\left\input x \right)",
        r"a $ b",
        r"\newline\par",
    ],
)
def test_a_command_of_a_stranger_is_refused(formula):
    with pytest.raises(ReadError):
        spelt(formula)

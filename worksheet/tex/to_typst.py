r"""Boxes -> Typst's notation, one rule for each kind of box and one row for each sign.

    \frac{\partial L}{\partial w_o}   ->   frac(∂ L, ∂ attach(w, b: o))

Typst's own shorthands are not used (a slash that becomes a fraction, scripts that bind what
follows, letters that run together to a word, brackets that grow by themselves): every group is a
call, every sign stands alone, every mark with a meaning is escaped. So a sign on the page is one
sign of the source, in its order.
"""

from __future__ import annotations

from functools import lru_cache

from ..errors import ReadError
from .boxes import (
    MATRICES,
    Aligned,
    Fenced,
    Fraction,
    Glyph,
    Lines,
    Marked,
    Matrix,
    Row,
    Scripts,
    Words,
    boxes,
    is_blank,
)
from .line_breaking import QUAD

# the signs that TeX spells with a command, or that Typst would read as its own
SIGNS = {
    r"\cdot": "⋅",
    r"\times": "×",
    r"\odot": "⊙",
    r"\circ": "∘",
    r"\div": "÷",
    r"\pm": "±",
    r"\ast": "∗",
    "*": "∗",
    "-": "−",
    r"\approx": "≈",
    r"\leftarrow": "←",
    r"\gets": "←",
    r"\to": "→",
    r"\rightarrow": "→",
    r"\Rightarrow": "⇒",
    r"\implies": "⟹",
    r"\le": "≤",
    r"\leq": "≤",
    r"\ge": "≥",
    r"\geq": "≥",
    r"\ne": "≠",
    r"\neq": "≠",
    r"\lt": "<",
    r"\gt": ">",
    r"\in": "∈",
    r"\equiv": "≡",
    r"\sim": "∼",
    r"\propto": "∝",
    r"\coloneqq": "≔",
    r"\sum": "∑",
    r"\prod": "∏",
    r"\infty": "∞",
    r"\cong": "≅",
    r"\simeq": "≃",
    r"\doteq": "≐",
    r"\mapsto": "↦",
    r"\ll": "≪",
    r"\gg": "≫",
    r"\mp": "∓",
    r"\forall": "∀",
    r"\exists": "∃",
    r"\Leftrightarrow": "⇔",
    r"\iff": "⟺",
    r"\therefore": "∴",
    r"\cup": "∪",
    r"\cap": "∩",
    r"\subset": "⊂",
    r"\subseteq": "⊆",
    r"\int": "∫",
    **{sign: sign for sign in "≈≠≤≥≡≅≃≐→↦∈∝≪≫←≔"},
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\ell": "ℓ",
    r"\top": "⊤",
    r"\mid": "∣",
    r"\ldots": "…",
    r"\dots": "…",
    r"\cdots": "⋯",
    r"\vdots": "⋮",
    r"\ddots": "⋱",
    r"\star": "⋆",
    r"\prime": "′",
    "'": "′",
    r"\quad": "#h(1em)",
    r"\qquad": "#h(2em)",
    r"\,": "thin",
    r"\:": "med",
    r"\;": "thick",
    r"\!": "#h(-0.1667em)",
    r"\ ": "space",
    r"\{": r"\{",
    r"\}": r"\}",
    r"\|": "‖",
    r"\%": r"\%",
    r"\_": r"\_",
    r"\lvert": r"\|",
    r"\rvert": r"\|",
    r"\ln": "ln",
    r"\log": "log",
    r"\exp": "exp",
    r"\tanh": "tanh",
    r"\max": "max",
    r"\min": "min",
    r"\sin": "sin",
    r"\cos": "cos",
    r"\tan": "tan",
    r"\lim": "lim",
    **{mark: "\\" + mark for mark in "()[],;:./|!?"},
    "+": "+",
    "=": "=",
    "<": "<",
    ">": ">",
    "·": "⋅",
    "−": "−",
}
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_LETTERS = "αβγδϵζηθικλμνξπρστϕχψωΓΔΘΛΞΠΣΦΨΩ"
SIGNS |= {"\\" + name: letter for name, letter in zip(_GREEK.split(), _LETTERS, strict=True)}
SIGNS |= {r"\varepsilon": "ε", r"\varphi": "φ", r"\vartheta": "ϑ"}

CALLS = {
    r"\hat": "hat({})",
    r"\widehat": "hat({})",
    r"\bar": "macron({})",
    r"\overline": "overline({})",
    r"\tilde": "tilde({})",
    r"\vec": "arrow({})",
    r"\dot": "dot({})",
    r"\underline": "underline({})",
    r"\sqrt": "sqrt({})",
    r"\boxed": "#box(stroke: 0.5pt, inset: 4pt, ${}$)",
    r"\mathrm": "upright({})",
    r"\mathbf": "bold(upright({}))",
    r"\boldsymbol": "bold({})",
    r"\mathcal": "cal({})",
    r"\mathbb": "bb({})",
    "binary": 'class("binary", {})',
    "strut": "#box(height: 1.5em) {}",
    r"\mathsf": "sans({})",
    r"\mathit": "italic({})",
}
_FENCES = {
    "(": r"\(",
    ")": r"\)",
    "[": r"\[",
    "]": r"\]",
    "|": r"\|",
    r"\{": r"\{",
    r"\}": r"\}",
    ".": "",
}
_DELIMITERS = {"": "#none", "[": '"["', "(": '"("', "|": '"|"'}


@lru_cache(maxsize=4096)
def typst(tex: str) -> str:
    """The formula in Typst's notation, without dollars. Raises ReadError for what cannot be set
    exactly."""
    return written(boxes(tex))


def quoted(text: str) -> str:
    """A Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def written(row: Row) -> str:
    """The boxes in Typst's notation."""
    return " ".join([RULES[type(box)](box) for box in row])


def _glyph(glyph: Glyph) -> str:
    sign = SIGNS.get(glyph.tex)
    if sign is not None:
        return sign
    if glyph.tex.isascii() and (
        glyph.tex.isalpha() or glyph.tex[0].isdigit() or glyph.tex[:1] == "." and len(glyph.tex) > 1
    ):
        return glyph.tex
    raise ReadError(
        f"'{glyph.tex}' cannot be set in this formula",
        hint="spell it with a command that the notes use",
    )


def _words(words: Words) -> str:
    if words.command == r"\operatorname":
        return f"op({quoted(words.text)})"
    # letter by letter: Typst sets a space beside a string of several letters
    return (
        f"upright({' '.join(words.text)})"
        if words.text.isascii() and words.text.isalnum()
        else quoted(words.text)
    )


def _scripts(scripts: Scripts) -> str:
    parts = [
        written(scripts.base),
        *[
            f"{place}: {written(row)}"
            for place, row in (("t", scripts.above), ("b", scripts.below))
            if row
        ],
    ]
    return f"attach({', '.join(parts)})"


def _fraction(fraction: Fraction) -> str:
    text = f"frac({written(fraction.over)}, {written(fraction.under)})"
    return {r"\dfrac": f"display({text})", r"\tfrac": f"inline({text})"}.get(fraction.command, text)


def _marked(marked: Marked) -> str:
    if marked.command == "{}":
        return written(marked.body)
    if is_blank(marked):
        width = sum(2 if space == Glyph(r"\qquad") else 1 for space in marked.body)
        return (
            f"underline(#box(width: {width}em, height: 1.6em))"  # a blank: high enough for a hand
        )
    return CALLS[marked.command].replace("{}", written(marked.body))


def _fenced(fenced: Fenced) -> str:
    if {fenced.opening, fenced.closing} - _FENCES.keys():
        raise ReadError(f"'{fenced.opening}' and '{fenced.closing}' are not brackets that can grow")
    return f"lr({_FENCES[fenced.opening]} {written(fenced.body)} {_FENCES[fenced.closing]})"


def _matrix(matrix: Matrix) -> str:
    has_fractions = any(
        isinstance(box, Fraction) for row in matrix.rows for cell in row for box in cell
    )
    cell = (
        "display({})" if has_fractions else "{}"
    )  # or what is over and under a bar would be very small
    if matrix.label:
        cells = ", ".join(
            f"${cell.replace('{}', written(each))}$" for row in matrix.rows for each in row
        )
        return f"#worked({matrix.shaded}, {quoted(matrix.label)}, {len(matrix.rows[0])}, {cells})"
    rows = "; ".join(
        ", ".join(cell.replace("{}", written(each)) for each in row) for row in matrix.rows
    )
    has_lines = any(isinstance(box, Lines) for row in matrix.rows for cell in row for box in cell)
    gap = (
        "row-gap: #1em, "
        if has_fractions
        else "row-gap: #0.7em, align: #left, "
        if has_lines
        else ""
    )
    return f"mat(delim: {_DELIMITERS[MATRICES[matrix.name][0]]}, {gap}{rows})"


def _aligned(aligned: Aligned) -> str:
    return " \\ ".join(" & ".join([written(_joined(cell)) for cell in row]) for row in aligned.rows)


def _lines(lines: Lines) -> str:
    return f"mat(delim: #none, align: #left, row-gap: #0.3em, {'; '.join([f'inline({written(_joined(row))})' for row in lines.rows])})"


def _joined(cell: Row) -> Row:
    """A row that goes on (`\\quad + b`): its plus or minus joins what is above, and is no sign of
    what follows."""
    if len(cell) > 1 and cell[0] == QUAD and cell[1] in (Glyph("+"), Glyph("-")):
        return (cell[0], Marked("binary", cell[1:2]), *cell[2:])
    return cell


RULES = {
    Glyph: _glyph,
    Words: _words,
    Scripts: _scripts,
    Fraction: _fraction,
    Marked: _marked,
    Fenced: _fenced,
    Matrix: _matrix,
    Aligned: _aligned,
    Lines: _lines,
}

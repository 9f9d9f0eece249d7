r"""Boxes -> TeX in one spelling, for pages that TeX sets and for converters that read TeX.

    {W^{(2)}}^T \dfrac12   ->   {W^{( 2 )}}^{T} \dfrac{1}{2}

What an author typed is read into boxes and printed anew, so nothing but the signs and constructions
of the closed lists of `texboxes` and `typstmath` ever reaches an engine: every format takes the
same formulas, and no command of a stranger runs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .boxes import (
    FOUNTS,
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
)
from .to_typst import typst

# signs of ours that TeX spells otherwise
SPELT = {
    "·": r"\cdot",
    "−": "-",
    "*": r"\ast",
    "'": r"\prime",
    r"\gets": r"\leftarrow",
    r"\lt": "<",
    r"\gt": ">",
    r"\lvert": "|",
    r"\rvert": "|",
}


@lru_cache(maxsize=4096)
def spelt(tex: str) -> str:
    """The formula in plain TeX, without dollars. Raises ReadError for what no format can set, the
    same as `typst`."""
    typst(tex)
    return written(boxes(tex))


def rows_of(tex: str) -> str | None:
    """The rows of a formula spelt by us that is one set of aligned rows; None for any other."""
    match = re.fullmatch(r"\\begin\{aligned\} (.*) \\end\{aligned\}", tex, re.DOTALL)
    return match[1] if match and match[1].count(r"\begin{aligned}") == 0 else None


def written(row: Row) -> str:
    """The boxes as TeX."""
    return " ".join([RULES[type(box)](box) for box in row])


def _glyph(glyph: Glyph) -> str:
    return SPELT.get(glyph.tex, glyph.tex)


def _words(words: Words) -> str:
    text = re.sub(r"\s+", " ", words.text)
    return rf"\operatorname{{{text}}}" if words.command == r"\operatorname" else rf"\text{{{text}}}"


def _scripts(scripts: Scripts) -> str:
    base = written(scripts.base)
    is_single = len(scripts.base) == 1 and not isinstance(scripts.base[0], Scripts)
    return "".join(
        [
            base if is_single else f"{{{base}}}",
            *[
                f"{mark}{{{written(row)}}}"
                for mark, row in (("_", scripts.below), ("^", scripts.above))
                if row
            ],
        ]
    )


def _fraction(fraction: Fraction) -> str:
    return f"{fraction.command}{{{written(fraction.over)}}}{{{written(fraction.under)}}}"


def _marked(marked: Marked) -> str:
    is_word = marked.command in FOUNTS and all(
        isinstance(box, Glyph) and box.tex.isalpha() for box in marked.body
    )
    body = "".join(box.tex for box in marked.body) if is_word else written(marked.body)
    return f"{marked.command.removeprefix('{}')}{{{body}}}"


def _fenced(fenced: Fenced) -> str:
    return rf"\left{fenced.opening} {written(fenced.body)} \right{fenced.closing}"


def _matrix(matrix: Matrix) -> str:
    has_fractions = any(
        isinstance(box, Fraction) for row in matrix.rows for cell in row for box in cell
    )
    return _environment(matrix.name, matrix.rows, r"\\[1.1em]" if has_fractions else r"\\")


def _aligned(aligned: Aligned) -> str:
    return _environment("aligned", aligned.rows, "\\\\\n")


def _lines(lines: Lines) -> str:
    rows = r" \\ ".join(map(written, lines.rows))
    return rf"\begin{{array}}{{l}} {rows} \end{{array}}"


def _environment(name: str, rows: tuple[tuple[Row, ...], ...], end: str) -> str:
    lines = f" {end} ".join(" & ".join(map(_cell, row)) for row in rows)
    return rf"\begin{{{name}}} {lines} \end{{{name}}}"


def _cell(cell: Row) -> str:
    """A bracket that opens a cell is no option of the row before it."""
    return "{}" * (cell[:1] == (Glyph("["),)) + written(cell)


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

"""The signs of a formula in the order in which a renderer shows them: what texts of PDFs and trees
of equations are compared with."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

from worksheet.tex.boxes import (
    MATRICES,
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
from worksheet.tex.to_typst import SIGNS

ACCENTS = {
    r"\hat": "\u0302",
    r"\widehat": "\u0302",
    r"\bar": "\u0304",
    r"\tilde": "\u0303",
    r"\vec": "\u20d7",
    r"\dot": "\u0307",
}
# how PDFs spell brackets that are put together of pieces, and signs that fonts know by two names
SAME = {"⎡⎢⎣": "[", "⎤⎥⎦": "]", "⎛⎜⎝": "(", "⎞⎟⎠": ")"}


def seen(tex: str, *, by_column: bool = False, below_first: bool = False) -> str:
    """The signs of a formula, without its accents. `by_column`: of a matrix column by column;
    `below_first`: the lower script first."""

    def signs(row) -> str:
        return "".join(map(sign, row))

    def sign(box) -> str:
        match box:
            case Glyph(tex):
                shown = SIGNS.get(tex, tex)
                return (
                    ""
                    if shown.startswith("#h(") or shown in ("thin", "med", "thick", "space")
                    else shown.removeprefix("\\")
                )
            case Words(_, text):
                return text
            case Scripts(base, below, above):
                is_prime = set(above) == {Glyph("'")}
                return signs(base) + (
                    signs(below) + signs(above)
                    if below_first and not is_prime
                    else signs(above) + signs(below)
                )
            case Fraction(_, over, under):
                return signs(over) + signs(under)
            case Marked(_, body):
                return signs(body)
            case Fenced(opening, body, closing):
                return opening.strip("\\.") + signs(body) + closing.strip("\\.")
            case Matrix(name, rows):
                opening, closing = MATRICES[name]
                cells = [cell for line in (zip(*rows) if by_column else rows) for cell in line]
                return opening + "".join(map(signs, cells)) + closing
            case Aligned(rows):
                return "".join(signs(cell) for cells in rows for cell in cells)
        raise AssertionError(f"{box} is no box")

    return plain(signs(boxes(tex)))


def plain(text: str) -> str:
    """Signs as they compare: letters of mathematics as letters, no accents, no space, brackets
    whole."""
    text = re.sub(r"[\s\u200b\ufe00\u2061-\u2064]", "", normalize("NFKD", text))
    for pieces, whole in SAME.items():
        text = re.sub(f"[{pieces}]+", whole, text)
    return (
        "".join(letter for letter in text if not combining(letter))
        .replace("≔", ":=")
        .replace("⋅", "·")
        .replace("ϵ", "ε")
    )

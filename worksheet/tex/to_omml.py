r"""Boxes -> the notation of Word's equations (OMML, ECMA-376 part 1, 22.1), one rule for each kind
of box.

    \frac{\partial L}{\partial w_o}   ->   m:f with m:num "∂ L" and m:den "∂" m:sSub "w", "o"

Word lays these out itself, and LibreOffice reads them as a language of its own, in which a sign may
be an operator that wants two operands: where a row begins or ends with one, an empty run stands
beside it, and what that language would take for its own is marked as literal.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape
from math import inf

from .boxes import (
    MATRICES,
    Aligned,
    Box,
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
from .line_breaking import fitted
from .to_typst import SIGNS, typst

TALLEST = 26  # lines of one array of rows; Word cannot break one over a page's end
_SPACES = {
    r"\quad": "\u2003",
    r"\qquad": "\u2003\u2003",
    r"\,": "\u2009",
    r"\:": "\u205f",
    r"\;": "\u2004",
    r"\!": "",
    r"\ ": "\u00a0",
}
_SIGNS = {tex: sign.removeprefix("\\") for tex, sign in SIGNS.items()} | _SPACES
# signs that want an operand on either side
PRIME = "′"
_INFIX = set("=≈≤≥≠<>≡∼∝∈←→⇒⟹≔⋅×⊙∘÷∗⋆/∣±≅≃≐↦≪≫∓⇔⟺∪∩⊂⊆")
_LITERAL = set("()[]{}|‖%_")
_BRACKETS = {")": "(", "]": "["}
_ACCENTS = {
    r"\hat": "\u0302",
    r"\widehat": "\u0302",
    r"\bar": "\u0304",
    r"\tilde": "\u0303",
    r"\vec": "\u20d7",
    r"\dot": "\u0307",
}
_WRAPPED = {
    r"\overline": '<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>{}</m:e></m:bar>',
    r"\underline": '<m:bar><m:barPr><m:pos m:val="bot"/></m:barPr><m:e>{}</m:e></m:bar>',
    r"\boxed": "<m:borderBox><m:e>{}</m:e></m:borderBox>",
    "{}": "{}",
    r"\sqrt": '<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>{}</m:e></m:rad>',
}
_FOUNTS = {
    r"\mathrm": '<m:sty m:val="p"/>',
    r"\mathbf": '<m:sty m:val="b"/>',
    r"\boldsymbol": '<m:sty m:val="bi"/>',
    r"\mathit": '<m:sty m:val="i"/>',
    r"\mathcal": '<m:scr m:val="script"/><m:sty m:val="p"/>',
    r"\mathbb": '<m:scr m:val="double-struck"/><m:sty m:val="p"/>',
    r"\mathsf": '<m:scr m:val="sans-serif"/><m:sty m:val="p"/>',
}
_EMPTY = "<m:r><m:rPr><m:lit/></m:rPr><m:t></m:t></m:r>"


@lru_cache(maxsize=4096)
def omml(tex: str, most: float = inf) -> tuple[str, ...]:
    """The formula, in lines of at most `most` em, as the content of one `m:oMath`, or of several
    for aligned rows that are tall. Raises ReadError for what no format can set, the same as
    `typst`."""
    typst(tex)
    row = fitted(boxes(tex), most)
    if not (len(row) == 1 and isinstance(row[0], Aligned)):
        return (_row(row),)
    parts: list[list[tuple[Row, ...]]] = [[]]
    for cells in row[0].rows:
        if parts[-1] and sum(map(_lines, [*parts[-1], cells])) > TALLEST:
            parts.append([])
        parts[-1].append(cells)
    return tuple(_aligned(Aligned(tuple(part))) for part in parts)


def _lines(cells: tuple[Row, ...]) -> float:
    """How many lines of text a row of cells is about as tall as."""
    return max((_height(box) for cell in cells for box in cell), default=1) + 0.4


def _height(box: Box) -> float:
    if isinstance(box, Fraction):
        return 2.2
    if isinstance(box, Matrix):
        return sum(map(_lines, box.rows))
    if isinstance(box, Lines):
        return sum(max(map(_height, row), default=1) for row in box.rows)
    inside = (
        box.body
        if isinstance(box, Fenced | Marked)
        else box.base
        if isinstance(box, Scripts)
        else ()
    )
    return max(map(_height, inside), default=1)


def _row(row: Row, fount: str = "") -> str:
    """The boxes, with a bracket that carries scripts joined to the one that opens."""
    found: list[str] = []
    for at, box in enumerate(row):
        closing = (
            box.base[0].tex
            if isinstance(box, Scripts) and len(box.base) == 1 and isinstance(box.base[0], Glyph)
            else ""
        )
        opened = _opening(row, at, closing)
        if opened is None:
            found.append(_set(box, fount))
        else:
            inside = _delimited(
                _BRACKETS[closing], "".join(found[opened + 1 :]), closing, grows=False
            )
            found[opened:] = [_scripted(inside, box, fount), *[""] * (at - opened)]
    ends = [_sign(box) in _INFIX for box in (row[:1] + row[-1:])] or [True, False]
    return _EMPTY * ends[0] + "".join(found) + _EMPTY * ends[-1]


def _opening(row: Row, at: int, closing: str) -> int | None:
    """Where the bracket opens that closes at `at`."""
    depth = 0
    for place in range(at - 1, -1, -1) if closing in _BRACKETS else ():
        sign = (
            row[place].base[0]
            if isinstance(row[place], Scripts) and row[place].base
            else row[place]
        )
        depth += (sign == Glyph(closing)) - (row[place] == Glyph(_BRACKETS[closing]))
        if depth < 0:
            return place
    return None


def _sign(box: Box) -> str:
    return _SIGNS.get(box.tex, box.tex) if isinstance(box, Glyph) else ""


def _set(box: Box, fount: str) -> str:
    return RULES[type(box)](box, fount)


def _run(text: str, properties: str = "") -> str:
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return (
        f"<m:r>{f'<m:rPr>{properties}</m:rPr>' if properties else ''}<m:t{kept}>{escape(text, quote=False)}</m:t></m:r>"
        if text
        else ""
    )


def _glyph(glyph: Glyph, fount: str) -> str:
    sign = _sign(glyph)
    if glyph.tex in _SPACES or sign in _LITERAL:
        return _run(sign, "<m:lit/>")
    return _run(sign, '<m:sty m:val="p"/>' if len(sign) > 1 and sign.isalpha() else fount)


def _words(words: Words, fount: str) -> str:
    return _run(words.text, "<m:nor/>")


def _scripts(scripts: Scripts, fount: str) -> str:
    return _scripted(_row(scripts.base, fount), scripts, fount)


def _scripted(base: str, scripts: Scripts, fount: str) -> str:
    """The base with its scripts. Primes stand in the line: fonts raise them by themselves, and as
    an exponent they would be specks."""
    if scripts.above and all(_sign(box) == PRIME for box in scripts.above):
        base, scripts = base + _run(PRIME * len(scripts.above)), replace(scripts, above=())
        if not scripts.below:
            return base
    kind = {(True, False): "sSub", (False, True): "sSup", (True, True): "sSubSup"}[
        bool(scripts.below), bool(scripts.above)
    ]
    parts = [
        f"<m:{place}>{_row(row, fount)}</m:{place}>"
        for place, row in (("sub", scripts.below), ("sup", scripts.above))
        if row
    ]
    return f"<m:{kind}><m:e>{base}</m:e>{''.join(parts)}</m:{kind}>"


def _fraction(fraction: Fraction, fount: str) -> str:
    return f"<m:f><m:num>{_row(fraction.over, fount)}</m:num><m:den>{_row(fraction.under, fount)}</m:den></m:f>"


def _marked(marked: Marked, fount: str) -> str:
    if marked.command in _ACCENTS:
        return f'<m:acc><m:accPr><m:chr m:val="{_ACCENTS[marked.command]}"/></m:accPr><m:e>{_row(marked.body, fount)}</m:e></m:acc>'
    if marked.command == r"\mathrm" and all(
        isinstance(box, Glyph) and box.tex.isalnum() for box in marked.body
    ):
        return _run("".join(box.tex for box in marked.body), "<m:nor/>")  # one word
    if marked.command in _FOUNTS:
        return "".join(_set(box, _FOUNTS[marked.command]) for box in marked.body)
    return _WRAPPED.get(marked.command, "{}").replace("{}", _row(marked.body, fount))


def _fenced(fenced: Fenced, fount: str) -> str:
    opening, closing = (mark.strip(".\\") for mark in (fenced.opening, fenced.closing))
    return _delimited(opening, _row(fenced.body, fount), closing)


def _delimited(opening: str, inside: str, closing: str, grows: bool = True) -> str:
    return (
        f'<m:d><m:dPr><m:begChr m:val="{opening}"/><m:endChr m:val="{closing}"/><m:grow m:val="{int(grows)}"/></m:dPr>'
        f"<m:e>{inside}</m:e></m:d>"
    )


def _matrix(matrix: Matrix, fount: str) -> str:
    opening, closing = MATRICES[matrix.name]
    array = _array(matrix.rows, ("center",), "")
    return _delimited(opening, array, closing) if opening else array


def _aligned(aligned: Aligned, fount: str = "") -> str:
    return _array(
        aligned.rows,
        ("right", "left"),
        '<m:rSpRule m:val="1"/><m:cGpRule m:val="3"/><m:cGp m:val="0"/>',
    )


def _several(lines: Lines, fount: str) -> str:
    return _array(tuple((row,) for row in lines.rows), ("left",), "")


def _array(rows: tuple[tuple[Row, ...], ...], sides: tuple[str, ...], gaps: str) -> str:
    count = max(map(len, rows), default=1)
    columns = "".join(
        f'<m:mc><m:mcPr><m:count m:val="1"/><m:mcJc m:val="{sides[column % len(sides)] if count > 1 else sides[-1]}"/>'
        "</m:mcPr></m:mc>"
        for column in range(count)
    )
    lines = [
        "".join(f"<m:e>{_row(cell)}</m:e>" for cell in (*row, *[()] * (count - len(row))))
        for row in rows
    ]
    return (
        f'<m:m><m:mPr><m:plcHide m:val="1"/>{gaps}<m:mcs>{columns}</m:mcs></m:mPr>'
        + "".join(f"<m:mr>{line}</m:mr>" for line in lines)
        + "</m:m>"
    )


RULES = {
    Glyph: _glyph,
    Words: _words,
    Scripts: _scripts,
    Fraction: _fraction,
    Marked: _marked,
    Fenced: _fenced,
    Matrix: _matrix,
    Aligned: _aligned,
    Lines: _several,
}

r"""Boxes -> spoken words, for who hears a formula instead of seeing it: in the alternative texts of
PDF, and wherever else a formula must be words.

    \frac{\partial L}{\partial w_o} \approx -0.21738   ->   partial L over partial w sub o approximately equals negative 0.21738

The style is that of ClearSpeak, of the Speech Rule Engine and MathCAT, with its preference to say
where a fraction ends: "the fraction 1 over 1 plus z end fraction". "over" alone stands only where
each part is one factor and no factor follows. Nothing is guessed: a letter before a bracket may be
a function or a factor, so neither "of" nor "times" is said; nor is a capital told apart from a
small letter, which a screen reader does as its user likes. The words are those of a file of
`templates/spoken/`, one for each language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from ..errors import WorksheetError
from .boxes import (
    ACCENTS,
    FOUNTS,
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
    is_blank,
)
from .to_typst import SIGNS

SPACES = frozenset([r"\,", r"\:", r"\;", r"\!", r"\ ", r"\quad", r"\qquad"])
WIDE = frozenset([Glyph(r"\quad"), Glyph(r"\qquad")])
PRIME, MINUS = Glyph("'"), "−"
OPENING, CLOSING = {"(": ")", "[": "]", "{": "}"}, frozenset(")]}")
LEADING = frozenset("d∂Δ∇")  # what makes one factor with the letter behind it
BARE = frozenset("d∂")  # the sign over the bar of d/dx
RANGED = frozenset("∑∏∫")
BINARY = frozenset(
    "+−±∓⋅×÷/⊙∘∗⋆=≈≠≡≅≃≐∼∝≔<>≤≥≪≫←→↦⇒⟹⇔⟺∴∈∪∩⊂⊆∣,;:"
)  # behind these a minus is a sign
TRANSPOSED = ((Glyph(r"\top"),), (Glyph("T"),), (Marked(r"\mathrm", (Glyph("T"),)),))
SHORT = {(Glyph("2"),): "squared", (Glyph("3"),): "cubed"}
LONGEST = 100_000  # letters of what is said of a formula
_PLACE = re.compile(r"\{(\w+)\}")
_PAUSE = re.compile(r"\s+(?=[,;:](?:\s|$))|([,;:])(?:\s*[,;:])+(?=\s|$)")


@lru_cache
def speaker(words: Path) -> Speaker:
    """Who says formulas in the words of a file. Raises WorksheetError for a file that is none."""
    try:
        tables = tomllib.loads(words.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WorksheetError(
            f"the spoken words cannot be read: {fault}",
            str(words),
            "compare it with our own file of that name",
        ) from None
    for name, table in tables.items():
        if not isinstance(table, dict) or not all(isinstance(said, str) for said in table.values()):
            raise WorksheetError(
                f"[{name}] holds something else than words",
                str(words),
                "compare it with our own file of that name",
            )
    return Speaker(words, tables)


class Speaker:
    """Says formulas in one language. `words`: the tables of a file of `templates/spoken/`."""

    def __init__(self, file: Path, words: dict[str, dict[str, str]]):
        self.file, self.words = file, words
        self.said: Callable[[Row], str] = lru_cache(maxsize=4096)(
            self._said_whole
        )  # most formulas of a page come more than once

    def word(self, table: str, key: str) -> str:
        """The word of a key. Raises WorksheetError, with the file, where its table has none."""
        try:
            return self.words[table][key]
        except KeyError:
            raise WorksheetError(
                f"there is no word for '{key}' in [{table}]",
                str(self.file),
                "copy the line from our own file of that name",
            ) from None

    def form(self, key: str, **parts: object) -> str:
        """The words of a form with its parts in their places. Raises WorksheetError for one that
        has a place for something else."""
        pieces = _PLACE.split(self.word("forms", key))
        if not parts.keys() >= set(pieces[1::2]):
            raise WorksheetError(
                f"'{key}' in [forms] cannot be filled",
                str(self.file),
                f"it may hold {', '.join(f'{{{part}}}' for part in parts) or 'words alone'}",
            )
        said = "".join(
            piece if at % 2 == 0 else str(parts[piece]) for at, piece in enumerate(pieces)
        )
        if len(said) > LONGEST:
            raise WorksheetError(
                f"'{key}' in [forms] makes more than {LONGEST} letters",
                str(self.file),
                "does it say a part more than once?",
            )
        return said

    def formula(self, tex: str) -> str:
        """The words of a formula. Raises ReadError for what no format can set, the same as `typst`."""
        return self.said(boxes(tex))

    def _said_whole(self, row: Row) -> str:
        """The words of all of a formula, with pauses in their places."""
        return _PAUSE.sub(lambda found: found[1] or "", " ".join(self.row(row).split())).strip(
            " ,;:"
        )

    # ---- a row
    # --------------------------------------------------------------------------------------

    def row(self, row: Row) -> str:
        """Its boxes from left to right."""
        return " ".join(
            filter(
                None,
                self._said(
                    tuple(
                        box
                        for box in row
                        if not (type(box) is Glyph and box.tex in SPACES and box not in WIDE)
                    )
                ),
            )
        )

    def _said(self, row: Row) -> Iterator[str]:
        at = 0
        while at < len(row):
            box, behind = row[at], row[at + 1 :]
            if (_is_function(box) or _is_operator(box)) and (argument := _argument(behind)):
                is_one = _is_one(argument[0]) and not _joins(
                    behind[argument[1] :]
                )  # it needs no brackets to be heard as one
                at += argument[1] if is_one else 0
                yield self.form(
                    "of",
                    function=self._over(box) if _is_operator(box) else self.box(box),
                    argument=self.row(argument[0]) if is_one else "",
                )
            elif type(box) is Fraction and _is_short(box) and not _joins(behind):
                yield self._over(box)
            elif box in WIDE:
                yield self.form("pause") if at else ""
            else:
                yield (
                    self.form("negative")
                    if _sign(box) == MINUS and _begins(row[:at])
                    else self.box(box)
                )
            at += 1

    def box(self, box: Box) -> str:
        """One box by itself."""
        return RULES[type(box)](self, box)

    # ---- one box
    # ------------------------------------------------------------------------------------

    def glyph(self, glyph: Glyph) -> str:
        """A letter or a number as it is, a function or a sign by its word."""
        sign = _sign(glyph)
        if glyph.tex[0] == "\\" and sign.isascii() and sign.isalpha():
            return self.word("functions", sign)
        return (
            sign
            if sign.isascii() and (sign.isalpha() or sign[0].isdigit() or len(sign) > 1)
            else self.word("signs", sign)
        )

    def text(self, words: Words) -> str:
        """Words of a formula as they are, with the signs between them spoken."""
        text = words.text
        for sign in self.words.get("text", ()):
            text = text.replace(sign, self.word("text", sign))
        return " ".join(text.split())

    def scripts(self, scripts: Scripts) -> str:
        """As "w sub o"; a power, primes, a sum with its range, an underlined number with the one
        below it."""
        base, below, above = scripts.base, scripts.below, scripts.above
        if (
            len(base) == 1
            and type(base[0]) is Marked
            and base[0].command == r"\underline"
            and (number := _bracketed(below))
            and not above
        ):
            return self._numbered(base[0], self.row(number))
        if len(base) == 1 and _sign(base[0]) in RANGED and below:
            return self.form(
                "range" if above else "ranged",
                sign=self.box(base[0]),
                below=self.row(below),
                above=self.row(above),
            )
        primes = len(list(takewhile(lambda each: each == PRIME, above)))
        said = [
            self.box(base[0]) if len(base) == 1 else self.row(base),
            *[self.word("signs", "′")] * primes,
        ]
        if below:
            said.append(
                self.form("below" if _is_one(below) else "long_below", below=self.row(below))
            )
        if above[primes:]:
            said.append(self._above(above[primes:]))
        return " ".join(said)

    def _above(self, above: Row) -> str:
        if above in TRANSPOSED:
            return self.form("transpose")
        if above in SHORT:
            return self.form(SHORT[above])
        if inside := _bracketed(above):
            return self.form("layer" if _is_one(inside) else "long_layer", above=self.row(inside))
        if len(above) == 1 and _sign(above[0]) in BINARY:
            return self.form("layer", above=self.box(above[0]))
        return self.form("power", above=self.row(above))

    def fraction(self, fraction: Fraction) -> str:
        """As "the fraction 1 over 1 plus z end fraction"."""
        return self.form("fraction", over=self.row(fraction.over), under=self.row(fraction.under))

    def _over(self, fraction: Fraction) -> str:
        return self.form("over", over=self.row(fraction.over), under=self.row(fraction.under))

    def marked(self, marked: Marked) -> str:
        """An accent, a root, a fount, a frame; a group alone is what it holds."""
        command, body = marked.command.removeprefix("\\"), marked.body
        if marked.command == "{}":
            return self.row(body)
        if is_blank(marked):
            return self.form("blank")
        if marked.command in FOUNTS:
            is_word = len(body) > 1 and all(
                type(box) is Glyph and box.tex.isalnum() for box in body
            )
            said = "".join(box.tex for box in body) if is_word else self.row(body)
            return self.form("fount", fount=self.word("marks", command), body=said).strip()
        if command in ("sqrt", "boxed", "underline"):
            return self.form(
                {"sqrt": "root", "underline": "underlined"}.get(command, command),
                body=self.row(body),
            )
        return self.form(
            "marked" if _is_one(body) else "long_marked",
            body=self.row(body),
            mark=self.word("marks", command),
        )

    def _numbered(self, underlined: Marked, number: str) -> str:
        """A blank of a sheet, or what a key has in it."""
        return (
            self.form("numbered_blank", number=number)
            if is_blank(underlined)
            else self.form("filled_blank", body=self.row(underlined.body), number=number)
        )

    def fenced(self, fenced: Fenced) -> str:
        """Cases, an absolute value, or brackets by their words; one that is not seen has none."""
        if (
            fenced.opening == r"\{"
            and fenced.closing == "."
            and len(fenced.body) == 1
            and type(fenced.body[0]) is Matrix
        ):
            return self._cases(fenced.body[0])
        if fenced.opening == fenced.closing == "|":
            return self.form("absolute", body=self.row(fenced.body))
        opening, closing = (
            self.word("signs", sign.removeprefix("\\")) if sign != "." else ""
            for sign in (fenced.opening, fenced.closing)
        )
        return f"{opening} {self.row(fenced.body)} {closing}".strip()

    def _cases(self, matrix: Matrix) -> str:
        said = [
            self.form("case", number=number, cells=self._cells(cells))
            for number, cells in enumerate(matrix.rows, start=1)
        ]
        return self.form("cases", count=len(said), body=self.form("between_rows").join(said))

    def _cells(self, cells: tuple[Row, ...]) -> str:
        return self.form("between_cells").join(map(self.row, cells))

    def matrix(self, matrix: Matrix) -> str:
        """Row by row, with its size; a single column or row by its cells alone."""
        rows, columns = len(matrix.rows), max(map(len, matrix.rows))
        if matrix.name == "vmatrix" or min(rows, columns) > 1 or rows == columns:
            said = [
                self.form("matrix_row", number=number, cells=self._cells(cells))
                for number, cells in enumerate(matrix.rows, start=1)
            ]
            kind = "determinant" if matrix.name == "vmatrix" else "matrix"
            return self.form(
                kind, rows=rows, columns=columns, body=self.form("between_rows").join(said)
            )
        cells = tuple(cell for row in matrix.rows for cell in row)
        return self.form(
            "column" if columns == 1 else "row", rows=rows, columns=columns, body=self._cells(cells)
        )

    def lines(self, lines: Aligned | Lines) -> str:
        """The rows of a chain one after the other; each begins with its own relation."""
        rows = [
            tuple(box for cell in row for box in cell) if type(lines) is Aligned else row
            for row in lines.rows
        ]
        return self.form("between_lines").join(filter(None, map(self.row, rows)))


RULES: dict[type[Box], Callable] = {
    Glyph: Speaker.glyph,
    Words: Speaker.text,
    Scripts: Speaker.scripts,
    Fraction: Speaker.fraction,
    Marked: Speaker.marked,
    Fenced: Speaker.fenced,
    Matrix: Speaker.matrix,
    Aligned: Speaker.lines,
    Lines: Speaker.lines,
}


# ---- what stands beside what
# ------------------------------------------------------------------------


def _sign(box: Box | None) -> str:
    """The sign of a glyph as Unicode has it, `ln` of a function; empty for any other box."""
    return SIGNS.get(box.tex, box.tex).removeprefix("\\") if type(box) is Glyph else ""


def _begins(before: Row) -> bool:
    r"""Whether something begins behind these boxes, so that a minus there is the sign of a number;
    in a row that goes on (`\quad - b`) none does."""
    if not before or before[-1] in WIDE:
        return len(before) != 1
    return _sign(before[-1]) in BINARY or _sign(before[-1]) in OPENING


def _is_function(box: Box) -> bool:
    """A named function, with its powers: what is known to take the bracket behind it."""
    if type(box) is Scripts:
        return len(box.base) == 1 and _is_function(box.base[0])
    sign = _sign(box)
    if sign:
        return box.tex[0] == "\\" and (
            sign == "σ" or sign.isascii() and len(sign) > 1 and sign.isalpha()
        )
    return (
        type(box) is Words
        and len(box.text) > 1
        and box.text.isalpha()
        or type(box) is Marked
        and box.command == r"\mathrm"
        and len(box.body) > 1
    )


def _is_operator(box: Box) -> bool:
    r"""`\frac{d}{dx}`, before what is differentiated."""
    return (
        type(box) is Fraction
        and len(box.over) == 1
        and _sign(box.over[0]) in BARE
        and _is_one(box.under)
    )


def _argument(row: Row) -> tuple[Row, int] | None:
    """What stands in the brackets with which a row begins, and how many boxes they take."""
    if row and type(row[0]) is Fenced and row[0].opening in OPENING:
        return row[0].body, 1
    closing, level = OPENING.get(_sign(row[0]) if row else ""), 0
    if closing is None:
        return None
    for at, box in enumerate(row):
        has_power = type(box) is Scripts
        sign = _sign(box.base[-1] if has_power and box.base else box)
        level += (sign in OPENING) - (sign in CLOSING)
        if not level:
            return None if has_power else (row[1:at], at + 1)
    return None


def _bracketed(row: Row) -> Row:
    """What stands in brackets that are all of a row; empty where they are not."""
    found = _argument(row)
    return found[0] if found and found[1] == len(row) else ()


def _joins(row: Row) -> bool:
    """Whether a row begins with a factor, which without a sign would be heard as a part of what is
    before it."""
    if not row or type(row[0]) is not Glyph:
        return bool(row)
    sign = _sign(row[0])
    return row[0].tex not in SPACES and (
        sign not in BINARY and sign not in CLOSING and sign not in "+−.!?%|‖…⋯⋮⋱"
    )


def _is_short(fraction: Fraction) -> bool:
    return _is_one(fraction.over) and _is_one(fraction.under)


def _is_one(row: Row) -> bool:
    """One factor: a number, a letter, a word, with an accent or simple scripts; or a derivative's
    part, `dz`."""
    row = tuple(box for box in row if not (type(box) is Glyph and box.tex in SPACES))
    if len(row) == 2 and _sign(row[0]) in LEADING:
        row = row[1:]
    return len(row) == 1 and _is_atom(row[0])


def _is_atom(box: Box) -> bool:
    if type(box) is Glyph:
        sign = _sign(box)
        return (
            sign[0].isalnum()
            or sign in LEADING
            or sign in ("∞", "ℓ", "…")
            or len(sign) > 1
            and sign[0] == "."
        )
    if type(box) is Marked:
        return (
            is_blank(box)
            or (box.command in ACCENTS or box.command in FOUNTS or box.command == "{}")
            and (_is_one(box.body) or box.command in FOUNTS)
        )
    if type(box) is Scripts:
        is_plain_above = (
            not box.above
            or all(each == PRIME for each in box.above)
            or box.above in TRANSPOSED
            or box.above in SHORT
            or _is_one(_bracketed(box.above))
        )
        return (
            len(box.base) == 1
            and _is_atom(box.base[0])
            and (not box.below or _is_one(box.below))
            and is_plain_above
        )
    return type(box) is Words

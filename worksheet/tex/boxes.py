r"""TeX -> boxes: how a formula stands on the page, piece by piece and in its order; nothing is
worked out.

    \frac{\partial L}{\partial w_o}   ->   Fraction((∂, L), (∂, Scripts(w, below=o)))

`texreader` reads what a formula means; this reads how it looks, for pages that are not set by TeX.
It knows a closed list of constructions and refuses every other by name, with the place: a formula
is set exactly, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..errors import ReadError, caret
from .lexer import LONGEST

DEEPEST = 40
ACCENTS = frozenset(
    [
        r"\hat",
        r"\bar",
        r"\tilde",
        r"\vec",
        r"\dot",
        r"\overline",
        r"\widehat",
        r"\boxed",
        r"\underline",
    ]
)
FOUNTS = frozenset(
    [r"\mathrm", r"\mathbf", r"\mathcal", r"\mathbb", r"\boldsymbol", r"\mathsf", r"\mathit"]
)
WORDS = frozenset([r"\text", r"\textrm", r"\mbox", r"\operatorname"])
MATRICES = {"matrix": ("", ""), "bmatrix": ("[", "]"), "pmatrix": ("(", ")"), "vmatrix": ("|", "|")}
ALIGNED = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "gathered",
        "gather",
        "gather*",
        "split",
        "equation",
        "equation*",
        "multline",
        "multline*",
        "flalign",
        "flalign*",
    ]
)
FRACTIONS = frozenset([r"\frac", r"\dfrac", r"\tfrac"])
# taken for what they arrange, which is ours to arrange
LAYOUT = frozenset(
    [r"\displaystyle", r"\textstyle", r"\limits", r"\nonumber", r"\notag", r"\strut", r"\mathstrut"]
)

_TOKEN = re.compile(
    r"(?P<space>\s+|~)|(?P<row>\\\\(?:\s*\[\s*(?P<gap>[\d.]+)em\s*\])?)|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<mark>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Glyph:
    r"""One sign, as TeX spells it: a letter, a whole number, `\alpha`, `+`, `\quad`."""

    tex: str


@dataclass(frozen=True, slots=True)
class Words:
    r"""Upright text: `\text{Loss}`; `command` says whether it is an operator's name."""

    command: str
    text: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with what stands below and above it; an empty tuple where nothing does."""

    base: Row
    below: Row
    above: Row


@dataclass(frozen=True, slots=True)
class Fraction:
    """What stands over a line and under it; `command` is one of FRACTIONS."""

    command: str
    over: Row
    under: Row


@dataclass(frozen=True, slots=True)
class Marked:
    r"""A command and its one argument: an accent, a fount, a root."""

    command: str
    body: Row


@dataclass(frozen=True, slots=True)
class Fenced:
    r"""`\left( ... \right)`: brackets as tall as what they hold."""

    opening: str
    body: Row
    closing: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of cells within brackets; on a slide one of them, from 1, may be shaded, with a label
    below all."""

    name: str
    rows: tuple[tuple[Row, ...], ...]
    shaded: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Rows of cells that line up; it is a whole display by itself."""

    rows: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """One row in several lines, below each other (`tex/line_breaking.py`); TeX has no such thing."""

    rows: tuple[Row, ...]


Box = Glyph | Words | Scripts | Fraction | Marked | Fenced | Matrix | Aligned | Lines
Row = tuple[Box, ...]


def is_blank(box: Marked) -> bool:
    """An underlined space: a place to write."""
    return box.command == r"\underline" and set(box.body) <= {Glyph(r"\quad"), Glyph(r"\qquad")}


@lru_cache(maxsize=4096)
def boxes(tex: str) -> Row:
    """The boxes of a formula. Raises ReadError with the place of the first thing that is not known."""
    if len(tex) > LONGEST:
        raise ReadError(
            f"a formula of {len(tex)} characters is too long to set", hint=f"at most {LONGEST}"
        )
    reader = Boxes(tex)
    row = reader.row(frozenset())
    if reader.kind != "end":
        reader.refuse(f"'{reader.text}' was not expected here")
    if len(row) > 1 and any(isinstance(box, Aligned) for box in row):
        raise ReadError(
            "aligned rows beside something else cannot be set",
            hint="make them a display of their own",
        )
    return row


class Boxes:
    """The tokens of one formula; `kind` and `text` are those of the token in view."""

    def __init__(self, tex: str):
        self.tex, self.at, self.depth = tex, -1, 0
        self.found = [match for match in _TOKEN.finditer(tex) if match.lastgroup != "space"]
        self.advance()

    def advance(self) -> str:
        """Go to the next token; the text of the one that was in view."""
        text = self.text if self.at >= 0 else ""
        self.at += 1
        match = self.found[self.at] if self.at < len(self.found) else None
        self.kind, self.text = (
            ("row" if match["row"] else match.lastgroup, match[0]) if match else ("end", "")
        )
        return text

    def place(self) -> int:
        """Where the token in view begins in the formula, from 0; at the end, behind the last
        sign."""
        return self.found[self.at].start() if self.at < len(self.found) else len(self.tex.rstrip())

    def refuse(self, message: str, hint: str = ""):
        """Raises ReadError at the token in view, with the formula and a caret below it."""
        shown = caret(self.tex, self.place())
        raise ReadError(
            message, f"character {self.place() + 1}", f"{hint}\n        {shown}" if hint else shown
        )

    def row(self, ends: frozenset[str]) -> Row:
        """Boxes up to a token in `ends` (which stays in view), `&`, a row's end, or a bracket that
        closes."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse("the formula is nested too deeply")
        found: list[Box] = []
        while (
            self.kind not in ("end", "row")
            and self.text not in ("}", "&", r"\right", r"\end")
            and self.text not in ends
        ):
            if self.text in LAYOUT:
                self.advance()
            elif self.text in ("^", "_", "'"):
                found.append(self.scripts(found.pop() if found else None))
            else:
                found += self.atom()
        self.depth -= 1
        return tuple(found)

    def scripts(self, base: Box | None) -> Scripts:
        """What stands below and above a base: `_`, `^` and primes. Raises ReadError for two at one
        place, and for scripts on nothing."""
        if isinstance(base, Scripts) and not base.base:
            self.refuse("there are scripts on nothing here")
        below = above = ()
        while self.text in ("^", "_", "'"):
            mark = self.advance()
            if mark == "'":
                above += (Glyph("'"),)
            elif mark == "^" and (not above or all(box == Glyph("'") for box in above)):
                above += self.argument()
            elif mark == "_" and not below:
                below = self.argument()
            else:
                self.refuse(
                    "two scripts stand at one place", "put the first in braces with its base"
                )
        if base is None:
            self.refuse("a script stands on nothing")
        whole = base.body if isinstance(base, Marked) and base.command == "{}" else (base,)
        return Scripts(whole, below, above)

    def argument(self) -> Row:
        """What a command or a script takes: a group, or one sign (of a number its first digit)."""
        if self.text == "{":
            return self.group()
        if self.kind == "number" and len(self.text) > 1:
            self.refuse(
                f"only the first digit of '{self.text}' belongs to what is before it",
                "put it in braces",
            )
        if self.kind in ("end", "row") or self.text in ("}", "&", "^", "_", "["):
            self.refuse("an argument is missing here")
        return tuple(self.atom())

    def group(self) -> Row:
        """`{...}`: the boxes within. Raises ReadError where it is not closed."""
        self.advance()
        inside = self.row(frozenset())
        if self.text != "}":
            self.refuse("a brace is not closed")
        self.advance()
        return inside

    def atom(self) -> list[Box]:
        """The boxes of the token in view with its arguments; none for an empty group."""
        text = self.text
        if text == "{":
            inside = self.group()
            return [Marked("{}", inside)] if inside else []
        if text in FRACTIONS:
            self.advance()
            return [Fraction(text, self.argument(), self.argument())]
        if text in ACCENTS or text in FOUNTS or text == r"\sqrt":
            self.advance()
            return [Marked(text, self.argument())]
        if text in WORDS:
            return [Words(text, self.words())]
        if text == r"\left":
            return [self.fenced()]
        if text == r"\begin":
            return [self.environment()]
        self.advance()
        return [Glyph(text)]

    def words(self) -> str:
        """The characters in the braces behind a command for text; no formula, no command within."""
        self.advance()
        match = (
            re.compile(r"\{([^{}\\$#^_%&]*)\}").match(self.tex, self.place())
            if self.text == "{"
            else None
        )
        if match is None:
            self.refuse("only plain words can stand in text here")
        while self.at < len(self.found) and self.place() < match.end():
            self.advance()
        return match[1]

    def fenced(self) -> Fenced:
        r"""`\left( ... \right)`. Raises ReadError where it is not closed."""
        self.advance()
        opening = self.advance()
        body = self.row(frozenset())
        if self.text != r"\right":
            self.refuse(r"'\left' has no '\right'")
        self.advance()
        return Fenced(opening, body, self.advance())

    def environment(self) -> Matrix | Aligned | Fenced:
        r"""`\begin{...} ... \end{...}`; cases are a matrix behind a brace. Raises ReadError for one
        that is not known or not closed."""
        name = self.name()
        if name not in MATRICES and name not in ALIGNED and name != "cases":
            self.refuse(
                f"the environment '{name}' is not known",
                f"known: aligned, gathered, cases, {', '.join(MATRICES)}",
            )
        rows, cells = [], []
        while True:
            cells.append(self.row(frozenset()))
            if self.kind == "row" or self.text == r"\end":
                if any(cells) or self.kind == "row":
                    rows.append(tuple(cells))
                cells = []
                if self.kind != "row":
                    break
            elif self.text != "&":
                self.refuse(f"the environment '{name}' is not closed")
            self.advance()
        if self.name() != name:
            self.refuse(f"'{name}' ends as something else")
        if name == "cases":
            return Fenced(r"\{", (Matrix("matrix", tuple(rows)),), ".")
        return Matrix(name, tuple(rows)) if name in MATRICES else Aligned(tuple(rows))

    def name(self) -> str:
        r"""The word in braces behind `\begin` or `\end`. Raises ReadError where there is none."""
        self.advance()
        match = re.compile(r"\{([a-zA-Z]+\*?)\}").match(self.tex, self.place())
        if match is None:
            self.refuse("the name of an environment is missing here")
        while self.at < len(self.found) and self.place() < match.end():
            self.advance()
        return match[1]

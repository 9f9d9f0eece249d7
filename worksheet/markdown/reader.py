r"""The one reader of Markdown: the formulas of a document, in page order, each with its place.

A formula stands between dollars, paired as pandoc pairs them, in a fence ```math, or as TeX has it:
`\( \)`, `\[ \]`, a bare environment such as `align`. What Markdown does not know is given dollars
(`in_dollars`) before a page is written, so that every format sets what the proofs read. Code, HTML
and its comments, targets of links and `\$` are passed over. Block structure is that of
`markdown/leaves.py`, the inside of a line that of `markdown/spans.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from .block_signs import without_definitions
from .leaves import Leaf, leaves
from .spans import ARRANGED, Span, label_of, spans

# what is left of a command when a program wrote "\frac" outside a raw string: the control character
# and the
# rest of the name; some viewers drop the control character too, and where the rest is no word we
# know it again
_LOST = {"\a": "a", "\b": "b", "\f": "f", "\r": "r", "\t": "t", "\v": "v"}
_RESTS = (
    r"rac(?=\s*\{)|lpha|pprox|egin(?=\s*\{)|eta|ar(?=\s*\{)|oldsymbol|ight|ho|ext(?=\s*\{)|imes|anh|heta|"
    r"ec(?=\s*\{)"
)
_DAMAGED = re.compile(rf"([\a\b\f\r\t\v])({_RESTS})(?![A-Za-z])")
_BARE = re.compile(r"[rel](?<![\\A-Za-z].)(?:(?<=r)ac(?=\{)|(?<=e)gin(?=\{)|(?<=l)pha(?![A-Za-z]))")
_FIRST = {"rac": "f", "egin": "b", "lpha": "a"}
_MARKS = re.compile(r"[$`\\<\[]")  # without one of them, words are only words
_DISPLAY = re.compile(
    r"\$\$((?:[^${}\\]|\\.|\{(?:[^${}\\]|\\.|\{(?:[^${}\\]|\\.|\{(?:[^${}\\]|\\.)*+\})*+\})*+\})*+)\$\$",
    re.DOTALL,
)
_CODE = re.compile(
    r"(`+)(?!`)((?:(?!(?<!`)\1(?!`)).)+)(?<!`)\1", re.DOTALL
)  # nothing but one code span
_SAYS = re.compile(r"[=<>]|\\[A-Za-z]+")  # what stands between dollars that shall be a formula


class Formula(NamedTuple):
    r"""The TeX of a formula, and the line of the document on which it begins (from 1). `start` and
    `end` are where it stands in the document, what marks it as one included; `written` says what
    that is: `$`, `$$`, `\(`, `\[`, `\begin` or ```` ``` ````."""

    tex: str
    line: int
    is_display: bool
    written: str = "$"
    start: int = 0
    end: int = 0

    def line_of(self, start: int) -> int:
        """The line of the document that shows character `start` of the TeX."""
        return self.line + self.tex.count("\n", 0, start)


class Stray(NamedTuple):
    r"""What is left open: dollars and a `\begin` that mark no formula although they look like it, a
    comment, a fence. The line, what stands there, and why it is open."""

    line: int
    text: str
    why: str

    @property
    def is_inline(self) -> bool:
        """Single dollars, which may be money; all others hide or show what comes after them, each
        format in its own way."""
        return self.text.startswith("$") and not self.text.startswith("$$")


MANY = 1000  # times that a footnote is set, if those that call it are set many times themselves
LONE = "a dollar before or within it is left open (one of money is \\$), or a brace, or a line ends behind it"


@dataclass(frozen=True, slots=True)
class Document:
    """What a document holds. `hidden`: where code and comments stand, as (start, end). `endless`:
    the footnotes that lead back to themselves, as (label, line); they could be set without end.
    `many`: those that other footnotes call so often that they would be set many times."""

    formulas: tuple[Formula, ...]
    strays: tuple[Stray, ...]
    hidden: tuple[tuple[int, int], ...]
    endless: tuple[tuple[str, int], ...] = ()
    many: tuple[tuple[str, int], ...] = ()


@lru_cache(maxsize=4)  # one proof after the other asks for those of a page
def formulas(markdown: str) -> tuple[Formula, ...]:
    """Every formula of the document, from top to bottom, lost backslashes repaired."""
    return document(repaired(markdown)).formulas


@lru_cache(maxsize=4)
def document(markdown: str) -> Document:
    """The document as it stands."""
    found = leaves(markdown)
    links: set[str] = set()
    texts: list[tuple[Leaf, str, int]] = []  # a leaf, its text, and how much of it is no words
    for leaf in found:
        text = "\n".join([row[2] for row in leaf.rows])
        labels, rest = (
            without_definitions(text)
            if text.startswith("[") and leaf.kind == "words"
            else ((), text)
        )
        links.update(map(label_of, labels))
        texts.append((leaf, text, len(text) - len(rest)))
    called: dict[str, Counter[str]] = {}  # by each footnote, and by the text of the page ("")
    read = [
        (
            leaf,
            text,
            _spans(
                leaf,
                text,
                skipped,
                links,
                called.setdefault(label_of(leaf.note[0]) if leaf.note else "", Counter()),
            ),
        )
        for leaf, text, skipped in texts
    ]
    noted = set().union(*called.values())
    shown, strays, hidden = [], [], []
    notes: dict[str, int] = {}
    for leaf, text, inside in read:
        if leaf.note:
            label, line = label_of(leaf.note[0]), leaf.note[1]
            if (
                label not in noted or notes.setdefault(label, line) != line
            ):  # nothing leads to it, or to another of that name
                continue
        if not inside and not leaf.is_open and leaf.kind in ("words", "head", "cell"):
            continue
        place = _Place(leaf)
        if leaf.kind == "math":
            body = text[1:]
            if body.strip():
                shown.append(
                    Formula(body, leaf.rows[1][0], True, "```", *place.range(0, len(text)))
                )
        elif leaf.kind == "code" or leaf.kind == "html" and text.startswith("<!--"):
            end = text.find("-->") + 3 if leaf.kind == "html" else 0
            hidden.append(place.range(0, end if end > 2 else len(text)))
        if leaf.is_open:
            strays.append(Stray(leaf.rows[0][0], leaf.fence or "<!--", "nothing closes it"))
        for span in inside:
            if span.kind in ("inline", "display"):
                shown.append(_formula(leaf, text, span, place))
            elif span.kind == "open":
                strays += _stray(text, span, place)
            elif span.kind == "code" or span.written == "<!--":
                hidden.append(place.range(span.start, span.end))
    return Document(
        tuple(shown),
        tuple(strays),
        tuple(hidden),
        tuple((label, line) for label, line in notes.items() if _leads_back(label, called)),
        tuple(
            (label, notes[label])
            for label, times in _times(called).items()
            if label in notes and times - called[""][label] >= MANY
        ),
    )


def _times(called: dict[str, Counter[str]]) -> dict[str, int]:
    """How often each footnote is set, a milliard times at most: whoever calls it is set so often
    itself."""
    found, waiting = (
        Counter({"": 1}),
        Counter(label for calls in called.values() for label in calls),
    )
    ready = [label for label in {"": None, **called} if not waiting[label]]
    while ready:
        one = ready.pop()
        for label, count in called.get(one, {}).items():
            found[label] = min(10**9, found[label] + count * found[one])
            waiting[label] -= 1
            if not waiting[label]:
                ready.append(label)
    return found


def _leads_back(label: str, called: dict[str, Counter[str]]) -> bool:
    """Whether a footnote calls itself, or one that does in the end."""
    seen, ahead = set(), [*called[label]]
    while ahead:
        if (one := ahead.pop()) not in seen:
            seen.add(one)
            ahead += called.get(one, ())
    return label in seen


def _spans(leaf: Leaf, text: str, skipped: int, links: set[str], noted: set[str]) -> list[Span]:
    if leaf.kind not in ("words", "head", "cell") or not _MARKS.search(text):
        return []
    if text.startswith("$$") and (match := _DISPLAY.fullmatch(text)):  # most formulas of most pages
        return [Span("display", "$$", 0, 2, match.end(1), match.end())]
    return spans(" " * skipped + text[skipped:], links, noted)


class _Place:
    """From a place in the text of a leaf to the line, and to the place in the document."""

    def __init__(self, leaf: Leaf):
        self.rows, self.starts = leaf.rows, []
        at = 0
        for _, _, text in leaf.rows:
            self.starts.append(at)
            at += len(text) + 1

    def row(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def line(self, at: int) -> int:
        return self.rows[self.row(at)][0]

    def offset(self, at: int) -> int:
        row = self.row(at)
        return self.rows[row][1] + at - self.starts[row]

    def range(self, start: int, end: int) -> tuple[int, int]:
        return self.offset(start), self.offset(end - 1) + 1 if end > start else self.offset(start)


def _formula(leaf: Leaf, text: str, span: Span, place: _Place) -> Formula:
    tex = text[span.inner : span.outer]
    if leaf.kind == "cell":
        tex = tex.replace("\\|", "|")
    if span.written == "$" and (code := _CODE.fullmatch(tex)):  # GitHub's $`x`$
        tex = code[2]
    return Formula(
        tex,
        place.line(span.inner),
        span.kind == "display",
        span.written,
        *place.range(span.start, span.end),
    )


def _stray(text: str, span: Span, place: _Place) -> list[Stray]:
    """What an open dollar says; nothing if it is one of money."""
    said = text[span.inner : span.outer]
    if span.written in ("$", "\\(", "\\[") and not _SAYS.search(said):
        return []
    why = {
        "$": "a space stands behind the first dollar, or before the last",
        "$$": "no $$ closes it in the same paragraph",
        "<!--": "no --> closes it in the same paragraph",
        "\\(": LONE,
        "\\[": LONE,
        "\\begin": LONE,
    }.get(span.written, "no \\end closes it in the same paragraph")
    return [Stray(place.line(span.start), " ".join(text[span.start : span.end].split())[:60], why)]


def in_dollars(markdown: str) -> str:
    r"""The document with dollars around what only TeX knows as a formula: `\[ x \]`, `\( x \)`, a
    bare environment. No line is added."""
    found = [formula for formula in document(markdown).formulas if formula.written.startswith("\\")]
    for formula in reversed(found):
        inside = markdown[formula.start : formula.end]
        if formula.written == "\\begin":
            inside = f"$${_arranged(inside)}$$"
        elif formula.written == "\\[":
            inside = f"$${inside[2:-2]}$$"
        else:
            inside = f"${inside[2:-2].strip()}$"
        markdown = markdown[: formula.start] + inside + markdown[formula.end :]
    return markdown


def _arranged(tex: str) -> str:
    """An environment as it may stand between dollars: `align` is `aligned`, whose rows have no
    numbers."""
    name = tex[7 : tex.index("}")]
    within = ARRANGED.get(name.rstrip("*"))
    if within is None:
        return tex
    body = tex[len(name) + 8 : -len(name) - 6]
    if name.startswith("alignat"):
        body = re.sub(r"^\s*\{\d+\}", "", body)
    return f"\\begin{{{within}}}{body}\\end{{{within}}}" if within else body


def repaired(text: str) -> str:
    r"""`rac{1}{2}`, with or without a form feed before it, is `\frac{1}{2}`. No line is added or
    taken away."""
    text = _DAMAGED.sub(lambda match: "\\" + _LOST[match[1]] + match[2], text)
    return _BARE.sub(lambda match: "\\" + _FIRST[match[0]] + match[0], text)


def words_only(markdown: str) -> str:
    """The document with its formulas, code and comments left empty, line by line."""
    read = document(markdown)
    parts, at = [], 0
    for start, end in sorted([*[(each.start, each.end) for each in read.formulas], *read.hidden]):
        if start >= at:
            parts += [markdown[at:start], re.sub(r"[^\n]", " ", markdown[start:end])]
            at = end
    return "".join([*parts, markdown[at:]])

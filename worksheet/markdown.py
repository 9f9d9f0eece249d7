r"""The formulas of a Markdown document, in page order, each with its place.

Display `$$...$$`, inline `$...$` and ```math fences; other code, HTML comments and `\$` are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_OPENING = re.compile(r"[$`~<\\]")  # nothing of interest begins with another character
_PIECE = re.compile(r"""
    (?<![^\n\ ])(?P<fence>`{3,}|~{3,})[ ]*(?P<language>[^\n`]*)\n(?P<code>.*?)(?:^[ ]*(?P=fence)[`~]*[ ]*$|\Z)
  | <!--.*?(?:-->|\Z)
  | \\.
  | \$\$(?P<display>(?:[^$\\]|\\.)++)(?:\$\$?|\Z)
  | \$(?P<inline>(?:[^$\\\n]|\\[^\n]|\n(?![ \t]*(?:\n|\Z)))++)(?:\$|\Z)
  | (?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=ticks)(?!`)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

# what is left of a command when a program wrote "\frac" outside a raw string: the control character and the
# rest of the name; some viewers drop the control character too, and where the rest is no word we know it again
_LOST = {"\a": "a", "\b": "b", "\f": "f", "\r": "r", "\t": "t", "\v": "v"}
_RESTS = (r"rac(?=\s*\{)|lpha|pprox|egin(?=\s*\{)|eta|ar(?=\s*\{)|oldsymbol|ight|ho|ext(?=\s*\{)|imes|anh|heta|"
          r"ec(?=\s*\{)")
_DAMAGED = re.compile(rf"([\a\b\f\r\t\v])({_RESTS})(?![A-Za-z])")
_BARE = re.compile(r"(?<![\\A-Za-z])(?:rac(?=\{)|egin(?=\{)|lpha(?![A-Za-z]))")
_FIRST = {"rac": "f", "egin": "b", "lpha": "a"}


@dataclass(frozen=True, slots=True)
class Formula:
    """The TeX between the dollars, and the line of the document on which it begins (from 1)."""

    tex: str
    line: int
    is_display: bool

    def line_of(self, start: int) -> int:
        """The line of the document that shows character `start` of the TeX."""
        return self.line + self.tex.count("\n", 0, start)


@lru_cache(maxsize=1)      # one proof after the other asks for those of a page
def formulas(markdown: str) -> tuple[Formula, ...]:
    """Every formula of the document, from top to bottom, lost backslashes repaired."""
    return tuple(_found(repaired(markdown)))


def _found(markdown: str) -> Iterator[Formula]:
    line, counted, at = 1, 0, 0
    while opening := _OPENING.search(markdown, at):
        match = _PIECE.match(markdown, opening.start())
        if match is None:
            at = opening.end()
            continue
        at = match.end()
        kind = match.lastgroup
        if kind in ("display", "inline") or kind == "code" and match["language"].strip() == "math":
            start = match.start(kind)
            line, counted = line + markdown.count("\n", counted, start), start
            yield Formula(match[kind], line, kind != "inline")


def repaired(text: str) -> str:
    r"""`rac{1}{2}`, with or without a form feed before it, is `\frac{1}{2}`. No line is added or taken away."""
    text = _DAMAGED.sub(lambda match: "\\" + _LOST[match[1]] + match[2], text)
    return _BARE.sub(lambda match: "\\" + _FIRST[match[0]] + match[0], text)


def words_only(markdown: str) -> str:
    """The document with its formulas, code and comments left empty, line by line."""
    return _PIECE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)

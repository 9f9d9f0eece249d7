r"""What stands inside the text of a leaf: formulas, code, HTML, the targets of links; from left to
right, as CommonMark has it.

    the sum $2 + 3$, `$code$`, \$5          ->  a formula, a code span
    \( 2 + 3 \), \[ 2 + 3 \], \begin{align} 2 + 3 &= 5 \end{align}      formulas too, which Markdown does not know

A dollar opens a formula if no space follows, and the next dollar at the same depth of braces closes
it if no space stands before it; two dollars open a display that two close (pandoc's
`tex_math_dollars`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from .block_signs import TAG

_SPECIAL = re.compile(r"[$`\\<\[\]]")
_DEPTH = re.compile(r"\\.|[${}]", re.DOTALL)
_FLAT = re.compile(
    r"\$(?:[^${}\\]|\\.|\{(?:[^${}\\]|\\.|\{(?:[^${}\\]|\\.)*+\})*+\})*+\$", re.DOTALL
)  # of a dollar and the next one, most formulas
_TICKS = re.compile(r"`+")
_AUTOLINK = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+)>", re.ASCII
)
_TAG = re.compile(TAG)
_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>"}
_TARGET = re.compile(
    r"\(\s*(?:<(?:[^<>\n\\]|\\.){0,2000}>|(?:[^\s()\\<]|\\.|\((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.){0,500}\)){0,500}\)){0,2000})"
    r"(?:\s+(?:\"(?:[^\"\\]|\\.){0,2000}\"|'(?:[^'\\]|\\.){0,2000}'|\((?:[^()\\]|\\.){0,2000}\)))?\s*\)",
    re.DOTALL,
)
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999})\]", re.DOTALL)
_NOTE = re.compile(r"\[\^((?:[^\[\]\\\n]|\\.){1,999})\]")
# environments that TeX takes for a formula by themselves, each with what a formula between dollars
# has for it; the others stay as they are
ARRANGED = {
    **dict.fromkeys(("align", "flalign", "eqnarray", "alignat", "split"), "aligned"),
    **dict.fromkeys(("gather", "multline"), "gathered"),
    "equation": "",
}
ENVIRONMENTS = "align aligned alignat alignedat gather gathered equation multline eqnarray flalign split cases array matrix bmatrix pmatrix Bmatrix vmatrix"
_BEGIN = re.compile(rf"\\begin\{{((?:{ENVIRONMENTS.replace(' ', '|')})\*?)\}}")


class Span(NamedTuple):
    """`kind`: inline, display, code, html, target; open, for dollars that open nothing. `written`:
    what it is between, `$`, `$$`, `\\(`, `\\[` or `\\begin`. Its text goes from `start` to `end`,
    what is inside it from `inner` to `outer`."""

    kind: str
    written: str
    start: int
    inner: int
    outer: int
    end: int


def spans(text: str, links: Collection[str] = (), noted: Counter[str] | None = None) -> list[Span]:
    """The spans of a text. `links`: the labels that are defined on the page; those of the footnotes
    that are called go into `noted`."""
    return _Scan(text, links, noted).found


class _Scan:
    """One text, read from left to right."""

    def __init__(self, text: str, links: Collection[str], noted: Counter[str] | None):
        self.text, self.links, self.noted = text, links, noted
        self.found: list[Span] = []
        self.closers: dict[int, int] | None = None
        self.ticks: dict[int, list[int]] | None = None
        self.missing: set[str] = set()  # ends that stand nowhere behind here
        self.brackets: list[
            tuple[int, bool, bool]
        ] = []  # open ones: where, of an image, may be a link
        self.lone = len(text)  # the first dollar that neither opens nor closes a formula
        at = 0
        while match := _SPECIAL.search(text, at):
            at = self.RULES[match[0]](self, match.start())
        if self.lone < len(
            text
        ):  # it would pair with one of those that are put around what TeX has
            self.found = [
                span._replace(kind="open")
                if span.written[0] == "\\" and span.start > self.lone
                else span
                for span in self.found
            ]

    def add(self, kind: str, written: str, start: int, inner: int, outer: int, end: int) -> int:
        self.found.append(Span(kind, written, start, inner, outer, end))
        return end

    # ---- formulas -------------------------------------------------------------------------------

    def dollar(self, at: int) -> int:
        text = self.text
        if text.startswith("$$", at):
            closer = self.closer(at + 1)
            if closer >= 0 and text.startswith("$", closer + 1):
                return self.add("display", "$$", at, at + 2, closer, closer + 2)
            self.add("open", "$$", at, at + 2, at + 2, at + 2)
            return self.alone(at)
        closer = self.closer(at)
        if closer < 0:
            return self.alone(at)
        if text[at + 1] in " \t\n" or text[closer - 1] in " \t\n":
            self.add("open", "$", at, at + 1, closer, closer + 1)
            return self.alone(at)
        return self.add("inline", "$", at, at + 1, closer, closer + 1)

    def alone(self, at: int) -> int:
        self.lone = min(self.lone, at)
        return at + 1

    def closer(self, at: int) -> int:
        """The dollar that closes the one at a place; -1 for none."""
        flat = _FLAT.match(self.text, at)
        return flat.end() - 1 if flat else self.closing().get(at, -1)

    def closing(self) -> dict[int, int]:
        """For each dollar the next one at the same depth of braces, if the braces between them are
        balanced."""
        if self.closers is None:
            self.closers, last = {}, [None]
            for match in _DEPTH.finditer(self.text):
                sign, at = match[0], match.start()
                if sign == "$":
                    if last[-1] is not None:
                        self.closers[last[-1]] = at
                    last[-1] = at
                elif sign == "{":
                    last.append(None)
                elif sign == "}":
                    if len(last) > 1:
                        last.pop()
                    else:
                        last[-1] = None
        return self.closers

    def backslash(self, at: int) -> int:
        sign = self.text[at + 1 : at + 2]
        if sign in "([" and sign:
            closer = self.behind("\\)" if sign == "(" else "\\]", at + 2)
            if closer >= 0 and self.text[at + 2 : closer].strip():
                inside = self.text[at + 2 : closer].strip(" \t")
                is_whole = self.may_stand(at + 2, closer) and (
                    sign == "[" or inside == inside.strip()
                )  # no line ends behind a dollar
                kind = "open" if not is_whole else "inline" if sign == "(" else "display"
                self.add(kind, f"\\{sign}", at, at + 2, closer, closer + 2)
                return closer + 2 if is_whole else at + 2
        elif sign == "b" and (begin := _BEGIN.match(self.text, at)):
            closer = self.behind(f"\\end{{{begin[1]}}}", begin.end())
            if closer >= 0:
                end, is_whole = closer + len(begin[1]) + 6, self.may_stand(begin.end(), closer)
                self.add("display" if is_whole else "open", "\\begin", at, at, end, end)
                return end if is_whole else begin.end()
            self.add("open", begin[0], at, at, begin.end(), begin.end())
        return at + (2 if sign and sign in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n" else 1)

    def may_stand(self, start: int, end: int) -> bool:
        """Whether this may stand between dollars: braces in pairs, no dollar outside of them, no
        backslash at its end, and something."""
        depth = 0
        for match in _DEPTH.finditer(self.text, start, end):
            depth += (match[0] == "{") - (match[0] == "}")
            if depth < 0 or match[0] == "$" and not depth:
                return False
        inside = self.text[start:end].strip()
        return not depth and bool(inside) and (len(inside) - len(inside.rstrip("\\"))) % 2 == 0

    def behind(self, end: str, at: int) -> int:
        """Where the next `end` stands whose backslash is none of a pair; -1 for none."""
        if end in self.missing:
            return -1
        found = self.text.find(end, at)
        while found > at and (found - len(self.text[at:found].rstrip("\\")) - at) % 2:
            found = self.text.find(end, found + 1)
        if found < 0:
            self.missing.add(end)
        return found

    # ---- what hides dollars ---------------------------------------------------------------------

    def tick(self, at: int) -> int:
        if self.ticks is None:
            self.ticks = {}
            for match in _TICKS.finditer(self.text):
                self.ticks.setdefault(len(match[0]), []).append(match.start())
            for places in self.ticks.values():
                places.reverse()
        length = _TICKS.match(self.text, at).end() - at
        places = self.ticks.get(length, [])
        while places and places[-1] <= at:
            places.pop()
        if not places:
            return at + length
        return self.add("code", "`", at, at + length, places[-1], places[-1] + length)

    def angle(self, at: int) -> int:
        for opening, ending in _ENDS.items():
            if self.text.startswith(opening, at):
                if opening == "<!--" and self.text.startswith((">", "->"), at + 4):
                    end = self.text.index(">", at) + 1
                elif (
                    ending in self.missing
                    or (found := self.text.find(ending, at + len(opening))) < 0
                ):
                    self.missing.add(ending)
                    if opening == "<!--":
                        self.add("open", opening, at, at + 4, at + 4, at + 4)
                    return at + 1
                else:
                    end = found + len(ending)
                return self.add("html", opening, at, at, end, end)
        match = (
            _AUTOLINK.match(self.text, at)
            or _TAG.match(self.text, at)
            or re.compile(r"<![A-Za-z][^>]*>").match(self.text, at)
        )
        return self.add("html", "<", at, at, match.end(), match.end()) if match else at + 1

    def opening(self, at: int) -> int:
        note = _NOTE.match(self.text, at)
        if note and self.noted is not None:
            self.noted[label_of(note[1])] += 1
        self.brackets.append((at, self.text[at - 1 : at] == "!", True))
        return at + 1

    def closing_bracket(self, at: int) -> int:
        if not self.brackets:
            return at + 1
        start, is_image, is_active = self.brackets.pop()
        if not is_active:
            return at + 1
        target, end = _TARGET.match(self.text, at + 1), 0
        if target:
            end = target.end()
        elif self.links:
            label = _LABEL.match(self.text, at + 1)
            if label and label_of(label[1] or self.text[start + 1 : at]) in self.links:
                end = label.end()
            elif (
                not (label and label[1].strip())
                and label_of(self.text[start + 1 : at]) in self.links
            ):
                end = at + 1
        if not end:
            return at + 1
        if not is_image:  # no link stands within a link
            self.brackets = [(place, image, image) for place, image, _ in self.brackets]
        return self.add("target", "](", at, at + 1, end, end) if end > at + 1 else end

    RULES = {
        "$": dollar,
        "\\": backslash,
        "`": tick,
        "<": angle,
        "[": opening,
        "]": closing_bracket,
    }


def label_of(text: str) -> str:
    """A label as it is compared: without its case, one space between words."""
    return " ".join(text.split()).casefold()

r"""The leaves of a Markdown document: the pieces of text that a formula may stand in, each line
with its place.

    > - The product        ->  Leaf("words", ["The product", "$6$"], lines 1 and 2)
    >   $6$

Paragraphs, headings and the cells of tables are words; fences are code or, with the word `math`, a
formula; HTML blocks and indented code are neither. Block quotes, lists and footnotes hold leaves.
The rules are those of CommonMark and GitHub, as pandoc reads them (commonmark.org, spec 0.31;
github.github.com/gfm); what stands inside a line is another file's (`markdown/reader.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .block_signs import (
    CLOSING,
    FENCE,
    HEADING,
    HTML,
    MARKER,
    NOTE,
    RULE,
    UNDERLINE,
    cells_of,
    columns_of,
    without_definitions,
)
from .columns import Line, Row

DEEPEST = 60  # containers within containers; what lies deeper is read as words

# lines of a paragraph outside all containers, none of which begins or ends anything: most lines of
# most pages
_PLAIN = r"[^\s>#*+\-=_`~<|:0-9\[][^\n]*(?:\n|\Z)"
_RUN, _MORE = re.compile(rf"{_PLAIN}(?:[ \t]*{_PLAIN})*"), re.compile(rf"(?:[ \t]*{_PLAIN})+")


@dataclass(slots=True)
class Leaf:
    """A piece of text: `kind` is words, head (of a section), cell (of a table), math, code or html;
    `note`: the label of the footnote it stands in, and the line on which that begins; `is_open`:
    nothing ends it, a fence or a comment, before the document does."""

    kind: str
    rows: list[Row]
    note: tuple[str, int] | None = None
    is_open: bool = False
    # while it is open: what ends it
    fence: str = ""
    indent: int = 0
    end: re.Pattern | None = None
    is_done: bool = False
    columns: int = 0


@dataclass(slots=True)
class _Container:
    """A block quote (width 0), an item of a list (its text begins `width` columns in), or a
    footnote."""

    kind: str
    width: int = 0
    note: tuple[str, int] | None = None
    is_empty: bool = False  # an item that has begun with an empty line


def leaves(markdown: str) -> list[Leaf]:
    """The leaves of a document from top to bottom."""
    blocks, offset, number, length = _Blocks(), 0, 1, len(markdown)
    while offset < length:
        leaf = blocks.leaf
        if not blocks.stack and (leaf is None or leaf.kind == "words"):
            if run := (_MORE if leaf else _RUN).match(markdown, offset):
                rows = []
                for text in run[0].removesuffix("\n").split("\n"):
                    plain = text.lstrip(" \t")
                    rows.append((number, offset + len(text) - len(plain), plain.rstrip("\r")))
                    offset, number = offset + len(text) + 1, number + 1
                blocks.words(*rows)
                continue
            if markdown[offset] == "\n":
                blocks.close()
                offset, number = offset + 1, number + 1
                continue
        end = markdown.find("\n", offset)
        end = end if end >= 0 else length
        blocks.line(markdown[offset:end].removesuffix("\r"), number, offset)
        offset, number = end + 1, number + 1
    if blocks.leaf is not None and (
        blocks.leaf.fence or blocks.leaf.end and not blocks.leaf.is_done
    ):
        blocks.leaf.is_open = True
    blocks.close()
    return blocks.found


@dataclass(slots=True)
class _Blocks:
    """What is open after the lines so far."""

    found: list[Leaf] = field(default_factory=list)
    stack: list[_Container] = field(default_factory=list)
    leaf: Leaf | None = None

    def line(self, text: str, number: int, offset: int) -> None:
        line = Line(text, number, offset)
        matched = 0
        for container in self.stack:
            if not _goes_on(container, line):
                break
            matched += 1
        is_whole = matched == len(self.stack)
        if is_whole and self.leaf is not None and self.continued(line):
            return
        is_paragraph = self.leaf is not None and self.leaf.kind == "words"
        is_lazy = is_paragraph and not is_whole
        if line.is_blank:
            self.close()
            if not is_whole:
                del self.stack[matched:]
            return
        if self.started(line, matched, is_paragraph and is_whole, is_lazy):
            return
        if is_lazy:
            self.words(line.row())
            return
        if not is_whole or not is_paragraph:
            self.close()
            del self.stack[matched:]
        self.words(line.row())

    def words(self, *rows: Row) -> None:
        """Lines of a paragraph."""
        if self.leaf is None:
            self.open(Leaf("words", []))
        self.leaf.rows += rows

    def open(self, leaf: Leaf) -> None:
        self.close()
        leaf.note = next((each.note for each in self.stack if each.note), None)
        if self.stack:
            self.stack[-1].is_empty = False
        self.leaf = leaf

    def close(self) -> None:
        """What is open is a leaf."""
        if self.leaf is not None:
            if self.leaf.rows:
                self.found.append(self.leaf)
            self.leaf = None

    def continued(self, line: Line) -> bool:
        """Whether the line belongs to the fence, the HTML, the indented code or the table that is
        open; or ends it, and is used up."""
        leaf = self.leaf
        if leaf.fence:
            if line.indent() < 4 and re.match(
                rf"{re.escape(leaf.fence[0])}{{{len(leaf.fence)},}}[ \t]*$", line.rest.lstrip(" \t")
            ):
                self.close()
                return True
            line.take(leaf.indent)
            leaf.rows.append((line.number, line.offset + line.at, line.rest))
            return True
        if leaf.kind == "html":
            if leaf.is_done or leaf.end is None and line.is_blank:
                return False
            leaf.rows.append((line.number, line.offset + line.at, line.rest))
            leaf.is_done = leaf.end is not None and bool(leaf.end.search(line.rest))
            return True
        if leaf.kind == "code":
            if line.indent() < 4 and not line.is_blank:
                return False
            leaf.rows.append((line.number, line.offset + line.at, line.rest))
            return True
        if leaf.kind == "cell":
            cells = (
                None if line.is_blank or line.indent() > 3 else cells_of(line.rest.lstrip(" \t"))
            )
            if cells is None:
                return False
            self.row(line, cells, leaf.columns)
            return True
        return False

    def row(self, line: Line, cells: list[tuple[int, str]], columns: int) -> None:
        """The cells of a row; each is a leaf of its own, the last one stays open."""
        number, offset, _ = line.row()
        for start, cell in cells[:columns]:
            self.open(Leaf("cell", [(number, offset + start, cell)], columns=columns))

    def started(self, line: Line, matched: int, is_paragraph: bool, is_lazy: bool) -> bool:
        """Whether containers, or a leaf that is no paragraph, begin in this line; then it is used
        up."""
        has_begun = False

        def begin() -> None:
            nonlocal has_begun, is_paragraph, is_lazy
            self.close()
            if not has_begun:
                del self.stack[matched:]
            has_begun, is_paragraph, is_lazy = True, False, False

        while True:
            indent = line.indent()
            if line.is_blank:
                return has_begun
            if indent > 3:
                if is_paragraph or is_lazy:
                    return False
                begin()
                line.take(4)
                self.open(Leaf("code", [(line.number, line.offset + line.at, line.rest)]))
                return True
            text = line.rest.lstrip(" \t")
            first = text[0]
            if first == ">" and len(self.stack) < DEEPEST:
                begin()
                line.take(indent)
                line.mark(1)
                line.take(1)
                self.enter(_Container("quote"))
                continue
            if first in "`~" and (fence := FENCE.match(text)):
                begin()
                said = (fence[2] or fence[4] or "").split()
                self.open(
                    Leaf(
                        "math" if said[:1] == ["math"] else "code",
                        [(line.number, line.offset + len(line.text), "")],
                        fence=fence[1] or fence[3],
                        indent=indent,
                    )
                )
                return True
            if first == "#" and (heading := HEADING.match(text)):
                begin()
                inside = text[heading.end() :]
                closing = CLOSING.search(inside)
                self.open(
                    Leaf(
                        "head",
                        [
                            (
                                line.number,
                                line.offset + len(line.text) - len(inside),
                                inside[: closing.start()] if closing else inside,
                            )
                        ],
                    )
                )
                self.close()
                return True
            if (
                first in "=-"
                and is_paragraph
                and UNDERLINE.match(text)
                and not self.is_definitions()
            ):
                self.close()
                return True
            if first in "-_*" and RULE.match(text):
                begin()
                return True
            if len(self.stack) < DEEPEST and (marker := MARKER.match(text)):
                rest = text[marker.end() :]
                if (
                    not is_paragraph
                    or rest.strip(" \t")
                    and marker[1] in ("-", "+", "*", "1.", "1)")
                ):
                    begin()
                    line.take(indent)
                    line.mark(marker.end())
                    behind = line.indent()
                    is_empty = line.is_blank
                    inner = 1 if is_empty or behind > 4 else behind
                    line.take(inner)
                    self.enter(_Container("item", indent + marker.end() + inner, is_empty=is_empty))
                    continue
            if (
                first == "<"
                and (
                    html := next(
                        (
                            end
                            for place, (start, end) in enumerate(HTML)
                            if (place < 6 or not is_paragraph) and start.match(text)
                        ),
                        0,
                    )
                )
                != 0
            ):
                begin()
                leaf = Leaf("html", [(line.number, line.offset + line.at, line.rest)], end=html)
                opening = (
                    2
                    if text.startswith("<?")
                    else 4
                    if text.startswith("<!--")
                    else 9
                    if text.startswith("<![")
                    else 1
                )
                leaf.is_done = html is not None and bool(html.search(text, opening))
                self.open(leaf)
                return True
            if is_paragraph and len(self.leaf.rows) == 1 and (columns := columns_of(text)):
                head = cells_of(self.leaf.rows[0][2])
                if head is not None and len(head) == columns:
                    number, offset, _ = self.leaf.rows[0]
                    self.leaf = None
                    for start, cell in head:
                        self.open(Leaf("cell", [(number, offset + start, cell)], columns=columns))
                    return True
            if first == "[" and len(self.stack) < DEEPEST and (note := NOTE.match(text)):
                begin()
                line.take(indent)
                line.mark(note.end())
                self.enter(_Container("note", note=(note[1], line.number)))
                continue
            if has_begun:
                self.words(line.row())
            return has_begun

    def enter(self, container: _Container) -> None:
        if self.stack:
            self.stack[-1].is_empty = False
        self.stack.append(container)

    def is_definitions(self) -> bool:
        """Whether the paragraph holds nothing but definitions of links, which no line can make a
        heading."""
        text = "\n".join(row[2] for row in self.leaf.rows)
        return not without_definitions(text)[1]


def _goes_on(container: _Container, line: Line) -> bool:
    """Whether the line belongs to the container; what marks it as such is used up."""
    if container.kind == "quote":
        indent = line.indent()
        if indent > 3 or not line.rest.lstrip(" \t").startswith(">"):
            return False
        line.take(indent)
        line.mark(1)
        line.take(1)
        return True
    if line.is_blank:
        return not container.is_empty
    width = container.width or 4
    if line.indent() < width:
        return False
    line.take(width)
    return True

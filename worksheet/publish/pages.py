"""A page between Markdown and paper: pandoc's blocks, with the few things that every format
arranges anew.

A mermaid fence is a `Drawing`, an image with the line of italics below it a `Picture`, a display
formula a `Display`; the rule above a heading goes, since headings carry the structure there. The
comment `<!-- room: 6 -->` is a `Room` to work in, six lines high, and a run of four or more
underscores a blank to write on; `<!-- task: c, 22 -->` stands before a `Task` (`regions.py`). `<!--
contents -->` is the table of `Contents`. `<!-- foot: K7QF-2M9X-3TB4 -->` is what stands beside the
number of every page on paper; a code stands there as a QR too (`qr.py`). `<!-- new page -->` is a
`NewPage`; so is `<!-- solution -->`, before which rows stand in small type. `<!-- compact -->` asks
for type as small as one page wants (`compact.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..circuits.text import is_circuit
from ..diagrams.drawing import PAPER, described, drawn, plainness
from ..diagrams.drawing import Room as Space
from ..diagrams.mermaid import Network, network
from ..diagrams.screen import shown_on_screen
from ..errors import ReadError, WorksheetError
from ..markdown.anchors import CHAPTER, CONTENTS, SECTION
from ..proofs.circuit import proved_drawing
from ..resources import templates_folder
from ..tex.boxes import Row
from ..tex.to_words import speaker
from ..tex.words_of_pictures import in_words
from ..tex.writer import width
from ..threads.find import Thread
from .cells import KIND, Cells, cells_of, drawn_by, said
from .pandoc import Node

PAPERS = ("a4", "us-letter")
SCREEN = "16:9"  # the paper of slides
SPOKEN = "spoken/en.toml"  # the words of formulas in the language of our pages
TASK = re.compile(r"<!-- (?:task: ([a-z]+), |points: )([\d.]+) -->")
ROOM = re.compile(r"<!-- room: (\d{1,2}) -->")
FOOT = re.compile(r"<!-- foot: ([\w .-]{1,60}) -->")
NEW_PAGE, SOLUTION = "<!-- new page -->", "<!-- solution -->"
SIGN = 0.0165  # the share of the page's width that a character takes
BOLD = 1.2  # times as wide in a heading
BLANK = re.compile(r"(_{4,})")
_HEIGHT = re.compile(r' height="([\d.]+)"')


@dataclass(frozen=True)
class Page:
    """One document to publish: its Markdown, the folder that holds its `figures/`, and the stem of
    its files there; in how many columns what is short may stand on paper (`arranged.py`), and
    whether it is slides. `layout`: of a page that the program lays out itself, which holds no
    Markdown but what stands where (`drawn.py`). `thread`: where its numbers come from and go to; a
    page without has nothing of it. `templates`: the folder whose files go before ours. `words`: in
    which its formulas are spoken."""

    name: str
    markdown: str
    folder: Path
    stem: str = "notes"
    columns: str = "1"
    is_deck: bool = False
    layout: str = ""
    thread: Thread = field(default=Thread(), compare=False, repr=False)
    templates: Path | None = None
    words: Path = field(default_factory=lambda: templates_folder() / SPOKEN)


@dataclass(frozen=True)
class Drawing:
    """An SVG and its words; for a slide, of how many pixels its smallest letters are; the network
    that it shows; whether it is for a page across."""

    svg: str
    alt: str
    least: float = 0
    network: Network | None = None
    is_wide: bool = False

    @property
    def height(self) -> float:
        """In pixels."""
        return float(_HEIGHT.search(self.svg)[1])

    def beside(self, width: float) -> Drawing | None:
        """The same in a column, if no more is left out there than the names that the words beside
        it have."""
        space = Space(width, PAPER.height)
        is_whole = self.network and plainness(self.network, space) <= max(
            1, plainness(self.network, PAPER)
        )
        return replace(self, svg=drawn(self.network, space)) if is_whole else None


@dataclass(frozen=True)
class Picture:
    """An image: its path from the page's folder, its alternative text, and the caption below it."""

    path: str
    alt: str
    caption: list[Node]


@dataclass(frozen=True)
class Display:
    """A formula on lines of its own; `row` is how it is set where that is not as it is written."""

    tex: str
    row: Row = ()


@dataclass(frozen=True)
class Room:
    """Empty space of so many lines, for the reader's own working."""

    lines: int


@dataclass(frozen=True)
class NewPage:
    """What follows begins a page, on paper; and is set as usual where rows in small type end."""

    ends_rows: bool = False


@dataclass(frozen=True)
class Task:
    """What follows is a task of a sheet: its points, and its letter where it has room and blanks of
    the usual kind."""

    letter: str | None
    points: str


@dataclass(frozen=True)
class Contents:
    """The headings below the title, each as a link: the chapters, and their sections."""

    headings: list[Node]

    def listed(self) -> Node:
        """A list of links, the sections of a chapter below it."""
        entries: list[list[Node]] = []
        for node in self.headings:
            level, (identifier, *_), inlines = node["c"]
            entry = [
                {
                    "t": "Plain",
                    "c": [
                        {
                            "t": "Link",
                            "c": [
                                ["", [], []],
                                inlines,
                                [f"#{identifier.rpartition('__')[2]}", ""],
                            ],
                        }
                    ],
                }
            ]
            if level == CHAPTER or not entries:
                entries.append(entry)
            elif len(entries[-1]) == 1:
                entries[-1].append({"t": "BulletList", "c": [entry]})
            else:
                entries[-1][1]["c"].append(entry)
        return {"t": "BulletList", "c": entries}


Piece = Drawing | Cells | Picture | Display | Room | Task | NewPage | Contents | Node


def title_of(blocks: list[Node]) -> tuple[list[Node], list[Node]]:
    """The inlines of the first heading if it is the page's title, and the blocks without it."""
    for place, block in enumerate(blocks):
        if block["t"] == "Header":
            return (
                (block["c"][2], blocks[:place] + blocks[place + 1 :])
                if block["c"][0] == 1
                else ([], blocks)
            )
    return [], blocks


def foot_of(blocks: list[Node]) -> str:
    """What stands beside the number of every page."""
    found = [FOOT.fullmatch(block["c"][1].strip()) for block in blocks if block["t"] == "RawBlock"]
    return next((foot[1] for foot in found if foot), "")


def pieces(blocks: list[Node], page: Page, has_tasks: bool = False) -> Iterator[Piece]:
    """The blocks with drawings, pictures and displays recognised, and the heads of tasks where a
    format has use for them."""
    at = 0
    while at < len(blocks):
        block = blocks[at]
        following = blocks[at + 1] if at + 1 < len(blocks) else {"t": ""}
        at += 1
        inlines = block["c"] if block["t"] in ("Para", "Plain") else []
        only = inlines[0] if len(inlines) == 1 else {"t": ""}
        if block["t"] == "HorizontalRule" and following["t"] in ("Header", ""):
            continue
        room = ROOM.fullmatch(block["c"][1].strip()) if block["t"] == "RawBlock" else None
        if room:
            yield Room(int(room[1]))
            continue
        if (
            has_tasks
            and block["t"] == "RawBlock"
            and (task := TASK.fullmatch(block["c"][1].strip()))
        ):
            yield Task(*task.groups())
            continue
        if block["t"] == "RawBlock" and block["c"][1].strip() == CONTENTS:
            yield Contents(
                [
                    each
                    for each in blocks
                    if each["t"] == "Header" and CHAPTER <= each["c"][0] <= SECTION
                ]
            )
            continue
        if block["t"] == "RawBlock" and block["c"][1].strip() == NEW_PAGE:
            yield NewPage()
            continue
        if block["t"] == "RawBlock" and block["c"][1].strip() == SOLUTION:
            yield NewPage(ends_rows=True)
            continue
        if is_comment(block, page):
            continue
        if block["t"] == "CodeBlock" and "mermaid" in block["c"][0][1]:
            line = page.markdown.count("\n", 0, max(0, page.markdown.find(block["c"][1]))) + 1
            if page.is_deck:
                shown = shown_on_screen(block["c"][1], page.name, line)
                yield Drawing(shown.svg, in_words(shown.alt, page.words), shown.least)
                continue
            if is_circuit(block["c"][1] + "\n"):
                svg, alt, is_wide = proved_drawing(block["c"][1], page.name, line)
                yield Drawing(svg, in_words(alt, page.words), is_wide=is_wide)
                continue
            found = network(block["c"][1], page.name, line)
            yield Drawing(drawn(found), in_words(described(found), page.words), network=found)
        elif block["t"] == "CodeBlock" and KIND in block["c"][0][1]:
            yield from (
                replace(each, text=said(each.text, page.words), alt=in_words(each.alt, page.words))
                for each in cells_of(block["c"][1], drawn_by(page.templates), page.templates)
            )
        elif only["t"] == "Image":
            caption = (
                following["c"][0]["c"]
                if following["t"] == "Para" and [each["t"] for each in following["c"]] == ["Emph"]
                else []
            )
            at += bool(caption)
            yield Picture(_inside(only["c"][2][0], page), spoken(only["c"][1], page), caption)
        elif only["t"] == "Math" and only["c"][0]["t"] == "DisplayMath":
            yield Display(only["c"][1].strip())
        else:
            yield block


def is_set_apart(piece: Piece | None) -> bool:
    """Whether a paragraph leads to this and stays with it."""
    return (
        isinstance(piece, Display | Drawing | Cells | Room)
        or isinstance(piece, dict)
        and piece["t"] in ("Table", "OrderedList")
    )


def is_comment(node: Node, page: Page) -> bool:
    """A comment is left out; any other HTML is refused, for it would be there in one format and not
    in another."""
    if node["t"] not in ("RawBlock", "RawInline"):
        return False
    text = node["c"][1].strip()
    if not text.startswith("<!--") or not text.endswith("-->") or "-->" in text[4:-3]:
        raise WorksheetError(
            f"HTML cannot be published: {text[:40]}",
            page.name,
            "write Markdown; a '<' of words is '&lt;'",
        )
    return True


def sound(node: Node, page: Page, blank: Callable[[int], Node]) -> Node | None:
    """What becomes of an author's inline: a comment goes, `blank` sets so many underscores, and
    what no format or not every format can show is refused."""
    if node["t"] == "Str" and "____" in node["c"]:
        parts = [part for part in BLANK.split(node["c"]) if part]
        return {
            "t": "Span",
            "c": [
                ["", [], []],
                [
                    blank(len(part)) if BLANK.fullmatch(part) else {"t": "Str", "c": part}
                    for part in parts
                ],
            ],
        }
    if is_comment(node, page):
        return {"t": "Str", "c": ""}
    if node["t"] == "Image":
        raise WorksheetError(
            "an image stands within a line", page.name, "give it a paragraph of its own"
        )
    if node["t"] == "Link" and not node["c"][2][0].startswith(
        ("https://", "http://", "mailto:", "#")
    ):
        raise WorksheetError(
            f"a link to '{node['c'][2][0][:40]}'",
            page.name,
            "a link is to https://, http://, mailto: or #",
        )
    return None


def _inside(path: str, page: Page) -> str:
    """The path of a figure, if it is a file in the page's own folder."""
    file = (page.folder / path).resolve()
    if not file.is_relative_to(page.folder.resolve()) or file.suffix not in (".svg", ".png"):
        raise WorksheetError(
            f"'{path}' is no figure of this page",
            page.name,
            "figures are .svg or .png files in its own folder",
        )
    if not file.is_file():
        raise WorksheetError(f"the figure '{path}' is not there", page.name)
    return file.relative_to(page.folder.resolve()).as_posix()


def changed(node, change: Callable[[Node], Node | None]):
    """The tree with every node for which `change` gives another replaced by it. Lists are new,
    nodes without content the same."""
    if isinstance(node, list):
        return [changed(each, change) if isinstance(each, (dict, list)) else each for each in node]
    new = change(node)
    if new is not None:
        return new
    return (
        node | {"c": changed(content, change)}
        if isinstance(content := node.get("c"), (dict, list))
        else node
    )


def links(node) -> Iterator[str]:
    """The headings of the page that its links lead to, in no order."""
    rest = [node]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            if node["t"] == "Link" and node["c"][2][0].startswith("#"):
                yield node["c"][2][0][1:]
            node = node.get("c")
        if isinstance(node, list):
            rest += node


def with_pages(blocks: list[Node], page_of: Callable[[str], Node]) -> list[Node]:
    """The blocks with the page behind each link to a heading; `page_of` sets the number of that on
    which an identifier stands."""
    if next(links(blocks), None) is None:
        return blocks

    def link(node: Node) -> Node | None:
        if node["t"] != "Link" or not node["c"][2][0].startswith("#"):
            return None
        behind = [
            {"t": "Str", "c": ","},
            {"t": "Space"},
            {"t": "Str", "c": "page\u00a0"},
            page_of(node["c"][2][0][1:]),
        ]
        return {"t": "Span", "c": [["", [], []], [node, *behind]]}

    return changed(blocks, link)


def heading(node: Node, inline: Callable[[Node], Node | None]) -> Node:
    """A heading one level up, since the page's title is none."""
    level, (identifier, *_), inlines = node["c"]
    return {"t": "Header", "c": [max(1, level - 1), [identifier, [], []], changed(inlines, inline)]}


@contextmanager
def placed(page: Page) -> Iterator[None]:
    """A formula that cannot be read in here is a fault of the page."""
    try:
        yield
    except ReadError as fault:
        raise WorksheetError(
            f"a formula cannot be set: {fault.message}", f"{page.name}: {fault.where}", fault.hint
        ) from None


def banded(table: Node) -> Node:
    """The table with each of its heads within it, a row with bold words first and nothing more but
    in its last cell, over all columns but the last, and grey on paper."""
    attributes, caption, columns, head, bodies, foot = table["c"]
    bodies = [
        [own, headed, heads, [_band(row) for row in rows]] for own, headed, heads, rows in bodies
    ]
    return {"t": "Table", "c": [attributes, caption, columns, head, bodies, foot]}


def _band(row: list) -> list:
    own, (first, *more) = row
    between, last = more[:-1], more[-1:]
    starts = first[4][0]["c"][:1] if first[4] else []
    if not between or any(cell[4] for cell in between) or not starts or starts[0]["t"] != "Strong":
        return row
    grey = ["", ["band"], [["typst:fill", "luma(236)"]]]
    return [own, [[grey, {"t": "AlignLeft"}, 1, len(between) + 1, first[4]], [grey, *last[0][1:]]]]


def has_bands(table: Node) -> bool:
    """Whether there are heads within it; the lines of working below them are broken where they must
    be."""
    return banded(table) != table


def named(table: Node, words: str) -> Node:
    """The table with a caption: the words of the heading that it stands below, for those to whom
    tables are told by name."""
    attributes, _, *rest = table["c"]
    return {
        "t": "Table",
        "c": [attributes, [None, [{"t": "Plain", "c": [{"t": "Str", "c": words}]}]], *rest],
    }


def measured(table: Node, sign: float = SIGN) -> Node:
    """The table with each column as wide as what it holds; LibreOffice would make them alike, and
    TeX break no line of a cell. Where they are too wide together, the widest gives way, but no
    heading, no word, no number and no formula is divided. `sign`: the share of the page's width
    that a character takes."""
    attributes, caption, columns, head, bodies, foot = table["c"]
    rows = [
        row[1]
        for row in (*head[1], *[row for body in bodies for row in body[3]])
        if _band(row) is row
    ]
    sizes = [
        sign * (max(length(row[column]) for row in rows) + 3) for column in range(len(columns))
    ]
    headings = [
        BOLD * max((length(row[1][column]) for row in head[1]), default=0)
        for column in range(len(columns))
    ]
    formulas = [
        0 if has_bands(table) else max(_whole(row[column]) for row in rows)
        for column in range(len(columns))
    ]
    sizes = _given_way(sizes, [sign * (signs + 3) for signs in map(max, headings, formulas)])
    measured = [
        [side, {"t": "ColWidth", "c": round(size, 4)}]
        for (side, _), size in zip(columns, sizes, strict=True)
    ]
    return {"t": "Table", "c": [attributes, caption, measured, head, bodies, foot]}


def _given_way(sizes: list[float], least: list[float]) -> list[float]:
    """Widths that are 1 together at most: the widest gives way first, none below its least; where
    these are too wide together, all do."""
    found = list(map(max, sizes, least))
    for place in sorted(range(len(found)), key=found.__getitem__, reverse=True):
        found[place] = max(least[place], found[place] - max(0, sum(found) - 1))
    return [size / max(1, sum(found)) for size in found]


def _whole(cell: list) -> float:
    """About how many characters the widest formula or word of a cell takes, which is not divided."""
    return max(
        (
            width(inline["c"][1])
            if inline["t"] == "Math"
            else max(map(len, plain([inline]).split()), default=0)
            for block in cell[4]
            for inline in block.get("c", [])
        ),
        default=0,
    )


def length(cell: list) -> float:
    """About how many characters a cell of a table is wide."""
    return sum(
        width(inline["c"][1]) if inline["t"] == "Math" else len(plain([inline]))
        for block in cell[4]
        for inline in block.get("c", [])
    )


def spoken(inlines: list[Node], page: Page) -> str:
    """The text of inlines as it is read out: their formulas and symbols in words."""

    def said(node: Node) -> Node | None:
        return (
            {"t": "Str", "c": spoken_formula(node["c"][1], page)} if node["t"] == "Math" else None
        )

    return in_words(plain(changed(inlines, said)), page.words)


def spoken_formula(tex: str, page: Page) -> str:
    """The words of a formula; its TeX where no format but HTML can show it."""
    try:
        return speaker(page.words).formula(tex)
    except ReadError:
        return " ".join(tex.split())


def plain(inlines: list[Node]) -> str:
    """The text of inlines; a formula as its TeX."""
    found = []
    for inline in inlines:
        kind, content = inline["t"], inline.get("c")
        found.append(
            " "
            if kind in ("Space", "SoftBreak", "LineBreak")
            else content
            if kind == "Str"
            else content[1]
            if kind in ("Math", "Code")
            else plain(content)
            if kind in ("Emph", "Strong", "Strikeout")
            else plain(content[1])
            if kind in ("Link", "Image", "Span", "Quoted")
            else ""
        )
    return "".join(found)

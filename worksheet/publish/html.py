"""Markdown -> one HTML file that needs nothing else: formulas as MathML, figures inside, no
network, and no script but the one by which numbers are followed.

The look of the page is `templates/html/notes.html` and `notes.css`. Pandoc writes the MathML from
the TeX of the page.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape, unescape
from itertools import count
from pathlib import Path
from string import Template

from ..errors import ReadError
from ..figures.animation import MOVING, inlined
from ..markdown.anchors import CHAPTER
from ..tex.boxes import boxes
from ..tex.line_breaking import wide
from . import pandoc, threaded
from .cells import Cells
from .mathml import finished
from .pages import (
    Contents,
    Display,
    Drawing,
    NewPage,
    Page,
    Picture,
    Room,
    Task,
    banded,
    changed,
    foot_of,
    named,
    pieces,
    plain,
    sound,
    spoken_formula,
    title_of,
)
from .qr import stamp
from .regions import Region, apart, pointed, regions, without_points

# browsers do not stretch the line of an underlined formula; our style draws it
UNDERLINE, RULE = '<mo accent="true">_</mo>', '<mo class="rule">_</mo>'
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}
CONTENTS, BEYOND = (
    "table-of-contents",
    "beyond-the-contents",
)  # where the way back from a chapter leads, and the way past them
PHONE = 11  # em of a formula that fit the smallest phone
NARROW = 280  # pixels of a drawing that do; it scrolls there, for smaller letters could not be read

_HEAD_CELL = re.compile(r"<th(?P<style>(?: [^>]*)?>)(?P<inside>.*?)</th>", re.DOTALL)
_INSIDE = re.compile(r"(<svg [^>]*>)(.*)(</svg>)", re.DOTALL)
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_MATH = re.compile(
    r'<math (.*?<annotation encoding="application/x-tex">(.*?)</annotation>)', re.DOTALL
)


def htmls(
    pages: list[Page], frame: Path, style: Path, font: Path, following: Sequence[Path]
) -> list[bytes]:
    """The HTML of each page, in a frame with `$title`, `$style` and `$body`; `$font` in the style
    is the font of the formulas. `following`: the words, the look and the script of a page whose
    numbers can be followed (`threaded.py`)."""

    def document(page: Page, blocks: list[pandoc.Node]) -> Iterator[pandoc.Node]:
        title, rest = title_of(blocks)
        yield from _stamp(rest)
        if title:
            yield {"t": "Header", "c": [1, ["", [], []], title]}
        yield from typeset(rest, page, plain(title) or page.name)

    return framed(pages, frame, (style,), font, document, threaded.parts(following))


def framed(
    pages: list[Page],
    frame_file: Path,
    styles: tuple[Path, ...],
    font: Path,
    document: Callable[[Page, list[pandoc.Node]], Iterable[pandoc.Node]],
    parts: Callable[[Page, str], dict[str, str]] = lambda page, body: {"body": body},
    **more: str,
) -> list[bytes]:
    """The HTML of each page; `document` makes of its blocks those of the body, `parts` of these
    what the frame shows of them, `more` are other values of the frame."""
    frame = Template(frame_file.read_text(encoding="utf-8"))
    style = Template("".join(file.read_text(encoding="utf-8") for file in styles)).safe_substitute(
        font=f"url({_data(font)})"
    )
    read = list(zip(pages, pandoc.read([page.markdown for page in pages]), strict=True))
    titles = [plain(title_of(blocks)[0]) or page.name for page, blocks in read]
    bodies = pandoc.write(
        [list(document(page, blocks)) for page, blocks in read],
        "html5",
        "--mathml",
        "--syntax-highlighting=none",
    )
    return [
        frame.safe_substitute(
            more
            | parts(
                page,
                finished(
                    _HEAD_CELL.sub(partial(_named, page=page), body).replace(UNDERLINE, RULE)
                ).strip(),
            ),
            title=escape(title),
            style=style,
        ).encode()
        for (page, _), title, body in zip(read, titles, bodies, strict=True)
    ]


def _stamp(blocks: list[pandoc.Node]) -> list[pandoc.Node]:
    qr = stamp(foot_of(blocks))
    return [pandoc.raw("html", f'<figure class="code">\n{_figure(qr)}\n</figure>')] if qr else []


def _figure(drawing: Drawing | Cells) -> str:
    svg = drawing.svg
    if drawing.least:  # as large as the words of a slide
        svg = _SIZE.sub(
            lambda size: (
                f'width="{float(size[1]) / drawing.least:.2f}em" height="{float(size[2]) / drawing.least:.2f}em"'
            ),
            svg,
            count=1,
        )
    return _without_labels(
        svg.replace("<svg ", f'<svg role="img" aria-label="{escape(drawing.alt, quote=True)}" ', 1)
    )


def _without_labels(svg: str) -> str:
    """A drawing of whose letters none is read out one by one: its words say what they say, in
    order."""
    return _INSIDE.sub(r'\1<g aria-hidden="true">\2</g>\3', svg)


def typeset(blocks: list[pandoc.Node], page: Page, above: str) -> Iterator[pandoc.Node]:
    """The blocks as pandoc's writer takes them, everything of ours as raw HTML. `above`: the words
    of the heading that they stand below."""
    numbers = count(1)
    is_long = False  # it has contents, and each chapter leads back to them
    for piece, task in pointed(regions(pieces(blocks, page, has_tasks=True))):
        if task:
            yield _points(task)
        if isinstance(piece, Region):
            yield from _region(piece, page)
        elif isinstance(piece, Display):
            formula = {"t": "Plain", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, piece.tex]}]}
            yield _scroller("display", "formula" if _is_wide(piece.tex) else "", formula)
        elif isinstance(piece, Drawing):
            what = "network" if piece.network else "computational graph"
            reached = f' tabindex="0" role="group" aria-label="{what}"' * (
                not page.is_deck and float(_SIZE.search(piece.svg)[1]) > NARROW
            )
            yield pandoc.raw(
                "html",
                f'<figure class="drawing{" wide" * piece.is_wide}"{reached}>\n{_figure(piece)}</figure>',
            )
        elif isinstance(piece, Cells):
            yield pandoc.raw(
                "html",
                f'<figure class="drawing wide cells" tabindex="0" role="group" aria-label="training step in cells">\n{_figure(piece)}</figure>',
            )
        elif isinstance(piece, Picture):
            file, alt = page.folder / piece.path, escape(piece.alt, quote=True)
            image, motion = f'<img src="{_data(file)}" alt="{alt}">', file.with_suffix(MOVING)
            if (
                motion.is_file()
            ):  # for those who ask for it; what moves by itself must not move for long
                moves = (
                    inlined(motion.read_text(encoding="utf-8"), f"path-{next(numbers)}", alt)
                    or f'<img class="motion" src="{_data(motion)}" alt="{alt}">'
                )
                image += (
                    f'\n{_without_labels(moves)}\n<div class="play"><label><input type="checkbox"> play step by step</label>'
                    ' <label class="pause"><input type="checkbox"> pause</label></div>'
                )
            yield pandoc.raw("html", f"<figure>\n{image}\n")
            if piece.caption:
                yield pandoc.raw("html", "<figcaption>")
                yield {"t": "Plain", "c": changed(piece.caption, lambda node: inline(node, page))}
                yield pandoc.raw("html", "</figcaption>")
            yield pandoc.raw("html", "</figure>")
        elif isinstance(piece, Room):
            yield pandoc.raw("html", f'<div class="room" style="--lines: {piece.lines}"></div>')
        elif isinstance(piece, NewPage):
            yield pandoc.raw("html", '<div class="new-page"></div>')
        elif isinstance(piece, Contents):
            # the place that is led back to is beside them, for they stay in sight themselves
            yield pandoc.raw(
                "html",
                f'<div id="{CONTENTS}"></div>\n<nav aria-label="Contents">\n<a class="past" href="#{BEYOND}">past the contents</a>\n'
                "<details>\n<summary>Contents</summary>",
            )
            yield changed(piece.listed(), lambda node: inline(node, page))
            yield pandoc.raw("html", f'</details>\n</nav>\n<div id="{BEYOND}"></div>')
            is_long = True
        elif piece["t"] == "Header":
            above = plain(piece["c"][2])
            yield changed(piece, lambda node: inline(node, page))
            if is_long and piece["c"][0] == CHAPTER:
                yield pandoc.raw(
                    "html", f'<p class="back"><a href="#{CONTENTS}">back to contents</a></p>'
                )
        elif piece["t"] == "Table":
            yield _scroller(
                "table",
                "table",
                named(changed(banded(piece), lambda node: inline(node, page)), above),
            )
        else:
            yield changed(piece, lambda node: inline(node, page))


def _region(region: Region, page: Page) -> Iterator[pandoc.Node]:
    """A task: its points beside its statement, room with a dotted line around, its answers in a
    frame."""
    letter = f"({region.task.letter})"
    scrolls = (
        f' tabindex="0" role="group" aria-label="{letter} Answer"'
        if any(blank.rows for blank in region.blanks)
        else ""
    )  # where the screen is narrow
    yield pandoc.raw("html", f'<section class="task" aria-label="Task {letter}">')
    yield _points(region.task)
    yield from changed(without_points(region.statement), lambda node: inline(node, page))
    yield pandoc.raw(
        "html",
        f'<div class="working" style="--lines: {region.lines}"><p class="hint">{letter} Working</p></div>\n'
        f'<div class="answers"{scrolls}>\n<p class="hint">{letter} Answer</p>',
    )
    asked = [
        {"t": "Span", "c": [["", ["asked"], []], each]}
        for answer in region.answers
        for each in apart(answer)
    ]
    yield changed({"t": "Para", "c": asked}, lambda node: inline(node, page))
    yield pandoc.raw("html", "</div>\n</section>")


def _points(task: Task) -> pandoc.Node:
    return pandoc.raw(
        "html",
        f'<p class="points"><span role="img" aria-label="{task.points} points">/ {task.points}</span></p>',
    )


def _scroller(kind: str, name: str, block: pandoc.Node) -> pandoc.Node:
    """What scrolls by itself where the screen is narrow; under a name it does so with the keyboard
    too."""
    return {"t": "Div", "c": [["", [kind], _reached(name) if name else []], [block]]}


def _reached(name: str) -> list[list[str]]:
    """The attributes of what scrolls."""
    return [["tabindex", "0"], ["role", "group"], ["aria-label", name]]


def _is_wide(tex: str) -> bool:
    try:
        return wide(boxes(tex)) > PHONE
    except ReadError:  # what only a PDF cannot show
        return True


def _named(cell: re.Match, page: Page) -> str:
    """A column's head, each formula in it with its words: what is read out with every cell below
    it. No other formula has them, or nobody could walk through it."""

    def labelled(math: re.Match) -> str:
        return f'<math aria-label="{escape(spoken_formula(unescape(math[2]), page), quote=True)}" {math[1]}'

    return f'<th scope="col"{cell["style"]}{_MATH.sub(labelled, cell["inside"])}</th>'


def _data(file: Path) -> str:
    return f"data:{TYPES[file.suffix]};base64,{b64encode(file.read_bytes()).decode()}"


def inline(node: pandoc.Node, page: Page) -> pandoc.Node | None:
    """No HTML of an author's; a program is reached with the keyboard, for where the screen is
    narrow it scrolls."""
    if node["t"] == "CodeBlock" and not page.is_deck:
        (_, kinds, _), text = node["c"]
        return {"t": "CodeBlock", "c": [["", kinds, _reached("program")], text]}
    return sound(
        node,
        page,
        lambda size: {
            "t": "RawInline",
            "c": [
                "html",
                f'<span class="blank" role="img" aria-label="blank" style="--signs: {size}"></span>',
            ],
        },
    )

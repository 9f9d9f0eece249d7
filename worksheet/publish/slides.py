"""A deck: Markdown whose slides are parted by rules (`---`), as pages of 16:9 or as one HTML file
that is driven by keys.

Both uncover a slide step by step: its first formula stands there at once, every further line of a
chain and every further block is a step. In a PDF each step is a page with what is to be seen by
then, so a page shows nothing that was not said yet.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from ..errors import ReadError
from ..tex.boxes import boxes
from ..tex.to_latex import written
from ..tex.to_typst import quoted
from . import html, pandoc, pdf
from .beside import COLUMN
from .blocks import WIDTH, broken, chain, steps_of
from .pages import Page, changed, is_comment, plain, title_of
from .worked import under, worked_in

BAND = re.compile(r"<!-- columns: ([\d. ]+) -->")  # how wide its columns are


@dataclass(frozen=True)
class Slide:
    """One slide: the inlines of its heading, its blocks, and its bands: of each column the place of
    the first block and the width."""

    heading: list[pandoc.Node]
    blocks: list[pandoc.Node]
    bands: list[list[tuple[int, float]]]

    def parts(self, count: int) -> Iterator[tuple[list[float], list[slice]]]:
        """Where the first `count` blocks stand: the widths of each band, and the blocks of each
        column that they reach into."""
        starts = [start for band in self.bands for start, _ in band][1:] + [len(self.blocks)]
        for band in self.bands:
            ends, starts = starts[: len(band)], starts[len(band) :]
            shown = [
                slice(start, min(end, count))
                for (start, _), end in zip(band, ends, strict=True)
                if start < count or not start
            ]
            if shown:
                yield [width for _, width in band], shown


@dataclass(frozen=True)
class Stage:
    """What is to be seen of a slide: some of its blocks, and below them the first steps of a chain;
    `part` is what they are by themselves."""

    blocks: list[pandoc.Node]
    chain: str = ""
    steps: int = 0
    part: str = ""


def slides_of(blocks: list[pandoc.Node], page: Page, has_links: bool = False) -> list[Slide]:
    """The slides of a page, without its comments; the first is what stands below its title. A link
    within the page becomes one to the number of a slide, or, without links, words."""
    found: list[list[pandoc.Node]] = [[]]
    for block in blocks:
        if block["t"] == "HorizontalRule":
            found.append([])
        elif not is_comment(block, page) or _mark(block):
            found[-1].append(block)
    found[1:] = filter(None, found[1:])
    numbers = {
        part[0]["c"][1][0]: number
        for number, part in enumerate(found, start=1)
        if has_links and part and part[0]["t"] == "Header"
    }
    for number, part in enumerate(found, start=1):  # a heading within a slide
        numbers |= {
            block["c"][1][0]: number for block in part[1:] if has_links and block["t"] == "Header"
        }
    found = changed(found, lambda node: _linked(node, numbers) if node["t"] == "Link" else None)
    return [
        _slide([], found[0]),
        *[
            _slide(part[0]["c"][2], part[1:]) if part[0]["t"] == "Header" else _slide([], part)
            for part in found[1:]
        ],
    ]


def _slide(heading: list[pandoc.Node], blocks: list[pandoc.Node]) -> Slide:
    """The slide, its marks of columns taken out."""
    shown, bands, widths = [], [[(0, WIDTH)]], []
    for block in blocks:
        mark = _mark(block)
        if not mark:
            shown.append(block)
        elif mark == COLUMN:
            bands[-1].append((len(shown), widths.pop(0) if widths else WIDTH))
        else:
            first, *widths = [float(width) for width in BAND.fullmatch(mark)[1].split()]
            bands[len(bands) - (not shown) :] = [[(len(shown), first)]]
    return Slide(heading, shown, bands)


def _mark(block: pandoc.Node) -> str:
    text = block["c"][1].strip() if block["t"] == "RawBlock" else ""
    return text if text == COLUMN or BAND.fullmatch(text) else ""


def _linked(link: pandoc.Node, numbers: dict[str, int]) -> pandoc.Node | None:
    attributes, words, (target, title) = link["c"]
    name = target.removeprefix("#")
    if name == target:
        return None
    return (
        {"t": "Link", "c": [attributes, words, [f"#{numbers[name]}", title]]}
        if name in numbers
        else {"t": "Span", "c": [["", [], []], words]}
    )


def stages(blocks: list[pandoc.Node]) -> Iterator[Stage]:
    """What is to be seen of a slide, step by step; the last is all of it."""
    first = next((place for place, block in enumerate(blocks) if _display(block)), len(blocks) - 1)
    for place, block in list(enumerate(blocks))[first:]:
        steps = _steps(block)
        yield from (
            Stage(blocks[:place], _display(block), count, chain(steps[:count]))
            for count in range(1, len(steps))
        )
        is_lead = place + 1 < len(blocks) and not _display(block) and _display(blocks[place + 1])
        if not is_lead:
            yield Stage(blocks[: place + 1])


def _display(block: pandoc.Node) -> str:
    """The TeX of a display; empty for any other block."""
    inlines = block["c"] if block["t"] == "Para" else []
    is_display = (
        len(inlines) == 1 and inlines[0]["t"] == "Math" and inlines[0]["c"][0]["t"] == "DisplayMath"
    )
    return inlines[0]["c"][1].strip() if is_display else ""


def _steps(block: pandoc.Node) -> list[str]:
    try:
        return steps_of(_display(block))
    except ReadError:  # who sets the formula says what is wrong with it
        return []


def pdfs(pages: list[Page], look: Path, steps: bool, fonts: Path | None = None) -> list[bytes]:
    """The PDF of each deck, a page for each step or for each slide. `look`: the Typst file with the
    page set-up."""
    return pdf.compiled(
        [replace(page, is_deck=True) for page in pages],
        look,
        partial(_document, has_steps=steps),
        fonts,
    )


def _document(
    page: Page, blocks: list[pandoc.Node], folder: Path, has_steps: bool
) -> Iterator[pandoc.Node]:
    title, blocks = title_of(blocks)
    first, *others = slides_of(blocks, page)
    yield pandoc.raw(
        "typst",
        f'#import "/slides.typ": *\n#show: slides.with(title: {quoted(plain(title) or page.name)})\n#opening[',
    )
    yield from _bands(first, Stage(first.blocks), page, folder)
    for slide in others:
        yield pandoc.raw("typst", "]\n#slide[" if slide.blocks else "]\n#chapter[")
        yield {"t": "Plain", "c": changed(slide.heading, lambda node: pdf.inline(node, page))}
        for stage in list(stages(slide.blocks))[0 if has_steps else -1 :]:
            yield pandoc.raw("typst", "][")
            yield from _bands(slide, stage, page, folder)
    yield pandoc.raw("typst", "]")


def _bands(slide: Slide, stage: Stage, page: Page, folder: Path) -> Iterator[pandoc.Node]:
    """What is to be seen of a slide, in its columns; a chain that is uncovered is the last of it."""
    count = len(stage.blocks) + bool(stage.chain)
    for widths, columns in slide.parts(count):
        several = len(widths) > 1
        if several:
            yield pandoc.raw("typst", f"#beside(({', '.join(map(str, widths))}))[")
        for number, (width, column) in enumerate(zip(widths, columns)):
            if number:
                yield pandoc.raw("typst", "][")
            is_cut = bool(stage.chain) and column.stop == count
            yield from pdf.typeset(
                slide.blocks[column.start : column.stop - is_cut], page, folder, widest=width
            )
            if is_cut:
                yield pandoc.raw(
                    "typst", pdf.display(stage.chain, page, stage.steps, stage.part, widest=width)
                )
        if several:
            yield pandoc.raw("typst", "]")


def htmls(
    pages: list[Page],
    frame: Path,
    styles: tuple[Path, ...],
    script_file: Path,
    font: Path,
    steps: bool,
) -> list[bytes]:
    """The HTML of each deck: its frame has `$script`, which is the only one that may run, by its
    `$hash`; `$steps` says whether to uncover."""
    script = script_file.read_text(encoding="utf-8")
    allowed = "sha256-" + b64encode(sha256(script.encode()).digest()).decode()
    return html.framed(
        [replace(page, is_deck=True) for page in pages],
        frame,
        styles,
        font,
        _sections,
        script=script,
        hash=allowed,
        steps=" data-steps" * steps,
    )


def _sections(page: Page, blocks: list[pandoc.Node]) -> Iterator[pandoc.Node]:
    title, blocks = title_of(blocks)
    for number, slide in enumerate(slides_of(blocks, page, has_links=True)):
        kind = "slide opening" if not number else "slide" if slide.blocks else "slide chapter"
        yield pandoc.raw("html", f'<section class="{kind}">')
        heading = slide.heading if number else title or [{"t": "Str", "c": page.name}]
        yield {
            "t": "Header",
            "c": [
                2 if number else 1,
                ["", [], []],
                changed(heading, lambda node: html.inline(node, page)),
            ],
        }
        yield pandoc.raw("html", '<div class="body">')
        for widths, columns in slide.parts(len(slide.blocks)):
            several = len(widths) > 1
            if several:
                yield pandoc.raw(
                    "html",
                    f'<div class="columns" style="grid-template-columns: {" ".join(f"minmax(0, {width}fr)" for width in widths)}">',
                )
            for width, column in zip(widths, columns):
                if several:
                    yield pandoc.raw("html", '<div class="column">')
                yield from (
                    _still(block, width, page)
                    for block in html.typeset(slide.blocks[column], page, plain(heading))
                )
                if several:
                    yield pandoc.raw("html", "</div>")
            if several:
                yield pandoc.raw("html", "</div>")
        yield pandoc.raw("html", "</div>\n</section>")


def _still(block: pandoc.Node, width: float, page: Page) -> pandoc.Node:
    """What scrolls on a page is broken or set smaller on a slide, so it takes no part in the order
    of the keyboard."""
    if block["t"] != "Div":
        return block
    kinds = list(block["c"][0][1])

    def shown(node: pandoc.Node) -> pandoc.Node | None:
        if node["t"] != "Math":
            return None
        tex = _broken(node["c"][1], width)
        if worked := worked_in(page.markdown, node["c"][1]):
            kinds.append(f"row-{worked.row}")
            tex = under(tex, worked)
        return {"t": "Math", "c": [node["c"][0], tex]}

    inside = changed(block["c"][1], shown)
    return {"t": "Div", "c": [["", kinds, []], inside]}


def _broken(tex: str, width: float) -> str:
    """A formula in lines that fit a column of a slide."""
    try:
        row = boxes(tex)
        shown = broken(row, width)
    except ReadError:  # what only a PDF cannot show
        return tex
    return tex if shown == row else written(shown)

"""Markdown -> PDF: pandoc turns the prose into Typst, our own table the formulas, Typst sets the
page.

The look of the page is `templates/typst/notes.typ`. Typst reads nothing outside the job's folder,
no font but its own and no clock: same input, same bytes.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..errors import ReadError, WorksheetError
from ..tex.boxes import Aligned, Glyph, Row, boxes
from ..tex.line_breaking import QUAD, fitted, high, tall, wide
from ..tex.to_typst import quoted, typst, written
from ..tex.to_words import speaker
from . import pandoc
from .arranged import INDENT, ONE, Beside, arranged
from .blocks import broken
from .cells import Cells
from .fonts import faces_for, given, is_usual, named
from .givens import with_givens
from .pages import (
    BLANK,
    SOLUTION,
    TASK,
    Contents,
    Display,
    Drawing,
    NewPage,
    Page,
    Picture,
    Piece,
    Room,
    Task,
    banded,
    changed,
    foot_of,
    heading,
    is_set_apart,
    links,
    pieces,
    placed,
    plain,
    sound,
    title_of,
    with_pages,
)
from .qr import stamp
from .regions import Region, regions, without_points
from .spreads import Spread, spreads
from .tables import FOLLOWS, ROWS, TICK, divided, size_of
from .worked import with_names, worked_in

ROOMY = 34  # em of a formula that fits the text block whatever it is
LOW = 26  # em of a formula that is lower than half a page of either paper
# em of a formula that is drawn smaller rather than broken: it fits at four fifths of its size
WIDEST = 48
TALLEST = 57  # em of a line that fits a page, of the lower paper too
MATRIX = "matrix}"
COLUMNS = re.compile(r"columns: (?P<count>\d+),(?P<rows>(?:(?!columns: \d+,).)*)", re.DOTALL)
SHORT = 12  # rows of a table that is not divided
SMALLEST = 0.7  # of its size, to which a formula may be drawn


def pdfs(pages: list[Page], paper: str, look: Path, fonts: Path | None = None) -> list[bytes]:
    """The PDF of each page. `look`: the Typst file with the page set-up; `fonts`: a folder of fonts
    that go before those of the machine. Raises WorksheetError for what cannot be set."""
    pages = [replace(page, markdown=divided(page.markdown, paper)) for page in pages]

    def document(page: Page, blocks: list[pandoc.Node], folder: Path) -> Iterator[pandoc.Node]:
        title, blocks = title_of(blocks)
        yield pandoc.raw(
            "typst", _head(plain(title) or page.name, paper, page, foot_of(blocks), folder)
        )
        yield from with_pages(list(typeset(blocks, page, folder, paper)), _page_of)

    return compiled(pages, look, document, fonts)


def _page_of(identifier: str) -> pandoc.Node:
    return {"t": "RawInline", "c": ["typst", f"#context counter(page).at(<{identifier}>).first();"]}


def compiled(
    pages: list[Page],
    look: Path,
    document: Callable[[Page, list[pandoc.Node], Path], Iterable[pandoc.Node]],
    fonts: Path | None = None,
) -> list[bytes]:
    """The PDF of each page; `document` makes of its blocks those that Typst is given, and puts what
    they show into the folder."""
    with bench(pages, look, fonts) as places:
        documents = [
            list(document(page, blocks, place.folder))
            for page, blocks, place in zip(
                pages, pandoc.read([page.markdown for page in pages]), places, strict=True
            )
        ]
        found = []
        for page, text, place in zip(pages, pandoc.write(documents, "typst"), places, strict=True):
            column = 1 if ROWS in page.markdown.splitlines() else FOLLOWS
            found.append(place.pdf(COLUMNS.sub(lambda table, at=column: _columns(table, at), text)))
        return found


class Place(NamedTuple):
    """Where a page is set: its folder, and what makes its PDF of Typst's text, which may read what
    lies there."""

    folder: Path
    pdf: Callable[[str], bytes]


@contextmanager
def bench(pages: list[Page], look: Path, fonts: Path | None = None) -> Iterator[list[Place]]:
    """A place for each page, with `look` and the fonts that their signs ask for. Raises
    WorksheetError for a sign without a font."""
    import typst as engine

    faces = [faces_for(signs_of(page.markdown), fonts) for page in pages]
    for page, found in zip(pages, faces, strict=True):
        if found.missing:
            raise WorksheetError(f"no font here has {named(found)}", page.name, found.hint)
    with (
        given(file for found in faces for file in found.files) as fonts_given,
        tempfile.TemporaryDirectory(prefix="worksheet-") as name,
    ):
        root = Path(name)
        shutil.copy(look, root / look.name)
        compiler = engine.Compiler(
            root=root,
            font_paths=fonts_given,
            package_path=root / "none",
            package_cache_path=root / "none",
        )

        def place(number: int, page: Page, rules: str) -> Place:
            folder = root / str(number)
            folder.mkdir()

            def pdf(text: str) -> bytes:
                main = folder / "page.typ"
                main.write_text(rules + text, encoding="utf-8", newline="\n")
                return _compiled(compiler, engine, main, page)

            return Place(folder, pdf)

        yield [
            place(number, page, found.rules)
            for number, (page, found) in enumerate(zip(pages, faces, strict=True))
        ]


def signs_of(text: str) -> str:
    """The signs of a text that ask for a font, once each; those that are only so together stay
    together."""
    return (
        ""
        if is_usual(text)
        else "".join(dict.fromkeys(re.findall("[\u2190-\u2bff]\ufe0f|[^\\x00-\u024f]", text)))
    )


def _compiled(compiler, engine, main: Path, page: Page) -> bytes:
    try:
        pdf, warnings = compiler.compile_with_warnings(
            main, format="pdf", pdf_standards=["ua-1"], timestamp=0
        )
    except engine.TypstError as fault:
        raise WorksheetError(
            f"Typst refuses the page: {fault.message}", page.name, "; ".join(fault.hints)
        ) from None
    if warnings:
        raise WorksheetError(
            f"Typst is not content with the page: {warnings[0].message}", page.name
        )
    return pdf


def _columns(table: re.Match, place: int) -> str:
    """In a table with heads within it one column takes the room that the others leave: it holds
    lines of working, or what follows from them."""
    if "colspan" not in table["rows"]:
        return table[0]
    widths = ["auto"] * int(table["count"])
    widths[place] = "1fr"
    return f"columns: ({', '.join(widths)}),{table['rows']}"


def _head(title: str, paper: str, page: Page, foot: str, folder: Path) -> str:
    more = f", foot: {quoted(foot)}" * bool(foot)
    if TASK.search(page.markdown):
        more += ", is-sheet: true"
    elif page.columns != ONE:
        more += ", look: dense"
    if size := size_of(page.markdown, paper):
        more += (
            f", compact: {size}pt"
            + ", has-ticks: true" * (TICK in page.markdown)
            + ", is-whole: false" * (SOLUTION in page.markdown)
        )
    if qr := stamp(foot):
        (folder / "code.svg").write_text(qr.svg, encoding="utf-8")
        more += f", stamp: image({quoted(f'/{folder.name}/code.svg')}, alt: {quoted(qr.alt)})"
    dense = (
        "\n".join(
            f"#let {name} = {name}.with(look: dense)"
            for name in ("equation", "wide-equation", "drawing", "picture")
        )
        if page.columns != ONE
        else ""
    )
    rows = f"\n#small({size}pt)[" if SOLUTION in page.markdown else ""
    return f'#import "/notes.typ": *\n{dense}\n#show: notes.with(title: {quoted(title)}, paper: "{paper}"{more}){rows}'


def typeset(
    blocks: list[pandoc.Node], page: Page, folder: Path, paper: str = "", widest: float = WIDEST
) -> Iterator[pandoc.Node]:
    """The blocks as pandoc's writer takes them, everything of ours as raw Typst; on `paper` in the
    page's columns. No formula is wider than `widest` em if it can be broken."""
    found = list(spreads(list(regions(pieces(blocks, page, has_tasks=True)))))
    for piece in found:
        if isinstance(piece, Spread) and isinstance(piece.drawing, Cells) and paper:
            piece.drawing.insist(paper, page.name)
    yield from _set(
        list(arranged(list(with_givens(found, paper)), page.columns, paper))
        if paper and page.columns != ONE
        else found,
        page,
        folder,
        set(links(blocks)),
        widest=widest,
    )


def _set(
    found: Sequence[Piece | Beside],
    page: Page,
    folder: Path,
    linked: set[str],
    width: float = 0,
    widest: float = WIDEST,
) -> Iterator[pandoc.Node]:
    """Pieces one below the other, in a column of a width in em, or of the page's own."""
    for before, piece, following in zip([None, *found], found, [*found[1:], None]):
        if isinstance(piece, Display):
            yield pandoc.raw(
                "typst",
                display(
                    piece.tex,
                    page,
                    row=piece.row,
                    room=width - INDENT if width else ROOMY,
                    widest=widest,
                ),
            )
        elif isinstance(piece, Beside):
            shares = ", ".join(f"{width:.2f}fr" for width in piece.widths)
            yield pandoc.raw(
                "typst", f"#beside({shares}, is-first: {str(piece.is_first).lower()})(["
            )
            for place, cell in enumerate(piece.cells):
                yield from [pandoc.raw("typst", "], [")] * bool(place)
                yield from _set(cell, page, folder, linked, piece.widths[place])
            yield pandoc.raw("typst", "])")
        elif isinstance(piece, Drawing):
            name = f"network-{len(list(folder.glob('network-*')))}.svg"
            (folder / name).write_text(piece.svg, encoding="utf-8")
            share = ", share: 100%" * bool(width)
            yield pandoc.raw(
                "typst",
                f"#drawing({quoted(f'/{folder.name}/{name}')}, {quoted(piece.alt)}{share}{f', least: {piece.least}' * bool(piece.least)})",
            )
        elif isinstance(piece, Picture):
            (folder / piece.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page.folder / piece.path, folder / piece.path)
            share = ", share: 70mm" * bool(width)
            yield pandoc.raw(
                "typst",
                f"#picture({quoted(f'/{folder.name}/{piece.path}')}, {quoted(piece.alt)}{share})[",
            )
            yield {"t": "Plain", "c": changed(piece.caption, lambda node: inline(node, page))}
            yield pandoc.raw("typst", "]")
        elif isinstance(piece, Room):
            if not _may_lead(before):
                yield pandoc.raw("typst", f"#room({piece.lines})")
        elif isinstance(piece, Region):
            yield from _region(piece, page)
        elif isinstance(piece, Spread):
            yield from _spread(piece, page, folder, linked)
        elif isinstance(piece, Task):
            continue  # what follows says it
        elif isinstance(piece, NewPage):
            yield pandoc.raw(
                "typst",
                "]\n#set page(margin: usual.margin)"
                if piece.ends_rows
                else "#pagebreak(weak: true)",
            )
        elif isinstance(piece, Contents):
            yield pandoc.raw("typst", "#contents()")
        elif piece["t"] == "Header":
            whole = heading(piece, lambda node: inline(node, page))
            if whole["c"][1][0] not in linked:
                whole["c"][1][0] = ""
            yield whole
        else:
            is_task = isinstance(before, Task)
            whole = without_points([piece])[0] if is_task else piece
            block = changed(
                banded(whole) if piece["t"] == "Table" else whole, lambda node: inline(node, page)
            )
            leads = is_set_apart(following) or isinstance(following, Beside)
            call = (
                "#boxed"
                if piece["t"] == "BlockQuote" and isinstance(before, Drawing)
                else "#stacked"
                if piece["t"] == "Table" and MATRIX in repr(piece)
                else f"#pointed({quoted(before.points)})"
                if is_task
                else "#tall"
                if _is_tall(piece)
                else "#whole"
                if _is_short(piece) and page.columns != ONE and not page.is_deck
                else ""
                if not _may_lead(piece)
                else f"#task({following.lines})"
                if isinstance(following, Room)
                else "#lead"
                if leads
                else ""
            )
            if call:  # keeps what it leads to
                yield pandoc.raw("typst", f"{call}[")
                yield from block["c"] if call == "#boxed" else [block]
                yield pandoc.raw("typst", "]")
            else:
                yield block


def _region(region: Region, page: Page) -> Iterator[pandoc.Node]:
    """A task with its room and its blanks; the points, which its words say too, stand in a box in
    the margin."""
    blanks = "".join(
        f"(label: [{_formula(each.label, page)}], em: {each.em}, rows: {each.rows}, columns: {each.columns}), "
        for each in region.blanks
    )
    room = f"lines: {region.lines}, begin: {region.begin}, is-long: {str(region.is_long).lower()}"
    yield pandoc.raw(
        "typst",
        f"#region({quoted(region.task.letter)}, {quoted(region.task.points)}, {room}, ({blanks}))[",
    )
    yield from changed(without_points(region.statement), lambda node: inline(node, page))
    yield pandoc.raw("typst", "]")


def _spread(spread: Spread, page: Page, folder: Path, linked: set[str]) -> Iterator[pandoc.Node]:
    """A page across, with the points of its task in a box."""
    yield pandoc.raw(
        "typst", f"#spread(points: {quoted(spread.task.points) if spread.task else 'none'})["
    )
    yield from _set(list(spread.before), page, folder, linked)
    if isinstance(spread.drawing, Cells):
        place, name = f"/{folder.name}", f"cells-{len(list(folder.glob('cells-*')))}"
        (folder / f"{name}.json").write_text(spread.drawing.text, encoding="utf-8")
        shutil.copy(spread.drawing.look, folder / "grid.typ")
        yield pandoc.raw(
            "typst",
            f'#{{ import "{place}/grid.typ": picture; picture(json("{place}/{name}.json")) }}',
        )
    else:
        yield from _set([spread.drawing], page, folder, linked)
    for block in spread.after:
        yield from [
            pandoc.raw("typst", "#boxed["),
            *changed(block["c"], lambda node: inline(node, page)),
            pandoc.raw("typst", "]"),
        ]
    yield pandoc.raw("typst", "]")


def _may_lead(piece) -> bool:
    """A paragraph, but not a line to write on."""
    return (
        isinstance(piece, dict)
        and piece["t"] == "Para"
        and not any(each["t"] == "Str" and BLANK.search(each["c"]) for each in piece["c"])
    )


def _is_short(piece: pandoc.Node) -> bool:
    """A table that goes on over no end of a page."""
    return piece["t"] == "Table" and sum(len(part[3]) for part in piece["c"][4]) <= SHORT


def _is_tall(piece: pandoc.Node) -> bool:
    """A line to write on, for quantities whose symbols are fractions."""
    return piece["t"] == "Para" and any(
        each["t"] == "Math" and r"\dfrac" in each["c"][1] for each in piece["c"]
    )


def inline(node: pandoc.Node, page: Page) -> pandoc.Node | None:
    """A formula or a piece of code as Typst; any other node as `sound` has it."""
    if node["t"] == "Math":
        tex = node["c"][1].strip()
        is_inline = node["c"][0]["t"] == "InlineMath"
        return {
            "t": "RawInline",
            "c": ["typst", (_formula if is_inline else display)(tex, page) + ";"],
        }
    if node["t"] in ("Code", "CodeBlock"):
        return {
            "t": "RawInline" if node["t"] == "Code" else "RawBlock",
            "c": [
                "typst",
                f"#raw(block: {str(node['t'] == 'CodeBlock').lower()}, {quoted(node['c'][1])});",
            ],
        }
    return sound(node, page, lambda size: {"t": "RawInline", "c": ["typst", f"#blank({size});"]})


def _formula(tex: str, page: Page) -> str:
    """A formula within a line; the entries of a matrix as large as its words."""
    with placed(page):
        return f"#formula({_spoken(boxes(tex), page)}, {f'$display({typst(tex)})$' if MATRIX in tex else f'${typst(tex)}$'})"


def display(
    tex: str,
    page: Page,
    steps: int = 0,
    part: str = "",
    row: Row = (),
    room: float = ROOMY,
    widest: float = WIDEST,
) -> str:
    """A formula on lines of its own, broken where it is too wide; smaller where a line of it is
    taller than a page. Of a chain its first `steps`, where the whole would have them; `part` is the
    TeX of these. `row` is how it is set where that is not as it is written; what is narrower than
    `room` em fits."""
    with placed(page):
        words = _spoken(row or boxes(part or tex), page)
        row = (
            broken(row or boxes(tex), widest) if page.is_deck else fitted(row or boxes(tex), widest)
        )
        if page.is_deck and (worked := worked_in(page.markdown, tex)):
            row = with_names(row, worked)
        height = tall(row)
        if height * SMALLEST > TALLEST:
            raise ReadError(
                f"a line is taller than a page: {tex.split(maxsplit=1)[0]}...",
                hint="ask for less detail, or for fewer units",
            )
        shown = _first(row, steps) if steps else row
        if wide(row) < min(room, 0.8 * widest) and high(row) < LOW:  # Typst need not measure it
            return f"#equation({words}, $ {written(shown)} $)"
        first = (
            [max(map(tall, cells)) for cells in row[0].rows[:2]]
            if isinstance(row[0], Aligned)
            else [height]
        )
        whole = f", whole: $ {written(row)} $" if steps else ""
        return (
            f"#wide-equation({words}, $ {written(shown)} $, most: {min(1, TALLEST / height):.2f}, "
            f"start: {min(TALLEST, sum(first) + 2):.1f}{whole})"
        )


def _first(row: Row, steps: int) -> Row:
    """The first steps of a chain, each with the rows in which it goes on."""
    rows = row[0].rows
    starts = [
        place
        for place, cells in enumerate(rows)
        if cells[-1][:1] not in ((QUAD,), (Glyph(r"\qquad"),))
    ]
    return (Aligned(rows[: starts[steps]]),)


def _spoken(row: Row, page: Page) -> str:
    """The alternative text of a formula: its words; a space where there is nothing to be said."""
    return quoted(speaker(page.words).said(row) or " ")

"""Markdown -> PDF: pandoc turns the prose into Typst, our own table the formulas, Typst sets the page.

The look of the page is `templates/typst/notes.typ`. Typst reads nothing outside the job's folder, no font but its own and no
clock: same input, same bytes.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..breaking import QUAD, fitted, high, tall, wide
from ..errors import ReadError, WorksheetError
from ..texboxes import Aligned, Glyph, Row, boxes
from ..typstmath import quoted, typst, written
from . import pandoc
from .compact import way_of
from .fonts import Faces, faces_for, folder_of, is_usual
from .pages import (BLANK, Contents, Display, Drawing, Page, Picture, Room, banded, changed, foot_of, heading, is_set_apart, links, pieces, placed,
                    plain, sound, title_of)
from .qr import stamp

ROOMY = 34       # em of a formula that fits the text block whatever it is
LOW = 26         # em of a formula that is lower than half a page of either paper
WIDEST = 48      # em of a formula that is drawn smaller rather than broken: it fits at four fifths of its size
TALLEST = 57     # em of a line that fits a page, of the lower paper too
MATRIX = "matrix}"
COLUMNS = re.compile(r"columns: (?P<count>\d+),(?P<rows>(?:(?!columns: \d+,).)*)", re.DOTALL)
SMALLEST = 0.7   # of its size, to which a formula may be drawn


def pdfs(pages: list[Page], paper: str, look: Path, fonts: Path | None = None) -> list[bytes]:
    """The PDF of each page. `look`: the Typst file with the page set-up; `fonts`: a folder of fonts that go before those of the machine. Raises
    WorksheetError for what cannot be set."""
    def document(page: Page, blocks: list[pandoc.Node], folder: Path) -> Iterator[pandoc.Node]:
        title, blocks = title_of(blocks)
        yield pandoc.raw("typst", _head(plain(title) or page.name, paper, page, foot_of(blocks), folder))
        yield from typeset(blocks, page, folder)

    return compiled(pages, look, document, fonts)


def compiled(pages: list[Page], look: Path, document: Callable[[Page, list[pandoc.Node], Path], Iterable[pandoc.Node]],
             fonts: Path | None = None) -> list[bytes]:
    """The PDF of each page; `document` makes of its blocks those that Typst is given, and puts what they show into the folder."""
    import typst as engine
    faces = [faces_for(signs_of(page.markdown), fonts) for page in pages]
    for page, found in zip(pages, faces, strict=True):
        if found.missing:
            raise WorksheetError(f"no font here has {named(found)}", page.name, found.hint)
    with folder_of(file for found in faces for file in found.files) as paths, tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        root = Path(place)
        shutil.copy(look, root / look.name)
        documents = []
        for number, (page, blocks) in enumerate(zip(pages, pandoc.read([page.markdown for page in pages]), strict=True)):
            folder = root / str(number)
            folder.mkdir()
            documents.append(list(document(page, blocks, folder)))
        compiler = engine.Compiler(root=root, font_paths=paths, ignore_system_fonts=True, package_path=root / "none", package_cache_path=root / "none")
        found = []
        for number, (page, text, given) in enumerate(zip(pages, pandoc.write(documents, "typst"), faces, strict=True)):
            main = root / str(number) / "page.typ"
            main.write_text(given.rules + COLUMNS.sub(_columns, text), encoding="utf-8", newline="\n")
            found.append(_compiled(compiler, engine, main, page))
        return found


def signs_of(text: str) -> str:
    """The signs of a text that ask for a font, once each; those that are only so together stay together."""
    return "" if is_usual(text) else "".join(dict.fromkeys(re.findall("[\u2190-\u2bff]\ufe0f|[^\\x00-\u024f]", text)))


def named(faces: Faces) -> str:
    """`李 (Chinese characters)`, `U+E000 (other signs)`."""
    return ", ".join(f"{sign if sign.isprintable() else f'U+{ord(sign):04X}'} ({script.name})" for sign, script in faces.missing[:5]) + f" and {len(faces.missing) - 5} more" * (len(faces.missing) > 5)


def _compiled(compiler, engine, main: Path, page: Page) -> bytes:
    try:
        pdf, warnings = compiler.compile_with_warnings(main, format="pdf", pdf_standards=["ua-1"], timestamp=0)
    except engine.TypstError as fault:
        raise WorksheetError(f"Typst refuses the page: {fault.message}", page.name, "; ".join(fault.hints)) from None
    if warnings:
        raise WorksheetError(f"Typst is not content with the page: {warnings[0].message}", page.name)
    return pdf


def _columns(table: re.Match) -> str:
    """In a table with heads within it the second column takes the room that the others leave: it holds lines of working."""
    count = int(table["count"])
    return table[0] if "colspan" not in table["rows"] else f"columns: (auto, 1fr, {'auto, ' * (count - 2)}),{table['rows']}"


def _head(title: str, paper: str, page: Page, foot: str, folder: Path) -> str:
    more = f", foot: {quoted(foot)}" * bool(foot)
    if way := way_of(page.markdown, paper):
        more += f", compact: (columns: {way.columns}, size: {way.points}pt)"
    if qr := stamp(foot):
        (folder / "code.svg").write_text(qr.svg, encoding="utf-8")
        more += f", stamp: image({quoted(f'/{folder.name}/code.svg')}, alt: {quoted(qr.alt)})"
    return f'#import "/notes.typ": *\n#show: notes.with(title: {quoted(title)}, paper: "{paper}"{more})'


def typeset(blocks: list[pandoc.Node], page: Page, folder: Path) -> Iterator[pandoc.Node]:
    """The blocks as pandoc's writer takes them, everything of ours as raw Typst."""
    found, linked = list(pieces(blocks, page)), set(links(blocks))
    for before, piece, following in zip([None, *found], found, [*found[1:], None]):
        if isinstance(piece, Display):
            yield pandoc.raw("typst", display(piece.tex, page))
        elif isinstance(piece, Drawing):
            name = f"network-{len(list(folder.glob('network-*')))}.svg"
            (folder / name).write_text(piece.svg, encoding="utf-8")
            yield pandoc.raw("typst", f"#drawing({quoted(f'/{folder.name}/{name}')}, {quoted(piece.alt)})")
        elif isinstance(piece, Picture):
            (folder / piece.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page.folder / piece.path, folder / piece.path)
            yield pandoc.raw("typst", f"#picture({quoted(f'/{folder.name}/{piece.path}')}, {quoted(piece.alt)})[")
            yield {"t": "Plain", "c": changed(piece.caption, lambda node: inline(node, page))}
            yield pandoc.raw("typst", "]")
        elif isinstance(piece, Room):
            if not _may_lead(before):
                yield pandoc.raw("typst", f"#room({piece.lines})")
        elif isinstance(piece, Contents):
            yield pandoc.raw("typst", "#contents()")
        elif piece["t"] == "Header":
            whole = heading(piece, lambda node: inline(node, page))
            if whole["c"][1][0] not in linked:
                whole["c"][1][0] = ""
            yield whole
        else:
            block = changed(banded(piece) if piece["t"] == "Table" else piece, lambda node: inline(node, page))
            call = ("#tall" if _is_tall(piece) else "" if not _may_lead(piece) else
                    f"#task({following.lines})" if isinstance(following, Room) else "#lead" if is_set_apart(following) else "")
            if call:      # keeps what it leads to
                yield pandoc.raw("typst", f"{call}[")
                yield block
                yield pandoc.raw("typst", "]")
            else:
                yield block


def _may_lead(piece) -> bool:
    """A paragraph, but not a line to write on."""
    return isinstance(piece, dict) and piece["t"] == "Para" and not any(each["t"] == "Str" and BLANK.search(each["c"]) for each in piece["c"])


def _is_tall(piece: pandoc.Node) -> bool:
    """A line to write on, for quantities whose symbols are fractions."""
    return piece["t"] == "Para" and any(each["t"] == "Math" and r"\dfrac" in each["c"][1] for each in piece["c"])


def inline(node: pandoc.Node, page: Page) -> pandoc.Node | None:
    if node["t"] == "Math":
        tex = node["c"][1].strip()
        is_inline = node["c"][0]["t"] == "InlineMath"
        return {"t": "RawInline", "c": ["typst", (_formula if is_inline else display)(tex, page) + ";"]}
    if node["t"] in ("Code", "CodeBlock"):
        return {"t": "RawInline" if node["t"] == "Code" else "RawBlock",
                "c": ["typst", f"#raw(block: {str(node['t'] == 'CodeBlock').lower()}, {quoted(node['c'][1])});"]}
    return sound(node, page, lambda size: {"t": "RawInline", "c": ["typst", f"#blank({size});"]})


def _formula(tex: str, page: Page) -> str:
    """A formula within a line; the entries of a matrix as large as its words."""
    with placed(page):
        return f"#formula({_spoken(tex)}, {f'$display({typst(tex)})$' if MATRIX in tex else f'${typst(tex)}$'})"


def display(tex: str, page: Page, steps: int = 0, part: str = "") -> str:
    """A formula on lines of its own, broken where it is too wide; smaller where a line of it is taller than a page. Of a chain its
    first `steps`, where the whole would have them; `part` is the TeX of these."""
    with placed(page):
        row = fitted(boxes(tex), WIDEST)
        height = tall(row)
        if height * SMALLEST > TALLEST:
            raise ReadError(f"a line is taller than a page: {tex.split(maxsplit=1)[0]}...", hint="ask for less detail, or for fewer units")
        shown = _first(row, steps) if steps else row
        if wide(row) < ROOMY and high(row) < LOW:      # Typst need not measure it
            return f"#equation({_spoken(part or tex)}, $ {written(shown)} $)"
        first = [max(map(tall, cells)) for cells in row[0].rows[:2]] if isinstance(row[0], Aligned) else [height]
        whole = f", whole: $ {written(row)} $" if steps else ""
        return (f"#wide-equation({_spoken(part or tex)}, $ {written(shown)} $, most: {min(1, TALLEST / height):.2f}, "
                f"start: {min(TALLEST, sum(first) + 2):.1f}{whole})")


def _first(row: Row, steps: int) -> Row:
    """The first steps of a chain, each with the rows in which it goes on."""
    rows = row[0].rows
    starts = [place for place, cells in enumerate(rows) if cells[-1][:1] not in ((QUAD,), (Glyph(r"\qquad"),))]
    return (Aligned(rows[:starts[steps]]),)


def _spoken(tex: str) -> str:
    """The alternative text of a formula: its TeX, which readers of formulas know, in one line."""
    return quoted(" ".join(tex.split()))

"""Markdown -> Word: pandoc writes the words, our own table the equations (`tex/to_omml.py`);
figures are pictures with their words.

The look of the page is the styles, margins and running heads of `templates/docx/notes.docx`, a
document to be changed in Word. Same input, same bytes.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha1
from html import escape
from io import BytesIO
from math import inf
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ..tex.to_omml import omml
from . import pandoc
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
    has_bands,
    heading,
    is_set_apart,
    measured,
    named,
    pieces,
    placed,
    plain,
    sound,
    title_of,
    with_pages,
)
from .pictures import DOTS, converted
from .qr import stamp
from .regions import Region, pointed, regions, without_points
from .spreads import Spread, spreads
from .tables import COMPACT

SIZES = {"a4": (11906, 16838), "us-letter": (12240, 15840)}  # twentieths of a point
TEXT_WIDTH, TEXT_HEIGHT = 6.0, 8.0  # inches of a page that a picture may take
LINE = 352  # twentieths of a point of one line to work in
TALLEST = 31680  # the most room that Word takes in one paragraph
LANDSCAPE, MARGIN = ' w:orient="landscape"', 680
# ends what stands before it: a section whose picture is so wide in EMU; 0: one upright
SECTION = '<w:p><w:pPr><w:sectPr across="{}"/></w:pPr></w:p>'
SECTIONED = re.compile(rb'<w:sectPr across="(\d+)"/>')
EXTENT = re.compile(rb'(?P<tag><(?:wp:extent|a:ext) )cx="(?P<wide>\d+)" cy="(?P<high>\d+)"')
ACROSS_PAGE, EMU = (
    (10.7, 6.4),
    914400,
)  # inches of a page across that a picture may take; units of an inch
CELL, ACROSS = (
    26,
    0.0092,
)  # em of a line of working in such a table, and the share of its width that a character takes
WIDEST = 34  # em of a formula that fit between the margins
POINTS, ACROSS_TASK = 1100, 8700  # twentieths of a point of the box for points, and of a task
EDGE = {"dotted": 4, "single": 8}  # eighths of a point
LONGEST_NAME = 40  # of a bookmark
PAGE = (
    '<w:fldSimple w:instr=" PAGEREF {} \\h " w:dirty="true"><w:r><w:t>…</w:t></w:r></w:fldSimple>'
)
# what a table is called stands in it too, for those to whom it is told; on the page it is the
# heading above
CAPTION = re.compile(
    rb'<w:p><w:pPr><w:pStyle w:val="TableCaption" />(?:(?!</w:p>).)*</w:p>\s*(?=<w:tbl>)', re.DOTALL
)
HALF_EM = "\u2002"
BLANK = '<w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
_BEGUN = (1980, 1, 1, 0, 0, 0)


def docxs(pages: list[Page], paper: str, look: Path) -> list[bytes]:
    """The Word document of each page. `look`: the document that has the styles."""
    made, language = [], _language(look)
    for page, blocks in zip(pages, pandoc.read([page.markdown for page in pages]), strict=True):
        words, blocks = title_of(blocks)
        title = changed(words, partial(_inline, page=page)) or [{"t": "Str", "c": page.name}]
        qr = stamp(foot_of(blocks))
        head = [_styled("Stamp", [_image(converted(qr.svg.encode(), "png"), qr.alt)])] if qr else []
        made.append(
            _settled(
                pandoc.document(
                    [
                        *head,
                        *with_pages(
                            list(_blocks(blocks, page, plain(words) or page.name)), _page_of
                        ),
                    ],
                    "docx",
                    "--reference-doc",
                    str(look),
                    "--syntax-highlighting=none",
                    title=title,
                    language=language,
                ),
                paper,
                COMPACT in page.markdown.splitlines(),
            )
        )
    return made


def _language(look: Path) -> str:
    """The language of the words, which stands among the styles."""
    with ZipFile(look) as opened:
        found = re.search(rb'<w:lang\b[^>]* w:val="([\w-]+)"', opened.read("word/styles.xml"))
    return found[1].decode() if found else "en"


def _settled(docx: bytes, paper: str, is_compact: bool) -> bytes:
    """The same document on its paper, without a trace of when it was made; a compact one across it,
    for no line of a cell is broken in LibreOffice."""
    wide, high = reversed(SIZES[paper]) if is_compact else SIZES[paper]
    out = BytesIO()
    with ZipFile(BytesIO(docx)) as given, ZipFile(out, "w") as kept:
        for name in given.namelist():
            content = given.read(name)
            if name == "word/document.xml":
                content = CAPTION.sub(b"", content)
                content = _sectioned(content)
                content = re.sub(
                    rb"<w:pgSz (?!across)[^>]*>",
                    f'<w:pgSz w:w="{wide}" w:h="{high}"{LANDSCAPE * is_compact}/>'.encode(),
                    content,
                )
                content = content.replace(
                    b"<w:pgSz across/>",
                    f'<w:pgSz w:w="{max(wide, high)}" w:h="{min(wide, high)}"{LANDSCAPE}/>'.encode(),
                )
                content = re.sub(
                    rb'(<pic:cNvPr) descr="data:[^"]*"', rb"\1", content
                )  # as the words of a picture within, pandoc gives its bytes in letters
                content = (
                    re.sub(
                        rb'(?<=w:left=)"\d+"|(?<=w:right=)"\d+"', f'"{MARGIN}"'.encode(), content
                    )
                    if is_compact
                    else content
                )
            kept.writestr(ZipInfo(name, _BEGUN), content, ZIP_DEFLATED)
    return out.getvalue()


def _sectioned(document: bytes) -> bytes:
    """The sections within a document with the running heads and margins of its last; one across has
    narrow margins, and pandoc has made its picture as wide as an upright page."""
    if not SECTIONED.search(document):
        return document
    last = document[
        document.rindex(b"<w:sectPr") : document.rindex(b"</w:sectPr>") + len(b"</w:sectPr>")
    ]
    across = re.sub(rb"<w:pgSz [^>]*>", b"<w:pgSz across/>", last)
    across = re.sub(
        rb'(?<=w:left=)"\d+"|(?<=w:right=)"\d+"|(?<=w:top=)"\d+"|(?<=w:bottom=)"\d+"',
        f'"{MARGIN}"'.encode(),
        across,
    )
    found = []
    parts = SECTIONED.split(document)  # text, width, text, width, ..., text
    for text, wide in zip(parts[::2], [*parts[1::2], b""]):
        if width := int(wide or 0):
            text = EXTENT.sub(
                lambda size, width=width: (
                    b'%bcx="%d" cy="%d"'
                    % (size["tag"], width, round(width * int(size["high"]) / int(size["wide"])))
                ),
                text,
            )
        found += [text, across if width else last if wide else b""]
    return b"".join(found)


def bookmark(identifier: str) -> str:
    """What pandoc calls the bookmark of a heading: Word takes no name that is long or begins with a
    number."""
    is_name = re.match("[A-Za-z]", identifier) and len(identifier) <= LONGEST_NAME
    return identifier if is_name else f"X{sha1(identifier.encode()).hexdigest()[1:]}"


def _page_of(identifier: str) -> pandoc.Node:
    """The page of a heading: a field that Word and LibreOffice fill in."""
    return _raw(PAGE.format(bookmark(identifier)))


def _blocks(blocks: list[pandoc.Node], page: Page, above: str) -> Iterator[pandoc.Node]:
    """The blocks as Word has them; `above`: the words of the last heading before them."""
    found = list(pointed(spreads(list(regions(pieces(blocks, page, has_tasks=True))))))
    for (piece, task), (following, _) in zip(found, [*found[1:], (None, None)]):
        if isinstance(piece, Region):
            yield from _region(piece, page)
        elif isinstance(piece, Spread):
            yield from _spread(piece, page, above)
        elif task and isinstance(piece, dict):
            yield from _tabled(
                [(changed([_listed(piece)], lambda node: _inline(node, page)), task, "", 0)], above
            )
        elif isinstance(piece, Display):
            yield pandoc.raw("openxml", _display(piece.tex, page))
        elif isinstance(piece, Drawing):
            yield _styled("Figure", [_image(converted(piece.svg.encode(), "png"), piece.alt)])
        elif isinstance(piece, Picture):
            file = page.folder / piece.path
            png = (
                file.read_bytes() if file.suffix == ".png" else converted(file.read_bytes(), "png")
            )
            yield _styled(
                "Captioned Figure" if piece.caption else "Figure", [_image(png, piece.alt)]
            )
            if piece.caption:
                yield _styled(
                    "Image Caption", changed(piece.caption, lambda node: _inline(node, page))
                )
        elif isinstance(piece, Room):
            yield _room(piece.lines * LINE)
        elif isinstance(piece, NewPage):
            yield pandoc.raw("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
        elif isinstance(piece, Contents):
            yield changed(piece.listed(), lambda node: _inline(node, page))
        elif piece["t"] == "Header":
            above = plain(piece["c"][2])
            yield heading(piece, lambda node: _inline(node, page))
        elif piece["t"] == "Para" and is_set_apart(following):
            yield _styled("Lead", changed(_listed(piece)["c"], lambda node: _inline(node, page)))
        else:
            whole = (
                banded(measured(piece, ACROSS) if has_bands(piece) else measured(piece))
                if piece["t"] == "Table"
                else _listed(piece)
                if piece["t"] == "Para"
                else piece
            )
            most = CELL if piece["t"] == "Table" and has_bands(piece) else inf
            yield changed(
                named(whole, above) if piece["t"] == "Table" else whole,
                partial(_inline, page=page, most=most),
            )
            if piece["t"] == "Table":  # which has no space of its own below
                yield _room(LINE // 2)


def _spread(spread: Spread, page: Page, above: str) -> Iterator[pandoc.Node]:
    """A section across."""
    png = converted(spread.drawing.svg.encode(), "png")
    yield pandoc.raw("openxml", SECTION.format(0))
    if spread.task:
        *heads, statement = spread.before
        yield from _blocks(heads, page, above)
        yield from _tabled(
            [(changed([_listed(statement)], lambda node: _inline(node, page)), spread.task, "", 0)],
            above,
        )
    else:
        yield from _blocks(list(spread.before), page, above)
    yield _styled("Figure", [_image(png, spread.drawing.alt)])
    yield from _blocks(list(spread.after), page, above)
    yield pandoc.raw("openxml", SECTION.format(round(_inches(png, *ACROSS_PAGE) * EMU)))


def _region(region: Region, page: Page) -> Iterator[pandoc.Node]:
    """A task: a table of three rows, which are its statement with its points, room to work in, and
    a frame with its answers."""

    def set_in(blocks: Iterable[pandoc.Node]) -> list[pandoc.Node]:
        return changed(list(blocks), lambda node: _inline(node, page))

    def hint(what: str, style: str) -> pandoc.Node:
        return _styled(style, [{"t": "Str", "c": f"({region.task.letter})\u00a0{what}"}])

    statement = [
        _styled("Lead", each["c"]) if each["t"] == "Para" else each
        for each in set_in(without_points(region.statement))
    ]
    yield from _tabled(
        [
            (statement, region.task, "", 0),
            ([hint("Working", "Lead")], None, "dotted", region.lines * LINE),
            ([hint("Answer", "Compact"), *set_in(map(_listed, region.answers))], None, "single", 0),
        ],
        f"Task ({region.task.letter})",
        keeps=region.begin == region.lines,
    )
    yield _room(LINE // 2)


def _tabled(
    rows: Sequence[tuple[list[pandoc.Node], Task | None, str, int]], name: str, keeps: bool = True
) -> Iterator[pandoc.Node]:
    """A table across the page, with a name for those to whom it is told: blocks in a frame of a
    line of some kind, or beside the points of a task; at least so high (twentieths of a point); no
    row is divided where it `keeps` together."""
    yield pandoc.raw(
        "openxml",
        f'<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/><w:tblCaption w:val="{escape(name)}"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{ACROSS_TASK - POINTS}"/><w:gridCol w:w="{POINTS}"/></w:tblGrid>',
    )
    for blocks, task, line, high in rows:
        height = f'<w:trHeight w:val="{high}" w:hRule="atLeast"/>' * bool(high)
        wide = (
            f'<w:tcW w:w="{ACROSS_TASK - POINTS * bool(task)}" w:type="dxa"/>'
            + '<w:gridSpan w:val="2"/>' * (not task)
        )
        yield pandoc.raw(
            "openxml",
            f"<w:tr><w:trPr>{'<w:cantSplit/>' * keeps}{height}</w:trPr><w:tc><w:tcPr>{wide}{_edges(line)}</w:tcPr>",
        )
        yield from blocks
        yield pandoc.raw(
            "openxml",
            "</w:tc>"
            + (
                f'<w:tc><w:tcPr><w:tcW w:w="{POINTS}" w:type="dxa"/>{_edges("single")}</w:tcPr><w:p><w:pPr><w:pStyle w:val="Compact"/>'
                f'<w:jc w:val="right"/></w:pPr><w:r><w:t>/ {task.points}</w:t></w:r></w:p></w:tc>'
                if task
                else ""
            )
            + "</w:tr>",
        )
    yield pandoc.raw("openxml", "</w:tbl>")


def _edges(line: str) -> str:
    """The four edges of a cell."""
    return (
        "<w:tcBorders>"
        + "".join(
            f'<w:{side} w:val="{line}" w:sz="{EDGE[line]}" w:space="0" w:color="auto"/>'
            for side in ("top", "left", "bottom", "right")
        )
        + "</w:tcBorders>"
        if line
        else ""
    )


def _listed(paragraph: pandoc.Node) -> pandoc.Node:
    """Formulas apart from each other by em spaces, one on a line: no line then ends between a
    formula and the blank behind it."""
    if not any(inline["t"] == "Math" for inline in paragraph["c"]):
        return paragraph
    return changed(
        paragraph, lambda node: {"t": "LineBreak"} if node == {"t": "Str", "c": "\u2003"} else None
    )


def _room(high: int) -> pandoc.Node:
    """Empty space, in twentieths of a point."""
    return pandoc.raw(
        "openxml",
        f'<w:p><w:pPr><w:pStyle w:val="Room"/><w:spacing w:line="{min(high, TALLEST)}" w:lineRule="exact"/></w:pPr></w:p>',
    )


def _styled(style: str, inlines: list[pandoc.Node]) -> pandoc.Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [{"t": "Para", "c": inlines}]]}


def _inches(png: bytes, most_wide: float, most_high: float) -> float:
    """How wide a picture stands: as it is, or as the page is."""
    wide, high = (dots / DOTS for dots in struct.unpack(">II", png[16:24]))
    return min(wide, most_wide, most_high * wide / high)


def _image(png: bytes, alt: str) -> pandoc.Node:
    """A picture on an upright page."""
    inches = f"{_inches(png, TEXT_WIDTH, TEXT_HEIGHT):.3f}in"
    return {
        "t": "Image",
        "c": [
            ["", [], [["width", inches]]],
            [{"t": "Str", "c": alt}],
            [f"data:image/png;base64,{b64encode(png).decode()}", ""],
        ],
    }


def _display(tex: str, page: Page) -> str:
    """A paragraph for each part of the formula."""
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="Formula"/></w:pPr><m:oMathPara><m:oMathParaPr><m:jc m:val="left"/></m:oMathParaPr>'
        f"<m:oMath>{part}</m:oMath></m:oMathPara></w:p>"
        for part in _omml(tex, page, WIDEST)
    )


def _inline(node: pandoc.Node, page: Page, most: float = inf) -> pandoc.Node | None:
    if node["t"] == "Math":
        return _raw(
            "<w:r><w:br/></w:r>".join(
                f"<m:oMath>{part}</m:oMath>" for part in _omml(node["c"][1], page, most)
            )
        )
    return sound(node, page, lambda size: _raw(BLANK.format(HALF_EM * size)))


def _omml(tex: str, page: Page, most: float = inf) -> tuple[str, ...]:
    with placed(page):
        return omml(tex.strip(), most)


def _raw(text: str) -> pandoc.Node:
    return {"t": "RawInline", "c": ["openxml", text]}

"""Markdown -> one HTML file that needs nothing else: formulas as MathML, figures inside, no script, no network.

The look of the page is `templates/html/notes.html` and `notes.css`. Pandoc writes the MathML from the TeX of the page.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from string import Template

from ..breaking import wide
from ..errors import ReadError
from ..texboxes import boxes
from . import pandoc
from .pages import Contents, Display, Drawing, Page, Picture, Room, changed, foot_of, pieces, plain, sound, title_of
from .qr import stamp

# browsers do not stretch the line of an underlined formula; our style draws it
UNDERLINE, RULE = '<mo accent="true">_</mo>', '<mo class="rule">_</mo>'
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}
PHONE = 11       # em of a formula that fit the smallest phone

_HEAD_CELL = re.compile(r"<th(?P<style>(?: [^>]*)?>)(?P<formula><math )?(?P<inside>.*?)</th>", re.DOTALL)
_TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)


def htmls(pages: list[Page], frame_file: Path, style_file: Path, font: Path) -> list[bytes]:
    """The HTML of each page, in a frame with `$title`, `$style` and `$body`; `$font` in the style is the font of the formulas."""
    frame = Template(frame_file.read_text(encoding="utf-8"))
    style = Template(style_file.read_text(encoding="utf-8")).safe_substitute(font=f"url({_data(font)})")
    documents, titles = [], []
    for page, blocks in zip(pages, pandoc.read([page.markdown for page in pages]), strict=True):
        title, rest = title_of(blocks)
        titles.append(plain(title) or page.name)
        heading = [{"t": "Header", "c": [1, ["", [], []], title]}] if title else []
        documents.append([*_stamp(rest), *heading, *_blocks(rest, page)])
    bodies = pandoc.write(documents, "html5", "--mathml", "--syntax-highlighting=none")
    return [frame.safe_substitute(title=escape(title), style=style, body=_HEAD_CELL.sub(_named, body).replace(UNDERLINE, RULE).strip()).encode()
            for title, body in zip(titles, bodies, strict=True)]


def _stamp(blocks: list[pandoc.Node]) -> list[pandoc.Node]:
    qr = stamp(foot_of(blocks))
    return [pandoc.raw("html", f'<figure class="code">\n{_figure(qr)}\n</figure>')] if qr else []


def _figure(drawing: Drawing) -> str:
    return drawing.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(drawing.alt, quote=True)}" ', 1)


def _blocks(blocks: list[pandoc.Node], page: Page) -> Iterator[pandoc.Node]:
    for piece in pieces(blocks, page):
        if isinstance(piece, Display):
            formula = {"t": "Plain", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, piece.tex]}]}
            yield _scroller("display", "formula" if _is_wide(piece.tex) else "", formula)
        elif isinstance(piece, Drawing):
            yield pandoc.raw("html", f'<figure class="drawing">\n{_figure(piece)}</figure>')
        elif isinstance(piece, Picture):
            source = _data(page.folder / piece.path)
            yield pandoc.raw("html", f'<figure>\n<img src="{source}" alt="{escape(piece.alt, quote=True)}">\n<figcaption>')
            yield {"t": "Plain", "c": changed(piece.caption, lambda node: _sound(node, page))}
            yield pandoc.raw("html", "</figcaption>\n</figure>")
        elif isinstance(piece, Room):
            yield pandoc.raw("html", f'<div class="room" style="--lines: {piece.lines}"></div>')
        elif isinstance(piece, Contents):
            yield pandoc.raw("html", '<nav aria-label="Contents">')
            yield changed(piece.listed(), lambda node: _sound(node, page))
            yield pandoc.raw("html", "</nav>")
        elif piece["t"] == "Table":
            yield _scroller("table", "table", changed(piece, lambda node: _sound(node, page)))
        else:
            yield changed(piece, lambda node: _sound(node, page))


def _scroller(kind: str, name: str, block: pandoc.Node) -> pandoc.Node:
    """What scrolls by itself where the screen is narrow; under a name it does so with the keyboard too."""
    return {"t": "Div", "c": [["", [kind], [["tabindex", "0"], ["role", "group"], ["aria-label", name]] if name else []], [block]]}


def _is_wide(tex: str) -> bool:
    try:
        return wide(boxes(tex)) > PHONE
    except ReadError:       # what only a PDF cannot show
        return True


def _named(cell: re.Match) -> str:
    """A column's head, with words where it is a formula: what is read out with every cell below it."""
    name = f'aria-label="{escape(unescape(_TEX.search(cell["inside"])[1]))}" ' if cell["formula"] else ""
    return f'<th scope="col"{cell["style"]}{cell["formula"] or ""}{name}{cell["inside"]}</th>'


def _data(file: Path) -> str:
    return f"data:{TYPES[file.suffix]};base64,{b64encode(file.read_bytes()).decode()}"


def _sound(node: pandoc.Node, page: Page) -> pandoc.Node | None:
    """No HTML of an author's; pandoc puts the file's name before an identifier: `0.md__setup`."""
    if node["t"] == "Header":
        level, (identifier, classes, rest), inlines = node["c"]
        return {"t": "Header", "c": [level, [identifier.rpartition("__")[2], classes, rest], inlines]}
    return sound(node, page, lambda size: {"t": "RawInline", "c": [
        "html", f'<span class="blank" role="img" aria-label="blank" style="--signs: {size}"></span>']})

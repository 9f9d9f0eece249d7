"""A page that the program has laid out itself -> PDF: JSON that says what stands where, drawn by a
Typst file of its own.

    {"layout": "grid", ...}   ->   templates/typst/grid.typ draws it

No Markdown and no pandoc. The file of a layout defines `pages(data)`.
"""

from __future__ import annotations

from pathlib import Path

from .cells import said
from .pages import Page
from .pdf import bench


def pdfs(pages: list[Page], look: Path, fonts: Path | None = None) -> list[bytes]:
    """The PDF of each page. `look`: the Typst file of their layout; `fonts`: a folder of fonts that
    go before those of the machine."""
    with bench(pages, look, fonts) as places:
        for page, place in zip(pages, places, strict=True):
            (place.folder / "page.json").write_text(
                said(page.markdown, page.words), encoding="utf-8", newline="\n"
            )
        return [
            place.pdf(f'#import "/{look.name}": pages\n#pages(json("page.json"))\n')
            for place in places
        ]

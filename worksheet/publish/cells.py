"""A training step in cells as a piece of a page: its words, and a picture of it. Typst draws it, in
a PDF on the page itself, else as SVG.

    ```grid
    {"title": ..., "pages": [...]}      ->      Cells, one for each page of the grid
    ```

A worksheet that is such a grid alone is a page of Markdown with one, for every format but a PDF.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import WorksheetError
from ..grids.places import PAPERS
from ..pages.environment import fill
from ..resources import templates_folder
from ..tex.to_words import speaker
from ..tex.unicode import plain_symbol

PICTURE = '#import "/grid.typ": picture\n#set page(width: auto, height: auto, margin: 1mm, fill: none)\n#picture(json("cells.json"))\n'
LOOK = "typst/grid.typ"
KIND = "grid"  # of a fence
FORMATS = ("pdf", "html", "tex", "docx")


@dataclass(frozen=True)
class Cells:
    """One page of a grid. `text`: its JSON; `look`: the Typst file that draws it; `alt`: its words,
    with every number that stands in it."""

    text: str
    alt: str
    look: Path
    least: float = 0  # as of a drawing

    @property
    def svg(self) -> str:
        """The page as a drawing."""
        return picture(self.text, self.look)

    def insist(self, paper: str, name: str) -> None:
        """Raise WorksheetError where it is wider than a paper."""
        data = json.loads(self.text)
        if data["width"] > PAPERS[paper][0]:
            raise WorksheetError(
                f"a grid that is {data['width']:g} mm wide has no room on {paper}, across which are {PAPERS[paper][0]:g} mm",
                name,
                "--paper a4, or fewer decimal places",
            )


def drawn_by(templates: Path | None) -> Path:
    """The Typst file that draws a grid: one's own, or ours."""
    own = templates / LOOK if templates else None
    return own if own and own.is_file() else templates_folder() / LOOK


def cells_of(text: str, look: Path, templates: Path | None = None) -> Iterator[Cells]:
    """The pages of a document."""
    data = json.loads(text)
    for page in data["pages"]:
        one = data | {"pages": [page]}
        yield Cells(
            json.dumps(one, ensure_ascii=False),
            " ".join(
                fill(
                    "parts/cells.md.j2",
                    {"data": one, "page": page, "layers": _layers(page)},
                    templates,
                ).split()
            ),
            look,
        )


def _layers(page: dict) -> list[dict]:
    """What stands in a page, by pass and layer: the parts by their names, each with its rows."""
    found: dict[tuple[str, int], dict[str, dict[int, list[dict]]]] = {}
    for cell in page["cells"]:
        passing, layer, part, row, _ = cell["place"]
        found.setdefault((passing, layer), {}).setdefault(part, {}).setdefault(row, []).append(
            cell
            | {
                "text": cell["text"].replace("-", "−"),
                "of": plain_symbol(cell["of"]) if cell["of"].isidentifier() else cell["of"],
            }
        )
    return [
        {
            "passing": passing,
            "layer": layer,
            "parts": [{"part": part, "rows": list(rows.values())} for part, rows in parts.items()],
        }
        for (passing, layer), parts in found.items()
    ]


def said(text: str, words: Path) -> str:
    """The JSON of a grid with the words of each formula beside its TeX."""

    def spoken(node: Any) -> Any:
        if isinstance(node, list):
            return [spoken(each) for each in node]
        if not isinstance(node, dict):
            return node
        found = {key: spoken(value) for key, value in node.items()}
        return found | {"spoken": speaker(words).formula(node["tex"])} if "tex" in node else found

    return json.dumps(spoken(json.loads(text)), ensure_ascii=False)


@lru_cache(maxsize=64)
def picture(text: str, look: Path) -> str:
    """The SVG of one page."""
    import typst as engine

    with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        Path(place, "grid.typ").write_bytes(look.read_bytes())
        Path(place, "cells.json").write_text(text, encoding="utf-8")
        main = Path(place, "main.typ")
        main.write_text(PICTURE, encoding="utf-8")
        try:
            return (
                engine.Compiler(root=place, ignore_system_fonts=True)
                .compile(main, format="svg")
                .decode()
            )
        except engine.TypstError as fault:
            raise WorksheetError(f"a grid cannot be drawn: {fault.message}") from None


def as_markdown(text: str, templates: Path | None = None) -> str:
    """The page of a worksheet that is a grid alone."""
    data = json.loads(text)
    return fill(
        "layouts/grid.md.j2",
        {
            "data": data,
            "pages": [
                json.dumps(data | {"pages": [page]}, ensure_ascii=False) for page in data["pages"]
            ],
        },
        templates,
    )

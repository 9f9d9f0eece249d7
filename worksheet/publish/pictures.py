"""A figure in the form a page needs: SVG as PDF or PNG, set by Typst, which every install has; same
input, same bytes."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from ..errors import WorksheetError

DOTS = 300  # an inch, of a picture made of pixels
_PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("figure.svg")\n'


@lru_cache(maxsize=64)
def converted(svg: bytes, to: str) -> bytes:
    """The SVG as "pdf" (version 1.5, which every TeX takes in), or as "png" of DOTS pixels an inch."""
    import typst as engine

    with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        Path(place, "figure.svg").write_bytes(svg)
        main = Path(place, "figure.typ")
        main.write_text(_PAGE, encoding="utf-8")
        options = (
            {"pdf_standards": ["1.5"], "pdf_tags": False, "timestamp": 0}
            if to == "pdf"
            else {"ppi": DOTS}
        )
        try:
            return engine.Compiler(root=place, ignore_system_fonts=True).compile(
                main, format=to, **options
            )
        except engine.TypstError as fault:
            raise WorksheetError(f"a figure cannot be drawn: {fault.message}") from None

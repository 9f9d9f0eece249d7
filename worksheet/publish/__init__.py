"""Pages in other formats than Markdown: one file per format, each taking many pages at a time.

    publish([Page("xor", markdown, folder)], "pdf")   ->   [b"%PDF..."]

Markdown is the only language of templates; a format says only how it looks on its kind of page, and `templates/` holds that.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from ..errors import WorksheetError
from ..places import templates_folder
from .pages import PAPERS, Page

MARKDOWN = "md"      # what every format is made from


def _pdf(pages: list[Page], find: Callable[[str], Path], paper: str) -> list[bytes]:
    from .pdf import pdfs
    return pdfs(pages, paper, find("typst/notes.typ"))


def _html(pages: list[Page], find: Callable[[str], Path], paper: str) -> list[bytes]:
    from .html import htmls
    return htmls(pages, find("html/notes.html"), find("html/notes.css"), find("html/math.woff2"))


FORMATS = {"pdf": _pdf, "html": _html}


def publish(pages: list[Page], to: str, *, templates: Path | None = None, paper: str = "a4") -> list[bytes]:
    """The bytes of each page in one format. `templates` overrides our page set-up file by file; same input, same bytes.

    Raises WorksheetError for a page that cannot be published, naming it."""
    if paper not in PAPERS:
        raise WorksheetError(f"there is no paper '{paper}'", hint=f"known: {', '.join(PAPERS)}")

    def find(inside: str) -> Path:
        own = templates / inside if templates else None
        return own if own and own.is_file() else templates_folder() / inside

    return FORMATS[to](pages, find, paper)


def formats_in(text: str) -> tuple[str, ...]:
    """`md,pdf` as formats, each once, in our order. Raises WorksheetError for a name that is not known."""
    known = [MARKDOWN, *FORMATS]
    found = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in found:
        if name not in known:
            close = get_close_matches(name, known, 1)
            raise WorksheetError(f"unknown format '{name}'", "--to", (f"did you mean '{close[0]}'? " if close else "") + f"known: {', '.join(known)}")
    if not found:
        raise WorksheetError("no format is named", "--to", f"known: {', '.join(known)}")
    return tuple(name for name in known if name in found)

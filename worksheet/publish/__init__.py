"""Pages in other formats than Markdown: one file per format, each taking many pages at a time.

    publish([Page("xor", markdown, folder)], "pdf")   ->   [b"%PDF..."]

Markdown is the only language of templates; a format says only how it looks on its kind of page, and
`templates/` holds that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import WorksheetError
from ..markdown.anchors import listed, numbered
from ..resources import templates_folder
from ..spec.faults import among
from .cells import FORMATS as CELLS_IN
from .cells import KIND as CELLS
from .cells import as_markdown
from .pages import PAPERS, SCREEN, SPOKEN, Page
from .texengine import ENGINES as TEX_ENGINES
from .texengine import lacking

MARKDOWN = "md"  # what every format is made from
TYPST = "typst"  # sets a PDF where no TeX is asked for
ENGINES = (TYPST, *TEX_ENGINES)


@dataclass(frozen=True)
class Look:
    """How pages shall look: the paper, what sets a PDF, the folder whose page set-up goes before
    ours, file by file; of slides, whether they are uncovered step by step."""

    paper: str = "a4"
    engine: str = TYPST
    templates: Path | None = None
    steps: bool = True

    @property
    def fonts(self) -> Path | None:
        """A folder of fonts of one's own."""
        return fonts_in(self.templates)

    def find(self, inside: str) -> Path:
        """A file of the page set-up: that of the folder `templates` where it has one, else ours."""
        own = self.templates / inside if self.templates else None
        return own if own and own.is_file() else templates_folder() / inside


def fonts_in(templates: Path | None) -> Path | None:
    """Where fonts of one's own lie that go before those of the machine."""
    return templates / "fonts" if templates else None


def _pdf(pages: list[Page], look: Look) -> list[bytes]:
    """Pages of Markdown together, and those of each layout of ours."""
    found: dict[int, bytes] = {}
    for layout in dict.fromkeys(page.layout for page in pages):
        some = {number: page for number, page in enumerate(pages) if page.layout == layout}
        found |= zip(
            some,
            _drawn([*some.values()], look, layout) if layout else _set([*some.values()], look),
            strict=True,
        )
    return [found[number] for number in range(len(pages))]


def _drawn(pages: list[Page], look: Look, layout: str) -> list[bytes]:
    from .drawn import pdfs

    return pdfs(pages, look.find(f"typst/{layout}.typ"), look.fonts)


def _set(pages: list[Page], look: Look) -> list[bytes]:
    if look.engine == TYPST:
        from .pdf import pdfs

        return pdfs(pages, look.paper, look.find("typst/notes.typ"), look.fonts)
    from . import latex, texengine

    return texengine.pdfs(
        pages,
        latex.sources(pages, look.paper, look.find("latex/notes.tex"), look.fonts),
        look.engine,
    )


def _tex(pages: list[Page], look: Look) -> list[bytes]:
    from .latex import texs

    return texs(pages, look.paper, look.find("latex/notes.tex"), look.fonts)


def _html(pages: list[Page], look: Look) -> list[bytes]:
    from .html import htmls

    return htmls(
        pages,
        look.find("html/notes.html"),
        look.find("html/notes.css"),
        look.find("html/math.woff2"),
        [look.find(f"html/follow.{kind}") for kind in ("html", "css", "js")],
    )


def _docx(pages: list[Page], look: Look) -> list[bytes]:
    from .docx import docxs

    return docxs(pages, look.paper, look.find("docx/notes.docx"))


def _ipynb(pages: list[Page], look: Look) -> list[bytes]:
    from .notebook import notebooks

    return notebooks(pages)


def _slides_pdf(pages: list[Page], look: Look) -> list[bytes]:
    from .slides import pdfs

    return pdfs(pages, look.find("typst/slides.typ"), look.steps, look.fonts)


def _slides_html(pages: list[Page], look: Look) -> list[bytes]:
    from .slides import htmls

    return htmls(
        pages,
        look.find("html/slides.html"),
        (look.find("html/notes.css"), look.find("html/slides.css")),
        look.find("html/slides.js"),
        look.find("html/math.woff2"),
        look.steps,
    )


FORMATS = {"pdf": _pdf, "html": _html, "tex": _tex, "docx": _docx, "ipynb": _ipynb}
SLIDES = {"pdf": _slides_pdf, "html": _slides_html}


def publish(
    pages: list[Page],
    to: str,
    *,
    templates: Path | None = None,
    paper: str = "a4",
    engine: str = TYPST,
    steps: bool = True,
) -> list[bytes]:
    """The bytes of each page in one format. `templates` overrides our page set-up file by file;
    same input, same bytes. What a page needs beside it (the figures of a .tex) is put into its
    folder. On the paper 16:9 a page is slides, parted by its rules.

    Raises WorksheetError for a page that cannot be published, naming it, and where the TeX asked
    for is not installed."""
    for kind, name, known in (("paper", paper, (*PAPERS, SCREEN)), ("engine", engine, ENGINES)):
        if name not in known:
            raise WorksheetError(f"there is no {kind} '{name}'", hint=f"known: {', '.join(known)}")
    look = Look(paper, engine, templates, steps)
    insist(pages, to)
    pages = [replace(page, words=look.find(SPOKEN)) for page in pages]
    if (
        to != "pdf" or engine != TYPST
    ):  # a page of a layout of ours is one of Markdown with a picture
        pages = [
            replace(page, markdown=as_markdown(page.markdown, templates), layout="")
            if page.layout
            else page
            for page in pages
        ]
    pages = [
        page
        if page.layout
        else replace(page, markdown=numbered(page.markdown), templates=templates)
        for page in pages
    ]
    return SLIDES[to](pages, look) if paper == SCREEN else FORMATS[to](pages, look)


def contents(pages: list[Page], to: str, **options) -> list[bytes]:
    """The bytes of each page in one format, Markdown as it stands but for the contents of a long
    one; `options` are those of `publish`."""
    if to == MARKDOWN or not pages:
        insist(pages, to)
        return [listed(numbered(page.markdown)).encode() for page in pages]
    return publish(pages, to, **options)


def insist(pages: list[Page], to: str) -> None:
    """Raise WorksheetError for a page with a training step in cells in a format that has no
    pictures of its own."""
    for page in pages:
        if to not in CELLS_IN and (page.layout or f"```{CELLS}\n" in page.markdown):
            raise WorksheetError(
                f"a training step in cells is a picture, and {to} has none",
                page.name,
                f"--to {', '.join(CELLS_IN[:-1])} or {CELLS_IN[-1]}",
            )


def formats_in(text: str, formats: Iterable[str] = FORMATS) -> tuple[str, ...]:
    """`md,pdf` as formats, each once, in our order. Raises WorksheetError for a name that is not
    known."""
    return among(text, [MARKDOWN, *formats], "format", "--to")


def able(to: tuple[str, ...], engine: str) -> tuple[tuple[str, ...], WorksheetError | None]:
    """The formats that can be written: beside a PDF that TeX sets, the .tex it is set from; and,
    where there is no such TeX, all but the PDF, with the error that says what to install."""
    missing = lacking(engine) if engine in TEX_ENGINES and "pdf" in to else None
    wanted = {*to, "tex"} if engine in TEX_ENGINES and "pdf" in to else set(to)
    return tuple(
        kind for kind in (MARKDOWN, *FORMATS) if kind in wanted and not (missing and kind == "pdf")
    ), missing

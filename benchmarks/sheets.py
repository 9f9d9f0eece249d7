"""Sheet and key on paper: many at a time, against Typst alone on the same sources, and pdflatex
once for each document."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from shutil import copy2, copytree, which
from time import perf_counter

import networks

from worksheet import loads
from worksheet.output.jobs import Written, write_all
from worksheet.publish import Page, pdf, publish
from worksheet.worksheets import make_worksheet, worksheet_job

PAIRS = (1, 20, 100)


def rows(counts: tuple[int, ...] = PAIRS) -> Iterator[tuple[object, ...]]:
    """For each number of pairs: ms a pair, ms a pair of Typst alone, ours as a multiple of it,
    pdflatex as a multiple of ours."""
    tex = once_for_each()
    for count in counts:
        with tempfile.TemporaryDirectory() as place:
            ours, typst = pairs(count, Path(place))
        yield (
            count,
            f"{ours:.0f}",
            f"{typst:.0f}",
            f"{ours / typst:.1f}",
            f"{tex / ours:.0f}" if tex else "no pdflatex here",
        )


def pairs(count: int, folder: Path) -> tuple[float, float]:
    """Milliseconds a pair: from specs to sheet.pdf and key.pdf, proofs included; and for Typst
    alone to set their sources."""
    specs = []
    for number, text in enumerate(islice(networks.notes(), count)):
        specs.append(folder / f"p{number}.yaml")
        specs[-1].write_text(text, encoding="utf-8")
    with kept_sources(folder / "sources") as (sources, spent):
        start = perf_counter()
        written = list(write_all(map(worksheet_job, specs), folder / "out", ("pdf",)))
        ours = perf_counter() - start - spent()
    assert all(isinstance(each, Written) for each in written)
    start = perf_counter()
    alone(sources)
    return ours * 1000 / count, (perf_counter() - start) * 1000 / count


@contextmanager
def kept_sources(folder: Path) -> Iterator[tuple[list[Path], Callable[[], float]]]:
    """Within it, the sources that Typst is given are kept; gives their files, and how to ask what
    the keeping took."""
    sources, seconds, compiled = [], 0.0, pdf._compiled

    def keep(compiler, engine, main: Path, page: Page) -> bytes:
        nonlocal seconds
        start = perf_counter()
        root = folder / main.parent.parent.name
        if not root.exists():
            copytree(main.parent.parent, root)
        copy2(main, root / main.parent.name)
        sources.append(root / main.parent.name / main.name)
        seconds += perf_counter() - start
        return compiled(compiler, engine, main, page)

    pdf._compiled = keep
    try:
        yield sources, lambda: seconds
    finally:
        pdf._compiled = compiled


def alone(sources: list[Path]) -> None:
    """Typst by itself: one compiler for the sources of one folder, as we start it."""
    import typst

    compilers = {
        root: typst.Compiler(root=root, ignore_system_fonts=True)
        for root in {main.parent.parent for main in sources}
    }
    for main in sources:
        compilers[main.parent.parent].compile(
            main, format="pdf", pdf_standards=["ua-1"], timestamp=0
        )


def once_for_each() -> float | None:
    """Milliseconds a pair when pdflatex is started for each document, on the sheet and the key of
    note 001; None without it."""
    if not which("pdflatex"):
        return None
    made = make_worksheet(loads(networks.NOTE_001))
    with tempfile.TemporaryDirectory() as place:
        start = perf_counter()
        for stem, text in (("sheet", made.sheet), ("key", made.key)):
            publish([Page("note-001", text, Path(place), stem)], "pdf", engine="pdflatex")
        return (perf_counter() - start) * 1000

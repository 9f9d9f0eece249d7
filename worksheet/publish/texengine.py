"""LaTeX -> PDF by a TeX that is installed: lualatex, xelatex or pdflatex.

It runs in a folder of its own, without shell, with a bound on its time and a fixed clock, and reads
and writes nothing outside that folder and its own trees. (The Lua of lualatex could; words and
formulas are no commands, see `latex.py`, so only who writes a page set-up of his own could ask it
to.) Same input, same bytes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

from ..errors import WorksheetError
from .latex import Source
from .pages import Page

# the engines, and the package of Debian and Ubuntu that each comes in
ENGINES = {
    "lualatex": "texlive-luatex",
    "xelatex": "texlive-xetex",
    "pdflatex": "texlive-latex-base",
}
COMMON = "texlive-latex-recommended texlive-fonts-recommended lmodern fonts-lmodern"

MAX_SECONDS, MAX_RUNS = 120, 4
TOO_WIDE = 2.0  # points beyond the margin that a reader sees

_SETTINGS = {
    "SOURCE_DATE_EPOCH": "0",
    "FORCE_SOURCE_DATE": "1",
    "openin_any": "p",
    "openout_any": "p",
    "TEXMFOUTPUT": "",
    "max_print_line": "10000",
}
_OVERFULL = re.compile(r"^Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high)\)(.*)$", re.MULTILINE)
_MISSING = re.compile(r"^Missing character: There is no (.*?) in font", re.MULTILINE)


def lacking(engine: str) -> WorksheetError | None:
    """What is to be said where an engine is not installed."""
    if shutil.which(engine):
        return None
    return WorksheetError(
        f"{engine} is not installed; the .tex is written, the PDF is not",
        "--engine",
        f"apt-get install {ENGINES[engine]} {COMMON}",
    )


def pdfs(pages: list[Page], sources: list[Source], engine: str) -> list[bytes]:
    """The PDF of each page. Raises WorksheetError where there is no such engine, and for what TeX
    refuses; warns of what stands out of the page."""
    if missing := lacking(engine):
        raise missing
    program = shutil.which(engine)
    return [_set(page, source, program) for page, source in zip(pages, sources, strict=True)]


def _set(page: Page, source: Source, program: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        folder = Path(place)
        (folder / "notes.tex").write_text(source.text, encoding="utf-8", newline="\n")
        for path, content in source.figures.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        known = None
        for _ in range(MAX_RUNS):  # until the number of pages is the one it has printed
            log = _run(program, folder, page)
            found = (folder / "notes.aux").read_bytes()
            if found == known:
                break
            known = found
        for fault in faults_in(log):
            warnings.warn(f"{page.name}: {fault}", stacklevel=2)
        if lost := sorted(set(_MISSING.findall(log))):
            raise WorksheetError(
                f"{Path(program).name} has no sign for {', '.join(lost)}",
                page.name,
                "Typst (the default engine) has more",
            )
        return (folder / "notes.pdf").read_bytes()


def faults_in(log: str) -> list[str]:
    """What stands out of the page by more than a reader would overlook, as TeX's log tells it."""
    return [
        f"something stands {size}pt out of the page{where}"
        for size, where in _OVERFULL.findall(log)
        if float(size) > TOO_WIDE
    ]


def _run(program: str, folder: Path, page: Page) -> str:
    name = Path(program).name
    try:
        ran = subprocess.run(
            [
                program,
                "-no-shell-escape",
                "-interaction=nonstopmode",
                "-halt-on-error",
                "notes.tex",
            ],
            cwd=folder,
            env=os.environ | _SETTINGS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise WorksheetError(
            f"{name} takes longer than {MAX_SECONDS} seconds for the page", page.name
        ) from None
    file = folder / "notes.log"
    log = (
        file.read_text(encoding="utf-8", errors="replace")
        if file.is_file()
        else ran.stdout.decode(errors="replace")
    )
    if ran.returncode or not (folder / "notes.pdf").is_file():
        said = next(iter(_complaints(log.splitlines())), "it does not say why")
        hint = (
            f"apt-get install {COMMON}"
            if "not found" in said
            else "lualatex knows more signs, and Typst most"
            if "Unicode character" in said
            else ""
        )
        raise WorksheetError(f"{name} refuses the page: {said}", page.name, hint)
    return log


def _complaints(lines: list[str]) -> Iterable[str]:
    """Each error of a log with the line it is about."""
    for at, line in enumerate(lines):
        if line.startswith("!"):
            place = next((each for each in lines[at : at + 12] if re.match(r"l\.\d+", each)), "")
            yield f"{line.lstrip('! ')} {place}".strip()

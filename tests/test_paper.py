"""The pages of every problem and of hard cases, in every layout and on both papers: nothing in the
margins, nothing too small, no heading left alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hard_cases import hard_specs

from worksheet import load, render, solve
from worksheet.errors import WorksheetError
from worksheet.numbers.number import Number
from worksheet.publish import Page, publish
from worksheet.resources import problem_files, templates_folder
from worksheet.worksheets import make_worksheet

pytestmark = [
    pytest.mark.xdist_group("paper"),
    pytest.mark.skipif(
        not (shutil.which("pdftotext") or os.environ.get("CI")),
        reason="no pdftotext here: apt-get install poppler-utils",
    ),
]
PAPERS = ("a4", "us-letter")
DPI = 30
MARGINS = (
    28,
    28,
    28,
    26,
    14,
)  # millimetres: left, right, top, bottom, and where the running head begins
DENSE = (20, 20, 21, 15, 6)  # where what is short stands side by side
OF_SHEETS = (17, 10, 24, 22, 12)  # with the boxes for points on the right
FADED = (
    "relu-two-updates",
    "two-by-two",
    "six-by-six",
    "long-names",
)  # the others' keys hold what their notes hold
DENSELY = "-columns"
SMALLEST = 0.68  # seven tenths, told in whole pixels


@pytest.fixture(scope="module")
def pages(paper_notes, tmp_path_factory) -> list[Page]:
    folder = tmp_path_factory.mktemp("hard")
    found = [
        Page(
            f"{name}{DENSELY * (columns != '1')}",
            (note / "notes.md").read_text(),
            note,
            columns=columns,
        )
        for name, note in paper_notes.items()
        for columns in ("1", "auto")
    ]
    problems = {spec.stem: load(spec) for spec in problem_files()}
    for name, text in hard_specs().items():
        spec = folder / f"{name}.yaml"
        spec.write_text(text)
        problems[name] = load(spec)
        text = render(solve(problems[name]))
        found += [
            Page(f"{name}{DENSELY * (columns != '1')}", text, folder, columns=columns)
            for columns in ("1", "auto")
        ]
    for name, problem in problems.items():
        made = make_worksheet(problem)
        found.append(Page(f"{name}-sheet", made.sheet, folder))
        if name in FADED:
            faded = make_worksheet(problem.model_copy(update={"fade": Number.written("0.6")}))
            found += [
                Page(f"{name}-key", made.key, folder),
                Page(f"{name}-faded", faded.sheet, folder),
                Page(f"{name}-filled", faded.key, folder),
            ]
    return found


@pytest.fixture(scope="module", params=PAPERS)
def printed(request, pages, tmp_path_factory) -> dict[str, Path]:
    """The PDF of each page on one of the papers."""
    return saved(pages, request.param, tmp_path_factory.mktemp(request.param))


def saved(
    pages: list[Page], paper: str, folder: Path, look: dict[str, str] | None = None
) -> dict[str, Path]:
    """The PDFs in a folder; `look` changes the page set-up, for what must be seen."""
    templates = None
    if look:
        text = (templates_folder() / "typst" / "notes.typ").read_text()
        for ours, theirs in look.items():
            assert ours in text
            text = text.replace(ours, theirs)
        templates = folder / "templates"
        (templates / "typst").mkdir(parents=True)
        (templates / "typst" / "notes.typ").write_text(text)
    files = {}
    for page, pdf in zip(
        pages, publish(pages, "pdf", paper=paper, templates=templates), strict=True
    ):
        files[page.name] = folder / f"{page.name}.pdf"
        files[page.name].write_bytes(pdf)
    return files


def at(millimetres: float) -> int:
    return int(millimetres * DPI / 25.4)


def spilt(pdf: Path) -> list[str]:
    """Where there is ink outside of the text block, and is no running head (from the second page)
    or number (on the first)."""
    pictures = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", pdf], capture_output=True, check=True
    ).stdout
    found, number, start = [], 0, 0
    before, after, top, bottom, above = (
        OF_SHEETS
        if pdf.stem.endswith("-sheet")
        else DENSE
        if pdf.stem.endswith(DENSELY)
        else MARGINS
    )
    for head in re.finditer(rb"P5\n(\d+) (\d+)\n255\n", pictures):
        if head.start() < start:
            continue  # within a picture
        number += 1
        width, height = int(head[1]), int(head[2])
        ink = (
            np.frombuffer(pictures, np.uint8, width * height, head.end()).reshape(height, width)
            < 217
        )
        start = head.end() + ink.size
        assert ink.any(), f"page {number} is empty"
        inside = np.zeros_like(ink)
        left, right, foot = at(before) - 1, width - at(after) + 1, height - at(bottom) + 1
        inside[at(top) - 1 : foot, left:right] = True
        if number == 1:
            inside[foot : height - at(above), width * 2 // 5 : width * 3 // 5] = True
        else:
            inside[at(above) : at(top) - 1, left:right] = True
        if (ink & ~inside).any():
            rows, columns = np.nonzero(ink & ~inside)
            found.append(
                f"page {number}: {rows[0] * 25.4 / DPI:.0f} mm down, {columns[0] * 25.4 / DPI:.0f} mm across"
            )
    return found


def text_of(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout


def lonely(pdf: Path, markdown: str) -> list[str]:
    """Headings that are the last thing on their page."""
    headings = {
        re.sub(r"\W", "", heading)
        for heading in re.findall(r"^##+ ([^$\n]*)$", markdown, re.MULTILINE)
    }
    lasts = []
    for page in text_of(pdf).split("\f")[:-1]:
        lines = [
            line
            for line in page.splitlines()
            if line.strip() and not re.fullmatch(r"\s*\d+ of \d+\s*", line)
        ]
        lasts.append(lines[-1].strip())
    return [last for last in lasts if re.sub(r"\W", "", last) in headings]


def least(pdf: Path) -> float:
    """The smallest relation sign of a formula, in the size of the largest: they stand in no index."""
    words = subprocess.run(
        ["pdftohtml", "-xml", "-i", "-stdout", "-zoom", "40", "-fontfullname", pdf],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    fonts = {
        font: int(size)
        for font, size in re.findall(
            r'<fontspec id="(\d+)" size="(\d+)" family="[^"]*NewCMMath', words
        )
    }
    sizes = [
        fonts[font]
        for font in re.findall(r'<text [^>]*font="(\d+)">[^\n]*=', words)
        if font in fonts
    ]
    return min(sizes) / max(sizes)


def test_nothing_is_printed_in_the_margins(printed):
    assert {name: found for name, pdf in printed.items() if (found := spilt(pdf))} == {}


@pytest.mark.parametrize(
    "look",
    [
        {"x: 28mm": "x: 24mm"},
        {"bottom: 26mm": "bottom: 20mm"},
        {"here().page() > 1": "true"},
        {"calc.min(most, room / natural.width)": "1"},
    ],
)
def test_ink_in_a_margin_is_seen(pages, tmp_path, look):
    [page] = [page for page in pages if page.name == "six-by-six"]
    [pdf] = saved([page], "a4", tmp_path, look).values()
    assert spilt(pdf)


def test_no_heading_stands_alone_at_the_foot_of_a_page(printed, pages):
    texts = {page.name: page.markdown for page in pages}
    assert {
        name: found for name, pdf in printed.items() if (found := lonely(pdf, texts[name]))
    } == {}


def test_a_lonely_heading_is_seen(tmp_path):
    pages = [
        Page(
            f"p{lines}",
            "# A\n\n" + "A line.\n\n" * lines + "## A heading\n\nIt is\n\n$$\nx = 1\n$$\n",
            tmp_path,
        )
        for lines in range(30, 42)
    ]
    for look in (None, {"sticky: true": "sticky: false"}):
        (tmp_path / str(look is None)).mkdir()
        files = saved(pages, "a4", tmp_path / str(look is None), look)
        assert bool(look) == any(lonely(files[page.name], page.markdown) for page in pages)


def test_no_formula_is_too_small(printed):
    assert {name: size for name, pdf in printed.items() if (size := least(pdf)) < SMALLEST} == {}


def test_a_formula_too_small_is_seen(pages, tmp_path):
    [page] = [page for page in pages if page.name == "six-by-six"]
    [pdf] = saved([page], "a4", tmp_path, {"calc.min(most, room / natural.width)": "0.6"}).values()
    assert least(pdf) < SMALLEST


def test_a_line_taller_than_a_page_is_refused_and_one_nearly_so_is_drawn_smaller(tmp_path):
    for rows, fits in ((30, True), (50, True), (90, False)):
        matrix = (
            r"\begin{bmatrix} "
            + r" \\ ".join(f"0.{row + 10}" for row in range(rows))
            + r" \end{bmatrix}"
        )
        page = Page(f"rows{rows}", f"# A\n\n$$\nx = {matrix}\n$$\n", tmp_path)
        if fits:
            [pdf] = saved([page], "us-letter", tmp_path).values()
            assert not spilt(pdf) and all(f"0.{row + 10}" in text_of(pdf) for row in range(rows))
        else:
            with pytest.raises(WorksheetError, match="taller than a page"):
                publish([page], "pdf")


def test_all_fonts_are_embedded_and_tell_their_letters(printed):
    for name, pdf in printed.items():
        lines = subprocess.run(
            ["pdffonts", pdf], capture_output=True, text=True, check=True
        ).stdout.splitlines()[2:]
        assert lines, name
        for line in lines:
            assert "NewCM" in line or "DejaVu" in line, line
            assert re.search(r"\byes +(?:yes|no) +yes +\d+ +\d+$", line), (
                f"{name}: not embedded or without Unicode: {line}"
            )


def test_a_sign_that_no_font_has_is_refused(tmp_path):
    with pytest.raises(WorksheetError, match="no font here has|could not be displayed"):
        publish([Page("p", "# A\n\nA sign: \U000f0000.\n", tmp_path)], "pdf")


def test_a_title_in_german_keeps_every_letter(printed):
    assert "Zehn Einheiten: Übergröße & Maß, #5 [a] @x" in text_of(printed["ten-units"])

"""Pages set by a real TeX: the signs that Typst sets, inside the margins, the same bytes every
time, and deaf to hostile input."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
from hard_cases import hard_specs
from matplotlib.image import imread
from rendering import needs
from signs import plain, seen
from test_publish_pdf import SPECS, right_end, text_of

from worksheet import load, solve
from worksheet.cli import main
from worksheet.errors import WorksheetError
from worksheet.markdown.reader import Formula, formulas
from worksheet.notes import write_note
from worksheet.publish import Page, publish, texengine
from worksheet.publish.pdf import WIDEST
from worksheet.publish.texengine import ENGINES, faults_in
from worksheet.resources import templates_folder
from worksheet.tex.boxes import boxes
from worksheet.tex.line_breaking import wide

pytestmark = pytest.mark.xdist_group("tex")
with_all = needs(*ENGINES)


MARGIN, TOP = (
    20,
    14,
)  # millimetres that stay white on the left and right; above the running head and below the page number


def wide_specs(folder: Path) -> list[Path]:
    """Specs with wide layers, eight significant figures and a German title."""
    for name in ("ten-units", "six-by-six"):
        (folder / f"{name}.yaml").write_text(hard_specs()[name], encoding="utf-8")
    return sorted(folder.glob("*.yaml"))


@pytest.fixture(scope="module")
def notes(tmp_path_factory) -> dict[str, Path]:
    """The folder of each problem's note, and of wide ones, with the PDF that lualatex sets; a line
    too wide is an error."""
    out, specs = tmp_path_factory.mktemp("tex"), tmp_path_factory.mktemp("specs")
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for spec in [*SPECS, *wide_specs(specs)]:
            found[spec.stem] = write_note(
                spec, out, to=("pdf",), engine="lualatex", with_figures=spec in SPECS
            ).parent
    return found


@needs("lualatex")
def test_every_problem_is_set_with_every_result_and_nothing_too_wide(notes):
    for spec in SPECS:
        shown = text_of(notes[spec.stem] / "notes.pdf").replace("−", "-")
        numbers = {number.lstrip("-") for number in re.findall(r"-?\d+(?:\.\d+)?", shown)}
        lost = {
            working.name: working.shown
            for working in solve(load(spec)).workings
            if working.shown.lstrip("-") not in numbers
        }
        assert lost == {}, spec.stem


@needs("lualatex")
def test_the_page_is_as_it_should_be(notes, tmp_path):
    """A4, titled, with page n of m, fonts embedded, and nothing printed in the margins."""
    for name, folder in notes.items():
        pdf, text = folder / "notes.pdf", text_of(folder / "notes.pdf")
        facts = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
        pages = int(re.search(r"Pages: +(\d+)", facts)[1])
        assert (
            "(A4)" in facts and re.search(r"Title: +\S", facts) and f"{pages} of {pages}" in text
        ), name
        for line in subprocess.run(
            ["pdffonts", pdf], capture_output=True, text=True, check=True
        ).stdout.splitlines()[2:]:
            assert re.search(r"\byes +(?:yes|no) +yes +\d+ +\d+$", line), (
                f"{name}: not embedded or without Unicode: {line}"
            )
        subprocess.run(["pdftoppm", "-r", "36", "-gray", "-png", pdf, tmp_path / name], check=True)
        for page in sorted(tmp_path.glob(f"{name}-*.png")):
            rows, columns = np.nonzero(np.atleast_3d(imread(page))[..., 0] < 0.9)
            per_mm, (high, across) = 36 / 25.4, np.atleast_3d(imread(page)).shape[:2]
            assert columns.min() > MARGIN * per_mm and columns.max() < across - MARGIN * per_mm, (
                page.name
            )
            assert rows.min() > TOP * per_mm and rows.max() < high - TOP * per_mm, page.name
    assert "Zehn Einheiten: Übergröße & Maß, #5 [a] @x" in text_of(notes["ten-units"] / "notes.pdf")


# ---- sign by sign
# ---------------------------------------------------------------------------------------------------


def set_by(engine: str, found: list[Formula], folder: Path) -> list[str]:
    """What each formula shows in the PDF that an engine sets, each after a word of its own."""
    lines = [
        f"Q{at}q\n\n" + (f"$$\n{each.tex.strip()}\n$$" if each.is_display else f"${each.tex}$")
        for at, each in enumerate(found)
    ]
    [pdf] = publish(
        [Page("p", "# Title\n\n" + "\n\n".join([*lines, f"Q{len(found)}q"]), folder)],
        "pdf",
        engine=engine,
    )
    (folder / f"{engine}.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-raw", folder / f"{engine}.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pieces = re.split(
        r"Q\d+q", re.sub(r"^(?:Title )?\d+ of \d+$", "", text.replace("\f", ""), flags=re.MULTILINE)
    )
    assert len(pieces) == len(found) + 2
    return [plain(piece) for piece in pieces[1:-1]]


def distinct(notes: dict[str, Path]) -> list[Formula]:
    found = [
        each for folder in notes.values() for each in formulas((folder / "notes.md").read_text())
    ]
    return list({(each.tex, each.is_display): each for each in found}.values())


@needs("lualatex", "xelatex")
def test_tex_and_typst_set_the_same_signs_formula_by_formula(notes, tmp_path):
    found = distinct(notes)
    assert len(found) > 600
    expected = [seen(each.tex) for each in found]
    by_column = [
        seen(each.tex, by_column=True) for each in found
    ]  # Typst writes a matrix column by column
    assert [set(one) == set(other) for one, other in zip(expected, by_column)].count(False) == 0
    typst = set_by("typst", found, tmp_path)
    is_broken = [
        wide(boxes(each.tex)) > WIDEST for each in found
    ]  # over several lines, where columns are not whole
    assert [one for one, broken in zip(typst, is_broken) if not broken] == [
        one for one, broken in zip(by_column, is_broken) if not broken
    ]
    assert [sorted(one) for one in typst] == [sorted(one) for one in by_column] and 0 < sum(
        is_broken
    ) < 40
    for engine in ("lualatex", "xelatex"):
        assert set_by(engine, found, tmp_path) == expected, engine


@needs("lualatex")
def test_another_formula_is_told_apart(tmp_path):
    pairs = [
        (r"w_{12} = 0.5", r"w_{21} = 0.5"),
        (r"{W^{(2)}}^{\top} \delta", r"{W^{(2)}} \delta"),
        (r"a - b", "a + b"),
        (r"\frac{1}{2}", r"\frac{2}{1}"),
        (r"(y - \hat{y})^2", r"(y - \hat{y})"),
        (r"0.12345678", r"0.12345687"),
        (
            r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
            r"\begin{bmatrix} 1 & 3 \\ 2 & 4 \end{bmatrix}",
        ),
    ]
    shown = set_by("lualatex", [Formula(printed, 1, True) for _, printed in pairs], tmp_path)
    assert shown == [seen(printed) for _, printed in pairs]
    assert [meant for meant, printed in pairs if seen(meant) in shown] == []


@needs("lualatex")
def test_formulas_look_alike(tmp_path):
    """Typst and TeX give a formula about the same shape: the boxes of their ink differ by less than
    a seventh."""
    shapes = [
        r"\frac{\partial L}{\partial w_o} = -0.34922 \cdot 0.62246",
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"W = \begin{bmatrix} 0.5 & 0.3 & -0.1 \\ 0.2 & 0.4 & 0.6 \end{bmatrix}",
        r"L = -\left[ y \ln(\hat{y}) + (1 - y) \ln(1 - \hat{y}) \right]",
    ]

    def ink(engine: str, tex: str) -> tuple[int, int]:
        """How wide and high the formula is, between the title and the number of the page."""
        [pdf] = publish([Page("p", f"# Title\n\n$$\n{tex}\n$$\n", tmp_path)], "pdf", engine=engine)
        (tmp_path / "p.pdf").write_bytes(pdf)
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                "144",
                "-gray",
                "-png",
                "-singlefile",
                tmp_path / "p.pdf",
                tmp_path / "p",
            ],
            check=True,
        )
        dark = np.atleast_3d(imread(tmp_path / "p.png"))[..., 0] < 0.5
        lines = np.flatnonzero(dark.any(axis=1))
        bands = np.split(lines, np.flatnonzero(np.diff(lines) > 14) + 1)
        assert len(bands) == 3
        columns = np.flatnonzero(dark[bands[1]].any(axis=0))
        return int(np.ptp(columns)), int(np.ptp(bands[1]))

    for tex in shapes:
        (wide, high), (across, down) = ink("typst", tex), ink("lualatex", tex)
        assert (
            min(wide, high) > 15
            and abs(wide - across) < wide / 7
            and abs(high - down) < max(high / 7, 8)
        ), (tex, (wide, high), (across, down))


# ---- engines
# --------------------------------------------------------------------------------------------------------


@with_all
@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_sets_a_page_twice_to_the_same_bytes(engine, notes, tmp_path):
    folder = shutil.copytree(notes["linear-chain"], tmp_path / "note")
    page = Page("p", (folder / "notes.md").read_text(), folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, other = (publish([page], "pdf", engine=engine, paper="us-letter") for _ in range(2))
    assert one == other
    (tmp_path / "p.pdf").write_bytes(one[0])
    assert (
        "(letter)"
        in subprocess.run(
            ["pdfinfo", tmp_path / "p.pdf"], capture_output=True, text=True, check=True
        ).stdout
    )


@with_all
@pytest.mark.parametrize("engine", ENGINES)
def test_the_tex_compiles_as_it_stands(engine, notes, tmp_path):
    folder = shutil.copytree(
        notes["six-by-six" if engine == "xelatex" else "relu-two-updates"], tmp_path / "note"
    )
    for _ in range(2):
        ran = subprocess.run(
            [engine, "-interaction=nonstopmode", "-halt-on-error", "notes.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
        )
        assert ran.returncode == 0, ran.stdout[-2000:]
    assert faults_in((folder / "notes.log").read_text(errors="replace")) == []


def test_without_the_engine_the_tex_is_written_and_the_error_says_what_to_install(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(texengine.shutil, "which", lambda name: None)
    assert (
        main(
            [
                "notes",
                "linear-chain",
                "--out",
                str(tmp_path),
                "--to",
                "pdf,html",
                "--engine",
                "lualatex",
            ]
        )
        == 2
    )
    folder = tmp_path / "linear-chain"
    assert "apt-get install texlive-luatex" in capsys.readouterr().err
    assert (
        (folder / "notes.tex").is_file()
        and (folder / "notes.html").is_file()
        and not (folder / "notes.pdf").exists()
    )


def test_what_the_tex_shows_lies_beside_it_and_stays_with_it(tmp_path):
    folder = write_note(SPECS[0], tmp_path, to=("tex",)).parent
    named = set(
        re.findall(r"\\(?:drawing|illustration)\{(.*?)\}", (folder / "notes.tex").read_text())
    )
    assert len(named) > 2 and named == {
        f"notes-figures/{file.name}" for file in (folder / "notes-figures").iterdir()
    }
    first = {name: (folder / name).read_bytes() for name in [*named, "notes.tex"]}
    write_note(SPECS[0], tmp_path, to=("tex",))
    assert first == {name: (folder / name).read_bytes() for name in first}
    write_note(
        SPECS[0], tmp_path
    )  # an author may have changed it by hand: asking for one format deletes no other
    assert first == {name: (folder / name).read_bytes() for name in first}


def test_what_stands_out_of_the_page_is_in_the_log():
    log = "Overfull \\hbox (1.5pt too wide) in paragraph\nOverfull \\hbox (31.2pt too wide) in paragraph at lines 7--8\n"
    assert faults_in(log) == ["something stands 31.2pt out of the page in paragraph at lines 7--8"]


@needs("pdflatex")
def test_a_word_that_is_too_long_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match="out of the page"):
        publish([Page("p", f"# A\n\n`{'wide' * 40}`\n", tmp_path)], "pdf", engine="pdflatex")


@needs("pdflatex")
def test_a_chain_taller_than_a_page_goes_on_over_its_end(tmp_path):
    rows = r" \\ ".join(rf"&= \frac{{{row}.5}}{{7}}" for row in range(40))
    [pdf] = publish(
        [
            Page(
                "p",
                f"# A\n\nIt is\n\n$$\n\\begin{{aligned}}\nx {rows}\n\\end{{aligned}}\n$$\n",
                tmp_path,
            )
        ],
        "pdf",
        engine="pdflatex",
    )
    (tmp_path / "p.pdf").write_bytes(pdf)
    text = text_of(tmp_path / "p.pdf")
    assert [
        row for row in range(40) if not re.search(rf"\b{row}\.5\b", text)
    ] == [] and " of 1" not in text


@needs("pdflatex")
@pytest.mark.parametrize(
    "words",
    [
        r"\input{/etc/passwd} \write18{id}",
        "`\\end{verbatim}\\input{/etc/passwd}`",
        "~~~\n\\end{verbatim}\n  \\input{/etc/passwd} % # $ _ & {\n~~~",
        "$ 5 and @ref *a* _b_ = c // comment /* x % y ~ ^ #1 & {",
        "`<<body>> <<title>>`",
        r"[words](https://x.org/}\input{/etc/passwd})",
    ],
)
def test_what_an_author_writes_stays_words(tmp_path, words):
    [pdf] = publish(
        [Page("p", f"# A {words.splitlines()[-1].strip('~')}\n\n{words}\n", tmp_path)],
        "pdf",
        engine="pdflatex",
    )
    (tmp_path / "p.pdf").write_bytes(pdf)
    text = re.sub(r"[\W_ˆ˜]", "", text_of(tmp_path / "p.pdf"))
    assert re.sub(r"\(https.*|[\W_]", "", words) in text and "root:" not in text_of(
        tmp_path / "p.pdf"
    )


@needs("pdflatex")
def test_nothing_outside_the_folder_is_read_or_written_and_no_end_is_bounded(tmp_path, monkeypatch):
    own = tmp_path / "templates" / "latex" / "notes.tex"
    own.parent.mkdir(parents=True)
    ours = (templates_folder() / "latex" / "notes.tex").read_text()
    page = Page("p", "# A\n\nwords\n", tmp_path)
    secret = tmp_path / "secret.tex"
    secret.write_text("secret")
    for command, says in (
        (rf"\input{{{secret}}}", "not found"),
        (r"\newwrite\w\immediate\openout\w=/tmp/worksheet-out.tex ", "write"),
        (r"\def\x{\x}\x ", "takes longer"),
    ):
        own.write_text(ours.replace("<<body>>", command + "<<body>>"))
        monkeypatch.setattr(texengine, "MAX_SECONDS", 5)
        with pytest.raises(WorksheetError, match=says):
            publish([page], "pdf", engine="pdflatex", templates=tmp_path / "templates")
    assert not Path("/tmp/worksheet-out.tex").exists()
    own.write_text(
        ours.replace(
            "<<body>>", r"\immediate\write18{touch ran}\IfFileExists{ran}{RAN}{ours} <<body>>"
        )
    )
    [pdf] = publish([page], "pdf", engine="pdflatex", templates=tmp_path / "templates")
    (tmp_path / "p.pdf").write_bytes(pdf)
    assert "ours words" in text_of(tmp_path / "p.pdf")


@with_all
@pytest.mark.parametrize("engine", ENGINES)
def test_blanks_room_tables_and_lists(engine, tmp_path):
    markdown = (
        "# A\n\n$z_1 =$ ____ and ________.\n\n<!-- room: 6 -->\n\nbelow\n\n| a | $x$ |\n|---|--:|\n| Größe | 1.5 |\n\n1. one\n\n   $$a = b$$\n2. ~~two~~\n\n"
        "- [ ] three\n\n> four\n\n[link](#a)\n"
    )
    [pdf] = publish([Page("p", markdown, tmp_path)], "pdf", engine=engine)
    (tmp_path / "p.pdf").write_bytes(pdf)
    text = text_of(tmp_path / "p.pdf")
    assert [
        word
        for word in ("and", "below", "Größe", "1.5", "one", "two", "three", "four", "link")
        if word not in text
    ] == [] and "__" not in text
    boxes = subprocess.run(
        ["pdftotext", "-bbox", tmp_path / "p.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    top = {
        word: float(re.search(rf'yMin="([\d.]+)"[^>]*>{word}<', boxes)[1])
        for word in ("and", "below")
    }
    assert 6 * 1.6 * 10.9 < top["below"] - top["and"] < 6 * 1.6 * 10.9 + 40


def test_an_engine_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(WorksheetError, match="no engine 'context'"):
        publish([Page("p", "# A\n", tmp_path)], "pdf", engine="context")


def test_a_table_that_is_too_wide_wraps_in_small_and_never_below(tmp_path):
    words = "words that go on and on, " * 6
    wide, narrow = (
        f"# T\n\n| A | B | C |\n|--|--|--|\n| $x$ | {text} | {text} |\n"
        for text in (words, "words")
    )
    wide, narrow = (
        source.decode()
        for source in publish([Page("t", text, tmp_path) for text in (wide, narrow)], "tex")
    )
    body = wide[wide.index("\\begin{document}") :]
    assert (
        r"\begingroup\small" in body
        and "p{" in body
        and not re.search(r"\\(tiny|scriptsize|footnotesize)\b", body)
    )
    assert (
        r"\begingroup\small" not in narrow
        and "p{" not in narrow[narrow.index("\\begin{document}") :]
    )


@with_all
def test_the_symbols_of_a_course_stay_on_the_page(tmp_path):
    rows = "".join(
        f"| $w_{number}$ | {'weight into one of many neurons; ' * 4} | [What we want](#a); [What the gradient means](#a) |\n"
        for number in range(8)
    )
    page = Page(
        "t",
        f"# T\n\n<!-- contents -->\n\n## A\n\n| Symbol | Meaning | First in |\n|:--|:--|:--|\n{rows}",
        tmp_path,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        publish([page], "pdf", engine="pdflatex")


@with_all
@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_of_120_letters_does_not_leave_the_page(engine, tmp_path):
    names = ["x" * 120, "7" * 120, "M" * 120, "a&b.c" * 24]
    markdown = f"# Midterm {names[0]}\n\n" + "".join(
        f"**Name:** {name}\u2003**ID:** {'4711' * 10}\n\n" for name in names
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [pdf] = publish([Page("p", markdown, tmp_path)], "pdf", engine=engine)
    (tmp_path / "p.pdf").write_bytes(pdf)
    assert right_end(tmp_path / "p.pdf") < 520
    shown = re.sub(r"\s", "", text_of(tmp_path / "p.pdf"))
    assert all(name in shown for name in names)

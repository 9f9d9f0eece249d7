"""The PDF of every problem: sound, complete, inside its margins, the same bytes every time, and
deaf to hostile input."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from math import dist
from pathlib import Path

import pytest
from drawn_labels import parts
from drawn_lines import strokes
from test_drawing import layered

from worksheet import load, solve
from worksheet.cli import main
from worksheet.diagrams.drawing import PAPER, Room, drawn
from worksheet.diagrams.mermaid import network
from worksheet.errors import WorksheetError
from worksheet.notes import write_note
from worksheet.publish import FORMATS, Page, formats_in, publish
from worksheet.publish.arranged import ROOM
from worksheet.publish.givens import GUTTER, PIXELS, SHARES
from worksheet.resources import problem_files, templates_folder

pytestmark = [
    pytest.mark.xdist_group("paper"),
    pytest.mark.skipif(
        not (shutil.which("pdftotext") or os.environ.get("CI")),
        reason="no pdftotext here: apt-get install poppler-utils",
    ),
]
SPECS = problem_files()


def text_of(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def notes(paper_notes) -> dict[str, Path]:
    return paper_notes


def test_every_problem_becomes_a_pdf_that_shows_every_result(notes):
    for spec in SPECS:
        shown = text_of(notes[spec.stem] / "notes.pdf").replace("−", "-")
        numbers = set(re.findall(r"-?\d+(?:\.\d+)?", shown))
        lost = {
            working.name: working.shown
            for working in solve(load(spec)).workings
            if working.shown.lstrip("-") not in {number.lstrip("-") for number in numbers}
        }
        assert lost == {}, spec.stem


def test_every_heading_and_sentence_is_there(notes):
    for name, folder in notes.items():
        shown = re.sub(r"\s+", " ", text_of(folder / "notes.pdf"))
        for heading in re.findall(r"^##+ (.*)$", (folder / "notes.md").read_text(), re.MULTILINE):
            assert "$" in heading or heading in shown, (name, heading)


def test_it_is_tagged_titled_a4_and_has_page_numbers(notes):
    for name, folder in notes.items():
        facts = subprocess.run(
            ["pdfinfo", folder / "notes.pdf"], capture_output=True, text=True, check=True
        ).stdout
        assert (
            re.search(r"Tagged: +yes", facts)
            and "(A4)" in facts
            and re.search(r"Title: +\S", facts)
        ), name
        pages = int(re.search(r"Pages: +(\d+)", facts)[1])
        assert f"{pages} of {pages}" in text_of(folder / "notes.pdf"), name


def test_same_input_same_bytes(notes, tmp_path):
    path = write_note(SPECS[0], tmp_path, to=tuple(FORMATS))
    for kind in FORMATS:
        assert (path.parent / f"notes.{kind}").read_bytes() == (
            notes[SPECS[0].stem] / f"notes.{kind}"
        ).read_bytes()


def test_many_pages_in_one_call_are_the_same_as_one_by_one(notes):
    pages = [
        Page(name, (folder / "notes.md").read_text(), folder)
        for name, folder in list(notes.items())[:3]
    ]
    for kind in FORMATS:
        assert publish(pages, kind) == [publish([page], kind)[0] for page in pages]


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
    )
    (tmp_path / "p.pdf").write_bytes(pdf)
    text = text_of(tmp_path / "p.pdf")
    assert [row for row in range(40) if not re.search(rf"\b{row}\.5\b", text)] == []
    assert "2 of 2" in text


def test_a_tall_chain_is_not_torn_from_its_first_line(tmp_path):
    rows = r" \\ ".join(rf"&= \frac{{{row}.5}}{{7}}" for row in range(40))
    pages = [
        Page(
            f"p{lines}",
            "# A\n\n"
            + "A line.\n\n" * lines
            + f"It is\n\n$$\n\\begin{{aligned}}\nxyz {rows}\n\\end{{aligned}}\n$$\n",
            tmp_path,
        )
        for lines in range(26, 38)
    ]
    for page, pdf in zip(pages, publish(pages, "pdf"), strict=True):
        (tmp_path / "p.pdf").write_bytes(pdf)
        [holding] = [text for text in text_of(tmp_path / "p.pdf").split("\f") if "It is" in text]
        assert "0.5" in holding and "1.5" in holding, page.name


def test_letter_paper(tmp_path):
    path = write_note(SPECS[0], tmp_path, to=("pdf",), paper="us-letter", with_figures=False)
    assert (
        "(letter)"
        in subprocess.run(
            ["pdfinfo", path.parent / "notes.pdf"], capture_output=True, text=True, check=True
        ).stdout
    )


def test_the_command_writes_what_is_asked_and_names_what_is_old(tmp_path, capsys):
    assert (
        main(
            [
                "notes",
                "linear-chain",
                "--out",
                str(tmp_path),
                "--no-figures",
                "--to",
                "md, pdf,html",
            ]
        )
        == 0
    )
    folder = tmp_path / "linear-chain"
    assert (folder / "notes.pdf").read_bytes().startswith(b"%PDF") and (
        folder / "notes.html"
    ).is_file()
    assert (
        main(["notes", "linear-chain", "--out", str(tmp_path), "--no-figures", "--to", "html"]) == 0
    )
    assert (
        (folder / "notes.pdf").is_file()
        and (folder / "notes.html").is_file()
        and (folder / "notes.md").is_file()
    )
    assert (
        f"older than the page beside it, and kept: {folder / 'notes.pdf'}"
        in capsys.readouterr().err
    )
    assert main(["notes", "linear-chain", "--out", str(tmp_path), "--to", "pfd"]) == 2
    assert "did you mean 'pdf'" in capsys.readouterr().err


def test_a_page_that_cannot_be_set_is_not_written_at_all(tmp_path):
    own = tmp_path / "templates" / "layouts" / "notes.md.j2"
    own.parent.mkdir(parents=True)
    ours = (templates_folder() / "layouts" / "notes.md.j2").read_text()
    own.write_text(
        ours.replace("<< self.solution() >>", "<< self.solution() >>\n\nOurs: $\\foo{x}$.")
    )
    with pytest.raises(WorksheetError, match="foo"):
        write_note(
            SPECS[0],
            tmp_path / "out",
            to=("pdf",),
            templates=tmp_path / "templates",
            with_figures=False,
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "markdown, says",
    [
        ("$\\input{/etc/passwd}$", "input"),
        ("![a](/etc/passwd)", "no figure"),
        ("![a](../../secret.svg)", "no figure"),
        ("![a](http://example.org/a.png)", "not there"),
        ("![a](figures/none.svg)", "not there"),
        ("```mermaid\nsequenceDiagram\n  A->>B: hi\n```", "graph LR"),
        ("```mermaid\ngraph LR\n  a --> b\n  b --> a\n```", "circle"),
        ("<script>alert(1)</script>", "HTML"),
        ("a <b onclick='x'>b</b>", "HTML"),
        ("<!-- a --><script>alert(1)</script>", "HTML"),
        ("[a](javascript:alert)", "javascript"),
        ("[a](file:///etc/passwd)", "file:"),
        ("words ![a](figures/a.svg) words", "within a line"),
    ],
)
def test_hostile_and_unknown_input_is_refused(tmp_path, markdown, says):
    (tmp_path / "page").mkdir()
    (tmp_path / "secret.svg").write_text("<svg/>")
    for kind in FORMATS:
        if kind in ("html", "ipynb") and markdown.startswith("$"):
            continue  # a formula in a browser opens no file
        with pytest.raises(WorksheetError) as refused:
            publish([Page("p", f"# A\n\n{markdown}\n", tmp_path / "page")], kind)
        assert says in str(refused.value), kind


@pytest.mark.parametrize(
    "words",
    [
        '#read("/etc/passwd") #eval("1+1") #import "@preview/x:0.1.0"',
        "`#panic()`{=typst}",
        "\\input{/etc/passwd}",
        "$ 5 and @ref *a* _b_ = c // comment /* x",
        "```{=typst}\n#panic()\n```",
    ],
)
def test_what_an_author_writes_stays_words(tmp_path, words):
    [pdf] = publish([Page("p", f"# A {words.splitlines()[0]}\n\n{words}\n", tmp_path)], "pdf")
    (tmp_path / "p.pdf").write_bytes(pdf)
    text = re.sub(r"\s", "", text_of(tmp_path / "p.pdf"))
    assert re.sub(r"[\W_]|typst", "", words) in re.sub(r"[\W_]|typst", "", text)


def test_formats_are_read_with_spaces_and_in_any_order():
    assert formats_in("docx,html, md,pdf") == ("md", "pdf", "html", "docx")
    assert formats_in("md") == ("md",)
    with pytest.raises(WorksheetError):
        formats_in(" , ")


def test_room_is_empty_and_a_blank_is_a_line(tmp_path):
    def height(room: str) -> float:
        [pdf] = publish(
            [Page("t", f"# T\n\nName: ________ above\n\n{room}\n\nbelow\n", tmp_path)], "pdf"
        )
        (tmp_path / "t.pdf").write_bytes(pdf)
        boxes = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / "t.pdf", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "____" not in boxes
        above, below = (
            float(re.search(rf'yMin="([\d.]+)"[^>]*>{word}<', boxes)[1])
            for word in ("above", "below")
        )
        return below - above

    assert height("<!-- room: 20 -->") - height("<!-- room: 10 -->") == pytest.approx(
        10 * 1.6 * 10.5, abs=1
    )


# ---- drawings and names
# ---------------------------------------------------------------------------


def right_end(pdf: Path) -> float:
    """Points from the left edge of the page to where its furthest word ends."""
    text = subprocess.run(
        ["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    return max(float(end) for end in re.findall(r'xMax="([\d.]+)"', text))


@pytest.mark.parametrize(
    "name",
    ["x" * 120, "7" * 120, "Wolfeschlegelstein" * 6, "a@b.c" * 24, "Ж" * 120, "Ü" * 120, "M" * 120],
)
def test_a_name_of_120_letters_does_not_leave_the_page(name, tmp_path):
    markdown = f"# Midterm {name}\n\n**Name:** {name}\u2003**ID:** {'4711' * 10}\n\n- {name}\n"
    [pdf] = publish([Page("p", markdown, tmp_path)], "pdf")
    (tmp_path / "p.pdf").write_bytes(pdf)
    assert (
        right_end(tmp_path / "p.pdf") < 520
        and re.sub(r"[\s\xad]", "", text_of(tmp_path / "p.pdf")).count(name) == 3
    )
    look = (
        (templates_folder() / "typst" / "notes.typ").read_text().replace("{40,}", "{400,}")
    )  # without what breaks it
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "notes.typ").write_text(look)
    [pdf] = publish([Page("p", markdown, tmp_path)], "pdf", templates=tmp_path)
    (tmp_path / "p.pdf").write_bytes(pdf)
    assert right_end(tmp_path / "p.pdf") > 530 or name[0] in "WM"  # which Typst parts with hyphens


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
@pytest.mark.parametrize("columns", ["1", "auto"])
@pytest.mark.parametrize("size", [(2, 2, 2), (3, 3, 3), (3, 4, 3), (8, 8)])
def test_a_drawing_stands_on_its_page_as_large_as_it_is_made(size, columns, paper, tmp_path):
    """So its letters have the size that they have in the file: every edge is as long on paper, in
    the room of the page or of a column."""
    fence = layered(*size, value=" = -0.12")
    page = Page(
        "p",
        f"# T\n\n```mermaid\n{fence}```\n\n- Words\n- and words\n\nMore.\n",
        tmp_path,
        columns=columns,
    )
    rooms = [
        PAPER,
        *[
            Room(PIXELS * (ROOM[paper] * share - GUTTER), PAPER.height)
            for share in SHARES
            if columns == "auto"
        ],
    ]
    edges = [
        {
            dist(stroke[:2], stroke[2:]) * 0.75 * 25.4 / 72
            for edge in parts(drawn(network(fence), room)).edges
            for stroke in edge
        }
        for room in rooms
    ]

    def is_as_made(templates: Path | None) -> bool:
        [made] = publish([page], "pdf", paper=paper, templates=templates)
        (tmp_path / "p.pdf").write_bytes(made)
        found = [dist(stroke[:2], stroke[2:4]) for stroke in strokes(tmp_path / "p.pdf", 0)]
        return any(
            all(min(abs(one - other) for other in found) < 0.02 for one in own) for own in edges
        )

    assert is_as_made(None)
    look = (templates_folder() / "typst" / "notes.typ").read_text()
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "notes.typ").write_text(
        look.replace("width: share * natural.width", "width: 0.95 * share * natural.width")
    )
    assert not is_as_made(tmp_path)

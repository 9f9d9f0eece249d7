"""The Word document of every problem: every formula an equation with its signs, figures with their
words, the same bytes."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from math import inf
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from hard_cases import hard_specs
from rendering import needs
from signs import plain, seen
from test_publish_pdf import SPECS

from worksheet import load, solve
from worksheet.markdown.reader import formulas
from worksheet.notes import write_note
from worksheet.publish import Page, pages, pandoc, publish
from worksheet.publish.docx import WIDEST
from worksheet.tex.to_omml import omml

pytestmark = pytest.mark.xdist_group("paper")
W, M, WP = (
    {
        "w": "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
        "m": "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
        "wp": "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}",
    }[name]
    for name in ("w", "m", "wp")
)


@pytest.fixture(scope="module")
def notes(paper_notes, tmp_path_factory) -> dict[str, Path]:
    """The folder of each problem's note; and of wide ones, with long numbers and a German title."""
    found = dict(paper_notes)
    for name in ("ten-units", "six-by-six"):
        spec = tmp_path_factory.mktemp("specs") / f"{name}.yaml"
        spec.write_text(hard_specs()[name], encoding="utf-8")
        found[name] = write_note(
            spec, tmp_path_factory.mktemp("word"), to=("docx",), with_figures=False
        ).parent
    return found


def document(docx: Path | BytesIO) -> ElementTree.Element:
    with ZipFile(docx) as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))


def made(markdown: str, folder: Path, **options) -> BytesIO:
    return BytesIO(publish([Page("p", markdown, folder)], "docx", **options)[0])


def signs_in(element: ElementTree.Element) -> str:
    if element.tag == f"{M}d":
        marks = {each.tag: each.get(f"{M}val", "") for each in element[0]}
        return marks[f"{M}begChr"] + "".join(map(signs_in, element)) + marks[f"{M}endChr"]
    return (element.text or "" if element.tag == f"{M}t" else "") + "".join(map(signs_in, element))


def equations(docx: Path | BytesIO) -> list[str]:
    return [plain(signs_in(each)) for each in document(docx).iter(f"{M}oMath")]


def expected(markdown: str) -> list[tuple[str, int]]:
    """The signs of each formula of a page, and how many equations it takes."""
    return [
        (
            seen(formula.tex, below_first=True),
            len(omml(formula.tex.strip(), WIDEST if formula.is_display else inf)),
        )
        for formula in formulas(markdown)
    ]


def by_formula(found: list[str], wanted: list[tuple[str, int]]) -> list[str]:
    """Equations joined to the formulas that they are the parts of."""
    parts = iter(found)
    joined = ["".join(next(parts) for _ in range(count)) for _, count in wanted]
    assert next(parts, None) is None, "there are more equations than formulas"
    return joined


def test_every_formula_is_an_equation_with_its_signs(notes):
    for name, folder in notes.items():
        wanted = expected((folder / "notes.md").read_text())
        assert len(wanted) >= 10
        assert by_formula(equations(folder / "notes.docx"), wanted) == [
            signs for signs, _ in wanted
        ], name


def test_a_lost_or_changed_formula_is_seen(tmp_path):
    markdown = "# A\n\n$a = 1$ and $b_{12} = 2$\n"
    wanted = expected(markdown)
    assert by_formula(equations(made(markdown, tmp_path)), wanted) == ["a=1", "b12=2"]
    assert by_formula(equations(made(markdown.replace("12", "21"), tmp_path)), wanted) != [
        "a=1",
        "b12=2",
    ]
    for other in ("# A\n\n$a = 1$\n", markdown + "\n$c$\n"):
        with pytest.raises((AssertionError, RuntimeError)):
            by_formula(equations(made(other, tmp_path)), wanted)


def test_every_result_heading_and_picture_is_there(notes):
    for spec in SPECS:
        tree = document(notes[spec.stem] / "notes.docx")
        shown = set(
            re.findall(r"\d+(?:\.\d+)?", " ".join(each.text or "" for each in tree.iter(f"{M}t")))
        )
        assert [
            working.name
            for working in solve(load(spec)).workings
            if working.shown.lstrip("-") not in shown
        ] == [], spec.stem
        words = "".join(each.text or "" for each in tree.iter(f"{W}t"))
        markdown = (notes[spec.stem] / "notes.md").read_text()
        for heading in re.findall(r"^##? ([^$]*?)$", markdown, re.MULTILINE):
            assert heading in words, heading
        pictures = list(tree.iter(f"{WP}docPr"))
        assert len(pictures) == len(
            re.findall(r"^(?:```mermaid|!\[)", markdown, re.MULTILINE)
        ) and all(len(each.get("descr", "")) > 20 for each in pictures), spec.stem
        assert all(0 < int(each.get("cx")) <= 6 * 914400 for each in tree.iter(f"{WP}extent"))
    assert "Zehn Einheiten: Übergröße & Maß, #5 [a] @x" in "".join(
        each.text or "" for each in document(notes["ten-units"] / "notes.docx").iter(f"{W}t")
    )


def test_the_same_page_is_the_same_bytes_and_tells_no_time(notes):
    folder = notes[SPECS[0].stem]
    page = Page(str(SPECS[0]), (folder / "notes.md").read_text(), folder)
    one, other = publish([page, page], "docx")
    assert one == other == publish([page], "docx")[0]
    with ZipFile(BytesIO(one)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml").decode())) == {
            "1970-01-01T"
        }
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))


def test_paper_blanks_room_and_the_styles_of_ones_own(tmp_path):
    markdown = "# A $x_1$\n\nIs $a$ ____ or ______?\n\n<!-- room: 6 -->\n\nIt is\n\n$$\na = b\n$$\n\n`code`\n"
    tree = document(made(markdown, tmp_path, paper="us-letter"))
    assert tree.find(f".//{W}pgSz").get(f"{W}w") == "12240"
    assert document(made(markdown, tmp_path)).find(f".//{W}pgSz").get(f"{W}w") == "11906"
    blanks = [
        run.findtext(f"{W}t") for run in tree.iter(f"{W}r") if run.find(f"{W}rPr/{W}u") is not None
    ]
    assert list(map(len, blanks)) == [4, 6] and set("".join(blanks)) == {"\u2002"}
    styles = [each.get(f"{W}val") for each in tree.iter(f"{W}pStyle")]
    assert styles == ["Title", "Lead", "Room", "Lead", "Formula", "BodyText"]
    room = next(
        paragraph
        for paragraph in tree.iter(f"{W}p")
        if paragraph.find(f"{W}pPr/{W}pStyle[@{W}val='Room']") is not None
    )
    assert int(room.find(f"{W}pPr/{W}spacing").get(f"{W}line")) == 6 * 352
    own = tmp_path / "templates" / "docx"
    own.mkdir(parents=True)
    own.joinpath("notes.docx").write_bytes(made("# B\n", tmp_path).getvalue())
    assert equations(made(markdown, tmp_path, templates=tmp_path / "templates")) == [
        "x1",
        "a",
        "a=b",
    ]


def test_what_an_author_writes_stays_words(tmp_path):
    words = 'a &lt;w:t> `</w:t><w:r>` "b" & `{=openxml}` \\input{x}'
    tree = document(made(f"# A\n\n{words}\n\n~~~{{=openxml}}\n<w:p/>\n~~~\n", tmp_path))
    text = "".join(each.text or "" for each in tree.iter(f"{W}t"))
    assert 'a <w:t> </w:t><w:r> "b" & {=openxml}' in text and "<w:p/>" in text


@needs("soffice")
def test_libreoffice_opens_it_without_a_lost_formula(notes, tmp_path):
    """As LibreOffice reads the equations, formula by formula; and all numbers of a page are in the
    PDF that it makes."""
    copies = []
    for name, folder in notes.items():
        copies.append(tmp_path / f"{name}.docx")
        copies[-1].write_bytes((folder / "notes.docx").read_bytes())
    office = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
        "--headless",
        "--convert-to",
    ]
    for to in ("odt", "pdf"):
        subprocess.run(
            [*office, to, "--outdir", tmp_path, *copies],
            check=True,
            capture_output=True,
            timeout=300,
        )
    for name, folder in notes.items():
        wanted = expected((folder / "notes.md").read_text())
        with ZipFile(tmp_path / f"{name}.odt") as archive:
            objects = re.findall(
                r'xlink:href="\./(Object \d+)"', archive.read("content.xml").decode()
            )
            found = [
                mathml_signs(ElementTree.fromstring(archive.read(f"{each}/content.xml")))
                for each in objects
            ]
        assert [unaccented(each) for each in by_formula(found, wanted)] == [
            signs for signs, _ in wanted
        ], name
        text = subprocess.run(
            ["pdftotext", tmp_path / f"{name}.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout
        numbers = {
            number
            for formula in formulas((folder / "notes.md").read_text())
            for number in re.findall(r"(?<!\[)\b\d+\.\d+", formula.tex)
        }
        assert [number for number in numbers if number not in text] == [], (
            name
        )  # a power may stand close behind it


def mathml_signs(tree: ElementTree.Element) -> str:
    """The signs of a formula of LibreOffice, without its notation for typing."""
    for each in list(tree.iter()):
        for child in list(each):
            if child.tag.endswith("annotation"):
                each.remove(child)
    text = plain("".join(tree.itertext()))
    assert "¿" not in text, "LibreOffice misses an operand"
    return text


def unaccented(text: str) -> str:
    return re.sub(r"[\^ˆ~˜¯→]$|[\^ˆ˜¯](?=.)", "", text)


def test_a_heading_of_a_narrow_column_is_not_divided():
    [[table]] = pandoc.read(
        [f"| Symbol | Meaning |\n| :-- | :-- |\n| $x$ | {'a word and another ' * 12}|\n"]
    )
    narrow, wide = [column[1]["c"] for column in pages.measured(table)["c"][2]]
    assert narrow >= len("Symbol") * pages.SIGN * pages.BOLD and narrow + wide <= 1


def test_no_number_of_a_narrow_column_is_divided():
    formula = r"$\mathcal{L}(3.464, 2.887) \approx 0.00000065$"
    text = f"| $\\alpha$ | It is | The run | Updates | Where it is then |\n|--|--|--|--|--|\n| 0.001 | about right | goes to and fro | 1000 | {formula} |\n"
    [[table]] = pandoc.read([text])
    found = [column[1]["c"] for column in pages.measured(table)["c"][2]]
    assert (
        found[0] >= len("0.001") * pages.SIGN
        and found[2] >= len("goes") * pages.SIGN
        and abs(sum(found) - 1) < 0.001
    )


def test_no_formula_of_a_table_is_divided_and_words_give_way():
    """LibreOffice breaks no formula in a cell: it cuts it off."""
    formula = r"$\mathcal{L}(3.464, 2.887) \approx 0.00000065$"
    text = (
        f"| It is | Where | Words |\n|--|--|--|\n| too small | {formula} | {'many words ' * 12} |\n"
    )
    [table] = pandoc.read([text])[0]
    small, where, words = [column[1]["c"] for column in pages.measured(table)["c"][2]]
    least = pages.SIGN * (pages.length(table["c"][4][0][3][0][1][1]) + 3)
    assert (
        abs(small + where + words - 1) < 0.001
        and where >= least - 0.001
        and small >= pages.SIGN * 12 > 0
    )
    wide = (
        f"| A | B |\n|--|--|\n| {formula.replace('0.00000065', '0.00000065' * 3)} | {formula} |\n"
    )
    [table] = pandoc.read([wide])[0]
    assert sum(column[1]["c"] for column in pages.measured(table)["c"][2]) <= 1.001

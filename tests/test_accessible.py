"""For everybody's eyes: every kind of PDF is PDF/UA-1 as veraPDF judges it, and is tagged as its
Markdown says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from rendering import barriers, needs, seen, stuck
from test_multiple_choice import ASK, NETWORK, VARY
from verapdf import judged

from worksheet.cli import main
from worksheet.publish import Page, pandoc, publish
from worksheet.publish.texengine import ENGINES

pytestmark = pytest.mark.xdist_group("accessible")

LECTURE = """\
lecture: A short lecture
glossary: true
problems: {net: mine.yaml, links: chain-rule}
sections:
  - title: A network
    problem: net
    text: Words before it.
    sections: [{title: Setup, part: statement}, {title: Hidden output, part: a_h}]
  - title: The chain rule
    problem: links
    sections: [{title: All of it, part: all}]
"""
EXAM = "title: Midterm\nversions: 3\nproblems: [{spec: choice.yaml, points: 10}, {spec: two-inputs-sigmoid, points: 18, room: 3}]\n"
FILES = {
    "mine.yaml": f"{NETWORK}code: numpy\ncircuit: true\n",
    "choice.yaml": NETWORK + ASK + VARY,
    "short.yaml": LECTURE,
    "exam.yaml": EXAM,
}
ALL = "pdf,html,docx"
NARROW = 320  # pixels: WCAG 1.4.10
# what is written by a command line, and the stems of its files
KINDS = {
    "notes": (
        [
            "notes",
            "mine.yaml",
            "two-by-two",
            "chain-rule",
            "descent-two-weights",
            "derive-softmax",
            "--to",
            ALL,
        ],
        {"notes"},
    ),
    "us-letter": (
        ["notes", "chain-rule", "--paper", "us-letter", "--columns", "1", "--to", "pdf"],
        {"notes"},
    ),
    "lecture": (["notes", "short.yaml", "--to", ALL], {"notes"}),
    "slides": (["slides", "one-hidden-neuron"], {"slides"}),
    "slides of a lecture": (["slides", "short.yaml"], {"slides"}),
    "sheet": (["sheet", "two-by-two", "computational-graph", "--to", ALL], {"sheet", "key"}),
    "compact key": (["sheet", "two-by-two", "--key", "compact", "--to", ALL], {"sheet", "key"}),
    "both keys": (["sheet", "mine.yaml", "--key", "both", "--to", ALL], {"sheet", "key"}),
    "multiple choice": (["sheet", "choice.yaml", "--to", ALL], {"sheet", "key"}),
    "grid": (["sheet", "two-by-two", "--layout", "grid"], {"sheet", "key"}),
    "faded": (["sheet", "mine.yaml", "--fade", "0.5", "--to", ALL], {"sheet", "key"}),
    "copies": (
        ["sheet", "choice.yaml", "--copies", "2"],
        {"sheet-01", "key-01", "sheet-02", "key-02"},
    ),
    "exam": (
        ["exam", "exam.yaml", "--duplex"],
        {
            "exams",
            "keys",
            "marking",
            *(f"{stem}-0{number}" for stem in ("exam", "key") for number in (1, 2, 3)),
        },
    ),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, list[Path]]:
    """The files of each kind."""
    desk = tmp_path_factory.mktemp("accessible")
    for name, text in FILES.items():
        (desk / name).write_text(text, encoding="utf-8")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        for kind, (arguments, stems) in KINDS.items():
            assert main([*arguments, "--out", kind]) == 0, kind
            found[kind] = sorted(
                file for ending in ALL.split(",") for file in (desk / kind).rglob(f"*.{ending}")
            )
            assert {file.stem for file in found[kind]} == stems, kind
    return found


def of_type(written: dict[str, list[Path]], ending: str) -> list[Path]:
    return [file for files in written.values() for file in files if file.suffix == ending]


# ---- PDF
# -----------------------------------------------------------------------------------------------------------


@needs("java")
def test_every_kind_of_pdf_is_accessible_as_verapdf_judges_it(written):
    pdfs = of_type(written, ".pdf")
    for file, each in zip(pdfs, judged(pdfs), strict=True):
        assert each.faults == () and each.checks > 2000, f"{file}: {each}"


def everything(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """The tags of a PDF."""
    return (
        each
        for each in pdf.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
    )


def without(pdf: pikepdf.Pdf, tag: str, *keys: str) -> None:
    for each in everything(pdf):
        if tag == each.S:
            for key in set(keys) & each.keys():
                del each[key]


def untagged(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot, pdf.Root.MarkInfo


def unnamed(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as about:
        del about["dc:title"]


def unclaimed(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as about:
        del about["pdfuaid:part"]


def renumbered(pdf: pikepdf.Pdf) -> None:
    """The tags of a page are looked for under a number that no page has."""
    for page in pdf.pages:
        page.StructParents += 1000


def leaping(pdf: pikepdf.Pdf) -> None:
    for each in everything(pdf):
        if each.S == "/H1":
            each.S = pikepdf.Name.H3


FAULTS = {  # and the rule of ISO 14289-1 that each breaks
    "untagged": (untagged, "7.1-11"),
    "a formula without words": (lambda pdf: without(pdf, "/Formula", "/Alt"), "7.7-1"),
    "a figure without words": (lambda pdf: without(pdf, "/Figure", "/Alt"), "7.3-1"),
    "no language": (lambda pdf: pdf.Root.__delitem__("/Lang"), "7.2-"),
    "no title": (unnamed, "7.1-9"),
    "no claim": (unclaimed, "5-1"),
    "tags of another page": (renumbered, "7.1-3"),
    "headings that leap": (leaping, "7.4.2-1"),
    "heads of a table that say not of what": (
        lambda pdf: (without(pdf, "/TH", "/A"), without(pdf, "/TD", "/A")),
        "7.5-1",
    ),
}


@needs("java")
def test_what_is_not_accessible_is_refused(written, tmp_path):
    [sound] = [
        file for file in written["notes"] if file.suffix == ".pdf" and file.parent.name == "mine"
    ]
    files = [tmp_path / f"{name}.pdf" for name in FAULTS]
    for (change, _), file in zip(FAULTS.values(), files, strict=True):
        with pikepdf.open(sound) as pdf:
            change(pdf)
            pdf.save(file)
    for (name, (_, rule)), each in zip(FAULTS.items(), judged(files), strict=True):
        assert any(fault.startswith(rule) for fault in each.faults), f"{name}: {each}"


# ---- HTML
# ----------------------------------------------------------------------------------------------------------


@needs("node", "chromium")
def test_nothing_in_a_browser_stands_in_the_way_of_anybody(written):
    """As axe-core finds by all its rules, among them those of WCAG 2.1 A and AA."""
    pages = of_type(written, ".html")
    for each in barriers(pages, [(NARROW, "light"), (1280, "dark")]):
        assert each["violations"] == [], each["page"]
        assert {"color-contrast", "heading-order", "html-has-lang", "document-title"} <= set(
            each["passes"]
        ), each["page"]


@needs("node", "chromium")
def test_every_page_can_be_read_at_320_pixels(written):
    """Nothing is wider than the screen, and what goes on beyond an edge says so there. (A slide is
    drawn as a whole, smaller.)"""
    pages = [file for file in of_type(written, ".html") if file.stem != "slides"]
    for look in seen(pages, [NARROW]):
        assert (look["scroll"], look["outside"], look["cut"]) == (NARROW, [], []), look["page"]


@needs("node", "chromium")
def test_what_is_cut_is_seen(tmp_path):
    for name, style, is_cut in [
        ("hidden", "overflow-x: hidden", True),
        ("bare", "overflow-x: auto", True),
        ("wide", "", False),
        ("shaded", "overflow-x: auto; background-image: linear-gradient(red, blue)", False),
    ]:
        page = tmp_path / f"{name}.html"
        page.write_text(
            f"<!DOCTYPE html><main><div style='width: 100px; {style}'><div style='width: 200px'>x</div></div></main>"
        )
        assert [bool(look["cut"]) for look in seen([page], [NARROW])] == [is_cut] * 2, name


def test_every_page_has_a_language_a_title_its_tables_names_and_its_contents_a_way_past(written):
    for file in of_type(written, ".html"):
        text = file.read_text(encoding="utf-8")
        tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
        headings = {
            words(each) for each in re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", text, re.DOTALL)
        }
        captions = [
            words(caption[1])
            for each in tables
            if (caption := re.match(r"<table[^>]*>\s*<caption>(.*?)</caption>", each, re.DOTALL))
        ]
        assert len(captions) == len(tables) and set(captions) <= headings, file
        assert '<html lang="en"' in text and re.search(r"<title>[^<]+</title>", text), file
        for name in re.findall(r'<a [^>]*href="#([^"]+)"', text):
            assert text.count(f'id="{name}"') == 1, f"{file}: {name}"
    [lecture] = [file for file in written["lecture"] if file.suffix == ".html"]
    assert lecture.read_text(encoding="utf-8").count("past the contents") == 1


def words(html: str) -> str:
    """The text of a heading or a caption; a formula as its TeX."""
    tex = re.sub(
        r"<math.*?<annotation[^>]*>(.*?)</annotation>.*?</math>", r"\1", html, flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", "", tex).split())


@needs("node", "chromium")
def test_the_contents_stay_in_sight_and_cover_nothing_that_they_lead_to(written):
    """In a browser, folded and not: at the end of the page they are at its top, and the heading of
    a link stands below them."""
    [lecture] = [file for file in written["lecture"] if file.suffix == ".html"]
    for look in stuck(lecture, [(320, 640), (1280, 800)]):
        assert 0 <= look["top"] < 1 and look["bottom"] <= 0.46 * look["height"], look
        assert look["places"] and all(
            look["bottom"] <= place < look["height"] for place in look["places"]
        ), look
        assert look["back"] >= 0, look


# ---- Word
# ----------------------------------------------------------------------------------------------------------


def test_a_word_document_has_a_title_a_language_and_names_of_tables_and_pictures(written):
    pictures, heads = [], []
    for file in of_type(written, ".docx"):
        with ZipFile(file) as opened:
            text, about, styles = (
                opened.read(name).decode()
                for name in ("word/document.xml", "docProps/core.xml", "word/styles.xml")
            )
        assert (
            re.search(r"<dc:title>[^<]+</dc:title>", about)
            and "<dc:language>en-US</dc:language>" in about
            and 'w:val="en-US"' in styles
        ), file
        pictures += (found := re.findall(r"<wp:docPr [^>]*>", text))
        assert all(re.search(r' descr="[^"]{20,}"', each) for each in found), file
        tables = re.findall(r"<w:tbl>.*?</w:tbl>", text, re.DOTALL)
        named = re.findall(r'<w:tblCaption w:val="([^"]+)"', text)
        assert len(named) == len(tables) and "TableCaption" not in text, file
        heads += (
            found := [
                each.partition("</w:tr>")[0]
                for each in tables
                if '<w:tblStyle w:val="Table"' in each
            ]
        )
        assert all(
            '<w:tblHeader w:val="on"' in each and 'w:firstRow="1"' in each for each in found
        ), file
        headings = [int(level) for level in re.findall(r'<w:pStyle w:val="Heading(\d)"', text)]
        assert all(after <= before + 1 for before, after in zip([0, *headings], headings)), file
    assert len(pictures) > 10 and len(heads) > 10


@needs("soffice")
def test_the_room_around_a_relation_is_what_libreoffice_gives_its_own_formulas(tmp_path):
    """So it is no fault of ours that it is narrow there: the same formula as OpenDocument, which
    pandoc writes without us."""
    markdown = "# T\n\n$$\nx \\approx 1.0\n$$\n"
    (tmp_path / "ours.docx").write_bytes(publish([Page("t", markdown, tmp_path)], "docx")[0])
    (tmp_path / "theirs.odt").write_bytes(
        pandoc.document(pandoc.read([markdown])[0], "odt", title=[], language="en")
    )
    office = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        tmp_path,
    ]
    subprocess.run(
        [*office, tmp_path / "ours.docx", tmp_path / "theirs.odt"],
        check=True,
        capture_output=True,
        timeout=300,
    )
    gaps = []
    for name in ("ours", "theirs"):
        shown = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / f"{name}.pdf", "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        (_, end), (start, stop), (begin, _) = [
            next(
                (float(x), float(y))
                for x, y, word in re.findall(
                    r'xMin="([\d.]+)".*?xMax="([\d.]+)".*?>([^<]+)</word>', shown
                )
                if word == sign
            )
            for sign in ("x", "≈", "1.0")
        ]
        gaps.append((start - end, begin - stop))
    assert gaps[0] == pytest.approx(gaps[1], abs=0.05) and min(gaps[0]) > 1


# ---- what TeX sets
# -------------------------------------------------------------------------------------------------


@needs(*ENGINES)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_tex_sets_has_a_title_a_language_and_bookmarks_and_claims_no_tags(engine, tmp_path):
    (tmp_path / "t.pdf").write_bytes(
        publish(
            [Page("t", "# T & U\n\n## A\n\nwords\n\n## B\n\nwords\n", tmp_path)],
            "pdf",
            engine=engine,
        )[0]
    )
    with pikepdf.open(tmp_path / "t.pdf") as made:
        assert (
            str(made.docinfo.Title) == "T & U"
            and made.Root.Lang == "en"
            and made.Root.ViewerPreferences.DisplayDocTitle
        )
        with made.open_outline() as outline:
            assert [item.title for item in outline.root] == ["A", "B"]
        assert "/StructTreeRoot" not in made.Root and "/MarkInfo" not in made.Root

"""The QR of a code, read back from the finished pages by a decoder of others (ZXing): on every
page, and away from every word."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
import zxingcpp
from PIL import Image
from rendering import needs
from test_cli import desk, spec
from test_exams import WIDE
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.codes import code_of
from worksheet.publish import Page, publish
from worksheet.publish.pictures import converted
from worksheet.publish.qr import stamp

__all__ = ["desk"]  # the fixture
LONGEST = str(code_of("name", {}, 10**9, 10**5, 999))
DPI = 150  # what any scanner does
POINTS = 72 / DPI


def read(png: bytes | Path) -> list[zxingcpp.Barcode]:
    """Every QR in a picture."""
    return zxingcpp.read_barcodes(
        Image.open(BytesIO(png) if isinstance(png, bytes) else png).convert("L")
    )


def printed(pdf: Path) -> list[Path]:
    """The pages as a scanner sees them."""
    subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-png", str(pdf), str(pdf.with_suffix(""))],
        check=True,
    )
    return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))


def words(pdf: Path) -> list[list[tuple[float, ...]]]:
    """The box of each word of each page, in points."""
    page = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    tree = ElementTree.fromstring(
        re.sub(r"<!DOCTYPE[^>]*>|<meta[^>]*>|<title>.*?</title>", "", page)
    )
    return [
        [
            tuple(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))
            for word in each
            if word.text
        ]
        for each in tree.iter("{http://www.w3.org/1999/xhtml}page")
    ]


@needs_pdftotext
@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_every_page_of_sheet_and_key_bears_its_code_away_from_all_words(desk, paper):
    spec(desk, "varied.yaml", WIDE)
    assert main(["sheet", "varied.yaml", "--copies", "2", "--paper", paper]) == 0
    for file in sorted((desk / "build/varied/copies").glob("*.pdf")):
        pages, boxes = printed(file), words(file)
        code = (
            subprocess.run(
                ["pdftotext", str(file), "-"], capture_output=True, text=True, check=True
            )
            .stdout.split("Code: ")[1]
            .split()[0]
        )
        assert len(pages) == len(boxes) > 1
        for page, inside in zip(pages, boxes, strict=True):
            [found] = read(page)
            assert found.text == code and found.format == zxingcpp.BarcodeFormat.QRCode and inside
            corners = [
                getattr(found.position, name)
                for name in ("top_left", "top_right", "bottom_left", "bottom_right")
            ]
            white = 4 * (corners[1].x - corners[0].x) / 21 - 1  # four of its squares
            left, right = (side([corner.x for corner in corners]) for side in (min, max))
            top, bottom = (side([corner.y for corner in corners]) for side in (min, max))
            assert not [
                box
                for box in inside
                if box[0] / POINTS < right + white
                and box[2] / POINTS > left - white
                and box[1] / POINTS < bottom + white
                and box[3] / POINTS > top - white
            ]


@needs_pdftotext
def test_every_page_of_an_exam_bears_the_code_of_its_copy(desk):
    (
        spec(desk, "varied.yaml", WIDE),
        spec(
            desk, "exam.yaml", "title: T\nversions: 2\nkey: full\nproblems: [{spec: varied.yaml}]\n"
        ),
    )  # the foot of a compact key has no room
    assert main(["exam", "exam.yaml"]) == 0
    read_back = {
        file.name: {found.text for page in printed(file) for found in read(page)}
        for file in (desk / "build/exam").glob("*-0?.pdf")
    }
    assert (
        read_back["exam-01.pdf"]
        == read_back["key-01.pdf"]
        != read_back["exam-02.pdf"]
        == read_back["key-02.pdf"]
    )
    assert [len(codes) for codes in read_back.values()] == [1, 1, 1, 1]


@pytest.mark.parametrize("code", ["3SWC-SYU3-56U", LONGEST])
def test_it_can_be_read_in_every_format(code, tmp_path):
    page = Page("p", f"# Title\n\n<!-- foot: {code} -->\n\nText.", tmp_path)
    html, tex, docx, pdf = (publish([page], to)[0] for to in ("html", "tex", "docx", "pdf"))
    (tmp_path / "page.pdf").write_bytes(pdf)
    assert [
        found.text for picture in printed(tmp_path / "page.pdf") for found in read(picture)
    ] == [code]
    [svg] = re.findall(rb"<svg .*?</svg>", html, re.DOTALL)
    assert f'aria-label="QR code: {code}"'.encode() in svg and [
        found.text for found in read(converted(svg, "png"))
    ] == [code]
    assert rb"\includegraphics[alt={QR code: %s}]{notes-figures/code.pdf}" % code.encode() in tex
    (tmp_path / "notes-figures/code.pdf").rename(tmp_path / "code.pdf")
    assert [found.text for page in printed(tmp_path / "code.pdf") for found in read(page)] == [code]
    with ZipFile(BytesIO(docx)) as archive:
        [picture] = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert [found.text for found in read(archive.read(picture))] == [code]
        assert f'descr="QR code: {code}"'.encode() in archive.read("word/document.xml")


@needs("pdflatex")
def test_tex_prints_it_on_every_page(tmp_path):
    text = "# Title\n\n<!-- foot: 3SWC-SYU3-56U -->\n\n" + "Text.\n\n<!-- room: 36 -->\n\n" * 3
    (tmp_path / "tex.pdf").write_bytes(
        publish([Page("p", text, tmp_path)], "pdf", engine="pdflatex")[0]
    )
    pages = printed(tmp_path / "tex.pdf")
    assert len(pages) > 1 and all(
        [found.text for found in read(page)] == ["3SWC-SYU3-56U"] for page in pages
    )


@needs_pdftotext
def test_only_a_code_has_one(tmp_path):
    (tmp_path / "draft.pdf").write_bytes(
        publish([Page("p", "# Title\n\n<!-- foot: Draft of May -->\n\nText.", tmp_path)], "pdf")[0]
    )
    [page] = printed(tmp_path / "draft.pdf")
    assert not read(page) and stamp("Draft of May") is None is stamp("") is stamp(
        "3SWC-SYU3-56V"
    )  # whose last sign is wrong
    assert stamp("3swc syu3 56u") == stamp("3SWC-SYU3-56U")

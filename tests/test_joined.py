"""PDFs joined for the printer: every page as it was, in order, each on a front side where that is
wanted; memory that does not grow."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from test_copies import text_of
from test_worksheets import needs_pdftotext

from worksheet.publish import Page, publish
from worksheet.publish.joined import REFERENCE, joined

BREAK = "<!-- room: 30 -->\n\n"


@pytest.fixture(scope="module")
def singles(tmp_path_factory) -> list[Path]:
    """PDFs of one, two, one and three pages; one of them with a link, and a title with brackets
    that are not closed."""
    folder = tmp_path_factory.mktemp("singles")
    texts = [
        "# A (part) (1\n\nFirst, 7 0 R.",
        f"# B\n\nSecond. $\\frac{{1}}{{2}}$\n\n{BREAK * 2}More.",
        "# C\n\n[A link](https://a.b/(5%200%20R)).",
        f"# D\n\nFourth.\n\n{BREAK * 3}Last.",
    ]
    files = [folder / f"exam-{number}.pdf" for number in range(1, 5)]
    for file, pdf in zip(
        files,
        publish([Page(file.stem, text, folder) for file, text in zip(files, texts)], "pdf"),
        strict=True,
    ):
        file.write_bytes(pdf)
    assert [len(pikepdf.open(file).pages) for file in files] == [1, 2, 1, 3]
    return files


def pictures(file: Path, folder: Path) -> list[bytes]:
    """Each page as it is seen."""
    folder.mkdir()
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(file), str(folder / "page")], check=True)
    return [each.read_bytes() for each in sorted(folder.iterdir())]


@needs_pdftotext
def test_every_page_is_as_it_was(singles, tmp_path):
    known = joined(singles, tmp_path / "all.pdf")
    with pikepdf.open(tmp_path / "all.pdf") as made:
        assert (
            not made.check_pdf_syntax()
            and len(made.pages) == 7
            and str(made.docinfo.Title) == "A (part) (1"
        )
        with made.open_outline() as outline:
            assert [item.title for item in outline.root] == [file.stem for file in singles]
            assert [
                made.pages.index(pikepdf.Page(item.destination[0])) for item in outline.root
            ] == [0, 1, 3, 4]
        assert str(made.pages[3].Annots[0].A.URI) == "https://a.b/(5%200%20R)"
    assert text_of(tmp_path / "all.pdf") == "".join(map(text_of, singles))
    each = [
        picture
        for number, file in enumerate(singles)
        for picture in pictures(file, tmp_path / str(number))
    ]
    assert pictures(tmp_path / "all.pdf", tmp_path / "all") == each
    assert (
        joined(singles, tmp_path / "again.pdf") == known
        and (tmp_path / "again.pdf").read_bytes() == (tmp_path / "all.pdf").read_bytes()
    )
    assert joined(singles[::-1], tmp_path / "other.pdf") != known


TABLE = "| Quantity | Value |\n|:--|--:|\n| $z$ | 0.5 |\n"


@needs_pdftotext
def test_the_tags_of_each_are_a_part_of_the_whole(singles, tmp_path):
    """As poppler reads them aloud; and every number and name of a tag leads to one place."""
    more = tmp_path / "more.pdf"
    more.write_bytes(
        publish([Page("more", f"# E & \\<F>\n\n{TABLE}\n{BREAK * 2}{TABLE}", tmp_path)], "pdf")[0]
    )
    files = [more, *singles, more]
    joined(files, tmp_path / "all.pdf", is_duplex=True)
    assert spoken(tmp_path / "all.pdf") == [
        "Document",
        *[f"  {line}" for file in files for line in ("Part", *spoken(file)[1:])],
    ]
    with pikepdf.open(tmp_path / "all.pdf") as made:
        assert (
            not made.check_pdf_syntax()
            and made.Root.MarkInfo.Marked
            and made.open_metadata()["pdfuaid:part"] == "1"
        )
        assert (
            made.open_metadata()["dc:title"] == "E & <F>"
            and made.Root.ViewerPreferences.DisplayDocTitle
        )
        tree = made.Root.StructTreeRoot
        parents = dict(pikepdf.NumberTree(tree.ParentTree).items())
        keys = [int(page.StructParents) for page in made.pages if "/StructParents" in page] + [
            int(note.StructParent)
            for page in made.pages
            for note in page.get("/Annots", ())
            if "/StructParent" in note
        ]
        assert sorted(keys) == sorted(parents) == list(range(int(tree.ParentTreeNextKey)))
        for page in made.pages:
            assert all(
                each.Pg.objgen == page.objgen
                for each in parents[int(page.get("/StructParents", 0))]
                if "/StructParents" in page
            )
        named = {
            bytes(each.ID): each
            for each in made.objects
            if isinstance(each, pikepdf.Dictionary) and "/ID" in each and each.get("/S") == "/TH"
        }
        found = {key.encode("latin-1"): each for key, each in pikepdf.NameTree(tree.IDTree).items()}
        assert (
            len(named) == 8
            and found.keys() == named.keys()
            and all(found[key].objgen == named[key].objgen for key in named)
        )
        headers = {
            bytes(name)
            for each in made.objects
            if isinstance(each, pikepdf.Dictionary)
            for about in each.get("/A", ())
            if isinstance(about, pikepdf.Dictionary)
            for name in about.get("/Headers", ())
        }
        assert headers and headers <= named.keys()


def test_the_bookmarks_of_each_stand_folded_below_its_own(singles, tmp_path):
    more = tmp_path / "more.pdf"
    more.write_bytes(
        publish(
            [
                Page(
                    "more",
                    f"# E\n\n## F\n\nWords.\n\n### G\n\n{BREAK * 2}Words.\n\n## H\n\nWords.\n",
                    tmp_path,
                )
            ],
            "pdf",
        )[0]
    )
    joined([singles[1], more, singles[0], more], tmp_path / "all.pdf", is_duplex=True)
    with pikepdf.open(tmp_path / "all.pdf") as made, made.open_outline() as outline:

        def told(items) -> list:
            return [
                (
                    item.title,
                    made.pages.index(pikepdf.Page(item.destination[0])),
                    *([told(item.children)] if item.children else []),
                )
                for item in items
            ]

        below = [[("F", page, [("G", page + 1)]), ("H", page + 2)] for page in (2, 8)]
        assert told(outline.root) == [
            ("exam-2", 0),
            ("more", 2, below[0]),
            ("exam-1", 6),
            ("more", 8, below[1]),
        ] and all(item.is_closed for item in outline.root if item.children)


def spoken(file: Path) -> list[str]:
    """The tags of a PDF with their words, as poppler finds them, without the names and attributes."""
    text = subprocess.run(
        ["pdfinfo", "-struct-text", str(file)], check=True, capture_output=True, text=True
    ).stdout
    return [
        re.sub(r"( T[HD] )<.*>|(Object )\d+ 0", r"\1\2", line)
        for line in text.splitlines()
        if not line.strip().startswith("/")
    ]


@needs_pdftotext
def test_on_both_sides_each_begins_on_a_front_side(singles, tmp_path):
    joined(singles, tmp_path / "all.pdf", is_duplex=True)
    with pikepdf.open(tmp_path / "all.pdf") as made:
        assert (
            not made.check_pdf_syntax()
            and made.Root.ViewerPreferences.Duplex == "/DuplexFlipLongEdge"
        )
        assert len({tuple(map(float, page.mediabox)) for page in made.pages}) == 1
    words = [page.split() for page in text_of(tmp_path / "all.pdf").split("\f")[:-1]]
    assert [" ".join(page[:2]) for page in words[::2]] == [
        "A (part)",
        "B Second.",
        "C A",
        "D Fourth.",
        "D 3",
    ]
    assert [place for place, page in enumerate(words) if not page] == [1, 5] and len(words) == 9


def test_a_reference_is_told_from_a_string():
    assert (
        REFERENCE.sub(
            lambda match: b"X" if match[1] else match[0],
            rb"<< /A 12 0 R /B (5 0 R \) 6 0 R) /C [ 1 0 R 2 0 R ] /D 10 0 >>",
        )
        == rb"<< /A X /B (5 0 R \) 6 0 R) /C [ X X ] /D 10 0 >>"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="it does not tell the peak of a process")
def test_memory_does_not_grow_with_the_number(singles, tmp_path):
    """A new process joins 20 PDFs, another 1,000; neither holds more than a few of them."""
    script = (
        "import resource, sys; from pathlib import Path; from worksheet.publish.joined import joined; "
        "joined([Path(sys.argv[1])] * int(sys.argv[3]), Path(sys.argv[2])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    few, many = (
        int(
            subprocess.run(
                [sys.executable, "-c", script, str(singles[1]), str(tmp_path / "out.pdf"), number],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for number in ("20", "1000")
    )
    assert many < 1.15 * few

"""Long pages: numbers before their sections and in the links to them, contents, and the page of
what is referred to."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from rendering import needs
from test_publish_pdf import text_of
from test_worksheets import needs_pdftotext

from worksheet.markdown.anchors import anchor, headings, listed, numbered
from worksheet.publish import Page, contents, publish, texengine
from worksheet.publish.latex import sources
from worksheet.resources import templates_folder

LONG = """# T

<!-- contents -->

## One

See [there](#two), [the deep one](#deep), [One](#one) and
[what lies
elsewhere](#elsewhere).

### One

#### Deep

## Two

```
## no heading
[Two](#two)
```

| First in |
|:--|
| [Two](#two) |
"""


def test_chapters_and_sections_are_numbered_and_what_leads_to_them_says_so():
    made = numbered(LONG)
    assert re.findall(r"^#+ .+$", made, re.MULTILINE) == [
        "# T",
        "## 1 One",
        "### 1.1 One",
        "#### Deep",
        "## 2 Two",
        "## no heading",
    ]
    assert (
        "See there ([section 2](#2-two)), the deep one ([section 1.1](#deep)), [section 1](#1-one) and\n"
        in made
    )
    assert (
        "| [section 2](#2-two) |" in made
        and "[what lies\nelsewhere](#elsewhere)" in made
        and "[Two](#two)\n```" in made
    )


def test_every_link_of_a_numbered_page_arrives():
    made = numbered(LONG)
    assert set(re.findall(r"\]\(#([\w-]+)\)", made)) - {"elsewhere", "two"} <= {
        each.anchor for each in headings(made)
    }


def test_a_page_without_contents_stays_as_it_is():
    short = LONG.replace("<!-- contents -->\n\n", "")
    assert numbered(short) == short == listed(short)


def test_what_stands_before_the_first_chapter_has_no_number():
    assert "### Before\n" in numbered(
        "# T\n\n<!-- contents -->\n\n### Before\n\n## A\n\n[Before](#before)\n"
    )


def test_a_chapter_and_a_section_may_have_one_anchor():
    """1.1 A and 11 A are both made of `11-a`."""
    made = numbered(
        "# T\n\n<!-- contents -->\n\n## X\n\n### A\n"
        + "".join(f"\n## {each}\n" for each in [*"BCDEFGHIJ", "A"])
        + "\n[A](#a-1)\n"
    )
    assert anchor("1.1 A") == anchor("11 A") == "11-a" and made.endswith("[section 11](#11-a-1)\n")


def test_markdown_lists_its_contents(tmp_path):
    [made] = contents([Page("t", LONG, tmp_path)], "md")
    assert (
        "<!-- contents -->\n\n- [1 One](#1-one)\n  - [1.1 One](#11-one)\n- [2 Two](#2-two)\n\n## 1 One\n"
        in made.decode()
    )


def test_html_names_the_section_and_no_page(tmp_path):
    [made] = publish([Page("t", LONG.replace("#elsewhere", "#one"), tmp_path)], "html")
    assert (
        '<a href="#2-two">section 2</a>' in made.decode()
        and '<h3 id="11-one">1.1 One</h3>' in made.decode()
        and "page" not in re.sub(r"<style>.*</style>", "", made.decode(), flags=re.DOTALL)
    )


FAR = (
    "# T\n\n<!-- contents -->\n\n## A\n\nSee [there](#b).\n\n"
    + "<!-- room: 30 -->\n\n" * 4
    + "## B\n\n| First in |\n|:--|\n| [A](#a) |\n"
)


@needs_pdftotext
def test_a_pdf_gives_the_page(tmp_path):
    (tmp_path / "a.pdf").write_bytes(publish([Page("t", FAR, tmp_path)], "pdf")[0])
    text = " ".join(text_of(tmp_path / "a.pdf").replace("\u00a0", " ").split())
    page = re.search(r"See there \(section 2, page (\d)\)", text)
    assert page and 2 <= int(page[1]) <= 4 and "section 1, page 1" in text


@needs("pdflatex")
@needs_pdftotext
def test_so_does_one_that_tex_sets(tmp_path):
    page = Page("t", FAR, tmp_path)
    (tmp_path / "a.pdf").write_bytes(
        texengine.pdfs(
            [page],
            sources(
                [Page("t", numbered(FAR), tmp_path)], "a4", templates_folder() / "latex/notes.tex"
            ),
            "pdflatex",
        )[0]
    )
    text = " ".join(text_of(tmp_path / "a.pdf").replace("\u00a0", " ").split())
    assert re.search(r"See there \(section 2, page [2-4]\)", text) and "section 1, page 1" in text


def test_word_asks_for_the_page_of_a_bookmark_that_is_there(tmp_path):
    """A name that Word does not take, for it begins with a number or is long, is called otherwise."""
    long = FAR.replace("## B", f"## B {'very ' * 12}long").replace(
        "(#b)", f"(#b-{'very-' * 12}long)"
    )
    for text in (FAR, long):
        [made] = publish([Page("t", text, tmp_path)], "docx")
        xml = ZipFile(BytesIO(made)).read("word/document.xml").decode()
        asked = re.findall(r" PAGEREF (\S+) ", xml)
        assert len(asked) == 4 and set(asked) <= set(
            re.findall(r'<w:bookmarkStart[^>]*w:name="([^"]+)"', xml)
        )  # two of the contents


@pytest.mark.parametrize("paper", ["16:9"])
def test_slides_have_no_numbers(tmp_path: Path, paper):
    [made] = publish([Page("t", "# T\n\n## A\n\n[A](#a)\n", tmp_path)], "html", paper=paper)
    assert "section 1" not in made.decode()

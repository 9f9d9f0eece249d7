"""The HTML of every problem: one file, well formed, no script, no network, readable on a phone, light and dark."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rendering import needs, seen
from worksheet import load, solve
from worksheet.markdown import formulas
from worksheet.places import problems_folder
from worksheet.publish import Page, publish

pytestmark = pytest.mark.xdist_group("paper")
SPECS = sorted(problems_folder().glob("*.yaml"))
VOID = {"meta", "img", "br", "hr", "col"}
MATH = "{http://www.w3.org/1998/Math/MathML}"


@pytest.fixture(scope="module")
def notes(paper_notes) -> dict[str, Path]:
    return paper_notes


class Strict(HTMLParser):
    """Every element closed in its order, every attribute once; what is asked of other places."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.faults, self.tags, self.sources, self.words = [], [], [], [], []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.faults += [f"<{tag} {name}>" for name in names if name.startswith("on")]
        self.sources += [value for name, value in attrs if name in ("src", "href", "srcset", "action", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.words.append(data)


def test_each_is_one_sound_file_that_asks_for_nothing(notes):
    for name, folder in notes.items():
        text = (folder / "notes.html").read_text(encoding="utf-8")
        read = Strict(text)
        tags = [tag for tag, _ in read.tags]
        assert read.faults == [], name
        assert not {"script", "link", "iframe", "object", "base", "form"} & set(tags)
        assert (read.sources or name.startswith("derive-")) and all(source.startswith(("data:image/svg+xml;base64,", "#")) for source in read.sources)
        assert not re.search(r"@import|url\((?!data:font/woff2;base64,[\w+/=]+\))", text) and "$" not in text.partition("<body>")[2]
        assert tags.count("h1") == 1 and ("html", {"lang": "en"}) in read.tags
        identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
        assert len(identifiers) == len(set(identifiers)) and not [each for each in identifiers if "__" in each]


def test_every_formula_and_every_result_is_there(notes):
    for spec in SPECS:
        folder = notes[spec.stem]
        text = (folder / "notes.html").read_text(encoding="utf-8")
        inside = re.findall(r"<math .*?</math>", text, re.DOTALL)
        assert len(inside) == len(list(formulas((folder / "notes.md").read_text())))
        shown = set()
        for formula in inside:
            tree = ElementTree.fromstring(formula)
            assert not [each for each in tree.iter() if each.tag == f"{MATH}merror"]
            for each in tree.iter(f"{MATH}mn"):
                shown.add(each.text)
        lost = [working.shown for working in solve(load(spec)).workings if working.shown.lstrip("-") not in shown]
        assert lost == [], spec.stem


def test_every_figure_says_what_it_shows(notes):
    for name, folder in notes.items():
        tags = Strict((folder / "notes.html").read_text(encoding="utf-8")).tags
        images = [attributes for tag, attributes in tags if tag == "img"]
        drawings = [attributes for tag, attributes in tags if tag == "svg"]
        assert len(drawings) == 2 * (not name.startswith("deriv")) and all(len(each["aria-label"]) > 30 and each["role"] == "img" for each in drawings), name
        assert bool(images) != name.startswith("derive-") and all(len(each["alt"]) > 20 for each in images), name


@needs("node", "chromium")
def test_it_fits_a_phone_and_a_desk_light_and_dark(notes):
    looks = seen([folder / "notes.html" for folder in notes.values()], [390, 900])
    assert len(looks) == 4 * len(SPECS)
    for look in looks:
        where = f"{Path(look['page']).parent.name} at {look['width']}"
        assert look["scroll"] <= look["width"], where
        assert look["outside"] == [], where
        assert (look["images"] or "derive-" in where) and look["math"] >= 10 and look["requests"] == 1, where      # the file itself
    assert len({look["background"] for look in looks}) == 2


@needs("node", "chromium")
def test_what_is_too_wide_is_seen(tmp_path):
    page = tmp_path / "wide.html"
    page.write_text("<!DOCTYPE html><main><div style='width: 1000px'>x</div></main>")
    [light, _] = seen([page], [390])
    assert light["scroll"] > 390 and light["outside"]


def test_what_an_author_writes_stays_words(tmp_path):
    [made] = publish([Page("p", "# A $x$ &lt;script> & \"b\"\n\n`<b>` &lt;i onclick=x>\n", tmp_path)], "html")
    read = Strict(made.decode())
    assert read.faults == [] and "<script>" in "".join(read.words) and "<i onclick=x>" in "".join(read.words)
    assert not {"script", "i", "b"} & {tag for tag, _ in read.tags}

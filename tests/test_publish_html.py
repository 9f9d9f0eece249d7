"""The HTML of every problem: one file, well formed, no network, no script but ours, readable on a
phone, light and dark."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rendering import barriers, needs, seen, styles

from worksheet import load, solve
from worksheet.markdown.reader import formulas
from worksheet.publish import Page, publish
from worksheet.resources import problem_files
from worksheet.tex.boxes import (
    MATRICES,
    Aligned,
    Fenced,
    Fraction,
    Marked,
    Matrix,
    Scripts,
    Words,
    boxes,
)
from worksheet.tex.to_typst import SIGNS

pytestmark = pytest.mark.xdist_group("paper")
SPECS = problem_files()
VOID = {"meta", "img", "br", "hr", "col", "input"}
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
        self.sources += [
            value
            for name, value in attrs
            if name in ("src", "href", "srcset", "action", "xlink:href")
        ]
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
        assert not {"link", "iframe", "object", "base", "form"} & set(tags) and tags.count(
            "script"
        ) == ("data-n=" in text)
        assert bool(read.sources) == has_figures(folder) and all(
            source.startswith(("data:image/svg+xml;base64,", "#")) for source in read.sources
        )
        assert (
            not re.search(r"@import|url\((?!data:font/woff2;base64,[\w+/=]+\)|#[\w-]+\))", text)
            and "$" not in text.partition("<body>")[2]
        )
        assert tags.count("h1") == 1 and ("html", {"lang": "en"}) in read.tags
        identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
        assert len(identifiers) == len(set(identifiers)) and not [
            each for each in identifiers if "__" in each
        ]


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
        lost = [
            working.shown
            for working in solve(load(spec)).workings
            if working.shown.lstrip("-") not in shown
        ]
        assert lost == [], spec.stem


def test_every_figure_says_what_it_shows(notes):
    for name, folder in notes.items():
        tags = Strict((folder / "notes.html").read_text(encoding="utf-8")).tags
        images = [attributes for tag, attributes in tags if tag == "img"]
        drawings = [attributes for tag, attributes in tags if tag == "svg"]
        networks = (folder / "notes.md").read_text(encoding="utf-8").count("```mermaid")
        moving = [each for each in drawings if each.get("class") == "motion"]
        assert len(drawings) == networks + len(moving) and all(
            len(each["aria-label"]) > 30 and each["role"] == "img" for each in drawings
        ), name
        assert bool(images) == has_figures(folder) and all(
            len(each["alt"]) > 20 for each in images
        ), name


def has_figures(folder: Path) -> bool:
    return (folder / "figures").is_dir() and any((folder / "figures").iterdir())


@needs("node", "chromium")
def test_it_fits_a_phone_and_a_desk_light_and_dark(notes):
    looks = seen([folder / "notes.html" for folder in notes.values()], [320, 900])
    assert len(looks) == 4 * len(SPECS)
    for look in looks:
        where = f"{Path(look['page']).parent.name} at {look['width']}"
        assert look["scroll"] <= look["width"], where
        assert look["outside"] == [], where
        assert (
            (look["images"] or "derive-" in where) and look["math"] >= 10 and look["requests"] == 1
        ), where  # the file itself
    assert len({look["background"] for look in looks}) == 2


@needs("node", "chromium")
def test_what_is_too_wide_is_seen(tmp_path):
    page = tmp_path / "wide.html"
    page.write_text("<!DOCTYPE html><main><div style='width: 1000px'>x</div></main>")
    [light, _] = seen([page], [390])
    assert light["scroll"] > 390 and light["outside"]


# what has something to judge only where it is on the page
JUDGES = {"\n![": "image-alt", "\n```mermaid": "svg-img-alt", "\n| ": "empty-table-header"}


@needs("node", "chromium")
def test_nothing_stands_in_the_way_of_anybody(notes):
    pages = [folder / "notes.html" for folder in notes.values()]
    crossed = [
        (320, "dark"),
        (1280, "light"),
    ]  # the colours do not know the width: one page stands for all
    judged = barriers(pages, [(320, "light"), (1280, "dark")]) + barriers(pages[:1], crossed)
    assert len(judged) == 2 * len(SPECS) + 2
    for each in judged:
        where = f"{Path(each['page']).parent.name} at {each['width']}, {each['colorScheme']}"
        assert each["violations"] == [], where
        markdown = (Path(each["page"]).parent / "notes.md").read_text()
        judges = {"color-contrast", "heading-order", "region"} | {
            rule for mark, rule in JUDGES.items() if mark in markdown
        }
        assert judges <= set(each["passes"]), where
    assert any("scrollable-region-focusable" in each["passes"] for each in judged)


@needs("node", "chromium")
def test_a_barrier_is_seen(tmp_path, notes):
    folder = notes["linear-chain"]
    figure = next(folder.glob("figures/*")).name
    wide = " + ".join(f"w_{{{number}}} x_{{{number}}}" for number in range(1, 30))
    page = (
        f"# A\n\n## B\n\n```mermaid\ngraph LR\n  x --> y\n```\n\n$$\nz = {wide}\n$$\n\n| $w$ |\n| --- |\n| 1 |\n\n"
        f"![A curve](figures/{figure})\n\n*Words.*\n"
    )
    sound = publish([Page("p", page, folder)], "html")[0].decode()
    faults = {
        "none": ("", ""),
        "html-has-lang": ('<html lang="en">', "<html>"),
        "color-contrast": ("--soft: #595959", "--soft: #bbb"),
        "image-alt": ('" alt="', '" data-alt="'),
        "svg-img-alt": ('role="img" aria-label', 'role="img" data-label'),
        "scrollable-region-focusable": ('tabindex="0"', ""),
        "heading-order": ("<h2", "<h4"),
        "landmark-one-main": ("main>", "div>"),
        "empty-table-header": ("<math aria-label", "<math data-label"),
    }
    for rule, (ours, theirs) in faults.items():
        assert ours in sound
        (tmp_path / f"{rule}.html").write_text(
            sound.replace(ours, theirs) if ours else sound, encoding="utf-8"
        )
    judged = barriers([tmp_path / f"{rule}.html" for rule in faults], [(320, "light")])
    found = {
        rule: {violation.partition(":")[0] for violation in each["violations"]}
        for rule, each in zip(faults, judged, strict=True)
    }
    assert (
        found.pop("none") == set() and [rule for rule in found if rule not in found[rule]] == []
    ), found


def test_what_scrolls_has_a_name_and_every_column_a_head(notes):
    for name, folder in notes.items():
        tags = Strict((folder / "notes.html").read_text(encoding="utf-8")).tags
        focusable = [attributes for _, attributes in tags if "tabindex" in attributes]
        assert focusable and all(
            each["role"] == "group" and each["aria-label"] in ("formula", "table", "network")
            for each in focusable
        ), name
        heads = [attributes for tag, attributes in tags if tag == "th"]
        assert bool(heads) == ("\n| " in (folder / "notes.md").read_text()) and all(
            each["scope"] == "col" for each in heads
        ), name


def signs_of_mathml(node: ElementTree.Element) -> list[str]:
    """The signs of MathML in the order of the boxes: what stands above a base before what stands
    below it, brackets with their rows."""
    tag = node.tag.removeprefix(MATH)
    if tag == "annotation":
        return []
    parts = list(node)
    if tag in ("msub", "munder"):
        parts = [parts[0], parts[1]]
    if tag in ("msubsup", "munderover"):
        parts = [parts[0], parts[2], parts[1]]
    if tag in ("mover", "munder") and parts[1].get("accent") == "true" or tag == "mover":
        parts = (
            parts[:1]
            if len("".join(parts[1].itertext()).strip()) == 1 and parts[1].tag == f"{MATH}mo"
            else parts
        )
    own = (
        [] if tag == "mtext" and not (node.text or "").strip() else list((node.text or "").strip())
    )
    return own + [sign for part in parts for sign in signs_of_mathml(part)]


def signs_of_boxes(row) -> list[str]:
    """The same of our own reader, which knows a fraction, a script, a matrix; brackets of a matrix
    are signs here."""
    found = []
    for box in row:
        if isinstance(box, Matrix):
            opening, closing = MATRICES[box.name]
            found += [opening] if opening else []
            found += [sign for cells in box.rows for cell in cells for sign in signs_of_boxes(cell)]
            found += [closing] if closing else []
        elif isinstance(box, Aligned):
            found += [sign for cells in box.rows for cell in cells for sign in signs_of_boxes(cell)]
        elif isinstance(box, Scripts):
            found += (
                signs_of_boxes(box.base) + signs_of_boxes(box.above) + signs_of_boxes(box.below)
            )
        elif isinstance(box, Fraction):
            found += signs_of_boxes(box.over) + signs_of_boxes(box.under)
        elif isinstance(box, Marked):
            found += signs_of_boxes(box.body)
        elif isinstance(box, Fenced):
            found += (
                [mark for mark in (box.opening,) if mark != "."]
                + signs_of_boxes(box.body)
                + [mark for mark in (box.closing,) if mark != "."]
            )
        elif isinstance(box, Words):
            found += list(box.text.replace(" ", ""))
        else:
            sign = SIGNS.get(box.tex, box.tex)
            found += (
                []
                if sign.startswith("#h(") or sign in ("thin", "med", "thick", "space")
                else list(sign.removeprefix("\\"))
            )
    return found


def plain_signs(signs: list[str]) -> str:
    """Signs that are one to a reader: bold and script letters as letters, one kind of dot, bar and
    apostrophe; no invisible operators."""
    text = unicodedata.normalize(
        "NFKC", "".join(signs).replace("\u2061", "").replace("ϵ", "ε").replace("ϕ", "φ")
    )
    return re.sub(r"\s", "", text).translate(
        str.maketrans(
            {"⋅": "·", "∙": "·", "∣": "|", "‖": "|", "⊤": "T", "′": "'", "*": "∗", "-": "−"}
        )
    )


def differences(html: str, markdown: str) -> list[tuple[str, str, str]]:
    """The formulas of a page whose MathML shows other signs than our own reader finds in their TeX."""
    shown = [
        ElementTree.fromstring(formula)
        for formula in re.findall(r"<math .*?</math>", html, re.DOTALL)
    ]
    written = [formula.tex.strip() for formula in formulas(markdown)]
    assert len(shown) == len(written) >= 10
    pairs = [
        (tex, plain_signs(signs_of_mathml(tree)), plain_signs(signs_of_boxes(boxes(tex))))
        for tex, tree in zip(written, shown)
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def test_every_formula_shows_the_signs_that_our_own_reader_finds(notes):
    for folder in notes.values():
        assert (
            differences(
                (folder / "notes.html").read_text(encoding="utf-8"),
                (folder / "notes.md").read_text(),
            )
            == []
        )


@pytest.mark.parametrize(
    "ours, theirs",
    [(">0.5</mn>", ">0.6</mn>"), ("<mo>−</mo>", "<mo>+</mo>"), ("<mo>=</mo>", "<mo>≈</mo>")],
)
def test_a_sign_that_differs_is_seen(notes, ours, theirs):
    folder = notes["two-inputs-sigmoid"]
    html, markdown = (
        (folder / "notes.html").read_text(encoding="utf-8"),
        (folder / "notes.md").read_text(),
    )
    assert ours in html and len(differences(html.replace(ours, theirs, 1), markdown)) == 1


def test_what_an_author_writes_stays_words(tmp_path):
    [made] = publish(
        [Page("p", '# A $x$ &lt;script> & "b"\n\n`<b>` &lt;i onclick=x>\n', tmp_path)], "html"
    )
    read = Strict(made.decode())
    assert (
        read.faults == []
        and "<script>" in "".join(read.words)
        and "<i onclick=x>" in "".join(read.words)
    )
    assert not {"script", "i", "b"} & {tag for tag, _ in read.tags}


def test_links_of_many_pages_lead_to_their_own_headings(tmp_path):
    pages = [
        Page(f"p{number}", f"# T\n\n## A {number}\n\n[there](#a-{number})\n", tmp_path)
        for number in range(3)
    ]
    for number, made in enumerate(publish(pages, "html")):
        assert (
            f'<h2 id="a-{number}">' in made.decode()
            and f'<a href="#a-{number}">there</a>' in made.decode()
        )


def test_room_blanks_and_underlines_are_drawn_by_the_style(tmp_path):
    text = "# T\n\nName: ________\n\n<!-- room: 6 -->\n\n$$\n\\underline{\\qquad}_{(1)}\n$$\n"
    [made] = publish([Page("t", text, tmp_path)], "html")
    page = made.decode()
    assert (
        'class="room" style="--lines: 6"' in page
        and 'style="--signs: 8"' in page
        and "____" not in page
    )
    assert '<mo class="rule">_</mo>' in page and "munder:has(> mo.rule)" in page


def one(tmp_path, tex: str) -> str:
    """The MathML of a formula, without its attributes and its annotation."""
    [made] = publish([Page("t", f"# T\n\n${tex}$\n", tmp_path)], "html")
    formula = re.sub(
        r"<annotation.*?</annotation>",
        "",
        re.search(r"<math.*?</math>", made.decode(), re.DOTALL)[0],
    )
    return re.sub(r"<(\w+)(?! width)[^>/]*>", r"<\1>", formula)


THIN = '<mspace width="0.167em"/>'


@pytest.mark.parametrize(
    "tex, before, behind",
    [
        (r"y \ln(x)", True, False),
        (r"\frac{1}{2}\ln(x)", True, False),
        (r"(1 - y)\ln(x)", True, False),
        (r"x_1 \ln x", True, True),
        (r"-\ln(x)", False, False),
        (r"a + \ln x", False, True),
        (r"a \cdot \ln(x)", False, False),
        (r"(\ln(x))", False, False),
        (r"\ln\frac{a}{b}", False, True),
    ],
)
def test_a_named_function_stands_apart_from_its_factors(tmp_path, tex, before, behind):
    function = re.search(
        r"<mrow>(<mspace[^>]*>)?<mi>ln</mi><mo>.{1,7}</mo>(<mspace[^>]*>)?</mrow>",
        one(tmp_path, tex),
    )
    assert (function[1] == THIN, function[2] == THIN) == (before, behind)


def test_a_power_of_a_function_stands_apart_from_its_argument(tmp_path):
    assert '<mrow><mn>2</mn><mspace width="0.24em"/></mrow></msup><mi>x</mi>' in one(
        tmp_path, r"\sin^2 x"
    ) and "mspace" not in one(tmp_path, r"\sin^2(x)")


@pytest.mark.parametrize(
    "tex, shown",
    [
        ("f'(x)", "<mrow><mi>f</mi><mo>′</mo></mrow>"),
        ("w'_2", "<msub><mrow><mi>w</mi><mo>′</mo></mrow><mn>2</mn></msub>"),
        (r"\hat{y}'", "<mrow><mover><mi>y</mi><mo>ˆ</mo></mover><mo>′</mo></mrow>"),
        ("f''", "<mrow><mi>f</mi><mo>″</mo></mrow>"),
    ],
)
def test_a_prime_stands_in_the_line(tmp_path, tex, shown):
    assert shown in one(tmp_path, tex)


def test_a_hat_is_as_narrow_as_its_letter(tmp_path):
    page = Page("t", "# T\n\n$\\hat{y}$ and $\\widehat{xy}$\n", tmp_path)
    assert re.findall("<mo ([^>]*)>(\u02c6|\u0302)", publish([page], "html")[0].decode()) == [
        ('accent="true" stretchy="false"', "\u02c6"),
        ('accent="true"', "\u0302"),
    ]


def test_a_power_is_no_prime(tmp_path):
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in one(tmp_path, "x^2") and "<msubsup>" in one(
        tmp_path, "w_1^2"
    )


def test_the_contents_are_folded_and_every_chapter_leads_back(tmp_path):
    [made] = publish(
        [Page("t", "# T\n\n<!-- contents -->\n\n## A\n\n### B\n\n## C\n", tmp_path)], "html"
    )
    read = Strict(made.decode())
    assert (
        read.faults == []
        and made.decode().count('<a href="#table-of-contents">back to contents</a>') == 2
    )
    assert [
        attributes["id"] for _, attributes in read.tags if "-contents" in attributes.get("id", "")
    ] == ["table-of-contents", "beyond-the-contents"]
    [plain] = publish([Page("t", "# T\n\n## A\n", tmp_path)], "html")
    assert "back to contents" not in plain.decode() and "<details" not in plain.decode()


@needs("node", "chromium")
def test_folded_contents_are_not_printed(tmp_path):
    page = tmp_path / "p.html"
    [made] = publish(
        [
            Page(
                "t",
                "# T\n\n<!-- contents -->\n\n- [A](#a)\n- [B](#b)\n\n## A\n\nwords\n\n## B\n\nwords\n",
                tmp_path,
            )
        ],
        "html",
    )
    for text, shown in ((made, "none"), (made.replace(b"<details>", b"<details open>"), "block")):
        page.write_bytes(text)
        assert styles(page, 900, {"screen": ("nav", "display"), "print": ("nav", "display")}) == {
            "screen": "block",
            "print": shown,
        }


def test_what_goes_on_beyond_the_edge_shows_it_and_printed_headings_stay(tmp_path):
    """As a browser computes the style; the shade stays at the edge, its covers move with what
    scrolls."""
    page = tmp_path / "p.html"
    page.write_bytes(
        publish(
            [
                Page(
                    "t",
                    "# T\n\n## A\n\nwords\n\n#### B\n\nit leads to\n\n$$\nx\n$$\n\nlast\n",
                    tmp_path,
                )
            ],
            "html",
        )[0]
    )
    found = styles(
        page,
        360,
        {"screen": (".display", "backgroundAttachment"), "print": (".display", "backgroundImage")},
    )
    assert found == {"screen": "local, local, scroll, scroll", "print": "none"}
    for selector, after in {
        "h4": "avoid",
        "p:has(+ .display)": "avoid",
        "p:last-of-type": "auto",
    }.items():
        assert styles(page, 900, {"print": (selector, "breakAfter")}) == {"print": after}

"""The slides of every problem as PDF and as HTML: nothing overflows, one page for a slide or a
step, driven by keys, open to everybody."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pytest
from hard_cases import hard_specs
from matplotlib.text import Text
from rendering import barriers, decks, driven, needs, printed
from test_publish_html import Strict

from worksheet import load
from worksheet.family import family_of
from worksheet.figures.draw import compose
from worksheet.figures.subject import Subject
from worksheet.judge.judges import steps_in_floats
from worksheet.notes import make_note, write_note
from worksheet.problem import ACROSS
from worksheet.publish import Page, publish
from worksheet.publish.blocks import FIGURE, HEIGHT, WIDE_FIGURE, WIDTH, blocks_of, drawing_of
from worksheet.publish.deck import BREAK, cut
from worksheet.publish.pages import SCREEN
from worksheet.publish.pandoc import read
from worksheet.publish.slides import slides_of, stages
from worksheet.resources import problem_files, problems_folder, templates_folder
from worksheet.tex.notation import Symbols

pytestmark = pytest.mark.xdist_group("paper")
SIZES = [(1280, 720), (1920, 1080)]
LARGE = (
    "five-classes",
    "six-by-six",
    "ten-units",
    "twelve-by-twelve",
    "five-by-five-by-five",
)  # networks whose matrices no slide holds in letters of this size
SMALLEST = 22  # points of what is read
DPI = 40


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[Page]:
    """The slides of every problem, and of hard ones."""
    out = tmp_path_factory.mktemp("slides")
    found = []
    for spec in problem_files():
        file = write_note(spec, out, layout="slides")
        found.append(Page(spec.stem, file.read_text(encoding="utf-8"), file.parent, "slides"))
    course = write_note(
        problems_folder() / "lectures" / "backpropagation-course.yaml", out, layout="slides"
    )
    found.append(Page("course", course.read_text(encoding="utf-8"), course.parent, "slides"))
    for name, text in hard_specs().items():
        (out / f"{name}.yaml").write_text(text)
        found.append(
            Page(name, make_note(load(out / f"{name}.yaml"), layout="slides").text, out, "slides")
        )
    return found


@pytest.fixture(scope="module")
def files(pages, tmp_path_factory) -> dict[str, Path]:
    """The HTML deck of each problem."""
    folder = tmp_path_factory.mktemp("decks")
    found = {}
    for page, html in zip(pages, publish(pages, "html", paper=SCREEN), strict=True):
        found[page.name] = folder / f"{page.name}.html"
        found[page.name].write_bytes(html)
    return found


def of(pages: list[Page], name: str) -> Page:
    return next(page for page in pages if page.name == name)


# ---- on pages -----------------------------------------------------------------------------------


def inked(pdf: bytes) -> list[np.ndarray]:
    """Where each page has ink."""
    pictures = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-"], input=pdf, capture_output=True, check=True
    ).stdout
    found, start = [], 0
    while start < len(pictures):
        head = re.compile(rb"P5\n(\d+) (\d+)\n255\n").match(pictures, start)
        width, height = int(head[1]), int(head[2])
        found.append(
            np.frombuffer(pictures, np.uint8, width * height, head.end()).reshape(height, width)
            < 217
        )
        start = head.end() + width * height
    return found


def spilt(pdf: bytes) -> list[int]:
    """The pages with ink beyond the text block, but for the slide's number."""
    found = []
    for number, ink in enumerate(inked(pdf), start=1):
        height, width = ink.shape
        side, foot = int(width * 44 / 960) - 1, int(height * (1 - 36 / 540)) + 1
        inside = np.zeros_like(ink)
        inside[side // 2 : foot, side : width - side] = True
        inside[foot:, width * 4 // 5 : width - side] = True
        if (ink & ~inside).any() or not ink.any():
            found.append(number)
    return found


def test_a_handout_has_one_page_for_a_slide_and_nothing_in_the_margins(pages):
    for page, pdf in zip(pages, publish(pages, "pdf", paper=SCREEN, steps=False), strict=True):
        assert len(inked(pdf)) == page.markdown.count(BREAK) + 1, page.name
        assert spilt(pdf) == [], page.name


@pytest.mark.parametrize(
    "name",
    ["relu-two-updates", "one-hidden-neuron", "derivative-rules", "derive-sigmoid", "six-by-six"],
)
def test_a_deck_has_one_page_for_a_step_and_each_shows_more(pages, name):
    page = of(pages, name)
    [pdf] = publish([page], "pdf", paper=SCREEN)
    slides = slides_of(read([page.markdown])[0], page)
    counts = [1] + [len(list(stages(slide.blocks))) for slide in slides[1:]]
    ink = inked(pdf)
    assert len(ink) == sum(counts) > len(slides) and spilt(pdf) == []
    at = 0
    for count in counts:
        for before, after in zip(ink[at : at + count], ink[at + 1 : at + count]):
            assert (
                after.sum() > before.sum() and (before & ~after).sum() < 12
            )  # what was there stays in its place
        at += count


def least(pdf: bytes) -> list[tuple[float, int]]:
    """Of each page the points of its smallest line of words or relation sign (neither stands in an
    index), and its number; without the number of the slide in the foot."""
    with NamedTemporaryFile(suffix=".pdf") as file:  # this reader takes none from a pipe
        Path(file.name).write_bytes(pdf)
        told = subprocess.run(
            ["pdftohtml", "-xml", "-i", "-stdout", "-zoom", "3", "-fontfullname", file.name],
            capture_output=True,
            check=True,
        )
    fonts, found = {}, []
    for number, page in enumerate(told.stdout.decode().split("<page ")[1:], start=1):
        fonts |= {
            font: (int(size) / 3, "Math" in family)
            for font, size, family in re.findall(
                r'<fontspec id="(\d+)" size="(\d+)" family="([^"]*)"', page
            )
        }
        texts = [
            (*fonts[font], re.sub("<[^>]*>", "", text))
            for top, font, text in re.findall(
                r'<text top="(\d+)"[^>]*font="(\d+)">(.*?)</text>', page
            )
            if int(top) < 3 * (540 - 36)
        ]
        sizes = [
            size
            for size, is_math, text in texts
            if re.search("[=≈←]" if is_math else r"\w \w", text)
        ]
        found += [(min(sizes), number)] if sizes else []
    return found


def test_nothing_is_read_below_22_points(pages):
    """In whole thirds of a point, as the reader of the PDF tells sizes."""
    shown = [page for page in pages if not page.name.startswith(LARGE)]
    small = {
        page.name: found
        for page, pdf in zip(shown, publish(shown, "pdf", paper=SCREEN, steps=False), strict=True)
        if (found := [each for each in least(pdf) if each[0] < SMALLEST - 0.34])
    }
    assert small == {}


def test_letters_too_small_are_seen(pages, tmp_path):
    text = (templates_folder() / "typst" / "slides.typ").read_text()
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "slides.typ").write_text(text.replace("size: 25pt", "size: 21pt"))
    [pdf] = publish(
        [of(pages, "one-hidden-neuron")], "pdf", paper=SCREEN, steps=False, templates=tmp_path
    )
    assert len([size for size, _ in least(pdf) if size < SMALLEST - 0.34]) > 5


def test_the_letters_of_drawings_are_as_large_as_words(pages):
    """Of a network those on and beside it, of a figure all that it has, in the width in which it is
    shown."""
    for page in pages:
        for fence in (block for block in blocks_of(page.markdown) if block.kind == "fence"):
            drawing = drawing_of(fence)
            sizes = re.findall(r'<text [^>]*font-size="([\d.]+)"', drawing.svg)
            assert sizes and min(map(float, sizes)) == drawing.least
            assert (
                drawing.width <= WIDTH and drawing.height <= HEIGHT or page.name in hard_specs()
            ), page.name
    for spec in problem_files():
        problem = load(spec)
        subject = Subject(problem, steps_in_floats(problem), None, Symbols.of(problem))
        for name in family_of(problem).figures():
            if composed := compose(subject, name, on_screen=True):
                shown = (
                    (WIDE_FIGURE if name in ACROSS else FIGURE)[0]
                    * SMALLEST
                    / (72 * composed[0].get_size_inches()[0])
                )
                sizes = [
                    text.get_fontsize() * shown
                    for text in composed[0].findobj(Text)
                    if text.get_text().strip() and text.get_visible()
                ]
                assert sizes and min(sizes) >= SMALLEST - 0.01, f"{spec.stem}: {name}"


def test_a_step_has_the_number_of_its_slide_as_its_label(pages):
    page = of(pages, "one-hidden-neuron")
    [pdf] = publish([page], "pdf", paper=SCREEN)
    counts = [1] + [
        len(list(stages(slide.blocks))) for slide in slides_of(read([page.markdown])[0], page)[1:]
    ]
    told = (
        subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
        )
        .stdout.decode()
        .split("\f")
    )
    feet = [re.findall(r"(\d+) / (\d+)\s*\Z", text)[-1] for text in told[:-1]]
    assert feet == [
        (str(number), str(len(counts)))
        for number, count in enumerate(counts, start=1)
        for _ in range(count)
    ]
    labels = re.findall(rb"/Type\s*/PageLabel[^>]*>>", pdf)
    starts = [int(re.search(rb"/St (\d+)", label)[1]) for label in labels]
    assert (
        len(counts) <= len(starts) <= sum(counts)
        and set(starts) == set(range(1, len(counts) + 1))
        and b"/Nums" in pdf
    )


def test_ink_beyond_the_slide_is_seen(pages, tmp_path):
    text = (templates_folder() / "typst" / "slides.typ").read_text()
    assert "let share = 1.0" in text and "share > 0.2" in text
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "slides.typ").write_text(text.replace("share > 0.2", "share > 1.2"))
    [pdf] = publish([of(pages, "six-by-six")], "pdf", paper=SCREEN, steps=False, templates=tmp_path)
    page = of(pages, "six-by-six")
    assert spilt(pdf) or len(inked(pdf)) > page.markdown.count(BREAK) + 1


def test_the_pages_are_16_to_9_tagged_and_the_same_every_time(pages, tmp_path):
    page = of(pages, "one-hidden-neuron")
    [first], [second] = publish([page], "pdf", paper=SCREEN), publish([page], "pdf", paper=SCREEN)
    assert first == second
    (tmp_path / "p.pdf").write_bytes(first)
    told = subprocess.run(
        ["pdfinfo", tmp_path / "p.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert (
        re.search(r"Page size: +960 x 540 pts", told)
        and re.search(r"Tagged: +yes", told)
        and "One hidden neuron, by hand" in told
    )


def test_steps_are_the_rows_of_chains_and_what_comes_below_the_first_formula():
    text = (
        "# T\n\n---\n\n## H\n\nwords:\n\n$$\n\\begin{aligned}\n  z &= a \\\\\n  &= 1 + 2 \\\\\n  &\\quad + 3 \\\\\n  &= 6\n\\end{aligned}\n$$\n\n"
        "A remark.\n\nleads to\n\n$$\ny = 2\n$$\n\n---\n\n## Words\n\nonly\n\n- words\n"
    )
    _, first, second = slides_of(read([text])[0], Page("t", text, Path()))
    assert [
        (len(stage.blocks), stage.steps, stage.part.count("\\\\")) for stage in stages(first.blocks)
    ] == [(1, 1, 0), (1, 2, 2), (2, 0, 0), (3, 0, 0), (5, 0, 0)]
    assert [len(stage.blocks) for stage in stages(second.blocks)] == [2]


# ---- in the browser -----------------------------------------------------------------------------


@needs("node", "chromium")
def test_nothing_overflows_on_any_screen(pages, files):
    looks = decks(list(files.values()), SIZES)
    assert len(looks) == 2 * len(files)
    for look in looks:
        where = f"{Path(look['page']).stem} at {look['width']}"
        assert look["requests"] == 1 and look["errors"] == [], where
        assert (
            len(look["slides"]) == of(pages, Path(look["page"]).stem).markdown.count(BREAK) + 1
        ), where
        assert {
            slide["heading"]: slide["outside"] for slide in look["slides"] if slide["outside"]
        } == {} or where.startswith(LARGE), where
        assert {
            slide["heading"]: slide["fit"] for slide in look["slides"] if slide["fit"] < 21 / 25
        } == {} or where.startswith(LARGE), where
        assert [slide["heading"] for slide in look["slides"] if slide["aside"]] == [], where


@needs("node", "chromium")
@pytest.mark.parametrize(
    "ours, theirs", [("fit(slides[here])", "slides[here]"), ("/ 38.4);", "/ 30);")]
)
def test_what_overflows_is_seen(files, tmp_path, ours, theirs):
    text = files["three-hidden-matrix"].read_text(encoding="utf-8")
    assert ours in text
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)[1]
    (tmp_path / "p.html").write_text(
        text.replace(ours, theirs).replace("script-src 'sha256", "script-src 'unsafe-inline' 'none")
        if ours in script
        else text.replace(ours, theirs),
        encoding="utf-8",
    )
    assert [
        slide for slide in decks([tmp_path / "p.html"], SIZES[:1])[0]["slides"] if slide["outside"]
    ]


@needs("node", "chromium")
def test_links_lead_to_slides(pages, files):
    text = files["course"].read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]*)"', text)
    assert links and all(re.fullmatch(r"#\d+", link) for link in links)
    states = driven(files["course"], links)
    assert [state["hash"] for state in states[1:]] == links


@needs("node", "chromium")
def test_keys_clicks_and_the_address_lead_through_a_deck(pages, files):
    count = of(pages, "one-hidden-neuron").markdown.count(BREAK) + 1
    keys = [
        "ArrowRight",
        " ",
        "PageDown",
        "Shift+ ",
        "ArrowLeft",
        "Home",
        "ArrowLeft",
        "End",
        "ArrowRight",
        "#6",
        "ArrowRight",
        "ArrowRight",
        "ArrowLeft",
        "click:900",
        "click:100",
        "Tab",
        "Enter",
    ]
    states = driven(files["one-hidden-neuron"], keys)
    assert all(
        state["shown"] == 1 and state["place"] == f"{state['hash'][1:]} / {count}"
        for state in states
    )
    at = [int(state["hash"][1:]) for state in states]
    assert at[:10] == [1, 2, 3, 4, 3, 2, 1, 1, count, count] and at[10] == 6
    later = [state["later"] for state in states]
    assert states[10]["heading"] == "Loss" and later[8] == 0
    assert (
        later[10] > later[11] > later[12] < later[13] > later[14] < later[15]
    )  # uncovered, covered again
    assert at[11:16] == [6] * 5


@needs("node", "chromium")
def test_whole_slides_hide_nothing(pages, tmp_path):
    page = of(pages, "one-hidden-neuron")
    [html] = publish([page], "html", paper=SCREEN, steps=False)
    (tmp_path / "p.html").write_bytes(html)
    states = driven(tmp_path / "p.html", ["#7", "ArrowRight"])
    assert [state["later"] for state in states] == [0, 0, 0] and states[2]["hash"] == "#8"


@needs("node", "chromium")
def test_a_deck_prints_one_slide_on_a_page(pages, files, tmp_path):
    page = of(pages, "relu-two-updates")
    printed(files["relu-two-updates"], tmp_path / "p.pdf")
    told = subprocess.run(
        ["pdfinfo", tmp_path / "p.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"Pages: +(\d+)", told)[1] == str(page.markdown.count(BREAK) + 1)
    assert re.search(r"Page size: +(9(?:59|60)\S*) x (5(?:39|40)\S*) pts", told)
    shown = subprocess.run(
        ["pdftotext", tmp_path / "p.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Epoch 3: a new forward pass" in shown and "1 / " not in shown


@needs("node", "chromium")
def test_nothing_stands_in_the_way_of_anybody(files):
    names = ["relu-two-updates", "one-hidden-neuron", "derivative-cubic"]
    judged = barriers(
        [files[name] for name in names], [(1280, "light"), (1280, "dark"), (390, "light")]
    )
    for each in judged:
        assert each["violations"] == [], (
            f"{Path(each['page']).stem} at {each['width']}, {each['colorScheme']}"
        )
        assert {"color-contrast", "heading-order", "region", "button-name", "svg-img-alt"} - {
            "svg-img-alt"
        } <= set(each["passes"])


def test_each_is_one_sound_file_whose_only_script_is_its_own(pages, files):
    for page in pages:
        text = files[page.name].read_text(encoding="utf-8")
        read_ = Strict(text)
        tags = [tag for tag, _ in read_.tags]
        assert read_.faults == [], page.name
        assert tags.count("script") == 1 and not {"link", "iframe", "object", "base", "form"} & set(
            tags
        )
        assert all(
            source.startswith(("data:image/svg+xml;base64,", "#")) for source in read_.sources
        )
        assert tags.count("h1") == 1 and tags.count("section") == page.markdown.count(BREAK) + 1
        assert re.search(r"script-src 'sha256-[\w+/=]{44}'", text) and "unsafe-eval" not in text
        assert [attributes for tag, attributes in read_.tags if "tabindex" in attributes] == []


def test_cells_keep_to_one_line_where_letters_a_little_smaller_will_do(tmp_path):
    rows = "\n".join(
        f"| 0.02{n} | about right | {run} | 1000 | $3.201$ | $3.175$ | $6.5 \\cdot 10^{{-7}}$ |"
        for n, run in enumerate(["settles", "goes to and fro"])
    )
    table = rf"| $\alpha$ | It is | The run | Updates | $w_1$ | $w_2$ | $\mathcal{{L}}$ |\n| :-- | :-- | :-- | --: | --: | --: | --: |\n{rows}".replace(
        r"\n", "\n"
    )
    [pdf] = publish(
        [
            Page(
                "t", f"# T\n\n---\n\n## Rates\n\n{table}\n", tmp_path, stem="slides", columns="auto"
            )
        ],
        "pdf",
        paper=SCREEN,
        steps=False,
    )
    (tmp_path / "t.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "t.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (
        re.search("about right +goes to and fro +1000", text)
        and min(size for size, _ in least(pdf)) >= SMALLEST - 0.34
    )


def test_what_an_author_writes_stays_words(tmp_path):
    text = cut(
        '# A &lt;script>alert(1)&lt;/script>\n\n## `<b>` $x$\n\n&lt;i onclick=x> #panic() ]#read("/etc/passwd")[\n'
    )
    [html] = publish([Page("p", text, tmp_path)], "html", paper=SCREEN)
    read_ = Strict(html.decode())
    assert (
        read_.faults == []
        and [tag for tag, _ in read_.tags].count("script") == 1
        and "<i onclick=x>" in "".join(read_.words)
    )
    [pdf] = publish([Page("p", text, tmp_path)], "pdf", paper=SCREEN)
    shown = subprocess.run(
        ["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    assert "#panic()" in shown and 'read("/etc/passwd")' in shown.replace("”", '"').replace(
        "“", '"'
    )

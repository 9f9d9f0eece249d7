"""Slides as Markdown: the page's own blocks in their order, divided where they may be, and proved
like a note."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hard_cases import THREE_FOUR_THREE
from test_published import numbers, on_page, our_number

from worksheet import load, solve
from worksheet.cli import main
from worksheet.errors import ProofError
from worksheet.family import problem_file
from worksheet.lectures.load import load_lecture
from worksheet.markdown.reader import formulas
from worksheet.notes import make_note, prove_lecture, prove_note
from worksheet.pages.render import render
from worksheet.proofs.checks import check
from worksheet.publish.beside import COLUMN, GUTTER, arranged
from worksheet.publish.blocks import (
    GAP,
    HEIGHT,
    WIDTH,
    blocks_of,
    chain,
    divided,
    height,
    laid,
    least,
    steps_of,
    tex_of,
)
from worksheet.publish.deck import BREAK, CONTENTS, CONTINUED, cut
from worksheet.resources import problem_files, problems_folder

SPECS = problem_files()
LECTURE = problems_folder() / "lectures" / "backpropagation-course.yaml"
LONG = "\n".join(
    [
        "\\begin{aligned}",
        "  L &= a + b \\\\",
        *[f"  &= {n} + {n} \\\\[0.6em]" for n in range(60)],
        "  &= 118",
        "\\end{aligned}",
    ]
)


@pytest.fixture(scope="module")
def decks() -> dict:
    return {spec.stem: make_note(load(spec), layout="slides") for spec in SPECS}


def slides(text: str) -> list[str]:
    return text.split(BREAK)


def heading(slide: str) -> str:
    return re.search(r"^#+ (.*)$", slide, re.MULTILINE)[1]


def test_every_problem_becomes_slides_and_each_has_a_heading(decks):
    for name, deck in decks.items():
        first, *others = slides(deck.text)
        assert re.search(r"^# ", first, re.MULTILINE) and len(others) > 3, name
        for slide in others:
            assert (
                re.match(r"## \S", slide) and slide.count("\n## ") == 0 and "\n# " not in slide
            ), name
        assert deck.proof.checked > 4 and not deck.proof.failures


def test_every_result_is_on_the_slides(decks):
    for name, deck in decks.items():
        assert [
            working.name for working in deck.trace.workings if not on_page(working.shown, deck.text)
        ] == [], name


def test_no_slide_is_fuller_than_it_can_hold(decks):
    """What is higher is one row of a chain, with the row it goes on from, that cannot be divided."""
    for name, deck in decks.items():
        for slide in slides(deck.text):
            if (high := filled(slide)) > HEIGHT + 0.01:
                displays = [block for block in blocks_of(slide) if block.kind == "display"]
                assert len(displays) == 1 and len(steps_of(tex_of(displays[0]))) <= 2, (
                    f"{name}: {heading(slide)}, {high}"
                )


def filled(slide: str) -> float:
    """How high the columns of a slide are below its heading: those side by side as high as the
    highest, the bands below each other."""
    bands, widths = [[0.0]], [WIDTH]
    for block in blocks_of(slide):
        if match := re.fullmatch(r"<!-- columns: ([\d. ]+) -->", block.text):
            widths = [float(width) for width in match[1].split()]
            assert sum(widths) + GUTTER * (len(widths) - 1) < WIDTH + 0.2
            bands.append([0.0])
        elif block.text == COLUMN:
            bands[-1].append(0.0)
        elif not re.match("##? ", block.text):
            bands[-1][-1] += height(block, widths[len(bands[-1]) - 1])
            assert least(block) < widths[len(bands[-1]) - 1] + 0.1
    return sum(map(max, bands)) - GAP


def test_an_update_of_a_network_with_three_four_and_three_units_takes_at_most_25_slides(tmp_path):
    """All of the deck: the network, both passes, the update, the pass after it, and the summary; a
    slide is what a rule ends."""
    (tmp_path / "net.yaml").write_text(THREE_FOUR_THREE)
    deck = make_note(load(tmp_path / "net.yaml"), layout="slides")
    assert 20 <= len(slides(deck.text)) <= 25 and not deck.proof.failures
    assert [
        working.name for working in deck.trace.workings if not on_page(working.shown, deck.text)
    ] == []


def test_the_course_takes_at_most_80_slides():
    assert 60 <= len(slides(written(LECTURE, "slides"))) <= 80


def test_no_slide_holds_a_lone_sentence_or_a_chapter_heading(decks):
    texts = {name: deck.text for name, deck in decks.items()} | {
        "course": written(LECTURE, "slides")
    }
    lone = [
        f"{name}: {heading(slide)}"
        for name, text in texts.items()
        for slide in slides(text)[1:]
        if filled(slide) < 2.5 and CONTINUED in slide
    ]
    assert lone == []
    assert [
        name
        for name, text in texts.items()
        for slide in slides(text)[1:]
        if not [each for each in blocks_of(slide) if each.kind != "heading"]
    ] == []


def test_a_deck_has_a_glossary_only_where_it_is_asked_for():
    lecture = load_lecture(LECTURE)
    assert (
        "## Symbols" not in written(LECTURE, "slides")
        and "## Symbols" in written(LECTURE, "notes")
        and lecture.glossary
    )
    text, _ = prove_lecture(
        lecture,
        {name: solve(problem) for name, problem in lecture.problems.items()},
        layout="slides",
        glossary=True,
    )
    assert "## Symbols" in text
    problem = load(problem_file("one-hidden-neuron"))
    assert "## Symbols" in make_note(problem, layout="slides", glossary=True).text
    assert (
        "## Symbols"
        not in make_note(problem.model_copy(update={"glossary": True}), layout="slides").text
    )


def test_nothing_is_lost_by_cutting(decks):
    """The formulas of the page are those of the slides; only a chain that goes on says its last
    form again."""
    for spec in SPECS:
        page = render(solve(load(spec)), (), "slides", symbols=False)
        rows = [
            re.sub(r"^.*?&(?:=|\\approx|\\leftarrow|\\quad|\\qquad)? *", "", row.strip())
            for formula in formulas(page)
            for row in re.split(
                r"\\\\(?:\[0.6em\])?\n", formula.tex.replace("\\begin{aligned}\n", "")
            )
        ]
        shown = cut(page)
        assert [
            row for row in rows if row.removesuffix("\\end{aligned}").strip() not in shown
        ] == [], spec.stem
        words = re.findall(r"^[A-Z].*$", page, re.MULTILINE)
        assert [line for line in words if line.split(". ")[0] not in shown] == [], spec.stem


def test_the_slides_of_note_004_have_its_headings_in_order(decks):
    found = list(
        dict.fromkeys(
            heading(slide).removesuffix(CONTINUED)
            for slide in slides(decks["relu-two-updates"].text)
        )
    )
    assert found[1:] == [
        "The network",
        "What is given",
        "Forward pass",
        "Forward pass example",
        "Loss",
        "Gradients",
        "Epoch 1: gradients",
        "Epoch 1: update",
        "Epoch 2: forward pass",
        "Epoch 2: loss",
        "Epoch 2: gradients",
        "Epoch 2: update",
        "Epoch 3: a new forward pass",
        "Summary",
    ]
    theirs = [
        "Forward pass",
        "Forward pass example",
        "Gradients",
        "Epoch 1",
        "Epoch 2",
        "Epoch 3",
    ]  # Slides 5, 6 and 7, and its epochs
    places = [
        next(at for at, ours in enumerate(found) if ours == name or ours.startswith(f"{name}:"))
        for name in theirs
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "note, number", [each for each in numbers(is_right=True) if each.values[0] == "004"]
)
def test_a_number_that_is_right_in_note_004_is_on_its_slides(decks, note, number):
    assert on_page(our_number(note, number), decks["relu-two-updates"].text)


@pytest.mark.parametrize(
    "note, number", [each for each in numbers(is_right=False) if each.values[0] == "004"]
)
def test_a_number_that_is_wrong_in_note_004_is_right_on_its_slides(decks, note, number):
    """The pre-activation of the silent unit is 0, in both epochs, where the note has -1."""
    epoch = int(number["name"][1])
    deck = decks["relu-two-updates"]
    shown = our_number(note, number)
    assert shown == "0" and number["text"] == "-1"
    working = deck.trace.find("z_1__1", epoch, "forward").shown
    assert re.search(
        rf"z\^{{\(1\)}} &=.*?\\begin{{bmatrix}} {re.escape(working)} \\\\ 0 \\end{{bmatrix}}\n\\end{{aligned}}",
        deck.text,
        re.DOTALL,
    )


def test_a_wrong_number_on_a_slide_is_refused(tmp_path):
    trace = solve(load(problem_file("one-hidden-neuron")))
    folder = tmp_path / "slides"
    folder.mkdir()
    (folder / "network.md.j2").write_text(
        "## Wrong\n\n<< views('forward')[0].chain >>\n$$\n1 + 1 = 3\n$$\n"
    )
    with pytest.raises(ProofError, match="should be 2"):
        prove_note(trace, templates=tmp_path, layout="slides")


@pytest.mark.parametrize(
    "ours, theirs",
    [("0.62246 \\cdot 0.37754", "0.62246 \\cdot 0.37755"), ("0.65078 - 1", "0.65079 - 1")],
)
def test_a_mutated_slide_does_not_pass(decks, ours, theirs):
    deck = decks["one-hidden-neuron"]
    assert ours in deck.text and check(deck.trace, deck.text.replace(ours, theirs, 1)).failures


def test_a_family_without_slides_of_its_own_shows_its_notes(decks):
    text = decks["derive-sigmoid"].text
    assert "## What we want" in text and "## Step by step" in text and "**Step 1.**" in text


def test_a_lecture_becomes_slides_with_its_headings_in_order():
    notes, slides_ = (written(LECTURE, layout) for layout in ("notes", "slides"))
    found = [
        name
        for name in re.findall(r"^#+ (.*)$", slides_, re.MULTILINE)
        if not name.endswith(CONTINUED)
    ]
    assert found == [
        name
        for name in re.findall(
            r"^#+ (.*)$",
            re.sub(r"^```.*?^```", "", notes, flags=re.DOTALL | re.MULTILINE),
            re.MULTILINE,
        )
        if name
        not in {
            "Symbols",
            "Answers to the questions",
            "The same as a program",
            "The second network as a program",
            "A gradient of three variables",  # this and those below: `slides: false`
            "The outer function and the inner one",
            "How $u$ changes with $z_2$",
            r"How $\hat{y}$ changes with $u$",
        }
    ]
    assert (
        CONTENTS in notes
        and CONTENTS not in slides_
        and len(found) > 80
        and not re.search("^####", slides_, re.MULTILINE)
    )


def test_every_number_of_a_lecture_is_on_its_slides():
    notes, slides_ = (written(LECTURE, layout) for layout in ("notes", "slides"))
    numbers_of = [
        re.findall(r"\d+(?:\.\d+)?", formula.tex)
        for formula in formulas(notes.partition("## Answers to the questions")[0])
    ]
    assert {
        number for each in numbers_of for number in each if not on_page(number, slides_)
    } == set()


@cache
def written(path: Path, layout: str) -> str:
    lecture = load_lecture(path)
    text, proof = prove_lecture(
        lecture, {name: solve(problem) for name, problem in lecture.problems.items()}, layout=layout
    )
    assert not proof.failures and proof.checked > 100
    return text


def test_the_command_writes_what_is_asked_for_and_knows_what_it_cannot(tmp_path, capsys):
    assert (
        main(
            [
                "slides",
                "derive-half-squared-error",
                "--out",
                str(tmp_path),
                "--to",
                "md,html",
                "--no-figures",
                "--no-steps",
            ]
        )
        == 0
    )
    folder = tmp_path / "derive-half-squared-error"
    assert {file.name for file in folder.glob("[!.]*") if file.is_file()} == {
        "slides.md",
        "slides.html",
    }
    assert (
        "data-steps"
        not in (folder / "slides.html").read_text(encoding="utf-8").partition("<script>")[0]
    )
    assert main(["slides", "derive-half-squared-error", "--out", str(tmp_path), "--to", "tex"]) == 2
    assert (
        "unknown format 'tex'" in (said := capsys.readouterr().err)
        and "known: md, pdf, html" in said
    )


# ---- blocks -------------------------------------------------------------------------------------


def test_blocks_are_told_apart():
    text = (
        "# T\nwords\n\n- a\n- b\n\n  more of b\n\n1. c\n\n$$\nx = 1\n\n$$\nafter\n$$y$$\n| a |\n| --- |\n\n---\n\n<!-- c -->\n\n"
        "```mermaid\ngraph LR\n\n  a --> b\n```\n\n![A](b.svg)\n\n*Words.*\n\n*More words.*\n\n~~~\nopen\n"
    )
    assert [(block.kind, block.text.split("\n")[0]) for block in blocks_of(text)] == [
        ("heading", "# T"),
        ("prose", "words"),
        ("list", "- a"),
        ("display", "$$"),
        ("prose", "after"),
        ("display", "$$y$$"),
        ("table", "| a |"),
        ("rule", "---"),
        ("comment", "<!-- c -->"),
        ("fence", "```mermaid"),
        ("picture", "![A](b.svg)"),
        ("prose", "*More words.*"),
        ("fence", "~~~"),
    ]


def test_a_chain_is_divided_between_steps_and_says_where_it_was():
    text = cut(f"# T\n\n## H\n\n$$\n{LONG}\n$$\n")
    parts = text.split(BREAK)[1:]
    assert (
        len(parts) > 1
        and all(part.startswith("## H (continued)") for part in parts[1:])
        and parts[0].startswith("## H\n")
    )
    displays = [block for block in blocks_of(text) if block.kind == "display"]
    assert len(displays) > len(parts) and all(height(block) <= HEIGHT + GAP for block in displays)
    for before, after in zip(displays, displays[1:]):
        last = steps_of(tex_of(before))[-1].strip().removeprefix("&= ").split(" \\\\")[0]
        assert re.search(rf"L &= {re.escape(last)}", after.text)


def test_a_label_takes_no_value_where_its_chain_goes_on():
    text = cut(f"# T\n\n## H\n\n$$\n{LONG.replace('L &', chr(102) + chr(39) + '(2) &')}\n$$\n")
    first, *others = [block.text for block in blocks_of(text) if block.kind == "display"]
    assert len(others) > 1 and "f'(2)" in first and not [text for text in others if "f'(2)" in text]


def test_a_sum_that_goes_on_in_the_next_row_is_one_step():
    tex = "\\begin{aligned}\n  z &= a + b \\\\\n  &\\quad + c \\\\[0.6em]\n  &\\approx 3\n\\end{aligned}"
    assert [step.count("\n") for step in steps_of(tex)] == [2, 0] and chain(steps_of(tex)) == tex
    assert (
        chain(steps_of(tex)[:1])
        == "\\begin{aligned}\n  z &= a + b \\\\\n  &\\quad + c\n\\end{aligned}"
    )


@pytest.mark.parametrize(
    "tex",
    [
        "x = 1",
        "\\begin{aligned}\n  a &= \\begin{bmatrix} 1 \\\\\n 2 \\end{bmatrix} \\\\\n  &= b\n\\end{aligned}",
        "\\begin{aligned}\n  a & b \\\\\n  c & d\n\\end{aligned}",
    ],
)
def test_what_is_no_chain_of_rows_has_no_steps(tex):
    assert steps_of(tex) == []


@pytest.mark.parametrize(
    "text, mark",
    [
        (
            "| n | v |\n| --- | --: |\n" + "\n".join(f"| a{n} | {n} |" for n in range(40)),
            "| n | v |\n| --- | --: |\n| a",
        ),
        ("\n".join(f"- item {n}" for n in range(40)), "- item"),
        (
            " ".join(
                f"Sentence number {n} has some words of its own, as sentences do."
                for n in range(40)
            ),
            "Sentence",
        ),
    ],
)
def test_what_is_too_high_is_divided(text, mark):
    [block] = blocks_of(text)
    parts = divided(block, HEIGHT)
    assert len(parts) > 1 and all(
        part.text.startswith(mark) and height(part) <= HEIGHT for part in parts
    )
    words = text.split()
    assert [
        word for word in words if word not in " ".join(part.text for part in parts).split()
    ] == []


def test_a_table_whose_cells_take_several_lines_is_as_high_as_they_are():
    [short], [long] = (
        blocks_of("| $x$ | what it is |\n| --- | --- |\n" + f"| $y$ | {words} |\n" * 3)
        for words in ("a word", "a word " * 20)
    )
    assert height(short) < height(long) < 4 * height(short)
    [words] = blocks_of("| no table, only a bar")
    assert words.kind == "prose" and divided(words, HEIGHT) == [words]


def test_a_paragraph_stays_with_its_formula_and_a_remark_behind_it():
    filler = "\n\n".join("A paragraph that stands by itself on the slide." for _ in range(6))
    text = f"# T\n\n## H\n\n{filler}\n\nIt is\n\n$$\nx = 1\n$$\n\nSo it is 1.\n\nNext, the **Rule.**\n\n**Sum rule:** term by term.\n\n$$\ny = 2\n$$\n"
    joined = [part for part in cut(text).split(BREAK) if "x = 1" in part]
    assert len(joined) == 1 and "It is" in joined[0] and "So it is 1." in joined[0]
    assert [part for part in cut(text).split(BREAK) if "y = 2" in part and "**Sum rule:**" in part]


def test_a_rule_and_a_chapter_begin_slides_and_what_stands_below_one_heading_bears_it():
    text = (
        "# T\n\nwords\n\n## A\n\nOne.\n\n![F](f.svg)\n\n*It shows F.*\n\ntwo\n\n---\n\nthree\n\n## Chapter\n\n### Part\n\nfour\n\n"
        "### Other\n\n#### Deep\n\nfive\n\n### Last\n\n" + "six is long. " * 120
    )
    found = cut(text).split(BREAK)
    assert [re.findall(r"^#+ .*$", part, re.MULTILINE) for part in found] == [
        ["# T"],
        ["## A"],
        ["## A (continued)"],
        ["## Chapter", "### Part", "### Other", "### Deep"],
        ["## Last"],
    ]
    assert (
        "![F](f.svg)" in found[1]
        and "It shows F" not in found[1]
        and "two" in found[1]
        and "three" in found[2]
    )


def test_what_fits_beside_each_other_stands_there():
    """A figure and the words about it; chains of matrices across the slide, each in a row as long
    as it fits."""
    [slide] = cut("# T\n\n## A\n\nWords about it.\n\n$$\nx = 1\n$$\n\n![F](f.svg)\n").split(BREAK)[
        1:
    ]
    left, right = slide.split(COLUMN)
    assert (
        "x = 1" in left
        and "f.svg" in right
        and float(re.search(r"<!-- columns: [\d.]+ ([\d.]+) -->", left)[1]) >= 23
    )
    column = r"\begin{bmatrix} 1 \\ 2 \\ 3 \end{bmatrix}"
    [block] = blocks_of(
        f"$$\n\\begin{{aligned}}\n  z &= W x + b \\\\\n  &= {column} \\\\\n  &\\quad + {column} \\\\\n  &= {column} + {column} \\\\[0.6em]\n"
        f"  &\\approx {column}\n\\end{{aligned}}\n$$"
    )
    assert tex_of(laid(block, WIDTH)).splitlines() == [
        r"\begin{aligned}",
        rf"  z &= W x + b = {column} + {column} = {column} + {column} \approx {column}",
        r"\end{aligned}",
    ]
    assert tex_of(laid(block, 8)).count("\n") > tex_of(laid(block, 20)).count("\n") == 3
    assert height(block, WIDTH) < height(block, 20) < height(block, 8)


def test_what_does_not_fit_is_not_arranged():
    wide = blocks_of("$$\n" + " + ".join(["abcd"] * 9) + "\n$$\n\n" * 1)[0]
    assert len(arranged([(wide,)] * 3).bands[0].columns) == 1
    assert arranged([(wide,)] * 40) is None
    words = blocks_of("A sentence of some length that wants more than a line of its column. " * 4)[
        0
    ]
    narrow = arranged([(words,)] * 3)
    assert len(narrow.bands) == 1 and narrow.height <= HEIGHT and arranged([(words,)] * 6) is None


def test_a_network_that_looks_the_same_on_a_slide_is_shown_once():
    """With its numbers a large one has no room for them; a small one has."""
    edges = "\n".join(f'  a{i}(("x{i}")) --> b{j}(("h{j}"))' for i in range(5) for j in range(5))
    large = f"```mermaid\ngraph LR\n{edges}\n```\n\n"
    small = '```mermaid\ngraph LR\n  a(("x")) -->|"w"| b(("h"))\n```\n\n'
    numbers = large.replace('"x1"', '"x1 = 0.123456789"')
    assert cut(f"# T\n\n## A\n\n{large}## B\n\nwords\n\n{numbers}").count("mermaid") == 1
    assert (
        cut(
            f"# T\n\n## A\n\n{small}## B\n\nwords\n\n{small.replace('(x)', '(x = 2)')}{small.replace(chr(34) + 'x' + chr(34), chr(34) + 'x = 2' + chr(34))}"
        ).count("mermaid")
        == 2
    )

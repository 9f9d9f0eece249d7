"""The voice and the glossary: words that vary by the seed and nothing else, symbols that are all
explained."""

from __future__ import annotations

import re
from functools import cache

import pytest

from worksheet.errors import SpecError
from worksheet.family import problem_file
from worksheet.lectures.load import load_lecture
from worksheet.markdown.anchors import HEADING, headings
from worksheet.markdown.reader import formulas
from worksheet.notes import make_note, prove_lecture
from worksheet.pages.glossary import glossary
from worksheet.pages.render import page_of
from worksheet.pages.voice import Voice
from worksheet.problem import Voice as Seed
from worksheet.publish import pandoc
from worksheet.resources import problem_files
from worksheet.solution import solve
from worksheet.spec.load import load, loads

NAMES = [path.stem for path in problem_files()]
# those with a step that comes more than twice
WORDY = [
    "two-by-two",
    "shared-weight",
    "three-hidden-matrix",
    "relu-two-updates",
    "softmax-three-classes",
    "tanh-one-hidden",
]


@cache
def note(name: str, seed: int | None = None, glossary: bool = False) -> str:
    problem = load(problem_file(name))
    return make_note(
        problem.model_copy(
            update={"voice": Seed(seed=seed) if seed else None, "glossary": glossary}
        )
    ).text


def displays(text: str) -> list[str]:
    return [formula.tex for formula in formulas(text) if formula.is_display]


# ---- the voice
# -----------------------------------------------------------------------------------------------------


def test_the_first_time_in_full_and_never_twice_the_same():
    voice = Voice(1, "a page")
    said = [voice.one_of("step", "in full", "short", "shorter", "shortest") for _ in range(40)]
    assert said[0] == "in full" and set(said[1:]) == {"short", "shorter", "shortest"}
    assert all(one != other for one, other in zip(said, said[1:]))
    assert voice.one_of("another step", "in full", "short") == "in full"


def test_what_has_been_explained_is_known():
    voice = Voice(1, "a page")
    assert [voice.knows(each) for each in ("sum", "power", "sum")] == [False, False, True]


def test_the_same_words_about_another_quantity_are_the_same_words():
    voice = Voice(1, "a page")
    said = [
        voice.one_of(
            "step", f"If {name} grows.", f"A larger {name}.", f"When {name} grows."
        ).replace(name, "")
        for name in "abcdefghij"
    ]
    assert all(one != other for one, other in zip(said, said[1:]))


def test_a_spec_varies_unless_it_says_plain():
    text = problem_file("shared-weight").read_text(encoding="utf-8")
    assert loads(text).voice == loads(text + "voice: {}\n").voice == Seed(seed=1)
    assert (
        loads(text + "voice: {seed: 7}\n").voice == Seed(seed=7)
        and loads(text + "voice: plain\n").voice is None
    )
    with pytest.raises(SpecError, match="unknown voice .loud"):
        loads(text + "voice: loud\n")


def test_without_a_seed_nothing_varies():
    voice = Voice(None, "a page")
    assert not any(voice.knows("sum") for _ in range(3))
    assert {voice.one_of("step", "in full", "short") for _ in range(9)} == {"in full"}


@pytest.mark.parametrize("name", NAMES)
def test_a_voice_changes_words_only(name):
    """Every display is the same in the same order, and the page is proved; where steps come again,
    words are others."""
    assert displays(note(name, 1)) == displays(note(name))
    if name in WORDY:
        assert note(name, 1) != note(name)


@pytest.mark.parametrize("name", WORDY)
def test_another_seed_says_it_otherwise_and_the_same_seed_the_same(name):
    pages = {seed: note(name, seed) for seed in range(1, 6)}
    assert len(set(pages.values())) > 1
    assert (
        make_note(load(problem_file(name)).model_copy(update={"voice": Seed(seed=3)})).text
        == pages[3]
    )


# ---- the glossary
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_quantity_that_is_shown_is_explained(name):
    """Each given, result and parameter of the trace that stands in a formula has its row; of
    gradients one row for each kind."""
    page, text = page_of(solve(load(problem_file(name)))), note(name, glossary=True)
    before, symbols = text.split("\n## Symbols\n")
    rows = set(re.findall(r"^\| \$(.+?)\$ \|", symbols, re.MULTILINE))
    shown = " ".join(formula.tex for formula in formulas(before))
    for given, meaning in page.meanings().items():
        symbol = meaning.get("symbol") or page.symbols(given)
        if (
            meaning["role"] in ("input", "target", "weight", "bias", "given", "trained", "function")
            and symbol in shown
            and load(problem_file(name)).notation.style != "matrix"
        ):
            assert symbol in rows, given
    assert all(
        len(re.split(r"(?<!\\)\|", row)) == 5
        for row in symbols.splitlines()
        if row.startswith("| $")
    )
    assert before == note(name)


@pytest.mark.parametrize(
    "name, row",
    [
        (
            "chain-of-a-neuron",
            r"| $\frac{dz}{dw}$ | rate at which $z$ changes with $w$, and likewise",
        ),
        ("derive-softmax", r"| $\frac{\partial p_1}{\partial z_1}$ | rate at which $p_1$"),
        ("gradient-squares", r"| $\frac{\partial f}{\partial x}$ | rate"),
        ("two-by-two", r"| $\frac{\partial L}{\partial o_1}$ | rate"),
        ("three-hidden-matrix", r"| $\delta$ | the error of a layer"),
    ],
)
def test_a_derivative_has_one_row_for_all(name, row):
    symbols = note(name, glossary=True).split("\n## Symbols\n")[1]
    assert row in symbols and symbols.count("rate at which") == 1


@pytest.mark.parametrize("name", ["two-inputs-sigmoid", "three-hidden-matrix", "derivative-cubic"])
def test_a_symbol_comes_first_where_the_glossary_says(name):
    text = note(name, glossary=True)
    before, symbols = text.split("\n## Symbols\n")
    lines = before.splitlines()
    places = {heading.anchor: heading.line for heading in headings(before)}
    stops = sorted(places.values()) + [len(lines)]
    for symbol, place in re.findall(r"^\| \$(.+?)\$ \|.*\(#([\w-]+)\) \|$", symbols, re.MULTILINE):
        start = places[place]
        section = lines[start : next(stop for stop in stops if stop > start)]
        letter = re.sub(r"[{}^]|A(?=\^)", "", symbol)
        assert letter in re.sub(r"[{}^]", "", "\n".join(section)), f"{symbol} is not in {place}"


def test_links_of_a_glossary_arrive():
    text = note("two-by-two", glossary=True)
    [blocks] = pandoc.read([text])
    there = {block["c"][1][0].rpartition("__")[2] for block in blocks if block["t"] == "Header"}
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= there
    assert [
        heading.anchor for heading in headings("# T\n\n## A b\n\n### A b\n\n```\n## c\n```\n")
    ] == ["a-b", "a-b-1"]


def test_a_lecture_has_one_voice_and_one_glossary(tmp_path):
    """What one problem has explained, the next says shortly."""
    text = "lecture: A\nvoice: {seed: 1}\nglossary: true\nsections:\n  - {problem: one-hidden-neuron}\n  - {problem: two-inputs-sigmoid}\n"
    (tmp_path / "a.yaml").write_text(text)
    lecture = load_lecture(tmp_path / "a.yaml")
    page, _ = prove_lecture(
        lecture, {name: solve(problem) for name, problem in lecture.problems.items()}
    )
    assert page.count("So if we increase") == 1 and page.count("\n## Symbols\n") == 1
    assert "| $w_h$ |" in page and "| $w_3$ |" in page
    (tmp_path / "a.yaml").write_text(
        text.replace("voice: {seed: 1}\nglossary: true\n", "voice: plain\n")
    )
    lecture = load_lecture(tmp_path / "a.yaml")
    page, _ = prove_lecture(
        lecture, {name: solve(problem) for name, problem in lecture.problems.items()}
    )
    assert page.count("So if we increase") > 5 and "## Symbols" not in page


def test_a_page_without_formulas_has_no_rows():
    page = page_of(solve(load(problem_file("linear-chain"))))
    assert not re.search(
        r"^\| \$",
        glossary("# T\n\n## Words\n\nOnly words.\n", [(page, "Only words.\n")]),
        re.MULTILINE,
    )
    assert HEADING.fullmatch("## Words")

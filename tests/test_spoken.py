"""Formulas as words: examples in tests/cases/spoken.md; what is said is what the Speech Rule Engine
says of the same MathML, in its order; another formula is said in other words; and every format
gives the words to who cannot see it."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from documents import Case, cases, check
from rendering import heard, mathspeak, needs
from spoken_content import ours, theirs

from worksheet import load, solve
from worksheet.errors import ReadError, WorksheetError
from worksheet.family import problem_file
from worksheet.grids.text import grid_texts
from worksheet.markdown.reader import formulas
from worksheet.notes import make_note
from worksheet.publish import Page, publish
from worksheet.resources import problem_files, templates_folder
from worksheet.tex.boxes import ACCENTS, FOUNTS, Box
from worksheet.tex.notation import Symbols
from worksheet.tex.to_latex import spelt
from worksheet.tex.to_typst import SIGNS
from worksheet.tex.to_words import RULES, speaker
from worksheet.tex.unicode import plain_symbol
from worksheet.tex.words_of_pictures import in_words
from worksheet.worksheets import make_worksheet

pytestmark = pytest.mark.xdist_group("paper")
GOLDEN = Path(__file__).parent / "golden"
WORDS = templates_folder() / "spoken/en.toml"
say = speaker(WORDS).formula


@cache
def corpus() -> list[str]:
    """Every formula that the problems print: on the golden notes, sheets, keys and lectures, on
    slides and on the sheets of all; once each."""
    pages = [file.read_text(encoding="utf-8") for file in sorted(GOLDEN.rglob("*.md"))]
    for file in problem_files():
        pages.append(make_note(load(file), layout="slides").text)
        try:
            both = make_worksheet(load(file))
            pages += [both.sheet, both.key]
        except WorksheetError:  # a derivation has no sheet
            continue
    return list(
        dict.fromkeys(" ".join(formula.tex.split()) for page in pages for formula in formulas(page))
    )


def shape(tex: str) -> str:
    """The formula with every decimal number the same."""
    return re.sub(r"\d+\.\d+", "0.1", tex)


@pytest.mark.parametrize("case", cases("spoken.md"), ids=str)
def test_examples(case: Case, update: bool):
    check(case, "\n".join(map(say, case.given.splitlines())), update)


# ---- what is said is what is there
# --------------------------------------------------------------------


def of_html(texs: list[str]) -> list[str]:
    """The MathML that our HTML shows of each formula."""
    [made] = publish(
        [Page("formulas", "# T\n\n" + "".join(f"$$ {tex} $$\n\n" for tex in texs), Path())], "html"
    )
    return [
        re.sub(r"<annotation.*?</annotation>", "", formula, flags=re.DOTALL)
        for formula in re.findall(r"<math .*?</math>", made.decode(), re.DOTALL)
    ]


def agree(tex: str, mine: str, other: str) -> bool:
    """Whether both say the same of a formula. Of a sum or product without a relation MathSpeak
    forgets where exponents end."""
    one, two = ours(mine), theirs(other)
    if "Layout" not in other and "equals" not in other:
        one, two = ([token for token in tokens if token != "/^"] for tokens in (one, two))
    return one == two


@needs("node")
def test_the_speech_rule_engine_says_the_same_of_every_formula():
    texs = list({shape(tex): tex for tex in corpus()}.values())
    formulas = of_html(texs)
    assert len(texs) == len(formulas) > 1200
    said = mathspeak(formulas)
    wrong = [
        (tex, say(tex), other)
        for tex, other in zip(texs, said, strict=True)
        if not agree(tex, say(tex), other)
    ]
    assert wrong == []
    assert (
        sum(agree(other_tex, say(other_tex), other) for other_tex, other in zip(texs[1:], said))
        < len(texs) / 100
    )  # of the formula before it


# what a slip of a hand makes of a formula, one place of it at a time
SLIPS = [
    (r"\d(?=[^{}]*\\|$)", lambda digit: str((int(digit[0]) + 3) % 10)),
    (r"(?<=[\w})]) - ", " + "),
    (r" \+ ", " - "),
    (r"(?<=[(=&] )-(?=[\d.])", ""),
    (r"\\approx", "="),
    (r"(?<!:)(?<!&)= ", r"\\approx "),
    (r"\\cdot", "+"),
    (r"\\partial (?=[A-Za-z\\])", ""),
    (r"\\hat\{(\w)\}", r"\1"),
    ("'", ""),
    (r"\^\{\\top\}", ""),
    (r"\^\{\((\w)\)\}", r"^{\1}"),
    (r"_h\b", "_o"),
    (r"_([a-z])\b", r"\1"),
    (r"\bw\b", "v"),
    (r"\bx\b", "y"),
    (r"\\sigma", r"\\delta"),
    (r"\\ln", r"\\exp"),
    (r"e\^\{([^{}]*)\}", r"e \1"),
    (r"\^2", "^3"),
    (r"\^\{(-?)(\w+)\} ([+-]) (\w+)", r"^{\1\2 \3 \4}"),  # where an exponent ends
    (r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"\\frac{\2}{\1}"),  # upside down
    (r"\\frac\{([^{}]*)\}\{([^{}]*)\} \\cdot (\w+)", r"\\frac{\1}{\2 \\cdot \3}"),  # where it ends
    (r"(\w+) - \\frac\{([^{}]*)\}", r"\\frac{\1 - \2}"),  # where it begins
    (r"\(([^()]*[+-][^()]*)\)", r"\1"),
    (r"\[", "("),
    (r"(?<=\d) & (?=-?\d)", " "),
    (r"(?<=\d) \\\\ (?=-?\d+(?:\.\d+)? (?:&|\\\\|\\end\{b))", " & "),
    (r"\\underline\{\\qquad[^{}]*\}", "1"),
    (r"\\leftarrow", "="),
    (r"\\odot", r"\\cdot"),
    (r"(?<!\\), ", " "),
    (r"\\mathcal\{L\}", "L"),
    (r"\\mathbf\{1\}", "1"),
    (r"\\max", r"\\min"),
    (r"\\Delta ", ""),
    (r"\\text\{Loss\}", "L"),
]


def slips(tex: str) -> Iterator[tuple[int, str]]:
    """The formula with each slip made where it can be made first, and last."""
    for number, (pattern, made) in enumerate(SLIPS):
        found = list(re.finditer(pattern, tex))
        for match in {0: [], 1: found}.get(len(found), [found[0], found[-1]] if found else []):
            yield (
                number,
                tex[: match.start()]
                + (made(match) if callable(made) else match.expand(made))
                + tex[match.end() :],
            )


def test_a_formula_with_a_slip_is_told_apart():
    """By its words, and by what is compared of them."""
    seen: dict[int, int] = {}
    for tex in corpus():
        for number, other in slips(tex):
            try:
                if spelt(other).replace(" ", "") == spelt(tex).replace(" ", ""):
                    continue
            except ReadError:
                continue
            seen[number] = seen.get(number, 0) + 1
            assert say(other) != say(tex), (tex, other)
            assert ours(say(other)) != ours(say(tex)), (tex, other, say(other))
    assert [
        pattern for number, (pattern, _) in enumerate(SLIPS) if number not in seen
    ] == [] and sum(seen.values()) > 5000


def test_no_two_formulas_are_said_alike():
    alike: dict[str, set[str]] = {}
    for tex in corpus():
        same = re.sub(
            r"\\(?:left|right) ?|(?<=\\)[dt](?=frac)|\s|\\qquad|\\quad|\\,|\[[\d.]+em\]",
            "",
            spelt(tex),
        ).replace(r"\times", r"\cdot")
        alike.setdefault(say(tex), set()).add(same)
    assert [(words, texs) for words, texs in alike.items() if len(texs) > 1] == []


def test_every_sign_that_can_be_set_can_be_said():
    for tex in SIGNS:
        said = say(f"a {tex} b")
        assert (
            tex in (r"\,", r"\:", r"\;", r"\!", r"\ ", r"\quad", r"\qquad") or len(said.split()) > 2
        ), tex
    assert all(
        len(say(rf"{command}{{x}}").split()) > 1 for command in (ACCENTS | FOUNTS) - {r"\mathrm"}
    )
    assert set(RULES) == set(Box.__args__)


# ---- the words are a file
# -----------------------------------------------------------------------------


def test_another_language_is_another_file(tmp_path):
    own = (
        WORDS.read_text(encoding="utf-8")
        .replace('"equals"', '"gleich"')
        .replace('"partial"', '"Teil"')
        .replace('"{over} over {under}"', '"{over} durch {under}"')
    )
    (tmp_path / "spoken").mkdir()
    (tmp_path / "spoken/en.toml").write_text(own, encoding="utf-8")
    [made] = publish(
        [Page("t", "# T\n\n$\\frac{\\partial L}{\\partial w} = 2$\n", tmp_path)],
        "pdf",
        templates=tmp_path,
    )
    assert alternatives(made) == ["Teil L durch Teil w gleich 2"]


@pytest.mark.parametrize(
    "change, told",
    [
        (('"=" = "equals"', ""), "there is no word for '=' in [signs]"),
        (("{over} over {under}", "{over} over {unter}"), "'over' in [forms] cannot be filled"),
        (('over = "{over}', "over = 3 #"), "[forms] holds something else than words"),
        (("[signs]", "[signs"), "the spoken words cannot be read"),
    ],
)
def test_a_file_with_a_fault_is_told(tmp_path, change, told):
    file = tmp_path / "xx.toml"
    file.write_text(WORDS.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(WorksheetError, match=re.escape(told)) as fault:
        speaker(file).formula(r"y = \frac{a}{b}")
    assert str(file) in str(fault.value)


def test_words_that_grow_and_grow_are_stopped(tmp_path):
    file = tmp_path / "xx.toml"
    file.write_text(
        WORDS.read_text(encoding="utf-8").replace(
            'root = "the square root of {body} end root"', 'root = "{body} {body} {body}"'
        ),
        encoding="utf-8",
    )
    assert speaker(file).formula(r"\sqrt{x}") == "x x x"
    with pytest.raises(WorksheetError, match="makes more than"):
        speaker(file).formula(r"\sqrt{" * 30 + "x" + "}" * 30)


# ---- what each format gives
# ---------------------------------------------------------------------------


def alternatives(pdf: bytes, kind: str = "/Formula") -> list[str]:
    """The alternative texts of a tagged PDF, of its formulas or of its figures."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            str(each.Alt)
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == kind and "/Alt" in each
        ]


# what nobody can read out: TeX, names with an underscore, raised and lowered letters
WORD = re.compile(r"[^\s,;:]+")
UNSPOKEN = re.compile(r"[\\_^{}∂≈=×÷−₀-ₜ⁰-⁹⁽⁾ŷȳỹα-ωΔ\u0302-\u0304]")


def test_every_formula_of_a_pdf_is_words(paper_notes):
    for name, folder in paper_notes.items():
        said = alternatives((folder / "notes.pdf").read_bytes())
        wanted = [
            say(formula.tex)
            for formula in formulas((folder / "notes.md").read_text(encoding="utf-8"))
        ]
        assert Counter(WORD.findall(" ".join(said))) == Counter(WORD.findall(" ".join(wanted))), (
            name
        )  # chains of one kind may be rows of a table
        assert len(Counter(said) & Counter(wanted)) > 5, name
        assert len(said) > 10 and [each for each in said if UNSPOKEN.search(each)] == [], name


def test_every_drawing_and_figure_is_words_in_every_format(paper_notes):
    count = 0
    for name, folder in paper_notes.items():
        html = (folder / "notes.html").read_text(encoding="utf-8")
        with zipfile.ZipFile(folder / "notes.docx") as docx:
            word = re.findall(r'descr="([^"]*)"', docx.read("word/document.xml").decode())
        tex = re.findall(
            r"\\(?:drawing|illustration)\{[^{}]*\}\{((?:\\.|[^{}])*)\}",
            (folder / "notes.tex").read_text(encoding="utf-8"),
        )
        of_html = [
            unescape(each)
            for each in re.findall(
                r'<(?:img|svg role="img") (?:src="[^"]*" )?(?:alt|aria-label)="([^"]*)"', html
            )
        ]
        of_pdf = alternatives((folder / "notes.pdf").read_bytes(), "/Figure")
        count += len(of_pdf)
        assert [
            texts
            for texts in (of_html, list(map(unescape, word)))
            if sorted(texts) != sorted(of_pdf)
        ] == [], name
        notebook = [
            alt
            for cell in json.loads((folder / "notes.ipynb").read_text(encoding="utf-8"))["cells"]
            for alt in re.findall(r"!\[(.*?)\]\(attachment:", "".join(cell["source"]))
        ]
        texts = [*of_html, *of_pdf, *map(unescape, word), *tex, *notebook]
        assert [each for each in texts if UNSPOKEN.search(each)] == [], name
        assert len(tex) == len(of_html), name
    assert count > len(paper_notes)


def test_the_formulas_of_a_grid_are_words():
    sheet, _ = grid_texts(solve(load(problem_file("two-by-two"))))
    [made] = publish([Page("grid", sheet, Path(), layout="grid")], "pdf")
    said = alternatives(made)
    assert (
        len(said) > 10
        and "sigma of z sub h" in said
        and [each for each in said if UNSPOKEN.search(each)] == []
    )


def test_a_symbol_in_the_words_of_a_figure_is_said_as_in_a_formula():
    count = 0
    for file in problem_files():
        trace = solve(load(file))
        symbols = Symbols(
            trace.problem.notation, ""
        )  # in plain text the loss has no letter of another fount
        for name in {*trace.givens, *[working.name for working in trace.workings]} - {
            getattr(trace.problem, "loss_name", "")
        }:
            shown = plain_symbol(name)
            if "_formula" in name or re.search("__[a-z]", name) or re.fullmatch("[A-Za-z]+", shown):
                continue
            expected = say(symbols(name))
            assert (
                in_words(f"from {shown} = -2.5 on", WORDS)
                == f"from {expected} equals negative 2.5 on"
            ), name
            count += 1
    assert count > 150


@pytest.mark.parametrize(
    "shown, words",
    [
        ("w_b ≈ 0.3; w_out", "w sub b approximately equals 0.3; w sub out"),
        ("∂L/∂w₁₂⁽¹⁾", "partial L over partial w sub 12 super 1"),
        ("1.2·10⁻⁵", "1.2 times 10 raised to the negative 5 power"),
        ("Step 2: −0.5 of z", "Step 2: minus 0.5 of z"),
        (
            "Step 1: + of a and b gives q = −1.5",
            "Step 1: sum of a and b gives q equals negative 1.5",
        ),
        ("Step 5: ½ SE of y", "Step 5: half squared error of y"),
        ("a well-known 3-2 split, 2022-11-30", "a well-known 3-2 split, 2022-11-30"),
        ("L(w₁, w₂) at (−2, 3)", "L(w sub 1, w sub 2) at (negative 2, 3)"),
        ("δ₂⁽¹⁾, ŷ − y", "delta sub 2 super 1, y hat minus y"),
    ],
)
def test_the_words_of_a_figure(shown, words):
    assert in_words(shown, WORDS) == words


# ---- what a browser gives to a screen reader
# ---------------------------------------------------------------


@needs("node", "chromium")
def test_a_screen_reader_hears_words_for_a_drawing_and_mathml_for_a_formula(paper_notes):
    names = ["one-hidden-neuron", "computational-graph", "descent-two-weights"]
    for name, tree in zip(
        names, heard([paper_notes[name] / "notes.html" for name in names]), strict=True
    ):
        html = (paper_notes[name] / "notes.html").read_text(encoding="utf-8")
        roles = [node["role"] for node in tree]
        assert roles.count("image") == html.count("<img ") + html.count('<svg role="img"') and not [
            node for node in tree if "image" in node["inside"]
        ], name
        assert roles.count("MathMLMath") == html.count("<math ")
        assert {
            node["name"]
            for node in tree
            if node["role"] == "MathMLMath" and "columnheader" not in node["inside"]
        } == {""}
        assert roles.count("MathMLFraction") == html.count("<mfrac>"), (
            name
        )  # there to be walked through
        spoken = {node["name"] for node in tree if node["role"] in ("image", "columnheader")}
        assert len(spoken) > 1 and [each for each in spoken if UNSPOKEN.search(each)] == [], name


@needs("node", "chromium")
def test_the_head_of_a_column_is_words(tmp_path):
    [made] = publish(
        [
            Page(
                "t",
                "# T\n\n| $w_1$ | gradient of $\\hat{y}$ | x |\n| --- | --- | --- |\n| 1 | $2$ | 3 |\n",
                tmp_path,
            )
        ],
        "html",
    )
    (tmp_path / "heads.html").write_bytes(made)
    [tree] = heard([tmp_path / "heads.html"])
    assert [node["name"] for node in tree if node["role"] == "columnheader"] == [
        "w sub 1",
        "gradient of y hat",
        "x",
    ]
    assert [node["name"] for node in tree if node["role"] == "MathMLMath"] == [
        "w sub 1",
        "y hat",
        "",
    ]


@needs("node", "chromium")
def test_letters_of_a_drawing_that_are_read_out_are_noticed(paper_notes, tmp_path):
    html = (paper_notes["one-hidden-neuron"] / "notes.html").read_text(encoding="utf-8")
    assert html.count('<g aria-hidden="true">') == 2
    (tmp_path / "heard.html").write_text(
        html.replace('<g aria-hidden="true">', "<g>"), encoding="utf-8"
    )
    [tree] = heard([tmp_path / "heard.html"])
    assert [
        node["name"] for node in tree if "image" in node["inside"] and node["role"] == "StaticText"
    ][:2] == ["w", "h"]

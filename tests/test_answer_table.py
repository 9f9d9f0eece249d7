"""The compact key: one page, proved row by row, and every answer and range on it that of the
solution."""

from __future__ import annotations

import os
import random
import re
import subprocess
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path

import pytest
from hard_cases import THREE_FOUR_THREE
from random_networks import spec_text
from rendering import katex_errors, markdown_math, needs
from test_worksheets import needs_pdftotext

from worksheet import load
from worksheet.algebra.entries import is_closed, value
from worksheet.assessment.answer_table import (
    ALONE,
    divided,
    endings,
    entries,
    in_formula,
    range_of,
    read_range,
    unfolded,
)
from worksheet.assessment.tolerance import Interval
from worksheet.cli import main
from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.publish import Page, contents, publish
from worksheet.resources import problem_files
from worksheet.solution import by_hand as solve
from worksheet.spec.load import loads
from worksheet.tex.notation import Symbols
from worksheet.tex.reader import read
from worksheet.tex.writer import Style, tex
from worksheet.worksheets import Worksheet, check_key, keyed, make_worksheet, prove_worksheet

GOLDEN = Path(__file__).parent / "golden" / "sheets"
PROBLEMS = sorted(path.stem for path in problem_files())


@cache
def worksheet(name: str, key: str = "compact") -> Worksheet:
    problem = loads(THREE_FOUR_THREE) if name == "three-four-three" else load(problem_file(name))
    return prove_worksheet(keyed(solve(problem), key))


def pages_of(made: Worksheet) -> int:
    [pdf] = contents(
        [Page("key", made.key, Path("."))], "pdf", paper="a4", engine="typst", templates=None
    )
    return int(re.search(rb"/Type\s*/Pages.*?/Count (\d+)", pdf, re.DOTALL)[1])


@pytest.mark.parametrize("name", ["two-by-two", "three-hidden-matrix"])
def test_a_compact_key_reads_as_it_was_reviewed(name, update):
    golden = GOLDEN / f"{name}-key-compact.md"
    if update:
        golden.write_text(worksheet(name).key, encoding="utf-8", newline="\n")
    assert worksheet(name).key == golden.read_text(encoding="utf-8"), (
        f"{golden.name}: look, then pytest --update"
    )


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("key", ["compact", "both"])
def test_every_problem_has_one_with_every_answer_and_every_mark(name, key):
    made = worksheet(name, key)
    _, table = divided(made.key)
    assert f"**Marks:** together {sum(task.points for task in made.page.tasks):f}" in made.key
    for task in made.page.tasks:
        for view in task.asked:
            for member in view.members:
                assert member.shown.replace("-", "−") in table or member.shown in table
    assert ("## Answers" in made.key) is False and ("## Tasks" in made.key) is (key == "both")


@pytest.mark.parametrize(
    "name", ["two-by-two", "three-hidden-matrix", "three-four-three", "one-hidden-neuron"]
)
def test_it_is_one_page(name):
    assert pages_of(worksheet(name)) == 1


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_formula_one_line_high_is_the_same_formula(name):
    trace = solve(load(problem_file(name)))
    symbols = Symbols.of(trace.problem)
    for working in trace.workings:
        for line in working.lines:
            low = tex(line.expr, Style(symbols, is_flat=True))
            assert r"\frac{\partial" not in low
            one, other = read(low), read(tex(line.expr, Style(symbols)))
            if one != other and is_closed(one):  # a quotient of products reads in another order
                assert abs(value(one) - value(other)) <= abs(value(other)) * Decimal("1e-30"), low
            elif one != other:
                assert r"\frac{d" in tex(line.expr, Style(symbols)) or "sigma" in low, low


# ---- ranges
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "low, high, last, shown, text",
    [
        ("0.5932685", "0.5932705", -6, "0.593270", "0.593269–70"),
        ("0.3774995", "0.3775005", -6, "0.3775", ALONE),
        ("-0.0226035", "-0.0226015", -6, "-0.022602", "−0.022602–03"),
        ("0.099995", "0.100025", -5, "0.10001", "0.10000–02"),
        ("1.9995", "2.0015", -3, "2.001", "2.000–01"),
        ("0.9985", "1.0015", -3, "1.000", "0.999–1.001"),
        ("-0.00002", "0.00001", -5, "0", "−0.00002 … 0.00001"),
        ("97.5", "101.5", 0, "99", "98–101"),
        ("1150", "1250", 2, "1200", ALONE),
        ("9", "13", 0, "11", "9–13"),
        ("4.7655e-9", "4.7685e-9", -12, "4.767e-9", "4.766–68·10⁻⁹"),
        ("-4.7675e-9", "-4.7665e-9", -12, "-4.767e-9", ALONE),
    ],
)
def test_what_is_accepted_is_written_like_the_numbers_of_pages(low, high, last, shown, text):
    assert range_of(Interval(Decimal(low), Decimal(high)), shown, last) == text
    first, end = read_range(text, Decimal(shown))
    assert Decimal(low) <= first <= end <= Decimal(high) and read_range(
        entries(rf"\begin{{pmatrix}} {in_formula(text)} \end{{pmatrix}}")[0], Decimal(shown)
    ) == (first, end)


@pytest.mark.parametrize("seed", range(300))
def test_a_range_says_the_first_and_the_last_number_that_is_accepted(seed):
    draw = random.Random(seed)
    last = draw.randint(-7, 2)
    shown = (
        Decimal(draw.randint(-30000, 30000)).scaleb(last)
        if last <= 0
        else Decimal(draw.randint(-300, 300) * 10**last)
    )
    half = Decimal(5).scaleb(last - 1)
    interval = Interval(
        shown - half * draw.choice([1, 1, 3, 5, 21]), shown + half * draw.choice([1, 1, 3, 7, 201])
    )
    text = range_of(interval, format(shown, "f"), last)
    unit = Decimal(1).scaleb(last)
    expected = tuple(
        (bound / unit).to_integral_value(rounding=mode) * unit
        for bound, mode in ((interval.low, ROUND_CEILING), (interval.high, ROUND_FLOOR))
    )
    assert read_range(text, shown) == expected
    assert read_range(endings(text, format(shown, "f")), shown) == expected


# ---- what must be refused
# ---------------------------------------------------------------------------------------

MUTANTS = {  # of the key of two-by-two: what stands there, what is put there instead
    "an answer": ("**0.593270**", "**0.593271**"),
    "its sign": ("**−0.217072**", "**0.217072**"),
    "a number that goes in": ("0.20 \\cdot 0.10", "0.20 \\cdot 0.11"),
    "what it comes to on the way": ("0.0075 + 0.02", "0.0076 + 0.02"),
    "a relation": ("0.25 - 0.000249", "0.25 - 0.000248"),
    "what is accepted": ("0.593269–70", "0.593268–70"),
    "too little accepted": ("0.593269–70", ALONE),
    "its end": ("−0.022601–03", "−0.022601–04"),
    "nothing accepted": ("0.358916–18", "–"),
    "a formula": ("o_1 - t_1 = 0.751365", "o_2 - t_1 = 0.751365"),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_a_row_that_is_wrong_is_refused(what):
    made = worksheet("two-by-two")
    old, new = MUTANTS[what]
    assert old in made.key
    proof = check_key(made.page, made.key.replace(old, new, 1))
    if what == "nothing accepted":  # a dash is for what is not asked
        assert any("accepted" in failure.message for failure in proof.failures)
    assert proof.failures


def test_a_wrong_entry_of_a_matrix_is_refused():
    made = worksheet("three-hidden-matrix")
    for old, new in (
        ("0.9168273", "0.9168274"),
        (r"\ldots \text{59–63}", r"\ldots \text{59–64}"),
        ("0.199167 &", "0.199176 &"),
    ):
        assert old in made.key
        assert check_key(made.page, made.key.replace(old, new, 1)).failures, old


# ---- the answers of a full key
# ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["three-hidden-matrix", "three-four-three"])
def test_the_answers_of_a_full_key_stand_as_matrices_with_what_is_accepted_beside(name):
    made = worksheet(name, "full")
    _, table = divided(made.key)
    rows = [line for line in table.splitlines() if line.startswith("| $")]
    views = [view for task in made.page.tasks for view in task.asked]
    assert len(rows) == len(views) and ", row 1" not in made.key
    for row, view in zip(rows, views):
        answer = row.split(" | ")[2]
        assert [each.replace("−", "-") for each in entries(answer)] == [
            member.shown for member in view.members
        ]


ENTRIES = {  # of the full key of three-hidden-matrix: what stands there, what is put there instead
    "an entry": ("-0.022262 &", "-0.022263 &"),
    "its sign": (r"\\ 0.008332", r"\\ -0.008332"),
    "two that change places": ("0.909506 & -0.489981", "-0.489981 & 0.909506"),
    "what is accepted": (r"\ldots \text{59–63}", r"\ldots \text{59–64}"),
    "nothing accepted": (r"\text{0.8698915–16} & \cdot", r"\text{0.8698915–16} & –"),
    "too much accepted": (
        r"\text{0.8698915–16} & \cdot",
        r"\text{0.8698915–16} & \text{0.9168272–73}",
    ),
    "a number": ("**0.310928**", "**0.310938**"),
    "rows that are columns": (
        r"-0.011131 \\ 0.008332 & 0.012498",
        r"-0.011131 & 0.008332 \\ 0.012498",
    ),
    "a column that is a row": (r"1.4 \end{bmatrix}^{\top}", r"1.4 \end{bmatrix}"),
    "what is accepted in another shape": (
        r"\text{29–31} \\ \ldots \text{31–34} &",
        r"\text{29–31} & \ldots \text{31–34} \\",
    ),
    "the task": ("| $W_2$ | (d)", "| $W_2$ | (c)"),
    "the quantity": ("| $W_2$ | (d)", "| $W_1$ | (d)"),
    "a row": ("| $b_2$ | (d) | **0.310928** | 0.310926–28 |\n", ""),
}


@pytest.mark.parametrize("what", ENTRIES)
def test_an_answer_of_a_full_key_that_is_wrong_is_refused(what):
    made = worksheet("three-hidden-matrix", "full")
    (before, table), (old, new) = made.key.split("<!-- answers -->"), ENTRIES[what]
    assert old in table and not check_key(made.page, made.key).failures
    assert check_key(made.page, f"{before}<!-- answers -->{table.replace(old, new, 1)}").failures


def test_what_is_accepted_stands_below_an_answer_that_leaves_no_room_beside_it():
    six = prove_worksheet(
        keyed(solve(loads(THREE_FOUR_THREE.replace("places: 4", "places: 6"))), "full")
    )
    assert (
        "| Quantity | Task | Answer, accepted |" in six.key
        and "| Answer | Accepted |" in worksheet("three-four-three", "full").key
    )
    assert (
        check_key(six.page, six.key.replace("1.201434–40", "1.201434–41")).failures
        and not check_key(six.page, six.key).failures
    )


def test_a_template_that_leaves_a_row_out_is_refused(tmp_path):
    part = tmp_path / "parts" / "sheet" / "compact.md.j2"
    part.parent.mkdir(parents=True)
    ours = (
        Path(__file__).parents[1] / "templates" / "parts" / "sheet" / "compact.md.j2"
    ).read_text(encoding="utf-8")
    part.write_text(
        ours.replace("<% for row in task.rows %>", "<% for row in task.rows[1:] %>"),
        encoding="utf-8",
    )
    with pytest.raises(ProofError):
        prove_worksheet(
            keyed(solve(load(problem_file("one-hidden-neuron"))), "compact"), templates=tmp_path
        )


# ---- random problems, every format
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(int(os.environ.get("WORKSHEET_NETWORKS", "0")) or 25))
def test_random_networks_have_compact_keys(seed):
    try:
        trace = solve(loads(spec_text(seed)))
    except SolveError:
        pytest.skip("no finite solution")
    made = prove_worksheet(keyed(trace, "compact"))
    assert [row for row in unfolded(divided(made.key)[1], made.page).splitlines()[1:] if row]


@needs("node")
def test_katex_draws_every_formula_of_them():
    found = {
        (formula.tex, formula.display)
        for name in PROBLEMS
        for formula in markdown_math(worksheet(name).key)
    }
    assert len(found) > 300 and katex_errors(sorted(found)) == []


def test_the_command_and_the_spec_say_which_key(tmp_path, capsys):
    assert (
        main(
            [
                "sheet",
                "one-hidden-neuron",
                "--key",
                "compact",
                "--to",
                "md,html,tex,docx",
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    assert "| Quantity | Working |" in (tmp_path / "one-hidden-neuron" / "key.md").read_text(
        encoding="utf-8"
    )
    spec = tmp_path / "own.yaml"
    spec.write_text(
        problem_file("one-hidden-neuron").read_text(encoding="utf-8") + "\nkey: both\n",
        encoding="utf-8",
    )
    assert main(["sheet", str(spec), "--to", "md", "--out", str(tmp_path)]) == 0
    key = (tmp_path / "own" / "key.md").read_text(encoding="utf-8")
    assert "| Quantity | Working |" in key and "## Forward pass" in key
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("key: both", "key: short"), encoding="utf-8"
    )
    assert main(["sheet", str(spec), "--to", "md", "--out", str(tmp_path)]) == 2
    assert "key: unknown key 'short'" in capsys.readouterr().err


def test_a_faded_sheet_has_the_key_it_always_had():
    from worksheet.numbers.number import Number
    from worksheet.worksheets import faded

    made = prove_worksheet(
        keyed(
            faded(solve(load(problem_file("one-hidden-neuron"))), Number.written("0.5")), "compact"
        )
    )
    assert "## Blanks" in made.key or "| Blank |" in made.key
    assert entries("0.5") == ["0.5"]


@needs_pdftotext
@pytest.mark.parametrize("name", ["two-by-two", "three-hidden-matrix"])
def test_the_rows_before_a_solution_are_set_as_those_of_a_compact_key(name, tmp_path):
    """On a page of their own, in the same places; what follows has the page of a solution."""
    boxes = {}
    for key in ("compact", "both"):
        problem = load(problem_file(name)).model_copy(update={"key": key})
        [pdf] = publish([Page(name, make_worksheet(problem).key, tmp_path)], "pdf")
        (tmp_path / f"{key}.pdf").write_bytes(pdf)
        told = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / f"{key}.pdf", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        boxes[key] = [
            re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]+)<', page)
            for page in told.split("<page ")[1:]
        ]
    rows = [
        word for word in boxes["both"][0] if float(word[1]) < 790
    ]  # without the number of the page
    assert (
        sorted(rows) == sorted(word for word in boxes["compact"][0] if float(word[1]) < 790)
        and len(boxes["both"]) > 2
    )
    assert (
        min(float(x) for page in boxes["both"][1:] for x, _, _ in page)
        > 70
        > min(float(x) for x, _, _ in rows)
    )

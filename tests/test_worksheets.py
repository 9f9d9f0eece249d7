"""Sheets and keys: everything that is asked is on the key, nothing of it on the sheet, and a fading
is one page at three ages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from random_networks import spec_text
from rendering import katex_errors, markdown_math, needs

from worksheet import load, solve
from worksheet.assessment.answer_table import ALONE, ANSWERS, entries, read_range
from worksheet.assessment.sheet_and_key import Handout, Setting
from worksheet.cli import main
from worksheet.draws import Draws
from worksheet.errors import ProofError, SolveError
from worksheet.family import problem_file
from worksheet.numbers.number import Number
from worksheet.problem import Ask, Problem
from worksheet.resources import problem_files, problems_folder, templates_folder
from worksheet.spec.load import loads
from worksheet.views.views import Form
from worksheet.worksheets import EMPTY, Worksheet, make_worksheet, prove_worksheet, sheet_failures

GOLDEN = Path(__file__).parent / "golden" / "sheets"
PROBLEMS = sorted(path.stem for path in problem_files())
NUMERIC = [
    name for name in PROBLEMS if not name.startswith(("derive-", "gradient-formula", "chain-rule"))
]  # with answers that have decimals
FADES = ("0", "0.3", "0.75", "1")
# braces within braces, as far as forms have them
INSIDE = r"[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
FILLED = re.compile(rf"\\underline\{{((?:{INSIDE})*)\}}_\{{\((\d+)\)\}}")
DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
needs_pdftotext = pytest.mark.skipif(
    not (shutil.which("pdftotext") or os.environ.get("CI")),
    reason="no pdftotext here: apt-get install poppler-utils",
)


def problem_of(name: str, fade: str = "1") -> Problem:
    return load(problem_file(name)).model_copy(update={"fade": Number.written(fade)})


@cache
def worksheet(name: str, fade: str = "1") -> Worksheet:
    return make_worksheet(problem_of(name, fade))


# ---- as they were reviewed
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, fade",
    [("one-hidden-neuron", "1"), ("one-hidden-neuron", "0.5"), ("three-hidden-matrix", "1")],
)
def test_a_sheet_and_its_key_read_as_they_were_reviewed(name, fade, update):
    made = worksheet(name, fade)
    for kind, text in (("sheet", made.sheet), ("key", made.key)):
        golden = GOLDEN / f"{name}-{kind}{'' if fade == '1' else f'-{fade}'}.md"
        if update:
            GOLDEN.mkdir(exist_ok=True)
            golden.write_text(text, encoding="utf-8", newline="\n")
        assert text == golden.read_text(encoding="utf-8"), (
            f"{golden.name}: look, then pytest --update"
        )


# ---- what is asked and what is given away
# ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_graded_number_is_on_the_key_with_what_is_accepted(name):
    made, rows = worksheet(name), 0
    answers = made.key.split("## Answers")[1].split("## Marks")[0]
    is_stacked = ANSWERS in answers  # each quantity in one row, matrices as they are
    for task in Handout(made.trace, is_key=True).tasks:
        for view in task.asked:
            for member in view.members if not is_stacked else ():
                [row] = re.findall(
                    rf"^\| .*? \| \({task.letter}\) \| (?:\*\*[A-H]\)\*\* )?\${re.escape(member.shown)}\$ \| \$\[(.*?),\\, (.*?)\]\$ \|$",
                    answers,
                    re.MULTILINE,
                )[:1]
                assert Decimal(row[0]) < Decimal(member.shown) < Decimal(row[1])
                rows += 1
            if is_stacked:
                row = answers.splitlines()[6 + rows].split(" | ")
                assert row[1] == f"({task.letter})" and [
                    each.replace("−", "-") for each in entries(row[2])
                ] == [member.shown for member in view.members]
                for member, text in zip(
                    view.members,
                    entries(row[3].removesuffix(" |"))
                    * (len(view.members) if row[3] == f"{ALONE} |" else 1),
                    strict=True,
                ):
                    low, high = read_range(text, Decimal(member.shown))
                    assert low <= Decimal(member.shown) <= high
                rows += 1
            if isinstance(view, Form):
                rows += answers.count(f"| ({task.letter}) | ${made.page.page.form_tex(view)}$ | ")
    assert rows == answers.count("\n| ") - 1


@needs_pdftotext
@pytest.mark.parametrize("name", NUMERIC)
def test_the_printed_sheet_bears_no_answer_and_the_printed_key_every_one(name, tmp_path):
    """On the PDFs themselves: the text that a reader, or a program, finds on the paper."""
    assert main(["sheet", name, "--out", str(tmp_path)]) == 0
    sheet, key = (
        subprocess.run(
            ["pdftotext", "-layout", tmp_path / name / f"{stem}.pdf", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.replace("−", "-")
        for stem in ("sheet", "key")
    )
    trace = worksheet(name).trace
    givens = {trace.events[event].shown.lstrip("-") for event in trace.givens.values()}
    page = Handout(
        trace, is_key=True, setting=Setting(draws=Draws(name, 0, 0, 0))
    )  # as the command draws what is offered
    graded = {
        member.shown.lstrip("-")
        for task in page.tasks
        for view in task.asked
        for member in view.members
    }
    secret = {number for number in graded - givens if "." in number}
    offered = {
        option.shown.lstrip("-") for found in page.options.values() for option in found
    }  # as often as it is offered, the program sees
    assert secret and not (secret - offered) & set(DECIMAL.findall(sheet))
    assert secret <= set(DECIMAL.findall(key)) and offered <= set(DECIMAL.findall(sheet))


@pytest.mark.parametrize(
    "line, says",
    [
        (r"By the way, $a_h = 0.62246$.", "the answer 0.62246 stands on the sheet"),
        ('```mermaid\ngraph LR\n  a(("0.62246"))\n```', "the answer 0.62246 stands on the sheet"),
        (r"Remember that $2 \cdot 3 = 7$.", "7 should be 6"),
    ],
)
def test_a_template_that_gives_an_answer_away_or_is_wrong_is_refused(tmp_path, line, says):
    layout = (templates_folder() / "layouts" / "sheet.md.j2").read_text(encoding="utf-8")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "sheet.md.j2").write_text(
        layout.replace("<< p.instructions >>", line), encoding="utf-8"
    )
    with pytest.raises(ProofError) as fault:
        make_worksheet(problem_of("one-hidden-neuron"), templates=tmp_path)
    assert says in str(fault.value)


def test_a_template_cannot_print_an_answer_with_what_it_is_given(tmp_path):
    """What a template asks for on a sheet is a blank, whichever way it asks."""
    layout = (templates_folder() / "layouts" / "sheet.md.j2").read_text(encoding="utf-8")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "sheet.md.j2").write_text(
        layout.replace(
            "<< p.instructions >>",
            """
$a_h = << value("a_h") >>$ << (views("forward", 1) | list)[1].chain >>
<< epoch_table() >>
<< parameter_table() >>""",
        ),
        encoding="utf-8",
    )
    made = make_worksheet(problem_of("one-hidden-neuron"), templates=tmp_path)
    assert (
        "0.62246" not in made.sheet
        and "$w_o$ | $1.0$" in made.sheet
        and len(EMPTY.findall(made.sheet)) > 4
    )


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name.startswith("deriv")])
def test_the_forms_of_a_derivation_are_on_the_key_and_not_on_the_sheet(name):
    made = worksheet(name)
    forms = [form for form in made.page.page.chains("derivation", 1)]
    printed = [formula.tex.partition("=")[2].strip() for formula in markdown_math(made.sheet)]
    for form in forms:
        text = made.page.page.form_tex(form)
        assert text in made.key and (text in printed) == form.is_goal
    assert [form.is_goal for form in forms] == [False] * (len(forms) - 1) + [
        name.startswith("derive-")
    ]


@pytest.mark.parametrize(
    "name, line",
    [
        ("derivative-cubic", r"$f'(x) = 3 x^2 - 6 x + 2$"),
        ("derivative-cubic", r"Look: $3x^2 - 6 \cdot x + 2$."),
        ("derive-half-squared-error", r"It is $-(y - \hat{y})$ then."),
    ],
)
def test_a_form_that_is_given_away_is_refused(tmp_path, name, line):
    layout = (templates_folder() / "layouts" / "sheet.md.j2").read_text(encoding="utf-8")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "sheet.md.j2").write_text(
        layout.replace("<< p.instructions >>", line), encoding="utf-8"
    )
    with pytest.raises(ProofError, match="stands on the sheet"):
        make_worksheet(problem_of(name), templates=tmp_path)


def test_what_is_not_asked_of_a_derivation_is_given():
    asked = (
        Ask(of=("dL_dy_hat_step_2",)),
        Ask(of=("dL_dy_hat_formula",), points=Number.written("2")),
    )
    sheet = make_worksheet(
        problem_of("derive-half-squared-error").model_copy(update={"ask": asked})
    ).sheet
    assert (
        sheet.count("_" * 60) == 2
        and r"(y - \hat{y})(0 - 1)" in sheet
        and r"\hat{y} - y\n" not in sheet
        and "Show that" not in sheet
    )


@pytest.mark.parametrize(
    "text",
    [
        # its derivative stands on the sheet, since it is the function
        "title: Itself\nfunction: f(x) = exp(x)\nat: 1\n",
        # the tangent goes to -0.4, which is an answer, too
        "title: There\nfunction: f(x) = 1/x\nat: -0.5\n",
        "title: Link\nchain: [u = -x, v = exp(u), w = 1 + v]\nat: {x: 0}\n",
        "title: Partial\ngradient: f(x, y) = exp(x + y^2)\nat: {x: 1, y: 2}\n",
    ],
)
def test_what_the_sheet_has_to_say_is_not_given_away(text):
    assert make_worksheet(loads(text)).proof.failures == ()


def test_a_form_filled_in_wrongly_is_found():
    sheet = Handout(worksheet("derive-half-squared-error", "0.75").trace, is_key=False)
    text = sheet.render("sheet")
    assert sheet_failures(sheet, text) == []
    sheet.page.holes.filled[0] = sheet.page.holes.filled[0]._replace(text=r"y + \hat{y}")
    assert any(
        "is not equal to the one before it" in failure.message
        for failure in sheet_failures(sheet, text)
    )


def in_one_row(tex: str) -> str:
    """The formula on one line: a blank is not as wide as its number, so rows may break elsewhere."""
    return " ".join(
        re.sub(
            r"\\(?:begin|end)\{aligned\}|\\\\(?:\[0.6em\])?\n  &(?:\\quad )?|&(?==|\\approx|\\leftarrow)",
            " ",
            tex,
        ).split()
    )


# ---- fading
# ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_sheet_with_its_blanks_filled_in_is_the_key(name):
    """One trace, one template: every display of the faded sheet is one of the key, where blank n
    holds number n."""
    made = worksheet(name, "0.3")
    numbers = {number: text for text, number in FILLED.findall(made.key)}
    filled = EMPTY.sub(
        lambda blank: rf"\underline{{{numbers[blank[1]]}}}_{{({blank[1]})}}", made.sheet
    )
    shown = {in_one_row(formula.tex) for formula in markdown_math(made.key)}
    assert [
        formula.tex
        for formula in markdown_math(filled.split("## Worked solution")[1])
        if in_one_row(formula.tex) not in shown
    ] == []
    assert 0 < len(numbers) < len(EMPTY.findall(made.sheet)) + 1


@pytest.mark.parametrize("name", PROBLEMS)
def test_blanks_are_numbered_as_they_come_and_a_larger_share_has_more(name):
    counts = []
    for fade in FADES[:-1]:
        numbers = [int(number) for number in EMPTY.findall(worksheet(name, fade).sheet)]
        first = list(dict.fromkeys(numbers))
        assert first == list(range(1, len(first) + 1))
        counts.append(len(first))
    assert counts[0] == 0 < counts[1] < counts[2]


def test_the_last_steps_are_blank_and_the_first_are_not():
    made = make_worksheet(
        problem_of("one-hidden-neuron", "0.3").model_copy(update={"fade_keep": "beginning"})
    )
    assert (
        r"&\approx 0.62246" in made.sheet and "0.42420" not in made.sheet and "0.42420" in made.key
    )
    assert "Has the loss become smaller?" in made.sheet and "The loss fell" not in made.sheet


def test_nothing_faded_is_the_full_example():
    made = worksheet("one-hidden-neuron", "0")
    assert (
        "The loss fell from 0.42958 to 0.42420" in made.sheet
        and "Blanks" not in made.key
        and "Marks" not in made.key
    )


def test_a_wrong_number_beside_the_blanks_is_found():
    sheet = Handout(worksheet("one-hidden-neuron", "0.5").trace, is_key=False)
    text = sheet.render("sheet")
    assert sheet_failures(sheet, text) == []
    assert sheet_failures(sheet, text.replace("&\\approx 0.62246", "&\\approx 0.62245"))
    sheet.page.holes.filled[-1] = sheet.page.holes.filled[-1]._replace(
        text="0.42421"
    )  # a key that would be wrong
    assert sheet_failures(sheet, text)


@pytest.mark.parametrize("seed", range(int(os.environ.get("WORKSHEET_NETWORKS", "0")) or 12))
def test_random_networks_at_random_ages(seed):
    problem = loads(spec_text(seed))
    try:
        trace = solve(problem)
    except SolveError as fault:
        pytest.skip(f"a network without a finite solution: {fault.message}")
    for fade in (FADES[1 + seed % 3], "1"):
        prove_worksheet(
            replace(trace, problem=problem.model_copy(update={"fade": Number.written(fade)}))
        )


# ---- the renderers and the command
# -------------------------------------------------------------------------------


@needs("node")
def test_katex_draws_every_formula():
    found = {
        (formula.tex, formula.display)
        for name in PROBLEMS
        for fade in ("0.75", "1")
        for text in (worksheet(name, fade).sheet, worksheet(name, fade).key)
        for formula in markdown_math(text)
    }
    assert len(found) > 300 and katex_errors(sorted(found)) == []


def test_the_command_takes_many_specs_formats_and_a_share(tmp_path, capsys):
    assert (
        main(
            [
                "sheet",
                "one-hidden-neuron",
                "linear-chain",
                "--out",
                str(tmp_path),
                "--to",
                "md,html",
                "--fade",
                "0.5",
            ]
        )
        == 0
    )
    assert sorted(file.name for file in (tmp_path / "linear-chain").glob("[!.]*")) == [
        "key.html",
        "key.md",
        "sheet.html",
        "sheet.md",
    ]
    said = capsys.readouterr().out.splitlines()
    assert (
        len(said) == 2
        and "one-hidden-neuron/sheet.md, sheet.html, key.md, key.html  (62 relations" in said[0]
    )
    text = (tmp_path / "one-hidden-neuron" / "sheet.md").read_text(encoding="utf-8")
    assert text == worksheet("one-hidden-neuron", "0.5").sheet


def test_the_spec_says_what_is_asked_and_what_stands_at_the_head(tmp_path):
    text = (problems_folder() / "one-hidden-neuron.yaml").read_text(encoding="utf-8")
    spec = tmp_path / "x.yaml"
    spec.write_text(
        text
        + """course: Neuronale Netze für Anfänger
date: 3. Mai 2027
ask:
  - {of: [a_h, y_hat], points: 3, text: "Was sagt das Netz voraus?", room: 9}
  - update
""",
        encoding="utf-8",
    )
    assert main(["sheet", str(spec), "--out", str(tmp_path), "--to", "md"]) == 0
    sheet = (tmp_path / "x" / "sheet.md").read_text(encoding="utf-8")
    assert "**Course:** Neuronale Netze für Anfänger" in sheet and "**Date:** 3. Mai 2027" in sheet
    assert (
        "**(a)** Was sagt das Netz voraus? *(3 points)*\n\n<!-- room: 9 -->" in sheet
        and "**(b)** Do one step" in sheet
    )


@pytest.mark.parametrize("share", ["2", "-0.1", "half", "nan"])
def test_a_share_that_is_none_is_refused(share, capsys):
    with pytest.raises(SystemExit) as left:
        main(["sheet", "one-hidden-neuron", "--fade", share])
    assert left.value.code == 2 and "is not a number from 0 to 1" in capsys.readouterr().err


CONSTANT = [
    "title: C\nchain: [z = 2*w, y = 3*z]\nat: {w: 1}\n",
    "title: G\ngradient: f(x, y) = x\nat: {x: 1, y: 1}\n",
    "title: F\nfunction: f(x) = 3*x\nat: 2\n",
    "title: D\ndescent: L(w) = (w - 3)^2\nstart: {w: 0}\nlearning_rate: 1.5\nlong_run: 100\n",
]


@pytest.mark.parametrize("text", CONSTANT)
@pytest.mark.parametrize("share", ["0.2", "0.35", "0.5", "0.65", "0.8", "1"])
def test_a_derivative_that_is_a_number_is_blank_wherever_it_stands(text, share):
    """Its form is its value: nothing is put in, so the chain has no other line that could be
    printed in its place."""
    problem = loads(text).model_copy(update={"fade": Number.written(share)})
    assert make_worksheet(problem).proof.failures == ()


def test_one_formula_has_no_forward_pass_to_ask_for():
    made = make_worksheet(
        loads("title: One\nformulas: [L = x^y]\ngiven: {x: 2, y: 3}\ntrain: [x, y]\n")
    )
    assert [task.asked[0].name for task in made.page.tasks] == ["L", "dL_dx"]


# ---- the rule of gradient descent
# -----------------------------------------------------------------------

ANY, ONLY = (
    "Gradient descent, for any {} $w$ and the learning rate $\\alpha$:",
    "Gradient descent with the learning rate $\\alpha$:",
)
ONE_WEIGHT = "network: {inputs: [1], layers: [{weights: [[0.5]], activation: sigmoid}], target: 1, loss: squared-error}\nlearning_rate: 0.1\n"
RULES = [
    (
        "descent: f(x) = x^2 - 4*x\nstart: {x: 0}\nlearning_rate: 0.1\niterations: 1\n",
        ONLY,
        r"x \leftarrow x - \alpha \frac{df}{dx}",
    ),
    (
        "descent: L(w) = w^2 - 4*w\nstart: {w: 0}\nlearning_rate: 0.1\niterations: 1\n",
        ONLY,
        r"w \leftarrow w - \alpha \frac{dL}{dw}",
    ),
    (
        "descent: f(x, y) = x^2 + 2*y^2\nstart: {x: 1, y: 1}\nlearning_rate: 0.1\niterations: 1\n",
        ANY.format("variable"),
        r"w \leftarrow w - \alpha \frac{\partial f}{\partial w}",
    ),
    (
        "formulas: [L = (u*v - 1)^2]\ngiven: {u: 2, v: 3}\ntrain: [u]\nlearning_rate: 0.1\n",
        ONLY,
        r"u \leftarrow u - \alpha \frac{\partial L}{\partial u}",
    ),
    (
        "formulas: [L = (u*v - 1)^2]\ngiven: {u: 2, v: 3}\ntrain: [u, v]\nlearning_rate: 0.1\n",
        ANY.format("weight"),
        r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
    ),
    (
        ONE_WEIGHT,
        ONLY,
        r"w_{11}^{(1)} \leftarrow w_{11}^{(1)} - \alpha \frac{\partial L}{\partial w_{11}^{(1)}}",
    ),
    (
        ONE_WEIGHT.replace("[[0.5]],", "[[0.5]], bias: [0.1],"),
        ANY.format("weight or bias"),
        r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
    ),
]


@pytest.mark.parametrize("text, words, rule", RULES)
def test_the_rule_on_a_sheet_names_what_is_moved(text, words, rule):
    sheet = make_worksheet(loads(f"title: T\n{text}")).sheet
    assert words in sheet.splitlines() and rule in sheet

"""Answers to choose from: all different, one right, each other a mistake; in an order of the copy's
own, and no answer elsewhere on the sheet."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from measured import size
from rendering import katex_errors, markdown_math, needs
from test_cli import desk, spec

from worksheet import solve
from worksheet.assessment.giveaways import is_told, relations
from worksheet.assessment.mistakes import wrong_answers
from worksheet.assessment.multiple_choice import NoChoice, known_on_the_sheet, old_value, options
from worksheet.assessment.points import worth
from worksheet.assessment.tasks import tasks_of
from worksheet.assessment.tolerance import accepted
from worksheet.cli import main
from worksheet.codes import read_code
from worksheet.draws import Draws
from worksheet.errors import ProofError, SpecError
from worksheet.exams.marking import marking
from worksheet.pages.environment import environment
from worksheet.problem import Ask
from worksheet.resources import problems_folder, templates_folder
from worksheet.spec.load import loads
from worksheet.variants.search import attempt_at, open_source, search, solution_of
from worksheet.views.phases import chains_of
from worksheet.worksheets import make_worksheet, prove_worksheet

__all__ = ["desk"]  # the fixture
NETWORK = """\
title: A network with a choice
network:
  inputs: {x: 1.5}
  layers:
    - {units: [{z: z_h, a: a_h, weights: {w_h: 0.5}, bias: {b_h: 0.1}}], activation: sigmoid}
    - {units: [{z: z_o, a: y_hat, weights: {w_o: 1.2}}], activation: sigmoid}
  target: {y: 1}
  loss: binary-cross-entropy
learning_rate: 0.1
"""
ASK = "ask: [forward, {of: dL_dw_h, choices: 4}, {of: [w_o, L], choices: 3, points: 3}]\n"
MATRICES = """\
title: Matrices with a choice
network:
  inputs: [1, 2]
  layers:
    - {weights: [[0.1, -0.2], [0.4, 0.3]], bias: [0.1, 0.2], activation: tanh}
    - {weights: [[0.5, -0.6]], activation: identity}
  target: [1]
  loss: half-squared-error
learning_rate: 0.1
notation: matrix
"""
VARY = "vary: {x: {from: 0.5, to: 2.5, step: 0.1}, w_h: {from: -1.0, to: 1.0, step: 0.1}}\n"


def offered(text: str, seed: int = 0, copy: int = 0, name: str = "choice"):
    trace = solve(loads(text))
    return {
        key[0]: each
        for key, each in options(trace, chains_of(trace), Draws(name, seed, copy, 0)).items()
    }


def test_each_option_is_a_mistake_but_one():
    found, trace = offered(NETWORK + ASK), solve(loads(NETWORK + ASK))
    for name, each in found.items():
        wrong = {
            (made.mistake, made.at.name): made.shown
            for made in wrong_answers(
                trace, trace.find(name, 1, "update" if name == "w_o" else None)
            )
        }
        assert [option.shown for option in each if not option.wrong] == [
            trace.find(name, 1, "update" if name == "w_o" else None).shown
        ]
        assert all(
            Decimal(wrong[option.wrong.mistake, option.wrong.at.name]) == Decimal(option.shown)
            for option in each
            if option.wrong
        )


def test_the_right_one_is_not_always_in_the_same_place_and_stays_where_it_was():
    """Pinned: whoever changes this re-letters every exam ever given."""

    def right(copy: int, name: str = "choice") -> str:
        return next(
            each.letter
            for each in offered(NETWORK + ASK, 7, copy, name)["dL_dw_h"]
            if not each.wrong
        )

    letters = "".join(map(right, range(1, 17)))
    assert letters == PINNED and set(letters) == set("ABCD")
    assert "".join(right(copy, "other") for copy in range(1, 9)) != letters[:8]


PINNED = "BABDBBAACDBDDCAC"


@pytest.mark.parametrize("count", range(2, 9))
def test_options_differ_and_only_the_right_one_is_accepted(count):
    trace = solve(loads(NETWORK + f"ask: [{{of: dL_dw_h, choices: {count}}}]\n"))
    [found] = options(trace, chains_of(trace), Draws("choice", 1, 1, 0)).values()
    assert [each.letter for each in found] == list("ABCDEFGH"[:count])
    assert len({Decimal(each.shown) for each in found}) == count
    interval = accepted(trace)[trace.find("dL_dw_h").key]
    assert [each for each in found if Decimal(each.shown) in interval] == [
        each for each in found if not each.wrong
    ]


def test_mistakes_of_another_name_come_first():
    [found] = offered(NETWORK + "ask: [{of: dL_dw_h, choices: 6}]\n").values()
    names = [each.wrong.mistake for each in found if each.wrong]
    assert len(set(names)) == len(names) == 5


def test_no_option_is_the_answer_to_another_task():
    """Forgetting the input gives dL/dz_h, which is asked here: another mistake takes its place."""
    [found] = offered(NETWORK + "ask: [dL_dz_h, {of: dL_dw_h, choices: 4}]\n").values()
    assert "input-forgotten" not in {each.wrong.mistake for each in found if each.wrong}


@pytest.mark.parametrize(
    "ask, says",
    [
        (
            "[{of: z_h, choices: 8}]",
            "only 2 of the 7 wrong answers to z_h can be told apart: bias-dropped in z_h",
        ),
        (
            "[{of: z_h, choices: 4}]",
            r"only 2 of the 3 wrong answers to z_h can be told apart: bias-dropped in z_h \(0.75\)",
        ),
        (
            "[dL_db_h, {of: dL_dz_h, choices: 2}]",
            "the answer to dL_dz_h, -0.07587, is that of another task too",
        ),
    ],
)
def test_too_few_answers_are_told_with_their_place(ask, says):
    with pytest.raises(NoChoice, match=says) as fault:
        offered(NETWORK + f"ask: {ask}\n")
    assert fault.value.where.startswith("ask[") and fault.value.hint


def test_a_command_tells_the_line_too(desk):
    path = spec(desk, "few.yaml", NETWORK + "ask: [forward, {of: z_h, choices: 4}]\n")
    with pytest.raises(
        SpecError, match=r"few\.yaml:\d+: ask\[1\]: only 2 of the 3 wrong answers to z_h"
    ):
        solution_of(path)


# ---- nothing tells the right one
# ---------------------------------------------------------------------------------

LOOK = Path(__file__).parent / "faults" / "choices-by-look.yaml"


def test_two_hundred_copies_cannot_be_solved_from_their_options():
    """A solver of our own, apart from the one that chooses: relations, looks and ranks, over the
    copies of a run. What it may gain is what a guess gains."""
    source, right, told, ranks, looks = open_source(LOOK), 0, 0, Counter(), set()
    copies = size(40, 200)
    for copy in range(1, copies + 1):
        variant = search(source, 1, copy)
        for key, found in options(variant.trace, chains_of(variant.trace), variant.draws).items():
            values = [Decimal(each.shown) for each in found]
            place = next(place for place, each in enumerate(found) if not each.wrong)
            ranks[key[0], sorted(values).index(values[place])] += 1
            looks.add(len({len(each.shown.partition(".")[2]) for each in found}))
            guess = solved_from(values, variant.problem)
            right, told = right + (guess == place), told + (guess is not None)
    assert looks == {1}
    assert told <= 4 * copies * 0.1 and right <= 0.5 * told + 4, (right, told)
    for name in (
        "a_h",
        "dL_dw_o",
        "dL_dw_h",
        "w_o",
    ):  # each rank as often as another: a third, within four standard deviations
        for rank in range(3):
            assert abs(ranks[name, rank] - copies / 3) <= 4 * (copies * 2 / 9) ** 0.5, ranks


def solved_from(values: list[Decimal], problem) -> int | None:
    """The only option that stands to the left of `w - x = c (w - y)` or `x = c y`, for numbers c
    and w of the sheet; None where there is none or several."""
    given = [
        float(number.value)
        for number in (
            *problem.parameters.values(),
            *problem.network.inputs.values(),
            problem.learning_rate,
        )
    ]
    numbers, found = list(map(float, values)), set()
    for i, one in enumerate(numbers):
        for j, other in enumerate(numbers):
            for factor in given:
                if (
                    i != j
                    and abs(factor) not in (0.0, 1.0)
                    and (
                        abs(one - factor * other) < 6e-6
                        or any(abs((w - one) - factor * (w - other)) < 6e-6 for w in given)
                    )
                ):
                    found.add(i)
    return found.pop() if len(found) == 1 else None


def test_the_relation_that_gave_answers_away_is_found():
    """0.8 - 0.6684 = 0.2 (0.8 - 0.1422), and nobody else stands to its left (UTX8-DF93-32A)."""
    values = [Decimal(text) for text in ("0.6684", "0.1422", "0.9316")]
    known = {Decimal("0.2"), Decimal("0.8")}
    assert is_told(0, values, known, Decimal("0.8"))
    assert relations(values, known, Decimal("0.8"))[0] == (
        "way from the old: factor",
        "way from the old: opposite",
    )
    assert not is_told(
        0, [Decimal(text) for text in ("0.6684", "0.7311", "0.5127")], known, Decimal("0.8")
    )
    assert is_told(
        1, [Decimal("0.5"), Decimal("0.62246"), Decimal("0.7")], set(), None, "sigmoid"
    )  # sigma(0.5)


def test_the_weights_of_the_printed_copy_are_not_told_any_more():
    source = open_source(problems_folder() / "tanh-one-hidden.yaml")
    code = read_code("UTX8-DF93-32A")
    variant = attempt_at(source, code.seed, code.copy, code.attempt)
    ask = (Ask(of=("w_o",), choices=3), Ask(of=("w_h",), choices=3))
    trace = replace(variant.trace, problem=variant.problem.model_copy(update={"ask": ask}))
    for key, found in options(trace, chains_of(trace), variant.draws, is_strict=True).items():
        right = next(place for place, each in enumerate(found) if not each.wrong)
        assert not is_told(
            right,
            [Decimal(each.shown) for each in found],
            known_on_the_sheet(trace),
            old_value(trace, trace.get(*key)),
        )
        assert solved_from([Decimal(each.shown) for each in found], trace.problem) != right


@pytest.mark.parametrize("seed", range(8))
def test_no_option_is_what_an_answer_cannot_be(seed):
    """No loss below 0, no sigmoid outside of 0 and 1, no tanh outside of -1 and 1."""
    trace = solve(
        loads(
            NETWORK.replace("1.5", f"{seed - 3.5}").replace(
                "activation: sigmoid}\n    - {units: [{z: z_o",
                "activation: tanh}\n    - {units: [{z: z_o",
            )
            + "ask: [{of: a_h, choices: 3}, {of: y_hat, choices: 3}, {of: L, choices: 3}]\n"
        )
    )
    try:
        found = options(trace, chains_of(trace), Draws("choice", 1, 1, 0))
    except NoChoice:
        return
    for (name, _, _), each in found.items():
        low, high = {"a_h": (-1, 1), "y_hat": (0, 1), "L": (0, 1000)}[name]
        assert all(low <= Decimal(option.shown) <= high for option in each)


# ---- what is asked
# -----------------------------------------------------------------------------------------------


def test_an_entry_of_a_matrix_can_be_chosen_and_a_matrix_cannot(desk):
    found = offered(MATRICES + "ask: [{of: dL_dw_1_2__1, choices: 4}]\n")
    assert [*found] == ["dL_dw_1_2__1"] and "transpose-forgotten" in {
        each.wrong.mistake for each in found["dL_dw_1_2__1"] if each.wrong
    }
    spec(
        desk,
        "matrices.yaml",
        MATRICES + "ask: [{of: W_1, choices: 4}]\n".replace("W_1", "dL_dW__1"),
    )
    with pytest.raises(SpecError, match="'dL_dW__1' is not one number") as fault:
        solution_of("matrices.yaml")
    assert "such as dL_dw_1_1__1" in str(fault.value) and "matrices.yaml:11" in str(fault.value)


def test_a_cross_has_the_marks_of_a_result_alone():
    trace = solve(loads(NETWORK + ASK))
    tasks = worth(tasks_of(trace, chains_of(trace)), None)
    assert [(step.what, step.marks) for step in tasks[1].steps] == [("result", 1)]
    assert [(step.what, step.marks) for step in tasks[2].steps] == [("result", Decimal("1.5"))] * 2
    assert [task.room for task in tasks[1:]] == [0, 0]


# ---- sheets and keys
# ---------------------------------------------------------------------------------------------


def test_the_sheet_offers_and_the_key_explains():
    made = make_worksheet(loads(NETWORK + ASK))
    row = re.search(r"^____.*$", made.sheet, re.MULTILINE)[0]
    shown = re.findall(r"\$(.*?)\$", row)
    assert (
        len(set(shown)) == 4
        and "-0.11381" in shown
        and {len(each.partition(".")[2]) for each in shown} == {5}
        and "is right" not in made.sheet
    )
    right = re.search(r"\*\*([A-D])\)\*\*.\$-0.11381\$", row)[1]
    assert f"**{right}** is right." in made.key and f"**{right})** $-0.11381$" in made.key
    words = environment("").get_template("parts/mistakes.md.j2").module.words
    assert all(
        f"**{each.letter}**: {words[each.wrong.mistake]} in" in made.key
        for found in made.page.options.values()
        for each in found
        if each.wrong
    )
    text = marking(made.page)
    assert f"choice **{right})**" in text


@pytest.mark.parametrize(
    "old, new, says",
    [
        (
            "## Tasks",
            "## Tasks\n\nRemember $-0.11381$.\n",
            "0.11381 stands on the sheet, where it is offered 1 times",
        ),
        ("<< option.shown >>", "<< 1.5 >>", "is not among its choices"),
        ("## Tasks", "## Tasks\n\n$1.2 + 1 = 2.3$\n", "2.3 should be 2.2"),
    ],
)
def test_a_sheet_that_says_more_or_less_than_its_choices_is_refused(tmp_path, old, new, says):
    folder = tmp_path / "parts" / "sheet"
    folder.mkdir(parents=True)
    ours = (templates_folder() / "parts" / "sheet" / "tasks.md.j2").read_text(encoding="utf-8")
    (folder / "tasks.md.j2").write_text(
        ours.replace(old, f"<% if is_key %>{old}<% else %>{new}<% endif %>"), encoding="utf-8"
    )
    with pytest.raises(ProofError) as fault:
        make_worksheet(loads(NETWORK + ASK), templates=tmp_path)
    assert says in str(fault.value)


@needs("node")
def test_katex_accepts_sheets_and_keys_with_choices():
    for text in (NETWORK + ASK, MATRICES + "ask: [{of: dL_dw_1_2__1, choices: 4}]\n"):
        made = make_worksheet(loads(text))
        assert not katex_errors(markdown_math(made.sheet)) and not katex_errors(
            markdown_math(made.key)
        )


# ---- variants and exams
# ------------------------------------------------------------------------------------------


def test_an_attempt_whose_answers_meet_is_refused_and_counted(desk):
    """With x = 1 an input that is forgotten changes nothing, and too few answers are left for six."""
    source = open_source(
        spec(
            desk,
            "choice.yaml",
            NETWORK + "ask: [{of: dL_dw_h, choices: 7}]\nvary: {x: {one_of: [0, 1.0, 1.5]}}\n",
        )
    )
    found = [search(source, 3, copy) for copy in range(1, 9)]
    assert all(variant.problem.network.inputs["x"].value for variant in found)
    refused = [variant.refused["choices"] for variant in found if "choices" in variant.refused]
    assert refused and "of the 6 wrong answers to dL_dw_h can be told apart" in refused[0][1]


@pytest.mark.parametrize("copy", range(1, 6))
def test_every_variant_has_its_choices(desk, copy):
    variant = search(open_source(spec(desk, "choice.yaml", NETWORK + ASK + VARY)), 5, copy)
    made = prove_worksheet(variant.trace)
    assert all(
        len({Decimal(each.shown) for each in found}) == len(found)
        for found in made.page.options.values()
    )


def test_an_exam_tells_letters_and_values_and_its_keys_the_same(desk):
    spec(desk, "choice.yaml", NETWORK + ASK + VARY)
    spec(desk, "exam.yaml", "title: T\nversions: 4\nproblems: [{spec: choice.yaml, points: 10}]\n")
    assert main(["exam", "exam.yaml"]) == 0
    rows = json.loads((desk / "build/exam/answers.json").read_text(encoding="utf-8"))
    chosen = [row for row in rows if row["choice"]]
    assert {row["quantity"] for row in chosen} == {"dL_dw_h", "w_o", "L"} and len(
        {row["choice"] for row in chosen if row["quantity"] == "dL_dw_h"}
    ) > 1
    [code] = [
        each["code"]
        for each in json.loads((desk / "build/exam/manifest.json").read_text(encoding="utf-8"))[
            "papers"
        ]
        if each["copy"] == 2
    ]
    assert main(["key", code, "--exam", "build/exam/manifest.json", "--to", "md"]) == 0
    key = (desk / f"build/exam/key-{code}.md").read_text(encoding="utf-8")
    for row in chosen:
        if row["copy"] == 2:
            assert f"| **{row['choice']})** **{row['answer']}** |" in key.replace("−", "-")

"""The marking page: a row for every graded number, proved like any page, one page for each copy."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from drawn_lines import sizes
from rendering import katex_errors, markdown_math, needs
from test_cli import desk
from test_copies import text_of
from test_exams import exam, rows
from test_worksheets import needs_pdftotext

from worksheet import load, solve
from worksheet.assessment.answer_table import bold
from worksheet.assessment.points import counted, totals
from worksheet.assessment.sheet_and_key import Handout, Setting
from worksheet.assessment.tolerance import stated
from worksheet.cli import main
from worksheet.errors import ProofError
from worksheet.exams import marking
from worksheet.pages.environment import fill
from worksheet.pages.page import tidy
from worksheet.publish import Page, contents
from worksheet.publish.tables import NEW_PAGE, divided, size_of
from worksheet.resources import problems_folder, templates_folder
from worksheet.tex.writer import flat

__all__ = ["desk", "exam"]  # the fixtures
PROBLEMS = sorted(path.stem for path in problems_folder().glob("*.yaml"))


def page_of(name: str, points: str = "") -> Handout:
    return Handout(
        solve(load(problems_folder() / f"{name}.yaml")),
        is_key=True,
        setting=Setting(points=Decimal(points) if points else None),
    )


def test_a_row_reads_as_it_was_reviewed():
    text = marking.marking(page_of("one-hidden-neuron", "14.5"))
    assert "| **(c)** Gradients | | | | ______ / 4 |" in text
    assert (
        r"| $\partial L/\partial w_o$ | **−0.21738** | −0.21736–38 | $[\partial L/\partial z_o] \cdot [a_h]$ | "
        "M\u00a00.5\u00a0☐\u00a0\u00a0 R\u00a00.5\u00a0☐ |"
    ) in text
    assert (
        r"| $w_o$ | **1.02174** | 1.02172–74 | $1 - 0.1 \cdot [\partial L/\partial w_o]$ |" in text
    )


def test_what_a_formula_gives_is_said_where_it_is_not_the_answer():
    """Two ways of rounding: 0.4 - 0.5 * 0.082167 is 0.3589165, and the solution rounds the product
    first."""
    text = marking.marking(page_of("two-by-two"))
    assert (
        r"| **0.358916** | 0.358916–18 | $0.4 - 0.5 \cdot [\partial L/\partial w_5] \approx 0.358917$ |"
        in text
    )


@pytest.mark.parametrize("near", ["4", "30"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_graded_number_has_its_row_and_the_marks_are_all_there(name, near):
    points = str(
        list(
            totals(
                sum((counted(task.steps) for task in page_of(name).tasks), Counter()), Decimal(near)
            )
        )[-1]
    )
    page = page_of(name, points)
    found = list(marking.rows(page))
    assert sum(Decimal(mark["marks"]) for row in found for mark in row["marks"]) == Decimal(points)
    asked = [
        (flat(page.page.symbols(member.name)), bold(stated(page.trace, member)))
        for task in page.tasks
        for view in task.asked
        for member in view.members
    ]
    assert set(asked) <= {(row["symbol"], row["answer"]) for row in found}
    on_the_way = [
        flat(page.page.symbols(member.name))
        for task in page.tasks
        for step in task.steps
        for member in step.view.members
    ]
    assert set(on_the_way) <= {
        row["symbol"] for row in found
    }  # dL/dz too, where dL/db is the same number
    assert list(dict.fromkeys(row["letter"] for row in found)) == [
        task.letter for task in page.tasks
    ]
    marking.marking(page)


@pytest.mark.parametrize("name", PROBLEMS)
def test_square_brackets_hold_a_value_of_the_students_and_nothing_else(name):
    page = page_of(name)
    own = {
        marking.bracket(text)
        for working in page.trace.workings
        for text in (
            page.page.symbols(working.name),
            r"\text{old}\, " + page.page.symbols(working.name),
        )
    }
    text = marking.marking(page)
    for each in sorted(own, key=len, reverse=True):
        text = text.replace(each, "")
    assert "[" not in text and "]" not in text


def test_a_weight_before_its_update_is_called_old():
    assert r"$[\text{old}\, b_1^{(2)}] - 0.1 \cdot" in marking.marking(page_of("relu-two-updates"))


def test_a_formula_that_fails_its_proof_is_not_written(monkeypatch):
    """The sign of one follow-through turned: nothing is written, and the error says which."""

    def wrong(trace, graded):
        found = follow_throughs(trace, graded)
        key = "dL_dw_h", 1, "backward"
        return found | {key: replace(found[key], formula=-found[key].formula)}

    follow_throughs = marking.follow_throughs
    monkeypatch.setattr(marking, "follow_throughs", wrong)
    with pytest.raises(ProofError) as fault:
        marking.marking(page_of("one-hidden-neuron"), source="copy 7")
    assert "with the right values the formula of dL_dw_h gives 0.08207" in str(
        fault.value
    ) and "copy 7" in str(fault.value)


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("~ row.follows.formula ~", "~ row.follows.formula ~ ' + 1' ~", "re-punch"),
        ("<< row.accepted >>", "0.1–2", "what is accepted for"),
        (
            "if row.is_form else row.answer >>",
            "if row.is_form else '**0.5**' >>",
            "the answer a_h is 0.62246",
        ),
        ("<% for row in task.rows %>", "<% for row in task.rows[1:] %>", "the page has"),
    ],
)
def test_a_template_that_prints_something_else_is_refused(tmp_path, old, new, says):
    (tmp_path / "parts").mkdir()
    ours = (templates_folder() / "parts" / "marking.md.j2").read_text(encoding="utf-8")
    assert old in ours
    (tmp_path / "parts" / "marking.md.j2").write_text(ours.replace(old, new), encoding="utf-8")
    with pytest.raises(ProofError, match=says):
        marking.marking(page_of("one-hidden-neuron"), tmp_path)


@needs("node")
def test_katex_accepts_every_formula():
    for name in PROBLEMS:
        assert not katex_errors(markdown_math(marking.marking(page_of(name))))


@needs_pdftotext
def test_every_copy_has_one_page_with_its_code_and_all_its_points(desk, exam):
    assert main(["exam", "exam.yaml"]) == 0
    folder = desk / "build/exam"
    pages = text_of(folder / "marking.pdf").replace("−", "-").rstrip("\f").split("\f")
    codes = [
        each["code"]
        for each in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["papers"]
    ]
    assert len(pages) == len(codes) == 4
    for copy, (text, code) in enumerate(zip(pages, codes), start=1):
        assert code in text and "of 9.5" in text and "R 0.5" in " ".join(text.split())
        assert all(row["answer"] in text for row in rows(folder) if row["copy"] == str(copy))
    facts = subprocess.run(
        ["pdfinfo", "-struct", folder / "marking.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert facts.count("\n  Part") == 4 and len(re.findall(r"\bTable\b", facts)) >= 4
    tagged = subprocess.run(
        ["pdfinfo", folder / "marking.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert (
        re.search(r"Tagged: +yes", tagged)
        and b"<pdfuaid:part>1</pdfuaid:part>" in (folder / "marking.pdf").read_bytes()
    )
    sizes_of = [sizes(folder / "marking.pdf", page) for page in range(4)]
    assert {each.most_common(1)[0][0] for each in sizes_of} == {8.5} and len(
        {frozenset(each) for each in sizes_of}
    ) == 1


# ---- on paper
# ------------------------------------------------------------------------------------------------------


def marked(name: str, folder: Path, problems: tuple[str, ...]) -> Path:
    """The PDF of a marking with some problems."""
    parts = [
        {"title": each, "points": "9", "marking": marking.marking(page_of(each))}
        for each in problems
    ]
    about = {
        "exam": {"title": name},
        "student": {"name": "", "id": ""},
        "code": "ABCD-EFGH-JKLM",
        "points": "9",
        "problems": parts,
    }
    [pdf] = contents(
        [Page(name, tidy(fill("layouts/marking.md.j2", about, None)), folder)],
        "pdf",
        paper="a4",
        templates=None,
    )
    (folder / f"{name}.pdf").write_bytes(pdf)
    return folder / f"{name}.pdf"


@needs_pdftotext
def test_every_copy_is_set_in_the_same_sizes_and_no_number_below_8_points(tmp_path):
    found = [
        sizes(pdf, page)
        for name, problems in (
            ("one", ("one-hidden-neuron",)),
            ("three", ("two-by-two", "softmax-three-classes", "relu-two-updates")),
        )
        for pdf in [marked(name, tmp_path, problems)]
        for page in range(text_of(pdf).count("\f"))
    ]
    assert len(found) > 4
    for each in found:
        assert each.most_common(1)[0][0] == 8.5 and {size for size in each if size < 8} <= {
            5.95,
            6.66,
        }  # indices, of a heading's symbol too


@needs_pdftotext
def test_fifty_rows_are_a_page_and_the_next_begins_with_a_task(tmp_path):
    """The marking of two-by-two has 46 rows and the heads of five tasks."""
    assert text_of(marked("one", tmp_path, ("two-by-two",))).count("\f") == 1
    pages = (
        text_of(
            marked(
                "many",
                tmp_path,
                ("two-by-two", "one-hidden-neuron", "tanh-one-hidden", "relu-two-updates"),
            )
        )
        .rstrip("\f")
        .split("\f")
    )
    assert len(pages) > 2
    for page in pages[1:]:
        after = [line.strip() for line in page.splitlines() if line.strip()][
            1:
        ]  # below the running head
        assert (
            after[0].startswith("Problem ")
            or after[0].startswith("Quantity")
            and re.match(r"\([a-z]\) ", after[1])
        ), page[:400]


def test_a_page_that_a_task_does_not_fit_is_left_before_it():
    rows = [r"| $a_h$ | **0.5** | 0.4–6 | $\tanh([z_h])$ | M 1 ☐ |"] * 12
    table = [
        "| Quantity | Answer | Accepted | Follow-through | Marks |",
        "|:--|--:|:--|:-----|--:|",
    ]
    task = [f"| **({letter})** Loss | | | | ____ / 2 |" for letter in "abcdefgh"]
    text = "\n".join(
        [
            "# Marking",
            "<!-- compact -->",
            "## Problem 1",
            "",
            *table,
            *[line for head in task for line in (head, *rows)],
        ]
    )
    found = divided(text, "a4").split(NEW_PAGE)
    assert [part.count("**(") for part in found] == [4, 4] and all(
        part.count(table[0]) == 1 for part in found
    )
    assert [
        line
        for line in divided(text, "a4").splitlines()
        if line and line != NEW_PAGE and line not in table
    ] == [line for line in text.splitlines() if line and line not in table]
    assert divided(text.replace("<!-- compact -->", ""), "a4") == text.replace(
        "<!-- compact -->", ""
    )
    assert size_of(text, "a4") == size_of(text * 9, "us-letter") == 8.5

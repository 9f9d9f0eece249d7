"""The marking page: a row for every graded number, proved like any page, one page for each copy."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from test_cli import desk
from test_copies import text_of
from test_exams import exam, rows
from test_worksheets import needs_pdftotext

from rendering import katex_errors, markdown_math, needs
from worksheet import load, marking, solve
from worksheet.cli import main
from worksheet.errors import ProofError
from worksheet.exams import exam_of, read_inputs
from worksheet.handouts import Handout, Setting
from worksheet.papers import paper, picked, sittings_of
from worksheet.points import counted, totals
from worksheet.places import problems_folder, templates_folder
from worksheet.publish import Page, contents
from worksheet.publish.compact import TOO_LONG, way_of

__all__ = ["desk", "exam"]      # the fixtures
PROBLEMS = sorted(path.stem for path in problems_folder().glob("*.yaml"))


def page_of(name: str, points: str = "") -> Handout:
    return Handout(solve(load(problems_folder() / f"{name}.yaml")), is_key=True, setting=Setting(points=Decimal(points) if points else None))


def test_a_row_reads_as_it_was_reviewed():
    text = marking.marking(page_of("one-hidden-neuron", "14.5"))
    assert (r"|  | $\frac{\partial L}{\partial w_o} = -0.21738$ | $-0.217385$ to $-0.217355$ | M" "\u00a0" r"0.5 R" "\u00a0" r"0.5 | ____ | "
            r"$\left[\frac{\partial L}{\partial z_o}\right] \cdot [a_h] \approx -0.21738$ |") in text
    assert r"| $w_o = 1.02174$ |" in text and r"$1 - 0.1 \cdot \left[\frac{\partial L}{\partial w_o}\right] \approx 1.02174$" in text


@pytest.mark.parametrize("near", ["4", "30"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_graded_number_has_its_row_and_the_marks_are_all_there(name, near):
    points = str(list(totals(sum((counted(task.steps) for task in page_of(name).tasks), Counter()), Decimal(near)))[-1])
    page = page_of(name, points)
    found = list(marking.rows(page))
    assert sum(Decimal(mark["marks"]) for row in found for mark in row["marks"]) == Decimal(points)
    asked = [(page.page.symbols(member.name), member.shown) for task in page.tasks for view in task.asked for member in view.members]
    assert set(asked) <= {(row["symbol"], row["shown"]) for row in found}
    on_the_way = [page.page.symbols(member.name) for task in page.tasks for step in task.steps for member in step.view.members]
    assert set(on_the_way) <= {row["symbol"] for row in found}      # dL/dz too, where dL/db is the same number
    assert [row["letter"] for row in found if row["letter"]] == [task.letter for task in page.tasks]
    marking.marking(page)


@pytest.mark.parametrize("name", PROBLEMS)
def test_square_brackets_hold_a_value_of_the_students_and_nothing_else(name):
    page = page_of(name)
    own = {marking.bracket(text) for working in page.trace.workings for text in (
        page.page.symbols(working.name), r"\text{old}\, " + page.page.symbols(working.name))}
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
    assert "with the right values the formula of dL_dw_h gives 0.08207" in str(fault.value) and "copy 7" in str(fault.value)


def test_a_template_that_prints_something_else_is_refused(tmp_path):
    (tmp_path / "parts").mkdir()
    ours = (templates_folder() / "parts" / "marking.md.j2").read_text(encoding="utf-8")
    (tmp_path / "parts" / "marking.md.j2").write_text(ours.replace("<< row.follows.relation >>", "+ 1 <<row.follows.relation >>")
                                                      .replace('" " ~ row.follows.relation', '" + 1 " ~ row.follows.relation'), encoding="utf-8")
    with pytest.raises(ProofError, match="re-punch"):
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
    codes = [each["code"] for each in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["papers"]]
    assert len(pages) == len(codes) == 4
    for copy, (text, code) in enumerate(zip(pages, codes), start=1):
        assert code in text and "of 9.5" in text and "R 0.5" in " ".join(text.split())
        assert all(row["answer"] in text for row in rows(folder) if row["copy"] == str(copy))


@needs_pdftotext
def test_the_example_exam_is_marked_on_one_page(tmp_path):
    inputs, roster = read_inputs(problems_folder() / "exams" / "midterm.yaml")
    found = exam_of(inputs, "midterm.yaml", str(roster))
    text = paper(found, (sitting := sittings_of(found)[0]), picked(found, sitting, {})).pages["marking-01"]
    [(tmp_path / "marking.pdf").write_bytes(pdf) for pdf in contents([Page("marking", text, tmp_path)], "pdf", paper="a4", templates=None)]
    [page] = text_of(tmp_path / "marking.pdf").rstrip("\f").split("\f")
    assert all(f"Problem {number}: " in page for number in (1, 2, 3)) and "of 50" in page


@pytest.mark.parametrize("rows, way", [(10, (1, 9)), (60, (1, 7.5)), (90, (2, 7)), (145, (2, 6.5)), (300, TOO_LONG)])
def test_the_type_is_as_large_as_one_page_takes(rows, way):
    row = r"|  | $a_h = 0.5$ | $0.4$ to $0.6$ | M 1 | ____ | $\tanh([z_h]) = 0.5$ |"
    text = "\n".join(["# Marking", "<!-- compact -->", "## Problem 1", *[row] * rows])
    assert way_of(text, "a4") == way and way_of(text.replace("<!-- compact -->", ""), "a4") is None
    assert way_of(text, "us-letter")[0] >= way[0]


def test_long_formulas_make_it_smaller():
    """In two columns a formula as long as this takes two lines."""
    row = r"|  | $a_h = 0.5$ | $0.4$ to $0.6$ | M 1 | ____ | $" + " + ".join(["[w_1]"] * 9) + " = 0.5$ |"
    short, long = ("\n".join(["<!-- compact -->", *[each] * 85]) for each in (row.replace(" + [w_1]", ""), row))
    assert way_of(short, "a4").points > way_of(long, "a4").points

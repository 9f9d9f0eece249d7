"""Lectures: every fault at once, each problem proved on its own ground, values in prose that were
worked out before."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zipfile import ZipFile

import documents
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from test_cli import FAULTY, SPEC, desk, run, spec
from test_copies import text_of
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.errors import ProofError, WorksheetError
from worksheet.lectures import spec as lecture_spec
from worksheet.lectures.load import load_lecture
from worksheet.lectures.page import TURN, anchor, compose, grounds, headed
from worksheet.notes import prove_lecture
from worksheet.pages.page import Markdown
from worksheet.programs.running import printed
from worksheet.publish import pandoc
from worksheet.publish.docx import bookmark
from worksheet.recalculation.recalculation import repunch
from worksheet.resources import lecture_files, problems_folder
from worksheet.solution import solve

__all__ = ["desk"]  # the fixture
CASES = documents.cases("lectures.md")
OTHER = SPEC.replace("{x: 2}", "{x: 4}")  # the same names, other numbers
TWO = """\
lecture: Two units
problems: {first: one.yaml, second: other.yaml}
sections:
  - {title: The first, problem: first, part: forward}
  - {title: The second, problem: second, part: forward}
  - title: The first again
    problem: first
    text: Remember that $\\hat{y} = << value("y_hat") >>$, and not << value("second.y_hat") >>.
    part: loss
  - {title: The second again, problem: second, part: loss, text: 'As in << link("The first again") >>.'}
"""


@pytest.fixture
def lecture(desk):
    """Writes a lecture beside its problems and prose, and gives its path."""

    def written(text: str) -> Path:
        folder = desk / "course"
        (
            spec(folder, "one.yaml"),
            spec(folder, "other.yaml", OTHER),
            spec(folder, "faulty.yaml", FAULTY),
            spec(desk, "one.yaml"),
        )
        spec(folder, "prose.md", "Words.\n"), spec(desk, "prose.md", "Words from elsewhere.\n")
        return spec(folder, "lecture.yaml", text).relative_to(desk)

    return written


def proved(path: Path) -> str:
    made = load_lecture(path)
    return prove_lecture(made, {name: solve(problem) for name, problem in made.problems.items()})[0]


# ---- faults
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_faulty_lecture_is_told_everything_at_once(lecture, desk, case, update):
    with pytest.raises(WorksheetError) as fault:
        proved(lecture(case.given))
    documents.check(case, str(fault.value).replace(str(desk), "..."), update)
    if not isinstance(fault.value, ProofError):
        for each in getattr(fault.value, "faults", [fault.value]):
            assert each.where and (
                each.message[0].islower() or each.message.startswith(("'", "HTML"))
            )


def test_a_lecture_is_no_problem(lecture, capsys):
    path = lecture(TWO)
    for command in ("sheet", "vary", "trace"):
        assert main([command, str(path)]) == 2
        assert f"{path}:1: lecture: this is a lecture" in capsys.readouterr().err


# ---- what is proved together
# -----------------------------------------------------------------------------------


def test_two_problems_may_use_one_name(lecture):
    text = proved(lecture(TWO))
    assert (
        "Remember that $\\hat{y} = 1$, and not 2." in text
        and "As in [The first again](#the-first-again)." in text
    )
    assert dict(grounds(text)).keys() == {"", "first", "second"}


def test_without_its_marks_the_page_is_wrong(lecture):
    """The marks are what the proof goes by: a page that has lost them mixes one problem's values
    with the other's."""
    path = lecture(TWO)
    text, rounding = proved(path), load_lecture(path).problems["first"].rounding
    assert not any(repunch(own, rounding=rounding).findings for _, own in grounds(text))
    assert repunch(TURN.sub("", text), rounding=rounding).findings


def test_every_line_has_one_ground(lecture):
    text = proved(lecture(TWO))
    owned = [own.splitlines() for _, own in grounds(text)]
    for number, line in enumerate(text.splitlines()):
        assert [lines[number] for lines in owned if number < len(lines) and lines[number]] == (
            [line] if line else []
        )


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("&= 0.5 \\cdot 4", "&= 0.5 \\cdot 2"),
        ("(3 - 2)^2", "(3 - 1)^2"),
        ("$\\hat{y} = 1$", "$\\hat{y} = 2$"),
    ],
)
def test_a_number_that_is_changed_is_found(lecture, monkeypatch, wrong, right):
    """Each place on the page where a number of a relation is changed makes the proof fail."""
    path = lecture(TWO)
    assert wrong in proved(path)

    def spoilt(*all, **more):
        page = compose(*all, **more)
        made = Markdown(page.replace(wrong, right, 1))
        made.authored = page.authored
        return made

    monkeypatch.setattr("worksheet.notes.compose", spoilt)
    with pytest.raises(ProofError):
        proved(path)


def test_prose_of_no_problem_is_proved_by_itself(lecture):
    """What one text calls a says nothing about the a of the next."""
    text = "lecture: A\nsections:\n  - {title: B, text: 'With $a = 2$ it is $2 a = 4$.'}\n  - {title: C, text: 'With $a = 3$ it is $2 a = %d$.'}\n"
    assert proved(lecture(text % 6))
    with pytest.raises(ProofError, match="4 should be 6"):
        proved(lecture(text % 4))


# ---- values and headings
# ----------------------------------------------------------------------------------------


def test_a_value_is_the_one_worked_out_last(lecture):
    text = (
        "lecture: A\nsections:\n  - title: B\n    problem: one.yaml\n    sections:\n"
        '      - {part: statement, text: \'w is << value("w") >>, y is << value("y") >>.\'}\n      - {part: forward}\n      - {part: loss}\n'
        '      - {part: backward}\n      - {text: \'y_hat is << value("y_hat") >>, w is still << value("w") >>.\'}\n      - {part: update}\n'
        '      - {part: check}\n      - {text: \'y_hat is << value("y_hat") >>, w is << value("w") >>; it was << value("y_hat", phase="forward") >>.\'}\n'
    )
    found = re.findall(r"^(?:w|y_hat) is .*", proved(lecture(text)), re.MULTILINE)
    assert found == [
        "w is 0.5, y is 3.",
        "y_hat is 1, w is still 0.5.",
        "y_hat is 2.6, w is 1.3; it was 1.",
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Setup & Notation",
        "What is a derivative?",
        "Slope (derivative) at a point",
        "Let's see -- what w_1 does",
        "3D surface: loss over (w1, w2)",
    ],
)
def test_a_link_leads_to_the_heading(title):
    [[heading]] = pandoc.read([f"## {title}\n"])
    assert heading["c"][1][0].rpartition("__")[2] == anchor(title)


def test_headings_take_their_level():
    part = "---\n\n## Backward\n\nWords.\n\n### The error\n\n```\n# no heading\n```\n\n### The weight\n"
    titled = headed(part, 3, is_titled=True).split("\n")
    assert [line for line in titled if line.startswith("#")] == [
        "#### The error",
        "# no heading",
        "#### The weight",
    ]
    assert [line for line in headed(part, 3).split("\n") if line.startswith("#")] == [
        "### Backward",
        "#### The error",
        "# no heading",
        "#### The weight",
    ]
    assert "---" not in titled


def test_one_profile_is_for_all_and_a_problem_may_have_its_own(lecture):
    text = (
        "lecture: A\nrounding: {places: 2}\nnotation: {multiply: times, learning_rate: eta}\n"
        "problems: {own: {spec: other.yaml, notation: {multiply: cdot}, rounding: {places: 4}}}\n"
        "sections: [{problem: one.yaml}, {problem: own}]\n"
    )
    problems = load_lecture(lecture(text)).problems
    assert [problem.notation.multiply for problem in problems.values()] == ["times", "cdot"]
    assert {problem.notation.learning_rate for problem in problems.values()} == {"eta"}
    assert [problem.rounding.digits("").places for problem in problems.values()] == [2, 4]


def test_rounding_of_all_is_said_once(lecture):
    text = "lecture: A\nrounding: {places: 2}\nsections: [{problem: one.yaml}, {problem: other.yaml}]\n"
    assert proved(lecture(text)).count("**Rounding.**") == 1
    assert (
        proved(lecture(text.replace("rounding: {places: 2}\n", ""))).count("**Rounding.**") == 1
    )  # where both round alike too


def test_lines_that_hold_only_unrounded_are_told_at_the_end(lecture):
    text = (
        "lecture: A\nrounding: {policy: exact, places: 2}\nsections: [{title: S, problem: two-inputs-sigmoid, part: statement}, "
        "{problem: two-inputs-sigmoid, part: forward}, {problem: two-inputs-sigmoid, part: loss}, {problem: two-inputs-sigmoid, part: backward}]\n"
    )
    end = proved(lecture(text)).split("## Where a calculator differs\n")[1]
    assert (
        "**Two inputs, one hidden neuron.** Because unrounded values were used" in end
        and "the printed numbers give" in end
    )


# ---- on disk
# ----------------------------------------------------------------------------------------------------


def test_notes_writes_a_lecture(lecture, capsys):
    path = lecture(TWO)
    assert main(["notes", str(path), "--to", "md,html"]) == 0
    folder = Path("build/lecture")
    text = (folder / "notes.md").read_text()
    assert (
        "notes.html" in capsys.readouterr().out
        and "# Two units" in text
        and "The first again" in (folder / "notes.html").read_text()
    )
    shown = set(re.findall(r"\]\(figures/([\w-]+)\.svg\)", text))
    assert (
        shown == {"first-loss", "second-loss"}
        and {file.stem for file in (folder / "figures").iterdir()} == shown
    )


def test_a_figure_that_there_is_not_is_told(lecture, capsys):
    text = "lecture: A\nsections:\n  - {title: B, problem: one.yaml, figure: los}\n  - {title: C, problem: one.yaml, figure: tangent}\n"
    assert main(["notes", str(lecture(text))]) == 2
    said = capsys.readouterr().err
    assert (
        "lecture.yaml:3: sections[0]: 'one' has no figure 'los'\n  hint: did you mean 'loss'?"
        in said
        and ":4: sections[1]: 'one' has no figure 'tangent'" in said
    )
    assert main(["notes", str(lecture(text)), "--no-figures"]) == 0


def test_a_lecture_is_the_same_bytes_again(lecture):
    path = lecture(TWO)
    first, again = [
        run("notes", str(path), "--to", "pdf,html", "--out", out).returncode for out in ("a", "b")
    ]
    assert (first, again) == (0, 0)
    assert [file.read_bytes() for file in sorted(Path("a").rglob("*.*"))] == [
        file.read_bytes() for file in sorted(Path("b").rglob("*.*"))
    ]


def test_the_contents_lead_to_every_section(lecture):
    """In HTML as links that arrive, in a PDF with pages, in LaTeX and in Word as their own."""
    text = TWO.replace("loss}", "loss, text: 'As before.'}").replace(
        "part: loss, text",
        "sections: [{title: Deep, sections: [{title: Deeper, text: Words.}]}], text",
    )
    path = lecture(text)
    assert main(["notes", str(path), "--to", "md,pdf,html,tex,docx"]) == 0
    folder = Path("build/lecture")
    html = (folder / "notes.html").read_text()
    nav = html[html.index("<details>") : html.index("</nav>")]
    titles = ["1 The first", "2 The second", "3 The first again", "4 The second again", "4.1 Deep"]
    assert re.findall(r'href="#([\w-]+)"[^>]*>([^<]+)</a>', nav) == [
        (anchor(title), title) for title in titles
    ]
    assert all(html.count(f'id="{anchor(title)}"') == 1 for title in titles)
    assert "\\contents\n" in (folder / "notes.tex").read_text()
    markdown = (folder / "notes.md").read_text()
    assert (
        "<!-- contents -->\n\n- [1 The first](#1-the-first)\n" in markdown
        and "  - [4.1 Deep](#41-deep)\n" in markdown
    )
    assert "As in [section 3](#3-the-first-again)." in markdown
    words = ZipFile(folder / "notes.docx").read("word/document.xml").decode()
    assert [words.count(f'w:anchor="{bookmark(anchor(title))}"') for title in titles] == [
        1,
        1,
        2,
        1,
        1,
    ]  # one is linked to in the text too


@needs_pdftotext
def test_the_contents_of_a_pdf_give_pages(lecture):
    assert main(["notes", str(lecture(TWO)), "--to", "pdf"]) == 0
    assert re.search(r"The second again\W+\d", text_of(Path("build/lecture/notes.pdf")))


def test_the_schema_that_is_checked_in_is_the_one_we_print():
    assert (problems_folder() / "lectures" / "schema.json").read_text(
        encoding="utf-8"
    ) == lecture_spec.schema_text()


@pytest.mark.parametrize("path", lecture_files(), ids=lambda path: path.stem)
def test_the_schema_accepts_our_own_lectures(path):
    schema = json.loads(lecture_spec.schema_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(YAML(typ="safe", pure=True).load(path))
    assert path.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=schema.json\n"
    )


def test_a_section_may_round_and_write_in_its_own_way(lecture):
    """Worked out anew, for it and those in it; the same profile again is the same problem again."""
    text = proved(
        lecture("""\
lecture: Two ways
problems: {net: one-hidden-neuron}
sections:
  - {title: Five places, problem: net, part: a_h}
  - title: Three places
    problem: net
    rounding: {places: 3}
    sections:
      - {title: Inside, part: [a_h, z_o]}
      - {text: 'It is << value("a_h") >>, and was << value("net.a_h") >>.'}
      - {title: Crosses, part: z_o, notation: {multiply: times}}
  - {title: Once more, problem: net, rounding: {places: 3}, part: [z_o, y_hat]}
""")
    )
    assert r"\approx 0.62246" in text and "It is 0.622, and was 0.62246." in text
    assert r"1.0 \cdot 0.622" in text and r"1.0 \times 0.622" in text
    assert re.findall(r"<!-- problem: (.*) -->", text) == ["net", "net-1", "net-1-2", "net-1"]


# ---- programs
# ------------------------------------------------------------------------------------------------------

CODED = """\
lecture: A program
problems: {first: one.yaml}
sections:
  - {title: Forward, problem: first, part: forward}
  - {title: The same as a program, problem: first, text: It does what we have done., code: numpy}
"""


def test_a_section_ends_with_its_program(lecture):
    text = proved(lecture(CODED))
    program, said = re.search(
        r"It does what we have done\.\n.*?```python\n(.*?)```\n\nIt prints\n\n```text\n(.*?)```\s*$",
        text,
        re.DOTALL,
    ).groups()
    assert printed(program) == said and "y_hat = 1.0\n" in said and "In NumPy" not in text
    twice = proved(lecture(CODED.replace("part: forward}", "part: forward, code: [numpy, torch]}")))
    assert re.findall(
        r"^#+ .*", re.sub(r"```.*?^```", "", twice, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )[1:] == ["## Forward", "### In NumPy", "### In PyTorch", "## The same as a program"]


@pytest.mark.parametrize(
    "old, new",
    [("y_hat = 1.0\n", "y_hat = 2.0\n"), ("w * x\n", "w + x\n"), ("w = 0.5\n", "w = 0.6\n")],
)
def test_a_program_of_a_lecture_that_is_changed_is_found(lecture, monkeypatch, old, new):
    path = lecture(CODED)
    assert old in proved(path)
    monkeypatch.setattr(
        "worksheet.notes.compose", lambda *all, **more: spoilt_page(compose(*all, **more), old, new)
    )
    with pytest.raises(ProofError, match="program"):
        proved(path)


def spoilt_page(page: Markdown, old: str, new: str) -> Markdown:
    """The page with another text in the place of the last of one."""
    before, _, after = page.rpartition(old)
    made = Markdown(before + new + after)
    made.authored, made.quotes = page.authored, page.quotes
    return made


def test_the_command_says_in_what_a_lecture_ends(lecture, capsys):
    path = lecture(CODED)
    assert main(["notes", str(path), "--code", "torch", "--out", "out"]) == 0
    text = Path("out/lecture/notes.md").read_text(encoding="utf-8")
    assert "import torch" in text and "import numpy" not in text
    capsys.readouterr()
    assert main(["notes", str(lecture(TWO)), "--code", "torch", "--out", "out"]) == 2
    assert (
        "no section of this lecture ends with a program" in (said := capsys.readouterr().err)
        and "code: torch" in said
    )


def test_a_lecture_is_a_notebook_that_runs(lecture):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    path = lecture(
        CODED.replace("part: forward}", "part: forward, code: numpy}")
        + "  - {title: The loss, problem: linear-chain, figure: loss, code: numpy}\n"
    )
    assert main(["notes", str(path), "--to", "ipynb", "--out", "out"]) == 0
    made = nbformat.read("out/lecture/notes.ipynb", as_version=4)
    nbformat.validate(made)
    before = [
        "".join(output.text for output in cell.outputs)
        for cell in made.cells
        if cell.cell_type == "code"
    ]
    nbclient.NotebookClient(made, kernel_name="python3").execute()
    assert before == [
        "".join(output.text for output in cell.outputs)
        for cell in made.cells
        if cell.cell_type == "code"
    ]
    assert len(before) == 3 and all(" = " in each for each in before)
    assert [name for cell in made.cells for name in cell.get("attachments", ())] == [
        "linear-chain-loss.png"
    ]


# ---- questions
# -----------------------------------------------------------------------------------------------------

ASKED = """\
lecture: A question
problems: {first: one.yaml}
sections:
  - title: Forward
    problem: first
    part: forward
    question: What is the loss?
    answer: |
      It is worked out as

      << quantity("L").chain >>
  - {title: The loss, problem: first, part: loss}
  - {title: Words, text: Nothing., question: How much is $1 + 1$?, answer: "It is $1 + 1 = 2$."}
"""


def test_a_question_is_answered_at_the_end(lecture):
    text = proved(lecture(ASKED))
    places = [
        text.index(each)
        for each in (
            "**Question 1.**",
            "\nWhat is the loss?",
            "## The loss",
            "**Question 2.**",
            "## Answers to the questions",
            "**Answer 1.**\nIt is worked out as",
            "(3 - 1)^2",
            "**Answer 2.**\nIt is $1 + 1 = 2$.",
        )
    ]
    assert (
        places[:6] == sorted(places[:6])
        and text.rindex("(3 - 1)^2") > places[5]
        and places[7] > text.rindex("(3 - 1)^2")
    )
    assert text.count("[Answers to the questions](#answers-to-the-questions)") == 2
    assert dict(grounds(text)).keys() == {"", "first"}


@pytest.mark.parametrize(
    "old, new",
    [("1 + 1 = 2", "1 + 1 = 3"), ("It is worked out as", "It is $\\hat{y} = 7 + 1 = 9$, as")],
)
def test_a_wrong_answer_is_refused(lecture, old, new):
    with pytest.raises(ProofError, match="should be"):
        proved(lecture(ASKED.replace(old, new)))


@pytest.mark.parametrize("left", ["question", "answer"])
def test_a_question_without_an_answer_is_told(lecture, left):
    with pytest.raises(
        WorksheetError, match=f"there is no {({'question', 'answer'} - {left}).pop()}"
    ):
        load_lecture(lecture(f"lecture: A\nsections: [{{title: B, text: C., {left}: D?}}]\n"))


def test_no_level_of_headings_is_skipped():
    assert headed("## A\n\n### B\n\n## C\n\n### D\n", 2, True).split("\n") == [
        "",
        "",
        "### B",
        "",
        "### C",
        "",
        "#### D",
    ]


def test_slides_ask_and_leave_the_answer_and_the_program_to_the_class(lecture):
    made = load_lecture(lecture(ASKED + "  - {title: As a program, problem: first, code: numpy}\n"))
    slides = prove_lecture(
        made, {name: solve(problem) for name, problem in made.problems.items()}, layout="slides"
    )[0]
    assert "**Question 1.**" in slides and "**Question 2.**" in slides and "1 + 1 = 2" not in slides
    assert not any(each in slides for each in ("Answer", "answer", "```python", "As a program"))

"""Exams: every fault at once, the same bytes whatever happens on the way, names that print as
themselves, tables that agree with the pages."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import documents
import pikepdf
import pytest
from test_cli import FAULTY, VARIED, desk, run, spec
from test_copies import text_of
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.codes import code_of
from worksheet.errors import SpecError
from worksheet.exams import copy as papers
from worksheet.exams.class_list import Student
from worksheet.exams.copy import Paper, chosen, sittings_of, verbatim
from worksheet.exams.journal import Journal
from worksheet.exams.load import Inputs, exam_of, read_inputs
from worksheet.exams.manifest import seals
from worksheet.exams.tables import answers_json
from worksheet.exams.write import distinct
from worksheet.resources import problems_folder, templates_folder

__all__ = ["desk"]  # the fixture
WIDE = VARIED.replace("to: 4", "to: 40")
EXAM = """\
title: Midterm
versions: 4
problems:
  - {spec: varied.yaml, points: 5}
  - {pool: [other.yaml, third.yaml], points: 4.5, room: 3}
"""
KILLS = int(os.environ.get("WORKSHEET_KILLS", 2))


@pytest.fixture
def exam(desk) -> Path:
    """exam.yaml and its specs."""
    spec(desk, "varied.yaml", WIDE), spec(desk, "other.yaml", WIDE.replace("{y: 3}", "{y: 4}"))
    spec(desk, "third.yaml", WIDE.replace("{y: 3}", "{y: 5}"))
    return spec(desk, "exam.yaml", EXAM)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def rows(folder: Path) -> list[dict[str, str]]:
    return list(
        csv.DictReader(io.StringIO((folder / "answers.csv").read_text(encoding="utf-8-sig")))
    )


# ---- pages
# ---------------------------------------------------------------------------------------------------------


@needs_pdftotext
def test_each_problem_begins_a_page_where_it_is_asked_for(desk, exam):
    exam.write_text(EXAM.replace("versions: 4", "versions: 1\nnew_page: problem"), encoding="utf-8")
    assert main(["exam", "exam.yaml"]) == 0
    pages = text_of(desk / "build/exam/exam-01.pdf").rstrip("\f").split("\f")
    [place] = [place for place, page in enumerate(pages) if "Problem 2: " in page]
    assert place > 0 and [line for line in pages[place].splitlines() if line.strip()][1].startswith(
        "Problem 2: "
    )  # below the running head
    keys = text_of(desk / "build/exam/key-01.pdf").rstrip("\f").split("\f")
    assert len(keys) == 1  # a key is not parted


def test_a_new_page_for_something_else_is_told_with_what_is_known(desk, exam, capsys):
    exam.write_text(EXAM + "new_page: task\n", encoding="utf-8")
    assert main(["exam", "exam.yaml"]) == 2
    assert (
        "exam.yaml:6: new_page: unknown new page 'task'" in (told := capsys.readouterr().err)
        and "known: none, problem" in told
    )


# ---- faults
# --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", documents.cases("exams.md"), ids=str)
def test_a_faulty_exam_is_told_everything_at_once(desk, case, update):
    (
        spec(desk, "fixed.yaml"),
        spec(desk, "faulty.yaml", FAULTY),
        spec(desk, "class.csv", "name,id\nJo,1\nAda,1\n"),
    )
    (desk / "gone.yaml").symlink_to(desk / "nowhere")
    spec(desk, "exam.yaml", case.given)
    with pytest.raises(SpecError) as fault:
        inputs, roster = read_inputs(Path("exam.yaml"))
        exam_of(inputs, "exam.yaml", str(roster))
    documents.check(case, str(fault.value).replace(str(desk), "..."), update)


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["exam"], "an exam file, or --rebuild"),
        (["exam", "exam.yaml", "--rebuild", "manifest.json"], "an exam file, or --rebuild"),
        (["exam", "--duplex", "--rebuild", "manifest.json"], "an exam file, or --rebuild"),
        (["exam", "nothing.yaml"], "nothing.yaml: there is no such file"),
        (["exam", "exam.yaml", "--copies", "0"], "exam.yaml: --copies: 0 copies"),
        (
            ["exam", "exam.yaml", "--copies", "300"],
            "300 copies are asked for, 119 different ones can be made",
        ),
        (["exam", "exam.yaml", "--seed", "-1"], "the seed -1 is out of range"),
        (["exam", "exam.yaml", "--roster", "no.csv"], "no.csv: the class list cannot be read"),
        (["exam", "--rebuild", "exam.yaml"], "this is no manifest of an exam"),
        (["exam", "--rebuild", "nothing.json"], "the manifest cannot be read"),
    ],
)
def test_an_error_of_use_writes_nothing(desk, exam, arguments, says, capsys):
    assert main(arguments) == 2
    assert says in capsys.readouterr().err and not (desk / "build").exists()


@pytest.mark.parametrize(
    "words, holds",
    [
        ("Round $2/3 = 0.66667$.", True),
        ("Round $2/3 = 0.66666$.", False),
        ("With $\\alpha = 0.1$: $2\\alpha = 0.2$.", True),
    ],
)
def test_what_the_instructions_reckon_is_proved(desk, exam, words, holds, capsys):
    exam.write_text(EXAM + f"instructions: '{words}'\n", encoding="utf-8")
    assert main(["exam", "exam.yaml", "--copies", "1"]) == (0 if holds else 1)
    assert (
        holds
        or "exam.yaml: instructions: the document failed its proofs" in capsys.readouterr().err
        and not (desk / "build").exists()
    )


@pytest.mark.parametrize("name", ["../../etc", "..", "a/b"])
def test_the_name_of_a_manifest_leads_nowhere(desk, exam, name, capsys):
    assert main(["exam", "exam.yaml", "--copies", "1", "--out", "deep/build"]) == 0
    file = desk / "deep/build/exam/manifest.json"
    found = json.loads(file.read_text(encoding="utf-8")) | {"name": name}
    found["sealed"] |= seals({"name": name})  # by somebody who knows how
    file.write_text(json.dumps(found), encoding="utf-8")
    before = set(files(desk))
    assert main(["exam", "--rebuild", str(file)]) == 2
    said = capsys.readouterr().err
    assert ("cannot be the name of a folder" in said or "this is no manifest" in said) and set(
        files(desk)
    ) == before


# ---- the same bytes
# ------------------------------------------------------------------------------------------------


def test_an_exam_and_all_that_belongs_to_it(desk, exam, capsys):
    assert main(["exam", "exam.yaml", "--workers", "1", "--seed", "1"]) == 0
    folder = desk / "build/exam"
    assert capsys.readouterr().out.startswith(f"{Path('build/exam')}  (4 copies; ")
    first = files(folder)
    assert sorted(first) == sorted(
        [
            *(f"{stem}-0{copy}.pdf" for stem in ("exam", "key") for copy in range(1, 5)),
            "answers.csv",
            "answers.json",
            "exams.pdf",
            "keys.pdf",
            "manifest.json",
            "marking.pdf",
        ]
    )
    ran = run(
        "exam",
        "exam.yaml",
        "--workers",
        "3",
        "--out",
        "again",
        "--seed",
        "1",
        cwd=desk,
        TZ="Asia/Tokyo",
        LC_ALL="C",
    )
    assert ran.returncode == 0 and files(desk / "again/exam") == first
    assert (
        main(["exam", "exam.yaml", "--seed", "2", "--replace"]) == 0
        and files(folder).keys() == first.keys()
    )
    assert all(files(folder)[name] != content for name, content in first.items())
    assert set(json.loads(first["manifest.json"])["files"]) == {
        "answers.csv",
        "answers.json",
        "exams.pdf",
        "keys.pdf",
        "marking.pdf",
    }
    assert (
        main(["exam", "exam.yaml", "--copies", "2", "--replace"]) == 0
    )  # nothing of the larger exam stays
    assert sorted(files(folder)) == sorted(
        name for name in first if "-03" not in name and "-04" not in name
    )


def test_the_manifest_alone_makes_it_again(desk, exam, capsys):
    spec(desk, "class.csv", 'name,id\n"Núñez, Zoë",1\nJo,2\n')
    assert main(["exam", "exam.yaml", "--roster", "class.csv"]) == 0
    first = files(desk / "build/exam")
    for file in (*desk.glob("*.yaml"), desk / "class.csv", *(desk / "build/exam").glob("*.pdf")):
        file.unlink()
    assert main(["exam", "--rebuild", "build/exam/manifest.json"]) == 0
    assert files(desk / "build/exam") == first
    assert main(["exam", "--rebuild", "build/exam/manifest.json", "--out", "elsewhere"]) == 0
    assert files(desk / "elsewhere/exam") == first
    (desk / "templates/layouts").mkdir(parents=True)
    ours = (templates_folder() / "layouts/problem.md.j2").read_text(encoding="utf-8")
    (desk / "templates/layouts/problem.md.j2").write_text(
        ours.replace("<% block page %>", "<% block page %>\nThat is all.\n"), encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["exam", "--rebuild", "build/exam/manifest.json", "--out", "third"]) == 1
    assert (
        "fields are not what comes out: 'papers[0].files.exam-01.pdf' is" in capsys.readouterr().err
    )


def test_what_is_printed_on_both_sides_is_remembered(desk, exam):
    """Three copies of different lengths: the last begins on a front side, and so it does when the
    manifest makes them again."""
    exam.write_text(
        EXAM.replace("third.yaml]", "third.yaml]").replace("room: 3", "room: 36")
        + "instructions: Be quick.\n",
        encoding="utf-8",
    )
    assert main(["exam", "exam.yaml", "--copies", "3", "--duplex"]) == 0
    first = files(desk / "build/exam")
    for stem, name in (("exam", "exams.pdf"), ("key", "keys.pdf")):
        singles = [pikepdf.open(desk / f"build/exam/{stem}-0{copy}.pdf") for copy in (1, 2, 3)]
        with pikepdf.open(desk / "build/exam" / name) as made:
            assert len(made.pages) == sum(
                len(each.pages) + len(each.pages) % 2 for each in singles[:2]
            ) + len(singles[2].pages)
    assert (
        main(["exam", "--rebuild", "build/exam/manifest.json", "--out", "again"]) == 0
        and files(desk / "again/exam") == first
    )
    assert main(["exam", "exam.yaml", "--copies", "3", "--replace"]) == 0
    assert {
        name for name, content in files(desk / "build/exam").items() if content != first[name]
    } == {"exams.pdf", "keys.pdf", "manifest.json", "marking.pdf"}


def test_a_file_that_is_lost_or_touched_is_made_again_and_the_others_are_kept(
    desk, exam, capsys, monkeypatch
):
    """A run that stops after its third copy, and one of its files damaged since."""
    from worksheet.exams import journal
    from worksheet.exams import write as sittings

    exam.write_text(EXAM + "seed: 1\n", encoding="utf-8")
    assert main(["exam", "exam.yaml", "--out", "whole"]) == 0
    add, added = journal.Journal.add, []

    def stop(where, paper, hashes):
        add(where, paper, hashes)
        added.append(paper)
        if len(added) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(journal.Journal, "add", stop)
    assert main(["exam", "exam.yaml", "--workers", "1"]) == 130
    folder = desk / "build/exam"
    first, second, third = (
        paper.number for paper in added
    )  # in turn, which is not the order of their numbers
    assert sorted(
        name for name in files(folder) if name.endswith(".pdf") and "/" not in name
    ) == sorted(
        f"{stem}-0{copy}.pdf" for stem in ("exam", "key") for copy in (first, second, third)
    )
    (folder / f"key-0{second}.pdf").write_bytes(b"touched")
    with (folder / sittings.UNFINISHED / "journal").open("a") as file:
        file.write('{"copy": 4, "torn')
    times = {
        name: (folder / name).stat().st_mtime_ns
        for name in (f"exam-0{copy}.pdf" for copy in (first, second, third))
    }
    monkeypatch.setattr(journal.Journal, "add", add)
    capsys.readouterr()
    assert main(["exam", "exam.yaml"]) == 0
    assert "2 of them kept from a run that was interrupted" in capsys.readouterr().out
    assert files(folder) == files(desk / "whole/exam")
    assert [(folder / name).stat().st_mtime_ns == time for name, time in times.items()] == [
        True,
        False,
        True,
    ]


def test_the_answers_stay_on_disk(desk, tmp_path):
    """In the order of the copies, whichever came first; what was read of a journal holds none of
    them."""
    journal = Journal(tmp_path / "journal", "key")
    journal.begin(Inputs("exam", "title: T\n", {}, None, 3, "secret"))
    for number in (3, 1, 2, 2):
        journal.add(
            Paper(
                number,
                Student(f"Jo {number}"),
                "code",
                (),
                ({"copy": number, "answer": "0.5"},) * number,
                {},
            ),
            {},
        )
    assert [row["copy"] for row in journal.rows()] == [1, 2, 2, 3, 3, 3]
    again = Journal(tmp_path / "journal", "key")
    known = again.read(Path)
    assert [(number, paper.student.name, paper.rows) for number, (paper, _) in known.items()] == [
        (3, "Jo 3", ()),
        (1, "Jo 1", ()),
        (2, "Jo 2", ()),
    ]
    assert list(again.rows()) == list(journal.rows()) and again.answers == 6
    assert not Journal(tmp_path / "journal", "another").read(Path)
    assert b"".join(answers_json(again.rows())).count(b"\n") == 8 and json.loads(
        b"".join(answers_json(again.rows()))
    ) == list(again.rows())
    assert json.loads(b"".join(answers_json([]))) == []


def test_what_another_exam_left_unfinished_is_not_believed(desk, exam, monkeypatch):
    from worksheet.exams import journal

    exam.write_text(EXAM + "seed: 1\n", encoding="utf-8")
    add = journal.Journal.add

    def stop(where, paper, hashes):
        add(where, paper, hashes)
        raise KeyboardInterrupt

    monkeypatch.setattr(journal.Journal, "add", stop)
    assert main(["exam", "exam.yaml", "--workers", "1"]) == 130
    monkeypatch.setattr(journal.Journal, "add", add)
    spec(desk, "other.yaml", WIDE.replace("{y: 3}", "{y: 7}"))
    assert main(["exam", "exam.yaml"]) == 0 and main(["exam", "exam.yaml", "--out", "whole"]) == 0
    assert files(desk / "build/exam") == files(desk / "whole/exam")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_that_is_killed_leaves_no_broken_file_and_goes_on(desk, exam, seed):
    """SIGKILL at a random moment; more of them: WORKSHEET_KILLS=10."""
    exam.write_text(EXAM + "seed: 1\n", encoding="utf-8")
    assert main(["exam", "exam.yaml", "--copies", "8", "--out", "whole"]) == 0
    whole = files(desk / "whole/exam")
    ran = subprocess.Popen(
        [sys.executable, "-m", "worksheet", "exam", "exam.yaml", "--copies", "8", "--workers", "2"],
        cwd=desk,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (desk / "build/exam/.unfinished").exists() and ran.poll() is None:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0, 4))
    ran.send_signal(signal.SIGKILL)
    ran.wait(timeout=120)
    left = {
        name: content
        for name, content in files(desk / "build/exam").items()
        if ".unfinished" not in name
    }
    assert all(whole[name] == content for name, content in left.items() if not name.startswith("."))
    assert main(["exam", "exam.yaml", "--copies", "8"]) == 0
    assert files(desk / "build/exam") == whole


# ---- what stands on the pages
# --------------------------------------------------------------------------------------

HOSTILE = (
    "$x^2$ \\frac{1}{2} \\alpha",
    "**bold** _it_ `code` [a](https://b.c) ![i](j)",
    "<b>bold</b> <!-- foot: X --> &amp; &lt;",
    "#let x = 1; #strong[y] $ z $ @ref <label> ~ --",
    "../../etc/passwd",
    ":smile: www.example.org a@b.cd ~~gone~~ | a | b |",
    'Núñez, Zoë; Žofie "Zo" O\'Neill',
    "1. # - > ``` $$",
    "<< p.title >> <% raise %>",
    "C:\\temp\\n",
)


@needs_pdftotext
def test_a_name_prints_as_itself_whatever_is_in_it(desk, exam):
    with (desk / "class.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("name", "id"), *((name, f"*{number}*") for number, name in enumerate(HOSTILE))]
        )
    assert main(["exam", "exam.yaml", "--roster", "class.csv"]) == 0
    folder = desk / "build/exam"
    for number, name in enumerate(HOSTILE, start=1):
        for stem in ("exam", "key"):
            text = " ".join(text_of(folder / f"{stem}-{number:02}.pdf").split())
            assert f"Name: {name} ID: *{number - 1}*" in text.replace("’", "'").replace(
                "“", '"'
            ).replace("”", '"').replace("–", "--"), name
    assert sorted(each.name for each in desk.iterdir()) == [
        "build",
        "class.csv",
        "exam.yaml",
        "other.yaml",
        "third.yaml",
        "varied.yaml",
    ]
    assert {row["student"].lstrip("'") for row in rows(folder)} == set(HOSTILE)


def test_every_sign_is_escaped():
    assert verbatim("a_b*c<d>$1$") == r"a\_b\*c\<d\>\$1\$" and verbatim("Zoë 7") == "Zoë 7"


@needs_pdftotext
def test_the_tables_agree_with_keys_and_no_answer_stands_on_an_exam(desk, exam):
    assert main(["exam", "exam.yaml"]) == 0
    folder = desk / "build/exam"
    found = rows(folder)
    assert (
        json.loads((folder / "answers.json").read_text(encoding="utf-8"))[0].keys()
        == found[0].keys()
    )
    for copy in range(1, 5):
        mine = [row for row in found if row["copy"] == str(copy)]
        assert sum(Decimal(row["points"] or 0) for row in mine) == Decimal("9.5")
        assert all(
            Decimal(row["low"]) <= Decimal(row["answer"]) <= Decimal(row["high"]) for row in mine
        )
        key, paper = (
            text_of(folder / f"{stem}-0{copy}.pdf").replace("−", "-") for stem in ("key", "exam")
        )
        assert (
            all(row["answer"] in key for row in mine)
            and "Problem 2" in paper
            and "(5 points)" in paper
        )
        secret = {row["answer"].lstrip("-") for row in mine if len(row["answer"].lstrip("-")) > 4}
        assert not {number for number in secret if number in paper}
    codes = [
        each["code"]
        for each in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["papers"]
    ]
    for copy, code in enumerate(codes, start=1):
        for stem in ("exam", "key"):
            assert all(
                code in page
                for page in text_of(folder / f"{stem}-0{copy}.pdf").rstrip("\f").split("\f")
            )


def test_no_two_copies_have_the_same_numbers(desk, exam):
    """Ten copies of a problem with eleven variants beside itself: most draws meet an earlier one."""
    spec(desk, "varied.yaml", VARIED)
    exam.write_text("title: T\nversions: 10\nproblems: [{spec: varied.yaml}]\n", encoding="utf-8")
    inputs, _ = read_inputs(exam)
    found = exam_of(inputs, "exam.yaml")
    copies = list(distinct(found, sittings_of(found), {}))
    assert sorted(sitting.number for sitting, _ in copies) == list(range(1, 11))
    picks = [pick for _, each in copies for pick in each]
    assert (
        len(picks)
        == 10
        == len({pick.givens for pick in picks})
        == len({pick.answers for pick in picks})
    )
    assert any(pick.attempt for pick in picks)
    known = {sitting.number: each for sitting, each in copies if sitting.number % 2}
    assert list(distinct(found, sittings_of(found), known)) == copies  # the same whatever is known


def test_only_the_numbers_that_stay_are_put_on_pages(exam, monkeypatch):
    """Copies that clash are searched further before anything is rendered."""
    spec(exam.parent, "varied.yaml", VARIED)
    exam.write_text("title: T\nversions: 10\nproblems: [{spec: varied.yaml}]\n", encoding="utf-8")
    made, make = [], papers.prove_worksheet
    monkeypatch.setattr(
        papers,
        "prove_worksheet",
        lambda *given, **options: made.append(1) or make(*given, **options),
    )
    assert main(["exam", "exam.yaml", "--workers", "1"]) == 0
    assert len(made) == 10


def test_an_exam_takes_every_family_and_a_derivation_is_the_same_for_all(desk):
    spec(
        desk,
        "exam.yaml",
        "title: Calculus\nversions: 2\nproblems: [{spec: derivative-cubic, points: 12}, {spec: derivative-rules}, {spec: derive-half-squared-error}, "
        "{spec: shared-weight}]\n",
    )
    assert main(["exam", "exam.yaml"]) == 0
    first, second = (
        [row for row in rows(desk / "build/exam") if row["copy"] == copy] for copy in "12"
    )
    assert {row["spec"] for row in first} == {
        "derivative-cubic",
        "derivative-rules",
        "derive-half-squared-error",
        "shared-weight",
    }
    fixed, again = (
        [row["answer"] for row in each if row["spec"] == "derive-half-squared-error"]
        for each in (first, second)
    )
    assert (
        fixed[:5] == again[:5]
        and sum(float(row["points"] or 0) for row in first if row["spec"] == "derivative-cubic")
        == 12
    )
    assert main(["exam", "--rebuild", "build/exam/manifest.json"]) == 0


@pytest.mark.parametrize("seed", [[], ["--seed", "3"]])
def test_the_code_of_a_copy_gives_back_its_key_from_the_manifest(desk, exam, seed):
    """The problems vary little, so the last copies met earlier ones; the class list gives the
    names."""
    spec(
        desk, "class.csv", "name,id\n" + "".join(f"Jo {number},{number}\n" for number in range(10))
    )
    spec(desk, "varied.yaml", VARIED)
    exam.write_text(
        "title: T\nroster: class.csv\npaper: us-letter\nproblems: [{spec: varied.yaml}]\n",
        encoding="utf-8",
    )
    assert main(["exam", "exam.yaml", *seed]) == 0
    folder = desk / "build/exam"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    last = max(manifest["papers"], key=lambda paper: paper["problems"][0]["attempt"])
    assert last["problems"][0]["attempt"] > 0
    for each in (last, manifest["papers"][0]):
        assert main(["key", each["code"].lower(), "--exam", "build/exam/manifest.json"]) == 0
        assert (folder / f"key-{each['code']}.pdf").read_bytes() == (
            folder / f"key-{each['copy']:02}.pdf"
        ).read_bytes()


def test_the_code_of_another_exam_or_without_a_manifest_is_refused(desk, exam, capsys):
    assert (
        main(["exam", "exam.yaml", "--copies", "3"]) == 0
        and main(["exam", "exam.yaml", "--copies", "3", "--out", "other"]) == 0
    )
    folder = desk / "build/exam"
    codes = [
        each["code"]
        for each in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["papers"]
    ]
    code, mistyped = codes[2], codes[2][:-1] + ("2" if codes[2][-1] != "2" else "3")
    capsys.readouterr()
    for arguments, says in [
        (
            [code],
            "is the code of a copy of an exam, and says nothing without the exam's manifest.json",
        ),
        ([code, "--spec", "other.yaml"], "says nothing without the exam's manifest.json"),
        (
            [code, "--exam", "exam.yaml"],
            "exam.yaml: " + code + " is the code of a copy of an exam, and says nothing without",
        ),
        ([code, "--exam", "other/exam/manifest.json"], "no copy of this exam has the code"),
        ([mistyped, "--exam", "build/exam/manifest.json"], "a sign of the code is wrong"),
        (
            [str(code_of("exam", "old", 1, 1, 0)), "--exam", "build/exam/manifest.json"],
            "no copy of this exam has the code",
        ),
        (
            [code, "--exam", "build/exam/manifest.json", "--fade", "0.5"],
            "the copy of an exam is not faded",
        ),
        ([code, "--exam", "nothing.json"], "the manifest cannot be read"),
    ]:
        assert main(["key", *arguments]) == 2
        assert says in capsys.readouterr().err, arguments
    spec(desk, "third.yaml", WIDE.replace("{y: 3}", "{y: 7}"))
    assert (
        main(["key", code, "--exam", "build/exam/manifest.json"]) == 0
    )  # which holds it as it was
    assert (folder / f"key-{code}.pdf").read_bytes() == (folder / "key-03.pdf").read_bytes()


@needs_pdftotext
@pytest.mark.parametrize("solutions", ["none", "embedded"])
def test_solutions_embedded_or_none(desk, exam, solutions):
    exam.write_text(EXAM + f"solutions: {solutions}\n", encoding="utf-8")
    assert main(["exam", "exam.yaml", "--copies", "1"]) == 0
    assert not list((desk / "build/exam").glob("key-*"))
    assert ("Solution of problem 2" in text_of(desk / "build/exam/exam-01.pdf")) == (
        solutions == "embedded"
    )


def test_shuffled_copies_have_orders_of_their_own(exam):
    exam.write_text(
        EXAM.replace("third.yaml]", "third.yaml]") + "shuffle: true\n", encoding="utf-8"
    )
    inputs, _ = read_inputs(exam)
    found = exam_of(inputs, "exam.yaml")
    orders = {
        tuple(origin.name == "varied" for _, origin in chosen(found, whose))
        for whose in range(1, 30)
    }
    assert orders == {(True, False), (False, True)}


def test_the_exam_that_comes_with_the_program_is_sound():
    inputs, roster = read_inputs(problems_folder() / "exams" / "midterm.yaml")
    found = exam_of(inputs, "midterm.yaml", str(roster))
    assert (
        len(found.students) == 30
        and len(found.questions) == 3
        and any("," in student.name for student in found.students)
    )

"""Exams and class lists: each file of tests/faults that is about them, and its kind; what is
printed is never lost."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import desk, spec
from test_copies import text_of
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.errors import WorksheetError
from worksheet.exams import tables as ledger
from worksheet.exams.class_list import Student, read_roster, students_of
from worksheet.exams.copy import chosen, picked, sittings_of
from worksheet.exams.earlier import made_on
from worksheet.exams.load import exam_of, read_inputs
from worksheet.exams.manifest import inputs_hashes, read_manifest, seals
from worksheet.exams.write import distinct
from worksheet.output import locks
from worksheet.output.locks import alone
from worksheet.publish import fonts
from worksheet.sealed_codes import code_of_copy, drawn_seed, is_of_exam, number_of
from worksheet.spec.faults import Faults

__all__ = ["desk"]  # the fixture
FAULTS = Path(__file__).parent / "faults"
LINE = """title: A line
network:
  inputs: {x: 2}
  layers: [{units: [{a: y_hat, weights: {w: 0.5}}], activation: identity}]
  target: {y: 3}
  loss: half-squared-error
learning_rate: 0.1
vary:
  w: {integers: {from: -30, to: 30}, nonzero: true}
"""
EXAM = "title: Quiz\nproblems: [{spec: line.yaml}]\nroster: class.csv\nsolutions: none\n"
CLASS = "name,id\nZoë,1\nJo,2\nAda,\n"


@pytest.fixture
def quiz(desk) -> Path:
    """quiz.yaml, its spec, its class list; the folder of the exam."""
    spec(desk, "line.yaml", LINE), spec(desk, "quiz.yaml", EXAM), spec(desk, "class.csv", CLASS)
    return desk / "build" / "quiz"


def make(*arguments: str) -> int:
    return main(["exam", "quiz.yaml", "--workers", "1", *arguments])


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def numbers(folder: Path) -> dict[str, list]:
    """The answers of every student, by name."""
    found: dict[str, list] = {}
    for row in csv.DictReader(
        io.StringIO((folder / "answers.csv").read_text(encoding="utf-8-sig"))
    ):
        found.setdefault(row["student"], []).append((row["quantity"], row["answer"]))
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


# ---- a finished exam is never lost
# ---------------------------------------------------------------------------------


def test_a_finished_exam_of_the_same_inputs_stays_as_it_is(quiz, capsys):
    assert make() == 0
    first, times = files(quiz), {file: file.stat().st_mtime_ns for file in quiz.iterdir()}
    assert (
        make() == 0
        and "it is finished, and of the same inputs: 3 copies" in capsys.readouterr().out
    )
    assert {file: file.stat().st_mtime_ns for file in quiz.iterdir()} == times
    (quiz / "exam-02.pdf").unlink(), (quiz / "answers.csv").write_text("with my marks")
    assert make() == 0
    said = capsys.readouterr()
    assert (
        "they were missing: exam-02.pdf" in said.out
        and "changed since they were made, and kept: answers.csv" in said.err
    )
    assert files(quiz) == first | {"answers.csv": b"with my marks"}


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda desk: spec(desk, "line.yaml", LINE.replace("y: 3", "y: 4")), "the spec line.yaml"),
        (
            lambda desk: spec(desk, "class.csv", CLASS.replace("Jo", "Joe")),
            "the class list (1 line gone, 1 line new)",
        ),
        (lambda desk: spec(desk, "quiz.yaml", EXAM + "date: today\n"), "the exam file"),
        (
            lambda desk: [
                (desk / "templates/layouts").mkdir(parents=True),
                (desk / "templates/layouts/mine.j2").write_text(""),
            ],
            "other templates",
        ),
        (lambda desk: ["--seed", "7"], "the seed"),
        (lambda desk: ["--duplex"], "--duplex"),
        (lambda desk: ["--copies", "5"], "versions (0 there, 5 now)"),
        (lambda desk: ["--seed", "new"], "the seed"),
    ],
)
def test_a_finished_exam_of_other_content_is_refused_with_what_differs_and_moved_aside_if_it_is_said(
    desk, quiz, change, says, capsys
):
    assert make() == 0
    first, changed = files(quiz), change(desk)
    options = (
        [each for each in changed if isinstance(each, str)] if isinstance(changed, list) else []
    )
    capsys.readouterr()
    assert make(*options) == 2
    said = capsys.readouterr().err
    assert (
        f"there is a finished exam here, made on {made_on(quiz)}" in said
        and says in said
        and "--replace moves the old one aside" in said
    )
    assert files(quiz) == first
    assert make("--replace", *options) == 0
    aside = quiz.with_name(f"quiz-{made_on(quiz)}")
    assert (
        files(aside) == first
        and f"the exam that was there lies in {Path('build') / aside.name}"
        in capsys.readouterr().out
    )
    assert manifest(quiz) != json.loads(first["manifest.json"])


def test_two_that_are_replaced_on_one_day_lie_side_by_side_and_strays_are_not_deleted(desk, quiz):
    for seed in "123":
        assert make("--seed", seed, "--replace") == 0
    assert sorted(each.name.count("-") for each in quiz.parent.iterdir()) == [0, 3, 4]
    shutil.rmtree(quiz.parent)
    quiz.mkdir(parents=True)
    (quiz / "exam-01.pdf").write_bytes(b"whose?")
    assert make() == 2 and (quiz / "exam-01.pdf").read_bytes() == b"whose?"
    (quiz / "notes.txt").write_text("mine")
    assert make("--replace") == 0 and len(list(quiz.parent.glob("*/exam-01.pdf"))) == 2


def test_what_replaces_an_exam_and_fails_puts_it_back(desk, quiz, monkeypatch, capsys):
    from worksheet.exams import write as sittings

    assert make() == 0
    first = files(quiz)

    def fail(*_):
        raise WorksheetError("no")

    monkeypatch.setattr(sittings, "_pressed", fail)
    assert make("--seed", "2", "--replace") == 2
    assert files(quiz) == first and [each.name for each in quiz.parent.iterdir()] == ["quiz"]


# ---- the seed
# ------------------------------------------------------------------------------------------------------


def test_an_exam_without_a_seed_draws_one_keeps_it_in_its_manifest_and_says_so(quiz, capsys):
    assert (
        make() == 0
        and "a seed was drawn at random; it stands in manifest.json alone"
        in capsys.readouterr().out
    )
    assert make("--out", "resit") == 0
    seeds = [manifest(folder)["seed"] for folder in (quiz, Path("resit/quiz"))]
    assert all(len(bytes.fromhex(seed)) == 16 for seed in seeds) and seeds[0] != seeds[1]
    one, other = numbers(quiz), numbers(Path("resit/quiz"))
    assert sum(one[name] == other[name] for name in one) < len(one)
    pages = b"".join(file.read_bytes() for file in quiz.iterdir() if file.name != "manifest.json")
    assert seeds[0].encode() not in pages


def test_a_run_that_was_interrupted_goes_on_with_its_seed(quiz, monkeypatch, capsys):
    from worksheet.exams import journal

    add = journal.Journal.add

    def stop(where, paper, hashes):
        add(where, paper, hashes)
        raise KeyboardInterrupt

    monkeypatch.setattr(journal.Journal, "add", stop)
    assert make() == 130
    [left] = quiz.glob("exam-*.pdf")
    bytes_left, said = (
        left.read_bytes(),
        json.loads((quiz / ".unfinished/journal").open().readline()),
    )
    monkeypatch.setattr(journal.Journal, "add", add)
    assert (
        make() == 0
        and "it goes on with the seed of the run that was interrupted" in capsys.readouterr().out
    )
    assert manifest(quiz)["seed"] == said["seed"] and left.read_bytes() == bytes_left


def test_the_seed_is_kept_before_anything_is_drawn(quiz, monkeypatch):
    from worksheet.exams import write as sittings

    monkeypatch.setattr(sittings, "picked", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert make() == 130
    seed = json.loads((quiz / ".unfinished/journal").open().readline())["seed"]
    monkeypatch.undo()
    monkeypatch.chdir(quiz.parents[1])
    assert make() == 0 and manifest(quiz)["seed"] == seed


def test_who_comes_late_and_stands_on_top_moves_nobody(desk, quiz):
    """A spec with few variants, so that many copies meet another: those who have their numbers keep
    them."""
    spec(desk, "line.yaml", LINE.replace("from: -30, to: 30", "from: -9, to: 9"))
    people = [f"Student {number},{4700 + number}" for number in range(10)]
    spec(desk, "class.csv", "\n".join(["name,id", *people, "Ada,"]) + "\n")
    assert make() == 0
    before, codes = (
        numbers(quiz),
        {each["student"]["name"]: each["code"] for each in manifest(quiz)["papers"]},
    )
    pages = {
        each["student"]["name"]: (quiz / f"exam-{each['copy']:02}.pdf").read_bytes()
        for each in manifest(quiz)["papers"]
    }
    spec(
        desk,
        "class.csv",
        "\n".join(["name,id", "Late,1", "Later,2", *reversed(people), "Ada,"]) + "\n",
    )
    assert make() == 2 and make("--replace") == 0
    after = numbers(quiz)
    assert {name: after[name] for name in before} == before and len(
        {str(each) for each in after.values()}
    ) == 13
    for each in manifest(quiz)["papers"]:
        if (name := each["student"]["name"]) in codes:
            assert (
                each["code"] == codes[name]
                and (quiz / f"exam-{each['copy']:02}.pdf").read_bytes() == pages[name]
            )
    assert main(["exam", "--rebuild", str(quiz / "manifest.json"), "--out", "again"]) == 0
    assert make() == 0  # and it is finished


def test_the_order_of_the_list_says_nothing_even_in_a_new_folder(desk, quiz):
    spec(desk, "line.yaml", LINE.replace("from: -30, to: 30", "from: -9, to: 9"))
    people = [f"Student {number},{number}" for number in range(12)]
    found = []
    for order in (people, people[::-1]):
        spec(desk, "class.csv", "\n".join(["name,id", *order]) + "\n")
        exam = exam_of(read_inputs(desk / "quiz.yaml", seed="00ff")[0], "quiz.yaml")
        found.append(
            {sitting.student.id: picks for sitting, picks in distinct(exam, sittings_of(exam), {})}
        )
    assert found[0] == found[1] and any(
        pick.attempt for picks in found[0].values() for pick in picks
    )


def test_another_exam_has_other_numbers_and_so_has_a_sheet_of_the_same_seed(desk, quiz):
    """Of one name, seed and spec; of a sheet; and of the copy before."""
    found = {}
    for name, seed in (("quiz", 5), ("resit", 5), ("quiz", 6), ("quiz", "5")):
        spec(desk, f"{name}.yaml", EXAM)
        exam = exam_of(read_inputs(desk / f"{name}.yaml", seed=seed)[0], name)
        found[name, seed] = [picked(exam, each, {})[0].givens for each in sittings_of(exam)]
    assert found["quiz", 5] == found["quiz", "5"]  # as it is written
    assert len({tuple(each) for each in found.values()}) == 3
    assert number_of("quiz", 5) != 5 and chosen(
        exam_of(read_inputs(desk / "quiz.yaml", seed=5)[0], ""), 1
    )


def test_a_code_says_nothing_and_is_told_from_the_codes_of_sheets():
    seed = drawn_seed()
    codes = {code_of_copy("quiz", seed, whose) for whose in range(300)}
    assert len(codes) == 300 and all(is_of_exam(code.lower().replace("-", " ")) for code in codes)
    assert not codes & {code_of_copy("quiz", drawn_seed(), whose) for whose in range(300)}
    code = min(codes)
    wrong = {
        code[:place] + sign + code[place + 1 :]
        for place, was in enumerate(code)
        if was != "-"
        for sign in "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
        if sign != was
    }
    assert not any(map(is_of_exam, wrong))
    from worksheet.codes import code_of, read_code

    assert not any(
        is_of_exam(str(code_of("quiz", "x", seed, copy, attempt)))
        for seed in (1, 7, 10**6)
        for copy in range(1, 60)
        for attempt in (0, 3, 99)
    )
    with pytest.raises(WorksheetError):
        read_code(code)


def test_an_exam_of_an_earlier_version_is_made_again_as_it_was(desk):
    """Its numbers and codes, from a manifest of that time (tests/faults/manifest-of-scheme-1.json)."""
    file = FAULTS / "manifest-of-scheme-1.json"
    inputs, known = read_manifest(file)
    exam = exam_of(inputs, "old")
    assert inputs.scheme == 1 and [sitting.whose for sitting in sittings_of(exam)] == [1, 2, 3, 4]
    for (sitting, picks), paper in zip(
        distinct(exam, sittings_of(exam), {}), known["papers"], strict=True
    ):
        assert [pick._asdict() for pick in picks] == paper["problems"]
        assert exam.code(sitting.number, sitting.whose) == paper["code"]
        assert {"name": sitting.student.name, "id": sitting.student.id} == paper["student"]


@pytest.mark.parametrize("name", ["Prüfung, WS 26 (1)", "a:b", "x.", "con", "🦊"])
def test_an_exam_whose_spec_is_called_as_only_a_file_may_be_is_made_again(desk, quiz, name):
    """Its own folder bears the name of the exam; the names of its specs, and of the class list, are
    no folders."""
    (
        (desk / "line.yaml").rename(desk / f"{name}.yaml"),
        (desk / "class.csv").rename(desk / f"{name}.csv"),
    )
    spec(
        desk,
        "quiz.yaml",
        f"title: Quiz\nproblems: [{{spec: '{name}.yaml'}}]\nroster: '{name}.csv'\nsolutions: none\n",
    )
    assert make() == 0
    assert main(
        ["exam", "--rebuild", str(quiz / "manifest.json"), "--out", "again"]
    ) == 0 and files(quiz) == files(Path("again/quiz"))
    assert (
        make() == 0
        and main(
            ["key", manifest(quiz)["papers"][0]["code"], "--exam", str(quiz / "manifest.json")]
        )
        == 0
    )


# ---- a manifest that was altered
# -----------------------------------------------------------------------------------


def fields(part, way=()):
    """Every value that stands in a tree, by its way."""
    for key, value in (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    ):
        yield from fields(value, (*way, key))
    if not isinstance(part, dict | list) or not part:
        yield way


def other(value):
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "1"
        case None:
            return "x"
    return {"x": 1} if isinstance(value, dict) else ["x"]


def test_every_altered_field_of_the_inputs_is_told_by_its_name(quiz, capsys):
    """The copies and their files take an exam each: tests/measures/test_kills.py."""
    assert make() == 0
    known, changed = manifest(quiz), quiz / "changed.json"
    for way in fields(
        {name: value for name, value in known.items() if name not in ("papers", "files")}
    ):
        found = json.loads(json.dumps(known))
        holder = found
        for step in way[:-1]:
            holder = holder[step]
        for value in (other(holder[way[-1]]), ...):
            if value is ...:
                del holder[way[-1]]
            else:
                holder[way[-1]] = value
            changed.write_text(json.dumps(found))
            capsys.readouterr()
            assert main(["exam", "--rebuild", str(changed)]) == 1, way
            said = capsys.readouterr().err
            assert "the manifest is not as it was written" in said and str(way[-1]) in said, (
                way,
                said,
            )
            if value is ... and len(way) == 1:
                break


def test_an_altered_copy_is_told_by_the_name_of_its_field(quiz, capsys):
    assert make() == 0
    known = manifest(quiz)
    known["papers"][1]["problems"][0]["attempt"] += 1
    known["papers"][2]["student"]["name"] = "Eve"
    known["files"]["answers.csv"] = "0"
    del known["papers"][0]["code"]
    (quiz / "changed.json").write_text(json.dumps(known))
    before = files(quiz)
    capsys.readouterr()
    assert main(["exam", "--rebuild", str(quiz / "changed.json")]) == 1
    said = capsys.readouterr().err
    for path in (
        "papers[1].problems[0].attempt",
        'papers[2].student.name\' is "Eve" in the manifest and "Ada" made again',
        "files.answers.csv",
        "'papers[0].code' is missing",
    ):
        assert path in said
    assert files(quiz) == before  # nothing of the exam that lies there was touched


def test_who_reseals_a_manifest_has_another_exam_and_what_comes_out_is_not_what_it_says(
    quiz, capsys
):
    assert make() == 0
    known = manifest(quiz)
    known["seed"] = drawn_seed()
    known["sealed"] |= seals({"seed": known["seed"]})
    (quiz / "changed.json").write_text(json.dumps(known))
    assert main(["exam", "--rebuild", str(quiz / "changed.json")]) == 1
    assert "papers[0].code" in capsys.readouterr().err
    assert inputs_hashes(read_manifest(quiz / "changed.json")[0])["exam"] == known["inputs"]["exam"]


# ---- locks, disks, names
# -------------------------------------------------------------------------------------------


def test_two_runs_into_one_folder_are_told_who_holds_it_and_who_was_killed_holds_nothing(
    quiz, capsys
):
    with alone(quiz):
        before = set(quiz.parent.iterdir())
        assert make() == 2
        said = capsys.readouterr().err
        assert (
            "another run is writing here: process " in said
            and " since " in said
            and set(quiz.parent.iterdir()) == before
        )
    assert not list(quiz.parent.glob(".*"))
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from pathlib import Path; from worksheet.output.locks import alone; import time\n"
            f"with alone(Path({str(quiz)!r})): print('held', flush=True); time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline().strip() == b"held"
    assert make() == 2 and f"process {holder.pid}" in capsys.readouterr().err
    holder.kill(), holder.wait()
    assert (
        (quiz.parent / ".quiz.lock").exists()
        and make() == 0
        and not (quiz.parent / ".quiz.lock").exists()
    )


def test_a_lock_is_waited_for_and_a_disk_without_locks_does_without(tmp_path, monkeypatch):
    start = time.monotonic()
    with (
        alone(tmp_path / "x"),
        pytest.raises(WorksheetError, match="another run"),
        alone(tmp_path / "x", patience=0.2),
    ):
        pass
    assert time.monotonic() - start >= 0.2

    def unsupported(file):
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(locks, "_take", unsupported)
    with alone(tmp_path / "x"):
        pass


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["pages", "journal", "joined", "manifest"])
def test_a_full_disk_is_told_and_the_next_run_comes_to_the_same_bytes(
    desk, quiz, where, monkeypatch, capsys
):
    from worksheet.exams import journal
    from worksheet.exams import write as sittings

    write = ledger.write_whole
    named = {"pages": "exam-02.pdf", "manifest": "manifest.json"}
    if where in named:
        monkeypatch.setattr(
            sittings,
            "write_whole",
            lambda file, parts, stage: (
                full() if file.name == named[where] else write(file, parts, stage)
            ),
        )
    else:
        monkeypatch.setattr(
            *{"journal": (journal.Journal, "add"), "joined": (sittings, "joined")}[where], full
        )
    assert make() == 2
    assert (
        "cannot write here: no space left on device\n  hint: make room" in capsys.readouterr().err
    )
    assert not (quiz / "manifest.json").exists() and not list(quiz.rglob("*.part"))
    seed = json.loads((quiz / ".unfinished/journal").open().readline())["seed"]
    monkeypatch.undo()
    monkeypatch.chdir(desk)
    assert make() == 0 and manifest(quiz)["seed"] == seed
    assert main(["exam", "--rebuild", str(quiz / "manifest.json"), "--out", "again"]) == 0


def test_a_file_that_may_not_grow_leaves_nothing_half_written(desk, quiz):
    """The system's own bound, of notes, sheets, variants and an exam."""
    resource = pytest.importorskip("resource")
    commands = (
        ["exam", "quiz.yaml", "--workers", "1"],
        ["notes", "line.yaml", "--to", "html"],
        ["sheet", "line.yaml", "--to", "html"],
        ["vary", "line.yaml", "--copies", "3", "--to", "md"],
    )
    for command in commands:
        ran = subprocess.run(
            [sys.executable, "-m", "worksheet", *command],
            cwd=desk,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        )
        assert (
            ran.returncode == 2
            and "Traceback" not in ran.stderr
            and (
                "too large" in ran.stderr or "cannot write" in ran.stderr or "refuses" in ran.stderr
            )
        ), ran.stderr
    left = (
        [
            file
            for file in (desk / "build").rglob("*")
            if file.is_file() and ".unfinished" not in str(file)
        ]
        if (desk / "build").exists()
        else []
    )
    assert left == []


@pytest.mark.parametrize(
    "command",
    [["notes"], ["sheet"], ["sheet", "--copies", "2"], ["vary", "--copies", "2"], ["slides"]],
)
@pytest.mark.parametrize("name", ["CON", "nul", "ends."])
def test_a_name_that_windows_forbids_is_told(desk, command, name, capsys):
    spec(desk, f"{name}.yaml", LINE)
    assert main([command[0], f"{name}.yaml", *command[1:]]) == 2
    assert (
        f"'{name}' cannot be the name of a folder" in capsys.readouterr().err
        and not (desk / "build").exists()
    )


def test_an_exam_of_such_a_name_and_the_file_exam_nul(desk, quiz, capsys):
    spec(desk, "aux.yaml", EXAM)
    assert (
        main(["exam", "aux.yaml"]) == 2
        and "Windows keeps it for a device" in capsys.readouterr().err
    )
    shutil.copy(FAULTS / "exam-nul.yaml", desk)
    assert main(["exam", "exam-nul.yaml"]) == 2
    said = capsys.readouterr().err
    assert "exam-nul.yaml:2: problems[0].spec" in said and "hint:" in said
    assert (
        main(["exam", "quiz.yaml", "--roster", "no\0.csv"]) == 2
        and "cannot be read" in capsys.readouterr().err
    )
    assert not (desk / "build").exists()


# ---- class lists
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file, students",
    [
        ("roster-canvas.csv", [Student("Núñez, Zoë", "0012345")]),
        ("roster-moodle.csv", [Student("Zoë Núñez", "0012345"), Student("Jörg Groß", "0099")]),
        ("roster-gradescope.csv", [Student("Zo Nunez", "0012345")]),
        ("roster-autolab.csv", [Student("Zo Nunez", "z@x")]),
        ("roster-cjk.csv", [Student("李雷", "1")]),
    ],
)
def test_class_lists_are_read_as_they_come(file, students):
    with pytest.warns(UserWarning) if "canvas" in file else _quiet():
        assert list(students_of(read_roster(FAULTS / file, Faults(file)), Faults(file))) == students


def _quiet():
    import warnings

    return warnings.catch_warnings()


def test_a_guessed_encoding_is_said_with_the_names_it_touched(desk, quiz, capsys):
    shutil.copy(FAULTS / "roster-cp1250.csv", desk / "class.csv")
    assert make() == 0
    said = capsys.readouterr().err
    assert (
        "it was read as Windows-1250, Central European, which is a guess" in said
        and "Łukasz Ćwik (line 2)" in said
        and said.count("guess. It") == 1
    )
    assert list(numbers(quiz)) == ["Łukasz Ćwik"]
    spec(desk, "quiz.yaml", EXAM + "encoding: cp1252\n")
    assert (
        make("--replace") == 0
        and list(numbers(quiz)) == ["£ukasz Æwik"]
        and "guess" not in capsys.readouterr().err
    )
    spec(desk, "quiz.yaml", EXAM + "encoding: klingon\n")
    assert make("--replace") == 2 and "there is no encoding 'klingon'" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["file", "option"])
def test_columns_say_which_to_take_and_are_kept(desk, quiz, how, capsys):
    (desk / "class.csv").write_text("Wer;Nr;Gruppe\nZoë;17;A\nJo;18;B\n", encoding="utf-8")
    assert make() == 2
    assert (
        "class.csv:1: there is no column 'name'; the columns are: 'Wer', 'Nr', 'Gruppe'\n  hint: say in the exam file"
        in capsys.readouterr().err
    )
    if how == "file":
        spec(desk, "quiz.yaml", EXAM + "columns: {name: wer, id: Nr}\n")
    assert make(*(["--columns", "name=Wer,id=Nr"] if how == "option" else [])) == 0
    assert [each["student"] for each in manifest(quiz)["papers"]] == [
        {"name": "Zoë", "id": "17"},
        {"name": "Jo", "id": "18"},
    ]
    assert main(["exam", "--rebuild", str(quiz / "manifest.json"), "--out", "again"]) == 0
    capsys.readouterr()
    spec(desk, "quiz.yaml", EXAM + "columns: {name: Were}\n")
    assert (
        make("--replace") == 2
        and "there is no column 'Were'; the columns are: 'Wer'" in (said := capsys.readouterr().err)
        and "did you mean 'Wer'" in said
    )
    spec(desk, "quiz.yaml", EXAM + "columns: {first: Wer}\n")
    assert (
        make("--replace") == 2
        and "quiz.yaml:5: columns: columns are name and id, or first, last and id"
        in capsys.readouterr().err
    )


# ---- names that print
# ----------------------------------------------------------------------------------------------


def test_typst_has_every_sign_that_is_taken_for_usual():
    import unicodedata

    signs = [
        chr(code)
        for low, high in fonts.USUAL
        for code in range(low, high + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cc", "Cf")
    ]
    assert fonts._unset("".join(signs)) == () and fonts.is_usual("".join(signs))
    assert fonts._unset("李😀ส") == ("李", "😀", "ส")


NAMES = {
    "李雷": "han",
    "山田さくら": "kana",
    "김민수": "hangul",
    "Ada 😀👩🏽\u200d🎓": "emoji",
    "प्रिया शर्मा": "devanagari",
    "สมชาย": "thai",
}


@needs_pdftotext
@pytest.mark.skipif(
    bool(fonts.faces_for("".join(NAMES)).missing) and not os.environ.get("CI"),
    reason="apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji",
)
def test_every_name_prints_as_itself(desk, quiz):
    spec(
        desk,
        "class.csv",
        "name,id\n"
        + "".join(
            f"{name},{number}\n"
            for number, name in enumerate([*NAMES, "محمد علي", "דוד כהן", "Γιώργος", "Иван"])
        ),
    )
    assert make() == 0
    for copy, name in enumerate(NAMES, start=1):
        text = text_of(quiz / f"exam-{copy:02}.pdf")
        assert all(sign in text for sign in name if sign.isalpha()), name
    known = manifest(quiz)
    assert {"Noto Color Emoji"} <= known["fonts"].keys() and main(
        ["exam", "--rebuild", str(quiz / "manifest.json"), "--out", "again"]
    ) == 0


def test_what_cannot_be_printed_is_told_with_its_line_before_any_work(
    desk, quiz, monkeypatch, capsys
):
    monkeypatch.setattr(fonts, "_installed", lambda own: {})
    fonts.faces_for.cache_clear()
    spec(desk, "class.csv", "name,id\nZoë,1\n李雷,2\nAda 😀,3\nИван,4\n")
    assert make() == 2
    said = capsys.readouterr().err
    assert (
        "class.csv:3: name: no font on this machine has 李 (Chinese characters)" in said
        and "apt-get install fonts-noto-cjk on Debian" in said
    )
    assert (
        "class.csv:4: name: no font on this machine has 😀 (emoji)" in said
        and "fonts-noto-color-emoji" in said
    )
    assert "Иван" not in said and not (desk / "build").exists()
    shutil.copy(FAULTS / "title-cjk.yaml", desk)
    assert main(["notes", "title-cjk.yaml", "--to", "pdf"]) == 2
    assert (
        "title-cjk.yaml:1: title: no font on this machine has" in capsys.readouterr().err
        and not (desk / "build").exists()
    )
    assert (
        main(["notes", "title-cjk.yaml", "--to", "html", "--no-figures"]) == 0
    )  # a browser has its own fonts
    spec(desk, "class.csv", CLASS), spec(desk, "quiz.yaml", EXAM + "course: 微积分\n")
    assert (
        make() == 2
        and "quiz.yaml:5: course: no font on this machine has" in capsys.readouterr().err
    )
    fonts.faces_for.cache_clear()


# ---- instructions
# --------------------------------------------------------------------------------------------------


def test_a_sheet_and_an_exam_have_instructions_and_not_the_description(desk, quiz, capsys):
    spec(
        desk,
        "line.yaml",
        LINE
        + "description: The loss falls to 0.645.\ninstructions: 'Show every step; $2 + 2 = 4$.'\n",
    )
    assert (
        main(["sheet", "line.yaml", "--to", "md"]) == 0
        and main(["notes", "line.yaml", "--no-figures"]) == 0
    )
    sheet, key, notes = (
        (desk / f"build/line/{stem}.md").read_text(encoding="utf-8")
        for stem in ("sheet", "key", "notes")
    )
    assert all("Show every step" in page and "The loss falls" not in page for page in (sheet, key))
    assert "The loss falls" in notes and "Show every step" not in notes
    spec(desk, "line.yaml", LINE + "instructions: 'Mind that $2 + 2 = 5$.'\n")
    assert main(["sheet", "line.yaml", "--to", "md"]) == 1


@pytest.mark.parametrize(
    "words, is_told",
    [
        ("It comes to 1.4 in the end.", True),
        ("It comes to $1.4$.", True),
        ("You have 20 minutes, until 9.30.", False),
        ("The learning rate is 0.1.", False),
    ],
)
def test_instructions_that_give_an_answer_away_are_told(desk, quiz, words, is_told, capsys):
    """With w = 0.5 the new weight is 0.5 - 0.1 (1.0 - 3) 2 = 0.9; with w = 1 it is 1.2; the target
    leads 0.5 to 1.4 nowhere but in words."""
    spec(
        desk, "line.yaml", LINE.replace("y: 3", "y: 5.5") + f"instructions: '{words}'\n"
    )  # 0.5 - 0.1 * (1 - 5.5) * 2 = 1.4
    assert main(["sheet", "line.yaml", "--to", "md"]) == (1 if is_told else 0)
    assert not is_told or "the answer 1.4" in capsys.readouterr().err

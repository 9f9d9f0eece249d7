"""Exams that are killed, and manifests that are altered: how many, and what became of them.
Figures: docs/measures/exams.md."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from hashlib import file_digest
from pathlib import Path

import pytest
from measured import IS_FULL, size, written
from test_faults_exams import LINE, fields, other

from worksheet.cli import main
from worksheet.exams.manifest import altered

SMALL = "title: Quiz\nproblems: [{spec: line.yaml}, {pool: [linear-chain, shared-weight], points: 6}]\nroster: class.csv\n"
LARGE = "title: Large\nproblems: [{spec: one-hidden-neuron}]\nroster: class.csv\nseed: 11\nsolutions: none\n"
STUDENTS, KILLS = size(6, int(os.environ.get("KILLED_STUDENTS", "2000"))), size(2, 10)
FIGURES: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def told():
    """The figures of what has been measured are written."""
    yield
    if FIGURES:
        written(
            "exams",
            "# Exams: kills, tamperings, size\n\n`make measures` writes this page.\n\n| what | seen |\n|:--|:--|\n"
            + "".join(f"| {what} | {seen} |\n" for what, seen in FIGURES.items()),
        )


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.yaml").write_text(LINE, encoding="utf-8")
    return tmp_path


def hashes(folder: Path) -> dict[str, str]:
    """What lies in a folder and is finished."""
    return {
        file.name: file_digest(file.open("rb"), "sha256").hexdigest()
        for file in folder.glob("*")
        if file.is_file()
    }


def killed(desk: Path, times: int, patience: float, *arguments: str) -> tuple[int, int]:
    """Run an exam and kill it so many times at random moments, then let it come to its end; how
    often it was killed, and its copies then."""
    seed, kills, copies = random.Random(1), 0, 0
    for _ in range(times):
        ran = subprocess.Popen(
            [sys.executable, "-m", "worksheet", "exam", *arguments],
            cwd=desk,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seed.uniform(0.4, patience))
        if ran.poll() is None:
            ran.send_signal(signal.SIGKILL)
            kills += 1
        ran.wait(timeout=600)
        copies = len(list((desk / "build").glob("*/exam-*.pdf")))
    assert main(["exam", *arguments]) == 0
    return kills, copies


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_an_exam_of_a_large_class_is_killed_and_comes_to_the_same_bytes(desk):
    (desk / "large.yaml").write_text(LARGE, encoding="utf-8")
    (desk / "class.csv").write_text(
        "name,id\n" + "".join(f"Student {number},{number}\n" for number in range(STUDENTS)),
        encoding="utf-8",
    )
    start = time.monotonic()
    assert main(["exam", "large.yaml", "--out", "whole"]) == 0
    seconds = time.monotonic() - start
    kills, copies = killed(desk, KILLS, seconds / KILLS * 1.2, "large.yaml")
    assert hashes(desk / "build/large") == hashes(desk / "whole/large")
    memory = (
        max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        // 1024
    )
    FIGURES[f"an exam of {STUDENTS:,} students, killed and gone on with"] = (
        f"{kills} kills (SIGKILL at random moments; {copies:,} copies in place after the last); the same bytes, file by file; "
        f"made at one go in {seconds:,.0f} s with {os.cpu_count()} cores; no process above {memory} MB"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_small_exam_that_is_killed_keeps_the_seed_that_it_drew(desk):
    (desk / "quiz.yaml").write_text(SMALL, encoding="utf-8")
    (desk / "class.csv").write_text(
        "name,id\n" + "".join(f"Student {number},{number}\n" for number in range(8)),
        encoding="utf-8",
    )
    same, count = 0, size(1, 40)
    for number in range(count):
        out = f"build{number}"
        ran = subprocess.Popen(
            [sys.executable, "-m", "worksheet", "exam", "quiz.yaml", "--out", out],
            cwd=desk,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        journal = desk / out / "quiz/.unfinished/journal"
        while not journal.exists() and ran.poll() is None:
            time.sleep(0.01)
        time.sleep(random.Random(number).uniform(0, 3))
        ran.send_signal(signal.SIGKILL)
        ran.wait(timeout=120)
        left = {
            name: known
            for name, known in hashes(desk / out / "quiz").items()
            if name.endswith(".pdf")
        }
        assert main(["exam", "quiz.yaml", "--out", out]) == 0
        now = hashes(desk / out / "quiz")
        assert {name: now[name] for name in left} == left
        assert (
            main(["exam", "--rebuild", f"{out}/quiz/manifest.json", "--out", f"again{number}"]) == 0
        )
        assert hashes(desk / f"again{number}/quiz") == now
        same += 1
    FIGURES["small exams without `seed:`, killed once at a random moment"] = (
        f"{same} of {count} came to their end with what they had; every one is the same bytes when its manifest makes it again"
    )


def test_every_field_of_a_manifest_that_is_altered_is_told_by_its_name(desk, capsys):
    (desk / "quiz.yaml").write_text(SMALL, encoding="utf-8")
    (desk / "class.csv").write_text("name,id\nZoë,1\nJo,2\n", encoding="utf-8")
    assert main(["exam", "quiz.yaml", "--workers", "1"]) == 0
    file = desk / "build/quiz/manifest.json"
    known = json.loads(file.read_text(encoding="utf-8"))
    every = list(fields(known))
    whole = (
        every
        if IS_FULL
        else random.Random(2).sample([way for way in every if way[0] in ("papers", "files")], 2)
    )
    told = by_name = 0
    for way in every:
        found = json.loads(json.dumps(known))
        holder = found
        for step in way[:-1]:
            holder = holder[step]
        holder[way[-1]] = other(holder[way[-1]])
        if way[0] in (
            "papers",
            "files",
        ):  # what follows from the inputs is compared with what they come to again
            assert len(altered(found, known)) == 1, way
        if way not in whole and way[0] in ("papers", "files"):
            told, by_name = told + 1, by_name + 1
            continue
        changed = file.with_name("changed.json")
        changed.write_text(json.dumps(found), encoding="utf-8")
        capsys.readouterr()
        assert main(["exam", "--rebuild", str(changed), "--workers", "1"]) == 1, way
        said = capsys.readouterr().err
        told, by_name = told + 1, by_name + (str(way[-1]) in said)
    assert told == by_name == len(every)
    FIGURES["fields of a manifest of two copies, altered one at a time"] = (
        f"{len(every)}; `--rebuild` ended with 1 for {told}, and said the name of the field for {by_name}; no traceback"
    )

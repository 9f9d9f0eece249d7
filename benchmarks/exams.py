"""Exams and variants at scale: pairs a second over all cores, processor time, memory; and pdflatex
once for each document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from statistics import median
from time import perf_counter
from typing import NamedTuple

from worksheet.exams.copy import paper, picked, sittings_of
from worksheet.exams.load import exam_of, read_inputs
from worksheet.publish import Page, publish

EXAM = "title: Quiz\nversions: {}\nproblems:\n  - {{spec: one-hidden-neuron, points: 12}}\n"
COPIES, MEMORY, VARIANTS, TIMED = 100, (100, 2000), 1000, 5
MEASURED = """
import json, resource, sys
from worksheet.cli import main
status = main(sys.argv[1:])
own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([status, own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime, own.ru_maxrss, others.ru_maxrss]))
"""


class Run(NamedTuple):
    """Seconds on the clock and of all processors, and the peak memory in MB of the program and of
    the largest process it started."""

    seconds: float
    processor: float
    own: float
    largest: float


def measured(*arguments: str) -> Run:
    """A command of the program in a new process, from its start to its end."""
    start = perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], check=True, capture_output=True, text=True
    )
    seconds = perf_counter() - start
    status, processor, own, largest = json.loads(ran.stdout.splitlines()[-1])
    assert status == 0, ran.stderr
    return Run(seconds, processor, own / 1024, largest / 1024)  # the system tells KB


def exam(copies: int) -> Run:
    """An exam of note 001 with so many copies, over all cores: sheets and keys one by one and
    joined, marking pages, tables, manifest."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "quiz.yaml")
        file.write_text(EXAM.format(copies), encoding="utf-8")
        return measured("exam", str(file), "--out", place)


def throughput(copies: int = COPIES) -> Iterator[tuple[object, ...]]:
    """Copies, pairs a second, ms of processor time a pair; the same of pdflatex; ours as a multiple
    of it."""
    ours, tex = exam(copies), once_for_each()
    rate = copies / ours.seconds
    yield (
        copies,
        os.cpu_count(),
        f"{rate:.1f}",
        f"{ours.processor * 1000 / copies:.0f}",
        *((f"{tex * 1000:.0f}", f"{tex * rate:.0f}") if tex else ("no pdflatex here", "")),
    )


def once_for_each() -> float | None:
    """Seconds a pair when pdflatex is run once for each document, on the .tex of copy and key as we
    write them; None without it."""
    if not which("pdflatex"):
        return None
    times = []
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "quiz.yaml")
        file.write_text(EXAM.format(TIMED), encoding="utf-8")
        quiz = exam_of(read_inputs(file)[0], str(file))
        for sitting in sittings_of(quiz):
            made = paper(quiz, sitting, picked(quiz, sitting, {}))
            pages = [
                Page(stem, text, Path(place), stem)
                for stem, text in made.pages.items()
                if stem.startswith(("exam", "key"))
            ]
            for page, tex in zip(pages, publish(pages, "tex"), strict=True):
                Path(place, f"{page.stem}.tex").write_bytes(tex)
            start = perf_counter()
            for page in pages:
                subprocess.run(
                    ["pdflatex", "-interaction=batchmode", "-halt-on-error", f"{page.stem}.tex"],
                    cwd=place,
                    check=True,
                    capture_output=True,
                )
            times.append(perf_counter() - start)
    return median(times)


def variants(copies: int = VARIANTS) -> Iterator[tuple[object, ...]]:
    """Variants of note 001, solved, proved and written as Markdown, over all cores."""
    with tempfile.TemporaryDirectory() as place:
        run = measured(
            "vary", "one-hidden-neuron", "--copies", str(copies), "--to", "md", "--out", place
        )
    yield copies, f"{run.seconds:.1f}", f"{run.processor * 1000 / copies:.1f}"


def memory(counts: tuple[int, ...] = MEMORY) -> Iterator[tuple[object, ...]]:
    """Copies of an exam, and the peak memory of the program and of the largest process that it
    started."""
    for copies in counts:
        run = exam(copies)
        yield copies, f"{run.own:.0f}", f"{run.largest:.0f}", f"{copies / run.seconds:.1f}"

"""The whole course of note 002, from its specs to Markdown, PDF and HTML: by the program, and by
stage, cold and warm.

`python benchmarks/course.py` works it twice in its own process and prints the milliseconds of each
stage as JSON: the first turn is cold, with everything that is imported and compiled on the way, the
second is warm.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from timing import Laps, medians, spent

from worksheet.family import problem_file
from worksheet.lectures.load import load_lecture
from worksheet.lectures.page import compose
from worksheet.notes import drawn_figures, proofs_of, solved
from worksheet.pages.render import page_of
from worksheet.publish import Page, publish

COURSE, NOTE = "backpropagation-course", "one-hidden-neuron"
FORMATS = ("md", "md,pdf", "md,html", "md,pdf,html")
START = "start and modules"


def programs(runs: int) -> Iterator[tuple[object, ...]]:
    """For each choice of formats: ms of `worksheet notes`, from start to end, for the course and
    for note 001; the one as a multiple of the other."""

    def program(name: str, to: str) -> Callable[[], object]:
        def run() -> None:
            with tempfile.TemporaryDirectory() as out:
                subprocess.run(
                    [sys.executable, "-m", "worksheet", "notes", name, "--to", to, "--out", out],
                    check=True,
                    capture_output=True,
                )

        return run

    times = medians(
        {f"{name} {to}": program(name, to) for to in FORMATS for name in (COURSE, NOTE)}, runs
    )
    for to in FORMATS:
        course, note = (times[f"{name} {to}"] for name in (COURSE, NOTE))
        yield to, f"{course:.0f}", f"{note:.0f}", f"{course / note:.1f}"


def stages(runs: int) -> Iterator[tuple[object, ...]]:
    """For each stage: ms cold and its share, ms warm and its share."""
    turns = [twice() for _ in range(runs)]
    cold, warm = (
        {name: median([turn[which][name] for turn in turns]) for name in turns[0][which]}
        for which in (0, 1)
    )
    for name in (*cold, "together"):
        found = [
            (sum(times.values()) if name == "together" else times.get(name), sum(times.values()))
            for times in (cold, warm)
        ]
        yield (
            name,
            *[
                cell
                for ms, whole in found
                for cell in ((f"{ms:.0f}", f"{ms / whole:.0%}") if ms is not None else ("", ""))
            ],
        )


def twice() -> tuple[dict[str, float], dict[str, float]]:
    """The milliseconds of each stage in a new process, the first time and the second; beside the
    first what is no stage."""
    begun = spent()
    ran = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    taken = (spent() - begun) * 1000
    cold, warm = json.loads(ran.stdout)
    return {START: taken - sum(cold.values()) - sum(warm.values())} | cold, warm


def worked() -> Laps:
    """The milliseconds of each stage in this process."""
    with tempfile.TemporaryDirectory() as place:
        folder, lap = Path(place), Laps()
        (folder / "figures").mkdir()
        lecture = load_lecture(problem_file(COURSE))
        lap("read the specs")
        traces, asked = solved(lecture, lecture.problems)
        lap("solve")
        figures = drawn_figures(lecture, traces, asked, folder / "figures")
        lap("draw the figures")
        text = compose(
            lecture, {name: page_of(trace, figures[name]) for name, trace in traces.items()}
        )
        lap("render")
        proofs_of(lecture, traces, text)[1].insist()
        lap("prove")
        for to in ("pdf", "html"):
            publish([Page(COURSE, text, folder)], to)
            lap(to.upper())
        return lap


if __name__ == "__main__":
    print(json.dumps([worked(), worked()]))

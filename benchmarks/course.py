"""The whole course of note 002, from the specs to Markdown, PDF and HTML: cold and warm, and the time by stage.

    python benchmarks/course.py [--runs 5]

Cold is `worksheet notes` in a process of its own, start and imports included; warm is the same work again within one process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from itertools import repeat
from pathlib import Path
from statistics import median
from time import perf_counter

from timing import stage_medians

from worksheet.families import solve
from worksheet.lectures import load_lecture
from worksheet.notes import drawn_figures, prove_lecture
from worksheet.places import problem_file
from worksheet.publish import Page, publish

NAME = "backpropagation-course"
FORMATS = (("md",), ("md", "pdf"), ("md", "html"), ("md", "pdf", "html"))


def cold(to: tuple[str, ...], runs: int) -> float:
    """The median milliseconds of the program, everything from its start."""
    taken = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as out:
            begun = perf_counter()
            subprocess.run([sys.executable, "-m", "worksheet", "notes", NAME, "--to", ",".join(to), "--out", out], check=True, capture_output=True)
            taken.append((perf_counter() - begun) * 1000)
    return median(taken)


def warm(folder: Path, runs: int) -> dict[str, float]:
    """The median milliseconds of each stage, once everything has been imported."""
    def read(path: Path):
        return load_lecture(path)

    def solved(lecture):
        return lecture, {name: solve(problem) for name, problem in lecture.problems.items()}

    def drawn(made):
        lecture, traces = made
        return lecture, traces, drawn_figures(lecture, traces, folder / "figures")

    def proved(made):
        lecture, traces, figures = made
        return prove_lecture(lecture, traces, figures=figures)[0]

    def paged(text: str) -> list[Page]:
        return [Page(NAME, text, folder)]

    def pdf(pages: list[Page]) -> list[Page]:
        publish(pages, "pdf")
        return pages

    def html(pages: list[Page]) -> None:
        publish(pages, "html")

    (folder / "figures").mkdir()
    stages = {"read the specs": read, "solve": solved, "draw the figures": drawn, "compose and prove the page": proved, "": paged,
              "PDF": pdf, "HTML": html}
    return {name: taken for name, taken in stage_medians(repeat(problem_file(NAME)), stages, runs).items() if name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often each is done (default: 5)")
    runs = parser.parse_args().runs
    print("| cold, in a process of its own | ms |\n|:--|--:|")
    for to in FORMATS:
        print(f"| {', '.join(to)} | {cold(to, runs):.0f} |", flush=True)
    with tempfile.TemporaryDirectory() as place:
        stages = warm(Path(place), runs)
    print("\n| warm, by stage | ms |\n|:--|--:|")
    for name, taken in [*stages.items(), ("together", sum(stages.values()))]:
        print(f"| {name} | {taken:.0f} |")


if __name__ == "__main__":
    main()

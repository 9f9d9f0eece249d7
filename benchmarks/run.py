"""What worksheet costs on this machine: `make bench`, or `python benchmarks/run.py [--quick]`.

Prints Markdown tables (`make bench` keeps them in results.md); README.md says what is measured and
why. No two notes that are timed have the same numbers, so that nothing is read back from a cache.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable

import course
import exams
import networks
import sheets
import yardstick
from timing import medians, stage_medians

from worksheet import check, loads, make_note, render, solve

STAGES: dict[str, Callable] = {
    "read the spec": loads,
    "solve": solve,
    "render": lambda trace: (trace, render(trace)),
    "prove": lambda pair: check(*pair).insist(),
}
EPOCHS = (1, 2, 5, 10, 20, 50)
UNITS = (2, 3, 4, 6, 8, 10)


def document(spec: str) -> str:
    """From the text of a spec to its Markdown, proofs included, figures not."""
    return make_note(loads(spec)).text


def table(title: str, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """One Markdown table, numbers as they stand in the rows."""
    head = list(head)
    print(f"\n## {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)


def start_of_program(runs: int) -> None:
    """`worksheet --help` against a Python that does nothing."""

    def program(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run(
            [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
        )

    times = medians(
        {
            "python -c pass": program("-c", "pass"),
            "worksheet --help": program("-c", "from worksheet.cli import main; main()", "--help"),
        },
        runs,
    )
    bare = times["python -c pass"]
    table(
        "Start of the program",
        ("command", "ms", "times a bare Python"),
        [(f"`{name}`", f"{ms:.0f}", f"{ms / bare:.1f}") for name, ms in times.items()],
    )


def one_document(runs: int) -> None:
    """Note 001 by stage, and handcalcs on its twenty lines in the same turns."""
    stages = stage_medians(networks.notes(), STAGES, runs)
    specs = networks.notes()
    times = medians(
        {"worksheet": lambda: document(next(specs)), "handcalcs": yardstick.render}, runs
    )
    lines = networks.printed_lines(document(networks.NOTE_001))
    table(
        "Note 001, spec to Markdown, proofs included, after the start",
        ("stage", "ms"),
        [(name, f"{ms:.2f}") for name, ms in stages.items()],
    )
    yard = times["handcalcs"] / yardstick.LINES
    table(
        "Against handcalcs",
        ("", "ms", "lines", "ms a line", "of handcalcs", "of handcalcs, a line"),
        [
            (
                name,
                f"{times[name]:.2f}",
                count,
                f"{times[name] / count:.3f}",
                f"{times[name] / times['handcalcs']:.2f}",
                f"{times[name] / count / yard:.3f}",
            )
            for name, count in (("worksheet", lines), ("handcalcs", yardstick.LINES))
        ],
    )


def growth(
    title: str, size: str, sizes: Iterable[int], spec: Callable[[int], str], runs: int
) -> None:
    """Milliseconds and printed lines as a document grows; ms a line should stay flat."""

    def row(count: int) -> tuple[object, ...]:
        text = spec(count)
        ms = medians({size: lambda: document(text)}, runs)[size]
        lines = networks.printed_lines(document(text))
        return count, f"{ms:.1f}", lines, f"{ms / lines:.3f}"

    table(title, (size, "ms", "lines", "ms a line"), map(row, sizes))


def on_paper(is_quick: bool) -> None:
    """Sheet and key of note 001 as PDF, many in one go."""
    table(
        "Sheet and key as PDF, from the spec, proofs included",
        (
            "pairs in one go",
            "ms a pair",
            "ms of Typst alone",
            "ours, of Typst's",
            "pdflatex once a document, of ours",
        ),
        sheets.rows((1, 2) if is_quick else sheets.PAIRS),
    )


def at_scale(is_quick: bool) -> None:
    """Exams of note 001, and variants of it, over all cores."""
    table(
        "An exam of note 001: copy and key as PDF, joined too, marking pages, tables",
        (
            "copies",
            "cores",
            "pairs a second",
            "ms of processor time a pair",
            "ms a pair of pdflatex, once a document",
            "that, of ours",
        ),
        exams.throughput(4 if is_quick else exams.COPIES),
    )
    table(
        "Variants of note 001 as Markdown, solved and proved",
        ("variants", "seconds", "ms of processor time each"),
        exams.variants(20 if is_quick else exams.VARIANTS),
    )
    table(
        "Peak memory of an exam",
        ("copies", "MB of the program", "MB of the largest process beside it", "pairs a second"),
        exams.memory((4, 20) if is_quick else exams.MEMORY),
    )


def whole_course(runs: int) -> None:
    """The course of note 002 from its specs to Markdown, PDF and HTML."""
    table(
        "The whole course, `worksheet notes backpropagation-course`, each time a new process",
        ("to", "ms", "ms of note 001", "that, times"),
        course.programs(runs),
    )
    table(
        "The whole course by stage, in a new process and once more in the same",
        ("stage", "cold, ms", "share", "warm, ms", "share"),
        course.stages(runs),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few runs, to see that it works")
    is_quick = parser.parse_args().quick
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed has been compiled
    runs = 2 if is_quick else 15
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; medians of {runs} runs "
        f"(of {20 * runs} for a single note), in ms of processor time where nothing else is said."
    )
    start_of_program(runs)
    one_document(20 * runs)
    growth(
        "More epochs: note 001, every update in full",
        "epochs",
        EPOCHS,
        networks.epochs,
        max(2, runs // 3),
    )
    growth(
        "More units: n inputs, n hidden units, one output, with biases",
        "units",
        UNITS,
        networks.units,
        max(2, runs // 3),
    )
    whole_course(max(1, runs // 5))
    on_paper(is_quick)
    at_scale(is_quick)


if __name__ == "__main__":
    main()

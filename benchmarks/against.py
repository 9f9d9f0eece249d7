"""What a note costs here against another version of the program, and a sheet with its key: `python
benchmarks/against.py FOLDER [ROUNDS]`.

FOLDER is a checkout of the other version, with an environment of its own in `.venv`. Both work in
turns, within the same tenths of a second, so that what else the machine does falls on both alike. A
note is note 001 from its problem to proved Markdown, without figures, in a process that has made
some already: the same each time (what is kept from one page to the next is used), and with other
numbers each time. A sheet with its key is that of the same problem from its spec to two PDFs,
proofs and pandoc included; the key is the compact one where the version has it, and else the only
one that there is. Prints the median of the ratios, here to there, and the least milliseconds of
each.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
SPEC = HERE.parent / "problems" / "one-hidden-neuron.yaml"
ROUNDS = 40
SAME, OTHER, SHEET = "the same note", "a note with other numbers", "a sheet and its compact key"
EACH, WARM = {SAME: 8, OTHER: 8, SHEET: 1}, {SAME: 20, OTHER: 20, SHEET: 2}


def served() -> None:
    """Make some of a kind whenever a line asks for it; says the least processor time of one, in ms."""
    from networks import NOTE_001, notes

    from worksheet import loads, make_note

    same, others = loads(NOTE_001), map(loads, notes())
    given = {SAME: lambda: same, OTHER: lambda: next(others), SHEET: lambda: SPEC}
    make = {SAME: make_note, OTHER: make_note, SHEET: sheet_and_key}
    for kind, times in WARM.items():
        for _ in range(times):
            make[kind](given[kind]())
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        kind = json.loads(line)
        print(
            json.dumps(
                min(
                    milliseconds(make[kind], one)
                    for one in [given[kind]() for _ in range(EACH[kind])]
                )
            ),
            flush=True,
        )


def milliseconds(make: Callable[[object], object], one: object) -> float:
    """The processor time, that of the processes it starts and waits for too."""

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    start = spent()
    make(one)
    return (spent() - start) * 1000


def sheet_and_key(spec: Path) -> None:
    try:
        from worksheet.output.jobs import Written, write_all
    except ImportError:  # the other version may have it elsewhere
        from worksheet.jobs import Written, write_all
    from worksheet.worksheets import worksheet_job

    job = worksheet_job(
        spec, **({"key": "compact"} if "key" in signature(worksheet_job).parameters else {})
    )
    with tempfile.TemporaryDirectory() as out:
        [made] = write_all([job], Path(out), ("pdf",))
    assert isinstance(made, Written), made


def main(other: Path, rounds: int) -> None:
    versions = {}
    for name, folder in (("here", HERE.parent), ("there", other.resolve())):
        python = folder / ".venv" / "bin" / "python"
        code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(HERE)!r}]; import against; against.served()"
        versions[name] = subprocess.Popen(
            [python, "-c", code],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    for version in versions.values():
        assert json.loads(version.stdout.readline()) == "ready"

    def asked(name: str, kind: str) -> float:
        print(json.dumps(kind), file=versions[name].stdin, flush=True)
        return json.loads(versions[name].stdout.readline())

    print("| | here, ms | there, ms | here, of there |\n|---|---|---|---|")
    for kind in EACH:
        pairs = [
            {name: asked(name, kind) for name in sorted(versions, reverse=turn % 2 == 0)}
            for turn in range(rounds)
        ]
        least = {name: min(pair[name] for pair in pairs) for name in versions}
        print(
            f"| {kind} | {least['here']:.2f} | {least['there']:.2f} | {median(pair['here'] / pair['there'] for pair in pairs):.2f} |"
        )
    for version in versions.values():
        version.stdin.close()
        version.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)

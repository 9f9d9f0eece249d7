"""What a note costs here against another version of the program: `python benchmarks/against.py FOLDER [ROUNDS]`.

FOLDER is a checkout of the other version, with an environment of its own in `.venv`. Both work in turns, within the same tenths of a
second, so that what else the machine does falls on both alike. A note is note 001 from its problem to proved Markdown, without figures, in a
process that has made some already: the same each time (what is kept from one page to the next is used), and with other numbers each time.
Prints the median of the ratios, here to there, and the least milliseconds of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
EACH, WARM, ROUNDS = 8, 20, 40
KINDS = ("the same note", "a note with other numbers")


def served() -> None:
    """Make notes whenever a line asks for some; says the least processor time of one, in ms."""
    from networks import NOTE_001, notes
    from worksheet import loads, make_note

    same, others = loads(NOTE_001), map(loads, notes())
    made = {KINDS[0]: lambda: same, KINDS[1]: lambda: next(others)}
    for kind in KINDS * WARM:
        make_note(made[kind]())
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        times = []
        for problem in [made[json.loads(line)]() for _ in range(EACH)]:
            start = time.process_time()
            make_note(problem)
            times.append((time.process_time() - start) * 1000)
        print(json.dumps(min(times)), flush=True)


def main(other: Path, rounds: int) -> None:
    versions = {}
    for name, folder in (("here", HERE.parent), ("there", other.resolve())):
        python = folder / ".venv" / "bin" / "python"
        code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(HERE)!r}]; import against; against.served()"
        versions[name] = subprocess.Popen([python, "-c", code], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for version in versions.values():
        assert json.loads(version.stdout.readline()) == "ready"

    def asked(name: str, kind: str) -> float:
        print(json.dumps(kind), file=versions[name].stdin, flush=True)
        return json.loads(versions[name].stdout.readline())

    print("| | here, ms | there, ms | here, of there |\n|---|---|---|---|")
    for kind in KINDS:
        pairs = [{name: asked(name, kind) for name in sorted(versions, reverse=turn % 2 == 0)} for turn in range(rounds)]
        least = {name: min(pair[name] for pair in pairs) for name in versions}
        print(f"| {kind} | {least['here']:.2f} | {least['there']:.2f} | {median(pair['here'] / pair['there'] for pair in pairs):.2f} |")
    for version in versions.values():
        version.stdin.close()
        version.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)

"""Strange inputs of every kind, through everything that is done with them: no traceback, no hang,
no more memory than is said.

A traceback is any exception that is no WorksheetError; a hang is a case that works for more than
HANG seconds of its own. Workers have LIMIT of memory beside what they have at their start; one that
says nothing for SILENT seconds is ended, and its case is a hang too.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from random import Random

import pytest
from measured import size, written
from strange import gentle_yaml, strange_json, strange_rows, strange_yaml

from worksheet.codes import code_of
from worksheet.errors import WorksheetError
from worksheet.exams.class_list import Student, read_roster, students_of
from worksheet.exams.copy import paper, picked, sittings_of
from worksheet.exams.from_code import exam_key_job, key_job
from worksheet.exams.load import exam_of, read_inputs
from worksheet.exams.manifest import astray, read_manifest
from worksheet.exams.write import hold
from worksheet.lectures.load import load_lecture
from worksheet.notes import note_job
from worksheet.resources import problem_files
from worksheet.series.write import texts
from worksheet.solution import solve
from worksheet.spec.faults import Faults
from worksheet.spec.load import load
from worksheet.trace.record import dumps
from worksheet.variants import search as variants
from worksheet.variants.search import open_source, search
from worksheet.worksheets import worksheet_job

CASES = size(240, int(os.environ.get("FUZZ_CASES", "20000")))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
WORKERS = int(os.environ.get("FUZZ_WORKERS", "1"))
HANG, SILENT, TICK, LIMIT = 30, 120, 5, 1500 * 1024**2
FAULTS = Path(__file__).parents[1] / "faults"
SHARES = {"spec": 0.56, "lecture": 0.16, "exam": 0.12, "roster": 0.08, "manifest": 0.08}
LECTURES = [
    "lecture: L\nproblems: {p: linear-chain, q: {spec: derive-sigmoid, detail: brief}}\nsections:\n"
    "  - {title: Z, problem: p, part: loss, detail: brief}\n"
    '  - {title: A, text: \'The loss << value("L") >> and $1 + 1 = 2$ in << link("Z") >>\', problem: p}\n'
    "  - {title: B, problem: q, part: statement, sections: [{title: C, problem: p, part: [dL_dw_1, L], phase: backward, epoch: 1}]}\n",
    "lecture: Two\ncourse: C\nvoice: {seed: 2}\nglossary: true\nrounding: {places: 3}\nnotation: {multiply: times}\n"
    "problems: {n: one-hidden-neuron}\nsections:\n"
    "  - {title: Whole, problem: n}\n  - {title: Again, problem: n, part: update, rounding: {places: 2}, text: 'Hello $x$ << sym(\"w_h\") >>'}\n",
    "lecture: T\nproblems: {p: derivative-cubic}\nsections:\n  - {title: A, problem: p, part: [slope, value], figure: tangent}\n"
    "  - {title: B, text: '<% for i in range(3) %>$<< i >> + 1 = << i + 1 >>$ <% endfor %>'}\n",
]
EXAMS = [
    "title: Mini\nproblems:\n  - {spec: linear-chain, points: 10}\nversions: 4\nsolutions: none\n",
    "title: Mid\ncourse: C\ndate: 1 May\nduration: 90 minutes\naids: none\ninstructions: 'Reckon $2/3 = 0.66667$.'\npaper: us-letter\nproblems:\n"
    "  - {spec: derivative-cubic, points: 12, room: 3}\n  - {pool: [gradient-squares, chain-rule], points: 8}\n  - {spec: derive-sigmoid}\n"
    "shuffle: true\nroster: class.csv\nsolutions: embedded\n",
    "title: Own\nproblems: [{spec: own.yaml}]\nversions: 2\n",
]
ROSTERS = [
    'name,id\nAda,1\nBob,2\n"Núñez, Zoë",3\n',
    "id;name;mail\n1;Ada;a@x\n2;李明;b@x\n",
    "name\nAda\nBob\n",
]


class Hang(BaseException):
    """A case that works too long."""


def specs() -> list[str]:
    return [
        file.read_text(encoding="utf-8")
        for file in (*problem_files(), *sorted(FAULTS.glob("*.yaml")))
        if not any(key in file.read_text(encoding="utf-8") for key in ("\nproblems:", "lecture:"))
    ]


def made(number: int, folder: Path, sound: dict) -> tuple[str, Path]:
    """The case of a number: what kind it is of, and its file."""
    random = Random(f"{SEED} {number}")
    kind = random.choices(list(SHARES), SHARES.values())[0]
    own = (
        strange_yaml(random.choice(sound["spec"]), sound["spec"], random)
        if random.random() < 0.3
        else random.choice(sound["spec"])
    )
    (folder / "own.yaml").write_text(own, encoding="utf-8", errors="surrogatepass")
    (folder / "class.csv").write_bytes(
        strange_rows(random.choice(ROSTERS), random)
        if kind == "roster" or random.random() < 0.2
        else ROSTERS[0].encode()
    )
    if kind == "roster":
        return kind, folder / "class.csv"
    if kind == "manifest":
        (folder / "manifest.json").write_text(
            strange_json(sound["manifest"], random), encoding="utf-8", errors="surrogatepass"
        )
        return kind, folder / "manifest.json"
    texts = sound["spec"] if kind == "spec" else LECTURES if kind == "lecture" else EXAMS
    file = folder / f"case-{kind}.yaml"
    is_gentle = random.random() < (0.5 if kind == "spec" else 0.15)
    text = (
        gentle_yaml(random.choice(texts), random)
        if is_gentle
        else strange_yaml(random.choice(texts), [*sound["spec"], *LECTURES, *EXAMS], random)
    )
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    return kind, file


def through(kind: str, file: Path, random: Random, reached: Counter) -> None:
    """What is done with an input of its kind: it is read, and where that went well, goes on to one
    thing that is drawn. What is read by several commands is read by each of them."""
    reads, goes = STEPS[kind]
    for step in (reads, random.choice(goes)) if goes else (reads,):
        try:
            step(file, random)
            reached[step.__name__.strip("_")] += 1
        except WorksheetError as fault:
            str(fault).encode("utf-8", "backslashreplace")
            assert fault.message and fault.status in (1, 2)
            return


def _load(file: Path, random: Random) -> None:
    load(file)


def _note(file: Path, random: Random, layout: str = "notes") -> None:
    _emptied(file.parent / "stage")
    for text in (
        note_job(file, layout=layout, with_figures=random.random() < 0.1)
        .make(file.parent / "stage")
        .pages.values()
    ):
        text.encode()


def _slides(file: Path, random: Random) -> None:
    _note(file, random, "slides")


def _trace(file: Path, random: Random) -> None:
    dumps(solve(load(file)))


def _emptied(stage: Path) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()


def _read_lecture(file: Path, random: Random) -> None:
    load_lecture(file)


def _sheet(file: Path, random: Random) -> None:
    worksheet_job(file).make(file.parent)


def _variant(file: Path, random: Random) -> None:
    variant = search(open_source(file), seed=1, copy=1)
    texts(variant, ("yaml", "md"), None)
    key_job(
        str(code_of(variant.source.name, variant.source.plain, 1, 1, variant.attempt)), [file]
    ).make(file.parent)


def _read_exam(file: Path, random: Random):
    inputs, people = read_inputs(file, seed=random.choice((1, 7)))
    return exam_of(inputs, str(file), str(people))


def _exam(file: Path, random: Random) -> None:
    _one_copy(_read_exam(file, random))


def _code(file: Path, random: Random) -> None:
    exam_key_job("3SWC-SYU3-56U", file)


def _one_copy(exam) -> None:
    if exam.students:
        sitting = sittings_of(exam)[0]
        paper(exam, sitting, picked(replace(exam, students=()), sitting, {}))


def _roster(file: Path, random: Random) -> None:
    faults = Faults(str(file))
    people = students_of(read_roster(file, faults), faults)
    faults.raise_any()
    assert all(isinstance(each, Student) for each in people)


def _read_manifest(file: Path, random: Random) -> None:
    inputs, known = read_manifest(file)
    exam_of(inputs, str(file), f"{file}: roster")
    astray(known, file.parent)


def _rebuilt(file: Path, random: Random) -> None:
    inputs, _ = read_manifest(file)
    _one_copy(exam_of(inputs, str(file), f"{file}: roster"))


STEPS = {
    "spec": (_load, (_note, _note, _slides, _trace, _sheet, _variant)),
    "lecture": (_read_lecture, (_note, _slides)),
    "exam": (_read_exam, (_exam, _code)),
    "roster": (_roster, ()),
    "manifest": (_read_manifest, (_rebuilt,)),
}


# ---- workers ------------------------------------------------------------------------------------


def work(numbers: list[int], folder: str, sound: dict, pipe) -> None:
    """Go through some cases; says before each which, and after each what became of it."""
    place, usual = Path(folder), sys.getrecursionlimit()
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    warnings.simplefilter("ignore")
    variants.ATTEMPTS = 20  # a search that finds nothing is long, and the same again and again
    used = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        if Path("/proc/self/statm").exists()
        else 0
    )
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT, resource.RLIM_INFINITY))

    def ring(*_) -> None:
        raise Hang

    signal.signal(signal.SIGPROF, ring)
    for number in numbers:
        pipe.send(("at", number))
        start, said, reached = time.monotonic(), "", Counter()
        sys.setrecursionlimit(20 * usual)  # what is made is nested deeper than what reads it may go
        kind, file = made(number, place, sound)
        sys.setrecursionlimit(usual)
        try:
            signal.setitimer(signal.ITIMER_PROF, HANG)
            through(kind, file, Random(f"{SEED} {number} through"), reached)
        except Hang:
            said = "hang\n" + traceback.format_exc()[-1500:]
        except BaseException:
            said = traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        pipe.send(
            (
                "done",
                number,
                kind,
                said,
                time.monotonic() - start,
                dict(reached),
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            )
        )
    pipe.send(("end",))


def run(numbers: list[int], folder: Path, sound: dict):
    """What became of the cases, by workers that are started anew where one falls silent or dies.

    They are spawned: Typst has run here for the manifest, and in a fork it would wait for threads
    that did not come along."""
    context, left = get_context("spawn"), numbers
    while left:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=work, args=(left, str(folder), sound, theirs))
        worker.start()
        theirs.close()
        at, since = left[0], (time.monotonic(), _busy(worker.pid))
        try:
            while ours.poll(TICK) or _works(worker.pid, since):
                if not ours.poll():
                    continue
                what, *rest = ours.recv()
                since = time.monotonic(), _busy(worker.pid)
                if what == "end":
                    left = []
                    break
                if what == "at":
                    at = rest[0]
                else:
                    yield tuple(rest)
                    left = left[1:]
            else:
                raise EOFError
        except EOFError:
            yield at, "?", f"hang or end of the worker: {worker.exitcode}", float(SILENT), {}, 0
            left = left[1:]
        finally:
            worker.kill()
            worker.join()


def _works(worker: int, since: tuple[float, float]) -> bool:
    """Whether a silent worker may still come to an end: its own alarm rings after HANG seconds of
    work, however long it waits for a processor."""
    start, busy = since
    return (
        time.monotonic() - start < SILENT
        or _busy(worker) is not None
        and _busy(worker) - busy < HANG + 5
        and time.monotonic() - start < 20 * SILENT
    )


def _busy(worker: int) -> float | None:
    """The seconds that a process has worked; None where the system does not say."""
    try:
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="session")
def sound(tmp_path_factory) -> dict:
    """What is sound before it becomes strange: specs, and the manifest of a small exam."""
    place = tmp_path_factory.mktemp("sound")
    (place / "mini.yaml").write_text(EXAMS[0].replace("versions: 4", "versions: 1"))
    inputs, people = read_inputs(place / "mini.yaml")
    held = hold(exam_of(inputs, "mini.yaml"), inputs, place / "out")
    return {"spec": specs(), "manifest": (held.folder / "manifest.json").read_text()}


def test_strange_inputs_bring_no_traceback_and_no_hang(sound, tmp_path):
    start, done = time.monotonic(), []
    log = os.environ.get("FUZZ_LOG")
    first = int(os.environ.get("FUZZ_FROM", "0"))

    def some(worker: int) -> None:
        for each in run(
            list(range(first + worker, first + CASES, WORKERS)), tmp_path / f"work-{worker}", sound
        ):
            done.append(each)
            if log:
                with open(log, "a") as file:
                    print(json.dumps(each), file=file)

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(some, range(WORKERS)))
    wrong = [each for each in done if each[2]]
    kinds, reached = (
        Counter(each[1] for each in done),
        sum((Counter(each[4]) for each in done), Counter()),
    )
    hangs = [each for each in wrong if each[2].startswith("hang")]
    slowest, most = max(each[3] for each in done), max(each[5] for each in done)
    written(
        "fuzz",
        report(
            len(done),
            kinds,
            reached,
            len(wrong) - len(hangs),
            len(hangs),
            slowest,
            most,
            time.monotonic() - start,
        ),
    )
    assert not wrong, "\n\n".join(
        f"case {each[0]} ({each[1]}), seed {SEED}:\n{each[2][-1800:]}" for each in wrong[:10]
    )


def report(
    count: int,
    kinds: Counter,
    reached: Counter,
    tracebacks: int,
    hangs: int,
    slowest: float,
    most: int,
    seconds: float,
) -> str:
    rows = "\n".join(f"| {kind} | {kinds[kind]:,} |" for kind in SHARES)
    went = ", ".join(f"{name} {number:,}" for name, number in reached.items())
    return f"""# Strange inputs

{count:,} inputs were made from sound ones by changes of their trees, letters and bytes (`tests/strange.py`, seed {SEED}), and each was read; those
that were still sound went on to one of the things that are done with their kind: a note, slides, the trace, a sheet with its key, a variant and its key
recalled by its code; a copy of an exam; the copy of an exam made again from its manifest (`tests/measures/test_fuzz.py`).

| kind | inputs |
|---|---|
{rows}

| what was seen | |
|---|---|
| tracebacks | {tracebacks} |
| hangs (more than {HANG} s) | {hangs} |
| slowest case | {slowest:.1f} s |
| largest process | {most} MB |

What came out at its end: {went}; everything else was refused with a message. It took {seconds / 60:.0f} minutes.
"""


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))

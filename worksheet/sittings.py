"""An exam on disk: `<out>/<exam>/exam-01.pdf`, `key-01.pdf`, ..., `answers.csv`, `answers.json`, `manifest.json`.

Copies are made over all cores and published in batches; a copy's files come into their place whole, and are noted in a journal then.
So a run that was interrupted or killed leaves no broken file, and the next one goes on where it stopped, to the same bytes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from .batches import Copy, Press, Pressed, digits, pressed
from .errors import WorksheetError
from .exams import Exam, Inputs
from .jobs import folder_of
from .ledger import Journal, answers_csv, answers_json, is_manifest_of, key_of, manifest, write_whole
from .papers import Paper, Pick, Sitting, paper
from .processes import chunks, in_order
from .variants import answers_key, givens_key, source_of

CHUNK = 5             # copies in one task
STEMS = ("exam", "key", "marking")
TABLES = ("manifest.json", "answers.csv", "answers.json")
UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Held:
    """An exam that was written. `kept`: copies that an interrupted run had left in place."""

    folder: Path
    copies: int
    kept: int
    answers: int


def hold(exam: Exam, inputs: Inputs, out: Path, *, templates: Path | None = None, executor: Executor | None = None, workers: int = 1,
         watched: Callable[[Iterable[Pressed]], Iterable[Pressed]] = iter) -> Held:
    """Write an exam, which was read from `inputs`, with everything that belongs to it."""
    folder = folder_of(Path(f"{inputs.name}.yaml"), out)
    stage, journal = folder / UNFINISHED, Journal(folder / UNFINISHED / "journal", key_of(inputs, templates))
    known = journal.read(folder)
    _make_ready(folder, stage, journal, known, inputs)
    sittings = [Sitting(number, student, digits(len(exam.students))) for number, student in enumerate(exam.students, start=1)]
    made: dict[int, Paper] = {}

    def copies() -> Iterator[Copy]:
        for new in distinct(exam, sittings, {number: each for number, (each, _) in known.items()}, templates, executor, workers):
            made[new.number] = replace(new, pages={})
            yield Copy(new.number, new.pages)

    press = Press(stage, ("pdf",), {"paper": exam.paper, "templates": templates})
    done = dict(known)
    for copy in watched(pressed(copies(), press, executor, workers)):
        for name in copy.hashes:
            os.replace(stage / name, folder / name)
        done[copy.number] = made.pop(copy.number), copy.hashes
        journal.add(*done[copy.number])
    rows = [row for number in sorted(done) for row in done[number][0].rows]
    files = {"answers.csv": write_whole(folder / "answers.csv", answers_csv(rows), stage),
             "answers.json": write_whole(folder / "answers.json", answers_json(rows), stage)}
    write_whole(folder / "manifest.json", manifest(inputs, templates, [done[number] for number in sorted(done)], files), stage)
    shutil.rmtree(stage)
    return Held(folder, len(done), len(known), len(rows))


def _make_ready(folder: Path, stage: Path, journal: Journal, known: dict, inputs: Inputs) -> None:
    """An empty stage, and no file of an exam that is not known to be of this one; a manifest of the same inputs stays, for it holds them."""
    try:
        if not known:
            shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True, exist_ok=True)
        names = {name for _, files in known.values() for name in files}
        names |= {TABLES[0]} if is_manifest_of(folder / TABLES[0], inputs) else set()
        for old in folder.iterdir():
            stem, _, number = old.stem.rpartition("-")
            if old.name not in names and (old.name in TABLES or stem in STEMS and number.isdigit() and old.suffix == ".pdf"):
                old.unlink()
        for old in stage.iterdir():
            if old != journal.file:
                old.unlink()
        if not known:
            journal.begin()
    except OSError as fault:
        raise WorksheetError(f"cannot write here: {fault.strerror}", str(folder), "choose another folder with --out") from None


def distinct(exam: Exam, sittings: list[Sitting], known: dict[int, Paper], templates: Path | None, executor: Executor | None = None,
             workers: int = 1) -> Iterator[Paper]:
    """The copies that are not `known`, in order, none with the numbers of another; the same whatever is known."""
    taken = {(origin.name, key(what).hex()) for question in exam.questions for origin in question.origins
             for written in [source_of(origin).written] for key, what in ((givens_key, written.problem), (answers_key, written))}
    alone = replace(exam, students=())
    missing = [sitting for sitting in sittings if sitting.number not in known]
    found = (each for chunk in in_order(partial(_papers, alone, templates), chunks(missing, CHUNK), executor, workers) for each in chunk)
    for sitting in sittings:
        made = known.get(sitting.number) or next(found)
        starts: dict[str, int] = {}
        while clashes := [pick for pick in made.picks if not taken.isdisjoint(_keys(pick))]:
            starts |= {pick.spec: pick.attempt + 1 for pick in clashes}
            made = paper(alone, sitting, templates, starts)
        taken |= {key for pick in made.picks for key in _keys(pick)}
        if sitting.number not in known:
            yield made


def _keys(pick: Pick) -> set[tuple[str, str]]:
    return {(pick.spec, pick.givens), (pick.spec, pick.answers)}


def _papers(exam: Exam, templates: Path | None, sittings: tuple[Sitting, ...]) -> list[Paper]:
    """Some copies; what a worker does."""
    return [paper(exam, sitting, templates) for sitting in sittings]

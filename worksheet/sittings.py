"""An exam on disk: `<out>/<exam>/exam-01.pdf`, `key-01.pdf`, ..., `exams.pdf`, `keys.pdf`, `marking.pdf`, `answers.csv`, `answers.json`, `manifest.json`.

First the numbers of a copy are searched for, and in order it is seen to that they are no other's; then its pages are made and published;
both over all cores. A copy's files come into their place whole, and are noted in a journal then. So a run that was interrupted or killed
leaves no broken file, and the next one goes on where it stopped, to the same bytes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .batches import Copy, Press, digits
from .errors import WorksheetError
from .exams import Exam, Inputs
from .jobs import folder_of
from .ledger import Journal, answers_csv, answers_json, is_manifest_of, key_of, manifest, write_whole
from .papers import Paper, Pick, Sitting, paper, picked
from .processes import chunks, even, in_order
from .publish.joined import joined
from .variants import answers_key, givens_key, source_of

MOST = 10             # copies in one task
TABLES = ("manifest.json", "answers.csv", "answers.json")
UNFINISHED = ".unfinished"


class Joined(NamedTuple):
    """The pages `<stem>-01.pdf`, `<stem>-02.pdf`, ... in one file for the printer. `is_kept`: they stay beside it."""

    file: str
    stem: str
    is_kept: bool = True


JOINED = (Joined("exams.pdf", "exam"), Joined("keys.pdf", "key"), Joined("marking.pdf", "marking", is_kept=False))


@dataclass(frozen=True, slots=True)
class Held:
    """An exam that was written. `kept`: copies that an interrupted run had left in place."""

    folder: Path
    copies: int
    kept: int
    answers: int


@dataclass(frozen=True)
class Place:
    """The folder of an exam, and within it the stage of what is not finished."""

    folder: Path

    @property
    def stage(self) -> Path:
        return self.folder / UNFINISHED

    def of(self, name: str) -> Path:
        """Where the page of a copy lies: in the stage if it is only joined."""
        return self.folder / name if joined_from(name).is_kept else self.stage / name


def joined_from(name: str) -> Joined | None:
    """What the page of a copy goes into; None for another file."""
    stem, _, number = Path(name).stem.rpartition("-")
    return next((each for each in JOINED if each.stem == stem and number.isdigit() and name.endswith(".pdf")), None)


def hold(exam: Exam, inputs: Inputs, out: Path, *, templates: Path | None = None, executor: Executor | None = None, workers: int = 1,
         watched: Callable[[Iterable[Paper]], Iterable[Paper]] = iter) -> Held:
    """Write an exam, which was read from `inputs`, with everything that belongs to it."""
    place = Place(folder_of(Path(f"{inputs.name}.yaml"), out))
    folder, stage = place.folder, place.stage
    journal = Journal(stage / "journal", key_of(inputs, templates))
    done = journal.read(place.of)
    kept = len(done)
    _make_ready(place, journal, done, inputs)
    sittings = [Sitting(number, student, digits(len(exam.students))) for number, student in enumerate(exam.students, start=1)]
    for made, files in watched(_made(exam, sittings, {number: each.picks for number, (each, _) in done.items()}, templates, executor, workers)):
        hashes = {name: write_whole(place.of(name), [content], stage) for name, content in files.items()}
        journal.add(made, hashes)
        done[made.number] = replace(made, rows=()), hashes
    papers = [done[number] for number in sorted(done)]
    files = {"answers.csv": write_whole(folder / "answers.csv", answers_csv(journal.rows()), stage),
             "answers.json": write_whole(folder / "answers.json", answers_json(journal.rows()), stage)}
    for each in JOINED:
        if pages := [place.of(name) for _, hashes in papers for name in hashes if joined_from(name) == each]:
            files[each.file] = joined(pages, stage / each.file, is_duplex=inputs.is_duplex)
            os.replace(stage / each.file, folder / each.file)
    papers = [(each, {name: known for name, known in hashes.items() if joined_from(name).is_kept}) for each, hashes in papers]
    write_whole(folder / "manifest.json", manifest(inputs, templates, papers, files), stage)
    shutil.rmtree(stage)
    return Held(folder, len(papers), kept, journal.answers)


def _make_ready(place: Place, journal: Journal, done: dict, inputs: Inputs) -> None:
    """An empty stage, and no file of an exam that is not known to be of this one; a manifest of the same inputs stays, for it holds them."""
    folder, stage = place.folder, place.stage
    ours = {*TABLES, *(each.file for each in JOINED)}
    try:
        if not done:
            shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True, exist_ok=True)
        known = {place.of(name) for _, files in done.values() for name in files} | {journal.file}
        known |= {folder / TABLES[0]} if is_manifest_of(folder / TABLES[0], inputs) else set()
        for old in (*folder.iterdir(), *stage.iterdir()):
            if old not in known and (old.parent == stage or old.name in ours or joined_from(old.name)):
                old.unlink()
        if not done:
            journal.begin()
    except OSError as fault:
        raise WorksheetError(f"cannot write here: {fault.strerror}", str(folder), "choose another folder with --out") from None


def distinct(exam: Exam, copies: int, known: dict[int, tuple[Pick, ...]], executor: Executor | None = None,
             workers: int = 1) -> Iterator[tuple[Pick, ...]]:
    """The numbers of each copy in order, none those of another; the same whatever is known. They are searched for in parallel, each by
    itself; here a copy that meets an earlier one is searched further."""
    taken = {(origin.name, key(what).hex()) for question in exam.questions for origin in question.origins
             for written in [source_of(origin).written] for key, what in ((givens_key, written.problem), (answers_key, written))}
    missing = chunks((number for number in range(1, copies + 1) if number not in known), MOST)
    found = (each for chunk in in_order(partial(_picked, exam), missing, executor, workers) for each in chunk)
    for number in range(1, copies + 1):
        picks, starts = known.get(number) or next(found), {}
        while clashes := [pick for pick in picks if not taken.isdisjoint(_keys(pick))]:
            starts |= {pick.spec: pick.attempt + 1 for pick in clashes}
            picks = picked(exam, number, starts)
        taken |= {key for pick in picks for key in _keys(pick)}
        yield picks


def _keys(pick: Pick) -> set[tuple[str, str]]:
    return {(pick.spec, key) for key in (pick.givens, pick.answers) if key}


def _picked(exam: Exam, numbers: tuple[int, ...]) -> list[tuple[Pick, ...]]:
    """The numbers of some copies; what a worker does."""
    return [picked(exam, number, {}) for number in numbers]


def _made(exam: Exam, sittings: list[Sitting], known: dict[int, tuple[Pick, ...]], templates: Path | None, executor: Executor | None,
          workers: int) -> Iterator[tuple[Paper, dict[str, bytes]]]:
    """The copies that are not `known`, in order, each with the bytes of its files."""
    alone = replace(exam, students=())
    picks = distinct(alone, len(sittings), known, executor, workers)
    tasks = ((sitting, found) for sitting, found in zip(sittings, picks, strict=True) if sitting.number not in known)
    size, work = even(len(sittings) - len(known), workers, MOST), partial(_pressed, alone, templates)
    return (each for chunk in in_order(work, chunks(tasks, size), executor, workers) for each in chunk)


def _pressed(exam: Exam, templates: Path | None, tasks: tuple[tuple[Sitting, tuple[Pick, ...]], ...]) -> list[tuple[Paper, dict[str, bytes]]]:
    """Some copies, made and published; what a worker does."""
    papers = [paper(exam, sitting, picks, templates) for sitting, picks in tasks]
    press = Press(("pdf",), {"paper": exam.paper, "templates": templates})
    pressed = press(tuple(Copy(each.number, each.pages) for each in papers))
    return [(replace(each, pages={}), copy.files) for each, copy in zip(papers, pressed, strict=True)]

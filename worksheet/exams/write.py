"""An exam on disk: `<out>/<exam>/exam-01.pdf`, `key-01.pdf`, ..., `exams.pdf`, `keys.pdf`,
`marking.pdf`, `answers.csv`, `answers.json`, `manifest.json`.

First the numbers of a copy are searched for, and in turn it is seen to that they are no other's;
then its pages are made and published; both over all cores. A copy's files come into their place
whole, and are noted in a journal then. So a run that was interrupted or killed leaves no broken
file, and the next one goes on where it stopped, to the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..errors import unwritten
from ..output.batches import Copy, Press
from ..output.jobs import folder_of
from ..output.locks import alone
from ..parallel import chunks, even, in_order
from ..publish.joined import joined
from ..sealed_codes import number_of
from ..variants.search import answers_key, givens_key, source_of
from .class_list import whose
from .copy import Paper, Pick, Sitting, paper, picked, sittings_of
from .earlier import (
    MANIFEST,
    REBUILT,
    UNFINISHED,
    Standing,
    is_same,
    move_aside,
    refuse,
    seeded,
    standing_in,
)
from .journal import Journal, left_unfinished
from .load import SCHEME, Exam, Inputs
from .manifest import Manifest, altered, astray, key_of, manifest
from .tables import answers_csv, answers_json, write_whole

MOST = 10  # copies in one task
TABLES = (MANIFEST, "answers.csv", "answers.json")


class Joined(NamedTuple):
    """The pages `<stem>-01.pdf`, `<stem>-02.pdf`, ... in one file for the printer. `is_kept`: they
    stay beside it."""

    file: str
    stem: str
    is_kept: bool = True


JOINED = (
    Joined("exams.pdf", "exam"),
    Joined("keys.pdf", "key"),
    Joined("marking.pdf", "marking", is_kept=False),
)


@dataclass(frozen=True, slots=True)
class Held:
    """An exam that was written. `kept`: copies that an interrupted run had left in place.
    `is_there`: it was finished already; then `restored` are the files of it that were missing and
    are made again, `changed` those that are not as they were made, and are kept. `aside`: where the
    exam lies that it replaces."""

    folder: Path
    copies: int
    kept: int
    answers: int
    is_there: bool = False
    restored: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    aside: Path | None = None


@dataclass(frozen=True)
class Place:
    """The folder of an exam, and within it the stage of what is not finished."""

    folder: Path

    @property
    def stage(self) -> Path:
        """The folder within, where all lies until it is finished."""
        return self.folder / UNFINISHED

    def of(self, name: str) -> Path:
        """Where the page of a copy lies: in the stage if it is only joined."""
        return self.folder / name if joined_from(name).is_kept else self.stage / name


def joined_from(name: str) -> Joined | None:
    """What the page of a copy goes into; None for another file."""
    stem, _, number = Path(name).stem.rpartition("-")
    return next(
        (
            each
            for each in JOINED
            if each.stem == stem and number.isdigit() and name.endswith(".pdf")
        ),
        None,
    )


def is_ours(name: str) -> bool:
    """Whether a file of this name may be one of an exam."""
    return name in TABLES or name in {each.file for each in JOINED} or joined_from(name) is not None


def standing_for(inputs: Inputs, out: Path) -> Standing:
    """What stands where an exam is to be made."""
    return standing_in(folder_of(Path(f"{inputs.name}.yaml"), out), is_ours)


def hold(
    exam: Exam,
    inputs: Inputs,
    out: Path,
    *,
    templates: Path | None = None,
    replacing: bool = False,
    **work,
) -> Held:
    """Write an exam, which was read from `inputs`, with everything that belongs to it; `work` is
    what `make` is told.

    A finished exam that is another is refused, or moved aside if this one is `replacing` it; the
    same one stays, and what is missing of it is made again. Raises WorksheetError too where another
    run is at work there, and where nothing more can be written."""
    folder, aside = folder_of(Path(f"{inputs.name}.yaml"), out), None
    with alone(folder), told(folder):
        standing = standing_for(inputs, out)
        if inputs.seed is None:
            inputs = seeded(inputs, standing)[0]
            exam = replace(
                exam,
                seed=number_of(exam.name, inputs.seed),
                code_seed=inputs.seed,
                kept=inputs.kept,
            )
        if is_same(standing, inputs, templates):
            missing, changed = astray(standing.known, folder)
            restored = (
                rebuilt(exam, inputs, standing.known, folder, templates=templates, **work).restored
                if missing
                else ()
            )
            if not (replacing and changed):
                return Held(folder, len(exam.students), 0, 0, True, restored, tuple(changed))
        if standing.is_finished:
            if not replacing:
                raise refuse(standing, inputs, templates)
            aside = move_aside(folder)
        try:
            return replace(make(exam, inputs, folder, templates=templates, **work), aside=aside)
        except BaseException:
            if aside and not any(
                is_ours(file.name) for file in folder.glob("*")
            ):  # nothing came of it
                shutil.rmtree(folder, ignore_errors=True)
                os.rename(aside, folder)
            elif aside:
                warnings.warn(f"the exam that was here lies in {aside}", stacklevel=2)
            raise


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What the machine does not let us write is a fault of use; the copies that are in place stay,
    and a later run goes on with them."""
    try:
        yield
    except OSError as fault:
        raise unwritten(fault, str(folder)) from None


def make(
    exam: Exam,
    inputs: Inputs,
    folder: Path,
    *,
    templates: Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    watched: Callable[[Iterable[Paper]], Iterable[Paper]] = iter,
) -> Held:
    """Make an exam in a folder where no finished one stands."""
    place = Place(folder)
    stage = place.stage
    journal = Journal(stage / "journal", key_of(inputs, templates))
    done = journal.read(place.of)
    kept = len(done)
    _make_ready(place, journal, done, inputs)
    for made, files in watched(
        _made(
            exam,
            {number: each.picks for number, (each, _) in done.items()},
            templates,
            executor,
            workers,
        )
    ):
        hashes = {
            name: write_whole(place.of(name), [content], stage) for name, content in files.items()
        }
        journal.add(made, hashes)
        done[made.number] = replace(made, rows=()), hashes
    papers = [done[number] for number in sorted(done)]
    files = {
        "answers.csv": write_whole(folder / "answers.csv", answers_csv(journal.rows()), stage),
        "answers.json": write_whole(folder / "answers.json", answers_json(journal.rows()), stage),
    }
    for each in JOINED:
        if pages := [
            place.of(name) for _, hashes in papers for name in hashes if joined_from(name) == each
        ]:
            files[each.file] = joined(pages, stage / each.file, is_duplex=inputs.is_duplex)
            os.replace(stage / each.file, folder / each.file)
    papers = [
        (each, {name: known for name, known in hashes.items() if joined_from(name).is_kept})
        for each, hashes in papers
    ]
    write_whole(folder / MANIFEST, [manifest(inputs, templates, papers, files)], stage)
    shutil.rmtree(stage)
    return Held(folder, len(papers), kept, journal.answers)


class Rebuilt(NamedTuple):
    """An exam that was made again beside the old one: the fields and files that are not what the
    manifest says; and the files that were missing and are in place again."""

    findings: list[str]
    restored: tuple[str, ...]


def rebuilt(exam: Exam, inputs: Inputs, known: Manifest, folder: Path, **work) -> Rebuilt:
    """Make an exam again beside the one that stands in `folder`, and put in place what is missing
    there, if all is as the manifest says. A file that somebody has changed stays."""
    scratch = folder / REBUILT
    make(exam, inputs, scratch, **work)
    again = json.loads((scratch / MANIFEST).read_text(encoding="utf-8"))
    findings, restored = altered(known, again), []
    if not findings:
        restored = astray(again, folder)[0]
        for name in restored:
            os.replace(scratch / name, folder / name)
    shutil.rmtree(scratch)
    return Rebuilt(findings, tuple(restored))


def _make_ready(place: Place, journal: Journal, done: dict, inputs: Inputs) -> None:
    """An empty stage, and no file of a run that did not come to its end and is not known to be of
    this one."""
    folder, stage = place.folder, place.stage
    if not done and not _goes_on(journal, inputs):
        shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True, exist_ok=True)
    if not journal.file.exists():
        journal.begin(inputs)
    known = {place.of(name) for _, files in done.values() for name in files} | {journal.file}
    for old in (*folder.iterdir(), *stage.iterdir()):
        if old not in known and (old.parent == stage or is_ours(old.name)):
            old.unlink()


def _goes_on(journal: Journal, inputs: Inputs) -> bool:
    """Whether the journal that lies there is of these inputs, if it has no copy yet."""
    said = left_unfinished(journal.file)
    return said.get("inputs") == journal.key and said.get("seed") == inputs.seed


def distinct(
    exam: Exam,
    sittings: list[Sitting],
    known: dict[int, tuple[Pick, ...]],
    executor: Executor | None = None,
    workers: int = 1,
) -> Iterator[tuple[Sitting, tuple[Pick, ...]]]:
    """The numbers of each copy, none those of another; the same whatever is known. They are
    searched for in parallel, each by itself; here a copy that meets an earlier one is searched
    further. Who is earlier does not hang on the class list (`in_turn`)."""
    taken = {
        (origin.name, key(what).hex())
        for question in exam.questions
        for origin in question.origins
        for written in [source_of(origin).written]
        for key, what in ((givens_key, written.problem), (answers_key, written))
    }
    turns = in_turn(exam, sittings)
    missing = chunks((each for each in turns if each.number not in known), MOST)
    found = (
        each
        for chunk in in_order(
            partial(_picked, replace(exam, students=(), kept={})),
            (tuple((each, _starts(exam, each)) for each in some) for some in missing),
            executor,
            workers,
        )
        for each in chunk
    )
    for sitting in turns:
        picks, starts = known.get(sitting.number) or next(found), _starts(exam, sitting)
        while clashes := [pick for pick in picks if not taken.isdisjoint(_keys(pick))]:
            starts |= {pick.spec: pick.attempt + 1 for pick in clashes}
            picks = picked(exam, sitting, starts)
        taken |= {key for pick in picks for key in _keys(pick)}
        yield sitting, picks


def in_turn(exam: Exam, sittings: list[Sitting]) -> list[Sitting]:
    """The copies in the order in which they may choose: first whoever has numbers already, then by
    whose they are, which says nothing of where they stand in the class list."""
    if exam.scheme != SCHEME:
        return sittings
    return sorted(
        sittings, key=lambda each: (whose(each.number, each.student) not in exam.kept, each.whose)
    )


def _starts(exam: Exam, sitting: Sitting) -> dict[str, int]:
    """The attempts that an earlier run has given out to whose copy it is."""
    return dict(exam.kept.get(whose(sitting.number, sitting.student), {})) if exam.kept else {}


def _keys(pick: Pick) -> set[tuple[str, str]]:
    return {(pick.spec, key) for key in (pick.givens, pick.answers) if key}


def _picked(
    exam: Exam, tasks: tuple[tuple[Sitting, dict[str, int]], ...]
) -> list[tuple[Pick, ...]]:
    """The numbers of some copies; what a worker does."""
    return [picked(exam, sitting, starts) for sitting, starts in tasks]


def _made(
    exam: Exam,
    known: dict[int, tuple[Pick, ...]],
    templates: Path | None,
    executor: Executor | None,
    workers: int,
) -> Iterator[tuple[Paper, dict[str, bytes]]]:
    """The copies that are not `known`, each with the bytes of its files."""
    bare, sittings = replace(exam, students=(), kept={}), sittings_of(exam)
    tasks = (
        (sitting, found)
        for sitting, found in distinct(exam, sittings, known, executor, workers)
        if sitting.number not in known
    )
    size, work = even(len(sittings) - len(known), workers, MOST), partial(_pressed, bare, templates)
    return (
        each for chunk in in_order(work, chunks(tasks, size), executor, workers) for each in chunk
    )


def _pressed(
    exam: Exam, templates: Path | None, tasks: tuple[tuple[Sitting, tuple[Pick, ...]], ...]
) -> list[tuple[Paper, dict[str, bytes]]]:
    """Some copies, made and published; what a worker does."""
    papers = [paper(exam, sitting, picks, templates) for sitting, picks in tasks]
    press = Press(("pdf",), {"paper": exam.paper, "templates": templates})
    pressed = press(tuple(Copy(each.number, each.pages) for each in papers))
    return [
        (replace(each, pages={}), copy.files) for each, copy in zip(papers, pressed, strict=True)
    ]

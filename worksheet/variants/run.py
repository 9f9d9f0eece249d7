"""A run: many copies of one problem, all different in their givens and in their graded answers.

Copies are searched for in parallel, each by itself; here, in order, a copy that meets an earlier
one is searched further. So a run is the same with any number of workers. The problem as it is
written counts as a copy that is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..draws import Draws
from ..errors import WorksheetError
from ..parallel import in_order
from .copy_counts import Kinds, check_copies_differ, kinds_of
from .search import (
    ATTEMPTS,
    SEEDS,
    Origin,
    Source,
    Tally,
    Variant,
    add,
    answers_key,
    check_choices,
    givens_key,
    search,
    solution_of,
    source_of,
)

COPIES = 100_000
CHUNK = 10  # copies in one task


@dataclass(frozen=True, slots=True)
class Made:
    """A copy of a run, light enough to travel: `work` is what the run wanted of the variant."""

    copy: int
    attempt: int
    code: str
    givens: bytes
    answers: bytes
    refused: Tally
    work: Any


@dataclass(frozen=True, slots=True)
class Task:
    """Some copies of a spec."""

    origin: Origin
    seed: int
    copies: range
    work: Callable[[Variant], Any]


class Seen:
    """Givens and answers that are taken."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()

    def clash(self, made: Made) -> str:
        """What of a copy has been seen before, if anything."""
        return (
            "its givens"
            if made.givens in self._keys
            else "its answers"
            if made.answers in self._keys
            else ""
        )

    def add(self, givens: bytes, answers: bytes) -> None:
        """The givens and answers of a copy are taken from here on."""
        self._keys |= {givens, answers}


def run(
    origin: Origin,
    copies: int,
    seed: int,
    work: Callable[[Variant], Any],
    *,
    avoid: Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
) -> Iterator[Made]:
    """Copies 1 to `copies` in order, `work(variant)` done for each where it was found (a function
    of a module: it is pickled).

    `avoid`: a folder of variants of an earlier run to keep clear of. What cannot be asked for is
    told at once; VariantError is raised where a copy is not found."""
    source = source_of(origin)
    check_size(source, copies, seed)
    check_choices(source, seed)
    seen = Seen()
    seen.add(givens_key(source.written.problem), answers_key(source.written))
    for spec in earlier(avoid):
        trace = solution_of(spec)
        seen.add(givens_key(trace.problem), answers_key(trace))
    tasks = (
        Task(origin, seed, range(first, min(first + CHUNK, copies + 1)), work)
        for first in range(1, copies + 1, CHUNK)
    )
    return distinct(
        (made for chunk in in_order(made_for, tasks, executor, workers) for made in chunk),
        source,
        seed,
        work,
        seen,
        None if avoid else kinds_of(source),
    )


def distinct(
    found: Iterable[Made],
    source: Source,
    seed: int,
    work: Callable[[Variant], Any],
    seen: Seen,
    kinds: Kinds | None = None,
) -> Iterator[Made]:
    """The copies in order, each searched further until it is like none before it; where the usual
    draws were not enough, among those of another of the `kinds` than all before it."""
    for made in found:
        while clash := seen.clash(made):
            made = _further(source, seed, made, clash, work, kinds)
        seen.add(made.givens, made.answers)
        if kinds:
            kinds.take(Draws(source.name, seed, made.copy, made.attempt))
        yield made


def check_copies(copies: int, seed: int) -> None:
    """Whether so many copies can be asked for at all."""
    if not 0 <= seed <= SEEDS:
        raise WorksheetError(
            f"the seed {seed} is out of range", "--seed", f"a whole number from 0 to {SEEDS}"
        )
    if not 1 <= copies <= COPIES:
        raise WorksheetError(f"{copies} copies", "--copies", f"a whole number from 1 to {COPIES}")


def check_size(source: Source, copies: int, seed: int) -> None:
    """Whether so many different copies of a spec can be made."""
    check_copies(copies, seed)
    if source.is_fixed:
        raise WorksheetError(
            "nothing varies in this spec",
            source.label,
            "it has no numbers: everyone gets the same sheet, or the same problem of an exam; `at` and `vary` give a derivation some",
        )
    check_copies_differ(source, copies)


def made_for(task: Task) -> list[Made]:
    """The copies of a task; what a worker does."""
    source = source_of(task.origin)
    return [made_of(search(source, task.seed, copy), task.work) for copy in task.copies]


def made_of(variant: Variant, work: Callable[[Variant], Any]) -> Made:
    """What is kept of a variant: its draw, its code, the keys of its givens and answers, and what
    `work` makes of it."""
    return Made(
        variant.copy,
        variant.attempt,
        str(variant.code),
        givens_key(variant.problem),
        answers_key(variant.trace),
        variant.refused,
        work(variant),
    )


def _further(
    source: Source,
    seed: int,
    made: Made,
    clash: str,
    work: Callable[[Variant], Any],
    kinds: Kinds | None,
) -> Made:
    """The next variant of a copy that met an earlier one."""
    refused = dict(made.refused)
    add(refused, {"distinct": (1, f"{clash} are those of another copy")})
    later = kinds.untaken(seed, made.copy, max(ATTEMPTS, made.attempt + 1)) if kinds else ()
    return made_of(search(source, seed, made.copy, made.attempt + 1, refused, later=later), work)


def earlier(folder: Path | None) -> list[Path]:
    """The specs of an earlier run."""
    if folder is None:
        return []
    if specs := sorted(folder.glob("*.yaml")):
        return specs
    raise WorksheetError(
        "this folder holds no variant (*.yaml)",
        str(folder),
        "name the folder `variants` of an earlier run",
    )

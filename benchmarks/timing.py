"""Medians of interleaved runs: what is compared is timed in turns, so that both meet the same
machine.

Times are processor time, of this process and of those it starts: who else is at work there makes
little difference to it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median


def spent() -> float:
    """Seconds of processor time so far, of this process and of those that it has started and that
    have ended."""
    return sum(
        used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    )


def medians(jobs: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median milliseconds of each job over `runs` turns, one untimed turn before them."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    gc.collect()
    for _ in range(runs):
        for name, job in jobs.items():
            begun = spent()
            job()
            taken[name].append((spent() - begun) * 1000)
    return {name: median(times) for name, times in taken.items()}


class Laps(dict[str, float]):
    """The milliseconds of each stage by its name, which is told when the stage has ended."""

    def __init__(self) -> None:
        self.begun = spent()

    def __call__(self, name: str) -> None:
        now = spent()
        self[name], self.begun = (now - self.begun) * 1000, now


def stage_medians(
    starts: Iterator[object], stages: Mapping[str, Callable], runs: int
) -> dict[str, float]:
    """The median milliseconds of each stage, a stage working on what the one before it made of the
    next start."""
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for turn in range(runs + 1):
        made = next(starts)
        for name, stage in stages.items():
            begun = spent()
            made = stage(made)
            if turn:
                taken[name].append((spent() - begun) * 1000)
    return {name: median(times) for name, times in taken.items()}

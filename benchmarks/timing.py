"""Medians of interleaved runs: what is compared is timed in turns, so that both meet the same machine."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import perf_counter


def medians(jobs: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median milliseconds of each job over `runs` turns, one untimed turn before them."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    gc.collect()
    for _ in range(runs):
        for name, job in jobs.items():
            begun = perf_counter()
            job()
            taken[name].append((perf_counter() - begun) * 1000)
    return {name: median(times) for name, times in taken.items()}


class Laps(dict[str, float]):
    """The milliseconds of each stage by its name, which is told when the stage has ended."""

    def __init__(self) -> None:
        self.begun = perf_counter()

    def __call__(self, name: str) -> None:
        now = perf_counter()
        self[name], self.begun = (now - self.begun) * 1000, now


def stage_medians(starts: Iterator[object], stages: Mapping[str, Callable], runs: int) -> dict[str, float]:
    """The median milliseconds of each stage, a stage working on what the one before it made of the next start."""
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for turn in range(runs + 1):
        made = next(starts)
        for name, stage in stages.items():
            begun = perf_counter()
            made = stage(made)
            if turn:
                taken[name].append((perf_counter() - begun) * 1000)
    return {name: median(times) for name, times in taken.items()}

"""Gradient descent carried on, of any family: in decimals what `descent/exact.py` is judged by, in
floats what the figures draw.

It knows the loss and its slopes from the family's own oracle (`judge/judges.py`) and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import islice, takewhile
from math import isfinite

import numpy as np

from ..judge.duals import judging
from ..judge.judges import judge_of
from ..numbers.known_digits import RUN
from ..numbers.number import quantize
from ..problem import Descending
from ..trace.trace import Descent
from .outcome import Course, follow

BEYOND = 10  # digits more than the trace has; a run takes very many steps
Point = np.ndarray  # a value for each trained parameter, in the order of the problem


def _descend(problem: Descending, rate: float) -> Iterator[tuple[Point, float]]:
    """The points of gradient descent without end, and the loss at each."""
    at, point = judge_of(problem).ground(problem), start_of(problem)
    with np.errstate(all="ignore"):
        while True:
            loss, slopes = at(point)
            yield point, float(loss)
            point = point - rate * slopes


def start_of(problem: Descending) -> Point:
    """The trained parameters as they are given, in floats: (parameters,)."""
    return np.array([float(problem.parameters[name].value) for name in problem.trained])


def path(problem: Descending, rate: float) -> Iterator[Point]:
    """The points of gradient descent without end."""
    return (point for point, _ in _descend(problem, rate))


def losses(problem: Descending, epochs: int, rate: float | None = None) -> np.ndarray:
    """The loss before each of `epochs` updates and after the last: (epochs + 1,). Shorter where
    descent diverges: it ends before the first loss that is not finite."""
    walk = _descend(problem, float(problem.learning_rate.value) if rate is None else rate)
    return np.array(list(islice(takewhile(isfinite, (loss for _, loss in walk)), epochs + 1)))


def carried_on(problem: Descending, rate: float, aside: float = 0.0) -> Course:
    """What becomes of gradient descent with a learning rate, in floats that raise where there is no
    value; from a start so far `aside`."""
    return _course(_Known(problem), rate, aside)


class _Known:
    """A problem that a course can be remembered by: by what it says."""

    def __init__(self, problem: Descending):
        self.problem, self.text = problem, problem.model_dump_json()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=64)
def _course(known: _Known, rate: float, aside: float) -> Course:
    problem = known.problem
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        return follow(
            list(start_of(problem) + aside),
            np.float64(rate),
            judge_of(problem).ground(problem),
            float(problem.until.value),
            problem.long_run,
        )


def judged_run(
    problem: Descending, rate: Decimal, digits: int, aside: Decimal = Decimal(0)
) -> Course:
    """What becomes of gradient descent with a learning rate, by the judge's own slopes, with a few
    digits more than the trace, which has so many; from a start so far `aside`, of each value or of
    1."""
    return _judged(_Known(problem), rate, aside, min(digits, RUN))


@lru_cache(maxsize=64)
def _judged(known: _Known, rate: Decimal, aside: Decimal, digits: int) -> Course:
    problem = known.problem
    start = [problem.parameters[name].value for name in problem.trained]
    with judging(digits) as arithmetic:
        arithmetic.prec = digits + BEYOND
        return follow(
            [value + aside * (abs(value) or 1) for value in start],
            rate,
            judge_of(problem).exact_ground(problem),
            problem.until.value,
            problem.long_run,
        )


def at_end(problem: Descending, end: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every quantity where the problem's own run is said to end, at the point as it is printed.
    Whether it ends there is judged apart."""
    return judge_of(problem).moved(
        problem,
        {
            name: quantize(value, -problem.end_places, problem.rounding.mode)
            for name, value in end.items()
        },
    )


def loss_at_end(problem: Descending, run: Descent) -> Decimal:
    """The loss at the point where a run ends, as that is printed; of the run itself where there is
    none."""
    try:
        with judging():
            found = at_end(problem, run.end)[problem.loss_name]
    except ArithmeticError:
        return run.loss
    return found if found.is_finite() else run.loss

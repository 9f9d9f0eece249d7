"""The independent computation for gradient descent, from the texts of the problem (`float_formulas.py`) and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

import numpy as np

from .calculus import DescentProblem
from .float_formulas import Dual, evaluate, slope_by_differences
from .oracle import Step, finite_start
from .trajectory import Course, follow

Point = np.ndarray      # a value for each variable, in the order of the problem


def heights(problem: DescentProblem, *at: np.ndarray, text: str = "") -> np.ndarray:
    """The function (or another formula) where the variables take the values `at`, arrays of one shape or numbers; not finite where it has no value."""
    with np.errstate(all="ignore"):
        value = evaluate(text or problem.formula, {name: Dual(each) for name, each in zip(problem.start, at)}).value
        return np.broadcast_to(value, np.broadcast_shapes(*map(np.shape, at))).astype(float)


def gradient(problem: DescentProblem, point: Point) -> Point:
    """The slopes by every variable, carried forward as dual numbers."""
    return _slopes(problem.formula, list(problem.start), point, np.eye(len(point)))


def _slopes(formula: str, names: list[str], point: Sequence[float], seeds: np.ndarray) -> Point:
    values = {name: Dual(np.float64(value), seed) for name, value, seed in zip(names, point, seeds)}
    return np.broadcast_to(evaluate(formula, values).slope, len(names)).astype(float)


def path(problem: DescentProblem, rate: float) -> Iterator[Point]:
    """The points of gradient descent without end."""
    point = np.array([float(number.value) for number in problem.start.values()])
    with np.errstate(all="ignore"):
        while True:
            yield point
            point = point - rate * gradient(problem, point)


def losses(problem: DescentProblem, epochs: int, rate: float | None = None) -> np.ndarray:
    """The loss before each of `epochs` updates and after the last; shorter where descent diverges."""
    points = path(problem, float(problem.learning_rate.value) if rate is None else rate)
    return finite_start((float(heights(problem, *point)) for point in points), epochs + 1)


def run(problem: DescentProblem) -> list[Step]:
    """Every iteration, and the value after the last; the single cases with the first, the end of the long run with the last."""
    steps: list[Step] = []
    points = path(problem, float(problem.learning_rate.value))
    for epoch, point in enumerate(islice(points, problem.epochs + 1)):
        values = dict(zip(problem.start, point.tolist())) | _quantities(problem, point)
        with np.errstate(all="ignore"):
            values |= {f"d{problem.name}_d{name}": slope for name, slope in zip(problem.start, gradient(problem, point).tolist())}
        if steps:
            steps[-1].after.update(zip(problem.start, point.tolist()))
        steps.append(Step(epoch, values, {}))
    for place, case in enumerate(problem.cases, start=1):
        steps[0].after[f"case_{place}"] = float(case.value.value) - float(case.learning_rate.value) * float(case.gradient.value)
    if problem.long_run:
        course = carried_on(problem, float(problem.learning_rate.value))
        shown = np.array([float(f"{value:.{problem.end_places}f}") for value in course.end])
        steps[-1].values.update(_quantities(problem, shown, f"__{course.updates}"))
    return steps


def _quantities(problem: DescentProblem, point: Point, after: str = "") -> dict[str, float]:
    return {name + after: float(heights(problem, *point, text=text)) for name, text in problem.quantities.items()}


def carried_on(problem: DescentProblem, rate: float, aside: float = 0.0) -> Course:
    """What becomes of gradient descent with a learning rate, in floats that raise where there is no value; from a start so far `aside`."""
    start = tuple((name, float(number.value) + aside) for name, number in problem.start.items())
    return _course(problem.formula, start, rate, float(problem.until.value), problem.long_run)


@lru_cache(maxsize=64)
def _course(formula: str, start: tuple[tuple[str, float], ...], rate: float, small: float, longest: int) -> Course:
    names, seeds = [name for name, _ in start], np.eye(len(start))

    def height(point: Sequence[float]) -> float:
        return evaluate(formula, {name: Dual(np.float64(value)) for name, value in zip(names, point)}).value

    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        return follow([np.float64(value) for _, value in start], np.float64(rate), height, lambda point: _slopes(formula, names, point, seeds), small, longest)


def central_differences(problem: DescentProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """The slopes by differences, and the names of those that come to no number."""
    point = [step.values[name] for name in problem.start]
    found = {f"d{problem.name}_d{name}": slope_by_differences(
        lambda moved, place=place: heights(problem, *point[:place], moved, *point[place + 1:]), point[place]) for place, name in enumerate(problem.start)}
    left_out = {name for name, slope in found.items() if not np.isfinite(slope)}
    return {name: slope for name, slope in found.items() if name not in left_out}, left_out

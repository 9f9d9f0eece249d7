"""The independent computation for gradient descent, from the texts of the problem (`float_formulas.py`) and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .calculus import DescentProblem
from .float_formulas import Dual, evaluate, slope_by_differences, told
from .oracle import Step


def ground(problem: DescentProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The function and its slopes, carried forward as dual numbers, as a function of a point: a value for each variable."""
    seeds = np.eye(len(problem.start))

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        found = evaluate(problem.formula, {name: Dual(np.float64(value), seed) for name, value, seed in zip(problem.start, point, seeds)})
        return found.value, np.broadcast_to(found.slope, len(point)).astype(float)

    return at


def quantities(problem: DescentProblem, values: Mapping[str, float | np.ndarray]) -> dict[str, np.ndarray]:
    """What is watched and the function where the variables have these `values`, numbers or arrays of one shape; not finite where
    there is no value."""
    shape = np.broadcast_shapes(*map(np.shape, values.values()))
    duals = {name: Dual(np.asarray(value, dtype=float)[()]) for name, value in values.items()}
    with np.errstate(all="ignore"):
        return {name: np.broadcast_to(evaluate(text, duals).value, shape).astype(float) for name, text in problem.quantities.items()}


def run(problem: DescentProblem) -> list[Step]:
    """Every iteration, and the value after the last; the single cases with the first."""
    steps: list[Step] = []
    point, at, rate = np.array([float(number.value) for number in problem.start.values()]), ground(problem), float(problem.learning_rate.value)
    with np.errstate(all="ignore"):
        for epoch in range(problem.epochs + 1):
            values, slopes = dict(zip(problem.start, point.tolist())), at(point)[1]
            if steps:
                steps[-1].after.update(values)
            steps.append(Step(epoch, values | {name: float(value) for name, value in quantities(problem, values).items()}
                              | {f"d{problem.name}_d{name}": slope for name, slope in zip(problem.start, slopes.tolist())}, {}))
            point = point - rate * slopes
    for place, case in enumerate(problem.cases, start=1):
        steps[0].after[f"case_{place}"] = float(case.value.value) - float(case.learning_rate.value) * float(case.gradient.value)
    return steps


def central_differences(problem: DescentProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """The slopes by differences, and the names of those that come to no number."""
    point = {name: step.values[name] for name in problem.start}
    return told({f"d{problem.name}_d{name}": slope_by_differences(lambda moved, name=name: quantities(problem, point | {name: moved})[problem.name], value)
                 for name, value in point.items()})

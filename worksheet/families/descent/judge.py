"""The independent computation for gradient descent, from the texts of the problem
(`judge/exact_formulas.py`, for figures `judge/float_formulas.py`) and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from ...judge import float_formulas
from ...judge.duals import ONE, ZERO, Dual
from ...judge.exact_formulas import compiled, evaluate
from ...judge.step import Ground, Step
from .problem import DescentProblem


def exact_ground(problem: DescentProblem) -> Ground:
    """The function and its slopes as a function of a point: a value for each variable."""
    worked = compiled(problem.formula)

    def at(point: Sequence[Decimal]) -> tuple[Decimal, list[Decimal]]:
        found = worked(
            {name: Dual(value, {name: ONE}) for name, value in zip(problem.start, point)}
        )
        return found.value, [found.slopes.get(name, ZERO) for name in problem.start]

    return at


def moved(problem: DescentProblem, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The variables, what is watched and the function where the variables have these `values`."""
    found = {name: Dual(value) for name, value in values.items()}
    for name, text in problem.quantities.items():
        found[name] = evaluate(text, found)
    return {name: each.value for name, each in found.items()}


def run(problem: DescentProblem) -> list[Step]:
    """Every iteration, and the value after the last; the single cases with the first."""
    steps: list[Step] = []
    point, at, rate = (
        {name: number.value for name, number in problem.start.items()},
        exact_ground(problem),
        problem.learning_rate.value,
    )
    for epoch in range(problem.epochs + 1):
        slopes = dict(zip(point, at(list(point.values()))[1]))
        steps.append(
            Step(
                epoch,
                moved(problem, point)
                | {f"d{problem.name}_d{name}": slope for name, slope in slopes.items()},
                {},
            )
        )
        point = {name: value - rate * slopes[name] for name, value in point.items()}
        steps[-1].after.update(point if epoch < problem.epochs else {})
    for place, case in enumerate(problem.cases, start=1):
        steps[0].after[f"case_{place}"] = (
            case.value.value - case.learning_rate.value * case.gradient.value
        )
    return steps


# ---- in floats, for figures
# -----------------------------------------------------------------------


def ground(problem: DescentProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The function and its slopes as a function of a point in floats."""
    seeds = np.eye(len(problem.start))

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        found = float_formulas.evaluate(
            problem.formula,
            {
                name: float_formulas.Dual(np.float64(value), seed)
                for name, value, seed in zip(problem.start, point, seeds)
            },
        )
        return found.value, np.broadcast_to(found.slope, len(point)).astype(float)

    return at


def quantities(
    problem: DescentProblem, values: Mapping[str, float | np.ndarray]
) -> dict[str, np.ndarray]:
    """What is watched and the function where the variables have these `values`, numbers or arrays
    of one shape, in floats; not finite where there is no value."""
    shape = np.broadcast_shapes(*map(np.shape, values.values()))
    duals = {
        name: float_formulas.Dual(np.asarray(value, dtype=float)[()])
        for name, value in values.items()
    }
    with np.errstate(all="ignore"):
        return {
            name: np.broadcast_to(float_formulas.evaluate(text, duals).value, shape).astype(float)
            for name, text in problem.quantities.items()
        }

"""The independent computation for a graph of formulas: values, slopes carried forward, descent.

It reads the texts of the problem (`judge/exact_formulas.py`; for figures `judge/float_formulas.py`)
and nothing else: no trace, no tree of ours. The functions are those of `families/network/judge.py`,
so the checks and the figures ask the same of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from ...judge import exact_formulas, float_formulas
from ...judge.duals import ONE, ZERO, Dual, constants, total
from ...judge.step import Ground, Step
from .problem import FormulasProblem


def _forward(problem: FormulasProblem, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every quantity, and dL/dq for everything that there is; each formula's own partials, its
    operands held."""
    values, found = {name: Dual(value) for name, value in given.items()}, dict(given)
    slopes: dict[str, dict[str, Decimal]] = {
        name: {name: ONE} for name in given
    }  # of each quantity by all before it
    for name, text in problem.formulas.items():
        alone = exact_formulas.partials(text, values)
        values[name], found[name], slopes[name] = Dual(alone.value), alone.value, {name: ONE}
        for operand, slope in alone.slopes.items():
            found[f"d{name}_d{operand}"] = slope
            for by, through in slopes[operand].items() if slope else ():
                slopes[name][by] = total(
                    slopes[name].get(by, ZERO), slope * through if through else ZERO
                )
    loss = problem.loss_name
    return found | {
        f"d{loss}_d{name}": slopes[loss].get(name, ZERO) for name in values if name != loss
    }


def run(problem: FormulasProblem, epochs: int | None = None) -> list[Step]:
    """Every epoch, and a pass after the last as the check: each quantity, dL/dq, and each formula's
    own partials."""
    steps: list[Step] = []
    rate = problem.learning_rate.value if problem.learning_rate else ZERO
    given = {name: number.value for name, number in problem.given.items()}
    for epoch in range((problem.epochs if epochs is None else epochs) + 1):
        steps.append(Step(epoch, _forward(problem, given), {}))
        given = given | {
            name: given[name] - rate * steps[-1].values[f"d{problem.loss_name}_d{name}"]
            for name in problem.train
            if rate
        }
        steps[-1].after.update(given)
    steps[-1].after.clear()
    return steps


def moved(problem: FormulasProblem, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every quantity where these givens have these `values` and the others are as given."""
    found = constants(problem.given) | {name: Dual(value) for name, value in values.items()}
    for name, text in problem.formulas.items():
        found[name] = exact_formulas.evaluate(text, found)
    return {name: each.value for name, each in found.items()}


def exact_ground(problem: FormulasProblem) -> Ground:
    """The loss and its slopes as a function of a point, a value for each given that is trained, in
    one pass."""
    given, texts = (
        constants(problem.given),
        {name: exact_formulas.compiled(text) for name, text in problem.formulas.items()},
    )

    def at(point: Sequence[Decimal]) -> tuple[Decimal, list[Decimal]]:
        found = given | {
            name: Dual(value, {name: ONE}) for name, value in zip(problem.train, point)
        }
        for name, worked in texts.items():
            found[name] = worked(found)
        loss = found[problem.loss_name]
        return loss.value, [loss.slopes.get(name, ZERO) for name in problem.train]

    return at


# ---- in floats, for figures
# -----------------------------------------------------------------------


def _in_floats(
    problem: FormulasProblem, values: Mapping[str, float_formulas.Dual]
) -> dict[str, float_formulas.Dual]:
    found = float_formulas.constants(problem.given) | values
    for name, text in problem.formulas.items():
        found[name] = float_formulas.evaluate(text, found)
    return found


def ground(problem: FormulasProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The loss and its slopes as a function of a point in floats: each slope is a vector with a
    place for each given that is trained."""
    seeds = np.eye(len(problem.train))

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        loss = _in_floats(
            problem,
            {
                name: float_formulas.Dual(np.float64(value), seed)
                for name, value, seed in zip(problem.train, point, seeds)
            },
        )[problem.loss_name]
        return loss.value, np.broadcast_to(loss.slope, len(problem.train))

    return at


def quantities(
    problem: FormulasProblem, values: Mapping[str, float | np.ndarray]
) -> dict[str, np.ndarray]:
    """Every quantity where these givens have these `values` (numbers, or arrays of one shape) and
    the others are as given."""
    with np.errstate(all="ignore"):
        found = _in_floats(
            problem,
            {
                name: float_formulas.Dual(np.asarray(value, dtype=float)[()])
                for name, value in values.items()
            },
        )
        return {
            name: np.broadcast_to(each.value, np.broadcast_shapes(*map(np.shape, values.values())))
            for name, each in found.items()
        }

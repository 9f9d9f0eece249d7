"""The independent computation for a function of several variables, from its text
(`judge/exact_formulas.py`) and nothing else."""

from __future__ import annotations

import numpy as np

from ...judge import float_formulas
from ...judge.duals import ONE, ZERO, Dual, constants
from ...judge.exact_formulas import evaluate
from ...judge.step import Step
from .problem import GradientProblem


def run(problem: GradientProblem) -> list[Step]:
    """What is worked out before the change, and the same after it; nothing without a point."""
    if not problem.at:
        return []
    given, point = (
        constants(problem.given),
        {name: number.value for name, number in problem.at.items()},
    )
    changes = {name: number.value for name, number in problem.change.items()}
    here = evaluate(
        problem.formula, given | {name: Dual(value, {name: ONE}) for name, value in point.items()}
    )
    slopes = {name: here.slopes.get(name, ZERO) for name in problem.variables}
    moved = point | {name: point[name] + change for name, change in changes.items()}
    shares = {name: slopes[name] * change for name, change in changes.items()}
    values = {"value": here.value} | {
        f"d{problem.name}_d{name}": slope for name, slope in slopes.items()
    }
    if changes:
        there = evaluate(
            problem.formula, given | {name: Dual(value) for name, value in moved.items()}
        ).value
        rise, estimate = there - here.value, sum(shares.values())
        values |= {f"{name}_share": share for name, share in shares.items()} | {
            f"{name}_moved": value for name, value in moved.items()
        }
        values |= {"moved_value": there, "rise": rise, "estimate": estimate, "gap": rise - estimate}
    return [Step(0, values, {}), Step(1, values, {})]


def surface(problem: GradientProblem, at: dict[str, np.ndarray]) -> np.ndarray:
    """The function where each variable takes the values of `at`, arrays of one shape or numbers, in
    floats, for figures; not finite where it has no value."""
    shape = np.broadcast_shapes(*map(np.shape, at.values()))
    with np.errstate(all="ignore"):
        named = float_formulas.constants(problem.given) | {
            name: float_formulas.Dual(values) for name, values in at.items()
        }
        return np.broadcast_to(float_formulas.evaluate(problem.formula, named).value, shape).astype(
            float
        )

"""The independent computation for a function of one variable, from its text
(`judge/exact_formulas.py`) and nothing else."""

from __future__ import annotations

import numpy as np

from ...judge import float_formulas
from ...judge.duals import ONE, ZERO, Dual, constants
from ...judge.exact_formulas import evaluate
from ...judge.step import Step
from .problem import FunctionProblem


def run(problem: FunctionProblem) -> list[Step]:
    """What is worked out before the change, and the same after it."""
    x, change, given = problem.at.value, problem.change.value, constants(problem.given)
    here = evaluate(problem.formula, given | {problem.variable: Dual(x, {problem.variable: ONE})})
    there = evaluate(problem.formula, given | {problem.variable: Dual(x + change)}).value
    value, slope = here.value, here.slopes.get(problem.variable, ZERO)
    values = {
        "value": value,
        "slope": slope,
        "intercept": value - slope * x,
        "moved": x + change,
        "moved_value": there,
        "rise": there - value,
        "estimate": slope * change,
        "gap": there - value - slope * change,
    }
    return [Step(0, values, {}), Step(1, values, {})]


def curve(problem: FunctionProblem, at: np.ndarray) -> np.ndarray:
    """The function at each value of `at` in floats, for figures: (n,) -> (n,); not finite where it
    has no value."""
    with np.errstate(all="ignore"):
        named = float_formulas.constants(problem.given) | {
            problem.variable: float_formulas.Dual(at)
        }
        return np.broadcast_to(
            float_formulas.evaluate(problem.formula, named).value, np.shape(at)
        ).astype(float)

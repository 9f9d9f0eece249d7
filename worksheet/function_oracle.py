"""The independent computation for a function of one variable, from its text (`float_formulas.py`) and nothing else."""

from __future__ import annotations

import numpy as np

from .calculus import FunctionProblem
from .float_formulas import Dual, constants, evaluate, slope_by_differences, told
from .oracle import Step


def curve(problem: FunctionProblem, at: np.ndarray) -> np.ndarray:
    """The function at each value of `at`: (n,) -> (n,); not finite where it has no value."""
    with np.errstate(all="ignore"):
        return np.broadcast_to(evaluate(problem.formula, named(problem, Dual(at))).value, np.shape(at)).astype(float)


def named(problem: FunctionProblem, variable: Dual) -> dict[str, Dual]:
    """What each name of the formula stands for."""
    return constants(problem.given) | {problem.variable: variable}


def run(problem: FunctionProblem) -> list[Step]:
    """What is worked out before the change, and the same after it."""
    x, change = float(problem.at.value), float(problem.change.value)
    with np.errstate(all="ignore"):
        value, slope = map(float, evaluate(problem.formula, named(problem, Dual(np.float64(x), np.float64(1.0)))))
    there = float(curve(problem, np.array([x + change]))[0])
    values = {"value": value, "slope": slope, "intercept": value - slope * x, "moved": x + change, "moved_value": there,
              "rise": there - value, "estimate": slope * change, "gap": there - value - slope * change}
    return [Step(0, values, {}), Step(1, values, {})]


def central_differences(problem: FunctionProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """The slope by differences."""
    slope = slope_by_differences(lambda x: curve(problem, x), float(problem.at.value))
    return told({"slope": slope})

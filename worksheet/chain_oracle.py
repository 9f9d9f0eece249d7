"""The independent computation for a chain of functions, from its texts (`float_formulas.py`) and nothing else."""

from __future__ import annotations

import numpy as np

from .calculus import ChainProblem
from .float_formulas import Dual, constants, evaluate, slope_by_differences, told
from .oracle import Step


def along(problem: ChainProblem, start: Dual) -> dict[str, Dual]:
    """Every quantity with its slope, from the first on; floats or arrays."""
    found, given = {problem.variable: start}, constants(problem.given)
    with np.errstate(all="ignore"):
        for name, text in problem.links.items():
            found[name] = evaluate(text, found | given)
    return found


def run(problem: ChainProblem) -> list[Step]:
    """The values, the slope of each link alone and that of the whole, and the same once more; nothing without a point."""
    if not problem.at:
        return []
    x = np.float64(problem.at[problem.variable].value)
    found = along(problem, Dual(x, np.float64(1.0)))
    values = {name: float(dual.value) for name, dual in found.items()}
    values[f"d{problem.last}_d{problem.variable}"] = float(found[problem.last].slope)
    with np.errstate(all="ignore"):
        for name, before in problem.pairs:
            values[f"d{name}_d{before}"] = float(evaluate(problem.links[name], constants(problem.given) | {before: Dual(found[before].value, np.float64(1.0))}).slope)
    return [Step(0, values, {}), Step(1, values, {})]


def central_differences(problem: ChainProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """The slope of the whole by differences."""
    key = f"d{problem.last}_d{problem.variable}"
    slope = slope_by_differences(lambda x: along(problem, Dual(x))[problem.last].value, float(problem.at[problem.variable].value))
    return told({key: slope})

"""The independent computation for a function of several variables, from its text (`float_formulas.py`) and nothing else."""

from __future__ import annotations

import numpy as np

from .calculus import GradientProblem
from .float_formulas import Dual, constants, evaluate, slope_by_differences, told
from .oracle import Step


def surface(problem: GradientProblem, at: dict[str, np.ndarray]) -> np.ndarray:
    """The function where each variable takes the values of `at`, arrays of one shape or numbers; not finite where it has no value."""
    shape = np.broadcast_shapes(*map(np.shape, at.values()))
    with np.errstate(all="ignore"):
        return np.broadcast_to(evaluate(problem.formula, constants(problem.given) | {name: Dual(values) for name, values in at.items()}).value, shape).astype(float)


def run(problem: GradientProblem) -> list[Step]:
    """What is worked out before the change, and the same after it; nothing without a point."""
    if not problem.at:
        return []
    point = {name: np.float64(number.value) for name, number in problem.at.items()}
    changes = {name: float(number.value) for name, number in problem.change.items()}
    values: dict[str, float] = {"value": float(surface(problem, point))}
    slopes = {}
    with np.errstate(all="ignore"):
        for name in problem.variables:
            seeded = {each: Dual(value, np.float64(each == name)) for each, value in point.items()}
            slopes[name] = float(evaluate(problem.formula, constants(problem.given) | seeded).slope)
    moved = point | {name: point[name] + change for name, change in changes.items()}
    shares = {name: slopes[name] * change for name, change in changes.items()}
    values |= {f"d{problem.name}_d{name}": slope for name, slope in slopes.items()} | {f"{name}_share": share for name, share in shares.items()}
    values |= {f"{name}_moved": float(value) for name, value in moved.items()} | {"moved_value": float(surface(problem, moved))}
    rise, estimate = values["moved_value"] - values["value"], sum(shares.values())
    values |= {"rise": rise, "estimate": estimate, "gap": rise - estimate}
    return [Step(0, values, {}), Step(1, values, {})]


def central_differences(problem: GradientProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """Each partial by differences, the other variables held; and those left out."""
    point = {name: float(number.value) for name, number in problem.at.items()}
    return told({f"d{problem.name}_d{name}": slope_by_differences(lambda moved, name=name: surface(problem, point | {name: moved}), value)
                 for name, value in point.items()})

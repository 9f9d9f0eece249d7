"""The independent computation for a derivation, from its definitions (`float_formulas.py`): what each is worth, and the derivative of the
last, whatever forms its author gives it."""

from __future__ import annotations

import numpy as np

from .calculus import DerivationProblem
from .float_formulas import Dual, constants, evaluate, slope_by_differences, told
from .oracle import Step


def defined(problem: DerivationProblem, by: Dual) -> dict[str, Dual]:
    """Every definition where the name that is differentiated by is `by`; floats or arrays."""
    found = constants(problem.at) | {problem.by: by}
    with np.errstate(all="ignore"):
        for name, text in problem.definitions.items():
            found[name] = evaluate(text, found)
    return found


def run(problem: DerivationProblem) -> list[Step]:
    """The values and the derivative, and the same once more; nothing without a point."""
    if not problem.at:
        return []
    found = defined(problem, Dual(np.float64(problem.at[problem.by].value), np.float64(1.0)))
    values = {name: float(dual.value) for name, dual in found.items()} | {f"d{problem.loss_name}_d{problem.by}": float(found[problem.loss_name].slope)}
    return [Step(0, values, {}), Step(1, values, {})]


def central_differences(problem: DerivationProblem, step: Step) -> tuple[dict[str, float], set[str]]:
    """The derivative by differences."""
    key = f"d{problem.loss_name}_d{problem.by}"
    slope = slope_by_differences(lambda by: defined(problem, Dual(by))[problem.loss_name].value, step.values[problem.by])
    return told({key: slope})

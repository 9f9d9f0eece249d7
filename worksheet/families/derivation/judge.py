"""The independent computation for a derivation, from its definitions (`judge/exact_formulas.py`):
what each is worth, and the derivative of the last, whatever forms its author gives it."""

from __future__ import annotations

from ...judge.duals import ONE, ZERO, Dual, constants
from ...judge.exact_formulas import evaluate
from ...judge.step import Step
from .problem import DerivationProblem


def run(problem: DerivationProblem) -> list[Step]:
    """The values and the derivative, and the same once more; nothing without a point."""
    if not problem.at:
        return []
    found = constants(problem.at) | {
        problem.by: Dual(problem.at[problem.by].value, {problem.by: ONE})
    }
    for name, text in problem.definitions.items():
        found[name] = evaluate(text, found)
    values = {name: dual.value for name, dual in found.items()}
    values[f"d{problem.loss_name}_d{problem.by}"] = found[problem.loss_name].slopes.get(
        problem.by, ZERO
    )
    return [Step(0, values, {}), Step(1, values, {})]

"""The independent computation for a chain of functions, from its texts (`judge/exact_formulas.py`)
and nothing else."""

from __future__ import annotations

from ...judge.duals import ONE, ZERO, Dual, constants
from ...judge.exact_formulas import evaluate
from ...judge.step import Step
from .problem import ChainProblem


def run(problem: ChainProblem) -> list[Step]:
    """The values, the slope of each link alone and that of the whole, and the same once more;
    nothing without a point."""
    if not problem.at:
        return []
    x, given = problem.variable, constants(problem.given)
    found = {x: Dual(problem.at[x].value, {x: ONE})}
    values = {}
    for name, before in problem.pairs:
        found[name] = evaluate(problem.links[name], given | found)
        alone = evaluate(
            problem.links[name], given | {before: Dual(found[before].value, {before: ONE})}
        )
        values[f"d{name}_d{before}"] = alone.slopes.get(before, ZERO)
    values |= {name: dual.value for name, dual in found.items()} | {
        f"d{problem.last}_d{x}": found[problem.last].slopes.get(x, ZERO)
    }
    return [Step(0, values, {}), Step(1, values, {})]

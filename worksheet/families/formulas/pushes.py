"""The last of some formulas with one of the quantities pushed aside, by the judge's arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ...judge.duals import Dual
from ...judge.exact_formulas import evaluate
from .problem import FormulasProblem


def pushed(
    problem: FormulasProblem, held: Mapping[str, Decimal], name: str, move: Decimal
) -> Decimal:
    """The last formula's value, with `move` added to the quantity `name` and what follows from it
    worked out anew. Raises ArithmeticError where there is none."""
    found = {each: Dual(value + move if each == name else value) for each, value in held.items()}
    for each, text in problem.formulas.items():
        value = evaluate(text, found).value
        found[each] = Dual(value + move if each == name else value)
    return found[problem.loss_name].value

"""What is made small where one quantity has been pushed aside and all that follows from it goes
along, by the judge's own arithmetic.

pushed(problem, held, "z_h", h)      the loss with z_h + h
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from decimal import Decimal

from ..family import family_of
from ..judge.duals import Dual, constants
from ..judge.exact_formulas import evaluate
from ..judge.float_formulas import parsed
from ..problem import Problem

Held = Mapping[str, Decimal]  # every number that is given
CORNERED = {"relu", "abs", "max"}


def pushed(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    """The loss, or the function, with one quantity moved. Raises ArithmeticError where there is no
    value."""
    return family_of(problem).pushed(problem, held, name, move)


def pushed_function(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    """The same of a function of what is given."""
    given = constants(getattr(problem, "given", {})) | {
        each: Dual(value + move if each == name else value) for each, value in held.items()
    }
    return evaluate(problem.formula, given).value


# ---- corners
# --------------------------------------------------------------------------------------


def at_a_corner(problem: Problem, values: Mapping[str, Decimal]) -> bool:
    """Whether something is, or may be, where a ReLU, a maximum or an absolute value has its corner."""
    if problem.layers:
        return any(
            layer.activation in ("relu", "leaky-relu")
            and any(not values[unit.z] for unit in layer.units)
            for layer in problem.layers
        )
    return any(
        isinstance(node, ast.Call) and node.func.id.removeprefix("v_") in CORNERED
        for text in family_of(problem).texts(problem)
        for node in ast.walk(parsed(text))
    )

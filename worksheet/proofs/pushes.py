"""What is made small where one quantity has been pushed aside and all that follows from it goes along, by the judge's own arithmetic.

    pushed(problem, held, "z_h", h)      the loss with z_h + h
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal

from ..judge.duals import Dual, constants
from ..judge.exact_formulas import evaluate
from ..judge.exact_network import Worked, activated, loss_of
from ..judge.float_formulas import parsed
from ..problem import Problem

Held = Mapping[str, Decimal]      # every number that is given
CORNERED = {"relu", "abs", "max"}


def pushed(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    """The loss, or the function, with one quantity moved. Raises ArithmeticError where there is no value."""
    return FAMILIES[problem.family](problem, held, name, move)


def _network(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    held = held | {name: held[name] + move} if name in held else held
    inputs, worked = [held[each] for each in problem.network.inputs], None
    for layer in problem.network.layers:
        z = []
        for unit in layer.units:
            total = sum((held[weight] * value for weight, value in zip(unit.weights, inputs)), Decimal(0)) + sum((held[bias] for bias in unit.bias), Decimal(0))
            z.append(total + move if unit.z == name else total)
        a, complements, slopes = activated(layer, z)
        a = [value + move if unit.a == name != unit.z else value for unit, value in zip(layer.units, a)]
        complements = [value - move if unit.a == name != unit.z else value for unit, value in zip(layer.units, complements)]
        worked, inputs = Worked(layer, inputs, [], z, a, complements, slopes), a
    return loss_of(problem.network.loss, [held[each] for each in problem.network.target], worked)[0]


def _formulas(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    found = {each: Dual(value + move if each == name else value) for each, value in held.items()}
    for each, text in problem.formulas.items():
        value = evaluate(text, found).value
        found[each] = Dual(value + move if each == name else value)
    return found[problem.loss_name].value


def _function(problem: Problem, held: Held, name: str, move: Decimal) -> Decimal:
    given = constants(getattr(problem, "given", {})) | {each: Dual(value + move if each == name else value) for each, value in held.items()}
    return evaluate(problem.formula, given).value


FAMILIES: dict[str, Callable[[Problem, Held, str, Decimal], Decimal]] = {
    "network": _network, "formulas": _formulas, "descent": _function, "gradient": _function}


# ---- corners --------------------------------------------------------------------------------------

def at_a_corner(problem: Problem, values: Mapping[str, Decimal]) -> bool:
    """Whether something is, or may be, where a ReLU, a maximum or an absolute value has its corner."""
    if problem.family == "network":
        return any(layer.activation in ("relu", "leaky-relu") and any(not values[unit.z] for unit in layer.units) for layer in problem.network.layers)
    texts = problem.formulas.values() if problem.family == "formulas" else [problem.formula]
    return any(isinstance(node, ast.Call) and node.func.id.removeprefix("v_") in CORNERED for text in texts for node in ast.walk(parsed(text)))

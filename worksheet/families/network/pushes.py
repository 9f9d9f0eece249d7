"""The loss of a network with one of its quantities pushed aside, by the judge's arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ...judge.exact_network import Worked, activated, loss_of
from .problem import NetworkProblem


def pushed(
    problem: NetworkProblem, held: Mapping[str, Decimal], name: str, move: Decimal
) -> Decimal:
    """The loss, with `move` added to the quantity `name` and what follows from it worked out anew.
    Raises ArithmeticError where there is none."""
    held = held | {name: held[name] + move} if name in held else held
    inputs, worked = [held[each] for each in problem.network.inputs], None
    for layer in problem.network.layers:
        z = []
        for unit in layer.units:
            total = sum(
                (held[weight] * value for weight, value in zip(unit.weights, inputs)), Decimal(0)
            ) + sum((held[bias] for bias in unit.bias), Decimal(0))
            z.append(total + move if unit.z == name else total)
        a, complements, slopes = activated(layer, z)
        a = [
            value + move if unit.a == name != unit.z else value
            for unit, value in zip(layer.units, a)
        ]
        complements = [
            value - move if unit.a == name != unit.z else value
            for unit, value in zip(layer.units, complements)
        ]
        worked, inputs = Worked(layer, inputs, [], z, a, complements, slopes), a
    return loss_of(problem.network.loss, [held[each] for each in problem.network.target], worked)[0]

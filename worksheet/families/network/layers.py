"""The formulas of a network: the weighted sum of a unit, its activation, the loss of the outputs.

w_1 x_1 + w_2 x_2 + b,     sigmoid(z),     binary_cross_entropy(y, y_hat)
"""

from __future__ import annotations

from ...algebra.expression import Apply, Expr, Name, apply, lift
from ...algebra.laws import total
from ...problem import Layer, Unit
from .problem import NetworkProblem


def weighted_sum(unit: Unit, inputs: list[str], problem: NetworkProblem) -> Expr:
    """w_1 x_1 + w_2 x_2 + ... + b, each product in the order the notation asks for."""
    is_weight_first = problem.notation.product_order == "weight-first"
    products = [
        Name(weight) * Name(value) if is_weight_first else Name(value) * Name(weight)
        for weight, value in zip(unit.weights, inputs, strict=True)
    ]
    return total([*products, *map(Name, unit.bias)])


def activated(layer: Layer, unit: Unit) -> Expr:
    """g(z) of a unit; of softmax with the z of all units of its layer."""
    if layer.activation == "softmax":
        return apply("softmax", Name(unit.z), *[Name(other.z) for other in layer.units])
    slope = (lift(layer.slope.text),) if layer.activation == "leaky-relu" else ()
    return apply(layer.activation.replace("-", "_"), Name(unit.z), *slope)


def loss(problem: NetworkProblem) -> Expr:
    """The loss as a law of the targets and of the outputs."""
    network = problem.network
    return Apply(
        network.loss.replace("-", "_"),
        (*map(Name, network.target), *[Name(unit.a) for unit in network.layers[-1].units]),
    )


def formulas(problem: NetworkProblem) -> dict[str, Expr]:
    """Each quantity of the forward pass by its formula, the loss last."""
    inputs, found = list(problem.network.inputs), {}
    for layer in problem.layers:
        for unit in layer.units:
            found[unit.z] = weighted_sum(unit, inputs, problem)
            if layer.activation != "identity":
                found[unit.a] = activated(layer, unit)
        inputs = [unit.a for unit in layer.units]
    return found | {problem.loss_name: loss(problem)}

"""A network in decimals, with slopes carried forward through its layers: the arithmetic of
`families/network/judge.py`.

    from every unit on:   dz = W da,   da = f'(z) dz,   dL = dL/dy_hat . dy_hat

Written apart from `algebra/laws.py` and `trace/backward.py`, which it judges: nothing here comes
from a formula on the tape. Nothing cancels: a sigmoid's and a softmax's complements are worked out
by themselves, however far out they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..problem import Layer, Network
from .duals import NONE, ONE, ZERO, above, exp, ln, sigmoid, sigmoid_slope, tanh, tanh_slope

Vector = list[Decimal]
Matrix = list[Vector]


@dataclass(slots=True)
class Worked:
    """A layer after its forward pass. weights: (units, inputs); complements: 1 - a; slopes: f'(z),
    of a softmax its Jacobian (units, units)."""

    layer: Layer
    inputs: Vector
    weights: Matrix
    z: Vector
    a: Vector
    complements: Vector
    slopes: Vector | Matrix


def forward(network: Network, held: Mapping[str, Decimal]) -> list[Worked]:
    """Every layer, with the parameters that are held."""
    inputs, layers = [number.value for number in network.inputs.values()], []
    for layer in network.layers:
        weights = [[held[name] for name in unit.weights] for unit in layer.units]
        z = [
            _dot(row, inputs) + (held[next(iter(unit.bias))] if unit.bias else ZERO)
            for row, unit in zip(weights, layer.units)
        ]
        a, complements, slopes = activated(layer, z)
        layers.append(Worked(layer, inputs, weights, z, a, complements, slopes))
        inputs = a
    return layers


def _dot(one: Sequence[Decimal], other: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for a, b in zip(one, other):
        total += a * b
    return total


def activated(layer: Layer, z: Vector) -> tuple[Vector, Vector, Vector | Matrix]:
    """a, 1 - a and the slopes."""
    match layer.activation:
        case "identity":
            return z, [ONE - each for each in z], [ONE] * len(z)
        case "sigmoid":
            return (
                [sigmoid(each) for each in z],
                [sigmoid(-each) for each in z],
                [sigmoid_slope(each) for each in z],
            )
        case "tanh":
            a = [tanh(each) for each in z]
            return a, [ONE - each for each in a], [tanh_slope(each) for each in z]
        case "relu" | "leaky-relu":
            slope = layer.slope.value if layer.activation == "leaky-relu" else ZERO
            slopes = [above(each) or slope for each in z]  # at 0 the slope of the left side
            a = [each * by for each, by in zip(z, slopes)]
            return a, [ONE - each for each in a], slopes
        case "softmax":
            powers = [exp(each - max(z)) for each in z]
            total = sum(powers)
            a, rest = (
                [power / total for power in powers],
                [sum(powers[:i] + powers[i + 1 :], ZERO) / total for i in range(len(z))],
            )
            return (
                a,
                rest,
                [
                    [own * left if i == k else -own * other for k, other in enumerate(a)]
                    for i, (own, left) in enumerate(zip(a, rest))
                ],
            )
    raise ValueError(f"unknown activation {layer.activation!r}")


def loss_of(kind: str, y: Vector, last: Worked) -> tuple[Decimal, Vector]:
    """The loss, and its slope by each prediction; 0 ln 0 is 0."""
    a, rest = last.a, last.complements
    match kind:
        case "half-squared-error" | "squared-error" | "mean-squared-error":
            factor = {
                "half-squared-error": Decimal("0.5"),
                "squared-error": ONE,
                "mean-squared-error": ONE / len(y),
            }[kind]
            return factor * sum((value - target) ** 2 for value, target in zip(a, y)), [
                2 * factor * (value - target) for value, target in zip(a, y)
            ]
        case "binary-cross-entropy":
            parts = [(target, value) for target, value in zip(y, a)] + [
                (ONE - target, left) for target, left in zip(y, rest)
            ]
            return _entropy(parts), [
                _ratio(ONE - target, left) - _ratio(target, value)
                for target, value, left in zip(y, a, rest)
            ]
        case "categorical-cross-entropy":
            return _entropy(zip(y, a)), [-_ratio(target, value) for target, value in zip(y, a)]
    raise ValueError(f"unknown loss {kind!r}")


def _entropy(parts) -> Decimal:
    return -sum((target * ln(value) for target, value in parts if target), ZERO)


def _ratio(y: Decimal, p: Decimal) -> Decimal:
    """y / p, and 0 wherever y is 0; of a probability beneath all numbers there is none."""
    return (y / p if p else NONE) if y else ZERO


def through(worked: Worked, seeds: Matrix) -> Matrix:
    """What moves z, `seeds` (units, n), moves a by: (units, n)."""
    if worked.layer.activation == "softmax":
        return _product(worked.slopes, seeds)
    return [
        [slope * each if each else each for each in row] for slope, row in zip(worked.slopes, seeds)
    ]


def _product(one: Matrix, other: Matrix) -> Matrix:
    columns = list(zip(*other))
    return [[_dot(row, column) for column in columns] for row in one]


def ahead(layers: list[Worked]) -> Iterator[tuple[Worked, Matrix]]:
    """For each layer, how the predictions move when its activations do, each by itself:
    (predictions, units)."""
    for place, worked in enumerate(layers):
        seeds = None
        for later in layers[place + 1 :]:
            seeds = through(
                later, later.weights if seeds is None else _product(later.weights, seeds)
            )
        yield (
            worked,
            seeds
            or [
                [ONE if i == k else ZERO for k in range(len(worked.a))]
                for i in range(len(worked.a))
            ],
        )


def slopes_of(layers: list[Worked], by_prediction: Vector) -> dict[str, Decimal]:
    """The slope of what has these slopes by the predictions, by the name of every a, z, weight and
    bias."""
    found: dict[str, Decimal] = {}
    for worked, seeds in ahead(layers):
        by_a = _product([by_prediction], seeds)[0]
        by_z = (
            _product([by_a], worked.slopes)[0]
            if worked.layer.activation == "softmax"
            else [a * slope for a, slope in zip(by_a, worked.slopes)]
        )
        for unit, a, z in zip(worked.layer.units, by_a, by_z):
            found |= {unit.a: a, unit.z: z}
            for name, source in zip(unit.weights, worked.inputs):
                found[name] = z * source
            for name in unit.bias:
                found[name] = z
    return found


def local_slopes(layers: list[Worked]) -> Iterator[tuple[str, str, Decimal]]:
    """(a, z, da/dz) of every unit, and of every pair of a softmax."""
    for worked in layers:
        units = worked.layer.units
        for i, unit in enumerate(units):
            if worked.layer.activation == "softmax":
                yield from ((unit.a, other.z, worked.slopes[i][k]) for k, other in enumerate(units))
            elif worked.layer.activation != "identity":
                yield unit.a, unit.z, worked.slopes[i]

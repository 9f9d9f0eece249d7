"""Dense layers as NumPy matrices: the forward pass, the losses, backpropagation. The arithmetic of
`families/network/judge.py`.

Written apart from `algebra/laws.py` and `trace/backward.py`, which it checks: nothing here comes
from a formula on the tape. Everything is float64; a vector of a layer has its units on the last
axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..families.network.problem import NetworkProblem


NOISE = 4 * np.finfo(float).eps  # of the size of its terms, how far off a sum may be


@dataclass(slots=True)
class DenseLayer:
    """A layer as a matrix. `parameters`: (units, inputs + 1), the last column the biases, 0 where a
    unit has none.

    `names` has the parameters' names row by row (weights, then bias, "" for an absent one);
    `trained` is 1.0 where gradient descent may move an entry, 0.0 elsewhere, in the shape of
    `parameters`.
    """

    z: list[str]
    a: list[str]
    names: list[str]
    trained: np.ndarray
    parameters: np.ndarray
    activation: str
    slope: float


@dataclass(slots=True)
class Pass:
    """What a forward pass leaves behind, by layer; `sources` are the layers' inputs, ending in a 1
    for the bias."""

    sources: list[np.ndarray]
    z: list[np.ndarray]
    a: list[np.ndarray]


def layers_of(problem: NetworkProblem) -> list[DenseLayer]:
    """The layers of a network: a row for each unit, its weights and then its bias, 0 where it has
    none."""
    layers = []
    for layer in problem.network.layers:
        rows, trained, names = [], [], []
        for unit in layer.units:
            bias = next(iter(unit.bias), "")
            rows.append(
                [float(number.value) for number in (*unit.weights.values(), *unit.bias.values())]
                + ([] if bias else [0.0])
            )
            trained.append([1.0] * len(unit.weights) + [float(bool(bias) and layer.trained_bias)])
            names += [*unit.weights, bias]
        layers.append(
            DenseLayer(
                [unit.z for unit in layer.units],
                [unit.a for unit in layer.units],
                names,
                np.array(trained),
                np.array(rows),
                layer.activation,
                float(layer.slope.value),
            )
        )
    return layers


def vector(numbers: dict) -> np.ndarray:
    """The numbers in their order, of shape (n,)."""
    return np.array([float(number.value) for number in numbers.values()])


def settled(total, size):
    """A sum of terms that together are so large in `size`: 0 where floats leave nothing of it but
    noise, as in 0.1 + 0.2 - 0.3, so that a ReLU is on the side where decimals have it."""
    return np.where(np.abs(total) > NOISE * size, total, 0.0)


# ---- activations and losses, over the last axis -------------------------------------------------


def sigmoid(z):
    """1/(1 + e^-z), entry by entry."""
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))  # no power overflows


def activate(layer: DenseLayer, z):
    """g(z), of the shape of z. Raises ValueError for an activation that it does not know."""
    match layer.activation:
        case "identity":
            return z
        case "sigmoid":
            return sigmoid(z)
        case "tanh":
            return np.tanh(z)
        case "relu":
            return np.where(z > 0, z, 0.0)
        case "leaky-relu":
            return np.where(z > 0, z, layer.slope * z)
        case "softmax":
            powers = np.exp(z - z.max(axis=-1, keepdims=True))
            return powers / powers.sum(axis=-1, keepdims=True)
    raise ValueError(f"unknown activation {layer.activation!r}")


def through(layer: DenseLayer, z, a, da):
    """dL/dz from dL/da, each (units,): da * f'(z), and for softmax the whole Jacobian diag(p) - p
    p^T."""
    match layer.activation:
        case "identity":
            return da
        case "sigmoid":
            return da * a * sigmoid(-z)  # 1 - a loses its digits where a is close to 1
        case "tanh":
            return da * 4.0 * sigmoid(2.0 * z) * sigmoid(-2.0 * z)
        case "relu":
            return np.where(z > 0, da, 0.0)  # ReLU'(0) = 0
        case "leaky-relu":
            return np.where(z > 0, da, layer.slope * da)
        case "softmax":
            return a * (da - da @ a)
    raise ValueError(f"unknown activation {layer.activation!r}")


def complement_of(layer: DenseLayer, z, a):
    """1 - a, without cancellation after a sigmoid."""
    return sigmoid(-z) if layer.activation == "sigmoid" else 1.0 - a


def _entropy(y, p):
    """-y ln p with 0 ln 0 = 0; `p` may have a leading axis that `y` has not."""
    return -y * np.log(np.where(y != 0, p, 1.0))


def loss_of(kind: str, y, a, complement):
    """The loss of predictions `a`: (..., outputs) -> (...). `complement` is 1 - a."""
    match kind:
        case "half-squared-error":
            return 0.5 * ((y - a) ** 2).sum(axis=-1)
        case "squared-error":
            return ((y - a) ** 2).sum(axis=-1)
        case "mean-squared-error":
            return ((y - a) ** 2).sum(axis=-1) / y.size
        case "binary-cross-entropy":
            return (_entropy(y, a) + _entropy(1.0 - y, complement)).sum(axis=-1)
        case "categorical-cross-entropy":
            return _entropy(y, a).sum(axis=-1)
    raise ValueError(f"unknown loss {kind!r}")


def _ratio(y, p):
    """y / p, and 0 wherever y is 0."""
    return y / np.where(y != 0, p, 1.0)


def loss_gradient(kind: str, y, a, complement):
    """dL/da: (outputs,)."""
    match kind:
        case "half-squared-error":
            return a - y
        case "squared-error":
            return 2.0 * (a - y)
        case "mean-squared-error":
            return 2.0 * (a - y) / y.size
        case "binary-cross-entropy":
            return _ratio(1.0 - y, complement) - _ratio(y, a)
        case "categorical-cross-entropy":
            return -_ratio(y, a)
    raise ValueError(f"unknown loss {kind!r}")


# ---- forward, backward, descent -----------------------------------------------------------------


def forward(layers: list[DenseLayer], x) -> Pass:
    """sources, z and a of every layer: z = P [source, 1]."""
    passed = Pass([], [], [])
    for layer in layers:
        source = np.ones(len(x) + 1)
        source[:-1] = x
        z = settled(layer.parameters @ source, np.abs(layer.parameters) @ np.abs(source))
        x = activate(layer, z)
        passed.sources.append(source)
        passed.z.append(z)
        passed.a.append(x)
    return passed


def backward(
    layers: list[DenseLayer], passed: Pass, da
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(dL/da, dL/dz, dL/dP) for every layer in order; dL/dP has the shape of `parameters`."""
    gradients = []
    for layer, source, z, a in zip(
        reversed(layers), *map(reversed, (passed.sources, passed.z, passed.a))
    ):
        dz = through(layer, z, a, da)
        gradients.append((da, dz, dz[:, None] * source))
        da = dz @ layer.parameters[:, :-1]
    return gradients[::-1]

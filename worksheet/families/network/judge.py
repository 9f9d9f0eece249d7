"""The independent computation for a network: forward pass, slopes carried forward and descent in
decimals (`judge/exact_network.py`).

It reads the problem and nothing else: no trace, no formula of ours. What the page says and what
this file says meet for the first time in `proofs/checks.py`. In floats (`judge/dense_layers.py`) it
serves the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from ...judge.dense_layers import (
    DenseLayer,
    Pass,
    activate,
    backward,
    complement_of,
    forward,
    layers_of,
    loss_gradient,
    loss_of,
    vector,
)
from ...judge.duals import ONE
from ...judge.exact_network import Worked, local_slopes, slopes_of
from ...judge.exact_network import forward as worked_forward
from ...judge.exact_network import loss_of as exact_loss
from ...judge.step import Ground, Step
from .problem import NetworkProblem


def _worked(
    problem: NetworkProblem, held: Mapping[str, Decimal]
) -> tuple[list[Worked], Decimal, list[Decimal]]:
    """The layers, the loss, and its slope by each prediction."""
    layers = worked_forward(problem.network, held)
    return layers, *exact_loss(
        problem.network.loss,
        [number.value for number in problem.network.target.values()],
        layers[-1],
    )


def _values(problem: NetworkProblem, layers: list[Worked], loss: Decimal) -> dict[str, Decimal]:
    found = {
        name: value
        for worked in layers
        for names, values in (
            ((unit.z for unit in worked.layer.units), worked.z),
            ((unit.a for unit in worked.layer.units), worked.a),
        )
        for name, value in zip(names, values)
    }
    return found | {problem.loss_name: loss}


def run(problem: NetworkProblem, epochs: int | None = None) -> list[Step]:
    """Every epoch from 0, `problem.epochs` of them or `epochs`, and after the last one a forward
    pass as the check. Gradients are those of the loss by everything, of each activation by what it
    is of, and of the prediction where the problem goes that way."""
    steps: list[Step] = []
    held, name, rate = (
        {each: number.value for each, number in problem.parameters.items()},
        problem.loss_name,
        problem.learning_rate.value,
    )
    for epoch in range(problem.epochs if epochs is None else epochs):
        layers, loss, by_prediction = _worked(problem, held)
        slopes = slopes_of(layers, by_prediction)
        values = {f"d{a}_d{z}": slope for a, z, slope in local_slopes(layers)}
        if problem.gradients == "through-prediction":
            prediction = problem.network.layers[-1].units[0].a
            values |= {
                f"d{prediction}_d{each}": slope for each, slope in slopes_of(layers, [ONE]).items()
            }
        values |= (
            {f"d{name}_d{each}": slope for each, slope in slopes.items()}
            | _values(problem, layers, loss)
            | held
        )
        held = held | {each: held[each] - rate * slopes[each] for each in problem.trained}
        steps.append(Step(epoch, values, held))
    layers, loss, _ = _worked(problem, held)
    return [*steps, Step(len(steps), _values(problem, layers, loss) | held, {})]


def moved(problem: NetworkProblem, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every z, every a and the loss where these parameters have these `values` and the others are
    as given."""
    layers, loss, _ = _worked(
        problem, {name: number.value for name, number in problem.parameters.items()} | values
    )
    return _values(problem, layers, loss)


def exact_ground(problem: NetworkProblem) -> Ground:
    """The loss and its slopes as a function of a point: a value for each trained parameter, in the
    order of the problem."""
    given = {name: number.value for name, number in problem.parameters.items()}

    def at(point: Sequence[Decimal]) -> tuple[Decimal, list[Decimal]]:
        layers, loss, by_prediction = _worked(problem, given | dict(zip(problem.trained, point)))
        slopes = slopes_of(layers, by_prediction)
        return loss, [slopes[name] for name in problem.trained]

    return at


# ---- in floats, for figures
# -----------------------------------------------------------------------


def _pass_in_floats(problem: NetworkProblem, layers: list[DenseLayer]) -> tuple[Pass, float, list]:
    """The forward pass, the loss and the gradients of every layer."""
    kind, x, y = (
        problem.network.loss,
        vector(problem.network.inputs),
        vector(problem.network.target),
    )
    passed = forward(layers, x)
    a, complement = passed.a[-1], complement_of(layers[-1], passed.z[-1], passed.a[-1])
    return (
        passed,
        float(loss_of(kind, y, a, complement)),
        backward(layers, passed, loss_gradient(kind, y, a, complement)),
    )


def ground(problem: NetworkProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The loss and its slopes as a function of a point in floats: a value for each trained
    parameter, in the order of the problem."""
    layers = layers_of(problem)
    chosen = [np.flatnonzero(layer.trained) for layer in layers]

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        rest = np.asarray(point)
        for layer, places in zip(layers, chosen):
            layer.parameters.flat[places], rest = rest[: len(places)], rest[len(places) :]
        _, loss, gradients = _pass_in_floats(problem, layers)
        return loss, np.concatenate(
            [gradient.flat[places] for (_, _, gradient), places in zip(gradients, chosen)]
        )

    return at


def quantities(
    problem: NetworkProblem, values: Mapping[str, float | np.ndarray]
) -> dict[str, np.ndarray]:
    """Every z, every a and the loss where these parameters have these `values` (numbers, or arrays
    of one shape) and the others are as given."""
    a, y, found = vector(problem.network.inputs), vector(problem.network.target), {}
    with np.errstate(all="ignore"):
        for layer in layers_of(problem):
            z = (
                _wide(layer, values)
                @ np.concatenate([a, np.ones((*a.shape[:-1], 1))], axis=-1)[..., None]
            )
            z = z[..., 0]
            a = activate(layer, z)
            found |= {
                name: vector_of[..., unit]
                for names, vector_of in ((layer.z, z), (layer.a, a))
                for unit, name in enumerate(names)
            }
        return found | {
            problem.network.loss_name: loss_of(
                problem.network.loss, y, a, complement_of(layer, z, a)
            )
        }


def _wide(layer: DenseLayer, values: Mapping[str, float | np.ndarray]) -> np.ndarray:
    """The parameters with some of them replaced, maybe by arrays: (..., units, inputs + 1)."""
    moved = {place: values[name] for place, name in enumerate(layer.names) if name in values}
    wide = np.broadcast_to(
        layer.parameters,
        (*np.broadcast_shapes(*set(map(np.shape, moved.values()))), *layer.parameters.shape),
    ).copy()
    for place, value in moved.items():
        wide[..., place // layer.parameters.shape[1], place % layer.parameters.shape[1]] = value
    return wide

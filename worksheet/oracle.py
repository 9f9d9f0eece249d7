"""The independent computation: forward pass, backpropagation and central differences in NumPy.

It reads the problem and nothing else: no trace, no formula of ours, no Decimal. What the page says and what
this file says meet for the first time in `checks.py`. Everything is float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .dense import (DenseLayer, Pass, activate, backward, complement_of, forward, layers_of, loss_gradient, loss_of,
                    vector)
from .problem import NetworkProblem


@dataclass(frozen=True, slots=True)
class Step:
    """One epoch by name: what the trace calls `z_h`, `y_hat`, `w_h`, `L`, `dL_dw_h`.

    `values` holds every z and a, the loss, the parameters before the update, and the gradients of the loss with respect
    to every z, every a and every trained parameter. `after` holds all parameters after the update, frozen ones
    unchanged. The last step of a run is the check: a forward pass only, no gradients, `after` empty.
    """

    epoch: int
    values: dict[str, float]
    after: dict[str, float]


def _descend(problem: NetworkProblem) -> Iterator[tuple[list[DenseLayer], Pass, float, list]]:
    """Gradient descent without end: the layers, their pass, the loss and the gradients, all before the update.

    Every gradient is taken before any parameter moves; the layers move when the next item is asked for.
    """
    layers, rate = layers_of(problem), float(problem.learning_rate.value)
    rates = [rate * layer.trained for layer in layers]
    while True:
        passed, loss, gradients = _worked(problem, layers)
        yield layers, passed, loss, gradients
        for layer, rates_of, (_, _, gradient) in zip(layers, rates, gradients):
            layer.parameters = layer.parameters - rates_of * gradient


def _worked(problem: NetworkProblem, layers: list[DenseLayer]) -> tuple[Pass, float, list]:
    """The forward pass, the loss and the gradients of every layer."""
    kind, x, y = problem.network.loss, vector(problem.network.inputs), vector(problem.network.target)
    passed = forward(layers, x)
    a, complement = passed.a[-1], complement_of(layers[-1], passed.z[-1], passed.a[-1])
    return passed, float(loss_of(kind, y, a, complement)), backward(layers, passed, loss_gradient(kind, y, a, complement))


def run(problem: NetworkProblem, epochs: int | None = None) -> list[Step]:
    """Every epoch from 0, `problem.epochs` of them or `epochs`, and after the last one a forward pass as the check."""
    steps: list[Step] = []
    loss_name = problem.network.loss_name
    count = problem.epochs if epochs is None else epochs
    with np.errstate(all="ignore"):
        for epoch, (layers, passed, loss, gradients) in enumerate(_descend(problem)):
            values = _quantities(layers, passed) | {loss_name: loss}
            parameters: dict[str, float] = {}
            for layer in layers:
                parameters |= _named(layer.names, layer.parameters)
            if steps:
                steps[-1].after.update(parameters)
            if epoch < count:
                for layer, (da, dz, dp) in zip(layers, gradients):
                    trained = [name if move else "" for name, move in zip(layer.names, layer.trained.flat)]
                    for quantities, gradient in ((layer.a, da), (layer.z, dz), (trained, dp)):
                        values |= {f"d{loss_name}_d{name}": value for name, value in _named(quantities, gradient)}
            steps.append(Step(epoch, values | parameters, {}))
            if epoch == count:
                return steps
    raise AssertionError("gradient descent has no end")


def _quantities(layers: list[DenseLayer], passed: Pass) -> dict[str, float]:
    values: dict[str, float] = {}
    for layer, z, a in zip(layers, passed.z, passed.a):
        values |= zip(layer.z, z.tolist())
        values |= zip(layer.a, a.tolist())
    return values


def _named(names: Iterable[str], values: np.ndarray) -> Iterator[tuple[str, float]]:
    return ((name, value) for name, value in zip(names, values.ravel().tolist()) if name)


def ground(problem: NetworkProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The loss and its slopes as a function of a point: a value for each trained parameter, in the order of the problem."""
    layers = layers_of(problem)
    chosen = [np.flatnonzero(layer.trained) for layer in layers]

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        rest = np.asarray(point)
        for layer, places in zip(layers, chosen):
            layer.parameters.flat[places], rest = rest[:len(places)], rest[len(places):]
        _, loss, gradients = _worked(problem, layers)
        return loss, np.concatenate([gradient.flat[places] for (_, _, gradient), places in zip(gradients, chosen)])

    return at


def quantities(problem: NetworkProblem, values: Mapping[str, float | np.ndarray]) -> dict[str, np.ndarray]:
    """Every z, every a and the loss where these parameters have these `values` (numbers, or arrays of one shape) and the others
    are as given."""
    a, y, found = vector(problem.network.inputs), vector(problem.network.target), {}
    with np.errstate(all="ignore"):
        for layer in layers_of(problem):
            z = _wide(layer, values) @ np.concatenate([a, np.ones((*a.shape[:-1], 1))], axis=-1)[..., None]
            z = z[..., 0]
            a = activate(layer, z)
            found |= {name: vector_of[..., unit] for names, vector_of in ((layer.z, z), (layer.a, a)) for unit, name in enumerate(names)}
        return found | {problem.network.loss_name: loss_of(problem.network.loss, y, a, complement_of(layer, z, a))}


def _wide(layer: DenseLayer, values: Mapping[str, float | np.ndarray]) -> np.ndarray:
    """The parameters with some of them replaced, maybe by arrays: (..., units, inputs + 1)."""
    moved = {place: values[name] for place, name in enumerate(layer.names) if name in values}
    wide = np.broadcast_to(layer.parameters, (*np.broadcast_shapes(*set(map(np.shape, moved.values()))), *layer.parameters.shape)).copy()
    for place, value in moved.items():
        wide[..., place // layer.parameters.shape[1], place % layer.parameters.shape[1]] = value
    return wide


def _layers_at(problem: NetworkProblem, step: Step) -> list[DenseLayer]:
    layers = layers_of(problem)
    for layer in layers:
        row = [step.values[name] if name else 0.0 for name in layer.names]
        layer.parameters = np.array(row).reshape(layer.parameters.shape)
    return layers


# ---- central differences ------------------------------------------------------------------------

def central_differences(problem: NetworkProblem, step: Step, h: float = 1e-6) -> tuple[dict[str, float], set[str]]:
    """(L(q + h) - L(q - h)) / 2h for every trained parameter, every z and every a, named like the gradients of `run`.

    The quantity q alone is moved, at the parameters of `step`, and the loss is computed anew. Moves are scaled to
    the quantity, so that neither large weights nor large inputs cost digits. All moves run as one batch.
    The second value names the gradients left out because a move carries some ReLU across its kink at z = 0, where the
    two sides have different slopes and their mean says nothing.
    """
    layers = _layers_at(problem, step)
    x, y = vector(problem.network.inputs), vector(problem.network.target)
    names: list[str] = []            # one per pair of rows of the batch
    widths: list[np.ndarray] = []    # q + h minus q - h, as rounded
    batch = x[None, :]               # row 0 is the pass as it is; then one row up and one row down for each name
    crossed = np.zeros(0, bool)
    with np.errstate(all="ignore"):
        for layer in layers:
            source = np.append(batch[0], 1.0)
            batch = batch @ layer.parameters[:, :-1].T + layer.parameters[:, -1]
            moved, width, kept = _moved_parameters(layer, source, h)
            z, z_width = _moved(batch[0], np.full(len(layer.z), h) * np.maximum(1.0, abs(batch[0])))
            names += [*kept, *layer.z]
            widths += [width, z_width]
            batch = np.concatenate([batch, moved, z])
            if layer.activation in ("relu", "leaky-relu"):
                above = batch[1:] > 0
                here = (above[0::2] != above[1::2]).any(axis=1)
                crossed = here | np.pad(crossed, (0, len(here) - len(crossed)))
            a = activate(layer, batch)
            complement = complement_of(layer, batch, a)
            reach = np.maximum(1.0, abs(a[0]))
            if layer is layers[-1] and problem.network.loss.endswith("cross-entropy"):
                reach = np.minimum(a[0], complement[0])     # a logarithm: neither a - h nor 1 - a - h may pass 0
            rows, a_width = _moved(a[0], h * reach)
            names += layer.a
            widths.append(a_width)
            complement = np.concatenate([complement, complement[0] - (rows - a[0])])
            batch = np.concatenate([a, rows])
        loss = loss_of(problem.network.loss, y, batch, complement)[1:]
        slopes = (loss[0::2] - loss[1::2]) / np.concatenate(widths)
    crossed = np.pad(crossed, (0, len(names) - len(crossed)))
    keys = [f"d{problem.network.loss_name}_d{name}" for name in names]
    return ({key: slope for key, slope, kink in zip(keys, slopes.tolist(), crossed) if not kink},
            {key for key, kink in zip(keys, crossed) if kink})


def _moved(values: np.ndarray, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Copies of `values` (n,) with one entry moved up, then down: (2n, n), and the widths between the two (n,)."""
    n = len(values)
    entry = np.arange(n)
    rows = np.tile(values, (n, 2, 1))
    rows[entry, 0, entry] += moves
    rows[entry, 1, entry] -= moves
    return rows.reshape(2 * n, n), rows[entry, 0, entry] - rows[entry, 1, entry]


def _moved_parameters(layer: DenseLayer, source: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """z of the layer with each trained parameter moved up, then down: (2 * trained, units), the widths, the names."""
    units, columns = layer.parameters.shape
    moves = h * np.maximum(1.0, abs(layer.parameters)) / np.maximum(1.0, abs(source))
    z = np.tile(layer.parameters @ source, (units, columns, 2, 1))
    widths = np.empty((units, columns))
    for unit, row in enumerate(layer.parameters):
        rows, widths[unit] = _moved(row, moves[unit])
        z[unit, :, :, unit] = (rows @ source).reshape(columns, 2)
    chosen = layer.trained.astype(bool)
    return (z[chosen].reshape(-1, units), widths[chosen],
            [layer.names[index] for index in np.flatnonzero(layer.trained)])

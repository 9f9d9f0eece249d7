"""What the diagrams of a network show: forward, and on the way back from the loss."""

from __future__ import annotations

from ...proofs.diagrams import Picture, plain, signs
from ...trace.trace import Trace
from .problem import NetworkProblem


def picture(problem: NetworkProblem) -> Picture:
    """A circle for each input and unit, a box for each bias with a dashed edge, and each weight on
    its edge."""
    found, sources = Picture(), [plain(name) for name in problem.network.inputs]
    found.circles.update(sources)
    for layer in problem.network.layers:
        for unit in layer.units:
            target = plain(unit.a)
            found.circles[target] += 1
            for source, weight in zip(sources, unit.weights):
                found.edges[source, target, False] += 1
                found.weights[source, target] = plain(weight)
            for bias in unit.bias:
                found.boxes[plain(bias)] += 1
                found.edges[plain(bias), target, True] += 1
        sources = [plain(unit.a) for unit in layer.units]
    return found


def picture_back(trace: Trace) -> Picture:
    """The way back from the loss: to the units of the last layer, and over every weight to what it
    comes from and every bias."""
    found, loss, symbols = Picture(), trace.problem.loss_name, signs(trace)
    known = {working.name for working in trace.select("backward", 1)}
    sources = [symbols(name) for name in trace.problem.network.inputs]
    found.circles.update([symbols(loss), *sources])
    for layer in trace.problem.network.layers:
        errors = []
        for unit in layer.units:
            [error, *_] = [
                name
                for name in (f"d{loss}_d{unit.z}", f"d{loss}_d{unit.a}", unit.a)
                if name in known or name == unit.a
            ]
            errors.append(
                (
                    symbols(error),
                    f"d{loss}_d{unit.a}"
                    if error == f"d{loss}_d{unit.z}" != f"d{loss}_d{unit.a}"
                    else "",
                )
            )
            found.circles[symbols(error)] += 1
            for source, weight in zip(sources, unit.weights):
                found.edges[symbols(error), source, False] += 1
                if f"d{loss}_d{weight}" in known:
                    found.weights[symbols(error), source] = symbols(f"d{loss}_d{weight}")
            for bias in unit.bias if layer.trained_bias else ():
                found.boxes[symbols(f"d{loss}_d{bias}")] += 1
                found.edges[symbols(error), symbols(f"d{loss}_d{bias}"), True] += 1
        sources = [error for error, _ in errors]
    for error, output in errors:
        found.edges[symbols(loss), error, False] += 1
        if output in known:
            found.weights[symbols(loss), error] = symbols(output)
    return found

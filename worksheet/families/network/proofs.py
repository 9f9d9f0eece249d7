"""What a diagram of a network shows."""

from __future__ import annotations

from ...proofs.diagrams import Picture, plain
from .problem import NetworkProblem


def picture(problem: NetworkProblem) -> Picture:
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

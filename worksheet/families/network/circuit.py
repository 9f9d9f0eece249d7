"""Which networks have a computational graph: it is drawn one weight at a time, and each operation
has one result."""

from __future__ import annotations

from ...circuits.graph import IN_CELLS
from .problem import NetworkProblem


def without_graph(problem: NetworkProblem) -> tuple[str, str] | None:
    """Why it has none, and what to use instead."""
    if problem.notation.style == "matrix":
        return (
            "a circuit is drawn one unit at a time, and this network is in matrix notation",
            IN_CELLS,
        )
    if any(layer.activation == "softmax" for layer in problem.layers):
        return (
            "softmax is one operation of all outputs together, and a circuit has none with more than one result",
            IN_CELLS,
        )
    return None

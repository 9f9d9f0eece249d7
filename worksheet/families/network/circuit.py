"""Which networks have a computational graph: it is drawn one unit at a time."""

from __future__ import annotations

from ...circuits.graph import INSTEAD
from .problem import NetworkProblem

IN_CELLS = f"{INSTEAD}; or a sheet has the training step as cells of matrices, with layout: grid"


def without_graph(problem: NetworkProblem) -> tuple[str, str] | None:
    """Why it has none, and what to use instead."""
    if problem.notation.style == "matrix":
        return "a circuit is drawn one unit at a time, and this network is in matrix notation", IN_CELLS
    most = max(len(layer.units) for layer in problem.layers)
    return (f"a circuit has one unit in a layer, and a layer of this network has {most}", IN_CELLS) if most > 1 else None

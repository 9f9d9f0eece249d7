"""The places of a network's quantities in its spec, by their positions there."""

from __future__ import annotations

from ...spec.shapes import layers_of
from ...spec.yaml_reader import Node
from .problem import NetworkProblem


def by_position(problem: NetworkProblem, root: Node) -> dict[str, Node]:
    """The quantities of each unit at its weights, or at its layer; inputs, target and loss at their
    keys."""
    network, top = problem.network, root.get("network")
    found: dict[str, Node] = {}
    for key, values in (
        ("inputs", network.inputs),
        ("target", network.target),
        ("loss", [network.loss_name]),
    ):
        if node := top.get(key):
            entries = node.entries()
            found |= {
                name: entries[index] if index < len(entries) else node
                for index, name in enumerate(values)
            }
    for layer, node in zip(network.layers, layers_of(root), strict=False):
        rows = (node.get("units") or node.get("weights") or node).entries()
        for index, unit in enumerate(layer.units):
            own = (
                rows[index]
                if index < len(rows) and isinstance(rows[index].value, (dict, list))
                else node
            )
            weights = (
                (own.get("weights") or own).entries() if isinstance(own.value, (dict, list)) else []
            )
            found |= {unit.z: own, unit.a: own}
            found |= {
                name: weights[entry] if len(weights) == len(unit.weights) else own
                for entry, name in enumerate(unit.weights)
            }
            found |= dict.fromkeys(unit.bias, own.get("bias") or node.get("bias") or own)
    return found

"""The places of a problem's quantities, from the tree of its spec: names of mappings, left sides of formulas, units by position."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..problem import NetworkProblem, Problem
from .shapes import layers_of
from ..standing import Places
from .yaml_reader import Node

_LEFT = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\([^()=]*\)\s*)?=(?!=)", re.ASCII)     # h = ..., L(w) = ...
_CALLED = ("z", "a")              # the keys of a unit whose values are names
_HOLDING = ("network", "formulas", "function", "gradient", "chain", "derivation", "descent", "watch", "given", "start", "at")


def places_of(problem: Problem, root: Node, source: str) -> Places:
    """Where each quantity stands; where none is known, the key of the family."""
    found: dict[str, Node] = {}
    for key in _HOLDING:
        for name, node in _named(root.get(key)) if root.get(key) else ():
            found.setdefault(name, node)
    if isinstance(problem, NetworkProblem):
        found |= _by_position(problem, root)
    first = root.get(problem.family)
    return Places({name: f"{source}:{node.line}: {node.path}" for name, node in found.items()},
                  f"{source}:{root.keys.get(problem.family, first.line if first else 1)}: {problem.family}")


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """Every name that something is given or defined under, with its value."""
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            if isinstance(inner.value, str):
                yield (inner.value if key in _CALLED else key), inner
            elif not isinstance(inner.value, (dict, list)):
                yield key, inner
            yield from _named(inner)
    elif isinstance(node.value, list):
        for inner in node.value:
            yield from _named(inner)
    elif isinstance(node.value, str) and (match := _LEFT.match(node.value)):
        yield match[1], node


def _by_position(problem: NetworkProblem, root: Node) -> dict[str, Node]:
    """The quantities of each unit at its weights, or at its layer; inputs, target and loss at their keys."""
    network, top = problem.network, root.get("network")
    found: dict[str, Node] = {}
    for key, values in (("inputs", network.inputs), ("target", network.target), ("loss", [network.loss_name])):
        if node := top.get(key):
            entries = node.entries()
            found |= {name: entries[index] if index < len(entries) else node for index, name in enumerate(values)}
    for layer, node in zip(network.layers, layers_of(root), strict=False):
        rows = (node.get("units") or node.get("weights") or node).entries()
        for index, unit in enumerate(layer.units):
            own = rows[index] if index < len(rows) and isinstance(rows[index].value, (dict, list)) else node
            weights = (own.get("weights") or own).entries() if isinstance(own.value, (dict, list)) else []
            found |= {unit.z: own, unit.a: own}
            found |= {name: weights[entry] if len(weights) == len(unit.weights) else own for entry, name in enumerate(unit.weights)}
            found |= dict.fromkeys(unit.bias, own.get("bias") or node.get("bias") or own)
    return found

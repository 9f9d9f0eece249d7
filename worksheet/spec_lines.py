"""Where the quantities of a problem stand in its spec, so that an error of the solution can say so as well.

    {"z_h": "my-network.yaml:5", "w_h": "my-network.yaml:5", "": "my-network.yaml:2"}
"""

from __future__ import annotations

from collections.abc import Iterable

from .problem import Lines, Problem
from .yaml_source import Node

GIVEN = ("given", "at", "change", "start", "watch")      # mappings and lists of names with values


def lines_of(root: Node, problem: Problem, source: str) -> Lines:
    """Name -> `file:line`; what has no line of its own is where its family's key stands, ""."""
    family = root.get(problem.family)
    found = {"": family.line}
    if problem.family == "network":
        found |= _of_network(family, problem)
    elif isinstance(family.value, list):      # each entry says what a name is
        found |= zip(_defined(family.entries()), (entry.line for entry in family.entries()))
    for key in GIVEN:
        node = root.get(key)
        if node is not None:
            names = node.value if isinstance(node.value, dict) else _defined(node.entries())
            found |= zip(names, (entry.line for entry in node.entries()))
    return Lines({name: f"{source}:{line}" for name, line in found.items()})


def _defined(entries: Iterable[Node]) -> list[str]:
    return [str(entry.value).partition("=")[0].strip() for entry in entries]


def _of_network(node: Node, problem: Problem) -> dict[str, int]:
    """Units stand in a list, or their weights do; a loss has its key, inputs and targets theirs."""
    found: dict[str, int] = {problem.loss_name: node.keys.get("loss", node.line)}
    for key, names in (("inputs", problem.network.inputs), ("target", problem.network.target)):
        found |= dict.fromkeys(names, node.keys.get(key, node.line))
    for entry, layer in zip(node.get("layers").entries(), problem.network.layers):
        rows = (entry.get("units") or entry.get("weights") or entry).entries()
        for place, unit in enumerate(layer.units):
            line = rows[place].line if len(rows) == len(layer.units) else entry.line
            found |= dict.fromkeys((unit.z, unit.a, *unit.weights, *unit.bias), line)
    return found

"""The places of a problem's quantities, from the tree of its spec: names of mappings, left sides of
formulas, units by position."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..family import family_of, keys
from ..problem import Problem
from ..standing import Places
from .yaml_reader import Node

_LEFT = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\([^()=]*\)\s*)?=(?!=)", re.ASCII)  # h = ..., L(w) = ...
_CALLED = ("z", "a")  # the keys of a unit whose values are names
_HOLDING = ("watch", "given", "start", "at")  # beside the keys of the families


def places_of(problem: Problem, root: Node, source: str) -> Places:
    """Where each quantity stands; where none is known, the key of the family."""
    found: dict[str, Node] = {}
    for key in (*keys(), *_HOLDING):
        for name, node in _named(root.get(key)) if root.get(key) else ():
            found.setdefault(name, node)
    found |= family_of(problem).places(problem, root)
    first = root.get(problem.family)
    return Places(
        {name: f"{source}:{node.line}: {node.path}" for name, node in found.items()},
        f"{source}:{root.keys.get(problem.family, first.line if first else 1)}: {problem.family}",
    )


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

"""Whether there is the computational graph that an author asks for with `circuit: true`."""

from __future__ import annotations

from ..circuits.graph import refusal
from ..problem import Problem
from .faults import Faults
from .yaml_reader import Node


def check_circuit(root: Node, problem: Problem, faults: Faults) -> None:
    """A problem that has no circuit is told why, and what to use instead."""
    if problem.circuit and (refused := refusal(problem)):
        faults.add(root.keys.get("circuit", root.line), "circuit", *refused)

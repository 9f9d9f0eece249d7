"""Problem families: one file each, `solve(problem) -> Trace`."""

from __future__ import annotations

from ..problem import Problem
from ..trace import Trace
from . import chain, derivation, descent, formulas, function, gradient, network

SOLVERS = {"network": network.solve, "formulas": formulas.solve, "function": function.solve, "gradient": gradient.solve, "chain": chain.solve,
           "derivation": derivation.solve, "descent": descent.solve}


def solve(problem: Problem) -> Trace:
    """The whole solution of a problem of any family. Raises SolveError where a value is not finite."""
    return SOLVERS[problem.family](problem)

"""Which independent computation judges which family: modules with `run` and `central_differences`, and, where a loss is made
small, `ground` (the loss and its slopes at a point) and `quantities` (all that follows from some values)."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

from . import chain_oracle, descent_oracle, formulas_oracle, function_oracle, gradient_oracle, oracle
from .problem import Problem

NUMBERLESS = SimpleNamespace(run=lambda problem: [])      # a derivation has no number to judge
ORACLES: dict[str, ModuleType | SimpleNamespace] = {"network": oracle, "formulas": formulas_oracle, "function": function_oracle,
                                                    "gradient": gradient_oracle, "chain": chain_oracle, "derivation": NUMBERLESS,
                                                    "descent": descent_oracle}


def oracle_of(problem: Problem) -> ModuleType | SimpleNamespace:
    return ORACLES[problem.family]

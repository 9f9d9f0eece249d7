"""Which independent computation judges which family: modules with `run`, `losses`, `loss_along` and `central_differences`."""

from __future__ import annotations

from types import ModuleType

from . import formulas_oracle, oracle
from .problem import Problem

ORACLES: dict[str, ModuleType] = {"network": oracle, "formulas": formulas_oracle}


def oracle_of(problem: Problem) -> ModuleType:
    return ORACLES[problem.family]

"""Which independent computation judges which family: modules with `run` (every epoch, in decimals) and, where a loss is made small,
`exact_ground` (the loss and its slopes at a point) and `moved` (all that follows from some values); `ground` and `quantities` are the same
in floats, for figures."""

from __future__ import annotations

from types import ModuleType

from ..families.chain import judge as chain_oracle
from ..families.derivation import judge as derivation_oracle
from ..families.descent import judge as descent_oracle
from ..families.formulas import judge as formulas_oracle
from ..families.function import judge as function_oracle
from ..families.gradient import judge as gradient_oracle
from ..families.network import judge as oracle
from .duals import judging
from ..families.network.judge import Step
from ..problem import Problem

ORACLES: dict[str, ModuleType] = {"network": oracle, "formulas": formulas_oracle, "function": function_oracle, "gradient": gradient_oracle,
                                  "chain": chain_oracle, "derivation": derivation_oracle, "descent": descent_oracle}


def oracle_of(problem: Problem) -> ModuleType:
    return ORACLES[problem.family]


def steps_in_floats(problem: Problem) -> tuple[Step, ...]:
    """Every epoch as the figures draw it."""
    with judging():
        return tuple(step.in_floats for step in oracle_of(problem).run(problem))

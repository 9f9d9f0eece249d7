"""Who judges a problem: the independent computation of its family, a module with

    run(problem)            every epoch, in decimals (`judge/step.py`)

and, where something is made small, `exact_ground(problem)` (its value and slopes at a point) and
`moved(problem, values)` (all that follows from some values). `ground` and `quantities` are the same
in floats, for figures.
"""

from __future__ import annotations

from types import ModuleType

from ..family import family_of
from ..problem import Problem
from .duals import judging
from .step import Step


def judge_of(problem: Problem) -> ModuleType:
    """The module that works a problem out independently: that of its family."""
    return family_of(problem).judge()


def steps_in_floats(problem: Problem) -> tuple[Step, ...]:
    """Every epoch as the figures draw it."""
    with judging():
        return tuple(step.in_floats for step in judge_of(problem).run(problem))

"""A function of one variable, at a point."""

from __future__ import annotations

from typing import Literal

from ...problem import Problem, Written


class FunctionProblem(Problem):
    """A function of one variable, `name(variable) = formula`: its derivative, the slope at a point,
    a small change.

    `given`: the numbers of names in the formula, which the page shows in their place."""

    family: Literal["function"] = "function"
    name: str
    variable: str
    formula: str
    given: dict[str, Written] = {}
    at: Written
    change: Written

    @property
    def results(self) -> tuple[str, ...]:
        """The value, the slope, the value after the change, the rise, and the tangent's estimate of
        it."""
        return "value", "slope", "moved_value", "rise", "estimate"

    @property
    def tangent(self) -> str:
        """The name of the tangent, a line of its own."""
        return next(name for name in "tgh" if name not in (self.name, self.variable))


PROBLEM = FunctionProblem

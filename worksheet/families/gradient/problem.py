"""A function of several variables, at a point."""

from __future__ import annotations

from typing import Literal

from ...problem import Problem, Written


class GradientProblem(Problem):
    """A function of several variables, `name(x, y) = formula`: each partial derivative, the
    gradient, and, where there is a point, a small change of some of them. `at` is empty or holds
    every variable; `change` holds those that are moved; `given` is as for one variable."""

    family: Literal["gradient"] = "gradient"
    name: str
    variables: tuple[str, ...]
    formula: str
    given: dict[str, Written] = {}
    at: dict[str, Written] = {}
    change: dict[str, Written] = {}

    @property
    def results(self) -> tuple[str, ...]:
        """The value, that after the change, the rise and its estimate, and each partial
        derivative."""
        return (
            "value",
            "moved_value",
            "rise",
            "estimate",
            *(f"d{self.name}_d{name}" for name in self.variables),
        )


PROBLEM = GradientProblem

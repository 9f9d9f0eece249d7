"""A chain of functions."""

from __future__ import annotations

from typing import Literal

from ...algebra.expression import Expr
from ...algebra.parameters import with_numbers
from ...algebra.parser import read
from ...problem import Problem, Written


class ChainProblem(Problem):
    """A chain of functions, name -> text: each is a formula of the one before it, the first of
    `variable`. `at`: empty, or a number for the variable; `given` is as for a function."""

    family: Literal["chain"] = "chain"
    variable: str
    links: dict[str, str]
    given: dict[str, Written] = {}
    at: dict[str, Written] = {}

    @property
    def has_one_variable(self) -> bool:
        """Each link is a formula of one name, so its derivative is dz/dy."""
        return True

    @property
    def results(self) -> tuple[str, ...]:
        """The last link, and its derivative by the variable."""
        return self.last, self.total

    @property
    def total(self) -> str:
        """The name of the derivative of the whole."""
        return f"d{self.last}_d{self.variable}"

    @property
    def last(self) -> str:
        """The name of the last link: the value of the whole."""
        return list(self.links)[-1]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each quantity and the one it is a formula of."""
        return tuple(zip(self.links, (self.variable, *self.links)))

    @property
    def formulas(self) -> dict[str, Expr]:
        """Each link as an expression, with the numbers of what is given."""
        return {name: with_numbers(read(text), self.given) for name, text in self.links.items()}


PROBLEM = ChainProblem

"""A graph of formulas."""

from __future__ import annotations

from typing import Literal

from ...numbers.number import Number
from ...problem import Descending, Written


class FormulasProblem(Descending):
    """A graph of formulas, name -> text, each of givens and of names before it; the last is made
    small.

    `train`: the givens that gradient descent moves; without a learning rate there are gradients and
    no update.
    """

    family: Literal["formulas"] = "formulas"
    formulas: dict[str, str]
    given: dict[str, Written]
    train: tuple[str, ...]

    @property
    def loss_name(self) -> str:
        """The name of the last formula, which is made small."""
        return list(self.formulas)[-1]

    @property
    def quantities(self) -> dict[str, str]:
        """All formulas, name -> text."""
        return self.formulas

    @property
    def results(self) -> tuple[str, ...]:
        """The last formula alone."""
        return (self.loss_name,)

    @property
    def parameters(self) -> dict[str, Number]:
        """What is trained, each with the number it is given."""
        return {name: self.given[name] for name in self.train}

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of what is trained."""
        return self.train

    @property
    def names(self) -> tuple[str, ...]:
        """The givens, then the formulas, in the order of the spec."""
        return *self.given, *self.formulas


PROBLEM = FormulasProblem

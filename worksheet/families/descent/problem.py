"""Gradient descent on a function."""

from __future__ import annotations

from typing import Literal

from ...numbers.number import Number
from ...problem import Descending, Model, Written


class Case(Model):
    """A weight, the gradient there, and the learning rate: one update by itself."""

    value: Written
    gradient: Written
    learning_rate: Written


class DescentProblem(Descending):
    """Gradient descent on a function of one or two variables, `name(variables) = formula`, from
    `start`, for `epochs` updates by hand.

    `watch`: further quantities, name -> text. `cases`: single updates that show the rule.
    """

    family: Literal["descent"] = "descent"
    name: str
    formula: str
    start: dict[str, Written]
    learning_rate: Written
    watch: dict[str, str] = {}
    cases: tuple[Case, ...] = ()

    @property
    def is_of_a_loss(self) -> bool:
        """Never: the function stands for itself."""
        return False

    @property
    def loss_name(self) -> str:
        """The name of the function, which is what is made small."""
        return self.name

    @property
    def has_one_variable(self) -> bool:
        """dL/dw where the function is of one variable, else partial derivatives."""
        return len(self.start) == 1

    @property
    def quantities(self) -> dict[str, str]:
        """What is watched, then the function itself: name -> text."""
        return self.watch | {self.name: self.formula}

    @property
    def results(self) -> tuple[str, ...]:
        """What is watched, and the function."""
        return tuple(self.quantities)

    @property
    def given(self) -> dict[str, Number]:
        """Where the descent starts, by variable."""
        return self.start

    @property
    def parameters(self) -> dict[str, Number]:
        """Every variable with its number in `start`."""
        return self.start

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of the variables, in the order of `start`."""
        return tuple(self.start)


PROBLEM = DescentProblem

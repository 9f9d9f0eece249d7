"""Problems of calculus: functions of one variable and of several, chains of functions, derivations, gradient descent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .numbers.number import Number
from .problem import Descending, FormulasProblem, Model, NetworkProblem, Problem, Written


class FunctionProblem(Problem):
    """A function of one variable, `name(variable) = formula`: its derivative, the slope at a point, a small change.

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
        return "value", "slope", "moved_value", "rise", "estimate"

    @property
    def tangent(self) -> str:
        """The name of the tangent, a line of its own."""
        return next(name for name in "tgh" if name not in (self.name, self.variable))


class GradientProblem(Problem):
    """A function of several variables, `name(x, y) = formula`: each partial derivative, the gradient, and, where there is a
    point, a small change of some of them. `at` is empty or holds every variable; `change` holds those that are moved; `given`
    is as for one variable."""

    family: Literal["gradient"] = "gradient"
    name: str
    variables: tuple[str, ...]
    formula: str
    given: dict[str, Written] = {}
    at: dict[str, Written] = {}
    change: dict[str, Written] = {}

    @property
    def results(self) -> tuple[str, ...]:
        return "value", "moved_value", "rise", "estimate", *(f"d{self.name}_d{name}" for name in self.variables)


class ChainProblem(Problem):
    """A chain of functions, name -> text: each is a formula of the one before it, the first of `variable`. `at`: empty, or a
    number for the variable; `given` is as for a function."""

    family: Literal["chain"] = "chain"
    variable: str
    links: dict[str, str]
    given: dict[str, Written] = {}
    at: dict[str, Written] = {}

    @property
    def has_one_variable(self) -> bool:
        return True

    @property
    def results(self) -> tuple[str, ...]:
        return self.last, f"d{self.last}_d{self.variable}"

    @property
    def last(self) -> str:
        return list(self.links)[-1]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each quantity and the one it is a formula of."""
        return tuple(zip(self.links, (self.variable, *self.links)))


class Reason(Model):
    """A step of a derivation: the form, as a text, and why it is equal to the one before it."""

    form: str
    why: str


class DerivationProblem(Problem):
    """A proof step by step: the derivative of the last of `definitions` (name -> text) by a name, in the form that is taught; `at` is
    empty or has a number for every name that is not defined, in the order of their use."""

    family: Literal["derivation"] = "derivation"
    definitions: dict[str, str]
    by: str
    steps: tuple[Reason, ...]
    at: dict[str, Written] = {}

    @property
    def loss_name(self) -> str:
        return list(self.definitions)[-1]

    @property
    def given(self) -> dict[str, Number]:
        return self.at

    @property
    def results(self) -> tuple[str, ...]:
        return self.loss_name, f"d{self.loss_name}_d{self.by}"


class Case(Model):
    """A weight, the gradient there, and the learning rate: one update by itself."""

    value: Written
    gradient: Written
    learning_rate: Written


class DescentProblem(Descending):
    """Gradient descent on a function of one or two variables, `name(variables) = formula`, from `start`, for `epochs` updates by hand.

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
    def loss_name(self) -> str:
        return self.name

    @property
    def has_one_variable(self) -> bool:
        return len(self.start) == 1

    @property
    def quantities(self) -> dict[str, str]:
        return self.watch | {self.name: self.formula}

    @property
    def results(self) -> tuple[str, ...]:
        return tuple(self.quantities)

    @property
    def given(self) -> dict[str, Number]:
        return self.start

    @property
    def parameters(self) -> dict[str, Number]:
        return self.start

    @property
    def weights(self) -> tuple[str, ...]:
        return tuple(self.start)


# which of them a record holds, told by its family
AnyProblem = Annotated[NetworkProblem | FormulasProblem | FunctionProblem | GradientProblem | ChainProblem | DerivationProblem | DescentProblem,
                       Field(discriminator="family")]

"""A derivation: definitions, and forms with reasons."""

from __future__ import annotations

from typing import Literal

from ...numbers.number import Number
from ...problem import Model, Problem, Written


class Reason(Model):
    """A step of a derivation: the form, as a text, and why it is equal to the one before it."""

    form: str
    why: str


class DerivationProblem(Problem):
    """A proof step by step: the derivative of the last of `definitions` (name -> text) by a name,
    in the form that is taught; `at` is empty or has a number for every name that is not defined, in
    the order of their use."""

    family: Literal["derivation"] = "derivation"
    definitions: dict[str, str]
    by: str
    steps: tuple[Reason, ...]
    at: dict[str, Written] = {}

    @property
    def loss_name(self) -> str:
        """The name of the last definition: what is differentiated."""
        return list(self.definitions)[-1]

    @property
    def given(self) -> dict[str, Number]:
        """The numbers of `at`, by the name of what is free."""
        return self.at

    @property
    def results(self) -> tuple[str, ...]:
        """The last definition and its derivative: `L`, `dL_dy_hat`."""
        return self.loss_name, f"d{self.loss_name}_d{self.by}"


PROBLEM = DerivationProblem

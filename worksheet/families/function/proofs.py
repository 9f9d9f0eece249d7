"""What the pages of a function of one variable state of it and of its tangent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ...algebra.expression import Apply, Expr, Literal, Name
from ...algebra.parameters import formula_of
from ...proofs.general_forms import own_function
from ...proofs.inventory import Inventory


def called(inventory: Inventory) -> Iterator[str]:
    r"""`f`, `\nabla f`, `f'` and the tangent, which stand without a value."""
    problem = inventory.problem
    yield from (*own_function(inventory), problem.tangent, f"{problem.name}'")


def function(inventory: Inventory, name: str) -> tuple[tuple[str, ...], Expr] | None:
    """The function, or its tangent, the line whose slope and intercept are printed."""
    problem = inventory.problem
    if name == problem.tangent:
        slope, below = [
            Literal(Decimal(working.shown), working.shown)
            for working in map(inventory.trace.find, ("slope", "intercept"))
        ]
        return (problem.variable,), Apply(
            "sum", (Apply("product", (slope, Name(problem.variable))), below)
        )
    return (
        ((problem.variable,), formula_of(problem))
        if inventory.is_called(name, problem.name)
        else None
    )

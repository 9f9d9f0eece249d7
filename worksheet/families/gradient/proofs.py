"""What the pages of a function of several variables state beside their workings, and where their
derivations are tried."""

from __future__ import annotations

from decimal import Decimal

from ...algebra.expression import Apply, Expr, Name
from ...algebra.parameters import formula_of
from ...judge.identities import anywhere, near, value_at
from ...proofs.inventory import Inventory, matrix, reading, target_of
from ...trace.backward import partial_name
from .problem import GradientProblem


def points(problem: GradientProblem) -> list[dict[str, Decimal]]:
    """At the point of the problem and near it, or anywhere."""

    def complete(points: list[dict[str, Decimal]]) -> list[dict[str, Decimal]]:
        return with_partials(problem, points)

    return complete(near(problem.at)) if problem.at else anywhere(problem.variables, complete)


def with_partials(
    problem: GradientProblem, points: list[dict[str, Decimal]]
) -> list[dict[str, Decimal]]:
    """The points with the value of each partial derivative there; without those that have none."""
    expr, found = formula_of(problem), []
    for point in points:
        try:
            found.append(
                point
                | {
                    f"d{problem.name}_d{name}": value_at(
                        Apply("derivative", (expr, Name(name))), point
                    )
                    for name in problem.variables
                }
            )
        except ArithmeticError:
            continue
    return found


def stated(inventory: Inventory) -> None:
    """The vector of the partial derivatives: their symbols, their last forms, and their values at
    the point."""
    problem, trace, plain = inventory.problem, inventory.trace, inventory.plain
    f, variables = problem.name, problem.variables
    partials = [Name(partial_name(f, name)) for name in variables]
    ends = [derivation.steps[-1].expr for derivation in trace.derivations]
    symbols, formulas = [
        reading(matrix([[entry] for entry in entries]), inventory.plainly)
        for entries in (partials, ends)
    ]
    inventory.chains[target_of(rf"\nabla {f}({', '.join(map(plain, variables))})")] = [
        ("", [(symbols, True), (formulas, True)])
    ]
    if problem.at:
        values = [[trace.find(name.name).shown] for name in partials]
        place = ", ".join(number.text for number in problem.at.values())
        inventory.chains[target_of(rf"\nabla {f}({place})")] = [
            (
                "",
                [
                    (reading(matrix([[entry] for entry in partials]), inventory.spelt), True),
                    (inventory.grid(values), True),
                ],
            )
        ]


def function(inventory: Inventory, name: str) -> tuple[tuple[str, ...], Expr] | None:
    """Variables and formula of the function; None for any other name."""
    problem = inventory.problem
    return (
        (problem.variables, formula_of(problem))
        if inventory.is_called(name, problem.name)
        else None
    )

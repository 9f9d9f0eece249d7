"""Where the derivations of a chain of functions are tried."""

from __future__ import annotations

from decimal import Decimal

from ...algebra.expression import Apply, Expr, Name
from ...judge.identities import anywhere, near, value_at, written_out
from .problem import ChainProblem


def points(problem: ChainProblem) -> list[dict[str, Decimal]]:
    """At the point of the problem and near it, or anywhere."""

    def complete(points: list[dict[str, Decimal]]) -> list[dict[str, Decimal]]:
        return along(problem, points)

    return complete(near(problem.at)) if problem.at else anywhere([problem.variable], complete)


def along(problem: ChainProblem, points: list[dict[str, Decimal]]) -> list[dict[str, Decimal]]:
    """The points of a chain's first quantity with all that follows there: each quantity, and its
    derivatives."""
    found, whole, links = [], dict[str, Expr](), problem.formulas
    for name, expr in links.items():
        whole[name] = written_out(expr, whole)
    for point in points:
        try:
            for name, expr in whole.items():
                point[name] = value_at(expr, point)
            for name, before in problem.pairs:
                point[f"d{name}_d{before}"] = value_at(
                    Apply("derivative", (links[name], Name(before))), point
                )
            point[problem.total] = value_at(
                Apply("derivative", (whole[problem.last], Name(problem.variable))), point
            )
            found.append(point)
        except ArithmeticError:
            continue
    return found

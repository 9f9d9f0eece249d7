"""Numbers put into a formula for its parameters, as one writes it then: `a*x^2 + b*x` with 1 and -3
is `x^2 - 3*x`.

Nothing is worked out and nothing is moved: a factor 1 and an exponent 1 go, a term 0 goes, and what
is negative within a sum is subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..numbers.number import Number
from .derivative import add, is_number, multiply
from .expression import Apply, Expr, Literal, Name, lift
from .parser import read


class Formula(Protocol):
    """What has the text of a formula, and numbers for some of its names."""

    formula: str
    given: Mapping[str, Number]


def formula_of(problem: Formula) -> Expr:
    """The formula of a function with its numbers."""
    return with_numbers(read(problem.formula), problem.given)


def with_numbers(expr: Expr, numbers: Mapping[str, Number]) -> Expr:
    """`expr` with a number for each name that has one; what holds no such name stays as it was
    typed."""
    if isinstance(expr, Name):
        return lift(numbers[expr.name].text) if expr.name in numbers else expr
    if not isinstance(expr, Apply):
        return expr
    args = tuple([with_numbers(arg, numbers) for arg in expr.args])
    if args == expr.args:
        return expr
    return TIDY.get(expr.op, lambda *args: Apply(expr.op, args))(*args)


def _sum(*terms: Expr) -> Expr:
    first, *rest = [term for term in terms if not is_number(term, 0)] or [lift(0)]
    return add(
        first, *[-positive if (positive := _opposite(term)) is not None else term for term in rest]
    )


def _negated(term: Expr) -> Expr:
    if (positive := _opposite(term)) is not None:
        return positive
    return (
        lift("-" + term.text)
        if isinstance(term, Literal) and term.value
        else term
        if isinstance(term, Literal)
        else -term
    )


def _opposite(term: Expr) -> Expr | None:
    """What a term with a minus sign in front is the opposite of; None for another term."""
    if isinstance(term, Literal):
        return lift(term.text[1:]) if term.text.startswith("-") else None
    if isinstance(term, Apply) and term.op == "neg":
        return term.args[0]
    if (
        isinstance(term, Apply)
        and term.op in ("product", "divide")
        and (first := _opposite(term.args[0])) is not None
    ):
        return multiply(first, *term.args[1:]) if term.op == "product" else first / term.args[1]
    return None


def _product(*factors: Expr) -> Expr:
    first, *rest = factors
    if is_number(first, -1) and rest:
        return -multiply(*rest)
    return multiply(first, *rest)


def _power(base: Expr, exponent: Expr) -> Expr:
    return base if is_number(exponent, 1) else lift(1) if is_number(exponent, 0) else base**exponent


TIDY = {"sum": _sum, "neg": _negated, "product": _product, "power": _power}

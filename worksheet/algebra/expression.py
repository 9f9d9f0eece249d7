"""The expression tree: names, literals and operations, in the order they were written.

    z = Name("w_h") * Name("x") + Name("b_h")

Order is never changed: no sorting, `a - b` is `sum(a, neg(b))` and prints as it was written,
`a * a` keeps both operands. Nothing here rounds and nothing here is text on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ..numbers.number import CONTEXT, Number, exact_text
from ..numbers.trigonometry import cos, sin, tan


class Expr:
    """Base of the tree. Operators build nodes, so a formula reads like the lecture."""

    __slots__ = ()

    def __add__(self, other):
        return apply("sum", *_terms(self), lift(other))

    def __sub__(self, other):
        return apply("sum", *_terms(self), apply("neg", lift(other)))

    def __mul__(self, other):
        return apply("product", *_factors(self), lift(other))

    def __truediv__(self, other):
        return apply("divide", self, lift(other))

    def __pow__(self, other):
        return apply("power", self, lift(other))

    def __neg__(self):
        return apply("neg", self)

    def __radd__(self, other):
        return lift(other) + self

    def __rsub__(self, other):
        return lift(other) - self

    def __rmul__(self, other):
        return lift(other) * self

    def __rtruediv__(self, other):
        return lift(other) / self


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """A quantity by name: an ASCII identifier in a trace, canonical TeX in a page that was read."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number as it is shown. `event` is the trace event it shows, None for a number from outside."""

    value: Decimal
    text: str
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Apply(Expr):
    """An operation and its operands. The operations are the keys of `expression.ARITHMETIC`
    (numbers), of `laws.LAWS` (activations and losses), and the matrix forms of `matrix.py`."""

    op: str
    args: tuple[Expr, ...]


def apply(op: str, *args: Expr) -> Apply:
    """The operation `op` on `args`, in their order; nothing is simplified."""
    return Apply(op, args)


def lift(value: Expr | int | str) -> Expr:
    """A number in a formula becomes a literal (`1 - a`, `2 * x`)."""
    if isinstance(value, Expr):
        return value
    number = Number.written(value)
    return Literal(number.value, number.text)


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Apply) and expr.op == "sum" else (expr,)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Apply) and expr.op == "product" else (expr,)


# ---- arithmetic: what an operation does to decimals -------------------------------------------


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if exponent == exponent.to_integral_value() and 0 <= exponent <= 64:
        result = Decimal(1)
        for _ in range(int(exponent)):
            result = CONTEXT.multiply(result, base)
        return result
    return CONTEXT.power(base, exponent)


def _remembered(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    """`function`, worked out once for each number and each number of digits: the same power is
    punched in again when a page is proved."""

    @lru_cache(maxsize=4096)
    def found(value: Decimal, digits: int) -> Decimal:
        return function(value)

    return lambda value: found(value, CONTEXT.prec)


def _fold(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Decimal]:
    def folded(first: Decimal, *rest: Decimal) -> Decimal:
        for value in rest:
            first = operation(first, value)
        return first

    return folded


# each takes Decimals and returns a Decimal in CONTEXT; InvalidOperation and DivisionByZero pass up
ARITHMETIC: dict[str, Callable[..., Decimal]] = {
    "sum": _fold(CONTEXT.add),
    "neg": lambda value: CONTEXT.minus(value) if value else Decimal(0),
    "product": _fold(CONTEXT.multiply),
    "divide": CONTEXT.divide,
    "power": _power,
    "exp": _remembered(CONTEXT.exp),
    "ln": _remembered(CONTEXT.ln),
    "log10": CONTEXT.log10,
    "sqrt": CONTEXT.sqrt,
    "sin": sin,
    "cos": cos,
    "tan": tan,
    "max": lambda *values: max(values),
    "abs": Decimal.copy_abs,
    "positive": lambda value: Decimal(int(value > 0)),  # the indicator 1(z > 0)
    "not_positive": lambda value: Decimal(int(value <= 0)),  # the indicator 1(z <= 0)
}


def evaluate(
    expr: Expr, values: Mapping[str, Decimal], functions: Mapping[str, Callable] = ARITHMETIC
) -> Decimal:
    """The value of `expr` at full precision, each literal standing for what it shows.

    `values` gives the named quantities; KeyError for a name it does not hold.
    `functions` maps every operation to its arithmetic.
    """
    if isinstance(expr, Literal):
        return expr.value
    if isinstance(expr, Name):
        return values[expr.name]
    return functions[expr.op](*[evaluate(arg, values, functions) for arg in expr.args])


# ---- walks ------------------------------------------------------------------------------------


def substitute(expr: Expr, replace: Callable[[str], Expr | None]) -> Expr:
    """`expr` with every name for which `replace(name)` gives an expression replaced by it."""
    if isinstance(expr, Name):
        return replace(expr.name) or expr
    if isinstance(expr, Literal):
        return expr
    return Apply(expr.op, tuple([substitute(arg, replace) for arg in expr.args]))


def leaves(expr: Expr) -> Iterator[Name | Literal]:
    """Names and literals from left to right, repetitions included."""
    left = [expr]
    while left:
        expr = left.pop()
        if type(expr) is Apply:
            left += expr.args[::-1]
        else:
            yield expr


def operations(expr: Expr) -> int:
    """How many operations there are in `expr`."""
    return 1 + sum(map(operations, expr.args)) if isinstance(expr, Apply) else 0


def names(expr: Expr) -> tuple[str, ...]:
    """The distinct names in `expr`, in order of first occurrence."""
    return tuple(dict.fromkeys(leaf.name for leaf in leaves(expr) if isinstance(leaf, Name)))


def differentiates(expr: Expr) -> bool:
    """Whether something in a form is still to be differentiated, so that it cannot be worked out."""
    return isinstance(expr, Apply) and (
        expr.op in ("derivative", "partial") or any(map(differentiates, expr.args))
    )


def literal(value: Decimal, text: str | None = None, event: int | None = None) -> Literal:
    """A number in a formula. `text`: how it is printed, without one exactly as its digits are;
    `event`: the event that it shows."""
    return Literal(value, exact_text(value) if text is None else text, event)

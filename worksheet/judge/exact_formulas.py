"""A formula's text in decimals, with its slopes: read by Python's own parser, never run as Python.

    evaluate("x^2/2", {"x": Dual(3, {"x": 1})})   ->   Dual(4.5, {"x": 3})

The second reading of what an author typed, apart from `algebra/parser.py` on purpose: it judges
what came of the first (`judge/duals.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from .duals import (
    FUNCTIONS,
    ONE,
    ZERO,
    Dual,
    applied,
    greater,
    minus,
    negated,
    over,
    plus,
    power,
    times,
)
from .float_formulas import parsed, pythonic

Values = Mapping[str, Dual]
BINARY: dict[type, Callable[[Dual, Dual], Dual]] = {
    ast.Add: plus,
    ast.Sub: minus,
    ast.Mult: times,
    ast.Div: over,
    ast.Pow: power,
}


def evaluate(text: str, values: Values) -> Dual:
    """The value of an expression and its slopes. Raises ArithmeticError where it has no value."""
    return compiled(text)(values)


def partials(text: str, values: Values) -> Dual:
    """The value, and the slope by each name in the text, all others held; each name is worth what
    it is worth in `values`."""
    found = evaluate(text, {name: Dual(values[name].value, {name: ONE}) for name in names_in(text)})
    return Dual(found.value, {name: found.slopes.get(name, ZERO) for name in names_in(text)})


@lru_cache(maxsize=1024)
def names_in(text: str) -> tuple[str, ...]:
    """The names that stand for numbers, in the order of the text."""
    return tuple(
        dict.fromkeys(
            node.id.removeprefix("v_")
            for node in ast.walk(parsed(text))
            if isinstance(node, ast.Name)
            and node.id != "v_e"
            and node.id.removeprefix("v_") not in (*FUNCTIONS, "max")
        )
    )


@lru_cache(maxsize=1024)
def compiled(text: str) -> Callable[[Values], Dual]:
    """The expression as a function of its names' values."""
    return _compiled(parsed(text), pythonic(text))


def _compiled(node: ast.expr, source: str) -> Callable[[Values], Dual]:
    match node:
        case ast.Constant(value=int() | float()):
            number = Dual(
                Decimal(ast.get_source_segment(source, node))
            )  # its digits, not the float that Python makes of them
            return lambda values: number
        case ast.Name(id="v_e"):
            return lambda values: applied("exp", Dual(ONE))
        case ast.Name(id=name):
            name = name.removeprefix("v_")
            return lambda values: values[name]
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _compiled(inner, source)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            inside = _compiled(inner, source)
            return lambda values: negated(inside(values))
        case ast.BinOp(left=ast.Name(id="v_e"), op=ast.Pow(), right=right):
            exponent = _compiled(right, source)
            return lambda values: applied("exp", exponent(values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            operation, one, other = (
                BINARY[type(op)],
                _compiled(left, source),
                _compiled(right, source),
            )
            return lambda values: operation(one(values), other(values))
        case ast.Call(func=ast.Name(id="v_max"), args=[left, right]):
            one, other = _compiled(left, source), _compiled(right, source)
            return lambda values: greater(one(values), other(values))
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name.removeprefix("v_") in FUNCTIONS:
            function, inside = name.removeprefix("v_"), _compiled(inner, source)
            return lambda values: applied(function, inside(values))
    raise ValueError(f"no formula holds a {type(node).__name__}")

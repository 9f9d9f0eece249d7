"""A formula's text in NumPy floats, with its slope: read by Python's own parser, never run as
Python.

    evaluate("x^2/2", {"x": Dual(3.0, 1.0)})   ->   Dual(4.5, 3.0)

For figures, over whole arrays; what is judged is worked out in decimals
(`judge/exact_formulas.py`), with the same reading of the text. A slope is carried forward beside
each value (dual numbers), so no rule of `algebra/derivative.py` has a say in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..numbers.number import Number
from .dense_layers import settled, sigmoid

_NAME = re.compile(r"(?<![\w.])([A-Za-z]\w*)")
_LEADING_ZEROS = re.compile(r"(?<![\w.])0+(?=\d)")


class Dual(NamedTuple):
    """A value and its slope; floats or arrays."""

    value: float
    slope: float = 0.0


def constants(given: Mapping[str, Number]) -> dict[str, Dual]:
    """The numbers that are given, by name: they do not move."""
    return {name: Dual(np.float64(number.value)) for name, number in given.items()}


# a function and its slope at a value
FUNCTIONS: dict[str, tuple[Callable, Callable]] = {
    "exp": (np.exp, np.exp),
    "ln": (np.log, lambda x: 1.0 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1.0 / np.cos(x) ** 2),
    "tanh": (np.tanh, lambda x: 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x)),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x: np.where(x > 0, 1.0, 0.0)),  # ReLU'(0) = 0
    "abs": (np.abs, lambda x: x / np.abs(x)),  # at 0 it has none
}


def pythonic(text: str) -> str:
    """An expression as Python spells it; every name gets a prefix, since an author's `lambda` is
    Python's own."""
    return _NAME.sub(r"v_\1", _LEADING_ZEROS.sub("", text)).replace("^", "**").strip()


@lru_cache(maxsize=1024)
def parsed(text: str) -> ast.expr:
    """Python's tree of an expression."""
    return ast.parse(pythonic(text), mode="eval").body


def evaluate(text: str, values: Mapping[str, Dual]) -> Dual:
    """The value and slope of an expression."""
    return _walk(parsed(text), values)


def _walk(node: ast.expr, values: Mapping[str, Dual]) -> Dual:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Dual(np.float64(number))
        case ast.Name(id="v_e"):
            return Dual(np.e)
        case ast.Name(id=name):
            return values[name.removeprefix("v_")]
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _walk(inner, values)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value, slope = _walk(inner, values)
            return Dual(-value, -slope)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return BINARY[type(op)](_walk(left, values), _walk(right, values))
        case ast.Call(func=ast.Name(id="v_max"), args=[left, right]):
            one, other = _walk(left, values), _walk(right, values)
            slope = np.where(one.value >= other.value, one.slope, other.slope)
            return Dual(np.maximum(one.value, other.value), slope)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name.removeprefix("v_") in FUNCTIONS:
            function, slope = FUNCTIONS[name.removeprefix("v_")]
            inside = _walk(inner, values)
            return Dual(
                function(inside.value),
                slope(inside.value) * inside.slope if np.any(inside.slope) else 0.0,
            )
    raise ValueError(f"no formula holds a {type(node).__name__}")


def _sum(one, other):
    return settled(one + other, np.abs(one) + np.abs(other))


def _power(base: Dual, exponent: Dual) -> Dual:
    value = base.value**exponent.value
    slope = 0.0
    if np.any(base.slope):
        slope = slope + exponent.value * base.value ** (exponent.value - 1.0) * base.slope
    if np.any(exponent.slope):
        slope = slope + value * np.log(base.value) * exponent.slope
    return Dual(value, slope)


BINARY: dict[type, Callable[[Dual, Dual], Dual]] = {
    ast.Add: lambda a, b: Dual(_sum(a.value, b.value), a.slope + b.slope),
    ast.Sub: lambda a, b: Dual(_sum(a.value, -b.value), a.slope - b.slope),
    ast.Mult: lambda a, b: Dual(a.value * b.value, a.slope * b.value + a.value * b.slope),
    ast.Div: lambda a, b: Dual(
        a.value / b.value, (a.slope - a.value / b.value * b.slope) / b.value
    ),
    ast.Pow: _power,
}

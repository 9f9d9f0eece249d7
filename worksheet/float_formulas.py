"""A formula's text in NumPy floats, with its slope: read by Python's own parser, never run as Python.

    evaluate("x^2/2", {"x": Dual(3.0, 1.0)})   ->   Dual(4.5, 3.0)

The second reading of what an author typed, apart from `formulas.py` on purpose: it judges what came of the first. A slope is
carried forward beside each value (dual numbers), so no rule of `derivative.py` has a say in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .dense import sigmoid
from .number import Number

_NAME = re.compile(r"(?<![\w.])([A-Za-z]\w*)")
_LEADING_ZEROS = re.compile(r"(?<![\w.])0+(?=\d)")


class Dual(NamedTuple):
    """A value and its slope; floats or arrays."""

    value: float
    slope: float = 0.0


def constants(given: Mapping[str, Number]) -> dict[str, Dual]:
    """The numbers that are given, by name: they do not move."""
    return {name: Dual(np.float64(number.value)) for name, number in given.items()}


def four_point(at: Sequence[float], width: float) -> float:
    """The slope in the middle of f(x + h), f(x - h), f(x + 2h), f(x - 2h): (8 [f(x + h) - f(x - h)] - [f(x + 2h) - f(x - 2h)]) / 12h."""
    near, close, far, away = at
    return float((8.0 * (near - close) - (far - away)) / (12.0 * width))


def slope_by_differences(curve: Callable[[np.ndarray], np.ndarray], at: float) -> float:
    """The slope of a curve (n,) -> (n,) by differences of four values, 10^-5 of `at` or of 1 aside, and nearer where the curve turns so
    fast that this is too far, or ends: of four distances the larger of the two neighbours whose slopes agree best."""
    widths = max(1.0, abs(at)) * np.array([1e-5, 1e-6, 1e-7, 1e-8])
    places = at + np.outer(widths, [1.0, -1.0, 2.0, -2.0])
    with np.errstate(all="ignore"):
        heights = np.broadcast_to(curve(places.ravel()), places.size).reshape(places.shape)
        slopes = np.array([four_point(row, width) for row, width in zip(heights, widths)])
        apart = np.abs(np.diff(slopes))
    return float(slopes[np.argmin(np.where(np.isfinite(apart), apart, np.inf))])


def told(slopes: Mapping[str, float]) -> tuple[dict[str, float], set[str]]:
    """The slopes that come to a number, and the names of the others."""
    left_out = {name for name, slope in slopes.items() if not np.isfinite(slope)}
    return {name: slope for name, slope in slopes.items() if name not in left_out}, left_out


# a function and its slope at a value
FUNCTIONS: dict[str, tuple[Callable, Callable]] = {
    "exp": (np.exp, np.exp), "ln": (np.log, lambda x: 1.0 / x), "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "sin": (np.sin, np.cos), "cos": (np.cos, lambda x: -np.sin(x)), "tan": (np.tan, lambda x: 1.0 / np.cos(x) ** 2),
    "tanh": (np.tanh, lambda x: 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x)),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x: np.where(x > 0, 1.0, 0.0)),      # ReLU'(0) = 0
    "abs": (np.abs, lambda x: x / np.abs(x)),      # at 0 it has none
}


def pythonic(text: str) -> str:
    """An expression as Python spells it; every name gets a prefix, since an author's `lambda` is Python's own."""
    return _NAME.sub(r"v_\1", _LEADING_ZEROS.sub("", text)).replace("^", "**").strip()


@lru_cache(maxsize=1024)
def parsed(text: str) -> ast.expr:
    """Python's tree of an expression."""
    return ast.parse(pythonic(text), mode="eval").body


def evaluate(text: str, values: Mapping[str, Dual], kinks: list | None = None) -> Dual:
    """The value and slope of an expression. `kinks` collects on which side of a corner (ReLU, max, abs) each one lies."""
    return _walk(parsed(text), values, [] if kinks is None else kinks)


def _walk(node: ast.expr, values: Mapping[str, Dual], kinks: list) -> Dual:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Dual(np.float64(number))
        case ast.Name(id="v_e"):
            return Dual(np.e)
        case ast.Name(id=name):
            return values[name.removeprefix("v_")]
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _walk(inner, values, kinks)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value, slope = _walk(inner, values, kinks)
            return Dual(-value, -slope)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return BINARY[type(op)](_walk(left, values, kinks), _walk(right, values, kinks))
        case ast.Call(func=ast.Name(id="v_max"), args=[left, right]):
            one, other = _walk(left, values, kinks), _walk(right, values, kinks)
            kinks.append(np.sign(one.value - other.value))
            slope = np.where(one.value >= other.value, one.slope, other.slope)
            return Dual(np.maximum(one.value, other.value), slope)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name.removeprefix("v_") in FUNCTIONS:
            function, slope = FUNCTIONS[name.removeprefix("v_")]
            inside = _walk(inner, values, kinks)
            if name in ("v_relu", "v_abs"):
                kinks.append(np.sign(inside.value))
            return Dual(function(inside.value), slope(inside.value) * inside.slope if np.any(inside.slope) else 0.0)
    raise ValueError(f"no formula holds a {type(node).__name__}")


def _power(base: Dual, exponent: Dual) -> Dual:
    value = base.value ** exponent.value
    slope = 0.0
    if np.any(base.slope):
        slope = slope + exponent.value * base.value ** (exponent.value - 1.0) * base.slope
    if np.any(exponent.slope):
        slope = slope + value * np.log(base.value) * exponent.slope
    return Dual(value, slope)


BINARY: dict[type, Callable[[Dual, Dual], Dual]] = {
    ast.Add: lambda a, b: Dual(a.value + b.value, a.slope + b.slope),
    ast.Sub: lambda a, b: Dual(a.value - b.value, a.slope - b.slope),
    ast.Mult: lambda a, b: Dual(a.value * b.value, a.slope * b.value + a.value * b.slope),
    ast.Div: lambda a, b: Dual(a.value / b.value, (a.slope - a.value / b.value * b.slope) / b.value),
    ast.Pow: _power,
}

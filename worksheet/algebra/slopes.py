"""How much the result of an operation changes with each of its operands, in floats: d(ab)/da = b,
d(1/a)/da = -1/a^2.

Each takes the operands and the result, and gives a slope for every operand.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, log, sin, tan


def of_max(args: list[float], inner: list[float]) -> tuple[float, ...]:
    """1 for every operand that may be the largest."""
    most = max(value - off for value, off in zip(args, inner))
    return tuple(float(value + off >= most) for value, off in zip(args, inner))


def _product_slopes(args: list[float], value: float) -> tuple[float, ...]:
    if len(args) == 2:
        return args[1], args[0]
    return (
        (1.0,) if len(args) == 1 else tuple(_others(args))
    )  # of 0 times something, it was not worked out times what


def _others(args: list[float]) -> Iterator[float]:
    for left_out in range(len(args)):
        found = 1.0
        for place, arg in enumerate(args):
            if place != left_out:
                found *= arg
        yield found


def _power_slopes(args: list[float], value: float) -> tuple[float, ...]:
    base, exponent = args
    by_base = exponent * value / base if base else float(exponent == 1)
    return by_base, value * log(base) if base > 0 else 0.0


SLOPES = {
    "sum": lambda args, value: (1.0,) * len(args),
    "neg": lambda args, value: (-1.0,),
    "product": _product_slopes,
    "divide": lambda args, value: (1 / args[1], -value / args[1]),
    "power": _power_slopes,
    "exp": lambda args, value: (value,),
    "ln": lambda args, value: (1 / args[0],),
    "log10": lambda args, value: (0.4342944819032518 / args[0],),
    "sqrt": lambda args, value: (0.5 / value if value else 0.0,),
    "sin": lambda args, value: (cos(args[0]),),
    "cos": lambda args, value: (-sin(args[0]),),
    "tan": lambda args, value: (1 + tan(args[0]) ** 2,),
    "abs": lambda args, value: (1.0 if args[0] >= 0 else -1.0,),
}

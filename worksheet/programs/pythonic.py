"""A formula as Python spells it, for NumPy or PyTorch: what a student would type.

    -[y ln(y_hat) + (1 - y) ln(1 - y_hat)]   ->   -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

Operands keep their order. Nothing is worked out here, and nothing but names, numbers and the
functions of `CALLS` is ever written.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import reduce

from ..algebra.expression import Apply, Expr, Literal, Name
from ..algebra.laws import LAWS, written_out
from ..numbers.number import is_far, plain_text

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an operation binds
# functions by the name that a module has for them
CALLS = {
    "exp": "exp",
    "ln": "log",
    "log10": "log10",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
    "abs": "abs",
}
# the bodies of functions that a program defines for itself, where it needs them; `{m}` is the
# module
HELPERS = {
    "sigmoid": "def sigmoid(z):\n    return 1 / (1 + {m}.exp(-z))",
    "relu": "def relu(z):\n    return {m}.where(z > 0, z, 0.0)",
    "leaky_relu": "def leaky_relu(z, slope):\n    return {m}.where(z > 0, z, slope * z)",
    "softmax": "def softmax(z):\n    e = {m}.exp(z - z.max())\n    return e / e.sum()",
}
TAKEN = frozenset(
    [
        *HELPERS,
        *keyword.kwlist,
        *keyword.softkwlist,
        "np",
        "torch",
        "update",
        "print",
        "range",
        "abs",
    ]
)


class Names:
    """The names of a trace as a program has them: without the two underscores before a layer where
    that leaves them apart."""

    def __init__(self, names: Iterable[str]):
        self.found: dict[str, str] = {}
        for name in sorted(set(names), key=lambda name: ("__" in name, name)):
            short = name.replace("__", "_")
            while short in TAKEN or short in self.found.values():
                short = (
                    name
                    if short != name and name not in TAKEN and name not in self.found.values()
                    else short + "_"
                )
            self.found[name] = short

    def __call__(self, name: str) -> str:
        """What the program calls a name of the trace. Raises KeyError for one that is not in it."""
        return self.found[name]


class Writer:
    """Writes formulas for one module; remembers which helpers they need."""

    def __init__(self, module: str, names: Callable[[str], str]):
        self.module, self.names = module, names
        self.helpers: list[str] = []

    def __call__(self, expr: Expr) -> str:
        """The text of a formula."""
        return self.spelt(expr)[0]

    def spelt(self, expr: Expr) -> tuple[str, int]:
        """The text of a formula, and how tightly its outermost operation binds."""
        if isinstance(expr, Literal):
            return number_text(expr.value), SIGN if expr.value < 0 else ATOM
        if isinstance(expr, Name):
            return ("1", ATOM) if expr.name == "ones" else (self.names(expr.name), ATOM)
        if expr.op in LAWS and expr.op not in CALLS:
            return self.law(expr)
        return self.operation(expr.op, expr.args)

    def within(self, expr: Expr, least: int) -> str:
        """A formula as an operand: in brackets where it binds less tightly."""
        text, level = self.spelt(expr)
        return text if level >= least else f"({text})"

    def taken(self, expr: Expr) -> str:
        """What has a minus before it."""
        text = self.within(expr, PRODUCT)
        return f"({text})" if text.startswith("-") else text

    def operation(self, op: str, args: tuple[Expr, ...]) -> tuple[str, int]:
        """The text of an operation, and how tightly it binds. Raises KeyError for one that is
        neither a sign nor in `CALLS`."""
        match op:
            case "sum":
                first, *rest = args
                return self.within(first, SUM) + "".join(map(self.term, rest)), SUM
            case "product" | "hadamard":
                first, *rest = args
                return " * ".join(
                    [self.within(first, PRODUCT), *[self.within(arg, POWER) for arg in rest]]
                ), PRODUCT
            case "divide" | "fraction":
                return f"{self.within(args[0], PRODUCT)} / {self.within(args[1], POWER)}", PRODUCT
            case "matmul":
                return " @ ".join(
                    [self.within(args[0], PRODUCT), *[self.within(arg, POWER) for arg in args[1:]]]
                ), PRODUCT
            case "neg":
                return f"-{self.taken(args[0])}", SIGN if self.spelt(args[0])[
                    1
                ] > PRODUCT else PRODUCT
            case "power":
                return f"{self.within(args[0], ATOM)} ** {self.within(args[1], SIGN)}", POWER
            case "transpose":
                return f"{self.within(args[0], ATOM)}.T", ATOM
            case "positive":
                return f"{self.module}.where({self(args[0])} > 0, 1.0, 0.0)", ATOM
            case "not_positive":
                return f"{self.module}.where({self(args[0])} > 0, 0.0, 1.0)", ATOM
            case "max":
                return reduce(
                    lambda one, other: f"{self.module}.where({one} >= {other}, {one}, {other})",
                    map(self, args),
                ), ATOM
            case "matrix":
                rows = [f"[{', '.join(map(self, row.args))}]" for row in args]
                return (
                    f"{'torch.tensor' if self.module == 'torch' else 'np.array'}([{', '.join(rows)}])",
                    ATOM,
                )
        return f"{self.module}.{CALLS[op]}({', '.join(map(self, args))})", ATOM

    def term(self, arg: Expr) -> str:
        """A term of a sum behind the first, with the sign before it."""
        if isinstance(arg, Apply) and arg.op == "neg":
            return f" - {self.taken(arg.args[0])}"
        if isinstance(arg, Literal) and arg.value < 0:
            return f" - {number_text(-arg.value)}"
        return f" + {self.within(arg, PRODUCT)}"

    def law(self, call: Apply) -> tuple[str, int]:
        """An activation as a call, a loss and what is no function of one number as a formula."""
        if call.op not in HELPERS or call.op == "softmax" and len(call.args) > 1:
            return self.spelt(written_out(call))
        if call.op not in self.helpers:
            self.helpers.append(call.op)
        return f"{call.op}({', '.join(map(self, call.args))})", ATOM


def number_text(value: Decimal) -> str:
    """A number as Python reads it."""
    return (
        str(value.normalize()).lower()
        if is_far(value)
        else plain_text(value)
        if value == value.to_integral_value()
        else format(value, "f")
    )

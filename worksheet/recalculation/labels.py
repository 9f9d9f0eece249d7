r"""Functions that a page names: `f(x) = x^2 + 1` says what f(3) is, and `f(3) = 10` says what it is
from there on.

The reader sees `f(3)` as a product of f and 3; a letter that the page has introduced with its
variable in brackets is a function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..algebra.entries import is_closed
from ..algebra.expression import Apply, Expr, Literal, Name, substitute

# of a function that the page has introduced, which says of what it is one; or an ordinary one,
# which says it itself
_SLOPE = re.compile(r"\\frac\{(?P<d>\\partial|d) (?P<of>.+)\}\{(?:\\partial|d) (?P<by>.+)\}")

Call = tuple[str, tuple[Expr, ...]]


@dataclass(slots=True)
class Labels:
    """The functions of a page by name, and the values that were printed for their calls."""

    functions: dict[str, tuple[tuple[str, ...], Expr]] = field(default_factory=dict)
    values: dict[tuple, Expr] = field(default_factory=dict)

    def learn(self, target: Expr, last: Expr | None) -> None:
        r"""`f(x)` is defined by the last form of its chain, and so are `\frac{dz}{dx}` and
        `\frac{\partial f}{\partial x}`; `f(3)` has its number."""
        call, slope = (
            called(target),
            _SLOPE.fullmatch(target.name) if type(target) is Name else None,
        )
        if last is not None and slope and (slope["d"] == "d" or slope["of"] in self.functions):
            self.functions[target.name] = (
                (slope["by"],) if slope["d"] == "d" else self.functions[slope["of"]][0],
                last,
            )
        if call is None or last is None:
            return
        name, args = call
        if all(type(arg) is Name for arg in args):
            self.functions[name] = tuple(arg.name for arg in args), last
        elif (
            type(last) is Literal
            or type(last) is Apply
            and last.op == "neg"
            and type(last.args[0]) is Literal
        ):
            self.values[key(name, args)] = last

    def meaning(self, target: Expr) -> Expr | None:
        """What `f(3)` stands for by the definition of f, None where there is none."""
        call = called(target)
        if call is None or call[0] not in self.functions or not all(map(is_closed, call[1])):
            return None
        names, formula = self.functions[call[0]]
        return (
            substitute(formula, dict(zip(names, call[1])).get)
            if len(names) == len(call[1])
            else None
        )

    def filled(self, expr: Expr) -> Expr:
        """`expr` with the printed value of every call in the place of the call."""
        if type(expr) is not Apply or not self.values:
            return expr
        args = [self.filled(arg) for arg in expr.args]
        if expr.op == "product":
            for place in range(len(args) - 2, -1, -1):
                if type(args[place]) is Name and (
                    value := self.values.get(key(args[place].name, args[place + 1 : place + 2]))
                ):
                    args[place : place + 2] = [value]
            if len(args) == 1:
                return args[0]
        elif expr.op == "label" and type(args[0]) is Name:
            return self.values.get(key(args[0].name, args[1:]), expr)
        return Apply(expr.op, tuple(args))


def called(expr: Expr | None) -> Call | None:
    """The name and the arguments of `f(3)` or `f(x, y)`."""
    if type(expr) is Apply and expr.op in ("product", "label") and type(expr.args[0]) is Name:
        is_one = expr.op == "label" or len(expr.args) == 2
        return (expr.args[0].name, expr.args[1:]) if is_one else None
    return None


def key(name: str, args) -> tuple:
    """Calls with equal arguments are one call: f(2) and f(2.0)."""
    return name, tuple(arg.value if type(arg) is Literal else arg for arg in args)

"""SymPy's word on the formulas: every gradient of a trace is the derivative of its loss.

The loss is composed from the formulas of the forward pass, differentiated by SymPy, and compared with the
gradient composed from the chain rule's formulas, at three exact rational points. It reads formulas only,
never a number of the trace. SymPy is imported here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import sympy

from .backward import partial_name
from .expression import Expr, Literal, Name
from .laws import LAWS, written_out
from .trace import Trace

POINTS = 3
DIGITS = 30
AGREE = sympy.Float("1e-20", DIGITS)

OPERATIONS: dict[str, Callable] = {
    "sum": lambda *args: sympy.Add(*args), "product": lambda *args: sympy.Mul(*args), "neg": lambda arg: -arg,
    "divide": lambda over, under: over / under, "power": lambda base, exponent: base ** exponent,
    "exp": sympy.exp, "ln": sympy.log, "max": sympy.Max,
    "positive": lambda z: sympy.Piecewise((1, z > 0), (0, True)),
    "not_positive": lambda z: sympy.Piecewise((0, z > 0), (1, True)),
}


def to_sympy(expr: Expr, names: dict[str, sympy.Expr]) -> sympy.Expr:
    """Our tree as SymPy's, with `names` put in and every law written out."""
    if isinstance(expr, Literal):
        return sympy.Rational(expr.text)
    if isinstance(expr, Name):
        return names[expr.name]
    if expr.op in LAWS:
        return to_sympy(written_out(expr), names)
    return OPERATIONS[expr.op](*[to_sympy(arg, names) for arg in expr.args])


def wrong_formulas(trace: Trace, seed: int = 0) -> list[str]:
    """The names of the gradients whose formula is not the derivative of the loss; empty if all hold."""
    network, random = trace.problem.network, Random(seed)
    loss = network.loss_name
    points = [{name: sympy.Rational(Fraction(random.randint(-900, 900), 1000)) for name in trace.givens} for _ in range(POINTS)]
    for point in points:      # one-hot targets, so that the short form of softmax with cross-entropy applies
        for k, name in enumerate(network.target):
            point[name] = sympy.Integer(not k) if "cross-entropy" in network.loss else point[name]
    wrong = []
    backward = trace.select("backward", 1)
    for working in backward:
        if not working.name.startswith(partial_name(loss, "")):
            continue
        by = working.name.removeprefix(partial_name(loss, ""))
        for point in points:
            if not _agrees(trace, working.name, by, loss, point):
                wrong.append(working.name)
                break
    return wrong


def _agrees(trace: Trace, gradient: str, by: str, loss: str, point: dict[str, sympy.Expr]) -> bool:
    """d(loss)/d(by) at one point: SymPy's derivative along the tape against the formulas of the backward pass."""
    x = sympy.Symbol("x", real=True)
    values: dict[str, sympy.Expr] = dict(point)
    along: dict[str, sympy.Expr] = {name: x if name == by else value for name, value in point.items()}
    for working in (*trace.select("forward", 1), *trace.select("loss", 1)):
        values[working.name] = sympy.N(to_sympy(working.formula, values), DIGITS)
        depends = along.get(by) is x
        along[working.name] = x if working.name == by else to_sympy(working.formula, along) if depends else values[working.name]
    at = values[by]
    expected = sympy.N(sympy.diff(along[loss], x).subs(x, at), DIGITS)
    for working in trace.select("backward", 1):
        values[working.name] = sympy.N(to_sympy(working.formula, values), DIGITS)
        if working.name == gradient:
            break
    return abs(expected - values[gradient]) <= AGREE * max(1, abs(expected))

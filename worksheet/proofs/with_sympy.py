"""SymPy's word on the formulas: every gradient of a trace is the derivative of its loss.

SymPy differentiates each formula of the forward pass; carried forward along the tape, its
derivatives are compared with the gradients that the formulas of the backward pass give, at three
rational points. It reads formulas only, never a number of the trace. SymPy is imported here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random

import sympy

from ..algebra.expression import Expr, Literal, Name, names, substitute
from ..algebra.laws import LAWS, written_out
from ..trace.backward import partial_name
from ..trace.trace import Derivation, Trace

POINTS = 3
DIGITS = 30
LARGE = 100  # exponents
AGREE = sympy.Float("1e-20", DIGITS)


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """A large power of a number in digits: written out exactly it would have as many as the
    exponent."""
    is_large = base.is_Number and exponent.is_Number and abs(exponent) > LARGE
    return sympy.Float(base, 2 * DIGITS) ** exponent if is_large else base**exponent


OPERATIONS: dict[str, Callable] = {
    "sum": lambda *args: sympy.Add(*args),
    "product": lambda *args: sympy.Mul(*args),
    "neg": lambda arg: -arg,
    "divide": lambda over, under: over / under,
    "power": _power,
    "exp": sympy.exp,
    "ln": sympy.log,
    "max": sympy.Max,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "derivative": sympy.diff,
    "partial": sympy.diff,
    "fraction": lambda over, under: over / under,
    "positive": lambda z: sympy.Piecewise((1, z > 0), (0, True)),
    "not_positive": lambda z: sympy.Piecewise((0, z > 0), (1, True)),
}


def to_sympy(expr: Expr, values: dict[str, sympy.Expr]) -> sympy.Expr:
    """Our tree as SymPy's, with `values` put in and every law written out."""
    if isinstance(expr, Literal):
        return sympy.Rational(expr.text)
    if isinstance(expr, Name):
        return values[expr.name]
    if expr.op in LAWS:
        return to_sympy(written_out(expr), values)
    return OPERATIONS[expr.op](*[to_sympy(arg, values) for arg in expr.args])


def wrong_steps(
    derivation: Derivation, points: Sequence[Mapping[str, Decimal]], meanings: Mapping[str, Expr]
) -> list[int]:
    """The steps of a derivation that are not equal to the one before; SymPy differentiates where a
    form says so.

    `meanings`: what defined names stand for. Both forms are worked out to 30 digits; a point at
    which one of them has no real value says nothing."""
    written = [substitute(step.expr, meanings.get) for step in derivation.steps]
    known = {name: sympy.Symbol(name, real=True) for form in written for name in names(form)}
    forms = [to_sympy(form, known) for form in written]
    values = [
        [
            form.evalf(
                DIGITS,
                subs={symbol: sympy.Rational(str(point[name])) for name, symbol in known.items()},
            )
            for form in forms
        ]
        for point in points
    ]
    sound = [row for row in values if all(value.is_real and value.is_finite for value in row)]
    return [
        place
        for place in range(1, len(forms))
        if not sound or not all(_is_near(row[place], row[place - 1]) for row in sound)
    ]


def wrong_formulas(trace: Trace, seed: int = 0) -> list[str]:
    """The names of the gradients whose formula is not the derivative of the loss; empty if all
    hold."""
    loss = trace.problem.loss_name
    if not loss:
        return []
    forward = (*trace.select("forward", 1), *trace.select("loss", 1))
    backward = trace.select("backward", 1)
    slopes = {working.name: _partials(working.formula) for working in forward}
    wrong: dict[str, None] = {}
    for point in _points(trace, Random(seed)):
        values = dict(point)
        for working in (*forward, *backward):
            values[working.name] = sympy.N(to_sympy(working.formula, values), DIGITS)
        local = {
            name: {by: _at(slope, values) for by, slope in partials.items()}
            for name, partials in slopes.items()
        }
        for working in backward:
            by = working.name.removeprefix(partial_name(loss, ""))
            if by != working.name and not _is_near(values[working.name], _along(local, by, loss)):
                wrong[working.name] = None
    return list(wrong)


def _points(trace: Trace, random: Random) -> list[dict[str, sympy.Expr]]:
    """Random values for the givens; one-hot targets where the loss is a cross-entropy, for its
    short form."""
    if not trace.problem.layers:  # near the point of the page: a logarithm's operand keeps its sign
        return [
            {
                name: sympy.Rational(number.text) * random.randint(900, 1100) / 1000
                + sympy.Rational(random.randint(1, 9), 1000)
                for name, number in trace.problem.given.items()
            }
            for _ in range(POINTS)
        ]
    network = trace.problem.network
    points = [
        {name: sympy.Rational(random.randint(-900, 900), 1000) for name in trace.givens}
        for _ in range(POINTS)
    ]
    if "cross-entropy" in network.loss:
        for point in points:
            point.update({name: sympy.Integer(not k) for k, name in enumerate(network.target)})
    return points


def _partials(formula: Expr) -> dict[str, sympy.Expr]:
    """SymPy's derivative of one formula by each of its names."""
    symbols = {name: sympy.Symbol(name, real=True) for name in names(formula)}
    written = to_sympy(formula, symbols)
    return {name: sympy.diff(written, symbol) for name, symbol in symbols.items()}


def _at(slope: sympy.Expr, values: dict[str, sympy.Expr]) -> sympy.Expr:
    return slope.evalf(DIGITS, subs={symbol: values[symbol.name] for symbol in slope.free_symbols})


def _along(local: dict[str, dict[str, sympy.Expr]], by: str, loss: str) -> sympy.Expr:
    """d(loss)/d(by), carried forward along the tape: the other way round than the backward pass."""
    moved = {by: sympy.Integer(1)}
    for name, partials in local.items():
        if name != by:
            moved[name] = sum(
                [slope * moved[each] for each, slope in partials.items() if each in moved],
                sympy.Integer(0),
            )
    return moved[loss]


def _is_near(found: sympy.Expr, expected: sympy.Expr) -> bool:
    return bool(abs(expected - found) <= AGREE * max(1, abs(expected)))

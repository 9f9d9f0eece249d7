"""A function of one variable: the derivative rule by rule, the slope at a point, the tangent, a
small change.

f'(a),   t(x) = f(a) + f'(a) (x - a),   f(a + dx) - f(a)  against  f'(a) dx
"""

from __future__ import annotations

from ...algebra.expression import Expr, Name, substitute
from ...algebra.parameters import formula_of
from ...trace.derivative_steps import derivative_steps
from ...trace.tape import Tape
from ...trace.trace import Trace
from .problem import FunctionProblem


def solve(problem: FunctionProblem) -> Trace:
    """Raises SolveError where the function or its derivative has no finite value."""
    tape, expr, x = Tape(problem.rounding), formula_of(problem), Name(problem.variable)
    steps = derivative_steps(expr, x.name)
    tape.derive("slope", steps)
    tape.given(x.name, problem.at)
    change = tape.given("change", problem.change)

    def at(form: Expr, place: Name) -> Expr:
        return substitute(form, lambda name: place)

    value = tape.let("value", expr, "activation")
    tape.begin("backward", 1)
    slope = tape.let("slope", steps[-1].expr, "gradient")
    tape.let("intercept", value - slope * x, "activation")
    tape.begin("check", 1)
    moved = tape.let("moved", x + change, "activation")
    tape.insist_on_change(moved, x, change)
    value_there = tape.let("moved_value", at(expr, moved), "activation")
    rise = tape.let("rise", value_there - value, "loss")
    estimate = tape.let("estimate", slope * change, "loss")
    tape.let("gap", rise - estimate, "loss")
    return tape.trace(problem)

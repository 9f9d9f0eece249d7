"""A function of several variables: each partial derivative rule by rule, the gradient at a point, a
small change.

df/dx,  df/dy,   f(a + da, b + db) - f(a, b)  against  df/dx da + df/dy db
"""

from __future__ import annotations

from ...algebra.expression import Name, substitute
from ...algebra.laws import total
from ...algebra.parameters import formula_of
from ...trace.backward import partial_name
from ...trace.derivative_steps import as_partial, derivative_steps
from ...trace.tape import Tape
from ...trace.trace import Step, Trace
from .problem import GradientProblem


def solve(problem: GradientProblem) -> Trace:
    """Formulas alone where the problem has no point. Raises SolveError where the function or a
    partial has no finite value."""
    tape, expr = Tape(problem.rounding), formula_of(problem)
    partials = {}
    for name in problem.variables:
        steps = derivative_steps(expr, name)
        tape.derive(
            partial_name(problem.name, name),
            [Step(step.rules, as_partial(step.expr)) for step in steps],
        )
        partials[name] = steps[-1].expr
    if not problem.at:
        return tape.trace(problem)
    for name, number in problem.at.items():
        tape.given(name, number)
    value = tape.let("value", expr, "activation")
    tape.begin("backward", 1)
    slopes = {
        name: tape.let(partial_name(problem.name, name), formula, "gradient")
        for name, formula in partials.items()
    }
    if not problem.change:
        return tape.trace(problem)
    tape.begin("check", 1)
    changes = {
        name: tape.given(f"{name}_change", number) for name, number in problem.change.items()
    }
    moved = {
        name: tape.let(f"{name}_moved", Name(name) + change, "activation")
        for name, change in changes.items()
    }
    for name, change in changes.items():
        tape.insist_on_change(moved[name], Name(name), change)
    there = tape.let("moved_value", substitute(expr, moved.get), "activation")
    rise = tape.let("rise", there - value, "loss")
    shares = [
        tape.let(f"{name}_share", slopes[name] * change, "loss") for name, change in changes.items()
    ]
    estimate = tape.let("estimate", total(shares), "loss") if len(shares) > 1 else shares[0]
    tape.let("gap", rise - estimate, "loss")
    return tape.trace(problem)

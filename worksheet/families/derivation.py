"""Derivations: the derivative of a definition, and the author's forms of it one after the other.

    dL/dy_hat = d/dy_hat (1/2 (y - y_hat)^2) = ... = y_hat - y
"""

from __future__ import annotations

from .. import formulas
from ..backward import partial_name
from ..calculus import DerivationProblem
from ..expression import Apply, Expr, Name
from ..tape import Tape
from ..trace import Step, Trace


def solve(problem: DerivationProblem) -> Trace:
    """A trace without numbers: the forms of one derivation. Whether they are equal is for the checks to say."""
    tape = Tape(problem.rounding)
    *_, of = problem.definitions
    start = Apply("derivative", (formulas.read(problem.definitions[of]), Name(problem.by)))
    forms = [start, *[formulas.read(step.form, problem.by) for step in problem.steps]]
    tape.derive(partial_name(of, problem.by), [Step((), as_partial(form)) for form in forms])
    return tape.trace(problem)


def as_partial(expr: Expr) -> Expr:
    """The derivatives in a form as partial ones: there are other names, which are held."""
    if not isinstance(expr, Apply):
        return expr
    return Apply("partial" if expr.op == "derivative" else expr.op, tuple(map(as_partial, expr.args)))

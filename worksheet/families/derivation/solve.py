"""Derivations: the derivative of a definition, and the author's forms of it one after the other.

dL/dy_hat = d/dy_hat (1/2 (y - y_hat)^2) = ... = y_hat - y,      and at a point its value
"""

from __future__ import annotations

from ...algebra import parser as formulas
from ...algebra.expression import Apply, Name, differentiates
from ...trace.backward import partial_name
from ...trace.derivative_steps import as_partial
from ...trace.tape import Tape
from ...trace.trace import Step, Trace
from .problem import DerivationProblem


def solve(problem: DerivationProblem) -> Trace:
    """The forms of one derivation; whether they are equal is for the checks to say. At a point the
    numbers of the last form, and of the first that can be worked out. Raises SolveError where a
    value is not finite."""
    tape, slope = Tape(problem.rounding), partial_name(problem.loss_name, problem.by)
    start = Apply(
        "derivative", (formulas.read(problem.definitions[problem.loss_name]), Name(problem.by))
    )
    forms = [start, *[formulas.read(step.form, problem.by) for step in problem.steps]]
    tape.derive(slope, [Step((), as_partial(form)) for form in forms])
    if not problem.at:
        return tape.trace(problem)
    for name, number in problem.at.items():
        tape.given(name, number)
    for name, text in problem.definitions.items():
        tape.let(name, formulas.read(text), "activation")
    tape.begin("backward", 1)
    tape.let(slope, forms[-1], "gradient")
    first = next(form for form in forms if not differentiates(form))
    if first is not forms[-1]:
        tape.begin("check", 1)
        tape.let(slope, first, "gradient")
    return tape.trace(problem)

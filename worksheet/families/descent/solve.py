"""Gradient descent on a function of one or two variables: its gradient rule by rule, and update
after update.

dL/dw rule by rule,   w <- w - alpha dL/dw   worked for some updates
"""

from __future__ import annotations

from functools import partial

from ...algebra import parser as formulas
from ...algebra.expression import Expr, Name
from ...descent import forward
from ...trace.backward import partial_name
from ...trace.derivative_steps import as_partial, derivative_steps
from ...trace.tape import Tape
from ...trace.trace import Step, Trace
from .problem import DescentProblem

worked_out = partial(forward.worked_out, kind="prediction")  # what is watched, then the function


def solve(problem: DescentProblem) -> Trace:
    """`problem.epochs` updates by hand and the value after the last; single cases of the rule
    before them.

    Raises SolveError where a value is not finite."""
    tape, rate = Tape(problem.rounding), Name(problem.notation.learning_rate)
    gradients = {name: derivative(problem, tape, name) for name in problem.start}
    for name, number in (problem.start | {rate.name: problem.learning_rate}).items():
        tape.given(name, number)
    tape.begin("update", 1)
    for place, case in enumerate(problem.cases, start=1):
        weight, slope, step = (
            tape.given(f"case_{place}_{part}", getattr(case, part))
            for part in ("value", "gradient", "learning_rate")
        )
        tape.let(f"case_{place}", weight - step * slope, "weight")
    for epoch in range(1, problem.epochs + 1):
        worked_out(problem, tape, ("forward", "loss"), epoch)
        tape.begin("backward", epoch)
        for name, gradient in gradients.items():
            tape.let(partial_name(problem.name, name), gradient, "gradient")
        tape.begin("update", epoch)
        for name in gradients:
            tape.let(name, Name(name) - rate * Name(partial_name(problem.name, name)), "weight")
    worked_out(problem, tape, ("check", "check"), problem.epochs)
    return tape.trace(problem)


def derivative(problem: DescentProblem, tape: Tape, name: str) -> Expr:
    """The derivative by one variable, its steps on the tape."""
    steps = derivative_steps(formulas.read(problem.formula), name)
    tape.derive(
        partial_name(problem.name, name),
        [
            step if problem.has_one_variable else Step(step.rules, as_partial(step.expr))
            for step in steps
        ],
    )
    return steps[-1].expr

"""Formula graphs: quantities given by formulas of earlier ones, gradients over every path, weight
update.

h = x*w_1,   y_hat = h*w_2,   L = (y - y_hat)^2/2,   w <- w - alpha dL/dw
"""

from __future__ import annotations

from ...algebra.expression import Name
from ...descent.forward import worked_out
from ...trace.backward import backward, partial_name
from ...trace.perturbation import work_nudges
from ...trace.tape import Tape
from ...trace.trace import Trace
from .problem import FormulasProblem


def solve(problem: FormulasProblem) -> Trace:
    """`problem.epochs` updates and a pass after the last; without a learning rate one pass and its
    gradients.

    Raises SolveError where a value is not finite."""
    tape, rate = Tape(problem.rounding), Name(problem.notation.learning_rate)
    for name, number in problem.given.items():
        tape.given(name, number)
    if problem.learning_rate:
        tape.given(rate.name, problem.learning_rate)
    for epoch in range(1, problem.epochs + 1):
        worked_out(problem, tape, ("forward", "loss"), epoch)
        tape.begin("backward", epoch)
        backward(tape, problem.loss_name, {name: name for name in problem.train})
        if epoch == 1:
            work_nudges(tape, problem.loss_name, problem.nudge)
        if problem.learning_rate is None:
            return tape.trace(problem)
        tape.begin("update", epoch)
        for name in problem.train:
            tape.let(
                name, Name(name) - rate * Name(partial_name(problem.loss_name, name)), "weight"
            )
    worked_out(problem, tape, ("check", "check"), problem.epochs)
    return tape.trace(problem)

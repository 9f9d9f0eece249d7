"""Gradient descent on a function of one or two variables: its gradient rule by rule, update after update, and where it ends.

    dL/dw rule by rule,   w <- w - alpha dL/dw   worked for some updates,   and by a program from there on
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from .. import formulas
from ..backward import partial_name
from ..calculus import DescentProblem
from ..expression import Expr, Name, evaluate, substitute
from ..grid import FUNCTIONS
from ..number import CONTEXT, Number, quantize
from ..rules import derivative_steps
from ..tape import Tape
from ..trace import Descent, Step, Trace
from ..trajectory import follow
from .derivation import as_partial

ARITHMETIC = FUNCTIONS | {"fraction": FUNCTIONS["divide"]}


def solve(problem: DescentProblem) -> Trace:
    """`problem.epochs` updates by hand and the value after the last; single cases of the rule before them, the end of the long run after.

    Raises SolveError where a value is not finite."""
    tape, rate = Tape(problem.rounding), Name(problem.notation.learning_rate)
    gradients = {name: derivative(problem, tape, name) for name in problem.start}
    for name, number in (problem.start | {rate.name: problem.learning_rate}).items():
        tape.given(name, number)
    tape.begin("update", 1)
    for place, case in enumerate(problem.cases, start=1):
        weight, slope, step = (tape.given(f"case_{place}_{part}", getattr(case, part)) for part in ("value", "gradient", "learning_rate"))
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
    if problem.long_run:
        rates = dict.fromkeys(number.value for number in (problem.learning_rate, *problem.learning_rates))
        tape.descents = tuple(carried_on(problem, gradients, each) for each in rates)
        tried(problem, tape, tape.descents[0])
    return tape.trace(problem)


def derivative(problem: DescentProblem, tape: Tape, name: str) -> Expr:
    """The derivative by one variable, its steps on the tape."""
    steps = derivative_steps(formulas.read(problem.formula), name)
    tape.derive(partial_name(problem.name, name), [
        step if problem.has_one_variable else Step(step.rules, as_partial(step.expr)) for step in steps])
    return steps[-1].expr


def worked_out(problem: DescentProblem, tape: Tape, phases: tuple[str, str], epoch: int, after: str = "") -> None:
    """What is watched, then the function, at the point where we are; `after` is added to every name."""
    tape.begin(phases[0], epoch)
    for name, text in problem.quantities.items():
        is_last = name == problem.name
        if is_last:
            tape.phase = phases[1]
        formula = substitute(formulas.read(text), lambda each: Name(each + after))
        tape.let(name + after, formula, "loss" if is_last else "prediction")


def carried_on(problem: DescentProblem, gradients: dict[str, Expr], rate: Decimal) -> Descent:
    """The same with a learning rate, by program, with 50 digits."""
    loss = formulas.read(problem.formula)

    def at(expr: Expr):
        return lambda point: evaluate(expr, dict(zip(problem.start, point)), ARITHMETIC)

    slopes = [at(gradient) for gradient in gradients.values()]
    with localcontext(CONTEXT):
        course = follow([number.value for number in problem.start.values()], rate, at(loss), lambda point: [slope(point) for slope in slopes],
                        problem.until.value, problem.long_run)
    return Descent(rate, course.fate, course.updates, course.swings, dict(zip(problem.start, course.end)), course.loss)


def tried(problem: DescentProblem, tape: Tape, descent: Descent) -> None:
    """The point where a run has settled, rounded as the page shows it, and what the quantities are there."""
    if descent.fate != "settles" or not descent.updates:
        return
    after = f"__{descent.updates}"
    for name, value in descent.end.items():
        rounded = quantize(value, -problem.end_places, "half-up")
        tape.given(name + after, Number.written(format(rounded, "f")))
    worked_out(problem, tape, ("check", "check"), problem.epochs, after)

"""The chain rule: the derivative of each link rule by rule, their product, and the same with
everything put in first.

dz/dx = dz/dy dy/dx,      z(x) = z(y(x)),      and at a point their values
"""

from __future__ import annotations

from ...algebra.expression import Apply, Expr, Name, substitute
from ...algebra.polynomials import multiplied_out
from ...algebra.simplify import prints_alike, simplify
from ...trace.backward import partial_name
from ...trace.derivative_steps import derivative_steps
from ...trace.tape import Tape
from ...trace.trace import Step, Trace
from .problem import ChainProblem

WHOLE, DIRECT = (
    "whole",
    "direct",
)  # the last quantity as a formula of the first, and the derivative of that


def solve(problem: ChainProblem) -> Trace:
    """Raises SolveError where no rule gives a derivative, or where a value is not finite."""
    tape, x, total = (
        Tape(problem.rounding),
        problem.variable,
        partial_name(problem.last, problem.variable),
    )
    links = problem.formulas
    slopes: dict[str, Expr] = {}
    for name, before in problem.pairs:
        steps = derivative_steps(links[name], before)
        tape.derive(partial_name(name, before), steps)
        slopes[partial_name(name, before)] = steps[-1].expr
    along = Apply("product", tuple(map(Name, reversed(slopes))))
    tape.derive(total, product_steps(problem, links, slopes, along))
    whole = whole_steps(problem, links)
    tape.derive(WHOLE, whole)
    tape.derive(DIRECT, derivative_steps(whole[-1].expr, x))
    if not problem.at:
        return tape.trace(problem)
    tape.given(x, problem.at[x])
    for name, expr in links.items():
        tape.let(name, expr, "activation")
    tape.begin("backward", 1)
    for name, slope in slopes.items():
        tape.let(name, slope, "gradient")
    tape.let(total, along, "gradient")
    tape.begin("check", 1)
    tape.let(total, tape.derivations[-1].steps[-1].expr, "gradient")
    return tape.trace(problem)


def written_out(problem: ChainProblem, links: dict[str, Expr]) -> dict[str, Expr]:
    """Each quantity as a formula of the first."""
    found: dict[str, Expr] = {}
    for name, expr in links.items():
        found[name] = substitute(expr, found.get)
    return found


def product_steps(
    problem: ChainProblem, links: dict[str, Expr], slopes: dict[str, Expr], along: Expr
) -> list[Step]:
    """dz/dx as the product of the links' derivatives, in the quantity of each link, then in the
    first of them alone."""
    steps = [Step((), Name(partial_name(problem.last, problem.variable))), Step(("chain",), along)]
    put_in = Apply("product", tuple(reversed(slopes.values())))
    inner = {
        name: expr for name, expr in written_out(problem, links).items() if name != problem.last
    }
    in_first = substitute(simplify(put_in), inner.get)
    for rule, form in (
        ("links", put_in),
        ("simplify", simplify(put_in)),
        ("substitute", in_first),
        ("simplify", simplify(in_first)),
        ("multiply-out", multiplied_out(in_first, problem.variable)),
    ):
        if form is not None and not prints_alike(form, steps[-1].expr):
            steps.append(Step((rule,), form))
    return steps


def whole_steps(problem: ChainProblem, links: dict[str, Expr]) -> list[Step]:
    """The last quantity by its own formula, by the first quantity alone, and multiplied out where
    it can be."""
    steps = [Step((), links[problem.last])]
    in_first = written_out(problem, links)[problem.last]
    for rule, form in (
        ("substitute", in_first),
        ("multiply-out", multiplied_out(in_first, problem.variable)),
    ):
        if form is not None and not prints_alike(form, steps[-1].expr):
            steps.append(Step((rule,), form))
    return steps

"""Problem families: one file each, `solve(problem) -> Trace`."""

from __future__ import annotations

import re

from ..errors import SolveError
from ..known import known
from ..long_runs import carried_on
from ..problem import Descending, Problem
from ..trace import Trace
from . import chain, derivation, descent, formulas, function, gradient, network

SOLVERS = {"network": network.solve, "formulas": formulas.solve, "function": function.solve, "gradient": gradient.solve, "chain": chain.solve,
           "derivation": derivation.solve, "descent": descent.solve}
_QUANTITY = re.compile(r"'(\w+)' (?:has no finite value|passes 10\^\d+|takes the logarithm of zero)")
FORWARD = {"network": network.worked_out, "formulas": formulas.worked_out, "descent": descent.worked_out}


def solve(problem: Problem) -> Trace:
    """The whole solution of a problem of any family. Raises SolveError where a value is not finite."""
    return to_the_end(by_hand(problem))


def by_hand(problem: Problem) -> Trace:
    """The solution without what a program goes on to do: as quick as it can be, for those who ask many. With as many digits as it
    takes for every digit that is shown to be known."""
    try:
        return known(lambda: SOLVERS[problem.family](problem))
    except SolveError as fault:
        raise placed(fault, problem) from None


def placed(fault: SolveError, problem: Problem) -> SolveError:
    """An error that says where in the spec its quantity stands, and in which epoch it was wanted if there are epochs."""
    quantity = _QUANTITY.match(fault.message)
    if quantity is None:
        return fault
    message = fault.message
    if isinstance(problem, Descending) and problem.learning_rate and " in epoch " not in message:
        message = f"{quantity[0]} in epoch 1{message[quantity.end():]}"
    return SolveError(message, fault.where or problem.lines.of(quantity[1]), fault.hint)


def to_the_end(trace: Trace) -> Trace:
    """The whole solution from one by hand; a whole one as it is."""
    return known(lambda: carried_on(trace, FORWARD.get(trace.problem.family)), trace.digits)

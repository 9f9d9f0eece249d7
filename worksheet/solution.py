"""The solution of a problem of any family: by hand, and as far as a program goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .descent.exact import carried_on
from .errors import SolveError
from .family import family_of
from .numbers.known_digits import known
from .problem import Descending, Problem
from .standing import in_first_epoch
from .trace.trace import Trace


def solve(problem: Problem) -> Trace:
    """The whole solution of a problem of any family. Raises SolveError where a value is not finite."""
    return to_the_end(by_hand(problem))


def by_hand(problem: Problem) -> Trace:
    """The solution without what a program goes on to do: as quick as it can be, for those who ask
    many. With as many digits as it takes for every digit that is shown to be known. Raises
    SolveError, with the place of the quantity in the spec, where a value is not finite."""
    with _placed(problem):
        return known(lambda: family_of(problem).solve(problem))


def to_the_end(trace: Trace) -> Trace:
    """The whole solution from one by hand; a whole one as it is."""
    with _placed(trace.problem):
        return known(lambda: carried_on(trace, family_of(trace.problem).forward()), trace.digits)


@contextmanager
def _placed(problem: Problem) -> Iterator[None]:
    """An error of the solution gets the place of its quantity in the spec, and the epoch in which
    it was wanted if there are epochs."""
    try:
        yield
    except SolveError as fault:
        message, named = fault.message, f"'{fault.quantity}' "
        if (
            fault.quantity
            and isinstance(problem, Descending)
            and problem.learning_rate
            and " in epoch " not in message
        ):
            message = in_first_epoch(message, len(named))
        raise SolveError(
            message, fault.where or problem.places.of(fault.quantity), fault.hint, fault.quantity
        ) from None

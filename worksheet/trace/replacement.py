"""A solution with another formula in one place.

What follows from it is worked out again as the tape does it, under the same rounding; what does not
follow stays as it is. So a result has the digits that whoever works with that formula would write.
"""

from __future__ import annotations

from decimal import Decimal

from ..algebra.expression import Apply, Expr, Literal, names
from ..errors import SolveError
from ..numbers.known_digits import known
from ..numbers.number import Number
from .tape import Tape
from .trace import Event, Trace, Working


def way_to(trace: Trace, asked: Working) -> list[int]:
    """The places in the trace of a quantity and of all that it was made of, in order."""
    needed = {id(asked)}
    found = []
    for place in reversed(range(len(trace.workings))):
        working = trace.workings[place]
        if id(working) in needed:
            found.append(place)
            needed |= {id(used) for used in trace.uses[working.key].values()}
    return found[::-1]


def reworked(
    trace: Trace, asked: Working, place: int, formula: Expr, needed: list[int]
) -> str | None:
    """What is shown for `asked` where the working at `place` has another formula; None where
    nothing finite comes out.

    needed: the places on the way to it (`way_to`); what lies outside, or does not use what has
    changed, keeps its values."""
    return known(lambda: _reworked(trace, asked, place, formula, set(needed)), trace.digits)


def _reworked(
    trace: Trace, asked: Working, place: int, formula: Expr, on_the_way: set[int]
) -> str | None:
    tape = Tape(trace.problem.rounding)
    changed: dict[
        int, int
    ] = {}  # the workings that were worked out again: place in the trace -> event on the tape
    scope: dict[str, int] = {}  # name -> the place of the working that it stands for
    for index, working in enumerate(trace.workings):
        form = formula if index == place else working.formula
        if (
            index == place
            or index in on_the_way
            and any(scope.get(name) in changed for name in names(form))
        ):
            for name in names(form):
                place_of = scope.get(name)
                tape.current[name] = (
                    changed[place_of]
                    if place_of in changed
                    else tape.recorder.held(_holder(trace, name, place_of))
                )
            tape.phase, tape.epoch = working.phase, working.epoch
            try:
                tape.let(
                    working.name,
                    _with_fractions(form),
                    working.kind,
                    exponent=_shared_place(trace, working),
                )
            except SolveError:
                return None
            changed[index] = tape.current[working.name]
        if working is asked:
            return tape.workings[-1].shown
        scope[working.name] = index
    return None


def worked_again(trace: Trace, formulas: dict[int, Expr]) -> Trace:
    """The whole solution with other formulas at some places of the trace. Raises SolveError where a
    value is not finite."""
    return known(lambda: _worked_again(trace, formulas), trace.digits)


def _worked_again(trace: Trace, formulas: dict[int, Expr]) -> Trace:
    tape = Tape(trace.problem.rounding)
    for name, index in trace.givens.items():
        tape.given(name, Number(trace.events[index].value, trace.events[index].shown))
    for place, working in enumerate(trace.workings):
        tape.phase, tape.epoch = working.phase, working.epoch
        tape.let(
            working.name,
            _with_fractions(formulas.get(place, working.formula)),
            working.kind,
            exponent=_shared_place(trace, working),
        )
    return tape.trace(trace.problem)


def _holder(trace: Trace, name: str, place: int | None) -> Event:
    """The event of a given, or of the working at a place."""
    return trace.events[trace.givens[name] if place is None else trace.workings[place].event]


def _shared_place(trace: Trace, working: Working) -> int | None:
    """The last place of an entry that shows more of them than its own figures ask for, since its
    vector does."""
    shown = Decimal(working.shown)
    place = shown.as_tuple().exponent
    return place if place < trace.problem.rounding.last_digit(shown, working.kind) else None


def _with_fractions(expr: Expr) -> Expr:
    """A formula as it was before it was shown: a constant fraction stays one until it is
    multiplied."""
    if not isinstance(expr, Apply):
        return expr
    args = tuple(map(_with_fractions, expr.args))
    return Apply(
        "fraction"
        if expr.op == "divide" and all(isinstance(arg, Literal) for arg in args)
        else expr.op,
        args,
    )

"""What a variant may be required to fulfil. A requirement is one function and one entry of the
table.

Each function gets a Candidate and says what it saw where it refuses, and nothing where all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..algebra.expression import ARITHMETIC
from ..assessment.points import check_points
from ..assessment.tasks import answers, label, tasks_of, views_of
from ..errors import WorksheetError
from ..grids.drawings import blank_of
from ..numbers.number import CONTEXT
from ..problem import PHASES
from ..spec.demands import DEMANDS, Demand, MostDigits
from ..spec.faults import Faults, did_you_mean
from ..spec.inequality import Inequality, read_inequality
from ..spec.yaml_reader import Node
from ..trace.effort import Effort, digits_of, effort
from ..trace.states import unit_state
from ..trace.trace import Event, Trace
from ..views.phases import chains_of

LEEWAY = 2  # parity: so few lines, operations, digits or negatives make no difference


@dataclass(frozen=True)
class Candidate:
    """A variant that is judged. `written`: the solution of the problem as its author wrote it.
    `under(policy)`: the candidate's solution under another rounding policy. `digits`: the demand
    `{digits: n}`."""

    trace: Trace
    written: Trace
    under: Callable[[str], Trace]


@dataclass(frozen=True, slots=True)
class Requirement:
    """`refuses(candidate)` gives what it saw, or an empty text. `needs`: what a solution must have
    for it to mean anything."""

    name: str
    meaning: str
    refuses: Callable[[Candidate], str]
    needs: str = ""


# what a requirement may need of a solution
HAVE: dict[str, Callable[[Trace], bool]] = {
    "units": lambda trace: bool(trace.problem.layers),
    "update": lambda trace: bool(trace.select("update", 1)),
}
WORDS = {"units": "a network's units", "update": "a weight update"}


def results(trace: Trace) -> dict[str, str]:
    """What a solution comes to: predictions and losses, and every new parameter; of a function its
    values, its slope and the changes."""
    return {
        label(working, trace): working.shown
        for working in trace.workings
        if working.phase == "update" or working.name in trace.problem.results
    }


def _agree(candidate: Candidate) -> str:
    carried, exact = results(candidate.under("carry")), results(candidate.under("exact"))
    return next(
        (
            f"{name} is {carried[name]} carried, {exact[name]} in full precision"
            for name in carried
            if Decimal(carried[name]) != Decimal(exact[name])
        ),
        "",
    )


def ties(trace: Trace) -> Iterator[tuple[Decimal, Event]]:
    """The events whose result lies exactly in the middle between two printable numbers, with that
    result."""
    rounding, first = trace.problem.rounding, 0
    for working in trace.workings:
        for event in trace.events[first : working.event + 1]:
            if (
                event.shown is None
                or not event.operands
                or event.is_exact
                and event.value == event.exact
            ):
                continue
            result = ARITHMETIC[event.op](
                *[trace.events[operand].value for operand in event.operands]
            )
            off = CONTEXT.subtract(result, Decimal(event.shown)).copy_abs()
            places = (
                rounding.last_digit(result, working.kind),
                Decimal(event.shown).as_tuple().exponent,
            )
            if off and any(off + off == Decimal(1).scaleb(place) for place in places):
                yield result, event
        first = max(first, working.event + 1)


def _no_rounding(candidate: Candidate) -> str:
    return next(
        (
            f"{working.name} = {working.shown} is rounded"
            for working in candidate.trace.workings
            if Decimal(working.shown) != working.exact
        ),
        "",
    )


def _no_ties(candidate: Candidate) -> str:
    return next(
        (
            f"{result:f} lies in the middle, and is shown as {event.shown}"
            for result, event in ties(candidate.trace)
        ),
        "",
    )


def _loss_decreases(candidate: Candidate) -> str:
    trace, name = candidate.trace, candidate.trace.problem.loss_name
    old, new = trace.find(name, 1, "loss"), trace.find(name, trace.problem.epochs, "check")
    is_less = Decimal(new.shown) < Decimal(old.shown) and new.exact < old.exact
    return "" if is_less else f"{name} goes from {old.shown} to {new.shown}"


def _states(candidate: Candidate, *wanted: str) -> Iterator[str]:
    """The units in one of the wanted states, in the first forward pass."""
    for layer in candidate.trace.problem.network.layers:
        for unit in layer.units:
            if (
                state := unit_state(layer, unit, 1, "forward", candidate.trace)
            ) in wanted and layer.activation != "leaky-relu":
                yield f"{unit.a} = {candidate.trace.find(unit.a, 1, 'forward').shown} ({state})"


def _dead_unit(candidate: Candidate) -> str:
    return "" if any(_states(candidate, "off", "corner")) else "every unit is alive"


def _no_zero_shown(candidate: Candidate) -> str:
    return next(
        (
            f"{name} = {shown}"
            for name, shown in answers(candidate.trace).items()
            if not Decimal(shown)
        ),
        "",
    )


def _answers_differ(candidate: Candidate) -> str:
    known = answers(candidate.written)
    return next(
        (
            f"{name} = {shown}, as in the problem as it is written"
            for name, shown in answers(candidate.trace).items()
            if name in known and Decimal(known[name]) == Decimal(shown)
        ),
        "",
    )


def _parity(candidate: Candidate) -> str:
    measures = zip(Effort._fields, effort(candidate.trace), effort(candidate.written), strict=True)
    return next(
        (
            f"{mine} {name} to write, {written} in the problem as it is written"
            for name, mine, written in measures
            if abs(mine - written) > max(LEEWAY, written // 10)
        ),
        "",
    )


REQUIREMENTS: dict[str, Requirement] = {
    name: Requirement(
        name,
        meaning,
        *{
            "loss-decreases": (_loss_decreases, "update"),
            "no-dead-unit": (lambda each: next(_states(each, "off", "corner"), ""), "units"),
            "dead-unit": (_dead_unit, "units"),
            "not-saturated": (lambda each: next(_states(each, "saturated"), ""), "units"),
            "no-zero-shown": (_no_zero_shown,),
            "answers-differ": (_answers_differ,),
            "no-ties": (_no_ties,),
            "no-rounding": (_no_rounding,),
            "parity": (_parity,),
            "agree": (_agree,),
        }[name],
    )
    for name, meaning in DEMANDS.items()
}


def _digits(most: int) -> Requirement:
    def refuses(candidate: Candidate) -> str:
        return next(
            (
                f"{name} = {shown}"
                for name, shown in answers(candidate.trace).items()
                if digits_of(shown) > most
            ),
            "",
        )

    return Requirement(f"digits: {most}", "at most so many digits to write in each answer", refuses)


def _bound(inequality: Inequality) -> Requirement:
    def refuses(candidate: Candidate) -> str:
        values = {name: quantity(candidate.trace, name) for name in inequality.names}
        if None in values.values():
            return "there is no " + next(name for name, value in values.items() if value is None)
        return (
            ""
            if inequality.holds(values.__getitem__)
            else ", ".join(f"{name} = {value:f}" for name, value in values.items())
        )

    return Requirement(inequality.text, "a bound", refuses)


def quantities(trace: Trace) -> set[str]:
    """The names a bound may speak of."""
    return {*trace.givens, *(working.name for working in trace.workings)}


def quantity(trace: Trace, name: str) -> Decimal | None:
    """A given as it is given, another quantity as the first epoch prints it; None where there is
    none."""
    if name in trace.givens:
        return trace.events[trace.givens[name]].value
    return next(
        (Decimal(working.shown) for phase in PHASES if (working := trace.get(name, 1, phase))), None
    )


def requirement_of(demand: Demand) -> Requirement:
    """What fulfils a demand of the spec."""
    if isinstance(demand, str):
        return REQUIREMENTS[demand]
    return _digits(demand.most) if isinstance(demand, MostDigits) else _bound(demand)


def check_names(root: Node, trace: Trace, faults: Faults) -> None:
    """Whether every task, every bound and every requirement of a spec speaks of what the solution
    of the problem as written has, and the points of a task can be shared over its steps."""
    chains = chains_of(trace)
    for node, ask in (
        zip(root.get("ask").entries(), trace.problem.ask, strict=True) if root.get("ask") else ()
    ):
        for word in ask.of:
            try:
                if blank_of(ask, trace.problem, node.path):
                    break  # a drawing has what it asks for
                views_of(word, ask, trace, chains, node.path)
            except WorksheetError as fault:
                faults.add(node.line, node.path, fault.message, fault.hint)
    if not faults and any(ask.points is not None for ask in trace.problem.ask):
        check_points(root.get("ask").entries(), tasks_of(trace, chains), faults)
    for node in root.get("require").entries() if root.get("require") else ():
        if isinstance(node.value, str) and (known := REQUIREMENTS.get(node.value)):
            if known.needs and not HAVE[known.needs](trace):
                faults.add(
                    node.line,
                    node.path,
                    f"'{known.name}' needs a solution with {WORDS[known.needs]}",
                    "leave it out",
                )
        elif isinstance(node.value, str):
            for name in read_inequality(node.value).names:
                if name not in quantities(trace):
                    faults.add(
                        node.line,
                        node.path,
                        f"the solution has no quantity '{name}'",
                        did_you_mean(name, quantities(trace)),
                    )

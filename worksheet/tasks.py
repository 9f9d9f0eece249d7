"""What a sheet asks: tasks (a), (b), ... with their quantities, the marks for each step, and room to work in.

Asked are quantities as the page shows them, numbers or matrices. A step is worth one mark: a quantity found on the way,
the right method (the formula with its numbers put in), and each row of the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from difflib import get_close_matches
from string import ascii_lowercase

from .backward import partial_name
from .errors import WorksheetError
from .expression import Apply
from .problem import PHASES, Ask, Problem
from .showing import Chains, chains_of
from .trace import Trace, Working
from .views import View

MOST_EPOCHS = 3      # of so many, each is asked unless the spec says otherwise; of more, the first alone
ROOM, LEAST_ROOM, MOST_ROOM = 2, 3, 30     # lines for one quantity, and for a task
HALF = Decimal("0.5")
WHEN = {"update": " (new)", "check": " (after the update)"}      # beside the name of a quantity that has one more value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a solution and its marks. `what`: `found` (a quantity on the way), `method` or `result`."""

    view: View
    what: str
    marks: Decimal


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `phase`: the phase that is asked as a whole, `epoch` for a later epoch as a whole, else empty."""

    letter: str
    phase: str
    epoch: int
    text: str
    asked: tuple[View, ...]
    steps: tuple[Step, ...]
    room: int

    @property
    def points(self) -> Decimal:
        return sum((step.marks for step in self.steps), Decimal(0))


def tasks_of(trace: Trace, chains: Chains) -> tuple[Task, ...]:
    """The tasks of a problem: those of its `ask`, or else every phase. `chains`: the views of a phase of an epoch.

    Raises WorksheetError for a quantity that the solution does not have."""
    tasks, credited = [], set()
    for ask, asked in asked_of(trace, chains):
        steps = [step for view in asked for step in steps_to(view, trace, chains, credited)]
        phase = ask.of[0] if len(ask.of) == 1 and ask.of[0] in PHASES else "epoch" if ask.of == LATER else ""
        room = sum(ROOM if step.what == "found" else ROOM - 1 for step in steps)
        tasks.append(Task(letters(len(tasks)), phase, ask.epoch, ask.text, tuple(asked),
                          tuple(steps if ask.points is None else shared(steps, ask.points.value)),
                          min(max(room, LEAST_ROOM), MOST_ROOM) if ask.room is None else ask.room))
    return tuple(tasks)


def asked_of(trace: Trace, chains: Chains) -> Iterator[tuple[Ask, list[View]]]:
    """Each task with the quantities that it asks for."""
    for number, ask in enumerate(trace.problem.ask or usual(trace.problem)):
        if asked := [view for word in ask.of for view in views_of(word, ask.epoch, trace, chains, f"ask[{number}]")]:
            yield ask, asked


def answers(trace: Trace) -> dict[str, str]:
    """What is graded: every number that the tasks ask for, by a name of its own, as printed. Raises what `tasks_of` raises."""
    return {label(member): member.shown for _, asked in asked_of(trace, chains_of(trace)) for view in asked for member in view.members}


def label(working: Working) -> str:
    """`a_h`, `w_o (new)`, `L (after the update) of epoch 2`: no two quantities of a solution have the same."""
    return working.name + WHEN.get(working.phase, "") + (f" of epoch {working.epoch}" if working.epoch > 1 else "")


LATER = ("loss", "update")     # what a later epoch is asked for, as a whole


def usual(problem: Problem) -> Iterator[Ask]:
    """What is asked unless the spec says so: the phases of the first epoch, later epochs as a whole, the check."""
    yield from (Ask(of=(phase,)) for phase in PHASES if phase != "check")
    if problem.epochs <= MOST_EPOCHS:
        yield from (Ask(of=LATER, epoch=epoch) for epoch in range(2, problem.epochs + 1))
        yield Ask(of=("check",), epoch=problem.epochs)


def letters(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    more, last = divmod(number, len(ascii_lowercase))
    return (letters(more - 1) if more else "") + ascii_lowercase[last]


def views_of(word: str, epoch: int, trace: Trace, chains: Chains, where: str) -> list[View]:
    """The views that a phase, a quantity or an entry of a matrix stands for."""
    problem = trace.problem
    if not 1 <= epoch <= problem.epochs:
        raise WorksheetError(f"there is no epoch {epoch}", where, f"the problem works {problem.epochs}")
    if word in PHASES:
        return [view for view in chains(word, epoch) if is_asked(view, word, problem)]
    everything = [view for phase in PHASES if phase != "check" for view in chains(phase, epoch)]
    for is_meant in (lambda view: view.name == word, lambda view: any(member.name == word for member in view.members)):
        if found := [view for view in everything if is_meant(view)]:
            return found[:1]
    known = [*PHASES, *dict.fromkeys(view.name for view in everything)]
    close = get_close_matches(word, known, 1)
    raise WorksheetError(f"nothing in the solution is called '{word}'", where,
                         f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known[:20])}")


def is_asked(view: View, phase: str, problem: Problem) -> bool:
    """Whether a phase that is asked as a whole asks for a quantity: its results, not what leads to them."""
    network = problem.network
    if phase == "backward":
        parameters = {partial_name(network.loss_name, name) for layer in network.layers for unit in layer.units
                      for name in (*unit.weights, *unit.bias)}
        return view.working.name in parameters
    if phase == "check":
        return view.working.name in {network.loss_name, *[unit.a for unit in network.layers[-1].units]}
    return True


def steps_to(asked: View, trace: Trace, chains: Chains, credited: set[int]) -> Iterator[Step]:
    """The steps that lead to a quantity and have not had their marks yet; `credited` remembers them by event."""
    needed = ancestors(trace, [member.event for member in asked.members])
    for epoch in range(1, asked.working.epoch + 1):
        for phase in PHASES:
            for view in chains(phase, epoch) if trace.select(phase, epoch) else ():
                events = {member.event for member in view.members}
                if view.working is not asked.working and events <= needed and not events <= credited:
                    credited |= events
                    yield Step(view, "found", Decimal(1))
    credited |= {member.event for member in asked.members}
    if len(asked.lines) > 1:
        yield Step(asked, "method", Decimal(1))
    result = asked.result
    is_matrix = isinstance(result, Apply) and result.op == "matrix"
    yield Step(asked, "result", Decimal(len(result.args) if is_matrix else 1))


def ancestors(trace: Trace, events: list[int]) -> set[int]:
    """Every event that some events were made of."""
    found, waiting = set(), list(events)
    while waiting:
        for operand in trace.events[waiting.pop()].operands:
            if operand not in found:
                found.add(operand)
                waiting.append(operand)
    return found


def graded(task: Task) -> list[tuple[View, dict[str, Decimal]]]:
    """Every quantity of a task that is asked or leads there, in the order of the solution, with its marks by step."""
    views = {id(view.working): view for view in [*[step.view for step in task.steps], *task.asked]}
    marks: dict[int, dict[str, Decimal]] = {key: {} for key in views}
    for step in task.steps:
        if step.marks:
            marks[id(step.view.working)][step.what] = step.marks
    return [(view, marks[key]) for key, view in sorted(views.items(), key=lambda item: item[1].working.event)]


def worth(tasks: tuple[Task, ...], points: Decimal) -> tuple[Task, ...]:
    """The same tasks for so many points together, each task with its share of them."""
    return tuple(replace(task, steps=tuple(shared(list(task.steps), share)))
                 for task, share in zip(tasks, divided([task.points for task in tasks], points), strict=True))


def shared(steps: list[Step], points: Decimal) -> list[Step]:
    """The points of a task over its steps; some may be left without any."""
    marks = divided([step.marks for step in steps], points)
    return [replace(step, marks=mark) for step, mark in zip(steps, marks, strict=True)]


def divided(weights: list[Decimal], points: Decimal) -> list[Decimal]:
    """Points in halves, as the weights are to each other."""
    total = sum(weights)
    ideal = [points * weight / total / HALF for weight in weights]
    halves = [each.to_integral_value(ROUND_DOWN) for each in ideal]
    last_first = sorted(range(len(weights)), key=lambda i: (halves[i] - ideal[i], -i))
    for i in last_first[:int(points / HALF - sum(halves))]:
        halves[i] += 1
    return [half * HALF for half in halves]

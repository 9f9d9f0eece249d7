"""What a sheet asks: tasks (a), (b), ... with their quantities, the marks for each step, and room
to work in.

Asked are quantities as the page shows them, numbers or matrices. A step is worth one mark: a
quantity found on the way, the right method (the formula with its numbers put in, the rules that
lead to a derivative), and each row of the result. So the marks follow from the problem's formulas,
not from its numbers: every variant has as many. What stands on the sheet earns none, and what
another task asks for earns its marks there. Points that are shared over the steps:
`assessment/points.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from math import ceil
from string import ascii_lowercase

from ..algebra.expression import Apply
from ..errors import WorksheetError
from ..family import family_of
from ..grids.drawings import DRAWINGS, blank_of, drawing_of
from ..problem import Ask
from ..trace.trace import Key, Trace, Working
from ..views.phases import Chains, chains_of
from ..views.views import Form, View
from .questions import ORDER

ROOM, LEAST_ROOM, MOST_ROOM = (
    Decimal(1),
    3,
    15,
)  # lines for one quantity, written in two columns, and for a task
WHEN = {
    "update": " (new)",
    "check": " (after the update)",
}  # beside the name of a quantity that has one more value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a solution and its marks. `what`: `found` (a quantity on the way), `again` (the
    same after an update), `method` or `result`; `size`: so many such steps at once, the rows of a
    matrix."""

    view: View
    what: str
    marks: Decimal
    size: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `phase`: the part or the drawing that is asked as a whole, `epoch` for several
    parts of one, else empty. `has_choices`: each of its numbers is one of some that are given.
    `own`: the points that the spec says for it."""

    letter: str
    phase: str
    epoch: int
    text: str
    asked: tuple[View, ...]
    steps: tuple[Step, ...]
    room: int
    has_choices: bool = False
    blank: str = ""  # of a drawing that is to be filled in: which of its numbers
    own: Decimal | None = None

    @property
    def points(self) -> Decimal:
        """The sum of the marks of its steps."""
        return sum((step.marks for step in self.steps), Decimal(0))


def tasks_of(trace: Trace, chains: Chains) -> tuple[Task, ...]:
    """The tasks of a problem: those of its `ask`, or else the usual ones of its family. `chains`:
    the views of a phase of an epoch.

    Raises WorksheetError for a quantity that the solution does not have."""
    tasks, every = [], list(asked_of(trace, chains))
    credited = set().union(
        *[identity(view) for _, asked in every for view in asked]
    )  # each has its marks where it is asked
    blanks = [
        blank_of(ask, trace.problem, f"ask[{number}]") for number, (ask, _) in enumerate(every)
    ]
    for (ask, _), blank in zip(every, blanks):
        if blank:  # the other numbers of a drawing stand in it
            credited |= DRAWINGS[drawing_of(ask)].shown(trace, blank)
    for (ask, asked), blank in zip(every, blanks, strict=True):
        steps = [
            step
            for view in asked
            for step in (
                [Step(view, "result", Decimal(1))]
                if ask.choices
                else steps_to(view, trace, chains, credited)
            )
        ]
        are_parts = set(ask.of) <= {
            *family_of(trace.problem).questions().parts,
            *([drawing_of(ask)] if blank else []),
        }
        phase = "" if not are_parts else ask.of[0] if len(ask.of) == 1 else "epoch"
        has_room = not ask.choices and not (blank and DRAWINGS[drawing_of(ask)].is_room)
        tasks.append(
            Task(
                letters(len(tasks)),
                phase,
                ask.epoch,
                ask.text,
                tuple(asked),
                tuple(steps),
                room_for(steps) if ask.room is None and has_room else ask.room or 0,
                bool(ask.choices),
                blank,
                ask.points and ask.points.value,
            )
        )
    return tuple(tasks)


def room_for(steps: list[Step]) -> int:
    """Lines to write some steps, a matrix row by row."""
    return min(
        max(
            ceil(
                sum(
                    ROOM if step.what in ("found", "again") else ROOM * step.size / 2
                    for step in steps
                )
            ),
            LEAST_ROOM,
        ),
        MOST_ROOM,
    )


def asked_of(trace: Trace, chains: Chains) -> Iterator[tuple[Ask, list[View]]]:
    """Each task with the quantities that it asks for."""
    problem = trace.problem
    for number, ask in enumerate(problem.ask or family_of(problem).questions().usual(problem)):
        where = f"ask[{number}]"
        blank = blank_of(ask, problem, where)
        yield (
            ask,
            views_of_drawing(ask, blank, trace, chains)
            if blank
            else [view for word in ask.of for view in views_of(word, ask, trace, chains, where)],
        )


def graded_views(trace: Trace) -> list[View]:
    """Every view that the tasks ask for. Raises what `tasks_of` raises."""
    return [view for _, asked in asked_of(trace, chains_of(trace)) for view in asked]


def answers(trace: Trace) -> dict[str, str]:
    """What is graded and is a number, by a name of its own, as printed. Raises what `tasks_of`
    raises."""
    return {
        label(member, trace): member.shown
        for view in graded_views(trace)
        for member in view.members
    }


def label(working: Working, trace: Trace) -> str:
    """`a_h`, `w_o (new)`, `L (after the update) of epoch 2`: no two quantities of a solution have
    the same."""
    is_again = working.phase == "update" or any(
        trace.get(working.name, working.epoch, phase) for phase in ("forward", "loss")
    )
    return (
        working.name
        + WHEN.get(working.phase, "") * is_again
        + (f" of epoch {working.epoch}" if working.epoch > 1 else "")
    )


def letters(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    more, last = divmod(number, len(ascii_lowercase))
    return (letters(more - 1) if more else "") + ascii_lowercase[last]


def views_of(word: str, ask: Ask, trace: Trace, chains: Chains, where: str) -> list[View]:
    """The views that a word of a task stands for; what has choices is one number. Raises
    WorksheetError where there is none."""
    found = views_named(word, ask.epoch, trace, chains, where)
    members = [member for view in found for member in view.members]
    if not ask.choices or len(members) == 1:
        return found
    for member in members:
        if member.name == word:
            return [View(word, member.lines, (member,))]
    raise WorksheetError(
        f"'{word}' is not one number, and cannot have choices",
        where,
        f"ask for one of its numbers, such as {members[0].name}"
        if members
        else "forms have no choices",
    )


def views_of_drawing(ask: Ask, blank: str, trace: Trace, chains: Chains) -> list[View]:
    """The numbers of a drawing that are asked, in the order of the solution."""
    asked = DRAWINGS[drawing_of(ask)].asked(trace, blank)
    epochs = sorted({epoch for _, epoch, _ in asked})
    return [
        view
        for epoch in epochs
        for phase in ORDER
        for view in chains(phase, epoch)
        if any(member.key in asked for member in view.members)
    ]


def views_named(word: str, epoch: int, trace: Trace, chains: Chains, where: str) -> list[View]:
    """The views that a part, a quantity or an entry of a matrix stands for. Raises WorksheetError
    where there is none."""
    problem, questions = trace.problem, family_of(trace.problem).questions()
    if not 1 <= epoch <= problem.epochs:
        raise WorksheetError(
            f"there is no epoch {epoch}", where, f"the problem works {problem.epochs}"
        )
    if part := questions.parts.get(word):
        if found := [
            view
            for phase in part.phases
            for view in chains(phase, epoch)
            if part.is_asked(view, problem)
        ]:
            return found
        raise WorksheetError(
            f"the solution has no part '{word}' in epoch {epoch}",
            where,
            "there is a check after the last update, and an update where there is a learning rate",
        )
    everything = [view for phase in ORDER for view in chains(phase, epoch)]
    for is_meant in (
        lambda view: view.name == word,
        lambda view: any(member.name == word for member in view.members),
    ):
        if found := [view for view in everything if is_meant(view)]:
            return found[:1]
    known = [*questions.parts, *dict.fromkeys(view.name for view in everything)]
    close = get_close_matches(word, known, 1)
    raise WorksheetError(
        f"nothing in the solution is called '{word}'",
        where,
        f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known[:20])}",
    )


def steps_to(asked: View, trace: Trace, chains: Chains, credited: set[Key | str]) -> Iterator[Step]:
    """The steps that lead to a quantity and have not had their marks yet; `credited` remembers
    them."""
    needed = needs(asked, trace)
    for epoch in range(1, max([1, *(member.epoch for member in asked.members)]) + 1):
        for phase in ORDER:
            for view in chains(phase, epoch):
                what = identity(view)
                if what <= needed and not what <= credited and not is_given(view, trace):
                    credited |= what
                    yield Step(
                        view,
                        "again"
                        if epoch > 1 or phase == "check" and trace.select("update", epoch)
                        else "found",
                        Decimal(1),
                    )
    if has_method(asked):
        yield Step(asked, "method", Decimal(1))
    result = asked.result
    rows = Decimal(len(result.args) if isinstance(result, Apply) and result.op == "matrix" else 1)
    yield Step(asked, "result", rows, rows)


def has_method(view: View) -> bool:
    """Whether something is worked out: numbers put into a formula, or the rules of a derivative; a
    form on the way is its own step."""
    if isinstance(view, Form):
        return view.name.endswith("_formula") and not view.is_goal
    return any(isinstance(member.formula, Apply) for member in view.members) or len(view.lines) > 1


def needs(asked: View, trace: Trace) -> set[Key | str]:
    """Every quantity that leads to another by their formulas, and the last form of every derivative
    among them; what leads to the last form of a derivation is its method, and a form on the way has
    the one before it."""
    if isinstance(asked, Form):
        return set()
    found, waiting = set(), [member.key for member in asked.members]
    names = {member.name for member in asked.members}
    while waiting:
        for used in trace.uses[waiting.pop()].values():
            if used.key not in found:
                found.add(used.key)
                names.add(used.name)
                waiting.append(used.key)
    return found | {
        f"{derivation.name}_formula" for derivation in trace.derivations if derivation.name in names
    }


def identity(view: View) -> frozenset[Key | str]:
    """What tells a view from others: its quantities, or the name of a form."""
    return frozenset(member.key for member in view.members) or frozenset([view.name])


def is_given(view: View, trace: Trace) -> bool:
    """Whether it stands on the sheet: a form that is to be shown, the number of a given under
    another name, the place f(2.2) is taken at."""
    if isinstance(view, Form):
        return view.is_goal
    return family_of(trace.problem).questions().is_said(view) or all(
        not trace.events[member.event].operands for member in view.members
    )


def views_in(task: Task) -> list[View]:
    """Every quantity of a task that is asked or leads there, some several times."""
    return [*[step.view for step in task.steps], *task.asked]


def graded(task: Task) -> list[tuple[View, dict[str, Decimal]]]:
    """Every quantity of a task that is asked or leads there, in the order of the solution, with its
    marks by step."""
    views = {_whose(view): view for view in views_in(task)}
    marks: dict[tuple, dict[str, Decimal]] = {key: {} for key in views}
    for step in task.steps:
        if step.marks:
            marks[_whose(step.view)][step.what] = step.marks
    ordered = sorted(
        views.items(), key=lambda item: [member.event for member in item[1].members][:1]
    )  # forms come first
    return [(view, marks[key]) for key, view in ordered]


def _whose(view: View) -> tuple:
    """What tells a view from others, those with the same events too (dL/db is dL/dz)."""
    return tuple(member.key for member in view.members) or (view.name,)

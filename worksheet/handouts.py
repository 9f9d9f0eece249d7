"""A sheet and its key: what their templates know beside what every page knows.

One trace and one template make both. The sheet is rendered with its results blank, so that none can slip out, and with
the share of the solution that `fade` leaves; the key is the same page with everything filled in. Both bear the code of
their variant, if they are of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from . import diagrams, facts
from .answers import Interval, Key, accepted, accepted_step, key_of
from .expression import Literal, leaves
from .holes import Filled, Holes, cut, is_result
from .number import plain_text as number
from .problem import PHASES
from .sheets import NetworkPage
from .tasks import Step, Task, tasks_of, worth
from .trace import Trace, Working
from .views import View, detail_of, shortened

BARE = 1      # the fading that leaves everything to the student


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page is told beside its trace: the code it bears, and within an exam the points and the room of its problem."""

    code: str = ""
    points: Decimal | None = None
    room: int | None = None


ALONE = Setting()


class Handout(NetworkPage):
    """The page of a sheet (`is_key` False) or of its key."""

    def __init__(self, trace: Trace, is_key: bool, listed: tuple = (), setting: Setting = ALONE):
        self.is_key, self.is_bare, self.setting = is_key, trace.problem.fade.value == BARE, setting
        super().__init__(trace, listed=listed)
        first = self.first_blank()
        if not (is_key and self.is_bare):      # the key of a bare sheet is a solution like any other
            self.leave_blank(Holes(trace, len(trace.events) if first is None else first, is_filled=is_key))

    def first_blank(self) -> int | None:
        """The event from which on the sheet is blank."""
        if self.is_bare:
            return 0
        return cut((leaf.event for phase, epoch in self.phases() for view in self.chains(phase, epoch)
                    for line in shortened(view.lines, detail_of(self.problem, phase, epoch), self.problem, view.working.kind)
                    for leaf in leaves(line.expr)
                    if isinstance(leaf, Literal) and leaf.event is not None and is_result(self.trace, leaf.event)),
                   self.problem.fade.value)

    def phases(self) -> list[tuple[str, int]]:
        """Every phase and epoch of the solution in the order of the page."""
        last = self.problem.epochs
        return [*[(phase, epoch) for epoch in range(1, last + 1) for phase in PHASES if phase != "check"], ("check", last)]

    def structure(self) -> str:
        """The network with all that is given."""
        return diagrams.with_values(self.problem, {name: (self.trace.before(name, 1).shown, True) for name in self.trace.givens}).strip()

    def context(self) -> facts.Facts:
        return super().context() | {
            "is_key": self.is_key, "is_bare": self.is_bare, "course": facts.words(self.problem.course),
            "date": facts.words(self.problem.date), "tasks": [self.task_facts(task) for task in self.tasks],
            "points": number(sum(task.points for task in self.tasks)) if self.is_bare else "",
            "blanks": self.blanks, "code": self.setting.code,
        }

    # ---- the tasks of a bare sheet ----------------------------------------------------------------

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        tasks, setting = tasks_of(self.trace, self.chains), self.setting
        if setting.points is not None:
            tasks = worth(tasks, setting.points)
        return tasks if setting.room is None else tuple(replace(task, room=setting.room) for task in tasks)

    @cached_property
    def accepted(self) -> dict[Key, Interval]:
        return accepted(self.trace)

    def task_facts(self, task: Task) -> facts.Facts:
        """One task: its words, what is asked, and for a key the answers and the marks."""
        found = {"letter": task.letter, "phase": task.phase, "epoch": task.epoch, "text": facts.words(task.text),
                 "points": number(task.points), "room": task.room,
                 "asked": [{"symbol": self.symbols(view.name), "size": len(view.members)} for view in task.asked]}
        if self.is_key:
            found["answers"] = [answer for view in task.asked for answer in self.answers_of(view)]
            found["steps"] = [self.step_facts(view, list(steps)) for view, steps in groupby(
                [step for step in task.steps if step.marks], key=lambda step: step.view)]
        return found

    def step_facts(self, view: View, steps: list[Step]) -> facts.Facts:
        return {"symbol": self.symbols(view.name), "marks": {step.what: number(step.marks) for step in steps}}

    def answers_of(self, view: View) -> list[facts.Facts]:
        """Every number of a quantity that is graded; an entry of a matrix has its place beside the matrix's symbol."""
        return [self.answer_facts(member) | {"symbol": self.symbols(view.name), "place": place}
                for member, place in zip(view.members, places(view), strict=True)]

    def answer_facts(self, working: Working) -> facts.Facts:
        """A graded number and what is accepted for it."""
        return {"symbol": self.symbols(working.name), "shown": working.shown} | bounds(self.accepted[key_of(working)])

    # ---- the blanks of a faded one ----------------------------------------------------------------

    def blanks(self) -> list[facts.Facts]:
        """What belongs into each blank that the page has shown so far, of which quantity, and what is accepted for it."""
        owners = {leaf.event: working for working in reversed(self.trace.workings) for line in working.lines
                  for leaf in leaves(line.expr) if isinstance(leaf, Literal)}
        return [self.blank_facts(owners[filled.event], filled) | {"number": place}
                for place, filled in enumerate(self.holes.filled, start=1)]

    def blank_facts(self, owner: Working, filled: Filled) -> facts.Facts:
        """A blank: a result of `owner`, or a step on the way to it."""
        if filled.event == owner.event:
            return self.answer_facts(owner) | {"is_step": False}
        return {"symbol": self.symbols(owner.name), "is_step": True, "shown": filled.text} | bounds(accepted_step(self.trace, filled.event))


def places(view: View) -> list[str]:
    """`, row 2, column 1` for each member of a matrix in the order of its rows; nothing for a number."""
    if len(view.members) == 1:
        return [""]
    rows = view.result.args
    return [(f", row {row}" if len(rows) > 1 else "") + (f", column {column}" if len(rows[0].args) > 1 else "")
            for row in range(1, len(rows) + 1) for column in range(1, len(rows[0].args) + 1)]


def bounds(interval: Interval) -> facts.Facts:
    return {"low": format(interval.low, "f"), "high": format(interval.high, "f")}

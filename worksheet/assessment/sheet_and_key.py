"""A sheet and its key: what their templates know beside what every page knows.

One trace and one template make both. The sheet is rendered with its results blank, so that none can
slip out, and with the share of the solution that `fade` leaves; the key is the same page with
everything filled in. Both bear the code of their variant, if they are of one.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from pathlib import Path

from ..algebra.expression import Apply, Expr, Literal, leaves
from ..circuits.drawing import drawn
from ..circuits.graph import to_fill_in as circuit_to_fill_in
from ..circuits.text import rules_of, written
from ..draws import Draws
from ..grids.page import blank_events, passes_of
from ..grids.text import LAYOUT, cells_in
from ..grids.text import to_fill_in as grid_to_fill_in
from ..numbers.number import bound_text
from ..numbers.number import plain_text as number
from ..numbers.numerals import texts
from ..pages import facts
from ..pages.blanks import Filled, Holes, Part, is_result, left_open
from ..pages.page import Markdown
from ..pages.render import page_of
from ..problem import PHASES, Problem
from ..tex.writer import flat
from ..trace.backward import partial_name
from ..trace.trace import Key, Trace, Working
from ..views.views import Form, View, detail_of, shortened, step_of
from . import answer_blanks
from .answer_table import ACROSS, answers, rows
from .multiple_choice import Option, options
from .points import worth
from .settled import is_fine
from .tasks import Step, Task, tasks_of
from .tolerance import Accepted, Interval, accepted, accepted_steps, stated

BARE = 1  # the fading that leaves everything to the student


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page is told beside its trace: the code it bears, the draws of its copy, and within an
    exam the points and the room of its problem."""

    code: str = ""
    draws: Draws = Draws("", 0, 0, 0)
    points: Decimal | None = None
    room: int | None = None


ALONE = Setting()


class Handout:
    """The sheet (`is_key` False) of a problem of any family, or its key. `page`: the page of its
    family, with blanks."""

    def __init__(self, trace: Trace, is_key: bool, listed: tuple = (), setting: Setting = ALONE):
        self.trace, self.problem, self.page = trace, trace.problem, page_of(trace, listed=listed)
        self.page.is_worked = True
        self.is_key, self.is_bare, self.setting = is_key, trace.problem.fade.value == BARE, setting
        if not (is_key and self.is_bare):  # the key of a bare sheet is a solution like any other
            forms, events = self.blank()
            self.page.leave_blank(Holes(trace, events, forms, is_filled=is_key))

    def blank(self) -> tuple[frozenset[str], Container[int]]:
        """The forms and the events that the sheet leaves blank."""
        forms = self.page.chains("derivation", 1)
        if self.is_bare:
            has_goal = any(
                form.is_goal for form in forms
            )  # what is not asked of the way there is given
            return frozenset(
                form.name for form in forms if form.name in self.asked or not has_goal
            ), range(len(self.trace.events))
        return left_open(
            [form.name for form in forms if not form.is_goal],
            list(self.parts()),
            self.problem.fade.value,
            self.problem.fade_keep,
        )

    def parts(self) -> Iterator[Part]:
        """The quantities of the solution in the order of the page, each with the results that are
        first shown in its chain."""
        seen: set[int] = set()
        for phase, epoch in self.phases():
            for view in self.page.chains(phase, epoch):
                lines = shortened(
                    view.lines,
                    detail_of(self.problem, phase, epoch),
                    self.problem,
                    view.working.kind,
                )
                shown = {
                    leaf.event: None
                    for line in lines
                    for leaf in leaves(line.expr)
                    if isinstance(leaf, Literal)
                    and leaf.event is not None
                    and is_result(self.trace, leaf.event)
                }
                if new := tuple(event for event in shown if event not in seen):
                    seen |= set(new)
                    yield Part(kind_of(view, self.problem), new)

    def phases(self) -> list[tuple[str, int]]:
        """Every phase and epoch of the solution in the order of the page."""
        last = self.problem.epochs
        return [
            *[
                (phase, epoch)
                for epoch in range(1, last + 1)
                for phase in PHASES
                if phase != "check"
            ],
            ("check", last),
        ]

    def render(self, layout: str, folder: Path | None = None) -> Markdown:
        """The Markdown in one of the layouts; `folder` holds templates that override ours."""
        return self.page.render(
            layout,
            folder,
            self.page.handed_out()
            | {
                "is_key": self.is_key,
                "is_bare": self.is_bare,
                "course": facts.words(self.problem.course),
                "date": facts.words(self.problem.date),
                "tasks": [self.task_facts(task) for task in self.tasks],
                "all_asked": self.asked,
                "points": number(sum(task.points for task in self.tasks)) if self.is_bare else "",
                "blanks": self.blanks,
                "code": self.setting.code,
                "key": self.problem.key if self.has_compact else "full",
            },
        )

    @property
    def has_compact(self) -> bool:
        """Whether the key has a row for each quantity: that of a sheet with blanks is the sheet,
        filled in."""
        return self.is_key and self.is_bare and self.problem.key != "full"

    @cached_property
    def has_matrices(self) -> bool:
        """Whether the answers of a full key stand as matrices: where one is asked for, and none is
        wider than the table; else each entry has a row."""
        if (
            not self.is_key
            or not self.is_bare
            or self.has_compact
            or all(len(view.members) < 2 for task in self.tasks for view in task.asked)
        ):
            return False
        return (
            max(max(row["across"]) for task in self.tasks for row in answers(self, task)) <= ACROSS
        )

    # ---- the tasks of a bare sheet
    # ----------------------------------------------------------------

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks (a), (b), ... with their points, and with the room to work in that the spec
        gives them."""
        setting = self.setting
        tasks = worth(tasks_of(self.trace, self.page.chains), setting.points)
        return (
            tasks
            if setting.room is None
            else tuple(replace(task, room=setting.room) for task in tasks)
        )

    @cached_property
    def asked(self) -> frozenset[str]:
        """The names of all that is asked."""
        return frozenset(view.name for task in self.tasks for view in task.asked)

    @cached_property
    def accepted(self) -> dict[Key, Accepted]:
        """What is accepted for every quantity, by its name, epoch and phase."""
        return accepted(self.trace)

    @cached_property
    def accepted_steps(self) -> dict[int, Interval]:
        """What is accepted for every number that is shown within a working, by its event."""
        return accepted_steps(self.trace)

    @cached_property
    def options(self) -> dict[Key, tuple[Option, ...]]:
        """What there is to choose from, for every quantity that is asked so."""
        return options(self.trace, self.page.chains, self.setting.draws)

    def choice_facts(self, view: View) -> facts.Facts:
        """A quantity with its options by letter; on a key the right one, and the mistake behind
        each of the others."""
        offered = self.options[view.working.key]
        found = {
            "symbol": self.page.symbol(view),
            "options": [
                {"letter": each.letter, "shown": self.page.numeral(each.shown)} for each in offered
            ],
        }
        if self.is_key:
            found["right"] = self.letter_of(view.working)
            found["wrong"] = [
                {
                    "letter": each.letter,
                    "mistake": each.wrong.mistake,
                    "symbol": self.page.symbols(each.wrong.at.name),
                    "epoch": each.wrong.at.epoch,
                    "phase": each.wrong.at.phase,
                }
                for each in offered
                if each.wrong
            ]
        return found

    def letter_of(self, working: Working) -> str:
        """The letter of the right option; empty where the value is written."""
        return next(
            (each.letter for each in self.options.get(working.key, ()) if not each.wrong), ""
        )

    def task_facts(self, task: Task) -> facts.Facts:
        """One task: its words, what is asked, and for a key the answers and the marks."""
        width = answer_blanks.millimetres(self.problem.rounding, task.asked)
        asked = [self.asked_facts(view, width) for view in task.asked]
        found = {
            "letter": task.letter,
            "phase": task.phase,
            "epoch": task.epoch,
            "text": facts.words(task.text),
            "points": number(task.points),
            "room": task.room,
            "asked": asked,
            "blanks": [] if task.blank else answer_blanks.rows(asked),
            "drawing": DRAWN[task.phase](self, task) if task.blank else None,
            "blank": task.blank,
            "choices": [self.choice_facts(view) for view in task.asked] if task.has_choices else [],
        }
        if self.is_key:
            found["answers"] = [answer for view in task.asked for answer in self.answers_of(view)]
            found["rows"] = (
                list(rows(self, task))
                if self.has_compact
                else list(answers(self, task))
                if self.has_matrices
                else []
            )
            found["steps"] = [
                self.step_facts(view, list(steps))
                for view, steps in groupby(
                    [step for step in task.steps if step.marks], key=lambda step: step.view
                )
            ]
        return found

    @cached_property
    def asked_members(self) -> dict[Key, Working]:
        """Every quantity that any task asks."""
        return {
            member.key: member
            for task in self.tasks
            for view in task.asked
            for member in view.members
        }

    def circuit(self, task: Task) -> facts.Facts:
        """The computational graph to fill in, with a box for all that any task asks; on a key the
        numbers stand in the boxes."""
        circuit = circuit_to_fill_in(self.trace, self.asked_members, self.is_key)
        drawn(circuit, where=self.problem.places.otherwise)
        # what stands in the graph may be an answer elsewhere in it: a product hands on its other
        # factor
        if not self.is_key:
            self.page.said |= {
                texts(number.text).lstrip("-")
                for wire in circuit.wires
                for number in (wire.quantity.value, wire.quantity.slope)
                if number and not number.is_asked
            }
        return {"kind": "mermaid", "text": written(circuit).strip(), "rules": rules_of(circuit)}

    def grid(self, task: Task) -> facts.Facts:
        """The training step in cells, those of all that any task asks empty; on a key filled."""
        asked = [member.event for member in self.asked_members.values()]
        text = grid_to_fill_in(
            self.trace,
            passes_of(task.blank),
            blank_events(self.trace, task.blank, asked),
            self.is_key,
        )
        if not self.is_key:
            self.page.said |= {cell["text"].lstrip("-") for cell in cells_in(text) if cell["text"]}
        return {"kind": LAYOUT, "text": text, "rules": None}

    def asked_facts(self, view: View, width: float) -> facts.Facts:
        """What is asked: its symbol, also one line high, the number of a step, and where it is
        written: in cells `width` millimetres wide, or on a line."""
        symbol = self.page.symbol(view)
        return {
            "name": view.name,
            "quantity": name_of(view),
            "symbol": symbol,
            "flat": flat(symbol),
            "step": step_of(view),
            "cells": answer_blanks.cells(view, width),
            "line": answer_blanks.underscores(view, width),
            "is_new": any(member.phase == "update" for member in view.members),
        }

    def step_facts(self, view: View, steps: list[Step]) -> facts.Facts:
        """The marks of a quantity, by what each step is for."""
        return {
            "name": name_of(view),
            "symbol": self.page.symbol(view),
            "step": step_of(view),
            "marks": {step.what: number(step.marks) for step in steps},
        }

    def answers_of(self, view: View) -> list[facts.Facts]:
        """Every number of a quantity that is graded, an entry of a matrix with its place beside the
        matrix's symbol; or a form."""
        if isinstance(view, Form):
            return [
                {
                    "name": name_of(view),
                    "symbol": self.page.symbol(view),
                    "shown": self.page.form_tex(view),
                    "step": step_of(view),
                    "place": "",
                    "choice": "",
                    "is_step": False,
                    "is_noise": False,
                    "is_coarse": False,
                    "ranges": [],
                }
            ]
        return [
            self.answer_facts(member)
            | {"name": name_of(view), "symbol": self.page.symbol(view), "place": place}
            for member, place in zip(view.members, places(view), strict=True)
        ]

    def answer_facts(self, working: Working) -> facts.Facts:
        """A graded number and what is accepted for it."""
        accepted = self.accepted[working.key]
        return {
            "name": working.name,
            "symbol": self.page.symbols(working.name),
            "shown": self.page.numeral(stated(self.trace, working)),
            "step": "",
            "choice": self.letter_of(working),
            "is_noise": accepted.is_noise,
            "is_coarse": not accepted.is_noise and not is_fine(working, accepted),
            "ranges": self.ranges(*accepted.intervals),
        }

    def ranges(self, *intervals: Interval) -> list[facts.Facts]:
        """The ends of intervals as the page prints numbers."""
        return [
            {
                "low": self.page.numeral(bound_text(each.low)),
                "high": self.page.numeral(bound_text(each.high)),
            }
            for each in intervals
        ]

    # ---- the blanks of a faded one
    # ----------------------------------------------------------------

    def blanks(self) -> list[facts.Facts]:
        """What belongs into each blank that the page has shown so far, of which quantity, and what
        is accepted for it."""
        owners = {
            leaf.event: working
            for working in reversed(self.trace.workings)
            for line in working.lines
            for leaf in leaves(line.expr)
            if isinstance(leaf, Literal)
        }
        forms = {form.name: form for form in self.page.chains("derivation", 1)}
        return [
            (
                self.answers_of(forms[filled.what])[0]
                if filled.what in forms
                else self.blank_facts(owners[filled.what], filled)
            )
            | {"number": place}
            for place, filled in enumerate(self.page.holes.filled, start=1)
        ]

    def blank_facts(self, owner: Working, filled: Filled) -> facts.Facts:
        """A blank: a result of `owner`, or a step on the way to it."""
        if filled.what == owner.event:
            return self.answer_facts(owner) | {"is_step": False}
        return {
            "name": owner.name,
            "symbol": self.page.symbols(owner.name),
            "is_step": True,
            "step": "",
            "shown": self.page.numeral(filled.text),
            "is_noise": False,
            "is_coarse": False,
            "ranges": self.ranges(self.accepted_steps[filled.what]),
        }


DRAWN = {
    "circuit": Handout.circuit,
    "grid": Handout.grid,
}  # how each of `grids/drawings.py` is written


def kind_of(view: View, problem: Problem) -> Hashable:
    """What tells how a quantity is found: on the way forward, back or in an update, whether it is
    the gradient of a parameter, and the operations of its formula."""
    is_gradient = view.working.name in {
        partial_name(getattr(problem, "loss_name", ""), name)
        for name in getattr(problem, "parameters", ())
    }
    phase = "forward" if view.working.phase in ("loss", "check") else view.working.phase
    return phase, is_gradient, operations(view.working.formula)


def operations(expr: Expr) -> Hashable:
    """The operations of a formula, those that come again in one of them once: whatever it is about,
    and however many."""
    return (expr.op, frozenset(map(operations, expr.args))) if isinstance(expr, Apply) else ""


def name_of(view: View) -> str:
    """The name of a quantity, or of a form's derivation."""
    return view.derivation if isinstance(view, Form) else view.name


def places(view: View) -> list[str]:
    """`, row 2, column 1` for each member of a matrix in the order of its rows; nothing for a
    number."""
    if len(view.members) == 1:
        return [""]
    rows = view.result.args
    return [
        (f", row {row}" if len(rows) > 1 else "")
        + (f", column {column}" if len(rows[0].args) > 1 else "")
        for row in range(1, len(rows) + 1)
        for column in range(1, len(rows[0].args) + 1)
    ]

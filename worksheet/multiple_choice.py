"""A question with a right answer and wrong ones, each of which is the result of a mistake with a name (`mistakes.py`).

All differ as they are printed; the wrong ones lie outside of what is accepted, and none is the answer to another task, nor its
opposite. Where each of them stands is a draw of its own, of the problem's name, seed, copy and the quantity (`draws.py`):

    Draws(problem, seed, copy, 0) for "option 1 of dL_dw_h, backward 1", "option 2 of dL_dw_h, backward 1", ...; the first is right
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from string import ascii_uppercase

from .answers import Interval, accepted
from .draws import Draws
from .errors import WorksheetError
from .mistakes import Wrong, wrong_answers
from .showing import Chains
from .tasks import asked_of, label
from .trace import Key, Trace, Working


class NoChoice(WorksheetError):
    """There are not enough answers to choose from."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `wrong`: the mistake behind it, None for the right one."""

    letter: str
    shown: str
    wrong: Wrong | None


def options(trace: Trace, chains: Chains, draws: Draws) -> dict[Key, tuple[Option, ...]]:
    """The options of every quantity that is asked so, by letter. Raises WorksheetError where there are not enough of them."""
    tasks = list(asked_of(trace, chains))
    questions = [(place, ask.choices, view.working) for place, (ask, asked) in enumerate(tasks) for view in asked if ask.choices]
    intervals = accepted(trace) if questions else {}
    answers = [member for _, asked in tasks for view in asked for member in view.members]
    found = {}
    for place, count, working in questions:
        barred = {abs(Decimal(other.shown)) for other in answers if other is not working}
        wrong = distractors(trace, working, count - 1, intervals[working.key], barred, f"ask[{place}]")
        every = [None, *wrong]
        order = draws.indices([f"option {number} of {working.name}, {working.phase} {working.epoch}" for number in range(1, count + 1)], count, is_distinct=True)
        placed = sorted(zip(order, every, strict=True), key=lambda each: each[0])
        found[working.key] = tuple(Option(ascii_uppercase[index], each.shown if each else working.shown, each) for index, each in placed)
    return found


def distractors(trace: Trace, asked: Working, count: int, interval: Interval, barred: set[Decimal], where: str) -> list[Wrong]:
    """So many wrong answers that differ, a mistake of another name each as far as there are such. `barred`: sizes that no option has."""
    if abs(Decimal(asked.shown)) in barred:
        raise NoChoice(f"the answer to {label(asked, trace)}, {asked.shown}, is that of another task too", where,
                       "ask for one of them, or for another quantity")
    kept: list[Wrong] = []
    spare: list[Wrong] = []
    for each in wrong_answers(trace, asked):
        value = Decimal(each.shown)
        if value in interval or abs(value) in barred or any(value == Decimal(other.shown) for other in (*kept, *spare)):
            continue
        (spare if any(each.mistake == other.mistake for other in kept) else kept).append(each)
        if len(kept) == count:
            return kept
    found = [*kept, *spare][:count]
    if len(found) < count:
        names = ", ".join(f"{each.mistake} in {each.at.name} ({each.shown})" for each in found) or "none"
        raise NoChoice(f"only {len(found)} of the {count} wrong answers to {label(asked, trace)} can be told apart: {names}", where,
                       f"ask for {len(found) + 1} choices" if found else "ask for the value without choices")
    return found

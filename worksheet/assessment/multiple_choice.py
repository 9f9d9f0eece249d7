"""A question with a right answer and wrong ones, each of which is the result of a mistake with a
name (`assessment/mistakes.py`).

All differ as they are printed; the wrong ones lie outside of what is accepted, and none is the
answer to another task, nor its opposite. None is told by its look: all are written with as many
digits, and none is what such an answer cannot be (a loss below 0, a sigmoid above 1). None is told
by its neighbours: the right one has the same relations to the others as another
(`assessment/giveaways.py`), and its rank among them is a draw. Where each of them stands is one
too, of the problem's name, seed, copy and the quantity (`draws.py`):

    Draws(problem, seed, copy, 0) for "option 1 of dL_dw_h, backward 1", "option 2 of dL_dw_h, backward 1", ...; the first is right
    Draws(problem, seed, copy, 0) for "rank of dL_dw_h, backward 1": so many of the wrong ones are smaller
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import isfinite
from string import ascii_uppercase

from ..algebra.expression import Apply
from ..algebra.laws import ACTIVATIONS
from ..draws import Draws
from ..errors import WorksheetError
from ..trace.trace import Key, Trace, Working
from ..views.phases import Chains
from .giveaways import is_told
from .mistakes import Wrong, wrong_answers
from .tasks import asked_of, label
from .tolerance import Accepted, accepted

MOST = 12  # mistakes that a choice is made from


class NoChoice(WorksheetError):
    """There are not enough answers to choose from."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `wrong`: the mistake behind it, None for the right one."""

    letter: str
    shown: str
    wrong: Wrong | None


def options(
    trace: Trace, chains: Chains, draws: Draws, is_strict: bool = False, has_rank: bool = False
) -> dict[Key, tuple[Option, ...]]:
    """The options of every quantity that is asked so, by letter. Raises NoChoice where there are
    not enough of them; with `is_strict` also where the right one could be told, with `has_rank`
    where it cannot have the rank that is drawn."""
    tasks = list(asked_of(trace, chains))
    questions = [
        (place, ask.choices, view.working)
        for place, (ask, asked) in enumerate(tasks)
        for view in asked
        if ask.choices
    ]
    intervals = accepted(trace) if questions else {}
    answers = [member for _, asked in tasks for view in asked for member in view.members]
    found = {}
    for place, count, working in questions:
        barred = {abs(Decimal(other.shown)) for other in answers if other is not working}
        about = f"{working.name}, {working.phase} {working.epoch}"
        wrong = distractors(
            trace,
            working,
            count - 1,
            intervals[working.key],
            barred,
            draws.index(f"rank of {about}", count),
            f"ask[{place}]",
            is_strict,
            has_rank,
        )
        texts = written_alike(trace, working, [working.shown, *(each.shown for each in wrong)])
        order = draws.indices(
            [f"option {number} of {about}" for number in range(1, count + 1)],
            count,
            is_distinct=True,
        )
        placed = sorted(zip(order, texts, [None, *wrong], strict=True), key=lambda each: each[0])
        found[working.key] = tuple(
            Option(ascii_uppercase[index], text, each) for index, text, each in placed
        )
    return found


def distractors(
    trace: Trace,
    asked: Working,
    count: int,
    right: Accepted,
    barred: set[Decimal],
    rank: int,
    where: str,
    is_strict: bool = False,
    has_rank: bool = False,
) -> list[Wrong]:
    """So many wrong answers that differ, among which the right one is not to be told; `rank` of
    them smaller than it, and a mistake of another name each, as far as there are such. `barred`:
    sizes that no option has."""
    if abs(Decimal(asked.shown)) in barred:
        raise NoChoice(
            f"the answer to {label(asked, trace)}, {asked.shown}, is that of another task too",
            where,
            "ask for one of them, or for another quantity",
        )
    kept: dict[Decimal, Wrong] = {}
    for each in wrong_answers(trace, asked):
        value = Decimal(each.shown)
        if (
            value not in right
            and abs(value) not in barred
            and value not in kept
            and is_plausible(value, asked, trace)
        ):
            kept[value] = each
        if len(kept) == MOST:
            break
    if len(kept) < count:
        names = (
            ", ".join(f"{each.mistake} in {each.at.name} ({each.shown})" for each in kept.values())
            or "none"
        )
        raise NoChoice(
            f"only {len(kept)} of the {count} wrong answers to {label(asked, trace)} can be told apart: {names}",
            where,
            f"ask for {len(kept) + 1} choices" if kept else "ask for the value without choices",
        )
    sheet = known_on_the_sheet(trace)
    own = Decimal(asked.shown)
    old, law = old_value(trace, asked), asked.formula.op if isinstance(asked.formula, Apply) else ""

    def badness(some: Sequence[Wrong]) -> tuple:
        values = [Decimal(each.shown) for each in some]
        return (
            abs(sum(value < own for value in values) - rank),
            is_odd([own, *values]),
            len(some) - len({each.mistake for each in some}),
        )

    ordered = sorted(combinations(kept.values(), count), key=badness)
    for some in ordered:
        if has_rank and badness(some)[0]:
            raise NoChoice(
                f"the answer to {label(asked, trace)} cannot be number {rank + 1} in size",
                where,
                "ask for fewer choices",
            )
        if not is_told(0, [own, *(Decimal(each.shown) for each in some)], sheet, old, law):
            return list(some)
    if not is_strict:
        return list(ordered[0])
    raise NoChoice(
        f"the answer to {label(asked, trace)} can be told from the others without working it out",
        where,
        "ask for more choices, or for the value without choices",
    )


def is_odd(values: Sequence[Decimal]) -> bool:
    """Whether the first has another sign than all others."""
    return all((value < 0) is not (values[0] < 0) for value in values[1:])


def is_plausible(value: Decimal, asked: Working, trace: Trace) -> bool:
    """Whether an answer of its kind can be such a number: a loss is not below 0, an activation lies
    where its law has its values."""
    formula = asked.formula
    if asked.kind == "loss" and trace.problem.layers and value < 0:
        return False
    if not isinstance(formula, Apply) or not (
        law := ACTIVATIONS.get(formula.op) or activation_of(asked, trace)
    ):
        return True
    low, high = law.image or (
        (0, float("inf")) if law.op == "relu" else (float("-inf"), float("inf"))
    )
    return (low < value if isfinite(low) and low else low <= value) and value <= high


def activation_of(asked: Working, trace: Trace):
    """The activation that gives a unit of a network its output; None for another quantity."""
    if asked.phase in ("forward", "check"):
        for layer in trace.problem.layers:
            if layer.activation != "identity" and any(unit.a == asked.name for unit in layer.units):
                return ACTIVATIONS[layer.activation.replace("-", "_")]
    return None


def known_on_the_sheet(trace: Trace) -> set[Decimal]:
    """Every number that is given."""
    return {trace.events[event].exact for event in trace.givens.values()}


def old_value(trace: Trace, asked: Working) -> Decimal | None:
    """What a weight was before its update, as far as it stands on the sheet."""
    return (
        trace.events[trace.givens[asked.name]].exact
        if asked.phase == "update" and asked.epoch == 1 and asked.name in trace.givens
        else None
    )


def written_alike(trace: Trace, asked: Working, texts: list[str]) -> list[str]:
    """The same numbers with as many places each as the longest of them has; counted figures stay as
    they are counted."""
    rounding, places = trace.problem.rounding, [len(text.partition(".")[2]) for text in texts]
    if rounding.digits(asked.kind).significant and max(places) > min(places):
        return [
            format(
                rounding.round(Decimal(text), rounding.last_digit(Decimal(text), asked.kind)), "f"
            )
            for text in texts
        ]
    return [format(Decimal(text), f".{max(places)}f") for text in texts]

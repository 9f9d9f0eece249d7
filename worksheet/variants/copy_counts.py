"""How many copies of a spec can differ in their graded answers, counted before anything is drawn.

    L = 1/2 (y - y_hat)^2, dL/dy_hat = y_hat - y:     17,286 pairs of y and y_hat, 286 differences of them, so 286 answers

Variants are of one kind where the innermost operations of the formulas that lead to an answer have
the same results: whatever is rounded after them, their answers are the same. The problem as it is
written counts as a copy that is there already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import permutations, product
from typing import Any

from ..algebra.expression import ARITHMETIC, Apply, Expr, Literal, Name, evaluate, names
from ..assessment.tasks import asked_of, graded_views, letters
from ..draws import Draws
from ..errors import WorksheetError
from ..spec.choices import kind_of
from ..spec.faults import Faults
from ..spec.slots import leaves
from ..spec.variety import Entry
from ..trace.trace import Trace, Working
from ..views.phases import chains_of
from ..views.views import View
from .search import OWN, Source, answers_key, judged

WALKED = 50_000  # variants that are looked at one by one
SOLVED = 1_000  # variants that are solved, where so few kinds are left
PATIENCE = 50  # draws for each variant that there is, until one of another kind is found
CORNERED = {
    "max",
    "abs",
    "positive",
    "not_positive",
    "relu",
    "leaky_relu",
}  # on its other side the formulas are others

Chosen = dict[str, int]  # name -> index of its choice


@dataclass(frozen=True, slots=True)
class Picked:
    """Choices that are known, in the place of draws."""

    chosen: Chosen

    def index(self, what: str, count: int) -> int:
        """The index chosen for `what`. Raises KeyError where none is."""
        return self.chosen[what]

    def indices(self, whats: Iterable[str], count: int, is_distinct: bool) -> list[int]:
        """The index chosen for each name. Raises KeyError where one has none."""
        return [self.chosen[what] for what in whats]


class Kinds:
    """The kinds of a spec's variants, as far as some quantities `asked` can tell, and which of them
    are taken."""

    def __init__(self, source: Source, asked: list[Working]):
        trace, variety = source.written, source.checked.variety
        self.source, self.taken = source, set[tuple]()
        self._names = {entry: names_of(source, entry) for entry in variety.entries}
        self._held = {name: trace.events[event].value for name, event in trace.givens.items()}
        are_numbers = (
            all(map(is_number, variety.entries))
            and {name for called in self._names.values() for name in called} <= self._held.keys()
        )
        self._operations = innermost(trace, asked) if are_numbers else None
        self._worth = {
            name: [
                entry.choices[index].value if is_number(entry) else index
                for index in range(len(entry.choices))
            ]
            for entry, called in self._names.items()
            for name in called
        }

    def of(self, chosen: Chosen) -> tuple:
        """What tells the answers of a variant from those of others."""
        values = {name: self._worth[name][index] for name, index in chosen.items()}
        if self._operations is None:
            return tuple(values.values())
        values = self._held | values
        return tuple([_result(each, values) for each in self._operations])

    def every(self, enough: int = WALKED) -> dict[tuple, list[Chosen]]:
        """Every variant by its kind, until there are more kinds than are `enough`."""
        ways = []
        for entry, called in self._names.items():
            choices = range(len(entry.choices))
            found = (
                permutations(choices, len(called))
                if entry.is_distinct and is_number(entry)
                else product(choices, repeat=len(called))
            )
            ways.append([dict(zip(called, each)) for each in found])
        kinds: dict[tuple, list[Chosen]] = {}
        for parts in product(*ways):
            chosen = {name: index for part in parts for name, index in part.items()}
            kinds.setdefault(self.of(chosen), []).append(chosen)
            if len(kinds) > enough:
                break
        return kinds

    def drawn(self, draws: Draws) -> Chosen:
        """The choices that are drawn."""
        found: Chosen = {}
        for entry, called in self._names.items():
            count = len(entry.choices)
            found |= zip(
                called,
                draws.indices(called, count, entry.is_distinct)
                if is_number(entry)
                else [draws.index(entry.key, count)],
            )
        return found

    def take(self, draws: Draws) -> None:
        """A variant of this kind is there."""
        self.taken.add(self.of(self.drawn(draws)))

    def untaken(self, seed: int, copy: int, start: int) -> Iterator[int]:
        """The attempts from `start` on that draw a kind that is not taken."""
        for attempt in range(start, start + PATIENCE * self.source.checked.variety.count()):
            if self.of(self.drawn(Draws(self.source.name, seed, copy, attempt))) not in self.taken:
                yield attempt


def is_number(entry: Entry) -> bool:
    """Whether it is drawn number by number, not as a whole."""
    return kind_of(entry.choices[0]) == "number"


def names_of(source: Source, entry: Entry) -> list[str]:
    """What an entry of `vary` draws: its numbers, or itself where it is drawn as a whole."""
    return (
        [
            name
            for slot in source.checked.variety.written[entry.key]
            for name, _ in leaves(slot.names)
        ]
        if is_number(entry)
        else [entry.key]
    )


def _result(expr: Expr, values: dict[str, Any]) -> Decimal | None:
    try:
        return evaluate(expr, values)
    except DecimalException:  # no variant has this one
        return None


# ---- what the answers hang on
# -------------------------------------------------------------------------


def innermost(trace: Trace, asked: list[Working]) -> list[Expr] | None:
    """The operations on givens and constants alone, and the givens that are used otherwise, in all
    that leads to some quantities; None where other numbers may have other formulas."""
    found, waiting, seen = dict[Expr, None](), list(asked), set()
    while waiting:
        working = waiting.pop()
        if working.key in seen:
            continue
        seen.add(working.key)
        used = trace.uses[working.key]
        if CORNERED & set(_operations(working.formula)):
            return None
        waiting += used.values()
        found |= dict.fromkeys(_innermost(working.formula, trace.givens.keys() - used.keys()))
    return list(found)


def _operations(expr: Expr) -> Iterator[str]:
    if isinstance(expr, Apply):
        yield expr.op
        for arg in expr.args:
            yield from _operations(arg)


def _innermost(expr: Expr, givens: set[str]) -> Iterator[Expr]:
    if (
        isinstance(expr, Name)
        and expr.name in givens
        or isinstance(expr, Apply)
        and expr.op in ARITHMETIC
        and all(map(_is_leaf, expr.args))
        and set(names(expr)) <= givens
    ):
        yield expr
    elif isinstance(expr, Apply):
        for arg in expr.args:
            yield from _innermost(arg, givens)


def _is_leaf(expr: Expr) -> bool:
    return isinstance(
        expr.args[0] if isinstance(expr, Apply) and expr.op == "neg" else expr, (Name, Literal)
    )


# ---- is it enough?
# ------------------------------------------------------------------------------------


def kinds_of(source: Source) -> Kinds | None:
    """The kinds of all that is graded; None where there are too many variants to walk through, or
    sizes of layers vary."""
    total = source.checked.variety.count()
    return (
        None
        if source.checked.variety.sizes or total is None or total > WALKED
        else Kinds(source, members(graded_views(source.written)))
    )


def members(views: Iterable[View]) -> list[Working]:
    """The workings behind the views, in their order."""
    return [member for view in views for member in view.members]


def check_copies_differ(source: Source, copies: int) -> None:
    """Whether so many copies can be made that differ in their answers. Raises WorksheetError, where
    it can be with the line of the task that has too few."""
    kinds, can = kinds_of(source), source.checked.variety.count()
    if kinds is not None:
        every = kinds.every(enough := 2 * copies)
        can = solved(source, every.values()) if len(every) <= min(SOLVED, enough) else len(every)
    if not can or can >= copies:  # where none is fulfilled, the search says what refused them
        return
    message = f"{copies} copies are asked for, {can} different ones can be made"
    asked = [
        (number, views)
        for number, (_, views) in enumerate(asked_of(source.written, chains_of(source.written)))
        if members(views)
    ]
    if kinds is None or not asked:
        raise WorksheetError(message, source.label, "let more numbers vary, or ask for fewer")
    number, views = max(asked, key=lambda each: len(Kinds(source, members(each[1])).every()))
    node, faults = source.root.get("ask"), Faults(source.label)
    line, path = (
        (node.entries()[number].line, node.entries()[number].path)
        if node
        else (source.root.keys["vary"], "vary")
    )
    faults.fail(
        line,
        path,
        message,
        f"task ({letters(number)}) has no more answers: let more numbers vary that it hangs on, or ask for fewer",
    )


def solved(source: Source, kinds: Iterable[list[Chosen]]) -> int:
    """How many answers some kinds come to that are not those of the problem as it is written. A
    kind whose variants are all refused has none; one that there is no time to look through
    counts."""
    known, unknown, left = {answers_key(source.written)}, 0, 2 * SOLVED
    for variants in kinds:
        for chosen in variants[:left]:
            left -= 1
            root = source.checked.variety.drawn(Picked(chosen)).without(*OWN)
            found = judged(source, root, Draws(source.name, 0, 0, 0), is_new=True, has_rank=False)
            if isinstance(found, Trace):
                known.add(answers_key(found))
                break
        else:
            unknown += len(variants) > left == 0
    return len(known) - 1 + unknown

"""Points over the steps of a solution, so that equal steps earn equal marks and nothing that is
asked is worth nothing.

    14.5 points for 29 steps: half a point each        11 points: none for what is found on the way
    12 points: 0.5 for a result, 0.4 for a method, 0.3 for what is found on the way

Steps are equal that are of the same kind: a result, the method that leads to it, a quantity found
on the way, one found on the way again (after the update, in a later epoch). A result is worth no
less than a method, that no less than what is found, and what is found again least. Marks are halves
where that comes out even, else quarters, else tenths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice

from ..errors import WorksheetError
from ..numbers.number import plain_text
from ..spec.faults import Faults
from ..spec.yaml_reader import Node
from .tasks import Step, Task

UNITS = Decimal("0.5"), Decimal("0.25"), Decimal("0.1")  # of marks
KINDS = ("result", "method", "found", "again")  # in the order of what they are worth
FAR = 60  # halves of a point that are looked through for a total that can be shared


def worth(tasks: tuple[Task, ...], points: Decimal | None, where: str = "") -> tuple[Task, ...]:
    """The same tasks for so many points together; a task with points of its own keeps them, and the
    others share the rest. None: a point for each of their steps. Raises WorksheetError where the
    points cannot be shared evenly."""
    owned = sum((task.own for task in tasks if task.own is not None), Decimal(0))
    others = [task for task in tasks if task.own is None]
    if (
        points is not None
        and others
        and points <= owned
        or points is not None
        and not others
        and points != owned
    ):
        raise WorksheetError(
            f"{plain_text(points)} points, where the tasks have {plain_text(owned)} of their own",
            where,
            "leave out points, or give more" if others else f"say points: {plain_text(owned)}",
        )
    steps = [task.steps for task in others]
    shared = (
        shares(sum(map(counted, steps), Counter()), points - owned, where, owned)
        if points is not None and others
        else None
    )
    return tuple(
        task
        if task.own is None and shared is None
        else valued(
            task,
            shared
            if task.own is None
            else shares(counted(task.steps), task.own, f"{where} task ({task.letter})".strip()),
        )
        for task in tasks
    )


def check_points(asked: Iterable[Node], tasks: tuple[Task, ...], faults: Faults) -> None:
    """Whether the points that the spec says for a task can be shared over its steps; `asked`: where
    the spec says so."""
    for node, task in zip(asked, tasks, strict=True):
        try:
            if task.own is not None:
                shares(counted(task.steps), task.own, node.path)
        except WorksheetError as fault:
            faults.add(
                node.keys["points"],
                f"{node.path}.points",
                f"task ({task.letter}): {fault.message}",
                fault.hint,
            )


def counted(steps: tuple[Step, ...]) -> Counter:
    """How many steps there are of each kind; each row of a matrix is a result."""
    found: Counter = Counter()
    for step in steps:
        found[step.what] += int(step.size)
    return found


def valued(task: Task, marks: dict[str, Decimal]) -> Task:
    """A task whose steps are worth so much, by kind."""
    return replace(
        task, steps=tuple(replace(step, marks=step.size * marks[step.what]) for step in task.steps)
    )


def shares(
    counts: Counter, points: Decimal, where: str, owned: Decimal = Decimal(0)
) -> dict[str, Decimal]:
    """The marks of a step of each kind. Raises WorksheetError with totals that can be shared;
    `owned`: what tasks have beside these points."""
    for unit in UNITS:
        if points % unit == 0 and (found := best(counts, int(points / unit))):
            return {kind: unit * count for kind, count in zip(KINDS, found)}
    can = list(map(plain_text, totals(counts, points + owned, owned)))
    raise WorksheetError(
        f"{plain_text(points + owned)} points cannot be shared so that equal steps earn equal marks and nothing that is asked earns none",
        where,
        f"{', '.join(can[:-1])} or {can[-1]} can; of whole and half points these are the nearest"
        if len(can) > 1
        else "leave out points: each step is worth one",
    )


def totals(counts: Counter, points: Decimal, owned: Decimal = Decimal(0)) -> Iterator[Decimal]:
    """Of the totals in whole and half points that can be shared, `owned` taken off, the two nearest
    below, and the two above."""
    half = UNITS[0]
    start = int(points / half)
    below = (half * number for number in range(start, max(int(owned / half), start - FAR), -1))
    above = (half * number for number in range(start + 1, start + FAR + sum(counts.values()) + 1))
    found = [
        list(islice((total for total in side if can_share(counts, total - owned)), 2))
        for side in (below, above)
    ]
    yield from (*reversed(found[0]), *found[1])


def can_share(counts: Counter, points: Decimal) -> bool:
    """Whether so many points can be shared at all."""
    return points > 0 and any(
        points % unit == 0
        and any(
            found[0]
            for found in _ways(
                [counts[kind] for kind in KINDS], int(points / unit), int(points / unit)
            )
        )
        for unit in UNITS
    )


def best(counts: Counter, units: int) -> tuple[int, ...] | None:
    """How many units a step of each kind is worth, most alike; None where it does not come out
    even."""
    ways = [found for found in _ways([counts[kind] for kind in KINDS], units, units) if found[0]]
    even = units / sum(counts.values())
    return min(
        ways,
        key=lambda found: sum(
            counts[kind] * (each - even) ** 2 for kind, each in zip(KINDS, found)
        ),
        default=None,
    )


def _ways(counts: list[int], units: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way to share `units` over kinds of steps, each kind worth no more than `most` and than
    the one before it."""
    first, *rest = counts
    if not rest:
        if not first:
            yield from ((most,),) if not units else ()
        elif units % first == 0 and units // first <= most:
            yield (units // first,)
        return
    if not first:
        yield from ((most, *found) for found in _ways(rest, units, most))
        return
    enough = -(-units // sum(counts))  # the first kind has at least its share
    for each in range(min(most, units // first), enough - 1, -1):
        yield from ((each, *found) for found in _ways(rest, units - each * first, each))

"""What the digits of a problem leave open: a result that may be off by as much as it is, a corner
that rounding may lead past.

    gap = 0.00034, accepted from -0.00040 to 0.00040     not even its sign is known
    z = 0.00002, accepted from 0 on                      the derivative of leaky ReLU there is 0.1 or 1

A variant with either is drawn anew; of a problem as it is written it is told, with how many digits
would settle it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ..numbers.number import plain_text
from ..trace.trace import Key, Trace, Working
from .tasks import graded_views, label
from .tolerance import Accepted, accepted

NOISE, CORNER = "noise", "corner"
COARSE = Decimal(
    "0.002"
)  # of the size of a quantity; what is accepted for it and wider lets mistakes through


class Unsettled(NamedTuple):
    """A quantity that is open, `why`, and what was seen."""

    working: Working
    why: str
    saw: str


def unsettled(trace: Trace) -> Iterator[Unsettled]:
    """Every result that is asked and is no more than noise, and the first quantity that has two
    values."""
    found = accepted(trace)
    if corner := next(
        (working for working in trace.workings if len(found[working.key].intervals) > 1), None
    ):
        yield Unsettled(
            corner, CORNER, f"{label(corner, trace)} may be {middles(found[corner.key])}"
        )
    asked = {member.key: member for view in graded_views(trace) for member in view.members}
    for key, working in asked.items():
        if found[key].is_noise:
            yield Unsettled(
                working,
                NOISE,
                f"{label(working, trace)} = {working.shown} may be off by as much as it is",
            )


def middles(several: Accepted) -> str:
    """`0.1 or 1`: the middle of each interval."""
    return " or ".join(plain_text((each.low + each.high) / 2) for each in several.intervals)


def hint(trace: Trace, open_ones: list[Unsettled]) -> str:
    """What to do about it."""
    places = max(
        (more_places(trace, each.working.key) for each in open_ones if each.why == NOISE), default=0
    )
    return (
        f"show more digits ({places} places more would do)" if places else "choose other numbers"
    ) + "; variants that are like this are drawn anew"


def more_places(trace: Trace, key: Key) -> int:
    """So many places more, and what a quantity may be off is a tenth of it."""
    working, found = trace.get(*key), accepted(trace)[key]
    wide = max(
        abs(end - working.exact) for each in found.intervals for end in (each.low, each.high)
    )
    return max(1, (wide / abs(working.exact)).adjusted() + 2) if working.exact else 1


def is_fine(working: Working, found: Accepted) -> bool:
    """Whether the digits of a quantity allow to tell a mistake from rounding: what is accepted is a
    small part of its size."""
    wide = sum((each.high - each.low for each in found.intervals), Decimal(0))
    if not working.exact:  # a zero that everybody finds
        return len(found.intervals) == 1 and wide.scaleb(-wide.adjusted()) == 1
    return wide <= COARSE * max(abs(working.exact), abs(Decimal(working.shown)))


def coarse(trace: Trace) -> list[Working]:
    """What is asked and has too few digits for a mistake to be told from rounding."""
    found = accepted(trace)
    return [
        member
        for view in graded_views(trace)
        for member in view.members
        if not is_fine(member, found[member.key])
    ]

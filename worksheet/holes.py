"""Fading: the worked solution with its numbers left blank from some step on, for the student to fill in.

A number on the page is a literal that knows its event; events are in the order of the solution. So a fading is one
cut: what is worked out from there on is blank wherever it stands, and one blank number is one value. What was given
stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from .expression import Literal
from .trace import Trace

BLANK = r"\qquad\qquad"


class Filled(NamedTuple):
    """What belongs into a blank: its event, and the number as it is written."""

    event: int
    text: str


@dataclass
class Holes:
    """The blanks of one page: events from `first` on. `is_filled`: the key, which shows what belongs there.

    `filled` holds what each blank stands for, in the order of the page; blank 1 is `filled[0]`."""

    trace: Trace
    first: int
    is_filled: bool = False
    filled: list[Filled] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    def is_open(self, event: int | None) -> bool:
        """Whether the page leaves the number of an event to the student."""
        return event is not None and event >= self.first and is_result(self.trace, event)

    def __call__(self, literal: Literal) -> str | None:
        """The TeX of a blank; None for a number that stays."""
        if not self.is_open(literal.event):
            return None
        if literal.event not in self.numbers:
            self.filled.append(Filled(literal.event, literal.text))
            self.numbers[literal.event] = len(self.filled)
        return rf"\underline{{{literal.text if self.is_filled else BLANK}}}_{{({self.numbers[literal.event]})}}"


def is_result(trace: Trace, event: int) -> bool:
    """Worked out, not given."""
    return bool(trace.events[event].operands)


def cut(shown: Iterable[int], share: Decimal) -> int | None:
    """The first event to be blank, so that `share` of the results shown (at least one if it is not 0) are; None for none."""
    events = sorted(set(shown))
    count = int((share * len(events)).to_integral_value(ROUND_CEILING))
    return events[-count] if count else None

"""Fading: the worked solution with some of its numbers left blank, for the student to fill in.

A number on the page is a literal that knows its event; events are in the order of the solution, and
the forms of a derivation come before them. What a fading leaves open is blank wherever it stands,
and one blank number is one value. What was given stays, and so does the form that is to be shown.
`keep` says what is worked: the beginning, some of all parts, or the first quantity of each kind.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from ..algebra.expression import Literal
from ..numbers.numerals import numeral
from ..tex.notation import MULTIPLY
from ..trace.trace import Trace

BLANK = r"\qquad\qquad"
WIDE = 3 * BLANK  # of a form


class Filled(NamedTuple):
    """What belongs into a blank: the event of a number or the name of a form, and how it is
    written."""

    what: int | str
    text: str


@dataclass
class Holes:
    """The blanks of one page: some events that are results, and some forms. `is_filled`: the key,
    which shows what belongs there.

    `filled` holds what each blank stands for, in the order of the page; blank 1 is `filled[0]`."""

    trace: Trace
    events: Container[int] = ()
    forms: frozenset[str] = frozenset()
    is_filled: bool = False
    filled: list[Filled] = field(default_factory=list)
    numbers: dict[int | str, int] = field(default_factory=dict)

    def is_open(self, event: int | None) -> bool:
        """Whether the page leaves the number of an event to the student."""
        return event is not None and event in self.events and is_result(self.trace, event)

    def __call__(self, literal: Literal) -> str | None:
        """The TeX of a blank; None for a number that stays."""
        return (
            self._blank(literal.event, literal.text, BLANK) if self.is_open(literal.event) else None
        )

    def form(self, name: str, text: str) -> str:
        """The TeX of a form, or its blank."""
        return self._blank(name, text, WIDE) if name in self.forms else text

    def _blank(self, what: int | str, text: str, room: str) -> str:
        if what not in self.numbers:
            self.filled.append(Filled(what, text))
            self.numbers[what] = len(self.filled)
        return rf"\underline{{{self._text(what, text) if self.is_filled else room}}}_{{({self.numbers[what]})}}"

    def _text(self, what: int | str, text: str) -> str:
        """A number as the page writes it; a form is TeX already."""
        return (
            numeral(text, MULTIPLY[self.trace.problem.notation.multiply])
            if isinstance(what, int)
            else text
        )


def is_result(trace: Trace, event: int) -> bool:
    """Worked out, not given."""
    return bool(trace.events[event].operands)


class Part(NamedTuple):
    """A quantity of the solution: its kind, and the events of its results as they are first shown."""

    kind: Hashable
    events: tuple[int, ...]


def left_open(
    forms: Sequence[str], parts: Sequence[Part], share: Decimal, keep: str
) -> tuple[frozenset[str], frozenset[int]]:
    """The forms and the events to be blank, so that about `share` of the forms and results are, at
    least one if it is not 0. `keep` is one of `KEEPS`; the beginning is cut between two numbers,
    the others between quantities."""
    events = sorted({event for part in parts for event in part.events})
    count = int((share * (len(forms) + len(events))).to_integral_value(ROUND_CEILING))
    numbers = min(count, len(events))
    chosen = (
        events[len(events) - numbers :]
        if keep == "beginning"
        else _chosen(parts, numbers, keep == "first-of-each")
    )
    return frozenset(forms[len(forms) - (count - numbers) :]), frozenset(chosen)


def _chosen(parts: Sequence[Part], count: int, has_firsts: bool) -> list[int]:
    """At least `count` events of whole quantities, evenly spread from the first that may be blank;
    where `has_firsts`, those of the first of each kind only when all others are."""
    seen, firsts, later = set(), [], []
    for part in parts:
        (later if not has_firsts or part.kind in seen else firsts).append(part)
        seen.add(part.kind)
    tries = (_even(later, size) for size in range(len(later) + 1))
    found = next((even for even in tries if sum(len(part.events) for part in even) >= count), later)
    events = [event for part in found for event in part.events]
    for part in reversed(firsts):
        events += part.events if len(events) < count else ()
    return events


def _even(parts: Sequence[Part], count: int) -> list[Part]:
    """So many of the parts, evenly spread, beginning with the first."""
    return [parts[at * len(parts) // count] for at in range(count)]

"""Fading: the worked solution with its numbers left blank from some step on, for the student to fill in.

A number on the page is a literal that knows its event; events are in the order of the solution, and the forms of a derivation come
before them. So a fading is one cut: what is worked out from there on is blank wherever it stands, and one blank number is one value.
What was given stays, and so does the form that is to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from .expression import Literal
from .notation import MULTIPLY
from .numerals import numeral
from .trace import Trace

BLANK = r"\qquad\qquad"
WIDE = 3 * BLANK      # of a form


class Filled(NamedTuple):
    """What belongs into a blank: the event of a number or the name of a form, and how it is written."""

    what: int | str
    text: str


@dataclass
class Holes:
    """The blanks of one page: events from `first` on, and some forms. `is_filled`: the key, which shows what belongs there.

    `filled` holds what each blank stands for, in the order of the page; blank 1 is `filled[0]`."""

    trace: Trace
    first: int
    forms: frozenset[str] = frozenset()
    is_filled: bool = False
    filled: list[Filled] = field(default_factory=list)
    numbers: dict[int | str, int] = field(default_factory=dict)

    def is_open(self, event: int | None) -> bool:
        """Whether the page leaves the number of an event to the student."""
        return event is not None and event >= self.first and is_result(self.trace, event)

    def __call__(self, literal: Literal) -> str | None:
        """The TeX of a blank; None for a number that stays."""
        return self._blank(literal.event, literal.text, BLANK) if self.is_open(literal.event) else None

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
        return numeral(text, MULTIPLY[self.trace.problem.notation.multiply]) if isinstance(what, int) else text


def is_result(trace: Trace, event: int) -> bool:
    """Worked out, not given."""
    return bool(trace.events[event].operands)


def cut(forms: Sequence[str], shown: Iterable[int], share: Decimal) -> tuple[frozenset[str], int | None]:
    """The forms to be blank and the first such event (None for none), so that `share` of the forms and results shown are, at least one
    if it is not 0."""
    events = sorted(set(shown))
    count = int((share * (len(forms) + len(events))).to_integral_value(ROUND_CEILING))
    numbers = min(count, len(events))
    return frozenset(forms[len(forms) - (count - numbers):]), events[-numbers] if numbers else None

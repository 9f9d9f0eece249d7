r"""What becomes of the relations that an author writes by hand: each is proved, only says what a
name shall be, or is not proved.

$2 \cdot 3 = 6$     proved            let $q = 0.5$    said
$q + r = 1$         not proved, and told, for r has no value on the page and there is a number in it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..tex.chains import Form
from ..tex.wording import is_supposed
from .reader import Formula

Key = tuple[int, str]  # a formula: its line, its TeX
FALSE = "it is false"


@dataclass(frozen=True, slots=True)
class Told:
    """A relation with a number in it that is not proved: where the author wrote it, what stands
    there, and why."""

    place: str
    printed: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: '{self.printed}' is not proved: {self.why}"


@dataclass(slots=True)
class Own:
    """The author's relations: how many are proved, how many only say what a name shall be, how many
    are not proved; and which of these are to be told, because there is a number in them."""

    proved: int = 0
    said: int = 0
    unproved: int = 0
    told: list[Told] = field(default_factory=list)

    def __add__(self, other: Own) -> Own:
        return Own(
            self.proved + other.proved,
            self.said + other.said,
            self.unproved + other.unproved,
            self.told + other.told,
        )

    def __str__(self) -> str:
        """`of the author's 3 proved, 1 said, 2 not proved`; nothing if there are none."""
        counts = [(self.proved, "proved"), (self.said, "only said"), (self.unproved, "not proved")]
        return (
            "of the author's " + ", ".join(f"{count} {what}" for count, what in counts if count)
            if any(count for count, _ in counts)
            else ""
        )


def at_row(place: str, row: int) -> str:
    """The place so many lines further down, where it has a line: `notes.md:6` -> `notes.md:7`."""
    file, _, line = place.rpartition(":")
    return f"{file}:{int(line) + row}" if line.isdigit() else place


class Hand:
    """The formula in view: is it the author's (`is_here`), and what stands before it? `places`:
    where the author's formulas are written; None: all are the author's."""

    def __init__(self, places: Mapping[Key, str] | None, text: str):
        self.places, self.text, self.own = places, text, Own()
        self.is_here, self.formula = False, None

    def turn(self, formula: Formula) -> None:
        """Look at another formula."""
        self.formula = formula
        self.is_here = self.places is None or (formula.line, formula.tex) in self.places

    def supposes(self, form: Form) -> bool:
        """Whether the words before a form make it a condition or an example."""
        return self.is_here and is_supposed(
            self.text[max(0, self.formula.start - 300) : self.formula.start]
            + self.formula.tex[: form.start]
        )

    def note(self, why: str, form: Form, following: Form) -> None:
        """Count a relation that was compared: proved, or not, and why."""
        if self.is_here and why == FALSE:
            self.own.unproved += 1  # the document is not written
        elif self.is_here and why:
            self.miss(form, following, why)
        elif self.is_here:
            self.own.proved += 1

    def miss(self, form: Form, following: Form, why: str, is_new: bool = False) -> None:
        """Count a relation that is not proved; it is told if it holds a number and has not been
        told as one that cannot be read (`is_new`)."""
        if not self.is_here:
            return
        self.own.unproved += 1
        if (is_new or not (form.fault or following.fault)) and re.search(
            r"\d", f"{form.tex} {following.tex}"
        ):
            self.tell(self.formula.tex[form.start : following.start + len(following.tex)], why)

    def tell(self, tex: str, why: str) -> None:
        """Keep a formula for the list of what is not proved, with its place and the reason."""
        place = (self.places or {}).get(
            (self.formula.line, self.formula.tex)
        ) or f"line {self.formula.line}"
        self.own.told.append(Told(place, " ".join(tex.split())[:80], why))

"""What becomes of the relations that an author writes by hand: each is proved, only says what a name shall be, or is not proved.

    $2 \cdot 3 = 6$     proved            let $q = 0.5$    said
    $q + r = 1$         not proved, and told, for r has no value on the page and there is a number in it
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from .chains import Form
from .markdown import Formula
from .wording import is_supposed

Key = tuple[int, str]      # a formula: its line, its TeX


@dataclass(frozen=True, slots=True)
class Told:
    """A relation with a number in it that is not proved: its formula, what stands there, and why."""

    key: Key
    printed: str
    why: str


@dataclass(slots=True)
class Own:
    """The author's relations: how many are proved, how many only say what a name shall be, how many are not proved; and which of these
    are to be told, because there is a number in them."""

    proved: int = 0
    said: int = 0
    unproved: int = 0
    told: list[Told] = field(default_factory=list)


class Hand:
    """The formula in view: is it the author's (`is_here`), and what stands before it? `keys`: the author's; None: all are."""

    def __init__(self, keys: Collection[Key] | None, text: str):
        self.keys, self.text, self.own = keys, text, Own()
        self.is_here, self.formula = False, None

    def turn(self, formula: Formula) -> None:
        """Look at another formula."""
        self.formula = formula
        self.is_here = self.keys is None or (formula.line, formula.tex) in self.keys

    def supposes(self, form: Form) -> bool:
        """Whether the words before a form make it a condition or an example."""
        return self.is_here and is_supposed(self.text[max(0, self.formula.start - 300):self.formula.start] + self.formula.tex[:form.start])

    def note(self, why: str, form: Form, following: Form) -> None:
        """Count a relation that was compared: proved, or not, and why."""
        if self.is_here and why:
            self.miss(form, following, why)
        elif self.is_here:
            self.own.proved += 1

    def miss(self, form: Form, following: Form, why: str) -> None:
        """Count a relation that is not proved; it is told if it holds a number and has not been told as one that cannot be read."""
        if not self.is_here:
            return
        self.own.unproved += 1
        if not (form.fault or following.fault) and re.search(r"\d", f"{form.tex} {following.tex}"):
            self.tell(self.formula.tex[form.start:following.start + len(following.tex)], why)

    def tell(self, tex: str, why: str) -> None:
        self.own.told.append(Told((self.formula.line, self.formula.tex), " ".join(tex.split())[:80], why))

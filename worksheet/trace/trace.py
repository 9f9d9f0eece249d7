"""The trace: every arithmetic operation of a solution, as data.

    z_h = w_h * x           FORMULA
        = 0.5 * 1.0         SUBSTITUTE
        = 0.5               EVALUATE

A Working is one named quantity and its chain of Lines; a Line is one displayed form and the move
that led to it; an Event is one operation. Text on a page is made from it, never kept in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from ..algebra.expression import Expr, names
from ..errors import WorksheetError
from ..numbers.known_digits import bound
from ..numbers.number import working as digits_of
from ..problem import END, PHASES, Problem

# the moves, with an example of each
MOVES = {
    "FORMULA": "z_h = w_h * x",
    "CHAIN": "dL/dw_h = dL/dz_h * dz_h/dw_h",
    "LOCAL": "... = dL/dz_h * x, since dz_h/dw_h = x",
    "SHIFT": "e^z_1 / (e^z_1 + e^z_2) becomes e^(z_1 - z_2) / (e^(z_1 - z_2) + e^(z_2 - z_2))",
    "TURN": "1 / (1 + e^-z) becomes e^z / (1 + e^z), where e^-z is beyond a calculator",
    "SUBSTITUTE": "w_h * x becomes 0.5 * 1.0",
    "EXPAND": "sigma(0.5) becomes 1 / (1 + e^-0.5)",
    "DIGITS": "e becomes 2.71828",
    "SIGN": "1.0 - (-0.02174) becomes 1.0 + 0.02174",
    "EVALUATE": "the innermost operations become numbers",
}

# what becomes of gradient descent (descent/outcome.py says when)
FATES = {
    "settles": "no slope is larger than the problem asks for",
    "creeps": "still on its way when the program stopped",
    "oscillates": "it goes to and fro, and comes to no end",
    "diverges": "it passes every bound",
    "leaves": "a step leads to where the function has no value",
}
STANDS = ("settles", "creeps")  # fates after which it is somewhere


@dataclass(frozen=True, slots=True)
class Event:
    """One arithmetic operation: `op` on earlier events (by index).

    exact: the result at full precision, all the way from the givens. value: the result that is used
    next. shown: its text where it is displayed, else None. is_exact: what is shown equals the
    operation on what was shown. `given` and `constant` have no operands.
    """

    op: str
    operands: tuple[int, ...]
    exact: Decimal
    value: Decimal
    shown: str | None
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One displayed form of a quantity, and the move that led to it."""

    move: str
    expr: Expr
    is_exact: bool = True  # equal to the line before, not rounded


@dataclass(frozen=True, slots=True)
class Link:
    """One path of the chain rule: dL/dq goes through `through`.

    upstream: the name of dL/d(through), empty where `through` is the loss itself. local:
    d(through)/dq as a formula. has_working: the local derivative has a working of its own.
    """

    through: str
    upstream: str
    local: Expr
    has_working: bool


SOUGHT = (*PHASES, END)  # the phases in which a quantity is looked for, one after the other
Key = tuple[str, int, str]  # of a working: name, epoch, phase


def ended(name: str) -> str:
    """What a parameter or a quantity is called where gradient descent ends. No name of an author's
    holds `__`."""
    return f"{name}__end"


@dataclass(frozen=True, slots=True)
class Working:
    """The chain of one named quantity. epoch counts from 1; layer from 1, None where there is none."""

    name: str
    phase: str
    kind: str
    epoch: int
    layer: int | None
    formula: Expr
    lines: tuple[Line, ...]
    event: int
    shown: str
    exact: Decimal
    value: Decimal
    links: tuple[Link, ...] = ()
    pair: str = ""  # the loss whose famous short form gave the formula
    leaves_out: bool = False  # terms that are zero times the logarithm of zero

    @property
    def key(self) -> Key:
        """What tells it from every other working of its trace."""
        return self.name, self.epoch, self.phase


@dataclass(frozen=True, slots=True)
class Step:
    """One form of a derivation and the rules that led to it, by the names that templates have words
    for."""

    rules: tuple[str, ...]
    expr: Expr


@dataclass(frozen=True, slots=True)
class Derivation:
    """Forms with names instead of numbers, each equal to the one before it; the first is what is
    derived."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Descent:
    """Gradient descent carried on by a program (`descent/outcome.py`): with which learning rate,
    what became of it, after how many updates.

    swings: half of its steps or more went too far. nearer: whether it came nearer to the bottom
    though it came to no end (`descent/outcome.py`). is_known: its end does not hang on the digits
    that were kept. end: the last point; loss: the loss there; both at full precision."""

    rate: Decimal
    fate: str
    updates: int
    swings: bool
    end: dict[str, Decimal]
    loss: Decimal
    nearer: int = 0
    is_known: bool = True


@dataclass(frozen=True)
class Trace:
    """A solved problem. `givens` maps each given name to its event; digits: with how many it was
    worked out."""

    problem: Problem
    givens: dict[str, int]
    events: tuple[Event, ...]
    workings: tuple[Working, ...]
    derivations: tuple[Derivation, ...] = ()
    descents: tuple[Descent, ...] = ()
    digits: int = 50

    @cached_property
    def kept(self) -> dict[tuple[str, int], Any]:
        """What others have worked out of it and need again: its chains, by phase and epoch."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Another process works it out anew."""
        return {
            name: value for name, value in self.__dict__.items() if name not in ("kept", "reaches")
        }

    @cached_property
    def _index(self) -> dict[Key, Working]:
        return {working.key: working for working in self.workings}

    @cached_property
    def _phases(self) -> dict[tuple[str, int], list[Working]]:
        found: dict[tuple[str, int], list[Working]] = {}
        for working in self.workings:
            found.setdefault((working.phase, working.epoch), []).append(working)
        return found

    @cached_property
    def uses(self) -> dict[Key, dict[str, Working]]:
        """For each working, by name, epoch and phase, the earlier workings that the names in its
        formula stand for; a name that is not there is a given."""
        holders: dict[str, Working] = {}
        found = {}
        for working in self.workings:
            found[working.key] = {
                name: holders[name] for name in names(working.formula) if name in holders
            }
            holders[working.name] = working
        return found

    @cached_property
    def reaches(self) -> list[Decimal]:
        """How far the exact value of each event may lie from the true one, because so many digits
        were carried."""
        found: list[Decimal] = []
        with digits_of(self.digits):
            for event in self.events:
                found.append(
                    bound(
                        event.op,
                        [self.events[each].exact for each in event.operands],
                        [found[each] for each in event.operands],
                        event.exact,
                    )
                    if event.operands
                    else Decimal(0)
                )
        return found

    def select(self, phase: str, epoch: int) -> tuple[Working, ...]:
        """The workings of a phase of an epoch, in order."""
        return tuple(self._phases.get((phase, epoch), ()))

    def get(self, name: str, epoch: int, phase: str) -> Working | None:
        """The working of `name` in a phase of an epoch, None if there is none."""
        return self._index.get((name, epoch, phase))

    def find(self, name: str, epoch: int = 1, phase: str | None = None) -> Working:
        """The working of `name` in an epoch (of a phase, where a name is worked twice).

        Raises WorksheetError with a suggestion for a name that the trace does not have."""
        for each in (phase,) if phase else SOUGHT:
            if found := self._index.get((name, epoch, each)):
                return found
        from difflib import get_close_matches

        known = sorted({working.name for working in self.workings})
        close = get_close_matches(name, known, 1)
        raise WorksheetError(
            f"the trace has no quantity '{name}' in epoch {epoch}",
            "",
            f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known[:20])}",
        )

    def at_end(self, name: str) -> int:
        """The event of a given or a parameter at the point where gradient descent ends."""
        return self.givens.get(ended(name), self.givens[name])

    def before(self, name: str, epoch: int) -> Event:
        """What holds a given or a parameter when `epoch` begins."""
        return self.events[self.holder(name, epoch)]

    def holder(self, name: str, epoch: int) -> int:
        """The event of `before`."""
        updated = self._index.get(
            (name, epoch - 1, "update")
        )  # what is trained moves in every epoch
        return updated.event if updated else self.givens[name]

"""Where claims are decided: what quantities are by the independent computation (`oracles.py`), and what the page prints of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any

from .claims import Key
from .long_runs_oracle import at_end
from .nudges import nudge_values
from .oracle import Step
from .oracles import oracle_of
from .problem import END, NUDGE
from .trace import Trace, ended

NOISE = 1e-12      # of the numbers that a difference was made of: what is smaller is nothing, in floats


class Bench:
    """The true and the printed value of everything that a page may speak of."""

    def __init__(self, trace: Trace):
        self.trace, self.problem, self.oracle = trace, trace.problem, oracle_of(trace.problem)

    @cached_property
    def steps(self) -> list[Step]:
        return self.oracle.run(self.problem)

    @cached_property
    def aside(self) -> dict[str, dict[str, Any]]:
        """What is tried out: nudges, and the forward pass where gradient descent ends."""
        loss, first = self.problem.loss_name, self.steps[0].values
        found = {NUDGE + name: nudge_values(loss, name, float(change.value), first, self.oracle.quantities(self.problem, {name: first[name] + float(change.value)}))
                 for name, change in self.problem.nudge.items()}
        if any(working.phase == END for working in self.trace.workings):
            found[END] = {ended(name): value for name, value in at_end(self.problem, self.trace.descents[0].end).items()}
        return found

    def real(self, key: Key) -> float:
        """The true value. Raises KeyError for what the judge does not know."""
        name, epoch, phase = key
        if phase in self.aside:
            return float(self.aside[phase][name])
        step = self.steps[-1] if phase == "check" else self.steps[epoch - 1]
        return float((step.after if phase == "update" else step.values)[name])

    def shown(self, key: Key) -> Decimal:
        """What the page prints."""
        return Decimal(self.trace.find(*key).shown)

    def sign(self, key: Key) -> int:
        """That of the true value."""
        return sign_of(self.real(key), [self.real(key)])

    def difference(self, old: Key, new: Key) -> int:
        """Whether a quantity is larger than another one: 1, -1, or 0 where they are the same."""
        one, other = self.real(old), self.real(new)
        return sign_of(other - one, (one, other))


def sign_of(value: float, of: Iterable[float] = ()) -> int:
    """The sign of a number that was made of others."""
    noise = NOISE * max(map(abs, of), default=0.0)
    return (value > noise) - (value < -noise)


def sign_shown(value: Decimal) -> int:
    return (value > 0) - (value < 0)

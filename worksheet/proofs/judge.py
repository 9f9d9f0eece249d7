"""What the judge says: every result and every gradient of a trace, and every run of gradient
descent, against the independent computation.

    |what the trace has - what the judge finds| <= 10^-25 |what the judge finds|

whatever their size. The judge (`judge/judges.py`) has more than twice the digits of the trace,
slopes and corners of its own, and never reads the trace. What lies beneath the trace's own digits,
as 1 - 1.000 in fifty of them, is let pass: of that the page shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from ..descent.floats import at_end, judged_run
from ..descent.outcome import Course
from ..judge.duals import judging
from ..judge.failure import Failure
from ..judge.judges import judge_of
from ..judge.step import Step
from ..numbers.known_digits import RUN
from ..numbers.number import plain_text
from ..problem import END, NUDGE, Problem
from ..trace.perturbation import nudge_values
from ..trace.trace import STANDS, Descent, Trace, Working, ended

AGREE = Decimal("1e-25")  # relative
ALIKE = Decimal("1e-20")  # relative, where a run ends after very many updates
ASIDE = Decimal(
    "1e-45"
)  # of a start: where it leads elsewhere, no digits of the trace can say where
FEWEST = 50  # digits of a trace
KEPT = 2  # of the trace's digits, the last ones may be rounded


def oracle_failures(trace: Trace, found: Found | None = None) -> tuple[int, int, list[Failure]]:
    """Every result of the trace, at full precision, against the independent computation: how many
    results, how many of them gradients, and what does not agree."""
    results, differences, failures = 0, 0, []
    with judging(trace.digits):
        found = found or Found(trace)
        for working in trace.workings:
            values = found.of(working)
            if working.name in values:
                results += 1
                differences += (working.kind, working.phase) == ("gradient", "backward")
                if not _agree(working.exact, values[working.name]) and not found.is_noise(working):
                    failures.append(_failure(working, values[working.name]))
            else:
                failures.append(_failure(working, None))
    return results, differences, failures


@dataclass
class Found:
    """What the judge finds, with its own digits and, where they are asked for, with those of the
    trace."""

    trace: Trace

    def __post_init__(self) -> None:
        self.steps, self.aside = _steps(self.trace.problem), _aside(self.trace)

    def of(self, working: Working) -> Mapping[str, Decimal]:
        """The values by name that the judge has where a working stands: before or after an update,
        or beside the training."""
        return self._among(working, self.steps, self.aside)

    @staticmethod
    def _among(
        working: Working, steps: list[Step], aside: Mapping[str, Mapping[str, Decimal]]
    ) -> Mapping[str, Decimal]:
        if working.phase in aside:
            return aside[working.phase]
        step = steps[-1] if working.phase == "check" else steps[working.epoch - 1]
        return step.after if working.phase == "update" else step.values

    def is_noise(self, working: Working) -> bool:
        """Whether what is apart lies beneath the digits of the trace: no further than its
        operations may err, and beneath its last digits of the largest number there, or as far as
        the judge itself errs with so few."""
        fine = self.of(working)
        expected, apart = fine[working.name], abs(working.exact - fine[working.name])
        if not apart.is_finite() or apart > 10 * self.trace.reaches[working.event]:
            return False
        largest = max(abs(value) for value in fine.values() if value.is_finite())
        if apart <= largest.scaleb(KEPT - self.trace.digits):
            return True
        try:
            coarse = self.coarse.of(working)[working.name]
        except ArithmeticError:  # with so few digits there is no value
            return False
        return coarse.is_finite() and apart <= 100 * abs(coarse - expected)

    @property
    def coarse(self) -> Found:
        """What the judge finds with no more digits than the trace has."""
        with localcontext() as few:
            few.prec = self.trace.digits
            return Found(self.trace)


def _steps(problem: Problem) -> list[Step]:
    return judge_of(problem).run(problem)


def _aside(trace: Trace) -> dict[str, Mapping[str, Decimal]]:
    """What is worked out beside the training, by phase: the nudges, and the pass from where
    gradient descent ends."""
    problem, oracle, found = trace.problem, judge_of(trace.problem), {}
    for name, change in problem.nudge.items():
        before = _steps(problem)[0].values
        after = oracle.moved(problem, {name: before[name] + change.value})
        found[NUDGE + name] = nudge_values(problem.loss_name, name, change.value, before, after)
    if any(working.phase == END for working in trace.workings):
        found[END] = {
            ended(name): value for name, value in at_end(problem, trace.descents[0].end).items()
        }
    return found


def _agree(mine: Decimal, theirs: Decimal, relative: Decimal = AGREE) -> bool:
    return theirs.is_finite() and mine.is_finite() and abs(mine - theirs) <= relative * abs(theirs)


def _failure(working: Working, expected: Decimal | None) -> Failure:
    where = f"epoch {working.epoch}, {working.phase}"
    if expected is None:
        return Failure(
            "oracle",
            where,
            working.shown,
            "",
            f"{working.name} is none of the quantities that the judge knows",
            quantity=working.name,
        )
    said = f"finds {expected:.10g}" if expected.is_finite() else "finds that it has no value"
    return Failure(
        "oracle",
        where,
        working.shown,
        f"{expected:.10g}",
        f"{working.name} is {plain_text(working.exact)[:14]}, the judge {said}",
        quantity=working.name,
    )


# ---- gradient descent ---------------------------------------------------------------------------


def descent_failures(trace: Trace) -> list[Failure]:
    """Every descent by program against the judge's own. Where a start a hair's breadth aside leads
    elsewhere, no digits have a say."""
    return [
        _astray(descent, theirs)
        for descent in trace.descents
        for theirs in _others(trace.problem, descent, min(trace.digits, RUN))
    ]


def _others(problem: Problem, descent: Descent, digits: int) -> Iterator[Course]:
    """What a descent comes to instead, if it is not what the trace says."""
    theirs = judged_run(problem, descent.rate, digits)
    mine = Course(
        descent.fate, descent.updates, descent.swings, tuple(descent.end.values()), descent.loss
    )
    if not _is_same(mine, theirs) and _is_same(
        judged_run(problem, descent.rate, digits, ASIDE.scaleb(FEWEST - digits)), theirs
    ):
        yield theirs


def _is_same(mine: Course, theirs: Course) -> bool:
    """With the same fate after as many updates and, where it stands, at the same point with the
    same loss."""
    if (mine.fate, mine.updates) != (theirs.fate, theirs.updates):
        return False
    with judging():
        least = ALIKE * ALIKE * max(map(abs, theirs.end))
        return mine.fate not in STANDS or all(
            _agree(one, other, ALIKE) or abs(one - other) <= least
            for one, other in zip((*mine.end, mine.loss), (*theirs.end, theirs.loss), strict=True)
        )


def _astray(descent: Descent, theirs: Course) -> Failure:
    told = f"{theirs.fate} after {theirs.updates} updates"
    return Failure(
        "descent",
        f"learning rate {plain_text(descent.rate)}",
        f"{descent.fate} after {descent.updates} updates",
        told,
        f"{told}, at {', '.join(f'{float(value):.10g}' for value in theirs.end)}, the judge finds",
    )

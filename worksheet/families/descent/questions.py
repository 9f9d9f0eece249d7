"""What can be asked about gradient descent on a function."""

from __future__ import annotations

from collections.abc import Iterator

from ...assessment.questions import TRAINED, Part, Questions, is_formula
from ...problem import Ask
from .problem import DescentProblem

PARTS = TRAINED | {"gradient": Part(("derivation",), is_formula)}
MOST_STEPS = 5  # updates that are asked, each; of more, the first alone


def usual(problem: DescentProblem) -> Iterator[Ask]:
    """The gradient as formulas, then step by step its values and the new point, and the function at
    the last of them."""
    yield Ask(of=("gradient",))
    steps = problem.epochs if problem.epochs <= MOST_STEPS else 1
    yield from (Ask(of=("backward", "update"), epoch=epoch) for epoch in range(1, steps + 1))
    if steps == problem.epochs:
        yield Ask(of=("check",), epoch=problem.epochs)


QUESTIONS = Questions(PARTS, usual)

"""What can be asked about a derivation."""

from __future__ import annotations

from collections.abc import Iterator

from ...assessment.questions import Part, Questions
from ...problem import Ask, Problem
from ...views.views import Form, View
from .problem import DerivationProblem


def _is_step(view: View, problem: Problem) -> bool:
    return isinstance(view, Form) and not view.is_goal


PARTS = {"steps": Part(("derivation",), _is_step), "point": Part(("forward", "backward"))}


def usual(problem: DerivationProblem) -> Iterator[Ask]:
    """The forms; where there is a point what is defined, and the derivative there."""
    yield from (Ask(of=(word,)) for word in ("steps", *["point"] * bool(problem.at)))


QUESTIONS = Questions(PARTS, usual)

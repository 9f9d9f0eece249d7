"""What can be asked about a function of several variables."""

from __future__ import annotations

from collections.abc import Iterator

from ...assessment.questions import Part, Questions, is_formula, is_moved, named
from ...problem import Ask
from .problem import GradientProblem

PARTS = {
    "partials": Part(("derivation",), is_formula),
    "gradient": Part(("backward",)),
    "prediction": Part(
        ("check",), lambda view, problem: view.name.endswith("_share") or view.name == "estimate"
    ),
    "change": named("check", "moved_value", "rise", "gap"),
}


def usual(problem: GradientProblem) -> Iterator[Ask]:
    """The partials; at a point their values; of a change what is predicted of it, and what it is."""
    yield from (
        Ask(of=(word,))
        for word in (
            "partials",
            *["gradient"] * bool(problem.at),
            *["prediction", "change"] * bool(problem.change),
        )
    )


QUESTIONS = Questions(PARTS, usual, is_moved)

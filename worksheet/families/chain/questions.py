"""What can be asked about a chain of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...assessment.questions import Part, Questions
from ...problem import Ask, Problem
from ...trace.backward import partial_name
from ...views.views import View
from .problem import ChainProblem


def _of_total(form: str) -> Callable[[View, Problem], bool]:
    """Whether a view is the last form of the derivative of the whole, along the chain (`total`) or
    with everything put in first."""
    return lambda view, problem: (
        view.name == (f"{problem.total}_formula" if form == "total" else f"{form}_formula")
    )


PARTS = {
    "links": Part(
        ("derivation",),
        lambda view, problem: (
            view.name in {f"{partial_name(*pair)}_formula" for pair in problem.pairs}
        ),
    ),
    "chain": Part(("derivation",), _of_total("total")),
    "substitution": Part(("derivation",), _of_total("direct")),
    "point": Part(("backward",), lambda view, problem: view.name == problem.total),
}


def usual(problem: ChainProblem) -> Iterator[Ask]:
    """The links, their product, the same by substitution; its value where there is a point."""
    yield from (
        Ask(of=(word,))
        for word in ("links", "chain", "substitution", *["point"] * bool(problem.at))
    )


QUESTIONS = Questions(PARTS, usual)

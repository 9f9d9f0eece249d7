"""What can be asked about a solution: its parts, and which of them a sheet asks unless its spec
says otherwise. Each family has its own.

A part is asked by one word, `backward`, and stands for its results, not for what leads to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..problem import PHASES, Ask, Descending, Problem
from ..trace.backward import partial_name
from ..views.views import View

MOST_EPOCHS = (
    3  # of so many, each is asked unless the spec says otherwise; of more, the first alone
)
ORDER = (
    "derivation",
    *PHASES,
)  # what a question may be about, in the order of a solution; most have not all of it
LATER = ("loss", "update")  # what a later epoch is asked for, as a whole


class Part(NamedTuple):
    """A part of a solution: the phases it stands in, and which of their quantities are asked."""

    phases: tuple[str, ...]
    is_asked: Callable[[View, Problem], bool] = lambda view, problem: True


class Questions(NamedTuple):
    """The parts of a family's solutions by their words, and the usual tasks. `is_said`: whether the
    tasks themselves say a quantity, as the 2.2 of f(2.2)."""

    parts: Mapping[str, Part]
    usual: Callable[[Any], Iterator[Ask]]  # of a problem of the family
    is_said: Callable[[View], bool] = lambda view: False


def _is_gradient(view: View, problem: Problem) -> bool:
    """Whether a view of the backward pass is the gradient of a parameter, or the first of several."""
    return view.working.name in {
        partial_name(problem.loss_name, name) for name in problem.parameters
    }


TRAINED = {
    "forward": Part(("forward",)),
    "loss": Part(("loss",)),
    "backward": Part(("backward",), _is_gradient),
    "update": Part(("update",)),
    "check": Part(("check",), lambda view, problem: view.working.name in problem.results),
}


def trained(problem: Descending) -> Iterator[Ask]:
    """The phases of the first epoch, later epochs as a whole, the check; without a learning rate no
    update and nothing after it."""
    has_update, is_one = problem.learning_rate is not None, len(problem.quantities) == 1
    yield from (
        Ask(of=(word,))
        for word in (*["forward"] * (not is_one), "loss", "backward", *["update"] * has_update)
    )
    if has_update and problem.epochs <= MOST_EPOCHS:
        yield from (Ask(of=LATER, epoch=epoch) for epoch in range(2, problem.epochs + 1))
        yield Ask(of=("check",), epoch=problem.epochs)


OF_TRAINING = Questions(TRAINED, trained)  # of whatever is trained and asked for nothing else


def named(phases: str, *names: str) -> Part:
    """A part that consists of some quantities."""
    return Part(tuple(phases.split()), lambda view, problem: view.name in names)


def each(*words: str) -> Callable[[Problem], Iterator[Ask]]:
    """A task for each of these parts."""
    return lambda problem: (Ask(of=(word,)) for word in words)


def is_formula(view: View, problem: Problem) -> bool:
    """Whether a view is the last form of a derivation."""
    return view.name.endswith("_formula")


def is_moved(view: View) -> bool:
    """Whether a view is a point that the task itself says, as the 2.2 of f(2.2)."""
    return view.name == "moved" or view.name.endswith("_moved")

"""What can be asked about a solution, by family: its parts, and which of them a sheet asks unless its spec says otherwise.

A part is asked by one word, `backward`, and stands for its results, not for what leads to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ..trace.backward import partial_name
from ..problem import PHASES, Ask, Problem
from ..views.views import Form, View

MOST_EPOCHS = 3      # of so many, each is asked unless the spec says otherwise; of more, the first alone
ORDER = "derivation", *PHASES      # what a question may be about, in the order of a solution; most have not all of it
LATER = ("loss", "update")     # what a later epoch is asked for, as a whole


class Part(NamedTuple):
    """A part of a solution: the phases it stands in, and which of their quantities are asked."""

    phases: tuple[str, ...]
    is_asked: Callable[[View, Problem], bool] = lambda view, problem: True


class Questions(NamedTuple):
    """The parts of a family's solutions by their words, and the usual tasks. `is_said`: whether the tasks themselves say a quantity, as
    the 2.2 of f(2.2)."""

    parts: Mapping[str, Part]
    usual: Callable[[Problem], Iterator[Ask]]
    is_said: Callable[[View], bool] = lambda view: False


def _is_gradient(view: View, problem: Problem) -> bool:
    """Whether a view of the backward pass is the gradient of a parameter, or the first of several."""
    return view.working.name in {partial_name(problem.loss_name, name) for name in problem.parameters}


TRAINED = {"forward": Part(("forward",)), "loss": Part(("loss",)), "backward": Part(("backward",), _is_gradient), "update": Part(("update",)),
           "check": Part(("check",), lambda view, problem: view.working.name in problem.results)}


def _trained(problem: Problem) -> Iterator[Ask]:
    """The phases of the first epoch, later epochs as a whole, the check; without a learning rate no update and nothing after it."""
    has_update, is_one = problem.learning_rate is not None, problem.family == "formulas" and len(problem.formulas) == 1
    yield from (Ask(of=(word,)) for word in (*["forward"] * (not is_one), "loss", "backward", *["update"] * has_update))
    if has_update and problem.epochs <= MOST_EPOCHS:
        yield from (Ask(of=LATER, epoch=epoch) for epoch in range(2, problem.epochs + 1))
        yield Ask(of=("check",), epoch=problem.epochs)


def _is_formula(view: View, problem: Problem) -> bool:
    return view.name.endswith("_formula")


DESCENDED = TRAINED | {"gradient": Part(("derivation",), _is_formula)}
MOST_STEPS = 5      # updates of gradient descent on a function


def _descended(problem: Problem) -> Iterator[Ask]:
    """The gradient as formulas, then step by step its values and the new point, and the function at the last of them."""
    yield Ask(of=("gradient",))
    steps = problem.epochs if problem.epochs <= MOST_STEPS else 1
    yield from (Ask(of=("backward", "update"), epoch=epoch) for epoch in range(1, steps + 1))
    if steps == problem.epochs:
        yield Ask(of=("check",), epoch=problem.epochs)


def named(phases: str, *names: str) -> Part:
    """A part that consists of some quantities."""
    return Part(tuple(phases.split()), lambda view, problem: view.name in names)


def each(*words: str) -> Callable[[Problem], Iterator[Ask]]:
    """A task for each of these parts."""
    return lambda problem: (Ask(of=(word,)) for word in words)


OF_FUNCTION = {"derivative": named("derivation", "slope_formula"), "slope": named("backward", "slope"),
               "tangent": named("forward backward", "value", "intercept"), "prediction": named("check", "estimate"),
               "change": named("check", "moved_value", "rise", "gap")}


OF_GRADIENT = {"partials": Part(("derivation",), lambda view, problem: view.name.endswith("_formula")), "gradient": Part(("backward",)),
               "prediction": Part(("check",), lambda view, problem: view.name.endswith("_share") or view.name == "estimate"),
               "change": named("check", "moved_value", "rise", "gap")}


def _is_moved(view: View) -> bool:
    return view.name == "moved" or view.name.endswith("_moved")


def _of_gradient(problem: Problem) -> Iterator[Ask]:
    """The partials; at a point their values; of a change what is predicted of it, and what it is."""
    yield from (Ask(of=(word,)) for word in ("partials", *["gradient"] * bool(problem.at), *["prediction", "change"] * bool(problem.change)))


def _of_total(form: str) -> Callable[[View, Problem], bool]:
    """Whether a view is the last form of the derivative of the whole, along the chain (`total`) or with everything put in first."""
    return lambda view, problem: view.name == (f"{partial_name(problem.last, problem.variable)}_formula" if form == "total" else f"{form}_formula")


OF_CHAIN = {"links": Part(("derivation",), lambda view, problem: view.name in {f"{partial_name(*pair)}_formula" for pair in problem.pairs}),
            "chain": Part(("derivation",), _of_total("total")), "substitution": Part(("derivation",), _of_total("direct")),
            "point": Part(("backward",), lambda view, problem: view.name == partial_name(problem.last, problem.variable))}


def _of_chain(problem: Problem) -> Iterator[Ask]:
    """The links, their product, the same by substitution; its value where there is a point."""
    yield from (Ask(of=(word,)) for word in ("links", "chain", "substitution", *["point"] * bool(problem.at)))


def _is_step(view: View, problem: Problem) -> bool:
    return isinstance(view, Form) and not view.is_goal


OF_DERIVATION = {"steps": Part(("derivation",), _is_step), "point": Part(("forward", "backward"))}


def _of_derivation(problem: Problem) -> Iterator[Ask]:
    """The forms; where there is a point what is defined, and the derivative there."""
    yield from (Ask(of=(word,)) for word in ("steps", *["point"] * bool(problem.at)))


QUESTIONS: dict[str, Questions] = {
    "network": Questions(TRAINED, _trained), "formulas": Questions(TRAINED, _trained),
    "function": Questions(OF_FUNCTION, each(*OF_FUNCTION), _is_moved), "gradient": Questions(OF_GRADIENT, _of_gradient, _is_moved), "chain": Questions(OF_CHAIN, _of_chain),
    "descent": Questions(DESCENDED, _descended),
    "derivation": Questions(OF_DERIVATION, _of_derivation)}

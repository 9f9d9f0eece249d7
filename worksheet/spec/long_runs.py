"""What a spec says of the program that carries gradient descent on, and what is wrong with it, for
every family that has one.

learning_rates: [0.1, 1, 10]
until: {gradient: 0.0001, places: 3}
over: [w_1, w_2]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..numbers.number import Number
from ..problem import Descending
from .faults import Faults, did_you_mean
from .models import Descended, UntilPart
from .yaml_reader import Node, clipped

KEYS = ("learning_rates", "until", "over")
LONGEST = 2000  # updates of a run with 50 digits
WORK = 5_000_000  # multiplications in all runs: some seconds
PARAMETER, CALL = (
    5,
    60,
)  # an update takes so many for a weight, and for an activation or another function


def led(spec: Descended, trained: Sequence[str]) -> dict[str, Any]:
    """The fields of a problem: one of the keys is enough for the others to take their usual values;
    `over` is what is trained, if that is no more than two."""
    if not (spec.until or spec.learning_rates or spec.over):
        return {}
    until = spec.until or UntilPart()
    return {
        "learning_rates": tuple(spec.learning_rates),
        "until": until.gradient,
        "end_places": until.places,
        "over": tuple(spec.over or (trained if len(trained) <= 2 else ())),
    }


def check_goes_on(root: Node, faults: Faults, can_lack_rate: bool = False) -> None:
    """Whoever asks for a program has a learning rate for it, and somewhere to go."""
    long_run = root.get("long_run")
    for node in filter(None, map(root.get, KEYS)):
        if can_lack_rate and not root.get("learning_rate"):
            faults.add(
                node.line,
                node.path,
                f"{node.path} needs a learning rate",
                "add learning_rate: 0.1, or leave it out",
            )
        elif long_run and isinstance(long_run.value, Number) and not long_run.value.value:
            faults.add(
                node.line,
                node.path,
                f"{node.path} is for a program that goes on, and long_run is 0",
                "leave one of them out",
            )


def work_of(problem: Descending) -> int:
    """About how many multiplications an update takes."""
    if problem.layers:
        return PARAMETER * len(problem.parameters) + CALL * sum(
            len(layer.units) for layer in problem.layers
        )
    return sum(len(text) + CALL * text.count("(") for text in problem.quantities.values())


def check_long_run(root: Node, problem: Descending, faults: Faults) -> None:
    """`over` names what is trained, and the runs are not too long."""
    longest = min(LONGEST, WORK // (work_of(problem) * (1 + len(problem.learning_rates))))
    if problem.goes_on and problem.long_run > longest:
        node = root.get("long_run") or next(filter(None, map(root.get, KEYS)))
        faults.add(
            node.line,
            node.path,
            f"a run of {problem.long_run} updates with 50 digits takes too long here",
            f"write long_run: {longest}" if longest else "leave it out",
        )
    for entry in root.get("over").entries() if root.get("over") else ():
        if entry.value not in problem.trained:
            faults.add(
                entry.line,
                entry.path,
                f"'{clipped(entry.value)}' is not among what is trained",
                did_you_mean(entry.value, problem.trained),
            )
    if len(set(problem.over)) < len(problem.over):
        faults.add(
            root.get("over").line,
            "over",
            f"'{problem.over[0]}' stands here twice",
            "name two different ones, or one",
        )

"""What a spec may demand of its variants, in `require`: words of a table, the most digits of an
answer, bounds. `variants/requirements.py` says whether a variant fulfils them."""

from __future__ import annotations

from typing import Any, NamedTuple

from .faults import Faults, did_you_mean
from .inequality import HINT, RELATIONS, Inequality, read_inequality
from .yaml_reader import Node, clipped

DEMANDS = {
    "loss-decreases": "the loss after the last update is smaller than before the first",
    "no-dead-unit": "no ReLU of the first forward pass gives 0",
    "dead-unit": "at least one ReLU of the first forward pass gives 0",
    "not-saturated": "no sigmoid or tanh lies within 0.01 of its ends",
    "no-zero-shown": "no answer reads 0",
    "answers-differ": "no answer is that of the problem as it is written",
    "no-ties": "no result lies exactly in the middle between two printable numbers",
    "no-rounding": "every number is exact",
    "parity": "lines, operations, digits and negative results within a tenth of the problem as it is written",
    "agree": "carried and in full precision, predictions, loss and new parameters print the same",
}


class MostDigits(NamedTuple):
    """`{digits: 4}`: at most so many digits to write in each answer."""

    most: int


Demand = str | MostDigits | Inequality


def demands_of(root: Node, demanded: list[Any], faults: Faults) -> tuple[Demand, ...]:
    """The demands of a spec that is sound in its types; what cannot be read is added to `faults`."""
    found: list[Demand] = []
    for index, demand in enumerate(demanded):
        node = root.get("require").value[index]
        if not isinstance(demand, str):
            found.append(MostDigits(demand.digits))
        elif demand in DEMANDS:
            found.append(demand)
        elif any(sign in demand for sign in RELATIONS):
            try:
                found.append(read_inequality(demand))
            except ValueError as fault:
                faults.add(node.line, node.path, str(fault), HINT)
        else:
            faults.add(
                node.line,
                node.path,
                f"unknown requirement '{clipped(demand)}'",
                did_you_mean(demand, [*DEMANDS, "digits"]),
            )
    return tuple(found)

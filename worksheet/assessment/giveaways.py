"""Whether an answer can be told from its neighbours, without working anything out: relations among
the numbers to choose from.

    options 0.6684, 0.1422, 0.9316 and an old weight 0.8 with learning rate 0.2:   0.8 - 0.6684 = 0.2 (0.8 - 0.1422)

Only the right one stands to the left of such a relation: whoever looks for it needs no
backpropagation. What is looked for: one number is a given number times another, or lies a given
number above it, or is its opposite, its complement to 1, what the activation makes of it; the same
for the ways from the old value of a weight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import permutations
from math import exp, log, tanh

CONSTANTS = (2.0, log(10))
ACTIVATED = {"sigmoid": lambda z: 1 / (1 + exp(-z)), "tanh": tanh}


def relations(
    values: Sequence[Decimal],
    known: Collection[Decimal],
    old: Decimal | None = None,
    activation: str = "",
) -> list[tuple[str, ...]]:
    """For each number the relations it has to the others, and its part in them. known: the numbers
    on the sheet; old: the value of a weight before its update; activation: the law that gave the
    right one."""
    numbers = [float(value) for value in values]
    off = max(
        10.0 ** value.as_tuple().exponent for value in values
    )  # what two roundings may make of a relation
    factors = {abs(float(each)) for each in known} | set(CONSTANTS)
    shifts = {abs(float(each)) for each in known}
    found: list[list[str]] = [[] for _ in numbers]
    for (i, one), (j, other) in permutations(enumerate(numbers), 2):
        for name, is_mutual in _between(
            one, other, factors, shifts, off, None if old is None else float(old), activation
        ):
            found[i].append(name)
            if not is_mutual:
                found[j].append(f"{name}, the other")
    return [tuple(sorted(each)) for each in found]


def is_told(
    right: int,
    values: Sequence[Decimal],
    known: Collection[Decimal],
    old: Decimal | None = None,
    activation: str = "",
) -> bool:
    """Whether the number at the place `right` is the only one with its relations."""
    found = relations(values, known, old, activation)
    return found.count(found[right]) == 1


def _between(
    one: float, other: float, factors, shifts, off: float, old: float | None, activation: str
) -> Iterator[tuple[str, bool]]:
    """The relations in which `one` stands on the left; whether they hold the other way round too."""
    pairs = (
        [("", one, other)]
        if old is None
        else [("", one, other), ("way from the old: ", old - one, old - other)]
    )
    for what, left, right in pairs:
        if abs(left + right) <= off:
            yield f"{what}opposite", True
        for sign in ("", "minus "):
            turned = -right if sign else right
            if any(
                abs(left - factor * turned) <= off * (1 + factor)
                for factor in factors
                if abs(factor - 1) > 1e-9 and factor
            ):
                yield f"{what}{sign}factor", False
    if abs(one + other - 1) <= off:
        yield "complement", True
    if any(abs(one - other - shift) <= off for shift in shifts if shift):
        yield "above", False
    if (law := ACTIVATED.get(activation)) and abs(other) < 50 and abs(one - law(other)) <= off:
        yield "activation", False

"""What a number is drawn from: a grid of decimals, or a list. Both are counted and indexed, never
written out.

from -1 to 1 in steps of 0.1, nonzero: 20 numbers, -1.0, -0.9, ..., -0.1, 0.1, ..., 1.0
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..numbers.number import CONTEXT, Number
from .models import ChoicePart

MOST = 10**9  # numbers on one grid; a student writes fewer than nine digits


@dataclass(frozen=True, slots=True)
class Grid:
    """The decimals first, first + step, ...; each is born with `places` decimal places. `hole`: the
    index left out, or None."""

    first: Decimal
    step: Decimal
    size: int
    places: int
    hole: int | None = None

    def __len__(self) -> int:
        return self.size - (self.hole is not None)

    def __getitem__(self, index: int) -> Number:
        if self.hole is not None and index >= self.hole:
            index += 1
        return Number.written(format(CONTEXT.fma(self.step, index, self.first), f".{self.places}f"))

    @property
    def ends(self) -> tuple[Number, Number]:
        """The first and the last number that can be drawn."""
        return self[0], self[len(self) - 1]


@dataclass(frozen=True, slots=True)
class Options:
    """Numbers, words, lists or matrices, as they were written."""

    values: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> Any:
        return self.values[index]

    @property
    def ends(self) -> tuple[Any, ...]:
        """All of them, for they are in no order."""
        return self.values


class Fault(ValueError):
    """A choice that cannot be drawn from: (sentence, hint)."""


def choices_of(part: ChoicePart) -> Grid | Options:
    """The choices of a `vary` entry. Raises Fault where there are none, or where its keys
    contradict each other."""
    grid = {"from": part.start, "to": part.to, "step": part.step}
    forms = [
        bool(part.one_of),
        part.integers is not None,
        any(number is not None for number in grid.values()),
    ]
    if sum(forms) != 1:
        raise Fault(
            "it is not said what to draw from"
            if not any(forms)
            else "from, integers and one_of contradict each other",
            "give one: {from: -1, to: 1, step: 0.1}, {integers: {from: 1, to: 9}} or {one_of: [1, 2, 5]}",
        )
    if part.one_of:
        return _options(part)
    if part.integers:
        return _grid(
            part.integers.start, part.integers.to, Number.written(1), part.nonzero, is_whole=True
        )
    if missing := [key for key, number in grid.items() if number is None]:
        raise Fault(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            "give all three: {from: -1, to: 1, step: 0.1}",
        )
    return _grid(part.start, part.to, part.step, part.nonzero)


def _grid(
    first: Number, last: Number, step: Number, is_nonzero: bool, is_whole: bool = False
) -> Grid:
    width = CONTEXT.subtract(last.value, first.value)
    if width < 0:
        raise Fault(
            f"from {first.text} to {last.text} runs downwards",
            f"write from: {last.text}, to: {first.text}",
        )
    steps, rest = CONTEXT.divmod(width, step.value)
    if is_whole and first.value != first.value.to_integral_value():
        raise Fault(
            f"{first.text} is not a whole number",
            "for decimals write {from: 0.5, to: 2.5, step: 0.5}",
        )
    if rest:
        nearest = CONTEXT.subtract(last.value, rest)
        raise Fault(
            f"steps of {step.text} from {first.text} do not meet {last.text}",
            f"the last one before it is {nearest:f}",
        )
    if steps >= MOST:
        raise Fault("more than a milliard numbers to draw from", "a larger step will do")
    size, places = int(steps) + 1, max(_places(first), _places(step))
    before, off = CONTEXT.divmod(-first.value, step.value)
    hole = int(before) if is_nonzero and not off and 0 <= before < size else None
    grid = Grid(first.value, step.value, size, places, hole)
    if not len(grid):
        raise Fault(
            "nothing is left to draw from", "0 is the only number, and nonzero leaves it out"
        )
    return grid


def _options(part: ChoicePart) -> Options:
    values = [
        value
        for value in part.one_of
        if not (part.nonzero and isinstance(value, Number) and not value.value)
    ]
    if not values:
        raise Fault(
            "nothing is left to draw from", "0 is the only number, and nonzero leaves it out"
        )
    if len({kind_of(value) for value in values}) > 1:
        raise Fault("numbers, words and lists are mixed", "one list holds one kind")
    seen: list = []
    for value in values:
        if plain_values(value) in seen:
            raise Fault(
                "the same option stands twice", "each is drawn as often as the next; leave one out"
            )
        seen.append(plain_values(value))
    return Options(tuple(values))


def kind_of(value: Any) -> str:
    """`number`, `word` or `list`: what an option is."""
    return "number" if isinstance(value, Number) else "word" if isinstance(value, str) else "list"


def plain_values(value: Any) -> Any:
    """A value by what its numbers are worth: 0.5 and 0.50 are the same."""
    if isinstance(value, list):
        return [plain_values(entry) for entry in value]
    return value.value if isinstance(value, Number) else value


def _places(number: Number) -> int:
    return max(0, -Decimal(number.text).as_tuple().exponent)

"""Gradient descent carried on by a program: how far it goes, and what becomes of it.

    w <- w - alpha dL/dw,   again and again

It settles where no slope is larger than `small`; it diverges where a variable or the loss passes
10^20; it leaves where a step leads to a point without a value. A step has gone too far where the
loss rises, or where the slopes before and after it point against each other (their scalar product
is negative; with one variable, the slope has changed its sign). Descent that comes to no end creeps
if none of its last ten steps went too far, and oscillates otherwise; descent that settles swings if
half of its steps did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

BOUND = 10**20
RECENT = 10  # the last steps, by which descent without an end is judged
CLEARLY = 1000  # a loss that is lower by this part of itself is clearly lower
SEEN = 10**9  # a loss that rises by less than this part of itself may only have been rounded

Numbers = Sequence[Any]  # Decimals, or floats that raise where there is no value


class Course(NamedTuple):
    """What became of it: one of `trace.FATES`, after how many updates, with the last point that has
    a loss. nearer: of a run that comes to no end, whether it came nearer to the bottom from quarter
    to quarter (1), was never lower in its second half than in its first (-1), or neither (0).
    is_lost: it broke off because there was no number any more in this arithmetic."""

    fate: str
    updates: int
    swings: bool
    end: Numbers
    loss: Any
    nearer: int = 0
    is_lost: bool = False


def follow(
    start: Numbers,
    rate: Any,
    at: Callable[[Numbers], tuple[Any, Numbers]],
    small: Any,
    longest: int,
) -> Course:
    """Gradient descent from `start` for at most `longest` updates, in whatever arithmetic the
    arguments have; `at(point)`: the loss and the slopes there."""
    point, (height, slopes) = start, at(start)
    went_too_far: list[bool] = []
    heights: list[Any] = []

    def course(fate: str) -> Course:
        return Course(
            fate,
            len(went_too_far),
            2 * sum(went_too_far) >= len(went_too_far) > 0,
            point,
            height,
            _nearer(heights) if fate == "oscillates" else 0,
        )

    try:
        while max(map(abs, slopes)) > small:
            if len(went_too_far) == longest:
                return course("oscillates" if any(went_too_far[-RECENT:]) else "creeps")
            moved = [value - rate * slope for value, slope in zip(point, slopes)]
            there, after = at(moved)
            if max(map(abs, (*moved, there))) > BOUND:
                return course("diverges")
            went_too_far.append(
                rises(height, there)
                or bool(sum(one * other for one, other in zip(slopes, after)) < 0)
            )
            point, height, slopes = moved, there, after
            heights.append(height)
        return course("settles")
    except ArithmeticError as fault:
        return course(
            "diverges" if "overflow" in f"{type(fault).__name__} {fault}".lower() else "leaves"
        )._replace(is_lost=True)


def rises(before: Any, after: Any) -> bool:
    """Whether a loss rises by more than rounding may have done."""
    return bool((after - before) * SEEN > abs(before))


def _nearer(heights: Sequence[Any]) -> int:
    """Whether a run that goes to and fro comes nearer to the bottom, by the highest and lowest
    losses of its four quarters."""
    size = len(heights) // 4
    if not size:
        return 0
    quarters = [heights[place * size : (place + 1) * size] for place in range(4)]
    highs, lows = [max(each) for each in quarters], [min(each) for each in quarters]
    if all(
        (before - after) * CLEARLY > abs(before)
        for tops in (highs, lows)
        for before, after in pairwise(tops)
    ):
        return 1
    best = min(lows[:2])
    return -1 if (best - min(lows[2:])) * SEEN <= abs(best) else 0

"""Where the labels of edges stand: level, in boxes that touch neither each other, nor a unit, nor
the edge of another weight.

Between two columns an edge that rises or falls has its label on it, at the same share of the way
for all where that will do, at 0.27 of it best of all; a level edge has its label in the middle, on
the side away from the others. Between m and n units, s of them in the smaller layer, the edges pass
the share 1/(s + 1) of the way from the other layer at m·n heights, evenly spread: columns that are
far enough apart always have room. Lengths are in pixels; x goes to the right from the first column,
y down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

SHARES = (
    0.27,
    0.3,
    0.25,
    0.33,
    0.22,
    0.36,
    0.4,
    0.18,
    0.45,
    0.5,
)  # of the way of an edge, the best first
APART, CLEAR, BESIDE = (
    2.5,
    1.5,
    2.5,
)  # between two labels; between a label and an edge of another; between a label and its own level edge
LEVEL = 1.0  # an edge that rises no more is level
TRIES = 4000  # of places, before a width is given up


class Box(NamedTuple):
    """An upright rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, across: float, down: float) -> Box:
        """The box, larger by `across` on the left and right and by `down` above and below."""
        return Box(self.left - across, self.top - down, self.right + across, self.bottom + down)

    def moved(self, across: float) -> Box:
        """The box, `across` further to the right."""
        return Box(self.left + across, self.top, self.right + across, self.bottom)

    def meets(self, other: Box, margin: float = 0) -> bool:
        """Whether two boxes overlap, or are nearer to each other than `margin`."""
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    def meets_circle(self, x: float, y: float, radius: float) -> bool:
        """Whether a point of the box is less than `radius` from (x, y)."""
        return (
            max(self.left - x, x - self.right, 0) ** 2 + max(self.top - y, y - self.bottom, 0) ** 2
        ) < radius**2

    def part(self, line: Line) -> tuple[float, float] | None:
        """Between which shares of its way a line is inside; None where it passes by."""
        first, last = 0.0, 1.0
        for start, end, low, high in (
            (line[0], line[2], self.left, self.right),
            (line[1], line[3], self.top, self.bottom),
        ):
            if abs(end - start) < 1e-9:
                if not low < start < high:
                    return None
                continue
            one, other = sorted(((low - start) / (end - start), (high - start) / (end - start)))
            first, last = max(first, one), min(last, other)
        return (first, last) if first < last else None


Line = tuple[float, float, float, float]  # from x, y to x, y


class Wanted(NamedTuple):
    """An edge from a height in the first column to one in the second, and the size of its label; 0
    wide without one. `is_low`: the label of a level edge stands below it."""

    start: float
    end: float
    wide: float = 0
    high: float = 0
    is_low: bool = False


class Column(NamedTuple):
    """The heights of the circles of a column, how large they are, and the boxes of its biases,
    their x as seen from the column."""

    heights: tuple[float, ...]
    radius: float
    biases: tuple[Box, ...] = ()


@lru_cache(maxsize=2048)
def placed(
    edges: tuple[Wanted, ...], first: Column, second: Column, gap: float
) -> tuple[Box | None, ...] | None:
    """The box of each label between two columns that are `gap` apart; None where there is no room."""
    lines = [(edge.start, (edge.end - edge.start) / gap) for edge in edges]
    biases = [*first.biases, *[box.moved(gap) for box in second.biases]]
    if any(_is_on(box, *line) for box in biases for line in lines):
        return None
    labelled = [place for place, edge in enumerate(edges) if edge.wide]
    circles = [
        (x, y, column.radius) for x, column in ((0.0, first), (gap, second)) for y in column.heights
    ]

    def is_free(place: int, box: Box) -> bool:
        return (
            box.left >= 2
            and box.right <= gap - 2
            and not any(box.meets_circle(x, y, radius + 2) for x, y, radius in circles)
            and not any(box.meets(bias, APART) for bias in biases)
            and not any(
                _is_on(box, *line, CLEAR) for other, line in enumerate(lines) if other != place
            )
        )

    shares = (
        [1 - share for share in SHARES]
        if len(second.heights) > len(first.heights)
        else list(SHARES)
    )
    shares += [1 - share for share in shares if share != 0.5]
    free = {place: [] for place in labelled}
    uniform: dict[float, dict[int, Box]] = {}
    for place in labelled:
        for share, box in _candidates(edges[place], gap, shares):
            if is_free(place, box):
                free[place].append(box)
                uniform.setdefault(share, {})[place] = box
    if any(not boxes for boxes in free.values()):
        return None
    level = [place for place in labelled if abs(edges[place].end - edges[place].start) < LEVEL]
    for share in shares:
        fixed = {place: box for place, box in uniform.get(share, {}).items() if place not in level}
        if len(fixed) + len(level) == len(labelled) and (
            found := _chosen(
                [*[[box] for box in fixed.values()], *[free[place] for place in level]]
            )
        ):
            by_place = dict(zip([*fixed, *level], found))
            return tuple(by_place.get(place) for place in range(len(edges)))
    found = _chosen([free[place] for place in labelled])
    by_place = dict(zip(labelled, found or ()))
    return tuple(by_place.get(place) for place in range(len(edges))) if found is not None else None


def _is_on(box: Box, start: float, slope: float, margin: float = 0) -> bool:
    """Whether a line from column to column passes through a box between them."""
    one, other = start + slope * box.left, start + slope * box.right
    return min(one, other) - margin < box.bottom and max(one, other) + margin > box.top


def _candidates(edge: Wanted, gap: float, shares: Sequence[float]) -> Iterator[tuple[float, Box]]:
    """The places of a label, the best first, and the share of the way of each."""
    if abs(edge.end - edge.start) < LEVEL:
        for share in sorted(shares, key=lambda share: abs(share - 0.5)):
            for side in (1, -1) if edge.is_low else (-1, 1):
                yield share, _box(edge, gap, share, side * (edge.high / 2 + BESIDE))
    for share in shares:
        yield share, _box(edge, gap, share, 0)


def _box(edge: Wanted, gap: float, share: float, aside: float) -> Box:
    x, y = share * gap, edge.start + share * (edge.end - edge.start) + aside
    return Box(x - edge.wide / 2, y - edge.high / 2, x + edge.wide / 2, y + edge.high / 2)


def _chosen(free: Sequence[Sequence[Box]]) -> list[Box] | None:
    """One box of each, no two of which touch."""
    chosen: list[Box] = []
    tries = 0

    def goes_on() -> bool:
        nonlocal tries
        if len(chosen) == len(free):
            return True
        for box in free[len(chosen)]:
            tries += 1
            if tries > TRIES:
                return False
            if not any(box.meets(other, APART) for other in chosen):
                chosen.append(box)
                if goes_on():
                    return True
                chosen.pop()
        return False

    return chosen if goes_on() else None

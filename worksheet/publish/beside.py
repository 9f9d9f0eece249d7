"""What stands together on a slide: below each other, or side by side.

Blocks that belong together (a paragraph and the formula it leads to) are never parted. Where all
does not fit below each other, it stands in two or three columns, or in bands of these, one below
the other. A column is as wide as its widest formula, table or drawing; what is left of the width
goes to those with more words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import floor

from .blocks import GAP, HEIGHT, WIDTH, Block, height, laid, least, wanted

GUTTER = 1.7  # em between two columns
MOST = 3  # columns beside each other, and bands below each other
# begins a band of columns so wide, in em; in a slide of one column it is not said
ACROSS = "<!-- columns: {widths} -->"
COLUMN = "<!-- column -->"  # begins another column of it

Group = tuple[Block, ...]  # what stays together


@dataclass(frozen=True)
class Band:
    """Columns side by side: the blocks of each, and how wide it is."""

    columns: tuple[Group, ...]
    widths: tuple[float, ...]

    @property
    def height(self) -> float:
        """Of the highest column, without the space below it."""
        return max(
            sum(height(block, width) for block in blocks) - GAP
            for blocks, width in zip(self.columns, self.widths, strict=True)
        )

    def markdown(self) -> str:
        """Its blocks, each as it is laid out in its column, with a comment between two columns."""
        return f"\n\n{COLUMN}\n\n".join(
            "\n\n".join(laid(block, width).text for block in blocks)
            for blocks, width in zip(self.columns, self.widths, strict=True)
        )


@dataclass(frozen=True)
class Bands:
    """What stands on a slide below its heading."""

    bands: tuple[Band, ...]

    @property
    def height(self) -> float:
        """Of all bands below each other, in em, without the space below the last."""
        return sum(band.height + GAP for band in self.bands) - GAP

    def markdown(self) -> str:
        """Its blocks, each as it is laid out, with a comment where a column begins."""
        if len(self.bands) == len(self.bands[0].columns) == 1:
            return self.bands[0].markdown()
        return "\n\n".join(
            ACROSS.format(widths=" ".join(f"{width:.1f}" for width in band.widths))
            + "\n\n"
            + band.markdown()
            for band in self.bands
        )


def arranged(groups: list[Group]) -> Bands | None:
    """The groups in their order, as simply as will do; none where no way fits."""
    for count in range(1, MOST + 1):
        if simple := next(
            (band for band in _bands(tuple(groups), count) if band.height <= HEIGHT), None
        ):
            return Bands((simple,))
    for count in range(2, MOST + 1):
        ways = [
            Bands(bands)
            for parts in _divisions(groups, count)
            if all(bands := tuple(map(_lowest, parts)))
        ]
        if found := [way for way in ways if way.height <= HEIGHT]:
            return min(found, key=lambda way: way.height)
    return None


def alone(group: Group) -> Bands:
    """A group below its heading, though it be too high."""
    return Bands((Band((group,), (WIDTH,)),))


@lru_cache(maxsize=4096)
def _lowest(groups: tuple[Group, ...]) -> Band | None:
    """The groups beside each other in the lowest way."""
    return min(
        (band for count in range(1, MOST + 1) for band in _bands(groups, count)[:1]),
        key=lambda band: band.height,
        default=None,
    )


@lru_cache(maxsize=4096)
def _bands(groups: tuple[Group, ...], count: int) -> tuple[Band, ...]:
    """The groups in so many columns, the lowest way first."""
    found = []
    for parts in _divisions(groups, count):
        columns = tuple(sum(part, ()) for part in parts)
        found += [Band(columns, widths) for widths in _widths(columns)]
    return tuple(sorted(found, key=lambda band: band.height))


def _divisions(
    groups: list[Group] | tuple[Group, ...], count: int
) -> Iterator[list[tuple[Group, ...]]]:
    """Every way to part the groups into so many runs."""
    for cuts in combinations(range(1, len(groups)), count - 1):
        ends = [0, *cuts, len(groups)]
        yield [tuple(groups[start:end]) for start, end in zip(ends, ends[1:])]


def _widths(columns: tuple[Group, ...]) -> Iterator[tuple[float, ...]]:
    """How wide the columns may be: what is spare goes to each alike, or by its words; none where
    they do not fit beside each other."""
    needed = [max(map(least, blocks), default=0.0) for blocks in columns]
    spare = WIDTH - GUTTER * (len(columns) - 1) - sum(needed)
    if len(columns) > 1 and spare < 0:
        return
    more = [
        sum(max(0.0, wanted(block) - width) for block in blocks)
        for blocks, width in zip(columns, needed, strict=True)
    ]
    shares = ([[each / sum(more) for each in more]] if sum(more) else []) + [
        [1 / len(columns)] * len(columns)
    ]
    for each in shares:
        yield tuple(
            floor(10 * (width + spare * share)) / 10
            for width, share in zip(needed, each, strict=True)
        )  # as it is written

"""A voice that does not say everything twice: the first time a step comes it is explained, later it
is said shortly, and not always in the same words. Which words is drawn from the seed, so the same
spec gives the same page.
"""

from __future__ import annotations

from collections import Counter

from ..draws import Draws


class Voice:
    """What has been said on a page, by step. Without a seed every sentence is the first of its
    step, as it always was."""

    def __init__(self, seed: int | None, of: str):
        self.seed, self.of = seed, of
        self.times: Counter[str] = Counter()
        self.last: dict[str, int] = {}
        self.known: set[str] = set()

    def knows(self, what: str) -> bool:
        """Whether something has been explained before; asked once, it has been. Without a seed
        everything is new every time."""
        is_known = self.seed is not None and what in self.known
        self.known.add(what)
        return is_known

    def one_of(self, step: str, *sentences: str) -> str:
        """The first sentence when a step comes first, one of the others later, never the same twice
        in a row where there are two; they may speak of another quantity each time."""
        times = self.times[step]
        self.times[step] += 1
        if self.seed is None or not times or len(sentences) < 2:
            return sentences[0]
        others = [place for place in range(1, len(sentences)) if place != self.last.get(step)] or [
            1
        ]
        self.last[step] = others[Draws(self.of, self.seed, 1, times).index(step, len(others))]
        return sentences[self.last[step]]

"""Draws that stay the same for years: a number from the hash of what it is drawn for.

    index = SHA-256("worksheet draw 1 \\n problem \\n seed \\n copy \\n attempt \\n what") mod count

The text is UTF-8 in normal form C with a bare newline between its parts, the digest one whole
number with its first byte in front. Each thing has a draw of its own, so another quantity that
varies moves none of the others. No state, no library's sampling: tests/test_draws.py pins the
numbers, and whoever changes them re-numbers every exam ever given.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one attempt at one copy; copies count from 1, attempts from 0."""

    problem: str
    seed: int
    copy: int
    attempt: int

    def index(self, what: str, count: int) -> int:
        """A whole number from 0 to count - 1; 256 bits make every one as likely as the next."""
        text = "\n".join(
            (
                "worksheet draw 1",
                self.problem,
                str(self.seed),
                str(self.copy),
                str(self.attempt),
                what,
            )
        )
        return int.from_bytes(sha256(normalize("NFC", text).encode()).digest(), "big") % count

    def indices(self, whats: Sequence[str], count: int, is_distinct: bool) -> list[int]:
        """One number for each of `whats`; where they must be distinct, each is drawn from those
        still left."""
        if not is_distinct:
            return [self.index(what, count) for what in whats]
        found: list[int] = []
        taken: list[int] = []  # in order
        for what in whats:
            index = self.index(what, count - len(taken))
            # past every taken number that is not above it: taken[i] has taken[i] - i free ones
            # below
            index += bisect_right(range(len(taken)), index, key=lambda i: taken[i] - i)
            insort(taken, index)
            found.append(index)
        return found

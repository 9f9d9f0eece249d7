"""One number that did not pass its proof."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """Which proof, where, what stands there, what should be."""

    proof: str
    where: str
    printed: str
    expected: str
    message: str
    line: str = ""      # the text of the page there

    def __str__(self) -> str:
        text = f"{self.where}: {self.message} [{self.proof}]"
        return f"{text}\n    {self.line}" if self.line else text

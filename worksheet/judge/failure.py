"""One number that did not pass its proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..standing import Places


@dataclass(frozen=True, slots=True)
class Failure:
    """Which proof, where, what stands there, what should be. `quantity`: the name of what it is
    about, if it is about one."""

    proof: str
    where: str
    printed: str
    expected: str
    message: str
    line: str = ""  # the text of the page there
    quantity: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.message} [{self.proof}]"
        return f"{text}\n    {self.line}" if self.line else text


def placed(failures: Iterable[Failure], places: Places) -> tuple[Failure, ...]:
    """The same failures; where one is about a quantity, with the place of that in the spec:
    `spec.yaml:7: given.w, epoch 1, update`."""
    return tuple(
        replace(
            each, where=", ".join(filter(None, (places.of(each.quantity), each.where))), quantity=""
        )
        if each.quantity
        else each
        for each in failures
    )

"""Where the quantities of a problem stand in its spec, kept for messages: `spec.yaml:7:
layers[0].units[0]`.

places.of("z_h"); places.of("dL_dw_h")        # a gradient stands where what it is taken by does
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WHAT = re.compile(r"has no finite value|passes 10\^\d+")


def in_first_epoch(message: str, start: int) -> str:
    """The message with the epoch in which a quantity was wanted, behind what is said of it from
    `start` on."""
    what = _WHAT.match(message, start)
    return f"{message[: what.end()]} in epoch 1{message[what.end() :]}" if what else message


class Places:
    """The place of each name of a problem, and that of its family's key for what the solution alone
    has a name for.

    A problem is the same wherever it stands, so all of them are equal."""

    __slots__ = ("otherwise", "names")

    def __init__(self, names: Mapping[str, str] | None = None, otherwise: str = ""):
        self.names, self.otherwise = names or {}, otherwise

    def of(self, quantity: str) -> str:
        """`file:line: path` of a quantity, of the one that it is made from (dL_dw_h, w_h__end,
        h_moved: w_h, w_h, h), or of the whole."""
        if quantity in self.names:
            return self.names[quantity]
        parts = [
            name
            for name in self.names
            if re.search(rf"(?:^|_d|_){re.escape(name)}(?:_|$)", quantity)
        ]
        last = max(
            parts, key=lambda name: (quantity.rindex(name) + len(name), len(name)), default=""
        )
        return self.names.get(last, self.otherwise)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places)

    def __hash__(self) -> int:
        return hash(Places)

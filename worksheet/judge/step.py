"""One epoch as a judge has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

Ground = Callable[
    [Sequence[Decimal]], tuple[Decimal, list[Decimal]]
]  # the loss and its slopes at a point


@dataclass(frozen=True, slots=True)
class Step:
    """One epoch by name: what the trace calls `z_h`, `y_hat`, `w_h`, `L`, `dL_dw_h`.

    `values` holds every quantity and every gradient, and the parameters before the update. `after`
    holds all parameters after the update, frozen ones unchanged. The last step of a run is the
    check: what is there after the last update, `after` empty.
    """

    epoch: int
    values: Mapping[str, Decimal | float]
    after: dict[str, Decimal | float]

    @property
    def in_floats(self) -> Step:
        """The same for a figure."""
        return replace(
            self,
            values={name: float(value) for name, value in self.values.items()},
            after={name: float(value) for name, value in self.after.items()},
        )

"""The formulas of a problem that gradient descent moves, worked out at one point."""

from __future__ import annotations

from ..algebra.parser import read
from ..problem import Descending
from ..trace.tape import Tape


def worked_out(
    problem: Descending, tape: Tape, phases: tuple[str, str], epoch: int, kind: str = "activation"
) -> None:
    """Every formula in order, the last one in a phase of its own; `kind`: by which the others have
    their digits."""
    tape.begin(phases[0], epoch)
    for name, text in problem.quantities.items():
        is_last = name == problem.loss_name
        if is_last:
            tape.phase = phases[1]
        tape.let(name, read(text), "loss" if is_last else kind)

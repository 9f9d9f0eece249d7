"""What a gradient means, tried out: one parameter is moved a little, and what follows from it is
worked out again.

    predicted = dL/dw * dw,    w' = w + dw,    h', y_hat', L',    L' - L against predicted

Each has a phase of its own, `nudge w`. What has moved is called `y_hat_prime`; the training goes on
as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from ..algebra.expression import Expr, Name, names, substitute
from ..numbers.number import Number
from ..problem import NUDGE
from ..tex.notation import Symbols, decorated
from .backward import partial_name
from .tape import Entry, Tape

ENDINGS = ("_prime", "_delta", "_predicted", "_gap")  # of the names that a nudge brings along


def work_nudges(tape: Tape, loss: str, nudge: dict[str, Number]) -> None:
    """Every nudge after the first backward pass, whose forward pass is still on the tape."""
    passed, worked = list(tape.entries), {working.name: working for working in tape.workings}
    for parameter, change in nudge.items():
        tape.begin(NUDGE + parameter, 1)
        delta = tape.given(f"{parameter}_delta", change)
        tape.let(f"{loss}_predicted", Name(partial_name(loss, parameter)) * delta, "loss")
        tape.let(f"{parameter}_prime", Name(parameter) + delta, "weight")
        moved = moved_formulas(passed, parameter)
        for (_, layer, kind), group in groupby(
            moved.items(), lambda item: _vector(worked[item[0]])
        ):
            tape.let_all(
                {f"{name}_prime": {"formula": formula} for name, formula in group},
                kind,
                layer=layer,
            )
        actual = tape.let(f"{loss}_delta", Name(f"{loss}_prime") - Name(loss), "loss")
        tape.let(f"{loss}_gap", actual - Name(f"{loss}_predicted"), "loss")


def _vector(working) -> tuple:
    """What the entries of one vector have in common; a quantity without a layer stands alone."""
    return "" if working.layer else working.name, working.layer, working.kind


def moved_formulas(passed: Iterable[Entry], parameter: str) -> dict[str, Expr]:
    """The formulas of all that depends on the parameter, in the moved quantities."""
    moved, formulas = {parameter}, {}
    for entry in passed:
        if moved & set(names(entry.formula)):
            formulas[entry.name] = substitute(
                entry.formula, lambda name: Name(f"{name}_prime") if name in moved else None
            )
            moved.add(entry.name)
    return formulas


def nudge_values(
    loss: str,
    parameter: str,
    change: float,
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> dict[str, float]:
    """What a nudge comes to by values that were found elsewhere: those before it, gradients
    included, and those after it."""
    predicted, actual = before[partial_name(loss, parameter)] * change, after[loss] - before[loss]
    return {f"{name}_prime": value for name, value in after.items()} | {
        f"{parameter}_prime": before[parameter] + change,
        f"{loss}_predicted": predicted,
        f"{loss}_delta": actual,
        f"{loss}_gap": actual - predicted,
    }


def nudge_symbols(workings: Iterable, loss: str, symbols: Symbols) -> dict[str, str]:
    r"""The TeX of the names of nudges: `\Delta w_2`, `\hat{y}'`, `\Delta L_{\text{predicted}}`."""
    found = {}
    for name in [
        working.name
        for working in workings
        if working.phase.startswith(NUDGE) and working.name.endswith("_prime")
    ]:
        plain = symbols(name.removesuffix("_prime"))
        found |= {
            name: decorated(plain, prime="'"),
            name.removesuffix("_prime") + "_delta": rf"\Delta {plain}",
        }
    change = rf"\Delta {symbols(loss)}"
    predicted = decorated(change, index=r"\text{predicted}")
    return found | {
        f"{loss}_delta": change,
        f"{loss}_predicted": predicted,
        f"{loss}_gap": f"{change} - {predicted}",
    }

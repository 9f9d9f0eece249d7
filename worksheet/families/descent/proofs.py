"""What the pages of gradient descent on a function state beside its workings."""

from __future__ import annotations

from ...algebra.expression import Expr
from ...algebra.parser import read
from ...proofs.inventory import Inventory, target_of
from ...trace.backward import partial_name


def stated(inventory: Inventory) -> None:
    """Single updates, of a weight that may be any."""
    problem, weight = inventory.problem, inventory.page.case_weight()
    for place in range(1, len(problem.cases) + 1):
        for symbol, part in (
            (weight, "value"),
            (partial_name(problem.name, weight), "gradient"),
            (problem.notation.learning_rate, "learning_rate"),
        ):
            shown = inventory.trace.before(f"case_{place}_{part}", 1).shown
            inventory.history.setdefault(target_of(inventory.plain(symbol)), []).append((shown,))


def function(inventory: Inventory, name: str) -> tuple[tuple[str, ...], Expr] | None:
    """Variables and formula of the function; None for any other name."""
    problem = inventory.problem
    return (
        (tuple(problem.start), read(problem.formula))
        if inventory.is_called(name, problem.name)
        else None
    )

"""What the pages of a derivation state beside their workings, and where their derivations are
tried."""

from __future__ import annotations

from decimal import Decimal

from ...algebra.expression import Expr, names
from ...algebra.parser import read
from ...judge.identities import on_all_sides, written_out
from ...proofs.inventory import Inventory
from ...trace.recorder import as_shown
from .problem import DerivationProblem


def points(problem: DerivationProblem) -> list[dict[str, Decimal]]:
    """On all sides of 0: an author's form may hold on one of them only."""
    return on_all_sides(
        list(dict.fromkeys(each for expr in definitions(problem).values() for each in names(expr)))
    )


def definitions(problem: DerivationProblem) -> dict[str, Expr]:
    """What the names of a derivation stand for, each in names that are free."""
    found: dict[str, Expr] = {}
    for name, text in problem.definitions.items():
        found[name] = written_out(read(text), found)
    return found


def stated(inventory: Inventory) -> None:
    """The definitions, also where the problem has no point."""
    for name, text in inventory.problem.definitions.items():
        inventory.state(name, as_shown(read(text)))

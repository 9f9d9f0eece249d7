"""What a diagram of a graph of formulas shows."""

from __future__ import annotations

from collections import Counter

from ...algebra.expression import names
from ...algebra.parser import read
from ...proofs.diagrams import Picture, plain
from .problem import FormulasProblem


def picture(problem: FormulasProblem) -> Picture:
    """A circle for each given and each formula, an edge from each operand."""
    found = Picture(Counter(map(plain, (*problem.given, *problem.formulas))))
    for name, text in problem.formulas.items():
        found.edges.update((plain(operand), plain(name), False) for operand in names(read(text)))
    return found

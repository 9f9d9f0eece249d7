"""What templates know of the computational graph of a problem: its mermaid text, and whose
derivatives stand in it."""

from __future__ import annotations

from typing import Any

from ..circuits.drawing import drawn
from ..circuits.graph import circuit_of, formulas_of
from ..circuits.text import rules_of, written
from ..tex.notation import Symbols
from ..trace.trace import Trace
from .blanks import Holes


def circuit_facts(trace: Trace, symbols: Symbols, holes: Holes) -> dict[str, Any] | None:
    """None where the author asks for none, and on a page with blanks, whose numbers it would give
    away. Raises WorksheetError where it is larger than a page."""
    problem = trace.problem
    if not problem.circuit or holes.events:
        return None
    circuit = circuit_of(trace)
    drawn(circuit, where=problem.places.otherwise)
    last = list(formulas_of(problem))[-1]
    return {
        "text": written(circuit).strip(),
        "of": last,
        "symbol": symbols(last),
        "has_local": any(place.local for place in circuit.places.values()),
        "rules": rules_of(circuit),
    }

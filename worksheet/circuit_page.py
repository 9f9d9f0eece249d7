"""What templates know of the computational graph of a problem: its mermaid text, and whose derivatives stand in it."""

from __future__ import annotations

from typing import Any

from .circuit_drawing import drawn
from .circuit_text import rules_of, written
from .circuits import circuit_of
from .holes import Holes
from .notation import Symbols
from .trace import Trace


def circuit_facts(trace: Trace, symbols: Symbols, holes: Holes) -> dict[str, Any] | None:
    """None where the author asks for none, and on a page with blanks, whose numbers it would give away. Raises WorksheetError where it is larger than a
    page."""
    problem = trace.problem
    if not problem.circuit or holes.events:
        return None
    circuit = circuit_of(trace)
    drawn(circuit, where=problem.places.otherwise)
    last = problem.results[-1] if problem.family == "network" else problem.loss_name or problem.last
    return {"text": written(circuit).strip(), "of": last, "symbol": symbols(last), "has_local": any(place.local for place in circuit.places.values()),
            "rules": rules_of(circuit)}

"""Worked solutions for small neural networks, generated and proved.

    import worksheet
    problem = worksheet.load("problems/one-hidden-neuron.yaml")
    note = worksheet.make_note(problem)      # a notebook shows it; note.text is its Markdown

Step by step: `trace = solve(problem)`, `text = render(trace)`, `proof = check(trace, text)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import ProofError, SpecError, WorksheetError
    from .figures.draw import draw
    from .notes import Note, make_note, write_note
    from .pages.render import render
    from .problem import Problem
    from .proofs.checks import Proof, check
    from .solution import solve
    from .spec.load import load, loads, schema
    from .trace.trace import Trace
    from .worksheets import make_worksheet

__all__ = [
    "Note",
    "Problem",
    "Proof",
    "ProofError",
    "SpecError",
    "Trace",
    "WorksheetError",
    "check",
    "draw",
    "load",
    "loads",
    "make_note",
    "make_worksheet",
    "render",
    "schema",
    "solve",
    "write_note",
]

# imported when they are first used: `worksheet --help` needs none of it
_PLACES = {
    "load": "spec.load",
    "loads": "spec.load",
    "schema": "spec.load",
    "Problem": "problem",
    "solve": "solution",
    "Trace": "trace.trace",
    "render": "pages.render",
    "check": "proofs.checks",
    "Proof": "proofs.checks",
    "draw": "figures.draw",
    "make_note": "notes",
    "write_note": "notes",
    "make_worksheet": "worksheets",
    "Note": "notes",
    "WorksheetError": "errors",
    "SpecError": "errors",
    "ProofError": "errors",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f".{_PLACES[name]}", __name__), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("worksheet")
    raise AttributeError(f"module 'worksheet' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__

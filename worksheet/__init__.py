"""Worked solutions for small neural networks, generated and proved.

    import worksheet
    problem = worksheet.load("problems/one-hidden-neuron.yaml")
    note = worksheet.make_note(problem)      # a notebook shows it; note.text is its Markdown

Step by step: `trace = solve(problem)`, `text = render(trace)`, `proof = check(trace, text)`.
"""

from __future__ import annotations

from importlib import import_module

# imported when they are first used: `worksheet --help` needs none of it
_PLACES = {
    "load": "spec.load", "loads": "spec.load", "schema": "spec.load", "Problem": "problem", "solve": "solution", "Trace": "trace.trace",
    "render": "pages.render", "check": "proofs.checks", "Proof": "proofs.checks", "draw": "figures.draw", "make_note": "notes", "write_note": "notes",
    "make_worksheet": "worksheets",
    "Note": "notes", "WorksheetError": "errors", "SpecError": "errors", "ProofError": "errors",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str):
    if name in _PLACES:
        return getattr(import_module(f".{_PLACES[name]}", __name__), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("worksheet")
    raise AttributeError(f"module 'worksheet' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__

"""What the page of a derivation hands to its templates."""

from __future__ import annotations

from . import facts
from .formulas import read
from .identities import points_of
from .page import Page
from .recorder import as_shown
from .typeset import tex


class DerivationPage(Page):
    """The document of a derivation."""

    is_beside = True

    def meanings(self) -> facts.Facts:
        definitions = {name: tex(as_shown(read(text)), self.style) for name, text in self.problem.definitions.items()}
        return {name: {"role": "meant", "formula": formula} for name, formula in definitions.items()}

    def context(self) -> facts.Facts:
        problem, [derivation] = self.problem, self.trace.derivations
        start, *steps = [tex(step.expr, self.style) for step in derivation.steps]
        return super().context() | {"p": facts.frame_facts(problem) | {
            "definitions": [{"symbol": self.symbols(name), "tex": tex(as_shown(read(text)), self.style)} for name, text in problem.definitions.items()],
            "by": self.symbols(problem.by), "has_others": len(points_of(self.trace)[0]) > 1, "left": self.symbols(derivation.name), "start": start,
            "steps": [{"why": facts.words(reason.why), "tex": form} for reason, form in zip(problem.steps, steps, strict=True)]}}

"""What the page of a derivation hands to its templates."""

from __future__ import annotations

from decimal import Decimal

from ...algebra.expression import differentiates
from ...algebra.parser import read
from ...judge.identities import points_of
from ...pages import facts
from ...pages.page import Page
from ...tex.writer import tex
from ...trace.recorder import as_shown


class DerivationPage(Page):
    """The document of a derivation."""

    is_beside = True

    def meanings(self) -> facts.Facts:
        """The formula that each definition stands for, and the derivatives."""
        definitions = {
            name: tex(as_shown(read(text)), self.style)
            for name, text in self.problem.definitions.items()
        }
        return {
            name: {"role": "meant", "formula": formula} for name, formula in definitions.items()
        } | self.derivatives()

    def context(self) -> facts.Facts:
        """The definitions, each form with its reason, and the last form as the goal, empty where it
        is none or a blank."""
        problem, [derivation] = self.problem, self.trace.derivations
        forms = self.chains("derivation", 1)
        return super().context() | {
            "p": facts.frame_facts(problem)
            | {
                "definitions": [
                    {"symbol": self.symbols(name), "tex": tex(as_shown(read(text)), self.style)}
                    for name, text in problem.definitions.items()
                ],
                "by": self.symbols(problem.by),
                "has_others": len(points_of(self.trace)[0]) > 1,
                "left": self.symbols(derivation.name),
                "start": tex(derivation.steps[0].expr, self.style),
                "first_number": next(
                    (
                        place
                        for place, step in enumerate(derivation.steps)
                        if not differentiates(step.expr)
                    ),
                    0,
                ),
                "is_rounded": any(
                    Decimal(working.shown) != working.exact for working in self.trace.workings
                ),
                "given": facts.given_facts(problem.at, self.style),
                "goal": self.form(forms[-1])
                if forms[-1].is_goal and forms[-1].name not in self.holes.forms
                else "",
                "steps": [
                    {"name": form.name, "why": facts.words(reason.why), "tex": self.form(form)}
                    for reason, form in zip(problem.steps, forms, strict=True)
                ],
            }
        }


PAGE = DerivationPage

r"""What the page of a chain of functions hands to its templates. A derivative at a point says
where: `\frac{dz}{dy}(7)`."""

from __future__ import annotations

from dataclasses import replace

from ...pages import facts
from ...pages.page import Page, aligned
from ...tex.notation import Symbols
from ...tex.writer import tex
from ...trace.backward import partial_name
from ...trace.recorder import as_shown
from ...trace.trace import Derivation
from ...views.views import Form, View, forms
from .solve import DIRECT, WHOLE


class ChainPage(Page):
    """The document of a chain of functions."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        r"""`\frac{dz}{dy}(7)`: each derivative says where it is taken; nothing without a point."""
        problem = self.problem
        if not problem.at:
            return {}
        start = self.numeral(problem.at[problem.variable].text)
        places = {problem.variable: start} | {
            name: self.numeral(self.trace.find(name).shown) for name in problem.links
        }
        found = {
            partial_name(name, before): f"{self.slope(name, before)}({places[before]})"
            for name, before in problem.pairs
        }
        return found | {
            partial_name(
                problem.last, problem.variable
            ): f"{self.slope(problem.last, problem.variable)}({start})"
        }

    def meanings(self) -> dict[str, facts.Facts]:
        """With the derivatives of the links, and the variable."""
        return (
            super().meanings() | self.derivatives() | {self.problem.variable: {"role": "variable"}}
        )

    def slope(self, of: str, by: str) -> str:
        r"""`\frac{dz}{dy}`, wherever it is taken."""
        return Symbols.of(self.problem)(partial_name(of, by))

    def context(self) -> facts.Facts:
        """Each link with its derivation, their product along the chain, and the whole as one
        formula, whose derivative is taken directly."""
        problem, symbols, seen = self.problem, Symbols.of(self.problem), set()
        *links, along, whole, direct = self.trace.derivations
        x, formulas = symbols(problem.variable), problem.formulas
        if problem.at:
            self.said |= {
                self.trace.find(name).shown.lstrip("-") for name in problem.links
            }  # in the name of a derivative: where it is taken
        return super().context() | {
            "p": facts.frame_facts(problem)
            | {
                "x": x,
                "last": symbols(problem.last),
                "total": self.slope(problem.last, problem.variable),
                "links": [
                    {
                        "symbol": symbols(name),
                        "of": symbols(before),
                        "formula": tex(as_shown(formulas[name]), self.style),
                        "left": self.slope(name, before),
                        **self.derived(derivation, seen),
                    }
                    for (name, before), derivation in zip(problem.pairs, links, strict=True)
                ],
                "along": [
                    {"rule": step.rules[0], "tex": form}
                    for step, form in zip(
                        along.steps[1:], map(self.form, forms(along)), strict=True
                    )
                ],
                "whole": aligned(
                    f"{symbols(problem.last)}({x})",
                    [
                        ("=", tex(whole.steps[0].expr, self.style)),
                        *[("=", self.form(form)) for form in forms(whole)],
                    ],
                ),
                "direct": self.derived(direct, seen),
                "given": facts.given_facts(problem.at, self.style),
            }
        }

    def derived(self, derivation: Derivation, seen: set[str]) -> facts.Facts:
        """A derivative rule by rule."""
        return {
            "start": tex(derivation.steps[0].expr, self.style),
            "steps": facts.step_facts(derivation, list(map(self.form, forms(derivation))), seen),
        }

    def form_tex(self, form: Form) -> str:
        """In names: its derivatives do not say where they are taken."""
        return tex(form.result, replace(self.style, symbols=Symbols.of(self.problem)))

    def symbol(self, view: View) -> str:
        r"""`z(x)` before the forms of the whole, `\frac{dz}{dx}` before those of its derivative."""
        if not isinstance(view, Form):
            return super().symbol(view)
        problem, symbols = self.problem, Symbols.of(self.problem)
        named = {
            WHOLE: f"{symbols(problem.last)}({symbols(problem.variable)})",
            DIRECT: self.slope(problem.last, problem.variable),
        }
        return named.get(view.derivation) or symbols(view.derivation)


PAGE = ChainPage

r"""What the page of a chain of functions hands to its templates. A derivative at a point says where: `\frac{dz}{dy}(7)`."""

from __future__ import annotations

from dataclasses import replace

from . import facts
from .backward import partial_name
from .expression import Expr
from .formulas import read
from .notation import Symbols
from .page import Page, aligned
from .recorder import as_shown
from .trace import Derivation
from .typeset import tex


class ChainPage(Page):
    """The document of a chain of functions."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        problem = self.problem
        if not problem.at:
            return {}
        start = problem.at[problem.variable].text
        places = {problem.variable: start} | {name: self.trace.find(name).shown for name in problem.links}
        found = {partial_name(name, before): f"{self.slope(name, before)}({places[before]})" for name, before in problem.pairs}
        return found | {partial_name(problem.last, problem.variable): f"{self.slope(problem.last, problem.variable)}({start})"}

    def slope(self, of: str, by: str) -> str:
        r"""`\frac{dz}{dy}`, wherever it is taken."""
        return Symbols.of(self.problem)(partial_name(of, by))

    def context(self) -> facts.Facts:
        problem, symbol, seen = self.problem, Symbols.of(self.problem), set()
        *links, along, whole, again = self.trace.derivations
        x = symbol(problem.variable)
        return super().context() | {"p": facts.frame_facts(problem) | {
            "x": x, "last": symbol(problem.last), "total": self.slope(problem.last, problem.variable),
            "links": [{"symbol": symbol(name), "of": symbol(before), "formula": tex(as_shown(read(problem.links[name])), self.style),
                       "left": self.slope(name, before), **self.derived(derivation, seen)}
                      for (name, before), derivation in zip(problem.pairs, links, strict=True)],
            "along": [{"rule": step.rules[0], "tex": self.plain(step.expr)} for step in along.steps[1:]],
            "whole": aligned(f"{symbol(problem.last)}({x})", [("=", self.plain(step.expr)) for step in whole.steps]),
            "again": self.derived(again, seen), "given": facts.given_facts(problem.at, self.style)}}

    def derived(self, derivation: Derivation, seen: set[str]) -> facts.Facts:
        """A derivative rule by rule."""
        start, *steps = [self.plain(step.expr) for step in derivation.steps]
        return {"start": start, "steps": facts.step_facts([step.rules for step in derivation.steps[1:]], steps, seen)}

    def plain(self, expr: Expr) -> str:
        """A form in names, whose derivatives say no place."""
        return tex(expr, replace(self.style, symbols=Symbols.of(self.problem)))

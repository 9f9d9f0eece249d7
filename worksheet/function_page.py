r"""What the page of a function of one variable hands to its templates.

Quantities bear the names of a lecture: `f(2)`, `f'(2)`, `\Delta x`, `f(2.1)`, `\Delta f`; `t` is the tangent.
"""

from __future__ import annotations

from . import facts
from .derivative import add, multiply
from .expression import Literal, Name
from .formulas import read
from .notation import symbol
from .page import Page
from .recorder import as_shown
from .typeset import tex


class FunctionPage(Page):
    """The document of a function."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        f, x = self.problem.name, symbol(self.problem.variable)
        at, there = self.problem.at.text, self.trace.find("moved").shown
        rise, estimate = rf"\Delta {f}", rf"\Delta {self.problem.tangent}"
        return {"value": f"{f}({at})", "slope": f"{f}'({at})", "change": rf"\Delta {x}", "moved": rf"{x} + \Delta {x}",
                "moved_value": f"{f}({there})", "rise": rise, "estimate": estimate, "gap": f"{rise} - {estimate}",
                "intercept": "b" if x != "b" else "c"}

    def context(self) -> facts.Facts:
        problem, x = self.problem, self.symbols(self.problem.variable)
        [derivation] = self.trace.derivations
        steps = facts.step_facts([step.rules for step in derivation.steps[1:]], [tex(step.expr, self.style) for step in derivation.steps[1:]], set())
        return super().context() | {"p": facts.frame_facts(problem) | {
            "f": problem.name, "x": x, "formula": tex(as_shown(read(problem.formula)), self.style),
            "start": tex(derivation.steps[0].expr, self.style), "steps": steps,
            "derivative": tex(derivation.steps[-1].expr, self.style), "t": problem.tangent, "tangent": self.tangent(),
            "at": problem.at.text, "change": problem.change.text}}

    def meanings(self) -> facts.Facts:
        """Of the function and its tangent; the results have its name with a number in brackets."""
        name = self.problem.name
        return {name: {"role": "function"}, "derivative": {"role": "derivative", "symbol": f"{name}'"}, self.problem.variable: {"role": "variable"},
                self.problem.tangent: {"role": "tangent"}}

    def tangent(self) -> str:
        """`2x - 3`"""
        slope, intercept = (Literal(working.value, working.shown) for working in map(self.trace.find, ("slope", "intercept")))
        below = -Literal(-intercept.value, intercept.text[1:]) if intercept.text.startswith("-") and slope.value else intercept
        return tex(add(multiply(slope, Name(self.problem.variable)), below), self.style)

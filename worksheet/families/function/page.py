r"""What the page of a function of one variable hands to its templates.

Quantities bear the names of a lecture: `f(2)`, `f'(2)`, `\Delta x`, `f(2.1)`, `\Delta f`; `t` is
the tangent.
"""

from __future__ import annotations

from ...algebra.derivative import add, is_number, multiply
from ...algebra.expression import Literal, Name
from ...algebra.parameters import formula_of
from ...pages import facts
from ...pages.page import Page
from ...tex.notation import symbol
from ...tex.writer import tex
from ...trace.recorder import as_shown
from ...views.views import Form, View


class FunctionPage(Page):
    """The document of a function."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        r"""`f(2)`, `f'(2)`, `f(2.1)`, `\Delta f`: the symbols with the numbers of the point."""
        f, x = self.problem.name, symbol(self.problem.variable)
        at, there = self.numeral(self.problem.at.text), self.numeral(self.trace.find("moved").shown)
        rise, estimate = rf"\Delta {f}", rf"\Delta {self.problem.tangent}"
        return {
            "value": f"{f}({at})",
            "slope": f"{f}'({at})",
            "change": rf"\Delta {x}",
            "moved": rf"{x} + \Delta {x}",
            "moved_value": f"{f}({there})",
            "rise": rise,
            "estimate": estimate,
            "gap": f"{rise} - {estimate}",
            "intercept": "b" if x != "b" else "c",
        }

    def context(self) -> facts.Facts:
        """The function, its derivation step by step, the point and the change, and the tangent."""
        problem, x = self.problem, self.symbols(self.problem.variable)
        [derivation] = self.trace.derivations
        steps = facts.step_facts(
            derivation, list(map(self.form, self.chains("derivation", 1))), set()
        )
        self.said.add(self.trace.find("moved").shown.lstrip("-"))  # in the name of a value: f(2.1)
        return super().context() | {
            "tangent": self.tangent,
            "p": facts.frame_facts(problem)
            | {
                "f": problem.name,
                "x": x,
                "formula": tex(as_shown(formula_of(problem)), self.style),
                "start": tex(derivation.steps[0].expr, self.style),
                "steps": steps,
                "derivative": steps[-1]["tex"],
                "t": problem.tangent,
                "at": facts.numeral_of(problem.at, self.style),
                "change": facts.numeral_of(problem.change, self.style),
            },
        }

    def meanings(self) -> facts.Facts:
        """Of the function and its tangent; the results have its name with a number in brackets."""
        name = self.problem.name
        return {
            name: {"role": "function"},
            "derivative": {"role": "derivative", "symbol": f"{name}'"},
            self.problem.variable: {"role": "variable"},
            self.problem.tangent: {"role": "tangent"},
        }

    def symbol(self, view: View) -> str:
        """`f'(x)` before a form of the derivation."""
        return (
            f"{self.problem.name}'({self.symbols(self.problem.variable)})"
            if isinstance(view, Form)
            else super().symbol(view)
        )

    def tangent(self) -> str:
        """`2x - 3`; with a blank in it, `_ x + _`, whatever belongs there."""
        slope, intercept = (
            Literal(working.value, working.shown, working.event)
            for working in map(self.trace.find, ("slope", "intercept"))
        )
        x = Name(self.problem.variable)
        if any(self.holes.is_open(number.event) for number in (slope, intercept)):
            return tex(slope * x + intercept, self.style)
        below = (
            -Literal(-intercept.value, intercept.text[1:])
            if intercept.text.startswith("-") and slope.value
            else intercept
        )
        line = -x if is_number(slope, -1) else multiply(slope, x)
        return tex(add(line, below), self.style)


PAGE = FunctionPage

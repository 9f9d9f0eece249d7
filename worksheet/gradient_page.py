r"""What the page of a function of several variables hands to its templates.

Quantities bear the names of a lecture: `f(3, 4)`, `\frac{\partial f}{\partial x}(3, 4)`, `\Delta x`, `\Delta f`; `\Delta f_x` is the share of x.
"""

from __future__ import annotations

from . import facts
from .backward import partial_name
from .formulas import read
from .notation import decorated, symbol
from .page import Page, aligned
from .recorder import as_shown
from .typeset import tex


class GradientPage(Page):
    """The document of a function of several variables."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        problem, f = self.problem, self.problem.name
        if not problem.at:
            return {}
        plain = {name: symbol(name) for name in problem.variables}
        point = ", ".join(number.text for number in problem.at.values())
        found = {"value": f"{f}({point})"}
        for name, x in plain.items():
            found |= {partial_name(f, name): rf"\frac{{\partial {f}}}{{\partial {x}}}({point})", f"{name}_change": rf"\Delta {x}",
                      f"{name}_moved": rf"{x} + \Delta {x}", f"{name}_share": decorated(rf"\Delta {f}", index=x)}
        if problem.change:
            there = ", ".join(self.trace.find(f"{name}_moved").shown if name in problem.change else number.text for name, number in problem.at.items())
            rise, estimate = rf"\Delta {f}", decorated(rf"\Delta {f}", index=r"\text{predicted}")
            found |= {"moved_value": f"{f}({there})", "rise": rise, "estimate": estimate, "gap": f"{rise} - {estimate}"}
        return found

    def context(self) -> facts.Facts:
        problem, f = self.problem, self.problem.name
        variables, seen = [], set()
        for name, derivation in zip(problem.variables, self.trace.derivations, strict=True):
            start, *steps = [tex(step.expr, self.style) for step in derivation.steps]
            rules = [step.rules for step in derivation.steps[1:]]
            variables.append({"name": name, "symbol": symbol(name), "left": rf"\frac{{\partial {f}}}{{\partial {symbol(name)}}}", "start": start,
                              "others": [symbol(each) for each in problem.variables if each != name],
                              "steps": facts.step_facts(rules, steps, seen), "last": steps[-1] if steps else start,
                              "at": problem.at[name].text if problem.at else "", "change": problem.change[name].text if name in problem.change else ""})
        return super().context() | {"p": facts.frame_facts(problem) | {
            "f": f, "arguments": ", ".join(each["symbol"] for each in variables), "formula": tex(as_shown(read(problem.formula)), self.style),
            "variables": variables, "given": facts.given_facts(problem.at, self.style), "moved": [each for each in variables if each["change"]],
            "point": ", ".join(number.text for number in problem.at.values()),
            "column": column([each["left"] for each in variables]), "gradient": column([each["last"] for each in variables])},
            "gradient_at": self.gradient_at}

    def meanings(self) -> dict[str, facts.Facts]:
        """Of the function and its variables; the results have its name with numbers in brackets."""
        f = self.problem.name
        return {f: {"role": "function"}} | dict.fromkeys(self.problem.variables, {"role": "variable"}) | {
            partial_name(f, name): {"role": "gradient", "of": f, "of_symbol": f, "by_symbol": symbol(name), "symbol": rf"\frac{{\partial {f}}}{{\partial {symbol(name)}}}"}
            for name in self.problem.variables}

    def gradient_at(self) -> str:
        """The gradient at the point as a display: the partials' values in a column."""
        names = [partial_name(self.problem.name, name) for name in self.problem.variables]
        left = rf"\nabla {self.problem.name}({', '.join(number.text for number in self.problem.at.values())})"
        return aligned(left, [("=", column(list(map(self.symbols, names)))), ("=", column([self.value(name) for name in names]))])


def column(entries: list[str]) -> str:
    return r"\begin{bmatrix} " + r" \\ ".join(entries) + r" \end{bmatrix}"

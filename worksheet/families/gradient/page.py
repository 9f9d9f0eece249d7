r"""What the page of a function of several variables hands to its templates.

Quantities bear the names of a lecture: `f(3, 4)`, `\frac{\partial f}{\partial x}(3, 4)`, `\Delta
x`, `\Delta f`; `\Delta f_x` is the share of x.
"""

from __future__ import annotations

from ...algebra.parameters import formula_of
from ...pages import facts
from ...pages.page import Page, aligned
from ...tex.notation import Symbols, decorated, symbol
from ...tex.writer import tex
from ...trace.backward import partial_name
from ...trace.recorder import as_shown
from ...views.views import Form, View, forms


class GradientPage(Page):
    """The document of a function of several variables."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        r"""`f(3, 4)`, `\frac{\partial f}{\partial x}(3, 4)`, `\Delta x`, `\Delta f`: the symbols
        with the numbers of the point; nothing without one."""
        problem, f = self.problem, self.problem.name
        if not problem.at:
            return {}
        plain = {name: symbol(name) for name in problem.variables}
        point = ", ".join(self.numeral(number.text) for number in problem.at.values())
        found = {"value": f"{f}({point})"}
        for name, x in plain.items():
            found |= {
                partial_name(f, name): rf"\frac{{\partial {f}}}{{\partial {x}}}({point})",
                f"{name}_change": rf"\Delta {x}",
                f"{name}_moved": rf"{x} + \Delta {x}",
                f"{name}_share": decorated(rf"\Delta {f}", index=x),
            }
        if problem.change:
            there = ", ".join(
                self.numeral(
                    self.trace.find(f"{name}_moved").shown
                    if name in problem.change
                    else number.text
                )
                for name, number in problem.at.items()
            )
            rise, [share, *more] = (
                rf"\Delta {f}",
                [found[f"{name}_share"] for name in problem.change],
            )
            estimate = decorated(rise, index=r"\text{predicted}") if more else share
            found |= {
                "moved_value": f"{f}({there})",
                "rise": rise,
                "estimate": estimate,
                "gap": f"{rise} - {estimate}",
            }
        return found

    def context(self) -> facts.Facts:
        """Each variable with its partial derivative step by step, and the gradient as a column of
        them all."""
        problem, f = self.problem, self.problem.name
        variables, seen = [], set()
        for name, derivation in zip(problem.variables, self.trace.derivations, strict=True):
            steps = facts.step_facts(derivation, list(map(self.form, forms(derivation))), seen)
            variables.append(
                {
                    "name": name,
                    "symbol": symbol(name),
                    "left": self.partial(partial_name(f, name)),
                    "start": tex(derivation.steps[0].expr, self.style),
                    "steps": steps,
                    "last": steps[-1]["tex"],
                    "others": [symbol(each) for each in problem.variables if each != name],
                    "at": self.numeral(problem.at[name].text) if problem.at else "",
                    "change": self.numeral(problem.change[name].text)
                    if name in problem.change
                    else "",
                }
            )
        self.said |= {
            self.trace.find(f"{name}_moved").shown.lstrip("-") for name in problem.change
        }  # in the name of a value: f(3.1, 4.2)
        return super().context() | {
            "p": facts.frame_facts(problem)
            | {
                "f": f,
                "arguments": ", ".join(each["symbol"] for each in variables),
                "formula": tex(as_shown(formula_of(problem)), self.style),
                "variables": variables,
                "given": facts.given_facts(problem.at, self.style),
                "moved": [each for each in variables if each["change"]],
                "point": ", ".join(self.numeral(number.text) for number in problem.at.values()),
                "column": column([each["left"] for each in variables]),
                "gradient": column([each["last"] for each in variables]),
            },
            "gradient_at": self.gradient_at,
        }

    def meanings(self) -> dict[str, facts.Facts]:
        """Of the function and its variables; the results have its name with numbers in brackets."""
        return (
            {self.problem.name: {"role": "function"}}
            | dict.fromkeys(self.problem.variables, {"role": "variable"})
            | self.derivatives()
        )

    def partial(self, name: str) -> str:
        r"""`\frac{\partial f}{\partial x}`, wherever it is taken."""
        return Symbols.of(self.problem)(name)

    def symbol(self, view: View) -> str:
        r"""`\frac{\partial f}{\partial x}` before a form of its derivation."""
        return self.partial(view.derivation) if isinstance(view, Form) else super().symbol(view)

    def gradient_at(self) -> str:
        """The gradient at the point as a display: the partials' values in a column."""
        names = [partial_name(self.problem.name, name) for name in self.problem.variables]
        left = rf"\nabla {self.problem.name}({', '.join(self.numeral(number.text) for number in self.problem.at.values())})"
        return aligned(
            left,
            [
                ("=", column(list(map(self.symbols, names)))),
                ("=", column([self.value(name) for name in names])),
            ],
        )


def column(entries: list[str]) -> str:
    r"""`\begin{bmatrix} 2x \\ 2y \end{bmatrix}`, of entries that are TeX."""
    return r"\begin{bmatrix} " + r" \\ ".join(entries) + r" \end{bmatrix}"


PAGE = GradientPage

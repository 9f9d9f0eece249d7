"""What the page of gradient descent hands to its templates."""

from __future__ import annotations

from decimal import Decimal

from ...algebra.parser import read
from ...judge.identities import value_at
from ...numbers.number import exact_text
from ...pages import facts
from ...pages.long_runs import LongRunPage
from ...pages.page import aligned, table
from ...tex.notation import symbol
from ...tex.writer import tex
from ...trace.backward import partial_name
from ...trace.recorder import as_shown
from ...trace.trace import Descent
from ...views.phases import is_aside
from ...views.views import View, forms, scalar_views


class DescentPage(LongRunPage):
    """The document of gradient descent."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        """`case_1`, `case_2`, ...: what each single update comes to is `w_{new}` alike."""
        return super().aliases() | {
            f"case_{place}": symbol(f"{self.case_weight()}_new")
            for place in range(1, len(self.problem.cases) + 1)
        }

    def meanings(self) -> dict[str, facts.Facts]:
        """Without the single cases, whose names say of which weight they are."""
        problem = self.problem
        held = {name: each for name, each in super().meanings().items() if not is_aside(name)}
        return (
            held
            | dict.fromkeys(problem.start, {"role": "trained"})
            | {problem.name: {"role": "function"}, problem.notation.learning_rate: {"role": "rate"}}
        )

    def case_weight(self) -> str:
        """The letter of the weight in the single cases: that of the one variable, or w."""
        return next(iter(self.problem.start)) if self.problem.has_one_variable else "w"

    def context(self) -> facts.Facts:
        """The function, its variables with their gradients and derivations, and the single
        updates."""
        problem, symbols = self.problem, self.symbols
        variables = [
            {
                "name": name,
                "symbol": symbols(name),
                "gradient": symbols(partial_name(problem.name, name)),
                "start": facts.numeral_of(number, self.style),
            }
            for name, number in problem.start.items()
        ]
        return super().context() | {
            "iterations": self.iterations,
            "p": facts.frame_facts(problem)
            | facts.long_run_facts(problem)
            | {
                "variables": variables,
                "formula": tex(as_shown(read(problem.formula)), self.style),
                "loss": {"key": problem.name, "symbol": symbols(problem.name)},
                "epochs": problem.epochs,
                "watched": [
                    {
                        "name": name,
                        "symbol": symbols(name),
                        "tex": tex(as_shown(read(text)), self.style),
                    }
                    for name, text in problem.watch.items()
                ],
                "rate": {
                    "symbol": symbols(problem.notation.learning_rate),
                    "shown": facts.numeral_of(problem.learning_rate, self.style),
                },
                "derivatives": [self.derivation(place) for place in range(len(variables))],
                "cases": self.cases(),
                "d": symbols.d,
            },
        }

    def derivation(self, place: int) -> facts.Facts:
        """The forms of one derivative, each with its rules; `new`: those not met before."""
        seen = {
            rule
            for each in self.trace.derivations[:place]
            for step in each.steps
            for rule in step.rules
        }
        steps = []
        derivation = self.trace.derivations[place]
        for step, form in zip(derivation.steps[1:], forms(derivation), strict=True):
            steps.append(
                {
                    "rules": list(step.rules),
                    "new": [rule for rule in step.rules if rule not in seen],
                    "tex": self.form(form),
                }
            )
            seen.update(step.rules)
        start = tex(derivation.steps[0].expr, self.style)
        return {
            "start": start,
            "steps": steps,
            "is_known": not any(step["new"] for step in steps),
            "chain": aligned(
                self.symbols(derivation.name),
                [("=", text) for text in (start, *[step["tex"] for step in steps])],
            ),
        }

    # ---- beside the iterations ------------------------------------------------------------------

    def cases(self) -> list[facts.Facts]:
        """The single updates: the rule with their numbers."""
        weight = self.case_weight()
        return [
            {
                "w": symbol(weight),
                "value": facts.numeral_of(case.value, self.style),
                "gradient": facts.numeral_of(case.gradient, self.style),
                "rate": facts.numeral_of(case.learning_rate, self.style),
                "sign": (case.gradient.value > 0) - (case.gradient.value < 0),
                "chain": self.chain(View(view.name, view.lines[1:], view.members), "full"),
                "dL_dw": rf"\frac{{{self.symbols.d}{self.symbols(self.problem.name)}}}{{{self.symbols.d}{symbol(weight)}}}",
            }
            for case, view in zip(
                self.problem.cases,
                filter(lambda view: is_aside(view.name), scalar_views(self.trace, "update", 1)),
            )
        ]

    # ---- where it leads -------------------------------------------------------------------------

    def iterations(self) -> str:
        """The points, the slopes there and the quantities, update after update."""
        problem, last = self.problem, self.problem.epochs
        slopes = [partial_name(problem.name, name) for name in problem.start]
        rows = [
            [
                str(epoch - 1),
                *[f"${self.before(name, epoch)}$" for name in problem.start],
                *[f"${self.value(name, epoch)}$" for name in (*slopes, *problem.quantities)],
            ]
            for epoch in range(1, last + 1)
        ]
        rows.append(
            [
                str(last),
                *[f"${self.before(name, last + 1)}$" for name in problem.start],
                *["" for _ in slopes],
                *[f"${self.value(name, last, 'check')}$" for name in problem.quantities],
            ]
        )
        return table(
            [
                "Updates",
                *[
                    f"${self.symbols(name)}$"
                    for name in (*problem.start, *slopes, *problem.quantities)
                ],
            ],
            rows,
        )

    def rate_columns(self) -> list[str]:
        """One column: the point and the function there, in one text."""
        return ["Where it is then"]

    def where(self, point: dict[str, Decimal], descent: Descent) -> list[str]:
        """`$L(3.391, 2.949) \\approx 0.00000003$`: the function where it is, as the point is
        printed."""
        height = value_at(read(self.problem.formula), point)
        shown = self.rounded(height)
        return [
            f"${self.symbols(self.problem.name)}({', '.join(format(value, 'f') for value in point.values())}) "
            f"{facts.relation(shown == height, self.problem)} {self.numeral(exact_text(shown))}$"
        ]


PAGE = DescentPage

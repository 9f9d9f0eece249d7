"""What the page of gradient descent hands to its templates."""

from __future__ import annotations

from decimal import Decimal

from . import facts
from .backward import partial_name
from .formulas import read
from .identities import value_at
from .notation import Symbols, symbol
from .number import plain_text, quantize
from .page import Page, aligned, table
from .recorder import as_shown
from .showing import is_aside
from .trace import Descent
from .trajectory import BOUND
from .typeset import tex
from .views import View, forms, scalar_views

SLOW = 10      # times the updates of the quickest run
FINEST = -12   # the last place of a small value where a run ends


class DescentPage(Page):
    """The document of gradient descent."""

    is_beside = True

    def aliases(self) -> dict[str, str]:
        problem, symbols = self.problem, Symbols.of(self.problem)
        found = {f"case_{place}": symbol(f"{self.case_weight()}_new") for place in range(1, len(problem.cases) + 1)}
        for descent in self.trace.descents[:1]:
            found[f"{problem.name}__{descent.updates}"] = rf"{symbols(problem.name)}^{{({descent.updates})}}"
        return found

    def meanings(self) -> dict[str, facts.Facts]:
        """Without the single cases and the end of the run, whose names say of which weight they are."""
        problem = self.problem
        held = {name: each for name, each in super().meanings().items() if not is_aside(name)}
        return held | dict.fromkeys(problem.start, {"role": "trained"}) | {problem.name: {"role": "function"}, problem.notation.learning_rate: {"role": "rate"}}

    def case_weight(self) -> str:
        """The letter of the weight in the single cases: that of the one variable, or w."""
        return next(iter(self.problem.start)) if self.problem.has_one_variable else "w"

    def context(self) -> facts.Facts:
        problem, symbols = self.problem, self.symbols
        variables = [{"name": name, "symbol": symbols(name), "gradient": symbols(partial_name(problem.name, name)), "start": number.text}
                     for name, number in problem.start.items()]
        return super().context() | {"iterations": self.iterations, "end": self.end, "rates": self.rates(), "p": facts.frame_facts(problem) | {
            "variables": variables, "formula": tex(as_shown(read(problem.formula)), self.style),
            "loss": {"key": problem.name, "symbol": symbols(problem.name)}, "epochs": problem.epochs,
            "watched": [{"name": name, "symbol": symbols(name), "tex": tex(as_shown(read(text)), self.style)}
                        for name, text in problem.watch.items()],
            "rate": {"symbol": symbols(problem.notation.learning_rate), "shown": problem.learning_rate.text},
            "derivatives": [self.derivation(place) for place in range(len(variables))], "cases": self.cases(), "long_run": problem.long_run,
            "until": problem.until.text, "most_digits": Decimal(BOUND).adjusted(), "end_places": problem.end_places, "d": symbols.d}}

    def derivation(self, place: int) -> facts.Facts:
        """The forms of one derivative, each with its rules; `new`: those not met before."""
        seen = {rule for each in self.trace.derivations[:place] for step in each.steps for rule in step.rules}
        steps = []
        derivation = self.trace.derivations[place]
        for step, form in zip(derivation.steps[1:], forms(derivation), strict=True):
            steps.append({"rules": list(step.rules), "new": [rule for rule in step.rules if rule not in seen], "tex": self.form(form)})
            seen.update(step.rules)
        start = tex(derivation.steps[0].expr, self.style)
        return {"start": start, "steps": steps, "is_known": not any(step["new"] for step in steps),
                "chain": aligned(self.symbols(derivation.name), [("=", text) for text in (start, *[step["tex"] for step in steps])])}

    # ---- beside the iterations ------------------------------------------------------------------

    def asides(self, phase: str, epoch: int, part: str) -> list[View]:
        """The chains that belong to no iteration, those with `part` in their names."""
        return [view for view in scalar_views(self.trace, phase, epoch) if is_aside(view.name) and part in view.name]

    def cases(self) -> list[facts.Facts]:
        """The single updates: the rule with their numbers."""
        weight = self.case_weight()
        return [{"w": symbol(weight), "value": case.value.text, "gradient": case.gradient.text, "rate": case.learning_rate.text,
                 "sign": (case.gradient.value > 0) - (case.gradient.value < 0), "chain": self.chain(View(view.name, view.lines[1:], view.members), "full"),
                 "dL_dw": rf"\frac{{{self.symbols.d}{self.symbols(self.problem.name)}}}{{{self.symbols.d}{symbol(weight)}}}"}
                for case, view in zip(self.problem.cases, self.asides("update", 1, "case_"))]

    # ---- where it leads -------------------------------------------------------------------------

    def iterations(self) -> str:
        """The points, the slopes there and the quantities, update after update."""
        problem, last = self.problem, self.problem.epochs
        slopes = [partial_name(problem.name, name) for name in problem.start]
        rows = [[str(epoch - 1), *[f"${self.before(name, epoch)}$" for name in problem.start],
                 *[f"${self.value(name, epoch)}$" for name in (*slopes, *problem.quantities)]] for epoch in range(1, last + 1)]
        rows.append([str(last), *[f"${self.before(name, last + 1)}$" for name in problem.start], *["" for _ in slopes],
                     *[f"${self.value(name, last, 'check')}$" for name in problem.quantities]])
        return table(["Updates", *[f"${self.symbols(name)}$" for name in (*problem.start, *slopes, *problem.quantities)]], rows)

    def end(self) -> facts.Facts | None:
        """What becomes of the problem's own run; where it settles, what the quantities are there."""
        if not self.trace.descents:
            return None
        descent, after = self.trace.descents[0], f"__{self.trace.descents[0].updates}"
        is_tried = descent.fate == "settles" and descent.updates > 0
        views = [self.view_facts(view, "full") for view in self.asides("check", self.problem.epochs, after)]
        point = [{"symbol": self.symbols(name + after), "shown": self.before(name + after)} for name in self.problem.start] if is_tried else []
        return self.described(descent) | {"point": point, "views": views}

    def rates(self) -> list[facts.Facts]:
        """What becomes of a run with each of the learning rates that are compared."""
        wanted = [number.value for number in self.problem.learning_rates]
        runs = [next(each for each in self.trace.descents if each.rate == rate) for rate in wanted] if self.trace.descents else []
        quickest = min((run.updates for run in runs if run.fate == "settles"), default=0)
        return [self.described(run) | {"rate": number.text, "is_slow": run.fate == "creeps" or run.fate == "settles" and run.updates >= SLOW * max(quickest, 1)}
                for number, run in zip(self.problem.learning_rates, runs)]

    def described(self, descent: Descent) -> facts.Facts:
        """Its fate, and where it is then, if it stands there: the point as it is printed, and the function at it."""
        places, problem = self.problem.end_places, self.problem
        found = {"fate": descent.fate, "updates": descent.updates, "swings": descent.swings}
        if descent.fate not in ("settles", "creeps"):
            return found
        point = {name: quantize(value, -places, "half-up") for name, value in descent.end.items()}
        height = value_at(read(problem.formula), point)
        shown = quantize(height, min(-places, max(height.adjusted() - 1, FINEST)), "half-up")
        claim = (f"{self.symbols(problem.name)}({', '.join(format(value, 'f') for value in point.values())}) "
                 f"{facts.relation(shown == height, problem)} {plain_text(shown)}")
        return found | {"end": claim, "level": str(quantize(descent.loss, -places, "half-up"))}

"""What the page of a graph of formulas hands to its templates."""

from __future__ import annotations

from ...algebra.expression import names
from ...algebra.parser import read
from ...diagrams.writer import graph
from ...pages import facts
from ...pages.long_runs import LongRunPage
from ...tex.writer import tex
from ...trace.recorder import as_shown


class FormulasPage(LongRunPage):
    """The document of a graph of formulas."""

    def context(self) -> facts.Facts:
        """The formulas, the givens, what is trained at which rate, and the graph."""
        problem, symbols = self.problem, self.symbols
        rate = (
            {
                "symbol": symbols(problem.notation.learning_rate),
                "shown": facts.numeral_of(problem.learning_rate, self.style),
            }
            if problem.learning_rate
            else None
        )
        formulas = [
            {"name": name, "symbol": symbols(name), "tex": tex(as_shown(read(text)), self.style)}
            for name, text in problem.formulas.items()
        ]
        return super().context() | {
            "diagram": self.diagram,
            "graph": self.diagram(),
            "p": facts.frame_facts(problem)
            | facts.long_run_facts(problem)
            | {
                "formulas": formulas,
                "givens": facts.given_facts(problem.given, self.style),
                "rate": rate,
                "epochs": problem.epochs,
                "trained": [{"name": name, "symbol": symbols(name)} for name in problem.train],
                "layers": [],
                "outputs": [],
                "loss": {"key": problem.loss_name, "symbol": symbols(problem.loss_name)},
            },
        }

    def handed_out(self) -> facts.Facts:
        """The graph with the numbers that are given, and no result."""
        return {
            "graph": self.drawn(
                {name: (number.text, True) for name, number in self.problem.given.items()}
            )
        }

    def diagram(self, epoch: int = 0) -> str:
        """The mermaid text of the graph, with the values of an epoch where one is asked for."""
        shown: dict[str, tuple[str, bool]] = {}
        if epoch:
            shown = {
                name: (self.trace.before(name, epoch).shown, True) for name in self.problem.given
            }
            for working in (
                *self.trace.select("forward", epoch),
                *self.trace.select("loss", epoch),
            ):
                if not self.holes.is_open(working.event):
                    shown[working.name] = self.label(working)
        return self.drawn(shown)

    def drawn(self, shown: dict[str, tuple[str, bool]]) -> str:
        """The mermaid text of the graph; `shown`: by name a text, and whether it is exact."""
        uses = {name: names(read(text)) for name, text in self.problem.formulas.items()}
        return graph(list(self.problem.given), uses, shown).strip()

    def meanings(self) -> facts.Facts:
        """With what is trained, and the learning rate where there is one."""
        return (
            super().meanings()
            | dict.fromkeys(self.problem.train, {"role": "trained"})
            | (
                {self.problem.notation.learning_rate: {"role": "rate"}}
                if self.problem.learning_rate
                else {}
            )
        )

    def predictions(self) -> tuple[str, ...]:
        """The last quantities before the loss, at most MOST."""
        return tuple(self.problem.formulas)[:-1][-MOST:]


MOST = 5  # quantities beside the loss in the table of epochs


PAGE = FormulasPage

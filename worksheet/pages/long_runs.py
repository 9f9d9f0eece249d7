"""What a page says of where gradient descent leads: the end of the problem's own run, tried out,
and what other learning rates do."""

from __future__ import annotations

from decimal import Decimal

from ..descent.effects import loss_at
from ..descent.outcome import BOUND, rises
from ..numbers.number import plain_text, quantize
from ..problem import END
from ..tex.notation import Symbols, decorated
from ..trace.trace import STANDS, Descent, ended
from ..views.views import detail_of
from . import facts
from .page import STATEMENTS, Page, display

SLOW, MANY = (
    10,
    50,
)  # a run is slow that takes so many times the updates of the quickest, and so many of them
HIGH = Decimal(
    "0.1"
)  # of the way down from the start: where a run ends that is so much above the best, it ends high
FINEST = -12  # the last place of a small value where a run ends
LEVEL = -9  # losses that differ in no place before this one are equally small
SMALL = -6  # powers of ten below which a loss is written as one
FEW = 4  # parameters that have room in a row of a table


class LongRunPage(Page):
    """The document of a problem whose parameters gradient descent moves."""

    def context(self) -> facts.Facts:
        """What a template knows; also where the run ends, and the learning rates beside the
        problem's own."""
        return super().context() | {
            "end": self.end,
            "rates": self.rates,
            "rate_columns": self.rate_columns(),
        }

    def aliases(self) -> dict[str, str]:
        r"""What is there where the run ends: `w_1^{(15)}` counts the updates,
        `w_{11,\text{end}}^{(1)}` where such a number counts layers."""
        plain = Symbols.of(self.problem, super().aliases())
        found = {name: plain(name) for name in self.moved()} if self.trace.descents else {}
        self.counts_updates = not any("^" in tex for tex in found.values())
        return plain.aliases | {
            ended(name): f"{tex}^{{({self.trace.descents[0].updates})}}"
            if self.counts_updates
            else decorated(tex, index=r"\text{end}")
            for name, tex in found.items()
        }

    def moved(self) -> list[str]:
        """The names of all that has a value of its own where the run ends."""
        return [
            *self.problem.trained,
            *(
                working.name.removesuffix(ended(""))
                for working in self.trace.select(END, self.problem.epochs)
            ),
        ]

    def end(self) -> facts.Facts | None:
        """What becomes of the problem's own run; where it stands at last, the point and what the
        quantities are there. None where no program goes on."""
        self.asked.add(END)
        if not self.trace.descents:
            return None
        descent, last = self.trace.descents[0], self.problem.epochs
        views = [
            self.view_facts(view, self.detail or detail_of(self.problem, "check", last))
            for view in self.chains(END, last)
        ]
        return self.described(descent) | {
            "point": "".join(map(display, self.end_point()))
            if descent.fate in STANDS and descent.updates
            else "",
            "counts_updates": self.counts_updates,
            "views": views,
            "most_digits": Decimal(BOUND).adjusted(),
        }

    def end_point(self) -> list[str]:
        """The displays of the point where the run ends."""
        pieces = [
            f"{self.symbols(name)} = {self.number(self.trace.givens[name])}"
            for name in map(ended, self.problem.trained)
        ]
        return [
            r" \qquad ".join(pieces[i : i + STATEMENTS]) for i in range(0, len(pieces), STATEMENTS)
        ]

    def rates(self) -> list[facts.Facts]:
        """What becomes of a run with each of the learning rates that are compared."""
        self.asked.add(END)
        wanted = self.problem.learning_rates if self.trace.descents else ()
        runs = [
            next(each for each in self.trace.descents if each.rate == number.value)
            for number in wanted
        ]
        settled, start = (
            [run for run in runs if run.fate == "settles"],
            self.trace.find(self.problem.loss_name, 1, "loss").exact if wanted else None,
        )
        best = min(settled, key=lambda run: run.loss, default=None)
        high = {
            run.rate
            for run in settled
            if rises(start, run.loss)
            or run.rate > best.rate
            and rises(best.loss, run.loss)
            and run.loss - best.loss > HIGH * (start - best.loss)
        }
        quickest = min((run.updates for run in settled if run.rate not in high), default=0)
        slow = {
            run.rate
            for run in runs
            if run.fate == "creeps"
            or run in settled
            and not run.swings
            and run.updates >= max(SLOW * quickest, MANY)
        }
        return [
            self.described(run)
            | {
                "rate": f"${facts.numeral_of(number, self.style)}$"
                if "e" in number.text
                else number.text,
                "key": number.text,
                "is_high": run.rate in high,
                "verdict": verdict(run, run.rate in slow, run.rate in high),
            }
            for number, run in zip(wanted, runs)
        ]

    def described(self, descent: Descent) -> facts.Facts:
        """Its fate, and where it is then, if it stands there."""
        stands = descent.fate in STANDS or descent.fate == "oscillates" and descent.is_known
        found = {
            "fate": descent.fate,
            "updates": descent.updates,
            "swings": descent.swings,
            "course": descent.nearer,
            "stands": stands,
            "end": ("",) * len(self.rate_columns()),
        }
        if not stands:
            return found
        places = self.problem.end_places
        point = {
            name: quantize(value, -places, self.problem.rounding.mode)
            for name, value in descent.end.items()
        }
        return found | {
            "end": tuple(self.where(point, descent)),
            "level": str(quantize(descent.loss, LEVEL, self.problem.rounding.mode)),
        }

    def rate_columns(self) -> list[str]:
        """The heads of the columns that say where a run is then: the parameters, where there are
        few, and the loss."""
        names = self.problem.trained if len(self.problem.trained) <= FEW else ()
        return [f"${self.symbols(name)}$" for name in (*names, self.problem.loss_name)]

    def where(self, point: dict[str, Decimal], descent: Descent) -> list[str]:
        """What stands in these columns: the point as it is printed, and the loss there. No relation
        that a reader could punch in: `proofs/checks.py` has it from the judge."""
        try:
            height = loss_at(self.trace, point)
        except ArithmeticError:  # with so few places there is no value any more
            height = descent.loss
        loss = (
            f"${facts.scientific(height, self.problem.rounding.mode)}$"
            if height and height.adjusted() < SMALL
            else plain_text(self.rounded(height))
        )
        return [*[format(value, "f") for value in point.values() if len(point) <= FEW], loss]

    def rounded(self, height: Decimal) -> Decimal:
        """A loss with as many places as it needs to be seen."""
        return quantize(
            height,
            min(-self.problem.end_places, max(height.adjusted() - 1, FINEST)),
            self.problem.rounding.mode,
        )


def verdict(run: Descent, is_slow: bool, is_high: bool) -> str:
    """What a learning rate is: small, right, large, or beyond all that is of use."""
    if is_high:
        return "beyond"
    if is_slow:
        return "small"
    return "beyond" if run.fate != "settles" else "large" if run.swings else "right"

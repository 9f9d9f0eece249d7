"""What an author looks at before trusting a spec: many variants solved and proved, none published,
and a table of what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ..assessment.settled import coarse
from ..assessment.tasks import answers, label
from ..errors import ProofError, SolveError
from ..notes import prove_note
from ..proofs.rounding_drift import units
from ..trace.effort import Effort, digits_of, effort
from ..variants.requirements import results, ties
from ..variants.run import Made
from ..variants.search import Source, Tally, Variant, add, under

POLICIES = ("carry", "exact", "named")
EXAMPLES = 5  # failures that are shown


class Row(NamedTuple):
    """What is kept of one variant."""

    failures: tuple[str, ...]
    relations: int
    answers: dict[str, str]
    drift: Decimal  # of the worst answer, in units of its last place
    moved: tuple[
        str, ...
    ]  # policies under which a result prints another number; `... (none)` where there is no result
    ties: int
    coarse: tuple[str, ...]  # answers with too few digits to tell a mistake from rounding
    effort: Effort


def row_of(variant: Variant) -> Row:
    """Prove a variant and measure it."""
    trace, failures, relations, drift = variant.trace, (), 0, Decimal(0)
    try:
        relations = prove_note(trace, source=f"copy {variant.copy}").proof.checked
    except ProofError as fault:
        failures = tuple(map(str, fault.findings))
    for working in trace.workings:
        drift = max(drift, units(trace.events[working.event]))
    return Row(
        failures,
        relations,
        answers(trace),
        drift,
        moved(variant),
        sum(1 for _ in ties(trace)),
        tuple(dict.fromkeys(label(working, trace) for working in coarse(trace))),
        effort(trace),
    )


def moved(variant: Variant) -> tuple[str, ...]:
    """The policies under which some result (prediction, loss, new parameter) prints another number."""
    own, found = results(variant.trace), []
    for policy in POLICIES:
        try:
            if results(under(variant.trace, policy)) != own:
                found.append(policy)
        except SolveError:
            found.append(f"{policy} (no result)")
    return tuple(found)


@dataclass
class Span:
    """The range of one answer."""

    least: Decimal
    most: Decimal
    digits: int = 0

    def add(self, shown: str) -> None:
        """Widen it by one answer, as it is printed."""
        value = Decimal(shown)
        self.least, self.most, self.digits = (
            min(self.least, value),
            max(self.most, value),
            max(self.digits, digits_of(shown)),
        )


@dataclass
class Stress:
    """The sum of many rows; memory does not grow with their number."""

    source: Source
    seed: int
    copies: int = 0
    draws: int = 0
    relations: int = 0
    refused: Tally = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    failed: int = 0
    spans: dict[str, Span] = field(default_factory=dict)
    drift: Decimal = Decimal(0)
    moved: Counter = field(default_factory=Counter)
    with_ties: int = 0
    coarse: Counter = field(default_factory=Counter)
    least: Effort | None = None
    most: Effort | None = None

    def gather(self, made: Iterable[Made]) -> Stress:
        """Add every copy of a run."""
        for each in made:
            self._add(each, each.work)
        return self

    def _add(self, made: Made, row: Row) -> None:
        self.copies, self.draws = self.copies + 1, self.draws + made.attempt + 1
        self.relations += row.relations
        add(self.refused, made.refused)
        self.failed += bool(row.failures)
        self.failures += [
            f"copy {made.copy} ({made.code}): {failure}"
            for failure in row.failures[: EXAMPLES - len(self.failures)]
        ]
        for name, shown in row.answers.items():
            self.spans.setdefault(name, Span(Decimal(shown), Decimal(shown))).add(shown)
        self.drift = max(self.drift, row.drift)
        self.moved.update(row.moved)
        self.with_ties += bool(row.ties)
        self.coarse.update(row.coarse)
        self.least = Effort(*map(min, self.least or row.effort, row.effort))
        self.most = Effort(*map(max, self.most or row.effort, row.effort))

    def table(self) -> str:
        """The report as plain text; the same for the same spec, seed and number of copies."""
        rounding, (met, _) = (
            self.source.written.problem.rounding,
            self.refused.get("distinct", (0, "")),
        )
        facts = [
            ("proved", f"{self.copies - self.failed} of {self.copies}, {self.relations} relations"),
            ("failures", str(self.failed)),
            (
                "accepted",
                f"{self.copies} of {self.draws} draws ({percent(self.copies, self.draws)})",
            ),
            ("can yield", possible(self.source, self.copies + met, self.draws)),
            ("duplicates met", str(met)),
            ("with a tie", str(self.with_ties)),
            (
                "drift",
                f"at most {self.drift:.1f} units of the last place (policy {rounding.policy})",
            ),
            *(
                (f"other results: {policy}", f"{count} ({percent(count, self.copies)})")
                for policy, count in sorted(self.moved.items())
            ),
            *[
                (
                    "digits too few",
                    ", ".join(
                        f"{name} ({percent(count, self.copies)})"
                        for name, count in self.coarse.most_common(6)
                    )
                    + ": a mistake may pass for rounding; show more digits",
                )
            ]
            * bool(self.coarse),
            *(
                (f"{name} to write", f"{low} to {high}")
                for name, low, high in zip(Effort._fields, self.least, self.most)
            ),
        ]
        lines = [f"{self.source.name}, {self.copies} copies, seed {self.seed}", ""]
        lines += [f"  {name:<24}{text}" for name, text in facts]
        lines += [
            f"  refused by {name}: {count}, such as: {saw}"
            for name, (count, saw) in sorted(self.refused.items())
        ]
        lines += ["", f"  {'answer':<24}{'least':>16} {'most':>15}{'digits':>8}"]
        lines += [
            f"  {name:<24}{span.least:>16f} {span.most:>15f}{span.digits:>8}"
            for name, span in self.spans.items()
        ]
        return "\n".join([*lines, *(f"\n{failure}" for failure in self.failures)])


def possible(source: Source, accepted: int, draws: int) -> str:
    """How many variants there are: counted where nothing is refused, else estimated from the draws
    that fulfilled all requirements (those met twice among them)."""
    total = source.checked.variety.count()
    if total is None:
        return "more variants than can be counted"
    if not source.requirements and accepted == draws:
        return f"{rough(total)} variants"
    return f"about {rough(total * accepted // draws)} variants (estimated: {rough(total)} combinations, {percent(accepted, draws)} accepted)"


def rough(number: int) -> str:
    """A large number to read: 57,600, or 8.4 * 10^17."""
    if number > 10**100:
        return "more than 10^100"
    return (
        f"{number:,}"
        if number < 10**9
        else f"{number / 10 ** (power := len(str(number)) - 1):.1f} * 10^{power}"
    )


def percent(part: int, whole: int) -> str:
    """100 part / whole, to one decimal place: `12.5 %`."""
    return f"{100 * part / whole:.1f} %"

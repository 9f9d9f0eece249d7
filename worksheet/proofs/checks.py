"""The proofs a document must pass before it is written.

1. Re-punch (`recalculation/recalculation.py`): every relation on the page, from the page's own strings.
2. Oracle (`proofs/judge.py`): every result and every gradient against the judge's own, worked out with twice the digits.
3. Drift (`proofs/rounding_drift.py`): every committed number as near to the exact one as its rounding allows.
4. Identities: every form of a derivation equal to the one before it (`judge/identities.py`), every form of a gradient to the
   gradient (`proofs/gradient_forms.py`).
5. Descents (`proofs/judge.py`): what becomes of gradient descent by program, from slopes that no rule has given.
6. Words (`proofs/claims.py`): what the page asserts in words, by the judge's values.
7. Statements: every formula, table, diagram, heading and number against the problem and its trace (`proofs/statements.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..algebra.expression import Name, names, substitute
from ..descent.floats import loss_at_end
from ..errors import ProofError
from ..family import family_of
from ..judge.duals import judging
from ..judge.failure import Failure, placed
from ..judge.identities import NO_VALUE, first_unequal, points_of, printed_forms, written_out
from ..markdown.handwritten import Key, Own, at_row
from ..markdown.lines import page_lines
from ..numbers.number import CONTEXT, plain_text, quantize
from ..numbers.numerals import NUMBER, texts
from ..pages.claims import Claims
from ..recalculation.recalculation import Report, repunch
from ..recalculation.tables import table_findings, tables
from ..tex.notation import Symbols
from ..tex.reader import read
from ..trace.trace import Event, Trace, Working
from .claims import claim_findings
from .diagrams import diagram_findings
from .gradient_forms import unequal_forms
from .headings import heading_findings
from .inventory import inventory_of
from .judge import Found, descent_failures, oracle_failures
from .outline import outline_findings
from .programs import program_findings
from .rounding_drift import bounds, units
from .spoken_numbers import number_findings
from .statements import statement_findings
from .table_cells import value_findings
from .table_labels import label_findings

POINT = re.compile(r"\$\S*\((-?[\d.]+(?:, -?[\d.]+)*)\)")
MATHS = re.compile(r"[\\$=|]|-->")  # on a line of a page
LINE_NUMBER, LEFT = (
    re.compile(r"line (\d+)"),
    re.compile(r"\s*\$*([^&=]*?)\s*&?\s*(?:=|\\approx|\\leftarrow|:=)"),
)
SYMBOL = re.compile(
    r"(?=(?:^|\b(?:of|that|to) )(.+?)(?: has here| never has| is not|,|$))"
)  # where messages name a quantity
KNOWN = 1e-40  # relative: so much of a number its digits may leave open


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved. `listed`: the lines that hold only with unrounded values (policies exact and
    named). `checked` relations were punched again, `results` compared with the judge, `differences`
    of them gradients; `checked` counts the steps of derivations too. `drift`: the largest, in units
    of the last place, and the name of its quantity. `own`: what became of the relations that the
    author wrote by hand."""

    failures: tuple[Failure, ...]
    listed: tuple
    checked: int
    results: int
    differences: int
    drift: Decimal
    drift_of: str
    own: Own = field(default_factory=Own)

    def insist(self, where: str = "") -> Proof:
        """Raise ProofError unless everything held."""
        if self.failures:
            raise ProofError(list(self.failures), where)
        return self


def together(proofs: list[Proof]) -> Proof:
    """The proofs of several problems, or of texts, as one."""
    worst = max(proofs, key=lambda proof: proof.drift)
    return Proof(
        tuple(each for proof in proofs for each in proof.failures),
        tuple(each for proof in proofs for each in proof.listed),
        *(
            sum(getattr(proof, count) for proof in proofs)
            for count in ("checked", "results", "differences")
        ),
        worst.drift,
        worst.drift_of,
        sum((proof.own for proof in proofs), Own()),
    )


def check(
    trace: Trace,
    markdown: str,
    own: Mapping[Key, str] | None = None,
    claims: Claims | None = None,
    *,
    authored: Collection[str] = frozenset(),
    numbers: Collection[str] = frozenset(),
) -> Proof:
    """Prove a page and the trace behind it; its words too, where it is known what they claim (a
    page as it was rendered knows it itself). `own`: the formulas that the author wrote by hand,
    each with its place; `authored`: the lines of an author, who states what our templates do not;
    `numbers`: those that are offered to choose from."""
    report = repunch(markdown, rounding=trace.problem.rounding, own=own)
    failures = page_failures(
        markdown,
        report,
        own,
        {pair for pair in inventory_of(trace).stated if pair[1] in numbers} if numbers else (),
    )
    with judging(trace.digits):
        judged = Found(trace)
    results, differences, found = oracle_failures(trace, judged)
    failures += found
    identities, found = identity_failures(trace, markdown)
    failures += found
    claims = claims or getattr(markdown, "claims", None)
    failures += (
        descent_failures(trace)
        + run_table_failures(trace, markdown)
        + claim_failures(trace, markdown, claims, judged, authored)
    )
    forms, found = gradient_failures(trace, markdown)
    told = {
        text for line in report.listed for text in (line.printed, line.expected)
    }  # where a calculator differs, the page says so
    failures += found + statement_failures(
        trace,
        markdown,
        own or (),
        authored,
        told.union(numbers),
        claims.numbers_drawn() if claims else (),
    )
    drift, drift_of, found = drift_failures(trace)
    return Proof(
        placed(_about(failures + found, trace, markdown), trace.problem.places),
        report.listed,
        report.checked + identities + forms,
        results,
        differences,
        drift,
        drift_of,
        report.own,
    )


def page_failures(
    markdown: str,
    report: Report,
    own: Mapping[Key, str] | None = None,
    stated: Collection[tuple[str, str]] = (),
) -> list[Failure]:
    """What the page's own strings do not bear out. A formula that holds a number and cannot be read
    is not proved; one without numbers says nothing that could be false here. What the author wrote
    is named by its place too. `stated`: as for the tables."""
    places = {
        line + row: at_row(place, row)
        for (line, tex), place in (own or {}).items()
        for row in range(tex.count("\n") + 1)
    }
    unread = [finding for finding in report.unread if re.search(r"\d", finding.printed)]
    return [
        Failure(
            "re-punch",
            f"{places[finding.line]}, line {finding.line} of the page"
            if finding.line in places
            else f"line {finding.line}",
            finding.printed,
            finding.expected,
            finding.message,
            _row(markdown, finding.line),
        )
        for finding in (
            *report.findings,
            *unread,
            *table_findings(markdown, report.printed, stated),
        )
    ]


def statement_failures(
    trace: Trace,
    markdown: str,
    own: Collection[Key] = frozenset(),
    authored: Collection[str] = frozenset(),
    numbers: Collection[str] = frozenset(),
    claimed: Collection[Decimal] = frozenset(),
) -> list[Failure]:
    """What a page states and the problem and its trace do not. `claimed`: the numbers that its
    figures claim."""
    try:
        inventory = inventory_of(trace)
    except KeyError as missing:
        return [
            Failure("statement", "the solution", "", "", f"there is no {missing.args[0]} in it")
        ]
    shown = page_lines(markdown)
    found = [
        *statement_findings(inventory, markdown, own, authored, numbers)[1],
        *value_findings(inventory, markdown, authored),
        *diagram_findings(trace, markdown, authored),
        *number_findings(inventory, shown, authored, numbers, claimed),
        *outline_findings(trace.problem, shown, authored),
        *heading_findings(inventory, markdown, authored),
        *label_findings(inventory, markdown, authored),
        *program_findings(trace, markdown, authored),
    ]
    return [
        Failure("statement", f"line {line}", printed, "", message, _row(markdown, line))
        for line, printed, message in found
    ]


def _about(failures: list[Failure], trace: Trace, markdown: str) -> list[Failure]:
    """The same failures, each with the name of the quantity whose symbol its message names, or else
    of the one at the left of its line; what stands in a formula, a table or a diagram and is of
    neither is about the problem as a whole."""
    if not failures:
        return failures
    symbols, spelt = Symbols.of(trace.problem), {}
    for name in (*trace.givens, *[working.name for working in trace.workings]):
        spelt |= {symbols(name): name, read(symbols(name)).name: name}
    named = [
        next((spelt[found[1]] for found in SYMBOL.finditer(each.message) if found[1] in spelt), "")
        for each in failures
    ]
    lines = markdown.splitlines()
    named = [
        name
        or (
            _at_left(lines, each, spelt) or trace.problem.family
            if each.where.startswith("line ") and MATHS.search(each.line)
            else ""
        )
        for name, each in zip(named, failures)
    ]
    return [replace(each, quantity=each.quantity or name) for each, name in zip(failures, named)]


def _at_left(lines: list[str], failure: Failure, spelt: Mapping[str, str]) -> str:
    """The name of the quantity at the left of a line of the page, or of the row that it goes on
    from."""
    for row in reversed(lines[: int(LINE_NUMBER.match(failure.where)[1])]):
        left = LEFT.match(row)
        if not left or left[1].strip():
            return spelt.get(left[1].strip(), "") if left else ""
    return ""


def claim_failures(
    trace: Trace,
    markdown: str,
    claims: Claims | None,
    judged: Found | None = None,
    authored: Collection[str] = frozenset(),
) -> list[Failure]:
    """What the page says in words and is not so, or does not claim."""
    return [
        Failure("words", f"line {line}" if line else "the page", said, "", message, said)
        for line, said, message in (
            claim_findings(trace, markdown, claims, judged, authored) if claims else ()
        )
    ]


def identity_failures(trace: Trace, markdown: str) -> tuple[int, list[Failure]]:
    """Every derivation, as it is in the trace and as it stands on the page: each form equal to the
    one before it. Returns how many forms of the page were compared, and what does not hold."""
    if not trace.derivations:
        return 0, []
    failures, points, compared = [], points_of(trace), 0
    symbols = Symbols.of(trace.problem)
    meanings = family_of(trace.problem).definitions(trace.problem)
    for derivation in trace.derivations:
        place = first_unequal(
            [written_out(step.expr, meanings) for step in derivation.steps], points
        )
        if place is not None:
            rules = ", ".join(derivation.steps[place].rules)
            failures.append(
                Failure(
                    "identity",
                    derivation.name,
                    f"step {place}",
                    "",
                    f"step {place}{f' ({rules})' if rules else ''} "
                    "is not equal to the one before it"
                    if place
                    else "the forms have no value to compare",
                    quantity=derivation.name,
                )
            )
    spelt = {
        name: read(symbols(name)).name
        for name in {*meanings, *(name for point in points for name in point)}
    }
    named = [{spelt[name]: value for name, value in point.items()} for point in points]
    meant = {
        spelt[name]: substitute(expr, lambda each: Name(spelt.get(each, each)))
        for name, expr in meanings.items()
    }
    targets = {read(symbols(derivation.name)).name for derivation in trace.derivations}
    for label, forms in printed_forms(markdown, targets).items():
        if (
            label in targets and trace.givens and not family_of(trace.problem).says_where
        ):  # the same symbol has numbers too; those are punched again
            forms = [form for form in forms if form[2] is NO_VALUE or names(form[2])]
        place = first_unequal([written_out(expr, meant) for _, _, expr in forms], named)
        compared += len(forms) - 1
        if place is not None:
            line, tex, _ = forms[place]
            message = (
                f"this form of {label} is not equal to the one before it"
                if place
                else f"the forms of {label} have no value to compare"
            )
            failures.append(
                Failure("identity", f"line {line}", tex, "", message, _row(markdown, line))
            )
    return compared, failures


def run_table_failures(trace: Trace, markdown: str) -> list[Failure]:
    """What a table says of where runs are: in one of learning rates, and columns of parameters and
    of the loss, every plain number is what the run came to, or the loss at that point as it is
    rounded, rounded to its last place."""
    symbols, failures = Symbols.of(trace.problem), []
    runs = {
        descent.rate: {
            f"${symbols(name)}$": value
            for name, value in (
                descent.end | {trace.problem.loss_name: loss_at_end(trace.problem, descent)}
            ).items()
        }
        for descent in trace.descents
        if f"| {plain_text(descent.rate)} |" in markdown
    }
    for header, *rows in tables(markdown) if runs else ():
        for line, row in (
            rows if header[1][0] == f"${symbols(trace.problem.notation.learning_rate)}$" else ()
        ):
            row = [text.strip("$") if (text := texts(cell)) != cell else cell for cell in row]
            found = runs.get(Decimal(row[0])) if NUMBER.fullmatch(row[0]) else None
            updates = {
                str(descent.updates)
                for descent in trace.descents
                if found and descent.rate == Decimal(row[0])
            }
            wrong = [
                (head, "", f"{head} is nothing that a run has")
                for head in header[1][1:]
                if found and head.startswith("$") and head not in found
            ]
            wrong += (
                [(row[0], "", f"no run has the learning rate {row[0]}")]
                if NUMBER.fullmatch(row[0]) and not found
                else []
            )
            wrong += [
                (cell, "", f"the run with {row[0]} does not make {cell} updates")
                for head, cell in zip(header[1][1:], row[1:])
                if found and head not in found and cell.isdigit() and cell not in updates
            ]
            failures += [
                Failure("descent", f"line {line}", *each, _row(markdown, line)) for each in wrong
            ]
            for cell in row if found else ():  # L(0.5, 1) = 2: the point by itself
                for shown, name in (
                    zip(POINT.match(cell)[1].split(", "), trace.problem.trained)
                    if POINT.match(cell)
                    else ()
                ):
                    if Decimal(shown) != quantize(
                        found[f"${symbols(name)}$"],
                        Decimal(shown).as_tuple().exponent,
                        trace.problem.rounding.mode,
                    ):
                        failures.append(
                            _astray(line, row[0], shown, found[f"${symbols(name)}$"], markdown)
                        )
            for head, cell in zip(header[1], row) if found else ():
                if (
                    head in found
                    and NUMBER.fullmatch(cell)
                    and Decimal(cell)
                    != quantize(
                        found[head], Decimal(cell).as_tuple().exponent, trace.problem.rounding.mode
                    )
                ):
                    failures.append(_astray(line, row[0], cell, found[head], markdown))
    return failures


def _astray(line: int, rate: str, shown: str, value: Decimal, markdown: str) -> Failure:
    where = plain_text(value)[:14]
    return Failure(
        "descent",
        f"line {line}",
        shown,
        where,
        f"{shown} is not where the run with {rate} is: {where}",
        _row(markdown, line),
    )


def _row(markdown: str, line: int) -> str:
    """What stands on a line of a page, as much of it as a message has room for."""
    return markdown.splitlines()[line - 1].strip()[:160]


def gradient_failures(trace: Trace, markdown: str) -> tuple[int, list[Failure]]:
    """Every form of a gradient on the page that has no numbers in it."""
    compared, unequal = unequal_forms(trace, markdown)
    return compared, [
        Failure(
            "chain rule",
            f"line {line}",
            form,
            "",
            f"this form is not equal to {target}",
            _row(markdown, line),
        )
        for line, form, target in unequal
    ]


def _place(working: Working) -> str:
    return f"epoch {working.epoch}, {working.phase}"


def _is_used_as_shown(trace: Trace, working: Working, event: Event) -> bool:
    """What is used next is what is shown, or, under `exact`, the unrounded value; and a working
    holds what its event holds."""
    if (working.exact, working.value, working.shown) != (event.exact, event.value, event.shown):
        return False
    return event.value == (
        event.exact if trace.problem.rounding.policy == "exact" else Decimal(event.shown)
    )


def drift_failures(trace: Trace) -> tuple[Decimal, str, list[Failure]]:
    """Committed against exact for each named result; and what is shown is what is used."""
    limit = bounds(trace)
    worst, name, failures = Decimal(0), "", []
    for working in trace.workings:
        event = trace.events[working.event]
        if abs(float(CONTEXT.subtract(event.value, event.exact))) > limit[
            working.event
        ] + KNOWN * abs(float(event.exact)):
            failures.append(
                Failure(
                    "drift",
                    _place(working),
                    working.shown,
                    plain_text(event.exact)[:14],
                    f"{working.name} = {working.shown} lies further from {plain_text(event.exact)[:14]} "
                    f"than rounding explains",
                    quantity=working.name,
                )
            )
        if not _is_used_as_shown(trace, working, event):
            failures.append(
                Failure(
                    "drift",
                    _place(working),
                    working.shown,
                    plain_text(event.value)[:14],
                    f"{working.name} is shown as {working.shown}, and {plain_text(event.value)[:14]} is used",
                    quantity=working.name,
                )
            )
        drift = units(event)
        if drift > worst:
            worst, name = drift, working.name
    return worst, name, failures

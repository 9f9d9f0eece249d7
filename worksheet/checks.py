"""The proofs a document must pass before it is written.

1. Re-punch (`repunch.py`): every relation on the page, from the page's own strings.
2. Oracle (`oracles.py`): every result against NumPy, every gradient against central differences.
3. Drift (`drift.py`): every committed number as near to the exact one as its rounding allows.
4. Identities: every form of a derivation equal to the one before it (`identities.py`), every form of a gradient to the
   gradient (`gradient_forms.py`).
5. Statements: every formula, table, diagram, heading and number against the problem and its trace (`statements.py`).
6. Descents: what becomes of gradient descent by program, in floats and from other slopes (`long_runs_oracle.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from math import isclose

from .diagram_proof import diagram_findings
from .drift import bounds, units
from .errors import ProofError
from .expression import Name, names, substitute
from .gradient_forms import unequal_forms
from .identities import NO_VALUE, SAY_WHERE, definitions, first_unequal, points_of, printed_forms, written_out
from .inventory import inventory_of
from .long_runs_oracle import at_end, carried_on
from .notation import Symbols
from .nudges import nudge_values
from .number import half_unit, plain_text
from .numerals import numeral_findings, spoken_lines
from .oracles import oracle_of
from .outline import outline_findings
from .problem import END, NUDGE
from .repunch import Report, repunch
from .statements import statement_findings
from .table_proof import value_findings
from .tables import table_findings, tables
from .texreader import read
from .trace import STANDS, Descent, Trace, Working, ended
from .trajectory import Course

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NUMPY = 1e-9        # relative agreement of two computations in full precision
DIFFERENCES = 1e-5  # relative agreement with a central difference
ASIDE, WIDE = 1e-12, 1e-7      # a nudge of a start, and how far apart two descents may be that are one


@dataclass(frozen=True, slots=True)
class Failure:
    """One number that did not pass: which proof, where, what stands there, what should be."""

    proof: str
    where: str
    printed: str
    expected: str
    message: str
    line: str = ""      # the text of the page there

    def __str__(self) -> str:
        text = f"{self.where}: {self.message} [{self.proof}]"
        return f"{text}\n    {self.line}" if self.line else text


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved. `listed`: the lines that hold only with unrounded values (policies exact and
    named). `checked` relations were punched again, `results` compared with NumPy, `differences` with
    finite differences; `checked` counts the steps of derivations too. `drift`: the largest, in units of the last place,
    and the name of its quantity."""

    failures: tuple[Failure, ...]
    listed: tuple
    checked: int
    results: int
    differences: int
    drift: Decimal
    drift_of: str

    def insist(self, where: str = "") -> Proof:
        """Raise ProofError unless everything held."""
        if self.failures:
            raise ProofError(list(self.failures), where)
        return self


def together(proofs: list[Proof]) -> Proof:
    """The proofs of several problems, or of texts, as one."""
    worst = max(proofs, key=lambda proof: proof.drift)
    return Proof(tuple(each for proof in proofs for each in proof.failures), tuple(each for proof in proofs for each in proof.listed),
                 *(sum(getattr(proof, count) for proof in proofs) for count in ("checked", "results", "differences")), worst.drift, worst.drift_of)


def check(trace: Trace, markdown: str, authored: Collection[str] = frozenset(), numbers: Collection[str] = frozenset()) -> Proof:
    """Prove a page and the trace behind it. `authored`: lines that an author wrote, who states what our templates do not; `numbers`:
    those that are offered to choose from."""
    report = repunch(markdown, rounding=trace.problem.rounding)
    failures = page_failures(markdown, report)
    results, differences, found = oracle_failures(trace)
    failures += found
    identities, found = identity_failures(trace, markdown)
    failures += found
    failures += descent_failures(trace) + run_table_failures(trace, markdown)
    forms, found = gradient_failures(trace, markdown)
    told = {text for line in report.listed for text in (line.printed, line.expected)}      # where a calculator differs, the page says so
    failures += found + statement_failures(trace, markdown, authored, told.union(numbers))
    drift, drift_of, found = drift_failures(trace)
    return Proof(tuple(failures + found), report.listed, report.checked + identities + forms, results, differences, drift, drift_of)


def page_failures(markdown: str, report: Report) -> list[Failure]:
    """What the page's own strings do not bear out. A formula that holds a number and cannot be read is not
    proved; one without numbers says nothing that could be false here."""
    unread = [finding for finding in report.unread if re.search(r"\d", finding.printed)]
    lines = markdown.splitlines()
    return [Failure("re-punch", f"line {finding.line}", finding.printed, finding.expected, finding.message,
                    lines[finding.line - 1].strip()[:160])
            for finding in (*report.findings, *unread, *table_findings(markdown, report.printed))]


def statement_failures(trace: Trace, markdown: str, authored: Collection[str] = frozenset(), numbers: Collection[str] = frozenset()) -> list[Failure]:
    """What a page states and the problem and its trace do not."""
    inventory, words = inventory_of(trace), list(spoken_lines(markdown))
    found = [*statement_findings(inventory, markdown, authored, numbers)[1], *value_findings(inventory, markdown, authored),
             *diagram_findings(trace, markdown, authored), *numeral_findings(inventory, words, authored, numbers),
             *outline_findings(trace.problem, words, authored)]
    lines = markdown.splitlines()
    return [Failure("statement", f"line {line}", printed, "", message, lines[line - 1].strip()[:160]) for line, printed, message in found]


def oracle_failures(trace: Trace) -> tuple[int, int, list[Failure]]:
    """Every result of the trace, at full precision, against the independent computation."""
    oracle = oracle_of(trace.problem)
    steps = oracle.run(trace.problem)
    failures, results, differences = [], 0, 0
    slopes = [oracle.central_differences(trace.problem, step)[0] for step in steps[:-1]]
    loss = trace.problem.loss_name
    aside = {NUDGE + name: nudge_values(loss, name, float(change.value), steps[0].values, oracle.quantities(
        trace.problem, {name: steps[0].values[name] + float(change.value)})) for name, change in trace.problem.nudge.items()}
    if any(working.phase == END for working in trace.workings):
        aside[END] = {ended(name): value for name, value in at_end(trace.problem, trace.descents[0].end).items()}
    for working in trace.workings:
        step = steps[-1] if working.phase == "check" else steps[working.epoch - 1]
        values = aside.get(working.phase) or (step.after if working.phase == "update" else step.values)
        if working.name in values:
            results += 1
            # a difference of losses is as good as they are
            size = max(abs(step.values[loss]), abs(values[f"{loss}_prime"])) if working.phase.startswith(NUDGE) and working.kind == "loss" else 1.0
            failures += _compare(working, values[working.name], NUMPY, "NumPy", size)
        if working.phase == "backward" and working.name in slopes[working.epoch - 1]:
            differences += 1
            failures += _compare(working, slopes[working.epoch - 1][working.name], DIFFERENCES, "central differences")
    return results, differences, failures


def identity_failures(trace: Trace, markdown: str) -> tuple[int, list[Failure]]:
    """Every derivation, as it is in the trace and as it stands on the page: each form equal to the one before it. Returns
    how many forms of the page were compared, and what does not hold."""
    if not trace.derivations:
        return 0, []
    failures, points, compared = [], points_of(trace), 0
    symbols = Symbols.of(trace.problem)
    meanings = definitions(trace.problem)
    for derivation in trace.derivations:
        place = first_unequal([written_out(step.expr, meanings) for step in derivation.steps], points)
        if place is not None:
            rules = ", ".join(derivation.steps[place].rules)
            failures.append(Failure("identity", derivation.name, f"step {place}", "", f"step {place}{f' ({rules})' if rules else ''} "
                                    "is not equal to the one before it" if place else "the forms have no value to compare"))
    lines = markdown.splitlines()
    spelt = {name: read(symbols(name)).name for name in {*meanings, *(name for point in points for name in point)}}
    named = [{spelt[name]: value for name, value in point.items()} for point in points]
    meant = {spelt[name]: substitute(expr, lambda each: Name(spelt.get(each, each))) for name, expr in meanings.items()}
    targets = {read(symbols(derivation.name)).name for derivation in trace.derivations}
    for label, forms in printed_forms(markdown, targets).items():
        if label in targets and trace.givens and trace.problem.family not in SAY_WHERE:      # the same symbol has numbers too; those are punched again
            forms = [form for form in forms if form[2] is NO_VALUE or names(form[2])]
        place = first_unequal([written_out(expr, meant) for _, _, expr in forms], named)
        compared += len(forms) - 1
        if place is not None:
            line, tex, _ = forms[place]
            message = f"this form of {label} is not equal to the one before it" if place else f"the forms of {label} have no value to compare"
            failures.append(Failure("identity", f"line {line}", tex, "", message,
                                    lines[line - 1].strip()[:160]))
    return compared, failures


def descent_failures(trace: Trace) -> list[Failure]:
    """Every descent by program against the one in floats. Where a start a hair's breadth aside leads elsewhere, floats have no say,
    and none beyond where they run out of numbers, as in 1 - sigmoid(40)."""
    failures = []
    for descent in trace.descents:
        theirs = carried_on(trace.problem, float(descent.rate))
        is_same = descent.fate == theirs.fate and (descent.fate not in STANDS or _are_near(descent, theirs, NUMPY))
        is_beyond = theirs.is_lost and descent.updates >= theirs.updates
        if is_same or is_beyond or not _are_near(theirs, carried_on(trace.problem, float(descent.rate), ASIDE), WIDE):
            continue
        failures.append(Failure("descent", f"learning rate {plain_text(descent.rate)}", f"{descent.fate} after {descent.updates} updates",
                                f"{theirs.fate} after {theirs.updates} updates", f"{theirs.fate} after {theirs.updates} updates, at "
                                f"{', '.join(f'{float(value):.10g}' for value in theirs.end)}, in floats"))
    return failures


def run_table_failures(trace: Trace, markdown: str) -> list[Failure]:
    """What a table says of where runs are: below the learning rate, in columns of parameters and of the loss, every plain number is what
    the run came to, to half a unit of its last place; any other is the number of its updates."""
    symbols, failures, lines = Symbols.of(trace.problem), [], markdown.splitlines()
    runs = {descent.rate: ({f"${symbols(name)}$": value for name, value in (descent.end | {trace.problem.loss_name: descent.loss}).items()}, descent.updates)
            for descent in trace.descents}
    for header, *rows in tables(markdown) if runs else ():
        for line, row in rows:
            found, updates = runs.get(Decimal(row[0]), ({}, None)) if NUMBER.fullmatch(row[0]) else ({}, None)
            for head, cell in zip(header[1][1:], row[1:]) if found and header[1][0] == f"${symbols(trace.problem.notation.learning_rate)}$" else ():
                if not NUMBER.fullmatch(cell):
                    continue
                expected = found.get(head)
                if expected is None and cell != str(updates):
                    failures.append(Failure("descent", f"line {line}", cell, str(updates), f"the run with {row[0]} makes {updates} updates", lines[line - 1].strip()[:160]))
                elif expected is not None and abs(Decimal(cell) - expected) > half_unit(Decimal(cell).as_tuple().exponent):
                    failures.append(Failure("descent", f"line {line}", cell, plain_text(expected)[:14], f"{cell} is not where the run with {row[0]} is: "
                                            f"{plain_text(expected)[:14]}", lines[line - 1].strip()[:160]))
            if header[1][0] == f"${symbols(trace.problem.notation.learning_rate)}$" and NUMBER.fullmatch(row[0]) and not found:
                failures.append(Failure("descent", f"line {line}", row[0], "", f"no run has the learning rate {row[0]}", lines[line - 1].strip()[:160]))
    return failures


def _are_near(one: Descent | Course, other: Course, relative: float) -> bool:
    """After as many updates at the same point, with the same loss."""
    end = tuple(one.end.values()) if isinstance(one, Descent) else one.end
    return one.updates == other.updates and all(isclose(float(mine), float(theirs), rel_tol=relative, abs_tol=relative)
                                                for mine, theirs in zip((*end, one.loss), (*other.end, other.loss)))


def gradient_failures(trace: Trace, markdown: str) -> tuple[int, list[Failure]]:
    """Every form of a gradient on the page that has no numbers in it."""
    compared, unequal = unequal_forms(trace, markdown)
    lines = markdown.splitlines()
    return compared, [Failure("chain rule", f"line {line}", form, "", f"this form is not equal to {target}", lines[line - 1].strip()[:160])
                      for line, form, target in unequal]


def _compare(working: Working, expected: float, relative: float, source: str, size: float = 1.0) -> list[Failure]:
    if isclose(float(working.exact), expected, rel_tol=relative, abs_tol=relative * max(1.0, size)):
        return []
    return [Failure("oracle", _place(working), working.shown, f"{expected:.10g}",
                    f"{working.name} is {plain_text(working.exact)[:14]}, {source} finds {expected:.10g}")]


def _place(working: Working) -> str:
    return f"epoch {working.epoch}, {working.phase}"


def drift_failures(trace: Trace) -> tuple[Decimal, str, list[Failure]]:
    """Committed against exact for each named result; and what is shown is what is used."""
    limit = bounds(trace)
    worst, name, failures = Decimal(0), "", []
    for working in trace.workings:
        event = trace.events[working.event]
        if abs(float(event.value - event.exact)) > limit[working.event] + 1e-30:
            failures.append(Failure("drift", _place(working), working.shown, plain_text(event.exact)[:14],
                                    f"{working.name} = {working.shown} lies further from {plain_text(event.exact)[:14]} "
                                    f"than rounding explains"))
        drift = units(event)
        if drift > worst:
            worst, name = drift, working.name
    return worst, name, failures

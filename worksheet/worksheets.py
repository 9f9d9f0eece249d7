"""A worksheet: a sheet and its key, made from one trace and proved together.

The key is proved like a note. A sheet is proved with its blanks filled in from the key, and
searched for answers that slipped out.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .algebra.expression import Apply, Expr
from .assessment.answer_blanks import CELL, without_cells, written_in_cells
from .assessment.answer_blanks import filled as filled_cells
from .assessment.answer_table import ANSWERS, divided, row_failures, unfolded
from .assessment.settled import hint, unsettled
from .assessment.sheet_and_key import ALONE, Handout, Setting
from .assessment.tolerance import stated
from .draws import Draws
from .errors import ProofError, WorksheetError
from .grids.proof import grid_failures
from .grids.text import FENCE as CELLS
from .grids.text import cells_in, grid_texts
from .lectures.authors import Written, found_in, of_problem, strays, warn
from .markdown.authored import added
from .markdown.reader import formulas
from .numbers.number import Number, plain_text
from .numbers.numerals import texts
from .output.jobs import Job, Made
from .pages import facts
from .pages.apart import apart
from .pages.blanks import BLANK, Filled
from .pages.page import Markdown
from .problem import GRID, Problem
from .proofs.checks import (
    Failure,
    Proof,
    check,
    claim_failures,
    identity_failures,
    page_failures,
    statement_failures,
)
from .recalculation.recalculation import repunch
from .resources import is_ours
from .solution import by_hand
from .tex.reader import chains, read
from .tex.writer import tex
from .threads.proof import proved_thread
from .trace.trace import Trace
from .variants.search import solution_of

# a single digit may be an index or the 1 of a formula; `[0.6em]` is the distance of two rows
NUMBER = re.compile(r"(?:(?:\d+\.\d+|\d{2,})(?:e-?\d+)?|\de-?\d+)(?!\d|em\])")
DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.]*\d)")
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)
EMPTY = re.compile(rf"\\underline\{{(?:{re.escape(BLANK)})+\}}_\{{\((\d+)\)\}}")


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet and its key that have passed their proofs. `page`: that of the key, which knows the
    tasks and what is accepted."""

    trace: Trace
    sheet: Markdown
    key: Markdown
    proof: Proof
    page: Handout = field(repr=False)


def make_worksheet(problem: Problem, **options) -> Worksheet:
    """Solve, render and prove. `problem.fade` says how much of the solution the sheet leaves to the
    student; `options` are those of `prove_worksheet`."""
    return prove_worksheet(by_hand(problem), **options)


def prove_worksheet(
    trace: Trace,
    *,
    templates: Path | None = None,
    source: str = "",
    setting: Setting = ALONE,
    layouts: tuple[str, str] = ("sheet", "key"),
) -> Worksheet:
    """Render a trace and prove both pages, each in its layout. `setting`: the code of a variant,
    and what an exam says.

    Raises ProofError for a line of the key that does not hold, or an answer that stands on the
    sheet."""
    trace = replace(trace, descents=())  # what a program goes on to do is asked of nobody
    page, key, proof = _proved_key(trace, templates, source, setting, layouts[1])
    sheet = Handout(trace, is_key=False, setting=setting)
    text = sheet.render(layouts[0], templates)
    ours = (
        ""
        if is_ours(templates)
        else Handout(trace, is_key=False, setting=setting).render(layouts[0])
    )
    if failures := sheet_failures(sheet, text, ours):
        raise ProofError(failures, source)
    return Worksheet(trace, text, key, proof, page)


def worksheet_job(
    spec: Path,
    *,
    fade: Number | None = None,
    key: str | None = None,
    layout: str | None = None,
    paper: str = "a4",
    templates: Path | None = None,
    follow: bool = False,
) -> Job:
    """The job of one worksheet: `sheet` and `key`. `fade`, `key` and `layout` stand in for those of
    the spec; `paper` is that of a layout; `follow`: the numbers of the key can be followed, in
    HTML; those of the sheet never, for what they lead to is asked."""

    def make(stage: Path) -> Made:
        trace = laid_out(solution_of(spec), layout)
        if found := list(unsettled(trace)):
            warnings.warn(
                f"{spec}: {'; '.join(each.saw for each in found)}\n  hint: {hint(trace, found)}",
                stacklevel=2,
            )
        if trace.problem.layout == GRID:
            return gridded(faded(trace, fade), key, paper=paper, source=str(spec))
        made = prove_worksheet(
            keyed(faded(trace, fade), key),
            templates=templates,
            source=str(spec),
            setting=Setting(draws=Draws(spec.stem, 0, 0, 0)),
        )
        warn(made.proof.own)
        threads = (
            {
                "key": proved_thread(
                    made.trace, made.key, own=found_in(made.key, of_problem(made.trace.problem, ""))
                )
            }
            if follow and is_ours(templates)
            else {}
        )
        return Made({"sheet": made.sheet, "key": made.key}, made.proof, threads=threads)

    return Job(spec, lambda stage: apart(lambda: make(stage), templates is not None))


def laid_out(trace: Trace, layout: str | None) -> Trace:
    """The trace of a worksheet with this layout; None: the one that the spec says."""
    return (
        trace
        if layout is None
        else replace(trace, problem=trace.problem.model_copy(update={"layout": layout}))
    )


def gridded(
    trace: Trace, key: str | None = None, *, paper: str = "a4", source: str = "", code: str = ""
) -> Made:
    """A network's worksheet as a grid, and its key, the grid filled in. The solution behind it is
    proved as in any key, then each number of the grid from what is written. Raises WorksheetError
    for what has no room, ProofError for a number that does not hold."""
    if (form := key or trace.problem.key) != "full":
        raise WorksheetError(
            f"the key of a grid is the grid, filled in: it has no form '{form}'",
            "--key" if key else f"{source or trace.problem.title}: key",
            "--key full; or a grid among tasks, with ask: [{of: grid}], whose key has rows too; or no grid, with --layout tasks",
        )
    trace = replace(trace, descents=())
    blank, filled = grid_texts(trace, paper, code)
    _, _, proof = _proved_key(trace, None, source, ALONE, "key")
    checked, failures = grid_failures(trace, blank, filled)
    if failures:
        raise ProofError(failures, source)
    return Made(
        {"sheet": blank, "key": filled},
        replace(proof, checked=proof.checked + checked),
        layout=GRID,
    )


def keyed(trace: Trace, key: str | None) -> Trace:
    """The trace of a worksheet with a key of this form; None: the one that the spec says."""
    return (
        trace
        if key is None
        else replace(trace, problem=trace.problem.model_copy(update={"key": key}))
    )


def faded(trace: Trace, fade: Number | None) -> Trace:
    """The trace of a worksheet that leaves the share `fade` to the student; None: as much as the
    spec says."""
    return (
        trace
        if fade is None
        else replace(trace, problem=trace.problem.model_copy(update={"fade": fade}))
    )


def _proved_key(
    trace: Trace, templates: Path | None, source: str, setting: Setting, layout: str
) -> tuple[Handout, Markdown, Proof]:
    listed, written = (), of_problem(trace.problem, source)
    while True:
        page = Handout(trace, is_key=True, listed=listed, setting=setting)
        key = page.render(layout, templates)
        authored = (
            frozenset()
            if is_ours(templates)
            else added(
                key, Handout(trace, is_key=True, listed=listed, setting=setting).render(layout)
            )
        )
        proof = check_key(page, key, written, authored).insist(source)
        if listed or not proof.listed:
            return page, key, replace(proof, own=proof.own + strays(written))
        listed = (
            proof.listed
        )  # computed with unrounded values: the page says where a calculator will differ


def check_key(
    page: Handout,
    key: str,
    written: Sequence[Written] = (),
    authored: Collection[str] = frozenset(),
) -> Proof:
    """Prove a key: its solution like that of any page, and the rows of its table as chains of their
    own. `written`: what the author wrote; `authored`: the lines of templates of their own."""
    rest, table = divided(key) if page.has_compact or ANSWERS in key.splitlines() else (key, "")
    chained = unfolded(table, page) if page.has_compact else ""
    report = repunch(chained, rounding=page.problem.rounding)
    told = {text for line in report.listed for text in (line.printed, line.expected)}
    if not table:
        return check(
            page.trace,
            key,
            found_in(key, written),
            authored=authored,
            numbers=offered_numbers(page),
        )
    proof = check(
        page.trace,
        rest,
        found_in(rest, written),
        authored=authored,
        numbers=offered_numbers(page) | told,
    )
    found = (
        page_failures(chained, report)
        + claim_failures(page.trace, key, getattr(key, "claims", None))
        + [
            Failure(
                "key", f"line {line}", printed, expected, message, key.splitlines()[line - 1][:160]
            )
            for line, printed, expected, message in row_failures(page, table)
        ]
    )
    return replace(
        proof,
        failures=proof.failures + tuple(found),
        listed=proof.listed + report.listed,
        checked=proof.checked + report.checked,
    )


def sheet_failures(sheet: Handout, text: str, ours: str = "") -> list[Failure]:
    """What a sheet must not be: wrong where its blanks and cells are filled in, or a place where
    answers can be read. `ours`: what our own templates make of it, where those of an author were
    used."""
    holes, asked = (
        sheet.page.holes.filled,
        [
            view
            for task in sheet.tasks
            if not task.has_choices and not task.blank
            for view in task.asked
        ]
        if sheet.is_bare
        else [],
    )
    answers = [sheet.page.numeral(each) for each in written_in_cells(asked)]

    def filled(text: str) -> str:
        return EMPTY.sub(
            lambda blank: (
                rf"\underline{{{_of_blank(sheet, holes[int(blank[1]) - 1])}}}_{{({blank[1]})}}"
            ),
            text,
        )

    bare = filled(without_cells(text))
    failures = (
        page_failures(bare, repunch(bare, rounding=sheet.problem.rounding))
        + identity_failures(sheet.trace, bare)[1]
    )
    if (count := len(CELL.findall(text))) not in (0, len(answers)):
        failures.append(
            Failure(
                "blanks",
                "",
                str(count),
                str(len(answers)),
                f"the sheet has {count} cells for {len(answers)} answers",
            )
        )
    whole = filled(filled_cells(text, answers))
    written = found_in(whole, of_problem(sheet.problem, ""))
    failures += statement_failures(
        sheet.trace,
        whole,
        written,
        added(text, ours) if ours else frozenset(),
        offered_numbers(sheet),
    )
    failures += claim_failures(sheet.trace, text, getattr(text, "claims", None))
    shown = {
        event.shown.lstrip("-")
        for index, event in enumerate(sheet.trace.events)
        if event.shown is not None and not sheet.page.holes.is_open(index)
    } | sheet.page.said
    secret = {answer.lstrip("-") for answer in graded(sheet)} - shown
    left, unsaid = EMPTY.sub("", without_cells(text)), forms_graded(sheet)
    found = [(line, number) for line, number in numbers_of(left) if number in secret]
    offered = Counter(
        option.shown.lstrip("-")
        for each in (sheet.options.values() if sheet.is_bare else ())
        for option in each
    )
    failures += [
        Failure(
            "secrecy",
            f"line {line}",
            number,
            "",
            f"the answer {number} stands on the sheet"
            + f", where it is offered {offered[number]} times" * (number in offered),
        )
        for line, number in found
        if Counter(each for _, each in found)[number] > offered[number]
    ]
    asked = {member.event for member in sheet.asked_members.values()} if sheet.is_bare else set()
    failures += [
        Failure(
            "secrecy",
            "",
            cell["text"],
            "",
            f"the answer {cell['text']} stands in the cell of {cell['of']}",
        )
        for grid in CELLS.finditer(text)
        for cell in cells_in(grid[1])
        if cell["event"] in asked and cell["text"]
    ]
    failures += [
        Failure("secrecy", "", number, number, f"the answer {number} is not among its choices")
        for number in offered.keys() & secret
        if NUMBER.fullmatch(number) and number not in {each for _, each in found}
    ]
    failures += [
        Failure(
            "secrecy",
            f"line {line}",
            number,
            "",
            f"the answer {number} stands in words of the spec",
        )
        for line, number in spelt(sheet, text)
        if number in secret
    ]
    return failures + [
        Failure("secrecy", f"line {line}", form, "", f"the answer {form} stands on the sheet")
        for line, form, expr in forms_of(left)
        if expr in unsaid
    ]


def _of_blank(sheet: Handout, filled: Filled) -> str:
    """The TeX of what belongs into a blank."""
    return sheet.page.numeral(filled.text) if isinstance(filled.what, int) else filled.text


def offered_numbers(page: Handout) -> frozenset[str]:
    """The numbers that a sheet or its key has of its own: those that there are to choose from,
    points and marks, and what a key states in full precision."""
    full = (
        [
            stated(page.trace, working)
            for working in page.trace.workings
            if page.accepted[working.key].is_noise
        ]
        if page.is_key
        else []
    )
    if not page.is_bare:  # a point for each blank
        return frozenset([str(len(page.page.holes.filled)), *full])
    marks = [step.marks for task in page.tasks for step in task.steps]
    points = [*marks, *[task.points for task in page.tasks], sum(marks)]
    return frozenset(
        [option.shown for each in page.options.values() for option in each]
        + list(map(plain_text, points))
        + full
    )


def spelt(sheet: Handout, text: str) -> Iterator[tuple[int, str]]:
    """The decimals that the author's own words have outside of formulas: in the title, in the
    instructions, in the words of a task; each with the line of the page where these begin. (A whole
    number may be minutes, or a year.)"""
    for words in (
        sheet.problem.title,
        sheet.problem.instructions,
        *(task.text for task in sheet.tasks),
    ):
        place = text.find(facts.words(words).partition("\n")[0]) if words else -1
        inside = [formula.tex for formula in formulas(words)]
        for number in DECIMAL.findall(words):
            if not any(number in tex for tex in inside):
                yield text.count("\n", 0, max(0, place)) + 1, number


def graded(sheet: Handout) -> Iterator[str]:
    """The numbers that the student is to find, as they are written."""
    if sheet.is_bare:
        yield from (
            member.shown for task in sheet.tasks for view in task.asked for member in view.members
        )
        yield from (
            option.shown
            for offered in sheet.options.values()
            for option in offered
            if not option.wrong
        )
    else:
        yield from (
            filled.text for filled in sheet.page.holes.filled if isinstance(filled.what, int)
        )


def forms_graded(sheet: Handout) -> list[Expr]:
    """The forms that the student is to find, read from what would be printed; but none that the
    sheet gives elsewhere."""
    forms, form_tex = sheet.page.chains("derivation", 1), sheet.page.form_tex
    given = [read(form_tex(form)) for form in forms if form.name not in sheet.page.holes.forms]
    starts = [derivation.steps[0].expr for derivation in sheet.trace.derivations]
    starts += [
        start.args[0]
        for start in starts
        if isinstance(start, Apply) and start.op in ("derivative", "partial")
    ]  # e^x, whose derivative is e^x
    given += [read(tex(start, sheet.page.style)) for start in starts]
    secret = [read(form_tex(form)) for form in forms if form.name in sheet.page.holes.forms]
    return [form for form in secret if form not in given and isinstance(form, Apply)]


def forms_of(text: str) -> Iterator[tuple[int, str, Expr]]:
    """What stands on either side of a relation in the formulas of a page, each with its line."""
    for formula in formulas(text):
        for chain in chains(formula.tex):
            yield from (
                (formula.line_of(form.start), form.tex, form.expr)
                for form in chain.forms
                if form.expr is not None
            )


def numbers_of(text: str) -> Iterator[tuple[int, str]]:
    """The numbers in the formulas, the diagrams and the cells of a page, each with its line."""
    for formula in formulas(text):
        tex = texts(formula.tex)
        yield from (
            (formula.line_of(0) + tex.count("\n", 0, number.start()), number[0])
            for number in NUMBER.finditer(tex)
        )
    text = texts(text)
    for diagram in DIAGRAM.finditer(text):
        yield from (
            (text.count("\n", 0, number.start()) + 1, number[0])
            for number in NUMBER.finditer(text, diagram.start(1), diagram.end(1))
        )
    for grid in CELLS.finditer(text):
        line = text.count("\n", 0, grid.start()) + 1
        yield from (
            (line, cell["text"].lstrip("-"))
            for cell in cells_in(grid[1])
            if NUMBER.fullmatch(cell["text"].lstrip("-"))
        )

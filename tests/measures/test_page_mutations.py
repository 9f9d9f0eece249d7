"""How many of the changes to a finished page the proofs notice: 3,000 of them, by place and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from measured import IS_FULL, size, written
from page_mutants import KINDS, PLACES, Mutant, mutants, why_harmless

from worksheet.assessment.sheet_and_key import Handout
from worksheet.figures.draw import draw
from worksheet.lectures.authors import of_lecture
from worksheet.lectures.load import lecture_of
from worksheet.lectures.page import compose
from worksheet.notes import proofs_of, prove_lecture, prove_note, shown_numbers, solved
from worksheet.pages.markup import Markdown
from worksheet.pages.render import page_of
from worksheet.proofs import checks
from worksheet.proofs.checks import check
from worksheet.resources import problems_folder
from worksheet.solution import by_hand, solve
from worksheet.spec.faults import Faults
from worksheet.spec.load import load
from worksheet.spec.yaml_reader import read
from worksheet.tex.unicode import plain_symbol
from worksheet.worksheets import check_key, prove_worksheet, sheet_failures

SEED = 11
# of all changes that are not harmless, and of those in each place, so much must be noticed; the few
# of a small run leave room for one or two
ENOUGH, EVERYWHERE = (0.98, 0.95) if IS_FULL else (0.97, 0.85)
SPECS = sorted([*problems_folder().glob("*.yaml"), *problems_folder().glob("calculus/*.yaml")])


@dataclass(frozen=True, slots=True)
class Subject:
    """A finished page, the symbols of its problem, and how it is proved."""

    name: str
    page: str
    symbols: list[str]
    plain: list[str]
    fails: Callable[[str], bool]


def subjects_of(spec: Path, folder: Path) -> Iterator[Subject]:
    """The note, the slides, the sheet and the key of a problem, with their figures."""
    problem = load(spec)
    trace = solve(problem)
    names = list(dict.fromkeys([*trace.givens, *[working.name for working in trace.workings]]))
    symbols, plain = [
        list(dict.fromkeys(spell(name) for name in names))
        for spell in (page_of(trace).symbols, plain_symbol)
    ]
    figures = tuple(draw(problem, folder / spec.stem, formats=("svg",), shown=shown_numbers(trace)))
    for layout in ("notes", "slides"):
        made = prove_note(trace, figures=figures, layout=layout)
        yield Subject(
            f"{spec.stem}, {layout}",
            made.text,
            symbols,
            plain,
            lambda text, made=made: bool(check(made.trace, text, claims=made.claims).failures),
        )
    handed = prove_worksheet(by_hand(problem))
    handout = Handout(handed.trace, is_key=False)
    sheet = handout.render("sheet")
    yield Subject(
        f"{spec.stem}, sheet",
        sheet,
        symbols,
        plain,
        lambda text: bool(sheet_failures(handout, Markdown(text, sheet.claims))),
    )
    yield Subject(
        f"{spec.stem}, key",
        handed.key,
        symbols,
        plain,
        lambda text: bool(check_key(handed.page, Markdown(text, handed.key.claims)).failures),
    )


def lecture_of_ours(folder: Path) -> Subject:
    """The course, its figures left out: what it says of its problems is proved as in their notes."""
    path = next(problems_folder().glob("lectures/*.yaml"))
    text, faults = path.read_text(encoding="utf-8"), Faults(str(path))
    lecture = lecture_of(read(text, faults), text, path, faults)
    traces, _ = solved(lecture, lecture.problems)
    written: list = []
    pages = {name: page_of(trace) for name, trace in traces.items()}
    composed = compose(lecture, pages, written=written)
    claims = {name: page.claims for name, page in pages.items()}
    written += of_lecture(lecture)
    page, _ = prove_lecture(lecture, traces)
    names = {name: page_of(trace).symbols for name, trace in traces.items()}
    symbols = list(
        dict.fromkeys(names[each](name) for each, trace in traces.items() for name in trace.givens)
    )
    return Subject(
        "the course",
        str(page),
        symbols,
        [],
        lambda spoiled: bool(
            proofs_of(
                lecture, traces, spoiled, written, claims, composed.authored, composed.quotes
            )[1].failures
        ),
    )


def drawn(subjects: list[Subject], count: int, draws: Random) -> Iterator[tuple[Subject, Mutant]]:
    """Mutants of all places alike, of the kinds there are in a place alike, from any of the pages."""
    found: dict[str, dict[str, list[tuple[Subject, Mutant]]]] = {}
    for subject in subjects:
        for mutant in mutants(subject.page, subject.symbols, subject.plain, draws):
            found.setdefault(mutant.place, {}).setdefault(mutant.kind, []).append((subject, mutant))
    for _ in range(count):
        kinds = found[draws.choice([place for place in PLACES if place in found])]
        yield draws.choice(kinds[draws.choice(sorted(kinds))])


def measured(
    subjects: list[Subject], count: int, draws: Random
) -> tuple[Counter, Counter, Counter, list[tuple[Subject, Mutant]]]:
    """How many were drawn and not harmless, how many of them noticed, both by place and kind; the
    harmless ones by rule; what was missed."""
    asked, noticed, harmless, missed = Counter(), Counter(), Counter(), []
    for subject, mutant in drawn(subjects, count, draws):
        if rule := why_harmless(subject.page, mutant):
            harmless[rule] += 1
            continue
        asked[mutant.place, mutant.kind] += 1
        if subject.fails(mutant.text):
            noticed[mutant.place, mutant.kind] += 1
        else:
            missed.append((subject, mutant))
    return asked, noticed, harmless, missed


def in_a_table(asked: Counter, noticed: Counter) -> str:
    """Noticed of asked, a row for each place and a column for each kind."""

    def cell(place: str | None, kind: str | None) -> str:
        of, got = [
            sum(
                number
                for (here, what), number in count.items()
                if place in (None, here) and kind in (None, what)
            )
            for count in (asked, noticed)
        ]
        return f"{got} of {of}, {100 * got / of:.1f} %" if of else ""

    rows = [
        ["", *KINDS, "all"],
        [":--", *["--:"] * (len(KINDS) + 1)],
        *[
            [place or "**all**", *[cell(place, kind) for kind in (*KINDS, None)]]
            for place in (*PLACES, None)
        ],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@pytest.fixture
def page_alone(monkeypatch):
    """Without the proofs of the trace, which no change to a page can touch: they would take most of
    the time."""
    monkeypatch.setattr(checks, "oracle_failures", lambda trace, judged=None: (0, 0, []))
    monkeypatch.setattr(checks, "descent_failures", lambda trace: [])
    monkeypatch.setattr(checks, "drift_failures", lambda trace: (Decimal(0), "", []))


def test_most_changes_to_a_finished_page_are_noticed(tmp_path, page_alone):
    specs = (
        SPECS
        if IS_FULL
        else [
            spec
            for spec in SPECS
            if spec.stem in ("one-hidden-neuron", "relu-two-updates", "gradient-squares")
        ]
    )
    subjects = [subject for spec in specs for subject in subjects_of(spec, tmp_path)]
    subjects += [lecture_of_ours(tmp_path)] if IS_FULL else []
    asked, noticed, harmless, missed = measured(subjects, size(160, 3000), Random(SEED))
    table = in_a_table(asked, noticed)
    kept = "".join(f"- {rule}: {number}\n" for rule, number in harmless.most_common())
    examples = "\n".join(
        f"| {mutant.place}, {mutant.kind} | {shown(subject, mutant)} |"
        for subject, mutant in missed[:60]
    )
    written(
        "page-mutations",
        f"""# Changes to finished pages, and what the proofs notice of them

`make measures` writes this. {sum(asked.values()) + sum(harmless.values())} changes, one in each page, \
to the notes, slides, sheets and keys of all our problems and to the course:
places drawn alike, and kinds alike within a place. A change that says nothing false is left out, by a rule of `tests/page_mutants.py`:

{kept}
Noticed, of the others:

{table}

How each kind is noticed, and what is not proved, says [proofs.md](../proofs.md). What was not noticed:

| place and kind | the line as it was changed |
| :-- | :-- |
{examples}
""",
    )
    for place in PLACES:
        of, got = (
            sum(number for (here, _), number in count.items() if here == place)
            for count in (asked, noticed)
        )
        assert got >= EVERYWHERE * of, f"{place}: {got} of {of}\n{table}\n{examples}"
    assert sum(noticed.values()) >= ENOUGH * sum(asked.values()), f"{table}\n{examples}"


def shown(subject: Subject, mutant: Mutant) -> str:
    """The line of a mutant, around what was changed, fit for a table."""
    line = mutant.text.splitlines()[mutant.line - 1].replace("|", "\\|").replace("`", "'")
    at = max(0, mutant.start - subject.page.rfind("\n", 0, mutant.start) - 60)
    return f"`{line[at : at + 110]}` (was `{mutant.was}`)".replace("\n", " ")

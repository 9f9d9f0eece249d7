"""From a spec, or a lecture made of several, to a proved lecture note on disk: the whole flow, top
to bottom."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from .errors import ProofError, SpecError, WorksheetError
from .family import family_of
from .judge.failure import Failure, placed
from .judge.identities import points_of
from .lectures.authors import Written, found_in, of_lecture, of_problem, strays, warn
from .lectures.load import Lecture, Section, lecture_of
from .lectures.page import compose, grounds
from .lectures.spec import is_lecture
from .markdown.authored import added
from .numbers.number import Rounding
from .output.jobs import Job, Made, write_all
from .pages.apart import apart
from .pages.claims import Claims
from .pages.render import page_of, render
from .problem import END, LEADS, PHASES, Detail, Problem
from .proofs.checks import Proof, check, page_failures, together
from .proofs.quotes import Quote, unquoted
from .publish import MARKDOWN, TYPST
from .publish.deck import cut
from .recalculation.recalculation import repunch
from .resources import is_ours
from .solution import by_hand, solve, to_the_end
from .spec.faults import Faults, did_you_mean
from .spec.load import problem_of
from .spec.yaml_reader import read, read_file
from .threads.find import Thread, joined
from .threads.proof import proved_thread
from .trace.trace import Trace

FINISH = {"notes": str, "slides": cut}  # what becomes of a rendered page, by its layout


@dataclass(frozen=True, slots=True)
class Note:
    """A lecture note, or its slides, that has passed its proofs. A notebook shows it as Markdown.
    `thread`: where its numbers come from and go to, if that was asked for."""

    trace: Trace
    text: str
    proof: Proof
    claims: Claims = field(default_factory=Claims, repr=False)
    thread: Thread = field(default_factory=Thread, repr=False)

    def _repr_markdown_(self) -> str:
        return self.text


def make_note(problem: Problem, **options) -> Note:
    """Solve, render and prove; `options` are those of `prove_note`."""
    return prove_note(solve(problem), **options)


def prove_note(
    trace: Trace,
    *,
    figures: tuple = (),
    templates: Path | None = None,
    thorough: bool = False,
    source: str = "",
    layout: str = "notes",
    glossary: bool = False,
    follow: bool = False,
) -> Note:
    """Render a trace in one of the layouts and prove the page. `thorough` also has SymPy prove the
    gradient formulas. Slides have a glossary only where `glossary` asks for it, notes where the
    spec does. `follow`: find and prove its thread too.

    Raises ProofError with every line that does not hold."""
    trace, listed = to_the_end(trace), ()
    written, symbols = of_problem(trace.problem, source), None if layout == "notes" else glossary
    while True:
        page = render(trace, figures, layout, templates, listed, symbols)
        text = FINISH[layout](page)
        authored = (
            frozenset()
            if is_ours(templates)
            else added(text, FINISH[layout](render(trace, figures, layout, None, listed, symbols)))
        )
        proof = check(trace, text, found_in(text, written), page.claims, authored=authored).insist(
            source
        )
        if listed or not proof.listed:
            break
        listed = (
            proof.listed
        )  # computed with unrounded values: the page says where a calculator will differ
    if thorough:
        prove_formulas(trace, source)
    thread = (
        proved_thread(trace, text, own=found_in(text, written), authored=authored)
        if follow
        else Thread()
    )
    return Note(trace, text, replace(proof, own=proof.own + strays(written)), page.claims, thread)


def prove_formulas(trace: Trace, source: str) -> None:
    """SymPy's word on every gradient formula and every step of a derivation. Raises ProofError with
    all that are wrong."""
    from .proofs.with_sympy import wrong_formulas, wrong_steps

    wrong = [
        Failure(
            "SymPy",
            "backward",
            name,
            "",
            f"{name} is not the derivative of the loss",
            quantity=name,
        )
        for name in wrong_formulas(trace)
    ]
    wrong += [
        Failure(
            "SymPy",
            each.name,
            f"step {place}",
            "",
            f"step {place} is not equal to the one before it",
            quantity=each.name,
        )
        for each in trace.derivations
        for place in wrong_steps(
            each, points_of(trace), family_of(trace.problem).definitions(trace.problem)
        )
    ]
    if wrong:
        raise ProofError([*placed(wrong, trace.problem.places)], source)


def prove_lecture(
    lecture: Lecture,
    traces: dict[str, Trace],
    *,
    figures: dict[str, tuple] | None = None,
    templates: Path | None = None,
    thorough: bool = False,
    layout: str = "notes",
    glossary: bool = False,
) -> tuple[str, Proof]:
    """Render a lecture and prove it: what speaks of one problem together, prose that speaks of none
    by itself. `glossary` as for a note.

    Raises ProofError with every line of any problem that does not hold."""
    lecture = _as_laid_out(lecture, layout, glossary)
    return apart(
        lambda: _prove_lecture(lecture, traces, figures or {}, templates, thorough, layout)[:2],
        has_strangers(lecture, templates),
    )


def _as_laid_out(lecture: Lecture, layout: str, glossary: bool) -> Lecture:
    return (
        replace(lecture, glossary=glossary, sections=as_shown(lecture.sections))
        if layout == "slides"
        else lecture
    )


def as_shown(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections on slides: without those that are not to be shown, without programs, whose
    letters would be too small to be read, and without answers, which the class gives."""
    return tuple(
        [
            replace(each, code=(), answer=None, sections=as_shown(each.sections))
            for each in sections
            if each.is_shown
            and (not each.code or each.parts or each.figure or each.question or each.sections)
        ]
    )


def has_strangers(lecture: Lecture, templates: Path | None) -> bool:
    """Whether there is a template that anybody may have written: prose, or a folder that overrides
    ours."""
    return templates is not None or any(section.prose for section in lecture.walk())


def _prove_lecture(
    lecture: Lecture,
    traces: dict[str, Trace],
    figures: dict[str, tuple],
    templates: Path | None,
    thorough: bool,
    layout: str,
    follow: bool = False,
) -> tuple[str, Proof, Thread]:
    listed: dict[str, tuple] = {}
    while True:
        pages = {name: page_of(trace, figures.get(name, ())) for name, trace in traces.items()}
        written: list[Written] = []
        page = compose(lecture, pages, templates, listed, written=written)
        text = FINISH[layout](page)
        written += of_lecture(lecture)
        proofs, proof = proofs_of(
            lecture,
            traces,
            text,
            written,
            {name: page.claims for name, page in pages.items()},
            page.authored,
            page.quotes,
        )
        proof.insist(lecture.source)
        if listed or not proof.listed:
            break
        listed = {
            name: each.listed for name, each in proofs.items()
        }  # computed with unrounded values: the page says where
    for trace in traces.values() if thorough else ():
        prove_formulas(trace, lecture.source)
    own, parts = found_in(text, written), dict(grounds(text)) if follow else {}
    thread = joined(
        text,
        {
            name: (parts[name], proved_thread(trace, parts[name], own=own, authored=page.authored))
            for name, trace in traces.items()
            if name in parts
        },
    )
    return text, replace(proof, own=proof.own + strays(written)), thread


def proofs_of(
    lecture: Lecture,
    traces: dict[str, Trace],
    text: str,
    written: list[Written],
    claims: Mapping[str, Claims] = MappingProxyType({}),
    authored: frozenset[str] = frozenset(),
    quotes: Collection[Quote] = (),
) -> tuple[dict[str, Proof], Proof]:
    """What a lecture's page proves of each problem, and of all of it, prose that speaks of none
    included. `authored`: the lines of the page that are the author's; `quotes`: the sentences that
    must stand there as they were written."""
    spoken, own = list(grounds(text)), found_in(text, written)
    proofs = {
        name: check(trace, dict(spoken).get(name, ""), own, claims.get(name), authored=authored)
        for name, trace in traces.items()
    }
    alone = replace(lecture.rounding or Rounding(), policy="carry")
    prose = [
        (ground, repunch(ground, rounding=alone, own=own))
        for name, ground in spoken
        if name not in traces
    ]
    quoted = Proof(tuple(unquoted(text, quotes)), (), 0, 0, 0, Decimal(0), "")
    return proofs, together(
        [
            *proofs.values(),
            quoted,
            *[
                Proof(
                    tuple(page_failures(ground, report, own)),
                    (),
                    report.checked,
                    0,
                    0,
                    Decimal(0),
                    "",
                    report.own,
                )
                for ground, report in prose
            ],
        ]
    )


def note_job(
    spec: Path,
    *,
    detail: str | None = None,
    templates: Path | None = None,
    thorough: bool = False,
    with_figures: bool = True,
    layout: str = "notes",
    columns: str | None = None,
    glossary: bool = False,
    code: tuple[str, ...] | None = None,
    follow: bool = False,
) -> Job:
    """The job of one note in one of the layouts: `notes` or `slides`, and its folder `figures`.
    `columns` and `code` stand in for those of the spec; `follow`: its numbers can be followed, in
    HTML."""

    def make(stage: Path) -> Made:
        faults = Faults(str(spec))
        text = read_file(spec, faults)
        root = read(text, faults)
        if is_lecture(root):
            lecture = lecture_of(root, text, spec, faults)
            lecture = replace(
                lecture,
                columns=columns or lecture.columns,
                sections=lecture.sections if code is None else in_code(lecture, code),
            )
            return apart(
                lambda: _lecture(
                    lecture,
                    stage,
                    detail,
                    templates,
                    thorough,
                    with_figures,
                    layout,
                    glossary,
                    follow,
                ),
                has_strangers(lecture, templates),
            )
        problem = in_detail(problem_of(root, faults), detail)
        problem = problem if code is None else problem.model_copy(update={"code": code})
        trace, figures = solve(problem), ()
        (stage / "figures").mkdir()
        if with_figures:
            from .figures.draw import draw

            figures = tuple(
                draw(
                    problem,
                    stage / "figures",
                    shown=shown_numbers(trace),
                    on_screen=layout == "slides",
                )
            )
        note = prove_note(
            trace,
            figures=figures,
            templates=templates,
            thorough=thorough,
            source=str(spec),
            layout=layout,
            glossary=glossary,
            follow=follow,
        )
        warn(note.proof.own)
        shown = {
            figure.name
            for figure in figures
            if any(f"(figures/{file.name})" in note.text for file in figure.files)
        }
        for file in (stage / "figures").iterdir():
            if (
                file.name.partition(".")[0] not in shown
            ):  # with so little detail the page has no use for it
                file.unlink()
        return Made(
            {layout: note.text},
            note.proof,
            columns or problem.columns,
            threads={layout: note.thread},
        )

    return Job(spec, make)


def _lecture(
    lecture: Lecture,
    stage: Path,
    detail: str | None,
    templates: Path | None,
    thorough: bool,
    with_figures: bool,
    layout: str,
    glossary: bool,
    follow: bool,
) -> Made:
    """The page of a lecture, and those of its problems' figures that it shows."""
    problems = {name: in_detail(problem, detail) for name, problem in lecture.problems.items()}
    (traces, asked), figures = solved(lecture, problems, templates), {}
    (stage / "figures").mkdir()
    with tempfile.TemporaryDirectory(dir=stage) as place:
        if with_figures:
            figures = drawn_figures(lecture, traces, asked, Path(place), layout == "slides")
        text, proof, thread = _prove_lecture(
            _as_laid_out(lecture, layout, glossary),
            traces,
            figures,
            templates,
            thorough,
            layout,
            follow,
        )
        warn(proof.own)
        for file in Path(place).glob("*.*"):
            os.replace(file, stage / "figures" / file.name)
    return Made({layout: text}, proof, lecture.columns, threads={layout: thread})


def solved(
    lecture: Lecture, problems: dict[str, Problem], templates: Path | None = None
) -> tuple[dict[str, Trace], dict[str, set[str]]]:
    """The solutions of a lecture's problems, to the end of gradient descent only where it is shown;
    and what the lecture asks for of each: its figures, and that end."""
    traces = {name: by_hand(problem) for name, problem in problems.items()}
    asked = asked_for(lecture, traces, templates)
    leading = {
        name: to_the_end(trace) for name, trace in traces.items() if asked[name] & {END, *LEADS}
    }
    return traces | leading, asked_for(lecture, traces | leading, templates) if leading else asked


def asked_for(
    lecture: Lecture, traces: dict[str, Trace], templates: Path | None = None
) -> dict[str, set[str]]:
    """What a lecture made of these solutions asks for of each."""

    def asked() -> dict[str, set[str]]:
        pages = {name: page_of(trace) for name, trace in traces.items()}
        compose(lecture, pages, templates, is_draft=True)
        return {name: page.asked for name, page in pages.items()}

    return apart(asked, has_strangers(lecture, templates))


def drawn_figures(
    lecture: Lecture,
    traces: dict[str, Trace],
    asked: dict[str, set[str]],
    folder: Path,
    on_screen: bool = False,
) -> dict[str, tuple]:
    """The figures that the lecture asks for, by problem, all in one folder; their files bear the
    problem's name, for two problems may have the same figure. Raises SpecError for sections that
    show one which there is not."""
    from .figures.draw import draw

    found = {}
    for name, trace in traces.items():
        names = [each for each in family_of(trace.problem).figures() if each in asked[name]]
        drawn = draw(
            trace.problem,
            folder / name,
            shown=shown_numbers(trace),
            names=names,
            on_screen=on_screen,
            beside=[other.problem for key, other in traces.items() if "loss" in asked[key]],
        )
        named = {
            file: file.rename(folder / f"{name}-{file.name}")
            for file in sorted((folder / name).glob("*"))
        }
        found[name] = tuple(
            replace(each, files=tuple(map(named.get, each.files))) for each in drawn
        )
    wrong = [
        WorksheetError(
            f"'{section.problem}' has no figure '{section.figure}'",
            section.where,
            "this problem has nothing for it to show"
            if section.figure in family_of(traces[section.problem].problem).figures()
            else did_you_mean(section.figure, family_of(traces[section.problem].problem).figures()),
        )
        for section in lecture.walk()
        if section.figure and section.figure not in {each.name for each in found[section.problem]}
    ]
    if wrong:
        raise SpecError(wrong)
    return found


def write_note(
    spec: Path,
    out: Path,
    *,
    to: tuple[str, ...] = (),
    paper: str = "a4",
    engine: str = TYPST,
    templates: Path | None = None,
    **options,
) -> Path:
    """Write `<out>/<name>/notes.md`, its figures, and `notes.<format>` for each format in `to`;
    returns the note's path.

    `options` are those of `note_job`."""
    [done] = write_all(
        [note_job(spec, templates=templates, **{"follow": "html" in to} | options)],
        out,
        (MARKDOWN, *to),
        templates=templates,
        paper=paper,
        engine=engine,
    )
    if isinstance(done, WorksheetError):
        raise done
    return done.files[0]


def in_detail(problem: Problem, detail: str | None) -> Problem:
    """The problem with as much working as is asked for."""
    return (
        problem.model_copy(update={"detail": Detail(**dict.fromkeys(Detail.model_fields, detail))})
        if detail
        else problem
    )


def in_code(lecture: Lecture, code: tuple[str, ...]) -> tuple[Section, ...]:
    """The sections of a lecture, with other programs at the end of those that end with one. Raises
    WorksheetError where none does."""

    def changed(sections: tuple[Section, ...]) -> tuple[Section, ...]:
        return tuple(
            [
                replace(each, code=each.code and code, sections=changed(each.sections))
                for each in sections
            ]
        )

    if not any(section.code for section in lecture.walk()):
        raise WorksheetError(
            "no section of this lecture ends with a program",
            f"{lecture.source}: --code",
            f"add code: {code[0]} to a section that has a problem",
        )
    return changed(lecture.sections)


def shown_numbers(trace: Trace) -> dict[tuple[str, int], str]:
    """What the page prints, for the labels of the figures: (name, epoch from 0) -> text. A
    parameter is as it stands before that epoch's update; the epoch after the last holds the
    check."""
    shown = {
        (working.name, working.epoch - (working.phase != "check")): working.shown
        for working in trace.workings
        if working.phase in PHASES and working.phase != "update"
    }
    for epoch in range(trace.problem.epochs + 1):
        shown |= {(name, epoch): trace.before(name, epoch + 1).shown for name in trace.givens}
    return shown

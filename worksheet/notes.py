"""From a spec to a proved lecture note on disk: the whole flow, top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .checks import Failure, Proof, check
from .jobs import Job, Made, write_all
from .errors import ProofError, WorksheetError
from .families import solve
from .identities import definitions, points_of
from .problem import PHASES, Detail, Problem
from .publish import MARKDOWN, TYPST
from .sheets import render
from .spec import load
from .trace import Trace


@dataclass(frozen=True, slots=True)
class Note:
    """A lecture note that has passed its proofs. A notebook shows it as Markdown."""

    trace: Trace
    text: str
    proof: Proof

    def _repr_markdown_(self) -> str:
        return self.text


def make_note(problem: Problem, **options) -> Note:
    """Solve, render and prove; `options` are those of `prove_note`."""
    return prove_note(solve(problem), **options)


def prove_note(trace: Trace, *, figures: tuple = (), templates: Path | None = None, thorough: bool = False,
               source: str = "") -> Note:
    """Render a trace and prove the page. `thorough` also has SymPy prove the gradient formulas.

    Raises ProofError with every line that does not hold."""
    text = render(trace, figures, folder=templates)
    proof = check(trace, text).insist(source)
    if proof.listed:      # computed with unrounded values: the page says where a calculator will differ
        text = render(trace, figures, folder=templates, listed=proof.listed)
        proof = check(trace, text).insist(source)
    if thorough:
        from .symbolic import wrong_formulas, wrong_steps
        wrong = [Failure("SymPy", "backward", name, "", f"{name} is not the derivative of the loss") for name in wrong_formulas(trace)]
        wrong += [Failure("SymPy", each.name, f"step {place}", "", f"step {place} is not equal to the one before it")
                  for each in trace.derivations for place in wrong_steps(each, points_of(trace), definitions(trace.problem))]
        if wrong:
            raise ProofError(wrong, source)
    return Note(trace, text, proof)


def note_job(spec: Path, *, detail: str | None = None, templates: Path | None = None, thorough: bool = False,
             with_figures: bool = True) -> Job:
    """The job of one note: `notes` and its folder `figures`."""
    def make(stage: Path) -> Made:
        problem = load(spec)
        if detail:
            problem = problem.model_copy(update={"detail": Detail(**dict.fromkeys(Detail.model_fields, detail))})
        trace, figures = solve(problem), ()
        (stage / "figures").mkdir()
        if with_figures:
            from .plots import draw
            figures = tuple(draw(problem, stage / "figures", shown=shown_numbers(trace)))
        note = prove_note(trace, figures=figures, templates=templates, thorough=thorough, source=str(spec))
        return Made({"notes": note.text}, note.proof)

    return Job(spec, make)


def write_note(spec: Path, out: Path, *, to: tuple[str, ...] = (), paper: str = "a4", engine: str = TYPST,
               templates: Path | None = None, **options) -> Path:
    """Write `<out>/<name>/notes.md`, its figures, and `notes.<format>` for each format in `to`; returns the note's path.

    `options` are those of `note_job`."""
    [done] = write_all([note_job(spec, templates=templates, **options)], out, (MARKDOWN, *to), templates=templates, paper=paper,
                       engine=engine)
    if isinstance(done, WorksheetError):
        raise done
    return done.files[0]


def shown_numbers(trace: Trace) -> dict[tuple[str, int], str]:
    """What the page prints, for the labels of the figures: (name, epoch from 0) -> text. A parameter is as it
    stands before that epoch's update; the epoch after the last holds the check."""
    shown = {(working.name, working.epoch - (working.phase != "check")): working.shown for working in trace.workings
             if working.phase in PHASES and working.phase != "update"}
    for epoch in range(trace.problem.epochs + 1):
        shown |= {(name, epoch): trace.before(name, epoch + 1).shown for name in trace.givens}
    return shown

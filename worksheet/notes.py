"""From a spec to a proved lecture note on disk: the whole flow, top to bottom."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .checks import Failure, Proof, check
from .errors import ProofError, WorksheetError
from .families import solve
from .identities import definitions, points_of
from .problem import Detail, Problem
from .publish import FORMATS, Page, publish
from .sheets import render
from .spec import load
from .trace import Trace

NAME = re.compile(r"\w[\w .+-]*")


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


def write_note(spec: Path, out: Path, *, detail: str | None = None, templates: Path | None = None, thorough: bool = False,
               with_figures: bool = True, to: tuple[str, ...] = (), paper: str = "a4") -> tuple[Path, Note]:
    """Write `<out>/<name>/notes.md`, `<out>/<name>/figures/` and `notes.<format>` for each format in `to`, whole or not at
    all; returns the note's path."""
    problem = load(spec)
    if detail:
        problem = problem.model_copy(update={"detail": Detail(**dict.fromkeys(Detail.model_fields, detail))})
    folder, trace = folder_of(spec, out), solve(problem)
    with staged(out) as stage:
        figures: tuple = ()
        if with_figures:
            from .plots import draw
            figures = tuple(draw(problem, stage / "figures", shown=shown_numbers(trace)))
        note = prove_note(trace, figures=figures, templates=templates, thorough=thorough, source=str(spec))
        (stage / "notes.md").write_text(note.text, encoding="utf-8", newline="\n")
        for kind in to:
            [made] = publish([Page(str(spec), note.text, stage)], kind, templates=templates, paper=paper)
            (stage / f"notes.{kind}").write_bytes(made)
        settle(stage, folder)
    return folder / "notes.md", note


def folder_of(spec: Path, out: Path) -> Path:
    """`<out>/<name>`, inside `out` whatever the spec is called."""
    name = spec.stem
    folder = out / name
    if not NAME.fullmatch(name) or not folder.resolve().is_relative_to(out.resolve()):
        raise WorksheetError(f"'{name}' cannot be the name of a folder in {out}", str(spec), "rename the spec")
    return folder


def shown_numbers(trace: Trace) -> dict[tuple[str, int], str]:
    """What the page prints, for the labels of the figures: (name, epoch from 0) -> text. A parameter is as it
    stands before that epoch's update; the epoch after the last holds the check."""
    shown = {(working.name, working.epoch - (working.phase != "check")): working.shown for working in trace.workings
             if working.phase != "update"}
    for epoch in range(trace.problem.epochs + 1):
        shown |= {(name, epoch): trace.before(name, epoch + 1).shown for name in trace.givens}
    return shown


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to build in, on the same disk as `out`; it is gone afterwards, come what may."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".worksheet-", dir=out))
    except OSError as fault:
        raise WorksheetError(f"cannot write here: {fault.strerror}", str(out), "choose another folder with --out") from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def settle(stage: Path, folder: Path) -> None:
    """Move every file of `stage` to its place in `folder`, the page last; figures and formats of an earlier run go."""
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    new = sorted((stage / "figures").glob("*")) if (stage / "figures").is_dir() else []
    for file in new:
        os.replace(file, figures / file.name)
    for kind in FORMATS:
        if (stage / f"notes.{kind}").is_file():
            os.replace(stage / f"notes.{kind}", folder / f"notes.{kind}")
        else:      # it would show another problem, or another version of this one
            (folder / f"notes.{kind}").unlink(missing_ok=True)
    os.replace(stage / "notes.md", folder / "notes.md")
    for old in {*figures.glob("*.svg"), *figures.glob("*.png")} - {figures / file.name for file in new}:
        old.unlink()

"""The command that makes an exam, goes on with one, or makes it again from its manifest. Nothing
heavy is imported before it is needed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from warnings import catch_warnings, simplefilter

from ..errors import WorksheetError
from .options import own_templates, progress

NAMED = 12  # findings in a sentence
KEEP = "it stands in manifest.json alone: whoever has that can work out every key, and without it no key is made again"


def commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the program; `command(name, run, summary)` makes one."""
    exam = command(
        "exam",
        write_exam,
        "write an exam: a copy for each student with numbers of its own, the keys, a table of all answers",
    )
    exam.add_argument("exam", nargs="?", metavar="EXAM", help="the exam file (YAML)")
    exam.add_argument(
        "--rebuild",
        type=Path,
        metavar="MANIFEST",
        help="make an exam again from its manifest.json alone, and compare every field and file",
    )
    people = exam.add_mutually_exclusive_group()
    people.add_argument(
        "--copies",
        type=int,
        metavar="N",
        help="so many copies without names, whatever the file says",
    )
    people.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="a copy for each student of this class list, whatever the file says",
    )
    exam.add_argument(
        "--columns",
        type=headings,
        metavar="name=HEADING,id=HEADING",
        help="what the columns of the class list are called, or "
        "first=..., last=... for a name in two",
    )
    exam.add_argument(
        "--duplex",
        action="store_true",
        help="in exams.pdf and keys.pdf each copy starts on a front side, with a blank page before "
        "it where it is needed",
    )
    exam.add_argument(
        "--replace",
        action="store_true",
        help="move a finished exam of other content aside, under its date; its numbers go on where the "
        "same is asked",
    )
    exam.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where <exam>/exam-01.pdf, key-01.pdf and so on go (default: build; with "
        "--rebuild, where the manifest lies)",
    )
    of_runs(
        exam,
        seed=seed,
        default=None,
        about="what the numbers are drawn from: a number, or `new` for another one at random (default: what the exam "
        "file says, that of the exam that is there, or one at random)",
    )


def of_runs(
    sub: argparse.ArgumentParser,
    seed: Callable = int,
    default: int | None = 1,
    about: str = "another seed, other numbers (default: 1)",
) -> None:
    """What the commands that make variants have in common."""
    sub.add_argument("--seed", type=seed, default=default, metavar="S", help=about)
    sub.add_argument(
        "--workers", type=int, metavar="N", help="processes at work (default: one for each core)"
    )
    sub.add_argument(
        "--executor",
        metavar="ENGINE=ADDRESS",
        help="have a cluster do the work: dask=tcp://127.0.0.1:8786, the address of a "
        "scheduler of dask.distributed",
    )


def seed(text: str) -> int | str:
    """A number, or `new`."""
    from ..exams.earlier import NEW

    if text == NEW:
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is neither a whole number nor `new`") from None


def headings(text: str) -> dict[str, str]:
    """`name=Teilnehmer,id=Nr` as a mapping."""
    from ..exams.class_list_headings import ROLES

    found = {
        role.strip(): heading.strip()
        for role, sign, heading in (part.partition("=") for part in text.split(","))
        if sign
    }
    if (
        len(found) != text.count(",") + 1
        or set(found) - set(ROLES)
        or not {"name"} <= set(found)
        and not {"first", "last"} <= set(found)
    ):
        raise argparse.ArgumentTypeError(
            f"'{text}' names no columns; write name=Teilnehmer,id=Nr, or first=..., last=..."
        )
    return found


def write_exam(options: argparse.Namespace) -> int:
    """Make an exam from its file, or again from its manifest; gives the exit status. Raises
    WorksheetError for both or neither, and for options beside a manifest."""
    if (
        (options.exam is None) == (options.rebuild is None)
        or options.rebuild
        and (
            options.copies
            or options.roster
            or options.duplex
            or options.columns
            or options.replace
            or options.seed is not None
        )
    ):
        raise WorksheetError(
            "an exam file, or --rebuild and nothing beside it but --out",
            "exam",
            "worksheet exam midterm.yaml, or worksheet exam --rebuild manifest.json",
        )
    return rebuild_exam(options) if options.rebuild else make_exam(options)


def make_exam(options: argparse.Namespace) -> int:
    """Make an exam, or go on with it."""
    from ..exams.earlier import seeded
    from ..exams.load import exam_of, read_inputs
    from ..exams.write import hold, standing_for
    from ..publish import fonts_in
    from ..variants.run import check_copies
    from .cluster import at_work

    if isinstance(options.seed, int):
        check_copies(1, options.seed)
    number = options.seed if isinstance(options.seed, int) else None
    inputs, people = read_inputs(
        Path(options.exam),
        copies=options.copies,
        roster=options.roster,
        seed=number,
        is_duplex=options.duplex,
        columns=options.columns,
    )
    out = options.out or Path("build")
    fonts = fonts_in(own_templates())
    exam_of(inputs, options.exam, str(people), fonts)  # all its faults, before anything is drawn
    inputs, said = seeded(inputs, standing_for(inputs, out), options.seed)
    with catch_warnings():  # said before
        simplefilter("ignore")
        exam = exam_of(inputs, options.exam, str(people), fonts)
    with at_work(options, len(exam.students)) as (executor, workers):
        held = hold(
            exam,
            inputs,
            out,
            templates=own_templates(),
            replacing=options.replace,
            executor=executor,
            workers=workers,
            watched=lambda pressed: progress(pressed, "copy", len(exam.students)),
        )
    if held.is_there:
        print(
            f"{held.folder}  (it is finished, and of the same inputs: {held.copies} copies"
            + f"; made again, for they were missing: {some(held.restored)}" * bool(held.restored)
            + ")"
        )
        if held.changed:
            print(
                f"changed since they were made, and kept: {some(held.changed)}\n  hint: --replace moves the exam aside and makes it anew",
                file=sys.stderr,
            )
        return 0
    print(
        f"{held.folder}  ({held.copies} copies"
        + f", {held.kept} of them kept from a run that was interrupted" * bool(held.kept)
        + f"; {held.answers} answers in answers.csv)"
    )
    if said:
        print(f"{said}; {KEEP}")
    elif isinstance(inputs.seed, int):
        print(
            "the seed was chosen, so whoever has the exam file can try seeds; left out, one is drawn that nobody can guess",
            file=sys.stderr,
        )
    if held.aside:
        print(f"the exam that was there lies in {held.aside}")
    return 0


def rebuild_exam(options: argparse.Namespace) -> int:
    """Make an exam again from its manifest, and tell every field and file that is another."""
    import json

    from ..exams.load import exam_of
    from ..exams.manifest import altered, astray, made_with, read_manifest
    from ..exams.write import hold, rebuilt, told
    from ..output.locks import alone
    from ..publish import fonts_in
    from .cluster import at_work

    inputs, known = read_manifest(options.rebuild)
    exam = exam_of(
        inputs, str(options.rebuild), f"{options.rebuild}: roster", fonts_in(own_templates())
    )
    here = options.rebuild.absolute().parent
    with at_work(options, len(exam.students)) as (executor, workers):
        work = {
            "templates": own_templates(),
            "executor": executor,
            "workers": workers,
            "watched": lambda pressed: progress(pressed, "copy", len(exam.students)),
        }
        if options.out:
            held = hold(exam, inputs, options.out, **work)
            folder, restored = held.folder, held.restored
            findings = altered(
                known, json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            )
            changed = held.changed
        else:
            with alone(here), told(here):
                findings, restored = rebuilt(exam, inputs, known, here, **work)
            folder, changed = here, [] if findings else astray(known, here)[1]
    print(
        f"{folder}  ({len(exam.students)} copies made again"
        + f"; put in place, for they were missing: {some(restored)}" * bool(restored)
        + ")"
    )
    if findings:
        print(
            f"{options.rebuild}: {len(findings)} fields are not what comes out: {'; '.join(findings[:NAMED])}"
            + f"; and {len(findings) - NAMED} more" * (len(findings) > NAMED),
            file=sys.stderr,
        )
        if known["made with"] != made_with() or known.get("templates") is not None:
            print(
                f"  hint: it was made with {known['made with']}; here are {made_with()}, or other templates",
                file=sys.stderr,
            )
    if changed:
        print(
            f"{folder}: these files are not what the manifest says, and are kept: {some(changed)}\n"
            "  hint: move them away to have them made again",
            file=sys.stderr,
        )
    return 1 if findings or changed else 0


def some(names) -> str:
    """The first NAMED names with commas between them, and how many more there are."""
    return ", ".join(list(names)[:NAMED]) + f" and {len(names) - NAMED} more" * (len(names) > NAMED)

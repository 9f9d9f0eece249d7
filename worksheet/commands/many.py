"""The commands that make many: variants, sheets and keys of them; and that find one of many again.
Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..errors import WorksheetError
from . import exam as sit
from .options import distinct_names, found, own_templates, progress, specs_at_hand, tell_left


def commands(
    command: Callable[..., argparse.ArgumentParser],
    of_documents: Callable,
    of_looks: tuple[Callable, ...],
) -> None:
    """Add the commands to the program; `command(name, run, summary)` makes one, the others give it
    what documents have."""
    vary = command(
        "vary", write_variants, "write variants of a spec: the same problem with other numbers"
    )
    stress = command(
        "stress", stress_spec, "solve and prove many variants of a spec, and report what was seen"
    )
    for sub, copies in ((vary, 10), (stress, 1000)):
        sub.add_argument(
            "spec",
            metavar="SPEC",
            help="a spec file with a section `vary`, or a name from `worksheet list`",
        )
        sub.add_argument(
            "--copies",
            type=int,
            default=copies,
            metavar="N",
            help=f"how many variants (default: {copies})",
        )
        sit.of_runs(sub)
    vary.add_argument(
        "--out",
        type=Path,
        default=Path("build"),
        metavar="FOLDER",
        help="where <name>/variants/<name>-01.yaml and so on go (default: build)",
    )
    vary.add_argument(
        "--to",
        default="yaml",
        metavar="FORMATS",
        help="yaml (default), md, or both with a comma between them",
    )
    vary.add_argument(
        "--avoid", type=Path, metavar="FOLDER", help="keep clear of the variants in this folder"
    )
    key = command("key", write_key, "write the key of a variant again, from the code on its sheet")
    key.add_argument(
        "code",
        metavar="CODE",
        help="as it stands on the sheet; case, spaces and hyphens do not count",
    )
    place = key.add_mutually_exclusive_group()
    place.add_argument(
        "--spec",
        metavar="SPEC",
        help="the spec it was made from (default: whichever it belongs to of those in this "
        "folder and those that come with the program)",
    )
    place.add_argument(
        "--in", dest="folder", metavar="FOLDER", help="look among the specs of this folder"
    )
    place.add_argument(
        "--exam",
        type=Path,
        metavar="EXAM",
        help="the manifest.json of the exam whose copy it is (of an exam that an "
        "earlier version made, the exam file will do); its key is on the paper of the exam",
    )
    of_documents(key, "key", "pdf", "")
    for of_look in of_looks:
        of_look(key)
    sit.commands(command)
    find = command(
        "find", find_copies, "tell which copies of a run bear some numbers, as given or as results"
    )
    find.add_argument(
        "values", nargs="+", metavar="VALUE", help="a number as it stands on the page"
    )
    find.add_argument("--spec", required=True, metavar="SPEC", help="the spec of the run")
    find.add_argument(
        "--copies",
        type=int,
        default=100,
        metavar="N",
        help="how many copies the run had (default: 100)",
    )
    sit.of_runs(find)


def write_variants(options: argparse.Namespace) -> int:
    """Write specs of variants of one spec, each with other numbers; gives the exit status."""
    from ..series import write as vary
    from ..series.stress import possible
    from ..spec.faults import among
    from ..variants.search import open_source
    from .cluster import at_work

    [spec] = found([options.spec], folders=False)
    formats, source = among(options.to, vary.FORMATS, "format", "--to"), open_source(spec)
    with at_work(options, options.copies) as (executor, workers):
        written = vary.write_variants(
            spec,
            options.out,
            options.copies,
            options.seed,
            formats=formats,
            avoid=options.avoid,
            templates=own_templates(),
            executor=executor,
            workers=workers,
            watched=lambda made: progress(made, "variant", options.copies),
        )
    print(
        f"{written.folder}  ({written.copies} variants in {written.draws} draws; the spec has "
        f"{possible(source, written.accepted, written.draws)})"
    )
    tell_left(written.left)
    return 0


def stress_spec(options: argparse.Namespace) -> int:
    """Solve and prove many variants of one spec and print the table of what was seen; gives the
    exit status, 1 where one failed."""
    from time import perf_counter

    from ..series.stress import Stress, row_of
    from ..variants.run import run
    from ..variants.search import open_source, origin_of
    from .cluster import at_work

    [spec] = found([options.spec], folders=False)
    stress, start = Stress(open_source(spec), options.seed), perf_counter()
    with at_work(options, options.copies) as (executor, workers):
        stress.gather(
            progress(
                run(
                    origin_of(spec),
                    options.copies,
                    options.seed,
                    row_of,
                    executor=executor,
                    workers=workers,
                ),
                "variant",
                options.copies,
            )
        )
    print(stress.table())
    print(
        f"\n{perf_counter() - start:.1f} s with {workers} {'worker' if workers == 1 else 'workers'}"
    )
    return 1 if stress.failed else 0


def write_copies(options: argparse.Namespace) -> int:
    """Sheets and keys of many variants of each spec."""
    from ..publish import able, formats_in
    from ..series.copies import write_pairs
    from .cluster import at_work

    to, missing = able(formats_in(options.to), options.engine)
    if missing:
        raise missing
    for spec in distinct_names(found(options.specs)):
        with at_work(options, options.copies) as (executor, workers):
            made = write_pairs(
                spec,
                options.out,
                options.copies,
                options.seed,
                to=to,
                fade=options.fade,
                key=options.key,
                layout=options.layout,
                templates=own_templates(),
                paper=options.paper,
                engine=options.engine,
                executor=executor,
                workers=workers,
                watched=lambda pressed: progress(pressed, "copy", options.copies),
            )
        print(
            f"{made.folder}  ({made.copies} sheets, each with its key; {made.relations} relations proved)",
            flush=True,
        )
        tell_left(made.left)
    return 0


def write_key(options: argparse.Namespace) -> int:
    """Write the key of one copy, found by the code that is printed on it; gives the exit status.
    Raises WorksheetError for options that the exam itself decides."""
    from ..exams.from_code import exam_key_job, key_job
    from ..output.jobs import write_all
    from ..publish import formats_in

    if options.exam and options.key:
        raise WorksheetError(
            "the exam says what form its keys have",
            "--key",
            "leave it out; key: full in the exam file",
        )
    if options.exam and options.layout:
        raise WorksheetError(
            "the copy of an exam has no layout of its own", "--layout", "leave it out"
        )
    if options.exam and options.fade:
        raise WorksheetError("the copy of an exam is not faded", "--fade", "leave it out")
    if options.exam:
        job, options.paper = exam_key_job(options.code, options.exam, templates=own_templates())
    else:
        specs = (
            found([options.spec], folders=False)
            if options.spec
            else found([options.folder])
            if options.folder
            else specs_at_hand()
        )
        job = key_job(
            options.code,
            specs,
            fade=options.fade,
            key=options.key,
            layout=options.layout,
            paper=options.paper,
            templates=own_templates(),
        )
    [done] = write_all(
        [job],
        options.out,
        formats_in(options.to),
        templates=own_templates(),
        paper=options.paper,
        engine=options.engine,
    )
    if isinstance(done, WorksheetError):
        raise done
    said = (
        f"{done.proof.checked} relations and {done.proof.results} results proved"
        if done.proof
        else "every problem proved by itself"
    )
    print(f"{', '.join(map(str, done.files))}  ({said})")
    tell_left(done.left)
    return 0


def find_copies(options: argparse.Namespace) -> int:
    """Print the copies of a spec that bear all the given numbers, as they are found; gives the exit
    status."""
    from ..exams.from_code import bearers, numbers_in
    from ..output.batches import digits
    from .cluster import at_work

    [spec] = found([options.spec], folders=False)
    values, seen = numbers_in(options.values), 0
    with at_work(options, options.copies) as (executor, workers):
        for copy in bearers(
            spec,
            options.copies,
            options.seed,
            values,
            executor=executor,
            workers=workers,
            watched=lambda run: progress(run, "copy", options.copies),
        ):
            print(
                f"copy {copy.copy:0{digits(options.copies)}}  {copy.code}  {', '.join(copy.work)}",
                flush=True,
            )
            seen += 1
    print(
        f"{seen or 'none'} of {options.copies} copies of {spec.stem}, seed {options.seed}, "
        f"{'bears' if seen == 1 else 'bear'} {'this number' if len(values) == 1 else 'all these numbers'}"
    )
    return 0

"""The commands that make many: variants, sheets and keys of them; and that find one of many again. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from .desk import distinct_names, found, own_templates, progress, specs_at_hand
from .errors import WorksheetError


def commands(command: Callable[..., argparse.ArgumentParser], of_documents: Callable, of_looks: tuple[Callable, ...]) -> None:
    """Add the commands to the program; `command(name, run, summary)` makes one, the others give it what documents have."""
    vary = command("vary", write_variants, "write variants of a spec: the same problem with other numbers")
    stress = command("stress", stress_spec, "solve and prove many variants of a spec, and report what was seen")
    for sub, copies in ((vary, 10), (stress, 1000)):
        sub.add_argument("spec", metavar="SPEC", help="a spec file with a section `vary`, or a name from `worksheet list`")
        sub.add_argument("--copies", type=int, default=copies, metavar="N", help=f"how many variants (default: {copies})")
        of_runs(sub)
    vary.add_argument("--out", type=Path, default=Path("build"), metavar="FOLDER",
                      help="where <name>/variants/<name>-01.yaml and so on go (default: build)")
    vary.add_argument("--to", default="yaml", metavar="FORMATS", help="yaml (default), md, or both with a comma between them")
    vary.add_argument("--avoid", type=Path, metavar="FOLDER", help="keep clear of the variants in this folder")
    key = command("key", write_key, "write the key of a variant again, from the code on its sheet")
    key.add_argument("code", metavar="CODE", help="as it stands on the sheet; case, spaces and hyphens do not count")
    place = key.add_mutually_exclusive_group()
    place.add_argument("--spec", metavar="SPEC", help="the spec it was made from (default: whichever it belongs to of those in this "
                       "folder and those that come with the program)")
    place.add_argument("--in", dest="folder", metavar="FOLDER", help="look among the specs of this folder")
    place.add_argument("--exam", type=Path, metavar="EXAM", help="the exam file, or the manifest.json, of the copy whose code it is; "
                       "its key is on the paper of the exam")
    of_documents(key, "key", "pdf", "")
    for of_look in of_looks:
        of_look(key)
    exam = command("exam", write_exam, "write an exam: a copy for each student with numbers of its own, the keys, a table of all answers")
    exam.add_argument("exam", nargs="?", metavar="EXAM", help="the exam file (YAML)")
    exam.add_argument("--rebuild", type=Path, metavar="MANIFEST", help="make an exam again from its manifest.json alone")
    people = exam.add_mutually_exclusive_group()
    people.add_argument("--copies", type=int, metavar="N", help="so many copies without names, whatever the file says")
    people.add_argument("--roster", type=Path, metavar="CSV", help="a copy for each student of this class list, whatever the file says")
    exam.add_argument("--duplex", action="store_true", help="in exams.pdf and keys.pdf each copy starts on a front side, with a blank page before "
                      "it where it is needed")
    exam.add_argument("--out", type=Path, metavar="FOLDER", help="where <exam>/exam-01.pdf, key-01.pdf and so on go (default: build; with "
                      "--rebuild, where the manifest lies)")
    of_runs(exam)
    find = command("find", find_copies, "tell which copies of a run bear some numbers, as given or as results")
    find.add_argument("values", nargs="+", metavar="VALUE", help="a number as it stands on the page")
    find.add_argument("--spec", required=True, metavar="SPEC", help="the spec of the run")
    find.add_argument("--copies", type=int, default=100, metavar="N", help="how many copies the run had (default: 100)")
    of_runs(find)


def of_runs(sub: argparse.ArgumentParser) -> None:
    """What the commands that make variants have in common."""
    sub.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, other numbers (default: 1)")
    sub.add_argument("--workers", type=int, metavar="N", help="processes at work (default: one for each core)")
    sub.add_argument("--executor", metavar="ENGINE=ADDRESS", help="have a cluster do the work: dask=tcp://127.0.0.1:8786, the address of a "
                     "scheduler of dask.distributed")


def write_variants(options: argparse.Namespace) -> int:
    from . import vary
    from .clusters import at_work
    from .stress import possible
    from .variants import open_source
    [spec] = found([options.spec], folders=False)
    formats, source = vary.formats_in(options.to), open_source(spec)
    with at_work(options, options.copies) as (executor, workers):
        written = vary.write_variants(spec, options.out, options.copies, options.seed, formats=formats, avoid=options.avoid,
                                      templates=own_templates(), executor=executor, workers=workers,
                                      watched=lambda made: progress(made, "variant", options.copies))
    print(f"{written.folder}  ({written.copies} variants in {written.draws} draws; the spec has "
          f"{possible(source, written.accepted, written.draws)})")
    return 0


def stress_spec(options: argparse.Namespace) -> int:
    from time import perf_counter

    from .clusters import at_work
    from .runs import run
    from .stress import Stress, row_of
    from .variants import open_source, origin_of
    [spec] = found([options.spec], folders=False)
    stress, start = Stress(open_source(spec), options.seed), perf_counter()
    with at_work(options, options.copies) as (executor, workers):
        stress.gather(progress(run(origin_of(spec), options.copies, options.seed, row_of, executor=executor, workers=workers),
                               "variant", options.copies))
    print(stress.table())
    print(f"\n{perf_counter() - start:.1f} s with {workers} {'worker' if workers == 1 else 'workers'}")
    return 1 if stress.failed else 0


def write_copies(options: argparse.Namespace) -> int:
    """Sheets and keys of many variants of each spec."""
    from .clusters import at_work
    from .copies import write_pairs
    from .publish import able, formats_in
    to, missing = able(formats_in(options.to), options.engine)
    if missing:
        raise missing
    for spec in distinct_names(found(options.specs)):
        with at_work(options, options.copies) as (executor, workers):
            made = write_pairs(spec, options.out, options.copies, options.seed, to=to, fade=options.fade, key=options.key, templates=own_templates(),
                               paper=options.paper, engine=options.engine, executor=executor, workers=workers,
                               watched=lambda pressed: progress(pressed, "copy", options.copies))
        print(f"{made.folder}  ({made.copies} sheets, each with its key; {made.relations} relations proved)", flush=True)
    return 0


def write_key(options: argparse.Namespace) -> int:
    from .jobs import write_all
    from .publish import formats_in
    from .recall import exam_key_job, key_job
    if options.exam and options.key:
        raise WorksheetError("the exam says what form its keys have", "--key", "leave it out; key: full in the exam file")
    if options.exam and options.fade:
        raise WorksheetError("the copy of an exam is not faded", "--fade", "leave it out")
    if options.exam:
        job, options.paper = exam_key_job(options.code, options.exam, templates=own_templates())
    else:
        specs = found([options.spec], folders=False) if options.spec else found([options.folder]) if options.folder else specs_at_hand()
        job = key_job(options.code, specs, fade=options.fade, key=options.key, templates=own_templates())
    [done] = write_all([job], options.out, formats_in(options.to), templates=own_templates(), paper=options.paper,
                       engine=options.engine)
    if isinstance(done, WorksheetError):
        raise done
    said = f"{done.proof.checked} relations and {done.proof.results} results proved" if done.proof else "every problem proved by itself"
    print(f"{', '.join(map(str, done.files))}  ({said})")
    return 0


def write_exam(options: argparse.Namespace) -> int:
    from .clusters import at_work
    from .exams import exam_of, read_inputs
    from .ledger import differences, read_manifest
    from .sittings import hold
    if (options.exam is None) == (options.rebuild is None) or options.rebuild and (options.copies or options.roster or options.duplex):
        raise WorksheetError("an exam file, or --rebuild and nothing beside it but --out", "exam",
                             "worksheet exam midterm.yaml, or worksheet exam --rebuild manifest.json")
    if known := options.rebuild and read_manifest(options.rebuild):
        inputs, exam = known[0], exam_of(known[0], str(options.rebuild), f"{options.rebuild}: roster")
    else:
        inputs, people = read_inputs(Path(options.exam), copies=options.copies, roster=options.roster, seed=options.seed,
                                     is_duplex=options.duplex)
        exam = exam_of(inputs, options.exam, str(people))
    out = options.out or (options.rebuild.absolute().parent.parent if options.rebuild else Path("build"))
    with at_work(options, len(exam.students)) as (executor, workers):
        held = hold(exam, inputs, out, templates=own_templates(), executor=executor, workers=workers,
                    watched=lambda pressed: progress(pressed, "copy", len(exam.students)))
    print(f"{held.folder}  ({held.copies} copies" + f", {held.kept} of them kept from a run that was interrupted" * bool(held.kept)
          + f"; {held.answers} answers in answers.csv)")
    if changed := known and differences(known[1], held.folder):
        print(f"{options.rebuild}: {len(changed)} files are not what the manifest says: {', '.join(changed[:5])}\n"
              f"  hint: made with {known[1]['made with']}; here are other versions, or other templates", file=sys.stderr)
    return 1 if changed else 0


def find_copies(options: argparse.Namespace) -> int:
    from .batches import digits
    from .clusters import at_work
    from .recall import bearers, numbers_in
    [spec] = found([options.spec], folders=False)
    values, seen = numbers_in(options.values), 0
    with at_work(options, options.copies) as (executor, workers):
        for copy in bearers(spec, options.copies, options.seed, values, executor=executor, workers=workers,
                            watched=lambda run: progress(run, "copy", options.copies)):
            print(f"copy {copy.copy:0{digits(options.copies)}}  {copy.code}  {', '.join(copy.work)}", flush=True)
            seen += 1
    print(f"{seen or 'none'} of {options.copies} copies of {spec.stem}, seed {options.seed}, "
          f"{'bears' if seen == 1 else 'bear'} {'this number' if len(values) == 1 else 'all these numbers'}")
    return 0

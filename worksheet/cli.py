"""The program `worksheet`: commands, no logic. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from .commands import exam as sit
from .commands import many
from .commands.options import distinct_names, found, own_templates, progress, tell_left
from .errors import BEYOND_US, WorksheetError, unwritten
from .family import problem_files
from .resources import lecture_files, templates_folder

LAYOUTS = ("tasks", "grid")  # those of problem.py, which is too heavy to be imported for them

EPILOG = """examples:
  worksheet list                             the problems that come with the program
  worksheet notes one-hidden-neuron          lecture notes of one of them, into build/
  worksheet new my-network                   a commented spec to start from: my-network.yaml
  worksheet notes my-network.yaml --out build --detail normal
  worksheet notes problems/                  every spec in a folder
  worksheet notes xor.yaml --to pdf,html     the same note for print and for the web
  worksheet notes xor.yaml --to tex,docx     for LaTeX and for Word
  worksheet notes backpropagation-course     a whole course, made of many problems
  worksheet slides relu-two-updates          slides of it: slides.pdf to show, slides.html for the browser
  worksheet sheet one-hidden-neuron          a sheet to work on and its key, as PDF
  worksheet sheet xor.yaml --fade 0.5        the worked solution with half of it left blank
  worksheet sheet two-by-two --layout grid   all of it as cells of matrices on one page, blank and filled
  worksheet sheet xor.yaml --copies 30       thirty sheets with other numbers, and their keys
  worksheet key 3SWC-SYU3-56U                the key of the sheet that bears this code
  worksheet exam midterm.yaml                a copy for each student, the keys, a table of all answers
  worksheet find 0.62246 --spec xor.yaml --copies 30     which copies bear this number?
  worksheet trace my-network.yaml            every arithmetic step, as JSON
  worksheet vary xor.yaml --copies 30        thirty specs like it, with other numbers
  worksheet stress xor.yaml --copies 1000    are they all sound?

A folder `templates/` where you start the program overrides our templates file by file.
exit status: 0 all well, 1 a document failed its proofs and was not written, 2 faulty input"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parser().parse_args(arguments)
    from .parallel import insistent

    sys.unraisablehook = insistent
    warnings.showwarning = lambda message, *rest, **more: print(
        f"warning: {message}", file=sys.stderr
    )
    try:
        status = options.run(options)
        sys.stdout.flush()
        return status
    except WorksheetError as fault:
        print(fault, file=sys.stderr)
        return fault.status
    except KeyboardInterrupt:
        print("interrupted; nothing half written is left", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except OSError as fault:
        if fault.errno not in BEYOND_US:
            raise
        print(
            unwritten(fault, "" if fault.filename else str(getattr(options, "out", None) or "")),
            file=sys.stderr,
        )
        return WorksheetError.status


class Version(argparse.Action):
    """Print the version and leave; looked up only when asked for."""

    def __call__(self, *arguments) -> None:
        """Print `worksheet 1.2.3` and raise SystemExit(0)."""
        from importlib.metadata import version

        print(f"worksheet {version('worksheet')}")
        raise SystemExit(0)


def parser() -> argparse.ArgumentParser:
    """All commands and their options; `run` of what was parsed is the function of the command."""
    shape = argparse.ArgumentParser(
        prog="worksheet",
        description="Worked solutions for small neural networks: every printed line "
        "holds on a calculator.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shape.add_argument(
        "--version", action=Version, nargs=0, help="print the version of the program"
    )
    commands = shape.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + "."
        )
        sub.set_defaults(run=run)
        return sub

    notes = command(
        "notes",
        write_notes,
        "write the lecture notes of one or more specs, or of lectures made of several",
    )
    of_specs(notes, "notes", "md", "; notes.md is always written, the others beside it")
    of_paper(notes)
    notes.add_argument(
        "--columns",
        choices=("auto", "1", "2"),
        help="in how many columns short chains stand on paper: auto is as many as fit "
        "(default: what the spec says, or else auto)",
    )

    of_follow(notes)

    slides = command(
        "slides",
        write_slides,
        "write slides of one or more specs, as pages of 16:9 and as a deck for the browser",
    )
    of_specs(slides, "slides", "pdf,html", "", formats="md, pdf, html")
    slides.set_defaults(paper="16:9", engine="typst")
    slides.add_argument(
        "--steps",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="uncover the workings line by line: a page of "
        "the PDF for each line, a key in the browser (default); --no-steps shows whole slides, to hand out",
    )
    slides.add_argument(
        "--glossary",
        action="store_true",
        help="the symbols and their meanings on the last slides (left out by default)",
    )
    notes.add_argument(
        "--code",
        metavar="LANGUAGES",
        help="numpy, torch, or both with a comma between them: end with a program, and in a lecture the sections "
        "that end with one (default: what the spec says)",
    )
    for sub in (notes, slides):
        sub.add_argument(
            "--detail",
            choices=("full", "normal", "brief"),
            help="how much working is shown; never changes a number",
        )
        sub.add_argument(
            "--thorough",
            action="store_true",
            help="have SymPy prove the gradient formulas too (slower)",
        )
        sub.add_argument("--no-figures", action="store_true", help="leave out the plots")

    sheet = command(
        "sheet", write_sheets, "write a sheet to work on, and its key, for one or more specs"
    )
    of_specs(sheet, "sheet and key", "pdf", "")
    of_paper(sheet)
    of_fade(sheet)
    of_key(sheet)
    of_layout(sheet)
    of_follow(sheet)
    sheet.add_argument(
        "--copies",
        type=int,
        metavar="N",
        help="write N variants, each with its key: copies/sheet-01.pdf, key-01.pdf, ...",
    )
    sit.of_runs(sheet)

    many.commands(command, of_pages, (of_fade, of_key, of_layout))

    trace = command("trace", print_trace, "print every arithmetic step of a solution as JSON")
    trace.add_argument("spec", metavar="SPEC", help="a spec file or a name from `worksheet list`")

    schema = command("schema", print_schema, "print the JSON Schema of a spec, for your editor")
    schema.add_argument(
        "of",
        nargs="?",
        choices=("spec", "lecture", "trace"),
        default="spec",
        help="of a spec (default), a lecture or a trace",
    )

    command("list", list_problems, "list the problems and lectures that come with the program")

    new = command("new", start_spec, "write a commented spec to start from")
    new.add_argument("name", metavar="NAME", help="the new file is NAME.yaml in this folder")
    return shape


def of_specs(sub: argparse.ArgumentParser, stems: str, to: str, more: str, **formats: str) -> None:
    """What the commands that turn specs into documents have in common."""
    sub.add_argument(
        "specs",
        nargs="+",
        metavar="SPEC",
        help="a spec file, a folder of specs, or a name from `worksheet list`",
    )
    of_files(sub, stems, to, more, **formats)


def of_pages(sub: argparse.ArgumentParser, stems: str, to: str, more: str) -> None:
    """What the commands that write pages for print have in common."""
    of_files(sub, stems, to, more)
    of_paper(sub)


def of_files(
    sub: argparse.ArgumentParser,
    stems: str,
    to: str,
    more: str,
    formats: str = "md, pdf, html, tex, docx, ipynb",
) -> None:
    """`--out` and `--to`: the folder and the formats of what is written."""
    sub.add_argument(
        "--out",
        type=Path,
        default=Path("build"),
        metavar="FOLDER",
        help=f"where the {stems} of each spec go, in a folder of its name (default: build)",
    )
    sub.add_argument(
        "--to",
        default=to,
        metavar="FORMATS",
        help=f"{formats}, or several with commas between them{more} (default: {to})",
    )


def of_paper(sub: argparse.ArgumentParser) -> None:
    """`--paper` and `--engine`: on what, and by what, a page is set."""
    sub.add_argument(
        "--paper",
        choices=("a4", "us-letter"),
        default="a4",
        help="the paper of a PDF, .tex or .docx (default: a4)",
    )
    sub.add_argument(
        "--engine",
        choices=("typst", "lualatex", "xelatex", "pdflatex"),
        default="typst",
        help="what sets a PDF: Typst, which "
        "is always there, or a TeX that is installed; the .tex is then written too (default: typst)",
    )


def of_fade(sub: argparse.ArgumentParser) -> None:
    """`--fade`: the share of the worked solution that is left to the student, 0 to 1."""
    sub.add_argument(
        "--fade",
        type=share,
        metavar="SHARE",
        help="from 0 to 1: how much of the worked solution is left to the student, "
        "0 is the full example, 1 the bare sheet (default: what the spec says, or else 1)",
    )


def of_key(sub: argparse.ArgumentParser) -> None:
    """`--key`: the worked solution, the compact key, or both."""
    sub.add_argument(
        "--key",
        choices=("full", "compact", "both"),
        help="the worked solution, a row for each quantity with one line of working, "
        "or both (default: what the spec says, or else full)",
    )


def of_layout(sub: argparse.ArgumentParser) -> None:
    """`--layout`: a sheet of tasks, or the cells of a grid."""
    sub.add_argument(
        "--layout",
        choices=LAYOUTS,
        help="tasks: one below the other; grid: a network as cells of matrices on one page, which the key shows "
        "filled in; a PDF, up to the size that a page has room for (default: what the spec says, or else tasks)",
    )


def of_follow(sub: argparse.ArgumentParser) -> None:
    """`--follow` and `--no-follow`: whether a page of HTML shows where its numbers come from."""
    sub.add_argument(
        "--follow",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="in HTML, pointing at a number of the solution shows where it was "
        "worked out and where it is used (default); --no-follow writes a page without a script; a sheet to work on never has one",
    )


def follows(options: argparse.Namespace) -> bool:
    """Whether numbers can be followed in what will be written."""
    return options.follow and "html" in options.to.split(",")


def share(text: str):
    """A number from 0 to 1, as it is written."""
    from .numbers.number import Number

    try:
        number = Number.written(text)
        if 0 <= number.value <= 1:
            return number
    except ArithmeticError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 1")


# ---- commands -----------------------------------------------------------------------------------


def write_notes(options: argparse.Namespace) -> int:
    """The lecture notes of every spec, `notes.md` always among them; gives the exit status."""
    return write_documents(options, note_of(options, "notes"), always=("md",))


def write_slides(options: argparse.Namespace) -> int:
    """The slides of every spec; gives the exit status."""
    from .publish import SLIDES

    return write_documents(options, note_of(options, "slides"), formats=SLIDES, steps=options.steps)


def note_of(options: argparse.Namespace, layout: str) -> Callable:
    """What makes the job of a spec in this layout."""
    from .notes import note_job
    from .problem import CODES
    from .spec.faults import among

    code = (
        None
        if getattr(options, "code", None) is None
        else among(options.code, CODES, "language", "--code")
    )
    return lambda spec, templates: note_job(
        spec,
        detail=options.detail,
        templates=templates,
        thorough=options.thorough,
        with_figures=not options.no_figures,
        layout=layout,
        columns=getattr(options, "columns", None),
        glossary=layout == "slides" and options.glossary,
        code=code,
        follow=layout == "notes" and follows(options),
    )


def write_sheets(options: argparse.Namespace) -> int:
    """The sheet and key of every spec, or with `--copies` those of many variants; gives the exit
    status. Raises WorksheetError where options of variants stand without `--copies`."""
    if options.copies is not None:
        return many.write_copies(options)
    if options.seed != 1 or options.workers is not None:
        raise WorksheetError(
            "there is one sheet, of the problem as it is written",
            "--seed, --workers",
            "ask for variants with --copies",
        )
    from .worksheets import worksheet_job

    return write_documents(
        options,
        lambda spec, templates: worksheet_job(
            spec,
            fade=options.fade,
            key=options.key,
            layout=options.layout,
            paper=options.paper,
            templates=templates,
            follow=follows(options),
        ),
    )


def write_documents(
    options: argparse.Namespace,
    job: Callable,
    always: tuple[str, ...] = (),
    formats: Iterable[str] = (),
    **look,
) -> int:
    """Write the documents of every spec; `job(spec, templates)` makes those of one. `formats` are
    those that can be asked for, where they are not all; `look` says how they are published."""
    specs = distinct_names(found(options.specs))
    from .output.jobs import write_all
    from .publish import FORMATS, formats_in

    to = tuple(dict.fromkeys((*always, *formats_in(options.to, formats or FORMATS))))
    templates, status = own_templates(), 0
    for done in progress(
        write_all(
            [job(spec, templates) for spec in specs],
            options.out,
            to,
            templates=templates,
            paper=options.paper,
            engine=options.engine,
            **look,
        ),
        "spec",
        len(specs),
    ):
        if isinstance(done, WorksheetError):
            print(done, file=sys.stderr)
            status = max(status, done.status)
        else:
            first, *others = [str(file) for file in done.files]
            print(
                f"{', '.join([first, *[Path(other).name for other in others]])}  "
                f"({done.proof.checked} relations and {done.proof.results} results proved{f'; {own}' if (own := str(done.proof.own)) else ''})",
                flush=True,
            )
            tell_left(done.left)
    return status


def print_trace(options: argparse.Namespace) -> int:
    """Print the trace of one spec as JSON; gives the exit status."""
    from .solution import solve
    from .spec.load import load
    from .trace.record import dumps

    [spec] = found([options.spec], folders=False)
    print(dumps(solve(load(spec))))
    return 0


def print_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of a spec, a lecture or a trace; gives the exit status."""
    if options.of != "trace":
        from .lectures import spec as lecture_spec
        from .spec import load as spec

        print((lecture_spec if options.of == "lecture" else spec).schema_text(), end="")
    else:
        import json

        from .trace.record import schema

        print(json.dumps(schema(), indent=2))
    return 0


def list_problems(options: argparse.Namespace) -> int:
    """Print the name and title of every problem and lecture that comes along; gives the exit
    status."""
    from .lectures.load import load_lecture
    from .spec.load import load

    listed = {
        **dict.fromkeys(problem_files(), load),
        **dict.fromkeys(lecture_files(), load_lecture),
    }
    width = max(len(file.stem) for file in listed) + 2
    for file, loaded in listed.items():
        print(f"{file.stem:<{width}}{loaded(file).title}")
    return 0


def start_spec(options: argparse.Namespace) -> int:
    """Write a new spec with comments into this folder, never over a file; gives the exit status.
    Raises WorksheetError where it cannot be written."""
    path = Path(options.name if options.name.endswith(".yaml") else f"{options.name}.yaml")
    if path.name != str(path):
        raise WorksheetError(
            "the name of a new spec is a name, not a path", options.name, "go to the folder first"
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((templates_folder() / "new.yaml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise WorksheetError(
            "there is such a file already", str(path), "choose another name"
        ) from None
    except OSError as fault:
        raise WorksheetError(f"cannot be written: {fault.strerror}", str(path)) from None
    print(f"{path}  (edit it, then: worksheet notes {path})")
    return 0

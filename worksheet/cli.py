"""The program `worksheet`: commands, no logic. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import WorksheetError
from .places import problems_folder, templates_folder

EPILOG = """examples:
  worksheet list                             the problems that come with the program
  worksheet notes one-hidden-neuron          lecture notes of one of them, into build/
  worksheet new my-network                   a commented spec to start from: my-network.yaml
  worksheet notes my-network.yaml --out build --detail normal
  worksheet notes problems/                  every spec in a folder
  worksheet notes xor.yaml --to pdf,html     the same note for print and for the web
  worksheet trace my-network.yaml            every arithmetic step, as JSON

A folder `templates/` where you start the program overrides our templates file by file.
exit status: 0 all well, 1 a document failed its proofs and was not written, 2 faulty input"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parser().parse_args(arguments)
    warnings.showwarning = lambda message, *rest, **more: print(f"warning: {message}", file=sys.stderr)
    try:
        return options.run(options)
    except WorksheetError as fault:
        print(fault, file=sys.stderr)
        return fault.status
    except KeyboardInterrupt:
        print("interrupted; nothing half written is left", file=sys.stderr)
        return 130
    except BrokenPipeError:      # the reader of our output has seen enough
        sys.stderr.close()
        return 0


class Version(argparse.Action):
    """Print the version and leave; looked up only when asked for."""

    def __call__(self, *arguments) -> None:
        from importlib.metadata import version
        print(f"worksheet {version('worksheet')}")
        raise SystemExit(0)


def parser() -> argparse.ArgumentParser:
    shape = argparse.ArgumentParser(prog="worksheet", description="Worked solutions for small neural networks: every printed line "
                                    "holds on a calculator.", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    shape.add_argument("--version", action=Version, nargs=0, help="print the version of the program")
    commands = shape.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        sub.set_defaults(run=run)
        return sub

    notes = command("notes", write_notes, "write the lecture notes of one or more specs")
    notes.add_argument("specs", nargs="+", metavar="SPEC", help="a spec file, a folder of specs, or a name from `worksheet list`")
    notes.add_argument("--out", type=Path, default=Path("build"), metavar="FOLDER",
                       help="where <name>/notes.md and <name>/figures/ go (default: build)")
    notes.add_argument("--detail", choices=("full", "normal", "brief"), help="how much working is shown; never changes a number")
    notes.add_argument("--thorough", action="store_true", help="have SymPy prove the gradient formulas too (slower)")
    notes.add_argument("--to", default="md", metavar="FORMATS", help="md, pdf, html, or several with commas between them; "
                       "notes.md is always written, the others beside it (default: md)")
    notes.add_argument("--paper", choices=("a4", "us-letter"), default="a4", help="the paper of a PDF (default: a4)")
    notes.add_argument("--no-figures", action="store_true", help="leave out the plots")

    trace = command("trace", print_trace, "print every arithmetic step of a solution as JSON")
    trace.add_argument("spec", metavar="SPEC", help="a spec file or a name from `worksheet list`")

    schema = command("schema", print_schema, "print the JSON Schema of a spec, for your editor")
    schema.add_argument("of", nargs="?", choices=("spec", "trace"), default="spec", help="of a spec (default) or of a trace")

    command("list", list_problems, "list the problems that come with the program")

    new = command("new", start_spec, "write a commented spec to start from")
    new.add_argument("name", metavar="NAME", help="the new file is NAME.yaml in this folder")
    return shape


# ---- commands -----------------------------------------------------------------------------------

def write_notes(options: argparse.Namespace) -> int:
    specs = list(found(options.specs))
    stems: dict[str, Path] = {}
    for spec in specs:
        if stems.setdefault(spec.stem, spec) != spec:
            raise WorksheetError(f"{stems[spec.stem]} has the same name", str(spec), "rename one: both would be written to one folder")
    from .notes import write_note
    from .publish import formats_in
    to = formats_in(options.to)
    own = Path("templates")
    status = 0
    for spec in progress(specs):
        try:
            path, note = write_note(spec, options.out, detail=options.detail, templates=own if own.is_dir() else None,
                                    thorough=options.thorough, with_figures=not options.no_figures, to=to,
                                    paper=options.paper)
        except WorksheetError as fault:      # the other documents can still be made
            print(fault, file=sys.stderr)
            status = max(status, fault.status)
        else:
            print(f"{path}  ({note.proof.checked} relations and {note.proof.results} results proved)", flush=True)
    return status


def print_trace(options: argparse.Namespace) -> int:
    from .families import solve
    from .record import dumps
    from .spec import load
    [spec] = found([options.spec], folders=False)
    print(dumps(solve(load(spec))))
    return 0


def print_schema(options: argparse.Namespace) -> int:
    if options.of == "spec":
        from .spec import schema_text
        print(schema_text(), end="")
    else:
        import json

        from .record import schema
        print(json.dumps(schema(), indent=2))
    return 0


def list_problems(options: argparse.Namespace) -> int:
    from .spec import load
    specs = sorted(problems_folder().glob("*.yaml"), key=lambda path: path.stem)
    width = max(len(spec.stem) for spec in specs) + 2
    for spec in specs:
        print(f"{spec.stem:<{width}}{load(spec).title}")
    return 0


def start_spec(options: argparse.Namespace) -> int:
    path = Path(options.name if options.name.endswith(".yaml") else f"{options.name}.yaml")
    if path.name != str(path):
        raise WorksheetError("the name of a new spec is a name, not a path", options.name, "go to the folder first")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((templates_folder() / "new.yaml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise WorksheetError("there is such a file already", str(path), "choose another name") from None
    except OSError as fault:
        raise WorksheetError(f"cannot be written: {fault.strerror}", str(path)) from None
    print(f"{path}  (edit it, then: worksheet notes {path})")
    return 0


# ---- what the commands share --------------------------------------------------------------------

def found(specs: Iterable[str], folders: bool = True) -> Iterator[Path]:
    """The spec files meant: files, all of a folder, or problems of ours by name."""
    for text in specs:
        path = Path(text)
        ours = problems_folder() / f"{text}.yaml"
        if path.is_dir() and folders:
            inside = sorted({*path.glob("*.yaml"), *path.glob("*.yml")})
            if not inside:
                raise WorksheetError("this folder holds no spec (*.yaml)", text)
            yield from inside
        elif path.is_file() or not ours.is_file():
            yield path
        else:
            yield ours


def progress(specs: list[Path]) -> Iterable[Path]:
    """The specs, with a bar on a terminal when there is something to wait for."""
    if len(specs) < 2 or not sys.stderr.isatty():
        return specs
    from tqdm import tqdm
    return tqdm(specs, unit="note", leave=False)

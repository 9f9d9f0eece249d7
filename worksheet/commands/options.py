"""The desk where the program was started: which specs are meant, whose templates, how many workers,
and a bar to wait by."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import WorksheetError
from ..family import problem_file, problem_files
from ..output.settling import Left
from ..resources import is_file, is_folder, templates_folder

NAMED = 6  # files in one sentence


def found(specs: Iterable[str], folders: bool = True) -> Iterator[Path]:
    """The spec files meant: files, all of a folder, or problems of ours by name."""
    for text in specs:
        path = Path(text)
        ours = problem_file(text)
        if folders and is_folder(path):
            inside = sorted({*path.glob("*.yaml"), *path.glob("*.yml")})
            if not inside and ours:  # the folder of its notes, for one
                inside = [ours]
            elif not inside:
                raise WorksheetError(
                    "this folder holds no spec (*.yaml)", text, "name a folder of specs, or a spec"
                )
            yield from inside
        else:
            yield path if ours is None or is_file(path) else ours


def specs_at_hand() -> Iterator[Path]:
    """The specs in this folder and those that come with the program."""
    for folder in (Path(), Path("problems"), Path("problems/calculus")):
        yield from sorted(folder.glob("*.yaml"))
    yield from problem_files()


def distinct_names(specs: Iterable[Path]) -> list[Path]:
    """The same specs, if each has a name of its own."""
    stems: dict[str, Path] = {}
    for spec in specs:
        if stems.setdefault(spec.stem, spec) != spec:
            raise WorksheetError(
                f"{stems[spec.stem]} has the same name",
                str(spec),
                "rename one: both would be written to one folder",
            )
    return list(stems.values())


def own_templates() -> Path | None:
    """The folder where the program was started that overrides our templates, if there is one and it
    is not ours; workers elsewhere find it too."""
    own = Path("templates").absolute()
    return own if own.is_dir() and not own.samefile(templates_folder()) else None


def worker_count(options: argparse.Namespace, copies: int) -> int:
    """The processes asked for; no more than there is work for in so many copies."""
    from ..parallel import cores
    from ..variants.run import CHUNK

    if options.workers is not None and options.workers < 1:
        raise WorksheetError(
            f"{options.workers} workers", "--workers", "at least one has to do the work"
        )
    return min(options.workers or cores(), max(1, -(-copies // CHUNK)))


def progress(things: Iterable, unit: str, total: int) -> Iterable:
    """The same things, with a bar on a terminal when there is something to wait for."""
    if total < 2 or not sys.stderr.isatty():
        return things
    from tqdm import tqdm

    return tqdm(things, unit=unit, total=total, leave=False)


def tell_left(left: Left) -> None:
    """Name what a run left as it was: what is older than its pages, and what somebody had changed,
    with where it is now."""
    by_folder: dict[Path, list[str]] = {}
    for file in left.older:
        by_folder.setdefault(file.parent, []).append(file.name)
    for folder, names in by_folder.items():
        more = f" and {len(names) - NAMED} more" * (len(names) > NAMED)
        print(
            f"older than the page beside it, and kept: {', '.join(str(folder / name) for name in names[:NAMED])}{more}",
            file=sys.stderr,
        )
    for file, now in left.aside[:NAMED]:
        print(f"{file}: not as this program wrote it, and kept as {now.name}", file=sys.stderr)
    if len(left.aside) > NAMED:
        print(f"and {len(left.aside) - NAMED} more like this", file=sys.stderr)

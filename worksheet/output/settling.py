"""Files of a run in their folder: nothing that somebody has changed, or that is not of this
program, is written over or deleted.

    build/one-hidden-neuron/.written.json      {"notes.md": "9f86d08...", "figures/loss.svg": "..."}

The record names what the program wrote there, each file with its hash. A file that is as it was
written goes, or is replaced; any other that stands where one is to be written is moved aside under
its date: `notes.tex` to `notes-2026-11-22.tex`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ..errors import WorksheetError

RECORD = ".written.json"


class Left(NamedTuple):
    """What a run left as it was: what is older than its pages, and what somebody had changed that
    stood in its way, each with where it is now."""

    older: tuple[Path, ...] = ()
    aside: tuple[tuple[Path, Path], ...] = ()


def settle(stage: Path, folder: Path, goes: Callable[[str], bool]) -> Left:
    """Move every file of `stage` to its place in `folder`, those of its top last. `goes`: whether a
    file that an earlier run wrote and this one does not, by its name within the folder, is of what
    this run writes anew; it stays where it was changed."""
    folder.mkdir(parents=True, exist_ok=True)
    known, new = (
        recorded(folder),
        {
            file.relative_to(stage).as_posix(): hash_of(file)
            for file in sorted(stage.rglob("*"))
            if file.is_file()
        },
    )
    folders = [each.relative_to(stage) for each in sorted(stage.rglob("*")) if each.is_dir()]
    for each in folders:
        check_inside(folder / each, folder)
        (folder / each).mkdir(exist_ok=True)
    aside: list[tuple[Path, Path]] = []
    for name in sorted(new, key=lambda name: "/" not in name):
        place = folder / name
        if place.is_file() and hash_of(place) not in (known.get(name), new[name]):
            aside.append((place, _aside(place)))
            os.rename(*aside[-1])
        os.replace(stage / name, place)
    older = []
    for name in [name for name in known if name not in new and goes(name)]:
        if (place := folder / name).is_file():
            if hash_of(place) == known[name]:
                place.unlink()
            else:
                older.append(place)
        del known[name]
        if Path(name).parent not in (Path(), *folders):
            with suppress(OSError):  # there is more in it
                (folder / name).parent.rmdir()
    _record(folder, stage, known | new)
    return Left(tuple(older), tuple(aside))


def check_inside(folder: Path, out: Path) -> None:
    """Raises WorksheetError where a link would have a folder of the program's lie somewhere else,
    or nowhere."""
    try:
        is_inside = folder.resolve().is_relative_to(out.resolve()) and (
            folder.exists() or not folder.is_symlink()
        )
    except (OSError, RuntimeError):  # links that lead round in a circle
        is_inside = False
    if not is_inside:
        raise WorksheetError(
            f"a link stands here that does not lead to a folder in {out}",
            str(folder),
            "remove the link, or choose another folder with --out",
        )


def recorded(folder: Path) -> dict[str, str]:
    """What the program wrote into a folder, each file with its hash; nothing where there is no
    record that can be read."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_whole = isinstance(found, dict) and all(isinstance(each, str) for each in found.values())
    return (
        {
            name: each
            for name, each in found.items()
            if ".." not in Path(name).parts and not Path(name).is_absolute()
        }
        if is_whole
        else {}
    )


def hash_of(file: Path) -> str:
    """The SHA-256 of a file, in hex. Raises OSError where it cannot be read."""
    return sha256(file.read_bytes()).hexdigest()


def _record(folder: Path, stage: Path, written: dict[str, str]) -> None:
    (stage / RECORD).write_text(json.dumps(written, indent=1), encoding="utf-8")
    os.replace(stage / RECORD, folder / RECORD)


def _aside(file: Path) -> Path:
    """Where a file goes that somebody has changed: `<stem>-<the day of its last change>`, or, where
    there is such a one, `-2` and so on."""
    dated = f"{file.stem}-{date.fromtimestamp(file.stat().st_mtime).isoformat()}"
    return next(
        place
        for number in range(1, 10_000)
        if not (
            place := file.with_name(f"{dated}{f'-{number}' if number > 1 else ''}{file.suffix}")
        ).exists()
    )

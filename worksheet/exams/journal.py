"""The journal of an exam that is being made, so that a run which was interrupted or killed goes on
where it stopped.

Its first line says what is made, and from which seed: that is written before anything is drawn.
Then it has a line for every copy whose files are in place. A later run of the same inputs believes
a line whose files still have the hashes it names, and makes only the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path
from typing import Any

from .class_list import Student
from .copy import Paper, Pick
from .load import Inputs


class Journal:
    """The copies of an unfinished run, their answers on disk alone. `key`: a hash of all inputs;
    the journal of other inputs is not believed."""

    def __init__(self, file: Path, key: str):
        self.file, self.key = file, key
        self.places: dict[int, int] = {}  # where the line of each copy begins
        self.answers = 0

    def read(self, place_of: Callable[[str], Path]) -> dict[int, tuple[Paper, dict[str, str]]]:
        """The copies that are in place, without their answers, each with the hashes of its files;
        none where the journal is of other inputs. `place_of`: where the file of a name lies."""
        found: dict[int, tuple[Paper, dict[str, str]]] = {}
        with suppress(OSError, ValueError, KeyError, TypeError), self.file.open("rb") as file:
            if json.loads(file.readline())["inputs"] != self.key:
                return {}
            place = file.tell()
            for line in file:
                with suppress(
                    ValueError, KeyError, TypeError
                ):  # the last line of a run that was killed while it wrote
                    entry = json.loads(line)
                    if all(
                        hash_of(place_of(name)) == known for name, known in entry["files"].items()
                    ):
                        self.answers += len(entry["rows"]) * (
                            entry["copy"] not in found
                        )  # made again after its files were touched
                        found[entry["copy"]], self.places[entry["copy"]] = (
                            (paper_of(entry), entry["files"]),
                            place,
                        )
                place += len(line)
        return found

    def begin(self, inputs: Inputs) -> None:
        """Keep what is made and its seed, before anything is drawn from it."""
        said = {
            "inputs": self.key,
            "name": inputs.name,
            "asked": inputs.asked(),
            "seed": inputs.seed,
            "kept": inputs.kept,
        }
        self.file.write_text(json.dumps(said) + "\n", encoding="utf-8", newline="\n")

    def add(self, paper: Paper, files: dict[str, str]) -> None:
        """One more copy is in place."""
        line = json.dumps(entry_of(paper) | {"rows": paper.rows, "files": files}).encode() + b"\n"
        with self.file.open("ab") as file:
            if torn := self._torn():  # by a run that was killed while it wrote
                file.write(b"\n")
            self.places[paper.number], self.answers = (
                self.size + torn,
                self.answers + len(paper.rows),
            )
            file.write(line)

    @property
    def size(self) -> int:
        """The bytes of its file."""
        return self.file.stat().st_size

    def _torn(self) -> bool:
        """Whether the last line has no end."""
        with self.file.open("rb") as file:
            file.seek(-1, 2)
            return file.read() != b"\n"

    def rows(self) -> Iterator[dict[str, Any]]:
        """The answers of all copies in their order, read as they are wanted."""
        with self.file.open("rb") as file:
            for number in sorted(self.places):
                file.seek(self.places[number])
                yield from json.loads(file.readline())["rows"]


def left_unfinished(file: Path) -> dict[str, Any]:
    """What the journal that lies there says of its exam: its name, what is asked, its seed; nothing
    where there is no journal."""
    with suppress(OSError, ValueError, TypeError), file.open("rb") as lines:
        said = json.loads(lines.readline())
        if isinstance(said, dict) and {"name", "asked", "seed", "kept"} <= said.keys():
            return said
    return {}


def entry_of(paper: Paper) -> dict[str, Any]:
    """A copy without its pages and answers."""
    problems = [
        {key: value for key, value in pick._asdict().items() if value or key != "code"}
        for pick in paper.picks
    ]
    return {
        "copy": paper.number,
        "student": asdict(paper.student),
        "code": paper.code,
        "problems": problems,
    }


def paper_of(entry: dict[str, Any]) -> Paper:
    """The copy that `entry_of` wrote, still without its pages and answers."""
    return Paper(
        entry["copy"],
        Student(**entry["student"]),
        entry["code"],
        tuple(Pick(**{"code": ""} | pick) for pick in entry["problems"]),
        (),
        {},
    )


def hash_of(file: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    try:
        with file.open("rb") as content:
            return file_digest(content, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""

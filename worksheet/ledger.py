"""What an exam leaves beside its pages: the journal of a run that may be interrupted, the table of answers, the manifest.

The journal has a line for every copy whose files are in place. A later run of the same inputs believes a line whose files still have the
hashes it names, and makes only the others.
"""

from __future__ import annotations

import csv
import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .errors import WorksheetError
from .exams import Inputs
from .jobs import NAME
from .papers import Paper, Pick
from .places import is_file, templates_folder
from .roster import Student
from .variants import Origin

MADE_WITH = ("worksheet", "typst", "pypandoc_binary", "pikepdf", "segno")
COLUMNS = ("copy", "student", "id", "problem", "spec", "task", "quantity", "epoch", "phase", "answer", "choice", "low", "high", "points")
BESIDE = "name the manifest.json that lies beside the exam"
MOST = 400 * 1024 * 1024      # bytes of a manifest or a journal
FORMULAS = ("=", "+", "-", "@", "\t")


class Journal:
    """The copies of an unfinished run, their answers on disk alone. `key`: a hash of all inputs; the journal of other inputs is not believed."""

    def __init__(self, file: Path, key: str):
        self.file, self.key = file, key
        self.places: dict[int, int] = {}      # where the line of each copy begins
        self.answers = 0

    def read(self, place_of: Callable[[str], Path]) -> dict[int, tuple[Paper, dict[str, str]]]:
        """The copies that are in place, without their answers, each with the hashes of its files; none where the journal is of other inputs.
        `place_of`: where the file of a name lies."""
        found: dict[int, tuple[Paper, dict[str, str]]] = {}
        with suppress(OSError, ValueError), self.file.open("rb") as file:
            if json.loads(file.readline()) != {"inputs": self.key}:
                return {}
            place = file.tell()
            for line in file:
                with suppress(ValueError):      # the last line of a run that was killed while it wrote
                    entry = json.loads(line)
                    if all(hash_of(place_of(name)) == known for name, known in entry["files"].items()):
                        self.answers += len(entry["rows"]) * (entry["copy"] not in found)      # made again after its files were touched
                        found[entry["copy"]], self.places[entry["copy"]] = (paper_of(entry), entry["files"]), place
                place += len(line)
        return found

    def begin(self) -> None:
        self.file.write_text(json.dumps({"inputs": self.key}) + "\n", encoding="utf-8", newline="\n")

    def add(self, paper: Paper, files: dict[str, str]) -> None:
        """One more copy is in place."""
        with self.file.open("ab") as file:
            self.places[paper.number], self.answers = file.tell(), self.answers + len(paper.rows)
            file.write(json.dumps(entry_of(paper) | {"rows": paper.rows, "files": files}).encode() + b"\n")

    def rows(self) -> Iterator[dict[str, Any]]:
        """The answers of all copies in their order, read as they are wanted."""
        with self.file.open("rb") as file:
            for number in sorted(self.places):
                file.seek(self.places[number])
                yield from json.loads(file.readline())["rows"]


def entry_of(paper: Paper) -> dict[str, Any]:
    """A copy without its pages and answers."""
    return {"copy": paper.number, "student": asdict(paper.student), "code": paper.code, "problems": [pick._asdict() for pick in paper.picks]}


def paper_of(entry: dict[str, Any]) -> Paper:
    return Paper(entry["copy"], Student(**entry["student"]), entry["code"], tuple(Pick(**pick) for pick in entry["problems"]), (), {})


def hash_of(file: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    try:
        with file.open("rb") as content:
            return file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


class _Line:
    """A file of which a table gets back every line it writes."""

    write = staticmethod(str.encode)


def answers_csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The table of all answers, for a spreadsheet; a name that would be a formula there is kept from being one."""
    table = csv.DictWriter(_Line(), COLUMNS, lineterminator="\n")
    yield BOM_UTF8 + table.writeheader()
    for row in rows:
        yield table.writerow(row | {name: f"'{row[name]}" for name in ("student", "id") if row[name].startswith(FORMULAS)})


def answers_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The same as a list, a row on each line."""
    yield b"["
    before = "\n"
    for row in rows:
        yield (before + json.dumps(row, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"\n]\n"


def manifest(inputs: Inputs, templates: Path | None, papers: Iterable[tuple[Paper, dict[str, str]]], files: dict[str, str]) -> list[bytes]:
    """Everything the exam was made from and with, its codes, and the hash of every file."""
    return [(json.dumps({
        "made with": made_with(), "templates": templates_hash(templates), "inputs": inputs_hashes(inputs),
        "name": inputs.name, "seed": inputs.seed, "copies": inputs.copies, "duplex": inputs.is_duplex, "exam": inputs.exam, "roster": inputs.roster,
        "specs": {call: {"name": origin.name, "text": origin.text} for call, origin in inputs.specs.items()},
        "papers": [entry_of(paper) | {"files": hashes} for paper, hashes in papers], "files": files,
    }, ensure_ascii=False, indent=1) + "\n").encode()]


def inputs_hashes(inputs: Inputs) -> dict[str, str]:
    texts = {"exam": inputs.exam, "roster": inputs.roster or ""} | {call: origin.text for call, origin in inputs.specs.items()}
    return {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}


def key_of(inputs: Inputs, templates: Path | None) -> str:
    """A hash of everything that the bytes of an exam depend on."""
    return sha256(json.dumps([made_with(), templates_hash(templates), identity(inputs)]).encode()).hexdigest()


def identity(inputs: Inputs) -> list:
    """The same for the same exam, wherever its files lie."""
    return [inputs.name, inputs.seed, inputs.copies, inputs.is_duplex, inputs_hashes(inputs)]


def is_manifest_of(file: Path, inputs: Inputs) -> bool:
    """Whether the manifest that lies there is of these inputs."""
    try:
        return identity(read_manifest(file)[0]) == identity(inputs)
    except WorksheetError:
        return False


def differences(known: dict[str, Any], folder: Path) -> list[str]:
    """The files of an exam that are not as its manifest says."""
    files = known["files"] | {name: content for each in known["papers"] for name, content in each["files"].items()}
    return [name for name, content in files.items() if hash_of(folder / Path(name).name) != content]


@cache
def made_with() -> dict[str, str]:
    return {name: version(name) for name in MADE_WITH}


def templates_hash(own: Path | None) -> str:
    """A hash of all templates, ours and those that override them."""
    found = sha256()
    for folder in filter(None, (templates_folder(), own)):
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            found.update(f"{file.relative_to(folder).as_posix()} {hash_of(file)}\n".encode())
    return found.hexdigest()


def read_manifest(file: Path) -> tuple[Inputs, dict[str, Any]]:
    """The inputs of an exam from its manifest, and the manifest. Raises WorksheetError for what is no manifest."""
    try:
        size = file.stat().st_size
        if not is_file(file) or size > MOST:      # a device never comes to an end
            raise ValueError
        found = json.loads(file.read_text(encoding="utf-8"))
        json.dumps(found, ensure_ascii=False).encode()      # halves of pairs are no text
        specs = {call: Origin(f"{each['name']}.yaml", each["name"], each["text"]) for call, each in found["specs"].items()}
        inputs = Inputs(found["name"], found["exam"], specs, found["roster"], found["copies"], found["seed"], found["duplex"])
        if not _is_sound(inputs, found):
            raise ValueError
    except OSError as fault:
        raise WorksheetError(f"the manifest cannot be read: {(fault.strerror or str(fault)).lower()}", str(file), BESIDE) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise WorksheetError("this is no manifest of an exam", str(file), BESIDE) from None
    return inputs, found


def _is_sound(inputs: Inputs, found: dict[str, Any]) -> bool:
    texts = [inputs.name, inputs.exam, *[part for origin in inputs.specs.values() for part in origin]]
    names = [inputs.name, *[origin.name for origin in inputs.specs.values()]]
    return (all(isinstance(text, str) for text in texts) and all(map(NAME.fullmatch, names)) and Path(f"{inputs.name}.yaml").stem == inputs.name
            and isinstance(inputs.roster, str | None) and isinstance(inputs.seed, int) and isinstance(inputs.copies, int)
            and isinstance(inputs.is_duplex, bool)
            and inputs_hashes(inputs) == found["inputs"] and isinstance(found["files"], dict)
            and all(isinstance(each["files"], dict) for each in found["papers"]))


def write_whole(file: Path, parts: Iterable[bytes], stage: Path) -> str:
    """Write a file by way of `stage`, so that it is there whole or not at all; its hash."""
    written = sha256()
    with (stage / f"{file.name}.part").open("wb") as out:
        for part in parts:
            out.write(part)
            written.update(part)
    os.replace(out.name, file)
    return written.hexdigest()

"""The tables of all answers that an exam leaves beside its pages; and how a file comes into its
place whole."""

from __future__ import annotations

import csv
import json
import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

COLUMNS = (
    "copy",
    "student",
    "id",
    "problem",
    "spec",
    "task",
    "quantity",
    "epoch",
    "phase",
    "answer",
    "choice",
    "low",
    "high",
    "or",
    "points",
)
FORMULAS = ("=", "+", "-", "@", "\t")


class _Line:
    """A file of which a table gets back every line it writes."""

    write = staticmethod(str.encode)


def answers_csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The table of all answers, for a spreadsheet; a name that would be a formula there is kept
    from being one."""
    table = csv.DictWriter(_Line(), COLUMNS, lineterminator="\n")
    yield BOM_UTF8 + table.writeheader()
    for row in rows:
        yield table.writerow(
            row
            | {
                name: f"'{row[name]}"
                for name in ("student", "id")
                if row[name].startswith(FORMULAS)
            }
        )


def answers_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The same as a list, a row on each line."""
    yield b"["
    before = "\n"
    for row in rows:
        yield (before + json.dumps(row, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"\n]\n"


def write_whole(file: Path, parts: Iterable[bytes], stage: Path) -> str:
    """Write a file by way of `stage`, so that it is there whole or not at all; its hash."""
    written, draft = sha256(), stage / f"{file.name}.part"
    try:
        with draft.open("wb") as out:
            for part in parts:
                out.write(part)
                written.update(part)
        os.replace(draft, file)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    return written.hexdigest()

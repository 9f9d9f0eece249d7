"""A class list: CSV as any spreadsheet writes it becomes students, every fault at once.

    name;id
    "Núñez, Zoë";4711

The first line names the columns; `name` must be there, `id` may, others are passed over. Separators `,` `;` and tab; UTF-8, UTF-16 and
Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .faults import Faults

BYTES, LINES, LONGEST = 1024 * 1024, 2000, 120
SEPARATORS = ",;\t"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
HINT = "the first line names the columns, such as: name,id"


@dataclass(frozen=True, slots=True)
class Student:
    """Whose copy it is; empty where a line is left to write on."""

    name: str = ""
    id: str = ""


def read_roster(path: Path, faults: Faults) -> str:
    """The text of a class list. SpecError for a file that is missing, too large, or in no encoding we know."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except OSError as error:
        faults.fail(0, "", f"the class list cannot be read: {(error.strerror or str(error)).lower()}", "check its name")
    if len(data) > BYTES:
        faults.fail(0, "", f"the class list is larger than {BYTES // 1024} KB", f"at most {LINES:,} students; split the class")
    for encoding in [name for mark, name in MARKS if data.startswith(mark)] or ["utf-8", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    faults.fail(0, "", "the class list is in no encoding that is known", "save it as UTF-8")


def students_of(text: str, faults: Faults) -> tuple[Student, ...]:
    """The students of a class list in its order. What is wrong is added to `faults`; at most LINES lines are looked at."""
    if "\0" in text:
        faults.fail(text.count("\n", 0, text.index("\0")) + 1, "", "a character that is no text", "is this a CSV file? export the sheet as CSV")
    rows = _rows(text, faults)
    line, head = next(rows, (1, []))
    columns = [cell.strip().lower() for cell in head]
    if "name" not in columns:
        faults.add(line, "", "there is no column 'name'", HINT)
        return ()
    for column in ("name", "id"):
        if columns.count(column) > 1:
            faults.add(line, "", f"the column '{column}' is there twice", "keep one of the two")
    name, ident = columns.index("name"), columns.index("id") if "id" in columns else None
    found: list[Student] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        if len(row) > len(columns):
            faults.add(line, "", f"{len(row)} cells under {len(columns)} columns", 'is there a separator in a name? put the name in quotes: "Doe, Jane"')
            continue
        student = Student(*[_cell(row, column) for column in (name, ident)])
        what = "blank" if not any(map(str.strip, row)) else "without a name" if not student.name else ""
        if what:
            faults.add(line, "", f"this line is {what}", "a copy is printed for every line: complete it, or delete it")
            continue
        for kind, value in (("name", student.name), ("id", student.id)):
            if len(value) > LONGEST or not value.isprintable() or "____" in value:      # a blank to write on
                faults.add(line, kind, "this does not fit on a sheet", f"at most {LONGEST} printable characters in one line")
        key = ("id", student.id) if student.id else ("name", student.name)
        if key in seen:
            faults.add(line, "", f"the {key[0]} '{key[1][:60]}' stands on line {seen[key]} already",
                       "each student once; tell two of one name apart by their id")
        seen.setdefault(key, line)
        found.append(student)
    if not found and not faults:
        faults.add(0, "", "the class list has no student", HINT)
    return tuple(found)


def _rows(text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line each begins on."""
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(text.rstrip().splitlines(keepends=True), delimiter=separator, strict=True)
    line = 1
    try:
        for count, row in enumerate(reader):
            if count > LINES:
                faults.fail(line, "", f"the class list has more than {LINES:,} students", "split the class, an exam for each part")
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        faults.fail(line, "", f"this line is no CSV: {error}", "a name with a quotation mark in it is quoted and doubles it")


def _cell(row: list[str], column: int | None) -> str:
    return "" if column is None or column >= len(row) else row[column].strip()

"""A class list: CSV as a spreadsheet or a learning platform writes it becomes students, every fault
at once.

    name;id
    "Núñez, Zoë";4711

The first line that names columns we know (`exams/class_list_headings.py`) is the head; what stands
above it is passed over, as Zoom has it. Separators `,` `;` `|` and tab; UTF-8, UTF-16, or an
encoding that is guessed (`spec/encodings.py`). Whatever is passed over or guessed is said.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..spec.encodings import Guess, decoded
from ..spec.faults import Faults, did_you_mean
from .class_list_headings import Columns, cell, columns_called, columns_in, columns_without, word_of

BYTES, LINES, LONGEST = 1024 * 1024, 2000, 120
SEPARATORS = ",;\t|"
ABOVE = 60  # lines in which the head is looked for
MOST = 5 * LINES  # lines of a table that says more than once who was there
NAMED = 12  # names in a warning
JOINERS = "\u200c\u200d"  # which print nothing, and without which some names fall apart
HINT = "the first line names the columns, such as: name,id"

# the sections of a report by Zoom, of which those with students are read
SECTIONS = ("attendee details", "registrant details", "participants", "participant details")
APART = ("host details", "panelist details", "other attended", "other details")
ENROLLED = {"role": ("student", "students", "learner", ""), "approval status": ("approved", "")}


@dataclass(frozen=True, slots=True)
class Student:
    """Whose copy it is; empty where a line is left to write on."""

    name: str = ""
    id: str = ""


def whose(number: int, student: Student) -> str:
    """Whose copy it is, in words that do not change where the class list does: `id 4711`, or else
    `name Ada`, or else `copy 3`."""
    return (
        f"id {student.id}"
        if student.id
        else f"name {student.name}"
        if student.name
        else f"copy {number}"
    )


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a class list below its head. `is_export`: it has lines that are no student, and
    says so."""

    line: int
    head: list[str]
    columns: Columns
    rows: list[tuple[int, list[str]]]
    is_export: bool


def read_roster(path: Path, faults: Faults, encoding: str | None = None) -> str:
    """The text of a class list; warns of an encoding that was guessed. SpecError for a file that is
    missing, too large, or in no encoding we know. `encoding`: what somebody says who knows."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except (OSError, ValueError) as error:
        faults.fail(
            0,
            "",
            f"the class list cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}",
            "check its name",
        )
    if len(data) > BYTES:
        faults.fail(
            0,
            "",
            f"the class list is larger than {BYTES // 1024} KB",
            f"at most {LINES:,} students; split the class",
        )
    if not data.strip():
        faults.fail(
            0,
            "",
            "the class list is empty",
            "the first line names the columns, such as name,id; then a line for each student",
        )
    try:
        text, guess = decoded(data, encoding)
    except LookupError:
        faults.fail(
            0,
            "",
            f"there is no encoding '{encoding}'",
            "such as utf-8, cp1252, cp1250, mac_roman, gb18030; or save the list as UTF-8",
        )
    except UnicodeError:
        faults.fail(
            0,
            "",
            f"the class list is not in the encoding {encoding}"
            if encoding
            else "the class list is in no encoding that is known",
            "save it as UTF-8",
        )
    if guess:
        warnings.warn(f"{faults.source}: {_guessed(guess)}", stacklevel=2)
    return text


def _guessed(guess: Guess) -> str:
    names = ", ".join(f"{words} (line {line})" for line, words in guess.touched[:NAMED])
    more = f" and {len(guess.touched) - NAMED} more" * (len(guess.touched) > NAMED)
    return (
        f"the list does not say its encoding; it was read as {guess.called}, which is a guess. It decides how these are written: {names}{more}\n"
        f"  hint: if one of them is wrong, save the list as UTF-8, or say `encoding: cp1250` in the exam file (the guess was {guess.encoding})"
    )


def students_of(
    text: str, faults: Faults, called: Mapping[str, str] | None = None, is_plain: bool = False
) -> tuple[Student, ...]:
    """The students of a class list in its order. What is wrong is added to `faults`; at most LINES
    students are taken.

    `called`: the headings of the columns `name` (or `first` and `last`) and `id`, where they are
    not to be found. `is_plain`: the first line names `name` and perhaps `id`, and nothing else is
    known, as for exams that were made when that was so."""
    if "\0" in text:
        faults.fail(
            text.count("\n", 0, text.index("\0")) + 1,
            "",
            "a character that is no text",
            "is this a CSV file? export the sheet as CSV",
        )
    table = _table(text, faults, called or {}, is_plain)
    if table is None:
        return ()
    for column in table.columns.used:
        if [word_of(heading) for heading in table.head].count(word_of(table.head[column])) > 1:
            faults.add(
                table.line,
                "",
                f"the column '{table.head[column].strip()[:60].lower()}' is there twice",
                "keep one of the two",
            )
    spelt = str if is_plain else _alike
    found: dict[Student, int] = {}
    seen: dict[tuple[str, str], int] = {}
    passed: list[str] = []
    for line, row in table.rows:
        if len(_trimmed(row)) > len(table.head):
            faults.add(
                line,
                "",
                f"{len(row)} cells under {len(table.head)} columns",
                'is there a separator in a name? put the name in quotes: "Doe, Jane"',
            )
            continue
        student = Student(table.columns.name_of(row), cell(row, table.columns.id))
        if table.is_export and (said := _is_no_student(row, student, table)):
            passed += [f"{said} (line {line})"] * (said != "blank")
            continue
        what = (
            "blank"
            if not any(map(str.strip, row))
            else "without a name"
            if not student.name
            else ""
        )
        if what:
            faults.add(
                line,
                "",
                f"this line is {what}",
                "a copy is printed for every line: complete it, or delete it",
            )
            continue
        for kind, value in (("name", student.name), ("id", student.id)):
            if hidden := _hidden(value):
                faults.add(
                    line,
                    kind,
                    f"U+{ord(hidden):04X} is a sign that cannot be seen",
                    "write a space, in one line"
                    if hidden.isspace()
                    else "delete it: it may turn the reading round, or make two names look alike",
                )
            elif len(value) > LONGEST or "____" in value:  # a blank to write on
                faults.add(
                    line,
                    kind,
                    "this does not fit on a sheet",
                    f"at most {LONGEST} printable characters in one line",
                )
        if table.is_export and student in found:  # who came back
            passed.append(f"{student.name} once more (line {line})")
            continue
        key = ("id", spelt(student.id)) if student.id else ("name", spelt(student.name))
        if key in seen:
            faults.add(
                line,
                "",
                f"the {key[0]} '{key[1][:60]}' stands on line {seen[key]} already",
                "each student once; tell two of one name apart by their id",
            )
        seen.setdefault(key, line)
        found[student] = line
        if len(found) > LINES:
            faults.fail(
                line,
                "",
                f"the class list has more than {LINES:,} students",
                "split the class, an exam for each part",
            )
    if passed:
        more = f" and {len(passed) - NAMED} more" * (len(passed) > NAMED)
        warnings.warn(
            f"{faults.source}: passed over, as no students: {', '.join(passed[:NAMED])}{more}",
            stacklevel=2,
        )
    if not found and not faults:
        faults.add(0, "", "the class list has no student", HINT)
    return tuple(found)


def lines_of(text: str, called: Mapping[str, str] | None = None) -> dict[Student, int]:
    """The line on which each student stands, of a list without faults."""
    table = _table(text, Faults(""), called or {}, False)
    return (
        {
            Student(table.columns.name_of(row), cell(row, table.columns.id)): line
            for line, row in reversed(table.rows)
        }
        if table
        else {}
    )


def _table(text: str, faults: Faults, called: Mapping[str, str], is_plain: bool) -> Table | None:
    """The table of students in a text; None, and a fault, where there is none."""

    def columns(row: list[str], below: list[list[str]]) -> Columns | None:
        if is_plain:
            words = [heading.strip().lower() for heading in row]
            return (
                Columns(full=words.index("name"), id=words.index("id") if "id" in words else None)
                if "name" in words
                else None
            )
        return columns_called(row, called) if called else columns_in(row, below)

    head = text.partition("\n")[0]
    separators = sorted(SEPARATORS, key=head.count, reverse=True)
    if said := re.match(r"sep=(.)\r?\n", text):
        separators = [said[1]]
    for separator in [separators[0]] if is_plain else separators:
        top = list(islice(_rows(text, separator, None), 1 if is_plain else ABOVE))
        first = (
            next((place for place, (_, row) in enumerate(top) if _section(row) in SECTIONS), -1) + 1
        )
        place = next(
            (place for place in range(first, len(top)) if columns(top[place][1], [])), None
        )
        if place is not None:
            line, head = top[place]
            is_export = not is_plain and (place > bool(said) or _is_export(head))
            below = [*_rows(text, separator, faults)][place + 1 :]
            stop = next(
                (at for at, (_, row) in enumerate(below) if is_export and _section(row) in APART),
                len(below),
            )
            return Table(
                line, head, columns(head, [row for _, row in below[:stop]]), below[:stop], is_export
            )
    if not (is_plain or called) and (
        found := columns_without([row for _, row in _rows(text, ",", None)])
    ):
        rows = [*_rows(text, ",", faults)]
        return Table(1, rows[0][1], found, rows, True)
    rows = _rows(text, separators[0], faults)
    line, head = next(rows, (1, []))
    headings = [heading.strip() for heading in head if heading.strip()]
    listed = (
        f"; the columns are: {', '.join(repr(heading[:40]) for heading in headings[:20])}"
        if headings
        else ""
    )
    if lost := [
        heading for heading in called.values() if word_of(heading) not in map(word_of, headings)
    ]:
        faults.add(
            line,
            "",
            f"there is no column '{lost[0][:60]}'{listed}",
            did_you_mean(lost[0], headings) if headings else HINT,
        )
    else:
        faults.add(
            line,
            "",
            f"there is no column 'name'{listed}",
            HINT
            if not headings
            else f"put a line above this one that {HINT.partition('line ')[2]}"
            if _is_somebody(headings)
            else "say in the exam file which to take, such as columns: {name: "
            + headings[0][:40]
            + "}; or call one name",
        )
    return None


def _is_somebody(headings: list[str]) -> bool:
    """Whether what stands where the headings should is a student already: with a number, or an
    address, or of two words alone."""
    return (
        any(heading.isdigit() or "@" in heading for heading in headings)
        or len(headings) == 1
        and " " in headings[0]
    )


def _rows(text: str, separator: str, faults: Faults | None) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line each begins on; without `faults` up to the first that is none."""
    reader = csv.reader(text.rstrip().splitlines(keepends=True), delimiter=separator, strict=True)
    line = 1
    try:
        for count, row in enumerate(reader):
            if count > MOST and faults is not None:
                faults.fail(
                    line,
                    "",
                    f"the class list has more than {LINES:,} students",
                    "split the class, an exam for each part",
                )
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        if faults is not None:
            faults.fail(
                line,
                "",
                f"this line is no CSV: {error}",
                "a name with a quotation mark in it is quoted and doubles it",
            )


def _trimmed(row: list[str]) -> list[str]:
    """A row without the empty cells at its end, which exports have."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row


def _section(row: list[str]) -> str:
    """The heading of a part of a report: a line of one cell."""
    return word_of(row[0]) if row and len(_trimmed(row)) == 1 else ""


def _is_export(head: list[str]) -> bool:
    """Whether a platform wrote the table, by headings that people do not think of."""
    words = {word_of(heading) for heading in head}
    return words >= {"student", "id", "section"} or bool(
        words
        & {
            "sis login id",
            "sis user id",
            "role",
            "approval status",
            "name original name",
            "user name original name",
            "grading policy",
            "end of line indicator",
        }
    )


def _is_no_student(row: list[str], student: Student, table: Table) -> str:
    """What a line of an export is that is no student: `blank`, or what it says; empty for a
    student."""
    if not student.name:
        return "blank" if not student.id else ""
    words = [word_of(heading) for heading in table.head]
    is_canvas = (
        "section" in words
        and table.columns.full is not None
        and words[table.columns.full] == "student"
    )
    if is_canvas and (
        row[table.columns.full].startswith("    ")
        or student.name in ("Points Possible", "Student, Test", "Test Student")
    ):
        return student.name
    for heading, usual in ENROLLED.items():
        if heading in words and word_of(cell(row, words.index(heading))) not in usual:
            return f"{student.name}, {cell(row, words.index(heading))[:30]}"
    return ""


def _alike(text: str) -> str:
    """A text in one of the ways in which it may be written: letters with their accents, spaces of
    one kind."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _hidden(text: str) -> str:
    """The first sign of a text that cannot be seen, and neither joins nor parts what can (as the
    wide space of East Asian names does); empty where there is none."""
    return next(
        (
            sign
            for sign in text
            if not (
                sign.isprintable()
                or sign in JOINERS
                or unicodedata.category(sign) == "Zs"
                or 0xE0020 <= ord(sign) <= 0xE007F
            )
        ),
        "",
    )

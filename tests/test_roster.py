"""Class lists as people have them, and what is told about those that cannot be used
(tests/cases/rosters.md)."""

from __future__ import annotations

import warnings
from pathlib import Path

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worksheet.errors import SpecError
from worksheet.exams.class_list import BYTES, LINES, Student, read_roster, students_of
from worksheet.spec.faults import Faults

TEXT = 'name;id\n"Núñez; Zoë";17\nMüller;18\n'
STUDENTS = (Student("Núñez; Zoë", "17"), Student("Müller", "18"))


def told(text: str) -> str:
    """What comes of a list: its students and what is said of it, or its faults."""
    faults = Faults("class.csv")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            students = students_of(text, faults)
            faults.raise_any()
        except SpecError as fault:
            return str(fault)
    return "\n".join(
        [
            *(f"{student.name} | {student.id}" for student in students),
            *(f"warning: {each.message}" for each in said),
        ]
    )


@pytest.mark.parametrize("case", documents.cases("rosters.md"), ids=str)
def test_a_list_and_its_students(case, update):
    documents.check(case, told(case.given), update)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_common_encoding_and_line_end(tmp_path, encoding, newline):
    file = tmp_path / "class.csv"
    file.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    assert students_of(read_roster(file, Faults("class.csv")), Faults("class.csv")) == STUDENTS


def test_a_list_without_end_is_refused_with_a_reason(tmp_path):
    assert f"more than {LINES:,} students" in told(
        "name\n" + "".join(f"student {i}\n" for i in range(100_000))
    )
    assert (
        len(students_of("name\n" + "".join(f"student {i}\n" for i in range(LINES)), Faults("")))
        == LINES
    )
    (tmp_path / "large.csv").write_bytes(b"x" * (BYTES + 1))
    with pytest.raises(SpecError) as fault:
        read_roster(tmp_path / "large.csv", Faults("large.csv"))
    assert "larger than 1024 KB" in str(fault.value)


@pytest.mark.parametrize(
    "data, says",
    [
        (None, "cannot be read: no such file"),
        (b"\x00\x01binary\n", "a character that is no text"),
        (b"\xff\xfe\x00", "in no encoding that is known"),
    ],
)
def test_what_is_no_list(tmp_path, data, says):
    file = tmp_path / "class.csv"
    if data is not None:
        file.write_bytes(data)
    faults = Faults("class.csv")
    with pytest.raises(SpecError) as fault:
        students_of(read_roster(Path(file), faults), faults)
    assert says in str(fault.value)


@given(st.text())
def test_no_list_is_a_traceback(text):
    told(text)
    told("name,id\n" + text)


@pytest.mark.parametrize("data", [b"", b"\n", b"  \r\n\r\n"])
def test_an_empty_list_is_called_empty_and_nothing_is_guessed_of_it(tmp_path, data):
    (tmp_path / "class.csv").write_bytes(data)
    with warnings.catch_warnings(), pytest.raises(SpecError, match="the class list is empty"):
        warnings.simplefilter("error")
        read_roster(tmp_path / "class.csv", Faults("class.csv"))

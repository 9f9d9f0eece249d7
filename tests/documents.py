"""Tests that are documents: tests/cases/*.md, a heading and two fenced blocks a case, input before
expected output.

    ## an unknown activation        <- the case
    ```yaml                         <- what is given
    ```text                         <- what must come out

`pytest --update` writes what came out into the document; review the difference before it is kept.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"
_CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n(?P<prose>[^`]*?)^(?P<fence>`{3,})(?P<language>\w*)\n(?P<given>.*?)^(?P=fence)\n\s*"
    r"^(?P=fence)\w*\n(?P<expected>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Case:
    """One heading of a document; `given` and `expected` end with a newline."""

    path: Path
    title: str
    language: str
    given: str
    expected: str

    def __str__(self) -> str:
        return self.title.replace(" ", "-")


def cases(name: str) -> list[Case]:
    """The cases of tests/cases/NAME in order. A heading without its two blocks, or a title used
    twice, is an error."""
    text = (CASES / name).read_text(encoding="utf-8")
    found = [
        Case(CASES / name, match["title"], match["language"], match["given"], match["expected"])
        for match in _CASE.finditer(text)
    ]
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [case.title for case in found] == headings, (
        f"{name}: a heading lacks one of its two blocks"
    )
    assert len(set(headings)) == len(headings), f"{name}: a title is used twice"
    return found


def check(case: Case, actual: str, update: bool) -> None:
    """That `actual` is what the document says; with `update`, make the document say it."""
    actual = actual.rstrip("\n") + "\n"
    if actual == case.expected:
        return
    if update:

        def rewritten(match: re.Match) -> str:
            if match["title"] != case.title:
                return match[0]
            start, end = (
                match.start("expected") - match.start(),
                match.end("expected") - match.start(),
            )
            return match[0][:start] + actual + match[0][end:]

        case.path.write_text(
            _CASE.sub(rewritten, case.path.read_text(encoding="utf-8")), encoding="utf-8"
        )
        return
    difference = "\n".join(
        difflib.unified_diff(
            case.expected.splitlines(),
            actual.splitlines(),
            "the document",
            "what came out",
            lineterm="",
            n=9,
        )
    )
    raise AssertionError(f"{case.path.name}, {case.title}:\n{difference}")

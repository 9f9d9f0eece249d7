"""One copy of an exam: which problems it has, with which numbers, its pages, and the table of its
answers.

A copy depends on the exam, its seed and whose it is alone, not on its place in the class list: the
spec out of a pool, the order and the numbers are draws of their own (`draws.py`). That all copies
of a problem differ is seen to in `exams/write.py`, before any page is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from string import punctuation
from typing import Any, NamedTuple

from ..assessment.sheet_and_key import Handout, Setting
from ..assessment.tasks import graded as graded_by
from ..draws import Draws
from ..errors import ProofError
from ..numbers.number import Number
from ..numbers.number import plain_text as number
from ..numbers.numerals import texts
from ..output.batches import digits
from ..pages import facts
from ..pages.apart import apart
from ..pages.environment import fill
from ..pages.page import tidy
from ..proofs.checks import Failure
from ..variants.search import (
    Origin,
    Variant,
    answers_key,
    attempt_at,
    givens_key,
    search,
    source_of,
)
from ..worksheets import DECIMAL, Worksheet, faded, keyed, prove_worksheet
from .class_list import Student
from .load import SCHEME, Exam, Question
from .marking import marking

HEADING = re.compile(r"^##", re.MULTILINE)
LAYOUT = "problem", "problem"
BARE = Number.written("1")


class Pick(NamedTuple):
    """A problem of a copy. `givens`, `answers`: what must differ from every other copy's; empty for
    what is the same for all. `code`: of the problem alone, where it is drawn from a seed that is no
    secret."""

    spec: str
    code: str
    attempt: int
    givens: str
    answers: str


@dataclass(frozen=True)
class Paper:
    """One copy: its problems in order, its answers in rows, its pages as Markdown by the stems of
    their files."""

    number: int
    student: Student
    code: str
    picks: tuple[Pick, ...]
    rows: tuple[dict[str, Any], ...]
    pages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who writes which copy; `width`: the digits of its number in the name of a file; `whose`: the
    number under which it is drawn."""

    number: int
    student: Student
    width: int
    whose: int


def sittings_of(exam: Exam) -> list[Sitting]:
    """All copies of an exam."""
    width = digits(len(exam.students))
    return [
        Sitting(number, student, width, exam.owner(number, student))
        for number, student in enumerate(exam.students, start=1)
    ]


def chosen(exam: Exam, whose: int) -> list[tuple[Question, Origin]]:
    """The problems of a copy in its order, each with the spec it is drawn from."""
    draws = Draws(exam.name, exam.seed, whose, 0)
    found = [
        (question, question.origins[draws.index(f"pool of problem {place}", len(question.origins))])
        for place, question in enumerate(exam.questions, start=1)
    ]
    order = draws.indices(
        [f"place {place}" for place in range(1, len(found) + 1)], len(found), is_distinct=True
    )
    return [found[i] for i in order] if exam.is_shuffled else found


def picked(exam: Exam, sitting: Sitting, starts: Mapping[str, int]) -> tuple[Pick, ...]:
    """The numbers of a copy. `starts`: the first attempt for a spec whose earlier ones another copy
    has taken."""
    return tuple(
        _pick(
            exam,
            search(
                source_of(origin),
                exam.seed,
                sitting.whose,
                starts.get(origin.name, 0),
                called=f"copy {sitting.number}",
            ),
        )
        for _, origin in chosen(exam, sitting.whose)
    )


def _pick(exam: Exam, variant: Variant) -> Pick:
    keys = (
        ("", "")
        if variant.source.is_fixed
        else (givens_key(variant.problem).hex(), answers_key(variant.trace).hex())
    )
    return Pick(variant.source.name, own_code(exam, variant), variant.attempt, *keys)


def own_code(exam: Exam, variant: Variant) -> str:
    """The code of a problem without its exam, which holds the seed: none where the seed is a
    secret."""
    return "" if exam.scheme == SCHEME else str(variant.code)


def paper(
    exam: Exam, sitting: Sitting, picks: tuple[Pick, ...], templates: Path | None = None
) -> Paper:
    """Make one copy with these numbers and prove every page of it."""
    return apart(lambda: _paper(exam, sitting, picks, templates), templates is not None)


def _paper(exam: Exam, sitting: Sitting, picks: tuple[Pick, ...], templates: Path | None) -> Paper:
    problems, rows, total = [], [], Decimal(0)
    for place, ((question, origin), pick) in enumerate(
        zip(chosen(exam, sitting.whose), picks, strict=True), start=1
    ):
        variant = attempt_at(source_of(origin), exam.seed, sitting.whose, pick.attempt)
        made = _proved(
            variant,
            question,
            exam.key,
            f"{origin.label}, copy {sitting.number}",
            own_code(exam, variant),
            templates,
        )
        points = sum(task.points for task in made.page.tasks)
        total += points
        problems.append(
            {
                "title": facts.words(variant.problem.title),
                "points": number(points),
                "code": own_code(exam, variant),
                "text": HEADING.sub("###", made.sheet),
                "solution": HEADING.sub("###", made.key),
                "marking": marking(made.page, templates, f"{origin.name}, copy {sitting.number}"),
            }
        )
        rows += [
            {
                "copy": sitting.number,
                "student": sitting.student.name,
                "id": sitting.student.id,
                "problem": place,
                "spec": origin.name,
            }
            | row
            for row in graded(made.page)
        ]
    insist_secret(exam, rows, problems, sitting)
    code = exam.code(sitting.number, sitting.whose)
    about = {
        "exam": {name: facts.words(text) for name, text in exam.head.items()},
        "code": code,
        "student": {"name": verbatim(sitting.student.name), "id": verbatim(sitting.student.id)},
        "points": number(total),
        "key": exam.key,
        "new_page": exam.new_page,
    }
    pages = {
        f"exam-{sitting.number:0{sitting.width}}": about
        | {
            "is_key": False,
            "problems": problems,
            "solutions": problems if exam.solutions == "embedded" else [],
        }
    }
    if exam.solutions == "separate":
        pages[f"key-{sitting.number:0{sitting.width}}"] = about | {
            "is_key": True,
            "problems": [each | {"text": each["solution"]} for each in problems],
            "solutions": [],
        }
    texts = {
        stem: tidy(fill("layouts/exam.md.j2", context, templates))
        for stem, context in pages.items()
    }
    texts[f"marking-{sitting.number:0{sitting.width}}"] = tidy(
        fill("layouts/marking.md.j2", about | {"problems": problems}, templates)
    )
    return Paper(sitting.number, sitting.student, code, picks, tuple(rows), texts)


def insist_secret(
    exam: Exam, rows: list[dict[str, Any]], problems: list[dict[str, Any]], sitting: Sitting
) -> None:
    """Raise ProofError where the words of the exam itself say an answer of a copy."""
    words = " ".join(exam.head[name] for name in ("title", "aids", "instructions"))
    answers = {row["answer"].lstrip("-") for row in rows}
    said = [
        number
        for number in DECIMAL.findall(words)
        if number in answers and not any(number in each["text"] for each in problems)
    ]
    if said:
        raise ProofError(
            [
                Failure(
                    "secrecy",
                    "",
                    number,
                    "",
                    f"the answer {number} stands in the words of the exam",
                )
                for number in said
            ],
            f"{exam.name}, copy {sitting.number}",
        )


def _proved(
    variant: Variant, question: Question, key: str, source: str, code: str, templates: Path | None
) -> Worksheet:
    return prove_worksheet(
        keyed(faded(variant.trace, BARE), key),
        templates=templates,
        source=source,
        layouts=LAYOUT,
        setting=Setting(
            code, variant.draws, question.points and question.points.value, question.room
        ),
    )


def graded(page: Handout) -> list[dict[str, str]]:
    """A row for every number and every form that is asked or has marks: task, quantity, answer,
    what is accepted. The points of a quantity stand in the first of its rows."""
    rows = []
    for task in page.tasks:
        for view, marks in graded_by(task):
            if not marks and view not in task.asked:
                continue
            whose = [member.key for member in view.members] or [(view.name, 1, "derivation")]
            for index, ((name, epoch, phase), answer) in enumerate(
                zip(whose, page.answers_of(view), strict=True)
            ):
                rows.append(
                    {
                        "task": task.letter,
                        "quantity": name,
                        "epoch": epoch,
                        "phase": phase,
                        "answer": texts(answer["shown"])
                        if view.members
                        else f"${answer['shown']}$",
                        "choice": answer["choice"],
                    }
                    | accepted_facts(answer["ranges"])
                    | {"points": number(sum(marks.values())) if not index else ""}
                )
    return rows


def accepted_facts(ranges: list[dict[str, str]]) -> dict[str, str]:
    """What is accepted, from `low` to `high`, `or` from one number to another; empty for a form."""
    first, *others = [{end: texts(text) for end, text in each.items()} for each in ranges] or [
        {"low": "", "high": ""}
    ]
    return first | {"or": " or ".join(f"{each['low']} to {each['high']}" for each in others)}


def verbatim(text: str) -> str:
    """A stranger's words as Markdown that prints them as they are: no sign of theirs is a sign of
    Markdown, TeX or HTML."""
    return "".join(
        f"\\{character}" if character in punctuation else character for character in text
    )

"""One copy of an exam: which problems it has, with which numbers, its pages, and the table of its answers.

Copy k depends on the exam and on k alone: the spec out of a pool, the order and the numbers are draws of their own (`draws.py`). That all
copies of a problem differ is seen to in `sittings.py`, before any page is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from string import punctuation
from typing import Any, NamedTuple

from . import facts
from .apart import apart
from .codes import code_of
from .draws import Draws
from .environment import fill
from .exams import Exam, Question
from .handouts import Handout, Setting
from .marking import marking
from .number import Number
from .number import plain_text as number
from .numerals import texts
from .roster import Student
from .page import tidy
from .tasks import graded as graded_by
from .variants import Origin, Variant, answers_key, attempt_at, givens_key, search, source_of
from .worksheets import Worksheet, faded, keyed, prove_worksheet

HEADING = re.compile(r"^##", re.MULTILINE)
LAYOUT = "problem", "problem"
BARE = Number.written("1")


class Pick(NamedTuple):
    """A problem of a copy. `givens`, `answers`: what must differ from every other copy's; empty for what is the same for all."""

    spec: str
    code: str
    attempt: int
    givens: str
    answers: str


@dataclass(frozen=True)
class Paper:
    """One copy: its problems in order, its answers in rows, its pages as Markdown by the stems of their files."""

    number: int
    student: Student
    code: str
    picks: tuple[Pick, ...]
    rows: tuple[dict[str, Any], ...]
    pages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who writes which copy; `width`: the digits of its number in the name of a file."""

    number: int
    student: Student
    width: int


def chosen(exam: Exam, copy: int) -> list[tuple[Question, Origin]]:
    """The problems of a copy in its order, each with the spec it is drawn from."""
    draws = Draws(exam.name, exam.seed, copy, 0)
    found = [(question, question.origins[draws.index(f"pool of problem {place}", len(question.origins))])
             for place, question in enumerate(exam.questions, start=1)]
    order = draws.indices([f"place {place}" for place in range(1, len(found) + 1)], len(found), is_distinct=True)
    return [found[i] for i in order] if exam.is_shuffled else found


def picked(exam: Exam, copy: int, starts: Mapping[str, int]) -> tuple[Pick, ...]:
    """The numbers of a copy. `starts`: the first attempt for a spec whose earlier ones another copy has taken."""
    return tuple(_pick(search(source_of(origin), exam.seed, copy, starts.get(origin.name, 0))) for _, origin in chosen(exam, copy))


def _pick(variant: Variant) -> Pick:
    keys = ("", "") if variant.source.is_fixed else (givens_key(variant.problem).hex(), answers_key(variant.trace).hex())
    return Pick(variant.source.name, str(variant.code), variant.attempt, *keys)


def paper(exam: Exam, sitting: Sitting, picks: tuple[Pick, ...], templates: Path | None = None) -> Paper:
    """Make one copy with these numbers and prove every page of it."""
    return apart(lambda: _paper(exam, sitting, picks, templates), templates is not None)


def _paper(exam: Exam, sitting: Sitting, picks: tuple[Pick, ...], templates: Path | None) -> Paper:
    problems, rows, total = [], [], Decimal(0)
    for place, ((question, origin), pick) in enumerate(zip(chosen(exam, sitting.number), picks, strict=True), start=1):
        variant = attempt_at(source_of(origin), exam.seed, sitting.number, pick.attempt)
        made = _proved(variant, question, exam.key, templates)
        points = sum(task.points for task in made.page.tasks)
        total += points
        problems.append({"title": facts.words(variant.problem.title), "points": number(points), "code": str(variant.code),
                         "text": HEADING.sub("###", made.sheet), "solution": HEADING.sub("###", made.key),
                         "marking": marking(made.page, templates, f"{origin.name}, copy {sitting.number}")})
        rows += [{"copy": sitting.number, "student": sitting.student.name, "id": sitting.student.id, "problem": place, "spec": origin.name} | row
                 for row in graded(made.page)]
    code = str(code_of(exam.name, exam.content, exam.seed, sitting.number, 0))
    about = {"exam": {name: facts.words(text) for name, text in exam.head.items()}, "code": code,
             "student": {"name": verbatim(sitting.student.name), "id": verbatim(sitting.student.id)},
             "points": number(total), "key": exam.key}
    pages = {f"exam-{sitting.number:0{sitting.width}}": about | {
        "is_key": False, "problems": problems, "solutions": problems if exam.solutions == "embedded" else []}}
    if exam.solutions == "separate":
        pages[f"key-{sitting.number:0{sitting.width}}"] = about | {
            "is_key": True, "problems": [each | {"text": each["solution"]} for each in problems], "solutions": []}
    texts = {stem: tidy(fill("layouts/exam.md.j2", context, templates)) for stem, context in pages.items()}
    texts[f"marking-{sitting.number:0{sitting.width}}"] = tidy(fill("layouts/marking.md.j2", about | {"problems": problems}, templates))
    return Paper(sitting.number, sitting.student, code, picks, tuple(rows), texts)


def _proved(variant: Variant, question: Question, key: str, templates: Path | None) -> Worksheet:
    return prove_worksheet(keyed(faded(variant.trace, BARE), key), templates=templates, source=f"{variant.source.label}, copy {variant.copy}", layouts=LAYOUT,
                           setting=Setting(str(variant.code), variant.draws, question.points and question.points.value, question.room))


def graded(page: Handout) -> list[dict[str, str]]:
    """A row for every number and every form that is asked or has marks: task, quantity, answer, what is accepted. The points of a
    quantity stand in the first of its rows."""
    rows = []
    for task in page.tasks:
        for view, marks in graded_by(task):
            if not marks and view not in task.asked:
                continue
            whose = [member.key for member in view.members] or [(view.name, 1, "derivation")]
            for index, ((name, epoch, phase), answer) in enumerate(zip(whose, page.answers_of(view), strict=True)):
                rows.append({"task": task.letter, "quantity": name, "epoch": epoch, "phase": phase,
                             "answer": texts(answer["shown"]) if view.members else f"${answer['shown']}$",
                             "choice": answer["choice"], "low": texts(answer["low"]), "high": texts(answer["high"]),
                             "points": number(sum(marks.values())) if not index else ""})
    return rows


def verbatim(text: str) -> str:
    """A stranger's words as Markdown that prints them as they are: no sign of theirs is a sign of Markdown, TeX or HTML."""
    return "".join(f"\\{character}" if character in punctuation else character for character in text)

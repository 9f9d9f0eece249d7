r"""What an author wrote by hand, and where: the prose of a lecture, titles, descriptions, the words
of tasks, reasons of derivations.

A page says of each formula only its line there; here its place in the author's own file is kept, so
that what is not proved is told where it can be mended.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..errors import WorksheetError
from ..family import family_of
from ..markdown.handwritten import Key, Own, Told
from ..markdown.reader import MANY, document, formulas
from ..pages import facts
from ..problem import Problem
from .load import Lecture

MOST = 20  # relations that are told one by one


class Written(NamedTuple):
    """A formula by hand: its TeX, and its place. `why`: it is none, although it looks like one."""

    tex: str
    place: str
    why: str = ""


def of_text(text: str, source: str, what: str = "") -> list[Written]:
    """The formulas of a text whose lines are those of its file; or, where `what` names the text, of
    one that stands somewhere in it. Raises WorksheetError for a footnote that has no end, or would
    be set thousands of times."""
    read, file = document(text), {}

    def place(line: int, tex: str) -> str:
        if not what:
            return f"{source}:{line}"
        found = _line_of(source, tex, file)
        return f"{source}:{found}: {what}" if found else f"{source}: {what}"

    for label, line in read.endless:
        raise WorksheetError(
            f"the footnote [^{label}] calls itself",
            place(line, f"[^{label}]:"),
            "a footnote may call others, but none that leads back to it",
        )
    for label, line in read.many:
        raise WorksheetError(
            f"the footnote [^{label}] would be set {MANY} times or more, for footnotes call it that are called many times themselves",
            place(line, f"[^{label}]:"),
            "a footnote is set again wherever it is called: let footnotes call others once at most",
        )
    return [
        *[Written(each.tex, place(each.line, each.tex)) for each in read.formulas],
        *[Written(each.text, place(each.line, each.text), each.why) for each in read.strays],
    ]


def of_problem(problem: Problem, source: str) -> list[Written]:
    """The formulas in the words of a problem's spec."""
    texts = {"title": problem.title, "description": problem.description}
    texts |= {f"ask[{place}].text": task.text for place, task in enumerate(problem.ask)}
    texts |= family_of(problem).authored(problem)
    return _named(texts, source)


def of_lecture(lecture: Lecture) -> list[Written]:
    """The formulas in the titles and the description of a lecture, and in the words of its
    problems' specs."""
    titles = {
        f"the title of a section, '{section.title}'": section.title
        for section in lecture.walk()
        if section.title
    }
    return [
        *_named(
            {"lecture": lecture.title, "description": lecture.description} | titles, lecture.source
        ),
        *[each for name, problem in lecture.problems.items() for each in of_problem(problem, name)],
    ]


def _named(texts: dict[str, str], source: str) -> list[Written]:
    return [
        each
        for what, text in texts.items()
        if any(mark in text for mark in ("$", "\\", "[^"))
        for each in of_text(facts.words(text), source, what)
    ]


def found_in(markdown: str, written: Iterable[Written]) -> dict[Key, str]:
    """The formulas of a page that the author wrote, each with its place; in the order of the page,
    as far as they are in it."""
    wanted = [each for each in written if not each.why]
    if not wanted:
        return {}
    shown = formulas(markdown)
    places: dict[str, list[int]] = {}
    for number, formula in enumerate(shown):
        places.setdefault(_plain(formula.tex), []).append(number)
    found: dict[Key, str] = {}
    at = 0
    for each in wanted:
        left = places.get(_plain(each.tex), [])
        number = next((place for place in left if place >= at), left[0] if left else None)
        if number is not None:
            left.remove(number)
            at = max(at, number)
            found[shown[number].line, shown[number].tex] = each.place
    return found


def strays(written: Iterable[Written]) -> Own:
    """What looks like a formula and is none, to be told."""
    told = [
        Told(each.place, each.tex, f"it is no formula, {each.why}") for each in written if each.why
    ]
    return Own(unproved=len(told), told=told)


def warn(own: Own) -> None:
    """Tell what of the author's is not proved."""
    for told in own.told[:MOST]:
        warnings.warn(str(told), stacklevel=2)
    if len(own.told) > MOST:
        warnings.warn(f"{len(own.told) - MOST} more relations by hand are not proved", stacklevel=2)


def _plain(tex: str) -> str:
    return "".join(tex.split())


def _line_of(source: str, tex: str, file: dict[str, list[str]]) -> int:
    """The line of a file that shows the TeX, in one line or the beginning of it; 0 if none does."""
    if source not in file:
        try:
            file[source] = [
                re.sub(r"[\s\\]", "", line)
                for line in Path(source).read_text(encoding="utf-8").splitlines()
            ]
        except (OSError, ValueError):
            file[source] = []
    wanted = re.sub(r"[\s\\]", "", tex.replace(r"\lt ", "<"))[:20]
    return next((number for number, line in enumerate(file[source], start=1) if wanted in line), 0)

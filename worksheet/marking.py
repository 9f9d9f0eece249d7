"""The marking of a problem: its marks by step, what is accepted, and what follows from a student's earlier values.

Proved twice before it is written: with the right values every formula gives an accepted answer (`follow_through.py`), and what
stands on the page is read back and punched in again like any page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from . import facts
from .checks import page_failures
from .environment import fill
from .errors import ProofError
from .failure import Failure, placed
from .follow_through import FollowThrough, follow_throughs, proved, rounded
from .handouts import Handout
from .number import exact_text, is_far, plain_text as number
from .page import tidy
from .repunch import repunch
from .tasks import graded
from .typeset import Style, tex


ROUND = str.maketrans("[]", "()")


def marking(page: Handout, templates: Path | None = None, source: str = "") -> str:
    """The Markdown of one problem's marking. `page`: that of its key. Raises ProofError for a line that does not hold."""
    text = tidy(fill("parts/marking.md.j2", {"rows": list(rows(page, source))}, templates))
    if failures := page_failures(text, repunch(text, rounding=page.problem.rounding, has_workings=False)):
        raise ProofError(failures, source)
    return text


def rows(page: Handout, source: str = "") -> Iterator[facts.Facts]:
    """A row for every number and every form that is asked or has marks: those of a quantity stand in the first of its rows."""
    found = [(task, view, marks) for task in page.tasks for view, marks in graded(task)]
    follows = {key: each for key, each in follow_throughs(page.trace, {member.key for _, view, _ in found for member in view.members}).items()
               if not page.letter_of(each.working)}      # what is chosen needs no working
    insist(page, follows.values(), source)
    letters: set[str] = set()
    for task, view, marks in found:
        for index, (member, answer) in enumerate(zip(view.members or [None], page.answers_of(view), strict=True)):
            follow = follows.get(member.key) if member else None
            shown = answer["shown"] if member else round_brackets(answer["shown"])
            yield answer | {"shown": shown, "letter": "" if task.letter in letters else task.letter,
                            "symbol": page.page.symbols(member.name) if member else answer["symbol"],
                            "marks": [] if index else [{"step": what, "marks": number(each)} for what, each in marks.items()],
                            "follows": follow_facts(page, follow) if follow else None}
            letters.add(task.letter)


def insist(page: Handout, follows, source: str) -> None:
    """Raise ProofError where a formula does not lead to an accepted answer."""
    rounding = page.problem.rounding
    failures = []
    for each in follows:
        accepted = page.accepted[each.working.key]
        if not proved(each, accepted, rounding):
            value = each.right()
            gives = "no number" if value is None else format(rounded(value, each, rounding), "f")
            failures.append(Failure("follow-through", f"epoch {each.working.epoch}, {each.working.phase}", gives, each.working.shown,
                                    f"with the right values the formula of {each.working.name} gives {gives}, "
                                    f"accepted is {accepted}", quantity=each.working.name))
    if failures:
        raise ProofError([*placed(failures, page.problem.places)], source)


def follow_facts(page: Handout, each: FollowThrough) -> facts.Facts:
    """The formula with each of the student's values in brackets, and what it gives with the right ones."""
    exact = each.right()
    gives = rounded(exact, each, page.problem.rounding)
    bracketed = {name: bracket(("" if working.name != each.working.name else r"\text{old}\, ") + page.page.symbols(working.name))
                 for name, working in each.values.items()}
    symbols = replace(page.page.symbols, aliases=page.page.symbols.aliases | bracketed)
    style = Style(symbols, page.problem.rounding.negatives, is_beside=page.page.is_beside)
    return {"formula": round_brackets(tex(each.formula, style), bracketed.values()), "relation": facts.relation(gives == exact, page.problem),
            "gives": page.page.numeral(exact_text(gives) if gives == exact or is_far(gives) else format(gives, "f"))}


def round_brackets(text: str, students: Iterable[str] = ()) -> str:
    """A formula whose square brackets are round ones, but those around the student's values."""
    kept = list(dict.fromkeys(students))
    for place, each in enumerate(kept):
        text = text.replace(each, f"\0{place}\0")
    text = text.translate(ROUND)
    for place, each in enumerate(kept):
        text = text.replace(f"\0{place}\0", each)
    return text


def bracket(symbol: str) -> str:
    return rf"\left[{symbol}\right]" if r"\frac" in symbol else f"[{symbol}]"

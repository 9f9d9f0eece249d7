"""The marking of a problem: its marks by step, what is accepted, and what follows from a student's
earlier values.

    | $h_1$ | **0.625392** | 0.625391–92 | $1/(1 + \\exp(-[z_{h1}]))$ | M 0.5 ☐ R 0.5 ☐ |

Proved twice before it is written: with the right values every formula gives an accepted answer
(`assessment/follow_through.py`), and what stands on the page is read back and punched in again like
any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ..assessment.answer_table import bold, is_said, last_place, ranges_of
from ..assessment.follow_through import FollowThrough, follow_throughs, proved, rounded
from ..assessment.sheet_and_key import Handout
from ..assessment.tasks import graded
from ..assessment.tolerance import stated
from ..errors import ProofError
from ..judge.failure import Failure, placed
from ..numbers.number import exact_text, is_far
from ..numbers.number import plain_text as number
from ..numbers.numerals import texts
from ..pages import facts
from ..pages.environment import fill
from ..pages.page import tidy
from ..proofs.checks import page_failures
from ..recalculation.recalculation import repunch
from ..tex.writer import Style, flat, tex
from ..trace.trace import Working

ROUND = str.maketrans("[]", "()")
LETTERS = {"found": "F", "again": "F", "method": "M", "result": "R"}
ROW = re.compile(
    r"\| (?:step \d+: )?\$(?P<symbol>[^|]+?)\$ \| (?P<answer>[^|]*?) \| (?P<accepted>[^|]*?) \| (?P<follows>[^|]*?) \| [^|]*? ?\|"
)


def marking(page: Handout, templates: Path | None = None, source: str = "") -> str:
    """The Markdown of one problem's marking. `page`: that of its key. Raises ProofError for a line
    that does not hold."""
    found = list(rows(page, source))
    tasks = [
        {
            "letter": task.letter,
            "phase": task.phase,
            "epoch": task.epoch,
            "points": number(task.points),
            "rows": [row for row in found if row["letter"] == task.letter],
        }
        for task in page.tasks
    ]
    text = tidy(fill("parts/marking.md.j2", {"tasks": tasks}, templates))
    chained, failures = unfolded(page, text, found)
    failures += page_failures(
        chained, repunch(chained, rounding=page.problem.rounding, has_workings=False)
    )
    if failures:
        raise ProofError(failures, source)
    return text


def rows(page: Handout, source: str = "") -> Iterator[facts.Facts]:
    """A row for every number and every form that is asked or has marks: those of a quantity stand
    in the first of its rows."""
    found = [(task, view, marks) for task in page.tasks for view, marks in graded(task)]
    follows = {
        key: each
        for key, each in follow_throughs(
            page.trace, {member.key for _, view, _ in found for member in view.members}
        ).items()
        if not page.letter_of(each.working)
    }  # what is chosen needs no working
    insist(page, follows.values(), source)
    for task, view, marks in found:
        for index, (member, answer) in enumerate(
            zip(view.members or [None], page.answers_of(view), strict=True)
        ):
            follow = follows.get(member.key) if member else None
            yield {
                "letter": task.letter,
                "step": answer["step"],
                "choice": answer["choice"],
                "member": member,
                "is_form": not member,
                "symbol": flat(page.page.symbols(member.name) if member else answer["symbol"]),
                "answer": answer_of(page, member)
                if member
                else f"${large(round_brackets(answer['shown']))}$",
                "accepted": ranges_of(
                    page.accepted[member.key], stated(page.trace, member), last_place(page, member)
                )
                if member
                else "",
                "marks": []
                if index
                else [
                    {"letter": LETTERS[what], "marks": number(each)} for what, each in marks.items()
                ],
                "follows": follow_facts(page, follow) if follow else None,
            }


def answer_of(page: Handout, member: Working) -> str:
    """A number as bold words; with a power of ten as a formula."""
    shown = stated(page.trace, member)
    return f"${page.page.numeral(shown)}$" if "e" in shown else bold(shown)


def unfolded(page: Handout, text: str, found: list[facts.Facts]) -> tuple[str, list[Failure]]:
    """The rows of a page as chains, `$h_1 = 0.6$` and `$1/(1 + \\exp(-[z_1])) \\approx 0.6$`, each
    on its line, and what is wrong with the rest of them."""
    lines = [
        (line, row)
        for line, row in enumerate(map(ROW.fullmatch, text.splitlines()), start=1)
        if row
    ]
    if len(lines) != len(found):
        return "", [
            Failure(
                "marking",
                "",
                str(len(lines)),
                str(len(found)),
                f"the page has {len(lines)} rows, and {len(found)} answers have marks or are asked for",
            )
        ]
    chained, failures = [""] * len(text.splitlines()), []
    for (line, row), each in zip(lines, found):
        if each["member"] is None:
            continue
        shown, accepted = stated(page.trace, each["member"]), page.accepted[each["member"].key]
        if texts(row["answer"].strip("*$").replace("−", "-")) != shown:
            failures.append(
                Failure(
                    "marking",
                    f"line {line}",
                    row["answer"],
                    shown,
                    f"the answer {each['member'].name} is {shown}",
                )
            )
        if not is_said(
            row["accepted"],
            accepted,
            Decimal(shown),
            Decimal((0, (1,), last_place(page, each["member"]))),
        ):
            failures.append(
                Failure(
                    "marking",
                    f"line {line}",
                    row["accepted"],
                    str(accepted),
                    f"what is accepted for {each['member'].name} is {accepted}",
                )
            )
        chained[line - 1] = f"${row['symbol']} = {page.page.numeral(shown)}$"
        if follow := each["follows"]:
            formula = row["follows"].strip("$")
            chained[line - 1] += f" ${formula}{'' if follow['value'] else follow['ending']}$"
    return "\n".join(chained), failures


def insist(page: Handout, follows, source: str) -> None:
    """Raise ProofError where a formula does not lead to an accepted answer."""
    rounding = page.problem.rounding
    failures = []
    for each in follows:
        accepted = page.accepted[each.working.key]
        if not proved(each, accepted, rounding):
            value = each.right()
            gives = "no number" if value is None else format(rounded(value, each, rounding), "f")
            failures.append(
                Failure(
                    "follow-through",
                    f"epoch {each.working.epoch}, {each.working.phase}",
                    gives,
                    each.working.shown,
                    f"with the right values the formula of {each.working.name} gives {gives}, "
                    f"accepted is {accepted}",
                    quantity=each.working.name,
                )
            )
    if failures:
        raise ProofError([*placed(failures, page.problem.places)], source)


def follow_facts(page: Handout, each: FollowThrough) -> facts.Facts:
    """The formula, one line high, with each of the student's values in brackets. What it gives with
    the right ones (`ending`) is said (`value`) where that is not the answer beside it."""
    exact = each.right()
    gives = rounded(exact, each, page.problem.rounding)
    bracketed = {
        name: bracket(
            ("" if working.name != each.working.name else r"\text{old}\, ")
            + page.page.symbols(working.name)
        )
        for name, working in each.values.items()
    }
    symbols = replace(page.page.symbols, aliases=page.page.symbols.aliases | bracketed)
    style = Style(
        symbols, page.problem.rounding.negatives, is_beside=page.page.is_beside, is_flat=True
    )
    text = exact_text(gives) if gives == exact or is_far(gives) else format(gives, "f")
    ending = f" {facts.relation(gives == exact, page.problem)} {page.page.numeral(text)}"
    return {
        "formula": round_brackets(tex(each.formula, style), bracketed.values()),
        "ending": ending,
        "value": "" if gives == Decimal(stated(page.trace, each.working)) else ending,
    }


def round_brackets(text: str, students: Iterable[str] = ()) -> str:
    """A formula whose square brackets are round ones, but those around the student's values."""
    kept = list(dict.fromkeys(students))
    for place, each in enumerate(kept):
        text = text.replace(each, f"\0{place}\0")
    text = text.translate(ROUND)
    for place, each in enumerate(kept):
        text = text.replace(f"\0{place}\0", each)
    return text


def large(text: str) -> str:
    """A form whose fractions are as large as in a line of their own."""
    return text.replace(r"\frac", r"\dfrac")


def bracket(symbol: str) -> str:
    """A student's own value, one line high."""
    return rf"\left[{flat(symbol)}\right]" if r"\dfrac" in flat(symbol) else f"[{flat(symbol)}]"

"""Keys, measured on both sides: right answers that are refused, and mistakes that are accepted.

Right answers come from students of our own (`ways_of_working.py`), who round, keep and type in
again in fourteen ways; mistakes are those with a name (`assessment/mistakes.py`), each made
anywhere on the way to a quantity.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from decimal import Decimal
from itertools import islice

from measured import size, written
from random_networks import spec_text
from ways_of_working import WAYS, NoNumber, answers

from worksheet.assessment.mistakes import wrong_answers
from worksheet.assessment.settled import is_fine
from worksheet.assessment.tolerance import accepted
from worksheet.errors import WorksheetError
from worksheet.resources import problem_files
from worksheet.solution import by_hand
from worksheet.spec.load import loads
from worksheet.trace.trace import Key, Trace
from worksheet.variants.search import open_source, search

REFUSED, PASSED = Decimal("0.0001"), Decimal("0.01")  # the shares that are allowed


def solutions(copies: int, networks: int):
    """Variants of every problem that varies, and random networks with digits of every kind."""
    for file in problem_files():
        try:
            source = open_source(file)
        except WorksheetError:  # nothing varies in it
            continue
        if source.is_fixed:
            continue
        for copy in range(1, copies + 1):
            yield source.name, copy, search(source, 11, copy).trace
    for seed in range(5000, 5000 + networks):
        try:
            yield "random networks", seed, by_hand(loads(spec_text(seed)))
        except WorksheetError:  # it diverges
            continue


def test_right_answers_are_not_refused():
    """At most one in ten thousand, over every way of working."""
    asked, refused, worst = Counter(), Counter(), []
    for name, seed, trace in solutions(size(1, 10), size(3, 60)):
        keys = accepted(trace)
        for way, student in WAYS.items():
            try:
                found = answers(trace.problem, student, seed)
            except NoNumber:
                continue
            for key, value in found.items():
                if key in keys:
                    asked[way] += 1
                    if value not in keys[key]:
                        refused[way] += 1
                        worst.append((name, seed, way, key, value, str(keys[key])))
    total, lost = asked.total(), refused.total()
    assert lost <= REFUSED * total + 1, worst[:5]
    rows = "\n".join(f"| {way} | {asked[way]:,} | {refused[way]} |" for way in WAYS)
    written_part(
        "right",
        f"## Right answers that are refused\n\n{lost} of {total:,}.\n\n| way of working | answers | refused |\n|:--|--:|--:|\n{rows}\n",
    )


def right_answers(trace: Trace, seed: int) -> dict[Key, tuple[Decimal, Decimal]]:
    """The smallest and the largest value of each quantity that students who make no mistake come
    to, a unit of its last digit beyond: what no key can refuse."""
    spans: dict[Key, tuple[Decimal, Decimal]] = {}
    for student in WAYS.values():
        with suppress(NoNumber):
            for key, value in answers(trace.problem, student, seed).items():
                low, high = spans.get(key, (value, value))
                spans[key] = min(low, value), max(high, value)
    for working in trace.workings:
        low, high = spans.get(working.key, (Decimal(working.shown),) * 2)
        unit = Decimal(1).scaleb(
            max(end.as_tuple().exponent for end in (low, high, Decimal(working.shown)))
        )
        spans[working.key] = low - unit, high + unit
    return spans


def test_mistakes_are_not_accepted():
    """At most one in a hundred whose digits are not those of a right answer, where the digits allow
    it; where they do not, it is told."""
    made, passed, coarse, passed_coarse, alike = (
        Counter(),
        Counter(),
        Counter(),
        Counter(),
        Counter(),
    )
    for name, seed, trace in solutions(size(1, 10), size(0, 20)):
        keys, right = accepted(trace), right_answers(trace, seed)
        for asked in trace.workings[:: max(1, len(trace.workings) // size(3, 12))]:
            fine, (low, high) = is_fine(asked, keys[asked.key]), right[asked.key]
            for wrong in islice(wrong_answers(trace, asked), size(6, 30)):
                value = Decimal(wrong.shown)
                if (
                    low <= value <= high
                ):  # a student who rounds otherwise comes to it too, or to its neighbour
                    alike[name] += value != Decimal(asked.shown)
                    continue
                (made if fine else coarse)[name] += 1
                (passed if fine else passed_coarse)[name] += value in keys[asked.key]
    total, let_through = made.total(), passed.total()
    assert let_through <= PASSED * total + 1, passed
    rows = "\n".join(
        f"| {name} | {made[name]:,} | {passed[name]} | {coarse[name]:,} | {passed_coarse[name]} | {alike[name]} |"
        for name in made | coarse | alike
    )
    written_part(
        "wrong",
        f"## Mistakes that are accepted\n\n{let_through} of {total:,} ({100 * let_through / max(1, total):.2f} %) where the digits allow it; "
        f"{passed_coarse.total()} of {coarse.total():,} where they do not, which `worksheet stress` and a line in the key say. {alike.total()} others "
        f"change no more than a last digit of what students without a mistake come to, who round in fourteen ways.\n\n"
        f"| problem | mistakes | accepted | where digits are too few | accepted | as a right answer |\n|:--|--:|--:|--:|--:|--:|\n{rows}\n",
    )


parts: dict[str, str] = {}


def written_part(name: str, text: str) -> None:
    """Both parts stand on one page."""
    parts[name] = text
    written(
        "keys",
        "# Keys\n\nMeasured with `make measures` (`tests/measures/test_keys.py`).\n\n"
        + "\n".join(parts[each] for each in sorted(parts)),
    )

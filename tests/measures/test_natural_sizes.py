"""Two thousand problems whose data have the sizes of real data: nothing is refused but what has no
value; and of two thousand traces in which one gradient is changed by a part in a million, every one
is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from measured import IS_FULL, size, written
from natural_sizes import natural_text

from worksheet.errors import ProofError, SolveError
from worksheet.notes import prove_note
from worksheet.pages.render import render
from worksheet.proofs.checks import check
from worksheet.solution import solve
from worksheet.spec.load import loads
from worksheet.trace.trace import Trace

COUNT = size(24, 2000)
SPOILT = size(24, 2000)
PARTS = size(2, 20)
FOUND = (
    25,
    45,
    121,
    324,
    361,
    460,
    505,
    570,
    675,
    823,
    824,
    1007,
    1015,
    1140,
    1274,
    1391,
    1488,
    1554,
    1795,
    1862,
    841,
    1062,
)  # refused once, one for each cause
A_MILLIONTH = Decimal("1.000001")

# what truly has no value on the page, or passes 10^100; each with quantity, epoch where there are
# epochs, and a line
HONEST = {
    "the logarithm of what is shown as 0": r"'\w+' takes the logarithm of zero in epoch \d+",
    "beyond 10^100": r"(on the way a number of )?'\w+' passes 10\^100( in epoch \d+)?",
    "an angle beyond 10^1000, or an exponent beyond 10^17": r"'\w+' has no finite value( in epoch \d+)?: it (?:grows beyond all bounds|is too small)",
    "a change that the digits do not show": r"'\w+' is shown as \S+, which is \w+ itself: the change is lost",
    "divided by what is shown as 0, or a root or logarithm that there is not": r"'\w+' has no finite value( in epoch \d+)?: it divides by zero",
}
FAMILIES = {
    "network": "networks",
    "formulas": "formulas",
    "function": "functions",
    "gradient": "functions of several variables",
    "descent": "descents",
}
EPOCHS = ("network", "descent")


def solved(seed: int) -> Trace | SolveError:
    problem = loads(natural_text(seed))
    try:
        return solve(problem)
    except SolveError as fault:
        assert re.fullmatch(r"<string>:\d+: .+", fault.where), (seed, str(fault))
        assert problem.family not in EPOCHS or " in epoch " in fault.message, (seed, str(fault))
        return fault


def kind_of(fault: SolveError) -> str:
    return next(
        (kind for kind, pattern in HONEST.items() if re.match(pattern, fault.message)),
        f"not explained: {fault.message}",
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_refused_but_what_has_no_value(part):
    """Every page passes every proof; where there is none, the error says why, and where."""
    told: list[str] = []
    for seed in (*range(part, COUNT, PARTS), *FOUND[part::PARTS]):
        found = solved(seed)
        if isinstance(found, SolveError):
            if kind_of(found) not in HONEST:
                told.append(f"{seed}: {found}")
            continue
        try:
            prove_note(found)
        except ProofError as fault:
            told.append(f"{seed}: {fault}")
    assert not told, "\n".join(told)


def test_a_gradient_off_by_a_part_in_a_million_is_always_refused():
    """One gradient of each, of any family and any size, its exact value, its used one, or both,
    with the digits that are shown."""
    passed, tried, seed = [], Counter(), 0
    while sum(tried.values()) < SPOILT:
        found, random = solved(seed), Random(f"spoilt {seed}")
        seed += 1
        if isinstance(found, SolveError):
            continue
        gradients = [
            working
            for working in found.workings
            if working.kind == "gradient" and working.exact and Decimal(working.shown)
        ]
        if not gradients:
            continue
        chosen = random.choice(gradients)
        spoilt = with_another(found, chosen, random.choice(("exact", "value", "both")))
        if not check(spoilt, render(found)).failures:
            passed.append(f"{seed - 1}: {chosen.name} = {chosen.exact}")
        tried[found.problem.family] += 1
    written("spoilt-gradients", told_of_spoilt(tried, passed))
    assert not passed, "\n".join(passed)


def with_another(trace: Trace, working, which: str) -> Trace:
    """The trace with one gradient a millionth larger, its event along with it."""
    fields = {"exact": ("exact",), "value": ("value",), "both": ("exact", "value")}[which]
    changes = {name: getattr(working, name) * A_MILLIONTH for name in fields}
    events = list(trace.events)
    events[working.event] = replace(events[working.event], **changes)
    return replace(
        trace,
        events=tuple(events),
        workings=tuple(
            replace(each, **changes) if each is working else each for each in trace.workings
        ),
    )


def told_of_spoilt(tried: Counter, passed: list[str]) -> str:
    rows = "".join(f"| {name} | {tried[family]} |\n" for family, name in FAMILIES.items())
    return (
        "# Gradients changed by a part in a million\n\nOne gradient of each trace, drawn among those that are not shown as 0, "
        "a millionth larger: the value at full precision, "
        f"the one that is used, or both.\n\n| problems | traces changed |\n|---|---|\n{rows}| **all** | **{sum(tried.values())}** |\n\n"
        f"Refused: {sum(tried.values()) - len(passed)} of {sum(tried.values())}.\n\nMade by `tests/measures/test_natural_sizes.py`.\n"
    )


@pytest.mark.skipif(not IS_FULL, reason="the table is made in full only")
def test_the_table_of_what_was_refused():
    """By family: how many were solved and proved (the test above), and why the others have no page."""
    counts: dict[str, Counter] = {family: Counter() for family in FAMILIES}
    for seed in range(COUNT):
        found = solved(seed)
        counts[loads(natural_text(seed)).family][
            "written" if isinstance(found, Trace) else kind_of(found)
        ] += 1
    kinds = ["written", *HONEST]
    head = "| problems | " + " | ".join(kinds) + " |\n" + "|---" * (len(kinds) + 1) + "|\n"
    rows = "".join(
        f"| {name} | " + " | ".join(str(counts[family][kind]) for kind in kinds) + " |\n"
        for family, name in FAMILIES.items()
    )
    written(
        "natural-sizes",
        "# Problems with numbers of the sizes of real data\n\n"
        f"{COUNT} random problems with inputs, targets and points from 10^-6 to 10^6 (ages, prices, pixels from 0 to 255), "
        "of every policy, mode and notation, one or several "
        f"updates, runs to the end. Refused by a proof: none.\n\n{head}{rows}\n"
        "Every refusal names the quantity, the epoch where there are epochs, and the line of the spec.\n\n"
        "Made by `tests/measures/test_natural_sizes.py`, specs by `tests/natural_sizes.py`.\n",
    )

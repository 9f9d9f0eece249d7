"""Are the digits that are shown known? Random problems of every family, under every policy, of
sizes from 10^-60 to 10^60.

Each is worked out again with twice and with four times as many digits as it took, and every number
that the page shows must be the same. Under `exact`, where nothing is carried, every result must
moreover be the value that the judge finds, rounded: the judge knows nothing of the trace, and works
here with 200 digits.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from measured import size, written
from random_formulas import chain_text, function_text, gradient_text, graph_text
from random_networks import spec_text

from worksheet import loads
from worksheet.errors import SolveError, SpecError
from worksheet.family import family_of
from worksheet.judge.duals import judging
from worksheet.judge.judges import judge_of
from worksheet.numbers.known_digits import DIGITS, MoreDigits
from worksheet.numbers.number import Rounding, quantize, working
from worksheet.solution import by_hand
from worksheet.trace.trace import Trace

POLICIES = ("carry", "exact", "named")
SMALL, FULL, PARTS = 60, 2000, 20
MANY = 400


def far_text(seed: int) -> str:
    """Formulas whose results lie far out, cancel, or both: a power of ten in each given, products
    and quotients of them, differences of what is all but equal, powers of e."""
    random = Random(f"far {seed}")

    def given() -> str:
        return f"{random.choice(('', '-'))}{random.randint(1, 99) / 10}e{random.randint(-20, 7)}"

    far = [
        random.choice(
            (
                "u*v*u",
                "u/v/v",
                "(u*v)^2",
                "u^3",
                "v*v/w",
                "(w + u) - w",
                "(u + v)^2 - u^2",
                "exp(k)*u",
                "exp(-k)*v",
                "u*v/w*k",
            )
        )
        for _ in range(random.randint(1, 3))
    ]
    formulas = [f"q_{place} = {each}" for place, each in enumerate(far, start=1)]
    formulas.append(
        f"L = ({' + '.join(f'q_{place}' for place in range(1, len(far) + 1))} + u*0 + v*0 + w*0 + k*0)*2"
    )
    shown = random.choice(
        (
            f"significant: {random.randint(2, 9)}",
            f"places: {random.randint(2, 12)}",
            f"places: {random.randint(2, 8)}, at_least_significant: {random.randint(2, 5)}",
        )
    )
    return (
        "title: Far out\nformulas:\n"
        + "".join(f"  - {formula}\n" for formula in formulas)
        + f"given: {{u: {given()}, v: {given()}, w: {given()}, k: {random.randint(1, 130)}}}\ntrain: [u, v]\n"
        f"rounding: {{policy: {random.choice(POLICIES)}, {shown}, mode: {random.choice(('half-up', 'half-even', 'truncate'))}, "
        f"scientific: {random.choice(('auto', 'auto', 'never'))}}}\n"
    )


def scores_text(seed: int) -> str:
    """A softmax or a sigmoid of scores up to four hundred, with its loss."""
    random = Random(f"scores {seed}")
    count, top = random.randint(2, 4), random.choice((10, 100, 400))
    target = [0] * count
    target[random.randrange(count)] = 1
    return (
        "title: Scores\nnetwork:\n  inputs: [1, 2]\n  layers:\n    - {weights: "
        + str([[random.randint(-top, top), random.randint(-3, 3)] for _ in range(count)])
        + f", activation: softmax}}\n  target: {target}\n  loss: categorical-cross-entropy\nlearning_rate: 0.1\n"
        f"rounding: {{policy: {random.choice(POLICIES)}, significant: {random.randint(3, 6)}}}\n"
    )


def descent_text(seed: int) -> str:
    random = Random(f"descent {seed}")
    a, b = random.randint(1, 9), random.randint(1, 99)
    return (
        f"title: Down\ndescent: L(w) = {a}*(w - {b}/7)^2 + exp(-w)\nstart: {{w: {random.randint(-30, 40)}}}\nlearning_rate: 0.0{random.randint(1, 9)}\n"
        f"iterations: {random.randint(1, 4)}\nlong_run: 0\nrounding: {{policy: {random.choice(POLICIES)}, places: {random.randint(3, 9)}}}\n"
    )


KINDS = {
    "far": far_text,
    "scores": scores_text,
    "network": spec_text,
    "formulas": graph_text,
    "function": function_text,
    "gradient": gradient_text,
    "chain": chain_text,
    "descent": descent_text,
}


def problem_of(kind: str, seed: int):
    problem = loads(KINDS[kind](seed))
    policy = POLICIES[seed // 7 % 3]
    return problem.model_copy(
        update={
            "rounding": Rounding(
                **{name: getattr(problem.rounding, name) for name in Rounding.__slots__}
                | {"policy": policy}
            )
        }
    )


def shown(trace: Trace) -> list[str]:
    return [event.shown for event in trace.events if event.shown is not None]


def again(trace: Trace, times: int) -> list[str]:
    """The numbers of the page with `times` as many digits."""
    with working(times * trace.digits):
        return (
            shown(family_of(trace.problem).solve(trace.problem))
            if times * trace.digits >= DIGITS[-1]
            else shown(_enough(trace.problem))
        )


def _enough(problem) -> Trace:
    try:
        return family_of(problem).solve(problem)
    except MoreDigits:  # what may be a tie, or zero: with the most digits it is one
        with working(DIGITS[-1]):
            return family_of(problem).solve(problem)


def judged(trace: Trace) -> tuple[int, list[str]]:
    """The results under `exact` that are not the judge's value, rounded."""
    rounding, wrong, count = trace.problem.rounding, [], 0
    with judging(200):
        steps = judge_of(trace.problem).run(trace.problem)
        for each in trace.workings:
            step = steps[-1] if each.phase == "check" else steps[min(each.epoch, len(steps)) - 1]
            value = (step.after if each.phase == "update" else step.values).get(each.name)
            if value is None or each.phase not in (
                "forward",
                "loss",
                "backward",
                "update",
                "check",
            ):
                continue
            count += 1
            last = Decimal(each.shown).as_tuple().exponent
            # a text may have lost its zeros, and a true tie may be off by the last of 200 digits
            near = {
                quantize(value + move * value.copy_abs().scaleb(-150), last, rounding.mode)
                for move in (-1, 0, 1)
            }
            if Decimal(each.shown) not in near and rounding.policy == "exact":
                places = rounding.last_digit(value, each.kind)
                if quantize(value, places, rounding.mode) != Decimal(each.shown):
                    wrong.append(f"{each.name} is {value:.30g}, shown as {each.shown}")
    return count, wrong


@pytest.mark.parametrize("part", range(PARTS))
def test_every_digit_that_is_shown_is_known(part, record):
    counted = Counter()
    for seed in range(part, size(SMALL, FULL), PARTS):
        kind = list(KINDS)[seed // PARTS % len(KINDS)]  # every part has every kind
        try:
            problem = problem_of(kind, seed)
            trace = by_hand(problem)
        except (SolveError, SpecError) as refusal:
            counted[kind, "refused"] += 1
            assert "nan" not in str(refusal).lower() and "infinity" not in str(refusal).lower()
            continue
        numbers = shown(trace)
        counted[kind, "solved"] += 1
        counted[kind, "numbers"] += len(numbers)
        counted[kind, "more digits"] += trace.digits > DIGITS[0]
        counted[kind, "far"] += sum("e" in each for each in numbers)
        for times in (
            (2, 4) if trace.digits <= MANY else (2,)
        ):  # 3,200 digits of a logarithm take a second
            assert again(trace, times) == numbers, f"{kind} {seed}, {times} times as many digits"
        if problem.rounding.policy == "exact":
            count, wrong = judged(trace)
            assert not wrong, f"{kind} {seed}: {wrong[:3]}"
            counted[kind, "judged"] += count
    record(part, {f"{kind} {what}": count for (kind, what), count in counted.items()})


@pytest.fixture
def record(tmp_path_factory):
    """Keep what a part has counted; the last of them writes the table."""
    folder = Path(__file__).parents[2] / "build" / "known-digits"

    def keep(part: int, counted: dict[str, int]) -> None:
        if size(SMALL, FULL) != FULL:
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{part}.json").write_text(json.dumps(counted))
        parts = [folder / f"{number}.json" for number in range(PARTS)]
        if all(each.exists() for each in parts):
            total = sum((Counter(json.loads(each.read_text())) for each in parts), Counter())
            for each in parts:
                each.unlink()
            columns = ("solved", "refused", "numbers", "far", "more digits", "judged")
            rows = [
                f"| {kind} | {' | '.join(format(total[kind + ' ' + column], ',') for column in columns)} |"
                for kind in KINDS
            ]
            written("known-digits", TABLE.format(count=f"{FULL:,}", rows="\n".join(rows)))

    return keep


TABLE = """# Digits that are shown are known

{count} random problems (`tests/measures/test_known_digits.py`), a third under each policy. Every number of a page was the same \
when all was worked out with twice
and with four times as many digits; under `exact` every result was what the judge finds with 200 digits, rounded. *Refused*: told in one sentence what
has no value, or cannot be shown. *Far*: written with a power of ten. *More digits*: problems that took more than 50.

| problems | solved | refused | numbers shown | far | more digits | results judged |
|:--|--:|--:|--:|--:|--:|--:|
{rows}
"""

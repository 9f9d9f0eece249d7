"""Every claim in words of random problems of all families, decided once more, in floats; and turned
round, refused.

The page's own proof decides claims with the judge's decimals (`proofs/claims.py`). Here each is
decided by NumPy: losses along a descent in floats, slopes by differences, neurons by
`judge/dense_layers.py`. What floats cannot tell apart is left out and counted.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import size, written  # noqa: E402
from random_formulas import chain_text, function_text, gradient_text, graph_text  # noqa: E402
from random_networks import spec_text  # noqa: E402
from test_claims import turned  # noqa: E402

from worksheet.errors import ProofError, WorksheetError  # noqa: E402
from worksheet.judge.duals import judging  # noqa: E402
from worksheet.judge.judges import judge_of  # noqa: E402
from worksheet.notes import Note, make_note  # noqa: E402
from worksheet.pages.claims import Claim  # noqa: E402
from worksheet.proofs.bench import Bench  # noqa: E402
from worksheet.proofs.claims import decide  # noqa: E402
from worksheet.spec.load import loads  # noqa: E402

FAMILIES = {
    "network": spec_text,
    "formulas": graph_text,
    "function": function_text,
    "gradient": gradient_text,
    "chain": chain_text,
}
CLEAR = 1e-7  # relative: what floats tell apart beyond doubt
APART = 1e-6  # how far a parameter is moved


def cornered_text(seed: int) -> str:
    """A network of small whole numbers, whose ReLUs are often at their corner, whose losses are
    often 0, and which is rounded coarsely."""
    random = Random(f"cornered {seed}")
    rows = [[random.randint(-2, 2) for _ in range(2)] for _ in range(2)]
    return (
        f"title: A network\nnetwork: {{inputs: [{random.randint(-1, 2)}, 1], layers: [{{weights: {rows}, activation: {random.choice(('relu', 'leaky-relu'))}, "
        f"bias: [{random.randint(-1, 1)}, 0]}}, {{weights: [[{random.randint(-2, 2)}, 1]], activation: identity}}], target: {random.randint(-1, 2)}, "
        f"loss: half-squared-error}}\nlearning_rate: {random.choice(('0.1', '1', '0.001'))}\nepochs: 2\nrounding: {{places: {random.randint(1, 4)}}}\n"
    )


def descent_text(seed: int) -> str:
    """A descent whose rates are too small, right and too large."""
    random = Random(f"descent {seed}")
    formula = random.choice(
        ("{a}*(w - {b})^2", "w^4/4 - {a}*w^2 + 0.3*w", "{a}*w^2 + {b}*v^2 + 1", "({a} - w*v)^2/2")
    )
    start = {"w": f"{random.randint(-3, 3)}.5"} | (
        {"v": f"{random.randint(1, 3)}"} if "v" in formula else {}
    )
    return (
        f"title: Descent {seed}\ndescent: L({', '.join(start)}) = {formula.format(a=random.randint(1, 4), b=random.randint(1, 3))}\n"
        f"start: {{{', '.join(f'{name}: {value}' for name, value in start.items())}}}\nlearning_rate: {random.choice(('0.01', '0.1', '0.25', '0.9'))}\n"
        f"iterations: 3\nlearning_rates: [0.001, 0.05, 0.25, 0.5, 1]\nlong_run: 200\nrounding: {{places: {random.randint(2, 5)}}}\n"
    )


def in_floats(made: Note) -> Mapping[str, np.ndarray | list]:
    """Losses and points of the page's updates in floats."""
    problem = made.trace.problem
    at = judge_of(problem).ground(problem)
    points, losses = (
        [np.array([float(problem.parameters[name].value) for name in problem.trained])],
        [],
    )
    for _ in range(problem.epochs + 1):
        loss, slopes = at(points[-1])
        losses.append(float(loss))
        points.append(points[-1] - float(problem.learning_rate.value) * slopes)
    return {"points": points, "losses": losses}


def moved_by(made: Note, floats: Mapping, key: tuple, by: float) -> float | None:
    """The loss with one parameter moved at the beginning of an epoch; None for what is no
    parameter."""
    problem = made.trace.problem
    name, epoch, _ = key
    by_name = name.removeprefix(f"d{problem.loss_name}_d")
    if by_name not in problem.trained:
        return None
    values = dict(zip(problem.trained, floats["points"][epoch - 1]))
    values[by_name] = values[by_name] + by
    with np.errstate(all="ignore"):
        return float(judge_of(problem).quantities(problem, values)[problem.loss_name])


def slopes(made: Note, floats: Mapping, key: tuple) -> tuple[float, float] | None:
    """Those below and above."""
    there = [moved_by(made, floats, key, by) for by in (-APART, 0.0, APART)]
    return (
        None
        if None in there or not np.isfinite(there).all()
        else ((there[1] - there[0]) / APART, (there[2] - there[1]) / APART)
    )


def verdict(made: Note, floats: Mapping, claim: Claim) -> bool | None:
    """Whether a claim is so, in floats; None where they cannot tell."""
    kind, about = claim.kind, claim.about
    if floats and kind in ("directions", "constants"):
        each = [
            verdict(
                made,
                floats,
                Claim("direction", (key, about[1]), "")
                if kind == "directions"
                else Claim("flat", (key, "constant"), ""),
            )
            for key in about[0]
        ]
        return None if None in each else all(each)
    if not floats or kind not in ("moved", "moved-by-rounding", "direction", "size", "flat"):
        return None
    losses = floats["losses"]
    if kind in ("moved", "moved-by-rounding"):
        old, new = (losses[epoch - 1 + (phase == "check")] for _, epoch, phase in about[:2])
        return (
            None
            if abs(new - old) <= CLEAR * max(abs(old), abs(new))
            else np.sign(new - old) == about[-1]
        )
    found = slopes(made, floats, about[0])
    if found is None:
        return None
    noise = 1e-8 * max(1.0, abs(losses[about[0][1] - 1])) / APART * 1e-6 + 1e-4 * max(
        map(abs, found)
    )
    if kind == "direction":
        return (
            None
            if min(map(abs, found)) <= max(noise, 1e-7)
            else all(np.sign(each) == about[1] for each in found)
        )
    if kind == "size":
        other = slopes(made, floats, about[1])
        if other is None or any(
            abs(above - below) > 1e-3 for below, above in (found, other)
        ):  # at a corner the mean says nothing
            return None
        sizes = [abs(sum(each)) / 2 for each in (found, other)]
        return (
            None
            if abs(sizes[0] - sizes[1]) <= 1e-4 * max(sizes) + 1e-6
            else np.sign(sizes[0] - sizes[1]) == about[2]
        )
    below, above = found
    if about[1] == "corner":
        return None if abs(above - below) <= 1e-3 else True
    return max(abs(below), abs(above)) <= (1e-9 if about[1] == "constant" else 1e-3) * max(
        1.0, abs(losses[about[0][1] - 1]) * 10
    )


def test_no_random_page_says_anything_false():
    count = size(6, 75)
    problems, refused, kinds = (
        Counter(),
        Counter(),
        {name: Counter() for name in ("said", "again", "false", "turned", "passed")},
    )
    for family, text_of in (
        FAMILIES | {"network, at corners": cornered_text, "descent": descent_text}
    ).items():
        for seed in range(1000, 1000 + count):
            try:
                made = make_note(loads(text_of(seed)))
            except ProofError as error:
                refused[family] += any(finding.proof == "words" for finding in error.findings)
                continue
            except WorksheetError:  # no value, or no sense
                continue
            problems[family] += 1
            floats = (
                in_floats(made)
                if hasattr(made.trace.problem, "trained") and made.trace.problem.learning_rate
                else {}
            )
            with judging(made.trace.digits):
                bench = Bench(made.trace)
                for claim in made.claims.said:
                    kinds["said"][claim.kind] += 1
                    is_so = verdict(made, floats, claim)
                    if is_so is not None:
                        kinds["again"][claim.kind] += 1
                        kinds["false"][claim.kind] += not is_so
                        assert is_so, (family, seed, claim)
                    for other in turned(claim):
                        kinds["turned"][claim.kind] += 1
                        kinds["passed"][claim.kind] += not decide(bench, other)
    assert not sum(refused.values()), refused
    assert sum(kinds["passed"].values()) == 0, kinds["passed"]
    assert min(kinds["again"][kind] for kind in ("moved", "direction", "size", "flat")) > 0
    rows = "\n".join(
        f"| {kind} | {kinds['said'][kind]:,} | {kinds['again'][kind]:,} | {kinds['false'][kind]} | {kinds['turned'][kind]:,} | {kinds['passed'][kind]} |"
        for kind in sorted(kinds["said"], key=lambda kind: -kinds["said"][kind])
    )
    written(
        "words",
        f"""# Words of random pages

{sum(problems.values()):,} random problems ({", ".join(f"{count} {family}" for family, count in problems.items())}), \
none refused for its words. Every claim that a page makes in words
was decided by the proof; those that floats can tell, once more in floats (`tests/measures/test_words.py`); and each that has an opposite \
was turned round and given to the proof.

| kind of claim | said | decided again in floats | false | turned round | not refused |
|:--|--:|--:|--:|--:|--:|
{rows}
""",
    )

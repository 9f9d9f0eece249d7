"""Three hundred random networks: every page passes its proofs, reads cleanly, and KaTeX and mermaid
take it.

More of them:  WORKSHEET_NETWORKS=5000 pytest -n auto tests/test_random_networks.py
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import NamedTuple

import pytest
from random_networks import spec_text
from rendering import draw_diagrams, katex_errors, markdown_math, mermaid_blocks, needs

from worksheet.algebra.follows import equal
from worksheet.errors import SolveError
from worksheet.markdown.reader import formulas
from worksheet.notes import prove_note
from worksheet.proofs.checks import Proof
from worksheet.solution import solve
from worksheet.spec.load import loads
from worksheet.tex.reader import chains

NETWORKS = int(os.environ.get("WORKSHEET_NETWORKS", 300))
CHUNKS = 12
REFUSED = 0.05  # at most this part of the networks may have no finite answer
SHOWN_DIAGRAMS = 2  # drawn in each chunk

# where the signs below are not mathematics: diagrams, comments, rules between sections, the rulers
# of tables
_BESIDE = re.compile(
    r"^```mermaid\n.*?^```$|<!--.*?-->|^---$|^\|[ :|-]+\|$", re.MULTILINE | re.DOTALL
)
UNCLEAN = {
    "a control character": r"[\x00-\x09\x0b-\x1f\x7f-\x9f]",
    "plus minus": r"\+ -",
    "minus minus": r"--",
    "a negative zero": r"-0(?:\.0+)?(?![\d.])",
    "an exponent of ten": r"\d[eE][+-]?\d",
    "not a number": r"(?i)\b(?:nan|inf|infinity|none|true|false|undefined)\b(?! \w)",
    "a name of the trace": r"\w__\d",
    "code of ours": r"Decimal\(|Literal\(|<<|>>|<%|%>",
}


class Page(NamedTuple):
    """What is kept of a proved note."""

    text: str
    proof: Proof
    policy: str


@cache
def made(chunk: int) -> dict[int, Page | SolveError]:
    """The proved pages of one part of the networks, by number, and the honest refusals."""
    found: dict[int, Page | SolveError] = {}
    for number in range(chunk, NETWORKS, CHUNKS):
        text = spec_text(number)
        problem = loads(text)
        try:
            trace = solve(problem)
        except SolveError as refusal:
            found[number] = refusal
            continue
        try:
            note = prove_note(trace)
        except Exception as fault:
            raise AssertionError(
                f"network {number}: {type(fault).__name__}: {fault}\n{text}"
            ) from fault
        found[number] = Page(str(note.text), note.proof, problem.rounding.policy)
    return found


# one worker a chunk (xdist --dist loadgroup), so that its networks are solved once
@pytest.fixture(
    params=[
        pytest.param(each, marks=pytest.mark.xdist_group(f"networks-{each}"))
        for each in range(CHUNKS)
    ]
)
def chunk(request) -> dict[int, Page | SolveError]:
    return made(request.param)


def pages(chunk: dict[int, Page | SolveError]) -> dict[int, str]:
    return {number: page.text for number, page in chunk.items() if isinstance(page, Page)}


def test_proofs_pass_and_prove_something(chunk):
    for number, note in chunk.items():
        if isinstance(note, Page):
            assert note.proof.failures == () and note.proof.checked >= 8, (
                f"network {number}: {note.proof}"
            )
            assert note.proof.results >= 5 and note.proof.differences >= 1, (
                f"network {number}: {note.proof}"
            )
            assert not (note.policy == "carry" and note.proof.listed), (
                f"network {number}: under carry every line holds"
            )


def test_refusals_are_few_and_useful(chunk):
    refusals = [note for note in chunk.values() if isinstance(note, SolveError)]
    assert len(refusals) <= max(2, REFUSED * len(chunk))
    for refusal in refusals:
        assert re.fullmatch(
            r"'\w+' (has no finite value|takes the logarithm of zero)( in epoch \d+)?(: .+)?",
            refusal.message,
        ), refusal
        assert "digits" in refusal.hint


def test_pages_are_clean(chunk):
    for number, text in pages(chunk).items():
        mathematics = _BESIDE.sub("", text)
        for what, pattern in UNCLEAN.items():
            found = re.search(pattern, mathematics)
            assert not found, (
                f"network {number}: {what}: {mathematics[max(0, found.start() - 60) : found.end() + 40]!r}\n{spec_text(number)}"
            )


def test_a_fraction_of_ones_is_only_about_what_stands_before_it(chunk):
    """1/(0.0000000019 + 1) is about 1/1, where four places are shown; what is 1 exactly is written
    so."""
    for number, text in pages(chunk).items():
        for chain in [
            chain
            for formula in formulas(text)
            if r"\frac{1}{1}" in formula.tex
            for chain in chains(formula.tex)
        ]:
            for before, form in zip((None, *chain.forms), chain.forms):
                if r"\frac{1}{1}" in form.tex:
                    assert before is not None and not equal(before.expr, form.expr), (
                        f"network {number}: {form.tex}"
                    )


@needs("node")
def test_katex_takes_every_formula(chunk):
    formulas = [
        (formula, number)
        for number, text in pages(chunk).items()
        for formula in markdown_math(text)
    ]
    wrong = katex_errors([formula for formula, _ in formulas])
    assert wrong == [], [
        (formulas[index][1], formulas[index][0].tex, message) for index, message in wrong[:3]
    ]


@needs("node", "chromium")
def test_mermaid_draws_a_sample_of_the_diagrams(chunk):
    sample = [
        block
        for text in list(pages(chunk).values())[:SHOWN_DIAGRAMS]
        for block in mermaid_blocks(text)
    ]
    drawn = draw_diagrams(sample)
    assert drawn and [each.error for each in drawn if each.error] == []
    assert all(each.width > 50 and each.labels for each in drawn)


def test_the_same_seed_is_the_same_network():
    assert [spec_text(number) for number in range(50)] == [
        spec_text(number) for number in range(50)
    ]
    assert len({spec_text(number) for number in range(200)}) == 200


def test_the_networks_cover_what_can_be_chosen():
    """A generator that never asks for truncation proves nothing about truncation."""
    text = "\n".join(map(spec_text, range(NETWORKS)))
    for word in (
        "identity",
        "sigmoid",
        "tanh",
        "relu",
        "leaky-relu",
        "softmax",
        "half-squared-error",
        "squared-error",
        "mean-squared-error",
        "binary-cross-entropy",
        "categorical-cross-entropy",
        "scalar",
        "matrix",
        "times",
        "eta",
        "arrow",
        "colon-equals",
        "mathcal",
        "Loss",
        "input-first",
        "log: log",
        "carry",
        "exact",
        "named",
        "operation",
        "half-even",
        "truncate",
        "equals",
        "strip",
        "raw",
        "significant",
        "at_least_significant",
        "frozen_bias",
        "slope",
        "units",
        "symbols",
        "gradient_list: true",
        "through-prediction",
        "brief",
        "epochs: 3",
    ):
        assert word in text, word

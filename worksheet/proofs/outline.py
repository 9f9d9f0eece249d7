"""The title of a page and its headings: the problem's own words, and numbers that count up.

    # One hidden neuron, by hand                     the title of the problem
    ## Epoch 1: gradients, ## Epoch 2: gradients     headings that differ in a number count up, layer by layer also down
    ## Epoch 2, ## Epoch 3                        from 2, where the first epoch fills the page above without a heading of this kind

This holds for a page of the whole problem, which begins with its title; a lecture has titles of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ..markdown.authored import title_of
from ..markdown.lines import Line
from ..pages.facts import words
from ..problem import Problem

FORMULA = re.compile(r"\$[^$]*\$")
NUMBER = re.compile(r"\d+")
FURTHER = re.compile(
    r"Epoch #"
)  # epochs in short form, and their slides; the first may have headings of its own. Nothing else counts from 2

Finding = tuple[int, str, str]


def outline_findings(
    problem: Problem, lines: Sequence[Line], authored: Collection[str] = frozenset()
) -> list[Finding]:
    """What the frame of a page says and the problem does not; `lines`: those of the page."""
    heads = [
        (line.number, line.text)
        for line in lines
        if line.kind == "head" and line.text.strip() not in authored
    ]
    if not heads or not heads[0][1].startswith("# "):
        return []
    first, title = heads[0]
    found = (
        []
        if words(problem.title).strip() in title
        else [(first, title, f"the problem is called '{problem.title}'")]
    )
    return found + list(miscounted(heads[1:]))


def miscounted(heads: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    """Headings alike but for one number, that do not count up (or down, and begin again)."""
    alike: dict[str, list[tuple[int, str, int]]] = {}
    for number, text in heads:
        bare = FORMULA.sub("", title_of(text))
        if len(NUMBER.findall(bare)) == 1:
            alike.setdefault(NUMBER.sub("#", bare), []).append(
                (number, text, int(NUMBER.search(bare)[0]))
            )
    for bare, group in alike.items():
        steps = [other[2] - one[2] for one, other in pairwise(group) if other[2] != one[2]]
        highest = max(each[2] for each in group)
        counts_up = all(step == 1 for step in steps) and (
            group[0][2] == 1 or group[0][2] == 2 and FURTHER.match(bare)
        )
        counts_down = (
            group[0][2] == highest
            and all(
                step == -1 or other[2] == highest
                for (one, other), step in zip(pairwise(group), steps)
            )
            and len(steps) == len(group) - 1
        )
        if steps and not counts_up and not counts_down:
            yield (
                group[0][0],
                group[0][1],
                f"headings like this one are numbered {', '.join(str(each[2]) for each in group)}",
            )

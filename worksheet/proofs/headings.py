r"""Headings against what stands below them: the epoch, iteration or layer that they name, and what
they call a pass.

    ## Epoch 2: gradients              a chain below it has a value of epoch 2
    ### Layer 1                        the first quantity below it is of layer 1
    ## Forward pass after the update   its chains are those of the last forward pass
    ### How $z$ changes with $y$       the first formula below it is about these symbols

The first chain below a heading that tells one epoch from another decides; where no value tells,
nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..errors import ReadError
from ..markdown.anchors import HEADING
from ..markdown.authored import title_of, titles_of
from ..markdown.reader import Formula, formulas
from ..numbers.numerals import texts
from ..tex.chains import Chain
from ..tex.reader import chains
from .inventory import Inventory, read_from_page

Finding = tuple[int, str, str]

NAMED = re.compile(r"^(Epoch|Iteration|Layer) (\d+)")
PASS = re.compile(r"\b(before|after) the (?:last )?update\b")
SYMBOL = re.compile(r"\$([^$]+)\$")
ENDS, COLUMN = (
    ("#", "<!--"),
    "<!-- column",
)  # of what stands below a heading; what only says where it stands
MOVED = re.compile(r"from (\S+) to (\S+?),?(?= |$)")  # the loss, in words
MOST = 12  # formulas that are looked at


def heading_findings(
    inventory: Inventory, markdown: str, authored: Collection[str] = frozenset()
) -> Iterator[Finding]:
    """The headings that do not say what stands below them."""
    lines = markdown.splitlines()
    starts = [
        number
        for number, line in enumerate(lines, start=1)
        if line.startswith(ENDS) and not line.startswith(COLUMN)
    ] + [len(lines) + 1]
    own = titles_of(authored)
    spoken = [
        number
        for number in starts[:-1]
        if (match := HEADING.fullmatch(lines[number - 1]))
        and title_of(match[2]) not in own
        and (NAMED.search(match[2]) or PASS.search(match[2]) or "$" in match[2])
    ]
    if not spoken:
        return
    every = formulas(markdown)
    for number in spoken:
        title = HEADING.fullmatch(lines[number - 1])[2]
        end = next(each for each in starts if each > number)
        below = [formula for formula in every if number < formula.line < end][:MOST]
        moved = next(
            (match for line in lines[number : end - 1] if (match := MOVED.search(line))), None
        )
        if message := _fault(inventory, title, below, moved.groups() if moved else ()):
            yield number, title, message


def _fault(inventory: Inventory, title: str, below: list[Formula], moved: tuple[str, ...]) -> str:
    loss = inventory.target(inventory.problem.loss_name)
    old, new = [inventory.times.get((loss, (texts(each),)), ()) for each in moved] or ((), ())
    stated = [chain for formula in below for chain in _chains(formula)]
    if match := NAMED.search(title):
        what, number = match[1], int(match[2])
        if what == "Layer":
            found = next(
                (
                    layers
                    for chain in stated
                    if (layers := inventory.layers.get(chain.target or ""))
                ),
                {number},
            )
            return (
                ""
                if number in found
                else f"what stands below is of layer {', '.join(map(str, sorted(found)))}"
            )
        kinds = ("backward", "update") if what == "Iteration" else ()
        for times in [
            *[inventory.times.get(_last(chain), ()) for chain in stated],
            old if what == "Iteration" else new,
        ]:
            epochs = {
                epoch for phase, epoch in times if not kinds or phase in kinds or times is old
            }
            if epochs and number not in epochs:
                return (
                    f"what stands below is of {what.lower()} {', '.join(map(str, sorted(epochs)))}"
                )
    elif match := PASS.search(title):
        for times in [*[inventory.times.get(_last(chain), ()) for chain in stated], new]:
            phases = {phase for phase, _ in times} & {"forward", "loss", "check"}
            if phases and ("check" in phases) != (match[1] == "after") and len(phases) == 1:
                return "what stands below are not its values"
    elif symbols := SYMBOL.findall(title):
        first = next(
            (formula.tex.partition("=")[0] for formula in below if "=" in formula.tex), None
        )
        for symbol in symbols if first is not None else ():
            if not re.search(rf"(?<![A-Za-z\\_])d?{re.escape(symbol)}(?![A-Za-z_^'])", first):
                return f"what stands below is not about {symbol}"
    return ""


def _chains(formula: Formula) -> Iterator[Chain]:
    try:
        yield from chains(formula.tex)
    except ReadError:
        return


def _last(chain: Chain) -> tuple[str, tuple[str, ...]]:
    """What a chain gives a value to, and the value."""
    form = chain.forms[-1]
    return chain.target or "".join(chain.forms[0].tex.split()), read_from_page(
        form.expr
    ) if form.expr is not None else ()

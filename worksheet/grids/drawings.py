"""What a sheet asks to fill in, by its word: the computational graph of a problem, or its training
step in cells.

    ask: [{of: circuit, blank: gradients}, {of: grid, blank: values}]

A drawing is a task of its own. A further one is one entry of `DRAWINGS` here, one in
`assessment/sheet_and_key.py`, which writes it, and its words in `templates/parts/sheet/asked/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..circuits import graph as circuits
from ..errors import WorksheetError
from ..problem import Ask, Problem
from ..trace.trace import Key, Trace
from . import page as grid_page


@dataclass(frozen=True, slots=True)
class Drawing:
    """`blanks`: which numbers may be left blank, first what is usual. `refusal`: why a problem has
    no such drawing, with what to use instead. `asked`: the quantities that are blank, by a word of
    `blanks`; `shown`: all whose numbers stand in the drawing then. `is_room`: it has all the room
    that its numbers need, and no lines to work on beside it."""

    blanks: tuple[str, ...]
    refusal: Callable[[Problem], tuple[str, str] | None]
    asked: Callable[[Trace, str], frozenset[Key]]
    shown: Callable[[Trace, str], frozenset[Key]]
    is_room: bool = False


DRAWINGS = {
    "circuit": Drawing(circuits.BLANKS, circuits.refusal, circuits.asked_of, circuits.shown_of),
    "grid": Drawing(
        tuple(grid_page.BLANKS),
        grid_page.refusal,
        grid_page.asked_of,
        grid_page.shown_of,
        is_room=True,
    ),
}


def drawing_of(ask: Ask) -> str:
    """The word of the drawing that a task asks for; empty where it asks for none."""
    return next((word for word in ask.of if word in DRAWINGS), "")


def blank_of(ask: Ask, problem: Problem, where: str) -> str:
    """Which numbers of its drawing a task leaves blank; empty where it asks for none. Raises
    WorksheetError for what cannot be asked."""
    word = drawing_of(ask)
    if not word:
        if ask.blank:
            raise WorksheetError(
                f"'blank' says what of a drawing is left to fill in, and this task asks for {', '.join(ask.of)}",
                f"{where}.blank",
                f"of: {' or of: '.join(DRAWINGS)}, or leave blank out",
            )
        return ""
    drawing = DRAWINGS[word]
    if refused := drawing.refusal(problem):
        raise WorksheetError(refused[0], where, refused[1])
    blank = ask.blank or drawing.blanks[0]
    if blank not in drawing.blanks:
        raise WorksheetError(
            f"unknown blank '{blank}' of a {word}",
            f"{where}.blank",
            f"known: {', '.join(drawing.blanks)}",
        )
    if len(ask.of) > 1 or ask.choices or ask.epoch > 1:
        raise WorksheetError(
            f"a {word} is a task of its own, of the first epoch and without choices",
            where,
            f"write {{of: {word}, blank: {blank}}}",
        )
    return blank

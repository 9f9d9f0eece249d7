"""What stands on a page across: a drawing that is wider than a page is, with the words that lead to
it and those below it.

A task that is such a drawing to fill in stands there with its points: no task is parted from what
is to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .cells import Cells
from .pages import Drawing, Node, Piece, Task
from .regions import Region, without_points


@dataclass(frozen=True)
class Spread:
    """`before`: the statement of a task, or the heading and the words that lead to the drawing;
    `after`: a box below it."""

    task: Task | None
    before: tuple[Node, ...]
    drawing: Drawing | Cells
    after: tuple[Node, ...]


def spreads(found: list[Piece | Region]) -> Iterator[Piece | Region | Spread]:
    """The pieces of a page, wide drawings with what belongs to them."""
    done: list[Piece | Region | Spread] = []
    at = 0
    while at < len(found):
        piece = found[at]
        at += 1
        if not isinstance(piece, Cells) and not (isinstance(piece, Drawing) and piece.is_wide):
            done.append(piece)
            continue
        before: list[Node] = []
        while done and isinstance(done[-1], dict) and done[-1]["t"] == "Para":
            before.insert(0, done.pop())
        task = done.pop() if done and isinstance(done[-1], Task) else None
        after, statement = [], without_points(before) if task and before else before
        while done and isinstance(done[-1], dict) and done[-1]["t"] == "Header":
            statement = [done.pop(), *statement]
        while at < len(found) and isinstance(found[at], dict) and found[at]["t"] == "BlockQuote":
            after.append(found[at])
            at += 1
        done.append(Spread(task, tuple(statement), piece, tuple(after)))
    yield from done

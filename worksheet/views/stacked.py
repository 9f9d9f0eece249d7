"""Workings side by side: the lines of many quantities as lines of one matrix.

Line by line the entries move on together; where one of them has a step that another has not (a sign
to turn), the other waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..algebra.expression import Apply, Expr
from ..trace.trace import Line, Working
from .views import kept_of, only_signs

# members whose next lines differ move on in this order
STAGES = ("SUBSTITUTE", "EXPAND", "SIGN", "DIGITS", "EVALUATE")
# what one reads off the matrices themselves, and needs written out only on request
ROW_MOVES = ("SUBSTITUTE", "SIGN", "EVALUATE")


class Grid:
    """Names in rows and columns."""

    def __init__(self, rows: Sequence[Sequence[str]]):
        self.rows = [list(row) for row in rows]
        self.is_scalar = len(self.rows) == 1 == len(self.rows[0])

    @classmethod
    def column(cls, names: Sequence[str]) -> Grid:
        """The grid of one column: (names, 1)."""
        return cls([[name] for name in names])

    def transposed(self) -> Grid:
        """The grid with its rows as columns."""
        return Grid(list(zip(*self.rows)))

    def fill(self, entry: Callable[[str], Expr]) -> Expr:
        """The matrix of `entry(name)`; a 1 by 1 matrix is its entry."""
        if self.is_scalar:
            return entry(self.rows[0][0])
        return Apply(
            "matrix", tuple(Apply("row", tuple(entry(name) for name in row)) for row in self.rows)
        )


def turned(expr: Expr) -> Expr:
    """An expression whose products of two numbers have them the other way round."""
    if not isinstance(expr, Apply):
        return expr
    args = tuple(map(turned, expr.args))
    return Apply(expr.op, args[::-1] if expr.op == "product" and len(args) == 2 else args)


def stacked(grid: Grid, members: dict[str, Working]) -> list[Line]:
    """The members' lines side by side, from the numbers put in to the results."""
    chains = {}
    for name, working in members.items():
        start = next(
            i
            for i, line in enumerate(working.lines)
            if line.move == "SUBSTITUTE" or i == len(working.lines) - 1
        )
        chains[name] = working.lines[start:]
    at = dict.fromkeys(chains, 0)

    def line(move: str, moved: Sequence[str]) -> Line:
        is_exact = all(chains[name][at[name]].is_exact for name in moved)
        return Line(move, grid.fill(lambda name: chains[name][at[name]].expr), is_exact)

    lines = [line("SUBSTITUTE", list(chains))]
    while waiting := {
        name: chain[at[name] + 1].move
        for name, chain in chains.items()
        if at[name] + 1 < len(chain)
    }:
        move = min(waiting.values(), key=STAGES.index)
        moved = [name for name, its_move in waiting.items() if its_move == move]
        for name in moved:
            at[name] += 1
        lines.append(line(move, moved))
    return lines


def beneath(numbers: Expr, stack: list[Line], is_turned: bool = False) -> list[Line]:
    """The stack under a line with the matrices put in: its written-out entries become rows on
    request. is_turned: the factors of an entry stand the other way round in the matrices, and so in
    the rows."""
    stack = kept_of(
        tuple(stack),
        [
            place
            for place in range(len(stack))
            if place == len(stack) - 1 or not only_signs(stack, place)
        ],
    )
    stack = [replace(line, expr=turned(line.expr)) for line in stack] if is_turned else list(stack)
    first = Line("ROWS", stack[0].expr) if len(stack) > 1 else stack[0]
    middle = [
        Line("ROWS" if line.move in ROW_MOVES else line.move, line.expr, line.is_exact)
        for line in stack[1:-1]
    ]
    return [Line("SUBSTITUTE", numbers, stack[0].is_exact), first, *middle, *stack[1:][-1:]]

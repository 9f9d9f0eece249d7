"""Where the operations of a circuit stand: in rows, from left to right, what comes in from the side
on an elbow.

The operand on which most operations hang comes in level, the others from below and from above:
along a row of their own, then up or down at their operation. So an edge is level wherever something
stands on it. A row has so many operations at most; what is longer goes on below, and what went out
at the end comes in again at the beginning. A quantity that is used more than once ends in a dot,
and begins at one wherever it is used. Rows and columns are counted, down and to the right; what
takes how many pixels is `circuits/drawing.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .text import DOT, GIVEN, OPERATION, Circuit, Quantity, Wire

OFFSETS = {
    1: (0,),
    2: (-1, 1),
    3: (-1, 0, 1),
}  # where what comes in from one side ends, the nearest row first: no riser crosses the edge of another


@dataclass(frozen=True, slots=True)
class Laid:
    """An edge that is seen: level in the slot before a column, on a row; then up or down to the
    operation at the end of the slot, which stands on another row. begins, ends: "" (at an
    operation), "open", "dot", "arrow" (in the open). is_first: no other edge of its quantity was
    seen."""

    wire: Wire
    quantity: Quantity
    row: int
    column: int
    begins: str
    ends: str
    to_row: int
    aside: int = 0  # of OFFSETS


@dataclass
class Block:
    """Operations that hang together in rows: where each stands (row, column), and the edges.
    is_cut: its last edge goes on in another row."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    edges: list[Laid] = field(default_factory=list)
    is_cut: bool = False

    @property
    def rows(self) -> tuple[int, int]:
        """The first row and the last."""
        taken = [row for row, _ in self.places.values()] + [edge.row for edge in self.edges]
        return min(taken), max(taken)

    @property
    def columns(self) -> int:
        """The slots from left to right."""
        return max(edge.column for edge in self.edges) + 1


def laid(circuit: Circuit, most: int) -> list[Block]:
    """The blocks from top to bottom, no row with more than `most` operations. First what is given
    and used more than once."""
    return [block for block in (_stubs(circuit), *_Cut(circuit, most).blocks()) if block.edges]


def _stubs(circuit: Circuit) -> Block:
    """Each given that is used more than once, up to its dot."""
    wires = [wire for wire in circuit.wires if wire.source[0] == GIVEN and wire.target[0] == DOT]
    return Block(
        {},
        [
            Laid(wire, wire.quantity, 0, column, "open", "dot", 0)
            for column, wire in enumerate(wires)
        ],
    )


class _Cut:
    """A circuit cut where a row would be too long."""

    def __init__(self, circuit: Circuit, most: int):
        self.circuit, self.most = circuit, most
        self.cut: dict[
            str, str
            # an operation whose result goes on in another row -> how it is called there, where it
            # has
            # no name
        ] = {}
        self.framed = {id for frame in circuit.frames for id in frame.ids}

    def blocks(self) -> Iterator[Block]:
        roots = [
            wire.source
            for wire in self.circuit.wires
            if wire.source[0] == OPERATION and wire.target[0] not in (OPERATION, GIVEN)
        ]
        for root in roots:
            while deep := self._too_deep(root):
                wire = self._where_to_cut(deep)
                self.cut[wire.source] = (
                    wire.quantity.symbol
                    or f"({len([name for name in self.cut.values() if name[0] == '(']) + 1})"
                )
        order = [id for id, place in self.circuit.places.items() if id in self.cut or id in roots]
        for id in order:
            yield self._block(id)

    def inner(self, id: str) -> list[Wire]:
        """The operands that are operations of the same block."""
        return [
            wire
            for wire in self.circuit.into(id)
            if wire.source[0] == OPERATION and wire.source not in self.cut
        ]

    def depth(self, id: str) -> int:
        return 1 + max((self.depth(wire.source) for wire in self.inner(id)), default=0)

    def rank(self, wire: Wire) -> tuple[int, bool]:
        """Which operand comes in level: that on which most hangs, one from another row, data before
        weights."""
        if wire.source[0] == OPERATION:
            return (0 if wire.source in self.cut else -self.depth(wire.source)), False
        return 1, bool(wire.quantity.slope)

    def _too_deep(self, id: str) -> str | None:
        """The lowest operation that has too many in a row before it; of what is cut off too."""
        for wire in self.circuit.into(id):
            if wire.source[0] == OPERATION and (found := self._too_deep(wire.source)):
                return found
        return id if self.depth(id) > self.most else None

    def _where_to_cut(self, id: str) -> Wire:
        """The last edge before an operation that bears a name and is in no frame; else the last."""
        path = []
        while inner := self.inner(id):
            path.append(max(inner, key=lambda wire: self.depth(wire.source)))
            id = path[-1].source
        free = [wire for wire in path if not {wire.source, wire.target} <= self.framed]
        return next((wire for wire in free if wire.quantity.symbol), (free or path)[0])

    def _block(self, root: str) -> Block:
        block, column = Block(), self.depth(root) - 1
        [out] = self.circuit.out_of(root)
        ends = "dot" if out.target[0] == DOT else "arrow"
        found = _Grid(self).put(root, 0, column)
        assert found is not None
        block.places, block.edges, block.is_cut = found.places, found.edges, root in self.cut
        block.edges.append(Laid(replace(out, role=""), self.named(out), 0, column + 1, "", ends, 0))
        return block

    def named(self, wire: Wire) -> Quantity:
        """What an edge carries, with a name where it is seen twice."""
        return (
            replace(wire.quantity, symbol=self.cut[wire.source])
            if wire.source in self.cut
            else wire.quantity
        )


@dataclass
class _Grid:
    """What stands where; `put` gives another grid, None where there is no room."""

    of: _Cut
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    edges: list[Laid] = field(default_factory=list)
    slots: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # (row, column) of an edge -> the operation it leads to
    risers: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # (row, column): between this row and the next

    def copied(self) -> _Grid:
        return _Grid(
            self.of, dict(self.places), list(self.edges), dict(self.slots), dict(self.risers)
        )

    def put(self, id: str, row: int, column: int) -> _Grid | None:
        """With an operation and all that leads to it in this block."""
        taken = (row, column) in self.places.values() or (row, column) in self.slots
        if (
            column < 0 or taken or (row, column) in self.risers or (row - 1, column) in self.risers
        ):  # something passes by, or turns here
            return None
        grid: _Grid | None = self.copied()
        grid.places[id] = row, column
        main, *others = sorted(self.of.circuit.into(id), key=lambda wire: self.of.rank(wire))
        grid = grid.lead(main, row, row, column)
        rows: dict[Wire, int] = {}
        for wire in others:
            free = (
                there
                for there in _near(row)
                if [_side(each, row) for each in rows.values()].count(_side(there, row))
                < len(OFFSETS)
            )
            found = next(
                (
                    (there, after)
                    for there in free
                    if grid and (after := grid.lead(wire, there, row, column))
                ),
                None,
            )
            if found is None:
                return None
            rows[wire], grid = found
        for side in (1, -1):  # the nearest row ends on the left
            wires = sorted(
                [wire for wire, there in rows.items() if _side(there, row) == side],
                key=lambda wire: abs(rows[wire] - row),
            )
            offsets = dict(zip(wires, OFFSETS.get(len(wires), ())))
            grid.edges = (
                [replace(edge, aside=offsets.get(edge.wire, edge.aside)) for edge in grid.edges]
                if grid
                else []
            )
        return grid

    def lead(self, wire: Wire, row: int, to_row: int, column: int) -> _Grid | None:
        """With what leads to an operand of the operation at a column, on a row of its own."""
        low, high = min(row, to_row), max(row, to_row)
        if (row, column) in self.slots or (row != to_row and (row, column) in self.places.values()):
            return None
        if any(
            (each, column) in self.places.values()
            or self.slots.get((each, column), wire.target) != wire.target
            for each in range(low + 1, high)
        ):
            return None
        gaps = {
            *range(low, high),
            *([row - 1, row] if row != to_row else []),
        }  # where it rises, and where it turns
        if any(self.risers.get((each, column), wire.target) != wire.target for each in gaps):
            return None
        grid = self.copied()
        grid.slots[row, column] = wire.target
        grid.risers |= {(each, column): wire.target for each in range(low, high)}
        is_inner = wire.source[0] == OPERATION and wire.source not in self.of.cut
        quantity = self.of.named(wire)
        if wire.source[0] == DOT:
            [into] = self.of.circuit.into(wire.source)
            quantity = replace(into.quantity, slope=wire.quantity.slope)
        grid.edges.append(
            Laid(
                wire,
                quantity,
                row,
                column,
                "" if is_inner else "dot" if wire.source[0] == DOT else "open",
                "",
                to_row,
            )
        )
        return grid.put(wire.source, row, column - 1) if is_inner else grid


def _near(row: int) -> Iterator[int]:
    """Other rows, the nearest first, below before above."""
    for distance in range(1, 12):
        yield row + distance
        yield row - distance


def _side(there: int, row: int) -> int:
    return 1 if there > row else -1

"""A circuit as a drawing: circles are operations, above an edge stands its value and below it,
slanted, the derivative of the last value.

A given value stands on grey. What is differentiated in one has a dashed frame with its rule. A
value that is used more than once ends in a dot, from which lines lead to the dots where it is used.
No letter is smaller than 8 points: a row holds as many operations as there is room for, five at
most. What has no room in one row of a page that stands upright is drawn for one across, if that is
enough; what would be higher than a page is refused. Lengths are in pixels, of which four are three
points; SVG as in `diagrams/drawing.py`.
"""

from __future__ import annotations

import math
import re

from ..diagrams.drawing import MARGIN, PAPER, RADIUS, SMALL, TEXT, Room
from ..diagrams.lettering import FONT, number, shortened, text, width
from ..diagrams.placing import Box
from ..errors import WorksheetError
from .layout import Block, Laid, laid
from .text import ASKED, DOT, GIVEN, OPERATION, Circuit, Frame, Number, Quantity

MOST_IN_ROW = 5
PITCH = 185  # 49 mm from operation to operation on a page across, where there is room
ACROSS = Room(1024, 600)  # of a page across, with words above and below
ROW, BETWEEN = 78, 8  # from row to row; between the blocks
UP, DOWN = (
    34,
    (24, 36),
)  # how far a block reaches above its first row and below its last, without and with letters below its circles
LEFT = 4  # of the first column, for the half of a dot
LEAST = 40  # of the numbers on an edge, so that short ones do not press it together
PAD = 5.5  # beside the numbers on an edge
CLEAR = 8  # from where an edge begins to the column before it
ASIDE = 9  # from the middle of an operation to a riser, where two come from one side
NAME, VALUE, SLOPE, LOCAL = (
    -20.5,
    -5.5,
    15.5,
    13.5,
)  # lines of letters, below their edge; of a local derivative, below its circle
BOX, NEAR = (79.4, 27), 3  # 21 x 7 mm to write in; from an edge
BOXED = 92  # from row to row where there are boxes
NAME_ABOVE, VALUE_IN, SLOPE_IN = -36.5, -12.5, 20.5  # lines of letters of and in boxes
UP_BOXED, DOWN_BOXED = 50, (36, 44)
NODE_BOX, UNDER, LOW = (
    (56.7, 25),
    34,
    16,
)  # 15 x 6.6 mm, for the derivative of an operation, below the boxes beside its circle; how much higher a row with one is
ABOVE, LANE = (
    (33, 49),
    6,
)  # the line to a dot above its row, without and with boxes; from such a line to the next
LONGEST = 110  # of a name
SPOT = 2.8  # radius of a dot
SLANT = 0.25  # 14 degrees
GREY, FAINT = 0.09, 0.76  # of a given's ground, and of a derivative, as shares of black
TIMES = "×"  # before the derivative of an operation
MARKS = {"subtracted": "−", "divisor": "÷", "exponent": "^"}  # beside the end of an operand's edge
FRAME = Box(-3.5, -40, 3.5, 39)  # how far a frame reaches beyond its circles


def drawn(circuit: Circuit, room: Room | None = None, where: str = "") -> str:
    """The SVG; without a room, for the page on which it stands best. Raises WorksheetError for a
    circuit that is too large for the room."""
    return (
        best(circuit, where)[0] if room is None else _Drawing(circuit, room, where).insisted().svg()
    )


def best(circuit: Circuit, where: str = "") -> tuple[str, bool]:
    """The SVG, and whether it is for a page across: where no row need be cut there, and one must on
    an upright page; or only there is room."""
    upright, across = (_Drawing(circuit, room, where) for room in (PAPER, ACROSS))
    is_wide = across.fits and (not upright.fits or upright.is_cut and not across.is_cut)
    return (across if is_wide else upright.insisted()).svg(), is_wide


def described(circuit: Circuit) -> str:
    """The drawing in words: what is given, then operation by operation, with every number."""
    steps = [place.id for place in circuit.places.values() if place.kind == OPERATION]

    def named(id: str) -> str:
        wire = circuit.out_of(id)[0] if id[0] != DOT else circuit.into(id)[0]
        return wire.quantity.symbol or (
            _shown(wire.quantity.value)
            if id[0] == GIVEN
            else f"the result of step {steps.index(id) + 1}"
        )

    def told(quantity: Quantity) -> str:
        value = quantity.symbol
        if quantity.value:
            value = (
                f"{value} {quantity.value.sign} {_shown(quantity.value)}"
                if value
                else _shown(quantity.value)
            )
        slope = (
            f"∂{circuit.of}/∂{quantity.symbol} {quantity.slope.sign} {_shown(quantity.slope)}"
            if quantity.slope
            else ""
        )
        return ", ".join(filter(None, (value, slope)))

    givens = [
        told(circuit.out_of(id)[0].quantity)
        for id in circuit.places
        if id[0] == GIVEN and circuit.out_of(id)[0].quantity.symbol
    ]
    found = [f"The computational graph of {circuit.of}. Given: {'; '.join(givens)}."]
    for step, id in enumerate(steps, start=1):
        place, wires = circuit.places[id], circuit.into(id)
        operands = " and ".join(
            named(wire.source) + (f", {wire.role}," if wire.role else "") for wire in wires
        )
        result = told(circuit.out_of(id)[0].quantity)
        found.append(
            f"Step {step}: {place.label} of {operands}{f' gives {result}' if result else ''}"
            + (f"; local derivative {_shown(place.local)}" if place.local else "")
            + "."
        )
        found += [
            f"On this path {_shown(wire.quantity.slope)} comes back to {named(wire.source)}."
            for wire in wires
            if wire.source[0] == DOT and wire.quantity.slope
        ]
    return " ".join([*found, *[f"{frame.rule}, found together." for frame in circuit.frames]])


def _shown(number: Number) -> str:
    return number.text.replace("-", "−")


class _Drawing:
    """A circuit with the sizes of its letters, its columns and its rows."""

    def __init__(self, circuit: Circuit, room: Room, where: str):
        self.circuit, self.room, self.where = circuit, room, where
        names = [wire.quantity.symbol for wire in circuit.wires]
        self.names = shortened(names, LONGEST, SMALL)
        operations = [place for place in circuit.places.values() if place.kind == OPERATION]
        self.radius = max(
            [
                RADIUS,
                *[
                    math.hypot(width(place.label, _size(place.label)) / 2, 5) + 2.5
                    for place in operations
                ],
            ]
        )
        widths = [
            width(line, SMALL) for wire in circuit.wires for line in self._lines(wire.quantity)
        ]
        rules = [
            sum(map(_room, _tokens(frame.rule))) for frame in circuit.frames
        ]  # from the frame to a riser
        widths += [rule - 3 * self.radius + 12 - 2 * PAD for rule in rules]
        locals_ = [place.local for place in operations if place.local]
        is_boxed = any(
            number.is_asked
            for wire in circuit.wires
            for number in (wire.quantity.value, wire.quantity.slope)
            if number
        ) or any(each.is_asked for each in locals_)
        self.shared = [id for id, place in circuit.places.items() if place.kind == DOT]
        self.above, self.left, lanes = (
            ABOVE[is_boxed],
            LEFT + LANE * (len(self.shared) + bool(self.shared)),
            LANE * len(self.shared),
        )
        self.frame_top = FRAME.top - 16 * is_boxed
        low = LOW * bool(locals_ and is_boxed)
        self.under = UNDER if is_boxed else 0  # at least, of what stands below a circle
        self.row, up, down = (
            (BOXED + low, UP_BOXED, (DOWN_BOXED[0], DOWN_BOXED[1] + low))
            if is_boxed
            else (ROW, UP, DOWN)
        )
        self.row, high, self.below = self.row + lanes, up + lanes, down[0]
        self.edge = max([LEAST, *widths, (BOX[0] + 9) * is_boxed]) + 2 * PAD
        self.pitch = self.edge + 2 * self.radius
        fitting = min(MOST_IN_ROW, int((room.width - self.left - MARGIN - self.edge) / self.pitch))
        self.blocks = laid(circuit, fitting) if fitting > 0 else []
        tops, at, has_below = (
            [],
            0.0,
            bool(circuit.frames) or any(place.local for place in operations),
        )
        for block in self.blocks:
            first, last = block.rows
            framed = 6 * any(set(frame.ids) <= block.places.keys() for frame in circuit.frames)
            up = high - lanes * (not block.places)
            tops.append(at + up + framed - self.row * first)
            at += (
                up
                + framed
                + self.row * (last - first)
                + down[has_below]
                + framed / 2
                + BETWEEN
                + lanes * (not block.places)
            )
        self.tops, self.height = tops, at - BETWEEN + 2 * MARGIN
        widest = max([block.columns for block in self.blocks], default=1)
        if room == ACROSS:
            self.pitch = max(
                self.pitch, min(PITCH, (room.width - self.left - MARGIN + 2 * self.radius) / widest)
            )
            self.edge = self.pitch - 2 * self.radius
        self.width = widest * self.pitch - 2 * self.radius + self.left + MARGIN
        self.fits = bool(self.blocks) and self.height <= room.height and self.width <= room.width
        self.is_cut = any(block.is_cut for block in self.blocks)

    def insisted(self) -> _Drawing:
        if not self.fits:
            raise WorksheetError(
                "this circuit is larger than a page",
                self.where,
                "draw a part of it, with fewer operations in its formulas, or round to fewer places; "
                "a network has its training step in cells too, with layout: grid or ask: [{of: grid}]",
            )
        return self

    def _lines(self, quantity: Quantity) -> list[str]:
        return [
            self.names.get(quantity.symbol, quantity.symbol),
            *[_shown(each) for each in (quantity.value, quantity.slope) if each],
        ]

    def svg(self) -> str:
        pieces = [self._fan(id, lane) for lane, id in enumerate(self.shared)] + [
            piece
            for block, top in zip(self.blocks, self.tops)
            for piece in (
                *[self._frame(frame, block, top) for frame in self.circuit.frames],
                *[self._edge(edge, top) for edge in block.edges],
                *[self._operation(id, *self._at(place, top)) for id, place in block.places.items()],
            )
            if piece
        ]
        high, wide = number(self.height), number(self.width)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{number(-self.left)} {-MARGIN} {wide} {high}" width="{wide}" height="{high}" '
            f'font-family="{FONT}" fill="currentColor" stroke="none" text-anchor="middle">\n'
            + "\n".join(pieces)
            + "\n</svg>\n"
        )

    def _at(self, place: tuple[int, int], top: float) -> tuple[float, float]:
        """The middle of a place in its row and column."""
        return place[1] * self.pitch + self.edge + self.radius, top + place[0] * self.row

    # ---- pieces
    # -----------------------------------------------------------------------------------

    def _operation(self, id: str, x: float, y: float) -> str:
        place = self.circuit.places[id]
        piece = (
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(self.radius)}" fill="none" stroke="currentColor" stroke-width="1.3"/>'
            + _sign(place.label, x, y)
        )
        return f'<g class="operation">{piece}{self._local(place.local, x, y + max(self.radius, self.under)) if place.local else ""}</g>'

    def _local(self, local: Number, x: float, y: float) -> str:
        """The derivative of an operation below its circle; a dotted box for it with the sign before
        it, where it is asked."""
        if not local.is_asked:
            return _slanted(f"{TIMES}{_shown(local)}", x, y + LOCAL, "local")
        box = _box(x, y, ' stroke-dasharray="1.2 2"', NODE_BOX)
        return (
            _label(TIMES, x - NODE_BOX[0] / 2 - 6, y + NODE_BOX[1] / 2 + 4, "sign")
            + box
            + (
                _slanted(_shown(local), x, y + NODE_BOX[1] / 2 + 4, "local")
                if local.text != ASKED
                else ""
            )
        )

    def _edge(self, edge: Laid, top: float) -> str:
        """The line of an edge, with what is at its ends, and its letters."""
        (begin, end, y, to_y), x = self._ends(edge, top), self._at((edge.row, edge.column), top)[0]
        down = 1 if to_y > y else -1
        if edge.ends:  # in the open
            line, tip = (
                _stroke(begin, y, end - (0 if edge.ends == "dot" else 5), y),
                _arrow(end, y, 1, 0) if edge.ends == "arrow" else "",
            )
        elif edge.row == edge.to_row:
            line, tip = _stroke(begin, y, end - 5, y), _arrow(end, y, 1, 0)
        else:
            rim = to_y - down * (math.sqrt(self.radius**2 - (end - x) ** 2) + 1)
            line, tip = (
                _stroke(begin, y, end, y) + " " + _stroke(end, y, end, rim - 5 * down),
                _arrow(end, rim, 0, down),
            )
        dots = [begin] * (edge.begins == "dot") + [end] * (edge.ends == "dot")
        spots = "".join(
            f'<path d="M{number(at - SPOT)} {number(y)} a{SPOT} {SPOT} 0 1 0 {2 * SPOT} 0 a{SPOT} {SPOT} 0 1 0 {-2 * SPOT} 0 Z"/>'
            for at in dots
        )
        middle = (
            (begin + min(end, x - self.radius)) / 2
            if edge.row == edge.to_row
            else (begin + end) / 2
        )
        mark = MARKS.get(edge.wire.role, "")
        if not mark:
            marked = ""
        elif edge.row == edge.to_row:
            marked = _label(mark, x - 0.75 * self.radius - 5, y - 0.75 * self.radius, "mark")
        else:
            marked = _label(mark, end + 8, to_y - down * (self.radius + 8) + 4, "mark")
        return (
            f'<g class="edge"><path d="{line}" fill="none" stroke="currentColor" stroke-width="1"/>{tip}{spots}{marked}'
            + self._letters(
                edge.quantity, middle, y, edge.wire.source[0] == GIVEN or self._is_given(edge)
            )
            + "</g>"
        )

    def _ends(self, edge: Laid, top: float) -> tuple[float, float, float, float]:
        """Where the level part of an edge begins and ends, its height, and that of the row to which
        it leads."""
        x, y = self._at((edge.row, edge.column), top)
        begin = x - self.radius - self.edge + (CLEAR if edge.begins and edge.column else 0)
        end = (
            x - self.radius
            if edge.ends
            else x - self.radius - 1
            if edge.row == edge.to_row
            else x + ASIDE * edge.aside
        )
        return begin, end, y, top + edge.to_row * self.row

    def _fan(self, dot: str, lane: int) -> str:
        """The lines from the dot where a value parts to those where it is used: above its row
        (below it, if it is given), at the left of all, above the rows of these."""
        bus, rise, lines = -LEFT - LANE * (lane + 1), self.above + LANE * lane, []
        for block, top in zip(self.blocks, self.tops):
            for edge in block.edges:
                begin, end, y, _ = self._ends(edge, top)
                if edge.begins == "dot" and edge.wire.source == dot:
                    lines.append((begin, y) if begin <= 0 else (begin, y, y - rise))
                elif edge.ends == "dot" and edge.wire.target == dot:
                    lines.append(
                        (end, y, y - rise if block.places else y + self.below + LANE * lane)
                    )
        turns = [line[-1] for line in lines]
        path = f"M{number(bus)} {number(min(turns))} V{number(max(turns))} " + " ".join(
            f"M{number(bus)} {number(line[-1])} H{number(line[0])}"
            + (f" V{number(line[1])}" if len(line) > 2 else "")
            for line in lines
        )
        return f'<g class="fan"><path d="{path}" fill="none" stroke="currentColor" stroke-width="0.7"/></g>'

    def _is_given(self, edge: Laid) -> bool:
        """Whether an edge begins at a dot of what is given."""
        return (
            edge.wire.source[0] == DOT and self.circuit.into(edge.wire.source)[0].source[0] == GIVEN
        )

    def _letters(self, quantity: Quantity, x: float, y: float, is_given: bool) -> str:
        value, slope, pieces = quantity.value, quantity.slope, []
        if quantity.symbol:
            line = VALUE if not value else NAME_ABOVE if value.is_asked else NAME
            pieces.append(
                _label(self.names.get(quantity.symbol, quantity.symbol), x, y + line, "name")
            )
        if value and value.is_asked:
            pieces += [
                _box(x, y - NEAR - BOX[1], ""),
                _label(_shown(value), x, y + VALUE_IN, "value") if value.text != ASKED else "",
            ]
        elif value:
            shown = _shown(value)
            half = width(shown, SMALL) / 2 + 3
            if is_given:
                pieces.append(
                    f'<rect x="{number(x - half)}" y="{number(y + VALUE - 10.5)}" width="{number(2 * half)}" height="13.5" fill-opacity="{GREY}"/>'
                )
            pieces.append(_label(shown, x, y + VALUE, "value"))
        if slope and slope.is_asked:
            pieces.append(_box(x, y + NEAR, ' stroke-dasharray="4 2"'))
        if slope and slope.text != ASKED:
            pieces.append(
                _slanted(_shown(slope), x, y + (SLOPE_IN if slope.is_asked else SLOPE), "slope")
            )
        return "".join(pieces)

    def _frame(self, frame: Frame, block: Block, top: float) -> str:
        """A dashed frame around neighbours in a row, with its rule."""
        places = [block.places[id] for id in frame.ids if id in block.places]
        if len(places) < len(frame.ids):
            return ""
        (left, y), (right, _) = (
            self._at(pick(places, key=lambda place: place[1]), top) for pick in (min, max)
        )
        box = Box(
            left - self.radius + FRAME.left,
            y + self.frame_top,
            right + self.radius + FRAME.right,
            y + FRAME.bottom,
        )
        rim = (
            f'<rect x="{number(box.left)}" y="{number(box.top)}" width="{number(box.right - box.left)}" height="{number(box.bottom - box.top)}" '
            'rx="6" fill="none" '
            'stroke="currentColor" stroke-width="0.7" stroke-dasharray="4 3"/>'
        )
        half = sum(map(_room, _tokens(frame.rule))) / 2
        middle = min((left + right) / 2, right - 5 - half)
        return rim + _label("together:", middle, y + 20, "rule") + _rule(frame.rule, middle, y + 34)


def _sign(label: str, x: float, y: float) -> str:
    """The sign of an operation in its circle; a power as brackets with an exponent that is no
    smaller than other numbers."""
    if len(label) > 1 and label[0] == "^":
        power, half = label[1:], (width("( )", TEXT) + width(label[1:], SMALL)) / 2
        return text("( )", x - half + width("( )", TEXT) / 2, y + 0.33 * TEXT, TEXT) + text(
            power, x + half - width(power, SMALL) / 2, y - 0.05 * TEXT, SMALL
        )
    size = _size(label)
    return text(label, x, y + 0.33 * size, size)


def _size(label: str) -> float:
    """Of the letters of an operation: smaller where it is a word."""
    return SMALL if width(label, TEXT) > 2 * RADIUS - 6 else TEXT


def _stroke(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"M{number(x)} {number(y)} L{number(to_x)} {number(to_y)}"


def _arrow(x: float, y: float, across: int, down: int) -> str:
    """The point of an arrow whose tip is at x, y."""
    back, side = 8, 3
    one, other = (
        (x - back * across + side * sign * down, y - back * down + side * sign * across)
        for sign in (1, -1)
    )
    return f'<path d="M{number(x)} {number(y)} L{number(one[0])} {number(one[1])} L{number(other[0])} {number(other[1])} Z"/>'


def _label(label: str, x: float, y: float, kind: str) -> str:
    return f'<g class="label {kind}">{text(label, x, y, SMALL)}</g>'


def _tokens(rule: str) -> list[str]:
    return [token for token in re.split(r"(∂|/| [=−] )", rule) if token]


def _room(token: str) -> float:
    """Pixels that a part of a rule takes."""
    return {"∂": 0.66, "/": 0.56}.get(token, 0) * SMALL or width(token, SMALL)


def _rule(rule: str, x: float, y: float) -> str:
    """A short equation, symbol by symbol."""
    tokens = _tokens(rule)
    at, pieces = x - sum(map(_room, tokens)) / 2, []
    for token in tokens:
        half = _room(token) / 2
        pieces.append(text(token, at + half, y, SMALL))
        at += 2 * half
    return f'<g class="label rule">{"".join(pieces)}</g>'


def _box(x: float, y: float, dashes: str, size: tuple[float, float] = BOX) -> str:
    """A box to write in, whose upper side is at y; that of a derivative is dashed."""
    return (
        f'<rect class="blank" x="{number(x - size[0] / 2)}" y="{number(y)}" width="{size[0]}" height="{size[1]}" '
        f'fill="none" stroke="currentColor" stroke-width="0.8"{dashes}/>'
    )


def _slanted(label: str, x: float, y: float, kind: str) -> str:
    """A derivative: upright digits, slanted around the middle of their line."""
    return (
        f'<g class="label {kind}" fill-opacity="{FAINT}" '
        f'transform="matrix(1 0 {-SLANT} 1 {number(SLANT * (y - 0.3 * SMALL))} 0)">{text(label, x, y, SMALL)}</g>'
    )

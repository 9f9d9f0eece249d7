"""A circuit as a drawing: circles are operations, above an edge stands its value and below it, slanted, the derivative of the last value.

A given value stands on grey. What is differentiated in one has a dashed frame with its rule. No letter is smaller than 8 points: a row holds
as many operations as there is room for, five at most, and what would be higher than a page is refused. Lengths are in pixels, of which four
are three points; SVG as in `diagrams/drawing.py`.
"""

from __future__ import annotations

import math
import re

from .layout import Block, Laid, laid
from .text import ASKED, DOT, GIVEN, OPERATION, Circuit, Frame, Number, Quantity
from ..diagrams.drawing import MARGIN, PAPER, RADIUS, SMALL, TEXT, Room
from ..errors import WorksheetError
from ..diagrams.lettering import FONT, number, shortened, text, width
from ..diagrams.placing import Box

MOST_IN_ROW = 5
ROW, BETWEEN = 78, 8       # from row to row; between the blocks
UP, DOWN = 34, (24, 36)    # how far a block reaches above its first row and below its last, without and with letters below its circles
LEFT = 4                   # of the first column, for the half of a dot
LEAST = 40                 # of the numbers on an edge, so that short ones do not press it together
PAD = 5.5                  # beside the numbers on an edge
CLEAR = 8                  # from where an edge begins to the column before it
ASIDE = 9                  # from the middle of an operation to a riser, where two come from one side
NAME, VALUE, SLOPE, LOCAL = -20.5, -5.5, 15.5, 13.5      # lines of letters, below their edge; of a local derivative, below its circle
BOX, NEAR = (79.4, 27), 3     # 21 x 7 mm to write in; from an edge
BOXED = 92                 # from row to row where there are boxes
NAME_ABOVE, VALUE_IN, SLOPE_IN = -36.5, -12.5, 20.5      # lines of letters of and in boxes
UP_BOXED, DOWN_BOXED = 50, (36, 40)
LONGEST = 110              # of a name
SPOT = 2.8                 # radius of a dot
SLANT = 0.25               # 14 degrees
GREY, FAINT = 0.09, 0.76   # of a given's ground, and of a derivative, as shares of black
MARKS = {"subtracted": "−", "divisor": "÷", "exponent": "^"}      # beside the end of an operand's edge
FRAME = Box(-3.5, -40, 3.5, 39)      # how far a frame reaches beyond its circles


def drawn(circuit: Circuit, room: Room = PAPER, where: str = "") -> str:
    """The SVG. Raises WorksheetError for a circuit that is too large for the room."""
    return _Drawing(circuit, room, where).svg()


def described(circuit: Circuit) -> str:
    """The drawing in words: what is given, then operation by operation, with every number."""
    steps = [place.id for place in circuit.places.values() if place.kind == OPERATION]

    def named(id: str) -> str:
        wire = circuit.out_of(id)[0] if id[0] != DOT else circuit.into(id)[0]
        return wire.quantity.symbol or (_shown(wire.quantity.value) if id[0] == GIVEN else f"the result of step {steps.index(id) + 1}")

    def told(quantity: Quantity) -> str:
        value = quantity.symbol
        if quantity.value:
            value = f"{value} {quantity.value.sign} {_shown(quantity.value)}" if value else _shown(quantity.value)
        slope = f"∂{circuit.of}/∂{quantity.symbol} {quantity.slope.sign} {_shown(quantity.slope)}" if quantity.slope else ""
        return ", ".join(filter(None, (value, slope)))

    givens = [told(circuit.out_of(id)[0].quantity) for id in circuit.places if id[0] == GIVEN and circuit.out_of(id)[0].quantity.symbol]
    found = [f"The computational graph of {circuit.of}. Given: {'; '.join(givens)}."]
    for step, id in enumerate(steps, start=1):
        place, wires = circuit.places[id], circuit.into(id)
        operands = " and ".join(named(wire.source) + (f", {wire.role}," if wire.role else "") for wire in wires)
        result = told(circuit.out_of(id)[0].quantity)
        found.append(f"Step {step}: {place.label} of {operands}{f' gives {result}' if result else ''}"
                     + f"; local derivative {place.local.replace('-', '−')}" * bool(place.local) + ".")
        found += [f"On this path {_shown(wire.quantity.slope)} comes back to {named(wire.source)}." for wire in wires
                  if wire.source[0] == DOT and wire.quantity.slope]
    return " ".join([*found, *[f"{frame.rule}, found together." for frame in circuit.frames]])


def _shown(number: Number) -> str:
    return number.text.replace("-", "−")


class _Drawing:
    """A circuit with the sizes of its letters, its columns and its rows."""

    def __init__(self, circuit: Circuit, room: Room, where: str):
        self.circuit, self.room = circuit, room
        names = [wire.quantity.symbol for wire in circuit.wires]
        self.names = shortened(names, LONGEST, SMALL)
        operations = [place for place in circuit.places.values() if place.kind == OPERATION]
        self.radius = max([RADIUS, *[math.hypot(width(place.label, _size(place.label)) / 2, 5) + 2.5 for place in operations]])
        widths = [width(line, SMALL) for wire in circuit.wires for line in self._lines(wire.quantity)]
        rules = [sum(map(_room, _tokens(frame.rule))) for frame in circuit.frames]      # below both circles, beside a riser
        widths += [rule - 2 * self.radius + 6 - 2 * PAD for rule in rules]
        is_boxed = any(number.is_asked for wire in circuit.wires for number in (wire.quantity.value, wire.quantity.slope) if number)
        self.frame_top = FRAME.top - 16 * is_boxed
        self.row, up, down = (BOXED, UP_BOXED, DOWN_BOXED) if is_boxed else (ROW, UP, DOWN)
        self.edge = max([LEAST, *widths, (BOX[0] + 9) * is_boxed]) + 2 * PAD
        self.pitch = self.edge + 2 * self.radius
        fitting = min(MOST_IN_ROW, int((room.width - LEFT - MARGIN - self.edge) / self.pitch))
        self.blocks = laid(circuit, fitting) if fitting > 0 else []
        tops, at, has_below = [], 0.0, bool(circuit.frames) or any(place.local for place in operations)
        for block in self.blocks:
            first, last = block.rows
            framed = 6 * any(set(frame.ids) <= block.places.keys() for frame in circuit.frames)
            tops.append(at + up + framed - self.row * first)
            at += up + framed + self.row * (last - first) + down[has_below] + framed / 2 + BETWEEN
        self.tops, self.height = tops, at - BETWEEN + 2 * MARGIN
        widest = max([block.columns for block in self.blocks], default=0)
        self.width = widest * self.pitch - 2 * self.radius + LEFT + MARGIN
        if not self.blocks or self.height > room.height or self.width > room.width:
            raise WorksheetError("this circuit is larger than a page", where, "draw a part of it, with fewer operations in its formulas, or round to fewer places")

    def _lines(self, quantity: Quantity) -> list[str]:
        return [self.names.get(quantity.symbol, quantity.symbol), *[_shown(each) for each in (quantity.value, quantity.slope) if each]]

    def svg(self) -> str:
        pieces = [piece for block, top in zip(self.blocks, self.tops) for piece in (
            *[self._frame(frame, block, top) for frame in self.circuit.frames], *[self._edge(edge, top) for edge in block.edges],
            *[self._operation(id, *self._at(place, top)) for id, place in block.places.items()]) if piece]
        high, wide = number(self.height), number(self.width)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-LEFT} {-MARGIN} {wide} {high}" width="{wide}" height="{high}" '
                f'font-family="{FONT}" fill="currentColor" stroke="none" text-anchor="middle">\n' + "\n".join(pieces) + "\n</svg>\n")

    def _at(self, place: tuple[int, int], top: float) -> tuple[float, float]:
        """The middle of a place in its row and column."""
        return place[1] * self.pitch + self.edge + self.radius, top + place[0] * self.row

    # ---- pieces -----------------------------------------------------------------------------------

    def _operation(self, id: str, x: float, y: float) -> str:
        place = self.circuit.places[id]
        piece = (f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(self.radius)}" fill="none" stroke="currentColor" stroke-width="1.3"/>'
                 + _sign(place.label, x, y))
        return f'<g class="operation">{piece}' + (_slanted(f"×{place.local.replace('-', '−')}", x, y + self.radius + LOCAL, "local") if place.local else "") + "</g>"

    def _edge(self, edge: Laid, top: float) -> str:
        """The line of an edge, with what is at its ends, and its letters."""
        x, y = self._at((edge.row, edge.column), top)
        to_y = top + edge.to_row * self.row
        begin = x - self.radius - self.edge if not edge.begins else x - self.radius - self.edge + (CLEAR if edge.column else 0)
        down = 1 if to_y > y else -1
        if edge.ends:      # in the open
            end = x - self.radius
            line, tip = _stroke(begin, y, end - (0 if edge.ends == "dot" else 5), y), _arrow(end, y, 1, 0) if edge.ends == "arrow" else ""
        elif edge.row == edge.to_row:
            end = x - self.radius - 1
            line, tip = _stroke(begin, y, end - 5, y), _arrow(end, y, 1, 0)
        else:
            end = x + ASIDE * edge.aside
            rim = to_y - down * (math.sqrt(self.radius ** 2 - (end - x) ** 2) + 1)
            line, tip = _stroke(begin, y, end, y) + " " + _stroke(end, y, end, rim - 5 * down), _arrow(end, rim, 0, down)
        dots = [begin] * (edge.begins == "dot") + [end] * (edge.ends == "dot")
        spots = "".join(f'<path d="M{number(at - SPOT)} {number(y)} a{SPOT} {SPOT} 0 1 0 {2 * SPOT} 0 a{SPOT} {SPOT} 0 1 0 {-2 * SPOT} 0 Z"/>' for at in dots)
        middle = (begin + min(end, x - self.radius)) / 2 if edge.row == edge.to_row else (begin + end) / 2
        mark = MARKS.get(edge.wire.role, "")
        if not mark:
            marked = ""
        elif edge.row == edge.to_row:
            marked = _label(mark, x - 0.75 * self.radius - 5, y - 0.75 * self.radius, "mark")
        else:
            marked = _label(mark, end + 8, to_y - down * (self.radius + 8) + 4, "mark")
        return (f'<g class="edge"><path d="{line}" fill="none" stroke="currentColor" stroke-width="1"/>{tip}{spots}{marked}'
                + self._letters(edge.quantity, middle, y, edge.wire.source[0] == GIVEN or self._is_given(edge)) + "</g>")

    def _is_given(self, edge: Laid) -> bool:
        """Whether an edge begins at a dot of what is given."""
        return edge.wire.source[0] == DOT and self.circuit.into(edge.wire.source)[0].source[0] == GIVEN

    def _letters(self, quantity: Quantity, x: float, y: float, is_given: bool) -> str:
        value, slope, pieces = quantity.value, quantity.slope, []
        if quantity.symbol:
            line = VALUE if not value else NAME_ABOVE if value.is_asked else NAME
            pieces.append(_label(self.names.get(quantity.symbol, quantity.symbol), x, y + line, "name"))
        if value and value.is_asked:
            pieces += [_box(x, y - NEAR - BOX[1], ""), _label(_shown(value), x, y + VALUE_IN, "value") if value.text != ASKED else ""]
        elif value:
            shown = _shown(value)
            half = width(shown, SMALL) / 2 + 3
            if is_given:
                pieces.append(f'<rect x="{number(x - half)}" y="{number(y + VALUE - 10.5)}" width="{number(2 * half)}" height="13.5" fill-opacity="{GREY}"/>')
            pieces.append(_label(shown, x, y + VALUE, "value"))
        if slope and slope.is_asked:
            pieces.append(_box(x, y + NEAR, ' stroke-dasharray="4 2"'))
        if slope and slope.text != ASKED:
            pieces.append(_slanted(_shown(slope), x, y + (SLOPE_IN if slope.is_asked else SLOPE), "slope"))
        return "".join(pieces)

    def _frame(self, frame: Frame, block: Block, top: float) -> str:
        """A dashed frame around neighbours in a row, with its rule."""
        places = [block.places[id] for id in frame.ids if id in block.places]
        if len(places) < len(frame.ids):
            return ""
        (left, y), (right, _) = (self._at(pick(places, key=lambda place: place[1]), top) for pick in (min, max))
        box = Box(left - self.radius + FRAME.left, y + self.frame_top, right + self.radius + FRAME.right, y + FRAME.bottom)
        rim = (f'<rect x="{number(box.left)}" y="{number(box.top)}" width="{number(box.right - box.left)}" height="{number(box.bottom - box.top)}" rx="6" fill="none" '
               'stroke="currentColor" stroke-width="0.7" stroke-dasharray="4 3"/>')
        middle = (left + right) / 2
        return rim + _label("together:", middle, y + 20, "rule") + _rule(frame.rule, middle, y + 34)


def _sign(label: str, x: float, y: float) -> str:
    """The sign of an operation in its circle; a power as brackets with an exponent that is no smaller than other numbers."""
    if len(label) > 1 and label[0] == "^":
        power, half = label[1:], (width("( )", TEXT) + width(label[1:], SMALL)) / 2
        return text("( )", x - half + width("( )", TEXT) / 2, y + 0.33 * TEXT, TEXT) + text(power, x + half - width(power, SMALL) / 2, y - 0.05 * TEXT, SMALL)
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
    one, other = ((x - back * across + side * sign * down, y - back * down + side * sign * across) for sign in (1, -1))
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


def _box(x: float, y: float, dashes: str) -> str:
    """A box to write in, whose upper side is at y; that of a derivative is dashed."""
    return f'<rect class="blank" x="{number(x - BOX[0] / 2)}" y="{number(y)}" width="{BOX[0]}" height="{BOX[1]}" fill="none" stroke="currentColor" stroke-width="0.8"{dashes}/>'


def _slanted(label: str, x: float, y: float, kind: str) -> str:
    """A derivative: upright digits, slanted around the middle of their line."""
    return (f'<g class="label {kind}" fill-opacity="{FAINT}" transform="matrix(1 0 {-SLANT} 1 {number(SLANT * (y - 0.3 * SMALL))} 0)">{text(label, x, y, SMALL)}</g>')


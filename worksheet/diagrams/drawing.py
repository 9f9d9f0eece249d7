"""A network as a drawing: SVG with straight edges, the weights level beside them, no letter smaller
than 8 points.

Layers are columns. A circle (or a box, where somebody drew one by hand) holds its symbol and its
value; a bias is a short dashed arrow from outside, with its value. A weight stands on its edge
(`diagrams/placing.py`); beyond three by three units no edge has one, and the page gives them in a
table or in matrices. A drawing is made for the room that it gets, so nobody need make it smaller:
what does not fit is left out, first the names of weights beside their values. Lengths are in
pixels, of which four are three points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .lettering import FONT, extent, number, shortened, text, width
from .mermaid import PASSED, Edge, Network, Node
from .placing import Box, Column, Line, Wanted, placed

TEXT, SMALL = (
    15,
    11.5,
)  # pixels of a symbol, and of the smallest letters that are no index: 8.6 points
RADIUS, TIGHT = 19, 13.5  # of a circle, 5 mm on paper; where there are very many
ROUNDEST = 42  # of a circle because of a long name, which is shortened then
LONGEST = 110  # of the name of a weight or a bias
BOX = 0.75  # height of a box, in its width
MOST_LABELLED = 3  # units in each of two layers, beyond which no weight stands on its edge
ARROW = 14  # of a bias, from its label to its unit
BETWEEN = (90, 58, 26)  # between the circles of two columns, if there is room, and at least
ROOMY = (84, 72)  # between the middles of two circles of two and of three rows, if there is room
STEEPEST = 1.1  # slope of the steepest edge, if there is room
STEP = 8  # by which columns move apart at least until their labels fit
MARGIN = 2


class Room(NamedTuple):
    """What a drawing may take on its page, in pixels."""

    width: float
    height: float


PAPER = Room(576, 720)  # of the narrowest page, and of the lowest


def described(found: Network) -> str:
    """The drawing in words, for who cannot see it."""
    columns = "; ".join(
        ", ".join(f"{node.symbol} {node.value}".strip() for node in column if node.shape != PASSED)
        for column in found.columns
    )
    biases = ", ".join(f"{node.symbol} {node.value}".strip() for node in found.biases.values())
    weights = ", ".join(
        f"{edge.symbol} {edge.value}".strip() for edge in found.edges if edge.symbol
    )
    if found.is_back:
        return (
            f"The error on its way back, from right to left: {'; '.join(reversed(columns.split('; ')))}."
            + (f" On the arrows: {weights}." if weights else "")
            + (f" At the biases: {biases}." if biases else "")
        )
    return (
        f"The network from left to right: {columns}."
        + (f" Weights: {weights}." if weights else "")
        + (f" Biases: {biases}." if biases else "")
    )


def drawn(found: Network, room: Room = PAPER) -> str:
    """The SVG; it takes the colour of the text around it. No larger than the room, unless the
    plainest drawing is."""
    return _svg(_fitting(found, room)[1])


def plainness(found: Network, room: Room) -> int:
    """How much is left out in a room: 0 where everything stands in the drawing."""
    return _fitting(found, room)[0]


@dataclass
class Way:
    """A network with what is written on its edges; `is_tight`: in small circles."""

    found: Network
    labels: dict[Edge, str]
    is_tight: bool = False


@dataclass
class Layout:
    """Where everything stands: columns by x, units by x and y, labels and biases by their boxes."""

    way: Way
    radius: float
    at: dict[str, tuple[float, float]] = field(default_factory=dict)
    labels: dict[Edge, Box] = field(default_factory=dict)
    biases: dict[str, Box] = field(default_factory=dict)  # by the unit they belong to
    lines: dict[Edge, tuple[Line, tuple[Box, ...]]] = field(
        default_factory=dict
    )  # an edge, and the boxes between its two columns

    @property
    def size(self) -> Box:
        """All of it."""
        radius = self.radius + 1
        boxes = [
            *self.labels.values(),
            *self.biases.values(),
            *[Box(x - radius, y - radius, x + radius, y + radius) for x, y in self.at.values()],
        ]
        return Box(
            *(
                pick(box[side] for box in boxes) if boxes else 0
                for side, pick in enumerate((min, min, max, max))
            )
        ).grown(MARGIN, MARGIN)


def _fitting(found: Network, room: Room) -> tuple[int, Layout]:
    """The first way that fits the room, or the last."""
    for place, way in enumerate(_ways(found, room)):
        for layout in filter(None, _layouts(way, room)):
            left, top, right, bottom = layout.size
            if right - left <= room.width and bottom - top <= room.height:
                return place, layout
    return place, layout


def _ways(found: Network, room: Room) -> Iterator[Way]:
    """The network with less and less written beside it; in the end with the first units of each
    layer and the last."""
    found = _with_short_names(found)
    if _is_labelled(found):
        yield Way(
            found,
            {
                edge: " ".join(filter(None, (edge.symbol, edge.value)))
                for edge in found.edges
                if edge.symbol
            },
        )
    biases = {
        id: replace(bias, symbol="", value=bias.value.removeprefix("= ")) if bias.value else bias
        for id, bias in found.biases.items()
    }
    if _is_labelled(found):
        yield Way(
            replace(found, biases=biases),
            {
                edge: edge.value.removeprefix("= ") or edge.symbol
                for edge in found.edges
                if edge.symbol
            },
        )
    yield Way(found, {})
    yield Way(replace(found, biases=biases), {})
    found = replace(found, biases={})
    yield Way(found, {})
    found = replace(
        found, columns=[[replace(node, value="") for node in column] for column in found.columns]
    )
    yield Way(found, {})
    yield Way(found, {}, is_tight=True)
    yield Way(
        _cut(found, max(3, int((room.height - 2 * MARGIN - 2) / (2 * TIGHT + 5)))),
        {},
        is_tight=True,
    )


def _is_labelled(found: Network) -> bool:
    """Whether weights stand on their edges: no layer is beyond three by three."""
    column = {node.id: place for place, nodes in enumerate(found.columns) for node in nodes}
    gaps: dict[int, list[Edge]] = {}
    for edge in found.edges:
        if edge.symbol:
            gaps.setdefault(column[edge.target], []).append(edge)
    return bool(gaps) and all(
        len({edge.source for edge in edges}) <= MOST_LABELLED
        and len({edge.target for edge in edges}) <= MOST_LABELLED
        for edges in gaps.values()
    )


def _with_short_names(found: Network) -> Network:
    """Names that fit their places: in a circle, on an edge, at a bias."""
    inside = 2 * math.sqrt((ROUNDEST - 3) ** 2 - 14**2)
    units = shortened([node.symbol for column in found.columns for node in column], inside, SMALL)
    others = shortened(
        [each.symbol for each in (*found.edges, *found.biases.values())], LONGEST, SMALL
    )
    nodes = {
        id: replace(node, symbol=units.get(node.symbol, node.symbol))
        for id, node in found.nodes.items()
    }
    return replace(
        found,
        nodes=nodes,
        edges=[replace(edge, symbol=others[edge.symbol]) for edge in found.edges],
        columns=[[nodes[node.id] for node in column] for column in found.columns],
        biases={id: replace(bias, symbol=others[bias.symbol]) for id, bias in found.biases.items()},
    )


def _cut(found: Network, most: int) -> Network:
    """The network with at most so many units in a layer: the first, a place for those between, and
    the last."""
    columns = [
        column
        if len(column) <= most
        else [*column[: most - 2], Node(f"{column[0].id}~", "⋮", "", PASSED), column[-1]]
        for column in found.columns
    ]
    kept = {node.id for column in columns for node in column}
    return replace(
        found,
        columns=columns,
        edges=[edge for edge in found.edges if edge.source in kept and edge.target in kept],
    )


# ---- where everything stands
# ----------------------------------------------------------------------


def _layouts(way: Way, room: Room) -> Iterator[Layout | None]:
    """The comfortable layout, and those in less room."""
    rows = max(map(len, way.found.columns), default=1)
    radius = max(
        [
            TIGHT if way.is_tight else RADIUS,
            *[_reach(node, way.is_tight) for column in way.found.columns for node in column],
        ]
    )
    biased = (
        max((_height(_label(bias)) for bias in way.found.biases.values()), default=0)
        if rows > 2
        else 0
    )
    least = 2 * radius + (5 if way.is_tight else 12) + (biased + ARROW if biased else 0)
    roomy = max(least, ROOMY[min(rows, 3) - 2]) if rows > 1 and way.labels else least
    for pitch in dict.fromkeys((roomy, least, 1.3 * roomy) if way.labels else (least,)):
        steepest = math.sqrt(
            (pitch / (radius + 2)) ** 2 - 1
        )  # beyond, edges would pass through other units
        for between in BETWEEN:
            yield _laid(
                way, radius, pitch, between, STEEPEST if between == BETWEEN[0] else steepest, room
            )


def _laid(
    way: Way, radius: float, pitch: float, between: float, steepest: float, room: Room
) -> Layout | None:
    """The layout with the columns as near to each other as their labels allow; None where that is
    more than there is room."""
    found, layout, x = way.found, Layout(way, radius), 0.0
    columns = [_column(found, nodes, radius, pitch) for nodes in found.columns]
    heights = [
        dict(zip([node.id for node in nodes], _heights(nodes, pitch))) for nodes in found.columns
    ]
    for place, nodes in enumerate(found.columns):
        if place:
            edges = [edge for edge in found.edges if edge.target in heights[place]]
            wanted = tuple(
                [_wanted(way, edge, heights[place - 1], heights[place]) for edge in edges]
            )
            slant = max((abs(edge.end - edge.start) for edge in wanted), default=0) / steepest
            gap = max(
                [2 * radius + between, slant, *[each.wide + radius for each in wanted if each.wide]]
            )
            while (boxes := placed(wanted, columns[place - 1], columns[place], gap)) is None:
                gap = max(gap + STEP, 1.08 * gap)
                if x + gap > room.width:
                    return None
            shown = tuple([box.moved(x) for box in boxes if box])
            layout.labels |= {edge: box.moved(x) for edge, box in zip(edges, boxes) if box}
            layout.lines |= {
                edge: ((x, each.start, x + gap, each.end), shown)
                for edge, each in zip(edges, wanted)
            }
            x += gap
        layout.at |= {id: (x, y) for id, y in heights[place].items()}
        layout.biases |= {
            node.id: box.moved(x) for node, box in _bias_boxes(found, nodes, radius, pitch)
        }
    return layout


def _heights(nodes: list[Node], pitch: float) -> list[float]:
    return [pitch * (row - (len(nodes) - 1) / 2) for row in range(len(nodes))]


def _column(found: Network, nodes: list[Node], radius: float, pitch: float) -> Column:
    circles = tuple([y for node, y in zip(nodes, _heights(nodes, pitch)) if node.shape != PASSED])
    return Column(
        circles, radius, tuple([box for _, box in _bias_boxes(found, nodes, radius, pitch)])
    )


def _bias_boxes(
    found: Network, nodes: list[Node], radius: float, pitch: float
) -> Iterator[tuple[Node, Box]]:
    """The labels of the biases of a column: of the upper units above them, of the others below."""
    for row, (node, y) in enumerate(zip(nodes, _heights(nodes, pitch))):
        if bias := found.biases.get(node.id):
            half, high = width(_label(bias), SMALL) / 2 + 1, _height(_label(bias))
            near = y - radius - ARROW if row < len(nodes) // 2 else y + radius + ARROW
            yield (
                node,
                Box(-half, near - high, half, near)
                if near < y
                else Box(-half, near, half, near + high),
            )


def _wanted(way: Way, edge: Edge, before: dict[str, float], after: dict[str, float]) -> Wanted:
    start, end = before[edge.source], after[edge.target]
    label = way.labels.get(edge, "")
    return (
        Wanted(start, end, width(label, SMALL) + 2, _height(label), start > 0)
        if label
        else Wanted(start, end)
    )


def _label(bias: Node) -> str:
    return " ".join(filter(None, (bias.symbol, bias.value)))


def _height(label: str) -> float:
    return sum(extent(label, SMALL))


def _size(node: Node, is_tight: bool) -> float:
    """Pixels of the letters of a symbol: smaller where it is a word."""
    return SMALL if is_tight or width(node.symbol, TEXT) > 2 * RADIUS - 6 else TEXT


def _reach(node: Node, is_tight: bool) -> float:
    """The radius of a circle around a symbol and its value."""
    half = width(node.symbol, _size(node, is_tight)) / 2
    if not node.value:
        return math.hypot(half, 5) + (1 if is_tight else 2.5)
    return max(math.hypot(half, 14), math.hypot(width(node.value, SMALL) / 2, 12.5)) + 2.5


# ---- the SVG
# ---------------------------------------------------------------------------------------


def _svg(layout: Layout) -> str:
    way, (left, top, right, bottom) = layout.way, layout.size
    wide, high = number(right - left), number(bottom - top)
    pieces = [_edge(edge, layout) for edge in way.found.edges]
    pieces += [_label_at(label, layout.labels[edge]) for edge, label in way.labels.items()]
    pieces += [
        _unit(node, layout)
        for column in way.found.columns
        for node in column
        if node.shape != PASSED or node.symbol
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{number(left)} {number(top)} {wide} {high}" width="{wide}" height="{high}" '
        f'font-family="{FONT}" fill="currentColor" stroke="none" text-anchor="middle">\n'
        + "\n".join(pieces)
        + "\n</svg>\n"
    )


def _edge(edge: Edge, layout: Layout) -> str:
    """An edge from unit to unit, broken where a label stands, with the point of an arrow at its
    end; none at a place that it only passes."""
    line, boxes = layout.lines[edge]
    ends = (edge.source, edge.target)
    if layout.way.found.is_back:
        line, ends = (*line[2:], *line[:2]), ends[::-1]
    dx, dy = line[2] - line[0], line[3] - line[1]
    length = math.hypot(dx, dy)
    across, down = dx / length, dy / length

    def point(distance: float, aside: float = 0) -> str:
        return f"{number(line[0] + across * distance - down * aside)} {number(line[1] + down * distance + across * aside)}"

    def rim(id: str) -> float:
        node = layout.way.found.nodes[id]
        tall = abs(down) / (BOX * layout.radius) if node.shape != "circle" else 0
        reach = 1 / max(abs(across) / layout.radius, tall) if tall else layout.radius
        return reach if node.shape != PASSED else 0

    first, reach = map(rim, ends)
    tip = length - reach - 1 if reach else length
    last, spans = tip - 5 if reach else tip, []
    for start, end in sorted(part for box in boxes if (part := box.grown(2.5, 1.5).part(line))):
        spans.append((first, min(start * length, last)))
        first = max(first, end * length)
    path = " ".join(
        f"M{point(one)} L{point(other)}" for one, other in [*spans, (first, last)] if other > one
    )
    dashes = ' stroke-dasharray="4 3"' if edge.is_dashed else ""
    arrow = (
        f'<path d="M{point(tip)} L{point(tip - 8, 3)} L{point(tip - 8, -3)} Z"/>' if reach else ""
    )
    return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1"{dashes}/>{arrow}'


def _label_at(label: str, box: Box) -> str:
    """A label in its box."""
    return f'<g class="label">{text(label, (box.left + box.right) / 2, box.top + extent(label, SMALL)[0], SMALL)}</g>'


def _unit(node: Node, layout: Layout) -> str:
    (x, y), radius = layout.at[node.id], layout.radius
    if node.shape == PASSED:
        return text(node.symbol, x, y + 5, TEXT)
    tall = radius if node.shape == "circle" else BOX * radius
    shape = (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
        if node.shape == "circle"
        else f'<rect x="{number(x - radius)}" y="{number(y - tall)}" width="{number(2 * radius)}" height="{number(2 * tall)}" '
        f'rx="{8 * (node.shape == "round")}"'
    )
    size = _size(node, layout.way.is_tight)
    pieces = [
        f'{shape} fill="none" stroke="currentColor" stroke-width="1.3"/>',
        text(node.symbol, x, y + (-3 if node.value else 0.33 * size), size),
    ]
    if node.value:
        pieces.append(text(node.value, x, y + 12, SMALL))
    if box := layout.biases.get(node.id):
        down = 1 if box.bottom < y else -1
        begin, tip = (box.bottom + 1 if down > 0 else box.top - 1), y - down * (tall + 1)
        if layout.way.found.is_back:
            begin, tip, down = tip, begin, -down
        pieces.append(
            f'<path d="M{number(x)} {number(begin)} V{number(tip - 5 * down)}" fill="none" stroke="currentColor" stroke-dasharray="3 2"/>'
            f'<path d="M{number(x)} {number(tip)} L{number(x - 3)} {number(tip - 7 * down)} L{number(x + 3)} {number(tip - 7 * down)} Z"/>'
            + _label_at(_label(layout.way.found.biases[node.id]), box)
        )
    return "".join(pieces)

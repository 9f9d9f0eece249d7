"""A network as a drawing: the mermaid text of `diagrams.py` as SVG with straight edges, each weight beside its edge.

Layers are columns. A circle holds its symbol and its value; a bias is a box below its unit. A weight stands on its
edge and along it. Between m and n units, s of them in the smaller layer, the edges pass the share 1/(s + 1) of the way
from the other layer at m·n heights, evenly spread, and no two cross before the share 1/s: there the labels stand, and the
columns are so far apart that none reaches a crossing.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, field
from itertools import pairwise
from unicodedata import combining

from .errors import WorksheetError
from .plain import SUBSCRIPTS, SUPERSCRIPTS

RADIUS, TEXT, SMALL = 21, 15, 12.5       # pixels of a circle without a value, of a symbol, of a value
MOST_LABELLED = 5                        # units in the smaller of two layers, beyond which no weight is written
MOST_DRAWN = 60                          # units in one layer
STEEPEST = 0.9                           # slope of the steepest edge
WIDEST = 860                             # pixels across, beyond which the labels of weights could not be read on paper

_ENTITY = re.compile(r"#(\d+|quot|lt|gt|amp);")
_ENTITIES = {"quot": '"', "lt": "<", "gt": ">", "amp": "&"}
_NODE = re.compile(r'\s*(\w+)(\(\(|\[|\()"([^"]*)"(?:\)\)|\]|\))\s*;?')
_EDGE = re.compile(r'\s*(\w+)\s*(-->|-\.->)(?:\|"?([^"|]*)"?\|)?\s*(\w+)\s*;?')
_LABEL = re.compile(r"(?P<base>[^\W\d_][\u0300-\u036f]?|[^\W\d_]{2,})(?P<below>[\u2080-\u208e\u2090-\u209c\u1d62-\u1d6a]+|_\w+)?"
                    r"(?P<above>[\u2070\u00b9\u00b2\u00b3\u2074-\u207e]+)?")
_BELOW, _ABOVE = ({small: letter for letter, small in table.items()} for table in (SUBSCRIPTS, SUPERSCRIPTS))


@dataclass(frozen=True)
class Node:
    """A unit, or a bias (a box). `symbol` and `value` are the two sides of its label."""

    id: str
    symbol: str
    value: str
    is_bias: bool


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    symbol: str
    value: str


@dataclass
class Network:
    """What a mermaid text says: nodes by id, edges, and the columns they fall into."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    columns: list[list[Node]] = field(default_factory=list)
    biases: dict[str, Node] = field(default_factory=dict)      # by the unit they belong to


def network(mermaid: str) -> Network:
    """Reads `graph LR` with circles, boxes and arrows. Raises WorksheetError with the line that is something else."""
    found = Network()
    lines = [line for line in mermaid.splitlines() if line.strip() and not line.strip().startswith("%%")]
    if not lines or lines[0].split() not in (["graph", "LR"], ["flowchart", "LR"]):
        raise WorksheetError("only a mermaid 'graph LR' can be drawn", "mermaid", "leave other diagrams to a figure of your own")
    for number, line in enumerate(lines[1:], start=2):
        if node := _NODE.fullmatch(line):
            found.nodes[node[1]] = Node(node[1], *_sides(node[3]), node[2] == "[")
        elif edge := _EDGE.fullmatch(line):
            found.edges.append(Edge(edge[1], edge[4], *_sides(edge[3] or "")))
        else:
            raise WorksheetError(f"cannot be drawn: {line.strip()}", f"mermaid line {number}",
                                 'a node is id(("label")) or id["label"], an edge is a --> b or a -->|"label"| b')
    _arrange(found)
    return found


def _sides(label: str) -> tuple[str, str]:
    """`aₕ ≈ 0.62246` in its symbol and `≈ 0.62246`; the sign of a number is a minus."""
    text = _ENTITY.sub(lambda match: _ENTITIES.get(match[1]) or chr(int(match[1])), label)
    symbol, sign, value = re.fullmatch(r"(.*?)(?: ([=≈]) (.*))?", text, re.DOTALL).groups()
    return symbol, f"{sign} {value.replace('-', '−')}" if sign else ""


def _arrange(found: Network) -> None:
    """Columns by the longest path from an input; a bias goes to its unit."""
    for edge in found.edges:
        for end in (edge.source, edge.target):
            found.nodes.setdefault(end, Node(end, end, "", False))
    found.biases = {edge.target: found.nodes[edge.source] for edge in found.edges if found.nodes[edge.source].is_bias}
    found.edges = [edge for edge in found.edges if not found.nodes[edge.source].is_bias]
    depth = {id: 0 for id, node in found.nodes.items() if not node.is_bias}
    for _ in depth:
        for edge in found.edges:
            depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
        if depth and max(depth.values()) >= len(depth):
            raise WorksheetError("a network that goes in a circle cannot be drawn", "mermaid")
    ends = {edge.target for edge in found.edges}
    for id in depth:      # what nothing leads to stands right before its first use
        used = [depth[edge.target] for edge in found.edges if edge.source == id]
        depth[id] = min(used) - 1 if used and id not in ends else depth[id]
    _pass_by(found, depth)
    found.columns = [[found.nodes[id] for id in depth if depth[id] == column] for column in range(max(depth.values(), default=-1) + 1)]
    if any(len(column) > MOST_DRAWN for column in found.columns):
        raise WorksheetError(f"a layer of more than {MOST_DRAWN} units cannot be drawn", "mermaid")


def _pass_by(found: Network, depth: dict[str, int]) -> None:
    """An edge over more than one column goes through a place that is kept free for it in each column between."""
    edges = []
    for edge in found.edges:
        stops = [edge.source]
        for column in range(depth[edge.source] + 1, depth[edge.target]):
            place = Node(f"{edge.source}~{edge.target}~{column}", "", "", False)
            found.nodes[place.id], depth[place.id] = place, column
            stops.append(place.id)
        stops.append(edge.target)
        edges += [Edge(one, other, edge.symbol, edge.value) for one, other in pairwise(stops)]
    found.edges = edges


def described(found: Network) -> str:
    """The drawing in words, for who cannot see it."""
    columns = "; ".join(", ".join(f"{node.symbol} {node.value}".strip() for node in column if node.symbol) for column in found.columns)
    biases = ", ".join(f"{node.symbol} {node.value}".strip() for node in found.biases.values())
    weights = ", ".join(f"{edge.symbol} {edge.value}".strip() for edge in found.edges if edge.symbol)
    return (f"The network from left to right: {columns}." + (f" Weights: {weights}." if weights else "")
            + (f" Biases: {biases}." if biases else ""))


def drawn(found: Network) -> str:
    """The SVG; it takes the colour of the text around it."""
    sizes = [len(column) for column in found.columns]
    share = {edge: _share(found, edge) for edge in found.edges}
    labels = {edge: " ".join(filter(None, (edge.symbol, edge.value))) for edge in found.edges}
    pairs = [min(pair) for pair in pairwise(sizes)]
    if max(pairs, default=0) >= 3 and any(edge.value for edge in found.edges):      # the names stand in the drawing before
        labels = {edge: edge.value.removeprefix("= ") or edge.symbol for edge in found.edges}
    longest = max(map(_width, labels.values()), default=0) if max(pairs, default=0) <= MOST_LABELLED else 0
    radius = max([RADIUS, *[_width(node.value) * 0.46 + 4 for node in found.nodes.values() if node.value and not node.is_bias]])
    below = 34 * bool(found.biases)
    edge_of_page = max([radius, *[_width(f"{node.symbol} {node.value}") / 2 + 8 for node in found.biases.values()]]) + 4
    most, narrow = max(pairs, default=0), max(100 + 2 * radius, 2 * edge_of_page + 20)
    pitch = max(2 * radius + 16 + below, (30 if most < 4 else 24) * (most + 1) if longest and most > 1 else 0)
    gaps = [_gap(one, other, longest, radius, pitch, narrow) for one, other in pairwise(sizes)]
    if 2 * edge_of_page + sum(gaps) > WIDEST:
        longest, gaps = 0, [max(narrow, (WIDEST - 2 * edge_of_page) / len(gaps))] * len(gaps)
    width = 2 * edge_of_page + sum(gaps)
    height = pitch * (max(sizes, default=1) - 1) + 2 * radius + below + 8
    middle = 4 + radius + pitch * (max(sizes, default=1) - 1) / 2
    across = [edge_of_page + sum(gaps[:column]) for column in range(len(sizes))]
    at = {node.id: (across[column], middle + pitch * (row - (len(nodes) - 1) / 2))
          for column, nodes in enumerate(found.columns) for row, node in enumerate(nodes)}
    reach = {node.id: radius if node.symbol else 0 for node in found.nodes.values()}
    pieces = [_line(at[edge.source], at[edge.target], labels[edge] if longest else "", share[edge], reach[edge.source], reach[edge.target])
              for edge in found.edges]
    pieces += [_unit(node, at[node.id], found.biases.get(node.id), radius) for column in found.columns for node in column if node.symbol]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
            'font-family="\'New Computer Modern\', \'Latin Modern Roman\', \'Cambria Math\', Cambria, Georgia, serif" '
            f'fill="currentColor" stroke="none" text-anchor="middle">\n' + "\n".join(pieces) + "\n</svg>\n")


def _gap(one: int, other: int, longest: float, radius: float, pitch: float, narrow: float) -> float:
    """Pixels between two columns of `one` and `other` units: room for the labels before the first crossing."""
    least, slant = min(one, other), (one + other - 2) / 2 * pitch / STEEPEST
    if not longest:
        return max(narrow, slant)
    beyond = (longest / 2 + 5) * least * (least + 1) if least > 1 else 0
    return max(narrow, slant, longest + 2 * radius + 60, (radius + longest / 2 + 8) * (least + 1), beyond)


def _share(found: Network, edge: Edge) -> float:
    """How far along the edge its label stands."""
    column = {node.id: len(nodes) for nodes in found.columns for node in nodes}
    sources, targets = column[edge.source], column[edge.target]
    return 1 / (targets + 1) if targets <= sources else 1 - 1 / (sources + 1)


def _line(start: tuple[float, float], end: tuple[float, float], label: str, share: float, radius: float, reach: float) -> str:
    """An edge from circle to circle, broken where its label stands, with the point of an arrow at its end; `reach` is the
    radius there, 0 for a place that it only passes."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    across, down = dx / length, dy / length

    def point(distance: float, aside: float = 0) -> str:
        return f"{_n(start[0] + across * distance - down * aside)} {_n(start[1] + down * distance + across * aside)}"

    tip, room = length - reach - 1 if reach else length, _width(label) / 2 + 5 if label else 0
    stop = tip - 5 if reach else tip
    spans = [(radius, length * share - room), (length * share + room, stop)] if label else [(radius, stop)]
    path = " ".join(f"M{point(one)} L{point(other)}" for one, other in spans if other > one)
    text = ""
    if label:
        x, y = point(length * share).split()
        text = f'<g transform="translate({x} {y}) rotate({_n(math.degrees(math.atan2(dy, dx)))})">{_text(label, 0, 4, SMALL)}</g>'
    arrow = f'<path d="M{point(tip)} L{point(tip - 8, 3)} L{point(tip - 8, -3)} Z"/>' if reach else ""
    return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1"/>{arrow}{text}'


def _unit(node: Node, at: tuple[float, float], bias: Node | None, radius: float) -> str:
    x, y = at
    pieces = [f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="none" stroke="currentColor" stroke-width="1.3"/>',
              _text(node.symbol, x, y + (-3 if node.value else 5), TEXT)]
    if node.value:
        pieces.append(_text(node.value, x, y + 14, 0.88 * SMALL))
    below = y + radius
    if bias:
        label = " ".join(filter(None, (bias.symbol, bias.value)))
        half = _width(label) / 2 + 6
        pieces.append(f'<path d="M{_n(x)} {_n(below + 1)} V{_n(below + 9)}" fill="none" stroke="currentColor" stroke-dasharray="3 2"/>'
                      f'<rect x="{_n(x - half)}" y="{_n(below + 9)}" width="{_n(2 * half)}" height="20" fill="none" '
                      f'stroke="currentColor" stroke-dasharray="3 2"/>' + _text(label, x, below + 23, SMALL))
    return "".join(pieces)


def _text(label: str, x: float, y: float, size: float) -> str:
    """A symbol in italics with its index below and its layer above, and the rest upright."""
    match = _LABEL.match(label)
    symbol, rest = (match, label[match.end():]) if match and (match.end() == len(label) or label[match.end()] == " ") else (None, label)
    spans, shift, back = [], 0.0, -0.06 * size
    if symbol:
        spans.append(f'<tspan{_italic(symbol["base"])}>{html.escape(symbol["base"])}</tspan>')
        for part, move, letters in (("above", -0.38, _ABOVE), ("below", 0.24, _BELOW)):
            if symbol[part]:
                text = "".join(letters.get(letter, letter) for letter in symbol[part].removeprefix("_"))
                spans.append(f'<tspan dx="{_n(-back)}" dy="{_n((move - shift) * size)}" font-size="{_n(0.7 * size)}"{_italic(text)}>'
                             f'{html.escape(text)}</tspan>')
                own = 0.7 * size * sum(0.39 if letter in "()" else 0.5 for letter in text)
                shift, back = move, own if back <= 0 else min(0, own - back)      # the index begins below the layer
    if rest:
        spans.append(f'<tspan dx="{_n(max(0, -back))}" dy="{_n(-shift * size)}">{html.escape(rest)}</tspan>')
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" xml:space="preserve">{"".join(spans)}</text>'


def _italic(text: str) -> str:
    return ' font-style="italic"' if len([letter for letter in text if letter.isalpha() and not combining(letter)]) == 1 else ""


def _width(label: str) -> float:
    """About how many pixels a small label takes."""
    small = sum(letter in _BELOW or letter in _ABOVE for letter in label)
    return SMALL * (0.36 * small + 0.52 * (len(label) - small - sum(map(bool, map(combining, label)))))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

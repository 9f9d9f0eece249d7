"""A network as a drawing: SVG with straight edges, each weight beside its edge.

Layers are columns. A circle (or a box, where somebody drew one by hand) holds its symbol and its value; a bias is a box below
its unit. A weight stands on its edge and along it. Between m and n units, s of them in the smaller layer, the edges pass the
share 1/(s + 1) of the way from the other layer at m·n heights, evenly spread, and no two cross before the share 1/s: there
the labels stand, and the columns are so far apart that none reaches a crossing.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import replace
from itertools import pairwise
from unicodedata import combining

from .mermaid import PASSED, Edge, Network, Node
from .plain import SUBSCRIPTS, SUPERSCRIPTS

RADIUS, TEXT, SMALL = 21, 15, 12.5       # pixels of a circle without a value, of a symbol, of a value
BOX = 0.75                               # height of a box, in its width
ROUNDEST = 60                            # pixels of a circle whose symbol is a long word; a longer one is written smaller
MOST_LABELLED = 5                        # units in the smaller of two layers, beyond which no weight is written
MOST_VALUED = 8                          # units in one layer, beyond which the values are left to the text: they would be too small
STEEPEST = 1.1                           # slope of the steepest edge
WIDEST = 900                             # pixels across, beyond which the labels of weights could not be read on paper

_LABEL = re.compile(r"(?P<base>[^\W\d_][\u0300-\u036f]?|[^\W\d_]{2,})(?P<below>[\u2080-\u208e\u2090-\u209c\u1d62-\u1d6a]+|_\w+)?"
                    r"(?P<above>[\u2070\u00b9\u00b2\u00b3\u2074-\u207e]+)?")
_BELOW, _ABOVE = ({small: letter for letter, small in table.items()} for table in (SUBSCRIPTS, SUPERSCRIPTS))


def described(found: Network) -> str:
    """The drawing in words, for who cannot see it."""
    columns = "; ".join(", ".join(f"{node.symbol} {node.value}".strip() for node in column if node.shape != PASSED)
                        for column in found.columns)
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
    if max(map(math.prod, pairwise(sizes)), default=0) > 4 and any(edge.value for edge in found.edges):      # the names stand before
        labels = {edge: edge.value.removeprefix("= ") or edge.symbol for edge in found.edges}
    longest = max(map(_width, labels.values()), default=0) if max(pairs, default=0) <= MOST_LABELLED else 0
    if max(sizes, default=0) > MOST_VALUED:
        found = replace(found, columns=[[replace(node, value="") for node in column] for column in found.columns],
                        biases={id: replace(node, value="") for id, node in found.biases.items()})
    units = [node for column in found.columns for node in column]
    radius = max([RADIUS, *[math.hypot(0.44 * _width(node.value), 16) + 3 for node in units if node.value],
                  *[min(ROUNDEST, _word(node) / 2 + 4) for node in units]])
    below = 34 * bool(found.biases)
    edge_of_page = max([radius, *[_width(f"{node.symbol} {node.value}") / 2 + 8 for node in found.biases.values()]]) + 4
    most, narrow = max(pairs, default=0), max(100 + 2 * radius, 2 * edge_of_page + 20)
    pitch = max(2 * radius + 16 + below, 30 * (most + 1) if longest and most > 1 else 0)
    apart = max(map(_tallness, labels.values()), default=0)
    gaps = [_gap(one, other, longest, apart, radius, pitch, narrow) for one, other in pairwise(sizes)]
    if 2 * edge_of_page + sum(gaps) > WIDEST:
        longest, gaps = 0, [max(narrow, (WIDEST - 2 * edge_of_page) / len(gaps))] * len(gaps)
    width = 2 * edge_of_page + sum(gaps)
    height = pitch * (max(sizes, default=1) - 1) + 2 * radius + below + 8
    middle = 4 + radius + pitch * (max(sizes, default=1) - 1) / 2
    across = [edge_of_page + sum(gaps[:column]) for column in range(len(sizes))]
    at = {node.id: (across[column], middle + pitch * (row - (len(nodes) - 1) / 2))
          for column, nodes in enumerate(found.columns) for row, node in enumerate(nodes)}
    pieces = [_line(edge, found, at, labels[edge] if longest else "", share[edge], radius) for edge in found.edges]
    pieces += [_unit(node, at[node.id], found.biases.get(node.id), radius) for column in found.columns for node in column
               if node.shape != PASSED]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
            'font-family="\'New Computer Modern\', \'Latin Modern Roman\', \'Cambria Math\', Cambria, Georgia, serif" '
            f'fill="currentColor" stroke="none" text-anchor="middle">\n' + "\n".join(pieces) + "\n</svg>\n")


def _gap(one: int, other: int, longest: float, apart: float, radius: float, pitch: float, narrow: float) -> float:
    """Pixels between two columns of `one` and `other` units: where a label ends, the next edge is still `apart` from it."""
    least, slant = min(one, other), (one + other - 2) / 2 * pitch / STEEPEST
    if not longest:
        return max(narrow, slant)
    beyond = (longest / 2 + 1) * least / (1 / (least + 1) - apart / pitch) if least > 1 else 0
    return max(narrow, slant, longest + 2 * radius + 60, (radius + longest / 2 + 8) * (least + 1), beyond)


def _share(found: Network, edge: Edge) -> float:
    """How far along the edge its label stands."""
    column = {node.id: len(nodes) for nodes in found.columns for node in nodes}
    sources, targets = column[edge.source], column[edge.target]
    return 1 / (targets + 1) if targets <= sources else 1 - 1 / (sources + 1)


def _line(edge: Edge, found: Network, at: dict[str, tuple[float, float]], label: str, share: float, radius: float) -> str:
    """An edge from unit to unit, broken where its label stands, with the point of an arrow at its end; none at a place that it
    only passes."""
    start, end = at[edge.source], at[edge.target]
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    across, down = dx / length, dy / length

    def point(distance: float, aside: float = 0) -> str:
        return f"{_n(start[0] + across * distance - down * aside)} {_n(start[1] + down * distance + across * aside)}"

    def rim(id: str) -> float:
        tall = abs(down) / (BOX * radius) if found.nodes[id].shape != "circle" else 0
        reach = 1 / max(abs(across) / radius, tall) if tall else radius
        return reach if found.nodes[id].shape != PASSED else 0

    first, reach, room = rim(edge.source), rim(edge.target), _width(label) / 2 + 5 if label else 0
    tip = length - reach - 1 if reach else length
    stop = tip - 5 if reach else tip
    spans = [(first, length * share - room), (length * share + room, stop)] if label else [(first, stop)]
    path = " ".join(f"M{point(one)} L{point(other)}" for one, other in spans if other > one)
    text = ""
    if label:
        x, y = point(length * share).split()
        text = f'<g transform="translate({x} {y}) rotate({_n(math.degrees(math.atan2(dy, dx)))})">{_text(label, 0, 4, SMALL)}</g>'
    dashes = ' stroke-dasharray="4 3"' if edge.is_dashed else ""
    arrow = f'<path d="M{point(tip)} L{point(tip - 8, 3)} L{point(tip - 8, -3)} Z"/>' if reach else ""
    return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1"{dashes}/>{arrow}{text}'


def _unit(node: Node, at: tuple[float, float], bias: Node | None, radius: float) -> str:
    x, y = at
    tall = BOX * radius
    shape = (f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"' if node.shape == "circle" else
             f'<rect x="{_n(x - radius)}" y="{_n(y - tall)}" width="{_n(2 * radius)}" height="{_n(2 * tall)}" rx="{8 * (node.shape == "round")}"')
    pieces = [f'{shape} fill="none" stroke="currentColor" stroke-width="1.3"/>',
              _text(node.symbol, x, y + (-3 if node.value else 5), TEXT * min(1, (2 * radius - 6) / max(1, _word(node))))]
    if node.value:
        pieces.append(_text(node.value, x, y + 14, 0.88 * SMALL))
    below = y + (radius if node.shape == "circle" else tall)
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
    """About how many pixels a small label takes; what is below a symbol and above it take the same place."""
    match = _LABEL.match(label)
    small = max(len(match["below"] or ""), len(match["above"] or "")) if match else 0
    rest = label.replace((match["below"] or ""), "").replace((match["above"] or ""), "") if match else label
    return SMALL * (0.36 * small + 0.52 * (len(rest) - sum(map(bool, map(combining, rest)))))


def _tallness(label: str) -> float:
    """Pixels that must lie between the middle of a label and of the next one."""
    match = _LABEL.match(label)
    is_symbol = match and match.end() == len(label)
    return 17 if is_symbol and match["above"] else 14 if is_symbol and match["below"] else 11 if match else 9.5


def _word(node: Node) -> float:
    """About how many pixels the symbol in a circle takes."""
    return _width(node.symbol) * TEXT / SMALL


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

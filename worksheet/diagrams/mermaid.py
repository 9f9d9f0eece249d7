"""The mermaid text of a network: nodes, edges, and the columns they fall into. It draws nothing.

It reads `graph LR` as `diagrams/writer.py` writes it, and as people write it by hand: chains, `&`,
labels without quotes, circles and boxes. What else mermaid knows is refused by name, with the line
and the way to write it instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..errors import WorksheetError

MOST_DRAWN = 60  # units in one layer
MOST_EDGES = 5000
PASSED = "passed"  # the shape of a place in a column that an edge only passes
# signs that mermaid could read as its own in a label, and how they are written there
ESCAPES = str.maketrans(
    {
        "#": "#35;",
        '"': "#quot;",
        "<": "#lt;",
        ">": "#gt;",
        "&": "#amp;",
        "`": "#96;",
        "|": "#124;",
        "[": "#91;",
        "]": "#93;",
        "{": "#123;",
        "}": "#125;",
        "(": "#40;",
        ")": "#41;",
        "\\": "#92;",
        "\n": " ",
        "\r": " ",
    }
)

_ENTITY = re.compile(r"#(\d+|quot|lt|gt|amp);")
_ENTITIES = {"quot": '"', "lt": "<", "gt": ">", "amp": "&"}
_SHAPES = {"((": ("))", "circle"), "[": ("]", "box"), "(": (")", "round")}
_NODE = re.compile(
    r'\s*(?P<id>\w+)(?:(?P<open>\(\(|\[(?![\[(/\\])|\((?![\[(]))\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^"\[\](){}|]+?))\s*'
    r"(?P<close>\)\)|\]|\)))?\s*"
)
_LINK = re.compile(
    r'(?P<arrow>-->|-\.->)(?:\s*\|\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^"|]*?))\s*\|)?'
    r"|--\s*(?P<within>[^-|>\s.][^-|>]*?)\s*-->|-\.\s*(?P<dotted>[^-|>\s][^|>]*?)\s*\.->"
)
_KEYWORDS = frozenset(
    [
        "subgraph",
        "end",
        "classDef",
        "class",
        "style",
        "linkStyle",
        "direction",
        "click",
        "graph",
        "flowchart",
    ]
)  # no names of nodes
# what mermaid knows and a drawing of ours does not: how it begins, its name, what to write instead
REFUSED = tuple(
    (re.compile(pattern), name, hint)
    for pattern, name, hint in (
        (
            r"\s*(?:subgraph|end)\b",
            "a subgraph",
            "leave it out: the layers are found from the edges",
        ),
        (
            r"\s*(?:classDef|class|style|linkStyle)\b|.*:::",
            "a style",
            "leave it out: a drawing is black on white",
        ),
        (r"\s*direction\b", "a direction", "leave it out: a drawing runs from left to right"),
        (r"\s*click\b", "a link on a node", "leave it out: paper has none"),
        (
            r".*(?:==+>?|--[ox]|<--|---|~~~|-->>|-\.-(?!>)|--+>(?<!-->))",
            "this kind of link",
            "an edge is a --> b, or a -.-> b for a bias",
        ),
        (
            r".*(?:\{|\[\[|\[\(|\(\[|\(\(\(|\[/|\[\\|\w>|@\{)",
            "this shape",
            "a circle is a((x)), a box a[x] or a(x)",
        ),
    )
)
_IN_LABELS = (
    ("<br", "a line break in a label", "write one line"),
    ("$$", "a formula in a label", "write it in letters: w₁, ŷ"),
)


@dataclass(frozen=True)
class Node:
    """A unit (a circle, or a box by hand), or a bias. `symbol` and `value` are the two sides of its
    label."""

    id: str
    symbol: str
    value: str
    shape: str = "circle"


@dataclass(frozen=True)
class Edge:
    """A link between two nodes, by their ids; `symbol` and `value` are the two sides of its label.
    Dashed from a bias."""

    source: str
    target: str
    symbol: str
    value: str
    is_dashed: bool = False


@dataclass
class Network:
    """What a mermaid text says: nodes by id, edges, and the columns they fall into."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    columns: list[list[Node]] = field(default_factory=list)
    biases: dict[str, Node] = field(default_factory=dict)  # by the unit they belong to
    is_back: bool = (
        False  # from right to left: an edge leads to what stands left of it, and to its bias
    )


def network(mermaid: str, where: str = "mermaid", line: int = 1) -> Network:
    """The network of a mermaid text that begins on `line` of `where`. Raises WorksheetError with
    the line that is something else."""
    found, is_headed = Network(), False
    for number, text in enumerate(mermaid.splitlines(), start=line):
        place = f"{where}, line {number}"
        for statement in filter(
            str.strip, [""] if text.lstrip().startswith("%%") else _statements(text)
        ):
            if is_headed:
                _read(statement, found, place)
            elif re.fullmatch(r"(?:graph|flowchart) (?:LR|RL)", " ".join(statement.split())):
                is_headed, found.is_back = True, statement.split()[1] == "RL"
            else:
                raise WorksheetError(
                    f"only a mermaid 'graph LR' can be drawn, not '{statement.strip()[:40]}'",
                    place,
                    "write graph LR, or leave the diagram to a figure of your own",
                )
            if len(found.edges) > MOST_EDGES:
                raise WorksheetError(f"more than {MOST_EDGES} edges cannot be drawn", place)
    if not is_headed:
        raise WorksheetError("only a mermaid 'graph LR' can be drawn, and this is empty", where)
    if found.is_back:  # in columns as the same network forwards
        found.edges = [
            replace(edge, source=edge.target, target=edge.source) for edge in found.edges
        ]
    _arrange(found, where)
    return found


def _statements(text: str) -> list[str]:
    """The statements of a line: a semicolon ends one, unless it stands in a label or ends an
    entity."""
    return [match[0] for match in re.finditer(r'(?:"[^"]*"|#\w+;|[^;"]|")+', text)]


def _read(statement: str, found: Network, place: str) -> None:
    """One statement: a node, or groups of nodes with links between them."""
    sources, at = _group(statement, 0, found, place)
    while at < len(statement):
        link = _LINK.match(statement, at)
        if link is None:
            raise _refusal(statement, place)
        targets, at = _group(statement, link.end(), found, place)
        label = next(
            (link[name] for name in ("quoted", "bare", "within", "dotted") if link[name]), ""
        )
        is_dashed = link["arrow"] == "-.->" or bool(link["dotted"])
        found.edges += [
            Edge(source, target, *_sides(label, place), is_dashed)
            for source in sources
            for target in targets
        ]
        sources = targets


def _group(statement: str, at: int, found: Network, place: str) -> tuple[list[str], int]:
    """`a((x)) & b & c`: the ids, and where the next link begins. A node that has a label here gets
    it."""
    ids = []
    while (match := _NODE.match(statement, at)) and match["id"] not in _KEYWORDS:
        if match["open"]:
            closing, shape = _SHAPES[match["open"]]
            if match["close"] != closing:
                raise _refusal(statement, place)
            found.nodes[match["id"]] = Node(
                match["id"],
                *_sides(match["quoted"] if match["bare"] is None else match["bare"], place),
                shape,
            )
        found.nodes.setdefault(match["id"], Node(match["id"], match["id"], ""))
        ids.append(match["id"])
        at = match.end()
        if statement[at : at + 1] != "&":
            return ids, at
        at += 1
    raise _refusal(statement, place)


def _refusal(statement: str, place: str) -> WorksheetError:
    for pattern, name, hint in REFUSED:
        if pattern.match(statement):
            return WorksheetError(f"{name} cannot be drawn: {statement.strip()}", place, hint)
    return WorksheetError(
        f"cannot be drawn: {statement.strip()}",
        place,
        'a node is id((label)) or id["label"], an edge is a --> b or a -->|"label"| b',
    )


def _sides(label: str, place: str) -> tuple[str, str]:
    """`aₕ ≈ 0.62246` in its symbol and `≈ 0.62246`; the sign of a number is a minus."""
    for mark, name, hint in _IN_LABELS:
        if mark in label.lower():
            raise WorksheetError(f"{name} cannot be drawn: {label[:40]}", place, hint)
    text = "".join(
        filter(
            str.isprintable,
            _ENTITY.sub(
                lambda match: _ENTITIES.get(match[1]) or chr(min(int(match[1]), 0x10FFFF)), label
            ),
        )
    )
    symbol, sign, value = re.fullmatch(r"(.*?)(?: ([=≈]) (.*))?", text, re.DOTALL).groups()
    return symbol, f"{sign} {value.replace('-', '−')}" if sign else ""


def _arrange(found: Network, where: str) -> None:
    """Columns by the longest path from an input; a box with nothing but one dashed edge is the bias
    of its unit."""
    leaving: dict[str, list[Edge]] = {}
    for edge in found.edges:
        leaving.setdefault(edge.source, []).append(edge)
    reached = {edge.target for edge in found.edges}
    biases = {
        id
        for id, edges in leaving.items()
        if found.nodes[id].shape == "box" and len(edges) == 1 and edges[0].is_dashed
    } - reached
    found.biases = {leaving[id][0].target: node for id, node in found.nodes.items() if id in biases}
    found.edges = [edge for edge in found.edges if edge.source not in biases]
    depth = {id: 0 for id in found.nodes if id not in biases}
    for _ in range(len(depth) + 1):
        moved = [edge for edge in found.edges if depth[edge.target] <= depth[edge.source]]
        for edge in moved:
            depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
        if not moved:
            break
    else:
        raise WorksheetError("a network that goes in a circle cannot be drawn", where)
    for id in depth.keys() - reached:  # what nothing leads to stands right before its first use
        depth[id] = min((depth[edge.target] for edge in leaving.get(id, ())), default=1) - 1
    _pass_by(found, depth, where)
    found.columns = [
        [found.nodes[id] for id in depth if depth[id] == column]
        for column in range(max(depth.values(), default=-1) + 1)
    ]
    if any(len(column) > MOST_DRAWN for column in found.columns):
        raise WorksheetError(f"a layer of more than {MOST_DRAWN} units cannot be drawn", where)


def _pass_by(found: Network, depth: dict[str, int], where: str) -> None:
    """An edge over more than one column goes through a place that is kept free for it in each
    column between."""
    if sum(depth[edge.target] - depth[edge.source] for edge in found.edges) > MOST_EDGES:
        raise WorksheetError(
            f"edges over more than {MOST_EDGES} columns together cannot be drawn", where
        )
    edges = []
    for edge in found.edges:
        stops = [edge.source]
        for column in range(depth[edge.source] + 1, depth[edge.target]):
            place = Node(f"{edge.source}~{edge.target}~{column}", "", "", PASSED)
            found.nodes[place.id], depth[place.id] = place, column
            stops.append(place.id)
        *passing, last = pairwise([*stops, edge.target])
        edges += [
            *[Edge(*ends, "", "", edge.is_dashed) for ends in passing],
            Edge(*last, edge.symbol, edge.value, edge.is_dashed),
        ]
    found.edges = edges

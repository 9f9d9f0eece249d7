"""A network as mermaid text: its structure, the same with the numbers of a forward pass, and the
gradients of a backward pass.

Node ids are `n<layer>_<place>` and never an author's name, because mermaid reads some words (`end`)
and some letters after a link (`o`, `x`) as its own syntax. Labels are quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..numbers.numerals import plain_numeral
from ..problem import Layer
from ..tex.unicode import plain_symbol
from ..trace.backward import partial_name
from .mermaid import ESCAPES

if TYPE_CHECKING:
    from ..families.network.problem import NetworkProblem

BACK = "graph RL"  # the first line of a backward pass
MOST_EDGE_LABELS = 25  # beyond that the labels lie on top of each other

Symbols = Callable[[str], str]
Shown = Mapping[str, tuple[str, bool]]  # name -> the text printed for it, and whether it is exact


@dataclass(frozen=True, slots=True)
class Node:
    """A circle for an input or a unit, a box for a bias. `name` is the quantity it carries."""

    id: str
    name: str
    is_bias: bool = False

    def draw(self, label: str) -> str:
        """The node as mermaid text with this label."""
        left, right = ("[", "]") if self.is_bias else ("((", "))")
        return f'{self.id}{left}"{label}"{right}'


@dataclass(frozen=True, slots=True)
class Edge:
    """A weight from a node to a unit; a bias is the parameter on the edge from its own node."""

    source: Node
    target: Node
    parameter: str


def structure(problem: NetworkProblem, symbols: Symbols = plain_symbol) -> str:
    """Inputs, units and biases with their symbols, and an edge for every weight; no number."""
    return with_values(problem, {}, symbols)


def with_values(problem: NetworkProblem, shown: Shown, symbols: Symbols = plain_symbol) -> str:
    """The structure with `x = 1.0` and `aₕ ≈ 0.62246` in the nodes and `wₕ = 0.5` on the edges.

    A name that `shown` lacks stands as a symbol alone. Above MOST_EDGE_LABELS edges the weights are
    left to the text.
    """
    labelled = (
        len([edge for edge in _edges(problem) if not edge.source.is_bias]) <= MOST_EDGE_LABELS
    )
    return _draw(
        problem,
        lambda node: _label(node.name, shown, symbols),
        lambda edge: (
            _label(edge.parameter, shown, symbols) if labelled and not edge.source.is_bias else ""
        ),
    )


def with_gradients(problem: NetworkProblem, shown: Shown, symbols: Symbols = plain_symbol) -> str:
    """The backward pass through the structure, from right to left: the loss, in each unit the
    gradient of the loss with respect to its pre-activation, on each edge that of its weight, at
    each bias that of the bias. What `shown` has no gradient of is a symbol alone, and a bias is
    left out."""
    by, end = partial(partial_name, problem.loss_name), Node("loss", problem.loss_name)
    errors = {
        unit.a: next((name for name in (by(unit.z), by(unit.a)) if name in shown), unit.a)
        for layer in problem.network.layers
        for unit in layer.units
    }
    layers = [
        [node for node in nodes if not node.is_bias or by(node.name) in shown]
        for nodes in _layers(problem)
    ]
    ways = [Edge(node, end, node.name) for node in layers[-1] if not node.is_bias] + [
        edge for edge in _edges(problem) if not edge.source.is_bias or by(edge.parameter) in shown
    ]
    is_labelled = sum(not edge.source.is_bias for edge in ways) <= MOST_EDGE_LABELS
    lines = [BACK, f"  {end.draw(_label(end.name, shown, symbols))}"]
    lines += [
        f"  {node.draw(_label(by(node.name) if node.is_bias else errors.get(node.name, node.name), shown, symbols))}"
        for nodes in reversed(layers)
        for node in nodes
    ]
    for edge in ways:
        gradient = by(edge.parameter)
        is_told = (
            is_labelled
            and not edge.source.is_bias
            and gradient in shown
            and gradient != errors.get(edge.source.name)
        )
        label = f'|"{_label(gradient, shown, symbols)}"| ' if is_told else " "
        lines.append(
            f"  {edge.target.id} {'-.->' if edge.source.is_bias else '-->'}{label}{edge.source.id}"
        )
    return "\n".join(lines) + "\n"


def graph(
    givens: list[str],
    uses: Mapping[str, tuple[str, ...]],
    shown: Shown,
    symbols: Symbols = plain_symbol,
) -> str:
    """A graph of formulas: a circle for each given and each formula, an arrow from each operand;
    values as in `with_values`."""
    nodes = {name: Node(f"n{place}", name) for place, name in enumerate([*givens, *uses])}
    lines = [
        "graph LR",
        *[f"  {node.draw(_label(node.name, shown, symbols))}" for node in nodes.values()],
    ]
    lines += [
        f"  {nodes[operand].id} --> {nodes[name].id}"
        for name, operands in uses.items()
        for operand in operands
    ]
    return "\n".join(lines) + "\n"


def _label(name: str, shown: Shown, symbols: Symbols) -> str:
    if name not in shown:
        return _escaped(symbols(name))
    text, is_exact = shown[name]
    return _escaped(f"{symbols(name)} {'=' if is_exact else '≈'} {plain_numeral(text)}")


def _draw(
    problem: NetworkProblem, node_label: Callable[[Node], str], edge_label: Callable[[Edge], str]
) -> str:
    lines = ["graph LR"]
    for nodes in _layers(problem):
        lines += [f"  {node.draw(node_label(node))}" for node in nodes]
    for edge in _edges(problem):
        label = edge_label(edge)
        lines.append(
            f"  {edge.source.id} {'-.->' if edge.source.is_bias else '-->'}"
            + (f'|"{label}"| ' if label else " ")
            + edge.target.id
        )
    return "\n".join(lines) + "\n"


def _layers(problem: NetworkProblem) -> list[list[Node]]:
    """The inputs, then for every layer its units followed by its biases."""
    layers = [[Node(f"n0_{place}", name) for place, name in enumerate(problem.network.inputs, 1)]]
    for depth, layer in enumerate(problem.network.layers, 1):
        layers.append(
            [Node(f"n{depth}_{place}", unit.a) for place, unit in enumerate(layer.units, 1)]
            + [Node(f"b{depth}_{place}", name, True) for place, name in _biases(layer)]
        )
    return layers


def _biases(layer: Layer) -> Iterator[tuple[int, str]]:
    return ((place, name) for place, unit in enumerate(layer.units, 1) for name in unit.bias)


def _edges(problem: NetworkProblem) -> Iterator[Edge]:
    """Every weight and every bias exactly once, unit by unit."""
    layers = _layers(problem)
    for layer, sources, nodes in zip(problem.network.layers, layers, layers[1:]):
        biases = {node.id[1:]: node for node in nodes if node.is_bias}
        for unit, node in zip(layer.units, nodes):
            for source, weight in zip([node for node in sources if not node.is_bias], unit.weights):
                yield Edge(source, node, weight)
            for bias in unit.bias:
                yield Edge(biases[node.id[1:]], node, bias)


def _escaped(label: str) -> str:
    """`label` with every character that mermaid could read as its own written as an entity."""
    return label.translate(ESCAPES)

"""The names beside the numbers of a grid, held against the problem: each row, each input and each
column of gradients has its own, where it stands on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..judge.failure import Failure
from ..pages.render import page_of
from ..trace.trace import Trace
from .page import BACKWARD, matrices_of

APART = 0.05  # millimetres, as in grid_proof
BESIDE, ABOVE = 3.0, 4.0  # millimetres from a cell to its name, at most


def heading_failures(trace: Trace, filled: dict[str, Any]) -> Iterator[Failure]:
    """What the head of a grid and the names of its rows and columns say that the problem does not."""
    problem, symbols = trace.problem, page_of(trace).symbols
    network = matrices_of(problem)
    said = {
        "title": problem.title,
        "course": problem.course,
        "inputs": len(network.inputs),
        "rate": problem.learning_rate.text,
        "epochs": problem.epochs,
        "layers": [
            {"units": len(layer.units), "activation": layer.activation} for layer in network.layers
        ],
    }
    yield from (
        Failure(
            "grid",
            "head",
            str(filled.get(key)),
            str(value),
            f"the head says {filled.get(key)} of {key}",
        )
        for key, value in said.items()
        if filled.get(key) != value
    )
    inputs = [list(network.inputs), *[[unit.a for unit in layer.units] for layer in network.layers]]
    for page in filled["pages"]:
        names = [
            (sign["x"], sign["y"], sign["side"], sign["formulas"][0]["tex"])
            for sign in page["signs"]
            if not sign["words"] and len(sign["formulas"]) == 1 and not sign["step"]
        ]
        for cell in page["cells"]:
            passing, layer, part, row, column = cell["place"]
            middle, level = cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2
            beside = [
                tex
                for x, y, side, tex in names
                if side == 1 and abs(y - level) < APART and 0 < cell["x"] - x < BESIDE
            ]
            above = [
                tex
                for x, y, side, tex in names
                if side == 0 and abs(x - middle) < APART and 0 < cell["y"] - y < ABOVE
            ]
            wanted = []
            if part == "weight" and column == 0:
                wanted.append((beside, symbols(network.layers[layer - 1].units[row].a)))
            if part == "input" and cell["event"] is not None:
                wanted.append((above, symbols(inputs[layer - 1][column])))
            if part == "weight" and row == 0 and passing == BACKWARD:
                wanted.append((above, rf"\times {symbols(inputs[layer - 1][column])}"))
            yield from (
                Failure(
                    "grid",
                    f"{passing}, layer {layer}",
                    " ".join(found),
                    name,
                    f"beside {cell['of']} there ought to stand {name}",
                )
                for found, name in wanted
                if found != [name]
            )

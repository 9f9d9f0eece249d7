"""A grid as text: one JSON document with everything that stands on its pages, in the order in which it is read.

    {"title": ..., "pages": [{"bands": [...], "cells": [{"x": 8, "y": 20.9, "text": "0.05", ...}], "signs": [...], "arrows": [...]}]}

The page set-up (`templates/typst/grid.typ`) draws it as it stands, in millimetres; formulas are in Typst's notation, with their TeX as
alternative text. A cell names its place, its quantity and the event of the trace that it shows. The sheet is the key without the texts of
its open cells: nothing else differs.
"""

from __future__ import annotations

import json
from typing import Any

from .page import cells, insist, open_events
from .places import Box, Places
from .signs import Arrow, Names, Sign, Signs, heads
from ..pages.render import page_of
from ..trace.trace import Trace
from ..tex.to_typst import typst

LAYOUT = "grid"
THICK = ("loss",)      # parts with a frame of their own


def grid_texts(trace: Trace, paper: str = "a4", code: str = "") -> tuple[str, str]:
    """The sheet and its key. Raises WorksheetError for a network that has no room, with the limit."""
    problem = trace.problem
    insist(problem)
    names = Names(page_of(trace))
    epochs = [cells(trace, epoch) for epoch in range(1, problem.epochs + 1)]
    every, opened = [cell for page in epochs for cell in page], open_events(trace, tuple(epochs))
    places = Places(problem, every, paper, **heads(names))
    pages: list[dict[str, Any]] = []
    for epoch, found in enumerate(epochs, start=1):
        placed = places.boxes(found)
        signs = Signs(trace, names, places, placed, epoch).found
        count = 1 + max(box.page for box in placed)
        pages += [{"epoch": epoch,
                   "bands": [{"y": band.y, "passing": band.passing, "layer": band.layers[0] if places.is_stacked else 0} for band in places.measures.bands if band.page == page],
                   "frames": frames(placed, page), "cells": [cell_facts(box, opened) for box in placed if box.page == page],
                   "arrows": [each.points for each in signs if isinstance(each, Arrow) and each.page == page],
                   "signs": [sign_facts(each) for each in signs if isinstance(each, Sign) and each.page == page]} for page in range(count)]
    layers, rate = problem.network.layers, names.symbols(problem.notation.learning_rate)
    facts = {"title": problem.title, "paper": paper, "code": code, "course": problem.course, "size": places.measures.size,
             "inputs": len(problem.network.inputs), "layers": [{"units": len(layer.units), "activation": layer.activation} for layer in layers],
             "rate": problem.learning_rate.text, "rate-symbol": formula_facts(rate), "epochs": problem.epochs, "is-matrix": names.page.is_matrix}
    texts = [json.dumps(facts | {"is-key": is_key, "pages": pages if is_key else [bare(page) for page in pages]}, ensure_ascii=False, indent=1) for is_key in (False, True)]
    return texts[0], texts[1]


def cell_facts(box: Box, opened: frozenset[int]) -> dict[str, Any]:
    cell = box.cell
    look = "slope" if cell.part == "slope" else "given" if cell.is_given else "result" if cell.part in THICK else "found"
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "look": look, "text": cell.text, "is-open": cell.event in opened,
            "place": [cell.passing, cell.layer, cell.part, cell.row, cell.column], "of": cell.name, "event": cell.event}


def bare(page: dict[str, Any]) -> dict[str, Any]:
    """A page without the numbers of its open cells."""
    return page | {"cells": [cell | {"text": ""} if cell["is-open"] else cell for cell in page["cells"]]}


def frames(placed: list[Box], page: int) -> list[dict[str, float]]:
    """The frame around the weights and biases of each layer in each pass, as wide as what stands in it."""
    groups: dict[tuple[str, int], list[Box]] = {}
    for box in placed:
        if box.page == page and box.cell.part in ("weight", "bias"):
            groups.setdefault((box.cell.passing, box.cell.layer), []).append(box)
    return [{"x": (x := min(box.x for box in group)), "y": (y := min(box.y for box in group)), "width": round(max(box.right for box in group) - x, 2),
             "height": round(max(box.bottom for box in group) - y, 2)} for group in groups.values()]


def sign_facts(sign: Sign) -> dict[str, Any]:
    return {"x": sign.x, "y": sign.y, "words": sign.words, "formulas": [formula_facts(each) for each in sign.formulas], "step": sign.step, "side": sign.side, "size": sign.size}


def formula_facts(tex: str) -> dict[str, str]:
    """A formula in Typst's notation, and its TeX."""
    return {"typst": typst(tex), "tex": " ".join(tex.split())}

"""A grid as text: one JSON document with everything that stands on its pages, in the order in which
it is read.

    {"title": ..., "pages": [{"bands": [...], "cells": [{"x": 8, "y": 20.9, "text": "0.05", ...}], "signs": [...], "arrows": [...]}]}

The page set-up (`templates/typst/grid.typ`) draws it as it stands, in millimetres; formulas are in
Typst's notation, with their TeX as alternative text. A cell names its place, its quantity and the
event of the trace that it shows. The sheet is the key without the texts of its open cells: nothing
else differs.

A worksheet in cells is such a document. Among the tasks of a sheet it stands in a fence, with the
first passes alone:

    ```grid
    {"title": ..., "pages": [...]}
    ```
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from ..errors import WorksheetError
from ..pages.render import page_of
from ..tex.to_typst import typst
from ..trace.trace import Trace
from .page import Cell, cells, insist, matrices_of, open_events
from .places import OF_TASK, Box, Places
from .signs import Arrow, Names, Sign, Signs, heads

LAYOUT = "grid"
FENCE = re.compile(rf"^```{LAYOUT}\n(.*?)^```", re.DOTALL | re.MULTILINE)
THICK = ("loss",)  # parts with a frame of their own
LISTS = ("cells", "signs", "arrows", "frames", "bands")  # of a page, an entry a line
Facts = dict[str, Any]


def grid_texts(trace: Trace, paper: str = "a4", code: str = "") -> tuple[str, str]:
    """The sheet and its key. Raises WorksheetError for a network that has no room, with the limit."""
    epochs = tuple(cells(trace, epoch) for epoch in range(1, trace.problem.epochs + 1))
    data = grid_data(trace, epochs, open_events(trace, epochs), paper, code)
    return written(bare(data)), written(data)


def to_fill_in(
    trace: Trace, passes: Sequence[str], opened: Collection[int], is_filled: bool
) -> str:
    """The grid of a task: some passes of the first epoch; the cells of the events that are `opened`
    empty, or filled."""
    epochs, (either, wide) = (cells(trace, 1),), OF_TASK
    try:
        data = grid_data(trace, epochs, opened, either)
    except WorksheetError:
        data = grid_data(trace, epochs, opened, wide)
    pages = [
        page
        | {
            "bands": [band for band in page["bands"] if band["passing"] in passes],
            **{
                name: [each for each in page[name] if each["passing"] in passes]
                for name in ("cells", "signs", "arrows", "frames")
            },
        }
        for page in data["pages"]
    ]
    data["pages"] = [page for page in pages if page["cells"]]
    return written(data if is_filled else bare(data))


def cells_in(text: str) -> list[Facts]:
    """The cells of a document; none where it cannot be read, which its proof refuses."""
    try:
        return [cell for page in json.loads(text)["pages"] for cell in page["cells"]]
    except (ValueError, LookupError, TypeError):
        return []


def grid_data(
    trace: Trace,
    epochs: Sequence[tuple[Cell, ...]],
    opened: Collection[int],
    paper: str = "a4",
    code: str = "",
) -> Facts:
    """The whole document, filled in. `epochs`: the cells of each epoch from the first on; `opened`:
    the events that a sheet leaves empty."""
    problem = trace.problem
    insist(problem)
    names = Names(page_of(trace))
    places = Places(problem, [cell for page in epochs for cell in page], paper, **heads(names))
    pages: list[Facts] = []
    for epoch, found in enumerate(epochs, start=1):
        placed = places.boxes(found)
        signs = Signs(trace, names, places, placed, epoch).found
        count = 1 + max(box.page for box in placed)
        pages += [
            {
                "epoch": epoch,
                "bands": [
                    {
                        "y": band.y,
                        "passing": band.passing,
                        "layer": band.layers[0] if places.is_stacked else 0,
                    }
                    for band in places.measures.bands
                    if band.page == page
                ],
                "frames": frames(placed, page),
                "cells": [cell_facts(box, opened) for box in placed if box.page == page],
                "arrows": [
                    {"passing": each.passing, "points": each.points}
                    for each in signs
                    if isinstance(each, Arrow) and each.page == page
                ],
                "signs": [
                    sign_facts(each)
                    for each in signs
                    if isinstance(each, Sign) and each.page == page
                ],
            }
            for page in range(count)
        ]
    layers, rate = matrices_of(problem).layers, names.symbols(problem.notation.learning_rate)
    return {
        "title": problem.title,
        "paper": paper,
        "code": code,
        "course": problem.course,
        "width": places.room,
        "size": places.measures.size,
        "is-key": True,
        "inputs": len(matrices_of(problem).inputs),
        "layers": [{"units": len(layer.units), "activation": layer.activation} for layer in layers],
        "rate": problem.learning_rate.text,
        "rate-symbol": formula_facts(rate),
        "epochs": problem.epochs,
        "is-matrix": names.page.is_matrix,
        "pages": pages,
    }


def written(data: Facts) -> str:
    """The JSON of a document, an entry of each list of a page on a line of its own."""

    def page(facts: Facts) -> str:
        lists = [
            f'"{name}": [\n'
            + ",\n".join(json.dumps(each, ensure_ascii=False) for each in facts[name])
            + "]"
            for name in LISTS
        ]
        return "{" + ",\n".join([f'"epoch": {facts["epoch"]}', *lists]) + "}"

    head = json.dumps(
        {name: value for name, value in data.items() if name != "pages"}, ensure_ascii=False
    )
    return head[:-1] + ',\n"pages": [\n' + ",\n".join(map(page, data["pages"])) + "]}"


def cell_facts(box: Box, opened: Collection[int]) -> Facts:
    """A cell as the page set-up draws it, in millimetres; open is what a student fills in."""
    cell = box.cell
    look = (
        "slope"
        if cell.part == "slope"
        else "given"
        if cell.is_given
        else "result"
        if cell.part in THICK
        else "found"
    )
    return {
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "look": look,
        "text": cell.text,
        "is-open": cell.event in opened and not cell.is_given,
        "passing": cell.passing,
        "place": [cell.passing, cell.layer, cell.part, cell.row, cell.column],
        "of": cell.name,
        "event": cell.event,
    }


def bare(data: Facts) -> Facts:
    """The document without the numbers of its open cells."""
    pages = [
        page
        | {"cells": [cell | {"text": ""} if cell["is-open"] else cell for cell in page["cells"]]}
        for page in data["pages"]
    ]
    return data | {"is-key": False, "pages": pages}


def frames(placed: list[Box], page: int) -> list[Facts]:
    """The frame around the weights and biases of each layer in each pass, as wide as what stands in
    it."""
    groups: dict[tuple[str, int], list[Box]] = {}
    for box in placed:
        if box.page == page and box.cell.part in ("weight", "bias"):
            groups.setdefault((box.cell.passing, box.cell.layer), []).append(box)
    return [
        {
            "passing": passing,
            "x": (x := min(box.x for box in group)),
            "y": (y := min(box.y for box in group)),
            "width": round(max(box.right for box in group) - x, 2),
            "height": round(max(box.bottom for box in group) - y, 2),
        }
        for (passing, _), group in groups.items()
    ]


def sign_facts(sign: Sign) -> Facts:
    """A sign as the page set-up draws it, in millimetres, its formulas in Typst's notation."""
    return {
        "passing": sign.passing,
        "x": sign.x,
        "y": sign.y,
        "words": sign.words,
        "formulas": [formula_facts(each) for each in sign.formulas],
        "step": sign.step,
        "side": sign.side,
        "size": sign.size,
    }


def formula_facts(tex: str) -> dict[str, str]:
    """A formula in Typst's notation, and its TeX."""
    return {"typst": typst(tex), "tex": " ".join(tex.split())}

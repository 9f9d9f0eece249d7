"""Markdown -> a Jupyter notebook (nbformat 4.5): a cell for each section, its figures attached,
programs as cells that have been run.

A fence of Python becomes a cell of code; the fence of text behind it is what the cell printed.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..markdown.lines import PICTURE
from ..tex.words_of_pictures import in_words
from . import pandoc
from .html import TYPES, typeset
from .pages import Page

PROGRAM = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\s*It prints\n\s*```text\n(?P<printed>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
SECTION = re.compile(r"^(?=## )", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*?$", re.DOTALL | re.MULTILINE)
FIGURE = re.compile(r"(!\[.*?\])\((figures/[^()\s]+)\)")
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

Cell = dict[str, Any]


def notebooks(pages: list[Page]) -> list[bytes]:
    """The notebook of each page; what no browser is shown, HTML of a stranger's and figures from
    elsewhere, no notebook is shown either."""
    for page, blocks in zip(pages, pandoc.read([page.markdown for page in pages]), strict=True):
        deque(typeset(blocks, page, page.name), maxlen=0)
    return [notebook(page) for page in pages]


def notebook(page: Page) -> bytes:
    """One notebook; same page, same bytes."""
    cells = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells_of(page), start=1)]
    made = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def cells_of(page: Page) -> Iterator[Cell]:
    """The cells from top to bottom."""
    runs, at = 0, 0
    for program in PROGRAM.finditer(page.markdown):
        yield from prose(page.markdown[at : program.start()], page)
        runs, at = runs + 1, program.end()
        printed = program["printed"]
        outputs = (
            [{"output_type": "stream", "name": "stdout", "text": lines(printed)}] if printed else []
        )
        yield {
            "cell_type": "code",
            "metadata": {},
            "execution_count": runs if printed else None,
            "source": lines(program["code"].rstrip("\n")),
            "outputs": outputs,
        }
    yield from prose(page.markdown[at:], page)


def prose(markdown: str, page: Page) -> Iterator[Cell]:
    """A cell for each section of a part of a page: its words, formulas and figures."""
    fenced = [fence.span() for fence in FENCE.finditer(markdown)]
    cuts = [
        found.start()
        for found in SECTION.finditer(markdown)
        if not any(start < found.start() < end for start, end in fenced)
    ]
    for start, end in zip([0, *cuts], [*cuts, len(markdown)]):
        text = markdown[start:end].strip()
        if not text:
            continue
        attachments: dict[str, dict[str, str]] = {}

        def attached(
            figure: re.Match[str], attachments: dict[str, dict[str, str]] = attachments
        ) -> str:
            file = best(page.folder / figure[2])
            attachments[file.name] = {
                TYPES[file.suffix]: b64encode(file.read_bytes()).decode("ascii")
            }
            return f"{in_words(figure[1], page.words)}(attachment:{file.name})"

        text = "\n".join(
            FIGURE.sub(attached, line) if PICTURE.fullmatch(line) else line
            for line in text.split("\n")
        )
        yield {"cell_type": "markdown", "metadata": {}, "source": lines(text)} | (
            {"attachments": attachments} if attachments else {}
        )


def best(file: Path) -> Path:
    """A figure as every notebook shows it: in dots, where it is there in dots too."""
    dots = file.with_suffix(".png")
    return dots if dots.is_file() else file


def lines(text: str) -> list[str]:
    """A text as nbformat has it: lines, each with its end."""
    return text.splitlines(keepends=True)

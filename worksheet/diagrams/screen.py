"""A network as it is drawn for a slide: with as much beside its units and edges as the last row can
read.

On a slide the smallest letters of a drawing must be as large as the slide's smallest type. What
does not fit then is left out (`diagrams/drawing.py`); the slides say it in formulas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .drawing import SMALL, Room, described, drawn
from .mermaid import network

WIDTH, HEIGHT = 39.2, 16.6  # em of a slide's smallest type, into which a drawing must go

_SIZE = re.compile(r'<text [^>]*font-size="([\d.]+)"')
_PAGE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


@dataclass(frozen=True)
class Shown:
    """An SVG, its words, the size of its smallest letters in pixels, and its width and height in em
    of these."""

    svg: str
    alt: str
    least: float
    width: float
    height: float


@lru_cache(maxsize=64)
def shown_on_screen(mermaid: str, name: str = "", line: int = 0) -> Shown:
    """The drawing of a mermaid text; its words say all that is in it.

    Raises WorksheetError for what cannot be drawn."""
    found = network(mermaid, name, line)
    svg = drawn(found, Room(WIDTH * SMALL, HEIGHT * SMALL))
    least = min(map(float, _SIZE.findall(svg)), default=1.0)
    across, down = (float(size) / least for size in _PAGE.search(svg).groups())
    return Shown(svg, described(found), least, across, down)

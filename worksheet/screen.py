"""A network as it is drawn for a slide: with as much beside its units and edges as the last row can read.

A drawing of a page has letters of several sizes. On a slide the smallest of them must be as large as the slide's smallest type, so what
does not fit then is left out: first what stands on the edges and in the biases, which the slides say in formulas, then the biases
themselves, then the values in the units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from .drawing import described, drawn
from .mermaid import Network, network

WIDTH, HEIGHT = 39.2, 17.6      # em of a slide's smallest type, into which a drawing must go

_SIZE = re.compile(r'<text [^>]*font-size="([\d.]+)"')
_PAGE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


@dataclass(frozen=True)
class Shown:
    """An SVG, its words, the size of its smallest letters in pixels, and its width and height in em of these."""

    svg: str
    alt: str
    least: float
    width: float
    height: float


@lru_cache(maxsize=64)
def shown_on_screen(mermaid: str, name: str = "", line: int = 0) -> Shown:
    """The drawing of a mermaid text; its words say all that is in it. The last, plainest way where none fits.

    Raises WorksheetError for what cannot be drawn."""
    found = network(mermaid, name, line)
    for way in _ways(found):
        svg = drawn(way)
        least = min(map(float, _SIZE.findall(svg)), default=1.0)
        across, down = (float(size) / least for size in _PAGE.search(svg).groups())
        shown = Shown(svg, described(found), least, across, down)
        if across <= WIDTH and down <= HEIGHT:
            break
    return shown


def _ways(found: Network) -> Iterator[Network]:
    """The network with less and less written beside it."""
    yield found
    found = replace(found, edges=[replace(edge, symbol="", value="") for edge in found.edges])
    yield found
    yield (found := replace(found, biases={id: replace(bias, value="") for id, bias in found.biases.items()}))
    yield (found := replace(found, biases={}))
    yield replace(found, columns=[[replace(node, value="") for node in column] for column in found.columns])

r"""On a slide: the matrices of an update with their names below them, and in each of them the row
shaded of which an entry is worked below.

    <!-- worked: row 4; old, gradient, new -->   above   W \leftarrow W - \alpha G = [...] - 0.1 \cdot [...] = [...]

So a template says it. A chain that does not hold these matrices, all of one shape, is set as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ..tex.boxes import Aligned, Box, Matrix, Row

_MARK = re.compile(
    r"<!-- worked: row (?P<row>\d+); (?P<names>[\w, ]+) -->\s*\$\$(?P<tex>.*?)\$\$", re.DOTALL
)
_MATRIX = re.compile(r"\\begin\{bmatrix\}.*?\\end\{bmatrix\}", re.DOTALL)


@dataclass(frozen=True)
class Worked:
    """The row that is shaded, from 1, and the names of the matrices."""

    row: int
    names: tuple[str, ...]


def worked_in(markdown: str, tex: str) -> Worked | None:
    """What a deck says of one of its chains; None where it says nothing."""
    return _marks(markdown).get(_squeezed(tex))


def _squeezed(tex: str) -> str:
    return " ".join(tex.split())  # pandoc has its own indents


@lru_cache(maxsize=8)
def _marks(markdown: str) -> dict[str, Worked]:
    return {
        _squeezed(mark["tex"]): Worked(int(mark["row"]), tuple(mark["names"].split(", ")))
        for mark in _MARK.finditer(markdown)
    }


def with_names(row: Row, worked: Worked) -> Row:
    """The boxes of a chain with its matrices named and shaded."""
    found = list(_matrices(row))
    if (
        len(found) != len(worked.names)
        or len({(len(matrix.rows), len(matrix.rows[0])) for matrix in found}) > 1
    ):
        return row
    names = iter(worked.names)

    def named(box: Box) -> Box:
        if isinstance(box, Aligned):
            return Aligned(
                tuple(tuple(tuple(map(named, cell)) for cell in cells) for cells in box.rows)
            )
        return (
            replace(box, shaded=worked.row, label=next(names)) if isinstance(box, Matrix) else box
        )

    return tuple(map(named, row))


def _matrices(row: Row) -> Iterator[Matrix]:
    for box in row:
        if isinstance(box, Aligned):
            yield from (
                matrix for cells in box.rows for cell in cells for matrix in _matrices(cell)
            )
        elif isinstance(box, Matrix):
            yield box


def under(tex: str, worked: Worked) -> str:
    """The TeX of a chain with the name of each matrix below it."""
    if len(_MATRIX.findall(tex)) != len(worked.names):
        return tex
    names = iter(worked.names)
    return _MATRIX.sub(lambda matrix: rf"\underset{{\text{{{next(names)}}}}}{{{matrix[0]}}}", tex)

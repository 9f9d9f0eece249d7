"""The strokes of a PDF's page, in millimetres from its top left corner, and the sizes of its type."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

MM = 72 / 25.4


class Stroke(NamedTuple):
    """A straight line."""

    left: float
    top: float
    right: float
    bottom: float
    width: float

    @property
    def is_level(self) -> bool:
        return self.bottom - self.top < 0.01

    @property
    def is_upright(self) -> bool:
        return self.right - self.left < 0.01


def strokes(pdf: Path, page: int) -> list[Stroke]:
    """Every straight line of a page that is stroked (not filled)."""
    import pikepdf

    found, stack, matrix, width, path = [], [], (1, 0, 0, 1, 0, 0), 1.0, []
    with pikepdf.open(pdf) as document:
        sheet = document.pages[page]
        high = float(sheet.mediabox[3])
        for operands, operator in pikepdf.parse_content_stream(sheet):
            values = (
                [float(each) for each in operands] if str(operator) in ("cm", "m", "l", "w") else []
            )
            match str(operator):
                case "q":
                    stack.append((matrix, width))
                case "Q":
                    matrix, width = stack.pop()
                case "cm":
                    matrix = _times(values, matrix)
                case "w":
                    [width] = values
                case "m" | "l":
                    x, y = values
                    a, b, c, d, e, f = matrix
                    at = ((a * x + c * y + e) / MM, (high - (b * x + d * y + f)) / MM)
                    path = [*path, [at]] if str(operator) == "m" else [*path[:-1], [*path[-1], at]]
                case "S":
                    for run in path:
                        found += [
                            Stroke(*map(min, one, two), *map(max, one, two), width)
                            for one, two in zip(run, run[1:])
                        ]
                    path = []
                case "f" | "f*" | "n":
                    path = []
    return found


def sizes(pdf: Path, page: int) -> Counter[float]:
    """How many signs of a page are set in which size, in points."""
    import pikepdf

    found, size = Counter(), 0.0
    with pikepdf.open(pdf) as document:
        for operands, operator in pikepdf.parse_content_stream(document.pages[page]):
            if str(operator) == "Tf":
                size = round(float(operands[1]), 2)
            elif str(operator) in ("Tj", "TJ"):
                pieces = operands[0] if str(operator) == "TJ" else operands
                found[size] += sum(
                    len(bytes(each)) // 2 for each in pieces if isinstance(each, pikepdf.String)
                )
    return found


def _times(one, two):
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )

"""The labels of a drawing by the boxes of their signs, as the font has them, and what is wrong with
where they stand."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
POINT = 0.75  # of a pixel
SMALLEST = 8  # points
TOUCH = 0.3  # pixels that boxes may share


class Sign(NamedTuple):
    """How wide a sign is and how high it stands above its line and below it, in em."""

    wide: float
    up: float
    down: float


class Label(NamedTuple):
    """The text of a label, the box of its signs, and the size of its letters (not of indices), in
    pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    is_beside: bool  # it is no symbol and no value in a unit

    def meets(self, other: Label) -> bool:
        return (
            self.left + TOUCH < other.right
            and other.left + TOUCH < self.right
            and self.top + TOUCH < other.bottom
            and other.top + TOUCH < self.bottom
        )


class Parts(NamedTuple):
    """Circles (x, y, r); labels; edges, each the strokes that are seen of it (x, y, x, y); the
    frame (left, top, right, bottom)."""

    circles: list[tuple[float, ...]]
    labels: list[Label]
    edges: list[list[tuple[float, ...]]]
    frame: tuple[float, ...]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


@cache
def _signs(letters: str) -> dict[str, tuple[Sign, Sign]]:
    """Each letter upright and in italics, as Typst measures it in the font of a drawing."""
    import typst

    with tempfile.TemporaryDirectory() as place:
        listed = ", ".join(json.dumps(letter, ensure_ascii=False) for letter in letters)
        Path(place, "signs.typ").write_text(
            '#set text(font: ("New Computer Modern", "New Computer Modern Math"), size: 100pt, top-edge: "bounds", bottom-edge: "bounds")\n'
            "#let of(it) = (measure(it).width.pt(), "
            'measure(text(bottom-edge: "baseline", it)).height.pt(), measure(text(top-edge: "baseline", it)).height.pt())\n'
            f"#context for each in ({listed},) [#metadata((each, of[#each], of(emph(each)))) <sign>]\n",
            encoding="utf-8",
        )
        found = json.loads(
            typst.query(Path(place, "signs.typ"), "<sign>", field="value", ignore_system_fonts=True)
        )
    return {
        letter: tuple(Sign(*(each / 100 for each in one)) for one in both)
        for letter, *both in found
    }


def signs_of(svgs: Iterable[str]) -> dict[str, tuple[Sign, Sign]]:
    return _signs(
        "".join(
            sorted(
                {
                    letter
                    for svg in svgs
                    for text in ElementTree.fromstring(svg).iter(f"{SVG}text")
                    for letter in "".join(text.itertext())
                }
            )
        )
    )


def parts(svg: str, signs: dict[str, tuple[Sign, Sign]] | None = None) -> Parts:
    root, signs = ElementTree.fromstring(svg), signs or signs_of([svg])
    beside = {
        text
        for group in root.iter(f"{SVG}g")
        if "label" in group.get("class", "")
        for text in group
    }
    circles = [
        tuple(float(each.get(key)) for key in ("cx", "cy", "r"))
        for each in root.iter(f"{SVG}circle")
    ]
    edges = [
        [tuple(numbers(stroke)) for stroke in each.get("d")[1:].split("M")]
        for each in root.iter(f"{SVG}path")
        if each.get("fill") == "none" and "L" in each.get("d")
    ]
    left, top, wide, high = numbers(root.get("viewBox"))
    return Parts(
        circles,
        [_label(each, signs, each in beside) for each in root.iter(f"{SVG}text")],
        edges,
        (left, top, left + wide, top + high),
    )


def _label(text, signs: dict[str, tuple[Sign, Sign]], is_beside: bool) -> Label:
    size, at, line, high, low = float(text.get("font-size")), 0.0, 0.0, 0.0, 0.0
    ends = [0.0]
    for span in text.iter(f"{SVG}tspan"):
        at, line = at + float(span.get("dx") or 0), line + float(span.get("dy") or 0)
        own = float(span.get("font-size") or size)
        for letter in span.text:
            sign = signs[letter][span.get("font-style") == "italic"]
            at += 0 if combining(letter) else own * sign.wide
            high, low = min(high, line - own * sign.up), max(low, line + own * sign.down)
        ends.append(at)
    x, y = float(text.get("x")), float(text.get("y"))
    begin = x - at / 2  # the middle of where the pen goes from and to
    return Label(
        "".join(text.itertext()), begin, y + high, begin + max(ends), y + low, size, is_beside
    )


def faults(svg: str, signs: dict[str, tuple[Sign, Sign]] | None = None) -> list[str]:
    """What no drawing may have: labels on each other, on a unit, on a line, outside the frame,
    turned, or too small to be read."""
    circles, labels, edges, (left, top, right, bottom) = parts(svg, signs)
    found = [
        f"{one.text} on {other.text}" for one, other in combinations(labels, 2) if one.meets(other)
    ]
    found += [
        f"{each.text} is {each.size * POINT:.1f} points high"
        for each in labels
        if each.size * POINT < SMALLEST
    ]
    found += [
        f"{each.text} outside"
        for each in labels
        if each.left < left or each.top < top or each.right > right or each.bottom > bottom
    ]
    found += [
        f"a unit outside at {x:.0f}, {y:.0f}"
        for x, y, r in circles
        if x - r < left or y - r < top or x + r > right or y + r > bottom
    ]
    found += ["something is turned"] * ("transform" in svg or "rotate" in svg)
    for label in labels:
        inside = [
            (x, y, r)
            for x, y, r in circles
            if math.hypot(
                max(label.left - x, x - label.right, 0), max(label.top - y, y - label.bottom, 0)
            )
            < r
        ]
        if label.is_beside:
            found += [f"{label.text} on a unit at {x:.0f}, {y:.0f}" for x, y, _ in inside]
            found += [
                f"a line through {label.text}"
                for edge in edges
                for stroke in edge
                if _goes_through(stroke, label)
            ]
        elif (
            circles
            and not any(
                all(
                    math.hypot(at[0] - x, at[1] - y) <= r
                    for at in (
                        (label.left, label.top),
                        (label.right, label.top),
                        (label.left, label.bottom),
                        (label.right, label.bottom),
                    )
                )
                for x, y, r in inside
            )
            and label.text != "⋮"
        ):
            found.append(f"{label.text} leaves its unit")
    return found


def _goes_through(stroke: tuple[float, ...], label: Label) -> bool:
    steps = max(2, int(math.dist(stroke[:2], stroke[2:])))
    return any(
        label.left + TOUCH < stroke[0] + (stroke[2] - stroke[0]) * k / steps < label.right - TOUCH
        and label.top + TOUCH
        < stroke[1] + (stroke[3] - stroke[1]) * k / steps
        < label.bottom - TOUCH
        for k in range(steps + 1)
    )

"""What a figure is by name: what draws it, and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .subject import Facts, Subject


@dataclass(frozen=True, slots=True)
class Kind:
    """What draws a figure, and its alternative text and caption, filled from the facts that this
    returns.

    `outputs` words are for a network with several outputs; empty where they would be the same.
    """

    draw: Callable[[Subject, object], Facts | None]
    alt: str
    caption: str
    alt_several: str = ""
    caption_several: str = ""
    projection: str | None = None  # of matplotlib's; "3d" for a surface
    moves: bool = (
        False  # beside its SVG stands one in which the steps of a path appear one after another
    )

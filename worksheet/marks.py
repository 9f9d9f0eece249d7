"""Marks on a figure: numbers, tangents, labels beside a point, a note where the curve leaves room."""

from __future__ import annotations

import numpy as np

SMALLEST = 8         # points: no letter of a figure is smaller, but for indices
GREY = "0.45"
LEVEL = "level"      # the id of the name of a level curve
END = "end"          # the label of the name of where a path ends
POINT = 5            # points: our point
BACKING = {"facecolor": "white", "edgecolor": "none", "pad": 1}
LEADER = {"arrowstyle": "-", "linewidth": 0.6, "color": GREY, "shrinkA": 0, "shrinkB": 4}


def number(text: str) -> str:
    """A number in mathtext; `1e-07` becomes a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{{{mantissa}}} \times 10^{{{int(exponent)}}}" if exponent else f"{{{mantissa}}}"


def tangent(ax, x: float, y: float, slope: float, low: float, high: float, reach: float = 0.3) -> None:
    """The tangent, for a share of what is seen from `low` to `high` to both sides."""
    ends = np.array([-reach, reach]) * (high - low)
    ax.plot(x + ends, y + slope * ends, color="black", linestyle="--", linewidth=1)


def label(ax, text: str, point: tuple[float, float], to: int, up: int, may_lead: bool = True) -> None:
    """Text beside a point: `to` -1 left or 1 right of it, `up` -1 below, 0 level, 1 above.

    Where the edge is too near, on that side, it goes higher and to the other side, and a thin line leads to it.
    """
    left, right = ax.get_xlim()
    across = ax.transData.transform(point)[0]
    edges = ax.transData.transform([(left, 0), (right, 0)])[:, 0]
    share = (across - edges[0]) / (edges[1] - edges[0])
    crowded = may_lead and up > 0 and (share > 0.74 if to > 0 else share < 0.26)
    place = {"xytext": (-4 * to, 24), "ha": "right" if to > 0 else "left", "arrowprops": LEADER} if crowded else {
        "xytext": (6 * to, 5 * up), "ha": "left" if to > 0 else "right"}
    ax.annotate(text, point, textcoords="offset points", va=("top", "center", "bottom")[up + 1], zorder=4,
                multialignment="left", linespacing=1.35, bbox=BACKING, **place)


def name_levels(ax, curves, levels) -> None:
    """The heights of some level curves, each on its curve."""
    for text in ax.clabel(curves, levels, fontsize=ax.xaxis.get_major_ticks(1)[0].label1.get_fontsize(), fmt="%.4g"):
        text.set_gid(LEVEL)


def clear(ax) -> None:
    """Once everything has its place: the name of an end goes to its other side where another label is; no height of a level curve stands on another label or half outside; the others keep theirs."""
    boxes = [text.get_window_extent() for text in ax.texts if text.get_gid() != LEVEL and text.get_label() != END and text.get_text()]
    for end in [text for text in ax.texts if text.get_label() == END]:
        if any(map(end.get_window_extent().overlaps, boxes)):
            aside, up = end.xyann
            end.xyann = aside, -up
            end.set_verticalalignment({"top": "bottom", "bottom": "top"}[end.get_verticalalignment()])
    names = [text for text in ax.texts if text.get_gid() == LEVEL]
    kept = [text.get_window_extent() for text in ax.texts if text.get_gid() != LEVEL and text.get_text()]
    for name in names:
        box = name.get_window_extent()
        name.set_visible(bool(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 and ax.bbox.y0 <= box.y0 and box.y1 <= ax.bbox.y1 and not any(map(box.overlaps, kept))))
        kept += [box] if name.get_visible() else []


def note(ax, text: str, x: np.ndarray, curve: np.ndarray) -> None:
    """A few lines at the place, along the top or the bottom, that the curve leaves most free."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    across, up = (x - left) / (right - left), (curve - bottom) / (top - bottom)

    def covered(place: tuple[float, float]) -> int:
        center, middle = 0.23 + 0.54 * place[0], 0.18 + 0.64 * place[1]
        return int(np.sum((abs(across - center) < 0.23) & (abs(up - middle) < 0.2)))

    place = min(((1.0, 1.0), (0.0, 1.0), (0.5, 1.0), (1.0, 0.0), (0.0, 0.0), (0.5, 0.0)), key=covered)
    ax.text(0.03 + 0.94 * place[0], 0.04 + 0.93 * place[1], text, transform=ax.transAxes, zorder=4, linespacing=1.5,
            ha={0.0: "left", 0.5: "center", 1.0: "right"}[place[0]], va="top" if place[1] else "bottom", bbox=BACKING)

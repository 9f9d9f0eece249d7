"""Marks on a figure: numbers, tangents, labels beside a point, a note where the curve leaves room."""

from __future__ import annotations

import numpy as np

GREY = "0.45"
BACKING = {"facecolor": "white", "edgecolor": "none", "pad": 1}
LEADER = {"arrowstyle": "-", "linewidth": 0.6, "color": GREY, "shrinkA": 0, "shrinkB": 4}


def number(text: str) -> str:
    """A number in mathtext; `1e-07` becomes a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{{{mantissa}}} \times 10^{{{int(exponent)}}}" if exponent else f"{{{mantissa}}}"


def tangent(ax, x: float, y: float, slope: float, low: float, high: float) -> None:
    ends = np.array([-0.3, 0.3]) * (high - low)
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
    place = {"xytext": (-4 * to, 30), "ha": "right" if to > 0 else "left", "arrowprops": LEADER} if crowded else {
        "xytext": (8 * to, 7 * up), "ha": "left" if to > 0 else "right"}
    ax.annotate(text, point, textcoords="offset points", va=("top", "center", "bottom")[up + 1], zorder=4,
                multialignment="left", bbox=BACKING, **place)


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

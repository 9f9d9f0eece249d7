"""Marks on a figure: numbers, tangents, labels beside a point, a note where the curve leaves room."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

SMALLEST = 8  # points: no letter of a figure is smaller, but for indices
GREY = "0.45"
LEVEL = "level"  # the id of the name of a level curve
NOTE = "note"  # of a few lines that are put where there is room
PLACES = tuple(
    (across, up) for up in (1.0, 0.0) for across in (1.0, 0.0, 0.5)
)  # of a note, in shares of the picture
MORE = 0.1  # of its height that a picture grows for a note
LABEL = "label"  # of a point, which may stand higher than its usual place
LIFTS = (24, 36, 48)  # points above its point at which it may stand then
END = "end"  # the label of the name of where a path ends
POINT = 5  # points: our point
BACKING = {"facecolor": "white", "edgecolor": "none", "pad": 1}
LEADER = {"arrowstyle": "-", "linewidth": 0.6, "color": GREY, "shrinkA": 0, "shrinkB": 4}


def number(text: str) -> str:
    """A number in mathtext; `1e-07` becomes a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{{{mantissa}}} \times 10^{{{int(exponent)}}}" if exponent else f"{{{mantissa}}}"


def tangent(
    ax, x: float, y: float, slope: float, low: float, high: float, reach: float = 0.3
) -> None:
    """The tangent, for a share of what is seen from `low` to `high` to both sides."""
    ends = np.array([-reach, reach]) * (high - low)
    ax.plot(x + ends, y + slope * ends, color="black", linestyle="--", linewidth=1)


def label(
    ax, text: str, point: tuple[float, float], to: int, up: int, may_lead: bool = True
) -> None:
    """Text beside a point: `to` -1 left or 1 right of it, `up` -1 below, 0 level, 1 above.

    Where the edge is too near on that side, or a line would be hidden, it goes higher and to the
    other side, and a thin line leads to it.
    """
    left, right = ax.get_xlim()
    across = ax.transData.transform(point)[0]
    edges = ax.transData.transform([(left, 0), (right, 0)])[:, 0]
    share = (across - edges[0]) / (edges[1] - edges[0])
    crowded = may_lead and up > 0 and (share > 0.74 if to > 0 else share < 0.26)
    label = ax.annotate(
        text,
        point,
        textcoords="offset points",
        va=("top", "center", "bottom")[up + 1],
        zorder=4,
        multialignment="left",
        linespacing=1.35,
        bbox=BACKING,
        xytext=(0, 0),
        **({"gid": LABEL, "arrowprops": LEADER} if may_lead and up > 0 else {}),
    )
    _stand(label, *(_lifted(to, LIFTS[0]) if crowded else (6 * to, 5 * up)))


def _stand(label, aside: float, up: float) -> None:
    """A label so many points beside its point; a line leads to one that is further up."""
    label.xyann = aside, up
    label.set_ha("left" if aside > 0 else "right")
    if label.arrow_patch:
        label.arrow_patch.set_visible(up >= LIFTS[0])


def _lifted(to: int, height: float) -> tuple[float, float]:
    """Where a label stands that would hide something, or leave the picture, on the side `to` of its
    point."""
    return -4 * to, height


def _free(ax, label, drawn: np.ndarray) -> None:
    """The label higher, on this side or the other, if it hides a line where it is and none there."""
    aside, up = label.xyann
    to = -1 if aside < 0 else 1
    others = [words_box(text) for text in ax.texts if text is not label and text.get_text()]
    ways = [(aside, up), *[_lifted(side, height) for height in LIFTS for side in (to, -to)]]
    for way in ways:
        _stand(label, *way)
        box = words_box(label)
        is_seen = (
            ax.bbox.x0 <= box.x0
            and box.x1 <= ax.bbox.x1
            and box.y1 <= ax.bbox.y1
            and not any(map(box.overlaps, others))
        )
        if not within(box, drawn) and (way == ways[0] or is_seen):
            break
    else:
        _stand(label, *ways[0])
    if not label.arrow_patch.get_visible():
        label.arrowprops = label.arrow_patch = None


def name_levels(ax, curves, levels) -> None:
    """The heights of some level curves, each on its curve."""
    for text in ax.clabel(
        curves, levels, fontsize=ax.xaxis.get_major_ticks(1)[0].label1.get_fontsize(), fmt="%.4g"
    ):
        text.set_gid(LEVEL)


def clear(ax) -> None:
    """Once everything has its place: a note and the label of a point go where they hide nothing;
    the name of an end goes to its other side where another label is; no height of a level curve
    stands on another label or half outside; the others keep theirs."""
    for text in [text for text in ax.texts if text.get_gid() == NOTE]:
        _find_place(ax, text)
    for text in [text for text in ax.texts if text.get_gid() == LABEL]:
        _free(ax, text, np.concatenate(list(lines_of(ax))))
    boxes = [
        words_box(text)
        for text in ax.texts
        if text.get_gid() != LEVEL and text.get_label() != END and text.get_text()
    ]
    for end in [text for text in ax.texts if text.get_label() == END]:
        if any(map(end.get_window_extent().overlaps, boxes)):
            aside, up = end.xyann
            end.xyann = aside, -up
            end.set_verticalalignment(
                {"top": "bottom", "bottom": "top"}[end.get_verticalalignment()]
            )
    names = [text for text in ax.texts if text.get_gid() == LEVEL]
    kept = [words_box(text) for text in ax.texts if text.get_gid() != LEVEL and text.get_text()]
    for name in names:
        box = name.get_window_extent()
        name.set_visible(
            bool(
                ax.bbox.x0 <= box.x0
                and box.x1 <= ax.bbox.x1
                and ax.bbox.y0 <= box.y0
                and box.y1 <= ax.bbox.y1
                and not any(map(box.overlaps, kept))
            )
        )
        kept += [box] if name.get_visible() else []


def note(ax, text: str) -> None:
    """A few lines along the top or the bottom, where `clear` finds them a place."""
    ax.text(0, 0, text, transform=ax.transAxes, zorder=4, linespacing=1.35, bbox=BACKING, gid=NOTE)


def _find_place(ax, text) -> None:
    """A note where it hides nothing; where there is no such place, with as much more room above the
    curve as it needs."""
    for height in range(1, 12):
        drawn = np.concatenate(list(lines_of(ax)))
        hidden = {place: _hidden(text, place, drawn) for place in PLACES}
        place = min(PLACES, key=hidden.get)
        if not hidden[place]:
            break
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top + (top - bottom) * MORE / (1 + MORE * (height - 1)))
    _hidden(text, place, drawn)


def _hidden(text, place: tuple[float, float], drawn: np.ndarray) -> int:
    """How many of the points that are drawn a text hides at a place."""
    text.set(
        x=0.03 + 0.94 * place[0],
        y=0.04 + 0.93 * place[1],
        ha={0.0: "left", 0.5: "center", 1.0: "right"}[place[0]],
        va="top" if place[1] else "bottom",
    )
    box = text.get_window_extent().padded(POINT * text.figure.dpi / 72)
    return within(box, drawn)


def words_box(text):
    """Where a text stands, without the line that leads to it."""
    whole = text.get_window_extent()
    return (
        super(type(text), text).get_window_extent() if getattr(text, "arrow_patch", None) else whole
    )


def within(box, drawn: np.ndarray) -> int:
    """How many points are within a box."""
    return int(
        np.sum(
            (box.x0 < drawn[:, 0])
            & (drawn[:, 0] < box.x1)
            & (box.y0 < drawn[:, 1])
            & (drawn[:, 1] < box.y1)
        )
    )


def lines_of(ax) -> Iterator[np.ndarray]:
    """Points close together on all arrows and black lines but for a target's, in pixels: (n, 2)
    each."""
    arrows = [
        np.array([each.xy, each.xyann])
        for each in ax.texts
        if getattr(each, "arrow_patch", None) and not each.get_text()
    ]
    for corners in [
        *[
            line.get_xydata()
            for line in ax.lines
            if line.get_color() != GREY and line.get_transform() == ax.transData
        ],
        *arrows,
    ]:
        pixels = ax.transData.transform(corners)
        places = np.arange(len(pixels))
        at = np.linspace(0, len(pixels) - 1, max(200, len(pixels)))
        yield np.column_stack([np.interp(at, places, pixels[:, side]) for side in (0, 1)])

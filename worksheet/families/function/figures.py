"""The figures of a function of one variable: its curve with the tangent, and the two changes beside
each other."""

from __future__ import annotations

import numpy as np

from ...figures.kind import Kind
from ...figures.marks import BACKING, GREY, POINT, label, number, tangent
from ...figures.subject import Facts, Subject
from .judge import curve

REACH = 2.0  # how far the curve is drawn to both sides of the point, at least
# a curve that takes this many times the room of its middle half is cut off, where the tangent ends
STEEP = 3.0
BESIDE = (
    0.012  # how far two arrows stand from the one place they are about, in shares of the picture
)


def tangent_figure(subject: Subject, ax) -> Facts | None:
    """The curve around the point, and the tangent."""
    problem, value, slope = subject.problem, subject.value("value"), subject.value("slope")
    x = float(problem.at.value)
    at = np.linspace(x - REACH, x + REACH, 601)
    heights = curve(problem, at)
    seen = np.isfinite(heights)
    if not seen.any():
        return None
    ax.set_xlim(x - REACH, x + REACH)
    middle = heights[seen & (np.abs(at - x) < REACH / 2)]
    usual = (
        max(4 * float(np.median(np.abs(middle - value))), 2 * abs(slope)) if len(middle) else 1.0
    )  # beside a pole
    room = (
        max(min(float(np.ptp(middle)), usual), 0.3 * abs(slope), 1e-6 + abs(value) * 1e-3)
        if len(middle)
        else 1.0
    )
    low, high = heights[seen].min(), heights[seen].max()
    if high - low > STEEP * room:
        room = max(room, REACH * abs(slope))
        low, high = max(low, value - room), min(high, value + room)
        low, high = min(low, value - REACH * abs(slope)), max(high, value + REACH * abs(slope))
    ax.set_ylim(low - 0.08 * (high - low or 1.0), high + 0.08 * (high - low or 1.0))
    ax.plot(at[seen], _without_jumps(heights[seen], *ax.get_ylim()), color="black", linewidth=1.3)
    tangent(ax, x, value, slope, *ax.get_xlim(), reach=0.5)
    ax.plot(x, value, "o", color="black", markersize=POINT, zorder=5)
    label(
        ax,
        rf"$({number(problem.at.text)},\, {number(subject.text('value'))})$"
        + "\n"
        + rf"slope ${number(subject.text('slope'))}$",
        (x, value),
        to=1 if slope <= 0 else -1,
        up=1,
    )
    _axes(subject, ax)
    return _facts(subject)


def _without_jumps(heights: np.ndarray, low: float, high: float) -> np.ndarray:
    """The heights, a gap where the curve leaves the picture on one side and is back on the other:
    no line runs down a pole."""
    beyond = (heights > high).astype(int) - (heights < low)
    found = np.clip(heights, low - (high - low), high + (high - low))
    found[:-1][beyond[:-1] * beyond[1:] < 0] = np.nan
    return found


def change_figure(subject: Subject, ax) -> Facts | None:
    """The curve from the point to its neighbour, the tangent, and how far each of them has come."""
    problem, value, slope = subject.problem, subject.value("value"), subject.value("slope")
    x, change = float(problem.at.value), float(problem.change.value)
    at = np.linspace(x - 0.35 * change, x + 1.6 * change, 401)
    heights = curve(problem, at)
    if not np.isfinite(heights).all():
        return None
    line, there = value + slope * (at - x), x + change
    rise, estimate = subject.value("moved_value") - value, slope * change
    ax.plot(at, heights, color="black", linewidth=1.3)
    ax.plot(at, line, color="black", linestyle="--", linewidth=1)
    ax.set_xlim(at[0], at[-1])
    everything = np.concatenate([heights, line])
    room = float(np.ptp(everything)) or 1.0
    up = (
        1 if rise + estimate >= 0 else -1
    )  # the step along the axis is written on the other side of the base line
    ax.set_ylim(
        everything.min() - (0.2 if up > 0 else 0.1) * room,
        everything.max() + (0.1 if up > 0 else 0.2) * room,
    )
    ax.annotate(
        "",
        (there, value),
        (x, value),
        arrowprops={
            "arrowstyle": "-|>",
            "color": GREY,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ax.annotate(
        rf"$\Delta {subject.tex(problem.variable)} = {number(problem.change.text)}$",
        ((x + there) / 2, value),
        (0, -4 * up),
        textcoords="offset points",
        ha="center",
        va="top" if up > 0 else "bottom",
    )
    for name, height, symbol, side, style in (
        ("estimate", estimate, problem.tangent, -1, (0, (3, 2))),
        ("rise", rise, problem.name, 1, "-"),
    ):
        place = there + side * BESIDE * (at[-1] - at[0])
        ax.annotate(
            "",
            (place, value + height),
            (place, value),
            arrowprops={
                "arrowstyle": "-|>",
                "color": "black",
                "linewidth": 1.1,
                "linestyle": style,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        ax.annotate(
            rf"$\Delta {symbol} = {number(subject.text(name))}$",
            (place, value + 0.3 * height),
            (5 * side, 9 * up * (abs(height) < 0.1 * room)),
            textcoords="offset points",
            ha="right" if side < 0 else "left",
            va="center",
            bbox=BACKING,
            zorder=4,
        )
    ax.plot(x, value, "o", color="black", markersize=POINT, zorder=5)
    ax.plot(
        there,
        subject.value("moved_value"),
        "o",
        markerfacecolor="white",
        markeredgecolor="black",
        markersize=POINT,
        zorder=5,
    )
    _axes(subject, ax)
    ax.locator_params(axis="x", nbins=6)  # their numbers are long
    return _facts(subject)


def _axes(subject: Subject, ax) -> None:
    x = subject.tex(subject.problem.variable)
    ax.set(xlabel=f"${x}$", ylabel=f"${subject.problem.name}({x})$")


def _facts(subject: Subject) -> Facts:
    problem, slope = subject.problem, subject.value("slope")
    subject.says("slope", "slope", int(slope > 0) - int(slope < 0))
    return {
        "f": problem.name,
        "x": problem.variable,
        "x_tex": subject.tex(problem.variable),
        "at": problem.at.text,
        "height": subject.text("value"),
        "slope": int(slope > 0) - int(slope < 0),
        "steepness": subject.text("slope"),
        "change": problem.change.text,
        "there": subject.text("moved", 1),
        "rise": subject.text("rise", 1),
        "estimate": subject.text("estimate", 1),
    }


KINDS = {
    "tangent": Kind(
        tangent_figure,
        "The curve of {f}({x}) around {x} = {at}. Our point is ({at}, {height}); the tangent there has the slope {steepness} and {slopes}.",
        "The curve of ${f}({x_tex})$, with our point and its tangent.",
    ),
    "small-change": Kind(
        change_figure,
        "The curve of {f}({x}) from {x} = {at} to {there}. The curve changes by {rise}, the tangent by {estimate}.",
        r"A small change $\Delta {x_tex}$: how far the curve has come (solid arrow) and how far its tangent (dashed).",
    ),
}

"""The figures of a function of one variable: its curve with the tangent, and the two changes beside each other."""

from __future__ import annotations

import numpy as np

from .figures import Facts, Subject
from .function_oracle import curve
from .marks import GREY, label, number, tangent

REACH = 2.0      # how far the curve is drawn to both sides of the point, at least
STEEP = 3.0      # a curve that leaves this many times the room of its middle half is cut off


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
    usual = max(4 * float(np.median(np.abs(middle - value))), 2 * abs(slope)) if len(middle) else 1.0      # beside a pole
    room = max(min(float(np.ptp(middle)), usual), 0.3 * abs(slope), 1e-6 + abs(value) * 1e-3) if len(middle) else 1.0
    low, high = max(heights[seen].min(), value - STEEP * room), min(heights[seen].max(), value + STEEP * room)
    ax.set_ylim(low - 0.08 * (high - low or 1.0), high + 0.08 * (high - low or 1.0))
    ax.plot(at[seen], _without_jumps(heights[seen], *ax.get_ylim()), color="black", linewidth=1.6)
    tangent(ax, x, value, slope, *ax.get_xlim())
    ax.plot(x, value, "o", color="black", markersize=7, zorder=5)
    label(ax, rf"$({number(problem.at.text)},\, {number(subject.text('value'))})$" + "\n" + rf"slope ${number(subject.text('slope'))}$",
          (x, value), to=1 if slope <= 0 else -1, up=1)
    _axes(subject, ax)
    return _facts(subject)


def _without_jumps(heights: np.ndarray, low: float, high: float) -> np.ndarray:
    """The heights, a gap where the curve leaves the picture on one side and is back on the other: no line runs down a pole."""
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
    ends = {"rise": (subject.value("moved_value"), rf"\Delta {problem.name}"),
            "estimate": (value + slope * change, rf"\Delta {problem.tangent}")}
    ax.plot(at, heights, color="black", linewidth=1.6)
    ax.plot(at, line, color="black", linestyle="--", linewidth=1)
    ax.set_xlim(at[0], at[-1])
    everything = np.concatenate([heights, line])
    room = 0.1 * (float(np.ptp(everything)) or 1.0)
    ax.set_ylim(everything.min() - room, everything.max() + room)
    ax.plot([x, there + 0.35 * change], [value, value], color=GREY, linewidth=0.8)
    for (name, (height, symbol)), place, style in zip(ends.items(), (0.0, 0.12), ("-", "--")):
        ax.annotate("", (there + place * change, height), (there + place * change, value),
                    arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1.2, "linestyle": style, "shrinkA": 0, "shrinkB": 0})
        label(ax, rf"${symbol} = {number(subject.text(name))}$", (there + place * change, (height + value) / 2), to=1 if place else -1, up=0,
              may_lead=False)
    ax.plot(x, value, "o", color="black", markersize=7, zorder=5)
    ax.plot(there, subject.value("moved_value"), "o", markerfacecolor="white", markeredgecolor="black", markersize=7, zorder=5)
    _axes(subject, ax)
    ax.locator_params(axis="x", nbins=6)      # their numbers are long
    return _facts(subject)


def _axes(subject: Subject, ax) -> None:
    x = subject.tex(subject.problem.variable)
    ax.set(xlabel=f"${x}$", ylabel=f"${subject.problem.name}({x})$")


def _facts(subject: Subject) -> Facts:
    problem, slope = subject.problem, subject.value("slope")
    subject.says("slope", "slope", int(slope > 0) - int(slope < 0))
    return {"f": problem.name, "x": problem.variable, "x_tex": subject.tex(problem.variable), "at": problem.at.text,
            "height": subject.text("value"), "slope": int(slope > 0) - int(slope < 0), "steepness": subject.text("slope"),
            "change": problem.change.text, "there": subject.text("moved", 1), "rise": subject.text("rise", 1),
            "estimate": subject.text("estimate", 1)}

"""The figure of a function of two variables: its level curves around the point, and the gradient
that crosses them."""

from __future__ import annotations

import numpy as np

from ...figures.kind import Kind
from ...figures.marks import GREY, label, name_levels, number
from ...figures.subject import Facts, Subject
from .judge import surface

REACH = 1.6  # how far the map goes to each side of the point, in lengths of the arrow
LEVELS = 9
GRID = 161


def contour_figure(subject: Subject, ax) -> Facts | None:
    """Level curves, the point, the gradient as an arrow, and, dashed, the small change; nothing
    without a point, without a slope, or with other than two variables."""
    problem = subject.problem
    if len(problem.variables) != 2 or not problem.at:
        return None
    (x, y), f = problem.variables, problem.name
    point = np.array([float(problem.at[name].value) for name in (x, y)])
    slope = np.array([subject.value(f"d{f}_d{name}") for name in (x, y)])
    steepness = float(np.hypot(*slope))
    if not 1e-9 < steepness < 1e9:
        return None
    arrow = slope / steepness * max(1.0, 0.4 * float(np.abs(point).max()))
    side = REACH * float(np.hypot(*arrow))
    across, up = (np.linspace(centre - side, centre + side, GRID) for centre in point)
    heights = surface(problem, dict(zip((x, y), np.meshgrid(across, up))))
    if not np.isfinite(heights).all():
        return None
    ax.set(aspect="equal", xlabel=f"${subject.tex(x)}$", ylabel=f"${subject.tex(y)}$")
    value, step = subject.value("value"), _round(float(np.ptp(heights)) / LEVELS)
    levels = value + step * np.arange(
        np.floor((heights.min() - value) / step), np.ceil((heights.max() - value) / step) + 1
    )
    curves = ax.contour(
        across,
        up,
        heights,
        levels=levels,
        colors=GREY,
        linestyles="solid",
        linewidths=np.where(levels == value, 1.6, 0.8),
    )
    name_levels(ax, curves, curves.levels)
    ax.annotate(
        "",
        point + arrow,
        point,
        zorder=5,
        arrowprops={
            "arrowstyle": "-|>",
            "color": "black",
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ax.plot(*point, "o", color="black", markersize=6, zorder=6)
    label(
        ax,
        rf"$\nabla {f}$",
        tuple(point + arrow),
        to=1 if arrow[0] >= 0 else -1,
        up=0,
        may_lead=False,
    )
    label(
        ax,
        f"$({', '.join(number(problem.at[name].text) for name in (x, y))})$",
        tuple(point),
        to=-1 if arrow[0] >= 0 else 1,
        up=-1 if arrow[1] >= 0 else 1,
        may_lead=False,
    )
    return {
        "f": f,
        "x": x,
        "y": y,
        "at": ", ".join(number.text for number in problem.at.values()),
        "slopes_of": ", ".join(subject.text(f"d{f}_d{name}") for name in (x, y)),
    }


def _round(step: float) -> float:
    """1, 2 or 5 times a power of ten, the next one up."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step))


KINDS = {
    "contour": Kind(
        contour_figure,
        "Level curves of {f}({x}, {y}) around the point ({at}). "
        "The gradient ({slopes_of}) starts there and crosses them at a right angle.",
        r"Level curves of ${f}$, the thick one through our point: along each of them ${f}$ stays the same. "
        r"The arrow at our point has the direction of $\nabla {f}$ (its length is chosen to be seen); "
        "it crosses the level curve at a right angle, towards higher values.",
    )
}

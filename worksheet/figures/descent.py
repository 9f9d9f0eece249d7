"""The figures of gradient descent: its path down the curve, over the contour map and on the
surface, and what the learning rate does."""

from __future__ import annotations

from itertools import cycle, islice, takewhile

import numpy as np

from ..descent.floats import carried_on, losses
from ..problem import Descending
from ..tex.unicode import plain_symbol
from ..trace.trace import STANDS, ended
from .landscape import FATES, Land, points_of
from .marks import BACKING, END, GREY, name_levels, number
from .subject import BOTTOM, SHRINKS, Facts, Subject

FEW = 8  # arrows of each run where several are drawn side by side
COMPARED = 30  # updates over which learning rates are compared, at least
TALL = 1.3  # how far above its start a loss is shown, in shares of its height above the lowest
ELEVATION = 32  # degrees: how high the eye is
SIDES = range(-65, -24, 10)  # degrees: from where it may look
AFTER = 0.5  # how far the surface goes on behind the end of the path, in shares of its extent
HEAD = 3.5  # points of the head of an arrow; a shorter step has none
ROOM = 11  # points between two numbers, at least
NUMBERED = 9  # updates of the page whose points carry their number
SHADE = 0.3  # how dark the lowest place is
GRID = 25  # lines of the surface in each direction
FEWEST = 7  # lines of equal height
ABREAST = 5  # pictures in a row
PANEL = 1.65  # inches of one of them
TICKS = 3  # at most, on each axis of a panel
STYLES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))


def path_figure(subject: Subject, ax) -> Facts | None:
    """The points of gradient descent on the curve, or on the map of two parameters."""
    land = Land(subject)
    walked = points_of(land)
    if walked is None:
        return None
    points, shown, stride = walked
    if not (_on_curve if len(land.names) == 1 else _on_map)(land, ax, points):
        return None
    drawn = land.placed(points)
    are_numbered = _steps(ax, drawn, shown)
    if land.is_end(points[-1], np.ptp(points, axis=0).max()):
        _end(land, ax, drawn, shown)
    thinned = f" a stroke stands for at most {stride} updates" if stride > 1 else ""
    return _facts(land, walked) | {
        "numbered": "the first points are numbered" + (thinned and f", and after them{thinned}")
        if are_numbered
        else "it begins at the point with the number 0" + (thinned and f", and{thinned}")
    }


def surface_figure(subject: Subject, ax) -> Facts | None:
    """The loss as a surface over two parameters, and the path on it."""
    land = Land(subject)
    walked = points_of(land)
    if walked is None or len(land.names) == 1:
        return None
    points, shown, _ = walked
    (left, right), (bottom, top) = (_beyond(points, place) for place in (0, 1))
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(bottom, top, GRID))
    z, along = land.heights(x, y), land.heights(points[:, 0], points[:, 1])
    if not np.isfinite(z).all() or not np.isfinite(along).all() or not np.ptp(z):
        return None
    ceiling = min(z.max(), along.max() + 0.5 * (along.max() - z.min()))
    lit = 1.0 - SHADE * (ceiling - np.minimum(z, ceiling)) / (
        ceiling - z.min()
    )  # the deeper, the darker
    ax.plot_surface(
        x,
        y,
        np.minimum(z, ceiling),
        facecolors=np.repeat(lit[..., None], 3, axis=2),
        edgecolor=GREY,
        linewidth=0.3,
        shade=False,
        rcount=GRID,
        ccount=GRID,
        zorder=1,
    )
    lift = 0.01 * (ceiling - z.min())
    ax.plot(points[:, 0], points[:, 1], along + lift, color="black", linewidth=1.1, zorder=5)
    ax.plot(
        points[: shown + 1, 0],
        points[: shown + 1, 1],
        along[: shown + 1] + lift,
        "o",
        color="black",
        markersize=3.5,
        linestyle="none",
        zorder=6,
    )
    ax.plot(
        points[-1:, 0],
        points[-1:, 1],
        along[-1:] + lift,
        "s",
        markerfacecolor="white",
        markeredgecolor="black",
        markersize=4.5,
        zorder=7,
    )
    ax.view_init(elev=ELEVATION, azim=_azimuth((x, y, z)))
    one, other = land.names
    ax.set(
        xlabel=f"${subject.tex(one)}$",
        ylabel=f"${subject.tex(other)}$",
        zlabel=subject.loss_label,
        zlim=(z.min(), ceiling),
    )
    ax.locator_params(nbins=5)
    ax.set_box_aspect((1, 1, 0.75), zoom=0.83)
    ax.tick_params(pad=-1)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.labelpad = -3
        axis.pane.set_facecolor("white")
        axis.pane.set_edgecolor("0.8")
        axis._axinfo["grid"].update(color="0.9", linewidth=0.5)
    return _facts(land, walked)


def rates_figure(subject: Subject, ax) -> Facts | None:
    """The loss over the updates, a curve for each learning rate that is compared."""
    problem = subject.problem
    if not problem.learning_rates or not problem.goes_on:
        return None
    count = _compared(problem, COMPARED, 2)
    curves = [(rate, losses(problem, count, float(rate.value))) for rate in problem.learning_rates]
    low, start = min(curve.min() for _, curve in curves), curves[0][1][0]
    if low >= 0 and start > SHRINKS * low:
        ax.set_yscale("log")
        low, ceiling = max(low, BOTTOM * start) / 2, 10 * start
        ax.yaxis.get_major_locator().set_params(numticks=6)
        ax.set_yticks([], minor=True)
    else:
        ceiling = start + (TALL - 1) * ((start - low) or 1.0)
        low -= 0.05 * (ceiling - low)
    ax.set(xlim=(0, count), ylim=(low, ceiling), xlabel="updates", ylabel=subject.loss_label)
    ends = []
    for (rate, curve), style in zip(curves, cycle(STYLES)):
        ax.plot(
            np.arange(len(curve)),
            np.clip(curve, low / 1e3 if low > 0 else -np.inf, 1e3 * abs(ceiling) + 1e3),
            linestyle=style,
            color="black",
            linewidth=1.1,
        )
        beyond = np.flatnonzero((curve > ceiling) | (curve < low))
        at = int(beyond[0]) if len(beyond) else len(curve) - 1
        ends.append(
            (
                rf"$\{problem.notation.learning_rate} = {number(rate.text)}$",
                at,
                float(np.clip(curve[at], low, ceiling)),
                int(np.sign(curve[at] - ceiling)) if len(beyond) else 0,
            )
        )
    _named(ax, ends, count)
    ax.xaxis.get_major_locator().set_params(integer=True)
    return {"loss": plain_symbol(problem.loss_name), "count": count, "runs": _runs(subject)}


def _named(ax, ends: list[tuple[str, int, float, int]], count: int) -> None:
    """The name of each line where it ends: right of the picture, above it where the line leaves
    through the top (1), and beside the line where it leaves through the bottom (-1). Names that
    would lie on each other stand apart."""
    box = ax.get_window_extent()
    point = ax.figure.dpi / 72
    right = sorted(
        (ax.transAxes.inverted().transform(ax.transData.transform((at, height)))[1], name)
        for name, at, height, leaves in ends
        if not leaves
    )
    for place, name in zip(_apart([place for place, _ in right], 11 * point / box.height), right):
        ax.annotate(
            name[1],
            (1, place),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
        )
    for way in (1, -1):
        gone = sorted((at / count, name) for name, at, _, leaves in ends if leaves == way)
        for place, name in zip(_apart([place for place, _ in gone], 48 * point / box.width), gone):
            ax.annotate(
                name[1],
                (place, way > 0),
                (4, 4),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="left",
                va="bottom",
            )


def _apart(places: list[float], least: float) -> list[float]:
    """Rising places moved so that there is at least so much between them, and together not far from
    where they were."""
    found = list(places)
    for k in range(1, len(found)):
        found[k] = max(found[k], found[k - 1] + least)
    if found:
        over = max(0.0, found[-1] - max(1.0, places[-1]))
        found[-1] -= over
        for k in range(len(found) - 2, -1, -1):
            found[k] = min(found[k], found[k + 1] - least)
    return found


def rate_paths_figure(subject: Subject, ax) -> Facts | None:
    """The path for each learning rate that is compared, side by side on the same piece of the curve
    or the map."""
    problem, land = subject.problem, Land(subject)
    walked = points_of(land)
    if walked is None or len(problem.learning_rates) < 2 or not problem.goes_on:
        return None
    stride = -(-_compared(problem, FEW, 1) // FEW)
    runs = [
        np.array(list(islice(land.path(float(rate.value)), 0, FEW * stride + 1, stride)))
        for rate in problem.learning_rates
    ]
    near = [
        np.array(list(takewhile(lambda point: land.is_seen(point, walked[0]), run))) for run in runs
    ]
    view = np.concatenate([walked[0], *near])
    figure, rows = ax.figure, -(-len(runs) // ABREAST)
    columns = -(-len(runs) // rows)
    ax.remove()
    figure.set_size_inches(min(figure.get_figwidth(), PANEL * columns), 0.4 + PANEL * rows)
    grid = figure.add_gridspec(rows, columns)
    end = land.placed(np.array([land.on(land.course.end)]))[0] if land.stands else None
    for place, (rate, run, seen) in enumerate(zip(problem.learning_rates, runs, near)):
        panel = figure.add_subplot(grid[place // columns, place % columns])
        if not (_on_curve if len(land.names) == 1 else _on_map)(land, panel, view, bare=True):
            return None
        placed = land.placed(run[: len(seen) + 1])  # and the step with which it leaves
        _steps(panel, placed[np.isfinite(placed).all(axis=1)], 0)
        if end is not None:
            panel.plot(
                *end, "s", markerfacecolor="white", markeredgecolor="black", markersize=4, zorder=3
            )
        panel.set_title(rf"$\{problem.notation.learning_rate} = {number(rate.text)}$")
        panel.set(xlabel="", ylabel="")
        panel.locator_params(nbins=TICKS)
        is_lowest = place + columns >= len(runs)
        panel.tick_params(labelbottom=is_lowest, labelleft=place % columns == 0)
    figure.supxlabel(f"${subject.tex(land.names[0])}$", fontsize="medium")
    figure.supylabel(
        f"${subject.tex(land.names[1])}$" if len(land.names) > 1 else subject.loss_label,
        fontsize="medium",
    )
    return land.words | {
        "count": FEW * stride,
        "end": "; the square is where the run of the page ends" if end is not None else "",
        "runs": _runs(subject),
        "arrows": f", a stroke for every {stride} of them" if stride > 1 else "",
    }


def _compared(problem: Descending, least: int, times: int) -> int:
    """Over how many updates runs are compared: so many `times` those of the quickest that settles,
    all of them where none does; few where one jumps from side to side, so that every jump is
    seen."""
    courses = [carried_on(problem, float(rate.value)) for rate in problem.learning_rates]
    if any(course.swings or course.fate not in STANDS for course in courses):
        return least
    return max(
        least,
        min(
            (times * course.updates for course in courses if course.fate == "settles"),
            default=problem.long_run,
        ),
    )


def _runs(subject: Subject) -> str:
    fates = {
        rate.text: carried_on(subject.problem, float(rate.value)).fate
        for rate in subject.problem.learning_rates
    }
    for rate, fate in fates.items():
        subject.says("fate-of", rate, fate)
    return "; ".join(f"with {rate} it {FATES[fate]}" for rate, fate in fates.items())


def _azimuth(surface: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """From which side to look, both variables growing to the right and away from us: where more of
    the surface faces the eye."""
    x, y, z = [(each - each.min()) / (np.ptp(each) or 1.0) for each in surface]
    by_y, by_x = np.gradient(z, y[:, 0], x[0])

    def seen(angle: float) -> float:
        turn, up = np.radians([angle, ELEVATION])
        facing = (np.sin(up) - np.cos(up) * (np.cos(turn) * by_x + np.sin(turn) * by_y)) / np.sqrt(
            1 + by_x**2 + by_y**2
        )
        return float(facing.mean())

    return max(SIDES, key=seen)


# ---- the path -----------------------------------------------------------------------------------


def _extent(points: np.ndarray, place: int, share: float = 1 / 3) -> tuple[float, float]:
    """What is seen of a variable: its points, and a share of their extent to both sides."""
    low, high = points[:, place].min(), points[:, place].max()
    room = (
        max(high - low, 0.5 * np.ptp(points, axis=0).max() or 1.5) * share
    )  # of a path that never leaves its start: around it
    return low - room, high + room


def _beyond(points: np.ndarray, place: int) -> tuple[float, float]:
    """What the surface shows of a variable: the points, a little before where they begin, and more
    behind where they end, so that a valley is seen to rise again."""
    low, high = _extent(points, place, 0.15)
    further = (points[-1, place] - points[0, place]) * AFTER
    return min(low, low + further), max(high, high + further)


def _even(
    ax, across: tuple[float, float], up: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """What is seen of two variables, widened to the shape of the picture: a unit is as long on both
    axes, and angles are what they are."""
    box = ax.get_window_extent()
    width, height, shape = across[1] - across[0], up[1] - up[0], box.width / box.height
    aside, above = max(0.0, height * shape - width) / 2, max(0.0, width / shape - height) / 2
    return (across[0] - aside, across[1] + aside), (up[0] - above, up[1] + above)


def _on_curve(land: Land, ax, points: np.ndarray, bare: bool = False) -> bool:
    """The curve of the loss where the points are; `bare` without anything to read. False where
    there is nothing to see."""
    left, right = _extent(points, 0)
    x = np.linspace(left, right, 401)
    curve, along = land.heights(x), land.heights(points[:, 0])
    seen = np.isfinite(curve)
    if not seen.any() or not np.ptp(curve[seen]):
        return False
    ax.plot(x[seen], curve[seen], color=GREY, linewidth=1.1)
    low, high = curve[seen].min(), max(along.max(), np.median(curve[seen]))
    ax.set(
        xlim=(left, right),
        ylim=(low - 0.16 * (high - low), high + 0.15 * (high - low)),
        xlabel=f"${land.subject.tex(land.names[0])}$",
        ylabel=land.subject.loss_label,
    )
    return True


def _on_map(land: Land, ax, points: np.ndarray, bare: bool = False) -> bool:
    """The lines of equal height where the points are; `bare` without anything to read. False where
    there is nothing to see."""
    (left, right), (bottom, top) = _even(ax, _extent(points, 0), _extent(points, 1))
    x, y = np.meshgrid(np.linspace(left, right, 161), np.linspace(bottom, top, 161))
    z = land.heights(x, y)
    seen = z[np.isfinite(z)]
    if not len(seen) or seen.max() == seen.min():
        return False
    low, high = float(seen.min()), float(seen.max())
    drawn = ax.contour(x, y, z, levels=_levels(low, high), colors=GREY, linewidths=0.7)
    if not bare:
        name_levels(ax, drawn, drawn.levels[::-2])
    ax.set(
        aspect="equal",
        xlim=(left, right),
        ylim=(bottom, top),
        xlabel=f"${land.subject.tex(land.names[0])}$",
        ylabel=f"${land.subject.tex(land.names[1])}$",
    )
    return True


def _levels(low: float, high: float) -> list[float]:
    """Round heights between two, closer together near the lower one: 1, 2, 5, 10, 20, ... where
    that makes enough of them."""
    found = (
        [digit * 10.0**power for power in range(-12, 13) for digit in (1, 2, 5)] if low >= 0 else []
    )
    found = [level for level in found if max(low, high / 500) < level < high]
    if len(found) >= FEWEST:
        return found
    places = 2 - int(np.ceil(np.log10(high - low)))
    shares = (np.arange(1, FEWEST + 1) / (FEWEST + 0.5)) ** 2
    return sorted({round(low + (high - low) * share, places) for share in shares})


def _steps(ax, drawn: np.ndarray, shown: int) -> bool:
    """An arrow for each step, numbered dots for the points of the page; the start alone where it
    shows none. Returns whether every point that can be told from the one before it has its
    number."""
    places, named, are_numbered = ax.transData.transform(drawn) * 72 / ax.figure.dpi, [], True
    for k, (before, after) in enumerate(zip(drawn, drawn[1:]), start=1):
        style = "-|>" if np.hypot(*(places[k] - places[k - 1])) > HEAD else "-"
        arrow = ax.annotate(
            "",
            after,
            before,
            zorder=4,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": style,
                "color": "black",
                "linewidth": 1.1,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 7 if shown else 6,
            },
        ).arrow_patch
        arrow.set_gid(f"step-{k}")
        arrow.set_clip_path(ax.patch)
    for k, point in enumerate(drawn[: shown + 1]):
        [dot] = ax.plot(*point, "o", color="black", markersize=4.5 if shown else 3.5, zorder=5)
        dot.set_gid(f"point-{k}")
        if not 0 < shown <= NUMBERED or k and (point == drawn[k - 1]).all():
            continue
        ahead = places[min(k + 1, len(drawn) - 1)] - places[max(k - 1, 0)]
        aside = (
            np.array([ahead[1], -ahead[0]])
            / (np.hypot(*ahead) or 1.0)
            * (1.0 if ahead[1] >= 0 else -1.0)
        )
        if any(np.hypot(*(places[k] + 9 * aside - other)) < ROOM for other in named):
            are_numbered = False
        else:
            named.append(places[k] + 9 * aside)
            name = ax.annotate(
                f"${k}$",
                point,
                9 * aside,
                textcoords="offset points",
                ha="center",
                va="center",
                zorder=4,
            )
            name.set_gid(f"name-{k}")
    return are_numbered


def _end(land: Land, ax, drawn: np.ndarray, shown: int) -> None:
    """A square where the path ends, with the point as the page prints it."""
    if len(drawn) <= shown + 1:
        return
    [end] = ax.plot(
        *drawn[-1], "s", markerfacecolor="white", markeredgecolor="black", markersize=5, zorder=6
    )
    end.set_gid(f"point-{len(drawn) - 1}")
    texts = [land.subject.printed(ended(name)) for name in land.names]
    if all(texts):
        words = ",\\, ".join(map(number, texts))
        up = (
            1 if len(texts) > 1 and drawn[-1][1] > drawn[-2][1] else -1
        )  # away from where the path comes from, and below a valley
        name = ax.annotate(
            f"$({words})$" if len(texts) > 1 else f"${words}$",
            drawn[-1],
            (0, 8 * up),
            textcoords="offset points",
            ha="center",
            va="bottom" if up > 0 else "top",
            zorder=5,
            bbox=BACKING,
        )
        name.set_gid(f"name-{len(drawn) - 1}")
        name.set_label(END)


def _facts(land: Land, walked: tuple[np.ndarray, int, int]) -> Facts:
    _, shown, stride = walked
    problem, subject = land.problem, land.subject

    def at(epoch: int) -> str:
        return ", ".join(
            f"{plain_symbol(name)} = {subject.text(name, epoch)}" for name in land.names
        )

    def height(epoch: int) -> str:
        """The loss at a point of the page; and how high the picture is there, where others are held
        and it is another height."""
        own, drawn = (
            subject.text(problem.loss_name, epoch),
            float(land.heights(*np.array([subject.value(name, epoch) for name in land.names]))),
        )
        seen = format(drawn, ".3g")
        is_other = land.held and float(seen) != float(
            format(subject.value(problem.loss_name, epoch), ".3g")
        )
        if is_other:
            subject.says("height", land.names, epoch, seen)
        return f"{own} ({seen} in the picture)" if is_other else own

    subject.says("updates-worked", shown)
    if land.course:
        subject.says("fate-of", problem.learning_rate.text, land.course.fate)
    return land.words | {
        "count": shown,
        "stride": stride,
        "end": max(land.course.updates, shown) if land.is_drawn_whole else 0,
        "from": at(0),
        "to": at(shown),
        "first": height(0),
        "last": height(shown),
        "arrows": f"a stroke for {f'each of the first {shown} updates' if shown > 1 else 'the first update'}, then for every {stride}"
        if stride > 1
        else "a stroke for each update",
        "onward": f"from there on it {FATES[land.course.fate]}"
        if land.course
        else "there it stops",
    }

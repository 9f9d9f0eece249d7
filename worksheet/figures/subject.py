"""What each figure shows: curves and marks on given axes, and the facts its words are made of.

A figure is a function (subject, ax) -> facts, or None where there is nothing to see. Only
`figures/draw.py` knows matplotlib; `ax` is one of its Axes. Black on white, told apart by line
style and marker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..descent.floats import losses
from ..judge.dense_layers import loss_gradient, loss_of
from ..judge.judges import judge_of, steps_in_floats
from ..judge.step import Step
from ..problem import Problem
from ..tex.notation import Symbols
from ..tex.unicode import plain_symbol
from .marks import GREY, POINT, label, note, number, tangent

Said = tuple[str, tuple]  # a claim without its words: its kind, and what it is about
Shown = Mapping[tuple[str, int], str]  # (name, epoch) -> its text; a parameter before that update
Facts = dict[str, str | int]

MARGIN = 1.5  # how far beyond the error a parabola is drawn
WINDOWS = (
    18,
    30,
    50,
    80,
    130,
    210,
    340,
    550,
    900,
)  # widths of the gradient-descent window, in steps
NARROW = (18, 12, 7, 4)  # those where none of them shows what it should
HIGH = 0.3  # how high the point is above the lowest, so that it is not at the foot of a wall
# how far the curve is from its tangent at an end, in shares of what is seen, so that it looks bent
BENT = 0.12
AS_LONG = (1, 2, 5, 10, 20, 50, 100)  # how many steps an arrow stands for, so that it is seen
SEEN = 0.1  # the least length of an arrow, in shares of the window
FEWEST = 3  # updates whose losses make a curve
LABELLED = 6  # points of the loss curve that carry their number; beyond that the first and the last
SHRINKS = 10.0  # a loss that changes by this factor gets a logarithmic axis
BOTTOM = 1e-8  # of which no more is shown than down to this share of the first loss
WALL = 1e3  # losses on the page that differ by more than this get one too
NOTHING = 1e-12  # a share of the first loss that is rounding error in float64


@dataclass(frozen=True, slots=True)
class Subject:
    """What figures are drawn from: the problem, the oracle's steps, the page's numbers (None: no
    page) and symbols."""

    problem: Problem
    steps: tuple[Step, ...]
    shown: Shown | None
    tex: Symbols
    said: list[Said] = field(
        default_factory=list, compare=False
    )  # what the words and labels of a figure claim
    beside: tuple[Problem, ...] = ()  # the problems of one page

    @property
    def loss_name(self) -> str:
        """The name of what is made small, in the trace."""
        return self.problem.loss_name

    @property
    def loss_label(self) -> str:
        """`loss L`; a loss that is called Loss needs no more words, a function may be no loss."""
        symbol = f"${self.tex(self.loss_name)}$"
        return (
            symbol
            if self.problem.notation.loss == "Loss" or not self.problem.is_of_a_loss
            else f"loss {symbol}"
        )

    def value(self, name: str, epoch: int = 0) -> float:
        """A quantity by the judge's steps, in floats; `epoch` counts from 0. Raises KeyError for a
        name that they do not have."""
        return self.steps[epoch].values[name]

    def printed(self, name: str, epoch: int = 0) -> str | None:
        """The number as the page prints it, None where it does not; four figures where there is no
        page."""
        if self.shown is None:
            return self.text(name, epoch) if name in self.steps[epoch].values else None
        return self.shown.get((name, epoch))

    def text(self, name: str, epoch: int = 0) -> str:
        """As printed, and four figures where the page leaves the number out. What is written so is
        claimed to be that quantity."""
        text = (self.shown or {}).get((name, epoch)) or format(self.value(name, epoch) + 0.0, ".4g")
        self.says("number", name, epoch, text)
        return text

    def apart(self, name: str) -> tuple[str, str]:
        """A parameter before and after its first update; with more figures where the printed ones
        do not show which way it goes."""
        before, after = self.value(name), self.value(name, 1)
        texts = self.text(name), self.text(name, 1)
        for figures in range(4, 17):
            if _sign(float(texts[1]) - float(texts[0])) == _sign(after - before):
                break
            texts = format(before, f".{figures}g"), format(after, f".{figures}g")
        for epoch, text in enumerate(texts):
            self.says("number", name, epoch, text)
        return texts

    def says(self, kind: str, *about) -> None:
        """Claim something of what the figure shows."""
        self.said.append((kind, about))


def loss(subject: Subject, ax) -> Facts | None:
    """The loss against the prediction; of several outputs, the share of the one that contributes
    most."""
    network = subject.problem.network
    names = [unit.a for unit in network.layers[-1].units]
    targets = np.array([float(given.value) for given in network.target.values()])
    predictions = np.array([subject.value(name) for name in names])

    def share(target: float, p) -> np.ndarray:
        """One output's share of the loss at the predictions `p`: (n,) -> (n,)."""
        column = np.atleast_1d(p)[:, None]
        return loss_of(network.loss, np.array([target]), column, 1.0 - column) / (
            len(names) if network.loss == "mean-squared-error" else 1
        )

    index = int(np.argmax([share(target, p)[0] for target, p in zip(targets, predictions)]))
    name, y, p = names[index], targets[index], predictions[index]
    target_name, target = list(network.target.items())[index]
    height = share(y, p)[0]
    slope = float(loss_gradient(network.loss, targets, predictions, 1.0 - predictions)[index])
    if network.loss.endswith("cross-entropy"):
        low, high, top = 0.0, 1.0, max(3.0, 1.25 * height)
        x = np.linspace(1e-9, 1 - 1e-9, 1001)
        if network.loss.startswith("binary") and y in (0.0, 1.0):
            ax.plot(x, share(1.0 - y, x), color=GREY, linestyle=(0, (6, 3)), linewidth=1)
            for curve in (0.0, 1.0):  # each named where it is at three quarters of the height
                at = np.exp(-0.75 * top) if curve else 1.0 - np.exp(-0.75 * top)
                label(
                    ax,
                    rf"${subject.tex(target_name)} = {curve:.0f}$",
                    (at, 0.75 * top),
                    to=1 if curve else -1,
                    up=0,
                )
    else:
        reach = MARGIN * (max([abs(p - y), *_errors_beside(subject)]) or 1.0)
        low, high = y - reach, y + reach
        x, top = np.linspace(low, high, 401), share(y, high)[0]
    if not np.isfinite(top):  # in float64 a saturated prediction is 1
        return None
    ax.plot(x, share(y, x), color="black", linewidth=1.3)
    ax.set(xlim=(low, high), ylim=(-0.03 * top, top))
    ax.axvline(y, color="black", linestyle=":", linewidth=1.2, clip_on=False)
    ax.annotate(
        rf"target ${subject.tex(target_name)} = {number(target.text)}$",
        (y, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        va="bottom",
    )
    tangent(ax, p, height, slope, low, high)
    subject.says("slope", f"d{subject.loss_name}_d{name}", _sign(slope))
    if len(names) > 1:
        subject.says("furthest-off", name)
    caught = number(subject.text(name))
    if len(names) == 1:
        caught = rf"({caught},\, {number(subject.text(subject.loss_name))})"
    written = subject.printed(f"d{subject.loss_name}_d{name}")
    ax.plot(p, height, "o", color="black", markersize=POINT, zorder=5)
    words = f"${caught}$" + (f"\nslope ${number(written)}$" if written else "")
    label(ax, words, (p, height), to=1 if slope <= 0 else -1, up=1)
    ax.set(
        xlabel=f"prediction ${subject.tex(name)}$",
        ylabel=subject.loss_label
        if len(names) == 1
        else rf"share of ${subject.tex(name)}$ in the {subject.loss_label}",
    )
    return {
        "loss": subject.loss_name,
        "prediction": plain_symbol(name),
        "prediction_tex": subject.tex(name),
        "point": subject.text(name),
        "height": subject.text(subject.loss_name),
        "slope": _sign(slope),
        "target": plain_symbol(target_name),
        "target_value": target.text,
        "outputs": len(names),
    }


def _errors_beside(subject: Subject) -> list[float]:
    """How far off the predictions of the page's other problems with this loss and target are: their
    curves are one, and so are their axes."""

    def asked(problem: Problem) -> tuple:
        return problem.layers and (
            problem.network.loss,
            [given.value for given in problem.network.target.values()],
        )

    if len(subject.problem.network.target) > 1:
        return []
    others = [other for other in subject.beside if asked(other) == asked(subject.problem)]
    return [
        abs(steps_in_floats(other)[0].values[unit.a] - float(target.value))
        for other in others
        for unit, target in zip(other.network.layers[-1].units, other.network.target.values())
    ]


def gradient_descent(subject: Subject, ax) -> Facts | None:
    """The loss against the weight with the largest gradient, and its step -alpha * gradient. None
    without a step."""
    before, after = subject.steps[0].values, subject.steps[0].after
    if not after:
        return None
    partial = f"d{subject.loss_name}_d"
    name = max(subject.problem.weights, key=lambda weight: abs(before[partial + weight]))
    w, moved, slope, height = (
        before[name],
        after[name],
        before[partial + name],
        before[subject.loss_name],
    )
    step = moved - w

    def along(values: float | np.ndarray) -> np.ndarray:
        return judge_of(subject.problem).quantities(subject.problem, {name: values})[
            subject.loss_name
        ]

    if step == 0 or w + step / 8 == w:
        return None

    def window(
        widths: Iterable[int], bent: float, high: float
    ) -> tuple[int, np.ndarray, np.ndarray] | None:
        """The first width, with its piece of the curve, in which the curve is so far from its
        tangent, and the point so far from the lowest place."""
        for width in widths:
            x = np.linspace(w - 0.35 * width * step, w + 0.65 * width * step, 401)
            curve = along(x)
            bend = np.abs(curve - (height + slope * (x - w))).max()
            if (
                np.isfinite(curve).all()
                and height - curve.min() >= high * np.ptp(curve)
                and bend >= bent * np.ptp(curve)
            ):
                return width, x, curve
        return None

    found = window(WINDOWS, BENT, HIGH) or window(NARROW, 0, HIGH) or window(NARROW[::-1], 0, 0)
    if found is None:
        return None
    width, x, curve = found
    times = next(times for times in AS_LONG if times >= SEEN * width)
    ax.plot(x, curve, color="black", linewidth=1.3)
    room = 0.08 * (np.ptp(curve) or 1.0)
    ax.set(xlim=(x.min(), x.max()), ylim=(curve.min() - room, curve.max() + room))
    tangent(ax, w, height, slope, x.min(), x.max())
    new_height = float(along(moved))
    subject.says("slope", partial + name, _sign(slope))
    subject.says("step", name, _sign(step))
    subject.says("alone", name, _sign(new_height - height))
    ax.annotate(
        "",
        (w + times * step, height),
        (w, height),
        arrowprops={
            "arrowstyle": "-|>",
            "color": "black",
            "linewidth": 1.1,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 9,
        },
    )
    ax.plot(w, height, "o", color="black", markersize=POINT, zorder=5)
    if times == 1:
        ax.plot([moved, moved], [height, new_height], color="black", linestyle=":", linewidth=1)
        ax.plot(
            moved,
            new_height,
            "o",
            markerfacecolor="white",
            markeredgecolor="black",
            markersize=POINT,
            zorder=5,
        )
    symbol, loss_symbol = subject.tex(name), subject.tex(subject.loss_name)
    written_before, written_after = subject.apart(name)
    lines = [rf"${symbol}:\ {number(written_before)} \rightarrow {number(written_after)}$"]
    written = subject.printed(partial + name)
    if written:
        lines.append(rf"slope ${number(written)}$")
    lines.append(
        rf"step $-\{subject.problem.notation.learning_rate}\,\partial {loss_symbol}/\partial {symbol}$"
    )
    if times > 1:
        lines.append(f"(arrow: {times} times as long)")
    note(ax, "\n".join(lines))
    ax.set(xlabel=f"weight ${symbol}$", ylabel=subject.loss_label)
    return {
        "loss": subject.loss_name,
        "weight": plain_symbol(name),
        "weight_tex": symbol,
        "before": written_before,
        "after": written_after,
        "slope": _sign(slope),
        "step": _sign(step),
        "change": _sign(new_height - height),
    }


def loss_curve(subject: Subject, ax) -> Facts | None:
    """The loss before the first update and after each of those on the page. None where they are too
    few for a curve."""
    heights = [step.values[subject.loss_name] for step in subject.steps]
    last = len(heights) - 1
    if last < FEWEST or subject.problem.learning_rate is None:
        return None
    ax.plot(
        range(last + 1),
        heights,
        "o-",
        color="black",
        linewidth=1.1,
        markersize=4 if last <= 20 else 3,
    )
    ax.margins(x=0.16, y=0.22)
    if max(heights) > WALL * min(heights) > 0:
        ax.set_yscale("log")
    for epoch, height in enumerate(heights):
        if last < LABELLED or epoch in (0, last):
            # clear of the line that arrives and leaves: right of a falling curve, left of a rising
            # one
            falls = heights[max(epoch, 1)] <= heights[max(epoch, 1) - 1]
            label(
                ax,
                f"${number(subject.text(subject.loss_name, epoch))}$",
                (epoch, height),
                to=1 if falls else -1,
                up=1,
                may_lead=False,
            )
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="updates", ylabel=subject.loss_label)
    subject.says("updates-worked", last)
    return {
        "loss": subject.loss_name,
        "count": last,
        "first": subject.text(subject.loss_name),
        "last": subject.text(subject.loss_name, last),
    }


def loss_long_run(subject: Subject, ax) -> Facts | None:
    """The loss over `long_run` updates, those of the page marked. None where nothing is updated, or
    descent diverges on the way."""
    count, shown = subject.problem.long_run, len(subject.steps) - 1
    if count <= shown or subject.problem.learning_rate is None:
        return None
    curve = losses(subject.problem, count)
    if len(curve) <= count:
        return None
    # linear up to the first update and logarithmic from there, so that the first few are seen
    # beside thousands
    ax.set_xscale("symlog", linthresh=1, linscale=0.5)
    vanishes = abs(curve[-1]) < NOTHING * abs(curve[0])
    if curve[: shown + 1].min() > 0 and curve.max() > SHRINKS * curve.min() >= 0:
        ax.set_yscale("log")
        bottom = max(curve.min(), BOTTOM * curve[0])
        ax.set_ylim(bottom / (1 if bottom > curve.min() else 4), curve.max() * 2)
        ax.yaxis.get_major_locator().set_params(numticks=6)
        ax.set_yticks([], minor=True)
    else:
        ax.margins(y=0.2)
    x = np.arange(count + 1)
    ax.plot(x, curve, color="black", linewidth=1.1)
    ax.plot(
        x[: shown + 1],
        curve[: shown + 1],
        "o",
        color="black",
        markersize=4 if shown <= 12 else 2.5,
        zorder=5,
    )
    ends_at = (count, curve[-1])
    if ax.get_ylim()[0] <= curve[-1]:
        ax.plot(
            *ends_at, "s", markerfacecolor="white", markeredgecolor="black", markersize=5, zorder=5
        )
    else:  # where it leaves the picture
        place = int(np.argmax(curve < ax.get_ylim()[0]))
        ends_at = (place, ax.get_ylim()[0])
    ticks = [0, *(10**power for power in range(len(str(count)))), count]
    last = "0" if vanishes else format(curve[-1], ".2g")
    ax.set_xlim(-0.15, count * 1.6)
    ticks = ticks[:-1] if count < 3 * ticks[-2] else ticks
    ax.set_xticks(ticks, labels=[str(tick) for tick in ticks])
    ax.set_xticks([], minor=True)
    leaves = ends_at[0] < count
    label(
        ax,
        rf"$\approx {number(last)}$",
        ends_at,
        to=1 if leaves else -1,
        up=1 if leaves or curve[-1] > curve[0] else -1,
        may_lead=False,
    )
    ax.set(xlabel="updates (logarithmic from 1 on)", ylabel=subject.loss_label)
    subject.says("updates-worked", shown)
    subject.says("after", count, last)
    return {
        "loss": subject.loss_name,
        "count": count,
        "worked": shown,
        "first": subject.text(subject.loss_name),
        "last": last,
    }


def _sign(value: float) -> int:
    return int(value > 0) - int(value < 0)

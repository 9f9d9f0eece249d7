"""Named figures as SVG and PNG files, with the words that stand beside them. The one file that
knows matplotlib.

The same input gives the same bytes: fixed ids, no date, no software's name, text as paths, fonts of
matplotlib's own.
"""

from __future__ import annotations

import getpass
import io
import logging
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from ..family import family_of
from ..judge.judges import steps_in_floats
from ..numbers.numerals import plain_numerals
from ..problem import ACROSS, Problem
from ..tex.notation import Symbols
from . import descent as descent_figures
from . import subject as figures
from .animation import MOVING, moving
from .kind import Kind
from .marks import SMALLEST, clear
from .subject import Facts, Said, Shown, Subject


def _find_cache() -> None:
    """A folder for matplotlib's font cache that lasts, also where the home folder cannot be
    written; no warnings."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    nearest = next((folder for folder in (home, *home.parents) if folder.exists()), home)
    if "MPLCONFIGDIR" not in os.environ and not os.access(nearest, os.W_OK):
        folder = Path(tempfile.gettempdir()) / f"worksheet-matplotlib-{getpass.getuser()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ["MPLCONFIGDIR"] = str(folder)


_find_cache()
import matplotlib  # noqa: E402  (after the cache is found)
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import FixedLocator  # noqa: E402

STYLE = {  # the type of the page; a name that it has no letters for is set in the next
    "font.family": ["cmr10", "STIXGeneral"],
    "mathtext.fontset": "cm",
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "xtick.labelsize": SMALLEST,
    "ytick.labelsize": SMALLEST,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-5, 6),
    "axes.formatter.use_mathtext": True,
    "axes.unicode_minus": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "worksheet",
}
SIZE = (
    2.76,
    1.8,
)  # inches: less than half of a page of A4 or letter, so that it stands beside what it shows
WIDE = (6.7, 2.4)  # the whole of it
# points of all letters on a slide, where a figure is shown more than twice as large: they are as
# large as its words then
LETTERS = 10.5
SCREEN = STYLE | {
    name: LETTERS
    for name in STYLE
    if name.endswith("size") and name not in ("xtick.major.size", "ytick.major.size")
}
SCREENS = {SIZE: (3.35, 2.4), WIDE: (5.4, 2.4)}  # inches on a slide
DPI = 300
CANVAS = {
    "svg": (FigureCanvasSVG, {"Date": None, "Creator": None}),
    "png": (FigureCanvasAgg, {"Software": None}),
}


SLOPES = {-1: "falls to the right", 0: "is level", 1: "rises to the right"}
SIDES = {-1: "to the left", 1: "to the right"}
COUNTS = {1: "1 update"}
MARKED = {1: "the first one is marked"}
CHANGES = {-1: "falls", 0: "stays as it is", 1: "rises"}

FIGURES = {
    "loss": Kind(
        figures.loss,
        "The loss as a curve over the prediction {prediction}. Our point is ({point}, {height}); "
        "its tangent {slopes}. The target {target} = {target_value} is marked.",
        "The loss as a function of the prediction ${prediction_tex}$, with our point and its tangent.",
        "The share of the prediction {prediction} in the loss, as a curve over {prediction}. "
        "Our prediction is {point}; the tangent there {slopes}. The target {target} = {target_value} is marked.",
        "The share of ${prediction_tex}$, the output that is furthest off, in the loss, with our point and tangent.",
    ),
    "gradient-descent": Kind(
        figures.gradient_descent,
        "The loss as a curve over the weight {weight}, all other weights held. At our point the tangent {slopes}, "
        "so the step goes {side}, from {before} to {after}, where the loss {changes}.",
        "Gradient descent on ${weight_tex}$: one step against the slope.",
    ),
    "loss-curve": Kind(
        figures.loss_curve,
        "The loss over {count}, from {first} to {last}.",
        "The loss over {count}.",
    ),
    "loss-long-run": Kind(
        figures.loss_long_run,
        "The loss over {count}, from {first} to about {last}; {marked}.",
        "The loss if we go on for {count}; {marked}.",
    ),
    "descent-path": Kind(
        descent_figures.path_figure,
        "The path of gradient descent on {ground} of {loss}({arguments}): {arrows}. It starts from {from}, where {loss} is {first}; "
        "after {count} it is at {to}, where {loss} is {last}; {onward}.{held}",
        "The path of gradient descent on {ground} of ${loss_tex}({tex})$; {numbered}.{held}",
        moves=True,
    ),
    "descent-surface": Kind(
        descent_figures.surface_figure,
        "{loss}({arguments}) as a surface over its two variables, with the path of gradient descent on it, from {from} at the height {first}, "
        "over {count} to {to} at the height {last}; {onward}.{held}",
        "The path of gradient descent on the surface of ${loss_tex}({tex})$.{held}",
        projection="3d",
    ),
    "descent-curve": Kind(
        figures.loss_curve,
        "{loss} over {count}, from {first} to {last}.",
        "${loss_tex}$ over {count}.",
    ),
    "rate-paths": Kind(
        descent_figures.rate_paths_figure,
        "The first {count} of gradient descent on {ground} of {loss}({arguments}), a picture for each learning rate{arrows}: {runs}.{held}",
        "The first {count} with each of the learning rates, on {ground} of ${loss_tex}({tex})${arrows}{end}.{held}",
    ),
    "learning-rates": Kind(
        descent_figures.rates_figure,
        "{loss} over {count} for several learning rates: {runs}.",
        "${loss_tex}$ over the updates, for each of the learning rates.",
    ),
}


def kind_of(problem: Problem, name: str) -> Kind:
    """The figure of a name that is drawn of a problem."""
    return FIGURES[name] if name in FIGURES else family_of(problem).kinds()[name]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure that was written: its name, its files in the order of the formats, and its words in
    Markdown."""

    name: str
    files: tuple[Path, ...]
    alt: str
    caption: str
    facts: Facts
    said: tuple[Said, ...] = ()


def draw(
    problem: Problem,
    folder: Path | str,
    formats: Iterable[str] = ("svg", "png"),
    shown: Shown | None = None,
    names: Iterable[str] | None = None,
    on_screen: bool = False,
    beside: Iterable[Problem] = (),
) -> list[Drawn]:
    """Write `<folder>/<name>.<format>` for every figure that has something to show.

    on_screen: for slides, with larger letters. `beside` are the problems of the page, whose curves
    may be the same. `shown` maps (name, epoch) to the text the page prints, a parameter as it
    stands before that epoch's update. A figure is left out where its curve is not finite (descent
    diverges) or shows nothing (no gradient, no update).
    """
    steps = steps_in_floats(problem)
    if not all(isfinite(step.values.get(problem.loss_name, 0.0)) for step in steps):
        return []
    subject = Subject(problem, steps, shown, Symbols.of(problem), beside=tuple(beside))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name in family_of(problem).figures() if names is None else names:
        subject.said.clear()
        composed = compose(subject, name, on_screen)
        if composed is not None:
            figure, facts = composed
            with matplotlib.rc_context(SCREEN if on_screen else STYLE):
                images = {suffix: _image(figure, suffix) for suffix in formats}
            files = tuple(
                _write(image, folder / f"{name}.{suffix}") for suffix, image in images.items()
            )
            kind = kind_of(problem, name)
            if kind.moves and "svg" in images:
                _write(
                    moving(images["svg"], facts["count"], facts["stride"], facts["end"] or None),
                    folder / f"{name}{MOVING}",
                )
            drawn.append(
                Drawn(
                    name,
                    files,
                    *_worded(kind, facts | {"loss_tex": subject.tex(subject.loss_name)}),
                    facts,
                    tuple(dict.fromkeys(subject.said)),
                )
            )
    return drawn


def compose(subject: Subject, name: str, on_screen: bool = False) -> tuple[Figure, Facts] | None:
    """The named figure, laid out for a page or for a slide, and its facts; None where it has
    nothing to show."""
    size = WIDE if name in ACROSS else SIZE
    with matplotlib.rc_context(SCREEN if on_screen else STYLE), np.errstate(all="ignore"):
        figure = Figure(
            figsize=SCREENS[size] if on_screen else size,
            dpi=DPI,
            facecolor="white",
            layout="constrained",
        )
        kind = kind_of(subject.problem, name)
        facts = kind.draw(subject, figure.add_subplot(projection=kind.projection))
        if facts is None:
            return None
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        for ax in figure.axes:
            _hold_ticks(ax)  # ticks move the labels, and labels the ticks
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for ax in figure.axes:
            clear(ax)
        return figure, facts


def _hold_ticks(ax) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        if not isinstance(axis.get_major_locator(), FixedLocator):
            low, high = sorted(axis.get_view_interval())
            axis.set_ticks([tick for tick in axis.get_majorticklocs() if low <= tick <= high])


def _worded(kind: Kind, facts: Facts) -> tuple[str, str]:
    count, worked = facts.get("count"), facts.get("worked")
    words = facts | {
        "count": COUNTS.get(count, f"{count} updates"),
        "marked": MARKED.get(worked, f"the first {worked} are marked"),
        "slopes": SLOPES.get(facts.get("slope")),
        "side": SIDES.get(facts.get("step")),
        "changes": CHANGES.get(facts.get("change")),
    }
    several = facts.get("outputs", 1) > 1
    return (
        plain_numerals((several and kind.alt_several or kind.alt).format(**words)),
        (several and kind.caption_several or kind.caption).format(**words),
    )


def _image(figure: Figure, suffix: str) -> bytes:
    canvas, metadata = CANVAS[suffix]
    image, figure.dpi = io.BytesIO(), DPI  # printing as SVG leaves another
    getattr(canvas(figure), f"print_{suffix}")(
        image, metadata=metadata
    )  # print_figure draws twice, the first time for a layout
    return image.getvalue()


def _write(image: bytes, path: Path) -> Path:
    """Write a figure whole or not at all: beside its place first, then into it."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(image)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    return path

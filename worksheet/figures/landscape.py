"""What gradient descent goes down, as a picture has it: the loss over one or two parameters, and
the points of the path on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile

import numpy as np

from ..descent.floats import carried_on, path
from ..descent.outcome import Course
from ..judge.judges import judge_of
from ..problem import Descending
from ..tex.unicode import plain_symbol
from ..trace.trace import STANDS
from .subject import Facts, Subject

FURTHER = 40  # arrows of the program that are drawn after those of the page
NEAR = 0.002  # what is apart by less than this share of the picture is not seen apart
FAR = 2.0  # a run that leaves by this many times the extent of the page's points is not followed
FATES = {
    "settles": "settles",
    "creeps": "is still on its way",
    "oscillates": "goes to and fro without end",
    "diverges": "diverges",
    "leaves": "leaves the domain of the function",
}


@dataclass(frozen=True)
class Land:
    """What a path goes down: the loss over one or two parameters, `names`. All others are held
    where the path ends, or, where it leads nowhere, where it starts."""

    subject: Subject

    @property
    def problem(self) -> Descending:
        """The problem whose path it is."""
        return self.subject.problem

    @property
    def names(self) -> tuple[str, ...]:
        """The one or two parameters that the picture is over."""
        return self.problem.over

    @property
    def places(self) -> list[int]:
        """Where the names are in a point."""
        return [self.problem.trained.index(name) for name in self.names]

    @cached_property
    def course(self) -> Course | None:
        """What becomes of the problem's own run; None where no program goes on."""
        return (
            carried_on(self.problem, float(self.problem.learning_rate.value))
            if self.problem.goes_on
            else None
        )

    @property
    def stands(self) -> bool:
        """Whether the run comes to where it stays."""
        return self.course is not None and self.course.fate in STANDS

    @property
    def is_drawn_whole(self) -> bool:
        """Whether all of the run is drawn, in so many strokes: it comes to its end without jumping
        from side to side."""
        return self.stands and not self.course.swings

    @cached_property
    def held(self) -> dict[str, float]:
        """The value of every parameter that the picture is not over, where the run ends; empty
        where it leads nowhere."""
        if not self.stands:
            return {}
        return {
            name: float(value)
            for name, value in zip(self.problem.trained, self.course.end)
            if name not in self.names
        }

    def heights(self, *at: np.ndarray) -> np.ndarray:
        """The loss where the parameters take the values `at`, arrays of one shape."""
        return judge_of(self.problem).quantities(
            self.problem, self.held | dict(zip(self.names, at))
        )[self.problem.loss_name]

    def on(self, point: Sequence[float]) -> np.ndarray:
        """What is seen of a point."""
        return np.array([float(point[place]) for place in self.places])

    def is_end(self, point: np.ndarray, extent: float) -> bool:
        """Whether a run that stands somewhere stands there, as far as can be seen."""
        return self.stands and bool(
            np.abs(self.on(self.course.end) - point).max() <= 2 * NEAR * (extent or 1.0)
        )

    def is_seen(self, point: np.ndarray, points: np.ndarray) -> bool:
        """Where the loss has a value, and not so far from these points that they would be nothing
        but a dot beside it."""
        return bool(
            np.isfinite(point).all()
            and np.isfinite(self.heights(*point))
            and (
                np.abs(point - points.mean(axis=0)) < FAR * (np.ptp(points, axis=0).max() or 1.0)
            ).all()
        )

    def path(self, rate: float) -> Iterator[np.ndarray]:
        """The points that gradient descent with this learning rate comes to, as far as they are
        seen: each (names,)."""
        return map(self.on, path(self.problem, rate))

    def placed(self, points: np.ndarray) -> np.ndarray:
        """Where the points are in the picture: on the curve, or on the map."""
        return (
            points
            if points.shape[1] == 2
            else np.column_stack([points[:, 0], self.heights(points[:, 0])])
        )

    @property
    def ground(self) -> str:
        """What the path lies on, in words: the curve of one parameter, the contour map of two."""
        return "the curve" if len(self.names) == 1 else "the contour map"

    @property
    def words(self) -> Facts:
        """What every figure says of it."""
        others, where = (
            len(self.problem.trained) - len(self.names),
            "at the end of the path" if self.held else "at the start",
        )
        rest = (
            ", so before that the path is at another height than the picture." if self.held else "."
        )
        held = (
            f" The other parameters are held at their values {where}{rest}"
            if others > 1
            else f" The other parameter is held at its value {where}{rest}"
        )
        self.subject.says("held", others, bool(self.held))
        return {
            "loss": plain_symbol(self.problem.loss_name),
            "ground": self.ground,
            "arguments": ", ".join(map(plain_symbol, self.names)),
            "tex": ", ".join(map(self.subject.tex, self.names)),
            "held": held if others else "",
        }


def points_of(land: Land) -> tuple[np.ndarray, int, int] | None:
    """The points of the page and those of the program until it is where it stays: (n, names); how
    many updates are of the page; and for how many updates an arrow stands after those. None where
    there is nothing to draw over, or no number."""
    problem, shown = land.problem, land.problem.epochs
    worked = np.array([[step.values[name] for name in land.names] for step in land.subject.steps])
    if not land.names or not np.isfinite(worked).all():
        return None
    if land.course is None or problem.long_run <= shown:
        return worked, shown, 1
    rate, stride = float(problem.learning_rate.value), 1
    if land.is_drawn_whole:
        last = max(land.course.updates, shown)
        stride = max(1, -(-(last - shown) // FURTHER))
        rest = list(islice(land.path(rate), shown + stride, last, stride)) + [
            land.on(land.course.end)
        ] * (last > shown)
    else:
        rest = takewhile(
            lambda point: land.is_seen(point, worked),
            islice(land.path(rate), shown + 1, shown + 1 + min(FURTHER, problem.long_run - shown)),
        )
    points = np.array([*worked, *rest])
    apart = np.flatnonzero(
        np.abs(points - points[-1]).max(axis=1) > NEAR * (np.ptp(points, axis=0).max() or 1.0)
    )
    return points[: max(shown + 1, apart.max(initial=-1) + 2)], shown, stride

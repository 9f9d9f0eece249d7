"""Where the cells of a grid stand on paper, in millimetres; and whether they have room there.

    labels | x_1 x_2 1 | gap | z | mid | h | copy | labels | h_1 h_2 1 | gap | z | mid | o | target
    top    | weights b | ->  | z | ->  | h |      |        | weights b | ->  | z | ->  | o | target

Two layers of weights or one: three bands on a page, one for each pass, with the same columns. Three
layers: a page for each pass, a band for each layer, with the same places on all three. A cell is
never narrower or lower than a hand needs: what does not fit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ..errors import WorksheetError
from ..problem import Problem
from .page import BACKWARD, OTHERWISE, PASSES, Cell, has_bias, matrices_of

PAPERS = {
    "a4": (271.0, 184.0),
    "us-letter": (253.4, 190.0),
}  # landscape, within margins of 13 mm and below the head
OF_TASK = {
    "the page of a task": (253.4, 174.0),
    "the page of a task, A4": (271.0, 174.0),
}  # below its statement too; on either paper, or where that is too narrow
POINT = 0.3528  # millimetres
SIZES = ((10.5, 15.0), (9.2, 17.4))  # points, and the width of a cell where there is room
HEIGHTS = (9.4, 7.9, 7.0)  # of a cell
NARROWEST, STROKE, AROUND = (
    12.0,
    2.0,
    2.0,
)  # of a cell; of a sign in handwriting; around a number in print
DIGIT, DOT, MINUS = 0.5, 0.278, 0.778  # em of the signs of a number
COPY, GAP, MID = (
    6.0,
    6.5,
    15.0,
)  # for the bent arrow between layers; before z; at least, for an activation
ASIDE = (
    (8.0, 9.0, 5.0),
    (6.5, 6.5, 4.0),
)  # at least for the names of rows; for an arrow with a number above it; before the target: usual, and close
SLOPE = 3.2  # around a slope between its neighbours
HEAD, JOIN, BACK = (
    12.0,
    1.2,
    14.0,
)  # from a band's line to its first row; between input and weights; on the way back above the errors
BELOW, LOSS, TOTAL, FOOT = (
    5.2,
    4.5,
    1.6,
    4.8,
)  # from the last row to the row below it, the loss, the sum of the powers, the end of the name
APART = (4.0, 7.0)  # between bands, at least and at most
STACKED = 3  # layers with which each pass has a page


@dataclass(frozen=True, slots=True)
class Box:
    """A cell on paper; x and y are those of its upper left corner from that of the text area."""

    cell: Cell
    page: int
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """x of its right edge, in millimetres."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """y of its lower edge, in millimetres."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """(x, y) of its centre, in millimetres."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Band:
    """One pass, or of three layers one layer of a pass: its page and the line it begins with."""

    passing: str
    layers: tuple[int, ...]
    page: int
    y: float


@dataclass(frozen=True)
class Measures:
    """What all cells of a grid have in common: points of their numbers, millimetres of everything
    else."""

    size: float
    cell: float
    height: float
    mid: float
    labels: float
    arrow: float
    target: float
    bands: tuple[Band, ...]

    def band(self, passing: str, layer: int) -> Band:
        """The one in which a layer (from 1) of a pass stands."""
        return next(band for band in self.bands if band.passing == passing and layer in band.layers)


class Places:
    """The places of a problem's cells on a paper. `labels`: the width of the widest name of a row,
    `heads`: of the widest above an activation.

    Raises WorksheetError, with the limit, for a network that has no room."""

    def __init__(
        self,
        problem: Problem,
        cells: Sequence[Cell],
        paper: str = "a4",
        labels: float = 0,
        heads: float = 0,
        columns: float = 0,
    ):
        self.problem, self.layers = problem, matrices_of(problem).layers
        self.is_stacked = len(self.layers) >= STACKED
        self.room, self.depth = (PAPERS | OF_TASK)[paper]
        self.paper = paper
        self.measures = self.measured(cells, labels, heads, columns)

    # ---- across ---------------------------------------------------------------------------------

    def inputs(self, index: int) -> int:
        """How many weights each unit of a layer (from 1) has."""
        return len(self.layers[index - 1].units[0].weights)

    def parts(self, index: int, m: Measures) -> dict[str, float]:
        """Where the parts of a layer begin, from its first weight; `end` is where the last of them
        ends."""
        layer = self.layers[index - 1]
        found = {"weight": 0.0, "bias": self.inputs(index) * m.cell}
        at = found["z"] = found["bias"] + m.cell * has_bias(layer) + GAP
        at += m.cell
        if layer.activation == "softmax":
            found["power"] = at + m.arrow
            found["a"] = found["power"] + m.cell + m.arrow
            at = found["a"] + m.cell
        elif layer.activation != "identity":
            found |= {"slope": at + SLOPE / 2, "a": at + m.mid}
            at = found["a"] + m.cell
        if index == len(self.layers):
            found["target"] = at + m.target
            at = found["target"] + m.cell
        return found | {
            "input": 0.0,
            "below": 0.0,
            "total": found.get("power", 0.0),
            "loss": found.get("target", 0.0),
            "end": at,
        }

    def start(self, index: int, m: Measures) -> float:
        """Where the first weight of a layer stands."""
        if self.is_stacked or index == 1:
            return m.labels
        return self.start(index - 1, m) + self.parts(index - 1, m)["end"] + COPY + m.labels

    def span(self, m: Measures) -> float:
        """How wide the whole is."""
        return max(
            self.start(index, m) + self.parts(index, m)["end"]
            for index in range(1, len(self.layers) + 1)
        )

    # ---- down -----------------------------------------------------------------------------------

    def depths(self, passing: str, index: int, height: float) -> dict[str, float]:
        """Where the parts of a layer begin below the line of its band; `end` is where the last of
        them ends."""
        layer = self.layers[index - 1]
        rows = BACK + JOIN if passing == BACKWARD and not self.is_stacked else HEAD + height + JOIN
        found = dict.fromkeys(("weight", "bias", "z", "power", "slope", "a", "target"), rows)
        last = rows + len(layer.units) * height
        found |= {"input": HEAD, "below": last + BELOW, "total": last + TOTAL, "loss": last + LOSS}
        if layer.activation == "softmax":
            found["loss"] = found["total"] + height + TOTAL
        ends = [last + FOOT]
        if passing == BACKWARD:
            ends += [found["below"] + height] if index > 1 else []
        elif index == len(self.layers):
            ends.append(found["loss"] + height)
        return found | {"end": max(ends)}

    def placed_bands(self, height: float) -> tuple[Band, ...] | None:
        """The bands with cells of a height, spread over their page; None where they do not fit."""
        indices = tuple(range(1, len(self.layers) + 1))
        pages = (
            [[(passing, (index,)) for index in indices] for passing in PASSES]
            if self.is_stacked
            else [[(passing, indices) for passing in PASSES]]
        )
        found = []
        for page, bands in enumerate(pages):
            high = [
                max(
                    self.depths(each, index, height)["end"]
                    for index in layers
                    for each in (PASSES if self.is_stacked else (passing,))
                )
                for passing, layers in bands
            ]
            apart = min(APART[1], (self.depth - sum(high)) / (len(bands) - 1))
            if apart < APART[0]:
                return None
            y = 0.0
            for (passing, layers), each in zip(bands, high, strict=True):
                found.append(Band(passing, layers, page, round(y, 2)))
                y += each + apart
        return tuple(found)

    # ---- together -------------------------------------------------------------------------------

    def measured(
        self, cells: Sequence[Cell], labels: float, heads: float, columns: float
    ) -> Measures:
        """The usual distances, or close ones; with them the largest type with which all cells fit,
        as wide and as high as there is room for."""
        most = max(len(layer.units) for layer in self.layers)
        height = next((height for height in HEIGHTS if self.placed_bands(height)), None)
        if height is None:
            raise WorksheetError(
                f"a grid on {self.paper} has no room for {most} units below each other: its cells are {HEIGHTS[-1]} mm high at least",
                "",
                f"at most {self.most_rows()} units in a layer, or {OTHERWISE}",
            )
        for (names, arrow, target), (size, wanted) in product(ASIDE, SIZES):
            slope = max(
                [needed(cell.text, size) for cell in cells if cell.part == "slope"], default=0
            )
            m = Measures(
                size,
                0,
                height,
                max(MID, slope + SLOPE, heads),
                max(names, labels) + COPY * self.is_stacked,
                arrow,
                target,
                self.placed_bands(height),
            )
            fixed = self.span(m)
            count = round(self.span(replace(m, cell=1.0)) - fixed)
            least = max(
                NARROWEST,
                columns,
                *[needed(cell.text, size) for cell in cells if cell.part != "slope"],
            )
            if (room := (self.room - fixed) / count) >= least:
                return replace(m, cell=int(min(room, max(wanted, least)) * 100) / 100)
        units = " and ".join(
            map(
                str,
                (
                    len(matrices_of(self.problem).inputs),
                    *[len(layer.units) for layer in self.layers],
                ),
            )
        )
        digits = max((cell.text for cell in cells), key=len)
        raise WorksheetError(
            f"a grid on {self.paper} is {self.room:g} mm wide: {units} units need {count} columns of {least:.1f} mm for numbers such as {digits}, and "
            f"{fixed:.0f} mm between them, which is {count * least + fixed:.0f} mm",
            hint=f"fewer units or decimal places, or {OTHERWISE}",
        )

    def most_rows(self) -> int:
        """How many units below each other have room in a network of these layers."""

        def fits(rows: int) -> bool:
            layers = [
                layer.model_copy(update={"units": layer.units[:rows]}) for layer in self.layers
            ]
            other = object.__new__(Places)
            other.__dict__.update(self.__dict__ | {"layers": layers})
            return other.placed_bands(HEIGHTS[-1]) is not None

        return next(
            rows
            for rows in range(max(len(layer.units) for layer in self.layers), -1, -1)
            if fits(rows)
        )

    def boxes(self, cells: Iterable[Cell]) -> list[Box]:
        """The cells on paper."""
        m, found = self.measures, []
        for cell in cells:
            band = m.band(cell.passing, cell.layer)
            down = self.depths(cell.passing, cell.layer, m.height)
            x = (
                self.start(cell.layer, m)
                + self.parts(cell.layer, m)[cell.part]
                + cell.column * m.cell
            )
            y = band.y + down[cell.part] + cell.row * m.height
            width = m.mid - SLOPE if cell.part == "slope" else m.cell
            inset = 0.7 if cell.part == "slope" else 0.0
            found.append(
                Box(
                    cell,
                    band.page,
                    round(x, 2),
                    round(y + inset, 2),
                    round(width, 2),
                    round(m.height - 2 * inset, 2),
                )
            )
        return found


def needed(text: str, size: float) -> float:
    """The width of a cell for a number: in print at a size in points, and by hand, where a point
    takes no room of its own."""
    if "e" in text:
        raise WorksheetError(
            f"a cell of a grid has no room for a power of ten, and a number of this solution is {text}",
            hint=OTHERWISE,
        )
    digits = sum(sign.isdigit() for sign in text)
    print_ = (
        DIGIT * digits + DOT * text.count(".") + MINUS * text.count("-")
    ) * size * POINT + AROUND
    return max(print_, STROKE * (digits + text.count("-")))

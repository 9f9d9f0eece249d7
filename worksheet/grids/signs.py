"""What is written on a grid beside its numbers: names of rows and columns, formulas, the order of
the steps, arrows.

A label is a formula (TeX) or the key of words that the page set-up has, with the formulas these
need; numbers of steps say the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..algebra.expression import Apply, Expr, Name, apply, lift
from ..algebra.laws import law_named
from ..pages.page import Page
from ..problem import Layer
from ..tex.boxes import boxes
from ..tex.line_breaking import wide
from ..tex.writer import Style, tex
from ..trace.recorder import as_shown
from ..trace.trace import Trace
from .page import BACKWARD, NEW, PASSES, has_bias, has_shift, is_short, matrices_of
from .places import COPY, JOIN, POINT, Box, Places

LABEL, SMALL = 9.0, 8.5  # points of labels, and of those above an activation
NEAR = 0.8  # millimetres between an arrow and a cell
STEP = 2.25  # radius of the circle around the number of a step
TURN = 2.4  # above the line of a band, where an arrow goes from one band to the other


@dataclass(frozen=True, slots=True)
class Sign:
    """A label at a point of a page; `side` says which part of it stands there: -1 its left end, 0
    its middle, 1 its right end.

    `words` is a key of the page set-up, empty for a formula alone; `step` the number in a circle
    before it, 0 for none."""

    page: int
    passing: str
    x: float
    y: float
    words: str = ""
    formulas: tuple[str, ...] = ()
    step: int = 0
    side: int = 0
    size: float = LABEL


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through some points of a page, with its head at the last."""

    page: int
    passing: str
    points: tuple[tuple[float, float], ...]


class Names:
    """The names that a grid has for what it shows, in the symbols of its page."""

    def __init__(self, page: Page):
        self.page, self.network, self.symbols = page, matrices_of(page.problem), page.symbols
        self.style = Style(page.symbols, page.problem.rounding.negatives, is_flat=True)
        self.loss = self.network.loss_name

    def column(self, index: int, part: str) -> str:
        """The name of a layer's z or a: that of its matrix, of its one unit, or the letter that its
        units share."""
        units = self.network.layers[index - 1].units
        names = [
            unit.a
            if part == "a" or self.network.layers[index - 1].activation == "identity"
            else unit.z
            for unit in units
        ]
        if self.page.is_matrix:
            return self.page.matrices.name(part, index)
        return names[0] if len(names) == 1 else shared(names) or part

    def target(self) -> str:
        """The name of the target, or the letter that its entries share; `y` where they share
        none."""
        names = list(self.network.target)
        return names[0] if len(names) == 1 else shared(names) or "y"

    def frame(self, index: int) -> tuple[str, ...]:
        """The symbols of a layer's weights and bias; none where they are named one by one."""
        if not self.page.is_matrix:
            return ()
        return tuple(
            self.symbols(self.page.matrices.name(part, index))
            for part in ("weights", *["bias"] * has_bias(self.network.layers[index - 1]))
        )

    def by(self, name: str) -> str:
        r"""`\partial L/\partial z`."""
        return rf"\partial {self.symbols(self.loss)}/\partial {self.symbols(name)}"

    def error(self, index: int) -> str:
        r"""`\delta^{(2)}` with matrices, of a layer with an activation; else `\partial L/\partial
        z`."""
        if self.page.is_matrix and self.network.layers[index - 1].activation != "identity":
            return self.symbols(self.page.matrices.delta(index))
        return self.by(self.column(index, "z"))

    def text(self, expr: Expr) -> str:
        """The TeX of an expression, in the flat style of a grid."""
        return tex(as_shown(expr), self.style)

    def slope(self, layer: Layer, index: int) -> str:
        r"""`\cdot h(1 - h)`; of a ReLU, whose slope is a case, its name with a prime."""
        law = law_named(layer.activation)
        if "relu" in law.op:
            return rf"\cdot {law.symbol}'"
        formula = law.derivative(
            [Name(self.column(index, "z"))], Name(self.column(index, "a")), 0, ()
        )
        return (
            rf"\cdot {self.text(formula) if formula.op == 'product' else f'({self.text(formula)})'}"
        )

    def activation(self, layer: Layer, index: int) -> str:
        """The formula of a layer's activation of its z; of a ReLU its name alone."""
        law, z = law_named(layer.activation), Name(self.column(index, "z"))
        if law.op == "leaky_relu":
            return self.text(law.formula(z, lift(layer.slope.text)))
        return law.symbol if law.op == "relu" else self.text(apply(law.op, z))

    def difference(self) -> str:
        """The derivative of the loss by an output, or, where loss and activation are differentiated
        in one, by the last z."""
        count, index = len(self.network.target), len(self.network.layers)
        target, output = Name(self.target()), Name(self.column(index, "a"))
        if is_short(self.page.problem):
            return self.text(output - target)
        return self.text(
            law_named(self.network.loss).derivative([target] * count, [output] * count, 0)
        )

    def whole_loss(self) -> str:
        """The loss as a sum over the outputs."""
        count, index = len(self.network.target), len(self.network.layers)
        formula = law_named(self.network.loss).formula(
            [Name(self.target())] * count, [Name(self.column(index, "a"))] * count
        )
        return rf"{self.symbols(self.loss)} = {self.text(self.summed(formula, count))}"

    def summed(self, formula: Expr, count: int) -> Expr:
        """The formula with the sum over `count` outputs, which all look alike, written with a sum
        sign."""
        if not isinstance(formula, Apply) or count == 1:
            return formula
        size, more = divmod(len(formula.args), count)
        if formula.op == "sum" and not more and formula.args[:size] * count == formula.args:
            term = formula.args[0] if size == 1 else Apply("sum", formula.args[:size])
            inside = self.text(term) if size == 1 else rf"\left({self.text(term)}\right)"
            return Name(self.kept(rf"\sum {inside}"))
        return Apply(formula.op, tuple(self.summed(arg, count) for arg in formula.args))

    def kept(self, text: str) -> str:
        """A name whose symbol is a text."""
        self.style = Style(
            type(self.symbols)(
                self.symbols.notation,
                self.symbols.loss_name,
                {**self.symbols.aliases, "terms": text},
                self.symbols.d,
            ),
            self.style.negatives,
            is_flat=True,
        )
        return "terms"


def shared(names: Sequence[str]) -> str:
    """What several names have in common before their indices: `h` of h_1 and h_2; with its hat, of
    y_hat_1. Empty if nothing."""
    stems = {name.partition("__")[0].rstrip("0123456789").rstrip("_") for name in names}
    if len(stems) > 1:
        stems = {name.partition("_")[0].rstrip("0123456789") for name in names}
    return stems.pop() if len(stems) == 1 else ""


def breadth(formula: str, size: float = LABEL) -> float:
    """About how many millimetres a formula is wide."""
    return wide(boxes(formula)) * size * POINT


class Signs:
    """All that is written and drawn between the cells of an epoch."""

    def __init__(
        self, trace: Trace, names: Names, places: Places, placed: Sequence[Box], epoch: int
    ):
        self.trace, self.names, self.places, self.epoch = trace, names, places, epoch
        self.network, self.m = matrices_of(trace.problem), places.measures
        self.at = {box.cell.place: box for box in placed}
        self.step = 0
        self.found: list[Sign | Arrow] = []
        for self.passing in PASSES:
            (self.back if self.passing == BACKWARD else self.forth)(self.passing)

    # ---- helpers --------------------------------------------------------------------------------

    def next(self) -> int:
        """The number of the next step, from 1."""
        self.step += 1
        return self.step

    def sign(self, page: int, x: float, y: float, words: str = "", *formulas: str, **how) -> None:
        """Write words and formulas at a place of a page, in millimetres."""
        self.found.append(
            Sign(page, self.passing, round(x, 2), round(y, 2), words, formulas, **how)
        )

    def arrow(self, page: int, *points: tuple[float, float]) -> None:
        """Draw a line through some points of a page, in millimetres."""
        self.found.append(
            Arrow(page, self.passing, tuple((round(x, 2), round(y, 2)) for x, y in points))
        )

    def box(self, passing: str, index: int, part: str, row: int = 0, column: int = 0) -> Box | None:
        """The cell at a place, from row 0 and column 0; None where there is none."""
        return self.at.get((passing, index, part, row, column))

    def layers(self) -> Iterator[tuple[int, Layer]]:
        """Each with its number, from 1."""
        return enumerate(self.network.layers, start=1)

    def rows(self, passing: str, index: int, layer: Layer) -> None:
        """Write the symbol of each unit before its row of weights."""
        for row, unit in enumerate(layer.units):
            box = self.box(passing, index, "weight", row)
            self.sign(box.page, box.x - 1.4, box.middle[1], "", self.names.symbols(unit.a), side=1)

    def outputs(self, index: int) -> list[str]:
        """The names that stand above the weights of a layer (from 1): the inputs, or what the layer
        before gives out."""
        return (
            list(self.network.inputs)
            if index == 1
            else [unit.a for unit in self.network.layers[index - 2].units]
        )

    # ---- the passes -----------------------------------------------------------------------------

    def forth(self, passing: str) -> None:
        """Write what belongs to a pass forward, layer by layer: what is copied, heads, rows,
        frames, sums; then the target and the loss."""
        new = self.next() if passing == NEW else 0
        for index, layer in self.layers():
            first = self.box(passing, index, "weight")
            page, top = first.page, first.y - JOIN - self.m.height
            if index > 1:
                self.copied(passing, index)
            for column, name in enumerate(self.outputs(index)):
                self.sign(
                    page,
                    self.box(passing, index, "input", 0, column).middle[0],
                    top - 2.6,
                    "",
                    self.names.symbols(name),
                )
            if has_bias(layer):
                self.sign(
                    page,
                    self.box(passing, index, "input", 0, len(self.outputs(index))).middle[0],
                    top - 2.6,
                    "bias",
                )
            self.rows(passing, index, layer)
            self.frame(passing, index, layer, "new" if new else "weights", new)
            self.sums(passing, index, layer, first.y)
        target, loss = self.box(passing, index, "target"), self.box(passing, index, "loss")
        self.sign(target.page, target.middle[0], target.y - 3, "target")
        self.sign(
            loss.page,
            loss.x - 1.2,
            loss.middle[1],
            "",
            self.names.whole_loss(),
            step=self.next(),
            side=1,
        )

    def frame(self, passing: str, index: int, layer: Layer, words: str, step: int = 0) -> None:
        """What the matrix of a layer is called, below it."""
        first, last = (
            self.box(passing, index, "weight"),
            self.box(passing, index, "weight", len(layer.units) - 1),
        )
        width = self.m.cell * (
            self.places.inputs(index)
            + (has_bias(layer) and (passing != BACKWARD or layer.trained_bias))
        )
        names = self.names.frame(index)
        if passing == BACKWARD and not layer.trained_bias:
            names = names[:1]
        alone = "" if names or not has_bias(layer) or passing == BACKWARD else "-and-bias"
        self.sign(
            first.page,
            first.x + width / 2,
            last.bottom + (3.2 if step else 2.6),
            words + alone,
            *names,
            step=step,
        )

    def sums(self, passing: str, index: int, layer: Layer, ty: float) -> None:
        """From the weights to z, and from there to what the layer puts out."""
        z = self.box(passing, index, "z")
        self.sign(
            z.page, z.middle[0], ty - 3, "", self.names.symbols(self.names.column(index, "z"))
        )
        self.sign(z.page, z.x - 3.2, ty - 3, step=self.next())
        for row in range(len(layer.units)):
            box = self.box(passing, index, "z", row)
            self.arrow(z.page, (box.x - 6.5 + NEAR, box.middle[1]), (box.x - NEAR, box.middle[1]))
        if layer.activation == "identity":
            return
        ends = ["power", "a"] if layer.activation == "softmax" else ["a"]
        start = "z"
        for part in ends:
            for row in range(len(layer.units)):
                one, other = (
                    self.box(passing, index, start, row),
                    self.box(passing, index, part, row),
                )
                self.arrow(
                    z.page, (one.right + NEAR, one.middle[1]), (other.x - NEAR, other.middle[1])
                )
            one, other = self.box(passing, index, start), self.box(passing, index, part)
            middle = (one.right + other.x) / 2
            if layer.activation != "softmax":
                self.sign(
                    z.page, middle, ty - 3, "", self.names.activation(layer, index), size=SMALL
                )
            self.sign(z.page, middle, ty - 7.9, step=self.next())
            start = part
            if part == "power":
                self.powers(passing, index, other)
        self.sign(
            z.page, other.middle[0], ty - 3, "", self.names.symbols(self.names.column(index, "a"))
        )

    def powers(self, passing: str, index: int, power: Box) -> None:
        r"""Write `\exp(z)`, or `\exp(z - \max z)` where the trace has it so, above the powers of a
        softmax, and their total."""
        z, total = (
            self.names.symbols(self.names.column(index, "z")),
            self.box(passing, index, "total"),
        )
        is_last = passing == NEW and self.epoch == self.trace.problem.epochs
        phase = "check" if is_last else "forward"
        is_shifted = has_shift(
            self.trace, self.epoch + (passing == NEW and phase == "forward"), phase
        )
        self.sign(
            power.page,
            power.middle[0],
            power.y - 3,
            "",
            rf"\exp({z} - \max {z})" if is_shifted else rf"\exp({z})",
        )
        self.sign(total.page, total.x - 1.2, total.middle[1], "total", step=self.next(), side=1)

    def copied(self, passing: str, index: int) -> None:
        """The bent arrow from the outputs of a layer to the inputs of the next."""
        before, to = self.last(passing, index - 1), self.box(passing, index, "input")
        if not self.places.is_stacked:
            x, y = before.right + 4, to.middle[1]
            self.arrow(
                to.page,
                (before.right + NEAR, before.middle[1]),
                (x, before.middle[1]),
                (x, y),
                (to.x - NEAR, y),
            )
            self.sign(to.page, x + 4.2, y - 3, step=self.next())
            return
        x, y, (under, end), turn = (
            STEP + NEAR,
            to.middle[1],
            self.foot(passing, index - 1),
            self.m.band(passing, index).y - TURN,
        )
        self.arrow(to.page, (under, end + NEAR), (under, turn), (x, turn), (x, y), (to.x - NEAR, y))
        self.sign(to.page, x, (turn + y) / 2, step=self.next())

    def foot(self, passing: str, index: int) -> tuple[float, float]:
        """Where the column of what a layer puts out ends, on paper."""
        before = self.last(passing, index)
        column = [box for box in self.at.values() if box.cell.place[:3] == before.cell.place[:3]]
        return before.middle[0], max(box.bottom for box in column)

    def last(self, passing: str, index: int) -> Box:
        """The first cell of what a layer puts out."""
        return self.box(passing, index, "a") or self.box(passing, index, "z")

    def back(self, passing: str) -> None:
        """Write what belongs to the pass back, from the last layer to the first: errors, heads,
        rows, frames, and what is sent back."""
        layers = self.network.layers
        for index in range(len(layers), 0, -1):
            layer, is_last = layers[index - 1], index == len(layers)
            self.errors(index, layer, is_last)
            first = self.box(passing, index, "weight")
            heads = [rf"\times {self.names.symbols(name)}" for name in self.outputs(index)]
            for column, head in enumerate(heads):
                self.sign(
                    first.page,
                    self.box(passing, index, "weight", 0, column).middle[0],
                    first.y - 3,
                    "",
                    head,
                )
            bias = first.x + (len(heads) + 0.5) * self.m.cell
            if has_bias(layer) and layer.trained_bias:
                self.sign(first.page, bias, first.y - 3, "", r"\times 1")
            for row, unit in enumerate(layer.units):
                if unit.bias and not layer.trained_bias:
                    self.sign(
                        first.page, bias, self.box(passing, index, "weight", row).middle[1], "kept"
                    )
            self.rows(passing, index, layer)
            self.frame(passing, index, layer, "gradients")
            z = self.box(passing, index, "z")
            self.sign(z.page, z.x - 3.2, first.y - 3, step=self.next())
            for row in range(len(layer.units)):
                box = self.box(passing, index, "z", row)
                self.arrow(
                    z.page, (box.x - NEAR, box.middle[1]), (box.x - 6.5 + NEAR, box.middle[1])
                )
            if index > 1:
                self.sent_back(index)

    def errors(self, index: int, layer: Layer, is_last: bool) -> None:
        """The columns of a layer from right to left, each with the number of its step above."""
        a, slope, z = (self.box(BACKWARD, index, part) for part in ("a", "slope", "z"))
        first, head = a or z, self.names.difference() if is_last else ""
        if is_last and first is z:
            self.sign(
                z.page,
                z.right + 2.5,
                (z.y + self.box(BACKWARD, index, "z", len(layer.units) - 1).bottom) / 2,
                "",
                f"= {head}",
                side=-1,
            )
        elif is_last:
            self.sign(a.page, a.middle[0], a.y - 3, "", head)
        else:
            self.sign(first.page, first.middle[0], first.y - (3 if first is a else 11.5), "copied")
        if is_last:
            self.sign(first.page, first.middle[0], first.y - 7.9, step=self.next())
        if a:
            self.sign(
                a.page, slope.middle[0], a.y - 3, "", self.names.slope(layer, index), size=SMALL
            )
            self.sign(a.page, slope.middle[0], a.y - 7.9, step=self.next())
            self.sign(z.page, z.middle[0], z.y - 7.9, step=self.next())
        self.sign(z.page, z.middle[0], z.y - 3, "", self.names.error(index))

    def sent_back(self, index: int) -> None:
        """The row below the weights, and the bent arrow from it to the layer before."""
        width = len(self.outputs(index)) * self.m.cell
        below, to = self.box(BACKWARD, index, "below"), self.last(BACKWARD, index - 1)
        gradient, y, end = (
            self.names.by(self.names.column(index - 1, "a")),
            below.middle[1],
            to.middle[1],
        )
        right = below.x + width + 1.5
        if self.places.is_stacked:
            x, (under, foot), turn = (
                STEP + NEAR,
                self.foot(BACKWARD, index - 1),
                self.m.band(BACKWARD, index).y - TURN,
            )
            self.sign(below.page, right, y, "", gradient, step=self.next(), side=-1)
            self.arrow(
                below.page,
                (below.x - NEAR, y),
                (x, y),
                (x, turn),
                (under, turn),
                (under, foot + NEAR),
            )
            self.sign(below.page, x, turn + TURN + 2 * STEP, step=self.next())
            return
        matrices = (
            (self.names.error(index), self.names.frame(index)[0])
            if self.names.page.is_matrix
            else ()
        )
        self.sign(
            below.page,
            right,
            y,
            "sent-back-as" if matrices else "sent-back",
            gradient,
            *matrices,
            step=self.next(),
            side=-1,
        )
        x = below.x - COPY - 2.5
        self.arrow(below.page, (below.x - NEAR, y), (x, y), (x, end), (to.right + NEAR, end))
        self.sign(below.page, x, end - 3.2, step=self.next())


def heads(names: Names) -> dict[str, float]:
    """The room that names need: `labels` of rows, `heads` above an activation, `columns` above a
    cell, in millimetres."""
    layers = list(enumerate(names.network.layers, start=1))
    rows = [names.symbols(unit.a) for _, layer in layers for unit in layer.units]
    above = [
        text
        for index, layer in layers
        if layer.activation not in ("identity", "softmax")
        for text in (names.activation(layer, index), names.slope(layer, index))
    ]
    across = [
        rf"\times {names.symbols(name)}"
        for name in (
            *names.network.inputs,
            *[unit.a for _, layer in layers[:-1] for unit in layer.units],
        )
    ]
    if layers[-1][1].activation != "identity" and not is_short(names.page.problem):
        across.append(names.difference())
    return {
        "labels": max(map(breadth, rows)) + 2.5,
        "heads": max([breadth(text, SMALL) + 1.5 for text in above], default=0),
        "columns": max(map(breadth, across)) + 1,
    }

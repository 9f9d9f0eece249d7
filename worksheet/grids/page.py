"""A network's training step as the cells of one page: every number stands in a matrix at the place
where it is multiplied.

    forward     x_1   x_2   1            a row times the row above it, added, is z
               [w_1   w_2   b ]  z  h
    backward   [dL/dw_1     ..]  dL/dz  slope  dL/dh      below each weight its gradient
    new        [w_1   w_2   b ]  z  h                     below each gradient the new weight

Three passes over the same layers, which a family gives (`Matrices`). A cell says which quantity it
shows and names the event of the trace behind it; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..algebra.laws import law_named
from ..errors import WorksheetError
from ..family import Family, families, family_of
from ..pages.blanks import Part, is_result, left_open
from ..problem import Layer, Problem
from ..trace.backward import partial_name
from ..trace.trace import Key, Trace

FORWARD, BACKWARD, NEW = PASSES = ("forward", "backward", "new")
MOST_LAYERS = 3
OTHERWISE = "ask for the sheet without it: --layout tasks"
# of the grid of a task: the passes that are left blank, the last of which is the last that stands
# there
BLANKS = {
    "all": PASSES,
    "values": (FORWARD,),
    "gradients": (BACKWARD,),
    "both": (FORWARD, BACKWARD),
    "update": (NEW,),
}
LEADS_TO = {
    "power": "a",
    "total": "a",
}  # a number within the working of another one, and the part where that stands


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and its place: in a pass, at a layer (from 1), in a part of it, at a row and a
    column (from 0).

    part: `input` is the row above the weights, `below` the row below them, then `weight` and
    `bias`, and the columns `z`, `power` (e^z of a softmax, with their `total` below it), `slope`,
    `a`, `target` and `loss`. On the way back a part holds the derivative of the loss by what it
    holds on the way forward; `slope` is the activation's own. `event` is None for the 1 above a
    bias, which is no quantity."""

    passing: str
    layer: int
    part: str
    row: int
    column: int
    name: str
    event: int | None
    text: str
    is_given: bool

    @property
    def place(self) -> tuple[str, int, str, int, int]:
        """(pass, layer, part, row, column): no other cell of an epoch has the same."""
        return self.passing, self.layer, self.part, self.row, self.column


class Matrices(Protocol):
    """What a family gives that has a grid: its matrices, in the order in which they are multiplied.

    inputs: names of the numbers above the first matrix, with their values. layers: the matrices
    from the first to the last; each has `units`, its rows, with the names `z` and `a` of what a row
    makes, `weights` (a name for each input of the row, in their order) and `bias` (one name or
    none); an `activation` by its name in `algebra/laws.py`, its `slope`, and whether its bias is
    trained (`trained_bias`). target: names, one for each row of the last. loss: its name in
    `algebra/laws.py`; loss_name: that of its value.

    The order of the steps follows from it: forward from the first layer to the last, z before a,
    then the loss; backward from the last to the first, the derivative by a, the slope, the
    derivative by z, the gradients, what is sent back; then every new weight, and forward again. The
    trace has all of it by these names, in the phases forward, loss, backward and check of an epoch.
    Nothing else of a family is asked for: where the cells stand (`grids/places.py`), what is
    written beside them (`grids/signs.py`) and their proof (`grids/proof.py`) know these matrices
    alone."""

    inputs: Mapping[str, Any]
    layers: Sequence[Layer]
    target: Mapping[str, Any]
    loss: str
    loss_name: str


def with_matrices() -> list[str]:
    """The keys of the families whose problems have a grid."""
    return [each.key for each in families() if type(each).matrices is not Family.matrices]


def matrices_of(problem: Problem) -> Matrices:
    """Those of a problem that has a grid."""
    found = family_of(problem).matrices(problem)
    assert found is not None, "insist on a grid first"
    return found


def is_short(problem: Problem) -> bool:
    """Whether the loss and the last activation are differentiated in one, so that no derivative by
    the output stands between them."""
    return (
        law_named(matrices_of(problem).layers[-1].activation).op
        in law_named(matrices_of(problem).loss).pairs
    )


def insist(problem: Problem) -> None:
    """Raise WorksheetError for what no grid can show, however small it is."""
    if (matrices := family_of(problem).matrices(problem)) is None:
        raise WorksheetError(
            f"a grid is drawn of a {' or a '.join(with_matrices())}", hint=OTHERWISE
        )
    layers = matrices.layers
    if len(layers) > MOST_LAYERS:
        raise WorksheetError(
            f"a grid holds {MOST_LAYERS} layers of weights at most, and here are {len(layers)}",
            hint=OTHERWISE,
        )
    if getattr(problem, "gradients", "by-layer") != "by-layer":
        raise WorksheetError(
            "a grid goes back layer by layer, and these gradients go through the prediction",
            hint=f"gradients: by-layer, or {OTHERWISE}",
        )
    if (
        any(layer.activation == "softmax" for layer in layers[:-1])
        or layers[-1].activation == "softmax"
        and not is_short(problem)
    ):
        raise WorksheetError(
            "in a grid softmax is the last activation, with the categorical cross-entropy",
            hint=OTHERWISE,
        )


def cells(trace: Trace, epoch: int = 1) -> tuple[Cell, ...]:
    """The cells of an epoch in the order in which they are filled in.

    Raises WorksheetError for a problem that no grid can show."""
    insist(trace.problem)
    return tuple(_Cells(trace, epoch).found())


class _Cells:
    def __init__(self, trace: Trace, epoch: int):
        self.trace, self.epoch, self.network = trace, epoch, matrices_of(trace.problem)
        self.loss = self.network.loss_name

    def found(self) -> Iterator[Cell]:
        yield from self.forward(FORWARD, self.epoch, ("forward", "loss"))
        yield from self.backward()
        is_last = self.epoch == self.trace.problem.epochs
        yield from self.forward(
            NEW, self.epoch + 1, ("check", "check") if is_last else ("forward", "loss")
        )

    # ---- one cell -------------------------------------------------------------------------------

    def cell(self, place: tuple, name: str, event: int) -> Cell:
        each = self.trace.events[event]
        if each.shown is None:
            raise WorksheetError(
                f"the solution shows no number for {name}, so no cell can", hint=OTHERWISE
            )
        return Cell(*place, name, event, each.shown, not is_result(self.trace, event))

    def worked(self, place: tuple, name: str, epoch: int, phase: str) -> Cell:
        return self.cell(place, name, self.trace.find(name, epoch, phase).event)

    def held(self, place: tuple, name: str, epoch: int) -> Cell:
        return self.cell(place, name, self.trace.holder(name, epoch))

    # ---- the passes -----------------------------------------------------------------------------

    def forward(self, passing: str, epoch: int, phases: tuple[str, str]) -> Iterator[Cell]:
        """`epoch`: the one at whose beginning the weights are held; of the last check the
        quantities belong to the epoch before."""
        worked, inputs = epoch - (phases[0] == "check"), list(self.network.inputs)
        for index, layer in enumerate(self.network.layers, start=1):
            yield from self.weights(passing, index, layer, epoch)
            for column, name in enumerate(inputs):
                place = passing, index, "input", 0, column
                yield (
                    self.held(place, name, epoch)
                    if index == 1
                    else self.worked(place, name, worked, phases[0])
                )
            if has_bias(layer):
                yield Cell(passing, index, "input", 0, len(inputs), "", None, "1", True)
            has_slope = layer.activation != "identity"
            for row, unit in enumerate(layer.units):
                yield self.worked(
                    (passing, index, "z", row, 0),
                    unit.z if has_slope else unit.a,
                    worked,
                    phases[0],
                )
            if layer.activation == "softmax":
                yield from self.powers(passing, index, layer, worked, phases[0])
            if has_slope:
                for row, unit in enumerate(layer.units):
                    yield self.worked((passing, index, "a", row, 0), unit.a, worked, phases[0])
            inputs = [unit.a for unit in layer.units]
        for row, name in enumerate(self.network.target):
            yield self.held((passing, index, "target", row, 0), name, epoch)
        yield self.worked((passing, index, "loss", 0, 0), self.loss, worked, phases[1])

    def weights(self, passing: str, index: int, layer: Layer, epoch: int) -> Iterator[Cell]:
        for row, unit in enumerate(layer.units):
            for column, name in enumerate(unit.weights):
                yield self.held((passing, index, "weight", row, column), name, epoch)
            for name in unit.bias:
                yield self.held((passing, index, "bias", row, 0), name, epoch)

    def powers(
        self, passing: str, index: int, layer: Layer, epoch: int, phase: str
    ) -> Iterator[Cell]:
        """e^z of a softmax, from its own working, and their sum."""
        working = None
        for row, unit in enumerate(layer.units):
            working = self.trace.find(unit.a, epoch, phase)
            yield self.cell(
                (passing, index, "power", row, 0),
                f"e^{unit.z}",
                self.trace.events[working.event].operands[0],
            )
        yield self.cell(
            (passing, index, "total", 0, 0),
            "the sum of the powers",
            self.trace.events[working.event].operands[1],
        )

    def backward(self) -> Iterator[Cell]:
        layers = self.network.layers
        for index in range(len(layers), 0, -1):
            layer, is_last = layers[index - 1], index == len(layers)
            is_plain = layer.activation == "identity"
            inputs = [unit.a for unit in layers[index - 2].units] if index > 1 else []
            has_slope = not is_plain and not (is_last and is_short(self.trace.problem))
            if has_slope:
                yield from self.column(
                    "a", index, [partial_name(self.loss, unit.a) for unit in layer.units]
                )
                yield from self.column(
                    "slope", index, [partial_name(unit.a, unit.z) for unit in layer.units]
                )
            yield from self.column(
                "z",
                index,
                [partial_name(self.loss, unit.a if is_plain else unit.z) for unit in layer.units],
            )
            for row, unit in enumerate(layer.units):
                for column, name in enumerate(unit.weights):
                    yield self.gradient((BACKWARD, index, "weight", row, column), name)
                for name in unit.bias if layer.trained_bias else ():
                    yield self.gradient((BACKWARD, index, "bias", row, 0), name)
            for column, name in enumerate(inputs):
                yield self.gradient((BACKWARD, index, "below", 0, column), name)

    def column(self, part: str, index: int, names: list[str]) -> Iterator[Cell]:
        for row, name in enumerate(names):
            yield self.worked((BACKWARD, index, part, row, 0), name, self.epoch, "backward")

    def gradient(self, place: tuple, name: str) -> Cell:
        return self.worked(place, partial_name(self.loss, name), self.epoch, "backward")


def refusal(problem: Problem) -> tuple[str, str] | None:
    """Why no grid can show a problem, with what to use instead; None where one can."""
    try:
        insist(problem)
    except WorksheetError as refused:
        return refused.message, refused.hint
    return None


def passes_of(blank: str) -> tuple[str, ...]:
    """The passes of a grid of which a word of BLANKS is blank: what comes after them would give
    them away."""
    return PASSES[: PASSES.index(BLANKS[blank][-1]) + 1]


def asked_of(trace: Trace, blank: str) -> frozenset[Key]:
    """The quantities of the first epoch's grid that a word of BLANKS leaves blank."""
    return _quantities(trace, BLANKS[blank])


def shown_of(trace: Trace, blank: str) -> frozenset[Key]:
    """All that are worked out and stand in such a grid."""
    return _quantities(trace, passes_of(blank))


def _quantities(trace: Trace, passes: tuple[str, ...]) -> frozenset[Key]:
    events = {cell.event for cell in cells(trace) if cell.passing in passes and not cell.is_given}
    return frozenset(working.key for working in trace.workings if working.event in events)


def blank_events(trace: Trace, blank: str, asked: Collection[int] = ()) -> frozenset[int]:
    """The events whose cells a task leaves empty; those too that are `asked` elsewhere, with the
    powers that lead to them."""
    every = [cell for cell in cells(trace) if not cell.is_given]
    opened = {cell.event for cell in every if cell.passing in BLANKS[blank]} | set(asked)
    led = {(cell.passing, cell.layer, cell.part) for cell in every if cell.event in opened}
    return frozenset(
        opened
        | {
            cell.event
            for cell in every
            if (cell.passing, cell.layer, LEADS_TO.get(cell.part)) in led
        }
    )


def has_bias(layer: Layer) -> bool:
    """Whether any unit of a layer has one, trained or not."""
    return any(unit.bias for unit in layer.units)


def has_shift(trace: Trace, epoch: int, phase: str) -> bool:
    """Whether the powers of a softmax are taken of what remains of each score when the largest is
    taken off."""
    last = [
        trace.find(unit.a, epoch, phase) for unit in matrices_of(trace.problem).layers[-1].units
    ]
    return any(line.move == "SHIFT" for working in last for line in working.lines)


def open_events(trace: Trace, pages: tuple[tuple[Cell, ...], ...]) -> frozenset[int]:
    """The events whose cells a sheet leaves empty: the share of `fade`, by cell; all that is worked
    out where it is 1."""
    kinds: dict[int, tuple] = {}
    for page in pages:
        for cell in page:
            if cell.event is not None and not cell.is_given:
                kinds.setdefault(cell.event, (cell.passing, cell.part))
    parts = [Part(kind, (event,)) for event, kind in kinds.items()]
    return left_open([], parts, trace.problem.fade.value, trace.problem.fade_keep)[1]

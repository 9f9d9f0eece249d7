"""A problem: what a lecturer gives, checked and frozen. Text comes in through `spec/load.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    WithJsonSchema,
)

from .algebra import laws
from .numbers.number import Number, Rounding
from .standing import Places

PHASES = ("forward", "loss", "backward", "update", "check")
# and a parameter: the phase in which that parameter is moved a little, beside the training
NUDGE = "nudge "
LEADS = (
    "descent-path",
    "descent-surface",
    "rate-paths",
    "learning-rates",
)  # the figures that show where gradient descent leads
OF_TRAINING = (
    "gradient-descent",
    "loss-curve",
    "loss-long-run",
    *LEADS,
)  # the figures of whatever is trained
ACROSS = frozenset(
    ["rate-paths"]
)  # the figures that are as wide as a page; two of the others stand side by side
END = "end"  # the phase in which the point where gradient descent ends is tried out
ACTIVATIONS = tuple(law.name for law in laws.ACTIVATIONS.values())
LOSSES = tuple(law.name for law in laws.LOSSES.values())
DETAILS = ("full", "normal", "brief")


def _read_number(value: Any) -> Number:
    if isinstance(value, Number):
        number = value
    elif isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        try:
            number = Number.written(str(value))
        except ArithmeticError:
            raise ValueError(f"{value!r} is not a number") from None
    else:
        raise ValueError(f"{value!r} is not a number")
    if not number.value.is_finite():
        raise ValueError(f"{number.text} is not a finite number")
    return number


# a number that keeps the way it was written; text in JSON, so that 1.0 stays 1.0
Written = Annotated[
    Number,
    PlainValidator(_read_number),
    PlainSerializer(lambda number: number.text, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "description": "a number, printed as written"}),
]


class Model(BaseModel):
    """What every part of a problem is: frozen, refusing keys that it does not know, its checks
    built when they are first wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Unit(Model):
    """One unit with names of the author's: weights in the order of the layer's inputs."""

    z: str
    a: str
    weights: dict[str, Written]
    bias: dict[str, Written] = {}


class Layer(Model):
    """One layer. `units` in order; `trained_bias` is False for biases that stay as they are."""

    units: tuple[Unit, ...]
    activation: Literal[ACTIVATIONS]
    slope: Written = Number.written("0.01")  # of leaky ReLU, for z <= 0
    trained_bias: bool = True
    symbols: dict[
        Literal["weights", "bias", "z", "a"], str
    ] = {}  # names of the matrices, in matrix notation


class Network(Model):
    """Inputs, layers, target, loss. Names are ASCII identifiers, unique over the network."""

    inputs: dict[str, Written]
    layers: tuple[Layer, ...]
    target: dict[str, Written]
    loss: Literal[LOSSES]
    loss_name: str = "L"


class Notation(Model):
    """How symbols and products look."""

    style: Literal["scalar", "matrix"] = Field(
        "scalar", description="one weight at a time, or with matrices"
    )
    learning_rate: Literal["alpha", "eta"] = Field(
        "alpha", description="the letter of the learning rate"
    )
    loss: Literal["L", "mathcal", "Loss"] = Field(
        "L", description="the sign of the loss: L, a calligraphic L, or the word"
    )
    multiply: Literal["cdot", "times"] = Field(
        "cdot", description="a dot or a cross between factors"
    )
    assign: Literal["equals", "arrow", "colon-equals"] = Field(
        "arrow", description="the sign in an update: =, an arrow, :="
    )
    log: Literal["ln", "log"] = Field("ln", description="how the natural logarithm is written")
    product_order: Literal["weight-first", "input-first"] = Field(
        "weight-first", description="w * x, or x * w"
    )


class Detail(Model):
    """How much working is shown, by phase; `later` is for the epochs after the first. None: as much
    as the notation wants (in full for one weight at a time, `normal` for matrices and the
    check)."""

    forward: Literal[DETAILS] | None = Field(None, description="the forward pass")
    loss: Literal[DETAILS] | None = Field(None, description="the loss")
    backward: Literal[DETAILS] | None = Field(None, description="the gradients")
    update: Literal[DETAILS] | None = Field(None, description="the new weights")
    check: Literal[DETAILS] | None = Field(None, description="the forward pass after the update")
    later: Literal[DETAILS] = Field("brief", description="the epochs after the first")


class Voice(Model):
    """Sentences vary where a step comes again; the seed says how."""

    seed: int = 1


BLANKS = (
    "gradients",
    "values",
    "both",
    "update",
    "all",
)  # of a drawing to fill in; which of them one has, is said in grids/drawings.py


class Ask(Model):
    """One task of a sheet. `of`: phases, or names of quantities of an epoch; None: as the solution
    suggests. `choices`: how many answers there are to choose from, 0 where the value is written.
    `blank`: which numbers of a drawing are asked; empty: those that are usual."""

    of: tuple[str, ...]
    epoch: int = 1
    points: Written | None = None
    text: str = ""
    room: int | None = None  # lines
    choices: int = 0
    blank: Literal["", *BLANKS] = ""


COLUMNS = ("auto", "1", "2")  # in which short chains stand on paper
KEEPS = ("first-of-each", "spread", "beginning")  # what a sheet with blanks shows worked
LAYOUTS = TASKS, GRID = (
    "tasks",
    "grid",
)  # of a sheet: its tasks one below the other; all as cells of matrices on one page
CODES = ("numpy", "torch")  # in which a note ends with a program
KEYS = (
    "full",
    "compact",
    "both",
)  # the worked solution; a row for each quantity; the rows, then the solution


class Problem(Model):
    """What every problem has, whatever its family. `epochs` counts the weight updates that are
    worked on the page."""

    title: str
    description: str = ""
    epochs: int = 1
    rounding: Rounding = Rounding()
    notation: Notation = Notation()
    detail: Detail = Detail()
    voice: Voice | None = Voice()  # None: a step is said as it was the first time
    glossary: bool = False
    columns: Literal[COLUMNS] = COLUMNS[0]
    circuit: Literal["", "plain", "local"] = (
        ""  # the computational graph on the page; local: with the derivatives of single operations
    )
    nudge: dict[
        str, Written
    ] = {}  # what is trained and moved a little, by how much, to try its gradient out
    course: str = ""
    date: str = ""
    instructions: str = ""  # what a sheet says before the problem; the description is for notes
    ask: tuple[Ask, ...] = ()  # the tasks of a sheet; none: what is usual in the family
    fade: Written = Number.written(
        "1"
    )  # the share of the solution that a sheet leaves to the student
    fade_keep: str = KEEPS[0]
    key: Literal[KEYS] = "full"
    layout: Literal[LAYOUTS] = TASKS
    code: tuple[Literal[CODES], ...] = ()  # the programs that end a note
    _places: Places = PrivateAttr(
        default_factory=Places
    )  # where its quantities stand in its spec, for messages

    @property
    def places(self) -> Places:
        """Where its quantities stand in its spec, for messages."""
        return self._places

    def standing(self, places: Places) -> Problem:
        """The same problem, which now knows where it stands."""
        self._places = places
        return self

    @property
    def loss_name(self) -> str:
        """The quantity whose gradients are taken; empty where there is none."""
        return ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of units that it is made of; most problems have none."""
        return ()

    @property
    def has_one_variable(self) -> bool:
        """Whether its derivatives are written dL/dw; with other variables held they are partial
        ones."""
        return False

    @property
    def parameters(self) -> dict[str, Number]:
        """The numbers that gradient descent moves."""
        return {}

    @property
    def results(self) -> tuple[str, ...]:
        """The quantities that a solution comes to, beside the new values of its parameters."""
        return ()


class Descending(Problem):
    """A problem whose parameters gradient descent moves.

    A program goes on for `long_run` updates, or until no slope is larger than `until`; without
    `until` only floats do, for a figure. `learning_rates`: others to compare. Where a run ends is
    printed with `end_places`. `over`: the one or two parameters over which its path is drawn.
    """

    learning_rate: Written | None = None
    learning_rates: tuple[Written, ...] = ()
    long_run: int = 1000
    until: Written | None = None
    end_places: int = 3
    over: tuple[str, ...] = ()

    @property
    def is_of_a_loss(self) -> bool:
        """Whether what is made small is a loss, and no function that stands for itself."""
        return True

    @property
    def goes_on(self) -> bool:
        """Whether a program says where gradient descent leads."""
        return bool(self.learning_rate and self.until and self.long_run)

    @property
    def quantities(self) -> dict[str, str]:
        """What is worked out at each point, name -> text, the loss last; of a network its layers
        say it."""
        return {}

    @property
    def trained(self) -> tuple[str, ...]:
        """The names of what gradient descent moves."""
        return tuple(self.parameters)

"""The author's format: what may stand in a spec, as pydantic models. The JSON Schema comes from
here.

Shapes and names are looked at elsewhere (`spec/shapes.py`, `spec/names.py`, `spec/variety.py`):
they need the whole network.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from ..numbers.number import KINDS, Digits, Number, Rounding
from ..problem import (
    ACTIVATIONS,
    BLANKS,
    CODES,
    COLUMNS,
    DETAILS,
    KEEPS,
    KEYS,
    LAYOUTS,
    LOSSES,
    PHASES,
    TASKS,
    Ask,
    Detail,
    Notation,
    Voice,
)
from .demands import DEMANDS
from .values import (
    Columns,
    Flag,
    Fraction,
    Name,
    Named,
    Points,
    Positive,
    Real,
    Row,
    Rows,
    Share,
    Text,
    Values,
    either,
    whole,
)

NUDGE = "weights that are moved a little, each by how much: what the gradient says about it, against what the loss does"
Nudge = Annotated[Named, Field(max_length=12, examples=[{"w_1": 0.1}])]
LIMITS = {"inputs": 12, "units": 12, "layers": 6, "epochs": 50}  # without a word
HARD_LIMITS = {"inputs": 200, "units": 200, "layers": 40, "epochs": 1000}  # at all


class Part(BaseModel):
    """What every mapping of a spec is: frozen, refusing keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class CircuitPart(Part):
    """What stands in the computational graph beside values and gradients."""

    derivatives: Literal["gradients", "local"] = Field(
        "gradients",
        description="local: below an operation of one operand stands its own derivative too, "
        "where the solution has it as a number",
    )


CIRCUIT = (
    "true: behind the backward pass the notes show the computational graph, the operations with every value and every gradient; a mapping says what "
    "else stands there"
)
Circuit = either("true, false or a mapping", mapping=CircuitPart, flag=Flag)


def circuit_of(asked: CircuitPart | bool) -> str:
    """What a problem holds of it: empty, plain, or local."""
    return (
        {"gradients": "plain", "local": "local"}[asked.derivatives]
        if isinstance(asked, CircuitPart)
        else "plain" * asked
    )


class UnitPart(Part):
    """One unit, with names of your own."""

    z: Name = Field(
        None, description="name of the pre-activation; left out for identity, where z is a"
    )
    a: Name = Field(
        None, description="name of the activation; left out, it follows from the position"
    )
    weights: either("names with numbers, or a list of numbers", mapping=Named, list=Row) = Field(
        description="one weight for each input of the layer, in order: {w_1: 0.5, w_2: -0.3} or [0.5, -0.3]",
        examples=[{"w_h": 0.5}],
    )
    bias: either("a name with a number, or a number", mapping=Named, number=Real) = Field(
        None, description="{b_h: 0.1}, or a number; left out when the unit has none"
    )


class Symbols(Part):
    """Names of a layer's matrix and vectors, for matrix notation."""

    weights: Name = Field(None, description="the weight matrix, such as W_1")
    bias: Name = Field(None, description="the bias vector, such as b_1")
    z: Name = Field(None, description="the pre-activations, such as z_1")
    a: Name = Field(None, description="the activations, such as h")


class LayerPart(Part):
    """What both forms of a layer have."""

    activation: Literal[ACTIVATIONS] = Field(
        description="the activation of every unit of the layer", examples=["sigmoid"]
    )
    slope: Fraction = Field(
        None, description="slope of leaky-relu for z <= 0, between 0 and 1; 0.01 unless given"
    )
    frozen_bias: Flag = Field(False, description="true: the biases are not trained")
    symbols: Symbols = Field(
        None, description="names of the layer's matrix and vectors, in matrix notation"
    )


class UnitsLayer(LayerPart):
    """A layer unit by unit, with names of your own."""

    units: Annotated[list[UnitPart], Field(min_length=1)] = Field(
        description="the units of the layer, in order"
    )


class MatrixLayer(LayerPart):
    """A layer as a weight matrix: a row for each unit, a column for each input."""

    weights: either("rows of numbers, or one row", rows=Rows, list=Row) = Field(
        description="a row for each unit, a column for each input; one row may stand without its brackets",
        examples=[[[0.5, -0.3], [0.1, 0.2]]],
    )
    bias: either("a list of numbers, or a number", list=Row, number=Real) = Field(
        None, description="a number for each unit; left out when there is none"
    )


def _layer_form(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return "<units>" if "units" in value else "<matrix>"


AnyLayer = Annotated[
    Union[Annotated[UnitsLayer, Tag("<units>")], Annotated[MatrixLayer, Tag("<matrix>")]],
    Discriminator(_layer_form, custom_error_type="expected", custom_error_message="a mapping"),
]


class NetworkPart(Part):
    """The network: inputs, layers, target, loss."""

    inputs: Values = Field(
        description="{x: 1.0}, or a list [1, 0, 1] whose names are x_1, x_2, x_3",
        examples=[{"x": 1.0}],
    )
    layers: Annotated[list[AnyLayer], Field(min_length=1)] = Field(
        description="from the first hidden layer to the output layer",
        examples=[[{"weights": [0.5], "activation": "sigmoid"}]],
    )
    target: Values = Field(
        description="{y: 1}, a number, or a number for each output", examples=[{"y": 1}]
    )
    loss: Literal[LOSSES] = Field(description="what is made small", examples=["half-squared-error"])
    loss_name: Name = Field("L", description="the name of the loss in templates and traces")


class DigitsPart(Part):
    """How many digits are shown: places, or significant, or places with at_least_significant."""

    places: whole(0, 20) = Field(None, description="digits after the decimal point")
    significant: whole(1, 20) = Field(None, description="significant digits")
    at_least_significant: whole(1, 20) = Field(
        None, description="with places: never fewer significant digits than this"
    )


KindDigits = either("a number of places, or a mapping", mapping=DigitsPart, number=whole(0, 20))


class RoundingPart(DigitsPart):
    """How numbers behave on the page."""

    policy: Literal["carry", "exact", "named"] = Field(
        "carry",
        description=(
            "carry: the printed value is what is used next; exact: full precision is used and rounded values are printed; "
            "named: exact inside one quantity's working, rounded at the named quantity"
        ),
    )
    pre_activation: KindDigits = Field(None, description="digits of pre-activations")
    activation: KindDigits = Field(None, description="digits of activations")
    prediction: KindDigits = Field(None, description="digits of the network's outputs")
    loss: KindDigits = Field(None, description="digits of the loss")
    gradient: KindDigits = Field(None, description="digits of gradients")
    weight: KindDigits = Field(None, description="digits of weights and biases")
    mode: Literal["half-up", "half-even", "truncate"] = Field(
        "half-up", description="half-up rounds a final 5 away from zero"
    )
    commit: Literal["line", "operation"] = Field(
        "line", description="where carry rounds: after each line or each operation"
    )
    relation: Literal["auto", "equals"] = Field(
        "auto", description="auto: an approximate sign where a value was rounded"
    )
    scientific: Literal["auto", "never"] = Field(
        "auto",
        description=(
            "auto: a result that would have more than seven zeros or fifteen digits is written with a power of ten; never: all its digits are written"
        ),
    )
    zeros: Literal["pad", "strip"] = Field(
        "pad", description="pad: rounded results keep their places, as in 0.23500"
    )
    negatives: Literal["parentheses", "raw"] = Field(
        "parentheses", description="1.0 - (-0.02), or raw: 1.0 - -0.02"
    )
    e: Literal["symbol-then-digits", "symbol-then-value", "symbol"] = Field(
        "symbol-then-digits",
        description="a line with 2.71828 for e, one with the value of the power of e, or none",
    )


class AskPart(Part):
    """One task of a sheet."""

    of: either(
        "a phase or a quantity, or a list of them",
        word=Name,
        list=Annotated[list[Name], Field(min_length=1)],
    ) = Field(
        description="a part of the solution, such as forward, loss, backward, update or check, or quantities such as a_h and dL_dw_h; "
        "or circuit, the computational graph to fill in, or grid, the training step in cells",
        examples=["forward"],
    )
    epoch: whole(1, HARD_LIMITS["epochs"]) = Field(1, description="the epoch that is asked about")
    points: Points = Field(None, description="of the task; left out, a point for each step")
    text: Text = Field(
        "", description="the task in words of your own; the quantities that are asked follow it"
    )
    room: whole(0, 36) = Field(
        None, description="lines of empty space to work in; left out, as much as the steps need"
    )
    choices: whole(2, 8) = Field(
        None,
        description="so many answers to choose from: the right one, and others that come from mistakes; "
        "for numbers and entries of matrices",
    )
    blank: Literal[BLANKS] = Field(
        None,
        description="of a drawing: which of its numbers are left to fill in; of the computational graph (of: circuit) gradients, values or both, "
        "left out, gradients; "
        "of the cells of a training step (of: grid) values, gradients, both, update (the new weights, and forward again) or all, left out, all",
    )


Asked = either(
    "a phase, a quantity, a list of quantities, or a mapping",
    word=Name,
    list=Annotated[list[Name], Field(min_length=1)],
    mapping=AskPart,
)


class LimitsPart(Part):
    """How large a document may grow. Raising a limit is allowed, with a word of warning: a document
    is for reading."""

    inputs: whole(1, HARD_LIMITS["inputs"]) = Field(
        LIMITS["inputs"], description="inputs of the network"
    )
    units: whole(1, HARD_LIMITS["units"]) = Field(LIMITS["units"], description="units of one layer")
    layers: whole(1, HARD_LIMITS["layers"]) = Field(
        LIMITS["layers"], description="layers of the network"
    )
    epochs: whole(1, HARD_LIMITS["epochs"]) = Field(
        LIMITS["epochs"], description="epochs worked on the page"
    )


Option = either("a number, a word, a list or a matrix", number=Real, word=Text, list=Row, rows=Rows)


class IntegersPart(Part):
    """Whole numbers from one to another, both included."""

    start: Real = Field(alias="from", description="the smallest", examples=[1])
    to: Real = Field(description="the largest", examples=[9])


class ChoicePart(Part):
    """What a quantity is drawn from: decimals in steps, whole numbers, or a list."""

    start: Real = Field(None, alias="from", description="the smallest decimal; with to and step")
    to: Real = Field(None, description="the largest decimal: from, a number of steps on")
    step: Positive = Field(
        None, description="from one decimal to the next; 0.10 makes numbers of two places"
    )
    integers: IntegersPart = Field(None, description="whole numbers instead: {from: -3, to: 3}")
    one_of: Annotated[list[Option], Field(min_length=1, max_length=1000)] = Field(
        None,
        description="a list instead: numbers, words (activations, losses), or whole lists and matrices",
    )
    nonzero: Flag = Field(False, description="true: never 0")
    distinct: Flag = Field(
        False, description="true: the entries of a list or matrix are all different"
    )


class DigitsDemand(Part):
    """A demand with a number."""

    digits: whole(1, 40) = Field(
        description="at most so many digits to write in each answer", examples=[6]
    )


Demanded = either("a requirement", word=Text, mapping=DigitsDemand)


class VoicePart(Part):
    """Sentences that vary where a step comes again: the first time in full, later shortly."""

    seed: whole(0, 10**9) = Field(
        1, description="another seed, other words; the same seed, the same page", examples=[2]
    )


Voiced = either("plain, or a mapping such as {seed: 2}", mapping=VoicePart, word=Literal["plain"])
Noted = either("scalar, matrix, or a mapping", mapping=Notation, word=Literal["scalar", "matrix"])
Detailed = either("full, normal, brief, or a mapping", mapping=Detail, word=Literal[DETAILS])


class Profile(Part):
    """What every document has: its title, and how its numbers, its symbols and its working look."""

    title: Text = Field(
        description="the title of the document, one line", examples=["One hidden neuron, by hand"]
    )
    description: Text = Field(
        "",
        description="one sentence for the reader of the notes; a sheet and an exam have instructions",
    )
    rounding: RoundingPart = Field(
        default_factory=RoundingPart, description="how numbers behave on the page"
    )
    notation: Noted = Field(
        default_factory=Notation,
        description="scalar (one weight at a time), matrix, or each choice by name",
    )
    detail: Detailed = Field(
        default_factory=Detail, description="how much working is shown, everywhere or by phase"
    )
    voice: Voiced = Field(
        default_factory=VoicePart,
        description="the sentences of steps that come again vary, by the seed; plain: each step is said as it was the first time",
    )
    glossary: Flag = Field(
        False,
        description="true: a list of the symbols at the end, what each means and where it comes first",
    )
    columns: Columns = Field(
        COLUMNS[0],
        description="of notes on paper: 1, every chain below the one before it; 2, short chains side by side where "
        "two fit; auto, also three, and in smaller type",
        examples=[2],
    )

    def profile(self) -> dict[str, Any]:
        """The fields of a Problem that these are, short forms written out."""
        rounding, notation, detail = self.rounding, self.notation, self.detail
        fields = {
            name: getattr(rounding, name)
            for name in type(rounding).model_fields
            if name not in KINDS
        }
        kinds = {
            kind: _digits(getattr(rounding, kind))
            for kind in KINDS
            if getattr(rounding, kind) is not None
        }
        return {
            "title": self.title.strip(),
            "description": " ".join(self.description.split()),
            "rounding": Rounding(**fields, kinds=kinds),
            "notation": Notation(style=notation) if isinstance(notation, str) else notation,
            "voice": None if self.voice == "plain" else Voice(seed=self.voice.seed),
            "glossary": self.glossary,
            "columns": self.columns,
            "detail": Detail(**dict.fromkeys((*PHASES, "later"), detail))
            if isinstance(detail, str)
            else detail,
        }


class FadePart(Part):
    """How much of the worked solution a sheet leaves to the student, and which of it."""

    share: Share = Field(description="0 the full example, 1 the bare sheet", examples=[0.5])
    keep: Literal[KEEPS] = Field(
        "first-of-each",
        description="what is worked: first-of-each, the first quantity of each kind, and later ones are "
        "blank; spread, some of all parts; beginning, all before the blanks",
    )


Coded = either(
    "numpy, torch, or a list of both",
    word=Literal[CODES],
    list=Annotated[list[Literal[CODES]], Field(min_length=1, max_length=2)],
)


class Frame(Profile):
    """What every problem's spec has, whatever its family: what a sheet says and asks, and what
    varies."""

    instructions: Text = Field(
        "",
        description="what a sheet and an exam say before the problem, in Markdown; the description is for notes",
    )
    course: Text = Field(
        "",
        description="the name of the course, at the head of a sheet; left out, a line to write it on",
    )
    date: Text = Field(
        "",
        description="the date at the head of a sheet, as it is to be printed; left out, a line to write it on",
    )
    ask: Annotated[list[Asked], Field(min_length=1)] = Field(
        None,
        description="the tasks of a sheet in their order: parts of the solution, quantities, lists of them, or each with points; "
        "left out, every part",
    )
    fade: either(
        "a share from 0 to 1, or a mapping such as {share: 0.5}", number=Share, mapping=FadePart
    ) = Field(
        Number.written("1"),
        description=(
            "the share of the worked solution that a sheet leaves to the student: 0 the full example, 1 the bare sheet; or a mapping with "
            "the share and what is kept"
        ),
    )
    key: Literal[KEYS] = Field(
        "full",
        description="full: the key has the worked solution; compact: a row for each quantity, with a line of "
        "working, the answer, what is accepted and the marks; both: the rows, then the solution",
    )
    layout: Literal[LAYOUTS] = Field(
        TASKS,
        description="of a sheet: tasks, one below the other; grid, a network with every number as a cell of matrices "
        "on one page, which its key shows filled in",
    )
    code: Coded = Field(
        None,
        description="a note ends with a short program that prints its numbers, in NumPy or in PyTorch",
        examples=["numpy"],
    )
    vary: dict[Text, ChoicePart] = Field(
        default_factory=dict,
        max_length=200,
        description=(
            "what `worksheet vary` draws anew, and from what. By name: a number that is given, learning_rate; of a function at and change; "
            "of a network inputs, target, loss, weights, bias (of all layers), weights_1, bias_1, activation_1, slope_1, units_1 "
            "(of layer 1; units of hidden matrices), or a symbol such as W_1"
        ),
        examples=[{"w_h": {"from": -1, "to": 1, "step": 0.1, "nonzero": True}}],
    )
    require: list[Demanded] = Field(
        default_factory=list,
        max_length=50,
        description="what a variant must fulfil: " + ", ".join(DEMANDS) + ", {digits: n}, "
        "or a bound on any quantity: 0.1 < a_h < 0.9, |z_h| <= 3",
        examples=[["no-ties", "0.1 < a_h < 0.9"]],
    )

    def frame(self) -> dict[str, Any]:
        """What a problem of any family takes over, short forms written out."""
        return (
            self.profile()
            | {
                "course": self.course.strip(),
                "date": self.date.strip(),
                "instructions": self.instructions.strip(),
                "ask": tuple(map(_ask, self.ask or ())),
                "key": self.key,
                "layout": self.layout,
                "code": dialects_of(self.code),
            }
            | self.fading()
        )

    def fading(self) -> dict[str, Any]:
        """How much is left to the student, and what is kept."""
        return (
            {"fade": self.fade.share, "fade_keep": self.fade.keep}
            if isinstance(self.fade, FadePart)
            else {"fade": self.fade}
        )


def dialects_of(code: str | list[str] | None) -> tuple[str, ...]:
    """In which dialects programs are asked for, each once."""
    return (code,) if isinstance(code, str) else tuple(dict.fromkeys(code or ()))


def _ask(part: AskPart | list[str] | str) -> Ask:
    """A task; `forward` and `[a_h, y_hat]` are short for `{of: ...}`."""
    if not isinstance(part, AskPart):
        part = AskPart.model_construct(of=part)
    of = (part.of,) if isinstance(part.of, str) else tuple(part.of)
    return Ask(
        of=of,
        epoch=part.epoch,
        points=part.points,
        text=" ".join(part.text.split()),
        room=part.room,
        choices=part.choices or 0,
        blank=part.blank or "",
    )


def _digits(part: DigitsPart | int) -> Digits:
    if isinstance(part, int):
        return Digits(places=part)
    return Digits(part.places, part.significant, part.at_least_significant)


class UntilPart(Part):
    """Where the long run ends."""

    gradient: Positive = Field(
        Number.written("0.000001"),
        description="a run has settled when no slope is larger than this",
    )
    places: whole(0, 12) = Field(3, description="decimal places of the point where it ends")


class Descended(Frame):
    """What the spec of anything says that gradient descent makes small, whatever else it says."""

    learning_rates: Annotated[list[Positive], Field(max_length=5)] = Field(
        default_factory=list,
        description="learning rates to compare, a run of each by program",
        examples=[[0.001, 0.01, 0.1]],
    )
    until: UntilPart = Field(
        None,
        description="where a program ends that goes on; with it, learning_rates or over, the page says where "
        "gradient descent leads",
    )
    over: Annotated[list[Name], Field(min_length=1, max_length=2)] = Field(
        None,
        description="the one or two parameters over which the loss is drawn, with the path; left out, those that are trained if "
        "they are no more",
        examples=[["w_1", "w_2"]],
    )


class Spec(Descended):
    """A problem for `worksheet`: a small network, one sample, gradient descent."""

    network: NetworkPart = Field(description="inputs, layers, target and loss")
    learning_rate: Positive = Field(description="the learning rate, greater than 0", examples=[0.1])
    epochs: whole(1, HARD_LIMITS["epochs"]) = Field(
        1, description="weight updates worked on the page"
    )
    gradients: Literal["by-layer", "through-prediction"] = Field(
        "by-layer",
        description="through-prediction: first dy_hat/dw for each weight, then dL/dw = dL/dy_hat * dy_hat/dw",
    )
    gradient_list: Flag = Field(
        False, description="true: the numbered list of gradient formulas before the numbers"
    )
    circuit: Circuit = Field(False, description=CIRCUIT)
    nudge: Nudge = Field(default_factory=dict, description=NUDGE)
    long_run: whole(0, 100_000) = Field(
        1000, description="epochs of the long loss curve; 0 for none"
    )
    limits: LimitsPart = Field(
        default_factory=LimitsPart, description="how large the document may grow"
    )

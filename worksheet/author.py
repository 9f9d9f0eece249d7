"""The author's format: what may stand in a spec, as pydantic models. The JSON Schema comes from here.

Shapes and names are looked at elsewhere (`shapes.py`, `naming.py`): they need the whole network.
Faults are raised as `expected` (what should stand here) or `fault` (a sentence; the hint in its context).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from .number import KINDS, Digits, Number, Rounding
from .problem import ACTIVATIONS, DETAILS, LOSSES, PHASES, Detail, Notation

LIMITS = {"inputs": 12, "units": 12, "layers": 6, "epochs": 50}           # without a word
HARD_LIMITS = {"inputs": 200, "units": 200, "layers": 40, "epochs": 1000}  # at all


def _real(value: Any) -> Number:
    if isinstance(value, Number):
        return value
    raise PydanticCustomError("expected", "a number")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise PydanticCustomError("expected", "a text")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise PydanticCustomError("expected", "true or false")


def _positive(value: Any) -> Number:
    number = _real(value)
    if number.value > 0:
        return number
    raise PydanticCustomError("fault", "{text} is not greater than 0",
                              {"text": number.text, "hint": "give a number such as 0.1"})


def _fraction(value: Any) -> Number:
    number = _real(value)
    if 0 < number.value < 1:
        return number
    raise PydanticCustomError("fault", "{text} does not lie between 0 and 1",
                              {"text": number.text, "hint": "0.01 is usual"})


def whole(low: int, high: int):
    """The type of a whole number from low to high."""
    def check(value: Any) -> int:
        if not isinstance(value, Number) or value.value != value.value.to_integral_value():
            raise PydanticCustomError("expected", "a whole number")
        if not low <= value.value <= high:
            raise PydanticCustomError("fault", "{text} is out of range",
                                      {"text": value.text, "hint": f"give a whole number from {low} to {high}"})
        return int(value.value)
    return Annotated[int, PlainValidator(check), WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})]


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "<mapping>"
        case list():
            return "<rows>" if any(isinstance(entry, list) for entry in value) else "<list>"
        case Number():
            return "<number>"
        case str():
            return "<word>"
    return "<other>"


def either(expected: str, **kinds):
    """A union whose branch is chosen by the kind of value, so that only that branch reports faults."""
    tagged = tuple(Annotated[kind, Tag(f"<{name}>")] for name, kind in kinds.items())
    return Annotated[Union[tagged], Discriminator(_kind, custom_error_type="expected", custom_error_message=expected)]


Real = Annotated[Number, PlainValidator(_real), WithJsonSchema({"type": "number"})]
Positive = Annotated[Number, PlainValidator(_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Fraction = Annotated[Number, PlainValidator(_fraction),
                     WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1})]
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Name = Annotated[str, BeforeValidator(_text),
                 WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": 24})]
Named = Annotated[dict[Name, Real], Field(min_length=1, json_schema_extra={"additionalProperties": False})]
Row = Annotated[list[Real], Field(min_length=1)]
Rows = Annotated[list[Row], Field(min_length=1)]
Values = either("names with numbers, a list of numbers, or a number", mapping=Named, list=Row, number=Real)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitPart(Part):
    """One unit, with names of your own."""

    z: Name = Field(None, description="name of the pre-activation; left out for identity, where z is a")
    a: Name = Field(None, description="name of the activation; left out, it follows from the position")
    weights: either("names with numbers, or a list of numbers", mapping=Named, list=Row) = Field(
        description="one weight for each input of the layer, in order: {w_1: 0.5, w_2: -0.3} or [0.5, -0.3]",
        examples=[{"w_h": 0.5}])
    bias: either("a name with a number, or a number", mapping=Named, number=Real) = Field(
        None, description="{b_h: 0.1}, or a number; left out when the unit has none")


class Symbols(Part):
    """Names of a layer's matrix and vectors, for matrix notation."""

    weights: Name = Field(None, description="the weight matrix, such as W_1")
    bias: Name = Field(None, description="the bias vector, such as b_1")
    z: Name = Field(None, description="the pre-activations, such as z_1")
    a: Name = Field(None, description="the activations, such as h")


class LayerPart(Part):
    """What both forms of a layer have."""

    activation: Literal[ACTIVATIONS] = Field(description="the activation of every unit of the layer", examples=["sigmoid"])
    slope: Fraction = Field(None, description="slope of leaky-relu for z <= 0, between 0 and 1; 0.01 unless given")
    frozen_bias: Flag = Field(False, description="true: the biases are not trained")
    symbols: Symbols = Field(None, description="names of the layer's matrix and vectors, in matrix notation")


class UnitsLayer(LayerPart):
    """A layer unit by unit, with names of your own."""

    units: Annotated[list[UnitPart], Field(min_length=1)] = Field(description="the units of the layer, in order")


class MatrixLayer(LayerPart):
    """A layer as a weight matrix: a row for each unit, a column for each input."""

    weights: either("rows of numbers, or one row", rows=Rows, list=Row) = Field(
        description="a row for each unit, a column for each input; one row may stand without its brackets",
        examples=[[[0.5, -0.3], [0.1, 0.2]]])
    bias: either("a list of numbers, or a number", list=Row, number=Real) = Field(
        None, description="a number for each unit; left out when there is none")


def _layer_form(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return "<units>" if "units" in value else "<matrix>"


AnyLayer = Annotated[Union[Annotated[UnitsLayer, Tag("<units>")], Annotated[MatrixLayer, Tag("<matrix>")]],
                     Discriminator(_layer_form, custom_error_type="expected", custom_error_message="a mapping")]


class NetworkPart(Part):
    """The network: inputs, layers, target, loss."""

    inputs: Values = Field(description="{x: 1.0}, or a list [1, 0, 1] whose names are x_1, x_2, x_3", examples=[{"x": 1.0}])
    layers: Annotated[list[AnyLayer], Field(min_length=1)] = Field(
        description="from the first hidden layer to the output layer", examples=[[{"weights": [0.5], "activation": "sigmoid"}]])
    target: Values = Field(description="{y: 1}, a number, or a number for each output", examples=[{"y": 1}])
    loss: Literal[LOSSES] = Field(description="what is made small", examples=["half-squared-error"])
    loss_name: Name = Field("L", description="the name of the loss in templates and traces")


class DigitsPart(Part):
    """How many digits are shown: places, or significant, or places with at_least_significant."""

    places: whole(0, 20) = Field(None, description="digits after the decimal point")
    significant: whole(1, 20) = Field(None, description="significant digits")
    at_least_significant: whole(1, 20) = Field(None, description="with places: never fewer significant digits than this")


KindDigits = either("a number of places, or a mapping", mapping=DigitsPart, number=whole(0, 20))


class RoundingPart(DigitsPart):
    """How numbers behave on the page."""

    policy: Literal["carry", "exact", "named"] = Field("carry", description=(
        "carry: the printed value is what is used next; exact: full precision is used and rounded values are printed; "
        "named: exact inside one quantity's working, rounded at the named quantity"))
    pre_activation: KindDigits = Field(None, description="digits of pre-activations")
    activation: KindDigits = Field(None, description="digits of activations")
    prediction: KindDigits = Field(None, description="digits of the network's outputs")
    loss: KindDigits = Field(None, description="digits of the loss")
    gradient: KindDigits = Field(None, description="digits of gradients")
    weight: KindDigits = Field(None, description="digits of weights and biases")
    mode: Literal["half-up", "half-even", "truncate"] = Field("half-up", description="half-up rounds a final 5 away from zero")
    commit: Literal["line", "operation"] = Field("line", description="where carry rounds: after each line or each operation")
    relation: Literal["auto", "equals"] = Field("auto", description="auto: an approximate sign where a value was rounded")
    zeros: Literal["pad", "strip"] = Field("pad", description="pad: rounded results keep their places, as in 0.23500")
    negatives: Literal["parentheses", "raw"] = Field("parentheses", description="1.0 - (-0.02), or raw: 1.0 - -0.02")
    e: Literal["symbol-then-digits", "symbol-then-value", "symbol"] = Field(
        "symbol-then-digits", description="a line with 2.71828 for e, one with the value of the power of e, or none")


class LimitsPart(Part):
    """How large a document may grow. Raising a limit is allowed, with a word of warning: a document is for reading."""

    inputs: whole(1, HARD_LIMITS["inputs"]) = Field(LIMITS["inputs"], description="inputs of the network")
    units: whole(1, HARD_LIMITS["units"]) = Field(LIMITS["units"], description="units of one layer")
    layers: whole(1, HARD_LIMITS["layers"]) = Field(LIMITS["layers"], description="layers of the network")
    epochs: whole(1, HARD_LIMITS["epochs"]) = Field(LIMITS["epochs"], description="epochs worked on the page")


class Frame(Part):
    """What every spec has, whatever its family."""

    title: Text = Field(description="the title of the document, one line", examples=["One hidden neuron, by hand"])
    description: Text = Field("", description="one sentence for the student")
    rounding: RoundingPart = Field(default_factory=RoundingPart, description="how numbers behave on the page")
    notation: either("scalar, matrix, or a mapping", mapping=Notation, word=Literal["scalar", "matrix"]) = Field(
        default_factory=Notation, description="scalar (one weight at a time), matrix, or each choice by name")
    detail: either("full, normal, brief, or a mapping", mapping=Detail, word=Literal[DETAILS]) = Field(
        default_factory=Detail, description="how much working is shown, everywhere or by phase")

    def frame(self) -> dict[str, Any]:
        """What a problem of any family takes over, short forms written out."""
        rounding, notation, detail = self.rounding, self.notation, self.detail
        fields = {name: getattr(rounding, name) for name in type(rounding).model_fields if name not in KINDS}
        kinds = {kind: _digits(getattr(rounding, kind)) for kind in KINDS if getattr(rounding, kind) is not None}
        return {"title": self.title.strip(), "description": " ".join(self.description.split()),
                "rounding": Rounding(**fields, kinds=kinds),
                "notation": Notation(style=notation) if isinstance(notation, str) else notation,
                "detail": Detail(**dict.fromkeys((*PHASES, "later"), detail)) if isinstance(detail, str) else detail}


def _digits(part: DigitsPart | int) -> Digits:
    if isinstance(part, int):
        return Digits(places=part)
    return Digits(part.places, part.significant, part.at_least_significant)


class Spec(Frame):
    """A problem for `worksheet`: a small network, one sample, gradient descent."""

    network: NetworkPart = Field(description="inputs, layers, target and loss")
    learning_rate: Positive = Field(description="the learning rate, greater than 0", examples=[0.1])
    epochs: whole(1, HARD_LIMITS["epochs"]) = Field(1, description="weight updates worked on the page")
    gradients: Literal["by-layer", "through-prediction"] = Field(
        "by-layer", description="through-prediction: first dy_hat/dw for each weight, then dL/dw = dL/dy_hat * dy_hat/dw")
    gradient_list: Flag = Field(False, description="true: the numbered list of gradient formulas before the numbers")
    long_run: whole(0, 100_000) = Field(1000, description="epochs of the long loss curve; 0 for none")
    limits: LimitsPart = Field(default_factory=LimitsPart, description="how large the document may grow")

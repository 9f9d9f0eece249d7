"""The single values of a spec as pydantic types: numbers as they were written, texts, names, lists,
matrices.

Faults are raised as `expected` (what should stand here) or `fault` (a sentence; the hint in its
context).
"""

from __future__ import annotations

from typing import Annotated, Any, Union

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..numbers.number import Number
from ..problem import COLUMNS
from .yaml_reader import clipped


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
    raise PydanticCustomError(
        "fault",
        "{text} is not greater than 0",
        {"text": number.text, "hint": "give a number such as 0.1"},
    )


def _fraction(value: Any) -> Number:
    number = _real(value)
    if 0 < number.value < 1:
        return number
    raise PydanticCustomError(
        "fault",
        "{text} does not lie between 0 and 1",
        {"text": number.text, "hint": "0.01 is usual"},
    )


def _share(value: Any) -> Number:
    number = _real(value)
    if 0 <= number.value <= 1:
        return number
    raise PydanticCustomError(
        "fault",
        "{text} does not lie between 0 and 1",
        {"text": number.text, "hint": "0 shows the full example, 1 asks for everything"},
    )


def _points(value: Any) -> Number:
    number = _real(value)
    if 0 < number.value <= 1000 and number.value * 2 % 1 == 0:
        return number
    raise PydanticCustomError(
        "fault",
        "{text} is no number of points",
        {"text": number.text, "hint": "give points or half points, such as 6 or 2.5"},
    )


def _columns(value: Any) -> str:
    text = value.text if isinstance(value, Number) else value
    if isinstance(text, str) and text in COLUMNS:
        return text
    raise PydanticCustomError(
        "fault",
        "unknown columns {text}",
        {
            "text": f"'{clipped(text)}'" if isinstance(text, str) else "of this kind",
            "hint": f"known: {', '.join(COLUMNS)}",
        },
    )


def whole(low: int, high: int):
    """The type of a whole number from low to high."""

    def check(value: Any) -> int:
        if not isinstance(value, Number) or value.value != value.value.to_integral_value():
            raise PydanticCustomError("expected", "a whole number")
        if not low <= value.value <= high:
            raise PydanticCustomError(
                "fault",
                "{text} is out of range",
                {"text": value.text, "hint": f"give a whole number from {low} to {high}"},
            )
        return int(value.value)

    return Annotated[
        int,
        PlainValidator(check),
        WithJsonSchema({"type": "integer", "minimum": low, "maximum": high}),
    ]


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "<flag>"
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
    return Annotated[
        Union[tagged],
        Discriminator(_kind, custom_error_type="expected", custom_error_message=expected),
    ]


Real = Annotated[Number, PlainValidator(_real), WithJsonSchema({"type": "number"})]
Positive = Annotated[
    Number, PlainValidator(_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
]
Fraction = Annotated[
    Number,
    PlainValidator(_fraction),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
]
Share = Annotated[
    Number, PlainValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Points = Annotated[
    Number,
    PlainValidator(_points),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}),
]
Columns = Annotated[str, PlainValidator(_columns), WithJsonSchema({"enum": ["auto", 1, 2]})]
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Name = Annotated[
    str,
    BeforeValidator(_text),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": 24}),
]
Named = Annotated[
    dict[Name, Real], Field(min_length=1, json_schema_extra={"additionalProperties": False})
]
Row = Annotated[list[Real], Field(min_length=1)]
Rows = Annotated[list[Row], Field(min_length=1)]
Values = either(
    "names with numbers, a list of numbers, or a number", mapping=Named, list=Row, number=Real
)

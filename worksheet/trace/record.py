"""A trace as JSON, and back to an equal trace.

    text = dumps(trace)
    loads(text) == trace

Every number is a string, so that no reader turns it into a binary float. A formula is a tree:
`{"op", "args"}`, `{"name"}`, or a number `{"shown", "event"}`. `symbol` and `tex` are there for
whoever reads the record; `loads` makes nothing of them.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union
from typing import Literal as One

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    create_model,
)

from ..algebra.expression import Apply, Expr, Literal, Name
from ..errors import WorksheetError
from ..family import families
from ..problem import END, NUDGE, PHASES, Problem
from ..tex.notation import Symbols
from ..tex.writer import Style, tex
from .trace import FATES, MOVES, Derivation, Descent, Event, Line, Link, Step, Trace, Working

FORMAT = "worksheet-trace/1"
WIDEST = 160  # a part of the record that fits into so many characters stays on one line

Figures = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?$",
        description="a decimal number, as a string",
    ),
]
Index = Annotated[int, Field(ge=0, description="the number of an event")]


class Part(BaseModel):
    """What every mapping of the record is: strict in its types, refusing keys that it does not
    know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NamePart(Part):
    """A quantity by its name."""

    name: str


class NumberPart(Part):
    """A number as it is printed."""

    shown: Figures = Field(description="the text on the page")
    event: Index | None = Field(
        None, description="the event it shows; absent for a number of the formula itself"
    )


class OperationPart(Part):
    """An operation and its operands, in the order they are written."""

    op: str = Field(
        description="sum, neg, product, divide, power, exp, ln, max, positive, or an activation such as sigmoid"
    )
    args: list[Tree]


def _part_of(tree: Any) -> str:
    """Which part a tree is, by the key that gives it away."""
    keys = tree if isinstance(tree, dict) else ()
    return "OperationPart" if "op" in keys else "NamePart" if "name" in keys else "NumberPart"


Tree = Annotated[
    Annotated[OperationPart, Tag("OperationPart")]
    | Annotated[NamePart, Tag("NamePart")]
    | Annotated[NumberPart, Tag("NumberPart")],
    Discriminator(_part_of),
]


class EventPart(Part):
    """One arithmetic operation."""

    event: Index
    op: str = Field(description="given (by the problem), constant (of a formula), or the operation")
    operands: list[Index] = Field(description="the events it works on, all of them earlier")
    exact: Figures = Field(description="the result at full precision, all the way from the givens")
    value: Figures = Field(
        description="the result that is used next, rounded where the policy rounds"
    )
    shown: str | None = Field(description="its text on the page; null where it is not displayed")
    is_exact: bool = Field(description="what is shown equals the operation on what was shown")


class LinePart(Part):
    """One displayed form of a quantity."""

    move: One[*MOVES] = Field(
        description="how it comes from the line before: "
        + "; ".join(f"{move}: {example}" for move, example in MOVES.items())
    )
    is_exact: bool = Field(description="equal to the line before, not rounded")
    tex: str = Field(description="the form in TeX, for readers")
    form: Tree


class LinkPart(Part):
    """One path of the chain rule: the gradient goes through `through`."""

    through: str
    upstream: str = Field(
        description="the name of the gradient of `through`; empty where it is the loss itself"
    )
    local: Tree = Field(description="the derivative of `through` by the quantity, as a formula")
    has_working: bool = Field(description="the local derivative has a working of its own")


class WorkingPart(Part):
    """One named quantity and its chain of equal forms."""

    name: str = Field(description="an ASCII identifier: z_h, dL_dw_o")
    symbol: str = Field(description="the name in TeX, for readers")
    phase: str = Field(
        pattern=f"^({'|'.join(PHASES)}|{END}|{NUDGE}[A-Za-z][A-Za-z0-9_]*)$",
        description=(
            "nudge w: the parameter w is moved a little, and what follows from it is worked out again; end: at the point where gradient descent ends"
        ),
    )
    kind: str = Field(
        description="what its digits go by: pre_activation, activation, prediction, loss, gradient, weight"
    )
    epoch: int = Field(ge=1)
    layer: int | None = Field(ge=1, description="null for what belongs to no layer")
    formula: Tree
    lines: list[LinePart]
    event: Index = Field(description="the event of the result")
    shown: str = Field(description="the text printed")
    exact: Figures = Field(description="the result at full precision, all the way from the givens")
    value: Figures = Field(description="the result that is used next")
    links: list[LinkPart] = Field(description="the paths of the chain rule, for a gradient")
    pair: str = Field(
        description="the loss whose famous short form gave the formula; empty for none"
    )
    leaves_out: bool = Field(
        False,
        description="terms that are zero times the logarithm of zero are left out; absent where none is",
    )


class StepPart(Part):
    """One form of a derivation."""

    rules: list[str] = Field(description="the rules that led to it: sum, power, chain, ...")
    tex: str = Field(description="the form in TeX, for readers")
    form: Tree


class DerivationPart(Part):
    """Forms with names instead of numbers, each equal to the one before it."""

    name: str
    steps: list[StepPart]


class DescentPart(Part):
    """Gradient descent carried on by a program."""

    rate: Figures = Field(description="the learning rate")
    fate: One[*FATES] = Field(
        description="what became of it: "
        + "; ".join(f"{fate}: {meaning}" for fate, meaning in FATES.items())
    )
    updates: int = Field(ge=0, description="how many it took")
    swings: bool = Field(description="half of its steps or more went too far")
    end: dict[str, Figures] = Field(description="the last point")
    loss: Figures = Field(description="the loss there")
    nearer: int = Field(
        0,
        ge=-1,
        le=1,
        description="of a run that comes to no end: 1 where it came nearer to the bottom all the same, -1 where it did not",
    )
    is_known: bool = Field(
        True, description="whether its end does not hang on the digits that were kept"
    )


class Record(Part):
    """A solved problem: every arithmetic operation, every displayed line."""

    format: One[FORMAT]
    problem: Problem
    givens: dict[str, Index] = Field(description="the event of each given name")
    events: list[EventPart]
    workings: list[WorkingPart]
    derivations: list[DerivationPart] = Field(
        [], description="absent where nothing is derived without numbers"
    )
    descents: list[DescentPart] = Field([], description="absent where no program goes on")
    digits: int = Field(
        50,
        ge=50,
        le=800,
        description="with how many everything was worked out; absent where 50 were enough",
    )


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A worksheet trace",
        "$comment": "written by `worksheet schema trace`",
        **_without_titles(_record().json_schema()),
    }


@cache
def _record() -> TypeAdapter[Record]:
    """What reads a record: with a problem of any family, told by its field `family`."""
    problem = Annotated[
        Union[tuple(each.problem() for each in families())], Field(discriminator="family")
    ]
    return TypeAdapter(
        create_model("Record", __base__=Record, __doc__=Record.__doc__, problem=(problem, ...))
    )


def _without_titles(part: Any) -> Any:
    """A schema without the titles pydantic makes from field names."""
    if isinstance(part, list):
        return [_without_titles(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _without_titles(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
    }


# ---- out
# --------------------------------------------------------------------------------------------


def dumps(trace: Trace) -> str:
    """The trace as JSON, a line for each event and each displayed line."""
    problem = trace.problem
    style = Style(Symbols.of(problem), problem.rounding.negatives)
    return (
        _laid_out(
            {
                "format": FORMAT,
                "problem": problem.model_dump(mode="json"),
                "givens": trace.givens,
                "events": [
                    {
                        "event": index,
                        "op": event.op,
                        "operands": event.operands,
                        "exact": str(event.exact),
                        "value": str(event.value),
                        "shown": event.shown,
                        "is_exact": event.is_exact,
                    }
                    for index, event in enumerate(trace.events)
                ],
                "workings": [_working(working, style) for working in trace.workings],
                **(
                    {"derivations": [_derivation(each, style) for each in trace.derivations]}
                    if trace.derivations
                    else {}
                ),
                **(
                    {"descents": [_descent(each) for each in trace.descents]}
                    if trace.descents
                    else {}
                ),
                **({"digits": trace.digits} if trace.digits != 50 else {}),
            }
        )
        + "\n"
    )


def _derivation(derivation: Derivation, style: Style) -> dict[str, Any]:
    return {
        "name": derivation.name,
        "steps": [
            {"rules": list(step.rules), "tex": tex(step.expr, style), "form": _tree(step.expr)}
            for step in derivation.steps
        ],
    }


def _descent(descent: Descent) -> dict[str, Any]:
    return {
        "rate": str(descent.rate),
        "fate": descent.fate,
        "updates": descent.updates,
        "swings": descent.swings,
        "end": {name: str(value) for name, value in descent.end.items()},
        "loss": str(descent.loss),
    } | (
        {"nearer": descent.nearer, "is_known": descent.is_known}
        if descent.fate == "oscillates"
        else {}
    )


def _working(working: Working, style: Style) -> dict[str, Any]:
    return {
        "name": working.name,
        "symbol": style.symbols(working.name),
        "phase": working.phase,
        "kind": working.kind,
        "epoch": working.epoch,
        "layer": working.layer,
        "formula": _tree(working.formula),
        "lines": [
            {
                "move": line.move,
                "is_exact": line.is_exact,
                "tex": tex(line.expr, style),
                "form": _tree(line.expr),
            }
            for line in working.lines
        ],
        "event": working.event,
        "shown": working.shown,
        "exact": str(working.exact),
        "value": str(working.value),
        "links": [
            {
                "through": link.through,
                "upstream": link.upstream,
                "local": _tree(link.local),
                "has_working": link.has_working,
            }
            for link in working.links
        ],
        "pair": working.pair,
        **({"leaves_out": True} if working.leaves_out else {}),
    }


def _tree(expr: Expr) -> dict[str, Any]:
    if isinstance(expr, Name):
        return {"name": expr.name}
    if isinstance(expr, Literal):
        return (
            {"shown": expr.text}
            if expr.event is None
            else {"shown": expr.text, "event": expr.event}
        )
    return {"op": expr.op, "args": [_tree(arg) for arg in expr.args]}


def _laid_out(part: Any, indent: str = "") -> str:
    """JSON as a person would break it: one line for what fits on one, entries below each other for
    the rest."""
    line = json.dumps(part, ensure_ascii=False)
    if len(line) + len(indent) <= WIDEST or not isinstance(part, (dict, list)):
        return line
    inner = indent + "  "
    if isinstance(part, dict):
        rows = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_laid_out(value, inner)}"
            for key, value in part.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _laid_out(entry, inner) for entry in part) + f"\n{indent}]"


# ---- in
# ---------------------------------------------------------------------------------------------


def loads(text: str) -> Trace:
    """The trace of a record. Raises WorksheetError with the place of the first fault."""
    try:
        record = _record().validate_json(text)
    except ValidationError as error:
        raise _fault(error) from None
    count = len(record.events)
    for number, event in enumerate(record.events):
        if event.event != number or any(operand >= number for operand in event.operands):
            raise WorksheetError(
                "an event is numbered by its place and works on earlier ones", f"events[{number}]"
            )
    for name, index in record.givens.items():
        _check(index, count, f"givens.{name}")
    events = tuple(
        Event(
            event.op,
            tuple(event.operands),
            Decimal(event.exact),
            Decimal(event.value),
            event.shown,
            event.is_exact,
        )
        for event in record.events
    )
    workings = tuple(
        _read_working(working, count, f"workings[{number}]")
        for number, working in enumerate(record.workings)
    )
    derivations = tuple(
        Derivation(
            each.name,
            tuple(
                Step(
                    tuple(step.rules),
                    _read_tree(step.form, count, f"derivations[{number}].steps[{place}]"),
                )
                for place, step in enumerate(each.steps)
            ),
        )
        for number, each in enumerate(record.derivations)
    )
    descents = tuple(
        Descent(
            Decimal(each.rate),
            each.fate,
            each.updates,
            each.swings,
            {name: Decimal(value) for name, value in each.end.items()},
            Decimal(each.loss),
            each.nearer,
            each.is_known,
        )
        for each in record.descents
    )
    return Trace(
        record.problem, record.givens, events, workings, derivations, descents, record.digits
    )


def _read_working(part: WorkingPart, count: int, where: str) -> Working:
    _check(part.event, count, f"{where}.event")
    lines = tuple(
        Line(line.move, _read_tree(line.form, count, f"{where}.lines[{number}]"), line.is_exact)
        for number, line in enumerate(part.lines)
    )
    links = tuple(
        Link(
            link.through,
            link.upstream,
            _read_tree(link.local, count, f"{where}.links[{number}]"),
            link.has_working,
        )
        for number, link in enumerate(part.links)
    )
    return Working(
        part.name,
        part.phase,
        part.kind,
        part.epoch,
        part.layer,
        _read_tree(part.formula, count, f"{where}.formula"),
        lines,
        part.event,
        part.shown,
        Decimal(part.exact),
        Decimal(part.value),
        links,
        part.pair,
        part.leaves_out,
    )


def _read_tree(part: OperationPart | NamePart | NumberPart, count: int, where: str) -> Expr:
    if isinstance(part, NamePart):
        return Name(part.name)
    if isinstance(part, NumberPart):
        if part.event is not None:
            _check(part.event, count, where)
        return Literal(Decimal(part.shown), part.shown, part.event)
    return Apply(part.op, tuple([_read_tree(arg, count, where) for arg in part.args]))


def _check(index: int, count: int, where: str) -> None:
    if index >= count:
        raise WorksheetError(
            f"there is no event {index}", where, f"the record has {count} events, counted from 0"
        )


def _fault(error: ValidationError) -> WorksheetError:
    """The first fault, with its path: `workings[3].lines[0].move`."""
    first = error.errors()[0]
    loc = [
        key for place, key in enumerate(first["loc"]) if place != 1 or first["loc"][0] != "problem"
    ]  # the family is no place
    where = "".join(
        f"[{key}]" if isinstance(key, int) else f".{key}"
        for key in loc
        if not (isinstance(key, str) and key.endswith("Part"))
    ).lstrip(".")
    message = first["msg"][:1].lower() + first["msg"][1:]
    hint = (
        f"this program reads {FORMAT}"
        if where == "format"
        else "`worksheet schema trace` prints what a record looks like"
    )
    return WorksheetError(f"not a trace: {message}", where or "the record", hint)

"""A spec becomes a Problem: read, check the types, check the shapes and names, build.

    problem = load("problems/one-hidden-neuron.yaml")

Every fault comes at once, each with file, line, path and a hint.
"""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from . import naming
from .author import LIMITS, AskPart, DigitsPart, LayerPart, Spec, UnitPart, UnitsLayer
from .faults import Faults
from .messages import report
from .number import KINDS, Digits, Number, Rounding
from .problem import PHASES, Ask, Detail, Layer, Network, Notation, Problem, Unit
from .sense import check_sense
from .shapes import check_shapes
from .yaml_source import read, read_file


def load(path: str | Path) -> Problem:
    """The problem of a spec file. Raises SpecError with every fault; warns where a limit was raised."""
    faults = Faults(str(path))
    return _problem(read_file(path, faults), faults)


def loads(text: str, source: str = "<string>") -> Problem:
    """The problem of a spec's text; `source` is what messages call it."""
    return _problem(text, Faults(source))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the author's format, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "written by `worksheet schema`",
            **_without_noise(Spec.model_json_schema())}


def schema_text() -> str:
    """What `worksheet schema` prints and problems/schema.json holds."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _without_noise(part: Any) -> Any:
    """A schema without pydantic's titles made from field names, and without defaults that mean "left out"."""
    if isinstance(part, list):
        return [_without_noise(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {key: _without_noise(value) for key, value in part.items()
            if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)}


def _problem(text: str, faults: Faults) -> Problem:
    root = read(text, faults)
    spec = None
    try:
        spec = Spec.model_validate(root.plain())
    except ValidationError as error:
        report(error, root, faults)
    check_shapes(root, faults)
    check_sense(root, faults)
    naming.check_names(root, faults)
    faults.raise_any()
    for kind, usual in LIMITS.items():
        if getattr(spec.limits, kind) > usual:
            warnings.warn(f"{faults.source}: limits.{kind} is raised from {usual} to {getattr(spec.limits, kind)}; "
                          "a document is for reading", stacklevel=3)
    return _build(spec)


def _build(spec: Spec) -> Problem:
    """The problem of a spec without faults: positional names filled in, short forms written out."""
    network = spec.network
    notation = Notation(style=spec.notation) if isinstance(spec.notation, str) else spec.notation
    inputs = _named(network.inputs, naming.inputs)
    layers, width = [], len(inputs)
    for number, layer in enumerate(network.layers, 1):
        layers.append(_layer(layer, number, width, number == len(network.layers), notation.style == "matrix"))
        width = len(layers[-1].units)
    return Problem(
        title=spec.title.strip(), description=" ".join(spec.description.split()),
        network=Network(inputs=inputs, layers=tuple(layers), target=_named(network.target, naming.targets),
                        loss=network.loss, loss_name=network.loss_name),
        learning_rate=spec.learning_rate, epochs=spec.epochs, rounding=_rounding(spec.rounding), notation=notation,
        detail=Detail(**dict.fromkeys((*PHASES, "later"), spec.detail)) if isinstance(spec.detail, str) else spec.detail,
        gradients=spec.gradients, gradient_list=spec.gradient_list, long_run=spec.long_run,
        course=spec.course.strip(), date=spec.date.strip(), ask=tuple(map(_ask, spec.ask or ())), fade=spec.fade)


def _ask(part: AskPart | list[str] | str) -> Ask:
    """A task; `forward` and `[a_h, y_hat]` are short for `{of: ...}`."""
    if not isinstance(part, AskPart):
        part = AskPart.model_construct(of=part)
    of = (part.of,) if isinstance(part.of, str) else tuple(part.of)
    return Ask(of=of, epoch=part.epoch, points=part.points, text=" ".join(part.text.split()), room=part.room)


def _named(values: dict[str, Number] | list[Number] | Number, names) -> dict[str, Number]:
    if isinstance(values, dict):
        return values
    values = values if isinstance(values, list) else [values]
    return dict(zip(names(len(values)), values, strict=True))


def _layer(layer: LayerPart, number: int, width: int, is_output: bool, is_matrix: bool) -> Layer:
    parts = layer.units if isinstance(layer, UnitsLayer) else _units(layer)
    outputs = naming.outputs(len(parts))
    units = []
    for index, part in enumerate(parts, 1):
        a = outputs[index - 1] if is_output else naming.activation(number, index, is_matrix)
        z = naming.pre_activation(number, index)
        if layer.activation == "identity":              # one quantity, so one name
            z = a = part.a or part.z or a
        entries = [naming.weight(number, index, entry) for entry in range(1, width + 1)]
        bias = {} if part.bias is None else _named(part.bias, lambda _: [naming.bias(number, index)])
        units.append(Unit(z=z if layer.activation == "identity" else part.z or z, a=part.a or a,
                          weights=_named(part.weights, lambda _: entries), bias=bias))
    optional = {} if layer.slope is None else {"slope": layer.slope}
    return Layer(units=tuple(units), activation=layer.activation, trained_bias=not layer.frozen_bias,
                 symbols=layer.symbols.model_dump(exclude_none=True) if layer.symbols else {}, **optional)


def _units(layer: LayerPart) -> list[UnitPart]:
    """The units of a layer in matrix form."""
    rows = layer.weights if isinstance(layer.weights[0], list) else [layer.weights]
    biases = layer.bias if isinstance(layer.bias, list) else [layer.bias] * len(rows)
    return [UnitPart.model_construct(weights=row, bias=bias, z=None, a=None)
            for row, bias in zip(rows, biases, strict=True)]


def _rounding(part) -> Rounding:
    """`{places: 3, weight: 4}` with the kinds' digits gathered under `kinds`."""
    fields = {name: getattr(part, name) for name in type(part).model_fields if name not in KINDS}
    kinds = {kind: _digits(getattr(part, kind)) for kind in KINDS if getattr(part, kind) is not None}
    return Rounding(**fields, kinds=kinds)


def _digits(part: DigitsPart | int) -> Digits:
    if isinstance(part, int):
        return Digits(places=part)
    return Digits(part.places, part.significant, part.at_least_significant)

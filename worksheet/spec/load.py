"""A spec becomes a Problem: read, check the types, check the shapes and names, build.

    problem = load("problems/one-hidden-neuron.yaml")

Every fault comes at once, each with file, line, path and a hint.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Union

from pydantic import TypeAdapter, ValidationError

from ..families.chain import spec as chain_spec
from ..families.derivation import spec as derivation_spec
from ..families.descent import spec as descent_spec
from ..families.formulas import spec as formulas_spec
from ..families.function import spec as function_spec
from ..families.gradient import spec as gradient_spec
from . import names as naming
from .models import LIMITS, Frame, LayerPart, Spec, UnitPart, UnitsLayer, circuit_of
from .circuit import check_circuit
from .faults import Faults
from .long_runs import check_goes_on, check_long_run, led
from .messages import report
from ..numbers.number import Number
from ..problem import Layer, Network, NetworkProblem, Problem, Unit
from ..variants.requirements import Requirement, requirements_of
from .checks import check_sense, is_matrix
from .shapes import check_shapes
from .slots import Slots, network_slots, numbers_of
from .variety import Variety, variety_of
from .whereabouts import places_of
from .yaml_reader import Node, read, read_file


def load(path: str | Path) -> Problem:
    """The problem of a spec file as it is written; what varies does not. Raises SpecError with every fault; warns where a
    limit was raised."""
    faults = Faults(str(path))
    return problem_of(read(read_file(path, faults), faults), faults)


def loads(text: str, source: str = "<string>") -> Problem:
    """The problem of a spec's text; `source` is what messages call it."""
    faults = Faults(source)
    return problem_of(read(text, faults), faults)


def problem_of(root: Node, faults: Faults) -> Problem:
    """The problem of a spec that has been read."""
    return checked(root, faults).problem


@dataclass(frozen=True)
class Checked:
    """A spec without faults: its types, its problem, what varies in it, and what its variants must fulfil."""

    spec: Frame
    problem: Problem
    variety: Variety
    requirements: tuple[Requirement, ...]


def checked(root: Node, faults: Faults) -> Checked:
    """Every check there is. Raises SpecError with all that `faults` holds and all that is found here."""
    form, spec, variety, requirements = FORMS[_family(root, faults)], None, None, ()
    try:
        spec = form.spec.model_validate(root.plain())
    except ValidationError as error:
        report(error, form.spec, root, faults)
    check_sense(root, faults)
    if form.spec is not Spec and is_matrix(root):
        faults.add(root.get("notation").line, "notation", "matrix notation is for networks", "leave it out, or write notation: scalar")
    form.check(root, spec, faults)
    if spec:
        variety, requirements = variety_of(root, spec.vary, form.slots, faults), requirements_of(root, spec.require, faults)
    faults.raise_any()
    for kind, usual in LIMITS.items() if isinstance(spec, Spec) else ():
        if getattr(spec.limits, kind) > usual:
            warnings.warn(f"{faults.source}: limits.{kind} is raised from {usual} to {getattr(spec.limits, kind)}; "
                          "a document is for reading", stacklevel=4)
    problem = form.build(spec)
    return Checked(spec, problem.standing(places_of(problem, root, faults.source)), variety, requirements)


def _family(root: Node, faults: Faults) -> str:
    if root.get("lecture"):
        faults.fail(root.keys["lecture"], "lecture", "this is a lecture, made of several problems", "`worksheet notes` writes it")
    return next((family for family in FORMS if root.get(family) is not None), "network")


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the author's format, for editors."""
    return schema_of(Union[tuple(form.spec for form in FORMS.values())])


def schema_of(model: Any, of: str = "") -> dict[str, Any]:
    """The JSON Schema of a model of ours; `of`: what `worksheet schema` is asked for."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": f"written by `worksheet schema{of and ' ' + of}`",
            **_without_noise(TypeAdapter(model).json_schema())}


def schema_text() -> str:
    """What `worksheet schema` prints and problems/schema.json holds."""
    return as_text(schema())


def as_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_noise(part: Any) -> Any:
    """A schema without pydantic's titles made from field names, and without defaults that mean "left out"."""
    if isinstance(part, list):
        return [_without_noise(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {key: _without_noise(value) for key, value in part.items()
            if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)}


def _check(root: Node, spec: Spec | None, faults: Faults) -> None:
    """Shapes that fit, and names that are sound."""
    check_shapes(root, faults)
    naming.check_names(root, faults)
    check_goes_on(root, faults)
    if spec and not faults:
        problem = _build(spec)
        if spec.nudge:
            naming.check_nudge(root, problem, faults)
        check_long_run(root, problem, faults)
        check_circuit(root, problem, faults)


def _build(spec: Spec) -> NetworkProblem:
    """The network of a spec without faults: positional names filled in, short forms written out."""
    network, frame = spec.network, spec.frame()
    inputs = _named(network.inputs, naming.inputs)
    layers, width = [], len(inputs)
    for number, layer in enumerate(network.layers, 1):
        layers.append(_layer(layer, number, width, number == len(network.layers), frame["notation"].style == "matrix"))
        width = len(layers[-1].units)
    problem = NetworkProblem(
        **frame, network=Network(inputs=inputs, layers=tuple(layers), target=_named(network.target, naming.targets),
                        loss=network.loss, loss_name=network.loss_name),
        learning_rate=spec.learning_rate, epochs=spec.epochs, gradients=spec.gradients, gradient_list=spec.gradient_list, nudge=spec.nudge,
        long_run=spec.long_run, circuit=circuit_of(spec.circuit))
    return problem.model_copy(update=led(spec, problem.trained))


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


class Form(NamedTuple):
    """How one family of problems is written: the model of its spec, what the model cannot see, what it becomes, and what of it can vary."""

    spec: type[Frame]
    check: Callable[[Node, Any, Faults], None]
    build: Callable[[Any], Problem]
    slots: Slots


# each by the key that tells its specs from others
FORMS = {
    "network": Form(Spec, _check, _build, network_slots),
    "formulas": Form(formulas_spec.FormulasSpec, formulas_spec.check, formulas_spec.build, numbers_of("given", "learning_rate")),
    "function": Form(function_spec.FunctionSpec, function_spec.check, function_spec.build, numbers_of("given", "at", "change")),
    "gradient": Form(gradient_spec.GradientSpec, gradient_spec.check, gradient_spec.build, numbers_of("given", "at", "change")),
    "chain": Form(chain_spec.ChainSpec, chain_spec.check, chain_spec.build, numbers_of("given", "at")),
    "derivation": Form(derivation_spec.DerivationSpec, derivation_spec.check, derivation_spec.build, numbers_of("at")),
    "descent": Form(descent_spec.DescentSpec, descent_spec.check, descent_spec.build, numbers_of("start", "learning_rate")),
}

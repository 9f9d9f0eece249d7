"""A network as an author writes it: what the model of its spec does not see, and the problem it
becomes."""

from __future__ import annotations

from ...numbers.number import Number
from ...problem import Layer, Network, Unit
from ...spec import names as naming
from ...spec.circuit import check_circuit
from ...spec.faults import Faults
from ...spec.long_runs import check_goes_on, check_long_run, led
from ...spec.models import LayerPart, Spec, UnitPart, UnitsLayer, circuit_of
from ...spec.shapes import check_shapes
from ...spec.yaml_reader import Node
from .problem import NetworkProblem


def check(root: Node, spec: Spec | None, faults: Faults) -> None:
    """Shapes that fit, and names that are sound."""
    check_shapes(root, faults)
    naming.check_names(root, faults)
    check_goes_on(root, faults)
    if spec and not faults:
        problem = build(spec)
        if spec.nudge:
            naming.check_nudge(root, problem, faults)
        check_long_run(root, problem, faults)
        check_circuit(root, problem, faults)


def build(spec: Spec) -> NetworkProblem:
    """The network of a spec without faults: positional names filled in, short forms written out."""
    network, frame = spec.network, spec.frame()
    inputs = _named(network.inputs, naming.inputs)
    layers, width = [], len(inputs)
    for number, layer in enumerate(network.layers, 1):
        layers.append(
            _layer(
                layer,
                number,
                width,
                number == len(network.layers),
                frame["notation"].style == "matrix",
            )
        )
        width = len(layers[-1].units)
    problem = NetworkProblem(
        **frame,
        network=Network(
            inputs=inputs,
            layers=tuple(layers),
            target=_named(network.target, naming.targets),
            loss=network.loss,
            loss_name=network.loss_name,
        ),
        learning_rate=spec.learning_rate,
        epochs=spec.epochs,
        gradients=spec.gradients,
        gradient_list=spec.gradient_list,
        nudge=spec.nudge,
        long_run=spec.long_run,
        circuit=circuit_of(spec.circuit),
    )
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
        if layer.activation == "identity":  # one quantity, so one name
            z = a = part.a or part.z or a
        entries = [naming.weight(number, index, entry) for entry in range(1, width + 1)]
        bias = (
            {}
            if part.bias is None
            else _named(part.bias, lambda _, index=index: [naming.bias(number, index)])
        )
        units.append(
            Unit(
                z=z if layer.activation == "identity" else part.z or z,
                a=part.a or a,
                weights=_named(part.weights, lambda _, entries=entries: entries),
                bias=bias,
            )
        )
    optional = {} if layer.slope is None else {"slope": layer.slope}
    return Layer(
        units=tuple(units),
        activation=layer.activation,
        trained_bias=not layer.frozen_bias,
        symbols=layer.symbols.model_dump(exclude_none=True) if layer.symbols else {},
        **optional,
    )


def _units(layer: LayerPart) -> list[UnitPart]:
    """The units of a layer in matrix form."""
    rows = layer.weights if isinstance(layer.weights[0], list) else [layer.weights]
    biases = layer.bias if isinstance(layer.bias, list) else [layer.bias] * len(rows)
    return [
        UnitPart.model_construct(weights=row, bias=bias, z=None, a=None)
        for row, bias in zip(rows, biases, strict=True)
    ]


SPEC = Spec

"""Shapes of a spec: how many numbers stand where, against how many are needed; and how large a
document may grow.

Works on the tree as it was read, so that shapes are told together with faults of type: what is
malformed has no size (None) and is passed over.
"""

from __future__ import annotations

from ..numbers.number import Number
from .faults import Faults, count
from .models import HARD_LIMITS, LIMITS
from .yaml_reader import Node


def check_shapes(root: Node, faults: Faults) -> None:
    """Rows against inputs, biases against units, targets against outputs; then the limits."""
    network = root.get("network")
    layers = layers_of(root)
    inputs = network.get("inputs") if network else None
    width, source = _size(inputs), "input"
    limits = {kind: _limit(root, kind) for kind in LIMITS}
    _check_limit(inputs, width, "inputs", limits, faults)
    _check_limit(network.get("layers") if network else None, len(layers), "layers", limits, faults)
    for layer in layers:
        units = unit_count(layer)
        _check_weights(layer, width, source, faults)
        _check_bias(layer, units, faults)
        _check_limit(layer.get("units") or layer.get("weights"), units, "units", limits, faults)
        width, source = units, "unit"
    target = network.get("target") if network else None
    targets = _size(target)
    if layers and targets and width and targets != width:
        faults.add(
            target.line,
            target.path,
            f"{count(targets, 'number')} for {count(width, 'output')}",
            "give one target for each unit of the last layer",
        )
    epochs = root.get("epochs")
    if epochs and isinstance(epochs.value, Number) and epochs.value.value <= HARD_LIMITS["epochs"]:
        _check_limit(epochs, int(epochs.value.value), "epochs", limits, faults)


def layers_of(root: Node) -> list[Node]:
    """The layers that are mappings; none when the spec has no list of layers."""
    layers = root.get("network") and root.get("network").get("layers")
    return layers.entries() if layers and isinstance(layers.value, list) else []


def units_of(layer: Node) -> list[Node]:
    """The units of a layer that lists them; none for a matrix."""
    units = layer.get("units")
    return units.value if units and isinstance(units.value, list) else []


def unit_count(layer: Node) -> int | None:
    """How many units a layer has; None where that cannot be told."""
    units, weights = layer.get("units"), layer.get("weights")
    if units:
        return len(units.value) or None if isinstance(units.value, list) else None
    if not weights or not isinstance(weights.value, list) or not weights.value:
        return None
    return len(weights.value) if _is_rows(weights) else 1


def _is_rows(weights: Node) -> bool:
    return any(isinstance(row.value, list) for row in weights.value)


def _size(values: Node | None) -> int | None:
    """How many values a mapping, a list or a number holds."""
    if values is None:
        return None
    return 1 if isinstance(values.value, Number) else len(values.entries()) or None


def _wanted(width: int, source: str) -> str:
    if source == "unit":
        return f"the layer before has {count(width, 'unit')}"
    return f"there {'is' if width == 1 else 'are'} {count(width, 'input')}"


def _check_weights(layer: Node, width: int | None, source: str, faults: Faults) -> None:
    units, weights = layer.get("units"), layer.get("weights")
    if width is None:
        return
    if units:
        for unit in units_of(layer):
            own = unit.get("weights")
            if own and not isinstance(own.value, Number) and _size(own) not in (None, width):
                faults.add(
                    own.line,
                    own.path,
                    f"{count(_size(own), 'weight')}, {_wanted(width, source)}",
                    f"a unit has one weight for each {source}{' of the layer before' if source == 'unit' else ''}",
                )
        return
    if not weights or not isinstance(weights.value, list) or not weights.value:
        return
    if not _is_rows(weights):
        found = len(weights.value)
        if found != width:
            column = ", ".join(
                f"[{entry.value.text}]"
                for entry in weights.value
                if isinstance(entry.value, Number)
            )
            faults.add(
                weights.line,
                weights.path,
                f"the row has {count(found, 'number')}, {_wanted(width, source)}",
                f"for {found} units write a row each: [{column}]"
                if width == 1
                else f"a row has {count(width, 'number')}, one for each {source}; several units need a row each",
            )
        return
    sizes = [_size(row) if isinstance(row.value, list) else None for row in weights.value]
    shape = f"expected {len(sizes)} x {width} (units x inputs)"
    if None not in sizes and len(set(sizes)) == 1 and sizes[0] != width:
        turned = (
            "; rows are units, columns are inputs: is the matrix transposed?"
            if len(sizes) == width
            else ""
        )
        faults.add(
            weights.line,
            weights.path,
            f"each row has {count(sizes[0], 'number')}, {_wanted(width, source)}",
            f"{shape}, found {len(sizes)} x {sizes[0]}{turned}",
        )
        return
    for index, (row, size) in enumerate(zip(weights.value, sizes, strict=True), 1):
        if size not in (None, width):
            faults.add(
                row.line,
                weights.path,
                f"row {index} has {count(size, 'number')}, {_wanted(width, source)}",
                shape,
            )


def _check_bias(layer: Node, units: int | None, faults: Faults) -> None:
    bias = layer.get("bias")
    if layer.get("units"):
        for unit in units_of(layer):
            own = unit.get("bias")
            if own and isinstance(own.value, dict) and len(own.value) > 1:
                faults.add(
                    own.line,
                    own.path,
                    f"{len(own.value)} biases for one unit",
                    "a unit has one bias: {b_h: 0.1}",
                )
    elif bias and units and _size(bias) not in (None, units):
        found = count(_size(bias), "number")
        faults.add(
            bias.line,
            bias.path,
            f"{found} for {count(units, 'unit')}",
            f"expected a list of {units}, found {found}" if units > 1 else "one unit has one bias",
        )


def _limit(root: Node, kind: str) -> int:
    limit = root.get("limits") and root.get("limits").get(kind)
    return int(limit.value.value) if limit and isinstance(limit.value, Number) else LIMITS[kind]


def _check_limit(
    node: Node | None, found: int | None, kind: str, limits: dict[str, int], faults: Faults
) -> None:
    if node is None or found is None or found <= limits[kind]:
        return
    if found > HARD_LIMITS[kind]:
        faults.add(
            node.line,
            node.path,
            f"{found} {kind}; at most {HARD_LIMITS[kind]} are possible",
            "a document is for reading",
        )
        return
    faults.add(
        node.line,
        node.path,
        f"{found} {kind}; the limit is {limits[kind]}",
        f"a document is for reading; to allow it, add limits: {{{kind}: {found}}}",
    )

"""What of a spec can vary: names, and where in the spec each one's value stands.

w_h         {"network", "layers", 0, "units", 0, "weights", "w_h"}
weights_1   the whole matrix of layer 1, its entries with their names
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..numbers.number import Number
from . import names as naming
from .shapes import layers_of, unit_count, units_of
from .yaml_reader import Node

Names = str | list | dict  # one name, or lists and mappings of them, arranged as the numbers are


class Slot(NamedTuple):
    """A place in the spec. kind: `number`, `rate`, `slope`, `activation`, `loss` or `size`."""

    way: tuple[str | int, ...]
    names: Names
    kind: str = "number"


# a spec that is sound in its types, and its layers' units where they are not the written ones ->
# all that can vary, by its name in `vary`
Slots = Callable[[Node, dict[int, int] | None], dict[str, tuple[Slot, ...]]]


def numbers_of(*keys: str) -> Slots:
    """The numbers under some keys of a spec, where it has them: one (`at`), or several with names
    (`given`), each and all of them."""

    def slots(root: Node, sizes: dict[int, int] | None = None) -> dict[str, tuple[Slot, ...]]:
        found = {}
        for key in filter(root.get, keys):
            names, kind = (
                _arranged(root.get(key), lambda _, key=key: [key]),
                POSITIVE.get(key, "number"),
            )
            if isinstance(
                names, dict
            ):  # what two keys name is told apart: x of `at`, x_change of `change`
                names, kind = (
                    {name: f"{name}_{key}" if name in found else name for name in names},
                    SEVERAL.get(key, kind),
                )
            found[key] = (Slot((key,), names, kind),)
            found |= {
                name: (Slot(way, name, kind),) for name, way in leaves(names, (key,)) if name != key
            }
        return found

    return slots


POSITIVE = {"learning_rate": "rate", "change": "rate"}
SEVERAL = {"change": "move"}  # of several variables each may go either way


def network_slots(root: Node, sizes: dict[int, int] | None = None) -> dict[str, tuple[Slot, ...]]:
    """Everything that can vary in a network. A shared bias (one number for several units) is one
    quantity, `bias_1`."""
    network, found = root.get("network"), {}
    found["inputs"] = [_values(network, "inputs", naming.inputs)]
    found["target"] = [_values(network, "target", naming.targets)]
    found["learning_rate"] = [Slot(("learning_rate",), "learning_rate", "rate")]
    found["loss"] = [Slot(("network", "loss"), "loss", "loss")]
    found["weights"], found["bias"] = [], []
    layers, width = layers_of(root), len(network.get("inputs").entries()) or 1
    for number, layer in enumerate(layers, start=1):
        way = ("network", "layers", number - 1)
        units = (sizes or {}).get(number) or unit_count(layer)
        found[f"activation_{number}"] = [
            Slot((*way, "activation"), f"activation_{number}", "activation")
        ]
        if layer.get("slope"):
            found[f"slope_{number}"] = [Slot((*way, "slope"), f"slope_{number}", "slope")]
        if not layer.get("units") and layer is not layers[-1]:
            found[f"units_{number}"] = [Slot(way, f"units_{number}", "size")]
        for part, parts in (
            ("weights", _weights(layer, number, units, width, way)),
            ("bias", _biases(layer, number, units, way)),
        ):
            found[part] += parts
            found[f"{part}_{number}"] = parts
            symbol = layer.get("symbols") and layer.get("symbols").get(part)
            if symbol:
                found[symbol.value] = parts
        width = units
    single = {
        name: (Slot(way, name),)
        for part in ("inputs", "target", "weights", "bias")
        for slot in found[part]
        for name, way in leaves(slot.names, slot.way)
    }
    return {name: tuple(parts) for name, parts in found.items() if parts} | single


def leaves(names: Names, way: tuple = ()) -> Iterator[tuple[str, tuple]]:
    """Each single name with the way to its number."""
    if isinstance(names, str):
        yield names, way
    else:
        for key, inner in names.items() if isinstance(names, dict) else enumerate(names):
            yield from leaves(inner, (*way, key))


def filled(names: Names, values: dict[str, Number]) -> Number | list | dict:
    """The same arrangement with a value for each name."""
    if isinstance(names, str):
        return values[names]
    if isinstance(names, dict):
        return {key: filled(inner, values) for key, inner in names.items()}
    return [filled(inner, values) for inner in names]


def _values(network: Node, key: str, positional) -> Slot:
    return Slot(("network", key), _arranged(network.get(key), positional))


def _arranged(node: Node, positional) -> Names:
    """The names of a mapping, a list or a single number."""
    if isinstance(node.value, dict):
        return {name: name for name in node.value}
    names = positional(len(node.entries()) or 1)
    return names if isinstance(node.value, list) else names[0]


def _weights(layer: Node, number: int, units: int, width: int, way: tuple) -> list[Slot]:
    def row(unit: int) -> list[str]:
        return [naming.weight(number, unit, entry) for entry in range(1, width + 1)]

    if layer.get("units"):
        return [
            Slot(
                (*way, "units", index - 1, "weights"),
                _arranged(unit.get("weights"), lambda _, index=index: row(index)),
            )
            for index, unit in enumerate(units_of(layer), start=1)
        ]
    is_flat = not isinstance(layer.get("weights").entries()[0].value, list)
    return [
        Slot(
            (*way, "weights"),
            row(1) if is_flat and units == 1 else [row(unit) for unit in range(1, units + 1)],
        )
    ]


def _biases(layer: Node, number: int, units: int, way: tuple) -> list[Slot]:
    if layer.get("units"):
        return [
            Slot(
                (*way, "units", index - 1, "bias"),
                _arranged(unit.get("bias"), lambda _, index=index: [naming.bias(number, index)]),
            )
            for index, unit in enumerate(units_of(layer), start=1)
            if unit.get("bias")
        ]
    bias = layer.get("bias")
    if not bias:
        return []
    names = [naming.bias(number, unit) for unit in range(1, units + 1)]
    if isinstance(bias.value, list):
        return [Slot((*way, "bias"), names)]
    return [Slot((*way, "bias"), names[0] if units == 1 else f"bias_{number}")]

"""Names: those that follow from position, and the rules for those of an author's.

A positional name is base, subscripts after `_`, layer after `__`: w_2_1__1 is the weight of unit 2
for input 1 in layer 1. Names of an author's never hold `__`, so the two meet only in x, y and
y_hat.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..numbers.number import Number
from ..trace.perturbation import ENDINGS as NUDGED
from .faults import Faults, did_you_mean
from .shapes import layers_of, unit_count, units_of
from .yaml_reader import Node, clipped

if TYPE_CHECKING:
    from ..families.formulas.problem import FormulasProblem
    from ..families.network.problem import NetworkProblem

LONGEST = 24  # characters
RESERVED = {
    "e": "Euler's number",
    "ln": "the logarithm",
    "log": "the logarithm",
    "exp": "the exponential function",
    "sigma": "the sigmoid function",
    "delta": "dL/dz",
    "alpha": "a learning rate",
    "eta": "a learning rate",
    "ones": "a column of ones",
}


def inputs(count: int) -> list[str]:
    """x, or x_1, x_2, ..."""
    return _numbered("x", count)


def targets(count: int) -> list[str]:
    """y, or y_1, y_2, ..."""
    return _numbered("y", count)


def outputs(count: int) -> list[str]:
    """y_hat, or y_hat_1, y_hat_2, ..."""
    return _numbered("y_hat", count)


def _numbered(base: str, count: int) -> list[str]:
    return [base] if count == 1 else [f"{base}_{index}" for index in range(1, count + 1)]


def weight(layer: int, unit: int, entry: int) -> str:
    """w_2_1__1: unit 2, input 1, layer 1, all counted from 1."""
    return f"w_{unit}_{entry}__{layer}"


def bias(layer: int, unit: int) -> str:
    """b_<unit>__<layer>, both counted from 1."""
    return f"b_{unit}__{layer}"


def pre_activation(layer: int, unit: int) -> str:
    """z_<unit>__<layer>, both counted from 1."""
    return f"z_{unit}__{layer}"


def activation(layer: int, unit: int, is_matrix: bool) -> str:
    """a_2__1; h_2__1 in matrix notation, where hidden vectors are called h."""
    return f"{'h' if is_matrix else 'a'}_{unit}__{layer}"


def check_nudge(root: Node, problem: NetworkProblem | FormulasProblem, faults: Faults) -> None:
    """A nudge moves what is trained, by something; no name of the problem is one that it brings
    along."""
    node = root.get("nudge")
    for name, change in node.value.items():
        if name not in problem.trained:
            faults.add(
                node.keys[name],
                node.path,
                f"'{clipped(name)}' is not among what is trained",
                did_you_mean(name, problem.trained),
            )
        elif not change.value.value:
            faults.add(
                node.keys[name],
                node.path,
                f"'{name}' is moved by nothing",
                "give a small number, such as 0.1",
            )
    for name in problem.names:
        if name.endswith(NUDGED):
            faults.add(
                node.line,
                node.path,
                f"the name '{name}' is taken",
                "with nudge, names that end in " + ", ".join(NUDGED) + " are its own",
            )


# ---- the names of a spec ------------------------------------------------------------------------


def check_names(root: Node, faults: Faults) -> None:
    """Every name a sound identifier, none reserved, none twice; works on the tree as it was read."""
    network = root.get("network")
    if network is None:
        return
    loss = network.get("loss_name")
    names = Names(faults, loss.value if loss and isinstance(loss.value, str) else "L")
    if loss_name := network.get("loss_name"):
        names.check(loss_name)
    names.values(network.get("inputs"), inputs)
    layers = layers_of(root)
    for layer in layers:
        names.layer(layer, is_last=layer is layers[-1])
    names.values(network.get("target"), targets)


class Names:
    """The names seen so far, each with the line and the path where it stands; `loss` is taken from
    the start."""

    def __init__(self, faults: Faults, loss: str = ""):
        self.faults = faults
        self.seen: dict[str, tuple[int, str]] = {}
        self.loss = loss or "L"
        self.reserved = RESERVED | ({loss: "the loss"} if loss else {})

    def values(self, node: Node | None, positional) -> None:
        """Names of inputs or targets, given or by position."""
        if node is None:
            return
        if isinstance(node.value, dict):
            self.mapping(node)
        elif isinstance(node.value, (list, Number)):
            for name in positional(len(node.entries()) or 1):
                self.take(name, node.line, node.path)

    def mapping(self, node: Node | None) -> None:
        """The keys of `{w_1: 0.5}`."""
        if node is not None and isinstance(node.value, dict):
            for name, line in node.keys.items():
                if self.check_text(name, line, node.path):
                    self.take(name, line, node.path)

    def layer(self, layer: Node, is_last: bool) -> None:
        """The names of a layer: of its units, of its outputs where it is the last, and of its
        vectors and matrices."""
        units = units_of(layer)
        is_identity = (
            layer.get("activation") is not None and layer.get("activation").value == "identity"
        )
        by_position = outputs(unit_count(layer) or 1) if is_last else []
        for index, unit in enumerate(units):
            self.unit(unit, is_identity, by_position[index] if is_last else None)
        if is_last and not units and unit_count(layer):
            for name in by_position:
                self.take(name, layer.line, layer.path)
        symbols = layer.get("symbols")
        alone = {key: units[0].get(key) for key in ("z", "a")} if len(units) == 1 else {}
        for key, node in (
            symbols.value.items() if symbols and isinstance(symbols.value, dict) else ()
        ):
            # the vector of a layer of one unit may bear the name of its entry
            by_default = by_position[0] if key == "a" and len(by_position) == 1 else None
            entry = alone[key].value if alone.get(key) else by_default
            if self.check(node) and node.value != entry:
                self.take(node.value, node.line, node.path)

    def unit(self, unit: Node, is_identity: bool, output: str | None) -> None:
        """The names of one unit: z, a, its weights and bias. `output`: its name by position, in the
        last layer."""
        z, a = unit.get("z"), unit.get("a")
        if is_identity and z and a and z.value != a.value:
            self.faults.add(
                z.line,
                z.path,
                "with identity, z and a are one quantity and have one name",
                "leave out z",
            )
            z = None
        for node in [z, a] if not (is_identity and z and a) else [a]:
            if node and self.check(node):
                self.take(node.value, node.line, node.path)
        if output and a is None and not (is_identity and z):
            self.take(output, unit.line, unit.path)
        self.mapping(unit.get("weights"))
        self.mapping(unit.get("bias"))

    def check(self, node: Node) -> bool:
        """Whether a node holds a sound name; a fault for a text that is none."""
        return isinstance(node.value, str) and self.check_text(node.value, node.line, node.path)

    def check_text(self, name: str, line: int, path: str) -> bool:
        """Whether a name is sound; a fault where it is not."""
        problem = None
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            problem = (
                f"'{clipped(name)}' is not a name",
                "letters a to z, digits and underscores, a letter first: w_1, y_hat",
            )
        elif len(name) > LONGEST:
            problem = (
                f"the name '{clipped(name)}' is longer than {LONGEST} characters",
                "short names make short lines: w_1",
            )
        elif "__" in name or name.endswith("_"):
            problem = (
                f"the name '{name}' has an underscore too many",
                "one underscore between parts; two are for positional names",
            )
        elif name in (RESERVED if path == "loss_name" else self.reserved):
            problem = (
                f"the name '{name}' is taken: it is {self.reserved[name]}",
                "choose another name",
            )
        elif "_d" in name or name.startswith("delta_"):
            problem = (
                f"the name '{name}' looks like a gradient",
                f"names with _d (d{self.loss}_dw) or delta_ are for gradients",
            )
        if problem:
            self.faults.add(line, path, *problem)
        return problem is None

    def take(self, name: str, line: int, path: str) -> None:
        """The name is in use from here on; a fault where it was already."""
        if name in self.seen:
            first_line, first_path = self.seen[name]
            self.faults.add(
                line,
                path,
                f"the name '{name}' is used twice",
                f"it stands for something else on line {first_line}, in {first_path}; give each quantity its own",
            )
        else:
            self.seen[name] = line, path

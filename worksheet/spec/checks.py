"""Sense of a spec: activations with losses, losses with targets, digits with one another, what
belongs to what.

Works on the tree as it was read, like `spec/shapes.py`.
"""

from __future__ import annotations

from ..numbers.number import KINDS, Number, plain_text
from ..tex.lexer import LONGEST
from .faults import Faults
from .shapes import layers_of, unit_count, units_of
from .yaml_reader import Node

PLACES = 5  # where no digits are asked for
FORMS, BESIDE = (
    12,
    4,
)  # how often a display writes an entry of a matrix, and how many signs stand beside its digits
TITLE, DESCRIPTION, INSTRUCTIONS = 120, 600, 2000  # characters
JOINERS = "\u200c\u200d"  # which make one sign of several


def check_sense(root: Node, faults: Faults) -> None:
    """Whether the parts go together."""
    for key, longest in (
        ("title", TITLE),
        ("description", DESCRIPTION),
        ("instructions", INSTRUCTIONS),
        ("course", TITLE),
        ("date", TITLE),
    ):
        if (node := root.get(key)) and isinstance(node.value, str):
            _check_text(node, key, longest, faults)
    for task in root.get("ask").entries() if root.get("ask") else ():
        if (node := task.get("text")) and isinstance(node.value, str):
            _check_text(node, "text", DESCRIPTION, faults)
    layers = layers_of(root)
    for layer in layers:
        _check_layer(layer, layer is layers[-1], is_matrix(root), faults)
    if layers:
        _check_loss(root.get("network"), layers[-1], faults)
        _check_gradients(root, layers[-1], faults)
        if is_matrix(root):
            _check_matrices(root, layers, faults)
    if rounding := root.get("rounding"):
        _check_digits(rounding, False, faults)
        for kind in KINDS:
            if (digits := rounding.get(kind)) and isinstance(digits.value, dict):
                _check_digits(digits, True, faults)


def _check_gradients(root: Node, last: Node, faults: Faults) -> None:
    gradients = root.get("gradients")
    if _word(gradients) != "through-prediction":
        return
    if (
        is_matrix(root)
        or unit_count(last) != 1
        or "cross-entropy" in _word(root.get("network").get("loss"))
    ):
        faults.add(
            gradients.line,
            gradients.path,
            "through-prediction needs one output, a squared error and scalar notation",
            "leave it out",
        )


def _check_matrices(root: Node, layers: list[Node], faults: Faults) -> None:
    """Whether the longest display of a layer, its gradient or its update, can be read: all its
    forms, a matrix or two in each."""
    rounding = root.get("rounding")
    nodes = (
        [rounding.get(key) for key in ("places", "significant", "at_least_significant", *KINDS)]
        if rounding
        else []
    )
    nodes += [
        node.get(key)
        for node in nodes
        if node
        for key in ("places", "significant", "at_least_significant")
    ]
    digits = max(
        [int(node.value.value) for node in nodes if node and isinstance(node.value, Number)],
        default=PLACES,
    )
    most = LONGEST // (FORMS * (digits + BESIDE))
    inputs = root.get("network").get("inputs")
    columns = len(inputs.entries()) if inputs else 0
    for number, layer in enumerate(layers, start=1):
        rows = unit_count(layer) or 0
        if rows * columns > most:
            faults.add(
                layer.line,
                layer.path,
                f"the weights of layer {number} are a matrix of {rows} by {columns}, too wide to be shown: with "
                f"{digits} digits a matrix has at most {most} numbers",
                "take fewer units, inputs or digits, or leave out notation: matrix",
            )
        columns = rows


def is_matrix(root: Node) -> bool:
    """Whether the spec asks for matrix notation, in its long form or its short."""
    notation = root.get("notation")
    style = notation.get("style") or notation if notation else None
    return bool(style) and style.value == "matrix"


def _check_text(node: Node, key: str, longest: int, faults: Faults) -> None:
    text = node.value.strip()
    if key == "title" and not text:
        faults.add(node.line, node.path, "the title is empty", "say what the document works out")
    if len(text) > longest:
        faults.add(
            node.line, node.path, f"{len(text)} characters; at most {longest} fit", "shorten it"
        )
    if key in ("title", "course", "date") and "\n" in text:
        faults.add(node.line, node.path, f"the {key} has more than one line", "keep it to one line")
    if any(
        not character.isprintable() and character not in " \n\t" + JOINERS for character in text
    ):
        faults.add(node.line, node.path, "a control character in the text", "delete it")


def _word(node: Node | None) -> str:
    return node.value if node and isinstance(node.value, str) else ""


def _check_layer(layer: Node, is_last: bool, matrix: bool, faults: Faults) -> None:
    activation = layer.get("activation")
    law = _word(activation)
    if law == "softmax" and not is_last:
        faults.add(
            activation.line,
            activation.path,
            "softmax belongs in the last layer",
            "a hidden layer takes leaky-relu, relu, sigmoid or tanh",
        )
    if law == "softmax" and is_last and unit_count(layer) == 1:
        faults.add(
            activation.line,
            activation.path,
            "softmax over one unit is always 1",
            "use sigmoid for a single output",
        )
    slope, frozen = layer.get("slope"), layer.get("frozen_bias")
    if slope and law and law != "leaky-relu":
        faults.add(
            slope.line,
            slope.path,
            f"{law} has no slope to choose",
            "leave it out, or use leaky-relu",
        )
    units = units_of(layer)
    biased = [unit.get("bias") is not None for unit in units] or [layer.get("bias") is not None]
    if frozen and frozen.value is True and not any(biased):
        faults.add(
            frozen.line,
            frozen.path,
            "there is no bias to freeze",
            "leave it out, or give the layer a bias",
        )
    if matrix and any(biased) and not all(biased):
        node = units[biased.index(False)]
        faults.add(
            node.line,
            node.path,
            "this unit has no bias, others of its layer have one",
            "in matrix notation a layer has one bias vector: write bias: 0 here",
        )


# the losses that ask for a certain output, and why others do not do: loss -> activation of the last
# layer -> reason
_NO_PROBABILITY = "binary-cross-entropy needs outputs between 0 and 1, which {} does not give"


def _check_loss(network: Node, last: Node, faults: Faults) -> None:
    loss, target, law = network.get("loss"), network.get("target"), _word(last.get("activation"))
    values = [
        node
        for node in (target.entries() or [target] if target else [])
        if isinstance(node.value, Number)
    ]
    if _word(loss) == "binary-cross-entropy":
        if law == "softmax":
            faults.add(
                loss.line,
                loss.path,
                "binary-cross-entropy does not go with softmax",
                "use categorical-cross-entropy",
            )
        elif law in ("identity", "relu", "leaky-relu", "tanh"):
            faults.add(
                loss.line,
                loss.path,
                _NO_PROBABILITY.format(law),
                "use sigmoid in the last layer, or half-squared-error here",
            )
        for node in values:
            if node.value.value not in (0, 1):
                faults.add(
                    node.line,
                    node.path,
                    f"the target {node.value.text} is not 0 or 1",
                    "binary-cross-entropy asks which of two classes it is",
                )
    if _word(loss) == "categorical-cross-entropy":
        if law and law != "softmax":
            faults.add(
                loss.line,
                loss.path,
                f"categorical-cross-entropy needs softmax in the last layer, not {law}",
                "use softmax there, or another loss here: binary-cross-entropy for sigmoid, half-squared-error for any",
            )
        outside = [node for node in values if not 0 <= node.value.value <= 1]
        for node in outside:
            faults.add(
                node.line,
                node.path,
                f"the target {node.value.text} does not lie in [0, 1]",
                "targets are probabilities: 1 for the right class, 0 for the others",
            )
        total = sum(node.value.value for node in values)
        if len(values) > 1 and len(values) == len(target.entries()) and not outside and total != 1:
            faults.add(
                target.line,
                target.path,
                f"the targets sum to {plain_text(total)}, not 1",
                "targets are probabilities: 1 for the right class, 0 for the others",
            )


def _check_digits(node: Node, is_kind: bool, faults: Faults) -> None:
    places, significant, least = (
        node.get(key) for key in ("places", "significant", "at_least_significant")
    )
    if significant and (places or least):
        other = "places" if places else "at_least_significant"
        faults.add(
            significant.line,
            significant.path,
            f"significant and {other} contradict each other",
            "give one: {places: 5}, {significant: 4}, or {places: 5, at_least_significant: 3}",
        )
    elif is_kind and least and not places:
        faults.add(
            least.line,
            least.path,
            "at_least_significant needs places beside it",
            "write {places: 5, at_least_significant: 3}, or {significant: 3}",
        )
    elif is_kind and not node.value:
        faults.add(
            node.line,
            node.path,
            "no digits are given",
            "write {places: 5} or {significant: 4}, or leave it out",
        )

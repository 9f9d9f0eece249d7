"""pydantic's errors in our sentences: the place in the file, what is wrong, what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError

from .faults import Faults, did_you_mean
from .models import MatrixLayer, UnitsLayer
from .yaml_reader import Node, clipped

# pydantic's error type -> what should stand there
_EXPECTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
}
_HINTS = {
    "names with numbers, a list of numbers, or a number": "write {x: 1.0}, or [1, 0], or 1",
    "names with numbers, or a list of numbers": "write {w_1: 0.5, w_2: -0.3}, or [0.5, -0.3]",
    "a name with a number, or a number": "write {b_h: 0.1}, or 0.1",
    "rows of numbers, or one row": "write [[1, 2], [3, 4]], a row for each unit",
    "a list of numbers, or a number": "write [0.1, 0.2], a number for each unit",
    "a number of places, or a mapping": "write 4, or {significant: 4}",
    "a share from 0 to 1, or a mapping such as {share: 0.5}": "write 0.5, or {share: 0.5, keep: spread}",
    "scalar, matrix, or a mapping": "write matrix, or {style: matrix, learning_rate: eta}",
    "full, normal, brief, or a mapping": "write brief, or {forward: full, update: brief}",
    "a phase or a quantity, or a list of them": "write forward, or [dL_dw_o, dL_dw_h]",
    "a phase, a quantity, a list of quantities, or a mapping": "write forward, or [a_h, y_hat], or {of: update, points: 4}",
    "a number, a word, a list or a matrix": "write {one_of: [1, 2, 3]}, or {one_of: [[0, 1], [1, 0]]}",
    "numpy, torch, or a list of both": "write numpy, or [numpy, torch]",
    "plain, or a mapping such as {seed: 2}": "write {seed: 2} for other words, or plain for the same words every time",
    "a part, or a list of quantities": "write forward, or [dL_dw_o, dL_dw_h]",
    "a problem": "write the name of a spec, or {spec: linear-chain, detail: brief}",
    "a requirement": "write a word such as no-ties, a bound such as 0.1 < a_h < 0.9, or {digits: 6}",
    "a mapping": "write 'key: value' lines, or {key: value}",
    "a list": "write [first, second], or a line with a dash for each entry",
    "a text": "put it in quotes",
    "a number": "write a decimal number, such as 0.5",
    "a whole number": "write a whole number, such as 5",
    "true or false": "write true or false",
    "true, false or a mapping": "write true, or {derivatives: local}",
}


def is_forward_only(root: Node) -> bool:
    """Whether a network has nothing that it is to be trained with: a forward pass alone is wanted."""
    network = root.get("network")
    return bool(
        network
        and network.get("layers")
        and not any((network.get("target"), network.get("loss"), root.get("learning_rate")))
    )


def report(error: ValidationError, model: type[BaseModel], root: Node, faults: Faults) -> None:
    """Add every error of `model` to `faults`, each at the line where its value stands."""
    if is_forward_only(root):
        faults.add(
            root.keys["network"],
            "network",
            "a forward pass alone is no problem of its own: target, loss and learning rate are missing",
            "add target: 1, loss: half-squared-error (both within network) and learning_rate: 0.1; a lecture shows the forward pass of "
            "such a spec and nothing else with {problem: NAME, part: forward}",
        )
    for detail in error.errors(include_url=False, include_input=False):
        loc, context, kind = detail["loc"], detail.get("ctx", {}), detail["type"]
        node, key = _node(root, loc), loc[-1] if loc else ""
        if kind == "missing":
            if is_forward_only(root):
                continue
            other = " (or 'units')" if key == "weights" and "<matrix>" in loc else ""
            faults.add(
                node.line, node.path, f"the key '{key}'{other} is missing", _example(model, loc)
            )
        elif kind == "extra_forbidden":
            known, node = _fields(_model(model, loc[:-1])), _node(root, loc[:-1])
            line = node.keys.get(key, node.line)
            faults.add(line, node.path, f"unknown key '{clipped(key)}'", _unknown_key(key, known))
        elif kind == "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            noun = (
                "detail"
                if node.path.startswith("detail")
                else node.path.rpartition(".")[2].replace("_", " ")
            )
            if isinstance(node.value, str):
                faults.add(
                    node.line,
                    node.path,
                    f"unknown {noun} '{clipped(node.value)}'",
                    did_you_mean(node.value, known),
                )
            else:
                faults.add(
                    node.line,
                    node.path,
                    f"expected a word, found {node.found()}",
                    "known: " + ", ".join(sorted(known)),
                )
        elif kind == "too_short":
            least = context["min_length"]
            faults.add(
                node.line,
                node.path,
                *(
                    ("this is empty", "give at least one entry")
                    if least == 1
                    else (f"too few entries: {context['actual_length']}", f"give at least {least}")
                ),
            )
        elif kind == "too_long":
            faults.add(
                node.line, node.path, f"more than {context['max_length']} entries", "fewer will do"
            )
        elif kind == "fault":
            faults.add(node.line, node.path, detail["msg"], context["hint"])
        else:
            expected = _EXPECTED.get(kind) or detail["msg"]
            faults.add(
                node.line,
                node.path,
                f"expected {expected}, found {node.found()}",
                _how(expected, node),
            )


def _node(root: Node, loc: tuple) -> Node:
    """The node at pydantic's location, or the one it is missing from; the tags of unions are no
    part of the way."""
    node = root
    for part in loc:
        inner = node.value
        if (
            isinstance(part, int)
            and isinstance(inner, list)
            or isinstance(inner, dict)
            and part in inner
        ):
            node = inner[part]
    return node


def _how(expected: str, node: Node) -> str:
    """The hint for a value of the wrong type; the usual slips get their own."""
    if isinstance(node.value, str) and "number" in expected:
        text = node.value.strip()
        if re.fullmatch(r"[-+]?\d+,\d+", text):
            return f"write a decimal point: {text.replace(',', '.')}"
        if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text):
            return f"leave out the quotes: {text}"
        if "−" in text:
            return f"write a plain minus: {text.replace('−', '-')}"
    if isinstance(node.value, list) and node.path.startswith(("inputs.", "target.")):
        return (
            "one sample at a time: write a number; for the loss of several samples write formulas, such as "
            "formulas: [p_1 = sigmoid(w*x_1), p_2 = sigmoid(w*x_2), L = ((y_1 - p_1)^2 + (y_2 - p_2)^2)/2]"
        )
    return _HINTS.get(expected, f"write {expected}")


def _unknown_key(key: str, known) -> str:
    """The hint for a key the model does not have; `known` are those it has."""
    if key == "<<":
        return "merge keys are not read; write the entries out"
    if key in ("weights", "bias") and "units" in known:
        return f"a layer with units has {key} inside each unit, not beside units"
    if (
        "slope" in known and "units" not in known
    ):  # a layer: it may have been meant in the other form
        known = [*known, "units"]
    return did_you_mean(key, known)


def _models(annotation) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _fields(model: type[BaseModel]) -> dict:
    """The keys of a mapping as authors write them (`from` is no name in Python), with what is known
    of each."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model(model: type[BaseModel], loc: tuple) -> type[BaseModel]:
    """The model that judged the mapping at pydantic's location within `model`."""
    is_name = False  # what comes next is a key of the author's own, even if a field is called so
    for part in loc:
        if is_name:
            is_name = False
        elif part == "<units>":
            model = UnitsLayer
        elif part == "<matrix>":
            model = MatrixLayer
        elif field := _fields(model).get(part):
            is_name = get_origin(field.annotation) is dict
            # a layer has two models; the tag that follows decides
            model = next(_models(field.annotation), None) or next(
                _models(tuple(field.metadata)), model
            )
    return model


def _example(model: type[BaseModel], loc: tuple) -> str:
    """How a missing key may be written: `add it, for example learning_rate: 0.1`."""
    known = _fields(_model(model, loc[:-1])).get(loc[-1])
    examples = known and known.examples
    if not examples:
        return "`worksheet new NAME` writes a spec to start from"
    return f"add it, for example {loc[-1]}: {_flow(examples[0])}"


def _flow(value) -> str:
    """A value in YAML's flow style, as an author would write it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]" if isinstance(value, list) else str(value)

"""A spec becomes a Problem: read, check the types, check the shapes and names, build.

    problem = load("problems/one-hidden-neuron.yaml")

Every fault comes at once, each with file, line, path and a hint.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union

from pydantic import TypeAdapter, ValidationError

from ..family import Family, families, family, key_of
from ..problem import Problem
from .checks import check_sense, is_matrix
from .demands import Demand, demands_of
from .faults import Faults
from .messages import report
from .models import LIMITS, Frame
from .slots import numbers_of
from .variety import Variety, variety_of
from .whereabouts import places_of
from .yaml_reader import Node, read, read_file


def load(path: str | Path) -> Problem:
    """The problem of a spec file as it is written; what varies does not. Raises SpecError with
    every fault; warns where a limit was raised."""
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
    """A spec without faults: its types, its problem, what varies in it, and what its variants must
    fulfil."""

    spec: Frame
    problem: Problem
    variety: Variety
    demands: tuple[Demand, ...]


def checked(root: Node, faults: Faults) -> Checked:
    """Every check there is. Raises SpecError with all that `faults` holds and all that is found
    here."""
    form, spec, variety, demands = _family(root, faults), None, None, ()
    model = form.spec()
    try:
        spec = model.model_validate(root.plain())
    except ValidationError as error:
        report(error, model, root, faults)
    check_sense(root, faults)
    if not form.has_matrices and is_matrix(root):
        faults.add(
            root.get("notation").line,
            "notation",
            "matrix notation is for networks",
            "leave it out, or write notation: scalar",
        )
    form.check(root, spec, faults)
    if spec:
        variety, demands = (
            variety_of(root, spec.vary, form.slots() or numbers_of("given", "at"), faults),
            demands_of(root, spec.require, faults),
        )
    faults.raise_any()
    for kind, usual in LIMITS.items() if hasattr(spec, "limits") else ():
        if getattr(spec.limits, kind) > usual:
            warnings.warn(
                f"{faults.source}: limits.{kind} is raised from {usual} to {getattr(spec.limits, kind)}; "
                "a document is for reading",
                stacklevel=4,
            )
    problem = form.build(spec)
    return Checked(
        spec, problem.standing(places_of(problem, root, faults.source)), variety, demands
    )


def _family(root: Node, faults: Faults) -> Family:
    if root.get("lecture"):
        faults.fail(
            root.keys["lecture"],
            "lecture",
            "this is a lecture, made of several problems",
            "`worksheet notes` writes it",
        )
    return family(key_of(root))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the author's format, for editors."""
    return schema_of(Union[tuple(each.spec() for each in families())])


def schema_of(model: Any, of: str = "") -> dict[str, Any]:
    """The JSON Schema of a model of ours; `of`: what `worksheet schema` is asked for."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"written by `worksheet schema{of and ' ' + of}`",
        **_without_noise(TypeAdapter(model).json_schema()),
    }


def schema_text() -> str:
    """What `worksheet schema` prints and problems/schema.json holds."""
    return as_text(schema())


def as_text(schema: dict[str, Any]) -> str:
    """A JSON Schema as the text of a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_noise(part: Any) -> Any:
    """A schema without pydantic's titles made from field names, and without defaults that mean
    "left out"."""
    if isinstance(part, list):
        return [_without_noise(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _without_noise(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and value is None)
    }

"""A spec as YAML: dicts, lists, Numbers and words -> text that `yaml_source` reads as the same
values.

The outer mappings and the layers have a line for each entry, what is inside them stands on one
line.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..numbers.number import Number
from .yaml_reader import is_word

_BLOCKS = {"network", "layers"}  # what is laid out line by line
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*")


def write_yaml(mapping: dict[str, Any], indent: str = "") -> str:
    """The text of a mapping, with a newline at its end."""
    lines = []
    for key, value in mapping.items():
        if key not in _BLOCKS:
            lines.append(f"{indent}{flow(key)}: {flow(value)}\n")
        elif isinstance(value, dict):
            lines.append(f"{indent}{key}:\n{write_yaml(value, indent + '  ')}")
        else:
            lines += [f"{indent}{key}:\n", *(f"{indent}  - {flow(entry)}\n" for entry in value)]
    return "".join(lines)


def flow(value: Any) -> str:
    """A value on one line; a text that could be mistaken for something else is quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return (
            value
            if _PLAIN.fullmatch(value) and is_word(value)
            else json.dumps(value, ensure_ascii=False)
        )
    return value.text if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)

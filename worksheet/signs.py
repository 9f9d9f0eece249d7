"""Whether every sign that somebody wrote can be printed: told with its line when it is read, before any work is done.

A font for it is looked for on this machine (`publish/fonts.py`); where there is none, the hint names the command that installs one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .errors import SpecError
from .faults import Faults
from .publish.fonts import Faces, faces_for, is_usual
from .publish.pdf import named, signs_of
from .yaml_source import Node, read, read_file


class Said(NamedTuple):
    """A text, and where it stands."""

    line: int
    path: str
    text: str


def check_signs(texts: Iterable[Said], faults: Faults, fonts: Path | None = None) -> None:
    """Add a fault for every text of which a sign cannot be printed. `fonts`: a folder of fonts that go before those of the machine."""
    unusual = [each for each in texts if not is_usual(each.text)]
    if not faces(" ".join(each.text for each in unusual), fonts).missing:
        return
    for each in unusual:
        if (found := faces(each.text, fonts)).missing:
            faults.add(each.line, each.path, f"no font on this machine has {named(found)}", found.hint)


def faces(text: str, fonts: Path | None = None) -> Faces:
    """The fonts that a text asks for."""
    return faces_for(signs_of(text), fonts)


def texts_of(node: Node) -> Iterator[Said]:
    """Every text of a tree with its place."""
    if isinstance(node.value, str):
        yield Said(node.line, node.path, node.value)
    for part in node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ():
        yield from texts_of(part)


def check_file(spec: Path, fonts: Path | None = None) -> None:
    """Raise SpecError for the texts of a spec that cannot be printed; what else is wrong with it is told elsewhere."""
    try:
        text = read_file(spec, Faults(str(spec)))
        if is_usual(text):
            return
        root = read(text, Faults(str(spec)))
    except SpecError:
        return
    faults = Faults(str(spec))
    check_signs(texts_of(root), faults, fonts)
    faults.raise_any()

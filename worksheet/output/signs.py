"""Whether every sign that somebody wrote can be printed: told with its line when it is read, before
any work is done.

A font for it is looked for on this machine (`publish/fonts.py`); where there is none, the hint
names the command that installs one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import SpecError
from ..publish import TYPST
from ..publish.fonts import Faces, faces_for, is_usual, named
from ..publish.pdf import signs_of
from ..publish.texfonts import LATEX, USED, foreign, found_for, tex_hint
from ..spec.faults import Faults
from ..spec.yaml_reader import Node, read, read_file

UNPRINTED = (
    "problems",
    "roster",
    "columns",
    "encoding",
)  # names of files and headings, in an exam and in a lecture


class Said(NamedTuple):
    """A text, and where it stands."""

    line: int
    path: str
    text: str


def check_signs(
    texts: Iterable[Said], faults: Faults, fonts: Path | None = None, by: str = TYPST
) -> None:
    """Add a fault for every text of which a sign cannot be printed. `fonts`: a folder of fonts that
    go before those of the machine; `by`: what sets the page."""
    unusual = [
        each for each in texts if not is_usual(each.text) or by != TYPST and foreign(each.text)
    ]
    if (
        by in (TYPST, *USED)
        and not faces(" ".join(each.text for each in unusual), fonts, by).missing
    ):
        return
    for each in unusual:
        if by not in (TYPST, *USED) and (lost := foreign(each.text)):
            faults.add(
                each.line,
                each.path,
                f"{by} has no letters for {lost[:5]}",
                f"--engine {' or '.join(USED)} takes fonts of this machine, and so does Typst, the default",
            )
        elif (found := faces(each.text, fonts, by)).missing:
            faults.add(
                each.line,
                each.path,
                f"no font on this machine has {named(found)}",
                found.hint if by == TYPST else tex_hint(found),
            )


def faces(text: str, fonts: Path | None = None, by: str = TYPST) -> Faces:
    """The fonts that a text asks for."""
    return faces_for(signs_of(text), fonts) if by == TYPST else found_for(text, fonts)


def printed_of(root: Node) -> Iterator[Said]:
    """Every text of a file that may be printed."""
    for key, node in root.value.items() if isinstance(root.value, dict) else ():
        yield from texts_of(node) if key not in UNPRINTED else ()


def texts_of(node: Node) -> Iterator[Said]:
    """Every text of a tree with its place."""
    if isinstance(node.value, str):
        yield Said(node.line, node.path, node.value)
    for part in (
        node.value.values()
        if isinstance(node.value, dict)
        else node.value
        if isinstance(node.value, list)
        else ()
    ):
        yield from texts_of(part)


def check_file(
    spec: Path, to: Iterable[str], fonts: Path | None = None, engine: str = TYPST
) -> None:
    """Raise SpecError for the texts of a spec that cannot be printed in these formats; what else is
    wrong with it is told elsewhere."""
    for by in [engine] if "pdf" in to else [LATEX] if "tex" in to else []:
        try:
            text = read_file(spec, Faults(str(spec)))
            root = (
                read(text, Faults(str(spec)))
                if not is_usual(text) or by != TYPST and foreign(text)
                else None
            )
        except SpecError:
            return
        faults = Faults(str(spec))
        check_signs(printed_of(root) if root else (), faults, fonts, by)
        faults.raise_any()

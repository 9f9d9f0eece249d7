"""The manifest of an exam: everything it was made from and with, its codes, and the hash of every
file.

From it alone the exam is made again. Each input is sealed with its own hash, so that one that was
changed since is told by its name; of what follows from them, the copies and their files, making the
exam again finds every field that is another. (Seals keep no secret: who changes an input and its
seal has written the manifest of another exam.) It holds the seed and the names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import WorksheetError
from ..output.jobs import NAME
from ..output.signs import faces
from ..publish import fonts_in
from ..resources import is_file, templates_folder
from ..spec.yaml_reader import clipped
from ..variants.search import Origin
from .copy import Paper
from .journal import entry_of, hash_of
from .load import SCHEME, Inputs

MADE_WITH = ("worksheet", "typst", "pypandoc_binary", "pikepdf", "segno")
MOST = 400 * 1024 * 1024  # bytes of a manifest or a journal
SHOWN = 12  # findings that are told
BY_NAME = ("name", "seed", "copies", "duplex", "exam", "roster")  # inputs that are fields
ONE_BY_ONE = ("made with", "specs", "columns", "fonts")
SINCE_2 = ("columns", "kept", "fonts")
HINT = "name the manifest.json that lies beside the exam"

Manifest = dict[str, Any]


class Altered(WorksheetError):
    """A manifest that is not as it was written."""

    status = 1

    def __init__(
        self,
        findings: list[str],
        where: str,
        hint: str = "take it from a backup; nothing was made, for it would be another exam",
    ):
        super().__init__("the manifest is not as it was written", where, hint)
        self.findings = findings

    def __str__(self) -> str:
        text = (
            f"{self.where}: {self.message}: {'; '.join(self.findings[:SHOWN])}"
            + f"; and {len(self.findings) - SHOWN} more" * (len(self.findings) > SHOWN)
        )
        return f"{text}\n  hint: {self.hint}"


def manifest(
    inputs: Inputs,
    templates: Path | None,
    papers: Iterable[tuple[Paper, dict[str, str]]],
    files: dict[str, str],
) -> bytes:
    """The bytes of the manifest."""
    sealed = fields_of(inputs) | {
        "made with": made_with(),
        "templates": templates_hash(templates),
        "fonts": fonts_of(inputs, templates),
    }
    found = (
        {"inputs": inputs_hashes(inputs)}
        | sealed
        | {
            "sealed": seals(sealed),
            "papers": [entry_of(paper) | {"files": hashes} for paper, hashes in papers],
            "files": files,
        }
    )
    if inputs.scheme != SCHEME:  # as it was then
        order = ("made with", "templates", "inputs", *BY_NAME, "specs", "papers", "files")
        found = {name: found[name] for name in order}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def fields_of(inputs: Inputs) -> Manifest:
    """The inputs as the manifest has them."""
    return {
        "scheme": inputs.scheme,
        "name": inputs.name,
        "seed": inputs.seed,
        "copies": inputs.copies,
        "duplex": inputs.is_duplex,
        "columns": inputs.columns,
        "kept": inputs.kept,
        "exam": inputs.exam,
        "roster": inputs.roster,
        "specs": {
            call: {"name": origin.name, "text": origin.text}
            for call, origin in inputs.specs.items()
        },
    }


def seals(fields: Manifest) -> dict[str, str]:
    """A hash of each field, of some one by one: `seed`, `specs.linear-chain.name`; the texts have
    theirs among the `inputs`."""
    parts = {
        path: value
        for name, part in fields.items()
        if name not in ("exam", "roster")
        for path, value in (leaves(part, name) if name in ONE_BY_ONE else [(name, part)])
        if not (name == "specs" and path.endswith(".text"))
    }
    return {
        path: sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        for path, value in parts.items()
    }


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a tree that is no tree itself, with its path; an empty mapping or list is a
    value."""
    inside = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    if not part or not isinstance(part, dict | list):
        yield path, part
    for key, value in inside:
        yield from leaves(
            value,
            f"{path}[{key}]" if isinstance(part, list) else f"{path}.{key}" if path else str(key),
        )


def inputs_hashes(inputs: Inputs) -> dict[str, str]:
    """The SHA-256 of the exam file, the class list (empty without one) and every spec, by name."""
    texts = {"exam": inputs.exam, "roster": inputs.roster or ""} | {
        call: origin.text for call, origin in inputs.specs.items()
    }
    return {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}


def key_of(inputs: Inputs, templates: Path | None) -> str:
    """A hash of everything that the bytes of an exam depend on."""
    return sha256(
        json.dumps(
            [made_with(), templates_hash(templates), fonts_of(inputs, templates), fields_of(inputs)]
        ).encode()
    ).hexdigest()


def unlike(known: Manifest, inputs: Inputs, templates: Path | None) -> list[str]:
    """What differs between the exam of a manifest and one of these inputs, in words; nothing where
    it would be the same bytes."""
    now, found = fields_of(inputs), []
    words = {
        "name": "its name",
        "exam": "the exam file",
        "copies": "versions",
        "duplex": "--duplex",
        "columns": "the columns of the class list",
    }
    for name, called in words.items():
        if known.get(name, now[name] if name == "columns" else None) != now[name]:
            found.append(
                f"{called} ({known.get(name)} there, {now[name]} now)"
                if name in ("copies", "name")
                else called
            )
    if known.get("roster") != now["roster"]:
        found.append("the class list")
    if known.get("seed") != now["seed"] or known.get("scheme", 1) != now["scheme"]:
        found.append("the seed")
    theirs = known.get("specs", {})
    found += [
        f"the spec {call}"
        for call in dict.fromkeys([*theirs, *now["specs"]])
        if theirs.get(call) != now["specs"].get(call)
    ]
    program = [
        f"{name} {known.get('made with', {}).get(name, 'missing')} there, {ours} now"
        for name, ours in made_with().items()
        if known.get("made with", {}).get(name) != ours
    ]
    if known.get("templates") != templates_hash(templates):
        program.append("other templates")
    if known.get("fonts", {}) != fonts_of(inputs, templates):
        program.append("other fonts")
    return found + ([f"the program ({', '.join(program)})"] if program else [])


def fonts_of(inputs: Inputs, templates: Path | None) -> dict[str, str]:
    """The fonts of this machine that the exam's signs ask for, with their hashes; none for Latin,
    Greek and Cyrillic."""
    return faces(
        " ".join(
            (inputs.exam, inputs.roster or "", *(origin.text for origin in inputs.specs.values()))
        ),
        fonts_in(templates),
    ).hashes


@cache
def made_with() -> dict[str, str]:
    """The versions of all packages that a page may depend on, by name."""
    return {name: version(name) for name in MADE_WITH}


def templates_hash(own: Path | None) -> str:
    """A hash of all templates, ours and those that override them."""
    found = sha256()
    for folder in filter(None, (templates_folder(), own)):
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            found.update(f"{file.relative_to(folder).as_posix()} {hash_of(file)}\n".encode())
    return found.hexdigest()


# ---- reading
# ------------------------------------------------------------------------------------------------------------------------------


def read_manifest(file: Path) -> tuple[Inputs, Manifest]:
    """The inputs of an exam from its manifest, and the manifest. Raises WorksheetError for what is
    no manifest, and Altered, with the names of the fields, for one of which an input is not as it
    was sealed."""
    try:
        if file.stat().st_size > MOST or not is_file(file):  # a device never comes to an end
            raise ValueError
        found = json.loads(file.read_text(encoding="utf-8"))
        json.dumps(found, ensure_ascii=False).encode()  # halves of pairs are no text
        if (
            not isinstance(found, dict)
            or len(found.keys() & {"exam", "specs", "papers", "seed", "name", "made with"}) < 4
        ):
            raise ValueError
        sum(1 for _ in leaves(found))  # RecursionError for what no program of ours has nested
    except OSError as fault:
        raise WorksheetError(
            f"the manifest cannot be read: {(fault.strerror or str(fault)).lower()}",
            str(file),
            HINT,
        ) from None
    except (ValueError, RecursionError):
        raise WorksheetError("this is no manifest of an exam", str(file), HINT) from None
    try:
        is_old = not found.keys() & {"scheme", "sealed", *SINCE_2}
        broken = [] if is_old else broken_seals(found)
        if broken:
            raise Altered(broken, str(file))
        inputs = inputs_of(found, is_old)
        _insist_sound(inputs)
        hashes = inputs_hashes(inputs)
        broken = [
            f"'{clipped(name if name in ('exam', 'roster') else f'specs.{name}.text', 80)}', or its hash among the inputs, was changed"
            for name, known in hashes.items()
            if found["inputs"].get(name) != known
        ]
        if broken := broken + [
            f"'inputs.{clipped(name, 80)}' was put in"
            for name in found["inputs"].keys() - hashes.keys()
        ]:
            raise Altered(broken, str(file))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise WorksheetError("this is no manifest of an exam", str(file), HINT) from None
    return inputs, found


def broken_seals(found: Manifest) -> list[str]:
    """The fields that are not as they were sealed, those that are missing, and those that were put
    in; of the texts, only which are there."""
    sealed = found.get("sealed")
    if not isinstance(sealed, dict):
        return ["'sealed' is " + ("no mapping" if "sealed" in found else "missing")]
    now = seals(
        {
            name: value
            for name, value in found.items()
            if name not in ("inputs", "sealed", "papers", "files")
        }
    )
    return (
        [
            f"'{clipped(path, 80)}' or its seal was changed"
            for path, known in sealed.items()
            if path in now and now[path] != known
        ]
        + [f"'{clipped(path, 80)}' is missing" for path in sealed if path not in now]
        + [
            f"'{clipped(path, 80)}' was put in, or its seal taken out"
            for path in now
            if path not in sealed
        ]
        + [
            f"'{name}' is missing"
            for name in ("papers", "files", "exam", "roster", "inputs")
            if name not in found
        ]
        + [
            f"'specs.{clipped(call, 60)}.text' is missing"
            for call, each in (found.get("specs") or {}).items()
            if isinstance(each, dict) and "text" not in each
        ]
    )


def inputs_of(found: Manifest, is_old: bool) -> Inputs:
    """The inputs that a manifest keeps. `is_old`: of the first format, which kept no columns."""
    specs = {
        call: Origin(f"{each['name']}.yaml", each["name"], each["text"])
        for call, each in found["specs"].items()
    }
    more = {} if is_old else {"columns": found["columns"], "kept": found["kept"]}
    return Inputs(
        found["name"],
        found["exam"],
        specs,
        found["roster"],
        found["copies"],
        found["seed"],
        found["duplex"],
        scheme=1 if is_old else found["scheme"],
        **more,
    )


def _insist_sound(inputs: Inputs) -> None:
    """Raise ValueError for inputs that are of no exam."""
    texts = [
        inputs.name,
        inputs.exam,
        *[part for origin in inputs.specs.values() for part in origin],
    ]
    seed = int if inputs.scheme == 1 else int | str
    if not (
        all(isinstance(text, str) for text in texts)
        and NAME.fullmatch(inputs.name)
        and Path(f"{inputs.name}.yaml").stem == inputs.name
        and all(
            Path(origin.label).stem == origin.name for origin in inputs.specs.values()
        )  # the name of a file, whatever a folder may be called
        and isinstance(inputs.roster, str | None)
        and isinstance(inputs.seed, seed)
        and isinstance(inputs.copies, int)
        and isinstance(inputs.is_duplex, bool)
        and inputs.scheme in (1, SCHEME)
        and isinstance(inputs.columns, dict)
        and all(isinstance(text, str) for text in inputs.columns.values())
        and isinstance(inputs.kept, dict)
        and all(
            isinstance(each, dict) and all(isinstance(attempt, int) for attempt in each.values())
            for each in inputs.kept.values()
        )
    ):
        raise ValueError


# ---- comparing
# ----------------------------------------------------------------------------------------------------------------------------


def altered(known: Manifest, again: Manifest) -> list[str]:
    """Every field of the copies and their files that is another than in the manifest of the same
    exam made again."""
    there, now = (
        {
            path: value
            for name in ("papers", "files")
            for path, value in leaves(each.get(name), name)
        }
        for each in (known, again)
    )
    return (
        [
            f"'{path}' is {_shown(there[path])} in the manifest and {_shown(now[path])} made again"
            for path in there
            if path in now and there[path] != now[path]
        ]
        + [f"'{path}' is missing" for path in now if path not in there]
        + [f"'{path}' was put in" for path in there if path not in now]
    )


def _shown(value: Any) -> str:
    return clipped(json.dumps(value, ensure_ascii=False), 60)


def files_of(known: Manifest) -> dict[str, str]:
    """The hash of every file of an exam but the manifest's own. Raises Altered where copies or
    files are not what they are in one."""
    try:
        return known["files"] | {
            name: content for each in known["papers"] for name, content in each["files"].items()
        }
    except (TypeError, AttributeError, KeyError, ValueError):
        raise Altered(["'papers' or 'files'"], "", HINT) from None


def astray(known: Manifest, folder: Path) -> tuple[list[str], list[str]]:
    """The files of an exam that are missing, and those that are not as its manifest says."""
    files = files_of(known)
    missing = [name for name in files if not is_file(folder / Path(name).name)]
    return missing, [
        name
        for name, content in files.items()
        if name not in missing and hash_of(folder / Path(name).name) != content
    ]

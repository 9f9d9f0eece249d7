"""What stands in the folder of an exam before it is made: nothing, a run that was interrupted, or a
finished exam.

A finished exam is never lost: of other content it is refused, with what differs, or moved aside
under its date; of the same content it stays. From what stands there a run goes on with the seed, so
that nobody's numbers change when somebody is added.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ..errors import WorksheetError
from ..sealed_codes import Seed, drawn_seed, is_drawn
from ..spec.faults import count
from .class_list import Student, whose
from .copy import Pick
from .journal import left_unfinished
from .load import Inputs
from .manifest import Manifest, astray, read_manifest, unlike

MANIFEST, UNFINISHED, REBUILT = "manifest.json", ".unfinished", ".rebuilt"
NEW = "new"  # a seed that is asked for, so that nothing goes on
NAMED = 5  # files in a sentence


@dataclass(frozen=True)
class Standing:
    """What stands in a folder. `known`: the manifest of a finished exam, with its inputs;
    `unreadable`: why there is none that can be used; `strays`: files of an exam of which nothing
    says what they are; `unfinished`: what the journal of an interrupted run says."""

    folder: Path
    known: Manifest | None = None
    inputs: Inputs | None = None
    unreadable: str = ""
    strays: tuple[str, ...] = ()
    unfinished: dict | None = None

    @property
    def is_finished(self) -> bool:
        """Whether an exam lies there that was finished, even one that cannot be read any more."""
        return bool(self.known or self.unreadable or self.strays)


def standing_in(folder: Path, is_ours: Callable[[str], bool]) -> Standing:
    """What stands in a folder; `is_ours`: whether a file of this name may be one of an exam."""
    unfinished = left_unfinished(folder / UNFINISHED / "journal")
    if (folder / MANIFEST).exists():
        try:
            inputs, known = read_manifest(folder / MANIFEST)
            astray(known, folder)
            return Standing(folder, known, inputs, unfinished=unfinished)
        except WorksheetError as fault:
            return Standing(folder, unreadable=f"{fault.message}", unfinished=unfinished)
        except (TypeError, AttributeError, KeyError, ValueError):
            return Standing(
                folder, unreadable="this is no manifest of an exam", unfinished=unfinished
            )
    names = (
        sorted(file.name for file in folder.iterdir() if is_ours(file.name))
        if folder.is_dir() and not (folder / UNFINISHED).is_dir()
        else []
    )
    return Standing(folder, strays=tuple(names), unfinished=unfinished)


def seeded(inputs: Inputs, standing: Standing, asked: Seed | None = None) -> tuple[Inputs, str]:
    """The inputs with a seed, and where it comes from, in words: what is `asked` for or the exam
    says, that of the run that was interrupted or of the finished exam, if they ask the same, or a
    new one. `new` asks for one whatever stands there."""
    earlier = (
        standing.inputs
        if standing.inputs
        and standing.inputs.scheme == inputs.scheme
        and standing.inputs.asked() == inputs.asked()
        else None
    )
    halted = standing.unfinished or {}
    if asked == NEW:
        return replace(inputs, seed=drawn_seed()), "a seed was drawn at random"
    if (
        (halted.get("name"), halted.get("asked")) == (inputs.name, inputs.asked())
        and inputs.seed in (None, halted["seed"])
        and _is_seed(halted["seed"])
    ):
        return replace(
            inputs, seed=halted["seed"], kept=halted["kept"]
        ), "it goes on with the seed of the run that was interrupted"
    if earlier and inputs.seed in (None, earlier.seed):
        return replace(
            inputs, seed=earlier.seed, kept=_kept(inputs, standing)
        ), "it goes on with the seed of the exam that was there"
    if inputs.seed is not None:
        return inputs, ""
    return replace(inputs, seed=drawn_seed()), "a seed was drawn at random"


def _is_seed(seed: object) -> bool:
    return isinstance(seed, int) or is_drawn(seed) and bool(seed)


def _kept(inputs: Inputs, standing: Standing) -> dict[str, dict[str, int]]:
    """The attempts that the copies of the finished exam have, for those that are of the same specs;
    none where the class is the same, so that the same exam is the same bytes."""
    earlier, known = standing.inputs, standing.known
    if (earlier.roster, earlier.copies, earlier.columns) == (
        inputs.roster,
        inputs.copies,
        inputs.columns,
    ):
        return earlier.kept
    same = {
        origin.name
        for call, origin in inputs.specs.items()
        if earlier.specs.get(call) == origin._replace(label=f"{origin.name}.yaml")
    }
    return {
        whose(each["copy"], Student(**each["student"])): {
            pick["spec"]: pick["attempt"] for pick in each["problems"] if pick["spec"] in same
        }
        for each in known["papers"]
    }


def is_same(standing: Standing, inputs: Inputs, templates: Path | None) -> bool:
    """Whether the finished exam would come to the same bytes."""
    return (
        standing.known is not None
        and not unlike(standing.known, inputs, templates)
        and standing.inputs.kept == inputs.kept
    )


def refuse(standing: Standing, inputs: Inputs, templates: Path | None) -> WorksheetError:
    """What to say of a finished exam that is another."""
    hint = (
        "--replace moves the old one aside, with all its files; --out FOLDER leaves it where it is"
    )
    if standing.strays:
        return WorksheetError(
            f"there are files of an exam here, and no manifest that says of which: {_some(standing.strays)}",
            str(standing.folder),
            hint,
        )
    if standing.unreadable:
        return WorksheetError(
            f"there is a finished exam here, of which one cannot say whether it is this one: {standing.unreadable}",
            str(standing.folder / MANIFEST),
            hint,
        )
    differs = unlike(standing.known, inputs, templates) or [
        "the numbers that were given out before"
    ]
    return WorksheetError(
        f"there is a finished exam here, made on {made_on(standing.folder)}, and this is another; what differs: "
        + "; ".join(_said(each, standing, inputs) for each in differs),
        str(standing.folder),
        hint,
    )


def _said(what: str, standing: Standing, inputs: Inputs) -> str:
    """What differs, of a class list with whom."""
    if what != "the class list":
        return what
    there, now = (set((each.roster or "").splitlines()) for each in (standing.inputs, inputs))
    found = [
        f"{count(len(lines), 'line')} {word}"
        for word, lines in (("gone", there - now), ("new", now - there))
        if lines
    ]
    return f"the class list ({', '.join(found) or 'its order'})"


def made_on(folder: Path) -> str:
    """The date of an exam: of its manifest, or else of what it has."""
    files = [folder / MANIFEST] if (folder / MANIFEST).exists() else [*folder.iterdir()]
    return date.fromtimestamp(max(file.stat().st_mtime for file in files)).isoformat()


def move_aside(folder: Path) -> Path:
    """Move a folder to `<folder>-<its date>`, or, where there is such a one, `-2` and so on; where
    it is now."""
    dated = folder.with_name(f"{folder.name}-{made_on(folder)}")
    aside = next(
        place
        for number in range(1, 10_000)
        if not (
            place := dated if number == 1 else dated.with_name(f"{dated.name}-{number}")
        ).exists()
    )
    os.rename(folder, aside)
    return aside


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + f" and {len(names) - NAMED} more" * (len(names) > NAMED)


def picks_of(known: Manifest) -> dict[int, tuple[Pick, ...]]:
    """The problems of every copy, as the manifest has them."""
    return {
        each["copy"]: tuple(Pick(**{"code": ""} | pick) for pick in each["problems"])
        for each in known["papers"]
    }

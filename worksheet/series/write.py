"""Variants on disk: `<out>/<name>/variants/<name>-01.yaml`, ..., all of a run or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..notes import prove_note
from ..output.batches import digits, put_in_place
from ..output.jobs import folder_of, staged
from ..output.settling import Left
from ..variants.run import Made, run
from ..variants.search import Variant, origin_of

FORMATS = ("yaml", "md")


@dataclass(frozen=True, slots=True)
class Written:
    """A run that was written: its folder, its copies, the draws they took, how many of those
    fulfilled every requirement, and what lies beside them from an earlier run."""

    folder: Path
    copies: int
    draws: int
    accepted: int
    left: Left = Left()


def texts(variant: Variant, formats: tuple[str, ...], templates: Path | None) -> dict[str, str]:
    """The files of a variant by format: the spec itself, and its proved note without figures."""
    write = {
        "yaml": lambda: variant.text,
        "md": lambda: (
            prove_note(variant.trace, templates=templates, source=f"copy {variant.copy}").text
        ),
    }
    return {kind: write[kind]() for kind in formats}


def write_variants(
    spec: Path,
    out: Path,
    copies: int,
    seed: int,
    *,
    formats: tuple[str, ...] = ("yaml",),
    templates: Path | None = None,
    avoid: Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    watched: Callable[[Iterable[Made]], Iterable[Made]] = iter,
) -> Written:
    """Write a run, whole or not at all; what an earlier run left in its place goes. `watched` shows
    progress."""
    folder, width, draws, accepted = folder_of(spec, out) / "variants", digits(copies), 0, 0
    work = partial(texts, formats=formats, templates=templates)
    copied = run(
        origin_of(spec), copies, seed, work, avoid=avoid, executor=executor, workers=workers
    )
    with staged(out) as stage:
        for made in watched(copied):
            draws += made.attempt + 1
            accepted += 1 + made.refused.get("distinct", (0, ""))[0]
            for kind, text in made.work.items():
                (stage / f"{spec.stem}-{made.copy:0{width}}.{kind}").write_text(
                    text, encoding="utf-8", newline="\n"
                )
        left = put_in_place(stage, folder, (spec.stem,), formats)
    return Written(folder, copies, draws, accepted, left)

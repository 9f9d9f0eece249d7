"""Sheets and keys of the variants of a spec: `<out>/<name>/copies/sheet-01.pdf`, `key-01.pdf`, ...,
all of a run or none.

Each pair bears the code of its variant (`codes.py`), from which its key can be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..assessment.sheet_and_key import Setting
from ..numbers.number import Number
from ..output.batches import Copy, Press, Pressed, digits, pressed, put_in_place
from ..output.jobs import Made, folder_of, staged
from ..output.settling import Left
from ..output.signs import check_file
from ..pages.apart import apart
from ..problem import GRID
from ..publish import TYPST, fonts_in
from ..variants.run import run
from ..variants.search import Variant, origin_of
from ..worksheets import Worksheet, faded, gridded, keyed, laid_out, prove_worksheet

STEMS = ("sheet", "key")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sheets and keys that were written, the relations that were proved on their way, and what lies
    beside them from an earlier run."""

    folder: Path
    copies: int
    relations: int
    left: Left = Left()


def pair(
    variant: Variant, fade: Number | None, key: str | None, templates: Path | None
) -> Worksheet:
    """The sheet and the key of a variant; `fade` and `key` stand in for those of the spec."""
    return prove_worksheet(
        keyed(faded(variant.trace, fade), key),
        templates=templates,
        source=f"{variant.source.label}, copy {variant.copy}",
        setting=Setting(str(variant.code), variant.draws),
    )


def laid(
    variant: Variant,
    fade: Number | None,
    key: str | None,
    templates: Path | None,
    layout: str | None = None,
    paper: str = "a4",
) -> Made:
    """The pages of `pair`, in the layout of the spec or in this one."""
    trace = laid_out(variant.trace, layout)
    if trace.problem.layout == GRID:
        return gridded(
            faded(trace, fade),
            key,
            paper=paper,
            source=f"{variant.source.label}, copy {variant.copy}",
            code=str(variant.code),
        )
    both = pair(variant, fade, key, templates)
    return Made({"sheet": str(both.sheet), "key": str(both.key)}, both.proof)


def pages(
    variant: Variant,
    fade: Number | None,
    key: str | None,
    templates: Path | None,
    layout: str | None = None,
    paper: str = "a4",
) -> tuple[str, str, str, int]:
    """The texts of sheet and key, their layout, and how many relations were proved; what a worker
    makes of a variant."""

    def made() -> tuple[str, str, str, int]:
        both = laid(variant, fade, key, templates, layout, paper)
        return *both.pages.values(), both.layout, both.proof.checked

    return apart(made, templates is not None)


def write_pairs(
    spec: Path,
    out: Path,
    copies: int,
    seed: int,
    *,
    to: tuple[str, ...],
    fade: Number | None = None,
    key: str | None = None,
    layout: str | None = None,
    templates: Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    watched: Callable[[Iterable[Pressed]], Iterable[Pressed]] = iter,
    **options,
) -> Pairs:
    """Write the pairs of a run, whole or not at all; what an earlier run left in their place goes.

    `options` are those of `publish`; `watched` shows progress. The files are the same with any
    number of workers."""
    folder, width, relations = folder_of(spec, out) / "copies", digits(copies), []
    check_file(spec, to, fonts_in(templates), options.get("engine", TYPST))

    def copied() -> Iterable[Copy]:
        for made in run(
            origin_of(spec),
            copies,
            seed,
            partial(
                pages,
                fade=fade,
                key=key,
                templates=templates,
                layout=layout,
                paper=options.get("paper", "a4"),
            ),
            executor=executor,
            workers=workers,
        ):
            *texts, look, proved = made.work
            relations.append(proved)
            yield Copy(
                made.copy,
                {
                    f"{stem}-{made.copy:0{width}}": text
                    for stem, text in zip(STEMS, texts, strict=True)
                },
                look,
            )

    with staged(out) as stage:
        for copy in watched(
            pressed(copied(), Press(to, options | {"templates": templates}), executor, workers)
        ):
            for name, content in copy.files.items():
                (stage / name).parent.mkdir(exist_ok=True)
                (stage / name).write_bytes(content)
        left = put_in_place(stage, folder, STEMS, to)
    return Pairs(folder, copies, sum(relations), left)

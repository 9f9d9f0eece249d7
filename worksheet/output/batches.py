"""Many numbered pages of one kind: published over all cores, a batch in each task, and put in place
all together.

    sheet-01.pdf, key-01.pdf, sheet-02.pdf, ...

A task brings its pages through the converters in one go and gives the bytes of the files, so that
it may be done on another machine; memory does not grow with their number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..parallel import chunks, in_order
from ..publish import FORMATS, MARKDOWN, Page, contents
from .locks import alone
from .settling import Left, settle

COPIES = 10  # in one task: of sheet and key, twenty pages
PATIENCE = 20  # seconds for another run to put its files in place
TEX, SPECS = "tex", ("yaml",)


class Copy(NamedTuple):
    """The pages of one copy, Markdown by the stems of their files; or, in a layout of ours, what it
    is drawn from."""

    number: int
    pages: dict[str, str]
    layout: str = ""


class Pressed(NamedTuple):
    """The files of one copy: the bytes of each by its name."""

    number: int
    files: dict[str, bytes]


@dataclass(frozen=True)
class Press:
    """What turns pages into files: one of each page for each format in `to`, and what it shows;
    `options` are those of `publish`."""

    to: tuple[str, ...]
    options: dict

    def __call__(self, copies: tuple[Copy, ...]) -> list[Pressed]:
        """Publish some copies; what a worker does. Raises WorksheetError for a page that cannot be
        published."""
        pages = {stem: (page, copy.layout) for copy in copies for stem, page in copy.pages.items()}
        files: dict[str, dict[str, bytes]] = {stem: {} for stem in pages}
        with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
            folder = Path(place)
            for kind in self.to:
                texts = contents(
                    [
                        Page(stem, page, folder, stem, layout=layout)
                        for stem, (page, layout) in pages.items()
                    ],
                    kind,
                    **self.options,
                )
                for stem, content in zip(pages, texts, strict=True):
                    files[stem][f"{stem}.{kind}"] = content
            for stem, found in files.items():
                found |= {
                    f"{stem}-figures/{file.name}": file.read_bytes()
                    for file in sorted((folder / f"{stem}-figures").glob("*"))
                }
        return [
            Pressed(
                copy.number,
                {name: content for stem in copy.pages for name, content in files[stem].items()},
            )
            for copy in copies
        ]


def pressed(
    copies: Iterable[Copy], press: Press, executor: Executor | None = None, workers: int = 1
) -> Iterator[Pressed]:
    """Publish copies over all workers; gives the files of each, in order."""
    for done in in_order(press, chunks(copies, COPIES), executor, workers):
        yield from done


def digits(copies: int) -> int:
    """The digits of a copy's number in the name of a file."""
    return max(2, len(str(copies)))


def put_in_place(stage: Path, folder: Path, stems: tuple[str, ...], kinds: Iterable[str]) -> Left:
    """Move everything in `stage` to `folder`; what an earlier run left there of
    `<stem>-<number>.<kind>` goes, where `kinds` are those of this run. What it left in other
    formats stays, for somebody may have gone on with it, and so does what somebody has changed:
    they are given back."""
    new = {file.name for file in stage.iterdir()}

    def is_copy(name: str) -> bool:
        stem, _, number = Path(name).stem.removesuffix("-figures").rpartition("-")
        return stem in stems and number.isdigit()

    def goes(name: str) -> bool:
        first, _, inside = name.partition("/")
        return (
            is_copy(first) and (TEX if inside else Path(first).suffix[1:]) in kinds
        )  # figures are what a .tex shows

    with alone(folder.parent, PATIENCE):
        left = settle(stage, folder, goes)
    kept = [
        old
        for old in sorted(folder.iterdir())
        if old.name not in new
        and is_copy(old.name)
        and old.suffix[1:] in (*FORMATS, MARKDOWN, *SPECS)
    ]
    return Left(tuple(dict.fromkeys((*kept, *left.older))), left.aside)

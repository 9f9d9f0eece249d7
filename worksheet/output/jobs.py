"""Jobs: proved pages become files on disk, many jobs at a time, the files of each whole or not at
all.

Starting a converter costs more than using it, so the pages of many jobs go through it together;
where one of them cannot be published, the others still are.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import WorksheetError
from ..parallel import chunks
from ..proofs.checks import Proof
from ..publish import FORMATS, MARKDOWN, TYPST, Page, able, contents, fonts_in
from ..spec.yaml_reader import clipped
from ..threads.find import Thread
from .locks import alone
from .settling import Left, check_inside, settle
from .signs import check_file

NAME = re.compile(r"\w[\w .+-]*(?<![ .])")
DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE
)  # which no file may be called on Windows
TOGETHER = 20  # jobs that are published in one go
PATIENCE = 20  # seconds for another run to put its documents in place


@dataclass(frozen=True, slots=True)
class Made:
    """What a job has made: the Markdown of its pages by the stems of their files, and the proof
    they passed; None if it was for their parts. `columns`: in how many of them short chains may
    stand on paper; `layout`: of pages that are laid out and no Markdown; `threads`: of the pages
    whose numbers can be followed, by their stems."""

    pages: dict[str, str]
    proof: Proof | None
    columns: str = "1"
    layout: str = ""
    threads: Mapping[str, Thread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """The documents of one spec. `make` gets a folder, which it may fill with folders of figures,
    and gives the pages."""

    spec: Path
    make: Callable[[Path], Made]


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a job, in the order of its pages and formats. `left`: what was kept beside them:
    its pages in other formats, which an earlier run wrote, and what somebody had changed."""

    files: tuple[Path, ...]
    proof: Proof | None
    left: Left = Left()


def write_all(
    jobs: Iterable[Job], out: Path, to: tuple[str, ...], **options
) -> Iterator[Written | WorksheetError]:
    """Write `<out>/<spec>/<stem>.<format>` for every page of every job; `options` are those of
    `publish`.

    Gives what became of each job, in order: its files, or the error for which it has none. Raises
    WorksheetError where nothing can be written at all, and, after all that can be, where the TeX
    for a PDF is not installed."""
    to, missing = able(to, options.get("engine", TYPST))
    together = TOGETHER if set(to) - {MARKDOWN} else 1
    for some in chunks(jobs, together):
        with staged(out) as stage:
            yield from _written(some, out, stage, to, options)
    if missing:
        raise missing


def _written(
    jobs: tuple[Job, ...], out: Path, stage: Path, to: tuple[str, ...], options: dict
) -> Iterator[Written | WorksheetError]:
    made: list[Made | WorksheetError] = []
    for number, job in enumerate(jobs):
        folder = stage / str(number)
        folder.mkdir()
        try:
            folder_of(job.spec, out)
            check_file(
                job.spec, to, fonts_in(options.get("templates")), options.get("engine", TYPST)
            )
            made.append(job.make(folder))
        except WorksheetError as fault:  # the other documents can still be made
            fault.where = fault.where or str(job.spec)
            made.append(fault)
    for kind in to:
        made = _published(jobs, made, stage, kind, options)
    for number, (job, done) in enumerate(zip(jobs, made, strict=True)):
        if isinstance(done, WorksheetError):
            yield done
            continue
        folder = folder_of(job.spec, out)
        with alone(folder, PATIENCE):
            left = put_in_place(stage / str(number), folder, done)
        yield Written(
            tuple(folder / f"{stem}.{kind}" for stem in done.pages for kind in to), done.proof, left
        )


def _published(
    jobs: tuple[Job, ...], made: list[Made | WorksheetError], stage: Path, kind: str, options: dict
) -> list[Made | WorksheetError]:
    """Write all pages in one format into the stage; what became of each job."""
    sound = {
        number: [
            Page(
                str(jobs[number].spec),
                text,
                stage / str(number),
                stem,
                done.columns,
                layout=done.layout,
                thread=done.threads.get(stem, Thread()),
            )
            for stem, text in done.pages.items()
        ]
        for number, done in enumerate(made)
        if isinstance(done, Made)
    }
    found = list(made)
    try:
        every = iter(
            contents([page for pages in sound.values() for page in pages], kind, **options)
        )
        published = {number: [next(every) for _ in pages] for number, pages in sound.items()}
    except WorksheetError as fault:
        if len(sound) == 1:
            fault.where = fault.where or str(jobs[[*sound][0]].spec)
            return [done if isinstance(done, WorksheetError) else fault for done in made]
        published = {}
        for number, pages in sound.items():
            try:
                published[number] = contents(pages, kind, **options)
            except WorksheetError as fault:
                fault.where = fault.where or str(jobs[number].spec)
                found[number] = fault
    for number, texts in published.items():
        for stem, content in zip(made[number].pages, texts, strict=True):
            (stage / str(number) / f"{stem}.{kind}").write_bytes(content)
    return found


def folder_of(spec: Path, out: Path) -> Path:
    """`<out>/<name>`, inside `out` whatever the spec is called, and with a name that every system
    can have."""
    name = spec.stem
    folder = out / name
    if DEVICES.fullmatch(name):
        raise WorksheetError(
            f"'{name}' cannot be the name of a folder: Windows keeps it for a device",
            str(spec),
            "rename the spec",
        )
    if not NAME.fullmatch(name) or len(name.encode()) > 200:
        raise WorksheetError(
            f"'{clipped(name)}' cannot be the name of a folder in {out}",
            str(spec),
            "rename the spec: letters, digits, - and _, with no space or full stop at the end",
        )
    check_inside(folder, out)
    return folder


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to build in, on the same disk as `out`; it is gone afterwards, come what may, and so
    is an `out` that stayed empty."""
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".worksheet-", dir=out))
    except OSError as fault:
        raise WorksheetError(
            f"cannot write here: {fault.strerror}", str(out), "choose another folder with --out"
        ) from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # another run has put something there
                out.rmdir()


def put_in_place(stage: Path, folder: Path, made: Made) -> Left:
    """Move everything in `stage` to its place in `folder`, the pages last. Figures that an earlier
    run left there of the same folders go, for they would show another problem, or another version
    of this one. A page in a format that is not written now stays as it is, with its figures, for
    somebody may have gone on with it: these are given back."""
    drawn = {each.name for each in stage.iterdir() if each.is_dir()}
    pages = [f"{stem}.{kind}" for stem in made.pages for kind in (*FORMATS, MARKDOWN)]
    others = [folder / name for name in pages if not (stage / name).is_file()]
    left = settle(stage, folder, lambda name: name.partition("/")[0] in drawn)
    return Left((*[page for page in others if page.is_file()], *left.older), left.aside)

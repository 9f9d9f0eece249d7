"""From a code back to its key, and from numbers back to the copies that bear them.

A code names a draw of a spec as it was; a spec that has changed since would give another key, so
there is none then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path

from ..codes import Code, read_code
from ..errors import WorksheetError
from ..numbers.number import Number
from ..output.batches import digits
from ..output.jobs import Job, Made
from ..pages.apart import apart
from ..sealed_codes import is_of_exam, plain
from ..series.copies import laid
from ..variants.run import Made as Found
from ..variants.run import run
from ..variants.search import Variant, attempt_at, open_source, origin_of
from .class_list import LINES
from .copy import Paper, Sitting, paper, sittings_of
from .earlier import picks_of
from .journal import entry_of
from .load import SCHEME, Exam, exam_of, is_exam, read_inputs
from .manifest import Altered, altered, read_manifest
from .write import distinct

MOST = 20  # numbers that are looked for at once
ANOTHER = "name the manifest.json of the exam that is printed on its first page"


def key_job(
    text: str,
    specs: Iterable[Path],
    *,
    fade: Number | None = None,
    key: str | None = None,
    layout: str | None = None,
    paper: str = "a4",
    templates: Path | None = None,
) -> Job:
    """The job of the key `key-<code>` of a code that was typed, of the one of `specs` that it
    belongs to.

    Raises WorksheetError for a code that is none, that belongs to none of them, or to one that has
    changed since."""
    if is_of_exam(text):
        raise sealed(text, "")
    code = read_code(text)
    variant = variant_of(code, specs)

    def make() -> Made:
        made = laid(variant, fade, key, templates, layout, paper)
        return replace(made, pages={f"key-{code}": made.pages["key"]})

    return Job(Path(variant.source.label), lambda stage: apart(make, templates is not None))


def exam_key_job(text: str, file: Path, *, templates: Path | None = None) -> tuple[Job, str]:
    """The job of the key `key-<code>` of a copy of an exam, and the exam's paper. `file`: its
    manifest.json, or, for a code that an earlier version has printed, the exam.

    The manifest has the seed and the names. Raises WorksheetError for a code that is none, or that
    belongs to another exam, to another run, or to the exam before it was changed; and where there
    is no manifest from which its numbers could be told."""
    is_manifest = file.suffix == ".json"
    if is_of_exam(text):
        if not is_manifest:
            raise sealed(text, file)
        return sealed_key_job(text, file, templates)
    code = read_code(text)
    inputs, people = (
        (read_manifest(file)[0], f"{file}: roster")
        if is_manifest
        else read_inputs(file, seed=code.seed)
    )
    inputs = inputs if is_manifest else replace(inputs, seed=code.seed, scheme=1)
    if (
        inputs.roster is None and not is_manifest and code.is_of(inputs.name)
    ):  # how many there were, only the run knew
        inputs = replace(inputs, copies=min(max(inputs.copies, code.copy), LINES))
    exam = exam_of(inputs, str(file), str(people))
    if (
        exam.scheme == SCHEME
        or not code.is_of(exam.name)
        or code.seed != exam.seed
        or not 1 <= code.copy <= len(exam.students)
    ):
        raise WorksheetError(f"no copy of this exam has the code {code}", str(file), ANOTHER)
    if not code.is_unchanged(exam.name, exam.content):
        raise WorksheetError(
            f"the exam, or a spec of it, has changed since the code {code} was printed",
            str(file),
            "its key would be another one; use its manifest.json, which holds everything as it was",
        )

    def make(stage: Path) -> Made:
        *_, (sitting, picks) = distinct(
            replace(exam, students=()), sittings_of(exam)[: code.copy], {}
        )
        return made_key(
            str(code), exam, replace(sitting, width=digits(code.copy)), picks, templates
        )

    return Job(Path(f"{exam.name}.yaml"), make), exam.paper


def sealed_key_job(text: str, file: Path, templates: Path | None) -> tuple[Job, str]:
    """The job of the key of a copy whose code says nothing: the manifest says whose it is."""
    inputs, known = read_manifest(file)
    exam = exam_of(inputs, str(file), f"{file}: roster")
    sittings = {plain(exam.code(each.number, each.whose)): each for each in sittings_of(exam)}
    sitting = sittings.get(plain(text))
    if sitting is None or exam.scheme != SCHEME:
        raise WorksheetError(f"no copy of this exam has the code {text}", str(file), ANOTHER)
    code = exam.code(sitting.number, sitting.whose)

    def make(stage: Path) -> Made:
        others = {
            number: picks
            for number, picks in _picks_of(known, file).items()
            if number != sitting.number
        }
        picks = next(
            picks
            for each, picks in distinct(exam, list(sittings.values()), others)
            if each == sitting
        )
        again = {
            "papers": [
                json.loads(
                    json.dumps(
                        entry_of(Paper(sitting.number, sitting.student, code, picks, (), {}))
                    )
                )
            ]
        }
        there = {
            "papers": [
                {name: value for name, value in each.items() if name != "files"}
                for each in known["papers"]
                if each["copy"] == sitting.number
            ]
        }
        if findings := altered(there, again):
            raise Altered(
                findings, str(file), "worksheet exam --rebuild tells every field that was changed"
            )
        return made_key(code, exam, sitting, picks, templates)

    return Job(Path(f"{exam.name}.yaml"), make), exam.paper


def _picks_of(known: dict, file: Path) -> dict:
    try:
        return picks_of(known)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Altered(
            ["'papers'"], str(file), "worksheet exam --rebuild tells every field that was changed"
        ) from None


def made_key(code: str, exam: Exam, sitting: Sitting, picks: tuple, templates: Path | None) -> Made:
    """The key of a copy, whatever solutions the exam was printed with."""
    pages = paper(replace(exam, students=(), solutions="separate"), sitting, picks, templates).pages
    return Made({f"key-{code}": pages[f"key-{sitting.number:0{sitting.width}}"]}, None)


def sealed(code: str, place: str | Path) -> WorksheetError:
    """What to say where there is no manifest."""
    return WorksheetError(
        f"{code} is the code of a copy of an exam, and says nothing without the exam's manifest.json, which alone has the seed",
        str(place),
        f"worksheet key {code} --exam build/EXAM/manifest.json",
    )


def variant_of(code: Code, specs: Iterable[Path]) -> Variant:
    """The variant that a code names."""
    named = [spec for spec in specs if code.is_of(spec.stem)]
    if exam := next(filter(is_exam, named), None):
        raise WorksheetError(
            f"{code} is the code of a copy of this exam",
            str(exam),
            f"worksheet key {code} --exam {exam}",
        )
    meant = [open_source(spec) for spec in named]
    if not meant:
        raise WorksheetError(
            "the code belongs to no spec here",
            f"code {code}",
            "name the spec with --spec, its folder with --in, or with --exam the exam whose copy it is",
        )
    source = next((each for each in meant if code.is_unchanged(each.name, each.plain)), None)
    if source is None:
        raise WorksheetError(
            f"the spec has changed since the code {code} was printed",
            meant[0].label,
            "its key would be another one; use the spec as it was then",
        )
    found = attempt_at(source, code.seed, code.copy, code.attempt)
    if not isinstance(found, Variant):
        raise WorksheetError(
            f"the code {code} names a draw that no run accepts ('{found[0]}': {found[1]})",
            source.label,
            "was it printed by another version of the program?",
        )
    return found


def numbers_in(texts: Iterable[str]) -> list[Decimal]:
    """The numbers that were typed."""
    found = []
    for text in texts:
        try:
            value = Decimal(text.replace("−", "-"))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or len(text) > 60:
            raise WorksheetError(
                f"'{text[:40]}' is no number",
                "find",
                "give numbers as they stand on the page, such as 0.62246",
            )
        found.append(value)
    if len(found) > MOST:
        raise WorksheetError(
            f"{len(found)} numbers", "find", f"at most {MOST}; two or three will do"
        )
    return found


def bearers(
    spec: Path,
    copies: int,
    seed: int,
    values: list[Decimal],
    *,
    executor: Executor | None = None,
    workers: int = 1,
    watched: Callable[[Iterable[Found]], Iterable[Found]] = iter,
) -> Iterator[Found]:
    """The copies of a run that bear all these numbers; `work` of each says where."""
    for found in watched(
        run(
            origin_of(spec),
            copies,
            seed,
            partial(borne, values=tuple(values)),
            executor=executor,
            workers=workers,
        )
    ):
        if found.work:
            yield found


def borne(variant: Variant, values: tuple[Decimal, ...]) -> tuple[str, ...]:
    """`w_h = -0.5 (given)` for each number that a variant has among its givens and results; nothing
    unless it has them all."""
    trace = variant.trace
    numbers = [
        (f"{name} = {trace.events[event].shown} (given)", trace.events[event].shown)
        for name, event in trace.givens.items()
    ]
    for working in trace.workings:
        when = f"epoch {working.epoch}, " * (trace.problem.epochs > 1) + working.phase
        numbers.append((f"{working.name} = {working.shown} ({when})", working.shown))
    places = [[said for said, shown in numbers if Decimal(shown) == value] for value in values]
    return tuple(dict.fromkeys(said for found in places for said in found)) if all(places) else ()

"""Variants: the same problem with other numbers, each a complete spec again, found by a bounded
search.

    source = open_source("problems/one-hidden-neuron.yaml")
    variant = search(source, seed=1, copy=1)        # variant.problem, variant.trace, variant.text (YAML)

An attempt draws everything anew (`draws.py`); the first that is sound, has a finite solution and
fulfils every requirement is the variant. It depends on the problem's name, the spec, the seed and
the copy alone. That the copies of a run differ is seen to in `variants/run.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from ..assessment.multiple_choice import NoChoice, options
from ..assessment.settled import unsettled
from ..assessment.tasks import graded_views, label
from ..codes import Code, code_of
from ..draws import Draws
from ..errors import SolveError, SpecError, WorksheetError
from ..numbers.number import Number
from ..problem import Problem
from ..solution import by_hand
from ..spec.faults import Faults
from ..spec.load import Checked, checked, problem_of
from ..spec.yaml_reader import Node, read, read_file
from ..spec.yaml_writer import write_yaml
from ..trace.trace import Trace
from ..views.phases import chains_of
from ..views.views import Form
from .requirements import Candidate, Requirement, check_names, requirement_of

ATTEMPTS = 1000  # draws for one copy
RANKED = 100  # of them, so many are held to the rank that the right one of some choices shall have
PROBES = 8  # draws that have to fail before a task is told to have too few choices
SEEDS = 10**9
OWN = ("vary", "require")  # keys of a spec that its variants do not have

Tally = dict[str, tuple[int, str]]  # requirement -> how often it refused, and what it saw first


class VariantError(WorksheetError):
    """No variant was found; the message says which requirement refused how often."""


@dataclass(frozen=True)
class Source:
    """A spec that was read: its file, its name, its tree, its checks, and the solution of the
    problem as written."""

    label: str
    name: str
    root: Node
    checked: Checked
    written: Trace

    @cached_property
    def plain(self) -> dict:
        """Its tree as dictionaries, lists and numbers, without lines."""
        return self.root.plain()

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the spec demands of its variants, as conditions on a trace."""
        return tuple(map(requirement_of, self.checked.demands))

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing that could vary, as in a derivation: its one variant is the
        problem as written."""
        return not self.checked.variety.written


@dataclass(frozen=True)
class Variant:
    """One variant and its solution. `refused`: what the attempts before it failed on."""

    source: Source
    seed: int
    copy: int
    attempt: int
    root: Node
    trace: Trace
    refused: Tally

    @property
    def problem(self) -> Problem:
        """The problem with the numbers of this variant."""
        return self.trace.problem

    @property
    def code(self) -> Code:
        """The code from which this variant can be made again."""
        return code_of(self.source.name, self.source.plain, self.seed, self.copy, self.attempt)

    @property
    def draws(self) -> Draws:
        """What is drawn for the copy beside its numbers."""
        return Draws(self.source.name, self.seed, self.copy, 0)

    @property
    def text(self) -> str:
        """The variant as a spec of its own."""
        head = f"# {self.source.name}, variant {self.code}: seed {self.seed}, copy {self.copy}, attempt {self.attempt}\n"
        return head + write_yaml(self.root.plain())


class Origin(NamedTuple):
    """Where a spec comes from, as it travels to another process: its file for messages, its name,
    its text."""

    label: str
    name: str
    text: str


def origin_of(path: str | Path) -> Origin:
    """The spec in a file. Raises SpecError where it cannot be read."""
    return Origin(str(path), Path(path).stem, read_file(path, Faults(str(path))))


@lru_cache(maxsize=64)
def source_of(origin: Origin) -> Source:
    """The source of a spec, read once in a process. Raises SpecError with every fault."""
    label, name, text = origin
    faults = Faults(label)
    root, found, written = solved(read(text, faults), faults)
    if not found.spec.vary and found.variety.written:
        raise WorksheetError(
            "nothing varies in this spec",
            label,
            "say what to draw: vary: {w_h: {from: -1, to: 1, step: 0.1}}",
        )
    return Source(label, name, root, found, written)


def solved(root: Node, faults: Faults) -> tuple[Node, Checked, Trace]:
    """A spec that has been read, its checks, and the solution of the problem as written, which has
    all that the spec speaks of."""
    found = checked(root, faults)
    trace = by_hand(found.problem)
    check_names(root, trace, faults)
    faults.raise_any()
    return root, found, trace


def solution_of(path: str | Path) -> Trace:
    """The solution by hand of a spec file, checked against all that the spec asks and requires.
    Raises SpecError with every fault."""
    faults = Faults(str(path))
    root, _, trace = solved(read(read_file(path, faults), faults), faults)
    try:
        _choices(trace)
    except NoChoice as fault:
        _refuse(fault, root, faults)
    return trace


def check_choices(source: Source, seed: int) -> None:
    """What no draw will have enough choices for is told before any search, with its task: that the
    problem as written has too few, and some draws have too. Raises SpecError."""
    try:
        return _choices(source.written)
    except NoChoice as fault:
        first = fault
    tried = [attempt_at(source, seed, 1, attempt) for attempt in range(PROBES)]
    if not any(isinstance(each, Variant) for each in tried) and any(
        name == "choices" for name, _ in tried
    ):
        _refuse(first, source.root, Faults(source.label))


def _choices(trace: Trace) -> None:
    options(
        trace, chains_of(trace), Draws("", 0, 0, 0), is_strict=True
    )  # their order is of no matter here


def _refuse(fault: NoChoice, root: Node, faults: Faults) -> None:
    node = next(node for node in root.get("ask").entries() if node.path == fault.where)
    faults.fail(node.line, node.path, fault.message, fault.hint)


def open_source(path: str | Path) -> Source:
    """The source of a spec file."""
    return source_of(origin_of(path))


def attempt_at(
    source: Source, seed: int, copy: int, attempt: int, is_new: bool = False
) -> Variant | tuple[str, str]:
    """One draw: a variant, or the requirement that refused it and what it saw. `sound`, `solvable`
    and `choices` are always required; of a draw that is not printed yet (`is_new`), `corner` and
    `noise` too: that its digits leave nothing open."""
    root = source.checked.variety.drawn(Draws(source.name, seed, copy, attempt)).without(*OWN)
    found = judged(
        source, root, Draws(source.name, seed, copy, 0), is_new, is_new and attempt < RANKED
    )
    return (
        Variant(source, seed, copy, attempt, root, found, {}) if isinstance(found, Trace) else found
    )


def judged(
    source: Source, root: Node, order: Draws, is_new: bool, has_rank: bool
) -> Trace | tuple[str, str]:
    """The solution of a problem with other numbers, or what refuses it. `order`: draws for its
    choices."""
    try:
        problem = problem_of(root, Faults(source.label))
    except SpecError as fault:
        return "sound", f"{fault.faults[0].where.rpartition(': ')[2]}: {fault.faults[0].message}"
    try:
        trace = by_hand(problem)
        candidate = Candidate(trace, source.written, lambda policy: under(trace, policy))
        for requirement in source.requirements:
            if saw := requirement.refuses(candidate):
                return requirement.name, saw
        options(trace, chains_of(trace), order, is_strict=is_new, has_rank=has_rank)
        for found in unsettled(trace) if is_new else ():
            return found.why, found.saw
    except SolveError as fault:
        return "solvable", fault.message
    except NoChoice as fault:
        return "choices", fault.message
    return trace


def search(
    source: Source,
    seed: int,
    copy: int,
    start: int = 0,
    refused: Tally | None = None,
    called: str = "",
    later: Iterable[int] = (),
) -> Variant:
    """The first attempt from `start` on that nothing refuses; `refused`: what was before; `called`:
    what a message calls the copy; `later`: attempts after the usual ones. Raises VariantError after
    all of them."""
    refused = dict(refused or {})
    for attempt in chain(range(start, ATTEMPTS), (each for each in later if each >= start)):
        found = attempt_at(source, seed, copy, attempt, is_new=True)
        if isinstance(found, Variant):
            return replace(found, refused=refused)
        add(refused, {found[0]: (1, found[1])})
    often = sorted(refused.items(), key=lambda item: -item[1][0])
    said = "; ".join(f"'{name}' refused {count}, such as: {saw}" for name, (count, saw) in often)
    raise VariantError(
        f"{called or f'copy {copy}'} found no variant in {ATTEMPTS} draws: {said}",
        source.label,
        "widen what varies, or ask for less in require",
    )


def add(tally: Tally, more: Tally) -> None:
    """Count refusals together; what was seen first stays."""
    for name, (count, saw) in more.items():
        known, first = tally.get(name, (0, saw))
        tally[name] = known + count, first


def under(trace: Trace, policy: str) -> Trace:
    """The solution of the same problem under another rounding policy."""
    rounding = trace.problem.rounding
    if rounding.policy == policy:
        return trace
    return by_hand(trace.problem.model_copy(update={"rounding": replace(rounding, policy=policy)}))


def givens_key(problem: Problem) -> bytes:
    """The same for two problems whose givens are the same, however their numbers are written."""
    return _digest(
        [
            (field, _worth(getattr(problem, field)))
            for field in type(problem).model_fields
            if field not in Problem.model_fields
        ]
    )


def _worth(part: Any) -> Any:
    """What a part of a problem says, its numbers by what they are worth."""
    if isinstance(part, Number):
        return part.value.normalize()
    if isinstance(part, BaseModel):
        return [(field, _worth(getattr(part, field))) for field in type(part).model_fields]
    if isinstance(part, dict):
        return [(key, _worth(value)) for key, value in part.items()]
    return list(map(_worth, part)) if isinstance(part, tuple) else part


def answers_key(trace: Trace) -> bytes:
    """The same for two solutions whose graded answers are the same."""
    views = graded_views(trace)
    numbers = [(label(member, trace), member.shown) for view in views for member in view.members]
    return _digest(
        [*numbers, *((view.name, view.result) for view in views if isinstance(view, Form))]
    )


def _digest(parts: list) -> bytes:
    return sha256("\n".join(map(str, parts)).encode()).digest()

"""The exam file: YAML -> Exam, every fault at once, with all its inputs as text, so that it can be made again from them alone.

An exam of the same inputs is the same bytes; `Inputs` is what its manifest keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from . import facts
from .author import Part
from .authors import found_in, of_text, strays, warn
from .checks import page_failures
from .errors import ProofError, SpecError, WorksheetError
from .faults import Faults, did_you_mean
from .messages import report
from .number import Number
from .places import is_file, problem_file
from .problem import KEYS
from .repunch import repunch
from .roster import LINES, Student, read_roster, students_of
from .runs import check_copies, check_size
from .values import Flag, Points, Text, whole
from .variants import Origin, check_choices, origin_of, source_of
from .yaml_source import Node, clipped, read, read_file

SOLUTIONS = ("none", "embedded", "separate")


class QuestionPart(Part):
    """One problem of an exam: a spec, or one drawn for each copy from a pool."""

    spec: Text = Field(None, description="a spec with a section vary: a file, seen from the exam's folder, or a name from `worksheet list`")
    pool: Annotated[list[Text], Field(min_length=1, max_length=50)] = Field(None, description="several of them, of which each copy gets one")
    points: Points = Field(None, description="of the problem, shared over its steps; left out, a point for each step")
    room: whole(0, 36) = Field(None, description="lines of empty space for each task; left out, as much as the steps need")


class ExamFile(Part):
    """An exam: its head, its problems in order, and for whom."""

    title: Text = Field(description="the title of the exam, one line", examples=["Midterm"])
    course: Text = Field("", description="the name of the course")
    date: Text = Field("", description="the date as it is to be printed")
    duration: Text = Field("", description="how long it takes, such as 90 minutes")
    instructions: Text = Field("", description="what stands before the problems, in Markdown")
    aids: Text = Field("", description="what may be used")
    paper: Literal["a4", "us-letter"] = Field("a4", description="the paper it is printed on")
    problems: Annotated[list[QuestionPart], Field(min_length=1, max_length=30)] = Field(
        description="the problems in order", examples=[[{"spec": "one-hidden-neuron", "points": 12}]])
    shuffle: Flag = Field(False, description="true: each copy has the problems in an order of its own")
    versions: whole(1, LINES) = Field(None, description="how many copies, without names")
    roster: Text = Field(None, description="a class list (CSV with a column name, and id), seen from the exam's folder: a copy for each student")
    key: Literal[KEYS] = Field("compact", description="compact: the key has a row for each quantity, with a line of working, the answer, what is "
                               "accepted and the marks; full: the worked solution; both: the rows, then the solution")
    solutions: Literal[SOLUTIONS] = Field("separate", description="a key for each copy, the solutions at its end, or none")


@dataclass(frozen=True)
class Inputs:
    """Everything an exam is made from. `specs`: the text of each by how the exam calls it. `copies`: 0 where the roster says it.
    `is_duplex`: the joined files are for printing on both sides."""

    name: str
    exam: str
    specs: dict[str, Origin]
    roster: str | None
    copies: int
    seed: int
    is_duplex: bool = False

    def content(self) -> str:
        """A hash of the exam and its problems, whoever sits it."""
        return sha256(json.dumps([self.exam, sorted((call, *origin[1:]) for call, origin in self.specs.items())]).encode()).hexdigest()


@dataclass(frozen=True)
class Question:
    """One problem: where it may come from, and what it is worth."""

    origins: tuple[Origin, ...]
    points: Number | None
    room: int | None


@dataclass(frozen=True)
class Exam:
    """An exam without faults. `content` identifies what is asked."""

    name: str
    seed: int
    content: str
    head: dict[str, str]
    paper: str
    questions: tuple[Question, ...]
    is_shuffled: bool
    solutions: str
    key: str
    students: tuple[Student, ...] = field(repr=False)


def read_inputs(path: Path, *, copies: int | None = None, roster: Path | None = None, seed: int = 1,
                is_duplex: bool = False) -> tuple[Inputs, Path | None]:
    """Everything an exam file names, read; and the class list it came from. `copies` or `roster` stand in for what the file says."""
    faults = Faults(str(path))
    text = read_file(path, faults)
    root = read(text, faults)
    specs = read_specs(root, path, faults)
    named, versions = root.get("roster"), root.get("versions")
    if roster is None and copies is None and named and isinstance(named.value, str):
        roster = path.parent / named.value
    if copies is not None and not 1 <= copies <= LINES:
        faults.add(0, "--copies", f"{copies} copies", f"a whole number from 1 to {LINES:,}")
    if copies is None and roster is None and versions and isinstance(versions.value, Number):
        copies = int(versions.value.value) if 1 <= versions.value.value <= LINES else 1      # what is wrong with it is told by its type
    faults.raise_any()
    people = read_roster(roster, Faults(str(roster))) if roster else None
    return Inputs(path.stem, text, specs, people, copies or 0, seed, is_duplex), roster


def is_exam(path: Path) -> bool:
    """Whether the file has what only an exam has: problems."""
    faults = Faults(str(path))
    return read(read_file(path, faults), faults).get("problems") is not None


def read_specs(root: Node, path: Path, faults: Faults) -> dict[str, Origin]:
    """The specs that an exam file names: seen from its folder, or those that come with the program."""
    found: dict[str, Origin] = {}
    for call, node in calls(root):
        file, ours = path.parent / call, problem_file(call)
        if call not in found and (ours is None or is_file(file)):
            try:
                found[call] = origin_of(file)
            except SpecError as fault:
                faults.add(node.line, node.path, f"{clipped(call)}: {fault.faults[0].message}", fault.faults[0].hint)
        elif call not in found:
            found[call] = origin_of(ours)._replace(label=f"{call}.yaml")
    return found


def calls(root: Node) -> list[tuple[str, Node]]:
    """What an exam file calls its specs, each with its place."""
    problems = root.get("problems")
    nodes = [node for problem in (problems.entries() if problems else []) for node in (problem.get("spec"), problem.get("pool")) if node]
    nodes = [entry for node in nodes for entry in (node.entries() if isinstance(node.value, list) else [node])]
    return [(node.value, node) for node in nodes if isinstance(node.value, str)]


def exam_of(inputs: Inputs, source: str, roster_source: str = "") -> Exam:
    """The exam. Raises SpecError with every fault of the file, of its problems and of its class list, and ProofError where a relation in the
    instructions does not hold; the sources are their names in messages."""
    faults, listed, found = Faults(source), Faults(roster_source), []
    root = read(inputs.exam, faults)
    form, students = None, (Student(),) * inputs.copies
    try:
        form = ExamFile.model_validate(root.plain())
    except ValidationError as error:
        report(error, ExamFile, root, faults)
    else:
        _check(form, root, inputs, faults)
    with _gathered(found):
        faults.raise_any()
    for origin in inputs.specs.values():
        with _gathered(found):
            source_of(origin)
    if inputs.roster is not None:
        with _gathered(found):
            students = students_of(inputs.roster, listed)
            listed.raise_any()
    if found:
        raise SpecError(found)
    questions = tuple(Question(tuple(inputs.specs[call] for call in ([part.spec] if part.spec else part.pool)), part.points, part.room)
                      for part in form.problems)
    for question in questions:
        first, copies = source_of(question.origins[0]), len(students) if len(question.origins) == 1 else 1
        if first.is_fixed:      # the same for everyone
            check_copies(copies, inputs.seed)
        else:
            check_size(first, copies, inputs.seed)
        for origin in question.origins:
            check_choices(source_of(origin), inputs.seed)
    instructions = facts.words(form.instructions)
    written = of_text(instructions, source, "instructions")
    own = found_in(instructions, written)
    read_back = repunch(instructions, own=own)      # prose of a person: read as theirs is
    if failures := page_failures(instructions, read_back, own):
        raise ProofError(failures, f"{source}: instructions")
    warn(read_back.own + strays(written))
    head = {name: " ".join(getattr(form, name).split()) for name in ("title", "course", "date", "duration", "aids")}
    return Exam(inputs.name, inputs.seed, inputs.content(), head | {"instructions": form.instructions.strip()}, form.paper, questions,
                form.shuffle, form.solutions, form.key, students)


def _check(form: ExamFile, root: Node, inputs: Inputs, faults: Faults) -> None:
    """What the types cannot say."""
    for part, node in zip(form.problems, root.get("problems").entries(), strict=True):
        if (part.spec is None) == (part.pool is None):
            faults.add(node.line, node.path, "a problem has a spec or a pool, one of the two", "write {spec: one-hidden-neuron, points: 12}")
    seen: dict[str, int] = {}
    for call, node in calls(root):
        if call not in inputs.specs:      # a manifest that was changed: a file reads what it names
            faults.add(node.line, node.path, f"the manifest holds no spec '{clipped(call)}'", did_you_mean(call, inputs.specs))
            continue
        name = inputs.specs[call].name
        if name in seen:
            faults.add(node.line, node.path, f"'{clipped(name)}' is in the exam already, on line {seen[name]}",
                       "each spec once: the same copy of it would have the same numbers")
        seen.setdefault(name, node.line)
    if form.versions is not None and form.roster is not None:
        faults.add(root.keys["versions"], "versions", "there is a roster too", "keep one of the two: a copy for each student, or so many without names")
    if inputs.roster is None and not inputs.copies:
        faults.add(0, "", "it is not said how many copies there shall be", "versions: 4, or roster: students.csv, or --copies 4")


@contextmanager
def _gathered(found: list[WorksheetError]) -> Iterator[None]:
    """Keep the faults that are raised."""
    try:
        yield
    except SpecError as fault:
        found += fault.faults
    except WorksheetError as fault:
        found.append(fault)

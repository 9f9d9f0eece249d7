"""The exam file: YAML -> Exam, every fault at once, with all its inputs as text, so that it can be
made again from them alone.

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

from ..codes import code_of
from ..errors import ProofError, SpecError, WorksheetError
from ..family import problem_file
from ..lectures.authors import found_in, of_text, strays, warn
from ..numbers.number import Number
from ..output.signs import Said, check_signs, printed_of, texts_of
from ..pages import facts
from ..problem import KEYS
from ..proofs.checks import page_failures
from ..publish.fonts import is_usual
from ..recalculation.recalculation import repunch
from ..resources import is_file
from ..sealed_codes import Seed, code_of_copy, number_of, owner
from ..spec.faults import Faults, did_you_mean
from ..spec.messages import report
from ..spec.models import Part
from ..spec.values import Flag, Points, Text, whole
from ..spec.yaml_reader import Node, clipped, read, read_file
from ..variants.run import check_copies, check_size
from ..variants.search import SEEDS, Origin, check_choices, origin_of, source_of
from .class_list import LINES, Student, lines_of, read_roster, students_of, whose
from .class_list_headings import FIRST, FULL, ID, LAST, ROLES
from .points import check_points

NEW_PAGES = ("problem", "none")
SOLUTIONS = ("none", "embedded", "separate")
SCHEME = 2  # of draws and codes
OF_THIS_EXAM = (
    "title",
    "course",
    "date",
    "problems",
    "shuffle",
)  # with these changed it is another one, and has other numbers


class QuestionPart(Part):
    """One problem of an exam: a spec, or one drawn for each copy from a pool."""

    spec: Text = Field(
        None,
        description="a spec with a section vary: a file, seen from the exam's folder, or a name from `worksheet list`",
    )
    pool: Annotated[list[Text], Field(min_length=1, max_length=50)] = Field(
        None, description="several of them, of which each copy gets one"
    )
    points: Points = Field(
        None, description="of the problem, shared over its steps; left out, a point for each step"
    )
    room: whole(0, 36) = Field(
        None, description="lines of empty space for each task; left out, as much as the steps need"
    )


class ColumnsPart(Part):
    """Headings of a class list: of the whole name, or of first and last name; and of the ID."""

    name: Text = Field(None, description="the heading of the whole name")
    first: Text = Field(None, description="the heading of the first name")
    last: Text = Field(None, description="the heading of the last name")
    id: Text = Field(None, description="the heading of the ID")

    def called(self) -> dict[str, str]:
        """The headings that were given, by their role."""
        return {role: heading for role in ROLES if (heading := getattr(self, role)) is not None}


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
        description="the problems in order",
        examples=[[{"spec": "one-hidden-neuron", "points": 12}]],
    )
    shuffle: Flag = Field(
        False, description="true: each copy has the problems in an order of its own"
    )
    versions: whole(1, LINES) = Field(None, description="how many copies, without names")
    roster: Text = Field(
        None, description="a class list (CSV), seen from the exam's folder: a copy for each student"
    )
    columns: ColumnsPart = Field(
        None,
        description="what the columns of the class list are called, where they are not found: {name: Teilnehmer, id: Nr}",
    )
    encoding: Text = Field(
        None,
        description="the encoding of the class list, where it is neither UTF-8 nor guessed rightly",
        examples=["cp1250"],
    )
    new_page: Literal[NEW_PAGES] = Field(
        "none",
        description="problem: on paper each problem begins a page; none: it stands where there is room",
    )
    seed: whole(0, SEEDS) = Field(
        None,
        description="what the numbers are drawn from; left out, it is drawn at random and kept in the manifest, "
        "so that nobody can guess it",
    )
    key: Literal[KEYS] = Field(
        None,
        description="compact: the key has a row for each quantity, with a line of working, the answer, what is "
        "accepted and the marks; full: the worked solution; both: the rows, then the solution; left out, compact",
    )
    solutions: Literal[SOLUTIONS] = Field(
        "separate", description="a key for each copy, the solutions at its end, or none"
    )


@dataclass(frozen=True)
class Inputs:
    """Everything an exam is made from. `specs`: the text of each by how the exam calls it.
    `copies`: 0 where the roster says it. `is_duplex`: the joined files are for printing on both
    sides. `columns`: what those of the roster are called. `kept`: the attempts of copies that an
    earlier run of the exam has given out, by whose they are and by spec. `scheme`: how draws and
    codes follow from the seed; 1 for exams that were made when a copy was drawn by its number."""

    name: str
    exam: str
    specs: dict[str, Origin]
    roster: str | None
    copies: int
    seed: Seed | None
    is_duplex: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    kept: dict[str, dict[str, int]] = field(default_factory=dict)
    scheme: int = SCHEME

    def content(self) -> str:
        """A hash of the exam and its problems, whoever sits it."""
        return sha256(json.dumps([self.exam, *self._specs()]).encode()).hexdigest()

    def asked(self) -> str:
        """The same of what makes it this exam and no other: what is asked, what it is called, and
        when."""
        root = read(self.exam, Faults("")).plain()
        return sha256(
            json.dumps(
                [[root.get(key) for key in OF_THIS_EXAM], *self._specs()], default=str
            ).encode()
        ).hexdigest()

    def _specs(self) -> list:
        return [sorted((call, *origin[1:]) for call, origin in self.specs.items())]


@dataclass(frozen=True)
class Question:
    """One problem: where it may come from, and what it is worth."""

    origins: tuple[Origin, ...]
    points: Number | None
    room: int | None


@dataclass(frozen=True)
class Exam:
    """An exam without faults. `seed`: as its draws take it. `content` identifies what is asked.
    `kept`: first attempts for some copies."""

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
    kept: dict[str, dict[str, int]] = field(default_factory=dict, repr=False)
    scheme: int = SCHEME
    code_seed: Seed = field(default=0, repr=False)
    new_page: str = NEW_PAGES[-1]

    def code(self, number: int, whose: int) -> str:
        """The code of a copy."""
        if self.scheme == SCHEME:
            return code_of_copy(self.name, self.code_seed, whose)
        return str(code_of(self.name, self.content, self.seed, number, 0))

    def owner(self, number: int, student: Student) -> int:
        """The number under which a copy is drawn."""
        return owner(*whose(number, student).split(" ", 1)) if self.scheme == SCHEME else number


def read_inputs(
    path: Path,
    *,
    copies: int | None = None,
    roster: Path | None = None,
    seed: Seed | None = None,
    is_duplex: bool = False,
    columns: dict[str, str] | None = None,
) -> tuple[Inputs, Path | None]:
    """Everything an exam file names, read; and the class list it came from. `copies`, `roster`,
    `columns` and `seed` stand in for what the file says; where neither says a seed, there is none
    yet."""
    faults = Faults(str(path))
    text = read_file(path, faults)
    root = read(text, faults)
    specs = read_specs(root, path, faults)
    named, versions, chosen, encoding = map(root.get, ("roster", "versions", "seed", "encoding"))
    if roster is None and copies is None and named and isinstance(named.value, str):
        roster = path.parent / named.value
    if copies is not None and not 1 <= copies <= LINES:
        faults.add(0, "--copies", f"{copies} copies", f"a whole number from 1 to {LINES:,}")
    if copies is None and roster is None and versions and isinstance(versions.value, Number):
        copies = (
            int(versions.value.value) if 1 <= versions.value.value <= LINES else 1
        )  # what is wrong with it is told by its type
    if seed is None and chosen and isinstance(chosen.value, Number):
        seed = int(chosen.value.value) if 0 <= chosen.value.value <= SEEDS else 0
    if columns is None and (part := root.get("columns")) and isinstance(part.value, dict):
        columns = {
            role: heading.value
            for role in ROLES
            if (heading := part.get(role)) and isinstance(heading.value, str)
        }
    faults.raise_any()
    people = (
        read_roster(
            roster,
            Faults(str(roster)),
            encoding.value if encoding and isinstance(encoding.value, str) else None,
        )
        if roster
        else None
    )
    return Inputs(
        path.stem, text, specs, people, copies or 0, seed, is_duplex, columns or {}
    ), roster


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
                faults.add(
                    node.line,
                    node.path,
                    f"{clipped(call)}: {fault.faults[0].message}",
                    fault.faults[0].hint,
                )
            except (OSError, ValueError):  # a path that no system can have
                faults.add(
                    node.line,
                    node.path,
                    f"{clipped(call)!r} is no name of a file",
                    "a spec is a file, or a name from `worksheet list`",
                )
        elif call not in found:
            found[call] = origin_of(ours)._replace(label=f"{call}.yaml")
    return found


def calls(root: Node) -> list[tuple[str, Node]]:
    """What an exam file calls its specs, each with its place."""
    problems = root.get("problems")
    nodes = [
        node
        for problem in (problems.entries() if problems else [])
        for node in (problem.get("spec"), problem.get("pool"))
        if node
    ]
    nodes = [
        entry
        for node in nodes
        for entry in (node.entries() if isinstance(node.value, list) else [node])
    ]
    return [(node.value, node) for node in nodes if isinstance(node.value, str)]


def exam_of(
    inputs: Inputs, source: str, roster_source: str = "", fonts: Path | None = None
) -> Exam:
    """The exam. Raises SpecError with every fault of the file, of its problems and of its class
    list, signs that cannot be printed among them, and ProofError where a relation in the
    instructions does not hold; the sources are their names in messages. `fonts`: a folder of fonts
    that go before those of the machine."""
    faults, listed, found = Faults(source), Faults(roster_source), []
    root = read(inputs.exam, faults)
    form, students = None, (Student(),) * inputs.copies
    try:
        form = ExamFile.model_validate(root.plain())
    except ValidationError as error:
        report(error, ExamFile, root, faults)
    else:
        _check(form, root, inputs, faults)
    check_signs(printed_of(root), faults, fonts)
    with _gathered(found):
        faults.raise_any()
    for origin in inputs.specs.values():
        with _gathered(found):
            unprintable = Faults(origin.label)
            check_signs(texts_of(source_of(origin).root), unprintable, fonts)
            unprintable.raise_any()
    if inputs.roster is not None:
        with _gathered(found):
            students = students_of(
                inputs.roster, listed, inputs.columns, is_plain=inputs.scheme != SCHEME
            )
            listed.raise_any()
            lines = (
                lines_of(inputs.roster, inputs.columns)
                if any(not is_usual(each.name + each.id) for each in students)
                else {}
            )
            check_signs(
                [
                    Said(lines.get(each, 0), kind, text)
                    for each in students
                    for kind, text in (("name", each.name), ("id", each.id))
                ],
                listed,
                fonts,
            )
            listed.raise_any()
    if found:
        raise SpecError(found)
    questions = tuple(
        Question(
            tuple(inputs.specs[call] for call in ([part.spec] if part.spec else part.pool)),
            part.points,
            part.room,
        )
        for part in form.problems
    )
    drawn = inputs.seed if inputs.scheme != SCHEME else number_of(inputs.name, inputs.seed or 0)
    for question in questions:
        first, copies = (
            source_of(question.origins[0]),
            len(students) if len(question.origins) == 1 else 1,
        )
        seed = inputs.seed if isinstance(inputs.seed, int) else 0
        if first.is_fixed:  # the same for everyone
            check_copies(copies, seed)
        else:
            check_size(first, copies, seed)
        for origin in question.origins:
            check_choices(source_of(origin), drawn)
    check_points(questions, root, faults)
    faults.raise_any()
    instructions = facts.words(form.instructions)
    written = of_text(instructions, source, "instructions")
    own = found_in(instructions, written)
    read_back = repunch(instructions, own=own)  # prose of a person: read as theirs is
    if failures := page_failures(instructions, read_back, own):
        raise ProofError(failures, f"{source}: instructions")
    warn(read_back.own + strays(written))
    head = {
        name: " ".join(getattr(form, name).split())
        for name in ("title", "course", "date", "duration", "aids")
    }
    key = form.key or (
        "compact" if inputs.scheme == SCHEME else "full"
    )  # exams made before there were others keep theirs
    return Exam(
        inputs.name,
        drawn,
        inputs.content(),
        head | {"instructions": form.instructions.strip()},
        form.paper,
        questions,
        form.shuffle,
        form.solutions,
        key,
        students,
        inputs.kept,
        inputs.scheme,
        inputs.seed or 0,
        form.new_page,
    )


def _check(form: ExamFile, root: Node, inputs: Inputs, faults: Faults) -> None:
    """What the types cannot say."""
    for part, node in zip(form.problems, root.get("problems").entries(), strict=True):
        if (part.spec is None) == (part.pool is None):
            faults.add(
                node.line,
                node.path,
                "a problem has a spec or a pool, one of the two",
                "write {spec: one-hidden-neuron, points: 12}",
            )
    seen: dict[str, int] = {}
    for call, node in calls(root):
        if call not in inputs.specs:  # a manifest that was changed: a file reads what it names
            faults.add(
                node.line,
                node.path,
                f"the manifest holds no spec '{clipped(call)}'",
                did_you_mean(call, inputs.specs),
            )
            continue
        name = inputs.specs[call].name
        if name in seen:
            faults.add(
                node.line,
                node.path,
                f"'{clipped(name)}' is in the exam already, on line {seen[name]}",
                "each spec once: the same copy of it would have the same numbers",
            )
        seen.setdefault(name, node.line)
    if form.columns is not None and form.columns.called().keys() not in (
        {FULL},
        {FULL, ID},
        {FIRST, LAST},
        {FIRST, LAST, ID},
    ):
        faults.add(
            root.keys["columns"],
            "columns",
            "columns are name and id, or first, last and id",
            "write columns: {name: Teilnehmer, id: Nr}",
        )
    if form.versions is not None and form.roster is not None:
        faults.add(
            root.keys["versions"],
            "versions",
            "there is a roster too",
            "keep one of the two: a copy for each student, or so many without names",
        )
    if inputs.roster is None and not inputs.copies:
        faults.add(
            0,
            "",
            "it is not said how many copies there shall be",
            "versions: 4, or roster: students.csv, or --copies 4",
        )


@contextmanager
def _gathered(found: list[WorksheetError]) -> Iterator[None]:
    """Keep the faults that are raised."""
    try:
        yield
    except SpecError as fault:
        found += fault.faults
    except WorksheetError as fault:
        found.append(fault)

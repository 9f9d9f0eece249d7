"""The lecture file: YAML -> Lecture, every fault at once, the problems it is made of and the prose
beside it included.

    lecture: Build a simple neural network
    problems: {net: linear-chain}
    sections:
      - {title: Forward pass, problem: net, part: forward}
      - {title: What is a derivative?, text: "The rate at which ..."}

A problem is a name of `problems`, a spec in the lecture's own folder, or one that comes with the
program. A section's problem is its subsections' too, unless they name another; its prose speaks of
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..errors import SpecError, WorksheetError
from ..family import problem_file, problem_files
from ..markdown.reader import words_only
from ..numbers.number import Rounding
from ..problem import Problem, Voice
from ..spec.faults import Faults
from ..spec.load import problem_of
from ..spec.messages import report
from ..spec.models import dialects_of
from ..spec.yaml_reader import Node, clipped, read, read_file
from .spec import MOST, LectureFile, SectionPart

LEVELS = 3  # of sections within sections
PROFILE = ("rounding", "notation", "detail")  # what a lecture may say for its problems
ALL = "all"  # the part that is the whole problem
HTML = re.compile(r"<(?=[A-Za-z/?!])")
_BLOCK_TEXT = re.compile(r":\s*[|>][-+0-9]*\s*(#.*)?$")


@dataclass(frozen=True)
class Prose:
    """A text of the author's, where it stands: the file, and the line before its first."""

    text: str
    source: str
    above: int


@dataclass(frozen=True)
class Section:
    """One section. `parts`: the block of the problem's template, or its quantities; `where` is the
    place for messages."""

    title: str
    level: int
    where: str
    problem: str
    parts: tuple[str, ...]
    phase: str | None
    epoch: int
    prose: Prose | None
    figure: str
    question: Prose | None
    answer: Prose | None
    code: tuple[str, ...]
    is_shown: bool  # on slides
    detail: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Lecture:
    """A lecture without faults: its problems by the names it calls them, and its sections.
    `rounding` is None where each problem rounds in its own way."""

    title: str
    description: str
    course: str
    problems: dict[str, Problem]
    sections: tuple[Section, ...]
    rounding: Rounding | None
    voice: Voice | None
    glossary: bool
    columns: str
    source: str

    def walk(self):
        """Every section, in the order of the page."""
        stack = list(reversed(self.sections))
        while stack:
            section = stack.pop()
            yield section
            stack += reversed(section.sections)


def load_lecture(path: str | Path) -> Lecture:
    """The lecture of a file. Raises SpecError with every fault, those of its problems' specs too."""
    faults = Faults(str(path))
    text = read_file(path, faults)
    return lecture_of(read(text, faults), text, Path(path), faults)


def lecture_of(root: Node, text: str, path: Path, faults: Faults) -> Lecture:
    """The lecture of a file that has been read."""
    form = None
    try:
        form = LectureFile.model_validate(root.plain())
    except ValidationError as error:
        report(error, LectureFile, root, faults)
    faults.raise_any()
    desk = _Desk(root, text.splitlines(), path, faults, form)
    sections = tuple(
        [
            desk.section(part, node, 2, "")
            for part, node in zip(form.sections, root.get("sections").entries(), strict=True)
        ]
    )
    for name in [name for name in form.problems if name not in desk.problems and not desk.found]:
        faults.add(
            root.get("problems").keys[name],
            f"problems.{name}",
            f"no section is about '{name}'",
            f"add a section with problem: {name}, or leave it out",
        )
    if desk.count > MOST:
        faults.add(
            root.keys["sections"],
            "sections",
            f"{desk.count} sections; at most {MOST} fit",
            "make two lectures of it",
        )
    found = list(desk.found)
    try:
        faults.raise_any()
    except SpecError as fault:
        found = [*fault.faults, *found]
    if found:
        raise SpecError(found)
    frame = form.profile()
    return Lecture(
        frame["title"],
        frame["description"],
        form.course.strip(),
        desk.problems,
        sections,
        frame["rounding"] if root.get("rounding") else None,
        frame["voice"],
        frame["glossary"],
        frame["columns"],
        str(path),
    )


class Call(NamedTuple):
    """A spec as it is called, where, and what the lecture says for it in the place of what it says
    itself."""

    spec: str
    place: Node
    profile: dict[str, Any]


@dataclass
class _Desk:
    """What is gathered while the sections are gone through: the problems they name, and what is
    wrong."""

    root: Node
    lines: list[str]
    path: Path
    faults: Faults
    form: LectureFile
    problems: dict[str, Problem] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)  # name in the lecture -> what was called
    found: list[WorksheetError] = field(default_factory=list)  # faults of the problems' own specs
    count: int = 0

    def section(self, part: SectionPart, node: Node, level: int, scope: str) -> Section:
        self.count += 1
        name = self.in_own_profile(
            self.problem(part.problem, node.get("problem")) if part.problem is not None else scope,
            node,
        )
        parts = (
            ()
            if part.part is None
            else (part.part,)
            if isinstance(part.part, str)
            else tuple(part.part)
        )
        is_bare = not any(
            (part.part, part.text, part.file, part.figure, part.question, part.code, part.sections)
        )
        if is_bare and part.problem is None:
            self.faults.add(
                node.line,
                node.path,
                "there is nothing in this section",
                "give it a part of a problem, text, a figure or sections",
            )
        for key, called in (("part", "part"), ("figure", "figure"), ("code", "program")):
            if getattr(part, key) and not name:
                self.faults.add(
                    node.get(key).line,
                    node.get(key).path,
                    f"a {called} of which problem?",
                    "add problem: NAME, here or in a section around it",
                )
        if part.title and HTML.search(words_only(part.title)):
            self.faults.add(
                node.get("title").line,
                node.get("title").path,
                "HTML in a title",
                "write Markdown; a '<' of words is '&lt;'",
            )
        if part.text and part.file:
            self.faults.add(
                node.get("file").line,
                node.get("file").path,
                "there is text too",
                "keep one of the two",
            )
        for key, other in (("question", "answer"), ("answer", "question")):
            if getattr(part, key) is not None and getattr(part, other) is None:
                self.faults.add(
                    node.get(key).line,
                    node.get(key).path,
                    f"there is no {other}",
                    f"write the {other} beside it",
                )
        if part.sections and level > LEVELS:
            self.faults.add(
                node.get("sections").line,
                node.get("sections").path,
                f"sections go {LEVELS} levels deep",
                "put these beside each other",
            )
        inner = (
            zip(part.sections, node.get("sections").entries(), strict=True) if part.sections else ()
        )
        return Section(
            " ".join((part.title or "").split()),
            level,
            f"{self.faults.source}:{node.line}: {node.path}",
            name,
            (ALL,) if is_bare else parts,
            part.phase,
            part.epoch,
            self.prose(part, node),
            part.figure or "",
            self.said(part, node, "question"),
            self.said(part, node, "answer"),
            dialects_of(part.code),
            part.slides,
            part.detail or "",
            tuple([self.section(each, entry, level + 1, name) for each, entry in inner]),
        )

    def prose(self, part: SectionPart, node: Node) -> Prose | None:
        if part.file is not None:
            place = node.get("file")
            file = self.inside(part.file, place)
            if file is None:
                return None
            try:
                return Prose(read_file(file, Faults(str(file))), str(file), 0)
            except SpecError as fault:
                self.faults.add(
                    place.line,
                    place.path,
                    f"{clipped(part.file)}: {fault.faults[0].message}",
                    fault.faults[0].hint,
                )
        return self.said(part, node, "text") if part.file is None else None

    def said(self, part: SectionPart, node: Node, key: str) -> Prose | None:
        """What the author says in a key of the section itself."""
        if getattr(part, key) is None:
            return None
        line = node.get(key).line
        return Prose(
            getattr(part, key),
            self.faults.source,
            line - (not _BLOCK_TEXT.search(self.lines[line - 1])),
        )

    def inside(self, call: str, node: Node) -> Path | None:
        """A file in the lecture's own folder."""
        folder = self.path.parent.resolve()
        file = (folder / call).resolve()
        if file.is_relative_to(folder) and file != folder:
            return self.path.parent / call
        self.faults.add(
            node.line,
            node.path,
            f"'{clipped(call)}' lies outside the lecture's folder",
            "files of a lecture lie beside it",
        )
        return None

    def problem(self, call: str, node: Node) -> str:
        """The name of the problem in the lecture; its spec is read the first time."""
        named = self.form.problems.get(call)
        profile = {key: self.root.get(key).plain() for key in PROFILE if self.root.get(key)}
        spec, place, name = call, node, call
        if named is not None:
            place = self.root.get("problems").get(call)
            spec = named if isinstance(named, str) else named.spec
            profile = {
                key: _over(profile.get(key), place.get(key), key)
                for key in PROFILE
                if place.get(key) or key in profile
            }
        elif call.endswith((".yaml", ".yml")):
            name = Path(call).stem
        if self.calls.setdefault(name, Call(spec, place, profile)).spec != spec:
            self.faults.add(
                node.line,
                node.path,
                f"another problem is called '{clipped(name)}' already",
                "give one of them a name of its own in `problems`",
            )
        elif name not in self.problems:
            self.problems[name] = self.loaded(*self.calls[name])
        return name

    def in_own_profile(self, name: str, node: Node) -> str:
        """The name of a problem as a section has it: with a rounding or a notation of the section's
        own it is another one."""
        said = [key for key in PROFILE[:2] if node.get(key)]
        if said and not name:
            self.faults.add(
                node.get(said[0]).line,
                node.get(said[0]).path,
                f"a {said[0]} of which problem?",
                "add problem: NAME, here or in a section around it",
            )
        if not said or name not in self.calls:
            return name
        spec, place, profile = self.calls[name]
        call = Call(
            spec,
            place,
            profile | {key: _over(profile.get(key), node.get(key), key) for key in said},
        )
        name = next(
            (each for each, known in self.calls.items() if known == call),
            f"{name}-{len(self.calls)}",
        )
        if name not in self.problems:
            self.calls[name], self.problems[name] = call, self.loaded(*call)
        return name

    def loaded(self, spec: str, node: Node, profile: dict) -> Problem | None:
        """The problem of a spec, with what the lecture says for it in the place of what it says
        itself."""
        file = self.inside(spec, node) if spec.endswith((".yaml", ".yml")) else problem_file(spec)
        if file is None:
            if not spec.endswith((".yaml", ".yml")):
                near = get_close_matches(
                    spec, [*self.form.problems, *[each.stem for each in problem_files()]], 1
                )
                self.faults.add(
                    node.line,
                    node.path,
                    f"there is no problem '{clipped(spec)}'",
                    (f"did you mean '{near[0]}'? " if near else "")
                    + "`worksheet list` shows ours; a spec in the lecture's folder ends with .yaml",
                )
            return None
        faults = Faults(str(file))
        try:
            root = read(read_file(file, faults), faults)
            for key, value in profile.items():
                both = Node(None, root.line, key).put((), value)
                both = both.put((), _over(root.get(key) and root.get(key).plain(), both, key))
                root = Node(
                    {**root.value, key: both}, root.line, root.path, {key: root.line} | root.keys
                )
            return problem_of(root, faults)
        except SpecError as fault:
            self.found += fault.faults
            return None


def _over(given, node: Node | None, key: str):
    """What a profile says over what is given: choice by choice, but for rounding, which is one
    thing."""
    said = node.plain() if node else given
    return (
        given | said
        if isinstance(given, dict) and isinstance(said, dict) and key != "rounding"
        else said
    )

"""The laws that every family of problems keeps, for whoever writes one.

    @pytest.mark.parametrize("law", laws("kmeans"), ids=str)
    def test_it_keeps_the_laws(law):
        law()                            # AssertionError, or the error of the program, where it does not hold

Each law is tried on every spec that comes with the family.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .assessment.tasks import graded_views
from .family import family, problem_files
from .notes import Note, make_note
from .problem import Problem
from .proofs.checks import check
from .spec.faults import Faults
from .spec.load import load
from .spec.yaml_reader import read_file
from .trace.record import dumps, loads
from .trace.trace import Working
from .variants.search import open_source, search
from .worksheets import Worksheet, make_worksheet, numbers_of, offered_numbers

COPIES = 2
MUTANTS = 6  # numbers of a page that are changed, one at a time
# what a judge knows nothing of: whatever solves, derives, writes and reads formulas for the page
SOLVING = (
    "algebra.derivative",
    "algebra.laws",
    "algebra.simplify",
    "solution",
    "tex",
    "trace",
    "views",
    "pages",
    "proofs",
)
RESULT = re.compile(
    r"(?<=[&o][=x] )-?\d+\.?\d*(?= *(?:\\\\|\n|\$))"
)  # behind `&=` or `\approx`, at the end of a line


@dataclass(frozen=True, slots=True)
class Law:
    """One law on one spec; calling it tries it."""

    name: str
    holds: Callable[[Path], None]
    spec: Path

    def __call__(self) -> None:
        """Raises AssertionError, or an error of the program, where the law does not hold."""
        self.holds(self.spec)

    def __str__(self) -> str:
        return f"{self.name}-{self.spec.stem}"


def laws(key: str) -> tuple[Law, ...]:
    """The laws of a family, on each of its specs. Raises KeyError for a key that no family has,
    LookupError where it brings no spec."""
    specs = [spec for spec in problem_files() if load(spec).family == family(key).key]
    if not specs:
        raise LookupError(f"no spec comes with the family '{key}'")
    return tuple(
        Law(name, holds, spec)
        for spec in specs
        for name, holds in LAWS.items()
        if varies(spec) or holds is not varies_and_repeats
    )


def varies(spec: Path) -> bool:
    """Whether an author has said what of a spec may vary."""
    return bool(read_file(spec, Faults(str(spec))).count("\nvary:"))


def proves(spec: Path) -> None:
    """Its note passes its proofs, and states something."""
    proof = make_note(load(spec)).proof
    assert proof.results or proof.checked, "nothing on its page is proved"


def renders_the_same_twice(spec: Path) -> None:
    """The page of a problem is the same text when it is made again."""
    problem = load(spec)
    assert make_note(problem).text == make_note(problem).text


def refuses_mutants(spec: Path) -> None:
    """A note with another last digit in a result does not pass."""
    note = make_note(load(spec))
    tried = list(mutants(note))
    assert tried or not note.trace.events, "its page has no result to change"
    for wrong in tried:
        assert check(note.trace, wrong).failures, f"passed as true:\n{wrong}"


def mutants(note: Note) -> Iterator[str]:
    """The text of a note with one printed result changed by one in its last digit."""
    found = list(RESULT.finditer(note.text))
    for match in found[:: max(1, len(found) // MUTANTS)]:
        digits = match[0]
        yield (
            note.text[: match.start()]
            + digits[:-1]
            + str((int(digits[-1]) + 1) % 10)
            + note.text[match.end() :]
        )


def gives_nothing_away(spec: Path) -> None:
    """No answer stands on the sheet, unless it is given, or offered among others to choose from."""
    made = make_worksheet(load(spec))
    known = {
        made.trace.events[place].shown for place in made.trace.givens.values()
    } | offered_numbers(made.page)
    printed = {number for _, number in numbers_of(made.sheet)} - {
        without_sign(number) for number in known if number
    }
    for member in answers_of(made):
        assert without_sign(member.shown) not in printed, (
            f"{member.name} = {member.shown} stands on the sheet"
        )


def holds_every_answer(spec: Path) -> None:
    """Every answer stands in the key."""
    made = make_worksheet(load(spec))
    for member in answers_of(made):
        alone = rf"(?<![\d.]){re.escape(without_sign(member.shown))}(?![\d.])"
        assert re.search(alone, made.key), f"{member.name} = {member.shown} is not in the key"


def answers_of(made: Worksheet) -> list[Working]:
    """What is graded and is a number."""
    return [member for view in graded_views(made.trace) for member in view.members]


def without_sign(number: str) -> str:
    """The number without its minus."""
    return number.lstrip("-")


def varies_and_repeats(spec: Path) -> None:
    """Copies differ, each can be made again, and each proves."""
    source = open_source(spec)
    found = [search(source, 1, copy) for copy in range(1, COPIES + 1)]
    assert source.is_fixed or len({each.text for each in found}) > 1, "its variants are all alike"
    assert [str(each.code) for each in found] == [
        str(search(source, 1, copy).code) for copy in range(1, COPIES + 1)
    ]
    for each in found:
        make_note(each.problem)


def is_recorded(spec: Path) -> None:
    """Its trace, written and read, is the same."""
    trace = make_note(load(spec)).trace
    assert loads(dumps(trace)) == trace


def is_judged_apart(spec: Path) -> None:
    """The file of its judge imports nothing that its solver uses but the problem and numbers."""
    problem = load(spec)
    assert imports_of_solving(judge_source(problem)) == []


def judge_source(problem: Problem) -> str:
    """The text of the file in which the judge of a problem's family stands."""
    return inspect.getsource(inspect.getmodule(family(problem.family).judge()))


def imports_of_solving(source: str) -> list[str]:
    """The modules among the imports of a text that a judge knows nothing of."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        found += [
            name
            for name in names
            if f"{name.removeprefix('worksheet.')}.".startswith(
                tuple(f"{each}." for each in SOLVING)
            )
            and (
                isinstance(node, ast.ImportFrom) and node.level > 1 or name.startswith("worksheet.")
            )
        ]
    return found


LAWS: dict[str, Callable[[Path], None]] = {
    "proves": proves,
    "renders-the-same-twice": renders_the_same_twice,
    "refuses-mutants": refuses_mutants,
    "gives-nothing-away": gives_nothing_away,
    "holds-every-answer": holds_every_answer,
    "varies-and-repeats": varies_and_repeats,
    "is-recorded": is_recorded,
    "is-judged-apart": is_judged_apart,
}

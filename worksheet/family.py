"""Families of problems: what the rest of the program asks of one, and where they are found.

    family_of(problem).solve(problem)      families.network, families.chain, ... or one of another distribution

A family is a folder of `families/` whose `family.py` has it as FAMILY; one of another distribution
is an entry point of the group `worksheet.families` that leads to the same. Nothing of a family is
imported before its key is asked for, and of what it says nothing before that is asked. Whoever
wants to know something of a family's problems asks it here: no other part of the program knows one
by name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from . import resources
from .errors import WorksheetError
from .resources import PACKAGE

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path
    from types import ModuleType

    from .algebra.expression import Expr
    from .assessment.questions import Questions
    from .figures.kind import Kind
    from .grids.page import Matrices
    from .pages.page import Page
    from .problem import Problem
    from .proofs.diagrams import Picture
    from .proofs.inventory import Inventory
    from .spec.faults import Faults
    from .spec.models import Frame
    from .spec.slots import Slots
    from .spec.yaml_reader import Node
    from .tex.notation import Symbols
    from .trace.trace import Trace
    from .views.phases import Chains

GROUP = "worksheet.families"
USUAL = "network"  # what a spec is that has the key of no family


class Family:
    """What the program asks of a family, and how most answer: what each has to say itself, by the
    files of its folder; else nothing.

    `key`: the first key of its specs, and the name of its folder. `has_matrices`: whether its pages
    can be in matrix notation. `says_where`: whether the number of a derivative stands beside a
    symbol that says where, f'(2): what stands beside f'(x) holds everywhere."""

    key = ""
    has_matrices = False
    says_where = False

    def file(self, name: str) -> Any:
        """A file beside the one that this family stands in, as a module."""
        return import_module(f".{name}", sys.modules[type(self).__module__].__package__)

    def folder(self) -> Path | None:
        """Where its own `templates/` and `problems/` lie, laid out as ours are; None: among ours."""
        return None

    # ---- what an author writes ------------------------------------------------------------------

    def problem(self) -> type[Problem]:
        """The frozen problem that its specs become; its field `family` is the key."""
        return self.file("problem").PROBLEM

    def spec(self) -> type[Frame]:
        """The model of a spec: what an author may write. The JSON Schema comes from it."""
        return self.file("spec").SPEC

    def check(self, root: Node, spec: Any, faults: Faults) -> None:
        """Tell all that the model cannot see; `spec` is None where the model has refused it
        already."""
        self.file("spec").check(root, spec, faults)

    def build(self, spec: Any) -> Problem:
        """The problem of a spec without faults."""
        return self.file("spec").build(spec)

    def slots(self) -> Slots | None:
        """What of a spec can vary, by name; None: what is given, and the point."""
        return None

    def places(self, problem: Problem, root: Node) -> Mapping[str, Node]:
        """Where quantities stand in a spec that have no name there."""
        return {}

    def authored(self, problem: Problem) -> Mapping[str, str]:
        """The words of its own that an author wrote, by their places in the spec."""
        return {}

    def texts(self, problem: Problem) -> Iterable[str]:
        """The formulas that an author wrote, as they were typed."""
        return ()

    # ---- the solution ---------------------------------------------------------------------------

    def solve(self, problem: Problem) -> Trace:
        """The solution by hand. Raises SolveError where a value is not finite."""
        return self.file("solve").solve(problem)

    def forward(self) -> Callable[..., None] | None:
        """What works out everything at one point, (problem, tape, phases, epoch); of what is
        trained."""
        return None

    def chains(self, trace: Trace) -> Chains | None:
        """Which chains of lines stand for a phase; None: those of all its quantities, one after the
        other."""
        return None

    def graph(self, problem: Problem) -> Mapping[str, Expr]:
        """The formula of each quantity of the forward pass, the last one last: what its
        computational graph is made of. Empty: it has none."""
        return {}

    def without_graph(self, problem: Problem) -> tuple[str, str] | None:
        """Why this problem has no graph though others of the family have, and what to use instead."""
        return None

    def matrices(self, problem: Problem) -> Matrices | None:
        """Its matrices in the order in which they are multiplied, where it has a grid of cells."""
        return None

    # ---- what judges it -------------------------------------------------------------------------

    def judge(self) -> ModuleType:
        """The independent computation: `judge/judges.py` says what it has."""
        return self.file("judge")

    def points(self, problem: Problem) -> list[dict[str, Decimal]] | None:
        """Where the forms of its derivations are tried; None: at the point of the page and near it."""
        return None

    def definitions(self, problem: Problem) -> Mapping[str, Expr]:
        """What the names in its derivations stand for, each in names that are free."""
        return {}

    def pushed(
        self, problem: Problem, held: Mapping[str, Decimal], name: str, move: Decimal
    ) -> Decimal:
        """What is made small, with one quantity moved and all that follows from it. Raises
        ArithmeticError where there is no value."""
        raise NotImplementedError

    def stated(self, inventory: Inventory) -> None:
        """Add to what a page may state: chains and values that are no working of the trace."""

    def called(self, inventory: Inventory) -> Iterator[str]:
        """The symbols of functions that stand on its pages without a value."""
        yield from ()

    def function(self, inventory: Inventory, name: str) -> tuple[tuple[str, ...], Expr] | None:
        """The variables and the formula of the function that a page calls by this name."""
        return None

    def written(self, problem: Problem, parts: tuple[str, ...], symbols: Symbols) -> Iterator[str]:
        """What a sentence about some parts of a page may call them."""
        yield from ()

    def picture(self, problem: Problem) -> Picture | None:
        """What a diagram of it shows; None where it has no diagram."""
        return None

    def picture_back(self, trace: Trace) -> Picture | None:
        """What a diagram of its backward pass shows; None where it has none."""
        return None

    # ---- its pages ------------------------------------------------------------------------------

    def page(self) -> type[Page]:
        """What its templates know beyond those of any page."""
        return self.file("page").PAGE

    def questions(self) -> Questions:
        """What can be asked, and what usually is."""
        return self.file("questions").QUESTIONS

    def figures(self) -> tuple[str, ...]:
        """The names of its figures, in order."""
        return ()

    def kinds(self) -> Mapping[str, Kind]:
        """Those of its figures that no other family has, each with what draws it and its words."""
        return {}


def entry_points(group: str) -> Iterable[Any]:
    """The entry points of a group; what reads them is not loaded before."""
    from importlib.metadata import entry_points as found

    return found(group=group)


@cache
def _own_keys() -> tuple[str, ...]:
    """The keys of the program's own families: the names of their folders."""
    return tuple(module.name for module in iter_modules([str(PACKAGE / "families")]))


@cache
def _known() -> dict[str, Callable[[], Family]]:
    """How each family is loaded, by its key: the program's own by name, then those of others."""
    found = {key: partial(_own, key) for key in _own_keys()}
    for entry in entry_points(group=GROUP):
        if entry.name in found:
            raise WorksheetError(
                f"the family '{entry.name}' is there twice",
                f"entry point {entry.value}",
                "uninstall one of the two, or rename it",
            )
        found[entry.name] = entry.load
    return found


def _own(key: str) -> Family:
    return import_module(f"{__package__}.families.{key}.family").FAMILY


def keys() -> tuple[str, ...]:
    """The keys of all families; none is loaded for it."""
    return tuple(_known())


@cache
def family(key: str) -> Family:
    """The family with a key. Raises WorksheetError where what an entry point leads to is none."""
    found = _known()[key]()
    if not isinstance(found, Family) or found.key != key:
        raise WorksheetError(
            f"what is found for the family '{key}' is none, or has another key",
            f"entry point of the group {GROUP}",
            "it leads to an instance of worksheet.family.Family whose key is the entry's name",
        )
    return found


def plugged_in() -> Iterator[Path]:
    """The folders that families of other distributions bring."""
    own = _own_keys()
    yield from filter(None, (family(key).folder() for key in keys() if key not in own))


def problem_files() -> list[Path]:
    """Every spec that comes with worksheet, and with families of others."""
    return [
        *resources.problem_files(),
        *[spec for folder in plugged_in() for spec in sorted(folder.glob("problems/*.yaml"))],
    ]


def problem_file(name: str) -> Path | None:
    """The spec, or the lecture, that comes under this name; None where there is none."""
    return next(
        (path for path in (*problem_files(), *resources.lecture_files()) if path.stem == name), None
    )


def family_of(problem: Problem) -> Family:
    """The family of a problem."""
    return family(problem.family)


def families() -> Iterator[Family]:
    """All of them, loaded."""
    return map(family, keys())


def key_of(root: Node) -> str:
    """Whose spec this is: the family whose key it has, and the usual one where it has none."""
    return next((key for key in keys() if root.get(key) is not None), USUAL)

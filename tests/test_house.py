"""The house rules that a machine can read: imports run one way, files are short and named for an
idea."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import worksheet

PACKAGE = Path(__file__).parents[1] / "worksheet"
HEAVY = ("matplotlib", "multiprocessing", "numpy", "pydantic", "sympy")
LONGEST = 400
# Files that are still longer, and how long they may be: which ideas are in them? The list only shrinks.
LONGER = {
    "assessment/answer_table.py": 514,
    "assessment/mistakes.py": 409,
    "assessment/sheet_and_key.py": 459,
    "circuits/drawing.py": 486,
    "circuits/graph.py": 489,
    "cli.py": 488,
    "diagrams/drawing.py": 444,
    "exams/class_list.py": 434,
    "exams/load.py": 477,
    "exams/manifest.py": 416,
    "figures/descent.py": 516,
    "figures/subject.py": 435,
    "grids/proof.py": 611,
    "grids/signs.py": 536,
    "lectures/page.py": 430,
    "notes.py": 543,
    "pages/page.py": 640,
    "proofs/checks.py": 488,
    "proofs/circuit.py": 601,
    "proofs/deciding.py": 442,
    "proofs/inventory.py": 508,
    "publish/arranged.py": 512,
    "publish/blocks.py": 458,
    "publish/docx.py": 417,
    "publish/fonts.py": 531,
    "publish/pages.py": 536,
    "publish/pdf.py": 492,
    "recalculation/recalculation.py": 408,
    "spec/models.py": 595,
    "spec/yaml_reader.py": 466,
    "tex/to_words.py": 471,
    "threads/find.py": 471,
    "trace/record.py": 522,
    "views/matrices.py": 419,
    "worksheets.py": 493,
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"}

# From the ground up: what stands in a package imports only from those before it, or from the same
# one. A file beside the packages counts as one.
ORDER = (
    "errors",
    "resources",
    "draws",
    "parallel",
    "numbers",
    "algebra",
    "codes",
    "sealed_codes",
    "standing",
    "problem",
    "family",
    "tex",
    "markdown",
    "recalculation",
    "trace",
    "judge",
    "descent",
    "solution",
    "diagrams",
    "circuits",
    "spec",
    "views",
    "programs",
    "figures",
    "pages",
    "grids",
    "assessment",
    "proofs",
    "families",
    "threads",
    "publish",
    "output",
    "lectures",
    "variants",
    "notes",
    "worksheets",
    "series",
    "exams",
    "commands",
    "cli",
    "testing",
    "__init__",
    "__main__",
)
LEVEL = {package: level for level, package in enumerate(ORDER)}
# What still runs up, (from, to): tables by family until each family says these things itself. The
# list only shrinks.
STILL = set()
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]


def module_of(path: Path) -> tuple[str, ...]:
    """A file as the parts of its module's name within the package; an `__init__` is its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts


def imported(source: str, path: Path) -> list[tuple[int, tuple[str, ...]]]:
    """(line, module) of each import from this package, wherever it stands in the file but for type
    checkers alone."""
    package = ("worksheet", *path.relative_to(PACKAGE).parent.parts)
    found, tree = [], ast.parse(source)
    for_types = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for each in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = [*base, *(node.module or "").split(".")] if node.module else list(base)
            targets = [[*module, alias.name] for alias in node.names]
        else:
            continue
        found += [
            (node.lineno, existing(target[1:])) for target in targets if target[0] == "worksheet"
        ]
    return found


def existing(parts: list[str]) -> tuple[str, ...]:
    """The module that is meant: without the name of what is taken from it."""
    while parts and not (
        PACKAGE.joinpath(*parts).with_suffix(".py").is_file()
        or PACKAGE.joinpath(*parts, "__init__.py").is_file()
    ):
        parts = parts[:-1]
    return tuple(parts) or ("__init__",)


def faults_of(source: str, path: Path) -> list[str]:
    """What the order of the packages has against this file."""
    here = module_of(path)
    if here[0] not in LEVEL:
        return [f"{path.name}: give {here[0]!r} its place in ORDER"]
    found = []
    for line, other in imported(source, path):
        if (
            LEVEL.get(other[0], len(ORDER)) > LEVEL[here[0]]
            and (".".join(here), ".".join(other)) not in STILL
        ):
            found.append(
                f"{path.relative_to(PACKAGE)}:{line}: {here[0]} imports {'.'.join(other)}, which is above it"
            )
        elif (
            here[0] == other[0] == "families"
            and here[1] != other[1]
            and (".".join(here), ".".join(other)) not in STILL
        ):
            found.append(
                f"{path.relative_to(PACKAGE)}:{line}: the family {here[1]} imports from {other[1]}: what two need moves down"
            )
    return found


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_run_one_way(path):
    assert faults_of(path.read_text(), path) == []


def test_what_still_runs_up_does():
    """An exception that is no longer needed goes."""
    imports = {
        (".".join(module_of(path)), ".".join(other))
        for path in MODULES
        for _, other in imported(path.read_text(), path)
    }
    assert imports >= STILL


def circles(edges: dict[tuple[str, ...], set[tuple[str, ...]]]) -> list[str]:
    """The first circle of imports that is found, as the names on it."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as fault:
        return [".".join(module) for module in fault.args[1]]
    return []


def test_no_circle_of_imports_within_a_package():
    """Imports that a file makes when it is loaded: one that waits until a function runs cannot
    close a circle."""
    edges: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for path in MODULES:
        here, source = module_of(path), path.read_text()
        outer = {node.lineno for node in ast.parse(source).body}
        edges[here] = {
            other
            for line, other in imported(source, path)
            if line in outer and other[0] == here[0] and len(other) > 1 and other != here
        }
    assert circles(edges) == []


def test_a_circle_is_caught():
    assert set(circles({("a", "b"): {("a", "c")}, ("a", "c"): {("a", "b")}})) == {"a.b", "a.c"}


@pytest.mark.parametrize(
    "source",
    [
        "from ..cli import main",
        "from .. import cli",
        "import worksheet.pages.render",
        "from worksheet import load",
        "from worksheet.problem import Problem",
        "def late():\n    from ..trace.trace import Trace",
    ],
)
def test_an_import_that_runs_up_is_caught(source):
    assert faults_of(source, PACKAGE / "numbers" / "number.py")


@pytest.mark.parametrize(
    "source", ["from ..errors import WorksheetError", "import ast", "from worksheet import errors"]
)
def test_an_import_that_runs_down_is_not(source):
    assert faults_of(source, PACKAGE / "numbers" / "number.py") == []
    assert (
        faults_of(
            source.replace("from ..", "from ..."), PACKAGE / "families" / "network" / "solve.py"
        )
        == []
    )


def test_families_do_not_know_each_other():
    assert faults_of(
        "from ..network.solve import solve", PACKAGE / "families" / "chain" / "solve.py"
    )


def test_a_package_without_a_place_is_caught():
    assert "its place in ORDER" in faults_of("", PACKAGE / "cellar.py")[0]


SOLVERS = [
    f"families.{folder.name}.solve"
    for folder in sorted((PACKAGE / "families").iterdir())
    if (folder / "solve.py").is_file()
]


@pytest.mark.parametrize(
    "judge, judged",
    [
        (
            "families.network.judge",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative SOLVE solution proofs.checks tex.writer",
        ),
        (
            "judge.dense_layers",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative SOLVE solution proofs.checks tex.writer algebra.laws",
        ),
        (
            "judge.duals",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative algebra.simplify algebra.parser algebra.expression "
            "SOLVE solution proofs.checks tex.writer algebra.laws numbers.trigonometry",
        ),
        (
            "judge.exact_network",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative algebra.simplify algebra.parser algebra.expression "
            "SOLVE solution proofs.checks tex.writer algebra.laws",
        ),
        (
            "judge.exact_formulas",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative algebra.simplify algebra.parser algebra.expression "
            "SOLVE solution proofs.checks tex.writer algebra.laws",
        ),
        (
            "families.formulas.judge",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative algebra.simplify algebra.parser algebra.expression "
            "SOLVE solution proofs.checks tex.writer algebra.laws",
        ),
        (
            "judge.float_formulas",
            "trace.trace trace.tape trace.evaluation trace.recorder trace.backward algebra.derivative algebra.simplify algebra.parser algebra.expression "
            "SOLVE solution proofs.checks tex.writer algebra.laws",
        ),
        ("tex.reader", "problem tex.notation tex.writer algebra.laws trace.trace trace.tape"),
        (
            "recalculation.recalculation",
            "problem tex.notation tex.writer algebra.laws trace.trace trace.tape",
        ),
    ],
)
def test_a_judge_knows_nothing_of_what_it_judges(judge, judged):
    path = PACKAGE / f"{judge.replace('.', '/')}.py"
    modules = {".".join(module) for _, module in imported(path.read_text(), path)}
    names = [name for each in judged.split() for name in (SOLVERS if each == "SOLVE" else [each])]
    assert [
        name for name in names for module in modules if f"{module}.".startswith(f"{name}.")
    ] == []


def test_what_is_imported_is_declared():
    """Each distribution that the package imports is among the dependencies of pyproject.toml or its
    extra `cluster`, and the other way round."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    imported = {
        name.split(".")[0] for path in MODULES for name in absolute_imports(path.read_text())
    }
    distributions = {
        distribution.lower()
        for name in imported - set(sys.stdlib_module_names) - {"worksheet"}
        for distribution in packages_distributions()[name]
    }
    assert distributions - {"pydantic-core", "pydantic_core"} == {
        re.match(r"[\w.-]+", each)[0].lower() for each in declared
    }


def absolute_imports(source: str) -> list[str]:
    """The modules a file imports by their full names."""
    nodes = list(ast.walk(ast.parse(source)))
    return [
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    ] + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_file_is_short_explained_and_named_for_its_idea(path):
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "says nothing about itself"
    most = LONGER.get(str(path.relative_to(PACKAGE)), LONGEST)
    assert source.count("\n") <= most, "too long: which two ideas are in it?"
    assert not VAGUE & set(path.stem.split("_")), "named for nothing in particular"


def test_what_may_be_longer_still_is():
    """An exception that is no longer needed goes."""
    lines = {name: (PACKAGE / name).read_text().count("\n") for name in LONGER}
    assert {name: most for name, most in LONGER.items() if not LONGEST < lines[name] <= most} == {}


def test_help_starts_without_the_heavy_libraries():
    """`worksheet --help` answers at once: sympy, matplotlib, numpy and pydantic wait until they are
    needed."""
    code = (
        "import sys\nfrom worksheet.cli import main\nsys.argv = ['worksheet', '--help']\n"
        "try: main()\nexcept SystemExit as stop: assert not stop.code\n"
        f"print('loaded:', *sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "notes" in ran.stdout
    assert ran.stdout.splitlines()[-1].strip() == "loaded:"


def test_the_public_names_are_those_that_a_type_checker_sees():
    """An editor completes what `__all__` lists; each is imported for it, and found by its name."""
    source = (PACKAGE / "__init__.py").read_text()
    [block] = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(seen) == sorted(worksheet.__all__) and seen == worksheet._PLACES
    assert all(getattr(worksheet, name).__name__ == name for name in worksheet.__all__)
    assert (PACKAGE / "py.typed").is_file()

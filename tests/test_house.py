"""The house rules that a machine can read: imports run one way, files are short and named for an idea."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "worksheet"
HEAVY = ("matplotlib", "multiprocessing", "numpy", "pydantic", "sympy")
LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"}

# The rooms from the ground up: a module imports only from rows above its own, or from its own row.
ROOMS = (
    ("errors", "places", "draws", "processes", "lexicon"),
    ("claims",),
    ("voice", "standing"),
    ("number",),
    ("codes", "sealed_codes", "trigonometry", "known", "numerals"),
    ("expression",),
    ("laws",),
    ("problem", "calculus"),
    ("notation",),
    ("typeset", "plain"),
    ("grid", "follows", "gaps", "columns", "blocksigns", "leaves", "spans", "markdown", "page_lines", "texlexer", "texatoms", "texreader", "chains", "labels", "wording", "printed", "handwritten", "slack", "comparisons", "repunch", "tables",
     "authored", "texboxes", "breaking", "typstmath", "texspelling", "omml", "mermaid", "lettering", "placing", "drawing", "circuit_text", "circuit_layout", "circuit_drawing", "anchors", "screen", "blocks", "beside", "deck", "spoken", "spoken_texts"),
    ("derivative", "simplify", "polynomials", "formulas", "layers", "parameters"),
    ("trace",),
    ("states", "effort"),
    ("record",),
    ("rules", "trajectory"),
    ("recorder", "steps", "small_powers", "taught", "tape"),
    ("backward",),
    ("nudges", "long_runs"),
    ("effects", "circuits"),
    ("views", "stacks", "matrices", "showing"),
    ("pythonic", "programs", "running"),
    ("questions", "answer_blanks", "tasks", "rework", "mistakes"),
    ("faults", "yaml_source", "yaml_writer", "inequality", "requirements", "values", "naming", "author", "messages", "shapes",
     "sense", "points", "choices", "slots", "whereabouts", "variety", "formulas_spec", "function_spec", "gradient_spec", "chain_spec", "derivation_spec", "long_run_spec", "descent_spec", "circuit_spec", "spec"),
    ("families",),
    ("follow_through", "slopes", "wide", "bounds", "answers", "giveaways", "multiple_choice"),
    ("settled",),
    ("lecture_spec", "lectures"),
    ("variants", "copy_counts", "runs"),
    ("duals", "exact_formulas", "exact_network", "dense", "float_formulas", "oracle", "formulas_oracle", "function_oracle", "gradient_oracle", "chain_oracle", "derivation_oracle", "descent_oracle",
     "oracles", "long_runs_oracle"),
    ("drift", "carried_slopes", "identities", "gradient_forms", "symbolic"),
    ("failure", "judge", "pushes", "bench", "deciding"),
    ("marks", "animation", "figures", "function_figures", "gradient_figures", "landscape", "descent_figures", "plots"),
    ("diagrams",),
    ("holes",),
    ("apart",),
    ("environment", "facts", "authors", "markup", "circuit_page", "page", "long_run_page", "formulas_page", "function_page", "gradient_page", "chain_page", "derivation_page", "descent_page", "sheets", "answer_table", "handouts", "grid_page", "grid_places", "grid_signs", "grid_text",
     "glossary", "quotes", "lecture_page"),
    ("inventory", "reading_claims", "claims_proof", "general_forms", "statements", "diagram_proof", "circuit_proof", "program_proof", "table_proof", "table_labels", "heading_proof", "spoken_numbers", "outline",
     "grid_headings", "grid_proof", "checks"),
    ("publish",),
    ("locks", "settling", "signs"),
    ("batches", "jobs"),
    ("notes", "worksheets"),
    ("vary", "stress", "copies"),
    ("encodings", "headings", "recall", "roster", "exam_points", "exams", "marking", "papers", "ledger", "journal", "manifests", "earlier", "sittings"),
    ("desk", "clusters", "sit", "many"),
    ("cli",),
    ("__init__",),
    ("__main__",),
)
LEVEL = {room: level for level, row in enumerate(ROOMS) for room in row}
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]


def room_of(path: Path) -> str:
    """The room of a file: its folder within the package, or its own name."""
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported_rooms(source: str, path: Path) -> list[tuple[int, str]]:
    """(line, room) of each import from this package, wherever it stands in the file."""
    package = ("worksheet", *path.relative_to(PACKAGE).parent.parts)
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else ()
            module = [*base, *(node.module or "").split(".")] if node.module else list(base)
            targets = [[*module, alias.name] for alias in node.names]
        else:
            continue
        for target in targets:
            if target[0] == "worksheet":
                is_room = len(target) > 2 or len(target) > 1 and (target[1] in LEVEL or (PACKAGE / f"{target[1]}.py").exists())
                found.append((node.lineno, target[1] if is_room else "__init__"))
    return found


def faults_of(source: str, path: Path) -> list[str]:
    """What the order of the rooms has against this file."""
    room = room_of(path)
    if room not in LEVEL:
        return [f"{path.name}: give the room {room!r} its place in ROOMS"]
    return [f"{path.name}:{line}: {room} imports {other}, which is above it"
            for line, other in imported_rooms(source, path) if LEVEL.get(other, len(ROOMS)) > LEVEL[room]]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_run_one_way(path):
    assert faults_of(path.read_text(), path) == []


@pytest.mark.parametrize("source", [
    "from .cli import main",
    "from . import cli",
    "import worksheet.sheets",
    "from worksheet import load",
    "from worksheet.problem import Problem",
    "def late():\n    from .trace import Trace",
])
def test_an_import_that_runs_up_is_caught(source):
    assert faults_of(source, PACKAGE / "number.py")


@pytest.mark.parametrize("source", ["from .errors import WorksheetError", "import ast", "from worksheet import errors"])
def test_an_import_that_runs_down_is_not(source):
    assert faults_of(source, PACKAGE / "number.py") == []
    assert faults_of(source.replace("from .", "from .."), PACKAGE / "families" / "network.py") == []


def test_a_room_without_a_place_is_caught():
    assert "its place in ROOMS" in faults_of("", PACKAGE / "cellar.py")[0]


@pytest.mark.parametrize("judge, judged", [
    ("oracle", "trace tape steps recorder backward derivative families checks typeset"),
    ("dense", "trace tape steps recorder backward derivative families checks typeset laws"),
    ("duals", "trace tape steps recorder backward derivative simplify formulas expression families checks typeset laws trigonometry"),
    ("exact_network", "trace tape steps recorder backward derivative simplify formulas expression families checks typeset laws"),
    ("exact_formulas", "trace tape steps recorder backward derivative simplify formulas expression families checks typeset laws"),
    ("formulas_oracle", "trace tape steps recorder backward derivative simplify formulas expression families checks typeset laws"),
    ("float_formulas", "trace tape steps recorder backward derivative simplify formulas expression families checks typeset laws"),
    ("texreader", "problem notation typeset laws trace tape"),
    ("repunch", "problem notation typeset laws trace tape"),
])
def test_a_judge_knows_nothing_of_what_it_judges(judge, judged):
    path = PACKAGE / f"{judge}.py"
    assert {room for _, room in imported_rooms(path.read_text(), path)} & set(judged.split()) == set()


def test_what_is_imported_is_declared():
    """Each distribution that the package imports is among the dependencies of pyproject.toml or its extra `cluster`, and the other way round."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    imported = {name.split(".")[0] for path in MODULES for name in absolute_imports(path.read_text())}
    distributions = {distribution.lower() for name in imported - set(sys.stdlib_module_names) - {"worksheet"}
                     for distribution in packages_distributions()[name]}
    assert distributions - {"pydantic-core", "pydantic_core"} == {re.match(r"[\w.-]+", each)[0].lower() for each in declared}


def absolute_imports(source: str) -> list[str]:
    """The modules a file imports by their full names."""
    nodes = list(ast.walk(ast.parse(source)))
    return ([alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
            + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level])


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_file_is_short_explained_and_named_for_its_idea(path):
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "says nothing about itself"
    assert source.count("\n") <= LONGEST, "too long: which two ideas are in it?"
    assert not VAGUE & set(path.stem.split("_")), "named for nothing in particular"


def test_help_starts_without_the_heavy_libraries():
    """`worksheet --help` answers at once: sympy, matplotlib, numpy and pydantic wait until they are needed."""
    code = ("import sys\nfrom worksheet.cli import main\nsys.argv = ['worksheet', '--help']\n"
            "try: main()\nexcept SystemExit as stop: assert not stop.code\n"
            f"print('loaded:', *sorted(set(sys.modules) & set({HEAVY!r})))")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "notes" in ran.stdout
    assert ran.stdout.splitlines()[-1].strip() == "loaded:"

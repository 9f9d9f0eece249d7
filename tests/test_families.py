"""Families: every one keeps the laws, one of another distribution works everywhere, and the core
knows none by name."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from worksheet import load
from worksheet.errors import WorksheetError
from worksheet.family import Family, _known, families, family, keys, problem_files
from worksheet.notes import make_note
from worksheet.resources import PACKAGE, templates_folder
from worksheet.testing import LAWS, imports_of_solving, laws, mutants

PLUGIN = Path(__file__).parent / "plugin"
CORE = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ("families", "family.py")
]


@pytest.mark.parametrize("law", [law for key in keys() for law in laws(key)], ids=str)
def test_every_family_keeps_the_laws(law):
    law()


def test_each_has_its_folder_its_template_and_its_key():
    assert {
        path.name.partition(".")[0] for path in (templates_folder() / "families").glob("*.j2")
    } == set(keys())
    for each in families():
        assert each.problem().model_fields["family"].default == each.key
        assert each.key in each.spec().model_fields


def test_a_key_that_stands_twice_is_an_error(monkeypatch):
    class Entry:
        name, value = "chain", "somewhere:FAMILY"

    monkeypatch.setattr("worksheet.family.entry_points", lambda group: [Entry()])
    _known.cache_clear()
    try:
        with pytest.raises(WorksheetError, match="the family 'chain' is there twice"):
            keys()
    finally:
        _known.cache_clear()


def test_what_an_entry_point_leads_to_is_a_family_of_that_key(monkeypatch):
    class Entry:
        name, value = "cellar", "somewhere:FAMILY"

        @staticmethod
        def load():
            return Family()

    monkeypatch.setattr("worksheet.family.entry_points", lambda group: [Entry()])
    _known.cache_clear()
    try:
        with pytest.raises(WorksheetError, match="the family 'cellar' is none, or has another key"):
            family("cellar")
    finally:
        _known.cache_clear()


# ---- the laws can fail
# -----------------------------------------------------------------------------------------------


def test_a_judge_that_borrows_from_the_solver_is_caught():
    assert imports_of_solving("from ...trace.tape import Tape") == ["trace.tape"]
    assert imports_of_solving("import worksheet.solution") == ["worksheet.solution"]
    assert (
        imports_of_solving(
            "from ...judge.step import Step\nimport numpy as np\nfrom trace import Trace"
        )
        == []
    )


def test_the_mutants_of_a_page_differ_from_it_in_one_number():
    note = make_note(load(problem_files()[0]))
    assert len(list(mutants(note))) > 5
    for each in mutants(note):
        assert sum(one != other for one, other in zip(note.text, each, strict=True)) == 1


def test_a_family_without_a_spec_has_no_laws_to_try(monkeypatch):
    monkeypatch.setattr("worksheet.testing.problem_files", list)
    with pytest.raises(LookupError, match="no spec comes with the family 'chain'"):
        laws("chain")
    assert len(LAWS) == 8


# ---- the core knows none by name
# -------------------------------------------------------------------------------------


def told_by_name(source: str) -> list[int]:
    """The lines on which a family is told from others by its key: a comparison with `.family`, or a
    table that is asked with it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        sides = (
            [node.left, *node.comparators]
            if isinstance(node, ast.Compare)
            else [node.slice]
            if isinstance(node, ast.Subscript)
            else []
        )
        if any(isinstance(side, ast.Attribute) and side.attr == "family" for side in sides):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", CORE, ids=[str(path.relative_to(PACKAGE)) for path in CORE])
def test_no_part_of_the_core_tells_families_apart(path):
    source = path.read_text()
    allowed = 1 if path.name == "testing.py" else 0  # whose specs are whose
    assert len(told_by_name(source)) <= allowed
    assert not [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("families")
        and node.col_offset == 0
    ]


@pytest.mark.parametrize(
    "source",
    [
        'problem.family == "network"',
        'trace.problem.family in ("a", "b")',
        "TABLE[problem.family](problem)",
    ],
)
def test_a_part_that_does_is_caught(source):
    assert told_by_name(source)


# ---- one of another distribution
# -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A new environment in which the distribution of tests/plugin is installed beside this
    checkout."""
    folder = tmp_path_factory.mktemp("plugged")
    venv.create(folder / "venv", symlinks=True)
    [site] = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(
        "".join(
            f"{path}\n"
            for path in [str(PACKAGE.parent), *sys.path]
            if path.endswith("site-packages") or path == str(PACKAGE.parent)
        )
    )
    source = shutil.copytree(PLUGIN, folder / "source")
    run(
        folder,
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "venv" / "bin" / "python",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        source,
    )
    return folder


def run(folder: Path, *command) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    ran = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, f"{command} failed:\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def program(folder: Path, *arguments: str) -> str:
    return run(folder, folder / "venv" / "bin" / "python", "-m", "worksheet", *arguments)


@pytest.mark.xdist_group("plugin")
def test_it_is_listed_and_in_the_schema(desk):
    assert "mean-of-three" in program(desk, "list")
    assert '"mean"' in program(desk, "schema")


@pytest.mark.xdist_group("plugin")
def test_it_has_notes_slides_sheets_and_keys(desk):
    program(desk, "notes", "mean-of-three", "--to", "md,html,pdf")
    text = (desk / "build" / "mean-of-three" / "notes.md").read_text(encoding="utf-8")
    assert (
        r"&\approx 4.5667" in text and r"&\approx 4.5089" in text
    )  # 13.7/3, and the variance with that mean
    program(desk, "slides", "mean-of-three")
    program(desk, "sheet", "mean-of-three")
    assert {"notes.html", "notes.pdf", "slides.pdf", "sheet.pdf", "key.pdf"} <= {
        file.name for file in (desk / "build" / "mean-of-three").iterdir()
    }


@pytest.mark.xdist_group("plugin")
def test_it_has_variants_and_a_key_for_a_code(desk):
    program(desk, "vary", "mean-of-three", "--copies", "3")
    first = next((desk / "build" / "mean-of-three" / "variants").glob("*-01.yaml")).read_text(
        encoding="utf-8"
    )
    code = first.partition("variant ")[2].partition(":")[0]
    program(desk, "key", code)
    assert (desk / "build" / "mean-of-three" / f"key-{code}.pdf").is_file()


@pytest.mark.xdist_group("plugin")
def test_it_is_set_in_an_exam_beside_ours(desk):
    (desk / "quiz.yaml").write_text(
        "title: Quiz\nproblems:\n  - {spec: mean-of-three, points: 6}\n  - {spec: linear-chain, points: 6}\n",
        encoding="utf-8",
    )
    program(desk, "exam", "quiz.yaml", "--copies", "2", "--seed", "3")
    assert (
        "Problem 1" in (desk / "build" / "quiz" / "answers.csv").read_text(encoding="utf-8")
        or (desk / "build" / "quiz" / "key-02.pdf").is_file()
    )


@pytest.mark.xdist_group("plugin")
def test_it_keeps_the_laws(desk):
    run(
        desk,
        desk / "venv" / "bin" / "python",
        "-c",
        "from worksheet.testing import laws\nfor law in laws('mean'): law()",
    )


@pytest.mark.xdist_group("plugin")
def test_its_faults_have_a_place(desk):
    (desk / "one.yaml").write_text("title: One\nmean: {x: 2}\n", encoding="utf-8")
    ran = subprocess.run(
        [desk / "venv" / "bin" / "python", "-m", "worksheet", "notes", "one.yaml"],
        cwd=desk,
        capture_output=True,
        text=True,
    )
    assert (
        ran.returncode == 2 and "one.yaml:2: mean: a mean is of two numbers or more" in ran.stderr
    )

"""The built wheel in a clean environment: what a lecturer gets from `pip install`, in a folder that
is not ours."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from worksheet.resources import problem_files, problems_folder, templates_folder

pytestmark = pytest.mark.xdist_group("wheel")  # one worker: the wheel is built and installed once
CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from this checkout and outside of it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=CHECKOUT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory) -> Path:
    """The `bin` of a new environment with the wheel in it. Its dependencies are lent by ours, to
    download nothing."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    )
    [site] = (folder / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(
        "".join(f"{path}\n" for path in sys.path if path.endswith("site-packages"))
    )
    return folder / "bin"


def run(*command, cwd: Path | None = None) -> str:
    """What a command prints, run with nothing of this checkout on its path."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    ran = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, f"{command} failed:\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def packaged(programs: Path, folder: str, cwd: Path) -> Path:
    """`templates_folder` or `problems_folder`, as the installed program sees it."""
    return Path(
        run(
            programs / "python",
            "-c",
            f"from worksheet.resources import {folder}; print({folder}())",
            cwd=cwd,
        ).strip()
    )


def test_the_wheel_carries_every_template_and_problem(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = [
        file
        for folder in (templates_folder(), problems_folder())
        for file in folder.rglob("*")
        if file.is_file()
    ]
    assert len(files) > 5
    assert {f"worksheet/_data/{file.relative_to(CHECKOUT)}" for file in files} <= inside
    assert not [
        name
        for name in inside
        if name.split("/")[0] not in ("worksheet", "worksheet-0.1.0.dist-info")
    ]


def test_it_runs_from_the_wheel_and_not_from_the_checkout(programs, tmp_path):
    where = Path(
        run(
            programs / "python",
            "-c",
            "import worksheet.resources; print(worksheet.resources.__file__)",
            cwd=tmp_path,
        ).strip()
    )
    assert where.is_relative_to(programs.parent)
    assert packaged(programs, "templates_folder", tmp_path).is_relative_to(where.parent)


def test_it_lists_the_problems_it_came_with(programs, tmp_path):
    listed = run(programs / "worksheet", "list", cwd=tmp_path)
    assert [path.stem for path in problem_files() if path.stem not in listed] == []


def test_it_writes_a_note_anywhere(programs, tmp_path):
    [spec] = packaged(programs, "problems_folder", tmp_path).glob("linear-chain.yaml")
    run(programs / "worksheet", "notes", spec, "--out", "build", cwd=tmp_path)
    note = (tmp_path / "build" / spec.stem / "notes.md").read_text()
    assert "$$" in note and "```mermaid" in note
    assert list((tmp_path / "build" / spec.stem / "figures").glob("*.svg"))


def test_a_templates_folder_of_ones_own_wins_file_by_file(programs, tmp_path):
    [spec] = packaged(programs, "problems_folder", tmp_path).glob("linear-chain.yaml")
    layout = next(packaged(programs, "templates_folder", tmp_path).glob("layouts/notes*"))
    own = tmp_path / "templates" / "layouts" / layout.name
    own.parent.mkdir(parents=True)
    own.write_text(
        layout.read_text().replace("<% endblock %>", "Week three of our course.\n<% endblock %>")
    )
    run(programs / "worksheet", "notes", spec, "--out", "build", cwd=tmp_path)
    note = (tmp_path / "build" / spec.stem / "notes.md").read_text()
    assert "Week three of our course." in note
    assert "$$" in note  # and all that the folder does not have is still ours

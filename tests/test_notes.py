"""The notes of our problems, as prose: tests/golden/NAME.md is the page without figures, reviewed
whenever a word changes.

`pytest --update` writes the pages; read the difference before it is kept.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path

import pytest

from worksheet.family import problem_file
from worksheet.notes import make_note, prove_note, write_note
from worksheet.resources import problem_files, problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load

GOLDEN = Path(__file__).parent / "golden"
PROBLEMS = [path.stem for path in problem_files()]


@cache
def text_of(name: str) -> str:
    return make_note(load(problem_file(name))).text


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_note_reads_as_it_was_reviewed(name, update):
    golden = GOLDEN / f"{name}.md"
    if update:
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text_of(name), encoding="utf-8", newline="\n")
    reviewed = golden.read_text(encoding="utf-8")
    if text_of(name) != reviewed:
        difference = difflib.unified_diff(
            reviewed.splitlines(), text_of(name).splitlines(), "reviewed", "now", lineterm="", n=2
        )
        raise AssertionError(f"{name}: read this, then pytest --update\n" + "\n".join(difference))


def test_every_golden_page_is_of_a_problem():
    assert sorted(path.stem for path in GOLDEN.glob("*.md")) == sorted(PROBLEMS)


# ---- the Markdown of a page
# ------------------------------------------------------------------------------------


@pytest.fixture(params=PROBLEMS)
def page(request, tmp_path) -> tuple[str, Path]:
    """A note as it is on disk, with a small figure for each that is drawn, and its folder."""
    path = write_note(problem_file(request.param), tmp_path)
    return path.read_text(encoding="utf-8"), path.parent


def test_a_page_keeps_the_law(page):
    """Display mathematics alone between blank lines; no HTML but comments; images with words, by a
    path that leads to them."""
    text, folder = page
    lines = text.splitlines()
    fences = [index for index, line in enumerate(lines) if line == "$$"]
    assert len(fences) % 2 == 0 and text.count("$$") == len(fences)
    for opening, closing in zip(fences[::2], fences[1::2]):
        assert lines[opening - 1] == "" and (closing + 1 == len(lines) or lines[closing + 1] == "")
        assert all(line.strip() for line in lines[opening + 1 : closing])
    bare = re.sub(r"<!--.*?-->|^```.*?^```$|\$[^$]+\$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"<[a-zA-Z/!]", bare)
    images = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text)
    assert {target for _, target in images} == {
        f"figures/{file.name}"
        for file in (folder / "figures").glob("*.svg")
        if not file.stem.endswith(".moving")
    }
    for alternative, target in images:
        assert (
            len(alternative.split()) >= 4
            and re.fullmatch(r"figures/[\w-]+\.svg", target)
            and (folder / target).is_file()
        )
    assert (
        text.endswith("\n")
        and not text.endswith("\n\n")
        and "\n\n\n" not in text
        and not re.search(r"[ \t]$", text, re.MULTILINE)
    )
    assert re.findall(r"^# ", text, re.MULTILINE) == ["# "]


def test_a_note_shows_itself_in_a_notebook():
    note = make_note(load(problems_folder() / "linear-chain.yaml"))
    assert note._repr_markdown_() == note.text and note.text.startswith("<!--")


@pytest.mark.parametrize("name", ["one-hidden-neuron", "relu-two-updates"])
def test_detail_never_changes_a_result(name):
    """The last number of every chain is the same, however much working is shown."""
    problem = load(problem_file(name))
    shown = []
    for detail in ("full", "normal", "brief"):
        trace = solve(
            problem.model_copy(
                update={
                    "detail": type(problem.detail)(
                        **dict.fromkeys(type(problem.detail).model_fields, detail)
                    )
                }
            )
        )
        prove_note(trace)
        shown.append(
            [
                (working.name, working.phase, working.epoch, working.shown)
                for working in trace.workings
            ]
        )
    assert shown[0] == shown[1] == shown[2]

"""A message that names a quantity names the line of the spec where it stands, in every family."""

from __future__ import annotations

import pytest

from worksheet.errors import SolveError
from worksheet.families import solve
from worksheet.places import problem_files
from worksheet.spec import load, loads

UNDEFINED = (
    ("formulas: ['h = x - 2', 'L = ln(h)']\ngiven: {x: 1}\ntrain: [x]\n", "'L' has no finite value", "t.yaml:2"),
    ("formulas:\n  - h = 1/x\n  - L = h^2\ngiven: {x: 0}\ntrain: [x]\n", "'h' has no finite value", "t.yaml:3"),
    ("function: f(x) = ln(x)\nat: -1\n", "'value' has no finite value", "t.yaml:2"),
    ("gradient: f(x, y) = ln(x) + y\nat: {x: -1, y: 1}\n", "'value' has no finite value", "t.yaml:2"),
    ("chain: [y = x - 2, z = ln(y)]\nat: {x: 1}\n", "'z' has no finite value", "t.yaml:2"),
    ("descent: L(x) = ln(x)\nstart: {x: -1}\nlearning_rate: 0.1\n", "'L' has no finite value", "t.yaml:2"),
    ("network:\n  inputs: [1]\n  layers:\n    - {weights: [[1]], activation: identity}\n  target: [2]\n  loss: half-squared-error\n"
     "learning_rate: 1000000000\nepochs: 9\n", "'L' passes 10^", "t.yaml:7"),
)


@pytest.mark.parametrize("text, message, place", UNDEFINED)
def test_what_has_no_value_is_told_with_its_line(text: str, message: str, place: str):
    with pytest.raises(SolveError) as caught:
        solve(loads(f"title: T\n{text}", "t.yaml"))
    assert caught.value.message.startswith(message)
    assert caught.value.where == place


@pytest.mark.parametrize("file", problem_files(), ids=lambda file: file.stem)
def test_every_quantity_of_every_problem_has_a_place_in_its_spec(file):
    """Where a name is written anywhere in the spec, it is written on its line."""
    problem, lines = load(file), file.read_text(encoding="utf-8").splitlines()
    for working in solve(problem).workings:
        source, _, line = problem.lines.of(working.name).rpartition(":")
        assert source == str(file) and lines[int(line) - 1].strip()
        if working.name in problem.lines and any(f"{working.name}:" in each for each in lines):
            assert working.name in lines[int(line) - 1]

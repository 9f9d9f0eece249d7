"""Programs that end a note, and notebooks: run, read back, and refused where they are not what the
solution says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from random_networks import spec_text

from worksheet.algebra.expression import Name, apply, lift
from worksheet.cli import main
from worksheet.errors import SolveError, SpecError, WorksheetError
from worksheet.family import problem_file
from worksheet.notes import make_note
from worksheet.pages.render import render
from worksheet.programs.pythonic import Names, Writer
from worksheet.programs.running import can_run, printed
from worksheet.programs.writer import DIALECTS, NUMPY, program_of
from worksheet.proofs.checks import check
from worksheet.proofs.programs import number_findings
from worksheet.publish import Page, publish
from worksheet.resources import problem_files
from worksheet.solution import by_hand, solve
from worksheet.spec.load import load, loads

INSTALLED = [dialect for dialect in DIALECTS if can_run(dialect)]  # PyTorch only where it is there
RUN = [spec for spec in problem_files() if by_hand(load(spec)).workings]


def asking(text: str, code: str = "numpy") -> str:
    return f"{text}\ncode: {code}\n"


@pytest.fixture(scope="module")
def one_hidden() -> str:
    return asking(problem_file("one-hidden-neuron").read_text())


@pytest.mark.parametrize("dialect", INSTALLED)
@pytest.mark.parametrize("spec", RUN, ids=lambda spec: spec.stem)
def test_every_problem_comes_to_its_numbers(spec, dialect):
    trace = by_hand(load(spec))
    program = program_of(trace, dialect)
    assert [*number_findings(trace, program, 1, printed(program.text))] == []
    assert {key for each in program.prints for key in each.keys} >= {
        working.key
        for working in trace.workings
        if working.phase in ("forward", "loss", "update") and not working.name.startswith("case_")
    }


@pytest.mark.parametrize("seed", range(24))
def test_random_networks_come_to_their_numbers(seed):
    try:
        trace = by_hand(loads(spec_text(seed)))
    except SolveError:  # it diverges
        return
    program = program_of(trace, NUMPY)
    assert [*number_findings(trace, program, 1, printed(program.text))] == []


def test_a_note_ends_with_the_program_and_what_it_prints(one_hidden):
    text = make_note(loads(one_hidden)).text
    code, output = re.search(
        r"## In NumPy\n.*?```python\n(.*?)```\n\nIt prints\n\n```text\n(.*?)```\s*$",
        text,
        re.DOTALL,
    ).groups()
    assert (
        "a_h = sigmoid(z_h)" in code
        and "L = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))" in code
    )
    assert printed(code) == output and "y_hat = 0.65078" in output and "w_o = 1.02174" in output
    assert "```python" not in make_note(load(problem_file("one-hidden-neuron"))).text


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("z_h = w_h * x\n", "z_h = w_h + x\n", "this is not the program of the solution"),
        ("a_h = 0.62246   z_o", "a_h = 0.62247   z_o", "the program prints something else"),
        ("alpha = 0.1\n", "alpha = 0.2\n", "this is not the program of the solution"),
        ("```python", "```text", "there is no program that prints this"),
    ],
)
def test_a_program_or_an_output_that_is_another_is_refused(one_hidden, old, new, message):
    trace = solve(loads(one_hidden))
    page = render(trace)
    assert not check(trace, page).failures
    at = page.index("## In NumPy")
    assert old in page[at:]
    assert message in " ".join(
        failure.message
        for failure in check(trace, page[:at] + page[at:].replace(old, new, 1)).failures
    )


def test_a_number_that_the_solution_does_not_have_is_refused(one_hidden):
    trace = solve(loads(one_hidden))
    program = program_of(trace, NUMPY)
    text = printed(program.text)
    for wrong in (
        text.replace("0.65078", "0.65079", 1),
        text.replace("L = 0.42959\n", "", 1),
        text.replace("0.65078", "nan", 1),
    ):
        assert [*number_findings(trace, program, 1, wrong)]


def test_a_program_that_floats_do_not_bear_stops_the_page():
    """1 - sigma(800) is 0 in floats, and its logarithm has no value."""
    text = asking(
        "title: Far\nnetwork: {inputs: {x: 800}, layers: [{weights: [[1]], activation: sigmoid}], "
        "target: {y: 1}, loss: binary-cross-entropy}\nlearning_rate: 0.1"
    )
    with pytest.raises(WorksheetError, match="nan"):
        make_note(loads(text))


def test_what_code_may_be_is_said(tmp_path, capsys, monkeypatch, one_hidden):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(one_hidden.replace("code: numpy", "code: numpi"))
    assert main(["notes", "a.yaml"]) == 2
    said = capsys.readouterr().err
    assert "numpy" in said and "torch" in said and "a.yaml:" in said
    with pytest.raises(SpecError):
        loads(one_hidden.replace("code: numpy", "code: {numpy: 1}"))
    assert loads(one_hidden.replace("code: numpy", "code: [numpy, torch]")).code == (
        "numpy",
        "torch",
    )


def test_the_command_asks_for_programs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["notes", "one-hidden-neuron", "--code", "torch,numpy"]) == 0
    text = (tmp_path / "build" / "one-hidden-neuron" / "notes.md").read_text(encoding="utf-8")
    assert re.findall(r"^import (\w+)", text, re.MULTILINE) == ["numpy", "torch"]
    capsys.readouterr()
    for asked, message in (
        ("numpi", "unknown language 'numpi'\n  hint: did you mean 'numpy'? known: numpy, torch"),
        (",", "no language is named"),
    ):
        assert main(["notes", "one-hidden-neuron", "--code", asked]) == 2
        assert message in capsys.readouterr().err
    assert main(["notes", "gradient-formula", "--code", "numpy"]) == 2
    assert (
        "has nothing for a program to work out" in capsys.readouterr().err
        and not (tmp_path / "build" / "gradient-formula").exists()
    )


def test_what_is_worked_again_is_printed_with_its_own_digits():
    program = program_of(by_hand(load(problem_file("linear-chain"))), NUMPY)
    assert (
        printed(program.text).endswith("y_hat = 5.3192\nL = 107.76294432\n")
        and "delta" not in program.text
    )


def test_a_formula_is_spelt_with_the_brackets_it_needs():
    a, b, c = Name("a"), Name("b"), Name("c")
    write = Writer("np", Names(["a", "b", "c"]))
    for formula, text in [
        (a - (b + c), "a - (b + c)"),
        (a / (b * c), "a / (b * c)"),
        (a * (b + c), "a * (b + c)"),
        ((a + b) ** 2, "(a + b) ** 2"),
        (-(a + b), "-(a + b)"),
        ((-a) ** 2, "(-a) ** 2"),
        (a**-b, "a ** -b"),
        (a / (b / c), "a / (b / c)"),
        (a * (b / c), "a * (b / c)"),
        (a - lift("-0.5"), "a - (-0.5)"),
        (apply("exp", -a), "np.exp(-a)"),
        (apply("matmul", a + b, apply("transpose", c)), "(a + b) @ c.T"),
    ]:
        assert write(formula) == text
        values = {"a": 0.7, "b": -1.3, "c": 2.1}
        if "@" not in text:
            from decimal import Decimal

            import numpy as np

            from worksheet.algebra.expression import ARITHMETIC, evaluate

            if not isinstance(
                eval(text, {"np": np}, values), complex
            ):  # a test of ours, of a text of ours
                assert float(
                    evaluate(
                        formula,
                        {name: Decimal(str(value)) for name, value in values.items()},
                        ARITHMETIC,
                    )
                ) == pytest.approx(eval(text, {"np": np}, values))


def test_names_that_python_keeps_are_not_taken():
    names = Names(["lambda", "W__1", "W_1", "relu", "print", "x"])
    assert (
        len({*names.found.values()}) == 6
        and not {*names.found.values()} & {"lambda", "relu", "print"}
        and names("x") == "x"
    )


def notebook_of(text: str, folder: Path) -> dict:
    [made] = publish([Page("a", make_note(loads(text)).text, folder)], "ipynb")
    return json.loads(made)


def test_a_notebook_is_valid_and_runs_from_top_to_bottom(tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(asking(problem_file("two-by-two").read_text()))
    assert main(["notes", "a.yaml", "--to", "ipynb"]) == 0
    made = nbformat.read(tmp_path / "build" / "a" / "notes.ipynb", as_version=4)
    nbformat.validate(made)
    before = [
        "".join(output.text for output in cell.outputs)
        for cell in made.cells
        if cell.cell_type == "code"
    ]
    nbclient.NotebookClient(made, kernel_name="python3").execute()
    after = [
        "".join(output.text for output in cell.outputs)
        for cell in made.cells
        if cell.cell_type == "code"
    ]
    assert before == after and len(before) == 1 and " = " in before[0]
    shown = [cell for cell in made.cells if cell.get("attachments")]
    assert shown and all(
        f"(attachment:{name})" in cell.source for cell in shown for name in cell.attachments
    )
    assert not any("(figures/" in cell.source for cell in made.cells)


def test_the_same_page_is_the_same_notebook(tmp_path, one_hidden):
    first = notebook_of(one_hidden, tmp_path)
    assert first == notebook_of(one_hidden, tmp_path)
    assert [cell["cell_type"] for cell in first["cells"]].count("code") == 1
    assert first["cells"][0]["source"][0].startswith("<!--") or first["cells"][0]["source"][
        0
    ].startswith("# ")

"""A code gives back exactly its key, never another one; numbers lead to the copies that bear them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from test_cli import VARIED, desk, spec

from worksheet.cli import main
from worksheet.codes import read_code
from worksheet.errors import WorksheetError
from worksheet.exams.from_code import MOST, borne, numbers_in, variant_of
from worksheet.resources import problems_folder
from worksheet.variants.search import open_source, search

__all__ = ["desk"]  # the fixture
WIDE = VARIED.replace("to: 4", "to: 40")
CODE = re.compile(r"\*\*Code:\*\* `([\w-]+)`")


@pytest.fixture
def codes(desk) -> list[str]:
    """The codes of three sheets of varied.yaml, which lie in build/."""
    assert (
        main(
            [
                "sheet",
                str(spec(desk, "varied.yaml", WIDE)),
                "--copies",
                "3",
                "--seed",
                "7",
                "--to",
                "md",
            ]
        )
        == 0
    )
    return [
        CODE.search((desk / f"build/varied/copies/sheet-0{copy}.md").read_text())[1]
        for copy in (1, 2, 3)
    ]


@pytest.mark.parametrize("where", [["--spec", "varied.yaml"], ["--in", "."], []])
def test_a_code_gives_back_its_key(desk, codes, where, capsys):
    for copy, code in enumerate(codes, start=1):
        assert main(["key", code.lower().replace("-", " "), *where, "--to", "md,pdf"]) == 0
        assert (desk / f"build/varied/key-{code}.md").read_bytes() == (
            desk / f"build/varied/copies/key-0{copy}.md"
        ).read_bytes()
    assert main(["sheet", "varied.yaml", "--copies", "3", "--seed", "7"]) == 0
    assert (desk / f"build/varied/key-{code}.pdf").read_bytes() == (
        desk / "build/varied/copies/key-03.pdf"
    ).read_bytes()


@pytest.mark.parametrize(
    "old, new",
    [
        ("learning_rate: 0.1", "learning_rate: 0.2"),
        ("title: A", "title: The"),
        ("to: 40", "to: 41"),
        ("x: 2", "x: 2.0"),
    ],
)
def test_a_spec_that_has_changed_is_told_and_gives_no_key(desk, codes, old, new, capsys):
    capsys.readouterr()
    spec(desk, "varied.yaml", WIDE.replace(old, new))
    assert main(["key", codes[0], "--spec", "varied.yaml"]) == 2
    said = capsys.readouterr()
    assert (
        f"varied.yaml: the spec has changed since the code {codes[0]} was printed" in said.err
        and said.out == ""
    )
    assert not list((desk / "build/varied").glob("key-*"))


def test_comments_and_layout_are_no_change(desk, codes):
    spec(desk, "varied.yaml", "# a word\n" + WIDE.replace("inputs: {x: 2}", "inputs:\n    x: 2"))
    assert main(["key", codes[0], "--spec", "varied.yaml", "--to", "md"]) == 0


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["key", "{code}", "--spec", "other.yaml"], "the code belongs to no spec here"),
        (["key", "{code}", "--in", "empty"], "holds no spec"),
        (["key", "nonsense"], "is no sign of a code"),
        (["key", "{wrong}"], "a sign of the code is wrong"),
        (["find", "0.5", "x", "--spec", "varied.yaml"], "'x' is no number"),
        (["find", "nan", "--spec", "varied.yaml"], "'nan' is no number"),
        (["find", *["1"] * (MOST + 1), "--spec", "varied.yaml"], f"{MOST + 1} numbers"),
        (["find", "1", "--spec", "varied.yaml", "--copies", "0"], "0 copies"),
    ],
)
def test_what_cannot_be_found_is_said(desk, codes, arguments, says, capsys):
    (desk / "empty").mkdir()
    spec(desk, "other.yaml", WIDE)
    wrong = ("3" if codes[0][0] != "3" else "4") + codes[0][1:]
    assert main([each.format(code=codes[0], wrong=wrong) for each in arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_draw_that_no_run_accepts_is_refused(desk):
    """A code with a good check sign for an attempt that the requirements refuse."""
    source = open_source(spec(desk, "varied.yaml", WIDE + "require: [y_hat > 10]\n"))
    variant = next(found for copy in range(1, 50) if (found := search(source, 1, copy)).attempt)
    assert variant_of(read_code(str(variant.code)), [desk / "varied.yaml"]).trace == variant.trace
    with pytest.raises(WorksheetError, match="names a draw that no run accepts"):
        variant_of(
            read_code(
                str(
                    type(variant.code)(
                        variant.code.name, variant.code.fingerprint, 1, variant.copy, 0
                    )
                )
            ),
            [desk / "varied.yaml"],
        )


def test_numbers_lead_to_the_copies_that_bear_them(desk, capsys):
    source = open_source(problems_folder() / "one-hidden-neuron.yaml")
    variant = search(source, 1, 4)
    answer, given = (
        variant.trace.find("dL_dw_h").shown,
        variant.trace.events[variant.trace.givens["w_h"]].shown,
    )
    assert main(["find", answer, given, "--spec", "one-hidden-neuron", "--copies", "12"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert (
        first.startswith(f"copy 04  {variant.code}  ")
        and f"dL_dw_h = {answer} (backward)" in first
        and f"w_h = {given} (given)" in first
    )
    assert last == "1 of 12 copies of one-hidden-neuron, seed 1, bears all these numbers"
    assert borne(variant, (Decimal(answer), Decimal("123.456"))) == () and borne(
        variant, (Decimal(given + "0"),)
    )
    assert main(["find", "123.456", "--spec", "one-hidden-neuron", "--copies", "12"]) == 0
    assert (
        capsys.readouterr().out
        == "none of 12 copies of one-hidden-neuron, seed 1, bear this number\n"
    )
    assert numbers_in(["−0.5", "1e1"]) == [Decimal("-0.5"), Decimal(10)]


def test_inputs_targets_and_the_learning_rate_are_found_as_givens(desk):
    variant = search(open_source(spec(desk, "varied.yaml", WIDE)), 1, 1)
    for name in ("x", "w"):
        shown = variant.trace.events[variant.trace.givens[name]].shown
        assert f"{name} = {shown} (given)" in borne(variant, (Decimal(shown),))
    assert "y = 3 (given)" in borne(variant, (Decimal(3),))

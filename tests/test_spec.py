"""Specs: the good ones and what they become, the faulty ones and what is said about them."""

from __future__ import annotations

import json
import random
import time
import warnings
from pathlib import Path

import documents
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from worksheet.errors import SpecError
from worksheet.families.network.problem import NetworkProblem
from worksheet.numbers.number import Digits
from worksheet.problem import Detail, Problem
from worksheet.resources import problem_files
from worksheet.spec import load as spec

ROOT = Path(__file__).parents[1]
SPECS = [*problem_files(), ROOT / "templates" / "new.yaml"]
FAULTY = documents.cases("spec-faults.md")
NAMED = """\
title: One hidden neuron
network:
  inputs: {x: 1.0}
  layers:
    - {units: [{z: z_h, a: a_h, weights: {w_h: 0.5}}], activation: sigmoid}
    - {units: [{z: z_o, a: y_hat, weights: {w_o: 1.0}}], activation: sigmoid}
  target: {y: 1}
  loss: binary-cross-entropy
learning_rate: 0.1
"""
MATRIX = """\
title: Two hidden units
network:
  inputs: [1, 0, 1]
  layers:
    - {weights: [[1, -1, 1], [-2, 0, 1]], bias: [0, 1], activation: relu}
    - {weights: [1, -1], bias: 0, activation: sigmoid}
  target: 1
  loss: binary-cross-entropy
learning_rate: 0.1
"""


# ---- faulty specs -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FAULTY, ids=str)
def test_a_faulty_spec_says_all_that_is_wrong(case, update):
    with pytest.raises(SpecError) as caught:
        spec.loads(case.given, "spec.yaml")
    documents.check(case, str(caught.value), update)


@pytest.mark.parametrize("case", FAULTY, ids=str)
def test_each_fault_has_a_place_and_a_hint_and_the_manners_of_a_sentence(case):
    with pytest.raises(SpecError) as caught:
        spec.loads(case.given, "spec.yaml")
    assert caught.value.faults
    for fault in caught.value.faults:
        assert fault.where.startswith("spec.yaml")
        hint, *picture = fault.hint.split("\n")
        assert hint and "\n" not in fault.message
        assert (
            not picture or len(picture) == 2 and picture[1].strip() == "^"
        )  # a formula, with a caret below the place
        assert not fault.message.endswith(".") and (
            fault.message[0].islower()
            or not fault.message[0].isalpha()
            or fault.message.startswith("YAML")
        )


@pytest.mark.parametrize(
    "data, message",
    [
        (b"title: ok\nnote: \xff\n", ":2: the file is not UTF-8: byte 0xff"),
        (b"title: ok\n" + b"# padding\n" * 1_000_000, ": the file is larger than 256 KB"),
        (b"", ": the file is empty"),
        (b"---\n", ": the file is empty"),
        (b"title: \x00\n", ":1: not valid YAML: a control character"),
        (b"title: ok\n\x1b[31m: 2\n", ":2: not valid YAML: a control character"),
    ],
    ids=["not UTF-8", "10 MB", "empty", "nothing but a start", "a null byte", "an escape"],
)
def test_a_file_that_is_no_spec(tmp_path, data, message):
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        spec.load(path)
    assert str(caught.value).startswith(f"{path}{message}\n  hint: ")


@pytest.mark.parametrize(
    "name, message", [("none.yaml", "there is no such file"), (".", "this is a folder, not a spec")]
)
def test_a_file_that_is_not_there(tmp_path, name, message):
    with pytest.raises(SpecError, match=message):
        spec.load(tmp_path / name)


def test_a_thousand_faults_are_not_all_shown():
    units = "\n".join("    - {weight: [[1]], activation: sigma}" for _ in range(1000))
    with pytest.raises(SpecError) as caught:
        spec.loads(
            f"title: x\nnetwork:\n  inputs: [1]\n  layers:\n{units}\n  target: 1\n  loss: squared-error\n"
        )
    assert len(caught.value.faults) == 51
    assert caught.value.faults[-1].message == "and 2952 more faults"


@pytest.mark.parametrize(
    "units",
    ["{a: {weights: [1]}, b: {weights: [1]}}", "3", "[3, null]", "[[1], [2]]", "[]", "{}", "null"],
)
def test_units_of_the_wrong_kind_are_refused(units):
    with pytest.raises(SpecError, match=r"layers\[1\]"):
        spec.loads(NAMED.replace("[{z: z_o, a: y_hat, weights: {w_o: 1.0}}]", units))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 250_000,
        "{a: " * 60_000,
        "- " * 100_000,
        "a: " * 80_000,
        "? " * 100_000,
        "x: '" + "''" * 100_000 + "'",
        "x: " + "9" * 200_000,
        "x: 1e" + "9" * 200_000,
        "&a " * 80_000,
        "\n" * 250_000,
        "x: [" + "1," * 30_000 + "]",
    ],
    ids=lambda text: text[:4].strip(),
)
def test_a_hostile_text_is_refused_in_time(text):
    start = time.perf_counter()
    with pytest.raises(SpecError):
        spec.loads(text)
    assert time.perf_counter() - start < 8


def test_a_damaged_spec_is_refused_or_read_but_never_breaks():
    chance = random.Random(2)
    alphabet = list("{}[]:,-#&*!|>%@`'\"\\ \n\t?0.5eE_~<=é−") + [
        "null",
        "units",
        "weights",
        ": ",
        "- ",
        "\n  ",
    ]
    sources = [path.read_text(encoding="utf-8") for path in SPECS]
    refused = 0
    for _ in range(600):
        text = chance.choice(sources)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text = (
                text[:at]
                + chance.choice([*alphabet, ""])
                + text[at + chance.choice([0, 0, 1, 1, 5, 30]) :]
            )
        try:
            assert isinstance(spec.loads(text), Problem)
        except SpecError as error:
            refused += 1
            assert all(fault.hint and fault.where for fault in error.faults)
    assert 200 < refused < 600


# ---- good specs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_our_own_specs_load_without_a_word(path):
    text = path.read_text(encoding="utf-8")
    home = "../" if path.parent.name == "calculus" else ""
    assert text.startswith(f"# yaml-language-server: $schema={home}schema.json\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        problem = spec.load(path)
    assert problem.description.endswith(".")


def test_numbers_keep_the_way_they_were_written():
    text = (
        MATRIX.replace("[1, 0, 1]", "[1.0, 0.50, -0.30]")
        .replace("[1, -1, 1]", "[1e-3, +2, .5]")
        .replace("[-2, 0, 1]", "[-.5, -0.0, 007]")
        .replace("[0, 1]", "[1., 2E2]")
    )
    network = spec.loads(text).network
    assert [number.text for number in network.inputs.values()] == ["1.0", "0.50", "-0.30"]
    assert [
        number.text for unit in network.layers[0].units for number in unit.weights.values()
    ] == ["0.001", "2", "0.5", "-0.5", "0.0", "7"]
    assert [number.text for unit in network.layers[0].units for number in unit.bias.values()] == [
        "1",
        "200",
    ]
    assert all(str(number.value) == number.text for number in network.inputs.values())


def test_names_follow_from_position():
    network = spec.loads(MATRIX).network
    assert list(network.inputs) == ["x_1", "x_2", "x_3"]
    assert list(network.target) == ["y"]
    first, second = network.layers
    assert [(unit.z, unit.a) for unit in first.units] == [
        ("z_1__1", "a_1__1"),
        ("z_2__1", "a_2__1"),
    ]
    assert list(first.units[1].weights) == ["w_2_1__1", "w_2_2__1", "w_2_3__1"]
    assert list(first.units[1].bias) == ["b_2__1"]
    assert [(unit.z, unit.a) for unit in second.units] == [("z_1__2", "y_hat")]


def test_hidden_activations_are_h_in_matrix_notation():
    assert spec.loads(MATRIX + "notation: matrix\n").network.layers[0].units[0].a == "h_1__1"


def test_several_outputs_are_numbered():
    text = MATRIX.replace("[1, -1], bias: 0", "[[1, -1], [0, 1]], bias: [0, 0]").replace(
        "target: 1", "target: [0, 1]"
    )
    network = spec.loads(text).network
    assert [unit.a for unit in network.layers[1].units] == ["y_hat_1", "y_hat_2"]
    assert list(network.target) == ["y_1", "y_2"]


@pytest.mark.parametrize(
    "unit, names",
    [
        ("{a: y_hat, weights: {w_o: 1.0}}", "y_hat"),
        ("{z: z_o, weights: {w_o: 1.0}}", "z_o"),
        ("{z: p, a: p, weights: {w_o: 1.0}}", "p"),
        ("{weights: {w_o: 1.0}}", "y_hat"),
    ],
)
def test_an_identity_has_one_name_for_z_and_a(unit, names):
    text = NAMED.replace(
        "{z: z_o, a: y_hat, weights: {w_o: 1.0}}], activation: sigmoid",
        unit + "], activation: identity",
    )
    output = (
        spec.loads(text.replace("binary-cross-entropy", "squared-error")).network.layers[1].units[0]
    )
    assert (output.z, output.a) == (names, names)


def test_names_and_positions_mix():
    unit = (
        spec.loads(
            NAMED.replace("z: z_h, a: a_h, weights: {w_h: 0.5}", "a: h, weights: [0.5], bias: 0.1")
        )
        .network.layers[0]
        .units[0]
    )
    assert (unit.z, unit.a, list(unit.weights), list(unit.bias)) == (
        "z_1__1",
        "h",
        ["w_1_1__1"],
        ["b_1__1"],
    )


def test_a_vector_of_one_entry_may_bear_its_name():
    text = MATRIX.replace(
        "activation: sigmoid", "activation: sigmoid, symbols: {a: y_hat, weights: W_2}"
    )
    assert spec.loads(text).network.layers[1].symbols == {"a": "y_hat", "weights": "W_2"}


@pytest.mark.parametrize(
    "written, kind, digits",
    [
        ("{}", "weight", Digits(5)),
        ("{places: 3}", "loss", Digits(3)),
        ("{places: 3, weight: 4}", "weight", Digits(4)),
        ("{places: 3, weight: 4}", "gradient", Digits(3)),
        ("{significant: 3}", "loss", Digits(None, 3)),
        ("{loss: {significant: 4}}", "loss", Digits(None, 4)),
        ("{places: 4, at_least_significant: 3}", "gradient", Digits(4, None, 3)),
        ("{gradient: {places: 4, at_least_significant: 3}}", "gradient", Digits(4, None, 3)),
    ],
)
def test_digits(written, kind, digits):
    assert spec.loads(f"{NAMED}rounding: {written}\n").rounding.digits(kind) == digits


def test_the_options_arrive():
    problem = spec.loads(
        MATRIX.replace(
            "activation: relu", "activation: leaky-relu, slope: 0.2, frozen_bias: true"
        ).replace("loss: b", "loss_name: J\n  loss: b")
        + """\
description: >
  One sentence,
  on two lines.
epochs: 2
rounding: {policy: named, mode: half-even, commit: operation, relation: equals, zeros: strip, negatives: raw, e: symbol}
notation: {style: matrix, learning_rate: eta, loss: mathcal, multiply: times, assign: arrow, log: log, product_order: input-first}
detail: {forward: brief, later: normal}
gradient_list: true
long_run: 0
"""
    )
    assert problem.description == "One sentence, on two lines."
    assert (problem.epochs, problem.long_run, problem.gradient_list, problem.network.loss_name) == (
        2,
        0,
        True,
        "J",
    )
    layer, rounding, notation, detail = (
        problem.network.layers[0],
        problem.rounding,
        problem.notation,
        problem.detail,
    )
    assert (layer.slope.text, layer.trained_bias, problem.network.layers[1].trained_bias) == (
        "0.2",
        False,
        True,
    )
    assert (
        rounding.policy,
        rounding.mode,
        rounding.commit,
        rounding.relation,
        rounding.zeros,
        rounding.negatives,
        rounding.e,
    ) == ("named", "half-even", "operation", "equals", "strip", "raw", "symbol")
    assert set(notation.model_dump().values()) == {
        "matrix",
        "eta",
        "mathcal",
        "times",
        "arrow",
        "log",
        "input-first",
    }
    assert (detail.forward, detail.loss, detail.later) == ("brief", Detail().loss, "normal")


def test_one_word_of_detail_goes_for_every_phase():
    assert set(spec.loads(NAMED + "detail: normal\n").detail.model_dump().values()) == {"normal"}


def test_a_raised_limit_comes_with_a_word_of_warning():
    with pytest.warns(
        UserWarning,
        match=r"^<string>: limits.epochs is raised from 50 to 60; a document is for reading$",
    ):
        assert spec.loads(NAMED + "epochs: 55\nlimits: {epochs: 60}\n").epochs == 55


@pytest.mark.parametrize(
    "text",
    [NAMED.replace("\n", "\r\n"), "\ufeff" + NAMED, NAMED + "...\n", "---\n" + NAMED],
    ids=["CRLF", "byte order mark", "document end", "document start"],
)
def test_the_ways_an_editor_may_save_a_file(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode())
    assert spec.load(path) == spec.loads(NAMED)


def test_a_problem_goes_to_json_and_back():
    problem = spec.loads(MATRIX + "rounding: {policy: exact, places: 3, weight: 4}\n")
    assert NetworkProblem.model_validate_json(problem.model_dump_json()) == problem


# ---- the schema ---------------------------------------------------------------------------------


def test_the_schema_that_is_checked_in_is_the_one_we_print():
    assert (ROOT / "problems" / "schema.json").read_text(encoding="utf-8") == spec.schema_text()


def test_the_schema_is_sound_and_explains_every_key():
    schema = json.loads(spec.schema_text())
    Draft202012Validator.check_schema(schema)
    for part in schema["$defs"].values():
        for key, value in part["properties"].items():
            assert value.get("description"), key


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_schema_accepts_our_own_specs(path):
    Draft202012Validator(spec.schema()).validate(YAML(typ="safe", pure=True).load(path))


@pytest.mark.parametrize(
    "old, new",
    [
        ("sigmoid}", "sigmod}"),
        ("title:", "titel:"),
        ("0.1", "-0.1"),
        ("w_h: 0.5", "w_h: half"),
        ("units:", "unit:"),
        ("{y: 1}", "{y: 1}\n  epochs: 2"),
        ("learning_rate: 0.1", "learning_rate: 0.1\nrounding: {places: 21}"),
        ("learning_rate: 0.1", "learning_rate: 0.1\nepochs: 0"),
        ("x: 1.0", "1x: 1.0"),
        ("  loss: binary-cross-entropy\n", ""),
    ],
)
def test_the_schema_refuses_what_we_refuse(old, new):
    text = NAMED.replace(old, new, 1)
    assert not Draft202012Validator(spec.schema()).is_valid(YAML(typ="safe", pure=True).load(text))
    with pytest.raises(SpecError):
        spec.loads(text)

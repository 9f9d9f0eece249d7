"""A trace as JSON: it reads back to an equal trace, obeys its published schema, and refuses
anything else."""

from __future__ import annotations

import json
from decimal import Decimal

import jsonschema
import pytest
from random_networks import spec_text

from worksheet.algebra.expression import Literal, leaves
from worksheet.errors import SolveError, WorksheetError
from worksheet.resources import problem_files
from worksheet.solution import solve
from worksheet.spec.load import load
from worksheet.spec.load import loads as load_text
from worksheet.tex.reader import read
from worksheet.trace.record import FORMAT, dumps, loads, schema
from worksheet.trace.trace import Trace

PROBLEMS = problem_files()
ONE = next(path for path in PROBLEMS if path.stem == "one-hidden-neuron")
VALIDATOR = jsonschema.Draft202012Validator(schema())


@pytest.fixture(scope="module")
def text() -> str:
    return dumps(solve(load(ONE)))


def assert_round_trip(trace: Trace) -> None:
    text = dumps(trace)
    again = loads(text)
    assert again == trace
    assert list(again.givens) == list(trace.givens)
    assert dumps(again) == text
    assert literals(again) == literals(trace)


def literals(trace: Trace) -> list[tuple[str, Decimal, int | None]]:
    return [
        (leaf.text, leaf.value, leaf.event)
        for working in trace.workings
        for line in working.lines
        for leaf in leaves(line.expr)
        if isinstance(leaf, Literal)
    ]


@pytest.mark.parametrize("path", PROBLEMS, ids=lambda path: path.stem)
def test_every_problem_reads_back_to_an_equal_trace(path):
    trace = solve(load(path))
    assert_round_trip(trace)
    VALIDATOR.validate(json.loads(dumps(trace)))


def test_random_networks_read_back_to_an_equal_trace():
    solved = 0
    for seed in range(12):
        try:
            trace = solve(load_text(spec_text(seed)))
        except SolveError:
            continue
        assert_round_trip(trace)
        solved += 1
    assert solved >= 8


def test_a_working_has_what_a_reader_looks_for(text):
    working = next(working for working in json.loads(text)["workings"] if working["name"] == "a_h")
    assert {
        key: working[key]
        for key in ("name", "symbol", "phase", "kind", "epoch", "layer", "formula", "shown")
    } == {
        "name": "a_h",
        "symbol": "a_h",
        "phase": "forward",
        "kind": "activation",
        "epoch": 1,
        "layer": 1,
        "formula": {"op": "sigmoid", "args": [{"name": "z_h"}]},
        "shown": "0.62246",
    }
    assert working["exact"].startswith("0.62245933120185456463890056574550847875327936")
    assert [line["tex"] for line in working["lines"]] == [
        r"\sigma(z_h)",
        r"\sigma(0.5)",
        r"\frac{1}{1 + e^{-0.5}}",
        r"\frac{1}{1 + 2.71828^{-0.5}}",
        "0.62246",
    ]
    assert working["lines"][1]["form"]["args"][0]["shown"] == "0.5"


def test_the_tex_of_every_line_can_be_read(text):
    for working in json.loads(text)["workings"]:
        for line in working["lines"]:
            read(line["tex"])


def test_the_events_carry_numbers_as_text(text):
    record = json.loads(text)
    for number, event in enumerate(record["events"]):
        assert event["event"] == number
        assert isinstance(event["exact"], str) and isinstance(event["value"], str)
    assert not any(isinstance(leaf, float) for leaf in everything(record))


def everything(part):
    if isinstance(part, (dict, list)):
        for entry in part.values() if isinstance(part, dict) else part:
            yield from everything(entry)
    else:
        yield part


def test_a_literal_of_a_formula_has_no_event(text):
    working = loads(text).find("da_h_dz_h")
    assert [leaf.event for leaf in leaves(working.formula) if isinstance(leaf, Literal)] == [None]


def test_the_schema_explains_itself():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")
    record = schema()["$defs"]
    assert all(
        "description" in record[part]
        for part in ("EventPart", "LinePart", "WorkingPart", "LinkPart", "OperationPart")
    )
    assert schema()["properties"]["format"]["const"] == FORMAT


# ---- what must be refused
# ---------------------------------------------------------------------------


def changed(text: str, path: list, value) -> str:
    """The record with one entry replaced (or removed, for None)."""
    record = json.loads(text)
    part = record
    for key in path[:-1]:
        part = part[key]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return json.dumps(record)


@pytest.mark.parametrize(
    "path, value, where, message",
    [
        (["format"], "worksheet-trace/9", "format", "worksheet-trace/1"),
        (["events"], None, "events", "field required"),
        (["events", 5, "exact"], "0,5", "events[5].exact", "pattern"),
        (["events", 5, "exact"], 0.5, "events[5].exact", "string"),
        (["events", 5, "exact"], "Infinity", "events[5].exact", "pattern"),
        (["events", 5, "operands"], [5, 0], "events[5]", "earlier"),
        (["events", 5, "operands"], [-1], "events[5].operands[0]", "greater than or equal to 0"),
        (["events", 5, "event"], 6, "events[5]", "numbered by its place"),
        (["givens", "x"], 4000, "givens.x", "there is no event 4000"),
        (["workings", 1, "event"], 4000, "workings[1].event", "there is no event 4000"),
        (["workings", 1, "phase"], "sideways", "workings[1].phase", "forward"),
        (["workings", 1, "epoch"], 0, "workings[1].epoch", "greater than or equal to 1"),
        (["workings", 1, "epoch"], "1", "workings[1].epoch", "integer"),
        (["workings", 1, "lines", 2, "move"], "GUESS", "workings[1].lines[2].move", "EXPAND"),
        (
            ["workings", 1, "lines", 1, "form", "args", 0, "event"],
            4000,
            "workings[1].lines[1]",
            "there is no event 4000",
        ),
        (
            ["workings", 1, "lines", 1, "form", "args", 0, "shown"],
            "five",
            "workings[1].lines[1].form.args[0].shown",
            "pattern",
        ),
        (["workings", 1, "surprise"], 1, "workings[1].surprise", "extra"),
        (["problem", "learning_rate"], "quick", "problem.learning_rate", "is not a number"),
        (["problem", "network", "loss"], "regret", "problem.network.loss", "half-squared-error"),
    ],
)
def test_a_faulty_record_is_refused_with_its_place(text, path, value, where, message):
    with pytest.raises(WorksheetError) as caught:
        loads(changed(text, path, value))
    assert caught.value.where == where
    assert message in caught.value.message
    if (
        "there is no event" not in message
        and "earlier" not in message
        and "numbered" not in message
        and path[0] != "problem"
    ):
        assert not VALIDATOR.is_valid(json.loads(changed(text, path, value)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "trace",
        '{"format": "worksheet-trace/1"',
        "[" * 100_000,
        "\x00",
        '{"a": 1}',
    ],
)
def test_what_is_no_record_is_refused(text):
    with pytest.raises(WorksheetError):
        loads(text)


def test_a_changed_number_is_another_trace(text):
    assert loads(changed(text, ["workings", 1, "shown"], "0.62245")) != loads(text)
    assert loads(
        changed(text, ["workings", 1, "lines", 1, "form", "args", 0], {"shown": "0.5"})
    ) != loads(text)

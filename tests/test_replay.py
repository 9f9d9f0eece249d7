"""A solution from its events under another policy is what `solve` finds under that policy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from random_networks import spec_text
from worksheet.answers import ways
from worksheet.errors import SolveError
from worksheet.families import solve
from worksheet.places import problem_files, problems_folder
from worksheet.replay import replayed
from worksheet.spec import load, loads
from worksheet.trace import Trace

PROBLEMS = problem_files()


def compared(trace: Trace) -> int:
    """How many policies the events could tell; each must tell what is solved."""
    told = 0
    for way in ways(trace.problem.rounding):
        found = replayed(trace, way)
        if found is not None:
            assert found == [Decimal(working.shown) for working in solve(trace.problem.model_copy(update={"rounding": way})).workings], way
            told += 1
    return told


@pytest.mark.parametrize("spec", PROBLEMS, ids=lambda spec: spec.stem)
def test_the_events_of_our_problems_tell_every_policy(spec):
    assert compared(solve(load(spec))) >= 8


def test_random_networks():
    told = 0
    for seed in range(30):
        try:
            told += compared(solve(loads(spec_text(seed))))
        except SolveError:
            pass
    assert told > 40


@pytest.mark.parametrize("changes", [{"significant": 4}, {"policy": "carry", "commit": "operation"}])
def test_what_the_events_cannot_tell_is_not_told(changes):
    problem = load(PROBLEMS[0])
    rounding = replace(problem.rounding, **{"places": None} | changes if "significant" in changes else changes)
    trace = solve(problem.model_copy(update={"rounding": rounding}))
    assert replayed(trace, replace(rounding, policy="carry", commit="line", mode="truncate")) is None


def test_an_event_changed_is_told_otherwise():
    trace = solve(load(problems_folder() / "one-hidden-neuron.yaml"))
    way = next(ways(trace.problem.rounding))
    index = next(i for i, event in enumerate(trace.events) if event.op == "given")
    events = list(trace.events)
    events[index] = replace(events[index], value=events[index].value + 1)
    assert replayed(replace(trace, events=tuple(events)), way) != replayed(trace, way)

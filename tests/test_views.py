"""How much working is shown never changes a number, and a shorter chain still holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from random_networks import spec_text

from worksheet.algebra.expression import Expr, apply, lift
from worksheet.algebra.follows import follows
from worksheet.errors import SolveError
from worksheet.problem import DETAILS, PHASES, Detail
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.trace.tape import alike
from worksheet.trace.trace import Line, Trace
from worksheet.views.matrices import Matrices
from worksheet.views.views import View, detail_of, is_closed, only_signs, scalar_views, shortened

PROBLEMS = sorted((Path(__file__).parents[1] / "problems").glob("*.yaml"))


@cache
def traces() -> tuple[Trace, ...]:
    """Our problems, and random networks under carry."""
    found = [solve(load(path)) for path in PROBLEMS]
    for seed in range(60):
        problem = loads(spec_text(seed))
        if problem.rounding.policy == "carry" and len(found) < len(PROBLEMS) + 12:
            try:
                found.append(solve(problem))
            except SolveError:
                continue
    return tuple(found)


def views(trace: Trace, style: str) -> list[View]:
    """Every view of a trace; none in matrix notation where the problem is written one weight at a
    time."""
    last = trace.problem.epochs
    phases = [
        (phase, epoch)
        for epoch in range(1, last + 1)
        for phase in PHASES
        if phase != "check" or epoch == last
    ]
    if style == "scalar":
        return [view for phase, epoch in phases for view in scalar_views(trace, phase, epoch)]
    matrices = Matrices(trace) if trace.problem.notation.style == "matrix" else None
    return (
        [view for phase, epoch in phases for view in matrices.views(phase, epoch)]
        if matrices
        else []
    )


EVERY = [(style, detail) for style in ("scalar", "matrix") for detail in DETAILS]


@pytest.mark.parametrize("style, detail", EVERY)
def test_detail_never_changes_a_number(style, detail):
    for trace in traces():
        for view in views(trace, style):
            lines = shortened(view.lines, detail, trace.problem, view.working.kind)
            assert alike(lines[-1].expr, view.result)
            remaining = iter(view.lines)  # lines are left out, never written or moved
            assert all(any(alike(line.expr, other.expr) for other in remaining) for line in lines)


@pytest.mark.parametrize("style, detail", EVERY)
def test_under_carry_a_shorter_chain_still_holds(style, detail):
    checked = 0
    for trace in traces():
        rounding = trace.problem.rounding
        if rounding.policy == "carry":
            for view in views(trace, style):
                lines = [
                    line.expr
                    for line in shortened(view.lines, detail, trace.problem, view.working.kind)
                    if is_closed(line.expr)
                ]
                for before, after in zip(lines, lines[1:]):
                    checked += 1
                    assert follows(
                        before,
                        after,
                        mode=rounding.mode,
                        significant=rounding.digits(view.working.kind).significant,
                    ), (view.name, before, after)
    assert checked > 100


def test_less_detail_is_never_longer():
    for trace in traces():
        for view in views(trace, "scalar"):
            lengths = [
                len(shortened(view.lines, detail, trace.problem, view.working.kind))
                for detail in ("full", "normal", "brief")
            ]
            assert lengths == sorted(lengths, reverse=True)
            assert lengths[0] == len(view.lines) - sum(
                only_signs(view.lines, place) for place in range(len(view.lines) - 1)
            )


def test_a_line_that_stands_for_rounded_ones_is_not_exact():
    trace = solve(load(next(path for path in PROBLEMS if path.stem == "one-hidden-neuron")))
    view = next(view for view in scalar_views(trace, "loss", 1))
    assert [line.is_exact for line in view.lines if is_closed(line.expr)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert [line.is_exact for line in shortened(view.lines, "brief", trace.problem, "loss")] == [
        True,
        True,
        False,
    ]


def test_a_line_comes_back_where_a_calculator_would_differ():
    """0.5 + 0.333 * 0.5 carries 0.2 in one place: without the line between, the page would show 0.5
    + 0.333 * 0.5 = 0.7 either way or not; here 0.25 * 0.5 + 0.25 * 0.5 is 0.2 by way of 0.1 + 0.1,
    and 0.3 at once."""
    problem = load(PROBLEMS[0]).model_copy(
        update={"rounding": solve(load(PROBLEMS[0])).problem.rounding.__class__(places=1)}
    )
    quarter, half = lift("0.25"), lift("0.5")
    start: Expr = apply("sum", apply("product", quarter, half), apply("product", quarter, half))
    lines = (
        Line("SUBSTITUTE", start),
        Line("EVALUATE", lift("0.1") + lift("0.1"), False),
        Line("EVALUATE", lift("0.2")),
    )
    assert shortened(lines, "brief", problem, "activation") == lines
    right = (*lines[:2], Line("EVALUATE", lift("0.3")))
    assert [line.expr for line in shortened(right, "brief", problem, "activation")] == [
        start,
        lift("0.3"),
    ]


@pytest.mark.parametrize(
    "epoch, phase, expected",
    [
        (1, "forward", "full"),
        (2, "forward", "brief"),
        (1, "check", "normal"),
        (2, "check", "normal"),
    ],
)
def test_in_full_the_first_time_short_afterwards(epoch, phase, expected):
    problem = load(next(path for path in PROBLEMS if path.stem == "one-hidden-neuron"))
    assert detail_of(problem, phase, epoch) == expected


def test_what_was_asked_for_is_never_exceeded_later():
    problem = load(PROBLEMS[0]).model_copy(update={"detail": Detail(forward="brief", later="full")})
    assert detail_of(problem, "forward", 2) == "brief"

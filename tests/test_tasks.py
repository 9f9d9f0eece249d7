"""What a sheet asks: tasks from the trace or from the spec, and the marks for each step."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import pytest

from worksheet.assessment.points import worth
from worksheet.assessment.tasks import answers, letters, tasks_of
from worksheet.errors import SpecError, WorksheetError
from worksheet.numbers.number import Number
from worksheet.problem import Ask
from worksheet.resources import problems_folder
from worksheet.solution import by_hand as solve
from worksheet.spec.load import load
from worksheet.variants.search import Origin, open_source, search, source_of
from worksheet.views.phases import chains_of


def tasks(name: str, **changes):
    trace = solve(load(problems_folder() / f"{name}.yaml").model_copy(update=changes))
    return tasks_of(trace, chains_of(trace))


def asked(found) -> list[list[str]]:
    return [[view.name for view in task.asked] for task in found]


def test_unless_the_spec_says_otherwise_every_phase_is_asked_for_its_results():
    found = tasks("one-hidden-neuron")
    assert [task.letter for task in found] == ["a", "b", "c", "d", "e"]
    assert [task.phase for task in found] == ["forward", "loss", "backward", "update", "check"]
    assert asked(found) == [
        ["z_h", "a_h", "z_o", "y_hat"],
        ["L"],
        ["dL_dw_o", "dL_dw_h"],
        ["w_o", "w_h"],
        ["y_hat", "L"],
    ]


def test_a_second_epoch_is_asked_as_a_whole():
    found = tasks("relu-two-updates")
    assert [(task.phase, task.epoch) for task in found] == [
        ("forward", 1),
        ("loss", 1),
        ("backward", 1),
        ("update", 1),
        ("epoch", 2),
        ("check", 2),
    ]


def test_many_epochs_are_too_many_to_ask():
    assert [task.phase for task in tasks("linear-chain", epochs=4)] == [
        "forward",
        "loss",
        "backward",
        "update",
    ]


def test_matrices_are_asked_as_matrices():
    found = tasks("three-hidden-matrix")
    assert asked(found)[0] == ["z_1", "h", "y_hat"] and len(found[0].asked[0].members) == 3


def test_the_steps_on_the_way_have_their_marks_once():
    found = tasks("one-hidden-neuron")
    steps = [(step.view.name, step.what) for step in found[2].steps]
    assert steps == [
        ("dL_dz_o", "found"),
        ("dL_dw_o", "method"),
        ("dL_dw_o", "result"),
        ("dL_da_h", "found"),
        ("da_h_dz_h", "found"),
        ("dL_dz_h", "found"),
        ("dL_dw_h", "method"),
        ("dL_dw_h", "result"),
    ]


def test_one_quantity_alone_earns_the_marks_of_all_that_leads_to_it():
    [task] = tasks("one-hidden-neuron", ask=(Ask(of=("dL_dw_h",)),))
    found = [step.view.name for step in task.steps if step.what == "found"]
    assert found == [
        "z_h",
        "a_h",
        "z_o",
        "y_hat",
        "dL_dz_o",
        "dL_da_h",
        "da_h_dz_h",
        "dL_dz_h",
    ]  # not dL/dw_o, nor the loss


@pytest.mark.parametrize("points", ["4", "6", "2.5", "100"])
def test_the_points_of_a_task_are_shared_evenly(points):
    [task] = worth(
        tasks(
            "one-hidden-neuron",
            ask=(Ask(of=("dL_dw_o", "dL_dw_h"), points=Number.written(points)),),
        ),
        None,
    )
    assert task.points == Decimal(points) and is_even([task])


def test_points_that_cannot_be_shared_are_told_with_their_line():
    text = (
        (problems_folder() / "one-hidden-neuron.yaml")
        .read_text(encoding="utf-8")
        .partition("ask:")[0]
    )
    more = "ask:\n  - loss\n  - of: [forward, backward, update]\n    points: 0.5\n"
    line = (text + more).splitlines().index("    points: 0.5") + 1
    with pytest.raises(SpecError) as refusal:
        source_of(Origin("o.yaml", "o", text + more))
    assert str(refusal.value).startswith(
        f"o.yaml:{line}: ask[1].points: task (b): 0.5 points cannot be shared"
    ) and " or " in str(refusal.value)
    source_of(Origin("o.yaml", "o", text + more.replace("0.5", "20")))


def test_points_follow_the_marks_of_the_steps():
    [task] = worth(
        tasks("three-hidden-matrix", ask=(Ask(of=("z_1", "y_hat"), points=Number.written("14")),)),
        None,
    )
    assert [(step.view.name, step.what, step.marks) for step in task.steps] == [
        ("z_1", "method", 2),
        ("z_1", "result", 6),
        ("h", "found", 2),
        ("y_hat", "method", 2),
        ("y_hat", "result", 2),
    ]


def is_even(found) -> bool:
    """Steps of a kind have the same marks, and nothing that is asked has none."""
    marks = {}
    for step in (step for task in found for step in task.steps):
        marks.setdefault(step.what, set()).add(step.marks / step.size)
    return all(len(each) == 1 for each in marks.values()) and min(marks["result"]) > 0


@pytest.mark.parametrize(
    "name",
    [
        "one-hidden-neuron",
        "two-by-two",
        "relu-two-updates",
        "calculus/chain-rule",
        "calculus/derive-sigmoid",
    ],
)
def test_whatever_total_can_be_shared_is_and_any_other_is_told_with_the_nearest_that_can(name):
    found, seen = tasks(name), {True: 0, False: 0}
    for halves in range(1, 81):
        points = Decimal(halves) / 2
        try:
            shared = worth(found, points)
        except WorksheetError as fault:
            assert (
                "cannot be shared so that equal steps earn equal marks" in fault.message
                and fault.hint.endswith(" can; of whole and half points these are the nearest")
            )
            for total in re.findall(r"[\d.]+", fault.hint):
                assert is_even(worth(found, Decimal(total))) and Decimal(total) != points
            seen[False] += 1
        else:
            assert sum(task.points for task in shared) == points and is_even(shared)
            seen[True] += 1
    assert seen[True] > 5


@cache
def can_by_trying(results: int, methods: int, founds: int, agains: int, points: Decimal) -> bool:
    """Every way to mark a result, a method, what is found and what is found again, in halves,
    quarters and tenths."""
    for parts in (2, 4, 10):
        if points <= 0 or points * parts != int(points * parts):
            continue
        units = int(points * parts)
        for result in range(1, units // results + 1):
            for method in range(min(result, units // methods) + 1) if methods else [result]:
                for found in range(min(method, units // founds) + 1) if founds else [method]:
                    rest = units - result * results - method * methods - found * founds
                    if (
                        rest == 0
                        if not agains
                        else rest >= 0 and rest % agains == 0 and rest // agains <= found
                    ):
                        return True
    return False


@pytest.mark.parametrize(
    "counts",
    [
        (5, 0, 0, 0),
        (7, 3, 0, 0),
        (11, 0, 0, 0),
        (13, 5, 2, 0),
        (9, 4, 3, 2),
        (23, 0, 0, 6),
        (3, 3, 3, 0),
    ],
)
@pytest.mark.parametrize("owned", ["0", "3", "2.5"])
def test_the_hint_names_the_nearest_totals_and_leaves_none_out(counts, owned):
    """Against a search of its own: the two nearest totals below and the two above, in whole and
    half points, whatever the marks are in."""
    from collections import Counter

    from worksheet.assessment.points import KINDS, shares

    asked, owned, told = Counter(dict(zip(KINDS, counts))), Decimal(owned), 0
    for tenths in range(1, 120, 11):
        points = Decimal(tenths) / 10
        try:
            shares(asked, points, "x", owned)
            assert can_by_trying(*counts, points)
        except WorksheetError as fault:
            told += 1
            assert not can_by_trying(*counts, points)
            halves = [Decimal(number) / 2 for number in range(1, 2 * int(points + owned) + 40)]
            can = [
                total for total in halves if total > owned and can_by_trying(*counts, total - owned)
            ]
            below, above = (
                [total for total in can if total < points + owned][-2:],
                [total for total in can if total > points + owned][:2],
            )
            assert list(map(Decimal, re.findall(r"\d+(?:\.\d+)?", fault.hint))) == below + above
    assert told


def test_what_a_task_has_of_its_own_stays_and_the_rest_is_shared():
    found = tasks(
        "one-hidden-neuron", ask=(Ask(of=("forward",)), Ask(of=("L",), points=Number.written("3")))
    )
    assert [task.points for task in worth(found, Decimal(11))] == [8, 3]
    with pytest.raises(WorksheetError, match="3 points, where the tasks have 3 of their own"):
        worth(found, Decimal(3))


def test_nothing_that_stands_on_the_sheet_earns_a_mark():
    """f(2.1) says 2.1; dy_hat/dh is the weight w_2 that is given, and no work of the forward pass."""
    steps = [
        step.view.name
        for name in ("calculus/derivative-cubic", "calculus/gradient-squares")
        for task in tasks(name)
        for step in task.steps
    ]
    assert not [name for name in steps if name.endswith("moved")]
    forward = tasks("linear-chain")[0]
    assert {step.view.name for step in forward.steps} == {"h", "y_hat"}


@pytest.mark.parametrize(
    "name",
    [
        "one-hidden-neuron",
        "relu-two-updates",
        "softmax-three-classes",
        "calculus/chain-rule",
        "calculus/derivative-rules",
        "calculus/descent-two-weights",
        "calculus/gradient-squares",
    ],
)
def test_every_variant_has_the_same_marks(name):
    """Whatever its numbers: a ReLU that is off, a factor 1, one form more of a derivative."""
    source = open_source(problems_folder() / f"{name}.yaml")

    def marks(trace):
        return [
            (task.letter, step.view.name, step.what, step.marks)
            for task in tasks_of(trace, chains_of(trace))
            for step in task.steps
        ]

    assert len({tuple(marks(search(source, 1, copy).trace)) for copy in range(1, 8)}) == 1


def test_what_another_task_asks_for_earns_its_marks_there():
    found = tasks("one-hidden-neuron", ask=(Ask(of=("L",)), Ask(of=("forward",))))
    assert [step.view.name for step in found[0].steps] == ["L", "L"]
    assert [(step.view.name, step.what) for step in found[1].steps][:2] == [
        ("z_h", "method"),
        ("z_h", "result"),
    ]


def test_an_entry_stands_for_its_matrix():
    [task] = tasks("three-hidden-matrix", ask=(Ask(of=("W_1",)),))
    assert asked([task]) == [["W_1"]]
    entry = task.asked[0].members[1].name
    assert asked(tasks("three-hidden-matrix", ask=(Ask(of=(entry,)),))) == [["W_1"]]


@pytest.mark.parametrize(
    "ask, says",
    [
        (Ask(of=("dL_dw_x",)), "nothing in the solution is called 'dL_dw_x'"),
        (Ask(of=("forward",), epoch=2), "there is no epoch 2"),
    ],
)
def test_what_the_solution_does_not_have_cannot_be_asked(ask, says):
    with pytest.raises(WorksheetError, match=says) as fault:
        tasks("one-hidden-neuron", ask=(Ask(of=("loss",)), ask))
    assert fault.value.where == "ask[1]" and fault.value.hint


def test_what_is_graded_is_what_the_tasks_ask_for():
    trace = solve(load(problems_folder() / "relu-two-updates.yaml"))
    members = [
        member
        for task in tasks("relu-two-updates")
        for view in task.asked
        for member in view.members
    ]
    assert list(answers(trace).values()) == [member.shown for member in members]
    assert {
        "y_hat",
        "w_1_1__2 (new)",
        "w_1_1__2 (new) of epoch 2",
        "L (after the update) of epoch 2",
    } <= answers(trace).keys()


def test_letters_go_on_after_z():
    assert [letters(number) for number in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]

"""What a sheet asks: tasks from the trace or from the spec, and the marks for each step."""

from __future__ import annotations

from decimal import Decimal

import pytest

from worksheet.errors import WorksheetError
from worksheet.families.network import solve
from worksheet.number import Number
from worksheet.places import problems_folder
from worksheet.problem import Ask
from worksheet.sheets import NetworkPage
from worksheet.spec import load
from worksheet.tasks import answers, letters, tasks_of


def tasks(name: str, **changes):
    trace = solve(load(problems_folder() / f"{name}.yaml").model_copy(update=changes))
    return tasks_of(trace, NetworkPage(trace).chains)


def asked(found) -> list[list[str]]:
    return [[view.name for view in task.asked] for task in found]


def test_unless_the_spec_says_otherwise_every_phase_is_asked_for_its_results():
    found = tasks("one-hidden-neuron")
    assert [task.letter for task in found] == ["a", "b", "c", "d", "e"]
    assert [task.phase for task in found] == ["forward", "loss", "backward", "update", "check"]
    assert asked(found) == [["z_h", "a_h", "z_o", "y_hat"], ["L"], ["dL_dw_o", "dL_dw_h"], ["w_o", "w_h"], ["y_hat", "L"]]


def test_a_second_epoch_is_asked_as_a_whole():
    found = tasks("relu-two-updates")
    assert [(task.phase, task.epoch) for task in found] == [
        ("forward", 1), ("loss", 1), ("backward", 1), ("update", 1), ("epoch", 2), ("check", 2)]


def test_many_epochs_are_too_many_to_ask():
    assert [task.phase for task in tasks("linear-chain", epochs=4)] == ["forward", "loss", "backward", "update"]


def test_matrices_are_asked_as_matrices():
    found = tasks("three-hidden-matrix")
    assert asked(found)[0] == ["z_1", "h", "y_hat"] and len(found[0].asked[0].members) == 3


def test_the_steps_on_the_way_have_their_marks_once():
    found = tasks("one-hidden-neuron")
    steps = [(step.view.name, step.what) for step in found[2].steps]
    assert steps == [("dL_dz_o", "found"), ("dL_dw_o", "method"), ("dL_dw_o", "result"), ("dL_da_h", "found"),
                     ("da_h_dz_h", "found"), ("dL_dz_h", "found"), ("dL_dw_h", "method"), ("dL_dw_h", "result")]


def test_one_quantity_alone_earns_the_marks_of_all_that_leads_to_it():
    [task] = tasks("one-hidden-neuron", ask=(Ask(of=("dL_dw_h",)),))
    found = [step.view.name for step in task.steps if step.what == "found"]
    assert found == ["z_h", "a_h", "z_o", "y_hat", "dL_dz_o", "dL_da_h", "da_h_dz_h", "dL_dz_h"]      # not dL/dw_o, nor the loss


@pytest.mark.parametrize("points", ["6", "2.5", "0.5", "100"])
def test_the_points_of_a_task_are_shared_to_the_last_half(points):
    [task] = tasks("one-hidden-neuron", ask=(Ask(of=("backward",), points=Number.written(points)),))
    assert task.points == Decimal(points)
    assert all(step.marks >= 0 and step.marks * 2 % 1 == 0 for step in task.steps)


def test_points_follow_the_marks_of_the_steps():
    [task] = tasks("three-hidden-matrix", ask=(Ask(of=("z_1", "y_hat"), points=Number.written("14")),))
    assert [(step.view.name, step.what, step.marks) for step in task.steps] == [
        ("z_1", "method", 2), ("z_1", "result", 6), ("h", "found", 2), ("y_hat", "method", 2), ("y_hat", "result", 2)]


def test_an_entry_stands_for_its_matrix():
    [task] = tasks("three-hidden-matrix", ask=(Ask(of=("W_1",)),))
    assert asked([task]) == [["W_1"]]
    entry = task.asked[0].members[1].name
    assert asked(tasks("three-hidden-matrix", ask=(Ask(of=(entry,)),))) == [["W_1"]]


@pytest.mark.parametrize("ask, says", [
    (Ask(of=("dL_dw_x",)), "nothing in the solution is called 'dL_dw_x'"),
    (Ask(of=("forward",), epoch=2), "there is no epoch 2"),
])
def test_what_the_solution_does_not_have_cannot_be_asked(ask, says):
    with pytest.raises(WorksheetError, match=says) as fault:
        tasks("one-hidden-neuron", ask=(Ask(of=("loss",)), ask))
    assert fault.value.where == "ask[1]" and fault.value.hint


def test_what_is_graded_is_what_the_tasks_ask_for():
    trace = solve(load(problems_folder() / "relu-two-updates.yaml"))
    members = [member for task in tasks("relu-two-updates") for view in task.asked for member in view.members]
    assert list(answers(trace).values()) == [member.shown for member in members]
    assert {"y_hat", "w_1_1__2 (new)", "w_1_1__2 (new) of epoch 2", "L (after the update) of epoch 2"} <= answers(trace).keys()


def test_letters_go_on_after_z():
    assert [letters(number) for number in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]

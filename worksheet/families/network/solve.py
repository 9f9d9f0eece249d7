"""Feed-forward networks: forward pass, loss, backward pass, weight update, epoch after epoch.

z_i = sum_j w_ij a_j + b_i,   a_i = f(z_i),   L = loss(y, y_hat),   w <- w - alpha dL/dw
"""

from __future__ import annotations

from ...algebra.expression import Name
from ...trace.backward import backward, partial_name
from ...trace.perturbation import work_nudges
from ...trace.tape import Tape
from ...trace.trace import Link, Trace
from .layers import activated, loss, weighted_sum
from .problem import NetworkProblem


def solve(problem: NetworkProblem) -> Trace:
    """The whole solution: `problem.epochs` updates and a forward pass after the last.

    Raises SolveError where a value is not finite."""
    network, tape = problem.network, Tape(problem.rounding)
    for name, number in (network.inputs | network.target).items():
        tape.given(name, number)
    tape.given(problem.notation.learning_rate, problem.learning_rate)
    for name, number in problem.parameters.items():
        tape.given(name, number)
    groups = trained_groups(problem)
    trained = {name: f"{layer} {part}" for (layer, part), names in groups.items() for name in names}
    for epoch in range(1, problem.epochs + 1):
        worked_out(problem, tape, ("forward", "loss"), epoch)
        tape.begin("backward", epoch)
        if problem.gradients == "through-prediction":
            through_prediction(problem, tape, trained, groups)
        else:
            backward(tape, network.loss_name, trained)
        if epoch == 1:
            work_nudges(tape, network.loss_name, problem.nudge)
        tape.begin("update", epoch)
        update(problem, tape, groups)
    worked_out(problem, tape, ("check", "check"), problem.epochs)
    return tape.trace(problem)


def worked_out(problem: NetworkProblem, tape: Tape, phases: tuple[str, str], epoch: int) -> None:
    """The forward pass, then the loss, at the point where we are."""
    tape.begin(phases[0], epoch)
    predict(problem, tape)
    tape.phase = phases[1]
    measure(problem, tape)


def predict(problem: NetworkProblem, tape: Tape) -> None:
    """The forward pass, layer by layer; an identity has one quantity, z and a at once."""
    inputs = list(problem.network.inputs)
    for index, layer in enumerate(problem.network.layers, start=1):
        is_last = index == len(problem.network.layers)
        outer = "prediction" if is_last else "activation"
        is_identity = layer.activation == "identity"
        tape.let_all(
            {
                unit.a if is_identity else unit.z: {"formula": weighted_sum(unit, inputs, problem)}
                for unit in layer.units
            },
            outer if is_identity else "pre_activation",
            layer=index,
        )
        outputs = [unit.a for unit in layer.units]
        if not is_identity:
            siblings = tuple(outputs) if layer.activation == "softmax" else ()
            tape.let_all(
                {unit.a: {"formula": activated(layer, unit)} for unit in layer.units},
                outer,
                layer=index,
                siblings=siblings,
            )
        inputs = outputs


def measure(problem: NetworkProblem, tape: Tape) -> None:
    """The loss of the predictions on the tape."""
    tape.let(problem.loss_name, loss(problem), "loss")


def through_prediction(
    problem: NetworkProblem,
    tape: Tape,
    trained: dict[str, str],
    groups: dict[tuple[int, str], list[str]],
) -> None:
    """dL/dw = dL/dy_hat * dy_hat/dw, with the prediction's own gradients worked out first."""
    loss, prediction = problem.network.loss_name, problem.network.layers[-1].units[0].a
    error = partial_name(loss, prediction)
    backward(tape, loss, {prediction: prediction})
    backward(tape, prediction, trained)
    for (index, _), names in groups.items():
        effects = {name: partial_name(prediction, name) for name in names}
        tape.let_all(
            {
                partial_name(loss, name): {
                    "formula": Name(error) * Name(effect),
                    "links": (Link(prediction, error, Name(effect), True),),
                }
                for name, effect in effects.items()
            },
            "gradient",
            layer=index,
        )


def trained_groups(problem: NetworkProblem) -> dict[tuple[int, str], list[str]]:
    """The names in each trained matrix and vector, by layer and part; the last layer first."""
    groups = {}
    for index, layer in reversed(list(enumerate(problem.network.layers, start=1))):
        groups[index, "weights"] = [name for unit in layer.units for name in unit.weights]
        if layer.trained_bias:
            groups[index, "bias"] = [name for unit in layer.units for name in unit.bias]
    return {key: names for key, names in groups.items() if names}


def update(problem: NetworkProblem, tape: Tape, groups: dict[tuple[int, str], list[str]]) -> None:
    """Every trained parameter takes its step: w - alpha dL/dw."""
    rate, loss = Name(problem.notation.learning_rate), problem.network.loss_name
    for (index, _), names in groups.items():
        tape.let_all(
            {
                name: {"formula": Name(name) - rate * Name(partial_name(loss, name))}
                for name in names
            },
            "weight",
            layer=index,
        )

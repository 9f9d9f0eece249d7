"""The oracle against itself (two methods), against published numbers, and against what it must reject."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from worksheet.long_runs_oracle import losses
from worksheet.oracle import Step, central_differences, run
from worksheet.problem import Layer, Network, NetworkProblem, Unit

HIDDEN = ("identity", "sigmoid", "tanh", "relu", "leaky-relu")
SQUARED = ("half-squared-error", "squared-error", "mean-squared-error")


def layer(activation: str, *units: tuple, **settings) -> Layer:
    """Units as (z, a, weights) or (z, a, weights, bias)."""
    fields = ("z", "a", "weights", "bias")
    return Layer(activation=activation, units=[Unit(**dict(zip(fields, unit))) for unit in units], **settings)


def problem(inputs, layers, target, loss, learning_rate, epochs=1, loss_name="L") -> NetworkProblem:
    network = Network(inputs=inputs, layers=layers, target=target, loss=loss, loss_name=loss_name)
    return NetworkProblem(title="a test", network=network, learning_rate=learning_rate, epochs=epochs)


ONE_HIDDEN = problem({"x": "1.0"}, [layer("sigmoid", ("z_h", "a_h", {"w_h": "0.5"})),
                                    layer("sigmoid", ("z_o", "y_hat", {"w_o": "1.0"}))],
                     {"y": 1}, "binary-cross-entropy", "0.1")
CHAIN = problem({"x": 2}, [layer("identity", ("h", "h", {"w_1": 2})),
                           layer("identity", ("y_hat", "y_hat", {"w_2": "0.5"}))],
                {"y": 20}, "half-squared-error", "0.01")
TWO_INPUTS = problem({"x_1": 1, "x_2": 2}, [layer("sigmoid", ("z_1", "h_1", {"w_1": "0.10", "w_2": "-0.30"})),
                                            layer("sigmoid", ("z_2", "y_hat", {"w_3": "0.50"}))],
                     {"y": 1}, "half-squared-error", "0.1", loss_name="Loss")
THREE_HIDDEN = problem(
    {"x_1": 2, "x_2": 3, "x_3": 1},
    [layer("sigmoid", ("z_1", "h_1", {"u_1": "0.5", "u_2": "0.3", "u_3": "-0.1"}, {"c_1": "0.1"}),
           ("z_2", "h_2", {"u_4": "0.2", "u_5": "0.4", "u_6": "0.6"}, {"c_2": "0.2"}),
           ("z_3", "h_3", {"u_7": "-0.3", "u_8": "0.5", "u_9": "0.2"}, {"c_3": "0.3"})),
     layer("identity", ("y_hat", "y_hat", {"w_1": "0.9", "w_2": "-0.5", "w_3": "0.4"}, {"b": "0.3"}))],
    {"y": 1}, "squared-error", "0.1")
RELU = problem({"x_1": 1, "x_2": 0, "x_3": 1},
               [layer("relu", ("z_1", "h_1", {"u_1": 1, "u_2": -1, "u_3": 1}, {"c_1": 0}),
                      ("z_2", "h_2", {"u_4": -2, "u_5": 0, "u_6": 1}, {"c_2": 1})),
                layer("sigmoid", ("z_o", "y_hat", {"w_1": 1, "w_2": -1}, {"b": 0}))],
               {"y": 1}, "binary-cross-entropy", "0.1", epochs=2)
# Matt Mazur, "A Step by Step Backpropagation Example" (2015): biases stay as they are
MAZUR = problem({"i_1": "0.05", "i_2": "0.10"},
                [layer("sigmoid", ("z_1", "h_1", {"w_1": "0.15", "w_2": "0.20"}, {"b_1": "0.35"}),
                       ("z_2", "h_2", {"w_3": "0.25", "w_4": "0.30"}, {"b_2": "0.35"}), trained_bias=False),
                 layer("sigmoid", ("z_3", "o_1", {"w_5": "0.40", "w_6": "0.45"}, {"b_3": "0.60"}),
                       ("z_4", "o_2", {"w_7": "0.50", "w_8": "0.55"}, {"b_4": "0.60"}), trained_bias=False)],
                {"t_1": "0.01", "t_2": "0.99"}, "half-squared-error", "0.5", loss_name="E")

# problem, epoch, what was published ("before": at the start of the epoch, "after": updated), digits that were published
PUBLISHED = {
    "note 001": (ONE_HIDDEN, 0, {"a_h": 0.62246, "y_hat": 0.65078, "dL_dz_o": -0.34922, "dL_da_h": -0.34922},
                 {"w_o": 1.02174, "w_h": 0.50821}, 5),
    "note 002, linear chain": (CHAIN, 0, {"h": 4, "y_hat": 2, "L": 162, "dL_dw_2": -72, "dL_dw_1": -18, "dL_dh": -9},
                               {"w_1": 2.18, "w_2": 1.22}, 9),
    "note 002, two inputs": (TWO_INPUTS, 0, {"h_1": 0.3775, "y_hat": 0.5471, "Loss": 0.1026, "dLoss_dy_hat": -0.4529},
                             {"w_1": 0.1013, "w_3": 0.5042}, 4),
    "note 003, corrected": (THREE_HIDDEN, 0, {"z_1": 1.9, "h_1": 0.869892, "h_2": 0.916827, "y_hat": 0.945362,
                                              "L": 0.002985}, {}, 6),
    "note 004, first update": (RELU, 0, {"z_1": 2, "z_2": 0, "y_hat": 0.881, "L": 0.127, "dL_dw_1": -0.238,
                                         "dL_dw_2": 0, "dL_du_1": -0.119, "dL_du_4": 0, "dL_dc_2": 0},
                               {"w_1": 1.024, "b": 0.012, "u_1": 1.012, "c_2": 1}, 3),
    "note 004, second update": (RELU, 1, {"z_1": 2.036, "z_o": 2.096, "y_hat": 0.891, "L": 0.116, "dL_dw_1": -0.223,
                                          "dL_db": -0.109, "dL_du_1": -0.112}, {"w_1": 1.046, "b": 0.023}, 3),
    "Mazur": (MAZUR, 0, {"E": 0.298371109, "o_1": 0.75136507, "o_2": 0.772928465, "dE_dw_5": 0.082167041,
                         "dE_dw_1": 0.000438568},
              {"w_5": 0.35891648, "w_6": 0.408666186, "w_7": 0.511301270, "w_8": 0.561370121, "w_1": 0.149780716,
               "w_2": 0.19956143, "w_3": 0.24975114, "w_4": 0.29950229, "b_1": 0.35, "b_4": 0.6}, 8),
    # his text says 0.291027924; the weights he prints give 0.291027774
    "Mazur, after one update": (MAZUR, 1, {"E": 0.291027774}, {}, 9),
}


@pytest.mark.parametrize("case", PUBLISHED, ids=list(PUBLISHED))
def test_published_numbers(case):
    given_problem, epoch, before, after, digits = PUBLISHED[case]
    step = run(given_problem, epoch + 1)[epoch]
    half = 0.5 * 10.0 ** -digits * 1.001
    assert {name: step.values[name] for name in before} == pytest.approx(before, abs=half)
    assert {name: step.after[name] for name in after} == pytest.approx(after, abs=half)


# ---- two methods ------------------------------------------------------------------------------

numbers = st.integers(-300, 300).map(lambda n: f"{n / 100:.2f}")


@st.composite
def problems(draw) -> NetworkProblem:
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = []
    for depth, (inputs, units) in enumerate(zip(widths, widths[1:])):
        has_bias = draw(st.booleans())
        layers.append([[f"z_{depth}_{i}", f"a_{depth}_{i}",
                        {f"w_{depth}_{i}_{j}": draw(numbers) for j in range(inputs)},
                        {f"b_{depth}_{i}": draw(numbers)} if has_bias else {}] for i in range(units)])
    activations = [draw(st.sampled_from(HIDDEN)) for _ in layers]
    last, loss = draw(st.sampled_from([*((name, kind) for name in (*HIDDEN, "softmax") for kind in SQUARED),
                                       ("sigmoid", "binary-cross-entropy"), ("softmax", "categorical-cross-entropy")]))
    hot = draw(st.integers(0, widths[-1] - 1))
    target = {f"y_{i}": str(int(i == hot)) if "entropy" in loss else draw(numbers) for i in range(widths[-1])}
    return problem({f"x_{i}": draw(numbers) for i in range(widths[0])},
                   [layer(name, *units, slope="0.1", trained_bias=draw(st.booleans()))
                    for name, units in zip([*activations[:-1], last], layers)],
                   target, loss, "0.01")


def compare(step: Step, differences: dict[str, float]) -> list[str]:
    """The gradients on which backpropagation and central differences do not agree."""
    size = 1 + abs(next(value for name, value in step.values.items() if name in ("L", "E", "Loss")))
    return [name for name, slope in differences.items()
            if abs(slope - step.values[name]) > size * max(1e-6, 1e-9 / room(step, name)) + 1e-5 * abs(slope)]


def room(step: Step, name: str) -> float:
    """How far the output of a logarithm can move before it leaves (0, 1): a difference has that many fewer digits."""
    by = name.partition("_d")[2]
    a = step.values[by]
    return max(1e-12, min(a, 1 - a)) if by.startswith("a_") and 0 < a < 1 else 1


@settings(max_examples=150, deadline=None)
@given(problems())
def test_backpropagation_agrees_with_central_differences(given_problem):
    step = run(given_problem)[0]
    assume(step.values["L"] < 1e4)
    differences, kinks = central_differences(given_problem, step)
    gradients = {name for name in step.values if name.startswith("dL_d")}
    assert differences.keys() | kinks == gradients
    assert not differences.keys() & kinks
    assert compare(step, differences) == []


@settings(max_examples=50, deadline=None)
@given(problems(), st.integers(0, 4))
def test_steps_follow_from_each_other(given_problem, epochs):
    steps = run(given_problem, epochs)
    curve = losses(given_problem, epochs)
    assume(len(curve) == epochs + 1)
    assert [step.values["L"] for step in steps] == curve.tolist()
    assert steps[-1].after == {} and not any(name.startswith("dL_d") for name in steps[-1].values)
    for step, following in zip(steps, steps[1:]):
        for name, value in step.after.items():
            assert following.values[name] == value
            assert value == pytest.approx(step.values[name] - 0.01 * step.values.get(f"dL_d{name}", 0.0))


# ---- what it must reject ----------------------------------------------------------------------

@pytest.mark.parametrize("name, wrong", [
    ("dE_dw_5", lambda values: -values["dE_dw_5"]),                            # a flipped sign
    ("dE_dw_5", lambda values: values["dE_dz_3"] * values["h_2"]),             # a swapped operand
    ("dE_dh_1", lambda values: values["dE_dz_3"] * values["w_5"]),             # one path forgotten
    ("dE_dw_1", lambda values: values["dE_dw_1"] + 1e-5),                      # a last digit
])
def test_a_wrong_gradient_differs(name, wrong):
    step = run(MAZUR)[0]
    differences, _ = central_differences(MAZUR, step)
    assert compare(step, differences) == []
    step.values[name] = wrong(step.values)
    assert compare(step, differences) == [name]


def test_kinks_are_named_and_left_out():
    step = run(RELU)[0]
    differences, kinks = central_differences(RELU, step)
    assert kinks == {"dL_dz_2", "dL_du_4", "dL_du_6", "dL_dc_2"}   # u_5 has the input 0: it does not move z_2
    assert not kinks & differences.keys()
    assert differences["dL_du_5"] == 0.0


def test_saturated_units_keep_their_digits():
    saturated = problem({"x": 1}, [layer("sigmoid", ("z", "y_hat", {"w": 40}))], {"y": 1}, "binary-cross-entropy", 1)
    values = run(saturated)[0].values
    assert values["dL_dz"] == pytest.approx(-np.exp(-40), rel=1e-12)
    opposite = saturated.model_copy(update={"network": saturated.network.model_copy(
        update={"target": {"y": saturated.learning_rate.written("0")}})})
    assert run(opposite)[0].values["L"] == pytest.approx(40, rel=1e-12)


def test_large_inputs_cost_no_digits():
    scaled = problem({"x": 5000}, [layer("tanh", ("z", "a", {"w": "0.0001"})),
                                   layer("identity", ("o", "o", {"v": 3000}))],
                     {"y": 1}, "half-squared-error", "0.1")
    step = run(scaled)[0]
    differences, _ = central_differences(scaled, step)
    assert {name: step.values[name] for name in differences} == pytest.approx(differences, rel=1e-6)


def test_a_diverging_curve_ends_at_its_last_finite_loss():
    steep = CHAIN.model_copy(update={"learning_rate": CHAIN.learning_rate.written("1")})
    curve = losses(steep, 1000)
    assert 1 < len(curve) < 20 and np.isfinite(curve).all() and curve[-1] > curve[0]
    assert len(losses(CHAIN, 1000)) == 1001

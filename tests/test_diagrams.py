"""Diagrams as text: what they look like, and what holds for every network."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worksheet.diagrams.writer import MOST_EDGE_LABELS, structure, with_gradients, with_values
from worksheet.families.network.problem import NetworkProblem
from worksheet.family import problem_file
from worksheet.pages.render import page_of
from worksheet.problem import Layer, Network, Unit
from worksheet.proofs.diagrams import diagram_findings
from worksheet.resources import problem_files
from worksheet.solution import by_hand
from worksheet.spec.load import load
from worksheet.tex.notation import GREEK
from worksheet.tex.unicode import LETTERS, plain_symbol, symbols_with

SYMBOLS = {
    "x": "x",
    "w_h": "wₕ",
    "w_o": "wₒ",
    "x_1": "x₁",
    "z_10": "z₁₀",
    "h1": "h₁",
    "z_h1": "zₕ₁",
    "y_hat": "ŷ",
    "y_hat_2": "ŷ₂",
    "y_bar": "ȳ",
    "w_2_1__1": "w₂₁⁽¹⁾",
    "b__2": "b⁽²⁾",
    "a_3__12": "a₃⁽¹²⁾",
    "alpha": "α",
    "sigma_1": "σ₁",
    "delta_1__2": "δ₁⁽²⁾",
    "z_hat": "z\u0302",
    "dL_dw_o": "∂L/∂wₒ",
    "dLoss_dy_hat": "∂Loss/∂ŷ",
    "w_out": "w_out",
    "w_b": "w_b",
    "w_1_12": "w_1_12",
    "loss": "loss",
    "W": "W",
    "end": "end",
}


@pytest.mark.parametrize("name", SYMBOLS)
def test_plain_symbols(name):
    assert plain_symbol(name) == SYMBOLS[name]


def test_every_greek_letter_of_the_notation_has_its_character():
    assert LETTERS.keys() == GREEK
    assert (LETTERS["omega"], LETTERS["Omega"], LETTERS["xi"], LETTERS["pi"]) == (
        "ω",
        "Ω",
        "ξ",
        "π",
    )


def problem(inputs, layers) -> NetworkProblem:
    """Layers as lists of (a, weights, bias); z is never drawn."""
    units = [
        [Unit(z=f"z_{a}", a=a, weights=weights, bias=bias) for a, weights, bias in layer]
        for layer in layers
    ]
    network = Network(
        inputs=inputs,
        layers=[Layer(units=layer, activation="sigmoid") for layer in units],
        target={"y": 1},
        loss="half-squared-error",
    )
    return NetworkProblem(title="a test", network=network, learning_rate="0.1")


ONE_HIDDEN = problem({"x": "1.0"}, [[("a_h", {"w_h": "0.5"}, {})], [("y_hat", {"w_o": "1.0"}, {})]])
WITH_BIAS = problem(
    {"x_1": 1, "x_2": 2},
    [[("h_1", {"w_1_1__1": 1, "w_1_2__1": 2}, {"b_1": 3})], [("y_hat", {"w_2": 4}, {})]],
)

STRUCTURE = """\
graph LR
  n0_1(("x"))
  n1_1(("aₕ"))
  n2_1(("ŷ"))
  n0_1 -->|"wₕ"| n1_1
  n1_1 -->|"wₒ"| n2_1
"""
VALUES = """\
graph LR
  n0_1(("x = 1.0"))
  n1_1(("aₕ ≈ 0.62246"))
  n2_1(("ŷ ≈ 0.65078"))
  n0_1 -->|"wₕ = 0.5"| n1_1
  n1_1 -->|"wₒ = 1.0"| n2_1
"""
BIAS = """\
graph LR
  n0_1(("x₁"))
  n0_2(("x₂"))
  n1_1(("h₁"))
  b1_1["b₁ = 3"]
  n2_1(("ŷ"))
  n0_1 -->|"w₁₁⁽¹⁾"| n1_1
  n0_2 -->|"w₁₂⁽¹⁾"| n1_1
  b1_1 -.-> n1_1
  n1_1 -->|"w₂ = 4"| n2_1
"""


def test_the_structure_of_note_001():
    assert structure(ONE_HIDDEN) == STRUCTURE


def test_the_values_of_note_001():
    shown = {
        "x": ("1.0", True),
        "w_h": ("0.5", True),
        "a_h": ("0.62246", False),
        "w_o": ("1.0", True),
        "y_hat": ("0.65078", False),
        "z_h": ("0.5", True),
    }
    assert with_values(ONE_HIDDEN, shown) == VALUES


def test_a_bias_is_a_small_node_and_an_unknown_value_is_left_out():
    assert with_values(WITH_BIAS, {"b_1": ("3", True), "w_2": ("4", True)}) == BIAS


def test_symbols_may_be_the_authors():
    assert '(("X"))' in structure(ONE_HIDDEN, str.upper)


# ---- laws -------------------------------------------------------------------------------------


@st.composite
def networks(draw) -> NetworkProblem:
    widths = draw(st.lists(st.integers(1, 6), min_size=2, max_size=5))
    has_bias = draw(st.booleans())
    return problem(
        {f"x_{i}": 1 for i in range(widths[0])},
        [
            [
                (
                    f"a_{unit}__{depth}",
                    {f"w_{unit}_{i}__{depth}": 2 for i in range(inputs)},
                    {f"b_{unit}__{depth}": 3} if has_bias else {},
                )
                for unit in range(units)
            ]
            for depth, (inputs, units) in enumerate(zip(widths, widths[1:]), 1)
        ],
    )


@settings(max_examples=60, deadline=None)
@given(networks())
def test_every_weight_is_one_edge_and_every_edge_joins_two_nodes(given_problem):
    units = [unit for layer in given_problem.network.layers for unit in layer.units]
    weights = [name for unit in units for name in unit.weights]
    biases = [name for unit in units for name in unit.bias]
    text = structure(
        given_problem, symbols=str
    )  # str: the names themselves, so that they can be counted
    nodes = dict(re.findall(r'^  (\w+)(?:\(\(|\[)"(.+?)"(?:\)\)|\])$', text, re.M))
    edges = re.findall(r'^  (\w+) -(?:-|\.-)>(?:\|"(.+?)"\|)? ?(\w+)$', text, re.M)
    assert len(text.splitlines()) == 1 + len(nodes) + len(edges)
    assert sorted(nodes.values()) == sorted(
        [*given_problem.network.inputs, *(unit.a for unit in units), *biases]
    )
    assert len(edges) == len(weights) + len(biases)
    assert len({(source, target) for source, _, target in edges}) == len(edges)
    assert nodes.keys() >= {source for source, _, _ in edges} | {target for _, _, target in edges}
    labels = [label for _, label, _ in edges if label]
    assert labels == (weights if len(weights) <= MOST_EDGE_LABELS else [])


@pytest.mark.parametrize(
    "hostile", ["end", 'a"] --> b', "x|y", "<script>", "#quot;", "a\nb", "`md`", "o))", "{}", "\\"]
)
def test_no_symbol_can_leave_its_quotes(hostile):
    text = with_values(
        ONE_HIDDEN, {"x": (hostile, True), "w_h": (hostile, False)}, symbols=lambda name: hostile
    )
    assert len(text.splitlines()) == len(VALUES.splitlines())
    for line, plain in zip(text.splitlines()[1:], VALUES.splitlines()[1:]):
        label = re.search(r'"(.*)"', line)[1]
        assert not set(label) & set('"|<>`[](){}\\'), label
        assert line.replace(label, "") == re.sub(r'"(.*)"', '""', plain)


# ---- the error on its way back
# ---------------------------------------------------------------------------------------

BACK = """\
graph RL
  loss(("L"))
  n1_1(("∂L/∂zₕ₁ ≈ -0.1"))
  n0_1(("x"))
  loss --> n1_1
  n1_1 -->|"∂L/∂w = -0.2"| n0_1
"""
NETWORKS = [spec for spec in problem_files() if load(spec).family == "network"]


def test_the_gradients_run_back_from_the_loss():
    one = problem({"x": 2}, [[("h_1", {"w": 1}, {"b": 0})]])  # of the bias nothing is known
    assert with_gradients(one, {"dL_dz_h_1": ("-0.1", False), "dL_dw": ("-0.2", True)}) == BACK


def test_the_loss_is_written_as_the_notation_has_it():
    assert [symbols_with("L", style)("dL_dw_3") for style in ("L", "mathcal", "Loss")] == [
        "∂L/∂w₃",
        "∂ℒ/∂w₃",
        "∂Loss/∂w₃",
    ]
    assert symbols_with("L", "mathcal")("w_3") == "w₃"


def back(spec) -> tuple:
    trace = by_hand(load(spec))
    return trace, f"```mermaid\n{page_of(trace).error_diagram()}\n```\n"


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.stem)
def test_the_error_of_every_network_is_read_back(spec):
    """As it is drawn it holds; with any number, symbol, end or arrow of another kind it does not."""
    trace, fence = back(spec)
    assert diagram_findings(trace, fence) == []
    lines = fence.splitlines()
    for number, line in enumerate(lines[2:-1], start=2):
        for spoilt in {
            re.sub(r"(\d)(?=\")", lambda match: str((int(match[1]) + 1) % 10), line, count=1),
            line.replace("∂z", "∂a", 1),
            re.sub(r" [=≈] [^\"]*", "", line, count=1),
            line.replace(" --> ", " -.-> "),
            line.replace("-->|", "-.->|"),
            "",
        } - {line}:
            assert diagram_findings(
                trace, "\n".join([*lines[:number], spoilt, *lines[number + 1 :]]) + "\n"
            ), spoilt


def test_gradients_on_each_others_arrows_are_refused():
    trace, fence = back(problem_file("two-inputs-sigmoid"))
    one, other = '|"∂Loss/∂w₁ = -0.01319"|', '|"∂Loss/∂w₂ = -0.02638"|'
    assert one in fence and other in fence
    assert diagram_findings(trace, fence.replace(one, "?").replace(other, one).replace("?", other))
    assert diagram_findings(trace, fence.replace("graph RL", "graph LR"))

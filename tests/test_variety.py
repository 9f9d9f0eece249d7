"""What varies: names, places, choices, counts, and the specs that come of them."""

from __future__ import annotations

import time

import pytest

from worksheet.draws import Draws
from worksheet.errors import SpecError
from worksheet.spec.faults import Faults
from worksheet.spec.load import checked, loads, problem_of
from worksheet.spec.slots import leaves, network_slots
from worksheet.spec.variety import Variety
from worksheet.spec.yaml_reader import Node, read
from worksheet.spec.yaml_writer import write_yaml
from worksheet.variants.search import OWN

NAMED = """\
title: Two units
network:
  inputs: {x: 1.0}
  layers:
    - {units: [{z: z_1, a: a_1, weights: {w_1: 0.5}, bias: {b_1: 0.1}}, {z: z_2, a: a_2, weights: [0.25], bias: 0.2}], activation: sigmoid}
    - {units: [{a: y_hat, weights: {w_3: 1.0, w_4: 2}}], activation: leaky-relu, slope: 0.1}
  target: {y: 1}
  loss: squared-error
learning_rate: 0.1
"""
MATRIX = """\
title: Two hidden units
network:
  inputs: [1, 0, 1]
  layers:
    - {weights: [[1, -1, 1], [-2, 0, 1]], bias: [0, 1], activation: relu, symbols: {weights: W, bias: c}}
    - {weights: [1, -1], bias: 0, activation: sigmoid}
  target: 1
  loss: binary-cross-entropy
learning_rate: 0.1
notation: matrix
"""


def variety(text: str) -> Variety:
    faults = Faults("spec.yaml")
    return checked(read(text, faults), faults).variety


def drawn(text: str, copy: int = 1) -> Node:
    return variety(text).drawn(Draws("p", 1, copy, 0)).without(*OWN)


def network(text: str, copy: int = 1):
    return problem_of(drawn(text, copy), Faults("spec.yaml")).network


# ---- names and places
# -----------------------------------------------------------------------------------


def test_the_names_of_a_spec_unit_by_unit():
    assert set(network_slots(read(NAMED, Faults("x")))) == {
        "inputs",
        "x",
        "target",
        "y",
        "learning_rate",
        "loss",
        "weights",
        "weights_1",
        "weights_2",
        "bias",
        "bias_1",
        "activation_1",
        "activation_2",
        "slope_2",
        "w_1",
        "w_2_1__1",
        "w_3",
        "w_4",
        "b_1",
        "b_2__1",
    }


def test_the_names_of_a_spec_of_matrices():
    found = network_slots(read(MATRIX, Faults("x")))
    assert {
        "W",
        "c",
        "weights_1",
        "bias_1",
        "units_1",
        "bias_2",
        "w_2_3__1",
        "w_1_2__2",
        "b_2__1",
        "x_3",
        "y",
    } <= set(found)
    assert "units_2" not in found and "W_1" not in found
    assert found["W"] == found["weights_1"] and len(found["weights"]) == 2


@pytest.mark.parametrize("text", [NAMED, MATRIX])
def test_every_single_name_is_a_number_of_the_problem_and_none_is_left_out(text):
    problem = loads(text)
    numbers = problem.network.inputs | problem.network.target
    for layer in problem.network.layers:
        for unit in layer.units:
            numbers |= unit.weights | unit.bias
    found = network_slots(read(text, Faults("x")))
    assert {
        name
        for key in ("inputs", "target", "weights", "bias")
        for slot in found[key]
        for name, _ in leaves(slot.names)
    } == set(numbers)
    for name, number in numbers.items():
        root = read(text, Faults("x"))
        for key in found[name][0].way:
            root = root.value[key]
        assert root.value == number


# ---- draws
# ----------------------------------------------------------------------------------------------


def test_numbers_are_born_as_decimals_with_the_places_of_the_step():
    seen = {
        network(NAMED + "vary: {x: {from: -0.5, to: 0.5, step: 0.10}}", copy).inputs["x"].text
        for copy in range(200)
    }
    assert seen == {
        "-0.50",
        "-0.40",
        "-0.30",
        "-0.20",
        "-0.10",
        "0.00",
        "0.10",
        "0.20",
        "0.30",
        "0.40",
        "0.50",
    }


@pytest.mark.parametrize(
    "choice, seen",
    [
        ("{from: -0.5, to: 0.5, step: 0.5, nonzero: true}", {"-0.5", "0.5"}),
        ("{from: 0.25, to: 1, step: 0.25}", {"0.25", "0.50", "0.75", "1.00"}),
        ("{from: 0.05, to: 0.25, step: 0.1}", {"0.05", "0.15", "0.25"}),
        ("{integers: {from: -2, to: 2}, nonzero: true}", {"-2", "-1", "1", "2"}),
        ("{integers: {from: 0, to: 1}}", {"0", "1"}),
        ("{one_of: [1, 2.50, 0, -3]}", {"1", "2.50", "0", "-3"}),
        ("{one_of: [0, 1], nonzero: true}", {"1"}),
        ("{from: 0, to: 0, step: 1}", {"0"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_choice_comes_up_and_nothing_else(choice, seen):
    assert {
        network(f"{NAMED}vary: {{x: {choice}}}", copy).inputs["x"].text for copy in range(120)
    } == seen


def test_another_quantity_that_varies_moves_none_of_the_others():
    one = NAMED + "vary: {w_1: {from: -1, to: 1, step: 0.1}}"
    more = (
        NAMED
        + "vary: {y: {one_of: [0, 1]}, inputs: {from: 0, to: 1, step: 0.1}, w_1: {from: -1, to: 1, step: 0.1}}"
    )
    for copy in range(20):
        assert (
            network(one, copy).layers[0].units[0].weights
            == network(more, copy).layers[0].units[0].weights
        )


def test_a_matrix_is_drawn_entry_by_entry_whatever_its_key():
    texts = [
        MATRIX + f"vary: {{{key}: {{from: -1, to: 1, step: 0.1}}}}" for key in ("weights_1", "W")
    ]
    assert network(texts[0]) == network(texts[1])
    entries = [
        number.text
        for unit in network(texts[0]).layers[0].units
        for number in unit.weights.values()
    ]
    assert len(entries) == 6 and len(set(entries)) > 2


def test_all_weights_at_once_are_those_of_each_layer():
    rest = "{from: -1, to: 1, step: 0.1}"
    assert network(f"{MATRIX}vary: {{weights: {rest}}}") == network(
        f"{MATRIX}vary: {{weights_1: {rest}, weights_2: {rest}}}"
    )


def test_distinct_entries_are_distinct():
    for copy in range(30):
        units = (
            network(
                MATRIX
                + "vary: {weights_1: {integers: {from: -3, to: 3}, distinct: true, nonzero: true}}",
                copy,
            )
            .layers[0]
            .units
        )
        values = [number.value for unit in units for number in unit.weights.values()]
        assert sorted(values) == [-3, -2, -1, 1, 2, 3]


def test_whole_lists_and_matrices():
    text = (
        MATRIX
        + """vary:
  inputs: {one_of: [[1, 2, 3], [4, 5, 6]]}
  weights_1: {one_of: [[[1, 2, 3], [4, 5, 6]], [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]]}
"""
    )
    seen = {
        tuple(number.text for number in network(text, copy).inputs.values()) for copy in range(40)
    }
    assert seen == {("1", "2", "3"), ("4", "5", "6")}
    assert {
        network(text, copy).layers[0].units[1].weights["w_2_3__1"].text for copy in range(40)
    } == {"6", "0.6"}
    named = NAMED + "vary: {weights_2: {one_of: [[1, 2], [3, 4]]}}"
    assert {
        tuple(network(named, copy).layers[1].units[0].weights.items())[0][0] for copy in range(9)
    } == {"w_3"}


def test_words():
    text = (
        NAMED
        + "vary: {activation_1: {one_of: [relu, tanh]}, loss: {one_of: [squared-error, half-squared-error]}}"
    )
    seen = {
        (network(text, copy).layers[0].activation, network(text, copy).loss) for copy in range(60)
    }
    assert len(seen) == 4


def test_layer_sizes():
    text = (
        MATRIX
        + """vary:
  units_1: {integers: {from: 1, to: 4}}
  weights: {integers: {from: -2, to: 2}}
  bias_1: {integers: {from: -1, to: 1}}
"""
    )
    shapes = set()
    for copy in range(60):
        layers = network(text, copy).layers
        shapes.add((len(layers[0].units), *{len(unit.weights) for unit in layers[1].units}))
        assert all(unit.bias for unit in layers[0].units)
    assert shapes == {(n, n) for n in (1, 2, 3, 4)}
    assert variety(text).count() == sum(5 ** (3 * n) * 5**n * 3**n for n in (1, 2, 3, 4))


def test_the_learning_rate_and_a_slope():
    text = NAMED + "vary: {learning_rate: {one_of: [0.1, 0.25]}, slope_2: {one_of: [0.1, 0.2]}}"
    made = [problem_of(drawn(text, copy), Faults("x")) for copy in range(30)]
    assert {each.learning_rate.text for each in made} == {"0.1", "0.25"}
    assert {each.network.layers[1].slope.text for each in made} == {"0.1", "0.2"}


# ---- a variant is a spec
# --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        NAMED + "vary: {x: {one_of: [1, 2]}}",
        MATRIX + "vary: {weights: {from: -1, to: 1, step: 0.05}}",
        NAMED.replace("Two units", "'yes: \"no\" # äöü {} \\ <b>'")
        + "description: |\n  two\n  lines: 'of' it\nvary: {y: {one_of: [1, 2]}}",
        NAMED.replace("Two units", "'true'")
        + "rounding: {places: 4, weight: {significant: 3}}\ndetail: {later: full}\nvary: {y: {one_of: [1, 2]}}",
    ],
)
def test_what_is_written_reads_back_as_the_same_problem(text):
    root = drawn(text)
    assert loads(write_yaml(root.plain())) == problem_of(root, Faults("x"))
    assert read(write_yaml(root.plain()), Faults("x")).plain() == root.plain()


def test_a_spec_that_varies_is_as_it_is_written():
    assert loads(NAMED + "vary: {x: {one_of: [3, 4]}}\nrequire: [agree]") == loads(NAMED)


# ---- counts and bounds
# ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vary, count",
    [
        ("{x: {from: -1, to: 1, step: 0.1}}", 21),
        ("{x: {from: -1, to: 1, step: 0.1, nonzero: true}, y: {one_of: [0, 1]}}", 40),
        ("{weights: {integers: {from: 1, to: 9}}}", 9**4),
        ("{weights: {integers: {from: 1, to: 9}, distinct: true}}", 9 * 8 * 7 * 6),
        (
            "{weights_2: {one_of: [[1, 2], [2, 1]]}, loss: {one_of: [squared-error, half-squared-error, mean-squared-error]}}",
            6,
        ),
    ],
)
def test_how_many_problems_there_are(vary, count):
    assert variety(f"{NAMED}vary: {vary}").count() == count


def test_huge_ranges_cost_nothing():
    start = time.perf_counter()
    text = (
        MATRIX
        + "vary: {weights: {integers: {from: -400000000, to: 400000000}, distinct: true}, inputs: {from: 0, to: 1, step: 0.00000001}}"
    )
    assert variety(text).count() > 10**90
    assert all(abs(number.value) <= 1 for number in network(text).inputs.values())
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "vary",
    [
        "[]",
        "3",
        "{x: [1, 2]}",
        "{x: null}",
        "{x: {one_of: 3}}",
        "{? {a: 1} : 2}",
        "{x: {from: a, to: 1, step: 1}}",
        "{x: {one_of: [[]]}}",
        "{x: {one_of: [[[]]]}}",
        "{x: {one_of: [[1], [[1]]]}}",
        "{x: {one_of: [true]}}",
        "{x: {integers: 3}}",
        "{x: {integers: {from: 1}}}",
        "{x: {distinct: 1, one_of: [1]}}",
    ],
)
def test_malformed_sections_are_refused_with_a_place(vary):
    with pytest.raises(SpecError) as caught:
        loads(f"{NAMED}vary: {vary}")
    assert all(
        fault.where.startswith("<string>:10") and fault.hint for fault in caught.value.faults
    )


@pytest.mark.parametrize(
    "more",
    [
        "vary: {x: {one_of: [" + ", ".join(map(str, range(20_000))) + "]}}",
        "require: [" + ", ".join(["y < 1"] * 30_000) + "]",
        "vary: {" + ", ".join(f"a_{index}: {{one_of: [1]}}" for index in range(9_000)) + "}",
        "vary: {" + ", ".join(f"a_{index}: {{one_of: [1]}}" for index in range(200)) + "}",
        "require: [" + ", ".join(["agre"] * 50) + "]",
    ],
)
def test_a_hostile_section_is_refused_in_time(more):
    start = time.perf_counter()
    with pytest.raises(SpecError) as caught:
        loads(NAMED + more)
    assert (
        all(fault.hint for fault in caught.value.faults) and time.perf_counter() - start < 20
    )  # most of it the parser's


def test_distinct_entries_of_layers_at_their_largest():
    text = (
        MATRIX
        + "vary: {units_1: {one_of: [1, 2, 9]}, bias_1: {integers: {from: 1, to: 3}}, weights: {integers: {from: 1, to: 20}, distinct: true}}"
    )
    with pytest.raises(SpecError, match="20 numbers for up to 36 entries that must be distinct"):
        loads(text)
    assert variety(text.replace("20}", "36}")).count() > 36**9


def test_a_vary_of_a_broken_network_does_not_hide_what_is_broken():
    with pytest.raises(SpecError, match="unknown activation 'sigmod'"):
        loads(NAMED.replace("sigmoid", "sigmod") + "vary: {x: {one_of: [1, 2]}}")


@pytest.mark.parametrize(
    "choice, values",
    [
        ("{from: -0.2, to: 0.2, step: 0.1, nonzero: true}", "-0.2 -0.1 0.1 0.2"),
        ("{from: 0, to: 0.2, step: 0.1, nonzero: true}", "0.1 0.2"),
        ("{from: -0.2, to: 0, step: 0.1, nonzero: true}", "-0.2 -0.1"),
        ("{from: -0.15, to: 0.15, step: 0.1, nonzero: true}", "-0.15 -0.05 0.05 0.15"),
        ("{from: 1, to: 2, step: 0.5, nonzero: true}", "1.0 1.5 2.0"),
    ],
)
def test_a_grid_leaves_out_nothing_but_zero(choice, values):
    choices = variety(f"{NAMED}vary: {{x: {choice}}}").entries[0].choices
    assert [choices[index].text for index in range(len(choices))] == values.split()

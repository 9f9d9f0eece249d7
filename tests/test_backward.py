"""The chain rule on any formula graph: quantities used again, several paths, paired losses with a
second way out."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sympy
from formulas import TENTHS, formulas, is_close, slope, to_sympy, value
from hypothesis import given, settings
from hypothesis import strategies as st

from worksheet.algebra.expression import Expr, Name, apply, lift, names, substitute
from worksheet.numbers.known_digits import known
from worksheet.numbers.number import Number, Rounding
from worksheet.trace.backward import backward, partial_name
from worksheet.trace.tape import Tape

Graph = list[tuple[str, Expr]]  # in order; the last one is L
A, B, C, P, Q, R, Y = map(Name, ("a", "b", "c", "p", "q", "r", "y"))
NUMBERS = {"a": Decimal("0.3"), "b": Decimal("-0.7"), "c": Decimal("1.2"), "y": Decimal("1")}


def solved(
    graph: Graph,
    values: dict[str, Decimal],
    wanted: list[str],
    siblings: dict[str, tuple[str, ...]] | None = None,
) -> Tape:
    """The graph worked forward and backward at full precision, with as many digits as that takes."""
    return known(lambda: _solved(graph, values, wanted, siblings))


def _solved(
    graph: Graph,
    values: dict[str, Decimal],
    wanted: list[str],
    siblings: dict[str, tuple[str, ...]] | None,
) -> Tape:
    tape = Tape(Rounding(policy="exact"))
    for name, number in values.items():
        tape.given(name, Number.written(str(number)))
    tape.begin("forward", 1)
    for name, formula in graph:
        tape.let(name, formula, "activation", siblings=(siblings or {}).get(name, ()))
    tape.begin("backward", 1)
    backward(tape, "L", dict.fromkeys(wanted, "weight"))
    return tape


def gradients(tape: Tape) -> dict[str, Decimal]:
    return {working.name: working.exact for working in tape.workings if working.phase == "backward"}


def composed(graph: Graph) -> Expr:
    """L as one formula of the givens."""
    meaning: dict[str, Expr] = {}
    for name, formula in graph:
        meaning[name] = substitute(formula, meaning.get)
    return meaning["L"]


def disagreements(
    found: dict[str, Decimal], graph: Graph, values: dict[str, Decimal], wanted: list[str]
) -> list[str]:
    """The wanted names whose gradient is not what finite differences of the composed loss say."""
    loss = composed(graph)
    return [
        name
        for name in wanted
        if name in names(loss)
        and not is_close(found[partial_name("L", name)], slope(loss, name, values), "1e-12")
    ]


# ---- by example: the ways a graph can be more than a network
# ----------------------------------------


def sigmoid(z: Expr) -> Expr:
    return apply("sigmoid", z)


def entropy(*args: Expr) -> Expr:
    return apply("binary_cross_entropy", *args)


GRAPHS: dict[str, Graph] = {
    "a chain": [("p", A * B), ("q", P**2), ("L", Q + C)],
    "one quantity on two paths": [("p", A * B), ("q", P * C), ("r", P + B), ("L", Q * R)],
    "one quantity at two depths": [("p", A * B), ("q", P * C), ("L", Q * P)],
    "a given at every depth": [("p", A * A), ("q", P * A), ("L", Q * A)],
    "used twice in one formula": [("p", A + B), ("L", P * P)],
    "a given straight in the loss": [("L", A * B)],
    "a dead end": [("p", A * B), ("r", P * C), ("L", P**2)],
    "a pair": [("p", A * B), ("q", sigmoid(P)), ("L", entropy(Y, Q))],
    "a pair whose z goes elsewhere too": [
        ("p", A * B),
        ("q", sigmoid(P)),
        ("r", P * C),
        ("K", entropy(Y, Q)),
        ("L", Name("K") + R),
    ],
    "a pair whose z is in the loss": [("p", A * B), ("q", sigmoid(P)), ("L", entropy(P, Q))],
    "a pair whose activation is used again": [
        ("p", A * B),
        ("q", sigmoid(P)),
        ("K", entropy(Y, Q)),
        ("L", Name("K") * Q),
    ],
    "a loss that is not the last": [
        ("p", A * B),
        ("q", sigmoid(P)),
        ("K", entropy(Y, Q)),
        ("L", 2 * Name("K")),
    ],
    "one z, two sigmoids": [
        ("p", A * B),
        ("q", sigmoid(P)),
        ("r", sigmoid(P)),
        ("L", entropy(Y, Y, Q, R)),
    ],
    "one output predicted twice": [("p", A * B), ("q", sigmoid(P)), ("L", entropy(Y, Y, Q, Q))],
    "a sigmoid of a formula": [("q", sigmoid(A * B)), ("L", entropy(Y, Q))],
    "a sigmoid of a given": [("q", sigmoid(A)), ("L", entropy(Y, Q))],
    "a target that depends on a given": [
        ("p", sigmoid(A)),
        ("q", sigmoid(B)),
        ("L", apply("squared_error", P, Q)),
    ],
    "a subtraction": [("p", A - B), ("q", C - P), ("L", Q**2)],
    "a quotient": [("p", A / C), ("q", C / (1 + P**2)), ("L", Q * P)],
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=list(GRAPHS))
def test_graphs(graph):
    wanted = ["a", "b", "c"]
    assert disagreements(gradients(solved(graph, NUMBERS, wanted)), graph, NUMBERS, wanted) == []


def test_softmax_with_its_pair_and_without():
    names_ = ("p", "q", "r")
    z = [("u", A * B), ("v", B + C), ("w", A * C)]
    every = tuple(Name(name) for name, _ in z)
    outputs = [(name, apply("softmax", arg, *every)) for name, arg in zip(names_, every)]
    one_hot = {"y": Decimal(0), "t": Decimal(1), "s": Decimal(0)}
    for loss in (
        apply("categorical_cross_entropy", *map(Name, "yts"), P, Q, R),
        apply("squared_error", *map(Name, "yts"), P, Q, R),
        apply("categorical_cross_entropy", Name("t"), Q),
    ):
        graph = [*z, *outputs, ("L", loss)]
        values = NUMBERS | one_hot
        tape = solved(graph, values, ["a", "b", "c"], dict.fromkeys(names_, names_))
        assert disagreements(gradients(tape), graph, values, ["a", "b", "c"]) == []
        assert any(working.pair for working in tape.workings) == (
            loss.op == "categorical_cross_entropy" and len(loss.args) == 6
        )


def test_the_order_is_that_of_the_board():
    """From the loss back, and each formula's parameters right after it."""
    graph = [("p", A * B), ("q", sigmoid(P)), ("r", Q * C), ("L", R**2)]
    assert list(gradients(solved(graph, NUMBERS, ["a", "c"]))) == [
        "dL_dr",
        "dL_dc",
        "dL_dq",
        "dq_dp",
        "dL_dp",
        "dL_da",
    ]


def test_the_links_name_the_paths():
    tape = solved(GRAPHS["one quantity on two paths"], NUMBERS, ["a"])
    working = next(working for working in tape.workings if working.name == "dL_dp")
    assert [(link.through, link.upstream, link.local) for link in working.links] == [
        ("q", "dL_dq", C),
        ("r", "dL_dr", lift(1)),
    ]


# ---- random graphs
# ----------------------------------------------------------------------------------


@st.composite
def graphs(draw) -> Graph:
    graph: Graph = []
    known = ["a", "b", "c"]
    for number in range(draw(st.integers(1, 4))):
        formula = draw(formulas(*known, leaves=4))
        if names(formula):
            graph.append((f"q{number}", formula))
            known.append(f"q{number}")
    graph.append(
        ("L", draw(formulas(*known, leaves=4)) * Name(known[-1]) + Name(known[0]) * Name(known[-1]))
    )
    return graph


VALUES = st.fixed_dictionaries({name: TENTHS for name in "abc"})


@settings(max_examples=40, deadline=None)
@given(graphs(), VALUES)
def test_finite_differences_agree(graph, values):
    assert (
        disagreements(
            gradients(solved(graph, values, ["a", "b", "c"])), graph, values, ["a", "b", "c"]
        )
        == []
    )


@settings(max_examples=15, deadline=None)
@given(graphs(), VALUES)
def test_sympy_agrees(graph, values):
    symbols = {name: sympy.Symbol(name, real=True) for name in "abc"}
    point = {symbols[name]: sympy.Rational(str(number)) for name, number in values.items()}
    loss = to_sympy(composed(graph), symbols)
    found = gradients(solved(graph, values, ["a", "b", "c"]))
    for name in names(composed(graph)):
        expected = sympy.N(sympy.diff(loss, symbols[name]).subs(point), 30, maxn=300, chop=True)
        assert is_close(found[partial_name("L", name)], Decimal(str(expected)), "1e-15")


@settings(max_examples=15, deadline=None)
@given(graphs(), VALUES)
def test_the_tape_holds_what_the_formulas_say(graph, values):
    tape, known = solved(graph, values, ["a"]), dict(values)
    for name, formula in graph:
        known[name] = value(formula, known)
        assert is_close(
            next(working.exact for working in tape.workings if working.name == name),
            known[name],
            "1e-30",
        )


# ---- what must be rejected
# --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judged, solved_instead",
    [
        (
            "one quantity on two paths",
            [("p", A * B), ("q", P * C), ("r", B + B), ("L", Q * R)],
        ),  # a path is missing
        ("one quantity at two depths", [("p", A * B), ("q", P * C), ("L", Q * A)]),
        ("a subtraction", [("p", A + B), ("q", C - P), ("L", Q**2)]),  # a lost sign
    ],
)
def test_the_gradients_of_another_graph_are_refused(judged, solved_instead):
    found = gradients(solved(solved_instead, NUMBERS, ["a", "b", "c"]))
    assert disagreements(found, GRAPHS[judged], NUMBERS, ["a", "b", "c"])


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_gradient_off_by_little_is_refused(name):
    graph = GRAPHS["one quantity on two paths"]
    found = gradients(solved(graph, NUMBERS, ["a", "b", "c"]))
    found[partial_name("L", name)] += Decimal("1e-9")
    assert disagreements(found, graph, NUMBERS, ["a", "b", "c"]) == [name]

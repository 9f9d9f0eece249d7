"""Every law of the table, unasked: its taught derivative proved with SymPy and by finite
differences."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sympy
from formulas import is_close, slope, to_sympy, value

from worksheet.algebra.expression import Apply, Expr, Name, apply, lift
from worksheet.algebra.laws import ACTIVATIONS, LAWS, LOSSES, Loss, law_named, partial
from worksheet.problem import ACTIVATIONS as ACTIVATION_NAMES
from worksheet.problem import LOSSES as LOSS_NAMES

WIDTHS = (1, 2, 3)
SLOPE = "0.01"


def calls(op: str) -> list[tuple[Apply, list[str], list[str]]]:
    """(call, names of its variables, its siblings' names) for each shape in which a law is called."""
    if op == "softmax":
        return [
            (
                apply(op, Name(f"z{k}"), *[Name(f"z{j}") for j in range(1, n + 1)]),
                [f"z{j}" for j in range(1, n + 1)],
                [f"a{j}" for j in range(1, n + 1)],
            )
            for n in (2, 3)
            for k in range(1, n + 1)
        ]
    if op in LOSSES:
        return [
            (
                apply(op, *[Name(f"y{k}") for k in range(n)], *[Name(f"p{k}") for k in range(n)]),
                [f"p{k}" for k in range(n)],
                [],
            )
            for n in WIDTHS
        ]
    return [(apply(op, Name("z1"), *([lift(SLOPE)] if op == "leaky_relu" else [])), ["z1"], [])]


CALLS = [(call, variables, siblings) for op in LAWS for call, variables, siblings in calls(op)]
IDS = [f"{call.op}-{len(call.args)}-{getattr(call.args[0], 'name', '')}" for call, _, _ in CALLS]


def taught(call: Apply, name: str, siblings: list[str]) -> tuple[Expr, Name]:
    """The derivative by `name` in its taught form, and the name of the call's own value in it."""
    if call.op == "softmax":
        own = Name(siblings[[arg.name for arg in call.args[1:]].index(call.args[0].name)])
        return partial(
            call,
            1 + [arg.name for arg in call.args[1:]].index(name),
            own,
            [Name(each) for each in siblings],
        ), own
    position = max(i for i, arg in enumerate(call.args) if arg == Name(name))
    return partial(call, position, Name("a"), ()), Name("a")


def outputs_of(call: Apply, own: Name, siblings: list[str]) -> dict[str, Apply]:
    """What each name of an output stands for."""
    if call.op == "softmax":
        return {
            name: Apply("softmax", (arg, *call.args[1:]))
            for name, arg in zip(siblings, call.args[1:])
        }
    return {own.name: call}


def proves(
    call: Apply, name: str, derivative: Expr, own: Name, siblings: list[str], sign: dict[str, bool]
) -> bool:
    """SymPy's word: d(call)/d(name) is `derivative`, where the variables have the sign given (True,
    False: positive, negative)."""
    symbols = {
        each: sympy.Symbol(each, real=True, **sign)
        for each in ("z1", "z2", "z3", *[f"{c}{k}" for c in "yp" for k in WIDTHS + (0,)])
    }
    outputs = {
        each: to_sympy(meaning, symbols)
        for each, meaning in outputs_of(call, own, siblings).items()
    }
    difference = sympy.diff(to_sympy(call, symbols), symbols[name]) - to_sympy(
        derivative, symbols | outputs
    )
    return sympy.simplify(sympy.expand(difference.rewrite(sympy.exp))) == 0


@pytest.mark.parametrize("call, variables, siblings", CALLS, ids=IDS)
def test_sympy_proves_the_taught_derivative(call, variables, siblings):
    for name in variables[:2]:
        derivative, own = taught(call, name, siblings)
        for sign in (
            ({"positive": True}, {"negative": True}) if call.op in ("relu", "leaky_relu") else ({},)
        ):
            assert proves(call, name, derivative, own, siblings, sign)


@pytest.mark.parametrize("call, variables, siblings", CALLS, ids=IDS)
@pytest.mark.parametrize("shift", [Decimal("0.13"), Decimal("-0.71")])
def test_finite_differences_agree(call, variables, siblings, shift):
    law = LAWS[call.op]
    values = {f"y{k}": Decimal(k == 1) for k in range(3)}
    for k, name in enumerate(variables):
        values[name] = (
            abs(shift) + Decimal("0.05") * k
            if isinstance(law, Loss)
            else shift + Decimal("0.4") * k
        )
    for name in variables:
        derivative, own = taught(call, name, siblings)
        outputs = {
            each: value(meaning, values)
            for each, meaning in outputs_of(call, own, siblings).items()
        }
        assert is_close(value(derivative, values | outputs), slope(call, name, values))


def chained(loss: Apply, op: str, n: int) -> tuple[sympy.Expr, sympy.Expr]:
    """dL/dz_1 by SymPy, and in the short form; the targets of softmax are shares of 1."""
    z = {f"z{k}": sympy.Symbol(f"z{k}", real=True) for k in range(1, n + 1)}
    every = [Name(name) for name in z]
    outputs = [
        apply("softmax", each, *every) if op == "softmax" else apply(op, each) for each in every
    ]
    y = {f"y{k}": sympy.Symbol(f"y{k}", real=True) for k in range(n)}
    if op == "softmax":
        y["y0"] = 1 - sum(y[f"y{k}"] for k in range(1, n))
    composed = Apply(loss.op, (*loss.args[:n], *outputs))
    short = LOSSES[loss.op].pairs[op](Name("y0"), Name("a"))
    return (
        sympy.diff(to_sympy(composed, z | y), z["z1"]),
        to_sympy(short, y | {"a": to_sympy(outputs[0], z)}),
    )


PAIRS = [
    (loss, op, n)
    for loss in LOSSES.values()
    for op in loss.pairs
    for n in (WIDTHS if op != "softmax" else (2, 3))
]


@pytest.mark.parametrize(
    "loss, op, n", PAIRS, ids=[f"{loss.name}-{op}-{n}" for loss, op, n in PAIRS]
)
def test_sympy_proves_each_pair(loss, op, n):
    call = next(call for call, _, _ in calls(loss.op) if len(call.args) == 2 * n)
    composed, short = chained(call, op, n)
    assert sympy.simplify(composed - short) == 0


# ---- what must be rejected
# --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        lambda z, a: a,
        lambda z, a: a * (1 + a),
        lambda z, a: 1 - a**2,
        lambda z, a: a * a,
        lambda z, a: -(a * (1 - a)),
    ],
)
def test_a_wrong_derivative_is_seen_as_wrong(wrong):
    call, own, values = apply("sigmoid", Name("z1")), Name("a"), {"z1": Decimal("0.4")}
    derivative = wrong(Name("z1"), own)
    assert not proves(call, "z1", derivative, own, [], {})
    assert not is_close(
        value(derivative, values | {"a": value(call, values)}), slope(call, "z1", values)
    )


def test_a_wrong_pair_is_seen_as_wrong():
    composed, _ = chained(calls("binary_cross_entropy")[0][0], "sigmoid", 1)
    z, y = sympy.Symbol("z1", real=True), sympy.Symbol("y0", real=True)
    assert sympy.simplify(composed - (y - 1 / (1 + sympy.exp(-z)))) != 0


# ---- the corners and the table
# ----------------------------------------------------------------------


@pytest.mark.parametrize("op, expected", [("relu", "0"), ("leaky_relu", SLOPE)])
def test_the_slope_at_the_corner_is_the_one_of_the_left(op, expected):
    call = calls(op)[0][0]
    derivative, _ = taught(call, "z1", [])
    assert value(derivative, {"z1": Decimal(0)}) == Decimal(expected)


@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_a_law_is_named_for_its_operation_and_has_a_source(law):
    assert LAWS[law.op] is law is law_named(law.name)
    assert law.name == law.op.replace("_", "-")
    assert any(character.isdigit() for character in law.source)


def test_the_spec_offers_every_law():
    assert {law.name for law in ACTIVATIONS.values()} == set(ACTIVATION_NAMES)
    assert {law.name for law in LOSSES.values()} == set(LOSS_NAMES)


@pytest.mark.parametrize(
    "law", [law for law in ACTIVATIONS.values() if law.image], ids=lambda law: law.op
)
def test_values_lie_inside_the_image(law):
    for call, variables, _ in calls(law.op):
        for shift in (-30, -1, 0, 2, 30):
            low, high = law.image
            assert (
                low
                < value(call, {name: Decimal(shift + k) for k, name in enumerate(variables)})
                < high
            )

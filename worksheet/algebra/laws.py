"""Activations and losses: formula, taught derivative, domain, source. One entry each.

A law is an operation of the tree (`Apply("sigmoid", (z,))`). `formula` says what it stands for,
`derivative` gives the partial by one of its operands in the form that is taught; both are built
from the tree, so SymPy and finite differences can confirm them (tests/test_laws.py walks the
table).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .expression import Apply, Expr, apply, lift


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation a = f(z), called `symbol` in TeX.

    `formula(*args)` is f written out; `args` are z, or z and the slope (leaky ReLU), or z_k and all
    z (softmax). `derivative(args, a, i, outputs)` is the partial of a = f(args) by args[i], with
    `outputs` the layer's activations (softmax needs its siblings). `is_called`: the page shows
    `\\sigma(0.5)` before the formula. `at_once`: the whole formula is one step on a calculator.
    `image`: the open interval of its values where it is bounded, for the losses' domains.
    """

    name: str
    op: str
    symbol: str
    formula: Callable[..., Expr]
    derivative: Callable[[Sequence[Expr], Expr, int, Sequence[Expr]], Expr]
    source: str
    is_called: bool = True
    at_once: bool = True
    image: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss L(y, y_hat), summed over the outputs; natural logarithms.

    `formula(y, y_hat)` and `derivative(y, y_hat, k)` = dL/dy_hat_k take sequences of equal length.
    `pairs` maps an activation's op to dL/dz_k in its famous short form, (y_k, a_k) -> Expr.
    `image`: y_hat must lie strictly inside it.
    """

    name: str
    op: str
    formula: Callable[[Sequence[Expr], Sequence[Expr]], Expr]
    derivative: Callable[[Sequence[Expr], Sequence[Expr], int], Expr]
    source: str
    pairs: dict[str, Callable[[Expr, Expr], Expr]] = field(default_factory=dict)
    image: tuple[float, float] | None = None


def exp(value: Expr) -> Expr:
    """e^value."""
    return apply("exp", value)


def ln(value: Expr) -> Expr:
    """ln(value), the natural logarithm."""
    return apply("ln", value)


def fraction(over: int, under: int) -> Expr:
    """A constant fraction; it stays a fraction on the page until it is multiplied."""
    return apply("fraction", lift(over), lift(under))


def total(terms: Sequence[Expr]) -> Expr:
    """terms[0] + terms[1] + ... in their order; one term stands alone."""
    return terms[0] if len(terms) == 1 else Apply("sum", tuple(terms))


def _squares(y: Sequence[Expr], y_hat: Sequence[Expr]) -> Expr:
    return total([(target - value) ** 2 for target, value in zip(y, y_hat, strict=True)])


def _mean_squares(y: Sequence[Expr], y_hat: Sequence[Expr]) -> Expr:
    return _squares(y, y_hat) if len(y) == 1 else fraction(1, len(y)) * _squares(y, y_hat)


def _softmax_derivative(args: Sequence[Expr], a: Expr, i: int, outputs: Sequence[Expr]) -> Expr:
    # args[0] is z_k itself, args[1:] are all z in the order of `outputs`
    other = outputs[i - 1]
    return a * (1 - a) if other == a else -a * other


def _cross_entropies(y: Sequence[Expr], y_hat: Sequence[Expr]) -> Expr:
    terms = []
    for target, value in zip(y, y_hat, strict=True):
        terms += [target * ln(value), (1 - target) * ln(1 - value)]
    return -Apply("sum", tuple(terms))


BOOK = "Goodfellow, Bengio, Courville, Deep Learning (2016)"

ACTIVATIONS: dict[str, Activation] = {
    law.op: law
    for law in (
        Activation(
            "identity",
            "identity",
            r"\mathrm{id}",
            lambda z: z,
            lambda args, a, i, outputs: lift(1),
            f"{BOOK}, 6.2.2.1",
        ),
        Activation(
            "sigmoid",
            "sigmoid",
            r"\sigma",
            lambda z: 1 / (1 + exp(-z)),
            lambda args, a, i, outputs: a * (1 - a),
            f"{BOOK}, 6.2.2.2",
            image=(0, 1),
        ),
        Activation(
            "tanh",
            "tanh",
            r"\tanh",
            lambda z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)),
            lambda args, a, i, outputs: 1 - a**2,
            f"{BOOK}, 6.3.2",
            image=(-1, 1),
        ),
        Activation(
            "relu",
            "relu",
            r"\mathrm{ReLU}",
            lambda z: apply("max", lift(0), z),
            lambda args, a, i, outputs: apply("positive", args[0]),
            f"{BOOK}, 6.3.1; relu'(0) = 0",
        ),
        Activation(
            "leaky-relu",
            "leaky_relu",
            r"\mathrm{LeakyReLU}",
            lambda z, slope: apply("max", slope * z, z),
            lambda args, a, i, outputs: (
                apply("positive", args[0]) + args[1] * apply("not_positive", args[0])
            ),
            f"{BOOK}, 6.3; Maas et al. (2013); leaky_relu'(0) = slope",
            is_called=False,
            at_once=False,
        ),
        Activation(
            "softmax",
            "softmax",
            r"\mathrm{softmax}",
            lambda z, *all_z: exp(z) / total([exp(other) for other in all_z]),
            _softmax_derivative,
            f"{BOOK}, 6.2.2.3",
            is_called=False,
            at_once=False,
            image=(0, 1),
        ),
    )
}

LOSSES: dict[str, Loss] = {
    law.op: law
    for law in (
        Loss(
            "half-squared-error",
            "half_squared_error",
            lambda y, y_hat: fraction(1, 2) * _squares(y, y_hat),
            lambda y, y_hat, k: y_hat[k] - y[k],
            "Rumelhart, Hinton, Williams (1986)",
        ),
        Loss(
            "squared-error",
            "squared_error",
            _squares,
            lambda y, y_hat, k: lift(-2) * (y[k] - y_hat[k]),
            "Bishop, PRML (2006), 5.2",
        ),
        Loss(
            "mean-squared-error",
            "mean_squared_error",
            _mean_squares,
            lambda y, y_hat, k: (
                y_hat[k] - y[k]
                if len(y) == 2
                else (lift(-2) if len(y) == 1 else -fraction(2, len(y))) * (y[k] - y_hat[k])
            ),
            f"{BOOK}, 5.1.4",
        ),
        Loss(
            "binary-cross-entropy",
            "binary_cross_entropy",
            _cross_entropies,
            lambda y, y_hat, k: (y_hat[k] - y[k]) / (y_hat[k] * (1 - y_hat[k])),
            f"{BOOK}, 6.2.2.2",
            pairs={"sigmoid": lambda y, a: a - y},
            image=(0, 1),
        ),
        Loss(
            "categorical-cross-entropy",
            "categorical_cross_entropy",
            lambda y, y_hat: (
                -total([target * ln(value) for target, value in zip(y, y_hat, strict=True)])
            ),
            lambda y, y_hat, k: -(y[k] / y_hat[k]),
            f"{BOOK}, 6.2.2.3",
            pairs={"softmax": lambda y, a: a - y},
            image=(0, 1),
        ),
    )
}

LAWS: dict[str, Activation | Loss] = ACTIVATIONS | LOSSES


def law_named(name: str) -> Activation | Loss:
    """The law a spec calls `name` (with hyphens)."""
    return LAWS[name.replace("-", "_")]


def written_out(call: Apply) -> Expr:
    """What a law's call stands for, as a formula of its operands."""
    law = LAWS[call.op]
    if isinstance(law, Loss):
        half = len(call.args) // 2
        return law.formula(call.args[:half], call.args[half:])
    return law.formula(*call.args)


def partial(call: Apply, i: int, output: Expr, outputs: Sequence[Expr]) -> Expr:
    """The derivative of a law's call by its i-th operand, in its taught form."""
    law = LAWS[call.op]
    if isinstance(law, Loss):
        half = len(call.args) // 2
        return law.derivative(call.args[:half], call.args[half:], i - half)
    return law.derivative(call.args, output, i, outputs)

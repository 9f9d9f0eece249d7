"""The derivative of one formula by one name, rule by rule, in the order of the formula.

Activations and losses use the taught form of `algebra/laws.py`; the rest is the sum, product,
quotient, power and chain rule. Zeros and ones are dropped as one does by hand; nothing else is
rearranged.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import laws
from .expression import Apply, Expr, Literal, Name, apply, lift, names

ZERO, ONE = lift(0), lift(1)


def is_number(expr: Expr, value: int) -> bool:
    """Whether `expr` is the literal `value`, however it was written."""
    return isinstance(expr, Literal) and expr.value == value


def add(*terms: Expr) -> Expr:
    """The sum of the terms without its zeros; 0 where none is left."""
    kept = [term for term in terms if not is_number(term, 0)]
    return laws.total(kept) if kept else ZERO


def multiply(*factors: Expr) -> Expr:
    """The product of the factors, products among them flattened, without its ones; 0 where one of
    them is 0."""
    if any(is_number(factor, 0) for factor in factors):
        return ZERO
    flat: list[Expr] = []
    for factor in factors:
        flat += factor.args if isinstance(factor, Apply) and factor.op == "product" else (factor,)
    kept = [factor for factor in flat if not is_number(factor, 1)]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Apply("product", tuple(kept))


def negate(expr: Expr) -> Expr:
    """-expr; 0 stays 0."""
    return expr if is_number(expr, 0) else -expr


def differentiate(
    expr: Expr, name: str, output: Expr | None = None, outputs: Sequence[Expr] = ()
) -> Expr:
    """d(expr)/d(name). `output` is the name of expr's own value, for forms such as a(1 - a);
    `outputs` are its siblings (softmax). KeyError for an operation without a rule."""
    if isinstance(expr, Name):
        return ONE if expr.name == name else ZERO
    if isinstance(expr, Literal) or name not in names(expr):
        return ZERO
    if expr.op in laws.LAWS:
        return _law(expr, name, output, outputs)
    return RULES[expr.op](expr.args, name)


def _law(call: Apply, name: str, output: Expr | None, outputs: Sequence[Expr]) -> Expr:
    if call.op in laws.LOSSES and any(
        name in names(target) for target in call.args[: len(call.args) // 2]
    ):
        return differentiate(
            laws.written_out(call), name
        )  # the taught form is by the predictions only
    terms = []
    # the first operand of softmax is one of the others: it counts once
    first = 1 if call.op == "softmax" else 0
    for i, arg in enumerate(call.args):
        inner = ZERO if i < first else differentiate(arg, name)
        if not is_number(inner, 0):
            terms.append(multiply(laws.partial(call, i, output or call, outputs), inner))
    return add(*terms)


def _product(args, name):
    return add(
        *[
            multiply(*args[:i], differentiate(arg, name), *args[i + 1 :])
            for i, arg in enumerate(args)
        ]
    )


def _quotient(args, name):
    over, under = args
    top, bottom = differentiate(over, name), differentiate(under, name)
    if is_number(bottom, 0):
        return top / under
    return add(multiply(top, under), negate(multiply(over, bottom))) / under**2


def _power(args, name):
    base, exponent = args
    inner, outer = differentiate(base, name), differentiate(exponent, name)
    by_base = ZERO if is_number(inner, 0) else multiply(exponent, _lowered(base, exponent), inner)
    return add(by_base, multiply(base**exponent, apply("ln", base), outer))


def _lowered(base: Expr, exponent: Expr) -> Expr:
    """b^(n - 1)"""
    if not isinstance(exponent, Literal):
        return base ** (exponent - 1)
    return (
        ONE
        if exponent.value == 1
        else base
        if exponent.value == 2
        else base ** lift(str(exponent.value - 1))
    )


def _max(args, name):
    """Each operand where it is the greater one; the first where they are equal, as ReLU'(0) = 0 for
    max(0, z)."""
    a, b = args
    if a == b:
        return differentiate(a, name)
    return add(
        multiply(apply("not_positive", b - a), differentiate(a, name)),
        multiply(apply("positive", b - a), differentiate(b, name)),
    )


RULES = {
    "sum": lambda args, name: add(*[differentiate(arg, name) for arg in args]),
    "neg": lambda args, name: negate(differentiate(args[0], name)),
    "product": _product,
    "divide": _quotient,
    "power": _power,
    "exp": lambda args, name: multiply(apply("exp", *args), differentiate(args[0], name)),
    "ln": lambda args, name: differentiate(args[0], name) / args[0],
    "sqrt": lambda args, name: (
        differentiate(args[0], name) / multiply(lift(2), apply("sqrt", *args))
    ),
    "sin": lambda args, name: multiply(apply("cos", *args), differentiate(args[0], name)),
    "cos": lambda args, name: multiply(-apply("sin", *args), differentiate(args[0], name)),
    "tan": lambda args, name: differentiate(args[0], name) / apply("cos", *args) ** 2,
    "abs": lambda args, name: multiply(args[0] / apply("abs", *args), differentiate(args[0], name)),
    "max": _max,
}

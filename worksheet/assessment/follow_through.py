"""What follows from a student's value: the formula of a graded quantity, with the earlier graded
quantities to be put in.

    dL/dw_h = [dL/dz_h] * 1.0        w_h = 0.5 - 0.1 [dL/dw_h]

The brackets stand for what the student wrote; all else is a number. What is not graded is written
out until only such values and numbers are left, and the numbers are gathered where that is exact.
With the right values put in, a formula must give an accepted answer (`proved`).
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException

from ..algebra.expression import (
    ARITHMETIC,
    Apply,
    Expr,
    Literal,
    Name,
    apply,
    evaluate,
    literal,
    names,
    substitute,
)
from ..algebra.laws import LAWS, written_out
from ..algebra.simplify import simplify
from ..numbers.number import Rounding, plain_text
from ..trace.recorder import ON_PAGE, as_shown
from ..trace.trace import Key, Trace, Working

ON_CALCULATORS = ("tanh",)  # laws with a key of their own
EXACT = ("max", "abs", "positive", "not_positive")  # of numbers, they are numbers as exact


@dataclass(frozen=True, slots=True)
class FollowThrough:
    """`formula`: numbers, and a Name for each value of the student's; `values` says which quantity
    each of these stands for."""

    working: Working
    formula: Expr
    values: dict[str, Working]

    def right(self) -> Decimal | None:
        """What it gives with the right values, as they are printed, unrounded; None where it has no
        value."""
        return value_of(
            self.formula, {name: Decimal(working.shown) for name, working in self.values.items()}
        )


def follow_throughs(trace: Trace, graded: Collection[Key]) -> dict[Key, FollowThrough]:
    """The follow-through of every graded quantity that needs an earlier one; none for a number that
    the givens alone lead to."""
    walk = _Walk(trace, graded)
    found = {}
    for key in trace.uses:
        formula = walk.formula(key) if key in graded else None
        if formula is not None and (needed := names(formula)):
            found[key] = FollowThrough(
                trace.get(*key), formula, {name: walk.values[name] for name in needed}
            )
    return found


@dataclass(slots=True)
class _Walk:
    trace: Trace
    graded: Collection[Key]
    formulas: dict[Key, Expr] = field(default_factory=dict)
    values: dict[str, Working] = field(default_factory=dict)

    def formula(self, key: Key) -> Expr:
        """The formula of a quantity in students' values and numbers, its numbers gathered."""
        if key not in self.formulas:
            filled = substitute(
                on_a_calculator(self.trace.get(*key).formula),
                lambda name: self.put_in(self.trace.uses[key].get(name), name),
            )
            self.formulas[key] = as_shown(gathered(filled))
        return self.formulas[key]

    def put_in(self, earlier: Working | None, name: str) -> Expr:
        """What stands in the place of a name: a given, the student's value, or what it was made of."""
        if earlier is None:
            return _number(self.trace.events[self.trace.givens[name]].shown)
        key = earlier.key
        if key in self.graded:
            slot = f"student_{len(self.values)}"
            slot = next(
                (known for known, working in self.values.items() if working is earlier), slot
            )
            self.values[slot] = earlier
            return Name(slot)
        formula = self.formula(key)
        return formula if names(formula) else _number(earlier.shown)


def _number(shown: str) -> Literal:
    return Literal(Decimal(shown), shown)


def on_a_calculator(expr: Expr) -> Expr:
    """`expr` with every law that has no key on a calculator written out."""
    if not isinstance(expr, Apply):
        return expr
    if expr.op in LAWS and expr.op not in ON_CALCULATORS:
        return on_a_calculator(written_out(expr))
    return Apply(expr.op, tuple(map(on_a_calculator, expr.args)))


def gathered(expr: Expr) -> Expr:
    """`expr` with its numbers gathered; those that only a rounding could make shorter stay."""
    return simplify(_folded(simplify(expr)))


def _folded(expr: Expr) -> Expr:
    if not isinstance(expr, Apply):
        return expr
    args = tuple(map(_folded, expr.args))
    is_number = all(isinstance(arg, Literal) for arg in args)
    if is_number and (expr.op in EXACT or expr.op == "power" and args[1].value in range(2, 5)):
        return literal(ARITHMETIC[expr.op](*[arg.value for arg in args]))
    return Apply(expr.op, args)


def value_of(formula: Expr, values: dict[str, Decimal]) -> Decimal | None:
    """What a formula gives for some values, unrounded; None where it has no finite value."""
    try:
        value = evaluate(formula, values, FUNCTIONS)
    except DecimalException:
        return None
    return value if value.is_finite() else None


def rounded(value: Decimal, each: FollowThrough, rounding: Rounding) -> Decimal:
    """`value` as it would be written for the quantity."""
    return rounding.round(value, rounding.last_digit(value, each.working.kind))


def proved(each: FollowThrough, accepted: Container[Decimal], rounding: Rounding) -> bool:
    """Whether the right values lead to an accepted answer."""
    value = each.right()
    return value is not None and rounded(value, each, rounding) in accepted


def _law(op: str):
    def value(*args: Decimal) -> Decimal:
        return evaluate(
            written_out(apply(op, *[Literal(arg, plain_text(arg)) for arg in args])), {}, ON_PAGE
        )

    return value


FUNCTIONS = ON_PAGE | {op: _law(op) for op in LAWS}

"""One step of evaluation after another: from substituted numbers to a single number.

    -[1 * ln(0.65078) + (1 - 1) * ln(1 - 0.65078)]
    -[1 * (-0.42958) + 0 * ln(0.34922)]        EVALUATE: everything innermost
    -(-0.42958 + 0)                            EVALUATE
    -(-0.42958)                                EVALUATE
    0.42958                                    SIGN

A step is the first of these that changes anything: EXPAND (a called activation becomes its
formula), SIGN (`a - (-b)` becomes `a + b`), EVALUATE (0 times anything is 0, whatever it is). Two
marks live only in here: `whole(...)` is evaluated in one step, as one types it into a calculator,
and `fraction(1, 2)` stays a fraction until something is multiplied with it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from decimal import Decimal
from operator import is_

from ..algebra.expression import Apply, Expr, Literal, apply, evaluate
from ..algebra.follows import enough_digits, follows
from ..algebra.laws import LAWS
from ..errors import SolveError
from ..numbers.number import plain_text
from .recorder import ON_PAGE, Recorder, as_shown
from .taught import written_for_calculators
from .trace import Line

MAX_STEPS = 200
E = Decimal("2.718281828459045235360287471352662497757247093699959574966")


def work(
    expr: Expr, recorder: Recorder, kind: str, exponent: int | None
) -> tuple[list[Line], Literal]:
    """The lines that lead from `expr` (numbers only) to a literal, and that literal.

    kind chooses the digits of what is rounded; exponent, where given, fixes the last digit of the
    result."""
    engine = _Engine(recorder, kind, exponent)
    lines: list[Line] = []
    numbers_wanted = recorder.rounding.e != "symbol"
    expr = engine.quiet(expr)
    engine.has_calls = uses(expr, LAWS)
    for _ in range(MAX_STEPS):
        if type(expr) is Literal:
            return lines, expr
        before = expr
        move, expr, is_exact = engine.step(expr)
        if numbers_wanted and move == "EVALUATE" and uses(before, ("exp",)):
            numbers_wanted = False
            written = engine.with_numbers_for_e(before)
            shown, after = as_shown(written), as_shown(expr)
            # the line is for the reader's calculator: it stays only where it gives the same digits
            with enough_digits(shown, after):
                if written is not before and follows(
                    shown,
                    after,
                    mode=recorder.rounding.mode,
                    significant=recorder.rounding.digits(kind).significant,
                ):
                    lines.append(Line("DIGITS", shown, False))
        lines.append(Line(move, as_shown(expr), is_exact))
    raise SolveError("the formula does not come to an end")


class _Engine:
    def __init__(self, recorder: Recorder, kind: str, exponent: int | None):
        self.recorder, self.kind, self.exponent = recorder, kind, exponent
        self.has_calls = True
        self.by_operation = (
            recorder.rounding.policy == "carry" and recorder.rounding.commit == "operation"
        )

    def step(self, expr: Expr) -> tuple[str, Expr, bool]:
        """One step: the move, the new form, and whether it is equal to the old one (not rounded)."""
        if self.has_calls:
            changed = self.expand(expr)
            if changed is not expr:
                return "EXPAND", self.quiet(changed), True
        changed = self.sign(expr)
        if changed is not expr:
            return "SIGN", self.quiet(changed), True
        self.is_exact = True
        return "EVALUATE", self.quiet(self.evaluate(expr, is_last=True)), self.is_exact

    def expand(self, expr: Expr) -> Expr:
        if (
            type(expr) is Apply
            and expr.op in LAWS
            and all(type(arg) is Literal for arg in expr.args)
        ):
            form = with_constants(written_for_calculators(expr), self.recorder.constant)
            return apply("whole", form) if LAWS[expr.op].at_once and not self.by_operation else form
        return rewritten(expr, self.expand) if type(expr) is Apply else expr

    def sign(self, expr: Expr) -> Expr:
        if type(expr) is Apply and expr.op == "neg" and type(expr.args[0]) is Literal:
            return self.recorder.negate(expr.args[0])
        if type(expr) is Apply and expr.op == "sum" and is_ready(expr):
            args = [expr.args[0]]
            for arg in expr.args[1:]:
                is_subtracted = type(arg) is Apply
                number = arg.args[0] if is_subtracted else arg
                if type(number) is Literal and number.value < 0:
                    turned = self.recorder.negate(number)
                    arg = turned if is_subtracted else apply("neg", turned)
                args.append(arg)
            return expr if all(map(is_, args, expr.args)) else Apply("sum", tuple(args))
        if (
            type(expr) is Apply and expr.op == "sum"
        ):  # a number that is subtracted from what is not yet one stays so
            args = [
                arg if place and takes_away(arg) else self.sign(arg)
                for place, arg in enumerate(expr.args)
            ]
            return expr if all(map(is_, args, expr.args)) else Apply("sum", tuple(args))
        return rewritten(expr, self.sign) if type(expr) is Apply else expr

    def quiet(self, expr: Expr, is_subtracted: bool = False) -> Expr:
        """`neg(0.5)` is written -0.5 anyhow, and `neg(0)` is 0: no line of its own."""
        if type(expr) is not Apply:
            return expr
        if (
            expr.op == "neg"
            and type(expr.args[0]) is Literal
            and not is_subtracted
            and expr.args[0].value >= 0
        ):
            return self.recorder.negate(expr.args[0])
        if expr.op == "sum":
            first, *rest = expr.args
            args = (self.quiet(first), *[self.quiet(arg, True) for arg in rest])
            return expr if all(map(is_, args, expr.args)) else Apply("sum", args)
        return rewritten(expr, self.quiet)

    def evaluate(self, expr: Expr, is_last: bool = False, is_factor: bool = False) -> Expr:
        """Every innermost operation becomes a number. is_last: nothing else is left around `expr`.
        is_factor: it stands in a product, where a constant fraction may wait."""
        if type(expr) is not Apply:
            return expr
        if expr.op == "whole":
            return self.shown(expr.args[0], is_last)
        if is_factor and is_constant(expr):
            return expr
        if expr.op == "product" and not is_ready(expr):
            for arg in expr.args:
                if type(arg) is Literal and self.recorder.is_zero(arg.event):
                    evaluate(expr, {}, ON_PAGE)  # of what has no value there is no multiple either
                    return Literal(
                        arg.value,
                        "0",
                        self.recorder.record("product", (arg.event,), Decimal(0), Decimal(0), "0"),
                    )
        if is_ready(expr):
            if self.by_operation and expr.op in ("sum", "product") and len(expr.args) > 2:
                return Apply(expr.op, (self.shown(Apply(expr.op, expr.args[:2])), *expr.args[2:]))
            return self.shown(expr, is_last)
        return rewritten(
            expr,
            lambda arg: (
                arg
                if expr.op == "sum" and takes_away(arg)
                else self.evaluate(arg, is_factor=expr.op == "product")
            ),
        )

    def shown(self, node: Expr, is_last: bool = False) -> Literal:
        if (
            node.op == "product"
            and len(node.args) == 2
            and self.recorder.is_one(node.args[1])
            and type(node.args[0]) is Literal
        ):
            return self.recorder.times_one(*node.args)
        index = self.run(node)
        literal = self.recorder.show(
            index, node, self.kind, self.exponent if is_last else None, is_last
        )
        self.is_exact = self.is_exact and self.recorder.events[index].is_exact
        return literal

    def run(self, expr: Expr) -> int:
        """The events of a subtree, unrounded, from left to right; returns the last."""
        if type(expr) is Literal:
            return expr.event
        if expr.op == "product":
            return self.run_product(expr)
        if expr.op == "sum":
            result = self.run(expr.args[0])
            for arg in expr.args[1:]:
                result = self.recorder.operate("sum", result, self.run(arg))
            return result
        op = "divide" if expr.op == "fraction" else expr.op
        return self.recorder.operate(op, *[self.run(arg) for arg in expr.args])

    def run_product(self, expr: Expr) -> int:
        """Multiply by the numerators of constant fractions, divide by their denominators at the
        end."""
        factors, divisors = [], []
        for arg in expr.args:
            if is_constant(arg):
                inner = arg.args[0] if arg.op == "neg" else arg
                over = self.recorder.negate(inner.args[0]) if arg.op == "neg" else inner.args[0]
                divisors.append(inner.args[1].event)
                if over.value != 1:
                    factors.append(over.event)
            else:
                factors.append(self.run(arg))
        if not factors:  # one over something times one over something
            factors.append(over.event)
        result = factors[0]
        for factor in factors[1:]:
            result = self.recorder.operate("product", result, factor)
        for divisor in divisors:
            result = self.recorder.operate("divide", result, divisor)
        return result

    def with_numbers_for_e(self, expr: Expr) -> Expr:
        """`expr` with 2.71828 for e, or with the value of each power of e; e to the power of 0 is
        1, whatever e is."""
        if type(expr) is Apply and expr.op == "exp" and type(expr.args[0]) is Literal:
            return (
                expr if self.recorder.is_zero(expr.args[0].event) else self.power_of_e(expr.args[0])
            )
        return rewritten(expr, self.with_numbers_for_e)

    def power_of_e(self, exponent: Literal) -> Expr:
        """The value of e to this power, or 2.71828 to this power, as the policy says."""
        rounding, recorder = self.recorder.rounding, self.recorder
        if rounding.e == "symbol-then-value":
            return recorder.show(
                recorder.operate("exp", exponent.event), apply("exp", exponent), self.kind, None
            )
        digits = rounding.digits(self.kind)
        places = min(40, max(5, digits.places or 0, digits.significant or 0))
        base = E.quantize(Decimal(1).scaleb(-places))
        return apply("power", recorder.constant(Literal(base, plain_text(base))), exponent)


def rewritten(expr: Apply, rewrite: Callable[[Expr], Expr]) -> Expr:
    """`expr` with its operations rewritten; the same object where nothing changed. Leaves stay."""
    args, has_changed = [], False
    for arg in expr.args:
        new = rewrite(arg) if type(arg) is Apply else arg
        has_changed = has_changed or new is not arg
        args.append(new)
    return Apply(expr.op, tuple(args)) if has_changed else expr


def with_constants(expr: Expr, constant: Callable[[Literal], Literal]) -> Expr:
    """`expr` with every literal of the formula itself registered."""
    if type(expr) is Literal:
        return constant(expr) if expr.event is None else expr
    if type(expr) is Apply:
        return Apply(expr.op, tuple([with_constants(arg, constant) for arg in expr.args]))
    return expr


def uses(expr: Expr, ops: Container[str]) -> bool:
    """Whether one of `ops` occurs in `expr`."""
    if type(expr) is not Apply:
        return False
    if expr.op in ops:
        return True
    for arg in expr.args:
        if type(arg) is Apply and uses(arg, ops):
            return True
    return False


def is_constant(expr: Expr) -> bool:
    """A constant fraction, or minus one."""
    return type(expr) is Apply and (
        expr.op == "fraction" or expr.op == "neg" and is_constant(expr.args[0])
    )


def takes_away(expr: Expr) -> bool:
    """A number with a minus before it."""
    return (
        type(expr) is Apply
        and expr.op == "neg"
        and type(expr.args[0]) is Literal
        and expr.args[0].value >= 0
    )


def is_ready(expr: Apply) -> bool:
    """All operands are numbers: the operation can be done."""
    op = expr.op
    for arg in expr.args:
        if (
            type(arg) is not Literal
            and not (op == "product" and is_constant(arg))
            and not (
                op == "sum"
                and type(arg) is Apply
                and arg.op == "neg"
                and type(arg.args[0]) is Literal
            )
        ):
            return False
    return True

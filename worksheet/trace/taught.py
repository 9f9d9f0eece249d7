r"""What a form becomes before its numbers are worked out, so that whoever follows it with a
calculator comes to the end.

e^{z_1}/(e^{z_1} + e^{z_2})  ->  e^{z_1 - z_2}/(e^{z_1 - z_2} + e^{z_2 - z_2})      z_2 the largest score, where e^{z_2} is far off
\sigma(-1000)  ->  e^{-1000}/(1 + e^{-1000})                                    1/(1 + e^{1000}) has a power beyond a calculator
-[1 \cdot \ln(1.00000) + 0 \cdot \ln(0.00000)]  ->  -[1 \cdot \ln(1.00000)]        0 ln(0) is 0, its limit
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException

from ..algebra.expression import Apply, Expr, Literal, evaluate, lift
from ..algebra.laws import exp, total, written_out
from .recorder import ON_PAGE, Recorder, as_shown
from .small_powers import BEYOND, with_small_powers

POWERS = ("sigmoid", "tanh")  # laws that are taught with powers of e
STEEP, FLAT = (
    16,
    -4,
)  # scores whose largest lies between have powers of e that can be read: 0.018 to 8 886 111


def shifted_softmax(scores: Sequence[Expr], values: Sequence[Decimal]) -> Expr | None:
    """The softmax of the first of `scores` among the others, from the largest of them; None where
    the powers need no shift."""
    largest = max(values[1:])
    if FLAT <= largest <= STEEP:
        return None
    own, *others = [exp(score - scores[1 + values[1:].index(largest)]) for score in scores]
    return own / total(others)


def shift_of(form: Expr) -> Expr:
    """What a shifted softmax takes off every score."""
    return form.args[0].args[0].args[1].args[0]


def written_for_calculators(call: Apply) -> Expr:
    """What a law of numbers stands for, above and below multiplied by a small power of e where the
    taught form has one that is too large."""
    return with_small_powers(written_out(call), {}) if _may_be_beyond(call) else written_out(call)


def is_turned(call: Expr) -> bool:
    """Whether a law of numbers is not written out as it is taught."""
    return _may_be_beyond(call) and written_for_calculators(call) != written_out(call)


def has_turned(expr: Expr) -> bool:
    """Whether such a law stands in a form."""
    return isinstance(expr, Apply) and (is_turned(expr) or any(map(has_turned, expr.args)))


def _may_be_beyond(call: Expr) -> bool:
    return (
        isinstance(call, Apply)
        and call.op in POWERS
        and isinstance(call.args[0], Literal)
        and call.args[0].value.copy_abs() > BEYOND
    )


def without_zero_logs(numbers: Expr, recorder: Recorder) -> Expr:
    """A form of numbers without the terms that are zero times the logarithm of what is printed as
    zero; 0 where nothing is left."""
    if not isinstance(numbers, Apply):
        return numbers
    if _is_zero_log(numbers, recorder):
        return lift(0)
    if numbers.op != "sum":
        args = tuple([without_zero_logs(arg, recorder) for arg in numbers.args])
        return (
            Apply(numbers.op, args)
            if any(new is not old for new, old in zip(args, numbers.args))
            else numbers
        )
    terms = [
        without_zero_logs(arg, recorder) for arg in numbers.args if not _is_zero_log(arg, recorder)
    ]
    if len(terms) == len(numbers.args):
        return (
            numbers
            if all(new is old for new, old in zip(terms, numbers.args))
            else Apply("sum", tuple(terms))
        )
    return total(terms) if terms else lift(0)


def _is_zero_log(term: Expr, recorder: Recorder) -> bool:
    """`0 ln(0)`, with a minus before it or divided by something."""
    if not isinstance(term, Apply):
        return False
    if term.op in ("neg", "divide"):
        return _is_zero_log(term.args[0], recorder)
    return (
        term.op == "product"
        and any(map(is_log_of_zero, term.args))
        and any(_is_zero(arg, recorder) for arg in term.args)
    )


def is_log_of_zero(expr: Expr) -> bool:
    """A logarithm which, as it is printed, a calculator does not have."""
    return isinstance(expr, Apply) and expr.op == "ln" and _printed(expr.args[0]) == 0


def _printed(expr: Expr) -> Decimal | None:
    try:
        return evaluate(as_shown(expr), {}, ON_PAGE)
    except DecimalException:
        return None


def _is_zero(expr: Expr, recorder: Recorder) -> bool:
    """Zero at full precision and as it is used, not only shown as zero."""

    def at(pick: Callable[[int], Decimal]) -> Expr:
        def walk(part: Expr) -> Expr:
            return (
                Literal(pick(part.event), part.text)
                if isinstance(part, Literal)
                else Apply(part.op, tuple(map(walk, part.args)))
            )

        return walk(expr)

    try:
        return not any(
            evaluate(at(pick), {}, ON_PAGE)
            for pick in (
                lambda event: recorder.events[event].exact,
                lambda event: recorder.events[event].value,
            )
        )
    except DecimalException:
        return False


def too_small_for_a_log(formula: Expr, numbers: Expr) -> Expr | None:
    """What stands in the first logarithm of a form whose numbers have none; None where every one
    has its value."""
    if not isinstance(formula, Apply):
        return None
    if is_log_of_zero(numbers):
        return formula.args[0]
    pairs = (
        zip(formula.args, numbers.args)
        if isinstance(numbers, Apply) and len(numbers.args) == len(formula.args)
        else ()
    )
    return next(filter(None, (too_small_for_a_log(one, other) for one, other in pairs)), None)

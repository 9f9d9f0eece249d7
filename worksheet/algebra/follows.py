"""Does one printed form follow from the one before it?

    1/(1 + e^{-0.5})  ->  1/(1 + 2.71828^{-0.5})  ->  0.62246
    1.0 - 0.1(-0.21738)  ->  1.0 - -0.02174  ->  1.0 + 0.02174  ->  1.02174

Three reasons suffice: a number that is the value of the form before, rounded to the places it
shows; the same operation whose operands follow one by one; equal values. Matrices follow entry by
entry. Nothing but the printed numbers is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from decimal import Context, Decimal, localcontext

from ..numbers.number import CONTEXT, REACH, quantize, working
from .entries import ONE, ZERO, NotScalar, exp, grid, shape, value
from .expression import Apply, Expr, Literal, apply, leaves

_NEAR, _SHRUNK = Decimal("1e-30"), Decimal("1e-20")
WIDE = 2000  # digits between the largest and the smallest of a line, at most: 1 + 10^{-95} is not 1
SHORT, ENOUGH = 14, nullcontext()  # signs of a number for which the usual digits are always enough
SPARE = 20  # digits beyond those of a number that is punched in again
# digits between the first of a value and the last that is printed: no such number is one that was
# rounded
APART = 2000
_GROUPED = ("sum", "product")
TURNING = (
    "sin",
    "cos",
    "tan",
)  # they turn on the way: the ends of a stretch do not tell what lies between
_BETWEEN = tuple(Decimal(k) / 8 for k in range(1, 9))
_FLAT = ("max", "relu", "positive", "not_positive")  # their value does not tell their operands


def enough_digits(*forms: Expr) -> AbstractContextManager[None]:
    """Within it everything is worked out with enough digits for all the numbers of some forms."""
    if all(map(has_short_numbers, forms)):
        return ENOUGH
    numbers = [leaf for form in forms for leaf in leaves(form) if type(leaf) is Literal]
    longest = max([len(leaf.text) for leaf in numbers], default=0)
    powers = [leaf.value.adjusted() for leaf in numbers if leaf.value] or [0]
    digits = max(longest + SPARE, min(max(powers) - min(powers) + SPARE, WIDE))
    return working(digits) if digits > CONTEXT.prec else nullcontext()


def has_short_numbers(expr: Expr) -> bool:
    """Whether every number of a form has so few digits that the usual ones are enough."""
    if type(expr) is Apply:
        for arg in expr.args:
            if not has_short_numbers(arg):
                return False
        return True
    return type(expr) is not Literal or len(expr.text) <= SHORT and "e" not in expr.text


def follows(
    previous: Expr,
    following: Expr,
    *,
    mode: str = "half-up",
    significant: int | None = None,
    exact_relation: bool = False,
) -> bool:
    """Whether the closed form `following` follows from the closed form `previous`.

    mode: how results were rounded (`number.MODES`). significant: the figures of a policy that may
    round before the decimal point. exact_relation: nothing may have been rounded. Raises
    ArithmeticError where `previous` has no value, ReadError where shapes do not fit, KeyError for a
    name.
    """
    if exact_relation:
        return equal(previous, following)
    printed = printed_number(following)
    if printed is not None:
        try:
            return _rounds_to(value(previous), printed, mode, significant)
        except NotScalar:
            return _by_entries(previous, following, mode, significant)
    return follows_inside(previous, following, mode, significant)


def follows_inside(previous: Expr, following: Expr, mode: str, significant: int | None) -> bool:
    """As `follows`, for operands: a number that is printed already may not change, every other
    operand may be worked out or regrouped by itself."""
    printed = printed_number(following)
    if printed is not None:
        before = printed_number(previous)
        if before is not None:  # an operand that was a number already may not change
            return before == printed
        try:
            return _rounds_to(value(previous), printed, mode, significant)
        except NotScalar:
            return _by_entries(previous, following, mode, significant)
    if type(previous) is Apply:
        args, others = previous.args, following.args
        if previous.op == following.op:
            if len(args) == len(others):
                if all([follows_inside(a, b, mode, significant) for a, b in zip(args, others)]):
                    return True
                if previous.op in ("matrix", "row"):  # written entries have no other reading
                    return False
            elif previous.op in _GROUPED and _groups(previous.op, args, others, mode, significant):
                return True
        elif {previous.op, following.op} == {"neg", "product"} and (
            _signed(previous),
            _signed(following),
        ) != (previous, following):
            return follows_inside(_signed(previous), _signed(following), mode, significant)
        elif previous.op == "exp" and following.op == "power" and _is_e(others[0]):
            return follows_inside(args[0], others[1], mode, significant)
    try:
        return _close(previous, following) and not _hides(
            previous, following, lambda a, b: follows_inside(a, b, mode, significant)
        )
    except NotScalar:
        return _by_entries(previous, following, mode, significant)


def _signed(expr: Apply) -> Apply:
    """-ab as (-a)b, which a line may show where -a has become a number."""
    if expr.op == "neg" and type(expr.args[0]) is Apply and expr.args[0].op == "product":
        first, *others = expr.args[0].args
        return Apply("product", (apply("neg", first), *others))
    return expr


def is_alike(previous: Expr, following: Expr) -> bool:
    """Whether both are the same operation with the same number of operands."""
    return (
        type(previous) is Apply
        and type(following) is Apply
        and previous.op == following.op
        and len(previous.args) == len(following.args)
    )


def _hides(previous: Expr, following: Expr, holds: Callable[[Expr, Expr], bool]) -> bool:
    """Whether equal values hide an operand that does not follow: beside a factor zero, or within a
    maximum."""
    if not is_alike(previous, following):
        return False
    pairs = list(zip(previous.args, following.args))
    if (
        previous.op in _FLAT
        or previous.op == "product"
        and any([not value(a) and not value(b) for a, b in pairs])
    ):
        return not all([holds(a, b) for a, b in pairs])
    return any([_hides(a, b, holds) for a, b in pairs])


def changes_operand(previous: Expr, following: Expr) -> bool:
    """Whether a number that is not worked out stands there with another value: 0.88 x 2 against
    0.89 x 2."""
    if not is_alike(previous, following):
        return False
    numbers = [
        (a, b, printed_number(a), printed_number(b)) for a, b in zip(previous.args, following.args)
    ]
    return any(
        [
            changes_operand(a, b) if before is None or after is None else before != after
            for a, b, before, after in numbers
        ]
    )


def printed_number(expr: Expr) -> Decimal | None:
    """The number a form shows, if it is nothing but a number, with or without a minus before it."""
    if type(expr) is Literal:
        return expr.value
    if expr.op == "neg" and type(expr.args[0]) is Literal:
        return expr.args[0].value.copy_negate()
    return None


def _rounds_to(exact: Decimal, printed: Decimal, mode: str, significant: int | None) -> bool:
    if exact == printed:
        return True
    if not exact.is_finite():
        return False
    exact = snapped(exact)
    exponent = printed.as_tuple().exponent
    if exact.adjusted() - exponent > APART:
        return False
    if quantize(exact, exponent, mode) == printed:
        return True
    if significant and exponent == 0:
        figures = exact.adjusted() - significant + 1
        return figures > 0 and quantize(exact, figures, mode) == printed
    return False


def _close(previous: Expr, following: Expr) -> bool:
    """Whether two forms have one value. Where they differ in far digits only, twice as many tell
    noise, which shrinks, from a difference, which stays."""
    one, other = value(previous), value(following)
    if one == other:
        return True
    apart = abs(one - other)
    if apart > _NEAR * max(abs(one), abs(other), _NEAR):
        return False
    with working(2 * CONTEXT.prec):
        return abs(CONTEXT.subtract(value(previous), value(following))) <= apart * _SHRUNK


def snapped(exact: Decimal) -> Decimal:
    """A value without its last ten digits: thirds times three are a whole again before anything is
    rounded."""
    return Context(prec=CONTEXT.prec - 10, Emin=-REACH, Emax=REACH).plus(exact)


def _is_e(base: Expr) -> bool:
    """The digits of e, cut or rounded: 2.71828, 2.718, 2.7183."""
    if type(base) is not Literal or base.value < 2:
        return False
    exponent = base.value.as_tuple().exponent
    return any(quantize(exp(ONE), exponent, mode) == base.value for mode in ("half-up", "truncate"))


def _flat(op: str, args: tuple[Expr, ...]) -> list[Expr]:
    return [
        part
        for arg in args
        for part in (_flat(op, arg.args) if type(arg) is Apply and arg.op == op else [arg])
    ]


def _groups(
    op: str, args: tuple[Expr, ...], others: tuple[Expr, ...], mode: str, significant: int | None
) -> bool:
    """Whether neighbouring operands were taken together: a + b + c against ab + c."""
    args, others = _flat(op, args), _flat(op, others)
    reached = {0}  # how many of `args` the others so far may have used up
    for position, other in enumerate(others):
        left = len(others) - position - 1
        reached = {
            stop
            for start in reached
            for stop in range(start + 1, len(args) - left + 1)
            if follows_inside(
                args[start] if stop == start + 1 else Apply(op, tuple(args[start:stop])),
                other,
                mode,
                significant,
            )
        }
        if not reached:
            return False
    return len(args) in reached


def _by_entries(previous: Expr, following: Expr, mode: str, significant: int | None) -> bool:
    ours, theirs = grid(previous), grid(following)
    return shape(ours) == shape(theirs) and all(
        follows(a, b, mode=mode, significant=significant)
        if printed_number(b) is not None
        else follows_inside(a, b, mode, significant)
        for row, other in zip(ours, theirs)
        for a, b in zip(row, other)
    )


def equal(previous: Expr, following: Expr) -> bool:
    """Whether both sides are worth the same with nothing rounded, matrices entry by entry, and
    neither hides an operand that differs."""
    try:
        return _close(previous, following) and not _hides(previous, following, equal)
    except NotScalar:
        ours, theirs = grid(previous), grid(following)
        return shape(ours) == shape(theirs) and all(
            equal(a, b) for row, other in zip(ours, theirs) for a, b in zip(row, other)
        )


# ---- policies that print rounded numbers and compute with unrounded ones ------------------------


def within(previous: Expr, following: Expr, *, slack: Callable[[Literal], Decimal]) -> bool:
    """Whether `following` holds when every literal of both may be off by its `slack`.

    The bound is first order: the sum over the literals of |f(literal + slack) - f(literal)|, times
    1.05, plus the slack of a printed result. slack gives half a unit of the last place for a number
    that was rounded (a whole unit under truncation) and 0 for one that was given.
    """
    ours, theirs = grid(previous), grid(following)
    return shape(ours) == shape(theirs) and all(
        _entry_within(a, b, slack) for row, other in zip(ours, theirs) for a, b in zip(row, other)
    )


def _entry_within(previous: Expr, following: Expr, slack: Callable[[Literal], Decimal]) -> bool:
    with localcontext(CONTEXT):
        one, other = value(previous), value(following)
        off = abs(one - other)
        if type(previous) is Literal and type(following) is Literal:
            return off <= slack(previous) + slack(following)
        return off <= (_spread(previous, slack) + _spread(following, slack)) * Decimal(
            "1.05"
        ) + _NEAR * max(abs(one), abs(other))


def _spread(expr: Expr, slack: Callable[[Literal], Decimal]) -> Decimal:
    """How far the value of `expr` moves when its literals move by their slack, to first order; what
    goes to and fro is tried between, too."""
    shares = _BETWEEN if _turns(expr) else (1,)
    literals = [leaf for leaf in leaves(expr) if type(leaf) is Literal]
    centre, total = value(expr), ZERO
    for position, leaf in enumerate(literals):
        step = slack(leaf)
        if step:
            moves = [
                abs(value(_moved(expr, position, sign * step * share)) - centre)
                for sign in (1, -1)
                for share in shares
            ]
            total += max(moves)
    return total


def _turns(expr: Expr) -> bool:
    return type(expr) is Apply and (expr.op in TURNING or any(map(_turns, expr.args)))


def _moved(expr: Expr, position: int, step: Decimal) -> Expr:
    """`expr` with its literal number `position`, counted from the left, moved by `step`."""
    count = -1

    def walk(part: Expr) -> Expr:
        nonlocal count
        if type(part) is Literal:
            count += 1
            return Literal(part.value + step, part.text) if count == position else part
        return Apply(part.op, tuple([walk(arg) for arg in part.args]))

    return walk(expr)

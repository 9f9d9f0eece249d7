"""Does one printed form follow from the one before it?

    1/(1 + e^{-0.5})  ->  1/(1 + 2.71828^{-0.5})  ->  0.62246
    1.0 - 0.1(-0.21738)  ->  1.0 - -0.02174  ->  1.0 + 0.02174  ->  1.02174

Three reasons suffice: a number that is the value of the form before, rounded to the places it shows;
the same operation whose operands follow one by one; equal values. Matrices follow entry by entry.
Nothing but the printed numbers is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from .expression import Apply, Expr, Literal, apply, leaves
from .grid import ONE, ZERO, NotScalar, exp, grid, shape, value
from .number import CONTEXT, REACH, bound_text, exact_text, quantize, working

_RELATIVE, _ABSOLUTE = Decimal("1e-30"), Decimal("1e-40")
_SNAP = Context(prec=40, Emin=-REACH, Emax=REACH)  # thirds times three are a whole again before anything is rounded
APART = 2000  # digits between the first of a value and the last that is printed: no such number is one that was rounded
_GROUPED = ("sum", "product")
_FLAT = ("max", "relu", "positive", "not_positive")  # their value does not tell their operands


@dataclass(frozen=True, slots=True)
class Gap:
    """A part that does not follow: `printed` is the number on the page (empty where the part is more
    than one number), `expected` what should be there."""

    printed: str
    expected: str


def follows(previous: Expr, following: Expr, *, mode: str = "half-up", significant: int | None = None,
            exact_relation: bool = False) -> bool:
    """Whether the closed form `following` follows from the closed form `previous`.

    mode: how results were rounded (`number.MODES`). significant: the figures of a policy that may round
    before the decimal point. exact_relation: nothing may have been rounded.
    Raises ArithmeticError where `previous` has no value, ReadError where shapes do not fit, KeyError for a name.
    """
    if exact_relation:
        return _equal(previous, following)
    printed = _printed(following)
    if printed is not None:
        try:
            return _rounds_to(value(previous), printed, mode, significant)
        except NotScalar:
            return _by_entries(previous, following, mode, significant)
    return _follows(previous, following, mode, significant)


def _follows(previous: Expr, following: Expr, mode: str, significant: int | None) -> bool:
    printed = _printed(following)
    if printed is not None:
        before = _printed(previous)
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
                if all([_follows(a, b, mode, significant) for a, b in zip(args, others)]):
                    return True
                if previous.op in ("matrix", "row"):  # written entries have no other reading
                    return False
            elif previous.op in _GROUPED and _groups(previous.op, args, others, mode, significant):
                return True
        elif {previous.op, following.op} == {"neg", "product"} and (_signed(previous), _signed(following)) != (previous, following):
            return _follows(_signed(previous), _signed(following), mode, significant)
        elif previous.op == "exp" and following.op == "power" and _is_e(others[0]):
            return _follows(args[0], others[1], mode, significant)
    try:
        return _close(value(previous), value(following)) and not _hides(
            previous, following, lambda a, b: _follows(a, b, mode, significant))
    except NotScalar:
        return _by_entries(previous, following, mode, significant)


def _signed(expr: Apply) -> Apply:
    """-ab as (-a)b, which a line may show where -a has become a number."""
    if expr.op == "neg" and type(expr.args[0]) is Apply and expr.args[0].op == "product":
        first, *others = expr.args[0].args
        return Apply("product", (apply("neg", first), *others))
    return expr


def _is_alike(previous: Expr, following: Expr) -> bool:
    return (type(previous) is Apply and type(following) is Apply and previous.op == following.op
            and len(previous.args) == len(following.args))


def _hides(previous: Expr, following: Expr, holds: Callable[[Expr, Expr], bool]) -> bool:
    """Whether equal values hide an operand that does not follow: beside a factor zero, or within a maximum."""
    if not _is_alike(previous, following):
        return False
    pairs = list(zip(previous.args, following.args))
    if previous.op in _FLAT or previous.op == "product" and any([not value(a) and not value(b) for a, b in pairs]):
        return not all([holds(a, b) for a, b in pairs])
    return any([_hides(a, b, holds) for a, b in pairs])


def changes_operand(previous: Expr, following: Expr) -> bool:
    """Whether a number that is not worked out stands there with another value: 0.88 x 2 against 0.89 x 2."""
    if not _is_alike(previous, following):
        return False
    numbers = [(a, b, _printed(a), _printed(b)) for a, b in zip(previous.args, following.args)]
    return any([changes_operand(a, b) if before is None or after is None else before != after
                for a, b, before, after in numbers])


def _printed(expr: Expr) -> Decimal | None:
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
    exact = _SNAP.plus(exact)
    exponent = printed.as_tuple().exponent
    if exact.adjusted() - exponent > APART:
        return False
    if quantize(exact, exponent, mode) == printed:
        return True
    if significant and exponent == 0:
        figures = exact.adjusted() - significant + 1
        return figures > 0 and quantize(exact, figures, mode) == printed
    return False


def _close(one: Decimal, other: Decimal) -> bool:
    return one == other or abs(one - other) <= _RELATIVE * max(abs(one), abs(other)) + _ABSOLUTE


def _is_e(base: Expr) -> bool:
    """The digits of e, cut or rounded: 2.71828, 2.718, 2.7183."""
    if type(base) is not Literal or base.value < 2:
        return False
    exponent = base.value.as_tuple().exponent
    return any(quantize(exp(ONE), exponent, mode) == base.value for mode in ("half-up", "truncate"))


def _flat(op: str, args: tuple[Expr, ...]) -> list[Expr]:
    return [part for arg in args for part in
            (_flat(op, arg.args) if type(arg) is Apply and arg.op == op else [arg])]


def _groups(op: str, args: tuple[Expr, ...], others: tuple[Expr, ...], mode: str, significant: int | None) -> bool:
    """Whether neighbouring operands were taken together: a + b + c against ab + c."""
    args, others = _flat(op, args), _flat(op, others)
    reached = {0}  # how many of `args` the others so far may have used up
    for position, other in enumerate(others):
        left = len(others) - position - 1
        reached = {stop for start in reached for stop in range(start + 1, len(args) - left + 1)
                   if _follows(args[start] if stop == start + 1 else Apply(op, tuple(args[start:stop])),
                               other, mode, significant)}
        if not reached:
            return False
    return len(args) in reached


def _by_entries(previous: Expr, following: Expr, mode: str, significant: int | None) -> bool:
    ours, theirs = grid(previous), grid(following)
    return shape(ours) == shape(theirs) and all(
        follows(a, b, mode=mode, significant=significant) if _printed(b) is not None else
        _follows(a, b, mode, significant)
        for row, other in zip(ours, theirs) for a, b in zip(row, other))


def _equal(previous: Expr, following: Expr) -> bool:
    try:
        return _close(value(previous), value(following)) and not _hides(previous, following, _equal)
    except NotScalar:
        ours, theirs = grid(previous), grid(following)
        return shape(ours) == shape(theirs) and all(
            _equal(a, b) for row, other in zip(ours, theirs) for a, b in zip(row, other))


# ---- what should have been printed --------------------------------------------------------------

def gap(previous: Expr, following: Expr, *, mode: str = "half-up", significant: int | None = None,
        exact_relation: bool = False) -> tuple[Gap, ...]:
    """The parts of `following` that do not follow, each with the text it should have been; () if all is well."""
    if follows(previous, following, mode=mode, significant=significant, exact_relation=exact_relation):
        return ()
    if type(following) is Apply and following.op == "neg" and _printed(following) is not None:
        return gap(apply("neg", previous), following.args[0], mode=mode, significant=significant,
                   exact_relation=exact_relation)
    printed = _printed(following)
    ours, theirs = _grid(previous), _grid(following)
    if shape(ours) != shape(theirs):
        return (Gap("", "a {} by {} matrix".format(*shape(ours))),)
    if shape(ours) != (1, 1):
        return tuple([Gap(found.printed or _readable(value(b)), found.expected)
                      for row, other in zip(ours, theirs) for a, b in zip(row, other)
                      for found in gap(a, b, mode=mode, significant=significant, exact_relation=exact_relation)]
                     ) or (Gap("", "what the form before it gives"),)
    exact = value(ours[0][0])
    if printed is not None:
        return (Gap(_text(following), _expected(exact, printed, mode, exact_relation)),)
    if _is_alike(previous, following):
        wrong = [(a, b) for a, b in zip(previous.args, following.args)
                 if not (_equal(a, b) if exact_relation else _follows(a, b, mode, significant))]
        if len(wrong) == 1:
            before, after = wrong[0]
            if _printed(before) is not None and _printed(after) is not None:  # an operand that changed
                return (Gap(_text(after), _text(before)),)
            found = gap(before, after, mode=mode, significant=significant, exact_relation=exact_relation)
            if all(part.printed for part in found):
                return found
    return (Gap("", _readable(exact)),)


def results_off(previous: Expr, following: Expr, **how) -> tuple[Gap, ...]:
    """The numbers of `following` that are not what those before them give, each by itself; () where no number can be named."""
    found = gap(previous, following, **how)
    if all(part.printed for part in found):
        return found
    if not _is_alike(previous, following):
        return ()
    return tuple([part for one, other in zip(previous.args, following.args) if not _printed_alike(one, other) for part in results_off(one, other, **how)])


def _printed_alike(one: Expr, other: Expr) -> bool:
    return _printed(one) is not None and _printed(one) == _printed(other)


def _grid(expr: Expr):
    """The grid of an expression that may be a plain scalar, whose one entry stays as it was written."""
    entries = grid(expr)
    try:
        value(expr)
    except NotScalar:
        return entries
    return ((expr,),)


def _text(expr: Expr) -> str:
    if type(expr) is Literal:
        return expr.text
    return _readable(value(expr))


def _expected(exact: Decimal, printed: Decimal, mode: str, exact_relation: bool) -> str:
    return _readable(exact) if exact_relation else bound_text(quantize(_SNAP.plus(exact), printed.as_tuple().exponent, mode))


def _readable(exact: Decimal) -> str:
    return exact_text(Context(prec=12, Emin=-REACH, Emax=REACH).plus(exact))


# ---- policies that print rounded numbers and compute with unrounded ones ------------------------

def within(previous: Expr, following: Expr, *, slack: Callable[[Literal], Decimal]) -> bool:
    """Whether `following` holds when every literal of both may be off by its `slack`.

    The bound is first order: the sum over the literals of |f(literal + slack) - f(literal)|, times 1.05,
    plus the slack of a printed result. slack gives half a unit of the last place for a number that was
    rounded (a whole unit under truncation) and 0 for one that was given.
    """
    ours, theirs = grid(previous), grid(following)
    return shape(ours) == shape(theirs) and all(
        _entry_within(a, b, slack) for row, other in zip(ours, theirs) for a, b in zip(row, other))


def _entry_within(previous: Expr, following: Expr, slack: Callable[[Literal], Decimal]) -> bool:
    with localcontext(CONTEXT):
        off = abs(value(previous) - value(following))
        if type(previous) is Literal and type(following) is Literal:
            return off <= slack(previous) + slack(following)
        return off <= (_spread(previous, slack) + _spread(following, slack)) * Decimal("1.05") + _ABSOLUTE


def _spread(expr: Expr, slack: Callable[[Literal], Decimal]) -> Decimal:
    """How far the value of `expr` moves when its literals move by their slack, to first order."""
    literals = [leaf for leaf in leaves(expr) if type(leaf) is Literal]
    centre, total = value(expr), ZERO
    for position, leaf in enumerate(literals):
        step = slack(leaf)
        if step:
            moves = [abs(value(_moved(expr, position, sign * step)) - centre) for sign in (1, -1)]
            total += max(moves)
    return total


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

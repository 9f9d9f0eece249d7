"""What should have been printed: the parts of a form that do not follow from the one before it,
each with the text it should have been.

0.5 \\cdot 0.62246  ->  0.31124      0.31124 should be 0.31123
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal

from ..algebra.entries import NotScalar, grid, shape, value
from ..algebra.expression import Apply, Expr, Literal, apply
from ..algebra.follows import equal, follows, follows_inside, is_alike, printed_number, snapped
from ..numbers.number import REACH, bound_text, exact_text, quantize


@dataclass(frozen=True, slots=True)
class Gap:
    """A part that does not follow: `printed` is the number on the page (empty where the part is
    more than one number), `expected` what should be there."""

    printed: str
    expected: str


def gap(
    previous: Expr,
    following: Expr,
    *,
    mode: str = "half-up",
    significant: int | None = None,
    exact_relation: bool = False,
) -> tuple[Gap, ...]:
    """The parts of `following` that do not follow, each with the text it should have been; () if
    all is well."""
    if follows(
        previous, following, mode=mode, significant=significant, exact_relation=exact_relation
    ):
        return ()
    if type(following) is Apply and following.op == "neg" and printed_number(following) is not None:
        return gap(
            apply("neg", previous),
            following.args[0],
            mode=mode,
            significant=significant,
            exact_relation=exact_relation,
        )
    printed = printed_number(following)
    ours, theirs = _grid(previous), _grid(following)
    if shape(ours) != shape(theirs):
        return (Gap("", "a {} by {} matrix".format(*shape(ours))),)
    if shape(ours) != (1, 1):
        return tuple(
            [
                Gap(found.printed or _readable(value(b)), found.expected)
                for row, other in zip(ours, theirs)
                for a, b in zip(row, other)
                for found in gap(
                    a, b, mode=mode, significant=significant, exact_relation=exact_relation
                )
            ]
        ) or (Gap("", "what the form before it gives"),)
    exact = value(ours[0][0])
    if printed is not None:
        return (Gap(_text(following), _expected(exact, printed, mode, exact_relation)),)
    if is_alike(previous, following):
        wrong = [
            (a, b)
            for a, b in zip(previous.args, following.args)
            if not (equal(a, b) if exact_relation else follows_inside(a, b, mode, significant))
        ]
        if len(wrong) == 1:
            before, after = wrong[0]
            if (
                printed_number(before) is not None and printed_number(after) is not None
            ):  # an operand that changed
                return (Gap(_text(after), _text(before)),)
            found = gap(
                before, after, mode=mode, significant=significant, exact_relation=exact_relation
            )
            if all(part.printed for part in found):
                return found
    return (Gap("", _readable(exact)),)


def results_off(previous: Expr, following: Expr, **how) -> tuple[Gap, ...]:
    """The numbers of `following` that are not what those before them give, each by itself; () where
    no number can be named."""
    found = gap(previous, following, **how)
    if all(part.printed for part in found):
        return found
    if not is_alike(previous, following):
        return ()
    return tuple(
        [
            part
            for one, other in zip(previous.args, following.args)
            if not _printed_alike(one, other)
            for part in results_off(one, other, **how)
        ]
    )


def _printed_alike(one: Expr, other: Expr) -> bool:
    return printed_number(one) is not None and printed_number(one) == printed_number(other)


def _grid(expr: Expr):
    """The grid of an expression that may be a plain scalar, whose one entry stays as it was
    written."""
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
    return (
        _readable(exact)
        if exact_relation
        else bound_text(quantize(snapped(exact), printed.as_tuple().exponent, mode))
    )


def _readable(exact: Decimal) -> str:
    return exact_text(Context(prec=12, Emin=-REACH, Emax=REACH).plus(exact))

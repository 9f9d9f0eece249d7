r"""Is each form of a derivation equal to the one before it? Numbers are put in for the names, to 50
digits.

    f'(x) = \\frac{d}{dx}(x^2 + x) = \\frac{d}{dx}(x^2) + \\frac{d}{dx}(x) = 2x + 1

A derivative that still stands in a form is carried forward (`judge/carried_slopes.py`), so no rule
that led to a form has a say in whether it holds. The forms are proved twice: those of the trace,
and those read from the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext

from ..algebra.entries import EXACT
from ..algebra.expression import Apply, Expr, Literal, Name, differentiates, leaves, substitute
from ..family import family_of
from ..markdown.reader import formulas
from ..numbers.number import CONTEXT, Number, working
from ..tex.reader import chains
from ..trace.trace import Trace
from .carried_slopes import slope_at

AGREE = Decimal("1e-25")  # relative
DIGITS = 110
SHARES = tuple(
    map(Decimal, ("0", "1", "0.37", "-0.11"))
)  # of a function's change, away from its point
ABOUT = Decimal("0.1")
ANYWHERE = (1, -3, 29)  # how far from 0 a formula without a point is tried
STRETCHES = (
    1,
    7,
    29,
)  # how far a derivation is tried on both sides of 0, where a ReLU has another slope
_OPERATOR = re.compile(r"\\frac\{(?:d|\\partial)\}\{(?:d|\\partial)\s*(.+)\}")
_LABEL = re.compile(
    r"(?:\\nabla)?\w'*\([^()]*[A-Za-z][^()]*\)"
)  # f'(x): a label with names in its brackets says something for every x

NO_VALUE = Apply("divide", (Literal(Decimal(1), "1"), Literal(Decimal(0), "0")))

Point = Mapping[str, Decimal]


def value_at(expr: Expr, point: Point) -> Decimal:
    """The value of a form, with more digits than anything here is compared to. Raises
    ArithmeticError where it has none, KeyError for a name without a value."""
    with working(DIGITS), localcontext(CONTEXT):
        return _value(expr, point)


def _value(expr: Expr, point: Point) -> Decimal:
    if isinstance(expr, Literal):
        return expr.value
    if isinstance(expr, Name):
        return point[expr.name]
    if expr.op in ("derivative", "partial"):
        if not isinstance(expr.args[1], Name):
            raise ArithmeticError("there is no derivative with respect to what is no name")
        return CONTEXT.plus(slope_at(expr.args[0], point, expr.args[1].name))
    return EXACT[expr.op](*[_value(arg, point) for arg in expr.args])


def first_unequal(forms: Sequence[Expr], points: Iterable[Point]) -> int | None:
    """The first form that is not equal to the one before it, None if all hold.

    Forms that have a value at none of the points, or a name without one, are not proved: the first
    is named, 0."""
    is_proved = False
    for point in points:
        try:
            values = [value_at(form, point) for form in forms]
        except (ArithmeticError, KeyError):
            continue
        is_proved = True
        for place, (before, after) in enumerate(zip(values, values[1:]), start=1):
            if abs(CONTEXT.subtract(before, after)) > AGREE * max(Decimal(1), abs(before)):
                return place
    return None if is_proved else 0


# ---- where it is tried
# ----------------------------------------------------------------------------


def written_out(expr: Expr, meanings: dict[str, Expr]) -> Expr:
    """The expression with what each of its names stands for in its place."""
    return substitute(expr, meanings.get) if meanings else expr


def points_of(trace: Trace) -> list[dict[str, Decimal]]:
    """Points at which derivations are tried: those of the family, or the page's own point and some
    near it."""
    if (points := family_of(trace.problem).points(trace.problem)) is not None:
        return points
    held = {name: trace.events[event].value for name, event in trace.givens.items()}
    change = held.pop("change", ABOUT)
    return [
        {name: CONTEXT.add(value, CONTEXT.multiply(change, share)) for name, value in held.items()}
        for share in SHARES
    ]


def _scattered(free: Iterable[str], stretch: int = 1) -> list[dict[str, Decimal]]:
    """Points between 0 and 1, or, stretched, elsewhere."""
    return [
        {
            name: CONTEXT.divide(Decimal(stretch * (1 + (7 * place + 5 * k) % 17)), Decimal(19))
            for place, name in enumerate(free)
        }
        for k in range(4)
    ]


def on_all_sides(free: Sequence[str]) -> list[dict[str, Decimal]]:
    """Points near to 0 and farther out, the names with signs of their own."""
    return [
        {
            name: -value if (k ^ 7 * turn) >> place % 3 & 1 else value
            for place, (name, value) in enumerate(point.items())
        }
        for stretch in STRETCHES
        for turn in (0, 1)
        for k, point in enumerate(_scattered(free, stretch))
    ]


def anywhere(
    free: Sequence[str], complete: Callable[[list[dict[str, Decimal]]], list[dict[str, Decimal]]]
) -> list[dict[str, Decimal]]:
    """The points nearest to 0 at which a problem without a point has values; `complete` adds what
    is worth something there, and leaves out points where it is not."""
    tried = *[_scattered(free, stretch) for stretch in ANYWHERE], on_all_sides(free)
    return next((found for points in tried if (found := complete(points))), [])


def near(at: Mapping[str, Number]) -> list[dict[str, Decimal]]:
    """The point and some beside it; each name goes its own way."""
    return [
        {
            name: CONTEXT.add(
                number.value, CONTEXT.multiply(ABOUT, SHARES[(k + turn * (k > 0)) % len(SHARES)])
            )
            for turn, (name, number) in enumerate(at.items())
        }
        for k in range(len(SHARES))
    ]


# ---- what stands on the page --------------------------------------------------------------------


def printed_forms(
    markdown: str, targets: frozenset[str] | set[str] = frozenset()
) -> dict[str, list[tuple[int, str, Expr]]]:
    """Every form that a page gives for a label such as f'(x), or for one of `targets`, in order:
    the line, the TeX, what was read.

    A form that cannot be read has no value anywhere."""
    found: dict[str, list[tuple[int, str, Expr]]] = {}
    for formula in formulas(markdown):
        for chain in chains(formula.tex):
            is_meant = (
                chain.target in targets
                or chain.target
                and not chain.binds
                and _LABEL.fullmatch(chain.target)
            )
            if is_meant and chain.is_equality:
                for form in filter(
                    lambda form: form.tex.strip(), chain.forms[1:]
                ):  # none: a place to write
                    expr = NO_VALUE if form.expr is None else with_operators(form.expr)
                    rows = (
                        [entry for row in expr.args for entry in row.args]
                        if isinstance(expr, Apply) and expr.op == "matrix"
                        else [expr]
                    )
                    for place, entry in enumerate(rows, start=1):  # a vector, entry by entry
                        label = f"{chain.target}, entry {place}" if len(rows) > 1 else chain.target
                        found.setdefault(label, []).append(
                            (formula.line_of(form.start), form.tex, entry)
                        )
    return found


def with_operators(expr: Expr) -> Expr:
    r"""`\\frac{d}{dx}(x^2)` is read as a product; here it becomes the derivative that it means."""
    if type(expr) is not Apply or not any(
        [type(leaf) is Name and _OPERATOR.fullmatch(leaf.name) for leaf in leaves(expr)]
    ):
        return expr
    args = [with_operators(arg) for arg in expr.args]
    if expr.op == "product":
        for place in range(len(args) - 2, -1, -1):
            operator = (
                _OPERATOR.fullmatch(args[place].name) if isinstance(args[place], Name) else None
            )
            if operator:  # one within another would take four values of four values of ...
                is_nested = differentiates(args[place + 1])
                args[place : place + 2] = [
                    NO_VALUE
                    if is_nested
                    else Apply("derivative", (args[place + 1], Name(operator[1])))
                ]
        if len(args) == 1:
            return args[0]
    return Apply(expr.op, tuple(args))

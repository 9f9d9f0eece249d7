r"""A form in which a power of e is beyond a calculator, written with powers that it has; its value
stays the same.

    1/(1 + e^{-z})          ->  e^z/(1 + e^z)                 where z is -1000
    e^{-z}/(1 + e^{-z})^2   ->  e^z/(1 + e^z)^2
    e^u/(e^u + e^v)         ->  e^{u - v}/(e^{u - v} + 1)     where u and v are 1000 and 1001, or -1001 and -1000
    ln(1 + e^u)             ->  u + ln(1 + e^{-u})

Every part is divided into a rest and a power of e: of a sum the largest power is taken out, of a
product all of them. What the powers of the whole form come to is put back at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, DecimalException

from ..algebra.expression import Apply, Expr, Literal, evaluate, lift
from ..numbers.number import plain_text
from .recorder import ON_PAGE

BEYOND = 227  # e^{227} is 10^{98.6}; a calculator ends at 10^{100}
LARGEST, NOTHING = (
    100,
    -100,
)  # powers of ten: from the one on a calculator has no number, below the other it takes one for zero
FAR = 50  # powers of e that are taken out where one is beyond
ONE = lift(1)

Exponent = dict[Expr, Decimal]  # a sum: how many times each of its terms


def with_small_powers(form: Expr, values: Mapping[str, Decimal]) -> Expr:
    """A form of names and numbers without what a power of e makes too large for a calculator;
    itself where it has none, or cannot be written without."""
    small = SmallPowers(values)
    if not small.is_beyond(form):
        return form
    found = _with(*small.split(form))
    return form if small.is_beyond(found) else found


class SmallPowers:
    """How a form is divided, where its names have these values."""

    def __init__(self, values: Mapping[str, Decimal]):
        self.values = values

    def value(self, expr: Expr) -> Decimal:
        """What a part comes to; 0, which is neither large nor small, where it has no value, or none
        that is known here."""
        try:
            found = evaluate(expr, self.values, ON_PAGE)
        except (DecimalException, KeyError):
            return Decimal(0)
        return found if found.is_finite() else Decimal(0)

    def is_beyond(self, expr: Expr) -> bool:
        """Whether a calculator lacks a power of e in it, or takes what stands below a line for zero
        because of one."""
        if not isinstance(expr, Apply):
            return False
        if (
            expr.op == "exp"
            and self.value(expr.args[0]) > BEYOND
            or self.is_far(expr)
            and (value := self.value(expr))
            and value.adjusted() >= LARGEST
        ):
            return True
        if (
            expr.op == "divide"
            and self.is_far(expr.args[1])
            and (below := self.value(expr.args[1]))
            and below.adjusted() < NOTHING
        ):
            return True
        return any(map(self.is_beyond, expr.args))

    def is_far(self, expr: Expr) -> bool:
        """Whether there is a very large or very small power of e in it."""
        return isinstance(expr, Apply) and (
            expr.op == "exp"
            and self.value(expr.args[0]).copy_abs() > FAR
            or any(map(self.is_far, expr.args))
        )

    def split(self, expr: Expr) -> tuple[Expr, Exponent]:
        """A part as a rest and the exponent of e by which it is multiplied."""
        if not self.is_far(expr):
            return expr, {}
        match expr.op, expr.args:
            case "exp", (exponent,):
                return ONE, _terms_of(exponent)
            case "neg", (arg,):
                rest, exponent = self.split(arg)
                return -rest, exponent
            case "divide", (above, below):
                (over, one), (under, other) = self.split(above), self.split(below)
                return over if under == ONE else over / under, _sum(one, other, -1)
            case "power", (base, Literal(value=times)):
                rest, exponent = self.split(base)
                return ONE if rest == ONE else rest ** expr.args[1], _sum({}, exponent, times)
            case "product", factors:
                rests, exponents = zip(*map(self.split, factors))
                exponent: Exponent = {}
                for each in exponents:
                    exponent = _sum(exponent, each)
                return _product([rest for rest in rests if rest != ONE]), exponent
            case "sum", terms:
                return self._sum_without(list(map(self.split, terms)))
            case "ln", (arg,):
                rest, exponent = self.split(arg)
                return _written(exponent) if rest == ONE else _written(exponent) + Apply(
                    "ln", (rest,)
                ) if exponent else Apply("ln", (rest,)), {}
            case op, args:
                return Apply(op, tuple([_with(*self.split(arg)) for arg in args])), {}

    def _sum_without(self, parts: list[tuple[Expr, Exponent]]) -> tuple[Expr, Exponent]:
        """A sum without its largest power; the 1 that stood first stands there again."""
        largest = max(
            (exponent for _, exponent in parts), key=lambda exponent: self.value(_written(exponent))
        )
        terms = [_with(rest, _sum(exponent, largest, -1)) for rest, exponent in parts]
        if (
            parts[0] == (ONE, {})
            and ONE in terms
            and all(not isinstance(term, Apply) or term.op != "neg" for term in terms)
        ):
            terms.insert(0, terms.pop(terms.index(ONE)))
        return Apply("sum", tuple(terms)), largest


def _with(rest: Expr, exponent: Exponent) -> Expr:
    """A rest multiplied by its power of e again."""
    if not exponent:
        return rest
    match rest:
        case Apply("exp", (own,)):
            both = _sum(_terms_of(own), exponent)
            return Apply("exp", (_written(both),)) if both else ONE
        case Apply("neg", (arg,)):
            return -_with(arg, exponent)
        case Apply("divide", (above, below)):
            return _with(above, exponent) / below
        case Apply("product", factors) if place := next(
            (
                place
                for place, factor in enumerate(factors, 1)
                if isinstance(factor, Apply) and factor.op == "exp"
            ),
            0,
        ):
            return _product(
                [
                    *factors[: place - 1],
                    *[each for each in [_with(factors[place - 1], exponent)] if each != ONE],
                    *factors[place:],
                ]
            )
    power = Apply("exp", (_written(exponent),))
    return power if rest == ONE else rest * power


def _product(factors: list[Expr]) -> Expr:
    return factors[0] if len(factors) == 1 else Apply("product", tuple(factors)) if factors else ONE


def _terms_of(exponent: Expr) -> Exponent:
    """An exponent as a sum of terms, each so many times: 2 (u - v) is u twice and v minus twice."""
    match exponent:
        case Apply("neg", (arg,)):
            return _sum({}, _terms_of(arg), -1)
        case Apply("sum", terms):
            found: Exponent = {}
            for term in terms:
                found = _sum(found, _terms_of(term))
            return found
        case Apply("product", (Literal(value=times, event=None), *factors)):
            return _sum({}, _terms_of(_product(factors)), times)
    return {exponent: Decimal(1)}


def _sum(one: Exponent, other: Exponent, times: Decimal | int = 1) -> Exponent:
    """The one exponent and so many times the other; what comes to nothing is not in it."""
    found = {
        term: one.get(term, Decimal(0)) + times * other.get(term, Decimal(0))
        for term in (one | other)
    }
    return {term: count for term, count in found.items() if count}


def _written(exponent: Exponent) -> Expr:
    """The sum as a form, what is added before what is subtracted; 0 where there is none."""
    terms = sorted(exponent.items(), key=lambda term: term[1] < 0)
    if not terms:
        return lift(0)
    (term, count), *others = terms
    form = term if count == 1 else -term if count == -1 else _times(count, term)
    for term, count in others:
        own = term if abs(count) == 1 else _times(abs(count), term)
        form = form + own if count > 0 else form - own
    return form


def _times(count: Decimal, term: Expr) -> Expr:
    return Literal(count, plain_text(count)) * term

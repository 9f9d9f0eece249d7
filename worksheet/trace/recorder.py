"""The recorder of events: one arithmetic operation, computed twice, rounded at its commit point.

Each event keeps the exact result (full precision from the givens on) beside the value that is used
next under the rounding policy; the two differ only under `carry` and `named`.
"""

from __future__ import annotations

from decimal import Decimal, DivisionByZero
from operator import attrgetter

from ..algebra.entries import FUNCTIONS
from ..algebra.expression import ARITHMETIC, Apply, Expr, Literal, evaluate, leaves
from ..numbers.known_digits import (
    ROUGH,
    TOLD,
    ZERO,
    MoreDigits,
    NotKnown,
    bound,
    has_all_digits,
    is_most,
)
from ..numbers.number import CONTEXT, Number, Rounding, half_unit, quantize
from .trace import Event

INDICATORS = ("positive", "not_positive")  # 0 or 1, whatever was rounded before


class Recorder:
    """The events of a solution under one rounding policy."""

    def __init__(self, rounding: Rounding):
        self.rounding = rounding
        self.events: list[Event] = []
        self._constants: dict[str, int] = {}
        self._rounded: set[int] = set()  # events that come from a rounded number
        self._errors: list[
            Decimal
        ] = []  # how far the value of each event may be off; the last ones may be missing
        self._exact_errors: list[Decimal] = []  # the same of what is exact there

    def record(
        self,
        op: str,
        operands: tuple[int, ...],
        exact: Decimal,
        value: Decimal,
        shown: str | None,
        is_exact: bool = True,
    ) -> int:
        """The number of a new event. `exact`: its result at full precision; `value`: what is used
        next; `shown`: its text on the page, None where it is not displayed."""
        self.events.append(Event(op, operands, exact, value, shown, is_exact))
        index = len(self.events) - 1
        if value and op not in INDICATORS and not self._rounded.isdisjoint(operands):
            self._rounded.add(index)
        return index

    def given(self, number: Number) -> int:
        """The number of the event of a number that the problem gives, as it was written."""
        return self.record("given", (), number.value, number.value, number.text)

    def held(self, event: Event) -> int:
        """What another solution came to, as a number to start from."""
        index = self.record("given", (), event.exact, event.value, event.shown)
        if Decimal(event.shown) != event.exact:
            self._rounded.add(index)
        return index

    def constant(self, node: Literal) -> Literal:
        """The literal of a formula (the 1 of 1 - a), registered once."""
        if node.text not in self._constants:
            self._constants[node.text] = self.record(
                "constant", (), node.value, node.value, node.text
            )
        return Literal(node.value, node.text, self._constants[node.text])

    def operate(self, op: str, *operands: int) -> int:
        """One operation, not yet rounded. Raises decimal's exceptions (ln 0, 1/0, overflow)."""
        events = [self.events[operand] for operand in operands]
        function = OPERATIONS[op]
        exact = function(*[event.exact for event in events])
        is_same = all(event.value is event.exact for event in events)
        return self.record(
            op,
            operands,
            exact,
            exact if is_same else function(*[event.value for event in events]),
            None,
        )

    def negate(self, node: Literal) -> Literal:
        """The literal with its sign turned; zero has none, but what is only shown as zero has one
        to keep."""
        event = self.events[node.event]
        if self.is_zero(node.event):
            return node
        text = (
            node.text
            if not node.value
            else node.text[1:]
            if node.text.startswith("-")
            else "-" + node.text
        )
        exact = CONTEXT.minus(event.exact)
        value = exact if event.value is event.exact else CONTEXT.minus(event.value)
        return Literal(
            CONTEXT.minus(node.value), text, self.record("neg", (node.event,), exact, value, text)
        )

    def show(
        self, index: int, node: Expr, kind: str, exponent: int | None, is_last: bool = True
    ) -> Literal:
        """Round the result of `node` and fix its text: where `carry` commits. A result that is
        already shown (a name for another quantity) stays as it is. What is exact on the way grows
        no zeros beyond those of its numbers (`is_last`: it is the result): 1 - 0.54705 is 0.45295,
        whatever the digits of the quantity."""
        event, rounding = self.events[index], self.rounding
        if event.shown is None:
            shared, exponent = (
                exponent,
                rounding.last_digit(event.value, kind) if exponent is None else exponent,
            )
            rounded = rounding.round(event.value, exponent)
            is_carried = rounding.policy == "carry"
            if not self._is_known(event.value, self.error(index), rounded, exponent):
                event = self._settled(index)
                exponent = rounding.last_digit(event.value, kind) if shared is None else shared
                rounded = rounding.round(event.value, exponent)
            exact = event.exact
            if not rounded and exact is not event.value and (error := self.error(index, "exact")):
                self.insist(index, TOLD)
                exact = (
                    ZERO if exact.copy_abs() <= error else exact
                )  # with the most digits there are
            on_page = event.value if is_carried else evaluate(node, {}, ON_PAGE)
            is_sure = rounded == event.value and not self._errors[index]
            if is_sure and not is_last and event.value.as_tuple().exponent > exponent:
                rounded = event.value
            is_whole = is_sure and index not in self._rounded
            text = rounding.write(rounded, is_whole, exponent)
            is_exact = (
                on_page == rounded
                and not has_all_digits(on_page)
                and (is_sure or self._is_restated(node, event.value, rounded))
            )
            event = Event(
                event.op,
                event.operands,
                exact,
                rounded if is_carried else event.value,
                text,
                is_exact,
            )
            self.events[index] = event
            if is_carried:
                self._errors[index] = ZERO
            if not event.is_exact:
                self._rounded.add(index)
        return Literal(Decimal(event.shown), event.shown, index)

    def _is_restated(self, node: Expr, value: Decimal, rounded: Decimal) -> bool:
        """Whether one of the numbers put in is the result: times 1, plus 0, the larger of two. Any
        other rounded result of unrounded numbers is about what it stands for, even where the
        printed ones happen to give it: 0.0005/0.500000 is about 0.001000."""
        found = [
            leaf
            for leaf in leaves(node)
            if leaf.value == rounded and self.events[leaf.event].value == value
        ]
        idle = 0 if node.op == "sum" else 1
        return bool(found) and (
            node.op == "max"
            or all(
                leaf in found or leaf.value == idle == self.events[leaf.event].value
                for leaf in leaves(node)
            )
        )

    # ---- which digits are known -----------------------------------------------------------------

    def error(self, index: int, which: str = "value") -> Decimal:
        """How far the value of an event, or what is exact there (`which`), may lie from the true
        one (`numbers/known_digits.py`)."""
        found, number = self._errors if which == "value" else self._exact_errors, attrgetter(which)
        for place in range(len(found), index + 1):
            event = self.events[place]
            errors = [found[each] for each in event.operands]
            operands = [number(self.events[each]) for each in event.operands] if any(errors) else ()
            found.append(bound(event.op, operands, errors, number(event)) if errors else ZERO)
        return found[index]

    def _is_known(self, value: Decimal, error: Decimal, rounded: Decimal, exponent: int) -> bool:
        """Whether every number that may be the true one is shown alike, and is not zero."""
        if not error:
            return True
        if value.copy_abs() <= error or not error.is_finite():
            return False
        if self.rounding.mode != "truncate" and CONTEXT.add(
            CONTEXT.subtract(value, rounded).copy_abs(), error
        ) < half_unit(exponent):
            return True
        return all(
            self.rounding.round(end, exponent) == rounded
            for end in (CONTEXT.subtract(value, error), CONTEXT.add(value, error))
        )

    def _settled(self, index: int) -> Event:
        """An event whose shown digits are not known: with the most digits there are, what may be
        zero is, and what may be a tie."""
        if not is_most():
            raise MoreDigits
        event, error = self.events[index], self._errors[index]
        if not error.is_finite():
            raise NotKnown
        value = (
            ZERO
            if event.value.copy_abs() <= error
            else quantize(event.value, error.adjusted() + 1, "half-even")
        )
        self._errors[index] = error if value else ZERO
        exact = value if event.exact is event.value else event.exact
        self.events[index] = Event(
            event.op, event.operands, exact, value, event.shown, event.is_exact
        )
        return self.events[index]

    def insist(self, index: int, digits: int) -> None:
        """So many digits of what is exact here must be known, where that is to be had."""
        error = self.error(index, "exact")
        if (
            error
            and not is_most()
            and ROUGH.scaleb(error, digits) > self.events[index].exact.copy_abs()
        ):
            raise MoreDigits

    def is_zero(self, index: int) -> bool:
        """Zero, and not only shown as zero."""
        return not self.events[index].exact and not self.events[index].value

    def is_one(self, node: Expr) -> bool:
        """The 1 of a formula, such as a local derivative; not a 1 that was given."""
        return (
            type(node) is Literal and node.value == 1 and self.events[node.event].op == "constant"
        )

    def times_one(self, node: Literal, one: Literal) -> Literal:
        """A number times the 1 of a formula is the same number: it is not rounded again."""
        event = self.events[node.event]
        return Literal(
            node.value,
            node.text,
            self.record("product", (node.event, one.event), event.exact, event.value, node.text),
        )

    def commit(self, index: int) -> None:
        """Use the shown value from here on: where the policy `named` rounds."""
        event = self.events[index]
        self.error(index)
        self._errors[index] = ZERO
        self.events[index] = Event(
            event.op, event.operands, event.exact, Decimal(event.shown), event.shown, event.is_exact
        )

    def mark(self) -> int:
        """Where the events end now, to come `back_to`."""
        return len(self.events)

    def back_to(self, mark: int) -> None:
        """Forget every event after `mark`."""
        del self.events[mark:], self._errors[mark:], self._exact_errors[mark:]
        self._rounded = {index for index in self._rounded if index < mark}
        self._constants = {text: event for text, event in self._constants.items() if event < mark}


class NoLogarithm(DivisionByZero):
    """The logarithm of zero, or of what is shown as zero."""


def _ln(value: Decimal) -> Decimal:
    if not value:
        raise NoLogarithm
    return ARITHMETIC["ln"](value)


OPERATIONS = ARITHMETIC | {"ln": _ln}
ON_PAGE = FUNCTIONS | dict(OPERATIONS, fraction=ARITHMETIC["divide"], whole=lambda value: value)


def as_shown(expr: Expr) -> Expr:
    """`expr` as it stands on the page: without the marks of the step engine."""
    if type(expr) is not Apply:
        return expr
    if expr.op == "whole":
        return as_shown(expr.args[0])
    args = expr.args
    for i, arg in enumerate(args):
        if type(arg) is Apply:
            shown = as_shown(arg)
            if shown is not arg:
                args = (*args[:i], shown, *args[i + 1 :])
    if expr.op == "fraction":
        return Apply("divide", args)
    return expr if args is expr.args else Apply(expr.op, args)

"""The recorder of events: one arithmetic operation, computed twice, rounded at its commit point.

Each event keeps the exact result (full precision from the givens on) beside the value that is used
next under the rounding policy; the two differ only under `carry` and `named`.
"""

from __future__ import annotations

from decimal import Decimal

from .expression import ARITHMETIC, Apply, Expr, Literal, evaluate
from .number import CONTEXT, Number, Rounding
from .trace import Event

INDICATORS = ("positive", "not_positive")    # 0 or 1, whatever was rounded before


class Recorder:
    """The events of a solution under one rounding policy."""

    def __init__(self, rounding: Rounding):
        self.rounding = rounding
        self.events: list[Event] = []
        self._constants: dict[str, int] = {}
        self._rounded: set[int] = set()        # events that come from a rounded number

    def record(self, op: str, operands: tuple[int, ...], exact: Decimal, value: Decimal, shown: str | None,
               is_exact: bool = True) -> int:
        self.events.append(Event(op, operands, exact, value, shown, is_exact))
        index = len(self.events) - 1
        if value and op not in INDICATORS and not self._rounded.isdisjoint(operands):
            self._rounded.add(index)
        return index

    def given(self, number: Number) -> int:
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
            self._constants[node.text] = self.record("constant", (), node.value, node.value, node.text)
        return Literal(node.value, node.text, self._constants[node.text])

    def operate(self, op: str, *operands: int) -> int:
        """One operation, not yet rounded. Raises decimal's exceptions (ln 0, 1/0, overflow)."""
        events = [self.events[operand] for operand in operands]
        function = ARITHMETIC[op]
        exact = function(*[event.exact for event in events])
        is_same = all(event.value is event.exact for event in events)
        return self.record(op, operands, exact, exact if is_same else function(*[event.value for event in events]), None)

    def negate(self, node: Literal) -> Literal:
        """The literal with its sign turned; zero has none, but what is only shown as zero has one to keep."""
        event = self.events[node.event]
        if self.is_zero(node.event):
            return node
        text = node.text if not node.value else node.text[1:] if node.text.startswith("-") else "-" + node.text
        exact = CONTEXT.minus(event.exact)
        value = exact if event.value is event.exact else CONTEXT.minus(event.value)
        return Literal(CONTEXT.minus(node.value), text, self.record("neg", (node.event,), exact, value, text))

    def show(self, index: int, node: Expr, kind: str, exponent: int | None) -> Literal:
        """Round the result of `node` and fix its text: where `carry` commits. A result that is
        already shown (a name for another quantity) stays as it is."""
        event, rounding = self.events[index], self.rounding
        if event.shown is None:
            if exponent is None:
                exponent = rounding.last_digit(event.value, kind)
            rounded = rounding.round(event.value, exponent)
            is_carried = rounding.policy == "carry"
            on_page = event.value if is_carried else evaluate(node, {}, ON_PAGE)
            is_whole = rounded == event.value and index not in self._rounded
            text = rounding.write(rounded, is_whole)
            event = Event(event.op, event.operands, event.exact, rounded if is_carried else event.value, text,
                          on_page == rounded)
            self.events[index] = event
            if not event.is_exact:
                self._rounded.add(index)
        return Literal(Decimal(event.shown), event.shown, index)

    def is_zero(self, index: int) -> bool:
        """Zero, and not only shown as zero."""
        return not self.events[index].exact and not self.events[index].value

    def is_one(self, node: Expr) -> bool:
        """The 1 of a formula, such as a local derivative; not a 1 that was given."""
        return type(node) is Literal and node.value == 1 and self.events[node.event].op == "constant"

    def times_one(self, node: Literal, one: Literal) -> Literal:
        """A number times the 1 of a formula is the same number: it is not rounded again."""
        event = self.events[node.event]
        return Literal(node.value, node.text, self.record("product", (node.event, one.event), event.exact, event.value, node.text))

    def commit(self, index: int) -> None:
        """Use the shown value from here on: where the policy `named` rounds."""
        event = self.events[index]
        self.events[index] = Event(event.op, event.operands, event.exact, Decimal(event.shown), event.shown,
                                   event.is_exact)

    def mark(self) -> int:
        return len(self.events)

    def back_to(self, mark: int) -> None:
        """Forget every event after `mark`."""
        del self.events[mark:]
        self._rounded = {index for index in self._rounded if index < mark}
        self._constants = {text: event for text, event in self._constants.items() if event < mark}


ON_PAGE = dict(ARITHMETIC, fraction=ARITHMETIC["divide"], whole=lambda value: value)


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
                args = (*args[:i], shown, *args[i + 1:])
    if expr.op == "fraction":
        return Apply("divide", args)
    return expr if args is expr.args else Apply(expr.op, args)

r"""The computational graph of a problem: its operations, and the numbers of the trace on what goes
from one to the next.

    z_h = w_h x, a_h = sigma(z_h), ...      w_h = 0.5 --> (×) -- z_h = 0.5, dL/dz_h ≈ -0.08207 --> (σ) --> ...

A number is that of the first epoch as it is printed. What the solution does not work out has none:
a value within a formula that no line shows, the derivative between a sigmoid and the cross-entropy
that are differentiated in one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import product

from ..algebra.expression import Apply, Expr, Literal, Name, leaves, names, operations
from ..family import family_of
from ..numbers.numerals import plain_numeral
from ..problem import Problem
from ..tex.unicode import plain_symbol
from ..trace.backward import partial_name
from ..trace.trace import Key, Trace, Working
from .text import (
    ASKED,
    DOT,
    END,
    FANNED,
    GIVEN,
    OPERATION,
    Circuit,
    Frame,
    Number,
    Place,
    Quantity,
    Wire,
)

MOST = 15  # operations of a circuit, three rows of five
MOST_OPERANDS = 7  # of one operation
INSTEAD = (
    "draw a part of it: the formulas of one neuron or of one branch are a problem of their own"
)
IN_CELLS = f"{INSTEAD}; or a sheet has the training step as cells of matrices, with layout: grid"
# the signs of operations; in words where a sign has more than one meaning
SIGNS = {
    "sum": "+",
    "product": "×",
    "divide": "÷",
    "power": "^",
    "neg": "−",
    "exp": "exp",
    "ln": "ln",
    "sqrt": "√",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
    "sigmoid": "σ",
    "relu": "ReLU",
    "leaky_relu": "LReLU",
    "max": "max",
    "abs": "abs",
    "binary_cross_entropy": "BCE",
    "squared_error": "SE",
    "half_squared_error": "½ SE",
    "mean_squared_error": "MSE",
    "categorical_cross_entropy": "CCE",
}


def refusal(problem: Problem) -> tuple[str, str] | None:
    """Why a problem has no circuit, with what to use instead; None where it has one."""
    if why := family_of(problem).without_graph(problem):
        return why
    instead = INSTEAD if family_of(problem).matrices(problem) is None else IN_CELLS
    for name, expr in formulas_of(problem).items():
        widest = max((len(node.args) for node in _applied(expr)), default=0)
        if widest > MOST_OPERANDS:
            return (
                f"an operation of a circuit has at most {MOST_OPERANDS} operands, and one of '{name}' has {widest}",
                instead,
            )
        if not operations(expr):
            return f"a circuit is made of operations, and '{name}' is only another name", instead
    found = len(
        [
            place
            for place in _Wiring(problem, None).circuit.places.values()
            if place.kind == OPERATION
        ]
    )
    return (
        (f"a circuit has at most {MOST} operations, and this one would have {found}", instead)
        if found > MOST
        else None
    )


def circuit_of(trace: Trace, is_local: bool | None = None) -> Circuit:
    """The circuit of a solved problem for which there is no `refusal`; `is_local`: with the
    derivatives of operations that have a number of their own; None: as its spec says."""
    return (
        _Wiring(trace.problem, trace, is_local).circuit
        if is_local is not None
        else _wiring(trace).circuit
    )


def _wiring(trace: Trace) -> _Wiring:
    return _Wiring(trace.problem, trace, trace.problem.circuit == "local")


BLANKS = ("gradients", "values", "both")


def asked_of(trace: Trace, blank: str) -> frozenset[Key]:
    """The quantities of the first epoch that a circuit leaves blank, by a word of BLANKS."""
    values = [working.key for phase in ("forward", "loss") for working in trace.select(phase, 1)]
    last = list(formulas_of(trace.problem))[-1]
    slopes = [
        (partial_name(last, name), 1, "backward")
        for name in (*trace.givens, *[name for name, _, _ in values])
    ]
    slopes += _wiring(trace).locals.values()
    return frozenset(
        [
            *(values if blank != "gradients" else ()),
            *([each for each in slopes if trace.get(*each)] if blank != "values" else ()),
        ]
    )


def shown_of(trace: Trace, blank: str) -> frozenset[Key]:
    """All that are worked out and stand in a circuit."""
    return asked_of(trace, "both")


def to_fill_in(trace: Trace, asked: Collection[Key], is_filled: bool) -> Circuit:
    """The circuit of a sheet: a box for each number that is asked there, empty or filled; what
    leads to such a number within its formula, or on one path, is left out."""
    wiring, last = _wiring(trace), list(formulas_of(trace.problem))[-1]
    circuit = wiring.circuit
    phases = {
        working.name: phase for phase in ("forward", "loss") for working in trace.select(phase, 1)
    }
    names = {plain_symbol(name): name for name in (*trace.givens, *phases)}

    def boxed(number: Number | None, key: Key | None) -> Number | None:
        return (
            number
            and (Number(number.sign, number.text, True) if is_filled else Number("=", ASKED, True))
            if key in asked
            else number
        )

    def seen(wire: Wire) -> Quantity:
        quantity = wire.quantity
        if quantity.symbol:
            name = names[quantity.symbol]
            return replace(
                quantity,
                value=boxed(quantity.value, (name, 1, phases.get(name, ""))),
                slope=boxed(quantity.slope, (partial_name(last, name), 1, "backward")),
            )
        if wire.source[0] == DOT:
            [into] = circuit.into(wire.source)
            return (
                replace(quantity, slope=None)
                if (partial_name(last, names[into.quantity.symbol]), 1, "backward") in asked
                else quantity
            )
        of = wire
        while not of.quantity.symbol:
            of = circuit.out_of(of.target)[0]
        name = names[of.quantity.symbol]
        return (
            replace(quantity, value=None)
            if wire.source[0] == OPERATION and (name, 1, phases[name]) in asked
            else quantity
        )

    def placed(place: Place) -> Place:
        """Its own derivative is left out where it would tell its result."""
        key, result = wiring.locals.get(place.id), circuit.out_of(place.id)
        is_telling = (
            key
            and key not in asked
            and any(
                wire.quantity.symbol
                and (names[wire.quantity.symbol], 1, phases[names[wire.quantity.symbol]]) in asked
                for wire in result
            )
        )
        return (
            replace(place, local=None if is_telling else boxed(place.local, key)) if key else place
        )

    return replace(
        circuit,
        places={id: placed(place) for id, place in circuit.places.items()},
        wires=[replace(wire, quantity=seen(wire)) for wire in circuit.wires],
    )


def formulas_of(problem: Problem) -> Mapping[str, Expr]:
    """Each quantity of the forward pass by the formula that is worked out, the last one last."""
    return family_of(problem).graph(problem)


def _applied(expr: Expr) -> Iterator[Apply]:
    if isinstance(expr, Apply):
        yield expr
        for arg in expr.args:
            yield from _applied(arg)


def constant(expr: Expr) -> str:
    """The text of a number in a formula, `1/2` and `-3` too; empty for what is none."""
    if isinstance(expr, Literal):
        return f"−{expr.text[1:]}" if expr.text.startswith("-") else expr.text
    if isinstance(expr, Apply) and expr.op == "neg" and isinstance(expr.args[0], Literal):
        return f"−{expr.args[0].text}"
    if (
        isinstance(expr, Apply)
        and expr.op in ("fraction", "divide")
        and all(isinstance(arg, Literal) for arg in expr.args)
    ):
        return "/".join(arg.text for arg in expr.args)
    return ""


Operand = tuple[Expr, str]  # an operand and its role


def parted(expr: Apply) -> tuple[str, list[Operand]]:
    """The sign of an operation, with the number that it takes where it takes one besides one
    operand, and its operands: `x + 1` is "+1" of x."""
    args = [
        (arg.args[0], "subtracted")
        if expr.op == "sum" and isinstance(arg, Apply) and arg.op == "neg"
        else (arg, "")
        for arg in expr.args
    ]
    if expr.op in ("divide", "power"):
        args[1] = args[1][0], {"divide": "divisor", "power": "exponent"}[expr.op]
    moving = [(arg, role) for arg, role in args if not constant(arg)]
    if len(moving) != 1 or len(args) != 2:
        return SIGNS[expr.op], args
    (first, _), (second, role) = args
    if not constant(first):  # x + 1, x - 1, x*2, x/2, x^2, max(x, 0)
        sign = "−" if role == "subtracted" else SIGNS[expr.op]
        return f"{sign}{' ' * sign.isalpha()}{constant(second)}", moving
    if expr.op == "sum" and role == "subtracted":
        return f"{constant(first)}−", [(second, "")]
    if expr.op in ("divide", "power"):
        return f"{constant(first)}{SIGNS[expr.op]}", [(second, "")]
    sign = SIGNS[expr.op]
    return f"{sign}{' ' * sign.isalpha()}{constant(first)}", moving


class _Wiring:
    """A circuit as it is put together, from the last quantity back to the givens; without a trace
    it has no numbers."""

    def __init__(self, problem: Problem, trace: Trace | None, is_local: bool = False):
        self.problem, self.trace, self.is_local = problem, trace, is_local
        self.formulas = formulas_of(problem)
        self.last = list(self.formulas)[-1]
        uses = Counter(
            leaf.name
            for expr in self.formulas.values()
            for leaf in leaves(expr)
            if isinstance(leaf, Name)
        )
        self.shared = {name for name, count in uses.items() if count > 1}
        self.uses = uses
        self.circuit = Circuit(plain_symbol(self.last))
        self.sources: dict[str, str] = {}  # name -> the place that it leads on from
        self.ranges = dict(self._ranges()) if trace else {}
        self.locals: dict[
            str, Key
        ] = {}  # an operation -> its derivative, where that stands below it
        for name, expr in self.formulas.items():
            if name in self.shared or name == self.last:
                self._settle(name, self._operation(expr, name))
        self._frame()

    # ---- places and wires
    # -------------------------------------------------------------------------

    def _new(self, kind: str, label: str = "", local: Number | None = None) -> str:
        count = len([place for place in self.circuit.places.values() if place.kind == kind])
        place = Place(f"{kind}{count + 1}" if kind != END else END, label, local)
        self.circuit.places[place.id] = place
        return place.id

    def _wire(self, source: str, target: str, quantity: Quantity, role: str = "") -> None:
        self.circuit.wires.append(Wire(source, target, quantity, role))

    def _settle(self, name: str, source: str) -> None:
        """A quantity that is used more than once leads to a dot, the last one to the end."""
        target = self._new(DOT, FANNED) if name in self.shared else self._new(END)
        self._wire(source, target, self._named(name))
        self.sources[name] = target

    def _operation(self, expr: Expr, of: str) -> str:
        """The place of an operation within the formula of a quantity, everything that leads to it
        before it."""
        label, operands = parted(expr)
        found = [self._operand(arg, of) for arg, _ in operands]
        local = self._local(expr, of) if self.is_local and len(operands) == 1 else None
        id = self._new(OPERATION, label, local and Number("=", plain_numeral(local.shown)))
        self.locals |= {id: local.key} if local else {}
        for (source, quantity), (_, role) in zip(found, operands, strict=True):
            self._wire(source, id, quantity, role)
        return id

    def _operand(self, expr: Expr, of: str) -> tuple[str, Quantity]:
        """Where an operand comes from, and what goes along its wire."""
        if constant(expr):
            return self._new(GIVEN), Quantity("", Number("=", constant(expr)))
        if not isinstance(expr, Name):
            return self._operation(expr, of), Quantity("", self._value(expr, of))
        if expr.name in self.shared:
            if expr.name not in self.sources:
                self._settle(expr.name, self._new(GIVEN))
            return self.sources[expr.name], Quantity("", None, self._on_path(expr.name, of))
        return (
            self._operation(self.formulas[expr.name], expr.name)
            if expr.name in self.formulas
            else self._new(GIVEN)
        ), self._named(expr.name)

    def _frame(self) -> None:
        """An activation and a loss that are differentiated in one."""
        pairs = (
            [each for each in self.trace.select("backward", 1) if each.pair] if self.trace else []
        )
        for pair in pairs:
            last = next(wire.source for wire in self.circuit.wires if wire.target == END)
            before = [
                wire.source for wire in self.circuit.into(last) if wire.source[0] == OPERATION
            ]
            y, a = (self.formulas[self.last].args[place].name for place in (0, 1))
            self.circuit.frames.append(
                Frame(
                    (*before, last),
                    f"{plain_symbol(pair.name)} = {plain_symbol(a)} − {plain_symbol(y)}",
                )
            )

    # ---- numbers
    # ----------------------------------------------------------------------------------

    def _named(self, name: str) -> Quantity:
        if not self.trace:
            return Quantity(plain_symbol(name))
        found = self._working(name)
        value = (
            self._number(found)
            if found
            else Number("=", plain_numeral(self.trace.before(name, 1).shown))
        )
        slope = Number("=", "1") if name == self.last else self._number(self._gradient(name))
        return Quantity(plain_symbol(name), value, slope)

    def _working(self, name: str) -> Working | None:
        return self.trace.get(name, 1, "forward") or self.trace.get(name, 1, "loss")

    def _gradient(self, name: str) -> Working | None:
        return self.trace.get(partial_name(self.last, name), 1, "backward")

    def _on_path(self, name: str, of: str) -> Number | None:
        """What comes back to a quantity through the formula of another one, where the sum over the
        paths shows it and that formula has it once."""
        found = self._gradient(name) if self.trace else None
        if not found or len(found.links) != self.uses[name]:
            return None
        through = [link.through for link in found.links]
        terms = self._terms(found.event, len(through))
        if len(terms) != len(through) or through.count(of) != 1:
            return None
        event = self.trace.events[self._unturned(terms[through.index(of)])]
        return event.shown and self._said(event.shown, event.is_exact)

    def _terms(self, place: int, count: int) -> list[int]:
        """The events that so many terms are, of which a sum is made one after the other."""
        event = self.trace.events[place]
        if count == 1 or event.op != "sum":
            return [place]
        return (
            list(event.operands)
            if len(event.operands) == count
            else [*self._terms(event.operands[0], count - 1), *event.operands[1:]]
        )

    def _unturned(self, place: int) -> int:
        """The event of a number before its sign was turned and turned back."""
        events = self.trace.events
        is_turned = (
            events[place].shown is None
            and events[place].op == "neg"
            and events[events[place].operands[0]].op == "neg"
        )
        return events[events[place].operands[0]].operands[0] if is_turned else place

    def _local(self, expr: Apply, of: str) -> Working | None:
        """The derivative of an operation by its one operand, where it is a number that the solution
        works out."""
        by = parted(expr)[1][0][0]
        found = (
            self.trace.get(partial_name(of, by.name), 1, "backward")
            if isinstance(by, Name) and expr == self.formulas[of]
            else None
        )
        return found if found and names(found.formula) else None

    def _ranges(self) -> Iterator[tuple[str, range]]:
        """The events of each quantity of the forward pass."""
        begin = 0
        for working in self.trace.workings:
            if working.epoch == 1 and working.phase in ("forward", "loss"):
                yield working.name, range(begin, working.event + 1)
                begin = working.event + 1

    def _value(self, expr: Expr, of: str) -> Number | None:
        """What the working of a quantity shows for a part of its formula."""
        if not self.trace:
            return None
        shown = [
            event
            for event in sorted(self._events(expr, of))
            if self.trace.events[event].shown is not None
        ]
        if not shown:
            return None
        event = self.trace.events[shown[-1]]
        return self._said(event.shown, event.is_exact)

    def _events(self, expr: Expr, of: str) -> set[int]:
        """The events that may be those of a part of a formula."""
        events = self.trace.events
        if isinstance(expr, Name):
            found = self._working(expr.name)
            return {found.event if found else self.trace.givens[expr.name]}
        if isinstance(expr, Literal):
            return {
                place
                for place, event in enumerate(events)
                if event.op == "constant" and event.shown == expr.text
            }
        first, *others = [self._events(arg, of) for arg in expr.args]
        op = "divide" if expr.op == "fraction" else expr.op
        if not others:
            return self._found(of, op, {(event,) for event in first})
        for other in others:  # a + b + c is worked out as (a + b) + c
            first = self._found(of, op, set(product(first, other)))
        return first

    def _found(self, of: str, op: str, ways: set[tuple[int, ...]]) -> set[int]:
        """The events of an operation on these operands in the working of a quantity; a sign that
        was turned twice is the same number."""
        events = self.trace.events
        found = {
            place
            for place in self.ranges[of]
            if events[place].op == op and events[place].operands in ways
        }
        turned = {
            place
            for place in self.ranges[of]
            if events[place].op == "neg" and events[place].operands[0] in found
        }
        return found | {
            place
            for place in self.ranges[of]
            if events[place].op == "neg" and events[place].operands[0] in turned
        }

    def _number(self, working: Working | None) -> Number | None:
        return working and self._said(working.shown, all(line.is_exact for line in working.lines))

    def _said(self, text: str, is_exact: bool) -> Number:
        return Number(
            "=" if is_exact or self.problem.rounding.relation != "auto" else "≈",
            plain_numeral(text),
        )

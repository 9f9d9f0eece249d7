r"""A circuit on a page against the trace, and a drawing of a circuit against its text.

The operations are put together to formulas again and worked out, at the values of the solution and
at others; each must come to what the formula of the trace comes to. Every number is that of the
trace in the first epoch, as it is printed there. A drawing and its words, on paper or in a browser,
are read again: they say the numbers of the text and no others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from xml.etree import ElementTree

from ..algebra.entries import EXACT
from ..algebra.expression import Apply, Expr, Literal, Name
from ..algebra.laws import LOSSES, written_out
from ..circuits.drawing import best, described
from ..circuits.text import (
    ASKED,
    DOT,
    END,
    GIVEN,
    LOCAL,
    OPERATION,
    TOGETHER,
    Circuit,
    Number,
    Quantity,
    Wire,
    read,
)
from ..errors import ProofError, WorksheetError
from ..judge.failure import Failure
from ..numbers.number import CONTEXT, half_unit
from ..numbers.numerals import texts
from ..tex.unicode import plain_symbol
from ..trace.backward import partial_name
from ..trace.trace import Event, Trace, Working

NUMBER = r"[-−]?\d+(?:\.\d+)?(?:e-?\d+)?(?:/\d+)?"
SIGNED = re.compile(
    rf"(?P<before>{NUMBER})?(?P<sign>[+×÷^−])(?P<after>{NUMBER})?|(?P<word>\S.*?)(?: (?P<number>{NUMBER}))?"
)
INFIX = {"+": "sum", "×": "product", "÷": "divide", "^": "power"}
WORDS = {
    "exp": "exp",
    "ln": "ln",
    "√": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
    "σ": "sigmoid",
    "ReLU": "relu",
    "LReLU": "leaky_relu",
    "max": "max",
    "abs": "abs",
    "BCE": "binary_cross_entropy",
    "SE": "squared_error",
    "½ SE": "half_squared_error",
    "MSE": "mean_squared_error",
    "CCE": "categorical_cross_entropy",
}
SPREAD = 23  # hundredths by which the points differ at which formulas are compared
EQUAL = Decimal("1e-25")
NEAR = Decimal("0.001")  # of a number whose operands are rounded before
SAID = re.compile(r"(?:[=≈]|gives|derivative|path) ([-−]?\d(?:[^\s,;]*\d)?)(?=[\s,;.]|$)")
SVG = "{http://www.w3.org/2000/svg}"

Finding = tuple[int, str, str]
Values = Mapping[str, Decimal]


# ---- the text against the trace
# --------------------------------------------------------------------


def circuit_findings(trace: Trace, text: str, line: int) -> list[Finding]:
    """What a circuit says and the solution does not; its text begins on `line` of the page."""
    try:
        circuit = read(text, "circuit", line)
    except WorksheetError as fault:
        return [(int(fault.where.rpartition(" ")[2]), fault.message, fault.message)]

    def at(what: str) -> int:
        return next(
            (
                number
                for number, each in enumerate(text.splitlines(), start=line)
                if what and what in each
            ),
            line,
        )

    found = [*_Reading(trace, circuit).findings()]
    return [(at(what), what or "circuit", message) for what, message in found]


class _Reading:
    """A circuit that was read, and what it should say."""

    def __init__(self, trace: Trace, circuit: Circuit):
        self.trace, self.circuit = trace, circuit
        self.workings = {
            each.name: each for phase in ("forward", "loss") for each in trace.select(phase, 1)
        }
        self.last = list(self.workings)[-1]
        self.names = {plain_symbol(name): name for name in (*trace.givens, *self.workings)}

    def findings(self) -> Iterator[tuple[str, str]]:
        """What is wrong, each with the words in whose line it stands."""
        unknown = [
            wire.quantity.symbol
            for wire in self.circuit.wires
            if wire.quantity.symbol and wire.quantity.symbol not in self.names
        ]
        if unknown:
            yield from [
                (symbol, f"{symbol} is nothing that this circuit shows") for symbol in unknown
            ]
            return
        shown = {
            self.names[wire.quantity.symbol] for wire in self.circuit.wires if wire.quantity.symbol
        }
        wanted = {
            *self.workings,
            *[name for each in self.workings.values() for name in _names(each.formula)],
        }
        for name in wanted - shown:
            yield "", f"{plain_symbol(name)} is not in this circuit"
        made = Counter(wire.quantity.symbol for wire in self.circuit.wires if wire.quantity.symbol)
        for symbol in [
            symbol
            for symbol, count in made.items()
            if count > 1 and self.names[symbol] in self.workings
        ]:
            yield symbol, f"{symbol} comes from two places"
        if shown - wanted or wanted - shown:
            return
        wrong = [*self._formulas(), *self._frames()]
        yield from wrong
        for wire in self.circuit.wires if not wrong else ():
            yield from self._numbers(wire)
        yield from self._locals()

    # ---- formulas
    # -----------------------------------------------------------------------------------

    @cached_property
    def held(self) -> dict[str, Decimal]:
        """What each quantity is worth in the first epoch, unrounded where it is used so."""
        given = {
            name: self.trace.before(name, 1).value
            for name in self.names.values()
            if name in self.trace.givens
        }
        return given | {name: each.value for name, each in self.workings.items()}

    def _points(self) -> Iterator[Values]:
        yield self.held
        for turn in (1, 2):
            yield {
                name: value + Decimal(SPREAD * turn + 7 * place) / 100
                for place, (name, value) in enumerate(self.held.items())
            }
        yield {name: Decimal(29 + 41 * place % 53) / 100 for place, name in enumerate(self.held)}

    def _formulas(self) -> Iterator[tuple[str, str]]:
        """Each quantity is worked out from its operands as its formula says."""
        for wire in self.circuit.wires:
            if wire.source[0] != OPERATION or not wire.quantity.symbol:
                continue
            name, compared = self.names[wire.quantity.symbol], 0
            for point in self._points():
                try:
                    mine, theirs = (
                        self.value(wire.source, point),
                        _worth(self.workings[name].formula, point),
                    )
                except (ArithmeticError, KeyError, TypeError):
                    continue
                compared += 1
                if abs(mine - theirs) > EQUAL * max(1, abs(theirs)):
                    yield (
                        wire.quantity.symbol,
                        f"these operations do not make {wire.quantity.symbol}",
                    )
                    break
            if not compared:
                yield (
                    wire.quantity.symbol,
                    f"the operations that make {wire.quantity.symbol} have no value to compare",
                )

    def value(self, id: str, point: Values) -> Decimal:
        """What an operation comes to."""
        return _operated(
            self.circuit.places[id].label,
            [(self.operand(wire, point), wire.role) for wire in self.circuit.into(id)],
        )

    def operand(self, wire: Wire, point: Values) -> Decimal:
        if wire.source[0] == DOT:
            [wire] = self.circuit.into(wire.source)
        if wire.quantity.symbol:
            return point[self.names[wire.quantity.symbol]]
        return (
            _constant(wire.quantity.value.text)
            if wire.source[0] == GIVEN
            else self.value(wire.source, point)
        )

    # ---- numbers
    # ------------------------------------------------------------------------------------

    def _numbers(self, wire: Wire) -> Iterator[tuple[str, str]]:
        quantity = wire.quantity
        if wire.source[0] == DOT:
            yield from self._path(wire)
        elif quantity.symbol:
            name = self.names[quantity.symbol]
            given = None if name in self.workings else ("=", self.trace.before(name, 1).shown)
            yield from self._compared(
                quantity.symbol,
                quantity.value,
                given or self._said(self.workings[name]),
                f"{quantity.symbol} ",
            )
            slope = (
                ("=", "1")
                if name == self.last
                else self._said(self.trace.get(partial_name(self.last, name), 1, "backward"))
            )
            yield from self._compared(
                f"∂{self.circuit.of}/∂{quantity.symbol}",
                quantity.slope,
                slope,
                f"∂{self.circuit.of}/∂{quantity.symbol} ",
            )
        elif quantity.value and wire.source[0] == OPERATION:
            yield from self._within(wire, quantity.value)
        elif quantity.value and (
            quantity.value.sign != "="
            or not {
                quantity.value.text,
                f"{'−' * (wire.role == 'subtracted')}{quantity.value.text}",
            }
            & {*_constants(self.workings[self._leads_to(wire)].formula)}
        ):
            yield (
                f"{quantity.value}",
                f"{quantity.value} is no number of the formula of {plain_symbol(self._leads_to(wire))}",
            )

    def _compared(
        self, what: str, number: Number | None, wanted: tuple[str, str] | None, before: str
    ) -> Iterator[tuple[str, str]]:
        if number and number.is_asked and number.text == ASKED:
            if wanted is None:
                yield f"{before}{number}", f"{what} is not worked out in the first epoch"
            return
        found = number and (number.sign, texts(number.text))
        if found != wanted:
            yield (
                f"{before}{number}" if number else before.strip(),
                f"{what} is {' '.join(wanted) if wanted else 'not worked out'} in the first epoch"
                if number
                else f"{what} has no number here",
            )

    def _said(self, working: Working | None) -> tuple[str, str] | None:
        return working and (self._sign(all(line.is_exact for line in working.lines)), working.shown)

    def _sign(self, is_exact: bool) -> str:
        return "=" if is_exact or self.trace.problem.rounding.relation != "auto" else "≈"

    def _within(self, wire: Wire, number: Number) -> Iterator[tuple[str, str]]:
        """A value within a formula: printed in the working of that formula, and what the operation
        comes to."""
        text = texts(number.text)
        printed = [
            event
            for event in self._events(self.workings[self._leads_to(wire)])
            if event.shown == text and self._sign(event.is_exact) == number.sign
        ]
        if not printed or all(
            abs(each - Decimal(text)) > self._near(text) for each in self._worths(wire.source)
        ):
            yield (
                f"{number}",
                f"{number} is no value that {plain_symbol(self._leads_to(wire))} has on the way",
            )

    def _worths(self, id: str) -> Iterator[Decimal]:
        """What an operation comes to with the numbers that are seen before it, and with unrounded
        ones."""
        for is_seen in (True, False):
            try:
                yield _operated(
                    self.circuit.places[id].label,
                    [(self._seen(each, is_seen), each.role) for each in self.circuit.into(id)],
                )
            except ArithmeticError:  # of a number that is wrong itself
                continue

    def _seen(self, wire: Wire, is_seen: bool) -> Decimal:
        """An operand as it is printed here, or unrounded."""
        is_within = wire.source[0] == OPERATION and not wire.quantity.symbol and wire.quantity.value
        return (
            Decimal(texts(wire.quantity.value.text))
            if is_seen and is_within
            else self.operand(wire, self.held)
        )

    def _leads_to(self, wire: Wire) -> str:
        """The quantity in whose formula a wire is."""
        while True:
            wire = self.circuit.out_of(wire.target)[0]
            if wire.quantity.symbol:
                return self.names[wire.quantity.symbol]

    def _events(self, working: Working) -> list[Event]:
        """All that the working of a quantity comes to on the way."""
        before = [each.event for each in self.trace.workings if each.event < working.event]
        return list(self.trace.events[max(before, default=-1) + 1 : working.event + 1])

    def _path(self, wire: Wire) -> Iterator[tuple[str, str]]:
        """What comes back on one path: printed in the working of the sum, and about the derivative
        on that path."""
        if not wire.quantity.slope:
            return
        [into] = self.circuit.into(wire.source)
        name, through, text = (
            self.names[into.quantity.symbol],
            self._leads_to(wire),
            texts(wire.quantity.slope.text),
        )
        total = self.trace.get(partial_name(self.last, name), 1, "backward")
        links = [link.through for link in total.links] if total else []
        printed = through in links and any(
            event.shown == text and self._sign(event.is_exact) == wire.quantity.slope.sign
            for event in self._added(total.event)
        )
        terms = (
            total.formula.args
            if printed
            and isinstance(total.formula, Apply)
            and len(total.formula.args) == len(links)
            else ()
        )
        gradients = {each.name: each.value for each in self.trace.select("backward", 1)}
        if not terms or abs(
            _worth(terms[links.index(through)], self.held | gradients) - Decimal(text)
        ) > self._near(text):
            yield (
                f"path {wire.quantity.slope}",
                f"{wire.quantity.slope.text} is not what comes back to {into.quantity.symbol} on this path",
            )

    def _added(self, place: int) -> Iterator[Event]:
        """What is added to make a number, as it is printed on the way."""
        event = self.trace.events[place]
        for each in event.operands if event.op in ("sum", "neg") else ():
            yield self.trace.events[each]
            yield from self._added(each)

    def _near(self, text: str) -> Decimal:
        """How far a printed number may be from what its operands make; where each operation is
        rounded, those within it are too."""
        is_fine = self.trace.problem.rounding.commit == "line"
        return 2 * half_unit(Decimal(text).as_tuple().exponent) + (
            0 if is_fine else NEAR * abs(Decimal(text))
        )

    # ---- what stands beside them
    # ----------------------------------------------------------------------

    def _locals(self) -> Iterator[tuple[str, str]]:
        for place in self.circuit.places.values():
            if not place.local:
                continue
            [out], into = self.circuit.out_of(place.id), self.circuit.into(place.id)
            of, by = out.quantity.symbol, into[0].quantity.symbol
            found = (
                self.trace.get(partial_name(self.names[of], self.names[by]), 1, "backward")
                if of and by and len(into) == 1
                else None
            )
            if (
                found is None
                or found.shown != texts(place.local.text)
                and place.local != Number("=", ASKED, True)
            ):
                yield (
                    f"{LOCAL}{place.local.boxed}",
                    f"{place.local.text} is not the derivative of this operation",
                )

    def _frames(self) -> Iterator[tuple[str, str]]:
        """What is differentiated in one, with its rule: from the operation before the loss to the
        loss."""
        wanted = [each for each in self.trace.select("backward", 1) if each.pair]
        rules = [f"{plain_symbol(each.name)} = {_difference(each.formula)}" for each in wanted]
        if rules != [frame.rule for frame in self.circuit.frames]:
            yield TOGETHER, f"what is differentiated in one is {'; '.join(rules) or 'nothing'}"
            return
        last = next(wire.source for wire in self.circuit.wires if wire.target == END)
        for frame in self.circuit.frames:
            ids = {
                last,
                *[wire.source for wire in self.circuit.into(last) if wire.source[0] == OPERATION],
            }
            if set(frame.ids) != ids:
                yield frame.rule, "these are not the operations that are differentiated in one"


def _difference(formula: Expr) -> str:
    """`ŷ − y` of a difference of two names."""
    one, other = formula.args
    return f"{plain_symbol(one.name)} − {plain_symbol(other.args[0].name)}"


def _names(formula: Expr) -> Iterator[str]:
    if isinstance(formula, Name):
        yield formula.name
    elif isinstance(formula, Apply):
        for arg in formula.args:
            yield from _names(arg)


def _constants(formula: Expr) -> Iterator[str]:
    """The numbers of a formula as they are written there: `3`, `−3`, `1/3`."""
    if isinstance(formula, Literal):
        yield formula.text.replace("-", "−", formula.text.startswith("-"))
    elif isinstance(formula, Apply):
        numbers = [text for arg in formula.args for text in _constants(arg)]
        if all(isinstance(arg, Literal) for arg in formula.args) and formula.op in (
            "neg",
            "fraction",
            "divide",
        ):
            numbers = [
                f"−{numbers[0]}" if formula.op == "neg" else "/".join(numbers),
                *numbers * (formula.op != "neg"),
            ]
        yield from numbers


def _worth(formula: Expr, point: Values) -> Decimal:
    """What a formula of the trace comes to."""
    if isinstance(formula, Name):
        return point[formula.name]
    if isinstance(formula, Literal):
        return formula.value
    if formula.op in LOSSES:
        return _worth(written_out(formula), point)
    return EXACT[formula.op](*[_worth(arg, point) for arg in formula.args])


def _constant(text: str) -> Decimal:
    over, _, under = text.replace("−", "-").partition("/")
    return CONTEXT.divide(Decimal(over), Decimal(under)) if under else Decimal(over)


def _operated(label: str, operands: list[tuple[Decimal, str]]) -> Decimal:
    """What an operation with this sign makes of its operands. Raises KeyError for a sign that there
    is not."""
    match = SIGNED.fullmatch(label)
    values = [-value if role == "subtracted" else value for value, role in operands]
    if not match or match["word"]:
        op = WORDS[match["word"] if match else label]
        if op in LOSSES:
            half = len(values) // 2
            literals = [Literal(value, "") for value in values]
            return _worth(LOSSES[op].formula(literals[:half], literals[half:]), {})
        return EXACT[op](*values, *([_constant(match["number"])] if match["number"] else ()))
    before, sign, after = match["before"], match["sign"], match["after"]
    if sign == "−" and not before and not after:
        [value] = values
        return -value
    if sign == "−":
        [value] = values
        return _constant(before) - value if before else value - _constant(after)
    roles = [role for _, role in operands]
    if (
        sign in "÷^"
        and not before
        and not after
        and roles != ["", {"÷": "divisor", "^": "exponent"}[sign]]
    ):
        raise KeyError(sign)
    return EXACT[INFIX[sign]](
        *([_constant(before)] if before else ()), *values, *([_constant(after)] if after else ())
    )


# ---- a drawing against its text
# ----------------------------------------------------------------------


def proved_drawing(mermaid: str, name: str = "mermaid", line: int = 1) -> tuple[str, str, bool]:
    """The SVG of a circuit, its words, and whether it is for a page across. Raises ProofError where
    these say another number than the text."""
    circuit = read(mermaid, name, line)
    (svg, is_wide), alt = best(circuit, name), described(circuit)
    if found := drawing_findings(circuit, svg, alt):
        raise ProofError(
            [Failure("drawing", f"line {line}", "", "", message) for message in found], name
        )
    return svg, alt, is_wide


def drawing_findings(circuit: Circuit, svg: str, alt: str) -> list[str]:
    """What the drawing of a circuit and its words say, and the circuit does not."""
    edges, operations = _read_again(svg)
    wanted = Counter(_pair(_tapped(circuit, wire)) for wire in circuit.wires)
    found = [f"the drawing has no edge with {_told(pair)}" for pair in wanted - edges]
    found += [
        f"no edge of the circuit has {_told(pair)}" for pair in edges if pair not in wanted
    ]  # one that goes on in another row is there twice
    places = Counter(
        (
            place.label.removeprefix("^") if len(place.label) > 1 else place.label,
            _shown(place.local),
        )
        for place in circuit.places.values()
        if place.kind == OPERATION
    )
    found += [
        f"the drawing has another operation than {' '.join(filter(None, place))}"
        for place in (places - operations) + (operations - places)
    ]
    numbers = Counter(
        number
        for wire in circuit.wires
        for number in _pair(wire.quantity)
        if number and not (wire.source[0] == GIVEN and not wire.quantity.symbol)
    )
    numbers += Counter(
        _shown(place.local) for place in circuit.places.values() if _shown(place.local)
    )
    said = Counter(SAID.findall(alt))
    return found + [
        f"the words of the drawing have another number than {number}"
        for number in (numbers - said) + (said - numbers)
    ]


def _told(pair: tuple[str, str]) -> str:
    return " and ".join(filter(None, pair)) or "no number"


def _tapped(circuit: Circuit, wire: Wire) -> Quantity:
    """What stands on an edge: what begins at a dot has the value that leads to the dot."""
    if wire.source[0] != DOT:
        return wire.quantity
    [into] = circuit.into(wire.source)
    return Quantity(into.quantity.symbol, into.quantity.value, wire.quantity.slope)


def _pair(quantity: Quantity) -> tuple[str, str]:
    return _shown(quantity.value), _shown(quantity.slope)


def _shown(number: Number | None) -> str:
    """A number as it is drawn; nothing where it is to be filled in."""
    return number.text.replace("-", "−") if number and number.text != ASKED else ""


def _read_again(svg: str) -> tuple[Counter, Counter]:
    """The values and derivatives of each edge of a drawing, and the signs and derivatives of its
    operations."""

    def words(group: ElementTree.Element, kind: str) -> str:
        return "".join(
            "".join(each.itertext())
            for each in group.iter(f"{SVG}g")
            if each.get("class") == f"label {kind}"
        )

    groups = list(ElementTree.fromstring(svg).iter(f"{SVG}g"))
    edges = Counter(
        (words(each, "value"), words(each, "slope"))
        for each in groups
        if each.get("class") == "edge"
    )
    signs = Counter(
        (
            "".join("".join(text.itertext()) for text in each.findall(f"{SVG}text")).removeprefix(
                "( )"
            ),
            words(each, "local").removeprefix(LOCAL),
        )
        for each in groups
        if each.get("class") == "operation"
    )
    return edges, signs

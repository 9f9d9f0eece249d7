r"""What a page may state of a solved problem: every chain of every quantity, and what each name is
worth, epoch by epoch.

    inventory.chains["a_h"]        [("forward", [(("(sigmoid1", "z_h"), True), (("(sigmoid1", "0.5"), True), ..., (("0.62246",), False)]), ...]
    inventory.history["w_h"]       [("0.5",), ("0.50821",)]

A form is compared by its reading: operations, names in the spelling of the reader, and numbers as
they are written, from the left to the right. Where the tree of a trace and the tree that is read
differ (who owns a sign, a product within a product) they have one reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, lru_cache

from ..algebra.expression import Apply, Expr, Literal, Name, substitute
from ..assessment.tolerance import accepted, accepted_steps, stated
from ..descent.floats import loss_at_end
from ..errors import ReadError
from ..family import family_of
from ..judge.identities import with_operators
from ..numbers.number import quantize
from ..pages.render import page_of
from ..problem import PHASES
from ..recalculation.labels import called
from ..tex.chains import Form
from ..tex.notation import Symbols
from ..tex.reader import read
from ..trace.backward import partial_name
from ..trace.recorder import as_shown
from ..trace.trace import Line, Trace, Working, ended
from ..views.phases import is_aside
from ..views.stacked import turned
from ..views.views import bare

Reading = tuple[str, ...]
Lines = list[
    tuple[Reading, bool]
]  # of a chain: its forms, and whether nothing was rounded on the way to each

ONE_OP = {"fraction": "divide", "matmul": "product", "dot": "product", "partial": "derivative"}
UPDATE = "update"
LONG = 9  # signs of a number that is written with more digits than the page has


class Read(Name):
    """A name in the spelling of the reader already."""

    __slots__ = ()


def reading(expr: Expr, spelt: Callable[[str], Expr | str]) -> Reading:
    """The operations and leaves of a form from left to right; `spelt` gives the spelling of a name,
    or what its symbol reads as."""
    found: list[str] = []
    _walk(expr, spelt, found)
    return tuple(found)


def read_from_page(expr: Expr) -> Reading:
    """The reading of what was read from a page."""
    return reading(with_operators(expr), str)


@lru_cache(maxsize=8192)
def reading_of(form: Form) -> Reading:
    """The reading of a form of a page: one proof after the other asks for it, and so does the page
    after this one for those without numbers."""
    return reading(form.expr if form.is_closed else with_operators(form.expr), str)


def _walk(expr: Expr, spelt: Callable[[str], Expr | str], found: list[str]) -> None:
    kind = type(expr)
    if kind is Literal:
        found.append(written(expr))
    elif kind is Name:
        name = spelt(expr.name)
        if type(name) is str:
            found.append(name)
        else:
            _walk(name, spelt, found)
    elif kind is Read:
        found.append(expr.name)
    elif expr.op == "neg" and (turned := _turned(expr)) is not expr:
        _walk(turned, spelt, found)
    else:
        op = ONE_OP.get(expr.op, expr.op)
        args = _flat(expr, op, spelt) if op in ("product", "sum") else expr.args
        if (
            op == "product" and type(args[0]) is Apply and args[0].op == "neg"
        ):  # a minus before the first factor is one before the product
            found.append("(neg1")
            args = [args[0].args[0], *args[1:]]
        found.append(f"({op}{len(args)}")
        for arg in args:
            _walk(arg, spelt, found)


def written(number: Literal) -> str:
    """A number as traces have it: zero without a sign, `1.2e-7` for a power of ten."""
    text = number.text
    if "\\" in text:
        text = text.replace(r" \times 10^{", "e").rstrip("}")
    return text if text[0] != "-" or number.value else text[1:]


def _turned(expr: Apply) -> Expr:
    """Of a minus: before a number it is the number's own, also before a product that begins with
    one; two of them are none."""
    inner = expr.args[0]
    if type(inner) is Apply and inner.op == "neg":  # a minus before a minus
        return inner.args[0]
    if type(inner) is Literal:
        return Literal(-inner.value, inner.text[1:] if inner.text[0] == "-" else f"-{inner.text}")
    if type(inner) is Apply and ONE_OP.get(inner.op, inner.op) == "product":
        first = _turned(Apply("neg", inner.args[:1]))
        if type(first) is not Apply or first.op != "neg":
            return Apply(inner.op, (first, *inner.args[1:]))
    return expr


def _flat(expr: Apply, op: str, spelt: Callable[[str], Expr | str]) -> list[Expr]:
    """The operands of a sum or a product, those of sums and products within it among them."""
    found: list[Expr] = []
    for arg in expr.args:
        if type(arg) is Name and type(meant := spelt(arg.name)) is not str:
            arg = meant
        elif type(arg) is Apply and arg.op == "neg":
            arg = _turned(arg)
        if type(arg) is Apply and ONE_OP.get(arg.op, arg.op) == op:
            found += _flat(arg, op, spelt)
        else:
            found.append(arg)
    return found


@lru_cache(maxsize=4096)
def symbol_read(symbol: str) -> Expr | str:
    """The spelling of a symbol, what it reads as where that is no name (`f(2)`), or the symbol
    without spaces."""
    try:
        expr = read(symbol)
    except ReadError:
        return "".join(symbol.split())
    return expr.name if type(expr) is Name else substitute(expr, Read)


def inventory_of(trace: Trace) -> Inventory:
    """The inventory of a trace. Gathered once, however many of its pages are proved one after the
    other."""
    global _last
    if _last is None or _last.trace is not trace:
        _last = Inventory(trace)
    return _last


_last: Inventory | None = None


class Inventory:
    """All that a trace says, by the symbols of its page. Raises KeyError for what is missing in it."""

    def __init__(self, trace: Trace):
        self.trace, self.problem, self.page = trace, trace.problem, page_of(trace)
        self.plain = Symbols.of(trace.problem)
        self.chains: dict[str, list[tuple[str, Lines]]] = {}  # by target: the phase, and the lines
        self.history: dict[str, list[Reading]] = {}  # by target: its values, in order
        self._spelt: dict[str, Expr | str] = {}
        self._gather()

    # ---- spelling -------------------------------------------------------------------------------

    def spelt(self, name: str) -> Expr | str:
        """How the reader spells the symbol of a name, or what it reads as."""
        found = self._spelt.get(name)
        if found is None:
            found = self._spelt[name] = symbol_read(self.page.symbols(name))
        return found

    def plainly(self, name: str) -> Expr | str:
        r"""The same without what a page adds where a number is taken: `\frac{dz}{dy}` for
        `\frac{dz}{dy}(7)`."""
        return symbol_read(self.plain(name))

    def target(self, name: str) -> str:
        """What a chain of this quantity begins with: a name, or a symbol without its spaces."""
        return target_of(self.page.symbols(name))

    # ---- what there is --------------------------------------------------------------------------

    def _gather(self) -> None:
        trace, page = self.trace, self.page
        self._held()
        for phase, epoch in dict.fromkeys(
            (working.phase, working.epoch) for working in trace.workings
        ):
            shown = set()
            for view in page.chains(phase, epoch):
                self._add(self.target(view.name), phase, view.lines)
                shown.add(id(view.lines))
                if len(view.members) > 1 and phase != UPDATE:
                    self.history.setdefault(self.target(view.name), []).append(
                        reading(view.result, self.spelt)
                    )
            for working in trace.select(phase, epoch):
                self._working(working, id(working.lines) in shown)
        for derivation in trace.derivations:
            steps = [(reading(step.expr, self.plainly), True) for step in derivation.steps]
            places = {
                target_of(page.symbol(form))
                for form in page.chains("derivation", 1)
                if form.derivation == derivation.name
            }
            for target in {
                target_of(self.plain(derivation.name)),
                self.target(derivation.name),
                *places,
            }:
                self.chains.setdefault(target, []).append(("", steps))
        family_of(self.problem).stated(self)

    def state(self, name: str, formula: Expr) -> None:
        """A quantity's formula, as the page may show it with names."""
        self.chains.setdefault(self.target(name), []).append(
            ("", [(reading(formula, self.plainly), True)])
        )

    def _working(self, working: Working, is_shown: bool) -> None:
        target = self.target(working.name)
        if working.phase != UPDATE:
            self.history.setdefault(target, []).append((working.shown,))
        if not is_shown:
            self._add(target, "" if is_aside(working.name) else working.phase, working.lines)
        if (
            getattr(self.page, "is_matrix", False) and working.phase == "backward"
        ):  # an entry has its factors as they stand in the matrices
            self._add(
                target,
                working.phase,
                tuple([replace(line, expr=turned(line.expr)) for line in working.lines]),
            )
        if not is_shown or working.lines[0].move != "FORMULA":
            self.chains[target].append(
                ("", [(reading(as_shown(working.formula), self.spelt), True)])
            )
        by = working.name.removeprefix(partial_name(self.problem.loss_name, ""))
        for link in working.links:
            self.chains.setdefault(self.target(partial_name(link.through, by)), []).append(
                ("", [(reading(link.local, self.spelt), True)])
            )

    def _add(self, target: str, phase: str, lines: tuple[Line, ...]) -> None:
        barer = bare(lines)
        for each in (lines,) if barer is lines or barer == lines else (lines, barer):
            self.chains.setdefault(target, []).append(
                (phase, [(reading(line.expr, self.spelt), line.is_exact) for line in each])
            )

    def _held(self) -> None:
        """What is given, and what a parameter is before each update, after the last, and where
        gradient descent ends."""
        trace, last = self.trace, self.problem.epochs
        moves = set(self.problem.parameters)
        for name in trace.givens:
            texts = [
                (trace.before(name, epoch).shown,)
                for epoch in range(1, last + 2 if name in moves else 2)
            ]
            self.history.setdefault(self.target(name), []).extend(texts)
        if self.problem.layers:
            self.history["c"] = self.history.get("c", []) + [
                (layer.slope.text,)
                for layer in self.problem.layers
                if layer.activation == "leaky-relu"
            ]
        if getattr(self.page, "is_matrix", False):
            self._matrices()

    def _matrices(self) -> None:
        matrices, page, last = self.page.matrices, self.page, self.problem.epochs
        for index, layer in enumerate(self.problem.network.layers, start=1):
            for part, rows in (
                ("weights", matrices.weights(index).rows),
                ("bias", [[name] for name in matrices.bias(index)]),
            ):
                if not rows:
                    continue
                name = matrices.name(part, index)
                self.history[target_of(page.symbols(name))] = [
                    self.grid(
                        [[self.trace.before(each, epoch).shown for each in row] for row in rows]
                    )
                    for epoch in range(1, last + 2)
                ]
                if self.trace.descents and rows[0][0] in self.problem.trained:
                    self.history[target_of(page.symbols(ended(name)))] = [
                        self.grid(
                            [
                                [self.trace.events[self.trace.at_end(each)].shown for each in row]
                                for row in rows
                            ]
                        )
                    ]
            units = [[unit.a] for unit in layer.units]
            self.chains.setdefault(target_of(page.symbols(matrices.name("a", index))), []).append(
                (
                    "",
                    [
                        (
                            reading(
                                matrix([[Name(unit) for unit in row] for row in units]), self.spelt
                            ),
                            True,
                        )
                    ],
                )
            )
        for name, entries in (
            (matrices.name("a", 0), matrices.inputs[0]),
            (matrices.target_name(), list(self.problem.network.target)),
        ):
            self.history[target_of(page.symbols(name))] = [
                self.grid([[self.trace.before(each, 1).shown] for each in entries])
            ]

    @staticmethod
    def grid(rows: list[list[str]]) -> Reading:
        """A matrix of numbers; one number is no matrix."""
        if len(rows) == len(rows[0]) == 1:
            return (rows[0][0],)
        return tuple(
            [f"(matrix{len(rows)}", *[text for row in rows for text in (f"(row{len(row)}", *row)]]
        )

    # ---- all together ---------------------------------------------------------------------------

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name and every number that stands in any of it."""
        found = {word for values in self.history.values() for value in values for word in value}
        found |= {
            word
            for chains in self.chains.values()
            for _, lines in chains
            for form, _ in lines
            for word in form
        }
        for target in (*self.history, *self.chains):
            found.add(target)
        found |= {target_of(symbol) for symbol in self._general()}
        for name in self._spelt.values():
            if type(name) is not str:
                found.update(reading(name, str))
        return frozenset(found)

    @cached_property
    def targets(self) -> frozenset[str]:
        """Every quantity that has a chain or a value, without its spaces."""
        return frozenset("".join(target.split()) for target in (*self.chains, *self.history))

    @cached_property
    def times(self) -> dict[tuple[str, Reading], set[tuple[str, int]]]:
        """When a quantity has a value: in which phases of which epochs; the pass after the last
        update is one of the next epoch."""
        found: dict[tuple[str, Reading], set[tuple[str, int]]] = {}
        for phase, epoch in dict.fromkeys(
            (working.phase, working.epoch)
            for working in self.trace.workings
            if working.phase in PHASES
        ):
            for view in self.page.chains(phase, epoch):
                found.setdefault(
                    (self.target(view.name), reading(view.result, self.spelt)), set()
                ).add((phase, epoch + (phase == "check")))
        return found

    @cached_property
    def layers(self) -> dict[str, set[int]]:
        """The layers of every quantity that is of one."""
        found: dict[str, set[int]] = {}
        for view in self.page.chains("backward", 1) if self.problem.layers else ():
            found.setdefault(self.target(view.name), set()).add(view.working.layer)
        return found

    @cached_property
    def functions(self) -> frozenset[str]:
        """The names that are taken at a number: f of f(2), a derivative of its place."""
        calls = [
            called(each)
            for each in (
                symbol_read(self.page.symbols(working.name)) for working in self.trace.workings
            )
            if type(each) is not str
        ]
        return frozenset(call[0] for call in calls if call)

    @cached_property
    def points(self) -> frozenset[Reading]:
        """The points of a problem of several variables: where it is looked at, and where it moves
        to."""
        at = getattr(self.problem, "at", None)
        if not isinstance(at, dict):
            return frozenset()
        moved = [
            self.trace.find(f"{name}_moved").shown
            if name in getattr(self.problem, "change", {})
            else number.text
            for name, number in at.items()
        ]
        slopes = [
            slope.shown
            for name in at
            if (
                slope := self.trace.get(
                    partial_name(getattr(self.problem, "name", ""), name), 1, "backward"
                )
            )
        ]
        return frozenset(
            [tuple(number.text for number in at.values()), tuple(moved), tuple(slopes)]
        )

    def _general(self) -> Iterator[str]:
        """The symbols of the functions of a problem, and of the slope of any weight."""
        yield from family_of(self.problem).called(self)
        if loss := self.problem.loss_name:
            yield from (
                rf"\frac{{{self.plain.d}{self.plain(loss)}}}{{{self.plain.d}{any_one}}}"
                for any_one in "wz"
            )

    def is_called(self, name: str, function: str) -> bool:
        """Whether a page calls a function of the problem by this name."""
        return name == symbol_read(self.plain(function))

    @cached_property
    def stated(self) -> frozenset[tuple[str, str]]:
        """What a key states as an answer, by target: it may be in full precision where the page has
        noise."""
        found, start = set(), 0
        for working in self.trace.workings:
            steps = [
                event.shown
                for event in self.trace.events[start : working.event]
                if event.operands and event.shown is not None
            ]
            found |= {
                (self.target(working.name), text) for text in (stated(self.trace, working), *steps)
            }
            start = max(start, working.event + 1)
        for phase, epoch in dict.fromkeys(
            (working.phase, working.epoch) for working in self.trace.workings
        ):  # an entry of a matrix
            for view in self.page.chains(phase, epoch):
                found |= {
                    (self.target(view.name), stated(self.trace, member)) for member in view.members
                }
        return frozenset(found)

    @cached_property
    def accepted(self) -> frozenset[tuple[Decimal, Decimal]]:
        """The ends of every interval that a key accepts: of results, and of steps on the way."""
        found = [
            *[interval for each in accepted(self.trace).values() for interval in each.intervals],
            *accepted_steps(self.trace).values(),
        ]
        return frozenset((each.low, each.high) for each in found)

    def accepts(self, form: Reading) -> bool:
        """Whether a row of two numbers is such an interval."""
        ends = form[2:]
        return (
            all(end.lstrip("-")[:1].isdigit() for end in ends)
            and tuple(map(Decimal, ends)) in self.accepted
        )

    @cached_property
    def small(self) -> tuple[Decimal, ...]:
        """What may be written with a power of ten: losses where a run ends, and results that are
        shown as zero."""
        return (
            *[loss_at_end(self.problem, run) for run in self.trace.descents],
            *[run.loss for run in self.trace.descents],
            *[working.exact for working in self.trace.workings],
        )

    def is_small(self, number: str) -> bool:
        """Whether `7.0e-9` is one of them, rounded to its last figure as everything is."""
        if "e" not in number and len(number) < LONG:
            return False
        front, mode = Decimal(number), self.problem.rounding.mode
        near = [value for value in self.small if abs(value.adjusted() - front.adjusted()) < 2]
        return any(front == quantize(value, front.as_tuple().exponent, mode) for value in near)


def matrix(rows: list[list[Expr]]) -> Expr:
    """The matrix of these rows."""
    return Apply("matrix", tuple(Apply("row", tuple(row)) for row in rows))


@lru_cache(maxsize=4096)
def target_of(symbol: str) -> str:
    """What the reader calls a chain that begins with this symbol."""
    found = symbol_read(symbol)
    return found if type(found) is str else "".join(symbol.split())

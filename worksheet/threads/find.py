r"""The thread of a number: where on a page it was worked out or given, and where it is used and
said again.

    a_h = \sigma(z_h) = \sigma(0.5) = ... \approx 0.62246      0.5 is used here, 0.62246 is worked out
    z_o = w_o \cdot a_h = 1.0 \cdot 0.62246                    and used here

Each chain of the page is found among those of the trace, form by form as its proof finds it
(`proofs/statements.py`); there every number that is put in has the event it shows, and the event
has its quantity. Two numbers that are alike by chance have two events. What fits several chains, or
another count of numbers, has no mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from ..algebra.expression import Expr, Literal, leaves, names
from ..errors import ReadError
from ..markdown.authored import is_authored
from ..markdown.handwritten import Key as Hand
from ..markdown.reader import Formula, formulas
from ..proofs.inventory import Inventory, Reading, reading, reading_of, target_of
from ..proofs.statements import matches
from ..recalculation.tables import place_of, tables
from ..tex.chains import Chain, Form
from ..tex.reader import chains
from ..tex.unicode import plain_symbol
from ..trace.trace import Key, Trace, Working
from ..views.views import View, bare

GIVEN = "given"  # where the phase of a working stands
WORKED, STATED, USED, SAID = (
    "worked",
    "stated",
    "used",
    "said",
)  # at the end of its chain; where it has none: said first; put in; said again

DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LAYOUT = re.compile(
    r"\\\\\[[^\]]*\]|\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?|\\(?:text|mathrm|operatorname)\{[^}]*\}|\\[hv](?:space|phantom)\{[^}]*\}"
)
_CONDITION = re.compile(r"\\mathbf\{1\}\(|(?:>|\\le) 0\)")


class Owner(NamedTuple):
    """A quantity at one time: that of a working, or a given number, whose `phase` says so.
    `problem`: of a lecture."""

    name: str
    epoch: int
    phase: str
    problem: str = ""

    @property
    def key(self) -> Key:
        """The quantity as a trace finds it, whatever the lecture's problem: (name, epoch,
        phase)."""
        return self.name, self.epoch, self.phase


class Mark(NamedTuple):
    """Number `place` of a formula of the page, both counted from 0, and what it is there."""

    formula: int
    place: int
    role: str
    owner: Owner


@dataclass(frozen=True, slots=True)
class Thread:
    """The marks of a page, in its order, and what each quantity is called: `aₕ = 0.62246`.
    `unsure`: the formulas that have no mark, because its proof would not hold for them."""

    marks: tuple[Mark, ...] = ()
    called: Mapping[Owner, str] = field(default_factory=dict)
    unsure: frozenset[int] = frozenset()

    def without(self, formulas: Iterable[int]) -> Thread:
        """The same with no mark in these formulas."""
        unsure = self.unsure.union(formulas)
        return replace(
            self,
            marks=tuple(mark for mark in self.marks if mark.formula not in unsure),
            unsure=unsure,
        )

    def followed(self) -> Iterator[tuple[Owner, list[Mark]]]:
        """Each quantity that stands in more than one place, with its marks."""
        found: dict[Owner, list[Mark]] = {}
        for mark in self.marks:
            found.setdefault(mark.owner, []).append(mark)
        return (
            (owner, marks)
            for owner, marks in found.items()
            if len({mark[:2] for mark in marks}) > 1
        )


def numbers_of(tex: str) -> list[tuple[int, str]]:
    """The numbers of a formula with their places, in its order, indices and exponents among them;
    not those of its layout."""
    return [
        (found.start(), found[0])
        for found in DIGITS.finditer(_LAYOUT.sub(lambda layout: " " * len(layout[0]), tex))
    ]


def places_in(form: Form, tex: str) -> list[int]:
    """The places of the numbers of a form among those of its formula: not those of a condition,
    `\\mathbf{1}(z > 0)`, which is one operation."""
    hidden = [range(found.start(), found.end()) for found in _CONDITION.finditer(tex)]
    return [
        place
        for place, (at, _) in enumerate(numbers_of(tex))
        if form.start <= at < form.start + len(form.tex) and not any(at in each for each in hidden)
    ]


def leading(expr: Expr) -> list[Literal | None]:
    """The numbers of a form, in the order of their digits: of `1.2 \\times 10^{-7}`, which is
    written with three, the first is the number and the others are None."""
    return [
        leaf if not place else None
        for leaf in leaves(expr)
        if type(leaf) is Literal
        for place in range(written_with(leaf))
    ]


def written_with(number: Literal) -> int:
    """With how many numbers it is written: three with a power of ten."""
    return 3 if "e" in number.text or "\\" in number.text else 1


def thread_of(
    trace: Trace, markdown: str, own: Iterable[Hand] = (), authored: frozenset[str] = frozenset()
) -> Thread:
    """The thread of a page of one problem; formulas (`own`) and lines of an author's (`authored`)
    have none."""
    found, page, lines = [], _Found(trace), markdown.splitlines()
    for number, formula in enumerate(formulas(markdown)):
        if (formula.line, formula.tex) in own or is_authored(
            lines, formula.line, formula.line + formula.tex.count("\n"), authored
        ):
            continue
        try:
            found += [
                (number, formula, chain)
                for chain in chains(formula.tex)
                if chain.relations and chain.is_equality
            ]
        except ReadError:
            continue
    marks = [
        mark
        for number, formula, chain, views in page.at_their_time(found)
        for mark in page.marks(number, formula, chain, views)
    ]
    marks += [
        mark
        for mark in page.in_tables(markdown)
        if not is_authored(
            lines, found_on := formulas(markdown)[mark.formula].line, found_on, authored
        )
    ]
    marks = [*_with_origins(sorted(dict.fromkeys(marks), key=lambda mark: mark[:2]))]
    return Thread(tuple(marks), {mark.owner: page.called(mark.owner) for mark in marks})


def joined(markdown: str, threads: Mapping[str, tuple[str, Thread]]) -> Thread:
    """The thread of a page of several problems: of each, by its name, its part of the page, line by
    line, and the thread of that part."""
    places: dict[tuple[int, str], list[int]] = {}
    for number, formula in enumerate(formulas(markdown)):
        places.setdefault((formula.line, formula.tex), []).append(number)
    marks, called = [], {}
    for problem, (part, thread) in threads.items():
        seen: dict[tuple[int, str], int] = {}
        where = {}
        for number, formula in enumerate(formulas(part)):
            key = formula.line, formula.tex
            seen[key] = seen.get(key, -1) + 1
            if seen[key] < len(places.get(key, ())):
                where[number] = places[key][seen[key]]
        marks += [
            mark._replace(formula=where[mark.formula], owner=mark.owner._replace(problem=problem))
            for mark in thread.marks
            if mark.formula in where
        ]
        called |= {owner._replace(problem=problem): text for owner, text in thread.called.items()}
    return Thread(tuple(sorted(marks, key=lambda mark: mark[:2])), called)


def _with_origins(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The same; a number that no chain works out comes from where it is said first, if it is not
    used before."""
    seen = {mark.owner for mark in marks if mark.role == WORKED}
    for mark in marks:
        yield mark._replace(role=STATED) if mark.role == SAID and mark.owner not in seen else mark
        seen.add(mark.owner)


def symbols_of_cells(markdown: str) -> dict[int, str]:
    """For each formula that is alone in its cell: the symbol at the head of its row, or else of its
    column."""
    on_line: dict[int, list[tuple[int, Formula]]] = {}
    for number, formula in enumerate(formulas(markdown)):
        on_line.setdefault(formula.line, []).append((number, formula))
    found = {}
    for header, *rows in tables(markdown):
        for line, row in rows[1:]:
            waiting = iter(on_line.get(line, ()))
            for column, cell in enumerate(row):
                here = list(islice(waiting, cell.count("$") // 2))
                symbol = place_of(row[0]) or column < len(header[1]) and place_of(header[1][column])
                if (
                    len(here) == 1
                    and column
                    and symbol
                    and symbol[1:] == (None, None)
                    and cell == f"${here[0][1].tex}$"
                ):
                    found[here[0][0]] = symbol[0]
    return found


Placed = tuple[int, Formula, Chain]


class _Found:
    """The chains and values of a trace, by what they begin with on a page."""

    def __init__(self, trace: Trace):
        self.trace, self.inventory = trace, Inventory(trace)
        self.holders: dict[int, list[Owner]] = {}  # by event
        for name, event in trace.givens.items():
            self.holders.setdefault(event, []).append(Owner(name, 0, GIVEN))
        for working in trace.workings:
            self.holders.setdefault(working.event, []).append(Owner(*working.key))
        self.times = {
            time: place
            for place, time in enumerate(
                dict.fromkeys((each.phase, each.epoch) for each in trace.workings)
            )
        }
        self.views: dict[str, list[View]] = {}
        self.values: dict[tuple[str, Reading], set[tuple[Owner, ...]]] = {}
        self._gather()

    def _gather(self) -> None:
        page, target = self.inventory.page, self.inventory.target
        for phase, epoch in self.times:
            shown = [view for view in page.chains(phase, epoch) if view.members]
            alone = {view.members[0].key for view in shown if view.name == view.members[0].name}
            for view in [
                *shown,
                *[
                    View(each.name, each.lines, (each,))
                    for each in self.trace.select(phase, epoch)
                    if each.key not in alone
                ],
            ]:
                self.views.setdefault(target(view.name), []).append(view)
                self._value(
                    target(view.name), view.result, [Owner(*member.key) for member in view.members]
                )
        for event, owners in self.holders.items():
            for owner in owners:
                if owner.phase == GIVEN:
                    self.values.setdefault(
                        (target(owner.name), (self.trace.events[event].shown,)), set()
                    ).add((owner,))
        if getattr(page, "is_matrix", False):
            self._grids()

    def _value(self, target: str, result: Expr, owners: list[Owner]) -> None:
        if len(owners) == len(leading(result)):
            self.values.setdefault((target, reading(result, self.inventory.spelt)), set()).add(
                tuple(owners)
            )

    def _grids(self) -> None:
        """What is given as a matrix, and what its parameters become."""
        matrices, network, last = (
            self.inventory.page.matrices,
            self.trace.problem.network,
            self.trace.problem.epochs,
        )
        grids = {
            matrices.name("a", 0): [[name] for name in matrices.inputs[0]],
            matrices.target_name(): [[name] for name in network.target],
        }
        for index in range(1, len(network.layers) + 1):
            grids |= {
                matrices.name("weights", index): matrices.weights(index).rows,
                matrices.name("bias", index): [[name] for name in matrices.bias(index)],
            }
        for name, rows in grids.items():
            for epoch in range(1, last + 2 if rows else 1):
                events = [[self.trace.holder(each, epoch) for each in row] for row in rows]
                shown = self.inventory.grid(
                    [[self.trace.events[event].shown for event in row] for row in events]
                )
                owners = tuple(self.holders[event][0] for row in events for event in row)
                self.values.setdefault((self.inventory.target(name), shown), set()).add(owners)

    def called(self, owner: Owner) -> str:
        """`a_h = 0.62246`; the number alone where Unicode cannot spell its symbol, or the page has
        another one."""
        symbols = self.inventory.page.symbols
        name = plain_symbol(owner.name).replace("∂", symbols.d.replace(r"\partial ", "∂"))
        is_own = (
            owner.name == symbols.loss_name != symbols(owner.name)
            or owner.name in symbols.aliases
            or "_" in name
        )
        value = self.shown(owner).replace("e", "·10^").replace("-", "−")
        return value if is_own else f"{name} = {value}"

    def shown(self, owner: Owner) -> str:
        working = self.trace.get(*owner.key)
        return working.shown if working else self.trace.events[self.trace.givens[owner.name]].shown

    # ---- which chain it is ----------------------------------------------------------------------

    def at_their_time(
        self, found: list[Placed]
    ) -> Iterator[tuple[int, Formula, Chain, list[View]]]:
        """Each chain of the page with the views that it may show: of several that print alike, the
        one of its time, if what stands around it says that, on a page that goes forward in time."""
        fitting = [self.fitting(chain) for _, _, chain in found]
        sure = [self.time(views[0]) for views in fitting if len(views) == 1]
        is_forward = sure == sorted(sure)
        before, afters = -1, [*sure, len(self.times)]
        for (number, formula, chain), views in zip(found, fitting, strict=True):
            if len(views) == 1:
                before = self.time(views[0])
                afters.pop(0)
            elif is_forward:
                views = [view for view in views if before <= self.time(view) <= afters[0]]
            yield number, formula, chain, views

    def time(self, view: View) -> int:
        return self.times[view.working.phase, view.working.epoch]

    def fitting(self, chain: Chain) -> list[View]:
        """The views whose lines are the forms of a chain, in order; a matrix before its entries."""
        target = chain.target or "".join(chain.forms[0].tex.split())
        shown = [form for form in chain.forms[1:] if form.tex.strip()]
        if (
            any(form.expr is None for form in shown)
            or len(shown) + 1 < len(chain.forms)
            or not shown
        ):
            return []
        read, found = [reading_of(form) for form in shown], dict[tuple[Key, ...], View]()
        for view in self.views.get(target, ()):
            for lines in dict.fromkeys((view.lines, bare(view.lines))):
                known = [
                    (reading(line.expr, self.inventory.spelt), line.is_exact) for line in lines
                ]
                if matches(self.inventory, known, view.working.phase, read, chain.relations):
                    found.setdefault(
                        tuple(member.key for member in view.members), replace(view, lines=lines)
                    )
                    break
        return (
            [] if len(read) == 1 and len(read[0]) == 1 else list(found.values())
        )  # a number alone is said again

    # ---- which numbers they are -----------------------------------------------------------------

    def marks(
        self, number: int, formula: Formula, chain: Chain, views: list[View]
    ) -> Iterator[Mark]:
        """The marks of a chain."""
        if not views and len(chain.forms) == 2:
            owners = self.values.get(
                (chain.target or "".join(chain.forms[0].tex.split()), reading_of(chain.forms[1])),
                (),
            )
            if len(owners) == 1:
                yield from self.placed(number, formula, chain.forms[1], SAID, *owners)
        if len(views) != 1:
            return
        [view] = views
        put_in = [
            line
            for line in view.lines
            if line.move != "FORMULA"
            and all(self.is_put_in(each, view) for each in leaves(line.expr))
        ]
        for form in chain.forms[1:]:
            alike = {
                tuple(each and self.owner(each, view) for each in leading(line.expr))
                for line in put_in
                if reading(line.expr, self.inventory.spelt) == reading_of(form)
            }
            if len(alike) == 1:
                yield from self.placed(number, formula, form, USED, *alike)
        results = leading(view.result)
        if reading_of(chain.forms[-1]) == reading(view.result, self.inventory.spelt) and len(
            view.members
        ) == len(results) - results.count(None):
            members = iter(view.members)
            yield from self.placed(
                number,
                formula,
                chain.forms[-1],
                WORKED,
                [each and Owner(*next(members).key) for each in results],
            )

    def in_tables(self, markdown: str) -> Iterator[Mark]:
        """The marks of the numbers that stand alone in a cell, in the row or the column of a
        symbol."""
        for number, symbol in symbols_of_cells(markdown).items():
            owners = self.values.get(
                (target_of(symbol), (formulas(markdown)[number].tex.strip(),)), ()
            )
            if len(owners) == 1:
                [[owner]] = owners
                yield Mark(number, 0, SAID, owner)

    def placed(
        self, number: int, formula: Formula, form: Form, role: str, owners: Sequence[Owner | None]
    ) -> Iterator[Mark]:
        """The marks of a form whose numbers have these owners, if each has the digits of its own."""
        places, written = places_in(form, formula.tex), numbers_of(formula.tex)
        if len(places) != len(owners):
            return
        for place, owner in zip(places, owners):
            if owner and DIGITS.findall(self.shown(owner))[0] == written[place][1]:
                yield Mark(number, place, role, owner)

    def owner(self, literal: Literal, view: View) -> Owner | None:
        """Whose number it is that is put into a chain, whatever its sign; None if it has none, or
        could be of two."""
        event = literal.event
        while (
            event is not None and event not in self.holders and self.trace.events[event].op == "neg"
        ):
            [event] = self.trace.events[event].operands
        owners = [
            owner
            for owner in self.holders.get(event, ())
            if any(self.takes(member, owner) for member in view.members)
        ]
        return owners[0] if len(owners) == 1 else None

    def is_put_in(self, leaf: Expr, view: View) -> bool:
        """A number of the formula itself, or that of a quantity; not one that was worked out on the
        way."""
        return type(leaf) is Literal and (
            leaf.event is None
            or self.trace.events[leaf.event].op == "constant"
            or self.owner(leaf, view) is not None
        )

    def takes(self, working: Working, owner: Owner) -> bool:
        """Whether the formula of a working holds the name of this owner, at its time."""
        earlier = self.trace.uses[working.key].get(owner.name)
        return owner.name in names(working.formula) and (
            earlier.key == owner.key if earlier else owner.phase == GIVEN
        )

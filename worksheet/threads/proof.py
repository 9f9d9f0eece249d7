r"""The proof of a thread: that each number which is followed is the one that is meant.

    z_o = 1.0 \cdot 0.62246      with w_o and a_h for the numbers that are said to be theirs it reads as its formula, z_o = w_o \cdot a_h

Nothing is taken from how the thread was found: what it says is read back from the page. A number
has the digits of its quantity; what is worked out stands at the end of a chain of that quantity;
where numbers are put in, their names put back give the formula, in its order; the value is the one
that was held at that time; and a number that is used leads to where it was worked out, if the page
shows that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..algebra.expression import Apply, Expr, Literal, Name, apply, leaves
from ..algebra.laws import LAWS, written_out
from ..errors import ReadError
from ..markdown.reader import formulas
from ..proofs.inventory import Inventory, Reading, matrix, reading, reading_of, target_of
from ..proofs.statements import Finding
from ..tex.chains import Chain, Form
from ..tex.reader import chains
from ..trace.backward import partial_name
from ..trace.trace import Trace, Working
from ..views.stacked import turned
from .find import (
    DIGITS,
    GIVEN,
    SAID,
    STATED,
    USED,
    WORKED,
    Mark,
    Owner,
    Thread,
    numbers_of,
    places_in,
    symbols_of_cells,
    thread_of,
    written_with,
)

Found = tuple[int, str]  # the number of a formula, and what is wrong with it


def thread_findings(trace: Trace, markdown: str, thread: Thread) -> list[Finding]:
    """What a thread says that is not so, and what it leaves out."""
    shown = formulas(markdown)
    return [
        (shown[number].line, shown[number].tex, message)
        for number, message in _Proof(trace, markdown, thread).findings()
    ]


def proved_thread(trace: Trace, markdown: str, **authored) -> Thread:
    """The thread of a page without the formulas in which a mark cannot be proved. `authored` is as
    for `thread_of`."""
    thread = thread_of(trace, markdown, **authored)
    while found := {number for number, _ in _Proof(trace, markdown, thread).findings()}:
        thread = thread.without(found)
    return thread


class _Proof:
    def __init__(self, trace: Trace, markdown: str, thread: Thread):
        self.trace, self.inventory = trace, Inventory(trace)
        self.formulas = formulas(markdown)
        self.by_formula: dict[int, list[Mark]] = {}
        for mark in thread.marks:
            self.by_formula.setdefault(mark.formula, []).append(mark)
        self.thread, self.cells = thread, symbols_of_cells(markdown)

    def findings(self) -> Iterator[Found]:
        for number, marks in self.by_formula.items():
            formula = self.formulas[number]
            written = numbers_of(formula.tex)
            for mark in marks:
                if mark.place >= len(written) or written[mark.place][1] != self.digits(mark.owner):
                    yield number, f"number {mark.place + 1} is not that of {mark.owner.name}"
            stated = [chain for chain in chains(formula.tex) if chain.relations]
            if not stated and (fault := self.cell_fault(number, marks)):
                yield number, fault
            for chain in stated:
                last = chain.forms[-1]
                inside = (
                    [
                        mark
                        for mark in marks
                        if chain.forms[0].start
                        <= written[mark.place][0]
                        < last.start + len(last.tex)
                    ]
                    if all(mark.place < len(written) for mark in marks)
                    else []
                )
                for fault in self.faults(chain, inside, formula.tex):
                    yield number, fault
        yield from self.lost()

    def digits(self, owner: Owner) -> str:
        return DIGITS.findall(self.shown(owner))[0]

    def shown(self, owner: Owner) -> str:
        if owner.phase == GIVEN:
            return self.trace.events[self.trace.givens[owner.name]].shown
        return self.trace.find(owner.name, owner.epoch, owner.phase).shown

    # ---- a chain --------------------------------------------------------------------------------

    def faults(self, chain: Chain, marks: list[Mark], tex: str) -> Iterator[str]:
        """What is wrong with the marks of a chain."""
        written = numbers_of(tex)

        def of(form: Form, *roles: str) -> list[Mark]:
            return [
                mark
                for mark in marks
                if mark.role in roles
                and form.start <= written[mark.place][0] < form.start + len(form.tex)
            ]

        target = chain.target or "".join(chain.forms[0].tex.split())
        last = chain.forms[-1]
        ends = of(last, WORKED, STATED, SAID)
        if ends and not self.is_end(target, reading_of(last), [mark.owner for mark in ends]):
            yield f"{ends[0].owner.name} is not what stands at the end"
        if any(
            mark.role != USED
            for form in chain.forms[:-1]
            for mark in of(form, WORKED, STATED, SAID)
        ):
            yield "what is said to be a result does not stand at the end"
        worked = [self.trace.get(*mark.owner.key) for mark in ends if mark.owner.phase != GIVEN]
        put_in = [form for form in chain.forms[1:] if of(form, USED)]
        first = next(
            (
                form
                for form in chain.forms[1:-1]
                if form.is_closed and worked and ends[0].role == WORKED
            ),
            None,
        )
        if (
            first
            and first not in put_in
            and any(type(leaf) is Name for each in worked for leaf in leaves(each.formula))
        ):
            put_in.append(first)
        if put_in and (not worked or not all(worked)):
            yield "numbers are put in, and no result is known"
            return
        for form in put_in:
            here = {mark.place: mark.owner for mark in of(form, USED)}
            zeros = {owner.name for owner in here.values() if not Decimal(self.shown(owner))}
            if self.with_names(form, here, tex, zeros) not in self.readings(target, worked, zeros):
                yield f"with their names for its numbers, {form.tex} is not the formula of {target}"
            for owner in here.values():
                if not any(self.holds(working, owner) for working in worked):
                    yield f"{owner.name} is not of this time"

    def is_end(self, target: str, shown: Reading, owners: Sequence[Owner]) -> bool:
        """Whether a chain of this symbol ends in the values of these quantities, and in no others."""
        words = tuple(word for word in shown if word[0] != "(")
        if words != tuple(
            self.shown(owner).lstrip("-") if not Decimal(self.shown(owner)) else self.shown(owner)
            for owner in owners
        ):
            return False
        if len(owners) == 1 and self.inventory.target(owners[0].name) == target:
            return True
        return [owner.name for owner in owners] in self.entries(target)

    def entries(self, target: str) -> list[list[str]]:
        """The names of the entries of what a matrix or a vector on the page is called."""
        return [
            [name for row in rows for name in row]
            for name, rows in self.grids().items()
            if self.inventory.target(name) == target
        ]

    def with_names(
        self, form: Form, owners: dict[int, Owner], tex: str, zeros: set[str]
    ) -> Reading:
        """How a form reads with the names of these owners for its numbers."""
        places = iter(places_in(form, tex))

        def back(expr: Expr) -> Expr:
            if type(expr) is Literal:
                owner = owners.get(next(places, -1))
                for _ in range(1, written_with(expr)):  # the 10 and the exponent of a power of ten
                    next(places, None)
                if owner is None:
                    return expr
                return (
                    Name(owner.name)
                    if expr.value == Decimal(self.shown(owner))
                    else apply("neg", Name(owner.name))
                )
            return Apply(expr.op, tuple(map(back, expr.args))) if type(expr) is Apply else expr

        return self.read(_with_exp(back(form.expr)), zeros)

    def readings(
        self, target: str, worked: Sequence[Working], zeros: set[str]
    ) -> Iterator[Reading]:
        """How the formula of these quantities may read: as it is written, and with its laws written
        out; of a matrix in its names, entry by entry, and these with their factors the other way
        round."""
        whole = [working.formula for working in worked]
        if len(worked) > 1 or self.inventory.target(worked[0].name) != target:
            for name, rows in self.grids().items():
                if self.inventory.target(name) == target and [
                    each for row in rows for each in row
                ] == [working.name for working in worked]:
                    formulas = iter(whole)
                    stack = _matrix([[next(formulas) for _ in row] for row in rows])
                    yield from (
                        self.read(each, zeros)
                        for expr in (stack, turned(stack))
                        for each in (expr, _written_out(expr))
                    )
        else:
            yield from (
                self.read(each, zeros)
                for each in (whole[0], _written_out(whole[0]), turned(whole[0]))
            )
        for view in (
            self.inventory.page.chains(worked[0].phase, worked[0].epoch) if self.grids() else ()
        ):
            if view.members == tuple(worked) and view.lines[0].move == "FORMULA":
                yield self.read(self.entry_names(view.lines[0].expr), zeros)

    def read(self, expr: Expr, zeros: set[str]) -> Reading:
        return reading(_signed(expr, zeros), self.inventory.spelt)

    def entry_names(self, expr: Expr) -> Expr:
        """A formula of matrices with the matrices of their entries."""
        grids = self.grids()
        if type(expr) is Name:
            return _names(grids[expr.name]) if expr.name in grids else expr
        if (
            type(expr) is Apply
            and expr.op == "transpose"
            and type(expr.args[0]) is Name
            and expr.args[0].name in grids
        ):
            return _names([list(row) for row in zip(*grids[expr.args[0].name])])
        return (
            Apply(expr.op, tuple(map(self.entry_names, expr.args))) if type(expr) is Apply else expr
        )

    def grids(self) -> dict[str, list[list[str]]]:
        """The entries of every matrix and vector of the page, by its name."""
        if not getattr(self.inventory.page, "is_matrix", False):
            return {}
        matrices, loss = self.inventory.page.matrices, self.trace.problem.loss_name
        found = {
            matrices.name("a", 0): [[name] for name in matrices.inputs[0]],
            matrices.target_name(): [[name] for name in self.trace.problem.network.target],
        }
        for index in range(1, len(self.trace.problem.network.layers) + 1):
            z, a = matrices.units(index, "z"), matrices.units(index, "a")
            parts = {
                matrices.name("weights", index): matrices.weights(index).rows,
                matrices.name("bias", index): [[name] for name in matrices.bias(index)],
                matrices.name("z", index): [[name] for name in z],
                matrices.name("a", index): [[name] for name in a],
            }
            by = {
                partial_name(loss, name): [
                    [partial_name(loss, each) for each in row] for row in rows
                ]
                for name, rows in parts.items()
                if rows
            }
            slope = partial_name(matrices.name("a", index), matrices.name("z", index))
            is_whole = matrices.layers[index - 1].activation == "softmax"
            found |= (
                parts
                | by
                | {
                    matrices.delta(index): [[partial_name(loss, name)] for name in z],
                    slope: [[partial_name(output, name) for name in z] for output in a]
                    if is_whole
                    else [[partial_name(*pair)] for pair in zip(a, z)],
                }
            )
        return found

    def holds(self, working: Working, owner: Owner) -> bool:
        """Whether an owner is what its name stands for when this quantity is worked out."""
        earlier = self.trace.uses[working.key].get(owner.name)
        return earlier.key == owner.key if earlier else owner.phase == GIVEN

    # ---- beside the chains ----------------------------------------------------------------------

    def cell_fault(self, number: int, marks: list[Mark]) -> str:
        """What is wrong with the mark of a number alone: in a table it is of the symbol of its row
        or column."""
        if self.cells.get(number) and {target_of(self.cells[number])} == {
            self.inventory.target(mark.owner.name) for mark in marks
        }:
            return ""
        return f"{self.formulas[number].tex} is not known to be that of {marks[0].owner.name}"

    def lost(self) -> Iterator[Found]:
        """The numbers that are used and do not lead to the chain that works them out, though the
        page shows it."""
        worked = {mark.owner for mark in self.thread.marks if mark.role in (WORKED, STATED)}
        ends: dict[tuple[str, Reading], int] = {}
        for number, formula in enumerate(self.formulas):
            try:
                stated = chains(formula.tex) if number not in self.thread.unsure else ()
            except ReadError:
                continue
            ends |= {
                (chain.target, reading_of(chain.forms[-1])): number
                for chain in stated
                if len(chain.forms) > 2 and chain.target and chain.forms[-1].is_closed
            }
        for owner in dict.fromkeys(mark.owner for mark in self.thread.marks if mark.role == USED):
            end = self.inventory.target(owner.name), (self.shown(owner),)
            alike = [
                each
                for each in self.trace.workings
                if each.name == owner.name and each.shown == self.shown(owner)
            ]
            if owner not in worked and owner.phase != GIVEN and end in ends and len(alike) == 1:
                yield (
                    ends[end],
                    f"{owner.name} is used and cannot be followed to where it is worked out",
                )


def _names(rows: list[list[str]]) -> Expr:
    return _matrix([[Name(name) for name in row] for row in rows])


def _matrix(rows: list[list[Expr]]) -> Expr:
    """A matrix; one of one entry is its entry."""
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else matrix(rows)


def _written_out(expr: Expr) -> Expr:
    """An expression with what its laws stand for."""
    if type(expr) is not Apply:
        return expr
    expr = Apply(expr.op, tuple(map(_written_out, expr.args)))
    return written_out(expr) if expr.op in LAWS else expr


def _with_exp(expr: Expr) -> Expr:
    """An expression with e for the digits of e."""
    if type(expr) is not Apply:
        return expr
    args = tuple(map(_with_exp, expr.args))
    is_e = expr.op == "power" and type(args[0]) is Literal and args[0].text.startswith("2.71828")
    return Apply("exp", args[1:]) if is_e else Apply(expr.op, args)


def _signed(expr: Expr, zeros: set[str]) -> Expr:
    """An expression with one minus at most before each product, none within, and none before the
    names of zeros, which have no sign."""
    if type(expr) is not Apply:
        return expr
    args = tuple([_signed(arg, zeros) for arg in expr.args])
    if expr.op == "neg":
        [inner] = args
        if type(inner) is Name and inner.name in zeros:
            return inner
        return inner.args[0] if type(inner) is Apply and inner.op == "neg" else Apply("neg", args)
    if expr.op != "product":
        return Apply(expr.op, args)
    factors, is_negative = [], False
    for arg in args:
        if type(arg) is Apply and arg.op == "neg":
            arg, is_negative = arg.args[0], not is_negative
        factors += arg.args if type(arg) is Apply and arg.op == "product" else [arg]
    return (
        Apply("neg", (Apply("product", tuple(factors)),))
        if is_negative
        else Apply("product", tuple(factors))
    )

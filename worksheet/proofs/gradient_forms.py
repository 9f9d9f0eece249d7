r"""Does every form of a gradient hold that has no numbers in it? Re-punch passes over those whose
names have no printed value.

    \frac{\partial L}{\partial z_o} = \frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial z_o} = \hat{y} - y

Names get the exact values of the first epoch (what holds there by accident holds nowhere else: to
25 digits). A local derivative, dc/dq, is carried forward through the formula of c, so no rule that
led to a form has a say in whether it holds.
"""

from __future__ import annotations

from decimal import Decimal

from ..algebra.expression import Apply, Expr, Literal, Name, names
from ..algebra.laws import written_out
from ..judge.carried_slopes import is_known, slope_at
from ..judge.identities import AGREE, value_at
from ..markdown.reader import formulas
from ..numbers.number import CONTEXT
from ..tex.notation import Symbols
from ..tex.reader import chains, read
from ..trace.backward import partial_name
from ..trace.trace import Trace

Fault = tuple[int, str, str]  # the line of the page, the form, the gradient it is not equal to


class Values:
    """What the names of a page are worth, by the way the page spells them. A local derivative is
    found when it is asked for."""

    def __init__(self, trace: Trace):
        symbols = Symbols.of(trace.problem)
        held = {name: trace.events[event].value for name, event in trace.givens.items()}
        here = [working for phase in ("forward", "loss") for working in trace.select(phase, 1)]
        held |= {working.name: working.exact for working in here}
        gradients = {working.name: working.exact for working in trace.select("backward", 1)}
        locals_ = {
            partial_name(working.name, name): (working.formula, name)
            for working in here
            for name in names(working.formula)
            if name in held
            and (
                working.name != trace.problem.loss_name
                or partial_name(working.name, name) not in gradients
            )
        }
        self.held = held
        self.known = {
            _spelt(symbols, name): value
            for name, value in (gradients | held).items()
            if name not in locals_
        }
        self.locals = {_spelt(symbols, name): found for name, found in locals_.items()}
        self.taught = {_spelt(symbols, name): value for name, value in gradients.items()}

    def __getitem__(self, name: str) -> Decimal:
        """KeyError for a name without a value: one of a matrix."""
        if name not in self.known:
            formula, by = self.locals[name]
            self.known[name] = slope_at(in_full(formula), self.held, by)
        return self.known[name]


def _spelt(symbols: Symbols, name: str) -> str:
    return read(symbols(name)).name


def in_full(expr: Expr) -> Expr:
    """A formula with every activation and every loss that has no slope of its own as what it stands
    for."""
    if isinstance(expr, (Literal, Name)):
        return expr
    return (
        Apply(expr.op, tuple(map(in_full, expr.args)))
        if is_known(expr.op)
        else in_full(written_out(expr))
    )


def unequal_forms(trace: Trace, markdown: str) -> tuple[int, list[Fault]]:
    """How many forms of gradients were compared with the gradient, and those that are not equal to
    it."""
    if not trace.select("backward", 1):
        return 0, []
    values, compared, faults = Values(trace), 0, []
    for formula in formulas(markdown):
        if r"\partial" not in formula.tex:
            continue
        for chain in chains(formula.tex):
            if chain.target not in values.taught and chain.target not in values.locals:
                continue
            for form in chain.forms[1:]:
                if form.expr is None or form.is_closed:
                    continue
                try:
                    right, found = values[chain.target], value_at(form.expr, values)
                except (KeyError, ArithmeticError):
                    continue
                compared += 1
                if abs(CONTEXT.subtract(right, found)) > AGREE * max(Decimal(1), abs(right)):
                    faults.append((formula.line_of(form.start), form.tex, chain.target))
    return compared, faults

"""The tape: `let` a quantity be a formula, and its whole working is recorded.

    z = tape.let("z_h", Name("w_h") * Name("x"), "pre_activation")

`let` substitutes the current values and then takes step after step (`trace/evaluation.py`); each
step is a Line, each operation an Event. No solver writes a step by hand, so no step can be missing
or wrong alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, DecimalException, Overflow, Underflow
from typing import NamedTuple

from ..algebra.expression import Apply, Expr, Literal, Name, names, substitute
from ..algebra.follows import TURNING
from ..algebra.laws import LAWS, Activation, written_out
from ..errors import SolveError
from ..numbers.known_digits import FIRM, NotKnown
from ..numbers.number import CONTEXT, Number, Rounding
from ..problem import END, Problem
from .evaluation import uses, with_constants, work
from .recorder import NoLogarithm, Recorder, as_shown
from .small_powers import with_small_powers
from .taught import shifted_softmax, too_small_for_a_log, without_zero_logs
from .trace import Derivation, Descent, Line, Link, Step, Trace, Working, ended

LARGEST = 100  # powers of ten; beyond them a calculator ends, and nothing that is taught is left


class Entry(NamedTuple):
    """A quantity as the chain rule sees it. `siblings`: the names of its layer's activations
    (softmax)."""

    name: str
    formula: Expr
    siblings: tuple[str, ...]
    layer: int | None


# what becomes of an operation without a finite value, and what to do about it
CANCELS = "its terms cancel to the last digit", "choose other numbers"
TOO_SMALL = "it is too small for any number of digits", "choose larger numbers"
TOO_LARGE = "it grows beyond all bounds", "choose smaller numbers, or a smaller learning rate"
NO_VALUE = (
    "it divides by zero, or takes a root or a logarithm that there is not",
    "choose other numbers, or show more digits (rounding: places): what is rounded to 0 divides no more",
)
FAULTS = {Overflow: TOO_LARGE, Underflow: TOO_SMALL, NotKnown: CANCELS, DecimalException: NO_VALUE}


class Tape:
    """Records a solution under one rounding policy."""

    def __init__(self, rounding: Rounding):
        self.recorder = Recorder(rounding)
        self.workings: list[Working] = []
        self.givens: dict[str, int] = {}
        self.current: dict[str, int] = {}  # name -> the event that holds it now
        self.entries: list[Entry] = []  # the graph of the forward pass that is on the tape
        self.phase, self.epoch = "forward", 1
        self.derivations: list[Derivation] = []
        self.descents: tuple[Descent, ...] = ()

    @classmethod
    def after(cls, trace: Trace) -> Tape:
        """A tape that goes on where a trace ends. What was worked out is recorded; what is named is
        as it was given."""
        tape = cls(trace.problem.rounding)
        tape.recorder.events, tape.workings, tape.derivations, tape.descents = (
            [*trace.events],
            [*trace.workings],
            [*trace.derivations],
            trace.descents,
        )
        tape.givens, tape.current = dict(trace.givens), dict(trace.givens)
        return tape

    def begin(self, phase: str, epoch: int) -> None:
        """Start a phase; a forward pass (or its check) starts a new graph."""
        self.phase, self.epoch = phase, epoch
        if phase in ("forward", "check"):
            self.entries = []

    def trace(self, problem: Problem) -> Trace:
        """All that is recorded so far, as the trace of this problem."""
        return Trace(
            problem,
            self.givens,
            tuple(self.recorder.events),
            tuple(self.workings),
            tuple(self.derivations),
            self.descents,
            CONTEXT.prec,
        )

    def derive(self, name: str, steps: Iterable[Step]) -> None:
        """Forms without numbers, each with the rules that led to it."""
        self.derivations.append(
            Derivation(name, tuple([Step(step.rules, as_shown(step.expr)) for step in steps]))
        )

    def given(self, name: str, number: Number) -> Name:
        """A number of the problem, printed as written."""
        self.givens[name] = self.current[name] = self.recorder.given(number)
        return Name(name)

    def let(
        self,
        name: str,
        formula: Expr,
        kind: str,
        *,
        layer: int | None = None,
        siblings: tuple[str, ...] = (),
        links: tuple[Link, ...] = (),
        pair: str = "",
        chain: Expr | None = None,
        exponent: int | None = None,
    ) -> Name:
        """Let `name` be `formula`, and work it out.

        kind is one of number.KINDS and chooses the digits. `chain` is the chain-rule form shown
        before the formula. `exponent` fixes the last digit of the result. Raises SolveError where
        the arithmetic has no finite result."""
        if self.phase == END:  # what has a value there is meant
            formula = substitute(
                formula, lambda each: Name(ended(each)) if ended(each) in self.current else None
            )
            name = ended(name)
        is_call = isinstance(formula, Apply) and formula.op in LAWS
        is_called = (
            is_call and isinstance(LAWS[formula.op], Activation) and LAWS[formula.op].is_called
        )
        shown = written_out(formula) if is_call and not is_called else formula
        forms = (
            [Line("FORMULA", as_shown(shown))]
            if chain is None
            else [Line("CHAIN", chain), Line("LOCAL", as_shown(shown))]
        )
        if (
            is_call
            and formula.op == "softmax"
            and (
                shifted := shifted_softmax(formula.args, [self._value(arg) for arg in formula.args])
            )
        ):
            shown = shifted
            forms.append(Line("SHIFT", as_shown(shown)))
        elif uses(shown, ("exp",)):
            turned = with_small_powers(
                shown, {each: self._value(Name(each)) for each in names(shown)}
            )
            forms += [Line("TURN", as_shown(turned))] if turned is not shown else []
            shown = turned
        filled = self._substituted(shown)
        mark = self.recorder.mark()
        left = without_zero_logs(filled, self.recorder) if uses(filled, ("ln",)) else filled
        numbers = with_constants(left, self.recorder.constant) if left is not filled else filled
        forms.append(Line("SUBSTITUTE", as_shown(numbers), self._is_as_used(numbers)))
        try:
            steps, result = work(numbers, self.recorder, kind, exponent)
        except NoLogarithm:
            raise self._no_logarithm(name, shown, filled) from None
        except DecimalException as fault:
            why, hint = next(words for kind, words in FAULTS.items() if isinstance(fault, kind))
            raise SolveError(
                f"'{name}' has no finite value{f' in epoch {self.epoch}' if self.epoch > 1 else ''}: {why}",
                hint=hint,
                quantity=name,
            ) from None
        lines: list[Line] = []
        for line in forms + steps:  # a form that prints like the one before it is not repeated
            if not lines or not alike(line.expr, lines[-1].expr):
                lines.append(line)
            elif lines[-1].move == "DIGITS":  # the step itself, not an aside for the calculator
                lines[-1] = line
        if self.recorder.rounding.policy == "named":
            self.recorder.commit(result.event)
        if uses(formula, TURNING):  # of the sine of a large number nothing may be known
            self.recorder.insist(result.event, FIRM)
        event = self.recorder.events[result.event]
        on_page = [
            event.exact,
            *[each.value for each in self.recorder.events[mark:]],
        ]  # of what lies between, a calculator has what is used
        if any(
            number and number.adjusted() >= LARGEST for number in on_page
        ):  # a zero may have any exponent
            passes = f"{'' if event.exact.adjusted() >= LARGEST else 'on the way a number of '}'{name}' passes 10^{LARGEST}"
            if all(working.phase != "update" for working in self.workings):  # nothing has moved yet
                raise SolveError(passes, hint="choose smaller numbers", quantity=name)
            raise SolveError(
                f"{passes} in epoch {self.epoch}: gradient descent diverges",
                hint="choose a smaller learning rate, or fewer epochs",
                quantity=name,
            )
        self.current[name] = result.event
        self.workings.append(
            Working(
                name,
                self.phase,
                kind,
                self.epoch,
                layer,
                as_shown(shown),
                tuple(lines),
                result.event,
                event.shown,
                event.exact,
                event.value,
                links,
                pair,
                numbers is not filled,
            )
        )
        if self.phase in ("forward", "loss", "check"):
            self.entries.append(Entry(name, formula, siblings, layer))
        return Name(name)

    def _value(self, name: Expr) -> Decimal:
        """The value of a name that is used now."""
        return self.recorder.events[self.current[name.name]].value

    def _no_logarithm(self, name: str, formula: Expr, numbers: Expr) -> SolveError:
        """What to say of a quantity that takes the logarithm of zero, or of what is shown as zero."""
        found = too_small_for_a_log(formula, numbers)
        small = (
            next(
                (
                    each
                    for each in names(found)
                    if self.recorder.events[self.current[each]].exact and each not in self.givens
                ),
                "",
            )
            if found
            else ""
        )
        message = f"'{name}' takes the logarithm of zero in epoch {self.epoch}"
        if not small:
            return SolveError(
                message,
                hint="choose other numbers, or show more digits (rounding: places)",
                quantity=name,
            )
        shown = self.recorder.events[self.current[small]].shown
        return SolveError(
            f"{message}: '{small}' is shown as {shown}, so {'it' if names(found) == (small,) and isinstance(found, Name) else 'what is taken'} "
            "is zero at this number of digits",
            hint="show more digits (rounding: {significant: 5}), or choose smaller numbers",
            quantity=name,
        )

    def let_all(self, quantities: dict[str, dict], kind: str, **shared) -> list[Name]:
        """The entries of one vector or matrix: name -> keywords of `let`, formula included.

        Where figures are counted they share the places of the entry that needs most of them, so
        that one vector shows one number of places; an entry in powers of ten has its own
        figures."""
        mark, current = (
            (self.recorder.mark(), len(self.workings), len(self.entries)),
            dict(self.current),
        )
        worked = [
            self.let(name, kind=kind, **keywords, **shared) for name, keywords in quantities.items()
        ]
        digits = self.recorder.rounding.digits(kind)
        if len(quantities) == 1 or not (digits.significant or digits.at_least_significant):
            return worked
        results = [self.recorder.events[working.event] for working in self.workings[mark[1] :]]
        far = {name for name, event in zip(quantities, results, strict=True) if "e" in event.shown}
        places = {
            Decimal(event.shown).as_tuple().exponent
            for name, event in zip(quantities, results)
            if name not in far
        }
        if len(places) < 2:
            return worked
        self.recorder.back_to(mark[0])
        self.current = current  # an updated weight is its old self again
        del self.workings[mark[1] :], self.entries[mark[2] :]
        return [
            self.let(
                name, kind=kind, exponent=None if name in far else min(places), **keywords, **shared
            )
            for name, keywords in quantities.items()
        ]

    def insist_on_change(self, moved: Name, start: Name, change: Name) -> None:
        """Where unrounded values are used, a change that is not seen in the digits that are shown
        gives two values to what reads the same: raises SolveError."""
        before, by, after = (
            self.recorder.events[self.current[name.name]].shown for name in (start, change, moved)
        )
        if (
            Decimal(by)
            and Decimal(before) == Decimal(after)
            and self.recorder.rounding.policy == "exact"
        ):
            raise SolveError(
                f"'{moved.name}' is shown as {after}, which is {start.name} itself: the change is lost",
                hint="show more digits (rounding: places), or choose a larger change",
                quantity=moved.name,
            )

    def _substituted(self, formula: Expr) -> Expr:
        def value(name: str) -> Literal:
            shown = self.recorder.events[self.current[name]].shown
            return Literal(Decimal(shown), shown, self.current[name])

        return with_constants(substitute(formula, value), self.recorder.constant)

    def _is_as_used(self, expr: Expr) -> bool:
        """What stands on the page is what is computed with."""
        if isinstance(expr, Literal):
            return self.recorder.events[expr.event].value == expr.value
        return all(self._is_as_used(arg) for arg in expr.args)


def alike(one: Expr, other: Expr) -> bool:
    """The two print the same, whatever their events."""
    if isinstance(one, Apply):
        return (
            isinstance(other, Apply)
            and one.op == other.op
            and len(one.args) == len(other.args)
            and all(map(alike, one.args, other.args))
        )
    if isinstance(one, Literal):
        return isinstance(other, Literal) and one.text == other.text
    return one == other

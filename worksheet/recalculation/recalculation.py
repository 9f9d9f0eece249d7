"""The proof "re-punch": every printed relation of a page is computed again from the page's own
strings.

    w_o = w_o - \\alpha \\frac{\\partial L}{\\partial w_o} = 1.0 - 0.1(-0.21738) = 1.0 + 0.02174 = 1.02174
          |--- the names, with the values printed above ---|  |---- each number from the one before ----|

A form of numbers must follow from the form before it (`follows`), and a formula beside numbers must
give them when its names are replaced by the values last printed for them; a comparison, 2 < 3, must
hold. Nothing is read but the page. Of what an author wrote by hand, every relation is counted:
proved, said (a name that is given a value, a definition), or not proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, product

from ..algebra.entries import NotScalar, is_closed
from ..algebra.expression import Expr, Literal, names, substitute
from ..algebra.follows import changes_operand, enough_digits, follows, within
from ..errors import ReadError, UnvaluedError
from ..markdown.handwritten import FALSE, Hand, Key, Own
from ..markdown.reader import Formula, formulas, repaired
from ..numbers.number import Rounding
from ..tex.chains import EQUALITIES, Chain, Form
from ..tex.printed import Finding, components, is_number, substitutes
from ..tex.reader import chains
from ..tex.wording import hides_relation, shows_relation
from .comparisons import HOLDS, mixed
from .gaps import Gap, gap, results_off
from .labels import Labels
from .slack import figures, slack

_REACH = 4  # statements a working may be interrupted by before its next step
_OTHERS = 64  # choices among earlier values that are tried before a page a person wrote is blamed


@dataclass(frozen=True, slots=True)
class Report:
    """findings: false relations. listed: true only of the unrounded values behind the printed ones.

    checked: relations that were computed again. skipped: relations with a name that has no printed
    value, no value, or TeX that cannot be read; unread holds the last kind (its `expected` is the
    reader's message). printed: the values each name had, in page order. own: what became of the
    author's relations.
    """

    findings: tuple[Finding, ...]
    listed: tuple[Finding, ...]
    checked: int
    skipped: int
    unread: tuple[Finding, ...] = ()
    printed: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    own: Own = field(default_factory=Own)


def repunch(
    markdown: str,
    *,
    rounding: Rounding | None = None,
    has_workings: bool = True,
    own: Mapping[Key, str] | None = None,
) -> Report:
    """Check every relation of a page. Without `rounding` the page is one that a person wrote:
    results are rounded half up, `=` may stand for `≈`, and a name may keep a value it had earlier
    on the page. A page without workings lists results: `f(3)` has come to its number by rounded
    steps that do not stand there. own: the formulas that the author wrote by hand, each with its
    place; without `rounding` all are."""
    places = {} if own is None and rounding is not None else own
    walk = _Page(
        rounding,
        has_workings,
        Hand(places, "" if places == {} else repaired(markdown)),
        figures(rounding),
    )
    for formula in formulas(markdown):
        walk.display += 1
        walk.hand.turn(formula)
        try:
            found = chains(formula.tex)
        except ReadError as fault:
            walk.unreadable(formula, formula.line, formula.tex, fault)
            walk.hand.own.unproved += walk.hand.is_here
            continue
        for chain in found:
            walk.chain(chain, formula)
    return Report(
        tuple(walk.findings),
        tuple(walk.listed),
        walk.checked,
        walk.skipped,
        tuple(walk.unread),
        {name: tuple(values) for name, values in walk.earlier.items()},
        walk.hand.own,
    )


@dataclass(slots=True)
class _Open:
    """The last form of a working that has not come to its number yet."""

    form: Form
    display: int
    statement: int


@dataclass(slots=True)
class _Page:
    """What has been printed so far."""

    rounding: Rounding | None
    has_workings: bool
    hand: Hand
    figures: list[int | None]  # of the policy, the most last
    values: dict[str, Expr] = field(default_factory=dict)
    earlier: dict[str, list[Expr]] = field(default_factory=dict)
    worked: dict[str, Expr] = field(
        default_factory=dict
    )  # values that have their working on the page
    open: dict[str, _Open] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    listed: list[Finding] = field(default_factory=list)
    unread: list[Finding] = field(default_factory=list)
    labels: Labels = field(default_factory=Labels)
    checked: int = 0
    skipped: int = 0
    display: int = 0
    statement: int = 0

    def chain(self, chain: Chain, formula: Formula) -> None:
        """Check the chain from left to right; only then does its target take its new value."""
        forms = chain.forms
        if not chain.relations:
            if forms[0].fault and (
                hides_relation(forms[0].tex) or self.hand.is_here and forms[0].tex.count("=") > 1
            ):
                self.unreadable(
                    formula, formula.line_of(forms[0].start), forms[0].tex, forms[0].fault
                )
                self.hand.own.unproved += self.hand.is_here
            elif forms[0].fault and shows_relation(forms[0].tex):
                self.hand.miss(forms[0], forms[0], forms[0].fault.message, is_new=True)
            return
        is_equality = chain.is_equality
        if not is_equality and not any(
            relation in EQUALITIES or relation in HOLDS for relation in chain.relations
        ):
            self.skipped += 1
            for form, _, following in zip(forms, chain.relations, forms[1:]):
                self.hand.miss(form, following, "what its sign says is not worked out", is_new=True)
            return
        for form in forms:
            if form.fault:
                self.unreadable(formula, formula.line_of(form.start), form.tex, form.fault)
        if not is_equality:
            mixed(self, chain, formula)
            return
        self.statement += 1
        before = forms[0] if chain.target is None and self.is_claim(forms) else None
        is_continued = False
        if chain.target in self.open:
            before = self.before(self.open[chain.target], forms[1])
            is_continued = before is not None
        if (
            self.rounding is not None
            and self.has_workings
            and (meaning := self.labels.meaning(forms[0].expr))
        ):
            before = Form(forms[0].tex, forms[0].start, meaning, is_closed(meaning))
        is_said = (
            chain.target is not None
            and self.rounding is not None
            and len(forms) == 2
            and chain.target not in self.open
            and (self.restate(chain.target, forms[1], formula))
        )
        for place, (relation, form) in enumerate(zip(chain.relations, forms[1:])):
            if form.is_closed and before is not None and before.expr is not None:
                self.hand.note(
                    self.compare(before.expr, form, relation, formula, forms[0]), forms[place], form
                )
            elif self.hand.is_here:
                self.aside(chain, place, before, formula, is_said)
            before = form
        if chain.target is not None:
            self.close(chain, forms[-1], is_continued)
            if self.rounding is not None:
                self.labels.learn(forms[0].expr, forms[-1].expr)

    def is_claim(self, forms: tuple[Form, ...]) -> bool:
        """Whether a formula without a target says something about printed values. On a page a
        person wrote `2x + 3 = 7` may be an equation to solve; with numbers in the places of its
        names it is not."""
        first, second = forms[:2]
        return (
            self.rounding is not None
            or first.is_closed
            or first.expr is not None
            and second.expr is not None
            and substitutes(first.expr, second.expr)
        )

    def unreadable(self, formula: Formula, line: int, tex: str, fault: ReadError) -> None:
        """A form that cannot be read; of an author's, one that is known to have no value here is no
        fault, but told."""
        self.skipped += 1
        if self.hand.is_here and isinstance(fault, UnvaluedError):
            self.hand.tell(tex, fault.message)
        else:
            hint = fault.hint.split("\n        ")
            self.unread.append(
                Finding(
                    line,
                    tex,
                    fault.message,
                    f"cannot be read: {fault.message}" + f" ({hint[0]})" * (len(hint) > 2),
                )
            )

    def before(self, left: _Open, form: Form) -> Form | None:
        """The form an earlier statement of the same target ended in, if this one goes on from it:
        numbers shortly before, a formula in the same display, or a formula whose names this form
        replaces."""
        if left.form.is_closed:
            return left.form if self.statement - left.statement <= _REACH else None
        is_near = (
            left.display == self.display
            or form.expr is not None
            and substitutes(left.form.expr, form.expr)
        )
        return left.form if is_near else None

    def restate(self, target: str, form: Form, formula: Formula) -> bool:
        """A program that says a value again, after its working, says the same value. Whether there
        was a working."""
        known = self.worked.get(target)
        if known is None or form.expr is None or not is_number(form.expr):
            return False
        self.checked += 1
        if not follows(known, form.expr, exact_relation=True):
            line = formula.line_of(form.start)
            self.findings += [
                _finding(line, part, form) for part in gap(known, form.expr, exact_relation=True)
            ]
        return True

    def close(self, chain: Chain, last: Form, is_continued: bool) -> None:
        target = chain.target
        self.open.pop(target, None)
        if last.expr is None:
            return
        if not is_number(last.expr):
            self.open[target] = _Open(last, self.display, self.statement)
        elif chain.binds:
            self.values[target] = last.expr
            self.earlier.setdefault(target, []).append(last.expr)
            if self.rounding is not None and (len(chain.forms) > 2 or is_continued):
                entries = {
                    name: entry
                    for name, entry in components(target, last.expr).items()
                    if type(self.values.get(name, entry)) is Literal
                }
                self.values.update(entries)
                self.worked.update({target: last.expr, **entries})

    # ---- what the author wrote
    # --------------------------------------------------------------------

    def aside(
        self, chain: Chain, place: int, before: Form | None, formula: Formula, is_said: bool
    ) -> None:
        """A relation of the author's with no number to its right that could follow from something."""
        form, following = chain.forms[place : place + 2]
        if form.fault or following.fault:
            self.hand.own.unproved += 1
        elif is_said:
            self.hand.own.proved += 1
        elif place == 0 and chain.target is not None:
            known = self.values.get(chain.target) if self.rounding is not None else None
            if (
                known is not None
                and is_number(following.expr)
                and known != following.expr
                and not self.hand.supposes(form)
            ):
                self.hand.miss(form, following, f"above, {chain.target} has another value")
            else:
                self.hand.own.said += 1
        elif form.is_closed and not following.is_closed:  # 6 = w x
            self.hand.note(
                self.compare(following.expr, form, chain.relations[place], formula, chain.forms[0]),
                form,
                following,
            )
        elif before is None:
            self.hand.miss(form, following, "it may be an equation to solve")
        else:
            self.hand.note(self.sides(form, following), form, following)

    def sides(self, form: Form, following: Form) -> str:
        """Check a formula against a formula, with the values of their names. Why it is not proved,
        if it is not."""
        left, right = self.filled(form.expr), self.filled(following.expr)
        if lacking := self.lacking(left, right):
            return lacking
        try:
            is_equal = follows(left, right) or follows(right, left)
        except (ArithmeticError, ReadError, KeyError, NotScalar):
            return "one side has no value"
        self.checked += is_equal
        return "" if is_equal else "with the values printed above its sides differ"

    def lacking(self, *exprs: Expr) -> str:
        """The names among the expressions that have no value here."""
        lacking = dict.fromkeys(name for expr in exprs for name in names(self.filled(expr)))
        return (
            f"{', '.join(list(lacking)[:4])} {'has' if len(lacking) == 1 else 'have'} no value here"
            if lacking
            else ""
        )

    # ---- one relation ---------------------------------------------------------------------------

    def filled(self, expr: Expr) -> Expr:
        return expr if is_closed(expr) else substitute(self.labels.filled(expr), self.values.get)

    def compare(self, before: Expr, form: Form, relation: str, formula: Formula, left: Form) -> str:
        """Check that a form follows. Why it is not proved, if it is neither true nor false. `left`:
        the left side of its chain."""
        with enough_digits(before, form.expr):
            return self.compared(before, form, relation, formula, left)

    def compared(
        self, before: Expr, form: Form, relation: str, formula: Formula, left: Form
    ) -> str:
        """The same, with as many digits as there are now."""
        how = self.how(relation)
        try:
            filled = self.filled(before)
            if not is_closed(filled) or not form.is_closed:
                self.skipped += 1
                return self.lacking(filled, form.expr) or "neither side is a number"
            self.checked += 1
            if any(
                follows(filled, form.expr, **how | {"significant": count}) for count in self.figures
            ):
                return ""
            if (
                self.rounding is None
                and filled is not before
                and self.held_earlier(before, form.expr, how)
            ):
                return ""
            if (
                self.hand.is_here
                and not how.get("exact_relation")
                and is_number(filled)
                and follows(form.expr, filled, **how)
            ):  # 0.33 is about 1/3
                return ""
            gaps = gap(filled, form.expr, **how)
            line = formula.line_of(form.start)
            found = [_finding(line, part, form) for part in gaps]
            is_listed = (
                self.rounding is not None
                and self.rounding.policy != "carry"
                and not changes_operand(filled, form.expr)
                and within(filled, form.expr, slack=partial(slack, self.rounding))
            )
            if is_listed:
                found = [
                    _finding(line, part, form, left.tex)
                    for part in results_off(filled, form.expr, **how)
                ] or [_finding(line, Gap("", ""), form, left.tex)]
            (self.listed if is_listed else self.findings).extend(found)
            return "" if is_listed else FALSE
        except (ArithmeticError, ReadError, KeyError):
            self.skipped += 1
            return "one side has no value"

    def how(self, relation: str) -> dict:
        rounding = self.rounding
        if rounding is None:
            return {}
        return {
            "mode": rounding.mode,
            "significant": self.figures[-1],
            "exact_relation": rounding.relation == "auto" and relation != "~",
        }

    def held_earlier(self, before: Expr, after: Expr, how: dict) -> bool:
        """Whether earlier values of the names explain the numbers: a person's page may go back to
        them."""
        known = names(before)
        choices = product(*[reversed(self.earlier[name]) for name in known])
        return any(
            follows(substitute(before, dict(zip(known, choice)).get), after, **how)
            for choice in islice(choices, _OTHERS)
        )


def _finding(line: int, part: Gap, form: Form, of: str = "") -> Finding:
    printed = part.printed or " ".join(form.tex.split())
    return Finding(
        line, printed, part.expected, f"{printed} should be {part.expected}", " ".join(of.split())
    )

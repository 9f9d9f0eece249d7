"""The proof "re-punch": every printed relation of a page is computed again from the page's own strings.

    w_o = w_o - \\alpha \\frac{\\partial L}{\\partial w_o} = 1.0 - 0.1(-0.21738) = 1.0 + 0.02174 = 1.02174
          |--- the names, with the values printed above ---|  |---- each number from the one before ----|

A form of numbers must follow from the form before it (`follows`), and a formula beside numbers must give
them when its names are replaced by the values last printed for them. Nothing is read but the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, product

from .chains import Chain, Form
from .errors import ReadError
from .expression import Apply, Expr, Literal, Name, leaves, names, substitute
from .follows import changes_operand, follows, within
from .gaps import Gap, gap, results_off
from .grid import is_closed
from .labels import Labels
from .markdown import Formula, formulas
from .number import CONTEXT, KINDS, Digits, Rounding, working
from .texreader import chains

_REACH = 4      # statements a working may be interrupted by before its next step
SPARE = 20      # digits beyond those of a number that is punched in again
_OTHERS = 64    # choices among earlier values that are tried before a page a person wrote is blamed


@dataclass(frozen=True, slots=True)
class Finding:
    """A printed part that does not hold: the line of the Markdown, what is there, what should be. `of`: the left side of its chain."""

    line: int
    printed: str
    expected: str
    message: str
    of: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """findings: false relations. listed: true only of the unrounded values behind the printed ones.

    checked: relations that were computed again. skipped: relations with a name that has no printed value, no
    value, or TeX that cannot be read; unread holds the last kind (its `expected` is the reader's message).
    printed: the values each name had, in page order.
    """

    findings: tuple[Finding, ...]
    listed: tuple[Finding, ...]
    checked: int
    skipped: int
    unread: tuple[Finding, ...] = ()
    printed: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)


def repunch(markdown: str, *, rounding: Rounding | None = None, has_workings: bool = True) -> Report:
    """Check every relation of a page. Without `rounding` the page is one that a person wrote: results are
    rounded half up, `=` may stand for `≈`, and a name may keep a value it had earlier on the page.
    A page without workings lists results: `f(3)` has come to its number by rounded steps that do not stand there."""
    walk = _Page(rounding, has_workings)
    for formula in formulas(markdown):
        walk.display += 1
        try:
            found = chains(formula.tex)
        except ReadError as fault:
            walk.unreadable(formula.line, formula.tex, fault)
            continue
        for chain in found:
            walk.chain(chain, formula)
    return Report(tuple(walk.findings), tuple(walk.listed), walk.checked, walk.skipped, tuple(walk.unread),
                  {name: tuple(values) for name, values in walk.earlier.items()})


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
    values: dict[str, Expr] = field(default_factory=dict)
    earlier: dict[str, list[Expr]] = field(default_factory=dict)
    worked: dict[str, Expr] = field(default_factory=dict)  # values that have their working on the page
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
        if not chain.relations:
            return
        for form in chain.forms:
            if form.fault:
                self.unreadable(formula.line_of(form.start), form.tex, form.fault)
        if not chain.is_equality:
            self.skipped += 1
            return
        self.statement += 1
        forms = chain.forms
        before = forms[0] if chain.target is None and self.is_claim(forms) else None
        is_continued = False
        if chain.target in self.open:
            before = self.before(self.open[chain.target], forms[1])
            is_continued = before is not None
        if self.rounding is not None and self.has_workings and (meaning := self.labels.meaning(forms[0].expr)):
            before = Form(forms[0].tex, forms[0].start, meaning, is_closed(meaning))
        for relation, form in zip(chain.relations, forms[1:]):
            if form.is_closed and before is not None and before.expr is not None:
                self.compare(before.expr, form, relation, formula, forms[0])
            before = form
        if chain.target is not None:
            if self.rounding is not None and len(forms) == 2 and chain.target not in self.open:
                self.restate(chain.target, forms[1], formula)
            self.close(chain, forms[-1], is_continued)
            if self.rounding is not None:
                self.labels.learn(forms[0].expr, forms[-1].expr)

    def is_claim(self, forms: tuple[Form, ...]) -> bool:
        """Whether a formula without a target says something about printed values. On a page a person wrote
        `2x + 3 = 7` may be an equation to solve; with numbers in the places of its names it is not."""
        first, second = forms[:2]
        return (self.rounding is not None or first.is_closed or first.expr is not None and second.expr is not None
                and _substitutes(first.expr, second.expr))

    def unreadable(self, line: int, tex: str, fault: ReadError) -> None:
        self.skipped += 1
        self.unread.append(Finding(line, tex, fault.message, f"cannot be read: {fault.message}"))

    def before(self, left: _Open, form: Form) -> Form | None:
        """The form an earlier statement of the same target ended in, if this one goes on from it: numbers
        shortly before, a formula in the same display, or a formula whose names this form replaces."""
        if left.form.is_closed:
            return left.form if self.statement - left.statement <= _REACH else None
        is_near = left.display == self.display or form.expr is not None and _substitutes(left.form.expr, form.expr)
        return left.form if is_near else None

    def restate(self, target: str, form: Form, formula: Formula) -> None:
        """A program that says a value again, after its working, says the same value."""
        known = self.worked.get(target)
        if known is None or form.expr is None or not _is_number(form.expr):
            return
        self.checked += 1
        if not follows(known, form.expr, exact_relation=True):
            line = formula.line_of(form.start)
            self.findings += [_finding(line, part, form) for part in gap(known, form.expr, exact_relation=True)]

    def close(self, chain: Chain, last: Form, is_continued: bool) -> None:
        target = chain.target
        self.open.pop(target, None)
        if last.expr is None:
            return
        if not _is_number(last.expr):
            self.open[target] = _Open(last, self.display, self.statement)
        elif chain.binds:
            self.values[target] = last.expr
            self.earlier.setdefault(target, []).append(last.expr)
            if self.rounding is not None and (len(chain.forms) > 2 or is_continued):
                entries = {name: entry for name, entry in _components(target, last.expr).items()
                           if type(self.values.get(name, entry)) is Literal}
                self.values.update(entries)
                self.worked.update({target: last.expr, **entries})

    # ---- one relation ---------------------------------------------------------------------------

    def compare(self, before: Expr, form: Form, relation: str, formula: Formula, left: Form) -> None:
        longest = max([len(leaf.text) for leaf in leaves(form.expr) if type(leaf) is Literal], default=0)
        with working(max(CONTEXT.prec, longest + SPARE)):
            self.compare_with_all_digits(before, form, relation, formula, left)

    def compare_with_all_digits(self, before: Expr, form: Form, relation: str, formula: Formula, left: Form) -> None:
        how = self.how(relation)
        try:
            filled = before if is_closed(before) else substitute(self.labels.filled(before), self.values.get)
            if not is_closed(filled):
                self.skipped += 1
                return
            self.checked += 1
            if any(follows(filled, form.expr, **how | {"significant": figures}) for figures in _figures(self.rounding)):
                return
            if self.rounding is None and filled is not before and self.held_earlier(before, form.expr, how):
                return
            gaps = gap(filled, form.expr, **how)
            line = formula.line_of(form.start)
            found = [_finding(line, part, form) for part in gaps]
            is_listed = (self.rounding is not None and self.rounding.policy != "carry"
                         and not changes_operand(filled, form.expr) and within(filled, form.expr, slack=self.slack))
            if is_listed:
                found = [_finding(line, part, form, left.tex) for part in results_off(filled, form.expr, **how)] or [_finding(line, Gap("", ""), form, left.tex)]
            (self.listed if is_listed else self.findings).extend(found)
        except (ArithmeticError, ReadError, KeyError):
            self.skipped += 1

    def how(self, relation: str) -> dict:
        rounding = self.rounding
        if rounding is None:
            return {}
        return {"mode": rounding.mode, "significant": _figures(rounding)[-1],
                "exact_relation": rounding.relation == "auto" and relation != "~"}

    def held_earlier(self, before: Expr, after: Expr, how: dict) -> bool:
        """Whether earlier values of the names explain the numbers: a person's page may go back to them."""
        known = names(before)
        choices = product(*[reversed(self.earlier[name]) for name in known])
        return any(follows(substitute(before, dict(zip(known, choice)).get), after, **how)
                   for choice in islice(choices, _OTHERS))

    def slack(self, literal: Literal) -> Decimal:
        """How far a printed number may be from the unrounded one: half a unit of its last place if it shows
        the digits of the policy, 0 if it shows fewer and so was given."""
        rounding, value = self.rounding, literal.value
        shown = value.as_tuple().exponent
        last = [_last_place(rounding, rounding.digits(kind), value, shown) for kind in KINDS]
        if rounding.zeros == "strip":     # zeros may be gone: the coarsest kind that could have printed these digits
            shown = max([each for each in last if each <= shown], default=shown)
        elif shown > max(last):
            return Decimal(0)
        elif not shown:                   # figures may end before the decimal point
            shown = max(0, *last)
        return Decimal((0, (1,), shown)) * (1 if rounding.mode == "truncate" else Decimal("0.5"))


def _last_place(rounding: Rounding, digits: Digits, value: Decimal, shown: int) -> int:
    """The last place of a kind; where figures are counted, the entries of a vector share the finest of theirs."""
    place = rounding.place(value, digits)
    return min(place, shown) if (digits.significant or digits.at_least_significant) and shown < 0 else place


def _finding(line: int, part: Gap, form: Form, of: str = "") -> Finding:
    printed = part.printed or " ".join(form.tex.split())
    return Finding(line, printed, part.expected, f"{printed} should be {part.expected}", " ".join(of.split()))


def _figures(rounding: Rounding | None) -> list[int | None]:
    """The figures of a policy that may round before the decimal point, one for each kind that has its own; the most last."""
    if rounding is None:
        return [None]
    figures = {rounding.significant, *[digits.significant for digits in rounding.kinds.values()]} - {None}
    return sorted(figures) or [None]


def _is_number(expr: Expr) -> bool:
    """A number, or a matrix of numbers: what a name can stand for."""
    if type(expr) is Literal:
        return True
    return type(expr) is Apply and expr.op in ("matrix", "row", "neg") and all(_is_number(arg) for arg in expr.args)


def _components(name: str, expr: Expr) -> dict[str, Expr]:
    r"""The entries of a vector under their own names: `\hat{y}` gives `\hat{y}_1`, `h^{(1)}` gives `h_1^{(1)}`."""
    base, hat, layer = name.partition("^")
    if type(expr) is not Apply or expr.op != "matrix" or "_" in base or "frac" in base:
        return {}
    entries = [entry for row in expr.args for entry in row.args]
    is_vector = len(expr.args) in (1, len(entries))
    return {f"{base}_{place}{hat}{layer}": entry for place, entry in enumerate(entries[:9], 1)} if is_vector else {}


def _substitutes(formula: Expr, numbers: Expr) -> bool:
    """Whether `numbers` is the formula with a number, or a matrix, in the place of each name."""
    if type(formula) is Name:
        return _is_number(numbers)
    if type(formula) is Literal:
        return type(numbers) is Literal
    if type(numbers) is not Apply or len(formula.args) != len(numbers.args):
        return False
    same = formula.op == numbers.op or (formula.op, numbers.op) in (("product", "matmul"), ("product", "dot"))
    return same and all(_substitutes(a, b) for a, b in zip(formula.args, numbers.args))

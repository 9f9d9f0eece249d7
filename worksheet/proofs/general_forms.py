r"""Formulas that a page states for any numbers: what a function is, how every weight is moved. Each
is compared with the judge's own.

    \sigma(z) = \frac{1}{1 + e^{-z}}          w = w - \alpha \frac{\partial L}{\partial w}          t(x) = 2x - 3

Both sides are worked out with numbers in the places of their names, by the functions of the
re-punch (`algebra/entries.py`), which know nothing of the laws that wrote the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from functools import lru_cache
from zlib import crc32

from ..algebra.entries import EXACT, LEAKY_SLOPE
from ..algebra.expression import Apply, Expr, Literal, Name, names, substitute
from ..family import family_of
from ..judge.identities import AGREE, points_of, value_at
from ..numbers.number import CONTEXT, Rounding, quantize
from ..recalculation.labels import called
from ..tex.chains import Chain, Form
from .inventory import Inventory, symbol_read

FUNCTIONS = frozenset(["sigmoid", "tanh", "relu", "leaky_relu"])
RULES_OF_CALCULUS = frozenset(
    ["u", "v", "u'", "v'", "c", "a", "e"]
)  # letters of the rules, which speak of no problem
ACTIVATION, SLOPE = "a", r"\frac{d a}{d z}"
TRIED, STEP = 3, Decimal("1e-12")

Fault = tuple[Form, str]


class Anywhere(dict):
    """A number for every name that is asked for, another in every turn: between 0 and 1 at first,
    then on both sides of 0."""

    def __init__(self, turn: int):
        super().__init__()
        self.turn = turn

    def __missing__(self, name: str) -> Decimal:
        found = _number(name, self.turn)
        self[name] = found
        return found


@lru_cache(maxsize=1024)
def _number(name: str, turn: int) -> Decimal:
    part = Decimal(1 + crc32(f"{turn} {name}".encode()) % 997) / 1000
    return part if not turn else part * (4 if turn % 2 else -4)


def agree(one: Expr, other: Expr, points: Iterable[Mapping[str, Decimal]] = ()) -> bool:
    """Whether two forms have the same value wherever both have one. `points`: where it is tried if
    they have none near 0."""
    return next(
        (
            found
            for tried in (map(Anywhere, range(TRIED)), points)
            if (found := _agree_at(one, other, tried)) is not None
        ),
        False,
    )


def _agree_at(one: Expr, other: Expr, points: Iterable[Mapping[str, Decimal]]) -> bool | None:
    """Whether two forms have the same values at these points; None where they have none at any."""
    found = None
    for point in points:
        try:
            mine, theirs = value_at(one, point), value_at(other, point)
        except ArithmeticError:
            continue
        found = abs(CONTEXT.subtract(mine, theirs)) <= AGREE * max(Decimal(1), abs(mine))
        if not found:
            break
    return found


def _lived_in(inventory: Inventory) -> Iterator[dict[str, Decimal]]:
    """The points at which the problem itself is looked at, for names in the spelling of the reader."""
    for point in points_of(inventory.trace):
        yield {inventory.plainly(name): value for name, value in point.items()}


def general_fault(inventory: Inventory, chain: Chain, target: str) -> Fault | None | bool:
    """What is wrong with a formula that is stated for any numbers; None where it holds, False where
    it is no such formula."""
    forms = [form for form in chain.forms[1:] if form.tex.strip()]
    if not forms or any(form.expr is None for form in forms):
        return False
    if inventory.problem.layers and target in (ACTIVATION, SLOPE):
        return _activation_fault(inventory, target, forms)
    meant = _meant(inventory, chain, target)
    if meant is None:
        is_rule = (
            not any(form.is_closed for form in chain.forms) and _letters(chain) <= RULES_OF_CALCULUS
        )
        return None if is_rule else False
    expected, meanings, what = meant
    if isinstance(expected, Decimal):
        return _rounded_fault(chain, forms, expected, inventory.problem.rounding)
    signs = [
        "~" if target.startswith(r"\Delta") and not place else "=" for place in range(len(forms))
    ]  # a change is about the slope times the step
    for form, relation, sign in zip(forms, chain.relations, signs):
        if relation != sign and relation != "<-":
            return (
                form,
                "nothing is rounded in a definition"
                if sign == "="
                else "this is so for short steps only",
            )
    for form in forms:
        if form.is_closed and not names(expected) and type(form.expr) is Literal:
            continue
        try:
            if not agree(substitute(form.expr, meanings.get), expected, _lived_in(inventory)):
                return form, f"this is not {what}"
        except KeyError:
            return form, f"this is not {what}"
    return None


def _activation_fault(inventory: Inventory, target: str, forms: list[Form]) -> Fault | None:
    r"""`a = \sigma(z)` and `\frac{da}{dz} = a(1 - a)`, of an activation that the network has."""
    used = {
        layer.activation.replace("-", "_"): layer.slope.value
        for layer in inventory.problem.network.layers
    }
    for form in forms:
        if target == ACTIVATION:
            holds = (
                type(form.expr) is Apply and form.expr.op in used and form.expr.args[0] == Name("z")
            )
        else:
            holds = any(
                _is_slope(form.expr, op, slope) for op, slope in used.items() if op in FUNCTIONS
            )
        if not holds:
            return (
                form,
                "no activation of this network is so"
                if target == ACTIVATION
                else "this is not the derivative of an activation of this network",
            )
    return None


def _is_slope(expr: Expr, op: str, slope: Decimal) -> bool:
    """Whether a form of a = f(z), and of z, is the derivative of f; on both sides of 0."""
    f, extra = EXACT[op], (slope,) if op == "leaky_relu" else ()
    for z in (Decimal("0.3"), Decimal("-0.7"), Decimal("1.1")):
        try:
            found = value_at(expr, {"z": z, "a": f(z, *extra), "c": slope})
        except (ArithmeticError, KeyError):
            return False
        near = {
            k: f(CONTEXT.add(z, k * STEP), *extra) for k in (1, -1, 2, -2)
        }  # differences of fourth order
        with localcontext(CONTEXT):
            if abs(found - (8 * (near[1] - near[-1]) - (near[2] - near[-2])) / (12 * STEP)) > AGREE:
                return False
    return True


def _letters(chain: Chain) -> set[str]:
    return {name for form in chain.forms if form.expr is not None for name in names(form.expr)}


def _meant(
    inventory: Inventory, chain: Chain, target: str
) -> tuple[Expr | Decimal, dict[str, Expr], str] | None:
    """What the left side of a chain stands for, what names on the right stand for, and what all
    that is called."""
    left, problem = chain.forms[0].expr, inventory.problem
    if type(left) is Apply and left.op in FUNCTIONS and all(type(arg) is Name for arg in left.args):
        return (
            left,
            {"c": Literal(LEAKY_SLOPE, str(LEAKY_SLOPE))},
            f"the definition of {chain.forms[0].tex.split('(')[0].strip()}",
        )
    call = called(left)
    if call is not None and (formula := _function(inventory, call[0], len(call[1]))) is not None:
        variables, expr = formula
        if all(type(arg) is Name for arg in call[1]):
            return expr, {}, f"the definition of {target}"
        try:
            return value_at(substitute(expr, dict(zip(variables, call[1])).get), {}), {}, ""
        except (ArithmeticError, KeyError):  # no value there, or at no number
            return None
    if type(left) is not Name:
        return None
    if problem.layers and target == r"\hat{y}_k":
        scores = [
            Apply("exp", (Name(f"z_{k}"),)) for k in range(1, len(problem.layers[-1].units) + 1)
        ]
        return (
            Apply("divide", (Apply("exp", (Name("z_k"),)), Apply("sum", tuple(scores)))),
            {},
            "the definition of softmax",
        )
    return _rule(inventory, target, _letters(chain))


def _rule(
    inventory: Inventory, target: str, letters: set[str]
) -> tuple[Expr, dict[str, Expr], str] | None:
    r"""The rule by which a weight is moved, the change of the loss that it brings, and the error
    \delta of a layer."""
    problem, plain = inventory.problem, inventory.plain
    if not getattr(problem, "learning_rate", None):
        return None
    d = (
        r"\partial " if any(r"\partial" in name for name in letters) else plain.d
    )  # of one of several weights, or of the only one
    rate, loss = Name(inventory.target(problem.notation.learning_rate)), plain(problem.loss_name)
    if target == r"\delta":
        return _slope(d, loss, "z"), {}, "the error of a layer"
    if target == symbol_read(rf"\Delta {loss}"):
        weight = next(iter(problem.parameters)) if problem.has_one_variable else "w"
        slope, change = _slope(d, loss, plain(weight)), symbol_read(rf"\Delta {plain(weight)}")
        step = Apply("neg", (Apply("product", (rate, slope)),))
        return Apply("product", (slope, step)), {change: step}, "what the step does to the loss"
    slope = _slope(d, loss, target)
    if rate.name not in letters or slope.name not in letters:
        return None
    return (
        Apply("sum", (Name(target), Apply("neg", (Apply("product", (rate, slope)),)))),
        {},
        "the rule of gradient descent",
    )


def _slope(d: str, loss: str, by: str) -> Name:
    return Name(symbol_read(rf"\frac{{{d}{loss}}}{{{d}{by}}}"))


def own_function(inventory: Inventory) -> Iterator[str]:
    r"""The name of the problem's function `f`, and `\nabla f`: both stand without a value."""
    name = inventory.problem.name
    yield from (name, rf"\nabla {inventory.plain(name)}")


def _function(
    inventory: Inventory, name: str, arguments: int
) -> tuple[tuple[str, ...], Expr] | None:
    """The variables and the formula of a function of the problem's that a page calls by this name,
    in the spelling of the reader."""
    found = family_of(inventory.problem).function(inventory, name)
    if found is None or len(found[0]) != arguments:
        return None
    variables, expr = found
    return tuple(map(inventory.plainly, variables)), substitute(
        expr, lambda each: Name(inventory.plainly(each))
    )


def _rounded_fault(
    chain: Chain, forms: list[Form], value: Decimal, rounding: Rounding
) -> Fault | None:
    """A function's value that is printed: rounded to its digits as everything is, with the sign of
    equality that the policy has for it."""
    last = forms[-1]
    if type(last.expr) is not Literal:
        return None
    printed = last.expr.value
    near = [
        CONTEXT.multiply(value, 1 + noise) for noise in (0, AGREE, -AGREE)
    ]  # the digits of a number that is worked out end somewhere
    if all(printed != quantize(each, printed.as_tuple().exponent, rounding.mode) for each in near):
        return last, f"{last.tex} should be {format(value, '.10g')}"
    is_exact = any(printed == each for each in near) or abs(
        CONTEXT.subtract(printed, value)
    ) <= AGREE * abs(value)
    if chain.relations[-1] != ("=" if is_exact or rounding.relation == "equals" else "~"):
        return last, f"{last.tex} {'is exact' if is_exact else 'was rounded'}"
    return None

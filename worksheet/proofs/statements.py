r"""Every formula of a page against the problem and its trace: what is given, every chain form by
form, every definition and rule.

    w_h = 0.5                                   a value that w_h has
    a_h = \sigma(z_h) = ... \approx 0.62246     the chain of a_h in the trace, with its signs of equality and of rounding
    \sigma(z) = \frac{1}{1 + e^{-z}}            the function that the judge knows by this name

Lines that an author wrote (`authored`) state what they like; of the others every symbol and every
number is one of the problem's.
"""

from __future__ import annotations

from collections.abc import Collection

from ..algebra.entries import is_closed
from ..algebra.expression import Apply
from ..errors import ReadError
from ..judge.identities import value_at
from ..markdown.authored import is_authored
from ..markdown.handwritten import Key
from ..markdown.reader import formulas
from ..recalculation.labels import called
from ..tex.chains import Chain, Form
from ..tex.notation import ASSIGN
from ..tex.reader import chains
from .general_forms import general_fault
from .inventory import UPDATE, Inventory, Lines, Reading, reading_of

Finding = tuple[int, str, str]  # the line of the page, what stands there, what is wrong with it

# letters that our pages use for no quantity of a problem: any weight, any input of a function, any
# class; signs that are read as names
ANY = frozenset(
    [
        "w",
        "z",
        "a",
        "k",
        "c",
        "e",
        "u",
        "v",
        "u'",
        "v'",
        r"\sigma",
        r"\delta",
        r"\partial",
        r"\nabla",
        r"\mathbf{1}",
        r"\Delta w",
        "A",
        "S",
        r"\tanh",
        r"\text{ReLU}",
        r"\ln",
        r"\Delta",
    ]
)


def statement_findings(
    inventory: Inventory,
    markdown: str,
    own: Collection[Key] = frozenset(),
    authored: Collection[str] = frozenset(),
    numbers: Collection[str] = frozenset(),
) -> tuple[int, list[Finding]]:
    """How many statements were compared, and those that are not what the trace says. `own`: the
    author's formulas; `numbers`: others that the page may show."""
    compared, found, lines = 0, [], markdown.splitlines() if authored else ()
    for formula in formulas(markdown):
        if (
            (formula.line, formula.tex) in own
            or authored
            and is_authored(lines, formula.line, formula.line + formula.tex.count("\n"), authored)
        ):
            continue
        try:
            stated = chains(formula.tex)
        except ReadError:
            continue
        for chain in stated:
            compared += 1
            if fault := chain_fault(inventory, chain, numbers):
                form, message = fault
                found.append((formula.line_of(form.start), " ".join(form.tex.split()), message))
    return compared, found


def chain_fault(
    inventory: Inventory, chain: Chain, numbers: Collection[str] = frozenset()
) -> tuple[Form, str] | None:
    """What is wrong with a chain."""
    forms = chain.forms
    if not chain.relations or not chain.is_equality:
        return next(
            (fault for form in forms if (fault := word_fault(inventory, form, numbers))), None
        )
    target = chain.target or "".join(forms[0].tex.split())
    shown = [form for form in forms[1:] if form.tex.strip()]  # a blank is a place to write
    if any(form.expr is None for form in shown):
        return None  # told where it is read
    if not shown:
        return word_fault(inventory, forms[0], numbers)
    read = [reading_of(form) for form in shown]
    values, known = inventory.history.get(target, ()), inventory.chains.get(target, ())
    if len(read) == 1 and read[0] in values:
        if chain.relations[0] == "~" and not any(is_rounded(lines, read[0]) for _, lines in known):
            return shown[0], f"{target} is exactly {shown[0].tex}"
        return None
    if any(matches(inventory, lines, phase, read, chain.relations) for phase, lines in known):
        return None
    general = (
        general_fault(inventory, chain, target)
        if not known or target in inventory.history and len(read) == 1
        else False
    )
    if general is not False:
        return general
    if chain.target is None and not known:
        return expression_fault(inventory, chain, read, numbers)
    if not known and not values:
        return forms[0], f"{target} is no symbol of this problem"
    return nearest_fault(inventory, target, shown, read, known)


def matches(
    inventory: Inventory, lines: Lines, phase: str, read: list[Reading], relations: tuple[str, ...]
) -> bool:
    """Whether forms are lines of a chain, in order, and each sign says whether something was
    rounded on the way."""
    first = "<-" if phase == UPDATE and ASSIGN[inventory.problem.notation.assign] != "=" else "="
    is_told = inventory.problem.rounding.relation == "auto"
    reached = {0}  # behind which lines the forms so far may end
    for number, (form, relation) in enumerate(zip(read, relations)):
        ends = set()
        may_begin = (
            not number and phase == UPDATE and relation == first
        )  # also where a page begins the chain without its formula
        for place, (line, _) in enumerate(lines):
            if line == form:
                for begin in reached:
                    is_exact = not is_told or all([exact for _, exact in lines[begin : place + 1]])
                    if begin <= place and (
                        may_begin
                        or relation
                        == (first if not place and phase == UPDATE else "=" if is_exact else "~")
                    ):
                        ends.add(place + 1)
        if not ends:
            return False
        reached = ends
    return True


def is_rounded(lines: list[tuple[Reading, bool]], form: Reading) -> bool:
    """Whether something was rounded on the way from the beginning of a chain to this form of it."""
    places = [place for place, (line, _) in enumerate(lines) if line == form]
    return any(not exact for place in places for _, exact in lines[: place + 1])


def nearest_fault(
    inventory: Inventory, target: str, shown: list[Form], read: list[Reading], known
) -> tuple[Form, str]:
    """The first form that no chain of the target has at its place."""
    if not known:
        return shown[0], f"{target} never has the value {shown[0].tex}"
    best = max(
        (sum(1 for form in read if form in {line for line, _ in lines}) for _, lines in known),
        default=0,
    )
    for _, lines in known:
        have = {line for line, _ in lines}
        if sum(form in have for form in read) == best:
            for form, text in zip(shown, read):
                if text not in have:
                    return form, f"the solution has no such form of {target}"
    return (
        shown[0],
        f"this is not how the solution comes to {target}, or the wrong sign of equality or of rounding stands here",
    )


def expression_fault(
    inventory: Inventory, chain: Chain, read: list[Reading], numbers: Collection[str]
) -> tuple[Form, str] | None:
    """A chain that begins with numbers: the rest of one that is known, or a sum of known numbers
    that is exactly right."""
    forms = chain.forms
    if forms[0].expr is None:
        return None
    whole = [reading_of(forms[0]), *read]
    for _, lines in (each for found in inventory.chains.values() for each in found):
        for place, (form, _) in enumerate(lines):
            if form == whole[0] and matches(
                inventory, lines[place + 1 :], "", read, chain.relations
            ):
                return None
    if fault := next(
        (fault for form in forms[:-1] if (fault := word_fault(inventory, form, numbers))), None
    ):
        return fault
    says_all = (
        inventory.problem.rounding.relation == "equals"
    )  # an equals sign may stand for what was rounded; how, re-punching knows
    for before, after, relation in zip(forms, forms[1:], () if says_all else chain.relations):
        if after.is_closed and is_closed(before.expr) and relation == "=":
            try:
                if value_at(before.expr, {}) != value_at(after.expr, {}):
                    return after, f"{after.tex} is not exactly {before.tex}"
            except (ArithmeticError, KeyError):
                continue
    return None


def word_fault(
    inventory: Inventory, form: Form, numbers: Collection[str]
) -> tuple[Form, str] | None:
    """A name or a number in a formula that is none of the problem's."""
    if form.expr is None:
        return None
    words = reading_of(form)
    if fault := _place_fault(inventory, form):
        return fault
    if (
        words[:2] == ("(matrix1", "(row2")
        and form.is_closed
        and not any(words in values for values in inventory.history.values())
    ):
        return (
            None
            if inventory.accepts(words)
            else (form, f"{form.tex} is not what is accepted for a number of this solution")
        )
    for word in words:
        if (
            word[0] != "("
            and word not in inventory.words
            and word not in ANY
            and word not in numbers
        ):
            is_number = word.lstrip("-")[:1].isdigit()
            if is_number and (
                word.lstrip("-") in inventory.words
                or f"-{word}" in inventory.words
                or inventory.is_small(word)
            ):
                continue
            return form, f"{word} is no {'number' if is_number else 'symbol'} of this solution"
    return None


def _place_fault(inventory: Inventory, form: Form) -> tuple[Form, str] | None:
    """`f(4)` where the problem has f(2), and `(3, 5)` where it looks at (3, 4)."""
    expr = form.expr
    if type(expr) is Apply and expr.op == "list" and form.is_closed:
        is_known = reading_of(form)[1:] in inventory.points
    elif (
        (call := called(expr)) is not None
        and all(map(is_closed, call[1]))
        and call[0] in inventory.functions
    ):
        is_known = "".join(form.tex.split()) in inventory.targets
    else:
        return None
    return None if is_known else (form, f"{form.tex} is at no point of this problem")

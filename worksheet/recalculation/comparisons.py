"""Does a comparison of a page hold? `2 < 3` is looked at wherever it stands, `w < 1` where the
author wrote it."""

from __future__ import annotations

from decimal import Decimal

from ..algebra.entries import NotScalar, is_closed, value
from ..errors import ReadError
from ..markdown.handwritten import FALSE
from ..markdown.reader import Formula
from ..numbers.number import plain_text
from ..tex.chains import EQUALITIES, Chain, Form
from ..tex.printed import Finding, is_number

HOLDS = {
    "<": Decimal.__lt__,
    ">": Decimal.__gt__,
    "<=": Decimal.__le__,
    ">=": Decimal.__ge__,
    "!=": Decimal.__ne__,
}


def mixed(page, chain: Chain, formula: Formula) -> None:
    """A chain with comparisons in it, relation by relation."""
    for form, relation, following in zip(chain.forms, chain.relations, chain.forms[1:]):
        if form.fault or following.fault or relation not in HOLDS and relation not in EQUALITIES:
            page.skipped += not (form.fault or following.fault)
            page.hand.miss(form, following, "what its sign says is not worked out")
        elif form is chain.forms[0] and chain.binds and relation in EQUALITIES:
            page.hand.own.said += page.hand.is_here
            if page.hand.is_here and is_number(following.expr):
                page.values[chain.target] = following.expr
        elif relation in EQUALITIES:
            if following.is_closed or page.hand.is_here:
                page.hand.note(
                    page.compare(form.expr, following, relation, formula, form), form, following
                )
        else:
            page.hand.note(comparison(page, form, relation, following, formula), form, following)


def comparison(page, form: Form, relation: str, following: Form, formula: Formula) -> str:
    """Check `2 < 3`; of the author's, `w < 1` too. Why it is not proved, if it is not."""
    is_plain = form.is_closed and following.is_closed
    left, right = page.filled(form.expr), page.filled(following.expr)
    if not (is_plain or page.hand.is_here) or not (is_closed(left) and is_closed(right)):
        page.skipped += 1
        return page.lacking(left, right) or "not the author's"
    try:
        one, other = value(left), value(right)
    except (ArithmeticError, NotScalar, ReadError, KeyError):
        page.skipped += 1
        return "one side has no value"
    if HOLDS[relation](one, other):
        page.checked += 1
        return ""
    if not is_plain and (one == other or page.hand.supposes(form)):
        page.skipped += 1
        return "it does not hold for the values printed above; as a condition it need not"
    page.checked += 1
    printed = " ".join(formula.tex[form.start : following.start + len(following.tex)].split())
    page.findings.append(
        Finding(
            formula.line_of(form.start),
            printed,
            "",
            f"{printed} does not hold"
            + f": {plain_text(one)} and {plain_text(other)}" * (not is_plain),
        )
    )
    return FALSE

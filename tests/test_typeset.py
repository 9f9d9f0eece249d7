"""Expression to TeX: examples in tests/cases/typeset.md; what is printed reads back to the same
value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from documents import Case, cases, check
from formulas import FUNCTIONS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from worksheet.algebra import entries as grid
from worksheet.algebra.expression import Apply, Expr, Literal, Name, apply, evaluate, lift
from worksheet.algebra.laws import LAWS
from worksheet.problem import Notation
from worksheet.tex.notation import Symbols
from worksheet.tex.reader import read
from worksheet.tex.writer import Style, tex

STYLE = Style(Symbols(Notation()))
RAW = Style(Symbols(Notation()), "raw")
CALLS = {
    op: lambda *args, op=op: apply(op, *map(lift, args))
    for op in (
        *LAWS,
        "exp",
        "ln",
        "max",
        "positive",
        "not_positive",
        "transpose",
        "matmul",
        "hadamard",
        "matrix",
        "row",
    )
}


class _Names(dict):
    """Whatever is not a call is a name."""

    def __missing__(self, name: str) -> Name:
        return Name(name)


def parsed(line: str) -> Expr:
    return lift(
        eval(
            line, {"__builtins__": {}}, _Names(CALLS, num=lambda text: Literal(Decimal(text), text))
        )
    )


@pytest.mark.parametrize("case", cases("typeset.md"), ids=str)
def test_formulas(case: Case, update: bool):
    style = Style(
        Symbols(Notation(**eval(f"dict({case.title.partition(': ')[2]})"))),
        "raw" if case.title.startswith("raw") else "parentheses",
    )
    check(case, "\n".join(tex(parsed(line), style) for line in case.given.splitlines()), update)


# ---- laws
# -------------------------------------------------------------------------------------------

NUMBERS = (
    st.integers(-3000, 3000)
    .map(lambda n: f"{n / 1000:.2f}")
    .map(lambda text: Literal(Decimal(text), text))
)
WHOLE = st.integers(0, 3).map(lift)


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda args: Apply("sum", args)),
        several.map(lambda args: Apply("product", args)),
        inner.map(lambda u: apply("neg", u)),
        st.tuples(inner, inner).map(lambda pair: apply("divide", *pair)),
        st.tuples(inner, WHOLE).map(lambda pair: apply("power", *pair)),
        inner.map(lambda u: apply("exp", u)),
        inner.map(lambda u: apply("ln", u)),
        inner.map(lambda u: apply("sigmoid", u)),
        st.tuples(inner, inner).map(lambda pair: apply("max", *pair)),
    )


TREES = st.recursive(NUMBERS, grown, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(TREES, st.sampled_from([STYLE, RAW]))
def test_what_is_printed_reads_back_to_the_same_value(expr, style):
    try:
        expected = evaluate(expr, {}, FUNCTIONS | {"sigmoid": grid.sigmoid})
    except ArithmeticError:
        assume(False)
    assume(expected.is_finite())
    found = grid.value(read(tex(expr, style)))
    assert abs(found - expected) <= Decimal("1e-35") * (1 + abs(expected)), tex(expr, style)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_no_two_signs_meet(expr):
    text = tex(expr, STYLE)
    assert not any(pair in text for pair in ("+ -", "- -", "--", "+-", r"\cdot -")), text
    assert (
        text.count("{") == text.count("}")
        and text.count("(") == text.count(")")
        and text.count("[") == text.count("]")
    )


def test_another_value_reads_back_as_another():
    expr = parsed('num("2")*num("3") - (num("4") - num("3"))')
    assert (
        grid.value(read(tex(expr, STYLE)))
        == 5
        != grid.value(read(tex(expr, STYLE).replace("- (", "+ (")))
    )

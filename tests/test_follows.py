"""One printed form follows from the one before: examples in tests/cases/follows.md, laws by exact
fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from documents import Case, cases, check
from hypothesis import assume, given
from hypothesis import strategies as st

from worksheet.algebra.entries import grid, shape, sigmoid, tanh, value
from worksheet.algebra.expression import Apply, Expr, Literal, apply
from worksheet.algebra.follows import follows, within
from worksheet.numbers.number import CONTEXT
from worksheet.recalculation.gaps import gap
from worksheet.tex.reader import chains, read


def literal(text: str) -> Literal:
    return Literal(Decimal(text), text)


def verdict(line: str, language: str) -> str:
    """Every gap of a chain, in its order."""
    how = (
        {"exact_relation": True}
        if language == "exactly"
        else {}
        if language == "tex"
        else {"mode": language.replace("_", "-")}
    )
    (chain,) = chains(line)
    found = []
    for before, after in zip(chain.forms, chain.forms[1:]):
        gaps = gap(before.expr, after.expr, **how)
        assert follows(before.expr, after.expr, **how) == (not gaps)
        found += [f"{part.printed or after.tex} should be {part.expected}" for part in gaps]
    return "; ".join(found) or "ok"


@pytest.mark.parametrize("case", cases("follows.md"), ids=str)
def test_chains(case: Case, update: bool):
    check(case, "\n".join(verdict(line, case.language) for line in case.given.splitlines()), update)


@pytest.mark.parametrize(
    "figures, printed, is_right",
    [
        (3, "1230000", True),
        (3, "1234567", True),
        (None, "1230000", False),
        (3, "1240000", False),
        (4, "1230000", False),
        (4, "1235000", True),
    ],
)
def test_figures_before_the_decimal_point(figures, printed, is_right):
    assert follows(read(r"1234567 \cdot 1"), literal(printed), significant=figures) is is_right


@pytest.mark.parametrize(
    "before, after", [(r"\frac{1}{0}", "1"), (r"e^{1000000000000000000}", "1"), (r"\ln(-1)", "0")]
)
def test_what_has_no_value_says_so(before, after):
    with pytest.raises(ArithmeticError):
        follows(read(before), read(after))


def test_a_name_has_no_value():
    with pytest.raises(KeyError):
        follows(read(r"w \cdot 1"), read("1"))


# ---- laws
# -------------------------------------------------------------------------------------------

NUMBERS = st.integers(-2000, 2000).map(lambda n: literal(f"{n / 1000:.3f}"))
TREES = st.recursive(
    NUMBERS,
    lambda inner: st.builds(
        lambda op, args: Apply(op, tuple(args[:1] if op == "neg" else args)),
        st.sampled_from(["sum", "product", "neg", "sum", "product"]),
        st.lists(inner, min_size=2, max_size=4),
    ),
    max_leaves=10,
)


def meant(expr: Expr) -> Fraction:
    if isinstance(expr, Literal):
        return Fraction(expr.text)
    parts = [meant(arg) for arg in expr.args]
    if expr.op == "neg":
        return -parts[0]
    total = Fraction(expr.op == "product")
    for part in parts:
        total = total * part if expr.op == "product" else total + part
    return total


def rounded(number: Fraction, places: int, mode: str) -> Fraction:
    """The number to so many places, by whole-number arithmetic."""
    scaled = abs(number) * 10**places
    whole, rest = floor(scaled), scaled - floor(scaled)
    up = rest > Fraction(1, 2) or rest == Fraction(1, 2) and (mode == "half-up" or whole % 2 == 1)
    whole += mode != "truncate" and up
    return Fraction(whole if number >= 0 else -whole, 10**places)


def shown(number: Fraction, places: int) -> Literal:
    units = int(number * 10**places)
    return literal(f"{Decimal(units).scaleb(-places):f}")


@given(
    TREES,
    st.integers(0, 6),
    st.sampled_from(["half-up", "half-even", "truncate"]),
    st.sampled_from([-1, 1]),
)
def test_only_the_rounded_value_follows(expr, places, mode, off):
    assume(isinstance(expr, Apply))
    right = rounded(meant(expr), places, mode)
    assert follows(expr, shown(right, places), mode=mode)
    wrong = shown(right + Fraction(off, 10**places), places)
    assert not follows(expr, wrong, mode=mode)
    (part,) = gap(expr, wrong, mode=mode)
    assert Fraction(part.expected) == right and part.printed == wrong.text


def step(expr: Expr, places: int) -> Expr:
    """Every innermost operation of `expr` worked out, to so many places; a minus before a number is
    no operation."""
    if isinstance(expr, Literal):
        return expr
    if expr.op == "neg" and isinstance(expr.args[0], Literal):
        return literal(f"{-expr.args[0].value:f}")
    if all(isinstance(arg, Literal) for arg in expr.args):
        return shown(rounded(meant(expr), places, "half-up"), places)
    return Apply(expr.op, tuple(step(arg, places) for arg in expr.args))


def literals(expr: Expr) -> list[Literal]:
    return (
        [expr]
        if isinstance(expr, Literal)
        else [leaf for arg in expr.args for leaf in literals(arg)]
    )


def with_literal(expr: Expr, place: int, new: Literal) -> Expr:
    def walk(part: Expr, start: int) -> tuple[Expr, int]:
        if isinstance(part, Literal):
            return (new if start == place else part), start + 1
        args = []
        for arg in part.args:
            arg, start = walk(arg, start)
            args.append(arg)
        return Apply(part.op, tuple(args)), start

    return walk(expr, 0)[0]


@given(TREES, st.integers(2, 5), st.data())
def test_a_chain_worked_out_level_by_level_follows_and_a_wrong_digit_in_it_does_not(
    expr, places, data
):
    assume(isinstance(expr, Apply))
    while isinstance(expr, Apply):
        after = step(expr, places)
        assert follows(expr, after)
        place = data.draw(st.integers(0, len(literals(after)) - 1))
        old = literals(after)[place]
        units = len(old.text.partition(".")[2])
        wrong = with_literal(
            after, place, shown(Fraction(old.text) + Fraction(1, 10**units), units)
        )
        if meant(wrong) != meant(expr):  # beside a factor zero a wrong digit may do no harm
            assert not follows(expr, wrong)
        expr = after


@given(TREES)
def test_nothing_but_the_value_follows_exactly(expr):
    places = len(f"{value(expr):f}".partition(".")[2])
    assume(places <= 25)  # equal means equal to thirty digits
    same = literal(f"{value(expr):f}")
    assert follows(expr, same, exact_relation=True)
    assert not follows(
        expr, shown(meant(expr) + Fraction(1, 10**places), places), exact_relation=True
    )


MATRIX = st.tuples(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.randoms(use_true_random=False)
)


@given(MATRIX, st.data())
def test_a_matrix_product_is_its_row_sums(sizes, data):
    rows, inner, columns, random = sizes
    left = [[random.randint(-9, 9) for _ in range(inner)] for _ in range(rows)]
    right = [[random.randint(-9, 9) for _ in range(columns)] for _ in range(inner)]
    result = [
        [sum(left[i][k] * right[k][j] for k in range(inner)) for j in range(columns)]
        for i in range(rows)
    ]

    def matrix(entries) -> Apply:
        return apply(
            "matrix", *[apply("row", *[literal(str(entry)) for entry in row]) for row in entries]
        )

    formula = apply("matmul", matrix(left), matrix(right))
    if (1, 1) not in ((rows, inner), (inner, columns)):  # a single number scales instead
        assert shape(grid(formula)) == (rows, columns)
    assert follows(formula, matrix(result))
    i, j = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    result[i][j] += 1
    assert not follows(formula, matrix(result))


@given(st.decimals(-60, 60, places=6))
def test_sigmoid_and_tanh_agree_with_their_formulas(z):
    with_guard = CONTEXT.copy()
    with_guard.prec = 120
    plain = with_guard.divide(Decimal(1), with_guard.add(1, with_guard.exp(-z)))
    assert abs(sigmoid(z) - plain) <= abs(plain) * Decimal("1e-48")
    up, down = with_guard.exp(z), with_guard.exp(-z)
    plain = with_guard.divide(with_guard.subtract(up, down), with_guard.add(up, down))
    assert abs(tanh(z) - plain) <= abs(plain) * Decimal("1e-48")


# ---- unrounded values behind the printed ones
# -------------------------------------------------------


def half_unit(each: Literal) -> Decimal:
    """Three places were rounded, fewer were given."""
    return Decimal("0.0005") if len(each.text.partition(".")[2]) >= 3 else Decimal(0)


@pytest.mark.parametrize(
    "before, after, is_within",
    [
        (r"1.024 \cdot 2.036 + 0.012", "2.096", True),  # 2.096864 with the printed numbers
        (r"1.024 \cdot 2.036 + 0.012", "2.099", True),
        (r"1.024 \cdot 2.036 + 0.012", "2.101", False),
        (r"-\log(0.891)", "0.116", True),
        (r"-\log(0.891)", "0.118", False),
        (r"2 \cdot 3", "6.001", False),  # half a unit of the result, nothing from given numbers
        (r"1.000 - 0.500", r"1.000 - 0.503", False),
        (r"0.333 \cdot 3", "1.000", True),
        (
            r"\begin{bmatrix} 0.333 \\ 0.500 \end{bmatrix} \cdot 3",
            r"\begin{bmatrix} 1.000 \\ 1.500 \end{bmatrix}",
            True,
        ),
        (
            r"\begin{bmatrix} 0.333 \\ 0.500 \end{bmatrix} \cdot 3",
            r"\begin{bmatrix} 1.000 \\ 1.510 \end{bmatrix}",
            False,
        ),
    ],
)
def test_within_half_units(before, after, is_within):
    assert within(read(before), read(after), slack=half_unit) is is_within


@given(TREES, st.data())
def test_a_result_of_unrounded_operands_is_within(expr, data):
    """Operands and result rounded to three places; whatever the operands were before, the bound
    holds."""
    assume(isinstance(expr, Apply))
    hidden = expr
    for place, each in enumerate(literals(expr)):
        move = Fraction(data.draw(st.integers(-49, 49)), 100_000)
        hidden = with_literal(hidden, place, shown(Fraction(each.text) + move, 5))
    # the bound is of first order: leave out what depends on products of small numbers alone
    assume(all(abs(Fraction(each.text)) >= Fraction(1, 10) for each in literals(expr)))
    assert within(expr, shown(rounded(meant(hidden), 3, "half-up"), 3), slack=half_unit)

"""Formulas and their workings: examples in tests/cases/workings.md, laws over random formulas and
policies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from documents import Case, cases, check
from formulas import TENTHS, formulas, is_close, value
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from worksheet.algebra.expression import (
    ARITHMETIC,
    Apply,
    Expr,
    Literal,
    Name,
    apply,
    leaves,
    lift,
    names,
)
from worksheet.algebra.follows import follows
from worksheet.algebra.laws import LAWS
from worksheet.errors import SolveError
from worksheet.numbers.known_digits import known
from worksheet.numbers.number import Number, Rounding
from worksheet.problem import Notation
from worksheet.tex.notation import Symbols
from worksheet.tex.writer import Style, tex
from worksheet.trace.tape import Tape
from worksheet.trace.trace import Working

CALLS = {op: lambda *args, op=op: apply(op, *map(lift, args)) for op in (*LAWS, "exp", "ln", "max")}


# ---- documents
# --------------------------------------------------------------------------------------


def printed(given: str) -> str:
    """The workings of a case: a number after `=` is given, anything else a formula."""
    first, *rows = given.splitlines()
    rounding = eval(first, {"rounding": Rounding})
    tape, known = Tape(rounding), dict(CALLS)
    for row in rows:
        name, _, right = map(str.strip, row.partition("="))
        try:
            known[name] = tape.given(name, Number.written(right))
        except ArithmeticError:
            known[name] = tape.let(name, eval(right, known), "activation")
    style = Style(Symbols(Notation()), rounding.negatives)
    return "\n\n".join(chain(working, style, rounding) for working in tape.workings)


def chain(working: Working, style: Style, rounding: Rounding) -> str:
    rows = []
    for line in working.lines:
        relation = "=" if line.is_exact or rounding.relation == "equals" else "≈"
        rows.append(f"  {relation} {tex(line.expr, style):<60} {line.move}".rstrip())
    return "\n".join([style.symbols(working.name), *rows])


@pytest.mark.parametrize("case", cases("workings.md"), ids=str)
def test_workings(case: Case, update: bool):
    check(case, printed(case.given), update)


@pytest.mark.parametrize(
    "formula, values",
    [
        (lift(1) / Name("a"), "0"),
        (apply("exp", Name("a")), "1e18"),
        (apply("exp", Name("a")), "-1e18"),
        (apply("ln", Name("a")), "-1"),
    ],
)
def test_what_has_no_value_is_an_error_with_the_quantity(formula, values):
    tape = Tape(Rounding())
    tape.given("a", Number.written(values))
    with pytest.raises(SolveError, match="'z' has no finite value: it "):
        tape.let("z", formula, "activation")


@pytest.mark.parametrize(
    "rounding", [Rounding(significant=3), Rounding(places=2, at_least_significant=3)]
)
def test_one_vector_shows_one_number_of_places(rounding):
    tape = Tape(rounding)
    for name, text in {"a": "1.2345", "b": "0.012345"}.items():
        tape.given(name, Number.written(text))
    tape.let_all(
        {"p": {"formula": Name("a") * Name("a")}, "q": {"formula": Name("b") * Name("a")}},
        "activation",
    )
    assert [working.shown for working in tape.workings] == ["1.5240", "0.0152"]
    assert [working.exact for working in tape.workings] == [
        Decimal("1.52399025"),
        Decimal("0.0152399025"),
    ]


def test_an_entry_that_is_worked_again_starts_from_its_old_value():
    """Entries that must share their places are worked twice, and an update reads the weight it
    replaces."""
    tape = Tape(Rounding(significant=3))
    for name in ("w", "v"):
        tape.given(name, Number.written("0.5"))
    tape.let_all(
        {"w": {"formula": Name("w") * Name("w")}, "v": {"formula": Name("v") * lift("0.0123")}},
        "weight",
    )
    assert [working.shown for working in tape.workings] == ["0.25", "0.00615"]
    assert tape.workings[0].exact == Decimal("0.25")


# ---- laws
# -------------------------------------------------------------------------------------------

NAMES = ("a", "b", "c")
GIVENS = st.fixed_dictionaries({name: TENTHS for name in NAMES})
DIGITS = st.one_of(
    st.builds(dict, places=st.integers(1, 7)),
    st.builds(dict, significant=st.integers(2, 6)),
    st.builds(dict, places=st.integers(1, 5), at_least_significant=st.integers(1, 4)),
)
ROUNDINGS = st.builds(
    lambda digits, rest: Rounding(**digits, **rest),
    DIGITS,
    st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["half-up", "half-even", "truncate"]),
            "commit": st.sampled_from(["line", "operation"]),
            "zeros": st.sampled_from(["pad", "strip"]),
            "e": st.sampled_from(["symbol-then-digits", "symbol-then-value", "symbol"]),
        }
    ),
)
POLICIES = st.sampled_from(["carry", "exact", "named"])


def worked(formula: Expr, values: dict[str, Decimal], rounding: Rounding) -> Tape:
    """`z` = formula, or no example where rounding leaves it without a value (ln 0)."""

    def let() -> Tape:
        tape = Tape(rounding)
        for name, number in values.items():
            tape.given(name, Number.written(str(number)))
        tape.let("z", formula, "activation")
        return tape

    try:
        return known(let)
    except SolveError:
        assume(False)


def is_closed(expr: Expr) -> bool:
    return not names(expr)


@settings(max_examples=200, deadline=None)
@given(formulas(*NAMES), GIVENS, ROUNDINGS)
def test_under_carry_each_line_follows_from_the_one_before(formula, values, rounding):
    tape = worked(formula, values, rounding)
    lines = [line for line in tape.workings[0].lines if is_closed(line.expr)]
    for before, after in zip(lines, lines[1:]):
        assert follows(
            before.expr, after.expr, mode=rounding.mode, significant=rounding.significant
        ), (before, after)


@settings(max_examples=150, deadline=None)
@given(formulas(*NAMES), GIVENS, ROUNDINGS)
def test_a_line_said_to_be_exact_is(formula, values, rounding):
    tape = worked(formula, values, rounding)
    lines = [line for line in tape.workings[0].lines if is_closed(line.expr)]
    for before, after in zip(lines, lines[1:]):
        if after.is_exact:
            assert follows(before.expr, after.expr, exact_relation=True), (before, after)


@settings(max_examples=150, deadline=None)
@given(formulas(*NAMES), GIVENS, ROUNDINGS, POLICIES)
def test_every_event_is_its_operation_on_its_operands(formula, values, rounding, policy):
    tape = worked(
        formula,
        values,
        Rounding(
            policy,
            rounding.places,
            rounding.significant,
            rounding.at_least_significant,
            mode=rounding.mode,
            commit=rounding.commit,
        ),
    )
    events = tape.recorder.events
    for index, event in enumerate(events):
        assert all(operand < index for operand in event.operands)
        if event.operands:
            assert event.exact == ARITHMETIC[event.op](
                *[events[operand].exact for operand in event.operands]
            )
        else:
            assert event.op in ("given", "constant")
    assert is_close(tape.workings[0].exact, value(formula, values), "1e-40")


@settings(max_examples=100, deadline=None)
@given(formulas(*NAMES), GIVENS, ROUNDINGS)
def test_what_is_used_next_is_what_the_policy_says(formula, values, rounding):
    carried, exact, named = [
        worked(
            formula,
            values,
            Rounding(policy, rounding.places, rounding.significant, mode=rounding.mode),
        )
        for policy in ("carry", "exact", "named")
    ]
    ends = [tape.workings[0] for tape in (carried, exact, named)]
    assert ends[0].value == Decimal(ends[0].shown)
    assert ends[1].value == ends[1].exact
    assert ends[2].value == Decimal(ends[2].shown)
    assert ends[0].exact == ends[1].exact == ends[2].exact
    assert ends[1].shown == ends[2].shown


@settings(max_examples=100, deadline=None)
@given(formulas(*NAMES).filter(names), GIVENS, ROUNDINGS, POLICIES)
def test_the_order_is_never_changed(formula, values, rounding, policy):
    """Numbers stand where the names stood; whatever number is carried over to the next form keeps
    its place among the others."""
    working = worked(
        formula,
        values,
        Rounding(policy, rounding.places, mode=rounding.mode, commit=rounding.commit),
    ).workings[0]
    shapes = [shape(line.expr) for line in working.lines if line.move in ("FORMULA", "SUBSTITUTE")]
    assert shapes[0] == shapes[-1] or working.leaves_out
    rows = [
        (line.move, [leaf.event for leaf in leaves(line.expr)])
        for line in working.lines
        if is_closed(line.expr)
    ]
    for (_, before), (move, after) in zip(rows, rows[1:]):
        if move not in (
            "EXPAND",
            "DIGITS",
        ):  # these write a number more than once, or another number
            left = iter(before)
            assert all(event in left for event in after if event in before)


def shape(expr: Expr) -> str:
    """The operations, with a dot for every leaf."""
    return f"{expr.op}({' '.join(map(shape, expr.args))})" if isinstance(expr, Apply) else "."


@given(formulas(*NAMES), GIVENS, ROUNDINGS, POLICIES)
@settings(max_examples=100, deadline=None)
def test_no_number_is_minus_zero_and_every_text_is_its_value(formula, values, rounding, policy):
    tape = worked(
        formula,
        values,
        Rounding(policy, rounding.places, rounding.significant, zeros=rounding.zeros),
    )
    for line in tape.workings[0].lines:
        for leaf in leaves(line.expr):
            if isinstance(leaf, Literal):
                assert Decimal(leaf.text) == leaf.value
                assert not (leaf.text.startswith("-") and not leaf.value)
    assert tape.workings[0].shown == tape.workings[0].lines[-1].expr.text


# ---- what must be rejected
# --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "last, holds", [("0.62246", True), ("0.62245", False), ("0.62247", False), ("-0.62246", False)]
)
def test_a_last_digit_does_not_follow(last, holds):
    tape = worked(apply("sigmoid", Name("a")), {"a": Decimal("0.5")}, Rounding())
    before = next(line.expr for line in tape.workings[0].lines if line.move == "EXPAND")
    assert follows(before, Literal(Decimal(last), last)) is holds

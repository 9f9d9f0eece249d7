"""Forms with a power of e beyond a calculator, written with smaller ones: on pages of every family,
and by themselves."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

import pytest

from worksheet import loads, make_note
from worksheet.algebra.expression import Apply, Expr, Literal, Name
from worksheet.algebra.parser import read
from worksheet.errors import SolveError
from worksheet.proofs.checks import check
from worksheet.trace.small_powers import BEYOND, with_small_powers
from worksheet.trace.trace import Trace

WIDE = Context(prec=60, Emax=10**9, Emin=-(10**9))
STEPS = [
    "d((1 + exp(-z))^-1)",
    "-(1 + exp(-z))^-2*exp(-z)*(-1)",
    "exp(-z)/(1 + exp(-z))^2",
    "1/(1 + exp(-z))*((1 + exp(-z) - 1)/(1 + exp(-z)))",
    "1/(1 + exp(-z))*(1 - 1/(1 + exp(-z)))",
    "a*(1 - a)",
]


def derivation(z: str, until: int) -> str:
    forms = "".join(f"  - {{form: '{form}', why: So.}}\n" for form in STEPS[:until])
    return f"title: T\nderivation: ['a = 1/(1 + exp(-z))']\nby: z\nsteps:\n{forms}at: {{z: {z}}}\n"


def formulas(first: str, given: str, train: str, last: str = "L = a*w") -> str:
    return f"title: T\nformulas: ['a = {first}', '{last}']\ngiven: {{{given}, w: 2}}\ntrain: [{train}]\nlearning_rate: 0.1\n"


PAGES = {
    **{
        f"derivation {z} {until}": derivation(z, until)
        for z in ("-1000", "1000", "-229")
        for until in (2, 3, 4, 5, 6)
    },
    **{
        f"{first} {u}": formulas(first, f"u: {u}", "u, w")
        for u in ("-1000", "1000", "300")
        for first in (
            "1/(1 + exp(-u))",
            "(exp(u) - exp(-u))/(exp(u) + exp(-u))",
            "(exp(2*u) - 1)/(exp(2*u) + 1)",
            "ln(1 + exp(u))",
            "2/(exp(u) + exp(-u))",
            "u/(1 + exp(-u)) + 3",
            "exp(u)/(exp(u) + exp(2*u))",
        )
    },
    **{
        f"softmax {u}": formulas(
            "exp(u)/(exp(u) + exp(v))", f"u: {u}, v: {u}.5", "u", "L = -ln(a)*w"
        )
        for u in ("-1000", "1000")
    },
    "joined": formulas("exp(u)*exp(v)", "u: 1000, v: -1000.5", "w"),
    **{
        f"function {at}": f"title: T\nfunction: f(x) = 1/(1 + exp(-x))\nat: {at}\nchange: 0.1\n"
        for at in ("-1000", "1000")
    },
    "softplus": "title: T\nfunction: f(x) = ln(1 + exp(x))\nat: 1000\nchange: 0.1\n",
    "gradient": "title: T\ngradient: 'f(x, y) = y/(1 + exp(-x))'\nat: {x: -1000, y: 3}\nchange: {x: 0.1, y: 0.1}\n",
    "chain": "title: T\nchain: [y = 2*x, z = 1/(1 + exp(-y))]\nat: {x: -1000}\n",
    "descent": "title: T\ndescent: L(w) = 1/(1 + exp(-w))\nstart: {w: -1000}\nlearning_rate: 0.1\niterations: 2\n",
}


def of_numbers(trace: Trace) -> Iterator[Expr]:
    """Every form on a page that has numbers only."""
    for working in trace.workings:
        for line in working.lines:
            if not any(isinstance(part, Name) for part in parts(line.expr)):
                yield line.expr


def parts(expr: Expr) -> Iterator[Expr]:
    yield expr
    for arg in expr.args if isinstance(expr, Apply) else ():
        yield from parts(arg)


def on_a_calculator(expr: Expr) -> float:
    """What a calculator of 100 powers of ten makes of a form: floats, and an error where it has
    one. Independent of all arithmetic of ours."""
    import math

    if isinstance(expr, Literal):
        return float(expr.value)
    args = list(map(on_a_calculator, expr.args))
    match expr.op:
        case "sum":
            found = math.fsum(args)
        case "neg":
            found = -args[0]
        case "product":
            found = math.prod(args)
        case "divide" | "fraction":
            found = args[0] / args[1]
        case "power":
            found = args[0] ** args[1]
        case "exp":
            found = math.exp(args[0])
        case "ln":
            found = math.log(args[0])
        case "sigmoid" | "tanh" | "log10" | "sqrt" | "abs":
            return 0.5
    if abs(found) >= 1e100:
        raise OverflowError(expr)
    return 0.0 if abs(found) < 1e-99 else found


@pytest.mark.parametrize("case", PAGES)
def test_a_calculator_follows_every_line(case):
    made = make_note(loads(PAGES[case]))
    for form in of_numbers(made.trace):
        on_a_calculator(form)
    assert "10^{1" + "0" not in made.text or not re.search(r"[^-]10\^\{\d{3,}\}", made.text)


@pytest.mark.parametrize("policy", ["exact", "named"])
@pytest.mark.parametrize(
    "case", ["derivation -1000 6", "softmax 1000", "softplus", "ln(1 + exp(u)) 1000"]
)
def test_under_every_policy(case, policy):
    made = make_note(loads(PAGES[case] + f"rounding: {{policy: {policy}, places: 5}}\n"))
    assert made.text.count("So we write it once more with powers that a calculator has") == 1


def test_it_is_said_once_and_only_where_it_is_so():
    said = "So we write it once more with powers that a calculator has"
    assert make_note(loads(derivation("-1000", 6))).text.count(said) == 1
    assert (
        said not in make_note(loads(derivation("-226", 6))).text
        and said not in make_note(loads(derivation("1000", 6))).text
    )


@pytest.mark.parametrize(
    "right, wrong",
    [
        (r"\frac{e^{-1000}}{1 + e^{-1000}}", r"\frac{e^{-1000}}{1 - e^{-1000}}"),
        (r"\frac{e^z}{1 + e^z}", r"\frac{e^z}{1 + e^{2 z}}"),
        (r"\frac{e^z}{1 + e^z}", r"\frac{1}{1 + e^z}"),
    ],
)
def test_another_form_is_refused(right, wrong):
    found = make_note(loads(derivation("-1000", 6)))
    assert right in found.text and not check(found.trace, found.text).failures
    assert check(found.trace, found.text.replace(right, wrong, 1)).failures


# ---- a small number beside a large one
# --------------------------------------------------------------


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize("z", ["-130", "-200", "-226"])
def test_a_sum_that_loses_its_smaller_term_is_not_called_equal(z, policy):
    r"""1 + 2.87265 \cdot 10^{56} is about 2.87265 \cdot 10^{56}: fifty digits do not tell them
    apart, and the page once said =."""
    made = make_note(loads(derivation(z, 3) + f"rounding: {{policy: {policy}, places: 5}}\n"))
    assert re.search(r"&\\approx \\frac\{1\}\{[\d.]+ \\cdot 10\^\{\d+\}\}", made.text)
    assert not re.search(r"&= \\frac\{1\}\{[\d.]+ \\cdot 10\^\{\d+\}\}", made.text)


# ---- what cannot be helped
# --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, said",
    [
        (formulas("exp(u)", "u: 1000", "w"), "'a' passes 10^100 in epoch 1\n"),
        (formulas("1/exp(exp(u))", "u: 300", "w"), "'a' "),
        (formulas("1/u^12", "u: 1000000000", "w"), "on the way a number of 'a' passes 10^100\n"),
    ],
)
def test_a_number_on_the_way_that_no_calculator_has_is_told(text, said):
    with pytest.raises(SolveError) as refusal:
        solve_of(text)
    assert said in str(refusal.value)


def solve_of(text: str) -> Trace:
    from worksheet.solution import solve

    return solve(loads(text))


# ---- forms by themselves
# ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form, values, small",
    [
        ("1/(1 + exp(-z))", {"z": -1000}, "exp(z)/(1 + exp(z))"),
        ("1/(1 + exp(-z))", {"z": 1000}, None),
        ("1/(1 + exp(-z))", {"z": -227}, None),
        ("exp(-z)/(1 + exp(-z))^2", {"z": -1000}, "exp(z)/(1 + exp(z))^2"),
        ("exp(u)/(exp(u) + exp(v))", {"u": 1000, "v": 1001}, "exp(u - v)/(exp(u - v) + 1)"),
        ("exp(u)/(exp(u) + exp(v))", {"u": -1001, "v": -1000}, "exp(u - v)/(exp(u - v) + 1)"),
        ("ln(1 + exp(u))", {"u": 1000}, "u + ln(1 + exp(-u))"),
        ("(exp(z) - exp(-z))/(exp(z) + exp(-z))", {"z": 1000}, "(1 - exp(-2*z))/(1 + exp(-2*z))"),
        ("exp(1000)", {}, None),
        ("x + 3*exp(-z)", {"z": 5, "x": 1}, None),
        ("x + 3/(2 + exp(z))", {"z": 500, "x": 1}, "x + 3*exp(-z)/(2*exp(-z) + 1)"),
        ("exp(2*(u - v))/(1 + exp(2*(u - v)))", {"u": 600, "v": 1}, "1/(exp(-2*(u - v)) + 1)"),
    ],
)
def test_a_form_is_written_with_small_powers(form, values, small):
    expr, values = read(form), {name: Decimal(value) for name, value in values.items()}
    found = with_small_powers(expr, values)
    assert found is expr if small is None else close(found, read(small), values)
    if small and "u - v))" not in small:
        assert found == read(small)


def test_forms_drawn_at_random_keep_their_value():
    """Whatever the form: the same value to forty digits, and no power beyond a calculator; or the
    form itself."""
    draw, turned = random.Random(7), 0
    for _ in range(1500):
        expr, values = (
            read(drawn(draw, 3)),
            {
                name: Decimal(draw.choice((-1, 1)) * draw.choice((2, 30, 250, 900, 1500)))
                + Decimal(draw.randrange(99)) / 10
                for name in "uvx"
            },
        )
        found = with_small_powers(expr, values)
        if found is not expr and has_value(expr, values):
            turned += 1
            assert close(found, expr, values), (expr, values)
            assert all(
                value_of(each.args[0], values) <= BEYOND
                for each in parts(found)
                if isinstance(each, Apply) and each.op == "exp"
            ), (found, values)
    assert turned > 100


def drawn(draw: random.Random, depth: int) -> str:
    """A formula as somebody may type it."""
    if not depth:
        return draw.choice(
            ("u", "v", "x", "2", "0.5", "exp(u)", "exp(-v)", "exp(2*u)", "exp(u - v)")
        )
    one, other = (
        drawn(draw, depth - 1),
        drawn(draw, depth - draw.choice((1, 2)) if depth > 1 else 0),
    )
    return draw.choice(
        (
            f"({one} + {other})",
            f"({one} - {other})",
            f"{one}/({other})",
            f"({one})*({other})",
            f"({one})^2",
            f"-({one})",
            f"ln(1 + ({one})^2)",
            f"{one}/({other} + {one})",
        )
    )


def value_of(expr: Expr, values: dict[str, Decimal]) -> Decimal:
    """In decimals with room for every power, by rules of its own."""
    with localcontext(WIDE):
        match expr:
            case Literal():
                return expr.value
            case Name():
                return values[expr.name]
        args = [value_of(arg, values) for arg in expr.args]
        match expr.op:
            case "sum":
                return sum(args, Decimal(0))
            case "neg":
                return -args[0]
            case "product":
                found = Decimal(1)
                for arg in args:
                    found *= arg
                return found
            case "divide" | "fraction":
                return args[0] / args[1]
            case "power":
                return args[0] ** args[1]
            case "exp":
                return args[0].exp()
            case "ln":
                return args[0].ln()
    raise AssertionError(expr.op)


def has_value(expr: Expr, values: dict[str, Decimal]) -> bool:
    try:
        return value_of(expr, values).is_finite()
    except ArithmeticError:  # it divides by nothing
        return False


def close(one: Expr, other: Expr, values: dict[str, Decimal]) -> bool:
    """Equal, but for what a sum of numbers of many sizes loses."""
    with localcontext(WIDE):
        mine, theirs = value_of(one, values), value_of(other, values)
        return abs(mine - theirs) <= abs(theirs) * Decimal("1e-25") or abs(
            mine - theirs
        ) <= Decimal("1e-25")

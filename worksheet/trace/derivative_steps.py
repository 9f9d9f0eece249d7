"""The derivative of a function rule by rule, one kind of rule a line, as a lecturer writes it on
the board.

    d/dx (x^3 - 3 x^2)   ->   d/dx (x^3) - d/dx (3 x^2)       sum
                         ->   d/dx (x^3) - 3 d/dx (x^2)       constant-multiple
                         ->   3 x^2 - 3 (2 x)                 power
                         ->   3 x^2 - 6 x                     simplify

What is still to be differentiated stands in the form as `derivative(u, x)`. Rules that take a form
apart come first, from left to right; when only functions of x itself are left, their derivatives
are put in together.
"""

from __future__ import annotations

from collections.abc import Callable

from ..algebra.derivative import multiply
from ..algebra.expression import Apply, Expr, Literal, Name, apply, lift, names
from ..algebra.polynomials import multiplied_out
from ..algebra.simplify import prints_alike, simplify
from ..errors import SolveError
from .trace import Step

LONGEST = 400  # operations in one form
ROUGH = ("relu", "abs", "max")  # with corners: no rule gives their derivative everywhere


def derivative_steps(expr: Expr, variable: str) -> list[Step]:
    """The forms from d/dx(expr) to the derivative, numbers gathered; each with the rules that led
    to it.

    Raises SolveError where no rule applies or the forms grow too long."""
    x = Name(variable)
    steps = [Step((), apply("derivative", expr, x))]
    while pending := [_rule(node.args[0], x) for node in _pending(steps[-1].expr)]:
        kinds = [rule for rule in pending if rule in APART][:1] or pending
        used: list[str] = []

        def replaced(body: Expr, kinds: list[str] = kinds, used: list[str] = used) -> Expr | None:
            rule = _rule(body, x)
            if rule not in kinds:
                return None
            used.extend((rule, _outer(body, x)) if rule == "chain" else (rule,))
            return RULES[rule](body, x)

        form = _rewritten(steps[-1].expr, replaced)
        steps.append(Step(tuple(dict.fromkeys(used)), form))
        if _size(form) > LONGEST:
            raise SolveError(
                "the derivative grows too long for a page",
                hint="give the function in fewer factors",
            )
    tidy = simplify(steps[-1].expr)
    for rule, form in (("simplify", tidy), ("multiply-out", _multiplied_out_above(tidy, x))):
        if not prints_alike(form, steps[-1].expr):
            steps.append(Step((rule,), form))
    return steps


def _multiplied_out_above(expr: Expr, x: Name) -> Expr:
    """A quotient whose numerator becomes shorter by it, with its numerator multiplied out; another
    form as it is."""
    if isinstance(expr, Apply) and expr.op == "neg":
        return simplify(-_multiplied_out_above(expr.args[0], x))
    if not isinstance(expr, Apply) or expr.op != "divide":
        return expr
    above = multiplied_out(expr.args[0], x.name)
    return (
        simplify(above / expr.args[1])
        if above is not None and _size(above) < _size(expr.args[0])
        else expr
    )


def _pending(expr: Expr) -> list[Apply]:
    """What is still to be differentiated, from left to right."""
    if not isinstance(expr, Apply):
        return []
    return (
        [expr] if expr.op == "derivative" else [node for arg in expr.args for node in _pending(arg)]
    )


def _rewritten(expr: Expr, replaced: Callable[[Expr], Expr | None]) -> Expr:
    """`expr` with every derivative(u, x) for which `replaced(u)` gives a form replaced by it."""
    if not isinstance(expr, Apply):
        return expr
    if expr.op == "derivative":
        return replaced(expr.args[0]) or expr
    args = tuple([_rewritten(arg, replaced) for arg in expr.args])
    if expr.op in ("sum", "product"):  # a sum in a sum, a product in a product need no brackets
        args = tuple(
            [
                part
                for arg in args
                for part in (arg.args if isinstance(arg, Apply) and arg.op == expr.op else (arg,))
            ]
        )
    return Apply(expr.op, args)


def _size(expr: Expr) -> int:
    return 1 + sum(map(_size, expr.args)) if isinstance(expr, Apply) else 1


# ---- which rule ---------------------------------------------------------------------------------


def _is_constant(expr: Expr, x: Name) -> bool:
    return x.name not in names(expr)


def _rule(body: Expr, x: Name) -> str:
    """The rule that the derivative of `body` calls for."""
    if _is_constant(body, x):
        return "constant"
    if body == x:
        return "identity"
    if body.op in ("sum", "divide", "product", "power", "neg"):
        return FORMS[body.op](body.args, x)
    if body.op in ROUGH or body.op not in RULES:
        raise SolveError(
            f"no rule gives the derivative of {body.op}",
            hint="a function without corners, such as tanh(x)",
        )
    return body.op if body.args[0] == x else "chain"


def _divide(args: tuple[Expr, ...], x: Name) -> str:
    over, under = args
    return (
        "constant-multiple"
        if _is_constant(under, x)
        else "reciprocal"
        if _is_constant(over, x)
        else "quotient"
    )


def _product(args: tuple[Expr, ...], x: Name) -> str:
    return "constant-multiple" if any(_is_constant(arg, x) for arg in args) else "product"


def _power(args: tuple[Expr, ...], x: Name) -> str:
    base, exponent = args
    if not _is_constant(base, x) and not _is_constant(exponent, x):
        raise SolveError(
            "a power with its variable both below and above has no rule of its own",
            hint="write exp(x*ln(x)) for x^x",
        )
    inner = base if _is_constant(exponent, x) else exponent
    return "chain" if inner != x else "power" if inner is base else "exponential"


FORMS: dict[str, Callable] = {
    "sum": lambda args, x: "sum",
    "neg": lambda args, x: "constant-multiple",
    "divide": _divide,
    "product": _product,
    "power": _power,
}


def _outer(body: Apply, x: Name) -> str:
    """The rule for the outer function of a chain."""
    return (
        body.op
        if body.op != "power"
        else "power"
        if _is_constant(body.args[1], x)
        else "exponential"
    )


# ---- what it makes of it ------------------------------------------------------------------------


def d(expr: Expr, x: Name) -> Expr:
    """d/dx expr, not yet worked out."""
    return apply("derivative", expr, x)


def _by_constant(body: Apply, x: Name) -> Expr:
    if body.op == "neg":
        return -d(body.args[0], x)
    if body.op == "divide":
        return d(body.args[0], x) / body.args[1]
    constants = [arg for arg in body.args if _is_constant(arg, x)]
    others = [arg for arg in body.args if not _is_constant(arg, x)]
    inner = others[0] if len(others) == 1 else Apply("product", tuple(others))
    return Apply("product", (*constants, d(inner, x)))


def _by_product(body: Apply, x: Name) -> Expr:
    args = body.args
    return Apply(
        "sum",
        tuple(
            [Apply("product", (*args[:i], d(arg, x), *args[i + 1 :])) for i, arg in enumerate(args)]
        ),
    )


def _by_quotient(body: Apply, x: Name) -> Expr:
    over, under = body.args
    return (d(over, x) * under - Apply("product", (over, d(under, x)))) / under**2


def _by_chain(body: Apply, x: Name) -> Expr:
    """The outer derivative at the inner function, times the derivative of the inner one."""
    place = 1 if body.op == "power" and _is_constant(body.args[0], x) else 0
    inner = body.args[place]
    return Apply("product", (RULES[_outer(body, x)](body, inner), d(inner, x)))


def _lowered(body: Apply, u: Expr) -> Expr:
    exponent = body.args[1]
    if not isinstance(exponent, Literal):
        return Apply("product", (exponent, u ** (exponent - 1)))
    less = exponent.value - 1
    return exponent * (u if less == 1 else u ** lift(str(less))) if less else lift(1)


# each takes the body of a derivative and x, or, for the outer function of a chain, the inner
# function in the place of x
RULES: dict[str, Callable[[Expr, Expr], Expr]] = {
    "sum": lambda body, x: Apply(
        "sum",
        tuple(
            [
                -d(term.args[0], x) if isinstance(term, Apply) and term.op == "neg" else d(term, x)
                for term in body.args
            ]
        ),
    ),
    "constant-multiple": _by_constant,
    "product": _by_product,
    "quotient": _by_quotient,
    "chain": _by_chain,
    "reciprocal": lambda body, x: -(multiply(body.args[0], d(body.args[1], x)) / body.args[1] ** 2),
    "constant": lambda body, x: lift(0),
    "identity": lambda body, x: lift(1),
    "power": _lowered,
    "exponential": lambda body, u: Apply("product", (body, apply("ln", body.args[0]))),
    "exp": lambda body, u: body,
    "ln": lambda body, u: 1 / u,
    "sqrt": lambda body, u: 1 / (2 * body),
    "sin": lambda body, u: apply("cos", u),
    "cos": lambda body, u: -apply("sin", u),
    "tan": lambda body, u: 1 / apply("cos", u) ** 2,
    "tanh": lambda body, u: 1 - body**2,
    "sigmoid": lambda body, u: Apply("product", (body, 1 - body)),
}
APART = ("sum", "constant-multiple", "product", "quotient", "reciprocal", "chain")


def as_partial(expr: Expr) -> Expr:
    """The derivatives in a form as partial ones: there are other names, which are held."""
    if not isinstance(expr, Apply):
        return expr
    return Apply(
        "partial" if expr.op == "derivative" else expr.op, tuple(map(as_partial, expr.args))
    )

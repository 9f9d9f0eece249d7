"""Formulas as an author types them -> expression: `L = (y - y_hat)^2/2`.

    define("h = x*w_1")     ->  "h", product(x, w_1)
    read("1/2*(y - h)^2")   ->  product(fraction(1, 2), power(sum(y, neg(h)), 2))

A Pratt parser over a closed language: names, decimal numbers, + - * / ^, brackets and the functions
of FUNCTIONS. Nothing is implicit (2x is refused) and nothing is ever run. The order stays as typed;
`1/2` stays a fraction, `e^x` is exp(x).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from ..errors import DECIMAL_COMMA, FormulaError, caret
from .expression import Apply, Expr, Literal, Name, apply, lift
from .laws import fraction

LONGEST = 200  # characters of one formula; a line of a page holds fewer
DEEPEST = 20  # brackets within brackets, powers of powers
DIGITS = 30  # of one number

# the functions and how many arguments each takes
FUNCTIONS = {
    "exp": 1,
    "ln": 1,
    "sqrt": 1,
    "sin": 1,
    "cos": 1,
    "tan": 1,
    "tanh": 1,
    "sigmoid": 1,
    "relu": 1,
    "abs": 1,
    "max": 2,
}
ELSEWHERE = {
    "log": "write ln(x): the logarithm here is the natural one",
    "log2": "write ln(x)/ln(2): the logarithm here is the natural one",
    "log10": "write ln(x)/ln(10): the logarithm here is the natural one",
    "lg": "write ln(x)/ln(2), or ln(x)/ln(10)",
    "pi": "write its digits: 3.14159",
    "e": "write exp(x) or e^x",
    "π": "write its digits: 3.14159",
    "√": "write sqrt(x)",
    "²": "write x^2",
    "³": "write x^3",
    "·": "write *",
    "×": "write *",
    "−": "write a plain minus: -",
    "÷": "write /",
    "{": "write round brackets",
    "[": "write round brackets",
    "|": "write abs(x)",
    "=": "a formula has one =, after its name: h = x*w_1",
}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2}(?![\w.]))?|\.\d+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|[-+*/^(),])|(?P<end>\Z)|(?P<bad>.))",
    re.DOTALL,
)
_COMMA = re.compile(r"\d+,\d+")
_DEFINITION = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(?!=)")


class Token(NamedTuple):
    """A piece of a formula: which group of the pattern it matched, its text, and where it begins,
    counted from 0."""

    kind: str
    text: str
    at: int


class Infix(NamedTuple):
    """How tightly an operation binds on its left and on its right, and what it makes."""

    left: int
    right: int
    make: Callable[[Expr, Expr], Expr]


def _divided(over: Expr, under: Expr) -> Expr:
    is_constant = all(
        type(part) is Literal and part.text.isdigit() and part.value for part in (over, under)
    )
    return fraction(over.text, under.text) if is_constant else over / under


def _negated(expr: Expr) -> Expr:
    """A minus before a number belongs to it: -2*x is (-2)*x."""
    if type(expr) is Literal and expr.value > 0:
        return lift(f"-{expr.text}")
    if type(expr) is Apply and expr.op == "product" and type(expr.args[0]) is Literal:
        return Apply("product", (_negated(expr.args[0]), *expr.args[1:]))
    return -expr


def _raised(base: Expr, exponent: Expr) -> Expr:
    return apply("exp", exponent) if base == Name("e") else base**exponent


INFIX = {
    "+": Infix(10, 11, lambda left, right: left + right),
    "-": Infix(10, 11, lambda left, right: left - right),
    "*": Infix(20, 21, lambda left, right: left * right),
    "/": Infix(20, 21, _divided),
    "^": Infix(40, 39, _raised),
    "**": Infix(40, 39, _raised),
}
# -x*y is -(x*y); but where something stands before it (2^-x*y) it takes no more than that leaves
SIGN = 19


@lru_cache(maxsize=1024)
def define(text: str) -> tuple[str, Expr]:
    """The name and the expression of `name = expression`. Raises FormulaError with the place."""
    match = _DEFINITION.match(text)
    if match is None:
        raise FormulaError(
            "a formula is a name, =, and an expression",
            "character 1",
            f"h = x*w_1\n{_caret(text, 0)}",
        )
    return match[1], _Parser(text, match.end()).whole()


def texts_of(definitions: Iterable[str]) -> dict[str, str]:
    """The texts of the expressions, by name."""
    return {define(each)[0]: each.partition("=")[2].strip() for each in definitions}


@lru_cache(maxsize=1024)
def read(text: str, by: str = "") -> Expr:
    """The expression of a text; with `by`, d(u) stands for the derivative of u by that name. Raises
    FormulaError with the place."""
    return _Parser(text, 0, by).whole()


class _Parser:
    """The tokens of one formula; `token` is the one in view."""

    def __init__(self, text: str, start: int, by: str = ""):
        self.text, self.depth, self.by = text, 0, by
        self.is_inside = False  # of what is differentiated
        if len(text) > LONGEST:
            raise FormulaError(
                f"the formula has {len(text)} characters",
                "",
                f"at most {LONGEST}: give a part of it a name of its own",
            )
        self.at = start
        self.advance()

    def advance(self) -> Token:
        token = getattr(self, "token", None)
        match = _TOKEN.match(self.text, self.at)
        self.at = match.end()
        self.token = Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        if self.token.kind == "bad":
            self.refuse(
                f"'{self.token.text}' is not known here",
                ELSEWHERE.get(self.token.text, "the signs are + - * / ^ ( ) ,"),
            )
        return token

    def refuse(self, message: str, hint: str, token: Token | None = None):
        at = (token or self.token).at
        raise FormulaError(message, f"character {at + 1}", f"{hint}\n{_caret(self.text, at)}")

    def whole(self) -> Expr:
        expr = self.expression(0)
        self.refuse_missing_operation()
        if self.token.kind != "end":
            if self.token.text == "," and (
                comma := next(
                    (
                        each
                        for each in _COMMA.finditer(self.text)
                        if each.start() <= self.token.at < each.end()
                    ),
                    None,
                )
            ):
                raise FormulaError(
                    f"{DECIMAL_COMMA}{comma[0]}",
                    f"character {self.token.at + 1}",
                    comma[0].replace(",", "."),
                )
            self.refuse(
                f"'{self.token.text}' was not expected here", "is there a bracket too many?"
            )
        return expr

    def expression(self, binding: int) -> Expr:
        """The longest expression whose operations bind more tightly than `binding`."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(
                "the formula is nested too deeply",
                f"at most {DEEPEST} levels: give a part of it a name of its own",
            )
        left = self.operand(binding)
        while (infix := INFIX.get(self.token.text)) and infix.left > binding:
            self.advance()
            left = infix.make(left, self.expression(infix.right))
        self.depth -= 1
        return left

    def operand(self, binding: int) -> Expr:
        token = self.advance()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            return self.call(token) if self.token.text == "(" else self.name(token)
        if token.text in ("-", "+"):
            inner = self.expression(max(SIGN, binding))
            return inner if token.text == "+" else _negated(inner)
        if token.text == "(":
            inner = self.expression(0)
            self.close(token)
            return inner
        if token.kind == "end":
            self.refuse("the formula breaks off", "a value is missing here", token)
        self.refuse(
            f"a value was expected, not '{token.text}'",
            "a number, a name, a function or a bracket",
            token,
        )

    def number(self, token: Token) -> Expr:
        if len(token.text) > DIGITS:
            self.refuse("a number of so many digits", f"at most {DIGITS}", token)
        return lift(token.text)

    def name(self, token: Token) -> Expr:
        if token.text in FUNCTIONS:
            self.refuse(
                f"'{token.text}' is a function",
                f"its argument stands in brackets: {token.text}(x)",
                token,
            )
        if token.text in ELSEWHERE and not (token.text == "e" and self.token.text in ("^", "**")):
            self.refuse(f"'{token.text}' is not known here", ELSEWHERE[token.text], token)
        return Name(token.text)

    def call(self, token: Token) -> Expr:
        is_derivative = token.text == "d" and bool(self.by)
        if is_derivative and self.is_inside:
            self.refuse(
                "a derivative stands within a derivative", "work the inner one out first", token
            )
        self.is_inside = self.is_inside or is_derivative
        count = 1 if is_derivative else FUNCTIONS.get(token.text)
        if count is None:
            near = get_close_matches(token.text, FUNCTIONS, 1)
            self.refuse(
                f"there is no function '{token.text}'",
                ELSEWHERE.get(token.text)
                or (f"did you mean '{near[0]}'? " if near else "")
                + f"known: {', '.join(sorted(FUNCTIONS))}; a product is written with *",
                token,
            )
        opening = self.advance()
        args = [self.expression(0)]
        while self.token.text == ",":
            self.advance()
            args.append(self.expression(0))
        self.close(opening)
        if len(args) != count:
            self.refuse(
                f"{token.text} takes {count} argument{'s' if count > 1 else ''}, not {len(args)}",
                "max(a, b)" if count > 1 else f"{token.text}(x)",
                token,
            )
        if not is_derivative:
            return apply(token.text, *args)
        self.is_inside = False
        return apply("derivative", args[0], Name(self.by))

    def close(self, opening: Token) -> None:
        self.refuse_missing_operation()
        if self.token.text != ")":
            self.refuse(f"the bracket of character {opening.at + 1} is not closed", "write )")
        self.advance()

    def refuse_missing_operation(self) -> None:
        if self.token.kind in ("number", "name") or self.token.text == "(":
            self.refuse(
                f"an operation is missing before '{self.token.text}'",
                "nothing is implicit: write 2*x and x*(y + 1)",
            )


def _caret(text: str, at: int) -> str:
    return "        " + caret(text, at)

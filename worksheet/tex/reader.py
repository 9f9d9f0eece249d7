r"""TeX -> expression: ordinary lecture TeX, read the way a reader of the page would.

    read(r"\frac{1}{1 + e^{-0.5}}")   ->   divide(1, sum(1, exp(-0.5)))

Knows nothing of traces. Precedence, loosest first: sum, product (a point, a cross, \odot, a slash
or nothing at all between the factors), power, atom (`texatoms`). `\log` is the natural logarithm.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from ..algebra.entries import grid, is_closed, is_matrix, shape
from ..algebra.expression import Apply, Expr, Literal, Name, apply
from ..errors import ReadError, UnvaluedError, caret
from .atoms import RULES, divided, number
from .chains import Chain, chains_of
from .lexer import Token, tokens

DEEPEST = 60  # brackets within brackets, divisions of divisions
_FACTORS = frozenset(
    ["name", "top-name", "word-call", "call", "frac", "(", "[", "{", "env", "indicator", "brace"]
)
COMMA = (
    "a comma stands between two digits",
    "write 1.5 for a decimal number, 1200 for a large one, and a space behind the comma of a list: 1, 5",
)
_E = Name("e")
_END: Token = ("end", "", -1, -1)


@lru_cache(maxsize=4096)
def read(tex: str) -> Expr:
    """The expression a piece of TeX shows. Raises ReadError with the place and a hint."""
    return parse(tex, tokens(tex))


def parse(tex: str, found: list[Token]) -> Expr:
    """The expression that all of `found`, tokens of `tex`, make up."""
    reader = Reader(tex, found)
    try:
        expr = reader.sum()
        if reader.kind != "end":
            reader.refuse(
                *COMMA
                if reader.kind == "in-number"
                else (f"{reader.shown()} was not expected here",)
            )
        if reader.has_list and _has_list(expr):
            raise ReadError("a list stands where a value was expected")
        if is_matrix(expr) and is_closed(expr):
            grid(expr)  # shapes must fit
    except ReadError as error:
        if not error.where:
            reader.refuse(error.message, error.hint)
        raise
    return expr


@lru_cache(maxsize=4096)
def chains(tex: str) -> tuple[Chain, ...]:
    """The chains of a display; a form that cannot be read carries its fault, the others are read.

    Raises ReadError only for a formula that is too long.
    """
    return chains_of(tex, parse)


def read_relations(tex: str) -> list[Chain]:
    """The chains of a display. Raises the ReadError of the first form that cannot be read."""
    found = chains(tex)
    for chain in found:
        for form in chain.forms:
            if form.fault:
                raise form.fault
    return list(found)


class Reader:
    """Recursive descent over the tokens of one form. `kind` and `text` are those of the token in
    view."""

    def __init__(self, tex: str, found: list[Token]):
        self.tex, self.found, self.at, self.depth = tex, [*found, _END], 0, 0
        self.kind, self.text = self.found[0][:2]
        self.has_list = False  # a bracket held entries with commas between them

    def advance(self) -> str:
        """Go to the next token; the text of the one that was in view, or its kind where the text
        says nothing."""
        text = self.text or self.kind
        self.at += 1
        self.kind, self.text, _, _ = self.found[self.at]
        return text

    def skip(self, count: int) -> None:
        """Go past so many tokens."""
        for _ in range(count):
            self.advance()

    def skip_group(self) -> None:
        """Past a group in braces, or past one token."""
        level = 0
        while self.kind != "end":
            level += (self.kind == "{") - (self.kind == "}")
            self.advance()
            if level <= 0:
                return

    def expect(self, kind: str) -> None:
        """Go past a token of this kind. Raises ReadError where another is in view."""
        if self.kind != kind:
            self.refuse(f"'{kind}' was expected, not {self.shown()}")
        self.advance()

    def shown(self) -> str:
        """The token in view as it was typed, in quotes, for messages."""
        _, _, start, end = self.found[self.at]
        return f"'{self.tex[start:end]}'" if start >= 0 else "the end"

    def refuse(self, message: str, hint: str = "", kind: type[ReadError] = ReadError):
        """Raises an error at the token in view, with a caret below the formula: one of `kind`, and
        UnvaluedError where the token itself is what is not worked out."""
        start = self.found[self.at][2]
        start = start if start >= 0 else len(self.tex.rstrip())
        place = caret(self.tex, start)
        if self.kind == "unvalued":
            message, kind = f"{self.shown()} is not worked out here", UnvaluedError
        raise kind(
            message,
            where=f"character {start + 1}",
            hint=f"{hint}\n        {place}" if hint else place,
        )

    def deeper(self) -> None:
        """Count one more bracket within brackets. Raises ReadError for more than DEEPEST."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(
                "the formula is nested too deeply", f"at most {DEEPEST} brackets within brackets"
            )

    # ---- the grammar --------------------------------------------------------------------------

    def sum(self) -> Expr:
        """`a + b - c`: sum(a, b, neg(c)); a term alone is itself."""
        self.deeper()
        terms = [self.product()]
        while self.kind == "+" or self.kind == "-":
            term = self.product() if self.advance() == "+" else apply("neg", self.product())
            terms.append(term)
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Apply("sum", tuple(terms))

    def product(self) -> Expr:
        """Factors from left to right; a sign before a number belongs to the number, any other to
        the product."""
        if self.kind == "-" and (
            self.found[self.at + 1][0] != "num" or self.found[self.at + 2][0] == "^"
        ):
            self.advance()
            self.deeper()
            inner = apply("neg", self.product())
            self.depth -= 1
            return inner
        factors, depth, dotted = [self.factor()], self.depth, set()
        while True:
            kind = self.kind
            if kind == "*":
                self.advance()
                dotted.add(len(factors))
                factors.append(self.factor())
            elif kind in _FACTORS and not self.text.startswith(r"\end"):
                factors.append(self.factor())
            elif kind == "odot":
                self.advance()
                self.deeper()
                factors, dotted = (
                    [apply("hadamard", _multiplied(factors, dotted), self.factor())],
                    set(),
                )
            elif kind == "/":
                self.advance()
                self.deeper()
                factors[-1] = divided(factors[-1], self.factor())
            else:
                break
        self.depth = depth
        return factors[0] if len(factors) == 1 else _multiplied(factors, dotted)

    def factor(self) -> Expr:
        """An atom with its powers; `-0.5` behind a sign (`1.0 - -0.5`) is a number."""
        is_negative = False
        if self.kind == "-" or self.kind == "+":
            is_negative = self.advance() == "-"
            if self.kind != "num" or self.found[self.at + 1][0] == "^":
                self.deeper()
                inner = self.factor()
                self.depth -= 1
                return apply("neg", inner) if is_negative else inner
        expr = number(self, "-" + self.advance()) if is_negative else self.atom()
        depth = self.depth
        while self.kind == "^":
            self.advance()
            self.deeper()
            expr = self.power(expr)
        self.depth = depth
        return expr

    def power(self, base: Expr) -> Expr:
        """`a^b`, with the base read already: exp(b) where that is e, and `A^T` is transpose(A)."""
        ahead = self.at + (self.kind == "{")
        if self.found[ahead][0] == "top" or self.found[ahead][:2] == ("name", "T"):
            self.skip_group()
            return apply("transpose", base)
        exponent = self.argument()
        return apply("exp", exponent) if base == _E else apply("power", base, exponent)

    def argument(self) -> Expr:
        r"""What a command or a script takes: a group, or one token; in `x^2 \cdot 10^{3}` the
        exponent is 2."""
        if self.kind == "num" and len(self.text) > 1:
            self.refuse(
                f"only the first digit of {self.shown()} belongs to what is before it",
                "put it in braces",
            )
        if self.kind == "num":
            digit = self.advance()
            return Literal(Decimal(digit), digit)
        if self.kind not in ("{", "name", "frac"):
            self.refuse(f"{self.shown()} cannot stand here alone", "put it in braces")
        return self.atom()

    def atom(self) -> Expr:
        """What the rule for the token in view gives. Raises ReadError where none begins with it."""
        rule = RULES.get(self.kind)
        if rule is None:
            self.refuse(
                f"{self.shown()} is not known"
                if self.kind == "bad"
                else f"a value was expected, not {self.shown()}"
            )
        return rule(self)


def _multiplied(factors: list[Expr], dotted: set[int]) -> Expr:
    """Matrices side by side multiply, and two columns (or rows) with a sign between them give their
    dot product; `f(a, b)` of an unknown f is a label. dotted: the places of the factors behind a
    sign."""
    together: list[Expr] = []
    for place, factor in enumerate(factors):
        last = together[-1] if together else None
        if type(factor) is Apply and factor.op == "list":
            together[-1:] = [apply("label", last, *factor.args) if type(last) is Name else factor]
        elif last is not None and is_matrix(last) and is_matrix(factor):
            together[-1] = apply(
                "dot" if place in dotted and _are_alike(last, factor) else "matmul", last, factor
            )
        else:
            together.append(factor)
    return together[0] if len(together) == 1 else Apply("product", tuple(together))


def _are_alike(left: Expr, right: Expr) -> bool:
    """Two rows or two columns of the same length."""
    sizes = (
        {shape(grid(left)), shape(grid(right))} if is_closed(left) and is_closed(right) else set()
    )
    return len(sizes) == 1 and min(*sizes) == 1 < max(*sizes)


def _has_list(expr: Expr) -> bool:
    return type(expr) is Apply and (expr.op == "list" or any(_has_list(arg) for arg in expr.args))

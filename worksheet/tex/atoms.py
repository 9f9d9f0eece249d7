r"""The atoms of a formula, one rule each: fractions, calls, brackets, matrices, indicators.

A rule takes the reader (`texreader.Reader`) with its first token in view, and gives the expression.
"""

from __future__ import annotations

from decimal import Decimal

from ..algebra.expression import Apply, Expr, Literal, Name, apply
from ..errors import UnvaluedError

DIGITS = 1200  # of a number; what takes more is worked out too slowly
CLOSING = {"(": ")", "[": "]"}
MATRICES = frozenset(["matrix", "bmatrix", "pmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array"])

# the sign of an indicator's condition: the operation, and whether its operand changes sign
_CONDITIONS = {
    ">": ("positive", False),
    "<=": ("not_positive", False),
    "<": ("positive", True),
    ">=": ("not_positive", True),
}


def number(reader, text: str) -> Literal:
    r"""A number, with its power of ten: `1.2 \times 10^{-5}` is one number of two figures."""
    if len(text) > DIGITS:
        reader.refuse(
            f"a number of {len(text)} digits is too long to work with", f"at most {DIGITS}"
        )
    ahead = reader.found[reader.at : reader.at + 7]
    if (
        reader.kind == "*"
        and ahead[1][1] == "10"
        and [token[0] for token in ahead[1:4]] == ["num", "^", "{"]
    ):
        mantissa, sign = text.lstrip("-"), ahead[4][1] if ahead[4][0] == "-" else ""
        tail = ahead[5:] if sign else ahead[4:]
        power = tail[0][1] if len(tail) > 1 and tail[0][0] == "num" and tail[1][0] == "}" else ""
        if (
            power.isdigit()
            and len(power) < 18
            and mantissa[0] != "0"
            and mantissa[1:2] in ("", ".")
        ):
            reader.skip(6 if not sign else 7)
            return Literal(Decimal(f"{text}E{sign}{power}"), rf"{text} \times 10^{{{sign}{power}}}")
    return Literal(Decimal(text), text)


def bracket(reader) -> Expr:
    r"""( ) and [ ]: a value, or a row of a matrix when its entries stand apart (`[1 \quad -1]`)."""
    closing = CLOSING[reader.advance()]
    entries, apart = [reader.sum()], ""
    while reader.kind in ("quad", "&", ","):
        apart = reader.kind
        while reader.kind in ("quad", "&", ","):
            reader.advance()
        entries.append(reader.sum())
    reader.expect(closing)
    if not apart:
        return entries[0]
    if apart == "," and closing == ")":
        reader.has_list = True
        return Apply("list", tuple(entries))
    return apply("matrix", Apply("row", tuple(entries)))


def group(reader) -> Expr:
    """`{...}`, which stands for what is in it."""
    reader.advance()
    expr = reader.sum()
    reader.expect("}")
    return expr


def fraction(reader) -> Expr:
    r"""`\frac{1}{2}` and `\frac12`."""
    reader.advance()
    text = reader.text
    if reader.kind == "num" and len(text) == 2 and text.isdigit():
        reader.advance()
        return divided(*[Literal(Decimal(digit), digit) for digit in text])
    return divided(reader.argument(), reader.argument())


def divided(over: Expr, under: Expr) -> Expr:
    r"""A quotient; `\partial L / \partial w` is the derivative."""
    if all(type(part) is Name and part.name.startswith(r"\partial") for part in (over, under)):
        return Name(rf"\frac{{{over.name}}}{{{under.name}}}")
    return apply("divide", over, under)


def call(reader) -> Expr:
    r"""A function and its argument: a bracket, or the one factor behind it (`\log \hat{y}`)."""
    op, base = reader.advance(), None
    if op == "sqrt":
        return apply("sqrt", reader.argument())
    if op == "ln" and reader.kind == "_":
        reader.advance()
        base = reader.argument()
    args = _arguments(bracket(reader) if reader.kind in CLOSING else reader.factor())
    return Apply(op, args) if base is None else apply("log", *args, base)


def word_call(reader) -> Expr:
    r"""`\sigma(z)` is a call, `\sigma` alone a name."""
    if reader.found[reader.at + 1][0] in CLOSING:
        return Apply(reader.advance(), _arguments(bracket(reader)))
    shown = reader.shown().strip("'")
    reader.advance()
    return Name(shown)


def _arguments(inner: Expr) -> tuple[Expr, ...]:
    return inner.args if type(inner) is Apply and inner.op == "list" else (inner,)


def indicator(reader) -> Expr:
    r"""`\mathbf{1}(z > 0)` and `\mathbf{1}(z \le 0)`, entry by entry; `\mathbf{1}` alone names a
    column of ones."""
    reader.advance()
    if reader.kind not in CLOSING:
        return Name(r"\mathbf{1}")
    closing = CLOSING[reader.advance()]
    left = reader.sum()
    if reader.kind != "rel" or reader.text not in _CONDITIONS:
        reader.refuse(f"a comparison was expected, not {reader.shown()}", r"one of <, >, \le, \ge")
    op, is_turned = _CONDITIONS[reader.advance()]
    right = reader.sum()
    reader.expect(closing)
    if type(right) is not Literal or right.value:
        left = apply("sum", left, apply("neg", right))
    return apply(op, apply("neg", left) if is_turned else left)


def matrix(reader) -> Expr:
    r"""`\begin{bmatrix} a & b \\ c & d \end{bmatrix}`: matrix(row(a, b), row(c, d)). Raises
    ReadError where the rows differ in length or the environment is no matrix."""
    name = reader.text.partition("{")[2].rstrip("}*")
    if name == "cases":
        reader.refuse("a definition by cases is not worked out here", kind=UnvaluedError)
    if name not in MATRICES or not reader.text.startswith(r"\begin"):
        reader.refuse(f"the environment {name} is not a value")
    reader.advance()
    if name == "array" and reader.kind == "{":
        reader.skip_group()
    rows, entries = [], [reader.sum()]
    while reader.kind in ("&", "row"):
        if reader.advance() == "&":
            entries.append(reader.sum())
            continue
        rows.append(Apply("row", tuple(entries)))
        entries = [] if reader.kind == "env" and reader.text.startswith(r"\end") else [reader.sum()]
    rows += [Apply("row", tuple(entries))] if entries else []
    reader.expect("env")
    if len({len(row.args) for row in rows}) > 1:
        reader.refuse("the rows of the matrix differ in length")
    return Apply("matrix", tuple(rows))


def absolute(reader) -> Expr:
    """`|x|`: abs(x)."""
    reader.advance()
    inner = reader.sum()
    reader.expect("|")
    return apply("abs", inner)


def brace(reader) -> Expr:
    r"""`\underbrace{0.5}_{w}`: the value; what is said about it is left out."""
    reader.advance()
    inner = reader.argument()
    if reader.kind in ("_", "^"):
        reader.advance()
        start = reader.at
        reader.skip_group()
        if {"rel", "num"} <= {token[0] for token in reader.found[start : reader.at]}:
            reader.refuse(
                "what a brace says holds a relation, which is not read",
                "write it as a relation of its own",
            )
    return inner


def computer_number(reader) -> Expr:
    r"""`7e-2` is set as 7 times e, minus 2."""
    front, _, power = reader.text.lower().partition("e")
    reader.refuse(
        f"{reader.shown()} is set as {front} times e, and so on",
        rf"write {front} \cdot 10^{{{power.lstrip('+')}}}",
    )


RULES = {
    "num": lambda reader: number(reader, reader.advance()),
    "name": lambda reader: Name(reader.advance()),
    "top-name": lambda reader: apply("transpose", Name(reader.advance())),
    "(": bracket,
    "[": bracket,
    "{": group,
    "frac": fraction,
    "call": call,
    "word-call": word_call,
    "bad_num": computer_number,
    "indicator": indicator,
    "env": matrix,
    "|": absolute,
    "brace": brace,
}

"""Expression to TeX: one walk, a table of rules.

A rule says how tightly an operation binds and how its operands are joined; brackets follow from
that. A number with a minus sign is put in parentheses wherever it is not the first thing in its
bracket.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..algebra.expression import Apply, Expr, Literal, Name, leaves, names
from ..algebra.laws import ACTIVATIONS
from ..numbers.numerals import numeral
from .notation import MULTIPLY, Symbols

SUM, PRODUCT, POWER, ATOM = range(1, 5)

# what binds how tightly; everything else is an atom (a fraction, a call, a matrix has its own
# brackets)
BINDING = {
    "sum": SUM,
    "neg": SUM,
    "product": PRODUCT,
    "matmul": PRODUCT,
    "hadamard": PRODUCT,
    "power": POWER,
    "exp": POWER,
    "transpose": POWER,
}

CALLS = {law.op: law.symbol for law in ACTIVATIONS.values()} | {
    op: "\\" + op for op in ("max", "sin", "cos", "tan")
}


@dataclass(frozen=True)
class Style:
    """How one document writes mathematics: its symbols, whether `1.0 - -0.2` is left raw, the TeX
    of the numbers that are left blank (None for the others), and whether factors stand side by side
    (`3x^2`) where nothing but a number could be misread. `is_flat`: one line high, `1/(1 +
    \\exp(-0.5))`, with derivatives on a slash, as in the rows of a table."""

    symbols: Symbols
    negatives: str = "parentheses"
    blank: Callable[[Literal], str | None] = lambda literal: None
    is_beside: bool = False
    is_flat: bool = False


def tex(expr: Expr, style: Style) -> str:
    """The TeX of an expression, starting at a place where a leading minus needs no brackets."""
    return _walk(expr, style, SUM, True)


def _walk(expr: Expr, style: Style, binding: int, leads: bool) -> str:
    """`binding`: how tightly the surroundings bind. `leads`: nothing stands to the left in this
    bracket."""
    kind = type(expr)
    if kind is Literal:
        if blank := style.blank(expr):
            return _bracketed(blank) if binding == POWER else blank
        is_far = "e" in expr.text
        is_safe = not (
            expr.text[0] == "-"
            and not leads
            or binding == POWER
            and (is_far or expr.text[0] == "-")
        )
        text = (
            numeral(expr.text, MULTIPLY[style.symbols.notation.multiply]) if is_far else expr.text
        )
        return text if is_safe else f"({text})"
    if kind is not Apply:
        text = flat(style.symbols(expr.name)) if style.is_flat else style.symbols(expr.name)
        return (
            _bracketed(text)
            if binding == POWER and ("^" in text or "frac" in text or "/" in text)
            else text
        )
    own = (FLAT_BINDING if style.is_flat else BINDING).get(expr.op, ATOM)
    if expr.op == "neg" and type(expr.args[0]) is not Apply:
        if type(expr.args[0]) is Literal and not expr.args[0].value:
            return expr.args[0].text.lstrip("-")  # what is shown as zero has no sign
        if leads and binding == PRODUCT:
            return RULES["neg"](expr, style, True)  # -a b is what (-a) b is
    if (
        own < binding
        or binding == POWER
        and (own == POWER or expr.op == "divide")
        or expr.op == "neg"
        and not leads
    ):
        return _bracketed(_rule(expr, style)(expr, style, True))
    return _rule(expr, style)(expr, style, leads)


def _rule(expr: Apply, style: Style) -> Callable[[Apply, Style, bool], str]:
    return style.is_flat and FLAT.get(expr.op) or RULES.get(expr.op) or _call


def flat(text: str) -> str:
    r"""The TeX of a symbol one line high: `\frac{\partial L}{\partial w}` as `\partial L/\partial
    w`; dL/dw, which could be read as a product, stays a fraction, and a large one."""
    return _GRADIENT.sub(r"\1/\2", text).replace(r"\frac", r"\dfrac")


def _bracketed(text: str) -> str:
    """Parentheses, or square brackets around parentheses; tall contents get tall ones."""
    opening, closing = ("[", "]") if "(" in text.replace("^{(", "") else ("(", ")")
    if r"\frac" in text or r"\begin" in text:
        return rf"\left{opening}{text}\right{closing}"
    return f"{opening}{text}{closing}"


def _sum(expr: Apply, style: Style, leads: bool) -> str:
    parts = [_walk(expr.args[0], style, SUM, leads)]
    for arg in expr.args[1:]:
        if isinstance(arg, Apply) and arg.op == "neg":
            inner = arg.args[0]
            is_raw = style.negatives == "raw" and isinstance(inner, Literal)
            parts.append(f"- {_walk(inner, style, PRODUCT, is_raw)}")
        else:
            parts.append(f"+ {_walk(arg, style, SUM, False)}")
    return " ".join(parts)


def _product(expr: Apply, style: Style, leads: bool) -> str:
    sign = f" {MULTIPLY[style.symbols.notation.multiply]} "
    text = _walk(expr.args[0], style, PRODUCT, leads)
    for left, right in zip(expr.args, expr.args[1:]):
        factor = _walk(right, style, PRODUCT, False)
        is_beside = (
            _is_before_log(left, right)
            or _is_before_gradient(left, right, factor)
            or style.is_beside
            and _is_clear(left, right, factor)
        )
        is_close = _touches(left, right) and not (
            style.is_flat and isinstance(left, Apply) and left.op == "divide"
        )  # 1/2(a + b) could be 1/(2(a + b))
        text += ("" if is_close else " " if is_beside else sign) + factor
    return text


def _touches(left: Expr, right: Expr) -> bool:
    """`a(1 - a)`: a bracketed sum right behind a number, a name or a fraction."""
    is_bracketed = (
        _is_sum(right)
        or isinstance(right, Apply)
        and right.op == "power"
        and _is_sum(right.args[0])
    )
    return is_bracketed and (not isinstance(left, Apply) or left.op in ("divide", "neg", "sum"))


def _is_sum(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "sum"


def _is_zero_times(expr: Expr) -> bool:
    """`0 \\cdot w`, which a minus would make a negative zero of."""
    return (
        isinstance(expr, Apply)
        and expr.op == "product"
        and isinstance(expr.args[0], Literal)
        and not expr.args[0].value
    )


def _is_before_log(left: Expr, right: Expr) -> bool:
    """`y \\ln(\\hat{y})`: symbols before a logarithm need no multiplication sign."""
    is_log = isinstance(right, Apply) and right.op == "ln"
    return is_log and (
        isinstance(left, Name)
        or isinstance(left, Apply)
        and any(
            isinstance(arg, Apply) and isinstance(arg.args[0], Name) or isinstance(arg, Name)
            for arg in left.args
        )
    )


def _is_before_gradient(left: Expr, right: Expr, factor: str) -> bool:
    """`\\alpha \\frac{\\partial L}{\\partial w}`: a rate and its gradient stand together."""
    return (
        isinstance(left, Name)
        and isinstance(right, Name)
        and left.name in ("alpha", "eta")
        and r"\partial" in factor
    )


def _is_clear(left: Expr, right: Expr, factor: str) -> bool:
    """`3x^2`, `x e^x`: what follows has a name in it and begins with no bracket, no two names meet,
    no factor is 0 or 1, and no operator waits for its operand."""
    return (
        bool(names(right))
        and factor[0] not in "(0123456789["
        and not factor.startswith((r"\frac{d}", r"\frac{\partial}"))
        and not factor.startswith(r"\left")
        and not (isinstance(right, Apply) and right.op == "divide")
        and not _is_sum(left)
        and not (isinstance(left, Name) and isinstance(right, Name))
        and not (isinstance(left, Literal) and left.value in (0, 1))
        and not (isinstance(left, Apply) and left.op in ("derivative", "partial", "neg"))
    )


def _derivative(expr: Apply, style: Style, leads: bool) -> str:
    inside, by = (tex(arg, style) for arg in expr.args)
    operator = (
        rf"\frac{{d}}{{d{by}}}"
        if expr.op == "derivative"
        else rf"\frac{{\partial}}{{\partial {by}}}"
    )
    return operator + _bracketed(inside)


def _power(expr: Apply, style: Style, leads: bool) -> str:
    base, exponent = expr.args
    return f"{_walk(base, style, POWER, False)}^{_script(exponent, style)}"


def _is_open(expr: Expr, style: Style) -> bool:
    """Whether something within is left blank: it is written on the line, not into an exponent."""
    return any(isinstance(leaf, Literal) and style.blank(leaf) for leaf in leaves(expr))


def _script(expr: Expr, style: Style) -> str:
    text = tex(expr, style)
    return text if len(text) == 1 else f"{{{text}}}"


def _matrix(expr: Apply, style: Style, leads: bool) -> str:
    # fractions keep their size inside a matrix
    rows = [
        " & ".join(tex(entry, style).replace(r"\frac", r"\dfrac") for entry in row.args)
        for row in expr.args
    ]
    has_fractions = any(r"\dfrac" in row for row in rows)
    return (
        r"\begin{bmatrix} "
        + (r" \\[0.6em] " if has_fractions else r" \\ ").join(rows)
        + r" \end{bmatrix}"
    )


def _matmul(expr: Apply, style: Style, leads: bool) -> str:
    return " ".join(_walk(arg, style, PRODUCT, leads and not i) for i, arg in enumerate(expr.args))


def _hadamard(expr: Apply, style: Style, leads: bool) -> str:
    return r" \odot ".join(
        _walk(arg, style, PRODUCT, leads and not i) for i, arg in enumerate(expr.args)
    )


def _transposed(text: str) -> str:
    return (f"{{{text}}}" if "^" in text or r"\begin" in text else text) + r"^{\top}"


def _call(expr: Apply, style: Style, leads: bool) -> str:
    inside = ", ".join(tex(arg, style) for arg in expr.args)
    tall = r"\begin" in inside or r"\frac" in inside
    return CALLS[expr.op] + (rf"\left({inside}\right)" if tall else f"({inside})")


RULES: dict[str, Callable[[Apply, Style, bool], str]] = {
    "sum": _sum,
    "neg": lambda expr, style, leads: (
        "-"
        + (
            _bracketed(tex(expr.args[0], style))
            if _is_zero_times(expr.args[0])
            else _walk(expr.args[0], style, PRODUCT, False)
        )
    ),
    "product": _product,
    "divide": lambda expr, style, leads: (
        rf"\frac{{{tex(expr.args[0], style)}}}{{{tex(expr.args[1], style)}}}"
    ),
    "power": _power,
    "exp": lambda expr, style, leads: (
        rf"\exp{_parenthesised(expr, style)}"
        if _is_open(expr, style)
        else f"e^{_script(expr.args[0], style)}"
    ),
    "ln": lambda expr, style, leads: rf"\{style.symbols.notation.log}{_parenthesised(expr, style)}",
    "derivative": _derivative,
    "partial": _derivative,
    "sqrt": lambda expr, style, leads: rf"\sqrt{{{tex(expr.args[0], style)}}}",
    "abs": lambda expr, style, leads: rf"\left|{tex(expr.args[0], style)}\right|",
    "positive": lambda expr, style, leads: rf"\mathbf{{1}}({tex(expr.args[0], style)} > 0)",
    "not_positive": lambda expr, style, leads: rf"\mathbf{{1}}({tex(expr.args[0], style)} \le 0)",
    "matrix": _matrix,
    "matmul": _matmul,
    "hadamard": _hadamard,
    "transpose": lambda expr, style, leads: _transposed(_walk(expr.args[0], style, ATOM, True)),
}


def _parenthesised(expr: Apply, style: Style) -> str:
    inside = tex(expr.args[0], style)
    return rf"\left({inside}\right)" if r"\begin" in inside or r"\frac" in inside else f"({inside})"


# what a formula that is one line high writes otherwise
FLAT: dict[str, Callable[[Apply, Style, bool], str]] = {
    "divide": lambda expr, style, leads: (
        f"{_walk(expr.args[0], style, PRODUCT, leads)}/{_walk(expr.args[1], style, POWER, False)}"
    ),
    "exp": lambda expr, style, leads: rf"\exp({tex(expr.args[0], style)})",
}
FLAT_BINDING = {op: binding for op, binding in BINDING.items() if op != "exp"} | {"divide": PRODUCT}
_D = r"\{(\\partial (?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_GRADIENT = re.compile(rf"\\frac{_D}{_D}")


# ---- long lines
# -----------------------------------------------------------------------------------

LINE = 74  # characters as seen that fit beside a left side on a page

_UNSEEN = re.compile(
    r"\\frac\{\\partial[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\\(?:left|right|mathrm|begin|end)|\\[a-zA-Z]+|[{}^_&\\ ]"
)
_MATRIX = re.compile(r"\\begin\{bmatrix\} ((?:(?!\\begin).)*?) \\end\{bmatrix\}")
_PIECE = re.compile(r"\\begin|\\end|\\left|\\right|[{}()\[\]]| [+-] ")


def width(text: str) -> int:
    """About how many characters of a formula are seen in a line; of a matrix, those of its longest
    row."""
    text = (
        _MATRIX.sub(lambda matrix: max(matrix[1].split(r" \\"), key=len), text)
        if r"\begin" in text
        else text
    )
    return (
        len(_UNSEEN.sub("", text))
        + 4 * text.count(r"\qquad")
        + text.count(r"\cdot")
        + text.count(r"\times")
        + 2 * (text.count(" + ") + text.count(" - "))
    )


def broken(text: str) -> list[str]:
    """A long sum in lines that fit, broken before a plus or minus outside of all brackets."""
    if len(text) <= LINE or width(text) <= LINE:  # it is never wider than its TeX is long
        return [text]
    lines, start, candidate, depth = [], 0, 0, 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece in ("{", "(", "[", r"\begin"):
            depth += 1
        elif piece in ("}", ")", "]", r"\end"):
            depth -= 1
        elif not depth and piece.startswith(" "):
            if candidate and width(text[start : match.start()]) > LINE:
                lines.append(text[start:candidate])
                start = candidate + 1
            candidate = match.start()
    if candidate and width(text[start:]) > LINE:
        lines.append(text[start:candidate])
        start = candidate + 1
    return [*lines, text[start:]]

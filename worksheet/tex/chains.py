r"""A formula as statements: chains of equal forms, in the order of the page.

    z_h &= w_h \cdot x \\ &= 0.5 \cdot 1.0 \\ &= 0.5      one chain with the target z_h and three forms
    w = 1.0 \qquad \alpha = 0.1                           two chains

Statements end at `\quad`, commas, full stops, arrows of implication, joining words and rows. A row
that begins with a relation, or with an operator, goes on with the chain before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..algebra.entries import is_closed
from ..algebra.expression import Apply, Expr, Literal, Name
from ..errors import ReadError
from .atoms import MATRICES
from .lexer import Token, tokens

EQUALITIES = frozenset(["=", "~", "<-"])  # equals, is about, becomes
_OPERATORS = frozenset(["+", "-", "*", "odot", "/"])
_ENDS = [
    "",
    ",",
    "quad",
    "row",
    "stop",
]  # of two separators in a row, the later in this list counts


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One side of a relation. `expr` is None where the TeX cannot be read; then `fault` says why. A
    form is equal to itself alone."""

    tex: str
    start: int
    expr: Expr | None
    is_closed: bool
    fault: ReadError | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Forms with relations between them (`=`, `~` about, `<-` becomes, `<` ...), one fewer than the
    forms.

    `target` is what the chain gives a value to: a name, or a label such as `L(1, 0.65)`, which
    `binds` nothing. The target is forms[0] then. None where the chain begins with a value.
    """

    forms: tuple[Form, ...]
    relations: tuple[str, ...]
    target: str | None
    binds: bool

    @property
    def is_equality(self) -> bool:
        """Whether no relation is any but `=`, `~` and `<-`."""
        return all(relation in EQUALITIES for relation in self.relations)


Parse = Callable[[str, list[Token]], Expr]


def chains_of(tex: str, parse: Parse) -> tuple[Chain, ...]:
    """The chains of a formula; `parse(tex, tokens)` reads one form. A form that cannot be read
    carries its fault."""
    return tuple([_chain(tex, sides, parse) for sides in _statements(tokens(tex))])


# a side is the relation before it ("" before the first) and its tokens
_Side = tuple[str, list[Token]]


def _statements(found: list[Token]) -> list[list[_Side]]:
    """Cut the tokens into statements, and each statement into its sides."""
    statements: list[list[_Side]] = []
    sides: list[_Side] = [("", [])]
    inside: list[str] = []  # the brackets and matrices that are open
    behind = ""  # the separator before the statement
    at, count = 0, len(found)

    def end(separator: str) -> None:
        nonlocal sides, behind
        if (
            separator == "row"
            and (sides[-1][1] or len(sides) > 1)
            and (not sides[-1][1] or sides[-1][1][-1][0] in _OPERATORS)
        ):
            return  # the row breaks off behind an operator
        _add(statements, sides, behind)
        is_empty = sides == [("", [])]
        behind = max(behind, separator, key=_ENDS.index) if is_empty else separator
        sides = [("", [])]

    while at < count:
        token = found[at]
        kind = token[0]
        at += 1
        if kind == "env":
            begins, name = token[1].startswith(r"\begin"), token[1].partition("{")[2].rstrip("*}")
            if begins and (name == "cases" or name in MATRICES and (name != "array" or inside)):
                inside.append("env")
            elif not begins and inside and inside[-1] == "env":
                inside.pop()
            else:  # aligned and its kin only arrange rows
                if (
                    begins
                    and at < count
                    and found[at][0] == "{"
                    and name in ("array", "alignedat", "alignat")
                ):
                    while at < count and found[at][0] != "}":
                        at += 1
                    at += 1
                end("row")
                continue
        elif kind in "([{" and len(kind) == 1:
            inside.append(kind)
        elif kind in ")]}" and len(kind) == 1 and inside:
            inside.pop()
        elif not inside:
            if kind == "," and _is_in_number(found, at):
                sides[-1][1].append(("in-number", *token[1:]))
                continue
            if kind in _ENDS:
                end(kind)
                continue
            if kind == "rel":
                sides.append((token[1], []))
                continue
            if kind == "&":
                if (
                    sides[-1][1]
                    and at < count
                    and found[at][0] != "rel"
                    and (len(sides) > 1 or behind == "quad")
                ):
                    end("quad")
                continue
        elif kind == "row" and inside[-1] != "env":  # a long bracket that goes on in the next row
            while at < count and found[at][0] in ("&", "quad", "row"):
                at += 1
            continue
        sides[-1][1].append(token)
    end("stop")
    return statements


def _is_in_number(found: list[Token], at: int) -> bool:
    """Whether the comma before `at` touches a digit on both sides: 1,5 may be a decimal number, a
    thousand or a list."""
    return (
        1 < at < len(found)
        and found[at - 2][0] == found[at][0] == "num"
        and (found[at - 2][3] == found[at - 1][2] and found[at - 1][3] == found[at][2])
    )


def _add(statements: list[list[_Side]], sides: list[_Side], behind: str) -> None:
    first = sides[0][1]
    goes_on = statements and behind in ("row", "quad")
    if not first and len(sides) == 1:
        return
    if not first and goes_on:
        statements[-1].extend(sides[1:])
    elif first and goes_on and behind == "row" and len(sides) == 1 and first[0][0] in _OPERATORS:
        statements[-1][-1][1].extend(first)
    else:
        statements.append(sides)


def _chain(tex: str, sides: list[_Side], parse: Parse) -> Chain:
    if not sides[0][1]:
        sides = sides[1:]
    forms = tuple([_form(tex, found, parse) for _, found in sides])
    relations = tuple([relation for relation, _ in sides[1:]])
    target, binds = _target(forms[0], sides[0][1]) if relations else (None, False)
    return Chain(forms, relations, target, binds)


def _form(tex: str, found: list[Token], parse: Parse) -> Form:
    if not found:
        return Form("", 0, None, False, ReadError("nothing stands beside the relation"))
    start = found[0][2]
    text = tex[start : found[-1][3]]
    try:
        expr = parse(tex, found)
    except ReadError as fault:
        return Form(text, start, None, False, fault)
    return Form(text, start, expr, is_closed(expr))


def _target(form: Form, found: list[Token]) -> tuple[str | None, bool]:
    """A name is bound; `L(1, 0.65)`, `f(2)` and `f'(x)` are labels: a name and a bracket of names
    and numbers."""
    expr = form.expr
    if type(expr) is Name:
        return expr.name, True
    is_call = (
        len(found) > 2 and found[0][0] == "name" and found[1][0] == "(" and found[-1][0] == ")"
    )
    if (
        is_call
        and type(expr) is Apply
        and expr.op in ("label", "product")
        and all(type(arg) in (Name, Literal) for arg in expr.args)
    ):
        return "".join(form.tex.split()), False
    return None, False

"""What a printed form is: a number, a vector with entries, a formula with numbers in the places of
its names; and one that does not hold."""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.expression import Apply, Expr, Literal, Name


@dataclass(frozen=True, slots=True)
class Finding:
    """A printed part that does not hold: the line of the Markdown, what is there, what should be.
    `of`: the left side of its chain."""

    line: int
    printed: str
    expected: str
    message: str
    of: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def is_number(expr: Expr) -> bool:
    """A number, or a matrix of numbers: what a name can stand for."""
    if type(expr) is Literal:
        return True
    return (
        type(expr) is Apply
        and expr.op in ("matrix", "row", "neg")
        and all(is_number(arg) for arg in expr.args)
    )


def components(name: str, expr: Expr) -> dict[str, Expr]:
    r"""The entries of a vector under their own names: `\hat{y}` gives `\hat{y}_1`, `h^{(1)}` gives
    `h_1^{(1)}`."""
    base, hat, layer = name.partition("^")
    if type(expr) is not Apply or expr.op != "matrix" or "_" in base or "frac" in base:
        return {}
    entries = [entry for row in expr.args for entry in row.args]
    is_vector = len(expr.args) in (1, len(entries))
    return (
        {f"{base}_{place}{hat}{layer}": entry for place, entry in enumerate(entries[:9], 1)}
        if is_vector
        else {}
    )


def substitutes(formula: Expr, numbers: Expr) -> bool:
    """Whether `numbers` is the formula with a number, or a matrix, in the place of each name."""
    if type(formula) is Name:
        return is_number(numbers)
    if type(formula) is Literal:
        return type(numbers) is Literal
    if type(numbers) is not Apply or len(formula.args) != len(numbers.args):
        return False
    same = formula.op == numbers.op or (formula.op, numbers.op) in (
        ("product", "matmul"),
        ("product", "dot"),
    )
    return same and all(substitutes(a, b) for a, b in zip(formula.args, numbers.args))

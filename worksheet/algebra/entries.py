"""Values of closed expressions, and a matrix expression as the grid of its scalar entries.

    W x + b   ->   ((sum(sum(w11 x1, w12 x2), b1),), (sum(sum(w21 x1, w22 x2), b2),))

So every law about numbers (does one printed form follow from another?) holds for matrices
entry by entry, and a matrix product can be compared with written-out row sums. A 1 x 1 matrix
and its entry are the same thing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal

from ..errors import ReadError
from ..numbers.number import CONTEXT
from .expression import ARITHMETIC, Apply, Expr, Literal, Name

ZERO, ONE = Decimal(0), Decimal(1)
LEAKY_SLOPE = Decimal("0.01")  # the slope when leaky ReLU is written without one
Grid = tuple[tuple[Expr, ...], ...]


class NotScalar(Exception):
    """The expression has matrices in it: look at its grid instead."""


# ---- scalar functions, 50 digits, stable for large |z| ------------------------------------------

exp, ln = ARITHMETIC["exp"], ARITHMETIC["ln"]


def sigmoid(z: Decimal) -> Decimal:
    """1/(1 + e^{-z}); written e^z/(1 + e^z) below zero, so that no power overflows."""
    small = exp(z.copy_abs().copy_negate())
    return CONTEXT.divide(ONE if z >= 0 else small, CONTEXT.add(ONE, small))


def tanh(z: Decimal) -> Decimal:
    """(e^z - e^{-z})/(e^z + e^{-z}); for small z with guard digits, because e^z - e^{-z} cancels."""
    guard = Context(prec=CONTEXT.prec + 10 + 2 * max(0, -z.adjusted() if z else 0))
    small = guard.exp(guard.multiply(-2, z.copy_abs()))
    return CONTEXT.plus(
        guard.divide(guard.subtract(ONE, small), guard.add(ONE, small)).copy_sign(z)
    )


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """base^exponent; a broken exponent goes through e^{exponent ln(base)}, many times faster than
    Decimal's own."""
    if base > 0 and exponent != exponent.to_integral_value():
        return exp(CONTEXT.multiply(exponent, ln(base)))
    return ARITHMETIC["power"](base, exponent)


def leaky_relu(z: Decimal, slope: Decimal = LEAKY_SLOPE) -> Decimal:
    """z where z > 0, else slope z."""
    return z if z > 0 else CONTEXT.multiply(slope, z)


FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    **ARITHMETIC,
    "exp": exp,
    "ln": ln,
    "power": power,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "leaky_relu": leaky_relu,
    "log": lambda argument, base: CONTEXT.divide(ln(argument), ln(base)),
    "relu": lambda z: z if z > 0 else ZERO,
    "softmax": lambda z: ONE,  # of a single number; of a column see `grid`
}
EXACT = FUNCTIONS | {
    "fraction": FUNCTIONS["divide"]
}  # of formulas as they are made, before they are printed


def value(expr: Expr) -> Decimal:
    """The value of a closed scalar expression at 50 digits.

    Raises NotScalar where a matrix occurs, KeyError(name) for a name, ArithmeticError where there
    is no value.
    """
    kind = type(expr)
    if kind is Literal:
        return expr.value
    if kind is Name:
        raise KeyError(expr.name)
    op, args = expr.op, expr.args
    if op == "product":
        total, *others = [value(arg) for arg in args]
        for other in others:  # 0 ln(0) is 0, its limit
            total = CONTEXT.multiply(total, other) if total and other else ZERO
        return total
    if op == "sum":
        total = value(args[0])
        for arg in args[1:]:
            total = CONTEXT.add(total, value(arg))
        return total
    function = FUNCTIONS.get(op)
    if function is None:
        raise NotScalar(op)
    return function(*[value(arg) for arg in args])


def is_closed(expr: Expr) -> bool:
    """Only literals: nothing is named, and no function is called that has no value yet."""
    if type(expr) is not Apply:
        return type(expr) is Literal
    if expr.op == "label":
        return False
    for arg in expr.args:
        if type(arg) is not Literal and not is_closed(arg):
            return False
    return True


# ---- matrices -----------------------------------------------------------------------------------


def grid(expr: Expr) -> Grid:
    """The entries of a matrix expression, each a scalar expression; a scalar is a 1 x 1 grid.

    Raises ReadError where shapes do not fit.
    """
    if type(expr) is not Apply:
        return ((expr,),)
    op, args = expr.op, expr.args
    if op == "matrix":
        return tuple([row.args for row in args])
    if op == "transpose":
        return tuple(zip(*grid(args[0])))
    if op in ("product", "matmul", "dot"):
        total = grid(args[0])
        for arg in args[1:]:
            total = _multiply(total, grid(arg), may_dot=op != "matmul")
        return total
    if op == "softmax":
        column = grid(args[0])
        powers = Apply("sum", tuple([Apply("exp", (entry,)) for row in column for entry in row]))
        return tuple(
            [
                tuple([Apply("divide", (Apply("exp", (entry,)), powers)) for entry in row])
                for row in column
            ]
        )
    return _entrywise("product" if op == "hadamard" else op, [grid(arg) for arg in args])


def shape(entries: Grid) -> tuple[int, int]:
    """(rows, columns) of a grid."""
    return len(entries), len(entries[0])


def is_matrix(expr: Expr) -> bool:
    """Certainly a matrix: something with entries, not a name whose shape is not known."""
    if type(expr) is not Apply:
        return False
    return (
        expr.op in ("matrix", "matmul")
        or expr.op != "dot"
        and any([is_matrix(arg) for arg in expr.args])
    )


def _entrywise(op: str, grids: list[Grid]) -> Grid:
    """One operation on entries in the same place; a number goes with every entry, as in `h \\odot
    (1 - h)`."""
    shapes = {shape(entries) for entries in grids} - {(1, 1)}
    if len(shapes) > 1:
        raise ReadError(
            f"the shapes {' and '.join(_spell(s) for s in sorted(shapes))} do not fit in a {op}"
        )
    rows, columns = shapes.pop() if shapes else (1, 1)
    wide = [
        entries if shape(entries) == (rows, columns) else (entries[0] * columns,) * rows
        for entries in grids
    ]
    return tuple(
        [
            tuple([Apply(op, tuple([entries[i][j] for entries in wide])) for j in range(columns)])
            for i in range(rows)
        ]
    )


def _multiply(left: Grid, right: Grid, may_dot: bool = False) -> Grid:
    """Matrix product; a 1 x 1 factor scales; with `may_dot` two rows or two columns give their dot
    product."""
    (rows, inner), (height, columns) = shape(left), shape(right)
    if (rows, inner) == (1, 1) or (height, columns) == (1, 1):
        return _entrywise("product", [left, right])
    if inner != height:
        if not may_dot or (rows, inner) != (height, columns) or 1 not in (rows, inner):
            raise ReadError(
                f"a {rows} by {inner} matrix cannot multiply a {height} by {columns} matrix",
                hint="the columns of the first must be as many as the rows of the second",
            )
        flat = [entry for row in left for entry in row]
        return _multiply((tuple(flat),), tuple([(entry,) for row in right for entry in row]))
    return tuple([tuple([_dot(row, column) for column in zip(*right)]) for row in left])


def _dot(row: tuple[Expr, ...], column: tuple[Expr, ...]) -> Expr:
    products = [Apply("product", pair) for pair in zip(row, column)]
    return products[0] if len(products) == 1 else Apply("sum", tuple(products))


def _spell(size: tuple[int, int]) -> str:
    return f"{size[0]} by {size[1]}"

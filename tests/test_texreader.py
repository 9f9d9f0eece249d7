"""TeX to expressions: examples in tests/cases/tex.md; laws with a printer of TeX written here."""

from __future__ import annotations

from fractions import Fraction

import pytest
from documents import Case, cases, check
from hypothesis import given
from hypothesis import strategies as st

from worksheet.algebra.expression import Apply, Expr, Literal, Name, leaves
from worksheet.errors import ReadError
from worksheet.tex.lexer import LONGEST
from worksheet.tex.reader import chains, read, read_relations


def spelt(expr: Expr) -> str:
    """The tree of an expression on one line."""
    if isinstance(expr, Name):
        return f"<{expr.name}>"
    return (
        expr.text if isinstance(expr, Literal) else f"{expr.op}({', '.join(map(spelt, expr.args))})"
    )


def outcome(line: str) -> str:
    try:
        return spelt(read(line))
    except ReadError as error:
        return f"{error.where}: {error.message}"


@pytest.mark.parametrize("case", cases("tex.md"), ids=str)
def test_formulas(case: Case, update: bool):
    check(case, "\n".join(outcome(line) for line in case.given.splitlines()), update)


def chain_texts(tex: str) -> list[tuple[str | None, list[str]]]:
    return [(chain.target, [form.tex for form in chain.forms]) for chain in chains(tex)]


@pytest.mark.parametrize(
    "tex, expected",
    [
        (
            r"z_h &= w_h \cdot x \\ &= 0.5 \cdot 1.0 \\[1em] &= 0.5",
            [("z_h", ["z_h", r"w_h \cdot x", r"0.5 \cdot 1.0", "0.5"])],
        ),
        (
            r"\begin{array}{l} z = 0.5 \cdot 1 \\ z = 0.5 \end{array}",
            [("z", ["z", r"0.5 \cdot 1"]), ("z", ["z", "0.5"])],
        ),
        (
            r"w = 1.0 \qquad \alpha = 0.1, \quad y = 1.",
            [("w", ["w", "1.0"]), (r"\alpha", [r"\alpha", "0.1"]), ("y", ["y", "1"])],
        ),
        (
            r"e^{0.5} \approx 1.65 \quad \Rightarrow \quad h \approx \frac{1}{2.65}",
            [(None, ["e^{0.5}", "1.65"]), ("h", ["h", r"\frac{1}{2.65}"])],
        ),
        (
            r"\text{Here, } \hat{y} = 2, y = 20, \text{ so } g = (2 - 20) = -18.",
            [(r"\hat{y}", [r"\hat{y}", "2"]), ("y", ["y", "20"]), ("g", ["g", "(2 - 20)", "-18"])],
        ),
        (
            r"L(1, 0.65) = -[1 \cdot 2 \\ &\quad + 0] \\ &= 4",
            [("L(1,0.65)", ["L(1, 0.65)", r"-[1 \cdot 2 \\ &\quad + 0]", "4"])],
        ),
        (r"z &= 0.5 \\ &\quad + 0.3 \\ &= 0.8", [("z", ["z", r"0.5 \\ &\quad + 0.3", "0.8"])]),
        (r"z = 0.5 + \\ 0.3", [("z", ["z", r"0.5 + \\ 0.3"])]),
        (r"a &= 1 & b &= 2", [("a", ["a", "1"]), ("b", ["b", "2"])]),
        (r"W = [1 \quad -1], \quad b = 0", [("W", ["W", r"[1 \quad -1]"]), ("b", ["b", "0"])]),
        (r"\hat{y}(1 - \hat{y}) = 0.2", [(None, [r"\hat{y}(1 - \hat{y})", "0.2"])]),
    ],
)
def test_a_display_is_cut_into_chains(tex, expected):
    assert chain_texts(tex) == expected


@pytest.mark.parametrize(
    "tex, relations",
    [
        (r"w \leftarrow w - 1 = 2", ("<-", "=")),
        (r"w := 1 \approx 2", ("<-", "~")),
        (r"L_2 < L_1", ("<",)),
    ],
)
def test_relations(tex, relations):
    assert [chain.relations for chain in chains(tex)] == [relations]
    assert read_relations(tex)[0].is_equality == ("<" not in relations)


@pytest.mark.parametrize(
    "tex, target, binds",
    [
        ("L(1, 0.65) = 2", "L(1,0.65)", False),
        ("f'(2) = 2", "f'(2)", False),
        (r"f(x, y) = 2", "f(x,y)", False),
        (r"\hat y = 2", r"\hat{y}", True),
        ("0.5 = 2", None, False),
        (r"\sigma(x) = 2", None, False),
    ],
)
def test_what_a_chain_gives_a_value_to(tex, target, binds):
    (chain,) = chains(tex)
    assert (chain.target, chain.binds) == (target, binds)


def test_one_unreadable_form_does_not_hide_the_others():
    chain, other = chains(r"z = \foo = 0.5 \cdot 1 = 0.5, \quad y = 1")
    assert [form.expr is None for form in chain.forms] == [False, True, False, False]
    assert chain.forms[1].fault.message == r"'\foo' is not known"
    assert other.target == "y"
    with pytest.raises(ReadError, match="not known"):
        read_relations(r"z = \foo")


def test_an_error_points_at_the_place():
    with pytest.raises(ReadError) as caught:
        read(r"0.5 + \foo")
    assert str(caught.value) == (
        "character 7: '\\foo' is not known\n  hint: 0.5 + \\foo\n              ^"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 5000,
        "{" * 5000,
        "1/" * 3000 + "1",
        "-" * 3000 + "1",
        "x" + "^{2" * 500,
        r"\frac{" * 400,
        "[" * 400 + "1",
        r"\frac{d" * 2000,
        r"\sqrt{" * 3000,
        r"1 \odot " * 3000 + "1",
        "x" + "^T" * 3000,
        r"\begin{bmatrix}" * 300,
    ],
    ids=lambda text: text[:12],
)
def test_deep_nesting_is_refused(hostile):
    with pytest.raises(ReadError):
        read(hostile)


def test_a_very_long_formula_is_refused():
    with pytest.raises(ReadError, match="too long"):
        read("1+" * LONGEST)


@given(st.text(alphabet=r"\{}[]()^_&$ .,=+-*/|0123456789exwfracbginL'<>:", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read(text)
    except ReadError as error:
        assert error.message
    chains(text)


# ---- laws: what is printed here is read there
# -----------------------------------------------------

NUMBERS = st.integers(-999, 999).map(lambda n: f"{n / 100:.2f}")
SYMBOLS = {
    "w_o": Fraction(3, 7),
    r"\hat{y}": Fraction(-2, 5),
    "W^{(1)}": Fraction(11, 4),
    r"\frac{\partial L}{\partial z_1}": Fraction(9, 8),
    r"\Delta x": Fraction(1, 3),
}
TREES = st.recursive(
    NUMBERS | st.sampled_from(sorted(SYMBOLS)),
    lambda inner: st.tuples(st.sampled_from("+-*/^n"), inner, inner, st.integers(0, 3)),
    max_leaves=12,
)


def printed(tree, tight: bool = False) -> str:
    """The TeX of a tree, in one of several ways of writing it; `tight` puts what is not a plain
    symbol in brackets."""
    if isinstance(tree, str):
        return f"({tree})" if tight and tree.startswith("-") else tree
    op, left, right, way = tree
    opening, closing = [("(", ")"), (r"\left(", r"\right)"), ("[", "]"), (r"\bigl( ", r" \bigr)")][
        way
    ]
    if op == "+":
        text = f"{printed(left)} + {printed(right, True)}"
    elif op == "-":
        text = f"{printed(left)} - {printed(right, True)}"
    elif op == "*":
        sign = [r" \cdot ", r" \times ", r"\cdot ", r" \, \cdot{} \, "][way]
        text = f"{printed(left, True)}{sign}{printed(right, True)}"
    elif op == "/":
        text = (
            rf"\frac{{{printed(left)}}}{{{printed(right)}}}"
            if way
            else f"({printed(left)}) / ({printed(right)})"
        )
    elif op == "^":
        text = f"({printed(left)})^{'2' if way % 2 else '{2}'}"
    else:
        text = f"-{printed(left, True)}"
    return f"{opening}{text}{closing}" if tight else text


def meant(tree) -> Fraction:
    """The value of a tree, worked out with fractions; ZeroDivisionError where it has none."""
    if isinstance(tree, str):
        return SYMBOLS[tree] if tree in SYMBOLS else Fraction(tree)
    op, left, right, _ = tree
    if op == "n":
        return -meant(left)
    if op == "^":
        return meant(left) ** 2
    a, b = meant(left), meant(right)
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[op]()


FRACTIONS = {
    "sum": lambda *terms: sum(terms),
    "neg": lambda a: -a,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a ** int(b),
}


def valued(expr: Expr) -> Fraction:
    if isinstance(expr, Literal):
        return Fraction(expr.text)
    if isinstance(expr, Name):
        return SYMBOLS[expr.name]
    parts = [valued(arg) for arg in expr.args]
    if expr.op == "product":
        total = Fraction(1)
        for part in parts:
            total *= part
        return total
    return FRACTIONS[expr.op](*parts)


@given(TREES)
def test_what_is_printed_is_read(tree):
    try:
        expected = meant(tree)
    except ZeroDivisionError:
        expected = None
    expr = read(printed(tree))
    if expected is None:
        with pytest.raises(ZeroDivisionError):
            valued(expr)
    else:
        assert valued(expr) == expected


@given(
    st.lists(st.lists(NUMBERS, min_size=2, max_size=3), min_size=1, max_size=3).filter(
        lambda rows: len({*map(len, rows)}) == 1
    ),
    st.sampled_from(["bmatrix", "pmatrix"]),
)
def test_a_matrix_keeps_its_rows(rows, kind):
    body = r" \\ ".join(" & ".join(row) for row in rows)
    expr = read(rf"\begin{{{kind}}} {body} \end{{{kind}}}")
    assert [[entry.text for entry in row.args] for row in expr.args] == rows


@given(TREES)
def test_every_leaf_is_kept_in_its_order(tree):
    def written(part) -> list[str]:
        if isinstance(part, str):
            return [part.lstrip("-")]
        op, left, right, _ = part
        return written(left) + (["2"] if op == "^" else [] if op == "n" else written(right))

    found = [
        leaf.name if isinstance(leaf, Name) else leaf.text.lstrip("-")
        for leaf in leaves(read(printed(tree)))
    ]
    assert found == written(tree)


def test_application_of_an_unknown_function_is_a_label():
    assert read("L(1, 0.65)") == Apply("label", (Name("L"), read("1"), read("0.65")))

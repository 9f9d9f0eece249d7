"""Random formulas as an author types them, and random graphs of them; the same for the same seed.

expression(random, ["x", "y"], depth)  "tanh(x*y) + 2*x"
graph_text(seed)                       a whole spec of the family `formulas`
"""

from __future__ import annotations

import re
from random import Random

# where a function has its values for operands of any size: the argument that keeps it there
SAFE = {"exp": "tanh({})", "ln": "2 + sin({})", "sqrt": "1 + ({})^2", "tan": "tanh({})"}
FUNCTIONS = ("exp", "ln", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "abs")


def expression(random: Random, names: list[str], depth: int) -> str:
    """A formula with finite values wherever its names have values of ordinary size."""
    if depth == 0 or random.random() < 0.15:
        return (
            random.choice(names)
            if random.random() < 0.7
            else random.choice(("2", "3", "0.5", "1.25", "1/3"))
        )
    match random.choice(("+", "-", "*", "*", "/", "^", "neg", "call", "call", "max")):
        case "+" | "-" | "*" as sign:
            return f"({expression(random, names, depth - 1)}) {sign} ({expression(random, names, depth - 1)})"
        case "/":
            return f"({expression(random, names, depth - 1)})/(2 + sin({expression(random, names, depth - 1)}))"
        case "^":
            return f"({expression(random, names, depth - 1)})^{random.choice((2, 3))}"
        case "neg":
            return f"-({expression(random, names, depth - 1)})"
        case "max":
            return f"max({expression(random, names, depth - 1)}, {random.choice(names)}*1.1)"
    function = random.choice(FUNCTIONS)
    return f"{function}({SAFE.get(function, '{}').format(expression(random, names, depth - 1))})"


def graph_text(seed: int) -> str:
    """The spec of graph number `seed`, as YAML: every given is used, every formula leads to the
    last."""
    random = Random(f"graph {seed}")
    givens = [f"w_{k}" for k in range(1, random.randint(2, 4))] + ["x"]
    formulas: list[str] = []
    names = [*givens]
    for k in range(1, random.randint(2, 4)):
        operands = random.sample(names, min(len(names), 2))
        formulas.append(f"q_{k} = {expression(random, operands, 2)} + {operands[0]}*0.5")
        names.append(f"q_{k}")
    formulas.append(
        "L = (" + " + ".join(f"0.{random.randint(1, 9)}*{name}" for name in names) + " - 1)^2/2"
    )
    given = ", ".join(
        f"{name}: {random.choice(('', '-'))}{random.randint(1, 9)}.{random.randint(1, 9)}"
        for name in givens
    )
    policy = random.choice(("carry", "carry", "exact", "named"))
    commit = random.choice(("line", "operation"))
    rate = (
        f"learning_rate: {random.choice(('0.1', '0.01'))}\nepochs: {random.randint(1, 2)}\n"
        if random.random() < 0.8
        else ""
    )
    return (
        f"title: Graph {seed}\nformulas:\n"
        + "".join(f"  - {formula}\n" for formula in formulas)
        + f"given: {{{given}}}\ntrain: [{', '.join(random.sample(givens, random.randint(1, len(givens))))}]\n{rate}"
        f"rounding: {{policy: {policy}, commit: {commit}, places: {random.randint(4, 8)}}}\n"
    )


# the outer functions of a smooth function, with what keeps their operand where they have a value
SMOOTH = {
    "exp": "exp(sin({}))",
    "ln": "ln(2 + ({})^2)",
    "sqrt": "sqrt(1 + ({})^2)",
    "sin": "sin({})",
    "cos": "cos({})",
    "tan": "tan(sin({}))",
    "tanh": "tanh({})",
    "sigmoid": "sigmoid({})",
}


def smooth(random: Random, depth: int) -> str:
    """A function of x that the rules of differentiation know, with a value near every point but 0."""
    if depth == 0:
        return random.choice(
            ("x", "x", "x^2", "x^3", "3*x", "0.5*x", "1", "2", "exp(-x)", "exp(2*x)")
        )
    match random.choice(
        ("+", "-", "*", "*", "/", "^", "neg", "call", "call", "constant", "under", "base")
    ):
        case "+" | "-" | "*" as sign:
            return f"({smooth(random, depth - 1)}) {sign} ({smooth(random, depth - 1)})"
        case "/":
            return f"({smooth(random, depth - 1)})/(2 + sin({smooth(random, 0)}))"
        case "^":
            return f"({smooth(random, depth - 1)})^{random.choice(('2', '3', '5', '-1'))}"
        case "neg":
            return f"-({smooth(random, depth - 1)})"
        case "constant":
            return f"{random.choice(('4', '0.3', '1/2'))}*({smooth(random, depth - 1)})"
        case "under":
            return f"{random.choice(('1', '3'))}/(1 + ({smooth(random, depth - 1)})^2)"
        case "base":
            return f"2^({random.choice(('x', '3*x', '-x'))})"
    return SMOOTH[random.choice(tuple(SMOOTH))].format(smooth(random, depth - 1))


def function_text(seed: int) -> str:
    """The spec of function number `seed`, as YAML."""
    random = Random(f"function {seed}")
    formula = smooth(random, random.randint(1, 3))
    return (
        f"title: Function {seed}\nfunction: f(x) = {formula}\nat: {random.choice(('', '-'))}{random.randint(0, 2)}.{random.randint(1, 9)}\n"
        f"change: {random.choice(('0.1', '0.01', '0.05'))}\n"
        f"rounding: {{policy: {random.choice(('carry', 'carry', 'exact', 'named'))}, commit: {random.choice(('line', 'operation'))}, "
        f"places: {random.randint(4, 8)}}}\n"
    )


def gradient_text(seed: int) -> str:
    """The spec of function number `seed` of two or three variables, as YAML; some without a point,
    some without a change."""
    random = Random(f"gradient {seed}")
    variables = ("x", "y", "w_1")[: random.randint(2, 3)]
    formula = re.sub(
        r"\bx\b", lambda _: random.choice(variables), smooth(random, random.randint(1, 3))
    )
    at = {
        name: f"{random.choice(('', '-'))}{random.randint(0, 2)}.{random.randint(1, 9)}"
        for name in variables
    }
    moved = random.sample(variables, random.randint(1, len(variables)))
    parts = [f"title: Gradient {seed}", f"gradient: f({', '.join(variables)}) = {formula}"]
    if random.random() < 0.85:
        parts.append("at: {" + ", ".join(f"{name}: {value}" for name, value in at.items()) + "}")
        if random.random() < 0.85:
            parts.append(
                "change: {"
                + ", ".join(f"{name}: {random.choice(('0.1', '-0.01', '0.05'))}" for name in moved)
                + "}"
            )
    return "\n".join(
        [
            *parts,
            f"rounding: {{policy: {random.choice(('carry', 'carry', 'exact', 'named'))}, "
            f"commit: {random.choice(('line', 'operation'))}, places: {random.randint(4, 8)}}}",
            "",
        ]
    )


LINKS = (
    "{}*u + {}",
    "{}*u - {}",
    "({} - u)^2/2",
    "u^3 - {}*u",
    "sin({}*u)",
    "cos(u)",
    "tanh(u)",
    "sigmoid({}*u)",
    "exp(-u^2)",
    "sqrt({} + u^2)",
    "ln(2 + u^2)",
    "1/({} + u^2)",
    "u/(2 + sin(u))",
    "u*sigmoid(u)",
    "u^2",
)


def chain_text(seed: int) -> str:
    """The spec of chain number `seed` of two to five links, as YAML; some without a point."""
    random = Random(f"chain {seed}")
    names = ("x", "h", "v", "w_1", "y_hat", "z")[: random.randint(3, 6)]
    links = [
        f"{name} = "
        + re.sub(
            r"\bu\b",
            before,
            random.choice(LINKS).format(
                random.choice(("2", "0.5", "3")), random.choice(("1", "1.5"))
            ),
        )
        for before, name in zip(names, names[1:])
    ]
    at = (
        []
        if random.random() < 0.2
        else [f"at: {{x: {random.choice(('', '-'))}{random.randint(0, 1)}.{random.randint(1, 9)}}}"]
    )
    return "\n".join(
        [
            f"title: Chain {seed}",
            f"chain: [{', '.join(links)}]",
            *at,
            "rounding: {policy: "
            f"{random.choice(('carry', 'carry', 'exact', 'named'))}, commit: {random.choice(('line', 'operation'))}, places: {random.randint(4, 8)}}}",
            "",
        ]
    )

"""Random specs whose numbers have the sizes of real data: ages, prices, distances in metres, pixels
from 0 to 255, shares, millionths.

natural_text(seed)      the same YAML for the same seed; every family in turn, every policy and mode, matrices too
"""

from __future__ import annotations

import re
from random import Random

from random_formulas import expression, smooth
from random_networks import DETAILS, HIDDEN, OUTPUT, flow, rounding

SIZES = ("1e-6", "1e-4", "0.01", "1", "1", "100", "10000", "1000000")  # about as large as
LOSSES = (
    "half-squared-error",
    "half-squared-error",
    "squared-error",
    "mean-squared-error",
    "binary-cross-entropy",
    "categorical-cross-entropy",
)
RATES = ("1", "0.1", "0.01", "0.001", "0.0001", "0.000001", "0.0000001")


def number(random: Random, size: str | None = None) -> str:
    """A number of real data: an age, a price, a pixel, a share, or about as large as `size`."""
    match random.randrange(6) if size is None else 5:
        case 0:
            return str(random.randint(18, 90))
        case 1:
            return f"{random.randint(50, 900)}000"
        case 2:
            return str(random.randint(0, 255))
        case 3:
            return f"{random.random():.3f}"
        case 4:
            return f"{random.choice(('-', ''))}{random.uniform(0, 10):.2f}"
    digits, scale = (
        f"{random.choice(('-', '', ''))}{random.randint(1, 9)}.{random.randint(0, 9)}",
        size or random.choice(SIZES),
    )
    exponent = {"1e-6": -6, "1e-4": -4, "0.01": -2, "1": 0, "100": 2, "10000": 4, "1000000": 6}[
        scale
    ]
    return plain(digits, exponent)


def plain(digits: str, exponent: int) -> str:
    """`1.2` times ten to a power, written out: 0.0000012, 1200000."""
    sign, whole = "-" * digits.startswith("-"), digits.lstrip("-").replace(".", "")
    point = len(digits.lstrip("-").split(".")[0]) + exponent
    if point <= 0:
        return f"{sign}0.{'0' * -point}{whole}"
    return f"{sign}{whole.ljust(point, '0')[:point]}{'.' + whole[point:] if whole[point:] else ''}"


def weight(random: Random) -> str:
    return f"{random.choice(('', '-'))}{random.choice(('0.00', '0.0', '0.', '0.', '1.'))}{random.randint(1, 9)}"


def network(random: Random) -> str:
    style, widths = (
        random.choice(("scalar", "matrix")),
        [random.randint(1, 3) for _ in range(random.randint(2, 4))],
    )
    loss = random.choice(LOSSES)
    last = random.choice(OUTPUT[loss])
    widths[-1] = max(widths[-1], 2) if last == "softmax" else widths[-1]
    layers = []
    for place, (below, units) in enumerate(zip(widths, widths[1:])):
        made = {
            "weights": [[weight(random) for _ in range(below)] for _ in range(units)],
            "activation": last if place == len(widths) - 2 else random.choice(HIDDEN),
        }
        layers.append(
            made
            | ({"bias": [weight(random) for _ in range(units)]} if random.random() < 0.6 else {})
        )
    target = [number(random) for _ in range(widths[-1])]
    if "entropy" in loss:
        hit = random.randrange(widths[-1])
        target = [
            str(int(place == hit)) if loss.startswith("cat") else random.choice("01")
            for place in range(widths[-1])
        ]
    more = {
        "notation": {"style": style},
        "detail": random.choice(DETAILS),
        "epochs": random.choice(("1", "1", "2")),
    }
    return flow(
        {
            "title": "Natural sizes",
            "network": {
                "inputs": [number(random) for _ in range(widths[0])],
                "layers": layers,
                "target": target,
                "loss": loss,
            },
            "learning_rate": random.choice(RATES),
            "rounding": rounding(random),
        }
        | more,
        is_outer=True,
    )


def runs(random: Random) -> str:
    return (
        f"long_run: {random.choice((10, 30))}\nlearning_rates: [{random.choice(RATES)}]\n"
        f"until: {{gradient: {random.choice(('0.001', '0.000001'))}, places: {random.randint(0, 4)}}}\n"
    )


def graph(random: Random) -> str:
    givens = {f"w_{k}": number(random) for k in range(1, random.randint(2, 4))} | {
        "x": number(random),
        "y": number(random),
    }
    formulas, names = [], [*givens]
    for k in range(1, random.randint(2, 4)):
        operands = random.sample(names, 2)
        formulas.append(
            f"q_{k} = {expression(random, operands, random.randint(1, 2))} + {operands[0]}*0.5"
        )
        names.append(f"q_{k}")
    formulas.append(
        "L = (y - ("
        + " + ".join(f"0.{random.randint(1, 9)}*{name}" for name in names if name != "y")
        + "))^2/2"
    )
    trained = random.sample([name for name in givens if name not in "xy"], 1)
    return (
        f"title: Natural sizes\nformulas: [{', '.join(map(repr, formulas))}]\ngiven: {flow(givens)}\n"
        f"train: {flow(trained)}\nrounding: {flow(rounding(random))}\n"
        + (
            f"learning_rate: {random.choice(RATES)}\nepochs: {random.randint(1, 2)}\n"
            + (runs(random) if random.random() < 0.3 else "")
            if random.random() < 0.7
            else ""
        )
    )


def function(random: Random) -> str:
    at, change = number(random), number(random, random.choice(SIZES[:4])).lstrip("-")
    return (
        f"title: Natural sizes\nfunction: f(x) = {smooth(random, random.randint(1, 2))}\nat: {at}\nchange: {change}\n"
        f"rounding: {flow(rounding(random))}\n"
    )


def gradient(random: Random) -> str:
    variables = ("x", "y", "w_1")[: random.randint(2, 3)]
    formula = re.sub(
        r"\bx\b", lambda _: random.choice(variables), smooth(random, random.randint(1, 2))
    )
    change = (
        f"change: {{{variables[0]}: {number(random, random.choice(SIZES[:4]))}}}\n"
        if random.random() < 0.7
        else ""
    )
    return (
        f"title: Natural sizes\ngradient: 'f({', '.join(variables)}) = {formula}'\nat: {flow({name: number(random) for name in variables})}\n{change}"
        f"rounding: {flow(rounding(random))}\n"
    )


VALLEYS = (
    "{a}*{x}^2 + {b}*{y}^2",
    "({x} - {c})^2 + {a}*{y}^2",
    "({c} - {a}*{x}*{y})^2/2",
    "{a}*({x} - {y})^2 + {b}*({x} - {c})^2",
    "({x}^2 + {y} - {c})^2",
    "ln(1 + {x}^2) + {a}*{y}^2",
)


def descent(random: Random) -> str:
    formula = random.choice(VALLEYS).format(
        x="u",
        y="v",
        a=number(random, random.choice(SIZES[2:6])).lstrip("-"),
        b=number(random, random.choice(SIZES[2:6])).lstrip("-"),
        c=number(random).lstrip("-"),
    )
    return (
        f"title: Natural sizes\ndescent: 'L(u, v) = {formula}'\nstart: {{u: {number(random)}, v: {number(random)}}}\nlearning_rate: {random.choice(RATES)}\n"
        f"iterations: {random.randint(1, 3)}\nrounding: {flow(rounding(random))}\n{runs(random)}"
    )


FAMILIES = (network, network, graph, function, gradient, descent)


def natural_text(seed: int) -> str:
    """The spec of problem number `seed`, as YAML."""
    random = Random(f"natural {seed}")
    return FAMILIES[seed % len(FAMILIES)](random)

"""Random networks, as the specs an author might write: any shape, activation, loss, notation,
policy and digits.

    spec_text(seed)  the same YAML for the same seed, on every machine and for years

One line of YAML a network, so that a test that fails prints a spec to run again.
"""

from __future__ import annotations

from random import Random

HIDDEN = ("identity", "sigmoid", "sigmoid", "tanh", "relu", "relu", "leaky-relu")
OUTPUT = {  # loss -> the activations of the last layer that go with it
    "half-squared-error": (*HIDDEN, "softmax"),
    "squared-error": (*HIDDEN, "softmax"),
    "mean-squared-error": (*HIDDEN, "softmax"),
    "binary-cross-entropy": ("sigmoid",),
    "categorical-cross-entropy": ("softmax",),
}
DETAILS = ("full", "normal", "brief")
PROFILE = {
    "learning_rate": ("alpha", "eta"),
    "loss": ("L", "mathcal", "Loss"),
    "multiply": ("cdot", "times"),
    "assign": ("equals", "arrow", "colon-equals"),
    "log": ("ln", "log"),
    "product_order": ("weight-first", "input-first"),
}
ROUNDING = {
    "policy": ("carry", "carry", "exact", "named"),
    "mode": ("half-up", "half-up", "half-even", "truncate"),
    "commit": ("line", "line", "operation"),
    "relation": ("auto", "auto", "equals"),
    "zeros": ("pad", "pad", "strip"),
    "negatives": ("parentheses", "raw"),
    "e": ("symbol-then-digits", "symbol-then-value", "symbol"),
}
KINDS = ("pre_activation", "activation", "prediction", "loss", "gradient", "weight")


def spec_text(seed: int) -> str:
    """The spec of network number `seed`, as YAML."""
    return flow(spec(Random(f"network {seed}")), is_outer=True)


def spec(random: Random) -> dict:
    """A whole spec as dictionaries, lists and texts."""
    style = random.choice(("scalar", "matrix"))
    widths = [
        random.randint(1, 4) for _ in range(random.randint(2, 5))
    ]  # inputs, then a number of units for each layer
    loss = random.choice(tuple(OUTPUT))
    last = random.choice(OUTPUT[loss])
    if last == "softmax":
        widths[-1] = max(widths[-1], 2)
    count = iter(range(1, 200))
    layers = [
        layer(
            random,
            style,
            width,
            below,
            last if index == len(widths) - 1 else random.choice(HIDDEN),
            count,
        )
        for index, (below, width) in enumerate(zip(widths, widths[1:]), start=1)
    ]
    network = {
        "inputs": values(random, "in", widths[0]),
        "layers": layers,
        "target": targets(random, loss, widths[-1]),
        "loss": loss,
    }
    extra = {}
    if style == "scalar" and widths[-1] == 1 and "squared" in loss and random.random() < 0.4:
        extra["gradients"] = "through-prediction"
    return extra | {
        "title": "A random network",
        "network": network,
        "learning_rate": random.choice(("0.1", "0.5", "0.01", "1", "0.05", "0.25")),
        "epochs": random.choice(("1", "1", "2", "3")),
        "rounding": rounding(random),
        "notation": {"style": style} | some(random, PROFILE),
        "gradient_list": random.choice(("true", "false")),
        "detail": random.choice(
            (
                random.choice(DETAILS),
                {
                    phase: random.choice(DETAILS)
                    for phase in ("forward", "backward", "update", "check", "later")
                },
            )
        ),
    }


def some(random: Random, choices: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """About half of the options, each with one of its values."""
    return {option: random.choice(choices[option]) for option in choices if random.random() < 0.6}


def number(random: Random) -> str:
    """A number as authors write them: 0.5, -0.30, 2, 0, 1.25, 1e-3."""
    kind = random.random()
    if kind < 0.08:
        return "0"
    if kind < 0.12:
        return random.choice(("1e-3", "0.001", "-0.004", "-1", "1", "0.0", "1.0", ".5"))
    if kind < 0.25:
        return str(random.randint(-3, 3))
    return (
        f"{random.uniform(-1.5, 1.5):.{random.randint(1, 3)}f}".replace("-0.000", "0.000")
        .replace("-0.00", "0.00")
        .replace("-0.0", "0.0")
    )


def values(random: Random, base: str, size: int) -> dict | list | str:
    """Numbers with names or without."""
    numbers = [number(random) for _ in range(size)]
    if random.random() < 0.4:
        return {f"{base}_{index}": each for index, each in enumerate(numbers, start=1)}
    return numbers[0] if size == 1 and random.random() < 0.5 else numbers


def targets(random: Random, loss: str, size: int) -> dict | list:
    """What the loss asks for: 0 or 1, probabilities, any number."""
    if loss == "binary-cross-entropy":
        return [random.choice("01") for _ in range(size)]
    if loss == "categorical-cross-entropy":
        hit = random.randrange(size)
        return ["1" if index == hit else "0" for index in range(size)]
    return values(random, "t", size)


def layer(random: Random, style: str, width: int, below: int, activation: str, count) -> dict:
    """One layer, as a matrix or unit by unit with names."""
    rows = [[number(random) for _ in range(below)] for _ in range(width)]
    bias = random.choice(("none", "trained", "frozen"))
    made: dict = {"activation": activation}
    if style == "matrix" and random.random() < 0.3:
        letters = {"weights": "W", "z": "s", "a": "v"} | ({"bias": "c"} if bias != "none" else {})
        letters.pop("z" if activation == "identity" else "", None)
        made["symbols"] = {
            part: f"{letter}_{next(count)}"
            for part, letter in letters.items()
            if random.random() < 0.7
        }
    if activation == "leaky-relu" and random.random() < 0.6:
        made["slope"] = random.choice(("0.1", "0.2", "0.05"))
    if bias == "frozen":
        made["frozen_bias"] = "true"
    if random.random() < 0.5:
        made["weights"] = rows if width > 1 or random.random() < 0.5 else rows[0]
        if bias != "none":
            made["bias"] = [number(random) for _ in range(width)]
        return made
    units, is_ragged = (
        [],
        style == "scalar" and random.random() < 0.3,
    )  # some units with a bias, some without
    for index, row in enumerate(rows):
        name = next(count)
        unit = {"a": f"h_{name}", "weights": {f"w_{next(count)}": each for each in row}}
        if activation != "identity":
            unit["z"] = f"z_{name}"
        if bias != "none" and not (is_ragged and index):
            unit["bias"] = {f"b_{name}": number(random)}
        units.append(unit)
    return made | {"units": units}


def rounding(random: Random) -> dict:
    """A policy and its digits: places, significant figures, or both."""
    made: dict = some(random, ROUNDING)
    match random.randrange(4):
        case 0 | 1:
            made["places"] = str(random.randint(2, 8))
        case 2:
            made["significant"] = str(random.randint(2, 6))
        case 3:
            made |= {
                "places": str(random.randint(3, 6)),
                "at_least_significant": str(random.randint(2, 4)),
            }
    for kind in KINDS:
        if random.random() < 0.12:
            made[kind] = random.choice(
                (str(random.randint(3, 8)), {"significant": str(random.randint(3, 6))})
            )
    return made


def flow(value: dict | list | str, is_outer: bool = False) -> str:
    """YAML on one line; the outermost mapping has a line for each key."""
    if isinstance(value, dict):
        pairs = [f"{key}: {flow(each)}" for key, each in value.items()]
        return "\n".join(pairs) + "\n" if is_outer else "{" + ", ".join(pairs) + "}"
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list) else value

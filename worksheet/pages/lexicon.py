"""The words by which a page asserts something of its problem, and which of them each claim allows.
A closed list for each language.

A word of this list stands on a page only within the words of a claim that allows it, or of a
sentence that is true of every problem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

UP = frozenset(
    [
        "rise",
        "rises",
        "rising",
        "rose",
        "risen",
        "increase",
        "increases",
        "increased",
        "increasing",
        "grow",
        "grows",
        "grew",
        "grown",
        "growing",
        "larger",
        "higher",
        "more",
        "greater",
        "bigger",
        "stronger",
        "strongly",
        "steeper",
        "longer",
    ]
)
DOWN = frozenset(
    [
        "fall",
        "falls",
        "falling",
        "fell",
        "fallen",
        "decrease",
        "decreases",
        "decreased",
        "decreasing",
        "shrink",
        "shrinks",
        "shrank",
        "smaller",
        "lower",
        "less",
        "fewer",
        "weaker",
        "shorter",
    ]
)
SAME = frozenset(["same", "unchanged", "equal", "equally", "still", "level"])
SIGNS = {1: frozenset(["positive"]), -1: frozenset(["negative"]), 0: frozenset(["zero"])}
STATES = frozenset(["off", "corner", "saturated", "flat", "exact", "exactly"])
FATES = frozenset(
    [
        "settles",
        "settled",
        "diverges",
        "diverged",
        "converges",
        "oscillates",
        "fro",
        "nearer",
        "nearest",
        "nearly",
        "lowest",
        "wrong",
        "too",
    ]
)
ORDER = frozenset(["first", "second", "third", "last"])
COUNTS = frozenset(
    [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "both",
    ]
)

LAWS = frozenset(
    [
        "sigmoid",
        "hyperbolic",
        "relu",
        "leaky",
        "softmax",
        "identity",
        "squared",
        "entropy",
        "binary",
        "categorical",
    ]
)
WAYS = frozenset(
    [
        "against",
        "along",
        "uphill",
        "downhill",
        "upwards",
        "downwards",
        "adds",
        "subtracts",
        "added",
        "subtracted",
        "inner",
        "outer",
        "vertical",
        "horizontal",
        "opposite",
        "fastest",
        "slowest",
        "most",
        "least",
        "never",
        "always",
        "worse",
        "better",
        "missed",
        "reached",
        "away",
        "towards",
        "without",
    ]
)

LEXICON = (
    LAWS
    | WAYS
    | UP
    | DOWN
    | SAME
    | frozenset().union(*SIGNS.values())
    | STATES
    | FATES
    | ORDER
    | COUNTS
)
ANY = LEXICON


def turned(sign: int) -> frozenset[str]:
    """What may be said of a quantity that went up, went down, or stayed."""
    return {1: UP, -1: DOWN, 0: SAME}[sign]


def words(text: str) -> frozenset[str]:
    """The words of a text, between blanks."""
    return frozenset(text.split())


# how a loss answers to a quantity: it is that quantity that increases or is larger, and the loss
# that does what the sign says
DIRECTIONS = {
    -1: words("increase decreases larger smaller grows falls"),
    1: words("increase increases larger grows too"),
}
VERDICT_CELLS = words("too")
RUNS = {
    "settles": "settles settled too",
    "creeps": "settled still",
    "oscillates": "fro still",
    "diverges": "diverges more too higher steeper longer still",
    "leaves": "too",
}
VERDICTS = {
    "small": "too",
    "right": "steep nearly level",
    "large": "too lower still settles opposite",
    "beyond": "too",
}

LAW_WORDS = {
    "sigmoid": "sigmoid",
    "tanh": "hyperbolic",
    "relu": "relu",
    "leaky-relu": "leaky relu",
    "softmax": "softmax",
    "identity": "identity",
    "half-squared-error": "squared",
    "squared-error": "squared",
    "mean-squared-error": "squared",
    "binary-cross-entropy": "binary entropy",
    "categorical-cross-entropy": "categorical entropy",
}

ALLOWED: dict[str, Callable[..., frozenset[str]]] = {
    # what goes up or down
    "moved": lambda old, new, sign: turned(sign),
    "still": lambda old, new: SAME,
    "moved-by-rounding": lambda old, new, shown, real: turned(real) | words("" if real else "more"),
    "shorter-step": lambda epoch: words("too smaller fallen"),
    "direction": lambda key, sign: DIRECTIONS[sign] | SIGNS[sign] | ALLOWED["nothing"](),
    "directions": lambda keys, sign: {1: words("rises"), -1: words("falls")}[sign],
    "constants": lambda keys: words(""),
    "flat": lambda key, how: {
        "constant": words("zero"),
        "beneath": words("zero"),
        "level": words("level less"),
        "corner": words("corner grows shrinks"),
    }[how],
    "size": lambda one, other, sign: {1: words("larger"), -1: words("smaller")}[sign],
    "shifted": lambda key, text: words("same larger subtracted"),
    "sign": lambda key, sign: (
        SIGNS[sign]
        | {1: words("smaller rises"), -1: words("larger falls"), 0: words("level")}[sign]
    ),
    "sign-by-rounding": lambda key, text: words("exact zero" if text == "0" else "exact"),
    "case": lambda place, sign: (
        SIGNS[sign]
        | {1: words("rise smaller"), -1: words("fall grew larger"), 0: words("level")}[sign]
    ),
    # how much
    "not-zero": lambda key, text: words("exact zero too nearly"),
    "not-zeros": lambda key: words("zero exactly too same"),
    "same": lambda one, other, is_shown: words("same"),
    "longer": lambda one, other: words("more"),
    "times": lambda key, text: words(""),
    "zeros": lambda keys: words("zero same still"),
    "beneath": lambda keys: words("zero still level same"),
    "count": lambda number, what, of: COUNTS,
    # what is tried out
    "nudged": lambda name, sign: {1: words("increase larger"), -1: words("decrease smaller")}[sign],
    "changed": lambda name, sign: {1: words("grow"), -1: words("fall")}[sign],
    "turned": lambda name, actual, predicted: words("too smaller"),
    "foretold": lambda actual, predicted, gap, is_near, sign: (
        words("nearly" if is_near else "too")
        | {1: words("rises rise"), -1: words("falls fall")}[sign]
    ),
    "differs": lambda gap: words("smaller less"),
    "rounding-only": lambda gap: words("exact same"),
    # states of neurons
    "state": lambda keys, state: {
        "corner": words("exactly corner negative relu"),
        "rounded-corner": words("exactly corner negative relu"),
        "off": words("negative off relu"),
        "saturated": words("saturated nearly flat"),
    }[state],
    # how numbers are written
    "rounding": lambda *about: words("last zero exact off more away"),
    "listed": lambda number, is_last: words("last" if is_last else ""),
    # where gradient descent leads
    "goes-on": lambda until, longest: words("same more larger"),
    "fate": lambda rate, fate, swings, updates: (
        words(RUNS[fate]) | VERDICT_CELLS | words("larger" if not updates else "")
    ),
    "rate": lambda rate, verdict: VERDICT_CELLS | frozenset().union(*map(words, RUNS.values())),
    "some-rate": lambda verdict, fate: (
        words(VERDICTS[verdict])
        | words(
            {
                "diverges": RUNS["diverges"],
                "settles": "too nearly level higher smaller" if verdict == "beyond" else "",
            }.get(fate, "")
        )
    ),
    "to-and-fro": lambda course: words("too fro") | words("" if not course else "nearer"),
    "many-lowest": lambda: words("lowest"),
    "figure": lambda name: words(""),
    "nothing": lambda: words(""),
    # what is read from the words themselves
    "of": lambda *names: words("wrong first last two along same added"),
    "about": lambda key, layer: words(""),
    "unit": lambda name: words("adds same sigmoid hyperbolic relu leaky softmax"),
    "law": lambda layers, *names: frozenset().union(*(words(LAW_WORDS[name]) for name in names)),
    "place": lambda what, number: words("same first"),
    "asked": lambda letter, epoch, points, names: words(""),
    "spec": lambda field, number=0: ANY,
    "parts": lambda *parts: words("along"),
    "others": lambda name: words(""),
    "trained": lambda names: words(""),
    "rule": lambda names=(): words("opposite same"),
    "first-number": lambda number: words("first"),
    "differs-by-digits": lambda printed, expected, is_last: words(""),
    "step-of": lambda key, epoch: words(""),
    "together": lambda points: words(""),
    "graded": lambda name, place: words("equal"),
    "blank": lambda name: words(""),
}


def allowed(kind: str, about: tuple[Any, ...]) -> frozenset[str]:
    """The words that a claim may use. Raises KeyError for a kind that there is not."""
    return ALLOWED[kind](*about)

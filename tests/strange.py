"""Strange inputs from sound ones: trees of YAML and JSON with values of other kinds, keys gone,
doubled or exchanged, formulas cut and spliced, class lists and bytes spoilt. The same seed gives
the same input.

    text = strange_yaml(sound, others, Random(7))
"""

from __future__ import annotations

import copy
import json
from io import StringIO
from random import Random
from typing import Any

from ruamel.yaml import YAML


class Raw(str):
    """Written as it is, without quotes."""


NUMBERS = [
    "1e999",
    "-0",
    "0",
    "-1",
    "1e-999",
    ".nan",
    ".inf",
    "-.inf",
    "9" * 40,
    "9" * 3000,
    "0x1F",
    "0o17",
    "017",
    "1_000",
    "1e9",
    "1000000000",
    "1e-29",
    "0.1e-25",
    "-1e9",
    "0.000000000000000000000001",
    "3.0",
    "+5",
    ".5",
    "5.",
    "1e5",
    "12345678901234567890.123",
    "2147483648",
    "1e",
    "--1",
    "0,5",
    "−1",
    "1/3",
    "yes",
    "on",
    "null",
    "~",
    "true",
    "False",
    "2026-11-29",
    "12:30:45",
    "0b11",
    "1e1000000000",
    "50",
    "20",
    "100",
    "999999",
]
TEXTS = [
    "",
    " ",
    "x",
    "\0",
    "\ud800",
    "\u202egnp",
    "\u2028",
    "\u200b",
    "\ufeff",
    "é" * 40,
    "語",
    "🦊",
    "a" * 5000,
    "$x$",
    "$$",
    "$1 = 2$",
    "```",
    "<script>",
    "<!--",
    "-->",
    "<< p >>",
    "<% raw %>",
    "\\end{document}",
    "\\",
    "`",
    "|",
    "#",
    "../../etc/passwd",
    "/",
    ".",
    "..",
    "CON",
    "a/b",
    "a\nb",
    "%s",
    "{0}",
    "__class__",
    "w__1",
    "d",
    "e",
    "dL_dw",
    "L",
    "x_1",
    "alpha",
    "delta",
    "ln",
    "x" * 30,
    "-",
    "=",
    "all",
    "statement",
    "page",
    "linear-chain",
    "one-hidden-neuron",
    "derive-sigmoid",
    "midterm",
    "backpropagation-course",
    "no-such",
    "softmax",
    "relu",
    "binary-cross-entropy",
    "matrix",
    "exact",
    "named",
    "brief",
    "check",
    "loss-decreases",
    "digits",
    "|x| < 1",
    "0 < 1 < 2",
    "x < x",
    "forward",
    "backward",
    "update",
]
PIECES = [
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    "exp(",
    "ln(",
    "sqrt(",
    "abs(",
    "max(",
    "relu(",
    "sigmoid(",
    "tanh(",
    "tan(",
    "d(",
    "0",
    "1",
    "2",
    "0.5",
    "1e5",
    "1e-9",
    "100",
    "x",
    "y",
    "w",
    "L",
    "e",
    "e^",
    "=",
    ",",
    "^2",
    "^(-1)",
    "/0",
    "^0",
    "^^",
    "**",
    "·",
    "²",
    "√",
    "log2(",
    "log(",
    "x^x",
    "0*",
    "^100",
    "^0.5",
    "-x",
    " ",
]
TREES: list[Any] = [
    [],
    {},
    [[]],
    [None],
    {"": 1},
    {"x": {}},
    [1, [2, [3]]],
    {"of": "forward"},
    {"a": 1, "b": 2},
    [[1, 2], [3]],
    {"one_of": []},
    {"from": 1, "to": 0},
    {"integers": {"from": 1, "to": 10**12}},
    {"places": -1},
    {"significant": 0},
    {"spec": "linear-chain"},
    [{}] * 30,
]
SPLICES = [
    "&a [*a, *a]",
    "!!python/object:os.system x",
    "<<: *b",
    "? [a]\n: b",
    "--- ",
    "...",
    "%YAML 1.3",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{{{{",
    "- - - - -",
    "'",
    '"',
    "|\n",
    ">\n",
    "\t",
    "*a",
    "&b",
    "!x",
    "@",
    "`",
    ": :",
    "[" * 3000,
    "{a: " * 500,
    "a: &x [1]\nb: *x\n",
    "\0",
    "\x07",
    "\x85",
    "\ufeff",
    "\ud83d",
    "#" * 300,
    "x" * 300_000,
    "\n" * 2000,
]
CELLS = [
    '"',
    '""',
    "\0",
    "\ufeff",
    "x" * 200,
    "=1+1",
    "a;b",
    "a,b",
    "\t",
    "\r",
    "",
    " ",
    "____",
    "<b>",
    "\\",
    "Ł",
    "🦊",
    "\u202e",
    "é",
    "name",
    "id",
    "-1",
    '"unclosed',
    "a\nb",
]


def strange_yaml(sound: str, others: list[str], random: Random) -> str:
    """A text that was YAML once: one to four changes of its tree, or of its letters."""
    if random.random() < 0.15:
        return strange_text(sound, random, SPLICES)
    tree = tree_of(sound)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        tree = changed(tree, random, others)
    text = written(tree)
    return strange_text(text, random, SPLICES) if random.random() < 0.05 else text


OPTIONS = {
    "rounding": [
        "{policy: exact}",
        "{policy: named, places: 3}",
        "{significant: 2}",
        "{places: 0}",
        "{places: 20}",
        "{mode: truncate, places: 1}",
        "{commit: operation}",
        "{places: 2, at_least_significant: 3}",
        "{relation: equals, zeros: strip, negatives: raw, e: symbol}",
        "{loss: {significant: 12}, gradient: 1}",
    ],
    "notation": [
        "matrix",
        "{multiply: times, assign: arrow, log: log}",
        "{style: matrix, product_order: input-first, learning_rate: eta}",
    ],
    "detail": ["brief", "normal", "{forward: brief, later: full}"],
    "voice": ["{seed: 3}"],
    "glossary": ["true"],
    "epochs": ["2", "3", "0"],
    "iterations": ["1", "5"],
    "long_run": ["0", "10", "2000"],
    "learning_rate": ["1e9", "0.000001", "3", "1e-20"],
    "until": ["{gradient: 10}", "{gradient: 1e-9, places: 0}", "{places: 12}"],
    "over": ["[w_1]", "[w_h, w_o]", "[x]"],
    "learning_rates": ["[0.1, 10]", "[1, 1.0]", "[1e9]"],
    "nudge": ["{w_1: 0.1}", "{w_h: 1e9}", "{w: -0.5}"],
    "ask": [
        "[forward]",
        "[loss, loss]",
        "[{of: forward, choices: 5}]",
        "[{of: backward, choices: 3, points: 2}]",
        "[{of: update, epoch: 2}]",
        "[slope, slope]",
        "[derivative]",
        "[{of: [loss, update], text: 'T $1$'}]",
        "[point]",
        "[gradient]",
        "[{of: slope, choices: 9}]",
    ],
    "fade": ["0", "0.5", "0.99"],
    "gradients": ["through-prediction"],
    "gradient_list": ["true"],
    "at": ["0", "{x: 0}", "-1", "1e9", "{x: 1, y: 1}"],
    "change": ["0", "1e-20", "1e9", "{x: 0.1}"],
    "limits": ["{units: 64, inputs: 64}"],
    "vary": [
        "{given: {integers: {from: 1, to: 3}}}",
        "{weights: {from: -1, to: 1, step: 0.1}}",
        "{at: {one_of: [1, 2]}}",
        "{inputs: {from: 0, to: 0, step: 1}}",
    ],
    "require": ["[no-ties]", "[loss-decreases, parity]", "[{digits: 1}]", "[agree]", "[0 < L < 1]"],
    "title": ["'$x$ & <b>'", "'# | *'"],
    "description": ["'$1 + 1 = 3$'", "'a < b'"],
}
VALUES = [
    "0",
    "0.0",
    "-0",
    "1",
    "-1",
    "1e-25",
    "1e9",
    "-1e9",
    "0.5",
    "0.000001",
    "123456.789",
    "3",
    "1e5",
    "-0.1",
    "0.1",
    "100",
    "2",
    "0.333333333333333333",
    "1000000000",
    "1e-12",
    "20",
]
FUNCTIONS = [
    "exp({})",
    "ln({})",
    "sqrt({})",
    "sin({})",
    "tan({})",
    "tanh({})",
    "sigmoid({})",
    "({})^2",
    "({})^0.5",
    "({})^(-1)",
    "1/({})",
    "-({})",
    "({})*({})",
    "({}) - ({})",
    "exp(exp({}))",
    "({})^100",
    "0*({})",
    "abs({})",
    "max({}, 0)",
    "relu({})",
    "e^({})",
    "({})/2",
    "({}) + 1e-9",
    "1e9*({})",
    "({})^({})",
]


def gentle_yaml(sound: str, random: Random) -> str:
    """A spec that may still be sound: other numbers, other options, a function around a formula."""
    tree = tree_of(sound)
    for _ in range(random.choice((1, 1, 2, 3))):
        ways = list(_ways(tree))
        match random.choice((0, 0, 0, 0, 1, 2, 2)):
            case 0:
                numbers = [(holder, key) for holder, key in ways if isinstance(holder[key], Raw)]
                if numbers:
                    holder, key = random.choice(numbers)
                    holder[key] = Raw(random.choice(VALUES))
            case 1 if isinstance(tree, dict):
                key = random.choice(list(OPTIONS))
                tree[key] = Raw(random.choice(OPTIONS[key]))
            case _:
                formulas = [
                    (holder, key)
                    for holder, key in ways
                    if isinstance(holder[key], str) and "=" in holder[key] and len(holder[key]) < 80
                ]
                if formulas:
                    holder, key = random.choice(formulas)
                    left, _, right = holder[key].partition("=")
                    holder[key] = f"{left}={random.choice(FUNCTIONS).replace('{}', right.strip())}"
    return written(tree)


def strange_json(sound: str, random: Random) -> str:
    """A manifest with one to three fields of another kind, gone, or exchanged."""
    if random.random() < 0.1:
        return strange_text(
            sound, random, ["null", "[", "{", '"', "1e999", "NaN", "[" * 3000, "\0", "0" * 9000]
        )
    tree = json.loads(sound)
    for _ in range(random.choice((1, 1, 2, 3))):
        tree = changed(tree, random, [])
    return json.dumps(tree, default=str)


def strange_rows(sound: str, random: Random) -> bytes:
    """A class list with spoilt cells, lines and encodings."""
    lines = sound.splitlines()
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(lines)) if lines else 0
        match random.randrange(6):
            case 0:
                lines.insert(place, random.choice(CELLS))
            case 1:
                lines[place : place + 1] = []
            case 2:
                lines[place : place + 1] = (
                    [
                        ",".join(
                            random.choice((cell, random.choice(CELLS)))
                            for cell in lines[place].split(",")
                        )
                    ]
                    if lines
                    else []
                )
            case 3:
                lines += lines[place : place + 1] * random.choice((1, 5, 3000))
            case 4:
                lines[place : place + 1] = (
                    [strange_text(lines[place], random, CELLS)] if lines else ["name"]
                )
            case 5:
                lines = [line.replace(",", random.choice(";\t|")) for line in lines]
    text = random.choice(("\n", "\r\n", "\r", "\n\n")).join(lines)
    data = text.encode(
        random.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "shift-jis")),
        "replace" if random.random() < 0.7 else "backslashreplace",
    )
    return (
        bytes(
            random.choice((byte, random.randrange(256))) if random.random() < 0.002 else byte
            for byte in data
        )
        if random.random() < 0.2
        else data
    )


def strange_text(text: str, random: Random, splices: list[str]) -> str:
    """The letters cut, doubled, exchanged, or something put between them."""
    for _ in range(random.randint(1, 3)):
        one, other = sorted(random.randrange(len(text) + 1) for _ in range(2))
        match random.randrange(5):
            case 0:
                text = text[:one] + text[min(other, one + random.randint(1, 40)) :]
            case 1:
                text = text[:one] + random.choice(splices) + text[one:]
            case 2:
                text = text[:other] + text[one : min(other, one + 200)] + text[other:]
            case 3:
                text = (
                    text[:one]
                    + chr(
                        random.choice(
                            (
                                random.randrange(128),
                                random.randrange(0xD800),
                                random.randrange(0xE000, 0x110000),
                            )
                        )
                    )
                    + text[one + 1 :]
                )
            case 4:
                lines = text.splitlines(keepends=True)
                random.shuffle(
                    lines
                ) if random.random() < 0.2 else lines.reverse() if random.random() < 0.2 else lines.append(
                    random.choice(lines or [""])
                )
                text = "".join(lines)
    return text


def changed(tree: Any, random: Random, others: list[str]) -> Any:
    """The same tree with one value, key or branch that is not what it was."""
    tree = copy.deepcopy(tree)
    ways = list(_ways(tree))
    if not ways:
        return random.choice(TREES)
    holder, key = random.choice(ways)
    old, is_map = holder[key], isinstance(holder, dict)
    match random.randrange(11):
        case 0:
            holder[key] = Raw(random.choice(NUMBERS))
        case 1:
            holder[key] = random.choice(TEXTS)
        case 2:
            holder[key] = copy.deepcopy(random.choice(TREES))
        case 3:
            del holder[key]
        case 4 if is_map:
            holder[random.choice((*TEXTS, *map(Raw, NUMBERS[:12])))] = holder.pop(key)
        case 4:
            holder.insert(key, copy.deepcopy(old))
        case 5:
            holder[key] = random.choice(
                ([old], {"x": old}, [old] * random.choice((2, 30)), {random.choice(TEXTS): old})
            )
        case 6:
            another, place = random.choice(ways)
            holder[key], another[place] = copy.deepcopy(another[place]), copy.deepcopy(old)
        case 7 if others:
            theirs = tree_of(random.choice(others))
            if isinstance(theirs, dict) and theirs:
                name = random.choice(list(theirs))
                (
                    holder
                    if is_map and random.random() < 0.3
                    else tree
                    if isinstance(tree, dict)
                    else {}
                )[name] = theirs[name]
        case 8 if isinstance(old, str):
            place = random.randrange(len(old) + 1)
            holder[key] = old[:place] + random.choice(PIECES) + old[place + random.randint(0, 2) :]
        case 9:
            deep: Any = old
            for _ in range(random.choice((3, 12, 18, 25, 200))):
                deep = [deep] if random.random() < 0.5 else {"x": deep}
            holder[key] = deep
        case _ if isinstance(old, str):
            holder[key] = (
                "".join(random.choice(PIECES) for _ in range(random.randint(1, 12)))
                if random.random() < 0.5
                else old * random.choice((2, 50, 4000))
            )
        case _:
            holder[key] = Raw(random.choice(NUMBERS))
    return tree


def _ways(tree: Any):
    """Every place of a tree: what holds it, and under what."""
    stack = [tree]
    while stack:
        holder = stack.pop()
        for key, value in (
            holder.items()
            if isinstance(holder, dict)
            else enumerate(holder)
            if isinstance(holder, list)
            else ()
        ):
            yield holder, key
            stack.append(value)


_TREES: dict[str, Any] = {}


def tree_of(text: str) -> Any:
    """The tree of a sound YAML text, its numbers as they are written."""
    if text not in _TREES:
        _TREES[text] = _as_written(YAML(typ="rt").load(text))
    return copy.deepcopy(_TREES[text])


def _as_written(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_written(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(_as_written, value))
    if isinstance(value, bool) or value is None:
        return Raw({True: "true", False: "false", None: "null"}[value])
    if isinstance(value, str):
        return str(value)
    out = StringIO()
    YAML(typ="rt").dump([value], out)
    return Raw(out.getvalue().strip().removeprefix("-").strip())


def written(tree: Any, depth: int = 0) -> str:
    """A tree as YAML: the first level a key a line, what is within in flow style."""
    if depth == 0 and isinstance(tree, dict):
        return "".join(f"{_scalar(key)}: {_block(value)}\n" for key, value in tree.items())
    return _flow(tree) + "\n"


def _block(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "".join(f"\n  - {_flow(each)}" for each in value)
    return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return (
        value
        if value.replace("-", "").replace("_", "").isalnum()
        and value.isascii()
        and len(value) < 99
        and not value[0].isdigit()
        else json.dumps(value)
    )

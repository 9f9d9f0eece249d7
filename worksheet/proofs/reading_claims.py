r"""Claims that are decided from their own words: whose symbols stand in them, which law, layer,
epoch or step they name, what they quote.

For the weight $w_h$, since ...                  of("w_h"): every symbol that stands alone is that of one of these quantities
rises with $w_1$ and $b$                         directions((dL_dw_1, dL_db), 1): the loss goes up with each, and these are those
two hidden neurons (ReLU)                        law(1, "relu"): the activation of this layer, and no other law
The weights of layer 2 are                       place("layer", 2): there is such a layer, and the words name it
**Step 3.** The products cancel.                 spec("why", 3): the words of the spec
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ..algebra.expression import differentiates
from ..assessment.answer_blanks import without_cells
from ..family import family_of
from ..numbers.number import is_last_digit
from ..numbers.numerals import NUMBER, texts
from ..pages.blanks import BLANK
from ..pages.claims import Key
from ..pages.facts import words
from ..pages.page import Page
from ..tex.notation import GRADIENT, Symbols
from ..tex.writer import flat
from ..trace.backward import partial_name
from .bench import Bench
from .deciding import direction
from .deciding import flat as is_flat
from .inventory import inventory_of

FORMULA = re.compile(r"\$([^$]+)\$")
SAYS = re.compile(
    r"[=<>]|\\approx|\\leftarrow|^[-\d.,() ]+$"
)  # something of its own: a relation, a number, a point
LAWS = {
    "sigmoid": "sigmoid",
    "tanh": "hyperbolic tangent",
    "relu": "ReLU",
    "leaky-relu": "leaky ReLU",
    "softmax": "softmax",
    "identity": "identity",
    "half-squared-error": "half squared error",
    "squared-error": "squared error",
    "mean-squared-error": "mean squared error",
    "binary-cross-entropy": "binary cross-entropy",
    "categorical-cross-entropy": "categorical cross-entropy",
}
NAMED = {called: name for name, called in LAWS.items()}
LAW = re.compile("|".join(sorted(NAMED, key=len, reverse=True)))
LAYERS = re.compile(r"of layer ((?:\d+(?:, | and )?)+)")
ACCEPTED = re.compile(r"\$\[(.*?),\\, (.*?)\]\$")
UNDERLINED = re.compile(r"\\underline\{(.*?)\}_\{\(\d+\)\}")
POINTS = re.compile(r"\*\(([\d.]+) points?\)\*")


def of(bench: Bench, text: str, *about: Any) -> bool:
    """Every symbol that stands alone in the words is that of one of these quantities."""
    symbols = set(_symbols(bench, about))
    return all(symbol in symbols for symbol in _alone(text))


def unit(bench: Bench, text: str, name: str) -> bool:
    """What is said of a neuron names what it takes, its weights and its bias, and what it gives."""
    inputs = list(bench.problem.network.inputs)
    for layer in bench.problem.network.layers:
        for each in layer.units:
            if each.a == name:
                return of(bench, text, name, each.z, *each.weights, *each.bias, *inputs)
        inputs = [each.a for each in layer.units]
    return False


def law(bench: Bench, text: str, layers: tuple[int, ...], *names: str) -> bool:
    """The words name the activation of these layers, or the loss, or both, and no other law; and no
    other layers."""
    network = bench.problem.network
    wanted = [
        *dict.fromkeys(network.layers[layer - 1].activation for layer in layers),
        *[network.loss] * (len(names) > bool(layers)),
    ]
    named = [set(re.findall(r"\d+", each)) for each in LAYERS.findall(text)]
    return list(names) == wanted == list(
        dict.fromkeys(NAMED[each] for each in LAW.findall(FORMULA.sub("", text)))
    ) and all(each == set(map(str, layers)) for each in named)


def directions(bench: Bench, text: str, keys: tuple[Key, ...], sign: int) -> bool:
    """The loss goes up or down with each of the parameters that the words name, by these gradients."""
    return _names(bench, text, keys) and all(direction(bench, key, sign) for key in keys)


def constants(bench: Bench, text: str, keys: tuple[Key, ...]) -> bool:
    """The loss is constant near each of the parameters that the words name."""
    return _names(bench, text, keys) and all(is_flat(bench, key, "constant") for key in keys)


def about(bench: Bench, text: str, key: Key, layer: int) -> bool:
    """What stands above a gradient names the quantity it is by, or its layer; and its layer is that
    of the quantity."""
    found = re.findall(r"layer (\d+)", text)
    return of(bench, text, GRADIENT.fullmatch(key[0])[2]) and (
        not found or found == [str(bench.working(key).layer)] == [str(layer)]
    )


def place(bench: Bench, text: str, what: str, number: int) -> bool:
    """There is a layer, an epoch, an iteration, a step of this number, and it is the one that the
    words name."""
    problem = bench.problem
    first, last = {
        "layer": lambda: (1, len(problem.network.layers)),
        "epoch": lambda: (1, problem.epochs),
        "step": lambda: (1, problem.epochs),
        "form": lambda: (1, max(len(each.steps) for each in bench.trace.derivations)),
    }[what]()
    named = re.findall(rf"\b{'step' if what == 'form' else what}s? (\d+)", text, re.IGNORECASE)
    return first <= number <= last and set(named) == {str(number)}


def asked(
    bench: Bench, text: str, letter: str, epoch: int, points: str, names: tuple[str, ...]
) -> bool:
    """A task asks for these quantities of an epoch, and is worth what it says; words of the
    author's may speak of others."""
    problem = bench.problem
    is_ours = not any(task.text and words(task.text) in text for task in problem.ask)
    numbers = set(re.findall(r"(?:epoch|step) (\d+)", text))
    return (
        text.strip().startswith(f"**({letter})**")
        and POINTS.findall(text) == [points]
        and 1 <= epoch <= problem.epochs
        and (
            not is_ours
            or numbers <= {str(epoch)}
            and of(
                bench,
                text,
                *names,
                *bench.trace.givens,
                *_called(bench, ("name", "tangent", "last", "variable", "variables")),
            )
        )
    )


def together(bench: Bench, text: str, points: str) -> bool:
    """So many points, as many as the words say. That the tasks have them is proved of the page
    (`proofs/table_labels.py`)."""
    return re.findall(r"ogether (\S+) points", text) == [points]


def graded(bench: Bench, text: str, name: str, place: str | int) -> bool:
    """A row of a key is of this quantity, and of this task or blank; an answer that is a number
    lies within what is accepted for it."""
    cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
    symbol = next((match[1] for cell in cells[:2] if (match := FORMULA.search(cell))), "")
    interval = [Decimal(texts(end)) for match in ACCEPTED.findall(cells[-1]) for end in match]
    answer = NUMBER.fullmatch(texts(cells[2].split(")** ")[-1].strip("$"))) if interval else None
    return (
        f"({place})" in cells[:2]
        and "".join(symbol.split()) in _symbols(bench, (name,))
        and (
            answer is None or len(interval) > 2 or interval[0] <= Decimal(answer[0]) <= interval[1]
        )
    )


def spec(bench: Bench, text: str, field: str, number: int = 0) -> bool:
    """The words are those of the spec: a field of it, or the reason of a step with its number."""
    own = bench.problem.steps[number - 1].why if field == "why" else getattr(bench.problem, field)
    written = f"**Step {number}.** {words(own)}" if field == "why" else words(own)
    return text.split() == written.split()


def parts(bench: Bench, text: str, *parts: str) -> bool:
    """Every symbol that stands alone is one of these parts of the problem: its variable, its links,
    its name, ..."""
    symbols = set(_symbols(bench, _called(bench, parts))) | {
        "".join(each.split()) for each in _written(bench, parts)
    }
    return all(symbol in symbols for symbol in _alone(text))


def others(bench: Bench, text: str, name: str) -> bool:
    """The variables that are held while one changes: all the others."""
    return set(_alone(text)) == set(
        _symbols(bench, [each for each in bench.problem.variables if each != name])
    )


def trained(bench: Bench, text: str, names: tuple[str, ...]) -> bool:
    """What gradient descent changes, and nothing else."""
    problem = bench.problem
    return (
        list(names) == list(problem.trained)
        and of(bench, text, *names, problem.loss_name)
        and set(_symbols(bench, names)) <= set(_alone(text))
    )


def rule(bench: Bench, text: str, names: tuple[str, ...] = ()) -> bool:
    """The signs of the rule of gradient descent: any weight, or the only one, the learning rate,
    the slope and the step; and of `names`, all that is moved, those that the words call by name."""
    problem, page = bench.problem, _page(bench)
    plain = page.symbols
    weight = plain(problem.trained[0]) if len(problem.trained) == 1 else "w"
    rate, loss = plain(problem.notation.learning_rate), plain(problem.loss_name)
    slopes = [rf"\frac{{{d}{loss}}}{{{d}{weight}}}" for d in (plain.d, r"\partial ")]
    allowed = {
        "".join(each.split())
        for each in (weight, rate, loss, *slopes, *[f"{rate} {slope}" for slope in slopes])
    }
    return set(_alone(text)) <= allowed | set(_symbols(bench, names)) and list(names) in (
        [],
        list(problem.trained),
    )


def first_number(bench: Bench, text: str, number: int) -> bool:
    """The first form of a derivation in which nothing is left to differentiate."""
    steps = bench.trace.derivations[0].steps
    is_first = not differentiates(steps[number].expr) and all(
        differentiates(step.expr) for step in steps[:number]
    )
    return is_first and re.findall(r"step (\d+)", text) == [str(number)]


def differ(bench: Bench, text: str, printed: str, expected: str, is_last: bool) -> bool:
    """What is printed and what a calculator finds are not the same, and differ in the last digit
    alone, or not."""
    one, other = [Decimal(texts(each)) for each in (printed, expected)]
    return (
        one != other
        and (is_last_digit(one, other) or not is_last)
        and text.count(f"${printed}$") == text.count(f"${expected}$") == 1
    )


def step_of(bench: Bench, text: str, key: Key, epoch: int) -> bool:
    """A step of gradient descent names the parameter and its value, and in full the learning rate
    and the gradient."""
    page, problem, name = _page(bench), bench.problem, key[0]
    gradient = partial_name(problem.loss_name, name)
    held = {
        page.symbols(name): page.before(name, epoch),
        page.symbols(gradient): page.value(gradient, epoch),
        page.symbols(problem.notation.learning_rate): page.numeral(problem.learning_rate.text),
    }
    said = [
        tuple(each.split(" = "))
        for each in FORMULA.findall(UNDERLINED.sub(r"\1", text))
        if each.count(" = ") == 1
    ]
    return (
        of(bench, text, name)
        and bool(said)
        and all(
            held.get(symbol) == value or BLANK in value and symbol in held for symbol, value in said
        )
    )


def blank(bench: Bench, text: str, name: str) -> bool:
    """The symbol of what is asked, an equals sign, and a place to write: a line, or empty cells."""
    bare = without_cells(text)
    return re.fullmatch(
        r"\$(.*?)=\$" + "_+" * (bare == text), "".join(bare.replace(r"\dfrac", r"\frac").split())
    )[1] in _symbols(bench, (name,))


def _names(bench: Bench, text: str, keys: tuple[Key, ...]) -> bool:
    """Whether the words name what these gradients are by, all of it, and beside it the loss alone."""
    names, found = [GRADIENT.fullmatch(key[0])[2] for key in keys], set(_alone(text))
    return of(bench, text, *names, bench.problem.loss_name) and not any(
        found.isdisjoint(_symbols(bench, (name,))) for name in names
    )


def _page(bench: Bench) -> Page:
    """The page of a bench's trace, which knows its symbols."""
    return inventory_of(bench.trace).page


def _called(bench: Bench, parts: Any) -> Iterator[str]:
    """The names of parts of a problem."""
    for part in parts:
        found = getattr(bench.problem, part, ())
        yield from (found,) if isinstance(found, str) else found


def _written(bench: Bench, parts: tuple[str, ...]) -> Iterator[str]:
    """What a page calls a curve and its slope, and the derivative along a chain."""
    return family_of(bench.problem).written(bench.problem, parts, Symbols.of(bench.problem))


def _symbols(bench: Bench, about: Any) -> Iterator[str]:
    """The symbols of quantities, as they are and one line high: by their names, their keys, or
    several together."""
    page = _page(bench)
    for each in about:
        if isinstance(each, tuple) and not (len(each) == 3 and isinstance(each[1], int)):
            yield from _symbols(bench, each)
        else:
            name = each if isinstance(each, str) else each[0]
            symbols = [
                *[
                    page.symbol(form)
                    for form in page.chains("derivation", 1)
                    if form.derivation == name
                ],
                page.symbols(name),
            ]
            for symbol in symbols:
                yield from _spellings(symbol)


@lru_cache(maxsize=4096)
def _spellings(symbol: str) -> tuple[str, str]:
    """A symbol without its spaces, as it is and one line high."""
    return _bare(symbol), _bare(flat(symbol))


def _alone(text: str) -> Iterator[str]:
    """The formulas of a text that say nothing of their own, without their spaces."""
    for match in FORMULA.finditer(text):
        if not SAYS.search(match[1]):
            yield _bare(match[1])


def _bare(tex: str) -> str:
    return "".join(tex.replace(r"\dfrac", r"\frac").split())


READERS: dict[str, Callable[..., bool]] = {
    "of": of,
    "directions": directions,
    "constants": constants,
    "about": about,
    "unit": unit,
    "law": law,
    "place": place,
    "asked": asked,
    "spec": spec,
    "parts": parts,
    "others": others,
    "trained": trained,
    "rule": rule,
    "first-number": first_number,
    "differs-by-digits": differ,
    "step-of": step_of,
    "blank": blank,
    "graded": graded,
    "together": together,
}

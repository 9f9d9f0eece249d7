"""What a template may know: a problem and its trace as plain records of symbols and texts.

Templates come from strangers too, so they get dictionaries and strings, never an object with
methods. Every number here is the text that the trace shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

from ..algebra.expression import Name, operations
from ..algebra.laws import law_named
from ..markdown.reader import document, in_dollars
from ..numbers.known_digits import DIGITS
from ..numbers.number import Digits, Number, Rounding, quantize
from ..numbers.numerals import numeral
from ..problem import Descending, Layer, Problem
from ..tex.notation import MULTIPLY
from ..tex.writer import Style, tex, width
from ..trace.backward import partial_name
from ..trace.recorder import as_shown
from ..trace.trace import Derivation, Trace, Working

if TYPE_CHECKING:
    from ..families.network.problem import NetworkProblem

Facts = dict[str, Any]
LESS = re.compile(r"<\s*")
SPACE, WIDEST = 3, 78  # signs between the columns of a table, and of all columns beside the first
MOST_LISTED = 3  # units in each of two layers, beyond which the weights stand in tables


def frame_facts(problem: Problem) -> Facts:
    """What every document states: title, description or instructions, rounding."""
    return {
        "family": problem.family,
        "title": words(problem.title),
        "description": words(problem.description),
        "instructions": words(problem.instructions),
        "fade": float(problem.fade.value),
        "style": problem.notation.style,
        "assign": problem.notation.assign,
        "rounding": rounding_facts(problem.rounding),
    }


def long_run_facts(problem: Descending) -> Facts:
    """What is said of the program that goes on."""
    return {
        "long_run": problem.long_run,
        "until": numeral(problem.until.text, MULTIPLY[problem.notation.multiply])
        if problem.until
        else "",
        "end_places": problem.end_places,
    }


def rounding_facts(rounding: Rounding) -> Facts:
    """How numbers behave on the page."""
    return {
        "policy": rounding.policy,
        "mode": rounding.mode,
        "commit": rounding.commit,
        "relation": rounding.relation,
        "digits": _digits(rounding.digits("")),
        "kinds": {kind: _digits(digits) for kind, digits in rounding.kinds.items()},
    }


def numeral_of(number: Number, style: Style) -> str:
    """The TeX of a number that is given."""
    return numeral(number.text, MULTIPLY[style.symbols.notation.multiply])


def given_facts(numbers: Mapping[str, Number], style: Style) -> list[Facts]:
    """Names with their symbols and the numbers given for them."""
    return [
        {"name": name, "symbol": style.symbols(name), "shown": numeral_of(number, style)}
        for name, number in numbers.items()
    ]


def problem_facts(problem: NetworkProblem, style: Style) -> Facts:
    """The statement of a network: givens, layers, loss, learning rate."""
    network, symbols = problem.network, style.symbols

    def givens(numbers: Mapping[str, Number]) -> list[Facts]:
        return given_facts(numbers, style)

    layers, inputs = [], list(network.inputs)
    hidden_units = sum(len(layer.units) for layer in network.layers[:-1])
    for index, layer in enumerate(network.layers, start=1):
        is_identity = layer.activation == "identity"
        units = [
            {
                "z": symbols(unit.a if is_identity else unit.z),
                "a": symbols(unit.a),
                "a_name": unit.a,
                "z_name": unit.a if is_identity else unit.z,
                "weights": givens(unit.weights),
                "bias": givens(unit.bias),
            }
            for unit in layer.units
        ]
        layers.append(
            {
                "index": index,
                "is_last": index == len(network.layers),
                "hidden_units": hidden_units,
                "activation": layer.activation,
                "is_identity": is_identity,
                "has_bias": any(unit.bias for unit in layer.units),
                "trained_bias": layer.trained_bias,
                "slope": numeral_of(layer.slope, style),
                "inputs": list(map(symbols, inputs)),
                "units": units,
                "tables": weight_tables(list(map(symbols, inputs)), units),
            }
        )
        inputs = [unit.a for unit in layer.units]
    activations: dict[str, Facts] = {}
    for index, layer in enumerate(network.layers, start=1):
        if layer.activation != "identity":
            law = activations.setdefault(
                layer.activation,
                {
                    "name": layer.activation,
                    "layers": [],
                    "symbol": law_named(layer.activation).symbol,
                    "definition": activation_definition(layer, style),
                    "derivative": activation_derivative(layer, style),
                },
            )
            law["layers"].append(index)
    return (
        frame_facts(problem)
        | long_run_facts(problem)
        | {
            "inputs": givens(network.inputs),
            "targets": givens(network.target),
            "layers": layers,
            "epochs": problem.epochs,
            "outputs": [{"name": name, "symbol": symbols(name)} for name in inputs],
            "activations": list(activations.values()),
            "loss": {
                "name": network.loss,
                "key": network.loss_name,
                "symbol": symbols(network.loss_name),
                "definition": loss_definition(problem, style),
            },
            "rate": {
                "symbol": symbols(problem.notation.learning_rate),
                "shown": numeral_of(problem.learning_rate, style),
            },
            "gradient_list": problem.gradient_list,
            "trained": [{"name": name, "symbol": symbols(name)} for name in problem.trained],
            "has_tables": max(len(network.inputs), *[len(layer.units) for layer in network.layers])
            > MOST_LISTED,
        }
    )


def weight_tables(inputs: list[str], units: list[Facts]) -> list[Facts]:
    """The weights of a layer with a row for each unit and a column for each input, the biases last;
    more than one where a page is too narrow."""
    columns = [[unit["weights"][place] for unit in units] for place in range(len(inputs))]
    columns += (
        [[unit["bias"][0] if unit["bias"] else None for unit in units]]
        if any(unit["bias"] for unit in units)
        else []
    )
    sizes = [
        SPACE + max(width(f"{each['symbol']} = {each['shown']}") for each in column if each)
        for column in columns
    ]
    count = ceil(sum(sizes) / WIDEST)
    per = ceil(len(columns) / count)
    while per > 1 and any(
        sum(sizes[start : start + per]) > WIDEST for start in range(0, len(columns), per)
    ):
        per -= 1
    heads = [*inputs, ""]
    return [
        {
            "heads": heads[start : start + per][: len(columns) - start],
            "rows": [
                {"a": unit["a"], "cells": row}
                for unit, row in zip(units, zip(*columns[start : start + per]))
            ],
        }
        for start in range(0, len(columns), per)
    ]


def words(text: str) -> str:
    r"""An author's words: no HTML of theirs becomes HTML of the page, and formulas have dollars. A
    `<` within a formula is `\lt`."""
    if "<" not in text and "\\" not in text:
        return text
    text, parts, at = in_dollars(text), [], 0
    for formula in document(text).formulas:
        parts += [
            text[at : formula.start].replace("<", "&lt;"),
            LESS.sub(r"\\lt ", text[formula.start : formula.end]),
        ]
        at = formula.end
    return "".join(parts) + text[at:].replace("<", "&lt;")


def _digits(digits: Digits) -> Facts:
    return {
        "places": digits.places,
        "significant": digits.significant,
        "at_least": digits.at_least_significant,
    }


def activation_definition(layer: Layer, style: Style) -> str:
    """`\\frac{1}{1 + e^{-z}}`; for softmax of one component, with c for the slope of leaky ReLU."""
    law = law_named(layer.activation)
    others = [Name(f"z_{k}") for k in range(1, len(layer.units) + 1)] if law.op == "softmax" else []
    slope = [Name("c")] if law.op == "leaky_relu" else []
    return tex(law.formula(Name("z_k" if others else "z"), *others, *slope), style)


def activation_derivative(layer: Layer, style: Style) -> str:
    """`a(1 - a)`, the derivative as it is taught, with a for the activation; empty for softmax,
    where it has two indices."""
    law = law_named(layer.activation)
    if law.op == "softmax":
        return ""
    return tex(
        law.derivative(
            [Name("z"), *([Name("c")] if law.op == "leaky_relu" else [])], Name("a"), 0, ()
        ),
        style,
    )


def loss_definition(problem: NetworkProblem, style: Style) -> str:
    """The loss by its outputs, in the document's own names."""
    network = problem.network
    formula = law_named(network.loss).formula(
        [*map(Name, network.target)], [Name(unit.a) for unit in network.layers[-1].units]
    )
    return tex(as_shown(formula), style)


def working_facts(working: Working, trace: Trace, style: Style) -> Facts:
    """One quantity: its symbol and text, its sign, and how the chain rule made it."""
    symbols, shown = style.symbols, Decimal(working.shown)
    loss = trace.problem.loss_name
    by, sign = (
        working.name.removeprefix(partial_name(loss, "")),
        MULTIPLY[style.symbols.notation.multiply],
    )
    return {
        "key": working.key,
        "name": working.name,
        "symbol": symbols(working.name),
        "shown": numeral(working.shown, sign),
        "layer": working.layer,
        "unsigned": numeral(working.shown.lstrip("-"), sign),
        "phase": working.phase,
        "epoch": working.epoch,
        "sign": (shown > 0) - (shown < 0),
        "size": abs(shown),
        "real_sign": (working.exact > 0) - (working.exact < 0),
        "real_size": abs(working.exact),
        "is_beneath": is_beneath(working, trace),
        "by": by,
        "by_symbol": symbols(by),
        "exact": scientific(working.exact, trace.problem.rounding.mode, sign),
        "formula": tex(working.formula, style),
        "pair": working.pair,
        "operations": operations(working.formula),
        "links": [
            {
                "through": symbols(link.through),
                "derivative": tex(link.local, style),
                "upstream": symbols(link.upstream or loss),
                "local": symbols(partial_name(link.through, by)),
                "formula": tex(trace.find(link.through, working.epoch).formula, style),
                "has_working": link.has_working,
            }
            for link in working.links
        ],
        "through_names": [link.through for link in working.links],
    }


def is_beneath(working: Working, trace: Trace) -> bool:
    """Whether a quantity is zero only as far as any number of digits tells: the slope of a tanh far
    out, which nothing but more digits would show."""
    return (
        trace.digits == DIGITS[-1]
        and not working.exact
        and not Decimal(working.shown)
        and trace.reaches[working.event] > 0
    )


def step_facts(derivation: Derivation, forms: Sequence[str], seen: set[str]) -> list[Facts]:
    """The steps of a derivative: each form with its rules, and those that are new on the page;
    `seen` remembers them."""
    found = []
    for step, form in zip(derivation.steps[1:], forms, strict=True):
        found.append(
            {
                "rules": list(step.rules),
                "new": [rule for rule in step.rules if rule not in seen],
                "tex": form,
            }
        )
        seen.update(step.rules)
    return found


def relation(is_exact: bool, problem: Problem) -> str:
    r"""`=` where nothing was rounded, or where the problem writes it everywhere; else `\approx`."""
    return "=" if is_exact or problem.rounding.relation == "equals" else r"\approx"


def scientific(value: Decimal, mode: str, sign: str = r"\cdot") -> str:
    """A number that is not shown, with two figures: `3.2 \\cdot 10^{-7}`, `-3.2 \\cdot 10^{4}`."""
    if not value:
        return "0"
    power = value.adjusted()
    front = quantize(value.scaleb(-power), -1, mode)
    if abs(front) >= 10:  # 9.96 has become 10.0
        front, power = quantize(front.scaleb(-1), -1, mode), power + 1
    return numeral(f"{front}e{power}", sign)


def places_of(problem: NetworkProblem) -> dict[str, Facts]:
    """What each name of the network is (weight, bias, pre_activation, activation), and where."""
    found: dict[str, Facts] = {}
    for index, layer in enumerate(problem.network.layers, start=1):
        for number, unit in enumerate(layer.units, start=1):
            place = {
                "layer": index,
                "unit": number,
                "activation": layer.activation,
                "is_last": index == len(problem.network.layers),
            }
            found |= {
                unit.z: {"role": "pre_activation"} | place,
                unit.a: {"role": "activation"} | place,
            }
            found |= {name: {"role": "weight"} | place for name in unit.weights}
            found |= {name: {"role": "bias"} | place for name in unit.bias}
    return found

"""The five source notes, number by number: what is right there is on our page, what is wrong there
is right on ours.

tests/cases/published/ holds the lists of published numbers and errata.md, as they were handed to
us. Each number carries its value at full precision (`full`), computed by a program that has nothing
to do with ours; it tells that we look at the same quantity.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import isclose
from pathlib import Path

import pytest

from worksheet.algebra.expression import Literal, leaves
from worksheet.family import problem_file
from worksheet.notes import prove_note
from worksheet.solution import solve
from worksheet.spec.load import load

FOLDER = Path(__file__).parent / "cases" / "published"
PROBLEMS = {
    "000": "one-hidden-neuron",
    "001": "one-hidden-neuron",
    "002a": "linear-chain",
    "002b": "two-inputs-sigmoid",
    "003": "three-hidden-matrix",
    "004": "relu-two-updates",
}


@dataclass(frozen=True)
class Quantity:
    """Where a number stands in our trace: a named quantity, or (`inside`) a step within its
    working. `problem`: the spec, where it is another than that of the note's network."""

    name: str
    phase: str
    epoch: int = 1
    inside: bool = False
    problem: str = ""


def at(phase: str, *names: str, **renamed: str) -> dict[str, Quantity]:
    """Published name -> quantity; a name of ours may differ (`yhat="y_hat"`)."""
    return {name: Quantity(name, phase) for name in names} | {
        name: Quantity(ours, phase) for name, ours in renamed.items()
    }


def inside(phase: str, **working: str) -> dict[str, Quantity]:
    """Published name -> a step within a working of ours."""
    return {name: Quantity(ours, phase, inside=True) for name, ours in working.items()}


def of(problem: str, phase: str, **renamed: str) -> dict[str, Quantity]:
    """Published name -> a quantity of another problem than the note's network."""
    return {name: Quantity(ours, phase, problem=problem) for name, ours in renamed.items()}


NOTE_001 = (
    at("forward", "z_h", "a_h", "z_o", yhat="y_hat")
    | at("loss", "L")
    | inside("loss", one_minus_yhat="L", log_yhat="L")
    | at("backward", "dL_dz_o", "dL_dw_o", "dL_da_h", "da_h_dz_h", "dL_dw_h")
    | inside("update", step_w_o="w_o", step_w_h="w_h")
    | at("update", "w_o", "w_h")
)
MEANT = {
    "000": NOTE_001,
    "001": NOTE_001,
    "002a": at("forward", "h", yhat="y_hat")
    | at("loss", "L")
    | at("update", w1="w_1", w2="w_2")
    | at(
        "backward",
        dL_dyhat="dL_dy_hat",
        dyhat_dw1="dy_hat_dw_1",
        dyhat_dw2="dy_hat_dw_2",
        dL_dw1="dL_dw_1",
        dL_dw2="dL_dw_2",
    )
    | at("nudge w_2", dL_lin="L_predicted", yhat_w06="y_hat_prime", L_w06="L_prime")
    | inside("nudge w_2", res_w06="L_prime", sq_w06="L_prime")
    | at("check", h_new="h", yhat_new="y_hat", L_new="L")
    | inside("check", res_new="L", sq_new="L")
    | of("gradient-squares", "forward", g0="value")
    | of("gradient-squares", "backward", gx="df_dx", gy="df_dy")
    | of(
        "gradient-squares",
        "check",
        g1="moved_value",
        dg="rise",
        dg_lin="estimate",
        dg_x="x_share",
        dg_y="y_share",
    )
    | of("derivative-cubic", "forward", f2="value")
    | of("derivative-cubic", "backward", fp2="slope")
    | of("derivative-cubic", "check", f21="moved_value", df="rise", df_lin="estimate")
    | of("descent-two-weights", "update", w_pos="case_1", w_neg="case_2")
    | {"yhat_fit": Quantity("y_hat__end", "end", 3, problem="descent-two-weights")},
    "002b": at("forward", z1="z_1", h1="h_1", z2="z_2", yhat="y_hat")
    | inside("forward", exp05="h_1")
    | at("loss", "L")
    | inside("loss", res="L", sq="L")
    | at(
        "backward",
        dL_dyhat="dL_dy_hat",
        dyhat_dz2="dy_hat_dz_2",
        dL_dz2="dL_dz_2",
        dL_dw3="dL_dw_3",
        dh1_dz1="dh_1_dz_1",
        dL_dz1="dL_dz_1",
        dL_dw1="dL_dw_1",
        dL_dw2="dL_dw_2",
    )
    | at("nudge w_3", dLoss_01="L_predicted")
    | inside("backward", dz2_dh1="dL_dh_1")
    | at("update", w1="w_1", w2="w_2", w3="w_3")
    | at("check", z1_new="z_1", h1_new="h_1", z2_new="z_2", yhat_new="y_hat", L_new="L")
    | inside("check", res_new="L", sq_new="L"),
    "003": {f"z1[{i}]": Quantity(f"z_{i + 1}__1", "forward") for i in range(3)}
    | {f"h{i}": Quantity(f"h_{i}__1", "forward") for i in (1, 2, 3)}
    | at("forward", pred="y_hat")
    | at("loss", loss="L"),
}

# what the notes of 002 compute beside their networks, and no problem of ours has
ELSEWHERE: dict[str, dict[str, str]] = {}

# numbers of a network that no working of ours has as a step of its own: published name -> what our
# page has instead
DERIVED = {
    ("002a", "dL_actual"): lambda trace: (
        shown(trace, "L", "loss") - shown(trace, "L_prime", "nudge w_2")
    ),  # the size of our change, -7.12
    ("002b", "L_dec"): lambda trace: (
        shown(trace, "L", "loss") - shown(trace, "L", "check")
    ),  # what the loss fell by
    ("003", "w2h"): lambda trace: (
        shown(trace, "y_hat", "forward") - Decimal("0.3")
    ),  # W_2 h, before b_2 is added
}

# marked "ok" because they follow from the operand printed before them; that operand is itself a row
# of errata.md
FOLLOWED = {
    ("002b", "dL_dw1"): "dL/dz1 printed -0.01318 is a truncation of -0.013186 (rounds to -0.01319)"
}


def relu_note(name: str) -> Quantity:
    """Note 004 calls our epoch 1 `e1`; the weights and gradients that lead to its epoch n + 1 are
    those of our epoch n."""
    epoch, part, entry = re.fullmatch(r"e(\d)\.([a-zA-Z]+\d?)(?:\[(.*)\])?", name).groups()
    epoch, index = int(epoch), [int(each) + 1 for each in entry.split(",")] if entry else [1]
    layer = int(part[-1]) if part[-1].isdigit() else 1
    row = index if layer == 1 and len(index) == 2 else [1, *index] if part.endswith("W2") else index
    place = f"{'_'.join(map(str, row))}__{layer}"
    gradient_of = min(epoch, 2)  # "e3.dW2" is the gradient of the second update
    match part.rstrip("12"):
        case "dW" | "db" | "delta" as kind:
            return Quantity(
                f"dL_d{ {'dW': 'w', 'db': 'b', 'delta': 'z'}[kind] }_{place}",
                "backward",
                gradient_of,
            )
        case "W" | "b" as kind:
            return Quantity(f"{kind.lower()}_{place}", "update", epoch - 1)
        case "L":
            return Quantity("L", "loss", epoch)
        case "yhat":
            return Quantity("y_hat", "forward", epoch)
    return Quantity(f"{part.rstrip('12')}_{place}", "forward", epoch)


def published(note: str) -> list[dict]:
    """The numbers of a note: name, text as printed, decimals, full precision, verdict."""
    record = json.loads((FOLDER / f"seed-{note}.json").read_text(encoding="utf-8"))
    judged = {each["name"]: each for each in record["verify"]["numbers"]}
    return [each | judged[each["name"]] for each in record["published"]]


def meant(note: str, name: str) -> Quantity | None:
    return relu_note(name) if note == "004" else MEANT[note].get(name)


def our_note(note: str, name: str = ""):
    """Our page of the note's network, or of the problem that has the number `name`."""
    quantity = meant(note, name) if name else None
    return proved(quantity.problem if quantity and quantity.problem else PROBLEMS[note])


@cache
def proved(problem: str):
    return prove_note(solve(load(problem_file(problem))))


def shown(trace, name: str, phase: str, epoch: int = 1) -> Decimal:
    return Decimal(trace.find(name, epoch, phase).shown)


def our_number(note: str, number: dict) -> str:
    """What our page prints for a published number. Fails where full precision says that it is
    another quantity."""
    trace, quantity = our_note(note, number["name"]).trace, meant(note, number["name"])
    if quantity is None:
        return str(DERIVED[note, number["name"]](trace))
    working = trace.find(quantity.name, quantity.epoch, quantity.phase)
    literals = (
        [Literal(Decimal(working.shown), working.shown, working.event)]
        if not quantity.inside
        else [
            leaf
            for line in working.lines
            for leaf in leaves(line.expr)
            if isinstance(leaf, Literal) and leaf.event is not None
        ]
    )
    same = [
        leaf.text
        for leaf in literals
        if any(
            isclose(
                float(trace.events[leaf.event].exact),
                sign * number["full"],
                rel_tol=1e-9,
                abs_tol=1e-12,
            )
            for sign in ((1, -1) if quantity.inside else (1,))
        )
    ]
    assert same, f"{number['name']}: nothing in our working of {quantity.name} is {number['full']}"
    return (
        max(same, key=len).lstrip("-")
        if quantity.inside and number["full"] > 0
        else max(same, key=len)
    )


def rounded(text: str, decimals: int) -> Decimal:
    return Decimal(text).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def numbers(*, is_right: bool) -> list:
    """The published numbers of networks, right ones or wrong ones, as parameters."""
    return [
        pytest.param(note, number, id=f"{note}-{number['name']}")
        for note in PROBLEMS
        for number in published(note)
        if number["name"] not in ELSEWHERE.get(note, {})
        and is_right == (number["verdict"] == "ok" and (note, number["name"]) not in FOLLOWED)
    ]


@pytest.mark.parametrize("note, number", numbers(is_right=True))
def test_a_number_that_is_right_there_is_on_our_page(note, number):
    text = our_number(note, number)
    assert rounded(text, number["decimals"]) == Decimal(number["text"]), (
        f"published {number['text']}, ours {text}"
    )
    assert on_page(text, our_note(note, number["name"]).text), f"{text} is nowhere on our page"


@pytest.mark.parametrize("note, number", numbers(is_right=False))
def test_a_number_that_is_wrong_there_is_right_on_ours_and_a_row_of_errata(note, number):
    text = our_number(note, number)
    decimals = number["decimals"]
    assert rounded(text, decimals) != Decimal(number["text"])
    at_our_digits = len(text.partition(".")[2])
    true = [rounded(str(number[each]), at_our_digits) for each in ("full", "carried")]
    assert Decimal(text) in true, (
        f"ours {text}, full precision {number['full']}, carried {number['carried']}"
    )
    if (note, number["name"]) in DERIVED:
        assert not on_page(number["text"], our_note(note).text)
    else:
        assert on_page(text, our_note(note).text)
    if (note, number["name"]) in FOLLOWED:
        assert FOLLOWED[note, number["name"]] in errata(note)
    else:
        assert re.search(
            rf"^\s*\| {re.escape(number['name'])} \| {re.escape(number['text'])} \|",
            errata(note),
            re.MULTILINE,
        )


@pytest.mark.parametrize("note", PROBLEMS)
def test_every_number_of_a_network_has_its_place(note):
    """No published number is passed over: it is a quantity of ours, or it is listed above with the
    reason why not."""
    names = [number["name"] for number in published(note)]
    elsewhere = set(ELSEWHERE.get(note, {}))
    placed = {
        name
        for name in names
        if name not in elsewhere and (meant(note, name) or (note, name) in DERIVED)
    }
    assert placed | elsewhere == set(names) and not placed & elsewhere
    assert elsewhere <= set(names) and set(MEANT.get(note, {})) <= set(names)


def test_the_list_of_note_000_is_that_of_note_001():
    """One problem stands for both notes, so their numbers must be the same."""
    texts = [
        [(number["name"], number["text"], number["verdict"]) for number in published(note)]
        for note in ("000", "001")
    ]
    assert texts[0] == texts[1]


def errata(note: str) -> str:
    """The section of errata.md on one note."""
    text = (FOLDER / "errata.md").read_text(encoding="utf-8")
    return re.search(rf"^\*\*note {note}\*\*.*?(?=^\*\*note |\Z)", text, re.MULTILINE | re.DOTALL)[
        0
    ]


def on_page(text: str, page: str) -> bool:
    """Whether a number stands on the page as a number of its own."""
    return re.search(rf"(?<![\d.]){re.escape(text)}(?![\d]|\.\d)", page) is not None

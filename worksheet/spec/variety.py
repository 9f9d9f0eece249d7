"""What varies in a problem: each entry of `vary` with its places and its choices; how many problems
that makes; one of them.

vary:
  w_h: {from: -1, to: 1, step: 0.1, nonzero: true}     # -1.0, -0.9, ..., each entry by itself
  inputs: {integers: {from: 1, to: 9}, distinct: true}
  target: {one_of: [[0, 1], [1, 0]]}                   # a whole list or matrix
  activation_1: {one_of: [relu, tanh]}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from math import perm, prod
from typing import Any

from ..draws import Draws
from ..numbers.number import Number
from ..problem import ACTIVATIONS, LOSSES
from .choices import Fault, Grid, Options, choices_of, kind_of
from .faults import Faults, count, did_you_mean
from .models import HARD_LIMITS, ChoicePart
from .slots import Names, Slot, Slots, filled, leaves
from .yaml_reader import Node, clipped

WORDS = {"activation": ACTIVATIONS, "loss": LOSSES}
# what a number may be: kind -> (sentence, whether it is so)
SENSE = {
    "rate": ("is not greater than 0", lambda number: number > 0),
    "move": ("moves nothing", lambda number: number != 0),
    "slope": ("does not lie between 0 and 1", lambda number: 0 < number < 1),
    "size": (
        f"is no number of units (1 to {HARD_LIMITS['units']})",
        lambda number: number == int(number) and 1 <= number <= HARD_LIMITS["units"],
    ),
}
NEAR = 1_000  # names that are looked through for one that was meant
ENUMERATED = 1_000  # combinations of layer sizes that are counted one by one


@dataclass(frozen=True)
class Entry:
    """One line of `vary`."""

    key: str
    choices: Grid | Options
    is_distinct: bool


@dataclass(frozen=True)
class Variety:
    """All that varies in the spec `root`."""

    root: Node
    entries: tuple[Entry, ...]
    slots: Slots

    @cached_property
    def written(self) -> dict[str, tuple[Slot, ...]]:
        """The places of each entry in the spec as it is written, its sizes too."""
        return self.slots(self.root, None)

    @cached_property
    def sizes(self) -> dict[int, Entry]:
        """The layers whose number of units varies."""
        return {
            int(entry.key.rpartition("_")[2]): entry
            for entry in self.entries
            if any(slot.kind == "size" for slot in self.written[entry.key])
        }

    def drawn(self, draws: Draws) -> Node:
        """The spec with a value from each entry in place of what is written."""
        sizes = {
            layer: int(entry.choices[draws.index(entry.key, len(entry.choices))].value)
            for layer, entry in self.sizes.items()
        }
        places = self.slots(self.root, sizes) if sizes else self.written
        root = self.root
        for entry in self.entries:
            for way, value in self._values(entry, places[entry.key], draws):
                root = root.put(way, value)
        return root

    def _values(
        self, entry: Entry, places: tuple[Slot, ...], draws: Draws
    ) -> Iterator[tuple[tuple, Any]]:
        choices = entry.choices
        if places[0].kind == "size":  # there is nothing to write: the weights have the size
            return
        if kind_of(choices[0]) != "number":
            whole = choices[draws.index(entry.key, len(choices))]
            for slot in places:
                yield slot.way, _arranged_like(slot.names, whole)
            return
        names = [name for slot in places for name, _ in leaves(slot.names)]
        values = {
            name: choices[index]
            for name, index in zip(
                names, draws.indices(names, len(choices), entry.is_distinct), strict=True
            )
        }
        for slot in places:
            yield slot.way, filled(slot.names, values)

    def count(self) -> int | None:
        """How many problems there are, requirements aside; None where that takes too long to count."""
        shapes = [
            [(layer, int(entry.choices[index].value)) for index in range(len(entry.choices))]
            for layer, entry in self.sizes.items()
        ]
        if prod(map(len, shapes)) > ENUMERATED:
            return None
        return sum(
            prod(
                _count(entry, self.slots(self.root, dict(sizes))[entry.key])
                for entry in self.entries
            )
            for sizes in product(*shapes)
        )


def _count(entry: Entry, places: tuple[Slot, ...]) -> int:
    if places[0].kind == "size":
        return 1
    choices = len(entry.choices)
    if kind_of(entry.choices[0]) != "number":
        return choices
    names = len(_names(places))
    return perm(choices, names) if entry.is_distinct else choices**names


def _arranged_like(names: Names, whole: Any) -> Any:
    """A list for a place whose numbers have names of their own."""
    return dict(zip(names, whole, strict=True)) if isinstance(names, dict) else whole


# ---- from the spec ------------------------------------------------------------------------------


def variety_of(root: Node, vary: dict[str, ChoicePart], slots: Slots, faults: Faults) -> Variety:
    """The variety of a spec that is sound in its types; what cannot be drawn is added to `faults`."""
    if not vary:
        return Variety(root, (), slots)
    known, node, entries = slots(root, None), root.get("vary"), []
    if not known:
        faults.add(
            root.keys["vary"],
            "vary",
            "a problem without numbers has no variants",
            "leave it out, for everyone gets the same sheet; a derivation has numbers at a point: at: {z: 0.5}",
        )
        return Variety(root, (), slots)
    owner: dict[str, str] = {}
    for key, part in vary.items():
        line, path = node.keys[key], f"vary.{key}"
        if key not in known:
            faults.add(
                line,
                "vary",
                f"the problem has no '{clipped(key)}' that could vary",
                did_you_mean(key, islice(known, NEAR)),
            )
            continue
        try:
            entry = Entry(key, choices_of(part), part.distinct)
            _check(entry, known[key])
        except Fault as fault:
            faults.add(line, path, *fault.args)
            continue
        entries.append(entry)
        for name in sorted(_names(known[key])):
            if owner.setdefault(name, key) != key:
                faults.add(
                    line,
                    path,
                    f"'{name}' varies twice",
                    f"it also varies in '{owner[name]}'; keep one of the two",
                )
                break
    variety = Variety(root, tuple(entries), slots)
    for layer, entry in variety.sizes.items():
        _check_size(layer, variety, node.keys[entry.key], faults)
    if variety.sizes and not faults:
        _check_extremes(variety, node, faults)
    return variety


def _check(entry: Entry, places: tuple[Slot, ...]) -> None:
    """Whether the choices fit the places they are for; Fault where they do not."""
    kind, option = places[0].kind, kind_of(entry.choices[0])
    if words := WORDS.get(kind):
        if option != "word":
            raise Fault(
                f"the {kind} is a word, not a {option}",
                "write {one_of: [" + ", ".join(sorted(words)[:2]) + ", ...]}",
            )
        for word in entry.choices.values:
            if word not in words:
                raise Fault(f"unknown {kind} '{clipped(word)}'", did_you_mean(word, words))
        return
    if option == "word":
        raise Fault(
            f"'{clipped(entry.choices[0])}' is not a number",
            "words are for loss and for activation_1, activation_2, ...",
        )
    if option == "list":
        _check_whole(entry, places)
        return
    if kind in SENSE:
        sentence, is_sound = SENSE[kind]
        for number in entry.choices.ends:
            if not is_sound(number.value):
                raise Fault(f"{number.text} {sentence}", "draw from numbers that all fit")
    if entry.is_distinct and len(entry.choices) < len(_names(places)):
        raise Fault(
            f"{count(len(entry.choices), 'number')} for {len(_names(places))} entries that must be distinct",
            "widen the range, or leave out distinct",
        )


def _check_whole(entry: Entry, places: tuple[Slot, ...]) -> None:
    if len(places) > 1:
        raise Fault(
            f"'{entry.key}' is more than one list or matrix",
            "give lists for each by its own name, or single numbers for all",
        )
    wanted = _shape(places[0].names)
    for option in entry.choices.values:
        if _shape(option) != wanted:
            raise Fault(
                f"an option is {_shape_text(_shape(option))}, where {_shape_text(wanted)} stands",
                "give every option that shape",
            )


def _shape(value: Any) -> list[int]:
    """The lengths of the rows of a matrix, [n] of a list in single brackets, [] of a number."""
    if isinstance(value, (str, Number)):
        return []
    if isinstance(value, list) and isinstance(value[0], list):
        return [0, *map(len, value)]  # 0 marks the outer brackets
    return [len(value)]


def _shape_text(shape: list[int]) -> str:
    if not shape:
        return "a single number"
    return (
        f"a list of {shape[0]}"
        if shape[0]
        else f"a matrix of rows of {', '.join(map(str, shape[1:]))}"
    )


def _check_size(layer: int, variety: Variety, line: int, faults: Faults) -> None:
    """A layer whose size varies needs its numbers and the weights of the next layer drawn, entry by
    entry."""

    def is_drawn(places: tuple[Slot, ...]) -> bool:
        return any(
            _names(places) <= _names(variety.written[entry.key])
            and kind_of(entry.choices[0]) == "number"
            for entry in variety.entries
        )

    path = f"vary.units_{layer}"
    for part in (f"weights_{layer}", f"bias_{layer}", f"weights_{layer + 1}"):
        places = variety.written.get(part, ())
        if any(isinstance(slot.names, dict) for slot in places):
            faults.add(
                line,
                path,
                f"the size varies, and '{part}' has names of its own",
                "give the weights there as rows of numbers",
            )
        elif any(isinstance(slot.names, list) for slot in places) and not is_drawn(places):
            faults.add(
                line,
                path,
                f"the size varies, and '{part}' must be drawn with it",
                f"give '{part}' numbers to draw from, such as {{from: -1, to: 1, step: 0.1}}",
            )


def _check_extremes(variety: Variety, node: Node, faults: Faults) -> None:
    """With every layer as small and as large as it may be, all that varies has its place, and
    distinct entries have numbers enough."""
    for choose in (min, max):
        sizes = {
            layer: choose(int(entry.choices[index].value) for index in range(len(entry.choices)))
            for layer, entry in variety.sizes.items()
        }
        found = variety.slots(variety.root, sizes)
        for entry in variety.entries:
            line, path = node.keys[entry.key], f"vary.{entry.key}"
            if entry.key not in found:
                faults.add(
                    line,
                    path,
                    f"'{entry.key}' is not there in every size",
                    "draw the whole matrix and the whole bias",
                )
            elif entry.is_distinct and len(entry.choices) < len(_names(found[entry.key])):
                faults.add(
                    line,
                    path,
                    f"{count(len(entry.choices), 'number')} for up to {len(_names(found[entry.key]))} entries that must be distinct",
                    "widen the range, or leave out distinct",
                )


def _names(places: tuple[Slot, ...]) -> set[str]:
    return {name for slot in places for name, _ in leaves(slot.names)}

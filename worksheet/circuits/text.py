r"""A circuit: operations and what goes from one to the next, and its mermaid text, written and
read.

i1["wₕ = 0.5<br/>∂L/∂wₕ ≈ -0.08207"]      a given, with its value and what the last value's derivative with respect to it is
o1(("×"))                                 an operation
i1 --> o1                                 an operand, in the order of the formula
o1 -->|"zₕ = 0.5<br/>∂L/∂zₕ ≈ -0.08207"| o2
d1(("•"))                                 a value that is used more than once; what leads on from here has the derivative of its path
subgraph t1["together: ∂L/∂zₒ = ŷ − y"]   operations that are differentiated in one
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..diagrams.mermaid import ESCAPES
from ..errors import WorksheetError

HEAD = "graph LR\n  %% circuit\n"
GIVEN, OPERATION, DOT, END = "i", "o", "d", "r"  # how the id of a place begins, by what it is
KINDS = GIVEN + OPERATION + DOT + END
FANNED = "•"
PATH, LOCAL, ASKED = (
    "path",
    "×",
    "?",
)  # before the derivative of one path; before a local derivative; instead of a number to fill in
ROLES = (
    "subtracted",
    "divisor",
    "exponent",
)  # of an operand, where the operation's sign alone does not tell
TOGETHER = "together: "

_PLACE = re.compile(r'  (?P<id>[iodr]\d*)(?:\(\("(?P<circle>[^"]*)"\)\)|\["(?P<box>[^"]*)"\])')
_WIRE = re.compile(r'  (?P<source>[iod]\d+) -->(?:\|"(?P<label>[^"]*)"\|)? (?P<target>[odr]\d*)')
_FRAME = re.compile(r'  subgraph t\d+\["together: (?P<rule>[^"]*)"\]')
_VALUE = re.compile(r"(?:(?P<symbol>[^\s=≈]+) )?(?P<sign>[=≈]) (?P<value>\S+)")
_SLOPE = re.compile(r"(?:∂(?P<of>[^\s/]+)/∂\S+|path) (?P<sign>[=≈]) (?P<value>\S+)")
_NUMBER = r"[-−]?\d+(?:\.\d+)?(?:e-?\d+)?(?:/\d+)?"
_SIGNED = re.compile(
    rf"(?:{_NUMBER})?(?P<sign>[+×÷^−])(?:{_NUMBER})?|(?P<word>\S.*?)(?: {_NUMBER})?"
)
_SIGNS = {
    f"#{code};": sign for code, sign in [("quot", '"'), ("lt", "<"), ("gt", ">"), ("amp", "&")]
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed, with the sign before it: `=` or `≈`; in square brackets where a
    sheet asks for it."""

    sign: str
    text: str
    is_asked: bool = False  # it stands in a box; the text is ASKED where it is to be filled in

    @property
    def boxed(self) -> str:
        """Its text, in square brackets where a sheet asks for it."""
        return f"[{self.text}]" if self.is_asked else self.text

    def __str__(self) -> str:
        return f"{self.sign} {self.boxed}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What goes along a wire: its symbol (empty within a formula), its value, and the derivative of
    the last value with respect to it; each None where the solution has none."""

    symbol: str = ""
    value: Number | None = None
    slope: Number | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A given, an operation with its sign, a dot at which a value parts, or the end. local: the
    derivative of the operation by its one operand, which has no sign before it here."""

    id: str
    label: str = ""
    local: Number | None = None

    @property
    def kind(self) -> str:
        """The first letter of its id, which says what it is."""
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Wire:
    """From place to place, in the order of the operands of the target; `role`: one of ROLES, or
    empty."""

    source: str
    target: str
    quantity: Quantity
    role: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Operations that are differentiated in one, and the rule."""

    ids: tuple[str, ...]
    rule: str


@dataclass
class Circuit:
    """Places by id, wires, and frames. `of`: the symbol of the last value, whose derivatives stand
    on the wires."""

    of: str
    places: dict[str, Place] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def into(self, id: str) -> list[Wire]:
        """The operands of a place, in their order."""
        return [wire for wire in self.wires if wire.target == id]

    def out_of(self, id: str) -> list[Wire]:
        """The wires that leave a place, in the order in which they were added."""
        return [wire for wire in self.wires if wire.source == id]


def rules_of(circuit: Circuit) -> dict[str, Any]:
    """What is to be said of a circuit: the signs of its operations, each once, but for those of a
    frame, which has its rule; `subtracted` for an operand with that role; and whether there is an
    input without a derivative."""
    framed = {id for frame in circuit.frames for id in frame.ids}
    found = [
        _SIGNED.fullmatch(place.label)
        for place in circuit.places.values()
        if place.kind == OPERATION and place.id not in framed
    ]
    signs = [each["sign"] or each["word"] for each in found if each]
    roles = ["subtracted"] * any(wire.role == "subtracted" for wire in circuit.wires)
    return {
        "signs": list(dict.fromkeys(signs + roles)),
        "has_data": any(
            wire.source[0] == GIVEN and wire.quantity.symbol and not wire.quantity.slope
            for wire in circuit.wires
        ),
    }


def is_circuit(mermaid: str) -> bool:
    """Whether a mermaid text is that of a circuit of ours."""
    return mermaid.startswith(HEAD)


# ---- written -------------------------------------------------------------------------------------


def written(circuit: Circuit) -> str:
    """The mermaid text of a circuit."""
    lines, framed = [], {id for frame in circuit.frames for id in frame.ids}
    for number, frame in enumerate(circuit.frames, start=1):
        lines += [
            f'subgraph t{number}["{_escaped(TOGETHER + frame.rule)}"]',
            *[_written_place(circuit, circuit.places[id]) for id in frame.ids],
            "end",
        ]
    lines += [
        _written_place(circuit, place)
        for place in circuit.places.values()
        if place.id not in framed
    ]
    for wire in circuit.wires:
        is_told = wire.source[0] == GIVEN or wire.target[0] == END  # its quantity stands in the box
        label = _label(wire.quantity if not is_told else Quantity(), circuit.of, wire.role)
        lines.append(f"{wire.source} -->" + (f'|"{label}"| ' if label else " ") + wire.target)
    return HEAD + "".join(f"  {line}\n" for line in lines)


def _written_place(circuit: Circuit, place: Place) -> str:
    if place.kind in (GIVEN, END):
        wires = circuit.out_of(place.id) if place.kind == GIVEN else circuit.into(place.id)
        return f'{place.id}["{_label(wires[0].quantity, circuit.of)}"]'
    label = "<br/>".join(
        [_escaped(place.label), *([_escaped(LOCAL + place.local.boxed)] if place.local else [])]
    )
    return f'{place.id}(("{label}"))'


def _label(quantity: Quantity, of: str, role: str = "") -> str:
    lines = [role] * bool(role)
    if quantity.symbol and not quantity.value:
        lines.append(_escaped(quantity.symbol))
    if quantity.value:
        lines.append(_escaped(f"{quantity.symbol} {quantity.value}".strip()))
    if quantity.slope:
        name = f"∂{of}/∂{quantity.symbol}" if quantity.symbol else PATH
        lines.append(_escaped(f"{name} {quantity.slope}"))
    return "<br/>".join(lines)


def _escaped(label: str) -> str:
    return label.translate(ESCAPES)


# ---- read ----------------------------------------------------------------------------------------


def read(mermaid: str, where: str = "mermaid", line: int = 1) -> Circuit:
    """The circuit of a text that is one (`is_circuit`). Raises WorksheetError with the line that
    belongs to none."""
    found, boxes, frame = Circuit(""), {}, None
    for number, text in enumerate(mermaid.splitlines(), start=line):
        place = f"{where}, line {number}"
        if number < line + HEAD.count("\n") or not text.strip():
            continue
        if match := _PLACE.fullmatch(text):
            if match["circle"] is None:
                boxes[match["id"]] = _quantity(_lines(match["box"]), place, found)
                found.places[match["id"]] = Place(match["id"])
            else:
                label, *local = _lines(match["circle"])
                found.places[match["id"]] = Place(
                    match["id"],
                    label,
                    _number("=", local[0].removeprefix(LOCAL)) if local else None,
                )
            if frame is not None:
                frame.append(match["id"])
        elif match := _WIRE.fullmatch(text):
            source, target = match["source"], match["target"]
            if source not in found.places or target not in found.places:
                raise WorksheetError(f"no place of this circuit: {text.strip()}", place)
            lines = _lines(match["label"] or "")
            role = lines.pop(0) if lines and lines[0] in ROLES else ""
            quantity = (
                boxes[source]
                if source in boxes
                else boxes[target]
                if target in boxes
                else _quantity(lines, place, found)
            )
            found.wires.append(Wire(source, target, quantity, role))
        elif match := _FRAME.fullmatch(text):
            frame = []
            rule = _plain(match["rule"])
        elif text == "  end" and frame is not None:
            found.frames.append(Frame(tuple(frame), rule))
            frame = None
        else:
            raise WorksheetError(
                f"this belongs to no circuit: {text.strip()}",
                place,
                "it is a mermaid text whose second line is %% circuit",
            )
    if fault := _unsound(found):
        raise WorksheetError(
            fault,
            f"{where}, line {line}",
            "every operation has operands and one result, every dot one quantity that parts there",
        )
    found.places = dict(
        sorted(
            found.places.items(), key=lambda item: (KINDS.index(item[0][0]), int(item[0][1:] or 0))
        )
    )
    found.of = next(wire.quantity.symbol for wire in found.wires if wire.target == END)
    return found


def _unsound(found: Circuit) -> str:
    """What is wrong with the places and wires as a whole; empty where they are a circuit."""
    least = {GIVEN: (0, 1), OPERATION: (1, 1), DOT: (1, 1), END: (1, 0)}
    most = {
        GIVEN: (0, 1),
        OPERATION: (len(found.wires), 1),
        DOT: (1, len(found.wires)),
        END: (1, 0),
    }
    for id, place in found.places.items():
        ends = len(found.into(id)), len(found.out_of(id))
        if not all(
            low <= count <= high
            for low, count, high in zip(least[place.kind], ends, most[place.kind])
        ):
            return f"{id} has {ends[0]} wires in and {ends[1]} out"
    if [id for id in found.places if id[0] == END] != [END]:
        return "a circuit has one end"
    if found.into(END)[0].source[0] != OPERATION:
        return "a circuit ends with what an operation makes"
    if any(
        id not in found.places or id[0] != OPERATION for frame in found.frames for id in frame.ids
    ):
        return "a frame is around operations"
    done: set[str] = set()
    while ready := [
        id
        for id in found.places
        if id not in done and all(wire.source in done for wire in found.into(id))
    ]:
        done.update(ready)
    return "" if len(done) == len(found.places) else "a circuit does not go in a circle"


def _lines(label: str) -> list[str]:
    return [_plain(line) for line in label.split("<br/>")] if label else []


def _quantity(lines: list[str], where: str, found: Circuit) -> Quantity:
    symbol, value, slope = "", None, None
    for line in lines:
        if match := _SLOPE.fullmatch(line):
            slope = _number(match["sign"], match["value"])
        elif match := _VALUE.fullmatch(line):
            symbol, value = match["symbol"] or "", _number(match["sign"], match["value"])
        elif " " not in line:
            symbol = line
        else:
            raise WorksheetError(f"this is no quantity of a circuit: {line}", where)
    return Quantity(symbol, value, slope)


def _number(sign: str, text: str) -> Number:
    return Number(sign, text.strip("[]"), text.startswith("[") and text.endswith("]"))


def _plain(label: str) -> str:
    return re.sub(r"#(\d+|\w+);", lambda match: _SIGNS.get(match[0]) or chr(int(match[1])), label)

r"""The diagrams of a page against the problem: every unit, every weight on its edge, every value as
it is in one epoch of the trace.

    n0_1(("x = 1.0"))    n0_1 -->|"wₕ = 0.5"| n1_1

A grid among the tasks of a sheet is read back with its numbers (`grids/proof.py`). What the picture
must hold is found from the layers, or from the formulas, not from what drew it. A drawing on paper
or in a browser is made of the same text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ..circuits.text import is_circuit
from ..diagrams.mermaid import ESCAPES
from ..family import family_of
from ..grids.proof import fence_failures
from ..grids.text import FENCE as GRID
from ..markdown.authored import is_authored
from ..numbers.numerals import texts
from ..tex.unicode import plain_symbol, symbols_with
from ..trace.trace import Trace
from .circuit import circuit_findings

FENCE = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)
NODE = re.compile(r'\s*(?P<id>\w+)(?:\(\("(?P<circle>[^"]*)"\)\)|\["(?P<box>[^"]*)"\])')
EDGE = re.compile(
    r'\s*(?P<source>\w+) (?P<arrow>-->|-\.->)(?:\|"(?P<label>[^"]*)"\|)? (?P<target>\w+)'
)
LABEL = re.compile(r"(?P<symbol>.*?)(?: (?P<sign>[=≈]) (?P<value>.*))?")

Finding = tuple[int, str, str]
Said = tuple[int, str, str, str]  # a line, and the symbol, the sign and the value of its label
Held = dict[str, set[tuple[str, str]]]  # what each label may say: a sign and a number


@dataclass(slots=True)
class Picture:
    """What a network or a graph is made of, by the symbols of its labels."""

    circles: Counter = field(default_factory=Counter)
    boxes: Counter = field(default_factory=Counter)
    edges: Counter = field(default_factory=Counter)  # (source, target, dashed)
    weights: dict[tuple[str, str], str] = field(default_factory=dict)


def diagram_findings(
    trace: Trace, markdown: str, authored: Collection[str] = frozenset()
) -> list[Finding]:
    """What the diagrams of a page say and the problem does not."""
    found: list[Finding] = []
    for fence in GRID.finditer(markdown) if "```grid" in markdown else ():
        line = markdown.count("\n", 0, fence.start()) + 1
        found += [
            (line, each.printed or "grid", each.message) for each in fence_failures(trace, fence[1])
        ]
    for fence in FENCE.finditer(markdown) if "```mermaid" in markdown else ():
        if (
            not (is_graph := is_circuit(fence[1]))
            and family_of(trace.problem).picture(trace.problem) is None
        ):
            continue
        first = markdown.count("\n", 0, fence.start(1)) + 1
        lines = fence[1].splitlines()
        if (
            not is_authored(markdown.splitlines(), first, first + len(lines) - 1, authored)
            if authored
            else True
        ):
            found += (
                circuit_findings(trace, fence[1], first)
                if is_graph
                else _findings(trace, list(enumerate(lines, start=first)))
            )
    return found


def _findings(trace: Trace, lines: list[tuple[int, str]]) -> Iterator[Finding]:
    drawn, said, labels = Picture(), [], {}
    family, is_back = family_of(trace.problem), lines[0][1].strip() == "graph RL"
    wanted, values = family.picture(trace.problem), _values
    if is_back and (back := family.picture_back(trace)):
        wanted, values = back, _errors
    links: list[tuple[int, str, tuple[str, str, bool]]] = []
    for number, line in lines:
        if node := NODE.fullmatch(line):
            label = _sides(number, node["circle"] if node["box"] is None else node["box"])
            (drawn.circles if node["box"] is None else drawn.boxes)[label[1]] += 1
            labels[node["id"]] = label[1]
            said.append(label)
        elif edge := EDGE.fullmatch(line):
            ends = labels.get(edge["source"], ""), labels.get(edge["target"], "")
            drawn.edges[(*ends, edge["arrow"] != "-->")] += 1
            links.append((number, line, (*ends, edge["arrow"] != "-->")))
            if edge["label"] is not None:
                label = _sides(number, edge["label"])
                said.append(label)
                if label[1] != wanted.weights.get(ends):
                    yield (
                        number,
                        line.strip(),
                        f"no edge of this problem goes from {ends[0]} to {ends[1]} with {label[1]}",
                    )
                drawn.weights[ends] = label[1]
        elif line.strip() not in ("graph RL" if is_back else "graph LR", ""):
            yield number, line.strip(), "this is no unit and no edge of a diagram of ours"
    for number, symbol, _, _ in said:
        if (
            symbol not in wanted.circles
            and symbol not in wanted.boxes
            and symbol not in wanted.weights.values()
        ):
            yield number, symbol, f"{symbol} is nothing that this diagram shows"
    for number, line, edge in links:
        if edge not in wanted.edges:
            yield number, line.strip(), f"no edge of this problem goes from {edge[0]} to {edge[1]}"
    for what, mine, theirs in (
        ("circle", drawn.circles, wanted.circles),
        ("box", drawn.boxes, wanted.boxes),
        ("edge", drawn.edges, wanted.edges),
    ):
        for each in (theirs - mine) + (mine - theirs) if dict(mine) != dict(theirs) else ():
            yield (
                lines[0][0],
                str(each),
                f"the diagram has {mine[each]} times the {what} {each}, the problem {theirs[each]} times",
            )
    if drawn.weights and len(drawn.weights) != len(wanted.weights):
        yield (
            lines[0][0],
            lines[0][1],
            "some of the weights stand beside their edges and some do not",
        )
    yield from _wrong_values(trace, [each for each in said if each[2]], values)
    known = values(trace, 1) if is_back else {}
    for number, symbol, sign, _ in said:
        if symbol in known and not sign:
            yield number, symbol, f"{symbol} has no number, and the solution has one"


def _sides(number: int, label: str) -> Said:
    symbol, sign, value = LABEL.fullmatch(label).groups()
    return number, symbol, sign or "", texts(value or "")


def _wrong_values(
    trace: Trace, said: list[Said], values: Callable[[Trace, int], Held]
) -> Iterator[Finding]:
    """Values that do not belong to the epoch to which most of them belong."""
    if not said:
        return
    best = min(
        (
            [each for each in said if each[2:] not in _held(held, each[1])]
            for held in (values(trace, epoch) for epoch in range(1, trace.problem.epochs + 1))
        ),
        key=len,
    )
    for number, symbol, sign, value in best:
        yield (
            number,
            f"{symbol} {sign} {value}",
            f"{symbol} {sign} {value} is not so in the epoch of this diagram",
        )


def _held(held: dict[str, set[tuple[str, str]]], symbol: str) -> set[tuple[str, str]]:
    return held.get(symbol, set())


def _values(trace: Trace, epoch: int) -> Held:
    """What each label may say in an epoch of a forward pass."""
    return _of(trace, epoch, trace.givens, ("forward", "loss"), plain)


def _errors(trace: Trace, epoch: int) -> Held:
    """What each label may say in an epoch of a backward pass."""
    return _of(trace, epoch, trace.problem.network.inputs, ("loss", "backward"), signs(trace))


def _of(
    trace: Trace,
    epoch: int,
    givens: Iterable[str],
    phases: tuple[str, ...],
    symbols: Callable[[str], str],
) -> Held:
    is_told = trace.problem.rounding.relation == "auto"
    found: Held = {}
    for name in givens:
        found.setdefault(symbols(name), set()).add(("=", trace.before(name, epoch).shown))
    for working in (working for phase in phases for working in trace.select(phase, epoch)):
        sign = "=" if not is_told or all(line.is_exact for line in working.lines) else "≈"
        found.setdefault(symbols(working.name), set()).add((sign, working.shown))
    return found


def signs(trace: Trace) -> Callable[[str], str]:
    """The symbols of a backward pass, with the loss as the notation has it."""
    symbols = symbols_with(trace.problem.loss_name, trace.problem.notation.loss)
    return lambda name: symbols(name).translate(ESCAPES)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name as a diagram writes it."""
    return plain_symbol(name).translate(ESCAPES)

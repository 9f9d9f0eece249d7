"""How far from its full value a quantity may come out for someone who works rightly: an error bound
over the named quantities.

    |f(q) - f(q full)|  <=  sum over the q's of |df/dq| times what q may be off  +  sum over the operations of |df/do| times a rounding

Every named quantity may be kept in the calculator or typed again as it is printed, every operation
within its working may be rounded or not. To the nearest number an operation is off by half a unit
of its last place at most, cut off by one unit towards zero; whoever cuts off always cuts off, so
the two are bounded apart. The derivatives are those of the recorded operations, taken back from the
result (reverse accumulation), so that what stands twice in a formula, a in a(1 - a), counts once;
what an operation comes from its tangent is added. Where it bends much over its interval (1/q or ln
q near 0), its interval is worked out instead.

Source: Wilkinson, Rounding Errors in Algebraic Processes (1963), 1.5; Higham, Accuracy and
Stability (2002), 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Context, Decimal
from math import ceil, floor, isfinite

from ..algebra.slopes import SLOPES, of_max
from ..numbers.number import REACH, Rounding
from ..trace.trace import Event, Trace
from .intervals import BENDS, spans

SLACK = 1 + 1e-9  # outwards, so that a tie of the floats is on the safe side
BEND = 0.1  # so much of its operand, and an operation is no longer a straight line
WIDE = Context(prec=500, rounding=ROUND_FLOOR, Emin=-REACH - 1000, Emax=REACH)
FAR = 300  # powers of ten that floats have
INDICATORS = ("positive", "not_positive")


@dataclass(frozen=True, slots=True)
class Off:
    """How far below and above its full value a number may lie: rounded to the nearest, and cut off."""

    low: float = 0.0
    high: float = 0.0
    cut_low: float = 0.0
    cut_high: float = 0.0

    @property
    def least(self) -> float:
        """The lower of its two lower ends."""
        return min(self.low, self.cut_low)

    @property
    def most(self) -> float:
        """The higher of its two upper ends."""
        return max(self.high, self.cut_high)


EXACT = Off()


@dataclass(frozen=True, slots=True)
class Bound:
    """What a quantity may come to. `off`: before it is written down. `first`, `last`: the smallest
    and the largest number that may be written, as multiples of 10**`place` from `origin`."""

    off: Off
    origin: Decimal
    first: int
    last: int
    place: int


@dataclass
class Bounds:
    """The bounds of a trace, one for each of its workings; and the indicators (of a ReLU) whose
    operand may lie on either side of 0, as pairs of a working's place and the event of the
    operand."""

    found: list[Bound] = field(default_factory=list)
    branches: list[tuple[int, int]] = field(default_factory=list)
    steps: dict[int, Bound] = field(default_factory=dict)


def bounds(trace: Trace, has_steps: bool = False) -> Bounds:
    """The bounds of every working; with `has_steps` of the numbers shown within them too, by their
    events."""
    return _Sweep(trace).run(has_steps)


class _Sweep:
    """The way through a trace, working by working."""

    def __init__(self, trace: Trace):
        self.trace, self.events, self.rounding = trace, trace.events, trace.problem.rounding
        self.held: dict[int, Off] = {}  # the events of named quantities: what may be held for them
        self.found = Bounds()

    def run(self, has_steps: bool) -> Bounds:
        start = 0
        for place, working in enumerate(self.trace.workings):
            unit = _Unit(self.rounding, working.kind)
            if working.event >= start:
                for index in range(start, working.event) if has_steps else ():
                    event = self.events[index]
                    if event.operands and event.shown is not None:
                        off = self.near(place, start, index, unit)
                        self.found.steps[index] = written(
                            event.exact, event.shown, working.kind, off, self.rounding
                        )[0]
                off = self.near(place, start, working.event, unit)
                start = working.event + 1
            else:  # a name for another quantity
                off = self.held.get(working.event, EXACT)
            bound, self.held[working.event] = written(
                working.exact, working.shown, working.kind, off, self.rounding
            )
            self.found.found.append(bound)
        return self.found

    def near(self, place: int, start: int, last: int, unit: _Unit) -> Off:
        """`swept`; of what is beyond all floats, only its own rounding counts."""
        try:
            return self.swept(place, start, last, unit)
        except ArithmeticError:
            return EXACT

    def swept(self, place: int, start: int, last: int, unit: _Unit) -> Off:
        """What the result of the operations from `start` to `last` may be off."""
        events, held = self.events, self.held
        values: dict[int, float] = {}
        radius: dict[int, float] = {}
        slopes: dict[int, tuple[float, ...]] = {}
        rounded: dict[int, float] = {}  # the operations that may be rounded, each with its unit
        bent: dict[int, float] = {}  # how far an operation comes from its tangent
        sizes: dict[int, float] = {}  # of sums: that of their terms together
        is_bent = False
        for index in range(start, last + 1):
            event = events[index]
            op, operands = event.op, event.operands
            if not operands:
                continue
            args, inner = [], []
            for operand in operands:
                if operand not in values:
                    values[operand], off = float(events[operand].exact), held.get(operand, EXACT)
                    radius[operand] = max(off.most, -off.least)
                args.append(values[operand])
                inner.append(radius[operand])
            value = values[index] = float(event.exact)
            is_off = any(inner)
            if op in INDICATORS:
                radius[index] = 0.0
                if is_off and self.may_turn(operands[0], args[0], inner[0]):
                    self.found.branches.append((place, operands[0]))
                continue
            slope = slopes[index] = of_max(args, inner) if op == "max" else SLOPES[op](args, value)
            off = 0.0
            if is_off:
                for each, size in zip(slope, inner):
                    off += abs(each) * size
                if op in BENDS and (bend := BENDS[op](args, inner)):
                    is_bent = is_bent or bend > BEND
                    bent[index] = bend * off
                    off += bent[index]
            if (
                op == "sum" and unit.counts_figures
            ):  # in another order a larger number may stand in between
                sizes[index] = sum(
                    sizes.get(operand, abs(arg)) for operand, arg in zip(operands, args)
                )
                for operand in operands:
                    if operand in sizes and operand in rounded:
                        rounded[operand] = max(rounded[operand], unit.of(sizes[index]))
            if (
                index != last
                and op != "neg"
                and (is_off or not unit.prints(event.exact))
                and not self.is_copy(event)
            ):
                size = unit.of(sizes.get(index, value))
                if (
                    op != "sum" or off < size or unit.counts_figures
                ):  # a sum of rounded places is not rounded again
                    rounded[index] = size
                    off += size
            radius[index] = off
        off = self.gathered(start, last, slopes, values, rounded, bent)
        if is_bent:
            for is_cut in (False, True):
                around = {
                    index: (each.cut_low, each.cut_high) if is_cut else (each.low, each.high)
                    for index, each in held.items()
                }
                if span := spans(events, start, last, around, rounded, is_cut):
                    off = (
                        Off(off.low, off.high, *span)
                        if is_cut
                        else Off(*span, off.cut_low, off.cut_high)
                    )
        return off

    def gathered(
        self,
        start: int,
        last: int,
        slopes: dict[int, tuple[float, ...]],
        values: dict[int, float],
        rounded: dict[int, float],
        bent: dict[int, float],
    ) -> Off:
        """The errors of the operands and of the operations, each times what it does to the result."""
        low = high = cut_low = cut_high = 0.0
        weights = {last: 1.0}
        for index in range(last, start - 1, -1):
            weight = weights.get(index)
            if not weight or index not in slopes:
                continue
            for operand, slope in zip(self.events[index].operands, slopes[index]):
                if slope:
                    weights[operand] = weights.get(operand, 0.0) + weight * slope
            if error := bent.get(index, 0.0) * abs(weight):
                low, high, cut_low, cut_high = (
                    low - error,
                    high + error,
                    cut_low - error,
                    cut_high + error,
                )
            if size := rounded.get(index):
                error = abs(weight) * size
                low, high = low - error / 2, high + error / 2
                if (weight > 0) is (values[index] > 0):  # towards 0 is downwards in the result
                    cut_low -= error
                else:
                    cut_high += error
        for operand, weight in weights.items():
            if (off := self.held.get(operand)) and off is not EXACT and weight:
                if weight > 0:
                    low, high, cut_low, cut_high = (
                        low + weight * off.low,
                        high + weight * off.high,
                        cut_low + weight * off.cut_low,
                        cut_high + weight * off.cut_high,
                    )
                else:
                    low, high, cut_low, cut_high = (
                        low + weight * off.high,
                        high + weight * off.low,
                        cut_low + weight * off.cut_high,
                        cut_high + weight * off.cut_low,
                    )
        if not (low or high or cut_low or cut_high) or not isfinite(
            low + high + cut_low + cut_high
        ):
            return EXACT
        return Off(low * SLACK, high * SLACK, cut_low * SLACK, cut_high * SLACK)

    def may_turn(self, operand: int, value: float, radius: float) -> bool:
        """Whether a number may be positive for one who is right and not for another."""
        off = self.held.get(operand)
        if off is None:
            return value - radius <= 0 < value + radius
        exact = self.events[operand].exact
        return (exact > 0 and float(exact) + off.least <= 0) or (
            exact <= 0 and float(exact) + off.most > 0
        )

    def is_copy(self, event: Event) -> bool:
        """A number times the 1 of a formula, which is not rounded again."""
        if event.op != "product" or len(event.operands) != 2:
            return False
        one = self.events[event.operands[1]]
        return one.op == "constant" and one.exact == 1


class _Unit:
    """The unit of the last place of a number of some kind."""

    def __init__(self, rounding: Rounding, kind: str):
        digits = rounding.digits(kind)
        self.rounding, self.kind = rounding, kind
        self.counts_figures = bool(digits.significant or digits.at_least_significant)
        self.place = None if self.counts_figures else -digits.places
        self.size = None if self.counts_figures else 10.0**self.place

    def place_of(self, value: Decimal) -> int:
        return self.place if self.place is not None else self.rounding.last_digit(value, self.kind)

    def of(self, value: float) -> float:
        return (
            self.size
            if self.size is not None
            else 10.0 ** self.rounding.last_digit(Decimal(value), self.kind)
        )

    def prints(self, value: Decimal) -> bool:
        """Whether a number has no more places than are printed of it."""
        place = self.place_of(value)
        return (
            not value
            or value.as_tuple().exponent >= place
            or value.normalize(WIDE).as_tuple().exponent >= place
        )


def written(
    exact: Decimal, text: str, kind: str, off: Off, rounding: Rounding
) -> tuple[Bound, Off]:
    """What may be written for a number that the page shows as `text`, and what may then be held for
    it: itself, or as it was written."""
    printed = Decimal(text)
    place = rounding.last_digit(printed, kind)
    if (
        exact.adjusted() - place >= WIDE.prec
        # rounding on the way has made a number of another world of it: e^-740,280,000,000 was
        # e^-741,000,000,000
    ):
        return Bound(EXACT, printed, 0, 0, place), EXACT
    origin = exact.quantize(Decimal((0, (1,), place)), context=WIDE)  # the printable number below
    if max(abs(place), abs(exact.adjusted()), abs(printed.adjusted())) > FAR and exact:
        shown = int(WIDE.subtract(printed, origin).scaleb(-place, WIDE))
        return Bound(EXACT, origin, min(0, shown), max(1, shown), place), EXACT
    size, at, value = (
        10.0**place,
        float(WIDE.subtract(exact, origin).scaleb(-place, WIDE)),
        float(exact),
    )
    if off is EXACT and not at:
        return Bound(EXACT, origin, 0, 0, place), EXACT
    low, high = off.low / size, off.high / size
    first, last = floor(at + low + 0.5), floor(at + high + 0.5)
    if first == at + low + 0.5:  # a tie: half to even, or away from zero
        first -= 1
    cut_first, cut_last = (
        _cut(at + off.cut_low / size, value + off.cut_low),
        _cut(at + off.cut_high / size, value + off.cut_high),
    )
    held = Off(
        min(low, first - at) * size,
        max(high, last - at) * size,
        min(off.cut_low, (cut_first - at) * size),
        max(off.cut_high, (cut_last - at) * size),
    )
    shown = round(
        WIDE.subtract(printed, origin).scaleb(-place, WIDE)
    )  # by whatever policy the page is worked
    return Bound(off, origin, min(first, cut_first, shown), max(last, cut_last, shown), place), held


def _cut(at: float, value: float) -> int:
    """The place `at`, in units, cut off towards zero."""
    return floor(at) if value > 0 else ceil(at)

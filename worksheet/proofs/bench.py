"""Where claims are decided: what quantities are by the judge's values (`judge/judges.py`), beside
them, and what the page prints of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from ..descent.floats import judged_run
from ..descent.outcome import Course, follow, rises
from ..family import family_of
from ..judge.exact_network import Worked, loss_of
from ..judge.judges import judge_of
from ..pages.claims import Key
from ..problem import PHASES
from ..trace.trace import Trace, Working
from .judge import Found
from .pushes import at_a_corner, pushed

SMALL = -40  # a power of ten below which a number may be what is left of others
NOISE = Decimal(
    "1e-85"
)  # of the numbers that something was made of: what is smaller may be nothing
BESIDE = Decimal("1e-20"), Decimal("1e-40")  # how far a quantity is pushed, of itself or of 1
FADES = Decimal("0.01")  # a slope of which so little is left with the smaller push is none
SLOW, MANY = (
    10,
    50,
)  # a run is slow that takes so many times the updates of the quickest, and so many of them
HIGH = Decimal(
    "0.1"
)  # of the way down from the start: where a run ends that is so much above the best, it ends high


class Bench:
    """The true and the printed value of everything that a page may speak of. In the judge's
    arithmetic (`duals.judging`)."""

    def __init__(self, trace: Trace, found: Found | None = None):
        self.trace, self.problem, self.oracle = trace, trace.problem, judge_of(trace.problem)
        self._found, self._sides = found, dict[Key, tuple[int, int, bool]]()

    @cached_property
    def found(self) -> Found:
        """What the judge finds for this trace, worked out when it is first asked for."""
        return self._found or Found(self.trace)

    # ---- values
    # -----------------------------------------------------------------------------------

    def working(self, key: Key) -> Working:
        """The working of a quantity at its epoch and phase."""
        return self.trace.find(*key)

    def shown(self, key: Key) -> Decimal:
        """What the page prints."""
        return Decimal(self.working(key).shown)

    def real(self, key: Key) -> Decimal:
        """The true value. Raises KeyError for what the judge does not know."""
        return self.found.of(self.working(key))[key[0]]

    def at(self, name: str, epoch: int) -> Decimal:
        """The true value before the update of an epoch, counted from 0; the last is after all of
        them."""
        return self.found.steps[epoch].values[name]

    def printed(self, name: str, epoch: int) -> set[str]:
        """Every text in which the page prints a quantity of an epoch, counted from 0."""
        found = {
            working.shown
            for phase in PHASES
            for working in [self.trace.get(name, epoch + (phase != "check"), phase)]
            if working and phase != "update"
        }
        return found | (
            {self.trace.before(name, epoch + 1).shown} if name in self.trace.givens else set()
        )

    def share(self, name: str) -> Decimal:
        """What one output has in the loss, but for a factor."""
        network, values = self.problem.network, self.found.steps[0].values
        place = [unit.a for unit in network.layers[-1].units].index(name)
        layer = Worked(network.layers[-1], [], [], [], [values[name]], [1 - values[name]], [])
        return loss_of(network.loss, [list(network.target.values())[place].value], layer)[0]

    def loss_after(self, updates: int) -> Decimal:
        """The loss after so many updates."""
        problem = self.problem
        at = self.oracle.exact_ground(problem)
        return follow(
            [problem.parameters[name].value for name in problem.trained],
            problem.learning_rate.value,
            at,
            Decimal(-1),
            updates,
        ).loss

    def sign(self, key: Key) -> int:
        """That of the true value; of a number so small that it may be what is left of others, with
        the digits of the trace too."""
        value, working = self.real(key), self.working(key)
        if value and value.adjusted() < SMALL:
            largest = max(
                (abs(each) for each in self.found.of(working).values() if each.is_finite()),
                default=Decimal(0),
            )
            if (
                abs(value) < NOISE * largest
                and abs(self.found.coarse.of(working)[working.name] - value) > abs(value) / 2
            ):
                return 0
        return sign_of(value)

    def difference(self, old: Key, new: Key) -> int:
        """Whether the new is larger than the old: 1, smaller: -1, or neither: 0."""
        one, other = self.real(old), self.real(new)
        return sign_of(other - one, (one, other))

    def is_beneath(self, key: Key) -> bool:
        """Whether the trace has zero for what is not, since no digits of it tell: far out on a
        sigmoid, where no digit of the page would change."""
        working = self.working(key)
        return not working.exact and self.sign(key) != 0 and self.found.is_noise(working)

    # ---- beside the values
    # ------------------------------------------------------------------------

    def parameters(self, epoch: int) -> dict[str, Decimal]:
        """Every number that is given, as it is when an epoch begins."""
        values = self.found.steps[epoch - 1].values
        return {
            name: values.get(name, self.trace.events[event].exact)
            for name, event in self.trace.givens.items()
        }

    def sides(self, key: Key) -> tuple[int, int, bool]:
        """The signs of the slopes below and above the quantity that a gradient is by, and whether
        nothing changes at all."""
        if key not in self._sides:
            self._sides[key] = self._sides_of(key)
        return self._sides[key]

    def _sides_of(self, key: Key) -> tuple[int, int, bool]:
        name, epoch, _ = key
        sign = self.sign(key)
        values = self.found.steps[epoch - 1].values
        is_beneath = self.is_beneath(key)
        if sign and not is_beneath and not at_a_corner(self.problem, values):
            return sign, sign, False
        held = self.parameters(epoch)
        by = name.removeprefix(f"d{self.problem.loss_name or self.problem.name}_d")
        size = max(Decimal(1), abs(values.get(by, held.get(by, Decimal(0)))))
        here = pushed(self.problem, held, by, Decimal(0))
        moves = {
            (side, step): pushed(self.problem, held, by, side * step * size) - here
            for side in (-1, 1)
            for step in BESIDE
        }
        found = []
        for side in (-1, 1):
            far, near = (side * moves[side, step] / (step * size) for step in BESIDE)
            is_none = abs(near) <= FADES * abs(far) or abs(moves[side, BESIDE[1]]) <= NOISE * abs(
                here
            )
            found.append(0 if is_none else sign_of(near))
        least = abs(here).scaleb(2 - self.trace.digits) if is_beneath else 0
        return found[0], found[1], all(abs(move) <= least for move in moves.values())

    def stepped(self, epoch: int, share: Decimal) -> int:
        """Which way the loss goes with a share of the learning rate."""
        problem, values = self.problem, self.found.steps[epoch - 1].values
        there = {
            name: values[name]
            - share * problem.learning_rate.value * values[f"d{problem.loss_name}_d{name}"]
            for name in problem.trained
        }
        loss = self.oracle.moved(
            problem, {name: values[name] for name in problem.parameters} | there
        )[problem.loss_name]
        return sign_of(loss - values[problem.loss_name], (loss,))

    def nudged(self, name: str, share: Decimal) -> int:
        """Which way the loss goes with a share of a nudge."""
        problem, values = self.problem, self.found.steps[0].values
        loss = self.oracle.moved(problem, {name: values[name] + share * problem.nudge[name].value})[
            problem.loss_name
        ]
        return sign_of(loss - values[problem.loss_name], (loss,))

    # ---- what is counted
    # --------------------------------------------------------------------------

    def ends(self, activation: str) -> tuple[float, float]:
        """The ends of the range of a neuron's output."""
        layer = next(
            layer
            for layer in self.problem.network.layers
            if any(unit.a == activation for unit in layer.units)
        )
        return {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}[layer.activation]

    def count(self, what: str, of: object) -> int:
        """How many there are of something. Raises KeyError for what nobody counts."""
        problem = self.problem
        match what:
            case "inputs":
                return len(problem.network.inputs)
            case "units":
                return len(problem.network.layers[int(of) - 1].units)
            case "end_places":
                return problem.end_places
            case "updates":
                return self.run(str(of)).updates
            case "paths":
                return self._paths(str(of[0]).removeprefix(f"d{problem.loss_name}_d"))
        raise KeyError(what)

    def _paths(self, name: str) -> int:
        """On how many formulas, or neurons, a quantity has an effect at once."""
        layers = self.problem.layers
        if not layers:
            return sum(
                name in re.findall(r"[A-Za-z]\w*", text)
                for text in family_of(self.problem).texts(self.problem)
            )
        for layer, after in zip(layers, (*layers[1:], None)):
            if any(unit.z == name != unit.a for unit in layer.units):
                return len(layer.units) if layer.activation == "softmax" else 1
            if any(unit.a == name for unit in layer.units):
                return len(after.units) if after else 1
        return 1

    # ---- runs
    # -------------------------------------------------------------------------------------

    def run(self, rate: str | Decimal) -> Course:
        """What becomes of a run; as the trace has it where no digits have a say (`proofs/judge.py`
        tells it otherwise)."""
        value = Decimal(rate) if rate else self.problem.learning_rate.value
        theirs = judged_run(self.problem, value, self.trace.digits)
        mine = next((each for each in self.trace.descents if each.rate == value), None)
        if mine and (
            (mine.fate, mine.updates) != (theirs.fate, theirs.updates) or not mine.is_known
        ):
            return Course(
                mine.fate,
                mine.updates,
                mine.swings,
                tuple(mine.end.values()),
                mine.loss,
                mine.nearer,
            )
        return theirs

    def verdicts(self) -> Mapping[Decimal, str]:
        """What each of the learning rates is that are compared: small, right, large, or beyond."""
        runs = {number.value: self.run(number.value) for number in self.problem.learning_rates}
        start = self.found.steps[0].values[self.problem.loss_name]
        settled = {rate: run for rate, run in runs.items() if run.fate == "settles"}
        low, of = min(
            ((run.loss, rate) for rate, run in settled.items()), default=(start, Decimal(0))
        )
        high = {
            rate
            for rate, run in settled.items()
            if rises(start, run.loss)
            or rate > of
            and rises(low, run.loss)
            and run.loss - low > HIGH * (start - low)
        }
        quickest = min(
            (run.updates for rate, run in settled.items() if rate not in high), default=0
        )
        found = {}
        for rate, run in runs.items():
            is_slow = (
                run.fate == "creeps"
                or rate in settled
                and not run.swings
                and run.updates >= max(SLOW * quickest, MANY)
            )
            found[rate] = (
                "beyond"
                if rate in high
                else "small"
                if is_slow
                else "beyond"
                if run.fate != "settles"
                else "large"
                if run.swings
                else "right"
            )
        return found


def sign_of(value: Decimal, of: tuple[Decimal, ...] = ()) -> int:
    """The sign of a number that was made of others."""
    noise = NOISE * max(map(abs, of), default=Decimal(0))
    return (value > noise) - (value < -noise)


def sign_shown(value: Decimal) -> int:
    """1, 0 or -1."""
    return (value > 0) - (value < 0)

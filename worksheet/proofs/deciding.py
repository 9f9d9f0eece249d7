"""What each kind of claim asserts, decided on a bench: of the true numbers, and without
contradiction to the printed ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from ..algebra.expression import operations
from ..numbers.number import quantize
from ..numbers.numerals import texts
from ..pages.claims import Key
from ..tex.notation import Symbols
from .bench import Bench, sign_of, sign_shown

Decision = Callable[..., bool]
POWER = re.compile(r"(-?[\d.]+) \\\w+ 10\^\{(-?\d+)\}")
SHARES = (
    *(Decimal(2) ** -k for k in range(1, 60)),
    *(Decimal(10) ** -k for k in range(20, 200, 4)),
)  # of a step, down to where it is as good as none
NEARLY = 4  # a prediction is nearly right that is off by no more than this part of it
END_OF_RANGE = 0.01  # how close to its ends a sigmoid or tanh is saturated
DIGITS = Decimal("1e-25")  # of a number that was worked out another way
FLOATS = Decimal("1e-12")  # of a number that a figure has from floats
ALIKE, APART = 2e-9, 1e-9  # losses that are equally small, and points that are not the same


def moved(bench: Bench, old: Key, new: Key, sign: int) -> bool:
    """From the old to the new it went up (1) or down (-1)."""
    return bench.difference(old, new) == sign == sign_shown(bench.shown(new) - bench.shown(old))


def still(bench: Bench, old: Key, new: Key) -> bool:
    """At this number of digits it is what it was."""
    return bench.shown(old) == bench.shown(new)


def moved_by_rounding(bench: Bench, old: Key, new: Key, shown: int, real: int) -> bool:
    """What is printed went one way, the quantity another, or nowhere that many more digits would
    show."""
    went = bench.difference(old, new)
    if real == 0 and abs(bench.real(new) - bench.real(old)) <= DIGITS * abs(bench.real(old)):
        went = 0
    return shown == sign_shown(bench.shown(new) - bench.shown(old)) != went == real


def sign(bench: Bench, key: Key, sign: int) -> bool:
    """It is positive, negative or zero."""
    return sign_shown(bench.shown(key)) == bench.sign(key) == sign


def sign_by_rounding(bench: Bench, key: Key, text: str) -> bool:
    """It is printed with a sign that it has not: it is zero, or about what the text says."""
    return sign_shown(bench.shown(key)) != bench.sign(key) and (
        bench.sign(key) == 0
        if text == "0"
        else _is_about(bench.real(key), text, bench.problem.rounding.mode)
    )


def direction(bench: Bench, key: Key, sign: int) -> bool:
    """The loss goes up or down with the quantity: by this gradient, and on both sides of it."""
    below, above, _ = bench.sides(key)
    return sign != 0 and sign_shown(bench.shown(key)) == bench.sign(key) == below == above == sign


def flat(bench: Bench, key: Key, how: str) -> bool:
    """With this gradient, the loss is constant near the quantity, level, or has a corner there."""
    below, above, is_constant = bench.sides(key)
    if how != "beneath" and bench.is_beneath(key):
        return False
    if how == "corner":
        return below != above or bench.sign(key) != below
    return below == above == 0 and not bench.shown(key) and is_constant == (how != "level")


def shorter_step(bench: Bench, epoch: int) -> bool:
    """With some smaller learning rate the loss would have fallen."""
    return any(bench.stepped(epoch, share) < 0 for share in SHARES)


def size(bench: Bench, one: Key, other: Key, sign: int) -> bool:
    """The one is larger (1) or smaller (-1) than the other in size."""
    mine, theirs = abs(bench.real(one)), abs(bench.real(other))
    return (
        sign_of(mine - theirs, (mine, theirs))
        == sign
        == sign_shown(abs(bench.shown(one)) - abs(bench.shown(other)))
    )


def not_zero(bench: Bench, key: Key, text: str) -> bool:
    """It is printed as zero and is not: about what the text says."""
    return (
        not bench.shown(key)
        and bench.real(key) != 0
        and _is_about(bench.real(key), text, bench.problem.rounding.mode)
    )


def not_zeros(bench: Bench, key: Key) -> bool:
    """Some number in its working is printed as zero and is not."""
    return any(
        event.shown is not None and not Decimal(event.shown) and event.exact
        for event in bench.trace.events
    )


def same(bench: Bench, one: Key, other: Key, is_shown: bool) -> bool:
    """Two ways to one number; whether they are printed alike."""
    return (
        bench.difference(one, other) == 0 and (bench.shown(one) == bench.shown(other)) == is_shown
    )


def longer(bench: Bench, one: Key, other: Key) -> bool:
    """The one takes more operations than the other."""
    return operations(bench.working(one).formula) > operations(bench.working(other).formula)


def times(bench: Bench, key: Key, text: str) -> bool:
    """So many times as much."""
    return abs(bench.shown(key)) == abs(read_number(text))


def zeros(bench: Bench, keys: tuple[Key, ...]) -> bool:
    """Each of them is zero, and printed so."""
    return all(not bench.shown(key) and bench.sign(key) == 0 for key in keys)


def beneath(bench: Bench, keys: tuple[Key, ...]) -> bool:
    """Each of them is zero as far as any digits of the trace tell, and printed so."""
    return all(
        not bench.shown(key) and (bench.sign(key) == 0 or bench.is_beneath(key)) for key in keys
    )


def case(bench: Bench, place: int, sign: int) -> bool:
    """The gradient that is given in a single case has this sign."""
    return sign_shown(bench.problem.cases[place - 1].gradient.value) == sign


# ---- what is tried out
# ----------------------------------------------------------------------------


def nudged(bench: Bench, name: str, sign: int) -> bool:
    """A parameter is increased or decreased."""
    return sign_shown(bench.problem.nudge[name].value) == sign


def changed(bench: Bench, name: str, sign: int) -> bool:
    """A variable grows or falls."""
    return sign_shown(bench.problem.change[name].value) == sign


def turned(bench: Bench, name: str, actual: Key, predicted: Key) -> bool:
    """The loss did not go the way that was predicted, and with a smaller change it would."""
    sign = bench.sign(predicted)
    return bench.sign(actual) != sign == sign_shown(bench.shown(predicted)) != sign_shown(
        bench.shown(actual)
    ) and any(bench.nudged(name, share) == sign for share in SHARES)


def foretold(bench: Bench, actual: Key, predicted: Key, gap: Key, is_near: bool, sign: int) -> bool:
    """The loss went the way that was predicted, and about as far, or not."""
    is_right = (
        bench.sign(actual)
        == bench.sign(predicted)
        == sign
        == sign_shown(bench.shown(actual))
        == sign_shown(bench.shown(predicted))
    )
    return is_right and is_near == (NEARLY * abs(bench.real(gap)) <= abs(bench.real(predicted)))


def differs(bench: Bench, gap: Key) -> bool:
    """Something is left between the two."""
    return bench.sign(gap) != 0


def rounding_only(bench: Bench, gap: Key) -> bool:
    """What is left between the two as they are printed is rounding."""
    return bench.sign(gap) == 0 and bool(bench.shown(gap))


# ---- neurons, numbers, counts
# ---------------------------------------------------------------------


def state(bench: Bench, keys: tuple[Key, Key], state: str) -> bool:
    """A ReLU is off, or at its corner, or there as it is printed; a sigmoid or tanh is close to its
    end."""
    a, z = keys
    activation = next(
        layer.activation
        for layer in bench.problem.network.layers
        if any(unit.a == a[0] for unit in layer.units)
    )
    if (state == "saturated") == activation.endswith("relu"):
        return False
    match state:
        case "corner":
            return bench.sign(z) == 0 and not bench.shown(z)
        case "rounded-corner":
            return bench.sign(z) != 0 and not bench.shown(z)
        case "off":
            return bench.sign(z) < 0 and bench.shown(z) < 0 and not bench.shown(a)
        case "saturated":
            low, high = bench.ends(a[0])
            return all(
                min(value - low, high - value) < END_OF_RANGE
                for value in (float(bench.real(a)), float(bench.shown(a)))
            )
    return False


def rounding(
    bench: Bench, policy: str, mode: str, commit: str, relation: str, digits: tuple[int | None, ...]
) -> bool:
    """Numbers behave on the page as the problem says, and are written with so many digits."""
    own = bench.problem.rounding
    shown = own.digits("")
    return (own.policy, own.mode, own.commit, own.relation) == (
        policy,
        mode,
        commit,
        relation,
    ) and digits == (shown.places, shown.significant, shown.at_least_significant)


def listed(bench: Bench, number: int, is_last: bool) -> bool:
    """Some results were computed with unrounded values; that they differ in the last digit alone,
    each of them says (`differs-by-digits`)."""
    return number > 0 and bench.problem.rounding.policy != "carry"


def count(bench: Bench, number: int, what: str, of: object) -> bool:
    """So many there are."""
    return bench.count(what, of) == number


# ---- where gradient descent leads
# -----------------------------------------------------------------


def goes_on(bench: Bench, until: str, longest: int) -> bool:
    """When the program stops."""
    return read_number(until) == bench.problem.until.value and longest == bench.problem.long_run


def fate(bench: Bench, rate: str, fate: str, swings: bool, updates: int) -> bool:
    """What becomes of a run, and after how many updates."""
    run = bench.run(rate)
    return (run.fate, bool(run.swings), run.updates) == (fate, bool(swings), updates)


def rate(bench: Bench, rate: str, verdict: str) -> bool:
    """A learning rate is too small, right, large or too large among those that are compared."""
    return bench.verdicts()[Decimal(rate)] == verdict


def some_rate(bench: Bench, verdict: str, fate: str) -> bool:
    """One of them is, and so goes its run."""
    return any(
        each == verdict and (not fate or bench.run(rate).fate == fate)
        for rate, each in bench.verdicts().items()
    )


def to_and_fro(bench: Bench, nearer: int) -> bool:
    """A run that comes to no end comes nearer to the bottom, or no nearer."""
    return any(
        run.fate == "oscillates" and run.nearer == nearer
        for run in map(bench.run, bench.verdicts())
    )


def many_lowest(bench: Bench) -> bool:
    """Runs end at different points, equally low."""
    settled = [run for run in map(bench.run, bench.verdicts()) if run.fate == "settles"]
    losses, ends = (
        [float(run.loss) for run in settled],
        [tuple(map(float, run.end)) for run in settled],
    )
    return max(losses) - min(losses) <= ALIKE and any(
        abs(one - other) > APART for end in ends for one, other in zip(end, ends[0])
    )


def shifted(bench: Bench, key: Key, text: str) -> bool:
    """This is the largest of the scores that a softmax takes."""
    layer = next(
        layer
        for layer in bench.problem.network.layers
        if any(unit.a == key[0] for unit in layer.units)
    )
    scores = {
        Symbols.of(bench.problem)(unit.z): bench.shown((unit.z, key[1], key[2]))
        for unit in layer.units
    }
    return scores.get(text) == max(scores.values())


def read_number(text: str) -> Decimal:
    r"""`-0.5`, or `3.2 \cdot 10^{-7}`."""
    match = POWER.fullmatch(text)
    return Decimal(match[1]).scaleb(int(match[2])) if match else Decimal(texts(text).strip("()"))


def _is_about(value: Decimal, text: str, mode: str) -> bool:
    r"""`3.2 \cdot 10^{-7}`, rounded to its last digit as everything is."""
    written = read_number(text)
    return abs(value.adjusted() - written.adjusted()) < 2 and any(
        written == quantize(value + noise, written.as_tuple().exponent, mode)
        for noise in (0, value * DIGITS, -value * DIGITS)
    )


# ---- figures: their alternative texts, captions and labels
# ----------------------------------------


def number(bench: Bench, name: str, epoch: int, text: str) -> bool:
    """A number in a figure: as the page prints it, or the true one, to its last digit."""
    return text in bench.printed(name, epoch) or _rounds_to(bench.at(name, epoch), text)


def slope(bench: Bench, name: str, sign: int) -> bool:
    """A tangent rises, falls, or is level; where floats have none of its slope, it is drawn level."""
    value = bench.at(name, 0)
    return sign_of(value) == sign or sign == 0 and abs(value) < FLOATS


def step(bench: Bench, name: str, sign: int) -> bool:
    """The first step of a parameter goes to the right or to the left."""
    return sign_of(bench.at(name, 1) - bench.at(name, 0)) == sign


def alone(bench: Bench, name: str, sign: int) -> bool:
    """What the loss does with the first step of one parameter alone."""
    values, problem = bench.found.steps[0].values, bench.problem
    there = bench.oracle.moved(problem, {name: bench.at(name, 1)})[problem.loss_name]
    return sign_of(there - values[problem.loss_name], (FLOATS * there,)) in (sign, 0)


def furthest_off(bench: Bench, name: str) -> bool:
    """No other output has a larger share in the loss."""
    return bench.share(name) == max(
        bench.share(unit.a) for unit in bench.problem.network.layers[-1].units
    )


def updates_worked(bench: Bench, number: int) -> bool:
    """So many updates are worked on a page of this problem."""
    return number == bench.problem.epochs


def after(bench: Bench, updates: int, text: str) -> bool:
    """About so small the loss is after so many updates."""
    return _rounds_to(bench.loss_after(updates), text, loose=True)


def fate_of(bench: Bench, rate: str, fate: str) -> bool:
    """What becomes of a run."""
    return bench.run(rate).fate == fate


def held(bench: Bench, others: int, is_end: bool) -> bool:
    """So many parameters are not in the picture, and where they are held."""
    stands = bench.problem.goes_on and bench.run("").fate in ("settles", "creeps")
    return others == len(bench.problem.trained) - len(bench.problem.over) and is_end == (
        stands and others > 0
    )


def height(bench: Bench, names: tuple[str, ...], epoch: int, text: str) -> bool:
    """How high a picture is at a point of the page, the other parameters held where the run ends."""
    end = dict(zip(bench.problem.trained, bench.run("").end)) | {
        name: bench.at(name, epoch) for name in names
    }
    return _rounds_to(bench.oracle.moved(bench.problem, end)[bench.problem.loss_name], text)


def _rounds_to(value: Decimal, text: str, loose: bool = False) -> bool:
    """Whether a text is the value, to half a unit of its last digit; `loose`: as far as floats have
    it."""
    written = read_number(text)
    unit = Decimal(1).scaleb(written.as_tuple().exponent)
    return abs(value - written) <= unit * Decimal("0.5000001") + abs(value) * FLOATS * (
        1000 if loose else 1
    )


JUDGES: dict[str, Decision] = {
    "moved": moved,
    "still": still,
    "moved-by-rounding": moved_by_rounding,
    "shorter-step": shorter_step,
    "direction": direction,
    "flat": flat,
    "size": size,
    "sign": sign,
    "sign-by-rounding": sign_by_rounding,
    "case": case,
    "not-zero": not_zero,
    "not-zeros": not_zeros,
    "shifted": shifted,
    "same": same,
    "times": times,
    "longer": longer,
    "zeros": zeros,
    "beneath": beneath,
    "count": count,
    "nudged": nudged,
    "changed": changed,
    "turned": turned,
    "foretold": foretold,
    "differs": differs,
    "rounding-only": rounding_only,
    "state": state,
    "rounding": rounding,
    "listed": listed,
    "goes-on": goes_on,
    "fate": fate,
    "rate": rate,
    "some-rate": some_rate,
    "to-and-fro": to_and_fro,
    "many-lowest": many_lowest,
    "number": number,
    "slope": slope,
    "step": step,
    "alone": alone,
    "furthest-off": furthest_off,
    "updates-worked": updates_worked,
    "after": after,
    "fate-of": fate_of,
    "held": held,
    "height": height,
}

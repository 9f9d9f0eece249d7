"""Gradient descent carried on by a program, with 50 digits, or 100: the formulas of a trace, worked
out at one point after the other.

    forward pass, loss, dL/dw  of the first epoch,   w <- w - alpha dL/dw,   again and again (`descent/outcome.py`)

It needs nothing of a family but its forward pass, to try out the point where a run ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, DecimalException, localcontext

from ..algebra.entries import EXACT, ZERO
from ..algebra.expression import Apply, Expr, Literal, Name
from ..errors import SolveError
from ..numbers.known_digits import RUN
from ..numbers.number import CONTEXT, Number, endless, quantize, working
from ..problem import END, Descending
from ..trace.backward import partial_name
from ..trace.tape import Tape
from ..trace.trace import STANDS, Descent, Trace, ended
from .outcome import Course, follow

MOST_PLACES = 12  # that a spec can ask for (`until`)

Forward = Callable[
    [Descending, Tape, tuple[str, str], int], None
]  # the forward pass and the loss, in two phases of an epoch
ASIDE, SAME = (
    Decimal("1e-40"),
    Decimal("1e-15"),
)  # how far aside a run begins that is tried again, and how near it must end

At = Callable[[Sequence[Decimal]], tuple[Decimal, list[Decimal]]]


def _softmax(own: Decimal, *powers: Decimal) -> Decimal:
    """e^own divided by the sum of e^power, from the largest power, so that none overflows."""
    largest = max(powers)
    own, *others = (EXACT["exp"](CONTEXT.subtract(power, largest)) for power in (own, *powers))
    return CONTEXT.divide(own, ARITHMETIC["sum"](*others))


def _product(*factors: Decimal) -> Decimal:
    return EXACT["product"](*factors) if all(factors) else ZERO  # 0 ln(0) is 0, its limit


ARITHMETIC = EXACT | {"product": _product}


def _operation(
    expr: Apply, formulas: dict[Expr, Expr]
) -> tuple[Callable[..., Decimal], tuple[Expr, ...]]:
    """What an operation does, and to what; of 1 - sigmoid(z) it is sigmoid(-z), which keeps its
    digits where the sigmoid is all but 1."""
    match expr:
        case Apply("sum", (Literal(value=1), Apply("neg", (taken,)))):
            match formulas.get(taken, taken):
                case Apply("sigmoid", (z,)):
                    return ARITHMETIC["sigmoid"], (Apply("neg", (z,)),)
    if expr.op == "divide" and isinstance(expr.args[1], Apply) and expr.args[1].op == "sum":
        powers = (expr.args[0], *expr.args[1].args)
        if all(isinstance(power, Apply) and power.op == "exp" for power in powers):
            return _softmax, tuple(power.args[0] for power in powers)
    return ARITHMETIC[expr.op], expr.args


def carried_on(trace: Trace, forward: Forward) -> Trace:
    """The trace with what becomes of gradient descent with each learning rate, and the forward pass
    where it stands with that of the problem; as it is where that is not asked for, or there
    already."""
    problem = trace.problem
    if trace.descents or not isinstance(problem, Descending) or not problem.goes_on:
        return trace
    at, start = compiled(trace), [problem.parameters[name].value for name in problem.trained]
    rates = dict.fromkeys(
        number.value for number in (problem.learning_rate, *problem.learning_rates)
    )
    descents = []
    for rate in rates:
        with endless(), working(min(CONTEXT.prec, RUN)), localcontext(CONTEXT):
            course = follow(start, rate, at, problem.until.value, problem.long_run)
            is_known = course.fate != "oscillates" or _is_known(
                course,
                follow(
                    [value + ASIDE for value in start],
                    rate,
                    at,
                    problem.until.value,
                    problem.long_run,
                ),
            )
        descents.append(
            Descent(
                rate,
                course.fate,
                course.updates,
                course.swings,
                dict(zip(problem.trained, course.end)),
                course.loss,
                course.nearer if is_known else 0,
                is_known,
            )
        )
        if not problem.is_of_a_loss:
            _check_printed(problem, descents[-1], at)
    return _tried(replace(trace, descents=tuple(descents)), forward)


def _is_known(course: Course, other: Course) -> bool:
    """Whether a run that began a hair's breadth aside is at the same point: otherwise its digits
    are chance."""
    return course.updates == other.updates and all(
        abs(one - two) <= SAME * max(1, abs(one)) for one, two in zip(course.end, other.end)
    )


def _check_printed(problem: Descending, descent: Descent, at: At) -> None:
    """The page says how high the function lies where a run ends, as that point is printed: rounded
    to 0, ln(x) has no value there."""

    def is_high(places: int) -> bool:
        try:
            with localcontext(CONTEXT):
                return at(
                    [
                        quantize(value, -places, problem.rounding.mode)
                        for value in descent.end.values()
                    ]
                )[0].is_finite()
        except DecimalException:
            return False

    if descent.fate in STANDS and not is_high(problem.end_places):
        printed = ", ".join(
            f"{name} = {quantize(value, -problem.end_places, 'half-up'):f}"
            for name, value in descent.end.items()
        )
        enough = next(filter(is_high, range(problem.end_places, MOST_PLACES + 1)), None)
        raise SolveError(
            f"where gradient descent ends, '{problem.loss_name}' has no finite value as that point is printed: {printed}",
            quantity=problem.loss_name,
            hint=f"show more of it: until: {{places: {enough}}}"
            if enough
            else "start elsewhere, or leave the run out: long_run: 0",
        )


def compiled(trace: Trace) -> At:
    """The loss and its slopes as a function of what is trained. Every operation has one place in a
    list that is gone through from the front: many times faster than a walk over trees, and what
    occurs twice is worked out once."""
    problem, steps, formulas = trace.problem, [], {}
    places: dict[Expr, int] = {Name(name): place for place, name in enumerate(problem.trained)}
    values: list[Decimal] = [ZERO] * len(places)

    def place(expr: Expr) -> int:
        if expr not in places:
            if isinstance(expr, Apply):
                operation, args = _operation(expr, formulas)
                operands = tuple(map(place, args))
                steps.append((operation, len(values), operands))
            places[expr] = len(values)
            values.append(
                expr.value
                if isinstance(expr, Literal)
                else trace.events[trace.givens[expr.name]].value
                if isinstance(expr, Name)
                else ZERO
            )
        return places[expr]

    for each in (
        each for phase in ("forward", "loss", "backward") for each in trace.select(phase, 1)
    ):
        places[Name(each.name)], formulas[Name(each.name)] = place(each.formula), each.formula
    loss, *slopes = (
        places[Name(name)]
        for name in (
            problem.loss_name,
            *[partial_name(problem.loss_name, each) for each in problem.trained],
        )
    )

    def at(point: Sequence[Decimal]) -> tuple[Decimal, list[Decimal]]:
        values[: len(point)] = point
        for operation, result, operands in steps:
            values[result] = operation(*[values[operand] for operand in operands])
        return values[loss], [values[slope] for slope in slopes]

    return at


def _tried(trace: Trace, forward: Forward) -> Trace:
    """The point where the problem's own run stands at last, rounded as the page shows it, and the
    forward pass from there."""
    problem, descent = trace.problem, trace.descents[0]
    if descent.fate not in STANDS or not descent.updates:
        return trace
    tape = Tape.after(trace)
    for name, value in descent.end.items():
        rounded = quantize(value, -problem.end_places, problem.rounding.mode)
        tape.given(ended(name), Number.written(format(rounded, "f")))
    try:
        forward(problem, tape, (END, END), problem.epochs)
    except SolveError:  # with so few places there is no value any more: the point stands alone
        tape.workings = [*trace.workings]
    return tape.trace(problem)

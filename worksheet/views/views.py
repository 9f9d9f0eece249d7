"""What a page shows of a trace: chains of lines, one after another, short or in full.

A view is a left side and its chain of equal forms. In scalar notation it is a working of the trace
as it stands; in matrix notation (`views/matrices.py`) it collects the workings of a whole layer.
How much of it is shown never changes a number, and a line is only left out where the shorter chain
still holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import is_

from ..algebra.expression import Apply, Expr, Literal, Name
from ..algebra.follows import enough_digits, follows
from ..problem import Problem
from ..trace.tape import alike
from ..trace.trace import Derivation, Line, Trace, Working

# how much detail each move needs before it is shown
RANK = {"brief": 1, "normal": 2, "full": 3}
MOVE_RANK = {"CHAIN": 2, "EXPAND": 2, "SIGN": 2, "EVALUATE": 2, "DIGITS": 3, "ROWS": 3}
BETWEEN = ("EVALUATE", "SIGN", "ROWS")  # what a chain goes through
BEFORE_SIGNS = ("EVALUATE", "EXPAND")  # whose signs are written as they become
BRIEF_MOVES = ("FORMULA", "LOCAL", "SHIFT", "TURN", "SUBSTITUTE")


@dataclass(frozen=True, slots=True)
class View:
    """A chain as the page shows it. `members` are the workings behind it, one in scalar notation."""

    name: str
    lines: tuple[Line, ...]
    members: tuple[Working, ...]

    @property
    def working(self) -> Working:
        """The working behind it; of a matrix, that of its first entry."""
        return self.members[0]

    @property
    def result(self) -> Expr:
        """What it comes to: the last of its equal forms."""
        return self.lines[-1].expr


@dataclass(frozen=True, slots=True)
class Form(View):
    """A form of a derivation, `place` steps from its start: names instead of numbers, and no
    working behind it.

    is_goal: what is to be shown, so a sheet gives it away."""

    derivation: str
    place: int
    is_goal: bool = False


def step_of(view: View) -> str:
    """The number of a step that leads to the last form of a derivation; nothing for that form
    itself, and for what is no form."""
    return str(view.place) if isinstance(view, Form) and not view.name.endswith("_formula") else ""


def forms(derivation: Derivation, has_goal: bool = False) -> tuple[Form, ...]:
    """Every step of a derivation after its start: `slope_step_1`, ..., `slope_formula`. has_goal:
    the last one is to be shown."""
    last = len(derivation.steps) - 1
    return tuple(
        Form(
            f"{derivation.name}_formula" if place == last else f"{derivation.name}_step_{place}",
            (Line("FORMULA", step.expr),),
            (),
            derivation.name,
            place,
            has_goal and place == last,
        )
        for place, step in enumerate(derivation.steps)
        if place
    )


def scalar_views(trace: Trace, phase: str, epoch: int) -> tuple[View, ...]:
    """The workings of a phase, one weight at a time."""
    return tuple(
        View(working.name, working.lines, (working,)) for working in trace.select(phase, epoch)
    )


def without_formula(view: View) -> View:
    """The chain from where numbers are put into its formula; itself where it has none."""
    place = next(
        (place for place, line in enumerate(view.lines[:3]) if line.move == "SUBSTITUTE"), 0
    )
    return replace(view, lines=view.lines[place:]) if len(view.members) == 1 else view


def result_of(view: View) -> View:
    """The result of a chain without its working."""
    return replace(
        view, lines=(Line("EVALUATE", view.result, all(line.is_exact for line in view.lines)),)
    )


def detail_of(problem: Problem, phase: str, epoch: int) -> str:
    """How much of a phase is shown: in full the first time, short afterwards. Row-times-column sums
    are for those who ask for them, so matrices are `normal` of their own accord."""
    detail = problem.detail
    asked = getattr(detail, phase)
    if epoch > 1 and phase != "check":
        return min(detail.later, asked or "full", key=RANK.__getitem__)
    if asked:
        return asked
    return "normal" if phase == "check" or problem.notation.style == "matrix" else "full"


def shortened(
    lines: tuple[Line, ...], detail: str, problem: Problem, kind: str
) -> tuple[Line, ...]:
    """The lines that `detail` shows: the forms, the numbers put in, the result, and what lies
    between."""
    return kept_of(lines, places_kept(lines, detail, problem, kind))


def places_kept(lines: tuple[Line, ...], detail: str, problem: Problem, kind: str) -> list[int]:
    """The places of the lines that `detail` shows."""
    rank = RANK[detail]
    last = len(lines) - 1
    kept = [
        i
        for i, line in enumerate(lines)
        if i == last
        or line.move in BRIEF_MOVES
        or MOVE_RANK[line.move] <= rank
        and rank > 1
        and not only_signs(lines, i)
    ]
    if problem.rounding.policy == "carry":
        kept = that_hold(lines, kept, problem, kind)
    return kept


def only_signs(lines: Sequence[Line], place: int) -> bool:
    """Whether a line, which is not the last, differs from its neighbours by `a - (-b)` for `a + b`
    alone: it is written at once as it becomes, and where it was put in with brackets, not again
    without."""
    if (
        isinstance(lines[place].expr, Apply) and lines[place].expr.op == "matrix"
    ):  # its entries move on one after the other
        return False
    if lines[place].move == "SIGN":
        return lines[place - 1].move not in BEFORE_SIGNS
    return lines[place].move in BEFORE_SIGNS and lines[place + 1].move == "SIGN"


def bare(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without the zeros that are added on the way, and without those lines that are then
    one number, which the next one says; the same object where there are none."""
    if not any([adds_zero(line.expr) for line in lines[:-1] if line.move in BETWEEN]):
        return lines
    found: list[Line] = []
    is_exact = True
    for place, line in enumerate(lines):
        is_between = line.move in BETWEEN and place < len(lines) - 1
        expr = without_zeros(line.expr) if is_between else line.expr
        is_exact = is_exact and line.is_exact
        if expr is line.expr or not is_one_number(expr):
            found.append(replace(line, expr=expr, is_exact=is_exact))
            is_exact = True
    return tuple(found)


def barest(lines: tuple[Line, ...], problem: Problem, kind: str) -> tuple[Line, ...]:
    """The lines without zeros where a reader's calculator agrees with each; as they are where a
    zero was rounded and its term is needed."""
    found, significant = bare(lines), problem.rounding.digits(kind).significant
    if (
        found is lines or problem.rounding.policy != "carry"
    ):  # else what is shown is not what is computed with
        return lines
    closed = [(one.expr, other.expr) for one, other in pairwise(found) if is_closed(one.expr)]
    return (
        found
        if all(
            follows(one, other, mode=problem.rounding.mode, significant=significant)
            for one, other in closed
        )
        else lines
    )


def adds_zero(expr: Expr) -> bool:
    """Whether a sum in an expression has a zero among its terms."""
    if type(expr) is not Apply:
        return False
    if expr.op == "sum":
        for arg in expr.args:
            if is_nought(arg):
                return True
    for arg in expr.args:
        if type(arg) is Apply and adds_zero(arg):
            return True
    return False


def without_zeros(expr: Expr) -> Expr:
    """An expression without the zeros of its sums; the same object where there are none."""
    if not isinstance(expr, Apply):
        return expr
    args = tuple(map(without_zeros, expr.args))
    if expr.op == "sum":
        rest = tuple([arg for arg in args if not is_nought(arg)]) or args[:1]
        if len(rest) == 1 and is_one_number(rest[0]):
            return rest[0]
        if 1 < len(rest) < len(args):
            return Apply("sum", rest)
    return expr if all(map(is_, args, expr.args)) else Apply(expr.op, args)


def is_nought(expr: Expr) -> bool:
    """0 or -0, written so: a zero with places was rounded, or is one that is given."""
    return (
        isinstance(expr, Literal)
        and expr.text == "0"
        or isinstance(expr, Apply)
        and expr.op == "neg"
        and is_nought(expr.args[0])
    )


def is_one_number(expr: Expr) -> bool:
    """A number with signs, or a matrix of such."""
    return (
        isinstance(expr, Literal)
        or isinstance(expr, Apply)
        and expr.op in ("neg", "matrix", "row")
        and all(map(is_one_number, expr.args))
    )


def kept_of(lines: tuple[Line, ...], kept: list[int]) -> tuple[Line, ...]:
    """Some of the lines, each exact where all up to it are; one that prints like the one before it
    is left out."""
    kept = [
        i
        for before, i in pairwise([None, *kept])
        if before is None or not alike(lines[before].expr, lines[i].expr)
    ]
    return tuple(
        [
            lines[i]
            if before + 1 == i
            else Line(
                lines[i].move,
                lines[i].expr,
                all([line.is_exact for line in lines[before + 1 : i + 1]]),
            )
            for before, i in pairwise([-1, *kept])
        ]
    )


def that_hold(lines: tuple[Line, ...], kept: list[int], problem: Problem, kind: str) -> list[int]:
    """`kept`, with lines put back wherever a reader's calculator would differ without them: each
    the first of those left out, one without signs alone where that will do."""

    def holds(before: int, after: int) -> bool:
        one, other = lines[before].expr, lines[after].expr
        if not is_closed(one):
            return True
        with enough_digits(one, other):
            return follows(
                one,
                other,
                mode=problem.rounding.mode,
                significant=problem.rounding.digits(kind).significant,
            )

    result = kept[:1]
    for i in kept[1:]:
        while i > result[-1] + 1 and not holds(result[-1], i):
            between = [j for j in range(result[-1] + 1, i) if lines[j].move != "DIGITS"]
            if not between:
                break
            chosen = next((j for j in between if not only_signs(lines, j)), between[0])
            result.append(chosen if holds(result[-1], chosen) else between[0])
        result.append(i)
    return result


def is_closed(expr: Expr) -> bool:
    """Numbers only."""
    return not isinstance(expr, Name) and (
        not isinstance(expr, Apply) or all(map(is_closed, expr.args))
    )

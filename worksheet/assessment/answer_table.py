r"""The compact key: a row for every quantity that is asked or leads there, with one line of
working; and the answers of a full key whose tasks ask for matrices.

    | $z_h$ | $0.5 \cdot 1.0$ | **0.5** | · | 1 + 1 |
    | $b_1$ | (d) | $\begin{bmatrix} 0.101113 & 0.199583 \end{bmatrix}^{\top}$ | $\begin{pmatrix} \text{0.101112–14} & \cdot \end{pmatrix}$ |

What is accepted stands at the places of the answer, like the numbers of pages: `0.593269–70`; a dot
is the answer alone, a dash what is not asked for. `unfolded` makes chains of the rows of working
again, so that they are proved like any other page, and `row_failures` proves the answers and what
is accepted against the solution.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil
from os.path import commonprefix
from typing import TYPE_CHECKING

from ..algebra.expression import Apply, names
from ..numbers.number import CONTEXT
from ..numbers.number import plain_text as number
from ..numbers.numerals import LOWERED, RAISED, texts
from ..pages import facts
from ..tex.writer import Style, flat, tex, width
from ..trace.evaluation import uses
from ..trace.tape import alike
from ..trace.trace import Key, Line, Working
from ..views.views import Form, View, kept_of, places_kept, step_of, that_hold
from .bounds import WIDE
from .follow_through import ON_CALCULATORS
from .tasks import Task, graded, views_in
from .tolerance import Accepted, Interval, stated

if TYPE_CHECKING:
    from .sheet_and_key import Handout

ROWS = "<!-- workings -->"  # stands before a table whose rows are chains
ANSWERS = "<!-- answers -->"  # stands before one of answers, some of which are matrices
WIDEST = 56  # signs of a working that stands on one line
ALONE, UNASKED, STROKE = "·", "–", " / "
NARROW = 34  # signs of a row of what is accepted; wider, it has the last digits alone
ACROSS = 63  # signs of the widest matrix for which a table of answers has room
GAP, BRACKETS = 1.6, 2  # signs between two columns of a matrix, and of its brackets
DOT = 0.45  # of a sign, by which a point is narrower
LEAST = 2  # digits of the end of a range that are printed at least


def rows(page: Handout, task: Task) -> Iterator[facts.Facts]:
    """The rows of a task, in the order of the solution."""
    style = _style(page)
    asked = {_whose(view) for view in task.asked}
    said = {
        member.key
        for earlier in page.tasks[: page.tasks.index(task)]
        for view in views_in(earlier)
        for member in view.members
    }
    for view, marks in graded(task):
        is_form = isinstance(view, Form)
        yield _answered(page, view, style, _whose(view) in asked) | {
            "formula": "" if is_form else formula(view, style),
            "working": "" if is_form else working(page, view, style, said),
            "is_matrix": not is_form and is_stacked(view),
            "marks": [number(each) for each in marks.values()],
        }
        said |= {member.key for member in view.members}


def answers(page: Handout, task: Task) -> Iterator[facts.Facts]:
    """The rows of what a task asks for, without their working, a matrix in one row. `across`: the
    signs of an answer and of what is accepted."""
    style = _style(page)
    for view in task.asked:
        row = _answered(page, view, style)
        yield row | {"across": [_signs(row[what]) for what in ("answer", "accepted")]}


def _style(page: Handout) -> Style:
    return Style(
        page.page.symbols,
        page.problem.rounding.negatives,
        is_beside=page.page.is_beside,
        is_flat=True,
    )


def _answered(page: Handout, view: View, style: Style, is_asked: bool = True) -> facts.Facts:
    is_form = isinstance(view, Form)
    return {
        "symbol": flat(page.page.symbol(view)),
        "step": step_of(view),
        "is_form": is_form,
        "choice": "" if is_form else page.letter_of(view.working),
        "answer": f"${tex(view.result, style)}$" if is_form else answer(page, view),
        "accepted": "" if is_form else accepted(page, view) if is_asked else UNASKED,
    }


def _whose(view: View) -> tuple:
    return tuple(member.key for member in view.members) or (view.name,)


def formula(view: View, style: Style) -> str:
    """The last form with names."""
    found = [line for line in view.lines if names(line.expr)]
    return tex(found[-1].expr, style) if found else ""


def is_stacked(view: View) -> bool:
    """Whether it stands for the workings of a layer, in matrices."""
    return any(uses(line.expr, ("matrix", "matmul")) for line in view.lines)


def working(page: Handout, view: View, style: Style, said: Container[Key]) -> str:
    """The line of working of a number, or of the first entry of a matrix: the formula with its
    numbers, and what it comes to on the way where that fits; never the answer again. The formula of
    a gradient stands before it where it is short, and all that it names has been `said`."""
    member, problem = view.working, page.problem
    lines = member.lines
    brief = places_kept(lines, "brief", problem, member.kind)
    numbers = [i for i in brief if not names(lines[i].expr)]
    between = [
        i
        for i in places_kept(lines, "normal", problem, member.kind)
        if i not in brief and not names(lines[i].expr)
    ]
    if (
        between
        and lines[between[0]].move == "EXPAND"
        and getattr(lines[numbers[0]].expr, "op", "") not in ON_CALCULATORS
    ):  # a law is worked out
        numbers[0] = between.pop(0)
    named = (
        [i for i in brief if names(lines[i].expr)][-1:]
        if member.phase == "backward"
        and not is_stacked(view)
        and all(
            earlier.key in said and not page.accepted[earlier.key].is_noise
            for earlier in page.trace.uses[member.key].values()
        )
        else []
    )
    for more in (named, [i for i in between if uses(lines[i].expr, ("sum",))][-1:] or between[-1:]):
        wider = sorted({*numbers, *more})
        wider = (
            that_hold(lines, wider, problem, member.kind)
            if problem.rounding.policy == "carry"
            else wider
        )
        if wider != numbers and width(_written(lines, wider, style)) <= WIDEST:
            numbers = wider
    return _written(lines, numbers, style)


def _written(lines: tuple[Line, ...], kept: list[int], style: Style) -> str:
    """Some lines as one chain, without the answer."""
    chain = [line for line in kept_of(lines, kept) if not alike(line.expr, lines[-1].expr)]
    return "".join(
        (r" = " if line.is_exact else r" \approx ") * bool(place) + tex(line.expr, style)
        for place, line in enumerate(chain)
    )


# ---- answers and what is accepted
# -------------------------------------------------------------------


def answer(page: Handout, view: View) -> str:
    """A number as bold words, which can be searched and copied; a matrix as it is, a column as a
    row."""
    if not _is_matrix(view):
        shown = stated(page.trace, view.working)
        return f"${page.page.numeral(shown)}$" if "e" in shown else bold(shown)
    numbers = [page.page.numeral(stated(page.trace, member)) for member in view.members]
    return (
        rf"${matrix_of(numbers, view)}^{{\top}}$"
        if is_column(view)
        else f"${matrix_of(numbers, view)}$"
    )


def _is_matrix(view: View) -> bool:
    return is_stacked(view) and isinstance(view.result, Apply)


def matrix_of(entries: list[str], view: View, name: str = "bmatrix") -> str:
    """The entries in the shape of a view's result, a column as a row."""
    columns = len(entries) if is_column(view) else len(view.result.args[0].args)
    rows = [" & ".join(entries[i : i + columns]) for i in range(0, len(entries), columns)]
    return rf"\begin{{{name}}} " + r" \\ ".join(rows) + rf" \end{{{name}}}"


def _signs(text: str) -> int:
    """How wide an answer stands, or what is accepted for one."""
    found, (shape, _) = entries(text), _shape(text)
    return ceil(
        sum(
            max(len(each) - DOT * each.count(".") for each in found[place :: shape[0]])
            for place in range(shape[0])
        )
        + GAP * (shape[0] - 1)
        + BRACKETS * (len(found) > 1)
    )


def is_column(view: View) -> bool:
    """Whether a view ends in a matrix of one column and at least two rows."""
    return (
        isinstance(view.result, Apply)
        and view.result.op == "matrix"
        and all(len(row.args) == 1 for row in view.result.args)
        and len(view.result.args) > 1
    )


def accepted(page: Handout, view: View) -> str:
    """What is accepted for a number, or entry by entry in the shape of the answer."""
    found = [
        ranges_of(page.accepted[member.key], stated(page.trace, member), last_place(page, member))
        for member in view.members
    ]
    if not _is_matrix(view) or {*found} == {ALONE}:
        return found[0]
    columns = len(view.members) if is_column(view) else len(view.result.args[0].args)
    if sum(max(map(len, found[place::columns])) + 2 for place in range(columns)) > NARROW:
        found = [
            endings(text, member.shown) for text, member in zip(found, view.members, strict=True)
        ]
    return f"${matrix_of(list(map(in_formula, found)), view, 'pmatrix')}$"


def in_formula(text: str) -> str:
    """A range as an entry of a matrix."""
    text, _, power = text.partition("·10")
    power = rf" \cdot 10^{{{power.translate(LOWERED)}}}" if power else ""
    return (
        r"\cdot"
        if text == ALONE
        else re.sub(r"[\d.–]+", r"\\text{\g<0>}", text).replace("−", "-").replace("…", r"\ldots ")
        + power
    )


def endings(text: str, shown: str) -> str:
    """A range by its last digits, where the answer beside it has the others: `…69–70`."""
    first, dash, end = text.partition("–")
    digits = shown.lstrip("-")
    kept = len(first.lstrip("−")) - len(end)
    is_short = (
        dash
        and "·" not in end
        and "." not in end
        and digits[:kept] == first.lstrip("−")[:kept]
        and len(digits) == len(first.lstrip("−"))
    )
    return f"…{first.lstrip('−')[kept:]}–{end}" if is_short else text


def last_place(page: Handout, member: Working) -> int:
    """The power of ten of the last digit that an answer is to show; the entries of a matrix may
    share more than one alone would have."""
    shown = Decimal(member.shown)
    return min(page.problem.rounding.last_digit(shown, member.kind), shown.as_tuple().exponent)


def ranges_of(found: Accepted, shown: str, last: int) -> str:
    """What is accepted: a range, or several with a stroke between them."""
    return STROKE.join(range_of(each, shown, last) for each in found.intervals)


def range_of(interval: Interval, shown: str, last: int) -> str:
    """`0.593269–70`: from the smallest to the largest number at the places of the answer that is
    accepted; a dot where that is the answer alone. Of negative numbers the nearer to 0 comes first.
    With a power of ten as the answer has one: `4.766–68·10⁻⁹`."""
    front, _, power = shown.partition("e")
    if power:
        by = -int(power)
        text = range_of(
            Interval(CONTEXT.scaleb(interval.low, by), CONTEXT.scaleb(interval.high, by)),
            front,
            last + by,
        )
        return text if text == ALONE else f"{text}·10{''.join(map(RAISED.get, power))}"
    low, high = (
        quantized(bound, last, mode)
        for bound, mode in ((interval.low, ROUND_CEILING), (interval.high, ROUND_FLOOR))
    )
    if low >= high:
        return ALONE
    if low < 0 < high:
        return f"{signed(low)} … {signed(high)}"
    near, far = sorted((low, high), key=abs)
    first, end = format(abs(near), "f"), format(abs(far), "f")
    cut = min(len(commonprefix([first, end])), len(end) - LEAST)
    rest = end[cut:] if len(first) == len(end) and "." not in end[cut:] else end
    return f"{'−' if high <= 0 else ''}{first}–{rest}"


def quantized(value: Decimal, last: int, mode: str) -> Decimal:
    """`value` rounded by `mode` to the place 10^last, written without a power of ten."""
    return value.quantize(Decimal((0, (1,), last)), rounding=mode, context=WIDE).quantize(
        Decimal((0, (1,), min(last, 0))), context=WIDE
    )


def signed(value: Decimal) -> str:
    """The number in full, without a power of ten, with a minus sign for its hyphen."""
    return format(value, "f").replace("-", "−")


def bold(text: str) -> str:
    """`**text**`, with minus signs for its hyphens."""
    return f"**{text.replace('-', '−')}**"


# ---- the proof
# -----------------------------------------------------------------------------------------

_ROW = re.compile(
    r"^\| \$(?P<symbol>[^|\n]+?)\$ \| (?P<working>[^|\n]*?) \| (?:\*\*[A-Za-z]+\)\*\* )?(?P<answer>[^|\n]*?) \| (?P<accepted>[^|\n]*?) \| [^|\n]*? \|$",
    re.MULTILINE,
)
_ANSWER = re.compile(
    r"^\| \$(?P<symbol>[^|\n]+?)\$ \| \((?P<letter>[a-z]+)\) \| (?:\*\*[A-Za-z]+\)\*\* )?(?P<answer>[^|\n]*?) (?:\||\u2003) (?P<accepted>[^|\n]*?) \|$",
    re.MULTILINE,
)
_POWER = re.compile(rf" ?(?:\\cdot|·) ?10(?:\^\{{(-?\d+)\}}|([{''.join(map(chr, LOWERED))}]+))$")
_BARE = re.compile(r"\\text\{([^}]*)\}")
_MATRIX = re.compile(r"\\begin\{[bp]matrix\}(.*?)\\end\{[bp]matrix\}(?P<turned>\^\{\\top\})?")


def divided(markdown: str) -> tuple[str, str]:
    """A key without its table, and the table alone, each with the lines of the other left empty."""
    lines = markdown.splitlines()
    start = next((i for i, line in enumerate(lines) if line in (ROWS, ANSWERS)), len(lines))
    end = next(
        (i for i in range(start + 2, len(lines)) if not lines[i].startswith("|")), len(lines)
    )
    is_table = [start <= i < end for i in range(len(lines))]
    return tuple(
        "\n".join(line if mine == wanted else "" for line, mine in zip(lines, is_table))
        for wanted in (False, True)
    )


def unfolded(table: str, page: Handout) -> str:
    """The rows as chains: `$z_h = 0.5 \\cdot 1.0 \\approx 0.5$`; of a matrix the chain of its first
    entry. The givens of the problem, which a compact key need not say again, stand before them in a
    line that was empty."""
    views = iter([view for task in page.tasks for view, _ in graded(task)])
    rows = [
        _chained(row, page, next(views, None)) if (row := _ROW.fullmatch(line)) else ""
        for line in table.splitlines()
    ]
    trace, symbols = page.trace, page.page.symbols
    givens = " ".join(
        f"${symbols(name)} = {trace.events[event].shown}$"
        for name, event in trace.givens.items()
        if name not in symbols.aliases
    )
    return "\n".join([givens, *rows[1:]])


def _chained(row: re.Match, page: Handout, view: View | None) -> str:
    """The chain of a row. Where rounding makes noise of a result, its answer is that of full
    precision and does not follow from the working."""
    working, shown = row["working"].rpartition("; ")[2].strip("$"), entries(row["answer"])[0]
    if row["working"].startswith("step") or not shown or view is None or isinstance(view, Form):
        return ""
    left = (
        flat(page.page.symbols(view.working.name))
        if _MATRIX.search(row["answer"])
        else row["symbol"]
    )
    right = "" if page.accepted[view.working.key].is_noise else rf" \approx {shown}"
    return f"${left} = {working}{right}$"


def row_failures(page: Handout, table: str) -> Iterator[tuple[int, str, str, str]]:
    """What the rows say that the key does not: (line, printed, expected, message). Every answer is
    that of the solution, in its shape; what is accepted begins and ends with the first and last
    number at the places of the answer that is."""
    has_answers = ANSWERS in table.splitlines()
    found = [
        (table.count("\n", 0, row.start()) + 1, row)
        for row in (_ANSWER if has_answers else _ROW).finditer(table)
    ]
    views = [
        (task, view)
        for task in page.tasks
        for view in (task.asked if has_answers else [view for view, _ in graded(task)])
    ]
    if len(found) != len(views):
        yield (
            1,
            str(len(found)),
            str(len(views)),
            f"the key has {len(found)} rows, and {len(views)} quantities have marks or are asked for",
        )
        return
    for (line, row), (task, view) in zip(found, views):
        symbol = flat(page.page.symbol(view))
        if flat(row["symbol"]) != symbol or has_answers and row["letter"] != task.letter:
            yield (
                line,
                row["symbol"],
                symbol,
                f"this is the row of {symbol} in task ({task.letter})",
            )
        if isinstance(view, Form):
            continue
        shape = _shape_of(view)
        if _shape(row["answer"]) != shape or _shape(row["accepted"])[0] not in ((1,), shape[0]):
            yield line, row["answer"], str(shape), f"{symbol} has another shape"
            continue
        is_asked = _whose(view) in {_whose(asked) for asked in task.asked}
        answers, ranges = entries(row["answer"]), entries(row["accepted"])
        for place, member in enumerate(view.members):
            shown = stated(page.trace, member)
            if texts(answers[place]) != shown:
                yield line, answers[place], shown, f"the answer {member.name} is {shown}"
            text = ranges[place] if len(ranges) > 1 else ranges[0]
            found = page.accepted[member.key]
            if text == UNASKED if is_asked else text != UNASKED:
                yield (
                    line,
                    text,
                    str(found),
                    f"what is accepted for {member.name} is {found}"
                    if is_asked
                    else f"{member.name} is not asked for",
                )
            elif is_asked and not is_said(
                text, found, Decimal(shown), Decimal((0, (1,), last_place(page, member)))
            ):
                yield line, text, str(found), f"what is accepted for {member.name} is {found}"


def is_said(text: str, found: Accepted, shown: Decimal, unit: Decimal) -> bool:
    """Whether the ranges of a text begin and end with the first and last number, at the places of
    `unit`, of each interval."""
    ranges = [read_range(each, shown) for each in text.split(STROKE)]
    return len(ranges) == len(found.intervals) and all(
        low in interval
        and high in interval
        and WIDE.subtract(low, unit) not in interval
        and WIDE.add(high, unit) not in interval
        for (low, high), interval in zip(ranges, found.intervals)
    )


def _shape(text: str) -> tuple[tuple[int, ...], bool]:
    """How many entries each row of a matrix has, and whether it is a column that stands as a row;
    of a number one."""
    matrix = _MATRIX.search(text)
    return (
        (tuple(row.count("&") + 1 for row in matrix[1].split(r"\\")), bool(matrix["turned"]))
        if matrix
        else ((1,), False)
    )


def _shape_of(view: View) -> tuple[tuple[int, ...], bool]:
    """The same for the answer of a view."""
    if not _is_matrix(view):
        return (1,), False
    return (
        ((len(view.members),), True)
        if is_column(view)
        else (tuple(len(row.args) for row in view.result.args), False)
    )


def entries(text: str) -> list[str]:
    """The entries of a matrix as they are written, or the text alone; a dot that stands alone is
    the answer, a power of ten stays one."""
    matrix = _MATRIX.search(text)
    found = re.split(r"&|\\\\", matrix[1]) if matrix else [text.strip("*$").replace("−", "-")]
    return [
        ALONE
        if each.strip() == r"\cdot"
        else _BARE.sub(r"\1", each).replace(r"\ldots", "…").strip()
        for each in found
    ]


def read_range(text: str, shown: Decimal) -> tuple[Decimal, Decimal]:
    """The smallest and the largest number that a range names."""
    if text in (ALONE, UNASKED):
        return shown, shown
    if far := _POWER.search(text):
        power = int(far[1] or far[2].translate(LOWERED))
        return tuple(
            CONTEXT.scaleb(bound, power)
            for bound in read_range(text[: far.start()], CONTEXT.scaleb(shown, -power))
        )
    text = text.replace("−", "-")
    if text.startswith("…"):  # the digits before are those of the answer
        whole = format(shown, "f")
        first, end = text[1:].strip().split("–")
        text = f"{whole[: len(whole) - len(first)]}{first}–{end}"
    if "…" in text:
        return tuple(map(Decimal, text.split("…")))
    first, end = text.lstrip("-").split("–")
    far = (
        end
        if "." in end or "." not in first and len(end) >= len(first)
        else first[: len(first) - len(end)] + end
    )
    bounds = [Decimal(f"-{each}" if text.startswith("-") else each) for each in (first, far)]
    return min(bounds), max(bounds)

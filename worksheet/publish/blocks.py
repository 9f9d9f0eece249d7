r"""The blocks of a page, how wide and how high each stands on a slide, and where it may be divided.

    $$ \begin{aligned} z &= w x \\ &= 0.5 \cdot 1 \\ &= 0.5 \end{aligned} $$   ->   a display of three steps, 6 em high

Widths and heights are in em of the smallest type of a slide; those of formulas are measured from
their boxes, broken as the slide will break them. A chain of matrices goes across the slide, as many
of its forms in a row as fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from ..diagrams.screen import WIDTH, Shown, shown_on_screen
from ..errors import ReadError, WorksheetError
from ..problem import ACROSS
from ..tex.boxes import Aligned, Row, boxes
from ..tex.line_breaking import fitted, high, tall, wide

SMALLEST = (
    22  # points of the smallest type of a slide of 960 by 540 points: what the last row can read
)
HEIGHT = 18.8  # em of a slide below its heading
LINE, GAP, ROW, TITLE = (
    1.32,
    0.9,
    1.62,
    1.9,
)  # em of a line of prose, of the space below a block, of a row of a table, of a heading within a slide
LETTER, LEADING = 0.47, 0.6  # em of a letter of prose; between the rows of a display
NARROW = 13.5  # em of a column of prose
MARGIN, LOWER = 1.06, 0.94  # how much wider and lower a formula may be than its boxes say
PADDING = 1.2  # em beside a column of a table
FIGURE, WIDE_FIGURE = (
    (23.0, 16.5),
    (39.0, 17.4),
)  # em of a figure, in which its letters are as large as the smallest type
HIGH, SHORT = (
    2.8,
    3,
)  # em of a form that is set beside the one before it: of a matrix; forms of a chain that stands on one line

KINDS = (
    ("heading", r"#{1,6} "),
    ("rule", r"(?:-{3,}|\*{3,})$"),
    ("fence", r"`{3}|~{3}"),
    ("display", r"\$\$"),
    ("table", r"\|.*\n\|[ :|-]+(?:\n|$)"),
    ("picture", r"!\["),
    ("comment", r"<!--"),
    ("list", r"(?:[-*+]|\d+[.)]) "),
    ("prose", ""),
)
_OPENING = re.compile(r"(`{3,}|~{3,}|\$\$)(.*)")
_INLINE = re.compile(r"(?<!\\)\$((?:\\.|[^\\$])+)\$")
_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z*$])")
_ITEM = re.compile(r"^(?=(?:[-*+]|\d+[.)]) )", re.MULTILINE)
_ROW_END = re.compile(r"\s*\\\\(?:\[[\d.]+em\])?\s*\Z")
_WRAPPED = re.compile(r" *\\\\(?:\[[\d.]+em\])?\n +&\\q?quad +")
_STEP = re.compile(r"(?P<left>.*?)&(?P<relation>=|\\approx|\\leftarrow|:=)(?P<form> .*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: one of KINDS, and its Markdown."""

    kind: str
    text: str


def blocks_of(markdown: str) -> list[Block]:
    """What stands between blank lines. A fence and a display are one block each; so is a list with
    what is indented below it, and a picture with the line of italics that describes it."""
    found: list[Block] = []
    for text in _texts(markdown):
        kind = next(kind for kind, mark in KINDS if re.match(mark, text))
        last = found[-1] if found else Block("", "")
        belongs = (
            last.kind == "list"
            and (kind == "list" or text.startswith("  "))
            or last.kind == "picture"
            and "\n" not in last.text
            and re.fullmatch(r"\*[^*].*\*", text)
        )
        found[len(found) - bool(belongs) :] = [
            Block(last.kind, f"{last.text}\n\n{text}") if belongs else Block(kind, text)
        ]
    return found


def _texts(markdown: str) -> Iterator[str]:
    lines, closing = [], ""
    for line in [*markdown.splitlines(), ""]:
        opening = None if closing else _OPENING.match(line)
        is_heading = not closing and line.startswith("#")
        if lines and (opening or is_heading or not closing and not line.strip()):
            yield "\n".join(lines)
            lines = []
        if closing or line.strip():
            lines.append(line)
        ends = is_heading
        if closing:
            ends = line.rstrip().endswith(closing)
        elif opening:
            closing, ends = opening[1], opening[1] == "$$" and opening[2].rstrip().endswith("$$")
        if ends:
            yield "\n".join(lines)
            lines, closing = [], ""
    if lines:  # a fence that is left open
        yield "\n".join(lines)


# ---- how wide and how high it is ----------------------------------------------------------------


@lru_cache(maxsize=16384)
def height(block: Block, width: float = WIDTH) -> float:
    """About how high a block is in a column of this width, with the space below it."""
    match block.kind:
        case "prose":
            return _prose_height(block.text, width) + GAP
        case "list":
            return sum(_prose_height(item, width - 1.5) + 0.3 for item in _items(block.text)) + GAP
        case "display":
            return _display_size(tex_of(laid(block, width)), width)[1] + GAP
        case "table":
            return _table_height(block.text, width) + GAP
        case "fence" | "picture":
            natural, high = _drawn_size(block)
            return high * min(1, width / natural) + GAP
        case "heading":
            return TITLE + LINE * (_prose_height(block.text.lstrip("# "), width / 1.1) // LINE - 1)
    return 0.0


@lru_cache(maxsize=16384)
def least(block: Block) -> float:
    """The width below which a block cannot be set: of a formula or a drawing its own, of words that
    of a narrow column."""
    match block.kind:
        case "display":
            return min(WIDTH, _display_size(tex_of(laid(block, 0)), WIDTH)[0])
        case "table":
            return min(
                WIDTH,
                sum(min(NARROW, least_) for least_, _ in _columns(block.text))
                + PADDING * len(_columns(block.text)),
            )
        case "fence" | "picture":
            return _drawn_size(block)[0]
        case "prose" | "list" | "heading":
            return min(NARROW, wanted(block))
    return 0.0


@lru_cache(maxsize=16384)
def wanted(block: Block) -> float:
    """The width in which a block stands on one line, or across the slide."""
    match block.kind:
        case "prose" | "heading":
            return _prose_width(block.text)
        case "list":
            return max(map(_prose_width, _items(block.text))) + 1.5
        case "display":
            return min(WIDTH, _display_size(tex_of(laid(block, WIDTH)), WIDTH)[0])
        case "table":
            return min(
                WIDTH,
                sum(natural for _, natural in _columns(block.text))
                + PADDING * len(_columns(block.text)),
            )
    return least(block)


def tex_of(display: Block) -> str:
    """The formula between the dollars of a display."""
    return display.text.strip().removeprefix("$$").removesuffix("$$").strip()


def broken(row: Row, width: float) -> Row:
    """A formula in lines that fit a column of this width; where that makes it higher than a slide,
    in those that need the least shrinking."""
    found = fitted(row, width / MARGIN)
    if high(found) <= 1.4 * HEIGHT:
        return found
    return max(
        [found, *[fitted(row, times * width) for times in (1.5, 2, 3)]],
        key=lambda each: min(width / wide(each), HEIGHT / high(each)),
    )


@lru_cache(maxsize=16384)
def _display_size(tex: str, width: float) -> tuple[float, float]:
    try:
        row = broken(_read(tex), width)
    except ReadError:  # the format will say what cannot be set in it
        return WIDTH, 3.0
    rows: list[tuple[Row, ...]] = (
        list(row[0].rows) if len(row) == 1 and isinstance(row[0], Aligned) else [(row,)]
    )
    across = MARGIN * wide(row)
    return across, LOWER * min(1.0, width / max(1.0, across)) * (
        sum(max(map(tall, cells)) + LEADING for cells in rows) - LEADING
    )


def _drawn_size(block: Block) -> tuple[float, float]:
    """Of a figure, or of a network as it is drawn for a slide."""
    if block.kind == "picture":
        return WIDE_FIGURE if any(f"{name}." in block.text for name in ACROSS) else FIGURE
    drawing = drawing_of(block)
    if not drawing:
        return WIDTH, HEIGHT - GAP
    return min(WIDTH, drawing.width), min(HEIGHT - GAP, drawing.height)


def drawing_of(fence: Block) -> Shown | None:
    """The network of a fence as it is drawn for a slide; none where it cannot be drawn, and who
    draws it says why."""
    try:
        return shown_on_screen("\n".join(fence.text.splitlines()[1:-1]))
    except WorksheetError:
        return None


@lru_cache(maxsize=16384)
def _columns(text: str) -> tuple[tuple[float, float], ...]:
    """Of each column of a table its width with as many lines in a cell as there are words, and with
    one line in each."""
    return tuple(
        (max(map(_longest, cells)), max(map(_prose_width, cells))) for cells in zip(*_cells(text))
    )


def _cells(text: str) -> list[list[str]]:
    head, _, *rows = [row.strip("| ").split(" | ") for row in text.splitlines()]
    return [head, *rows]


def _longest(cell: str) -> float:
    """The width of the longest word or formula; no formula in a table is broken."""
    return max(
        [LETTER * len(word) for word in _INLINE.sub(" ", cell).replace("**", "").split()]
        + [_width(tex) for tex in _INLINE.findall(cell)],
        default=0.0,
    )


def _table_height(text: str, width: float) -> float:
    """A column is as wide as its longest cell, or narrower by its share of what is wanting."""
    columns = _columns(text)
    wanting = sum(natural for _, natural in columns) + PADDING * len(columns) - width
    spare = sum(natural - smallest for smallest, natural in columns)
    share = min(1.0, max(0.0, wanting / spare)) if spare else 0.0
    widths = [max(1.0, natural - share * (natural - smallest)) for smallest, natural in columns]
    return sum(
        ROW
        + LINE
        * (
            max([1, *[ceil(_prose_width(cell) / room - 0.01) for cell, room in zip(cells, widths)]])
            - 1
        )
        for cells in _cells(text)
    )


def _prose_height(text: str, room: float) -> float:
    return LINE * max(1, ceil(_prose_width(text) / room))


def _prose_width(text: str) -> float:
    return LETTER * len(_INLINE.sub("", text).replace("**", "")) + sum(
        _width(match[1]) for match in _INLINE.finditer(text)
    )


@lru_cache(maxsize=16384)
def _width(tex: str) -> float:
    try:
        return wide(_read(tex))
    except ReadError:
        return LETTER * len(tex)


# ---- where it may be divided
# ----------------------------------------------------------------------


@lru_cache(maxsize=16384)
def _read(tex: str) -> Row:
    return boxes(tex)


def steps_of(tex: str) -> list[str]:
    """The rows of a chain, each with the row's end; a sum that goes on in the next row is one step.
    Empty for any other formula."""
    match = re.fullmatch(r"\\begin\{aligned\}\n(.*)\n\\end\{aligned\}", tex.strip(), re.DOTALL)
    if not match:
        return []
    rows = [row for row in re.findall(r".*?\\\\(?:\[[\d.]+em\])?\n|.+\Z", match[1], re.DOTALL)]
    found: list[str] = []
    for row in rows:
        if _STEP.match(row) or not found:
            found.append(row)
        else:
            found[-1] += row
    return found if len(rows) == len(_read(tex)[0].rows) and all(map(_STEP.match, found)) else []


def chain(steps: list[str]) -> str:
    """The steps as a formula again."""
    return "\\begin{aligned}\n" + _ROW_END.sub("", "".join(steps)) + "\n\\end{aligned}"


@lru_cache(maxsize=16384)
def laid(block: Block, width: float) -> Block:
    """A chain as it stands in a column of this width: a form with a matrix beside the one before it
    where both fit, and in one row where the page had to break it; other blocks as they are."""
    if block.kind != "display" or not _steps_or_none(tex_of(block)):
        return block
    text = _across(tex_of(block), width)
    return Block("display", f"$$\n{text}\n$$")


@lru_cache(maxsize=16384)
def _across(tex: str, width: float) -> str:
    steps = [_WRAPPED.sub(" ", step) for step in _steps_or_none(tex)]
    if not steps:  # one that goes on without its name is no chain of steps
        return tex
    ways = [_joined(steps, width), [steps[0], *_joined(steps[1:], width, steps[:1])]]
    return chain(
        min(reversed(ways), key=len)
    )  # where it needs no more rows, the numbers in one of their own below the formula


def _joined(steps: list[str], width: float, above: Sequence[str] = ()) -> list[str]:
    """The rows of a chain, below those that are `above`: a form with a matrix beside the one before
    it where both fit."""
    rows: list[str] = []
    for step in steps:
        match = _STEP.match(step)
        if rows and (
            len(steps) + len(above) <= SHORT
            or max(_tall(_form(rows[-1])), _tall(match["form"])) >= HIGH
        ):
            longer = f"{_ROW_END.sub('', rows[-1])} {match['relation']}{match['form']}"
            if _display_size(chain([*above, *rows[:-1], longer]), 4 * WIDTH)[0] <= width:
                rows[-1] = longer
                continue
        rows.append(step)
    return rows


def _form(row: str) -> str:
    return _STEP.match(row)["form"]


@lru_cache(maxsize=16384)
def _tall(form: str) -> float:
    return tall(_read(_ROW_END.sub("", form)))


def divided(block: Block, room: float, width: float = WIDTH) -> list[Block]:
    """The block in parts of at most this height in a column of this width, as far as it can be
    divided."""
    if block.kind == "display":
        steps = _steps_or_none(tex_of(block))
        return (
            [Block("display", f"$$\n{chain(part)}\n$$") for part in _parted(steps, room, width)]
            if steps
            else [block]
        )
    first, pieces, joint = {"table": _rows, "list": _points, "prose": _sentences}.get(
        block.kind, _whole
    )(block.text)
    parts: list[Block] = []
    for piece in pieces:
        longer = Block(block.kind, parts[-1].text + joint + piece) if parts else None
        if longer and height(longer, width) <= room:
            parts[-1] = longer
        else:
            parts.append(Block(block.kind, first + piece))
    return parts


@lru_cache(maxsize=16384)
def _steps_or_none(tex: str) -> list[str]:
    try:
        return steps_of(tex)
    except ReadError:
        return []


def _parted(steps: list[str], room: float, width: float) -> list[list[str]]:
    """The steps on as few slides as will do, none of which has only a last one."""
    found = _filled_chain(steps, room, width)
    evens = (_filled_chain(steps, share * room, width) for share in (0.6, 0.7, 0.8, 0.9))
    return (
        found
        if len(found) == 1
        else next((even for even in evens if len(even) == len(found)), found)
    )


def _filled_chain(steps: list[str], room: float, width: float) -> list[list[str]]:
    """The steps on several slides; each further one begins with the quantity and the form that was
    reached, or, where there is no room for both, with the next form."""

    def size(part: list[str]) -> float:
        return _display_size(_across(chain(part), width), width)[1] + GAP

    parts = [steps[:1]]
    for place, step in enumerate(steps[1:], start=1):
        if size([*parts[-1], step]) <= room:
            parts[-1].append(step)
            continue
        reached = [_form_of(steps, place - 1), step]
        parts.append(reached if size(reached) <= HEIGHT else [_form_of(steps, place)])
    return parts


def _form_of(steps: list[str], place: int) -> str:
    r"""`L \approx` and the form at this place. What is no name (`f'(2)`) takes no value, so there
    the form stands alone."""
    first, *others = [_STEP.match(step) for step in steps[: place + 1]]
    relations = [step["relation"] for step in (first, *others)]
    relation = (
        r"\approx"
        if r"\approx" in relations
        else next((each for each in relations if each != "="), "=")
    )
    left = "  &" if first["left"].rstrip().endswith(")") else f"{first['left']}&{relation}"
    return left + (others or [first])[-1]["form"]


def _rows(text: str) -> tuple[str, list[str], str]:
    head, line, *rows = text.splitlines()
    return f"{head}\n{line}\n", rows, "\n"


def _points(text: str) -> tuple[str, list[str], str]:
    return "", _items(text), "\n"


def _items(text: str) -> list[str]:
    return [item.rstrip() for item in _ITEM.split(text) if item.strip()]


def _sentences(text: str) -> tuple[str, list[str], str]:
    return "", _SENTENCE.split(text), " "


def _whole(text: str) -> tuple[str, list[str], str]:
    return "", [text], ""

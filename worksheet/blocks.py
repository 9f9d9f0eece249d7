r"""The blocks of a page, how high each stands on a slide, and where it may be divided.

    $$ \begin{aligned} z &= w x \\ &= 0.5 \cdot 1 \\ &= 0.5 \end{aligned} $$   ->   a display of three steps, 6 em high

Widths and heights are in em of the slide's text; those of formulas are measured from their boxes, broken as the slide will break them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from .breaking import fitted, tall, wide
from .errors import ReadError
from .texboxes import Aligned, Row, boxes

WIDTH, HEIGHT = 34.5, 16.8      # em of a slide below its heading
WIDEST = 48.0                   # em of a formula that is drawn smaller rather than broken
LINE, GAP, ROW, DRAWN = 1.35, 0.9, 1.7, 14.0      # em of a line of prose, of the space below a block, of a row of a table, of a picture
LETTER, LEADING = 0.48, 0.5    # em of a letter of prose; between the rows of a display

KINDS = (("heading", r"#{1,6} "), ("rule", r"(?:-{3,}|\*{3,})$"), ("fence", r"`{3}|~{3}"), ("display", r"\$\$"),
         ("table", r"\|.*\n\|[ :|-]+(?:\n|$)"),
         ("picture", r"!\["), ("comment", r"<!--"), ("list", r"(?:[-*+]|\d+[.)]) "), ("prose", ""))
_OPENING = re.compile(r"(`{3,}|~{3,}|\$\$)(.*)")
_INLINE = re.compile(r"(?<!\\)\$((?:\\.|[^\\$])+)\$")
_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z*$])")
_ITEM = re.compile(r"^(?=(?:[-*+]|\d+[.)]) )", re.MULTILINE)
_ROW_END = re.compile(r"\s*\\\\(?:\[[\d.]+em\])?\s*\Z")
_STEP = re.compile(r"(?P<left>.*?)&(?P<relation>=|\\approx|\\leftarrow|:=)(?P<form> .*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    text: str


def blocks_of(markdown: str) -> list[Block]:
    """What stands between blank lines. A fence and a display are one block each; so is a list with what is indented below it, and
    a picture with the line of italics that describes it."""
    found: list[Block] = []
    for text in _texts(markdown):
        kind = next(kind for kind, mark in KINDS if re.match(mark, text))
        last = found[-1] if found else Block("", "")
        belongs = (last.kind == "list" and (kind == "list" or text.startswith("  "))
                   or last.kind == "picture" and "\n" not in last.text and re.fullmatch(r"\*[^*].*\*", text))
        found[len(found) - bool(belongs):] = [Block(last.kind, f"{last.text}\n\n{text}") if belongs else Block(kind, text)]
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
    if lines:       # a fence that is left open
        yield "\n".join(lines)


# ---- how high it is -----------------------------------------------------------------------------

def height(block: Block) -> float:
    """About how high a block is, with the space below it."""
    match block.kind:
        case "prose":
            return _prose_height(block.text, WIDTH) + GAP
        case "list":
            return sum(_prose_height(item, WIDTH - 2) + 0.3 for item in _items(block.text)) + GAP
        case "display":
            return _display_height(tex_of(block)) + GAP
        case "table":
            return _table_height(block.text) + GAP
        case "fence" | "picture":
            return DRAWN + GAP
    return 0.0


def tex_of(display: Block) -> str:
    return display.text.strip().removeprefix("$$").removesuffix("$$").strip()


def _display_height(tex: str) -> float:
    try:
        row = fitted(boxes(tex), WIDEST)
    except ReadError:       # the format will say what cannot be set in it
        return 3.0
    rows: list[tuple[Row, ...]] = list(row[0].rows) if len(row) == 1 and isinstance(row[0], Aligned) else [(row,)]
    return min(1.0, WIDTH / max(1.0, wide(row))) * (sum(max(map(tall, cells)) + LEADING for cells in rows) - LEADING)


def _table_height(text: str) -> float:
    """Rows of one line, but for the widest column, which gets the room that the others leave."""
    head, _, *rows = [[_prose_width(cell) for cell in row.strip("| ").split(" | ")] for row in text.splitlines()]
    columns = [max(cells) for cells in zip(head, *rows)]
    widest = columns.index(max(columns))
    room = max(WIDTH / 4, WIDTH - sum(columns) + columns[widest] - 1.8 * len(columns))
    return sum(ROW + LINE * (max(1, ceil(cells[widest] / room)) - 1) for cells in (head, *rows) if len(cells) > widest)


def _prose_height(text: str, room: float) -> float:
    return LINE * max(1, ceil(_prose_width(text) / room))


def _prose_width(text: str) -> float:
    return LETTER * len(_INLINE.sub("", text).replace("**", "")) + sum(_width(match[1]) for match in _INLINE.finditer(text))


def _width(tex: str) -> float:
    try:
        return wide(boxes(tex))
    except ReadError:
        return LETTER * len(tex)


# ---- where it may be divided ----------------------------------------------------------------------

def steps_of(tex: str) -> list[str]:
    """The rows of a chain, each with the row's end; a sum that goes on in the next row is one step. Empty for any other formula."""
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
    return found if len(rows) == len(boxes(tex)[0].rows) and all(map(_STEP.match, found)) else []


def chain(steps: list[str]) -> str:
    """The steps as a formula again."""
    return "\\begin{aligned}\n" + _ROW_END.sub("", "".join(steps)) + "\n\\end{aligned}"


def divided(block: Block, room: float) -> list[Block]:
    """The block in parts of at most this height, as far as it can be divided."""
    if block.kind == "display":
        steps = _steps_or_none(tex_of(block))
        return [Block("display", f"$$\n{chain(part)}\n$$") for part in _filled_chain(steps, room)] if steps else [block]
    first, pieces, joint = {"table": _rows, "list": _points, "prose": _sentences}.get(block.kind, _whole)(block.text)
    parts: list[Block] = []
    for piece in pieces:
        longer = Block(block.kind, parts[-1].text + joint + piece) if parts else None
        if longer and height(longer) <= room:
            parts[-1] = longer
        else:
            parts.append(Block(block.kind, first + piece))
    return parts


def _steps_or_none(tex: str) -> list[str]:
    try:
        return steps_of(tex)
    except ReadError:
        return []


def _filled_chain(steps: list[str], room: float) -> list[list[str]]:
    """The steps on several slides; each further one begins with the quantity and the form that was reached, or, where there is no room
    for both, with the next form."""
    parts = [steps[:1]]
    for place, step in enumerate(steps[1:], start=1):
        if _display_height(chain([*parts[-1], step])) + GAP <= room:
            parts[-1].append(step)
            continue
        reached = [_form_of(steps, place - 1), step]
        parts.append(reached if _display_height(chain(reached)) + GAP <= HEIGHT else [_form_of(steps, place)])
    return parts


def _form_of(steps: list[str], place: int) -> str:
    r"""`L \approx` and the form at this place. What is no name (`f'(2)`) takes no value, so there the form stands alone."""
    first, *others = [_STEP.match(step) for step in steps[:place + 1]]
    relations = [step["relation"] for step in (first, *others)]
    relation = r"\approx" if r"\approx" in relations else next((each for each in relations if each != "="), "=")
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

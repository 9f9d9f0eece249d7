r"""A page cut into slides: Markdown in, Markdown out, a rule (`---`) between one slide and the
next.

    ## Loss, a chain of nine lines   ->   ## Loss, six lines --- ## Loss (continued), where they had come to and the other three

A slide bears as much of its chapter as fits, side by side where that helps (`publish/beside.py`),
and the deepest heading that all of it stands below; the headings of its parts stand above these. A
paragraph stays with the formula it leads to, a remark with the one it follows. What does not fit on
one slide is divided: a chain between two of its lines, a table between rows, a list between items,
prose between sentences. A chapter and a rule in the page begin a new slide. What a figure shows is
said by who shows the slide, so no caption.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..markdown.anchors import CONTENTS
from ..markdown.authored import CONTINUED
from .beside import Bands, Group, alone, arranged
from .blocks import GAP, HEIGHT, WIDTH, Block, blocks_of, divided, drawing_of, height, wanted

BREAK = "\n\n---\n\n"
PARTED = 60.0  # how ill it is that a slide begins within a section, in squares of em left empty
_LED_TO = frozenset(["fence", "picture", "table", "display", "list"])

Path = tuple[str, ...]  # the headings above something, with their marks


@dataclass(frozen=True)
class Item:
    """A group of a chapter, with the headings above it; `begins` says how many of these, the last
    ones, it is the first below."""

    path: Path
    group: Group
    begins: int = 0


def cut(markdown: str) -> str:
    """The slides of a page."""
    blocks = [
        block for block in _new(blocks_of(markdown)) if block.text != CONTENTS
    ]  # a deck has none
    first = next(
        (place for place, block in enumerate(blocks) if block.kind != "comment"), len(blocks)
    )
    head = "".join(f"{comment.text}\n\n" for comment in blocks[:first])
    return (
        head
        + BREAK.join(slide for chapter in _chapters(blocks[first:]) for slide in _packed(chapter))
        + "\n"
    )


def _new(blocks: list[Block]) -> Iterator[Block]:
    """The blocks but for networks that would look like one before: a slide has no room for the
    numbers in which they differ."""
    seen = set()
    for block in blocks:
        look = drawing_of(block) if block.kind == "fence" else None
        if not look or look.svg not in seen:
            yield block
        seen.add(look.svg if look else "")


def _chapters(blocks: list[Block]) -> Iterator[list[Item]]:
    """The groups of what may stand together on slides: of a chapter, or from one rule to the next."""
    path, begins, items, section = (), 0, [], []

    def end_section() -> None:
        nonlocal begins
        for group in _groups(section):
            for part in [group] if arranged([group]) else _parts(group):
                items.append(Item(path, part, begins))
                begins = 0
        section.clear()

    for block in blocks:
        if block.kind not in ("heading", "rule"):
            section.append(block)
            continue
        end_section()
        level = _level(block.text)
        kept = tuple(each for each in path if _level(each) < level) if level > 2 else ()
        if begins and block.kind == "heading" and len(kept) < len(path):
            items.append(Item(path, (), begins))  # a section of nothing
            begins = 0
        if items and (block.kind == "rule" or level <= 2):
            yield items
            items = []
        if block.kind == "heading":
            path, begins = (*kept, block.text), begins + 1
    end_section()
    if begins:
        items.append(Item(path, (), begins))
    if items:
        yield items


def _level(heading: str) -> int:
    return len(heading) - len(heading.lstrip("#"))


def _packed(items: list[Item]) -> Iterator[str]:
    """A chapter on as few slides as it takes; of the ways to do so the one that fills them most
    evenly, and that parts no section from its heading where another way does not."""
    slides: dict[tuple[int, int], tuple[str, Bands]] = {}
    best = [
        (0, 0.0, 0)
    ]  # up to each item: slides, how ill they are filled, and where the last of them begins
    for end in range(1, len(items) + 1):
        ways = []
        for start in reversed(range(end)):
            title, bands = _slide(items[start:end])
            if not bands and start < end - 1:
                break
            bands = bands or alone(items[start].group)
            slides[start, end] = title, bands
            count, waste, _ = best[start]
            ways.append(
                (
                    count + 1,
                    waste
                    + max(0.0, HEIGHT - bands.height) ** 2
                    + PARTED * (not items[start].begins),
                    start,
                )
            )
        best.append(min(ways))
    ends = [len(items)]
    while start := best[ends[0]][2]:
        ends.insert(0, start)
    for start, end in zip([0, *ends], ends):
        title, bands = slides[start, end]
        yield "\n\n".join(filter(None, [title, bands.markdown()]))


def _slide(items: list[Item]) -> tuple[str, Bands | None]:
    """The heading of a slide with these groups, and how they stand on it; nothing where they do not
    fit."""
    first = items[0]
    common = last = _common([item.path for item in items])[
        : len(first.path) - max(0, first.begins - 1)
    ]  # none that begins is left out
    groups = []
    for item in items:
        known = max(len(common), len(_common([last, item.path])))
        heads = tuple(
            Block("heading", _named(item, place, 3)) for place in range(known, len(item.path))
        )
        groups.append(heads + item.group)
        last = item.path
    return (_named(first, len(common) - 1, 2) if common else ""), arranged(groups)


def _named(item: Item, place: int, level: int) -> str:
    """The heading at this place above a group, which says whether the section began before."""
    heading = item.path[place]
    mark = "#" if heading.startswith("# ") else "#" * level
    return (
        f"{mark} {heading.lstrip('#').strip()}{CONTINUED * (place < len(item.path) - item.begins)}"
    )


def _common(paths: list[Path]) -> Path:
    """The headings that all of them begin with."""
    first = min(paths, key=len)
    return first[
        : next(
            (
                place
                for place, name in enumerate(first)
                if any(path[place] != name for path in paths)
            ),
            len(first),
        )
    ]


def _groups(section: list[Block]) -> list[Group]:
    """Blocks with what leads to them, and the first remark behind them."""
    found: list[Group] = []
    for before, block in zip([Block("", ""), *section], section):
        leads = _leads(before) and block.kind in _LED_TO
        remarks = before.kind == "display" and block.kind == "prose" and not _leads(block)
        if block.kind == "picture":
            block = replace(block, text=block.text.split("\n", 1)[0])  # without its caption
        if found and (leads or remarks or before.kind == "comment"):
            found[-1] += (block,)
        else:
            found.append((block,))
    return found


def _leads(block: Block) -> bool:
    """Whether a paragraph speaks of what comes below it: it has no full stop yet, or begins with a
    name for that (`**Sum rule:** ...`)."""
    return block.kind == "prose" and (
        block.text.startswith("**") or not block.text.endswith((".", ".)"))
    )


def _parts(group: Group) -> list[Group]:
    """A group that is too high divided within its blocks, or before a remark; a table in columns as
    wide as its rows."""
    parts: list[Group] = [()]
    for block in group:
        width = min(WIDTH, wanted(block)) if block.kind == "table" else WIDTH
        room = HEIGHT - sum(map(height, parts[-1]))
        pieces = (
            divided(block, max(room, HEIGHT / 2) + GAP, width)
            if height(block, width) > room
            else [block]
        )
        if block.kind == "prose" and parts[-1] and height(pieces[0]) > room:
            parts.append(())
        parts[-1] += (pieces[0],)
        parts += [(piece,) for piece in pieces[1:]]
    return parts

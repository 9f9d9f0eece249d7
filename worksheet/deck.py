r"""A page cut into slides: Markdown in, Markdown out, a rule (`---`) between one slide and the next.

    ## Loss, a chain of nine lines   ->   ## Loss, six lines --- ## Loss (continued), where they had come to and the other three

A slide bears its section's heading and as much of the section as fits: a paragraph stays with the formula it leads to, a remark with
the one it follows; drawings, pictures and tables have slides of their own. What does not fit on one is divided: a chain between two of
its lines, a table between rows, a list between items, prose between sentences. A rule in the page begins a new slide too.
"""

from __future__ import annotations

from collections.abc import Iterator

from .anchors import CONTENTS
from .blocks import HEIGHT, Block, blocks_of, divided, height

BREAK = "\n\n---\n\n"
CONTINUED = " (continued)"
_ALONE = frozenset(["fence", "picture", "table"])
_LED_TO = _ALONE | {"display", "list"}

Group = tuple[Block, ...]       # what stays together


def cut(markdown: str) -> str:
    """The slides of a page."""
    blocks = [block for block in blocks_of(markdown) if block.text != CONTENTS]      # a deck has none
    first = next((place for place, block in enumerate(blocks) if block.kind != "comment"), len(blocks))
    head = "".join(f"{comment.text}\n\n" for comment in blocks[:first])
    return head + BREAK.join("\n\n".join(slide) for slide in _slides(blocks[first:])) + "\n"


def _slides(blocks: list[Block]) -> Iterator[list[str]]:
    """The texts of each slide, its heading first."""
    heading, is_new, section = "", False, []
    for block in [*blocks, Block("heading", "")]:
        if block.kind not in ("heading", "rule"):
            section.append(block)
            continue
        is_empty = all(each.kind == "comment" for each in section)
        if not is_empty or is_new and block.kind == "heading":       # a heading by itself opens a chapter
            yield from _packed(heading, section)
            section, is_new = [], False
        if block.kind == "heading":
            heading, is_new = block.text if block.text.startswith("# ") else f"## {block.text.lstrip('#').strip()}", True


def _packed(heading: str, section: list[Block]) -> Iterator[list[str]]:
    """A section on as many slides as it takes."""
    name, texts, room = heading, [], HEIGHT
    for group in _groups(section):
        is_alone = any(block.kind in _ALONE for block in group)
        for number, part in enumerate(_parts(group)):
            size = sum(map(height, part))
            if texts and (number or is_alone or size > room):
                yield [*filter(None, [name]), *texts]
                name, texts, room = heading + CONTINUED * bool(number), [], HEIGHT
            texts += [block.text for block in part]
            room = 0 if is_alone else room - size
    if texts or not section:
        yield [*filter(None, [name]), *texts]


def _groups(section: list[Block]) -> list[Group]:
    """Blocks with what leads to them, and the first remark behind them."""
    found: list[Group] = []
    for before, block in zip([Block("", ""), *section], section):
        leads = _leads(before) and block.kind in _LED_TO
        remarks = before.kind == "display" and block.kind == "prose" and not _leads(block)
        if found and (leads or remarks or before.kind == "comment"):
            found[-1] += (block,)
        else:
            found.append((block,))
    return found


def _leads(block: Block) -> bool:
    """Whether a paragraph speaks of what comes below it: it has no full stop yet, or begins with a name for that (`**Sum rule:** ...`)."""
    return block.kind == "prose" and (block.text.startswith("**") or not block.text.endswith((".", ".)")))


def _parts(group: Group) -> list[Group]:
    """The group as it is where it fits on a slide; otherwise divided within its blocks, or before a remark."""
    parts: list[Group] = [()]
    for block in group:
        room = HEIGHT - sum(map(height, parts[-1]))
        pieces = divided(block, max(room, HEIGHT / 2)) if height(block) > room else [block]
        if block.kind == "prose" and parts[-1] and height(pieces[0]) > room:
            parts.append(())
        parts[-1] += (pieces[0],)
        parts += [(piece,) for piece in pieces[1:]]
    return parts

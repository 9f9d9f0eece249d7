"""The pieces of Markdown that a page is made of: displays, chains of aligned lines, tables; and the
page itself."""

from __future__ import annotations

import re
from itertools import pairwise

from ..tex.writer import broken
from .claims import Claims


def tidy(text: str) -> str:
    """One blank line between blocks, none at the ends, no trailing spaces."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class Markdown(str):
    """The text of a page, and what it claims in words; a notebook shows it as Markdown. Of a
    lecture `authored`: the lines of its author, and `quotes`: what must stand on the page as the
    author wrote it."""

    claims: Claims | None
    authored: frozenset[str] = frozenset()
    quotes: tuple[tuple[str, str], ...] = ()

    def __new__(cls, text: str, claims: Claims | None = None):
        """A string with what it claims."""
        made = super().__new__(cls, text)
        made.claims = claims
        return made

    def _repr_markdown_(self) -> str:
        return str(self)

    def replace(self, old: str, new: str, count: int = -1) -> Markdown:
        """The text changed, with all that is known of the page: its proofs find the change."""
        found = type(self)(super().replace(old, new, count))
        found.__dict__.update(self.__dict__)
        return found


def equation(left: str, right: str) -> str:
    """`left = right` as a display, a long sum on several lines."""
    return (
        display(f"{left} = {right}") if len(broken(right)) == 1 else aligned(left, [("=", right)])
    )


def aligned(left: str, chain: list[tuple[str, str]]) -> str:
    """A display of (relation, form) below each other; a long sum goes on in the next row."""
    rows = []
    for relation, form in chain:
        first, *rest = broken(form)
        rows += [
            f"  {'' if rows else left + ' '}&{relation} {first}",
            *[f"  &\\quad {piece}" for piece in rest],
        ]
    text = rows[0]
    for above, row in pairwise(rows):
        is_tall = r"\frac" in above + row or r"\underline" in above + row
        text += (" \\\\[0.6em]\n" if is_tall else " \\\\\n") + row
    return display("\\begin{aligned}\n" + text + "\n\\end{aligned}")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A pipe table, the first column to the left, numbers to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def display(math: str) -> str:
    """Display mathematics alone between blank lines."""
    return f"\n\n$$\n{math}\n$$\n\n"

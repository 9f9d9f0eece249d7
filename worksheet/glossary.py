"""The symbols of a page: what each means, and the section in which it comes first. Found by reading the page, as a reader would.

The words are those of `templates/layouts/glossary.md.j2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import facts
from .environment import fill
from .errors import ReadError
from .expression import Name, names
from .markdown import formulas
from .page import Page, tidy
from .texreader import chains, read

HEADING = re.compile(r"(#{1,6}) (.+)")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")

# signs that are no names, each by what stands in the TeX where it is used
SIGNS = {r"\sigma": r"\sigma", r"\tanh": r"\tanh", r"\text{ReLU}": r"\text{ReLU}", r"\odot": r"\odot", r"{\top}": r"A^{\top}",
         "e^{": "e", r"\ln": r"\ln", r"\nabla": r"\nabla", r"\Delta": r"\Delta", r"\approx": r"\approx", r"\leftarrow": r"\leftarrow", ":=": ":="}


def glossary(markdown: str, spoken: Iterable[tuple[Page, str]], folder: Path | None = None) -> str:
    """The list of symbols of a page; `spoken`: what of it speaks of which problem, every other line left empty."""
    places = list(headings(markdown))
    rows: dict[tuple[str | None, ...], tuple[int, facts.Facts]] = {}
    for page, own in spoken:
        for line, entry in _used(page, own):
            key = entry["symbol"], entry["role"], entry.get("of"), entry.get("unit"), entry.get("formula")
            if key not in rows or line < rows[key][0]:
                rows[key] = line, entry
    for line, sign in _signs(markdown):
        rows[sign, "sign"] = (line, {"symbol": sign, "role": "sign", "sign": sign})
    found = [entry | {"place": _place(line, places)} for line, entry in sorted(rows.values(), key=lambda row: row[0])]
    return tidy(fill("layouts/glossary.md.j2", {"symbols": found}, folder))


def headings(markdown: str) -> Iterator[tuple[int, str, str]]:
    """The headings below the title: the line of each, its text, and what a link to it is made of, as GitHub and pandoc do it."""
    is_code, seen = False, dict[str, int]()
    for number, line in enumerate(markdown.splitlines(), start=1):
        is_code ^= bool(FENCE.match(line))
        match = None if is_code else HEADING.fullmatch(line)
        if match:
            name = anchor(match[2])
            seen[name] = seen.get(name, -1) + 1
            if match[1] != "#":
                yield number, match[2], f"{name}-{seen[name]}" if seen[name] else name


def anchor(title: str) -> str:
    """What a link to a heading is made of, the first time there is such a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _place(line: int, places: list[tuple[int, str, str]]) -> facts.Facts | None:
    before = [place for place in places if place[0] <= line]
    return {"title": before[-1][1].replace("|", r"\|"), "anchor": before[-1][2]} if before else None


def _used(page: Page, own: str) -> Iterator[tuple[int, facts.Facts]]:
    """The problem's symbols that its formulas show, each with its line; of those that are `of` one thing the first stands for all."""
    meanings, seen = _spelt(page), set()
    for formula in formulas(own):
        for name in _names(formula.tex):
            entry = meanings.get(name)
            if entry and entry.get("of") not in seen:
                if "of" in entry:
                    seen.add(entry["of"])
                else:
                    del meanings[name]
                yield formula.line, entry


def _spelt(page: Page) -> dict[str, facts.Facts]:
    """What the names of a problem mean, by the spelling of the reader."""
    found = {}
    for name, meaning in page.meanings().items():
        symbol = meaning.get("symbol") or page.symbols(name)
        try:
            expr = read(symbol)
        except ReadError:
            continue
        if isinstance(expr, Name):
            found[expr.name] = {"symbol": symbol} | meaning
    return found


def _names(tex: str) -> Iterator[str]:
    try:
        for chain in chains(tex):
            for form in chain.forms:
                if form.expr is not None:
                    yield from names(form.expr)
    except ReadError:
        return


def _signs(markdown: str) -> Iterator[tuple[int, str]]:
    used = [(formula.line, formula.tex) for formula in formulas(markdown)]
    for within, sign in SIGNS.items():
        line = next((line for line, tex in used if within in tex), None)
        if line is not None:
            yield line, sign

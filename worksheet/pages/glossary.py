"""The symbols of a page: what each means, and the section in which it comes first. Found by reading
the page, as a reader would.

The words are those of `templates/layouts/glossary.md.j2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..algebra.expression import Name, names
from ..errors import ReadError
from ..markdown.anchors import Heading, headings
from ..markdown.reader import formulas
from ..tex.reader import chains, read
from . import facts
from .environment import fill
from .page import Page, tidy

# signs that are no names, each by what stands in the TeX where it is used
SIGNS = {
    r"\sigma": r"\sigma",
    r"\tanh": r"\tanh",
    r"\text{ReLU}": r"\text{ReLU}",
    r"\odot": r"\odot",
    r"{\top}": r"A^{\top}",
    "e^{": "e",
    r"\ln": r"\ln",
    r"\nabla": r"\nabla",
    r"\Delta": r"\Delta",
    r"\delta": r"\delta",
    r"\mathbf{1}": r"\mathbf{1}",
    r"\approx": r"\approx",
    r"\leftarrow": r"\leftarrow",
    ":=": ":=",
    r"w_{\mathrm{new}}": r"w_{\mathrm{new}}",
}


ONCE = ("gradient", "moved", "ended")  # roles that need one row for all that have them


def glossary(markdown: str, spoken: Iterable[tuple[Page, str]], folder: Path | None = None) -> str:
    """The list of symbols of a page, a row for each with all its uses; `spoken`: what of it speaks
    of which problem, every other line left empty."""
    places = list(headings(markdown))
    uses: dict[tuple[str | None, ...], tuple[int, facts.Facts]] = {}
    for page, own in spoken:
        for line, entry in _used(page, own):
            role = entry["role"]
            key = (
                (role,)
                if role in ONCE
                else (entry["symbol"], role, entry.get("unit"), entry.get("formula"))
            )
            if key not in uses or line < uses[key][0]:
                uses[key] = line, entry
    for line, sign in _signs(markdown):
        uses[sign, "sign"] = (line, {"symbol": sign, "role": "sign", "sign": sign})
    rows: dict[str, list[facts.Facts]] = {}
    for line, entry in sorted(uses.values(), key=lambda use: use[0]):
        rows.setdefault(entry["symbol"], []).append(entry | {"place": _place(line, places)})
    return tidy(fill("layouts/glossary.md.j2", {"symbols": list(rows.values())}, folder))


def _place(line: int, places: list[Heading]) -> facts.Facts | None:
    before = [place for place in places if place.line <= line]
    return (
        {"title": before[-1].text.replace("|", r"\|"), "anchor": before[-1].anchor}
        if before
        else None
    )


def _used(page: Page, own: str) -> Iterator[tuple[int, facts.Facts]]:
    """The problem's symbols that its formulas show, each with its line; of those that are `of` one
    thing the first stands for all."""
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

"""Markdown -> LaTeX that compiles as it stands, with lualatex, xelatex or pdflatex; its figures lie
beside it, those of `notes.tex` in `notes-figures/`.

The look of the page is `templates/latex/notes.tex`. Formulas are printed anew from what was read
(`tex/to_latex.py`), words pass through pandoc: nothing that an author writes is a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import WorksheetError
from ..tex.to_latex import rows_of, spelt
from . import pandoc
from .fonts import Faces, named
from .pages import (
    Contents,
    Display,
    Drawing,
    NewPage,
    Page,
    Picture,
    Room,
    Task,
    banded,
    changed,
    foot_of,
    has_bands,
    heading,
    is_set_apart,
    length,
    measured,
    pieces,
    placed,
    sound,
    title_of,
    with_pages,
)
from .pictures import converted
from .qr import stamp
from .regions import Region, apart, pointed, regions, without_points
from .spreads import Spread, spreads
from .tables import COMPACT
from .texfonts import command, commanded, foreign, found_for, loaded, runs, tex_hint

# the share of the width of a compact page that a character of \\scriptsize (8 pt here) takes
SIGN = 0.0094
ROOMY, WIDE = 72, 0.85  # signs of a table that fit a line; how much narrower they are in \\small
SPACELESS = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u2e80-\uffdc]"
)  # letters of scripts whose words have no space between them
LONG, PART = (
    40,
    16,
)  # signs of a word that may be wider than a line, and of what is not broken of it
MARGINS, COMPACT_MARGINS = "top=28mm,bottom=26mm,hmargin=28mm", "top=14mm,bottom=18mm,hmargin=12mm"
TITLED = re.compile(
    "^.*<<title>>", re.MULTILINE
)  # the first line of a page set-up that shows words
EM_SPACE = "\u2003"  # which the fonts of TeX do not have
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{mark: "\\" + mark for mark in "{}$&#_%"},
}


@dataclass(frozen=True)
class Source:
    """A page for TeX: its text, and the files that lie beside it, by path."""

    text: str
    figures: dict[str, bytes]


def sources(pages: list[Page], paper: str, look: Path, fonts: Path | None = None) -> list[Source]:
    """The LaTeX of each page. `look`: the page set-up, with `<<title>>`, `<<paper>>`, `<<foot>>`,
    `<<stamp>>` and `<<body>>`. `fonts`: a folder of fonts that go before those of the machine.
    Raises WorksheetError for letters for which there is no font."""
    frame = look.read_text(encoding="utf-8")
    texts, figures = [], []
    feet, stamps = [], []
    faces = [found_for(page.markdown, fonts) for page in pages]
    for page, given in zip(pages, faces, strict=True):
        if given.missing:
            raise WorksheetError(
                f"no font that TeX can use has {named(given)}", page.name, tex_hint(given)
            )
    for page, given, blocks in zip(
        pages, faces, pandoc.read([page.markdown for page in pages]), strict=True
    ):
        title, blocks = title_of(blocks)
        found: dict[str, bytes] = {}
        feet.append(_escaped(foot_of(blocks)))
        stamps.append(_stamp(stamp(foot_of(blocks)), page, found))
        whole = [
            [
                {
                    "t": "Plain",
                    "c": changed(title, lambda node, page=page: _inline(node, page))
                    or [{"t": "Str", "c": page.name}],
                }
            ],
            with_pages(
                list(_blocks(blocks, page, found)),
                lambda name: _raw_inline(rf"\pageref*{{{name}}}"),
            ),
        ]
        texts += (
            changed(whole, lambda node, given=given: _lettered(node, given))
            if given.found
            else whole
        )
        figures.append(found)
    written = iter(
        text.strip().replace(EM_SPACE, r"\quad{}")
        for text in pandoc.write(texts, "latex", "--syntax-highlighting=none")
    )
    return [
        Source(
            _filled(
                TITLED.sub(lambda line, given=given: loaded(given) + line[0], frame, count=1),
                title=title,
                body=body,
                foot=foot,
                stamp=qr,
                paper={"a4": "a4paper", "us-letter": "letterpaper"}[paper],
                margins=COMPACT_MARGINS if COMPACT in page.markdown.splitlines() else MARGINS,
            ),
            found,
        )
        for page, given, title, body, foot, qr, found in zip(
            pages, faces, written, written, feet, stamps, figures, strict=True
        )
    ]


def texs(pages: list[Page], paper: str, look: Path, fonts: Path | None = None) -> list[bytes]:
    """The bytes of each page's `.tex`; what it shows is put into a folder beside it."""
    made = sources(pages, paper, look, fonts)
    for page, source in zip(pages, made, strict=True):
        for path, content in source.figures.items():
            (page.folder / path).parent.mkdir(exist_ok=True)
            (page.folder / path).write_bytes(content)
    return [source.text.encode() for source in made]


def _lettered(node: pandoc.Node, faces: Faces) -> pandoc.Node | None:
    """Words and formulas with each run of foreign letters in its font."""
    if node["t"] == "Str" and foreign(node["c"]):
        return {
            "t": "Span",
            "c": [
                ["", [], []],
                [
                    _raw_inline(command(letter, run)) if letter else {"t": "Str", "c": run}
                    for letter, run in runs(node["c"], faces)
                ],
            ],
        }
    if node["t"] in ("RawInline", "RawBlock") and node["c"][1].startswith(("$", r"\formula")):
        return {"t": node["t"], "c": [node["c"][0], commanded(node["c"][1], faces)]}
    return None


def _stamp(qr: Drawing | None, page: Page, figures: dict[str, bytes]) -> str:
    if qr is None:
        return ""
    figures[path := f"{page.stem}-figures/code.pdf"] = converted(qr.svg.encode(), "pdf")
    return rf"\includegraphics[alt={{{_escaped(qr.alt)}}}]{{{path}}}"


def _filled(frame: str, **values: str) -> str:
    return re.sub(rf"<<({'|'.join(values)})>>", lambda match: values[match[1]], frame)


def _blocks(
    blocks: list[pandoc.Node], page: Page, figures: dict[str, bytes]
) -> Iterator[pandoc.Node]:
    found = list(pointed(spreads(list(regions(pieces(blocks, page, has_tasks=True))))))
    for (piece, task), (following, _) in zip(found, [*found[1:], (None, None)]):
        if isinstance(following, dict) and following["t"] == "Table":
            yield _raw(r"\keeproom")
        if isinstance(piece, Region):
            yield from _region(piece, page)
        elif isinstance(piece, Display):
            yield _raw(_display(piece.tex, page))
        elif isinstance(piece, Spread):
            yield from _spread(piece, page, figures)
        elif isinstance(piece, Drawing):
            path = f"{page.stem}-figures/network-{sum('/network-' in other for other in figures) + 1}.pdf"
            figures[path] = converted(piece.svg.encode(), "pdf")
            yield _raw(rf"\drawing{{{path}}}{{{_escaped(piece.alt)}}}")
        elif isinstance(piece, Picture):
            file = page.folder / piece.path
            path = f"{page.stem}-figures/{file.name if file.suffix == '.png' else file.with_suffix('.pdf').name}"
            figures[path] = (
                file.read_bytes() if file.suffix == ".png" else converted(file.read_bytes(), "pdf")
            )
            yield {
                "t": "Plain",
                "c": [
                    _raw_inline(rf"\illustration{{{path}}}{{{_escaped(piece.alt)}}}{{"),
                    *changed(piece.caption, lambda node: _inline(node, page)),
                    _raw_inline("}"),
                ],
            }
        elif isinstance(piece, Room):
            yield _raw(rf"\room{{{piece.lines}}}")
        elif isinstance(piece, NewPage):
            yield _raw(r"\clearpage")
        elif isinstance(piece, Contents):
            yield _raw(r"\contents")
        elif piece["t"] == "Header":
            yield heading(piece, lambda node: _inline(node, page))
        else:
            is_table = piece["t"] == "Table"
            whole = changed(
                banded(_strong_head(_fitting(piece))) if is_table else piece,
                lambda node: _inline(node, page),
            )
            yield from (
                [_raw(rf"\begingroup{_size(piece)}"), whole, _raw(r"\endgroup")]
                if is_table
                else [_beside(whole, task) if task else whole]
            )
            if piece["t"] == "Para" and is_set_apart(following):
                yield _raw(r"\leads")


def _spread(spread: Spread, page: Page, figures: dict[str, bytes]) -> Iterator[pandoc.Node]:
    """A page across."""
    yield _raw(r"\begin{across}" + (rf"\points{{{spread.task.points}}}" if spread.task else ""))
    yield from _blocks(list(spread.before), page, figures)
    path = f"{page.stem}-figures/network-{sum('/network-' in other for other in figures) + 1}.pdf"
    figures[path] = converted(spread.drawing.svg.encode(), "pdf")
    yield _raw(rf"\drawing{{{path}}}{{{_escaped(spread.drawing.alt)}}}")
    yield from _blocks(list(spread.after), page, figures)
    yield _raw(r"\end{across}")


def _region(region: Region, page: Page) -> Iterator[pandoc.Node]:
    """A task: its points in the margin, room with a dotted line around, its answers in a frame."""
    first, *rest = changed(without_points(region.statement), lambda node: _inline(node, page))
    yield from [_raw(r"\begintask"), _beside(first, region.task), *rest]
    yield _raw(rf"\working{{{region.task.letter}}}{{{region.begin}}}{{{region.lines}}}")
    frame = "longanswers" if region.is_long else "answers"
    yield _raw(rf"\begin{{{frame}}}{{{region.task.letter}}}")
    yield {
        "t": "Para",
        "c": [
            inline
            for answer in region.answers
            for each in apart(answer)
            for inline in (
                _raw_inline(r"\asked{"),
                *changed(each, lambda node: _inline(node, page)),
                _raw_inline(r"}\quad "),
            )
        ],
    }
    yield _raw(rf"\end{{{frame}}}")


def _beside(paragraph: pandoc.Node, task: Task) -> pandoc.Node:
    """A paragraph with the points of its task level with its first line."""
    return {"t": "Para", "c": [_raw_inline(rf"\points{{{task.points}}}"), *paragraph["c"]]}


def _fitting(table: pandoc.Node) -> pandoc.Node:
    """A table that would be wider than the page, or has heads within it, in columns whose lines go
    on in the next."""
    return (
        measured(table, SIGN)
        if has_bands(table)
        else measured(table, WIDE / ROOMY)
        if _signs(table) > ROOMY
        else table
    )


def _size(table: pandoc.Node) -> str:
    """The size of the signs of a table: that of the page, or a little smaller where it would be
    wider."""
    if has_bands(table):
        return r"\scriptsize\setlength\tabcolsep{3pt}\renewcommand\arraystretch{0.95}"
    signs = _signs(table)
    return (
        r"\small\setlength\tabcolsep{2pt}"
        if signs > ROOMY / WIDE
        else r"\small"
        if signs > ROOMY
        else ""
    )


def _signs(table: pandoc.Node) -> float:
    """About how many signs are beside each other where no line of a cell is broken."""
    rows = [
        row[1] for row in (*table["c"][3][1], *[row for body in table["c"][4] for row in body[3]])
    ]
    return sum(max(length(row[column]) for row in rows) + 2 for column in range(len(table["c"][2])))


def _strong_head(table: pandoc.Node) -> pandoc.Node:
    """The table with the words of its first row in bold."""
    attributes, caption, columns, (own, rows), *rest = table["c"]

    def strong(node: pandoc.Node) -> pandoc.Node | None:
        return (
            {"t": "Plain", "c": [{"t": "Strong", "c": node["c"]}]} if node["t"] == "Plain" else None
        )

    return {"t": "Table", "c": [attributes, caption, columns, [own, changed(rows, strong)], *rest]}


def _display(tex: str, page: Page) -> str:
    source = _tex(tex, page)
    rows = rows_of(source)
    return rf"\formulas{{{rows}}}" if rows else rf"\formula{{{source}}}"


def _inline(node: pandoc.Node, page: Page) -> pandoc.Node | None:
    if node["t"] == "Math":
        kind, tex = node["c"]
        return _raw_inline(
            _display(tex, page) if kind["t"] == "DisplayMath" else f"${_tex(tex, page)}$"
        )
    if (
        node["t"] == "CodeBlock"
    ):  # line by line: a verbatim environment would end where the words say so
        lines = [
            [_raw_inline(r"\mbox{}"), {"t": "Code", "c": [["", [], []], line]}, {"t": "LineBreak"}]
            for line in node["c"][1].splitlines()
        ]
        return {"t": "Para", "c": [inline for line in lines for inline in line][:-1]}
    if (
        node["t"] == "Str"
        and len(node["c"]) > LONG
        and "____" not in node["c"]
        and not SPACELESS.search(node["c"])
    ):  # a name that TeX would not break
        parts = [node["c"][at : at + PART] for at in range(0, len(node["c"]), PART)]
        return {
            "t": "Span",
            "c": [
                ["", [], []],
                [
                    each
                    for part in parts
                    for each in (_raw_inline(r"\allowbreak{}"), {"t": "Str", "c": part})
                ][1:],
            ],
        }
    return sound(node, page, lambda size: _raw_inline(rf"\blank{{{size}}}"))


def _tex(tex: str, page: Page) -> str:
    with placed(page):
        return spelt(tex.strip())


def _escaped(text: str) -> str:
    return " ".join("".join(_ESCAPED.get(letter, letter) for letter in text).split())


def _raw(text: str) -> pandoc.Node:
    return pandoc.raw("latex", text)


def _raw_inline(text: str) -> pandoc.Node:
    return {"t": "RawInline", "c": ["latex", text]}

r"""The renderers that a note meets outside: KaTeX, mermaid in a real browser, VS Code's reader of
Markdown.

Each is one node process over JSON, so ask about many formulas at once. Without node or Chromium
they raise `MissingTool`; tests say `@needs("node", "chromium")`, which skips on a desk that lacks
one, and not where CI is set.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from bisect import bisect_right
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

FOLDER = Path(__file__).parent / "render"
TEX = "texlive-latex-recommended texlive-fonts-recommended lmodern fonts-lmodern"
PACKAGES = {
    "lualatex": f"texlive-luatex {TEX}",
    "xelatex": f"texlive-xetex {TEX}",
    "pdflatex": TEX,
    "soffice": "libreoffice-writer-nogui libreoffice-math-nogui",
    "java": "default-jre-headless",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

# a fence of any kind, a display formula, an inline formula: whichever opens first
_PARTS = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<fence>.*?)^(?P=ticks)`*[ \t]*$"
    r"|`[^`\n]+`"
    r"|(?<!\\)\$\$(?P<display>.+?)\$\$"
    r"|(?<![\\$\w])\$(?P<inline>(?:\\.|[^\\$])+?)\$(?![\w$])",
    re.DOTALL | re.MULTILINE,
)


class MissingTool(Exception):
    """A renderer that this desk does not have, and how to get it."""


class Formula(NamedTuple):
    """One formula of a page; `line` counts from 1 and is where it opens."""

    tex: str
    display: bool
    line: int


class Drawn(NamedTuple):
    """A diagram as mermaid drew it: pixels, and the labels a reader sees; or the error, and nothing
    drawn."""

    error: str
    width: float
    height: float
    labels: list[str]


def markdown_math(markdown: str) -> list[Formula]:
    """The formulas of a page, in order: `$...$`, and `$$...$$` on a line of its own or over
    several."""
    ends = [match.end() for match in re.finditer("\n", markdown)]
    return [
        Formula(
            match["display"] or match["inline"],
            bool(match["display"]),
            bisect_right(ends, match.start()) + 1,
        )
        for match in _PARTS.finditer(markdown)
        if match["display"] or match["inline"]
    ]


def mermaid_blocks(markdown: str) -> list[str]:
    """The text of each mermaid fence, in order."""
    return [
        match["fence"]
        for match in _PARTS.finditer(markdown)
        if match["ticks"] and match["info"].strip() == "mermaid"
    ]


def katex_errors(formulas: list[tuple[str, bool]]) -> list[tuple[int, str]]:
    """(index, message) for each (tex, display) that KaTeX refuses at `strict: "error"`."""
    return [tuple(error) for error in _node("formulas.mjs", [formula[:2] for formula in formulas])]


def draw_diagrams(diagrams: list[str]) -> list[Drawn]:
    """Each diagram parsed and drawn by mermaid's own bundle in a real browser."""
    return [Drawn(**drawn) for drawn in _node("diagrams.mjs", diagrams, CHROMIUM=_browser())]


def mermaid_errors(diagrams: list[str]) -> list[tuple[int, str]]:
    """(index, message) for each diagram that mermaid does not draw."""
    return [
        (index, drawn.error) for index, drawn in enumerate(draw_diagrams(diagrams)) if drawn.error
    ]


def vscode_reads(notes: list[str]) -> list[dict]:
    """What VS Code's preview takes for mathematics and diagrams in each page:
    `{"formulas": [[tex, display], ...], "diagrams": [text, ...]}`."""
    return _node("reading.mjs", notes)


def too_wide(notes: list[str]) -> list[list[tuple[str, int]]]:
    """For each page, (tex, pixels) of the display formulas that do not fit GitHub's 820 pixels."""
    return [
        [tuple(formula) for formula in page]
        for page in _node("widths.mjs", notes, CHROMIUM=_browser())
    ]


def seen(pages: list[Path], widths: list[int]) -> list[dict]:
    """How HTML files look in a real browser, for each page, width and colour scheme: `scroll` (the
    width of what is there), `outside` (what lies beyond the right edge), `cut` (what goes on
    without a sign of it), `math` (formulas that are drawn), `images`, `background`, `requests`."""
    return _node(
        "narrow.mjs", {"html": list(map(str, pages)), "widths": widths}, CHROMIUM=_browser()
    )


def stuck(page: Path, sizes: list[tuple[int, int]]) -> list[dict]:
    """Where the contents of a page stand when it is scrolled to its end, for each size of the
    screen, folded and then not: their `top` and `bottom`, the `places` of the headings that they
    lead to, each after its link, and how far the way `back` to them leads down; all in pixels of
    the `height`."""
    return _node("contents.mjs", {"html": str(page), "sizes": sizes}, CHROMIUM=_browser())


def styles(page: Path, width: int, asked: dict[str, tuple[str, str]]) -> dict[str, str]:
    """For each medium, screen or print, the property that a browser computes for the first element
    of a selector."""
    return _node(
        "styles.mjs", {"html": str(page), "width": width, "asked": asked}, CHROMIUM=_browser()
    )


def decks(pages: list[Path], sizes: list[tuple[int, int]]) -> list[dict]:
    """How decks look in a real browser, for each file and size of the screen: `slides`, each with
    its `heading`, the size it is set in (`fit`) and what lies `outside` of it; `requests`,
    `errors`."""
    return _node("slides.mjs", {"html": list(map(str, pages)), "sizes": sizes}, CHROMIUM=_browser())


def driven(deck: Path, keys: list[str]) -> list[dict]:
    """A deck at its beginning and after each key (or `click:600`, or `#5`): `hash`, `place`,
    `heading`, slides `shown`, parts `later`."""
    return _node("slides.mjs", {"html": [str(deck)], "keys": keys}, CHROMIUM=_browser())


def printed(deck: Path, pdf: Path) -> None:
    """Print a deck from the browser."""
    _node("slides.mjs", {"html": [str(deck)], "print": str(pdf)}, CHROMIUM=_browser())


def barriers(pages: list[Path], looks: list[tuple[int, str]]) -> list[dict]:
    """What axe-core has against HTML files in a real browser, for each page and look (a width,
    light or dark): `violations`, `passes`."""
    return _node("access.mjs", {"html": list(map(str, pages)), "looks": looks}, CHROMIUM=_browser())


def followed(
    page: Path, steps: list[str], width: int = 900, media: dict[str, str] | None = None
) -> list[dict]:
    """What a reader of a page has before the first step and after each, `point 7`, `key Enter`,
    `press back` (`follow.mjs`). No error may come up."""
    seen = _node(
        "follow.mjs",
        {"html": str(page), "width": width, "media": media or {}, "steps": steps},
        CHROMIUM=_browser(),
    )
    assert seen["errors"] == [], seen["errors"]
    return seen["found"]


def heard(pages: list[Path]) -> list[list[dict]]:
    """What Chromium gives to a screen reader of each HTML file, in order: `role`, `name`, and the
    roles that it stands `inside` of."""
    return _node("access.mjs", {"html": list(map(str, pages))}, CHROMIUM=_browser())


def mathspeak(formulas: list[str]) -> list[str]:
    """How the Speech Rule Engine says each formula, given in MathML, in MathSpeak."""
    return _node("spoken.mjs", formulas)


def screenshot(note: Path, picture: Path, width: int = 900, slice: int = 2000) -> list[Path]:
    """A Markdown file as a lecturer sees it, as PNG; several where it is taller than `slice` pixels
    (0: always one)."""
    asked = {"note": str(note), "picture": str(picture), "width": width, "slice": slice}
    return [Path(file) for file in _node("look.mjs", asked, CHROMIUM=_browser())]


def needs(
    *tools: Literal["node", "chromium", "lualatex", "xelatex", "pdflatex", "soffice", "java"],
) -> pytest.MarkDecorator:
    """Skips a test on a desk without these tools, saying what to install; with CI set the test
    runs, and fails."""
    lacking = "; ".join(filter(None, map(_lacking, tools)))
    return pytest.mark.skipif(bool(lacking) and not os.environ.get("CI"), reason=lacking)


def _browser() -> str:
    if lacking := _lacking("chromium"):
        raise MissingTool(lacking)
    return next(filter(None, map(shutil.which, BROWSERS)))


def _lacking(tool: str) -> str:
    """What this desk lacks of a tool, and how to get it; empty where it is there."""
    if tool == "chromium":
        return (
            "" if any(map(shutil.which, BROWSERS)) else "no Chromium here: apt-get install chromium"
        )
    if tool in PACKAGES:
        return "" if shutil.which(tool) else f"no {tool} here: apt-get install {PACKAGES[tool]}"
    if not shutil.which("node"):
        return "no node here: install Node 20 or later"
    return (
        ""
        if (FOLDER / "node_modules").is_dir()
        else "no npm packages here: run make test, or npm ci in tests/render"
    )


def _node(script: str, question: object, **environment: str):
    """What one of the scripts in tests/render answers; its standard error goes into the exception."""
    if lacking := _lacking("node"):
        raise MissingTool(lacking)
    ran = subprocess.run(
        ["node", FOLDER / script],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        env=os.environ | environment,
    )
    if ran.returncode:
        raise RuntimeError(f"{script} failed:\n{ran.stderr}")
    return json.loads(ran.stdout)

r"""The signs by which blocks of Markdown are known: what begins a list, a fence, a heading, HTML;
rows of tables; definitions of links.

CommonMark 0.31 (spec.commonmark.org) with the tables and footnotes of GitHub.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$", re.DOTALL)
HEADING = re.compile(r"#{1,6}(?:[ \t]+|$)")
CLOSING = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
RULE = re.compile(r"([-_*])[ \t]*(?:\1[ \t]*){2,}$")
MARKER = re.compile(r"([-+*]|\d{1,9}[.)])(?=[ \t]|$)", re.ASCII)
NOTE = re.compile(r"\[\^((?:[^\[\]\\]|\\.)+)\]:")
_DIVIDER = re.compile(r"[ \t]*:?-+:?[ \t]*")
_LABEL = r"\[((?:[^\[\]\\]|\\.){1,999})\]"
_TITLE = r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\)"
DEFINITION = re.compile(
    rf"{_LABEL}:\s*(?:<(?:[^<>\n\\]|\\.)*+>|(?P<bare>[^\s<]\S*+))(?:\s+(?:{_TITLE})(?=[ \t]*(?:\n|\Z)))?[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
_TAGS = (
    "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol "
    "optgroup option p param search section summary table tbody td tfoot th thead title tr track ul"
).replace(" ", "|")
TAG = r"<(?:[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s\"'=<>`]+|'[^']*'|\"[^\"]*\"))?)*\s*/?|/[A-Za-z][A-Za-z0-9-]*\s*)>"
# HTML blocks: how each kind begins and what ends it; the last two end at an empty line
HTML = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[ \t>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{_TAGS})(?:[ \t]|$|/?>)", re.IGNORECASE), None),
    (re.compile(rf"{TAG}[ \t]*$"), None),
)


def cells_of(text: str) -> list[tuple[int, str]] | None:
    """The cells of a row of a table, each with where it begins; None if the line has no bar."""
    bars = [match.start() for match in re.finditer(r"\\\||\|", text) if match[0] == "|"]
    starts = [0, *[bar + 1 for bar in bars]]
    cells = [(start, text[start:end]) for start, end in zip(starts, [*bars, len(text)])]
    if text.startswith("|"):
        del cells[0]
    if cells and not cells[-1][1].strip(" \t"):
        del cells[-1]
    return cells if bars and cells else None


def columns_of(text: str) -> int:
    """How many columns the line below the head of a table has; 0 if it is none."""
    parts = text.strip(" \t").removeprefix("|").removesuffix("|").split("|") if "|" in text else ()
    return len(parts) if all(_DIVIDER.fullmatch(part) for part in parts) else 0


def without_definitions(text: str) -> tuple[list[str], str]:
    """The labels of the links that a paragraph begins with the definitions of, and the rest of it."""
    labels = []
    while (
        text.startswith("[")
        and (match := DEFINITION.match(text))
        and match[1].strip()
        and _is_balanced(match["bare"] or "")
    ):
        labels.append(match[1])
        text = text[match.end() :]
    return labels, text


def _is_balanced(target: str) -> bool:
    """Whether the brackets in the target of a link come in pairs."""
    depth = 0
    for sign in re.findall(r"\\.|[()]", target):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return not depth

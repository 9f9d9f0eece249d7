"""Small documents of Markdown, drawn from seeds, and the mathematics that pandoc finds in them: the
reader of `markdown/reader.py` must find the same.

Two grammars: signs thrown together, which meet every odd corner, and whole lines of every kind of
block, which nest.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from worksheet.markdown.reader import document, in_dollars
from worksheet.publish import pandoc

TOGETHER, SECONDS = 200, 60  # documents in one call of pandoc
# what calls the footnote, and keeps `---` from being metadata
BEFORE = "The note[^1] and a link [r].\n\n"
END = "end of a document"

SIGNS = [
    "$",
    "$",
    "$$",
    "$x$",
    "$x$ ",
    "$ ",
    "`",
    "``",
    "\\",
    "\\$",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "](u)",
    "[a](b)",
    "<",
    "<b>",
    "<!-- ",
    "-->",
    "a",
    "b ",
    "= ",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "> ",
    ">",
    "# ",
    "##",
    "|",
    " | ",
    "|-|-|",
    "---",
    "===",
    "~~~",
    "```",
    "```math",
    "    ",
    "  ",
    " ",
    "\t",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "[r]: ",
    "[r]",
    "<div>",
    "&#36;",
    "*",
    "_",
    "**",
    "$2 = 3$",
    "$$\n",
    "\n$$",
    "\\frac",
    "!",
    '"',
    "'",
    "x",
    "$5 ",
    "\\[",
    "\\]",
    "\\(",
    "\\)",
    "\\begin{align}",
    "\\end{align}",
    "\\|",
    "![",
    "~~",
    "^",
    "http://a.b/$",
    "<http://a$b>",
    '<a b="$">',
]
LINES = [
    "$x$",
    "a $y$ b",
    "$$",
    "x = 1",
    "- $a$",
    "1. $b$",
    "> $c$",
    "> ",
    "  $d$",
    "    $e$",
    "      $f$",
    "",
    "",
    "```",
    "```math",
    "|a|$b$|",
    "|-|-|",
    "| $g$ | `$` |",
    "# $h$ #",
    "===",
    "---",
    "\t$i$",
    "-",
    "- - $j$",
    "> - $k$",
    "[^1]: $l$",
    "<div>",
    "</div>",
    "<!-- $m$",
    "-->",
    "$n",
    "o$",
    "[r]: http://x/$p$",
    "[r] $q$",
    "+ 1",
    "2. $s$",
    "* * *",
    "~~~",
    "  ~~~",
    " > $t$",
    "   - $u$",
    "\\begin{align} x \\end{align}",
    "$v$ | w",
    "--|--",
    "[$x$](a$b$c)",
    "\\$5 and $6$",
    "`$z$",
    "`",
    ">",
    "> > $aa$",
    "  ",
    "<b>",
    "text",
    "Term",
    ": $ab$",
    "| line $ac$",
    "*$ad$*",
    "$ ae $",
    "$af$7",
    "> $$",
    "> x",
    "- $$",
    "  y",
    "  $$",
    "a<!-- $ag$ -->$ah$",
    "[$ai$][r]",
    "![$aj$](a.png)",
    "\\(ak\\)",
    "\\[al\\]",
    "$am$\\",
    "***",
    "> [!NOTE]",
]


def documents(count: int, seed: int) -> list[str]:
    """So many documents, half of each grammar."""
    draw = random.Random(seed)
    return [
        "".join(draw.choice(SIGNS) for _ in range(draw.randint(1, 22)))
        if number % 2
        else "\n".join(draw.choice(LINES) for _ in range(draw.randint(1, 10)))
        for number in range(count)
    ]


def set_by_pandoc(texts: Iterable[str]) -> list[list[tuple[bool, str]]]:
    """The formulas that pandoc makes of each document, read as our publishers have it read: (is it
    a display, its TeX)."""
    texts, found = list(texts), []
    for start in range(0, len(texts), TOGETHER):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, text in enumerate(texts[start : start + TOGETHER]):
                for name, content in (
                    (f"{number}.md", f"{BEFORE}{text}\n\n"),
                    (f"{number}-end.md", f"~~~\n{END}\n~~~\n"),
                ):
                    Path(folder, name).write_text(content, encoding="utf-8", newline="")
                    files.append(str(Path(folder, name)))
            ran = subprocess.run(
                [
                    pandoc._program(),
                    "+RTS",
                    "-M1g",
                    "-RTS",
                    "-f",
                    pandoc.MARKDOWN,
                    "-t",
                    "json",
                    "--file-scope",
                    *files,
                ],
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=SECONDS,
                check=True,
            )
        shown: list[tuple[bool, str]] = []
        for block in json.loads(ran.stdout)["blocks"]:
            if block["t"] == "CodeBlock" and block["c"][1] == END:
                found.append(plain(shown))
                shown = []
            else:
                shown += math_in(block)
    return found


def math_in(node) -> list[tuple[bool, str]]:
    """The formulas of a part of pandoc's tree."""
    if isinstance(node, dict) and node.get("t") == "Math":
        return [(node["c"][0]["t"] == "DisplayMath", node["c"][1])]
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [each for part in inside for each in math_in(part)]


def read_by_us(text: str) -> list[tuple[bool, str]]:
    """The formulas that our reader finds."""
    return plain((each.is_display, each.tex) for each in document(BEFORE + text).formulas)


def plain(found: Iterable[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Without what is not seen: spaces, empty fences, the place and the number of a footnote."""
    spaced = [(is_display, " ".join(tex.split())) for is_display, tex in found]
    return sorted(each for each in spaced if each[1])


def differences(texts: list[str]) -> list[tuple[str, list, list]]:
    """The documents, as they are given dollars, in which pandoc and our reader do not find the
    same."""
    texts = [in_dollars(BEFORE + text).removeprefix(BEFORE) for text in texts]
    return [
        (text, theirs, ours)
        for text, theirs in zip(texts, set_by_pandoc(texts), strict=True)
        if (ours := read_by_us(text)) != theirs
    ]

"""Pandoc for many documents in one call: Markdown to its tree, and trees to text.

It runs in its sandbox (no file is read but the ones named, nothing is executed), and raw TeX, HTML
or Typst in a page is no raw output: what a stranger writes into a spec stays text. Its time and its
memory have bounds, which its own runtime keeps: a footnote that calls itself would grow without
end.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import WorksheetError

Node = dict[str, Any]  # a block or an inline of pandoc's tree: {"t": kind, "c": content}

SECONDS, MEMORY = 30, 300 * 1024**2  # for what one call is given,
SECONDS_MORE, MEMORY_MORE = (
    20,
    200 * 1024**2,
)  # and for each megabyte of it as much again as sound pages take, several times over
MOST = 2 * 1024**3
# What is taken from the system in one go and used again from then on: half of what a page takes.
# What is dead by then is given back in no time; the
# second time all of pandoc would be walked through, which costs as much as a page. In bytes: for
# any page, and for each byte given; at most so much
AT_ONCE, AT_ONCE_MOST = (
    {"json": (3 * 1024**2, 2300), "typst": (5 * 1024**2 // 2, 190)},
    32 * 1024**2,
)
FULL = 251  # the status of a program of Haskell that may have no more memory
WITHOUT_END = "does a footnote call itself, or do footnotes call one another again and again?"

MARKDOWN = "gfm-raw_html-alerts-emoji-autolink_bare_uris"


def read(pages: list[str]) -> list[list[Node]]:
    """The blocks of each page."""
    mark = _mark(pages)
    with tempfile.TemporaryDirectory(prefix="worksheet-") as folder:
        files = []
        for number, page in enumerate(pages):
            file = Path(folder, f"{number}.md")
            file.write_text(f"{page.rstrip()}\n\n~~~\n{mark}\n~~~\n", encoding="utf-8")
            files.append(str(file))
        text = _run("-f", MARKDOWN, "-t", "json", "--file-scope", *files, size=sum(map(len, pages)))
        # of several files pandoc puts the path before each identifier and each link to one
        tree = json.loads(
            re.sub(rf'"(#?)[^"\\]*{re.escape(Path(folder).name)}__\d+md__', r'"\1', text)
        )
    found: list[list[Node]] = [[]]
    for block in tree["blocks"]:
        if block["t"] == "CodeBlock" and block["c"][1] == mark:
            found.append([])
        else:
            found[-1].append(block)
    if len(found) != len(pages) + 1:
        raise WorksheetError(
            "the pages could not be told apart: is a code block left open in one of them?"
        )
    return found[:-1]


def write(documents: list[list[Node]], to: str, *options: str) -> list[str]:
    """The text of each document in pandoc's format `to`, without a head."""
    if (
        len(documents) > 1 and to == "html5" and any(map(_has_note, documents))
    ):  # they stand at the end of all, numbered through
        return [text for document in documents for text in write([document], to, *options)]
    trees = [json.dumps(document) for document in documents]
    mark = _mark(trees)
    blocks = ", ".join(
        blocks for tree in trees for blocks in (tree[1:-1], json.dumps(raw(to, mark))) if blocks
    )
    tree = f'{{"pandoc-api-version": {_version()}, "meta": {{}}, "blocks": [{blocks}]}}'
    *texts, rest = _run("-f", "json", "-t", to, "--wrap=none", *options, given=tree).split(mark)
    return [*texts[:-1], texts[-1] + rest] if rest.strip() else texts


def _has_note(node) -> bool:
    """Whether there is a footnote in a part of the tree."""
    if isinstance(node, dict):
        return node.get("t") == "Note" or _has_note(node.get("c"))
    return isinstance(node, list) and any(map(_has_note, node))


def document(blocks: list[Node], to: str, *options: str, title: list[Node], language: str) -> bytes:
    """One document with its head, in a format that is a file and not a text."""
    about = {"title": {"t": "MetaInlines", "c": title}, "lang": {"t": "MetaString", "c": language}}
    tree = json.dumps({"pandoc-api-version": _version(), "meta": about, "blocks": blocks})
    with tempfile.TemporaryDirectory(prefix="worksheet-") as folder:
        file = Path(folder, "document")
        _run("-f", "json", "-t", to, "-o", str(file), *options, given=tree)
        return file.read_bytes()


def raw(to: str, text: str) -> Node:
    """A block that pandoc writes as it stands, in its format `to`."""
    return {"t": "RawBlock", "c": [to, text]}


def _mark(texts: list[str]) -> str:
    """A word that stands in none of the texts, and is the same for the same texts."""
    return "end-" + sha256("\0".join(texts).encode()).hexdigest()


def _run(*arguments: str, given: str | None = None, size: int = 0) -> str:
    """What pandoc says. `size`: the signs of the files that it reads, where it is not `given` a
    text."""
    size = max(size, len(given or ""))
    megabytes, (least, more) = (
        size / 1024**2,
        AT_ONCE.get(arguments[arguments.index("-t") + 1], (AT_ONCE_MOST, 0)),
    )
    seconds, memory = (
        SECONDS + SECONDS_MORE * megabytes,
        min(MOST, int(MEMORY + MEMORY_MORE * megabytes)),
    )
    try:
        ran = subprocess.run(
            [
                _program(),
                "+RTS",
                f"-M{memory}",
                f"-A{min(AT_ONCE_MOST, least + more * size)}",
                "-H4k",
                "-V0",
                "-RTS",
                "--sandbox",
                "--fail-if-warnings",
                *arguments,
            ],
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        )
    except subprocess.TimeoutExpired:
        raise WorksheetError(
            f"pandoc takes longer than {seconds:.0f} seconds for the page", hint=WITHOUT_END
        ) from None
    if ran.returncode == FULL:
        raise WorksheetError(
            f"pandoc wants more than {memory // 1024**2} MB of memory for the page",
            hint=WITHOUT_END,
        )
    if ran.returncode:
        raise WorksheetError(f"pandoc refuses the page: {' '.join(ran.stderr.split())}")
    return ran.stdout


@lru_cache
def _version() -> list[int]:
    """The version of the tree that this pandoc speaks; asked once."""
    return json.loads(_run("-f", "markdown", "-t", "json", given=""))["pandoc-api-version"]


@lru_cache
def _program() -> str:
    """The pandoc inside the wheel, never one that happens to be installed."""
    import pypandoc

    program = Path(pypandoc.__file__).parent / "files" / "pandoc"
    return str(program if program.exists() else program.with_suffix(".exe"))

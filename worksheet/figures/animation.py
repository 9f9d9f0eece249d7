"""A drawn path that appears step by step: a style sheet inside its SVG, no script. Where motion is
not wanted, it stands still.

The parts that appear bear the ids `step-3`, `point-3`, `name-3`, and `update-3` the number of the
update; what stands in the file otherwise is the still picture.
"""

from __future__ import annotations

import re

MOVING = ".moving.svg"  # the end of its file's name, beside the still picture's
SLOW, QUICK = 0.9, 0.3  # seconds for a step of the page, and for one of those after it
REST = 3.0  # seconds the whole path is seen before it begins again

_PART = re.compile(rb'<g id="(step|point|name)-(\d+)"')
_NAMED = re.compile(r'(\bid="|#|@keyframes |animation: )([\w.-]+)')
_TAGS = frozenset(
    [
        "svg",
        "metadata",
        "rdf:RDF",
        "cc:Work",
        "dc:type",
        "dc:format",
        "style",
        "defs",
        "g",
        "path",
        "use",
        "rect",
        "text",
        "clipPath",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "xmlns",
        "xmlns:xlink",
        "xmlns:rdf",
        "xmlns:dc",
        "xmlns:cc",
        "rdf:resource",
        "width",
        "height",
        "viewBox",
        "version",
        "id",
        "class",
        "style",
        "type",
        "d",
        "x",
        "y",
        "opacity",
        "transform",
        "clip-path",
        "xlink:href",
        "font-family",
        "font-size",
        "text-anchor",
    ]
)
_SIZE = re.compile(rb'viewBox="0 0 ([\d.]+) ')


def moving(svg: bytes, shown: int, stride: int = 1, last: int | None = None) -> bytes:
    """The SVG of a path with its steps appearing one after another, the first `shown` of them
    slowly, and the number of the update beside them: after those that are shown a step stands for
    `stride` updates, and the run ends with the update `last`."""
    parts = sorted({(int(number), kind.decode()) for kind, number in _PART.findall(svg)})
    starts = [0.0]
    for k in range(1, parts[-1][0] + 1):
        starts.append(starts[-1] + (SLOW if k <= shown else QUICK))
    length = starts[-1] + REST
    shares = [f"{100 * start / length:.3f}%" for start in starts] + ["100%"]
    edge = float(_SIZE.search(svg)[1]) - 4 if parts[-1][0] else 0.0
    rules, numbers = [], []
    for k in range(1, len(starts)):
        names = ", ".join(f"#{kind}-{number}" for number, kind in parts if number == k)
        number = k if k <= shown else shown + (k - shown) * stride
        numbers.append(
            f'<text x="{edge:g}" y="11" id="update-{k}" opacity="0">update {number if last is None else min(number, last)}</text>'
        )
        rules += [
            f"@keyframes shown-{k} {{ from {{ opacity: 0 }} {shares[k]} {{ opacity: 1 }} {shares[k + 1]} {{ opacity: 0 }} }}",
            f"#update-{k} {{ animation: shown-{k} {length:.1f}s step-end infinite }}",
        ]
        if names:
            rules += [
                f"@keyframes appear-{k} {{ from {{ opacity: 0 }} {shares[k]} {{ opacity: 1 }} }}",
                f"{names} {{ animation: appear-{k} {length:.1f}s step-end infinite }}",
            ]
    style = "\n".join(
        ["<style>", "@media (prefers-reduced-motion: no-preference) {", *rules, "}", "</style>"]
    )
    counted = (
        f'<g id="updates" font-family="serif" font-size="9" text-anchor="end">{"".join(numbers)}</g>\n'
        if numbers
        else ""
    )
    return svg.replace(b"<defs>", style.encode() + b"\n <defs>", 1).replace(
        b"</svg>", counted.encode() + b"</svg>"
    )


def inlined(svg: str, key: str, alt: str) -> str | None:
    """The moving SVG as a part of a page of HTML that can stop it; its names, which begin with
    `key`, are its own there. None where it is not one of ours: such a file may hold anything, and
    stands apart as a picture."""
    body = re.sub(r"<!--.*?-->", "", svg[svg.find("<svg") :], flags=re.DOTALL)
    tags, names = (
        set(re.findall(r"<\s*/?\s*([^\s/>]+)", body)),
        set(
            re.findall(
                r"([^\s\"'<>/=]+)\s*=", re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
            )
        ),
    )
    links = re.findall(r"(?:href|src)\s*=\s*[\"']?(.)|url\(\s*[\"']?(.)", body)
    styles = "".join(re.findall(r"<style.*?</style>", body, flags=re.DOTALL))
    if (
        not tags <= _TAGS
        or not names <= _ATTRIBUTES
        or any((one or other) != "#" for one, other in links)
        or "@import" in styles
        or "\\" in styles
        or "&" in body
    ):
        return None
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL).replace(
        "*{", ".motion *{"
    )
    ids: set[str] = set()
    body = re.sub(
        r'\sid="([^"]*)"',
        lambda found: "" if found[1] in ids or ids.add(found[1]) else found[0],
        body,
    )  # matplotlib defines a letter more than once
    body = _NAMED.sub(
        lambda found: (
            found[1] + key + "-" + found[2]
            if found[2] in ids or found[2].startswith(("appear-", "shown-"))
            else found[0]
        ),
        body,
    )
    return body.replace("<svg ", f'<svg class="motion" role="img" aria-label="{alt}" ', 1)

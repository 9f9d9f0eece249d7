"""A drawn path that appears step by step: a style sheet inside its SVG, no script. Where motion is not wanted, it stands still.

The parts that appear bear the ids `step-3`, `point-3`, `name-3`; what stands in the file otherwise is the still picture.
"""

from __future__ import annotations

import re

MOVING = ".moving.svg"     # the end of its file's name, beside the still picture's
SLOW, QUICK = 0.9, 0.3     # seconds for a step of the page, and for one of those after it
REST = 3.0                 # seconds the whole path is seen before it begins again

_PART = re.compile(rb'<g id="(step|point|name)-(\d+)"')


def moving(svg: bytes, shown: int) -> bytes:
    """The SVG of a path with its steps appearing one after another, the first `shown` of them slowly."""
    parts = sorted({(int(number), kind.decode()) for kind, number in _PART.findall(svg)})
    starts = [0.0]
    for k in range(1, parts[-1][0] + 1):
        starts.append(starts[-1] + (SLOW if k <= shown else QUICK))
    length = starts[-1] + REST
    rules = []
    for k in range(1, len(starts)):
        share = f"{100 * starts[k] / length:.3f}%"
        names = ", ".join(f"#{kind}-{number}" for number, kind in parts if number == k)
        if names:
            rules += [f"@keyframes appear-{k} {{ from {{ opacity: 0 }} {share} {{ opacity: 1 }} }}",
                      f"{names} {{ animation: appear-{k} {length:.1f}s step-end infinite }}"]
    style = "\n".join(["<style>", "@media (prefers-reduced-motion: no-preference) {", *rules, "}", "</style>"])
    return svg.replace(b"<defs>", style.encode() + b"\n <defs>", 1)

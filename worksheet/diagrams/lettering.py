r"""The letters of a drawing: how much room a label takes, a label that is too long, and its SVG.

    w₁₁⁽¹⁾ = −0.5     a symbol in italics, its index below and its layer above, 0.7 times as large; the rest upright
    ∂L/∂w₃ ≈ −0.04    a gradient likewise, by a symbol

Sizes are those of Computer Modern, which Typst and our pages in a browser set a drawing in. Lengths
are in pixels of the SVG.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from unicodedata import combining

from ..tex.unicode import SUBSCRIPTS, SUPERSCRIPTS

FONT = "'New Computer Modern', 'Latin Modern Roman', 'worksheet math', 'Cambria Math', Cambria, Georgia, serif"
INDEX = 0.7  # of the letters beside it
BELOW, ABOVE = 0.24, 0.38  # em that an index stands below the line, and a layer above
CUT = "…"

_LABEL = re.compile(
    r"(?P<head>∂\w+/∂)?(?P<base>[^\W\d_][\u0300-\u036f]?|[^\W\d_]{2,})(?P<below>[\u2080-\u208e\u2090-\u209c\u1d62-\u1d6a]+|_\w+)?"
    r"(?P<above>[\u2070\u00b9\u00b2\u00b3\u2074-\u207e]+)?(?= |$)"
)
_BELOW, _ABOVE = (
    {small: letter for letter, small in table.items()} for table in (SUBSCRIPTS, SUPERSCRIPTS)
)
_EM = {
    letter: em
    for letters, em in (
        (" ijl.,:;'!|[]", 0.32),
        ("frst()/-Iz", 0.45),
        ("0123456789aceovxyk*$?", 0.53),
        ("=≈−+<>_#%&@m", 0.84),
        ("wNOQGVUXYKAH…", 0.8),
        ("M", 0.93),
        ("W", 1.04),
    )
    for letter in letters
}


def width(label: str, size: float) -> float:
    """Pixels from the left end of a label to its right end, rather more than less; what is below a
    symbol and above it share a place."""
    symbol = _LABEL.match(label)
    if not symbol:
        return size * _em(label)
    scripts = [
        INDEX * _em(_letters(symbol[part] or "", letters))
        for part, letters in (("below", _BELOW), ("above", _ABOVE))
    ]
    return size * (
        _em(symbol["head"] or "")
        + _em(symbol["base"])
        + max(scripts)
        + 0.06
        + _em(label[symbol.end() :])
    )


def extent(label: str, size: float) -> tuple[float, float]:
    """Pixels that a label reaches above its line and below it."""
    symbol = _LABEL.match(label)
    up = max(
        0.78,
        ABOVE + INDEX * 0.76 if symbol and symbol["above"] else 0,
        0.95 if any(ord(letter) > 0xBF for letter in label) else 0,
    )
    letters = _letters(symbol["below"] or "", _BELOW) if symbol else ""
    deep = 0.24 if set(label) & set("gjpqy_ŷȳỹ,;()βγζηξρφχψμ") else 0.04
    return size * up, size * max(
        deep, BELOW + INDEX * (0.22 if set(letters) & set("gjpqy_()") else 0.04) if letters else 0
    )


def shortened(labels: Collection[str], most: float, size: float) -> dict[str, str]:
    """What stands for each label in `most` pixels: itself where it fits; else its beginning and its
    end, no two alike."""
    kept = {label: label for label in labels if width(label, size) <= most}
    long = [label for label in dict.fromkeys(labels) if label not in kept]
    signs = max(2, int(most / size / 0.58) - 1)
    for tail in sorted(range(signs), key=lambda tail: abs(tail - signs // 2)):
        cut = {label: label[: signs - tail] + CUT + label[len(label) - tail :] for label in long}
        if len({*cut.values(), *kept.values()}) == len(cut) + len(kept):
            return kept | cut
    return kept | {
        label: f"{label[: signs - 2]}{CUT}{place}" for place, label in enumerate(long, start=1)
    }


def text(label: str, x: float, y: float, size: float) -> str:
    """The SVG of a label whose middle is at x, on a line at y."""
    symbol = _LABEL.match(label)
    rest, spans, shift, back = label[symbol.end() :] if symbol else label, [], 0.0, -0.06 * size
    if symbol:
        if symbol["head"]:
            of = symbol["head"][1:-2]
            spans.append(
                f"<tspan>∂</tspan><tspan{_italic(of)}>{html.escape(of)}</tspan><tspan>/∂</tspan>"
            )
        spans.append(f"<tspan{_italic(symbol['base'])}>{html.escape(symbol['base'])}</tspan>")
        for part, move, letters in (("above", -ABOVE, _ABOVE), ("below", BELOW, _BELOW)):
            if symbol[part]:
                script = _letters(symbol[part], letters)
                spans.append(
                    f'<tspan dx="{number(-back)}" dy="{number((move - shift) * size)}" font-size="{number(INDEX * size)}"{_italic(script)}>'
                    f"{html.escape(script)}</tspan>"
                )
                own = INDEX * size * sum(0.39 if letter in "()" else 0.5 for letter in script)
                shift, back = (
                    move,
                    own if back <= 0 else min(0, own - back),
                )  # the index begins below the layer
    if rest:
        spans.append(
            f'<tspan dx="{number(max(0, -back))}" dy="{number(-shift * size)}">{html.escape(rest)}</tspan>'
        )
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" xml:space="preserve">{"".join(spans)}</text>'


def number(value: float) -> str:
    """A length in SVG: at most two decimal places, no zeros at the end."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _letters(script: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in script.removeprefix("_"))


def _em(letters: str) -> float:
    return sum(
        0.0
        if combining(letter)
        else _EM.get(letter, 0.57 if letter.islower() else 0.78 if letter < "\u0250" else 0.8)
        for letter in letters
    )


def _italic(letters: str) -> str:
    return (
        ' font-style="italic"'
        if len([letter for letter in letters if letter.isalpha() and not combining(letter)]) == 1
        else ""
    )

"""Names to Unicode text, where no TeX is read: the labels of diagrams, alternative texts.

The grammar is that of `tex/notation.py`:  w_2_1__1 -> w₂₁⁽¹⁾,  y_hat_2 -> ŷ₂,  alpha -> α,  dL_dw_o
-> ∂L/∂wₒ. Unicode has no subscript for every letter; a name that needs a missing one, or a word
below, keeps its ASCII spelling (`w_b`, `w_out`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from .notation import GRADIENT, GREEK, LETTERS

SUBSCRIPTS = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"))
SUPERSCRIPTS = dict(zip("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾"))
# a letter that has its accented form, else the letter and a combining accent
ACCENTS = {"hat": ("ŷ", "y", "\u0302"), "bar": ("ȳ", "y", "\u0304"), "tilde": ("ỹ", "y", "\u0303")}

assert LETTERS.keys() == GREEK


@lru_cache(maxsize=4096)
def plain_symbol(name: str) -> str:
    """The Unicode text of a name of the trace, `name` itself where Unicode cannot spell it."""
    gradient = GRADIENT.fullmatch(name)
    if gradient:
        return f"∂{plain_symbol(gradient[1])}/∂{plain_symbol(gradient[2])}"
    stem, _, layer = name.partition("__")
    base, *parts = stem.split("_")
    if len(base) == 2 and base[0].isalpha() and base[1].isdigit():
        base, parts = base[0], [base[1], *parts]  # h1 is h₁
    text = LETTERS.get(base, base)
    while parts and parts[0] in ACCENTS:
        composed, letter, combining = ACCENTS[parts.pop(0)]
        text = composed if text == letter else text + combining
    # one letter or number below, or single characters side by side (w₂₁): a word or 1,12 would be
    # read in two ways
    if not all(re.fullmatch(r".?" if len(parts) > 1 else r"[a-z]?\d*", part) for part in parts):
        return name
    below = "".join(parts)
    if set(below) - SUBSCRIPTS.keys() or set(layer) - SUPERSCRIPTS.keys():
        return name
    above = f"({layer})" if layer else ""
    return text + "".join(map(SUBSCRIPTS.get, below)) + "".join(map(SUPERSCRIPTS.get, above))


def symbols_with(loss: str, style: str) -> Callable[[str], str]:
    """`plain_symbol` with the loss, and what is differentiated of it, in the style of the notation:
    ∂ℒ/∂w₃."""
    sign = {"mathcal": "ℒ" if loss == "L" else "", "Loss": "Loss"}.get(style) or plain_symbol(loss)

    def symbols(name: str) -> str:
        gradient = GRADIENT.fullmatch(name)
        return (
            sign
            if name == loss
            else f"∂{sign}/∂{plain_symbol(gradient[2])}"
            if gradient and gradient[1] == loss
            else plain_symbol(name)
        )

    return symbols

"""The words of a drawing or a figure, with every symbol in them spoken: what is read out where the
picture is not seen.

    wₒ = 1.0; ∂L/∂wₒ ≈ −0.21738     ->   w sub o equals 1.0; partial L over partial w sub o approximately equals negative 0.21738
    from w_b = 2 at w₁₂⁽¹⁾           ->   from w sub b equals 2 at w sub 12 super 1

A symbol is what `tex/unicode.py` writes; each is turned back into TeX and said as in a formula
(`tex/to_words.py`). All other words stay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from ..numbers.numerals import LOWERED, RAISED
from .notation import symbol
from .to_words import speaker
from .unicode import ACCENTS, LETTERS, SUBSCRIPTS, SUPERSCRIPTS

_BELOW, _ABOVE = (
    {sign: letter for letter, sign in signs.items()} for signs in (SUBSCRIPTS, SUPERSCRIPTS)
)
_GREEK = {letter: name for name, letter in LETTERS.items()}
_COMPOSED = {composed: f"{letter}_{name}" for name, (composed, letter, _) in ACCENTS.items()}
_COMBINING = {combining: name for name, (_, _, combining) in ACCENTS.items()}

_MARKED = (
    rf"(?:[{''.join(_COMPOSED)}]|[A-Za-z]+[{''.join(_COMBINING)}]|[{''.join(_GREEK)}][{''.join(_COMBINING)}]?|[A-Za-z]+(?=[{''.join(_BELOW)}⁽]))"
    rf"[{''.join(_BELOW)}]*(?:⁽[{''.join(_ABOVE)}]+⁾)?"
)
_SPELT = r"[A-Za-z]+\d*(?:_[A-Za-z\d]+)+(?:__\d+)?"
_ANY = rf"(?:{_MARKED}|{_SPELT}|[A-Za-z]+)"
_NUMBER = r"\d+(?:\.\d+)?"
_PIECE = re.compile(
    rf"∂(?P<of>{_ANY})/∂(?P<by>{_ANY})(?!\w)|(?<![\w∂])(?P<symbol>{_MARKED}|{_SPELT})(?!\w)"
    rf"|(?<![\w.)⁾])(?P<minus>[-−](?=\d)(?<!: −))?(?P<mantissa>{_NUMBER})·10(?P<power>[{''.join(RAISED.values())}]+)"
    rf"|(?<![\w.)⁾])(?<!: )(?P<negative>[-−])(?=\d)"
    rf"|(?<=: )(?P<operation>[^\s\d]|½ SE|[A-Za-z]+)(?= of )|(?<=: )(?P<first>{_NUMBER})?(?P<operator>[-+×÷^−])(?P<second>{_NUMBER})?(?= )"
    rf"|(?<=\s)(?P<sign>[=≈≠<>≤≥+×÷−])(?=\s)"
)


@lru_cache(maxsize=1024)
def in_words(text: str, words: Path) -> str:
    """The text with its symbols in the words of a file of `templates/spoken/`."""
    said = speaker(words)

    def one(found: re.Match) -> str:
        if found["of"]:
            return said.formula(
                rf"\frac{{\partial {_tex(found['of'])}}}{{\partial {_tex(found['by'])}}}"
            )
        if found["symbol"]:
            return said.formula(_tex(found["symbol"]))
        if found["mantissa"]:
            return said.formula(
                rf"{'-' * bool(found['minus'])}{found['mantissa']} \cdot 10^{{{found['power'].translate(LOWERED)}}}"
            )
        if found["negative"]:
            return said.form("negative") + " "
        if found["operation"]:
            return next(
                (
                    said.words[table][found["operation"]]
                    for table in ("operations", "signs", "functions")
                    if found["operation"] in said.words.get(table, ())
                ),
                found["operation"],
            )
        if found["operator"]:
            sign = found["operator"].replace("-", "−")
            return " ".join(
                filter(
                    None,
                    (
                        found["first"],
                        said.word("operations" if sign == "^" else "signs", sign),
                        found["second"],
                    ),
                )
            )
        return said.word("signs", found["sign"])

    return _PIECE.sub(one, text)


def _tex(plain: str) -> str:
    """The TeX of a symbol of `tex/unicode.py`: of its name, which is read back from the signs."""
    text, _, above = plain.partition("⁽")
    below = "".join(_BELOW[sign] for sign in text if sign in _BELOW)
    base = "".join(sign for sign in text if sign not in _BELOW and sign not in _COMBINING)
    accents = "".join(f"_{_COMBINING[sign]}" for sign in text if sign in _COMBINING)
    name = _COMPOSED.get(base) or _GREEK.get(base, base) + accents
    if below:
        name += "_" + (below if re.fullmatch(r"[a-z]?\d*", below) else "_".join(below))
    return symbol(
        name + (f"__{''.join(_ABOVE[sign] for sign in above.rstrip('⁾'))}" if above else "")
    )

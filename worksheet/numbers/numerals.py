"""A very large or very small number as a page shows it, and back: `1.28e-71` is `1.28 \\cdot
10^{-71}` in TeX, `1.28·10⁻⁷¹` in plain text.

Every other number looks like its text. The text is what traces, tables of answers and specs hold.
"""

from __future__ import annotations

import re

RAISED = dict(zip("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
LIFTED = str.maketrans(RAISED)
LOWERED = {ord(above): plain for plain, above in RAISED.items()}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")  # the text of one
_TEXT = re.compile(r"(?<![\w.\\{])(\d(?:\.\d+)?)e([-+]?\d+)(?!\w|\.\d)")
_TEX = re.compile(r"(?<![\d.])(\d(?:\.\d+)?) ?\\(?:cdot|times) ?10\^\{(-?\d+)\}")
_PLAIN = re.compile(rf"(?<![\d.])(\d(?:\.\d+)?)·10([{''.join(RAISED.values())}]+)")


def numeral(text: str, sign: str = r"\cdot") -> str:
    r"""The TeX of a number; `sign` is the one between factors, `\cdot` or `\times`."""
    front, _, power = text.partition("e")
    return rf"{front} {sign} 10^{{{power}}}" if power else text


def plain_numeral(text: str) -> str:
    """A number in a label or an alternative text."""
    front, _, power = text.partition("e")
    return f"{front}·10{power.translate(LIFTED)}" if power and NUMBER.fullmatch(text) else text


def plain_numerals(text: str) -> str:
    """A sentence with every number in it as a reader expects it there."""
    return _TEXT.sub(lambda match: plain_numeral(f"{match[1]}e{int(match[2])}"), text)


def texts(printed: str) -> str:
    """What was printed, with the text of each number in its place."""
    return _PLAIN.sub(
        lambda match: f"{match[1]}e{match[2].translate(LOWERED)}", _TEX.sub(r"\1e\2", printed)
    )

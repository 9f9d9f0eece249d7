"""What pandoc's MathML lacks of the looks of TeX: the thin space beside a named function, a prime
that can be seen, and a hat as narrow as its letter.

    y \\ln(x)   ->   y, a thin space, ln, (x)          w'_2   ->   w with its prime in the line, and both with the index

The fonts raise the sign of a prime by themselves: as an exponent it would be raised twice, and a
speck.
"""

from __future__ import annotations

import re

THIN = '<mspace width="0.167em"/>'
THIN_ABOVE = '<mspace width="0.24em"/>'  # as wide, in the size of an exponent

_PRIMED = re.compile(r"<msup>(?P<base>(?:(?!<msup>).)*?)(?P<prime><mo>[′″‴⁗]</mo>)</msup>")
_PRIMED_SUB = re.compile(
    r"<msubsup>(?P<base><(?P<tag>m(?:i|n|o|over|text))[ >](?:(?!<msubsup>).)*?</(?P=tag)>)(?P<sub>(?:(?!<msubsup>).)*?)"
    r"(?P<prime><mo>[′″‴⁗]</mo>)</msubsup>"
)

_HAT = re.compile(
    r'(<mover><m[in]>[^<]</m[in]><mo accent="true")>\u0302</mo>'
)  # over one letter: of the two signs the one that stands above it, and not beside

_NAMED = r'<mi mathvariant="normal">\w+</mi><mo>(?:&#8289;|\u2061)</mo></mrow>'
_ENDS = r'(?:</mn>|(?<!>[-−+±∓])</mi>|</m(?:sup|sub|subsup|frac|over|under|sqrt|row|text)>|form="postfix">[^<]*</mo>)'
_STARTS = r"(?=<m(?:i|n|sup|sub|subsup|frac|over|under|sqrt|text)[ >]|<mrow><m(?!o |space))"
_BEHIND = re.compile(rf"(?P<before>{_ENDS}(?:<m(?:sup|sub|subsup)>)?<mrow>)(?={_NAMED})")
_BEFORE = re.compile(
    rf"(?P<base><m(?:sup|sub|subsup)>)?<mrow>(?:{THIN})?{_NAMED}(?P<script><m[in]>[^<]*</m[in]></m(?:sup|sub)>)?{_STARTS}"
)


def finished(html: str) -> str:
    """The same with every named function apart from what is multiplied by it, every prime in the
    line, and no hat wider than its letter."""
    html = _HAT.sub('\\1 stretchy="false">ˆ</mo>', html)
    html = _PRIMED_SUB.sub(
        r"<msub><mrow>\g<base>\g<prime></mrow>\g<sub></msub>",
        _PRIMED.sub(r"<mrow>\g<base>\g<prime></mrow>", html),
    )
    return _BEFORE.sub(_apart, _BEHIND.sub(rf"\g<before>{THIN}", html))


def _apart(function: re.Match) -> str:
    """A named function with the space behind it, of a power of it behind its exponent."""
    text, script = function[0], function["script"]
    if script:
        sign, end = script.rsplit("</", 1)
        return f"{text.removesuffix(script)}<mrow>{sign}{THIN_ABOVE}</mrow></{end}"
    return text if function["base"] else f"{text.removesuffix('</mrow>')}{THIN}</mrow>"

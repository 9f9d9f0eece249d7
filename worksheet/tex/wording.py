r"""What a formula says besides its numbers: whether it is claimed at all, and whether it hides a
relation that no reader sees.

since $w < 1$           a claim;      if $w < 1$, let $w = 0.6$       none
2 \stackrel{!}{=} 3     a relation that is not read, and is told
"""

from __future__ import annotations

import re

# words that make a condition or an example of what follows them in their sentence; in the languages
# that were met
_SUPPOSING = re.compile(
    r"\b(?:if|when|whenever|where|wherever|unless|until|while|whether|for|let|suppose|supposing|assume|assuming|say|try|take|set|choose|given|with|"
    r"should|would|could|case|cases|wenn|falls|sei|seien|für|si|soit|pour|sea|para)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?:;](?=\s)|\n[ \t]*\n|\n\s*(?:[-+*]|\d+[.)]|\||>|#)")
_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}"
_SCRIPT = re.compile(rf"[_^]\s*{_GROUP}")
_RELATION = re.compile(
    r"[=<>≈≤≥≠≡≅≃≐≒]|\\(?:n?eq|equiv|approx|simeq|cong|doteq|[lg]e|[lg]eq|[lg]eqslant|[lg]t|ne)(?![A-Za-z])"
)
_SIGN = re.compile(
    r"\\(?:to|in|mapsto|propto|sim|ll|gg|rightarrow|longrightarrow)(?![A-Za-z])|[→↦∈∝∼≪≫]"
)
_FAR = 200  # characters of a sentence that are looked at


def is_supposed(before: str) -> bool:
    """Whether the words before a formula make it a condition or an example. `before`: the text up
    to it."""
    return bool(_SUPPOSING.search(_SENTENCE.split(before[-_FAR:])[-1]))


def hides_relation(tex: str) -> bool:
    """Whether a form that cannot be read holds a relation and a number, outside of indices and
    powers."""
    plain = _SCRIPT.sub("", tex) if r"brace" not in tex else tex
    return bool(_RELATION.search(plain) and re.search(r"\d", plain))


def shows_relation(tex: str) -> bool:
    """Whether a form that cannot be read holds a sign, such as an arrow, that says nothing a number
    can show, and a number."""
    return bool(_SIGN.search(tex) and re.search(r"\d", tex))

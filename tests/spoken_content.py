"""What is said of a formula, freed of how it is said: our words and MathSpeak's as one row of
tokens, to be compared one by one.

    partial L over partial w sub o             ->   partial L OVER partial w sub o
    StartFraction partial differential upper L Over partial differential w Subscript o Baseline EndFraction   ->   the same

Every letter, number, sign, bracket, index, exponent, cell and fraction stays, in its order, with
its beginning and its end. These are the rules, all of them:

 1. A word of ours stands for the word of MathSpeak beside it (`THEIRS`, `OURS`): "approximately equals" for "almost equals".
 2. Capitals and upright letters are not announced; an upright word is one word, not its letters.
 3. A fraction of two single factors needs no beginning and no end: partial L over partial w.
 4. Brackets around one factor behind a named function or behind d over d x are not said: sigma of z.
 5. An index that is a number is said without "sub" (MathSpeak), and where an index ends is not said (ours).
 6. An exponent in brackets is "super"; any other is raised to a power.
 7. The lines of a chain and the spaces between formulas are pauses; the cells of a matrix are parted by `|`.
 8. A blank with its number is an underlined space, or an underlined number, with an index.
 9. A minus with nothing before it is negative; MathSpeak says so of a number, and minus of a product or a power; behind a bracket it is minus.
"""

from __future__ import annotations

import re

_ORDINAL = r"\d+(?:st|nd|rd|th)"
THEIRS = [
    (
        r"StartBinomialOrMatrix (.*?) Choose (.*?) EndBinomialOrMatrix",
        r"MATRIX 2 1 ROW \1 ROW \2 /MATRIX",
    ),
    (r"Start (\d+) By (\d+) Matrix", r"MATRIX \1 \2"),
    ("EndMatrix", "/MATRIX"),
    ("StartLayout", "LAYOUT"),
    ("EndLayout", "/LAYOUT"),
    (rf"{_ORDINAL} Row(?: +1st Column\b)?", "ROW"),
    (rf"{_ORDINAL} Column", "COLUMN"),
    ("Blank", ""),
    (r"(?:Start)+Fraction", "FRACTION"),
    (r"(?:Over)+\b", "OVER"),
    (r"(?:End)+Fraction", "END"),
    ("one half", "FRACTION 1 OVER 2 END"),
    ("left parenthesis", "("),
    ("right parenthesis", ")"),
    ("left bracket", "["),
    ("right bracket", "]"),
    (r"normal ([a-z]) Baseline (\d+)", r"\1\2"),
    (
        r"(?:normal (?:upper )?[A-Za-z]\b ?)+",
        lambda word: re.sub("normal |upper | ", "", word[0]) + " ",
    ),
    (r"normal|upper|ModifyingAbove|ModifyingBelow", ""),
    ("With ˆ", "hat"),
    ("With bar", "underlined"),
    ("Superscript down tack", "transpose"),
    ("down tack", "top"),
    ("partial differential", "partial"),
    ("almost equals", "approximately equals"),
    ("circled dot", "Hadamard times"),
    (r"\bdot\b", "times"),
    ("left arrow", "becomes"),
    (r"\bln\b", "natural log"),
    ("ellipsis", "dot dot dot"),
    ("en dash", "to"),
    ("slash", "divided by"),
    ("Subscript", "sub"),
]
OURS = [
    ("the fraction", "FRACTION"),
    ("end fraction", "END"),
    (r"\bover\b", "OVER"),
    ("raised to the", "^"),
    (r"\bpower\b", "/^"),
    (r"\bsuper (\w+)", r"^ ( \1 ) /^"),
    ("open paren", "("),
    ("close paren", ")"),
    ("open bracket", "["),
    ("close bracket", "]"),
    (r"\bof\b", ""),
    (r"\bis (?=less|greater)", ""),
    ("than or equal to", "than or equals"),
    (r"the (\d+) by (\d+) (?:row |column )?matrix[,:]", r"MATRIX \1 \2"),
    (r",? ?end matrix", " /MATRIX"),
    (r"row \d+:", ""),
    (r"in blank (\d+)", r"underlined sub ( \1 )"),
    (r"blank (\d+)", r"underlined sub ( \1 )"),
    (r"\bblank\b", "underlined"),
]
_OPENS, _CLOSES = (
    frozenset(["(", "[", "FRACTION", "MATRIX", "LAYOUT"]),
    frozenset([")", "]", "END", "/MATRIX", "/LAYOUT"]),
)
_PARTS = frozenset(["OVER", "ROW", "COLUMN"])

_ATOM = r"(?:(?:script|bold|partial|Delta|nabla|d) )*[\w.]+(?: hat| prime| \d+(?![\d.])| sub \w+| squared| cubed| transpose| \^ \( \w+ \) /\^)*"
_SIMPLE = re.compile(rf"FRACTION ({_ATOM}) OVER ({_ATOM}) END")
_CALLED = re.compile(
    rf"(?P<head>\b(?:sigma|natural log"
    rf"|exp|sine|cosine|hyperbolic tangent|max|ReLU|softmax|LeakyReLU|(?:d|partial) OVER (?:d|partial) {_ATOM})) [(\[] (?P<inside>{_ATOM}) [)\]]"
)
_INDEX = re.compile(r"\bsub (?=\d)")
_SQUARED = re.compile(r"\^ 2 /\^")
_BETWEEN = re.compile(r"(?<=[)\]] )negative\b")
_NEGATIVE = re.compile(
    r"(?:(?<=equals )|(?<=becomes )|(?<=[(\[|] )|(?<= \^ )|(?<=OVER )|(?<=times )|(?<=FRACTION )|(?<=MATRIX \d \d )|^)minus\b"
)


def theirs(said: str) -> list[str]:
    """The tokens of what the Speech Rule Engine says in MathSpeak."""
    for pattern, word in THEIRS:
        said = re.sub(pattern, word, said)
    return _settled(_matrices(list(_raised(said.split()))))


def ours(said: str) -> list[str]:
    """The tokens of our words."""
    for pattern, word in OURS:
        said = re.sub(pattern, word, said)
    return _settled(
        _matrices(re.sub(r"[,;](?=\s|$)", " COLUMN ", said.replace("end sub", "")).split())
    )


def _raised(tokens: list[str]):
    """With the end of every exponent said; MathSpeak goes back to the line by `Baseline`, or says
    nothing where something else ends."""
    opened, depth, is_nested = [], 0, False
    for token in [*tokens, "/LAYOUT"]:
        depth += token in _OPENS
        if token == "Superscript" and not (is_nested and opened):
            opened.append(depth)
            yield "^"
            continue
        ends = token == "Baseline" or token in _PARTS or token in _CLOSES
        while ends and opened and (opened[-1] == depth or token == "Baseline"):
            opened.pop()
            yield "/^"
        depth -= token in _CLOSES
        is_nested = token == "Super" or is_nested and token != "Superscript"
        if token not in ("Baseline", "Superscript", "Super", "Sub"):
            yield token


def _matrices(tokens: list[str]) -> str:
    """With the cells of matrices parted, and nothing between the lines of a chain."""
    inside, found = [], []
    for token in tokens:
        if token in ("MATRIX", "LAYOUT"):
            inside.append(token)
        elif token in ("/MATRIX", "/LAYOUT") and inside:
            inside.pop()
        is_between = token in ("ROW", "COLUMN")
        if (
            is_between
            and inside[-1:] == ["MATRIX"]
            and not (len(found) > 2 and found[-3] == "MATRIX")
        ):
            found.append("|")
        elif not is_between and token not in ("LAYOUT", "/LAYOUT"):
            found.append(token)
    return " ".join(found)


def _settled(said: str) -> list[str]:
    said = _BETWEEN.sub(
        "minus", _NEGATIVE.sub("negative", _INDEX.sub("", _SQUARED.sub("squared", said)))
    )
    for pattern, kept in ((_SIMPLE, r"\1 OVER \2"), (_CALLED, r"\g<head> \g<inside>")) * 2:
        said = pattern.sub(kept, said)
    return said.split()

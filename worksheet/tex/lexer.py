r"""TeX of a formula -> tokens: one compiled pattern, tables of commands, canonical names.

A name with its accents, index and layer is one token (`\hat y`, `w_{21}^{(1)}`, `\Delta x`), and so
is a derivative (`\frac{\partial L}{\partial w_o}`). Layout (`\,`, `\left`, `\displaystyle`,
`\phantom{..}`) is dropped here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import ReadError

LONGEST = 60_000  # characters of one formula: three matrices of 20 by 20 below each other
Token = tuple[str, str, int, int]  # kind, text (canonical for names), start, end

# a group, braces nested up to four deep
_G = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})*+\}"
_WORDS = r"\\(?:text|mathrm|operatorname|mbox|textrm|textbf|textit|mathit|mathsf)\*?(?![A-Za-z])"
_ACCENT = (
    r"\\(?:hat|widehat|bar|overline|tilde|vec|mathbf|boldsymbol|bm|mathcal|mathbb|dot)(?![A-Za-z])"
)
_GREEK = (
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    r"(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell|nabla|partial)(?![A-Za-z])"
)
_BASE = rf"(?:{_ACCENT}\s*(?:{_G}|[A-Za-z]|{_GREEK})|{_WORDS}\s*\{{[^{{}}]*+\}}|{_GREEK}|[A-Za-z])"
# a superscript that belongs to the name: a layer in parentheses, a word, a transpose; all others
# are powers
_TOP = r"(?:T|\\top|\\intercal|\\mathsf\{T\}|\\mathrm\{T\})(?![A-Za-z])"
_LAYER = (
    rf"(?:{_TOP}|\{{\s*(?:\([^{{}}()]*\)\s*(?:{_TOP})?|{_TOP}|[A-Za-z]{{2,}}|{_WORDS}\{{[^{{}}]*\}})\s*\}}"
    r"|\*|\\star(?![A-Za-z])|\\prime(?![A-Za-z]))"
)


def _scripts(order: int) -> tuple[str, str]:
    return (
        rf"\s*_\s*(?P<sub{order}>{_G}|[A-Za-z0-9]|{_GREEK})",
        rf"\s*\^\s*(?P<sup{order}>{_LAYER})",
    )


(_SUB1, _SUP1), (_SUB2, _SUP2) = _scripts(1), _scripts(2)
_NAME = (
    rf"(?P<prefix>\\(?:Delta|nabla|partial)(?![A-Za-z])\s*(?={_BASE}))?(?P<base>{_BASE})(?P<primes>'*)"
    rf"(?:{_SUB1}(?:{_SUP1})?|{_SUP2}(?:{_SUB2})?)?"
)
NAME = re.compile(_NAME)
_BARE_NAME = re.sub(r"\?P<\w+>", "?:", _NAME)

TOKEN = re.compile(
    rf"""
    (?P<skip>\s+|~|\{{\s*\}}|\\[,!:;>/\ ]|\\(?:displaystyle|textstyle|scriptstyle|limits|nonumber|notag|boxed
        |mathstrut|strut|hfill|hline|[Bb]igg?[lrm]?)(?![A-Za-z])|\\(?:left|right|middle)(?![A-Za-z])\s*\.?
        |\\(?:tag|label|[vh]?phantom|hspace|vspace)\*?\s*{_G})
  | (?P<bad_num>\d+(?:\.\d+)?[eE][-+]?\d+(?![\d.]*\^))
  | (?P<num>\d+(?:\.\d+)?|\.\d+)
  | (?P<partial>\\[dt]?frac\s*(?=\{{\s*(?:\\partial(?![A-Za-z])|d(?=[\\A-Za-z{{}}\s]))){_G}
        \s*(?=\{{\s*(?:\\partial(?![A-Za-z])|d(?=[\\A-Za-z\s]))){_G})
  | (?P<indicator>\\(?:mathbf|mathbb|mathds|boldsymbol)\s*\{{\s*1\s*\}}|\\mathbb\s*\{{\s*I\s*\}})
  | (?P<env>\\(?:begin|end)\s*\{{[a-zA-Z]+\*?\}})
  | (?P<row>(?:\\\\|\\newline(?![A-Za-z]))(?:\s*\[\s*-?[\d.]+\s*[a-z]+\s*\])?)
  | (?P<name>{_BARE_NAME})
  | (?P<command>\\[A-Za-z]+|\\[{{}}|%$&\#])
  | (?P<rel>:=|[=<>≈≤≥←≠≡≅≃≐≒→↦∈∝∼≪≫≔])
  | (?P<mark>[-+*/&(){{}}\[\]^_,;.:|−·×⊙÷])
  | (?P<bad>.)
""",
    re.VERBOSE | re.DOTALL,
)

# what a command or a sign means to the reader: its kind, and the text it stands for
COMMANDS: dict[str, tuple[str, str]] = {
    r"\cdot": ("*", "cdot"),
    r"\times": ("*", "times"),
    r"\ast": ("*", "ast"),
    "*": ("*", "ast"),
    "·": ("*", "cdot"),
    "×": ("*", "times"),
    r"\odot": ("odot", ""),
    r"\circ": ("odot", ""),
    "⊙": ("odot", ""),
    r"\div": ("/", ""),
    "÷": ("/", ""),
    "/": ("/", ""),
    "−": ("-", ""),
    "=": ("rel", "="),
    ":=": ("rel", "<-"),
    "≈": ("rel", "~"),
    r"\approx": ("rel", "~"),
    r"\simeq": ("rel", "~"),
    r"\leftarrow": ("rel", "<-"),
    r"\gets": ("rel", "<-"),
    "←": ("rel", "<-"),
    r"\coloneqq": ("rel", "<-"),
    "<": ("rel", "<"),
    ">": ("rel", ">"),
    r"\lt": ("rel", "<"),
    r"\gt": ("rel", ">"),
    r"\le": ("rel", "<="),
    r"\leq": ("rel", "<="),
    r"\leqslant": ("rel", "<="),
    "≤": ("rel", "<="),
    r"\ge": ("rel", ">="),
    r"\geq": ("rel", ">="),
    r"\geqslant": ("rel", ">="),
    "≥": ("rel", ">="),
    r"\ne": ("rel", "!="),
    r"\neq": ("rel", "!="),
    r"\in": ("rel", "in"),
    r"\propto": ("rel", "prop"),
    r"\equiv": ("rel", "="),
    "≡": ("rel", "="),
    "≠": ("rel", "!="),
    "≔": ("rel", "<-"),
    r"\triangleq": ("rel", "<-"),
    **dict.fromkeys((r"\cong", r"\doteq", "≅", "≃", "≐", "≒"), ("rel", "~")),
    "∈": ("rel", "in"),
    "∝": ("rel", "prop"),
    **dict.fromkeys((r"\sim", "∼"), ("rel", "sim")),
    **dict.fromkeys((r"\ll", r"\gg", "≪", "≫"), ("rel", "far")),
    **dict.fromkeys(
        (r"\to", r"\rightarrow", r"\longrightarrow", r"\mapsto", "→", "↦"), ("rel", "to")
    ),
    r"\quad": ("quad", ""),
    r"\qquad": ("quad", ""),
    r"\Rightarrow": ("stop", ""),
    r"\implies": ("stop", ""),
    r"\iff": ("stop", ""),
    r"\Leftrightarrow": ("stop", ""),
    r"\therefore": ("stop", ""),
    r"\colon": ("stop", ""),
    ":": ("stop", ""),
    ";": ("stop", ""),
    ".": ("stop", ""),
    r"\frac": ("frac", ""),
    r"\dfrac": ("frac", ""),
    r"\tfrac": ("frac", ""),
    r"\sqrt": ("call", "sqrt"),
    r"\ln": ("call", "ln"),
    r"\log": ("call", "ln"),
    r"\exp": ("call", "exp"),
    r"\tanh": ("call", "tanh"),
    r"\max": ("call", "max"),
    r"\sin": ("call", "sin"),
    r"\cos": ("call", "cos"),
    r"\tan": ("call", "tan"),
    r"\underbrace": ("brace", ""),
    r"\overbrace": ("brace", ""),
    r"\underline": ("brace", ""),
    r"\{": ("(", ""),
    r"\}": (")", ""),
    r"\lbrack": ("[", ""),
    r"\rbrack": ("]", ""),
    r"\lvert": ("|", ""),
    r"\rvert": ("|", ""),
    r"\vert": ("|", ""),
    **dict.fromkeys(
        (
            r"\sum",
            r"\prod",
            r"\int",
            r"\lim",
            r"\infty",
            r"\dots",
            r"\ldots",
            r"\cdots",
            r"\vdots",
            r"\forall",
            r"\exists",
            r"\cup",
            r"\cap",
            r"\subset",
            r"\subseteq",
            r"\pm",
            r"\mp",
            r"\mid",
            r"\parallel",
            r"\perp",
            r"\angle",
            r"\degree",
            r"\min",
            r"\arg",
            r"\argmin",
            r"\argmax",
            r"\sup",
            r"\inf",
            r"\det",
            r"\binom",
            r"\%",
        ),
        ("unvalued", ""),
    ),
    r"\top": ("top", ""),
    r"\intercal": ("top", ""),
    r"\cr": ("row", ""),
}
# functions that are written as words, in any upright fount
WORDS = {
    "relu": "relu",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
    "leakyrelu": "leaky_relu",
    "lrelu": "leaky_relu",
    "tanh": "tanh",
    "ln": "ln",
    "log": "ln",
    "exp": "exp",
    "max": "max",
}
JOINING = frozenset(
    [
        "so",
        "and",
        "where",
        "if",
        "then",
        "with",
        "for",
        "let",
        "given",
        "since",
        "thus",
        "hence",
        "because",
        "or",
        "when",
        "here",
        "is",
        "are",
        "as",
        "gives",
    ]
)


_SAID = re.compile(r"\d.*[=<>≈≤≥≠]|[=<>≈≤≥≠].*\d")  # a relation among words, which nobody proves


@lru_cache(maxsize=4096)
def canonical(tex: str) -> str:
    r"""One spelling for one symbol: `\hat y` is `\hat{y}`, `w_{o}` is `w_o`, `\mathrm{Loss}` is
    `\text{Loss}`."""
    return re.sub(
        r"(\\[A-Za-z]+) (?![A-Za-z])",
        r"\1",
        _spaced(NAME.sub(lambda match: _spelt(match) + "\0", tex)),
    )


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\0\s*(?=[A-Za-z\\])", " ", text)).replace("\0", "").strip()


def _spelt(match: re.Match) -> str:
    base, sub = match["base"], match["sub1"] or match["sub2"]
    words = re.fullmatch(rf"(?:{_WORDS})\s*\{{(.*)\}}", base, re.DOTALL)
    accent = None if words else re.fullmatch(rf"({_ACCENT})\s*(.*)", base, re.DOTALL)
    if words:
        base = rf"\text{{{' '.join(words[1].split())}}}"
    elif accent:
        base = f"{accent[1]}{{{canonical(_unbraced(accent[2]))}}}"
    layer = _without_top(match["sup1"] or match["sup2"] or "")
    prefix = f"{match['prefix'].strip()} " if match["prefix"] else ""
    return (
        prefix
        + base
        + match["primes"]
        + ("_" + _index(sub) if sub else "")
        + ("^" + _index(layer) if layer else "")
    )


def _unbraced(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text


def _index(text: str) -> str:
    """An index without needless braces, founts and spaces: `_{\\text{new}}` is `_{new}`."""
    plain = re.sub(r"\s+", "", re.sub(rf"(?:{_WORDS})\s*\{{([^{{}}]*)\}}", r"\1", _unbraced(text)))
    return plain if len(plain) == 1 else f"{{{plain}}}"


def _without_top(superscript: str) -> str:
    return re.sub(rf"{_TOP}$", "", _unbraced(superscript)).strip() if superscript else ""


@lru_cache(maxsize=8192)
def _named(text: str) -> tuple[str, str]:
    """The kind of a name token: a name, a transposed name (`top-name`), a function, a word between
    statements."""
    match = NAME.fullmatch(text)
    words = re.fullmatch(rf"(?:{_WORDS})\s*\{{(.*)\}}", match["base"], re.DOTALL)
    if words:
        said = words[1].strip()
        if words[0] == text and said.lower().replace(" ", "").replace("-", "") in WORDS:
            return "word-call", WORDS[said.lower().replace(" ", "").replace("-", "")]
        if not said:
            return "skip", ""
        if _SAID.search(said):
            return "bad", text
        if said[-1] in ",:;." or said[0] in ",:;." or JOINING & set(said.lower().split()):
            return "stop", ""
    superscript = match["sup1"] or match["sup2"] or ""
    is_transposed = bool(re.search(rf"{_TOP}\s*\}}?$", superscript))
    if text == r"\sigma":
        return "word-call", "sigmoid"
    return "top-name" if is_transposed else "name", canonical(text)


@lru_cache(maxsize=8192)
def _derivative(text: str) -> tuple[str, str]:
    upper, lower = re.fullmatch(rf"\\[dt]?frac\s*({_G})\s*({_G})", text, re.DOTALL).groups()
    return "name", rf"\frac{{{canonical(_unbraced(upper))}}}{{{canonical(_unbraced(lower))}}}"


def tokens(tex: str) -> list[Token]:
    """The tokens of a formula without its layout; what is not known has the kind `bad`.

    Raises ReadError only for a formula longer than LONGEST.
    """
    if len(tex) > LONGEST:
        raise ReadError(
            f"a formula of {len(tex)} characters is too long to read", hint=f"at most {LONGEST}"
        )
    found: list[Token] = []
    boxed: list[int] = []  # where frames begin
    for match in TOKEN.finditer(tex):
        kind, text = match.lastgroup, match[0]
        if kind == "name":
            kind, text = _named(text)
        elif kind == "partial":
            kind, text = _derivative(text)
        elif kind not in ("num", "skip"):
            kind, text = COMMANDS.get(text) or (
                text if kind == "mark" else "bad" if kind == "command" else kind,
                text,
            )
        if kind != "skip":
            found.append((kind, text, match.start(), match.end()))
        elif text.startswith(r"\boxed"):
            boxed.append(len(found))
    return _unboxed(found, boxed) if boxed else found


def _unboxed(found: list[Token], starts: list[int]) -> list[Token]:
    """The tokens without the braces of frames, whose insides stand there as they are."""
    gone, opened, framed = (
        set(),
        [],
        {start for start in starts if start < len(found) and found[start][0] == "{"},
    )
    for place, token in enumerate(found):
        if token[0] == "{":
            opened.append(place)
        elif token[0] == "}" and opened and (start := opened.pop()) in framed:
            gone.update((start, place))
    return [token for place, token in enumerate(found) if place not in gone]

"""Names to symbols. A trace has ASCII identifiers; a page has `\\hat{y}` and `w_{21}^{(1)}`.

name        = base ["_" subscript]* ["__" layer]          w_2_1__1  ->  w_{21}^{(1)}
base        = letters, a Greek letter's name, or either followed by "_hat", "_bar", "_tilde"
gradient    = "d" name "_d" name                          dL_dw_o   ->  \\frac{\\partial L}{\\partial w_o}
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from ..problem import Notation, Problem

LETTERS = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
        ],
        "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΣΦΨΩ",
    )
)
GREEK = frozenset(LETTERS)
ACCENTS = {"hat": r"\hat", "bar": r"\bar", "tilde": r"\tilde"}
GRADIENT = re.compile(r"d(.+?)_d(.+)")

# what the profile `loss` makes of the loss's own name
LOSS_SYMBOLS = {"L": "{}", "mathcal": r"\mathcal{{{}}}", "Loss": r"\text{{Loss}}"}
MULTIPLY = {"cdot": r"\cdot", "times": r"\times"}
ASSIGN = {"equals": "=", "arrow": r"\leftarrow", "colon-equals": ":="}


@dataclass(frozen=True)
class Symbols:
    """The symbols of one document: its notation profile and names that stand for something else."""

    notation: Notation
    loss_name: str = "L"
    aliases: dict[str, str] = field(default_factory=dict, hash=False)
    d: str = r"\partial "
    _found: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def of(cls, problem: Problem, aliases: dict[str, str] | None = None) -> Symbols:
        """The symbols of a problem's document."""
        d = "d" if problem.has_one_variable else cls.d
        return (
            cls(problem.notation, problem.loss_name, aliases, d)
            if aliases
            else _without_aliases(problem.notation, problem.loss_name, d)
        )

    def __call__(self, name: str) -> str:
        """The TeX of a name of the trace."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._made(name)
        return found

    def _made(self, name: str) -> str:
        if name in self.aliases:
            return self.aliases[name]
        if name == self.loss_name:
            base, written = name.partition("_")[0], symbol(name)
            if (
                base.isupper() and len(base) == 1 and written.startswith(base)
            ):  # only capitals have such letters; and not with a hat
                return LOSS_SYMBOLS[self.notation.loss].format(base) + written[1:]
            return (
                LOSS_SYMBOLS["Loss"].format()
                if self.notation.loss == "Loss" and name == base
                else written
            )
        gradient = GRADIENT.fullmatch(name)
        if gradient:
            of, by = gradient.groups()
            return rf"\frac{{{self.d}{self(of)}}}{{{self.d}{self(by)}}}"
        return symbol(name)


@lru_cache(maxsize=64)  # one proof after the other asks for the symbols of a problem
def _without_aliases(notation: Notation, loss_name: str, d: str) -> Symbols:
    return Symbols(notation, loss_name, d=d)


@lru_cache(maxsize=4096)
def symbol(name: str) -> str:
    """The TeX of a plain name: base, accents, subscript, layer."""
    if name == "ones":
        return r"\mathbf{1}"
    stem, _, layer = name.partition("__")
    base, *parts = stem.split("_")
    tex = "\\" + base if base in GREEK else base if len(base) == 1 else _worded(base)
    while parts and parts[0] in ACCENTS:
        tex = f"{ACCENTS[parts.pop(0)]}{{{tex}}}"
    if parts:
        tex += "_" + _braced(_subscript(parts))
    return f"{tex}^{{({layer})}}" if layer else tex


def decorated(tex: str, prime: str = "", index: str = "") -> str:
    r"""A symbol with a prime, or one more index: `w_{21}^{(1)}` becomes `w'^{(1)}_{21}`, `L`
    becomes `L_{\text{new}}`."""
    base, sub, layer = re.fullmatch(r"([^_^]+)(?:_(.+?))?(\^\{\(.+\)\})?", tex).groups()
    indices = ",".join(
        filter(None, [sub.removeprefix("{").removesuffix("}") if sub else "", index])
    )
    return f"{base}{prime}{layer or ''}" + (f"_{_braced(indices)}" if indices else "")


def _worded(base: str) -> str:
    """A word, or a letter with its number: `h1` is h_1."""
    lettered = re.fullmatch(r"([A-Za-z])(\d+)", base)
    return f"{lettered[1]}_{_braced(lettered[2])}" if lettered else rf"\mathrm{{{base}}}"


def _subscript(parts: list[str]) -> str:
    if all(part.isdigit() for part in parts):
        return ("" if all(len(part) == 1 for part in parts) else ",").join(parts)
    return ",".join(
        "\\" + part
        if part in GREEK
        else part
        if len(part) == 1 or part.isdigit()
        else rf"\mathrm{{{part}}}"
        for part in parts
    )


def _braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"

"""Bounds as an author writes them: `0.1 < a_h < 0.9`, `|z_h| <= 3`, `w_h != 0`. Read sign by sign,
never evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ..numbers.number import Number

LONGEST = 120  # characters
RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "!=": operator.ne,
}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_SIGN = re.compile(
    r"\s*(<=|>=|!=|" + _NUMBER.pattern + r"(?![\w.])|" + _NAME.pattern + r"|\S)", re.ASCII
)
HINT = "a bound looks like 0.1 < a_h < 0.9, |z_h| <= 3 or w_h != 0"


@dataclass(frozen=True, slots=True)
class Term:
    """A number, or a quantity by name (or its size, `|name|`)."""

    text: str
    number: Decimal | None = None
    is_size: bool = False

    def value(self, values: Callable[[str], Decimal]) -> Decimal:
        """The number, or what `values` has for the name; its size for `|name|`."""
        if self.number is not None:
            return self.number
        value = values(self.text)
        return abs(value) if self.is_size else value


@dataclass(frozen=True, slots=True)
class Inequality:
    """Terms with a relation between each two."""

    text: str
    terms: tuple[Term, ...]
    relations: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities it speaks of, from left to right."""
        return tuple(term.text for term in self.terms if term.number is None)

    def holds(self, values: Callable[[str], Decimal]) -> bool:
        """Whether every relation of the chain holds for these values."""
        found = [term.value(values) for term in self.terms]
        return all(
            RELATIONS[relation](*pair)
            for relation, pair in zip(self.relations, pairwise(found), strict=True)
        )


def read_inequality(text: str) -> Inequality:
    """The bound a text says. Raises ValueError with a sentence that points at what is wrong."""
    if len(text) > LONGEST:
        raise ValueError(f"a bound of {len(text)} characters; at most {LONGEST} are read")
    signs = _SIGN.findall(text)
    terms, relations = [_term(signs, text)], []
    while signs:
        relation = signs.pop(0)
        if relation not in RELATIONS:
            raise ValueError(
                f"in the bound '{text}', '{relation}' stands where one of {' '.join(RELATIONS)} is expected"
            )
        relations.append(relation)
        terms.append(_term(signs, text))
    found = Inequality(text, tuple(terms), tuple(relations))
    if not relations or not found.names:
        raise ValueError(
            f"the bound '{text}' compares {'nothing' if not relations else 'numbers only'}"
        )
    return found


def _term(signs: list[str], text: str) -> Term:
    sign = signs.pop(0) if signs else ""
    if sign == "|":
        name, end = (signs.pop(0) if signs else ""), (signs.pop(0) if signs else "")
        if _NAME.fullmatch(name) and end == "|":
            return Term(name, is_size=True)
        raise ValueError(f"in the bound '{text}', a name and a second | are expected after |")
    if _NAME.fullmatch(sign):
        return Term(sign)
    if _NUMBER.fullmatch(sign):
        return Term(sign, Number.written(sign).value)
    where = f"'{sign}' stands where" if sign else "it ends where"
    raise ValueError(f"in the bound '{text}', {where} a number or a quantity is expected")

"""The short code on a sheet: which problem, seed, copy and attempt made it, and a fingerprint of
the spec.

    K7QF-2M9X-3TB4      name 3 signs, fingerprint 4, seed, copy and attempt as many as they need, check 1

The signs are the digits and capital letters but 0 O 1 I L: 31 of them, a prime, so that the check
sign (a weighted sum modulo 31) tells every single wrong sign and every two that changed places.
Case, spaces and hyphens do not count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from .errors import WorksheetError
from .numbers.number import Number

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
BASE = len(SIGNS)
HALF = 15  # a sign below it ends a number, one from it on carries four bits' worth and goes on
NAME, PRINT = 3, 4  # signs of the name and of the fingerprint
GROUP = 4
LONGEST = 30  # the weights of the check are distinct up to here
HINT = "type it as it stands on the sheet: digits and capital letters, never 0, O, 1, I or L"


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says. `name` and `fingerprint` are hashes: they can be compared, not read."""

    name: int
    fingerprint: int
    seed: int
    copy: int
    attempt: int

    def is_of(self, problem: str) -> bool:
        """Whether the code may belong to a problem of this name."""
        return self.name == name_tag(problem)

    def is_unchanged(self, problem: str, plain: Any) -> bool:
        """Whether that problem's spec still says what it said when the code was made."""
        return self.is_of(problem) and self.fingerprint == fingerprint(plain)

    def __str__(self) -> str:
        digits = [
            *_fixed(self.name, NAME),
            *_fixed(self.fingerprint, PRINT),
            *_open(self.seed),
            *_open(self.copy),
            *_open(self.attempt),
        ]
        text = "".join(SIGNS[digit] for digit in [*digits, _check(digits)])
        return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def code_of(problem: str, plain: Any, seed: int, copy: int, attempt: int) -> Code:
    """The code of a variant. `plain` is the whole spec as dicts, lists, Numbers and words."""
    return Code(name_tag(problem), fingerprint(plain), seed, copy, attempt)


def read_code(text: str) -> Code:
    """The code that was typed. Raises WorksheetError for what is no code, or has a sign that is
    wrong."""
    typed = "".join(character for character in text.upper() if character not in " -\t")
    for character in typed:
        if character not in SIGNS:
            raise WorksheetError(f"'{character}' is no sign of a code", f"code {text[:40]!r}", HINT)
    digits = [SIGNS.index(character) for character in typed]
    if not NAME + PRINT + 4 <= len(digits) <= LONGEST:
        raise WorksheetError(
            f"a code does not have {len(digits)} signs", f"code {text[:40]!r}", HINT
        )
    *digits, check = digits
    if check != _check(digits):
        raise WorksheetError(
            "a sign of the code is wrong, or two have changed places", f"code {text[:40]!r}", HINT
        )
    rest = digits[NAME + PRINT :]
    numbers = [_read_open(rest) for _ in range(3)]
    if rest or None in numbers:
        raise WorksheetError("this is no code of a sheet", f"code {text[:40]!r}", HINT)
    return Code(_read(digits[:NAME]), _read(digits[NAME : NAME + PRINT]), *numbers)


def fingerprint(plain: Any) -> int:
    """A number of 4 signs from everything a spec says; comments and layout do not count."""
    text = json.dumps(plain, default=_number, ensure_ascii=False, separators=(",", ":"))
    return _hash(text, PRINT)


def _number(value: Number) -> dict[str, str]:
    return {"number": value.text}  # 1 is another number than the text "1"


def name_tag(problem: str) -> int:
    """A number of 3 signs from a name."""
    return _hash(problem, NAME)


def _hash(text: str, signs: int) -> int:
    return int.from_bytes(sha256(normalize("NFC", text).encode()).digest(), "big") % BASE**signs


def _check(digits: list[int]) -> int:
    return sum(place * digit for place, digit in enumerate(digits, start=1)) % BASE


def _fixed(value: int, signs: int) -> list[int]:
    return [value // BASE**place % BASE for place in reversed(range(signs))]


def _read(digits: list[int]) -> int:
    value = 0
    for digit in digits:
        value = value * BASE + digit
    return value


def _open(value: int) -> list[int]:
    """A number of any size: base 15, the first digits marked by 15 more as not the last."""
    digits = [value % HALF]
    while value := value // HALF:
        digits.insert(0, value % HALF + HALF)
    return digits


def _read_open(digits: list[int]) -> int | None:
    """Take one number off the front of `digits`; None where it does not end."""
    value = 0
    while digits:
        digit = digits.pop(0)
        value = value * HALF + digit % HALF
        if digit < HALF:
            return value
    return None

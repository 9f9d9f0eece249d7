"""The code on a copy of an exam, which says nothing: without the seed that the exam's manifest
keeps, nobody can tell what was drawn for it.

    K7QF-2M9X-3TB4-H6WN      name of the exam 3 signs, a mark of the copy 12, check 1

The mark is HMAC-SHA256, with the seed as its key, of whose copy it is. A seed that was drawn at
random has 128 bits, so whoever knows the program, the spec and the code can try no seeds. (A code
of `codes.py` holds its seed in the clear, as a practice sheet's may.) The check differs from that
of the other codes, so that neither kind is ever taken for the other.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from unicodedata import normalize

from .codes import BASE, GROUP, NAME, SIGNS, name_tag

MARK = 12  # signs, of 31 each: 59 bits
LENGTH = NAME + MARK + 1
APART = 7  # what the check is further than that of another code
BITS = 128

Seed = int | str  # a number that somebody chose, or what was drawn, in hexadecimal digits


def drawn_seed() -> str:
    """A new seed, which nobody can guess."""
    return secrets.token_hex(BITS // 8)


def is_drawn(seed: Seed) -> bool:
    """Whether a seed was drawn, which is a text; one that somebody gave is a number."""
    return isinstance(seed, str)


def number_of(exam: str, seed: Seed) -> int:
    """The seed as its draws take it (`draws.py`): of this exam alone, so that no sheet and no other
    exam of the same seed has its numbers."""
    return _number(f"worksheet exam 2\n{exam}\n{seed}")


def owner(kind: str, name: str) -> int:
    """The number under which the copy of `id 4711`, `name Ada` or `copy 3` is drawn, wherever it
    stands in the class list."""
    return _number(f"worksheet copy 2\n{kind}\n{name}")


def code_of_copy(exam: str, seed: Seed, whose: int) -> str:
    """The code of a copy."""
    mark = hmac.new(
        f"worksheet code 2\n{seed}".encode(), f"{exam}\n{whose}".encode(), "sha256"
    ).digest()
    digits = [*_digits(name_tag(exam), NAME), *_digits(int.from_bytes(mark, "big"), MARK)]
    return grouped("".join(SIGNS[digit] for digit in [*digits, _check(digits)]))


def is_of_exam(code: str) -> bool:
    """Whether what was typed is a code of this kind."""
    signs = plain(code)
    if len(signs) != LENGTH or set(signs) - set(SIGNS):
        return False
    *digits, check = map(SIGNS.index, signs)
    return check == _check(digits)


def names_exam(code: str, exam: str) -> bool:
    """Whether the code may be of a copy of the exam of this name."""
    return is_of_exam(code) and [SIGNS.index(sign) for sign in plain(code)[:NAME]] == _digits(
        name_tag(exam), NAME
    )


def plain(code: str) -> str:
    """The signs that were typed; case, spaces and hyphens do not count."""
    return "".join(sign for sign in code.upper() if sign not in " -\t")


def grouped(signs: str) -> str:
    """The signs of a code as they are printed."""
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def _check(digits: list[int]) -> int:
    return (sum(place * digit for place, digit in enumerate(digits, start=1)) + APART) % BASE


def _digits(value: int, signs: int) -> list[int]:
    return [value // BASE**place % BASE for place in reversed(range(signs))]


def _number(text: str) -> int:
    return int.from_bytes(sha256(normalize("NFC", text).encode()).digest(), "big")

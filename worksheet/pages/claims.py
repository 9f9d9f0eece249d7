"""What a page says of its problem in words: every sentence that asserts something is said through
`says`, which records it.

    <% call says("moved", loss, last, -1) %>The loss fell from << old >> to << new >>.<% endcall %>
    <% call always() %>The smaller the change, the better the tangent tells it.<% endcall %>

A claim is a kind, what it is about, and the words in which it stands on the page;
`proofs/claims.py` decides each from values that are not the trace's, and holds the words of the
page against the claims. What is true of every problem is said through `always`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import WorksheetError

Key = tuple[str, int, str]  # of a quantity: its name, epoch and phase


class Claim(NamedTuple):
    """What is asserted: a kind of `proofs/claims.py`, what it is about (keys of quantities, texts,
    whole numbers), and the words."""

    kind: str
    about: tuple[Any, ...]
    text: str


class Claims:
    """All that a page has said so far. `general`: what it says of every problem; `titles`: its
    headings that assert something; `own`: words of an author, which nobody proves; `pictures`: the
    words of each figure that it shows, and `drawn` what they claim. `is_ours`: the words come from
    our templates, so all of them are held against the claims."""

    def __init__(self) -> None:
        self.said: list[Claim] = []
        self.general: list[str] = []
        self.titles: list[str] = []
        self.own: list[str] = []
        self.pictures: list[str] = []
        self.drawn: list[Claim] = []
        self.is_ours = True

    def numbers_drawn(self) -> set[Decimal]:
        """The values that its figures claim; some have more digits than the page prints."""
        return {Decimal(claim.about[-1]) for claim in self.drawn if claim.kind == "number"}

    @contextmanager
    def heard(self) -> Iterator[Claims]:
        """Whatever a template says within goes to this page."""
        token = _HEARING.set(self)
        try:
            yield self
        finally:
            _HEARING.reset(token)


_HEARING: ContextVar[Claims | None] = ContextVar("hearing", default=None)


def says(kind: str, *about: Any, caller: Callable[[], str]) -> str:
    """The words of a template, recorded as a claim of this kind. What it is `about`: a quantity
    (what templates know of it as a dictionary stands for its key), a number, a text."""
    text = caller()
    if (page := _HEARING.get()) is not None:
        page.said.append(Claim(kind, tuple(map(plain, about)), text))
    return text


def always(caller: Callable[[], str]) -> str:
    """The words of a template that are true of every problem: a definition, a rule, a question."""
    text = caller()
    if (page := _HEARING.get()) is not None:
        page.general.append(text)
    return text


def titled(caller: Callable[[], str]) -> str:
    """A heading in which a word asserts something. A lecture may leave it out."""
    text = caller()
    if (page := _HEARING.get()) is not None:
        page.titles.append(text)
    return text


def unknown(what: str, value: Any) -> str:
    """The end of a choice among what templates have words for. Raises WorksheetError: nothing is
    said of what nobody thought of."""
    raise WorksheetError(f"the template has no words for the {what} '{value}'")


def plain(about: Any) -> Any:
    """A quantity as its key, a list as a tuple; numbers and texts as they are."""
    if isinstance(about, Mapping):
        return about["key"]
    return tuple(map(plain, about)) if isinstance(about, (list, tuple)) else about


WORDS = {
    "says": says,
    "always": always,
    "titled": titled,
    "unknown": unknown,
}  # what every template knows, imported ones too

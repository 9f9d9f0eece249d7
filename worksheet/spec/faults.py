"""Faults of a spec, gathered: a place, one sentence, a hint each; all of them raised at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from ..errors import DECIMAL_COMMA, SpecError, WorksheetError

Found = tuple[int, str, str, str]
LISTED = 30  # known words in a hint
SHOWN = 50  # a file of another kind can hold thousands of faults; nobody reads past the first few


class Faults:
    """Gathers the faults of one source, in any order; `raise_any` raises them in the order of the
    file."""

    def __init__(self, source: str):
        self.source = source
        self._found: list[Found] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, line: int, path: str, message: str, hint: str) -> None:
        """One fault. `line` counts from 1, 0 for the file as a whole; `path` may be empty."""
        self._found.append((line, path, message, hint))

    def raise_any(self) -> None:
        """Raise SpecError with every fault so far; return when there is none."""
        if not self._found:
            return
        ordered = _commas_together(sorted(dict.fromkeys(self._found), key=lambda fault: fault[0]))
        faults = [
            WorksheetError(message, self._place(line, path), hint)
            for line, path, message, hint in ordered[:SHOWN]
        ]
        if len(ordered) > SHOWN:
            faults.append(
                WorksheetError(
                    f"and {len(ordered) - SHOWN} more faults",
                    self.source,
                    "mend the ones above first; is this a problem spec?",
                )
            )
        raise SpecError(faults)

    def fail(self, line: int, path: str, message: str, hint: str) -> None:
        """Add a fault after which reading cannot go on, and raise."""
        self.add(line, path, message, hint)
        self.raise_any()

    def _place(self, line: int, path: str) -> str:
        place = f"{self.source}:{line}" if line else self.source
        return f"{place}: {path}" if path else place


def _commas_together(found: list[Found]) -> list[Found]:
    """One fault for all decimal commas of a file: whoever writes one writes them all so."""
    commas = [fault for fault in found if fault[2].startswith(DECIMAL_COMMA)]
    if not commas:
        return found
    line, path, message, _ = commas[0]
    others = "".join(
        f", {other.removeprefix(DECIMAL_COMMA)} (line {at})" for at, _, other, _ in commas[1:]
    )
    one = (
        line,
        path,
        message + others,
        "write a decimal point: " + ", ".join(fault[3] for fault in commas),
    )
    return [
        one if fault is commas[0] else fault
        for fault in found
        if fault is commas[0] or fault not in commas
    ]


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`did you mean 'sigmoid'? known: identity, relu, ...`; the question only where a known word is
    near."""
    known = sorted(known)
    # underscores, hyphens and capitals are the usual slips, so they do not count as distance
    plain = {word.lower().replace("_", "-"): word for word in known}
    near = difflib.get_close_matches(wrong.lower().replace("_", "-"), plain, n=1, cutoff=0.6)
    listed = "known: " + ", ".join(known[:LISTED]) + (", ..." if len(known) > LISTED else "")
    return f"did you mean '{plain[near[0]]}'? {listed}" if near else listed


def among(text: str, known: Sequence[str], what: str, option: str) -> tuple[str, ...]:
    """`md,pdf`, the value of an option, as known words, each once and in their own order. Raises
    WorksheetError for one that is not known, and for none."""
    found = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise WorksheetError(
                f"unknown {what} '{name}'",
                option,
                (f"did you mean '{near[0]}'? " if near else "") + f"known: {', '.join(known)}",
            )
    if not found:
        raise WorksheetError(f"no {what} is named", option, f"known: {', '.join(known)}")
    return tuple([name for name in known if name in found])


def count(number: int, thing: str) -> str:
    """`1 unit`, `3 units`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

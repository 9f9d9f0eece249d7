"""The ways a worksheet can fail: a sentence, a place, a hint."""

from __future__ import annotations

import errno

# what a machine may do to any program that writes
BEYOND_US = frozenset(
    getattr(errno, name)
    for name in (
        "ENOSPC",
        "EDQUOT",
        "EFBIG",
        "EROFS",
        "EACCES",
        "EPERM",
        "EIO",
        "EMFILE",
        "ENFILE",
        "ENAMETOOLONG",
        "ENOTDIR",
        "EISDIR",
        "ELOOP",
        "EEXIST",
    )
    if hasattr(errno, name)
)
FULL = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)


DECIMAL_COMMA = "a decimal comma: "  # and the number; the hint is the number as it should be


class WorksheetError(Exception):
    """One fault of use: what is wrong, where, and what to do about it.

    `message` is one sentence, lower case, no full stop. `where` names the place
    (``problems/x.yaml:14: layers[0].activation``). `hint` may be empty.
    """

    status = 2

    def __init__(self, message: str, where: str = "", hint: str = ""):
        super().__init__(message)
        self.message, self.where, self.hint = message, where, hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class SpecError(WorksheetError):
    """A problem spec that cannot be used; carries every fault at once.

    `faults` are WorksheetErrors, in the order of the file.
    """

    def __init__(self, faults: list[WorksheetError]):
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class SolveError(WorksheetError):
    """A sound spec whose arithmetic has no finite answer (ln 0, overflow). `quantity`: the one that
    has none; whoever knows the problem puts the place of it in the spec into `where`."""

    def __init__(self, message: str, where: str = "", hint: str = "", quantity: str = ""):
        super().__init__(message, where, hint)
        self.quantity = quantity


class TemplateError(WorksheetError):
    """A template that names what the trace does not have, or does not parse."""


class ReadError(WorksheetError):
    """TeX that the reader does not understand."""


class UnvaluedError(ReadError):
    """TeX that the reader knows and that it gives no value: a sign for a sum, a definition by
    cases."""


class FormulaError(WorksheetError):
    """A formula in a spec that cannot be read; its hint ends with the formula and a caret below the
    place."""


class ProofError(WorksheetError):
    """A document that failed its proofs; it is not written. `findings` say where."""

    status = 1

    def __init__(self, findings: list, where: str = ""):
        super().__init__("the document failed its proofs and was not written", where)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {finding}" for finding in self.findings)])


def unwritten(fault: OSError, where: str = "") -> WorksheetError:
    """What to say of a file that the machine will not let us write, or read."""
    said = (fault.strerror or str(fault)).lower()
    hint = (
        "make room, or choose another disk with --out; then run it again"
        if fault.errno in FULL
        else "choose another folder with --out"
    )
    return WorksheetError(
        f"cannot write here: {said}", where or str(fault.filename2 or fault.filename or ""), hint
    )  # of a move, where it goes


def caret(tex: str, at: int) -> str:
    """Two lines: the formula around a position, and a caret below the position."""
    line_start = tex.rfind("\n", 0, at) + 1
    start = max(line_start, at - 40)
    piece = tex[start : at + 40].split("\n")[0]
    return f"{piece}\n        {' ' * (at - start)}^"

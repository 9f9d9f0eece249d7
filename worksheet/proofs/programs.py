r"""Does a program on the page come to the numbers of the page?

    ```python          the program that is made of the trace, letter by letter
    ```text            what it prints when it is run; each number is that of its quantity, worked out with all its digits

A program rounds only what it prints, so it is held against what is exact in the trace, to half a
unit of the last digit printed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import partial

from ..errors import WorksheetError
from ..markdown.authored import is_authored
from ..numbers.number import CONTEXT
from ..programs.writer import DIALECTS, Program, program_of
from ..trace.trace import Trace

BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LABEL = re.compile(r"\b[A-Za-z_]\w* =")
NUMBER = re.compile(r"-?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)")
FLOATS = Decimal("1e-9")  # of a number that floats have come to
Finding = tuple[int, str, str]  # the line of the page, what stands there, what is wrong with it


def program_findings(
    trace: Trace, markdown: str, authored: Collection[str] = frozenset()
) -> list[Finding]:
    """What is wrong with the programs of a page."""
    if "```python" not in markdown and "```text" not in markdown:
        return []
    lines = markdown.splitlines()
    blocks = [
        (markdown.count("\n", 0, found.start()) + 1, found[1], found[2])
        for found in BLOCK.finditer(markdown)
    ]
    blocks = [
        (line, kind, text)
        for line, kind, text in blocks
        if not is_authored(lines, line + 1, line + text.count("\n"), authored)
    ]
    programs = {program.text: program for program in map(partial(program_of, trace), DIALECTS)}
    found, before = [], None
    for line, kind, text in blocks:
        if kind == "python":
            before = programs.get(text)
            if before is None:
                found.append(
                    (
                        line,
                        text.splitlines()[0] if text else "",
                        "this is not the program of the solution",
                    )
                )
        elif before is None:
            found.append((line, "", "there is no program that prints this"))
        else:
            found += output_findings(trace, before, line, text)
            before = None
    return found


def output_findings(trace: Trace, program: Program, line: int, text: str) -> Iterator[Finding]:
    """What is wrong with what a program is said to print."""
    from ..programs.running import can_run, printed

    if not can_run(program.dialect):
        yield (
            line,
            "",
            f"{DIALECTS[program.dialect]} is not installed, so nobody knows what the program prints",
        )
        return
    try:
        said = printed(program.text)
    except WorksheetError as fault:
        yield line, "", fault.message
        return
    if said != text:
        at, one = next(
            (
                (at, one)
                for at, (one, other) in enumerate(zip(text.splitlines(), said.splitlines()))
                if one != other
            ),
            (0, ""),
        )
        yield line + 1 + at, one, "the program prints something else"
        return
    yield from number_findings(trace, program, line, text)


def number_findings(trace: Trace, program: Program, line: int, text: str) -> Iterator[Finding]:
    """Which numbers are not those of their quantities."""
    labels = [found[0].removesuffix(" =") for found in LABEL.finditer(text)]
    numbers = [found[0] for found in NUMBER.finditer(LABEL.sub(" ", text))]
    keys = [(each.label, key) for each in program.prints for key in each.keys]
    if labels != [each.label for each in program.prints] or len(numbers) != len(keys):
        yield (
            line,
            "",
            "the program does not print every quantity of the solution once, in their order",
        )
        return
    for (label, key), number in zip(keys, numbers):
        exact = trace.get(*key).exact
        if not is_printed_of(exact, number):
            yield (
                line,
                f"{label} = {number}",
                f"the program comes to {number} for {label}, the solution to {exact:.10g}",
            )


def is_printed_of(exact: Decimal, number: str) -> bool:
    """Whether a printed number is an exact one, rounded to its last digit by floats."""
    value = Decimal(number)
    if not value.is_finite():
        return False
    unit = Decimal((0, (1,), value.as_tuple().exponent))
    return abs(CONTEXT.subtract(value, exact)) <= unit * Decimal("0.5000001") + FLOATS * abs(exact)

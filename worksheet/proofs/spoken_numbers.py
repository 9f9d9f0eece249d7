r"""The numbers of a page's words: in prose and headings, in captions and alternative texts. Each is
one of the problem's, or a count of it.

    The loss fell from 0.42958 to 0.42420        values of the solution
    rounded to 5 decimal places                  a count: of places, updates, layers, units, steps, points
    ![... from 1.0 to 1.02174, ...]              values of what the text speaks of, w_o or the loss

What the words say of these numbers is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from ..assessment.points import worth
from ..assessment.tasks import tasks_of
from ..descent.floats import losses
from ..descent.outcome import BOUND
from ..errors import WorksheetError
from ..markdown.authored import is_authored, lines_of
from ..markdown.lines import PICTURE, Line
from ..numbers.number import CONTEXT, Digits
from ..numbers.numerals import texts
from ..pages.facts import words
from ..problem import Descending, Problem
from ..tex.unicode import plain_symbol
from .inventory import Inventory

# numbers that our sentences hold whatever the problem: the base 10 of another logarithm, a 5 that
# is rounded, the derivative 0 or 1
CONSTANTS = frozenset(["0", "1", "5", "10"])
SILENT = re.compile(r"^\d+\. |\$[^$]*\$|`[^`]*`|\]\([^)]*\)|<!--.*?-->|&[a-z]+;|\\.")
DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"(?<![\w.,\\-])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w]|\.\d)")
EQUATION = re.compile(r"(\S+) ([=≈]) (-?\d+(?:\.\d+)?)")
TOKEN = re.compile(r"[^\s,.;:()=≈|]+")
TASK = "**(a)**"  # the first task of a sheet or a key
RAISED = re.compile(r"[₀-ₜ⁰-⁹⁽⁾ŷȳỹ∂\u0302-\u0304]")

Finding = tuple[int, str, str]


def number_findings(
    inventory: Inventory,
    lines: Sequence[Line],
    authored: Collection[str] = frozenset(),
    numbers: Collection[str] = frozenset(),
    claimed: Collection[Decimal] = frozenset(),
) -> list[Finding]:
    """The numbers in words that are none of the problem's; `lines`: those of the page. The cells of
    tables are another proof's. `claimed`: those that a figure claims, with more digits than the
    page has; whether they are so is decided apart (`proofs/deciding.py`)."""
    found: list[Finding] = []
    known = Known(
        inventory,
        numbers,
        has_tasks=any(line.text.startswith(TASK) for line in lines),
        claimed=claimed,
    )
    for number, kind, text in lines:
        text = texts(text) if "·10" in text or "10^{" in text else text
        if kind == "picture":
            wrong = list(known.wrong_in_picture(PICTURE.fullmatch(text)[1]))
        elif kind != "cells" and DIGIT.search(text):
            wrong = [
                (each, f"{each} is no number of this solution")
                for each in NUMBER.findall(SILENT.sub(" ", text))
                if not known.holds(each) and not (text[0] == "*" != text[1:2] and each.isdigit())
            ]
        else:
            continue
        if (
            wrong
            and not (authored and is_authored([text], 1, 1, authored))
            and not known.is_the_authors(text)
        ):
            found += [(number, what, message) for what, message in wrong]
    return found


class Known:
    """The numbers of a problem, and its counts, as a page may write them."""

    def __init__(
        self,
        inventory: Inventory,
        numbers: Collection[str],
        has_tasks: bool = False,
        claimed: Collection[Decimal] = frozenset(),
    ):
        self.inventory, self.numbers, self.has_tasks, self.claimed = (
            inventory,
            numbers,
            has_tasks,
            claimed,
        )
        self.problem, self.trace = inventory.problem, inventory.trace
        # a picture over two of several parameters has heights of its own, with the others held
        # where the path ends
        self.is_cut = getattr(self.problem, "goes_on", False) and len(self.problem.trained) > 2
        self.own: set[str] | None = None
        self.lines: frozenset[str] = frozenset()
        self.counted: frozenset[str] | None = None
        self.tasks: frozenset[str] | None = None

    def is_the_authors(self, text: str) -> bool:
        """Whether a line is the author's: the title, the description, the words of a task or a
        reason; or, as a whole, one of the instructions."""
        if self.own is None:
            problem = self.problem
            texts = [
                problem.title,
                *problem.description.splitlines(),
                *(step.why for step in getattr(problem, "steps", ())),
                *(task.text for task in problem.ask),
                problem.course,
                problem.date,
            ]
            self.own = {each.replace("<", "&lt;").strip() for each in texts} - {""}
            self.lines = lines_of(words(problem.instructions))
        return text.strip() in self.lines or any(each in text for each in self.own)

    def holds(self, number: str) -> bool:
        """Whether a number, or what is left of it without its sign, is one of the problem's."""
        if (
            number in CONSTANTS
            or number in self.numbers
            or number in self.inventory.words
            or f"-{number}" in self.inventory.words
        ):
            return True
        if self.counted is None:
            self.counted = frozenset(map(str, counts(self.inventory)))
        if number in self.counted:
            return True
        if self.tasks is None:
            self.tasks = frozenset(self._points() if self.has_tasks else ())
        return number in self.tasks or self._is_change(number)

    def _points(self) -> Iterator[str]:
        try:
            tasks = worth(tasks_of(self.trace, self.inventory.page.chains), None)
        except WorksheetError:
            return
        yield from (format(task.points.normalize(), "f") for task in tasks)
        yield format(sum((task.points for task in tasks), Decimal(0)).normalize(), "f")

    def _is_change(self, number: str) -> bool:
        """Whether it is how far the loss has moved in an update, from the printed digits."""
        heights = [
            Decimal(value[0])
            for value in self.inventory.history.get(
                self.inventory.target(self.problem.loss_name), ()
            )
            if len(value) == 1
        ]
        return any(
            abs(CONTEXT.subtract(one, other)) == abs(Decimal(number))
            for one, other in zip(heights, heights[1:])
        )

    # ---- figures --------------------------------------------------------------------------------

    def wrong_in_picture(self, text: str) -> Iterator[tuple[str, str]]:
        """Symbols that the problem has not, and numbers with decimals or a minus that are no values
        of what the text speaks of."""
        plain = {plain_symbol(name): self.inventory.target(name) for name in self._names()}
        tokens = TOKEN.findall(text)
        for token in tokens:
            if RAISED.search(token) and token not in plain:
                yield token, f"{token} is no symbol of this problem"
        is_tied = isinstance(self.problem, Descending)
        spoken = [plain[token] for token in dict.fromkeys(tokens) if token in plain]
        values = {
            word
            for target in (*spoken, self.inventory.target(self.problem.loss_name))
            for value in self.inventory.history.get(target, ())
            for word in value
        }
        for match in NUMBER.finditer(text):
            number = match[0]
            if number.isdigit() and (
                not is_tied or number in values or not self._is_value(text, match.start())
            ):
                continue
            if (
                not (number in values if is_tied else number in self.inventory.words)
                and Decimal(number) not in self.claimed
                and not self._is_of_a_run(number)
                and (not self.is_cut or self._is_value(text, match.start()))
            ):
                yield number, f"{number} is no value of what this text speaks of"
        for symbol, sign, number in EQUATION.findall(text):
            held = self.inventory.history.get(plain.get(symbol, ""), ())
            if held and (number,) not in held:
                yield f"{symbol} = {number}", f"{symbol} never has the value {number}"
            elif sign == "≈" and (number,) in held[:1]:
                yield f"{symbol} ≈ {number}", f"{symbol} is given as {number}"

    def _names(self) -> list[str]:
        return [*self.trace.givens, *[working.name for working in self.trace.workings]]

    @staticmethod
    def _is_value(text: str, at: int) -> bool:
        """Whether a whole number stands where a value does: behind a sign of equality."""
        return text[max(0, at - 2) : at] in ("= ", "≈ ")

    def _is_of_a_run(self, number: str) -> bool:
        """Whether it is a learning rate, or what the loss is about after the long run."""
        rates = [
            each.text
            for each in (
                *getattr(self.problem, "learning_rates", ()),
                getattr(self.problem, "learning_rate", None),
            )
            if each
        ]
        if number in rates:
            return True
        if not getattr(self.problem, "long_run", 0) or not getattr(
            self.problem, "learning_rate", None
        ):
            return False
        curve = losses(self.problem, self.problem.long_run)
        return len(curve) > 0 and Decimal(format(curve[-1], ".2g")) == Decimal(number)


def counts(inventory: Inventory) -> Iterator[object]:
    """What can be counted of a problem, and the settings of its numbers."""
    problem, trace = inventory.problem, inventory.trace
    yield from range(problem.epochs + 2)
    for digits in (problem.rounding.digits(""), *problem.rounding.kinds.values()):
        yield from _figures(digits)
    yield from (len(derivation.steps) - 1 for derivation in trace.derivations)
    yield from range(max((len(derivation.steps) for derivation in trace.derivations), default=0))
    yield from _of_runs(problem)
    for run in trace.descents:
        yield run.updates
    if problem.layers:
        yield from range(len(problem.layers) + 1)
        yield from (len(layer.units) for layer in problem.layers)
        yield len(problem.network.inputs)
    yield from (number.text.lstrip("-") for number in problem.nudge.values())
    blanks = inventory.page.holes.filled
    yield from range(len(blanks) + 1)


def _figures(digits: Digits) -> list[int]:
    return [
        each
        for each in (digits.places, digits.significant, digits.at_least_significant)
        if each is not None
    ]


def _of_runs(problem: Problem) -> Iterator[object]:
    if getattr(problem, "long_run", None) is not None:
        yield from (problem.long_run, problem.end_places, Decimal(BOUND).adjusted())
        yield from (
            each.text
            for each in (problem.until, problem.learning_rate, *problem.learning_rates)
            if each
        )

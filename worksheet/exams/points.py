"""Whether the points of an exam's problems can be shared over their steps, and every copy comes to
one total: told before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..assessment.points import worth
from ..assessment.tasks import tasks_of
from ..errors import WorksheetError
from ..numbers.number import Number
from ..numbers.number import plain_text as number
from ..spec.faults import Faults
from ..spec.yaml_reader import Node
from ..variants.search import Origin, source_of
from ..views.phases import chains_of


class HasPoints(Protocol):
    """A problem of an exam: where it may come from, and what it is worth."""

    origins: tuple[Origin, ...]
    points: Number | None


def check_points(questions: Iterable[HasPoints], root: Node, faults: Faults) -> None:
    """Whether the points of each problem can be shared evenly over its steps, whichever spec a copy
    gets; and where it has none, whether all come to one total."""
    for question, node in zip(questions, root.get("problems").entries(), strict=True):
        totals = {}
        for source in map(source_of, question.origins):
            try:
                tasks = worth(
                    tasks_of(source.written, chains_of(source.written)),
                    question.points and question.points.value,
                    source.name,
                )
                totals[source.name] = sum(task.points for task in tasks)
            except WorksheetError as fault:
                faults.add(
                    node.line, f"{node.path}.points", f"{fault.where}: {fault.message}", fault.hint
                )
        sized = [
            source.name
            for source in map(source_of, question.origins)
            if source.checked.variety.sizes and question.points is None
        ]
        if len(set(totals.values())) > 1 or sized:
            said = ", ".join(f"{name} {number(total)}" for name, total in totals.items())
            faults.add(
                node.line,
                node.path,
                f"the size of {sized[0]} varies, and so would its points"
                if sized
                else f"copies would have other totals: {said}",
                "say what the problem is worth: points: 12",
            )

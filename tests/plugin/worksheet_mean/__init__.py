"""The mean of some numbers, and how far they spread around it: `mean: {x_1: 2, x_2: 4.5, x_3: 7}`."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from worksheet.algebra.parser import read
from worksheet.assessment.questions import Questions, each, named
from worksheet.family import Family
from worksheet.pages.page import Page
from worksheet.problem import Problem, Written
from worksheet.spec.models import Frame, Named
from worksheet.spec.slots import numbers_of
from worksheet.trace.tape import Tape


class MeanProblem(Problem):
    family: Literal["mean"] = "mean"
    mean: dict[str, Written]
    results = property(lambda self: ("m", "v"))


class MeanSpec(Frame):
    """Numbers, their mean and their variance."""

    mean: Named = Field(
        description="numbers by their names", examples=[{"x_1": 2, "x_2": 4.5, "x_3": 7}]
    )


class Mean(Family):
    key = "mean"
    problem, spec, page = (
        lambda self, found=found: found for found in (MeanProblem, MeanSpec, Page)
    )

    def check(self, root, spec, faults):
        if spec and len(spec.mean) < 2:
            faults.add(
                root.get("mean").line,
                "mean",
                "a mean is of two numbers or more",
                "mean: {x_1: 2, x_2: 4.5}",
            )

    def build(self, spec):
        return MeanProblem(**spec.frame(), mean=spec.mean)

    def slots(self):
        return numbers_of("mean")

    def solve(self, problem):
        tape, names = Tape(problem.rounding), list(problem.mean)
        for name, number in problem.mean.items():
            tape.given(name, number)
        tape.begin("forward", 1)
        tape.let("m", read(f"({' + '.join(names)})/{len(names)}"), "activation")
        tape.let(
            "v",
            read(f"({' + '.join(f'({name} - m)^2' for name in names)})/{len(names)}"),
            "activation",
        )
        return tape.trace(problem)

    def questions(self):
        parts = {"mean": named("forward", "m"), "spread": named("forward", "v")}
        return Questions(parts, each(*parts))

    def folder(self):
        return Path(__file__).parent


FAMILY = Mean()

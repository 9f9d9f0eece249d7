"""A graph of formulas that is trained: values, gradients over every path, updates."""

from __future__ import annotations

from ...family import Family


class Formulas(Family):
    """Specs of `formulas: [h = ..., L = ...]`, with what is given and what is trained."""

    key = "formulas"

    def slots(self):
        from ...spec.slots import numbers_of

        return numbers_of("given", "learning_rate")

    def texts(self, problem):
        return problem.formulas.values()

    def forward(self):
        from ...descent.forward import worked_out

        return worked_out

    def graph(self, problem):
        from ...algebra.parser import read
        from ...trace.recorder import as_shown

        return {name: as_shown(read(text)) for name, text in problem.formulas.items()}

    def pushed(self, problem, held, name, move):
        from .pushes import pushed

        return pushed(problem, held, name, move)

    def picture(self, problem):
        from .proofs import picture

        return picture(problem)

    def questions(self):
        from ...assessment.questions import OF_TRAINING

        return OF_TRAINING

    def figures(self):
        from ...problem import OF_TRAINING

        return OF_TRAINING


FAMILY = Formulas()

"""Feed-forward networks: dense layers, a target, a loss, and gradient descent."""

from __future__ import annotations

from ...family import Family


class OfNetworks(Family):
    """Specs of `network`, one weight at a time or with matrices."""

    key, has_matrices = "network", True

    def slots(self):
        from ...spec.slots import network_slots

        return network_slots

    def places(self, problem, root):
        from .places import by_position

        return by_position(problem, root)

    def forward(self):
        from .solve import worked_out

        return worked_out

    def chains(self, trace):
        from ...views.matrices import Matrices
        from ...views.phases import by_name

        if trace.problem.notation.style != "matrix":
            return by_name(trace)
        matrices = Matrices(trace)
        return lambda phase, epoch: (
            matrices.views(phase, epoch) if trace.select(phase, epoch) else ()
        )

    def graph(self, problem):
        from .layers import formulas

        return formulas(problem)

    def without_graph(self, problem):
        from .circuit import without_graph

        return without_graph(problem)

    def matrices(self, problem):
        return problem.network

    def pushed(self, problem, held, name, move):
        from .pushes import pushed

        return pushed(problem, held, name, move)

    def picture(self, problem):
        from .proofs import picture

        return picture(problem)

    def picture_back(self, trace):
        from .proofs import picture_back

        return picture_back(trace)

    def questions(self):
        from ...assessment.questions import OF_TRAINING

        return OF_TRAINING

    def figures(self):
        from ...problem import OF_TRAINING

        return "loss", *OF_TRAINING


FAMILY = OfNetworks()

"""Gradient descent on a function of one or two variables."""

from __future__ import annotations

from ...family import Family


class Descent(Family):
    """Specs of `descent: L(w_1, w_2) = ...` with a start and a learning rate."""

    key = "descent"

    def slots(self):
        from ...spec.slots import numbers_of

        return numbers_of("start", "learning_rate")

    def texts(self, problem):
        return (problem.formula,)

    def forward(self):
        from .solve import worked_out

        return worked_out

    def chains(self, trace):
        from ...views.phases import is_aside, plain

        chains = plain(trace, lambda view: False)
        return lambda phase, epoch: tuple(
            view
            for view in chains(phase, epoch)
            if phase == "derivation" or not is_aside(view.name)
        )

    def pushed(self, problem, held, name, move):
        from ...proofs.pushes import pushed_function

        return pushed_function(problem, held, name, move)

    def stated(self, inventory):
        from . import proofs

        proofs.stated(inventory)

    def called(self, inventory):
        from ...proofs.general_forms import own_function

        return own_function(inventory)

    def function(self, inventory, name):
        from . import proofs

        return proofs.function(inventory, name)

    def figures(self):
        from ...problem import LEADS

        return *LEADS[:2], "descent-curve", *LEADS[2:]


FAMILY = Descent()

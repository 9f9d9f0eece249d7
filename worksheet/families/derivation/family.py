"""A derivation: the derivative of a definition, and an author's forms of it one after the other."""

from __future__ import annotations

from ...family import Family


class Derivation(Family):
    """Specs of `derivation: [L = ...]` with `by` and `steps`, whose forms and reasons are the
    author's."""

    key = "derivation"

    def slots(self):
        from ...spec.slots import numbers_of

        return numbers_of("at")

    def authored(self, problem):
        return {f"steps[{place}].why": step.why for place, step in enumerate(problem.steps)}

    def texts(self, problem):
        return problem.definitions.values()

    def chains(self, trace):
        from ...views.views import forms, scalar_views

        [derivation] = trace.derivations
        goals = forms(derivation, has_goal=len(derivation.steps) > 2)
        return lambda phase, epoch: (
            goals if phase == "derivation" else scalar_views(trace, phase, epoch)
        )

    def points(self, problem):
        from .proofs import points

        return points(problem)

    def definitions(self, problem):
        from .proofs import definitions

        return definitions(problem)

    def stated(self, inventory):
        from . import proofs

        proofs.stated(inventory)


FAMILY = Derivation()

"""A function of several variables: each partial derivative, the gradient at a point, a small
change."""

from __future__ import annotations

from ...family import Family


class Gradient(Family):
    """Specs of `gradient: f(x, y) = ...`, with a point and a small change where they are given."""

    key, says_where = "gradient", True

    def slots(self):
        from ...spec.slots import numbers_of

        return numbers_of("given", "at", "change")

    def texts(self, problem):
        return (problem.formula,)

    def chains(self, trace):
        """As those of one variable, and its partials bear the point they are taken at."""
        from ...views.phases import plain

        return plain(
            trace,
            lambda view: (
                view.name in WITHOUT_FORMULA
                or view.name.endswith("_moved")
                or view.working.phase == "backward"
            ),
        )

    def points(self, problem):
        from .proofs import points

        return points(problem)

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

    def written(self, problem, parts, symbols):
        yield r"\partial"

    def figures(self):
        return ("contour",)

    def kinds(self):
        from .figures import KINDS

        return KINDS


# their left side is their formula, or a name with a number in brackets
WITHOUT_FORMULA = frozenset(["value", "moved_value", "gap"])
FAMILY = Gradient()

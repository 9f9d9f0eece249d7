"""A function of one variable: its derivative, the slope at a point, a small change."""

from __future__ import annotations

from ...family import Family


class Function(Family):
    """Specs of `function: f(x) = ...` with a point and a small change."""

    key, says_where = "function", True

    def slots(self):
        from ...spec.slots import numbers_of

        return numbers_of("given", "at", "change")

    def texts(self, problem):
        return (problem.formula,)

    def chains(self, trace):
        from ...views.phases import plain

        return plain(trace, lambda view: view.name in WITHOUT_FORMULA)

    def called(self, inventory):
        from . import proofs

        return proofs.called(inventory)

    def function(self, inventory, name):
        from . import proofs

        return proofs.function(inventory, name)

    def written(self, problem, parts, symbols):
        if "curve" in parts:
            yield from (
                f"{problem.name}({symbols(problem.variable)})",
                f"{problem.name}'({symbols(problem.variable)})",
            )
        yield r"\partial"

    def figures(self):
        return "tangent", "small-change"

    def kinds(self):
        from .figures import KINDS

        return KINDS


# their left side is their formula, or a name with a number in brackets, which says where the
# numbers go
WITHOUT_FORMULA = frozenset(["value", "slope", "moved", "moved_value", "gap"])
FAMILY = Function()

"""A chain of functions: the derivative of each link, and their product."""

from __future__ import annotations

from ...family import Family


class Chain(Family):
    """Specs of `chain: [y = ..., z = ...]`; each derivative says at which point it is taken."""

    key, says_where = "chain", True

    def texts(self, problem):
        return problem.links.values()

    def chains(self, trace):
        """A derivative whose symbol says where it is taken does not say its formula again, but
        where it is the product of the links."""
        from ...views.phases import plain

        total = trace.problem.total
        return plain(
            trace,
            lambda view: (
                view.working.phase == "check"
                or view.working.phase == "backward"
                and view.name != total
            ),
        )

    def graph(self, problem):
        from ...trace.recorder import as_shown

        return {name: as_shown(expr) for name, expr in problem.formulas.items()}

    def without_graph(self, problem):
        if problem.at:
            return None
        return (
            "a circuit shows numbers, and this chain has no point",
            "give one, such as at: {" + problem.variable + ": 2}, or leave circuit out",
        )

    def points(self, problem):
        from .proofs import points

        return points(problem)

    def stated(self, inventory):
        for name, formula in self.graph(inventory.problem).items():
            inventory.state(name, formula)

    def written(self, problem, parts, symbols):
        if "total" in parts:
            yield symbols(problem.total)


FAMILY = Chain()

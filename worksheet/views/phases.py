"""Which chains of lines stand for a phase of a solution, by family: one weight at a time, in matrices, as the forms of a derivation.

    chains = chains_of(trace);   chains("forward", 1)       the views of the first forward pass
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from ..trace.backward import partial_name
from .matrices import Matrices
from ..trace.trace import Trace
from .views import View, forms, scalar_views, without_formula

Chains = Callable[[str, int], tuple[View, ...]]      # of a phase of an epoch

# of a function: their left side is their formula, or a name with a number in brackets, which says where the numbers go
PLAIN = ("value", "slope", "moved", "moved_value", "gap")


def chains_of(trace: Trace) -> Chains:
    """The views of each phase in the notation of the problem; each built once for a trace, however often they are asked for."""
    made, held = CHAINS[trace.problem.family](trace), trace.kept      # the views, but nothing that holds the trace: it goes when it is let go

    def chains(phase: str, epoch: int) -> tuple[View, ...]:
        if (phase, epoch) not in held:
            held[phase, epoch] = made(phase, epoch)
        return held[phase, epoch]

    return chains


def _by_name(trace: Trace) -> Chains:
    return lambda phase, epoch: scalar_views(trace, phase, epoch)


def _forms(trace: Trace) -> tuple[View, ...]:
    """The forms of every derivation, one after the other."""
    return tuple(form for derivation in trace.derivations for form in forms(derivation))


def _of_network(trace: Trace) -> Chains:
    if trace.problem.notation.style != "matrix":
        return _by_name(trace)
    matrices = Matrices(trace)
    return lambda phase, epoch: matrices.views(phase, epoch) if trace.select(phase, epoch) else ()


def _of_function(trace: Trace) -> Chains:
    return _plain(trace, lambda view: view.name in PLAIN)


def _of_gradient(trace: Trace) -> Chains:
    """A function of several variables: as one of one variable, and its partials bear the point they are taken at."""
    return _plain(trace, lambda view: view.name in PLAIN or view.name.endswith("_moved") or view.working.phase == "backward")


def _of_chain(trace: Trace) -> Chains:
    """A derivative whose symbol says where it is taken does not say its formula again, but where it is the product of the links."""
    total = partial_name(trace.problem.last, trace.problem.variable)
    return _plain(trace, lambda view: view.working.phase == "check" or view.working.phase == "backward" and view.name != total)


def _plain(trace: Trace, is_plain: Callable[[View], bool]) -> Chains:
    """The forms of every derivation, and the workings, without their formula where `is_plain` says so and numbers are put into it."""
    def shown(view: View) -> View:
        return without_formula(view) if is_plain(view) else view

    return lambda phase, epoch: _forms(trace) if phase == "derivation" else tuple(map(shown, scalar_views(trace, phase, epoch)))


def _of_derivation(trace: Trace) -> Chains:
    [derivation] = trace.derivations
    goals = forms(derivation, has_goal=len(derivation.steps) > 2)
    return lambda phase, epoch: goals if phase == "derivation" else scalar_views(trace, phase, epoch)


def is_aside(name: str) -> bool:
    """Of gradient descent: a single case of the rule, which belongs to no iteration."""
    return name.startswith("case_")


def _of_descent(trace: Trace) -> Chains:
    chains = _plain(trace, lambda view: False)
    return lambda phase, epoch: tuple(view for view in chains(phase, epoch) if phase == "derivation" or not is_aside(view.name))


CHAINS: dict[str, Callable[[Trace], Chains]] = {"network": _of_network, "formulas": _by_name, "function": _of_function, "gradient": _of_gradient,
                                                "chain": _of_chain, "derivation": _of_derivation, "descent": _of_descent}

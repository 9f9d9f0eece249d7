"""Which chains of lines stand for a phase of a solution, by family: one weight at a time, in matrices, as the forms of a derivation.

    chains = chains_of(trace);   chains("forward", 1)       the views of the first forward pass
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from .matrices import Matrices
from .trace import Trace
from .views import View, forms, scalar_views

Chains = Callable[[str, int], tuple[View, ...]]      # of a phase of an epoch

# of a function: their left side is their formula, or a name with a number in brackets, which says where the numbers go
PLAIN = ("value", "slope", "moved", "moved_value", "gap")


def chains_of(trace: Trace) -> Chains:
    """The views of each phase in the notation of the problem; built once, however often they are asked for."""
    return cache(CHAINS[trace.problem.family](trace))


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
    return lambda phase, epoch: _forms(trace) if phase == "derivation" else tuple(
        replace(view, lines=view.lines[1:]) if view.name in PLAIN and len(view.lines) > 1 else view for view in scalar_views(trace, phase, epoch))


def _of_derivation(trace: Trace) -> Chains:
    [derivation] = trace.derivations
    return lambda phase, epoch: forms(derivation, has_goal=len(derivation.steps) > 2) if phase == "derivation" else ()


def is_aside(name: str) -> bool:
    """Of gradient descent: a single case of the rule, or the end of the long run; neither belongs to an iteration."""
    return name.startswith("case_") or "__" in name


def _of_descent(trace: Trace) -> Chains:
    return lambda phase, epoch: _forms(trace) if phase == "derivation" else tuple(
        view for view in scalar_views(trace, phase, epoch) if not is_aside(view.name))


CHAINS: dict[str, Callable[[Trace], Chains]] = {"network": _of_network, "formulas": _by_name, "function": _of_function,
                                                "derivation": _of_derivation, "descent": _of_descent}

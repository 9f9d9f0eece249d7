"""Which chains of lines stand for a phase of a solution, by family: one weight at a time, in matrices, as a function's values.

    chains = chains_of(trace);   chains("forward", 1)       the views of the first forward pass
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from .backward import partial_name
from .matrices import Matrices
from .trace import Trace
from .views import View, scalar_views

Chains = Callable[[str, int], tuple[View, ...]]      # of a phase of an epoch

# of a function: their left side is their formula, or a name with a number in brackets, which says where the numbers go
PLAIN = ("value", "slope", "moved", "moved_value", "gap")


def chains_of(trace: Trace) -> Chains:
    """The views of each phase in the notation of the problem; built once, however often they are asked for."""
    return cache(CHAINS[trace.problem.family](trace))


def _by_name(trace: Trace) -> Chains:
    return lambda phase, epoch: scalar_views(trace, phase, epoch)


def _of_network(trace: Trace) -> Chains:
    return Matrices(trace).views if trace.problem.notation.style == "matrix" else _by_name(trace)


def _of_function(trace: Trace) -> Chains:
    return lambda phase, epoch: tuple(
        replace(view, lines=view.lines[1:]) if view.name in PLAIN and len(view.lines) > 1 else view for view in scalar_views(trace, phase, epoch))


def _of_gradient(trace: Trace) -> Chains:
    """A function of several variables: as one of one variable, and its partials bear the point they are taken at."""
    def is_plain(view: View) -> bool:
        return view.name in PLAIN or view.name.endswith("_moved") or view.working.phase == "backward"

    return lambda phase, epoch: tuple(replace(view, lines=view.lines[1:]) if len(view.lines) > 1 and is_plain(view) else view
                                      for view in scalar_views(trace, phase, epoch))


def _of_chain(trace: Trace) -> Chains:
    """A derivative whose symbol says where it is taken does not say its formula again; the whole is the product of the links."""
    total = trace.problem.last, trace.problem.variable

    def chains(phase: str, epoch: int) -> tuple[View, ...]:
        return tuple(replace(view, lines=view.lines[1:]) if len(view.lines) > 1 and (phase == "check" or phase == "backward" and view.name != partial_name(*total))
                     else view for view in scalar_views(trace, phase, epoch))

    return chains


CHAINS: dict[str, Callable[[Trace], Chains]] = {"network": _of_network, "formulas": _by_name, "function": _of_function, "gradient": _of_gradient, "chain": _of_chain,
                                              "derivation": _by_name}

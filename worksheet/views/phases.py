"""Which chains of lines stand for a phase of a solution, by family: one weight at a time, in
matrices, as the forms of a derivation.

chains = chains_of(trace);   chains("forward", 1)       the views of the first forward pass
"""

from __future__ import annotations

from collections.abc import Callable

from ..family import family_of
from ..trace.trace import Trace
from .views import View, forms, scalar_views, without_formula

Chains = Callable[[str, int], tuple[View, ...]]  # of a phase of an epoch


def chains_of(trace: Trace) -> Chains:
    """The views of each phase in the notation of the problem; each built once for a trace, however
    often they are asked for."""
    made, held = (
        family_of(trace.problem).chains(trace) or by_name(trace),
        trace.kept,
    )  # the views, but nothing that holds the trace: it goes when it is let go

    def chains(phase: str, epoch: int) -> tuple[View, ...]:
        if (phase, epoch) not in held:
            held[phase, epoch] = made(phase, epoch)
        return held[phase, epoch]

    return chains


def by_name(trace: Trace) -> Chains:
    """The chains of a phase in scalar notation, one a working."""
    return lambda phase, epoch: scalar_views(trace, phase, epoch)


def _forms(trace: Trace) -> tuple[View, ...]:
    """The forms of every derivation, one after the other."""
    return tuple(form for derivation in trace.derivations for form in forms(derivation))


def plain(trace: Trace, is_plain: Callable[[View], bool]) -> Chains:
    """The forms of every derivation, and the workings, without their formula where `is_plain` says
    so and numbers are put into it."""

    def shown(view: View) -> View:
        return without_formula(view) if is_plain(view) else view

    return lambda phase, epoch: (
        _forms(trace)
        if phase == "derivation"
        else tuple(map(shown, scalar_views(trace, phase, epoch)))
    )


def is_aside(name: str) -> bool:
    """Of gradient descent: a single case of the rule, which belongs to no iteration."""
    return name.startswith("case_")

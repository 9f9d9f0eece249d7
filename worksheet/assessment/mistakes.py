"""Named mistakes, and what a student who makes one of them writes.

    the derivative of the activation forgotten:   dL/dz_h = dL/da_h * da_h/dz_h   becomes   dL/dz_h = dL/da_h

A mistake rewrites the formula of one quantity on the way to another; what follows from it is worked
out again (`trace/replacement.py`). What they are in words stands in
`templates/parts/mistakes.md.j2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..algebra.expression import Apply, Expr, Literal, Name, apply, lift, substitute
from ..algebra.laws import ACTIVATIONS, exp, total
from ..problem import Layer
from ..tex.notation import GRADIENT
from ..trace.backward import partial_name
from ..trace.replacement import reworked, way_to
from ..trace.trace import Link, Trace, Working

FORWARD = ("forward", "check")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`rewrite(working, trace)`: the formula of a quantity with the mistake in it, None where it
    cannot be made there."""

    name: str
    rewrite: Callable[[Working, Trace], Expr | None]


class Wrong(NamedTuple):
    """A wrong answer as it is written: which mistake, and in the formula of which quantity it was
    made."""

    mistake: str
    at: Working
    shown: str


def wrong_answers(trace: Trace, asked: Working) -> Iterator[Wrong]:
    """What each mistake on the way to a quantity leads to, those in its own formula first; what has
    no finite value is left out."""
    needed = way_to(trace, asked)
    for place in reversed(needed):
        for mistake in MISTAKES.values():
            at = trace.workings[place]
            formula = mistake.rewrite(at, trace)
            if (
                formula is not None
                and formula != at.formula
                and (shown := reworked(trace, asked, place, formula, needed))
            ):
                yield Wrong(mistake.name, at, shown)


# ---- the mistakes -------------------------------------------------------------------------------


def _activation_forgotten(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return formula.args[0] if isinstance(formula, Apply) and formula.op in ACTIVATIONS else None


def _sign_of_exponent(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return (
        1 / (1 + exp(formula.args[0]))
        if isinstance(formula, Apply) and formula.op == "sigmoid"
        else None
    )


def _bias_dropped(working: Working, trace: Trace) -> Expr | None:
    formula, biases = (
        working.formula,
        {name for layer in _layers(trace) for unit in layer.units for name in unit.bias},
    )
    if working.phase not in FORWARD or not isinstance(formula, Apply) or formula.op != "sum":
        return None
    kept = [arg for arg in formula.args if not (isinstance(arg, Name) and arg.name in biases)]
    return total(kept) if kept else None


def _derivative_taken(working: Working, trace: Trace) -> Expr | None:
    """sigma(z) becomes sigma(z) (1 - sigma(z)), tanh(z) becomes 1 - tanh(z)^2."""
    formula = working.formula
    if (
        working.phase not in FORWARD
        or not isinstance(formula, Apply)
        or formula.op not in ("sigmoid", "tanh")
    ):
        return None
    return formula * (1 - formula) if formula.op == "sigmoid" else 1 - formula**2


def _added(working: Working, trace: Trace) -> Expr | None:
    """w x + ... becomes w + x + ..."""
    return _with_product(working, lambda product: Apply("sum", product.args))


def _sign_lost(working: Working, trace: Trace) -> Expr | None:
    """-0.3 * 2 becomes 0.3 * 2, in the first product where a given number is negative."""
    negative = {
        name for name, event in trace.givens.items() if trace.events[event].exact < 0
    } - trace.uses[working.key].keys()

    def rewrite(product: Apply) -> Expr | None:
        lost = next((arg for arg in product.args if arg.name in negative), None)
        return lost and Apply(
            "product", tuple(-arg if arg == lost else arg for arg in product.args)
        )

    return _with_product(working, rewrite)


def _with_product(working: Working, rewrite: Callable[[Apply], Expr | None]) -> Expr | None:
    """A weighted sum of the forward pass with one product of two names rewritten, the first that
    can be."""
    formula = working.formula
    if working.phase not in FORWARD or working.layer is None or not isinstance(formula, Apply):
        return None
    terms = formula.args if formula.op == "sum" else (formula,)
    for place, term in enumerate(terms):
        if (
            isinstance(term, Apply)
            and term.op == "product"
            and len(term.args) == 2
            and all(isinstance(arg, Name) for arg in term.args)
            and (made := rewrite(term)) is not None
        ):
            return total([*terms[:place], made, *terms[place + 1 :]])
    return None


def _common_logarithm(working: Working, trace: Trace) -> Expr | None:
    return _with_op(working.formula, "ln", "log10")


def _loss_sign(working: Working, trace: Trace) -> Expr | None:
    is_of_loss = (
        working.pair
        or working.links
        and not any(link.upstream for link in working.links)
        and working.links[0].through == _loss(trace)
    )
    return -working.formula if working.phase == "backward" and is_of_loss else None


def _power_not_brought_down(working: Working, trace: Trace) -> Expr | None:
    """-2 (y - y_hat) becomes -(y - y_hat)."""
    formula = working.formula
    is_twofold = (
        working.phase == "backward"
        and isinstance(formula, Apply)
        and formula.op == "product"
        and formula.args[0] in (lift(2), lift(-2))
    )
    if not is_twofold:
        return None
    rest = formula.args[1] if len(formula.args) == 2 else Apply("product", formula.args[1:])
    return rest if formula.args[0] == lift(2) else -rest


def _local_forgotten(kind: str) -> Callable[[Working, Trace], Expr | None]:
    """dL/dw = dL/dz * x becomes dL/dz; dL/da = dL/dz * w becomes dL/dz; dL/dz = dL/da * da/dz
    becomes dL/da."""

    def rewrite(working: Working, trace: Trace) -> Expr | None:
        link = _only_link(working)
        if (
            not link
            or isinstance(link.local, Literal)
            or _kind(link, working, trace) != kind
            or not (link.upstream or kind == "activation")
        ):
            return None
        return _upstream(link)

    return rewrite


def _kind(link: Link, working: Working, trace: Trace) -> str:
    """What the local derivative of a path is: that of an `activation`, the `input` of a weight, a
    `weight`; else a `local` derivative."""
    by, parameters = _by(working), trace.problem.parameters
    if _is_activation(link, working, trace):
        return "activation"
    if isinstance(link.local, Name) and not link.has_working:
        return (
            "input" if by in parameters else "weight" if link.local.name in parameters else "local"
        )
    return "local"


def _at_pre_activation(working: Working, trace: Trace) -> Expr | None:
    """a (1 - a) becomes z (1 - z), 1 - a^2 becomes 1 - z^2."""
    a, z = _of_activation(working, trace)
    return substitute(working.formula, lambda name: Name(z) if name == a else None) if z else None


def _one_minus_forgotten(working: Working, trace: Trace) -> Expr | None:
    """a (1 - a) becomes a, 1 - a^2 becomes a^2."""
    a, z = _of_activation(working, trace)
    if not z:
        return None
    return (
        Name(a) if trace.get(a, working.epoch, "forward").formula.op == "sigmoid" else Name(a) ** 2
    )


def _new_weight_used(working: Working, trace: Trace) -> Expr | None:
    """dL/da = dL/dz * w becomes dL/dz * (w - alpha dL/dw), with the weight that was updated
    already."""
    link = _only_link(working)
    if (
        not link
        or _kind(link, working, trace) != "weight"
        or not trace.select("update", working.epoch)
    ):
        return None
    weight, slope = link.local.name, partial_name(_loss(trace), link.local.name)
    names = [each.name for each in trace.select("backward", working.epoch)]
    if slope not in names or names.index(slope) > names.index(
        working.name
    ):  # its gradient is not known yet
        return None
    return Name(link.upstream) * (
        Name(weight) - Name(trace.problem.notation.learning_rate) * Name(slope)
    )


def _one_path_only(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return (
        formula.args[0]
        if len(working.links) > 1 and isinstance(formula, Apply) and formula.op == "sum"
        else None
    )


def _update_sign(working: Working, trace: Trace) -> Expr | None:
    step = _step(working)
    return working.formula.args[0] + step if step is not None else None


def _rate_forgotten(working: Working, trace: Trace) -> Expr | None:
    step = _step(working)
    return (
        working.formula.args[0] - step.args[1]
        if isinstance(step, Apply) and step.op == "product" and len(step.args) == 2
        else None
    )


def _row_for_column(working: Working, trace: Trace) -> Expr | None:
    return _turned(working, trace) if working.phase in FORWARD else None


def _transpose_forgotten(working: Working, trace: Trace) -> Expr | None:
    """dL/da = W dL/dz instead of W^T dL/dz; dL/dW turned: dL/dw_12 instead of dL/dw_21."""
    by = _by(working)
    if working.phase != "backward" or not by:
        return None
    for layer in _layers(trace):
        if (other := _mirrored(layer).get(by)) and (
            twin := trace.get(partial_name(_loss(trace), other), working.epoch, "backward")
        ):
            return twin.formula
    return _turned(working, trace) if by not in trace.givens else None


MISTAKES: dict[str, Mistake] = {
    mistake.name: mistake
    for mistake in (
        Mistake("update-sign", _update_sign),
        Mistake("rate-forgotten", _rate_forgotten),
        Mistake("activation-derivative-forgotten", _local_forgotten("activation")),
        Mistake("input-forgotten", _local_forgotten("input")),
        Mistake("transpose-forgotten", _transpose_forgotten),
        Mistake("weight-forgotten", _local_forgotten("weight")),
        Mistake("local-derivative-forgotten", _local_forgotten("local")),
        Mistake("one-path-only", _one_path_only),
        Mistake("power-not-brought-down", _power_not_brought_down),
        Mistake("loss-sign", _loss_sign),
        Mistake("common-logarithm", _common_logarithm),
        Mistake("activation-forgotten", _activation_forgotten),
        Mistake("exponent-sign", _sign_of_exponent),
        Mistake("bias-dropped", _bias_dropped),
        Mistake("row-for-column", _row_for_column),
        Mistake("derivative-taken", _derivative_taken),
        Mistake("sign-lost", _sign_lost),
        Mistake("added-not-multiplied", _added),
        Mistake("derivative-at-pre-activation", _at_pre_activation),
        Mistake("one-minus-forgotten", _one_minus_forgotten),
        Mistake("new-weight-used", _new_weight_used),
    )
}


# ---- what the mistakes look at ------------------------------------------------------------------


def _layers(trace: Trace) -> tuple[Layer, ...]:
    return trace.problem.layers


def _loss(trace: Trace) -> str:
    return trace.problem.loss_name


def _by(working: Working) -> str:
    """What a gradient is taken by; empty for what is none."""
    found = GRADIENT.fullmatch(working.name)
    return found[2] if found else ""


def _only_link(working: Working) -> Link | None:
    """The one path of a gradient that the chain rule made; a famous short form has no local
    derivative to forget."""
    return (
        working.links[0]
        if working.phase == "backward" and len(working.links) == 1 and not working.pair
        else None
    )


def _upstream(link: Link) -> Expr:
    return Name(link.upstream) if link.upstream else lift(1)


def _is_activation(link: Link, working: Working, trace: Trace) -> bool:
    """Whether a path goes from the pre-activation to the output of an activation, and nothing else."""
    through = trace.get(link.through, working.epoch, "forward")
    is_output = any(
        unit.a == link.through and unit.z == _by(working) and layer.activation != "identity"
        for layer in _layers(trace)
        for unit in layer.units
    )
    return (
        is_output
        or through is not None
        and isinstance(through.formula, Apply)
        and through.formula.op in ACTIVATIONS
        and (through.formula.args[:1] == (Name(_by(working)),))
    )


def _of_activation(working: Working, trace: Trace) -> tuple[str, str]:
    """The a and z of a working da/dz of sigmoid or tanh in its taught form; empty for another."""
    for unit in (
        unit
        for layer in _layers(trace)
        if layer.activation in ("sigmoid", "tanh")
        for unit in layer.units
    ):
        if working.phase == "backward" and working.name == partial_name(unit.a, unit.z):
            return unit.a, unit.z
    return "", ""


def _step(working: Working) -> Expr | None:
    """alpha dL/dw in w - alpha dL/dw."""
    formula = working.formula
    if (
        working.phase != "update"
        or not isinstance(formula, Apply)
        or formula.op != "sum"
        or len(formula.args) != 2
    ):
        return None
    taken = formula.args[1]
    return taken.args[0] if isinstance(taken, Apply) and taken.op == "neg" else None


def _with_op(expr: Expr, old: str, new: str) -> Expr:
    if not isinstance(expr, Apply):
        return expr
    return apply(
        new if expr.op == old else expr.op, *[_with_op(arg, old, new) for arg in expr.args]
    )


def _mirrored(layer: Layer) -> dict[str, str]:
    """Each weight of a layer, and the one across the diagonal of its matrix, where there is one."""
    rows = [list(unit.weights) for unit in layer.units]
    return {
        name: rows[j][i]
        for i, row in enumerate(rows)
        for j, name in enumerate(row)
        if i != j and j < len(rows) and i < len(rows[j])
    }


def _turned(working: Working, trace: Trace) -> Expr | None:
    """The formula with the weights of a square matrix across its diagonal; as it is where there is
    none."""
    formula = working.formula
    for layer in _layers(trace):
        if len(layer.units) > 1 and all(
            len(unit.weights) == len(layer.units) for unit in layer.units
        ):
            across = {name: Name(other) for name, other in _mirrored(layer).items()}
            formula = substitute(formula, across.get)
    return formula

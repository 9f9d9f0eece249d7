"""Named mistakes, and what a student who makes one of them writes.

    the derivative of the activation forgotten:   dL/dz_h = dL/da_h * da_h/dz_h   becomes   dL/dz_h = dL/da_h

A mistake rewrites the formula of one quantity on the way to another; what follows from it is worked out again (`rework.py`).
What they are in words stands in `templates/parts/mistakes.md.j2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .backward import partial_name
from .expression import Apply, Expr, Literal, Name, apply, lift, substitute
from .laws import ACTIVATIONS, exp, total
from .notation import GRADIENT
from .problem import Layer
from .rework import reworked, way_to
from .trace import Link, Trace, Working

FORWARD = ("forward", "check")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`rewrite(working, trace)`: the formula of a quantity with the mistake in it, None where it cannot be made there."""

    name: str
    rewrite: Callable[[Working, Trace], Expr | None]


class Wrong(NamedTuple):
    """A wrong answer as it is written: which mistake, and in the formula of which quantity it was made."""

    mistake: str
    at: Working
    shown: str


def wrong_answers(trace: Trace, asked: Working) -> Iterator[Wrong]:
    """What each mistake on the way to a quantity leads to, those in its own formula first; what has no finite value is left out."""
    needed = way_to(trace, asked)
    for place in reversed(needed):
        for mistake in MISTAKES.values():
            at = trace.workings[place]
            formula = mistake.rewrite(at, trace)
            if formula is not None and formula != at.formula and (shown := reworked(trace, asked, place, formula, needed)):
                yield Wrong(mistake.name, at, shown)


# ---- the mistakes -------------------------------------------------------------------------------

def _activation_forgotten(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return formula.args[0] if isinstance(formula, Apply) and formula.op in ACTIVATIONS else None


def _sign_of_exponent(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return 1 / (1 + exp(formula.args[0])) if isinstance(formula, Apply) and formula.op == "sigmoid" else None


def _bias_dropped(working: Working, trace: Trace) -> Expr | None:
    formula, biases = working.formula, {name for layer in _layers(trace) for unit in layer.units for name in unit.bias}
    if working.phase not in FORWARD or not isinstance(formula, Apply) or formula.op != "sum":
        return None
    kept = [arg for arg in formula.args if not (isinstance(arg, Name) and arg.name in biases)]
    return total(kept) if kept else None


def _common_logarithm(working: Working, trace: Trace) -> Expr | None:
    return _with_op(working.formula, "ln", "log10")


def _loss_sign(working: Working, trace: Trace) -> Expr | None:
    is_of_loss = working.pair or working.links and not any(link.upstream for link in working.links) and working.links[0].through == _loss(trace)
    return -working.formula if working.phase == "backward" and is_of_loss else None


def _power_not_brought_down(working: Working, trace: Trace) -> Expr | None:
    """-2 (y - y_hat) becomes -(y - y_hat)."""
    formula = working.formula
    is_twofold = working.phase == "backward" and isinstance(formula, Apply) and formula.op == "product" and formula.args[0] in (lift(2), lift(-2))
    if not is_twofold:
        return None
    rest = formula.args[1] if len(formula.args) == 2 else Apply("product", formula.args[1:])
    return rest if formula.args[0] == lift(2) else -rest


def _activation_derivative_forgotten(working: Working, trace: Trace) -> Expr | None:
    link = _only_link(working)
    return _upstream(link) if link and _is_activation(link, working, trace) else None


def _local_forgotten(is_parameter: bool) -> Callable[[Working, Trace], Expr | None]:
    """dL/dw = dL/dz * x becomes dL/dz; for a quantity, dL/da = dL/dz * w becomes dL/dz."""
    def rewrite(working: Working, trace: Trace) -> Expr | None:
        link = _only_link(working)
        if not link or not link.upstream or isinstance(link.local, Literal) or _is_activation(link, working, trace):
            return None
        return _upstream(link) if (_by(working) in trace.givens) is is_parameter else None
    return rewrite


def _one_path_only(working: Working, trace: Trace) -> Expr | None:
    formula = working.formula
    return formula.args[0] if len(working.links) > 1 and isinstance(formula, Apply) and formula.op == "sum" else None


def _update_sign(working: Working, trace: Trace) -> Expr | None:
    step = _step(working)
    return working.formula.args[0] + step if step is not None else None


def _rate_forgotten(working: Working, trace: Trace) -> Expr | None:
    step = _step(working)
    return working.formula.args[0] - step.args[1] if isinstance(step, Apply) and step.op == "product" and len(step.args) == 2 else None


def _row_for_column(working: Working, trace: Trace) -> Expr | None:
    return _turned(working, trace) if working.phase in FORWARD else None


def _transpose_forgotten(working: Working, trace: Trace) -> Expr | None:
    """dL/da = W dL/dz instead of W^T dL/dz; dL/dW turned: dL/dw_12 instead of dL/dw_21."""
    by = _by(working)
    if working.phase != "backward" or not by:
        return None
    for layer in _layers(trace):
        if (other := _mirrored(layer).get(by)) and (twin := trace.get(partial_name(_loss(trace), other), working.epoch, "backward")):
            return twin.formula
    return _turned(working, trace) if by not in trace.givens else None


MISTAKES: dict[str, Mistake] = {mistake.name: mistake for mistake in (
    Mistake("update-sign", _update_sign),
    Mistake("rate-forgotten", _rate_forgotten),
    Mistake("activation-derivative-forgotten", _activation_derivative_forgotten),
    Mistake("input-forgotten", _local_forgotten(is_parameter=True)),
    Mistake("transpose-forgotten", _transpose_forgotten),
    Mistake("weight-forgotten", _local_forgotten(is_parameter=False)),
    Mistake("one-path-only", _one_path_only),
    Mistake("power-not-brought-down", _power_not_brought_down),
    Mistake("loss-sign", _loss_sign),
    Mistake("common-logarithm", _common_logarithm),
    Mistake("activation-forgotten", _activation_forgotten),
    Mistake("exponent-sign", _sign_of_exponent),
    Mistake("bias-dropped", _bias_dropped),
    Mistake("row-for-column", _row_for_column),
)}


# ---- what the mistakes look at ------------------------------------------------------------------

def _layers(trace: Trace) -> tuple[Layer, ...]:
    return trace.problem.network.layers if trace.problem.family == "network" else ()


def _loss(trace: Trace) -> str:
    return trace.problem.loss_name


def _by(working: Working) -> str:
    """What a gradient is taken by; empty for what is none."""
    found = GRADIENT.fullmatch(working.name)
    return found[2] if found else ""


def _only_link(working: Working) -> Link | None:
    """The one path of a gradient that the chain rule made; a famous short form has no local derivative to forget."""
    return working.links[0] if working.phase == "backward" and len(working.links) == 1 and not working.pair else None


def _upstream(link: Link) -> Expr:
    return Name(link.upstream) if link.upstream else lift(1)


def _is_activation(link: Link, working: Working, trace: Trace) -> bool:
    """Whether a path goes through the output of an activation."""
    through = trace.get(link.through, working.epoch, "forward")
    is_output = any(unit.a == link.through and layer.activation != "identity" for layer in _layers(trace) for unit in layer.units)
    return is_output or through is not None and isinstance(through.formula, Apply) and through.formula.op in ACTIVATIONS


def _step(working: Working) -> Expr | None:
    """alpha dL/dw in w - alpha dL/dw."""
    formula = working.formula
    if working.phase != "update" or not isinstance(formula, Apply) or formula.op != "sum" or len(formula.args) != 2:
        return None
    taken = formula.args[1]
    return taken.args[0] if isinstance(taken, Apply) and taken.op == "neg" else None


def _with_op(expr: Expr, old: str, new: str) -> Expr:
    if not isinstance(expr, Apply):
        return expr
    return apply(new if expr.op == old else expr.op, *[_with_op(arg, old, new) for arg in expr.args])


def _mirrored(layer: Layer) -> dict[str, str]:
    """Each weight of a layer, and the one across the diagonal of its matrix, where there is one."""
    rows = [list(unit.weights) for unit in layer.units]
    return {name: rows[j][i] for i, row in enumerate(rows) for j, name in enumerate(row) if i != j and j < len(rows) and i < len(rows[j])}


def _turned(working: Working, trace: Trace) -> Expr | None:
    """The formula with the weights of a square matrix across its diagonal; as it is where there is none."""
    formula = working.formula
    for layer in _layers(trace):
        if len(layer.units) > 1 and all(len(unit.weights) == len(layer.units) for unit in layer.units):
            across = _mirrored(layer)
            formula = substitute(formula, lambda name: Name(across[name]) if name in across else None)
    return formula

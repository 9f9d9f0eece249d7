"""A graph of formulas as an author writes it: the model of the spec, what is wrong with one, the
problem it becomes.

formulas: [h = x*w_1, y_hat = h*w_2, L = (y - y_hat)^2/2]
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...algebra import parser as formulas
from ...algebra.expression import Expr, names
from ...errors import FormulaError
from ...spec.circuit import check_circuit
from ...spec.faults import Faults, did_you_mean
from ...spec.long_runs import check_goes_on, check_long_run, led
from ...spec.models import (
    CIRCUIT,
    NUDGE,
    Circuit,
    Descended,
    Name,
    Named,
    Nudge,
    Positive,
    Text,
    circuit_of,
    whole,
)
from ...spec.names import Names, check_nudge
from ...spec.yaml_reader import Node, clipped
from .problem import FormulasProblem

MOST = 40  # formulas, and givens


class FormulasSpec(Descended):
    """A graph of formulas: what is given, what follows from it, and what gradient descent may move."""

    formulas: Annotated[list[Text], Field(min_length=1, max_length=MOST)] = Field(
        description="each a name, =, and an expression of givens and of names above it; the last one is made small",
        examples=[["h = x*w_1", "y_hat = h*w_2", "L = (y - y_hat)^2/2"]],
    )
    given: Annotated[Named, Field(max_length=MOST)] = Field(
        description="the numbers that are given, by name", examples=[{"x": 2, "w_1": 0.5}]
    )
    train: Annotated[list[Name], Field(min_length=1)] = Field(
        description="the givens whose gradients are wanted, and which gradient descent moves",
        examples=[["w_1"]],
    )
    learning_rate: Positive = Field(
        None, description="the learning rate; left out, there are gradients and no update"
    )
    epochs: whole(1, 50) = Field(1, description="updates worked on the page")
    nudge: Nudge = Field(default_factory=dict, description=NUDGE)
    circuit: Circuit = Field(False, description=CIRCUIT)
    long_run: whole(0, 10_000) = Field(
        1000, description="epochs of the long loss curve; 0 for none"
    )


def build(spec: FormulasSpec) -> FormulasProblem:
    """The problem of a spec without faults: its formulas as name -> text, in their order."""
    return FormulasProblem(
        **spec.frame(),
        formulas=formulas.texts_of(spec.formulas),
        given=spec.given,
        train=tuple(spec.train),
        learning_rate=spec.learning_rate,
        epochs=spec.epochs,
        nudge=spec.nudge,
        long_run=spec.long_run,
        circuit=circuit_of(spec.circuit),
        **led(spec, spec.train),
    )


# ---- what is wrong with a spec ------------------------------------------------------------------


def check(root: Node, spec: FormulasSpec | None, faults: Faults) -> None:
    """Every formula can be read and uses what is known; nothing is left over; what is trained
    reaches the last."""
    known, given, train = Names(faults), root.get("given"), root.get("train")
    known.mapping(given)
    held = list(given.value) if given and isinstance(given.value, dict) else []
    defined: dict[str, Expr] = {}
    listed = root.get("formulas").entries()
    unread: list[str] = []  # what has a name all the same
    for node in listed:
        if isinstance(node.value, str) and (formula := _read(node, faults)):
            _check_uses(node, formula[1], [*held, *defined, *unread], faults)
            if known.check_text(formula[0], node.line, node.path):
                known.take(formula[0], node.line, node.path)
            defined[formula[0]] = formula[1]
        elif isinstance(node.value, str):
            unread.append(node.value.partition("=")[0].strip())
    if defined and len(defined) == len(listed):
        _check_ends(root, held, defined, faults)
    trained = [node for node in (train.entries() if train else ()) if isinstance(node.value, str)]
    for place, node in enumerate(trained):
        if node.value not in held:
            faults.add(
                node.line,
                node.path,
                f"'{clipped(node.value)}' is not among the givens",
                did_you_mean(node.value, held),
            )
        elif node.value in [other.value for other in trained[:place]]:
            faults.add(node.line, node.path, f"'{node.value}' stands here twice", "name each once")
    check_goes_on(root, faults, can_lack_rate=True)
    if spec and not faults:
        problem = build(spec)
        if spec.nudge:
            check_nudge(root, problem, faults)
        check_long_run(root, problem, faults)
        check_circuit(root, problem, faults)


def _read(node: Node, faults: Faults) -> tuple[str, Expr] | None:
    try:
        return formulas.define(node.value)
    except FormulaError as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)
    return None


def _check_uses(node: Node, expr: Expr, known: list[str], faults: Faults) -> None:
    for name in names(expr):
        if name not in known:
            faults.add(
                node.line,
                node.path,
                f"'{name}' is not known here",
                did_you_mean(name, known) + "; a formula uses "
                "givens and the names of formulas above it",
            )


def _check_ends(root: Node, held: list[str], defined: dict[str, Expr], faults: Faults) -> None:
    """Whatever is given or worked out leads to the last formula; `train` has something to move."""
    *_, last = defined
    reached, used = {last}, set()
    for name, expr in reversed(defined.items()):
        used |= set(names(expr))
        if name in reached:
            reached |= set(names(expr))
    for node, name in zip(root.get("formulas").entries(), defined):
        if name not in reached:
            faults.add(
                node.line,
                node.path,
                f"'{name}' does not lead to '{last}', the last formula",
                "leave it out, or use it below",
            )
    given = root.get("given")
    for name in held:
        if name not in used:
            faults.add(
                given.keys.get(name, given.line),
                given.path,
                f"'{name}' is not used by any formula",
                "leave it out",
            )
    for node in root.get("train").entries() if root.get("train") else ():
        if isinstance(node.value, str) and node.value in used - reached:
            faults.add(
                node.line, node.path, f"'{last}' does not depend on '{node.value}'", "leave it out"
            )


SPEC = FormulasSpec

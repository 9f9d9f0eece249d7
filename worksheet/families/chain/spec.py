"""A chain of functions as an author writes it: the model of the spec, what is wrong with one, the
problem it becomes.

chain: [y = 2*x + 3, z = y^2]
at: {x: 2}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...algebra import parser as formulas
from ...algebra.expression import Expr, names, substitute
from ...algebra.parameters import with_numbers
from ...errors import FormulaError, SolveError
from ...numbers.number import Number
from ...spec.circuit import check_circuit
from ...spec.faults import Faults
from ...spec.models import CIRCUIT, Circuit, Frame, Named, Text, circuit_of
from ...spec.names import Names
from ...spec.yaml_reader import Node, clipped
from ...trace.derivative_steps import derivative_steps
from .problem import ChainProblem

MOST = 5  # links


class ChainSpec(Frame):
    """A chain of functions, each of the one before it: the chain rule, link by link and with
    everything put in first."""

    chain: Annotated[list[Text], Field(min_length=2, max_length=MOST)] = Field(
        description="each a name, =, and an expression of the name before it; the first is of a name of its own",
        examples=[["y = 2*x + 3", "z = y^2"]],
    )
    given: Annotated[Named, Field(max_length=12)] = Field(
        default_factory=dict,
        description="numbers for other names in the expressions, printed in their place",
        examples=[{"a": 2, "b": 3}],
    )
    at: Annotated[Named, Field(max_length=1)] = Field(
        default_factory=dict,
        description="the point where the derivative is taken; left out, there are formulas only",
        examples=[{"x": 2}],
    )
    circuit: Circuit = Field(False, description=CIRCUIT)


def build(spec: ChainSpec) -> ChainProblem:
    """The problem of a spec without faults; the variable is the name in the first link that is not
    given."""
    links = formulas.texts_of(spec.chain)
    [variable] = [
        name for name in names(formulas.define(spec.chain[0])[1]) if name not in spec.given
    ]
    return ChainProblem(
        **spec.frame(),
        variable=variable,
        links=links,
        given=spec.given,
        at=spec.at,
        circuit=circuit_of(spec.circuit),
    )


def check(root: Node, spec: ChainSpec | None, faults: Faults) -> None:
    """Every link can be read and is of the one before it, and of what is given, alone; the rules
    give every derivative."""
    known, given, used = Names(faults), root.get("given"), set()
    known.mapping(given)
    held = (
        {key: each.value for key, each in given.value.items()}
        if given and isinstance(given.value, dict)
        else {}
    )
    if not all(isinstance(number, Number) for number in held.values()):
        return
    before, whole = "", None
    for node in root.get("chain").entries():
        if not isinstance(node.value, str):
            return
        try:
            name, expr = formulas.define(node.value)
            used |= set(names(expr))
            expr = with_numbers(expr, held)
            if not _is_of_one(node, expr, before, faults):
                return
            if not before:
                before = names(expr)[0]
                _take(known, before, node)
            _take(known, name, node)
            derivative_steps(expr, before)
        except (FormulaError, SolveError) as fault:
            faults.add(node.line, node.path, fault.message, fault.hint)
            return
        whole = expr if whole is None else substitute(expr, {before: whole}.get)
        before = name
    for name in held:
        if name not in used:
            faults.add(
                given.keys[name], given.path, f"'{name}' is not used by any link", "leave it out"
            )
    _check_whole(root, whole, faults)
    if spec and not faults:
        check_circuit(root, build(spec), faults)


def _is_of_one(node: Node, expr: Expr, before: str, faults: Faults) -> bool:
    """A link uses the name before it and no other."""
    found = names(expr)
    if len(found) == 1 and (not before or found[0] == before):
        return True
    others = [name for name in found if name != before]
    if before and others:
        faults.add(
            node.line,
            node.path,
            f"'{clipped(others[0])}' is not the link before this one",
            f"a link is a formula of {before} alone; other names need a number: given: {{{others[0]}: 2}}",
        )
    else:
        faults.add(
            node.line,
            node.path,
            "a link is a formula of one name"
            if others
            else "this link does not depend on the one before it",
            f"write it with {before or 'x'}, such as {node.value.partition('=')[0].strip()} = {before or 'x'}^2",
        )
    return False


def _take(known: Names, name: str, node: Node) -> None:
    if known.check_text(name, node.line, node.path):
        known.take(name, node.line, node.path)


def _check_whole(root: Node, whole: Expr | None, faults: Faults) -> None:
    """The chain written out is short enough, and the point is of its first name."""
    node, at = root.get("chain"), root.get("at")
    if whole is None:
        return
    variable = names(whole)[0]
    try:
        derivative_steps(whole, variable)
    except SolveError as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)
    for name in at.keys if at and isinstance(at.value, dict) else ():
        if name != variable:
            faults.add(
                at.keys[name],
                at.path,
                f"the chain begins with '{variable}', not with '{clipped(name)}'",
                f"at: {{{variable}: 2}}",
            )


SPEC = ChainSpec

"""Gradient descent as an author writes it: the model of the spec, what is wrong with one, the
problem it becomes.

descent: L(w_1, w_2) = (20 - 2*w_1*w_2)^2/2
start: {w_1: 2, w_2: 0.5}
learning_rate: 0.01
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from ...algebra import parser as formulas
from ...algebra.expression import Expr, names
from ...errors import FormulaError, SolveError
from ...spec.faults import Faults, did_you_mean
from ...spec.long_runs import check_goes_on, check_long_run, led
from ...spec.models import Descended, Named, Part, Positive, Real, Text, UntilPart, whole
from ...spec.names import Names
from ...spec.yaml_reader import Node
from ...trace.derivative_steps import derivative_steps
from .problem import Case, DescentProblem

_DEFINITION = re.compile(r"\s*([A-Za-z])\s*\(([^()]*)\)\s*=(?!=)(.*)", re.DOTALL)
_SHAPE = (
    "a function is a letter, its one or two variables in brackets, =, and an expression",
    "L(w_1, w_2) = (20 - 2*w_1*w_2)^2/2",
)


class CasePart(Part):
    """A single update, to show the rule: a weight and the gradient there."""

    w: Real = Field(description="the weight before the update", examples=[1.0])
    gradient: Real = Field(description="the gradient there", examples=[2.0])
    learning_rate: Positive = Field(
        None, description="the learning rate; left out, that of the problem"
    )


class DescentSpec(Descended):
    """Gradient descent on a function of one or two variables."""

    descent: Text = Field(
        description="L(w) = and an expression of w, or of two variables",
        examples=["L(w) = (w - 3)^2"],
    )
    start: Named = Field(description="where each variable begins", examples=[{"w": 0}])
    learning_rate: Positive = Field(description="the learning rate, greater than 0", examples=[0.1])
    iterations: whole(1, 20) = Field(3, description="updates worked on the page")
    watch: Annotated[list[Text], Field(max_length=3)] = Field(
        default_factory=list,
        description="further quantities to work out at every point",
        examples=[["y_hat = 2*w_1*w_2"]],
    )
    cases: Annotated[list[CasePart], Field(max_length=4)] = Field(
        default_factory=list,
        description="single updates that show the rule, before the function is taken up",
        examples=[[{"w": 1.0, "gradient": 2.0}, {"w": 1.0, "gradient": -3.0}]],
    )
    long_run: whole(0, 2000) = Field(1000, description="updates a program goes on for; 0 for none")
    until: UntilPart = Field(
        default_factory=UntilPart, description="where the program stops before that"
    )


def build(spec: DescentSpec) -> DescentProblem:
    """The problem of a spec without faults; `start` in the order of the function's variables, and a
    case without a learning rate has that of the spec."""
    name, _, formula = _DEFINITION.fullmatch(spec.descent).groups()
    cases = tuple(
        Case(
            value=case.w,
            gradient=case.gradient,
            learning_rate=case.learning_rate or spec.learning_rate,
        )
        for case in spec.cases
    )
    return DescentProblem(
        **spec.frame(),
        epochs=spec.iterations,
        name=name,
        formula=formula.strip(),
        learning_rate=spec.learning_rate,
        cases=cases,
        start={variable: spec.start[variable] for variable in _variables(spec.descent)},
        watch=formulas.texts_of(spec.watch),
        long_run=spec.long_run,
        **led(spec, _variables(spec.descent)),
    )


def _variables(text: str) -> list[str]:
    return [variable.strip() for variable in _DEFINITION.fullmatch(text)[2].split(",")]


# ---- what is wrong with a spec ------------------------------------------------------------------


def check(root: Node, spec: DescentSpec | None, faults: Faults) -> None:
    """The function can be read and the rules give its derivatives; it starts somewhere; what is
    watched is of its variables."""
    node = root.get("descent")
    if not isinstance(node.value, str):
        return
    match = _DEFINITION.fullmatch(node.value)
    if match is None or not 1 <= len(_variables(node.value)) <= 2:
        faults.add(node.line, node.path, *_SHAPE)
        return
    name, _, formula = match.groups()
    known, variables = Names(faults, name), _variables(node.value)
    if name in ("d", "e"):
        faults.add(node.line, node.path, f"the name '{name}' is taken", "call the function L")
    for variable in variables:
        if not known.check_text(variable, node.line, node.path):
            return
        known.take(variable, node.line, node.path)
    if (expr := _read(node, formula, variables, faults)) is not None:
        _check_derivatives(node, expr, name, variables, faults)
    _check_start(root, variables, faults)
    for watched in root.get("watch").entries() if root.get("watch") else ():
        if isinstance(watched.value, str):
            _check_watched(watched, variables, known, faults)
    check_goes_on(root, faults)
    if spec and not faults:
        check_long_run(root, build(spec), faults)


def _read(
    node: Node, text: str, variables: list[str], faults: Faults, is_definition: bool = False
) -> Expr | None:
    """The expression of a formula of these variables and no others."""
    try:
        expr = formulas.define(text)[1] if is_definition else formulas.read(text)
    except FormulaError as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)
        return None
    others = [each for each in names(expr) if each not in variables]
    if others:
        faults.add(
            node.line,
            node.path,
            f"'{others[0]}' is not known here",
            did_you_mean(others[0], variables) + "; for what is given, write its number",
        )
    return None if others else expr


def _check_derivatives(
    node: Node, expr: Expr, name: str, variables: list[str], faults: Faults
) -> None:
    for variable in variables:
        if variable not in names(expr):
            faults.add(
                node.line, node.path, f"{name} does not depend on '{variable}'", "leave it out"
            )
            continue
        try:
            derivative_steps(expr, variable)
        except SolveError as fault:
            faults.add(node.line, node.path, fault.message, fault.hint)


def _check_start(root: Node, variables: list[str], faults: Faults) -> None:
    start = root.get("start")
    given = start.value if start and isinstance(start.value, dict) else None
    if given is None:
        return
    for variable in variables:
        if variable not in given:
            faults.add(
                start.line,
                start.path,
                f"'{variable}' has no start",
                f"write {{{', '.join(f'{each}: 1' for each in variables)}}}",
            )
    for name in given:
        if name not in variables:
            faults.add(
                start.keys.get(name, start.line),
                start.path,
                f"'{name}' is not a variable of the function",
                did_you_mean(name, variables),
            )


def _check_watched(node: Node, variables: list[str], known: Names, faults: Faults) -> None:
    if _read(node, node.value, variables, faults, is_definition=True) is None:
        return
    name = formulas.define(node.value)[0]
    if known.check_text(name, node.line, node.path):
        known.take(name, node.line, node.path)


SPEC = DescentSpec

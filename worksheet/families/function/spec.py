"""A function of one variable as an author writes it: the model of the spec, what is wrong with one, the problem it becomes.

    function: f(x) = x^3 - 3*x^2 + 2*x + 1
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import Field

from ...algebra import parser as formulas
from ...spec.models import Frame, Named, Positive, Real, Text
from ...calculus import FunctionProblem
from ...errors import FormulaError, SolveError
from ...algebra.expression import names
from ...spec.faults import Faults
from ...spec.names import Names
from ...numbers.number import Number
from ...algebra.parameters import with_numbers
from ...trace.derivative_steps import derivative_steps
from ...spec.yaml_reader import Node, clipped

# the names of what is worked out (families/function/solve.py)
TAKEN = frozenset(["change", "value", "slope", "intercept", "moved", "moved_value", "rise", "estimate", "gap"])
_DEFINITION = re.compile(r"\s*([A-Za-z])\s*\(([A-Za-z0-9_,\s]*)\)\s*=(?!=)(.*)", re.DOTALL)


class Definition(NamedTuple):
    """`f(x, y) = x^2 + y^2`, taken apart."""

    name: str
    variables: tuple[str, ...]
    formula: str


class FunctionSpec(Frame):
    """A function of one variable: its derivative rule by rule, the slope at a point, a small change."""

    function: Text = Field(description="f(x) = and an expression of x", examples=["f(x) = x^3 - 3*x^2 + 2*x + 1"])
    given: Named = Field(default_factory=dict, description="numbers for other names in the expression, printed in their place", examples=[{"a": 3, "b": -2}])
    at: Real = Field(description="the point where the slope is taken", examples=[2])
    change: Positive = Field(Number.written("0.1"), description="the small change of the variable that the slope is tried on")


def build(spec: FunctionSpec) -> FunctionProblem:
    name, [variable], formula = definition(spec.function)
    return FunctionProblem(**spec.frame(), name=name, variable=variable, formula=formula, given=spec.given, at=spec.at, change=spec.change)


def definition(text: str) -> Definition | None:
    """The parts of `f(x) = x^2 + 1`; None for a text of another form."""
    match = _DEFINITION.fullmatch(text)
    if match is None:
        return None
    variables = tuple(part.strip() for part in match[2].split(","))
    return Definition(match[1], variables, match[3].strip()) if all(variables) else None


def check(root: Node, spec: FunctionSpec | None, faults: Faults) -> None:
    """The function can be read, is one of its variable alone, and the rules give its derivative."""
    node = root.get("function")
    if not isinstance(node.value, str):
        return
    found = definition(node.value)
    if found is None:
        faults.add(node.line, node.path, "a function is a letter, its variable in brackets, =, and an expression", "f(x) = x^2 + 1")
    elif len(found.variables) > 1:
        faults.add(node.line, node.path, "this function has several variables", f"gradient: {clipped(node.value)}")
    else:
        check_definition(found, root, TAKEN, faults)


def check_definition(found: Definition, root: Node, taken: frozenset[str], faults: Faults) -> None:
    """Sound names, an expression of the variables and of what is given alone, a derivative by each variable. `taken`: names of what
    is worked out."""
    name, variables, formula = found
    node, given, known = root.get("function") or root.get("gradient"), root.get("given"), Names(faults)
    known.mapping(given)
    held = {key: each.value for key, each in given.value.items()} if given and isinstance(given.value, dict) else {}
    if name in ("d", "e", *variables):
        faults.add(node.line, node.path, f"the name '{name}' is taken", "call the function f")
    for variable in variables:
        if variable in taken:
            faults.add(node.line, node.path, f"the name '{variable}' is taken", "call the variable x")
        if not known.check_text(variable, node.line, node.path):
            return
        known.take(variable, node.line, node.path)
    try:
        expr = formulas.read(formula)
        others = [each for each in names(expr) if each not in variables and each not in held]
        for each in held:
            if each not in names(expr):
                faults.add(given.keys[each], given.path, f"'{each}' is not used by the function", "leave it out")
        if others:
            faults.add(node.line, node.path, f"'{others[0]}' is not known here",
                       f"a function of {', '.join(variables)} needs a number for every other name: given: {{{others[0]}: 2}}")
        elif all(isinstance(number, Number) for number in held.values()):
            for variable in variables:
                derivative_steps(with_numbers(expr, held), variable)
    except (FormulaError, SolveError) as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)

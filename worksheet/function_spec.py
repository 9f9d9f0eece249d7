"""A function of one variable as an author writes it: the model of the spec, what is wrong with one, the problem it becomes.

    function: f(x) = x^3 - 3*x^2 + 2*x + 1
"""

from __future__ import annotations

import re

from pydantic import Field

from . import formulas
from .author import Frame, Named, Positive, Real, Text
from .errors import FormulaError, SolveError
from .expression import names
from .faults import Faults
from .naming import Names
from .number import Number
from .parameters import with_numbers
from .problem import FunctionProblem
from .rules import derivative_steps
from .yaml_source import Node

# the names of what is worked out (families/function.py)
TAKEN = frozenset(["change", "value", "slope", "intercept", "moved", "moved_value", "rise", "estimate", "gap"])
_DEFINITION = re.compile(r"\s*([A-Za-z])\s*\(\s*([A-Za-z][A-Za-z0-9_]*)\s*\)\s*=(?!=)(.*)", re.DOTALL)


class FunctionSpec(Frame):
    """A function of one variable: its derivative rule by rule, the slope at a point, a small change."""

    function: Text = Field(description="f(x) = and an expression of x", examples=["f(x) = x^3 - 3*x^2 + 2*x + 1"])
    given: Named = Field(default_factory=dict, description="numbers for other names in the expression, printed in their place", examples=[{"a": 3, "b": -2}])
    at: Real = Field(description="the point where the slope is taken", examples=[2])
    change: Positive = Field(Number.written("0.1"), description="the small change of the variable that the slope is tried on")


def build(spec: FunctionSpec) -> FunctionProblem:
    name, variable, formula = _DEFINITION.fullmatch(spec.function).groups()
    return FunctionProblem(**spec.frame(), name=name, variable=variable, formula=formula.strip(), given=spec.given, at=spec.at, change=spec.change)


def check(root: Node, spec: FunctionSpec | None, faults: Faults) -> None:
    """The function can be read, is one of its variable alone, and the rules give its derivative."""
    node = root.get("function")
    if not isinstance(node.value, str):
        return
    match = _DEFINITION.fullmatch(node.value)
    if match is None:
        faults.add(node.line, node.path, "a function is a letter, its variable in brackets, =, and an expression", "f(x) = x^2 + 1")
        return
    name, variable, formula = match.groups()
    known, given = Names(faults), root.get("given")
    known.mapping(given)
    held = {key: each.value for key, each in given.value.items()} if given and isinstance(given.value, dict) else {}
    if name in ("d", "e") or name == variable:
        faults.add(node.line, node.path, f"the name '{name}' is taken", "call the function f")
    if variable in TAKEN:
        faults.add(node.line, node.path, f"the name '{variable}' is taken", "call the variable x")
    if not known.check_text(variable, node.line, node.path):
        return
    known.take(variable, node.line, node.path)
    try:
        expr = formulas.read(formula)
        others = [each for each in names(expr) if each != variable and each not in held]
        for each in held:
            if each not in names(expr):
                faults.add(given.keys[each], given.path, f"'{each}' is not used by the function", "leave it out")
        if others:
            faults.add(node.line, node.path, f"'{others[0]}' is not known here",
                       f"a function of {variable} needs a number for every other name: given: {{{others[0]}: 2}}")
        elif all(isinstance(number, Number) for number in held.values()):
            derivative_steps(with_numbers(expr, held), variable)
    except (FormulaError, SolveError) as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)

"""A function of one variable as an author writes it: the model of the spec, what is wrong with one,
the problem it becomes.

function: f(x) = x^3 - 3*x^2 + 2*x + 1
"""

from __future__ import annotations

from pydantic import Field

from ...numbers.number import Number
from ...spec.faults import Faults
from ...spec.functions import check_definition, definition
from ...spec.models import Frame, Named, Positive, Real, Text
from ...spec.yaml_reader import Node, clipped
from .problem import FunctionProblem

# the names of what is worked out (families/function/solve.py)
TAKEN = frozenset(
    ["change", "value", "slope", "intercept", "moved", "moved_value", "rise", "estimate", "gap"]
)


class FunctionSpec(Frame):
    """A function of one variable: its derivative rule by rule, the slope at a point, a small
    change."""

    function: Text = Field(
        description="f(x) = and an expression of x", examples=["f(x) = x^3 - 3*x^2 + 2*x + 1"]
    )
    given: Named = Field(
        default_factory=dict,
        description="numbers for other names in the expression, printed in their place",
        examples=[{"a": 3, "b": -2}],
    )
    at: Real = Field(description="the point where the slope is taken", examples=[2])
    change: Positive = Field(
        Number.written("0.1"),
        description="the small change of the variable that the slope is tried on",
    )


def build(spec: FunctionSpec) -> FunctionProblem:
    """The problem of a spec without faults: `f(x) = ...` as its name, its variable and its
    formula."""
    name, [variable], formula = definition(spec.function)
    return FunctionProblem(
        **spec.frame(),
        name=name,
        variable=variable,
        formula=formula,
        given=spec.given,
        at=spec.at,
        change=spec.change,
    )


def check(root: Node, spec: FunctionSpec | None, faults: Faults) -> None:
    """The function can be read, is one of its variable alone, and the rules give its derivative."""
    node = root.get("function")
    if not isinstance(node.value, str):
        return
    found = definition(node.value)
    if found is None:
        faults.add(
            node.line,
            node.path,
            "a function is a letter, its variable in brackets, =, and an expression",
            "f(x) = x^2 + 1",
        )
    elif len(found.variables) > 1:
        faults.add(
            node.line,
            node.path,
            "this function has several variables",
            f"gradient: {clipped(node.value)}",
        )
    else:
        check_definition(found, root, TAKEN, faults)


SPEC = FunctionSpec

"""A function of several variables as an author writes it: the model of the spec, what is wrong with
one, the problem it becomes.

gradient: f(x, y) = x^2 + y^2
at: {x: 3, y: 4}
change: {x: 0.1, y: 0.2}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...spec.faults import Faults, did_you_mean
from ...spec.functions import check_definition, definition
from ...spec.models import Frame, Named, Text
from ...spec.yaml_reader import Node, clipped
from .problem import GradientProblem

MOST = 6  # variables, and numbers that are given
# the names of what is worked out (families/gradient/solve.py)
TAKEN = frozenset(["value", "moved_value", "rise", "estimate", "gap"])
ENDINGS = ("_change", "_moved", "_share")


class GradientSpec(Frame):
    """A function of several variables: its partial derivatives rule by rule, the gradient, and a
    small change."""

    gradient: Text = Field(
        description="f(x, y) = and an expression of x and y", examples=["f(x, y) = x^2 + y^2"]
    )
    given: Annotated[Named, Field(max_length=MOST)] = Field(
        default_factory=dict,
        description="the numbers of other names in the expression, which the page shows in their place",
        examples=[{"a": 2}],
    )
    at: Named = Field(
        default_factory=dict,
        description="the point where the gradient is taken; left out, there are formulas only",
        examples=[{"x": 3, "y": 4}],
    )
    change: Named = Field(
        default_factory=dict,
        examples=[{"x": 0.1, "y": 0.2}],
        description=(
            "the small changes of some variables, or of all, that the gradient is tried on"
        ),
    )


def build(spec: GradientSpec) -> GradientProblem:
    """The problem of a spec without faults; `at` and `change` in the order of the function's
    variables."""
    name, variables, formula = definition(spec.gradient)
    held, moved = (
        {each: numbers[each] for each in variables if each in numbers}
        for numbers in (spec.at, spec.change)
    )
    return GradientProblem(
        **spec.frame(),
        name=name,
        variables=variables,
        formula=formula,
        given=spec.given,
        at=held,
        change=moved,
    )


def check(root: Node, spec: GradientSpec | None, faults: Faults) -> None:
    """The function can be read, has several variables and no other names; the point holds every
    one, the change some of them."""
    node, at, change = root.get("gradient"), root.get("at"), root.get("change")
    if not isinstance(node.value, str):
        return
    found = definition(node.value)
    if found is None:
        faults.add(
            node.line,
            node.path,
            "a function is a letter, its variables in brackets, =, and an expression",
            "f(x, y) = x^2 + y^2",
        )
        return
    if len(found.variables) == 1:
        faults.add(
            node.line,
            node.path,
            "this function has one variable",
            f"function: {clipped(node.value)}",
        )
        return
    if len(found.variables) > MOST:
        faults.add(
            node.line,
            node.path,
            f"{len(found.variables)} variables; a page has room for {MOST}",
            "take some of them as numbers",
        )
        return
    check_definition(
        found,
        root,
        TAKEN | {name + ending for name in found.variables for ending in ENDINGS},
        faults,
    )
    for given in (at, change):
        for name in given.keys if given and isinstance(given.value, dict) else ():
            if name not in found.variables:
                faults.add(
                    given.keys[name],
                    given.path,
                    f"'{clipped(name)}' is no variable of the function",
                    did_you_mean(name, found.variables),
                )
    if spec is None:
        return
    for name in found.variables:
        if spec.at and name not in spec.at:
            faults.add(at.line, at.path, f"the point does not say what {name} is", f"add {name}: 1")
    if spec.change and not spec.at:
        faults.add(
            change.line,
            change.path,
            "a change starts from a point",
            "add the point: at: {" + ", ".join(f"{name}: 1" for name in found.variables) + "}",
        )
    for name, number in spec.change.items():
        if not number.value:
            faults.add(
                change.keys[name],
                change.path,
                f"'{name}' is moved by nothing",
                "leave it out, or give a small number, such as 0.1",
            )


SPEC = GradientSpec

"""The definition of a function as an author types it, `f(x, y) = x^2 + y^2`: its parts, and what is
wrong with it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..algebra import parser as formulas
from ..algebra.expression import names
from ..algebra.parameters import with_numbers
from ..errors import FormulaError, SolveError
from ..numbers.number import Number
from ..trace.derivative_steps import derivative_steps
from .faults import Faults
from .names import Names
from .yaml_reader import Node

_DEFINITION = re.compile(r"\s*([A-Za-z])\s*\(([A-Za-z0-9_,\s]*)\)\s*=(?!=)(.*)", re.DOTALL)


class Definition(NamedTuple):
    """`f(x, y) = x^2 + y^2`, taken apart."""

    name: str
    variables: tuple[str, ...]
    formula: str


def definition(text: str) -> Definition | None:
    """The parts of `f(x) = x^2 + 1`; None for a text of another form."""
    match = _DEFINITION.fullmatch(text)
    if match is None:
        return None
    variables = tuple(part.strip() for part in match[2].split(","))
    return Definition(match[1], variables, match[3].strip()) if all(variables) else None


def check_definition(found: Definition, root: Node, taken: frozenset[str], faults: Faults) -> None:
    """Sound names, an expression of the variables and of what is given alone, a derivative by each
    variable. `taken`: names of what is worked out."""
    name, variables, formula = found
    node, given, known = (
        root.get("function") or root.get("gradient"),
        root.get("given"),
        Names(faults),
    )
    known.mapping(given)
    held = (
        {key: each.value for key, each in given.value.items()}
        if given and isinstance(given.value, dict)
        else {}
    )
    if name in ("d", "e", *variables):
        faults.add(node.line, node.path, f"the name '{name}' is taken", "call the function f")
    for variable in variables:
        if variable in taken:
            faults.add(
                node.line, node.path, f"the name '{variable}' is taken", "call the variable x"
            )
        if not known.check_text(variable, node.line, node.path):
            return
        known.take(variable, node.line, node.path)
    try:
        expr = formulas.read(formula)
        others = [each for each in names(expr) if each not in variables and each not in held]
        for each in held:
            if each not in names(expr):
                faults.add(
                    given.keys[each],
                    given.path,
                    f"'{each}' is not used by the function",
                    "leave it out",
                )
        if others:
            faults.add(
                node.line,
                node.path,
                f"'{others[0]}' is not known here",
                f"a function of {', '.join(variables)} needs a number for every other name: given: {{{others[0]}: 2}}",
            )
        elif all(isinstance(number, Number) for number in held.values()):
            for variable in variables:
                derivative_steps(with_numbers(expr, held), variable)
    except (FormulaError, SolveError) as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)

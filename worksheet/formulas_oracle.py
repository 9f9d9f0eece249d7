"""The independent computation for a graph of formulas: values, slopes carried forward, central differences, descent.

It reads the texts of the problem (`float_formulas.py`) and nothing else: no trace, no tree of ours, no Decimal. The
functions are those of `oracle.py`, so the checks and the figures ask the same of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .float_formulas import Dual, evaluate, four_point
from .oracle import Step
from .problem import FormulasProblem

NOISE = 2.0 ** -52      # of a float, relative


def _given(problem: FormulasProblem, values: Mapping[str, float | np.ndarray] | None = None) -> dict[str, Dual]:
    return {name: Dual(np.asarray((values or {}).get(name, number.value), dtype=float)[()]) for name, number in problem.given.items()}


def _forward(problem: FormulasProblem, given: dict[str, Dual], moved: str = "", move: Dual = Dual(0.0),
             kinks: list | None = None) -> dict[str, Dual]:
    """Every quantity; `moved` is pushed aside by `move`, and all that follows from it goes along."""
    def pushed(name: str, found: Dual) -> Dual:
        return Dual(found.value + move.value, found.slope + move.slope) if name == moved else found

    values = {name: pushed(name, found) for name, found in given.items()}
    for name, text in problem.formulas.items():
        values[name] = pushed(name, evaluate(text, values, kinks))
    return values


def _slope(problem: FormulasProblem, given: dict[str, Dual], name: str) -> float:
    """dL/d(name), along every path at once."""
    return float(_forward(problem, given, name, Dual(0.0, 1.0))[problem.loss_name].slope)


def ground(problem: FormulasProblem) -> Callable[[Sequence[float]], tuple[float, np.ndarray]]:
    """The loss and its slopes as a function of a point, a value for each given that is trained, in one pass: each slope is a vector
    with a place for each of them."""
    given, seeds = _given(problem), np.eye(len(problem.train))

    def at(point: Sequence[float]) -> tuple[float, np.ndarray]:
        seeded = given | {name: Dual(np.float64(value), seed) for name, value, seed in zip(problem.train, point, seeds)}
        loss = _forward(problem, seeded)[problem.loss_name]
        return loss.value, np.broadcast_to(loss.slope, len(problem.train))

    return at


def _descend(problem: FormulasProblem):
    """Gradient descent without end: the givens as they are, and the gradients of what is trained."""
    rate = float(problem.learning_rate.value) if problem.learning_rate else 0.0
    given, at = _given(problem), ground(problem)
    while True:
        gradients = dict(zip(problem.train, at([given[name].value for name in problem.train])[1].tolist()))
        yield given, gradients
        given = given | {name: Dual(given[name].value - rate * slope) for name, slope in gradients.items()}


def run(problem: FormulasProblem, epochs: int | None = None) -> list[Step]:
    """Every epoch, and a pass after the last as the check: each quantity, dL/dq, and each formula's own partials."""
    steps: list[Step] = []
    loss = problem.loss_name
    with np.errstate(all="ignore"):
        for epoch, (given, gradients) in enumerate(_descend(problem)):
            found = _forward(problem, given)
            values = {name: float(dual.value) for name, dual in found.items()}
            for name, text in problem.formulas.items():      # one formula alone, its operands held
                for operand in set(re.findall(r"[A-Za-z]\w*", text)) & found.keys():
                    alone = found | {operand: Dual(found[operand].value, 1.0)}
                    values[f"d{name}_d{operand}"] = float(evaluate(text, alone).slope)
            values |= {f"d{loss}_d{name}": _slope(problem, given, name) for name in problem.formulas}
            values |= {f"d{loss}_d{name}": slope for name, slope in gradients.items()}
            if steps:
                steps[-1].after.update({name: float(given[name].value) for name in problem.given})
            steps.append(Step(epoch, values, {}))
            if epoch == (problem.epochs if epochs is None else epochs):
                return steps
    raise AssertionError("gradient descent has no end")


def quantities(problem: FormulasProblem, values: Mapping[str, float | np.ndarray]) -> dict[str, np.ndarray]:
    """Every quantity where these givens have these `values` (numbers, or arrays of one shape) and the others are as given."""
    with np.errstate(all="ignore"):
        found = _forward(problem, _given(problem, values))
        return {name: np.broadcast_to(each.value, np.broadcast_shapes(*map(np.shape, values.values()))) for name, each in found.items()}


def central_differences(problem: FormulasProblem, step: Step, h: float = 1e-4) -> tuple[dict[str, float], set[str]]:
    """dL/dq by differences of four losses, for every trained given and every quantity; and the names left out, because a move
    carries a ReLU, a maximum or an absolute value across its corner, or because the loss is so large that the digits of its change drown in float64."""
    given = {name: Dual(np.float64(step.values[name])) for name in problem.given}
    found: dict[str, float] = {}
    left_out: set[str] = set()
    with np.errstate(all="ignore"):
        for name in (*problem.train, *problem.formulas):
            width = h * max(1.0, abs(step.values[name]))
            losses, corners = [], []
            for move in (width, -width, 2.0 * width, -2.0 * width):
                kinks: list = []
                losses.append(float(_forward(problem, given, name, Dual(move), kinks)[problem.loss_name].value))
                corners.append(kinks)
            slope = four_point(losses, width)
            noise = NOISE * max(map(abs, losses)) / width
            key = f"d{problem.loss_name}_d{name}"
            if any(kinks != corners[0] for kinks in corners) or noise > 1e-6 * max(1.0, abs(slope)):
                left_out.add(key)
            else:
                found[key] = slope
    return found, left_out

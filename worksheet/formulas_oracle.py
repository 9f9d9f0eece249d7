"""The independent computation for a graph of formulas: values, slopes carried forward, central differences, descent.

It reads the texts of the problem (`float_formulas.py`) and nothing else: no trace, no tree of ours, no Decimal. The four
functions are those of `oracle.py`, so the checks and the figures ask the same of both.
"""

from __future__ import annotations

import re

import numpy as np

from .float_formulas import Dual, evaluate, four_point
from .oracle import Step, finite_start
from .problem import FormulasProblem

NOISE = 2.0 ** -52      # of a float, relative


def _given(problem: FormulasProblem, parameters: dict[str, float] | None = None) -> dict[str, Dual]:
    held = {name: float(number.value) for name, number in problem.given.items()} | (parameters or {})
    return {name: Dual(np.float64(value)) for name, value in held.items()}


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


def _gradients(problem: FormulasProblem, given: dict[str, Dual]) -> dict[str, float]:
    """dL/dw for all that is trained in one pass: each slope is a vector with a place for each of them."""
    seeds = np.eye(len(problem.train))
    seeded = given | {name: Dual(given[name].value, seed) for name, seed in zip(problem.train, seeds)}
    slope = _forward(problem, seeded)[problem.loss_name].slope
    return dict(zip(problem.train, np.broadcast_to(slope, len(problem.train)).tolist()))


def _descend(problem: FormulasProblem):
    """Gradient descent without end: the givens as they are, and the gradients of what is trained."""
    rate = float(problem.learning_rate.value) if problem.learning_rate else 0.0
    given = _given(problem)
    while True:
        gradients = _gradients(problem, given)
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


def losses(problem: FormulasProblem, epochs: int) -> np.ndarray:
    """The loss before each of `epochs` updates and after the last; shorter where descent diverges."""
    return finite_start((float(_forward(problem, given)[problem.loss_name].value) for given, _ in _descend(problem)), epochs + 1)


def loss_along(problem: FormulasProblem, step: Step, name: str, at: np.ndarray) -> np.ndarray:
    """The loss where the given `name` takes each value of `at`, all others held at `step`: (n,) -> (n,)."""
    given = {each: Dual(step.values[each]) for each in problem.given} | {name: Dual(np.asarray(at, dtype=float))}
    with np.errstate(all="ignore"):
        return np.broadcast_to(_forward(problem, given)[problem.loss_name].value, np.shape(at)).copy()


def nudged(problem: FormulasProblem, step: Step, name: str, change: float) -> dict[str, float]:
    """Every quantity where the given `name` is moved by `change`, all others held at `step`."""
    given = {each: Dual(np.float64(step.values[each])) for each in problem.given}
    with np.errstate(all="ignore"):
        return {each: float(found.value) for each, found in _forward(problem, given, name, Dual(change)).items()}


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

"""Ten ways to work a sheet rightly, as plain programs in Decimal: a problem and a way -> what this
student writes on the lines.

    answers(problem, WAYS["cut off"])      {("a_h", 1, "forward"): Decimal("0.62245"), ...}

Nothing of the package computes here: networks are worked out unit by unit, formulas are read by
Python's own parser and differentiated by SymPy. A student has for each quantity the number in the
calculator and the one on paper, and goes on from either as the way says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    localcontext,
)
from functools import lru_cache
from random import Random

import sympy
from mpmath import mp

Key = tuple[str, int, str]
CONTEXT = Context(prec=60, Emin=-9999, Emax=9999)
ONE = Decimal(1)


@dataclass(frozen=True)
class Way:
    """How a student works.

    grain: what is rounded on the way, `nothing`, each `named` quantity, each `line`, each
    `operation`. retypes: `between` tasks the printed numbers are typed in, `never`, or `sometimes`
    (a coin is tossed for every number). is_at_once: a gradient is worked out in one go from the
    numbers of the forward pass. is_from_z: sigma' from the pre-activation. keeps_prediction: the
    loss is worked out while the prediction is still in the calculator. is_backwards: sums from the
    last term to the first, products in pairs from behind."""

    grain: str = "nothing"
    mode: str = ROUND_HALF_UP
    retypes: str = "never"
    is_at_once: bool = False
    is_from_z: bool = False
    keeps_prediction: bool = False
    is_backwards: bool = False


WAYS = {
    "keeps everything": Way(),
    "rounds each line": Way("line"),
    "rounds each operation": Way("operation"),
    "types in what is printed between tasks": Way(retypes="between"),
    "keeps within a quantity, rounds each": Way("named"),
    "a gradient at once, simplified first": Way(retypes="between", is_at_once=True),
    "sigma' from z": Way("named", is_from_z=True),
    "the loss from the prediction in the calculator": Way("line", keeps_prediction=True),
    "sums from behind": Way("operation", is_backwards=True),
    "cuts off each line": Way("line", ROUND_DOWN),
    "cuts off each operation": Way("operation", ROUND_DOWN),
    "half to even": Way("line", ROUND_HALF_EVEN),
    "now kept, now typed in": Way(retypes="sometimes"),
    "cuts off, now kept, now typed in": Way(mode=ROUND_DOWN, retypes="sometimes", is_from_z=True),
}


class NoNumber(Exception):
    """This way arrives nowhere: the logarithm of what was rounded to 0."""


class Student:
    """One student at one sheet: what is in the calculator, what stands on paper."""

    def __init__(self, problem, way: Way, seed: int = 0):
        self.problem, self.way, self.coins = problem, way, Random(seed)
        self.kept: dict[str, Decimal] = {}
        self.paper: dict[str, tuple[Decimal, str]] = {}  # as printed, and the task it was found in
        self.found: dict[Key, Decimal] = {}
        self.kind = ""

    # ---- rounding --------------------------------------------------------------------------

    def rounded(self, value: Decimal) -> Decimal:
        """As it is written down: with the digits of its kind."""
        digits = self.problem.rounding.digits(self.kind)
        return to_places(value, places_of(value, digits, self.way.mode), self.way.mode)

    def op(self, value: Decimal) -> Decimal:
        return self.rounded(value) if self.way.grain == "operation" else value

    def line(self, value: Decimal) -> Decimal:
        return self.rounded(value) if self.way.grain in ("line", "operation") else value

    # ---- paper and calculator --------------------------------------------------------------

    def given(self, name: str, number) -> None:
        self.kept[name] = number.value
        self.paper[name] = number.value, "given"

    def put(self, name: str, value: Decimal, kind: str, epoch: int, task: str) -> Decimal:
        self.kind = kind
        written = self.rounded(value)
        self.found[name, epoch, task] = written
        self.kept[name] = value if self.way.grain == "nothing" else written
        self.paper[name] = written, f"{task} {epoch}"
        return self.kept[name]

    def get(self, name: str, task: str) -> Decimal:
        """What goes into the calculator for a name in a task."""
        written, where = self.paper[name]
        if (
            self.way.retypes == "between"
            and where != task
            or self.way.retypes == "sometimes"
            and self.coins.random() < 0.5
        ):
            return written
        return self.kept[name]

    # ---- arithmetic ------------------------------------------------------------------------

    def total(self, terms: list[Decimal]) -> Decimal:
        first, *rest = reversed(terms) if self.way.is_backwards else terms
        for term in rest:
            first = self.op(CONTEXT.add(first, term))
        return first

    def times(self, *factors: Decimal) -> Decimal:
        first, *rest = factors
        for factor in rest:
            first = self.op(CONTEXT.multiply(first, factor))
        return first

    def over(self, one: Decimal, other: Decimal) -> Decimal:
        if not other:
            raise NoNumber
        return self.op(CONTEXT.divide(one, other))

    def exp(self, value: Decimal) -> Decimal:
        return self.op(CONTEXT.exp(value))

    def ln(self, value: Decimal) -> Decimal:
        if value <= 0:
            raise NoNumber
        return CONTEXT.ln(value)


def to_places(value: Decimal, place: int, mode: str) -> Decimal:
    with localcontext(CONTEXT):
        return value.quantize(Decimal(1).scaleb(place), rounding=mode)


def places_of(value: Decimal, digits, mode: str) -> int:
    """The power of ten of the last digit that is written of a number."""

    def place(of: Decimal) -> int:
        by_figures = of.adjusted() - (digits.significant or digits.at_least_significant) + 1
        return by_figures if digits.significant else min(-digits.places, by_figures)

    if not (digits.significant or digits.at_least_significant):
        return -digits.places
    if not value:
        return 0 if digits.significant else -digits.places
    rounded = to_places(value, place(value), mode)
    return place(rounded) if rounded else place(value)


def answers(problem, way: Way, seed: int = 0) -> dict[Key, Decimal]:
    """What this student writes, by quantity, epoch and phase. Raises NoNumber where the way arrives
    nowhere."""
    student = Student(problem, way, seed)
    try:
        FAMILIES[problem.family](student)
    except DecimalException as fault:
        raise NoNumber from fault
    return student.found


# ---- networks
# --------------------------------------------------------------------------------------


def network(student: Student) -> None:
    problem = student.problem
    layers = problem.network.layers
    for name, number in (
        problem.network.inputs | problem.network.target | problem.parameters
    ).items():
        student.given(name, number)
    student.given("rate", problem.learning_rate)
    for epoch in range(1, problem.epochs + 1):
        forward(student, epoch, "forward", "loss")
        gradients = backward(student, layers, epoch)
        for name in [name for name in problem.trained if name in gradients]:
            task = f"update {epoch}"
            student.kind = "weight"
            step = student.times(student.get("rate", task), student.get(gradients[name], task))
            student.put(
                name,
                CONTEXT.subtract(student.get(name, task), student.line(step)),
                "weight",
                epoch,
                "update",
            )
    forward(student, problem.epochs, "check", "check")


def forward(student: Student, epoch: int, phase: str, last: str) -> None:
    problem = student.problem
    names, layers = list(problem.network.inputs), problem.network.layers
    for layer in layers:
        kind, task = "prediction" if layer is layers[-1] else "activation", f"{phase} {epoch}"
        is_plain = layer.activation == "identity"
        for unit in layer.units:
            student.kind = kind if is_plain else "pre_activation"
            terms = [
                student.line(student.times(student.get(weight, task), student.get(name, task)))
                for weight, name in zip(unit.weights, names, strict=True)
            ]
            terms += [student.get(bias, task) for bias in unit.bias]
            student.put(
                unit.a if is_plain else unit.z, student.total(terms), student.kind, epoch, phase
            )
        if layer.activation == "softmax":
            student.kind = kind
            powers = {
                unit.a: student.line(student.exp(student.get(unit.z, task))) for unit in layer.units
            }
            for unit in layer.units:
                student.put(
                    unit.a,
                    student.over(powers[unit.a], student.total(list(powers.values()))),
                    kind,
                    epoch,
                    phase,
                )
        elif not is_plain:
            for unit in layer.units:
                student.kind = kind
                student.put(
                    unit.a,
                    ACTIVATIONS[layer.activation](student, student.get(unit.z, task), layer),
                    kind,
                    epoch,
                    phase,
                )
        names = [unit.a for unit in layer.units]
    task = f"{last} {epoch}"
    student.kind = "loss"
    outputs = [
        student.kept[name] if student.way.keeps_prediction else student.get(name, task)
        for name in names
    ]
    student.put(
        problem.network.loss_name,
        loss(student, [student.get(name, task) for name in problem.network.target], outputs),
        "loss",
        epoch,
        last,
    )


def sigmoid(student: Student, z: Decimal, layer=None) -> Decimal:
    return student.over(ONE, CONTEXT.add(ONE, student.exp(-z)))


def tanh(student: Student, z: Decimal, layer=None) -> Decimal:
    if student.way.grain != "operation":
        return CONTEXT.divide(
            CONTEXT.subtract(CONTEXT.exp(2 * z), ONE), CONTEXT.add(CONTEXT.exp(2 * z), ONE)
        )
    up, down = student.exp(z), student.exp(-z)
    return student.over(CONTEXT.subtract(up, down), CONTEXT.add(up, down))


ACTIVATIONS: dict[str, Callable] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": lambda student, z, layer: max(z, Decimal(0)),
    "leaky-relu": lambda student, z, layer: z if z > 0 else student.times(layer.slope.value, z),
}


def slope(student: Student, layer, unit, task: str) -> Decimal:
    """da/dz of one unit."""
    if layer.activation in ("relu", "leaky-relu"):
        flat = layer.slope.value if layer.activation == "leaky-relu" else Decimal(0)
        return ONE if student.get(unit.z, task) > 0 else flat
    if student.way.is_from_z and layer.activation == "sigmoid":
        power = student.exp(-student.get(unit.z, task))
        return student.over(power, student.times(CONTEXT.add(ONE, power), CONTEXT.add(ONE, power)))
    a = (
        tanh(student, student.get(unit.z, task))
        if student.way.is_from_z
        else student.get(unit.a, task)
    )
    return (
        student.times(a, CONTEXT.subtract(ONE, a))
        if layer.activation == "sigmoid"
        else CONTEXT.subtract(ONE, student.line(student.times(a, a)))
    )


def loss(student: Student, y: list[Decimal], y_hat: list[Decimal]) -> Decimal:
    name, squares = student.problem.network.loss, []
    if "entropy" in name:
        terms = []
        for target, value in zip(y, y_hat, strict=True):
            pairs = [(target, value)] + (
                [(CONTEXT.subtract(ONE, target), CONTEXT.subtract(ONE, value))]
                if name.startswith("binary")
                else []
            )
            terms += [
                student.line(student.times(share, student.line(student.ln(each))))
                for share, each in pairs
                if share
            ]
        return -student.total(terms or [Decimal(0)])
    for target, value in zip(y, y_hat, strict=True):
        off = CONTEXT.subtract(target, value)
        squares.append(student.line(student.times(off, off)))
    total = student.total(squares)
    return (
        total
        if name == "squared-error"
        else student.over(total, Decimal(2 if name.startswith("half") else len(y)))
    )


def backward(student: Student, layers, epoch: int) -> dict[str, str]:
    """Every gradient, from the loss back; the name of each parameter's."""
    problem, task = student.problem, f"backward {epoch}"
    of, found, student.kind = problem.network.loss_name, {}, "gradient"
    is_through = (
        problem.gradients == "through-prediction"
    )  # the sheet goes by way of the prediction: dL/dw = dL/dy_hat dy_hat/dw
    whole: dict[str, Decimal] = {}  # in one go: nothing is written down on the way

    def put(name: str, value: Decimal) -> None:
        whole[name] = value
        student.put(f"d{of}_d{name}", value, "gradient", epoch, "backward")

    def get(name: str) -> Decimal:
        return whole[name] if student.way.is_at_once else student.get(f"d{of}_d{name}", task)

    last, is_pair = (
        layers[-1],
        (problem.network.loss, layers[-1].activation)
        in (("binary-cross-entropy", "sigmoid"), ("categorical-cross-entropy", "softmax")),
    )
    if last.activation == "softmax" and not is_pair:
        raise NoNumber
    for unit, target in zip(last.units, problem.network.target, strict=True):
        off = CONTEXT.subtract(student.get(unit.a, task), student.get(target, task))
        if is_pair:
            put(unit.z, off)
        elif problem.network.loss == "half-squared-error":
            put(unit.a, off)
        else:
            share = (
                Decimal(2)
                if problem.network.loss == "squared-error" or len(last.units) == 1
                else CONTEXT.divide(Decimal(2), Decimal(len(last.units)))
            )
            put(unit.a, CONTEXT.multiply(share, off))
    if is_through:
        [output] = last.units
        error, of = f"d{of}_d{output.a}", output.a
        whole[output.a], student.kept[f"d{of}_d{of}"], student.paper[f"d{of}_d{of}"] = (
            ONE,
            ONE,
            (ONE, task),
        )
    for index in range(len(layers) - 1, -1, -1):
        layer = layers[index]
        below = (
            [unit.a for unit in layers[index - 1].units] if index else list(problem.network.inputs)
        )
        inner = {}
        for unit in layer.units:
            inner[unit.a] = unit.a if layer.activation == "identity" else unit.z
            if layer.activation != "identity" and not (layer is last and is_pair):
                local = slope(student, layer, unit, task)
                if not student.way.is_at_once:
                    local = student.put(
                        f"d{unit.a}_d{unit.z}", local, "gradient", epoch, "backward"
                    )
                put(unit.z, student.times(get(unit.a), local))
        for unit in layer.units:
            for weight, name in zip(unit.weights, below, strict=True):
                put(weight, student.times(get(inner[unit.a]), student.get(name, task)))
                found[weight] = f"d{of}_d{weight}"
            for bias in unit.bias if layer.trained_bias else ():
                put(bias, get(inner[unit.a]))
                found[bias] = f"d{of}_d{bias}"
        if index:
            for place, name in enumerate(below):
                put(
                    name,
                    student.total(
                        [
                            student.line(
                                student.times(
                                    get(inner[unit.a]), student.get(list(unit.weights)[place], task)
                                )
                            )
                            for unit in layer.units
                        ]
                    ),
                )
    if is_through:
        for name in found:
            effect, found[name] = found[name], f"d{problem.network.loss_name}_d{name}"
            student.put(
                found[name],
                student.times(student.get(error, task), student.get(effect, task)),
                "gradient",
                epoch,
                "backward",
            )
    return found


# ---- formulas
# --------------------------------------------------------------------------------------


class Formula:
    """A formula of an author's, read by Python's parser, worked out step by step in the order it is
    written."""

    def __init__(self, text: str):
        self.tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body

    def value(self, student: Student, get: Callable[[str], Decimal]) -> Decimal:
        return self._of(self.tree, student, get)

    def _of(self, node: ast.expr, student: Student, get) -> Decimal:
        if isinstance(node, ast.Constant):
            return Decimal(str(node.value))
        if isinstance(node, ast.Name):
            return get(node.id)
        if isinstance(node, ast.UnaryOp):
            return -self._of(node.operand, student, get)
        if isinstance(node, ast.Call):
            return self._call(node.func.id, self._of(node.args[0], student, get), student)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return student.total(
                [student.line(self._of(term, student, get)) * sign for term, sign in _terms(node)]
            )
        left, right = self._of(node.left, student, get), self._of(node.right, student, get)
        if isinstance(node.op, ast.Mult):
            return student.times(left, right)
        if isinstance(node.op, ast.Div):
            return student.over(left, right)
        if isinstance(node.left, ast.Name) and node.left.id == "e":
            return student.exp(right)
        return student.op(power(left, right))

    def _call(self, name: str, value: Decimal, student: Student) -> Decimal:
        if name == "sigmoid":
            return sigmoid(student, value)
        if name == "tanh":
            return tanh(student, value)
        return student.line(elementary(name, value))


def _terms(node: ast.expr, sign: int = 1) -> Iterator[tuple[ast.expr, int]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _terms(node.left, sign)
        yield from _terms(node.right, -sign if isinstance(node.op, ast.Sub) else sign)
    else:
        yield node, sign


def power(base: Decimal, exponent: Decimal) -> Decimal:
    if exponent == int(exponent):
        return CONTEXT.power(base, int(exponent)) if base or exponent > 0 else 1 / Decimal(0)
    if base < 0:
        raise NoNumber
    return CONTEXT.power(base, exponent)


@lru_cache(maxsize=20000)
def elementary(name: str, value: Decimal) -> Decimal:
    if name in ("exp", "ln", "sqrt"):
        if name != "exp" and value <= 0:
            raise NoNumber
        return getattr(CONTEXT, name)(value)
    with mp.workdps(50):
        return Decimal(
            mp.nstr(
                {"sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "abs": abs}[name](mp.mpf(str(value))),
                45,
            )
        )


@lru_cache(maxsize=4000)
def derivatives(text: str, by: str) -> tuple[Formula, ...]:
    """The derivative of a formula in several forms: as the rules leave it, simplified, multiplied
    out, factored."""
    names = {
        node.id
        for node in ast.walk(ast.parse(text.replace("^", "**"), mode="eval"))
        if isinstance(node, ast.Name)
    }
    symbols = {name: sympy.Symbol(name, real=True) for name in names} | {
        "ln": sympy.log,
        "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
    }
    for name in ("exp", "sin", "cos", "tan", "tanh", "sqrt"):
        symbols[name] = getattr(sympy, name)
    raw = sympy.diff(
        sympy.sympify(text.replace("^", "**"), symbols, rational=True),
        symbols[by] if by in symbols else sympy.Symbol(by),
    )
    forms = dict.fromkeys(str(form) for form in (raw, sympy.expand(raw), sympy.factor(raw)))
    return tuple(Formula(form.replace("log(", "ln(")) for form in forms)


def chosen(student: Student, text: str, by: str) -> Formula:
    """The form this student takes: the one of the rules if each step is rounded, else any."""
    forms = derivatives(text, by)
    return forms[0] if student.way.grain in ("line", "operation") else student.coins.choice(forms)


def put_in(text: str, given: dict) -> str:
    """A formula with the numbers of the author in it: `b*x` with b = -3."""
    tree = ast.parse(text.replace("^", "**"), mode="eval")

    class Numbers(ast.NodeTransformer):
        def visit_Name(self, node):
            return (
                ast.parse(f"({given[node.id].value})", mode="eval").body
                if node.id in given
                else node
            )

    return ast.unparse(Numbers().visit(tree))


def formulas(student: Student) -> None:
    problem = student.problem
    for name, number in problem.given.items():
        student.given(name, number)
    if problem.learning_rate:
        student.given("rate", problem.learning_rate)
    for epoch in range(1, problem.epochs + 1):
        worked_out(student, epoch, "forward", "loss", "activation")
        graph(student, epoch)
        if problem.learning_rate is None:
            return
        update(student, epoch, {name: f"d{problem.loss_name}_d{name}" for name in problem.train})
    worked_out(student, problem.epochs, "check", "check", "activation")


def worked_out(student: Student, epoch: int, phase: str, last: str, kind: str) -> None:
    for name, text in student.problem.quantities.items():
        is_last = name == student.problem.loss_name
        student.kind, now = ("loss", last) if is_last else (kind, phase)

        def get(used: str, now=now, is_last=is_last) -> Decimal:
            return (
                student.kept[used]
                if is_last and student.way.keeps_prediction
                else student.get(used, f"{now} {epoch}")
            )

        student.put(name, Formula(text).value(student, get), student.kind, epoch, now)


def graph(student: Student, epoch: int) -> None:
    """Back along the arrows: what comes back on every path is added."""
    problem, task = student.problem, f"backward {epoch}"
    of, student.kind, whole = problem.loss_name, "gradient", {}
    order = list(problem.formulas)
    uses = {
        name: {node.id for node in ast.walk(Formula(text).tree) if isinstance(node, ast.Name)}
        for name, text in problem.formulas.items()
    }
    for target in [*reversed(order[:-1]), *problem.train]:
        terms = []
        for user in order:
            if target not in uses[user] or user != of and user not in whole:
                continue
            local = chosen(student, problem.formulas[user], target).value(
                student, lambda name: student.get(name, task)
            )
            above = (
                ONE
                if user == of
                else whole[user]
                if student.way.is_at_once
                else student.get(f"d{of}_d{user}", task)
            )
            terms.append(student.line(student.times(above, local)))
        if terms:
            whole[target] = student.total(terms)
            student.put(f"d{of}_d{target}", whole[target], "gradient", epoch, "backward")


def update(student: Student, epoch: int, gradients: dict[str, str]) -> None:
    task = f"update {epoch}"
    for name, gradient in gradients.items():
        student.kind = "weight"
        step = student.line(student.times(student.get("rate", task), student.get(gradient, task)))
        student.put(
            name, CONTEXT.subtract(student.get(name, task), step), "weight", epoch, "update"
        )


def descent(student: Student) -> None:
    problem = student.problem
    for name, number in problem.start.items():
        student.given(name, number)
    student.given("rate", problem.learning_rate)
    for epoch in range(1, problem.epochs + 1):
        worked_out(student, epoch, "forward", "loss", "prediction")
        for name in problem.start:
            student.kind = "gradient"
            value = chosen(student, problem.formula, name).value(
                student, lambda used, epoch=epoch: student.get(used, f"backward {epoch}")
            )
            student.put(f"d{problem.name}_d{name}", value, "gradient", epoch, "backward")
        update(student, epoch, {name: f"d{problem.name}_d{name}" for name in problem.start})
    worked_out(student, problem.epochs, "check", "check", "prediction")


def function(student: Student) -> None:
    problem = student.problem
    text = put_in(problem.formula, problem.given)
    x = problem.variable
    student.given(x, problem.at)
    student.given("change", problem.change)

    def put(
        name: str, kind: str, phase: str, value: Callable[[Callable[[str], Decimal]], Decimal]
    ) -> None:
        student.kind = kind
        student.put(name, value(lambda used: student.get(used, f"{phase} 1")), kind, 1, phase)

    put("value", "activation", "forward", lambda get: Formula(text).value(student, get))
    put("slope", "gradient", "backward", lambda get: chosen(student, text, x).value(student, get))
    put(
        "intercept",
        "activation",
        "backward",
        lambda get: CONTEXT.subtract(
            get("value"), student.line(student.times(get("slope"), get(x)))
        ),
    )
    put("moved", "activation", "check", lambda get: CONTEXT.add(get(x), get("change")))
    put(
        "moved_value",
        "activation",
        "check",
        lambda get: Formula(text).value(student, lambda used: get("moved" if used == x else used)),
    )
    put("rise", "loss", "check", lambda get: CONTEXT.subtract(get("moved_value"), get("value")))
    put("estimate", "loss", "check", lambda get: student.times(get("slope"), get("change")))
    put("gap", "loss", "check", lambda get: CONTEXT.subtract(get("rise"), get("estimate")))


def gradient(student: Student) -> None:
    problem = student.problem
    text = put_in(problem.formula, problem.given)
    if not problem.at:
        return
    for name, number in problem.at.items():
        student.given(name, number)

    def put(name: str, kind: str, phase: str, value) -> None:
        student.kind = kind
        student.put(name, value(lambda used: student.get(used, f"{phase} 1")), kind, 1, phase)

    put("value", "activation", "forward", lambda get: Formula(text).value(student, get))
    for name in problem.variables:
        put(
            f"d{problem.name}_d{name}",
            "gradient",
            "backward",
            lambda get, name=name: chosen(student, text, name).value(student, get),
        )
    if not problem.change:
        return
    for name, number in problem.change.items():
        student.given(f"{name}_change", number)
        put(
            f"{name}_moved",
            "activation",
            "check",
            lambda get, name=name: CONTEXT.add(get(name), get(f"{name}_change")),
        )
    put(
        "moved_value",
        "activation",
        "check",
        lambda get: Formula(text).value(
            student, lambda used: get(f"{used}_moved" if used in problem.change else used)
        ),
    )
    put("rise", "loss", "check", lambda get: CONTEXT.subtract(get("moved_value"), get("value")))
    for name in problem.change:
        put(
            f"{name}_share",
            "loss",
            "check",
            lambda get, name=name: student.times(
                get(f"d{problem.name}_d{name}"), get(f"{name}_change")
            ),
        )
    shares = [f"{name}_share" for name in problem.change]
    if len(shares) > 1:
        put("estimate", "loss", "check", lambda get: student.total([get(name) for name in shares]))
    put(
        "gap",
        "loss",
        "check",
        lambda get: CONTEXT.subtract(
            get("rise"), get("estimate" if len(shares) > 1 else shares[0])
        ),
    )


def chain(student: Student) -> None:
    problem = student.problem
    if not problem.at:
        return
    x, links = (
        problem.variable,
        {name: put_in(text, problem.given) for name, text in problem.links.items()},
    )
    student.given(x, problem.at[x])
    for name, text in links.items():
        student.kind = "activation"
        student.put(
            name,
            Formula(text).value(student, lambda used: student.get(used, "forward 1")),
            "activation",
            1,
            "forward",
        )
    student.kind = "gradient"
    factors = []
    for name, before in problem.pairs:
        value = chosen(student, links[name], before).value(
            student, lambda used: student.get(used, "backward 1")
        )
        factors.append(
            value
            if student.way.is_at_once
            else student.put(f"d{name}_d{before}", value, "gradient", 1, "backward")
        )
    student.put(
        f"d{problem.last}_d{x}", student.times(*reversed(factors)), "gradient", 1, "backward"
    )


def derivation(student: Student) -> None:
    problem = student.problem
    if not problem.at:
        return
    for name, number in problem.at.items():
        student.given(name, number)
    for name, text in problem.definitions.items():
        student.kind = "activation"
        student.put(
            name,
            Formula(text).value(student, lambda used: student.get(used, "forward 1")),
            "activation",
            1,
            "forward",
        )
    student.kind = "gradient"
    form = problem.steps[-1].form
    student.put(
        f"d{problem.loss_name}_d{problem.by}",
        Formula(form).value(student, lambda used: student.get(used, "backward 1")),
        "gradient",
        1,
        "backward",
    )


FAMILIES: dict[str, Callable[[Student], None]] = {
    "network": network,
    "formulas": formulas,
    "function": function,
    "gradient": gradient,
    "chain": chain,
    "derivation": derivation,
    "descent": descent,
}

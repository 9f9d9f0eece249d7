"""The same trace in matrix notation: z = W x + b, delta, outer products, Hadamard products.

    z^(1) = W^(1) x + b^(1) = [1 -1 1; -2 0 1] [1; 0; 1] + [0; 1] = [2; 0]

Nothing is computed here. A matrix line stacks the lines of the scalar workings behind it, entry by
entry, so the row-times-column sums are there for whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from ..algebra.expression import Apply, Expr, Literal, Name, apply, substitute
from ..algebra.laws import law_named
from ..problem import END, Layer
from ..trace.backward import partial_name
from ..trace.recorder import as_shown
from ..trace.tape import alike
from ..trace.trace import Line, Trace, ended
from .stacked import Grid, beneath, stacked
from .views import View


class Matrices:
    """The matrix views of one trace."""

    def __init__(self, trace: Trace):
        self.trace, self.problem = trace, trace.problem
        network = self.problem.network
        self.layers = network.layers
        outputs = [[*network.inputs], *[[unit.a for unit in layer.units] for layer in self.layers]]
        self.inputs, self.outputs = outputs[:-1], outputs[1:]
        self.loss = network.loss_name

    # ---- names ----------------------------------------------------------------------------------

    def name(self, part: str, layer: int) -> str:
        """The name of layer `layer`'s weights, bias, z or a (0: the inputs)."""
        if layer == 0:
            return "x"
        if part == "z" and self.layers[layer - 1].activation == "identity":
            part = "a"
        given = self.layers[layer - 1].symbols.get(part)
        if given:
            return given
        is_last = layer == len(self.layers)
        units = self.layers[layer - 1].units
        if (
            part in ("z", "a")
            and len(units) == 1
            and "__" not in (own := self.units(layer, part)[0])
        ):
            return own  # one unit with a name of the author's: the loss calls it so too
        if part == "a" and is_last:
            return "y_hat"
        return {
            "weights": f"W__{layer}",
            "bias": f"b__{layer}",
            "z": f"z__{layer}",
            "a": f"h__{layer}",
        }[part]

    def alone(self) -> dict[str, str]:
        """The entry of each vector of one, and what the page calls the vector: the entry must have
        no second name."""
        found = {}
        for index, layer in enumerate(self.layers, start=1):
            if len(layer.units) == 1:
                found |= {self.units(index, part)[0]: self.name(part, index) for part in ("z", "a")}
        return {entry: name for entry, name in found.items() if entry != name}

    def delta(self, layer: int) -> str:
        """dL/dz of a layer: delta, or the gradient by the output itself where there is no
        activation."""
        if self.layers[layer - 1].activation == "identity":
            return partial_name(self.loss, self.name("a", layer))
        return f"delta__{layer}"

    def weights(self, layer: int) -> Grid:
        """The names of a layer's weights: (units, inputs). `layer` counts from 1."""
        return Grid([list(unit.weights) for unit in self.layers[layer - 1].units])

    def units(self, layer: int, part: str) -> list[str]:
        """The names of a layer's units, `part` z or a; with identity z is a."""
        is_identity = self.layers[layer - 1].activation == "identity"
        return [
            unit.a if part == "a" or is_identity else unit.z
            for unit in self.layers[layer - 1].units
        ]

    def bias(self, layer: int) -> list[str]:
        """The names of a layer's biases, one for each unit; none where it has no bias."""
        return [name for unit in self.layers[layer - 1].units for name in unit.bias]

    # ---- phases ---------------------------------------------------------------------------------

    def views(self, phase: str, epoch: int) -> tuple[View, ...]:
        """The chains of a phase. The loss is one number and stays scalar."""
        self.epoch, self.phase = epoch, phase
        build = {"forward": self.forward, "backward": self.backward, "update": self.update}.get(
            phase
        )
        if build:
            return tuple(build())
        if phase in ("check", END):
            loss = self.trace.find(self.called(self.loss), epoch, phase)
            return *map(self.renamed, self.forward()), View(loss.name, loss.lines, (loss,))
        return tuple(View(w.name, w.lines, (w,)) for w in self.trace.select(phase, epoch))

    def called(self, name: str) -> str:
        """What the trace calls a quantity in this phase."""
        return ended(name) if self.phase == END else name

    def renamed(self, view: View) -> View:
        """A view of the forward pass in the names of this phase: what has a value of its own where
        gradient descent ends."""
        if self.phase != END:
            return view
        moved = self.moved()
        lines = [
            replace(
                line,
                expr=substitute(
                    line.expr, lambda each: Name(ended(each)) if each in moved else None
                ),
            )
            for line in view.lines
        ]
        return View(ended(view.name), tuple(lines), view.members)

    def moved(self) -> list[str]:
        """The matrices and vectors of the forward pass that gradient descent changes."""
        return [
            self.name(part, index)
            for index, layer in enumerate(self.layers, start=1)
            for part in ("weights", "z", "a", *["bias"] * layer.trained_bias)
        ]

    def forward(self) -> list[View]:
        """z = W x + b and a = f(z), layer by layer; a alone where f is the identity."""
        views = []
        for index, layer in enumerate(self.layers, start=1):
            inputs = Grid.column(self.inputs[index - 1])
            formula, numbers = self.times(
                self.weights(index),
                inputs,
                Name(self.name("weights", index)),
                Name(self.name("a", index - 1)),
            )
            if self.bias(index):
                formula += Name(self.name("bias", index))
                numbers += self.filled(Grid.column(self.bias(index)))
            members = Grid.column(self.units(index, "z"))
            views.append(self.view(self.name("z", index), formula, numbers, members))
            if layer.activation != "identity":
                law = law_named(layer.activation)
                z = Name(self.name("z", index))
                call = (
                    law.formula(z, _slope(layer))
                    if layer.activation == "leaky-relu"
                    else apply(law.op, z)
                )
                number = apply(law.op, self.filled(members)) if law.is_called else None
                views.append(
                    self.view(
                        self.name("a", index), call, number, Grid.column(self.outputs[index - 1])
                    )
                )
        return views

    def backward(self) -> list[View]:
        """delta = dL/dz and the gradients of W and b, from the last layer to the first."""
        views = []
        for index in range(len(self.layers), 0, -1):
            layer, outputs = self.layers[index - 1], self.units(index, "a")
            if index == len(self.layers):
                views += self.output_error(layer, index, outputs)
            else:
                gradient = partial_name(self.loss, self.name("a", index))
                weights, later = (
                    self.weights(index + 1).transposed(),
                    Grid.column(
                        [partial_name(self.loss, name) for name in self.units(index + 1, "z")]
                    ),
                )
                turned = Name(self.name("weights", index + 1))
                formula, numbers = self.times(
                    weights,
                    later,
                    turned if weights.is_scalar else apply("transpose", turned),
                    Name(self.delta(index + 1)),
                )
                views.append(
                    self.view(
                        gradient,
                        formula,
                        numbers,
                        Grid.column([partial_name(self.loss, name) for name in outputs]),
                        is_turned=True,
                    )
                )
                if layer.activation != "identity":
                    views += self.through_activation(layer, index, gradient)
            views += self.parameter_gradients(layer, index)
        return views

    def output_error(self, layer: Layer, index: int, outputs: list[str]) -> list[View]:
        """dL/dz of the last layer: by its short form, or dL/dy_hat and then through the activation."""
        law, network = law_named(self.problem.network.loss), self.problem.network
        predicted, targets = Name(self.name("a", index)), self.target_name()
        if law.pairs.get(law_named(layer.activation).op):
            members = Grid.column(
                [partial_name(self.loss, name) for name in self.units(index, "z")]
            )
            numbers = self.filled(Grid.column(outputs)) - self.filled(
                Grid.column(list(network.target))
            )
            return [self.view(self.delta(index), predicted - Name(targets), numbers, members)]
        n = len(outputs)
        formula = law.derivative([Name(targets)] * n, [predicted] * n, 0)
        gradient = partial_name(self.loss, self.name("a", index))
        view = self.view(
            gradient,
            formula,
            None,
            Grid.column([partial_name(self.loss, name) for name in outputs]),
        )
        return (
            [view]
            if layer.activation == "identity"
            else [view, *self.through_activation(layer, index, gradient)]
        )

    def through_activation(self, layer: Layer, index: int, gradient: str) -> list[View]:
        """delta = dL/da (.) f'(z); for softmax the Jacobian's transpose times dL/da."""
        z, a = self.units(index, "z"), self.units(index, "a")
        slope = partial_name(self.name("a", index), self.name("z", index))
        law = law_named(layer.activation)
        upstream = Grid.column([partial_name(self.loss, name) for name in a])
        members = Grid.column([partial_name(self.loss, name) for name in z])
        if layer.activation == "softmax":
            jacobian = Grid([[partial_name(output, name) for name in z] for output in a])
            turned = jacobian.transposed()
            formula = apply("matmul", apply("transpose", Name(slope)), Name(gradient))
            return [
                self.view(slope, None, None, jacobian),
                self.view(
                    self.delta(index),
                    formula,
                    apply("matmul", self.filled(turned), self.filled(upstream)),
                    members,
                    is_turned=True,
                ),
            ]
        locals_ = Grid.column([partial_name(output, name) for output, name in zip(a, z)])
        args = [
            Name(self.name("z", index)),
            *([_slope(layer)] if layer.activation == "leaky-relu" else []),
        ]
        taught = law.derivative(args, Name(self.name("a", index)), 0, ())
        join = "product" if locals_.is_scalar else "hadamard"
        formula, numbers = (
            Apply(join, pair)
            for pair in (
                (Name(gradient), Name(slope)),
                (self.filled(upstream), self.filled(locals_)),
            )
        )
        return [
            self.view(slope, _elementwise(taught) if join == "hadamard" else taught, None, locals_),
            self.view(self.delta(index), formula, numbers, members),
        ]

    def parameter_gradients(self, layer: Layer, index: int) -> list[View]:
        """dL/dW = delta a^T, dL/db = delta."""
        deltas = Grid.column([partial_name(self.loss, name) for name in self.units(index, "z")])
        inputs = Grid.column(self.inputs[index - 1]).transposed()
        before = Name(self.name("a", index - 1))
        formula, numbers = self.times(
            deltas,
            inputs,
            Name(self.delta(index)),
            before if inputs.is_scalar else apply("transpose", before),
        )
        views = [
            self.view(
                partial_name(self.loss, self.name("weights", index)),
                formula,
                numbers,
                self.gradients_of(self.weights(index)),
            )
        ]
        if self.bias(index) and layer.trained_bias:
            views.append(
                self.view(
                    partial_name(self.loss, self.name("bias", index)),
                    Name(self.delta(index)),
                    self.filled(deltas),
                    self.gradients_of(Grid.column(self.bias(index))),
                )
            )
        return views

    def update(self) -> list[View]:
        """W <- W - alpha dL/dW, the last layer first."""
        views, rate = [], self.problem.notation.learning_rate
        for index in range(len(self.layers), 0, -1):
            layer = self.layers[index - 1]
            for part, grid in (
                ("weights", self.weights(index)),
                ("bias", Grid.column(self.bias(index)) if self.bias(index) else None),
            ):
                if grid is None or part == "bias" and not layer.trained_bias:
                    continue
                name = self.name(part, index)
                formula = Name(name) - Name(rate) * Name(partial_name(self.loss, name))
                numbers = self.filled(grid, self.before) - self.literal(rate) * self.filled(
                    self.gradients_of(grid)
                )
                views.append(self.view(name, formula, numbers, grid))
        return views

    # ---- building -------------------------------------------------------------------------------

    def target_name(self) -> str:
        """The symbol of the target: its own name, y for a vector."""
        target = self.problem.network.target
        return next(iter(target)) if len(target) == 1 else "y"

    def gradients_of(self, grid: Grid) -> Grid:
        """dL/dq for every name q of a grid, in its place."""
        return Grid([[partial_name(self.loss, name) for name in row] for row in grid.rows])

    def times(
        self, left: Grid, right: Grid, left_name: Expr, right_name: Expr
    ) -> tuple[Expr, Expr]:
        """A matrix product in symbols and in numbers; plain products where numbers are multiplied."""
        is_plain = left.is_scalar and right.is_scalar
        return (
            Apply("product" if is_plain else "matmul", (left_name, right_name)),
            Apply(
                "product" if left.is_scalar or right.is_scalar else "matmul",
                (self.filled(left), self.filled(right)),
            ),
        )

    def filled(self, grid: Grid, entry: Callable[[str], Literal] | None = None) -> Expr:
        """A grid with numbers in the place of names; `entry`: which, without it those of this
        phase."""
        return grid.fill(entry or self.literal)

    def literal(self, name: str) -> Literal:
        """What is printed for a name in this phase: worked in this epoch, or held from before."""
        for phase in (self.phase,) if self.phase in ("check", END) else ("forward", "backward"):
            working = self.trace.get(self.called(name), self.epoch, phase)
            if working:
                return Literal(Decimal(working.shown), working.shown, working.event)
        return self.before(name)

    def before(self, name: str) -> Literal:
        """What is printed for a name when this phase begins: after the update in the check, where
        the run ends in the phase of the end."""
        return self.held(name, self.epoch + (self.phase == "check"), self.phase == END)

    def held(self, name: str, epoch: int, at_end: bool = False) -> Literal:
        """What is printed for a given or a parameter when `epoch` begins, or where gradient descent
        ends."""
        event = self.trace.at_end(name) if at_end else self.trace.holder(name, epoch)
        shown = self.trace.events[event].shown
        return Literal(Decimal(shown), shown, event)

    def view(
        self,
        name: str,
        formula: Expr | None,
        numbers: Expr | None,
        grid: Grid,
        is_turned: bool = False,
    ) -> View:
        """The chain of a matrix: its formula, the matrices put in, the members' lines stacked.
        is_turned: an entry has its factors the other way round than the matrices."""
        members = {
            each: self.trace.find(self.called(each), self.epoch, self.phase)
            for row in grid.rows
            for each in row
        }
        lines = [] if formula is None else [Line("FORMULA", as_shown(formula))]
        lines += (
            stacked(grid, members)
            if numbers is None
            else beneath(numbers, stacked(grid, members), is_turned)
        )
        lines = [
            line
            for before, line in pairwise([None, *lines])
            if before is None or not alike(line.expr, before.expr)
        ]
        return View(name, tuple(lines), tuple(members.values()))


def _slope(layer: Layer) -> Literal:
    return Literal(layer.slope.value, layer.slope.text)


def _elementwise(formula: Expr) -> Expr:
    """A taught derivative for whole columns: products and squares become Hadamard products, 1 a
    column of ones."""
    if not isinstance(formula, Apply):
        return formula
    if formula.op == "power":
        return apply("hadamard", formula.args[0], formula.args[0])
    if formula.op == "sum" and isinstance(formula.args[0], Literal):
        return Apply("sum", (Name("ones"), *map(_elementwise, formula.args[1:])))
    args = tuple(map(_elementwise, formula.args))
    is_scaled = formula.op == "product" and isinstance(args[0], Literal)
    return Apply("hadamard" if formula.op == "product" and not is_scaled else formula.op, args)

"""What the page of a network hands to its templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ...algebra.expression import Apply, Name
from ...diagrams import writer as diagrams
from ...pages import facts
from ...pages.long_runs import LongRunPage
from ...pages.page import STATEMENTS, display
from ...tex.notation import GRADIENT, symbol
from ...tex.unicode import symbols_with
from ...tex.writer import tex
from ...trace.backward import partial_name
from ...trace.evaluation import uses
from ...trace.states import unit_state
from ...trace.tape import alike
from ...trace.trace import Trace, Working, ended
from ...views.matrices import Matrices
from ...views.stacked import Grid, turned
from ...views.views import View, result_of, shortened, without_formula


class NetworkPage(LongRunPage):
    """A network's document, one weight at a time or with matrices."""

    def __init__(self, trace: Trace, figures: tuple = (), listed: tuple = ()):
        self.is_matrix = trace.problem.notation.style == "matrix"
        self.matrices = Matrices(trace)
        super().__init__(trace, figures, listed)
        self.places = facts.places_of(self.problem)

    def aliases(self) -> dict[str, str]:
        """With matrices, the entry of a vector of one bears the vector's symbol."""
        if not self.is_matrix:
            return super().aliases()
        alone = self.matrices.alone()
        found = super().aliases()
        return (
            found
            | {entry: symbol(name) for entry, name in alone.items()}
            | {
                ended(entry): found[ended(name)]
                for entry, name in alone.items()
                if ended(name) in found
            }
        )

    def moved(self) -> list[str]:
        """With matrices, those that gradient descent changes besides."""
        return [*super().moved(), *self.matrices.moved()] if self.is_matrix else super().moved()

    def context(self) -> facts.Facts:
        """With the diagrams, and what templates ask of matrices and of the list of gradients."""
        return super().context() | {
            "p": facts.problem_facts(self.problem, self.style),
            "structure": self.structure(),
            "diagram": self.diagram,
            "error_diagram": self.error_diagram,
            "matrix": self.matrix,
            "layers": self.matrix_layers(),
            "gradient_formulas": self.gradient_formulas,
            "remembered": self.remembered,
        }

    # ---- chains ---------------------------------------------------------------------------------

    def view_facts(self, view: View, detail: str) -> facts.Facts:
        """With its place in the network; of a matrix its first entry and its largest step."""
        found = super().view_facts(view, detail)
        return (
            found
            | self.place_of(view.working)
            | {
                "entry": self.first_entry(view) if self.is_matrix and detail == "normal" else "",
                "step": self.largest_step(view, detail) if self.is_matrix else None,
                "formula": tex(view.lines[0].expr, self.style)
                if self.is_matrix
                else found["formula"],
            }
        )

    def first_entry(self, view: View) -> str:
        """The multiplication by which the first entry of a matrix is found, where its chain has the
        matrices alone; else empty."""
        rows = next((line.expr for line in view.lines if line.move == "ROWS"), None)
        member = view.members[0]
        if (
            rows is None
            or not any(
                uses(line.expr, ("matmul",)) for line in view.lines if line.move == "SUBSTITUTE"
            )
            or len(view.members) == 1
            or self.holes.is_open(member.event)
        ):
            return ""
        start = next(place for place, line in enumerate(member.lines) if line.move == "SUBSTITUTE")
        lines = shortened(member.lines[start:], "brief", self.problem, member.kind)
        first = rows.args[0].args[0]
        lines = tuple(
            line if alike(lines[0].expr, first) else replace(line, expr=turned(line.expr))
            for line in lines
        )
        return (
            self.chain(View(member.name, lines, (member,)), "brief")
            if alike(lines[0].expr, first) and len(lines) > 1
            else ""
        )

    def largest_step(self, view: View, detail: str) -> facts.Facts | None:
        """Of a matrix that is updated, the entry that moves most: the row in which it stands (from
        1), and its step in numbers, on one line. None where its chain has the entries already, and
        for a single column or row."""
        rows = (
            view.result.args
            if isinstance(view.result, Apply) and view.result.op == "matrix"
            else ()
        )
        if (
            view.working.phase != "update"
            or len(rows) < 2
            or len(rows[0].args) < 2
            or len(shortened(view.lines, detail, self.problem, view.working.kind)) != 3
        ):
            return None
        gradients = [
            self.trace.find(
                partial_name(self.problem.loss_name, member.name), member.epoch, "backward"
            )
            for member in view.members
        ]
        place = max(range(len(gradients)), key=lambda at: abs(Decimal(gradients[at].shown)))
        member = view.members[place]
        start = next(at for at, line in enumerate(member.lines) if line.move == "SUBSTITUTE")
        first, *others = shortened(member.lines[start:], "brief", self.problem, member.kind)
        chain = [
            tex(first.expr, self.style),
            *[
                f"{facts.relation(line.is_exact, self.problem)} {tex(line.expr, self.style)}"
                for line in others
            ],
        ]
        return {"row": place // len(rows[0].args) + 1, "chain": " ".join(chain)}

    def place_of(self, working: Working) -> facts.Facts:
        """What a working is of in the network, and where."""
        by = working.name.removeprefix(partial_name(self.problem.loss_name, ""))
        if working.phase != "backward" or by != working.name:
            return self.places.get(by, {"role": "loss", "is_last": True})
        of, by = GRADIENT.fullmatch(working.name).groups()  # not of the loss
        is_effect = (
            self.problem.gradients == "through-prediction"
            and of == self.problem.network.layers[-1].units[0].a
        )
        return self.places[of] | {
            "role": "effect" if is_effect else "local",
            "by_symbol": self.symbols(by),
            "of_symbol": self.symbols(of),
        }

    def chosen(self, phase: str, epoch: int) -> Sequence[View]:
        """The chains of a phase; of a pass forward neuron by neuron, each pre-activation with its
        output, but where outputs need them all. With less than full detail one of each kind is
        worked (of a layer's neurons and gradients, of the steps), of the others the result is
        told."""
        found = list(self.chains(phase, epoch))
        if self.is_matrix:
            return found
        if phase in ("forward", "check"):
            order = [
                name
                for layer in self.problem.network.layers
                for name in (
                    [*[unit.z for unit in layer.units], *[unit.a for unit in layer.units]]
                    if layer.activation == "softmax"
                    else [name for unit in layer.units for name in (unit.z, unit.a)]
                )
            ]
            found.sort(
                key=lambda view: order.index(view.name) if view.name in order else len(order)
            )
        asked = self.detail or getattr(self.problem.detail, phase, None)
        return (
            found
            if self.holes.events or self.is_worked or epoch > 1 or asked not in ("normal", "brief")
            else self.told(found, phase == "check")
        )

    def told(self, views: Sequence[View], is_again: bool) -> list[View]:
        """The first of each kind in a layer as it is, of the others the result alone; of all where
        the formulas stand above already."""

        def kind(view: View) -> tuple:
            place = self.place_of(view.working)
            is_of_layer = view.working.phase in ("forward", "backward")
            return place["role"], place.get("layer") if is_of_layer else None

        def told(view: View) -> View:
            """What has a value from before is found anew: its numbers stand with it."""
            if view.working.phase != "check":
                return result_of(view)
            return without_formula(
                replace(view, lines=shortened(view.lines, "brief", self.problem, view.working.kind))
            )

        kinds = list(map(kind, views))
        return [
            told(view) if each in kinds[:at] or is_again else view
            for at, (each, view) in enumerate(zip(kinds, views, strict=True))
        ]

    # ---- single facts ---------------------------------------------------------------------------

    def predictions(self) -> tuple[str, ...]:
        """The outputs of the last layer."""
        return tuple(unit.a for unit in self.problem.network.layers[-1].units)

    def states(self, epoch: int = 1, phase: str = "forward") -> list[facts.Facts]:
        """The units that deserve a sentence: off, at the corner, saturated."""
        found = []
        for layer in self.problem.network.layers:
            for unit in layer.units:
                state = unit_state(layer, unit, epoch, phase, self.trace)
                if state and not self.holes.is_open(self.trace.find(unit.a, epoch, phase).event):
                    found.append(
                        {
                            "state": state,
                            "a": self.symbols(unit.a),
                            "z": self.symbols(unit.z),
                            "activation": layer.activation,
                            "z_shown": self.value(unit.z, epoch, phase),
                            "a_shown": self.value(unit.a, epoch, phase),
                            "weights": [self.symbols(name) for name in unit.weights],
                            "keys": [
                                self.trace.find(unit.a, epoch, phase).key,
                                self.trace.find(unit.z, epoch, phase).key,
                            ],
                        }
                    )
        return found

    def remembered(self, epoch: int = 1, phase: str = "forward") -> str:
        """Displays of the predictions and targets that the loss is made of: `\\hat{y} = 0.65078
        \\qquad y = 1`."""
        network = self.problem.network
        shown = {unit.a: self.value(unit.a, epoch, phase) for unit in network.layers[-1].units}
        shown |= {name: self.numeral(number.text) for name, number in network.target.items()}
        pieces = [f"{self.symbols(name)} = {text}" for name, text in shown.items()]
        return "".join(
            display(r" \qquad ".join(pieces[i : i + STATEMENTS]))
            for i in range(0, len(pieces), STATEMENTS)
        )

    def structure(self) -> str:
        """The mermaid text of the network before anything is worked out."""
        return diagrams.structure(self.problem).strip()

    def handed_out(self) -> facts.Facts:
        """The network with the numbers before the first update, and no result."""
        given = {name: (self.trace.before(name, 1).shown, True) for name in self.trace.givens}
        return {"structure": diagrams.with_values(self.problem, given).strip()}

    def diagram(self, epoch: int = 1) -> str:
        """The mermaid text of the network with the values of an epoch's forward pass."""
        shown = {
            name: (self.trace.before(name, epoch).shown, True)
            for name in self.trace.givens
            if not self.holes.is_open(self.trace.holder(name, epoch))
        }
        shown |= {
            working.name: self.label(working)
            for working in self.trace.select("forward", epoch)
            if not self.holes.is_open(working.event)
        }
        return diagrams.with_values(self.problem, shown).strip()

    def error_diagram(self) -> str:
        """The mermaid text of the network with the gradients of the first backward pass; none on a
        page with blanks."""
        if self.holes.events:
            return ""
        trace, problem = self.trace, self.problem
        shown = {name: (trace.before(name, 1).shown, True) for name in problem.network.inputs}
        shown |= {
            working.name: self.label(working)
            for phase in ("loss", "backward")
            for working in trace.select(phase, 1)
        }
        return diagrams.with_gradients(
            problem, shown, symbols_with(problem.loss_name, problem.notation.loss)
        ).strip()

    def meanings(self) -> dict[str, facts.Facts]:
        """With each quantity's layer and unit, the matrices, inputs, target, loss and rate."""
        network, rate = self.problem.network, self.problem.notation.learning_rate
        units = {
            (index, number): self.symbols(unit.a)
            for index, layer in enumerate(network.layers, start=1)
            for number, unit in enumerate(layer.units, start=1)
        }
        found = super().meanings() | {
            name: place | {"unit": units[place["layer"], place["unit"]]}
            for name, place in self.places.items()
        }
        if self.is_matrix:
            found |= {
                self.matrices.name(part, index): {"role": "matrix", "part": part, "layer": index}
                for index in range(1, len(network.layers) + 1)
                for part in ("weights", "bias", "z", "a")
            }
        return (
            found
            | dict.fromkeys(network.inputs, {"role": "input"})
            | dict.fromkeys(network.target, {"role": "target"})
            | {network.loss_name: {"role": "loss", "law": network.loss}, rate: {"role": "rate"}}
        )

    # ---- matrices -------------------------------------------------------------------------------

    def end_point(self) -> list[str]:
        """With matrices, each layer's weights, and its bias where that is trained."""
        if not self.is_matrix:
            return super().end_point()
        return [
            self.matrix(part, index, is_end=True)
            for index, layer in enumerate(self.problem.network.layers, start=1)
            for part in (
                "weights",
                *["bias"] * (any(unit.bias for unit in layer.units) and layer.trained_bias),
            )
        ]

    def matrix(self, part: str, layer: int = 1, epoch: int = 1, is_end: bool = False) -> str:
        """`W^{(1)} = \\begin{bmatrix} ... \\end{bmatrix}` for weights, bias, inputs or target as
        printed."""
        matrices = self.matrices
        grids = {
            "weights": lambda: (matrices.name("weights", layer), matrices.weights(layer)),
            "bias": lambda: (matrices.name("bias", layer), Grid.column(matrices.bias(layer))),
            "inputs": lambda: (matrices.name("a", 0), Grid.column(matrices.inputs[0])),
            "target": lambda: (
                matrices.target_name(),
                Grid.column(list(self.problem.network.target)),
            ),
        }
        name, grid = grids[part]()
        return f"{self.symbols(ended(name) if is_end else name)} = {tex(grid.fill(lambda each: matrices.held(each, epoch, is_end)), self.style)}"

    def matrix_layers(self) -> list[facts.Facts]:
        """The symbols and the forward formulas of each layer in matrix notation."""
        if not self.is_matrix:
            return []
        names = self.matrices.name
        views = {view.name: view for view in self.chains("forward", 1)}
        found = []
        for index, layer in enumerate(self.problem.network.layers, start=1):
            z, a = names("z", index), names("a", index)
            found.append(
                {
                    "index": index,
                    "names": [names("a", index - 1), names("weights", index), z, a],
                    "z": self.symbols(z),
                    "a": self.symbols(a),
                    "weights": self.symbols(names("weights", index)),
                    "z_formula": tex(views[z].lines[0].expr, self.style),
                    "a_formula": tex(views[a].lines[0].expr, self.style),
                    "is_identity": layer.activation == "identity",
                    "entries": self.named_entries(a, [unit.a for unit in layer.units]),
                }
            )
        return found

    def named_entries(self, vector: str, entries: list[str]) -> str:
        """`\\hat{y} = [o_1; o_2]` where the author's names do not say whose entries they are."""
        base, _, layer = vector.partition("__")
        by_position = [
            f"{base}_{k}" + (f"__{layer}" if layer else "") for k in range(1, len(entries) + 1)
        ]
        if len(entries) == 1 or entries == by_position:
            return ""
        return f"{self.symbols(vector)} = {tex(Grid.column(entries).fill(Name), self.style)}"

    def gradient_formulas(self) -> list[str]:
        """Every gradient as a formula, before the numbers; a pair's short form included."""
        found = []
        for view in self.chains("backward", 1):
            forms = [
                tex(line.expr, self.style)
                for line in view.lines
                if line.move in ("FORMULA", "CHAIN", "LOCAL")
            ]
            if forms:
                found.append(" = ".join([self.symbols(view.name), *forms]))
        return found


PAGE = NetworkPage

"""Problem and trace to Markdown: what a page hands to its templates. All prose lives in templates/."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from . import diagrams, facts
from .environment import fill
from .expression import Literal, Name, leaves
from .holes import Holes
from .matrices import Matrices
from .notation import ASSIGN, GRADIENT, Symbols, symbol
from .number import CONTEXT
from .stacks import Grid
from .trace import Trace
from .typeset import LINE, Style, broken, tex, width
from .views import View, detail_of, scalar_views, shortened

STATEMENTS = 6    # short equations side by side
MAX_COLUMNS = 4   # updates side by side in the table of parameters


def render(trace: Trace, figures: tuple = (), layout: str = "notes", folder: Path | None = None,
           listed: tuple = ()) -> Markdown:
    """The Markdown of a solved problem.

    figures: what plots.draw returned, shown from the folder `figures` beside the page. folder: templates that override
    ours, file by file. listed: what `repunch` found true only of unrounded values; the page says so. Raises
    TemplateError with the template's file and line."""
    return Page(trace, figures, listed).render(layout, folder)


def tidy(text: str) -> str:
    """One blank line between blocks, none at the ends, no trailing spaces."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class Markdown(str):
    """The text of a page; a notebook shows it as Markdown."""

    def _repr_markdown_(self) -> str:
        return str(self)


class Page:
    """One document: its symbols, its chains, its sentences' facts."""

    def __init__(self, trace: Trace, figures: tuple = (), listed: tuple = ()):
        self.trace, self.problem = trace, trace.problem
        self.listed = [{"printed": finding.printed, "expected": finding.expected} for finding in listed]
        self.figures, self.has_said_hidden = figures, False
        self.is_matrix = self.problem.notation.style == "matrix"
        self.matrices = Matrices(trace)
        alone = self.matrices.alone() if self.is_matrix else {}
        self.symbols = Symbols(self.problem.notation, self.problem.network.loss_name,
                               {entry: symbol(name) for entry, name in alone.items()})
        self.leave_blank(Holes(trace, len(trace.events)))
        self.places = facts.places_of(self.problem)
        self.said: set[str] = set()      # numbers of the page that no event has
        self.built: dict[tuple[str, int], tuple[View, ...]] = {}

    def leave_blank(self, holes: Holes) -> None:
        """Print the numbers of `holes` as blanks, in every chain and every sentence."""
        self.holes = holes
        self.style = Style(self.symbols, self.problem.rounding.negatives, holes)

    def render(self, layout: str, folder: Path | None = None) -> Markdown:
        """The page in one of the layouts; `folder` holds templates that override ours."""
        return Markdown(tidy(fill(f"layouts/{layout}.md.j2", self.context(), folder)))

    def context(self) -> facts.Facts:
        return {
            "p": facts.problem_facts(self.problem, self.style), "views": self.views, "value": self.value,
            "display": display, "equation": equation, "figure": self.figure, "structure": self.structure(),
            "diagram": self.diagram, "states": self.states, "matrix": self.matrix, "sym": self.symbols,
            "loss_change": self.loss_change, "layers": self.matrix_layers(), "gradient_formulas": self.gradient_formulas,
            "before": self.before, "remembered": self.remembered,
            "parameter_table": self.parameter_table, "epoch_table": self.epoch_table, "listed": self.listed,
        }

    # ---- chains ---------------------------------------------------------------------------------

    def views(self, phase: str, epoch: int = 1, detail: str = "") -> list[facts.Facts]:
        """The chains of a phase, each with its `chain` (a display) and what there is to say about it."""
        return [self.view_facts(view, detail or detail_of(self.problem, phase, epoch)) for view in self.chains(phase, epoch)]

    def chains(self, phase: str, epoch: int) -> tuple[View, ...]:
        """The views of a phase in the page's notation; built once, however often they are asked for."""
        key = phase, epoch
        if key not in self.built:
            self.built[key] = self.matrices.views(phase, epoch) if self.is_matrix else scalar_views(self.trace, phase, epoch)
        return self.built[key]

    def view_facts(self, view: View, detail: str) -> facts.Facts:
        working = view.working
        found = facts.working_facts(working, self.trace, self.style)
        place = self.places.get(found["by"], {"role": "loss", "is_last": True})
        if working.phase == "backward" and found["by"] == working.name:     # not of the loss
            of, by = GRADIENT.fullmatch(working.name).groups()
            is_effect = self.problem.gradients == "through-prediction" and of == self.problem.network.layers[-1].units[0].a
            place = self.places[of] | {"role": "effect" if is_effect else "local", "by_symbol": self.symbols(by), "of_symbol": self.symbols(of)}
        is_open = any(self.holes.is_open(member.event) for member in view.members)
        return found | place | {
            "symbol": self.symbols(view.name), "is_open": is_open, "chain": self.chain(view, detail),
            "formula": tex(view.lines[0].expr, self.style) if self.is_matrix else found["formula"],
            "hidden": [facts.working_facts(member, self.trace, self.style) for member in view.members
                       if not Decimal(member.shown) and member.exact and not is_open],
            "has_hidden_steps": self.has_first_hidden_zero(view),
            "is_zero": not is_open and all(not Decimal(member.shown) for member in view.members)}

    def has_first_hidden_zero(self, view: View) -> bool:
        """A number in the working is shown as zero and is not, for the first time on the page."""
        if not self.has_said_hidden:
            self.has_said_hidden = any(
                isinstance(leaf, Literal) and not leaf.value and leaf.event is not None and self.trace.events[leaf.event].exact
                and not self.holes.is_open(leaf.event)
                for line in view.lines for leaf in leaves(line.expr))
            return self.has_said_hidden
        return False

    def chain(self, view: View, detail: str) -> str:
        """`z_h &= w_h \\cdot x \\\\ &= 0.5 \\cdot 1.0 \\\\ &= 0.5` as a display of its own."""
        lines = shortened(view.lines, detail, self.problem, view.working.kind)
        parts = [tex(line.expr, self.style) for line in lines]
        relations = [facts.relation(line.is_exact, self.problem) for line in lines]
        if view.working.phase == "update":
            relations[0] = ASSIGN[self.problem.notation.assign]
        left = self.symbols(view.name)
        line = "".join(parts)
        if len(parts) == 1 or detail == "brief" and width(left + line) < LINE - 4 * len(parts) and r"\begin" not in line:
            return display(" ".join([left, *[f"{relation} {part}" for relation, part in zip(relations, parts)]]))
        return aligned(left, list(zip(relations, parts)))

    # ---- single facts ---------------------------------------------------------------------------

    def value(self, name: str, epoch: int = 1, phase: str | None = None) -> str:
        """The printed text of a quantity."""
        return self.number(self.trace.find(name, epoch, phase).event)

    def before(self, name: str, epoch: int = 1) -> str:
        """The printed text of a given or a parameter when an epoch begins."""
        return self.number(self.trace.holder(name, epoch))

    def number(self, event: int) -> str:
        """The text of an event as it is printed, or its blank."""
        shown = self.trace.events[event].shown
        return tex(Literal(Decimal(shown), shown, event), self.style)

    def states(self, epoch: int = 1, phase: str = "forward") -> list[facts.Facts]:
        """The units that deserve a sentence: off, at the corner, saturated."""
        found = []
        for layer in self.problem.network.layers:
            for unit in layer.units:
                state = facts.unit_state(layer, unit, epoch, phase, self.trace)
                if state and not self.holes.is_open(self.trace.find(unit.a, epoch, phase).event):
                    found.append({"state": state, "a": self.symbols(unit.a), "z": self.symbols(unit.z),
                                  "activation": layer.activation, "z_shown": self.value(unit.z, epoch, phase),
                                  "a_shown": self.value(unit.a, epoch, phase),
                                  "weights": [self.symbols(name) for name in unit.weights]})
        return found

    def remembered(self, epoch: int = 1, phase: str = "forward") -> str:
        """Displays of the predictions and targets that the loss is made of: `\\hat{y} = 0.65078 \\qquad y = 1`."""
        network = self.problem.network
        shown = {unit.a: self.value(unit.a, epoch, phase) for unit in network.layers[-1].units}
        shown |= {name: number.text for name, number in network.target.items()}
        pieces = [f"{self.symbols(name)} = {text}" for name, text in shown.items()]
        return "".join(display(r" \qquad ".join(pieces[i:i + STATEMENTS])) for i in range(0, len(pieces), STATEMENTS))

    def loss_change(self, epoch: int) -> facts.Facts:
        """The loss of `epoch` against the loss after its update, from the printed digits."""
        name = self.problem.network.loss_name
        old = self.trace.find(name, epoch, "loss")
        is_last = epoch == self.problem.epochs
        new = self.trace.find(name, epoch if is_last else epoch + 1, "check" if is_last else "loss")
        change = CONTEXT.subtract(Decimal(old.shown), Decimal(new.shown))
        size, is_open = format(abs(change), "f"), self.holes.is_open(new.event)
        self.said |= set() if is_open else {size}
        return {"old": old.shown, "new": new.shown, "size": size, "sign": (change > 0) - (change < 0), "is_open": is_open}

    def structure(self) -> str:
        """The mermaid text of the network before anything is worked out."""
        return diagrams.structure(self.problem).strip()

    def diagram(self, epoch: int = 1) -> str:
        """The mermaid text of the network with the values of an epoch's forward pass."""
        shown = {name: (event.shown, True) for name in self.trace.givens for event in (self.trace.before(name, epoch),)}
        shown = {name: text for name, text in shown.items() if not self.holes.is_open(self.trace.holder(name, epoch))}
        for working in self.trace.select("forward", epoch):
            if self.holes.is_open(working.event):
                continue
            is_equal = facts.relation(all(line.is_exact for line in working.lines), self.problem) == "="
            shown[working.name] = (working.shown, is_equal)
        return diagrams.with_values(self.problem, shown).strip()

    def figure(self, name: str) -> facts.Facts | None:
        """A drawn figure by its name; None if it was not drawn."""
        return next(({"path": f"figures/{each.files[0].name}", "alt": each.alt, "caption": each.caption}
                     for each in self.figures if each.name == name), None)

    # ---- tables -----------------------------------------------------------------------------------

    def parameter_table(self) -> str:
        """Every parameter before and after each update (the first and the last where there are many)."""
        epochs = list(range(1, self.problem.epochs + 1))
        shown = epochs if len(epochs) <= MAX_COLUMNS else [*epochs[:2], *epochs[-2:]]
        header = ["Parameter", "before", *[f"after update {epoch}" if len(epochs) > 1 else "after the update" for epoch in shown]]
        names = [name for layer in self.problem.network.layers for unit in layer.units for name in (*unit.weights, *unit.bias)]
        rows = [[f"${self.symbols(name)}$", *[f"${self.before(name, epoch)}$" for epoch in (1, *[each + 1 for each in shown])]]
                for name in names]
        return table(header, rows)

    def epoch_table(self) -> str:
        """Prediction and loss, epoch by epoch, and after the last update."""
        network, last = self.problem.network, self.problem.epochs
        names = [*[unit.a for unit in network.layers[-1].units], network.loss_name]
        rows = [[str(epoch), *[f"${self.value(name, epoch)}$" for name in names]] for epoch in range(1, last + 1)]
        rows.append([f"after update {last}" if last > 1 else "after the update", *[f"${self.value(name, last, 'check')}$" for name in names]])
        return table(["Epoch", *[f"${self.symbols(name)}$" for name in names]], rows)

    # ---- matrices -------------------------------------------------------------------------------

    def matrix(self, part: str, layer: int = 1, epoch: int = 1) -> str:
        """`W^{(1)} = \\begin{bmatrix} ... \\end{bmatrix}` for weights, bias, inputs or target as printed."""
        matrices = self.matrices
        grids = {"weights": lambda: (matrices.name("weights", layer), matrices.weights(layer)),
                 "bias": lambda: (matrices.name("bias", layer), Grid.column(matrices.bias(layer))),
                 "inputs": lambda: (matrices.name("a", 0), Grid.column(matrices.inputs[0])),
                 "target": lambda: (matrices.target_name(), Grid.column(list(self.problem.network.target)))}
        name, grid = grids[part]()
        return f"{self.symbols(name)} = {tex(grid.fill(lambda each: matrices.held(each, epoch)), self.style)}"

    def matrix_layers(self) -> list[facts.Facts]:
        """The symbols and the forward formulas of each layer in matrix notation."""
        if not self.is_matrix:
            return []
        names = self.matrices.name
        views = {view.name: view for view in self.chains("forward", 1)}
        found = []
        for index, layer in enumerate(self.problem.network.layers, start=1):
            z, a = names("z", index), names("a", index)
            found.append({"index": index, "z": self.symbols(z), "a": self.symbols(a),
                          "weights": self.symbols(names("weights", index)),
                          "z_formula": tex(views[z].lines[0].expr, self.style),
                          "a_formula": tex(views[a].lines[0].expr, self.style), "is_identity": layer.activation == "identity",
                          "entries": self.named_entries(a, [unit.a for unit in layer.units])})
        return found

    def named_entries(self, vector: str, entries: list[str]) -> str:
        """`\\hat{y} = [o_1; o_2]` where the author's names do not say whose entries they are."""
        base, _, layer = vector.partition("__")
        by_position = [f"{base}_{k}" + (f"__{layer}" if layer else "") for k in range(1, len(entries) + 1)]
        if len(entries) == 1 or entries == by_position:
            return ""
        return f"{self.symbols(vector)} = {tex(Grid.column(entries).fill(Name), self.style)}"

    def gradient_formulas(self) -> list[str]:
        """Every gradient as a formula, before the numbers; a pair's short form included."""
        found = []
        for view in self.chains("backward", 1):
            forms = [tex(line.expr, self.style) for line in view.lines if line.move in ("FORMULA", "CHAIN", "LOCAL")]
            if forms:
                found.append(" = ".join([self.symbols(view.name), *forms]))
        return found


def equation(left: str, right: str) -> str:
    """`left = right` as a display, a long sum on several lines."""
    return display(f"{left} = {right}") if len(broken(right)) == 1 else aligned(left, [("=", right)])


def aligned(left: str, chain: list[tuple[str, str]]) -> str:
    """A display of (relation, form) below each other; a long sum goes on in the next row."""
    rows = []
    for relation, form in chain:
        first, *rest = broken(form)
        rows += [f"  {'' if rows else left + ' '}&{relation} {first}", *[f"  &\\quad {piece}" for piece in rest]]
    text = rows[0]
    for above, row in pairwise(rows):
        is_tall = r"\frac" in above + row or r"\underline" in above + row
        text += (" \\\\[0.6em]\n" if is_tall else " \\\\\n") + row
    return display("\\begin{aligned}\n" + text + "\n\\end{aligned}")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A pipe table, the first column to the left, numbers to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def display(math: str) -> str:
    """Display mathematics alone between blank lines."""
    return f"\n\n$$\n{math}\n$$\n\n"

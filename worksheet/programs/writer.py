"""A solution as a short program to read and to run: `code: numpy`, `code: torch`.

    z_h = w_h * x
    a_h = sigmoid(z_h)
    print(f"{z_h = :.5f}   {a_h = :.5f}")

The formulas are those of the page, from its trace; every number is printed in the order of the page
with as many digits. NumPy has the gradients by the formulas too, PyTorch by its own means. What a
program prints is compared with the trace (`proofs/programs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..algebra.expression import Expr, Name, names
from ..algebra.laws import LOSSES, law_named
from ..errors import WorksheetError
from ..problem import CODES, PHASES
from ..tex.notation import GRADIENT
from ..trace.backward import partial_name
from ..trace.trace import Key, Trace, Working
from ..views.matrices import Matrices
from ..views.phases import chains_of
from ..views.views import View
from .pythonic import HELPERS, Names, Writer

NUMPY, TORCH = CODES
DIALECTS = {NUMPY: "NumPy", TORCH: "PyTorch"}  # each as it is asked for, and as it is called
IMPORTS = {
    NUMPY: "import numpy as np",
    TORCH: "import torch\n\ntorch.set_default_dtype(torch.float64)",
}
MODULES = {NUMPY: "np", TORCH: "torch"}
OPTIONS = {
    NUMPY: 'np.set_printoptions(precision={places}, suppress=True, floatmode="fixed")',
    TORCH: "torch.set_printoptions(precision={places}, linewidth=100, sci_mode=False)",
}  # how matrices are printed
COMMENTS = {
    "forward": "forward pass",
    "loss": "loss",
    "backward": "gradients",
    "update": "update",
    "check": "and again",
}
ACROSS, WIDEST = 4, 88  # numbers on a line of what is printed, signs on a line of the program


class Printed(NamedTuple):
    """What a program prints of one quantity each time: the keys of the numbers in the order in
    which they stand there."""

    label: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """The text of a program, and what it prints, in order."""

    dialect: str
    text: str
    prints: tuple[Printed, ...]


class Step(NamedTuple):
    """A quantity of a pass: its name, its formula in names, and what it is made of."""

    name: str
    formula: Expr
    members: tuple[Working, ...]


Pass = dict[str, list[Step]]  # by phase


def program_of(trace: Trace, dialect: str) -> Program:
    """The program of a solution in NumPy or PyTorch. Raises WorksheetError for one that has no
    numbers."""
    if not any(each.phase in PHASES for each in trace.workings):
        raise WorksheetError(
            f"'{trace.problem.title}' has nothing for a program to work out",
            "code",
            "leave `code` out, or give the problem a point",
        )
    return _Builder(trace, dialect).build()


class _Builder:
    """Puts a program together from the passes of a solution."""

    def __init__(self, trace: Trace, dialect: str):
        self.trace, self.problem, self.dialect = trace, trace.problem, dialect
        self.matrices = (
            Matrices(trace)
            if self.problem.layers and self.problem.notation.style == "matrix"
            else None
        )
        self.passes = [self.steps(epoch) for epoch in range(1, self.problem.epochs + 1)]
        every = [step for each in self.passes for steps in each.values() for step in steps]
        self.held = {*self.grids(), *[step.name for step in every]}  # what has a line of its own
        self.names = Names(
            (self.held | {name for step in every for name in names(step.formula)}) - {"ones"}
        )
        self.write = Writer(MODULES[dialect], self.names)
        self.prints: list[Printed] = []

    def steps(self, epoch: int) -> Pass:
        """The quantities of an epoch, by phase."""
        chains = chains_of(self.trace)
        found = {phase: [self.step(view) for view in chains(phase, epoch)] for phase in PHASES}
        return {phase: steps for phase, steps in found.items() if steps}

    def step(self, view: View) -> Step:
        working = view.working
        if self.matrices is None:
            return Step(view.name, working.formula, view.members)
        if working.kind == "loss":
            return Step(view.name, self.loss(), view.members)
        return Step(view.name, view.lines[0].expr, view.members)

    def loss(self) -> Expr:
        """The loss of one output, which is summed over all of them (`_Builder.line`)."""
        matrices = self.matrices
        return law_named(self.problem.network.loss).formula(
            [Name(matrices.target_name())], [Name(matrices.name("a", len(matrices.layers)))]
        )

    # ---- the text -------------------------------------------------------------------------------

    def build(self) -> Program:
        body = [*self.looped()] if self.is_loop() else [*self.straight()]
        module = MODULES[self.dialect]
        helpers = [HELPERS[name].format(m=module) for name in self.write.helpers]
        if self.matrices is not None:
            places = max(
                (
                    _places(member.shown)
                    for each in self.passes
                    for steps in each.values()
                    for step in steps
                    for member in step.members
                ),
                default=5,
            )
            helpers.insert(0, OPTIONS[self.dialect].format(places=places))
        given = [
            "# what is given",
            *[
                f"{self.names(name)} = {self.held_text(name, rows)}"
                for name, rows in self.grids().items()
            ],
        ]
        parts = [IMPORTS[self.dialect], *helpers, "\n".join(given), "\n".join(body)]
        return Program(self.dialect, "\n\n".join(parts) + "\n", tuple(self.prints))

    def grids(self) -> dict[str, list[list[str]] | None]:
        """What is given, by name: the names in the rows of a matrix or a column; None for a number."""
        if self.matrices is None:
            used = {
                name
                for each in self.passes
                for steps in each.values()
                for step in steps
                for name in names(step.formula)
            }
            return {name: None for name in self.trace.givens if name in used}
        m, network = self.matrices, self.problem.network
        found = {
            m.name("a", 0): [[name] for name in m.inputs[0]],
            m.target_name(): [[name] for name in network.target],
        }
        for index in range(1, len(m.layers) + 1):
            found[m.name("weights", index)] = m.weights(index).rows
            if m.bias(index):
                found[m.name("bias", index)] = [[name] for name in m.bias(index)]
        return found | {self.problem.notation.learning_rate: None}

    def held_text(self, name: str, rows: list[list[str]] | None) -> str:
        """What is given as Python writes it: a number, or the numbers in rows."""
        needs = ", requires_grad=True" if self.dialect == TORCH and name in self.moving() else ""
        if rows is None:
            is_plain = self.dialect == NUMPY or self.matrices is not None
            return (
                self.trace.before(name, 1).shown
                if is_plain
                else f"torch.tensor({self.decimal(name)}{needs})"
            )
        maker = "np.array" if self.dialect == NUMPY else "torch.tensor"
        made = [f"[{', '.join(map(self.decimal, row))}]" for row in rows]
        start, inside = f"{self.names(name)} = {maker}(", ", ".join(made)
        if len(start) + len(inside) + 3 > WIDEST:
            inside = (",\n" + " " * (len(start) + 1)).join(made)
        return f"{maker}([{inside}]{needs})"

    def moving(self) -> set[str]:
        """What is differentiated by, of what is given."""
        if self.matrices is not None:
            return {
                self.matrices.name(part, index)
                for index in range(1, len(self.matrices.layers) + 1)
                for part in ("weights", "bias")
            }
        return {
            gradient[2]
            for each in self.trace.workings
            if each.phase == "backward" and (gradient := GRADIENT.fullmatch(each.name))
        } & {*self.trace.givens}

    def decimal(self, name: str) -> str:
        """A number that is given, as it was written; PyTorch takes one without a point for a whole
        number."""
        text = self.trace.before(name, 1).shown
        return text + ".0" if self.dialect == TORCH and text.lstrip("-").isdigit() else text

    def is_loop(self) -> bool:
        """Whether every update is worked by the same formulas, and the last pass is a forward pass
        again."""
        forms = [
            {phase: [(step.name, step.formula) for step in steps] for phase, steps in each.items()}
            for each in self.passes
        ]
        first = [*forms[0].get("forward", ()), *forms[0].get("loss", ())]
        inner = [
            {phase: steps for phase, steps in each.items() if phase != "check"} for each in forms
        ]
        return (
            "update" in forms[0]
            and forms[-1].get("check") == first
            and all(each == inner[0] for each in inner)
        )

    def looped(self) -> Iterator[str]:
        last = len(self.passes)
        yield f"for update in range({last + 1}):"
        shown = {
            phase: [[each[phase][place] for each in self.passes] for place in range(len(steps))]
            for phase, steps in self.passes[0].items()
            if phase != "check"
        }
        again = iter(
            self.passes[-1]["check"]
        )  # printed by the same lines, in as many digits as it has
        for phase in ("forward", "loss"):
            for steps in shown.get(phase, ()):
                steps.append(next(again))
        inner: list[str] = []
        for phase in ("forward", "loss"):
            if phase in shown:
                inner += self.section(phase, shown[phase])
        inner += [f"if update == {last}:", "    break"]
        for phase in ("backward", "update"):
            inner += self.section(phase, shown[phase])
        inner += ["print()"]
        yield from ("    " + line if line else "" for text in inner for line in text.split("\n"))
        for each in self.passes:
            self.say(
                [
                    step
                    for phase in ("forward", "loss", "backward", "update")
                    for step in each.get(phase, ())
                ]
            )
        self.say(self.passes[-1]["check"])

    def straight(self) -> Iterator[str]:
        for number, each in enumerate(self.passes, start=1):
            if len(self.passes) > 1:
                yield f"# update {number}"
            for phase, steps in each.items():
                yield from self.section(phase, [[step] for step in steps])
                self.say(steps)

    def say(self, steps: Sequence[Step]) -> None:
        self.prints += [
            Printed(self.names(step.name), tuple(member.key for member in step.members))
            for step in steps
        ]

    def section(self, phase: str, steps: list[list[Step]]) -> Iterator[str]:
        """A phase: its quantities, each a line, then what is printed of them. Of each quantity, it
        in every epoch that this line works."""
        yield f"# {COMMENTS[phase]}"
        unpacked: set[str] = set()
        for step, *_ in steps:
            yield from self.unpacking(step, unpacked)
            yield self.line(step, phase)
        if self.matrices is not None:
            for step, *_ in steps:
                yield self.shown_matrix(step)
            return
        shown = [
            f"{{{self.names(several[0].name)} = :{_form([step.members[0].shown for step in several])}}}"
            for several in steps
        ]
        for start in range(0, len(shown), ACROSS):
            yield f'print(f"{"   ".join(shown[start : start + ACROSS])}")'

    def shown_matrix(self, step: Step) -> str:
        name = self.names(step.name)
        value = f"{name}.detach()" if self.dialect == TORCH else name
        return (
            f'print("{name} =", {value}, sep="\\n")'
            if len(step.members) > 1
            else f'print("{name} =", {value}.item())'
            if self.dialect == TORCH
            else f'print("{name} =", np.ravel({name}))'
        )

    def unpacking(self, step: Step, done: set[str]) -> Iterator[str]:
        """Entries of vectors that a formula has by their own names."""
        if self.matrices is None:
            return
        wanted = [name for name in names(step.formula) if name not in self.held | done]
        for vector, entries in self.columns():
            if any(entry in wanted for entry in entries):
                yield f"{', '.join(map(self.names, entries))} = {self.names(vector)}.ravel()"
                done |= set(entries)

    def columns(self) -> Iterator[tuple[str, list[str]]]:
        for index in range(1, len(self.matrices.layers) + 1):
            yield self.matrices.name("a", index), self.matrices.units(index, "a")

    def line(self, step: Step, phase: str) -> str:
        name = self.names(step.name)
        if self.dialect == TORCH and phase == "backward" and (by := self.differentiated(step.name)):
            of, variable = by
            return f"{name} = torch.autograd.grad({of}, {variable}, retain_graph=True)[0]"
        text = self.write(step.formula)
        if self.matrices is not None and step.members[0].kind == "loss":
            law = law_named(self.problem.network.loss)
            text = f"{self.write.module}.{'mean' if law is LOSSES['mean_squared_error'] else 'sum'}({text})"
        if self.dialect == TORCH and phase == "update":
            text = f"({text}).detach().requires_grad_()"
        return f"{name} = {text}"

    def differentiated(self, name: str) -> tuple[str, str] | None:
        """The loss and by what PyTorch takes this gradient of it; None where it is no gradient of
        the loss, such as a link of the chain rule."""
        loss = self.problem.loss_name
        if self.matrices is not None and name.startswith("delta__"):
            return self.names(loss), self.names(
                self.matrices.name("z", int(name.removeprefix("delta__")))
            )
        by = name.removeprefix(partial_name(loss, ""))
        return (
            (self.names(loss), self.names(by))
            if loss and by != name and by in self.names.found
            else None
        )


def _places(shown: str) -> int:
    return max(0, -Decimal(shown).as_tuple().exponent)


def _form(shown: Sequence[str]) -> str:
    """The format in which Python prints numbers as the page does."""
    if any("e" in text for text in shown):
        return f".{max(len(Decimal(text).as_tuple().digits) - 1 for text in shown)}e"
    return f".{max(map(_places, shown))}f"

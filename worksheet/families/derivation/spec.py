"""A derivation as an author writes it: definitions, the name to differentiate by, and the steps,
each with its reason.

    derivation: [L = 1/2*(y - y_hat)^2]
    by: y_hat
    steps: [{form: 1/2*2*(y - y_hat)*d(y - y_hat), why: The power rule and the chain rule.}, ...]
    at: {y: 20, y_hat: 2}

Free names stand for numbers of both signs, near to 0 and farther out, when the steps are proved.
Where a form has no value nothing is compared; but somewhere all must have one.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...algebra import parser as formulas
from ...algebra.expression import Expr, differentiates, leaves, names
from ...algebra.expression import Name as NameExpr
from ...errors import FormulaError
from ...spec.faults import Faults, did_you_mean
from ...spec.models import Frame, Name, Named, Part, Text
from ...spec.names import Names
from ...spec.yaml_reader import Node, clipped
from .problem import DerivationProblem, Reason

MOST, LONGEST = 40, 300  # steps; characters of a reason
LARGEST = 5000  # names and numbers in a form, every definition written out


class StepPart(Part):
    """One step: the new form, and why it equals the one before it."""

    form: Text = Field(
        description="the form; d(u) is what is still to be differentiated",
        examples=["(y - y_hat)*d(y - y_hat)"],
    )
    why: Text = Field(
        description="one sentence for the student", examples=["The factor 2 cancels."]
    )


class DerivationSpec(Frame):
    """A proof of a derivative, step by step, toward the form that is taught."""

    derivation: Annotated[list[Text], Field(min_length=1, max_length=MOST)] = Field(
        description="definitions, each a name, = and an expression; the last one is differentiated",
        examples=[["L = 1/2*(y - y_hat)^2"]],
    )
    by: Name = Field(description="the name to differentiate by", examples=["y_hat"])
    steps: Annotated[list[StepPart], Field(min_length=1, max_length=MOST)] = Field(
        description="each form equal to the one before it; what is not is refused",
        examples=[[{"form": "y_hat - y", "why": "The minus sign turns the difference around."}]],
    )
    at: Named = Field(
        default_factory=dict,
        description="a number for every name that is not defined, to try the last form with; left out, "
        "there are forms only",
        examples=[{"y": 20, "y_hat": 2}],
    )


def build(spec: DerivationSpec) -> DerivationProblem:
    """The problem of a spec without faults; `at` in the order in which the definitions use its
    names."""
    defined = dict(map(formulas.define, spec.derivation))
    free = dict.fromkeys(
        name for expr in defined.values() for name in names(expr) if name not in defined
    )
    return DerivationProblem(
        **spec.frame(),
        by=spec.by,
        definitions=formulas.texts_of(spec.derivation),
        steps=tuple(Reason(form=step.form, why=" ".join(step.why.split())) for step in spec.steps),
        at={name: spec.at[name] for name in free} if spec.at else {},
    )


def check(root: Node, spec: DerivationSpec | None, faults: Faults) -> None:
    """Every text can be read, and uses names that the definitions know."""
    known, seen = Names(faults), dict.fromkeys(())
    defined: dict[str, int] = {}  # name -> how many names and numbers it stands for
    by = root.get("by").value if root.get("by") and isinstance(root.get("by").value, str) else ""
    for node in root.get("derivation").entries():
        if not isinstance(node.value, str):
            continue
        try:
            name, expr = formulas.define(node.value)
        except FormulaError as fault:
            faults.add(node.line, node.path, fault.message, fault.hint)
            continue
        for each in names(expr):
            if each not in seen and known.check_text(each, node.line, node.path):
                seen[each] = None
        if name in seen:
            faults.add(
                node.line,
                node.path,
                f"'{name}' is used before it is defined",
                "give each name one meaning, before its use",
            )
        elif known.check_text(name, node.line, node.path):
            seen[name] = None
            defined[name] = _size(expr, defined)
            _check_size(node, defined[name], faults)
    if defined and by and (by not in seen or by in defined):
        free = [name for name in seen if name not in defined]
        faults.add(
            root.get("by").line,
            "by",
            f"'{by}' is no name that the definitions use freely",
            did_you_mean(by, free),
        )
    last, its_node = None, None
    for step in root.get("steps").entries() if root.get("steps") else ():
        if (why := step.get("why")) and isinstance(why.value, str) and len(why.value) > LONGEST:
            faults.add(
                why.line,
                why.path,
                f"{len(why.value)} characters; at most {LONGEST} fit",
                "shorten it",
            )
        form, last = step.get("form"), None
        if form and isinstance(form.value, str):
            last, its_node = _check_form(form, by, list(seen), defined, faults), form
    _check_point(root, [name for name in seen if name not in defined], last, its_node, faults)


def _check_point(
    root: Node, free: list[str], last: Expr | None, node: Node | None, faults: Faults
) -> None:
    """Every name that is not defined has a number, and none else; the last form can be worked out."""
    at = root.get("at")
    if not at or not isinstance(at.value, dict) or not at.value:
        return
    for name in at.keys:
        if name not in free:
            faults.add(
                at.keys[name],
                at.path,
                f"the definitions have no free name '{clipped(name)}'",
                did_you_mean(name, free),
            )
    if missing := [name for name in free if name not in at.keys]:
        faults.add(
            at.line,
            at.path,
            f"'{missing[0]}' has no number",
            f"give one to each of {', '.join(free)}",
        )
    if last and differentiates(last):
        faults.add(
            node.line,
            node.path,
            "the last form has something left to differentiate, so it has no number at a point",
            "go on until no d(...) is left, or leave `at` out",
        )


def _size(expr: Expr, defined: dict[str, int]) -> int:
    return sum(
        defined.get(leaf.name, 1) if isinstance(leaf, NameExpr) else 1 for leaf in leaves(expr)
    )


def _check_size(node: Node, size: int, faults: Faults) -> None:
    if size > LARGEST:
        faults.add(
            node.line,
            node.path,
            f"written out, this has {size:,} names and numbers",
            f"at most {LARGEST:,}",
        )


def _check_form(
    node: Node, by: str, known: list[str], defined: dict[str, int], faults: Faults
) -> Expr | None:
    try:
        expr = formulas.read(node.value, by)
    except FormulaError as fault:
        faults.add(node.line, node.path, fault.message, fault.hint)
        return None
    for name in names(expr):
        if name not in known:
            faults.add(
                node.line, node.path, f"'{name}' is not known here", did_you_mean(name, known)
            )
    _check_size(node, _size(expr, defined), faults)
    return expr


SPEC = DerivationSpec

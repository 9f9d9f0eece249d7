"""What the proofs must reject: mistakes put into pages, into traces, and into the formulas
themselves.

Each proof is asked by name. Re-punch reads the page and nothing else; the oracle and drift read the
trace. A mistake that is made consistently (a bias dropped everywhere) leaves every printed line
true, and only the oracle can tell.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from worksheet import cli, notes
from worksheet.algebra import laws
from worksheet.algebra.expression import Literal, Name
from worksheet.algebra.laws import LAWS
from worksheet.errors import WorksheetError
from worksheet.families.network import solve as network
from worksheet.family import problem_file
from worksheet.notes import make_note
from worksheet.numbers.number import Rounding
from worksheet.pages.markup import Markdown
from worksheet.pages.render import render
from worksheet.problem import Problem
from worksheet.proofs.checks import Failure, check, page_failures
from worksheet.proofs.with_sympy import wrong_formulas
from worksheet.recalculation.recalculation import repunch
from worksheet.resources import problems_folder
from worksheet.spec.load import load
from worksheet.trace.trace import Trace
from worksheet.views.matrices import Grid

SCALAR, MATRIX, EXACT = "one-hidden-neuron", "softmax-three-classes", "relu-two-updates"


def problem(name: str, **rounding) -> Problem:
    """A problem of ours, under another policy if one is given."""
    found = load(problems_folder() / f"{EXACT if name == 'frozen' else name}.yaml")
    if (
        name == "frozen"
    ):  # a bias that is not trained has no gradient, so nothing but the sums will miss it
        layers = tuple(
            layer.model_copy(update={"trained_bias": False}) for layer in found.network.layers
        )
        found = found.model_copy(
            update={"network": found.network.model_copy(update={"layers": layers})}
        )
    return (
        found.model_copy(update={"rounding": replace(found.rounding, **rounding)})
        if rounding
        else found
    )


@cache
def note(name: str, policy: str = ""):
    return make_note(problem(name, **({"policy": policy} if policy else {})))


def failures(trace: Trace, page: str) -> dict[str, list[Failure]]:
    """What each proof has against a page and its trace: proof -> failures."""
    found: dict[str, list[Failure]] = {}
    for failure in check(trace, page).failures:
        found.setdefault(failure.proof, []).append(failure)
    return found


# ---- pages: one thing changed where it stands
# ------------------------------------------------------------

PAGES = [  # (mistake, problem, what stands there, what is put there); the proof is re-punch
    ("a wrong product", SCALAR, r"&\approx -0.21738", r"&\approx -0.20738"),
    ("a last digit", SCALAR, r"&\approx 0.62246", r"&\approx 0.62247"),
    ("a truncated product, as in note 000", SCALAR, r"&\approx -0.08207", r"&\approx -0.08206"),
    ("a lost sign of a result", SCALAR, r"&= -0.34922", r"&= 0.34922"),
    ("a lost sign within a step", SCALAR, r"&\approx 1.0 + 0.02174", r"&\approx 1.0 - 0.02174"),
    ("swapped operands of a difference", SCALAR, r"&= 0.65078 - 1", r"&= 1 - 0.65078"),
    (
        "an operand of another quantity",
        SCALAR,
        r"&= -0.34922 \cdot 1.0",
        r"&= -0.34922 \cdot 0.62246",
    ),
    ("an equals sign where something was rounded", SCALAR, r"&\approx 0.62246", r"&= 0.62246"),
    ("a weight of before the update", SCALAR, r"&= 1.02174 \cdot 0.62439", r"&= 1.0 \cdot 0.62439"),
    (
        "a gradient of another weight",
        SCALAR,
        r"&\leftarrow 0.5 - 0.1 \cdot (-0.08207)",
        r"&\leftarrow 0.5 - 0.1 \cdot (-0.21738)",
    ),
    ("a formula that is not what follows", SCALAR, r"&= \hat{y} - y", r"&= y - \hat{y}"),
    ("an exponent without its minus", SCALAR, r"\frac{1}{1 + e^{-0.5}}", r"\frac{1}{1 + e^{0.5}}"),
    (
        "a loss that fell by something else",
        SCALAR,
        r"0.42958 - 0.42420 = 0.00538",
        r"0.42958 - 0.42420 = 0.00528",
    ),
    ("a table that disagrees with the text", SCALAR, r"| $0.50821$ |", r"| $0.50822$ |"),
    (
        "the bias dropped, as in note 004",
        EXACT,
        r"&= \begin{bmatrix} 2 \\ 0 \end{bmatrix}",
        r"&= \begin{bmatrix} 2 \\ -1 \end{bmatrix}",
    ),
    (
        "the transpose with a sign turned, as in note 004",
        EXACT,
        r"&\approx \begin{bmatrix} 1 \\ -1 \end{bmatrix} \cdot (-0.119)",
        r"&\approx \begin{bmatrix} -1 \\ 1 \end{bmatrix} \cdot (-0.119)",
    ),
    (
        "one entry of a matrix",
        EXACT,
        r"1.0119 & -1 & 1.0119 \\ -2 & 0 & 1 \end{bmatrix}",
        r"1.0118 & -1 & 1.0119 \\ -2 & 0 & 1 \end{bmatrix}",
    ),
    ("a rounded line far from its operands", EXACT, r"\approx 2.096", r"\approx 2.196"),
]


@pytest.mark.parametrize(
    "mistake, name, right, wrong", PAGES, ids=[row[0].replace(" ", "-") for row in PAGES]
)
def test_a_page_with_a_mistake_is_rejected_by_repunch(mistake, name, right, wrong):
    """Re-punch finds it by itself, from the strings of the page; that another proof finds it too
    takes nothing from that. Two others read the page: a formula of names alone is compared with the
    gradient, and what the trace does not say is no statement of its page. Oracle and drift read the
    trace, which is right here, so they say nothing."""
    made = note(name)
    assert right in made.text, f"the page does not hold {right!r} any more"
    spoiled = made.text.replace(right, wrong, 1)
    found = failures(made.trace, spoiled)
    assert set(found) - {"chain rule", "statement"} == {"re-punch"}
    line = made.text.count("\n", 0, made.text.index(right)) + 1
    assert int(found["re-punch"][0].where.rpartition("line ")[2]) >= line - 6
    assert all(failure.message for failure in found["re-punch"])


def test_the_line_and_the_expected_value_are_told():
    made = note(SCALAR)
    page = made.text.replace(r"&\approx -0.21738", r"&\approx -0.21737", 1)
    line = page.splitlines().index(r"  &\approx -0.21737") + 1
    spec = load(problem_file("one-hidden-neuron"))
    assert str(failures(made.trace, page)["re-punch"][0]) == (
        f"{spec.places.of('w_o')}, line {line}: -0.21737 should be -0.21738 [re-punch]\n    &\\approx -0.21737"
    )


# ---- every digit of every chain
# ----------------------------------------------------------------------------

# subscripts, layers and the space between rows are no numbers of the calculation
CHAIN_NUMBER = re.compile(r"(?<![\w.\\])(?<!_\{)(?<!\^\{\()(?<!\\\\\[)\d+(?:\.\d+)?(?![\d.]|em)")
DISPLAY = re.compile(r"^\$\$\n(.*?)^\$\$$", re.MULTILINE | re.DOTALL)


def digits_of_chains(text: str) -> list[tuple[int, int]]:
    """The place of every number that stands right of a relation in a display: (start, end). The
    definitions of the set-up (sigma, the loss) come before any number, so nothing on the page
    speaks against them."""
    found = []
    for display in DISPLAY.finditer(text, text.index("## Forward pass")):
        for number in CHAIN_NUMBER.finditer(text, display.start(1), display.end(1)):
            before = text[display.start(1) : number.start()]
            if (
                re.search(r"=|\\approx|\\leftarrow", before)
                and not before.endswith("_")
                and not is_given(before + number[0])
            ):
                found.append(number.span())
    return found


def is_given(before: str) -> bool:
    """Whether a display only states a number (`x = 1.0`): there is nothing that it could follow
    from."""
    last = re.split(r"\\qquad|,", before)[-1]
    return (
        "&" not in last
        and re.search(r"(?:=|\\approx) *-?[\d.]+$", last) is not None
        and last.count("=") + last.count(r"\approx") == 1
    )


def with_another_last_digit(text: str, start: int, end: int) -> str:
    digit = text[end - 1]
    return text[: end - 1] + (str(int(digit) + 1) if digit != "9" else "8") + text[end:]


@pytest.mark.parametrize(
    "name", [SCALAR, "two-inputs-sigmoid", "linear-chain", "tanh-one-hidden", MATRIX]
)
def test_under_carry_no_wrong_last_digit_of_a_chain_survives(name):
    """Re-punch finds it; but for an operand of a chain that begins with its numbers, where the
    result may be the same: there the trace speaks."""
    made = note(name)
    assert made.trace.problem.rounding.policy == "carry"
    places = digits_of_chains(made.text)
    assert len(places) > 60
    survivors = [
        told(made.text, start, end)
        for start, end in places
        if not has_findings(
            spoiled := with_another_last_digit(made.text, start, end), made.trace.problem.rounding
        )
        and not failures(made.trace, spoiled)
    ]
    assert survivors == []


@pytest.mark.parametrize(
    "name, policy, most", [(EXACT, "exact", 0.55), (SCALAR, "exact", 0.55), (SCALAR, "named", 0.25)]
)
def test_under_exact_and_named_most_wrong_last_digits_are_found(name, policy, most):
    """There a line may differ by what rounding its operands explains, and a changed digit may hide
    behind that."""
    made = note(name, policy)
    places = digits_of_chains(made.text)
    survivors = [
        told(made.text, start, end)
        for start, end in places
        if not has_findings(
            with_another_last_digit(made.text, start, end), made.trace.problem.rounding
        )
    ]
    assert len(survivors) <= most * len(places), survivors


def has_findings(page: str, rounding: Rounding) -> bool:
    return bool(page_failures(page, repunch(page, rounding=rounding)))


def told(text: str, start: int, end: int) -> str:
    line = text.count("\n", 0, start) + 1
    return f"line {line}: {text[start:end]} in {text.splitlines()[line - 1].strip()}"


# ---- traces: what was computed is not what the network computes
# ---------------------------------------------


def with_working(trace: Trace, name: str, phase: str, epoch: int = 1, **changes) -> Trace:
    """The trace with one named quantity changed, its event along with it."""
    working = trace.find(name, epoch, phase)
    events = list(trace.events)
    events[working.event] = replace(
        events[working.event], **{key: value for key, value in changes.items() if key != "lines"}
    )
    workings = tuple(
        replace(each, **changes) if each is working else each for each in trace.workings
    )
    return Trace(trace.problem, trace.givens, tuple(events), workings)


@pytest.mark.parametrize(
    "name, phase",
    [
        ("z_o", "forward"),
        ("L", "loss"),
        ("dL_dw_o", "backward"),
        ("w_h", "update"),
        ("y_hat", "check"),
    ],
)
def test_a_wrong_exact_value_is_rejected_by_the_oracle(name, phase):
    trace = note(SCALAR).trace
    wrong = trace.find(name, 1, phase).exact + Decimal("0.0001")
    assert "oracle" in failures(with_working(trace, name, phase, exact=wrong), note(SCALAR).text)


@pytest.mark.parametrize(
    "name, phase",
    [
        ("a_h", "forward"),
        ("L", "loss"),
        ("dL_dw_o", "backward"),
        ("w_h", "update"),
        ("y_hat", "check"),
    ],
)
def test_a_committed_value_further_off_than_rounding_is_rejected_by_drift(name, phase):
    trace = note(SCALAR).trace
    working = trace.find(name, 1, phase)
    wrong = working.value + Decimal("0.005")
    assert "drift" in failures(
        with_working(trace, name, phase, value=wrong, shown=str(wrong)), note(SCALAR).text
    )


@pytest.mark.parametrize(
    "name, phase, line",
    [
        ("a_h", "forward", -1),
        ("dL_dw_o", "backward", -1),
        ("dL_dw_o", "backward", -2),
        ("w_o", "update", -2),
        ("z_h", "check", -2),
    ],
)
def test_a_wrong_line_of_a_trace_is_rejected_by_repunch(name, phase, line):
    """The page is rendered from the spoiled trace: the mistake travels to the page, and is found
    there."""
    trace = note(SCALAR).trace
    working = trace.find(name, 1, phase)
    lines = list(working.lines)
    lines[line] = replace(lines[line], expr=turned(lines[line].expr))
    workings = tuple(
        replace(each, lines=tuple(lines)) if each is working else each for each in trace.workings
    )
    spoiled = Trace(trace.problem, trace.givens, trace.events, workings)
    assert "re-punch" in failures(spoiled, render(spoiled))


def turned(expr):
    """The expression with the last digit of its last number changed."""
    if isinstance(expr, Literal):
        text = expr.text[:-1] + str((int(expr.text[-1]) + 1) % 10)
        return Literal(Decimal(text), text, expr.event)
    return replace(expr, args=(*expr.args[:-1], turned(expr.args[-1])))


# ---- formulas: every line holds, and yet it is not this network
# -----------------------------------------------


def without_bias(unit, inputs, problem):
    products = [
        Name(weight) * Name(value) for weight, value in zip(unit.weights, inputs, strict=True)
    ]
    return laws.total(products)


def uphill(problem, tape, groups):
    rate, loss = Name(problem.notation.learning_rate), problem.network.loss_name
    for (index, _), names in groups.items():
        tape.let_all(
            {name: {"formula": Name(name) + rate * Name(f"d{loss}_d{name}")} for name in names},
            "weight",
            layer=index,
        )


def stale_after(first_epochs: int):
    """A backward pass that is not run again: later updates use the gradients of an earlier epoch."""
    right = network.backward

    def backward(tape, *rest):
        if tape.epoch <= first_epochs:
            right(tape, *rest)

    return backward


def swapped(unit, inputs, problem):
    return laws.total(
        [
            Name(weight) * Name(value)
            for weight, value in zip(unit.weights, reversed(inputs), strict=True)
        ]
        + [Name(each) for each in unit.bias]
    )


def one(*_):
    return laws.lift(1)


FORMULAS = [  # (mistake, problem, how it is made)
    (
        "the bias dropped",
        "two-by-two",
        lambda patch: patch.setattr(network, "weighted_sum", without_bias),
    ),
    (
        "the bias dropped, matrices",
        "frozen",
        lambda patch: patch.setattr(network, "weighted_sum", without_bias),
    ),
    ("a step up the gradient", SCALAR, lambda patch: patch.setattr(network, "update", uphill)),
    (
        "a step up the gradient, matrices",
        MATRIX,
        lambda patch: patch.setattr(network, "update", uphill),
    ),
    ("a stale gradient", EXACT, lambda patch: patch.setattr(network, "backward", stale_after(1))),
    (
        "weights in the wrong order",
        "two-inputs-sigmoid",
        lambda patch: patch.setattr(network, "weighted_sum", swapped),
    ),
    (
        "sigmoid without its derivative",
        SCALAR,
        lambda patch: patch.setitem(LAWS, "sigmoid", replace(LAWS["sigmoid"], derivative=one)),
    ),
    (
        "tanh without its derivative",
        "tanh-one-hidden",
        lambda patch: patch.setitem(LAWS, "tanh", replace(LAWS["tanh"], derivative=one)),
    ),
    (
        "leaky ReLU without its derivative",
        MATRIX,
        lambda patch: patch.setitem(
            LAWS, "leaky_relu", replace(LAWS["leaky_relu"], derivative=one)
        ),
    ),
    (
        "the loss's derivative with its sign turned",
        "two-inputs-sigmoid",
        lambda patch: patch.setitem(
            LAWS,
            "half_squared_error",
            replace(LAWS["half_squared_error"], derivative=lambda y, y_hat, k: y[k] - y_hat[k]),
        ),
    ),
    (
        "the short form with its sign turned",
        SCALAR,
        lambda patch: patch.setitem(
            laws.LOSSES,
            "binary_cross_entropy",
            replace(laws.LOSSES["binary_cross_entropy"], pairs={"sigmoid": lambda y, a: y - a}),
        ),
    ),
]


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize(
    "mistake, name, make", FORMULAS, ids=[row[0].replace(" ", "-") for row in FORMULAS]
)
def test_a_wrong_formula_with_true_numbers_is_rejected_by_the_oracle(
    mistake, name, make, policy, monkeypatch
):
    make(monkeypatch)
    trace = network.solve(problem(name, policy=policy))
    found = failures(trace, "")
    assert "oracle" in found and all("finds" in failure.message for failure in found["oracle"])


@pytest.mark.parametrize(
    "mistake, name, make",
    [row for row in FORMULAS if "derivative" in row[0] or "short form" in row[0]],
    ids=[
        row[0].replace(" ", "-")
        for row in FORMULAS
        if "derivative" in row[0] or "short form" in row[0]
    ],
)
def test_a_wrong_derivative_is_named_by_sympy(mistake, name, make, monkeypatch):
    make(monkeypatch)
    assert any(
        each.startswith("dL_d") or "_d" in each
        for each in wrong_formulas(network.solve(problem(name)))
    )


@pytest.mark.parametrize("name", [EXACT, MATRIX, "three-hidden-matrix"])
def test_a_forgotten_transpose_is_rejected_by_repunch(name, monkeypatch):
    trace = network.solve(problem(name, policy="exact"))
    monkeypatch.setattr(Grid, "transposed", lambda self: self)
    assert "re-punch" in failures(trace, render(trace))


def test_under_carry_a_forgotten_transpose_has_no_page(monkeypatch):
    """A chain is shortened only where it still holds, so matrices that cannot be multiplied are
    noticed before the page is there."""
    trace = network.solve(problem("three-hidden-matrix"))
    monkeypatch.setattr(Grid, "transposed", lambda self: self)
    with pytest.raises(WorksheetError, match="a 3 by 1 matrix cannot multiply a 3 by 1 matrix"):
        render(trace)


# ---- nothing is written
# -----------------------------------------------------------------------------------------


def test_a_note_that_fails_is_not_written(tmp_path, monkeypatch, capsys):
    def spoiled(trace, *rest, **options):
        page = render(trace, *rest, **options)
        return Markdown(page.replace("0.62246", "0.62247"), page.claims)

    monkeypatch.setattr(notes, "render", spoiled)
    spec = problems_folder() / f"{SCALAR}.yaml"
    assert cli.main(["notes", str(spec), "--out", str(tmp_path), "--no-figures"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "failed its proofs and was not written" in said.err
    assert re.search(r"line \d+: 0\.62247 should be 0\.62246 \[re-punch\]", said.err)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_note_stays_as_it_was(tmp_path, monkeypatch):
    spec = problems_folder() / f"{SCALAR}.yaml"
    assert cli.main(["notes", str(spec), "--out", str(tmp_path), "--no-figures"]) == 0
    page = tmp_path / SCALAR / "notes.md"
    before = page.read_bytes()
    monkeypatch.setattr(network, "update", uphill)
    assert cli.main(["notes", str(spec), "--out", str(tmp_path), "--no-figures"]) == 1
    assert page.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == [SCALAR]

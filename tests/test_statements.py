"""What a page states, against the problem and its trace: each kind of statement with a case that is
refused and cases that are not."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from worksheet.errors import ProofError
from worksheet.notes import make_note, prove_note
from worksheet.pages.facts import scientific
from worksheet.proofs.checks import check
from worksheet.proofs.outline import miscounted
from worksheet.resources import problems_folder
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.worksheets import make_worksheet

NEURON, MATRIX, EXACT, CHAIN, CUBIC, DESCENT = (
    "one-hidden-neuron",
    "softmax-three-classes",
    "relu-two-updates",
    "linear-chain",
    "calculus/derivative-cubic",
    "calculus/descent-two-weights",
)


@cache
def note(name: str):
    return make_note(load(problems_folder() / f"{name}.yaml"))


def messages(name: str, right: str, wrong: str) -> list[str]:
    """What the proofs say of a page in which one thing was changed."""
    made = note(name)
    assert right in made.text, f"the page does not hold {right!r} any more"
    return [
        str(failure) for failure in check(made.trace, made.text.replace(right, wrong, 1)).failures
    ]


WRONG = [  # (what is stated, problem, what stands there, what is put there, what is said of it)
    # the givens
    (
        "a given number",
        NEURON,
        "- One input: $x = 1.0$",
        "- One input: $x = 1.5$",
        "x never has the value",
    ),
    (
        "a given as it is written",
        NEURON,
        "- One input: $x = 1.0$",
        "- One input: $x = 1.00$",
        "x never has the value",
    ),
    (
        "a weight in the set-up",
        NEURON,
        "neuron with weight $w_h = 0.5$",
        "neuron with weight $w_h = 0.7$",
        "the solution has no such form of w_h",
    ),
    (
        "the sign of a given",
        "two-inputs-sigmoid",
        "$w_2 = -0.30$",
        "$w_2 = 0.30$",
        "the solution has no such form of w_2",
    ),
    ("the target", NEURON, "- Target: $y = 1$", "- Target: $y = 0$", "y never has the value"),
    (
        "the learning rate",
        NEURON,
        r"- Learning rate: $\alpha = 0.1$",
        r"- Learning rate: $\alpha = 0.2$",
        r"\alpha never has the value",
    ),
    (
        "a given that was not rounded",
        NEURON,
        "- Target: $y = 1$",
        r"- Target: $y \approx 1$",
        "y is exactly 1",
    ),
    (
        "an entry of a given matrix",
        MATRIX,
        r"W^{(1)} = \begin{bmatrix} 0.5 &",
        r"W^{(1)} = \begin{bmatrix} 0.6 &",
        "the solution has no such form of W^{(1)}",
    ),
    (
        "the slope of leaky ReLU",
        MATRIX,
        "is $c = 0.1$",
        "is $c = 0.2$",
        "c never has the value 0.2",
    ),
    (
        "a symbol that the problem has not",
        NEURON,
        "- One input: $x = 1.0$",
        "- One input: $q = 1.0$",
        "q is no symbol of this problem",
    ),
    (
        "the target of another weight",
        "two-inputs-sigmoid",
        "$w_2 = -0.30$",
        "$w_1 = -0.30$",
        "the solution has no such form of w_1",
    ),
    # definitions
    (
        "the sigmoid",
        NEURON,
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"\sigma(z) = \frac{1}{1 + e^{z}}",
        r"this is not the definition of \sigma",
    ),
    (
        "tanh",
        "tanh-one-hidden",
        r"\tanh(z) = \frac{e^z - e^{-z}}",
        r"\tanh(z) = \frac{e^z + e^{-z}}",
        r"this is not the definition of \tanh",
    ),
    ("ReLU", EXACT, r"\max(0, z)", r"\max(1, z)", r"this is not the definition of \mathrm{ReLU}"),
    (
        "leaky ReLU",
        MATRIX,
        r"\max(c \cdot z, z)",
        r"\max(c + z, z)",
        r"this is not the definition of \mathrm{LeakyReLU}",
    ),
    (
        "softmax",
        MATRIX,
        r"\hat{y}_k = \frac{e^{z_k}}{e^{z_1} + e^{z_2} + e^{z_3}}",
        r"\hat{y}_k = \frac{e^{z_k}}{e^{z_1} + e^{z_2} - e^{z_3}}",
        "this is not the definition of softmax",
    ),
    (
        "the loss",
        NEURON,
        r"L = -[y \ln(\hat{y}) + (1 - y) \ln(1 - \hat{y})]",
        r"L = -[y \ln(\hat{y}) + (1 + y) \ln(1 - \hat{y})]",
        "the solution has no such form of L",
    ),
    (
        "a formula of the forward pass",
        NEURON,
        r"z_h &= w_h \cdot x \\",
        r"z_h &= w_o \cdot x \\",
        "the solution has no such form of z_h",
    ),
    (
        "a function",
        CUBIC,
        "f(x) = x^3 - 3 x^2",
        "f(x) = x^3 + 3 x^2",
        "this is not the definition of f(x)",
    ),
    (
        "the tangent",
        CUBIC,
        "t(x) = 2 x - 3",
        "t(x) = 2 x + 3",
        "this is not the definition of t(x)",
    ),
    (
        "the error of a layer",
        EXACT,
        r"\delta = \frac{\partial L}{\partial z}",
        r"\delta = \frac{\partial L}{\partial w}",
        "this is not the error of a layer",
    ),
    (
        "a definition that is rounded",
        NEURON,
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"\sigma(z) \approx \frac{1}{1 + e^{-z}}",
        "nothing is rounded in a definition",
    ),
    # the update rule
    (
        "the rule, turned",
        NEURON,
        r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
        r"w \leftarrow w + \alpha \frac{\partial L}{\partial w}",
        "this is not the rule of gradient descent",
    ),
    (
        "the rule, without the rate",
        NEURON,
        r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
        r"w \leftarrow w - \frac{\partial L}{\partial w}",
        "w is no symbol of this problem",
    ),
    (
        "why downhill",
        DESCENT,
        r"= -\alpha \left(\frac{\partial L}{\partial w}\right)^2",
        r"= \alpha \left(\frac{\partial L}{\partial w}\right)^2",
        "this is not what the step does to the loss",
    ),
    # chains
    (
        "= for about, under exact",
        EXACT,
        r"&\approx \begin{bmatrix} 1 \\ -1 \end{bmatrix} \cdot (-0.119)",
        r"&= \begin{bmatrix} 1 \\ -1 \end{bmatrix} \cdot (-0.119)",
        "",
    ),
    (
        "a digit within rounding, under exact",
        EXACT,
        r"\approx 2.096",
        r"\approx 2.097",
        "the solution has no such form of",
    ),
    (
        "about, where nothing was rounded",
        NEURON,
        r"z_h &= w_h \cdot x \\",
        r"z_h &\approx w_h \cdot x \\",
        "the wrong sign of equality or of rounding",
    ),
    (
        "the working of another weight",
        NEURON,
        r"  w_h &\leftarrow 0.5 - 0.1 \cdot",
        r"  w_o &\leftarrow 0.5 - 0.1 \cdot",
        "",
    ),
    ("a derivative at another place", CUBIC, "f(2) - f'(2)", "f(3) - f'(2)", ""),
    (
        "how far the loss fell",
        NEURON,
        "0.42958 - 0.42420 = 0.00538",
        "0.42957 - 0.42419 = 0.00538",
        "is no number of this solution",
    ),
    # tables
    (
        "a parameter before the update",
        NEURON,
        "| $w_h$ | $0.5$ | $0.50821$ |",
        "| $w_h$ | $0.50821$ | $0.5$ |",
        "these are not the values of w_h from the first to the last",
    ),
    (
        "the sign of an entry of a table of parameters",
        MATRIX,
        "| $b_3^{(2)}$ | $-0.1$ |",
        "| $b_3^{(2)}$ | $0.1$ |",
        "0.1 is no value and no form of b_3^{(2)}",
    ),
    (
        "another symbol in a table",
        NEURON,
        "| $w_h$ | $0.5$ |",
        "| $a_h$ | $0.5$ |",
        "these are not the values of a_h",
    ),
    (
        "the number of updates of a run",
        CHAIN,
        "| settles | 15 |",
        "| settles | 16 |",
        "the run with 0.01 does not make 16 updates",
    ),
    (
        "a learning rate of no run",
        CHAIN,
        "| 0.05 | too large",
        "| 0.06 | too large",
        "no run has the learning rate 0.06",
    ),
    # diagrams
    (
        "the name of a weight",
        NEURON,
        '-->|"wₕ"| n1_1',
        '-->|"wₒ"| n1_1',
        "no edge of this problem goes from x to aₕ with wₒ",
    ),
    (
        "a value in a diagram",
        NEURON,
        'n1_1(("aₕ ≈ 0.62246"))',
        'n1_1(("aₕ ≈ 0.62247"))',
        "is not so in the epoch of this diagram",
    ),
    (
        "= for about in a diagram",
        NEURON,
        'n1_1(("aₕ ≈ 0.62246"))',
        'n1_1(("aₕ = 0.62246"))',
        "is not so in the epoch of this diagram",
    ),
    (
        "an edge to another unit",
        NEURON,
        'n0_1 -->|"wₕ"| n1_1',
        'n0_1 -->|"wₕ"| n2_1',
        "no edge of this problem goes from x to ŷ",
    ),
    (
        "a unit left out",
        MATRIX,
        '  n1_2(("h₂⁽¹⁾"))\n',
        "",
        "the diagram has 0 times the circle h₂⁽¹⁾",
    ),
    (
        "an edge of a graph",
        "calculus/shared-weight",
        "n0 --> n5",
        "n1 --> n5",
        "no edge of this problem goes from",
    ),
    # words
    (
        "a number in a sentence",
        NEURON,
        "The loss fell from 0.42958",
        "The loss fell from 0.42968",
        "0.42968 is no number of this solution",
    ),
    (
        "how many places",
        NEURON,
        "rounded to 5 decimal places",
        "rounded to 7 decimal places",
        "7 is no number of this solution",
    ),
    (
        "the title",
        NEURON,
        "# One hidden neuron, by hand",
        "# Two hidden neurons, by hand",
        "the problem is called 'One hidden neuron, by hand'",
    ),
    (
        "headings that count",
        "calculus/descent-two-weights",
        "## Iteration 2",
        "## Iteration 4",
        "headings like this one are numbered",
    ),
]


@pytest.mark.parametrize(
    "what, name, right, wrong, said", WRONG, ids=[row[0].replace(" ", "-") for row in WRONG]
)
def test_what_the_solution_does_not_say_is_refused(what, name, right, wrong, said):
    found = messages(name, right, wrong)
    assert found and any(said in each for each in found), found


PICTURE = (
    "![The loss as a curve over the weight wₒ, all other weights held. "
    "At our point the tangent falls to the right, so the step goes to the right, from {} to {}, where the loss falls.]"
    "(figures/gradient-descent.svg)"
)


@pytest.mark.parametrize(
    "right, wrong, said",
    [
        (
            "from 1.0 to 1.02174",
            "from 1.0 to 1.02175",
            "1.02175 is no value of what this text speaks of",
        ),
        ("weight wₒ", "weight wₕ", "1.0 is no value of what this text speaks of"),
        ("weight wₒ", "weight w₉", "w₉ is no symbol of this problem"),
        ("from 1.0", "from -1.0", "-1.0 is no value"),
    ],
)
def test_alternative_texts_show_values_of_what_they_speak_of(right, wrong, said):
    made, picture = note(NEURON), PICTURE.format("1.0", "1.02174")
    assert check(made.trace, f"{made.text}\n{picture}\n").failures == ()
    found = check(made.trace, f"{made.text}\n{picture.replace(right, wrong)}\n").failures
    assert any(said in failure.message for failure in found), found


@pytest.mark.parametrize(
    "numbers, is_right",
    [("1 2 3", True), ("2 3 4", True), ("2 4", False), ("3 4", False), ("1 3", False)],
)
def test_further_epochs_count_from_2(numbers, is_right):
    heads = [(line, f"## Epoch {number}") for line, number in enumerate(numbers.split(), start=1)]
    assert (list(miscounted(heads)) == []) is is_right
    others = [(line, head.replace("Epoch", "Iteration")) for line, head in heads]
    assert (list(miscounted(others)) == []) is (
        numbers == "1 2 3"
    )  # nothing but epochs has a first one without a heading of its kind


RUNS = """title: A run with a height
descent: 'L(u, v) = (u - 0.302)^2 + 4.1*v^2'
start: {{u: 748, v: -270}}
learning_rate: 0.1
iterations: 1
rounding: {{policy: carry, places: 5, relation: {relation}}}
long_run: {steps}
learning_rates: [0.01]
until: {{gradient: 0.001, places: {places}}}
"""


@pytest.mark.parametrize(
    "relation, places, steps, sign",
    [
        ("auto", 0, 5, r"\approx"),
        ("auto", 2, 5, r"\approx"),
        ("equals", 0, 5, "="),
        ("equals", 2, 5, "="),
        ("auto", 3, 1000, "="),
    ],
)
def test_the_height_of_a_run_is_about_what_was_rounded(relation, places, steps, sign):
    """Without places too; under a policy that writes = for every result, it is =. A run that
    settles at the lowest point has the height 0."""
    made = make_note(loads(RUNS.format(relation=relation, places=places, steps=steps)))
    assert made.proof.failures == ()
    height, printed = re.search(r"\$(L\(\S+ \S+\) (=|\\approx) [^$]+)\$ \|", made.text).groups()
    assert printed == sign
    turned = height.replace(f" {sign} ", " = " if sign != "=" else r" \approx ")
    found = check(made.trace, made.text.replace(height, turned)).failures
    assert any("was rounded" in each.message or "is exact" in each.message for each in found), found


@pytest.mark.parametrize(
    "mode, expected", [("half-up", "1.3"), ("half-even", "1.2"), ("truncate", "1.2")]
)
def test_a_small_number_is_rounded_as_everything_is(mode, expected):
    assert scientific(Decimal("1.25e-9"), mode) == rf"{expected} \cdot 10^{{-9}}"


# ---- what is right is not refused
# ---------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "relation: equals",
        "zeros: strip",
        "negatives: raw",
        "mode: truncate",
        "commit: operation",
    ],
)
def test_no_way_of_rounding_is_refused(policy, more):
    text = (problems_folder() / "tanh-one-hidden.yaml").read_text(encoding="utf-8")
    before, _, after = text.partition("rounding:")
    rest = after.partition("\n")[2]
    rounding = (
        f"rounding: {{policy: {policy}, places: 4"
        + (f", {more}" if more and (policy == "carry" or "commit" not in more) else "")
        + "}\n"
    )
    made = make_note(loads(before + rounding + rest))
    assert made.proof.failures == ()


@pytest.mark.parametrize(
    "notation",
    [
        "learning_rate: eta",
        "loss: mathcal",
        "loss: Loss",
        "multiply: times",
        "assign: arrow",
        "assign: colon-equals",
        "log: log",
        "product_order: input-first",
        "style: matrix",
    ],
)
def test_no_notation_is_refused(notation):
    text = (problems_folder() / "two-by-two.yaml").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("notation:"))
    problem = loads(f"{text}\nnotation: {{{notation}}}\n")
    assert (
        make_note(problem).proof.failures == ()
        and make_note(problem, layout="slides").proof.failures == ()
    )
    assert make_worksheet(problem).proof.failures == ()


def test_odd_names_are_not_refused():
    text = """
title: Odd names
formulas: [h1 = tanh(kappa*x_2), s_out = h1*w_b + rho_hat, Loss_2 = (s_out - goal)^2]
given: {x_2: 0.5, kappa: 0.8, w_b: -1.5, rho_hat: 0.25, goal: 1}
train: [kappa, w_b]
learning_rate: 0.1
"""
    problem = loads(text)
    assert make_note(problem).proof.failures == () and make_worksheet(problem).proof.failures == ()


def test_templates_of_an_author_say_what_they_like(tmp_path):
    """What our own page does not hold is the author's: numbers, symbols, formulas, diagrams. A
    value of the problem's that it prints stays proved where it is part of a chain."""
    own = tmp_path / "parts"
    own.mkdir()
    (own / "loss.md.j2").write_text(
        "## Week 42\n\nAs in chapter 7, with $q = 42.5$ and $p_9 = 3$:\n\n$$\nr = 2 \\cdot 3 = 6\n$$\n\n"
        "```mermaid\ngraph LR\n  a --> b\n```\n\n| $q$ | 17.25 |\n| :-- | --: |\n| week | 42.5 |\n\nIt is $<< value('L') >>$.\n",
        encoding="utf-8",
    )
    trace = note(NEURON).trace
    made = prove_note(trace, templates=tmp_path)
    assert "Week 42" in made.text and made.proof.failures == ()
    (own / "loss.md.j2").write_text("$$\nr = 2 \\cdot 3 = 7\n$$\n", encoding="utf-8")
    with pytest.raises(ProofError):
        prove_note(trace, templates=tmp_path)


def test_the_prose_of_a_lecture_says_what_it_likes(tmp_path):
    from worksheet.notes import write_note

    text = """
lecture: Week 42
problems: {net: net.yaml}
sections:
  - title: In chapter 7
    problem: net
    text: |
      There are 128 students. With $q = 42.5$ it is $2 \\cdot 42.5 = 85$.
    part: forward
"""
    (tmp_path / "net.yaml").write_text(
        (problems_folder() / f"{NEURON}.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    spec = Path(tmp_path) / "week.yaml"
    spec.write_text(text, encoding="utf-8")
    assert "128 students" in write_note(spec, tmp_path / "out", with_figures=False).read_text(
        encoding="utf-8"
    )


# ---- headings, tables, points
# -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, layout, right, wrong, said",
    [
        (
            EXACT,
            "slides",
            "## Epoch 2: gradients",
            "## Epoch 1: gradients",
            "what stands below is of epoch 2",
        ),
        (EXACT, "notes", "### Layer 1\n", "### Layer 2\n", "what stands below is of layer 1"),
        (
            NEURON,
            "notes",
            "## Forward pass after the update",
            "## Forward pass before the update",
            "what stands below are not its values",
        ),
        (
            "calculus/chain-rule",
            "notes",
            "### How $z$ changes with $y$",
            "### How $z$ changes with $x$",
            "what stands below is not about x",
        ),
        (
            DESCENT,
            "notes",
            "### Iteration 2\n",
            "### Iteration 3\n",
            "what stands below is of iteration 2",
        ),
        (
            EXACT,
            "notes",
            "| after update 1 | after update 2 |",
            "| after update 2 | after update 1 |",
            "these are not updates in their order",
        ),
        (
            NEURON,
            "notes",
            "| Parameter | before |",
            "| Parameter | after |",
            "these are not updates in their order",
        ),
        (
            EXACT,
            "notes",
            "| after update 2 | $",
            "| after update 1 | $",
            "this row is the one of after update 2",
        ),
        ("three-hidden-matrix", "notes", "\n7. $", "\n6. $", "item 6 stands below item 6"),
    ],
)
def test_a_label_that_does_not_say_what_it_stands_over_is_refused(name, layout, right, wrong, said):
    made = prove_note(solve(load(problems_folder() / f"{name}.yaml")), layout=layout)
    assert right in made.text and not check(made.trace, made.text).failures
    assert any(
        said in str(failure)
        for failure in check(made.trace, made.text.replace(right, wrong, 1)).failures
    )


LARGE = """
title: Three, four, two
network:
  inputs: [1, 2, -1]
  layers:
    - {weights: [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6], [0.1, 0.8, 0.9], [0.2, 0.1, -0.1]], bias: [0.1, 0.2, -0.3, 0.4], activation: relu}
    - {weights: [[0.1, -0.2, 0.3, 0.5], [0.4, 0.5, -0.6, 0.1]], activation: sigmoid}
  target: [0, 1]
  loss: half-squared-error
learning_rate: 0.1
notation: {style: scalar}
"""


@pytest.mark.parametrize(
    "right, wrong, said",
    [
        (
            r"| $w_{11}^{(1)} = 0.1$ | $w_{12}^{(1)} = -0.2$ |",
            r"| $w_{12}^{(1)} = -0.2$ | $w_{11}^{(1)} = 0.1$ |",
            "w_{11}^{(1)} goes from x_1 to a_1^{(1)}",
        ),
        (
            r"$w_{11}^{(1)} = 0.1$",
            r"$w_{31}^{(1)} = 0.1$",
            "w_{11}^{(1)} goes from x_1 to a_1^{(1)}",
        ),
        (
            "| $x_1$ | $x_2$ | $x_3$ | bias |",
            "| $x_2$ | $x_1$ | $x_3$ | bias |",
            "goes from x_2 to a_1^{(1)}",
        ),
        (r"| $\hat{y}_1$ | $w_{11}^{(2)} = 0.1$", r"| $\hat{y}_1$ |  ", "goes from a_1^{(1)} to"),
        (
            r"| $b_1^{(1)} = 0.1$ |",
            "| $b_2^{(1)} = 0.2$ |",
            "b_1^{(1)} goes from bias to a_1^{(1)}",
        ),
        (
            r"| $a_4^{(1)}$ | $w_{41}^{(1)} = 0.2$ | $w_{42}^{(1)} = 0.1$ | $w_{43}^{(1)} = -0.1$ | $b_4^{(1)} = 0.4$ |"
            + "\n",
            "",
            "w_{41}^{(1)} is in no table",
        ),
    ],
)
def test_a_weight_in_the_wrong_cell_of_its_table_is_refused(right, wrong, said):
    made = prove_note(solve(loads(LARGE)))
    assert right in made.text and not check(made.trace, made.text).failures
    found = [
        str(failure) for failure in check(made.trace, made.text.replace(right, wrong, 1)).failures
    ]
    assert any(said in failure for failure in found), found


def test_wide_tables_of_weights_go_on_below():
    rows = [[f"{(3 * row + column) % 9 - 4}.12345" for column in range(9)] for row in range(2)]
    made = prove_note(
        solve(
            loads(
                f"title: Nine\nnetwork:\n  inputs: [{', '.join('123456789')}]\n  layers:\n"
                f"    - {{weights: {rows}, bias: [1, 2], activation: sigmoid}}\n".replace("'", "")
                + "  target: [0, 1]\n  loss: half-squared-error\nlearning_rate: 0.1\nnotation: {style: scalar}\n"
            )
        )
    )
    heads = [line for line in made.text.splitlines() if line.startswith("| Neuron |")]
    assert (
        len(heads) > 1
        and "".join(heads).count("$") == 18
        and "bias" in heads[-1]
        and all(head.count("$") <= 8 for head in heads)
    )


def test_marks_that_do_not_add_up_to_points_are_refused():
    made = make_worksheet(
        load(problems_folder() / f"{NEURON}.yaml").model_copy(update={"key": "full"})
    )
    assert not check(made.trace, made.key).failures
    points = re.search(r"\*\((\d+) points\)\*", made.key)
    spoilt = made.key.replace(points[0], f"*({int(points[1]) + 1} points)*", 1)
    assert any("are worth" in str(failure) for failure in check(made.trace, spoilt).failures)

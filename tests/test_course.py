"""The course of note 002 as a lecture: the note's headings in the note's order, its right numbers,
and ours where it is wrong."""

from __future__ import annotations

import difflib
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from test_published import ELSEWHERE, FOLLOWED, on_page, our_number, published

from worksheet.family import problem_file
from worksheet.figures.animation import MOVING
from worksheet.lectures.load import load_lecture
from worksheet.notes import prove_lecture, write_note
from worksheet.publish import Page, publish
from worksheet.solution import solve

TESTS = Path(__file__).parent
NOTE = (TESTS / "cases" / "notes" / "002_d81a88c84da36a29.txt").read_text(encoding="utf-8")
GOLDEN = TESTS / "golden" / "lectures" / "backpropagation-course.md"

# The lines of the note that head something, in its order. A heading of ours says the same words, or
# goes on from them; where the
# note's formula stands apart from its heading, or its heading is a step of a derivation of ours,
# what we say instead is beside it.
HEADINGS = (
    "Build a Simple Neural Network and Learn Backpropagation",
    "Introduction to our simple Neural Network",
    "1) Setup & Notation",
    "2) Forward Pass (Before Update)",
    "1. Hidden node output:",
    "2. Predicted output:",
    "3. Calculate Initial Loss",
    ("Derivates Theory", "## Derivatives theory"),
    "Understanding the Derivative, Partial Derivative, and Gradient",
    "What is a Derivative?",
    ("Numerical Example of Derivates", "### Numerical example of derivatives"),
    "Equation of the Curve:",
    "Derivative of the Function:",
    "Slope(Derivative) at a Specific Point:",
    "Small Change:",
    (
        "Let's see what the Derivative guesses(0.231 is the correct verified answer)",
        "#### Let's see what the derivative guesses",
    ),
    "Partial Derivatives",
    "Introduction to Partial Derivatives:",
    "Gradients",
    "What is a Gradient?",
    "Understanding What Partial Derivatives Do",
    "Example to show What Partial Derivatives do",
    "Step 1: Initial Output",
    "Step 2: Small Changes in (x) and (y)",
    "Step 3: New Output",
    "Step 4: Change in Output",
    "Step 5: Approximation Using Gradients",
    "What This Shows",
    "Chain Rule",
    "Translation of the Chain Rule to the Neural Network:",
    "Intuition:",
    "Introduction to Backpropagation",
    ("1. Forward pass (forward propagation)", "1. **Forward pass.**"),
    ("2. Backward pass (backpropagation)", "2. **Backward pass.**"),
    "Why is it key in Machine Learning?",
    "3) Backpropagation",
    "3.1) First we must Find",
    "Gradient Derivation of Mean Squared Error Loss Function",
    "1) Mean Squared Error (MSE) Gradient Derivation",
    "Derivation of the Gradient Step-by-Step",
    ("Loss Function Definition:", "#### What we want"),
    ("Apply the power rule:", "The outer function is the square, the inner one is the difference."),
    ("Simplify the constants:", "One half of 2 is 1"),
    (
        r"Calculate the derivative of $(y - \hat{y})$:",
        "The target is a constant, and the prediction changes as itself.",
    ),
    ("Final Simplification:", "The minus sign turns the difference around."),
    ("Final Gradient Expression:", "This is the form to remember."),
    "Visualizing the Loss Function and Understanding Gradients",
    (r"Prediction($\hat{y}=2$) Less Than Target($y=20$)", "### Prediction less than target"),
    (
        r"Prediction($\hat{y}=25$) Greater Than Target ($y=20$)",
        "### Prediction greater than target",
    ),
    "Using the Chain Rule to See how w_2 Affects the Final Loss",
    ("3.2) Derivative of", "### Derivative of the prediction with respect to $w_2$"),
    ("1. Direction", "- **Direction.**"),
    ("2. Magnitude", "- **Magnitude.**"),
    ("Let's prove this", "Let's try it out."),
    "Backpropagation of w1",
    ("3.3) Derivative of", "### Derivative of the prediction with respect to $w_1$"),
    "Introduction to Gradient Descent Visually",
    "3D Surface: Loss vs. (w1, w2)",
    "4) Weight Updates using Gradient Descent",
    "Gradient Descent Visually",
    "Gradient Descent",
    "Gradient Descent Explanation",
    "Understanding the Learning Rate (Alpha)",
    "Moving in the Opposite Direction of the Gradient",
    "Simple Example of Going in the Opposite Direction of the Gradient",
    "Numerical Example: Weight Updates in Gradient Descent",
    ("Case 1: Positive Gradient", "**A positive gradient.**"),
    ("Case 2: Negative Gradient", "**A negative gradient.**"),
    ("Summary:", "#### In short"),
    "Calculating Gradient Descent by Hand",
    "Numerically Calculating Gradient Descent",
    "Update w_2",
    "2. Update w_1",
    "5) Forward Pass (After Update)",
    "Compare Old vs. New Loss after One Step",
    "Summary",
    "Introduction to Our Complex Neural Network",
    "Step-by-Step Calculation of Backpropagation Advanced",
    "Conducting the Forward Pass",
    "1.1. Hidden neuron h_1",
    (r"1.2. Output neuron \hat{y}", "### Output neuron"),
    "1.3. Error (using Mean Squared Error for a single example)",
    "Getting Started with Backpropagation",
    "2.1. Derivatives at the Output Neuron",
    "Getting the Derivative of the Sigmoid Activation Function(Optional)",
    "Step-by-Step Derivation of the Sigmoid Function's Derivative",
    (
        "1. Write Sigmoid in a Form Convenient for Differentiation",
        "We write the fraction as a power",
    ),
    (
        "2. Apply the Chain Rule",
        "The chain rule. The outer function is the power, the inner one is the sum.",
    ),
    ("2.2. Inner function", "The sum rule. The derivative of a constant is 0."),
    ("2.3. Combine the pieces", "The two minus signs cancel"),
    ("3.1. Factor out", "We split the fraction in two. The first one is the sigmoid."),
    ("3.2. Rewrite the Second Factor", "We add and subtract 1 above the line"),
    ("4. Final Expression", "Both fractions are the sigmoid"),
    "Implementing Backpropagation with the Chain Rule",
    "Understanding How w3 Affects the Final Loss",
    "Calculating Gradients for Z1",
    "Understanding How w_1 and w_2 Affect the Loss",
    "Implementing Gradient Descent by Hand",
    "3. Summary of Updated Weights",
    "New Error Calculation After Weight Update",
    "1. Forward Pass with Updated Weights",
    "2. New Error Calculation:",
    "Error Decrease Calculation",
    "Final Result:",
)

# What the note shows before it explains it comes later on our page: the way down behind what
# descent is, the lengths of steps behind their direction.
LATER = {
    "Introduction to Gradient Descent Visually",
    "3D Surface: Loss vs. (w1, w2)",
    "4) Weight Updates using Gradient Descent",
    "Gradient Descent Visually",
    "Understanding the Learning Rate (Alpha)",
}


@cache
def course() -> str:
    lecture = load_lecture(problem_file("backpropagation-course"))
    return prove_lecture(
        lecture, {name: solve(problem) for name, problem in lecture.problems.items()}
    )[0]


def words(heading: str) -> str:
    """A heading without its number, its signs and its capitals."""
    return " ".join(
        re.sub(r"[^a-z0-9]+", " ", re.sub(r"^[\d.]+[.)]\s|_|\$", "", heading.lower())).split()
    )


def test_the_course_reads_as_it_was_reviewed(update):
    if update:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(course(), encoding="utf-8", newline="\n")
    difference = difflib.unified_diff(
        GOLDEN.read_text(encoding="utf-8").splitlines(),
        course().splitlines(),
        "reviewed",
        "now",
        lineterm="",
        n=2,
    )
    assert list(difference) == []


def test_the_headings_are_those_of_the_note_in_its_order():
    """Each stands in the note after the one before it, and so it does on our page."""
    at_note, at_ours = 0, 0
    for each in HEADINGS:
        heading, ours = each if isinstance(each, tuple) else (each, None)
        found = re.compile(rf"^\s*{re.escape(heading)}\s*$", re.MULTILINE).search(NOTE, at_note)
        assert found, f"the note has no {heading!r} there"
        at_note = found.end()
        place = (
            course().find(ours, at_ours)
            if ours
            else next(
                (
                    line.start()
                    for line in re.compile(r"^#+ (.+)$", re.MULTILINE).finditer(course(), at_ours)
                    if words(line[1]).startswith(words(heading))
                ),
                -1,
            )
        )
        assert place >= 0, f"{heading!r} has no place on our page after the one before it"
        at_ours = at_ours if heading in LATER else place + 1


def test_descent_is_explained_before_it_is_shown():
    places = [
        course().index(f"\n### {title}\n")
        for title in (
            "Gradient descent explanation",
            "Moving in the opposite direction of the gradient",
            "3D surface: loss vs. ($w_1$, $w_2$)",
            "Gradient descent visually",
            "Understanding the learning rate (alpha)",
            "Where the path ends",
        )
    ]
    assert places == sorted(places)


def test_rounding_is_said_once_and_then_in_a_line():
    """The first time in full; later what is different, and nothing of a problem that rounds as the
    one before it."""
    said = re.findall(r"\*\*Rounding\.\*\*\n(.+)", course())
    assert (
        len(said[0]) > 200
        and len(said) > 1
        and all(len(each) < 200 and "where something was" not in each for each in said[1:])
    )


def test_one_notation_for_all_its_networks():
    assert (
        r"\times" not in course() and r"\text{Loss}" not in course() and r"\mathcal{L}" in course()
    )


def test_a_gradient_of_three_variables_and_the_sigmoid_apart():
    text = course()
    assert (
        r"\nabla f(x, y, z) = \begin{bmatrix} \frac{\partial f}{\partial x} \\ \frac{\partial f}{\partial y} \\ \frac{\partial f}{\partial z} \end{bmatrix}"
        in text
    )
    apart = text[
        text.index("### The outer function and the inner one") : text.index(
            "### Step-by-step derivation of the sigmoid"
        )
    ]
    places = [
        apart.index(tex)
        for tex in (
            r"\frac{du}{dz_2} = -e^{-z_2}",
            r"\frac{d\hat{y}}{du} = -\frac{1}{u^2}",
            r"\frac{d\hat{y}}{dz_2} = \frac{e^{-z_2}}{(1 + e^{-z_2})^2}",
        )
    ]
    assert places == sorted(places)


def test_the_summary_has_the_formulas():
    summary = course()[
        course().index("\n## Summary\n") : course().index(
            "\n## Introduction to our complex neural network\n"
        )
    ]
    assert (
        summary.count("$$") == 8
        and r"\mathcal{L} = \frac{1}{2}(y - \hat{y})^2" in summary
        and r"= (\hat{y} - y) \cdot w_2 \cdot x" in summary
    )


def test_the_error_is_seen_on_its_way_back():
    [fence] = re.findall(r"```mermaid\n(graph RL\n.*?)```", course(), re.DOTALL)
    assert '|"∂ℒ/∂w₃ ≈ -0.04237"|' in fence and '(("∂ℒ/∂z₁ ≈ -0.01319"))' in fence


def test_the_reader_is_asked_and_answered():
    asked, answered = (
        re.findall(rf"^\*\*{word} (\d+)\.\*\*", course(), re.MULTILINE)
        for word in ("Question", "Answer")
    )
    assert (
        asked == answered == [str(number) for number in range(1, len(asked) + 1)]
        and len(asked) >= 5
    )
    assert course().index("**Answer 1.**") > course().index("**Question 6.**")
    assert (
        r"$0.10 \cdot 1 + (-0.30) \cdot 0 = 0.10$" in course()
    )  # as the weights were when it was asked


def test_each_network_ends_as_a_program():
    assert course().count("```python\n") == course().count("```text\n") == 2
    assert "y_hat = 5.3192\nL = 107.76294432\n" in course() and "y_hat = 0.54764\n" in course()


def test_the_derivation_of_the_sigmoid_meets_the_number_of_the_network():
    assert (
        len(
            re.findall(
                r"\\frac{\\partial \\hat{y}}{\\partial z_2} &= \\hat{y}\(1 - \\hat{y}\).{40,120}?&\\approx 0\.24779",
                course(),
                re.DOTALL,
            )
        )
        == 2
    )


def test_a_sign_has_one_row_with_all_its_uses():
    symbols = course()[course().index("\n## Symbols\n") :]
    signs = re.findall(r"^\| \$(.+?)\$ \|", symbols, re.MULTILINE)
    assert len(signs) == len(set(signs)) > 20 and {r"w_{\mathrm{new}}", "w_1^{(15)}"} <= set(signs)
    assert sum("partial" in sign for sign in signs) == 1
    [row] = [line for line in symbols.splitlines() if line.startswith("| $y$ |")]
    assert "target" in row and "variable" in row and row.count("](#") == 3


def test_a_course_in_another_order_is_told(monkeypatch):
    monkeypatch.setattr("test_course.HEADINGS", (*HEADINGS[2:5], *HEADINGS[:2]))
    with pytest.raises(AssertionError, match="the note has no"):
        test_the_headings_are_those_of_the_note_in_its_order()


def test_the_path_moves_in_a_browser(tmp_path):
    """What a figure of a problem can do, it can do in a lecture."""
    (tmp_path / "a.yaml").write_text(
        "lecture: A\nsections: [{title: B, problem: descent-two-weights, figure: descent-path}]\n"
    )
    note = write_note(tmp_path / "a.yaml", tmp_path / "out", to=("html",))
    assert {file.name for file in (note.parent / "figures").glob("*.svg")} == {
        f"descent-two-weights-descent-path{end}" for end in (".svg", MOVING)
    }
    assert note.with_suffix(".html").read_text(encoding="utf-8").count('class="motion"') == 1


def numbers(*, is_right: bool) -> list:
    return [
        pytest.param(note, number, id=f"{note}-{number['name']}")
        for note in ("002a", "002b")
        for number in published(note)
        if is_right == (number["verdict"] == "ok" and (note, number["name"]) not in FOLLOWED)
    ]


@pytest.mark.parametrize("note, number", numbers(is_right=True))
def test_a_number_that_is_right_in_the_note_is_in_the_course(note, number):
    text = number["text"] if number["name"] in ELSEWHERE.get(note, ()) else our_number(note, number)
    assert on_page(text, course()), f"{text} is nowhere in the course"


@pytest.mark.parametrize("note, number", numbers(is_right=False))
def test_a_number_that_is_wrong_in_the_note_is_not_in_the_course(note, number):
    assert not on_page(number["text"], course())
    if number["name"] not in ELSEWHERE.get(note, ()):
        assert on_page(our_number(note, number), course())


def test_the_course_is_short(tmp_path):
    """At most 24 pages with its figures, which take some four of them."""
    [pdf] = publish([Page("course", course(), tmp_path, columns="auto")], "pdf")
    with pikepdf.open(BytesIO(pdf)) as pages:
        assert 10 < len(pages.pages) <= 20

"""Figures: what they say, that their labels can be read, and that the same input gives the same
bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from worksheet.families.function.problem import FunctionProblem
from worksheet.families.network.problem import NetworkProblem
from worksheet.family import family
from worksheet.figures.draw import compose, draw
from worksheet.figures.marks import LABEL, NOTE, lines_of, within, words_box
from worksheet.figures.subject import Subject
from worksheet.judge.judges import steps_in_floats
from worksheet.problem import LEADS, Layer, Network, Unit
from worksheet.tex.notation import Symbols


def problem(
    inputs, layers, target, loss, learning_rate, epochs=1, long_run=1000, notation=None
) -> NetworkProblem:
    """Layers as (activation, {a: weights})."""
    network = Network(
        inputs=inputs,
        target=target,
        loss=loss,
        layers=[
            Layer(
                activation=activation,
                units=[Unit(z=f"z_{a}", a=a, weights=weights) for a, weights in units.items()],
            )
            for activation, units in layers
        ],
    )
    return NetworkProblem(
        title="a test",
        network=network,
        learning_rate=learning_rate,
        epochs=epochs,
        long_run=long_run,
        notation=notation or {},
    )


def one_weight(activation, w, y, loss, learning_rate="0.1", **more) -> NetworkProblem:
    return problem(
        {"x": 1}, [(activation, {"y_hat": {"w": w}})], {"y": y}, loss, learning_rate, **more
    )


ONE_HIDDEN = problem(
    {"x": "1.0"},
    [("sigmoid", {"a_h": {"w_h": "0.5"}}), ("sigmoid", {"y_hat": {"w_o": "1.0"}})],
    {"y": 1},
    "binary-cross-entropy",
    "0.1",
)
PROBLEMS = {
    "one hidden": ONE_HIDDEN,
    "target 0": one_weight("sigmoid", "0.6", 0, "binary-cross-entropy", epochs=3),
    "almost right": one_weight("sigmoid", "4.5", 1, "binary-cross-entropy", epochs=20),
    "badly wrong": one_weight("sigmoid", "-4.5", 1, "binary-cross-entropy", epochs=5, long_run=7),
    "chain, below": problem(
        {"x": 2},
        [("identity", {"h": {"w_1": 2}}), ("identity", {"y_hat": {"w_2": "0.5"}})],
        {"y": 20},
        "half-squared-error",
        "0.01",
        epochs=2,
    ),
    "above": one_weight(
        "identity", 3, "-1.5", "squared-error", epochs=2, notation={"loss": "mathcal"}
    ),
    "overshoots": one_weight("identity", 3, 1, "squared-error", "0.9", epochs=4),
    "two outputs": problem(
        {"x_1": "0.05", "x_2": "0.10"},
        [
            ("sigmoid", {"h_1": {"w_1": ".15", "w_2": ".2"}, "h_2": {"w_3": ".25", "w_4": ".3"}}),
            (
                "sigmoid",
                {"y_hat_1": {"w_5": ".4", "w_6": ".45"}, "y_hat_2": {"w_7": ".5", "w_8": ".55"}},
            ),
        ],
        {"y_1": "0.01", "y_2": "0.99"},
        "mean-squared-error",
        "0.5",
        notation={"learning_rate": "eta", "loss": "Loss"},
    ),
    "softmax": problem(
        {"x": 1},
        [
            ("tanh", {"h": {"w": "0.5"}}),
            ("softmax", {"p_1": {"v_1": "0.3"}, "p_2": {"v_2": "-0.4"}, "p_3": {"v_3": "0.9"}}),
        ],
        {"y_1": 0, "y_2": 1, "y_3": 0},
        "categorical-cross-entropy",
        "0.5",
        epochs=8,
    ),
}


def subject(given_problem, shown=None) -> Subject:
    return Subject(
        given_problem, steps_in_floats(given_problem), shown, Symbols(given_problem.notation, "L")
    )


@pytest.mark.parametrize(
    "name", [name for name in family("network").figures() if name not in LEADS]
)
@pytest.mark.parametrize("case", PROBLEMS)
def test_labels_lie_on_the_figure_and_not_on_each_other(case, name):
    composed = compose(subject(PROBLEMS[case]), name)
    assert composed or name == "loss-curve" and PROBLEMS[case].epochs < 3
    if composed:
        check_labels(composed[0])


@pytest.mark.parametrize("name", family("function").figures())
@pytest.mark.parametrize(
    "formula, at, change",
    [
        ("x^3 - 3*x^2 + 2*x + 1", "2", "0.1"),
        ("x^2*exp(-x) + sin(2*x)", "1", "0.05"),
        ("x^2", "0", "0.1"),
        ("-x^2", "3", "0.5"),
        ("5", "1", "0.1"),
        ("1/x", "0.5", "0.01"),
        ("ln(x)", "1", "0.1"),
        ("exp(5*x)", "2", "0.01"),
        ("sqrt(x)", "100", "1"),
        ("tan(x)", "1.5", "0.01"),
        ("2*x", "-3", "0.1"),
    ],
)
def test_the_labels_of_a_function_do_too(formula, at, change, name):
    given_problem = FunctionProblem(
        title="a test", name="f", variable="x", formula=formula, at=at, change=change
    )
    figure, _ = compose(
        Subject(
            given_problem, steps_in_floats(given_problem), None, Symbols(given_problem.notation, "")
        ),
        name,
    )
    check_labels(figure)


def check_labels(figure) -> None:
    figure.draw_without_rendering()  # an axis puts its label in place when it is drawn
    (ax,) = figure.axes
    texts = [text for text in [*ax.texts, ax.xaxis.label, ax.yaxis.label] if text.get_text()]
    boxes = {text.get_text(): text.get_window_extent() for text in texts}
    assert len(texts) >= 3
    for text, box in boxes.items():
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)


# ---- words ------------------------------------------------------------------------------------

SHOWN = {
    ("y_hat", 0): "0.65078",
    ("L", 0): "0.42958",
    ("L", 1): "0.42417",
    ("w_o", 0): "1.0",
    ("w_o", 1): "1.02174",
    ("dL_dw_o", 0): "-0.21738",
}
ALTS = {
    "loss": "The loss as a curve over the prediction ŷ. Our point is (0.65078, 0.42958); its tangent falls to the "
    "right. The target y = 1 is marked.",
    "gradient-descent": "The loss as a curve over the weight wₒ, all other weights held. At our point the tangent "
    "falls to the right, so the step goes to the right, from 1.0 to 1.02174, where the loss falls.",
    "loss-long-run": "The loss over 1000 updates, from 0.42958 to about 0.011; the first one is marked.",
}


@pytest.mark.parametrize("on_screen", [False, True])
@pytest.mark.parametrize("name", ["gradient-descent", "loss"])
@pytest.mark.parametrize("case", PROBLEMS)
def test_the_words_of_a_curve_hide_neither_it_nor_its_tangent_nor_the_step(case, name, on_screen):
    figure, _ = compose(subject(PROBLEMS[case]), name, on_screen)
    [ax] = figure.axes
    drawn = np.concatenate(list(lines_of(ax)))
    words = [text for text in ax.texts if text.get_gid() in (NOTE, LABEL)]
    assert len(words) == 1 and not within(words_box(words[0]), drawn)


def test_two_predictions_of_one_target_are_drawn_on_the_same_axes(tmp_path):
    near, far = (one_weight("identity", w, "20", "half-squared-error") for w in (25, 2))
    other = one_weight("identity", 3, 1, "half-squared-error")

    def axes(given, *beside):
        [ax] = compose(replace(subject(given), beside=beside), "loss")[0].axes
        return ax.get_xlim(), ax.get_ylim()

    assert axes(near, near, far, other) == axes(far, near, far, other) == axes(far) != axes(near)
    assert axes(other, near, far, other) == axes(other)


def test_words_carry_the_numbers_of_the_page(tmp_path):
    drawn = draw(ONE_HIDDEN, tmp_path, ("svg",), SHOWN)
    assert {figure.name: figure.alt for figure in drawn} == ALTS
    assert drawn[1].caption == "Gradient descent on $w_o$: one step against the slope."


def test_a_figure_shows_only_numbers_of_the_page():
    def texts(name, shown):
        figure, _ = compose(subject(ONE_HIDDEN, shown), name)
        return "\n".join(text.get_text() for text in figure.axes[0].texts)

    assert "{0.65078},\\, {0.42958}" in texts("loss", SHOWN)
    assert "slope" not in texts("loss", SHOWN)  # the page does not print dL/dy_hat
    assert "slope ${-0.21738}$" in texts("gradient-descent", SHOWN)
    assert "slope ${-1.537}$" in texts("loss", None)


def test_a_loss_that_rises_is_said_to_rise(tmp_path):
    drawn = draw(one_weight("identity", 3, 1, "squared-error", "1.1"), tmp_path, ())
    alts = {figure.name: figure.alt for figure in drawn}
    assert alts["gradient-descent"].endswith(
        "so the step goes to the left, from 3 to -1.4, where the loss rises."
    )
    assert "tangent rises to the right" in alts["loss"]


def test_of_several_outputs_the_one_furthest_off_is_named(tmp_path):
    first, *_ = draw(PROBLEMS["two outputs"], tmp_path, ())
    assert first.alt.startswith("The share of the prediction ŷ₁ in the loss,")
    first, *_ = draw(PROBLEMS["softmax"], tmp_path, ())
    assert first.facts["prediction"] == "p₂"


# ---- left out ---------------------------------------------------------------------------------

SQUARE, ENTROPY = "squared-error", "binary-cross-entropy"
LEFT_OUT = {
    "no gradient, no step": (one_weight("relu", "-1", 1, SQUARE), ["loss", "loss-long-run"]),
    "diverges later": (one_weight("identity", 3, 1, SQUARE, "9"), ["loss", "gradient-descent"]),
    "diverges on the page": (one_weight("identity", 3, 1, SQUARE, "1e99", epochs=3), []),
    "no long run": (one_weight("sigmoid", 1, 1, SQUARE, long_run=0), ["loss", "gradient-descent"]),
    "two updates, a line": (
        one_weight("sigmoid", 1, 1, SQUARE, epochs=2, long_run=0),
        ["loss", "gradient-descent"],
    ),
    "three, a curve": (
        one_weight("sigmoid", 1, 1, SQUARE, epochs=3, long_run=0),
        ["loss", "gradient-descent", "loss-curve"],
    ),
    "no update": (one_weight("sigmoid", 1, 1, SQUARE, epochs=0, long_run=0), ["loss"]),
    "saturated": (one_weight("sigmoid", 50, 0, ENTROPY, long_run=0), ["gradient-descent"]),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_is_not_finite_or_shows_nothing_is_left_out(case, tmp_path):
    given_problem, names = LEFT_OUT[case]
    assert [figure.name for figure in draw(given_problem, tmp_path, ("png",))] == names
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(names)


# ---- files ------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(tmp_path):
    files = [figure.files for figure in draw(ONE_HIDDEN, tmp_path / "here", ("svg", "png"), SHOWN)]
    code = (
        "import sys; from pathlib import Path; from tests.test_plots import *; "
        "draw(ONE_HIDDEN, Path(sys.argv[1]), ('png', 'svg'), SHOWN)"
    )
    root = Path(__file__).parents[1]
    # another process, another order of formats, another seed of hashes, a home that cannot be
    # written, another time
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("MPLCONFIGDIR", "XDG_CACHE_HOME")
    }
    environment |= {
        "PYTHONHASHSEED": "7",
        "HOME": "/proc/nowhere",
        "TZ": "Asia/Tokyo",
        "PYTHONPATH": str(root),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for svg, png in files:
        assert svg.read_bytes() == (tmp_path / "there" / svg.name).read_bytes()
        assert png.read_bytes() == (tmp_path / "there" / png.name).read_bytes()
        assert png.read_bytes().startswith(b"\x89PNG") and b"Software" not in png.read_bytes()
        text = svg.read_text()
        assert (
            "dc:date" not in text
            and "dc:creator" not in text
            and "<text" not in text
            and "fill: #ffffff" in text
        )


def test_a_figure_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    (tmp_path / "loss.svg").write_text("as it was")

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        draw(ONE_HIDDEN, tmp_path, ("svg",), names=("loss",))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [
        ("loss.svg", "as it was")
    ]


def test_only_plots_imports_matplotlib_and_nothing_imports_pyplot():
    code = (
        "import sys, worksheet.figures; assert 'matplotlib' not in sys.modules; "
        "import worksheet.figures.draw; assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")

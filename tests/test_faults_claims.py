"""Faults of words that were found, each as a test; the kind of each beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worksheet.family import problem_file
from worksheet.figures.draw import draw
from worksheet.notes import make_note, shown_numbers, write_note
from worksheet.pages.render import render
from worksheet.solution import solve, to_the_end
from worksheet.spec.load import load, loads

FAULTS = Path(__file__).parent / "faults"


def page(name: str) -> str:
    return make_note(load(problem_file(name))).text


def network(layers: str, inputs: str = "[1, 1]", target: str = "2", more: str = "") -> str:
    return f"title: A network\nnetwork: {{inputs: {inputs}, layers: [{layers}], target: {target}, loss: half-squared-error}}\nlearning_rate: 0.1\n{more}"


# ---- "a small change of w does not change the loss" at a corner
# -----------------------------------


def test_at_a_corner_it_is_not_said_that_nothing_changes():
    text = make_note(loads((FAULTS / "false-small-change-at-corner.yaml").read_text())).text
    assert "A small change of $w_{11}^{(1)}$ does not change the loss" not in text
    assert (
        "There is a corner here: when $w_{11}^{(1)}$ grows, the loss changes at another rate than when it shrinks"
        in text
    )
    assert (
        "A small change of $w_{11}^{(2)}$ does not change the loss." in text
    )  # for its input is 0


@pytest.mark.parametrize(
    "z, said", [("[[1, -1]]", "corner"), ("[[1, -2]]", "constant"), ("[[1, 0.5]]", "direction")]
)
def test_what_is_said_of_a_weight_follows_from_where_its_relu_is(z, said):
    made = make_note(
        loads(
            network(f"{{weights: {z}, activation: relu}}, {{weights: [[1]], activation: identity}}")
        )
    )
    about = {
        claim.about[1] if claim.kind == "flat" else claim.kind.removesuffix("s")
        for claim in made.claims.said
        if claim.kind in ("flat", "direction")
        and claim.about[0][0] == "dL_dw_1_1__1"
        or claim.kind in ("directions", "constants")
        and any(key[0] == "dL_dw_1_1__1" for key in claim.about[0])
    }
    assert about == {said}


def test_at_a_lowest_point_the_loss_is_level_and_not_constant():
    text = make_note(loads(network("{weights: [[1, 1]], activation: identity}"))).text
    assert (
        "it is level here: the loss changes by much less than a small change of $w_{11}^{(1)}$"
        in text
        and "does not change the loss" not in text
    )


def test_a_corner_beside_a_smooth_path_has_its_say():
    """x reaches the loss through a neuron at its corner and through another one: what the gradient
    says holds on one side only."""
    made = make_note(
        loads(
            "title: Two paths\nformulas: ['a = relu(w*x - 1)', 'b = w*x', 'L = (b - 9*a - 2)^2/2']\ngiven: {w: 0.5, x: 2}\ntrain: [w]\nlearning_rate: 0.1\n"
        )
    )
    assert (
        made.trace.find("dL_dw").shown == "-2"
        and "There is a corner here: when $w$ grows, $L$ changes at another rate" in made.text
    )


def test_formulas_and_functions_have_corners_too():
    made = make_note(
        loads(
            "title: Corner\nformulas: ['h = relu(w*x - 1)', 'L = (h - 2)^2/2']\ngiven: {w: 0.5, x: 2}\ntrain: [w]\nlearning_rate: 0.1\n"
        )
    )
    assert (
        "There is a corner here: when $w$ grows, $L$ changes at another rate" in made.text
        and "does not change $L$" not in made.text
    )


# ---- what no digits tell from zero
# ------------------------------------------------------------------

FAR = "{weights: [[%s], [-%s]], activation: %s}, {weights: [[0.5, 0.3]], activation: sigmoid}"
BENEATH = {
    "matrix": (
        network(FAR % ("1000", "1000", "tanh"), "[1]", "1", "notation: matrix\n"),
        "At this number of digits every entry is zero: these weights do not move.",
    ),
    "scalar": (
        network(FAR % ("1000", "1000", "tanh"), "[1]", "1"),
        "At this number of digits a small change of $z_1^{(1)}$ does not change the loss.",
    ),
    "larger": (
        network(FAR % ("30000", "30000", "tanh"), "[1]", "1", "notation: matrix\n"),
        "At this number of digits every entry is zero: these weights do not move.",
    ),
    "descent": (
        "title: T\ndescent: L(w) = tanh(w)\nstart: {w: 1000}\nlearning_rate: 0.1\niterations: 2\n",
        "At this number of digits $\\frac{dL}{dw}$ is 0, so $w$ stays where it is.",
    ),
    "descent of two": (
        "title: T\ndescent: L(w, v) = tanh(w)*sigmoid(v)\nstart: {w: 1000, v: 1000}\nlearning_rate: 0.1\niterations: 2\n",
        "At this number of digits $\\frac{\\partial L}{\\partial w}$ is 0, so $w$ stays where it is.",
    ),
    "function": (
        "title: T\nfunction: f(x) = tanh(x)\nat: 1000\nchange: 0.1\n",
        "At this number of digits the curve is level at $x = 1000$.",
    ),
    "gradient": (
        "title: T\ngradient: 'f(x, y) = tanh(x) + y'\nat: {x: 1000, y: 1000}\nchange: {x: 0.1, y: 0.1}\n",
        "At this number of digits a small change of $x$ does not change $f$.",
    ),
    "nudge": (
        "title: T\nformulas: [a = tanh(u), L = a*v]\ngiven: {u: 1000, v: 2}\ntrain: [u, v]\nlearning_rate: 0.1\nnudge: {u: 0.1}\n",
        "At this number of digits the slope is zero: a small change of $u$ leaves the loss as it is.",
    ),
}


@pytest.mark.parametrize("case", BENEATH)
def test_a_slope_that_no_digits_tell_from_zero_is_called_zero_at_these_digits(case, tmp_path):
    """The slope of tanh at 1000 is 10^-868: nothing of it is in any number of a trace, and the
    judge knows it. Figures included."""
    spec, said = BENEATH[case]
    (tmp_path / "far.yaml").write_text(spec)
    text = write_note(tmp_path / "far.yaml", tmp_path).read_text()
    assert said in text


@pytest.mark.parametrize(
    "weight, activation", [("1000", "relu"), ("40", "tanh"), ("40", "sigmoid")]
)
def test_what_is_zero_is_called_zero_and_what_is_small_is_called_small(weight, activation):
    text = make_note(
        loads(
            network(
                FAR % ("-" + weight, weight, activation)
                if activation != "relu"
                else "{weights: [[-1], [-2]], activation: relu}, {weights: [[0.5, 0.3]], activation: identity}",
                "[1]",
                "1",
                "notation: matrix\n",
            )
        )
    ).text
    assert "At this number of digits every entry" not in text
    assert ("Every entry is zero: these weights do not move." in text) == (activation == "relu")
    assert ("is not zero, but about" in text) == (activation != "relu")


def test_a_small_slope_is_not_called_one_that_no_digits_tell():
    """The claim has a judge: of a slope that the trace knows it is false, and of one it does not
    know the stronger claim is."""
    from worksheet.judge.duals import judging
    from worksheet.pages.claims import Claim
    from worksheet.proofs.bench import Bench
    from worksheet.proofs.claims import decide

    wrong = {"40": "beneath", "1000": "zeros"}
    for weight, kind in wrong.items():
        trace = solve(loads(network(FAR % (weight, weight, "tanh"), "[1]", "1")))
        with judging():
            bench = Bench(trace)
            found = {
                each: decide(bench, Claim(each, ((("dL_dz_1__1", 1, "backward"),),), ""))
                for each in ("beneath", "zeros")
            }
            flat = {
                how: decide(bench, Claim("flat", (("dL_dz_1__1", 1, "backward"), how), ""))
                for how in ("beneath", "constant", "level")
            }
        assert [each for each, fault in found.items() if fault] == (
            ["beneath", "zeros"] if weight == "40" else [kind]
        )
        assert [how for how, fault in flat.items() if not fault] == (
            [] if weight == "40" else ["beneath"]
        )


def test_a_flat_surface_is_not_drawn(tmp_path):
    """It has no height to shade; it once ended in a traceback."""
    drawn = figures(loads(BENEATH["descent of two"][0]), tmp_path)
    assert "descent-surface" not in drawn


def test_a_loss_that_falls_below_zero_does_not_vanish(tmp_path):
    words = figures(
        loads(
            "title: T\nformulas: [a = sigmoid(u), L = a*v]\ngiven: {u: 1, v: 2}\ntrain: [u, v]\nlearning_rate: 0.1\n"
        ),
        tmp_path,
    )
    assert "to about -95" in words["loss-long-run"][0]


# ---- "the loss rose" where only rounding rose
# -----------------------------------------------------


def test_where_only_rounding_rose_the_page_says_so():
    text = make_note(loads((FAULTS / "false-rose-52.yaml").read_text())).text
    assert "**rose**" not in text and "the step was too long" not in text
    assert re.search(
        r"the loss goes from [\d.]+ to [\d.]+\. That is rounding alone: with all its digits it falls\.",
        text,
    )


@pytest.mark.parametrize("places", [2, 3])
def test_a_loss_never_rises_or_falls_by_rounding_alone(places):
    """Small steps and few places: what is said of the loss is so with all its digits."""
    for seed in range(12):
        made = make_note(
            loads(
                network(
                    f"{{weights: [[0.{seed + 1}, -0.3], [0.5, 0.{seed + 2}]], activation: sigmoid}}, {{weights: [[0.7, -0.4]], activation: identity}}",
                    target=f"0.{seed + 1}",
                    more=f"epochs: 3\nrounding: {{places: {places}}}\n",
                )
            )
        )
        losses = [made.trace.find("L", epoch, "loss").exact for epoch in (1, 2, 3)] + [
            made.trace.find("L", 3, "check").exact
        ]
        assert all(after < before for before, after in zip(losses, losses[1:]))
        assert "**rose**" not in made.text


# ---- sizes as sizes, directions as directions
# -----------------------------------------------------


def test_effects_that_go_different_ways_are_told_apart():
    text = page("two-by-two")
    assert "The loss rises with $w_6$, and falls with $w_7$ and $w_8$." in text


def test_gradients_of_formulas_are_explained_once_and_told_together():
    text = make_note(
        loads(
            "title: Paths\nformulas: ['z_1 = w*x + b', 'z_2 = v*x + c', 'p_1 = sigmoid(z_1)', 'p_2 = z_1*2 - z_2', "
            "'p_3 = z_2^2', 'L = (y - p_1*p_2 + p_3 + u)^2/2']\n"
            "given: {x: 0.5, w: 0.8, v: 1.5, b: 0.1, c: -0.2, u: 0.3, y: 1}\ntrain: [w, b, v, c, u]\nlearning_rate: 0.1\n"
        )
    ).text
    assert (
        "$L$ falls with $b$, and rises with $v$ and $c$." in text
        and text.count("In the same way:") == 1
        and text.count("alone") == 1
    )
    assert (
        text.count("stands in the formula of $L$ itself:")
        == text.count("stands in the formula of $L$ as well:")
        == text.count("So does $p_2$:")
        == 1
    )
    lines = [line for line in text.splitlines() if line and line[0] not in "|$&\\ -"]
    assert not any(one == other for one, other in zip(lines, lines[1:]))


# ---- neurons
# ----------------------------------------------------------------------------------------


def test_what_a_layer_does_is_said_of_all_its_neurons_and_a_softmax_of_all_together():
    text = make_note(
        loads(
            network(
                "{weights: [[0.2, -0.1], [0.4, 0.3]], activation: relu}, {weights: [[0.2, -0.1], [0.4, 0.3]], activation: tanh}, "
                "{weights: [[0.2, 0.1], [0.4, 0.3]], activation: tanh}, {weights: [[0.2, -0.1], [0.4, 0.3], [0.5, 0.6]], activation: softmax}",
                target="[0, 1, 0]",
                more="notation: {style: scalar}\n",
            )
        )
    ).text
    assert "The neuron $a_2^{(1)}$ works in the same way, with weights of its own." in text
    assert (
        "Layer 2 does the same with $a_1^{(1)}$ and $a_2^{(1)}$, each neuron with weights of its own. Its activation function is the hyperbolic tangent."
        in text
    )
    assert (
        "Layer 3 does the same with $a_1^{(2)}$ and $a_2^{(2)}$, each neuron with weights of its own.\n"
        in text
    )
    assert (
        "The neurons $\\hat{y}_2$ and $\\hat{y}_3$ work in the same way, each with weights of its own."
        in text
    )
    assert (
        "The softmax of" not in text
        and "The softmax takes $z_1^{(4)}$, $z_2^{(4)}$ and $z_3^{(4)}$ together:" in text
    )


def test_a_second_neuron_that_is_off_is_told_shortly():
    text = make_note(
        loads(
            network(
                "{weights: [[-1, 0.1], [-2, 0.1], [1, 1]], activation: relu}, {weights: [[1, 1, 1]], activation: identity}"
            )
        )
    ).text
    assert text.count("no gradient will flow back through it") == 1 and "$z_2^{(1)} = -1.9$" in text


# ---- the rule of gradient descent, said of what there is
# --------------------------------------------

FORMULAS = "title: Rule\nformulas: ['q = {product}', 'L = (y - q)^2/2']\ngiven: {{{given}, x: 2, y: 1}}\ntrain: [{train}]\nlearning_rate: 0.1\n"


@pytest.mark.parametrize(
    "text, said, rule",
    [
        (
            FORMULAS.format(product="k*x", given="k: 0.5", train="k"),
            r"Here $\alpha$ is the learning rate",
            r"k \leftarrow k - \alpha \frac{\partial L}{\partial k}",
        ),
        (
            FORMULAS.format(product="u*x + v", given="u: 0.5, v: 1", train="u, v"),
            "Here $w$ stands for $u$ or $v$, ",
            r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
        ),
        (
            FORMULAS.format(product="w*x + b", given="w: 0.5, b: 1", train="w, b"),
            "That is for $w$; $b$ moves in the same way. ",
            r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
        ),
        (
            network("{weights: [[1, 2]], bias: [1], activation: identity}", target="9"),
            "Here $w$ is any weight or bias, ",
            r"w \leftarrow w",
        ),
        (
            network(
                "{weights: [[1, 2]], bias: [1], frozen_bias: true, activation: identity}",
                target="9",
            ),
            "Here $w$ is any weight, ",
            r"w \leftarrow w",
        ),
        (
            network("{weights: [[1]], activation: identity}", inputs="[1]", target="9"),
            r"Here $\alpha$ is the learning rate",
            r"w_{11}^{(1)} \leftarrow w_{11}^{(1)} - \alpha",
        ),
    ],
)
def test_the_rule_speaks_of_the_weights_that_move(text, said, rule):
    made = make_note(loads(text)).text
    assert said in made and rule in made and ("any weight" in made) == ("any weight" in said)


# ---- zero times a logarithm
# --------------------------------------------------------------------------


def test_that_a_term_is_left_out_is_said_where_one_is():
    """0 ln(0.34922) is no logarithm of zero, and stands on the page."""
    text = (
        "title: Zero\nnetwork: {{inputs: [{x}], layers: [{{weights: [[1]], activation: sigmoid}}], "
        "target: 1, loss: binary-cross-entropy}}\nlearning_rate: 0.1\n"
    )
    assert "such a term is left out" in make_note(loads(text.format(x=20))).text
    for made in (
        make_note(loads(text.format(x=1))),
        make_note(load(problem_file("one-hidden-neuron"))),
    ):
        assert (
            r"0 \cdot \ln(" in made.text
            and "left out" not in made.text
            and not any(working.leaves_out for working in made.trace.workings)
        )


# ---- where a run goes to and fro
# ------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, cell",
    [
        ("linear-chain", "| 0.025 | too large | goes to and fro | 1000 | 3.201 | 3.175 | 0.053 |"),
        (
            "descent-two-weights",
            r"| 0.025 | too large | goes to and fro | 1000 | $L(3.201, 3.175) \approx 0.053$ |",
        ),
    ],
)
def test_a_run_that_comes_nearer_is_not_said_to_come_no_nearer(name, cell):
    text = page(name)
    assert (
        "it comes no nearer" not in text
        and "to and fro, and it comes nearer to the bottom only slowly." in text
    )
    assert cell in text


def test_a_run_that_comes_no_nearer_is_said_to():
    text = page("descent-parabola")
    assert (
        "to and fro, and it comes no nearer to the bottom." in text
        and "| 1 | too large | goes to and fro | 1000 | $L(0.000) = 10$ |" in text
    )


def test_a_run_whose_digits_are_chance_shows_none():
    """The logistic map in disguise: its digits double their error with every step."""
    text = make_note(
        loads(
            "title: Chaos\ndescent: L(w) = w^3/3 - w^2/2\nstart: {w: 0.3}\nlearning_rate: 0.1\niterations: 1\nlearning_rates: [0.1, 2.9]\nlong_run: 400\n"
            "until: {gradient: 0.001, places: 3}\n"
        )
    ).text
    [row] = [line for line in text.splitlines() if line.startswith("| 2.9 |")]
    assert row == "| 2.9 | too large | goes to and fro | 400 |  |" and "comes no nearer" not in text


# ---- the table of rates: one meaning everywhere
# ---------------------------------------------------


@pytest.mark.parametrize("name", ["linear-chain", "two-inputs-sigmoid"])
def test_the_loss_beside_a_point_is_the_loss_at_that_point(name):
    problem = load(problem_file(name))
    text = page(name)
    assert "is worked out at the rounded point" in text
    for row in re.findall(r"(?m)^\| [\d.]+ \| [a-z ]+ \| [a-z ,]+ \| \d+ \| (.+) \|$", text):
        *point, loss = row.split(" | ")
        if not point[0]:
            continue
        from worksheet.judge.judges import judge_of

        found = float(
            judge_of(problem).quantities(problem, dict(zip(problem.trained, map(float, point))))[
                problem.loss_name
            ]
        )
        shown = float(re.sub(r"\$(.+) \\cdot 10\^\{(-\d+)\}\$", r"\1e\2", loss))
        assert shown == pytest.approx(found, rel=0.05, abs=5e-4 if "cdot" not in loss else 0)


# ---- figures
# --------------------------------------------------------------------------------------


def figures(problem, folder) -> dict[str, tuple[str, str]]:
    return {
        each.name: (each.alt, each.caption)
        for each in draw(problem, folder, ("svg",), shown_numbers(solve(problem)))
    }


def test_a_step_too_short_to_be_printed_has_enough_digits(tmp_path):
    alt, _ = figures(loads((FAULTS / "false-figure-alt-20.yaml").read_text()), tmp_path)[
        "gradient-descent"
    ]
    side, before, after = re.search(
        r"goes to the (\w+), from (-?[\d.]+) to (-?[\d.]+)", alt
    ).groups()
    assert before != after and (float(after) > float(before)) == (side == "right")


def test_a_map_with_a_parameter_held_elsewhere_says_how_high_it_is_there(tmp_path):
    alt, caption = figures(load(problem_file("two-inputs-sigmoid")), tmp_path)["descent-path"]
    assert "0.102582 (0.0943 in the picture)" in alt
    assert (
        "held at its value at the end of the path, so before that the path is at another height than the picture."
        in alt
        and "another height" in caption
    )


def test_a_stroke_without_a_head_is_called_no_arrow(tmp_path):
    alt, caption = figures(load(problem_file("two-inputs-sigmoid")), tmp_path)["descent-path"]
    assert "arrow" not in alt + caption and re.search(
        r"a stroke stands for at most \d+ updates", caption
    )


def test_the_words_of_a_figure_do_not_say_what_its_page_works_out(tmp_path):
    """A lecture may show a figure and work out nothing."""
    for name in (
        "two-inputs-sigmoid",
        "descent-two-weights",
        "descent-parabola",
        "one-hidden-neuron",
    ):
        for alt, caption in figures(load(problem_file(name)), tmp_path / name).values():
            assert "worked here" not in alt + caption


@pytest.mark.parametrize(
    "name",
    [
        "one-hidden-neuron",
        "descent-two-weights",
        "gradient-squares",
        "derivative-cubic",
        "softmax-three-classes",
    ],
)
def test_the_words_of_a_figure_are_proved(name, tmp_path):
    """Its numbers and directions are claims, and on the page stand its words and no others."""
    note = write_note(problem_file(name), tmp_path)
    text = note.read_text(encoding="utf-8")
    assert "![" in text
    problem = load(problem_file(name))
    trace = to_the_end(solve(problem))
    drawn = tuple(draw(problem, tmp_path / "again", ("svg",), shown_numbers(trace)))
    own = render(trace, drawn)
    from worksheet.proofs.checks import check

    assert not check(trace, own).failures
    shown = [each for each in drawn if each.alt in own]  # with less than full detail not all are
    assert shown
    for each in shown:
        number = re.search(r"\d[\d.]*", each.alt)
        for old, new in (
            (each.alt, each.alt.replace(number[0], "7.7", 1)),
            (each.caption, each.caption + " It rises."),
        ):
            assert any(
                "not the words of the figure" in failure.message
                for failure in check(trace, own.replace(old, new), claims=own.claims).failures
            )
        for claim in own.claims.drawn:
            if claim.kind in ("number", "slope", "step"):
                spoilt = claim._replace(
                    about=(
                        *claim.about[:-1],
                        "777" if claim.kind == "number" else -claim.about[-1] or 1,
                    )
                )
                own.claims.drawn[own.claims.drawn.index(claim)] = spoilt
                assert any(failure.proof == "words" for failure in check(trace, own).failures), (
                    spoilt
                )
                own.claims.drawn[own.claims.drawn.index(spoilt)] = claim
                break


@pytest.mark.parametrize("weight, places", [("14", 5), ("8", 3), ("-9", 2)])
def test_a_first_step_that_the_digits_of_the_page_do_not_show_is_told_with_more_of_them(
    weight, places, tmp_path
):
    (tmp_path / "small.yaml").write_text(
        f"title: T\nnetwork: {{inputs: [1], layers: [{{weights: [[{weight}], [0]], activation: softmax}}], "
        f"target: {'[1, 0]' if int(weight) > 0 else '[0, 1]'}, "
        f"loss: categorical-cross-entropy}}\nlearning_rate: 0.1\nrounding: {{places: {places}}}\n",
        encoding="utf-8",
    )
    text = write_note(tmp_path / "small.yaml", tmp_path / "out").read_text(encoding="utf-8")
    before, after = re.search(
        r"the step goes to the (?:right|left), from (\S+) to (\S+),", text
    ).groups()
    assert (
        before == weight and float(after) != float(before) and len(after.partition(".")[2]) > places
    )


def test_what_a_loss_shown_as_zero_is_stands_below_it_and_not_in_the_caption_of_its_figure(
    tmp_path,
):
    text = write_note(FAULTS / "false-zero-ln-zero.yaml", tmp_path).read_text(encoding="utf-8")
    assert text.index("such a term is left out") < text.index("(figures/loss.svg)")
    for paragraph in re.split(r"\n{2,}", text):
        assert not re.search(r"^\*[^*].*\*$\n.", paragraph, re.MULTILINE), paragraph

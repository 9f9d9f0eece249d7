"""Where gradient descent leads from a network and from formulas: the runs, their end tried out, the
proofs, and who is spared them.

WORKSHEET_LONG_RUNS=n proves n random networks instead of a few.
"""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal, localcontext
from math import isclose

import pytest
from random_formulas import graph_text
from random_networks import spec_text

from worksheet.algebra.expression import Name
from worksheet.descent import exact as long_runs
from worksheet.descent.exact import compiled
from worksheet.descent.floats import at_end, carried_on, losses
from worksheet.errors import ProofError, SolveError, SpecError
from worksheet.family import problem_file
from worksheet.figures.draw import compose, draw
from worksheet.figures.subject import Subject
from worksheet.judge.judges import steps_in_floats
from worksheet.notes import make_note, shown_numbers, write_note
from worksheet.numbers.number import CONTEXT
from worksheet.pages.render import render
from worksheet.problem import LEADS
from worksheet.proofs.checks import check, descent_failures
from worksheet.solution import by_hand, solve, to_the_end
from worksheet.spec.load import load, loads
from worksheet.tex.notation import Symbols
from worksheet.trace import record
from worksheet.variants.search import open_source, search
from worksheet.worksheets import make_worksheet

COUNT = int(os.environ.get("WORKSHEET_LONG_RUNS", 10))
CHAIN, SIGMOID = "linear-chain", "two-inputs-sigmoid"
RUNS = "long_run: {longest}\nlearning_rates: [0.05, 2, 300]\nuntil: {{gradient: 0.001, places: {places}}}\n"


def network(activation: str, w: str, loss: str, rate: str, more: str = "", y: str = "1") -> str:
    z = "" if activation == "identity" else "z: z, "
    return (
        f"title: A weight\nnetwork: {{inputs: {{x: 1}}, layers: [{{units: [{{{z}a: y_hat, weights: {{w: {w}}}}}], activation: {activation}}}], "
        f"target: {{y: {y}}}, loss: {loss}}}\nlearning_rate: {rate}\nuntil: {{places: 2}}\nlong_run: 200\n{more}"
    )


def formulas(text: str, given: str, train: str, more: str) -> str:
    return f"title: Formulas\nformulas: [{text}]\ngiven: {{{given}}}\ntrain: [{train}]\nlearning_rate: 0.1\n{more}"


# ---- where it leads -----------------------------------------------------------------------------


def test_note_002_ends_where_its_author_says():
    """From (2, 0.5) with 0.01: 2 times 3.391 times 2.949 is 20.000118, with the network's own
    forward pass."""
    trace = solve(load(problem_file(CHAIN)))
    own = trace.descents[0]
    assert (own.fate, own.updates) == ("settles", 15)
    assert [trace.events[trace.givens[f"w_{k}__end"]].shown for k in (1, 2)] == ["3.391", "2.949"]
    assert trace.find("y_hat__end", 1, "end").shown == "20.000118"
    assert [each.fate for each in trace.descents[1:]] == ["settles", "oscillates", "diverges"]


def test_the_network_goes_where_the_function_of_its_weights_goes():
    """One is differentiated by the chain rule over the network, the other rule by rule as a
    function of two variables."""
    ours, theirs = (
        solve(load(problem_file(name))).descents for name in (CHAIN, "descent-two-weights")
    )
    for one, other in zip(
        sorted(ours, key=lambda each: each.rate),
        sorted(theirs, key=lambda each: each.rate),
        strict=True,
    ):
        assert (one.rate, one.fate, one.updates, one.swings) == (
            other.rate,
            other.fate,
            other.updates,
            other.swings,
        )
        if one.fate == "settles":
            assert all(abs(one.end[name] - other.end[name]) < Decimal("1e-40") for name in one.end)


@pytest.mark.parametrize(
    "name",
    [CHAIN, SIGMOID, "softmax-three-classes", "two-by-two", "shared-weight", "descent-parabola"],
)
def test_a_run_begins_with_the_epochs_worked_by_hand(name):
    """The formulas as a program, against the trace in full precision, number by number."""
    problem = load(problem_file(name)).model_copy(update={"epochs": 3, "nudge": {}})
    trace = by_hand(problem)
    at, point = compiled(trace), [problem.parameters[each].value for each in problem.trained]
    with localcontext(CONTEXT):
        for epoch in range(1, 4):
            loss, slopes = at(point)
            assert abs(loss - trace.find(problem.loss_name, epoch, "loss").exact) < Decimal("1e-45")
            point = [
                value - problem.learning_rate.value * slope for value, slope in zip(point, slopes)
            ]
            assert all(
                abs(value - trace.find(each, epoch, "update").exact) < Decimal("1e-45")
                for each, value in zip(problem.trained, point)
            )


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_random_network_passes_every_proof(seed):
    """The runs are judged by slopes carried forward, the forward pass at the end by layers of the
    judge's own."""
    text = spec_text(seed).rstrip() + "\n" + RUNS.format(longest=40, places=seed % 6)
    try:
        trace = by_hand(loads(text))
    except SolveError:
        return
    note = make_note(trace.problem)
    assert (
        note.proof.failures == ()
        and len(note.trace.descents) >= 3
        and "## Where gradient descent leads" in note.text
    )
    assert record.loads(record.dumps(note.trace)) == note.trace


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_formulas_pass_every_proof(seed):
    text = (
        graph_text(seed).rstrip()
        + "\n"
        + ("" if "learning_rate:" in graph_text(seed) else "learning_rate: 0.1\n")
        + RUNS.format(longest=40, places=3)
    )
    try:
        trace = by_hand(loads(text))
    except SolveError:
        return
    assert make_note(trace.problem).proof.failures == ()


@pytest.mark.parametrize(
    "text, fates",
    [
        (
            network("relu", "-1", "half-squared-error", "0.1"),
            {"settles": 0},
        ),  # off from the start: no slope
        (network("leaky-relu", "-1", "half-squared-error", "0.1"), {"creeps": 200}),
        (
            network("sigmoid", "0.5", "binary-cross-entropy", "5000"),
            {"settles": 1},
        ),  # saturated on the right side
        (
            network("sigmoid", "-60", "half-squared-error", "0.1"),
            {"settles": 0},
        ),  # saturated on the wrong side
        (
            network(
                "sigmoid", "9", "binary-cross-entropy", "0.1", "rounding: {policy: exact}\n", y="0"
            ),
            {"creeps": 200},
        ),
        (network("tanh", "3", "mean-squared-error", "0.01"), {"creeps": 200}),
        (network("identity", "3", "squared-error", "1"), {"oscillates": 200}),
        (network("identity", "3", "squared-error", "1.1"), {"diverges": None}),
        (
            formulas("L = w - ln(w)", "w: 3", "w", "until: {places: 3}\nlearning_rates: [5]\n"),
            {"settles": None, "leaves": 0},
        ),
    ],
)
def test_what_becomes_of_it_is_known(text, fates):
    """Corners, saturated outputs and losses without a value: a fate each, never a crash, and the
    proofs hold."""
    trace = make_note(loads(text)).trace
    for descent in trace.descents:
        assert descent.fate in fates and fates[descent.fate] in (None, descent.updates)


def test_a_learning_rate_is_judged_by_what_its_run_comes_to():
    """Of a ReLU that a step switches off no slope is left, and the run has settled at once: higher
    than it need be, so the step was too large."""
    text = make_note(
        loads(
            network(
                "relu", "1.5", "squared-error", "0.1", "learning_rates: [0.001, 0.05, 0.9, 2]\n"
            ).replace("{x: 1}", "{x: 0.9}")
        )
    ).text
    rows = {
        row.split(" | ")[0]: row.split(" | ")[1:3]
        for row in text.partition("### The learning rate")[2].splitlines()
        if row.startswith("| ")
    }
    assert rows["| 0.001"] == ["too small", "is still on its way"] and rows["| 0.05"] == [
        "about right",
        "settles",
    ]
    assert (
        rows["| 0.9"][0] == "large"
        and rows["| 2"] == ["too large", "settles"]
        and "leads out of the valley" in text
    )


def test_a_softmax_far_out_keeps_its_numbers():
    """Powers of e that are beyond every number on the way to probabilities that are not."""
    text = (
        problem_file("softmax-three-classes").read_text(encoding="utf-8")
        + "learning_rates: [1000]\nuntil: {gradient: 0.001}\nlong_run: 20\n"
    )
    note = make_note(loads(text))
    assert note.trace.descents[1].fate == carried_on(note.trace.problem, 1000.0).fate == "settles"


def test_the_loss_of_the_run_is_that_of_the_curve():
    problem = load(problem_file(SIGMOID))
    own = solve(problem).descents[0]
    assert isclose(float(own.loss), losses(problem, own.updates)[-1], rel_tol=1e-12)


def test_a_place_without_a_value_stands_alone():
    """Rounded to whole numbers the logarithm of 0 would be wanted: the page gives the point and no
    more."""
    note = make_note(
        loads(formulas("q = ln(w), L = (q + 1)^2", "w: 0.9", "w", "until: {places: 0}\n"))
    )
    assert (
        note.trace.descents[0].fate == "settles"
        and "w^{(" in note.text
        and "by hand" not in note.text.partition("## Where gradient")[2]
    )


def test_the_forward_pass_at_the_end_is_judged_where_the_page_says_it_ends():
    """Another arithmetic may end elsewhere, where a start a hair's breadth aside leads elsewhere;
    that the pass from a point is right it can say."""
    found = at_end(load(problem_file(CHAIN)), {"w_1": Decimal("3.3906"), "w_2": Decimal("2.9494")})
    assert isclose(found["y_hat"], 2 * 3.391 * 2.949) and isclose(
        found["L"], (20 - found["y_hat"]) ** 2 / 2
    )


# ---- what must not pass -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"fate": "creeps"},
        {"updates": 16},
        {"end": {"w_1": Decimal("3.392"), "w_2": Decimal("2.949")}},
        {"loss": Decimal("0.1")},
        {"rate": Decimal("0.02")},
    ],
)
def test_a_wrong_end_is_refused(change):
    trace = solve(load(problem_file(CHAIN)))
    assert descent_failures(trace) == []
    assert descent_failures(
        replace(trace, descents=(replace(trace.descents[0], **change), *trace.descents[1:]))
    )


@pytest.mark.parametrize(
    "old, new",
    [
        ("w_1^{(15)} = 3.391", "w_1^{(15)} = 3.392"),
        (r"&= 2 \times 3.391", r"&= 2 \times 3.392"),
        ("&= 20.000118", "&= 20.000117"),
        ("(20 - 20.000118)^2", "(20 - 20.000119)^2"),
        ("| 3.464 | 2.887 |", "| 3.465 | 2.887 |"),
        ("| 3.391 | 2.949 |", "| 3.391 | 2.940 |"),
    ],
)
def test_a_spoilt_page_is_refused(old, new):
    trace = solve(load(problem_file(CHAIN)))
    text = render(trace)
    assert (
        text.count(old)
        and check(trace, text).failures == ()
        and check(trace, text.replace(old, new)).failures
    )


def test_a_run_by_wrong_arithmetic_is_refused(monkeypatch):
    problem = load(problem_file(SIGMOID))
    monkeypatch.setitem(long_runs.ARITHMETIC, "sigmoid", lambda z: z)
    with pytest.raises(ProofError, match=r"\[descent\]"):
        make_note(problem)


def test_a_forward_pass_of_wrong_formulas_is_refused(monkeypatch):
    trace = by_hand(load(problem_file(CHAIN)))
    swapped = long_runs.carried_on(
        trace,
        lambda problem, tape, phases, epoch: (
            tape.begin(phases[0], epoch),
            tape.let("h", Name("w_1") * Name("w_2"), "activation"),
        ),
    )
    assert any("h__end" in failure.message for failure in check(swapped, render(swapped)).failures)


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("over: [w_2, w_3]", "over: [w_2, w]", "not among what is trained"),
        ("over: [w_2, w_3]", "over: [w_2, w_2]", "twice"),
        ("over: [w_2, w_3]", "over: [w_1, w_2, w_3]", "over"),
        ("over: [w_2, w_3]", "long_run: 0", "long_run is 0"),
        ("over: [w_2, w_3]", "long_run: 50000", "write long_run: 2000"),
        ("{gradient: 0.001}", "{gradient: 0}", "not greater than 0"),
    ],
)
def test_a_faulty_spec_is_refused(old, new, words):
    text = problem_file(SIGMOID).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SpecError, match=words):
        loads(text.replace(old, new))


def test_a_network_that_would_take_too_long_is_told_how_far_it_may_go():
    rows = "[" + ", ".join("[" + ", ".join(["0.1"] * 60) + "]" for _ in range(60)) + "]"
    text = (
        f"title: Large\nnetwork: {{inputs: [{', '.join(['1'] * 60)}], layers: [{{weights: {rows}, activation: tanh}}], target: [{', '.join(['1'] * 60)}], "
        "loss: half-squared-error}\nlearning_rate: 0.1\nlimits: {inputs: 60, units: 60}\nuntil: {places: 3}\n"
    )
    with pytest.raises(SpecError, match=r"write long_run: [1-9]"):
        loads(text + "learning_rates: [1, 2]\n")


# ---- who is spared it ---------------------------------------------------------------------------


def test_without_the_keys_there_is_nothing_to_go_on_to():
    trace = by_hand(load(problem_file("one-hidden-neuron")))
    assert to_the_end(trace) is trace and "Where gradient descent leads" not in render(trace)


def test_a_search_for_variants_and_a_worksheet_run_no_program(monkeypatch):
    """They ask many solutions of one spec, and no task is about a program; a page of notes has it."""
    source = open_source(problem_file(CHAIN))
    monkeypatch.setattr(long_runs, "follow", lambda *args: pytest.fail("a program went on"))
    assert search(source, 1, 1).trace.descents == ()
    for fade in ("1", "0.5"):
        made = make_worksheet(
            load(problem_file(CHAIN)).model_copy(
                update={"fade": loads(network("tanh", "1", "squared-error", fade)).learning_rate}
            )
        )
        assert all(
            "gradient descent leads" not in page and "3.391" not in page
            for page in (made.sheet, made.key)
        )
    with pytest.raises(BaseException, match="a program went on"):
        make_note(load(problem_file(CHAIN)))


def test_a_lecture_has_it_where_it_shows_it(tmp_path, monkeypatch):
    def lecture(part: str) -> str:
        path = tmp_path / "lecture.yaml"
        path.write_text(
            f"lecture: A\nproblems: {{net: {CHAIN}}}\nsections: [{{title: One, problem: net, part: statement}}, {{title: Two, problem: net, part: {part}}}]\n"
        )
        return write_note(path, tmp_path / "out").read_text(encoding="utf-8")

    shown = lecture("descent")
    assert "20.000118" in shown and "net-descent-path" in shown
    monkeypatch.setattr(long_runs, "follow", lambda *args: pytest.fail("a program went on"))
    assert "20.000118" not in lecture("forward")


# ---- pages and figures --------------------------------------------------------------------------


def test_in_matrix_notation_the_end_is_matrices():
    text = problem_file("three-hidden-matrix").read_text(encoding="utf-8")
    note = make_note(loads(text + "until: {gradient: 0.001, places: 2}\n"))
    assert (
        r"W_{1,\text{end}} = \begin{bmatrix}" in note.text
        and r"z_{1,\text{end}} &= W_{1,\text{end}} x + b_{1,\text{end}}" in note.text
    )
    assert "brackets counts" not in note.text


def test_slides_and_a_glossary_have_it_too():
    problem = load(problem_file(CHAIN))
    assert "20.000118" in make_note(problem, layout="slides").text
    text = make_note(problem.model_copy(update={"glossary": True})).text
    assert (
        "__end" not in text
        and "the number in brackets says how many updates there were" in text.rpartition("## ")[2]
    )


def drawn_at(text: str, name: str):
    problem = loads(text)
    return compose(
        Subject(
            problem, steps_in_floats(problem), shown_numbers(solve(problem)), Symbols.of(problem)
        ),
        name,
    )


def test_what_is_drawn(tmp_path):
    drawn = {
        name: [figure.name for figure in draw(load(problem_file(name)), tmp_path / name, ("svg",))]
        for name in (CHAIN, "one-hidden-neuron", "two-by-two")
    }
    assert set(LEADS) <= set(drawn[CHAIN]) and not set(LEADS) & {
        *drawn["one-hidden-neuron"],
        *drawn["two-by-two"],
    }
    assert (tmp_path / CHAIN / "descent-path.moving.svg").is_file()


def test_a_slice_says_that_the_others_are_held(tmp_path):
    problem = load(problem_file(SIGMOID))
    words = {
        figure.name: figure
        for figure in draw(problem, tmp_path, ("svg",), shown_numbers(solve(problem)))
    }
    assert words["descent-path"].alt == (
        "The path of gradient descent on the contour map of L(w₂, w₃): a stroke for the first update, then for every 25. It starts from w₂ = -0.30, w₃ = 0.50, "
        "where L is 0.102582 (0.0943 in the picture); after 1 update it is at w₂ = -0.29736, w₃ = 0.50424, where L is 0.102315 (0.094 in the picture); "
        "from there on it is still on its way. "
        "The other parameter is held at its value at the end of the path, so before that the path is at another height than the picture."
    )
    assert words["rate-paths"].caption.endswith(
        "at the end of the path, so before that the path is at another height than the picture."
    )


@pytest.mark.parametrize("name", LEADS)
def test_the_same_bytes_every_time(name, tmp_path):
    problem = load(problem_file(SIGMOID))
    one, other = (
        [
            file.read_bytes()
            for figure in draw(problem, tmp_path / place, names=[name])
            for file in figure.files
        ]
        for place in "ab"
    )
    assert one and one == other


def test_a_run_that_jumps_is_drawn_jump_by_jump():
    """An arrow for several updates would hide the zigzag."""
    figure, facts = drawn_at(network("identity", "3", "squared-error", "0.97"), "descent-path")
    steps = [
        text.arrow_patch.get_gid()
        for text in figure.axes[0].texts
        if getattr(text, "arrow_patch", None)
    ]
    assert facts["arrows"] == "a stroke for each update" and "step-20" in steps

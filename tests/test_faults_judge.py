"""Right documents that were refused, each with its value, and the kind of which it is one: sizes of
real data, saturation, corners, runs."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from worksheet.cli import main
from worksheet.descent.floats import losses
from worksheet.descent.outcome import follow
from worksheet.errors import ProofError, SolveError
from worksheet.judge.judges import judge_of
from worksheet.notes import make_note, write_note
from worksheet.proofs.checks import check, descent_failures, oracle_failures
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.trace import record

FAULTS = Path(__file__).parent / "faults"


def proved(text: str, **rounding):
    problem = loads(text)
    note = make_note(
        problem.model_copy(update={"rounding": replace(problem.rounding, **rounding)})
        if rounding
        else problem
    )
    assert note.proof.failures == () and note.proof.results == len(note.trace.workings)
    return note


def network(
    inputs: str,
    layers: str,
    target: str,
    loss: str = "half-squared-error",
    rate: str = "0.1",
    more: str = "",
) -> str:
    return f"title: T\nnetwork: {{inputs: {inputs}, layers: [{layers}], target: {target}, loss: {loss}}}\nlearning_rate: {rate}\n{more}"


def formulas(*texts: str, more: str = "", train: str = "w", **given: str) -> str:
    return (
        f"title: T\nformulas: [{', '.join(map(repr, texts))}]\n"
        f"given: {{{', '.join(f'{name}: {value}' for name, value in given.items())}}}\ntrain: [{train}]\n{more}"
    )


# ---- the files --------------------------------------------------------------------------------

FILES = [  # (file, quantity, epoch, what is shown)
    ("refused-valley", "dL_db", 1, "40"),
    ("refused-valley", "dL_da", 1, "2"),
    ("refused-valley", "dL_da", 6, "0.65536"),
    ("refused-house-price", "L", 1, "31249862665.15089"),
    ("refused-house-price", "dL_dw_2_1__1", 1, None),
    ("refused-confident-wrong", "dL_dp", 1, None),
    ("refused-confident-wrong", "dL_dw", 1, None),
    ("refused-steep-gradient", "df_dx_1", 1, "-0.088"),
    ("refused-steep-gradient", "df_dx_2", 1, "4780"),
    ("refused-small-root", "dx_db", 1, "50"),
    ("refused-saturated-log", "h", 1, "0"),
    ("refused-saturated-log", "dh_dp", 1, "-1.44269"),
    ("refused-truncate-runs", "dL_dw_1", 1, "-1.0"),
    ("refused-relu-at-zero", "z_1__1", 1, "0"),
    ("refused-relu-at-zero", "dL_dz_1__1", 1, "0"),
    ("refused-relu-at-zero", "dL_dw_1_2__1", 1, "0"),
    ("refused-max-same", "dL_du", 1, "4"),
    ("refused-max-same", "u", 1, "1.6"),
    ("refused-tanh-large", "y_hat", 1, "1"),
    ("refused-tanh-large", "dL_dw", 1, None),
]


@pytest.mark.parametrize("name, quantity, epoch, shown", FILES)
def test_a_right_document_is_written_with_the_right_value(name, quantity, epoch, shown):
    note = make_note(load(FAULTS / f"{name}.yaml"))
    assert note.proof.failures == () and note.proof.results == len(note.trace.workings)
    if shown is not None:
        phase = next(
            working.phase
            for working in note.trace.workings
            if (working.name, working.epoch) == (quantity, epoch)
        )
        assert Decimal(note.trace.find(quantity, epoch, phase).shown) == Decimal(shown)


@pytest.mark.parametrize("name", sorted({name for name, *_ in FILES}))
def test_the_trace_and_the_notes_give_one_verdict(name, tmp_path, capsys):
    spec = str(FAULTS / f"{name}.yaml")
    assert (
        main(["trace", spec]) == main(["notes", spec, "--no-figures", "--out", str(tmp_path)]) == 0
    )
    assert record.loads(capsys.readouterr().out.partition("\n}\n")[0] + "\n}").problem == load(spec)


# ---- values of any size are judged --------------------------------------------------------------

SIZES = ["1e-27", "1e-12", "0.000001", "1", "255", "250000", "1000000000"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "text",
    [
        formulas(
            "h = w*x", "L = (h - 3)^2*s", w="0.7", x="2.1", s="SIZE", more="learning_rate: 0.1\n"
        ),
        "title: T\ngradient: f(x, y) = s*x^2 + y*s\ngiven: {s: SIZE}\nat: {x: 1.5, y: 3}\nchange: {x: 0.1}\n",
        "title: T\nfunction: f(x) = s*sin(x)\ngiven: {s: SIZE}\nat: 1.2\nchange: 0.1\n",
        "title: T\nchain: [y = s*x, z = y*sin(x)]\ngiven: {s: SIZE}\nat: {x: 1.2}\n".replace(
            "y*sin(x)", "y^2"
        ),
        "title: T\ndescent: L(w) = SIZE*(w - 3)^2\nstart: {w: 1}\nlearning_rate: 1e-12\niterations: 1\nlong_run: 0\n",
    ],
)
def test_a_gradient_off_by_a_part_in_a_million_is_refused_whatever_its_size(text, size):
    trace = solve(loads(text.replace("SIZE", size) + "rounding: {policy: exact, significant: 6}\n"))
    assert oracle_failures(trace)[2] == []
    gradients = [working for working in trace.workings if working.kind == "gradient"]
    assert gradients
    for working in gradients:
        changed = tuple(
            replace(each, exact=each.exact * Decimal("1.000001")) if each is working else each
            for each in trace.workings
        )
        assert any(
            working.name in failure.message
            for failure in oracle_failures(replace(trace, workings=changed))[2]
        )


# ---- saturation ---------------------------------------------------------------------------------

ONE_UNIT = "{{weights: [[1]], activation: {}}}"


@pytest.mark.parametrize(
    "activation, x, shown",
    [
        ("tanh", "30000", "1"),
        ("tanh", "-30000", "-1"),
        ("sigmoid", "30000", "1"),
        ("sigmoid", "-30000", "0.00000"),
        ("tanh", "1000000000", "1"),
        ("sigmoid", "1000000000", "1"),
        ("tanh", "0.000000001", None),
    ],
)
@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize("mode", ["half-up", "truncate"])
def test_a_unit_far_out_has_its_value(activation, x, shown, policy, mode):
    note = proved(network(f"[{x}]", ONE_UNIT.format(activation), "0.5"), policy=policy, mode=mode)
    found = Decimal(note.trace.find("y_hat").shown)
    assert shown is None or abs(found - Decimal(shown)) <= (
        Decimal("0.00001") if mode == "truncate" else 0
    )


@pytest.mark.parametrize("mode", ["half-up", "half-even", "truncate"])
@pytest.mark.parametrize(
    "loss, target",
    [("half-squared-error", "0"), ("binary-cross-entropy", "1"), ("binary-cross-entropy", "0")],
)
@pytest.mark.parametrize("x", ["7", "12", "-12", "25", "-40"])
def test_carried_numbers_of_a_saturated_sigmoid_drift_no_further_than_rounding_explains(
    x, mode, loss, target
):
    """Or the logarithm of what is shown as 0 or 1 is told with its quantity, its epoch and its
    line."""
    text = network(
        f"[{x}]",
        "{weights: [[1], [-1]], activation: sigmoid}, {weights: [[3, -2]], activation: sigmoid}",
        target,
        loss,
    )
    try:
        proved(text, policy="carry", mode=mode)
    except SolveError as fault:
        assert fault.where.startswith("<string>:2: ") and re.match(
            r"'\w+' takes the logarithm of zero in epoch 1", fault.message
        )


@pytest.mark.parametrize(
    "text, shown",
    [
        (formulas("L = ln(exp(w))", w="100"), "100"),
        (formulas("L = ln(exp(100)) + w^2", w="3"), "109"),
        (formulas("L = exp(ln(w))", w="1e-27"), None),
        ("title: T\nfunction: f(x) = ln(exp(x))\nat: 100\nchange: 1\n", "100"),
        (formulas("L = sqrt(w)", w="1e-26", more="rounding: {significant: 5}\n"), "1e-13"),
    ],
)
def test_what_goes_far_and_comes_back_has_its_value(text, shown):
    note = proved(text)
    value = (
        note.trace.workings[0].shown
        if note.trace.problem.family == "function"
        else note.trace.find("L").shown
    )
    assert shown is None or Decimal(value) == Decimal(shown)


def test_softmax_far_out():
    text = network(
        "[30000]",
        "{weights: [[1], [-1]], activation: softmax}",
        "[1, 0]",
        "categorical-cross-entropy",
    )
    trace = solve(loads(text))
    assert trace.find("L").shown in ("0", "0.00000") and oracle_failures(trace)[2] == []
    with pytest.raises(
        SolveError, match="'L' takes the logarithm of zero in epoch 1: 'y_hat_2' is shown as 0"
    ) as caught:
        solve(loads(text.replace("[1, 0]", "[0, 1]")))
    assert caught.value.where.startswith("<string>:2: ") and caught.value.hint


@pytest.mark.parametrize("function", ["sin", "cos", "tan"])
def test_an_angle_beyond_all_bounds_is_told_at_once(function):
    """Where on the circle e^1166000 lies would take half a million digits of pi."""
    with pytest.raises(
        SolveError, match="'value' has no finite value: it grows beyond all bounds"
    ) as caught:
        solve(
            loads(
                f"title: T\nfunction: f(x) = {function}(exp(2*x) - x^2)\nat: 583000\nchange: 0.1\n"
            )
        )
    assert caught.value.where.startswith("<string>:2: ")
    assert proved(
        f"title: T\nfunction: f(x) = {function}(exp(-x/10000))\nat: 583000\nchange: 10000\nrounding: {{significant: 5}}\n"
    )


# ---- corners: the branch is decided as decimals decide it ----------------------------------------

CORNER = "{{weights: [[0.1, 0.2]], bias: [-0.3], activation: {}}}, {{weights: [[2]], activation: identity}}"


@pytest.mark.parametrize("activation, slope", [("relu", "0"), ("leaky-relu", "0.01")])
@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize("places", [1, 2, 5])
def test_a_unit_at_exactly_zero_has_the_slope_of_the_left_side(activation, slope, policy, places):
    trace = proved(
        network("[1, 1]", CORNER.format(activation), "1"), policy=policy, places=places
    ).trace
    assert (
        trace.find("dL_dz_1__1").exact == trace.find("dL_da_1__1").exact * Decimal(slope)
        and trace.find("z_1__1").exact == 0
    )


@pytest.mark.parametrize("places", [1, 2, 3])
@pytest.mark.parametrize("policy", ["carry", "named"])
@pytest.mark.parametrize("weight", ["0.333333", "-0.333333", "0.04", "-0.04", "0.049", "-0.051"])
def test_a_rounded_number_on_the_other_side_of_a_corner_is_no_mistake(places, policy, weight):
    """The page decides by what it has, full precision by what that has; both hold."""
    for more in (
        f"{{weights: [[{weight}]], activation: relu}}",
        f"{{weights: [[{weight}]], activation: leaky-relu}}",
    ):
        proved(
            network("[0.3]", f"{more}, {{weights: [[1.7]], activation: identity}}", "1"),
            policy=policy,
            places=places,
        )
    try:
        proved(
            formulas("z = w*x", "a = abs(z - 0.1) + max(z, 0.1)", "L = a^2", w=weight, x="-0.3"),
            policy=policy,
            places=places + 1,
        )
    except SolveError as fault:  # rounded onto the corner of abs, where there is no slope
        assert fault.message.startswith("'da_dz' has no finite value") and weight == "-0.333333"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("max(w, w)^2", "4"),
        ("max(w, 2)", "1"),
        ("max(2, w)", "0"),
        ("max(w, w^2/2)", "1"),
        ("max(w^2/2, w)", "2"),
        ("max(0, w - 2)", "0"),
        ("max(w - 2, 0)", "1"),
        ("relu(w - 2)", "0"),
        ("max(w, 3*w)", "3"),
        ("max(w*0.1 + 0.1, 0.3)", "0.1"),
    ],
)
def test_of_two_equal_operands_of_a_maximum_the_first_counts(text, shown):
    note = proved(formulas(f"L = {text}", w="2"))
    assert Decimal(note.trace.find("dL_dw").shown) == Decimal(shown)


def test_what_a_third_and_two_thirds_leave_is_zero():
    """With however many digits a noise of either sign is left of u/7 + 6u/7 - 1; it is zero, and
    its ReLU is off."""
    trace = proved(formulas("z = w/7 + w*6/7 - 1", "L = relu(z) + w", w="1"), policy="exact").trace
    assert trace.find("z").exact == 0 and trace.find("dL_dw").shown == "1"


@pytest.mark.parametrize("change", [Decimal(1), Decimal("0.01"), Decimal("1e-10")])
def test_the_other_branch_is_refused(change):
    trace = solve(load(FAULTS / "refused-relu-at-zero.yaml"))
    working = trace.find("dL_dz_1__1")
    changed = tuple(
        replace(each, exact=trace.find("dL_da_1__1").exact * change) if each is working else each
        for each in trace.workings
    )
    assert oracle_failures(replace(trace, workings=changed))[2]


# ---- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["half-up", "half-even", "truncate"])
@pytest.mark.parametrize(
    "rate, fate", [("0.1", "settles"), ("0.3", None), ("0.05", "settles"), ("0.01", None)]
)
def test_runs_are_rounded_as_everything_is(mode, rate, fate):
    note = proved(
        f"title: T\ndescent: L(a, b) = a^2 + 3*b^2\nstart: {{a: -0.5, b: 1}}\nlearning_rate: {rate}\n"
        f"iterations: 1\nlong_run: 200\nlearning_rates: [{rate}, 2]\n",
        mode=mode,
    )
    assert fate is None or note.trace.descents[0].fate == fate


def test_a_truncated_table_of_runs_is_proved_and_a_rounded_one_refused():
    trace = solve(load(FAULTS / "refused-truncate-runs.yaml"))
    text = make_note(trace.problem).text
    row = next(line for line in text.splitlines() if line.startswith("| 0.01 |"))
    assert "-0.182" in row or "-0.183" in row or "0.165" in row
    for number in re.findall(r"\d\.\d{3}", row):
        spoilt = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
        assert check(trace, text.replace(row, row.replace(number, spoilt))).failures


def test_a_run_that_lands_on_a_corner_ends_there():
    """0.3 - 3 * 0.1 is 0 in decimals, and 5.5e-17 in floats."""
    note = proved(
        formulas(
            "L = abs(w)",
            w="0.3",
            more="learning_rate: 0.1\nuntil: {gradient: 0.001}\nlong_run: 20\n",
        )
    )
    [run] = note.trace.descents
    assert (run.fate, run.updates) == ("leaves", 2)


CHAOS = formulas(
    "L = (w^2 - 1)^2",
    w="0.3",
    more="learning_rate: 0.1\nuntil: {gradient: 1e-9}\nlearning_rates: [0.45, 0.47, 0.49, 0.6]\nlong_run: 1000\n",
)


def test_a_chaotic_run_is_not_refused_and_a_wrong_one_is():
    trace = proved(CHAOS).trace
    assert {descent.fate for descent in trace.descents} >= {"settles", "oscillates"}
    for place, descent in enumerate(trace.descents):
        for change in (
            {"end": {"w": descent.end["w"] * Decimal("1.000001")}},
            {"updates": descent.updates + 1},
            {"fate": "diverges" if descent.fate != "diverges" else "settles"},
        ):
            wrong = replace(descent, **change)
            spoilt = replace(
                trace, descents=(*trace.descents[:place], wrong, *trace.descents[place + 1 :])
            )
            if descent.fate == "settles":
                assert descent_failures(spoilt)


def test_a_run_far_out_has_its_fate():
    """Steps so long that a softmax has powers of e beyond e^(10^8): it diverges, and does not leave
    its domain."""
    trace = solve(
        loads(
            network(
                "[3000, 200]",
                "{weights: [[0.1, 0.2], [0.3, -0.2]], activation: softmax}",
                "[1, 0]",
                "categorical-cross-entropy",
                "0.0001",
                "until: {gradient: 0.001}\nlearning_rates: [300, 1000000]\nlong_run: 50\nrounding: {policy: exact, significant: 4}\n",
            )
        )
    )
    assert descent_failures(trace) == [] and {descent.fate for descent in trace.descents} <= {
        "settles",
        "oscillates",
        "creeps",
        "diverges",
    }


# ---- errors name quantity, epoch and line --------------------------------------------------------

MULTILINE = """\
title: T
network:
  inputs: [130, 2]
  layers:
    - activation: relu
      weights:
        - [1, 2]
        - [2, 1]
    - {units: [{z: z, a: p, weights: {w: 1, v: 2}}], activation: sigmoid}
  target: 0
  loss: binary-cross-entropy
learning_rate: 0.1
"""


@pytest.mark.parametrize(
    "text, where, words",
    [
        (MULTILINE, "<string>:11", "'L' takes the logarithm of zero in epoch 1: 'p' is shown as 1"),
        (
            "title: T\nformulas:\n  - h = w*2\n  - q = 1/(h - 4)\n  - L = q^2\ngiven: {w: 2}\ntrain: [w]\nlearning_rate: 0.1\n",
            "<string>:4",
            "'q' has no finite value in epoch 1",
        ),
        (
            "title: T\nformulas:\n  - h = w - 2\n  - L = abs(h)\ngiven: {w: 2}\ntrain: [w]\nlearning_rate: 0.1\n",
            "<string>:3",
            "'dL_dh' has no finite value in epoch 1",
        ),
        (
            "title: T\n\nfunction: f(x) = ln(x - 5)\nat: 2\nchange: 0.1\n",
            "<string>:3",
            "'value' has no finite value",
        ),
        (
            "title: T\nchain:\n  - y = x^2\n  - z = 1/(y - 4)\nat: {x: 2}\n",
            "<string>:4",
            "'z' has no finite value",
        ),
        (
            "title: T\ndescent: L(w) = w^4\nstart: {w: 100000}\nlearning_rate: 1\niterations: 9\nlong_run: 0\n",
            "<string>:2",
            "'L' passes 10^100 in epoch 3",
        ),
    ],
)
def test_an_error_names_the_quantity_the_epoch_and_the_line(text, where, words):
    with pytest.raises(SolveError) as caught:
        solve(loads(text))
    assert (
        caught.value.where.startswith(where + ": ")
        and caught.value.message.startswith(words)
        and caught.value.hint
    )


def test_an_unjudged_quantity_is_refused():
    """A quantity that the judge does not know is not passed over."""
    trace = solve(load(FAULTS / "refused-valley.yaml"))
    renamed = tuple(
        replace(each, name="dL_dc") if each.name == "dL_da" and each.epoch == 2 else each
        for each in trace.workings
    )
    with pytest.raises(ProofError, match="'?dL_dc'? is none of the quantities"):
        check(replace(trace, workings=renamed), "").insist()


# ---- slopes without end, numbers of other worlds, runs that need no digits
# -------------------------------------------


@pytest.mark.parametrize(
    "formulas, given",
    [
        ("h = relu(-p*ln(p)/ln(2) - q*ln(q)/ln(2))^100", "{p: 100000, q: 0}"),
        ("L = relu(-1 - q*ln(q))*p", "{p: 2, q: 0}"),
        ("L = p + 0*q*ln(q)", "{p: 2, q: 0}"),
    ],
)
def test_a_slope_without_end_times_nothing_is_nothing(formulas, given):
    trace = solve(loads(f"title: T\nformulas: ['{formulas}']\ngiven: {given}\ntrain: [p]\n"))
    assert not oracle_failures(trace)[2]


def test_two_slopes_without_end_that_meet_are_none():
    from worksheet.judge.duals import NONE, total

    assert (
        total(Decimal("Infinity"), Decimal("-Infinity")).is_nan()
        and total(Decimal("Infinity"), Decimal(1)) == Decimal("Infinity")
        and NONE.is_nan()
    )


def test_a_number_that_rounding_has_put_into_another_world_has_a_bound_all_the_same():
    """Under `carry` a power of e that is far below was rounded on the way: no float and no whole
    number says how far it is off."""
    from worksheet.assessment.bounds import EXACT, written
    from worksheet.numbers.number import Rounding

    rounding = loads(
        "title: T\nfunction: f(x) = x^2\nat: 1\nrounding: {places: 2, at_least_significant: 3}\n"
    ).rounding
    assert isinstance(rounding, Rounding)
    bound, held = written(
        Decimal("2.3E-321498627209"), "1.08e-321813487637", "activation", EXACT, rounding
    )
    assert (
        held is EXACT
        and (bound.first, bound.last) == (0, 0)
        and bound.origin == Decimal("1.08e-321813487637")
    )


def test_a_long_run_has_no_more_digits_than_its_end_needs():
    """The page of this spec takes 800; two thousand updates with so many take most of a minute."""
    from time import process_time

    text = (
        (FAULTS / "exact-prints-noise.yaml")
        .read_text(encoding="utf-8")
        .replace("inputs: [3]", "inputs: [-1e9]")
        .replace("long_run: 200", "long_run: 2000")
    )
    start, trace = (
        process_time(),
        solve(loads(text.replace("learning_rate: 0.001", "learning_rate: 0.000001"))),
    )
    assert trace.digits > 100 and all(
        len(value.as_tuple().digits) <= 100 for run in trace.descents for value in run.end.values()
    )
    assert process_time() - start < 20


def test_what_may_lie_anywhere_has_a_bound_that_is_a_number():
    """Near a pole of the tangent, and 0 times that."""
    trace = solve(
        loads(
            "title: T\ndescent: 'L(a, b) = tan(a^2 + 20*b^2)'\nstart: {a: 1, b: 1}\nlearning_rate: 0.1\niterations: 6\n"
        )
    )
    oracle_failures(trace)


# a pre-activation that is 0 in decimals, 5.5e-17 in floats; what else trains moves the loss
CORNERS = [
    network(
        "[1, 1]",
        "{weights: [[0.1, 0.2], [0.5, 0.4]], bias: [-0.3, 0.1], activation: relu}, {weights: [0.7, 0.6], bias: 0.1, activation: sigmoid}",
        "1",
        "binary-cross-entropy",
    ),
    network(
        "[1, 1]",
        "{weights: [[0.7, 0.1], [0.5, 0.4]], bias: [-0.8, 0.1], activation: relu}, {weights: [0.7, 0.6], activation: identity}",
        "3",
    ),
    formulas(
        "z = u + v - c",
        "a = relu(z)",
        "L = (sigmoid(a + 0.4*s) - 1)^2",
        train="u, v, s",
        more="learning_rate: 0.1\n",
        u="0.1",
        v="0.2",
        c="0.3",
        s="1",
    ),
    formulas(
        "z = v - (u + w)",
        "L = (max(0, z) + w - 2)^2",
        train="u, v, w",
        more="learning_rate: 0.1\n",
        u="0.1",
        v="0.3",
        w="0.2",
    ),
]


@pytest.mark.parametrize("text", CORNERS)
def test_the_figures_of_a_note_take_the_side_of_a_corner_that_decimals_take(text, tmp_path):
    (tmp_path / "corner.yaml").write_text(text, encoding="utf-8")
    note = write_note(tmp_path / "corner.yaml", tmp_path / "out").read_text(encoding="utf-8")
    assert "(figures/loss-long-run.svg)" in note


@pytest.mark.parametrize("text", CORNERS)
def test_a_long_curve_in_floats_is_that_of_decimals(text):
    problem = loads(text)
    exact = follow(
        [problem.parameters[name].value for name in problem.trained],
        problem.learning_rate.value,
        judge_of(problem).exact_ground(problem),
        Decimal(-1),
        50,
    ).loss
    assert losses(problem, 50)[-1] == pytest.approx(float(exact), rel=1e-9)

"""Inputs that failed for their digits: what they must come to, and other inputs of the same kinds."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest

from worksheet import load, loads, make_note
from worksheet.errors import SolveError, SpecError
from worksheet.family import problem_file
from worksheet.markdown.reader import formulas
from worksheet.numbers.known_digits import DIGITS
from worksheet.numbers.number import Rounding, working
from worksheet.numbers.numerals import numeral, plain_numeral, plain_numerals, texts
from worksheet.proofs.checks import check
from worksheet.recalculation.recalculation import repunch
from worksheet.solution import by_hand, solve
from worksheet.tex.lexer import LONGEST
from worksheet.tex.reader import read

FAULTS = Path(__file__).parent / "faults"
LONG = re.compile(r"\d{25}")


def note(name: str):
    return make_note(load(FAULTS / f"{name}.yaml"))


def formula_note(lines: str, given: str, train: str, more: str = ""):
    return make_note(
        loads(f"title: T\nformulas: [{lines}]\ngiven: {{{given}}}\ntrain: [{train}]\n{more}")
    )


def scores(
    weights: str, target: str, more: str = "", loss: str = "categorical-cross-entropy"
) -> str:
    return (
        f"title: T\nnetwork: {{inputs: [1], layers: [{{weights: {weights}, activation: softmax}}], target: {target}, loss: {loss}}}\n"
        f"learning_rate: 0.1\n{more}"
    )


# ---- noise
# ------------------------------------------------------------------------------------------


def test_what_cancels_is_not_printed_as_noise():
    """A gradient whose terms cancel altogether is 0 to the places shown; its second one, a real
    one, has its own digits."""
    found = note("exact-prints-noise")
    assert "e-4" not in str([each.shown for each in found.trace.workings]) and "e-5" not in str(
        [each.shown for each in found.trace.workings]
    )
    assert Decimal(found.trace.find("dL_dh_2").shown) == 0
    assert found.trace.digits > DIGITS[0]


@pytest.mark.parametrize("small, digits", [("1e-20", 50), ("1e-29", 100)])
def test_a_difference_has_the_digits_that_are_left_of_it(small, digits):
    """(1 + s)^4 - 1 - 4 s - 6 s^2 is 4 s^3 + s^4: with 1 before it, nothing of s^3 is left in fifty
    digits."""
    text = (
        f'title: T\nformulas: ["p = 1 + s", "q = p*p", "r = q*q", "d = r - 1 - 4*s - 6*s^2"]\ngiven: {{s: {small}}}\ntrain: [s]\n'
        "rounding: {policy: exact, significant: 5}\n"
    )
    trace = by_hand(loads(text))
    s = Decimal(small)
    assert Decimal(trace.find("d").shown) == Decimal(f"{4 * s**3 + s**4:.4e}")
    assert trace.digits > DIGITS[0]
    with working(2 * trace.digits):
        assert [each.shown for each in by_hand(loads(text)).workings] == [
            each.shown for each in trace.workings
        ]


def test_usual_problems_take_fifty_digits():
    for path in sorted(Path("problems").glob("*.yaml")):
        assert by_hand(load(path)).digits == DIGITS[0], path


# ---- powers of ten
# ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, tex, plain",
    [
        ("1.28e-71", r"1.28 \cdot 10^{-71}", "1.28·10⁻⁷¹"),
        ("-3e17", r"-3 \cdot 10^{17}", "-3·10¹⁷"),
        ("0.5", "0.5", "0.5"),
    ],
)
def test_a_far_number_looks_like_one_and_reads_back(text, tex, plain):
    assert (numeral(text), plain_numeral(text)) == (tex, plain)
    assert read(tex).value == Decimal(text)
    assert texts(f"${tex}$ {plain}") == f"${text}$ {text}"
    assert plain_numerals(f"from 3 to {text}.") == f"from 3 to {plain}."


def test_far_numbers_stand_in_powers_of_ten():
    found = formula_note(
        '"a = u*u*u*u", "b = v/1000000", "L = a*b*c + u"',
        "u: 87654.3, v: 0.000012345, c: 1000",
        "u, v",
        "rounding: {significant: 4}",
    )
    assert r"5.903 \cdot 10^{19}" in found.text and r"1.235 \cdot 10^{-11}" in found.text
    assert "1.235·10⁻¹¹" in found.text and not LONG.search(found.text)


def test_they_can_be_written_out():
    found = formula_note(
        '"a = u*u*u*u", "L = a + u"',
        "u: 87654.3",
        "u",
        "rounding: {significant: 4, scientific: never}",
    )
    assert "59030000000000000000" in found.text and "10^{" not in found.text


@pytest.mark.parametrize(
    "form",
    [
        r"(1.2 \cdot 10^{-9})^2",
        r"0.5 \cdot 1.2 \cdot 10^{-9}",
        r"x^2 \cdot 10^{3}",
        r"\frac{1.2 \cdot 10^{-9}}{2}",
        r"-1.2 \cdot 10^{-9} \cdot 3",
        r"4 - (-1.2 \cdot 10^{-9})",
    ],
)
def test_a_power_of_ten_belongs_to_the_number_before_it(form):
    """x^2 times a thousand is not x to the power of 2000."""
    from worksheet.algebra.expression import evaluate

    plain = (
        form.replace(r"1.2 \cdot 10^{-9}", "0.0000000012")
        .replace(r"10^{3}", "1000")
        .replace(r"^2", "^{2}")
    )
    assert evaluate(read(form), {"x": Decimal(3)}) == evaluate(read(plain), {"x": Decimal(3)})


@pytest.mark.parametrize(
    "wrong",
    [
        r"y = 2 \cdot 1.5 \cdot 10^{-30} = 3.1 \cdot 10^{-30}",
        r"y = 1.5 \cdot 10^{-50} = 5 \cdot 10^{-60}",
        r"y = 1 + 5.7 \cdot 10^{-95} = 1",
    ],
)
def test_a_false_relation_of_far_numbers_is_found(wrong):
    assert repunch(f"$${wrong}$$", rounding=Rounding()).findings


def test_a_number_with_a_power_of_ten_prints_as_it_was_written():
    found = formula_note('"L = w*x"', "w: 1e-12, x: 2.50", "w")
    assert r"w = 1 \cdot 10^{-12}" in found.text and r"2.5 \cdot 10^{-12}" in found.text


def test_answers_and_keys_have_them(tmp_path):
    from worksheet.worksheets import make_worksheet

    problem = loads(
        'title: T\nformulas: ["a = u*u*u*u", "L = a*v"]\ngiven: {u: 87654.3, v: 2}\ntrain: [v]\nrounding: {significant: 4}\nask: [forward, loss]\n'
    )
    made = make_worksheet(problem)
    assert r"$5.903 \cdot 10^{19}$" in made.key and r"10^{19}" not in made.sheet
    from worksheet.exams.copy import graded

    row = next(row for row in graded(made.page) if row["quantity"] == "a")
    table = io.StringIO()
    csv.DictWriter(table, list(row)).writerow(row)
    assert "5.903e19" in table.getvalue() and Decimal(row["low"]) < Decimal("5.903e19") < Decimal(
        row["high"]
    )


# ---- softmax of large scores
# --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["softmax-of-1000", "softmax-large-logits", "absurd-digits-1021"])
def test_no_number_has_hundreds_of_digits(name):
    assert not LONG.search(note(name).text)


def test_a_softmax_of_large_scores_is_taken_from_the_largest():
    found = note("softmax-of-1000")
    assert r"\frac{e^{1000 - 1001}}{e^{1000 - 1001} + e^{1001 - 1001}}" in found.text
    assert found.text.count("is subtracted from each of them") == 1
    assert found.trace.find("y_hat_1").shown == "0.26894"


@pytest.mark.parametrize(
    "weights, is_shifted",
    [
        ("[[3], [1]]", False),
        ("[[16], [1]]", False),
        ("[[17], [16]]", True),
        ("[[-50], [-51]]", True),
        ("[[-1], [-50]]", False),
    ],
)
@pytest.mark.parametrize("style", ["scalar", "matrix"])
def test_only_where_it_is_needed(weights, is_shifted, style):
    text = make_note(
        loads(
            scores(
                weights,
                "[0.5, 0.5]" if is_shifted else "[1, 0]",
                f"notation: {style}\nrounding: {{significant: 5}}\n",
            )
        )
    ).text
    assert ("is subtracted from each of them" in text) is is_shifted


def test_a_softmax_in_formulas_has_powers_of_ten():
    found = formula_note('"p = exp(u)/(exp(u) + exp(v))", "L = -ln(p)"', "u: 1000, v: 1001", "u")
    assert found.trace.find("p").shown == "0.26894" and not LONG.search(found.text)


def test_variants_of_large_scores_are_drawn():
    """Scores up to 891: a variant whose right class is shown as 0 is drawn anew, and no number is
    longer than a page bears."""
    from worksheet.variants.search import Origin, search, source_of

    source = source_of(
        Origin("large.yaml", "large", (FAULTS / "vary-large-logits.yaml").read_text())
    )
    for copy in (1, 2, 3):
        assert not any(LONG.search(each.shown) for each in search(source, 1, copy).trace.workings)


# ---- powers of e beyond a calculator
# --------------------------------------------------------------------

TURNED = "multiplied by a small power of $e$"
POWER = re.compile(r"(?:e|2\.71828)\^\{(\d+)\}")  # above 0, a number


def far_neuron(activation: str, weight: str, more: str = "") -> str:
    return (
        f"title: T\nnetwork: {{inputs: {{x: 1}}, layers: [{{units: [{{z: z_h, a: a_h, weights: {{w_h: {weight}}}}}], activation: {activation}}}, "
        "{units: [{z: z_o, a: y_hat, weights: {w_o: 1.0}, bias: {b: 0.5}}], activation: sigmoid}], target: {y: 1}, loss: squared-error}\n"
        f"learning_rate: 0.1\nrounding: {{policy: carry, places: 5}}\n{more}"
    )


@pytest.mark.parametrize(
    "activation, weight, form",
    [
        ("sigmoid", "-1000", r"\frac{e^{-1000}}{1 + e^{-1000}}"),
        ("tanh", "-1000", r"\frac{e^{2 \cdot (-1000)} - 1}{e^{2 \cdot (-1000)} + 1}"),
        ("tanh", "300", r"\frac{1 - e^{-2 \cdot 300}}{1 + e^{-2 \cdot 300}}"),
        ("sigmoid", "-228", r"\frac{e^{-228}}{1 + e^{-228}}"),
        ("sigmoid", "-227", r"\frac{1}{1 + e^{227}}"),
        ("sigmoid", "1000", r"\frac{1}{1 + e^{-1000}}"),
        ("tanh", "-227", r"e^{227}"),
    ],
)
def test_no_power_of_e_is_beyond_a_calculator(activation, weight, form):
    found = make_note(loads(far_neuron(activation, weight)))
    assert form in found.text and found.text.count(TURNED) == (
        not form.startswith(r"\frac{1}{1 +") and abs(int(weight)) > 227
    )
    assert all(int(power) <= 227 for power in POWER.findall(found.text))


@pytest.mark.parametrize("more", ["notation: matrix\n", "detail: normal\n", "detail: brief\n"])
def test_it_is_said_where_the_form_is_seen(more):
    found = make_note(loads(far_neuron("sigmoid", "-1000", more)))
    assert (TURNED in found.text) == (r"1 + e^{-1000}" in found.text)


def test_a_sigmoid_in_formulas_is_turned():
    found = formula_note('"a = sigmoid(u) + 1", "L = a*v"', "u: -400, v: 2", "u, v")
    assert r"\frac{e^{-400}}{1 + e^{-400}}" in found.text and TURNED in found.text


@pytest.mark.parametrize(
    "right, wrong",
    [
        (r"\frac{e^{-1000}}{1 + e^{-1000}}", r"\frac{e^{-1000}}{1 - e^{-1000}}"),
        (r"\frac{e^{-1000}}", r"\frac{e^{-100}}"),
        (r"\frac{e^{-1000}}{1 + e^{-1000}}", r"\frac{1}{1 + e^{1000}}"),
        (r"\frac{e^{-1000}}", r"\frac{1}"),
    ],
)
def test_another_form_of_it_is_refused(right, wrong):
    found = make_note(loads(far_neuron("sigmoid", "-1000")))
    assert right in found.text and not check(found.trace, found.text).failures
    assert check(found.trace, found.text.replace(right, wrong, 1)).failures


# ---- zero times the logarithm of zero
# -----------------------------------------------------------------


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize(
    "text",
    [
        (FAULTS / "false-zero-ln-zero.yaml").read_text(),
        "title: T\nnetwork: {inputs: [1], layers: [{weights: [20], activation: sigmoid}], target: 1, loss: binary-cross-entropy}\nlearning_rate: 0.1\n",
        "title: T\nnetwork: {inputs: [1], layers: [{weights: [-20], activation: sigmoid}], target: 0, loss: binary-cross-entropy}\nlearning_rate: 0.1\n",
        scores("[[40], [0], [1]]", "[1, 0, 0]"),
    ],
)
def test_a_term_that_is_zero_times_the_logarithm_of_zero_is_left_out(text, policy):
    found = make_note(loads(text + f"rounding: {{policy: {policy}, places: 5}}\n"))
    assert "such a term is left out" in found.text
    for formula in formulas(found.text):
        assert not re.search(r"\\ln\((?:0\.?0*|1 - 1\.?0*)\)", formula.tex), formula.tex


@pytest.mark.parametrize("policy", ["carry", "exact", "named"])
@pytest.mark.parametrize(
    "text, name",
    [
        (scores("[[40], [0]]", "[0, 1]"), "y_hat_2"),
        (
            "title: T\nnetwork: {inputs: [1], layers: [{weights: [20], activation: sigmoid}], target: 0, loss: binary-cross-entropy}\nlearning_rate: 0.1\n",
            "y_hat",
        ),
    ],
)
def test_a_logarithm_of_what_is_shown_as_zero_is_told(text, name, policy):
    with pytest.raises(SolveError) as refusal:
        solve(loads(text + f"rounding: {{policy: {policy}, places: 5}}\n"))
    said = str(refusal.value)
    assert (
        "'L' takes the logarithm of zero in epoch 1" in said
        and f"'{name}'" in said
        and "show more digits" in said
    )


def test_the_entropy_of_a_pure_node():
    found = note("refused-saturated-log")
    assert found.trace.find("h").shown == "0" and "such a term is left out" in found.text


def test_zero_times_what_has_no_value_has_none():
    with pytest.raises(SolveError, match="has no finite value"):
        by_hand(
            loads(
                'title: T\nformulas: ["L = z*(1/q) + w"]\ngiven: {z: 0, q: 0, w: 1}\ntrain: [w]\n'
            )
        )


# ---- equals, the list, wide matrices
# ------------------------------------------------------------------


def test_equals_where_nothing_is_rounded():
    text = note("equals-though-rounded").text
    assert r"\approx 0.001000" in text and "= 0.001000" not in text


@pytest.mark.parametrize(
    "formula, given, printed",
    [
        ("d = a - b", "a: 0.5, b: 0.123456789", r"\approx 0.37654"),
        ("d = a*1 + 0*b", "a: 0.25, b: 3", "= 0.25"),
        ("d = a/b", "a: 1, b: 4", "= 0.25"),
    ],
)
def test_one_decision_for_equals(formula, given, printed):
    assert printed in formula_note(f'"{formula}"', given, "a", "rounding: {policy: exact}").text


def test_the_list_names_quantity_printed_and_recomputed():
    text = note("raw-tex-in-list").text
    entries = re.findall(
        r"^- (.*)$", text.partition("these printed results differ")[2], re.MULTILINE
    )
    assert entries and len(set(entries)) == len(entries)
    for entry in entries:
        assert re.fullmatch(
            r"\$[^$]+\$: \$-?[\d.]+\$ is printed, and the printed numbers give \$-?[\d.]+\$", entry
        ), entry


def test_a_line_that_was_too_long_is_written():
    found = note("line-of-20000-characters")
    assert max(len(formula.tex) for formula in formulas(found.text)) < LONGEST // 3


def matrices(units: int, inputs: int, more: str = "") -> str:
    return (
        f"title: T\nlimits: {{units: 200, inputs: 200}}\nnetwork:\n  inputs: {[0.5] * inputs}\n  layers:\n"
        f"    - {{weights: {[[0.1] * inputs] * units}, activation: sigmoid}}\n    - {{weights: {[[0.25] * units]}, activation: sigmoid}}\n"
        f"  target: 1\n  loss: half-squared-error\nlearning_rate: 0.1\nnotation: matrix\n{more}"
    )


@pytest.mark.filterwarnings("ignore")
def test_a_matrix_of_twenty_units_is_shown():
    assert make_note(loads(matrices(20, 20))).text


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "spec, size",
    [(matrices(30, 25), "30 by 25"), (matrices(20, 20, "rounding: {places: 20}\n"), "20 by 20")],
)
def test_a_matrix_that_is_too_wide_is_told_at_reading(spec, size):
    with pytest.raises(SpecError) as refusal:
        loads(spec)
    assert f"the weights of layer 1 are a matrix of {size}, too wide to be shown" in str(
        refusal.value
    )


# ---- zeros on the way
# ----------------------------------------------------------------------------------


def test_what_is_exact_on_the_way_grows_no_zeros_and_the_result_keeps_its_digits():
    """The loss has six places, the prediction five: their difference has five."""
    found = make_note(load(problem_file("two-inputs-sigmoid")))
    assert r"\frac{1}{2} \cdot 0.45295^2" in found.text and "0.452950" not in found.text
    assert (
        r"0.10132 - 0.59472 \\" in found.text
        and found.trace.find("z_1", 1, "check").shown == "-0.493400"
    )

"""Re-punching pages: the source notes against errata.md, documents in tests/cases/repunch.md, and
every digit of a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import Case, cases, check

from worksheet.markdown.reader import formulas, repaired
from worksheet.numbers.number import Digits, Rounding
from worksheet.recalculation.recalculation import Report, repunch

NOTES = Path(__file__).parent / "cases" / "notes"
POLICIES = {
    "person": None,
    "carry": Rounding(relation="equals"),
    "auto": Rounding(),
    "exact": Rounding("exact", 3, relation="equals"),
    "named": Rounding("named", 3, relation="equals"),
    "truncate": Rounding(mode="truncate", relation="equals"),
}


def told(report: Report) -> str:
    lines = [
        *map(str, report.findings),
        *[f"listed: {each}" for each in report.listed],
        *map(str, report.unread),
    ]
    return "\n".join([*lines, f"checked {report.checked}, skipped {report.skipped}"])


@pytest.mark.parametrize("case", cases("repunch.md"), ids=str)
def test_pages(case: Case, update: bool):
    check(case, told(repunch(case.given, rounding=POLICIES[case.language])), update)


# ---- the source notes: every finding, and the row of errata.md it belongs to
# ---------------------------

OUTPUT_SLOPE = "0.54705*0.45295 printed 0.24758, is 0.24779 (printed in both sections 2.1)"
OUTPUT_DELTA = "dL/dz2 printed -0.11222: printed factors give -0.11214 (in both sections 2.1)"
LAYER_TWO = "W2.h printed 0.554: the printed h give 0.486"
ERRATA = {
    "000_5a82287fbde0bcf6": [
        (118, "-0.21737", "-0.21738", "-0.34922*0.62246 printed -0.21737"),
        (168, "-0.08206", "-0.08207", "-0.34922*0.23500 printed -0.08206"),
    ],
    "001_aaff7e43b989dadc": [
        (158, "-0.21737", "-0.21738", "-0.34922*0.62246 printed -0.21737"),
        (226, "-0.08206", "-0.08207", "-0.34922*0.23500 printed -0.08206"),
    ],
    "002_d81a88c84da36a29": [
        (657, "215.76", "215.53", "14.6808^2 printed 215.76"),
        (726, "0.3775", "0.3774", "1/2.65 is 0.37736, printed 0.3775"),
        (756, "0.24758", "0.24779", OUTPUT_SLOPE),
        (760, "-0.11222", "-0.11214", OUTPUT_DELTA),
        (890, "0.24758", "0.24779", OUTPUT_SLOPE),
        (894, "-0.11222", "-0.11214", OUTPUT_DELTA),
        (908, "-0.04239", "-0.04236", "dL/dw3 printed -0.04239: printed factors give -0.04236"),
        (943, "-0.01318", "-0.01319", "dL/dz1 printed -0.01318 is a truncation"),
        (987, "0.5476", "0.5477", "sigma(0.1912) = 0.54765 (0.5477) printed 0.5476"),
        (993, "0.2046", "0.2047", "0.4524^2 = 0.20467 printed 0.2046"),
    ],
    "003_9af491bfd1a3569e": [
        (31, "0.86999", "0.86989", "h1 printed 0.86999"),
        (31, "0.916527", "0.916827", "h2 printed 0.916527"),
        (31, "0.402153", "0.802184", "h3 printed 0.402153"),
        (
            41,
            r"\begin{bmatrix} 0.9 \\ -0.5 \\ 0.4 \end{bmatrix} \cdot \begin{bmatrix} 0.86999 \\ 0.916527 \\ 0.402153 "
            r"\end{bmatrix} + [0.3]",
            "0.4855887",
            "z2 formula omits + b2 before adding [0.3]",
        ),
        (41, "0.554", "0.486", LAYER_TWO),
        (41, "0.853", "0.854", "0.554+0.3 printed 0.853"),
        (48, "0.02006", "0.02161", "loss printed 0.02006: (1-0.853)^2 = 0.0216"),
    ],
    "004_34bee7d45513b994": [
        (35, "-1", "0", "second entry of z^(1) printed -1: the bias is dropped"),
        (67, "-0.119", "0.119", "delta^(1) prints W2^T as [-1; 1]"),
        (85, "-1", "0", "second entry of z^(1) printed -1: the bias is dropped"),
        (87, "2.096", "2.097", "z2 = 1.024*2.036+0.012 = 2.097 with printed numbers"),
        (89, "0.116", "0.115", "L2 = -log(0.891) = 0.115 by its own expression"),
    ],
}
# how many relations were computed again: a reader that gave up would find nothing either
CHECKED = {
    "000_5a82287fbde0bcf6": 25,
    "001_aaff7e43b989dadc": 28,
    "002_d81a88c84da36a29": 150,
    "003_9af491bfd1a3569e": 7,
    "004_34bee7d45513b994": 23,
}


@pytest.mark.parametrize("note", ERRATA)
def test_a_source_note_has_the_mistakes_of_errata_and_no_others(note):
    report = repunch((NOTES / f"{note}.txt").read_text(encoding="utf-8"))
    assert [(each.line, each.printed, each.expected) for each in report.findings] == [
        row[:3] for row in ERRATA[note]
    ]
    assert report.checked >= CHECKED[note]


# ---- every digit counts
# ---------------------------------------------------------------------------------

PAGE = next(case for case in cases("repunch.md") if case.title == "a page that holds").given
NUMBERS = list(re.finditer(r"(?<![\w_.\\{])\d+\.\d+", PAGE))


def spoiled(number: re.Match) -> str:
    """The page with one unit more in the last place of one number."""
    places = len(number[0].partition(".")[2])
    units = int(number[0].replace(".", "")) + 1
    return f"{PAGE[: number.start()]}{units / 10**places:.{places}f}{PAGE[number.end() :]}"


@pytest.mark.parametrize("number", NUMBERS, ids=lambda match: f"{match[0]}@{match.start()}")
def test_a_wrong_last_digit_anywhere_is_found(number):
    page = spoiled(number)
    assert page != PAGE and len(page) == len(PAGE)
    line = PAGE.count("\n", 0, number.start()) + 1
    findings = repunch(page, rounding=POLICIES["carry"]).findings
    assert findings and findings[0].line >= line
    assert repunch(PAGE, rounding=POLICIES["carry"]).findings == ()


@pytest.mark.parametrize(
    "right, wrong",
    [
        (r"1.0 + 0.02174", r"1.0 - 0.02174"),
        (r"0.65078 - 1 =", r"1 - 0.65078 ="),
        (r"1.0 - 0.1(", r"0.1 - 1.0("),
        (r"e^{-0.5}", r"e^{0.5}"),
        (r"0.5 \cdot 1.0", r"0.5 + 1.0"),
        (r"w_h \cdot x", r"w_h - x"),
        (r"-0.34922 \cdot 0.62246", r"-0.34922 \cdot 0.62246 \cdot 2"),
        (r"\hat{y} - y", r"y - \hat{y}"),
        (r"\sigma(z_h)", r"\sigma(w_o)"),
        (r"1.02174 \cdot 0.62246", r"1.0 \cdot 0.62246"),
    ],
)
def test_other_mistakes_are_found(right, wrong):
    assert right in PAGE
    assert repunch(PAGE.replace(right, wrong), rounding=POLICIES["carry"]).findings


# ---- places
# ---------------------------------------------------------------------------------------------


def test_a_finding_names_the_line_of_its_row():
    report = repunch(
        "# A page\n\n$$\n\\begin{aligned}\nz &= 0.5 \\cdot 2 \\\\\n  &= 1.1\n\\end{aligned}\n$$\n"
    )
    assert [str(each) for each in report.findings] == ["line 6: 1.1 should be 1.0"]


@pytest.mark.parametrize(
    "markdown, expected",
    [
        ("a $x$ b\n\n$$\ny\n$$", [("x", 1, False), ("\ny\n", 3, True)]),
        (r"\$1 and $x$", [("x", 1, False)]),
        ("```math\nx\n```\n$y$", [("x", 2, True), ("y", 4, False)]),
        ("~~~\n$x$\n~~~\n$y$", [("y", 4, False)]),
        ("```\n$x$", []),
        ("$x\n\ny", []),
        ("$$x$$$y$", [("x", 1, True), ("y", 1, False)]),
        ("$$\nx\n$", []),
        ("`$x$` ``a ` $x$`` $y$", [("y", 1, False)]),
    ],
)
def test_where_formulas_are(markdown, expected):
    assert [(each.tex, each.line, each.is_display) for each in formulas(markdown)] == expected


@pytest.mark.parametrize(
    "damaged, whole",
    [
        ("\frac{1}{2}", r"\frac{1}{2}"),
        ("rac{1}{2}", r"\frac{1}{2}"),
        ("\alpha", r"\alpha"),
        ("- lpha x", r"- \alpha x"),
        ("\begin{align}", r"\begin{align}"),
        ("egin{align}", r"\begin{align}"),
        ("\text{so}", r"\text{so}"),
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        ("track{", "track{"),
        ("3 \times 2", r"3 \times 2"),
        ("a\tb", "a\tb"),
    ],
)
def test_lost_backslashes(damaged, whole):
    assert repaired(damaged) == whole


# ---- policies
# -------------------------------------------------------------------------------------------


def test_figures_before_the_point_follow_the_policy():
    page = r"$$n = 1234 \cdot 1000 = 1230000$$"
    assert repunch(page, rounding=Rounding(significant=3, relation="equals")).findings == ()
    assert (
        repunch(
            page, rounding=Rounding(kinds={"loss": Digits(significant=3)}, relation="equals")
        ).findings
        == ()
    )
    assert repunch(page).findings


def test_stripped_zeros_may_hide_rounded_digits():
    page = r"$$r = 0.3 \cdot 3 = 0.91$$"  # 0.3 is 0.300 cut short, or was given
    stripped = repunch(page, rounding=Rounding("exact", 2, zeros="strip", relation="equals"))
    assert stripped.listed and not stripped.findings
    assert repunch(page, rounding=Rounding("exact", 2, relation="equals")).findings


def test_a_page_of_nothing_is_a_report_of_nothing():
    assert repunch("") == Report((), (), 0, 0)

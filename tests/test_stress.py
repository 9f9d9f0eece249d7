"""The table of a stress run: what is counted is what is there."""

from __future__ import annotations

import pytest
from test_requirements import SPEC, USUAL

from worksheet.series.stress import Stress, possible, rough, row_of
from worksheet.trace.effort import Effort, digits_of, effort
from worksheet.variants.run import Made, run
from worksheet.variants.search import Origin, search, source_of


def origin(vary: str, **changes: str) -> Origin:
    return Origin("spec.yaml", "spec", SPEC.format(**USUAL | changes) + vary)


def test_a_row_says_what_the_variant_is():
    variant = search(source_of(origin("vary: {w_h: {one_of: [0.25, 0.75]}}\n")), 1, 1)
    row = row_of(variant)
    assert (
        row.failures == ()
        and row.relations > 30
        and row.answers["z_h"] == variant.trace.find("z_h").shown
    )
    assert row.effort == effort(variant.trace) and 0 <= row.drift < 20


def test_other_results_under_other_policies_are_counted():
    """Two places and 30 a_h: what was rounded in a_h is seen in y_hat."""
    run_of = run(
        origin(
            "vary: {w_h: {from: 0.11, to: 0.91, step: 0.10}}\n", w_o="30", places="2", rate="0.001"
        ),
        5,
        1,
        row_of,
    )
    stress = Stress(
        source_of(
            origin(
                "vary: {w_h: {from: 0.11, to: 0.91, step: 0.10}}\n",
                w_o="30",
                places="2",
                rate="0.001",
            )
        ),
        1,
    ).gather(run_of)
    assert stress.moved["exact"] >= 4 and "carry" not in stress.moved
    assert stress.drift > 10 and "other results: exact" in stress.table()


def test_ranges_digits_and_spread():
    source = source_of(origin("vary: {x: {one_of: [2, 12]}}\n", activation="relu", places="6"))
    stress = Stress(source, 1).gather(
        run(origin("vary: {x: {one_of: [2, 12]}}\n", activation="relu", places="6"), 2, 1, row_of)
    )
    span = stress.spans["z_h"]
    assert (span.least, span.most, span.digits) == (1, 6, 1)
    assert stress.least.digits < stress.most.digits and stress.copies == 2 and stress.with_ties == 0
    assert "  z_h                                    1               6       1" in stress.table()


def test_what_was_refused_is_in_the_table():
    source = source_of(origin("vary: {x: {integers: {from: 1, to: 30}}}\nrequire: [x < 12]\n"))
    table = (
        Stress(source, 1)
        .gather(
            run(
                origin("vary: {x: {integers: {from: 1, to: 30}}}\nrequire: [x < 12]\n"),
                6,
                1,
                row_of,
            )
        )
        .table()
    )
    assert (
        "refused by x < 12: " in table
        and "such as: x = " in table
        and "estimated: 30 combinations" in table
    )


def test_failures_are_shown_with_their_copy_and_code():
    source = source_of(origin("vary: {x: {one_of: [2, 12]}}\n"))
    row = row_of(search(source, 1, 1))._replace(failures=("y_hat is wrong",))
    stress = Stress(source, 1).gather([Made(1, 0, "ABCD", b"1", b"2", {}, row)])
    assert stress.failed == 1 and stress.table().endswith("copy 1 (ABCD): y_hat is wrong")


@pytest.mark.parametrize(
    "require, copies, draws, said",
    [
        ("", 10, 10, "30 variants"),
        ("", 10, 12, "about 25 variants (estimated: 30 combinations, 83.3 % accepted)"),
        (
            "require: [x < 12]\n",
            10,
            30,
            "about 10 variants (estimated: 30 combinations, 33.3 % accepted)",
        ),
    ],
)
def test_how_many_there_are_is_counted_or_labelled_as_estimated(require, copies, draws, said):
    assert (
        possible(
            source_of(origin("vary: {x: {integers: {from: 1, to: 30}}}\n" + require)), copies, draws
        )
        == said
    )


@pytest.mark.parametrize(
    "number, text",
    [
        (57600, "57,600"),
        (836_041_563_294_400_512, "8.4 * 10^17"),
        (10**100 + 1, "more than 10^100"),
        (10**90_000, "more than 10^100"),
    ],
    ids=["all", "in short", "huge", "beyond words"],
)
def test_large_numbers_are_for_reading(number, text):
    assert rough(number) == text


@pytest.mark.parametrize(
    "text, digits",
    [("0.5", 1), ("-0.21738", 5), ("12.75", 4), ("0", 1), ("-3", 1), ("0.00", 2), ("20", 2)],
)
def test_digits_to_write(text, digits):
    assert digits_of(text) == digits


def test_effort_counts_what_is_written():
    measured = effort(source_of(origin("vary: {x: {one_of: [2, 12]}}\n")).written)
    assert measured == Effort(63, 34, 77, 5)

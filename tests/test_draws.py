"""Draws: pinned for good. A number that changes here re-numbers every exam that was ever given."""

from __future__ import annotations

import pytest

from worksheet.draws import Draws

FIRST = Draws("one-hidden-neuron", seed=1, copy=1, attempt=0)


@pytest.mark.parametrize(
    "draws, what, count, index",
    [
        (FIRST, "w_h", 20, 12),
        (FIRST, "x", 16, 7),
        (FIRST, "w_h", 10**9, 433479872),
        (Draws("one-hidden-neuron", 1, 1, 1), "w_h", 10**9, 248785694),
        (Draws("one-hidden-neuron", 1, 2, 0), "w_h", 10**9, 639548690),
        (Draws("one-hidden-neuron", 2, 1, 0), "w_h", 10**9, 732695196),
        (Draws("übung 3", 2026, 31, 7), "W_1", 1000, 19),
    ],
)
def test_pinned(draws, what, count, index):
    assert draws.index(what, count) == index


def test_pinned_distinct():
    assert FIRST.indices(["a", "b", "c", "d", "e"], 6, is_distinct=True) == [1, 4, 3, 5, 2]
    assert FIRST.indices(["a", "b", "c", "d", "e"], 6, is_distinct=False) == [1, 1, 2, 5, 1]


def test_a_name_is_the_same_in_either_normal_form():
    assert Draws("u\u0308bung", 1, 1, 0).index("x", 10**9) == Draws("\u00fcbung", 1, 1, 0).index(
        "x", 10**9
    )


def test_every_part_counts():
    parts = {
        Draws(problem, seed, copy, attempt).index(what, 2**60)
        for problem in "ab"
        for seed in (1, 11)
        for copy in (1, 11)
        for attempt in (0, 1)
        for what in ("x", "y")
    }
    assert len(parts) == 32


def test_each_number_is_as_likely_as_the_next():
    """Chi-squared over 10 cells at 5000 draws: 9 degrees of freedom, 33.7 is passed once in 10 000
    times."""
    found = [Draws("p", 1, copy, 0).index("w", 10) for copy in range(5000)]
    assert sum((found.count(cell) - 500) ** 2 / 500 for cell in range(10)) < 33.7


def test_distinct_draws_are_a_permutation_and_each_as_likely():
    seen = [
        tuple(Draws("p", 1, copy, 0).indices("abc", 3, is_distinct=True)) for copy in range(3000)
    ]
    assert {tuple(sorted(each)) for each in seen} == {(0, 1, 2)} and len(set(seen)) == 6
    assert (
        sum((seen.count(each) - 500) ** 2 / 500 for each in set(seen)) < 25.7
    )  # 5 degrees of freedom


def test_a_milliard_numbers_are_drawn_without_being_written_out():
    names = [f"w_{index}" for index in range(1000)]
    assert len(set(FIRST.indices(names, 10**9, is_distinct=True))) == 1000

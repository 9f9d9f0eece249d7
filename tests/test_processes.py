"""Work in order over an executor: any executor, a few tasks ahead, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import count, islice

import pytest

from worksheet.parallel import AHEAD, chunks, cores, even, in_order, processes


def square(number: int) -> int:
    if number == 13:
        raise ValueError("thirteen")
    return number * number


class Lazy(Executor):
    """An executor that works when it is asked for a result, and knows what it was given."""

    def __init__(self) -> None:
        self.given = 0

    def submit(self, function, /, *arguments):
        self.given += 1
        future = Future()
        future.result = lambda timeout=None: function(*arguments)
        return future


def test_results_come_in_order():
    with ThreadPoolExecutor(3) as threads:
        assert list(in_order(square, range(12), threads, 3)) == [
            square(number) for number in range(12)
        ]
    with processes(2) as executor:
        assert list(in_order(square, range(12), executor, 2)) == [
            square(number) for number in range(12)
        ]
    assert list(in_order(square, range(12))) == [square(number) for number in range(12)]


def test_never_more_than_a_few_tasks_ahead():
    executor = Lazy()
    results = in_order(square, count(20), executor, 2)
    assert list(islice(results, 5)) == [400, 441, 484, 529, 576]
    assert executor.given == 5 - 1 + 2 * AHEAD


def test_an_error_comes_in_its_turn_and_nothing_is_begun_after_it():
    executor, found = Lazy(), []
    with pytest.raises(ValueError, match="thirteen"):
        for result in in_order(square, range(10, 40), executor, 1):
            found.append(result)
    assert found == [100, 121, 144] and executor.given == 3 + AHEAD


def test_an_error_in_a_process_keeps_its_sentence():
    with pytest.raises(ValueError, match="thirteen"), processes(2) as executor:
        list(in_order(square, range(20), executor, 2))


@pytest.mark.parametrize(
    "things, workers, size",
    [
        (0, 2, 1),
        (1, 2, 1),
        (4, 1, 4),
        (12, 2, 6),
        (30, 2, 8),
        (30, 8, 4),
        (100, 2, 10),
        (2000, 3, 10),
    ],
)
def test_tasks_are_of_even_size(things, workers, size):
    assert even(things, workers, 10) == size <= 10
    tasks = [len(task) for task in chunks(range(things), size)]
    assert len(tasks) % workers in (0, workers - 1) or things < workers or things > 100


def test_one_worker_needs_no_executor():
    with processes(1) as executor:
        assert executor is None
    assert cores() >= 1


@pytest.mark.parametrize("hook, status", [("insistent", 130), ("sys.__unraisablehook__", 0)])
def test_a_lost_interrupt_comes_again(hook, status):
    """In the callback of a weak reference Python drops what is raised; without the hook the program
    goes on to its end."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            f"""
import sys, time, weakref
from worksheet.parallel import insistent
sys.unraisablehook = {hook}
def raising(reference):
    raise KeyboardInterrupt
class Thing: pass
thing = Thing()
reference = weakref.ref(thing, raising)
try:
    del thing
    time.sleep(3)
except KeyboardInterrupt:
    sys.exit(130)
""",
        ],
        capture_output=True,
        timeout=60,
    )
    assert ran.returncode == status

"""Work over all cores, results in order: through any `concurrent.futures.Executor`, never more than
a few tasks ahead."""

from __future__ import annotations

import os
import signal
import sys
from _thread import interrupt_main
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from threading import Thread, Timer, current_thread, main_thread
from typing import TypeVar

T, R = TypeVar("T"), TypeVar("R")
AHEAD = 4  # tasks that wait for each worker, so that memory does not grow with the work


def chunks(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The things in order, `size` at a time, taken only as they are wanted."""
    waiting = iter(things)
    return iter(lambda: tuple(islice(waiting, size)), ())


def even(things: int, workers: int, most: int) -> int:
    """How many things, `most` at most, make a task so that all workers come to an end together."""
    rounds = max(1, -(-things // (most * workers)))
    return max(1, -(-things // (rounds * workers)))


def in_order(
    function: Callable[[T], R],
    tasks: Iterable[T],
    executor: Executor | None = None,
    workers: int = 1,
) -> Iterator[R]:
    """`map(function, tasks)` with `workers` at work; without an executor here and now. Functions
    and tasks are pickled."""
    if executor is None:
        yield from map(function, tasks)
        return
    waiting: deque = deque()
    for task in tasks:
        with uninterrupted():
            waiting.append(executor.submit(function, task))
        if len(waiting) >= AHEAD * workers:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def processes(workers: int) -> Iterator[Executor | None]:
    """An executor of so many processes; None where one process, this one, is enough. An error or
    Ctrl-C ends them at once."""
    if workers == 1:
        yield None
        return
    others = set(active_children())
    # a fork is quick, but one of a process in which Typst has run waits for ever for the threads
    # that it did not take along
    context = get_context("spawn" if "typst" in sys.modules else None)
    with ProcessPoolExecutor(workers, context, initializer=_live_as_long_as_the_parent) as executor:
        try:
            yield executor
        except BaseException:
            for process in set(active_children()) - others:
                process.terminate()
            raise


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the end: a process that is just being started is not known yet to the one
    who has to end it, and Python swallows what is raised while it forks."""
    usual, came = signal.getsignal(signal.SIGINT), []
    if not callable(usual) or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, lambda *arrived: came.append(arrived))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            usual(*came[0])


def insistent(lost) -> None:
    """A `sys.unraisablehook`: Ctrl-C that came where Python drops it, in the callback of a weak
    reference, comes again a moment later."""
    if lost.exc_type is KeyboardInterrupt:
        again = Timer(0.01, interrupt_main)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _live_as_long_as_the_parent() -> None:
    """A worker goes quietly on Ctrl-C, and when its parent is killed."""

    def go() -> None:
        parent_process().join()
        os._exit(1)

    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    Thread(target=go, daemon=True).start()

"""A process of its own for what a stranger's template is to do, within bounds of memory and time
that the system keeps.

    text = apart(lambda: rendered(page))          # the same result, or the same error; nothing of it changes this process
    with bounded("notes.md.j2"):                  # in there: while the stranger's part runs, SECONDS and MEMORY are all it has
        ...

The process is a fork, so nothing is handed over and starting it takes milliseconds. Linux keeps
both bounds; macOS that of time (it has no bound on memory that holds); where there is no fork
(Windows), the work is done here, and only what Python itself can stop is stopped.
"""

from __future__ import annotations

import mmap
import os
import pickle
import select
import signal
import struct
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from ..errors import TemplateError, WorksheetError
from ..parallel import uninterrupted

try:
    import resource
except ImportError:  # Windows
    resource = None

T = TypeVar("T")
SECONDS, MEMORY = (
    30,
    300 * 1024 * 1024,
)  # for one text; of memory, beside what the process has already
GRACE = 2  # seconds that a text has for saying itself what went wrong
TICK = 0.25  # seconds between two looks at the clock
TOO_LONG = f"the template takes longer than {SECONDS} seconds", "is there a loop without end?"
TOO_MUCH = (
    f"the template wants more than {MEMORY // 1024**2} MB of memory",
    "does it make a text out of itself again and again?",
)


class _Watch:
    """What a process that works apart says of itself to its parent: since when a stranger's
    template runs, and which."""

    SIZE, HEAD = 4096, struct.Struct("dH")

    def __init__(self):
        self.memory, self.depth = mmap.mmap(-1, self.SIZE), 0

    def say(self, start: float, name: str = "") -> None:
        text = name.encode()[: self.SIZE - self.HEAD.size]
        self.memory[: self.HEAD.size + len(text)] = self.HEAD.pack(start, len(text)) + text

    def heard(self) -> tuple[float, str]:
        """The start, 0 where nothing runs, and the name."""
        start, length = self.HEAD.unpack(self.memory[: self.HEAD.size])
        return start, self.memory[self.HEAD.size : self.HEAD.size + length].decode(errors="replace")


_watch: _Watch | None = None  # of this process, if it is one that works apart


def apart(work: Callable[[], T], is_wanted: bool = True) -> T:
    """`work()`, done in a process of its own. Its result, or what it raises, and its warnings are
    pickled. Raises TemplateError where it had to be ended.

    Here and now where it `is_wanted` not, where this is such a process already, or where the system
    cannot fork."""
    if not is_wanted or _watch or not hasattr(os, "fork"):
        return work()
    watch, (out, into) = _Watch(), os.pipe()
    with uninterrupted(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of forks beside threads: the child starts none and calls no other program
        child = os.fork()
    if not child:
        _answer(work, watch, into)
    os.close(into)
    try:
        answer = _listen(out, watch)
    finally:
        os.close(out)
        with suppress(ProcessLookupError):
            os.kill(
                child, signal.SIGKILL
            )  # it has said what it had to say, or is not wanted any more
        _, status = os.waitpid(child, 0)
    start, name = watch.heard()
    watch.memory.close()
    if answer:
        is_result, value, warned = pickle.loads(answer)
        for text, kind in warned:
            warnings.warn(text, kind, stacklevel=2)
        if is_result:
            return value
        raise value
    if start:
        sentence, hint = TOO_LONG if time.monotonic() - start >= SECONDS else TOO_MUCH
        raise TemplateError(sentence, name, hint)
    ended = (
        f"by signal {os.WTERMSIG(status)}"
        if os.WIFSIGNALED(status)
        else f"with status {os.WEXITSTATUS(status)}"
    )
    raise WorksheetError(
        f"the process that was to make this page ended {ended}", hint="is there enough memory?"
    )


def _listen(out: int, watch: _Watch) -> bytes:
    """All that the child says; nothing if its template runs too long."""
    said = []
    while True:
        if select.select([out], [], [], TICK)[0]:
            if not (piece := os.read(out, 1 << 20)):
                return b"".join(said)
            said.append(piece)
        start, _ = watch.heard()
        if start and time.monotonic() - start > SECONDS + GRACE:
            return b""


def _answer(work: Callable[[], T], watch: _Watch, into: int) -> None:
    """What the child does: it never returns."""
    global _watch
    _watch, parent, status = watch, os.getppid(), 1
    try:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        threading.Thread(target=_live_as_long_as, args=(parent,), daemon=True).start()
        with warnings.catch_warnings(record=True) as caught:
            try:
                said = True, work()
            except BaseException as fault:
                if not isinstance(fault, WorksheetError):
                    fault.add_note("".join(traceback.format_exception(fault)))
                fault.__cause__ = fault.__context__ = (
                    # where others teach pickle to take frames along (tblib does, for dask), a
                    # thousand are too many
                    None
                )
                said = False, fault.with_traceback(None)
        answer = pickle.dumps((*said, [(str(each.message), each.category) for each in caught]))
        while answer:
            answer = answer[os.write(into, answer) :]
        status = 0
    except BaseException:
        os.write(
            2, traceback.format_exc().encode()
        )  # a fault of ours; the parent says that there was one
    finally:
        os._exit(status)


def _live_as_long_as(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(TICK)
    os._exit(1)


@contextmanager
def bounded(name: str) -> Iterator[None]:
    """While this lasts, a process that works apart has MEMORY more than it had, and SECONDS; `name`
    is what messages call the template.

    Elsewhere nothing is bounded here."""
    if _watch is None or _watch.depth:
        yield
        return
    _watch.depth += 1
    _watch.say(time.monotonic(), name)
    limits = _limits()
    usual = {kind: resource.getrlimit(kind) for kind in limits}
    try:
        for kind, most in limits.items():
            _set(kind, most, usual[kind])
        yield
    finally:
        for kind, (soft, hard) in usual.items():
            resource.setrlimit(kind, (soft, hard))
        _watch.say(0)
        _watch.depth -= 1


def _limits() -> dict[int, int]:
    """The bounds that this system keeps: address space, and seconds of work for where nobody is
    left to look at the clock."""
    if resource is None:
        return {}
    used = os.times()
    found = {resource.RLIMIT_CPU: int(used.user + used.system) + SECONDS + GRACE + 1}
    with suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as file:
        found[resource.RLIMIT_AS] = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    return found


def _set(kind: int, most: int, usual: tuple[int, int]) -> None:
    least = min([most, *[each for each in usual if each != resource.RLIM_INFINITY]])
    resource.setrlimit(kind, (least, usual[1]))

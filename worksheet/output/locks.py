"""One run at a time in a folder: a lock that the operating system lets go of when its holder ends,
however it ends.

    build/.midterm.lock      beside the folder, so that the folder itself may be moved aside; it says who holds it, and goes with the run

What a process left that was killed is a file that nobody holds: the next run takes it over.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from ..errors import WorksheetError, unwritten

BEHIND = (
    1 << 30
)  # the byte that is locked, behind all that the file says: on Windows a locked byte cannot be read
PAUSE = 0.05  # seconds between two tries

try:
    import fcntl

    def _take(file: IO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except ImportError:
    import msvcrt

    def _take(file: IO) -> None:
        file.seek(BEHIND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)


@contextmanager
def alone(folder: Path, patience: float = 0) -> Iterator[None]:
    """Be the only run that writes into `folder`. Waits so many seconds for another one to end;
    raises WorksheetError that says who it is, or that nothing can be written there."""
    place, end = folder.parent / f".{folder.name}.lock", time.monotonic() + patience
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        while (file := _held(place)) is None:
            if time.monotonic() > end:
                raise WorksheetError(
                    f"another run is writing here{_holder(place)}",
                    str(folder),
                    "wait until it has ended, or choose another folder with --out",
                )
            time.sleep(PAUSE)
    except OSError as fault:
        raise unwritten(fault, str(folder)) from None
    try:
        yield
    finally:
        with suppress(OSError):  # while it is still ours; Windows removes no file that is open
            place.unlink()
        file.close()
        with suppress(OSError):
            if os.name == "nt":
                place.unlink()


def _held(place: Path) -> IO | None:
    """The lock file, held by us; None while another holds it."""
    file = place.open("a+", encoding="utf-8")
    try:
        try:
            _take(file)
        except (BlockingIOError, PermissionError):
            file.close()
            return None
        except OSError:  # a disk that knows no locks; better none than no exam
            pass
        if not _is_still(place, file):  # the last holder has removed the file that we opened
            file.close()
            return None
        file.seek(0)
        file.truncate()
        file.write(
            json.dumps(
                {
                    "process": os.getpid(),
                    "machine": socket.gethostname(),
                    "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}",
                }
            )
        )
        file.flush()
        return file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise


def _is_still(place: Path, file: IO) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), place.stat())
    except FileNotFoundError:
        return False


def _holder(place: Path) -> str:
    """`: process 4711 on pc7, since 2026-11-22 10:30:00`, as far as the file says it."""
    try:
        said = json.loads(place.read_text(encoding="utf-8"))
        return f": process {int(said['process'])} on {str(said['machine'])[:60]}, since {str(said['since'])[:20]}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

"""A program of ours (`programs/writer.py`) is run, in a process of its own that has nothing of the
reader's: what it prints."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib.util import find_spec

from ..errors import WorksheetError

SECONDS = 60


def can_run(dialect: str) -> bool:
    """Whether the module that a program needs is installed; it is called as its dialect is."""
    return find_spec(dialect) is not None


@lru_cache(maxsize=64)  # the page prints it, and its proof asks again
def printed(text: str) -> str:
    """What a program prints. Raises WorksheetError for one that does not come to its end."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            ran = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", "-c", text],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise WorksheetError(
                f"the program takes longer than {SECONDS} seconds", "code"
            ) from None
    if ran.returncode:
        said = ran.stderr.strip().splitlines()[-1:] or [f"it ended with status {ran.returncode}"]
        raise WorksheetError(f"the program stops: {said[0]}", "code", "leave `code` out")
    return ran.stdout

"""Where the work is done: over the cores of this machine, or on the cluster that `--executor`
names.

dask=tcp://127.0.0.1:8786       the workers of a scheduler of dask.distributed, which need no file of ours but the program itself
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING

from ..errors import WorksheetError
from ..parallel import processes
from .options import own_templates, worker_count

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 5  # seconds for a scheduler to answer
AGAIN = "start it with `dask scheduler`, then `dask worker` with its address"
SAME = "install the same on every machine; a folder templates/ must be there at the same place"

Work = tuple[Executor | None, int]  # an executor, and how many are at work


@contextmanager
def at_work(options: argparse.Namespace, copies: int) -> Iterator[Work]:
    """What does the work of so many copies: what `--executor` says, or else processes of this
    machine, `--workers` of them."""
    if not options.executor:
        with processes(workers := worker_count(options, copies)) as executor:
            yield executor, workers
        return
    engine, _, address = options.executor.partition("=")
    if engine not in ENGINES or not address:
        raise WorksheetError(
            f"'{options.executor}' is no executor",
            "--executor",
            f"known: {', '.join(ENGINES)}; write dask=tcp://127.0.0.1:8786",
        )
    if options.workers:
        raise WorksheetError(
            "the cluster says how many workers there are",
            "--workers",
            "leave it out, or --executor",
        )
    with ENGINES[engine](address) as work:
        yield work


@contextmanager
def dask(address: str) -> Iterator[Work]:
    """The workers of a dask scheduler, if their program and templates are ours: the bytes are the
    same then."""
    try:
        from distributed import Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        raise WorksheetError(
            "dask.distributed is not installed", "--executor", "pip install 'worksheet[cluster]'"
        ) from None
    logging.disable(logging.CRITICAL)  # what goes wrong, we say
    try:
        _knock(address)
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            _insist_on_ours(client, address)
            yield client.get_executor(pure=False), sum(client.nthreads().values())
    except (CancelledError, CommClosedError, KilledWorker) as fault:
        raise WorksheetError(
            f"the cluster has failed: {str(fault) or 'its tasks are lost'}",
            "--executor",
            "run it again",
        ) from None
    finally:
        logging.disable(logging.NOTSET)


def _knock(address: str) -> None:
    """See to it that something listens there: a client would say so late, and noisily."""
    from distributed.comm import get_address_host_port

    try:
        create_connection(get_address_host_port(address, strict=True), timeout=PATIENCE).close()
    except (OSError, ValueError):
        raise WorksheetError(f"no scheduler answers at {address}", "--executor", AGAIN) from None


def _insist_on_ours(client: Client, address: str) -> None:
    """See to it that there are workers, and that each would write our bytes."""
    templates = own_templates()
    try:
        theirs = client.run(program, templates)
    except ImportError as fault:
        raise WorksheetError(
            f"the workers cannot run the program: {fault}", "--executor", SAME
        ) from None
    if not theirs:
        raise WorksheetError(f"the scheduler at {address} has no workers", "--executor", AGAIN)
    if other := next(
        (worker for worker, found in theirs.items() if found != program(templates)), None
    ):
        raise WorksheetError(
            f"the worker {other} has other versions of the program or other templates",
            "--executor",
            SAME,
        )


def program(templates: Path | None) -> tuple[dict[str, str], str]:
    """The versions of what makes a page, and a hash of its templates."""
    from ..exams.manifest import made_with, templates_hash

    return made_with(), templates_hash(templates)


ENGINES: dict[str, Callable[[str], AbstractContextManager[Work]]] = {"dask": dask}

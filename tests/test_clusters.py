"""Work on a cluster: a real scheduler with two workers makes the same bytes; what is not there is
said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from socket import create_server

import pytest
from distributed import LocalCluster
from test_cli import desk, spec
from test_exams import WIDE, files

from worksheet.cli import main
from worksheet.commands import cluster as clusters
from worksheet.exams.journal import Journal

__all__ = ["desk"]  # the fixture
EXAM = "title: T\nversions: 6\nproblems: [{spec: varied.yaml}]\n"


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and two workers, each a process of its own, with no more of ours than the
    installed program."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0"
    ) as found:
        yield found


@pytest.mark.parametrize(
    "command",
    [
        ["exam", "exam.yaml"],
        ["sheet", "varied.yaml", "--copies", "12", "--to", "md,pdf,tex"],
        ["vary", "varied.yaml", "--to", "yaml,md"],
        ["stress", "varied.yaml", "--copies", "30"],
        ["find", "2", "3", "--spec", "varied.yaml"],
    ],
    ids=lambda command: command[0],
)
def test_the_bytes_are_those_of_this_machine(desk, cluster, command, capsys):
    """With templates of one's own, which the workers find where we found them."""
    spec(desk, "varied.yaml", WIDE), spec(desk, "exam.yaml", EXAM)
    (desk / "templates/parts/sheet").mkdir(parents=True)
    (desk / "templates/parts/sheet/head.md.j2").write_text(
        "**Code of mine:** << code >>\n", encoding="utf-8"
    )
    assert main([*command, "--workers", "1"]) == 0
    here, said = files(desk), capsys.readouterr().out
    if command[0] == "exam":  # a finished one is not made once more
        command = ["exam", "--rebuild", "build/exam/manifest.json"]
    assert main([*command, "--executor", f"dask={cluster.scheduler_address}"]) == 0
    assert files(desk) == here
    told = capsys.readouterr().out
    assert command[0] == "exam" or [
        line for line in told.splitlines() if " s with " not in line
    ] == [line for line in said.splitlines() if " s with " not in line]
    assert command[0] != "stress" or told.endswith("with 2 workers\n")


def test_a_fault_comes_back_as_it_is(desk, cluster, capsys):
    spec(desk, "varied.yaml", WIDE + "require: [y_hat > 1000]\n")
    assert main(["vary", "varied.yaml", "--executor", f"dask={cluster.scheduler_address}"]) == 2
    assert (
        "copy 1 found no variant in 1000 draws: 'y_hat > 1000' refused 1000"
        in capsys.readouterr().err
        and not (desk / "build").exists()
    )


def test_workers_of_another_version_are_refused(desk, cluster, capsys, monkeypatch):
    spec(desk, "varied.yaml", WIDE)
    monkeypatch.setattr("worksheet.exams.manifest.made_with", lambda: {"worksheet": "0.0.1"})
    assert main(["vary", "varied.yaml", "--executor", f"dask={cluster.scheduler_address}"]) == 2
    assert (
        "has other versions of the program or other templates" in capsys.readouterr().err
        and not (desk / "build").exists()
    )


def test_a_scheduler_without_workers_is_refused(desk, capsys):
    spec(desk, "varied.yaml", WIDE)
    with LocalCluster(
        n_workers=0, processes=True, host="127.0.0.1", dashboard_address=":0"
    ) as empty:
        assert main(["stress", "varied.yaml", "--executor", f"dask={empty.scheduler_address}"]) == 2
    assert "has no workers\n  hint: start it with `dask scheduler`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "executor, says",
    [
        ("dask=tcp://127.0.0.1:{closed}", "no scheduler answers at tcp://127.0.0.1:"),
        (
            "dask=tcp://127.0.0.1",
            "no scheduler answers at tcp://127.0.0.1\n  hint: start it with `dask scheduler`",
        ),
        ("dask=what", "no scheduler answers at what"),
        ("dask", "'dask' is no executor\n  hint: known: dask; write dask=tcp://127.0.0.1:8786"),
        ("spark=tcp://127.0.0.1:1", "'spark=tcp://127.0.0.1:1' is no executor"),
    ],
)
def test_what_is_not_there_is_said(desk, executor, says, capsys):
    spec(desk, "varied.yaml", WIDE)
    with create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert main(["vary", "varied.yaml", "--executor", executor.format(closed=closed)]) == 2
    assert f"--executor: {says}" in capsys.readouterr().err and not (desk / "build").exists()


def test_without_the_extra_it_is_said_what_to_install(desk, capsys, monkeypatch):
    spec(desk, "varied.yaml", WIDE)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["vary", "varied.yaml", "--executor", "dask=tcp://127.0.0.1:1"]) == 2
    assert (
        "dask.distributed is not installed\n  hint: pip install 'worksheet[cluster]'"
        in capsys.readouterr().err
    )
    assert (
        main(["vary", "varied.yaml", "--executor", "dask=tcp://127.0.0.1:1", "--workers", "2"]) == 2
    )
    assert (
        "--workers: the cluster says how many workers there are" in capsys.readouterr().err
        and list(clusters.ENGINES) == ["dask"]
    )


def test_a_cluster_that_fails_leaves_what_is_done(desk, capsys, monkeypatch):
    """It goes down after the first copy; what is there stays, and the next run makes the rest here."""
    spec(desk, "varied.yaml", WIDE), spec(desk, "exam.yaml", EXAM.replace("6", "30"))
    add = Journal.add
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0"
    ) as lost:

        def go_down(journal, paper, hashes):
            add(journal, paper, hashes)
            lost.close(timeout=5)

        monkeypatch.setattr(Journal, "add", go_down)
        assert main(["exam", "exam.yaml", "--executor", f"dask={lost.scheduler_address}"]) == 2
    assert "--executor: the cluster has failed" in capsys.readouterr().err
    monkeypatch.setattr(Journal, "add", add)
    assert (
        main(["exam", "exam.yaml"]) == 0
        and "of them kept from a run that was interrupted" in capsys.readouterr().out
    )

"""The program as a person meets it: every command, what it says, and how it ends (0 well, 1 unproved, 2 faulty input)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worksheet.cli import main
from worksheet.places import problems_folder

SPEC = """\
title: A linear unit
network:
  inputs: {x: 2}
  layers:
    - {units: [{a: y_hat, weights: {w: 0.5}}], activation: identity}
  target: {y: 3}
  loss: squared-error
learning_rate: 0.1
long_run: 0
"""
FAULTY = SPEC.replace("identity", "idenity")


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """An empty folder, and we are in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
    """`worksheet ...` as a program of its own, its output piped."""
    return subprocess.run([sys.executable, "-m", "worksheet", *arguments], capture_output=True, cwd=cwd, timeout=60,
                          env=os.environ | environment)


def spec(desk: Path, name: str = "one.yaml", text: str = SPEC) -> Path:
    path = desk / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ---- notes ---------------------------------------------------------------------------------------------------

def test_notes_writes_a_folder_and_says_what_was_proved(desk, capsys):
    assert main(["notes", str(spec(desk))]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{Path('build') / 'one' / 'notes.md'}  (") and "relations and" in said.out and said.err == ""
    assert (desk / "build/one/notes.md").read_text(encoding="utf-8").count("# A linear unit") == 1
    figures = {figure.name for figure in (desk / "build/one/figures").iterdir()}
    assert {name for name in figures if name.endswith(".svg")} and {name for name in figures if name.endswith(".png")}
    assert [each.name for each in (desk / "build").iterdir()] == ["one"]


def test_a_second_run_writes_the_same_bytes(desk):
    path = spec(desk)
    assert main(["notes", str(path)]) == 0
    first = {file: file.read_bytes() for file in (desk / "build").rglob("*") if file.is_file()}
    assert main(["notes", str(path)]) == 0
    assert {file: file.read_bytes() for file in (desk / "build").rglob("*") if file.is_file()} == first


def test_a_problem_of_ours_is_known_by_name(desk, capsys):
    assert main(["notes", "one-hidden-neuron", "--no-figures", "--out", "out"]) == 0
    assert (desk / "out/one-hidden-neuron/notes.md").is_file()
    assert "figures/" not in (desk / "out/one-hidden-neuron/notes.md").read_text(encoding="utf-8")


def test_a_folder_means_every_spec_in_it(desk, capsys):
    for name in ("specs/a.yaml", "specs/b.yml", "specs/notes.txt"):
        spec(desk, name)
    assert main(["notes", "specs", "--no-figures"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [f"build{os.sep}{each}{os.sep}notes.md" for each in "ab"]


def test_detail_changes_the_page_and_no_number(desk, capsys):
    path = spec(desk)
    lengths, results = [], set()
    for detail in ("full", "normal", "brief"):
        assert main(["notes", str(path), "--detail", detail, "--no-figures", "--out", detail]) == 0
        page = (desk / detail / "one/notes.md").read_text(encoding="utf-8")
        lengths.append(len(page))
        results.add(page[page.index("## Summary"):])
    assert lengths[0] > lengths[2] and len(results) == 1


def test_figures_of_an_earlier_run_go(desk):
    path = spec(desk)
    assert main(["notes", str(path)]) == 0
    assert list((desk / "build/one/figures").iterdir())
    assert main(["notes", str(path), "--no-figures"]) == 0
    assert list((desk / "build/one/figures").iterdir()) == []


def test_a_faulty_spec_does_not_stop_the_others(desk, capsys):
    spec(desk, "specs/a.yaml", FAULTY), spec(desk, "specs/b.yaml")
    assert main(["notes", "specs", "--no-figures"]) == 2
    said = capsys.readouterr()
    assert "a.yaml:5" in said.err and "did you mean 'identity'?" in said.err
    assert "notes.md" in said.out and [each.name for each in (desk / "build").iterdir()] == ["b"]


# ---- errors of use: a sentence, a place, status 2, never a traceback ---------------------------------------------

def faulty(desk: Path) -> dict[str, tuple[list[str], str]]:
    spec(desk), spec(desk, "more/one.yaml"), spec(desk, "odd/..yaml"), spec(desk, "faulty.yaml", FAULTY)
    (desk / "empty").mkdir()
    (desk / "elsewhere").mkdir()
    (desk / "linked").mkdir()
    (desk / "linked/one").symlink_to(desk / "elsewhere")
    (desk / "a-file").write_text("")
    return {
        "a file that is not there": (["notes", "nothing.yaml"], "nothing.yaml"),
        "a name that is not ours": (["notes", "one-hiden-neuron"], "one-hiden-neuron"),
        "a folder without specs": (["notes", "empty"], "empty: this folder holds no spec"),
        "two specs with one name": (["notes", "one.yaml", "more/one.yaml"], "one.yaml has the same name"),
        "a spec that is faulty": (["notes", "faulty.yaml"], "faulty.yaml:5"),
        "a name that leaves the folder": (["notes", "odd/..yaml"], "cannot be the name of a folder"),
        "a link out of the folder": (["notes", "one.yaml", "--out", "linked"], "cannot be the name of a folder"),
        "a file where the folder should be": (["notes", "one.yaml", "--out", "a-file"], "a-file: cannot write here"),
        "a trace of nothing": (["trace", "nothing.yaml"], "nothing.yaml"),
        "a new spec with a path": (["new", "there/mine"], "a name, not a path"),
    }


@pytest.mark.parametrize("case", ["a file that is not there", "a name that is not ours", "a folder without specs", "two specs with one name",
                                  "a spec that is faulty", "a name that leaves the folder", "a link out of the folder",
                                  "a file where the folder should be", "a trace of nothing", "a new spec with a path"])
def test_an_error_of_use_is_a_sentence_and_status_2(desk, case):
    arguments, sentence = faulty(desk)[case]
    ran = run(*arguments, cwd=desk)
    assert ran.returncode == 2 and ran.stdout == b""
    said = ran.stderr.decode()
    assert sentence in said and "Traceback" not in said
    assert not list((desk / "elsewhere").iterdir()) and not (desk / "build").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(desk, capsys):
    (desk / "locked").mkdir(mode=0o500)
    assert main(["notes", str(spec(desk)), "--out", "locked"]) == 2
    assert "locked: cannot write here" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nots"], ["notes"], ["notes", "x.yaml", "--detail", "long"]])
def test_a_command_line_that_means_nothing(arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


# ---- the other commands --------------------------------------------------------------------------------------------

def test_list_names_every_problem_with_its_title(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(path.stem for path in problems_folder().glob("*.yaml"))
    assert any("One hidden neuron, by hand" in line for line in lines)


def test_new_writes_a_spec_that_works_and_overwrites_nothing(desk, capsys):
    assert main(["new", "mine"]) == 0
    assert main(["notes", "mine.yaml", "--no-figures"]) == 0
    before = (desk / "mine.yaml").read_bytes()
    assert main(["new", "mine.yaml"]) == 2
    assert "there is such a file already" in capsys.readouterr().err
    assert (desk / "mine.yaml").read_bytes() == before


def test_trace_prints_json(desk, capsys):
    assert main(["trace", str(spec(desk))]) == 0
    trace = json.loads(capsys.readouterr().out)
    workings = trace["workings"]
    assert {"name", "phase", "epoch", "layer", "formula", "lines", "shown", "exact"} <= set(workings[0])
    assert [each["shown"] for each in workings if each["name"] == "y_hat"][0] == "1"


@pytest.mark.parametrize("of", ["spec", "trace"])
def test_schema_prints_a_json_schema(of, capsys):
    assert main(["schema", of]) == 0
    assert "2020-12" in json.loads(capsys.readouterr().out)["$schema"]


def test_help_names_every_command_and_every_status(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0
    for word in ("notes", "trace", "schema", "list", "new", "exit status", "worksheet notes one-hidden-neuron"):
        assert word in said


# ---- how it behaves among other programs ------------------------------------------------------------------------------

def test_it_is_quiet_when_piped(desk):
    spec(desk, "specs/a.yaml"), spec(desk, "specs/b.yaml")
    ran = run("notes", "specs", "--no-figures", cwd=desk)
    assert ran.returncode == 0 and ran.stderr == b"" and len(ran.stdout.splitlines()) == 2 and b"\r" not in ran.stdout


@pytest.mark.parametrize("name, language", [("größe", {"LANG": "C", "LC_ALL": "C"}),
                                            ("size", {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"})])
def test_it_writes_utf_8_whatever_the_language_of_the_desk(desk, name, language):
    path = spec(desk, f"{name}.yaml", SPEC.replace("A linear unit", "Ein Größenwahn"))
    ran = run("notes", path.name, "--no-figures", cwd=desk, **language)
    assert ran.returncode == 0, ran.stderr
    assert "# Ein Größenwahn" in (desk / f"build/{name}/notes.md").read_text(encoding="utf-8")


def test_a_reader_who_has_seen_enough_is_no_error(desk):
    trace = subprocess.Popen([sys.executable, "-m", "worksheet", "trace", "two-by-two"], cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    trace.stdout.read(100)
    trace.stdout.close()
    said = trace.stderr.read()
    assert trace.wait(60) in (0, 141) and b"Traceback" not in said and b"Exception" not in said


def test_an_interrupted_run_leaves_whole_notes_or_none(desk):
    for number in range(40):
        spec(desk, f"specs/n{number:02}.yaml")
    def heed() -> None:      # a test run started in the background hands down a deaf ear to Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)

    notes = subprocess.Popen([sys.executable, "-m", "worksheet", "notes", "specs"], cwd=desk, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, preexec_fn=heed)
    assert notes.stdout.readline() or notes.poll() is None
    time.sleep(0.3)
    notes.send_signal(signal.SIGINT)
    said = notes.communicate(timeout=60)[1].decode()
    assert notes.returncode == 130 and "Traceback" not in said and "interrupted" in said
    folders = sorted((desk / "build").iterdir())
    assert 1 <= len(folders) < 40 and not [each for each in folders if each.name.startswith(".")]
    assert all("## Summary" in (each / "notes.md").read_text(encoding="utf-8") for each in folders)

"""The program as a person meets it: every command, what it says, and how it ends (0 well, 1
unproved, 2 faulty input)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from worksheet.cli import main
from worksheet.resources import lecture_files, problem_files

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
VARIED = SPEC + "vary: {x: {integers: {from: 1, to: 4}}, w: {one_of: [0.5, 1, 1.5]}}\n"


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """An empty folder, and we are in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(
    *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess:
    """`worksheet ...` as a program of its own, its output piped."""
    return subprocess.run(
        [sys.executable, "-m", "worksheet", *arguments],
        capture_output=True,
        cwd=cwd,
        timeout=60,
        env=os.environ | environment,
    )


def spec(desk: Path, name: str = "one.yaml", text: str = SPEC) -> Path:
    path = desk / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ---- notes
# ---------------------------------------------------------------------------------------------------


def test_notes_writes_a_folder_and_says_what_was_proved(desk, capsys):
    assert main(["notes", str(spec(desk))]) == 0
    said = capsys.readouterr()
    assert (
        said.out.startswith(f"{Path('build') / 'one' / 'notes.md'}  (")
        and "relations and" in said.out
        and said.err == ""
    )
    assert (desk / "build/one/notes.md").read_text(encoding="utf-8").count("# A linear unit") == 1
    figures = {figure.name for figure in (desk / "build/one/figures").iterdir()}
    assert {name for name in figures if name.endswith(".svg")} and {
        name for name in figures if name.endswith(".png")
    }
    assert [each.name for each in (desk / "build").iterdir()] == ["one"]


def test_a_second_run_writes_the_same_bytes(desk):
    path = spec(desk)
    assert main(["notes", str(path)]) == 0
    first = {file: file.read_bytes() for file in (desk / "build").rglob("*") if file.is_file()}
    assert main(["notes", str(path)]) == 0
    assert {
        file: file.read_bytes() for file in (desk / "build").rglob("*") if file.is_file()
    } == first


def test_a_problem_of_ours_is_known_by_name(desk, capsys):
    assert main(["notes", "one-hidden-neuron", "--no-figures", "--out", "out"]) == 0
    assert (desk / "out/one-hidden-neuron/notes.md").is_file()
    assert "figures/" not in (desk / "out/one-hidden-neuron/notes.md").read_text(encoding="utf-8")


def test_a_folder_means_every_spec_in_it(desk, capsys):
    for name in ("specs/a.yaml", "specs/b.yml", "specs/notes.txt"):
        spec(desk, name)
    assert main(["notes", "specs", "--no-figures"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        f"build{os.sep}{each}{os.sep}notes.md" for each in "ab"
    ]


def test_detail_changes_the_page_and_no_number(desk, capsys):
    path = spec(desk)
    lengths, results = [], set()
    for detail in ("full", "normal", "brief"):
        assert main(["notes", str(path), "--detail", detail, "--no-figures", "--out", detail]) == 0
        page = (desk / detail / "one/notes.md").read_text(encoding="utf-8")
        lengths.append(len(page))
        results.add(page[page.index("| Epoch |") :])
    assert lengths[0] > lengths[1] > lengths[2] and len(results) == 1


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


# ---- errors of use: a sentence, a place, status 2, never a traceback
# ---------------------------------------------


def faulty(desk: Path) -> dict[str, tuple[list[str], str]]:
    (
        spec(desk),
        spec(desk, "more/one.yaml"),
        spec(desk, "odd/..yaml"),
        spec(desk, "faulty.yaml", FAULTY),
    )
    spec(desk, "varied.yaml", VARIED), spec(desk, "varied/..yaml", VARIED)
    (desk / "empty").mkdir()
    (desk / "elsewhere").mkdir()
    (desk / "linked").mkdir()
    (desk / "linked/one").symlink_to(desk / "elsewhere")
    (desk / "a-file").write_text("")
    return {
        "a file that is not there": (["notes", "nothing.yaml"], "nothing.yaml"),
        "a name that is not ours": (["notes", "one-hiden-neuron"], "one-hiden-neuron"),
        "a folder without specs": (["notes", "empty"], "empty: this folder holds no spec"),
        "two specs with one name": (
            ["notes", "one.yaml", "more/one.yaml"],
            "one.yaml has the same name",
        ),
        "a spec that is faulty": (["notes", "faulty.yaml"], "faulty.yaml:5"),
        "a name that leaves the folder": (
            ["notes", "odd/..yaml"],
            "cannot be the name of a folder",
        ),
        "a link out of the folder": (
            ["notes", "one.yaml", "--out", "linked"],
            "a link stands here that does not lead to a folder in linked",
        ),
        "a file where the folder should be": (
            ["notes", "one.yaml", "--out", "a-file"],
            "a-file: cannot write here",
        ),
        "a trace of nothing": (["trace", "nothing.yaml"], "nothing.yaml"),
        "a new spec with a path": (["new", "there/mine"], "a name, not a path"),
        "variants of what does not vary": (
            ["vary", "one.yaml"],
            "one.yaml: nothing varies in this spec",
        ),
        "variants of nothing": (["stress", "nothing.yaml"], "nothing.yaml"),
        "no copies": (["vary", "varied.yaml", "--copies", "0"], "--copies: 0 copies"),
        "too many copies": (
            ["stress", "varied.yaml", "--copies", "13"],
            "13 copies are asked for, 11 different ones can be made",
        ),
        "a milliard copies": (
            ["vary", "varied.yaml", "--copies", "1000000000"],
            "--copies: 1000000000 copies",
        ),
        "a seed below 0": (
            ["vary", "varied.yaml", "--seed", "-1"],
            "--seed: the seed -1 is out of range",
        ),
        "no workers": (["vary", "varied.yaml", "--workers", "0"], "--workers: 0 workers"),
        "a format of another kind": (
            ["vary", "varied.yaml", "--to", "docx"],
            "--to: unknown format 'docx'",
        ),
        "nothing to avoid": (
            ["vary", "varied.yaml", "--avoid", "empty"],
            "empty: this folder holds no variant",
        ),
        "variants that leave the folder": (
            ["vary", "varied/..yaml"],
            "cannot be the name of a folder",
        ),
    }


CASES = (
    "a file that is not there",
    "a name that is not ours",
    "a folder without specs",
    "two specs with one name",
    "a spec that is faulty",
    "a name that leaves the folder",
    "a link out of the folder",
    "a file where the folder should be",
    "a trace of nothing",
    "a new spec with a path",
    "variants of what does not vary",
    "variants of nothing",
    "no copies",
    "too many copies",
    "a milliard copies",
    "a seed below 0",
    "no workers",
    "a format of another kind",
    "nothing to avoid",
    "variants that leave the folder",
)


@pytest.mark.parametrize("case", CASES)
def test_an_error_of_use_is_a_sentence_and_status_2(desk, case):
    arguments, sentence = faulty(desk)[case]
    ran = run(*arguments, cwd=desk)
    assert ran.returncode == 2 and ran.stdout == b""
    said = ran.stderr.decode()
    assert sentence in said and "Traceback" not in said
    assert not list((desk / "elsewhere").iterdir()) and not (desk / "build").exists()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)
def test_a_folder_that_may_not_be_written(desk, capsys):
    (desk / "locked").mkdir(mode=0o500)
    assert main(["notes", str(spec(desk)), "--out", "locked"]) == 2
    assert "locked: cannot write here" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["nots"], ["notes"], ["notes", "x.yaml", "--detail", "long"]]
)
def test_a_command_line_that_means_nothing(arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


# ---- vary and stress
# -----------------------------------------------------------------------------------------


def test_vary_writes_specs_that_are_specs(desk, capsys):
    path = spec(desk, "varied.yaml", VARIED)
    assert main(["vary", str(path), "--copies", "4", "--seed", "3", "--to", "yaml,md"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{Path('build/varied/variants')}  (4 variants in ") and "12" in said
    names = sorted(each.name for each in (desk / "build/varied/variants").glob("[!.]*"))
    assert names == [f"varied-0{copy}.{kind}" for copy in range(1, 5) for kind in ("md", "yaml")]
    assert (
        "copy 2, attempt"
        in (desk / "build/varied/variants/varied-02.yaml")
        .read_text(encoding="utf-8")
        .splitlines()[0]
    )
    assert main(["notes", "build/varied/variants", "--no-figures"]) == 0
    page = (desk / "build/varied-02/notes.md").read_text(encoding="utf-8")
    assert page == (desk / "build/varied/variants/varied-02.md").read_text(encoding="utf-8")


def test_a_second_run_of_vary_writes_the_same_bytes_and_leaves_nothing_of_the_first(desk):
    path = spec(desk, "varied.yaml", VARIED)
    assert main(["vary", str(path), "--copies", "9", "--seed", "8"]) == 0
    folder = desk / "build/varied/variants"
    (folder / "mine.txt").write_text("stays"), (folder / "varied-note.md").write_text("stays too")
    assert main(["vary", str(path), "--copies", "5"]) == 0
    first = {file.name: file.read_bytes() for file in folder.glob("[!.]*")}
    assert sorted(first) == [
        "mine.txt",
        *(f"varied-0{copy}.yaml" for copy in range(1, 6)),
        "varied-note.md",
    ]
    assert main(["vary", str(path), "--copies", "5", "--workers", "1"]) == 0
    assert {file.name: file.read_bytes() for file in folder.glob("[!.]*")} == first
    assert sorted(each.name for each in (desk / "build").iterdir()) == ["varied"]


def test_notes_of_an_earlier_run_of_vary_are_kept_and_named(desk, capsys):
    path = spec(desk, "varied.yaml", VARIED)
    assert main(["vary", str(path), "--copies", "2", "--to", "md,yaml"]) == 0
    assert main(["vary", str(path), "--copies", "1", "--seed", "2"]) == 0
    folder = Path("build/varied/variants")
    assert sorted(each.name for each in folder.glob("[!.]*")) == [
        "varied-01.md",
        "varied-01.yaml",
        "varied-02.md",
    ]
    assert (
        capsys.readouterr().err
        == f"older than the page beside it, and kept: {folder / 'varied-01.md'}, {folder / 'varied-02.md'}\n"
    )


def test_vary_writes_all_or_nothing(desk, capsys):
    path = spec(desk, "varied.yaml", VARIED)
    assert main(["vary", str(path), "--copies", "12"]) == 2  # the twelfth is the problem itself
    assert "12 copies are asked for, 11 different ones can be made" in capsys.readouterr().err
    assert not (desk / "build").exists()


def test_a_hundred_copies_are_numbered_with_three_digits(desk):
    path = spec(desk, "varied.yaml", VARIED.replace("to: 4", "to: 400"))
    assert main(["vary", str(path), "--copies", "100"]) == 0
    assert {len(each.stem) for each in (desk / "build/varied/variants").glob("[!.]*")} == {
        len("varied-001")
    }


def test_stress_prints_a_table(desk, capsys):
    assert main(["stress", str(spec(desk, "varied.yaml", VARIED)), "--copies", "11"]) == 0
    said = capsys.readouterr().out
    assert (
        "proved                  11 of 11" in said
        and "failures                0" in said
        and "refused by distinct:" in said
    )
    assert "can yield               12 variants" in said and " s with " in said
    assert "y_hat" in said.partition("answer")[2] and "dL_dw" in said


def test_stress_fails_where_a_proof_fails(desk, capsys, monkeypatch):
    from worksheet.errors import ProofError
    from worksheet.proofs.checks import Failure
    from worksheet.series import stress

    def unproved(trace, source):
        raise ProofError(
            [Failure("oracle", "epoch 1", "1", "2", "y_hat is 1, the judge finds 2")], source
        )

    monkeypatch.setattr(stress, "prove_note", unproved)
    assert (
        main(["stress", str(spec(desk, "varied.yaml", VARIED)), "--copies", "8", "--workers", "1"])
        == 1
    )
    said = capsys.readouterr().out
    assert (
        "failures                8" in said
        and said.count("y_hat is 1, the judge finds 2") == stress.EXAMPLES
    )


IMPOSSIBLE = VARIED.replace("to: 4", "to: 400") + "require: [y_hat < 0]\n"


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_search_without_end_is_a_sentence(desk, workers):
    spec(desk, "impossible.yaml", IMPOSSIBLE)
    ran = run("stress", "impossible.yaml", "--workers", workers, cwd=desk)
    said = ran.stderr.decode()
    assert ran.returncode == 2 and ran.stdout == b"" and len(said.splitlines()) == 2
    assert said.startswith(
        "impossible.yaml: copy 1 found no variant in 1000 draws: 'y_hat < 0' refused 1000, such as: y_hat = "
    )


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    "sent, status, known",
    [
        (signal.SIGINT, 130, 3),
        (signal.SIGINT, 130, 2),
        (signal.SIGINT, 130, 1),
        (signal.SIGKILL, -signal.SIGKILL, 3),
    ],
)
def test_no_worker_outlives_its_parent(desk, sent, status, known):
    """The signal comes when so many of three workers are known: also while they are being started."""
    spec(
        desk,
        "impossible.yaml",
        IMPOSSIBLE.replace("learning_rate: 0.1", "learning_rate: 0.000001\nepochs: 50"),
    )  # takes a minute
    ran = subprocess.Popen(
        [sys.executable, "-m", "worksheet", "stress", "impossible.yaml", "--workers", "3"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while len(of_session(ran.pid)) < 1 + known and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(of_session(ran.pid)) > known
    ran.send_signal(sent)
    said = ran.communicate(timeout=120)[1].decode()
    assert ran.returncode == status and "Traceback" not in said
    while of_session(ran.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not of_session(ran.pid)


def of_session(session: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, _, _, its = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found


# ---- the other commands
# --------------------------------------------------------------------------------------------


def test_list_names_every_problem_with_its_title(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(
        path.stem for path in (*problem_files(), *lecture_files())
    )
    assert any("One hidden neuron, by hand" in line for line in lines)


@pytest.mark.parametrize(
    "command", [["sheet", "--copies", "2"], ["vary"], ["stress"], ["find", "0.5", "--spec"]]
)
def test_what_has_no_variants_says_so(desk, capsys, command):
    """A derivation without a point has no numbers; its one sheet is for all."""
    (desk / "square.yaml").write_text(
        "title: A square\nderivation: [a = x^2]\nby: x\nsteps: [{form: 2*x, why: The power rule.}]\n",
        encoding="utf-8",
    )
    assert main([*command, "square.yaml"]) == 2
    said = capsys.readouterr().err
    assert (
        "square.yaml: nothing varies in this spec\n  hint: " in said and len(said.splitlines()) == 2
    )
    assert not (desk / "build").exists() or not any((desk / "build").iterdir())


@pytest.mark.parametrize("name", ["shared-weight", "derivative-cubic"])
def test_every_command_takes_any_family(desk, capsys, name):
    """Sheets with codes, a key from its code, the copy from its numbers, specs of the variants."""
    assert main(["sheet", name, "--copies", "2", "--to", "md"]) == 0
    sheet, key = (
        (desk / f"build/{name}/copies/{stem}-02.md").read_text() for stem in ("sheet", "key")
    )
    code = re.search(r"\*\*Code:\*\* `([\w-]+)`", sheet)[1]
    assert main(["key", code, "--to", "md"]) == 0
    assert (desk / f"build/{name}/key-{code}.md").read_text() == key
    assert main(["vary", name, "--copies", "2", "--to", "yaml,md"]) == 0
    assert main(["sheet", f"build/{name}/variants/{name}-02.yaml", "--to", "md"]) == 0
    assert (desk / f"build/{name}-02/key.md").read_text().count("\n") > 50
    answer = re.search(r"\(e\) \| \$(-?[\d.]+)\$", key)[1]
    capsys.readouterr()
    assert main(["find", answer, "--spec", name, "--copies", "2"]) == 0
    assert code in capsys.readouterr().out


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
    assert {"name", "phase", "epoch", "layer", "formula", "lines", "shown", "exact"} <= set(
        workings[0]
    )
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
    for word in (
        "notes",
        "vary",
        "stress",
        "trace",
        "schema",
        "list",
        "new",
        "exit status",
        "worksheet notes one-hidden-neuron",
    ):
        assert word in said


# ---- how it behaves among other programs
# ------------------------------------------------------------------------------


def test_it_is_quiet_when_piped(desk):
    spec(desk, "specs/a.yaml"), spec(desk, "specs/b.yaml")
    ran = run("notes", "specs", "--no-figures", cwd=desk)
    assert (
        ran.returncode == 0
        and ran.stderr == b""
        and len(ran.stdout.splitlines()) == 2
        and b"\r" not in ran.stdout
    )


@pytest.mark.parametrize(
    "name, language",
    [
        ("größe", {"LANG": "C", "LC_ALL": "C"}),
        ("size", {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"}),
    ],
)
def test_it_writes_utf_8_whatever_the_language_of_the_desk(desk, name, language):
    path = spec(desk, f"{name}.yaml", SPEC.replace("A linear unit", "Ein Größenwahn"))
    ran = run("notes", path.name, "--no-figures", cwd=desk, **language)
    assert ran.returncode == 0, ran.stderr
    assert "# Ein Größenwahn" in (desk / f"build/{name}/notes.md").read_text(encoding="utf-8")


def test_a_reader_who_has_seen_enough_is_no_error(desk):
    trace = subprocess.Popen(
        [sys.executable, "-m", "worksheet", "trace", "two-by-two"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    trace.stdout.read(100)
    trace.stdout.close()
    said = trace.stderr.read()
    assert trace.wait(60) in (0, 141) and b"Traceback" not in said and b"Exception" not in said


def test_an_interrupted_run_leaves_whole_notes_or_none(desk):
    for number in range(40):
        spec(desk, f"specs/n{number:02}.yaml")

    def heed() -> None:  # a test run started in the background hands down a deaf ear to Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)

    notes = subprocess.Popen(
        [sys.executable, "-m", "worksheet", "notes", "specs"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed,
    )
    assert notes.stdout.readline() or notes.poll() is None
    time.sleep(0.3)
    notes.send_signal(signal.SIGINT)
    said = notes.communicate(timeout=60)[1].decode()
    assert notes.returncode == 130 and "Traceback" not in said and "interrupted" in said
    folders = sorted((desk / "build").iterdir())
    assert 1 <= len(folders) < 40 and not [each for each in folders if each.name.startswith(".")]
    assert all("## Summary" in (each / "notes.md").read_text(encoding="utf-8") for each in folders)

"""A stranger's template has 300 MB and 30 seconds, whatever it does with them; ours are filled in
here and now.

The bounds are made small here; that they hold as they are is what `test_faults_strangers.py` sees
for memory.
"""

from __future__ import annotations

import copyreg
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worksheet.cli import main
from worksheet.errors import SpecError, TemplateError, WorksheetError
from worksheet.markdown.reader import document
from worksheet.pages import apart as room
from worksheet.pages import environment
from worksheet.pages.apart import apart, bounded
from worksheet.pages.render import render
from worksheet.publish import pandoc
from worksheet.resources import problems_folder, templates_folder
from worksheet.solution import solve
from worksheet.spec.load import load

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="no process of its own on this system"
)
GROWS = "<% set ns = namespace(x={}) %><% for i in range(60) %><% set ns.x = {} %><% endfor %>hello"

HUNGRY = {
    "doubled text": GROWS.format("'x'", "ns.x ~ ns.x"),
    "doubled list": GROWS.format("[1]", "ns.x + ns.x"),
    "joined": GROWS.format("'xxxxx'", "ns.x | join(ns.x)"),
    "replaced": GROWS.format("'xx'", "ns.x | replace('x', ns.x)"),
    "batch": "<< range(5) | batch(1000000000, 'x') | list | length >>",
    "slices": "<< [1] | slice(1000000000) | list | length >>",
    "formatted": "<< '{:1000000000}'.format(3) >>",
    "map": "<< range(99999) | map('string') | list | string * 1 >>",
}
LONG = {
    "loops": "<% for a in range(99999) %><% for b in range(99999) %><% endfor %><% endfor %>",
    "numbers": GROWS.format("9", "ns.x * ns.x"),
    "lipsum": "<< lipsum(1000000) >>",
    "recursion": "<% macro m(n) %><% for i in range(99999) %><< m(n) if n else '' >><% endfor %><% endmacro %><< m(3) >>",
}
REFUSED = {
    "ljust": "<< 'x'.ljust(10**9) >>",
    "center": "<< 'x' | center(1000000000) >>",
    "power": "<< 10**10**8 >>",
    "percent": "<< '%1000000000d' % 3 >>",
    "times": "<< 'x' * 10000000000 >>",
    "class": "<< ''.__class__.__mro__ >>",
    "globals": "<< value.__globals__ >>",
    "attr": "<< '' | attr('__class__') >>",
    "include": "<% include '../../../../etc/passwd' %>",
    "import": "<% import '/etc/passwd' as x %>",
    "itself": "<% extends self %>",
    "macro": "<% macro m() %><< m() >><% endmacro %><< m() >>",
    "deep": "<< " + "(" * 3000 + "1" + ")" * 3000 + " >>",
    "minus": "<< " + "-" * 100_000 + "1 >>",
    "ifs": "<% if 1 %>" * 3000 + "<% endif %>" * 3000,
    "call": "<< value() >>",
    "page": "<% for i in range(99999) %><< 'x' * 1000 >><% endfor %>",
    "html": "<script>",
    "fence": "```",
    "half": "<< '\\ud800' >>",
    "sort": "<< [1, 'a'] | sort >>",
    "json": "<< value | tojson >>",
    "display": "<< display(1, 2) >>",
}


@pytest.fixture
def lecture(tmp_path, monkeypatch):
    """What becomes of a lecture with this prose: lecture(text), its status and what is said."""
    monkeypatch.chdir(tmp_path)

    def made(text: str, seconds: int = room.SECONDS) -> int:
        monkeypatch.setattr(room, "SECONDS", seconds)
        monkeypatch.setattr(environment, "SECONDS", seconds)
        Path("prose.md").write_text(text, encoding="utf-8")
        Path("lecture.yaml").write_text(
            "lecture: L\nproblems: {p: linear-chain}\nsections:\n  - {title: Z, problem: p, part: loss}\n  - {title: A, file: prose.md}\n"
        )
        return main(["notes", "lecture.yaml", "--no-figures", "--out", "out"])

    return made


@pytest.mark.parametrize("text", HUNGRY.values(), ids=HUNGRY)
def test_memory_has_a_bound(text, lecture, capsys):
    start = time.monotonic()
    if lecture(text, 10):
        said = capsys.readouterr().err
        assert "prose.md:1: " in said or "prose.md: " in said
        assert "memory" in said or "longer than" in said or "too large" in said
    else:
        assert text == HUNGRY["map"]
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_time_has_a_bound(text, lecture, capsys):
    assert lecture(text, 2) == 2
    said = capsys.readouterr().err
    assert any(
        each in said for each in ("longer than", "passes 8,000,000", "memory", "calls itself again")
    )
    assert "prose.md" in said and not list(Path("out").glob("*/notes.md"))


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_does_harm_is_refused_with_its_place(text, lecture, capsys):
    assert lecture(text) == 2
    said = capsys.readouterr().err
    assert ("prose.md" in said or "templates: there is no template" in said) and "root:" not in said


@pytest.mark.parametrize(
    "text",
    [
        "Sound. $1 + 1 = 2$",
        "<< value('p.L') >>",
        "<% for i in range(3) %>$<< i >> + 1 = << i + 1 >>$ <% endfor %>",
        "é 語 🦊",
        "<< [3, 1, 2] | sort | join(', ') >>",
    ],
)
def test_what_does_no_harm_is_written(text, lecture):
    assert lecture(text) == 0


def test_a_folder_of_templates_is_a_strangers_too(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(room, "MEMORY", 60 * 1024**2)
    part = tmp_path / "templates/parts/summary.md.j2"
    for layout, command in (
        ("notes", ["notes"]),
        ("slides", ["slides", "--to", "md"]),
        ("sheet", ["sheet", "--to", "md"]),
        ("sheet", ["sheet", "--copies", "2", "--to", "md"]),
        ("notes", ["vary", "--copies", "1", "--to", "md"]),
    ):
        part = tmp_path / f"templates/layouts/{layout}.md.j2"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(HUNGRY["doubled text"])
        assert main([command[0], "one-hidden-neuron", *command[1:], "--out", "out"]) == 2
        assert f"layouts/{layout}.md.j2:1: the template wants more than" in capsys.readouterr().err
        part.unlink()


def test_our_own_templates_are_filled_in_here(tmp_path, monkeypatch):
    monkeypatch.setattr(room.os, "fork", lambda: pytest.fail("a process for a template of ours"))
    monkeypatch.chdir(templates_folder().parent)  # where `templates/` is ours
    assert main(["notes", "one-hidden-neuron", "--no-figures", "--out", str(tmp_path)]) == 0
    assert main(["sheet", "one-hidden-neuron", "--to", "md", "--out", str(tmp_path)]) == 0


def test_the_page_is_the_same_either_way(tmp_path):
    trace = solve(load(problems_folder() / "one-hidden-neuron.yaml"))
    assert render(trace, folder=tmp_path) == render(trace)


# ---- the process
# ----------------------------------------------------------------------------------------


def test_a_result_comes_back_and_nothing_else_changes():
    seen = []
    assert (
        apart(lambda: (seen.append(1), os.getpid(), {"a": (1, "x" * 5_000_000)})[2])
        == {"a": (1, "x" * 5_000_000)}
        and not seen
    )
    assert apart(lambda: apart(os.getpid)) != os.getpid()
    assert apart(os.getpid, is_wanted=False) == os.getpid()


@pytest.mark.parametrize(
    "fault",
    [
        WorksheetError("m", "w", "h"),
        TemplateError("m", "w", "h"),
        SpecError([WorksheetError("m", "w", "h")]),
        KeyError("k"),
        ValueError("v"),
    ],
)
def test_an_error_comes_back_as_it_is(fault):
    def fails():
        raise fault

    with pytest.raises(type(fault)) as caught:
        apart(fails)
    assert str(caught.value) == str(fault)


def test_an_error_from_far_below_comes_back_where_frames_are_pickled_along(lecture, capsys):
    """As they are once dask's scheduler has been imported."""
    pickling = pytest.importorskip("tblib.pickling_support")
    before = dict(copyreg.dispatch_table)
    pickling.install()
    try:
        assert lecture(REFUSED["macro"]) == 2
        assert "prose.md" in capsys.readouterr().err
    finally:
        copyreg.dispatch_table.clear()
        copyreg.dispatch_table.update(before)


def test_what_dies_is_told():
    with pytest.raises(WorksheetError, match="ended by signal 9"):
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(TemplateError, match="wants more than") as caught:
        apart(dies_within)
    assert caught.value.where == "theirs.md"


def dies_within():
    with bounded("theirs.md"):
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_python_cannot_stop_is_ended(monkeypatch):
    """A multiplication of numbers of 10^8 digits does not look at signals."""
    monkeypatch.setattr(room, "SECONDS", 1)
    monkeypatch.setattr(room, "GRACE", 0)

    def stuck():
        with bounded("theirs.md"):
            return pow(7, 10**9) > 1

    start = time.monotonic()
    with pytest.raises(TemplateError, match="longer than"):
        apart(stuck)
    assert time.monotonic() - start < 20


def test_after_the_bound_all_is_as_before():
    def limits():
        import resource

        before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
        with bounded("theirs.md"):
            within = [
                resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)
            ]
        return (
            before,
            within,
            [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)],
        )

    before, within, after = apart(limits)
    assert before == after != within


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(signal_sent, tmp_path):
    (tmp_path / "lecture.yaml").write_text(
        'lecture: L\nproblems: {p: linear-chain}\nsections:\n  - {title: Z, problem: p, part: loss}\n  - {title: A, text: "'
        + LONG["loops"]
        + '"}\n'
    )
    ran = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "worksheet",
            "notes",
            "lecture.yaml",
            "--out",
            "out",
            "--no-figures",
        ],
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 60
    while len(of_session(ran.pid)) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    os.killpg(ran.pid, signal_sent) if signal_sent == signal.SIGINT else ran.send_signal(
        signal_sent
    )
    ran.wait(30)
    while of_session(ran.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not of_session(ran.pid)
    if signal_sent == signal.SIGINT:
        assert ran.returncode == 130 and b"interrupted" in ran.stderr.read()
    ran.stderr.close()


def of_session(leader: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


# ---- footnotes
# -----------------------------------------------------------------------------------------

ENDLESS = {
    "itself": "a[^1]\n\n[^1]: b[^1] c[^1]\n",
    "one another": "a[^x]\n\n[^x]: b [^y]\n\n[^y]: c[^X]\n",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_footnote_that_leads_back_to_itself_is_told_where_it_stands(text, lecture, capsys):
    assert lecture(text) == 2
    assert (
        "prose.md:3: the footnote [^" in (said := capsys.readouterr().err)
        and "calls itself" in said
    )


def test_footnotes_that_come_to_an_end_are_written(lecture):
    assert lecture("a[^1] b[^2]\n\n[^1]: c[^2]\n\n[^2]: d\n\nNot `[^1]: [^1]`.\n") == 0


@pytest.mark.parametrize("calls", [2, 10, 40])
def test_footnotes_that_double_are_told_where_they_stand(calls, lecture, capsys):
    """None leads back to itself, and yet pandoc would set the last of them 2^20 times: each is set
    again wherever it is called."""
    notes = [f"[^{place}]: " + f"b[^{place + 1}] " * calls for place in range(20)]
    assert lecture("\n\n".join(["a[^0]", *notes, "[^20]: the end\n"])) == 2
    said = capsys.readouterr().err
    line = int(
        re.search(
            r"prose\.md:(\d+): the footnote \[\^(\d+)\] would be set 1000 times or more", said
        )[1]
    )
    place = int(re.search(r"the footnote \[\^(\d+)\]", said)[1])
    assert (
        line == 3 + 2 * place
        and calls**place >= 1000
        and "let footnotes call others once at most" in said
    )


def test_footnotes_that_are_called_often_without_doubling_are_written(lecture):
    chain = [f"[^{place}]: b[^{place + 1}]" for place in range(30)]
    assert (
        lecture("\n\n".join(["a[^0] b[^0] c[^20] d[^40]", *chain, "[^30]: the end", "[^40]: x\n"]))
        == 0
    )
    assert document("a[^1] " * 1200 + "\n\n[^1]: b\n").many == ()


def test_an_exam_tells_it_before_any_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("exam.yaml").write_text(
        'title: E\nproblems: [{spec: linear-chain}]\nversions: 1\ninstructions: "a[^1]\\n\\n[^1]: b[^1]\\n"\n'
    )
    assert main(["exam", "exam.yaml"]) == 2
    assert (
        "exam.yaml:4: instructions: the footnote [^1] calls itself" in capsys.readouterr().err
        and not Path("build").exists()
    )


def test_pandoc_has_a_bound_of_memory_and_one_of_time(monkeypatch):
    monkeypatch.setattr(pandoc, "MEMORY", 60 * 1024**2)
    with pytest.raises(WorksheetError, match="pandoc wants more than 60 MB of memory"):
        pandoc.read([ENDLESS["itself"]])
    monkeypatch.setattr(pandoc, "MEMORY", 2000 * 1024**2)
    monkeypatch.setattr(pandoc, "SECONDS", 1)
    with pytest.raises(WorksheetError, match="pandoc takes longer than 1 seconds") as caught:
        pandoc.read(
            [
                "a[^1]\n\n"
                + "".join(f"[^{at}]: b[^{at + 1}][^{at + 1}]\n\n" for at in range(1, 30))
                + "[^30]: c\n"
            ]
        )
    assert "footnote" in caught.value.hint

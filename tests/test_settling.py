"""What stands in a folder before a run writes there: what is the program's own is replaced, what
somebody changed or put there is kept."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from worksheet import cli
from worksheet.output.settling import RECORD, hash_of, recorded, settle

SPEC = (
    "title: One\nnetwork: {inputs: {x: 1.0}, layers: [{weights: [[0.5]], activation: sigmoid}], target: 1, loss: squared-error}\nlearning_rate: 0.1\n"
    "vary: {inputs: {from: 1, to: 3, step: 0.1}}\n"
)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "one.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def staged(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def everything(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in folder.rglob("*")
        if file.is_file() and file.name != RECORD
    }


def gone(name: str) -> bool:
    return name.startswith("figures/")


# ---- a run and its folder
# -----------------------------------------------------------------------------


def test_what_is_as_it_was_written_is_replaced(tmp_path):
    settle(
        staged(tmp_path / "a", notes_md="1", figures__f_svg="1", figures__g_svg="1"),
        tmp_path / "to",
        gone,
    )
    left = settle(staged(tmp_path / "b", notes_md="2", figures__f_svg="2"), tmp_path / "to", gone)
    assert everything(tmp_path / "to") == {"notes.md": "2", "figures/f.svg": "2"} and left == (
        (),
        (),
    )
    assert recorded(tmp_path / "to") == {
        name: hash_of(tmp_path / "to" / name) for name in ("notes.md", "figures/f.svg")
    }


def test_what_somebody_changed_is_moved_aside_and_named(tmp_path):
    to = tmp_path / "to"
    settle(staged(tmp_path / "a", notes_tex="1", figures__f_svg="1", figures__g_svg="1"), to, gone)
    for name in ("notes.tex", "figures/f.svg", "figures/g.svg"):
        (to / name).write_text("mine")
        os.utime(to / name, (1_790_000_000, 1_790_000_000))
    left = settle(staged(tmp_path / "b", notes_tex="2", figures__f_svg="2"), to, gone)
    assert everything(to) == {
        "notes.tex": "2",
        "notes-2026-09-21.tex": "mine",
        "figures/f.svg": "2",
        "figures/f-2026-09-21.svg": "mine",
        "figures/g.svg": "mine",
    }
    assert left.aside == (
        (to / "figures/f.svg", to / "figures/f-2026-09-21.svg"),
        (to / "notes.tex", to / "notes-2026-09-21.tex"),
    )
    assert left.older == (to / "figures/g.svg",)
    (to / "notes.tex").write_text("mine again")
    os.utime(to / "notes.tex", (1_790_000_000, 1_790_000_000))
    settle(staged(tmp_path / "c", notes_tex="3"), to, gone)
    assert (to / "notes-2026-09-21-2.tex").read_text() == "mine again" and (
        to / "figures/g.svg"
    ).read_text() == "mine"


def test_what_nobody_wrote_down_is_not_the_program_s(tmp_path):
    """A file of somebody else's, or of a version that kept no record."""
    to = staged(
        tmp_path / "to",
        notes_tex="theirs",
        notes_md="same",
        figures__old_svg="theirs",
        figures__readme_txt="theirs",
    )
    left = settle(
        staged(tmp_path / "a", notes_tex="1", notes_md="same", figures__f_svg="1"), to, gone
    )
    kept = everything(to)
    assert (
        sorted(kept.values()) == ["1", "1", "same", "theirs", "theirs", "theirs"]
        and kept["notes.tex"] == "1"
        and kept["figures/old.svg"] == "theirs"
    )
    assert [file.name for file, _ in left.aside] == [
        "notes.tex"
    ]  # one that is the same is in nobody's way


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"notes.md": 3}', '{"../../outside.txt": "x"}', '{"/etc/hosts": "x"}']
)
def test_a_record_that_cannot_be_read_or_leads_elsewhere_says_nothing(tmp_path, text):
    to = staged(tmp_path / "to", notes_md="mine")
    (tmp_path / "outside.txt").write_text("x")
    (to / RECORD).write_text(text)
    settle(staged(tmp_path / "a", notes_md="1"), to, lambda name: True)
    assert (tmp_path / "outside.txt").read_text() == "x" and "mine" in everything(to).values()
    assert json.loads((to / RECORD).read_text()) == {"notes.md": hash_of(to / "notes.md")}


def test_nothing_that_somebody_wrote_is_ever_lost(tmp_path):
    """Runs and people in any order: every text of a person is still somewhere, and what a run wrote
    last is in its place."""
    draw, to, theirs = random.Random(3), tmp_path / "to", set()
    names = ("notes.md", "notes.tex", "figures/a.svg", "figures/b.svg", "mine.txt")
    for step in range(120):
        if draw.random() < 0.5:
            name, text = draw.choice(names), f"by hand {step}"
            theirs -= (
                {everything(to).get(name)} if to.exists() else set()
            )  # they write over it themselves
            staged(to, **{name.replace("/", "__").replace(".", "_"): text})
            theirs.add(text)
        else:
            written = {
                name: f"run {step} {name}" for name in draw.sample(names[:4], draw.randint(1, 4))
            }
            settle(
                staged(
                    tmp_path / f"s{step}",
                    **{
                        name.replace("/", "__").replace(".", "_"): text
                        for name, text in written.items()
                    },
                ),
                to,
                gone,
            )
            now = everything(to)
            assert {name: now[name] for name in written} == written
            assert not any(
                text.startswith("run ") and name.startswith("figures/") and name not in written
                for name, text in now.items()
            )
        assert theirs <= set(everything(to).values())


# ---- the commands
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tex", "html"])
def test_a_page_that_was_edited_is_kept_when_it_is_made_again(desk, capsys, kind):
    assert cli.main(["notes", "one.yaml", "--to", kind]) == 0
    page = desk / f"build/one/notes.{kind}"
    first = page.read_text()
    page.write_text(first + "% polished by hand\n")
    (desk / "build/one/notes-figures").mkdir(exist_ok=True)
    (desk / "build/one/notes-figures/mine.png").write_text("mine")
    capsys.readouterr()
    assert cli.main(["notes", "one.yaml", "--to", kind]) == 0
    [aside] = (desk / "build/one").glob(f"notes-2*.{kind}")
    assert aside.read_text() == first + "% polished by hand\n" and page.read_text() == first
    assert (
        f"{Path('build/one') / f'notes.{kind}'}: not as this program wrote it, and kept as {aside.name}"
        in capsys.readouterr().err
    )
    assert (desk / "build/one/notes-figures/mine.png").read_text() == "mine"
    assert cli.main(["notes", "one.yaml", "--to", kind]) == 0
    assert (
        "kept as" not in capsys.readouterr().err
        and len([*(desk / "build/one").glob(f"notes*.{kind}")]) == 2
    )


def test_sheets_and_variants_of_many_are_kept_too(desk, capsys):
    assert (
        cli.main(["sheet", "one.yaml", "--copies", "3", "--to", "md"]) == 0
        and cli.main(["vary", "one.yaml", "--copies", "3"]) == 0
    )
    sheet, third, variant = (
        desk / "build/one/copies/sheet-01.md",
        desk / "build/one/copies/key-03.md",
        desk / "build/one/variants/one-02.yaml",
    )
    for file in (sheet, third, variant):
        file.write_text("mine")
    capsys.readouterr()
    assert (
        cli.main(["sheet", "one.yaml", "--copies", "2", "--to", "md"]) == 0
        and cli.main(["vary", "one.yaml", "--copies", "2"]) == 0
    )
    said = capsys.readouterr().err
    assert (
        third.read_text() == "mine" and str(Path("build/one/copies/key-03.md")) in said
    )  # no longer written, and changed
    assert (
        not (desk / "build/one/copies/sheet-03.md").exists()
        and not (desk / "build/one/variants/one-03.yaml").exists()
    )
    assert [each.read_text() for each in (desk / "build/one/copies").glob("sheet-01-*.md")] == [
        "mine"
    ] and sheet.read_text() != "mine"
    assert [each.read_text() for each in (desk / "build/one/variants").glob("one-02-*.yaml")] == [
        "mine"
    ] and variant.read_text() != "mine"
    assert said.count("not as this program wrote it, and kept as") == 2


# ---- what stands in the way
# ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["build/one", "build/one/figures"])
@pytest.mark.parametrize("leads", ["outside", "nowhere", "circle"])
def test_a_link_that_leads_out_of_the_folder_is_named_and_nothing_is_written_there(
    place, leads, desk, capsys
):
    (desk / "outside").mkdir()
    (desk / place).parent.mkdir(parents=True)
    (desk / place).symlink_to(
        {"outside": desk / "outside", "nowhere": "nothing", "circle": Path(place).name}[leads]
    )
    assert cli.main(["notes", "one.yaml"]) == 2
    said = capsys.readouterr().err
    assert (
        said.startswith(f"{place}: a link stands here that does not lead to a folder in ")
        and "hint: remove the link" in said
    )
    assert not list((desk / "outside").iterdir()) and not list((desk / "build").glob("**/notes.md"))


@pytest.mark.parametrize(
    "place, named",
    [("build", "build"), ("build/one", "build/one"), ("build/one/figures", "build/one/figures")],
)
def test_a_file_where_a_folder_is_to_be_is_named(place, named, desk, capsys):
    (desk / place).parent.mkdir(parents=True, exist_ok=True)
    (desk / place).write_text("mine")
    assert cli.main(["notes", "one.yaml"]) == 2
    assert capsys.readouterr().err.lower().startswith(f"{named}: cannot write here: file exists")
    assert (desk / place).read_text() == "mine"


def test_a_folder_where_a_file_is_to_be_is_named_by_its_own_place(desk, capsys):
    (desk / "build/one/notes.md").mkdir(parents=True)
    assert cli.main(["notes", "one.yaml"]) == 2
    assert capsys.readouterr().err.startswith(
        "build/one/notes.md: cannot write here: is a directory"
    )


def test_the_folder_of_its_notes_does_not_hide_a_problem_that_comes_with_the_program(desk, capsys):
    (desk / "empty").mkdir()
    for _ in range(2):
        assert cli.main(["notes", "chain-rule", "--out", "."]) == 0
    assert (desk / "chain-rule/notes.md").is_file()
    assert cli.main(["notes", "empty"]) == 2 and "holds no spec" in capsys.readouterr().err

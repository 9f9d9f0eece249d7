"""Documents on disk: many at a time as one by one, each whole or not at all, a bad one for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from worksheet.errors import WorksheetError
from worksheet.output.jobs import TOGETHER, Job, Made, Written, folder_of, write_all
from worksheet.output.settling import RECORD
from worksheet.proofs.checks import Proof

PROOF = Proof((), (), 0, 0, 0, 0, "")


def job(name: str, **pages: str) -> Job:
    return Job(Path(f"{name}.yaml"), lambda stage: Made(pages, PROOF))


def files(folder: Path) -> list[str]:
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and file.name != RECORD
    )


def test_every_page_in_every_format(tmp_path):
    [done] = write_all([job("x", sheet="# S\n", key="# K\n")], tmp_path, ("md", "html"))
    assert isinstance(done, Written)
    assert [str(file.relative_to(tmp_path)) for file in done.files] == [
        "x/sheet.md",
        "x/sheet.html",
        "x/key.md",
        "x/key.html",
    ]
    assert all(file.is_file() for file in done.files) and files(tmp_path) == sorted(
        str(file.relative_to(tmp_path)) for file in done.files
    )


def test_one_that_cannot_be_made_and_one_that_cannot_be_published_leave_the_others(tmp_path):
    def fail(stage: Path) -> Made:
        (stage / "debris").write_text("half")
        raise WorksheetError("no")

    found = list(
        write_all(
            [
                job("a", notes="# A\n"),
                Job(Path("b.yaml"), fail),
                job("c", notes="<b>HTML</b>\n"),
                job("d", notes="# D\n"),
            ],
            tmp_path,
            ("md", "html"),
        )
    )
    assert [type(each) for each in found] == [Written, WorksheetError, WorksheetError, Written]
    assert str(found[1]) == "b.yaml: no"  # which of them it was
    assert "HTML cannot be published" in str(found[2]) and "c.yaml" in str(found[2])
    assert files(tmp_path) == ["a/notes.html", "a/notes.md", "d/notes.html", "d/notes.md"]
    assert not list(tmp_path.glob(".worksheet-*"))


def test_more_than_go_together_are_the_same_bytes_as_one_by_one(tmp_path):
    jobs = [
        job(f"n{number}", notes=f"# Note {number}\n\nThe number is ${number} + 1$.\n")
        for number in range(TOGETHER + 3)
    ]
    together = [done.files[0].read_bytes() for done in write_all(jobs, tmp_path / "all", ("html",))]
    alone = [
        done.files[0].read_bytes()
        for one in jobs
        for done in write_all([one], tmp_path / "one", ("html",))
    ]
    assert together == alone


def test_figures_of_an_earlier_run_go_and_pages_in_other_formats_stay_and_are_named(tmp_path):
    def with_figure(name: str):
        def make(stage: Path) -> Made:
            (stage / "figures").mkdir()
            (stage / "figures" / f"{name}.svg").write_text("<svg/>")
            return Made({"notes": "# N\n"}, PROOF)

        return Job(Path("x.yaml"), make)

    list(write_all([with_figure("old")], tmp_path, ("md", "html")))
    list(write_all([job("x", sheet="# S\n")], tmp_path, ("md",)))
    (tmp_path / "x" / "figures" / "mine.txt").write_text("not ours")
    [done] = write_all([with_figure("new")], tmp_path, ("md",))
    assert files(tmp_path) == [
        "x/figures/mine.txt",
        "x/figures/new.svg",
        "x/notes.html",
        "x/notes.md",
        "x/sheet.md",
    ]
    assert done.left.older == (tmp_path / "x" / "notes.html",)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".hidden",
        "a;b",
        "CON",
        "nul",
        "Com1",
        "lpt9.old",
        "AUX.2",
        "ends.",
        "ends ",
        "a:b",
        "x" * 300,
    ],
)
def test_a_name_that_is_no_folder_is_refused(tmp_path, name):
    with pytest.raises(WorksheetError, match="cannot be the name of a folder"):
        folder_of(Path(f"{name}.yaml"), tmp_path)


def test_an_interruption_leaves_nothing_behind(tmp_path):
    def interrupt(stage: Path) -> Made:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(
            write_all(
                [job("a", notes="# A\n"), Job(Path("b.yaml"), interrupt)], tmp_path, ("html",)
            )
        )
    assert not list(tmp_path.iterdir())

"""Sheets and keys of variants: paired, numbered, each with its code, the same bytes with any number
of workers, all or none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import count, islice
from pathlib import Path

import pytest
from test_cli import VARIED, desk, run, spec
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.errors import WorksheetError
from worksheet.output.batches import COPIES, Copy, Press, pressed
from worksheet.parallel import AHEAD
from worksheet.resources import templates_folder
from worksheet.series.copies import pair
from worksheet.variants.search import open_source, search

__all__ = ["desk"]  # the fixture
WIDE = VARIED.replace("to: 4", "to: 40")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("[!.]*")}


def text_of(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout


def test_pairs_are_numbered_and_the_same_with_any_number_of_workers(desk, capsys):
    path = spec(desk, "varied.yaml", WIDE)
    assert (
        main(["sheet", str(path), "--copies", "13", "--workers", "1", "--to", "md,html,pdf"]) == 0
    )
    assert capsys.readouterr().out.startswith(
        f"{Path('build/varied/copies')}  (13 sheets, each with its key; "
    )
    alone = bytes_of(desk / "build/varied/copies")
    assert sorted(alone) == sorted(
        f"{stem}-{copy:02}.{kind}"
        for stem in ("sheet", "key")
        for copy in range(1, 14)
        for kind in ("md", "html", "pdf")
    )
    ran = run(
        "sheet",
        "varied.yaml",
        "--copies",
        "13",
        "--workers",
        "3",
        "--to",
        "md,html,pdf",
        "--out",
        "again",
        cwd=desk,
        TZ="Asia/Tokyo",
        LC_ALL="C",
    )
    assert ran.returncode == 0 and bytes_of(desk / "again/varied/copies") == alone
    assert len({alone[f"sheet-{copy:02}.md"] for copy in range(1, 14)}) == 13


@needs_pdftotext
def test_the_code_stands_on_every_page_of_sheet_and_key(desk):
    assert main(["sheet", "one-hidden-neuron", "--copies", "2"]) == 0
    codes = set()
    for copy in (1, 2):
        code = str(
            search(
                open_source(Path(__file__).parents[1] / "problems/one-hidden-neuron.yaml"), 1, copy
            ).code
        )
        for stem in ("sheet", "key"):
            first, *others = (
                text_of(desk / f"build/one-hidden-neuron/copies/{stem}-0{copy}.pdf")
                .rstrip("\f")
                .split("\f")
            )
            assert re.search(rf"Code:\s+{code}", first) and others
            for number, page in enumerate([first, *others], start=1):
                assert re.search(rf"{code}\s+{number} of {len(others) + 1}", page)
        codes.add(code)
    assert len(codes) == 2


def test_workers_publish_after_their_parent_has(desk):
    """Typst keeps threads, which a forked worker would lack and wait for: in a notebook one run
    follows another."""
    spec(desk, "varied.yaml", WIDE)
    code = (
        "from worksheet.cli import main\nfor workers in '12':\n"
        "    assert main(['sheet', 'varied.yaml', '--copies', '11', '--out', workers, '--workers', workers]) == 0"
    )
    subprocess.run([sys.executable, "-c", code], cwd=desk, timeout=100, check=True)
    assert bytes_of(desk / "1/varied/copies") == bytes_of(desk / "2/varied/copies")


def test_a_sheet_that_is_no_variant_bears_no_code(desk):
    assert main(["sheet", str(spec(desk)), "--to", "md"]) == 0
    assert all(
        "Code" not in page.read_text() and "foot:" not in page.read_text()
        for page in (desk / "build/one").iterdir()
    )


@pytest.mark.parametrize("option", ["--seed", "--workers"])
def test_a_seed_without_copies_is_told(desk, option, capsys):
    assert main(["sheet", str(spec(desk)), option, "2"]) == 2
    assert (
        "ask for variants with --copies" in capsys.readouterr().err
        and not (desk / "build").exists()
    )


def test_what_an_earlier_run_left_in_this_format_goes_and_the_rest_stays_and_is_named(desk, capsys):
    path, folder = spec(desk, "varied.yaml", WIDE), desk / "build/varied/copies"
    assert main(["sheet", str(path), "--copies", "3", "--to", "html"]) == 0
    pages = {file.name for file in folder.glob("[!.]*")}
    assert main(["sheet", str(path), "--copies", "5", "--to", "md"]) == 0
    (folder / "mine.txt").write_text("stays"), (folder / "sheet-more.md").write_text("stays")
    assert main(["sheet", str(path), "--copies", "2", "--to", "md", "--fade", "0.5"]) == 0
    assert (
        bytes_of(folder).keys()
        == {"key-01.md", "key-02.md", "mine.txt", "sheet-01.md", "sheet-02.md", "sheet-more.md"}
        | pages
    )
    assert (
        "older than the page beside it, and kept: " in (said := capsys.readouterr().err)
        and "key-01.html" in said
    )
    assert "with blanks" in (folder / "sheet-01.md").read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_or_nothing(desk, workers, capsys):
    """The twelfth variant is the problem itself; and a template that HTML cannot show."""
    path = spec(desk, "varied.yaml", VARIED)
    assert main(["sheet", str(path), "--copies", "12", "--to", "md", "--workers", workers]) == 2
    assert (
        "12 copies are asked for, 11 different ones can be made" in capsys.readouterr().err
        and not (desk / "build").exists()
    )
    (desk / "templates/layouts").mkdir(parents=True)
    layout = (templates_folder() / "layouts/sheet.md.j2").read_text(encoding="utf-8")
    (desk / "templates/layouts/sheet.md.j2").write_text(
        layout.replace("<< p.instructions >>", "<b>bold</b>"), encoding="utf-8"
    )
    assert main(["sheet", str(path), "--copies", "3", "--to", "html", "--workers", workers]) == 2
    assert "HTML cannot be published" in capsys.readouterr().err and not (desk / "build").exists()


def test_memory_does_not_grow_with_the_copies(tmp_path):
    """No more copies are taken than a few batches ahead of the file that is written."""
    taken = []

    def copies():
        for number in count(1):
            taken.append(number)
            yield Copy(number, {f"page-{number}": f"# Page {number}\n"})

    found = list(islice(pressed(copies(), Press(("md",), {})), 3))
    assert len(taken) == COPIES <= COPIES * AHEAD
    assert found[2].number == 3 and found[2].files == {"page-3.md": b"# Page 3\n"}


def test_a_pair_is_proved(desk, tmp_path):
    """Templates that are wrong are refused for copies as for one sheet."""
    variant = search(open_source(spec(desk, "varied.yaml", WIDE)), 1, 1)
    assert str(variant.code) in pair(variant, None, None, None).sheet
    shutil.copytree(templates_folder(), tmp_path / "t")
    layout = tmp_path / "t/layouts/key.md.j2"
    layout.write_text(
        layout.read_text(encoding="utf-8").replace("<< p.instructions >>", "$1 + 1 = 3$"),
        encoding="utf-8",
    )
    with pytest.raises(WorksheetError, match="copy 1: the document failed its proofs"):
        try:
            pair(variant, None, None, tmp_path / "t")
        except WorksheetError as fault:
            raise WorksheetError(str(fault)) from None


def test_the_bytes_do_not_hang_on_the_seed_of_hashes(desk):
    """Python orders a set of texts anew in every process; three-hidden-matrix has several biases of
    one drawing."""
    for seed in ("1", "2", "3"):
        assert (
            run(
                "sheet",
                "three-hidden-matrix",
                "relu-two-updates",
                "--copies",
                "1",
                "--to",
                "pdf,html",
                "--out",
                seed,
                cwd=desk,
                PYTHONHASHSEED=seed,
            ).returncode
            == 0
        )
    found = [
        {
            file.relative_to(desk / seed): file.read_bytes()
            for file in (desk / seed).rglob("*.*")
            if file.is_file()
        }
        for seed in "123"
    ]
    assert len(found[0]) == 10 and found[0] == found[1] == found[2]
